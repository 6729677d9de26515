"""Where pictures lie, and which picture a label file belongs to."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property

from augstudio.images import SUFFIXES
from augstudio.labels.found import plain
from augstudio.labels.names import picture_bases, place, word
from augstudio.wording import count

AMBIGUOUS = ""
"""Stands for a stem or name that several pictures have; no key is empty."""


_FEW = 20  # pictures of one name that are compared one by one


def split_key(key: str) -> tuple[str, str, str]:
    """Folder, stem and suffix of a key; the suffix in lower case, with its dot."""
    folder, _, name = key.rpartition("/")
    stem, _, suffix = name.rpartition(".")
    return (folder, stem, f".{suffix.lower()}") if stem else (folder, name, "")


def spread(total: int, most: int) -> Iterator[int]:
    """Numbers below `total`: up to `most`, evenly spread, always the same."""
    most = min(total, most)
    return ((2 * i + 1) * total // (2 * most) for i in range(most))


class Pictures:
    """The picture files of a dataset, by folder and stem.

    Parameters
    ----------
    keys : iterable of str
        In any order.
    """

    def __init__(self, keys: Iterable[str]) -> None:
        self.keys = sorted(set(keys))
        self.folders: dict[str, dict[str, str]] = {}
        """The key for each stem in each folder; the first, where several differ in their suffix alone."""
        for key in self.keys:
            folder, stem, _ = split_key(key)
            self.folders.setdefault(folder, {}).setdefault(stem, key)

    def without(self, keys: frozenset[str]) -> Pictures:
        """Those that are left."""
        return Pictures(key for key in self.keys if key not in keys) if keys else self

    @cached_property
    def _sorted_folders(self) -> list[str]:
        return sorted(f"{folder}/" if folder else "" for folder in self.folders)

    def below(self, anchor: str) -> Iterator[str]:
        """The folders that hold pictures in a folder or anywhere below it, itself included."""
        prefix = f"{anchor}/" if anchor else ""
        for at in range(bisect_left(self._sorted_folders, prefix), len(self._sorted_folders)):
            folder = self._sorted_folders[at]
            if not folder.startswith(prefix):
                return
            yield folder[:-1]

    @cached_property
    def by_place(self) -> dict[str, list[str]]:
        """The folders for each place, see `names.place`."""
        places: dict[str, list[str]] = {}
        for folder in sorted(self.folders):
            places.setdefault(place(folder), []).append(folder)
        return places

    @cached_property
    def by_stem(self) -> dict[str, str]:
        """The key for each stem, or `AMBIGUOUS`."""
        return unique(self.folders.values())

    @cached_property
    def by_name(self) -> dict[str, list[str]]:
        """The keys for each file name."""
        names: dict[str, list[str]] = {}
        for key in self.keys:
            names.setdefault(key.rpartition("/")[2], []).append(key)
        return names

    @cached_property
    def by_tail(self) -> dict[str, list[str]]:
        """The keys for each file name with its folder's name before it."""
        tails: dict[str, list[str]] = {}
        for key in self.keys:
            tails.setdefault("/".join(key.rsplit("/", 2)[-2:]), []).append(key)
        return tails

    def partner(self, folder: str, stem: str) -> tuple[str, bool] | None:
        """The picture that a label file belongs to, and whether it lies beside it; None if there is none.

        Looked for beside the file, then in the matching place (`images/train` for `labels/train`), then everywhere,
        if no two pictures have the stem. `a.jpg.json` belongs to `a.jpg`, too.
        """
        own = self.folders.get(folder)
        if own is not None and (key := own.get(stem)):
            return key, True
        for other in self.by_place.get(place(folder), ()):
            if key := self.folders[other].get(stem):
                return key, False
        if key := self.by_stem.get(stem):
            return key, False
        bare, dot, suffix = stem.rpartition(".")
        if dot and bare and f".{suffix.lower()}" in SUFFIXES:
            found = self.partner(folder, bare)
            if found and found[0].rpartition("/")[2] == stem:
                return found
        return None

    def named(self, name: str, near: str) -> str | None:
        """The picture that a file in the folder `near` names: by its path from there, from the root, or by name alone.

        Of several pictures of the same name, the one whose path agrees most with the one that was given, then with
        that of the folder; None where that does not decide.
        """
        path = name.replace("\\", "/").strip()
        last = path.rpartition("/")[2]
        keys = self.by_name.get(last, [])
        if len(keys) > _FEW:
            keys = self.by_tail.get("/".join((near + "/" + path).split("/")[-2:]), [])
        if len(keys) < 2:
            return keys[0] if keys else None
        given, home = path.split("/"), near.split("/") if near else []
        scores = sorted(((_agreement(key.split("/"), given, home), key) for key in keys[:_FEW]), reverse=True)
        return scores[0][1] if scores[0][0] > scores[1][0] else None


def _agreement(parts: Sequence[str], given: Sequence[str], home: Sequence[str]) -> tuple[int, int]:
    behind = before = 0
    for one, other in zip(reversed(parts), reversed(given), strict=False):
        if one != other:
            break
        behind += 1
    for one, other in zip(parts, home, strict=False):
        if one != other:
            break
        before += 1
    return behind, before


def unique(stems: Iterable[dict[str, str]]) -> dict[str, str]:
    """Stems of several folders in one; `AMBIGUOUS` for those that more than one has."""
    merged: dict[str, str] = {}
    for folder in stems:
        for stem, key in folder.items():
            merged[stem] = AMBIGUOUS if stem in merged else key
    return merged


def with_bases(stems: dict[str, str]) -> dict[str, str]:
    """Add what stems come to without a word for pictures, where no other picture has that."""
    bases: dict[str, str] = {}
    for stem, key in stems.items():
        for base in picture_bases(stem):
            if base not in stems:
                bases[base] = AMBIGUOUS if bases.get(base, key) != key else key
    return {**stems, **bases}


def where(folders: Iterable[str]) -> str:
    """Folders in words: `labels/`, or `train/labels/, val/labels/ and 3 more`."""
    names = sorted(set(folders))
    if len(names) > 1 and (shared := _shared(names)):
        names = [shared]
    shown = [f"{plain(name)}/" if name else "the top folder" for name in names[:3]]
    if len(names) > 3:
        shown = [*shown[:2], count(len(names) - 2, "more folder")]
    return shown[0] if len(shown) == 1 else f"{', '.join(shown[:-1])} and {shown[-1]}"


def _shared(folders: Sequence[str]) -> str:
    """The folder that all lie in, if its name is what tells that they hold labels."""
    first, last = folders[0].split("/"), folders[-1].split("/")
    parts: list[str] = []
    for one, other in zip(first, last, strict=False):  # they are sorted: what the ends share, all do
        if one != other:
            break
        parts.append(one)
    while parts and not word(parts[-1]).labels:
        parts.pop()
    return "/".join(parts)
