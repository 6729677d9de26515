from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Literal

from augstudio.engine import Frame, Step, filters
from augstudio.transforms.base import Transform
from augstudio.transforms.draw import Draw
from augstudio.transforms.parameter import Knob, Range, above


class Blur(Transform):
    """Blur with a Gaussian."""

    label = "Blur"
    also = ("GaussianBlur", "RandomGaussianBlur", "defocus", "smooth", "soften", "out of focus")

    op: Literal["blur"] = "blur"
    sigma: Annotated[
        Range,
        Knob(
            label="Blur strength (sigma)",
            help="Standard deviation, in pixels at the training size.",
            hard=(0, 20),
            useful=(0, 4),
            neutral=0,
            limits=above(1, 3),
            words=("", "blurred by more than {}"),
            source="ImageNet-C Gaussian blur: sigma 1 at severity 1, 3 at severity 3 (224 px)",
            measure="blur",
            unit="px",
        ),
    ] = Range(0, 0.8)

    def lower(self, draw: Draw, frame: Frame) -> Iterator[Step]:
        """Turn drawn numbers into steps."""
        yield filters.Blur(draw.number("sigma") * frame.scale)
