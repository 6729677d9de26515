"""Each transform in Albumentations' words: its own layer where that means the same, else one of the file's own."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from augstudio.code.assembling import Call, Entry, Raw
from augstudio.code.heading import exact, left_out
from augstudio.code.own_layers import FIELDS, own_call, own_pieces
from augstudio.engine import BorderMode
from augstudio.label_rules import BoxFit
from augstudio.transforms import Range

BORDERS: Mapping[BorderMode, Raw] = {
    BorderMode.BLANK: Raw("cv2.BORDER_CONSTANT"),
    BorderMode.MIRROR: Raw("cv2.BORDER_REFLECT"),
    BorderMode.EDGE: Raw("cv2.BORDER_REPLICATE"),
    BorderMode.TILE: Raw("cv2.BORDER_WRAP"),
}
AVERAGED_BELOW = 1 / 1.9
"""A picture that is shrunk below this is averaged first, here; Albumentations does not."""
_SHOWN_AGAIN = (BorderMode.MIRROR, BorderMode.TILE)
_OBJECTS_AGAIN = "objects that the border shows again get boxes, too"


def entry(step: Any, box_fit: BoxFit) -> Entry:
    """What a step that stands by itself becomes."""
    find = _THEIR_WAYS.get(step.op)
    if find is not None and (found := find(step)) is not None:
        return _fitting(found, box_fit)
    if step.op not in FIELDS:
        return Entry((), (left_out(step, "not known to this writer"),))
    return Entry((own_call(step, BORDERS),), (exact(step),), own_pieces(step))


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


def _theirs(step: Any, name: str, named: Mapping[str, object], words: str = "") -> Entry:
    return Entry((Call(f"A.{name}", {**named, "p": step.probability}),), (exact(step, words),))


# -- where Albumentations has it -----------------------------------------------------------------------------------


def _flip(step: Any) -> Entry:
    if step.axis == "either":
        ways = tuple(Call(f"A.{name}", {"p": 1}) for name in ("HorizontalFlip", "VerticalFlip"))
        return Entry((Call("A.OneOf", {"p": step.probability}, ways),), (exact(step),))
    return _theirs(step, f"{step.axis.value.capitalize()}Flip", {})


def _quarter_turn(step: Any) -> Entry | None:
    if step.turns == (90, 180, 270) and step.probability <= 0.75:
        # Theirs is no turn at all in a quarter of the cases.
        words = "A.RandomRotate90 leaves a quarter of its pictures as they are, so its p is 4/3 of the preset's"
        return Entry((Call("A.RandomRotate90", {"p": step.probability * 4 / 3}),), (exact(step, words),))
    return None


def _rotate(step: Any) -> Entry:
    named = {"limit": step.angle, **_placed(step)}
    return _theirs(step, "Rotate", named, _OBJECTS_AGAIN if step.border in _SHOWN_AGAIN else "")


def _shrink(step: Any) -> Entry | None:
    if step.scale.low <= AVERAGED_BELOW:
        return None
    named = {"scale": step.scale, "keep_ratio": True, **_placed(step)}
    return _theirs(step, "Affine", named, _OBJECTS_AGAIN if step.border in _SHOWN_AGAIN else "")


def _placed(step: Any) -> dict[str, object]:
    named: dict[str, object] = {"border_mode": BORDERS[step.border]}
    return named | ({"fill": step.border_colour} if step.border is BorderMode.BLANK else {})


def _brightness(step: Any) -> Entry:
    named = {"brightness_limit": step.amount, "contrast_limit": (0, 0), "brightness_by_max": True}
    return _theirs(step, "RandomBrightnessContrast", named, _ROUNDS_DOWN)


def _gamma(step: Any) -> Entry:
    percent = Range(*(float(f"{100 * end:.10g}") for end in step.exponent))
    return _theirs(step, "RandomGamma", {"gamma_limit": percent}, _ROUNDS_DOWN)


_ROUNDS_DOWN = "Albumentations rounds levels down"


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


_THEIR_WAYS: Mapping[str, Callable[[Any], Entry | None]] = {
    "flip": _flip,
    "quarter_turn": _quarter_turn,
    "rotate": _rotate,
    "shrink": _shrink,
    "brightness": _brightness,
    "gamma": _gamma,
    "grayscale": _grayscale,
    "invert": _invert,
    "saturation": _saturation,
    "solarize": _solarize,
    "swap_colours": _swap_colours,
}
