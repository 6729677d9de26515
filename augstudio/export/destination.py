"""Where an export goes: what is refused, who may write there, and how an earlier export makes room."""

from __future__ import annotations

import contextlib
import itertools
import os
import re
import shutil
from collections.abc import Callable, Container, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path, PurePosixPath

import filelock

from augstudio import swap
from augstudio.callbacks import ignore, never
from augstudio.dataset.scanning import Dataset
from augstudio.export import manifest
from augstudio.export import report as reports
from augstudio.export.job import SUFFIXES
from augstudio.export.labelled import ROOTS, is_table, roots_in, tables_of
from augstudio.export.report import Status
from augstudio.export.settings import ExportError, Settings
from augstudio.marks import COPY, GROUPS, IMAGES, LABELS, MANIFEST, ORIGINAL, PRESET, REPORT
from augstudio.storage import TEMPORARY, Key, LocalStorage, Storage, at, fault, is_url, local_path
from augstudio.wording import count, day, printable, said

LITTER = {".DS_Store", "Thumbs.db", "desktop.ini"}
"""What desktops leave in any folder they show: no reason to call it used."""
_BOOKS = (MANIFEST, PRESET, REPORT)
"""What tells of an export, and is removed after all that it tells of."""
_RESUMABLE = (Status.RUNNING, Status.CANCELLED, Status.STOPPED)
_ENDS = {Status.COMPLETE: "a finished export", Status.PREPARING: "what is left of an earlier export"}
_OURS = re.compile(rf".+({COPY}[1-9]\d*|{ORIGINAL})({'|'.join(re.escape(suffix) for suffix in SUFFIXES)})")
_OUR_LABELS = re.compile(rf".+({COPY}[1-9]\d*|{ORIGINAL})([ _.-].*)?\.(txt|xml|png)")


class EarlierExportError(ExportError):
    """An earlier export lies in the folder, and nobody has said that it is to be replaced, or gone on with.

    Attributes
    ----------
    place : Destination
        What lies there.
    """

    def __init__(self, name: str, place: Destination) -> None:
        ways = f"replace {'them' if place.next else 'it'}{' or to resume' * place.unfinished}"
        super().__init__(f"{name}: {place.holds}; say whether to {ways}, or choose another folder")
        self.place = place


@dataclass(frozen=True)
class Destination:
    """A folder that an export may fill.

    Attributes
    ----------
    storage : Storage
        The folder; a local one is absolute, with links resolved. It may not exist yet.
    earlier : Status or None
        How far an earlier export came that lies there; None if there is none.
    free : int or None
        Bytes left on its disk; None where the system does not say.
    files : int
        Of the earlier export.
    made : datetime or None
        When its report was written; None where that cannot be told.
    next : Status or None
        How far an export came that is to take the earlier one's place, which waits in a hidden folder beside it; None
        if there is none.
    """

    storage: Storage
    earlier: Status | None
    free: int | None
    files: int = 0
    made: datetime | None = None
    next: Status | None = None

    @property
    def unfinished(self) -> bool:
        """Whether there is something that can be gone on with."""
        return self.next is not None or self.earlier in _RESUMABLE

    @property
    def taken(self) -> bool:
        """Whether something lies there that is lost when another export takes its place."""
        return self.next is not None or self.files > 0

    @property
    def whole(self) -> bool:
        """Whether the earlier export is a finished one."""
        return self.earlier is Status.COMPLETE

    @property
    def holds(self) -> str:
        """What lies there, in words: "holds a finished export of 9,660 files, made 3 Nov"; empty if nothing does."""
        if not self.taken:
            return ""
        said_ = []
        if self.earlier is not None:
            when = f", made {day(self.made)}" if self.made else ""
            what = _ENDS.get(self.earlier, "an unfinished export")
            said_.append(f"{what} of {count(self.files, 'file')}{when if self.whole else ''}")
        if self.next is not None:
            beside = "beside it another, begun to take its place" if said_ else "an unfinished export"
            said_.append(beside)
        return f"holds {', and '.join(said_)}"

    def work(self, *, resume: bool) -> Storage:
        """Where the files of an export go until it is whole: the folder itself, or a hidden one in it.

        Parameters
        ----------
        resume : bool
            Whether to go on with what lies there; else it is replaced.
        """
        beside = self.next is not None if resume else self.taken
        return beside_of(self.storage) if beside and self.storage.root is not None else self.storage


def beside_of(storage: Storage) -> Storage:
    """The hidden folder in a local one in which an export waits until it is whole."""
    assert storage.root is not None
    return LocalStorage(storage.root / swap.NEXT)


def check(settings: Settings, dataset: Dataset) -> Destination:
    """Tell whether an export may go to a folder, and what lies there; changes nothing.

    But where a replacement was interrupted in the middle of changing places, that is brought to its end.

    Raises
    ------
    ExportError
        If the folder lies in the source or the source in it, if it holds anything but an earlier export, or if it
        cannot be written.
    """
    name = printable(settings.out)
    if not settings.out.strip():
        raise ExportError("the destination is empty; give a folder, or a URL such as s3://bucket/folder")
    try:
        return _check_remote(settings.out, dataset) if is_url(settings.out) else _check_local(settings, dataset)
    except (OSError, RuntimeError) as error:  # RuntimeError: links in a circle, before Python 3.13
        told = said(error)
        raise ExportError(told if name in told else f"{name}: the folder cannot be read ({told})") from error


def _check_remote(url: str, dataset: Dataset) -> Destination:
    storage = at(url)
    inner, outer = f"{storage.location}/", f"{dataset.location}/"
    if inner.startswith(outer) or outer.startswith(inner):
        raise ExportError(f"{url}: the destination and the source {dataset.location} lie one in the other")
    earlier = found_in(storage)
    if earlier is None and (found := next((path for path, _ in storage.files() if not _is_litter(path)), None)):
        raise ExportError(_not_empty(url, found))
    return Destination(storage, earlier, None, files_of(storage, earlier))


def _check_local(settings: Settings, dataset: Dataset) -> Destination:
    name, given = printable(settings.out), local_path(settings.out)
    out = given.resolve()
    storage = LocalStorage(out)
    if dataset.storage.root is not None:
        _check_apart(name, out, dataset)
    if os.path.lexists(given) and not given.is_dir():
        raise ExportError(f"{name}: this is not a folder")
    earlier = further = None
    if out.is_dir():
        swap.complete(out)
        earlier, further = found_in(storage), next_in(storage)
        found = sorted(path.name for path in out.iterdir() if not _is_litter(path.name))
        if found == [IMAGES] and not any((out / IMAGES).iterdir()):
            found = []
        if found and earlier is None:
            raise ExportError(_not_empty(name, found[0]))
    existing = next((folder for folder in (out, *out.parents) if folder.exists()), None)
    if existing is None:
        raise ExportError(f"{name}: there is no such drive")
    if not existing.is_dir():
        raise ExportError(f"{name}: {printable(existing)} is a file, not a folder")
    if not os.access(existing, os.W_OK | os.X_OK):
        where = "the folder" if existing == out else printable(existing)
        raise ExportError(f"{name}: no permission to write to {where}")
    return Destination(
        storage, earlier, storage.free(), files_of(storage, earlier), _made(storage) if earlier else None, further
    )


def _check_apart(name: str, out: Path, dataset: Dataset) -> None:
    source = dataset.root
    if _inside(out, source):
        same = out.exists() and out.samefile(source)
        raise ExportError(
            f"{name}: the destination is the source folder itself; choose another folder"
            if same
            else f"{name}: the destination lies inside the source {printable(source)}; choose a folder outside it"
        )
    if _inside(source, out):
        raise ExportError(f"{name}: the source {printable(source)} lies inside the destination; choose another folder")
    if out.is_dir():
        for folder in dict.fromkeys(source.folder for source in dataset.sources):
            if _inside(source / folder, out):
                raise ExportError(
                    f"{name}: the source's folder {printable(folder)} is a link into the destination; "
                    "choose another folder"
                )


def _not_empty(name: str, found: str) -> str:
    return (
        f"{name}: the folder is not empty (it holds {printable(found)}) and is no earlier export of augstudio; choose "
        "an empty or a new folder"
    )


def _is_litter(name: str) -> bool:
    return name in LITTER or name.startswith(TEMPORARY)


@contextlib.contextmanager
def held(place: Destination, name: str) -> Iterator[Storage]:
    """Make the folder if need be and keep other exports out of it meanwhile; a new one that stays empty goes again.

    Behind a URL nobody is kept out: there is nothing to do it with.

    Raises
    ------
    ExportError
        If the folder cannot be made, or another export is writing to it.
    """
    out = place.storage.root
    if out is None:
        yield place.storage
        return
    new = not out.exists()
    with contextlib.ExitStack() as kept:
        try:
            out.mkdir(parents=True, exist_ok=True)
            kept.enter_context(swap.locked(out))
            swap.roll(out)
        except filelock.Timeout as error:
            raise ExportError(f"{name}: another export is writing to this folder") from error
        except OSError as error:
            raise ExportError(f"{name}: cannot be written ({said(error)})") from error
        with contextlib.suppress(OSError):
            for stray in out.glob(f"{TEMPORARY}*.tmp"):  # of one that was killed
                stray.unlink(missing_ok=True)
        try:
            yield place.storage
        finally:
            kept.close()
            if new:
                with contextlib.suppress(OSError):
                    out.rmdir()  # does so only if nothing was written


@contextlib.contextmanager
def made(work: Storage, name: str) -> Iterator[None]:
    """Make the hidden folder that an export waits in, if that is where it goes; one that stays empty goes again."""
    hidden = work.root if work.root is not None and work.root.name == swap.NEXT else None
    if hidden is None:
        yield
        return
    try:
        hidden.mkdir(exist_ok=True)
    except OSError as error:
        raise ExportError(f"{name}: cannot be written ({said(error)})") from error
    try:
        yield
    finally:
        with contextlib.suppress(OSError):
            hidden.rmdir()


def found_in(storage: Storage) -> Status | None:
    """How far an export came that this program wrote into a folder; None if there is none.

    Raises
    ------
    OSError
        If it cannot be read.
    """
    content = reports.read(storage)
    if content is not None:
        with contextlib.suppress(KeyError, ValueError, TypeError):
            return Status(content["state"])
        return Status.COMPLETE
    with contextlib.suppress(FileNotFoundError, NotADirectoryError):
        if next(manifest.read(storage), None) is not None:
            return Status.PREPARING
    return None


def next_in(storage: Storage) -> Status | None:
    """How far an export came that waits in a folder to take the place of what lies there; None if there is none.

    Raises
    ------
    OSError
        If it cannot be read.
    """
    if storage.root is None or not (storage.root / swap.NEXT).is_dir():
        return None
    state = found_in(beside_of(storage))
    return None if state is Status.PREPARING else state


def files_of(storage: Storage, earlier: Status | None) -> int:
    """How many files an export has, as its report says, or, where that does not know, its manifest.

    Raises
    ------
    OSError
        If it cannot be read.
    """
    if earlier is None:
        return 0
    if earlier not in (Status.RUNNING, Status.PREPARING):
        counts = (reports.read(storage) or {}).get("counts")
        files = reports.number(counts.get("files")) if isinstance(counts, dict) else None
        if files is not None:
            return files
    listed = manifest.lines_in(storage)
    return listed or sum(1 for _ in _left_over(storage))


def _made(storage: LocalStorage) -> datetime | None:
    with contextlib.suppress(OSError, OverflowError, ValueError):
        return datetime.fromtimestamp((storage.root / REPORT).stat().st_mtime).astimezone()
    return None


# -- making room -----------------------------------------------------------------------------------------------------


def clear(storage: Storage, earlier: Status, *, stop: Callable[[], bool], tell: Callable[[int], None] = ignore) -> bool:
    """Remove what an earlier export wrote: what its manifest lists, and its manifest. Nothing else is deleted.

    An export that was killed may have written files that its manifest does not list; those go by their names.

    Parameters
    ----------
    storage : Storage
        Its folder.
    earlier : Status
        How far it came.
    stop : callable
        Asked before every file; True ends it.
    tell : callable
        Told how many files are removed.

    Returns
    -------
    bool
        Whether all are removed; if it was stopped, the rest can be removed by calling it again.

    Raises
    ------
    OSError
        If something cannot be removed.
    """
    left = itertools.chain(_listed(storage), iter(()) if earlier is Status.COMPLETE else _left_over(storage))
    for number, path in enumerate(left, 1):
        if stop():
            return False
        storage.remove([path])
        tell(number)
    # What tells of others goes after them.
    storage.remove(sorted(own_tables(storage), key=lambda table: table == LABELS))
    storage.remove([MANIFEST, *manifest.pieces(storage)])
    remove_empty(storage)
    return True


def digests_of(storage: Storage) -> dict[str, str]:
    """SHA-256 of an export's files that are no copies, by their names, as its report has them."""
    with contextlib.suppress(OSError):
        digests = (reports.read(storage) or {}).get("files")
        if isinstance(digests, dict):
            return {name: digest for name, digest in digests.items() if isinstance(digest, str)}
    return {}


def own_tables(storage: Storage) -> list[Key]:
    """The table of groups and the label files that speak of many copies, as far as they are the export's own."""
    found: dict[Key, None] = {}
    with contextlib.suppress(OSError):
        found.update(dict.fromkeys(_own(storage, digests_of(storage))))
        if LABELS in found and found_in(storage) is not Status.COMPLETE:
            found.update(dict.fromkeys(tables_of(storage)))
    return list(found)


def _own(storage: Storage, digests: Mapping[str, str]) -> Iterator[Key]:
    for name, digest in digests.items():
        with contextlib.suppress(OSError):
            if (name == GROUPS or is_table(name)) and not fault(name) and storage.sha256(Key(name)) == digest:
                yield Key(name)


def parts_of(storage: Storage) -> Iterator[str]:
    """Names of all that a local export has put into its folder, and that one without labels would not replace."""
    assert storage.root is not None
    yield from (key for key in own_tables(storage) if "/" not in key)
    yield from (folder for folder in _roots(storage) if folder != IMAGES and (storage.root / folder).is_dir())


def remove_empty(storage: Storage) -> None:
    """Remove those of an export's folders, and of the folders in them, that are empty."""
    if storage.root is not None:
        for folder in ROOTS:
            _remove_empty_folders(storage.root / folder)


def strangers(storage: Storage, folders: Container[str]) -> Iterator[str]:
    """Files in some of an export's folders that are somebody's own: neither it nor a desktop has put them there.

    Raises
    ------
    OSError
        If it cannot be read.
    """
    ours = _ours(storage)
    roots = (root for root in roots_in(storage) if root in folders)
    return (path for root in roots for path, _ in storage.files(root) if not ours(path))


def _roots(storage: Storage) -> tuple[Key, ...]:
    """The folders that an export's files lie in."""
    return roots_in(storage) if LABELS in digests_of(storage) else (IMAGES,)


def remove_replaced(out: Path, *, stop: Callable[[], bool] = never, tell: Callable[[int], None] = ignore) -> int:
    """Remove what exports that were replaced have left in hidden folders; files of somebody's own go back first.

    Parameters
    ----------
    out : Path
        The folder that they were replaced in.
    stop : callable
        Asked before every file; True ends it.
    tell : callable
        Told how many files are removed.

    Returns
    -------
    int
        How many files are left, as it was stopped or something cannot be removed; 0 if none are.
    """
    removed = left = 0
    for folder in swap.leavings(out):
        storage = LocalStorage(folder)
        try:
            with contextlib.suppress(OSError):
                shutil.rmtree(folder / swap.GONE)  # of one that was killed before it took a place
            ours = _ours(storage)
            paths = [path for path, _ in storage.files() if path not in _BOOKS]
            paths.sort(key=lambda path: path == LABELS)  # which tells of others
            for path in (path for path in paths if not ours(path)):
                _give_back(folder / path, out, path)
        except OSError:
            left += 1
            continue
        kept = 0
        for path in (path for path in paths if ours(path) and not path.rpartition("/")[2].startswith(TEMPORARY)):
            if stop():
                kept += 1
                continue
            try:
                storage.remove([Key(path)])
                removed += 1
                tell(removed)
            except OSError:
                kept += 1
        left += kept
        if not kept:
            with contextlib.suppress(OSError):
                storage.remove([Key(path) for path in paths if path.rpartition("/")[2].startswith(TEMPORARY)])
                if (folder / IMAGES).is_symlink():
                    (folder / IMAGES).unlink()
                storage.remove(_BOOKS)
                _remove_empty_folders(folder)
    return left


def _ours(storage: Storage) -> Callable[[str], bool]:
    """Tell which of the files among its pictures an export has written, or else a desktop."""
    listed = {path for entry in manifest.read(storage) for path, _, _ in manifest.files_of(entry)}
    listed.update(own_tables(storage))
    by_name = found_in(storage) is not Status.COMPLETE

    def ours(path: str) -> bool:
        name = path.rpartition("/")[2]
        return path in listed or _is_litter(name) or (by_name and _is_ours(path))

    return ours


def _give_back(file: Path, out: Path, path: str) -> None:
    """Move a file to where it was before the export around it was replaced, under a free name."""
    target = out / path
    target.parent.mkdir(parents=True, exist_ok=True)
    number = 1
    while os.path.lexists(target):
        number += 1
        target = (out / path).with_stem(f"{(out / path).stem} ({number})")
    file.rename(target)


def _left_over(storage: Storage) -> Iterator[Key]:
    # Before anything is removed from what is listed:
    found = [path for root in _roots(storage) for path, _ in storage.files(root)]
    return (Key(path) for path in found if _is_ours(path) or path.rpartition("/")[2].startswith(TEMPORARY))


def _is_ours(path: str) -> bool:
    """Whether a file is called as those of an export are."""
    pattern = _OURS if path.startswith(f"{IMAGES}/") else _OUR_LABELS
    return pattern.fullmatch(path.rpartition("/")[2]) is not None


def _listed(storage: Storage) -> Iterator[Key]:
    """Files that an export's manifest lists and that lie where an export puts them, whatever the manifest says."""
    safe: dict[PurePosixPath, bool] = {}
    for relative in (PurePosixPath(p) for entry in manifest.read(storage) for p, _, _ in manifest.files_of(entry)):
        if relative.parts[0] not in ROOTS or ".." in relative.parts or "\0" in relative.name:
            continue
        if storage.root is not None:
            if relative.parent not in safe:
                folder = storage.root.joinpath(*relative.parent.parts)
                safe[relative.parent] = folder.resolve().is_relative_to((storage.root / relative.parts[0]).resolve())
            if not safe[relative.parent] or storage.root.joinpath(*relative.parts).is_dir():
                continue
        yield Key(relative.as_posix())


def _remove_empty_folders(root: Path) -> None:
    for folder, _, _ in os.walk(root, topdown=False):
        with contextlib.suppress(OSError):
            Path(folder).rmdir()  # does so only if nothing is left in it


def _inside(inner: Path, outer: Path) -> bool:
    """Whether `inner`, which need not exist, is `outer` or lies in it, whatever links and letter case say."""
    if not outer.exists():
        return False
    inner = inner.resolve()
    return any(folder.exists() and folder.samefile(outer) for folder in (inner, *inner.parents))
