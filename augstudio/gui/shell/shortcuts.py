"""The sheet of keyboard shortcuts, read from the actions themselves."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QDialog, QGridLayout, QLabel, QWidget

from augstudio.gui.parts.controls import heading
from augstudio.gui.shell import actions


class ShortcutSheet(QDialog):
    """Keys on the left, what they do on the right; Escape, or the key that opened it, closes it."""

    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        self.setObjectName("shortcuts")
        self.setWindowTitle("Keyboard shortcuts")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        layout = QGridLayout(self)
        layout.setContentsMargins(24, 20, 24, 20)
        layout.setHorizontalSpacing(24)
        layout.setVerticalSpacing(8)
        for row, (keys, words) in enumerate(actions.keys_in_words(window)):
            what = QLabel(words)
            what.setTextFormat(Qt.TextFormat.PlainText)
            layout.addWidget(heading(keys), row, 0)
            layout.addWidget(what, row, 1)
        QShortcut(QKeySequence("F1"), self).activated.connect(self.reject)
