from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Literal

from augstudio.engine import Frame, Step, Table
from augstudio.engine import colour as curves
from augstudio.transforms.base import Transform
from augstudio.transforms.draw import Draw
from augstudio.transforms.parameter import Knob, Range, below


class Solarize(Transform):
    """Invert what is brighter than a threshold."""

    label = "Solarise"
    also = ("RandomSolarize", "Solarization")

    op: Literal["solarize"] = "solarize"
    threshold: Annotated[
        Range,
        Knob(
            label="Inverted above (threshold)",
            help="Share of full range; 1 leaves the picture as it is.",
            hard=(0, 1),
            useful=(0.3, 1),
            neutral=1,
            limits=below(0.5, 0.3),
            words=("inverted above a threshold below {}", ""),
            source="no published figure: RandAugment goes down to 0; below 0.5 most of a usual picture is inverted",
        ),
    ] = Range(0.75, 1)

    def lower(self, draw: Draw, frame: Frame) -> Iterator[Step]:
        """Turn drawn numbers into steps."""
        yield Table.of(curves.Solarize(draw.number("threshold")))
