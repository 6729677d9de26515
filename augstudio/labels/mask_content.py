"""Whether a picture is a mask, told from its pixels (few colours, or areas of one) and its partner's size."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from augstudio.images import Loaded, PictureError, PictureInfo, Pixels, probe, read
from augstudio.labels.reader import HEAD, WHOLE, Reader

_PROPORTION = 0.03
"""By which the proportions of a mask may differ from its picture's; no published figure."""
_LOOKED_AT = 2**16  # pixels, of which colours are counted
_IN_ROWS = 2**20  # pixels, of which neighbours are compared
# Where the limits lie was measured, on 195 photographs at four sizes and on 600 drawn masks as PNG and JPEG.
_FEW_COLOURS = 32  # of at least `_MANY_PIXELS`; photographs have thousands
_MANY_PIXELS = 1024
_COLOURS = 64  # colours that make up `_SHARE` of a mask, whose edges alone are blurred; of grey ones, levels
_LEVELS = 16
_SHARE = 0.9
_FLAT = 0.85  # share of pixels equal to the next one: masks of many objects, each with its own number (photos: to 0.53)
# Of a grey mask saved as JPEG, four levels with their neighbours hold this share, whatever ripples lie around them
# (photographs: up to 0.61).
_PEAKS = 4
_IN_PEAKS = 0.75
_RIPPLE = 12


def is_mask_of(reader: Reader, mask: str, picture: str) -> bool | None:
    """Look at a file that may be a mask of a picture; None if either cannot be read.

    A mask has the picture's size, or another of the same proportions (or that of the picture lying on its side, where
    only one of them heeds EXIF).
    """
    info = _probe(reader, picture)
    pixels = None if info is None else _pixels(reader, mask)
    if info is None or pixels is None:
        return None
    height, width = pixels.shape[:2]
    alike = _alike(width / height, info.width / info.height) or _alike(width / height, info.height / info.width)
    return alike and looks_drawn(pixels)


def _alike(one: float, other: float) -> bool:
    """Whether two proportions are the same, but for what rounding a size to whole pixels does."""
    return abs(one - other) <= _PROPORTION * other


def is_drawn(reader: Reader, key: str) -> bool | None:
    """Whether a picture's pixels are those of a mask; None if it cannot be read."""
    pixels = _pixels(reader, key)
    return None if pixels is None else looks_drawn(pixels)


def looks_drawn(pixels: Pixels) -> bool:
    """Whether pixels are areas of few colours, as nothing is that a camera took."""
    height, width = pixels.shape[:2]
    step = max(1, math.ceil(math.sqrt(height * width / _LOOKED_AT)))
    counts = np.sort(np.unique(_codes(pixels[::step, ::step]), return_counts=True)[1])[::-1]
    total = int(counts.sum())
    if len(counts) <= (_FEW_COLOURS if total >= _MANY_PIXELS else max(2, total // 32)):
        return True
    grey = pixels.ndim == 2 or pixels.shape[2] == 2 or bool((pixels[..., :1] == pixels[..., :3]).all())
    if counts[: _LEVELS if grey else _COLOURS].sum() >= _SHARE * total:
        return True
    if (
        grey
        and pixels.dtype == np.uint8
        and _share_in_peaks(pixels if pixels.ndim == 2 else pixels[..., 0]) >= _IN_PEAKS
    ):
        return True
    rows = _codes(pixels[:: max(1, math.ceil(height * width / _IN_ROWS))])
    return width > 1 and float((rows[:, 1:] == rows[:, :-1]).mean()) >= _FLAT


def _share_in_peaks(levels: Pixels) -> float:
    """The share of pixels at the commonest levels that lie apart, or next to them."""
    counts = np.bincount(levels.ravel(), minlength=256)
    total, inside = int(counts.sum()), 0
    for _ in range(_PEAKS):
        at = int(counts.argmax())
        inside += int(counts[max(0, at - 1) : at + 2].sum())
        counts[max(0, at - _RIPPLE) : at + _RIPPLE + 1] = 0
    return inside / total


def _codes(pixels: Pixels) -> NDArray[np.uint64]:
    """One number for each pixel's colour."""
    if pixels.ndim == 2:
        return pixels.astype(np.uint64)
    codes = np.zeros(pixels.shape[:2], np.uint64)
    for channel in range(pixels.shape[2]):
        codes = (codes << np.uint64(16)) | pixels[..., channel]
    return codes


def _pixels(reader: Reader, key: str) -> Pixels | None:
    data = reader.start(key, WHOLE)
    try:
        return None if data is None else read(Loaded(_named(key), data)).pixels
    except PictureError:
        return None


def _probe(reader: Reader, key: str) -> PictureInfo | None:
    """A picture's header, from the file's beginning where that is enough."""
    for most in (HEAD, WHOLE):
        data = reader.start(key, most)
        if data is None:
            return None
        try:
            return probe(Loaded(_named(key), data))
        except PictureError:
            if len(data) < most:
                return None
    return None


def _named(key: str) -> Path:
    return Path(key.rpartition("/")[2])
