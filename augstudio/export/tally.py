"""What the results of an export add up to as they come: counts, and what the pictures are like."""

from __future__ import annotations

import itertools
import time
from collections import Counter, deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from augstudio.dataset.facts import sample_of
from augstudio.export.destination import Destination
from augstudio.export.job import Job, Result
from augstudio.export.manifest import Entry
from augstudio.export.objects import Complaints, ObjectCounts, ObjectTally
from augstudio.export.plan import ExportPlan
from augstudio.export.report import Failure, LabelReport, Progress, Report, Status
from augstudio.labels.formats import OF_OBJECTS
from augstudio.labels.found import LabelFormat

if TYPE_CHECKING:
    from augstudio.advice import Facts

_NEWEST = 6
"""Files that are told as written last."""


@dataclass
class Tally:
    """Counts of an export under way, from which its progress and its report are told."""

    plan: ExportPlan
    place: Destination
    done: int = 0
    kept: int = 0
    kept_files: int = 0
    changed: int = 0
    files: int = 0
    bytes: int = 0
    counts: Counter[tuple[str, str]] = field(default_factory=Counter)
    folder_files: Counter[str] = field(default_factory=Counter)
    folder_bytes: Counter[str] = field(default_factory=Counter)
    label_files: int = 0
    tables: list[str] = field(default_factory=list)
    objects: ObjectTally = field(default_factory=ObjectTally)
    complaints: Complaints = field(default_factory=Complaints)
    failures: list[Failure] = field(default_factory=list)
    notes: Counter[str] = field(default_factory=Counter)
    suffixes: set[str] = field(default_factory=set)
    newest: deque[str] = field(default_factory=lambda: deque(maxlen=_NEWEST))
    created: float = field(default_factory=time.monotonic)
    began: float | None = None

    def begin(self) -> None:
        """Let the time run from now on, unless it does."""
        if self.began is None:
            self.began = time.monotonic()

    def keep(self, job: Job, entries: list[Entry]) -> None:
        """Count what an earlier run has done."""
        self._count(job.split, job.label, [(entry["path"], entry["bytes"]) for entry in entries])
        for entry in entries:
            self.complaints.add((kind, line, number) for kind, line, number in entry.get("complaints", ()))
            self._count_labels(
                [(one["path"], one["bytes"]) for one in entry.get("artefacts", ())],
                ObjectCounts.from_json(entry["objects"]) if "objects" in entry else None,
            )
        self.notes.update(entries[0]["notes"])
        self.done += 1
        self.kept += 1
        self.kept_files += len(entries)

    def add(self, result: Result) -> None:
        """Count what has come of a job."""
        self._count(result.split, result.label, [(output.path, output.bytes) for output in result.outputs])
        for output in result.outputs:
            self._count_labels([(one.path, one.bytes) for one in output.artefacts], output.objects)
        self.complaints.add(result.complaints)
        self.notes.update(result.notes)
        if result.outputs:
            self.newest.appendleft(f"{self.plan.settings.out}/{result.outputs[-1].path}")
        if result.fatal:
            return  # the picture is not to blame, and not done
        self.done += 1
        if result.reason:
            self.failures.append(Failure(result.key, result.reason))

    def _count(self, split: str, label: str, files: list[tuple[str, int]]) -> None:
        for path, size in files:
            self.suffixes.add("." + path.rpartition(".")[2])
            self.place_in_folder(path, size)
            self.bytes += size
        self.files += len(files)
        if files:
            self.counts[split, label] += len(files)

    def place_in_folder(self, path: str, size: int) -> None:
        """Count a file for what is read back at the end."""
        folder = path.rpartition("/")[0]
        if folder:
            self.folder_files[folder] += 1
            self.folder_bytes[folder] += size

    def gathered(self, path: str, size: int) -> None:
        """Count a label file that speaks of many copies."""
        self.place_in_folder(path, size)
        self.bytes += size
        self.label_files += 1
        self.tables.append(path)

    def _count_labels(self, files: list[tuple[str, int]], objects: ObjectCounts | None) -> None:
        for path, size in files:
            self.place_in_folder(path, size)
            self.bytes += size
        self.label_files += len(files)
        if objects is not None:
            self.objects.add(objects)

    def progress(self) -> Progress:
        """Where it stands."""
        elapsed = 0.0 if self.began is None else time.monotonic() - self.began
        now_done, now_files = self.done - self.kept, self.files - self.kept_files
        known = now_done > 0 and elapsed > 1
        return Progress(
            done=self.done,
            total=self.plan.total,
            kept=self.kept,
            files=self.files,
            bytes=self.bytes,
            failures=len(self.failures),
            elapsed=elapsed,
            rate=now_files / elapsed if elapsed > 0 else 0.0,
            eta=elapsed / now_done * (self.plan.total - self.done) if known else None,
            newest=tuple(self.newest),
        )

    def report(self, state: Status, reason: str = "", problems: tuple[str, ...] = (), *, anew: bool = False) -> Report:
        """What has come of it until now, with how it ended."""
        out, pipeline = self.place.storage.location, self.plan.settings.pipeline
        return Report(
            state=state,
            reason=reason,
            out=out,
            total=self.plan.total,
            done=self.done,
            kept=self.kept,
            changed=self.changed,
            files=self.files,
            bytes=self.bytes,
            counts=dict(self.counts),
            failures=tuple(sorted(self.failures, key=lambda failure: failure.source)),
            skipped=self.plan.dataset.skipped,
            notes=dict(self.notes),
            remarks=self.plan.remarks,
            dealt=self.plan.dealt,
            leaks=self.plan.leaks,
            two_classes=self.plan.two_classes,
            problems=problems,
            elapsed=time.monotonic() - self.created,
            hidden=self.plan.settings.out != out,
            anew=anew,
            suffixes=frozenset(self.suffixes),
            left_out=tuple(str(one) for one in self.plan.dataset.left_out if one.told),
            size=pipeline.output.size or (pipeline.trained_at, pipeline.trained_at),
            labels=self._of_labels() if self.plan.labels.sets else None,
        )

    def _of_labels(self) -> LabelReport:
        labels = self.plan.labels
        of_objects = [one for one in labels.labellings if one.format in OF_OBJECTS]
        # Pascal VOC declares none: those that its files name are all that anybody can tell.
        known = [
            category.name
            for one in of_objects or labels.labellings
            if one.written is not LabelFormat.VOC
            for category in one.categories
        ]
        return LabelReport(
            formats=tuple(one.format.value for one in labels.labellings),
            written=tuple(one.written.value for one in labels.labellings),
            files=self.label_files,
            tables=tuple(self.tables),
            pictures=self.objects.pictures,
            without_objects=self.objects.empty if of_objects else 0,
            unlabelled=len(self.plan.dataset.sources) - labels.count(self.plan.dataset),
            categories=tuple(sorted([*known, *(self.objects.kept.keys() - {*known})])),
            kept=dict(sorted(self.objects.kept.items())),
            lost=dict(sorted(self.objects.lost.items())),
            not_written=dict(sorted(self.objects.unwritten.items())),
            problems=self.complaints.with_those_of(labels.problems),
            notes=self.plan.following,
        )


class FirstLook:
    """What the pictures are like: told by the results of a few jobs, which come first, and told on once."""

    def __init__(self, planned: ExportPlan, tell: Callable[[Facts | None], None]) -> None:
        self._plan, self._tell = planned, tell
        self._left = {number for number in sample_of(planned.dataset) if planned.indexes(number)}
        self._seen: list[tuple[int, int, float]] = []
        self._told = False

    def jobs(self) -> Iterator[Job]:
        """All jobs of the plan."""
        sample, size = frozenset(self._left), self._plan.settings.pipeline.trained_at
        others = (number for number in range(len(self._plan.dataset.sources)) if number not in sample)
        for job in self._plan.jobs(itertools.chain(sorted(sample), others)):
            yield replace(job, looked_at=size) if job.number in sample else job

    def add(self, result: Result) -> None:
        """Tell once all of the few are there."""
        if result.number in self._left:
            self._left.remove(result.number)
            if result.seen is not None:
                self._seen.append(result.seen)
            if not self._left:
                self.end()

    def end(self) -> None:
        """Tell what has been seen until now, unless it is told."""
        if not self._told:
            self._told = True
            from augstudio.advice import facts_of  # by now workers have long begun

            self._tell(facts_of(self._seen))
