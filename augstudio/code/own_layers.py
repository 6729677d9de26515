"""Steps as layers of a file's own, which bear the transform's name and take its parameters as the preset has them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from augstudio.code.assembling import Call
from augstudio.engine import BorderMode
from augstudio.transforms import Knob, Transform

FIELDS: Mapping[str, tuple[str, ...]] = {
    "crop": ("area", "aspect"),
    "flip": ("axis",),
    "perspective": ("travel",),
    "quarter_turn": ("turns",),
    "rotate": ("angle",),
    "shear": ("x", "y"),
    "shift": ("x", "y"),
    "shrink": ("scale",),
    "brightness": ("amount",),
    "channel_gain": ("red", "green", "blue"),
    "contrast": ("factor",),
    "gamma": ("exponent",),
    "hue": ("angle",),
    "saturation": ("factor",),
    "solarize": ("threshold",),
    "swap_colours": ("orders",),
    "blur": ("sigma",),
    "dilate": ("radius",),
    "erode": ("radius",),
    "jpeg": ("quality",),
    "sharpen": ("amount",),
    "gaussian_noise": ("sigma", "channels"),
    "salt_and_pepper": ("share",),
    "cutout": ("count", "side", "fill"),
}
"""What such a layer takes, for each transform that may need one, beside its border and its probability."""
_FAR = 0.2375
"""Corners that travel less always lie so that a camera could see them."""


def own_call(step: Any, borders: Mapping[BorderMode, object]) -> Call:
    """A step as the layer of the file's own.

    Parameters
    ----------
    step : Transform
        One that `FIELDS` names.
    borders : mapping
        What each border is in the code.
    """
    named = {name: _plain(step, name) for name in FIELDS[step.op]}
    if "border" in type(step).model_fields:
        named["border"] = borders[step.border]
        if step.border is BorderMode.BLANK:
            named["fill"] = step.border_colour
    return Call(own_name(step), {**named, "p": step.probability})


def _plain(step: Transform, name: str) -> object:
    value = getattr(step, name)
    declared = step.parameters()[name]
    return tuple(map(int, value)) if isinstance(declared, Knob) and declared.whole else value


def own_name(step: Transform) -> str:
    """What a layer of the file's own is called: `GaussianNoise` for `gaussian_noise`."""
    return own_name_of(step.op)


def own_name_of(op: str) -> str:
    """The same by the transform's op."""
    return "".join(part.capitalize() for part in op.split("_"))


def own_pieces(step: Any) -> tuple[str, ...]:
    """The pieces that define it."""
    match step.op:
        case "perspective" if step.travel.high >= _FAR:
            return ("PerspectiveFar",)
        case "dilate" | "erode":
            return own_name(step), "disc_wide" if step.radius.high > 4 else "disc"
        case "blur":
            return "Blur", "gaussian_wide" if step.sigma.high > 12 else "gaussian"
        case "sharpen":
            return "Sharpen", "gaussian"
        case _:
            return (own_name(step),)
