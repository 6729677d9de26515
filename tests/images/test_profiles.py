"""Colour profiles of 16-bit pictures: they travel with the pixels, and are applied where 8 bits are written."""

from __future__ import annotations

import zlib
from pathlib import Path

import cv2
import numpy as np
import pytest
from building import P3, SRGB, grey_profile, p3_profile, put, saved, scene, srgb_curve, with_chunk
from PIL import Image

from augstudio.images import Loaded, Picture, encode, read, read_reduced

CARRIED = "ICC profile {} carried (16-bit colours keep their own space)"


def png(pixels: np.ndarray, profile: bytes) -> bytes:
    return with_chunk(encode(pixels, "PNG", 95), b"iCCP", b"any name\0\0" + zlib.compress(profile))


def back(data: bytes) -> Picture:
    return read(Loaded(Path("x"), data))


def fitting(channels: int) -> tuple[bytes, str]:
    return (grey_profile(), "Linear grey") if channels < 3 else (p3_profile(), "Display P3")


@pytest.mark.parametrize("channels", [1, 2, 3, 4])
def test_16_bit_png_carries_its_profile(channels: int, tmp_path: Path) -> None:
    pixels = scene(channels=channels, dtype=np.uint16)
    profile, name = fitting(channels)
    path = put(tmp_path, "x.png", png(pixels, profile))
    picture = read(path)
    np.testing.assert_array_equal(picture.pixels, pixels)
    assert picture.profile == profile
    assert picture.notes == (CARRIED.format(name),)
    small = read_reduced(path, 20)
    assert small.pixels.dtype == np.uint16
    assert (small.profile, small.notes) == (profile, picture.notes)


@pytest.mark.parametrize("encoder", ["PNG", "TIFF"])
@pytest.mark.parametrize("channels", [1, 2, 3, 4])
def test_what_is_written_is_read_again(channels: int, encoder: str) -> None:
    pixels = scene(channels=channels, dtype=np.uint16)
    profile, name = fitting(channels)
    for odd in (profile, profile + b"\0"):  # an odd length needs padding in TIFF
        if (channels, encoder) == (2, "TIFF"):
            with pytest.raises(ValueError, match="grey with alpha and a colour profile cannot be encoded as TIFF"):
                encode(pixels, encoder, 95, odd)
            continue
        data = encode(pixels, encoder, 95, odd)
        picture = back(data)
        np.testing.assert_array_equal(picture.pixels, pixels)
        assert picture.profile == odd
        assert picture.notes == (CARRIED.format(name),)
        assert encode(picture.pixels, encoder, 95, picture.profile) == data
        if (channels, encoder) != (2, "PNG"):  # OpenCV gives this one another shape
            again = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_UNCHANGED)
            np.testing.assert_array_equal(again, pixels if channels == 1 else pixels[..., [2, 1, 0, 3][:channels]])


@pytest.mark.parametrize("encoder", ["JPEG", "WEBP", "BMP"])
@pytest.mark.parametrize("channels", [1, 2, 3, 4])
def test_8_bit_is_converted_to_srgb(channels: int, encoder: str) -> None:
    """Rounded first, converted then: exactly what reading the same picture in 8 bits does."""
    pixels = scene(channels=channels, dtype=np.uint16)
    profile, _ = fitting(channels)
    eight = np.rint(pixels / 257).astype(np.uint8)
    converted = back(png(eight, profile))
    assert converted.profile is None
    assert converted.notes[0].endswith("converted to sRGB")
    assert not np.array_equal(converted.pixels, eight)
    data = encode(pixels, encoder, 95, profile)
    assert data == encode(converted.pixels, encoder, 95)
    assert data != encode(pixels, encoder, 95)
    assert back(data).profile is None


def test_8_bit_colours_are_right() -> None:
    pixels = scene(channels=3, dtype=np.uint16)
    linear = (pixels / 65535) ** (round(2.2 * 256) / 256)
    expected = 255 * srgb_curve(linear @ (np.linalg.inv(SRGB) @ P3).T)
    again = back(encode(pixels, "BMP", 95, p3_profile())).pixels
    assert np.abs(again - expected).mean() < 0.5


@pytest.mark.parametrize("encoder", ["JPEG", "PNG", "WEBP", "BMP", "TIFF"])
def test_8_bit_pixels_are_converted_whatever_is_written(encoder: str) -> None:
    eight = scene()
    expected = back(png(eight, p3_profile())).pixels
    assert encode(eight, encoder, 95, p3_profile()) == encode(expected, encoder, 95)


def test_8_bit_pictures_carry_nothing() -> None:
    for file_format in ("JPEG", "PNG", "TIFF"):
        assert back(saved(Image.fromarray(scene()), file_format, icc_profile=p3_profile())).profile is None


def test_srgb_is_not_carried() -> None:
    pixels = scene(dtype=np.uint16)
    picture = back(png(pixels, p3_profile("sRGB IEC61966-2.1")))
    assert (picture.profile, picture.notes) == (None, ())


@pytest.mark.parametrize(
    ("channels", "profile", "said"),
    [
        (3, grey_profile(), "ICC profile Linear grey ignored (it is damaged or does not fit the picture)"),
        (1, p3_profile(), "ICC profile Display P3 ignored (it is damaged or does not fit the picture)"),
        (3, b"garbage", "ICC profile without a name ignored (it is damaged or does not fit the picture)"),
        (3, p3_profile()[:100], "ICC profile without a name ignored (it is damaged or does not fit the picture)"),
    ],
)
def test_a_profile_that_does_not_fit_is_not_carried(channels: int, profile: bytes, said: str) -> None:
    pixels = scene(channels=channels, dtype=np.uint16)
    picture = back(png(pixels, profile))
    assert (picture.profile, picture.notes) == (None, (said,))
    np.testing.assert_array_equal(picture.pixels, pixels)


def test_a_profile_that_no_png_could_give_back_is_not_carried() -> None:
    pixels = scene(dtype=np.uint16)
    huge = p3_profile().ljust(2**20 + 1, b"\0")
    picture = back(encode(pixels, "TIFF", 95, huge))
    assert (picture.profile, picture.notes) == (None, ("ICC profile Display P3 ignored (it is larger than 1 MiB)",))
    most = p3_profile().ljust(2**20, b"\0")
    for encoder in ("PNG", "TIFF"):
        assert back(encode(pixels, encoder, 95, most)).profile == most


def test_a_name_stays_on_one_line() -> None:
    picture = back(png(scene(dtype=np.uint16), p3_profile("two\nlines\x1b[31m " + "x" * 100)))
    (note,) = picture.notes
    assert note.isprintable()
    assert len(note) < 140


def test_cmyk_with_a_profile_that_is_none() -> None:
    """A broken profile costs nothing but itself."""
    image = Image.fromarray(scene()).convert("CMYK")
    picture = back(saved(image, "TIFF", icc_profile=b"broken"))
    plain = back(saved(image, "TIFF"))
    np.testing.assert_array_equal(picture.pixels, plain.pixels)
    assert picture.notes == (
        "ICC profile without a name ignored (it is damaged or does not fit the picture)",
        "CMYK converted to RGB",
    )
