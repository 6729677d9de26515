"""HEIC and HEIF, and AVIF, which lies in the same container."""

from __future__ import annotations

import io
import struct
import subprocess
import sys
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from building import exif, oriented, p3_profile, put, saved, scene
from PIL import Image

from augstudio.images import (
    SUFFIXES,
    Encoding,
    Format,
    Loaded,
    PictureError,
    encode,
    heif,
    probe,
    read,
    read_reduced,
    target,
)

pillow_heif: Any
try:
    import pillow_heif
except ImportError:
    pillow_heif = None
installed = pytest.mark.skipif(pillow_heif is None, reason="pillow-heif is not installed")
avif = pytest.mark.skipif("AVIF" not in Image.SAVE, reason="this Pillow has no AVIF")


def heic(*images: Image.Image, **options: Any) -> bytes:
    """Encode without loss, or nearly."""
    made = pillow_heif.from_pillow(images[0])
    for image in images[1:]:
        made.add_from_pillow(image)
    file = io.BytesIO()
    made.save(file, **{"quality": -1, "chroma": 444, "matrix_coefficients": 0, **options})
    return file.getvalue()


def deep_heic(pixels: np.ndarray, mode: str, *, twelve: bool = False, **options: Any) -> bytes:
    """Encode at 10 or 12 bits without loss."""
    before = pillow_heif.options.SAVE_HDR_TO_12_BIT
    pillow_heif.options.SAVE_HDR_TO_12_BIT = twelve
    try:
        made = pillow_heif.from_bytes(mode=mode, size=(pixels.shape[1], pixels.shape[0]), data=pixels.tobytes())
        file = io.BytesIO()
        made.save(file, quality=-1, chroma=444, matrix_coefficients=0, **options)
        return file.getvalue()
    finally:
        pillow_heif.options.SAVE_HDR_TO_12_BIT = before


def test_suffixes_are_known_with_and_without_the_library() -> None:
    assert {".heic", ".heif", ".hif", ".avif"} <= SUFFIXES


@pytest.mark.parametrize("brand", [b"heic", b"heix", b"hevc", b"mif1", b"msf1"])
def test_without_the_library_the_error_says_what_to_install(
    brand: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "pillow_heif", None)
    heif._library.cache_clear()
    path = put(tmp_path, "x.heic", b"\0\0\0\x18ftyp" + brand + b"\0\0\0\0mif1heic" + bytes(100))
    try:
        for function in (probe, read):
            with pytest.raises(PictureError) as caught:
                function(path)
            assert caught.value.reason == "HEIF needs pillow-heif: pip install 'augstudio[heif]'"
    finally:
        heif._library.cache_clear()


def test_the_library_is_imported_for_heif_only(tmp_path: Path) -> None:
    path = put(tmp_path, "x.jpg", saved(Image.fromarray(scene()), "JPEG"))
    code = (
        "import sys, pathlib\n"
        f"from augstudio.images import read\nread(pathlib.Path({str(path)!r}))\n"
        "assert not {'pillow_heif', '_pillow_heif'} & sys.modules.keys()"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


@installed
@pytest.mark.parametrize(("mode", "channels"), [("L", 1), ("RGB", 3), ("RGBA", 4)])
def test_8_bit(mode: str, channels: int, tmp_path: Path) -> None:
    pixels = scene(channels=channels)
    path = put(tmp_path, "x.heic", heic(Image.fromarray(pixels)))
    picture = read(path)
    assert picture.info == probe(path)
    assert (picture.info.format, picture.info.channels, picture.info.depth) == ("HEIF", channels, 8)
    assert (picture.info.width, picture.info.height) == (53, 37)
    np.testing.assert_array_equal(picture.pixels, pixels)
    assert picture.pixels.flags.writeable
    assert picture.pixels.flags.c_contiguous
    assert (picture.notes, picture.dropped) == ((), ())
    assert read_reduced(path, 20).pixels.shape[:2] == (14, 20)


@installed
@pytest.mark.parametrize("twelve", [False, True])
@pytest.mark.parametrize(("mode", "channels"), [("L;16", 1), ("RGB;16", 3), ("RGBA;16", 4)])
def test_10_and_12_bits_are_kept_in_16(mode: str, channels: int, twelve: bool) -> None:
    bits = 12 if twelve else 10
    pixels = scene(channels=channels, dtype=np.uint16)
    source = Loaded(Path("x"), deep_heic(pixels, mode, twelve=twelve))
    picture = read(source)
    assert picture.info == probe(source)
    assert (picture.info.channels, picture.info.depth) == (channels, 16)
    assert picture.pixels.dtype == np.uint16
    assert picture.pixels.shape == pixels.shape
    assert picture.pixels.flags.writeable
    assert picture.pixels.flags.c_contiguous
    top = 2**bits - 1
    stored = np.rint(picture.pixels / 65535 * top)
    np.testing.assert_array_equal(picture.pixels, np.rint(stored / top * 65535))  # spread over the full range
    if channels < 4:  # the encoder drops the lower bits, and loses nothing else
        np.testing.assert_array_equal(stored, pixels >> (16 - bits))
    assert picture.pixels.max() == 65535
    assert read_reduced(source, 20).pixels.dtype == np.uint16


@installed
def test_profiles() -> None:
    pixels = scene()
    picture = read(Loaded(Path("x"), heic(Image.fromarray(pixels), icc_profile=p3_profile())))
    expected = read(Loaded(Path("x"), saved(Image.fromarray(pixels), "PNG", icc_profile=p3_profile())))
    np.testing.assert_array_equal(picture.pixels, expected.pixels)
    assert picture.notes == ("ICC profile Display P3 converted to sRGB",)
    deep = read(Loaded(Path("x"), deep_heic(scene(dtype=np.uint16), "RGB;16", icc_profile=p3_profile())))
    assert deep.profile == p3_profile()
    again = read(Loaded(Path("x"), encode(deep.pixels, "PNG", 95, deep.profile)))
    np.testing.assert_array_equal(again.pixels, deep.pixels)
    assert again.profile == deep.profile


@installed
@pytest.mark.parametrize(
    ("described", "notes"),
    [
        ({"color_primaries": 1, "transfer_characteristics": 13}, ()),
        ({"color_primaries": 12, "transfer_characteristics": 13}, ("Display P3 converted to sRGB",)),
        ({"color_primaries": 9, "transfer_characteristics": 16}, ("HDR (PQ) colours are not converted",)),
    ],
)
def test_a_colour_space_given_by_numbers_is_heeded_or_noted(described: dict[str, int], notes: tuple[str, ...]) -> None:
    assert read(Loaded(Path("x"), heic(Image.fromarray(scene()), **described))).notes == notes


@installed
def test_deep_colours_given_by_numbers_are_carried_along() -> None:
    numbers = {"color_primaries": 12, "transfer_characteristics": 13}
    picture = read(Loaded(Path("x"), deep_heic(scene(dtype=np.uint16), "RGB;16", **numbers)))
    assert picture.notes == ("Display P3 carried (16-bit colours keep their own space)",)
    plain = read(Loaded(Path("x"), deep_heic(scene(dtype=np.uint16), "RGB;16")))
    np.testing.assert_array_equal(picture.pixels, plain.pixels)
    assert (picture.profile is None, plain.profile is None) == (False, True)


@installed
@pytest.mark.parametrize("orientation", range(1, 9))
def test_orientation_is_applied_once(orientation: int) -> None:
    upright = scene()
    data = heic(Image.fromarray(oriented(upright, orientation)), exif=exif(orientation))
    assert (b"irot" in data or b"imir" in data) == (orientation > 1)  # the container says how to turn it …
    assert struct.pack(">HHIH", 0x0112, 3, 1, orientation) in data  # … and EXIF says it again, as phones do
    for source in (Loaded(Path("x"), data),):
        picture = read(source)
        np.testing.assert_array_equal(picture.pixels, upright)
        assert picture.info == probe(source)
        assert picture.info.orientation == 1
        assert picture.notes == ()
        assert picture.dropped == ("EXIF",)
        assert read_reduced(source, 20).pixels.shape[:2] == (14, 20)


@installed
def test_orientation_of_16_bit() -> None:
    upright = scene(dtype=np.uint16)
    data = deep_heic(oriented(upright, 6), "RGB;16", exif=exif(6))
    np.testing.assert_array_equal(read(Loaded(Path("x"), data)).pixels >> 6, upright >> 6)


@installed
@pytest.mark.parametrize("primary", [0, 1, 2])
def test_of_several_pictures_the_primary_one_is_read(primary: int) -> None:
    images = [np.roll(scene(), 9 * k, axis=1) for k in range(3)]
    picture = read(Loaded(Path("x"), heic(*map(Image.fromarray, images), primary_index=primary)))
    np.testing.assert_array_equal(picture.pixels, images[primary])
    assert picture.info.frames == 3
    assert picture.notes == ("primary one of 3 pictures used",)


@installed
def test_cut_and_damaged() -> None:
    data = heic(Image.fromarray(scene()))
    whole = read(Loaded(Path("x"), data)).pixels
    for length in range(0, len(data), max(1, len(data) // 50)):
        try:
            cut = read(Loaded(Path("x.heic"), data[:length])).pixels
        except PictureError as error:
            assert "\n" not in error.reason
        else:
            np.testing.assert_array_equal(cut, whole)


@installed
def test_limits() -> None:
    data = heic(Image.new("RGB", (100, 50)))
    assert read(Loaded(Path("x"), data), max_pixels=5000).info.width == 100
    with pytest.raises(PictureError, match=r"5,000 pixels \(100 × 50\), above the limit of 4,999"):
        read(Loaded(Path("x"), data), max_pixels=4999)


def test_heif_becomes_png_as_the_source() -> None:
    assert target("HEIF", Encoding()) == ("PNG", ".png")
    assert target("HEIF", Encoding(Format.JPEG)) == ("JPEG", ".jpg")


def test_videos_are_no_pictures() -> None:
    for brand in (b"isom", b"mp42", b"qt  "):
        with pytest.raises(PictureError, match="not a picture in any known format"):
            read(Loaded(Path("x.heic"), b"\0\0\0\x18ftyp" + brand + b"\0\0\0\0" + brand + b"mp41" + bytes(100)))


# --- AVIF -------------------------------------------------------------------------------------------------------------


@avif
@pytest.mark.parametrize("orientation", range(1, 9))
def test_orientation_of_avif_is_applied_once(orientation: int) -> None:
    upright = np.zeros((32, 64, 3), np.uint8)
    upright[:, :20] = 200, 0, 0
    upright[:10] = 0, 0, 200
    data = saved(Image.fromarray(oriented(upright, orientation)), "AVIF", quality=100, exif=exif(orientation))
    assert (b"irot" in data or b"imir" in data) == (orientation > 1)
    picture = read(Loaded(Path("x"), data))
    assert np.abs(picture.pixels.astype(int) - upright).mean() < 6
    assert picture.info.orientation == orientation


@avif
def test_first_frame_of_an_avif_animation() -> None:
    frames = [Image.fromarray(np.roll(scene(), 9 * k, axis=1)) for k in range(3)]
    picture = read(Loaded(Path("x"), saved(frames[0], "AVIF", save_all=True, append_images=frames[1:], quality=100)))
    assert picture.notes == ("first of 3 frames used",)
    assert np.abs(picture.pixels.astype(int) - scene()).mean() < 6


@avif
def test_avif_that_names_the_general_brand_first() -> None:
    data = saved(Image.fromarray(scene()), "AVIF")
    assert data[4:12] == b"ftypavif"
    for brand in (b"mif1", b"miaf"):
        general = data[:8] + brand + data[12:]
        if b"avif" in general[16 : int.from_bytes(general[:4], "big")]:
            np.testing.assert_array_equal(read(Loaded(Path("x"), general)).pixels, read(Loaded(Path("x"), data)).pixels)
            assert probe(Loaded(Path("x"), general)).format == "AVIF"


@avif
@pytest.mark.parametrize("bits", [10, 12])
def test_avif_of_10_and_12_bits_is_reduced_and_says_so(bits: int) -> None:
    pixels = scene(dtype=np.uint16) >> (16 - bits)
    try:
        done, data = cv2.imencode(
            ".avif", pixels[..., ::-1].copy(), [cv2.IMWRITE_AVIF_DEPTH, bits, cv2.IMWRITE_AVIF_QUALITY, 100]
        )
    except cv2.error:
        pytest.skip("this OpenCV writes no AVIF")
    assert done
    picture = read(Loaded(Path("x"), data.tobytes()))
    assert picture.notes == (f"{bits}-bit colours reduced to 8 bit",)
    assert picture.info.depth == 8
    assert np.abs(picture.pixels - pixels / (2**bits - 1) * 255).max() <= 1
