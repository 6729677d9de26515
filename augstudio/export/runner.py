"""Carrying an export out: a bounded window of jobs on an executor; the parent alone writes manifest and report."""

from __future__ import annotations

import contextlib
import ctypes
import multiprocessing
import os
import signal
import sys
import threading
import time
from collections import Counter, deque
from collections.abc import Callable, Generator, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, BrokenExecutor, Executor, Future, ProcessPoolExecutor, wait
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import cv2

from augstudio import presets
from augstudio.dataset.scanning import Dataset, printable
from augstudio.export import destination
from augstudio.export.job import IMAGES, SUFFIXES, Job, Result, jobs_of, run
from augstudio.export.manifest import Manifest
from augstudio.export.report import Failure, Progress, Report, State
from augstudio.export.settings import ExportError, Settings

PRESET = "preset.json"
_M_TRIM_THRESHOLD, _M_MMAP_THRESHOLD = -1, -3  # of glibc's <malloc.h>
_TICK = 0.1
"""Seconds between two looks at whether to stop, and between two reports of progress."""


@dataclass(frozen=True)
class Engine:
    """Where jobs run.

    Attributes
    ----------
    start : callable
        Makes an executor; called again when one breaks. It may raise `ExportError`.
    window : int
        How many jobs are handed to it at a time.
    """

    start: Callable[[], Executor]
    window: int


def _never() -> bool:
    return False


def _ignore(_progress: Progress) -> None:
    pass


def run_export(
    settings: Settings,
    dataset: Dataset,
    *,
    progress: Callable[[Progress], None] = _ignore,
    stop: Callable[[], bool] = _never,
    engine: Engine | None = None,
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
    engine : Engine or None
        Where to run; by default as `settings.workers` says, see `local`.

    Returns
    -------
    Report
        Also when the export was cancelled or had to stop halfway, as with a full disk: files that were complete by
        then stay, and manifest and report say so.

    Raises
    ------
    ExportError
        If it cannot be begun; nothing was written then.
    """
    out = destination.prepare(settings, dataset).out
    engine = engine or local(min(settings.workers, len(dataset.sources)))
    tally = _Tally(out, len(dataset.sources), dataset.skipped)
    try:
        tally.report(State.RUNNING).write(settings, dataset.root)
        presets.save(settings.pipeline, out / PRESET)
        manifest = Manifest(out)
    except OSError as error:
        raise ExportError(f"{printable(settings.out)}: cannot be written ({error.strerror or error})") from error

    state, reason = State.COMPLETE, ""
    stopping = False

    def halted() -> bool:
        nonlocal stopping
        stopping = stopping or bool(reason) or stop()
        return stopping

    with manifest:
        try:
            # The generator is closed whatever happens, so that no worker outlives the export.
            with contextlib.closing(results(jobs_of(settings, dataset), engine, halted)) as arriving:
                told = 0.0
                for result in arriving:
                    if result is not None:
                        manifest.add(result)
                        tally.add(result)
                        if result.fatal:
                            reason = reason or result.reason
                        elif result.reason and not dataset.root.is_dir():
                            reason = reason or f"the source has vanished: {printable(dataset.root)}"
                    else:
                        tally.begin()
                    if time.monotonic() - told >= _TICK:
                        told = time.monotonic()
                        progress(tally.progress())
        except ExportError as error:
            reason = reason or str(error)
        except OSError as error:
            reason = reason or f"{printable(out)}: cannot be written ({error.strerror or error})"
        try:
            manifest.finish()
        except OSError as error:
            reason = reason or f"{printable(out)}: the manifest cannot be written ({error.strerror or error})"
    if reason:
        state = State.STOPPED
    elif tally.done < tally.total:
        state = State.CANCELLED
    report = tally.report(state, reason)
    try:
        report.write(settings, dataset.root)
    except OSError as error:
        if not reason:
            reason = f"{printable(out)}: the report cannot be written ({error.strerror or error})"
            report = tally.report(State.STOPPED, reason)
    progress(tally.progress())
    return report


# -- where jobs run ------------------------------------------------------------------------------------------------


def local(workers: int) -> Engine:
    """Run jobs on this machine: in so many processes, or with 0 in the calling thread."""
    if workers == 0:
        return Engine(Inline, 1)
    return Engine(lambda: _pool(workers), 2 * workers)


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


def _pool(workers: int) -> Executor:
    # Spawned, since neither OpenCV nor Qt survives a fork.
    pool = ProcessPoolExecutor(workers, multiprocessing.get_context("spawn"), _begin_worker)
    try:
        with _interrupts_held():
            ready = [pool.submit(_ready) for _ in range(workers)]  # a process is started for each, all at once
        ready[0].result()  # if processes cannot start at all, no picture is to blame
    except (BrokenExecutor, OSError) as error:
        pool.shutdown(wait=False, cancel_futures=True)
        raise ExportError(
            f"worker processes cannot be started ({' '.join(str(error).split())}); with 0 workers none are needed"
        ) from error
    return pool


def _ready() -> None:
    pass


def _begin_worker() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the parent, which lets running jobs finish
    cv2.setNumThreads(1)
    _keep_memory()
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _keep_memory() -> None:
    """Keep freed memory for the next picture; fetching it anew, page by page, took up to a third of the time."""
    if sys.platform == "linux":
        with contextlib.suppress(AttributeError, OSError):  # a C library other than glibc
            mallopt = ctypes.CDLL(None).mallopt
            mallopt(_M_MMAP_THRESHOLD, 2**30)
            mallopt(_M_TRIM_THRESHOLD, 2**31 - 1)


def _end_with_parent() -> None:
    """Without this, workers of a killed parent would wait for jobs for ever."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


@contextlib.contextmanager
def _interrupts_held() -> Iterator[None]:
    """Keep Ctrl-C from processes that start in here, which else would die of it before they can ignore it."""
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


# -- the window of jobs --------------------------------------------------------------------------------------------


def results(jobs: Iterator[Job], engine: Engine, stop: Callable[[], bool]) -> Generator[Result | None, None, None]:
    """Run jobs and give their results as they come; None at the start and whenever nothing came for a while.

    When an executor breaks (a worker process died), another is started, and the jobs that were in it are tried again
    one at a time; the one that breaks the executor once more is reported as failed, and the rest goes on.

    Raises
    ------
    ExportError
        If no executor can be started.
    """
    executor = engine.start()
    pending: dict[Future[Result], Job] = {}
    suspects: deque[Job] = deque()
    lost: list[Job] = []

    def submit(job: Job) -> bool:
        try:
            with _interrupts_held():
                pending[executor.submit(run, job)] = job
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
                        yield future.result()
                    except BrokenExecutor:
                        lost.append(job)
                    except Exception as error:  # such as a result that does not come back in one piece
                        yield Result(job.key, job.label, job.seed, reason=f"failed: {' '.join(str(error).split())}")
                if not finished:
                    yield None
                # A suspect stays alone until it is done; a broken executor gives back all its jobs.
                if not pending or not (alone or lost):
                    break
            if lost:
                executor.shutdown(wait=True, cancel_futures=True)
                _remove_strays(lost)
                if alone:
                    (job,) = lost
                    reason = "a worker process died of it twice (out of memory, or a crash in a decoder)"
                    yield Result(job.key, job.label, job.seed, reason=reason)
                else:
                    suspects.extend(lost)
                lost.clear()
                executor = engine.start()
    finally:
        executor.shutdown(wait=True, cancel_futures=True)


def _remove_strays(jobs: Iterable[Job]) -> None:
    """Remove what jobs without a result may have written: no manifest will list it."""
    for job in jobs:
        paths = [Path(job.out, job.path(copy, suffix)) for copy in job.copies for suffix in SUFFIXES]
        with contextlib.suppress(OSError):
            for path in (*paths, *Path(job.out, IMAGES, job.folder).glob(".augstudio-*.tmp")):
                path.unlink(missing_ok=True)


# -- keeping count -------------------------------------------------------------------------------------------------


@dataclass
class _Tally:
    out: Path
    total: int
    skipped: tuple[str, ...]
    done: int = 0
    files: int = 0
    bytes: int = 0
    classes: Counter[str] = field(default_factory=Counter)
    failures: list[Failure] = field(default_factory=list)
    notes: Counter[str] = field(default_factory=Counter)
    created: float = field(default_factory=time.monotonic)
    began: float | None = None

    def begin(self) -> None:
        if self.began is None:
            self.began = time.monotonic()

    def add(self, result: Result) -> None:
        self.files += len(result.outputs)
        self.bytes += sum(output.bytes for output in result.outputs)
        if result.outputs:
            self.classes[result.label] += len(result.outputs)
        self.notes.update(result.notes)
        if result.fatal:
            return  # the picture is not to blame, and not done
        self.done += 1
        if result.reason:
            self.failures.append(Failure(result.key, result.reason))

    def progress(self) -> Progress:
        elapsed = 0.0 if self.began is None else time.monotonic() - self.began
        known = self.done > 0 and elapsed > 1
        return Progress(
            done=self.done,
            total=self.total,
            files=self.files,
            bytes=self.bytes,
            failures=len(self.failures),
            elapsed=elapsed,
            rate=self.files / elapsed if elapsed > 0 else 0.0,
            eta=elapsed / self.done * (self.total - self.done) if known else None,
        )

    def report(self, state: State, reason: str = "") -> Report:
        return Report(
            state=state,
            reason=reason,
            out=self.out,
            total=self.total,
            done=self.done,
            files=self.files,
            bytes=self.bytes,
            classes=dict(self.classes),
            failures=tuple(sorted(self.failures, key=lambda failure: failure.source)),
            skipped=self.skipped,
            notes=dict(self.notes),
            elapsed=time.monotonic() - self.created,
        )
