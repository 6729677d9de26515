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


def _seen_from_rgb(chroma: list[list[float]]) -> list[float]:
    """What a matrix of the two chroma axes does to red, green and blue, as the 12 numbers of a mix."""
    inside = np.zeros((3, 3))
    inside[1:, 1:] = chroma
    return np.pad(np.linalg.inv(_RGB_TO_YIQ) @ inside @ _RGB_TO_YIQ, ((0, 0), (0, 1))).ravel().tolist()


# A turn by an angle is the first, and the second times its cosine, and the third times its sine.
_TURN = (
    [grey - still for grey, still in zip(np.eye(3, 4).ravel().tolist(), _seen_from_rgb([[1, 0], [0, 1]]), strict=True)],
    _seen_from_rgb([[1, 0], [0, 1]]),
    _seen_from_rgb([[0, 1], [-1, 0]]),  # red, green, blue lie clockwise
)


class Hue(Transform):
    """Turn all colours round the colour circle; the luma stays."""

    label = "Hue"
    also = ("ColorJitter", "HueSaturationValue", "RandomHue", "hue shift")

    op: Literal["hue"] = "hue"
    angle: Annotated[
        Range,
        Knob(
            label="Colour turn (angle)",
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
        yield Mix(tuple(luma + cos * along + sin * across for luma, along, across in zip(*_TURN, strict=True)))
