"""Layers of Albumentations that move pixels."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from augstudio.code.generated import Standing
from augstudio.code.importing.borders import border_of
from augstudio.code.importing.imported import BadValueError, Builder
from augstudio.code.importing.layers.reading import Reader, is_point, joined, plain
from augstudio.code.importing.values import Pair, Values

_NONE: Pair = (0.0, 0.0)
_ONE: Pair = (1.0, 1.0)


def _rotate(builder: Builder, values: Values, p: float) -> None:
    border, words = border_of(values)
    found = [words, _interpolation(values)]
    if values.flag("crop_border", False):
        found.append("cropped to what is not border there, not here")
    angle = values.pair("limit", (-90, 90), about=0)
    builder.add("Rotate", "rotate", joined(found), probability=p, angle=angle, **border)


def _safe_rotate(builder: Builder, values: Values, p: float) -> None:
    border, words = border_of(values)
    angle = values.pair("limit", (-90, 90), about=0)
    words = joined(["made smaller there until all is seen; here corners are lost", words])
    builder.add("SafeRotate", "rotate", words, probability=p, angle=angle, **border)


def _affine(builder: Builder, values: Values, p: float) -> None:
    title = "Affine"
    border, words = border_of(values, "border_mode" if "border_mode" in values else "mode")
    words = joined([words, _interpolation(values), "a larger frame there" if values.flag("fit_output", False) else ""])
    scale = _by_axis(values, "scale", 1.0)
    same = values.flag("keep_ratio", False) or (is_point(scale[0]) and scale[0] == scale[1])
    moves = (
        _scaled(builder, f"{title}.scale", scale, p, border, words, same=same),
        _turned(builder, f"{title}.rotate", values.pair("rotate", (0, 0), about=None), p, border, words),
        _slanted(builder, f"{title}.shear", _by_axis(values, "shear", 0.0), p, border, words),
        _moved(builder, f"{title}.translate", values, p, border, words),
    )
    if sum(moves) > 1 and p < 1:
        _correct(builder, title, p, sum(moves))
    if not any(moves):
        builder.leave_out(title, "it changes nothing")


def _by_axis(values: Values, name: str, default: float) -> tuple[Pair, Pair]:
    """Ranges of x and y."""
    given = values.given.get(name)
    if not isinstance(given, dict):
        both = values.pair(name, (default, default))
        return both, both
    x, y = (values.pair_of(given.get(axis, default), f"{name}.{axis}") for axis in "xy")
    return x, y


def _scaled(
    builder: Builder,
    title: str,
    scale: tuple[Pair, Pair],
    p: float,
    border: dict[str, Any],
    words: str,
    *,
    same: bool,
) -> bool:
    (low, high), other = scale
    if scale[0] == other == _ONE:
        return False
    if low <= 0:
        raise BadValueError(title, f"found {low:g}; allowed is more than 0")
    found = [words, "" if same or scale[0] != other else "width and height apart there, together here"]
    if scale[0] != other:
        found.append("width as height here")
    if low < 1:
        share = (1 - low) / (high - low) if high > 1 else 1.0
        part = [*found, f"{share:.0%} of the pictures; some of them are enlarged as well" if high > 1 else ""]
        builder.add(title, "shrink", joined(part), probability=p * share, scale=(low, min(high, 1.0)), **border)
    if high > 1:
        share = (high - 1) / (high - low) if low < 1 else 1.0
        part = [
            *found,
            f"enlarges by up to {high:g} about any place instead of the centre, evenly by area, not by side",
        ]
        area = 1 / high**2, 1 / max(low, 1.0) ** 2
        builder.add(title, "crop", joined(part), probability=p * share, area=area, aspect=(1.0, 1.0))
    return True


def _turned(builder: Builder, title: str, angle: Pair, p: float, border: dict[str, Any], words: str) -> bool:
    if not any(angle):
        return False
    builder.add(title, "rotate", words, probability=p, angle=angle, **border)
    return True


def _slanted(
    builder: Builder, title: str, shear: tuple[Pair, Pair], p: float, border: dict[str, Any], words: str
) -> bool:
    if shear[0] == shear[1] == _NONE:
        return False
    x, y = ((-_tangent(title, high), -_tangent(title, low)) for low, high in shear)  # positive the other way there
    most = max(map(abs, x)) * max(map(abs, y))
    part = [words]
    if not (is_point(x) and is_point(y)):
        part.append("drawn there evenly by angle, here by its tangent")
    if most:
        part.append(f"both directions at once there, here one after the other: up to {most:.1%} of a side apart")
    builder.add(title, "shear", joined(part), probability=p, x=x, y=y, **border)
    return True


def _tangent(title: str, degrees: float) -> float:
    if not -89 <= degrees <= 89:
        raise BadValueError(title, f"found {degrees:g}; allowed is an angle from -89 to 89")
    return math.tan(math.radians(degrees))


def _moved(builder: Builder, title: str, values: Values, p: float, border: dict[str, Any], words: str) -> bool:
    found = [words, "whole pixels there"]
    if "translate_px" in values and values.given["translate_px"] not in (0, [0, 0], {"x": [0, 0], "y": [0, 0]}):
        builder.leave_out(title, "pixels there, shares of the picture's sides here")
        return False
    x, y = _by_axis(values, "translate_percent", 0.0)
    if x == y == _NONE:
        return False
    builder.add(title, "shift", joined(found), probability=p, x=x, y=y, **border)
    return True


def _correct(builder: Builder, title: str, p: float, number: int) -> None:
    """Say that what was one layer is several steps, each by chance of its own."""
    words = f"{p:.0%} of the pictures get all of it there; here each step is applied by chance of its own"
    for at in range(1, number + 1):
        row = builder.rows[-at]
        if row.title.startswith(title):
            builder.rows[-at] = replace(row, standing=Standing.CLOSE, words=joined([row.words, words]))


def _shift_scale_rotate(builder: Builder, values: Values, p: float) -> None:
    border, words = border_of(values)
    shift = values.pair("shift_limit", (-0.0625, 0.0625), about=0)
    x, y = (values.pair(f"shift_limit_{axis}", shift, about=0) for axis in "xy")
    low, high = values.pair("scale_limit", (-0.1, 0.1), about=0)
    angle = values.pair("rotate_limit", (-45, 45), about=0)
    both = (1 + low, 1 + high)
    moves = (
        _scaled(builder, "ShiftScaleRotate.scale_limit", (both, both), p, border, words, same=True),
        _turned(builder, "ShiftScaleRotate.rotate_limit", angle, p, border, words),
    )
    moved = any((*x, *y))
    if moved:
        part = joined([words, "whole pixels there"])
        builder.add("ShiftScaleRotate.shift_limit", "shift", part, probability=p, x=x, y=y, **border)
    if sum(moves) + moved > 1 and p < 1:
        _correct(builder, "ShiftScaleRotate", p, sum(moves) + moved)


def _perspective(builder: Builder, values: Values, p: float) -> None:
    border, words = border_of(values, "border_mode" if "border_mode" in values else "pad_mode")
    low, high = values.pair("scale", (0.05, 0.1))
    told = "corners lie a normal distance from theirs there, of up to that deviation, and always inwards; here evenly"
    builder.add("Perspective", "perspective", joined([told, words]), probability=p, travel=(low, high), **border)


def _resized_crop(builder: Builder, values: Values, p: float) -> None:
    area = values.pair("scale", (0.08, 1))
    ratio = values.pair("ratio", (0.75, 4 / 3))
    words = (
        "whole pixels there, and a shape of its own, drawn evenly by its logarithm; here relative to the picture's. "
        "The frame keeps its size here"
    )
    builder.add("RandomResizedCrop", "crop", words, probability=p, area=area, aspect=ratio)


def _interpolation(values: Values) -> str:
    return "" if values.number("interpolation", 1) == 1 else "another interpolation there, linear here"


_TRANSPOSED = "a transposition there, a quarter turn to either side here: the same but for a mirror"
LAYERS: Mapping[str, Reader] = {
    "HorizontalFlip": plain("HorizontalFlip", "flip", axis="horizontal"),
    "VerticalFlip": plain("VerticalFlip", "flip", axis="vertical"),
    "RandomRotate90": plain("RandomRotate90", "quarter_turn", 3 / 4),  # of four turns, one is none
    "Transpose": plain("Transpose", "quarter_turn", words=_TRANSPOSED, turns=(90, 270)),
    "Rotate": _rotate,
    "SafeRotate": _safe_rotate,
    "Affine": _affine,
    "ShiftScaleRotate": _shift_scale_rotate,
    "Perspective": _perspective,
    "RandomResizedCrop": _resized_crop,
}
