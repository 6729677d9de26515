from __future__ import annotations

import io
import os
import pickle
import random
import struct
import sys
import time
import zlib
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pngs
import pytest
from building import (
    P3,
    SRGB,
    chunk,
    exif,
    grey_profile,
    oriented,
    p3_profile,
    put,
    saved,
    scene,
    srgb_curve,
    srgb_profile,
    tiff,
    with_chunk,
)
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from permissions import held, permissions_hold
from pictures import BESIDE, PHOTOGRAPHS, smooth
from PIL import Image, ImageOps

from augstudio.images import MAX_SIDE, SUFFIXES, PictureError, encode, probe, read, read_reduced
from augstudio.images.decoding import reduced

PNGSUITE = sorted((BESIDE / "pngsuite_free").glob("[a-z]*.png"))


def check(path: Path, channels: int, depth: int = 8) -> np.ndarray:
    """Read, and hold the result against everything that is promised of any picture."""
    picture = read(path)
    pixels, info = picture.pixels, picture.info
    assert probe(path) == info
    assert info.path == path
    assert (info.channels, info.depth) == (channels, depth)
    assert pixels.dtype == (np.uint8 if depth == 8 else np.uint16)
    assert pixels.dtype.isnative
    assert pixels.shape == ((info.height, info.width) if channels == 1 else (info.height, info.width, channels))
    assert pixels.flags.c_contiguous
    assert pixels.flags.writeable
    return pixels


def reason(path: Path, **options: Any) -> str:
    with pytest.raises(PictureError) as caught:
        read(path, **options)
    assert caught.value.path == path
    assert "\n" not in caught.value.reason
    assert str(caught.value) == f"{path.name}: {caught.value.reason}"
    return caught.value.reason


# --- a slow PNG reader, as an oracle ----------------------------------------------------------------------------------


def png_oracle(data: bytes) -> np.ndarray:
    """Decode any PNG the long way, into the array that `read` promises."""
    at, pixels_data, palette, key = 8, b"", np.zeros((0, 3), np.uint8), b""
    width = height = depth = kind = interlaced = 0
    while at < len(data):
        length, name = struct.unpack(">I4s", data[at : at + 8])
        content = data[at + 8 : at + 8 + length]
        at += 12 + length
        if name == b"IHDR":
            width, height, depth, kind, _, _, interlaced = struct.unpack(">IIBBBBB", content)
        elif name == b"PLTE":
            palette = np.frombuffer(content, np.uint8).reshape(-1, 3)
        elif name == b"tRNS":
            key = content
        elif name == b"IDAT":
            pixels_data += content
    samples = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}[kind]
    raw = zlib.decompress(pixels_data)
    result = np.zeros((height, width, samples), np.uint16)
    passes = [(0, 0, 1, 1)]
    if interlaced:
        passes = [(0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2)]
    step = max(1, samples * depth // 8)
    for x0, y0, dx, dy in passes:
        w, h = len(range(x0, width, dx)), len(range(y0, height, dy))
        if w == 0 or h == 0:
            continue
        size = (w * samples * depth + 7) // 8
        above = bytearray(size)
        for row in range(h):
            how, line, raw = raw[0], bytearray(raw[1 : 1 + size]), raw[1 + size :]
            for i in range(size):
                a = line[i - step] if i >= step else 0
                b = above[i]
                c = above[i - step] if i >= step else 0
                guess = min((abs(b - c), 0, a), (abs(a - c), 1, b), (abs(a + b - 2 * c), 2, c))[2]
                line[i] = (line[i] + (0, a, b, (a + b) // 2, guess)[how]) % 256
            bits = np.unpackbits(np.frombuffer(bytes(line), np.uint8))[: w * samples * depth].reshape(-1, depth)
            values = bits.astype(np.uint32) @ (1 << np.arange(depth - 1, -1, -1, dtype=np.uint32))
            result[y0 + row * dy, x0::dx] = values.reshape(w, samples)
            above = line
    if kind == 3:
        colours = palette[result[..., 0]]
        if not key:
            return colours
        alpha = np.full(256, 255, np.uint8)
        alpha[: len(key)] = np.frombuffer(key, np.uint8)
        return np.dstack([colours, alpha[result[..., 0]]])
    dtype = np.uint16 if depth == 16 else np.uint8
    full = np.iinfo(dtype).max
    if key:
        opaque = (result != np.frombuffer(key, ">u2")).any(axis=2)
    spread = (result * (full // (2**depth - 1))).astype(dtype)
    if key:
        spread = np.dstack([spread, (opaque * full).astype(dtype)])
    return spread[..., 0] if spread.shape[2] == 1 else spread


# --- modes and formats ------------------------------------------------------------------------------------------------

WIDE = {"1": 1, "L": 1, "LA": 2, "P": 3, "RGB": 3, "RGBA": 4, "CMYK": 3}


def in_mode(mode: str) -> Image.Image:
    image = Image.fromarray(scene(channels=4) if mode == "RGBA" else scene(channels=3))
    if mode == "LA":
        grey = Image.fromarray(scene(channels=2)[..., 0])
        return Image.merge("LA", (grey, Image.fromarray(scene(channels=2)[..., 1])))
    return image.convert(mode)


@pytest.mark.parametrize(
    ("mode", "file_format", "options"),
    [
        *((mode, "PNG", {}) for mode in ("1", "L", "LA", "P", "RGB", "RGBA")),
        *((mode, "BMP", {}) for mode in ("1", "L", "P", "RGB", "RGBA")),
        *((mode, "TIFF", {}) for mode in WIDE),
        *((mode, "TIFF", {"compression": "tiff_lzw"}) for mode in WIDE),
        *((mode, "TIFF", {"compression": "tiff_adobe_deflate"}) for mode in ("L", "RGB", "RGBA")),
        ("1", "TIFF", {"compression": "group4"}),
        *((mode, "GIF", {}) for mode in ("1", "L", "P", "RGB")),
        *((mode, "WEBP", {"lossless": True, "exact": True}) for mode in ("RGB", "RGBA")),
        *((mode, "PPM", {}) for mode in ("1", "L", "RGB")),
        *((mode, "TGA", {}) for mode in ("L", "LA", "P", "RGB", "RGBA")),
        *((mode, "TGA", {"compression": "tga_rle"}) for mode in ("L", "RGB", "RGBA")),
        *((mode, "JPEG2000", {"irreversible": False}) for mode in ("L", "LA", "RGB", "RGBA")),
    ],
)
def test_every_mode_in_every_lossless_format(
    mode: str, file_format: str, options: dict[str, Any], tmp_path: Path
) -> None:
    image = in_mode(mode)
    if file_format == "GIF" and mode == "RGB":
        image = image.quantize(200)
    path = put(tmp_path, "x" + {"TIFF": ".tif", "JPEG2000": ".jp2"}.get(file_format, f".{file_format.lower()}"), b"")
    image.save(path, file_format, **options)
    assert path.suffix in SUFFIXES
    channels = probe(path).channels
    pixels = check(path, channels)
    with Image.open(path) as again:
        expected = again.convert({1: "L", 2: "LA", 3: "RGB", 4: "RGBA"}[channels])
    np.testing.assert_array_equal(pixels, np.asarray(expected))
    if file_format not in ("GIF", "BMP"):  # Pillow reads these back in another mode
        assert channels == WIDE[mode]
    assert read(path).info.format == file_format


def test_content_decides_not_the_suffix(tmp_path: Path) -> None:
    path = put(tmp_path, "really.png", saved(Image.fromarray(scene()), "JPEG"))
    assert check(path, 3).shape == (37, 53, 3)
    assert probe(path).format == "JPEG"


@pytest.mark.parametrize("value", [0, 255])
@pytest.mark.parametrize(("mode", "channels"), [("1", 2), ("L", 2), ("P", 4), ("RGB", 4)])
def test_one_transparent_colour_becomes_alpha(mode: str, channels: int, value: int, tmp_path: Path) -> None:
    pixels = np.random.default_rng(20).integers(0, 2, (9, 12)) * 255
    grey = Image.fromarray(pixels.astype(np.uint8))
    image = grey.convert(mode) if mode != "P" else Image.frombytes("P", grey.size, grey.tobytes())
    if mode == "P":
        image.putpalette(bytes(range(256)) * 3)
    key = (value,) * 3 if mode == "RGB" else value
    path = put(tmp_path, "key.png", saved(image, "PNG", transparency=key))
    np.testing.assert_array_equal(check(path, channels)[..., -1], np.where(pixels == value, 0, 255))


def test_palette_with_partial_transparency(tmp_path: Path) -> None:
    image = in_mode("P")
    path = put(tmp_path, "alpha.png", saved(image, "PNG", transparency=bytes(range(0, 256, 2))))
    pixels = check(path, 4)
    np.testing.assert_array_equal(pixels, png_oracle(path.read_bytes()))
    assert len(np.unique(pixels[..., 3])) > 10
    assert "palette converted to RGBA" in read(path).notes


def test_palette_of_rgba_colours_in_tga(tmp_path: Path) -> None:
    colours = np.array([[10, 20, 30, 255], [200, 100, 50, 128], [0, 0, 255, 0]], np.uint8)  # stored as BGRA
    head = struct.pack("<BBBHHBHHHHBB", 0, 1, 1, 0, 3, 32, 0, 0, 3, 1, 8, 0x28)
    path = put(tmp_path, "palette.tga", head + colours.tobytes() + bytes([0, 1, 2]))
    np.testing.assert_array_equal(check(path, 4)[0], colours[:, [2, 1, 0, 3]])


def test_transparent_gif(tmp_path: Path) -> None:
    image = in_mode("P")
    path = put(tmp_path, "t.gif", saved(image, "GIF", transparency=image.getpixel((0, 0))))
    assert check(path, 4)[0, 0, 3] == 0


@pytest.mark.parametrize("mode", ["La", "RGBa", "PA", "YCbCr"])
def test_rare_modes_in_tiff(mode: str, tmp_path: Path) -> None:
    if mode in ("YCbCr", "PA"):
        channels = 3 if mode == "YCbCr" else 4
        data = saved(Image.fromarray(scene(channels=channels)).convert(mode), "TIFF")
    else:
        stored, channels, photometric, extra = {
            "La": (scene(channels=2), 2, 1, 1),
            "RGBa": (scene(channels=4), 4, 2, 1),
        }[mode]
        stored = np.dstack([np.minimum(stored[..., :-1], stored[..., -1:]), stored[..., -1]])
        data = tiff(stored, photometric=photometric, bits=8, extra=extra)
    path = put(tmp_path, "rare.tif", data)
    pixels = check(path, channels)
    with Image.open(path) as again:
        expected = again.convert({2: "LA", 3: "RGB", 4: "RGBA"}[channels])
    np.testing.assert_array_equal(pixels, np.asarray(expected))


# --- JPEG -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("size", [(1, 1), (7, 5), (53, 37), (640, 480)])
@pytest.mark.parametrize(
    "options",
    [
        {"subsampling": "4:2:0"},
        {"subsampling": "4:2:2"},
        {"subsampling": "4:4:4"},
        {"progressive": True},
        {"restart_marker_rows": 1},
        {"keep_rgb": True},
        {"quality": 3},
    ],
)
@pytest.mark.parametrize("mode", ["L", "RGB"])
def test_jpeg_is_bit_for_bit_what_pillow_decodes(
    mode: str, options: dict[str, Any], size: tuple[int, int], tmp_path: Path
) -> None:
    image = Image.fromarray(scene(size[1], size[0])).convert(mode)
    path = put(tmp_path, "x.jpg", saved(image, "JPEG", **options))
    with Image.open(path) as again:
        np.testing.assert_array_equal(check(path, WIDE[mode]), np.asarray(again))


def test_cmyk_jpeg_has_the_right_colours(tmp_path: Path) -> None:
    picture = np.zeros((32, 32, 3), np.uint8)
    picture[:16, :16] = 255, 0, 0
    picture[16:, :16] = 0, 0, 255
    picture[:16, 16:] = 255, 255, 255
    path = put(
        tmp_path, "cmyk.jpg", saved(Image.fromarray(picture).convert("CMYK"), "JPEG", quality=100, subsampling=0)
    )
    assert np.abs(check(path, 3).astype(int) - picture)[2:14, 2:14].max() < 12
    assert np.abs(check(path, 3).astype(int) - picture).mean() < 3
    assert read(path).notes == ("CMYK converted to RGB",)
    # The same data declared as YCCK: other colours, but the path that Photoshop's files take.
    data = path.read_bytes()
    at = data.index(b"Adobe") + 11
    path.write_bytes(data[:at] + b"\x02" + data[at + 1 :])
    with Image.open(path) as again:
        np.testing.assert_array_equal(check(path, 3), np.asarray(again.convert("RGB")))


def test_jpeg_with_further_pictures_appended(tmp_path: Path) -> None:
    first, second = Image.fromarray(scene()), Image.fromarray(scene()[::-1])
    data = saved(first, "MPO", save_all=True, append_images=[second])
    path = put(tmp_path, "phone.jpg", data)
    picture = read(path)
    assert (picture.info.format, picture.info.frames) == ("JPEG", 2)
    assert picture.notes == ("first of 2 frames used",)
    with Image.open(io.BytesIO(data)) as again:
        np.testing.assert_array_equal(picture.pixels, np.asarray(again))
    # A broken list of pictures costs nothing.
    at = data.index(b"MPF\0") + 8
    put(tmp_path, "phone.jpg", data[:at] + b"\xff" * 40 + data[at + 40 :])
    np.testing.assert_array_equal(check(path, 3), picture.pixels)


# --- 16 bit -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("channels", "file_format"),
    # OpenCV's fourth channel is not said to be alpha in TIFF.
    [(channels, name) for name in ("PNG", "TIFF") for channels in (1, 3, 4) if (channels, name) != (4, "TIFF")],
)
def test_16_bit_stays_16_bit(channels: int, file_format: str, tmp_path: Path) -> None:
    pixels = scene(channels=channels, dtype=np.uint16)
    order = [2, 1, 0, 3][:channels]
    done, data = cv2.imencode(f".{file_format.lower()}", pixels[..., order] if channels > 1 else pixels)
    assert done
    path = put(tmp_path, "deep", data.tobytes())
    np.testing.assert_array_equal(check(path, channels, 16), pixels)


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize(
    ("channels", "photometric", "extra", "expected"),
    [(1, 1, None, 1), (2, 1, 2, 2), (3, 2, None, 3), (4, 2, 2, 4)],
)
def test_16_bit_tiff_of_either_byte_order(
    order: str, channels: int, photometric: int, extra: int | None, expected: int, tmp_path: Path
) -> None:
    pixels = scene(channels=channels, dtype=np.uint16)
    path = put(tmp_path, "deep.tif", tiff(pixels, photometric=photometric, order=order, extra=extra))
    np.testing.assert_array_equal(check(path, expected, 16), pixels if channels == expected else pixels[..., :expected])


def test_16_bit_tiff_where_white_is_zero(tmp_path: Path) -> None:
    pixels = scene(channels=1, dtype=np.uint16)
    path = put(tmp_path, "white.tif", tiff(pixels, photometric=0))
    np.testing.assert_array_equal(check(path, 1, 16), 65535 - pixels)


def test_16_bit_tiff_with_colour_multiplied_by_alpha(tmp_path: Path) -> None:
    pixels = scene(channels=4, dtype=np.uint16)
    pixels[:5, :5, 3] = 0
    alpha = pixels[..., 3:].astype(np.uint64)
    multiplied = ((pixels[..., :3] * alpha + 32767) // 65535).astype(np.uint16)
    path = put(tmp_path, "pre.tif", tiff(np.dstack([multiplied, pixels[..., 3]]), photometric=2, extra=1))
    again = check(path, 4, 16)
    np.testing.assert_array_equal(again[..., 3], pixels[..., 3])
    strong = pixels[..., 3] > 30000
    assert np.abs(again[strong][:, :3].astype(int) - pixels[strong][:, :3]).max() <= 2
    assert not again[:5, :5, :3].any()


def test_12_bit_tiff_is_spread_over_full_range(tmp_path: Path) -> None:
    values = np.array([[0, 4095, 2048, 1]], np.uint16)
    packed = bytes([0x00, 0x0F, 0xFF, 0x80, 0x00, 0x01])
    path = put(tmp_path, "twelve.tif", tiff(values, photometric=1, bits=12, data=packed))
    np.testing.assert_array_equal(check(path, 1, 16), np.rint(values * (65535 / 4095)))


def test_16_bit_grey_and_alpha_png(tmp_path: Path) -> None:
    pixels = scene(channels=2, dtype=np.uint16)
    path = put(tmp_path, "la.png", encode(pixels, "PNG", 95))
    np.testing.assert_array_equal(check(path, 2, 16), pixels)
    np.testing.assert_array_equal(png_oracle(path.read_bytes()), pixels)


@pytest.mark.parametrize("channels", [1, 3])
def test_16_bit_png_with_a_transparent_colour(channels: int, tmp_path: Path) -> None:
    pixels = scene(channels=channels, dtype=np.uint16)
    pixels[3, 4] = pixels[20, 30]
    key = np.atleast_1d(pixels[3, 4]).astype(">u2").tobytes()
    path = put(tmp_path, "key.png", with_chunk(encode(pixels, "PNG", 95), b"tRNS", key))
    again = check(path, channels + 1, 16)
    np.testing.assert_array_equal(again, png_oracle(path.read_bytes()))
    assert again[3, 4, -1] == again[20, 30, -1] == 0
    # The low byte counts too.
    assert again[..., -1].mean() > 60000


@pytest.mark.parametrize("maximum", [100, 255, 1000, 65535])
@pytest.mark.parametrize("channels", [1, 3])
def test_binary_ppm_of_any_depth(channels: int, maximum: int, tmp_path: Path) -> None:
    values = np.rint(scene(channels=channels).astype(float) / 255 * maximum).astype(np.uint16)
    magic = b"P5" if channels == 1 else b"P6"
    data = values.astype(np.uint8 if maximum < 256 else ">u2").tobytes()
    path = put(tmp_path, "x.ppm", magic + b"\n# made by a test\n53 37\n%d\n" % maximum + data)
    full = 255 if maximum < 256 else 65535
    pixels = check(path, channels, 8 if full == 255 else 16)
    assert np.abs(pixels - values * (full / maximum)).max() <= 0.5 + 1e-9
    assert "cut short" in reason(put(tmp_path, "x.ppm", path.read_bytes()[:-1])) or maximum == 65535


def test_plain_ppm(tmp_path: Path) -> None:
    path = put(tmp_path, "x.ppm", b"P3 2 1 10\n0 5 10 10 0 0\n")
    np.testing.assert_array_equal(check(path, 3), [[[0, 128, 255], [255, 0, 0]]])
    path = put(tmp_path, "x.pgm", b"P2 2 1 1000\n0 1000\n")
    np.testing.assert_array_equal(check(path, 1, 16), [[0, 65535]])


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (saved(Image.new("F", (4, 4)), "TIFF"), "floating-point"),
        (saved(Image.new("I", (4, 4)), "TIFF"), "32-bit integer"),
        (saved(Image.new("LAB", (4, 4)), "TIFF"), "Lab"),
        (b"Pf 2 2 -1.0\n" + bytes(16), "floating-point"),
    ],
)
def test_kinds_that_are_refused(data: bytes, said: str, tmp_path: Path) -> None:
    path = put(tmp_path, "x.tif", data)
    assert said in reason(path)
    with pytest.raises(PictureError, match=said):
        probe(path)


def test_16_bit_cmyk_tiff_is_reduced_and_says_so(tmp_path: Path) -> None:
    pixels = scene(channels=4, dtype=np.uint16)
    path = put(tmp_path, "cmyk.tif", tiff(pixels, photometric=5))
    check(path, 3)
    assert read(path).notes == ("16-bit CMYK converted to RGB",)


# --- PNG, every kind of it --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", pngs.SOUND)
def test_every_kind_of_png(name: str, tmp_path: Path) -> None:
    drawn = pngs.SOUND[name]
    np.testing.assert_array_equal(png_oracle(drawn.data), drawn.pixels)
    assert_held(put(tmp_path, "x.png", drawn.data), drawn.pixels, 0.45455 if drawn.gamma is None else drawn.gamma)


@pytest.mark.parametrize("name", pngs.BROKEN)
def test_every_kind_of_broken_png(name: str, tmp_path: Path) -> None:
    reason(put(tmp_path, "x.png", pngs.BROKEN[name]))


def test_pngs_that_others_wrote() -> None:
    """PngSuite itself, where it lies beside the checkout; the same kinds are drawn above."""
    for path in PNGSUITE:
        if path.name.startswith("x"):
            reason(path)
            continue
        gamma = path.read_bytes().partition(b"gAMA")[2][:4] or struct.pack(">I", 45455)
        assert_held(path, png_oracle(path.read_bytes()), struct.unpack(">I", gamma)[0] / 100_000)


def assert_held(path: Path, expected: np.ndarray, exponent: float) -> None:
    """Hold what is read of a PNG against its samples, and the gamma that it states."""
    depth = 16 if expected.dtype == np.uint16 else 8
    pixels = check(path, 1 if expected.ndim == 2 else expected.shape[2], depth)
    assert pixels.dtype == expected.dtype
    if depth == 8 and abs(exponent / 0.45455 - 1) > 0.05:
        alpha = expected.shape[2] in (2, 4) if expected.ndim == 3 else False
        colour = (..., slice(None, -1)) if alpha else (...,)
        converted = 255 * srgb_curve((expected / 255) ** (1 / exponent))
        assert np.abs(pixels[colour] - converted[colour]).max() <= 1.5
        if alpha:
            np.testing.assert_array_equal(pixels[..., -1], expected[..., -1])
    else:
        np.testing.assert_array_equal(pixels, expected)
        assert (read(path).profile is None) == (abs(exponent / 0.45455 - 1) < 0.05)


# --- orientation ------------------------------------------------------------------------------------------------------


def _late_exif_png(pixels: np.ndarray, orientation: int) -> bytes:
    return with_chunk(encode(pixels, "PNG", 95), b"eXIf", exif(orientation)[6:], before=b"IEND")


ORIENTED: dict[str, Callable[[np.ndarray, int], bytes]] = {
    "PNG": lambda a, o: saved(Image.fromarray(a), "PNG", exif=exif(o)),
    "late PNG": _late_exif_png,
    "deep PNG": lambda a, o: _late_exif_png(a.astype(np.uint16) * 257, o),
    "WEBP": lambda a, o: saved(Image.fromarray(a), "WEBP", lossless=True, exif=exif(o)),
    "TIFF": lambda a, o: tiff(a, photometric=2, bits=8, orientation=o),
    "packed TIFF": lambda a, o: saved(Image.fromarray(a), "TIFF", compression="tiff_lzw", tiffinfo={274: o}),
    "deep TIFF": lambda a, o: tiff(a.astype(np.uint16) * 257, photometric=2, orientation=o),
    "deep big-endian TIFF": lambda a, o: tiff(a.astype(np.uint16) * 257, photometric=2, orientation=o, order=">"),
    "grey TIFF": lambda a, o: tiff(a[..., 0].astype(np.uint16) * 257, photometric=1, orientation=o),
}


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("kind", ORIENTED)
def test_orientation_is_applied_once(kind: str, orientation: int, tmp_path: Path) -> None:
    upright = scene()
    path = put(tmp_path, "turned", ORIENTED[kind](oriented(upright, orientation), orientation))
    grey = kind == "grey TIFF"
    depth = 16 if "deep" in kind or grey else 8
    pixels = check(path, 1 if grey else 3, depth)
    np.testing.assert_array_equal(pixels // (257 if depth == 16 else 1), upright[..., 0] if grey else upright)
    assert probe(path).orientation == orientation
    assert read(path).notes == ((f"EXIF orientation {orientation} applied",) if orientation > 1 else ())
    assert read_reduced(path, 20).pixels.shape[:2] == (14, 20)


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("mode", ["L", "RGB", "CMYK"])
def test_orientation_of_jpeg(mode: str, orientation: int, tmp_path: Path) -> None:
    stored = oriented(scene(), orientation)
    path = put(tmp_path, "x.jpg", saved(Image.fromarray(stored).convert(mode), "JPEG", exif=exif(orientation)))
    with Image.open(path) as again:
        expected = ImageOps.exif_transpose(again).convert("RGB" if mode == "CMYK" else mode)
    np.testing.assert_array_equal(check(path, WIDE[mode]), np.asarray(expected))
    reduced = read_reduced(path, 10)
    assert reduced.pixels.shape[:2] == (7, 10)
    assert (reduced.info.width, reduced.info.height) == (53, 37)


@pytest.mark.parametrize("orientation", range(1, 9))
def test_orientation_of_a_photograph(orientation: int, tmp_path: Path) -> None:
    photograph = next(path for path in PHOTOGRAPHS if path.name == "canal.jpg")
    upright = read(photograph).pixels[:480, :640]  # whole blocks at every reduction, whichever side is first
    assert upright.shape == (480, 640, 3)
    files = {
        turn: put(
            tmp_path,
            f"{turn}.jpg",
            saved(Image.fromarray(oriented(upright, turn)), "JPEG", quality=95, exif=exif(turn)),
        )
        for turn in (1, orientation)
    }
    path, small = files[orientation], read_reduced(files[1], 256).pixels
    for found, expected in ((read(path), upright), (read_reduced(path, 256), small)):
        assert found.info.orientation == orientation
        assert (found.info.width, found.info.height) == upright.shape[1::-1]
        assert found.pixels.shape == expected.shape
        assert np.abs(found.pixels.astype(int) - expected).mean() < 4  # each was compressed on its own
        for wrong in (expected[::-1], expected[:, ::-1], expected[::-1, ::-1]):
            assert np.abs(found.pixels.astype(int) - wrong).mean() > 20


@pytest.mark.parametrize("value", [0, 9, 65535])
def test_orientation_out_of_range_is_none(value: int, tmp_path: Path) -> None:
    path = put(tmp_path, "x.jpg", saved(Image.fromarray(scene()), "JPEG", exif=exif(value)))
    assert read(path).info.orientation == 1


def test_orientation_in_avif(tmp_path: Path) -> None:
    if "AVIF" not in Image.SAVE:
        pytest.skip("this Pillow has no AVIF")
    upright = np.zeros((32, 64, 3), np.uint8)
    upright[:, :20] = 200
    stored = Image.fromarray(oriented(upright, 6))
    path = put(tmp_path, "x.avif", saved(stored, "AVIF", quality=100, exif=exif(6)))
    assert np.abs(check(path, 3).astype(int) - upright).mean() < 3
    assert probe(path).orientation == 6


def test_orientation_in_xmp_is_not_heeded(tmp_path: Path) -> None:
    xmp = b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf tiff:Orientation="6"/></x:xmpmeta>'
    for file_format in ("TIFF", "JPEG"):
        data = saved(
            Image.fromarray(scene()),
            file_format,
            **({"tiffinfo": {700: xmp}} if file_format == "TIFF" else {"xmp": xmp}),
        )
        path = put(tmp_path, "x", data)
        assert check(path, 3).shape == (37, 53, 3)


@pytest.mark.parametrize(
    "rest", [b"", b"II*\0", b"II*\0\xff\xff\xff\xff", b"II*\0\x08\0\0\0\xff\xff" + b"\x12\x01\x05" * 9]
)
def test_damaged_exif_costs_nothing(rest: bytes, tmp_path: Path) -> None:
    whole = exif(6)
    upright = scene()
    for data in (b"Exif\0\0" + rest, whole[:-3], whole[: len(whole) // 2]):
        image = Image.fromarray(upright)
        for file_format, options in (("JPEG", {}), ("PNG", {}), ("WEBP", {"lossless": True})):
            path = put(tmp_path, "x", saved(image, file_format, exif=data, **options))
            pixels = check(path, 3)
            assert pixels.shape in ((37, 53, 3), (53, 37, 3))


def test_damaged_exif_is_noted(tmp_path: Path) -> None:
    tags = Image.Exif()
    tags[0x010E] = "a long description " * 9
    tags[0x0112] = 6
    data = tags.tobytes()
    data = data.replace(struct.pack(">HH", 0x010E, 2), struct.pack(">HH", 0x010E, 12))  # as many numbers of 8 bytes
    path = put(tmp_path, "x.jpg", saved(Image.fromarray(scene()), "JPEG", exif=data))
    assert read(path).notes == ("damaged metadata ignored", "EXIF orientation 6 applied")


# --- frames -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("file_format", "options"), [("GIF", {}), ("PNG", {}), ("TIFF", {}), ("WEBP", {"lossless": True, "exact": True})]
)
def test_first_frame_of_several(file_format: str, options: dict[str, Any], tmp_path: Path) -> None:
    frames = [Image.fromarray(np.roll(scene(), 5 * k, axis=1)).quantize(64).convert("RGB") for k in range(3)]
    path = put(tmp_path, "x", saved(frames[0], file_format, save_all=True, append_images=frames[1:], **options))
    picture = read(path)
    assert picture.info.frames == 3
    assert "first of 3 frames used" in picture.notes
    np.testing.assert_array_equal(picture.pixels[..., :3], np.asarray(frames[0]))
    assert probe(path) == picture.info


def test_tiff_pages_that_go_round_in_a_circle(tmp_path: Path) -> None:
    data = bytearray(tiff(scene(), photometric=2, bits=8))
    start = struct.unpack_from("<I", data, 4)[0]
    entries = struct.unpack_from("<H", data, start)[0]
    struct.pack_into("<I", data, start + 2 + 12 * entries, start)
    np.testing.assert_array_equal(check(put(tmp_path, "x.tif", bytes(data)), 3), scene())


# --- colour profiles --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("mode", "file_format"),
    [("RGB", "JPEG"), *((mode, name) for mode in ("RGB", "RGBA") for name in ("PNG", "TIFF", "WEBP"))],
)
def test_profile_is_converted_to_srgb(mode: str, file_format: str, tmp_path: Path) -> None:
    picture = scene(channels=len(mode))
    image = Image.fromarray(picture)
    exact = {"WEBP": {"lossless": True, "exact": True}}.get(file_format, {})
    path = put(tmp_path, "x", saved(image, file_format, icc_profile=p3_profile(), **exact))
    if file_format == "JPEG":
        with Image.open(path) as again:
            picture = np.asarray(again)
    linear = (picture[..., :3] / 255) ** (round(2.2 * 256) / 256)
    expected = 255 * srgb_curve(linear @ (np.linalg.inv(SRGB) @ P3).T)
    pixels = check(path, len(mode))
    assert np.abs(pixels[..., :3] - expected).mean() < 0.5
    assert np.abs(pixels[..., :3] - expected).max() < 8  # near black, where lcms computes in coarse steps
    np.testing.assert_array_equal(pixels[..., 3:], picture[..., 3:])
    assert read(path).notes == ("ICC profile Display P3 converted to sRGB",)
    assert np.abs(pixels[..., :3].astype(int) - picture[..., :3]).max() > 10
    reduced = read_reduced(path, 26)
    assert reduced.notes == read(path).notes


@pytest.mark.parametrize("mode", ["L", "LA"])
def test_grey_profile_is_converted_to_srgb(mode: str, tmp_path: Path) -> None:
    image = in_mode(mode)
    path = put(tmp_path, "x.png", saved(image, "PNG", icc_profile=grey_profile()))
    pixels = check(path, len(mode))
    grey = pixels if mode == "L" else pixels[..., 0]
    assert np.abs(grey - 255 * srgb_curve(np.asarray(image.getchannel(0)) / 255)).max() < 1.5
    if mode == "LA":
        np.testing.assert_array_equal(pixels[..., 1], np.asarray(image)[..., 1])
    assert read(path).notes == ("ICC profile Linear grey converted to sRGB",)


def test_srgb_profile_changes_nothing(tmp_path: Path) -> None:
    path = put(tmp_path, "x.png", saved(Image.fromarray(scene()), "PNG", icc_profile=srgb_profile()))
    np.testing.assert_array_equal(check(path, 3), scene())
    assert read(path).notes == ()


@pytest.mark.parametrize("profile", [b"garbage", grey_profile(), p3_profile()[:200]])
@pytest.mark.parametrize("file_format", ["PNG", "JPEG", "TIFF"])
def test_profile_that_is_damaged_or_does_not_fit_is_ignored(profile: bytes, file_format: str, tmp_path: Path) -> None:
    image = Image.fromarray(scene())
    plain = check(put(tmp_path, "plain", saved(image, file_format)), 3)
    path = put(tmp_path, "x", saved(image, file_format, icc_profile=profile))
    np.testing.assert_array_equal(check(path, 3), plain)
    (note,) = read(path).notes
    assert note.startswith("ICC profile")
    assert "ignored" in note


# --- reduced ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("size", [(500, 301), (301, 500), (499, 1), (1, 499)])
@pytest.mark.parametrize("longest", [1, 7, 64, 166, 499])
def test_reduced_size(size: tuple[int, int], longest: int, tmp_path: Path) -> None:
    width, height = size
    for file_format in ("JPEG", "PNG"):
        path = put(tmp_path, "x", saved(Image.fromarray(scene(height, width)), file_format))
        picture = read_reduced(path, longest)
        assert max(picture.pixels.shape[:2]) <= longest
        assert picture.pixels.shape[0] == max(1, round(height * min(1, longest / max(size))))
        assert (picture.info.width, picture.info.height) == size
        assert picture.pixels.flags.c_contiguous


def test_reduced_is_area_averaged(tmp_path: Path) -> None:
    pixels = scene(480, 640)
    path = put(tmp_path, "x.png", encode(pixels, "PNG", 95))
    blocks = pixels.reshape(120, 4, 160, 4, 3).mean(axis=(1, 3))
    assert np.abs(read_reduced(path, 160).pixels - blocks).max() <= 0.51
    put(tmp_path, "x.jpg", saved(Image.fromarray(pixels), "JPEG", quality=95))
    assert np.abs(read_reduced(tmp_path / "x.jpg", 160).pixels - blocks).mean() < 1.5
    assert np.abs(read_reduced(tmp_path / "x.jpg", 150).pixels.mean() - blocks.mean()) < 1


def test_reduced_never_enlarges(tmp_path: Path) -> None:
    for file_format in ("PNG", "JPEG"):
        path = put(tmp_path, "x", saved(Image.fromarray(scene()), file_format))
        for longest in (53, 54, 5000):
            np.testing.assert_array_equal(read_reduced(path, longest).pixels, read(path).pixels)
    with pytest.raises(ValueError, match="longest_side is 0"):
        read_reduced(path, 0)


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_reduced_does_not_let_hidden_colours_through(dtype: type, tmp_path: Path) -> None:
    full = np.iinfo(dtype).max
    pixels = np.zeros((64, 64, 4), dtype)
    pixels[..., 0] = full  # red where it cannot be seen
    pixels[16:48, 16:48] = 0, full, 0, full
    path = put(tmp_path, "x.png", encode(pixels, "PNG", 95))
    small = read_reduced(path, 9).pixels
    assert small.dtype == dtype
    seen = small[..., 3] > full // 20
    assert small[seen][:, 0].max() == 0
    assert small[seen][:, 1].min() > 0.95 * full


def test_reduced_16_bit_stays_16_bit(tmp_path: Path) -> None:
    path = put(tmp_path, "x.png", encode(scene(64, 64, 3, np.uint16), "PNG", 95))
    assert read_reduced(path, 16).pixels.dtype == np.uint16


# --- what cannot be read ----------------------------------------------------------------------------------------------


def test_no_picture(tmp_path: Path) -> None:
    assert "empty" in reason(put(tmp_path, "empty.jpg", b""))
    assert "not a picture" in reason(put(tmp_path, "text.png", b"These are words, not pixels.\n" * 9))
    assert "no such file" in reason(tmp_path / "gone.jpg")
    (tmp_path / "folder.jpg").mkdir()
    assert "folder" in reason(tmp_path / "folder.jpg")
    with pytest.raises(PictureError, match="empty"):
        probe(tmp_path / "empty.jpg")
    with pytest.raises(PictureError, match="no such file"):
        read_reduced(tmp_path / "gone.jpg", 10)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes here")
def test_a_pipe_is_refused_and_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.jpg")
    assert "not a regular file" in reason(tmp_path / "pipe.jpg")


@held
def test_no_permission(tmp_path: Path) -> None:
    path = put(tmp_path, "x.png", saved(Image.fromarray(scene()), "PNG"))
    path.chmod(0)
    with permissions_hold():
        assert reason(path) == "no permission to read it"


def test_no_permission_simulated(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = put(tmp_path, "x.png", saved(Image.fromarray(scene()), "PNG"))

    def refuse(*arguments: object, **options: object) -> None:
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr(Path, "open", refuse)
    assert reason(path) == "no permission to read it"


def test_20_000_by_20_000_is_refused_before_it_is_decoded(tmp_path: Path) -> None:
    rows = zlib.compress(bytes(2501 * 20_000), 1)
    header = struct.pack(">IIBBBBB", 20_000, 20_000, 1, 0, 0, 0, 0)
    data = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")
    path = put(tmp_path, "huge.png", data)
    start = time.process_time()
    for function in (probe, read, lambda path: read_reduced(path, 100)):
        with pytest.raises(PictureError) as caught:
            function(path)
        said = caught.value.reason
        assert all(part in said for part in ("400,000,000", "20,000 × 20,000", "100,000,000", "above the limit of")), (
            said
        )
    assert time.process_time() - start < 0.5
    assert probe(path, max_pixels=400_000_000).width == 20_000


@pytest.mark.parametrize("file_format", ["JPEG", "PNG", "GIF", "BMP", "TIFF", "WEBP", "PPM"])
def test_limit_is_the_callers(file_format: str, tmp_path: Path) -> None:
    path = put(tmp_path, "x", saved(Image.new("RGB", (100, 50)), file_format))
    assert read(path, max_pixels=5000).info.width == 100
    assert "5,000 pixels (100 × 50), above the limit of 4,999" in reason(path, max_pixels=4999)


def test_pillows_own_limit_does_not_decide(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for file_format in ("JPEG", "PNG", "GIF", "TIFF", "WEBP"):
        monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 3000)
        path = put(tmp_path, "x", saved(Image.new("RGB", (100, 50)), file_format))
        assert read(path, max_pixels=5000).info.width == 100
        monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 100)
        assert "above the limit of" in reason(path, max_pixels=200)


def test_a_side_that_is_too_long(tmp_path: Path) -> None:
    for size in ((MAX_SIDE + 1, 1), (1, MAX_SIDE + 1)):
        path = put(tmp_path, "x.png", saved(Image.new("1", size), "PNG"))
        assert "32,766" in reason(path)
        assert "side" in reason(path, max_pixels=10**9)
    check(put(tmp_path, "x.png", saved(Image.new("1", (MAX_SIDE, 1)), "PNG")), 1)


def test_a_file_far_too_large_is_not_read(tmp_path: Path) -> None:
    path = put(tmp_path, "x.jpg", saved(Image.fromarray(scene()), "JPEG"))
    with path.open("r+b") as file:
        file.truncate(2**29)  # takes no room on disk
    assert "536,870,912 bytes, above the limit of" in reason(path, max_pixels=10_000)


KINDS: dict[str, bytes] = {
    "jpeg": saved(Image.fromarray(scene()), "JPEG"),
    "progressive": saved(Image.fromarray(scene()), "JPEG", progressive=True, exif=exif(6)),
    "grey jpeg": saved(in_mode("L"), "JPEG"),
    "cmyk jpeg": saved(in_mode("CMYK"), "JPEG"),
    "png": saved(Image.fromarray(scene()), "PNG", exif=exif(3), icc_profile=p3_profile()),
    "palette png": saved(in_mode("P"), "PNG", transparency=bytes(range(256))),
    "deep png": encode(scene(channels=3, dtype=np.uint16), "PNG", 95),
    "deep grey alpha png": encode(scene(channels=2, dtype=np.uint16), "PNG", 95),
    "deep grey png": encode(scene(channels=1, dtype=np.uint16), "PNG", 95),
    "tiff": saved(Image.fromarray(scene()), "TIFF"),
    "lzw tiff": saved(Image.fromarray(scene()), "TIFF", compression="tiff_lzw"),
    "deep tiff": encode(scene(channels=4, dtype=np.uint16), "TIFF", 95),
    "deep grey tiff": encode(scene(channels=1, dtype=np.uint16), "TIFF", 95),
    "late tiff": tiff(scene(), photometric=2, bits=8, orientation=6),
    "planar tiff": tiff(scene(dtype=np.uint16), photometric=2, planar=2),
    "deep grey alpha tiff": tiff(scene(channels=2, dtype=np.uint16), photometric=1, extra=2),
    "deep cmyk tiff": tiff(scene(channels=4, dtype=np.uint16), photometric=5, planar=2),
    "png with parts": with_chunk(
        with_chunk(encode(scene(), "PNG", 95), b"zTXt", b"a\0\0?"), b"gAMA", struct.pack(">I", 99_999)
    ),
    "gif": saved(in_mode("P"), "GIF"),
    "animated gif": saved(in_mode("P"), "GIF", save_all=True, append_images=[in_mode("L"), in_mode("1")]),
    "bmp": saved(Image.fromarray(scene()), "BMP"),
    "webp": saved(Image.fromarray(scene(channels=4)), "WEBP"),
    "lossless webp": saved(Image.fromarray(scene()), "WEBP", lossless=True),
    "ppm": saved(Image.fromarray(scene()), "PPM"),
    "deep pgm": b"P5 53 37 1000\n" + scene(channels=1).astype(">u2").tobytes(),
    "tga": saved(Image.fromarray(scene(channels=4)), "TGA", compression="tga_rle"),
    "jp2": saved(Image.fromarray(scene()), "JPEG2000"),
    "deep jp2": cv2.imencode(".jp2", scene(96, 128, dtype=np.uint16))[1].tobytes(),
    **({"avif": saved(Image.fromarray(scene()), "AVIF")} if "AVIF" in Image.SAVE else {}),
}


def attempt(path: Path) -> np.ndarray | None:
    """Read a file that may be damaged: the right size or a `PictureError`, never anything else."""
    try:
        picture = read(path, max_pixels=1_000_000)
    except PictureError as error:
        assert error.reason
        assert "\n" not in error.reason
        return None
    info, pixels = picture.info, picture.pixels
    assert pixels.shape == (
        (info.height, info.width) if info.channels == 1 else (info.height, info.width, info.channels)
    )
    assert pixels.dtype == (np.uint8 if info.depth == 8 else np.uint16)
    return pixels


@pytest.mark.parametrize("kind", KINDS)
def test_cut_short_anywhere(kind: str, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    data = KINDS[kind]
    suffix = ".tga" if kind == "tga" else ".jpg"
    whole = read(put(tmp_path, "whole" + suffix, data)).pixels
    survived = 0
    for length in sorted(
        {*range(1, 40), *range(40, len(data), max(1, len(data) // 60)), *range(len(data) - 20, len(data))}
    ):
        pixels = attempt(put(tmp_path, "cut" + suffix, data[:length]))
        if pixels is not None:
            survived += 1
            np.testing.assert_array_equal(pixels, whole)
    # What decoders can do without: GIF's closing byte, TGA's footer, padding, and the second frame.
    assert survived <= {"tga": 26, "jp2": 1, "gif": 2, "bmp": 1, "animated gif": 70, "lossless webp": 1}.get(kind, 0)
    assert capfd.readouterr() == ("", "")


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(seed=st.integers(0, 2**32 - 1), cut=st.booleans())
@pytest.mark.parametrize("kind", KINDS)
def test_damaged_anywhere(kind: str, seed: int, cut: bool, tmp_path: Path) -> None:
    chance = random.Random(seed)
    data = bytearray(KINDS[kind])
    for _ in range(chance.choice((1, 1, 2, 8, 50))):
        data[min(int(chance.expovariate(8 / len(data))), len(data) - 1)] = chance.choice(
            (0, 255, chance.randrange(256))
        )
    if cut:
        del data[chance.randrange(len(data)) :]
    attempt(put(tmp_path, "damaged.tga" if kind == "tga" else "damaged.jpg", bytes(data)))


@pytest.mark.parametrize("kind", ["png", "deep png"])
def test_png_data_that_ends_early_is_an_error(kind: str, tmp_path: Path) -> None:
    """All checksums are right; only there are too few rows."""
    data = KINDS[kind]
    start = data.index(b"IDAT")
    packed = zlib.compress(bytes(2000))
    path = put(tmp_path, "x.png", data[: start - 4] + chunk(b"IDAT", packed) + chunk(b"IEND", b""))
    reason(path)


# --- names, threads, errors as values ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "name",
    [
        "with space.jpg",
        "quote's.jpg",
        'double".jpg',
        "🐈.jpg",
        "привет.jpg",
        "写真.jpg",
        "صورة.jpg",
        "é" * 100 + ".jpg",
    ],
)
def test_names(name: str, tmp_path: Path) -> None:
    if sys.platform == "win32" and '"' in name:
        pytest.skip("Windows has no such names")
    path = put(tmp_path, name, KINDS["jpeg"])
    assert check(path, 3).shape == (37, 53, 3)
    put(tmp_path, name, KINDS["deep png"])
    check(path, 3, 16)
    put(tmp_path, name, b"")
    assert reason(path)


def test_one_by_one(tmp_path: Path) -> None:
    for file_format in ("JPEG", "PNG", "BMP", "TIFF", "GIF", "WEBP", "PPM"):
        path = put(tmp_path, "x", saved(Image.new("RGB", (1, 1), (9, 8, 7)), file_format))
        assert check(path, 3).shape == (1, 1, 3)
        assert read_reduced(path, 1).pixels.shape == (1, 1, 3)


def test_threads_do_not_disturb_each_other(tmp_path: Path, recwarn: pytest.WarningsRecorder) -> None:
    tags = Image.Exif()
    tags[0x010E] = "a long description " * 9
    broken = tags.tobytes().replace(struct.pack(">HH", 0x010E, 2), struct.pack(">HH", 0x010E, 12))
    damaged = put(tmp_path, "damaged.jpg", saved(Image.fromarray(scene()), "JPEG", exif=broken))
    fine = put(tmp_path, "fine.png", KINDS["png"])
    cut = put(tmp_path, "cut.tif", KINDS["late tiff"][:-8])
    expected = {path: (read(path).notes, read(path).pixels.tobytes()) for path in (damaged, fine)}
    assert expected[damaged][0] == ("damaged metadata ignored",)

    def work(number: int) -> bool:
        path = (damaged, fine, cut)[number % 3]
        if path == cut:
            return attempt(path) is None
        picture = read(path)
        return (picture.notes, picture.pixels.tobytes()) == expected[path]

    with ThreadPoolExecutor(6) as pool:
        assert all(pool.map(work, range(300)))
    assert not recwarn.list


def test_pillow_still_warns_everybody_else(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 1000)
    with pytest.warns(Image.DecompressionBombWarning):
        Image.open(io.BytesIO(KINDS["png"])).close()


def test_values_cross_process_borders(tmp_path: Path) -> None:
    error = PictureError(tmp_path / "x.jpg", "cut short")
    again = pickle.loads(pickle.dumps(error))
    assert (again.path, again.reason, str(again)) == (error.path, error.reason, "x.jpg: cut short")
    info = probe(put(tmp_path, "x.png", KINDS["png"]))
    assert pickle.loads(pickle.dumps(info)) == info


# -- as large as is enough -----------------------------------------------------------------------------------------


def test_a_jpeg_is_decoded_as_large_as_is_enough(tmp_path: Path) -> None:
    path = tmp_path / "a.jpg"
    path.write_bytes(encode(smooth(480, 640), "JPEG", 95))
    asked = set()
    wanted: list[tuple[tuple[int, int] | None, int]] = [
        ((640, 480), 1),
        ((321, 1), 1),
        ((320, 240), 2),
        ((161, 120), 2),
        ((80, 60), 8),
        (None, 1),
    ]
    for limit, reduction in wanted:

        def enough(width: int, height: int, limit: tuple[int, int] | None = limit) -> tuple[int, int] | None:
            asked.add((width, height))
            return limit

        got = read(path, enough=enough)
        assert got.reduction == reduction
        assert got.pixels.shape == (480 // reduction, 640 // reduction, 3)
        assert (got.info.width, got.info.height) == (640, 480)
    assert asked == {(640, 480)}


@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_reduced_jpeg_is_what_area_averages_say(orientation: int, tmp_path: Path) -> None:
    path = tmp_path / "a.jpg"
    exif = Image.Exif()
    exif[0x0112] = orientation
    Image.fromarray(smooth(400, 560)).save(path, quality=95, exif=exif)
    full, half = read(path), read(path, enough=lambda width, height: (width // 4, height // 4))
    assert half.reduction == 4
    size = half.pixels.shape[1::-1]
    averaged = cv2.resize(full.pixels, size, interpolation=cv2.INTER_AREA)
    difference = half.pixels.astype(float) - averaged
    assert 10 * np.log10(255**2 / np.mean(difference**2)) > 45


def test_an_edge_that_would_shift_is_read_in_full(tmp_path: Path) -> None:
    path = tmp_path / "a.jpg"
    path.write_bytes(encode(smooth(401, 561), "JPEG", 95))
    assert read(path, enough=lambda width, height: (70, 50)).reduction == 2, "at 1/8 an edge would move by a tenth"
    path.write_bytes(encode(np.zeros((4001, 5601), np.uint8), "JPEG", 95))
    assert read(path, enough=lambda width, height: (70, 50)).reduction == 8


@pytest.mark.parametrize("suffix", ["png", "webp", "tif", "cmyk.jpg"])
def test_other_pictures_are_read_in_full(suffix: str, tmp_path: Path) -> None:
    path = tmp_path / f"a.{suffix}"
    image = Image.fromarray(smooth(80, 160))
    (image.convert("CMYK") if suffix == "cmyk.jpg" else image).save(path)
    got = read(path, enough=lambda width, height: (20, 10))
    assert (got.reduction, got.pixels.shape) == (1, (80, 160, 3))


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
@pytest.mark.parametrize("channels", [2, 4])
def test_reduced_pictures_show_no_colour_from_under_transparent_pixels(dtype: type, channels: int) -> None:
    """However faint what is left of the rim is."""
    top = np.iinfo(dtype).max
    y, x = np.mgrid[:90, :120]
    inside = (x - 60) ** 2 + (y - 45) ** 2 < 30**2
    picture = np.zeros((90, 120, channels), dtype)
    picture[inside] = top
    if channels == 4:
        picture[inside, 1:3] = top // 3
    for size in ((60, 45), (37, 29), (7, 5)):
        small = reduced(picture, size)
        assert small.shape == (size[1], size[0], channels)
        seen = small[small[..., -1] > 0]
        assert (seen[:, :-1] == picture[45, 60, :-1]).all()
