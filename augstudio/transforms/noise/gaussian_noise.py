from __future__ import annotations

from collections.abc import Iterator
from enum import StrEnum
from typing import Annotated, Literal

from augstudio.engine import Frame, Step, paint
from augstudio.transforms.base import Transform
from augstudio.transforms.draw import Draw
from augstudio.transforms.parameter import Evidence, Knob, Option, Range, above


class Channels(StrEnum):
    """Whether the colours get noise of their own."""

    EACH = "each"
    GREY = "grey"


class GaussianNoise(Transform):
    """Add normal noise to every pixel of the output, like a sensor in poor light."""

    label = "Gaussian noise"
    also = ("GaussNoise", "ISONoise", "grain", "sensor noise")

    op: Literal["gaussian_noise"] = "gaussian_noise"
    sigma: Annotated[
        Range,
        Knob(
            label="Noise strength (sigma)",
            help="Standard deviation, as a share of full range.",
            hard=(0, 0.5),
            useful=(0, 0.2),
            neutral=0,
            limits={32: above(0.04, 0.08), 64: above(0.04, 0.12), 224: above(0.08, 0.18)},
            words=("", "given noise above sigma {}"),
            source="ImageNet-C Gaussian noise, severities 1 and 3: 0.08 and 0.18 (224 px); its 64 px variant 0.04 and "
            "0.12, its 32 px variant 0.04 and 0.08",
            trial="up to 0.18 cost 2.5 points on clothes at 48 px (1 with four times the training) and 2 on traffic "
            "signs, up to 0.38 6 points on clothes and 4 on rubbish",
            evidence=Evidence.HARM,
            measure="noise",
            decimals=3,
        ),
    ] = Range(0, 0.04)
    channels: Annotated[
        Channels,
        Option(
            label="Channels",
            help="Each: red, green and blue get noise of their own. Grey: all three get the same.",
            labels={"each": "Each colour its own", "grey": "Grey (the same for all)"},
        ),
    ] = Channels.EACH

    def lower(self, draw: Draw, frame: Frame) -> Iterator[Step]:
        """Turn drawn numbers into steps."""
        yield paint.GaussianNoise(draw.number("sigma"), self.channels is Channels.EACH, draw.field_seed)
