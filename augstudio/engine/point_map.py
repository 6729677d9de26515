"""Where the points of a picture go in a plan, and what is seen of them: once through all geometry of it.

What is visible is cut at every resampling that really happens: what a crop has lost does not come back when a later
step, which could not be fused with it, turns the picture.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from augstudio.engine.geometry import Geometry
from augstudio.engine.matrices import EPSILON
from augstudio.engine.paint import Cutout
from augstudio.engine.shapes import Coordinates, corners_of, ring_area
from augstudio.engine.step import Step


class PointMap:
    """The geometry of fused steps, composed.

    Parameters
    ----------
    steps : iterable of Step
        After fusion, as they are applied.
    size : (int, int)
        Width and height before the first of them.

    Attributes
    ----------
    source, target : (int, int)
        Width and height before and after.
    whole : Geometry or None
        All of it in one, without borders; None if nothing moves.
    region : ndarray
        `(N, 2)`: the convex part of the source that the target shows, in source pixels.
    geometries : tuple of Geometry
        The resamplings that really happen, with their borders.
    """

    def __init__(self, steps: Iterable[Step], size: tuple[int, int]) -> None:
        self.source = self.target = size
        self.whole: Geometry | None = None
        self.region = corners_of((0, 0, *size))
        self._hiding: list[tuple[Cutout, tuple[int, int], int]] = []
        self._bare: list[Geometry] = []
        self._until: list[Geometry] = []
        geometries = []
        for step in steps:
            if isinstance(step, Geometry):
                geometries.append(step)
                bare = step.bare()
                self._bare.append(bare)
                self.whole = bare if self.whole is None else _together(self.whole, bare)
                self._until.append(self.whole)
                self.region = self.whole.shown(self.region)
                self.target = step.target
            elif isinstance(step, Cutout):
                self._hiding.append((step, self.target, len(self._bare)))
        self.geometries = tuple(geometries)

    def forward(self, points: Coordinates) -> Coordinates:
        """Where points of the source go, `(N, 2)`; NaN for those that go nowhere."""
        return points if self.whole is None else self.whole.forward(points)

    @property
    def is_upright(self) -> bool:
        """Whether every upright rectangle becomes an upright rectangle."""
        return self.whole is None or self.whole.is_upright()

    @cached_property
    def is_identity(self) -> bool:
        """Whether every point stays where it is, and all of them are seen."""
        if self.whole is not None and not self.whole.is_identity():
            return False
        width, height = self.source
        return len(self.region) >= 3 and ring_area(self.region) >= width * height * (1 - EPSILON)

    @cached_property
    def fills(self) -> bool:
        """Whether the frames alone leave the whole target of a plane that has no end: as a rule, for one resampling."""
        if len(self._until) != 1:
            return False
        x, y = self._until[0].inverse(corners_of((0, 0, *self.target))).T.tolist()
        width, height = self.source
        # NaN, for what comes from behind the camera, is never within.
        return all(-width <= at <= 2 * width for at in x) and all(-height <= at <= 2 * height for at in y)

    @cached_property
    def framed(self) -> Coordinates:
        """What the frames alone leave of a plane that has no end: `(N, 2)`, a convex outline in target pixels."""
        if self.fills:
            return corners_of((0, 0, *self.target))
        width, height = self.source
        outline = corners_of((-width, -height, 2 * width, 2 * height))
        for whole in self._until:
            outline = whole.shown(outline)
        return self.forward(outline)

    @cached_property
    def hidden(self) -> tuple[Coordinates, ...]:
        """What cut-outs hide: convex outlines, `(N, 2)`, in target pixels."""
        found = []
        for step, size, at in self._hiding:
            after: Geometry | None = None
            for later in self._bare[at:]:
                after = later if after is None else _together(after, later)
            for box in step.boxes:
                left, top = max(0, box.left), max(0, box.top)
                right, bottom = min(size[0], box.right), min(size[1], box.bottom)
                if left < right and top < bottom:
                    outline = corners_of((left, top, right, bottom))
                    if after is not None:
                        outline = after.forward(after.shown(outline))
                    if len(outline) >= 3:
                        found.append(outline)
        return tuple(found)

    def inside(self, points: Coordinates) -> NDArray[np.bool_]:
        """Which points of the source lie in `region`, or on its edge; `(N,)` of bool."""
        return within(self.region, points)


def within(outline: Coordinates, points: Coordinates) -> NDArray[np.bool_]:
    """Which points lie in a convex outline, or on its edge; `(N,)` of bool."""
    if len(outline) < 3:
        return np.zeros(len(points), bool)
    x, y = outline[:, 0], outline[:, 1]
    closed = np.concatenate((outline[1:], outline[:1]))
    across, down = closed[:, 0] - x, closed[:, 1] - y
    if (x * closed[:, 1] - y * closed[:, 0]).sum() < 0:
        across, down = -across, -down
    sides = across * (points[:, 1:] - y) - down * (points[:, :1] - x)
    return np.asarray((sides >= -_EDGE * np.hypot(across, down)).all(axis=1))


_EDGE = 1e-7
"""Pixels from an edge that count as on it."""


def _together(first: Geometry, later: Geometry) -> Geometry:
    both = first.then(later)
    assert isinstance(both, Geometry)  # bare ones always go together
    return both


def concatenated(rings: Sequence[Coordinates]) -> tuple[Coordinates, list[int]]:
    """All points of some rings in one array, and where each but the first begins: to move them in one go."""
    return np.concatenate(rings), np.cumsum([len(ring) for ring in rings])[:-1].tolist()
