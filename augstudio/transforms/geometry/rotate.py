from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Literal

from augstudio.engine import Frame, Step, Warp
from augstudio.transforms.base import Bordered
from augstudio.transforms.draw import Draw
from augstudio.transforms.parameter import Evidence, Knob, Range, beyond


class Rotate(Bordered):
    """Turn the picture about its centre."""

    label = "Rotate"
    also = ("rotation", "RandomRotation", "SafeRotate", "affine", "RandomAffine", "ShiftScaleRotate", "turn", "tilt")

    op: Literal["rotate"] = "rotate"
    angle: Annotated[
        Range,
        Knob(
            label="Angle",
            help="Counter-clockwise.",
            hard=(-180, 180),
            useful=(-45, 45),
            neutral=0,
            limits=beyond(30, 45),
            words=("turned by more than {}", "turned by more than {}"),
            source="caution: RandAugment's largest rotation is 30°; excessive: half a right angle, where another "
            "side begins to be up",
            trial="±30° after ±10° cost 5 points on upright photos of clothes and 9 on traffic signs, ±90° 22 on "
            "clothes (14 with four times the training), quarter turns of 75 % of the copies 16 and 31",
            evidence=Evidence.HARM,
            measure="turn",
            unit="°",
            decimals=1,
            orientation=True,
        ),
    ] = Range(-15, 15)

    def lower(self, draw: Draw, frame: Frame) -> Iterator[Step]:
        """Turn drawn numbers into steps."""
        yield Warp.rotation(draw.number("angle"), frame, self.outside)
