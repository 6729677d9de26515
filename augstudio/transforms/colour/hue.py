from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import Annotated, Literal

import numpy as np

from augstudio.engine import Frame, Mix, Step
from augstudio.engine.pixels import LUMA
from augstudio.transforms.base import Transform
from augstudio.transforms.draw import Draw, Value
from augstudio.transforms.parameter import Knob, Range, beyond

RGB_TO_YIQ = np.array([LUMA, (0.5959, -0.2746, -0.3213), (0.2115, -0.5227, 0.3112)])
"""FCC NTSC primaries' luma and chroma axes."""


def _seen_from_rgb(chroma: list[list[float]]) -> list[float]:
    """What a matrix of the two chroma axes does to red, green and blue, as the 12 numbers of a mix."""
    inside = np.zeros((3, 3))
    inside[1:, 1:] = chroma
    return np.pad(np.linalg.inv(RGB_TO_YIQ) @ inside @ RGB_TO_YIQ, ((0, 0), (0, 1))).ravel().tolist()


# A turn by an angle is the first, and the second times its cosine, and the third times its sine.
_TURN = (
    [grey - still for grey, still in zip(np.eye(3, 4).ravel().tolist(), _seen_from_rgb([[1, 0], [0, 1]]), strict=True)],
    _seen_from_rgb([[1, 0], [0, 1]]),
    _seen_from_rgb([[0, 1], [-1, 0]]),  # red, green, blue lie clockwise
)


RECOLOURED = (
    "Colours will change: if colour tells your classes apart, this hurts (−3 to −5 points on rubbish), otherwise it "
    "may help (+2 on clothes, +11 on signs)."
)
"""What other colours may do to a training; for hue, swapped colours, greyscale and negatives alike."""


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
            trial="±180° gained 1.6 points on clothes (2.3 with four times the training) and 11 on traffic signs, and "
            "cost 3.4 on rubbish",
            measure="recoloured",
            unit="°",
            decimals=1,
        ),
    ] = Range(-10, 10)

    def consequence(self, values: Mapping[str, Value]) -> str:
        """Say what other colours may do."""
        return RECOLOURED

    def lower(self, draw: Draw, frame: Frame) -> Iterator[Step]:
        """Turn drawn numbers into steps."""
        angle = math.radians(draw.number("angle"))
        cos, sin = math.cos(angle), math.sin(angle)
        yield Mix(tuple(luma + cos * along + sin * across for luma, along, across in zip(*_TURN, strict=True)))
