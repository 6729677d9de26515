from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

from augstudio.engine import Frame, Mix, Step
from augstudio.engine.pixels import LUMA
from augstudio.transforms.base import Probability, Transform
from augstudio.transforms.draw import Draw


class Grayscale(Transform):
    """Take the colour away; the picture keeps its channels."""

    label = "Greyscale"
    also = ("gray", "ToGray", "RandomGrayscale", "black and white", "monochrome", "desaturate")
    always_shifts = "without colour"

    op: Literal["grayscale"] = "grayscale"
    probability: Probability = 0.1

    def lower(self, draw: Draw, frame: Frame) -> Iterator[Step]:
        """Turn drawn numbers into steps."""
        yield Mix((*LUMA, 0.0) * 3)
