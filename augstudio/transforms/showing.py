"""What a transform is shown by: a mild and a strong setting, worked out from what it declares.

One thing is turned, all else stays neutral, so that it is recognised: a shear goes sideways, a channel gain takes red.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import NamedTuple

from augstudio.engine import Frame, Plan, Warp
from augstudio.transforms.base import Transform
from augstudio.transforms.draw import Draw, Place, Value
from augstudio.transforms.parameter import Choices, Limits
from augstudio.transforms.position import OneOf, Points

Box = tuple[float, float, float, float]
"""Left, top, right, bottom, in pixels."""
_CLOSE = ("filter", "noise")
"""The groups of what changes pixels by their neighbours, or each of them by itself."""
_SEEDS = 1024
"""Of so many field seeds the one is taken whose positions show most."""
_HALVINGS = 40


class Setting(NamedTuple):
    """One way of using a transform, and what it is called.

    Attributes
    ----------
    step : Transform
        Applied to every copy, each range a single value.
    draw : Draw
        What a copy by it may have drawn.
    name : str
        "mild", "strong", or which of the outcomes it is; empty where there is but one.
    words : str
        The value that is turned, as "angle 15°"; empty without one.
    """

    step: Transform
    draw: Draw
    name: str
    words: str

    def plan(self, held: tuple[int, int], box: Box, frame: Frame) -> Plan:
        """What makes a small picture of it.

        Parameters
        ----------
        held : (int, int)
            Width and height of the picture in hand, in pixels.
        box : (float, float, float, float)
            What is shown of it: left, top, right, bottom, in its pixels.
        frame : Frame
            What this is first reduced to.
        """
        first = frame.resized(held)
        return Plan.of(first, (Warp.window(box, first, frame.size), *self.step.lower(self.draw, frame)))


def is_close(transform: type[Transform]) -> bool:
    """Whether it changes what lies pixel by pixel beside one another, which a reduced picture does not show."""
    return transform.group() in _CLOSE


@lru_cache(256)
def settings(transform: type[Transform], training_size: int = 224) -> tuple[Setting, ...]:
    """How to show a transform.

    Parameters
    ----------
    transform : type of Transform
        Any that is registered.
    training_size : int
        The shorter side, in pixels, that the model will see: some limits go by it.

    Returns
    -------
    tuple of Setting
        Mild and strong: the end of the default range, and where copies are excessive, or the slider ends, if that is
        further from what changes nothing. Where no number makes it stronger, two of its outcomes, or the only one.
    """
    turned = next((name for name, knob in transform.knobs().items() if knob.neutral is not None), None)
    if turned is None:
        return tuple(_outcomes(transform))
    mild = _mild(transform, turned)
    strong = _strong(transform, turned, mild, training_size)
    return tuple(_turned(transform, turned, *end) for end in (("mild", mild), ("strong", strong)))


# -- by a number -----------------------------------------------------------------------------------------------------


def _turned(transform: type[Transform], name: str, called: str, value: float) -> Setting:
    knob = transform.knobs()[name]
    step = transform.default(**_quiet(transform), **{name: (value, value)})
    return Setting(step, _drawn(step, high=True), called, f"{knob.label.lower()} {knob.show(value)}")


def _quiet(transform: type[Transform]) -> dict[str, object]:
    """Everything but what is turned: what can do nothing does nothing, the rest is at the default's high end."""
    first = True
    changes: dict[str, object] = {"id": transform.name(), "probability": 1.0}
    for name, knob in transform.knobs().items():
        if knob.neutral is None:
            high = transform.default().range_of(name).high
            changes[name] = high, high
        elif first:
            first = False  # this one is turned
        else:
            changes[name] = knob.neutral, knob.neutral
    return changes


def _mild(transform: type[Transform], name: str) -> float:
    """The end of the default range that is further from what changes nothing; the high one where neither is."""
    neutral = transform.knobs()[name].neutral
    assert neutral is not None
    low, high = transform.default().range_of(name)
    return high if high - neutral >= neutral - low - 1e-9 else low


def _strong(transform: type[Transform], name: str, mild: float, training_size: int) -> float:
    knob = transform.knobs()[name]
    neutral, upwards = knob.neutral, knob.neutral is None or mild >= knob.neutral
    assert neutral is not None
    limit = _limit(knob.limits_at(training_size), upwards=upwards)
    ends = [knob.useful[upwards], knob.useful[upwards] if limit is None else limit]
    if transform.measure is not None and transform.measure.parameter == name:
        ends.append(_by_measure(transform, name, neutral, knob.hard[upwards], upwards=upwards))
    furthest = max(ends, key=lambda end: abs(end - neutral))
    if abs(furthest - neutral) <= abs(mild - neutral):
        furthest = knob.hard[upwards]
    found = min(max(furthest, knob.hard[0]), knob.hard[1])
    return float(round(found)) if knob.whole else found


def _limit(limits: Limits, *, upwards: bool) -> float | None:
    """Where copies become excessive, or else call for caution."""
    excessive = limits.excessive[upwards]
    return limits.caution[upwards] if excessive is None else excessive


def _by_measure(transform: type[Transform], name: str, neutral: float, end: float, *, upwards: bool) -> float:
    """How far a parameter goes until the strength that it makes with others is excessive."""
    assert transform.measure is not None
    limit = _limit(transform.measure.limits, upwards=upwards)
    quiet = transform.default(**_quiet(transform))
    values: dict[str, Value] = {other: quiet.range_of(other).high for other in transform.knobs()}
    if limit is None or quiet.measured({**values, name: end}) < limit:
        return neutral
    near, far = neutral, end
    for _ in range(_HALVINGS):
        middle = (near + far) / 2
        if quiet.measured({**values, name: middle}) < limit:
            near = middle
        else:
            far = middle
    return far


# -- by its outcomes -------------------------------------------------------------------------------------------------


def _outcomes(transform: type[Transform]) -> Iterator[Setting]:
    step = transform.default(id=transform.name(), probability=1.0)
    chance = [position for position in transform.positions if isinstance(position, OneOf)]
    choices = [(name, p) for name, p in transform.parameters().items() if isinstance(p, Choices)]
    if chance:
        position = chance[0]
        for option in list(position.options)[:2]:
            told = step.edited(**{position.left[0]: option})
            yield Setting(told, _drawn(told, high=True), position.options[option], "")
    elif choices and len(getattr(step, choices[0][0])) > 1:
        name, declared = choices[0]
        for high in (False, True):
            draw = _drawn(step, high=high)
            yield Setting(step, draw, declared.show(draw.values[name]), "")
    else:
        yield Setting(step, _drawn(step, high=True), "", "")


# -- by what chance decides ------------------------------------------------------------------------------------------


def _drawn(step: Transform, *, high: bool) -> Draw:
    draws = (step.draw_end(high=high, field_seed=seed) for seed in range(_SEEDS if step.positions else 1))
    return max(draws, key=lambda draw: _telling(type(step), draw.positions))


def _telling(transform: type[Transform], places: Mapping[str, Place]) -> float:
    """How much positions show: the nearer to where they show most, the better."""
    return -sum(_astray(p, places[p.name]) for p in transform.positions if isinstance(p, Points) and p.name in places)


def _astray(declared: Points, points: Place) -> float:
    """How far points are from a place each: spread over what there is, or moved against their neighbours."""
    assert not isinstance(points, str)
    low, high = declared.span
    if low < 0 < high:
        wanted = [((low, high)[number % 2 == 0], 0.0) for number in range(len(points))]
    else:
        last = len(points) - 1
        shares = [0.1 + 0.8 * number / last for number in range(last + 1)] if last else [0.5]
        wanted = [(low + (high - low) * share,) * 2 for share in shares]
    return sum(math.dist(point, place) for point, place in zip(points, wanted, strict=True))
