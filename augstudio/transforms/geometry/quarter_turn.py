from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Literal

from augstudio.engine import Frame, Step, Warp
from augstudio.transforms.base import Probability, Transform
from augstudio.transforms.draw import Draw
from augstudio.transforms.parameter import Choices


class QuarterTurn(Transform):
    """Turn by 90°, 180° or 270°, without resampling."""

    label = "Quarter turn"
    also = ("RandomRotate90", "rot90", "rotate 90", "right angle")
    always_shifts = "turned"
    shift_needs_upright = True

    op: Literal["quarter_turn"] = "quarter_turn"
    probability: Probability = 0.5
    turns: Annotated[
        tuple[int, ...],
        Choices(
            label="Turns",
            help="Counter-clockwise; each copy draws one of these.",
            options={90: "90°", 180: "180°", 270: "270°"},
        ),
    ] = (90, 180, 270)

    def lower(self, draw: Draw, frame: Frame) -> Iterator[Step]:
        """Turn drawn numbers into steps."""
        yield Warp.quarter_turn(int(draw.number("turns")) // 90, frame)
