"""The output's size in Albumentations' words."""

from __future__ import annotations

from augstudio.code.albumentations_code.steps import BORDERS
from augstudio.code.assembling import Call
from augstudio.engine import BorderMode, Fit
from augstudio.pipeline import Pipeline

_BY_AREA = {"area_for_downscale": "image", "p": 1}


def output_calls(pipeline: Pipeline) -> tuple[Call, ...]:
    """What brings a picture to the output's size; nothing where each keeps its own."""
    output = pipeline.output
    if output.size is None:
        return ()
    width, height = output.size
    if output.fit is Fit.STRETCH:
        return (Call("A.Resize", {"height": height, "width": width, **_BY_AREA}),)
    if output.fit is Fit.CROP:
        return (
            Call("A.SmallestMaxSize", {"max_size_hw": (height, width), **_BY_AREA}),
            Call("A.CenterCrop", {"height": height, "width": width, "p": 1}),
        )
    named: dict[str, object] = {
        "min_height": height,
        "min_width": width,
        "border_mode": BORDERS[output.border],
        "p": 1,
    }
    if output.border is BorderMode.BLANK:
        named["fill"] = output.border_colour
    return (
        Call("A.LongestMaxSize", {"max_size_hw": (height, width), **_BY_AREA}),
        Call("A.PadIfNeeded", named),
    )
