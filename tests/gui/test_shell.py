"""The shell: who is told of what, keys that work wherever the focus is, the order of the Tab key, themes, shortcuts."""

from __future__ import annotations

from dataclasses import fields
from functools import partial

from driving import activate, find, settle
from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractSpinBox, QLineEdit, QPlainTextEdit, QWidget

from augstudio.gui.intent.state import Scene
from augstudio.gui.shell.window import Window

CONTROL = Qt.KeyboardModifier.ControlModifier


def test_every_field_of_the_scene_has_its_setters(window: Window) -> None:
    assert list(window._table()) != []
    assert set(window._table()) == {field.name for field in fields(Scene)}


# -- keys ------------------------------------------------------------------------------------------------------------


def places(window: Window) -> list[QWidget]:
    """Everything in a window that can have the focus."""
    return [
        widget
        for widget in window.findChildren(QWidget)
        if widget.isVisible() and widget.isEnabled() and widget.focusPolicy() != Qt.FocusPolicy.NoFocus
    ]


def test_keys_work_wherever_the_focus_is(loaded: Window) -> None:
    """Undo, redo and every other key of the window; but those that move by words stay with fields of text."""
    for name in ("gaussian_noise", "rotate", "channel_gain"):
        loaded.studio.add_step(name)
    settle(loaded)
    activate(loaded)
    done: list[str] = []
    for action in loaded._actions.values():
        action.blockSignals(True)
        action.setEnabled(True)
        action.blockSignals(False)
        if action.receivers("2triggered(bool)"):
            action.triggered.disconnect()
        action.triggered.connect(partial(lambda name, *_: done.append(name), action.objectName()))
    missed, tried = [], 0
    for place in places(loaded):
        text = isinstance(place, QLineEdit | QAbstractSpinBox | QPlainTextEdit)
        for action in loaded._actions.values():
            for key in action.shortcuts():
                if text and action.objectName() in ("action.next_picture", "action.previous_picture"):
                    continue
                place.setFocus()
                done.clear()
                QTest.keySequence(place, key)
                tried += 1
                if done != [action.objectName()]:
                    missed.append((place.objectName() or type(place).__name__, key.toString(), list(done)))
    assert missed == []
    assert tried > 200


def test_a_field_keeps_the_keys_that_its_text_needs(loaded: Window) -> None:
    activate(loaded)
    loaded.studio.set_seed(5)
    line = find(loaded, QLineEdit, "pictures.filter")
    line.setFocus()
    QTest.keyClicks(line, "one two")
    QTest.keyClick(line, Qt.Key.Key_Left, CONTROL)
    assert line.cursorPosition() == 4, "by words"
    QTest.keySequence(line, QKeySequence("Ctrl+Z"))
    assert line.text() == ""
    assert loaded.studio.state.seed == 5
    QTest.keySequence(line, QKeySequence("Ctrl+Shift+Z"))
    assert line.text() == "one two"
    QTest.keySequence(line, QKeySequence("Ctrl+Z"))
    QTest.keySequence(line, QKeySequence("Ctrl+Z"))
    assert loaded.studio.state.seed == 0, "what has no more text of its own to take back leaves it to the window"
    settle(loaded)


def test_a_field_that_is_gone_is_forgotten(loaded: Window) -> None:
    activate(loaded)
    box = next(box for box in loaded.pipeline.findChildren(QAbstractSpinBox) if box.isVisible())
    box.setFocus()
    loaded.studio.new_pipeline()
    settle(loaded)
    QTest.keyClick(loaded, Qt.Key.Key_Z, CONTROL)
    settle(loaded)
    assert loaded.studio.state.pipeline.transforms
