from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Literal

from augstudio.engine import Frame, Step, Warp
from augstudio.transforms.base import Transform
from augstudio.transforms.draw import Draw
from augstudio.transforms.parameter import Evidence, Knob, Range, below
from augstudio.transforms.position import Points


class Crop(Transform):
    """Cut out a part and enlarge it to the frame again.

    A crop moves the frame and cuts nothing off: a later rotation still finds what lies outside.
    """

    label = "Crop"
    also = ("RandomResizedCrop", "RandomSizedCrop", "RandomCrop", "zoom in", "RandomZoom", "scale", "enlarge")
    positions = (
        Points(
            name="place",
            label="Position",
            help="Where the part lies in the room that is left: 0 is at the left or the top, 1 at the right or bottom.",
        ),
    )

    op: Literal["crop"] = "crop"
    area: Annotated[
        Range,
        Knob(
            label="Area kept",
            help="Share of the picture's area that is kept.",
            hard=(0.05, 1),
            useful=(0.3, 1),
            neutral=1,
            limits=below(0.5, 0.08),
            words=("cut down to less than {} of their area", ""),
            source="excessive: the smallest area of torchvision's RandomResizedCrop is 0.08; caution: half of the "
            "picture",
            trial="0.2–1 cost 8 points on clothes (2.5 with four times the training), 6 on traffic signs, 2 on rubbish",
            evidence=Evidence.HARM,
            measure="kept",
        ),
    ] = Range(0.7, 1)
    aspect: Annotated[
        Range,
        Knob(
            label="Shape (aspect)",
            help="Width to height of the part, relative to the picture's own; 1 does not distort.",
            hard=(0.5, 2),
            useful=(0.75, 1.33),
            neutral=1,
            source="torchvision's RandomResizedCrop spans 0.75 to 1.33",
            unit="×",
        ),
    ] = Range(0.9, 1.1)

    def lower(self, draw: Draw, frame: Frame) -> Iterator[Step]:
        """Turn drawn numbers into steps."""
        area, aspect = draw.number("area"), draw.number("aspect")
        width = min(1.0, (area * aspect) ** 0.5)
        height = min(1.0, area / width)
        width = min(1.0, area / height)
        ((x, y),) = draw.points("place")
        left, top = x * (1 - width) * frame.width, y * (1 - height) * frame.height
        box = (left, top, left + width * frame.width, top + height * frame.height)
        yield Warp.window(box, frame, frame.size)
