from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Literal

from augstudio.engine import Frame, Linear, Step, Table
from augstudio.transforms.base import Transform
from augstudio.transforms.draw import Draw
from augstudio.transforms.parameter import Knob, Limits, Range

_LIMITS = Limits((0.6, 1.4), (0.3, 2))
_SOURCE = "no published figure: the same as for contrast"


class ChannelGain(Transform):
    """Multiply red, green and blue by factors of their own, like a wrong white balance."""

    label = "Channel gain"
    also = (
        "white balance",
        "colour cast",
        "tint",
        "RGBShift",
        "PlanckianJitter",
        "colour temperature",
        "colour jitter",
    )

    op: Literal["channel_gain"] = "channel_gain"
    red: Annotated[
        Range,
        Knob(
            label="Red",
            help="Factor of red; 1 leaves it as it is.",
            hard=(0, 3),
            useful=(0.7, 1.3),
            neutral=1,
            limits=_LIMITS,
            words=("given less than {} of their red", "given more than {} of their red"),
            source=_SOURCE,
            unit="×",
        ),
    ] = Range(0.9, 1.1)
    green: Annotated[
        Range,
        Knob(
            label="Green",
            help="Factor of green; 1 leaves it as it is.",
            hard=(0, 3),
            useful=(0.7, 1.3),
            neutral=1,
            limits=_LIMITS,
            words=("given less than {} of their green", "given more than {} of their green"),
            source=_SOURCE,
            unit="×",
        ),
    ] = Range(0.9, 1.1)
    blue: Annotated[
        Range,
        Knob(
            label="Blue",
            help="Factor of blue; 1 leaves it as it is.",
            hard=(0, 3),
            useful=(0.7, 1.3),
            neutral=1,
            limits=_LIMITS,
            words=("given less than {} of their blue", "given more than {} of their blue"),
            source=_SOURCE,
            unit="×",
        ),
    ] = Range(0.9, 1.1)

    def lower(self, draw: Draw, frame: Frame) -> Iterator[Step]:
        """Turn drawn numbers into steps."""
        gains = draw.number("red"), draw.number("green"), draw.number("blue")
        yield Table.of(*(Linear(gain, 0.0) for gain in gains))
