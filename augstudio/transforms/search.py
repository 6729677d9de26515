"""Finding a transform by what people call it, here or elsewhere."""

from __future__ import annotations

import re
from functools import cache
from typing import NamedTuple

from augstudio.transforms.base import Transform

_SPELLINGS = (
    ("colou", "colo"),  # so that it fits while it is typed
    ("grey", "gray"),
    ("solaris", "solariz"),
    ("posteris", "posteriz"),
    ("normalis", "normaliz"),
    ("artefact", "artifact"),
    ("centre", "center"),
)
"""British and American; both find the same."""


class Match(NamedTuple):
    """Why a transform was found.

    Attributes
    ----------
    rank : int
        0: its name begins so; 1: by its name; 2: by another name; 3: by its group or its help.
    also : str
        The other name; empty where its own was enough.
    """

    rank: int
    also: str


def match(transform: type[Transform], query: str) -> Match | None:
    """Hold a transform against what was typed: each word must begin one of its words, in either spelling."""
    as_typed = _match(transform, query, american=False)  # "gre" is not yet "grey"
    american = _match(transform, query, american=True)
    return min(filter(None, (as_typed, american)), default=None)


def _match(transform: type[Transform], query: str, *, american: bool) -> Match | None:
    wanted = words(query, american=american)
    if not wanted:
        return Match(1, "")
    own, others, told = _known(transform, american)
    if any("".join(name).startswith("".join(wanted)) for name in own):
        return Match(0, "")
    if any(_fits(name, wanted) for name in own):
        return Match(1, "")
    if fitting := [also for also, name in others if _fits(name, wanted)]:
        return Match(2, min(fitting, key=len))
    every = [word for name in (*own, *(name for _, name in others), told) for word in name]
    return Match(3, "") if all(any(word.startswith(part) for word in every) for part in wanted) else None


@cache
def _known(
    transform: type[Transform], american: bool
) -> tuple[list[tuple[str, ...]], list[tuple[str, tuple[str, ...]]], tuple[str, ...]]:
    own = [words(name, american=american) for name in (transform.label, transform.name())]
    others = [(also, words(also, american=american)) for also in transform.also]
    return own, others, words(f"{transform.group()} {transform.help()}", american=american)


def _fits(name: tuple[str, ...], wanted: tuple[str, ...]) -> bool:
    """Whether each word begins one of the name's, or all of them, written as one, some end of it."""
    joined = "".join(wanted)
    as_one = any("".join(name[start:]).startswith(joined) for start in range(len(name)))
    return as_one or all(any(word.startswith(part) for word in name) for part in wanted)


def words(text: str, *, american: bool = True) -> tuple[str, ...]:
    """Words in small letters; "RandomResizedCrop" is three."""
    apart = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", " ", text)
    folded = apart.casefold()
    for british, other in _SPELLINGS if american else ():
        folded = folded.replace(british, other)
    return tuple(re.findall(r"[^\W_]+", folded))
