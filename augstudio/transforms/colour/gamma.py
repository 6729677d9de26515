from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Literal

from augstudio.engine import Frame, Power, Step, Table
from augstudio.transforms.base import Transform
from augstudio.transforms.draw import Draw
from augstudio.transforms.parameter import Knob, Limits, Range


class Gamma(Transform):
    """Brighten or darken the middle tones; black and white stay."""

    label = "Gamma"
    also = ("RandomGamma", "adjust_gamma", "tone curve", "exposure", "midtones")

    op: Literal["gamma"] = "gamma"
    exponent: Annotated[
        Range,
        Knob(
            label="Middle tones (gamma)",
            help="Below 1 brightens, above 1 darkens.",
            hard=(0.2, 5),
            useful=(0.5, 2),
            neutral=1,
            limits=Limits((0.5, 2), (0.3, 3.3)),
            words=("brightened by a gamma below {}", "darkened by a gamma above {}"),
            source="no published figure: half and double the exponent, and about a third and triple",
            trial="0.4–2.5 cost half a point on clothes; light and colour cost up to 4 points on rubbish",
            measure="brightness",
        ),
    ] = Range(0.8, 1.25)

    def lower(self, draw: Draw, frame: Frame) -> Iterator[Step]:
        """Turn drawn numbers into steps."""
        yield Table.of(Power(draw.number("exponent")))
