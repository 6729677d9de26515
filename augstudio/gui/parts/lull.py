"""Telling that nothing has come for a while."""

from __future__ import annotations

from PySide6.QtCore import QElapsedTimer, QObject, QTimer, Signal

_LATE_MS = 20
"""By how much later than it was set a timer comes where the window has been busy."""


class Lull(QTimer):
    """Tells that nothing has come for a while; whatever comes starts it anew.

    Where the window was busy meanwhile, a move of the hand may be waiting in line behind the timer: another while is
    waited for then, once, in which that comes first.

    Parameters
    ----------
    milliseconds : int
        How long a while is.

    Signals
    -------
    came
        Nothing has.
    """

    came = Signal()

    def __init__(self, milliseconds: int, parent: QObject | None = None) -> None:
        super().__init__(parent, singleShot=True, interval=milliseconds)
        self._since = QElapsedTimer()
        self._again = False
        self.timeout.connect(self._rang)

    def wait(self) -> None:
        """Something has come: begin anew."""
        self._again = False
        self._since.start()
        self.start()

    def _rang(self) -> None:
        if not self._again and self._since.elapsed() > self.interval() + _LATE_MS:
            self._again = True
            self.start()
            return
        self.came.emit()
