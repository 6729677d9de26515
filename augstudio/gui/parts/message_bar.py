"""One line at the top of the middle, where the user is looking: what went wrong, or is good to know, until closed."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QSizePolicy, QWidget

from augstudio.advice import Level
from augstudio.gui.parts import style
from augstudio.gui.parts.controls import flat_button


class MessageBar(QFrame):
    """Hidden while there is nothing to say.

    Signals
    -------
    closed()
        The user has closed it, by a button that had the focus.
    """

    closed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("message")
        self.setProperty("caution", "excessive")
        self._level: Level | None = Level.EXCESSIVE
        self._mark = QLabel()
        self._words = QLabel()
        self._words.setObjectName("message.text")
        self._words.setWordWrap(True)
        self._words.setTextFormat(Qt.TextFormat.PlainText)
        self._words.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._words.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        close = flat_button("remove", "Close this message")
        close.setObjectName("message.close")
        close.clicked.connect(self._close)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(10, 6, 6, 6)
        layout.addWidget(self._mark)
        layout.addWidget(self._words, 1)
        layout.addWidget(close)
        self.refresh()
        self.hide()

    def refresh(self) -> None:
        """Draw the mark in the colours in force."""
        self._mark.setPixmap(style.level_icon(self._level, 18))

    def say(self, message: str) -> None:
        """Show what went wrong; what is good to know stays below it."""
        known = self.text() if self._level is None else ""
        self._show(f"{message}\n{known}" if known else message, Level.EXCESSIVE)

    def note(self, message: str) -> None:
        """Show what is good to know."""
        self._show(message, None)

    def _show(self, message: str, level: Level | None) -> None:
        if level is not self._level:
            self._level = level
            style.mark(self, caution="excessive" if level else "note")
            self.refresh()
        self._words.setText(message)
        self.setAccessibleName(message)
        self.show()

    def text(self) -> str:
        """The message shown; empty if there is none."""
        return "" if self.isHidden() else self._words.text()

    def _close(self) -> None:
        self.closed.emit()
        self.clear()

    def clear(self) -> None:
        """Hide it."""
        self.hide()

    def clear_trouble(self) -> None:
        """Hide what went wrong; what is good to know stays."""
        if self._level is not None:
            self.clear()
