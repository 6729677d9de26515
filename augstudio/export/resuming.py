"""Going on with an export that was killed, cancelled or stopped: only with the same settings, source and versions."""

from __future__ import annotations

import contextlib
import hashlib
import itertools
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from augstudio import presets, swap
from augstudio.callbacks import never
from augstudio.dataset import groups
from augstudio.dataset.scanning import Dataset
from augstudio.export import destination, labelled, manifest, origins
from augstudio.export import report as reports
from augstudio.export.job import Job
from augstudio.export.plan import ExportPlan
from augstudio.export.report import Status
from augstudio.export.settings import ExportError, Settings
from augstudio.export.versions import OF_LABELS, differing, versions
from augstudio.labels.adapter import MOST_LABEL_BYTES
from augstudio.labels.model import Labelling
from augstudio.labels.picture import fingerprint
from augstudio.marks import GROUPS, IMAGES, LABELS, PRESET, REPORT, REPORT_FIELD
from augstudio.storage import Key, Storage, at
from augstudio.wording import printable, said, shown


@dataclass(frozen=True)
class Unfinished:
    """An export as it was begun.

    Attributes
    ----------
    settings : Settings
        All that decides about its files.
    source : str
        Location of its dataset; empty where that is not known on this machine.
    source_name : str
        What its report calls that.
    state : Status
        How far it came.
    done, total : int
        Pictures that were tried, as last reported, and all of them.
    storage : Storage
        Where its files lie: the folder, or a hidden one in it.
    hidden : bool
        Whether it waits there to take the place of the export in the folder.
    """

    settings: Settings
    source: str
    source_name: str
    state: Status
    done: int
    total: int
    storage: Storage
    hidden: bool = False


class UnknownSourceError(ExportError):
    """Where the pictures of an export lie is not known on this machine.

    Attributes
    ----------
    source_name : str
        What their folder was called.
    """

    def __init__(self, name: str, source_name: str) -> None:
        called = f", a folder called {printable(source_name)}," if source_name else ""
        super().__init__(f"{name}: where its pictures{called} lie is not known here; say where it lies now")
        self.source_name = source_name


def load(out: str | Path) -> Unfinished:
    """Read how an export was begun: the one in a folder, or rather one that waits there to take its place.

    Raises
    ------
    ExportError
        If there is none, or if what it left cannot be understood.
    """
    name = printable(out)
    try:
        storage = at(out)
        if storage.root is not None:
            swap.complete(storage.root)
        if destination.next_in(storage) is not None:
            return replace(recorded(storage, name, destination.beside_of(storage)), hidden=True)
        return recorded(storage, name)
    except OSError as error:
        raise ExportError(f"{name}: cannot be read ({said(error)})") from error


def recorded(out: Storage, name: str, storage: Storage | None = None) -> Unfinished:
    """Read how an export in a folder was begun, whose files lie there or in `storage`; `name` is for messages.

    Raises
    ------
    ExportError
        As of `load`.
    """
    storage = storage or out
    try:
        content = reports.require(storage, name)
        if content[REPORT_FIELD] != reports.VERSION:
            raise ExportError(
                f"{name}: this export was written by another version of augstudio (its report has format "
                f"{shown(content[REPORT_FIELD])}, this version {reports.VERSION}); export anew"
            )
        pipeline = presets.parse(storage.read(PRESET, presets.MAX_BYTES).decode(), f"{name}/{PRESET}")
        return Unfinished(
            settings=Settings.from_json(
                content["settings"], out=out.location, pipeline=pipeline, table=_table(storage, content, name)
            ),
            source=origins.recall(out.location, content),
            source_name=origins.published(_text(content, "source")),
            state=Status(content["state"]),
            done=_counted(content["counts"], "done"),
            total=_counted(content["counts"], "pictures"),
            storage=storage,
        )
    except presets.PresetError as error:
        raise ExportError(str(error)) from error
    except groups.GroupingError as error:
        raise ExportError(f"{name}: {GROUPS}: {error}; export anew") from error
    except FileNotFoundError as error:
        raise ExportError(f"{name}: {PRESET} is missing; export anew") from error
    except OSError as error:
        raise ExportError(f"{name}: cannot be read ({said(error)})") from error
    except (KeyError, TypeError, ValueError) as error:
        raise ExportError(f"{name}: {REPORT} is damaged ({_short(error)}); export anew") from error


def listed(storage: Storage, *, stop: Callable[[], bool] = never) -> int:
    """How many pictures a manifest has lines of: the report of an export that was killed does not know."""
    lines = itertools.takewhile(lambda _: not stop(), manifest.read(storage))
    with contextlib.suppress(OSError):
        return sum(1 for _ in itertools.groupby(lines, key=lambda entry: entry["source"]))
    return 0


def check(settings: Settings, dataset: Dataset, storage: Storage) -> None:
    """Hold that an export can be gone on with as asked.

    Raises
    ------
    ExportError
        If anything that decides about the files differs from the first time; the message says what.
    """
    name = printable(settings.out)
    dataset = dataset.without(settings.excluded)
    begun = recorded(at(settings.out), name, storage)
    for link, where in storage.links_out(IMAGES):
        raise ExportError(
            f"{name}: cannot be resumed: {printable(link)} is a link that leads out of the export, to "
            f"{printable(where)}; put the files themselves in its place, or export anew"
        )
    content = reports.read(storage) or {}
    if begun.state is Status.PREPARING:
        raise ExportError(f"{name}: that export had written no picture yet; export anew, without resume")
    if presets.dump(begun.settings.pipeline) != presets.dump(settings.pipeline):
        raise ExportError(f"{name}: cannot be resumed with another preset than it was begun with; {_anew}")
    if _mapping(content.get("files")).get(PRESET) != storage.sha256(PRESET):
        raise ExportError(f"{name}: {PRESET} has been changed since the export was begun; {_anew}")
    before, now = begun.settings.as_json(), settings.as_json()
    differences = [
        f"{field} was {_plain(before[field])}, now {_plain(now[field])}" for field in now if before[field] != now[field]
    ]
    if differences:
        raise ExportError(f"{name}: cannot be resumed: {'; '.join(differences)}; {_anew}")
    known = content.get("sources")
    if reports.fingerprint(dataset) != known:
        count = reports.number(_mapping(known).get("count"))
        held = "was another" if count is None else f"held {count:,} pictures, now {len(dataset.sources):,}"
        same = count == len(dataset.sources)
        others = "has pictures of other names" + (", or in other splits" if dataset.stated_by else "")
        where = printable(dataset.location)
        if begun.source and dataset.location != begun.source:
            where += f", not {printable(begun.source)},"
        raise ExportError(f"{name}: cannot be resumed: the source {where} {others if same else held}; {_anew}")
    written = {
        name: text if isinstance(text, str) and len(text) < 60 else shown(text)
        for name, text in _mapping(content.get("versions")).items()
        if name in versions() or name in OF_LABELS
    }
    if told := differing(written):
        raise ExportError(f"{name}: cannot be resumed with other versions, which may make other files: {told}; {_anew}")


def check_dealt(planned: ExportPlan, storage: Storage) -> None:
    """Hold that pictures are dealt out to the same splits as the first time.

    Raises
    ------
    ExportError
        If files have been replaced meanwhile, so that others are identical and belong together.
    """
    dealt = (reports.read(storage) or {}).get("dealt")
    if dealt is None and planned.kept_together:
        raise ExportError(
            f"{printable(planned.settings.out)}: cannot be resumed: it was begun when identical files were still dealt "
            f"out one by one; export anew"
        )
    if dealt and planned.dealt != dealt:
        raise ExportError(
            f"{printable(planned.settings.out)}: cannot be resumed: files of the source have been replaced, so that "
            f"other pictures are identical now and would be dealt out otherwise; {_anew}"
        )


def check_labels(planned: ExportPlan, storage: Storage) -> None:
    """Hold that labels are read and written as the first time; `LABELS` itself may be missing, and is written anew.

    Raises
    ------
    ExportError
        If what they have in common, such as their categories, is another meanwhile.
    """
    name = printable(planned.settings.out)
    now = None if planned.labels_file is None else planned.labels_file.dump()
    try:
        same = storage.read(LABELS, labelled.MOST_BYTES) == now
    except FileNotFoundError:
        recorded_ = _mapping((reports.read(storage) or {}).get("files")).get(LABELS)
        same = recorded_ == (None if now is None else hashlib.sha256(now).hexdigest())
    if not same:
        raise ExportError(
            f"{name}: cannot be resumed: what the source's labels have in common (their categories, names or options) "
            f"is another than it was; {_anew}"
        )


_SHOWN, _LONGEST = 5, 60
_anew = "resume it as it was begun, or export anew"


def is_done(job: Job, entries: list[manifest.Entry], storage: Storage) -> bool:
    """Whether an earlier run has made all files of a job, and they are there unchanged, as is the source.

    Local files are read and hashed: a crash of the machine may leave them empty, and somebody may have edited a
    picture. Behind a URL the size of files must do, and sources are taken to be as they were.
    """
    if tuple(entry["copy"] for entry in entries) != job.copies:
        return False
    if has_changed(job, entries):
        return False
    here = versions(labels=bool(job.labellings))
    for entry in entries:
        if bool(job.labellings) != ("objects" in entry):
            return False
        suffix = "." + entry["path"].rpartition(".")[2]
        if entry["path"] != job.path(entry["copy"], suffix) or entry["versions"] != here:
            return False
        try:
            for path, size, digest in manifest.files_of(entry):
                there = Key(path)
                if storage.size(there) != size or (storage.root is not None and storage.sha256(there) != digest):
                    return False
        except OSError:  # whatever it is that lies there, it is to be written anew
            return False
    return True


def has_changed(job: Job, entries: list[manifest.Entry]) -> bool:
    """Whether a local source, or its labels, are others than those that an earlier run has read."""
    source = at(job.root)
    if source.root is None or not entries:
        return False
    with contextlib.suppress(OSError):
        if source.sha256(Key(job.key)) != entries[0]["source_sha256"]:
            return True
        labels = entries[0].get("labels_sha256")
        return bool(job.labellings) and labels is not None and _labels_sha256(job, source) != labels
    return False


def _labels_sha256(job: Job, source: Storage) -> str:
    labellings = [Labelling.parse(text) for text in job.labellings]
    return fingerprint(labellings, job.records, lambda key: source.read(Key(key), MOST_LABEL_BYTES))


def _table(storage: Storage, content: dict[str, Any], name: str) -> bytes | None:
    """The table of groups, if one belongs to an export."""
    if GROUPS not in _mapping(content.get("files")):
        return None
    try:
        return storage.read(GROUPS, groups.MOST_BYTES)
    except FileNotFoundError:
        raise ExportError(f"{name}: {GROUPS}, by which its pictures were dealt out, is missing; export anew") from None


def _mapping(value: object) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _text(content: dict[str, Any], field: str) -> str:
    value = content[field]
    if not isinstance(value, str):
        raise TypeError(f"{field} is {shown(value)}; allowed is text")
    return value


def _counted(counts: Any, field: str) -> int:
    found = reports.number(counts[field])
    if found is None:
        raise ValueError(f"counts.{field} is {shown(counts[field])}; allowed is a number of pictures")
    return found


def _plain(value: Any) -> str:
    if isinstance(value, bool):
        return "on" if value else "off"
    if isinstance(value, list):
        shown_ = ",".join(printable(str(part))[:_LONGEST] for part in value)
        return (shown_ or "none") if len(value) <= _SHOWN else f"{len(value):,} of them"
    if isinstance(value, dict) and "read" in value:  # what labels follow
        options = [f"{name} {option}" for name, option in sorted(value["options"].items())]
        return printable(", ".join(filter(None, (value["read"], value["written"], *options))))[:_LONGEST]
    if isinstance(value, dict):  # a grouping
        told = printable(str(value.get("table") or value.get("pattern") or value["by"]))[:_LONGEST]
        return f"{told} ({str(value['sha256'])[:8]})" if "sha256" in value else told
    return "none" if value is None else f"{value:,}" if isinstance(value, int) else printable(str(value))[:_LONGEST]


def _short(error: Exception) -> str:
    text = " ".join(str(error).split())
    return f"{text} is missing" if isinstance(error, KeyError) else text[:200]
