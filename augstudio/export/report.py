"""What is told about an export: while it runs, at its end, and in `report.json`."""

from __future__ import annotations

import hashlib
import itertools
import json
import platform
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from augstudio import swap
from augstudio.dataset.scanning import Dataset
from augstudio.export import origins
from augstudio.export.settings import ExportError, Settings
from augstudio.export.versions import versions
from augstudio.labels.found import LabelFormat
from augstudio.marks import REPORT, REPORT_FIELD
from augstudio.storage import Storage, StorageError
from augstudio.wording import count as counted

VERSION = 2
"""What that field says."""
_MOST_BYTES, _MOST_VALUES = 2**28, 2**24
"""Of a report: more than that of a million pictures that all failed."""
_MOST_COUNTED = 10**9
_MOST_PAIRS = 1000
"""Of identical files that are listed."""


class Status(StrEnum):
    """How far an export has come."""

    PREPARING = "preparing"
    RUNNING = "running"
    COMPLETE = "complete"
    CANCELLED = "cancelled"
    STOPPED = "stopped"


@dataclass(frozen=True)
class Failure:
    """A picture that is missing from an export, wholly or in part, and why."""

    source: str
    reason: str


@dataclass(frozen=True)
class Progress:
    """Where a running export stands.

    Attributes
    ----------
    done, total : int
        Pictures of the source, failed ones included.
    kept : int
        Those of `done` that an earlier run had done.
    files, bytes : int
        Written so far, those of an earlier run included.
    failures : int
        Pictures that failed so far.
    elapsed : float
        Seconds since the first picture was begun.
    rate : float
        Files per second written in this run, on average.
    eta : float or None
        Seconds left; None while it cannot be told.
    removed : int or None
        While files of an earlier export are being removed: how many are; None at any other time.
    removing : int
        How many there are to remove, about.
    newest : tuple of str
        Locations of files written last, one of each picture, the newest first; a few.
    """

    done: int
    total: int
    kept: int
    files: int
    bytes: int
    failures: int
    elapsed: float
    rate: float
    eta: float | None
    removed: int | None = None
    removing: int = 0
    newest: tuple[str, ...] = ()


@dataclass(frozen=True)
class LabelReport:
    """What came of the labels of an export.

    Attributes
    ----------
    formats, written : tuple of str
        What each label set was read in, and is written in.
    files : int
        Label files, those of many copies included.
    tables : tuple of str
        Paths of the latter, relative to the export's root.
    pictures : int
        Copies, and originals, that labels follow.
    without_objects : int
        Those of them without any object; 0 where there are masks alone.
    unlabelled : int
        Pictures of the source that no label speaks of.
    categories : tuple of str
        Names of all that the labels written declare, or that their objects have.
    kept, lost, not_written : mapping of str to int
        Objects in all copies, by category: those that stand in their labels; those that the rules for labels have left
        out; and those that the format written has no place for.
    problems : mapping of str to (int, tuple of str)
        What is wrong with labels: for each kind how often, and the first of them in words.
    notes : tuple of str
        What was taken for granted, a plain sentence each.
    """

    formats: tuple[str, ...]
    written: tuple[str, ...]
    files: int
    tables: tuple[str, ...]
    pictures: int
    without_objects: int
    unlabelled: int
    categories: tuple[str, ...]
    kept: Mapping[str, int]
    lost: Mapping[str, int]
    problems: Mapping[str, tuple[int, tuple[str, ...]]]
    notes: tuple[str, ...]
    not_written: Mapping[str, int] = field(default_factory=dict)

    @property
    def objects(self) -> int:
        """In all copies."""
        return sum(self.kept.values())

    def as_json(self) -> dict[str, object]:
        """Plain values."""
        return {
            "formats": list(self.formats),
            "written": list(self.written),
            "files": self.files,
            "tables": list(self.tables),
            "pictures": self.pictures,
            "without_objects": self.without_objects,
            "unlabelled_sources": self.unlabelled,
            "objects": self.objects,
            "categories": len(self.categories),
            "kept": dict(self.kept),
            "lost": dict(self.lost),
            "not_written": dict(self.not_written),
            "problems": {
                kind: {"count": number, "first": list(lines)} for kind, (number, lines) in self.problems.items()
            },
            "notes": list(self.notes),
        }

    def in_words(self) -> list[str]:
        """What somebody should know at the end, a plain line each."""
        lost, unwritten = sum(self.lost.values()), sum(self.not_written.values())
        masks = LabelFormat.MASKS.value
        if self.formats == (masks,):
            lines = [f"masks of {counted(self.pictures, 'picture')} ({masks})"]
            return [*lines, *self._problems_in_words()]
        lines = [
            f"{counted(self.objects, 'object')} of {counted(len(self.categories), 'category', 'categories')} in "
            f"{counted(self.pictures, 'picture')} ({', '.join(self.written)})"
            + (f"; {lost:,} left out by the rules for labels" if lost else "")
        ]
        if self.without_objects:
            lines.append(f"{counted(self.without_objects, 'picture')} without any object")
        if unwritten:
            lines.append(f"{counted(unwritten, 'object')} left out, for which {', '.join(self.written)} has no place")
        return [*lines, *self._problems_in_words()]

    def _problems_in_words(self) -> Iterator[str]:
        for kind, (number, told) in self.problems.items():
            yield f"{kind}: {number:,}" + (f", such as {told[0]}" if told else "")


@dataclass(frozen=True)
class Report:
    """What came of an export.

    Attributes
    ----------
    state : Status
        Complete: every picture was tried. Cancelled: the user ended it. Stopped: it could not go on, see `reason`.
        Preparing and running: it was killed at that point, if nobody is at it.
    reason : str
        One plain line; empty unless stopped.
    out : str
        Location of the folder filled.
    total, done : int
        Pictures to be exported, and those that were tried.
    kept : int
        Those of `done` that an earlier run had done.
    files, bytes : int
        In the export.
    counts : mapping of (split, class) to int
        Files per class of each split.
    failures : tuple of Failure
        Sorted by source.
    skipped : tuple of str
        What the source holds that could not even be listed as a picture.
    notes : mapping of str to int
        What was done to pictures on reading them, and to how many.
    remarks : tuple of str
        What somebody should know who uses the files, a plain sentence each.
    problems : tuple of str
        What folder loaders will see that should not be there, or will not see, a plain sentence each.
    elapsed : float
        Seconds.
    hidden : bool
        Whether it waits in a hidden folder, `place`, to take the place of an earlier export, which is as it was.
    leftover : int
        Files of an export that it has replaced, which are still to be removed.
    changed : int
        Pictures that an earlier run had made from other files, or with other labels, and that were made anew.
    anew : bool
        Whether it ended while what lay there before was being removed, so that there is nothing to go on with.
    suffixes : frozenset of str
        Of its files, such as ".jpg".
    left_out : tuple of str
        What the source holds that is no picture and might be taken for one, by kind and number, a plain line each.
    size : (int, int) or None
        Width and height of its files, or the square that they were judged at where each has its own.
    dealt : str
        SHA-256 of who was dealt into which split; empty where nobody was.
    leaks : mapping of str to tuple of (str, str)
        Of splits that are not trained on, pictures whose files are in train too: their keys, and those there.
    two_classes : tuple of (str, str)
        Keys of pictures whose files are identical, and whose classes differ.
    labels : LabelReport or None
        What came of labels; None where none follow.
    """

    state: Status
    reason: str
    out: str
    total: int
    done: int
    kept: int
    files: int
    bytes: int
    counts: Mapping[tuple[str, str], int]
    failures: tuple[Failure, ...]
    skipped: tuple[str, ...]
    notes: Mapping[str, int]
    remarks: tuple[str, ...]
    problems: tuple[str, ...]
    elapsed: float
    hidden: bool = False
    leftover: int = 0
    changed: int = 0
    anew: bool = False
    suffixes: frozenset[str] = frozenset()
    left_out: tuple[str, ...] = ()
    size: tuple[int, int] | None = None
    dealt: str = ""
    leaks: Mapping[str, tuple[tuple[str, str], ...]] = field(default_factory=dict)
    two_classes: tuple[tuple[str, str], ...] = ()
    labels: LabelReport | None = None

    @property
    def classes(self) -> dict[str, int]:
        """Files per class, splits together."""
        classes: Counter[str] = Counter()
        for (_, label), count in self.counts.items():
            classes[label] += count
        return dict(classes)

    @property
    def place(self) -> str:
        """Location of the folder that the files lie in."""
        return f"{self.out}/{swap.NEXT}" if self.hidden else self.out

    @property
    def path(self) -> str:
        """Location of the file that the report is kept in."""
        return f"{self.place}/{REPORT}"

    def write(self, settings: Settings, dataset: Dataset, storage: Storage, files: Mapping[str, str]) -> None:
        """Write `report.json`; `files` are SHA-256 of the export's other files, by their names.

        It is published with the pictures, so it says nothing of where they lay on this machine; see `origins`.

        Raises
        ------
        OSError
            If it cannot be written.
        """

        def plain(text: str) -> str:
            return origins.without_places(text, self.out, dataset.location)

        splits: dict[str, dict[str, int]] = {}
        for (split, label), count in sorted(self.counts.items()):
            splits.setdefault(split, {})[label] = count
        content = {
            REPORT_FIELD: VERSION,
            "state": self.state.value,
            "reason": plain(self.reason),
            "source": origins.published(dataset.location),
            "sources": fingerprint(dataset),
            "settings": settings.as_json(),
            "dealt": self.dealt,
            "counts": {
                "pictures": self.total,
                "done": self.done,
                "failed": len(self.failures),
                "files": self.files,
                "bytes": self.bytes,
            },
            "classes": dict(sorted(self.classes.items())),
            "splits": {split: labels for split, labels in splits.items() if split},
            "failures": [{"source": failure.source, "reason": plain(failure.reason)} for failure in self.failures],
            "skipped": list(map(plain, self.skipped)),
            "left_out": [one.as_json() for one in dataset.left_out],
            "labels": [found.as_json() for found in dataset.labels],
            "followed": self.labels.as_json() if self.labels is not None else None,
            "identical": {
                "in_train_too": {split: _pairs(pairs) for split, pairs in self.leaks.items()},
                "in_two_classes": _pairs(self.two_classes),
            },
            "notes": dict(sorted(self.notes.items())),
            "remarks": list(self.remarks),
            "problems": list(map(plain, self.problems)),
            "versions": {"python": platform.python_version(), **versions(labels=self.labels is not None)},
            "files": dict(files),
            "elapsed_seconds": round(self.elapsed, 2),
        }
        text = json.dumps(content, indent=2, ensure_ascii=False) + "\n"
        # A folder's name may hold bytes that are no Unicode; they must not cost the report.
        storage.write(REPORT, text.encode("utf-8", "backslashreplace"))


def _pairs(pairs: Iterable[tuple[str, str]]) -> list[list[str]]:
    return [list(pair) for pair in itertools.islice(pairs, _MOST_PAIRS)]


def read(storage: Storage) -> dict[str, Any] | None:
    """The content of an export's `report.json`; None if there is none, or if it is no report of this program.

    Raises
    ------
    OSError
        If it cannot be read.
    """
    try:
        data = storage.read(REPORT, most=_MOST_BYTES)
        if data.count(b",") + data.count(b"[") + data.count(b"{") > _MOST_VALUES:
            raise StorageError(f"{REPORT} holds more than {_MOST_VALUES:,} values")
        content = json.loads(data)
    except (FileNotFoundError, NotADirectoryError, ValueError, RecursionError):
        return None
    return content if isinstance(content, dict) and REPORT_FIELD in content else None


def require(storage: Storage, name: str) -> dict[str, Any]:
    """The same, where there must be one; `name` is what messages call the folder.

    Raises
    ------
    ExportError
        If there is no export.
    OSError
        If it cannot be read.
    """
    content = read(storage)
    if content is None:
        raise ExportError(f"{name}: there is no export here (no {REPORT} of augstudio)")
    return content


def number(value: object) -> int | None:
    """A number of files or pictures from a report; None if it is none, or beyond all that an export could hold."""
    return value if type(value) is int and 0 <= value <= _MOST_COUNTED else None


def fingerprint(dataset: Dataset) -> dict[str, object]:
    """What a dataset is known by: how many pictures, a SHA-256 of their keys, and of splits that keys do not say."""
    digest = hashlib.sha256()
    for source in dataset.sources:
        digest.update(source.key.encode() + b"\0")
        if dataset.stated_by:
            digest.update(source.split.encode() + b"\0")
    return {"count": len(dataset.sources), "sha256": digest.hexdigest()}
