from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Literal

from augstudio.engine import Frame, Step, paint
from augstudio.transforms.base import Transform
from augstudio.transforms.draw import Draw
from augstudio.transforms.parameter import Evidence, Knob, Range, above


class SaltAndPepper(Transform):
    """Set single pixels to black or white, like dead pixels and dust."""

    label = "Salt and pepper"
    also = ("impulse noise", "PixelDropout", "dead pixels", "speckle", "dropout")

    op: Literal["salt_and_pepper"] = "salt_and_pepper"
    share: Annotated[
        Range,
        Knob(
            label="Share of pixels",
            help="Black ones and white ones together.",
            hard=(0, 0.5),
            useful=(0, 0.1),
            neutral=0,
            limits=above(0.03, 0.09),
            words=("", "given salt and pepper on more than {} of their pixels"),
            source="ImageNet-C impulse noise: 0.03 at severity 1, 0.09 at severity 3",
            trial="Gaussian noise of as much variance cost 2.5 points on clothes (up to sigma 0.18: as a share of "
            "0.11) and 6 (up to 0.38)",
            evidence=Evidence.HARM,
            measure="noise",
            decimals=3,
        ),
    ] = Range(0, 0.01)

    def lower(self, draw: Draw, frame: Frame) -> Iterator[Step]:
        """Turn drawn numbers into steps."""
        yield paint.SaltAndPepper(draw.number("share"), draw.field_seed)
