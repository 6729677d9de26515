"""Splits as Pascal VOC states them: lists of names in `ImageSets`."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from augstudio.dataset.splits import IMAGE_FOLDERS, exact_role_of
from augstudio.dataset.stating import Claim, Ground, Statement, is_union, lines_of, take, without_unions
from augstudio.labels.places import split_key
from augstudio.wording import listing, printable

_KINDS = ("main", "segmentation", "layout")
"""What each is for is the user's affair; they differ in their pictures, so that one of them has to be chosen."""
_PLACE = re.compile(r"(?:(?P<root>.*)/)?ImageSets/(?P<kind>Main|Segmentation|Layout)/(?P<name>[^/]+)\.txt", re.I | re.S)
_NUMBERED = re.compile(r"(?P<name>.*\S)\s+[+-]?\d{1,9}", re.S)
"""A name with a number behind it: that of an object, as in lists for Layout."""
_SHOWN = 3


def find(ground: Ground) -> Statement | None:
    """Look for lists in `ImageSets`, on any level; None if there are none."""
    statement = Statement()
    lists: dict[str, dict[str, list[tuple[str, str]]]] = {}
    for key in ground.beside:
        if found := _PLACE.fullmatch(key):
            of_root = lists.setdefault(found["root"] or "", {})
            of_root.setdefault(found["kind"].casefold(), []).append((key, found["name"]))
            statement.files.add(key)
    if not lists:
        return None
    for root, kinds in sorted(lists.items()):
        _add(root, kinds, ground, statement)
    return statement


def _add(root: str, kinds: dict[str, list[tuple[str, str]]], ground: Ground, statement: Statement) -> None:
    """Take the lists of one root: those of the first kind that name any picture."""
    names = _Names(root, ground)
    order = ("segmentation", "main", "layout") if ground.masks_only else _KINDS
    others: list[str] = []
    for kind in (kind for kind in order if kind in kinds):
        notes: list[str] = []
        claims = []
        for key, name in kinds[kind]:
            role = exact_role_of(name)
            if role is None:
                others.append(key)
                continue
            claim = Claim(role, key, union=is_union(name))
            take(((f"line {number}", line) for number, line in lines_of(key, ground, notes)), names.find, claim)
            claims.append(claim)
        statement.notes += notes
        if any(claim.keys for claim in claims):
            statement.where.append(printable(split_key(kinds[kind][0][0])[0]))
            statement.claims += without_unions(claims)
            return
        statement.claims += claims  # what they lack is told
    if others:
        more = f" and {len(others) - _SHOWN:,} more" if len(others) > _SHOWN else ""
        statement.notes.append(
            f"{listing(list(map(printable, others[:_SHOWN])))}{more}: no lists of splits by their names, so not read."
        )


class _Names:
    """The pictures below a root, by what lists call them."""

    def __init__(self, root: str, ground: Ground) -> None:
        self._keys: dict[str, list[str]] = {}
        prefix = f"{root}/" if root else ""
        stems: dict[str, list[str]] = {}
        folders = sorted(ground.pictures.below(root), key=lambda folder: _order(folder[len(prefix) :]))
        inside = set(folders)
        own: dict[str, dict[str, list[str]]] = {}
        for key in ground.pictures.keys:
            folder, stem, _ = split_key(key)
            if folder in inside:
                own.setdefault(folder, {}).setdefault(stem, []).append(key)
        for folder in folders:
            for stem, keys in own[folder].items():
                stems.setdefault(stem, []).append(folder)
                for called in _called(f"{folder}/{stem}"[len(prefix) :] if folder else stem):
                    self._keys.setdefault(called, keys)
        for stem, there in stems.items():
            if len(there) == 1:
                self._keys.setdefault(stem, own[there[0]][stem])

    def find(self, line: str) -> Sequence[str]:
        """All pictures of a name: those that differ in their suffix alone have one."""
        path = line.replace("\\", "/").removeprefix("./")
        if found := self._named(path):
            return found
        numbered = _NUMBERED.fullmatch(path)
        return self._named(numbered["name"]) if numbered else ()

    def _named(self, path: str) -> Sequence[str]:
        if found := self._keys.get(path):
            return found
        folder, stem, suffix = split_key(path)
        if suffix and (found := self._keys.get(f"{folder}/{stem}" if folder else stem)):
            named = [key for key in found if key.rpartition(".")[2].casefold() == suffix[1:]]
            return named or found
        return ()


def _order(folder: str) -> tuple[bool, str]:
    """Folders for pictures first: what else has their names is no picture of the list."""
    return folder.partition("/")[0].casefold() not in IMAGE_FOLDERS, folder


def _called(path: str) -> Iterator[str]:
    """What a list may call a picture: its path below the folder for pictures, or below the root."""
    _, slash, rest = path.partition("/")
    if slash:
        yield rest
    yield path
