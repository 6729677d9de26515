"""What comes beside the pixels: files that are in memory already, and the names of what is left behind."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from building import chunk, exif, put, saved, scene, with_chunk
from PIL import Image
from PIL.TiffImagePlugin import ImageFileDirectory_v2

from augstudio.images import Loaded, PictureError, encode, probe, read, read_reduced

# --- loaded -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("file_format", ["JPEG", "PNG", "TIFF", "GIF", "WEBP", "BMP", "PPM", "TGA", "JPEG2000"])
def test_a_loaded_file_is_read_as_the_file(file_format: str, tmp_path: Path) -> None:
    data = saved(Image.fromarray(scene()), file_format)
    path = put(tmp_path, "x.tga" if file_format == "TGA" else "x", data)
    loaded = Loaded(path, data)
    expected = [probe(path), read(path), read_reduced(path, 20)]
    path.unlink()
    assert probe(loaded) == expected[0]
    for again, picture in zip((read(loaded), read_reduced(loaded, 20)), expected[1:], strict=True):
        np.testing.assert_array_equal(again.pixels, picture.pixels)
        assert (again.info, again.notes, again.dropped) == (picture.info, picture.notes, picture.dropped)
        assert again.pixels.flags.writeable


@pytest.mark.parametrize(
    "data", [b"", b"words, words, words", saved(Image.fromarray(scene()), "JPEG")[:300], b"\x89PNG\r\n\x1a\n", b"II*\0"]
)
def test_a_loaded_file_fails_as_the_file_does(data: bytes, tmp_path: Path) -> None:
    path = put(tmp_path, "x.jpg", data)
    said = []
    for source in (path, Loaded(path, data)):
        for function in (probe, read, lambda source: read_reduced(source, 10)):
            with_error = None
            try:
                function(source)
            except PictureError as error:
                with_error = (error.path, error.reason)
            said.append(with_error)
    assert said[:3] == said[3:]
    assert said[1] is not None


def test_a_loaded_file_has_the_same_limits(tmp_path: Path) -> None:
    data = saved(Image.new("RGB", (100, 50)), "PNG")
    assert read(Loaded(Path("x"), data), max_pixels=5000).info.width == 100
    with pytest.raises(PictureError, match=r"5,000 pixels \(100 × 50\), above the limit of 4,999"):
        read(Loaded(Path("x"), data), max_pixels=4999)
    path = tmp_path / "long"
    path.write_bytes(data)
    os.truncate(path, 2**28 + 1600)
    reasons = set()
    for source in (path, Loaded(path, path.read_bytes())):
        with pytest.raises(PictureError) as caught:
            read(source, max_pixels=99)
        reasons.add(caught.value.reason)
    assert reasons == {"268,437,056 bytes, above the limit of 268,437,040 bytes for 99 pixels"}


def test_no_reason_names_an_option(tmp_path: Path) -> None:
    path = put(tmp_path, "x.png", saved(Image.new("RGB", (100, 50)), "PNG"))
    with pytest.raises(PictureError) as caught:
        read(path, max_pixels=10)
    assert "--" not in caught.value.reason


# --- what is left behind ----------------------------------------------------------------------------------------------


def with_gps(position: bool = True) -> bytes:
    tags = Image.Exif()
    tags[0x010F] = "maker"
    gps = tags.get_ifd(0x8825)
    gps[0] = b"\2\3\0\0"
    if position:
        gps[1], gps[2] = "N", (52.0, 30.0, 58.68)
    return tags.tobytes()


XMP = b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf/></x:xmpmeta>'
XMP_GPS = b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf exif:GPSLatitude="52,30N"/></x:xmpmeta>'
WAYS: list[tuple[dict[str, Any], tuple[str, ...]]] = [
    ({}, ()),
    ({"exif": exif(1)}, ("EXIF",)),
    ({"exif": with_gps()}, ("EXIF with GPS position",)),
    ({"exif": with_gps(position=False)}, ("EXIF",)),  # many cameras write no more than a version
    ({"xmp": XMP}, ("XMP",)),
    ({"xmp": XMP_GPS}, ("XMP with GPS position",)),
    ({"exif": with_gps(), "xmp": XMP}, ("EXIF with GPS position", "XMP")),
]


@pytest.mark.parametrize("file_format", ["JPEG", "WEBP", "PNG", "AVIF"])
@pytest.mark.parametrize(("options", "dropped"), WAYS)
def test_metadata_is_named(options: dict[str, Any], dropped: tuple[str, ...], file_format: str) -> None:
    if file_format not in Image.SAVE:
        pytest.skip(f"this Pillow writes no {file_format}")
    data = saved(Image.fromarray(scene()), file_format, **(options if file_format != "PNG" else {}))
    if file_format == "PNG":
        for kind, content in options.items():
            made = content.removeprefix(b"Exif\0\0") if kind == "exif" else b"XML:com.adobe.xmp\0\0\0\0\0" + content
            data = with_chunk(data, b"eXIf" if kind == "exif" else b"iTXt", made)
    source = Loaded(Path("x"), data)
    picture = read(source)
    if file_format == "AVIF" and options.get("exif") == exif(1):
        dropped = ()  # nothing is left of EXIF that holds an orientation only
    assert picture.dropped == dropped
    assert picture.notes == ()
    assert read_reduced(source, 20).dropped == dropped


def directory(place: int, tag: int, value: object) -> ImageFileDirectory_v2:
    made = ImageFileDirectory_v2()
    made.tagtype[place] = 4
    made[place] = {tag: value}
    return made


def test_metadata_of_tiff_is_named() -> None:
    def dropped(**options: Any) -> tuple[str, ...]:
        return read(Loaded(Path("x"), saved(Image.fromarray(scene()), "TIFF", **options))).dropped

    assert dropped() == ()
    assert dropped(tiffinfo=directory(0x8825, 2, (52.0, 30.0, 58.68))) == ("EXIF with GPS position",)
    assert dropped(tiffinfo=directory(0x8825, 0, b"\2\3\0\0")) == ("EXIF",)
    assert dropped(tiffinfo=directory(0x8769, 0x9003, "2024:01:01 00:00:00")) == ("EXIF",)
    assert dropped(tiffinfo={700: XMP_GPS}) == ("XMP with GPS position",)
    assert dropped(tiffinfo={33723: b"\x1c\x02\x50"}) == ("IPTC",)
    assert dropped(tiffinfo={315: "Ada", 306: "2024:01:01 00:00:00"}) == ("text",)


def test_other_metadata_is_named() -> None:
    def dropped(data: bytes) -> tuple[str, ...]:
        return read(Loaded(Path("x"), data)).dropped

    image = Image.fromarray(scene())
    assert dropped(saved(image, "JPEG", comment="hello")) == ("comment",)
    assert dropped(saved(image.convert("P"), "GIF", comment="hello")) == ("comment",)
    png = saved(image, "PNG")
    text = chunk(b"tEXt", b"Author\0Ada")
    assert dropped(png) == ()
    assert dropped(png[:33] + text + png[33:]) == ("text",)
    assert dropped(png[:-12] + text + png[-12:]) == ("text",)  # behind the pixels
    assert dropped(png[:-12] + chunk(b"eXIf", with_gps()[6:]) + png[-12:]) == ("EXIF with GPS position",)
    block = b"8BIM\x04\x04\0\0\0\0\0\x06\x1c\x02\x50\0\1A"
    iptc = b"\xff\xed\0\x22" + b"Photoshop 3.0\0" + block
    jpeg = saved(image, "JPEG")
    assert dropped(jpeg[:20] + iptc + jpeg[20:]) == ("IPTC",)


def test_damaged_metadata_is_still_named_and_costs_nothing() -> None:
    whole = with_gps()
    for cut in range(8, len(whole), 3):
        picture = read(Loaded(Path("x"), saved(Image.fromarray(scene()), "JPEG", exif=whole[:cut])))
        assert picture.dropped in (("EXIF",), ("EXIF with GPS position",))


def test_what_is_written_holds_nothing_to_drop() -> None:
    for encoder in ("JPEG", "PNG", "WEBP", "BMP", "TIFF"):
        assert read(Loaded(Path("x"), encode(scene(), encoder, 95))).dropped == ()
