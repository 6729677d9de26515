"""What may travel with a picture: boxes, polygons, points and masks, each of an object.

Coordinates are continuous, as everywhere in the engine: pixel i covers [i, i + 1), so a picture of width w spans
[0, w]. All shapes are frozen values; the arrays in them are nobody's to change.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

from augstudio.engine.pixels import Pixels

Coordinates: TypeAlias = NDArray[np.float64]
"""`(N, 2)`: x and y of N points."""
Piece: TypeAlias = tuple[Coordinates, ...]
"""Rings of points, not closed: the outline, then its holes."""


@dataclass(frozen=True)
class BoundingBox:
    """An upright rectangle about an object.

    Attributes
    ----------
    number : int
        Number of the object, 0 or more.
    left, top, right, bottom : float
        In pixels; right and bottom are the ends, not the last pixels.
    """

    number: int
    left: float
    top: float
    right: float
    bottom: float

    @property
    def bounds(self) -> tuple[float, float, float, float]:
        """Left, top, right, bottom."""
        return self.left, self.top, self.right, self.bottom

    @property
    def area(self) -> float:
        """In square pixels."""
        return max(0.0, self.right - self.left) * max(0.0, self.bottom - self.top)


@dataclass(frozen=True, eq=False)
class Polygon:
    """An object's outline: one piece or several, each perhaps with holes.

    Attributes
    ----------
    number : int
        Number of the object.
    pieces : tuple of Piece
        At least one; every ring has three points or more.
    """

    number: int
    pieces: tuple[Piece, ...]

    @classmethod
    def of(cls, number: int, *rings: ArrayLike) -> Polygon:
        """One whose pieces have no holes, from `(N, 2)` rings."""
        return cls(number, tuple((coordinates(ring),) for ring in rings))

    @property
    def bounds(self) -> tuple[float, float, float, float]:
        """Left, top, right, bottom of all outlines."""
        return bounds_of(piece[0] for piece in self.pieces)

    @property
    def area(self) -> float:
        """In square pixels: of the outlines less their holes; overlapping pieces count twice."""
        return sum(ring_area(piece[0]) - sum(map(ring_area, piece[1:])) for piece in self.pieces)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Polygon):
            return NotImplemented
        return self.number == other.number and _same(self.pieces, other.pieces)

    def __hash__(self) -> int:
        return hash((self.number, len(self.pieces)))


@dataclass(frozen=True, eq=False)
class KeyPoints:
    """Single points of an object, such as key points.

    Attributes
    ----------
    number : int
        Number of the object.
    points : ndarray
        `(N, 2)`.
    """

    number: int
    points: Coordinates

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, KeyPoints):
            return NotImplemented
        return self.number == other.number and np.array_equal(self.points, other.points)

    def __hash__(self) -> int:
        return hash((self.number, len(self.points)))


@dataclass(frozen=True, eq=False)
class Region:
    """The pixels of one object: only the part of the picture that holds it, since there may be hundreds.

    Attributes
    ----------
    number : int
        Number of the object.
    pixels : ndarray
        `(H, W)` of bool.
    left, top : int
        Where they begin in the picture.
    """

    number: int
    pixels: NDArray[np.bool_]
    left: int = 0
    top: int = 0

    @classmethod
    def within(cls, number: int, pixels: NDArray[np.bool_]) -> Region:
        """That of a mask of the whole picture, `(H, W)` of bool, without the empty parts around it."""
        rows, columns = np.flatnonzero(pixels.any(1)), np.flatnonzero(pixels.any(0))
        if not len(rows):
            return cls(number, np.zeros((0, 0), bool))
        left, top = int(columns[0]), int(rows[0])
        part = pixels[top : rows[-1] + 1, left : columns[-1] + 1]
        return cls(number, np.ascontiguousarray(part), left, top)

    def whole(self, size: tuple[int, int]) -> NDArray[np.bool_]:
        """The mask of the whole picture, `(H, W)` of bool, for its width and height."""
        found = np.zeros(size[::-1], bool)
        height, width = self.pixels.shape
        found[self.top : self.top + height, self.left : self.left + width] = self.pixels
        return found

    @property
    def area(self) -> float:
        """In pixels."""
        return float(np.count_nonzero(self.pixels))

    @property
    def bounds(self) -> tuple[float, float, float, float]:
        """Left, top, right, bottom in the picture; all 0 where it is empty."""
        rows, columns = np.flatnonzero(self.pixels.any(1)), np.flatnonzero(self.pixels.any(0))
        if not len(rows):
            return 0.0, 0.0, 0.0, 0.0
        left, top = self.left, self.top
        return (
            *(float(left + columns[0]), float(top + rows[0])),
            *(float(left + columns[-1] + 1), float(top + rows[-1] + 1)),
        )

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Region):
            return NotImplemented
        return (self.number, self.bounds) == (other.number, other.bounds) and np.array_equal(
            Region.within(0, self.pixels).pixels, Region.within(0, other.pixels).pixels
        )

    def __hash__(self) -> int:
        return hash((self.number, self.bounds))


Shape: TypeAlias = BoundingBox | Polygon | KeyPoints | Region


@dataclass(frozen=True, eq=False)
class Mask:
    """A second picture of the same size, whose levels are names and not colours: classes, or numbers of objects.

    Attributes
    ----------
    pixels : ndarray
        `(H, W)`, or `(H, W, C)` where colours are the names; uint8 or uint16.
    fill : tuple of int
        What stands for "nothing is known here": one level for each channel, shown where the picture shows what lies
        outside of it.
    """

    pixels: Pixels
    fill: tuple[int, ...] = (0,)


def check_shapes(shapes: Iterable[Shape]) -> None:
    """Refuse shapes that are none; key points may be NaN, which stands for unknown ones.

    Raises
    ------
    TypeError
        If one is of no such class, or the number of its object is no whole number.
    ValueError
        If its object's number is below 0, a coordinate is not finite, a box ends before it begins, an outline has fewer
        than three points, or an array is of another shape.
    """
    for shape in shapes:
        if not isinstance(shape, (BoundingBox, Polygon, KeyPoints, Region)):
            raise TypeError(f"a shape must be a BoundingBox, Polygon, KeyPoints or Region, not {shape!r}")
        if not hasattr(shape.number, "__index__"):
            raise TypeError(
                f"the number of an object must be a whole number, not {shape.number!r}; names say its class"
            )
        if shape.number < 0:
            raise ValueError(f"the number of an object must be 0 or more, not {shape.number}")
        if wrong := _wrong_with(shape):
            raise ValueError(f"{wrong} (object {shape.number})")


def _wrong_with(shape: Shape) -> str:
    """What is wrong with a shape; empty if nothing is."""
    match shape:
        case BoundingBox():
            if not all(map(math.isfinite, shape.bounds)):
                return f"a box must have finite bounds, not {shape.bounds}"
            if shape.right < shape.left or shape.bottom < shape.top:
                return f"a box must not end before it begins: left, top, right, bottom are {shape.bounds}"
        case Polygon():
            for ring in (ring for piece in shape.pieces for ring in piece):
                if np.ndim(ring) != 2 or np.shape(ring)[1] != 2 or len(ring) < 3:
                    return f"each ring of a polygon must be (N, 2), with three points or more, not {np.shape(ring)}"
                if not np.isfinite(ring).all():
                    return "a polygon must have finite coordinates"
            if not shape.pieces or not all(shape.pieces):
                return "a polygon must have at least one piece, and each piece an outline"
        case KeyPoints():
            if np.ndim(shape.points) != 2 or np.shape(shape.points)[1] != 2:
                return f"points must be (N, 2), not {np.shape(shape.points)}"
            if np.isinf(shape.points).any():
                return "key points must be finite, or NaN where nobody knows them"
        case Region():
            pixels = np.asarray(shape.pixels)
            if pixels.ndim != 2 or pixels.dtype != np.bool_:
                return f"a region must be (H, W) of bool, not {pixels.shape} of {pixels.dtype}"
    return ""


def coordinates(points: ArrayLike) -> Coordinates:
    """An own array of points.

    Raises
    ------
    ValueError
        If they are not `(N, 2)`.
    """
    array = np.array(points, np.float64)
    if array.ndim != 2 or array.shape[1] != 2:
        raise ValueError(f"points must be (N, 2), not {array.shape}")
    return array


def bounds_of(rings: Iterable[Coordinates]) -> tuple[float, float, float, float]:
    """Left, top, right, bottom of all points."""
    points = np.concatenate(list(rings))
    (left, top), (right, bottom) = points.min(axis=0), points.max(axis=0)
    return float(left), float(top), float(right), float(bottom)


def ring_area(ring: Coordinates) -> float:
    """The area that a ring encloses, in square pixels (the shoelace formula)."""
    x, y = ring[:, 0] - ring[0, 0], ring[:, 1] - ring[0, 1]
    return abs(float((x[:-1] * y[1:] - x[1:] * y[:-1]).sum())) / 2


def corners_of(bounds: Sequence[float]) -> Coordinates:
    """The corners of an upright rectangle, clockwise from top left."""
    left, top, right, bottom = bounds
    return np.array(((left, top), (right, top), (right, bottom), (left, bottom)), np.float64)


def _same(pieces: tuple[Piece, ...], others: tuple[Piece, ...]) -> bool:
    return len(pieces) == len(others) and all(
        len(piece) == len(other) and all(np.array_equal(a, b) for a, b in zip(piece, other, strict=True))
        for piece, other in zip(pieces, others, strict=True)
    )
