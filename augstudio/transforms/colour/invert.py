from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

from augstudio.engine import Frame, Linear, Step, Table
from augstudio.transforms.base import Probability, Transform
from augstudio.transforms.draw import Draw

_INVERTED = Table.of(Linear(-1.0, 1.0))


class Invert(Transform):
    """Turn the picture into its negative."""

    label = "Invert"
    also = ("negative", "InvertImg", "RandomInvert", "inversion")
    always_shifts = "a negative"

    op: Literal["invert"] = "invert"
    probability: Probability = 0.1

    def lower(self, draw: Draw, frame: Frame) -> Iterator[Step]:
        """Turn drawn numbers into steps."""
        yield _INVERTED
