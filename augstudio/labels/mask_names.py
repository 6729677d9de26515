"""What the masks of copies are called: by folder and tail, so that several masks of one picture stay apart."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from itertools import chain, count
from typing import NamedTuple

from augstudio.labels.names import marked, picture_bases, word
from augstudio.labels.places import split_key

_SEPARATORS = " _.-"
_LONGEST = 80  # characters of a tail; longer ones become numbers


class Named(NamedTuple):
    """A mask, and what is kept of its name."""

    key: str
    series: str
    """Name of the folder that says it is a mask; ``""`` if it lies among the pictures."""
    mark: str
    """What its stem says, the same for all masks of a kind; see `names.marked`."""
    folder: str
    """Below the folder of masks, for copies; ``""`` where one folder is enough."""
    tail: str
    """Behind the stem of the copy; ``""`` where no picture has two masks in the folder."""


def named(masks: Mapping[str, str]) -> dict[str, list[Named]]:
    """Give each picture its masks, sorted, and each mask a name.

    Parameters
    ----------
    masks : mapping of str to str
        For the key of each mask that of its picture; those whose picture is missing are left out.

    Returns
    -------
    dict of str to list of Named
        By the picture's key, sorted. Where a picture has masks in folders of several names, those names are kept; where
        one has several in folders of one name, the ends of all their names there.
    """
    of: dict[str, list[str]] = defaultdict(list)
    for key in sorted(masks):
        if picture := masks[key]:
            of[picture].append(key)
    series = {key: _telling(split_key(key)[0]) for keys in of.values() for key in keys}
    apart = any(len({series[key] for key in keys}) > 1 for keys in of.values())
    folders = {key: name if apart else "" for key, name in series.items()}
    crowded = {name for keys in of.values() for name in _several([folders[key] for key in keys])}
    return {picture: list(_of_one(picture, of[picture], series, folders, crowded)) for picture in sorted(of)}


def _several(names: Sequence[str]) -> Iterator[str]:
    return (name for name, times in Counter(names).items() if times > 1)


def _of_one(
    picture: str, keys: Sequence[str], series: Mapping[str, str], folders: Mapping[str, str], crowded: set[str]
) -> Iterator[Named]:
    taken: set[tuple[str, str]] = set()
    stem = split_key(picture)[1]
    for number, key in enumerate(keys, 1):
        own = split_key(key)[1]
        folder = folders[key]
        tail = _tail(own, stem) if folder in crowded else ""
        kept = tail if len(tail) <= _LONGEST else ""
        ends = chain((tail,) if kept == tail else (), (f"{kept}_{again}" for again in count(number)))
        free = next(end for end in ends if (folder, end.casefold()) not in taken)
        taken.add((folder, free.casefold()))
        found = marked(own)
        yield Named(key, series[key], found.mark if found else "", folder, free)


def _tail(stem: str, picture: str) -> str:
    """What a mask's stem says beyond its picture's: `a_mask_1` → `_mask_1`, `mask_a` → `_mask`."""
    bases = [picture, *picture_bases(picture)]
    for base in bases:
        rest = stem[len(base) :]
        if stem.startswith(base) and (not rest or rest[0] in _SEPARATORS):
            return rest
    for base in bases:
        before = stem[: len(stem) - len(base)]
        if stem.endswith(base) and before[-1:] in _SEPARATORS:
            return f"_{before.rstrip(_SEPARATORS)}"
    return f"_{stem}"


def _telling(folder: str) -> str:
    return next((part for part in reversed(folder.split("/")) if word(part).labels), "")
