from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Literal

import numpy as np

from augstudio.engine import Frame, Mix, Step
from augstudio.transforms.base import Probability, Transform
from augstudio.transforms.draw import Draw
from augstudio.transforms.parameter import Choices

_ORDERS = ("RBG", "GRB", "GBR", "BRG", "BGR")
_MIXES = {order: Mix.of(np.eye(3)[["RGB".index(letter) for letter in order]]) for order in _ORDERS}


class SwapColours(Transform):
    """Put red, green and blue in another order."""

    label = "Swap colours"
    also = ("ChannelShuffle", "RandomChannelPermutation", "BGR", "swap channels")
    always_shifts = "in other colours"

    op: Literal["swap_colours"] = "swap_colours"
    probability: Probability = 0.1
    orders: Annotated[
        tuple[str, ...],
        Choices(
            label="Orders",
            help="GBR puts green where red was, blue where green was, red where blue was; each copy draws one.",
            options={order: order for order in _ORDERS},
        ),
    ] = _ORDERS

    def lower(self, draw: Draw, frame: Frame) -> Iterator[Step]:
        """Turn drawn numbers into steps."""
        yield _MIXES[str(draw.values["orders"])]
