"""What those who read the exported folders will see: every folder a class, every file a picture."""

from __future__ import annotations

import itertools
import os
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from augstudio.export.destination import LITTER
from augstudio.marks import IMAGES
from augstudio.storage import Key, Storage
from augstudio.wording import printable

_SHOWN = 20


def read_back(
    storage: Storage,
    files: Mapping[str, int],
    bytes: Mapping[str, int],  # noqa: A002
    others: Iterable[str] = (),
) -> tuple[str, ...]:
    """Read an export's folders as a loader would, and hold them against what was written.

    Parameters
    ----------
    storage : Storage
        The export's.
    files, bytes : mapping of str to int
        For each folder (POSIX path relative to the export's root): how many files were written, and their bytes.
    others : iterable of str
        Paths of files that will lie there, too.

    Returns
    -------
    tuple of str
        What differs, a plain sentence each; at most some twenty.

    Raises
    ------
    OSError
        If it cannot be read.
    """
    found_files: Counter[str] = Counter()
    found_bytes: Counter[str] = Counter()
    roots = {IMAGES, *(Key(folder.partition("/")[0]) for folder in files)}
    for path, size in itertools.chain.from_iterable(map(storage.files, sorted(roots))):
        folder, _, name = path.rpartition("/")
        if name not in LITTER:
            found_files[folder] += 1
            found_bytes[folder] += size
    for path in others:
        found_files[path.rpartition("/")[0]] += 1
    problems = []
    for folder in sorted(found_files.keys() | files.keys()):
        there, wanted = found_files[folder], files.get(folder, 0)
        shown = printable(folder)
        if there != wanted:
            problems.append(f"{shown} holds {there:,} files, but {wanted:,} were written")
        elif found_bytes[folder] != bytes.get(folder, 0):
            problems.append(f"{shown} holds {found_bytes[folder]:,} bytes, but {bytes.get(folder, 0):,} were written")
    if storage.root is not None:
        problems += [
            f"{printable(folder)} is an empty folder, which loaders take for a class"
            for folder in empty_folders(storage.root)
        ]
    if len(problems) > _SHOWN:
        problems = [*problems[:_SHOWN], f"and {len(problems) - _SHOWN:,} more like these"]
    return tuple(problems)


def empty_folders(root: Path) -> Iterator[str]:
    """Folders among the pictures of an export that hold nothing: POSIX paths relative to its root."""
    images = root / IMAGES
    for path, folders, files in os.walk(images):
        if not folders and not files and Path(path) != images:
            yield Path(path).relative_to(root).as_posix()
