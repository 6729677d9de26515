"""Cutting shapes at what is seen, by shapely."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from augstudio.engine.shapes import BoundingBox, Coordinates, Piece, Polygon

Shapes = NDArray[np.object_]
"""Of shapely's geometries."""


Outline: TypeAlias = Coordinates | BaseGeometry
"""What bounds an area: the corners of a polygon without holes, `(N, 2)`, or any of shapely's."""


def area_of(coordinates: Outline) -> BaseGeometry:
    """The area that an outline encloses; an empty one for none."""
    if isinstance(coordinates, BaseGeometry):
        return coordinates
    return shapely.Polygon(coordinates) if len(coordinates) >= 3 else shapely.Polygon()


def quadrangles(corners: NDArray[np.float64]) -> Shapes:
    """Of `(N, 4, 2)` corners."""
    found: Shapes = np.asarray(shapely.polygons(corners), object).reshape(len(corners))
    return found


def surface(polygon: Polygon) -> BaseGeometry:
    """All that a polygon encloses; where it crosses itself, what an even-odd filling would paint."""
    pieces = [_valid(piece) for piece in polygon.pieces]
    return pieces[0] if len(pieces) == 1 else shapely.union_all(pieces)


def cut(polygon: Polygon, window: BaseGeometry) -> tuple[Piece, ...]:
    """The pieces of a polygon that lie in a window, each on its own: pieces that overlap stay apart."""
    found: list[Piece] = []
    for piece in polygon.pieces:
        whole = _valid(piece)
        if shapely.covers(window, whole):
            found.append(piece)
            continue
        for part in shapely.get_parts(shapely.intersection(whole, window)):
            found += _rings(part)
    return tuple(found)


def _valid(piece: Piece) -> BaseGeometry:
    whole = shapely.Polygon(piece[0], piece[1:])
    return whole if whole.is_valid else shapely.make_valid(whole)


def _rings(part: BaseGeometry) -> list[Piece]:
    if isinstance(part, shapely.MultiPolygon | shapely.GeometryCollection):
        return [rings for inner in part.geoms for rings in _rings(inner)]
    if not isinstance(part, shapely.Polygon) or part.area < _NOTHING:  # a line or a point where it only touches
        return []
    rings = (part.exterior, *part.interiors)
    return [tuple(np.array(ring.coords, np.float64)[:-1] for ring in rings)]


_NOTHING = 1e-6
"""Square pixels."""


def together(parts: Sequence[Coordinates]) -> BaseGeometry | None:
    """All that some outlines enclose; None if they enclose nothing."""
    areas = [area_of(part) for part in parts if len(part) >= 3]
    return shapely.union_all(areas) if areas else None


def overlap(box: BoundingBox, outline: Outline) -> float:
    """Intersection over union of a box and an area, 0 to 1."""
    whole = shapely.box(*box.bounds)
    seen = area_of(outline)
    common = whole.intersection(seen).area
    either = whole.area + seen.area - common
    return float(common / either) if either > 0 else 1.0
