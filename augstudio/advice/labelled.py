"""What is known of labelled objects in the pictures at hand: those of a few pictures."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from augstudio.engine import BoundingBox, Polygon, Shape
from augstudio.label_rules import Objects

MOST_OBJECTS = 100
"""Objects of a picture that are looked at, spread evenly over all that it has."""
_MOST_POINTS = 64
"""Points of an outline from which on it is made plainer, as far as nobody sees it at the size of training."""
_PLAINER = 1 / 2000
"""By how much of the picture's shorter side, at most."""


@dataclass(frozen=True)
class LabelledPicture:
    """A picture with objects.

    Attributes
    ----------
    key : str
        POSIX path relative to the dataset's root: its copies are drawn by that.
    width, height : int
        Of the upright picture at its full size, in pixels.
    shapes : tuple of BoundingBox or Polygon
        One for each object that is looked at, its number being its place: the outline where one is known, else the box.
    categories : tuple of str
        The class of each.
    label : str
        The class of the picture itself.
    classes : tuple of str
        Names of the classes of all objects, also of those that are not looked at; sorted.
    objects : int
        How many objects there are in all.
    """

    key: str
    width: int
    height: int
    shapes: tuple[BoundingBox | Polygon, ...]
    categories: tuple[str, ...]
    label: str = ""
    classes: tuple[str, ...] = ()
    objects: int = 0

    @classmethod
    def of(cls, key: str, size: tuple[int, int], objects: Objects) -> LabelledPicture | None:
        """What matters of a picture's labels; None where nothing is left of them.

        Parameters
        ----------
        key : str
            Of the picture.
        size : (int, int)
            Width and height of the upright picture at its full size, in pixels.
        objects : Objects
            In pixels of that.
        """
        known = sorted(_best(objects.shapes, size).items())
        if not known:
            return None
        chosen = known if len(known) <= MOST_OBJECTS else [known[number] for number in _spread(len(known))]
        least = min(size) * _PLAINER
        shapes = tuple(_plainer(shape, number, least) for number, (_, shape) in enumerate(chosen))
        names = tuple(objects.names[old] if old < len(objects.names) else "" for old, _ in chosen)
        return cls(key, *size, shapes, names, objects.label, tuple(sorted({*objects.names})), len(known))

    @property
    def for_drawing(self) -> Objects:
        """What the draws of its copies depend on."""
        return Objects((), self.classes, self.label)


@dataclass(frozen=True)
class LabelFacts:
    """What is known of labels: a few pictures, spread evenly over all that have objects.

    Attributes
    ----------
    pictures : tuple of LabelledPicture
        At least one.
    """

    pictures: tuple[LabelledPicture, ...]

    @property
    def objects(self) -> int:
        """How many objects are looked at."""
        return sum(len(picture.shapes) for picture in self.pictures)

    @cached_property
    def surfaces(self) -> NDArray[np.object_]:
        """The areas of all objects, as shapely has them, those of one picture after those of another."""
        import shapely  # which nobody without labels need wait for

        from augstudio.engine.clipping import surface

        shapes = [shape for picture in self.pictures for shape in picture.shapes]
        found = np.empty(len(shapes), object)
        boxes = [number for number, shape in enumerate(shapes) if isinstance(shape, BoundingBox)]
        if boxes:
            bounds = np.array([shapes[number].bounds for number in boxes])
            found[boxes] = shapely.box(*bounds.T)
        for number, shape in enumerate(shapes):
            if isinstance(shape, Polygon):
                found[number] = surface(shape)
        return found

    def __getstate__(self) -> dict[str, object]:
        """Without what can be told again."""
        return {"pictures": self.pictures}


def label_facts_of(pictures: Iterable[LabelledPicture | None]) -> LabelFacts | None:
    """Facts from some pictures; None if none of them has objects."""
    found = tuple(picture for picture in pictures if picture is not None)
    return LabelFacts(found) if found else None


def _spread(total: int) -> Iterator[int]:
    return ((2 * place + 1) * total // (2 * MOST_OBJECTS) for place in range(MOST_OBJECTS))


def _best(shapes: Sequence[Shape], size: tuple[int, int]) -> dict[int, BoundingBox | Polygon]:
    """What tells best where each object is; without those of no area, and those that the picture does not show."""
    found: dict[int, BoundingBox | Polygon] = {}
    for shape in shapes:
        if isinstance(shape, Polygon) or (isinstance(shape, BoundingBox) and shape.number not in found):
            found[shape.number] = shape
    return {number: shape for number, shape in found.items() if _shows(size, shape)}


def _shows(size: tuple[int, int], shape: BoundingBox | Polygon) -> bool:
    left, top, right, bottom = shape.bounds
    finite = np.isfinite((left, top, right, bottom)).all()
    return bool(finite and shape.area > 0 and left < size[0] and top < size[1] and right > 0 and bottom > 0)


def _plainer(shape: BoundingBox | Polygon, number: int, tolerance: float) -> BoundingBox | Polygon:
    """The shape under another number, without points that nobody sees."""
    if isinstance(shape, BoundingBox):
        return BoundingBox(number, *shape.bounds)
    pieces = tuple(tuple(_fewer(ring, tolerance) for ring in piece) for piece in shape.pieces)
    return Polygon(number, pieces)


def _fewer(ring: NDArray[np.float64], tolerance: float) -> NDArray[np.float64]:
    if len(ring) <= _MOST_POINTS:
        return ring
    import shapely

    plain = shapely.simplify(shapely.LinearRing(ring), tolerance, preserve_topology=True)
    points: NDArray[np.float64] = shapely.get_coordinates(plain)[:-1]
    return points if len(points) >= 3 else ring
