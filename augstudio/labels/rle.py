"""COCO's run-length masks: how many pixels in a row are off, on, off, …, down the columns from left to right.

They are written as a list of counts, or as a string that packs the same counts; both are read and written as the
COCO tools do it.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Counts = NDArray[np.int64]
"""Lengths of runs; the first is of pixels that are off, and may be 0."""

_MOST_DIGITS = 12
"""Signs that one number may take in a string: 60 bits."""
_FIRST_SIGN = 48
_LAST_SIGN = _FIRST_SIGN + 63
_MORE = 32  # the sign's bit that says that the number goes on
_NEGATIVE = 16  # the last sign's bit that says that it is below zero


def decode(counts: Counts, width: int, height: int) -> NDArray[np.bool_]:
    """Paint runs.

    Parameters
    ----------
    counts : ndarray
        Runs, as `listed` or `unpacked` give them.
    width, height : int
        Of the mask in pixels.

    Returns
    -------
    ndarray
        `(height, width)` of bool.

    Raises
    ------
    ValueError
        If a run is below zero, or they do not add up to the mask's size.
    """
    total = width * height
    if len(counts) and (counts.min() < 0 or counts.max() > total):
        raise ValueError("a run of fewer than no pixels, or of more than there are")
    if (added := int(counts.sum())) != total:
        raise ValueError(f"runs of {added:,} pixels in all")
    on = np.arange(len(counts)) % 2 == 1
    return np.ascontiguousarray(np.repeat(on, counts).reshape(width, height).T)


def encode(mask: NDArray[np.bool_]) -> Counts:
    """Count runs of an `(H, W)` mask of bool; as few as can be."""
    pixels = np.ascontiguousarray(mask.T).reshape(-1)
    changes = np.flatnonzero(pixels[1:] != pixels[:-1]) + 1
    ends = np.concatenate((changes, [len(pixels)]))
    counts = np.diff(ends, prepend=0).astype(np.int64)
    return np.concatenate((np.zeros(1, np.int64), counts)) if len(pixels) and pixels[0] else counts


def listed(counts: list[object]) -> Counts:
    """Runs from a list of whole numbers.

    Raises
    ------
    ValueError
        If there is anything else in it.
    """
    if not set(map(type, counts)) <= {int}:
        raise ValueError("counts that are no whole numbers")
    try:
        return np.array(counts, np.int64)
    except OverflowError:
        raise ValueError("a count beyond all pictures") from None


def unpacked(text: str) -> Counts:
    """Runs from a string.

    Each number stands in signs of six bits, the lowest first, five of them for the number and one that says whether
    it goes on; from the fourth on, a number is the difference to the last but one.

    Raises
    ------
    ValueError
        If it is no such string.
    """
    try:
        signs = np.frombuffer(text.encode("ascii"), np.uint8).astype(np.int64)
    except UnicodeEncodeError:
        raise ValueError("a sign that does not belong there") from None
    if not len(signs):
        return signs
    if signs.min() < _FIRST_SIGN or signs.max() > _LAST_SIGN:
        raise ValueError("a sign that does not belong there")
    signs -= _FIRST_SIGN
    ends = np.flatnonzero(signs < _MORE)
    if not len(ends) or ends[-1] != len(signs) - 1:
        raise ValueError("a number that breaks off")
    starts = np.concatenate(([0], ends[:-1] + 1))
    lengths = ends - starts + 1
    if lengths.max() > _MOST_DIGITS:
        raise ValueError("a number of too many signs")
    places = np.arange(len(signs)) - np.repeat(starts, lengths)
    numbers = np.add.reduceat((signs & 31) << (5 * places), starts)
    numbers -= np.where(signs[ends] & _NEGATIVE, np.int64(1) << (5 * lengths), 0)
    return _undone(numbers)


_LONGEST = 2**31  # more pixels than any picture has; sums of billions of such numbers fit into 64 bits


def _undone(numbers: Counts) -> Counts:
    """Counts from differences."""
    if np.abs(numbers).max() > _LONGEST:
        raise ValueError("a count beyond all pictures")
    counts = numbers.copy()
    counts[1::2] = np.cumsum(numbers[1::2])
    counts[2::2] = np.cumsum(numbers[2::2])
    return counts


def packed(counts: Counts) -> str:
    """Runs as a string, see `unpacked`."""
    left = counts.copy()
    left[3:] -= counts[1:-2]
    columns, used = [], []
    going = np.ones(len(left), np.bool_)
    while going.any():
        used.append(going)
        digits = left & 31
        left = left >> 5
        more = np.where(digits & _NEGATIVE, left != -1, left != 0)
        columns.append(np.where(more, digits | _MORE, digits) + _FIRST_SIGN)
        going = going & more
    if not columns:
        return ""
    return np.stack(columns, axis=1)[np.stack(used, axis=1)].astype(np.uint8).tobytes().decode("ascii")
