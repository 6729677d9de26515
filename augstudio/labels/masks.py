"""Masks among the pictures: told by name, by stems that pair, and by a look at a few of them.

All three must agree. A class may be called "mask" or "label", classes may number their files alike, and a photograph
may have few colours; a folder of photographs that has all of that, and the same sizes too, has not been seen.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import NamedTuple

from augstudio.labels.found import LabelFormat, Labels, plain
from augstudio.labels.mask_content import is_drawn, is_mask_of
from augstudio.labels.names import Marked, marked, place, word
from augstudio.labels.places import Pictures, spread, unique, where, with_bases
from augstudio.labels.reader import Reader
from augstudio.wording import count

NO_PICTURE = ""
"""Stands for the picture of a mask that has none; no key is empty."""

_LOOKS = 5  # at pairs of one kind
_NUMBERED = re.compile(r"(?P<base>.*[^ _.\-])[ _.\-]+\d{1,6}", re.S)
_MOST_LOOKS = 100  # of one kind, where folders of one kind disagree and are looked at one by one
_LEAST_PAIRED = 0.5  # share of a folder's files that must belong to a picture


class Pair(NamedTuple):
    """A file that may be a mask, and the picture that it would belong to."""

    key: str
    picture: str


class Kind(NamedTuple):
    """What masks of one kind have in common."""

    folder: str
    """The name of the folder that says that they are masks; ``""`` if they lie among the pictures."""
    depth: int
    mark: str
    """What their stems say, see `names.marked`; ``""`` if nothing."""


@dataclass
class Masks:
    """What was found.

    Attributes
    ----------
    keys : set of str
        The masks.
    found : list of Labels
        One for each name of mask folders; `among` is not known yet.
    notes : list of str
        What is called masks and could not be looked at, and masks that belong to no picture.
    pairs : dict of str to str
        For each of `keys` that of its picture; `NO_PICTURE` for those whose picture is missing.
    """

    keys: set[str] = field(default_factory=set)
    found: list[Labels] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    pairs: dict[str, str] = field(default_factory=dict)


def find_masks(pictures: Pictures, reader: Reader) -> Masks:
    """Find the pictures that are masks of others."""
    candidates: dict[Kind, dict[str, list[Pair]]] = {}
    around: dict[str, _Around] = {}
    for folder in pictures.folders:
        reader.check()
        for kind, pairs in _in_folder(pictures, folder, around):
            candidates.setdefault(kind, {})[folder] = pairs
    masks = Masks()
    taken: dict[str, dict[str, list[Pair]]] = {}
    for kind, folders in sorted(candidates.items()):
        good = _judged(folders, reader, masks)
        for folder in good:
            taken.setdefault(kind.folder, {}).setdefault(folder, []).extend(folders[folder])
    for name, folders in taken.items():
        keys = {pair.key for pairs in folders.values() for pair in pairs}
        of = {pair.picture for pairs in folders.values() for pair in pairs} - keys
        place_in_words = where(folders) if name else "beside the pictures"
        masks.keys |= keys
        masks.pairs.update(pair for pairs in folders.values() for pair in pairs)
        masks.found.append(Labels(LabelFormat.MASKS, len(keys), len(of), None, place_in_words))
    paired = {pair.key for folders in candidates.values() for pairs in folders.values() for pair in pairs}
    inside = {folder for name, folders in taken.items() if name for folder in folders}
    _take_alone([key for key in pictures.keys if key.rpartition("/")[0] in inside and key not in paired], reader, masks)
    masks.pairs = {key: _picture_of(key, masks.pairs) for key in sorted(masks.pairs)}
    return masks


def _picture_of(key: str, pairs: dict[str, str]) -> str:
    """The picture of a mask: no mask itself, whatever the mask was paired with."""
    seen = {key}
    while (key := pairs[key]) in pairs:
        if key in seen:
            return NO_PICTURE
        seen.add(key)
    return key


def _take_alone(keys: Sequence[str], reader: Reader, masks: Masks) -> None:
    """Take what else lies in folders of masks and looks like one: a mask whose picture is missing is no picture."""
    told = [answer for at in spread(len(keys), _LOOKS) if (answer := is_drawn(reader, keys[at])) is not None]
    if told and all(told):
        masks.keys.update(keys)
        masks.pairs.update(dict.fromkeys(keys, NO_PICTURE))
        belong = "belongs" if len(keys) == 1 else "belong"
        masks.notes.append(f"{count(len(keys), 'mask')} {belong} to no picture, such as {plain(keys[0])}")


def _in_folder(pictures: Pictures, folder: str, around: dict[str, _Around]) -> Iterator[tuple[Kind, list[Pair]]]:
    """The pairs that a folder's files would make, by kind."""
    own = pictures.folders[folder]
    parts = folder.split("/") if folder else []
    for depth in range(len(parts) - 1, -1, -1):
        if word(parts[depth]).labels:
            anchor = "/".join(parts[:depth])
            if anchor not in around:
                around[anchor] = _Around(pictures, anchor, depth)
            if by_mark := around[anchor].pairs(own, folder):
                for mark, pairs in by_mark.items():
                    yield Kind(parts[depth], depth, mark), pairs
                return
    for mark, pairs in _beside(own).items():
        yield Kind("", 0, mark), pairs


def _beside(stems: dict[str, str]) -> dict[str, list[Pair]]:
    """Files that say by their stem that they are masks of others in the same folder, by how they say it."""
    pairs: dict[str, list[Pair]] = {}
    said: list[tuple[Marked, str]] = []
    unsaid: dict[str, str] = {}
    for stem, key in stems.items():
        if found := marked(stem):
            said.append((found, key))
        else:
            unsaid[stem] = key
    if said:
        bases = with_bases(unsaid)
        for found, key in said:
            if picture := bases.get(found.base):
                pairs.setdefault(found.mark, []).append(Pair(key, picture))
    return pairs


class _Around:
    """The pictures around folders of masks: those below the same folder, the anchor."""

    def __init__(self, pictures: Pictures, anchor: str, depth: int) -> None:
        self._folders = pictures.folders
        self._skip = len(anchor) + 1 if anchor else 0
        self._by_place: dict[str, list[str]] = {}
        for folder in pictures.below(anchor):
            if _may_hold_pictures(folder, depth):
                self._by_place.setdefault(place(folder[self._skip :]), []).append(folder)

    def pairs(self, own: dict[str, str], folder: str) -> dict[str, list[Pair]]:
        """Pairs of a folder's files with pictures in the matching place, else anywhere, by how their stems say it.

        None, if fewer than half of the files pair.
        """
        matching = unique(self._folders[other] for other in self._by_place.get(place(folder[self._skip :]), ()))
        if pairs := _paired(own, matching, lambda: with_bases(matching)):
            return pairs
        if len(matching) == 1:  # a mask for each object of one picture, whatever it is called
            picture = next(iter(matching.values()))
            return {"": [Pair(key, picture) for key in own.values()]} if picture else {}
        return _paired(own, self._everywhere, lambda: self._everywhere_bases)

    @cached_property
    def _everywhere(self) -> dict[str, str]:
        return unique(self._folders[other] for others in self._by_place.values() for other in others)

    @cached_property
    def _everywhere_bases(self) -> dict[str, str]:
        return with_bases(self._everywhere)


def _may_hold_pictures(folder: str, depth: int) -> bool:
    parts = folder.split("/") if folder else []
    if len(parts) <= depth:
        return True
    said = word(parts[depth])
    return not said.labels and not said.denied


def _paired(
    masks: dict[str, str], stems: dict[str, str], with_their_bases: Callable[[], dict[str, str]]
) -> dict[str, list[Pair]]:
    bases: dict[str, str] | None = None
    for ways in (_bases, _numbered):
        pairs: dict[str, list[Pair]] = {}
        paired = 0
        for stem, key in masks.items():
            mark, picture = "", stems.get(stem)
            if not picture:
                bases = with_their_bases() if bases is None else bases
                for base, mark in ways(stem):  # noqa: B007
                    if picture := bases.get(base):
                        break
            if picture:
                pairs.setdefault(mark, []).append(Pair(key, picture))
                paired += 1
        if paired >= _LEAST_PAIRED * len(masks):
            return pairs
    return {}


def _bases(stem: str) -> Iterator[tuple[str, str]]:
    """What a mask's stem may come to, once its folder's name has said that it is one, and how the stem says it."""
    yield stem, ""
    if found := marked(stem):
        yield found
    if stem.endswith(("_L", "_l")):
        yield stem[:-2], "_l"


def _numbered(stem: str) -> Iterator[tuple[str, str]]:
    """The same, where most stems say nothing else: `a_1` and `a_2` are masks of two objects in `a`."""
    yield from _bases(stem)
    if found := _NUMBERED.fullmatch(stem):
        yield found["base"], "_"


def _judged(folders: dict[str, list[Pair]], reader: Reader, masks: Masks) -> Sequence[str]:
    """The folders whose files are masks by their content, too."""
    names = sorted(folders)
    pairs = [pair for name in names for pair in sorted(folders[name])]
    verdict = _verdict([pairs[at] for at in spread(len(pairs), _LOOKS)], reader)
    if verdict is None:
        files = count(len(pairs), "picture")
        masks.notes.append(f"{plain(pairs[0].key)}: {files} named like masks, but those looked at cannot be read")
        return ()
    if verdict in (0.0, 1.0) or len(names) == 1:
        return names if verdict >= 1 - 1 / _LOOKS else ()
    good: list[str] = []
    looks = 0
    for number, name in enumerate(names):
        if looks >= _MOST_LOOKS:  # the rest is as most of those were
            rest = names[number:]
            files = count(sum(len(folders[other]) for other in rest), "picture")
            taken = 2 * len(good) >= number
            good += rest if taken else []
            masks.notes.append(
                f"{files} named like masks, such as {plain(min(folders[rest[0]]).key)}, were not looked at, and taken "
                f"for {'masks' if taken else 'pictures'}, as most of those looked at"
            )
            break
        own = sorted(folders[name])
        sample = [own[at] for at in spread(len(own), _LOOKS)]
        looks += len(sample)
        verdict = _verdict(sample, reader)
        if verdict is not None and verdict >= 1 - 1 / _LOOKS:
            good.append(name)
    return good


def _verdict(sample: list[Pair], reader: Reader) -> float | None:
    """The share of masks among pairs; None if none can be read."""
    told = [answer for pair in sample if (answer := is_mask_of(reader, *pair)) is not None]
    return sum(told) / len(told) if told else None
