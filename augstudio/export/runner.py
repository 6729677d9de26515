"""Carrying an export out: jobs go to a pool, what comes of them is counted; manifest and report are written here."""

from __future__ import annotations

import contextlib
import dataclasses
import hashlib
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from augstudio import presets, swap
from augstudio.callbacks import ignore, never
from augstudio.dataset import doubles, labelling
from augstudio.dataset.scanning import Dataset
from augstudio.export import destination, labelled, layout, origins, resuming, strays
from augstudio.export.destination import Destination, EarlierExportError
from augstudio.export.engines import engine_for
from augstudio.export.job import Job, Result, run_job
from augstudio.export.manifest import Manifest, TooLongError
from augstudio.export.plan import ExportPlan
from augstudio.export.planning import plan_export
from augstudio.export.remarks import unfollowed
from augstudio.export.report import Progress, Report, Status, fingerprint
from augstudio.export.settings import ExportError, Settings
from augstudio.export.tally import FirstLook, Tally
from augstudio.export.versions import differing
from augstudio.marks import GROUPS, IMAGES, LABELS, MANIFEST, PRESET
from augstudio.pool.retrying import Engine, Finished, PoolError, results
from augstudio.storage import Storage
from augstudio.wording import printable, said

if TYPE_CHECKING:
    from augstudio.advice import Facts

_TICK = 0.1
"""Seconds between two reports of progress."""
_PATIENCE = 2.0
"""Seconds of planning, after which it can be cancelled."""
_LOOK_EVERY = 1.0
"""Seconds between two looks at whether the source is still there, when pictures fail."""


def run_export(
    settings: Settings,
    dataset: Dataset,
    *,
    progress: Callable[[Progress], None] = ignore,
    stop: Callable[[], bool] = never,
    looked: Callable[[Facts | None], None] | None = None,
    remark: Callable[[str], None] = ignore,
    engine: Engine | None = None,
    resume: bool = False,
    replace: bool = False,
    gently: bool = False,
) -> Report:
    """Export a dataset; from any thread.

    With worker processes, a script must guard the call by ``if __name__ == "__main__":``, as for any process pool.

    Parameters
    ----------
    settings, dataset
        What to make, and of what.
    progress : callable
        Told how it stands: at the start, some ten times a second, and at the end.
    stop : callable
        Asked some ten times a second; True cancels: what is running is finished, nothing more is begun.
    looked : callable or None
        If given, told what the pictures are like as soon as it is known, in any case before the end: the pictures that
        `look_at` would look at then come first, so that none is read twice. Not when resuming.
    remark : callable
        Told what somebody should know of where it runs, before it begins: a plain sentence each.
    engine : Engine or None
        Where to run; by default as `settings.workers` and `settings.cluster` say.
    resume : bool
        Go on with the export that lies in the folder: files that it made and that are unchanged are kept, all others
        are made.
    replace : bool
        Replace the export that lies in the folder. Local files are made in a hidden folder in it, and take the earlier
        ones' place when all are whole; until then these stay as they are. Behind a URL, they are deleted first.
    gently : bool
        Let worker processes on this machine give way to all other programs, as to a window that is being used.

    Returns
    -------
    Report
        Also when the export was cancelled or had to stop halfway, as with a full disk: files that were complete by
        then stay, manifest and report say so, and it can be resumed.

    Raises
    ------
    EarlierExportError
        If an export lies there, and neither `resume` nor `replace` is given; nothing was written then.
    ExportError
        If it cannot be begun, or not be resumed like this; nothing was written then.
    """
    doubles.forget(dataset)  # what lies there now decides
    labelling.forget(dataset)
    patience = time.monotonic() + _PATIENCE
    try:  # an export that is cancelled at once is begun all the same, so that it can be gone on with
        planned = plan_export(settings, dataset, stop=lambda: time.monotonic() > patience and stop())
    except doubles.Stopped:
        raise ExportError(f"{printable(settings.out)}: cancelled before anything was written") from None
    settings, dataset = planned.settings, planned.dataset
    place = destination.check(settings, dataset)
    name = printable(settings.out)

    def allowed(place: Destination) -> Storage:
        work = place.work(resume=resume)
        if resume:
            resuming.check(settings, dataset, work)
            resuming.check_dealt(planned, work)
            resuming.check_labels(planned, work)
        elif place.taken and not replace:
            raise EarlierExportError(name, place)
        return work

    work = allowed(place)
    with destination.held(place, name):
        if place.storage.root is not None:  # another export may have been there until now
            place = destination.check(settings, dataset)
            work = allowed(place)
        planned = planned.to(work.location)
        given = contextlib.nullcontext(engine) if engine is not None else engine_for(planned, gently=gently)
        with destination.made(work, name), given as where:
            for sentence in where.remarks:
                remark(sentence)
            look = FirstLook(planned, looked) if looked and not resume else None
            export = _Export(planned, place, work, Tally(planned, place), progress, stop, look)
            try:
                if not export.make_room(resume=resume):
                    return export.tally.report(Status.CANCELLED, anew=True)
                export.begin(resume=resume)
                manifest = Manifest(work, len(dataset.sources), _numbers(dataset) if resume else None)
            except OSError as error:
                raise ExportError(f"{name}: cannot be written ({said(error)})") from error
            with manifest:
                report = export.carry_out(where, manifest, resume=resume)
            return export.settle(report)


def _numbers(dataset: Dataset) -> dict[str, int]:
    return {source.key: number for number, source in enumerate(dataset.sources)}


class _Export:
    """An export under way."""

    def __init__(
        self,
        planned: ExportPlan,
        place: Destination,
        work: Storage,
        tally: Tally,
        progress: Callable[[Progress], None],
        stop: Callable[[], bool],
        look: FirstLook | None,
    ) -> None:
        self.plan, self.place, self.storage, self.tally = planned, place, work, tally
        self._hidden = work.location != place.storage.location
        self.settings, self.dataset = planned.settings, planned.dataset
        self._progress, self._stop, self._look = progress, stop, look
        self._stopping = False
        self._reason = ""
        self._told = self._looked = 0.0
        self._digests: dict[str, str] = {}
        self._table = self.settings.table

    def make_room(self, *, resume: bool) -> bool:
        """Remove what is in the way; whether all of it is removed, so that there is room to begin."""
        out = self.place.storage.root
        if out is not None and not (resume and self._hidden):
            # One that was begun to take the place of the earlier export, and is begun anew, or of no use.
            with contextlib.suppress(OSError):
                (out / swap.NEXT).rmdir()  # does so only if it has just been made
            swap.put_away(out, swap.NEXT)
            if self._hidden:
                (out / swap.NEXT).mkdir()
            self._remove_replaced(0)
        if resume or self._hidden:
            return True
        # From here on nobody can resume what lies there; which of the files there are its own is still told.
        self._digests = destination.digests_of(self.storage)
        self._write_report(Status.PREPARING)
        earlier, files = self.place.earlier, self.place.files
        if earlier is None:
            return True
        return destination.clear(
            self.storage, earlier, stop=self._halted, tell=lambda removed: self._tell_removed(removed, files)
        )

    def begin(self, *, resume: bool) -> None:
        """Write all that it takes to resume."""
        origins.remember(self.place.storage.location, self.dataset.location, fingerprint(self.dataset))
        labels = self.plan.labels_file
        books = {
            PRESET: presets.dump(self.settings.pipeline).encode(),
            GROUPS: self._table,
            LABELS: labels.dump() if labels is not None else None,
        }
        written = {name: content for name, content in books.items() if content is not None}
        self._digests = {name: hashlib.sha256(content).hexdigest() for name, content in written.items()}
        if (
            len(written) > 1 and not resume
        ):  # those that not every export has are known for its own before they lie there
            self._write_report(Status.PREPARING)
        for name, content in written.items():
            self.storage.write(name, content)
        self._write_report(Status.RUNNING)

    def carry_out(self, engine: Engine, manifest: Manifest, *, resume: bool) -> Report:
        """Run what is to be run; write manifest and report whatever happens."""
        try:
            jobs = self._left(manifest) if resume else self._look.jobs() if self._look else self.plan.jobs()
            # The generator is closed whatever happens, so that no worker outlives the export.
            coming = results(jobs, run_job, engine, self._halted, strays.remove_abandoned)
            with contextlib.closing(coming) as arriving:
                for finished in arriving:
                    if finished is None:
                        self.tally.begin()
                    else:
                        self._take(_result(finished, over=resume), manifest)
                    self._tell()
        except (ExportError, PoolError) as error:
            self._reason = self._reason or str(error)
        except OSError as error:
            self._reason = self._reason or f"{self._name}: cannot be written ({said(error)})"
        if self._look:
            self._look.end()
        if self._hidden and self.tally.files == 0 and self.tally.done == self.plan.total:
            self._reason = self._reason or "no picture could be exported, so the earlier export stays"
        if resume or self.settings.cluster:
            with contextlib.suppress(OSError):
                strays.sweep(self.storage)
        try:
            manifest.finish()
        except OSError as error:
            self._reason = self._reason or f"{self._name}: the manifest cannot be written ({said(error)})"
        self._gather()
        report = self._close()
        self._progress(self.tally.progress())
        return report

    def _gather(self) -> None:
        """Write the label files that speak of many copies, once all of these are there."""
        labels = self.plan.labels_file
        if labels is None or self._reason or self.tally.done < self.plan.total:
            return
        try:
            for file in labelled.gather(self.storage, labels):
                self._digests[file.path] = file.sha256
                self.tally.gathered(file.path, file.bytes)
        except OSError as error:
            self._reason = f"{self._name}: the labels cannot be written ({said(error)})"

    def settle(self, report: Report) -> Report:
        """Let an export that is whole take the earlier one's place, and remove that; give the report of it."""
        out = self.place.storage.root
        if out is None or report.state is not Status.COMPLETE:
            return report
        if self._hidden:
            try:
                swap.leave_out(out, destination.parts_of(self.place.storage))
                swap.take_place(out)
            except OSError as error:
                why = f"it cannot take the earlier export's place ({said(error)})"
                return replace(report, state=Status.STOPPED, reason=why)
        left = self._remove_replaced(self.place.files)
        return replace(report, hidden=False, leftover=left)

    def _remove_replaced(self, files: int) -> int:
        out = self.place.storage.root
        assert out is not None
        return destination.remove_replaced(
            out, stop=self._halted, tell=lambda removed: self._tell_removed(removed, files)
        )

    def _tell_removed(self, removed: int, of: int) -> None:
        if time.monotonic() - self._told >= _TICK:
            self._told = time.monotonic()
            self._progress(replace(self.tally.progress(), removed=removed, removing=max(of, removed)))

    @property
    def _name(self) -> str:
        return printable(self.place.storage.location)

    def _halted(self) -> bool:
        self._stopping = self._stopping or bool(self._reason) or self._stop()
        return self._stopping

    def _left(self, manifest: Manifest) -> Iterator[Job]:
        """Jobs that an earlier run has not done, or whose files are no longer what they were."""
        for job in self.plan.jobs():
            if self._halted():
                return
            entries = manifest.lines(job.number)
            if resuming.is_done(job, entries, self.storage):
                self.tally.keep(job, entries)
                self._tell()
            else:
                self.tally.changed += resuming.has_changed(job, entries)
                yield job

    def _take(self, result: Result, manifest: Manifest) -> None:
        if result.outputs and (told := differing(result.versions)):
            self._reason = self._reason or f"a worker has other versions, which may make other files: {told}"
            return
        if not result.fatal and (earlier := manifest.lines(result.number)):
            strays.remove_outdated(self.storage, earlier, result)
        try:
            manifest.add(result)
        except TooLongError as error:
            strays.remove_written(self.storage, result)
            result = dataclasses.replace(result, outputs=(), reason=str(error))
            manifest.add(result)
        self.tally.add(result)
        if self._look:
            self._look.add(result)
        if result.fatal:
            self._reason = self._reason or result.reason
        elif result.reason and time.monotonic() - self._looked > _LOOK_EVERY:
            self._looked = time.monotonic()
            if not self._source_is_there():
                self._reason = self._reason or f"the source has vanished: {printable(self.dataset.location)}"

    def _source_is_there(self) -> bool:
        try:
            return self.dataset.storage.exists()
        except OSError:
            return False

    def _tell(self) -> None:
        if time.monotonic() - self._told >= _TICK:
            self._told = time.monotonic()
            self._progress(self.tally.progress())

    def _close(self) -> Report:
        state = Status.STOPPED if self._reason else Status.COMPLETE
        if not self._reason and self.tally.done < self.plan.total:
            state = Status.CANCELLED
        problems = unfollowed(self.plan)
        with contextlib.suppress(OSError):
            if state is Status.COMPLETE:
                # What is somebody's own stays where it is when the folders around it change places.
                folders = {IMAGES, *(folder.partition("/")[0] for folder in self.tally.folder_files)}
                others = destination.strangers(self.place.storage, folders) if self._hidden else ()
                problems += layout.read_back(self.storage, self.tally.folder_files, self.tally.folder_bytes, others)
            self._digests[MANIFEST] = self.storage.sha256(MANIFEST)
        try:
            return self._write_report(state, problems)
        except OSError as error:
            if not self._reason:
                self._reason = f"{self._name}: the report cannot be written ({said(error)})"
            return self.tally.report(Status.STOPPED, self._reason, problems)

    def _write_report(self, state: Status, problems: tuple[str, ...] = ()) -> Report:
        report = self.tally.report(state, self._reason, problems)
        report.write(self.settings, self.dataset, self.storage, self._digests)
        return report


def _result(finished: Finished[Job, Result], *, over: bool) -> Result:
    """The result of a job.

    With `over`, files of an earlier run may lie there; where a picture fails now, those not written again are removed.
    """
    job = finished.job
    if finished.value is None:
        return Result.failed(job, finished.reason)
    if over and finished.value.reason and not finished.value.fatal:
        strays.remove_earlier(job, finished.value)
    return finished.value
