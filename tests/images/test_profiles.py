"""Colour profiles of 16-bit pictures: they travel with the pixels, and are applied where 8 bits are written."""

from __future__ import annotations

import struct
import zlib
from pathlib import Path

import cv2
import numpy as np
import pytest
from building import (
    P3,
    SRGB,
    grey_profile,
    icc_profile,
    p3_profile,
    put,
    saved,
    scene,
    srgb_curve,
    srgb_profile,
    with_chunk,
)
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
        data = encode(pixels, encoder, 95, odd)
        picture = back(data)
        np.testing.assert_array_equal(picture.pixels, pixels)
        assert picture.profile == odd
        assert picture.notes == (CARRIED.format(name),)
        assert encode(picture.pixels, encoder, 95, picture.profile) == data
        if channels != 2:  # OpenCV gives this one another shape
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
    picture = back(png(pixels, srgb_profile()))
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


def cmyk_profile() -> bytes:
    """A printer of three perfect inks and a black one, as a table with two steps an ink."""
    ramp = bytes(range(256))
    inks = [(c, m, y, k) for c in (0, 1) for m in (0, 1) for y in (0, 1) for k in (0, 1)]
    colours = bytearray()
    for c, m, y, k in inks:
        rgb = np.array([1 - c, 1 - m, 1 - y]) * (1 - k)
        x, y_, z = (SRGB @ rgb) / (0.9642, 1.0, 0.8249)
        f = [value ** (1 / 3) if value > 0.008856 else 7.787 * value + 16 / 116 for value in (x, y_, z)]
        lab = (116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2]))
        colours += bytes([round(lab[0] * 2.55), round(lab[1] + 128), round(lab[2] + 128)])
    matrix = struct.pack(">9i", *(65536 * (k % 4 == 0) for k in range(9)))
    table = b"mft1\0\0\0\0\4\3\2\0" + matrix + 4 * ramp + colours + 3 * ramp
    data = icc_profile(b"CMYK", {b"A2B0": table}, "Four inks")
    return data[:12] + b"prtrCMYKLab " + data[24:]


def test_cmyk_is_converted_by_its_profile_whichever_way_it_is_stored() -> None:
    """Adobe's JPEG stores ink the other way round from TIFF."""
    inks = np.zeros((32, 48, 4), np.uint8)
    inks[:, 16:32, 1:3] = 255  # magenta and yellow: red
    inks[:, 32:, 3] = 255  # black
    image = Image.frombytes("CMYK", (48, 32), inks.tobytes())
    expected = np.zeros((32, 48, 3))
    expected[:, :16] = 255
    expected[:, 16:32] = 255, 0, 0
    for file_format, options in (("TIFF", {}), ("JPEG", {"quality": 100, "subsampling": 0})):
        data = saved(image, file_format, icc_profile=cmyk_profile(), **options)
        picture = back(data)
        assert picture.notes == ("ICC profile Four inks converted to sRGB", "CMYK converted to RGB")
        assert np.abs(picture.pixels - expected).max() < 12, file_format
        assert picture.profile is None
