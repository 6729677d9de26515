"""A draw: the numbers that chance gave one copy of one picture."""

from __future__ import annotations

import hashlib
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType

import numpy as np

Value = float | int | str
_WORD = np.dtype("<u4")


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
        object.__setattr__(self, "values", MappingProxyType(dict(self.values)))

    def __reduce__(self) -> tuple[object, ...]:
        return Draw, (self.step, self.op, self.applied, dict(self.values), self.field_seed)

    def number(self, name: str) -> float:
        """The value drawn for a knob."""
        return float(self.values[name])

    def uniforms(self, count: int) -> list[float]:
        """`count` further numbers, uniform in [0, 1), for positions; always the same for this draw."""
        return [_share(word) for word in _words(self.field_seed.to_bytes(8, "little"), count)]

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
    """The numbers of one step for one copy of one picture.

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
    step : str
        The step's id.
    """

    def __init__(self, seed: int, key: str, copy: int, step: str) -> None:
        name = "\0".join((str(seed), unicodedata.normalize("NFC", key), str(copy), step))
        self._digest = hashlib.sha256(name.encode("utf-8", "surrogatepass")).digest()

    def numbers(self, count: int) -> tuple[float, int, list[float]]:
        """Whether it is applied (uniform in [0, 1)), the field seed, and `count` uniform numbers for the parameters.

        Asking for more numbers does not change the earlier ones.
        """
        first, field_seed, *rest = _words(self._digest, 2 + count)
        return _share(first), field_seed, [_share(word) for word in rest]


def _words(number: bytes, count: int) -> list[int]:
    """64-bit words of NumPy's `SeedSequence` of a number, given from its low end.

    As `SeedSequence(number).generate_state(count, np.uint64)`, in a third of the time: every step of every copy draws.
    """
    while number[4:] and number.endswith(b"\0\0\0\0"):
        number = number[:-4]
    pool = np.random.SeedSequence(np.frombuffer(number, _WORD).astype(np.uint32, copy=False)).pool.tolist()
    hashes = _hashes(2 * count + 1)
    halves = []
    for at in range(2 * count):
        half = (pool[at & 3] ^ hashes[at]) * hashes[at + 1] & 0xFFFFFFFF
        halves.append(half ^ half >> 16)
    return [low | high << 32 for low, high in zip(halves[::2], halves[1::2], strict=True)]


@cache
def _hashes(count: int) -> tuple[int, ...]:
    """The constants of `SeedSequence.generate_state`, one after the other."""
    hashes = [0x8B51F9DD]
    while len(hashes) < count:
        hashes.append(hashes[-1] * 0x58F38DED & 0xFFFFFFFF)
    return tuple(hashes)


def _share(word: int) -> float:
    """A 64-bit word as a float in [0, 1): its upper 53 bits."""
    return (word >> 11) * 2.0**-53
