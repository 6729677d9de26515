"""What can be done by key, button or menu, each said once: its words, its icon, its keys."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import shiboken6
from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QAction, QKeyEvent, QKeySequence
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractSpinBox,
    QApplication,
    QLineEdit,
    QMainWindow,
    QPlainTextEdit,
    QWidget,
)

from augstudio.gui.parts import style
from augstudio.gui.parts.number_field import NumberField


class Entry(NamedTuple):
    """One action; `keys` are parted by a space, the first is the one that is shown."""

    name: str
    text: str
    icon: str
    keys: str
    tip: str


ENTRIES = (
    Entry("open", "Open", "open", "Ctrl+O", "Open a folder of pictures"),
    Entry("reload", "Read the folder anew", "", "F5", "Read the open folder anew"),
    Entry("preset", "Preset", "preset", "Ctrl+P", "Choose a preset"),
    Entry("save_preset", "Save", "save", "Ctrl+S", "Save the pipeline as a preset"),
    Entry("save_preset_as", "Save as…", "save", "Ctrl+Shift+S", "Save under a name"),
    Entry("code", "Code for…", "", "", "Write the pipeline as code for NumPy, Keras, torchvision or Albumentations"),
    Entry("undo", "Undo", "undo", "Ctrl+Z", "Undo"),
    Entry("redo", "Redo", "redo", "Ctrl+Shift+Z Ctrl+Y", "Redo"),
    Entry("new_seed", "New seed", "seed", "Ctrl+R", "Draw other variations: a new seed"),
    Entry("export", "Export…", "export", "Ctrl+E", "Export an augmented dataset"),
    Entry("resume_export", "Resume an export…", "export", "Ctrl+Shift+E", "Go on with an export that was not finished"),
    Entry("verify_export", "Verify an export…", "fine", "Ctrl+Shift+V", "Read an export again and look what changed"),
    Entry("trial", "Does it help?…", "", "Ctrl+H", "Train small networks with this pipeline's copies and without"),
    Entry("find", "Find pictures by name", "", "Ctrl+F", "Find pictures by name"),
    Entry("next_picture", "Next picture", "", "Ctrl+Right", "Show the next picture"),
    Entry("previous_picture", "Previous picture", "", "Ctrl+Left", "Show the picture before"),
    Entry("labels", "Show labels", "", "L", "Show or hide labels over the pictures"),
    Entry("view_picture", "Picture", "", "Alt+1", "Look at one picture and its copy"),
    Entry("view_sheet", "Sheet", "", "Alt+2", "Look at many pictures"),
    Entry("view_steps", "Steps", "", "Alt+3", "Look at a copy step by step"),
    Entry("view_compare", "A | B", "", "Alt+4", "Hold two pipelines against each other"),
    Entry(
        "flip", "Original in its place, while held", "", "O", "Show the original, or A, in the copy's place while held"
    ),
    Entry("pin", "Pin as A", "", "Ctrl+Shift+A", "Keep the pipeline as A, to hold others against it"),
    Entry("shortcuts", "Keyboard shortcuts", "", "F1", "Show all keyboard shortcuts"),
)

_TOLD = ("preset", "trial", "labels", "view_picture", "view_sheet", "view_steps", "view_compare", "pin")
"""Actions whose tips say more of what their keys do than their words."""


def make(window: QMainWindow) -> dict[str, QAction]:
    """The window's actions by their names; their keys work wherever its focus is."""
    return {entry.name: _make(entry, window) for entry in ENTRIES}


def _make(entry: Entry, window: QMainWindow) -> QAction:
    action = QAction(entry.text, window)
    action.setObjectName(f"action.{entry.name}")
    if entry.icon:
        action.setIcon(style.icon(entry.icon))
        action.setProperty("icon_name", entry.icon)
    action.setShortcuts([QKeySequence(key) for key in entry.keys.split()])
    action.setToolTip(tip(action, entry.tip))
    action.setCheckable(entry.name == "labels")
    action.setAutoRepeat(entry.name != "flip")
    action.setProperty("words", entry.tip if entry.name in _TOLD else entry.text.rstrip("…"))
    window.addAction(action)
    return action


def tip(action: QAction, words: str) -> str:
    """Words with the action's key behind them."""
    native = action.shortcut().toString(QKeySequence.SequenceFormat.NativeText)
    return f"{words} ({native})" if native else words


def keys_in_words(window: QWidget) -> Iterator[tuple[str, str]]:
    """What each key of the window does: its keys, as this system writes them, and the words."""
    for action in window.actions():
        keys = [key.toString(QKeySequence.SequenceFormat.NativeText) for key in action.shortcuts()]
        if keys:
            yield " or ".join(keys), str(action.property("words") or action.text().rstrip("…"))
    for button in window.findChildren(QAbstractButton):
        if key := button.shortcut().toString(QKeySequence.SequenceFormat.NativeText):
            yield key, button.toolTip().removesuffix(f" ({button.shortcut().toString()})") or button.text()


class KeysFirst(QObject):
    """Leaves the window's keys to the window where the focus is in a field, unless the field needs them for its text.

    Line edits claim more keys than they have a use for (Ctrl+E goes to the end of the line on X11), and undo even
    where there is nothing of theirs to take back.
    """

    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        self._window = window
        self._watched: QWidget | None = None
        app = QApplication.instance()
        assert isinstance(app, QApplication)
        app.focusChanged.connect(self._moved)

    def _moved(self, _old: QWidget | None, new: QWidget | None) -> None:
        if self._watched is not None and shiboken6.isValid(self._watched):  # it may be gone, card and all
            self._watched.removeEventFilter(self)
        self._watched = None
        if isinstance(new, QLineEdit | QAbstractSpinBox | QPlainTextEdit) and new.window() is self._window:
            new.installEventFilter(self)
            self._watched = new

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Leave a key that is one of the window's to the window."""
        if event.type() != QEvent.Type.ShortcutOverride or not isinstance(event, QKeyEvent):
            return False
        pressed = QKeySequence(event.keyCombination())
        ours = any(pressed in action.shortcuts() for action in self._window.actions())
        if not ours or _needs(watched, event):
            return False
        event.ignore()
        return True


class Release(QObject):
    """Tells when the key of an action is released, whatever has the focus by then: a menu that was opened, say.

    Signals
    -------
    released()
        The key is up again.
    """

    released = Signal()

    def __init__(self, action: QAction) -> None:
        super().__init__(action)
        self._action = action
        action.triggered.connect(lambda: self._app().installEventFilter(self))

    def _app(self) -> QApplication:
        app = QApplication.instance()
        assert isinstance(app, QApplication)
        return app

    def eventFilter(self, _watched: QObject, event: QEvent) -> bool:
        """Look for the key; nobody is kept from it."""
        if (
            event.type() == QEvent.Type.KeyRelease
            and isinstance(event, QKeyEvent)
            and not event.isAutoRepeat()
            and QKeySequence(event.key()) in self._action.shortcuts()
        ):
            self._app().removeEventFilter(self)
            self.released.emit()
        return False


def _needs(field: QObject, event: QKeyEvent) -> bool:
    """Whether a field has a use for a key of the window's."""
    line = field.lineEdit() if isinstance(field, QAbstractSpinBox) else field
    words = QKeySequence.StandardKey.MoveToNextWord, QKeySequence.StandardKey.MoveToPreviousWord
    if any(event.matches(key) for key in words) or (_is_letter(event) and _takes_words(field)):
        return True
    if event.matches(QKeySequence.StandardKey.Undo):
        return isinstance(line, QPlainTextEdit) or (isinstance(line, QLineEdit) and _undoes(field, line))
    if event.matches(QKeySequence.StandardKey.Redo) or event.key() == Qt.Key.Key_Y:
        return isinstance(line, QPlainTextEdit) or (
            not isinstance(field, QAbstractSpinBox) and isinstance(line, QLineEdit) and line.isRedoAvailable()
        )
    return False


def _takes_words(field: QObject) -> bool:
    return isinstance(field, QLineEdit | QPlainTextEdit) and not isinstance(field, NumberField)


def _is_letter(event: QKeyEvent) -> bool:
    """Whether a key writes something."""
    modifiers = event.modifiers() & ~(Qt.KeyboardModifier.ShiftModifier | Qt.KeyboardModifier.KeypadModifier)
    return modifiers == Qt.KeyboardModifier.NoModifier and event.text().isprintable() and event.text() != ""


def _undoes(field: QObject, line: QLineEdit) -> bool:
    # A number box takes no undo of its own: what it says is a part of the pipeline, or the seed.
    return not isinstance(field, QAbstractSpinBox) and line.isUndoAvailable()
