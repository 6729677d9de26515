"""What exported files are called: unique whatever the extension, in any case, and without a further dot."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable
from pathlib import PurePosixPath

from augstudio.marks import COPY, ORIGINAL

_MAX_BYTES = 200
"""Of a stem. File systems allow 255 for the whole name."""
_HASH_DIGITS = 8
_SURELY_ONE_KEY = 4
"""Level of candidates with so many digits that if they are still the same, their keys differ in Unicode form only."""


def stems(places: Iterable[tuple[str, str]]) -> list[str]:
    """Give each source the stem that names its files.

    Stems differ within a folder even where the file system tells neither case nor Unicode forms apart. They depend on
    the names in that folder and on nothing else: sources that share a stem get their extension appended (`photo_jpg`),
    and a short hash of their key if that is not enough.

    Parameters
    ----------
    places : iterable of (folder, key)
        For each source the folder that its files go to, and its key.

    Returns
    -------
    list of str
        Stems in the same order, without the suffix that tells the copies apart.
    """
    # Two folders whose names differ only in case may become one at the destination.
    folders: dict[str, list[int]] = defaultdict(list)
    keys = []
    for number, (folder, key) in enumerate(places):
        folders[_folded(folder)].append(number)
        keys.append(key)
    for members in folders.values():
        for number, stem in zip(members, _stems([keys[number] for number in members]), strict=True):
            keys[number] = stem
    return keys


def copy_name(stem: str, copy: int) -> str:
    """The stem of one file: `photo__aug3`, or `photo__orig` for copy 0."""
    return f"{stem}{COPY}{copy}" if copy else f"{stem}{ORIGINAL}"


def _stems(keys: list[str]) -> list[str]:
    levels = [0] * len(keys)
    while True:
        stems = [_candidate(key, level) for key, level in zip(keys, levels, strict=True)]
        holders: dict[str, list[int]] = defaultdict(list)
        for i, stem in enumerate(stems):
            holders[_folded(stem)].append(i)
        shared = [i for members in holders.values() if len(members) > 1 for i in members]
        if not shared:
            return stems
        for i in shared:
            levels[i] += 1


def _candidate(key: str, level: int) -> str:
    """A stem for a source: as it is, with its extension, then with more and more of a hash."""
    path = PurePosixPath(key)
    stem = _plain(path.stem)
    if level:
        stem += "_" + _plain(path.suffix[1:].lower())
    # Keys whose letters are composed in one place and not in another get one hash, unless both are in one folder.
    known = unicodedata.normalize("NFC", key) if level <= _SURELY_ONE_KEY else key
    digest = hashlib.sha256(known.encode("utf-8", "surrogatepass")).hexdigest()
    short = stem.encode()[:_MAX_BYTES].decode(errors="ignore")
    if short != stem:
        level = max(level, 2)  # what was cut off may be all that told it from others
    digits = _HASH_DIGITS * (level - 1 if level <= _SURELY_ONE_KEY else level - _SURELY_ONE_KEY)
    return short if level < 2 else f"{short}_{digest[:digits]}"


def _plain(name: str) -> str:
    """Without dots and control characters."""
    return re.sub(r"[.\x00-\x1f\x7f]", "_", name)


def _folded(name: str) -> str:
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", name).casefold())
