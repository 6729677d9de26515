"""Masks written as PNG: the same depth, palette and channels as they were read with, the same bytes on any machine."""

from __future__ import annotations

import struct
import zlib
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from augstudio.images import Pixels

__all__ = ["Form", "chunk", "encode"]

_LEVEL = 6
_COLOUR_TYPES = {1: 0, 2: 4, 3: 2, 4: 6}
_INDEXED = 3
_UP = 2
_SIGNATURE = b"\x89PNG\r\n\x1a\n"
VOID_COLOUR = bytes((224, 224, 192))
"""What a palette shows for a number it has no colour for: that of what is not labelled in Pascal VOC."""


@dataclass(frozen=True)
class Form:
    """How a mask's levels are written.

    Attributes
    ----------
    depth : int
        Bits of a level in the file: 1, 2, 4, 8 or 16. Grey of less than 8 is over the full range of 8 bit in arrays.
    palette : bytes or None
        Red, green and blue of each number, where levels are indices.
    transparency : bytes
        PNG's tRNS: which level or colour is see-through, or how much each entry of the palette is; or empty.
    """

    depth: int
    palette: bytes | None = None
    transparency: bytes = b""

    @property
    def step(self) -> int:
        """Between two levels of grey in arrays: 255 for 1 bit, 85 for 2, 17 for 4, else 1."""
        return 255 // (2**self.depth - 1) if self.depth < 8 else 1


def encode(pixels: Pixels, form: Form) -> bytes:
    """Write a mask as PNG.

    Parameters
    ----------
    pixels : ndarray
        `(H, W)` or `(H, W, C)`, uint8 or uint16.
    form : Form
        As it was read; 8 bit are written where its levels are not enough, and colours are added to the palette where
        numbers have none.

    Returns
    -------
    bytes
        A file without metadata, the same for the same arguments.

    Raises
    ------
    ValueError
        If the array is no mask.
    """
    if pixels.dtype not in (np.uint8, np.uint16) or pixels.ndim not in (2, 3) or not pixels.size:
        raise ValueError(f"a mask is (H, W) or (H, W, C) of uint8 or uint16, not {pixels.shape} of {pixels.dtype}")
    height, width = pixels.shape[:2]
    channels = 1 if pixels.ndim == 2 else pixels.shape[2]
    if channels not in _COLOUR_TYPES:
        raise ValueError(f"a mask has 1 to 4 channels, not {channels}")
    indexed = form.palette is not None and channels == 1 and pixels.dtype == np.uint8
    stored, depth = _stored(pixels, form, indexed=indexed)
    colour = _INDEXED if indexed else _COLOUR_TYPES[channels]
    parts = [_SIGNATURE, chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, 0))]
    if indexed and form.palette is not None:
        parts.append(chunk(b"PLTE", _palette(form.palette, int(stored.max()), depth)))
    if see_through := _transparency(form, depth, channels, indexed=indexed):
        parts.append(chunk(b"tRNS", see_through))
    parts += [chunk(b"IDAT", zlib.compress(_rows(stored, depth), _LEVEL)), chunk(b"IEND", b"")]
    return b"".join(parts)


def chunk(kind: bytes, content: bytes) -> bytes:
    """A part of a PNG."""
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(content, zlib.crc32(kind)))


def _stored(pixels: Pixels, form: Form, *, indexed: bool) -> tuple[Pixels, int]:
    """Levels as they stand in the file, and of how many bits they are."""
    if pixels.dtype == np.uint16:
        return pixels, 16
    if form.depth >= 8 or pixels.ndim == 3:
        return pixels, 8
    if indexed:
        return pixels, form.depth if int(pixels.max()) < 2**form.depth else 8
    levels = np.flatnonzero(np.bincount(pixels.ravel(), minlength=256))
    return (pixels, 8) if (levels % form.step).any() else (pixels // np.uint8(form.step), form.depth)


def _palette(colours: bytes, largest: int, depth: int) -> bytes:
    colours = colours[: 3 * 2**depth]
    return colours + VOID_COLOUR * max(0, largest + 1 - len(colours) // 3)


def _transparency(form: Form, depth: int, channels: int, *, indexed: bool) -> bytes:
    key = form.transparency
    if indexed:
        return key[: min(len(form.palette or b"") // 3, 2**depth)]  # no more of them than colours are written
    if form.palette is not None or channels not in (1, 3) or len(key) != 2 * channels:
        return b""
    if form.depth >= depth or channels == 3:
        return key
    return struct.pack(">H", (struct.unpack(">H", key)[0] % 2**form.depth) * form.step)


def _rows(stored: Pixels, depth: int) -> bytes:
    """Rows of bytes, each as the difference from the one above it: rows of masks mostly repeat."""
    height = stored.shape[0]
    if depth == 16:
        rows = stored.astype(">u2").view(np.uint8).reshape(height, -1)
    elif depth == 8:
        rows = np.ascontiguousarray(stored).reshape(height, -1).view(np.uint8)
    else:
        rows = _packed(stored, depth)
    filtered = np.empty((height, rows.shape[1] + 1), np.uint8)
    filtered[:, 0] = _UP
    filtered[0, 1:] = rows[0]
    np.subtract(rows[1:], rows[:-1], out=filtered[1:, 1:])
    return filtered.tobytes()


def _packed(stored: Pixels, depth: int) -> NDArray[np.uint8]:
    """Several levels in a byte, the first in the highest bits."""
    each = 8 // depth
    height, width = stored.shape
    padded = np.zeros((height, -(-width // each) * each), np.uint8)
    padded[:, :width] = stored
    rows = np.zeros((height, padded.shape[1] // each), np.uint8)
    for place in range(each):
        rows |= padded[:, place::each] << np.uint8(8 - depth * (place + 1))
    return rows
