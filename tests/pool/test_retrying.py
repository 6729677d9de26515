"""The window of jobs, with jobs that are mere numbers."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import BrokenExecutor, Executor, Future, ThreadPoolExecutor
from typing import Any

import pytest

from augstudio.pool.processes import Inline
from augstudio.pool.retrying import Engine, Finished, PoolError, results


def square(number: int) -> int:
    return number * number


def never() -> bool:
    return False


def all_of(
    jobs: Sequence[int],
    engine: Engine,
    work: Callable[[int], int] = square,
    stop: Callable[[], bool] = never,
    abandoned: Callable[[Sequence[int]], object] = lambda jobs: None,
) -> list[Finished[int, int]]:
    return [end for end in results(iter(jobs), work, engine, stop, abandoned) if end is not None]


class Breaking(Inline):
    """An executor that breaks for good on some numbers, and takes along what lies in it."""

    def __init__(self, *killers: int) -> None:
        self.killers, self.broken, self.ended = killers, False, 0

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        if self.broken:
            raise BrokenExecutor("broken before")
        if args[0] in self.killers:
            self.broken = True
            future: Future[Any] = Future()
            future.set_exception(BrokenExecutor("just broken"))
            return future
        return super().submit(fn, *args, **kwargs)

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        self.ended += 1


@pytest.mark.parametrize("window", [1, 3, 50])
@pytest.mark.parametrize("start", [Inline, lambda: ThreadPoolExecutor(4)])
def test_each_job_comes_to_its_end_once(start: Callable[[], Executor], window: int) -> None:
    ended = all_of(range(20), Engine(start, window))
    assert sorted((end.job, end.value, end.reason) for end in ended) == [(n, n * n, "") for n in range(20)]


@pytest.mark.parametrize("window", [1, 2, 7])
def test_who_breaks_an_executor_twice_is_given_up_alone(window: int) -> None:
    started: list[Breaking] = []
    abandoned: list[int] = []

    def start() -> Breaking:
        started.append(Breaking(3, 8))
        return started[-1]

    ended = all_of(range(10), Engine(start, window), abandoned=abandoned.extend)
    assert sorted(end.job for end in ended) == list(range(10))
    given_up = {end.job: end for end in ended if end.reason}
    assert set(given_up) == {3, 8}
    assert all(end.value is None and "died of it twice" in end.reason for end in given_up.values())
    assert [abandoned.count(killer) for killer in (3, 8)] == [2, 2], "told before it is tried again, and at the end"
    assert max(abandoned.count(job) for job in range(10) if job not in given_up) <= 1 if window > 1 else True
    assert all(executor.ended for executor in started), "none is left behind"


def test_what_does_not_come_back_is_abandoned_too() -> None:
    def fail(number: int) -> int:
        if number == 2:
            raise ValueError("in two\nlines")
        return number

    abandoned: list[list[int]] = []
    ended = all_of(range(4), Engine(Inline, 1), fail, abandoned=lambda jobs: abandoned.append(list(jobs)))
    assert [(end.job, end.value, end.reason) for end in ended] == [
        (0, 0, ""),
        (1, 1, ""),
        (2, None, "failed: in two lines"),
        (3, 3, ""),
    ]
    assert abandoned == [[2]]


def test_no_executor_is_started_for_nothing() -> None:
    def start() -> Executor:
        raise AssertionError("there is nothing to do")

    assert all_of([], Engine(start, 4)) == []


def test_an_executor_that_cannot_be_started_again_is_the_end() -> None:
    first = Breaking(2)
    executors = iter([first])

    def start() -> Executor:
        if (executor := next(executors, None)) is None:
            raise PoolError("no more of them")
        return executor

    with pytest.raises(PoolError, match="no more of them"):
        all_of(range(5), Engine(start, 1))
    assert first.ended


def test_nothing_is_begun_after_a_stop_and_what_has_begun_ends() -> None:
    stopped, go, begun = threading.Event(), threading.Event(), list[int]()

    def wait(number: int) -> int:
        begun.append(number)
        if number == 2:
            stopped.set()
            go.wait(60)
        return number

    def stop() -> bool:
        if stopped.is_set():
            go.set()
        return stopped.is_set()

    ended = all_of(range(100), Engine(lambda: ThreadPoolExecutor(1), 5), wait, stop)
    assert [end.job for end in ended] == begun
    assert 3 <= len(begun) < 100


def test_jobs_are_asked_for_as_there_is_room() -> None:
    taken: list[int] = []

    def jobs() -> Iterator[int]:
        for number in range(30):
            taken.append(number)
            yield number

    most = 0
    ended = 0
    for end in results(jobs(), square, Engine(Inline, 4), never):
        most = max(most, len(taken) - ended)
        ended += end is not None
    assert ended == 30
    assert most <= 5, "a window of four, and one that was asked for ahead"


def test_a_caller_that_goes_away_leaves_no_executor_behind() -> None:
    executor = Breaking()
    running = results(iter(range(10)), square, Engine(lambda: executor, 2), never)
    assert next(running) is None
    first = next(running)
    assert first is not None
    assert first in (Finished(0, 0), Finished(1, 1)), "of two that are ready at once, either may come first"
    running.close()
    assert executor.ended == 1
