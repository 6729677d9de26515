"""Threads that work for the window."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import Any

import pytest
from driving import until
from PySide6.QtWidgets import QApplication

from augstudio.gui.parts.workers import Worker


class Bench:
    """A worker whose jobs wait until they are let go."""

    def __init__(self) -> None:
        self.begun: list[Any] = []
        self.done: list[tuple[Any, Any]] = []
        self.failed: list[tuple[Any, Exception]] = []
        self.threads: set[str] = set()
        self.go = threading.Semaphore(0)
        self.worker = Worker(self._run, "bench")
        self.worker.done.connect(self._arrived)
        self.worker.failed.connect(lambda request, error: self.failed.append((request, error)))

    def _run(self, request: Any) -> Any:
        self.begun.append(request)
        assert self.go.acquire(timeout=20)
        if isinstance(request, Exception):
            raise request
        return request * 2

    def _arrived(self, request: Any, result: Any) -> None:
        self.threads.add(threading.current_thread().name)
        self.done.append((request, result))

    def begins(self, request: Any) -> None:
        until(lambda: request in self.begun, f"{request} begins")

    def finish(self, count: int) -> None:
        for _ in range(count):
            self.go.release()
        until(lambda: self.worker.idle, "the worker rests")
        QApplication.processEvents()


@pytest.fixture
def bench(qapp: QApplication) -> Iterator[Bench]:
    bench = Bench()
    yield bench
    for _ in range(100):
        bench.go.release()
    bench.worker.stop()
    assert not bench.worker._thread.is_alive()


def test_results_come_in_order_in_the_thread_of_the_window(bench: Bench) -> None:
    bench.worker.ask([1, 2, 3])
    bench.finish(3)
    assert bench.done == [(1, 2), (2, 4), (3, 6)]
    assert bench.threads == {threading.current_thread().name}


def test_the_latest_request_wins(bench: Bench) -> None:
    bench.worker.ask([1, 2, 3])
    bench.begins(1)
    bench.worker.ask([4])
    bench.worker.ask([5, 6])
    bench.finish(3)
    assert bench.begun == [1, 5, 6], "what waits is replaced, what is under way is finished"
    assert [request for request, _ in bench.done] == [1, 5, 6]


def test_the_newest_of_what_is_added_comes_first(bench: Bench) -> None:
    bench.worker.add(0, most=3)
    bench.begins(0)
    for request in (1, 2, 2, 3, 4):
        bench.worker.add(request, most=3)
    bench.finish(4)
    assert bench.begun == [0, 4, 3, 2], "at most three wait, each once"


def test_a_failure_is_told_and_the_thread_goes_on(bench: Bench) -> None:
    error = ValueError("no")
    bench.worker.ask([error, 7])
    bench.finish(2)
    assert bench.failed == [(error, error)]
    assert bench.done == [(7, 14)]


def test_it_is_idle_only_when_nothing_is_left(bench: Bench) -> None:
    assert bench.worker.idle
    bench.worker.ask([1])
    assert not bench.worker.idle
    bench.begins(1)
    assert not bench.worker.idle
    bench.finish(1)
    assert bench.worker.idle


def test_after_the_end_nothing_arrives(bench: Bench) -> None:
    bench.worker.ask([1, 2])
    bench.begins(1)
    ending = threading.Thread(target=bench.worker.stop)
    ending.start()
    until(lambda: bench.worker._stopping)
    bench.go.release()
    ending.join(20)
    QApplication.processEvents()
    assert bench.begun == [1]
    assert bench.done == []
    bench.worker.stop()  # twice does no harm


class Two:
    """A worker that goes first, and one that gives way to it."""

    def __init__(self, patience: float | None = None) -> None:
        self.order: list[str] = []
        self.go = threading.Event()
        self.half_way = threading.Event()
        self.goes_on = threading.Event()
        self.goes_on.set()
        self.leading = Worker(self._lead, "leading")
        self.following = Worker(self._follow, "following", first=self.leading, patience=patience)

    def _lead(self, request: str) -> None:
        assert self.go.wait(20)
        self.order.append(request)

    def _follow(self, request: str) -> None:
        self.order.append(request)
        self.half_way.set()
        assert self.goes_on.wait(20)
        self.following.give_way()
        self.order.append(f"{request} after all")

    def rest(self) -> None:
        until(lambda: self.leading.idle and self.following.idle, "both rest")

    def end(self) -> None:
        self.go.set()
        self.leading.stop()
        self.following.stop()
        assert not self.following._thread.is_alive()


@pytest.fixture
def two(qapp: QApplication) -> Iterator[Two]:
    two = Two()
    yield two
    two.end()


def test_one_gives_way_to_another(two: Two) -> None:
    two.leading.ask(["first", "second"])
    two.following.ask(["third"])
    two.go.set()
    two.rest()
    assert two.order == ["first", "second", "third", "third after all"]


def test_it_waits_until_the_result_is_delivered(two: Two) -> None:
    """Made is not shown: only what the window has been handed counts."""
    seen: list[list[str]] = []
    two.leading.done.connect(lambda *_: seen.append(list(two.order)))
    two.go.set()
    two.leading.ask(["first"])
    two.following.ask(["second"])
    until(lambda: bool(two.order), "the first is made", events=False)
    assert two.order == ["first"], "no event has been handled yet"
    two.rest()
    assert seen == [["first"]]
    assert two.order[1:] == ["second", "second after all"]


def test_it_gives_way_in_the_middle_of_long_work(two: Two) -> None:
    two.goes_on.clear()
    two.following.ask(["long"])
    assert two.half_way.wait(20)
    two.leading.ask(["first"])
    two.goes_on.set()
    two.go.set()
    two.rest()
    assert two.order == ["long", "first", "long after all"]


def test_what_is_taken_back_while_it_waits_is_not_begun(two: Two) -> None:
    two.leading.ask(["first"])
    two.following.ask(["second"])
    two.following.ask([])
    two.go.set()
    two.rest()
    assert two.order == ["first"]
    two.following.ask(["third"])
    two.rest()
    assert two.order[1:] == ["third", "third after all"]


def test_taking_back_what_goes_first_lets_the_other_pass(two: Two) -> None:
    with two.leading._lock:  # before its thread can take it
        two.leading.ask(["never"])
        two.following.ask(["second"])
        two.leading.ask([])
    two.rest()
    assert two.order == ["second", "second after all"]


def test_patience_ends(qapp: QApplication) -> None:
    two = Two(patience=0.05)
    two.leading.ask(["first"])
    two.following.ask(["second"])
    until(lambda: len(two.order) == 2, "it is begun all the same")
    assert two.order == ["second", "second after all"]
    two.end()


def test_who_gives_way_can_be_stopped(two: Two) -> None:
    two.leading.ask(["first"])
    two.following.ask(["second"])
    two.following.stop(5)
    assert not two.following._thread.is_alive()
    assert two.order == []
