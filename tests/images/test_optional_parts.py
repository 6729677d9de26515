"""A part that pixels do not need never costs the picture, however broken or large it is; a note says so."""

from __future__ import annotations

import io
import struct
import zlib
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from building import chunk, exif, oriented, p3_profile, saved, scene, srgb_profile, tiff, with_chunk
from PIL import Image, ImageFile, PngImagePlugin

from augstudio.images import Loaded, Picture, PictureError, encode, probe, read, read_reduced, without_metadata

DAMAGED = ("damaged metadata ignored",)


def opened(data: bytes) -> Picture:
    loaded = Loaded(Path("x"), data)
    picture = read(loaded)
    assert probe(loaded) == picture.info
    assert read_reduced(loaded, 20).notes == picture.notes
    return picture


def broken(kind: bytes, content: bytes) -> bytes:
    """A PNG chunk with a wrong checksum."""
    whole = chunk(kind, content)
    return whole[:-1] + bytes([whole[-1] ^ 1])


def put_in(png: bytes, part: bytes, before: bytes = b"IDAT") -> bytes:
    at = png.index(before) - 4
    return png[:at] + part + png[at:]


PLAIN = {
    "RGB": encode(scene(), "PNG", 95),
    "palette": saved(Image.fromarray(scene()).quantize(50), "PNG"),
    "16 bit": encode(scene(dtype=np.uint16), "PNG", 95),
    "16-bit grey": encode(scene(channels=1, dtype=np.uint16), "PNG", 95),
}
TWO_MEGABYTES = zlib.compress(b"All work and no play. " * 100_000)
FRAME = struct.pack(">IIIIIHHBB", 0, 53, 37, 0, 0, 1, 10, 0, 0)


def _png_parts() -> Iterator[tuple[str, bytes, tuple[str, ...]]]:
    large = TWO_MEGABYTES
    yield "zTXt of 2 MB", chunk(b"zTXt", b"Comment\0\0" + large), ()
    yield "iTXt of 2 MB", chunk(b"iTXt", b"Comment\0\1\0\0\0" + large), ()
    yield "XMP of 2 MB", chunk(b"iTXt", b"XML:com.adobe.xmp\0\1\0\0\0" + large), ()
    yield "zTXt that does not unpack", chunk(b"zTXt", b"Comment\0\0garbage"), ()
    yield "zTXt packed in an unknown way", chunk(b"zTXt", b"Comment\0\7garbage"), ()
    yield "tEXt with a wrong checksum", broken(b"tEXt", b"Comment\0text"), ()
    yield "tIME that is too short", chunk(b"tIME", b"\0"), ()
    yield "pHYs that is too short", chunk(b"pHYs", b"\0"), ()
    yield "gAMA that is too short", chunk(b"gAMA", b"\0"), DAMAGED
    yield "gAMA with a wrong checksum", broken(b"gAMA", struct.pack(">I", 100_000)), DAMAGED
    yield "sRGB that is empty", chunk(b"sRGB", b""), DAMAGED
    yield "eXIf with a wrong checksum", broken(b"eXIf", exif(6)[6:]), DAMAGED
    yield "eXIf of garbage", chunk(b"eXIf", b"garbage"), ()
    ignored = "ICC profile without a name ignored (it is damaged or does not fit the picture)"
    yield "iCCP that does not unpack", chunk(b"iCCP", b"x\0\0garbage"), (ignored,)
    yield "iCCP packed in an unknown way", chunk(b"iCCP", b"x\0\7garbage"), (ignored,)
    yield "iCCP with a wrong checksum", broken(b"iCCP", b"x\0\0" + zlib.compress(p3_profile())), (*DAMAGED, ignored)
    yield "iCCP without an end", chunk(b"iCCP", b"x"), (ignored,)
    srgb = srgb_profile().ljust(3 * 2**20, b"\0")
    yield "iCCP of 3 MB", chunk(b"iCCP", b"x\0\0" + zlib.compress(srgb)), ()
    yield "acTL that is too short", chunk(b"acTL", b"\0\0"), DAMAGED
    yield "acTL of no frames", chunk(b"acTL", bytes(8)), DAMAGED
    yield "acTL twice", chunk(b"acTL", b"\0\0\0\1" + bytes(4)) * 2, DAMAGED
    yield "fcTL that is too short", chunk(b"acTL", b"\0\0\0\1" + bytes(4)) + chunk(b"fcTL", b"\0"), DAMAGED
    yield "fcTL out of order", chunk(b"acTL", b"\0\0\0\1" + bytes(4)) + chunk(b"fcTL", b"\0\0\0\7" + FRAME[4:]), DAMAGED
    yield "fcTL alone", chunk(b"fcTL", FRAME), DAMAGED
    yield "fdAT alone", chunk(b"fdAT", b"\0"), DAMAGED
    yield "a part nobody knows", broken(b"prIv", b"\xff" * 90), ()


PNG_PARTS = {name: (part, notes) for name, part, notes in _png_parts()}


@pytest.mark.parametrize("kind", PLAIN)
@pytest.mark.parametrize("name", PNG_PARTS)
def test_parts_of_a_png(name: str, kind: str) -> None:
    part, notes = PNG_PARTS[name]
    plain = opened(PLAIN[kind])
    picture = opened(put_in(PLAIN[kind], part, b"PLTE" if kind == "palette" else b"IDAT"))
    np.testing.assert_array_equal(picture.pixels, plain.pixels)
    assert sorted(picture.notes) == sorted((*plain.notes, *notes))


@pytest.mark.parametrize("name", [name for name in PNG_PARTS if "TXt" in name or "tEXt" in name or "XMP" in name])
def test_text_behind_the_pixels_of_a_png(name: str) -> None:
    picture = opened(put_in(PLAIN["RGB"], PNG_PARTS[name][0], b"IEND"))
    np.testing.assert_array_equal(picture.pixels, scene())
    assert picture.notes == ()
    assert picture.dropped == (("XMP",) if "XMP" in name else ("text",))


def test_a_large_profile_is_applied() -> None:
    profile = p3_profile().ljust(3 * 2**20, b"\0")
    for file_format in ("PNG", "TIFF"):
        data = saved(Image.fromarray(scene()), file_format, icc_profile=profile)
        assert opened(data).notes == ("ICC profile Display P3 converted to sRGB",)
    deep = with_chunk(PLAIN["16 bit"], b"iCCP", b"x\0\0" + zlib.compress(profile))
    assert opened(deep).notes == ("ICC profile Display P3 ignored (it is larger than 1 MiB)",)


def test_pillows_own_limits_are_left_alone() -> None:
    before = PngImagePlugin.MAX_TEXT_CHUNK, PngImagePlugin.MAX_TEXT_MEMORY, ImageFile.LOAD_TRUNCATED_IMAGES
    data = put_in(PLAIN["RGB"], PNG_PARTS["zTXt of 2 MB"][0])
    opened(data)
    assert before == (PngImagePlugin.MAX_TEXT_CHUNK, PngImagePlugin.MAX_TEXT_MEMORY, ImageFile.LOAD_TRUNCATED_IMAGES)
    with pytest.raises(ValueError, match="too large"):
        Image.open(io.BytesIO(data))


@pytest.mark.parametrize("kind", [b"IHDR", b"PLTE", b"tRNS", b"IDAT", b"IEND"])
def test_a_part_that_pixels_need_is_damage(kind: bytes) -> None:
    data = saved(Image.fromarray(scene()).quantize(50), "PNG", transparency=3)
    at = data.index(kind)
    length = struct.unpack(">I", data[at - 4 : at])[0]
    end = at + 4 + length
    with pytest.raises(PictureError, match=f"wrong checksum in the PNG's {kind.decode()} part"):
        read(Loaded(Path("x"), data[:end] + bytes([data[end] ^ 1]) + data[end + 1 :]))


def test_an_unknown_part_that_is_needed_is_named() -> None:
    with pytest.raises(PictureError, match="the PNG part CgBI, which is needed, is not known"):
        read(Loaded(Path("x"), with_chunk(PLAIN["RGB"], b"CgBI", b"", before=b"IDAT")))


# --- JPEG -------------------------------------------------------------------------------------------------------------


def segment(number: int, content: bytes) -> bytes:
    return bytes([0xFF, number]) + struct.pack(">H", len(content) + 2) + content


def jpeg(*segments: bytes, image: Image.Image | None = None) -> bytes:
    """A JPEG without the JFIF segment that Pillow writes, and with others."""
    data = saved(image or Image.fromarray(scene()), "JPEG")
    assert data[2:4] == b"\xff\xe0"
    return data[:2] + b"".join(segments) + data[4 + struct.unpack(">H", data[4:6])[0] :]


SEGMENTS = {
    "short JFIF": segment(0xE0, b"JFIF\0"),
    "JFIF of one byte less": segment(0xE0, b"JFIF\0\1\1\0\0\1\0\1\0"),
    "short Adobe": segment(0xEE, b"Adobe"),
    "empty APP0": segment(0xE0, b""),
    "short piece of a profile": segment(0xE2, b"ICC_PROFILE\0"),
    "short Photoshop block": segment(0xED, b"Photoshop 3.0\0" + b"8BIM\4\4"),
    "short list of pictures": segment(0xE2, b"MPF\0"),
    "garbage for EXIF": segment(0xE1, b"Exif\0\0garbage"),
    "garbage for XMP": segment(0xE1, b"http://ns.adobe.com/xap/1.0/\0\xff\xfe"),
}


@pytest.mark.parametrize("name", SEGMENTS)
@pytest.mark.parametrize("mode", ["L", "RGB"])
def test_segments_of_a_jpeg(name: str, mode: str) -> None:
    image = Image.fromarray(scene()).convert(mode)
    plain = opened(jpeg(image=image))
    turned = name != "garbage for EXIF"
    data = jpeg(SEGMENTS[name], *([segment(0xE1, exif(6))] if turned else []), image=image)
    picture = opened(data)
    np.testing.assert_array_equal(picture.pixels, np.rot90(plain.pixels, -1) if turned else plain.pixels)
    assert ("EXIF orientation 6 applied" in picture.notes) == turned
    assert set(picture.notes) <= {
        "EXIF orientation 6 applied",
        "ICC profile without a name ignored (it is damaged or does not fit the picture)",
        *DAMAGED,
    }
    half = read(Loaded(Path("x"), data), enough=lambda width, height: (10, 10))
    assert half.info == picture.info


def test_a_profile_counts_beside_a_broken_part() -> None:
    pieces = segment(0xE2, b"ICC_PROFILE\0\1\1" + p3_profile())
    picture = opened(jpeg(SEGMENTS["short JFIF"], pieces))
    assert picture.notes == (*DAMAGED, "ICC profile Display P3 converted to sRGB")
    np.testing.assert_array_equal(picture.pixels, opened(jpeg(pieces)).pixels)


def test_a_short_jfif_header_is_no_reason_to_encode_again() -> None:
    stripped = without_metadata(jpeg(SEGMENTS["short JFIF"]), "JPEG")
    assert stripped == without_metadata(jpeg(), "JPEG")


def test_cut_short_is_still_cut_short() -> None:
    data = jpeg(SEGMENTS["short JFIF"])
    with pytest.raises(PictureError, match="cut short"):
        read(Loaded(Path("x"), data[:-40]))


# --- WebP -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("lossless", [False, True])
@pytest.mark.parametrize("channels", [3, 4])
def test_parts_of_a_webp(lossless: bool, channels: int) -> None:
    image = Image.fromarray(scene(channels=channels))
    for options in ({"exif": b"Exif\0\0garbage"}, {"xmp": b"\xff\xfe"}, {"exif": exif(6)}):
        data = saved(image, "WEBP", lossless=lossless, exact=True, **options)
        plain = opened(saved(image, "WEBP", lossless=lossless, exact=True)).pixels
        whole = opened(data).pixels
        np.testing.assert_array_equal(whole, np.rot90(plain, -1) if options.get("exif") == exif(6) else plain)
        at = max(data.rfind(b"EXIF"), data.rfind(b"XMP "))
        longer = data[: at + 4] + struct.pack("<I", 2**31) + data[at + 8 :]
        for harmed in (longer, data[: at + 9]):
            picture = opened(harmed)
            np.testing.assert_array_equal(picture.pixels, plain)
            assert picture.notes == DAMAGED
    with pytest.raises(PictureError):
        read(Loaded(Path("x"), data[: at - 60]))


# --- TIFF -------------------------------------------------------------------------------------------------------------

PRIVATE = 65000
TAGS = {
    "beyond the end": (PRIVATE, 2, 400, 2**31),
    "larger than the file": (PRIVATE, 12, 2**28, 8),
    "a description beyond the end": (270, 2, 999_999, 8),
    "a resolution beyond the end": (282, 5, 1, 2**31),
    "EXIF nowhere": (34665, 4, 1, 2**31),
    "GPS nowhere": (34853, 4, 1, 0),
    "EXIF amid pixels": (34665, 4, 1, 9),
    "GPS amid pixels": (34853, 4, 1, 101),
    "a profile beyond the end": (34675, 7, 3000, 2**31),
    "a kind nobody knows": (PRIVATE, 99, 5, 8),
    "XMP as numbers": (700, 12, 4, 8),
}


def with_entry(data: bytes, tag: int, kind: int, count: int, value: int) -> bytes:
    """Add an entry to the directory of a little-endian TIFF, which goes to the end of the file."""
    start = struct.unpack_from("<I", data, 4)[0]
    number = struct.unpack_from("<H", data, start)[0]
    entries = [data[start + 2 + 12 * k : start + 14 + 12 * k] for k in range(number)]
    entries.append(struct.pack("<HHII", tag, kind, count, value))
    entries.sort(key=lambda entry: struct.unpack_from("<H", entry)[0])
    return (
        data[:4]
        + struct.pack("<I", len(data))
        + data[8:]
        + struct.pack("<H", number + 1)
        + b"".join(entries)
        + bytes(4)
    )


TIFFS = {
    "RGB": tiff(scene(), photometric=2, bits=8),
    "LZW": saved(Image.fromarray(scene()), "TIFF", compression="tiff_lzw"),
    "16 bit": tiff(scene(dtype=np.uint16), photometric=2),
    "turned": tiff(oriented(scene(), 6), photometric=2, bits=8, orientation=6),
}


@pytest.mark.parametrize("kind", TIFFS)
@pytest.mark.parametrize("name", TAGS)
def test_tags_of_a_tiff(name: str, kind: str) -> None:
    picture = opened(with_entry(TIFFS[kind], *TAGS[name]))
    np.testing.assert_array_equal(picture.pixels, scene(dtype=np.uint16 if kind == "16 bit" else np.uint8))
    if "nobody" not in name and "numbers" not in name and "amid" not in name:
        assert picture.notes[0] == DAMAGED[0]


@pytest.mark.parametrize("tag", [258, 273, 279])
def test_a_tag_that_pixels_need_is_damage(tag: int) -> None:
    data = tiff(scene(100, 90), photometric=2, bits=8, planar=2)
    at = data.index(struct.pack("<HH", tag, 3 if tag == 258 else 4)) + 8
    with pytest.raises(PictureError, match="cut short or damaged"):
        read(Loaded(Path("x"), data[:at] + b"\xff\xff\xff\x7f" + data[at + 4 :]))
