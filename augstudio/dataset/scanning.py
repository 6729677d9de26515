from __future__ import annotations

import os
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import cached_property
from operator import attrgetter
from pathlib import Path

from augstudio import swap
from augstudio.callbacks import ignore, never
from augstudio.dataset.left_out import (
    HIDDEN_FILES,
    HIDDEN_FOLDERS,
    HIDDEN_PICTURES,
    LABEL_SUFFIXES,
    LeftOut,
    Tally,
    kind_of_folder,
    kind_of_head,
    kind_of_suffix,
    suffix_of,
)
from augstudio.dataset.splits import Arranged, Doubt, Folders, arrange, order_of
from augstudio.images import SUFFIXES, signatures
from augstudio.images.signatures import is_picture
from augstudio.labels import Labels, Recognised, RecognitionStopped, recognise
from augstudio.marks import IMAGES
from augstudio.storage import Key, Storage, StorageError, at, fault, is_url, local_path
from augstudio.wording import count, listing, printable, said

_FOUND_EVERY = 500

_SHOWN = 3
_SHOWN_SUFFIXES = tuple(suffix for suffix in (".jpg", ".png", ".webp", ".bmp", ".tif", ".gif") if suffix in SUFFIXES)
_FOLDERS = "folders"
_LOOKED_AT = 32
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
    left_out
        What is no picture of the dataset, by kind and number: files of other kinds, folders of other programs.
    notes
        What else somebody should know of how the folder was read, a plain sentence each.
    labels
        What lies beside the pictures and speaks of them, by format.
    folders
        What folders with names of splits were taken for.
    doubt
        Folders that may be splits or classes, and count as classes until the user has said which; None for none.
    excluded
        Keys of pictures that are there, and that the user wants to have left out.
    """

    location: str
    sources: tuple[Source, ...]
    skipped: tuple[str, ...] = ()
    left_out: tuple[LeftOut, ...] = ()
    notes: tuple[str, ...] = ()
    labels: tuple[Labels, ...] = ()
    folders: Folders = Folders.AUTO
    doubt: Doubt | None = None
    excluded: tuple[str, ...] = ()

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

    def without(self, keys: Iterable[str]) -> Dataset:
        """The dataset without some pictures, which `excluded` then names; keys of none are passed over."""
        gone = frozenset(key for key in keys if key in self._by_key)
        if not gone:
            return self
        kept_already: dict[frozenset[str], Dataset] = vars(self).setdefault("_without", {})
        if (known := kept_already.get(gone)) is not None:
            return known
        kept = tuple(source for source in self.sources if source.key not in gone)
        fewer = replace(self, sources=kept, excluded=tuple(sorted({*self.excluded, *gone})))
        kept_already.clear()  # the last one is asked for again and again
        kept_already[gone] = fewer
        return fewer


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


@dataclass(frozen=True, slots=True)
class _Other:
    """What is no picture: a file, or a folder that is not looked into."""

    key: str
    kind: str
    name: str


@dataclass(frozen=True, slots=True)
class _Unnamed:
    """A picture that only its first bytes tell."""

    source: Source


_Event = Source | _Unnamed | _Skipped | _Folder | _Other


def scan(
    root: Path | str,
    *,
    folders: Folders = Folders.AUTO,
    stop: Callable[[], bool] = never,
    found: Callable[[int], None] = ignore,
) -> Dataset:
    """Read what a folder holds.

    Whether a file is a picture is told by its suffix, and by its first bytes where the suffix tells nothing; no picture
    is decoded but a few that may be masks. Hidden files and folders (a leading dot) and what other programs keep in
    folders of their own are left out. Links to folders are followed after all real folders, and no folder is read
    twice, so links in a circle do no harm.

    Parameters
    ----------
    root
        The dataset's folder, or its URL.
    folders
        What to take folders for whose names look like those of train, val and test.
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
    seen = _Seen()
    for event in _visit(root):
        if stop():
            raise _stopped(root)
        seen.take(event)
        if isinstance(event, Source) and len(seen.sources) % _FOUND_EVERY == 0:
            found(len(seen.sources))
    sources, location = seen.sources, seen.sources[0].root if seen.sources else ""
    if not sources:
        raise DatasetError(_no_pictures(root, seen))
    try:
        recognised = _recognise(sources, seen.beside, location, stop)
    except RecognitionStopped:
        raise _stopped(root) from None
    if masks := recognised.masks:
        sources = [source for source in sources if source.key not in masks]
    found(len(sources))
    arranged = arrange({source.label for source in sources}, folders)
    skipped = [*seen.lines(), *_put_in_place(sources, arranged)]
    _sort(sources)
    return Dataset(
        location,
        tuple(sources),
        tuple(sorted(skipped)),
        seen.left_out.result(),
        (*seen.notes(), *recognised.notes),
        recognised.found,
        folders,
        arranged.doubt,
    )


class _Seen:
    """What a scan has met until now."""

    def __init__(self) -> None:
        self.sources: list[Source] = []
        self.beside: list[str] = []
        self.left_out = Tally()
        self._skipped: dict[str, str] = {}
        self._like_pictures: list[str] = []
        self._unnamed: Counter[str] = Counter()

    def take(self, event: _Event) -> None:
        if isinstance(event, Source):
            self.sources.append(event)
        elif isinstance(event, _Unnamed):
            self.sources.append(event.source)
            self._unnamed[suffix_of(event.source.name)] += 1
        elif isinstance(event, _Skipped):
            self._skipped[event.key] = str(event)
        elif isinstance(event, _Folder):
            if _is_picture(event.label):
                self._like_pictures.append(event.label)
        else:
            if event.name in LABEL_SUFFIXES:
                self.beside.append(event.key)
            self.left_out.add(event.kind, event.name, event.key)

    def lines(self) -> list[str]:
        """What could not be taken."""
        if self._like_pictures:
            filled = {folder[:end] for folder in {source.label for source in self.sources} for end in _ends(folder)}
            for label in self._like_pictures:
                if label not in filled:
                    line = f"{printable(label)}: a folder, not a picture, and it holds none"
                    self._skipped.setdefault(label, line)
        return list(self._skipped.values())

    def notes(self) -> list[str]:
        """What was taken though its name does not say that it is a picture."""
        total = self._unnamed.total()
        if not total:
            return []
        endings = [ending and printable(ending) for ending, _ in self._unnamed.most_common()]
        named = listing([ending or "none" for ending in endings[:_SHOWN]])
        more = f" and {len(endings) - _SHOWN:,} more" if len(endings) > _SHOWN else ""
        are = "are pictures" if total > 1 else "is a picture"
        return [f"{count(total, 'file')} {are} by the first bytes, not by the suffix ({named}{more})."]


def _stopped(root: Path | str) -> ScanStopped:
    return ScanStopped(f"{printable(root)}: reading the folder was stopped")


def _recognise(sources: list[Source], beside: list[str], location: str, stop: Callable[[], bool]) -> Recognised:
    storage = at(location)
    return recognise(
        [source.key for source in sources], beside, lambda key, most: storage.head(Key(key), most), stop=stop
    )


def _ends(folder: str) -> Iterator[int]:
    """Where the names of a folder and of those above it end in its path."""
    return (end for end in range(1, len(folder) + 1) if end == len(folder) or folder[end] == "/")


def _put_in_place(sources: list[Source], arranged: Arranged) -> list[str]:
    """Put split and class into sources, which carry their folder as label; tell of those that belong to no split."""
    left: dict[str, list[str]] = {}
    above = arranged.above
    kept = 0
    for source in sources:
        place = arranged.places.get(source.label)
        if place is None:
            name, slash, _ = source.key[len(above) + bool(above) :].partition("/")
            beside = f"{above}/{name}" if above else name
            left.setdefault(beside if slash else "", []).append(source.key)
        else:
            sources[kept] = Source(
                source.key, source.root, place.label, place.split
            )  # in place: a second list takes room
            kept += 1
    del sources[kept:]
    lines = []
    for folder, keys in left.items():
        if folder:
            many = f"its {len(keys):,} pictures are" if len(keys) > 1 else "its picture is"
            line = f"{printable(folder)}: no split, so {many} left out"
        elif len(keys) > 1:
            line = f"{printable(min(keys))} and {len(keys) - 1:,} more: in no split, so they are left out"
        else:
            line = f"{printable(keys[0])}: in no split, so it is left out"
        lines.append(f"{line} (the splits are {', '.join(map(printable, arranged.splits))})")
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


def _no_pictures(root: Path | str, seen: _Seen) -> str:
    message = f"{printable(root)}: no pictures found; augstudio reads {', '.join(_SHOWN_SUFFIXES)}, …"
    left_out, skipped = seen.left_out.result(), sorted(seen.lines())
    if files := sum(one.count for one in left_out if not one.kind.startswith(_FOLDERS)):
        message += f" and the folder holds only other files ({files:,})"
    if told := [str(one) for one in left_out if one.told]:
        message += f": {'; '.join(told[:_SHOWN])}"
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
            elif not _is_picture(name):
                unknown.setdefault(suffix_of(name), []).append(key)
            elif why := _no_name(key):
                yield _Skipped(key, why)
            else:
                folder = folders.setdefault(folder, folder)  # one string for all of its pictures
                yield Source(key, storage.location, folder)
        for suffix, keys in unknown.items():
            for key, head in _heads(storage, keys):
                folder, _, name = key.rpartition("/")
                if head is None or not is_picture(head):
                    yield _Other(key, kind_of_head(_UNKNOWN if head is None else head), suffix)
                elif why := _no_name(key):
                    yield _Skipped(key, why)
                else:
                    yield _Unnamed(Source(key, storage.location, folders.setdefault(folder, folder)))
        if empty and not storage.exists():
            raise DatasetError(f"{printable(url)}: there is no such folder")
    except NotADirectoryError:
        parent = printable(storage.location.rpartition("/")[0])
        raise DatasetError(f"{printable(url)}: this is a file, not a folder; give its folder, {parent}") from None
    except OSError as error:
        raise DatasetError(f"{printable(url)}: the folder cannot be read ({said(error)})") from error


def _heads(storage: Storage, keys: list[str]) -> Iterator[tuple[str, bytes | None]]:
    """The first bytes of files of one suffix; if some of them agree on being pictures or none, those stand for all."""

    def head(key: str) -> bytes | None:
        try:
            return storage.head(Key(key), signatures.HEAD)
        except OSError:
            return None

    step = -(-len(keys) // _LOOKED_AT)
    sample, rest = keys[::step], [key for number, key in enumerate(keys) if number % step]
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        found = dict(zip(sample, pool.map(head, sample), strict=True))
        if len({is_picture(told or b"") for told in found.values()}) == 1:
            found |= dict.fromkeys(rest, next(iter(found.values())))
        else:
            found |= dict(zip(rest, pool.map(head, rest), strict=True))
    yield from found.items()


def _closed_folder(path: str) -> _Other | None:
    """The first folder on a way that is not looked into."""
    names = path.split("/") if path else []
    for level, name in enumerate(names):
        if kind := _closed(name):
            return _Other("/".join(names[: level + 1]), kind, _common(kind, name))
    return None


def _closed(name: str) -> str:
    """What kind of folder it is that is not looked into; empty for one that is."""
    if whose := kind_of_folder(name):
        return f"{_FOLDERS} {whose}"
    return HIDDEN_FOLDERS if name.startswith(".") else ""


def _common(kind: str, name: str) -> str:
    return "" if kind == HIDDEN_FOLDERS else name


def _by_name(key: str, name: str) -> _Other | None:
    """A file that is no picture by its name alone; None where its name tells nothing, or that it is one."""
    suffix = suffix_of(name)
    if name.startswith("."):
        return _Other(key, HIDDEN_PICTURES, suffix) if suffix in SUFFIXES else _Other(key, HIDDEN_FILES, "")
    kind = None if suffix in SUFFIXES else kind_of_suffix(suffix)
    return _Other(key, kind, suffix) if kind is not None else None


def _no_name(key: str) -> str:
    """Why a file's path cannot be a key; empty if it can."""
    if not _is_unicode(key):
        return "the name is not valid UTF-8; rename it"
    if why := _leads_elsewhere(key):
        return why
    return "a folder without a name is in its path; rename it" if "//" in f"/{key}" else ""


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
        if folder.name == IMAGES:
            yield folder.parent


def _label(folder: _Folder) -> str:
    return folder.label


def _judge(entry: os.DirEntry[str], parent: _Folder, root: str) -> _Event:
    """Tell what an entry of a folder is."""
    name = entry.name
    key = f"{parent.label}/{name}" if parent.label else name
    try:
        if entry.is_dir():
            if kind := _closed(name):
                return _Other(key, kind, _common(kind, name))
            if not _is_unicode(name):
                return _Skipped(key, "the folder's name is not valid UTF-8; rename it")
            real = os.path.realpath(entry.path) if _is_link(entry) else f"{parent.real.rstrip(os.sep)}{os.sep}{name}"
            return _Folder(entry.path, key, real)
        if (other := _by_name(key, name)) is not None:
            return other
        unnamed = not _is_picture(name)
        if unnamed:
            head = _head(entry)
            if not is_picture(head):
                return _Other(key, kind_of_head(head), suffix_of(name))
        if why := _no_name(name) or _leads_elsewhere(key):
            return _Skipped(key, why)
        if entry.is_file():
            source = Source(key, root, parent.label)
            return _Unnamed(source) if unnamed else source
    except OSError as error:
        return _Skipped(key, f"cannot be read ({said(error)})")
    if entry.is_symlink():
        return _Skipped(key, "a link to nothing")
    return _Skipped(key, "not a regular file")


def _head(entry: os.DirEntry[str]) -> bytes:
    """A file's first bytes; none of what is no file, or may not be read."""
    if not entry.is_file():
        return _UNKNOWN  # opening a pipe would wait for ever
    try:
        with open(entry.path, "rb", buffering=0) as file:  # noqa: PTH123  (a Path for every file is slow)
            return file.read(signatures.HEAD)
    except OSError:
        return _UNKNOWN


def _is_picture(name: str) -> bool:
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
