"""Words that wrap: plain, or on a coloured ground."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QSizePolicy, QWidget

from augstudio.advice import Level
from augstudio.gui.parts import style


def label(name: str, spoken: str, text: str = "") -> QLabel:
    """A label for plain words, which wrap; it asks for no width."""
    words = QLabel(text)
    words.setObjectName(name)
    words.setAccessibleName(spoken)
    words.setWordWrap(True)
    words.setTextFormat(Qt.TextFormat.PlainText)
    words.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
    return words


class Notice(QFrame):
    """Words on a coloured ground, with a mark, and perhaps a control; hidden while there is nothing to say."""

    def __init__(self, name: str, spoken: str, control: QWidget | None = None, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("caution", "caution")
        self._mark = QLabel()
        self._words = label(name, spoken)
        row = QHBoxLayout(self)
        row.setContentsMargins(10, 6, 10, 6)
        row.setSpacing(10)
        row.addWidget(self._mark)
        row.addWidget(self._words, 1)
        if control:
            row.addWidget(control)
        self.hide()

    def say(self, words: str) -> None:
        """Show these words; with none, hide."""
        self._mark.setPixmap(style.level_icon(Level.CAUTION, 18))
        self._words.setText(words)
        self.setVisible(bool(words))
