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
        return all(curve.is_identity() for stage in self.stages for curve in stage)

    def then(self, later: Table) -> Table:
        """This table and the next in one: exact, a table of a table."""
        return Table(self.stages + later.stages)

    def apply(self, colour: Pixels) -> Pixels:
        """Look every level up."""
        table = _bake(self.stages, full_range(colour))
        if colour.ndim == 2 and len(table) > 1:
            table = np.rint(np.array(LUMA) @ table.astype(np.float64)).astype(colour.dtype)[None]
        return cv2.LUT(colour, table[0] if len(table) == 1 else np.ascontiguousarray(table.T)[None])

    def describe(self) -> str:
        """One plain line."""
        return f"table of {len(self.stages)} curve{'s' if len(self.stages) > 1 else ''}"


@lru_cache(maxsize=128)
def _bake(stages: tuple[tuple[Curve, ...], ...], top: int) -> Pixels:
    """The look-up as a `(1, top + 1)` or `(3, top + 1)` array."""
    channels = max(len(stage) for stage in stages)
    table = np.tile(np.arange(top + 1), (channels, 1))
    for stage in stages:
        for channel in range(channels):
            curve = stage[channel % len(stage)]
            levels = np.clip(np.rint(curve(np.arange(top + 1) / top) * top), 0, top).astype(np.int64)
            table[channel] = levels[table[channel]]
    baked = table.astype(np.uint8 if top == 255 else np.uint16)
    baked.flags.writeable = False  # it is cached
    return baked


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
        return bool(np.abs(self.array - np.eye(3, 4)).max() < 1e-9)

    def never_clamps(self) -> bool:
        """Whether every colour in range stays in range."""
        linear, offset = self.array[:, :3], self.array[:, 3]
        high = np.clip(linear, 0, None).sum(axis=1) + offset
        low = np.clip(linear, None, 0).sum(axis=1) + offset
        return bool((high <= 1 + 1e-9).all() and (low >= -1e-9).all())

    def then(self, later: Mix) -> Mix | None:
        """This mix and the next in one, or None if a clamp lies between."""
        if not self.never_clamps():
            return None
        linear = later.array[:, :3] @ self.array
        linear[:, 3] += later.array[:, 3]
        return Mix.of(linear)

    def apply(self, colour: Pixels) -> Pixels:
        """Mix every pixel's colours."""
        top = full_range(colour)
        if colour.ndim == 2:
            gain, offset = np.array(LUMA) @ np.column_stack([self.array[:, :3].sum(axis=1), self.array[:, 3]])
            return Table.of(Linear(float(gain), float(offset))).apply(colour)
        linear = self.array[:, :3]
        order = linear.argmax(axis=1)
        if not self.array[:, 3].any() and np.abs(linear - np.eye(3)[order]).max() < 1e-12:
            planes = cv2.split(colour)
            merged: Pixels = cv2.merge([planes[i] for i in order])
            return merged
        matrix = self.array.copy()
        matrix[:, 3] *= top
        mixed: Pixels = cv2.transform(colour, matrix)
        return mixed

    def describe(self) -> str:
        """One plain line."""
        return "colour matrix"
