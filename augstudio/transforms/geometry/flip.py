from __future__ import annotations

from collections.abc import Iterator
from enum import StrEnum
from typing import Annotated, Literal

from augstudio.engine import Frame, Step, Warp
from augstudio.transforms.base import Probability, Transform
from augstudio.transforms.draw import Draw
from augstudio.transforms.parameter import Option
from augstudio.transforms.position import OneOf


class Axis(StrEnum):
    """Which way a flip mirrors."""

    HORIZONTAL = "horizontal"
    VERTICAL = "vertical"
    EITHER = "either"


class Flip(Transform):
    """Mirror the picture. Never for text or digits: a mirrored letter is no letter."""

    label = "Flip"
    also = (
        "mirror",
        "hflip",
        "vflip",
        "RandomHorizontalFlip",
        "RandomVerticalFlip",
        "HorizontalFlip",
        "VerticalFlip",
        "RandomFlip",
        "reflection",
    )
    always_shifts = "mirrored"
    mirrors = True
    shift_needs_upright = True
    positions = (
        OneOf(
            name="axis",
            label="Axis",
            help="Which of the two it is, where either may be.",
            options={"horizontal": "horizontal", "vertical": "vertical"},
            left=("axis", "either"),
        ),
    )

    op: Literal["flip"] = "flip"
    probability: Probability = 0.5
    axis: Annotated[
        Axis,
        Option(
            label="Axis",
            help="Horizontal swaps left and right; either draws one of the two for each copy.",
            labels={
                "horizontal": "Horizontal (left ↔ right)",
                "vertical": "Vertical (top ↕ bottom)",
                "either": "Either",
            },
        ),
    ] = Axis.HORIZONTAL

    def lower(self, draw: Draw, frame: Frame) -> Iterator[Step]:
        """Turn drawn numbers into steps."""
        horizontal = draw.positions.get("axis", self.axis) == Axis.HORIZONTAL
        yield Warp.flip(frame, horizontal=horizontal, vertical=not horizontal)
