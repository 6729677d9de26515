"""A slim bar for long work: what runs, how far it is, how it ended; to be shown wherever one works meanwhile."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QIcon, QShowEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QProgressBar, QPushButton, QToolBar, QWidget

from augstudio.gui.exporting.jobs import Doing, Jobs
from augstudio.gui.exporting.standing import Standing, left, percent, words
from augstudio.gui.parts import style
from augstudio.gui.parts.controls import as_tip

_BAR, _SPACING = 72, 6
_SPARE = 4
"""Pixels left free in a toolbar, so that no rounding costs it a button."""


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
        self._words.setTextFormat(Qt.TextFormat.PlainText)
        self._words.setObjectName("jobs.words")
        self._words.setAccessibleName("What runs")
        self._bar = QProgressBar()
        self._bar.setObjectName("jobs.progress")
        self._bar.setTextVisible(False)
        self._bar.setFixedWidth(_BAR)
        self._percent = QLabel()
        self._percent.setObjectName("jobs.percent")
        self._percent.setAccessibleName("Per cent")
        self._percent.setMinimumWidth(self._percent.fontMetrics().horizontalAdvance("100 %"))
        self._show = QPushButton("Show")
        self._show.setObjectName("jobs.show")
        self._show.clicked.connect(self.show_wanted)
        self._end = QPushButton("Cancel")
        self._end.setObjectName("jobs.cancel")
        self._looks = False, False
        self._end.clicked.connect(self._end_it)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(_SPACING)
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
        self._words.setToolTip(as_tip(doing.title))
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
            shown.setToolTip(as_tip(f"{doing.title}\n{words(now)}"))
        self._fit()

    def _cancelling(self) -> None:
        self._end.setEnabled(False)
        self._words.setText("Cancelling …")

    def _ended(self, doing: Doing, ending: object) -> None:
        from augstudio.gui.exporting.outcomes import shortly  # no start need wait for what comes of exports

        level, said = shortly(ending)
        self._mark.setPixmap(style.level_icon(level, 18))
        self._words.setText(said)
        self._words.setToolTip(as_tip(f"{doing.title}: {said}"))
        self._show.setAccessibleName(f"Show what came of {doing.what}: {said}")
        self._show.setToolTip(as_tip(f"{doing.title}: {said}\nShow what came of it"))
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
        """Follow the room that there is."""
        super().showEvent(event)
        if (around := self.parentWidget()) is not None:
            around.installEventFilter(self)
        self._fit()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Fit in anew where the toolbar, or something else in it, has become wider or narrower."""
        if event.type() in (QEvent.Type.Resize, QEvent.Type.LayoutRequest) and watched is self.parentWidget():
            self._fit()
        return False

    def _fit(self) -> None:
        """Show as much as there is room for: all, all but the words, or one button that says the most of it."""
        running = self._jobs.doing is not None
        others = {self._bar, self._percent} if running else {self._mark}
        room = self._room()
        for shown in ({self._words, self._show, self._end} | others, {self._show, self._end} | others):
            wide = sum(_BAR if widget is self._bar else widget.sizeHint().width() for widget in shown)
            if room is None or wide + _SPACING * len(shown) <= room:
                break
        else:
            shown = {self._show}
        for widget in (self._mark, self._words, self._bar, self._percent, self._show, self._end):
            widget.setVisible(widget in shown)
        alone = len(shown) == 1
        self._show.setText("Show" if not alone else (self._percent.text() or "…") if running else "")
        marked = alone and not running
        if (alone, marked) != self._looks:  # to set the same again would ask for a layout, and so come back here
            self._looks = alone, marked
            style.mark(self._show, tight=alone)
            self._show.setIcon(QIcon(self._mark.pixmap()) if marked else QIcon())

    def _room(self) -> int | None:
        """Pixels that a toolbar around has left for this; None where there is none."""
        bar = self.parentWidget()
        if not isinstance(bar, QToolBar):
            return None
        widgets = [widget for action in bar.actions() if action.isVisible() and (widget := bar.widgetForAction(action))]
        taken = sum(max(0, widget.sizeHint().width()) for widget in widgets if widget is not self)
        layout, margins = bar.layout(), bar.contentsMargins()
        between = (layout.spacing() if layout else 0) * len(widgets)
        inside = layout.contentsMargins() if layout else margins
        edges = margins.left() + margins.right() + inside.left() + inside.right()
        return bar.width() - taken - between - edges - _SPARE
