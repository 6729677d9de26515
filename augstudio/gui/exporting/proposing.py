"""Which folder an export is proposed to go to: never one inside a dataset or an export. No Qt here."""

from __future__ import annotations

import contextlib
import itertools
import os
from collections.abc import Iterable, Iterator
from pathlib import Path

from augstudio.export.destination import found_in
from augstudio.images import SUFFIXES
from augstudio.storage import LocalStorage, is_url, local_path

_LOOKED_AT = 200
"""Entries of a folder that are looked at, to tell whether it holds pictures."""


def propose(location: str, kept: object = None, known: Iterable[str] = ()) -> str:
    """A folder that does not exist yet, or a URL, for the export of a dataset; empty if there is no place for it.

    Parameters
    ----------
    location : str
        Of the dataset.
    kept : object
        Where the last export went: a folder or a URL, if it is one.
    known : iterable of str
        Folders of other datasets.
    """
    name = f"{location.rstrip('/').rpartition('/')[2] if is_url(location) else Path(location).name}-augmented"
    if isinstance(kept, str) and is_url(kept):
        above = kept.rstrip("/")
        while f"{above}/".startswith(f"{location.rstrip('/')}/"):
            above = above.rpartition("/")[0]
        return f"{above}/{name}"
    datasets = [path for path in (location, *known) if not is_url(path)]
    if isinstance(kept, str) and kept:
        folder = Path(kept)
        beside = not is_url(location) and folder == Path(location).parent
        if folder.is_dir() and _is_outside(folder, datasets) and (beside or not _has_classes(folder)):
            return str(free(folder / name))
    for start in ([] if is_url(location) else [Path(location).parent], [Path.home()]):
        for folder in itertools.chain.from_iterable((path, *path.parents) for path in start):
            if _is_outside(folder, datasets) and os.access(folder, os.W_OK | os.X_OK):
                return str(free(folder / name))
    return ""


def free(folder: Path) -> Path:
    """The folder, or one with a number, that does not exist yet."""
    number, candidate = 2, folder
    while os.path.lexists(candidate):
        candidate, number = folder.with_name(f"{folder.name}-{number}"), number + 1
    return candidate


def _is_outside(folder: Path, datasets: Iterable[str]) -> bool:
    """Whether a folder is, and lies in, no dataset and no export, as far as a look around tells."""
    with contextlib.suppress(OSError, RuntimeError):
        real = folder.resolve()
        around = (real, *real.parents)
        if any(local_path(dataset).resolve() in around for dataset in datasets):
            return False
        return not _holds_pictures(real) and not any(found_in(LocalStorage(place)) for place in around)
    return False


def _has_classes(folder: Path) -> bool:
    """Whether folders in it hold pictures, as those of classes do."""
    return any(entry.is_dir() and _holds_pictures(Path(entry.path)) for entry in _entries(folder))


def _holds_pictures(folder: Path) -> bool:
    return any(os.path.splitext(entry.name)[1].lower() in SUFFIXES for entry in _entries(folder))  # noqa: PTH122


def _entries(folder: Path) -> Iterator[os.DirEntry[str]]:
    with contextlib.suppress(OSError), os.scandir(folder) as entries:
        yield from (entry for entry in itertools.islice(entries, _LOOKED_AT) if not entry.name.startswith("."))
