"""A folder of 20,000 pictures: shown at once, thumbnails only for what is in view, and the window stays awake."""

from __future__ import annotations

import gc
import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from driving import find, settle, until, write
from PySide6.QtCore import QPoint, QPointF, Qt, QTimer
from PySide6.QtGui import QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QLineEdit, QListView, QTreeWidget
from windows import OpenWindow

from augstudio.gui.shell.window import Window

pytestmark = pytest.mark.slow

COUNT, CLASSES = 20_000, 20
LONGEST_STALL = 0.25
"""Seconds. Some 0.1 when the folder opens, less afterwards; a busy machine must not break the test."""
FIRST_PICTURE = 10.0


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Links to a few files, since 20,000 files of their own take a while."""
    root = tmp_path_factory.mktemp("large")
    originals = [write(root / "originals" / f"{seed}.png", 24, 32, seed=seed) for seed in range(8)]
    for label in range(CLASSES):
        target = root / "pictures" / f"class {label:02}"
        target.mkdir(parents=True)
        for number in range(COUNT // CLASSES):
            os.link(originals[number % 8], target / f"{number:05}.png")
    return root / "pictures"


class Heartbeat:
    """Beats from the event loop; knows the most that the window's thread worked between two beats.

    Its own processor time, not the clock's: on a busy machine other programs hold it up as well.
    """

    def __init__(self) -> None:
        self.longest = 0.0
        self._last = time.thread_time()
        self._timer = QTimer(interval=1)
        self._timer.timeout.connect(self._beat)
        self._timer.start()

    def _beat(self) -> None:
        now = time.thread_time()
        self.longest, self._last = max(self.longest, now - self._last), now

    def during(self, act: Callable[[], object]) -> float:
        """The longest stall while something is done.

        What thousands of tests have left behind is not the window's to search for garbage: a program begins with
        nothing of the kind (see `leave_room_for_window`).
        """
        gc.collect()
        gc.freeze()
        try:
            self._beat()
            self.longest = 0.0
            act()
            QApplication.processEvents()
            self._beat()
        finally:
            gc.unfreeze()
        return self.longest


@pytest.fixture
def read(window: Window, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Keys of the pictures that a thumbnail was made of."""
    made: list[str] = []
    work = window.pictures.model.worker._run

    def spy(source: Any) -> Any:
        made.append(source.key)
        return work(source)

    monkeypatch.setattr(window.pictures.model.worker, "_run", spy)
    return made


@pytest.fixture
def heart(qapp: QApplication) -> Iterator[Heartbeat]:
    heart = Heartbeat()
    yield heart
    heart._timer.stop()


def visible(window: Window) -> int:
    """About how many tiles the list has room for."""
    view = find(window, QListView, "pictures.list")
    grid = view.gridSize()
    return (view.viewport().width() // grid.width() or 1) * (view.viewport().height() // grid.height() + 2)


def test_it_is_usable_at_once(window: Window, folder: Path, read: list[str], heart: Heartbeat) -> None:
    begun = time.perf_counter()

    def opened() -> None:
        window.open_folder(folder)
        until(lambda: window.compare.augmented.image() is not None, "the first picture")

    stall = heart.during(opened)
    first = time.perf_counter() - begun
    assert first < FIRST_PICTURE
    assert stall < LONGEST_STALL
    settle(window)
    assert window.pictures.model.rowCount() == COUNT
    assert len(read) == len(set(read)), "none is read twice"
    assert 0 < len(read) <= visible(window) * 2, "only what is in view"
    assert set(read) <= {window.pictures.model.source(row).key for row in range(visible(window) * 2)}


def test_scrolling_reads_only_what_comes_to_rest(
    open_window: OpenWindow, window: Window, folder: Path, read: list[str], heart: Heartbeat
) -> None:
    window.open_folder(folder)
    settle(window)
    view = find(window, QListView, "pictures.list")
    bar = view.verticalScrollBar()
    before = len(read)

    def scroll() -> None:
        for step in range(1, 101):
            bar.setValue(bar.maximum() * step // 100)
            QApplication.processEvents()
        settle(window)

    stall = heart.during(scroll)
    assert len(read) - before < COUNT / 10
    assert window.pictures.model.source(COUNT - 1).key in read, "what is in view at the end is read"
    assert stall < LONGEST_STALL
    place = QPointF(view.viewport().rect().center())
    wheel = QWheelEvent(
        place,
        QPointF(view.viewport().mapToGlobal(place.toPoint())),
        QPoint(),
        QPoint(0, 240),
        Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    QApplication.sendEvent(view.viewport(), wheel)
    assert bar.value() < bar.maximum()
    settle(window)


def test_walking_filtering_and_classes_stay_smooth(
    window: Window, folder: Path, read: list[str], heart: Heartbeat
) -> None:
    window.open_folder(folder)
    settle(window)
    line, tree = find(window, QLineEdit, "pictures.filter"), find(window, QTreeWidget, "pictures.classes")

    def walk() -> None:
        for _ in range(20):
            QTest.keyClick(window, Qt.Key.Key_Right, Qt.KeyboardModifier.ControlModifier)
            QApplication.processEvents()
        settle(window)

    def filter_names() -> None:
        for letter in "00042":
            QTest.keyClicks(line, letter)
            QApplication.processEvents()
        settle(window)

    def choose() -> None:
        (item,) = tree.findItems("class 13", Qt.MatchFlag.MatchExactly | Qt.MatchFlag.MatchRecursive)
        tree.setCurrentItem(item)
        settle(window)

    stalls = {act.__name__: heart.during(act) for act in (walk, filter_names, choose)}
    assert window.pictures.model.rowCount() == 1, "one picture of that class has that name"
    assert max(stalls.values()) < LONGEST_STALL, stalls
    line.clear()
    settle(window)
    assert window.pictures.model.rowCount() == COUNT // CLASSES
    assert "20,000" in window.statusBar().findChild(QLabel).text()


def test_a_folder_can_be_left_while_it_is_listed(window: Window, folder: Path, tmp_path: Path) -> None:
    write(tmp_path / "small" / "a.png")
    window.open_folder(folder)
    QApplication.processEvents()
    window.open_folder(tmp_path / "small")
    settle(window)
    assert window.pictures.model.rowCount() == 1
    begun = time.perf_counter()
    window.open_folder(folder)
    window.stop()
    assert time.perf_counter() - begun < 2


def test_it_is_read_anew_without_a_stall(window: Window, folder: Path, heart: Heartbeat) -> None:
    window.open_folder(folder)
    settle(window)
    view = find(window, QListView, "pictures.list")
    view.verticalScrollBar().setValue(view.verticalScrollBar().maximum() // 2)
    settle(window)
    place = view.verticalScrollBar().value()

    def anew() -> None:
        window.reload()
        settle(window)

    stall = heart.during(anew)
    assert view.verticalScrollBar().value() == place
    new = write(folder / "class 19" / "zz.png", 24, 32)
    try:

        def notice() -> None:
            until(lambda: window.pictures.model.rowCount() == COUNT + 1, "the new picture is listed")
            settle(window)

        longer = heart.during(notice)
        assert view.verticalScrollBar().value() == place
    finally:
        new.unlink()
    until(lambda: window.pictures.model.rowCount() == COUNT, "the picture is gone")
    settle(window)
    assert max(stall, longer) < LONGEST_STALL, (stall, longer)
