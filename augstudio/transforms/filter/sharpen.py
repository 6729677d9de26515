from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Literal

from augstudio.engine import Frame, Step, filters
from augstudio.transforms.base import Transform
from augstudio.transforms.draw import Draw
from augstudio.transforms.parameter import Knob, Range, above


class Sharpen(Transform):
    """Strengthen edges: an unsharp mask of one pixel at the training size."""

    label = "Sharpen"
    also = ("RandomAdjustSharpness", "RandomSharpness", "unsharp mask", "sharpness")

    op: Literal["sharpen"] = "sharpen"
    amount: Annotated[
        Range,
        Knob(
            label="Strength (amount)",
            help="How much of the detail is added again.",
            hard=(0, 5),
            useful=(0, 1.5),
            neutral=0,
            limits=above(1.5, 3),
            words=("", "sharpened by more than {}"),
            source="no published figure: beyond 1.5 edges get halos, beyond 3 grain outweighs the subject",
            unit="×",
        ),
    ] = Range(0, 0.6)

    def lower(self, draw: Draw, frame: Frame) -> Iterator[Step]:
        """Turn drawn numbers into steps."""
        yield filters.Sharpen(draw.number("amount"), frame.scale)
