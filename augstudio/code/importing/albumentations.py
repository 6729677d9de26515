"""A pipeline that Albumentations saved (`A.save`, or `A.to_dict` as JSON or YAML) as a preset."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from augstudio.code.generated import Standing
from augstudio.code.importing.imported import BadValueError, Builder, Imported
from augstudio.code.importing.layers import LAYERS, NO_AUGMENTATION
from augstudio.code.importing.layers.own import own_layer
from augstudio.code.importing.output_sizes import take_output
from augstudio.code.importing.values import Values
from augstudio.code.runs import resamples
from augstudio.label_rules import LabelRules
from augstudio.pipeline import Pipeline
from augstudio.wording import shown

_CLASS = "__class_fullname__"
_DEFAULT_P = {"Compose": 1.0, "ReplayCompose": 1.0}


def is_one(data: Mapping[str, object]) -> bool:
    """Whether a file's values are a pipeline of Albumentations."""
    inner = data.get("transform", data)
    return isinstance(inner, dict) and _CLASS in inner


def imported(data: Mapping[str, object], name: str, size: int | None) -> Imported:
    """Make a preset of a pipeline."""
    top = data.get("transform", data)
    assert isinstance(top, dict)  # `is_one` said so
    builder = Builder()
    _Walk(builder).layer(top, "transform", 1.0)
    output = builder.output
    rows = len(builder.rows)
    labels = _labels(top, builder)
    side = size or (min(output.size) if output.size else 224)
    pipeline = Pipeline(
        name=name[:200], training_size=side, output=output, labels=labels, transforms=tuple(builder.steps)
    )
    of_labels, builder.rows = builder.rows[rows:], builder.rows[:rows]
    builder.tell_resampling(pipeline)
    return Imported("an Albumentations pipeline", pipeline, (*builder.rows, *of_labels))


class _Walk:
    """Goes through layers and what holds them."""

    def __init__(self, builder: Builder) -> None:
        self.builder = builder

    def layer(self, found: object, where: str, share: float) -> None:
        """One layer, or what holds layers.

        Parameters
        ----------
        found : object
            As in the file.
        where : str
            Its place.
        share : float
            The chance that what it lies in is applied at all.
        """
        title, values = _read(found, where)
        name = title.rsplit(".", 1)[-1]
        p = values.share("p", _DEFAULT_P.get(name, 0.5)) * share
        if values.given.get("always_apply") is True:  # as older versions say it
            p = share
        if p == 0:
            return
        steps, moves = len(self.builder.steps), len(self.builder.moves)
        match name:
            case "Compose" | "ReplayCompose" | "Sequential" | "Together":
                self._in_a_row(values, f"{where}.transforms", p, title)
            case "OneOf":
                self._one_of(values, where, p)
            case _ if "transforms" in values:
                self.builder.leave_out(title, "it chooses among its layers in a way that a preset cannot say")
            case _:
                self._single(title, name, values, p)
                if any(map(resamples, self.builder.steps[steps:])):
                    self.builder.moves.append(name)
        if name in ("OneOf", "Together"):
            del self.builder.moves[moves + 1 :]  # of these, a picture is resampled by one, or by all at once

    def _in_a_row(self, values: Values, where: str, share: float, title: str) -> None:
        layers = values.list_of("transforms")
        if share < 1 and len(layers) > 1:
            words = f"{share:.0%} of the pictures get all of it there; here each step is applied by chance of its own"
            self.builder.say(f"{title}, p={share:g}", Standing.CLOSE, words)
        number = 0
        while number < len(layers):
            read = [_read(layer, f"{where}[{at}]") for at, layer in enumerate(layers[number : number + 2], number)]
            taken = take_output(self.builder, read)
            if not taken:
                self.layer(layers[number], f"{where}[{number}]", share)
            number += taken or 1

    def _one_of(self, values: Values, where: str, share: float) -> None:
        layers = values.list_of("transforms")
        read = [_read(layer, f"{where}.transforms[{number}]") for number, layer in enumerate(layers)]
        weights = [values.share("p", 0.5) for _, values in read]
        if sorted(title for title, _ in read) == ["HorizontalFlip", "VerticalFlip"] and len(set(weights)) == 1:
            self.builder.add("OneOf HorizontalFlip, VerticalFlip", "flip", probability=share, axis="either")
            return
        if not sum(weights):
            return
        words = "one of them there; here each by chance of its own, so that a copy may get several, or none"
        self.builder.say(f"OneOf {', '.join(title for title, _ in read)}"[:200], Standing.CLOSE, words)
        for number, (layer, weight) in enumerate(zip(layers, weights, strict=True)):
            if weight:
                plain = {**layer, "p": 1.0} if isinstance(layer, dict) else layer
                self.layer(plain, f"{where}.transforms[{number}]", share * weight / sum(weights))

    def _single(self, title: str, name: str, values: Values, p: float) -> None:
        p = round(p, 12)
        if "." in title and own_layer(self.builder, name, values, p):
            return
        if name in NO_AUGMENTATION:
            self.builder.leave_out(name, NO_AUGMENTATION[name])
        elif name in LAYERS and "." not in title:
            LAYERS[name](self.builder, values, p)
        else:
            self.builder.leave_out(title[:200], "there is nothing like it here")


def _read(found: object, where: str) -> tuple[str, Values]:
    """A layer's class and its arguments."""
    if not isinstance(found, dict) or not all(isinstance(name, str) for name in found):
        raise BadValueError(where, f'found {shown(found)}; allowed is a transform, with its "{_CLASS}"')
    title = found.get(_CLASS)
    if not isinstance(title, str) or not title:
        raise BadValueError(where, f'"{_CLASS}" is {shown(title)}; allowed is the name of a transform')
    if title.startswith("albumentations."):  # as older versions wrote it
        title = title.rsplit(".", 1)[-1]
    return title, Values(found, f"{where} ({title[:60]})")


def _labels(top: Mapping[str, Any], builder: Builder) -> LabelRules:
    found = top.get("bbox_params")
    if not isinstance(found, dict):
        return LabelRules()
    values = Values(found, "transform.bbox_params")
    sides = values.number("min_width", 0, 0), values.number("min_height", 0, 0)
    side = min(*sides, 64.0)
    words = ["boxes alone, without what cut-outs hide; here what is seen of an object counts"]
    if sides != (side, side):
        words.append(f"at least {sides[0]:g} wide and {sides[1]:g} high there, in pixels; here {side:g} both ways")
    builder.say("bbox_params", Standing.CLOSE, "; ".join(words))
    for name, (usual, why) in _NO_RULES.items():
        if name in values and values.given[name] not in usual:
            builder.leave_out(f"bbox_params.{name}", why)
    return LabelRules(smallest_share=values.share("min_visibility", 0), smallest_side=side)


_NO_RULES: Mapping[str, tuple[tuple[object, ...], str]] = {
    "min_area": ((0,), "an area in pixels; here it is a share of the object, and its shorter side"),
    "max_accept_ratio": ((), "boxes that are long and narrow are kept here"),
}
