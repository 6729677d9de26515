"""Arguments of Ultralytics (`args.yaml`, `hyp.yaml`) as a preset.

What they mean is told by `RandomPerspective`, `RandomHSV`, `RandomFlip` and `classify_augmentations` of its
`data/augment.py`, in whose order the steps stand.
"""

from __future__ import annotations

import difflib
import math
from collections.abc import Mapping
from typing import Any

from augstudio.code.importing.imported import Builder, Imported
from augstudio.code.importing.values import Values
from augstudio.label_rules import BoxFit, LabelRules
from augstudio.pipeline import Pipeline

_MOVES = ("degrees", "translate", "scale", "shear", "perspective")
_COLOURS = ("hsv_h", "hsv_s", "hsv_v")
_OTHERS = ("flipud", "fliplr", "bgr", "erasing")
_MIXING = {
    "mosaic": "it mixes four pictures; one picture alone is augmented here",
    "mixup": "it mixes two pictures; one picture alone is augmented here",
    "cutmix": "it mixes two pictures; one picture alone is augmented here",
    "copy_paste": "it pastes objects of other pictures; one picture alone is augmented here",
}
_GREY = (114, 114, 114)
"""What lies outside, there."""
_MOST_SCALED = 0.9
_ALIKE = 0.85
"""From which similarity on, 0 to 1, a name counts as misspelt; "copy_paste_mode", which is one, has less."""


def is_one(data: Mapping[str, object]) -> bool:
    """Whether a file's values are arguments of Ultralytics."""
    return any(name in data for name in (*_MOVES, *_COLOURS, *_OTHERS, *_MIXING, "auto_augment"))


def imported(data: Mapping[str, object], name: str, size: int | None) -> Imported:
    """Make a preset of arguments."""
    values, builder = Values(data, ""), Builder()
    side = size or _size(values)
    if values.text("task", "detect") == "classify":
        _classify(values, builder)
    else:
        _moves(values, builder, side)
        _colours(values, builder)
        _flips(values, builder)
        if "task" in values:
            _unused(values, builder, ("erasing",), "Ultralytics erases for classification alone")
        else:
            _erasing(values, builder)
    for argument, why in _MIXING.items():
        if values.number(argument, 0, 0):
            builder.leave_out(argument, why)
    if values.given.get("augmentations"):
        builder.leave_out("augmentations", "transforms of Albumentations; a pipeline that is saved can be imported")
    # Boxes are about their corners there, and kept from a tenth of their area and 2 pixels on.
    labels = LabelRules(box_fit=BoxFit.CORNERS, smallest_share=0.1)
    pipeline = Pipeline(name=name[:200], training_size=side, labels=labels, transforms=tuple(builder.steps))
    builder.tell_resampling(pipeline)
    _misspelt(values, builder)
    return Imported("arguments of Ultralytics", pipeline, tuple(builder.rows))


def _misspelt(values: Values, builder: Builder) -> None:
    """Name what is nearly an argument of augmentation: a file may have any number of others, which mean training."""
    known = (*_MOVES, *_COLOURS, *_OTHERS, *_MIXING, "auto_augment", "augmentations")
    for name in values.given:
        if name not in known and (near := difflib.get_close_matches(name, known, 1, _ALIKE)):
            builder.leave_out(name, f"no argument; {near[0]} is one")


def _size(values: Values) -> int:
    if isinstance(values.given.get("imgsz"), list):
        low, _ = values.pair("imgsz", (640, 640))
        return Values({"imgsz": low}, values.where).whole("imgsz", 640, 8, 8192)
    return values.whole("imgsz", 640, 8, 8192)


def _unused(values: Values, builder: Builder, names: tuple[str, ...], why: str) -> None:
    for name in names:
        if values.given.get(name):
            builder.leave_out(name, why)


# -- detection, segmentation, poses ----------------------------------------------------------------------------------


def _moves(values: Values, builder: Builder, side: int) -> None:
    """Perspective, turn and size, slant, shift: one warp there, and one warp here."""
    border: dict[str, Any] = {"border": "blank", "border_colour": _GREY}
    if perspective := values.number("perspective", 0, 0, 0.01):
        # A corner lies half of both sides from the centre, and comes to 1 / (1 − p · side) of that.
        travel = min(0.5, 0.5 * (1 / max(0.5, 1 - perspective * side) - 1))
        words = (
            f"there two numbers tilt the whole, which takes a corner up to {travel:.1%} of the side outwards; here "
            "each of the four corners travels as far by itself"
        )
        builder.add("perspective", "perspective", words, travel=(0.0, travel), **border)
    if degrees := values.number("degrees", 0, 0, 180):
        builder.add("degrees", "rotate", angle=(-degrees, degrees), **border)
    _scale(values, builder, border)
    if shear := values.number("shear", 0, -89, 89):
        most = math.tan(math.radians(abs(shear)))
        words = (
            "drawn there evenly by angle, here by its tangent; there in both directions at once, here one after the "
            f"other, which stretches one of them by up to {most**2:.1%}"
        )
        builder.add("shear", "shear", words, x=(-most, most), y=(-most, most), **border)
    if translate := values.number("translate", 0, 0, 1):
        builder.add("translate", "shift", x=(-translate, translate), y=(-translate, translate), **border)


def _scale(values: Values, builder: Builder, border: Mapping[str, Any]) -> None:
    low, high = values.pair("scale", (1, 1)) if isinstance(values.given.get("scale"), list) else _about_one(values)
    if low < 1:
        share = (1 - low) / (high - low) if high > 1 else 1.0
        words = "" if high <= 1 else f"{share:.0%} of the pictures, as there; but some of them are enlarged as well"
        builder.add("scale, smaller", "shrink", words, probability=share, scale=(low, min(high, 1.0)), **border)
    if high > 1:
        share = (high - 1) / (high - low) if low < 1 else 1.0
        area = 1 / high**2, 1 / max(low, 1.0) ** 2
        words = (
            f"{share:.0%} of the pictures are enlarged by up to {high:g}, as there, but about any place instead of the "
            "centre, and drawn evenly by area instead of by side"
        )
        builder.add("scale, larger", "crop", words, probability=share, area=area, aspect=(1.0, 1.0))


def _about_one(values: Values) -> tuple[float, float]:
    scale = values.number("scale", 0, 0, 10)
    return round(1 - min(scale, _MOST_SCALED), 12), 1 + scale


def _colours(values: Values, builder: Builder) -> None:
    hue, saturation, value = (values.share(name, 0) for name in _COLOURS)
    if hue:
        turn = min(180.0, 360 * hue)
        words = f"up to {turn:.3g}° there as here, but round the circle of HSV, which changes the luma; here of YIQ"
        builder.add("hsv_h", "hue", words, angle=(-turn, turn))
    if saturation:
        words = "the same factors, but of HSV's saturation, which changes the luma as well; here the luma stays"
        builder.add("hsv_s", "saturation", words, factor=(1 - saturation, 1 + saturation))
    if value:
        words = f"levels are multiplied by 1 ± {value:g} there; here as much is added as mid-grey changes"
        builder.add("hsv_v", "brightness", words, amount=(-value / 2, value / 2))


def _flips(values: Values, builder: Builder) -> None:
    if swapped := values.share("bgr", 0):
        builder.add("bgr", "swap_colours", probability=swapped, orders=("BGR",))
    for name, axis in (("flipud", "vertical"), ("fliplr", "horizontal")):
        if share := values.share(name, 0):
            builder.add(name, "flip", probability=share, axis=axis)


# -- classification --------------------------------------------------------------------------------------------------


def _classify(values: Values, builder: Builder) -> None:
    if scale := values.share("scale", 0):
        words = "torchvision's RandomResizedCrop there: whole pixels, and shapes drawn evenly by their logarithm"
        builder.add("scale", "crop", words, area=(1 - scale, 1.0), aspect=(0.75, 4 / 3))
    for name, axis in (("fliplr", "horizontal"), ("flipud", "vertical")):
        if share := values.share(name, 0):
            builder.add(name, "flip", probability=share, axis=axis)
    if values.given.get("auto_augment"):
        builder.leave_out("auto_augment", "a policy of torchvision's, which draws one transform of many")
    else:
        _jitter(values, builder)
    _erasing(values, builder)
    _unused(values, builder, ("degrees", "translate", "shear", "perspective", "bgr"), "not used for classification")


def _jitter(values: Values, builder: Builder) -> None:
    hue, saturation, value = (values.share(name, 0) for name in _COLOURS)
    if value:
        words = f"levels are multiplied by 1 ± {value:g} there; here as much is added as mid-grey changes"
        builder.add("hsv_v", "brightness", words, amount=(-value / 2, value / 2))
        words = "about the picture's mean grey there; here about mid-grey"
        builder.add("hsv_v, contrast", "contrast", words, factor=(1 - value, 1 + value))
    if saturation:
        builder.add("hsv_s", "saturation", factor=(1 - saturation, 1 + saturation))
    if hue:
        turn = min(180.0, 360 * hue)
        words = f"up to {turn:.3g}° there as here, but round the circle of HSV, which changes the luma; here of YIQ"
        builder.add("hsv_h", "hue", words, angle=(-turn, turn))


def _erasing(values: Values, builder: Builder) -> None:
    if share := values.share("erasing", 0):
        side = math.sqrt(0.02), math.sqrt(0.33)
        words = "a rectangle of 2 to 33 % of the area there, drawn evenly by area; here a square, drawn evenly by side"
        builder.add("erasing", "cutout", words, probability=share, count=(1, 1), side=side, fill="black")
