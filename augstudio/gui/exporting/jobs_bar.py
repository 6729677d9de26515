"""A slim bar for long work: what runs, how far it is, how it ended; to be shown wherever one works meanwhile."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, Signal
from PySide6.QtGui import QIcon, QShowEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QProgressBar, QPushButton, QWidget

from augstudio.advice import Level
from augstudio.gui.exporting.jobs import Doing, Jobs
from augstudio.gui.exporting.outcomes import shortly
from augstudio.gui.exporting.standing import Standing, left, percent, words
from augstudio.gui.parts import style

_ROOMY, _NARROW = 1400, 1240
"""Widths of a window, in pixels: from the first on there is room for words, below the second for one button only."""


class JobsBar(QFrame):
    """Hidden while nothing runs and all that has ended was seen.

    Signals
    -------
    show_wanted()
        The page of what runs, or of how it ended, is to be shown.
    dismissed()
        How it ended need not be shown.
    """

    show_wanted = Signal()
    dismissed = Signal()

    def __init__(self, jobs: Jobs, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("jobs")
        self.setAccessibleName("Long work")
        self._jobs = jobs
        self._mark = QLabel()
        self._words = QLabel()
        self._words.setObjectName("jobs.words")
        self._words.setAccessibleName("What runs")
        self._bar = QProgressBar()
        self._bar.setObjectName("jobs.progress")
        self._bar.setTextVisible(False)
        self._bar.setFixedWidth(72)
        self._percent = QLabel()
        self._percent.setObjectName("jobs.percent")
        self._percent.setAccessibleName("Per cent")
        self._percent.setMinimumWidth(self._percent.fontMetrics().horizontalAdvance("100 %"))
        self._show = QPushButton("Show")
        self._show.setObjectName("jobs.show")
        self._show.clicked.connect(self.show_wanted)
        self._end = QPushButton("Cancel")
        self._end.setObjectName("jobs.cancel")
        self._level: Level | None = None
        self._end.clicked.connect(self._end_it)
        row = QHBoxLayout(self)
        row.setContentsMargins(8, 0, 8, 0)
        row.setSpacing(6)
        for widget in (self._mark, self._words, self._bar, self._percent, self._show, self._end):
            row.addWidget(widget)
        jobs.began.connect(self._began)
        jobs.progressed.connect(self._progressed)
        jobs.cancelling.connect(self._cancelling)
        jobs.ended.connect(self._ended)
        self.clear()

    def clear(self) -> None:
        """Hide it; how something ended has been seen."""
        if self._jobs.doing is None:
            self._set_shown(False)

    def _set_shown(self, on: bool) -> None:
        # In a toolbar it is the action around a widget that decides whether it is seen.
        self.setVisible(on)
        for action in getattr(self.parentWidget(), "actions", list)():
            if getattr(action, "defaultWidget", lambda: None)() is self:
                action.setVisible(on)

    def _began(self, doing: Doing) -> None:
        self._words.setText(doing.short)
        self._words.setToolTip(doing.title)
        self._bar.setRange(0, 0)
        self._bar.setAccessibleName(f"Progress of {doing.what}")
        self._percent.setText("")
        self._show.setAccessibleName(f"Show {doing.what}")
        self._show.setToolTip("Show the page of what runs")
        self._say_end("Cancel", f"Cancel {doing.what}{'; it can be resumed' if doing.resumable else ''}")
        self._end.setEnabled(True)
        self._set_shown(True)
        self._fit()

    def _progressed(self, now: Standing) -> None:
        doing, done = self._jobs.doing, percent(now)
        if doing is None:
            return
        self._bar.setRange(0, 0 if done is None else 100)
        self._bar.setValue(done or 0)
        self._percent.setText("" if done is None else f"{done} %")
        if self._end.isEnabled():
            self._words.setText(" · ".join(filter(None, (doing.short, left(now)))))
        for shown in (self._bar, self._show):
            shown.setToolTip(f"{doing.title}\n{words(now)}")
        self._fit()

    def _cancelling(self) -> None:
        self._end.setEnabled(False)
        self._words.setText("Cancelling …")

    def _ended(self, doing: Doing, ending: object) -> None:
        self._level, said = shortly(ending)
        self._mark.setPixmap(style.level_icon(self._level, 18))
        self._words.setText(said)
        self._words.setToolTip(f"{doing.title}: {said}")
        self._show.setAccessibleName(f"Show what came of {doing.what}: {said}")
        self._show.setToolTip(f"{doing.title}: {said}\nShow what came of it")
        self._say_end("Dismiss", "Dismiss what is said of it")
        self._end.setEnabled(True)
        self._fit()

    def _say_end(self, text: str, spoken: str) -> None:
        self._end.setText(text)
        self._end.setToolTip(spoken)
        self._end.setAccessibleName(spoken)

    def _end_it(self) -> None:
        if self._jobs.doing is not None:
            self._jobs.cancel()
        else:
            self.clear()
            self.dismissed.emit()

    # -- room --------------------------------------------------------------------------------------------------------

    def showEvent(self, event: QShowEvent) -> None:
        """Follow the width of the window."""
        super().showEvent(event)
        self.window().installEventFilter(self)
        self._fit()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Leave words out while there is no room for them."""
        if event.type() == QEvent.Type.Resize and watched is self.window():
            self._fit()
        return False

    def _fit(self) -> None:
        running, width = self._jobs.doing is not None, self.window().width()
        narrow = width < _NARROW
        self._words.setVisible(width >= _ROOMY)
        self._mark.setVisible(not running and not narrow)
        self._bar.setVisible(running and not narrow)
        self._percent.setVisible(running and not narrow)
        self._end.setVisible(not narrow)
        self._show.setText("Show" if not narrow else (self._percent.text() or "…") if running else "")
        self._show.setIcon(QIcon(style.level_icon(self._level, 18)) if narrow and not running else QIcon())
