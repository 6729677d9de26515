from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Literal

from augstudio.engine import Frame, Mix, Step
from augstudio.engine.pixels import LUMA
from augstudio.transforms.base import Transform
from augstudio.transforms.draw import Draw
from augstudio.transforms.parameter import Knob, Range, above


class Saturation(Transform):
    """Make colours paler or stronger; the luma stays."""

    label = "Saturation"
    also = ("ColorJitter", "HueSaturationValue", "RandomSaturation", "RandomColorDegeneration", "vibrance")

    op: Literal["saturation"] = "saturation"
    factor: Annotated[
        Range,
        Knob(
            label="Strength (factor)",
            help="0 is grey, 1 leaves the picture as it is.",
            hard=(0, 5),
            useful=(0, 2),
            neutral=1,
            limits=above(2, 3),
            words=("", "saturated above {}"),
            source="ImageNet-C saturates by a factor of 2 at severity 3 and of 5 at severity 4",
            trial="0–3 gained 0.7 points on clothes; light and colour cost up to 4 points on rubbish",
            unit="×",
        ),
    ] = Range(0.7, 1.3)

    def lower(self, draw: Draw, frame: Frame) -> Iterator[Step]:
        """Turn drawn numbers into steps."""
        factor = draw.number("factor")
        r, g, b = ((1 - factor) * weight for weight in LUMA)
        yield Mix((r + factor, g, b, 0.0, r, g + factor, b, 0.0, r, g, b + factor, 0.0))
