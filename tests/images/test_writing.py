from __future__ import annotations

import io
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from PIL import Image

from augstudio.images import Encoding, Format, encode, read, target

CHANNELS = (1, 2, 3, 4)


def noise(height: int, width: int, channels: int, dtype: type = np.uint8) -> np.ndarray:
    pixels = np.random.default_rng(5).integers(0, np.iinfo(dtype).max + 1, (height, width, channels), dtype)
    return pixels[..., 0] if channels == 1 else pixels


def smooth(height: int, width: int, channels: int, dtype: type = np.uint8) -> np.ndarray:
    y, x = np.mgrid[0:height, 0:width]
    waves = np.stack([0.5 + 0.25 * np.sin(x / 19 + k) + 0.25 * np.cos(y / 17 - k) for k in range(channels)], axis=-1)
    pixels = np.rint(waves * np.iinfo(dtype).max).astype(dtype)
    return pixels[..., 0] if channels == 1 else pixels


def back(data: bytes, folder: Path) -> np.ndarray:
    path = folder / "x"
    path.write_bytes(data)
    return read(path).pixels


# --- encode -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("size", [(1, 1), (1, 7), (5, 1), (37, 53), (700, 900)])
@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
@pytest.mark.parametrize("channels", CHANNELS)
@pytest.mark.parametrize("encoder", ["PNG", "TIFF"])
def test_png_and_tiff_keep_everything(
    encoder: str, channels: int, dtype: type, size: tuple[int, int], tmp_path: Path
) -> None:
    pixels = noise(*size, channels, dtype)
    again = back(encode(pixels, encoder, 95), tmp_path)
    if (encoder, channels, dtype) == ("TIFF", 2, np.uint16):
        pixels = pixels[..., [0, 0, 0, 1]]
    assert again.dtype == dtype
    np.testing.assert_array_equal(again, pixels)


@settings(max_examples=60, deadline=None)
@given(
    pixels=st.sampled_from([np.uint8, np.uint16]).flatmap(
        lambda dtype: hnp.arrays(dtype, st.tuples(st.integers(1, 9), st.integers(1, 9), st.integers(1, 4)))
    )
)
@pytest.mark.parametrize("encoder", ["PNG", "TIFF"])
def test_any_array_comes_back(encoder: str, pixels: np.ndarray, tmp_path_factory: pytest.TempPathFactory) -> None:
    pixels = pixels[..., 0] if pixels.shape[2] == 1 else pixels
    again = back(encode(pixels, encoder, 1), tmp_path_factory.getbasetemp())
    if encoder == "TIFF" and pixels.dtype == np.uint16 and pixels.shape[2:] == (2,):
        pixels = pixels[..., [0, 0, 0, 1]]
    np.testing.assert_array_equal(again, pixels)


@pytest.mark.parametrize("channels", [1, 3])
def test_bmp_keeps_8_bit(channels: int, tmp_path: Path) -> None:
    for size in ((1, 1), (37, 53), (3, 2)):
        pixels = noise(*size, channels)
        np.testing.assert_array_equal(back(encode(pixels, "BMP", 95), tmp_path), pixels)


@pytest.mark.parametrize("channels", CHANNELS)
@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
@pytest.mark.parametrize("encoder", ["PNG", "TIFF"])
def test_other_programs_see_the_same(encoder: str, dtype: type, channels: int) -> None:
    pixels = noise(20, 30, channels, dtype)
    data = encode(pixels, encoder, 95)
    with Image.open(io.BytesIO(data)) as image:
        image.load()
        assert image.size == (30, 20)
        if dtype == np.uint8:
            np.testing.assert_array_equal(np.asarray(image), pixels)
        elif channels == 1:
            np.testing.assert_array_equal(np.asarray(image).astype(np.uint16), pixels)
        if encoder == "TIFF" and channels in (2, 4):
            assert image.tag_v2[338] == (2,)  # says that the last channel is alpha
    if channels != 2 and (encoder, dtype, channels) != ("TIFF", np.uint8, 4):  # OpenCV multiplies this one by alpha
        again = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_UNCHANGED)
        order = [2, 1, 0, 3][:channels]
        np.testing.assert_array_equal(again, pixels if channels == 1 else pixels[..., order])


@pytest.mark.parametrize("quality", [1, 60, 90, 95, 100])
@pytest.mark.parametrize("channels", [1, 3])
def test_jpeg_is_what_pillow_writes(channels: int, quality: int) -> None:
    pixels = smooth(75, 100, channels)
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "JPEG", quality=quality)
    with Image.open(io.BytesIO(encode(pixels, "JPEG", quality))) as ours, Image.open(file) as theirs:
        np.testing.assert_array_equal(np.asarray(ours), np.asarray(theirs))
        assert ours.quantization == theirs.quantization
        assert [layer[1:3] for layer in ours.layer] == [layer[1:3] for layer in theirs.layer]  # 4:2:0


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
@pytest.mark.parametrize("channels", CHANNELS)
@pytest.mark.parametrize("encoder", ["JPEG", "WEBP", "BMP"])
def test_lossy_and_8_bit_formats_come_near(encoder: str, channels: int, dtype: type, tmp_path: Path) -> None:
    pixels = smooth(60, 80, channels, dtype)
    again = back(encode(pixels, encoder, 95), tmp_path).astype(float)
    expected = pixels / np.iinfo(dtype).max * 255
    if encoder == "WEBP" and channels < 3:
        expected = np.stack([expected] * 3, axis=-1) if channels == 1 else expected[..., [0, 0, 0, 1]]
    elif encoder != "WEBP" and channels in (2, 4):
        alpha = expected[..., -1:] / 255
        expected = expected[..., :-1] * alpha + 255 * (1 - alpha)
        expected = expected[..., 0] if channels == 2 else expected
    assert again.shape == expected.shape
    # WebP's chroma is at half size and colour counts by its alpha; BMP only rounds.
    assert np.abs(again - expected).mean() < (0.51 if encoder == "BMP" else 2)


@pytest.mark.parametrize("channels", CHANNELS)
def test_webp_without_loss_keeps_all_of_8_bit(channels: int, tmp_path: Path) -> None:
    for pixels in (noise(37, 53, channels), smooth(20, 30, channels)):
        if channels in (2, 4):
            pixels[:5, :5, -1] = 0  # what lies below transparent pixels stays as well
        data = encode(pixels, "WEBP lossless", 1)
        assert b"VP8L" in data
        assert data == encode(pixels, "WEBP lossless", 95)
        expected = pixels if channels > 2 else np.dstack([pixels] * 3) if channels == 1 else pixels[..., [0, 0, 0, 1]]
        np.testing.assert_array_equal(back(data, tmp_path), expected)
    rounded = encode(noise(20, 30, channels, np.uint16), "WEBP lossless", 95)
    with Image.open(io.BytesIO(rounded)) as image:
        eight = np.asarray(image).astype(float)
    expected = noise(20, 30, channels, np.uint16) / 257
    np.testing.assert_allclose(eight[..., 0], expected if channels == 1 else expected[..., 0], atol=0.5)


def test_16_bit_is_rounded_to_nearest(tmp_path: Path) -> None:
    every = np.arange(65536, dtype=np.uint16).reshape(256, 256)
    np.testing.assert_array_equal(back(encode(every, "BMP", 95), tmp_path), np.rint(every / 257))


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_alpha_is_laid_over_white(dtype: type, tmp_path: Path) -> None:
    full = np.iinfo(dtype).max
    pixels = np.array([[[0, 0, 0, 0], [full, 0, 0, full], [0, 0, 0, full // 2]]], dtype)
    np.testing.assert_array_equal(
        back(encode(pixels, "BMP", 95), tmp_path), [[[255, 255, 255], [255, 0, 0], [128, 128, 128]]]
    )


@pytest.mark.parametrize("channels", CHANNELS)
@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
@pytest.mark.parametrize("encoder", ["JPEG", "PNG", "WEBP", "BMP", "TIFF"])
def test_same_bytes_every_time_from_any_thread(encoder: str, dtype: type, channels: int) -> None:
    pixels = noise(40, 50, channels, dtype)
    before = pixels.copy()
    once = encode(pixels, encoder, 80)
    with ThreadPoolExecutor(3) as pool:
        assert set(pool.map(lambda _: encode(pixels, encoder, 80), range(6))) == {once}
    # Views give the bytes of their contents, and nothing is changed in place.
    turned = np.ascontiguousarray(pixels[::-1, ::-1])[::-1, ::-1]
    assert encode(turned, encoder, 80) == once
    read_only = pixels.copy()
    read_only.flags.writeable = False
    assert encode(read_only, encoder, 80) == once
    np.testing.assert_array_equal(pixels, before)


def test_no_metadata() -> None:
    for encoder in ("JPEG", "PNG", "WEBP", "BMP", "TIFF"):
        with Image.open(io.BytesIO(encode(smooth(30, 40, 3), encoder, 90))) as image:
            assert not {"exif", "icc_profile", "xmp", "comment", "Software", "photoshop"} & image.info.keys()


def test_quality_counts_where_it_should() -> None:
    pixels = noise(64, 64, 3)
    for encoder in ("JPEG", "WEBP"):
        assert len(encode(pixels, encoder, 20)) < len(encode(pixels, encoder, 95))
    for encoder in ("PNG", "BMP", "TIFF"):
        assert encode(pixels, encoder, 20) == encode(pixels, encoder, 95)


def test_compression_is_worth_it() -> None:
    pixels = smooth(300, 400, 3)
    for encoder in ("PNG", "TIFF"):
        assert len(encode(pixels, encoder, 95)) < pixels.nbytes / 2


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ((noise(4, 4, 3), "GIF", 95), "encoder is 'GIF'; it must be one of JPEG, PNG"),
        ((noise(4, 4, 3), "jpeg", 95), "encoder is 'jpeg'"),
        ((noise(4, 4, 3), "JPEG", 0), "quality is 0; it must be 1 to 100"),
        ((noise(4, 4, 3), "PNG", 101), "quality is 101"),
        ((noise(4, 4, 3).astype(np.float32), "PNG", 95), "float32"),
        ((noise(4, 4, 3).astype(np.int16), "PNG", 95), "int16"),
        ((np.zeros((4, 4, 5), np.uint8), "PNG", 95), r"\(4, 4, 5\)"),
        ((np.zeros((4, 4, 1), np.uint8), "PNG", 95), r"\(4, 4, 1\)"),
        ((np.zeros((0, 4, 3), np.uint8), "PNG", 95), "not empty"),
        ((np.zeros(4, np.uint8), "PNG", 95), r"\(4,\)"),
        ((np.zeros((2, 16_384), np.uint8), "WEBP", 95), "WebP holds at most 16,383"),
    ],
)
def test_what_cannot_be_encoded(arguments: tuple[Any, ...], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        encode(*arguments)


# --- target -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("source", "encoder", "suffix"),
    [
        ("JPEG", "JPEG", ".jpg"),
        ("PNG", "PNG", ".png"),
        ("WEBP", "WEBP", ".webp"),
        ("BMP", "BMP", ".bmp"),
        ("TIFF", "TIFF", ".tif"),
        *((other, "PNG", ".png") for other in ("GIF", "PPM", "AVIF", "JPEG2000", "TGA")),
    ],
)
def test_target(source: str, encoder: str, suffix: str) -> None:
    assert target(source, Encoding()) == (encoder, suffix)
    assert target(source, Encoding(Format.JPEG)) == ("JPEG", ".jpg")
    assert target(source, Encoding(Format.PNG)) == ("PNG", ".png")
    assert target(source, Encoding(Format.WEBP, 80)) == ("WEBP", ".webp")
    kept = ("WEBP lossless", ".webp") if source == "WEBP" else (encoder, suffix)
    assert target(source, Encoding(), lossless=True) == kept
    assert target(source, Encoding(Format.WEBP), lossless=True) == ("WEBP", ".webp")


def test_encoding_has_bounds() -> None:
    assert (Encoding().format, Encoding().quality) == (Format.SOURCE, 95)
    for quality in (0, 101):
        with pytest.raises(ValueError, match=f"quality is {quality}"):
            Encoding(quality=quality)
