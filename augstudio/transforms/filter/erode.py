from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Literal

from augstudio.engine import Frame, Morphology, Step
from augstudio.transforms.base import Transform
from augstudio.transforms.draw import Draw
from augstudio.transforms.parameter import Knob, Range, above


class Erode(Transform):
    """Grow what is dark: dark strokes become thicker."""

    label = "Erode"
    also = ("Morphological", "morphology", "erosion", "thicker strokes")

    op: Literal["erode"] = "erode"
    radius: Annotated[
        Range,
        Knob(
            label="Growth (radius)",
            help="Of the disc, in pixels at the training size.",
            hard=(0, 10),
            useful=(0, 3),
            neutral=0,
            limits=above(1.5, 3),
            words=("", "eroded by more than {}"),
            source="no published figure: print at 224 px has strokes of one to three pixels",
            unit="px",
        ),
    ] = Range(0, 1)

    def lower(self, draw: Draw, frame: Frame) -> Iterator[Step]:
        """Turn drawn numbers into steps."""
        yield Morphology("erode", draw.number("radius") * frame.scale)
