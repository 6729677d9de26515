"""The bar at the bottom: what is open, what is being read, how fast the preview is."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QProgressBar, QSizePolicy, QStatusBar

from augstudio.gui.parts.controls import ElidedLabel


class Status(QStatusBar):
    """In line with the panels above it."""

    def __init__(self) -> None:
        super().__init__()
        self._summary = ElidedLabel(mode=Qt.TextElideMode.ElideMiddle)  # however long: the window stays as wide
        self._speed = ElidedLabel()
        self._speed.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self._speed.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Preferred)
        self._speed.setFixedWidth(self.fontMetrics().horizontalAdvance("preview 99,999 ms") + 4)
        self.busy = QProgressBar()
        self.busy.setRange(0, 0)
        self.busy.setFixedWidth(120)
        self.busy.setTextVisible(False)
        self.busy.hide()
        self.setContentsMargins(8, 0, 8, 0)
        self.addWidget(self._summary, 1)
        self.addPermanentWidget(self.busy)
        self.addPermanentWidget(self._speed)
        self.setSizeGripEnabled(False)

    def set_summary(self, words: str) -> None:
        """Say what is open, or what is being read."""
        self._summary.setText(words)

    def set_speed(self, words: str) -> None:
        """Say how long the preview took; nothing without one."""
        self._speed.setText(words)

    def begin(self, words: str) -> None:
        """Show that something is being read."""
        self.busy.show()
        self.busy.setAccessibleName(words)
        self._summary.setText(words)

    def end(self, summary: str) -> None:
        """Show that it is done."""
        self.busy.hide()
        self._summary.setText(summary)
