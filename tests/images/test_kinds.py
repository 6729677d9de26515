"""Bands, depth, sign and order: a picture is read right, or refused in words that say what kind it is."""

from __future__ import annotations

import io
import itertools
import struct
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from building import saved, scene, tiff
from PIL import Image, TiffImagePlugin

from augstudio.images import Loaded, Picture, PictureError, probe, read


def opened(data: bytes) -> Picture:
    loaded = Loaded(Path("x"), data)
    picture = read(loaded)
    assert probe(loaded) == picture.info
    shape = (picture.info.height, picture.info.width)
    assert picture.pixels.shape == (shape if picture.info.channels == 1 else (*shape, picture.info.channels))
    assert picture.pixels.dtype == (np.uint8 if picture.info.depth == 8 else np.uint16)
    assert picture.pixels.flags.writeable
    assert picture.pixels.flags.c_contiguous
    return picture


def refused(data: bytes) -> str:
    loaded = Loaded(Path("x"), data)
    for function in (read, probe):
        with pytest.raises(PictureError) as caught:
            function(loaded)
    return caught.value.reason


# --- TIFF: every way of storing the same samples ----------------------------------------------------------------------


def _packed(block: np.ndarray, order: str, compression: int, predictor: int) -> bytes:
    if predictor == 2:
        block = np.concatenate([block[:, :1], block[:, 1:] - block[:, :-1]], axis=1)
    raw = block.astype(block.dtype.newbyteorder(order)).tobytes()
    if compression == 8:
        return zlib.compress(raw)
    if compression == 32773:  # PackBits: runs of up to 128 bytes as they are
        runs = (raw[at : at + 128] for at in range(0, len(raw), 128))
        return b"".join(bytes([len(run) - 1]) + run for run in runs)
    if compression == 5:  # LZW, by Pillow; bytes are bytes to it
        row = block.shape[1] * block.shape[2] * block.dtype.itemsize
        image = Image.fromarray(np.frombuffer(raw, np.uint8).reshape(-1, row))
        data = saved(image, "TIFF", compression="tiff_lzw", tiffinfo={278: len(block)})
        with TiffImagePlugin.TiffImageFile(io.BytesIO(data)) as again:
            assert len(again.tag_v2[273]) == 1
            at = again.tag_v2[273][0]
            return data[at : at + again.tag_v2[279][0]]
    return raw


def any_tiff(
    pixels: np.ndarray,
    *,
    photometric: int,
    extra: tuple[int, ...] = (),
    order: str = "<",
    compression: int = 1,
    predictor: int = 1,
    planar: int = 1,
    tile: tuple[int, int] | None = None,
    rows: int = 10,
    big: bool = False,
) -> bytes:
    """Write a TIFF of 8 or 16 bit, in strips or tiles."""
    pixels = pixels[..., None] if pixels.ndim == 2 else pixels
    height, width, bands = pixels.shape
    planes = [pixels] if planar == 1 else [pixels[..., k : k + 1] for k in range(bands)]
    blocks = []
    for plane in planes:
        if tile:
            padded = np.pad(plane, ((0, -height % tile[1]), (0, -width % tile[0]), (0, 0)), mode="edge")
            places = itertools.product(range(0, height, tile[1]), range(0, width, tile[0]))
            blocks += [padded[y : y + tile[1], x : x + tile[0]] for y, x in places]
        else:
            blocks += [plane[y : y + rows] for y in range(0, height, rows)]
    body = bytearray(16)
    offsets, counts = [], []
    for block in blocks:
        chunk = _packed(block, order, compression, predictor)
        offsets.append(len(body))
        counts.append(len(chunk))
        body += chunk + b"\0" * (len(chunk) % 2)
    at_offsets, at_counts = (324, 325) if tile else (273, 279)
    entries: dict[int, tuple[str, list[int]]] = {
        256: ("H", [width]),
        257: ("H", [height]),
        258: ("H", [8 * pixels.dtype.itemsize] * bands),
        259: ("H", [compression]),
        262: ("H", [photometric]),
        at_offsets: ("Q" if big else "I", offsets),
        277: ("H", [bands]),
        at_counts: ("I", counts),
        284: ("H", [planar]),
        317: ("H", [predictor]),
        **({322: ("H", [tile[0]]), 323: ("H", [tile[1]])} if tile else {278: ("H", [rows])}),
        **({338: ("H", list(extra))} if extra else {}),
    }
    link, many = ("Q", "Q") if big else ("I", "H")
    size = 8 if big else 4
    directory, start = struct.pack(order + many, len(entries)), len(body)
    beyond = start + len(directory) + len(entries) * (4 + 2 * size) + size
    further = b""
    for tag, (kind, values) in sorted(entries.items()):
        packed = struct.pack(f"{order}{len(values)}{kind}", *values)
        if len(packed) > size:
            packed, further = struct.pack(order + link, beyond + len(further)), further + packed
        code = {"H": 3, "I": 4, "Q": 16}[kind]
        directory += struct.pack(order + "HH" + link, tag, code, len(values)) + packed.ljust(size, b"\0")
    mark = b"II" if order == "<" else b"MM"
    head = mark + (struct.pack(order + "HHHQ", 43, 8, 0, start) if big else struct.pack(order + "HI", 42, start))
    body[: len(head)] = head
    return bytes(body + directory + bytes(size) + further)


STORED = [
    dict(zip(("order", "compression", "predictor", "planar", "tile", "big"), way, strict=True))
    for way in itertools.product("<>", (1, 5, 8, 32773), (1, 2), (1, 2), (None, (16, 32)), (False, True))
    if (way[1] in (5, 8) or way[2] == 1)  # differences are taken by these only
    and (way[0], way[5]) != (">", True)  # which Pillow does not know
]
SAMPLES = {
    "grey": (1, 1, (), 1),
    "grey, white is zero": (1, 0, (), 1),
    "grey and alpha": (2, 1, (2,), 2),
    "RGB": (3, 2, (), 3),
    "RGBA": (4, 2, (2,), 4),
}


@pytest.mark.parametrize("kind", SAMPLES)
@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_a_tiff_is_the_same_however_it_is_stored(kind: str, dtype: type) -> None:
    bands, photometric, extra, channels = SAMPLES[kind]
    pixels = scene(channels=bands, dtype=dtype)
    stored = np.invert(pixels) if photometric == 0 else pixels
    for way in STORED:
        picture = opened(any_tiff(stored, photometric=photometric, extra=extra, **way))
        assert picture.info.channels == channels
        assert picture.notes == ()
        np.testing.assert_array_equal(picture.pixels, pixels, err_msg=str(way))


@pytest.mark.parametrize("way", STORED[::7], ids=str)
@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_colour_multiplied_by_alpha_however_it_is_stored(way: dict[str, Any], dtype: type) -> None:
    full = np.iinfo(dtype).max
    for channels, photometric in ((2, 1), (4, 2)):
        pixels = scene(channels=channels, dtype=dtype)
        alpha = pixels[..., -1:].astype(np.uint64)
        multiplied = ((pixels[..., :-1] * alpha + full // 2) // full).astype(dtype)
        picture = opened(
            any_tiff(np.dstack([multiplied, pixels[..., -1:]]), photometric=photometric, extra=(1,), **way)
        )
        np.testing.assert_array_equal(picture.pixels[..., -1], pixels[..., -1])
        strong = pixels[..., -1] > full // 2
        assert np.abs(picture.pixels[strong].astype(int) - pixels[strong]).max() <= 2


@pytest.mark.parametrize("way", STORED[::5], ids=str)
def test_cmyk_of_16_bit_however_it_is_stored(way: dict[str, Any]) -> None:
    inks = scene(channels=4, dtype=np.uint16)
    picture = opened(any_tiff(inks, photometric=5, **way))
    expected = Image.frombytes("CMYK", (53, 37), (inks >> 8).astype(np.uint8).tobytes()).convert("RGB")
    np.testing.assert_array_equal(picture.pixels, np.asarray(expected))
    assert picture.notes == ("16-bit CMYK converted to RGB",)
    eight = opened(any_tiff((inks >> 8).astype(np.uint8), photometric=5, **way))
    np.testing.assert_array_equal(eight.pixels, np.asarray(expected))
    assert eight.notes == ("CMYK converted to RGB",)


@pytest.mark.parametrize("bits", [1, 2, 3, 4, 6, 10, 12, 14])
@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("channels", [1, 3])
def test_bits_that_do_not_fill_bytes(bits: int, order: str, channels: int) -> None:
    full = 2**bits - 1
    values = np.rint(scene(channels=channels).astype(float) / 255 * full).astype(np.uint16)
    rows = values.reshape(37, -1)
    single = (rows[..., None] >> np.arange(bits - 1, -1, -1, dtype=np.uint16) & 1).astype(np.uint8)
    packed = np.packbits(single.reshape(37, -1), axis=1).tobytes()
    top = 65535 if bits > 8 else 255
    for photometric in (2,) if channels == 3 else (0, 1):
        picture = opened(tiff(values, photometric=photometric, order=order, bits=bits, data=packed))
        expected = np.rint((full - values if photometric == 0 else values) * (top / full))
        np.testing.assert_array_equal(picture.pixels, expected)


@pytest.mark.parametrize("scale", [1, 257])
def test_a_palette_of_either_depth(scale: int) -> None:
    """Colours are 16 bits, but some programs write 0 to 255."""
    image = Image.fromarray(scene()).quantize(256)
    colours = np.array(image.getpalette()).reshape(-1, 3)
    table = np.zeros((3, 256), int)
    table[:, : len(colours)] = colours.T * scale
    data = tiff(np.asarray(image), photometric=3, bits=8, tags={320: ("H", table.ravel().tolist())})
    picture = opened(data)
    np.testing.assert_array_equal(picture.pixels, np.asarray(image.convert("RGB")))
    assert picture.notes == ("palette converted to RGB",)


@pytest.mark.parametrize("compression", [None, "tiff_lzw", "tiff_adobe_deflate"])
def test_ycbcr_in_tiff(compression: str | None) -> None:
    image = Image.fromarray(scene()).convert("YCbCr")
    picture = opened(saved(image, "TIFF", **({"compression": compression} if compression else {})))
    assert np.abs(picture.pixels.astype(int) - np.asarray(image.convert("RGB"))).max() <= 1


def _refusals() -> Iterator[tuple[str, bytes, tuple[str, ...]]]:
    grey, rgb = scene(channels=1), scene()
    wide = scene(channels=5, dtype=np.uint16)
    allowed = "allowed are 1 to 4 bands: grey, grey and alpha, RGB, RGBA; convert it to {}-bit RGB"
    infrared = "a TIFF of 4 bands of {} bit (RGB and 1 that is not said to be alpha)"
    for dtype, bits in ((np.uint8, 8), (np.uint16, 16)):
        four = scene(channels=4, dtype=dtype)
        for name, extra in (("unspecified", 0), ("left out", None)):
            data = tiff(four, photometric=2, bits=bits, extra=extra)
            yield f"near infrared, {name}, {bits}", data, (infrared.format(bits), allowed.format(bits))
    yield "five bands", tiff(wide, photometric=1), ("5 bands of 16 bit (grey and 4 that are not", allowed.format(16))
    yield "five bands, RGB", any_tiff(wide, photometric=2, extra=(0, 0)), ("5 bands of 16 bit (RGB and 2 that are not",)
    yield "alpha and more", any_tiff(wide, photometric=2, extra=(2, 0)), ("5 bands of 16 bit (RGB and 2 that are not",)
    yield "planes", any_tiff(wide, photometric=2, extra=(0, 0), planar=2), ("5 bands of 16 bit",)
    yield "two bands", tiff(scene(channels=2), photometric=1, bits=8), ("2 bands of 8 bit (grey and 1 that is not",)
    yield "two bands, 16", tiff(wide[..., :2], photometric=1, extra=0), ("2 bands of 16 bit (grey and 1 that is not",)
    yield "CMYK with alpha", any_tiff(wide, photometric=5, extra=(2,)), ("5 bands of 16 bit (CMYK with alpha)",)
    signed = {339: ("H", [2])}
    yield "signed 8", tiff(grey, photometric=1, bits=8, tags=signed), ("signed 8-bit integer pixels",)
    yield "signed 8, RGB", tiff(rgb, photometric=2, bits=8, tags={339: ("H", [2] * 3)}), ("signed 8-bit integer",)
    yield "signed 16", tiff(wide[..., 0], photometric=1, tags=signed), ("signed 16-bit integer pixels",)
    floats = {339: ("H", [3])}
    yield "float", tiff(grey.astype(np.float32), photometric=1, bits=32, tags=floats), ("32-bit floating-point pixels",)
    yield "double", tiff(grey.astype(np.float64), photometric=1, bits=64, tags=floats), ("64-bit floating-point",)
    yield "half", tiff(grey.astype(np.float16), photometric=1, bits=16, tags=floats), ("16-bit floating-point",)
    yield "complex", tiff(grey.astype(np.complex64), photometric=1, bits=64, tags={339: ("H", [6])}), ("complex",)
    yield "32 bit", tiff(grey.astype(np.uint32), photometric=1, bits=32), ("32-bit integer pixels",)
    yield "Lab", tiff(rgb, photometric=8, bits=8), ("Lab pixels are not supported",)
    yield "ICC Lab, 16", tiff(wide[..., :3], photometric=9), ("Lab pixels are not supported",)
    yield "mosaic", tiff(wide[..., 0], photometric=32803), ("a camera's raw mosaic",)
    yield "palette of 16 bit", tiff(wide[..., 0], photometric=3), ("16 bit (palette",)
    yield "unequal", tiff(rgb, photometric=2, bits=8, tags={258: ("H", [5, 6, 5])}), ("unequal bits (5, 6, 5)",)
    yield "ink", tiff(wide[..., :4], photometric=5, tags={332: ("H", [2])}), ("inks other than CMYK",)
    yield "compression", tiff(grey, photometric=1, bits=8, tags={259: ("H", [34887])}), ("TIFF compression 34887",)
    yield "YCbCr, 16", tiff(wide[..., :3], photometric=6), ("this kind of YCbCr (16 bit",)
    yield "YCbCr, subsampled", tiff(rgb, photometric=6, bits=8), ("this kind of YCbCr (8 bit",)
    yield (
        "YCbCr, planes",
        tiff(rgb, photometric=6, bits=8, planar=2, tags={530: ("H", [1, 1])}),
        ("this kind of YCbCr (8 bit",),
    )
    yield "BigTIFF", any_tiff(rgb, photometric=2, order=">", big=True), ("a BigTIFF of big-endian order",)
    yield "JPEG of 12 bit", _patched(saved(Image.fromarray(rgb), "JPEG"), b"\xff\xc0", 4, 12), ("a JPEG of 12 bit",)


def _patched(data: bytes, behind: bytes, by: int, value: int) -> bytes:
    at = data.index(behind) + by
    return data[:at] + bytes([value]) + data[at + 1 :]


REFUSALS = {name: (data, said) for name, data, said in _refusals()}


@pytest.mark.parametrize("name", REFUSALS)
def test_what_is_refused_is_told_by_its_kind(name: str) -> None:
    data, said = REFUSALS[name]
    reason = refused(data)
    for words in said:
        assert words in reason
    assert "damaged" not in reason
    assert "convert" in reason or "save it" in reason


@pytest.mark.parametrize("compression", [1, 5, 8])
@pytest.mark.parametrize("planar", [1, 2])
def test_a_strip_that_lacks_data_is_damage(compression: int, planar: int) -> None:
    pixels = scene(dtype=np.uint16)
    data = any_tiff(pixels, photometric=2, compression=compression, planar=planar, rows=37)
    with TiffImagePlugin.TiffImageFile(io.BytesIO(any_tiff(pixels[..., 0], photometric=1))) as plain:
        assert plain.mode.startswith("I;16")
    at = data.index(struct.pack("<HH", 279, 4))  # the lengths of strips
    count, value = struct.unpack_from("<II", data, at + 4)
    place = at + 8 if count == 1 else value
    shorter = struct.pack("<I", struct.unpack_from("<I", data, place)[0] // 2)
    assert "damaged" in refused_when_read(data[:place] + shorter + data[place + 4 :])


def refused_when_read(data: bytes) -> str:
    with pytest.raises(PictureError) as caught:
        read(Loaded(Path("x"), data))
    return caught.value.reason


# --- JPEG 2000 --------------------------------------------------------------------------------------------------------


def with_box(data: bytes, box: bytes) -> bytes:
    """Put a box at the end of a JPEG 2000 header, in place of one of the same kind."""
    head = data.index(b"jp2h") - 4
    length = struct.unpack(">I", data[head : head + 4])[0]
    inner, at = b"", head + 8
    while at < head + length:
        size = struct.unpack(">I", data[at : at + 4])[0]
        inner += b"" if data[at + 4 : at + 8] == box[4:8] else data[at : at + size]
        at += size
    inner += box
    return data[:head] + struct.pack(">I", 8 + len(inner)) + b"jp2h" + inner + data[head + length :]


def definitions(*channels: tuple[int, int, int]) -> bytes:
    content = struct.pack(">H", len(channels)) + b"".join(struct.pack(">HHH", *channel) for channel in channels)
    return struct.pack(">I4s", 8 + len(content), b"cdef") + content


def lossless(pixels: np.ndarray) -> bytes:
    return saved(Image.fromarray(pixels), "JPEG2000", irreversible=False, mct=0)


def test_channels_of_jpeg_2000_in_another_order() -> None:
    pixels = scene(channels=4)
    blue_first = with_box(lossless(pixels[..., 2::-1]), definitions((0, 0, 3), (1, 0, 2), (2, 0, 1)))
    np.testing.assert_array_equal(opened(blue_first).pixels, pixels[..., :3])
    alpha_first = definitions((0, 1, 0), (1, 0, 1), (2, 0, 2), (3, 0, 3))
    data = with_box(lossless(pixels[..., [3, 0, 1, 2]]), alpha_first)
    np.testing.assert_array_equal(opened(data).pixels, pixels)
    grey = with_box(lossless(pixels[..., [3, 0]]), definitions((0, 1, 0), (1, 0, 1)))
    np.testing.assert_array_equal(opened(grey).pixels, pixels[..., [0, 3]])


def test_jpeg_2000_with_colour_multiplied_by_alpha() -> None:
    pixels = scene(channels=4)
    alpha = pixels[..., 3:].astype(int)
    multiplied = np.dstack([(pixels[..., :3] * alpha + 127) // 255, alpha]).astype(np.uint8)
    data = with_box(lossless(multiplied), definitions((0, 0, 1), (1, 0, 2), (2, 0, 3), (3, 2, 0)))
    picture = opened(data)
    strong = pixels[..., 3] > 128
    assert np.abs(picture.pixels[strong].astype(int) - pixels[strong]).max() <= 2


def test_a_palette_in_jpeg_2000() -> None:
    colours = scene(1, 200)[0]
    colours[7] = colours[3]  # twice the same
    numbers = np.random.default_rng(3).integers(0, 200, (20, 30), dtype=np.uint8)
    box = struct.pack(">I4sHB", 8 + 3 + 3 + colours.size, b"pclr", 200, 3) + b"\7\7\7" + colours.tobytes()
    mapping = struct.pack(">I4s", 20, b"cmap") + b"\0\0\1\0\0\0\1\1\0\0\1\2"
    data = with_box(with_box(lossless(numbers), box), mapping)
    colour = struct.pack(">I4sBBBI", 15, b"colr", 1, 0, 0, 16)
    np.testing.assert_array_equal(opened(with_box(data, colour)).pixels, colours[numbers])


def test_other_colours_in_jpeg_2000() -> None:
    image = Image.fromarray(scene()).convert("YCbCr")
    data = with_box(lossless(np.asarray(image)), struct.pack(">I4sBBBI", 15, b"colr", 1, 0, 0, 18))
    assert np.abs(opened(data).pixels.astype(int) - np.asarray(image.convert("RGB"))).max() <= 1
    inks = scene(channels=4)
    data = with_box(lossless(inks), struct.pack(">I4sBBBI", 15, b"colr", 1, 0, 0, 12))
    data = with_box(data, definitions((0, 0, 1), (1, 0, 2), (2, 0, 3), (3, 0, 4)))
    expected = Image.frombytes("CMYK", (53, 37), inks.tobytes()).convert("RGB")
    np.testing.assert_array_equal(opened(data).pixels, np.asarray(expected))


def with_depth(data: bytes, bits: int) -> bytes:
    """Say another depth, in the header and in the codestream; what the values are does not change."""
    at = data.index(b"ihdr") + 14
    data = data[:at] + bytes([bits - 1]) + data[at + 1 :]
    size = data.index(b"\xff\x4f\xff\x51") + 42
    count = struct.unpack(">H", data[size - 2 : size])[0]
    for k in range(count):
        data = data[: size + 3 * k] + bytes([bits - 1]) + data[size + 3 * k + 1 :]
    return data


def test_jpeg_2000_of_16_bit_stays_so() -> None:
    grey = scene(channels=1, dtype=np.uint16)
    picture = opened(lossless(grey))
    assert picture.info.depth == 16
    np.testing.assert_array_equal(picture.pixels, grey)


@pytest.mark.parametrize("channels", [3, 4])
def test_deep_colour_in_jpeg_2000(channels: int) -> None:
    """Smooth 8-bit pictures, declared as of 16 bit: values are small, and must come out as they are."""
    pixels = scene(channels=channels)
    data = lossless(pixels)
    deep = with_depth(data, 12)
    at = deep.index(b"\xff\x5c") + 2  # every band is quantised by 2 to the depth less: room for more bits
    guard = deep[at + 2]
    assert guard & 31 == 0
    shifted = bytearray(deep)
    for k in range(at + 3, at + struct.unpack(">H", deep[at : at + 2])[0]):
        shifted[k] += 4 << 3
    picture = opened(bytes(shifted))
    assert picture.info.depth == 16
    with Image.open(io.BytesIO(bytes(shifted))) as eight:
        upper = np.asarray(eight)
    values = np.rint(picture.pixels / 65535 * 4095).astype(int)
    np.testing.assert_array_equal(((values + 8) >> 4).astype(np.uint8), upper)  # at 255.5 Pillow begins anew


@pytest.mark.parametrize("channels", [3, 4])
def test_16_bit_colour_in_jpeg_2000_stays_so(channels: int) -> None:
    pixels = scene(96, 128, channels, np.uint16)
    done, data = cv2.imencode(".jp2", pixels[..., [2, 1, 0, 3][:channels]])
    assert done
    picture = opened(data.tobytes())
    assert picture.notes == ()
    assert np.abs(picture.pixels - pixels.astype(float)).max() < 1000  # OpenCV writes with some loss
    assert len(np.unique(picture.pixels)) > 5000


def test_few_bits_in_jpeg_2000_fill_the_range() -> None:
    data = lossless(np.zeros((8, 8), np.uint8))
    picture = opened(with_depth(data, 4))
    assert set(np.unique(picture.pixels)) <= {17 * k for k in range(16)}


JP2 = lossless(scene())
JP2_FOUR = lossless(scene(channels=4))
JP2_REFUSED = {
    "signed": (
        _patched(JP2, b"\xff\x4f\xff\x51", 42, 0x87),
        "signed 8-bit integer pixels",
    ),
    "unequal": (_patched(JP2, b"\xff\x4f\xff\x51", 42, 6), "components of 7, 8 bit"),
    "near infrared": (
        with_box(JP2_FOUR, definitions((0, 0, 1), (1, 0, 2), (2, 0, 3), (3, 65535, 65535))),
        "a JPEG 2000 of 4 components of 8 bit, of which not all are said to be RGB or alpha",
    ),
    "bare codestream": (JP2_FOUR[JP2_FOUR.index(b"\xff\x4f\xff\x51") :], "4 components of 8 bit"),
    "grey and alpha of 16 bit": (
        with_depth(lossless(scene(channels=2)), 16),
        "a JPEG 2000 of 16 bit (grey with alpha) is not supported; convert it to 16-bit RGB",
    ),
    "16 bit, reordered": (
        with_depth(with_box(JP2, definitions((0, 0, 3), (1, 0, 2), (2, 0, 1))), 16),
        "a JPEG 2000 of 16 bit (RGB, in another order) is not supported",
    ),
    "Lab": (with_box(JP2, struct.pack(">I4sBBBI", 15, b"colr", 1, 0, 0, 14)), "Lab pixels"),
    "palette of 16 bit": (
        with_box(
            lossless(scene(channels=1)),
            struct.pack(">I4sHB", 8 + 3 + 3 + 6, b"pclr", 1, 3) + b"\x0f\x0f\x0f" + bytes(6),
        ),
        "this kind of palette",
    ),
}


@pytest.mark.parametrize("name", JP2_REFUSED)
def test_jpeg_2000_that_is_refused_is_told_by_its_kind(name: str) -> None:
    data, said = JP2_REFUSED[name]
    reason = refused(data)
    assert said in reason
    assert "damaged" not in reason
    assert "convert" in reason


# --- GIF --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("transparent", [False, True])
@pytest.mark.parametrize("grey", [False, True])
def test_a_gif_whose_first_frame_is_smaller_than_its_canvas(transparent: bool, grey: bool) -> None:
    numbers = np.random.default_rng(4).integers(0, 4, (9, 12), dtype=np.uint8)
    image = Image.frombytes("P", (12, 9), numbers.tobytes())
    colours = np.array([[10, 20, 30], [200, 100, 50], [0, 0, 255], [90, 90, 90]], np.uint8)
    if grey:
        image = Image.fromarray(numbers)
        colours = np.repeat(np.arange(4, dtype=np.uint8)[:, None], 3, axis=1)
    else:
        image.putpalette(colours.tobytes())
    data = saved(image, "GIF", optimize=False, **({"transparency": 2} if transparent else {}))
    data = data[:6] + struct.pack("<HH", 20, 15) + data[10:]
    at = data.index(struct.pack("<BHHHH", 0x2C, 0, 0, 12, 9))
    data = data[:at] + struct.pack("<BHHHH", 0x2C, 5, 3, 12, 9) + data[at + 9 :]
    picture = opened(data)
    expected = np.zeros((15, 20, 4), np.uint8)
    opaque = (numbers != 2) | (not transparent)
    expected[3:12, 5:17] = np.dstack([colours[numbers], opaque * np.uint8(255)])
    if picture.info.channels == 2:
        expected = expected[..., [0, 3]]
    np.testing.assert_array_equal(picture.pixels[..., -1], expected[..., -1])
    seen = expected[..., -1] > 0
    np.testing.assert_array_equal(picture.pixels[seen], expected[seen])
    assert not picture.pixels[:3].any()
