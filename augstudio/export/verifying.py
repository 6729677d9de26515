"""Holding an export against its manifest, and making any of its files again."""

from __future__ import annotations

import contextlib
import errno
import hashlib
import itertools
from collections.abc import Callable, Container, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from augstudio import presets, swap
from augstudio.callbacks import ignore, never
from augstudio.dataset import labelling
from augstudio.dataset.listing import DatasetError
from augstudio.dataset.scanning import scan
from augstudio.export import layout, manifest, resuming
from augstudio.export import report as reports
from augstudio.export.destination import LITTER
from augstudio.export.job import Encoded, Job, decoded, labels_of, load, place_of, render
from augstudio.export.labelled import ROOTS, LabelsFile, contents, is_table, roots_in
from augstudio.export.report import Status
from augstudio.export.settings import ExportError, Settings
from augstudio.export.versions import differing, processor
from augstudio.images import Loaded, PictureError, read
from augstudio.marks import GROUPS, IMAGES, LABELS, MANIFEST, PRESET, REPORT
from augstudio.storage import Key, NotAFileError, Storage, StorageError, TooLarge, at, fault
from augstudio.transforms import Draw, DrawError
from augstudio.wording import count, printable, said, shown

_THREADS = 4
_AT_A_TIME = 64
_AT_ONCE = 2**26
"""Bytes of a file that is read whole."""
_SHOWN = 20
_OF_ONE_FILE = {errno.EACCES, errno.EPERM, errno.ENAMETOOLONG, errno.ELOOP, errno.EINVAL, errno.EILSEQ}
"""What the system says about one path alone; anything else concerns the rest as well."""


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
    levels : int or None
        How far the picture made now and the one in the export lie apart at most, in levels, where that is but the
        rounding of another processor; else None.
    """

    path: str
    source: str
    copy: int
    draws: tuple[Draw, ...]
    data: bytes
    same: bool
    on_disk: bool | None
    why: str
    levels: int | None = None

    @property
    def ok(self) -> bool:
        """Whether it is the same, at least but for rounding, and so is the file in the export if it is there."""
        return (self.same or self.levels is not None) and self.on_disk is not False


def verify(
    out: str | Path, *, progress: Callable[[int, int], None] = ignore, stop: Callable[[], bool] = never
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
    total = reports.number(counts.get("files") if isinstance(counts, dict) else None) or 0
    tables = _tables(content)
    own = (REPORT, PRESET, MANIFEST, GROUPS, *(tables and (*ROOTS, *tables)), IMAGES)
    away = {link: where for name in dict.fromkeys(own) for link, where in storage.links_out(name)}
    problems += [
        f"{printable(link)} is a link that leads out of the export, to {printable(where)}"
        for link, where in away.items()
    ]
    missing: list[str] = []
    changed: list[str] = []
    listed: set[str] = set()
    checked = read_bytes = twice = 0
    broken: list[str] = []

    def sound() -> Iterator[manifest.Entry]:
        for number, entry, why in manifest.judged(storage):
            if entry is not None:
                yield entry
            else:
                broken.append(why and f"line {number:,} of {MANIFEST} is damaged: {why}")

    lines = sound()

    files = ((path, file, digest) for entry in lines for path, file, digest in manifest.files_of(entry))

    def look(listed: tuple[str, int, str]) -> tuple[str, int, str]:
        path, wanted, digest = Key(listed[0]), listed[1], listed[2]
        if away and any(_with_those_above(path, away)):
            return path, 0, "away"
        try:
            if wanted > _AT_ONCE:  # read piece by piece
                size = storage.size(path)
                same = size == wanted and storage.sha256(path) == digest
            else:
                data = storage.read(path, most=wanted)
                size = len(data)
                same = size == wanted and hashlib.sha256(data).hexdigest() == digest
        except (FileNotFoundError, NotADirectoryError):
            return path, 0, "missing"
        except (IsADirectoryError, NotAFileError, TooLarge):
            return path, 0, "changed"
        except OSError as error:
            if error.errno not in _OF_ONE_FILE:
                raise
            return path, 0, "no permission" if isinstance(error, PermissionError) else said(error)
        return path, size, "" if same else "changed"

    with ThreadPoolExecutor(_THREADS, "augstudio-verify") as pool:
        while some := list(itertools.islice(files, _AT_A_TIME)):
            if stop():
                return None
            for path, size, wrong in pool.map(look, some):
                twice += path in listed
                listed.add(path)
                checked += wrong in ("", "changed")
                read_bytes += size
                if wrong in ("missing", "changed"):
                    (missing if wrong == "missing" else changed).append(path)
                elif wrong and wrong != "away":
                    problems.append(f"{printable(path)} cannot be read: {wrong}")
            progress(len(listed), max(total, len(listed)))
    listed.update(tables)
    extra = [
        path
        for root in (roots_in(storage) if tables else (IMAGES,))
        for path, _ in storage.files(root)
        if path not in listed and path not in away and path.rpartition("/")[2] not in LITTER
    ]
    if broken:
        problems += filter(None, broken[:_SHOWN])
        problems.append(f"{MANIFEST} has {count(len(broken), 'broken line')}")
    if twice:
        problems.append(f"{MANIFEST} lists {twice:,} files twice")
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


def _tables(content: dict[str, Any]) -> list[Key]:
    """Label files that speak of many copies, as a report lists them; none where no labels follow."""
    digests = content.get("files")
    names = digests if isinstance(digests, dict) else {}
    return [Key(name) for name in names if is_table(name) and not fault(name)] if LABELS in names else []


def _about_report(storage: Storage, content: dict[str, Any]) -> Iterator[str]:
    state = content.get("state")
    if state != Status.COMPLETE:
        told = state if state in list(Status) else shown(state)
        yield f"the export was never finished ({told}); it can be resumed"
    digests = content.get("files")
    for name in (PRESET, MANIFEST, GROUPS, *_tables(content)):
        wanted = digests.get(name) if isinstance(digests, dict) else None
        if wanted is None and name == GROUPS:
            continue
        try:
            found = storage.sha256(name)
        except (FileNotFoundError, NotADirectoryError):
            yield f"{printable(name)} is missing"
            continue
        except (IsADirectoryError, NotAFileError):
            found = ""
        if wanted is not None and found != wanted:
            yield f"{printable(name)} has been changed since the export ended"


def _with_those_above(path: str, among: Container[str]) -> Iterator[bool]:
    """For a path and every folder above it whether it is among some."""
    while path:
        yield path in among
        path = path.rpartition("/")[0]


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
    wanted = _wanted(storage, file)
    if (table := _table(storage, name, wanted)) is not None:
        return table
    try:
        entry = _entry(storage, file, wanted)
        draws = _draws(entry, begun.settings)
    except manifest.DamagedError as error:
        unlike = f"; {PRESET} has been changed since, too" if _preset_changed(storage) else ""
        raise ExportError(_damaged(name, error.path, f"{error}{unlike}")) from error
    try:
        location = at(source).location if source is not None else begun.source
    except StorageError as error:
        raise ExportError(said(error)) from error
    if not location:
        raise resuming.UnknownSourceError(name, begun.source_name)
    label = next((one for one in entry.get("artefacts", ()) if one["path"] in wanted), None)
    job = _job(entry, begun.settings, location, storage.location)
    try:
        if label is not None:
            job = _with_labels(job, begun.settings, storage, location)
        loaded = load(job)
        picture = decoded(job, loaded)
        labels = labels_of(job, picture)
        made = render(job, picture, loaded.data, entry["copy"], draws, labels=labels)
    except PictureError as error:
        hint = "" if source is not None else "; where the dataset has moved, say where it lies now"
        raise ExportError(f"{printable(location)}/{error.path}: {error.reason}{hint}") from error
    except ValueError as error:
        raise ExportError(f"{name}: {printable(entry['path'])} cannot be made again ({said(error)})") from error
    if label is not None and labels is not None:
        why = _why(storage, entry, loaded.data)
        if labels.sha256 != entry.get("labels_sha256"):
            why = why or "the labels of its source have been changed since"
        return _label_file(storage, entry, label, made, draws, why or "nothing that is recorded differs")
    same = hashlib.sha256(made.data).hexdigest() == entry["sha256"]
    if same and (told := _told_otherwise(entry, made, picture.reduction)):
        raise ExportError(_damaged(name, entry["path"], told))
    on_disk = _on_disk(storage, entry["path"], entry["bytes"], entry["sha256"])
    why, levels = "", None
    if not same:
        why = _why(storage, entry, loaded.data)
        if not why:
            why, levels = _rounding(storage, entry, made.data, on_disk=bool(on_disk))
    return Remade(entry["path"], entry["source"], entry["copy"], draws, made.data, same, on_disk, why, levels)


def _table(storage: Storage, name: str, wanted: Container[str]) -> Remade | None:
    """A label file that speaks of many copies, made again from the manifest; None if no such file is asked for."""
    content = reports.require(storage, name)
    path = next((path for path in _tables(content) if path in wanted and path != LABELS), None)
    if path is None:
        return None
    recorded = str(content["files"][path])
    try:
        labels = LabelsFile.read(storage)
        pieces = next((pieces for there, pieces in contents(storage, labels) if there == path), None)
    except OSError as error:
        raise ExportError(f"{name}: {LABELS} cannot be read ({said(error)})") from error
    except ValueError as error:
        raise ExportError(f"{name}: {LABELS} is damaged ({error})") from error
    if pieces is None:
        raise ExportError(f"{name}: {LABELS} tells of no file {printable(path)}")
    data = b"".join(pieces)
    same = hashlib.sha256(data).hexdigest() == recorded
    on_disk: bool | None = None
    with contextlib.suppress(FileNotFoundError, NotADirectoryError):
        on_disk = storage.sha256(path) == recorded
    why = "" if same else f"{MANIFEST} or {LABELS} has been changed since"
    return Remade(path, "", 0, (), data, same, on_disk, why)


def _with_labels(job: Job, settings: Settings, storage: Storage, location: str) -> Job:
    """A job with the labels of its source, which are looked for in the dataset again."""
    try:
        labels = LabelsFile.read(storage)
        dataset = scan(location, folders=settings.folders)
        found = labelling.collect(dataset, settings.labels)
    except (DatasetError, labelling.LabelError, OSError, ValueError) as error:
        raise ExportError(f"{printable(location)}: its labels cannot be read again: {said(error)}") from error
    if tuple(one.format for one in labels.labellings) != found.formats:
        raise ExportError(f"{printable(location)}: its labels are in other formats than when they were exported")
    dumps = tuple(one.dump() for one in labels.labellings)
    return replace(job, labellings=dumps, records=found.records(job.key))


def _label_file(
    storage: Storage,
    entry: manifest.Entry,
    label: dict[str, Any],
    made: Encoded,
    draws: tuple[Draw, ...],
    why: str,
) -> Remade:
    """A label file made again; `why` is what would explain that it is another."""
    data = next((file.data for file in made.files if file.role == label["role"]), b"")
    same = hashlib.sha256(data).hexdigest() == label["sha256"]
    on_disk = _on_disk(storage, label["path"], label["bytes"], label["sha256"])
    return Remade(label["path"], entry["source"], entry["copy"], draws, data, same, on_disk, "" if same else why)


def _damaged(name: str, path: str, why: str) -> str:
    return f"{name}: the line of {printable(path)} in {MANIFEST} is damaged: {why}"


def _draws(entry: manifest.Entry, settings: Settings) -> tuple[Draw, ...]:
    """The draws of a line, held against the steps of its export.

    Raises
    ------
    manifest.DamagedError
        If they do not fit.
    """
    path = entry["path"]
    if entry["seed"] != settings.seed:
        raise manifest.DamagedError(path, f"seed is {entry['seed']}; the export's is {settings.seed}")
    if not entry["copy"]:
        if entry["draws"]:
            raise manifest.DamagedError(path, f"draws holds {len(entry['draws'])}; an original has none")
        return ()
    try:
        return settings.pipeline.redraw(entry["draws"])
    except DrawError as error:
        raise manifest.DamagedError(path, str(error)) from error


def _job(entry: manifest.Entry, settings: Settings, root: str, out: str) -> Job:
    folder, stem = place_of(entry["path"], entry["copy"])
    return Job(
        number=0,
        key=entry["source"],
        label=entry["class"],
        split=entry["split"],
        root=root,
        out=out,
        folder=folder,
        stem=stem,
        copies=(entry["copy"],),
        preset=presets.dump(settings.pipeline),
        seed=entry["seed"],
        format=settings.encoding.format.value,
        quality=settings.encoding.quality,
        max_pixels=settings.max_pixels,
    )


def _told_otherwise(entry: manifest.Entry, made: Encoded, reduction: int) -> str:
    """What a line says of a file that is not so, though the file itself is the same."""
    found = {"width": made.width, "height": made.height, "bytes": len(made.data), "reduction": reduction}
    return next(
        (
            f"{field} is {entry[field]:,}; made again it is {now:,}"
            for field, now in found.items()
            if entry[field] != now
        ),
        "",
    )


def _preset_changed(storage: Storage) -> bool:
    """Whether an export's preset is another than it was begun with."""
    with contextlib.suppress(OSError):
        digests = (reports.read(storage) or {}).get("files")
        return isinstance(digests, dict) and digests.get(PRESET) not in (None, storage.sha256(PRESET))
    return False


def _why(storage: Storage, entry: manifest.Entry, source: bytes) -> str:
    """What may explain that a file made again is another, beside the processor."""
    if _preset_changed(storage):
        return f"{PRESET} has been changed since"
    if hashlib.sha256(source).hexdigest() != entry["source_sha256"]:
        return "the source has been changed since"
    if told := differing(entry["versions"]):
        return f"it was made with other versions: {told}"
    return ""


def _rounding(storage: Storage, entry: manifest.Entry, made: bytes, *, on_disk: bool) -> tuple[str, int | None]:
    """Whether another processor explains that a file made again is another: in words, and in levels if it does."""
    theirs = entry.get("processor", "")
    if theirs == processor():
        return "nothing that is recorded differs", None
    other = f"it was made on another processor ({theirs or 'which it was is not recorded'}; here {processor()})"
    if not on_disk:
        return f"{other}, which may round otherwise; there is no file of it in the export to tell by how much", None
    path = Path(entry["path"])
    try:
        pair = [read(Loaded(path, data), max_pixels=2**40).pixels for data in (made, storage.read(Key(entry["path"])))]
    except (PictureError, OSError) as error:
        return f"{other}, and the two cannot be compared ({said(error)})", None
    now, then = pair
    if now.shape != then.shape or now.dtype != then.dtype:
        return f"{other}, but that does not explain another size or kind", None
    apart = np.abs(now.astype(np.int32) - then)
    levels, full = int(apart.max()), int(np.iinfo(now.dtype).max)
    if levels > _MOST_ROUNDING * full or apart.mean() > _MEAN_ROUNDING * full:
        return f"{other}, but up to {levels:,} of {full:,} levels between them is more than rounding explains", None
    return f"the same but for rounding: at most {levels:,} of {full:,} levels; {other}", levels


_MOST_ROUNDING, _MEAN_ROUNDING = 1 / 8, 1 / 500
"""Of full range, between two pictures: a level that is rounded otherwise may be made several by later steps, of which
14 of 255 were seen, and by JPEG; but few pixels are concerned (2 in 100,000, with fused multiply-add and without)."""


def _on_disk(storage: Storage, listed: str, size: int, digest: str) -> bool | None:
    """Whether the file in the export is what its line says; None if it is missing."""
    path = Key(listed)
    for link, where in storage.links_out(path):
        raise ExportError(
            f"{printable(storage.location)}: {printable(link)} is a link that leads out of the export, to "
            f"{printable(where)}"
        )
    try:
        return storage.size(path) == size and storage.sha256(path) == digest
    except (FileNotFoundError, NotADirectoryError):
        return None
    except (IsADirectoryError, NotAFileError):
        return False
    except OSError as error:
        raise ExportError(f"{printable(storage.location)}: {printable(path)} cannot be read ({said(error)})") from error


def _wanted(storage: Storage, file: str | Path) -> set[str]:
    """Paths in the export that somebody may mean by a file."""
    name = str(file)
    wanted = {name, f"{IMAGES}/{name}", name.removeprefix("./"), name.removeprefix(f"{storage.location}/")}
    if storage.root is not None:
        path = Path(file)
        with contextlib.suppress(OSError, ValueError, RuntimeError):  # what is no possible name
            for candidate in (path.absolute(), path.resolve()):
                for root in (storage.root, storage.root.resolve()):
                    if candidate.is_relative_to(root):
                        wanted.add(candidate.relative_to(root).as_posix())
    return wanted


def _entry(storage: Storage, file: str | Path, wanted: set[str]) -> manifest.Entry:
    try:
        if (entry := manifest.find(storage, wanted)) is not None:
            return entry
    except OSError as error:
        raise ExportError(f"{storage.location}: cannot be read ({said(error)})") from error
    raise ExportError(
        f"{printable(storage.location)}: {MANIFEST} lists no file {printable(str(file))}; give its path in the export, "
        f"such as {IMAGES}/class/name__aug1.jpg"
    )
