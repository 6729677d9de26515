"""How a transform declares its parameters: each number is said here once.

A parameter is an annotated field of a transform. Its declaration carries four different facts: the *hard* bounds
(outside: an error), the *useful* range (what the slider spans until the user asks for more), the *limits* beyond which
a caution speaks up, and the *neutral* value that does nothing. Sliders, schema, messages, cautions and tables all read
them from here.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, NamedTuple

import numpy as np
from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, PydanticCustomError, core_schema

from augstudio.wording import shown


class Range(NamedTuple):
    """Lowest and highest value; each copy draws one uniformly between them."""

    low: float
    high: float


class Limits(NamedTuple):
    """Values beyond which a caution is raised: below the first or above the second of each pair; None: no limit."""

    caution: tuple[float | None, float | None]
    excessive: tuple[float | None, float | None]


NO_LIMITS = Limits((None, None), (None, None))


class Evidence(StrEnum):
    """What stands behind a limit."""

    HARM = "harm"
    """A training that did worse, with its figures."""
    SCALE = "scale"
    """A ruler of strength that others published, or one of our own: worth caution, but never excessive."""


def beyond(caution: float, excessive: float) -> Limits:
    """Limits on a magnitude: the same on both sides of 0."""
    return Limits((-caution, caution), (-excessive, excessive))


def above(caution: float, excessive: float) -> Limits:
    """Limits on large values only."""
    return Limits((None, caution), (None, excessive))


def below(caution: float, excessive: float) -> Limits:
    """Limits on small values only."""
    return Limits((caution, None), (excessive, None))


@dataclass(frozen=True, kw_only=True)
class Parameter:
    """What every kind of parameter has: a short name for people, and one sentence of help."""

    label: str
    help: str


@dataclass(frozen=True, kw_only=True)
class Knob(Parameter):
    """A number, given as a `Range`.

    Attributes
    ----------
    hard : (float, float)
        Outside is an error.
    useful : (float, float)
        What the slider spans at first.
    neutral : float or None
        The value that changes nothing.
    limits : Limits, or Limits by training size in pixels
        Between two training sizes they are interpolated over the logarithm of the size.
    words : (str, str)
        What happens to copies below the lower and above the upper limit, with a place for the limit.
    source : str
        Where the limits come from.
    trial : str
        What trainings came to; completes "in trials, …". Empty where nobody tried.
    evidence : Evidence
        What kind of evidence they are.
    measure : str
        The measure of whole copies that speaks of the same (see `augstudio.advice.measures`); empty for none.
    unit : str
        "°", "px" (at the training size), "×" or "" (a share).
    decimals : int
        Shown and typed.
    whole : bool
        Whether only whole numbers are drawn.
    orientation : bool
        Whether the limits hold only for pictures that have an upright.
    """

    hard: tuple[float, float]
    useful: tuple[float, float]
    neutral: float | None = None
    limits: Limits | Mapping[int, Limits] = NO_LIMITS
    words: tuple[str, str] = ("", "")
    source: str = ""
    trial: str = ""
    evidence: Evidence = Evidence.SCALE
    measure: str = ""
    unit: str = ""
    decimals: int = 2
    whole: bool = False
    orientation: bool = False

    def limits_at(self, training_size: int) -> Limits:
        """Limits that hold at a training size (pixels of the shorter side)."""
        if isinstance(self.limits, Limits):
            return self.limits
        sizes = sorted(self.limits)
        if training_size <= sizes[0]:
            return self.limits[sizes[0]]
        for small, large in itertools.pairwise(sizes):
            if training_size <= large:
                share = math.log(training_size / small) / math.log(large / small)
                a, b = self.limits[small], self.limits[large]
                return Limits(_between(a.caution, b.caution, share), _between(a.excessive, b.excessive, share))
        return self.limits[sizes[-1]]

    def judged_at(self, training_size: int) -> Limits:
        """Those of the limits that a caution goes by: of a mere scale nothing is excessive."""
        limits = self.limits_at(training_size)
        return limits if self.evidence is Evidence.HARM else Limits(limits.caution, NO_LIMITS.excessive)

    def show(self, value: float | str) -> str:
        """A value for people: "15°", "0.08", "2 px"."""
        value = float(value)
        number = f"{value:.{0 if self.whole else self.decimals}f}"
        if "." in number:
            number = number.rstrip("0").rstrip(".")
        number = "0" if number == "-0" else number.replace("-", "−")
        space = " " if self.unit == "px" else ""
        return f"{self.unit}{number}" if self.unit == "×" else f"{number}{space}{self.unit}"

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        """Check shape and bounds."""
        return core_schema.no_info_plain_validator_function(
            self._check,
            serialization=core_schema.plain_serializer_function_ser_schema(self._plain, when_used="json"),
        )

    def _plain(self, value: Range) -> list[float]:
        return [int(end) if self.whole else end for end in value]

    def _check(self, value: object) -> Range:
        low, high = self.hard
        kind = "whole number" if self.whole else "number"
        if not isinstance(value, list | tuple) or len(value) != 2:
            found = f"{len(value)} values" if isinstance(value, list | tuple) else shown(value)
            raise _error(f"found {found}; allowed is [low, high], two {kind}s from {low:g} to {high:g}")
        for end, number in zip(("low", "high"), value, strict=True):
            if isinstance(number, bool) or not isinstance(number, int | float | np.integer | np.floating):
                raise _error(f"{end} is {shown(number)}; allowed is a {kind} from {low:g} to {high:g}")
            if not low <= number <= high:  # so is NaN
                raise _error(f"{end} is {shown(number)}; allowed is {low:g} to {high:g}")
            if self.whole and number != int(number):
                raise _error(f"{end} is {shown(number)}; allowed is a {kind} from {low:g} to {high:g}")
        span = Range(float(value[0]), float(value[1]))
        if span.low > span.high:
            raise _error(f"low {shown(value[0])} is above high {shown(value[1])}; the smaller number comes first")
        return span

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        """Two numbers within the hard bounds."""
        number = {
            "type": "integer" if self.whole else "number",
            "minimum": self.hard[0],
            "maximum": self.hard[1],
        }
        return {
            "type": "array",
            "title": self.label,
            "description": f"{self.help} [low, high]{', ' + self.unit if self.unit else ''}.",
            "prefixItems": [number, number],
            "minItems": 2,
            "maxItems": 2,
        }


@dataclass(frozen=True, kw_only=True)
class Choices(Parameter):
    """One or more of a few values, of which each copy draws one.

    Attributes
    ----------
    options : mapping of value to label
        Every value there is, in the order shown.
    """

    options: Mapping[int | str, str]

    def show(self, value: float | str) -> str:
        """A value for people: "180°", "red and blue"."""
        return self.options[value if isinstance(value, str) else int(value)]

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        """Check the values after the shape."""
        return core_schema.no_info_after_validator_function(
            self._check,
            handler(source),
            serialization=core_schema.plain_serializer_function_ser_schema(list, when_used="json"),
        )

    def _check(self, value: tuple[int | str, ...]) -> tuple[int | str, ...]:
        allowed = ", ".join(str(option) for option in self.options)
        if not value:
            raise _error(f"the list is empty; allowed is any of {allowed}")
        for item in value:
            if item not in self.options:
                raise _error(f"found {item}; allowed is any of {allowed}")
        if len(set(value)) != len(value):
            raise _error(f"a value stands twice in {list(value)}")
        return tuple(option for option in self.options if option in value)

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        """A list of different options."""
        return {
            "type": "array",
            "title": self.label,
            "description": self.help,
            "items": {"enum": list(self.options)},
            "minItems": 1,
            "uniqueItems": True,
        }


@dataclass(frozen=True, kw_only=True)
class Option(Parameter):
    """One of a few values (an enum field), the same for every copy.

    Attributes
    ----------
    labels : mapping of value to label
        For people.
    """

    labels: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Colour(Parameter):
    """An RGB colour, 0 to 255 each.

    Attributes
    ----------
    only_with : (str, str) or None
        The parameter and the value of it with which the colour matters.
    """

    only_with: tuple[str, str] | None = None


def _between(
    a: tuple[float | None, float | None], b: tuple[float | None, float | None], share: float
) -> tuple[float | None, float | None]:
    low, high = (None if x is None or y is None else x + (y - x) * share for x, y in zip(a, b, strict=True))
    return low, high


def _error(message: str) -> PydanticCustomError:
    return PydanticCustomError("parameter", "{message}", {"message": message})
