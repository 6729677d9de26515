"""The menu beside *Open*: folders opened before, and the sample."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

from PySide6.QtCore import Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMenu, QWidget

from augstudio.wording import printable


class RecentMenu(QMenu):
    """Filled whenever it opens.

    Signals
    -------
    chosen(Path)
        A folder.
    sample_wanted()
        The sample pictures.
    """

    chosen = Signal(object)
    sample_wanted = Signal()

    def __init__(
        self, recent: Callable[[], Sequence[str]], last: Sequence[QAction] = (), parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._recent, self._last = recent, last
        self.aboutToShow.connect(self._fill)

    def _fill(self) -> None:
        self.clear()
        recent = self._recent()
        for folder in recent:
            action = self.addAction(printable(folder).replace("&", "&&"))
            action.triggered.connect(partial(self._choose, folder))
        if not recent:
            self.addAction("No recent folders").setEnabled(False)
        self.addSeparator()
        self.addAction("Sample pictures").triggered.connect(self.sample_wanted)
        if self._last:
            self.addSeparator()
            self.addActions(list(self._last))

    def _choose(self, folder: str, *_: object) -> None:
        self.chosen.emit(Path(folder))
