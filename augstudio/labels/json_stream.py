"""JSON, member by member: a long file is never held as objects, and one that is cut short tells what it can."""

from __future__ import annotations

import json
import re
from collections.abc import Generator, Iterator
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
    start: int = 0
    """Where the value begins in the text."""
    end: int = 0
    """The place behind the value; that of an array's beginning, where `opens`."""


def parts(
    text: str, *, most_brackets: int = _MOST_BRACKETS, most_items: int = _MOST_ITEMS, whole: bool = False
) -> Iterator[Part]:
    """Take JSON apart, two levels deep: each member of an object, each item of an array in it.

    Parameters
    ----------
    text : str
        The JSON.
    most_brackets, most_items : int
        Limits for the whole text and for one array: what one value may cost of memory and time.
    whole : bool
        Whether anything behind the outermost value is damage, too.

    Raises
    ------
    DamagedError
        Where it cannot go on; all before has been given.
    """
    if text.count("{") + text.count("[") > most_brackets:
        raise DamagedError("too many brackets")
    at = _skip(text, 0)
    start = text[at : at + 1]
    if start == "[":
        yield Part("", None, opens=True, start=at, end=at)
        at = yield from _listed(text, at, "", most_items)
    elif start == "{":
        at = yield from _members(text, at, most_items)
    else:
        raise DamagedError("no object and no array")
    if whole and _skip(text, at) < len(text):
        raise DamagedError(f"more text behind the end at character {_skip(text, at) + 1:,}")


def _members(text: str, at: int, most_items: int) -> Generator[Part, None, int]:
    """The members of an object that begins here; returns the place behind it."""
    at = _skip(text, at + 1)
    if text[at : at + 1] == "}":
        return at + 1
    while True:
        if text[at : at + 1] != '"':
            raise DamagedError(f"no name of a member at character {at + 1:,}")
        key, at = _value(text, at)
        at = _skip(text, at)
        if text[at : at + 1] != ":":
            raise DamagedError(f"no colon at character {at + 1:,}")
        at = _skip(text, at + 1)
        if text[at : at + 1] == "[":
            yield Part(str(key), None, opens=True, start=at, end=at)
            at = yield from _listed(text, at, str(key), most_items)
        else:
            start = at
            value, at = _value(text, at)
            yield Part(str(key), value, start=start, end=at)
        at = _skip(text, at)
        if text[at : at + 1] == "}":
            return at + 1
        if text[at : at + 1] != ",":
            raise DamagedError(f"neither comma nor end at character {at + 1:,}")
        at = _skip(text, at + 1)


def _listed(text: str, at: int, key: str, most: int) -> Generator[Part, None, int]:
    """The items of an array that begins here; returns the place behind it."""
    at = _skip(text, at + 1)
    if text[at : at + 1] == "]":
        return at + 1
    for _ in range(most):
        start = at
        value, at = _value(text, at)
        yield Part(key, value, start=start, end=at)
        at = _skip(text, at)
        if text[at : at + 1] == "]":
            return at + 1
        if text[at : at + 1] != ",":
            raise DamagedError(f"neither comma nor end at character {at + 1:,}")
        at = _skip(text, at + 1)
    raise DamagedError(f"more than {most:,} items")


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
