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

from augstudio.engine.alpha import unweighted, weighted
from augstudio.engine.frame import Frame
from augstudio.engine.pixels import Pixels, full_range, to_levels
from augstudio.engine.step import Step

Matrix: TypeAlias = tuple[float, float, float, float, float, float, float, float, float]
"""A 3×3 matrix, row by row; it takes homogeneous source points to target points."""

IDENTITY: Matrix = (1.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 1.0)
_EPSILON = 1e-9
_SMALL = 2**16
"""Pixels below which a picture is reduced by the exact, slow way: it takes no time anyway."""
_TWO = 1.9
"""How many source pixels a target pixel spans for two of them to be averaged."""

_TWO_ALONE = 2.3
"""The same where only one axis shrinks that far. Up to here, averaging pairs along it brings photos little nearer to
their area average (by 1.3 dB at 2.2, while at 1.9 it takes them 1.4 farther), and is a third of the time of it all."""


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


_EDGE = Border(BorderMode.EDGE)
"""What stands in where a warp never looks outside, but for half a pixel."""
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
        return cls(_quadrangle(frame.size, offsets), frame.size, frame.size, border)

    # -- algebra ----------------------------------------------------------------------------------------------

    @property
    def array(self) -> NDArray[np.float64]:
        """The matrix as a `(3, 3)` array."""
        return np.array(self.matrix, np.float64).reshape(3, 3)

    def is_identity(self) -> bool:
        """Whether nothing moves and the frame keeps its size."""
        if self.source != self.target or abs(self.matrix[0] - 1) >= _EPSILON:
            return False
        return all(abs(a - b) < _EPSILON for a, b in zip(self.matrix, IDENTITY, strict=True))

    def then(self, later: Warp) -> Warp | None:
        """This warp and the next in one, or None if their borders differ."""
        if self.border is not None and later.border is not None and not self.border.same(later.border):
            return None
        a, b, c, d, e, f, g, h, i = _times(later.matrix, self.matrix)
        if abs(i) != 1:
            w = abs(i) or 1.0  # the sign tells what lies before the camera, so it stays
            a, b, c, d, e, f, g, h, i = a / w, b / w, c / w, d / w, e / w, f / w, g / w, h / w, i / w
        return Warp((a, b, c, d, e, f, g, h, i), self.source, later.target, self.border or later.border)

    def outside_share(self) -> float:
        """Share of the target that shows what lies outside the source, 0 to 1 (within 0.01)."""
        a, b, c, d, e, f, g, h, i = _inverse(self.matrix)
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

    # -- pixels -----------------------------------------------------------------------------------------------

    def apply(self, colour: Pixels) -> Pixels:
        """Resample a colour or grey picture; a flip, a quarter turn or a whole-pixel crop only copies."""
        rigid = _rigid(colour, self.matrix, self.target)
        if rigid is not None:
            return rigid
        border = self.border or _EDGE
        return self._run(colour, border.mode, to_levels(border.colour, colour))

    def with_alpha(self, colour: Pixels, alpha: Pixels) -> tuple[Pixels, Pixels]:
        """Resample colour weighed by alpha, and alpha; a blank border is opaque, since it is painted."""
        rigid = _rigid(colour, self.matrix, self.target)
        if rigid is not None:
            moved = _rigid(alpha, self.matrix, self.target)
            assert moved is not None  # it depends on the sizes alone
            return rigid, moved
        border, top = self.border or _EDGE, float(full_range(alpha))
        fill = tuple(top * level for level in to_levels(border.colour, colour))
        mixed = self._run(weighted(colour, alpha), border.mode, (*fill, top, top)[:4])
        return unweighted(mixed, colour), self._run(alpha, border.mode, (top,))

    def _run(self, pixels: Pixels, mode: BorderMode, fill: tuple[float, ...]) -> Pixels:
        back = _inverse(self.matrix)
        pixels, back = _crop_to_need(pixels, back, self.target)
        pixels, back = _reduce(pixels, back, self.target)
        resized = _resize(pixels, back, self.target) if mode in _LIKE_A_RESIZE else None
        return _resample(pixels, back, self.target, mode, fill) if resized is None else resized


@lru_cache(maxsize=1)
def _spread_points() -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Points spread evenly over the unit square, but along no rows and columns that an edge could run along.

    The sequence of Roberts (2018): multiples of 1/g and 1/g², g³ = g + 1.
    """
    numbers = np.linspace(0.5, 1023.5, 1024)
    x, y = (numbers * step % 1 for step in (0.7548776662466927, 0.5698402909980532))
    return x, y


def _times(later: Matrix, first: Matrix) -> Matrix:
    """The product of two matrices. In plain Python, as all algebra here: NumPy takes ten times as long for so few.

    And what NumPy hands to BLAS keeps its idle threads awake.
    """
    a, b, c, d, e, f, g, h, i = later
    p, q, r, s, t, u, v, w, x = first
    if not (g or h or v or w) and i == x == 1:  # no perspective: mostly
        return (
            *(a * p + b * s, a * q + b * t, a * r + b * u + c),
            *(d * p + e * s, d * q + e * t, d * r + e * u + f),
            *(0.0, 0.0, 1.0),
        )
    return (
        *(a * p + b * s + c * v, a * q + b * t + c * w, a * r + b * u + c * x),
        *(d * p + e * s + f * v, d * q + e * t + f * w, d * r + e * u + f * x),
        *(g * p + h * s + i * v, g * q + h * t + i * w, g * r + h * u + i * x),
    )


def _inverse(matrix: Matrix) -> Matrix:
    a, b, c, d, e, f, g, h, i = matrix
    x, y, z = e * i - f * h, f * g - d * i, d * h - e * g
    n = a * x + b * y + c * z
    if abs(n) < 1e-100:  # next to nothing is left of the picture: the products above are too small for floats
        across, down = max(abs(a), abs(d), abs(g)), max(abs(b), abs(e), abs(h))
        if not across or not down or (across == down == 1):
            raise ZeroDivisionError("the matrix leaves nothing of the picture")
        a, b, c, d, e, f, g, h, i = _inverse(
            (a / across, b / down, c, d / across, e / down, f, g / across, h / down, i)
        )
        return (a / across, b / across, c / across, d / down, e / down, f / down, g, h, i)
    return (
        *(x / n, (c * h - b * i) / n, (b * f - c * e) / n),
        *(y / n, (a * i - c * g) / n, (c * d - a * f) / n),
        *(z / n, (b * g - a * h) / n, (a * e - b * d) / n),
    )


def _quadrangle(size: tuple[int, int], offsets: tuple[tuple[float, float], ...]) -> Matrix:
    """The matrix that moves the corners of a frame (clockwise from top left) by so much."""
    width, height = size
    (x0, y0), (x1, y1), (x2, y2), (x3, y3) = offsets
    x1, x2, y2, y3 = x1 + width, x2 + width, y2 + height, y3 + height
    # Corner 2 is where g and h make it: two equations, solved; then corners 1 and 3 give the rest.
    ax, ay, bx, by = x1 - x2, y1 - y2, x3 - x2, y3 - y2
    cx, cy = x0 - x1 + x2 - x3, y0 - y1 + y2 - y3
    n = ax * by - bx * ay
    g, h = (cx * by - bx * cy) / n, (ax * cy - cx * ay) / n
    return (
        *((x1 - x0 + g * x1) / width, (x3 - x0 + h * x3) / height, x0),
        *((y1 - y0 + g * y1) / width, (y3 - y0 + h * y3) / height, y0),
        *(g / width, h / height, 1.0),
    )


def _rigid(pixels: Pixels, matrix: Matrix, target: tuple[int, int]) -> Pixels | None:
    """The target by slicing and turning alone, where the matrix allows it; else None."""
    a, b, c, d, e, f, g, h, _ = matrix
    x, y = round(c), round(f)
    if abs(c - x) > _EPSILON or abs(f - y) > _EPSILON or g or h:
        return None
    swapped = abs(a) < _EPSILON and abs(e) < _EPSILON
    if not swapped and (abs(b) > _EPSILON or abs(d) > _EPSILON):
        return None
    across, down = (b, d) if swapped else (a, e)  # what the target's x and y grow by
    if abs(abs(across) - 1) > _EPSILON or abs(abs(down) - 1) > _EPSILON:
        return None
    # Where the target's frame begins and ends in the source, along the target's own axes.
    left, right = (-x, target[0] - x) if across > 0 else (x - target[0], x)
    top, bottom = (-y, target[1] - y) if down > 0 else (y - target[1], y)
    height, width = pixels.shape[:2]
    if swapped:
        left, right, top, bottom = top, bottom, left, right
    if left < 0 or top < 0 or right > width or bottom > height:
        return None
    part = pixels[top:bottom, left:right]
    if swapped:
        part = cv2.transpose(part)
    if across < 0:
        return cv2.flip(part, -1 if down < 0 else 1)
    return cv2.flip(part, 0) if down < 0 else part


def _seen(back: Matrix, target: tuple[int, int]) -> tuple[list[float], list[float]] | None:
    """Where the target's corners lie in the source, x and y of each; None where one lies behind the camera."""
    a, b, c, d, e, f, g, h, i = back
    xs, ys = [], []
    for u, v in ((0, 0), (target[0], 0), (0, target[1]), target):
        w = g * u + h * v + i
        if w < _EPSILON:
            return None
        xs.append((a * u + b * v + c) / w)
        ys.append((d * u + e * v + f) / w)
    return xs, ys


def _crop_to_need(pixels: Pixels, back: Matrix, target: tuple[int, int]) -> tuple[Pixels, Matrix]:
    """Cut the source down to what the target shows, if that lies wholly inside it: less to filter.

    Here and below, `back` takes target points to source points.
    """
    seen = _seen(back, target)
    if seen is None:
        return pixels, back
    height, width = pixels.shape[:2]
    xs, ys = seen
    # The reach of the pre-filter and of the interpolation, two target pixels.
    across, down = 2 + 2 * (max(xs) - min(xs)) / min(target), 2 + 2 * (max(ys) - min(ys)) / min(target)
    if min(xs) < across or min(ys) < down or max(xs) + across > width or max(ys) + down > height:
        return pixels, back
    left, right = math.floor(min(xs) - across), math.ceil(max(xs) + across)
    top, bottom = math.floor(min(ys) - down), math.ceil(max(ys) + down)
    return pixels[top:bottom, left:right], _moved(back, left, top)


def _moved(back: Matrix, left: int, top: int) -> Matrix:
    """The same when the source begins elsewhere."""
    a, b, c, d, e, f, g, h, i = back
    return (a - left * g, b - left * h, c - left * i, d - top * g, e - top * h, f - top * i, g, h, i)


def _reduce(pixels: Pixels, back: Matrix, target: tuple[int, int]) -> tuple[Pixels, Matrix]:
    """Average pixels before a warp that shrinks: linear interpolation alone would alias.

    How much along each source axis: as many source pixels as one target pixel spans, rounded down. What a linear warp
    loses by shrinking a little more is less than what averaging too much blurs.
    """
    height, width = pixels.shape[:2]
    x, y = (min(span, 2.0**20) for span in _spans(back, (width, height), target))
    if max(x, y) < _TWO:
        return pixels, back
    if width * height <= _SMALL:
        across, down = (max(1, round(side / int(max(1.0, span) + 0.1))) for side, span in ((width, x), (height, y)))
        small = cv2.resize(pixels, (across, down), interpolation=cv2.INTER_AREA)
        return small, _scaled(back, across / width, down / height)
    # By halves first, which OpenCV is five to fifty times as fast at as at other factors. Against the exact area
    # average, photos shrunk by 3 to 10 mostly come out nearer than by the whole number below the span (up to 6 dB, at
    # worst 2 farther); but where the span is a whole number, and nothing turned, that is the area average itself.
    whole = not any((back[1], back[3], back[6], back[7])) and max(abs(x - round(x)), abs(y - round(y))) < 0.02
    while min(x, y) >= _TWO and not (whole and (round(x) % 2 or round(y) % 2)):
        pixels, back = _whole_blocks(pixels, back, 2, 2)
        x, y = x / 2, y / 2
    # What is left of whole numbers, or where one axis shrinks far more than the other.
    least = _TWO if whole else _TWO_ALONE
    fx, fy = (int(span + 0.1) if span >= least else 1 for span in (x, y))
    return (pixels, back) if fx == fy == 1 else _whole_blocks(pixels, back, fx, fy)


def _whole_blocks(pixels: Pixels, back: Matrix, fx: int, fy: int) -> tuple[Pixels, Matrix]:
    """Means of blocks of fx × fy pixels; what is left over, less than one target pixel, goes on both sides alike."""
    height, width = pixels.shape[:2]
    fx, fy = min(fx, width), min(fy, height)
    left, top = width % fx // 2, height % fy // 2
    part = pixels[top : top + height // fy * fy, left : left + width // fx * fx]
    if (fx, fy) == (1, 2):
        small = cv2.addWeighted(part[::2], 0.5, part[1::2], 0.5, 0)
    else:  # half way between two pixels, linear interpolation is their mean, and along one axis faster than the area
        how = cv2.INTER_LINEAR if (fx, fy) == (2, 1) else cv2.INTER_AREA
        small = cv2.resize(part, (width // fx, height // fy), interpolation=how)
    return small, _scaled(_moved(back, left, top), 1 / fx, 1 / fy)


def _scaled(back: Matrix, x: float, y: float) -> Matrix:
    """The same when the source is made smaller by these factors."""
    a, b, c, d, e, f, g, h, i = back
    return x * a, x * b, x * c, y * d, y * e, y * f, g, h, i


def _spans(back: Matrix, source: tuple[int, int], target: tuple[int, int]) -> tuple[float, float]:
    """How many source pixels, along x and y of the source, one target pixel spans.

    In a perspective it differs from place to place: the median over what is seen of the source.
    """
    a, b, c, d, e, f, g, h, i = back
    if not (g or h):
        return math.hypot(a, b), math.hypot(d, e)
    spans = []
    for across, down in _PLACES:
        x, y = across * target[0], down * target[1]
        w = g * x + h * y + i
        if w <= 0:
            continue
        u, v = (a * x + b * y + c) / w, (d * x + e * y + f) / w
        if 0 <= u <= source[0] and 0 <= v <= source[1]:
            spans.append((math.hypot(a - u * g, b - u * h) / w, math.hypot(d - v * g, e - v * h) / w))
    if not spans:
        return 1.0, 1.0
    x, y = (sorted(axis)[len(spans) // 2] for axis in zip(*spans, strict=True))
    return x, y


_PLACES = tuple(((column + 0.5) / 4, (row + 0.5) / 4) for row in range(4) for column in range(4))
"""Where a perspective is looked at, in shares of the target's sides."""

_LIKE_A_RESIZE = (BorderMode.EDGE, BorderMode.MIRROR)
"""Up to half a pixel outside, both show the outermost pixel again, as a resize does."""


def _resize(pixels: Pixels, back: Matrix, target: tuple[int, int]) -> Pixels | None:
    """The target by resizing and mirroring the whole source, where the matrix says just that; else None."""
    a, b, c, d, e, f, g, h, _ = back
    if b or d or g or h:
        return None
    height, width = pixels.shape[:2]
    x, y = abs(a) * target[0], abs(e) * target[1]
    left, top = (c, f) if a > 0 and e > 0 else (c - x if a < 0 else c, f - y if e < 0 else f)
    if max(abs(x - width), abs(y - height), abs(left), abs(top)) > _EPSILON * max(width, height):
        return None
    resized = cv2.resize(pixels, target, interpolation=cv2.INTER_LINEAR)
    if a > 0 and e > 0:
        return resized
    return cv2.flip(resized, -1 if a < 0 and e < 0 else 1 if a < 0 else 0)


def _repeated(pixels: Pixels, back: Matrix, target: tuple[int, int], mode: BorderMode) -> Pixels:
    """A narrow picture that is seen many times over, side by side with itself: the same plane.

    OpenCV folds each far coordinate back step by step, as many times as the picture goes into the distance.
    """
    if min(pixels.shape[:2]) >= _NARROW or mode not in (BorderMode.MIRROR, BorderMode.TILE):
        return pixels
    seen = _seen(back, target)
    for axis, side in ((1, pixels.shape[1]), (0, pixels.shape[0])):
        far = seen is None or max(seen[1 - axis]) - min(seen[1 - axis]) > 4 * side
        if 1 < side < _NARROW and far:
            period = [pixels, np.flip(pixels, axis)] if mode is BorderMode.MIRROR else [pixels]
            pixels = np.concatenate(period * -(-_NARROW // (side * len(period))), axis)
    return pixels


_NARROW = 64


def _resample(
    pixels: Pixels, back: Matrix, target: tuple[int, int], mode: BorderMode, fill: tuple[float, ...]
) -> Pixels:
    pixels = _repeated(pixels, back, target, mode)
    # From target pixel numbers to source pixel numbers: half a pixel more before, and half a pixel less after.
    a, b, c, d, e, f, g, h, i = back
    c, f, i = c + (a + b) / 2, f + (d + e) / 2, i + (g + h) / 2
    a, b, c = a - g / 2, b - h / 2, c - i / 2
    d, e, f = d - g / 2, e - h / 2, f - i / 2
    height, width = pixels.shape[:2]
    flags, border = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP, _CV_BORDER[mode]
    # OpenCV reads four channels almost twice as fast as three, and gives the same levels.
    padded = pixels.ndim == 3 and pixels.shape[2] == 3 and width * height <= 8 * target[0] * target[1]
    if padded:
        pixels, fill = cv2.cvtColor(pixels, cv2.COLOR_RGB2RGBA), (*fill, 0.0)
    warped: Pixels
    if g or h:
        matrix = np.array(((a, b, c), (d, e, f), (g, h, i)))
        warped = cv2.warpPerspective(pixels, matrix, target, flags=flags, borderMode=border, borderValue=fill)
    else:
        matrix = np.array(((a, b, c), (d, e, f)))
        warped = cv2.warpAffine(pixels, matrix, target, flags=flags, borderMode=border, borderValue=fill)
    return cv2.cvtColor(warped, cv2.COLOR_RGBA2RGB) if padded else warped
