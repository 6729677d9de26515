"""Time two calls in turns, and hold what they make against an exact result."""

from __future__ import annotations

import gc
import math
import statistics
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter, thread_time
from typing import Any

import numpy as np
from numpy.typing import NDArray

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import reference

from augstudio.pipeline import Pipeline

Floats = NDArray[np.float64]
Step = tuple[reference.Back, tuple[int, int], tuple[int, int]]
"""From points of the target to points of the source; size of the source; size of the target."""


@dataclass(frozen=True)
class Times:
    """Seconds of many calls of one kind."""

    quartiles: tuple[float, float, float]
    count: int

    @classmethod
    def of(cls, seconds: Sequence[float]) -> Times:
        low, middle, high = statistics.quantiles(seconds, n=4)
        return cls((low, middle, high), len(seconds))

    @property
    def median(self) -> float:
        return self.quartiles[1]

    def __str__(self) -> str:
        low, middle, high = (1000 * value for value in self.quartiles)
        return f"{figure(middle)} ({figure(low)}–{figure(high)})"


def figure(value: float) -> str:
    """Three significant digits."""
    return f"{value:#.3g}".rstrip(".") if value < 1000 else f"{value:.0f}"


def in_turns(calls: Sequence[Callable[[int], object]], seconds: float, least: int = 15) -> list[Times]:
    """Call one after the other, over and over, each round beginning with another one; the first rounds do not count."""
    for number in range(3):
        for call in calls:
            call(number)
    found: list[list[float]] = [[] for _ in calls]
    number, end = 0, perf_counter() + seconds
    gc.collect()
    while number < least or perf_counter() < end:
        for turn in range(len(calls)):
            which = (turn + number) % len(calls)
            start = thread_time()
            calls[which](number)
            found[which].append(thread_time() - start)
        number += 1
    return [Times.of(one) for one in found]


# -- exact results -------------------------------------------------------------------------------------------------


def our_steps(pipeline: Pipeline, draws: Sequence[Any], size: tuple[int, int]) -> list[Step]:
    """Our geometry as functions of points, from settings and drawn values alone."""
    steps: list[Step] = []
    for transform, draw in zip(pipeline.transforms, draws, strict=True):
        if draw.applied:
            back, target = reference.geometry(transform, draw, size)
            steps.append((back, size, target))
            size = target
    return steps


def their_steps(applied: Sequence[tuple[str, dict[str, Any]]], size: tuple[int, int]) -> list[Step]:
    """Their geometry likewise, from the numbers that a call told."""
    steps: list[Step] = []
    for name, numbers in applied:
        width, height = size
        target = size
        match name:
            case "HorizontalFlip":
                back = _from_matrix(np.array([[-1.0, 0, width], [0, 1, 0], [0, 0, 1]]))
            case "RandomResizedCrop":
                left, top, right, bottom = numbers["crop_coords"]
                back = reference.window(left, top, right - left, bottom - top, size)
            case "Perspective":
                fit = np.diag([width / numbers["max_width"], height / numbers["max_height"], 1.0])
                back = _from_matrix(_continuous(fit @ numbers["matrix"]))
            case _:
                back = _from_matrix(_continuous(np.asarray(numbers["matrix"], float)))
        steps.append((back, size, target))
        size = target
    return steps


def _continuous(matrix: Floats) -> Floats:
    """A matrix on pixel numbers as one on coordinates, where pixel i covers [i, i + 1)."""
    half = np.array([[1, 0, 0.5], [0, 1, 0.5], [0, 0, 1]])
    return half @ matrix @ np.linalg.inv(half)


def _from_matrix(forth: Floats) -> reference.Back:
    inverse = np.linalg.inv(forth)

    def back(x: Floats, y: Floats) -> reference.Points:
        u, v, w = (row[0] * x + row[1] * y + row[2] for row in inverse)
        return u / w, v / w

    return back


def seen(steps: Sequence[Step]) -> NDArray[np.bool_]:
    """Which pixels of the last target show, through every step, what lies inside its source: no border decides."""
    width, height = steps[-1][2]
    x, y = np.meshgrid(np.arange(width) + 0.5, np.arange(height) + 0.5)
    inside = np.ones(x.shape, bool)
    for back, source, _ in reversed(steps):
        x, y = back(x, y)
        inside &= (x > 2) & (y > 2) & (x < source[0] - 2) & (y < source[1] - 2)
    return inside


def geometry_quality(found: NDArray[Any], picture: NDArray[Any], steps: Sequence[Step]) -> float:
    """Likeness, in dB, to one linear look at the picture through all steps at once, in float64."""
    if not steps:
        return reference.psnr(found, picture)
    exact = reference.look(picture.astype(float), [s[0] for s in steps], steps[-1][2], reference.Outside("mirror"))
    mask = seen(steps)
    return reference.psnr(found[mask], np.rint(exact)[mask]) if mask.any() else math.nan


def area_quality(found: NDArray[Any], picture: NDArray[Any]) -> float:
    """Likeness, in dB, to the area average."""
    size = found.shape[1], found.shape[0]
    source = picture.shape[1], picture.shape[0]
    back = reference.window(0, 0, *source, size)
    exact = reference.look(picture.astype(float), [back], size, reference.Outside("edge"), samples=12)
    return reference.psnr(found, np.rint(exact))


def blur_quality(found: NDArray[Any], picture: NDArray[Any], sigma: float) -> float:
    """Likeness, in dB, to a convolution with a Gaussian in float64; away from edges, which are mirrored in two ways."""
    edge = math.ceil(6 * sigma)
    inside = slice(edge, -edge), slice(edge, -edge)
    return reference.psnr(found[inside], np.rint(reference.blurred(picture.astype(float), sigma))[inside])
