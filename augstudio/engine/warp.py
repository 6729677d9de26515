"""Geometry by a 3×3 matrix: where things go. How pixels follow is in `resampling`.

Convention: pixel i covers [i, i + 1) and coordinates are continuous, so a picture of width w spans [0, w].
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from augstudio.engine.alpha import unweighted, weighted
from augstudio.engine.frame import Frame
from augstudio.engine.geometry import Border, BorderMode, Geometry, Rectangle, Role
from augstudio.engine.matrices import EPSILON, IDENTITY, Matrix, inverse, quadrangle, times
from augstudio.engine.pixels import Pixels, full_range, to_levels
from augstudio.engine.resampling import averaged, nearest, rigid
from augstudio.engine.shapes import Coordinates
from augstudio.engine.step import Step

_EDGE = Border(BorderMode.EDGE)
"""What stands in where a warp never looks outside, but for half a pixel."""
_BEFORE_CAMERA = 1e-6
"""What w must be, where the source's centre has 1, for a point to lie before the camera."""


@dataclass(frozen=True)
class Warp(Geometry):
    """Move the picture through a matrix into a frame.

    A warp moves the frame over an endless plane that `border` fills; it cuts nothing off. So what lies outside a
    crop is still there for a later rotation, and adjacent warps may be merged into one.

    Attributes
    ----------
    matrix : tuple of 9 floats
        Source to target, continuous coordinates, row by row.
    source, target : (int, int)
        Width and height before and after, in pixels.
    border : Border or None
        None says that the warp never looks outside its source.
    """

    matrix: Matrix
    source: tuple[int, int]
    target: tuple[int, int]
    border: Border | None = None

    # -- building ---------------------------------------------------------------------------------------------

    @classmethod
    def about_centre(cls, linear: tuple[float, float, float, float], frame: Frame, border: Border) -> Warp:
        """Apply the 2×2 matrix `linear` (row by row) about the frame's centre; the frame keeps its size."""
        a, b, c, d = linear
        x, y = frame.centre
        matrix = (a, b, x - a * x - b * y, c, d, y - c * x - d * y, 0.0, 0.0, 1.0)
        return cls(matrix, frame.size, frame.size, border)

    @classmethod
    def rotation(cls, degrees: float, frame: Frame, border: Border) -> Warp:
        """Turn counter-clockwise about the centre."""
        angle = math.radians(degrees)
        cos, sin = math.cos(angle), math.sin(angle)
        return cls.about_centre((cos, sin, -sin, cos), frame, border)

    @classmethod
    def translation(cls, x: float, y: float, frame: Frame, border: Border) -> Warp:
        """Move by x pixels to the right and y pixels down."""
        return cls((1.0, 0.0, x, 0.0, 1.0, y, 0.0, 0.0, 1.0), frame.size, frame.size, border)

    @classmethod
    def window(
        cls, box: tuple[float, float, float, float], frame: Frame, target: tuple[int, int], border: Border | None = None
    ) -> Warp:
        """Show the window `box` (left, top, right, bottom; in pixels) of the frame in a frame of size `target`."""
        left, top, right, bottom = box
        x, y = target[0] / (right - left), target[1] / (bottom - top)
        return cls((x, 0.0, -left * x, 0.0, y, -top * y, 0.0, 0.0, 1.0), frame.size, target, border)

    @classmethod
    def flip(cls, frame: Frame, *, horizontal: bool, vertical: bool) -> Warp:
        """Mirror left to right, or top to bottom, or both."""
        x = (-1.0, float(frame.width)) if horizontal else (1.0, 0.0)
        y = (-1.0, float(frame.height)) if vertical else (1.0, 0.0)
        return cls((x[0], 0.0, x[1], 0.0, y[0], y[1], 0.0, 0.0, 1.0), frame.size, frame.size)

    @classmethod
    def quarter_turn(cls, turns: int, frame: Frame) -> Warp:
        """Turn by `turns` quarters counter-clockwise; sides are swapped for an odd number."""
        w, h = float(frame.width), float(frame.height)
        match turns % 4:
            case 0:
                return cls(IDENTITY, frame.size, frame.size)
            case 1:
                return cls((0.0, 1.0, 0.0, -1.0, 0.0, w, 0.0, 0.0, 1.0), frame.size, frame.size[::-1])
            case 2:
                return cls((-1.0, 0.0, w, 0.0, -1.0, h, 0.0, 0.0, 1.0), frame.size, frame.size)
            case _:
                return cls((0.0, -1.0, h, 1.0, 0.0, 0.0, 0.0, 0.0, 1.0), frame.size, frame.size[::-1])

    @classmethod
    def corners(cls, offsets: tuple[tuple[float, float], ...], frame: Frame, border: Border) -> Warp:
        """Move the four corners (clockwise from top left) by x and y pixels each: a perspective."""
        return cls(quadrangle(frame.size, offsets), frame.size, frame.size, border)

    # -- algebra ----------------------------------------------------------------------------------------------

    @property
    def array(self) -> NDArray[np.float64]:
        """The matrix as a `(3, 3)` array."""
        return np.array(self.matrix, np.float64).reshape(3, 3)

    def is_identity(self) -> bool:
        """Whether nothing moves and the frame keeps its size."""
        if self.source != self.target or abs(self.matrix[0] - 1) >= EPSILON:
            return False
        return all(abs(a - b) < EPSILON for a, b in zip(self.matrix, IDENTITY, strict=True))

    def is_upright(self) -> bool:
        """Whether x and y go apart, each alone or the one as the other."""
        a, b, _, d, e, _, g, h, _ = self.matrix
        small = EPSILON * max(abs(a), abs(b), abs(d), abs(e))
        return not (g or h) and (max(abs(b), abs(d)) <= small or max(abs(a), abs(e)) <= small)

    def bare(self) -> Warp:
        """The same without a border."""
        return Warp(self.matrix, self.source, self.target)

    def part(self, source: Rectangle, target: Rectangle) -> Warp:
        """The same between a part of the source and a part of the target."""
        to_part: Matrix = (1.0, 0.0, -float(target[0]), 0.0, 1.0, -float(target[1]), 0.0, 0.0, 1.0)
        from_part: Matrix = (1.0, 0.0, float(source[0]), 0.0, 1.0, float(source[1]), 0.0, 0.0, 1.0)
        matrix = times(to_part, times(self.matrix, from_part))
        left, top, right, bottom = source
        size = target[2] - target[0], target[3] - target[1]
        return Warp(matrix, (right - left, bottom - top), size, self.border)

    def then(self, later: Step) -> Warp | None:
        """This warp and the next step in one, or None if that is no warp, or their borders differ."""
        if type(later) is not Warp:  # not isinstance, which asks an abstract class at length
            return None
        if self.border is not None and later.border is not None and not self.border.same(later.border):
            return None
        a, b, c, d, e, f, g, h, i = times(later.matrix, self.matrix)
        if abs(i) != 1:
            w = abs(i) or 1.0  # the sign tells what lies before the camera, so it stays
            a, b, c, d, e, f, g, h, i = a / w, b / w, c / w, d / w, e / w, f / w, g / w, h / w, i / w
        return Warp((a, b, c, d, e, f, g, h, i), self.source, later.target, self.border or later.border)

    def outside_share(self) -> float:
        """Share of the target that shows what lies outside the source, 0 to 1 (within 0.01)."""
        a, b, c, d, e, f, g, h, i = inverse(self.matrix)
        x, y = _spread_points()
        x, y = x * self.target[0], y * self.target[1]
        w = g * x + h * y + i
        with np.errstate(divide="ignore", invalid="ignore"):
            u, v = (a * x + b * y + c) / w, (d * x + e * y + f) / w
            inside = (w > 0) & (u >= 0) & (u <= self.source[0]) & (v >= 0) & (v <= self.source[1])
        return float(1 - inside.mean())

    def describe(self) -> str:
        """One plain line."""
        border = f", {self.border.mode} border" if self.border else ""
        return f"warp {self.source[0]}×{self.source[1]} → {self.target[0]}×{self.target[1]}{border}"

    # -- points -----------------------------------------------------------------------------------------------

    def forward(self, points: Coordinates) -> Coordinates:
        """Where points of the source go, `(N, 2)`; NaN for those behind the camera."""
        return _projected(self.matrix, points)

    def inverse(self, points: Coordinates) -> Coordinates:
        """Where points of the target come from, `(N, 2)`; NaN for those from behind the camera."""
        return _projected(inverse(self.matrix), points)

    def about_ellipses(self, boxes: NDArray[np.float64]) -> NDArray[np.float64]:
        """The boxes about what becomes of the ellipses inside boxes, `(N, 4)`; NaN for those behind the camera.

        Exact: what a matrix makes of an ellipse is one, whose dual conic gives the lines that touch it.
        """
        columns = self.array.T
        middle, half = (boxes[:, :2] + boxes[:, 2:]) / 2, (boxes[:, 2:] - boxes[:, :2]) / 2
        axes = np.empty((3, len(boxes), 3))  # both half axes and the centre, each as x, y and w
        np.multiply(half[:, :1], columns[0], out=axes[0])
        np.multiply(half[:, 1:], columns[1], out=axes[1])
        np.add(middle[:, :1] * columns[0] + middle[:, 1:] * columns[1], columns[2], out=axes[2])
        squares, products = axes * axes, axes * axes[:, :, 2:]
        squared = squares[0] + squares[1] - squares[2]
        mixed = (products[0] + products[1] - products[2])[:, :2]
        ends, centre = squared[:, 2:], axes[2]
        with np.errstate(invalid="ignore", divide="ignore"):
            reach = np.sqrt(np.maximum(mixed * mixed - ends * squared[:, :2], 0.0))
            found: NDArray[np.float64] = np.concatenate((mixed + reach, mixed - reach), axis=1) / ends
        found[~((ends < 0) & (centre[:, 2:] > 0))[:, 0]] = np.nan
        return found

    def shown(self, outline: Coordinates) -> Coordinates:
        """The part of a convex outline of the source that the target shows, `(N, 2)`; empty if none is.

        All that bounds it are straight lines, in the source as in the target, so no point is moved to find it.
        """
        a, b, c, d, e, f, g, h, i = self.matrix
        width, height = self.target
        points: _Points = outline.tolist()
        # What w is at the source's centre tells what is next to nothing.
        least = _BEFORE_CAMERA * abs(g * self.source[0] / 2 + h * self.source[1] / 2 + i)
        lines = [(a, b, c), (d, e, f), (width * g - a, width * h - b, width * i - c)]
        lines.append((height * g - d, height * h - e, height * i - f))
        if g or h:
            lines.insert(0, (g, h, i - least))
        reach, cut = _reach(points), points
        for line in lines:
            points, cut = cut, _on_one_side(cut, reach, *line)
            if cut is not points:
                reach = _reach(cut)
        return np.array(cut, np.float64).reshape(-1, 2)

    # -- pixels -----------------------------------------------------------------------------------------------

    def apply(self, colour: Pixels) -> Pixels:
        """Resample a colour or grey picture; a flip, a quarter turn or a whole-pixel crop only copies."""
        moved = rigid(colour, self.matrix, self.target)
        if moved is not None:
            return moved
        border = self.border or _EDGE
        return self._run(colour, border.mode, to_levels(border.colour, colour))

    def with_alpha(self, colour: Pixels, alpha: Pixels) -> tuple[Pixels, Pixels]:
        """Resample colour weighed by alpha, and alpha; a blank border is opaque, since it is painted."""
        moved = rigid(colour, self.matrix, self.target)
        if moved is not None:
            with_it = rigid(alpha, self.matrix, self.target)
            assert with_it is not None  # it depends on the sizes alone
            return moved, with_it
        border, top = self.border or _EDGE, float(full_range(alpha))
        fill = tuple(top * level for level in to_levels(border.colour, colour))
        mixed = self._run(weighted(colour, alpha), border.mode, (*fill, top, top)[:4])
        return unweighted(mixed, colour), self._run(alpha, border.mode, (top,))

    def _run(self, pixels: Pixels, mode: BorderMode, fill: tuple[float, ...]) -> Pixels:
        return averaged(pixels, inverse(self.matrix), self.target, mode, fill)

    def resample(self, pixels: Pixels, role: Role = Role.PICTURE, fill: tuple[int, ...] = (0,)) -> Pixels:
        """Move pixels of any role; see `Geometry.resample`."""
        if role is Role.PICTURE:
            return self.apply(pixels)
        moved = rigid(pixels, self.matrix, self.target)
        if moved is not None:
            return moved
        if role is Role.REGION or (self.border is not None and self.border.mode not in _SHOWN_AGAIN):
            mode = BorderMode.BLANK
        else:  # without a border nothing outside is looked at, but for what rounding does
            mode = self.border.mode if self.border is not None else BorderMode.EDGE
        return nearest(pixels, inverse(self.matrix), self.target, mode, tuple(map(float, fill)))


@lru_cache(maxsize=1)
def _spread_points() -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Points spread evenly over the unit square, but along no rows and columns that an edge could run along.

    The sequence of Roberts (2018): multiples of 1/g and 1/g², g³ = g + 1.
    """
    numbers = np.linspace(0.5, 1023.5, 1024)
    x, y = (numbers * step % 1 for step in (0.7548776662466927, 0.5698402909980532))
    return x, y


_SHOWN_AGAIN = (BorderMode.MIRROR, BorderMode.TILE)
"""Borders that show what lies in the picture."""


def _projected(matrix: Matrix, points: Coordinates) -> Coordinates:
    a, b, c, d, e, f, g, h, i = matrix
    x, y = points[:, 0], points[:, 1]
    u, v = a * x + b * y + c, d * x + e * y + f
    if not (g or h) and i == 1:
        return np.stack((u, v), axis=1)
    w = g * x + h * y + i
    with np.errstate(divide="ignore", invalid="ignore"):
        found: Coordinates = np.stack((u, v), axis=1) / w[:, None]
    found[~(w > 0)] = np.nan
    return found


_Points: TypeAlias = list[Sequence[float]]


def _reach(points: _Points) -> float:
    """How far points lie from the axes, and 1 at least."""
    return max(1.0, *map(max, points), -min(map(min, points))) if points else 1.0


def _on_one_side(points: _Points, reach: float, a: float, b: float, c: float) -> _Points:
    """What of a convex outline lies where a·x + b·y + c is 0 or more (Sutherland and Hodgman, 1974)."""
    if not points:
        return points
    sides = [a * x + b * y + c for x, y in points]
    # What rounding takes away of a picture that fills its frame must not look like a cut.
    nothing = EPSILON * (abs(a) + abs(b)) * reach
    if min(sides) >= -nothing:
        return points
    if max(sides) < 0:
        return []
    kept: _Points = []
    last, before = points[-1], sides[-1]
    for point, side in zip(points, sides, strict=True):
        if (side >= 0) != (before >= 0):
            share = before / (before - side)
            kept.append((last[0] + (point[0] - last[0]) * share, last[1] + (point[1] - last[1]) * share))
        if side >= 0:
            kept.append(point)
        last, before = point, side
    return kept
