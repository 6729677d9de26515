from __future__ import annotations

import os
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Literal

from augstudio.images import SUFFIXES

_FOUND_EVERY = 500
_SHOWN_SUFFIXES = tuple(suffix for suffix in (".jpg", ".png", ".webp", ".bmp", ".tif", ".gif") if suffix in SUFFIXES)
_CONTROLS = {code: f"\\x{code:02x}" for code in (*range(32), 127)}


class DatasetError(Exception):
    """A folder cannot serve as a dataset. The message is one plain line that names the folder."""


class ScanStopped(DatasetError):  # noqa: N818  (it is the caller who ends it)
    """The caller's `stop` ended a scan: what had been found until then is not a dataset."""


@dataclass(frozen=True, slots=True)
class Source:
    """An original picture in a dataset.

    Attributes
    ----------
    key
        POSIX path relative to the dataset's root. It names the picture in draws, manifests and messages, is valid
        Unicode, and stays the same when the dataset moves.
    path
        Where the picture lies.
    label
        The class: POSIX path of the parent folder relative to the root, ``""`` for a picture directly in the root.
    """

    key: str
    path: Path
    label: str

    @property
    def name(self) -> str:
        """File name, with its suffix."""
        return self.key[len(self.label) + 1 :] if self.label else self.key


@dataclass(frozen=True)
class Dataset:
    """What a folder holds.

    Attributes
    ----------
    root
        The folder, absolute.
    sources
        The pictures, sorted by label and name without regard to case (ties: by the exact spelling).
    skipped
        One plain line for everything that looked like a picture or a folder and could not be taken.
    """

    root: Path
    sources: tuple[Source, ...]
    skipped: tuple[str, ...] = ()

    @cached_property
    def classes(self) -> dict[str, int]:
        """Number of pictures of each class, in the order of `sources`."""
        return dict(Counter(source.label for source in self.sources))

    @cached_property
    def _by_key(self) -> dict[str, Source]:
        return {source.key: source for source in self.sources}

    def get(self, key: str) -> Source | None:
        """Return the source of this key, or None."""
        return self._by_key.get(key)


_Other = Literal["file", "folder"]


@dataclass(frozen=True, slots=True)
class _Skipped:
    reason: str


@dataclass(frozen=True, slots=True)
class _Folder:
    path: str
    label: str
    real: str


def _never() -> bool:
    return False


def _ignore(_count: int) -> None:
    pass


def walk(root: Path) -> Iterator[Source]:
    """Yield the pictures under a folder as they are found.

    Whether a file is a picture is told by its suffix. Hidden files and folders (a leading dot) are left out, as is
    whatever `scan` lists as skipped. Links to folders are followed after all real folders, and no folder is read
    twice, so links in a circle do no harm.

    Raises
    ------
    DatasetError
        The root is missing, is not a folder or cannot be read.
    """
    return (event for event in _visit(root) if isinstance(event, Source))


def scan(root: Path, *, stop: Callable[[], bool] = _never, found: Callable[[int], None] = _ignore) -> Dataset:
    """Read what a folder holds, without opening a picture.

    Parameters
    ----------
    root
        The dataset's folder.
    stop
        Asked before every entry; True ends the scan.
    found
        Told the number of pictures found so far, now and then and at the end.

    Raises
    ------
    DatasetError
        The root is missing, is not a folder, cannot be read, or holds no pictures.
    ScanStopped
        `stop` answered True.
    """
    sources: list[Source] = []
    skipped: list[str] = []
    others = 0
    for event in _visit(root):
        if stop():
            raise ScanStopped(f"{printable(root)}: reading the folder was stopped")
        if isinstance(event, Source):
            sources.append(event)
            if len(sources) % _FOUND_EVERY == 0:
                found(len(sources))
        elif isinstance(event, _Skipped):
            skipped.append(event.reason)
        elif event == "file":
            others += 1
    if not sources:
        raise DatasetError(_no_pictures(root, others, skipped))
    found(len(sources))
    sources.sort(key=_order)
    return Dataset(root.absolute(), tuple(sources), tuple(sorted(skipped)))


def printable(path: Path | str) -> str:
    r"""Return a path as one line of valid Unicode: stray bytes and control characters become ``\xNN``."""
    return os.fsencode(path).decode("utf-8", "backslashreplace").translate(_CONTROLS)


def _order(source: Source) -> tuple[str, str, str, str]:
    return source.label.casefold(), source.name.casefold(), source.label, source.name


def _no_pictures(root: Path, others: int, skipped: list[str]) -> str:
    message = f"{printable(root)}: no pictures found; augstudio reads {', '.join(_SHOWN_SUFFIXES)}, …"
    if others:
        message += f" and the folder holds only other files ({others:,})"
    if skipped:
        more = f", and {len(skipped) - 1:,} more" if len(skipped) > 1 else ""
        message += f"; skipped {skipped[0]}{more}"
    return message


def _visit(root: Path) -> Iterator[Source | _Skipped | _Other]:
    """Yield what is met, one event for each entry, and ``"folder"`` before each folder is read."""
    try:
        top = _Folder(str(root.absolute()), "", os.path.realpath(root, strict=True))
        os.scandir(top.path).close()
    except NotADirectoryError:
        parent = printable(root.absolute().parent)
        raise DatasetError(f"{printable(root)}: this is a file, not a folder; give its folder, {parent}") from None
    except FileNotFoundError:
        raise DatasetError(f"{printable(root)}: there is no such folder") from None
    except (OSError, ValueError) as error:
        raise DatasetError(f"{printable(root)}: the folder cannot be read ({_reason(error)})") from error

    visited: set[str] = set()
    folders, links = [top], list[_Folder]()
    while folders or links:
        # Links come last: whatever can be reached without one keeps its own name as key and class.
        folder = (folders or links).pop()
        real = os.path.normcase(folder.real)
        if real in visited:
            yield _Skipped(f"{printable(folder.label)}: leads to a folder that is read already")
            continue
        visited.add(real)
        yield "folder"
        found_folders: list[_Folder] = []
        found_links: list[_Folder] = []
        try:
            with os.scandir(folder.path) as entries:
                for entry in entries:
                    if entry.name.startswith("."):
                        continue
                    event = _judge(entry, folder)
                    if not isinstance(event, _Folder):
                        yield event
                    elif _is_link(entry):
                        found_links.append(event)
                    else:
                        found_folders.append(event)
        except OSError as error:
            if folder is top:
                raise DatasetError(f"{printable(root)}: the folder cannot be read ({_reason(error)})") from error
            yield _Skipped(f"{printable(folder.label)}: the folder cannot be read ({_reason(error)})")
        # A listing's order differs between machines; which of two links to one folder wins must not.
        folders += sorted(found_folders, key=_label, reverse=True)
        if found_links:
            links = sorted(links + found_links, key=_label, reverse=True)


def _label(folder: _Folder) -> str:
    return folder.label


def _judge(entry: os.DirEntry[str], parent: _Folder) -> Source | _Skipped | _Folder | _Other:
    """Tell what an entry of a folder is."""
    picture = os.path.splitext(entry.name)[1].lower() in SUFFIXES  # noqa: PTH122  (a Path for every file is slow)
    key = f"{parent.label}/{entry.name}" if parent.label else entry.name
    try:
        if entry.is_dir():
            if not _is_unicode(entry.name):
                return _Skipped(f"{printable(key)}: the folder's name is not valid UTF-8; rename it")
            real = (
                os.path.realpath(entry.path) if _is_link(entry) else f"{parent.real.rstrip(os.sep)}{os.sep}{entry.name}"
            )
            return _Folder(entry.path, key, real)
        if not picture:
            return "file"
        if not _is_unicode(entry.name):
            return _Skipped(f"{printable(key)}: the name is not valid UTF-8; rename it")
        if entry.is_file():
            return Source(key, Path(entry.path), parent.label)
    except OSError as error:
        return _Skipped(f"{printable(key)}: cannot be read ({_reason(error)})")
    if entry.is_symlink():
        return _Skipped(f"{printable(key)}: a link to nothing")
    return _Skipped(f"{printable(key)}: not a regular file")


def _is_link(entry: os.DirEntry[str]) -> bool:
    return entry.is_symlink() or (sys.version_info >= (3, 12) and entry.is_junction())


def _is_unicode(name: str) -> bool:
    # Bytes that are not UTF-8 reach Python as lone surrogates, which neither JSON nor a terminal takes.
    return name.isascii() or not any("\ud800" <= letter <= "\udfff" for letter in name)


def _reason(error: OSError | ValueError) -> str:
    return error.strerror.lower() if isinstance(error, OSError) and error.strerror else str(error)
