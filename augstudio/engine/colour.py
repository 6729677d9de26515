"""Colour: per-channel tables and a 3×4 matrix.

A grey picture is treated as red = green = blue, and what becomes of it is brought back to grey by its luma.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from functools import lru_cache

import cv2
import numpy as np
from numpy.typing import NDArray

from augstudio.engine.lookup import look_up
from augstudio.engine.pixels import LUMA, Pixels, full_range
from augstudio.engine.step import Step


class Curve(ABC):
    """A tone curve on shares of full range, 0 to 1."""

    @abstractmethod
    def __call__(self, x: NDArray[np.float64]) -> NDArray[np.float64]:
        """Map levels (shares of full range); the result is clamped and rounded by the table."""

    @abstractmethod
    def is_identity(self) -> bool:
        """Whether every level stays."""


@dataclass(frozen=True)
class Linear(Curve):
    """gain · x + offset."""

    gain: float = 1.0
    offset: float = 0.0

    def __call__(self, x: NDArray[np.float64]) -> NDArray[np.float64]:
        """Map levels."""
        return self.gain * x + self.offset

    def is_identity(self) -> bool:
        """Whether every level stays."""
        return self.gain == 1 and self.offset == 0


@dataclass(frozen=True)
class Power(Curve):
    """x to the power of `exponent`."""

    exponent: float

    def __call__(self, x: NDArray[np.float64]) -> NDArray[np.float64]:
        """Map levels."""
        return np.power(x, self.exponent)

    def is_identity(self) -> bool:
        """Whether every level stays."""
        return self.exponent == 1


@dataclass(frozen=True)
class Solarize(Curve):
    """Invert what is brighter than `threshold`."""

    threshold: float

    def __call__(self, x: NDArray[np.float64]) -> NDArray[np.float64]:
        """Map levels."""
        return np.where(x > self.threshold, 1 - x, x)

    def is_identity(self) -> bool:
        """Whether every level stays."""
        return self.threshold >= 1


@dataclass(frozen=True)
class Table(Step):
    """A look-up of levels, exact for the picture's own depth.

    Attributes
    ----------
    stages : tuple of tuples of Curve
        One after the other, each rounded to whole levels; a stage holds one curve for all channels, or three for
        red, green and blue.
    """

    stages: tuple[tuple[Curve, ...], ...]

    @classmethod
    def of(cls, *curves: Curve) -> Table:
        """One stage: a curve for all channels, or three for red, green and blue."""
        return cls((curves,))

    def is_identity(self) -> bool:
        """Whether every level stays."""
        for stage in self.stages:
            for curve in stage:
                if not curve.is_identity():  # mostly the first
                    return False
        return True

    def then(self, later: Step) -> Table | None:
        """This table and the next in one: exact, a table of a table; None for any other step."""
        if type(later) is not Table:
            return None
        return Table(self.stages + later.stages)

    def apply(self, colour: Pixels) -> Pixels:
        """Look every level up."""
        return self._look_up(colour, None)

    def overwrite(self, colour: Pixels) -> Pixels:
        """Look every level up, in place where that is faster."""
        return self._look_up(colour, colour)

    def _look_up(self, colour: Pixels, into: Pixels | None) -> Pixels:
        if self.stages == _NEGATIVE:
            return cv2.bitwise_not(colour, dst=into)
        top = full_range(colour)
        table = _bake(self.stages, top)
        if colour.ndim == 2 and len(table) > 1:
            red, green, blue = LUMA
            table = np.rint(red * table[0] + green * table[1] + blue * table[2]).astype(colour.dtype)[None]
        if len(table) == 1 and top == 255:
            found = colour.copy() if into is None else into
            look_up(found, table[0])
            return found
        if len(table) == 1:
            return cv2.LUT(colour, table[0])
        if top == 255 and len(self.stages) == 1:
            by_matrix = _by_matrix(self.stages[0], colour)
            if by_matrix is not None:
                return by_matrix
        return cv2.LUT(colour, np.ascontiguousarray(table.T)[None])

    def describe(self) -> str:
        """One plain line."""
        return f"table of {len(self.stages)} curve{'s' if len(self.stages) > 1 else ''}"


def _by_matrix(curves: tuple[Curve, ...], colour: Pixels) -> Pixels | None:
    """The very levels that tables of 8-bit channels give, where a matrix finds them several times faster; else None."""
    matrix = np.zeros((3, 4))
    for channel, curve in enumerate(curves):
        if not isinstance(curve, Linear):
            return None
        exact = curve(_levels(255)) * 255
        # The matrix reckons in 32 bits: too few where a level lies half way between two whole ones.
        if (np.abs(exact - np.floor(exact) - 0.5) < _FLOAT32_ERROR * (1 + abs(curve.gain) + abs(curve.offset))).any():
            return None
        matrix[channel, channel], matrix[channel, 3] = curve.gain, 255 * curve.offset
    found: Pixels = cv2.transform(colour, matrix)
    return found


_FLOAT32_ERROR = 255 * 2.0**-23


@lru_cache(maxsize=2)
def _levels(top: int) -> NDArray[np.float64]:
    """All levels as shares of full range."""
    levels: NDArray[np.float64] = np.arange(top + 1) / top
    levels.flags.writeable = False  # it is cached
    return levels


def _bake(stages: tuple[tuple[Curve, ...], ...], top: int) -> Pixels:
    """The look-up as a `(1, top + 1)` or `(3, top + 1)` array."""
    return _baked_once(stages) if top > 255 else _baked(stages, top)  # 256 levels are soon made anew


@lru_cache(maxsize=128)
def _baked_once(stages: tuple[tuple[Curve, ...], ...]) -> Pixels:
    table = _baked(stages, 65535)
    table.flags.writeable = False  # it is cached
    return table


def _baked(stages: tuple[tuple[Curve, ...], ...], top: int) -> Pixels:
    channels = max(len(stage) for stage in stages)
    tables = []
    for channel in range(channels):
        table: Pixels | None = None
        for stage in stages:
            levels = stage[channel % len(stage)](_levels(top)) * top
            np.rint(levels, out=levels)
            np.maximum(levels, 0, out=levels)
            np.minimum(levels, top, out=levels)
            row = levels.astype(np.uint8 if top == 255 else np.uint16)
            table = row if table is None else row[table]
        assert table is not None  # there is a stage
        tables.append(table)
    return tables[0][None] if channels == 1 else np.stack(tables)


@dataclass(frozen=True)
class Mix(Step):
    """Mix the colours: out = matrix · (red, green, blue, 1), clamped to full range.

    Attributes
    ----------
    matrix : tuple of 12 floats
        3×4, row by row; the last column is in shares of full range.
    """

    matrix: tuple[float, ...]

    @classmethod
    def of(cls, matrix: NDArray[np.float64]) -> Mix:
        """From a `(3, 3)` or `(3, 4)` array."""
        if matrix.shape == (3, 3):
            matrix = np.hstack([matrix, np.zeros((3, 1))])
        return cls(tuple(float(v) for v in matrix.ravel()))

    @property
    def array(self) -> NDArray[np.float64]:
        """The matrix as a `(3, 4)` array."""
        return np.array(self.matrix).reshape(3, 4)

    def is_identity(self) -> bool:
        """Whether every colour stays."""
        return all(abs(a - b) < 1e-9 for a, b in zip(self.matrix, _SAME, strict=True))

    def never_clamps(self) -> bool:
        """Whether every colour in range stays in range."""
        for row in range(0, 12, 4):
            *gains, offset = self.matrix[row : row + 4]
            if offset + sum(gain for gain in gains if gain > 0) > 1 + 1e-9:
                return False
            if offset + sum(gain for gain in gains if gain < 0) < -1e-9:
                return False
        return True

    def order(self) -> tuple[int, int, int] | None:
        """Which colour comes where, if that is all; else None."""
        if abs(self.matrix[0]) > 1e-12 and abs(self.matrix[0] - 1) > 1e-12:
            return None
        found = []
        for row in range(0, 12, 4):
            gains = self.matrix[row : row + 3]
            largest = max(range(3), key=gains.__getitem__)
            expected = _SAME[4 * largest : 4 * largest + 4]
            if any(abs(a - b) > 1e-12 for a, b in zip(self.matrix[row : row + 4], expected, strict=True)):
                return None
            found.append(largest)
        return found[0], found[1], found[2]

    def then(self, later: Step) -> Mix | None:
        """This mix and the next in one; None for any other step, or if a clamp lies between.

        Of another order of colours it may lie between.
        """
        if type(later) is not Mix:
            return None
        if not self.never_clamps() and later.order() is None:
            return None
        mine, found = self.matrix, []
        for row in range(0, 12, 4):
            r, g, b, offset = later.matrix[row : row + 4]
            found += [r * mine[i] + g * mine[4 + i] + b * mine[8 + i] for i in range(4)]
            found[-1] += offset
        return Mix(tuple(found))

    def apply(self, colour: Pixels) -> Pixels:
        """Mix every pixel's colours."""
        mixed: Pixels
        if colour.ndim == 2:
            m = self.matrix
            gain = sum(weight * sum(m[row : row + 3]) for weight, row in zip(LUMA, (0, 4, 8), strict=True))
            offset = sum(weight * m[row + 3] for weight, row in zip(LUMA, (0, 4, 8), strict=True))
            return Table.of(Linear(gain, offset)).apply(colour)
        if self.matrix == _GREY:
            mixed = cv2.cvtColor(cv2.cvtColor(colour, cv2.COLOR_RGB2GRAY), cv2.COLOR_GRAY2RGB)
            return mixed
        if self.order() == (2, 1, 0):
            mixed = cv2.cvtColor(colour, cv2.COLOR_RGB2BGR)
            return mixed
        matrix = self.array
        matrix[:, 3] *= full_range(colour)
        mixed = cv2.transform(colour, matrix)
        return mixed

    def describe(self) -> str:
        """One plain line."""
        return "colour matrix"


_NEGATIVE = ((Linear(-1.0, 1.0),),)
_SAME = (1.0, 0.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 0.0, 1.0, 0.0)
_GREY = (*LUMA, 0.0) * 3
