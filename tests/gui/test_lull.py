"""Telling that nothing has come for a while."""

from __future__ import annotations

import time

from PySide6.QtCore import QEvent, QObject, QTimer
from pytestqt.qtbot import QtBot

from augstudio.gui.parts.lull import Lull


def test_it_tells_once_that_nothing_has_come(qtbot: QtBot) -> None:
    lull, told = Lull(20), list[float]()
    lull.came.connect(lambda: told.append(time.monotonic()))
    began = time.monotonic()
    lull.wait()
    qtbot.waitUntil(lambda: bool(told), timeout=30_000)
    assert told[0] - began >= 0.9 * 0.020  # Qt lets such timers come 5 % early
    assert not lull.isActive()
    qtbot.wait(60)
    assert len(told) == 1


def test_what_comes_starts_it_anew(qtbot: QtBot) -> None:
    lull, told = Lull(40), list[float]()
    lull.came.connect(lambda: told.append(time.monotonic()))
    lull.wait()
    for _ in range(8):
        qtbot.wait(10)
        lull.wait()
    last = time.monotonic()
    qtbot.waitUntil(lambda: bool(told), timeout=30_000)
    assert told[-1] - last >= 0.9 * 0.040


def test_what_waited_in_line_while_the_window_was_busy_comes_first(qtbot: QtBot) -> None:
    """Both the timer and a move are due when the window has time again; the move starts it anew."""
    lull, order = Lull(20), list[str]()

    class Hand(QObject):
        def event(self, event: QEvent) -> bool:
            if event.type() == QEvent.Type.Timer:
                self.killTimer(event.timerId())  # type: ignore[attr-defined]
                order.append("move")
                lull.wait()
            return True

    hand = Hand()
    lull.came.connect(lambda: order.append("lull"))
    lull.wait()
    hand.startTimer(25)
    QTimer.singleShot(0, lambda: time.sleep(0.1))
    qtbot.waitUntil(lambda: "lull" in order, timeout=30_000)
    assert order == ["move", "lull"]


def test_a_window_that_is_always_busy_is_told_all_the_same(qtbot: QtBot) -> None:
    lull, told = Lull(10), list[None]()
    lull.came.connect(lambda: told.append(None))
    busy = QTimer()
    busy.timeout.connect(lambda: time.sleep(0.05))
    busy.start(0)
    lull.wait()
    qtbot.waitUntil(lambda: bool(told), timeout=30_000)
    busy.stop()
