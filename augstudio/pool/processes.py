"""Worker processes of this machine as an executor in which no job goes on for ever.

Python's own modules alone: the tests run this file with every Python that they find, as it looks into a pool's insides.
"""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Iterable
from concurrent.futures import BrokenExecutor, Executor, Future, ProcessPoolExecutor
from multiprocessing import connection
from multiprocessing.process import BaseProcess
from typing import Any

from augstudio.pool import starting, worker
from augstudio.pool.retrying import Allowed, Engine, PoolError

_START = 300.0
"""Seconds that a process may take until it is ready."""
_TRIES = 3
"""How often processes are started before it is taken to be impossible."""
_PAUSE = 0.1
"""Seconds between two tries."""
_PATIENCE = 1.0
"""Seconds between the ends of two workers, at most."""


def local(
    workers: int,
    seconds: Allowed,
    *,
    first: Callable[[], object] | None = None,
    preload: str = "",
    gently: bool = False,
) -> Engine:
    """Run jobs on this machine: in so many processes, or with 0 in the calling thread.

    Parameters
    ----------
    workers : int
        0 or more.
    seconds : callable
        How long a job in a process may take; one that takes longer ends its process.
    first : callable or None
        What each process does before its first job: a function that can be pickled.
    preload : str
        As of `starting.context`.
    gently : bool
        Whether processes give way to all other programs.
    """
    if workers == 0:
        return Engine(Inline, 1)

    def start() -> Executor:
        return _started(workers, seconds, first, preload, gently=gently)

    return Engine(start, 4 * workers)  # with fewer, workers wait where jobs take no time


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


class Processes(ProcessPoolExecutor):
    """Processes in which no job goes on for ever: one that does takes its process with it.

    What is private to Python's own pool is used here and nowhere else.

    Parameters
    ----------
    workers : int
        How many, at least 1.
    seconds : callable
        How long a call may take.
    first, preload, gently
        As of `local`.
    """

    def __init__(
        self,
        workers: int,
        seconds: Allowed,
        first: Callable[[], object] | None = None,
        preload: str = "",
        *,
        gently: bool = False,
    ) -> None:
        super().__init__(
            workers, starting.context(preload), initializer=worker.begin, initargs=(dict(os.environ), gently, first)
        )
        self._workers, self._seconds = workers, seconds

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        """Run it within the time that it may take."""
        return super().submit(worker.within, self._seconds(args), fn, *args, **kwargs)

    def begin(self) -> None:
        """Start all processes, and wait for the first one that is ready.

        Raises
        ------
        BrokenExecutor, OSError, EOFError
            If they cannot be started.
        """
        with starting.interrupts_held():
            # One process is started for each, all at once.
            ready = [
                ProcessPoolExecutor.submit(self, worker.within, _START, worker.ready) for _ in range(self._workers)
            ]
            while len(self._processes) < self._workers:  # the first may have been ready before the last was asked for
                self._spawn_process()  # type: ignore[attr-defined]
            # It may tell half a result: with no other writer, the end of the last process is the end of it.
            self._result_queue._writer.close()  # type: ignore[attr-defined]
            threading.Thread(target=_end_together, args=(list(self._processes.values()),), daemon=True).start()
        ready[0].result()


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


def _started(
    workers: int,
    seconds: Allowed,
    first: Callable[[], object] | None,
    preload: str,
    *,
    gently: bool,
    tries: int = _TRIES,
) -> Executor:
    pool = Processes(workers, seconds, first, preload, gently=gently)
    try:
        pool.begin()  # if processes cannot start at all, no job is to blame
    except (BrokenExecutor, OSError, EOFError) as error:
        pool.shutdown(wait=False, cancel_futures=True)
        if tries > 1:  # somebody may have killed one of them, or the process that they are forked from
            time.sleep(_PAUSE)
            return _started(workers, seconds, first, preload, gently=gently, tries=tries - 1)
        raise PoolError(
            f"worker processes cannot be started ({' '.join(str(error).split())}); with 0 workers none are needed"
        ) from error
    return pool
