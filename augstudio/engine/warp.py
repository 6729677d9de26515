"""Geometry: one resampling through a 3×3 matrix.

Convention: pixel i covers [i, i + 1) and coordinates are continuous, so a picture of width w spans [0, w]. OpenCV
counts from pixel centres; the half-pixel shift between the two is made in `_resample` and nowhere else.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from typing import TypeAlias

import cv2
import numpy as np
from numpy.typing import NDArray

from augstudio.engine.frame import Frame
from augstudio.engine.pixels import Pixels, to_levels
from augstudio.engine.step import Step

Matrix: TypeAlias = tuple[float, float, float, float, float, float, float, float, float]
"""A 3×3 matrix, row by row; it takes homogeneous source points to target points."""

IDENTITY: Matrix = (1.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 1.0)
_EPSILON = 1e-9
_HALF = np.array([[1, 0, 0.5], [0, 1, 0.5], [0, 0, 1]])
_UNHALF = np.array([[1, 0, -0.5], [0, 1, -0.5], [0, 0, 1]])


class BorderMode(StrEnum):
    """What is seen outside the picture."""

    BLANK = "blank"
    MIRROR = "mirror"
    EDGE = "edge"
    TILE = "tile"


@dataclass(frozen=True)
class Border:
    """What lies outside the picture: a mode, and the 8-bit RGB colour of `blank`."""

    mode: BorderMode = BorderMode.MIRROR
    colour: tuple[int, int, int] = (0, 0, 0)

    def same(self, other: Border) -> bool:
        """Whether both show the same; the colour matters for `blank` only."""
        return self.mode is other.mode and (self.mode is not BorderMode.BLANK or self.colour == other.colour)


_CV_BORDER = {
    BorderMode.BLANK: cv2.BORDER_CONSTANT,
    BorderMode.MIRROR: cv2.BORDER_REFLECT,
    BorderMode.EDGE: cv2.BORDER_REPLICATE,
    BorderMode.TILE: cv2.BORDER_WRAP,
}


@dataclass(frozen=True)
class Warp(Step):
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

    moves_alpha = True

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
        w, h = frame.size
        source = np.array([(0, 0), (w, 0), (w, h), (0, h)], np.float64)
        matrix = _homography(source, source + np.array(offsets, np.float64))
        return cls(_as_tuple(matrix), frame.size, frame.size, border)

    # -- algebra ----------------------------------------------------------------------------------------------

    @property
    def array(self) -> NDArray[np.float64]:
        """The matrix as a `(3, 3)` array."""
        return np.array(self.matrix, np.float64).reshape(3, 3)

    def is_identity(self) -> bool:
        """Whether nothing moves and the frame keeps its size."""
        return self.source == self.target and all(
            abs(a - b) < _EPSILON for a, b in zip(self.matrix, IDENTITY, strict=True)
        )

    def then(self, later: Warp) -> Warp | None:
        """This warp and the next in one, or None if their borders differ."""
        if self.border is not None and later.border is not None and not self.border.same(later.border):
            return None
        matrix = later.array @ self.array
        matrix /= abs(matrix[2, 2]) or 1.0  # the sign tells what lies before the camera, so it stays
        return Warp(_as_tuple(matrix), self.source, later.target, self.border or later.border)

    def outside_share(self) -> float:
        """Share of the target that shows what lies outside the source, 0 to 1 (within 0.01)."""
        x, y = _spread_points()
        points = np.linalg.inv(self.array) @ np.stack([x * self.target[0], y * self.target[1], np.ones(x.size)])
        with np.errstate(divide="ignore", invalid="ignore"):
            u, v = points[0] / points[2], points[1] / points[2]
            inside = (points[2] > 0) & (u >= 0) & (u <= self.source[0]) & (v >= 0) & (v <= self.source[1])
        return float(1 - inside.mean())

    def describe(self) -> str:
        """One plain line."""
        border = f", {self.border.mode} border" if self.border else ""
        return f"warp {self.source[0]}×{self.source[1]} → {self.target[0]}×{self.target[1]}{border}"

    # -- pixels -----------------------------------------------------------------------------------------------

    def apply(self, colour: Pixels) -> Pixels:
        """Resample a colour or grey picture; a flip, a quarter turn or a whole-pixel crop only copies."""
        border = self.border or Border(BorderMode.EDGE)
        return self._run(colour, border.mode, to_levels(border.colour, colour))

    def apply_alpha(self, alpha: Pixels) -> Pixels:
        """Resample alpha; a blank border is opaque, since it is painted."""
        border = self.border or Border(BorderMode.EDGE)
        return self._run(alpha, border.mode, (float(np.iinfo(alpha.dtype).max),))

    def _run(self, pixels: Pixels, mode: BorderMode, fill: tuple[float, ...]) -> Pixels:
        rigid = _rigid(pixels, self.array, self.target)
        if rigid is not None:
            return rigid
        pixels, matrix = _crop_to_need(pixels, self.array, self.target)
        pixels, matrix = _reduce(pixels, matrix, self.target)
        return _resample(pixels, matrix, self.target, mode, fill)


@lru_cache(maxsize=1)
def _spread_points() -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Points spread evenly over the unit square, but along no rows and columns that an edge could run along.

    The sequence of Roberts (2018): multiples of 1/g and 1/g², g³ = g + 1.
    """
    numbers = np.linspace(0.5, 1023.5, 1024)
    x, y = (numbers * step % 1 for step in (0.7548776662466927, 0.5698402909980532))
    return x, y


def _as_tuple(matrix: NDArray[np.float64]) -> Matrix:
    a, b, c, d, e, f, g, h, i = (float(v) for v in matrix.ravel())
    return a, b, c, d, e, f, g, h, i


def _homography(source: NDArray[np.float64], target: NDArray[np.float64]) -> NDArray[np.float64]:
    """Solve for the matrix that takes four points to four others (float64, unlike cv2.getPerspectiveTransform)."""
    rows, right = [], []
    for (x, y), (u, v) in zip(source, target, strict=True):
        rows += [[x, y, 1, 0, 0, 0, -u * x, -u * y], [0, 0, 0, x, y, 1, -v * x, -v * y]]
        right += [u, v]
    return np.append(np.linalg.solve(np.array(rows), np.array(right)), 1.0).reshape(3, 3)


def _rigid(pixels: Pixels, matrix: NDArray[np.float64], target: tuple[int, int]) -> Pixels | None:
    """The target by slicing and turning alone, where the matrix allows it; else None."""
    whole = np.rint(matrix)
    if (
        np.abs(matrix - whole).max() > _EPSILON
        or (np.abs(whole[:2, :2]) != np.eye(2)).any() * (np.abs(whole[:2, :2]) != np.eye(2)[::-1]).any()
    ):
        return None
    if whole[2, 0] or whole[2, 1]:
        return None
    inverse = np.rint(np.linalg.inv(whole))
    x0, x1 = sorted((inverse[0] @ (0, 0, 1), inverse[0] @ (*target, 1)))
    y0, y1 = sorted((inverse[1] @ (0, 0, 1), inverse[1] @ (*target, 1)))
    height, width = pixels.shape[:2]
    if x0 < 0 or y0 < 0 or x1 > width or y1 > height:
        return None
    part = pixels[int(y0) : int(y1), int(x0) : int(x1)]
    if whole[0, 0] == 0:  # the axes are swapped first, then perhaps mirrored
        part = cv2.transpose(part)
        mirror_x, mirror_y = whole[0, 1] < 0, whole[1, 0] < 0
    else:
        mirror_x, mirror_y = whole[0, 0] < 0, whole[1, 1] < 0
    if mirror_x and mirror_y:
        return cv2.flip(part, -1)
    if mirror_x:
        return cv2.flip(part, 1)
    if mirror_y:
        return cv2.flip(part, 0)
    return part


def _crop_to_need(
    pixels: Pixels, matrix: NDArray[np.float64], target: tuple[int, int]
) -> tuple[Pixels, NDArray[np.float64]]:
    """Cut the source down to what the target shows, if that lies wholly inside it: less to filter."""
    if matrix[2, 0] or matrix[2, 1]:
        return pixels, matrix
    inverse = np.linalg.inv(matrix)
    w, h = target
    corners = inverse[:2] @ np.array([(0, 0, 1), (w, 0, 1), (0, h, 1), (w, h, 1)]).T
    margin = 2 * np.abs(inverse[:2, :2]).sum(axis=1) + 2  # the reach of the pre-filter and of the interpolation
    left, top = np.floor(corners.min(axis=1) - margin)
    right, bottom = np.ceil(corners.max(axis=1) + margin)
    height, width = pixels.shape[:2]
    if left < 0 or top < 0 or right > width or bottom > height:
        return pixels, matrix
    moved = matrix @ np.array([[1.0, 0, left], [0, 1.0, top], [0, 0, 1.0]])
    return pixels[int(top) : int(bottom), int(left) : int(right)], moved


def _reduce(pixels: Pixels, matrix: NDArray[np.float64], target: tuple[int, int]) -> tuple[Pixels, NDArray[np.float64]]:
    """Average whole pixels away before a warp that shrinks: linear interpolation alone would alias.

    The factor of each source axis is how many source pixels one target pixel spans, rounded down (but from 0.9
    upwards): what a linear warp loses by shrinking a little more is less than what averaging too much blurs. Against
    the exact area average on photos, ×0.6: 42.8 dB, to the nearest whole number 39.0; ×0.35: 42.2 dB against 37.4.
    """
    height, width = pixels.shape[:2]
    fx, fy = (max(1, math.floor(span + 0.1)) for span in _spans(matrix, (width, height), target))
    small = max(1, round(width / fx)), max(1, round(height / fy))
    if small == (width, height):
        return pixels, matrix
    # Blocks of 2×2 first, as long as a factor of 3 is left: OpenCV is ten times faster at them.
    reduced = pixels
    while min(fx, fy) >= 6 and not (reduced.shape[0] % 2 or reduced.shape[1] % 2):
        reduced = cv2.resize(reduced, (reduced.shape[1] // 2, reduced.shape[0] // 2), interpolation=cv2.INTER_AREA)
        fx, fy = fx // 2, fy // 2
    reduced = cv2.resize(reduced, small, interpolation=cv2.INTER_AREA)
    return reduced, matrix @ np.diag([width / small[0], height / small[1], 1.0])


def _spans(matrix: NDArray[np.float64], source: tuple[int, int], target: tuple[int, int]) -> tuple[float, float]:
    """How many source pixels, along x and y of the source, one target pixel spans.

    In a perspective it differs from place to place: the median over what is seen of the source.
    """
    inverse = np.linalg.inv(matrix)
    if not (matrix[2, 0] or matrix[2, 1]):
        return float(np.hypot(*inverse[0, :2])), float(np.hypot(*inverse[1, :2]))
    steps = (np.arange(16) + 0.5) / 16
    x, y = np.meshgrid(steps * target[0], steps * target[1])
    u, v, w = inverse @ np.stack([x.ravel(), y.ravel(), np.ones(x.size)])
    seen = (w > 0) & (u >= 0) & (u <= source[0] * w) & (v >= 0) & (v <= source[1] * w)
    if not seen.any():
        return 1.0, 1.0
    w = w[seen]
    spans = [
        np.hypot(row[0] - at * inverse[2, 0], row[1] - at * inverse[2, 1]) / w
        for row, at in zip(inverse[:2], (u[seen] / w, v[seen] / w), strict=True)
    ]
    return float(np.median(spans[0])), float(np.median(spans[1]))


def _resample(
    pixels: Pixels,
    matrix: NDArray[np.float64],
    target: tuple[int, int],
    mode: BorderMode,
    fill: tuple[float, ...],
) -> Pixels:
    centres = _UNHALF @ np.linalg.inv(matrix) @ _HALF  # from target pixel numbers to source pixel numbers
    if mode is not BorderMode.BLANK:
        # A single pixel fills its axis wherever one looks, while OpenCV would fold far coordinates back step by step.
        centres[:2][np.array(pixels.shape[1::-1]) == 1] = 0
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    if matrix[2, 0] or matrix[2, 1]:
        return cv2.warpPerspective(pixels, centres, target, flags=flags, borderMode=_CV_BORDER[mode], borderValue=fill)
    return cv2.warpAffine(pixels, centres[:2], target, flags=flags, borderMode=_CV_BORDER[mode], borderValue=fill)
