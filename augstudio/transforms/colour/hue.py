from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Annotated, Literal

import numpy as np

from augstudio.engine import Frame, Mix, Step
from augstudio.engine.pixels import LUMA
from augstudio.transforms.base import Transform
from augstudio.transforms.draw import Draw
from augstudio.transforms.parameter import Knob, Range, beyond

_RGB_TO_YIQ = np.array([LUMA, (0.5959, -0.2746, -0.3213), (0.2115, -0.5227, 0.3112)])
"""FCC NTSC primaries' luma and chroma axes."""


class Hue(Transform):
    """Turn all colours round the colour circle; the luma stays."""

    label = "Hue"

    op: Literal["hue"] = "hue"
    angle: Annotated[
        Range,
        Knob(
            label="Angle",
            help="Round the circle of the YIQ colour space; 120° takes red towards green.",
            hard=(-180, 180),
            useful=(-30, 30),
            neutral=0,
            limits=beyond(20, 90),
            words=("turned in hue by more than {}", "turned in hue by more than {}"),
            source="no published figure: beyond 20° skin and foliage look wrong; 90° is a quarter of the circle",
            unit="°",
            decimals=1,
        ),
    ] = Range(-10, 10)

    def lower(self, draw: Draw, frame: Frame) -> Iterator[Step]:
        """Turn drawn numbers into steps."""
        angle = math.radians(draw.number("angle"))
        cos, sin = math.cos(angle), math.sin(angle)
        turn = np.array([[1, 0, 0], [0, cos, sin], [0, -sin, cos]])  # red, green, blue lie clockwise
        yield Mix.of(np.linalg.inv(_RGB_TO_YIQ) @ turn @ _RGB_TO_YIQ)
