"""Splits as COCO states them: a file for each, of pictures that may lie in one folder."""

from __future__ import annotations

import re

from augstudio.dataset.splits import Role, exact_role_of, role_of
from augstudio.dataset.stating import Claim, Ground, Statement, is_union, without_unions
from augstudio.labels.coco_pairing import Pairing
from augstudio.labels.json_stream import DamagedError, parts
from augstudio.labels.places import split_key
from augstudio.labels.text import decoded
from augstudio.wording import printable

_LONGEST = 2**31
"""Bytes of a file whose list of pictures comes last, and which therefore has to be read as a whole."""
_MOST_ITEMS = 50_000_000
_MOST_BRACKETS = 3_000_000
_CHECK_EVERY = 4096
_MOST_BARE = 50
"""Files without objects that are looked at."""
_HEAD = 2**16
_BARE = frozenset((b'"images"', b'"file_name"'))
"""What such a file has in its beginning."""
_WORDS = re.compile(b'"images"|"file_name"')


def find(ground: Ground) -> Statement | None:
    """Take the files whose names speak of a split; None if there are none."""
    statement = Statement()
    by_folder: dict[str, list[Claim]] = {}
    for key in _candidates(ground):
        folder, stem, _ = split_key(key)
        role, called = _role(folder, stem)
        if role is None:
            continue
        claim = Claim(role, key, union=is_union(called))
        names = _names(key, ground, statement.notes)
        if names is None:
            continue
        pairing = Pairing(ground.pictures, ground.splits, key)
        for number, name in enumerate(sorted(names)):
            if number % _CHECK_EVERY == 0:
                ground.check()
            if found := pairing.find(name):
                claim.keys.add(found)
            else:
                claim.miss("", name)
        by_folder.setdefault(folder, []).append(claim)
    for claims in by_folder.values():
        statement.claims += without_unions(claims)
    statement.where = [printable(claim.file) for claim in statement.claims if claim.keys]
    return statement if statement.claims or statement.notes else None


def _candidates(ground: Ground) -> list[str]:
    """Files of COCO, and those beside them that name pictures and no objects, as COCO's own of the test."""
    folders = {split_key(key)[0] for key in ground.named}
    bare = []
    for key in ground.beside:
        folder, stem, suffix = split_key(key)
        if suffix != ".json" or folder not in folders or key in ground.named or role_of(stem) is None:
            continue
        if ground.pictures.partner(folder, stem) is None:
            bare.append(key)
    return sorted([*ground.named, *bare[:_MOST_BARE]])


def _role(folder: str, stem: str) -> tuple[Role | None, str]:
    """What a file's pictures are for, by its name, else by that of its folder; and the name that says so."""
    if role := role_of(stem):
        return role, stem
    last = folder.rpartition("/")[2]
    return exact_role_of(last), last


def _names(key: str, ground: Ground, notes: list[str]) -> frozenset[str] | set[str] | None:
    """The pictures that a file names; those that were seen already, where they are all."""
    seen = ground.named.get(key)
    if seen is not None and seen.whole:
        return seen.names
    try:
        if seen is None and not _BARE.issubset(_WORDS.findall(ground.head(key, _HEAD))):
            return None
        data = ground.head(key, _LONGEST + 1)
    except OSError:
        notes.append(f"{printable(key)}: cannot be read, so the split that it states is not either.")
        return None
    if len(data) > _LONGEST:
        notes.append(f"{printable(key)}: longer than {_LONGEST >> 20:,} MiB, so the split that it states is not read.")
        return None
    text = decoded(data)
    del data
    names: set[str] = set()
    try:
        most = _MOST_BRACKETS + len(text) // 16
        for number, part in enumerate(parts(text, most_brackets=most, most_items=_MOST_ITEMS)):
            if number % _CHECK_EVERY == 0:
                ground.check()
            if part.key == "images" and isinstance(part.value, dict):
                if isinstance(name := part.value.get("file_name"), str):
                    names.add(name)
            elif names and part.key != "images":
                break  # the list has ended
    except DamagedError as error:
        notes.append(f"{printable(key)}: damaged ({error}); pictures that it names behind that are in no split.")
    return names
