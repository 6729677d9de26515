from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Literal

from augstudio.engine import Frame, Step, Warp
from augstudio.transforms.base import Bordered
from augstudio.transforms.draw import Draw
from augstudio.transforms.parameter import Evidence, Knob, Range, beyond

_SOURCE = "excessive: RandAugment's largest translation is 150 of 331 px (0.45); caution: two thirds of it"
_TRIAL = "±0.3 cost 8 points on clothes (6 with four times the training)"


class Shift(Bordered):
    """Move the picture inside its frame."""

    label = "Shift"
    also = (
        "translate",
        "translation",
        "RandomTranslation",
        "RandomAffine",
        "affine",
        "ShiftScaleRotate",
        "TranslateX",
        "TranslateY",
        "offset",
        "move",
    )

    op: Literal["shift"] = "shift"
    x: Annotated[
        Range,
        Knob(
            label="Horizontal",
            help="Share of the width; positive moves right.",
            hard=(-1, 1),
            useful=(-0.3, 0.3),
            neutral=0,
            limits=beyond(0.3, 0.45),
            words=("moved sideways by more than {} of the width", "moved sideways by more than {} of the width"),
            source=_SOURCE,
            trial=_TRIAL,
            evidence=Evidence.HARM,
            measure="shift",
        ),
    ] = Range(-0.1, 0.1)
    y: Annotated[
        Range,
        Knob(
            label="Vertical",
            help="Share of the height; positive moves down.",
            hard=(-1, 1),
            useful=(-0.3, 0.3),
            neutral=0,
            limits=beyond(0.3, 0.45),
            words=("moved up or down by more than {} of the height", "moved up or down by more than {} of the height"),
            source=_SOURCE,
            trial=_TRIAL,
            evidence=Evidence.HARM,
            measure="shift",
        ),
    ] = Range(-0.1, 0.1)

    def lower(self, draw: Draw, frame: Frame) -> Iterator[Step]:
        """Turn drawn numbers into steps."""
        x, y = draw.number("x") * frame.width, draw.number("y") * frame.height
        yield Warp.translation(x, y, frame, self.outside)
