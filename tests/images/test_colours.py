"""Colours are what the numbers in a file say, never what a name says, and never sRGB in silence."""

from __future__ import annotations

import io
import struct
import zlib
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from building import (
    P3,
    SRGB,
    chunk,
    gamma,
    icc_profile,
    p3_profile,
    saved,
    scene,
    srgb_curve,
    srgb_profile,
    tiff,
    with_chunk,
    xyz,
)
from PIL import Image

from augstudio.images import Loaded, Picture, encode, read, without_metadata

D65 = (0.3127, 0.329)
SRGB_POINTS = ((0.64, 0.33), (0.3, 0.6), (0.15, 0.06))
P3_POINTS = ((0.68, 0.32), (0.265, 0.69), (0.15, 0.06))
ADOBE_POINTS = ((0.64, 0.33), (0.21, 0.71), (0.15, 0.06))
BT2020_POINTS = ((0.708, 0.292), (0.17, 0.797), (0.131, 0.046))


def opened(data: bytes) -> Picture:
    return read(Loaded(Path("x"), data))


def to_srgb(
    pixels: np.ndarray, points: tuple[tuple[float, float], ...], light: Callable[[np.ndarray], np.ndarray]
) -> np.ndarray:
    """Convert with D65 on both sides, which needs no adaptation; exact but for rounding."""

    def matrix(primaries: tuple[tuple[float, float], ...]) -> np.ndarray:
        columns = np.array([(x / y, 1, (1 - x - y) / y) for x, y in primaries]).T
        white = np.array([D65[0] / D65[1], 1, (1 - sum(D65)) / D65[1]])
        return columns * np.linalg.solve(columns, white)

    linear = light(pixels / np.iinfo(pixels.dtype).max)
    return 255 * srgb_curve(linear @ (np.linalg.inv(matrix(SRGB_POINTS)) @ matrix(points)).T)


def srgb_light(values: np.ndarray) -> np.ndarray:
    return np.where(values <= 0.04045, values / 12.92, ((values + 0.055) / 1.055) ** 2.4)


def power(exponent: float) -> Callable[[np.ndarray], np.ndarray]:
    return lambda values: values**exponent


# --- ICC --------------------------------------------------------------------------------------------------------------


def linear_profile(name: str) -> bytes:
    colours = {tag: xyz(*SRGB[:, k]) for k, tag in enumerate((b"rXYZ", b"gXYZ", b"bXYZ"))}
    return icc_profile(b"RGB ", {**colours, b"rTRC": gamma(1), b"gTRC": gamma(1), b"bTRC": gamma(1)}, name)


@pytest.mark.parametrize("file_format", ["JPEG", "PNG", "WEBP", "TIFF"])
def test_a_profile_is_not_srgb_for_being_called_so(file_format: str) -> None:
    options = {"JPEG": {"quality": 100, "subsampling": 0}, "WEBP": {"lossless": True}}.get(file_format, {})
    for profile, points, light in (
        (linear_profile("sRGB built-in"), SRGB_POINTS, power(1)),
        (p3_profile("Display P3 Gamut with sRGB Transfer"), P3_POINTS, power(round(2.2 * 256) / 256)),
    ):
        data = saved(Image.fromarray(scene()), file_format, icc_profile=profile, **options)
        with Image.open(io.BytesIO(data)) as plain:
            expected = to_srgb(np.asarray(plain), points, light)
        picture = opened(data)
        assert np.abs(picture.pixels - expected).max() < 2
        assert len(picture.notes) == 1
        assert picture.notes[0].endswith("converted to sRGB")
        assert np.abs(picture.pixels - scene().astype(float)).max() > 30
        if file_format != "TIFF":
            assert without_metadata(data, file_format) is None


@pytest.mark.parametrize("file_format", ["JPEG", "PNG", "WEBP", "TIFF"])
def test_srgb_is_srgb_under_any_name(file_format: str) -> None:
    options = {"WEBP": {"lossless": True}}.get(file_format, {})
    data = saved(Image.fromarray(scene()), file_format, icc_profile=srgb_profile(), **options)
    picture = opened(data)
    assert picture.notes == ()
    with Image.open(io.BytesIO(data)) as plain:
        np.testing.assert_array_equal(picture.pixels, np.asarray(plain))
    if file_format != "TIFF":
        assert without_metadata(data, file_format) is not None


def test_a_16_bit_picture_carries_a_profile_that_is_srgb_by_name_only() -> None:
    profile = linear_profile("sRGB IEC61966-2.1")
    data = encode(scene(dtype=np.uint16), "PNG", 95, profile)
    assert opened(data).profile == profile


def test_a_profile_behind_the_frame_header_of_a_jpeg_counts() -> None:
    data = saved(Image.fromarray(scene()), "JPEG")
    at = data.index(b"\xff\xda")
    piece = b"ICC_PROFILE\0\1\1" + p3_profile()
    late = data[:at] + b"\xff\xe2" + struct.pack(">H", len(piece) + 2) + piece + data[at:]
    assert opened(late).notes == ("ICC profile Display P3 converted to sRGB",)
    np.testing.assert_array_equal(
        opened(late).pixels, opened(saved(Image.fromarray(scene()), "JPEG", icc_profile=p3_profile())).pixels
    )


def test_pieces_of_a_profile_are_noted() -> None:
    data = saved(Image.fromarray(scene()), "JPEG", icc_profile=p3_profile())
    at = data.index(b"ICC_PROFILE\0") + 13
    broken = data[:at] + b"\2" + data[at + 1 :]  # the first of two
    assert opened(broken).notes == ("ICC profile without a name ignored (it is damaged or does not fit the picture)",)


# --- PNG --------------------------------------------------------------------------------------------------------------


def gama(value: float) -> tuple[bytes, bytes]:
    return b"gAMA", struct.pack(">I", round(value * 100_000))


def chrm(points: tuple[tuple[float, float], ...]) -> tuple[bytes, bytes]:
    return b"cHRM", struct.pack(">8I", *(round(value * 100_000) for point in (D65, *points) for value in point))


def cicp(primaries: int, transfer: int) -> tuple[bytes, bytes]:
    return b"cICP", bytes([primaries, transfer, 0, 1])


def iccp(profile: bytes) -> tuple[bytes, bytes]:
    return b"iCCP", b"name\0\0" + zlib.compress(profile)


SRGB_CHUNK = (b"sRGB", b"\0")


def png(pixels: np.ndarray, *parts: tuple[bytes, bytes]) -> bytes:
    data = encode(pixels, "PNG", 95)
    for kind, content in parts:
        data = with_chunk(data, kind, content)
    return data


GAMMA_22 = power(1 / 0.45455)
PNGS = {
    "gAMA 1": ([gama(1.0)], SRGB_POINTS, power(1), "gamma 1 of the PNG"),
    "gAMA 1/1.8": ([gama(0.55556)], SRGB_POINTS, power(1.8), "gamma 0.556 of the PNG"),
    "cHRM": ([chrm(P3_POINTS)], P3_POINTS, srgb_light, "primaries of the PNG"),
    "gAMA and cHRM": ([gama(1.0), chrm(P3_POINTS)], P3_POINTS, power(1), "gamma 1 and primaries of the PNG"),
    "usual gAMA and cHRM": ([gama(0.45455), chrm(P3_POINTS)], P3_POINTS, srgb_light, "primaries of the PNG"),
    "cICP P3": ([cicp(12, 13)], P3_POINTS, srgb_light, "Display P3"),
    "cICP BT.2020": ([cicp(9, 14)], BT2020_POINTS, srgb_light, "BT.2020"),
    "cICP linear": ([cicp(1, 8)], SRGB_POINTS, power(1), "BT.709 and linear light"),
    "cICP before iCCP": ([iccp(linear_profile("x")), cicp(12, 13)], P3_POINTS, srgb_light, "Display P3"),
    "iCCP before sRGB": ([SRGB_CHUNK, iccp(linear_profile("x"))], SRGB_POINTS, power(1), "ICC profile x"),
    "iCCP before gAMA": ([gama(0.3), iccp(linear_profile("x"))], SRGB_POINTS, power(1), "ICC profile x"),
    "iCCP for want of cICP": ([cicp(9, 16), iccp(linear_profile("x"))], SRGB_POINTS, power(1), "ICC profile x"),
}


@pytest.mark.parametrize("case", PNGS)
def test_colours_of_a_png(case: str) -> None:
    parts, points, light, name = PNGS[case]
    pixels = scene()
    data = png(pixels, *parts)
    picture = opened(data)
    assert picture.notes == (f"{name} converted to sRGB",)
    assert np.abs(picture.pixels - to_srgb(pixels, points, light)).max() < 1.5
    assert without_metadata(data, "PNG") is None
    deep = scene(dtype=np.uint16)
    carried = opened(png(deep, *parts))
    np.testing.assert_array_equal(carried.pixels, deep)
    assert carried.notes == (f"{name} carried (16-bit colours keep their own space)",)
    # What is written with the carried profile looks the same once it is converted.
    eight = opened(encode(deep, "BMP", 95, carried.profile)).pixels
    assert np.abs(eight - to_srgb(np.rint(deep / 257).astype(np.uint8), points, light)).max() < 1.5
    with_alpha = np.dstack([pixels, scene(channels=1)])
    np.testing.assert_array_equal(opened(png(with_alpha, *parts)).pixels[..., :3], picture.pixels)
    np.testing.assert_array_equal(opened(png(with_alpha, *parts)).pixels[..., 3], with_alpha[..., 3])


@pytest.mark.parametrize(
    "parts",
    [
        [gama(0.45455)],
        [gama(0.45)],
        [gama(0.45455), chrm(SRGB_POINTS)],
        [chrm(SRGB_POINTS)],
        [gama(1.0), chrm(P3_POINTS), SRGB_CHUNK],
        [cicp(1, 13)],
        [cicp(2, 2)],
        [cicp(1, 1), iccp(linear_profile("x"))],
    ],
)
def test_a_png_that_is_srgb_is_left_alone(parts: list[tuple[bytes, bytes]]) -> None:
    for pixels in (scene(), scene(channels=1), scene(dtype=np.uint16)):
        data = png(pixels, *parts)
        picture = opened(data)
        np.testing.assert_array_equal(picture.pixels, pixels)
        assert (picture.notes, picture.profile) == ((), None)
        assert without_metadata(data, "PNG") is not None


@pytest.mark.parametrize(
    ("part", "said"),
    [
        (cicp(9, 16), "HDR (PQ) colours are not converted"),
        (cicp(9, 18), "HDR (HLG) colours are not converted"),
        (cicp(10, 13), "colours of primaries 10 (H.273) are not converted"),
        (cicp(1, 9), "colours of transfer 9 (H.273) are not converted"),
        ((b"cICP", bytes([12, 13, 0, 0])), "colours of narrow range are not converted"),
    ],
)
def test_what_cannot_be_converted_is_noted(part: tuple[bytes, bytes], said: str) -> None:
    for pixels in (scene(), scene(channels=4), scene(dtype=np.uint16)):
        picture = opened(png(pixels, part))
        assert picture.notes == (said,)
        np.testing.assert_array_equal(picture.pixels, pixels)
        assert without_metadata(png(pixels, part), "PNG") is None


def test_gamma_of_grey_and_of_a_palette() -> None:
    grey = scene(channels=1)
    expected = 255 * srgb_curve(grey / 255)
    data = png(grey, gama(1.0), chrm(P3_POINTS))
    assert np.abs(opened(data).pixels - expected).max() < 1
    assert opened(data).notes == ("gamma 1 of the PNG converted to sRGB",)
    image = Image.fromarray(scene()).quantize(100)
    data = with_chunk(saved(image, "PNG"), *gama(1.0), before=b"PLTE")
    colours = np.asarray(image.convert("RGB"))
    assert np.abs(opened(data).pixels - 255 * srgb_curve(colours / 255)).max() < 1.5


@pytest.mark.parametrize("part", [(b"gAMA", b"\0\0"), gama(0), (b"cHRM", bytes(32)), (b"cICP", b"\1"), (b"cHRM", b"")])
def test_numbers_that_are_no_colours_are_ignored_with_a_note(part: tuple[bytes, bytes]) -> None:
    picture = opened(png(scene(), part))
    assert picture.notes == ("damaged metadata ignored",)
    np.testing.assert_array_equal(picture.pixels, scene())


# --- other formats ----------------------------------------------------------------------------------------------------


@pytest.mark.skipif("AVIF" not in Image.SAVE, reason="this Pillow has no AVIF")
@pytest.mark.parametrize(
    ("numbers", "note"),
    [
        ((1, 13), None),
        ((2, 2), None),
        ((12, 13), "Display P3 converted to sRGB"),
        ((9, 16), "HDR (PQ) colours are not converted"),
    ],
)
def test_numbers_in_avif(numbers: tuple[int, int], note: str | None) -> None:
    data = saved(Image.fromarray(scene()), "AVIF", quality=100, subsampling="4:4:4")
    at = data.index(b"colrnclx") + 8
    plain = opened(data).pixels
    picture = opened(data[:at] + struct.pack(">HH", *numbers) + data[at + 4 :])
    assert picture.notes == (() if note is None else (note,))
    if numbers[0] == 12:
        assert np.abs(picture.pixels - to_srgb(plain, P3_POINTS, srgb_light)).max() < 1.5
    else:
        np.testing.assert_array_equal(picture.pixels, plain)


def rationals(*values: float) -> list[int]:
    return [number for value in values for number in (round(value * 100_000), 100_000)]


def tiff_colours(depth: int, exponent: float | None) -> dict[int, tuple[str, list[int]]]:
    tags: dict[int, tuple[str, list[int]]] = {}
    if exponent is not None:
        ramp = np.linspace(0, 1, 2**depth) ** exponent
        tags[301] = ("H", np.rint(ramp * 65535).astype(int).tolist())
    return tags


def test_colours_by_a_tiffs_own_tags() -> None:
    plain = saved(
        Image.fromarray(scene()),
        "TIFF",
        tiffinfo={319: tuple(value for point in P3_POINTS for value in point), 318: D65},
    )
    picture = opened(plain)
    assert picture.notes == ("colours of the TIFF's own tags converted to sRGB",)
    assert np.abs(picture.pixels - to_srgb(scene(), P3_POINTS, srgb_light)).max() < 1.5
    curve = opened(tiff(scene(), photometric=2, bits=8, tags=tiff_colours(8, 1.8)))
    assert curve.notes == picture.notes
    assert np.abs(curve.pixels - to_srgb(scene(), SRGB_POINTS, power(1.8))).max() < 1.5
    deep = scene(dtype=np.uint16)
    carried = opened(tiff(deep, photometric=2, tags=tiff_colours(16, 1.8)))
    np.testing.assert_array_equal(carried.pixels, deep)
    assert carried.profile is not None
    eight = opened(encode(deep, "BMP", 95, carried.profile)).pixels
    assert np.abs(eight - to_srgb(deep, SRGB_POINTS, power(1.8))).max() < 3
    usual = saved(
        Image.fromarray(scene()),
        "TIFF",
        tiffinfo={319: tuple(value for point in SRGB_POINTS for value in point), 318: D65},
    )
    assert opened(usual).notes == ()


def bmp5(pixels: np.ndarray, space: bytes, numbers: bytes, profile: bytes = b"") -> bytes:
    height, width = pixels.shape[:2]
    rows = np.zeros((height, (3 * width + 3) // 4 * 4), np.uint8)
    rows[:, : 3 * width] = pixels[::-1, :, ::-1].reshape(height, -1)
    head = struct.pack("<IiiHHIIiiII", 124, width, height, 1, 24, 0, rows.size, 2835, 2835, 0, 0)
    head += bytes(16) + space[::-1] + numbers.ljust(48, b"\0")
    head += struct.pack("<IIII", 4, 124 + rows.size if profile else 0, len(profile), 0)
    return b"BM" + struct.pack("<III", 14 + 124 + rows.size + len(profile), 0, 138) + head + rows.tobytes() + profile


def test_colours_in_a_bmp_of_version_5() -> None:
    pixels = scene()
    for space in (b"sRGB", b"Win ", b"\0\0\0\0"):
        picture = opened(bmp5(pixels, space, b""))
        np.testing.assert_array_equal(picture.pixels, pixels)
        assert picture.notes == ()
    embedded = opened(bmp5(pixels, b"MBED", b"", p3_profile()))
    assert embedded.notes == ("ICC profile Display P3 converted to sRGB",)
    expected = opened(saved(Image.fromarray(pixels), "PNG", icc_profile=p3_profile())).pixels
    np.testing.assert_array_equal(embedded.pixels, expected)
    assert opened(bmp5(pixels, b"LINK", b"", b"C:\\p3.icm\0")).notes == ("a linked colour profile is not converted",)
    native = np.linalg.solve(np.array([(x, y, 1 - x - y) for x, y in P3_POINTS]).T, [D65[0], D65[1], 1 - sum(D65)])
    ends = [k * v for k, (x, y) in zip(native, P3_POINTS, strict=True) for v in (x, y, 1 - x - y)]
    numbers = struct.pack("<9i3I", *(round(v * 2**30) for v in ends), *[65536] * 3)
    calibrated = opened(bmp5(pixels, b"\0\0\0\0", numbers))
    assert calibrated.notes == ("colours of the BMP header converted to sRGB",)
    assert np.abs(calibrated.pixels - to_srgb(pixels, P3_POINTS, power(1))).max() < 1.5


def camera_exif(space: int, index: bytes) -> bytes:
    """Write EXIF that tells the colour space."""
    head = b"Exif\0\0II*\0\x08\0\0\0"
    first = struct.pack("<HHHIII", 1, 0x8769, 4, 1, 26, 0)
    second = struct.pack("<HHHIHHHHIII", 2, 0xA001, 3, 1, space, 0, 0xA005, 4, 1, 56, 0)
    return head + first + second + struct.pack("<HHHI4sI", 1, 1, 2, 4, index, 0)


def test_adobe_rgb_as_cameras_tell_it() -> None:
    image = Image.fromarray(scene())
    plain = opened(saved(image, "JPEG")).pixels
    for space, index in ((0xFFFF, b"R03\0"), (2, b"R98\0")):
        data = saved(image, "JPEG", exif=camera_exif(space, index))
        picture = opened(data)
        assert picture.notes == ("Adobe RGB (EXIF) converted to sRGB",)
        assert np.abs(picture.pixels - to_srgb(plain, ADOBE_POINTS, power(563 / 256))).max() < 1.5
        assert without_metadata(data, "JPEG") is None
    grey = opened(saved(image.convert("L"), "JPEG", exif=camera_exif(2, b"R98\0")))
    stored = opened(saved(image.convert("L"), "JPEG")).pixels
    assert np.abs(grey.pixels - 255 * srgb_curve((stored / 255) ** (563 / 256))).max() < 1.5
    unknown = opened(saved(image, "JPEG", exif=camera_exif(0xFFFF, b"R98\0")))
    assert unknown.notes == ("EXIF colour space (uncalibrated) taken as sRGB",)
    np.testing.assert_array_equal(unknown.pixels, plain)
    usual = opened(saved(image, "JPEG", exif=camera_exif(1, b"R98\0")))
    assert usual.notes == ()
    with_profile = opened(saved(image, "JPEG", exif=camera_exif(0xFFFF, b"R03\0"), icc_profile=srgb_profile()))
    assert with_profile.notes == ()
    np.testing.assert_array_equal(with_profile.pixels, plain)


def test_a_profile_in_jpeg_2000() -> None:
    data = saved(Image.fromarray(scene()), "JPEG2000", irreversible=False)
    at = data.index(b"colr") - 4
    length = struct.unpack(">I", data[at : at + 4])[0]
    profile = p3_profile()
    box = struct.pack(">I4s", 11 + len(profile), b"colr") + b"\2\0\0" + profile
    head = data.index(b"jp2h") - 4
    grown = struct.unpack(">I", data[head : head + 4])[0] + len(box) - length
    made = data[:head] + struct.pack(">I", grown) + data[head + 4 : at] + box + data[at + length :]
    picture = opened(made)
    assert picture.notes == ("ICC profile Display P3 converted to sRGB",)
    expected = opened(saved(Image.fromarray(scene()), "PNG", icc_profile=p3_profile())).pixels
    np.testing.assert_array_equal(picture.pixels, expected)


def test_p3_by_its_numbers_is_p3_by_its_profile() -> None:
    """The matrix that is built from chromaticities is the one that the published profile holds."""
    from augstudio.images import colours

    columns = colours.colorants(colours.Gamut(*P3_POINTS, D65))
    assert np.abs(columns - P3).max() < 5e-5
    assert chunk(b"IEND", b"") in png(scene(), cicp(12, 13))
