from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Literal

from augstudio.engine import Frame, Linear, Step, Table
from augstudio.transforms.base import Transform
from augstudio.transforms.draw import Draw
from augstudio.transforms.parameter import Knob, Range, beyond


class Brightness(Transform):
    """Add the same amount to every level."""

    label = "Brightness"
    also = (
        "brighten",
        "lightness",
        "exposure",
        "ColorJitter",
        "RandomBrightness",
        "RandomBrightnessContrast",
        "lighten",
        "darken",
    )

    op: Literal["brightness"] = "brightness"
    amount: Annotated[
        Range,
        Knob(
            label="Strength (amount)",
            help="Added, as a share of full range.",
            hard=(-1, 1),
            useful=(-0.4, 0.4),
            neutral=0,
            limits=beyond(0.2, 0.4),
            words=(
                "brightened or darkened by more than {} of full range",
                "brightened or darkened by more than {} of full range",
            ),
            source="ImageNet-C brightness adds 0.2 at severity 2 and 0.4 at severity 4",
            trial="±0.4 cost nothing on clothes; light and colour cost up to 4 points on rubbish",
            measure="brightness",
        ),
    ] = Range(-0.15, 0.15)

    def lower(self, draw: Draw, frame: Frame) -> Iterator[Step]:
        """Turn drawn numbers into steps."""
        yield Table.of(Linear(1.0, draw.number("amount")))
