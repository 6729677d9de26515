"""The sheet of shortcuts: the window's keys, read from the actions themselves, and what is done on its parts."""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QDialog, QGridLayout, QHBoxLayout, QLabel, QWidget

from augstudio.gui.cards.card import KEYS
from augstudio.gui.parts.controls import heading
from augstudio.gui.shell import actions

_PARTS = {
    "On a card": (
        *((QKeySequence(key).toString(QKeySequence.SequenceFormat.NativeText), words) for words, key in KEYS.items()),
        ("Left, Right", "Fold, unfold"),
    ),
    "On its eye": (
        ("Click", "Switch it off, or on"),
        ("Press and hold", "The picture without it"),
        ("Alt+click", "It alone, or all of them again"),
    ),
    "On a slider or a number": (
        ("Arrow, Page keys", "One step, ten steps"),
        ("Shift", "A tenth of the way, by mouse and keys"),
        ("Space", "The other handle of a slider"),
        ("Double-click", "The default"),
        ("Escape", "Let go: the copy as it was drawn"),
    ),
    "In the list of pictures": (("X", "Exclude from exports, or take back"),),
    "In the sheet": (
        ("Enter, click", "Look at the picture large"),
        ("X", "Exclude from exports, or take back"),
        ("Ctrl+wheel", "Larger or smaller tiles"),
    ),
    "In the row of steps": (("Left, Right", "The copy after one step less, or more"),),
    "On a large picture": (
        ("Wheel, + and −", "Zoom"),
        ("Drag, arrow keys", "Move"),
        ("Double-click", "100 %, or fit"),
    ),
}


class ShortcutSheet(QDialog):
    """Keys on the left, what they do on the right; Escape, or the key that opened it, closes it."""

    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        self.setObjectName("shortcuts")
        self.setWindowTitle("Keyboard shortcuts")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        everywhere, parts = _Column("shortcuts.window"), _Column("shortcuts.parts")
        everywhere.add("Everywhere", actions.keys_in_words(window))
        for title, lines in _PARTS.items():
            parts.add(title, lines)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(24, 16, 24, 16)
        layout.setSpacing(40)
        for column in (everywhere, parts):
            layout.addWidget(column, 0, Qt.AlignmentFlag.AlignTop)
        QShortcut(QKeySequence("F1"), self).activated.connect(self.reject)


class _Column(QWidget):
    """Lines under headings."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self.setObjectName(name)
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(20)
        self._grid.setVerticalSpacing(5)

    def add(self, title: str, lines: Iterable[tuple[str, str]]) -> None:
        grid = self._grid
        row = grid.rowCount()
        words = heading(title)
        words.setContentsMargins(0, 10 if row > 1 else 0, 0, 0)
        grid.addWidget(words, row, 0, 1, 2)
        for number, pair in enumerate(lines, row + 1):
            for column, text in enumerate(pair):
                label = QLabel(text)
                label.setTextFormat(Qt.TextFormat.PlainText)
                label.setProperty("muted", column == 1)
                grid.addWidget(label, number, column)
