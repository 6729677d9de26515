"""Where two pipelines are held against each other: what differs, and which of them is taken."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QWidget

from augstudio.gui.intent.state import Compared
from augstudio.gui.parts.controls import ElidedLabel, as_tip


class PinBar(QWidget):
    """One line: *Pin as A*, the words, *Use A*, *Use B*.

    Signals
    -------
    pin_wanted(), a_wanted(), b_wanted()
        The pipeline in hand is to become A; A is to be taken in hand; B is to be gone on from, as the new A.
    """

    pin_wanted = Signal()
    a_wanted = Signal()
    b_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("compare.bar")
        self._pin = self._button("Pin as A", "compare.pin", "Keep the pipeline as it is now, to hold others against it")
        self._words = ElidedLabel()
        self._words.setObjectName("compare.differences")
        self._words.setAccessibleName("What differs between A and B")
        self._a = self._button("Use A", "compare.use_a", "Go back to pipeline A (undo brings B back)")
        self._b = self._button("Use B", "compare.use_b", "Go on from here: B becomes the new A")
        self._pin.clicked.connect(self.pin_wanted)
        self._a.clicked.connect(self.a_wanted)
        self._b.clicked.connect(self.b_wanted)
        row = QHBoxLayout(self)
        row.setContentsMargins(2, 0, 2, 0)
        row.setSpacing(8)
        row.addWidget(self._pin)
        row.addWidget(self._words, 1)
        row.addWidget(self._a)
        row.addWidget(self._b)
        self.set_compared(Compared())

    def _button(self, text: str, name: str, tip: str) -> QPushButton:
        button = QPushButton(text)
        button.setObjectName(name)
        button.setToolTip(tip)
        button.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        return button

    def set_compared(self, compared: Compared) -> None:
        """Say what differs."""
        differs = " · ".join(compared.words)
        if not compared.pinned:
            words = "Pin the pipeline as A, then go on editing: what you edit is B."
        elif differs:
            words = f"B: {differs}"
        else:
            words = "B is like A: edit the pipeline, and see what differs."
        self._words.setText(words)
        self._words.setToolTip(as_tip("\n".join(compared.words)) if differs else "")
        self._pin.setVisible(not compared.pinned)
        for button in (self._a, self._b):
            button.setVisible(compared.pinned)
            button.setEnabled(bool(differs))
