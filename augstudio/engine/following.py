"""Shapes that follow a picture through the steps of a plan."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from augstudio.engine import clipping
from augstudio.engine.geometry import Geometry, Role
from augstudio.engine.moved import Moved
from augstudio.engine.point_map import PointMap, concatenated, within
from augstudio.engine.shapes import (
    BoundingBox,
    Coordinates,
    KeyPoints,
    Polygon,
    Region,
    Shape,
    corners_of,
    ring_area,
)
from augstudio.engine.step import Step

_AROUND = np.linspace(0, 2 * np.pi, 256, endpoint=False)
"""Angles at which an ellipse is looked at: its bounds are then right within 0.01 % of its size."""
_NOTHING = 1e-9


def follow(
    shapes: Sequence[Shape], steps: Sequence[Step], size: tuple[int, int], *, loose: bool = False
) -> list[Moved]:
    """Tell what becomes of shapes.

    Parameters
    ----------
    shapes : sequence of Shape
        In a picture of this size.
    steps : sequence of Step
        After fusion.
    size : (int, int)
        Width and height of the picture before the first step.
    loose : bool
        What a turned box becomes: the box of its four corners, or else that of the ellipse inside it.

    Returns
    -------
    list of Moved
        In the order of the shapes.
    """
    return _Following(steps, size, loose=loose).moved(shapes) if shapes else []


class _Following:
    def __init__(self, steps: Sequence[Step], size: tuple[int, int], *, loose: bool) -> None:
        self.map = PointMap(steps, size)
        self.loose = loose
        self.geometries = [step for step in steps if isinstance(step, Geometry)]

    @cached_property
    def window(self) -> BaseGeometry:
        """What is seen, in the source."""
        area = clipping.area_of(self.map.region)
        shapely.prepare(area)
        return area

    @cached_property
    def hidden(self) -> BaseGeometry | None:
        """What cut-outs hide, in the target."""
        return clipping.together(self.map.hidden)

    def moved(self, shapes: Sequence[Shape]) -> list[Moved]:
        found: list[Moved | None] = [None] * len(shapes)
        boxes = [number for number, shape in enumerate(shapes) if isinstance(shape, BoundingBox)]
        polygons = [number for number, shape in enumerate(shapes) if isinstance(shape, Polygon)]
        for numbers, several in (
            (boxes, self._boxes([s for s in shapes if isinstance(s, BoundingBox)])),
            (polygons, self._polygons([s for s in shapes if isinstance(s, Polygon)])),
        ):
            for number, one in zip(numbers, several, strict=True):
                found[number] = one
        for number, shape in enumerate(shapes):
            if isinstance(shape, KeyPoints):
                found[number] = self._points(shape)
            elif isinstance(shape, Region):
                found[number] = self._region(shape)
        return [one for one in found if one is not None]

    # -- boxes ------------------------------------------------------------------------------------------------

    def _boxes(self, boxes: Sequence[BoundingBox]) -> list[Moved]:
        if not boxes:
            return []
        corners = np.stack([corners_of(box.bounds) for box in boxes])
        inside = self.map.inside(corners.reshape(-1, 2)).reshape(-1, 4).all(axis=1)
        whole = self.map.forward(corners.reshape(-1, 2)).reshape(-1, 4, 2)
        seen = clipping.quadrangles(np.where(np.isnan(whole), 0.0, whole))
        partly = np.flatnonzero(~inside)
        in_source = clipping.quadrangles(corners[partly])
        seen[partly] = shapely.intersection(in_source, self.window)
        shares = np.ones(len(boxes))
        before = shapely.area(in_source)
        with np.errstate(divide="ignore", invalid="ignore"):
            shares[partly] = np.nan_to_num(shapely.area(seen[partly]) / before)
        seen[partly] = shapely.transform(seen[partly], self.map.forward)
        areas = np.array([ring_area(ring) for ring in whole])
        # Behind the camera there is no end to an area; the source's own then tells how much is seen.
        sized = np.isfinite(areas) & (areas > _NOTHING)
        visible = shapely.area(seen)
        shares[partly] = np.where(sized, np.minimum(1.0, visible / np.where(sized, areas, 1.0)), 0.0)[
            partly
        ] + np.where(sized[partly], 0.0, shares[partly])
        left = shares * (1 - self._hidden_shares(seen, visible))
        bounds = self._bounds(corners, seen)
        fits = self._fits(bounds, seen, visible)
        return [
            self._box(box, bounds[number], float(left[number]), float(shares[number]), float(fits[number]))
            for number, box in enumerate(boxes)
        ]

    def _box(self, box: BoundingBox, bounds: NDArray[np.float64], visible: float, share: float, fit: float) -> Moved:
        if share <= 0 or np.isnan(bounds).any():
            return Moved(box, None, 0.0, 0.0)
        (left, top), (right, bottom) = self._within(bounds.reshape(2, 2))
        return Moved(
            box, BoundingBox(box.number, float(left), float(top), float(right), float(bottom)), visible, share, fit
        )

    def _within(self, points: Coordinates) -> Coordinates:
        """Points of the target without what rounding has put outside of it."""
        return np.clip(points, 0.0, self.map.target)

    def _bounds(self, corners: NDArray[np.float64], seen: clipping.Shapes) -> NDArray[np.float64]:
        """The boxes of what is seen, `(N, 4)`; NaN where nothing is."""
        tight = np.asarray(shapely.bounds(seen), np.float64)
        if self.map.is_upright or self.loose:
            return tight
        middle, half = corners.mean(axis=1), (corners[:, 2] - corners[:, 0]) / 2
        around = np.stack((np.cos(_AROUND), np.sin(_AROUND)), axis=1)
        points = middle[:, None, :] + half[:, None, :] * around
        moved = self.map.forward(points.reshape(-1, 2)).reshape(len(corners), -1, 2)
        bounds = np.concatenate((moved.min(axis=1), moved.max(axis=1)), axis=1)
        frame = clipping.area_of(self.map.framed)
        finite = np.isfinite(bounds).all(axis=1)
        safe = np.where(finite[:, None], bounds, 0.0)
        inside = within(self.map.framed, np.concatenate((safe[:, :2], safe[:, 2:], safe[:, [0, 3]], safe[:, [2, 1]])))
        for number in np.flatnonzero(finite & ~inside.reshape(4, -1).all(axis=0)):
            bounds[number] = shapely.bounds(shapely.intersection(shapely.box(*bounds[number]), frame))
        # Where a corner is all that is seen, no part of the ellipse is.
        lost = ~np.isfinite(bounds).all(axis=1)
        bounds[lost] = tight[lost]
        return np.asarray(bounds, np.float64)

    def _fits(
        self, bounds: NDArray[np.float64], seen: clipping.Shapes, visible: NDArray[np.float64]
    ) -> NDArray[np.float64]:
        if self.map.is_upright:
            return np.ones(len(seen))
        known = np.asarray(np.isfinite(bounds).all(axis=1))
        safe = np.where(known[:, None], bounds, 0.0)
        boxes = shapely.box(safe[:, 0], safe[:, 1], safe[:, 2], safe[:, 3])
        common = shapely.area(shapely.intersection(boxes, seen))
        either = shapely.area(boxes) + visible - common
        fits: NDArray[np.float64] = np.where(either > 0, common / np.where(either > 0, either, 1.0), 1.0)
        return fits

    def _hidden_shares(self, seen: clipping.Shapes, areas: NDArray[np.float64]) -> NDArray[np.float64]:
        if self.hidden is None:
            return np.zeros(len(seen))
        hidden = shapely.area(shapely.intersection(seen, self.hidden))
        shares: NDArray[np.float64] = np.where(areas > 0, hidden / np.where(areas > 0, areas, 1.0), 0.0)
        return np.minimum(shares, 1.0)

    # -- polygons ---------------------------------------------------------------------------------------------

    def _polygons(self, polygons: Sequence[Polygon]) -> list[Moved]:
        if not polygons:
            return []
        rings = [ring for polygon in polygons for piece in polygon.pieces for ring in piece]
        points, ends = concatenated(rings)
        inside = iter(np.split(self.map.inside(points), ends))
        moved = iter(np.split(self.map.forward(points), ends))
        found = []
        for polygon in polygons:
            whole = Polygon(polygon.number, tuple(tuple(next(moved) for _ in piece) for piece in polygon.pieces))
            all_of_it = all([next(inside).all() for piece in polygon.pieces for _ in piece])  # noqa: C419  (each must be taken)
            found.append(self._polygon(polygon, whole, all_of_it=all_of_it))
        return found

    def _polygon(self, before: Polygon, whole: Polygon, *, all_of_it: bool) -> Moved:
        if all_of_it:
            seen, share = whole, 1.0
        else:
            in_source = clipping.cut(before, self.window)
            if not in_source:
                return Moved(before, None, 0.0, 0.0)
            pieces = (tuple(self._within(self.map.forward(ring)) for ring in piece) for piece in in_source)
            seen = Polygon(before.number, tuple(pieces))
            area = whole.area
            if np.isfinite(area) and area > _NOTHING:
                share = min(1.0, seen.area / area)
            else:
                share = min(1.0, Polygon(before.number, in_source).area / max(before.area, _NOTHING))
        left = share
        if self.hidden is not None:
            surface = clipping.surface(seen)
            if surface.area > 0:
                left *= 1 - min(1.0, surface.intersection(self.hidden).area / surface.area)
        return Moved(before, seen, left, share)

    # -- points and regions -----------------------------------------------------------------------------------

    def _points(self, before: KeyPoints) -> Moved:
        if not len(before.points):
            return Moved(before, before, 1.0, 1.0)
        seen = self.map.inside(before.points)
        moved = np.array(self.map.forward(before.points))
        moved[~seen] = np.nan
        share = float(seen.mean())
        left = share
        if self.hidden is not None and seen.any():
            left -= float(shapely.intersects_xy(self.hidden, moved[seen, 0], moved[seen, 1]).sum()) / len(seen)
        return Moved(before, KeyPoints(before.number, moved) if seen.any() else None, max(0.0, left), share)

    def _region(self, before: Region) -> Moved:
        seen = before
        for geometry in self.geometries:
            seen = _resampled(seen, geometry)
        area, whole = seen.area, self._whole_area(before)
        if not area:
            return Moved(before, None, 0.0, 0.0)
        share = 1.0 if not self.geometries or area >= whole else area / whole
        left = share
        for outline in self.map.hidden:
            left -= share * _share_inside(seen, outline)
        return Moved(before, seen, max(0.0, left), share)

    def _whole_area(self, before: Region) -> float:
        """Square pixels that a region would have in the target, were that without end."""
        if self.map.whole is None or not before.pixels.any():
            return before.area
        left, top, right, bottom = before.bounds
        outline = self.map.forward(corners_of((left, top, right, bottom)))
        box = (right - left) * (bottom - top)
        scale = ring_area(outline) / box if np.isfinite(outline).all() else 0.0
        return before.area * scale


def _resampled(region: Region, geometry: Geometry) -> Region:
    """Move a region: no more of the target is looked at than can show some of it."""
    height, width = region.pixels.shape
    if not height or not width:
        return region
    source = (region.left, region.top, region.left + width, region.top + height)
    corners = geometry.forward(corners_of(source))
    target = (0, 0, *geometry.target)
    if np.isfinite(corners).all():
        low = np.maximum(np.floor(corners.min(axis=0)) - 1, 0).clip(max=geometry.target).astype(int)
        high = np.minimum(np.ceil(corners.max(axis=0)) + 1, geometry.target).clip(min=0).astype(int)
        if (high <= low).any():
            return Region(region.number, np.zeros((0, 0), bool))
        target = (int(low[0]), int(low[1]), int(high[0]), int(high[1]))
    moved = geometry.part(source, target).resample(region.pixels.view(np.uint8), Role.REGION)
    return Region(region.number, np.ascontiguousarray(moved).view(bool), target[0], target[1])


def _share_inside(region: Region, outline: Coordinates) -> float:
    """The share of a region's pixels whose centres lie in a convex outline."""
    rows, columns = np.nonzero(region.pixels)
    if not len(rows):
        return 0.0
    centres = np.stack((columns + region.left + 0.5, rows + region.top + 0.5), axis=1)
    return float(np.count_nonzero(within(outline, centres))) / region.area
