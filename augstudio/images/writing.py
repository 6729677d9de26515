"""Writing picture files: deterministic bytes, without metadata other than the colours' own profile."""

from __future__ import annotations

import io
import struct
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import cast

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from augstudio.images import profiles
from augstudio.images.decoding import Pixels

_LOSSLESS_WEBP = "WEBP lossless"
_SUFFIX = {"JPEG": ".jpg", "PNG": ".png", "WEBP": ".webp", _LOSSLESS_WEBP: ".webp", "BMP": ".bmp", "TIFF": ".tif"}
_MAX_WEBP_SIDE = 16_383
_WEBP_METHOD = 1


class Format(StrEnum):
    """What an export writes."""

    SOURCE = "source"
    JPEG = "jpeg"
    PNG = "png"
    WEBP = "webp"


@dataclass(frozen=True)
class Encoding:
    """How an export writes pictures.

    Attributes
    ----------
    format : Format
        One format for all pictures, or each as its source.
    quality : int
        Of JPEG and WebP, 1..100; other formats are lossless.

    Raises
    ------
    ValueError
        If `quality` is out of bounds.
    """

    format: Format = Format.SOURCE
    quality: int = 95

    def __post_init__(self) -> None:
        _check_quality(self.quality)


def target(source_format: str, encoding: Encoding, *, lossless: bool = False) -> tuple[str, str]:
    """Choose what a picture is written as.

    Parameters
    ----------
    source_format : str
        `PictureInfo.format` of the source.
    encoding : Encoding
        What the user asked for. "As the source" keeps JPEG, PNG, WebP, BMP and TIFF; every other format becomes PNG.
    lossless : bool
        `PictureInfo.lossless` of the source: "as the source", WebP without loss stays without.

    Returns
    -------
    encoder, suffix : str
        For `encode`, and for the file's name (lower case, with its dot).
    """
    encoder = source_format if encoding.format is Format.SOURCE else encoding.format.value.upper()
    if encoder not in _SUFFIX:
        encoder = "PNG"
    if encoder == "WEBP" and lossless and encoding.format is Format.SOURCE:
        encoder = _LOSSLESS_WEBP
    return encoder, _SUFFIX[encoder]


def encode(pixels: Pixels, encoder: str, quality: int, profile: bytes | None = None) -> bytes:
    """Encode a picture.

    Equal arrays give equal bytes (with the same versions of the libraries). No metadata is written but a profile:
    what the pixels show is upright, and sRGB unless they carry another.

    Parameters
    ----------
    pixels : ndarray
        ``(H, W)`` grey, ``(H, W, 2)`` grey and alpha, ``(H, W, 3)`` RGB or ``(H, W, 4)`` RGBA; uint8 or uint16.
    encoder : str
        ``"PNG"`` and ``"TIFF"`` keep everything, exactly. ``"BMP"`` keeps 8-bit grey and RGB exactly, and
        ``"WEBP lossless"`` all of 8 bit; ``"JPEG"`` and ``"WEBP"`` are lossy. 16 bit is rounded to 8 for these four;
        alpha is kept in WebP and laid over white in the other two. WebP has no grey: grey becomes RGB there. PNG, TIFF
        and WebP without loss are compressed fast rather than well.
    quality : int
        1..100, of JPEG and WebP; the others ignore it. JPEG has 4:2:0 chroma and standard tables at every quality, as
        Pillow and OpenCV write it (the bytes are theirs).
    profile : bytes, optional
        `Picture.profile`: the ICC profile of the colours, if they are not sRGB. PNG and TIFF of 16 bit hold it;
        whatever is written in 8 bit is converted to sRGB.

    Returns
    -------
    bytes
        A complete file.

    Raises
    ------
    ValueError
        If the array is none of the above, the encoder is not known, the quality is out of bounds or the format cannot
        hold so large a picture.
    """
    if encoder not in _SUFFIX:
        raise ValueError(f"encoder is {encoder!r}; it must be one of {', '.join(_SUFFIX)}")
    _check_quality(quality)
    if pixels.dtype not in (np.uint8, np.uint16):
        raise ValueError(f"pixels are {pixels.dtype}; they must be uint8 or uint16")
    if pixels.ndim not in (2, 3) or (pixels.ndim == 3 and pixels.shape[2] not in (2, 3, 4)) or pixels.size == 0:
        raise ValueError(f"pixels have shape {pixels.shape}; it must be (H, W) or (H, W, 2, 3 or 4), and not empty")
    pixels = np.ascontiguousarray(pixels)
    if profile is not None and (pixels.dtype == np.uint8 or encoder not in ("PNG", "TIFF")):
        pixels, profile = _to_srgb(eight_bit(pixels), profile), None
    if encoder == "TIFF":
        return _tiff(pixels, profile)
    if encoder == "PNG":
        grey_alpha = pixels.ndim == 3 and pixels.shape[2] == 2
        data = _png_grey_alpha(pixels) if grey_alpha else _with_opencv(pixels, ".png", _PNG_OPTIONS)
        return data if profile is None else _png_with_profile(data, profile)

    if encoder not in ("WEBP", _LOSSLESS_WEBP):
        pixels = _over_white(pixels)
    eight = eight_bit(pixels)
    if encoder == "BMP":
        return _with_opencv(eight, ".bmp", [])
    if encoder == "JPEG":
        return _with_opencv(eight, ".jpg", [cv2.IMWRITE_JPEG_QUALITY, quality])
    height, width = eight.shape[:2]
    if max(height, width) > _MAX_WEBP_SIDE:
        raise ValueError(f"{width:,} × {height:,} pixels; WebP holds at most {_MAX_WEBP_SIDE:,} on a side")
    if eight.ndim == 3 and eight.shape[2] == 2:
        eight = np.ascontiguousarray(eight[..., [0, 0, 0, 1]])
    if encoder == _LOSSLESS_WEBP:
        return _lossless_webp(eight)
    return _with_opencv(eight, ".webp", [cv2.IMWRITE_WEBP_QUALITY, quality])


def _check_quality(quality: int) -> None:
    if not 1 <= quality <= 100:
        raise ValueError(f"quality is {quality}; it must be 1 to 100")


def eight_bit(pixels: Pixels) -> NDArray[np.uint8]:
    """The same picture at 8 bits; itself where it is that already."""
    # Exactly round(value / 257): no multiple of 1/257 comes near enough to a half for single precision to matter.
    eight = pixels if pixels.dtype == np.uint8 else cv2.convertScaleAbs(pixels, alpha=1 / 257)
    return cast(NDArray[np.uint8], eight)


def _to_srgb(pixels: NDArray[np.uint8], profile: bytes) -> Pixels:
    return np.array(profiles.to_srgb(Image.fromarray(pixels), profile)[0])


def _over_white(pixels: Pixels) -> Pixels:
    if pixels.ndim == 2 or pixels.shape[2] == 3:
        return pixels
    full = np.uint32(np.iinfo(pixels.dtype).max)
    alpha = pixels[..., -1:].astype(np.uint32)
    mixed = (pixels[..., :-1] * alpha + full * (full - alpha) + full // 2) // full
    return cast(
        Pixels, mixed.astype(pixels.dtype).squeeze(axis=2) if mixed.shape[2] == 1 else mixed.astype(pixels.dtype)
    )


# On photographs: 40 ms and 1.4 bytes per pixel for a million pixels. OpenCV's default takes 32 ms and 1.7 bytes,
# Pillow's 260 ms and 1.4 bytes.
_PNG_OPTIONS = [
    *(cv2.IMWRITE_PNG_COMPRESSION, 1),
    *(cv2.IMWRITE_PNG_STRATEGY, cv2.IMWRITE_PNG_STRATEGY_DEFAULT),
    *(cv2.IMWRITE_PNG_FILTER, cv2.IMWRITE_PNG_FILTER_UP),
]

_FROM_RGB = {3: cv2.COLOR_RGB2BGR, 4: cv2.COLOR_RGBA2BGRA}


def _with_opencv(pixels: Pixels, suffix: str, options: list[int]) -> bytes:
    stored = pixels if pixels.ndim == 2 else cv2.cvtColor(pixels, _FROM_RGB[pixels.shape[2]])
    done, data = cv2.imencode(suffix, stored, options)
    if not done:
        raise ValueError(f"{pixels.shape[1]:,} × {pixels.shape[0]:,} pixels could not be encoded as {suffix}")
    return data.tobytes()


def _lossless_webp(pixels: NDArray[np.uint8]) -> bytes:
    """Encode with Pillow, since OpenCV changes colours below transparent pixels."""
    image = Image.fromarray(pixels)
    file = io.BytesIO()
    (image.convert("RGB") if pixels.ndim == 2 else image).save(
        file, "WEBP", lossless=True, exact=True, quality=0, method=_WEBP_METHOD
    )
    return file.getvalue()


def _png_grey_alpha(pixels: Pixels) -> bytes:
    """Encode grey and alpha, which OpenCV cannot write, nor Pillow at 16 bit."""
    height, width = pixels.shape[:2]
    rows = pixels.astype(pixels.dtype.newbyteorder(">")).view(np.uint8).reshape(height, -1)
    filtered = np.empty((height, rows.shape[1] + 1), np.uint8)
    filtered[:, 0] = 2  # "up": every row as the difference from the one above
    filtered[0, 1:] = rows[0]
    np.subtract(rows[1:], rows[:-1], out=filtered[1:, 1:])

    header = struct.pack(">IIBBBBB", width, height, 8 * pixels.dtype.itemsize, 4, 0, 0, 0)
    body = _chunk(b"IDAT", zlib.compress(filtered.tobytes(), 1))
    return b"\x89PNG\r\n\x1a\n" + _chunk(b"IHDR", header) + body + _chunk(b"IEND", b"")


def _png_with_profile(png: bytes, profile: bytes) -> bytes:
    at = 33  # behind the signature and the header
    return png[:at] + _chunk(b"iCCP", b"ICC profile\0\0" + zlib.compress(profile)) + png[at:]


def _chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))


_TIFF_KINDS = {"B": 7, "H": 3, "I": 4}  # undefined bytes; integers of 16 and 32 bits


def _tiff(pixels: Pixels, profile: bytes | None) -> bytes:
    """Encode a TIFF: little-endian, deflated strips with horizontal differencing.

    Own, since neither library writes all kinds: Pillow has no 16-bit colour; OpenCV no grey with alpha, and it does
    not say that the fourth channel is alpha.
    """
    # Hardly any program reads 16-bit grey with alpha in TIFF, so this one kind gets three equal colours; but for those
    # with a profile, which is one for grey: three colours cannot have that.
    if pixels.ndim == 3 and pixels.shape[2] == 2 and pixels.dtype == np.uint16 and profile is None:
        pixels = np.ascontiguousarray(pixels[..., [0, 0, 0, 1]])
    height, width = pixels.shape[:2]
    channels = 1 if pixels.ndim == 2 else pixels.shape[2]
    stored = pixels.reshape(height, width, channels).astype(pixels.dtype.newbyteorder("<"))
    stored[:, 1:] -= stored[:, :-1].copy()

    rows = max(1, 2**20 // stored[0].nbytes)
    strips = [zlib.compress(stored[at : at + rows].tobytes(), 1) for at in range(0, height, rows)]
    data = bytearray(b"II*\0\0\0\0\0")
    offsets = []
    for strip in strips:
        offsets.append(len(data))
        data += strip + b"\0" * (len(strip) % 2)  # values lie at even offsets

    byte, short, long = "B", "H", "I"
    entries: list[tuple[int, str, Sequence[int]]] = [
        (256, long, [width]),
        (257, long, [height]),
        (258, short, [8 * pixels.dtype.itemsize] * channels),
        (259, short, [8]),  # deflate
        (262, short, [1 if channels < 3 else 2]),  # black is zero; RGB
        (273, long, offsets),
        (277, short, [channels]),
        (278, long, [rows]),
        (279, long, [len(strip) for strip in strips]),
        (284, short, [1]),  # channels interleaved
        (317, short, [2]),  # horizontal differencing
        *([(338, short, [2])] if channels in (2, 4) else []),  # the last channel is alpha, not multiplied in
        *([] if profile is None else [(34675, byte, profile)]),
    ]
    directory = struct.pack("<H", len(entries))
    for tag, kind, values in entries:
        packed = struct.pack(f"<{len(values)}{kind}", *values)
        if len(packed) > 4:
            at = len(data)
            data += packed + b"\0" * (len(packed) % 2)
            packed = struct.pack("<I", at)
        directory += struct.pack("<HHI", tag, _TIFF_KINDS[kind], len(values)) + packed.ljust(4, b"\0")
    struct.pack_into("<I", data, 4, len(data))
    return bytes(data + directory + b"\0\0\0\0")
