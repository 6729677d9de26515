"""A draw: the numbers that chance gave one copy of one picture."""

from __future__ import annotations

import operator
import struct
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from types import MappingProxyType
from typing import Any

Value = float | int | str
Place = str | tuple[tuple[float, float], ...]
"""A position that chance decides: one of a few, or points (x, y)."""
MAX_FIELD_SEED = 2**64 - 1
_NOWHERE: Mapping[str, Place] = MappingProxyType({})
_NOTHING: Mapping[str, Value] = MappingProxyType({})
_EIGHT_WORDS = struct.Struct("<8Q")


class DrawError(ValueError):
    """A record is no draw of its step; the message says which field, what was found, and what is allowed."""


@dataclass(frozen=True, init=False)
class Draw:
    """What one step does to one copy: a frozen value, from which the copy can be made again.

    Attributes
    ----------
    step : str
        The step's id.
    op : str
        Which transform.
    applied : bool
        Whether this copy gets the transform at all.
    values : mapping of str to number or str
        One value per drawn parameter.
    field_seed : int
        Seed of random fields and positions, 0 to 2⁶⁴ − 1.
    positions : mapping of str to str or points
        What the field seed decides of where and which way, one for each position that the transform declares.
    withheld : bool
        Chance would have it applied, and a rule says no: the picture shows what must not be mirrored.
    """

    step: str
    op: str
    applied: bool
    values: Mapping[str, Value]
    field_seed: int
    positions: Mapping[str, Place]
    withheld: bool

    def __init__(
        self,
        step: str,
        op: str,
        applied: bool,
        values: Mapping[str, Value],
        field_seed: int,
        positions: Mapping[str, Place] = _NOWHERE,
        withheld: bool = False,
    ) -> None:
        # Written out, since every step of every copy makes one; the ways of a frozen dataclass take twice the time.
        own = self.__dict__
        own["step"] = step
        own["op"] = op
        own["applied"] = applied
        own["values"] = values if type(values) is MappingProxyType else MappingProxyType(dict(values))  # nobody else's
        own["field_seed"] = field_seed
        own["positions"] = positions if type(positions) is MappingProxyType else MappingProxyType(dict(positions))
        own["withheld"] = withheld

    def __reduce__(self) -> tuple[object, ...]:
        own = self.step, self.op, self.applied, dict(self.values), self.field_seed, dict(self.positions), self.withheld
        return Draw, own

    def withholding(self) -> Draw:
        """The draw of a step that a rule keeps from a picture: the same numbers, and not applied."""
        return (
            Draw(self.step, self.op, False, _NOTHING, self.field_seed, _NOWHERE, withheld=True)
            if self.applied
            else self
        )

    def number(self, name: str) -> float:
        """The value drawn for a knob."""
        return float(self.values[name])

    def points(self, name: str) -> tuple[tuple[float, float], ...]:
        """The points of a position."""
        found = self.positions[name]
        assert not isinstance(found, str)
        return found

    def uniforms(self, count: int) -> list[float]:
        """`count` further numbers, uniform in [0, 1), for positions; always the same for this draw."""
        return uniforms(self.field_seed, count)

    def as_json(self) -> dict[str, object]:
        """The draw as plain JSON values, which the step's `redraw` takes back."""
        record: dict[str, object] = {
            "step": self.step,
            "op": self.op,
            "applied": self.applied,
            "values": dict(self.values),
            "field_seed": self.field_seed,
        }
        if self.positions:
            record["positions"] = {
                name: place if isinstance(place, str) else [list(point) for point in place]
                for name, place in self.positions.items()
            }
        if self.withheld:
            record["withheld"] = True
        return record


class Chance:
    """The numbers of one copy of one picture, step by step.

    They depend on (seed, source key, copy index, step id) and on nothing else: not on other pictures or steps, nor on
    the order in which anything is done.

    Parameters
    ----------
    seed : int
        The user's seed, 0 or more.
    key : str
        The source's POSIX path relative to the dataset's root; brought to Unicode NFC, since file systems differ.
    copy : int
        Copy index; the first is 1.
    again : int
        0, or how often the copy is drawn anew.

    Raises
    ------
    TypeError
        If seed or copy is no whole number (7.0 counts as 7), or the key no text.
    ValueError
        If seed or copy is negative.
    """

    def __init__(self, seed: int, key: str, copy: int, again: int = 0) -> None:
        name = name_of_copy(seed, key, copy)
        self._name = name + f"again {again}\0".encode() if again else name  # no step's id has a space

    def numbers(self, step: str, count: int) -> tuple[float, int, list[float]]:
        """Whether a step is applied (uniform in [0, 1)), its field seed, and `count` uniform numbers for parameters.

        Asking for more numbers does not change the earlier ones.
        """
        return numbers_of(self._name + step.encode(), count)


def name_of_copy(seed: int, key: str, copy: int) -> bytes:
    """What all draws of a copy are named by: its seed, its picture and its number."""
    if type(seed) is not int or type(copy) is not int or seed < 0 or copy < 0:
        seed, copy = _counted("seed", seed), _counted("copy", copy)
    if not isinstance(key, str):
        raise TypeError(f"key must be text, the picture's path, not {key!r}")
    if not key.isascii():
        key = unicodedata.normalize("NFC", key)
    return f"{seed}\0{key}\0{copy}\0".encode("utf-8", "surrogatepass")


def numbers_of(name: bytes, count: int) -> tuple[float, int, list[float]]:
    """A number uniform in [0, 1), a whole one of 64 bits, and `count` more of the first kind, from a name alone."""
    words = _EIGHT_WORDS.unpack(blake2b(name).digest()) if count <= 6 else _words(name, 2 + count)
    # A word's upper 53 bits are a float in [0, 1).
    shares = [(word >> 11) * _UNIT for word in words[2 : 2 + count]] if count else []
    return (words[0] >> 11) * _UNIT, words[1], shares


def number_at(share: float, low: float, high: float) -> float:
    """The number that lies at a share of a range, 0 to 1."""
    picked = low + (high - low) * share  # rounding may carry it past the end, or let it miss it
    return high if share == 1 or picked > high else picked


def whole_at(share: float, low: int, high: int) -> int:
    """The whole number that lies at a share of a range, 0 to 1: all are equally likely."""
    return min(low + int(share * (high - low + 1)), high)


def option_at(share: float, options: Sequence[Any]) -> Any:
    """The option that lies at a share of a list, 0 to 1: all are equally likely."""
    return options[min(int(share * len(options)), len(options) - 1)]


def points_at(shares: Sequence[float], low: float, high: float) -> tuple[tuple[float, float], ...]:
    """Points (x, y) of two shares each, from a lowest to a highest value of both."""
    if (low, high) != (0, 1):
        width = high - low
        shares = [width * share + low for share in shares]
    if len(shares) == 2:
        return ((shares[0], shares[1]),)
    following = iter(shares)
    return tuple(zip(following, following, strict=True))


def _counted(name: str, value: object) -> int:
    """A number that counts something, as `int`: the draws of 7.0 are those of 7."""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    try:
        number = int(operator.index(value))  # type: ignore[arg-type]  # which it tells
    except TypeError:
        raise TypeError(f"{name} must be a whole number, not {value!r}") from None
    if number < 0:
        raise ValueError(f"{name} must be 0 or more, not {number}")
    return number


def uniforms(field_seed: int, count: int) -> list[float]:
    """`count` numbers, uniform in [0, 1), that depend on a field seed alone; more of them do not change the first."""
    return [(word >> 11) * _UNIT for word in _words(field_seed.to_bytes(8, "little"), count)[:count]]


def _words(name: bytes, count: int) -> tuple[int, ...]:
    """At least `count` 64-bit words that depend on the name alone: its BLAKE2b hashes, salted 0, 1, 2, … (RFC 7693).

    A hash is as good as a generator seeded by one, and takes a tenth of the time: every step of every copy draws.
    """
    words = _EIGHT_WORDS.unpack(blake2b(name).digest())
    while len(words) < count:
        salt = (len(words) // 8).to_bytes(2, "little")
        words += _EIGHT_WORDS.unpack(blake2b(name, salt=salt).digest())
    return words


_UNIT = 2.0**-53
