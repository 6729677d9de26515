"""What became of the labels of the picture in view, and what is wrong with them, in a few words."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QLabel, QWidget

from augstudio.advice import Level
from augstudio.gui.parts import style
from augstudio.gui.parts.controls import as_tip
from augstudio.wording import count

_MOST_LINES = 12
"""Of a tool tip."""


class LabelsLine(QWidget):
    """Beside the drawn numbers; takes no room where there is nothing to say.

    Parameters
    ----------
    height : int
        Of the line, in pixels.
    """

    def __init__(self, height: int, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("labels")
        self.setFixedHeight(height)
        self._mark = QLabel()
        self._trouble, self._objects = QLabel(), QLabel()
        for label, name in ((self._trouble, "labels.trouble"), (self._objects, "labels.objects")):
            label.setObjectName(name)
            label.setTextFormat(Qt.TextFormat.PlainText)
        self._trouble.setProperty("remark", True)
        self._objects.setProperty("muted", True)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(6)
        for label in (self._mark, self._trouble, self._objects):
            row.addWidget(label)
        self.set_problems(())
        self.set_words("")

    def set_words(self, words: str) -> None:
        """Say how many objects the copy has; nothing with no words."""
        self._objects.setText(words)
        self._objects.setAccessibleName(f"Labels: {words}" if words else "Labels")
        self._objects.setToolTip(f"{words} in the copy in view; L shows and hides labels" if words else "")
        self._objects.setVisible(bool(words))

    def set_problems(self, problems: tuple[str, ...]) -> None:
        """Mark that something is wrong with the labels; all of it is the tool tip."""
        words = count(len(problems), "label problem") if problems else ""
        self._trouble.setText(f"{len(problems):,}" if problems else "")
        self._trouble.setAccessibleName(f"{words}: {problems[0]}" if problems else "Label problems")
        lines = [
            *problems[:_MOST_LINES],
            *([f"and {more:,} more"] if (more := len(problems) - _MOST_LINES) > 0 else []),
        ]
        self._trouble.setAccessibleDescription("\n".join(lines))
        self._mark.setPixmap(style.level_icon(Level.CAUTION, 14))
        for label in (self._mark, self._trouble):
            label.setToolTip(as_tip("\n".join((f"{words}:", *lines))) if problems else "")
            label.setVisible(bool(problems))
