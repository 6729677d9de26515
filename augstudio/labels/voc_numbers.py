"""Coordinates as Pascal VOC writes them: whole pixels or not, counted from 1 or from 0.

Counted from 1, a box names its first and its last pixel: xmin 1 is the left edge of the picture, xmax is its width at
the right edge. So left is xmin - 1, and right is xmax. Counted from 0, it names corners, as LabelImg and others do:
left is xmin, and right is xmax, 0 to the width. Points of polygons counted from 1 name pixels, and lie in their
middles; counted from 0 they are corners, too.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence

import numpy as np

from augstudio.engine.shapes import Coordinates

NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?", re.ASCII | re.IGNORECASE)
_WHOLE = re.compile(r"[+-]?\d+", re.ASCII)
_FEWEST, _MOST = 2, 6  # decimals


def decimals_of(texts: Sequence[str]) -> int:
    """How many decimals numbers are written with; 0 where all are whole."""
    if all(_WHOLE.fullmatch(text) for text in texts):
        return 0
    return min(max(_FEWEST, *(len(text.partition(".")[2]) for text in texts)), _MOST)


def edges_of(texts: Sequence[str], base: int) -> tuple[float, float, float, float]:
    """Left, top, right and bottom for xmin, ymin, xmax and ymax."""
    left, top, right, bottom = map(float, texts)
    return left - base, top - base, right, bottom


def box_texts(
    bounds: tuple[float, float, float, float], size: tuple[int, int], base: int, decimals: int
) -> tuple[str, str, str, str]:
    """Write xmin, ymin, xmax and ymax: inside the picture, and never of no size."""
    left, right = _ends(bounds[0], bounds[2], size[0], base, decimals)
    top, bottom = _ends(bounds[1], bounds[3], size[1], base, decimals)
    numbers = (left + base, top + base, right, bottom)
    return tuple(_text(value, decimals) for value in numbers)  # type: ignore[return-value]


def _ends(begin: float, end: float, side: int, base: int, decimals: int) -> tuple[float, float]:
    steps = 10**decimals
    # Counted from 1, a box names a first and a last pixel, so that less than one would be inside out.
    least = steps if base else 1
    low, high = (math.floor(min(max(value, 0.0), float(side)) * steps + 0.5) for value in (begin, end))
    if high - low < least:
        low = min(math.floor(max(begin, 0.0) * steps), side * steps - least)
        high = low + least
    return low / steps, high / steps


def points_of(numbers: Sequence[float], base: int) -> Coordinates:
    """Points of a polygon, x and y in turn."""
    return np.array(numbers, np.float64).reshape(-1, 2) - base / 2


def point_texts(ring: Coordinates, size: tuple[int, int], base: int, decimals: int) -> list[tuple[str, str]]:
    """Write the points of a polygon: x and y of each."""
    shifted = ring + base / 2
    if not decimals:
        shifted = np.floor(shifted + 0.5) if not base else np.floor(ring) + 1
    inside = np.clip(shifted, base, np.array(size, np.float64))
    return [(_text(x, decimals), _text(y, decimals)) for x, y in inside.tolist()]


def _text(value: float, decimals: int) -> str:
    return f"{value:.{decimals}f}" if decimals else str(int(value))
