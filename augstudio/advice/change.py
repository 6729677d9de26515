"""How much a copy differs from what it was made from, once what only moved is moved back: a ruler to sort by."""

from __future__ import annotations

import math
from functools import lru_cache
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from augstudio.engine import Border, BorderMode, Pixels, Plan, Role, Warp
from augstudio.engine.matrices import IDENTITY, Matrix, inverse, times
from augstudio.engine.pixels import full_range, split_alpha

LONGEST = 160
"""Pixels of the longer side that colours are compared at; of larger pictures, every second, third … pixel."""
_EDGE = Border(BorderMode.EDGE)
_POINTS = 1024
"""Of the copy's frame that are looked at for border and zoom."""
_INSET = 1 / 64
"""Of a pixel: a border that is no wider at a frame's corner is none."""


class Change(NamedTuple):
    """How much was changed, each from 0 for nothing.

    Colour is the mean distance in CIELAB (CIE 1976), of which black and white lie 100 apart, divided by that. That each
    of the three counts alike in `total` is this program's own choice: no published figure says what harms most.

    Attributes
    ----------
    colour : float
        Mean distance between what both pictures show in the same place, where black and white lie 1 apart.
    border : float
        Share of the copy's frame, 0 to 1, that shows neither the source nor what the picture before had there.
    zoom : float
        1 − min(z, 1/z), for the scale z between the two: enlarged or reduced to a half is 0.5.
    """

    colour: float = 0.0
    border: float = 0.0
    zoom: float = 0.0

    @property
    def total(self) -> float:
        """All of it in one number."""
        return self.colour + self.border + self.zoom

    @property
    def words(self) -> str:
        """Such as "colour 0.12, border 8 %, zoom 0.1"; empty where nothing of it would be seen."""
        parts = []
        if self.colour >= 0.005:
            parts.append(f"colour {self.colour:.2f}")
        if self.border >= 0.005:
            parts.append(f"border {100 * self.border:.0f} %")
        if self.zoom >= 0.05:
            parts.append(f"zoom {self.zoom:.1f}")
        return ", ".join(parts)


NO_CHANGE = Change()
_NOTHING_LEFT = Change(0.0, 1.0, 1.0)


def change(before: Pixels, after: Pixels, was: Warp | None, now: Warp | None, plain: Warp | None = None) -> Change:
    """Tell how much a picture differs from what it was.

    The picture before is moved as the one after was, by the same resampling, and held against it pixel by pixel: so a
    flip, a turn or a shift is no change of colour, while noise counts in full. 256 pixels a side take 1 to 2 ms.

    Parameters
    ----------
    before, after : ndarray
        Two pictures of one source (see `Pixels`), of the same type and channels.
    was, now : Warp or None
        All geometry from the source to each (`Plan.warp`); None where there is none.
    plain : Warp or None
        Geometry that border and zoom are counted against, if it is not `was`: for a source and its copy, what the
        output's size alone does (`Pipeline.plain`).
    """
    size, target = _size(before), _size(after)
    source = size if was is None else was.source
    plain = plain if plain is not None else was
    frame = size if plain is None else plain.target
    try:
        moved = _finite(_matrix(now))
        between = Warp(_finite(times(moved, inverse(_matrix(was)))), size, target, _EDGE)
        anew = Warp(_finite(times(moved, inverse(_matrix(plain)))), frame, target)
        shown = Warp(moved, source, target)
        places, places_before = shown.inverse(_spread(target)), anew.inverse(_spread(target))
        inverse(between.matrix)
    except (ZeroDivisionError, OverflowError):
        return _NOTHING_LEFT  # no place of the copy is one of the source
    outside = ~_within(places, source) & ~_within(places_before, frame)
    colour = _colour(before, after, between, shown if was is not None else None)
    return Change(colour, float(outside.mean()), _zoom(anew, places_before))


def change_of_copy(source: Pixels, copy: Pixels, plan: Plan, plain: Plan) -> Change:
    """Tell how much a copy differs from its source as the output's size alone would have it.

    Parameters
    ----------
    source, copy : ndarray
        The picture that the plan was applied to, and what came of it.
    plan, plain : Plan
        What was applied (`Pipeline.plan`), and what the output's size alone does (`Pipeline.plain`).
    """
    if plain.steps and plan.steps[:1] == plain.steps:  # resized first, and not in one with what follows: nor here
        return change(plain.apply(source), copy, plain.warp, plan.warp)
    return change(source, copy, None, plan.warp, plain.warp)


def _size(pixels: Pixels) -> tuple[int, int]:
    return pixels.shape[1], pixels.shape[0]


def _matrix(warp: Warp | None) -> Matrix:
    return IDENTITY if warp is None else warp.matrix


def _finite(matrix: Matrix) -> Matrix:
    if not all(map(math.isfinite, matrix)):
        raise OverflowError("the matrix leads beyond all numbers")
    return matrix


def _spread(size: tuple[int, int]) -> NDArray[np.float64]:
    """Points over a frame, `(N, 2)`, in pixels."""
    return _unit_points() * np.array(size, np.float64)


@lru_cache(maxsize=1)
def _unit_points() -> NDArray[np.float64]:
    """Points over the unit square that lie along no rows and columns (Roberts, 2018: multiples of 1/g, 1/g²)."""
    return np.linspace(0.5, _POINTS - 0.5, _POINTS)[:, None] * (0.7548776662466927, 0.5698402909980532) % 1


def _within(points: NDArray[np.float64], size: tuple[int, int]) -> NDArray[np.bool_]:
    """Which points lie in a frame; a point that is nowhere does not."""
    x, y = points[:, 0], points[:, 1]
    inside: NDArray[np.bool_] = (x >= 0) & (x <= size[0]) & (y >= 0) & (y <= size[1])
    return inside


def _zoom(warp: Warp, places: NDArray[np.float64]) -> float:
    """How far the scale lies from 1; in a perspective, in the middle of the scales of what is seen."""
    a, b, c, d, e, f, g, h, i = warp.matrix
    area = abs(a * (e * i - f * h) - b * (d * i - f * g) + c * (d * h - e * g))
    areas = np.array([area / abs(i) ** 3]) if not (g or h) else np.zeros(0)
    if g or h:
        seen = places[_within(places, warp.source)]
        areas = np.sort(area / (g * seen[:, 0] + h * seen[:, 1] + i) ** 3)
    if not areas.size:
        return 0.0
    scale = math.sqrt(float(areas[len(areas) // 2]))
    return 1 - min(scale, 1 / scale)


def _colour(before: Pixels, after: Pixels, between: Warp, shown: Warp | None) -> float:
    """Mean distance over what both show, each pixel by how opaque it is in both."""
    (colour, alpha), (colour_after, alpha_after) = split_alpha(before), split_alpha(after)
    every = -(-max(between.target) // LONGEST)
    part = slice(every // 2, None, every)
    weights = _seen(between) if shown is None else cv2.min(_seen(between), _seen(shown))
    weights = weights[part, part].astype(np.float32)
    if alpha is not None and alpha_after is not None:
        colour, alpha = between.with_alpha(colour, alpha)
        top = full_range(alpha)
        weights *= alpha[part, part] * (1 / np.float32(top)) * (alpha_after[part, part] * (1 / np.float32(top)))
    else:
        colour = between.apply(colour)
    total = float(weights.sum(dtype=np.float64))
    if not total:
        return 0.0
    one, other = _lab(colour[part, part]), _lab(colour_after[part, part])
    squared = cv2.subtract(one, other, dtype=cv2.CV_32F)
    distances = np.sqrt(np.einsum("ijk,ijk->ij", squared, squared))
    return float(np.einsum("ij,ij->", distances, weights, dtype=np.float64)) / total / 100


def _seen(warp: Warp) -> NDArray[np.uint8]:
    """Where the target shows the source: 1, but for pixels that a border may have a part in."""
    (width, height), (across, down) = warp.source, warp.target
    corners = np.array([(x, y) for x in (_INSET, across - _INSET) for y in (_INSET, down - _INSET)])
    if _within(warp.inverse(corners), warp.source).all():
        return np.ones((down, across), np.uint8)
    # With one pixel more on each side: an edge of the source may lie within the frame's last pixels.
    wider = Warp(times((1, 0, 1, 0, 1, 1, 0, 0, 1), warp.matrix), warp.source, (across + 2, down + 2))
    shown = np.ascontiguousarray(wider.resample(np.ones((height, width), np.uint8), Role.REGION))
    inner = cv2.erode(shown, np.ones((3, 3), np.uint8)).astype(np.uint8, copy=False)
    within, seen = (np.ascontiguousarray(one[1:-1, 1:-1]) for one in (inner, shown))
    return within if within.any() else seen


def _lab(colour: Pixels) -> NDArray[np.float32]:
    """L*, a* and b* of sRGB, `(H, W, 3)`; L* is 0 to 100."""
    shares = np.ascontiguousarray(colour).astype(np.float32) * np.float32(1 / full_range(colour))
    rgb = cv2.cvtColor(shares, cv2.COLOR_GRAY2RGB) if shares.ndim == 2 else shares
    return cv2.cvtColor(rgb, cv2.COLOR_RGB2Lab).astype(np.float32, copy=False)
