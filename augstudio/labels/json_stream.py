"""JSON, member by member: a long file is never held as objects, and one that is cut short tells what it can."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import NamedTuple

_SPACE = re.compile(r"[ \t\n\r]*")
_MOST_BRACKETS = 3_000_000
"""More than labels of 64 MiB have; each takes a hundred bytes of memory, and time."""
_MOST_ITEMS = 1_000_000


class DamagedError(ValueError):
    """JSON that breaks off or is none; the message says what and where."""


class Part(NamedTuple):
    """A piece of the outermost value, in the order of the file."""

    key: str
    """The member's name; ``""`` for the items of an outermost array."""
    value: object
    """A whole value, or one item of an array; None where `opens`."""
    opens: bool = False
    """An array begins, whose items follow."""


def parts(text: str) -> Iterator[Part]:
    """Take JSON apart, two levels deep: each member of an object, each item of an array in it.

    Raises
    ------
    DamagedError
        Where it cannot go on; all before has been given.
    """
    if text.count("{") + text.count("[") > _MOST_BRACKETS:
        raise DamagedError("too many brackets")
    at = _skip(text, 0)
    start = text[at : at + 1]
    if start == "[":
        yield Part("", None, opens=True)
        for value, _ in _items(text, at):
            yield Part("", value)
    elif start == "{":
        yield from _members(text, at)
    else:
        raise DamagedError("no object and no array")


def _members(text: str, at: int) -> Iterator[Part]:
    at = _skip(text, at + 1)
    if text[at : at + 1] == "}":
        return
    while True:
        if text[at : at + 1] != '"':
            raise DamagedError(f"no name of a member at character {at + 1:,}")
        key, at = _value(text, at)
        at = _skip(text, at)
        if text[at : at + 1] != ":":
            raise DamagedError(f"no colon at character {at + 1:,}")
        at = _skip(text, at + 1)
        if text[at : at + 1] == "[":
            yield Part(str(key), None, opens=True)
            end = at
            for value, end in _items(text, at):  # noqa: B007
                yield Part(str(key), value)
            at = end if end > at else _skip(text, at + 1)
            at = _skip(text, at) + 1  # its closing bracket
        else:
            value, at = _value(text, at)
            yield Part(str(key), value)
        at = _skip(text, at)
        if text[at : at + 1] == "}":
            return
        if text[at : at + 1] != ",":
            raise DamagedError(f"neither comma nor end at character {at + 1:,}")
        at = _skip(text, at + 1)


def _items(text: str, at: int) -> Iterator[tuple[object, int]]:
    """The items of an array that begins here, each with the place behind it."""
    at = _skip(text, at + 1)
    if text[at : at + 1] == "]":
        return
    for _ in range(_MOST_ITEMS):
        value, at = _value(text, at)
        yield value, at
        at = _skip(text, at)
        if text[at : at + 1] == "]":
            return
        if text[at : at + 1] != ",":
            raise DamagedError(f"neither comma nor end at character {at + 1:,}")
        at = _skip(text, at + 1)
    raise DamagedError(f"more than {_MOST_ITEMS:,} items")


_DECODER = json.JSONDecoder()


def _value(text: str, at: int) -> tuple[object, int]:
    try:
        return _DECODER.raw_decode(text, at)
    except json.JSONDecodeError as error:
        raise DamagedError(f"{error.msg[:1].lower()}{error.msg[1:]} at character {error.pos + 1:,}") from None
    except RecursionError:
        raise DamagedError(f"brackets within brackets at character {at + 1:,}") from None
    except ValueError:  # a number of thousands of digits
        raise DamagedError(f"a number too long at character {at + 1:,}") from None


def _skip(text: str, at: int) -> int:
    found = _SPACE.match(text, at)
    assert found is not None  # it matches nothing, too
    return found.end()
