"""Holding an export against its manifest, and making any of its files again."""

from __future__ import annotations

import hashlib
import itertools
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from augstudio import presets, swap
from augstudio.dataset.scanning import printable
from augstudio.export import layout, manifest, resuming
from augstudio.export import report as reports
from augstudio.export.destination import LITTER
from augstudio.export.job import IMAGES, Job, decoded, load, render
from augstudio.export.report import PRESET, State
from augstudio.export.settings import ExportError
from augstudio.export.versions import differing
from augstudio.images import PictureError
from augstudio.storage import Storage, at
from augstudio.transforms import Draw
from augstudio.wording import said

_THREADS = 4
_AT_A_TIME = 64


@dataclass(frozen=True)
class Verdict:
    """What holding an export against its manifest has shown.

    Attributes
    ----------
    checked, bytes : int
        Files that were read, and their size together.
    missing, changed, extra : tuple of str
        Paths relative to the export: listed and not there; there with other content; there and not listed.
    problems : tuple of str
        What else is wrong, such as an export that was never finished; a plain sentence each.
    """

    checked: int
    bytes: int
    missing: tuple[str, ...]
    changed: tuple[str, ...]
    extra: tuple[str, ...]
    problems: tuple[str, ...]

    @property
    def ok(self) -> bool:
        """Whether all is as it was written."""
        return not (self.missing or self.changed or self.extra or self.problems)


@dataclass(frozen=True)
class Remade:
    """A file that was made again.

    Attributes
    ----------
    path : str
        Relative to the export.
    source : str
        Key of its source.
    copy : int
        Index of the copy; 0 is the original.
    draws : tuple of Draw
        The numbers it was made with; none for the original.
    data : bytes
        The file made now.
    same : bool
        Whether it has the bytes that the manifest records.
    on_disk : bool or None
        Whether the file in the export has them; None if it is missing.
    why : str
        What may explain a difference, a plain sentence; empty if there is none.
    """

    path: str
    source: str
    copy: int
    draws: tuple[Draw, ...]
    data: bytes
    same: bool
    on_disk: bool | None
    why: str


def _never() -> bool:
    return False


def _ignore(_done: int, _total: int) -> None:
    pass


def verify(
    out: str | Path, *, progress: Callable[[int, int], None] = _ignore, stop: Callable[[], bool] = _never
) -> Verdict | None:
    """Read every file of an export and hold it against the manifest; writes nothing.

    Parameters
    ----------
    out : str or Path
        The export's folder, or its URL.
    progress : callable
        Told how many files are read, and of how many.
    stop : callable
        Asked now and then; True ends it.

    Returns
    -------
    Verdict or None
        None if it was stopped.

    Raises
    ------
    ExportError
        If there is no export, or it cannot be read.
    """
    name = printable(out)
    try:
        storage = _settled(out)
        return _verify(storage, reports.require(storage, name), progress, stop)
    except OSError as error:
        raise ExportError(f"{name}: cannot be read ({said(error)})") from error


def _settled(out: str | Path) -> Storage:
    """The folder of an export; a replacement that was interrupted as it took its place is brought to its end."""
    storage = at(out)
    if storage.root is not None:
        swap.complete(storage.root)
    return storage


def _verify(
    storage: Storage, content: dict[str, Any], progress: Callable[[int, int], None], stop: Callable[[], bool]
) -> Verdict | None:
    problems = list(_about_report(storage, content))
    counts = content.get("counts")
    files = counts.get("files") if isinstance(counts, dict) else None
    total = files if isinstance(files, int) else 0
    missing: list[str] = []
    changed: list[str] = []
    listed: set[str] = set()
    checked = read_bytes = twice = 0
    lines = manifest.read(storage)

    def look(entry: manifest.Entry) -> tuple[str, int, str]:
        try:
            data = storage.read(entry["path"])
        except (FileNotFoundError, NotADirectoryError, ValueError):  # ValueError: no name that a file can have
            return entry["path"], 0, "missing"
        except IsADirectoryError:
            return entry["path"], 0, "changed"
        except PermissionError:
            return entry["path"], 0, "unreadable"
        same = len(data) == entry["bytes"] and hashlib.sha256(data).hexdigest() == entry["sha256"]
        return entry["path"], len(data), "" if same else "changed"

    with ThreadPoolExecutor(_THREADS, "augstudio-verify") as pool:
        while some := list(itertools.islice(lines, _AT_A_TIME)):
            if stop():
                return None
            for path, size, wrong in pool.map(look, some):
                twice += path in listed
                listed.add(path)
                checked += wrong not in ("missing", "unreadable")
                read_bytes += size
                if wrong == "unreadable":
                    problems.append(f"{printable(path)} cannot be read: no permission")
                elif wrong:
                    (missing if wrong == "missing" else changed).append(path)
            progress(len(listed), max(total, len(listed)))
    extra = [path for path, _ in storage.files(IMAGES) if path not in listed and path.rpartition("/")[2] not in LITTER]
    if twice:
        problems.append(f"{manifest.NAME} lists {twice:,} files twice")
    if storage.root is not None:
        problems += [
            f"{printable(folder)} is an empty folder, which loaders take for a class"
            for folder in layout.empty_folders(storage.root)
        ]
    return Verdict(
        checked=checked,
        bytes=read_bytes,
        missing=tuple(sorted(missing)),
        changed=tuple(sorted(changed)),
        extra=tuple(sorted(extra)),
        problems=tuple(problems),
    )


def _about_report(storage: Storage, content: dict[str, Any]) -> Iterator[str]:
    state = content.get("state")
    if state != State.COMPLETE:
        yield f"the export was never finished ({state}); it can be resumed"
    digests = content.get("files")
    for name in (PRESET, manifest.NAME):
        wanted = digests.get(name) if isinstance(digests, dict) else None
        try:
            found = hashlib.sha256()
            with storage.open(name) as file:
                while block := file.read(2**20):
                    found.update(block)
        except FileNotFoundError:
            yield f"{name} is missing"
            continue
        if wanted is not None and found.hexdigest() != wanted:
            yield f"{name} has been changed since the export ended"
    broken = sum(manifest.parse(line) is None for line in _lines(storage))
    if broken:
        yield f"{manifest.NAME} has {broken:,} broken line{'s' * (broken != 1)}"


def _lines(storage: Storage) -> Iterator[bytes]:
    try:
        with storage.open(manifest.NAME) as file:
            yield from file
    except FileNotFoundError:
        return


def reproduce(out: str | Path, file: str | Path, *, source: str | Path | None = None) -> Remade:
    """Make one file of an export again, from its line in the manifest; writes nothing.

    Parameters
    ----------
    out : str or Path
        The export's folder, or its URL.
    file : str or Path
        The file: relative to the export or to its folder of pictures, or its whole path.
    source : str or Path, optional
        Where the dataset lies now; by default where it lay.

    Raises
    ------
    ExportError
        If the file is not listed, or its source cannot be had.
    """
    name = printable(out)
    try:
        storage = _settled(out)
    except OSError as error:
        raise ExportError(f"{name}: cannot be read ({said(error)})") from error
    begun = resuming.recorded(storage, name)
    entry = _entry(storage, file)
    settings = begun.settings
    location = at(source).location if source is not None else begun.source
    if not location:
        raise resuming.UnknownSourceError(name, begun.source_name)
    job = Job(
        number=0,
        key=entry["source"],
        label=entry["class"],
        split=entry["split"],
        root=location,
        out=storage.location,
        folder="",
        stem="",
        copies=(entry["copy"],),
        preset=presets.dump(settings.pipeline),
        seed=entry["seed"],
        format=settings.encoding.format.value,
        quality=settings.encoding.quality,
        max_pixels=settings.max_pixels,
    )
    try:
        loaded = load(job)
        picture = decoded(job, loaded)
        draws = tuple(Draw(**draw) for draw in entry["draws"])
        made = render(job, picture, loaded.data, entry["copy"], draws)
    except PictureError as error:
        hint = "" if source is not None else "; where the dataset has moved, say where it lies now"
        raise ExportError(f"{printable(location)}/{error.path}: {error.reason}{hint}") from error
    except (TypeError, ValueError, KeyError) as error:
        raise ExportError(f"{name}: the line of {entry['path']} in {manifest.NAME} is damaged ({error})") from error
    same = hashlib.sha256(made.data).hexdigest() == entry["sha256"]
    on_disk: bool | None = None
    try:
        on_disk = hashlib.sha256(storage.read(entry["path"])).hexdigest() == entry["sha256"]
    except FileNotFoundError:
        pass
    except OSError as error:
        raise ExportError(f"{name}: {entry['path']} cannot be read ({said(error)})") from error
    why = ""
    if not same:
        why = "nothing that is recorded differs"
        if told := differing(entry["versions"]):
            why = f"it was made with other versions: {told}"
        if hashlib.sha256(loaded.data).hexdigest() != entry["source_sha256"]:
            why = "the source has been changed since"
    return Remade(entry["path"], entry["source"], entry["copy"], draws, made.data, same, on_disk, why)


def _entry(storage: Storage, file: str | Path) -> manifest.Entry:
    name = str(file)
    wanted = {name, f"{IMAGES}/{name}", name.removeprefix("./"), name.removeprefix(f"{storage.location}/")}
    if storage.root is not None:
        path = Path(file)
        for candidate in (path.absolute(), path.resolve()):
            for root in (storage.root, storage.root.resolve()):
                if candidate.is_relative_to(root):
                    wanted.add(candidate.relative_to(root).as_posix())
    try:
        for entry in manifest.read(storage):
            if entry["path"] in wanted:
                return entry
    except OSError as error:
        raise ExportError(f"{storage.location}: cannot be read ({said(error)})") from error
    raise ExportError(
        f"{printable(storage.location)}: {manifest.NAME} lists no file {printable(name)}; give its path in the export, "
        f"such as {IMAGES}/class/name__aug1.jpg"
    )
