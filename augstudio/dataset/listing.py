"""Listing a folder, local or behind a URL: one event for each entry; what is a picture is told, nothing is decoded."""

from __future__ import annotations

import hashlib
import os
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from augstudio import swap
from augstudio.dataset.left_out import (
    HIDDEN_FILES,
    HIDDEN_FOLDERS,
    HIDDEN_PICTURES,
    kind_of_folder,
    kind_of_head,
    kind_of_suffix,
    suffix_of,
)
from augstudio.images import SUFFIXES, signatures
from augstudio.images.signatures import is_picture
from augstudio.marks import IMAGES
from augstudio.storage import Key, Storage, StorageError, at, fault, is_url, local_path
from augstudio.wording import printable, said

FOLDERS = "folders"
"""What the kinds of folders begin with that are not looked into."""
_LOOKED_AT = 1000
"""Remote files of one unknown suffix that are looked into first."""
_AT_ONCE = 16
"""Requests at a time."""
_UNKNOWN = b"?"
"""First bytes of a file that cannot be read."""


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

    def __hash__(self) -> int:
        return hash(self.key)  # which strings keep: sources are looked up thousands of times while a sheet scrolls

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


@dataclass(frozen=True, slots=True)
class Skipped:
    """What looked like a picture or a folder and cannot be taken, and why."""

    key: str
    reason: str

    def __str__(self) -> str:
        return f"{printable(self.key)}: {self.reason}"


@dataclass(frozen=True, slots=True)
class Folder:
    """A folder that is looked into: where it lies, its path below the root, and where that really leads."""

    path: str
    label: str
    real: str


@dataclass(frozen=True, slots=True)
class Other:
    """What is no picture: a file, or a folder that is not looked into."""

    key: str
    kind: str
    name: str


@dataclass(frozen=True, slots=True)
class Unnamed:
    """A picture that only its first bytes tell."""

    source: Source


Event = Source | Unnamed | Skipped | Folder | Other


def visit(root: Path | str) -> Iterator[Event]:
    """Yield what is met, one event for each entry, and each folder before it is read."""
    if is_url(root):
        return _visit_remote(str(root))
    return _visit_local(root if isinstance(root, Path) else local_path(root))


def _visit_remote(url: str) -> Iterator[Event]:
    try:
        storage = at(url)
    except StorageError as error:
        raise DatasetError(said(error)) from error
    folders: dict[str, str] = {}
    unknown: dict[str, list[str]] = {}
    closed: set[str] = set()
    empty = True
    try:
        for key, _ in storage.files():
            empty = False
            folder, _, name = key.rpartition("/")
            if not name:  # it stands for an empty folder
                continue
            if shut := _closed_folder(folder):
                if shut.key not in closed:
                    closed.add(shut.key)
                    yield shut
            elif (event := _by_name(key, name)) is not None:
                yield event
            elif not named_as_picture(name):
                unknown.setdefault(suffix_of(name), []).append(key)
            elif why := _no_name(key):
                yield Skipped(key, why)
            else:
                folder = folders.setdefault(folder, folder)  # one string for all of its pictures
                yield Source(key, storage.location, folder)
        for suffix, key, head in _heads(storage, unknown):
            folder, _, name = key.rpartition("/")
            if head is None or not is_picture(head):
                yield Other(key, kind_of_head(_UNKNOWN if head is None else head), suffix)
            elif why := _no_name(key):
                yield Skipped(key, why)
            else:
                yield Unnamed(Source(key, storage.location, folders.setdefault(folder, folder)))
        if empty and not storage.exists():
            raise DatasetError(f"{printable(url)}: there is no such folder")
    except NotADirectoryError:
        parent = printable(storage.location.rpartition("/")[0])
        raise DatasetError(f"{printable(url)}: this is a file, not a folder; give its folder, {parent}") from None
    except OSError as error:
        raise DatasetError(f"{printable(url)}: the folder cannot be read ({said(error)})") from error


def _heads(storage: Storage, unknown: dict[str, list[str]]) -> Iterator[tuple[str, str, bytes | None]]:
    """The suffix, the key and the first bytes of remote files, by suffix; of very many, some stand for all."""

    def head(key: str) -> bytes | None:
        try:
            return storage.head(Key(key), signatures.HEAD)
        except OSError:
            return None

    with ThreadPoolExecutor(_AT_ONCE) as pool:
        for suffix, keys in unknown.items():
            # By chance, and the same every time: names in a regular order would fool every step.
            mixed = sorted(keys, key=lambda key: hashlib.sha256(key.encode("utf-8", "surrogatepass")).digest())
            sample, rest = mixed[:_LOOKED_AT], mixed[_LOOKED_AT:]
            found = dict(zip(sample, pool.map(head, sample), strict=True))
            if len({is_picture(told or b"") for told in found.values()}) == 1:
                found |= dict.fromkeys(rest, next(iter(found.values())))
            else:
                found |= dict(zip(rest, pool.map(head, rest), strict=True))
            yield from ((suffix, key, found[key]) for key in keys)


def _closed_folder(path: str) -> Other | None:
    """The first folder on a way that is not looked into."""
    names = path.split("/") if path else []
    for level, name in enumerate(names):
        if kind := _closed(name):
            return Other("/".join(names[: level + 1]), kind, _common(kind, name))
    return None


def _closed(name: str) -> str:
    """What kind of folder it is that is not looked into; empty for one that is."""
    if whose := kind_of_folder(name):
        return f"{FOLDERS} {whose}"
    return HIDDEN_FOLDERS if name.startswith(".") else ""


def _common(kind: str, name: str) -> str:
    return "" if kind == HIDDEN_FOLDERS else name


def _by_name(key: str, name: str) -> Other | None:
    """A file that is no picture by its name alone; None where its name tells nothing, or that it is one."""
    suffix = suffix_of(name)
    if name.startswith("."):
        return Other(key, HIDDEN_PICTURES, suffix) if suffix in SUFFIXES else Other(key, HIDDEN_FILES, "")
    kind = None if suffix in SUFFIXES else kind_of_suffix(suffix)
    return Other(key, kind, suffix) if kind is not None else None


def _no_name(key: str) -> str:
    """Why a file's path cannot be a key; empty if it can."""
    if not _is_unicode(key):
        return "the name is not valid UTF-8; rename it"
    if why := _leads_elsewhere(key):
        return why
    return "a folder without a name is in its path; rename it" if "//" in f"/{key}" else ""


def _visit_local(root: Path) -> Iterator[Event]:
    try:
        for around in _may_hold_an_export(Path(os.path.realpath(root))):
            swap.complete(around)
        top = Folder(str(root.absolute()), "", os.path.realpath(root, strict=True))
        os.scandir(top.path).close()
    except NotADirectoryError:
        parent = printable(root.absolute().parent)
        raise DatasetError(f"{printable(root)}: this is a file, not a folder; give its folder, {parent}") from None
    except FileNotFoundError:
        raise DatasetError(f"{printable(root)}: there is no such folder") from None
    except (OSError, ValueError) as error:
        raise DatasetError(f"{printable(root)}: the folder cannot be read ({said(error)})") from error

    visited: set[str] = set()
    folders, links = [top], list[Folder]()
    while folders or links:
        # Links come last: whatever can be reached without one keeps its own name as key and class.
        folder = (folders or links).pop()
        real = os.path.normcase(folder.real)
        if real in visited:
            yield Skipped(folder.label, "leads to a folder that is read already")
            continue
        visited.add(real)
        yield folder
        found_folders: list[Folder] = []
        found_links: list[Folder] = []
        try:
            with os.scandir(folder.path) as entries:
                for entry in entries:
                    event = _judge(entry, folder, top.path)
                    if not isinstance(event, Folder):
                        yield event
                    elif _is_link(entry):
                        found_links.append(event)
                    else:
                        found_folders.append(event)
        except OSError as error:
            if folder is top:
                raise DatasetError(f"{printable(root)}: the folder cannot be read ({said(error)})") from error
            yield Skipped(folder.label, f"the folder cannot be read ({said(error)})")
        # A listing's order differs between machines; which of two links to one folder wins must not.
        folders += sorted(found_folders, key=_label, reverse=True)
        if found_links:
            links = sorted(links + found_links, key=_label, reverse=True)


def _may_hold_an_export(root: Path) -> Iterator[Path]:
    """The folder, and those around it if it is one of an export's pictures: theirs may be about to be replaced."""
    yield root
    for folder in (root, *list(root.parents)[:2]):
        if folder.name == IMAGES:
            yield folder.parent


def _label(folder: Folder) -> str:
    return folder.label


def _judge(entry: os.DirEntry[str], parent: Folder, root: str) -> Event:
    """Tell what an entry of a folder is."""
    name = entry.name
    key = f"{parent.label}/{name}" if parent.label else name
    try:
        if entry.is_dir():
            if kind := _closed(name):
                return Other(key, kind, _common(kind, name))
            if not _is_unicode(name):
                return Skipped(key, "the folder's name is not valid UTF-8; rename it")
            real = os.path.realpath(entry.path) if _is_link(entry) else f"{parent.real.rstrip(os.sep)}{os.sep}{name}"
            return Folder(entry.path, key, real)
        if (other := _by_name(key, name)) is not None:
            return other
        unnamed = not named_as_picture(name)
        if unnamed:
            head = _head(entry)
            if not is_picture(head):
                return Other(key, kind_of_head(head), suffix_of(name))
        if why := _no_name(name) or _leads_elsewhere(key):
            return Skipped(key, why)
        if entry.is_file():
            source = Source(key, root, parent.label)
            return Unnamed(source) if unnamed else source
    except OSError as error:
        return Skipped(key, f"cannot be read ({said(error)})")
    if entry.is_symlink():
        return Skipped(key, "a link to nothing")
    return Skipped(key, "not a regular file")


def _head(entry: os.DirEntry[str]) -> bytes:
    """A file's first bytes; none of what is no file, or may not be read."""
    if not entry.is_file():
        return _UNKNOWN  # opening a pipe would wait for ever
    try:
        with open(entry.path, "rb", buffering=0) as file:  # noqa: PTH123  (a Path for every file is slow)
            return file.read(signatures.HEAD)
    except OSError:
        return _UNKNOWN


def named_as_picture(name: str) -> bool:
    """Whether a name has a picture's suffix."""
    return suffix_of(name) in SUFFIXES


def _is_link(entry: os.DirEntry[str]) -> bool:
    return entry.is_symlink() or (sys.version_info >= (3, 12) and entry.is_junction())


def _leads_elsewhere(key: str) -> str:
    """Why a path cannot be taken, if it has a backslash or a colon, which lead elsewhere on some systems."""
    why = fault(key) if "\\" in key or ":" in key else ""
    return why and f"{why}; rename it"


def _is_unicode(name: str) -> bool:
    # Bytes that are not UTF-8 reach Python as lone surrogates, which neither JSON nor a terminal takes.
    return name.isascii() or not any("\ud800" <= letter <= "\udfff" for letter in name)
