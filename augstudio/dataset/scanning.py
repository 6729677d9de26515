from __future__ import annotations

import os
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from operator import attrgetter
from pathlib import Path
from typing import Literal

from augstudio import swap
from augstudio.dataset.splits import Splits, find_splits, order_of
from augstudio.images import SUFFIXES
from augstudio.storage import Storage, StorageError, at, fault, is_url, local_path
from augstudio.wording import said

_FOUND_EVERY = 500
_IMAGES = "images"
_SHOWN_SUFFIXES = tuple(suffix for suffix in (".jpg", ".png", ".webp", ".bmp", ".tif", ".gif") if suffix in SUFFIXES)
_CONTROLS = {code: f"\\x{code:02x}" for code in (*range(32), 127)}


class DatasetError(Exception):
    """A folder cannot serve as a dataset. The message is one plain line that names the folder."""


class ScanStopped(DatasetError):  # noqa: N818  (it is the caller who ends it)
    """The caller's `stop` ended a scan: what had been found until then is not a dataset."""


@dataclass(frozen=True, slots=True)
class Source:
    """An original picture in a dataset; lean, since there may be a hundred thousand.

    Attributes
    ----------
    key
        POSIX path relative to the dataset's root. It names the picture in draws, manifests and messages, is valid
        Unicode, and stays the same when the dataset moves.
    root
        The dataset's location.
    label
        The class: POSIX path of the folders between the root, or the split's folder, and the file; ``""`` for none.
    split
        Name of the split's folder, as it is spelled there; ``""`` in a dataset without splits.
    """

    key: str
    root: str
    label: str
    split: str = ""

    @property
    def name(self) -> str:
        """File name, with its suffix."""
        return self.key.rpartition("/")[2]

    @property
    def folder(self) -> str:
        """The folder it lies in: POSIX path relative to the root, ``""`` for the root itself."""
        return self.key.rpartition("/")[0]

    @property
    def path(self) -> Path:
        """Where it lies, in a local dataset."""
        return Path(self.root, self.key)


@dataclass(frozen=True)
class Dataset:
    """What a folder holds.

    Attributes
    ----------
    location
        The folder: an absolute local path, or a URL.
    sources
        The pictures, sorted by split (train, val, test), then by label and name without regard to case (ties: by the
        exact spelling).
    skipped
        One plain line for everything that looked like a picture or a folder and could not be taken.
    """

    location: str
    sources: tuple[Source, ...]
    skipped: tuple[str, ...] = ()

    @property
    def root(self) -> Path:
        """The folder of a local dataset.

        Raises
        ------
        DatasetError
            It is not local.
        """
        if is_url(self.location):
            raise DatasetError(f"{printable(self.location)}: this is no local folder")
        return Path(self.location)

    @property
    def storage(self) -> Storage:
        """The folder, wherever it lies; sources are found in it by their keys."""
        return at(self.location)

    @cached_property
    def classes(self) -> dict[str, int]:
        """Number of pictures of each class, of all splits together, in the order of `sources`."""
        return dict(Counter(source.label for source in self.sources))

    @cached_property
    def splits(self) -> dict[str, int]:
        """Number of pictures in each split, in the order of `sources`; empty in a dataset without splits."""
        return dict(Counter(source.split for source in self.sources if source.split))

    @cached_property
    def _by_key(self) -> dict[str, Source]:
        return {source.key: source for source in self.sources}

    def get(self, key: str) -> Source | None:
        """Return the source of this key, or None."""
        return self._by_key.get(key)


@dataclass(frozen=True, slots=True)
class _Skipped:
    key: str
    reason: str

    def __str__(self) -> str:
        return f"{printable(self.key)}: {self.reason}"


@dataclass(frozen=True, slots=True)
class _Folder:
    path: str
    label: str
    real: str


_Event = Source | _Skipped | _Folder | Literal["other file"]


def _never() -> bool:
    return False


def _ignore(_count: int) -> None:
    pass


def walk(root: Path | str) -> Iterator[Source]:
    """Yield the pictures under a folder as they are found; of splits nothing is known before `scan` has seen all.

    Whether a file is a picture is told by its suffix. Hidden files and folders (a leading dot) are left out, as is
    whatever `scan` lists as skipped. Links to folders are followed after all real folders, and no folder is read
    twice, so links in a circle do no harm.

    Raises
    ------
    DatasetError
        The root is missing, is not a folder or cannot be read.
    """
    return (event for event in _visit(root) if isinstance(event, Source))


def scan(root: Path | str, *, stop: Callable[[], bool] = _never, found: Callable[[int], None] = _ignore) -> Dataset:
    """Read what a folder holds, without opening a picture.

    Parameters
    ----------
    root
        The dataset's folder, or its URL.
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
    skipped: dict[str, str] = {}
    like_pictures: list[str] = []
    others = 0
    for event in _visit(root):
        if stop():
            raise ScanStopped(f"{printable(root)}: reading the folder was stopped")
        if isinstance(event, Source):
            sources.append(event)
            if len(sources) % _FOUND_EVERY == 0:
                found(len(sources))
        elif isinstance(event, _Skipped):
            skipped[event.key] = str(event)
        elif isinstance(event, _Folder):
            if _is_picture(event.label):
                like_pictures.append(event.label)
        else:
            others += 1
    folders = {source.label for source in sources}
    if like_pictures:
        filled = {folder[:end] for folder in folders for end in _ends(folder)}
        for label in like_pictures:
            if label not in filled:
                skipped.setdefault(label, f"{printable(label)}: a folder, not a picture, and it holds none")
    if not sources:
        raise DatasetError(_no_pictures(root, others, sorted(skipped.values())))
    found(len(sources))
    lines = list(skipped.values())
    location = sources[0].root
    if splits := find_splits(folders):
        lines += _deal_out(sources, splits)
    _sort(sources)
    return Dataset(location, tuple(sources), tuple(sorted(lines)))


def printable(path: Path | str) -> str:
    r"""Return a path as one line of valid Unicode: stray bytes and control characters become ``\xNN``."""
    try:
        plain = os.fsencode(path)
    except UnicodeEncodeError:  # no name of a file, but a manifest may hold it
        plain = str(path).encode("utf-8", "backslashreplace")
    return plain.decode("utf-8", "backslashreplace").translate(_CONTROLS)


def _ends(folder: str) -> Iterator[int]:
    """Where the names of a folder and of those above it end in its path."""
    return (end for end in range(1, len(folder) + 1) if end == len(folder) or folder[end] == "/")


def _deal_out(sources: list[Source], splits: Splits) -> list[str]:
    """Put split and class into sources, which carry their folder as label; tell of those that belong to no split."""
    left: dict[str, list[str]] = {}
    labels = {folder: (place.label, place.split) for folder, place in splits.places.items()}
    kept = 0
    for source in sources:
        place = labels.get(source.label)
        if place is None:
            name, slash, _ = source.key[len(splits.above) + bool(splits.above) :].partition("/")
            beside = f"{splits.above}/{name}" if splits.above else name
            left.setdefault(beside if slash else "", []).append(source.key)
        else:
            sources[kept] = Source(source.key, source.root, *place)  # in place: a second list would take its room
            kept += 1
    del sources[kept:]
    lines = []
    for folder, keys in left.items():
        if folder:
            many = f"its {len(keys):,} pictures are" if len(keys) > 1 else "its picture is"
            said = f"{printable(folder)}: no split, so {many} left out"
        elif len(keys) > 1:
            said = f"{printable(min(keys))} and {len(keys) - 1:,} more: in no split, so they are left out"
        else:
            said = f"{printable(keys[0])}: in no split, so it is left out"
        lines.append(f"{said} (the splits are {', '.join(map(printable, splits.names))})")
    return lines


def _sort(sources: list[Source]) -> None:
    """Sort in passes, each of which keeps what the last one did among equals; tuples as keys would take more room."""
    places = {(source.split, source.label) for source in sources}
    orders = {place: (order_of(place[0]), place[1].casefold()) for place in places}
    ranks = {order: rank for rank, order in enumerate(sorted(set(orders.values())))}
    rank_of = {place: ranks[order] for place, order in orders.items()}
    sources.sort(key=attrgetter("key"))
    sources.sort(key=lambda source: source.name.casefold().encode())  # bytes are smaller, and sort as the text does
    sources.sort(key=lambda source: rank_of[source.split, source.label])


def _no_pictures(root: Path | str, others: int, skipped: list[str]) -> str:
    message = f"{printable(root)}: no pictures found; augstudio reads {', '.join(_SHOWN_SUFFIXES)}, …"
    if others:
        message += f" and the folder holds only other files ({others:,})"
    if skipped:
        more = f", and {len(skipped) - 1:,} more" if len(skipped) > 1 else ""
        message += f"; skipped {skipped[0]}{more}"
    return message


def _visit(root: Path | str) -> Iterator[_Event]:
    """Yield what is met, one event for each entry, and each folder before it is read."""
    if is_url(root):
        return _visit_remote(str(root))
    return _visit_local(root if isinstance(root, Path) else local_path(root))


def _visit_remote(url: str) -> Iterator[_Event]:
    try:
        storage = at(url)
    except StorageError as error:
        raise DatasetError(said(error)) from error
    folders: dict[str, str] = {}
    empty = True
    try:
        for key, _ in storage.files():
            folder, _, name = key.rpartition("/")
            empty = False
            if not name or "/." in f"/{key}":  # without a name it stands for an empty folder
                continue
            if not _is_picture(name):
                yield "other file"
            elif not _is_unicode(key):
                yield _Skipped(key, "the name is not valid UTF-8; rename it")
            elif why := _leads_elsewhere(key):
                yield _Skipped(key, why)
            elif "//" in f"/{key}":
                yield _Skipped(key, "a folder without a name is in its path; rename it")
            else:
                folder = folders.setdefault(folder, folder)  # one string for all of its pictures
                yield Source(key, storage.location, folder)
        if empty and not storage.exists():
            raise DatasetError(f"{printable(url)}: there is no such folder")
    except NotADirectoryError:
        parent = printable(storage.location.rpartition("/")[0])
        raise DatasetError(f"{printable(url)}: this is a file, not a folder; give its folder, {parent}") from None
    except OSError as error:
        raise DatasetError(f"{printable(url)}: the folder cannot be read ({said(error)})") from error


def _visit_local(root: Path) -> Iterator[_Event]:
    try:
        for around in _may_hold_an_export(Path(os.path.realpath(root))):
            swap.complete(around)
        top = _Folder(str(root.absolute()), "", os.path.realpath(root, strict=True))
        os.scandir(top.path).close()
    except NotADirectoryError:
        parent = printable(root.absolute().parent)
        raise DatasetError(f"{printable(root)}: this is a file, not a folder; give its folder, {parent}") from None
    except FileNotFoundError:
        raise DatasetError(f"{printable(root)}: there is no such folder") from None
    except (OSError, ValueError) as error:
        raise DatasetError(f"{printable(root)}: the folder cannot be read ({said(error)})") from error

    visited: set[str] = set()
    folders, links = [top], list[_Folder]()
    while folders or links:
        # Links come last: whatever can be reached without one keeps its own name as key and class.
        folder = (folders or links).pop()
        real = os.path.normcase(folder.real)
        if real in visited:
            yield _Skipped(folder.label, "leads to a folder that is read already")
            continue
        visited.add(real)
        yield folder
        found_folders: list[_Folder] = []
        found_links: list[_Folder] = []
        try:
            with os.scandir(folder.path) as entries:
                for entry in entries:
                    if entry.name.startswith("."):
                        continue
                    event = _judge(entry, folder, top.path)
                    if not isinstance(event, _Folder):
                        yield event
                    elif _is_link(entry):
                        found_links.append(event)
                    else:
                        found_folders.append(event)
        except OSError as error:
            if folder is top:
                raise DatasetError(f"{printable(root)}: the folder cannot be read ({said(error)})") from error
            yield _Skipped(folder.label, f"the folder cannot be read ({said(error)})")
        # A listing's order differs between machines; which of two links to one folder wins must not.
        folders += sorted(found_folders, key=_label, reverse=True)
        if found_links:
            links = sorted(links + found_links, key=_label, reverse=True)


def _may_hold_an_export(root: Path) -> Iterator[Path]:
    """The folder, and those around it if it is one of an export's pictures: theirs may be about to be replaced."""
    yield root
    for folder in (root, *list(root.parents)[:2]):
        if folder.name == _IMAGES:
            yield folder.parent


def _label(folder: _Folder) -> str:
    return folder.label


def _judge(entry: os.DirEntry[str], parent: _Folder, root: str) -> _Event:
    """Tell what an entry of a folder is."""
    key = f"{parent.label}/{entry.name}" if parent.label else entry.name
    try:
        if entry.is_dir():
            if not _is_unicode(entry.name):
                return _Skipped(key, "the folder's name is not valid UTF-8; rename it")
            real = (
                os.path.realpath(entry.path) if _is_link(entry) else f"{parent.real.rstrip(os.sep)}{os.sep}{entry.name}"
            )
            return _Folder(entry.path, key, real)
        if not _is_picture(entry.name):
            return "other file"
        if not _is_unicode(entry.name):
            return _Skipped(key, "the name is not valid UTF-8; rename it")
        if why := _leads_elsewhere(key):
            return _Skipped(key, why)
        if entry.is_file():
            return Source(key, root, parent.label)
    except OSError as error:
        return _Skipped(key, f"cannot be read ({said(error)})")
    if entry.is_symlink():
        return _Skipped(key, "a link to nothing")
    return _Skipped(key, "not a regular file")


def _is_picture(name: str) -> bool:
    return os.path.splitext(name)[1].lower() in SUFFIXES  # noqa: PTH122  (a Path for every file is slow)


def _is_link(entry: os.DirEntry[str]) -> bool:
    return entry.is_symlink() or (sys.version_info >= (3, 12) and entry.is_junction())


def _leads_elsewhere(key: str) -> str:
    """Why a path cannot be taken, if it has a backslash or a colon, which lead elsewhere on some systems."""
    why = fault(key) if "\\" in key or ":" in key else ""
    return why and f"{why}; rename it"


def _is_unicode(name: str) -> bool:
    # Bytes that are not UTF-8 reach Python as lone surrogates, which neither JSON nor a terminal takes.
    return name.isascii() or not any("\ud800" <= letter <= "\udfff" for letter in name)
