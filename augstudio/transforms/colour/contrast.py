from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Literal

from augstudio.engine import Frame, Linear, Step, Table
from augstudio.transforms.base import Transform
from augstudio.transforms.draw import Draw
from augstudio.transforms.parameter import Knob, Limits, Range


class Contrast(Transform):
    """Stretch or squeeze the levels about mid-grey."""

    label = "Contrast"
    also = ("RandomContrast", "ColorJitter", "RandomBrightnessContrast", "autocontrast")

    op: Literal["contrast"] = "contrast"
    factor: Annotated[
        Range,
        Knob(
            label="Strength (factor)",
            help="1 leaves the picture as it is; below 1 is flatter.",
            hard=(0.05, 3),
            useful=(0.5, 1.5),
            neutral=1,
            limits=Limits((0.6, 1.4), (0.3, 2)),
            words=("flattened below {} of their contrast", "stretched above {} of their contrast"),
            source="excessive below: ImageNet-C contrast is 0.3 at severity 2 (0.4 at severity 1); the others are "
            "no published figures",
            measure="contrast",
            unit="×",
        ),
    ] = Range(0.8, 1.2)

    def lower(self, draw: Draw, frame: Frame) -> Iterator[Step]:
        """Turn drawn numbers into steps."""
        factor = draw.number("factor")
        yield Table.of(Linear(factor, 0.5 - 0.5 * factor))
