"""A question above the pictures: whether folders are splits or classes, where only the user knows."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QWidget

from augstudio.advice import Level
from augstudio.dataset import Doubt, Folders
from augstudio.dataset.description import in_doubt
from augstudio.gui.parts import style
from augstudio.gui.parts.notices import label


class FoldersBar(QFrame):
    """Stays until it is answered; nothing is exported before.

    Signals
    -------
    said(Folders)
        What the folders are.
    """

    said = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("folders")
        self.setProperty("caution", "caution")
        self._mark = QLabel()
        self._words = label("folders.question", "What are these folders?")
        row = QHBoxLayout(self)
        row.setContentsMargins(10, 6, 6, 6)
        row.setSpacing(8)
        row.addWidget(self._mark)
        row.addWidget(self._words, 1)
        for name, words, folders in (
            ("splits", "Splits", Folders.SPLITS),
            ("classes", "Classes", Folders.CLASSES),
        ):
            button = QPushButton(words)
            button.setObjectName(f"folders.{name}")
            button.setAccessibleName(f"These folders are {name}")
            button.clicked.connect(lambda _checked=False, folders=folders: self.said.emit(folders))
            row.addWidget(button)
        self.hide()

    def ask(self, doubt: Doubt | None) -> None:
        """Ask about folders; with none, hide."""
        self._mark.setPixmap(style.level_icon(Level.CAUTION, 18))
        if doubt is not None:
            question = f"{in_doubt(doubt)}. Test pictures must not be learnt from: which are they?"
            self._words.setText(f"{question[:1].upper()}{question[1:]}")
            self.setAccessibleName(self._words.text())
        self.setVisible(doubt is not None)
