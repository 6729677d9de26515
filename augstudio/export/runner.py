"""Carrying an export out: a bounded window of jobs on an executor; the parent alone writes manifest and report."""

from __future__ import annotations

import contextlib
import hashlib
import itertools
import os
import threading
import time
from collections import Counter, deque
from collections.abc import Callable, Generator, Iterable, Iterator
from concurrent.futures import (
    FIRST_COMPLETED,
    BrokenExecutor,
    CancelledError,
    Executor,
    Future,
    ProcessPoolExecutor,
    wait,
)
from dataclasses import dataclass, field, replace
from multiprocessing import connection
from multiprocessing.process import BaseProcess
from typing import Any

from augstudio import presets, swap
from augstudio.advice import Facts, facts_of
from augstudio.dataset.facts import sample_of
from augstudio.dataset.scanning import Dataset
from augstudio.export import destination, layout, origins, resuming, worker
from augstudio.export.destination import Destination, EarlierExportError
from augstudio.export.job import IMAGES, SUFFIXES, Job, Result, run_job
from augstudio.export.manifest import NAME as MANIFEST
from augstudio.export.manifest import Entry, Manifest
from augstudio.export.plan import ExportPlan
from augstudio.export.planning import plan_export
from augstudio.export.report import PRESET, Failure, Progress, Report, Status, fingerprint
from augstudio.export.settings import ExportError, Settings
from augstudio.export.versions import differing
from augstudio.storage import TEMPORARY, Key, Storage, at
from augstudio.wording import printable, said

_TICK = 0.1
"""Seconds between two looks at whether to stop, and between two reports of progress."""
_READING_SECONDS, _COPY_SECONDS = 300.0, 60.0
"""How long a worker process may take to read a picture, and for each copy, before it is taken to hang."""
_LOOK_EVERY = 1.0
"""Seconds between two looks at whether the source is still there, when pictures fail."""
_TRIES = 3
"""How often worker processes are started before it is taken to be impossible."""
_PATIENCE = 1.0
"""Seconds between the ends of two workers, at most."""
_NEWEST = 6
"""Files that are told as written last."""


@dataclass(frozen=True)
class Engine:
    """Where jobs run.

    Attributes
    ----------
    start : callable
        Makes an executor; called again when one breaks. It may raise `ExportError`.
    window : int
        How many jobs are handed to it at a time.
    remarks : tuple of str
        What somebody should know of it before it begins, a plain sentence each.
    """

    start: Callable[[], Executor]
    window: int
    remarks: tuple[str, ...] = ()


def _never() -> bool:
    return False


def _ignore(_told: object) -> None:
    pass


def run_export(
    settings: Settings,
    dataset: Dataset,
    *,
    progress: Callable[[Progress], None] = _ignore,
    stop: Callable[[], bool] = _never,
    looked: Callable[[Facts | None], None] | None = None,
    remark: Callable[[str], None] = _ignore,
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
    planned = plan_export(settings, dataset)
    place = destination.check(settings, dataset)
    name = printable(settings.out)

    def allowed(place: Destination) -> Storage:
        work = place.work(resume=resume)
        if resume:
            resuming.check(settings, dataset, work)
        elif place.taken and not replace:
            raise EarlierExportError(name, place)
        return work

    work = allowed(place)
    with destination.held(place, name):
        if place.storage.root is not None:  # another export may have been there until now
            place = destination.check(settings, dataset)
            work = allowed(place)
        planned = planned.to(work.location)
        with destination.made(work, name), _engine(planned, engine, gently=gently) as where:
            for sentence in where.remarks:
                remark(sentence)
            look = _Look(planned, looked) if looked and not resume else None
            export = _Export(planned, place, work, _Tally(planned, dataset.skipped, place), progress, stop, look)
            try:
                if not export.make_room(resume=resume):
                    return export.tally.report(Status.CANCELLED, anew=True)
                export.begin()
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
        tally: _Tally,
        progress: Callable[[Progress], None],
        stop: Callable[[], bool],
        look: _Look | None,
    ) -> None:
        self.plan, self.place, self.storage, self.tally = planned, place, work, tally
        self._hidden = work.location != place.storage.location
        self.settings, self.dataset = planned.settings, planned.dataset
        self._progress, self._stop, self._look = progress, stop, look
        self._stopping = False
        self._reason = ""
        self._told = self._looked = 0.0
        self._digests: dict[str, str] = {}

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
        # From here on nobody can resume what lies there.
        self._write_report(Status.PREPARING)
        earlier, files = self.place.earlier, self.place.files
        if earlier is None:
            return True
        return destination.clear(
            self.storage, earlier, stop=self._halted, tell=lambda removed: self._tell_removed(removed, files)
        )

    def begin(self) -> None:
        """Write all that it takes to resume."""
        origins.remember(self.place.storage.location, self.dataset.location, fingerprint(self.dataset))
        preset = presets.dump(self.settings.pipeline).encode()
        self._digests = {PRESET: hashlib.sha256(preset).hexdigest()}
        self.storage.write(PRESET, preset)
        self._write_report(Status.RUNNING)

    def carry_out(self, engine: Engine, manifest: Manifest, *, resume: bool) -> Report:
        """Run what is to be run; write manifest and report whatever happens."""
        try:
            jobs = self._left(manifest) if resume else self._look.jobs() if self._look else self.plan.jobs()
            # The generator is closed whatever happens, so that no worker outlives the export.
            with contextlib.closing(results(jobs, engine, self._halted, over=resume)) as arriving:
                for result in arriving:
                    if result is None:
                        self.tally.begin()
                    else:
                        self._take(result, manifest)
                    self._tell()
        except ExportError as error:
            self._reason = self._reason or str(error)
        except OSError as error:
            self._reason = self._reason or f"{self._name}: cannot be written ({said(error)})"
        if self._look:
            self._look.end()
        if self._hidden and self.tally.files == 0 and self.tally.done == self.plan.total:
            self._reason = self._reason or "no picture could be exported, so the earlier export stays"
        if resume or self.settings.cluster:
            with contextlib.suppress(OSError):
                destination.sweep(self.storage)
        try:
            manifest.finish()
        except OSError as error:
            self._reason = self._reason or f"{self._name}: the manifest cannot be written ({said(error)})"
        report = self._close()
        self._progress(self.tally.progress())
        return report

    def settle(self, report: Report) -> Report:
        """Let an export that is whole take the earlier one's place, and remove that; give the report of it."""
        out = self.place.storage.root
        if out is None or report.state is not Status.COMPLETE:
            return report
        if self._hidden:
            try:
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
                yield job

    def _take(self, result: Result, manifest: Manifest) -> None:
        if result.outputs and (told := differing(result.versions)):
            self._reason = self._reason or f"a worker has other versions, which may make other files: {told}"
            return
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
        problems: tuple[str, ...] = ()
        with contextlib.suppress(OSError):
            if state is Status.COMPLETE:
                # What is somebody's own stays where it is when the folders around it change places.
                others = destination.strangers(self.place.storage) if self._hidden else ()
                problems = layout.read_back(self.storage, self.tally.folder_files, self.tally.folder_bytes, others)
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


class _Look:
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
            self._tell(facts_of(self._seen))


# -- where jobs run ------------------------------------------------------------------------------------------------


@contextlib.contextmanager
def _engine(planned: ExportPlan, given: Engine | None, *, gently: bool) -> Iterator[Engine]:
    settings = planned.settings
    if given is not None:
        yield given
    elif settings.cluster:
        from augstudio.export.cluster import on_cluster

        with on_cluster(settings.cluster, settings, planned.dataset) as engine:
            yield engine
    else:
        yield local(min(settings.workers, planned.total), gently=gently)


def local(workers: int, *, gently: bool = False) -> Engine:
    """Run jobs on this machine: in so many processes, which may give way to others, or with 0 in the calling thread."""
    if workers == 0:
        return Engine(Inline, 1)
    return Engine(
        lambda: _pool(workers, gently=gently), 4 * workers
    )  # with fewer, workers wait for jobs where pictures are tiny


class Inline(Executor):
    """An executor that runs a job when it is handed over, in the calling thread."""

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        """Run it now; the future is done."""
        future: Future[Any] = Future()
        try:
            future.set_result(fn(*args, **kwargs))
        except Exception as error:
            future.set_exception(error)
        return future


class _Pool(ProcessPoolExecutor):
    """Processes in which no job goes on for ever: one that does takes its process with it."""

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        """Run it within the time that a job may take."""
        return super().submit(worker.within, seconds_allowed(args), fn, *args, **kwargs)

    def watch(self, workers: int) -> None:
        """See to it that all processes are started, and that nobody waits for ever for one that was killed."""
        while len(self._processes) < workers:  # the first may have been ready before the last was asked for
            self._spawn_process()  # type: ignore[attr-defined]
        # It may have told half a result: with no other writer, the end of the last process is the end of it.
        self._result_queue._writer.close()  # type: ignore[attr-defined]
        threading.Thread(target=_end_together, args=(list(self._processes.values()),), daemon=True).start()


def _end_together(workers: Iterable[BaseProcess]) -> None:
    """Kill all workers when one was killed: it may have taken along a lock that the others wait for, even to end.

    When they are told to end, they have nothing else to do, so those that do not follow the first at once never will.
    """
    left = {process.sentinel: process for process in workers}
    patience = None
    while left:
        ended = connection.wait(list(left), patience)
        for sentinel in ended:
            del left[sentinel]  # type: ignore[arg-type]  # sentinels are what was given
        patience = _PATIENCE
        if not ended:
            for process in left.values():
                process.kill()
            return


def seconds_allowed(args: tuple[object, ...]) -> float:
    """How long a call with these arguments may take before it is taken to hang."""
    copies = sum(len(arg.copies) for arg in args if isinstance(arg, Job))
    return _READING_SECONDS + copies * _COPY_SECONDS


def _pool(workers: int, *, gently: bool = False, tries: int = _TRIES) -> Executor:
    pool = _Pool(workers, worker.context(), worker.begin, (dict(os.environ), gently))
    try:
        with worker.interrupts_held():
            ready = [pool.submit(worker.ready) for _ in range(workers)]  # a process is started for each, all at once
            pool.watch(workers)
        ready[0].result()  # if processes cannot start at all, no picture is to blame
    except (BrokenExecutor, OSError, EOFError) as error:
        pool.shutdown(wait=False, cancel_futures=True)
        if tries > 1:  # somebody may have killed one of them, or the process that they are forked from
            time.sleep(_TICK)
            return _pool(workers, gently=gently, tries=tries - 1)
        raise ExportError(
            f"worker processes cannot be started ({' '.join(str(error).split())}); with 0 workers none are needed"
        ) from error
    return pool


# -- the window of jobs --------------------------------------------------------------------------------------------


def results(
    jobs: Iterator[Job], engine: Engine, stop: Callable[[], bool], *, over: bool = False
) -> Generator[Result | None, None, None]:
    """Run jobs and give their results as they come; None at the start and whenever nothing came for a while.

    When an executor breaks (a worker process died), another is started, and the jobs that were in it are tried again
    one at a time; the one that breaks the executor once more is reported as failed, and the rest goes on. With `over`,
    files of an earlier run may lie there, and go where a picture that fails now does not write them again.

    Raises
    ------
    ExportError
        If no executor can be started.
    """
    ahead = next(jobs, None)
    if ahead is None:  # as in an export that is resumed and was complete: no need to start anything
        return
    jobs = itertools.chain((ahead,), jobs)
    executor = engine.start()
    pending: dict[Future[Result], Job] = {}
    suspects: deque[Job] = deque()
    lost: list[Job] = []

    def submit(job: Job) -> bool:
        try:
            pending[executor.submit(run_job, job)] = job
        except BrokenExecutor:
            lost.append(job)
            return False
        return True

    try:
        yield None
        while True:
            stopping = stop()
            alone = bool(suspects)
            if stopping:
                for future in [future for future in pending if future.cancel()]:
                    del pending[future]
            elif alone:
                submit(suspects.popleft())
            else:
                while len(pending) < engine.window and (job := next(jobs, None)) is not None and submit(job):
                    pass
            if not pending and not lost:
                return
            while True:
                finished, _ = wait(pending, timeout=_TICK, return_when=FIRST_COMPLETED)
                for future in finished:
                    job = pending.pop(future)
                    try:
                        result = future.result()
                        if over and result.reason and not result.fatal:
                            _remove_rest(job, result)
                        yield result
                    except BrokenExecutor:
                        lost.append(job)
                    except CancelledError:
                        pass  # a cluster can tell only later that it had not been begun
                    except Exception as error:  # such as a result that does not come back in one piece
                        yield Result.failed(job, f"failed: {' '.join(str(error).split())}")
                if not finished:
                    yield None
                # A suspect stays alone until it is done; a broken executor gives back all its jobs.
                if not pending or not (alone or lost):
                    break
            if lost:
                executor.shutdown(wait=True, cancel_futures=True)
                _remove_strays(lost)
                again, lost = lost, []
                if stop():
                    return
                executor = engine.start()  # before anything is blamed: all may have come to an end
                if alone:
                    (job,) = again
                    reason = "a worker process died of it twice (out of memory, a crash in a decoder, or no end to it)"
                    yield Result.failed(job, reason)
                else:
                    suspects.extend(again)
    finally:
        executor.shutdown(wait=True, cancel_futures=True)


def _remove_strays(jobs: Iterable[Job]) -> None:
    """Remove what jobs without a result may have written: no manifest will list it."""
    for job in jobs:
        storage = at(job.out)
        with contextlib.suppress(OSError):
            folder = Key(f"{IMAGES}/{job.folder}" if job.folder else IMAGES)
            storage.remove(Key(job.path(copy, suffix)) for copy in job.copies for suffix in SUFFIXES)
            if storage.root is not None:
                for path in (storage.root / folder).glob(f"{TEMPORARY}*.tmp"):
                    path.unlink(missing_ok=True)


def _remove_rest(job: Job, result: Result) -> None:
    """Remove files of a job that an earlier run may have written, and that its result does not list."""
    storage, listed = at(job.out), {output.path for output in result.outputs}
    for path in (job.path(copy, suffix) for copy in job.copies for suffix in SUFFIXES):
        if path not in listed:
            with contextlib.suppress(OSError):
                storage.remove([Key(path)])


# -- keeping count -------------------------------------------------------------------------------------------------


@dataclass
class _Tally:
    plan: ExportPlan
    skipped: tuple[str, ...]
    place: Destination
    done: int = 0
    kept: int = 0
    kept_files: int = 0
    files: int = 0
    bytes: int = 0
    counts: Counter[tuple[str, str]] = field(default_factory=Counter)
    folder_files: Counter[str] = field(default_factory=Counter)
    folder_bytes: Counter[str] = field(default_factory=Counter)
    failures: list[Failure] = field(default_factory=list)
    notes: Counter[str] = field(default_factory=Counter)
    suffixes: set[str] = field(default_factory=set)
    newest: deque[str] = field(default_factory=lambda: deque(maxlen=_NEWEST))
    created: float = field(default_factory=time.monotonic)
    began: float | None = None

    def begin(self) -> None:
        if self.began is None:
            self.began = time.monotonic()

    def keep(self, job: Job, entries: list[Entry]) -> None:
        """Count what an earlier run has done."""
        self._count(job.split, job.label, [(entry["path"], entry["bytes"]) for entry in entries])
        self.notes.update(entries[0]["notes"])
        self.done += 1
        self.kept += 1
        self.kept_files += len(entries)

    def add(self, result: Result) -> None:
        self._count(result.split, result.label, [(output.path, output.bytes) for output in result.outputs])
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
            folder = path.rpartition("/")[0][len(IMAGES) + 1 :]
            self.suffixes.add("." + path.rpartition(".")[2])
            self.folder_files[folder] += 1
            self.folder_bytes[folder] += size
            self.bytes += size
        self.files += len(files)
        if files:
            self.counts[split, label] += len(files)

    def progress(self) -> Progress:
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
        out, pipeline = self.place.storage.location, self.plan.settings.pipeline
        return Report(
            state=state,
            reason=reason,
            out=out,
            total=self.plan.total,
            done=self.done,
            kept=self.kept,
            files=self.files,
            bytes=self.bytes,
            counts=dict(self.counts),
            failures=tuple(sorted(self.failures, key=lambda failure: failure.source)),
            skipped=self.skipped,
            notes=dict(self.notes),
            remarks=self.plan.remarks,
            problems=problems,
            elapsed=time.monotonic() - self.created,
            hidden=self.plan.settings.out != out,
            anew=anew,
            suffixes=frozenset(self.suffixes),
            size=pipeline.output.size or (pipeline.trained_at, pipeline.trained_at),
        )
