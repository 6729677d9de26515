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

_CORNERS = [0, 1, 2, 1, 2, 3, 0, 3]
"""Of left, top, right and bottom, those that make the corners, clockwise from top left."""
_NOTHING = 1e-9


def follow(shapes: Sequence[Shape], points: PointMap, *, loose: bool = False) -> list[Moved]:
    """Tell what becomes of shapes.

    Parameters
    ----------
    shapes : sequence of Shape
        In the picture that the map begins with.
    points : PointMap
        Where its points go.
    loose : bool
        What a turned box becomes: the box of its four corners, or else that of the ellipse inside it.

    Returns
    -------
    list of Moved
        In the order of the shapes.
    """
    return _Following(points, loose=loose).moved(shapes) if shapes else []


class _Following:
    def __init__(self, points: PointMap, *, loose: bool) -> None:
        self.map, self.loose = points, loose
        self.geometries = points.geometries

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
        given = np.array([box.bounds for box in boxes], np.float64)
        corners = given[:, _CORNERS].reshape(-1, 4, 2)
        inside = self.map.inside(corners.reshape(-1, 2)).reshape(-1, 4).all(axis=1)
        whole = self.map.forward(corners.reshape(-1, 2)).reshape(-1, 4, 2)
        outlines: list[clipping.Outline] = list(whole)
        bounds = np.concatenate((whole.min(axis=1), whole.max(axis=1)), axis=1)
        shares = np.ones(len(boxes))
        if not inside.all():
            self._cut(np.flatnonzero(~inside), corners, whole, outlines, bounds, shares)
        left = shares
        if self.hidden is not None:
            left = shares * (1 - self._hidden_shares(outlines))
        if not (self.map.is_upright or self.loose):
            bounds = self._about_ellipses(given, bounds)
        gone = (shares <= 0) | np.isnan(bounds).any(axis=1)
        bounds = self._within(bounds.reshape(-1, 2)).reshape(-1, 4)
        outlined = [None] * len(boxes) if self.map.is_upright else outlines
        return [
            Moved(box, None, 0.0, 0.0)
            if lost
            else Moved(box, BoundingBox(box.number, *limits), visible, share, outline)
            for box, lost, limits, visible, share, outline in zip(
                boxes, gone.tolist(), bounds.tolist(), left.tolist(), shares.tolist(), outlined, strict=True
            )
        ]

    def _cut(
        self,
        partly: NDArray[np.intp],
        corners: NDArray[np.float64],
        whole: NDArray[np.float64],
        outlines: list[clipping.Outline],
        bounds: NDArray[np.float64],
        shares: NDArray[np.float64],
    ) -> None:
        """Find what is seen of boxes that are not wholly seen, and put it in its places."""
        in_source = clipping.quadrangles(corners[partly])
        seen = np.asarray(shapely.intersection(in_source, self.window), object)
        before = shapely.area(in_source)
        of_source = np.divide(shapely.area(seen), before, out=np.zeros(len(partly)), where=before > 0)
        seen = np.asarray(shapely.transform(seen, self.map.forward), object)
        x, y = whole[partly, :, 0] - whole[partly, :1, 0], whole[partly, :, 1] - whole[partly, :1, 1]
        areas = np.abs((x[:, :-1] * y[:, 1:] - x[:, 1:] * y[:, :-1]).sum(axis=1)) / 2
        # Behind the camera there is no end to an area; the source's own then tells how much is seen.
        sized = np.isfinite(areas) & (areas > _NOTHING)
        shares[partly] = np.divide(shapely.area(seen), areas, out=of_source, where=sized).clip(0, 1)
        bounds[partly] = shapely.bounds(seen)
        for number, outline in zip(partly, seen, strict=True):
            outlines[number] = outline

    def _within(self, points: Coordinates) -> Coordinates:
        """Points of the target without what rounding has put outside of it."""
        return np.minimum(np.maximum(points, 0.0), self.map.target)

    def _about_ellipses(self, given: NDArray[np.float64], tight: NDArray[np.float64]) -> NDArray[np.float64]:
        """The boxes about the ellipses in boxes, as far as frames show them, `(N, 4)`; NaN where nothing is seen."""
        assert self.map.whole is not None  # else all is upright
        bounds = self.map.whole.about_ellipses(given)
        lost = ~np.isfinite(bounds).all(axis=1) | np.isnan(tight).any(axis=1)  # what is not seen has no box
        if self.map.fills:
            np.maximum(bounds[:, :2], 0.0, out=bounds[:, :2])
            np.minimum(bounds[:, 2:], self.map.target, out=bounds[:, 2:])
            lost |= (bounds[:, :2] > bounds[:, 2:]).any(axis=1)
        else:
            self._frame(bounds)
            lost |= np.isnan(bounds).any(axis=1)
        # Where a corner is all that is seen, no part of the ellipse is.
        bounds[lost] = tight[lost]
        return bounds

    def _frame(self, bounds: NDArray[np.float64]) -> None:
        """Leave of boxes what the frames leave of them."""
        finite = np.asarray(np.isfinite(bounds).all(axis=1))
        corners = np.where(finite[:, None], bounds, 0.0)[:, _CORNERS].reshape(-1, 2)
        inside = within(self.map.framed, corners).reshape(-1, 4).all(axis=1)
        over = np.flatnonzero(finite & ~inside)
        if len(over):
            seen = shapely.intersection(shapely.box(*bounds[over].T), clipping.area_of(self.map.framed))
            bounds[over] = shapely.bounds(seen)

    def _hidden_shares(self, outlines: Sequence[clipping.Outline]) -> NDArray[np.float64]:
        seen = np.array([clipping.area_of(outline) for outline in outlines], object)
        areas = shapely.area(seen)
        hidden = shapely.area(shapely.intersection(seen, self.hidden))
        return np.divide(hidden, areas, out=np.zeros(len(seen)), where=areas > 0).clip(0, 1)

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
