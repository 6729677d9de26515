"""Which pictures somebody wants to leave out, as it is written on a command line or in a list."""

from __future__ import annotations

import fnmatch
import os
import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator
from pathlib import Path

from augstudio.dataset.scanning import Dataset
from augstudio.wording import printable, said, shown

LIST = "@"
"""What the name of a list's file begins with."""
_MOST_BYTES = 2**28
_LONGEST = 1000
"""Of a pattern, in characters."""


class ExcludingError(ValueError):
    """What was to be left out cannot be found; the message is one plain line."""


def excluded(entries: Iterable[str], dataset: Dataset) -> tuple[str, ...]:
    """Find the pictures that are meant.

    Parameters
    ----------
    entries : iterable of str
        Each a picture's key, a folder with all that lies in it, a pattern for keys (``*`` for any letters, slashes
        included, ``?`` for one, ``[ab]`` for one of some), or ``@FILE``: a text file with such an entry on each line.
    dataset : Dataset
        What they are looked for in.

    Returns
    -------
    tuple of str
        Keys, sorted.

    Raises
    ------
    ExcludingError
        If an entry means no picture, or a list cannot be read.
    """
    found: set[str] = set(dataset.excluded)
    keys = sorted(source.key for source in dataset.sources)
    for entry, where in _entries(entries):
        meant = _meant(entry, dataset, keys)
        if not meant:
            entry, meant = _otherwise(entry, dataset, keys)  # noqa: PLW2901
        if not meant and entry not in found:
            place = printable(dataset.location)
            example = f"; they are called like {shown(keys[0])}" if keys else ""
            raise ExcludingError(f"{where}exclude is {shown(entry)}, which is no picture of {place}{example}")
        found.update(meant)
    return tuple(sorted(found))


def _meant(entry: str, dataset: Dataset, keys: list[str]) -> Iterable[str]:
    if dataset.get(entry) is not None:
        return [entry]
    folder = entry.rstrip("/") + "/"
    start = bisect_left(keys, folder)
    end = bisect_left(keys, folder[:-1] + "0")  # which follows the slash
    if start < end:
        return keys[start:end]
    if len(entry) <= _LONGEST and re.search(r"[*?[]", entry):
        pattern = re.compile(fnmatch.translate(entry))
        return [key for key in keys if pattern.match(key)]
    return []


def _otherwise(entry: str, dataset: Dataset, keys: list[str]) -> tuple[str, Iterable[str]]:
    """What an entry may mean that means nothing as it stands: other slashes, blanks, a path from the disk's root."""
    plain = entry.strip().strip("'\"").replace("\\", "/")
    for other in (plain, plain.removeprefix(f"{dataset.location.rstrip('/')}/")):
        if other != entry and (meant := _meant(other, dataset, keys)):
            return other, meant
    return entry, []


def _entries(entries: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Each entry, and where it stands if that is a list."""
    for entry in entries:
        if not entry.startswith(LIST):
            yield _normal(entry), ""
            continue
        path = Path(os.path.expanduser(entry[len(LIST) :]))  # noqa: PTH111  (Path raises on "~nobody")
        name = printable(path)
        try:
            if path.stat().st_size > _MOST_BYTES:
                raise ExcludingError(f"{name}: {path.stat().st_size:,} bytes; allowed are {_MOST_BYTES:,}")
            text = path.read_bytes().decode("utf-8-sig")
        except UnicodeDecodeError:
            raise ExcludingError(f"{name}: it is no text in UTF-8") from None
        except OSError as error:
            raise ExcludingError(f"{name}: cannot be read ({said(error)})") from error
        for number, line in enumerate(text.split("\n"), 1):
            if line.strip():
                yield _normal(line.strip("\r")), f"{name}: line {number:,}: "


def _normal(entry: str) -> str:
    return entry.removeprefix("./") if os.name != "nt" else entry.replace("\\", "/").removeprefix("./")
