"""A draw: the numbers that chance gave one copy of one picture."""

from __future__ import annotations

import hashlib
import operator
import struct
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

Value = float | int | str
_EIGHT_WORDS = struct.Struct("<8Q")


@dataclass(frozen=True)
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
    """

    step: str
    op: str
    applied: bool
    values: Mapping[str, Value]
    field_seed: int

    def __post_init__(self) -> None:
        if type(self.values) is not MappingProxyType:  # else it is nobody else's
            object.__setattr__(self, "values", MappingProxyType(dict(self.values)))

    def __reduce__(self) -> tuple[object, ...]:
        return Draw, (self.step, self.op, self.applied, dict(self.values), self.field_seed)

    def number(self, name: str) -> float:
        """The value drawn for a knob."""
        return float(self.values[name])

    def uniforms(self, count: int) -> list[float]:
        """`count` further numbers, uniform in [0, 1), for positions; always the same for this draw."""
        return [_share(word) for word in _words(self.field_seed.to_bytes(8, "little"), count)[:count]]

    def as_json(self) -> dict[str, object]:
        """The draw as plain JSON values."""
        return {
            "step": self.step,
            "op": self.op,
            "applied": self.applied,
            "values": dict(self.values),
            "field_seed": self.field_seed,
        }


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

    Raises
    ------
    TypeError
        If seed or copy is no whole number (7.0 counts as 7), or the key no text.
    ValueError
        If seed or copy is negative.
    """

    def __init__(self, seed: int, key: str, copy: int) -> None:
        if type(seed) is not int or type(copy) is not int or seed < 0 or copy < 0:
            seed, copy = _counted("seed", seed), _counted("copy", copy)
        if not isinstance(key, str):
            raise TypeError(f"key must be text, the picture's path, not {key!r}")
        if not key.isascii():
            key = unicodedata.normalize("NFC", key)
        self._name = f"{seed}\0{key}\0{copy}\0".encode("utf-8", "surrogatepass")

    def numbers(self, step: str, count: int) -> tuple[float, int, list[float]]:
        """Whether a step is applied (uniform in [0, 1)), its field seed, and `count` uniform numbers for parameters.

        Asking for more numbers does not change the earlier ones.
        """
        words = _words(self._name + step.encode(), 2 + count)
        # As `_share`, written out: every step of every copy comes along here.
        return (words[0] >> 11) * _UNIT, words[1], [(word >> 11) * _UNIT for word in words[2 : 2 + count]]


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


def _words(name: bytes, count: int) -> tuple[int, ...]:
    """At least `count` 64-bit words that depend on the name alone: its BLAKE2b hashes, salted 0, 1, 2, … (RFC 7693).

    A hash is as good as a generator seeded by one, and takes a tenth of the time: every step of every copy draws.
    """
    words = _EIGHT_WORDS.unpack(hashlib.blake2b(name).digest())
    while len(words) < count:
        salt = (len(words) // 8).to_bytes(2, "little")
        words += _EIGHT_WORDS.unpack(hashlib.blake2b(name, salt=salt).digest())
    return words


def _share(word: int) -> float:
    """A 64-bit word as a float in [0, 1): its upper 53 bits."""
    return (word >> 11) * _UNIT


_UNIT = 2.0**-53
