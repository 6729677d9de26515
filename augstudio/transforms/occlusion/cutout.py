from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Annotated, Literal

from augstudio.engine import Box, Fill, Frame, Step, paint
from augstudio.transforms.base import Measure, Probability, Transform
from augstudio.transforms.draw import Draw, Value
from augstudio.transforms.parameter import Knob, Option, Range, above
from augstudio.transforms.position import Points


class Cutout(Transform):
    """Hide square parts of the picture, so that a model learns to use what is left."""

    label = "Cut-out"
    also = ("CoarseDropout", "RandomErasing", "erasing", "GridDropout", "dropout", "hide", "occlusion", "mask out")
    measure = Measure(
        words=("", "hidden by more than {} of their area"),
        parameter="side",
        limits=above(0.2, 0.33),
        source="excessive: torchvision's RandomErasing hides up to 0.33 of the area; caution: 0.2",
    )

    positions = (
        Points(
            name="squares",
            label="Squares",
            help="Where each lies in the room that is left: 0 is at the left or the top, 1 at the right or bottom.",
            count="count",
        ),
    )

    op: Literal["cutout"] = "cutout"
    probability: Probability = 0.5
    count: Annotated[
        Range,
        Knob(label="How many (count)", help="How many squares.", hard=(1, 16), useful=(1, 8), decimals=0, whole=True),
    ] = Range(1, 2)
    side: Annotated[
        Range,
        Knob(
            label="Size (side)",
            help="Of each square, as a share of the picture's shorter side.",
            hard=(0, 0.9),
            useful=(0, 0.3),
            neutral=0,
        ),
    ] = Range(0.1, 0.25)
    fill: Annotated[
        Fill,
        Option(
            label="Fill",
            help="What the squares show.",
            labels={"grey": "Grey", "black": "Black", "mean": "Mean colour of the picture", "noise": "Noise"},
        ),
    ] = Fill.GREY

    def lower(self, draw: Draw, frame: Frame) -> Iterator[Step]:
        """Turn drawn numbers into steps."""
        side = draw.number("side") * frame.shorter
        boxes = tuple(
            _square(x * (frame.width - side), y * (frame.height - side), side) for x, y in draw.points("squares")
        )
        yield paint.Cutout(boxes, self.fill, draw.field_seed)

    def measured(self, values: Mapping[str, Value]) -> float:
        """Share of a square picture's area that is hidden, if no squares overlap."""
        return min(1.0, float(values["count"]) * float(values["side"]) ** 2)


def _square(left: float, top: float, side: float) -> Box:
    return Box(round(left), round(top), round(left + side), round(top + side))
