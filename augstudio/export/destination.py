"""Where an export goes: what is refused, who may write there, and how an earlier export makes room."""

from __future__ import annotations

import contextlib
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

import filelock

from augstudio.dataset.scanning import Dataset, printable
from augstudio.export import manifest
from augstudio.export import report as reports
from augstudio.export.job import IMAGES, SUFFIXES
from augstudio.export.report import State
from augstudio.export.settings import ExportError, Settings
from augstudio.storage import TEMPORARY, Key, LocalStorage, Storage, at, is_url, local_path
from augstudio.wording import said

LITTER = {".DS_Store", "Thumbs.db", "desktop.ini"}
"""What desktops leave in any folder they show: no reason to call it used."""
_LOCK = f"{TEMPORARY}lock"
_OURS = re.compile(rf".+__(aug[1-9]\d*|orig)({'|'.join(re.escape(suffix) for suffix in SUFFIXES)})")


@dataclass(frozen=True)
class Destination:
    """A folder that an export may fill.

    Attributes
    ----------
    storage : Storage
        The folder; a local one is absolute, with links resolved. It may not exist yet.
    earlier : State or None
        How far an earlier export came that lies there; None if there is none.
    free : int or None
        Bytes left on its disk; None where the system does not say.
    """

    storage: Storage
    earlier: State | None
    free: int | None

    @property
    def unfinished(self) -> bool:
        """Whether the earlier export can be resumed."""
        return self.earlier in (State.RUNNING, State.CANCELLED, State.STOPPED)


def check(settings: Settings, dataset: Dataset) -> Destination:
    """Tell whether an export may go to a folder; changes nothing.

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
    return Destination(storage, earlier, None)


def _check_local(settings: Settings, dataset: Dataset) -> Destination:
    name, given = printable(settings.out), local_path(settings.out)
    out = given.resolve()
    storage = LocalStorage(out)
    if dataset.storage.root is not None:
        _check_apart(name, out, dataset)
    if os.path.lexists(given) and not given.is_dir():
        raise ExportError(f"{name}: this is not a folder")
    earlier = None
    if out.is_dir():
        earlier = found_in(storage)
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
    return Destination(storage, earlier, storage.free())


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
    lock = filelock.FileLock(out / _LOCK, blocking=False)
    try:
        out.mkdir(parents=True, exist_ok=True)
        lock.acquire()
    except filelock.Timeout as error:
        raise ExportError(f"{name}: another export is writing to this folder") from error
    except OSError as error:
        raise ExportError(f"{name}: cannot be written ({said(error)})") from error
    except NotImplementedError:  # a file system without locks
        pass
    with contextlib.suppress(OSError):
        for stray in out.glob(f"{TEMPORARY}*.tmp"):  # of one that was killed
            stray.unlink(missing_ok=True)
    try:
        yield place.storage
    finally:
        with contextlib.suppress(OSError):
            (out / _LOCK).unlink(missing_ok=True)  # while it is still ours
        lock.release()
        if new:
            with contextlib.suppress(OSError):
                out.rmdir()  # does so only if nothing was written


def found_in(storage: Storage) -> State | None:
    """How far an export came that this program wrote into a folder; None if there is none.

    Raises
    ------
    OSError
        If it cannot be read.
    """
    content = reports.read(storage)
    if content is not None:
        with contextlib.suppress(KeyError, ValueError, TypeError):
            return State(content["state"])
        return State.COMPLETE
    with contextlib.suppress(FileNotFoundError, NotADirectoryError):
        if next(manifest.read(storage), None) is not None:
            return State.PREPARING
    return None


def clear(storage: Storage, earlier: State) -> None:
    """Remove what an earlier export wrote: what its manifest lists, and its manifest. Nothing else is deleted.

    An export that was killed may have written files that its manifest does not list; those go by their names.

    Raises
    ------
    OSError
        If something cannot be removed.
    """
    storage.remove(_listed(storage))
    if earlier is not State.COMPLETE:
        storage.remove(_left_over(storage))
    storage.remove([manifest.NAME, *manifest.pieces(storage)])
    if storage.root is not None:
        _remove_empty_folders(storage.root / IMAGES)


def sweep(storage: Storage) -> None:
    """Remove temporary files that killed workers have left among the pictures."""
    strays = (Key(path) for path, _ in storage.files(IMAGES) if path.rpartition("/")[2].startswith(TEMPORARY))
    with contextlib.suppress(OSError):
        storage.remove(list(strays))


def _left_over(storage: Storage) -> list[Key]:
    found = (path for path, _ in storage.files(IMAGES))
    return [
        Key(path) for path in found if _OURS.fullmatch(name := path.rpartition("/")[2]) or name.startswith(TEMPORARY)
    ]


def _listed(storage: Storage) -> Iterator[Key]:
    """Files that an export's manifest lists and that lie where an export puts them, whatever the manifest says."""
    root = None if storage.root is None else (storage.root / IMAGES).resolve()
    safe: dict[PurePosixPath, bool] = {}
    for entry in manifest.read(storage):
        relative = PurePosixPath(entry["path"])
        if relative.parts[:1] != (IMAGES,) or ".." in relative.parts or "\0" in relative.name:
            continue
        if root is not None and storage.root is not None:
            if relative.parent not in safe:
                folder = storage.root.joinpath(*relative.parent.parts)
                safe[relative.parent] = folder.resolve().is_relative_to(root)
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
