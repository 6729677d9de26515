"""A bounded window of jobs on an executor; those that were in one that broke are tried again, one at a time."""

from __future__ import annotations

import contextlib
import itertools
import queue
from collections import deque
from collections.abc import Callable, Generator, Iterator, Sequence
from concurrent.futures import BrokenExecutor, CancelledError, Executor, Future
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from augstudio.callbacks import ignore

J = TypeVar("J")
R = TypeVar("R")

Allowed = Callable[[tuple[Any, ...]], float]
"""How many seconds a call with these arguments may take before it is taken to hang."""
_TICK = 0.1
"""Seconds between two looks at whether to stop."""


class PoolError(Exception):
    """Jobs cannot be run, or not go on; the message is one plain line."""


@dataclass(frozen=True)
class Engine:
    """Where jobs run.

    Attributes
    ----------
    start : callable
        Makes an executor; called again when one breaks. It may raise `PoolError`.
    window : int
        How many jobs are handed to it at a time.
    remarks : tuple of str
        What somebody should know of it before it begins, a plain sentence each.
    """

    start: Callable[[], Executor]
    window: int
    remarks: tuple[str, ...] = ()


@dataclass(frozen=True)
class Finished(Generic[J, R]):
    """A job that has come to an end, be it that it was given up.

    Attributes
    ----------
    job : J
        The job.
    value : R or None
        What the work returned; None if nothing came back.
    reason : str
        Why nothing came back, in plain words on one line; else empty.
    """

    job: J
    value: R | None
    reason: str = ""


def results(
    jobs: Iterator[J],
    work: Callable[[J], R],
    engine: Engine,
    stop: Callable[[], bool],
    abandoned: Callable[[Sequence[J]], object] = ignore,
) -> Generator[Finished[J, R] | None, None, None]:
    """Do work on jobs and give what comes of them as it comes; None at the start, and when nothing came for a while.

    When an executor breaks (a worker process died), another is started, and the jobs that were in it are tried again
    one at a time; the one that breaks the executor once more is given up, and the rest goes on.

    Parameters
    ----------
    jobs : iterator
        The jobs, asked for as there is room.
    work : callable
        What is done on each: a function that can be pickled, as can what it takes and returns.
    engine : Engine
        Where it is done.
    stop : callable
        Asked some ten times a second; True lets what has begun come to its end, and begins nothing more.
    abandoned : callable
        Told of jobs that may be half done, and of which nothing came back, before they are tried again or given up.

    Raises
    ------
    PoolError
        If no executor can be started.
    """
    ahead = next(jobs, None)
    if ahead is None:  # there is nothing to do, so no need to start anything
        return
    jobs = itertools.chain((ahead,), jobs)
    executor = engine.start()
    pending: dict[Future[R], J] = {}
    done: queue.SimpleQueue[Future[R]] = queue.SimpleQueue()  # a future tells once; `wait` would ask all of them
    suspects: deque[J] = deque()
    lost: list[J] = []

    def submit(job: J) -> bool:
        try:
            future = executor.submit(work, job)
        except BrokenExecutor:
            lost.append(job)
            return False
        pending[future] = job
        future.add_done_callback(done.put)
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
                finished = list(_taken(done))
                for future in finished:
                    if future not in pending:  # it was taken back
                        continue
                    job = pending.pop(future)
                    try:
                        yield Finished(job, future.result())
                    except BrokenExecutor:
                        lost.append(job)
                    except CancelledError:
                        pass  # a cluster can tell only later that it had not been begun
                    except Exception as error:  # such as a result that does not come back in one piece
                        abandoned([job])
                        yield Finished(job, None, f"failed: {' '.join(str(error).split())}")
                if not finished:
                    yield None
                # A suspect stays alone until it is done; a broken executor gives back all its jobs.
                if not pending or not (alone or lost):
                    break
            if lost:
                executor.shutdown(wait=True, cancel_futures=True)
                abandoned(lost)
                again, lost = lost, []
                if stop():
                    return
                executor = engine.start()  # before anything is blamed: all may have come to an end
                if alone:
                    (job,) = again
                    reason = "a worker process died of it twice (out of memory, a crash in a decoder, or no end to it)"
                    yield Finished(job, None, reason)
                else:
                    suspects.extend(again)
    finally:
        executor.shutdown(wait=True, cancel_futures=True)


def _taken(done: queue.SimpleQueue[Future[R]]) -> Iterator[Future[R]]:
    """All that has come to an end, once anything has; nothing where that takes too long."""
    with contextlib.suppress(queue.Empty):
        yield done.get(timeout=_TICK)
        while True:
            yield done.get_nowait()
