"""Objects carried through the geometry of many copies at once, with whatever borders show of them again.

The engine tells what becomes of the shapes of one copy. To judge a pipeline, those of hundreds are followed while
somebody drags a slider: here all of them go through one step after another together, in a few calls of NumPy and
shapely, and mirrored and tiled borders show them again as they do with pixels. Tests hold the two against each other.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from enum import IntEnum
from typing import TypeAlias

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from augstudio.engine import BorderMode, Box, Cutout, Plan, Step, Warp
from augstudio.engine.clipping import area_of
from augstudio.engine.matrices import inverse
from augstudio.engine.shapes import corners_of

Areas: TypeAlias = NDArray[np.object_]
"""Of shapely's geometries."""
Numbers: TypeAlias = NDArray[np.intp]
Floats: TypeAlias = NDArray[np.float64]

REACH = 3
"""How many times a border shows the picture again to each side, as far as it is looked at: down to a size of ×0.15."""
_NOTHING = 1e-9


class Kind(IntEnum):
    """What is carried."""

    OBJECT = 0
    AGAIN = 1
    """An object that a border shows once more."""
    HIDING = 2
    """What a cut-out hides."""
    FRAME = 3
    """What the frames leave of a plane that has no end."""


@dataclass(frozen=True)
class Carried:
    """What copies show; one row for each object of each copy, and for each time that a border shows it again.

    Attributes
    ----------
    copy : ndarray
        `(R,)`: number of the copy.
    number : ndarray
        `(R,)`: number of the object.
    kind : ndarray
        `(R,)` of `Kind`: `OBJECT` or `AGAIN`.
    areas : ndarray
        `(R,)`: what is seen, in the copy's pixels.
    share : ndarray
        `(R,)`: visible area ÷ area of the whole moved object, 0 to 1; what cut-outs hide is not visible.
    cut : ndarray
        `(R,)`: the same without cut-outs.
    frames : ndarray
        `(C,)`: what the frames leave of a plane that has no end, for each copy, in its pixels.
    """

    copy: Numbers
    number: Numbers
    kind: Numbers
    areas: Areas
    share: Floats
    cut: Floats
    frames: Areas


@dataclass(frozen=True)
class _Rows:
    copy: Numbers
    of: Numbers
    """Which of the objects that were given; -1 for what is none."""
    kind: Numbers
    areas: Areas
    wholes: Areas | None
    """The same without anything cut off, where sizes differ from place to place."""
    left: Floats
    """Visible share, as far as the steps alone tell, each in its own source."""

    def __len__(self) -> int:
        return len(self.copy)

    def at(self, which: NDArray[np.bool_] | Numbers) -> _Rows:
        wholes = None if self.wholes is None else self.wholes[which]
        return _Rows(self.copy[which], self.of[which], self.kind[which], self.areas[which], wholes, self.left[which])

    def and_(self, others: _Rows) -> _Rows:
        wholes = None
        if self.wholes is not None and others.wholes is not None:
            wholes = np.concatenate((self.wholes, others.wholes))
        return _Rows(
            np.concatenate((self.copy, others.copy)),
            np.concatenate((self.of, others.of)),
            np.concatenate((self.kind, others.kind)),
            np.concatenate((self.areas, others.areas)),
            wholes,
            np.concatenate((self.left, others.left)),
        )


def carry(plans: Sequence[Plan], copies: Numbers, numbers: Numbers, areas: Areas) -> Carried:
    """Follow objects through plans.

    Parameters
    ----------
    plans : sequence of Plan
        One for each copy. Geometry is by matrices (`Warp`).
    copies, numbers : ndarray
        `(N,)`: which objects are in which copies.
    areas : ndarray
        `(N,)`: each of these objects, in pixels of the picture before the first step.

    Returns
    -------
    Carried
        Objects that are not seen at all are missing.
    """
    stages = [_stages(plan.steps) for plan in plans]
    far = any(warp.matrix[6] or warp.matrix[7] for _, warp in _all(stages) if warp is not None)
    rows = _begin(plans, copies, areas, far=far)
    done: list[_Rows] = []
    for depth in range(max(map(len, stages), default=0)):
        here = {copy: of_copy[depth] for copy, of_copy in enumerate(stages) if len(of_copy) > depth}
        rows = rows.and_(_hiding({copy: boxes for copy, (boxes, _) in here.items()}, plans, depth, stages, far=far))
        warps = {copy: warp for copy, (_, warp) in here.items() if warp is not None}
        going = np.isin(rows.copy, list(warps))
        done.append(rows.at(~going))
        rows = _through(rows.at(going), warps, len(plans))
    for others in done:
        rows = rows.and_(others)
    return _told(plans, numbers, areas, rows)


_Stage: TypeAlias = tuple[tuple[Box, ...], Warp | None]
"""What is hidden before the next geometry, and that; None behind the last."""


def _stages(steps: Sequence[Step]) -> list[_Stage]:
    found: list[_Stage] = []
    boxes: tuple[Box, ...] = ()
    for step in steps:
        if type(step) is Warp:
            found.append((boxes, step))
            boxes = ()
        elif isinstance(step, Cutout):
            boxes += step.boxes
    return [*found, (boxes, None)] if boxes else found


def _all(stages: Sequence[Sequence[_Stage]]) -> Iterator[_Stage]:
    return (stage for of_copy in stages for stage in of_copy)


def _begin(plans: Sequence[Plan], copies: Numbers, areas: Areas, *, far: bool) -> _Rows:
    """Objects as the pictures show them, without what labels say beyond; and planes."""
    sizes = np.array([plan.frame.size for plan in plans], np.float64).reshape(-1, 2)
    pictures = shapely.box(0 * sizes[:, 0], 0 * sizes[:, 1], sizes[:, 0], sizes[:, 1])
    planes = shapely.box(-sizes[:, 0], -sizes[:, 1], 2 * sizes[:, 0], 2 * sizes[:, 1])
    seen, left = _cut(areas, pictures, copies)
    objects = _Rows(
        copies, np.arange(len(copies)), np.full(len(copies), Kind.OBJECT), seen, areas if far else None, left
    )
    every = np.arange(len(plans))
    none = np.full(len(plans), -1)
    frames = _Rows(every, none, none + 1 + Kind.FRAME, planes, planes if far else None, np.ones(len(plans)))
    return objects.at(left > 0).and_(frames)


def _hiding(
    boxes: dict[int, tuple[Box, ...]],
    plans: Sequence[Plan],
    depth: int,
    stages: Sequence[Sequence[_Stage]],
    *,
    far: bool,
) -> _Rows:
    """What cut-outs hide, as rows in the frame that they lie in."""
    copies, bounds = [], []
    for copy, of_copy in boxes.items():
        before = stages[copy][depth - 1][1] if depth else None
        width, height = plans[copy].frame.size if before is None else before.target
        for box in of_copy:
            edges = max(0, box.left), max(0, box.top), min(width, box.right), min(height, box.bottom)
            if edges[0] < edges[2] and edges[1] < edges[3]:
                copies.append(copy)
                bounds.append(edges)
    areas: Areas = np.asarray(shapely.box(*np.array(bounds, np.float64).reshape(-1, 4).T), object)
    number = np.full(len(copies), -1)
    where: Numbers = np.array(copies, np.intp)
    return _Rows(where, number, number + 1 + Kind.HIDING, areas, areas if far else None, np.ones(len(copies)))


# -- one step --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Warps:
    """One geometry of each copy, as tables by the copy's number; those without any have no window."""

    matrices: Floats
    sources: Floats
    again: Numbers
    """0 for borders that show nothing again, 1 for mirrored, 2 for tiled ones."""
    windows: Areas
    """The part of the plane about the source that the target shows."""

    @classmethod
    def of(cls, warps: dict[int, Warp], count: int) -> _Warps:
        matrices, sources = np.tile(np.eye(3), (count, 1, 1)), np.ones((count, 2))
        again, windows = np.zeros(count, np.intp), np.full(count, shapely.Polygon(), object)
        for copy, warp in warps.items():
            matrices[copy] = np.reshape(warp.matrix, (3, 3))
            sources[copy] = warp.source
            again[copy] = _AGAIN.get(warp.border.mode, 0) if warp.border is not None else 0
            windows[copy] = _window(warp)
        shapely.prepare(windows)
        return cls(matrices, sources, again, windows)


_AGAIN = {BorderMode.MIRROR: 1, BorderMode.TILE: 2}


def _window(warp: Warp) -> BaseGeometry:
    """The part of the plane about the source that the target shows, as far as it is looked at."""
    a, b, c, d, e, f, g, h, i = inverse(warp.matrix)
    corners = []
    for x, y in ((0, 0), (warp.target[0], 0), warp.target, (0, warp.target[1])):
        w = g * x + h * y + i
        if w < _NEAR:  # the frame reaches beyond the horizon
            width, height = warp.source
            reach = corners_of((-REACH * width, -REACH * height, (REACH + 1) * width, (REACH + 1) * height))
            return area_of(warp.shown(reach))
        corners.append(((a * x + b * y + c) / w, (d * x + e * y + f) / w))
    return shapely.Polygon(corners)


_NEAR = 1e-6
"""Of w, below which a point counts as beyond the horizon."""


def _through(rows: _Rows, warps: dict[int, Warp], count: int) -> _Rows:
    """Carry rows through the next geometry of their copies, each of which has one."""
    table = _Warps.of(warps, count)
    rows = rows.and_(_again(rows, table))
    areas, kept = _cut(rows.areas, table.windows, rows.copy)
    seen = kept > 0
    rows = replace(rows, areas=areas, left=rows.left * kept).at(seen)
    matrices = table.matrices[rows.copy]
    wholes = None if rows.wholes is None else _moved(rows.wholes, matrices)
    return replace(rows, areas=_moved(rows.areas, matrices), wholes=wholes)


def _again(rows: _Rows, table: _Warps) -> _Rows:
    """What borders show again, as far as the targets see it: the picture's images to all sides, in the same plane."""
    rows = rows.at((table.again[rows.copy] > 0) & (rows.kind != Kind.FRAME))
    seen = shapely.bounds(table.windows)[rows.copy]
    bounds = shapely.bounds(rows.areas)
    size, tiled = table.sources[rows.copy], table.again[rows.copy] == 2
    images = np.arange(-REACH, REACH + 1)[:, None]
    flips = (images % 2 == 1) & ~tiled
    overlaps, offsets = [], []
    for axis in (0, 1):
        side, low, high = size[:, axis], bounds[:, axis], bounds[:, axis + 2]
        offset = side * (images + flips)
        begin, end = np.where(flips, offset - high, offset + low), np.where(flips, offset - low, offset + high)
        overlaps.append((begin < seen[:, axis + 2]) & (end > seen[:, axis]))
        offsets.append(offset)
    both = overlaps[0][:, None, :] & overlaps[1][None, :, :]
    both[REACH, REACH] = False  # the picture itself
    across, down, which = np.nonzero(both)
    again = rows.at(which)
    signs = np.stack((1 - 2 * flips[across, which], 1 - 2 * flips[down, which]), axis=1)
    moves = np.stack((offsets[0][across, which], offsets[1][down, which]), axis=1)
    wholes = None if again.wholes is None else _imaged(again.wholes, signs, moves)
    kind = np.where(again.kind == Kind.HIDING, Kind.HIDING, Kind.AGAIN)
    return replace(again, kind=kind, areas=_imaged(again.areas, signs, moves), wholes=wholes)


def _imaged(areas: Areas, signs: NDArray[np.int_], moves: Floats) -> Areas:
    points, which = shapely.get_coordinates(areas, return_index=True)
    return _with(areas, signs[which] * points + moves[which])


def _moved(areas: Areas, matrices: Floats) -> Areas:
    """Areas through a matrix each; those that reach behind the camera become nothing at all."""
    points, which = shapely.get_coordinates(areas, return_index=True)
    x, y = points.T
    entries = matrices.reshape(-1, 9).T[:, which]
    u, v = entries[0] * x + entries[1] * y + entries[2], entries[3] * x + entries[4] * y + entries[5]
    w = entries[6] * x + entries[7] * y + entries[8]
    with np.errstate(divide="ignore", invalid="ignore"):
        found = np.stack((u, v), axis=1) / w[:, None]
    endless = np.zeros(len(areas), bool)
    endless[which[~(w > 0) | ~np.isfinite(found).all(axis=1)]] = True
    found[endless[which]] = 0.0  # shapely takes no rings of NaN
    return _with(areas, found)


def _with(areas: Areas, points: Floats) -> Areas:
    """The same areas with other points; those given stay as they are."""
    found: Areas = np.array(areas)
    return np.asarray(shapely.set_coordinates(found, points), object)


def _cut(areas: Areas, windows: Areas, copies: Numbers) -> tuple[Areas, Floats]:
    """What of areas lies in the windows of their copies, and which share that is of each."""
    of_each = windows[copies]
    found: Areas = np.array(areas)
    kept = np.ones(len(areas))
    partly = np.flatnonzero(~shapely.covers(of_each, areas))
    if len(partly):
        found[partly] = _common(areas[partly], of_each[partly])
        before, left = shapely.area(areas[partly]), shapely.area(found[partly])
        kept[partly] = np.where(left > _NOTHING, left / np.maximum(before, _NOTHING), 0.0)
    return found, np.minimum(kept, 1.0)


def _common(areas: Areas, others: Areas | BaseGeometry) -> Areas:
    """What areas have in common with others."""
    try:
        return np.asarray(shapely.intersection(areas, others), object)
    except shapely.errors.GEOSException:  # what rounding has made of an outline that nearly touched itself
        return np.asarray(shapely.intersection(shapely.make_valid(areas), others), object)


# -- what came of it -------------------------------------------------------------------------------------------------


def _told(plans: Sequence[Plan], numbers: Numbers, areas: Areas, rows: _Rows) -> Carried:
    frames = np.full(len(plans), shapely.Polygon(), object)
    planes = rows.kind == Kind.FRAME
    frames[rows.copy[planes]] = rows.areas[planes]
    hiding, rows = rows.at(rows.kind == Kind.HIDING), rows.at(rows.kind <= Kind.AGAIN)
    cut = _shares(plans, areas, rows)
    share = cut * (1 - _hidden(rows, hiding))
    return Carried(rows.copy, numbers[rows.of], rows.kind, rows.areas, share, cut, frames)


def _shares(plans: Sequence[Plan], areas: Areas, rows: _Rows) -> Floats:
    """Visible area ÷ area of the whole moved object; where that has no end, as the steps' sources tell."""
    if rows.wholes is not None:
        whole = shapely.area(rows.wholes)
    else:
        scales = np.array([_scale(plan.warp) for plan in plans])
        whole = shapely.area(areas)[rows.of] * scales[rows.copy]
    sized = np.isfinite(whole) & (whole > _NOTHING)
    visible = shapely.area(rows.areas)
    found: Floats = np.minimum(1.0, np.where(sized, visible / np.where(sized, whole, 1.0), rows.left))
    return found


def _scale(warp: Warp | None) -> float:
    """How many times as large a warp without perspective makes areas."""
    if warp is None:
        return 1.0
    a, b, _, d, e, *_ = warp.matrix
    return abs(a * e - b * d)


def _hidden(rows: _Rows, hiding: _Rows) -> Floats:
    """Which share of each row's area cut-outs hide."""
    found = np.zeros(len(rows))
    for copy in np.unique(hiding.copy):
        which = np.flatnonzero(rows.copy == copy)
        if len(which):
            hidden = shapely.union_all(hiding.areas[hiding.copy == copy])
            areas = rows.areas[which]
            common = shapely.area(_common(areas, hidden))
            found[which] = np.minimum(1.0, common / np.maximum(shapely.area(areas), _NOTHING))
    return found
