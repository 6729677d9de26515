"""Asks whether classes may be mirrored whose names suggest that a mirror image would be something else."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from augstudio.advice import Level
from augstudio.gui.cards.classes import in_short
from augstudio.gui.parts import style
from augstudio.gui.parts.controls import as_tip
from augstudio.gui.parts.notices import label
from augstudio.wording import printable

_MOST_IN_TIP = 60


class MirrorQuestion(QFrame):
    """Hidden while there is nothing to ask.

    Signals
    -------
    answered(tuple, bool)
        The classes that were asked about, and whether they may be mirrored.
    """

    answered = Signal(tuple, bool)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("labels.mirror")
        self.setProperty("caution", "caution")
        self._names: tuple[str, ...] = ()
        self._mark = QLabel()
        self._words = label("labels.mirror.text", "Question about mirror images")
        keep, allow = QPushButton("Do not mirror these"), QPushButton("They may be mirrored")
        buttons = QHBoxLayout()
        buttons.setSpacing(6)
        buttons.addStretch(1)
        for button, name, what, may in (
            (keep, "keep", "Flips leave pictures with these classes as they are; the preset keeps it", False),
            (allow, "allow", "It is not asked again for this folder; the preset stays as it is", True),
        ):
            button.setObjectName(f"labels.mirror.{name}")
            button.setProperty("slim", True)
            button.setToolTip(what)
            button.clicked.connect(lambda _=False, may=may: self.answered.emit(self._names, may))
            buttons.addWidget(button)
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addWidget(self._mark)
        row.addWidget(self._words, 1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(8, 6, 8, 6)
        layout.setSpacing(6)
        layout.addLayout(row)
        layout.addLayout(buttons)
        self.hide()

    def ask(self, names: tuple[str, ...]) -> None:
        """Ask about these; with none, hide."""
        if names == self._names:
            return
        self._names = names
        if names:
            self.refresh()
            self._words.setText(f"{in_short(names)}: would a mirror image be something else?")
            self._words.setToolTip(as_tip(", ".join(map(printable, names[:_MOST_IN_TIP]))))
            self._words.setAccessibleName(self._words.text())
        self.setVisible(bool(names))

    def refresh(self) -> None:
        """Draw the mark in the colours in force."""
        self._mark.setPixmap(style.level_icon(Level.CAUTION, 16))
