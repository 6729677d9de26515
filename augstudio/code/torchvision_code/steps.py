"""Each transform in torchvision's words: its own layer where that means the same, else one of the file's own."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from augstudio.code.assembling import Call, Entry
from augstudio.code.heading import exact, left_out
from augstudio.code.own_layers import FIELDS, own_call, own_pieces
from augstudio.engine import BorderMode

BORDERS: Mapping[BorderMode, str] = {mode: mode.value for mode in BorderMode}


def entry(step: Any) -> Entry:
    """What a step that stands by itself becomes."""
    find = _THEIR_WAYS.get(step.op)
    if find is not None and (found := find(step)) is not None:
        return found
    if step.op not in FIELDS:
        return Entry((), (left_out(step, "not known to this writer"),))
    return Entry((own_call(step, BORDERS),), (exact(step),), own_pieces(step))


def _theirs(step: Any, name: str, words: str = "") -> Entry:
    return Entry((Call(name, {"p": step.probability}),), (exact(step, words),))


def _applied(step: Any, probability: float, inside: Call, words: str = "") -> Entry:
    return Entry((Call("v2.RandomApply", {"p": probability}, (inside,)),), (exact(step, words),))


# -- where torchvision has it --------------------------------------------------------------------------------------


def _flip(step: Any) -> Entry:
    names = {"horizontal": "v2.RandomHorizontalFlip", "vertical": "v2.RandomVerticalFlip"}
    if step.axis == "either":
        ways = tuple(Call(name, {"p": 1}) for name in names.values())
        return Entry(
            (Call("v2.RandomApply", {"p": step.probability}, (Call("v2.RandomChoice", {}, ways),)),), (exact(step),)
        )
    return Entry((Call(names[step.axis.value], {"p": step.probability}),), (exact(step),))


def _grayscale(step: Any) -> Entry:
    return Entry(
        (Call("v2.RandomGrayscale", {"p": step.probability}),), (exact(step, "torchvision rounds levels down"),)
    )


def _invert(step: Any) -> Entry:
    return _theirs(step, "v2.RandomInvert")


def _swap_colours(step: Any) -> Entry | None:
    if len(step.orders) < 5 or step.probability > 5 / 6:
        return None
    words = "v2.RandomChannelPermutation leaves a sixth of its pictures as they are, so its p is 6/5 of the preset's"
    return _applied(step, step.probability * 6 / 5, Call("v2.RandomChannelPermutation"), words)


_THEIR_WAYS: Mapping[str, Callable[[Any], Entry | None]] = {
    "flip": _flip,
    "grayscale": _grayscale,
    "invert": _invert,
    "swap_colours": _swap_colours,
}
