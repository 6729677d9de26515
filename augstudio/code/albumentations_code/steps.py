"""Each transform in Albumentations' words: its own layer where that means the same, else one of the file's own."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from augstudio.code.assembling import Call, Entry, Raw
from augstudio.code.heading import exact, left_out
from augstudio.engine import BorderMode
from augstudio.label_rules import BoxFit
from augstudio.transforms import Range, Transform

BORDERS = {
    BorderMode.BLANK: "cv2.BORDER_CONSTANT",
    BorderMode.MIRROR: "cv2.BORDER_REFLECT",
    BorderMode.EDGE: "cv2.BORDER_REPLICATE",
    BorderMode.TILE: "cv2.BORDER_WRAP",
}
AVERAGED_BELOW = 1 / 1.9
"""A picture that is shrunk below this is averaged first, here; Albumentations does not."""
_SHOWN_AGAIN = (BorderMode.MIRROR, BorderMode.TILE)
_OBJECTS_AGAIN = "objects that the border shows again get boxes, too"


def entry(step: Any, box_fit: BoxFit) -> Entry:
    """What a step that stands by itself becomes."""
    find = _OWN_WAYS.get(step.op)
    if find is not None and (found := find(step)) is not None:
        return _fitting(found, box_fit)
    if step.op not in _FIELDS:
        return Entry((), (left_out(step, "not known to this writer"),))
    return Entry((own_call(step),), (exact(step),), (own_piece(step),))


def _fitting(found: Entry, box_fit: BoxFit) -> Entry:
    """The same with boxes about the ellipse in them, where that is wanted: by default they are about their corners."""
    if box_fit is not BoxFit.ELLIPSE:
        return found
    calls = (
        replace(call, named={**call.named, "rotate_method": "ellipse"}) if call.name in _WITH_BOX_METHOD else call
        for call in found.calls
    )
    return replace(found, calls=tuple(calls))


_WITH_BOX_METHOD = ("A.Rotate", "A.Affine")


def own_call(step: Any) -> Call:
    """A step as the layer of the file's own that bears its name: its parameters are those of the preset."""
    named: dict[str, object] = {name: getattr(step, name) for name in _FIELDS[step.op]}
    if "border" in type(step).model_fields:
        named |= _border(step)
    return Call(own_name(step), named | _probability(step))


def own_name(step: Transform) -> str:
    """What a layer of the file's own is called: `GaussianNoise` for `gaussian_noise`."""
    return "".join(part.capitalize() for part in step.op.split("_"))


def own_piece(step: Any) -> str:
    """The piece that defines it."""
    far = step.op == "perspective" and step.travel.high >= _FAR
    return "PerspectiveFar" if far else own_name(step)


_FAR = 0.2375
"""Corners that travel less always lie so that a camera could see them."""

_FIELDS: Mapping[str, tuple[str, ...]] = {
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
"""Parameters of those that may need a layer of the file's own."""
_WHOLE = ("quality", "count")


def _probability(step: Transform) -> dict[str, object]:
    return {"p": step.probability}


def _border(step: Any) -> dict[str, object]:
    found: dict[str, object] = {"border": Raw(BORDERS[step.border])}
    return found | ({"fill": step.border_colour} if step.border is BorderMode.BLANK else {})


def _theirs(step: Transform, name: str, named: Mapping[str, object], words: str = "") -> Entry:
    return Entry((Call(f"A.{name}", {**named, **_probability(step)}),), (exact(step, words),))


# -- where Albumentations has it -----------------------------------------------------------------------------------


def _flip(step: Any) -> Entry:
    if step.axis == "either":
        ways = tuple(Call(f"A.{name}", {"p": 1}) for name in ("HorizontalFlip", "VerticalFlip"))
        return Entry((Call("A.OneOf", _probability(step), ways),), (exact(step),))
    return _theirs(step, f"{step.axis.value.capitalize()}Flip", {})


def _quarter_turn(step: Any) -> Entry:
    if step.turns == (90, 180, 270) and step.probability <= 0.75:
        # Theirs is no turn at all in a quarter of the cases.
        words = "A.RandomRotate90 leaves a quarter of its pictures as they are, so its p is 4/3 of the preset's"
        return Entry((Call("A.RandomRotate90", {"p": step.probability * 4 / 3}),), (exact(step, words),))
    return Entry((own_call(step),), (exact(step),), ("QuarterTurn",))


def _rotate(step: Any) -> Entry:
    named = {"limit": step.angle, **_placed(step)}
    return _theirs(step, "Rotate", named, _OBJECTS_AGAIN if step.border in _SHOWN_AGAIN else "")


def _shrink(step: Any) -> Entry | None:
    if step.scale.low < AVERAGED_BELOW:
        return None
    named = {"scale": step.scale, "keep_ratio": True, **_placed(step)}
    return _theirs(step, "Affine", named, _OBJECTS_AGAIN if step.border in _SHOWN_AGAIN else "")


def _placed(step: Any) -> dict[str, object]:
    border = _border(step)
    return {"border_mode": border["border"]} | ({"fill": border["fill"]} if "fill" in border else {})


def _brightness(step: Any) -> Entry:
    named = {"brightness_limit": step.amount, "contrast_limit": (0, 0), "brightness_by_max": True}
    return _theirs(step, "RandomBrightnessContrast", named, _ROUNDS_DOWN)


def _gamma(step: Any) -> Entry:
    percent = Range(*(float(f"{100 * end:.10g}") for end in step.exponent))
    return _theirs(step, "RandomGamma", {"gamma_limit": percent}, _ROUNDS_DOWN)


_ROUNDS_DOWN = "Albumentations rounds levels down"


def _channel_gain(step: Any) -> Entry | None:
    if not step.red == step.green == step.blue:
        return None
    return _theirs(step, "MultiplicativeNoise", {"multiplier": step.red, "per_channel": True}, _ROUNDS_DOWN)


def _grayscale(step: Any) -> Entry:
    return _theirs(step, "ToGray", {})


def _invert(step: Any) -> Entry:
    return _theirs(step, "InvertImg", {})


def _saturation(step: Any) -> Entry:
    named = {"brightness": (1, 1), "contrast": (1, 1), "saturation": step.factor, "hue": (0, 0)}
    return _theirs(step, "ColorJitter", named)


def _solarize(step: Any) -> Entry | None:
    if step.threshold.low == step.threshold.high:
        return None  # a level just at the threshold is inverted there, and not here
    return _theirs(step, "Solarize", {"threshold_range": step.threshold})


def _swap_colours(step: Any) -> Entry | None:
    if len(step.orders) < 5 or step.probability > 5 / 6:
        return None
    words = "A.ChannelShuffle leaves a sixth of its pictures as they are, so its p is 6/5 of the preset's"
    return Entry((Call("A.ChannelShuffle", {"p": step.probability * 6 / 5}),), (exact(step, words),))


def _cutout(step: Any) -> Entry:
    return Entry((_with_whole(step),), (exact(step),), ("Cutout",))


def _jpeg(step: Any) -> Entry:
    return Entry((_with_whole(step),), (exact(step),), ("Jpeg",))


def _with_whole(step: Any) -> Call:
    call = own_call(step)
    named = {name: tuple(map(int, v)) if name in _WHOLE else v for name, v in call.named.items()}  # type: ignore[call-overload]
    return Call(call.name, named)


def _blur(step: Any) -> Entry:
    return Entry((own_call(step),), (exact(step),), ("Blur", "gaussian_wide" if step.sigma.high > 12 else "gaussian"))


def _sharpen(step: Any) -> Entry:
    return Entry((own_call(step),), (exact(step),), ("Sharpen", "gaussian"))


def _morphology(step: Any) -> Entry:
    return Entry((own_call(step),), (exact(step),), (own_name(step), "disc_wide" if step.radius.high > 4 else "disc"))


_OWN_WAYS: Mapping[str, Callable[[Any], Entry | None]] = {
    "flip": _flip,
    "quarter_turn": _quarter_turn,
    "rotate": _rotate,
    "shrink": _shrink,
    "brightness": _brightness,
    "gamma": _gamma,
    "channel_gain": _channel_gain,
    "grayscale": _grayscale,
    "invert": _invert,
    "saturation": _saturation,
    "solarize": _solarize,
    "swap_colours": _swap_colours,
    "cutout": _cutout,
    "jpeg": _jpeg,
    "blur": _blur,
    "sharpen": _sharpen,
    "dilate": _morphology,
    "erode": _morphology,
}
