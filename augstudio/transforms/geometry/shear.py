from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Literal

from augstudio.engine import Frame, Step, Warp
from augstudio.transforms.base import Bordered
from augstudio.transforms.draw import Draw
from augstudio.transforms.parameter import Knob, Range, beyond

_SOURCE = "caution: RandAugment's largest shear is 0.3; excessive: twice that (TrivialAugment goes to 0.99)"


class Shear(Bordered):
    """Slant the picture about its centre."""

    label = "Shear"
    also = ("skew", "slant", "affine", "RandomAffine", "RandomShear", "ShearX", "ShearY")

    op: Literal["shear"] = "shear"
    x: Annotated[
        Range,
        Knob(
            label="Horizontal",
            help="Sideways travel per unit of height.",
            hard=(-1, 1),
            useful=(-0.3, 0.3),
            neutral=0,
            limits=beyond(0.3, 0.6),
            words=("slanted sideways by more than {}", "slanted sideways by more than {}"),
            source=_SOURCE,
        ),
    ] = Range(-0.1, 0.1)
    y: Annotated[
        Range,
        Knob(
            label="Vertical",
            help="Vertical travel per unit of width.",
            hard=(-1, 1),
            useful=(-0.3, 0.3),
            neutral=0,
            limits=beyond(0.3, 0.6),
            words=("slanted vertically by more than {}", "slanted vertically by more than {}"),
            source=_SOURCE,
        ),
    ] = Range(-0.1, 0.1)

    def lower(self, draw: Draw, frame: Frame) -> Iterator[Step]:
        """Turn drawn numbers into steps."""
        x, y = draw.number("x"), draw.number("y")
        # Sideways first, then vertically: together in one go they would fold the picture flat where x · y is 1.
        yield Warp.about_centre((1.0, x, y, 1.0 + x * y), frame, self.outside)
