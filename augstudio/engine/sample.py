"""A picture with whatever travels with it."""

from __future__ import annotations

from dataclasses import dataclass

from augstudio.engine.pixels import Pixels
from augstudio.engine.shapes import Mask, Shape


@dataclass(frozen=True, eq=False)
class Sample:
    """A picture, the shapes of the objects in it, and masks.

    Attributes
    ----------
    pixels : ndarray
        See `Pixels`.
    shapes : tuple of Shape
        Boxes, polygons, points and regions, in the picture's pixels; each says which object it is of.
    masks : tuple of Mask
        Of the picture's size.
    names : tuple of str
        The class of each object, where known; object 0 is the first.
    """

    pixels: Pixels
    shapes: tuple[Shape, ...] = ()
    masks: tuple[Mask, ...] = ()
    names: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        height, width = self.pixels.shape[:2]
        for mask in self.masks:
            if mask.pixels.shape[:2] != (height, width):
                raise ValueError(
                    f"a mask must have the picture's size, {width}×{height}, "
                    f"not {mask.pixels.shape[1]}×{mask.pixels.shape[0]}"
                )

    @property
    def count(self) -> int:
        """How many objects there are."""
        return max(len(self.names), max((shape.number + 1 for shape in self.shapes), default=0))
