"""What people type into a number field: understood as it stands, or not taken, in words. No Qt here."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from typing import NamedTuple

_UNITS = {
    "°": ("°", "deg", "degree", "degrees"),
    "px": ("px", "pixel", "pixels"),
    "×": ("×", "x", "times"),
    "%": ("%", "percent", "per cent"),
}
_UNIT_OF = {word: unit for unit, words in _UNITS.items() for word in words}
_LONGEST = 40
"""Letters of a text that may be a number."""
_TYPED = re.compile(
    r"(?P<front>[×x])?\s*"
    r"(?P<number>[+-]?(?:[0-9][0-9., ]*|[.,][0-9]+)(?:e[+-]?[0-9]{1,2})?)\s*"
    r"(?P<unit>[^0-9.,\s-][^0-9]*)?"
)
_THOUSANDS = re.compile(r"[+-]?[0-9]{1,3}(?:[, ][0-9]{3})+")
_EITHER = re.compile(r"[+-]?[0-9]{1,3}\.[0-9]{3}")
"""A thousand to some, one to others."""


class Reading(NamedTuple):
    """What a text was understood as.

    Attributes
    ----------
    value : float or None
        The number, as the parameter counts it; None where the text is not taken.
    problem : str
        Why it is not taken; empty where it is, or where nothing has been said yet ("", "−").
    nearest : float or None
        The allowed value next to what was typed, if that was a number.
    """

    value: float | None
    problem: str = ""
    nearest: float | None = None


@dataclass(frozen=True, kw_only=True)
class Quantity:
    """A number that can be typed.

    Attributes
    ----------
    low, high : float
        What is allowed, both ends included.
    unit : str
        "°", "px", "×", "" or "%". With "%" the value is a share, 0 to 1: a number up to 1 without a sign counts as
        it stands, one above it as per cent.
    decimals : int
        Shown at least where they say something; a finer value shows more.
    whole : bool
        Whether only whole numbers are allowed.
    """

    low: float
    high: float
    unit: str = ""
    decimals: int = 2
    whole: bool = False

    def show(self, value: float) -> str:
        """A value for people, such as "−15°", "×1.2", "224 px" or "50 %"."""
        number = float(Decimal(repr(float(value))) * 100) if self.unit == "%" else float(value)
        text = f"{number:.{0 if self.whole else self.decimals}f}"
        if abs(float(text) - number) > 1e-9:  # finer than usual
            text = f"{number:.6f}"
        if "." in text:
            text = text.rstrip("0").rstrip(".")
        if float(text) == 0:
            text = "0" if number == 0 else f"{number:g}"
        text = text.replace("-", "−")
        if self.unit == "×":
            return f"×{text}"
        return f"{text}{' ' if self.unit in ('px', '%') else ''}{self.unit}"

    @property
    def bounds(self) -> str:
        """What is allowed, in words."""
        low = self.show(self.low).removesuffix(f" {self.unit}") if self.unit in ("px", "%") else self.show(self.low)
        return f"{low} to {self.show(self.high)}{', whole' if self.whole else ''}"

    def read(self, text: str) -> Reading:
        """Understand what was typed: comma or point, any minus sign, with the unit or without it."""
        plain = re.sub(r"\s", " ", text).strip().lower()
        plain = re.sub(r"[−–\u2010\u2011]\s*", "-", plain)
        if not plain or plain in ("-", "+", ".", ",", "-.", "-,") or plain in _UNIT_OF:
            return Reading(None)
        found = _TYPED.fullmatch(plain) if len(plain) <= _LONGEST else None
        number = self._number(found["number"].strip()) if found else None
        if found is None or number is None:
            if found and self.whole and _EITHER.fullmatch(found["number"].strip()):
                return Reading(None, f"“{text.strip()}” may be one or a thousand; write it without the point")
            shown = text.strip() if len(text.strip()) <= _LONGEST else text.strip()[: _LONGEST - 1] + "…"
            return Reading(None, f"“{shown}” is no number; allowed: {self.bounds}")
        units = {_UNIT_OF.get(word.strip(), word.strip()) for word in (found["front"], found["unit"]) if word}
        share = units == {"%"} and (self.unit == "%" or (self.unit in ("", "×") and not self.whole))
        if units - {self.unit} and not share:
            here = f"the unit here is {self.unit}" if self.unit else "there is no unit here"
            return Reading(None, f"“{text.strip()}”: {here}; allowed: {self.bounds}")
        if share or (self.unit == "%" and number > 1):
            number /= 100
        return self._within(float(number))

    def _within(self, value: float) -> Reading:
        nearest = min(max(value, self.low), self.high)
        if self.whole:
            nearest = float(round(nearest))
        if value == nearest:
            return Reading(value + 0.0)  # no minus zero
        return Reading(None, f"Allowed: {self.bounds}", nearest)

    def _number(self, text: str) -> Decimal | None:
        if self.whole and _THOUSANDS.fullmatch(text):
            text = text.replace(",", "").replace(" ", "")
        elif self.whole and _EITHER.fullmatch(text):
            return None
        if " " in text or text.count(",") + text.count(".") > 1:
            return None
        return Decimal(text.replace(",", "."))


PROBABILITY = Quantity(low=0, high=1, unit="%", decimals=0)
