from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Literal

from augstudio.engine import Frame, Step, filters
from augstudio.transforms.base import Transform
from augstudio.transforms.draw import Draw
from augstudio.transforms.parameter import Knob, Range, below


class Jpeg(Transform):
    """Compress as JPEG and decode again, before the export does so in its own format."""

    label = "JPEG artefacts"
    also = ("ImageCompression", "compression", "random_jpeg_quality")

    op: Literal["jpeg"] = "jpeg"
    quality: Annotated[
        Range,
        Knob(
            label="Quality",
            help="1 to 100; 100 leaves the picture as it is.",
            hard=(1, 100),
            useful=(30, 100),
            neutral=100,
            limits=below(50, 25),
            words=("compressed below quality {}", ""),
            source="ImageNet-C JPEG compression: quality 25 at severity 1; caution: twice that",
            decimals=0,
            whole=True,
        ),
    ] = Range(60, 100)

    def lower(self, draw: Draw, frame: Frame) -> Iterator[Step]:
        """Turn drawn numbers into steps."""
        yield filters.Jpeg(int(draw.number("quality")))
