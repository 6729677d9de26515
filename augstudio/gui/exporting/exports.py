"""All that the window has to do with exports: dialogs are opened here, run one thing at a time, and are found again."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QWidget

from augstudio.advice import Caution
from augstudio.dataset import Dataset
from augstudio.gui.exporting.jobs import Doing, Jobs
from augstudio.gui.exporting.jobs_bar import JobsBar
from augstudio.gui.intent.state import State
from augstudio.gui.parts import question
from augstudio.gui.parts.workers import Worker

if TYPE_CHECKING:
    from augstudio.gui.exporting.export_dialog import ExportDialog
    from augstudio.gui.exporting.run_dialog import RunDialog

Now = tuple[State, tuple[Caution, ...]]


class Exports(QObject):
    """Opens dialogs beside the window, and keeps the one whose work runs, or has ended, until that was seen.

    Parameters
    ----------
    window : QWidget
        Whose dialogs they are.
    now : callable
        Gives what the window has now: its state, and the cautions about it.
    first : Worker or None
        Reading pictures of an export gives way to this one.

    Attributes
    ----------
    jobs : Jobs
        What runs.
    bar : JobsBar
        Shows it; to be placed in the window.

    Signals
    -------
    remedied(Caution), made(dict, bool or None)
        As of `ExportDialog`.
    refused(str)
        Why something that was asked for was not begun.
    may_close()
        What ran has ended, and the window can be closed as it was asked to be.
    """

    remedied = Signal(object)
    made = Signal(dict, object)
    refused = Signal(str)
    may_close = Signal()

    def __init__(self, window: QWidget, now: Callable[[], Now], *, first: Worker | None = None) -> None:
        super().__init__(window)
        self._window, self._now = window, now
        self.jobs = Jobs(self, first=first)
        self.bar = JobsBar(self.jobs)
        self._asking: ExportDialog | None = None
        self._working: RunDialog | None = None
        self._closing = False
        self.bar.show_wanted.connect(self.show)
        self.bar.dismissed.connect(self._dismiss)
        self.jobs.ended.connect(self._ended)

    # -- what is asked for -------------------------------------------------------------------------------------------

    def export(self, remembered: dict[str, Any] | None, known: tuple[str, ...]) -> None:
        """Ask what to export, also while something runs; what is being asked already is shown again."""
        state, cautions = self._now()
        if state.dataset is None:
            return
        for dialog in (self._asking, self._working):
            if dialog is not None and dialog.asking:
                _raise(dialog)
                return
        from augstudio.gui.exporting.export_dialog import ExportDialog  # what is asked for later delays no start

        dialog = ExportDialog(state, cautions, remembered, self._window, known=known, jobs=self.jobs)
        dialog.remedied.connect(self.remedied)
        dialog.made.connect(self.made)
        dialog.returned.connect(self.follow)
        self._asking = dialog
        self._open(dialog)

    def resume(self, dataset: Dataset | None, out: str) -> None:
        """Go on with an export."""
        dialog = self._make(dataset, "Resume an export")
        self._open(dialog)
        dialog.resume(out)

    def verify(self, dataset: Dataset | None, out: str) -> None:
        """Hold an export against its manifest."""
        dialog = self._make(dataset, "Verify an export")
        self._open(dialog)
        dialog.verify(out)

    def free(self) -> bool:
        """Whether something can be begun; if not, that is said, and what runs is shown."""
        doing = self.jobs.doing
        if doing is None:
            return True
        self.refused.emit(doing.refusal)
        return False

    def _make(self, dataset: Dataset | None, title: str) -> RunDialog:
        from augstudio.gui.exporting.run_dialog import RunDialog

        return RunDialog(dataset, title, self._window, jobs=self.jobs)

    def _open(self, dialog: RunDialog) -> None:
        dialog.started.connect(lambda: self._started(dialog))
        dialog.finished.connect(lambda: self._finished(dialog))
        dialog.show()

    # -- what is shown -----------------------------------------------------------------------------------------------

    @property
    def dialog(self) -> RunDialog | None:
        """The dialog that asks; else the one whose work runs or has ended."""
        return self._asking or self._working

    def show(self) -> None:
        """Show what runs, or what came of it."""
        if self._working is not None:
            _raise(self._working)

    def follow(self) -> None:
        """Let what is being asked go by what the window has now; of another folder it is asked no more."""
        for dialog in (self._asking, self._working):
            if dialog is not None and not dialog.follow(*self._now()) and dialog.asking:
                dialog.reject()

    def _started(self, dialog: RunDialog) -> None:
        if self._asking is dialog:
            self._asking = None
        earlier, self._working = self._working, dialog
        if earlier is not None and earlier is not dialog:
            earlier.done(0)

    def _finished(self, dialog: RunDialog) -> None:
        if self._asking is dialog:
            self._asking = None
        if self._working is dialog:
            self._working = None
            self.bar.clear()
        dialog.deleteLater()

    def _dismiss(self) -> None:
        if self._working is not None:
            self._working.done(0)

    def _ended(self, _doing: Doing, _ending: object) -> None:
        if self._closing:
            self._closing = False
            self.may_close.emit()

    # -- leaving -----------------------------------------------------------------------------------------------------

    def closing(self) -> bool:
        """Whether the window may be closed now; while something runs, it is asked whether to cancel it."""
        doing = self.jobs.doing
        if doing is None:
            return True
        if not self._closing and self._sure(doing):
            if self.jobs.doing is None:  # it has ended while it was asked
                return True
            self._closing = True
            self.jobs.cancel()
        return False

    def _sure(self, doing: Doing) -> bool:
        far = self.jobs.percent
        asked = question.box(
            self._window,
            "jobs.confirm",
            doing.short,
            f"{doing.title} is under way{'' if far is None else f', {far} % done'}.",
            "Cancelled, it keeps what is made, and can be resumed at any time."
            if doing.resumable
            else "Cancelled, it has said nothing; nothing is changed.",
        )
        return question.confirmed(asked, ("cancel", "Cancel it and close"), ("wait", "Go on"), warning=False)

    def stop(self) -> None:
        """End what runs, and close all dialogs."""
        self.jobs.stop()
        for dialog in (self._asking, self._working):
            if dialog is not None:
                dialog.done(0)


def _raise(dialog: RunDialog) -> None:
    dialog.show()
    dialog.raise_()
    dialog.activateWindow()
