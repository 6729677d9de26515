"""Values in files of other libraries: checked, and told by their place."""

from __future__ import annotations

import math
from collections.abc import Mapping

from augstudio.code.importing.imported import BadValueError
from augstudio.wording import shown

Pair = tuple[float, float]


class Values:
    """The arguments of one transform, or of a whole file.

    Parameters
    ----------
    given : mapping
        By name.
    where : str
        Names the place in messages.
    """

    def __init__(self, given: Mapping[str, object], where: str) -> None:
        self.given, self.where = given, where

    def __contains__(self, name: str) -> bool:
        return self.given.get(name) is not None

    def wrong(self, name: str, allowed: str) -> BadValueError:
        """What is wrong with a value."""
        return BadValueError(
            f"{self.where}.{name}" if self.where else name, f"found {_said(self.given[name])}; {allowed}"
        )

    def number(self, name: str, default: float, low: float = -math.inf, high: float = math.inf) -> float:
        """A finite number within bounds."""
        if name not in self:
            return default
        found = _number(self.given[name])
        if found is None or not low <= found <= high:
            raise self.wrong(name, f"allowed is {_bounds(low, high)}")
        return found

    def share(self, name: str, default: float) -> float:
        """A number from 0 to 1."""
        return self.number(name, default, 0, 1)

    def pair(self, name: str, default: Pair, *, about: float | None = None) -> Pair:
        """A range of two numbers, in order; one number stands for both, or for as much on both sides of `about`."""
        if name not in self:
            return default
        return self.pair_of(self.given[name], name, about=about)

    def pair_of(self, value: object, name: str, *, about: float | None = None) -> Pair:
        """The same of a value that is at hand; `name` tells where it stood."""
        single = _number(value)
        if single is not None:
            return (single, single) if about is None else (about - abs(single), about + abs(single))
        if isinstance(value, list) and len(value) == 2:
            low, high = map(_number, value)
            if low is not None and high is not None:
                return (low, high) if low <= high else (high, low)
        place = f"{self.where}.{name}" if self.where else name
        raise BadValueError(place, f"found {_said(value)}; allowed is a number, or two: [low, high]")

    def whole_pair(self, name: str, default: tuple[int, int]) -> tuple[int, int]:
        """A range of two whole numbers."""
        low, high = self.pair(name, default)
        if low != int(low) or high != int(high):
            raise self.wrong(name, "allowed is a whole number, or two: [low, high]")
        return int(low), int(high)

    def flag(self, name: str, default: bool) -> bool:
        """True or false."""
        if name not in self:
            return default
        found = self.given[name]
        if not isinstance(found, bool):
            raise self.wrong(name, "allowed is true or false")
        return found

    def text(self, name: str, default: str) -> str:
        """A text."""
        if name not in self:
            return default
        found = self.given[name]
        if not isinstance(found, str):
            raise self.wrong(name, "allowed is a text")
        return found

    def whole(self, name: str, default: int, low: int, high: int) -> int:
        """A whole number within bounds."""
        found = self.number(name, default, low, high)
        if found != int(found):
            raise self.wrong(name, f"allowed is a whole number from {low} to {high}")
        return int(found)

    def list_of(self, name: str) -> list[object]:
        """A list; empty where there is none."""
        if name not in self:
            return []
        found = self.given[name]
        if not isinstance(found, list):
            raise self.wrong(name, "allowed is a list")
        return found


def _number(value: object) -> float | None:
    """A finite number; None for anything else, and for what no float holds."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        found = float(value)
    except OverflowError:
        return None
    return found if math.isfinite(found) else None


def _said(value: object) -> str:
    return repr(value) if isinstance(value, float) and not math.isfinite(value) else shown(value)


def _bounds(low: float, high: float) -> str:
    if math.isinf(low) and math.isinf(high):
        return "a number"
    return f"a number from {low:g} to {high:g}" if math.isfinite(high) else f"a number of {low:g} or more"
