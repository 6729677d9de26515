"""All that the window has to do with trials: the dialog is opened here, one at a time, and ends with the window."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QWidget

from augstudio.gui.intent.state import State

if TYPE_CHECKING:
    from augstudio.gui.trying.trial_dialog import TrialDialog


class Trials(QObject):
    """Opens the dialog beside the window.

    Parameters
    ----------
    window : QWidget
        Whose dialog it is.
    now : callable
        Gives the state of the window.
    """

    def __init__(self, window: QWidget, now: Callable[[], State]) -> None:
        super().__init__(window)
        self._window, self._now = window, now
        self.dialog: TrialDialog | None = None

    def open(self) -> None:
        """Ask about the pipeline in hand; a trial that is under way is shown instead."""
        state = self._now()
        if self.dialog is not None and self.dialog.process.running:
            _raise(self.dialog)
            return
        if state.dataset is None:
            return
        from augstudio.gui.trying.trial_dialog import TrialDialog  # what is asked for later delays no start

        if self.dialog is not None:
            self.dialog.reject()
        dialog = self.dialog = TrialDialog(state, self._window)
        dialog.finished.connect(lambda: self._finished(dialog))
        _raise(dialog)

    def closing(self) -> bool:
        """Whether the window may be closed; while networks are trained, that is asked."""
        return self.dialog is None or self.dialog.sure()

    def stop(self) -> None:
        """End what is under way, and close the dialog."""
        if self.dialog is not None:
            self.dialog.end()
            self.dialog.done(0)

    def _finished(self, dialog: TrialDialog) -> None:
        if self.dialog is dialog:
            self.dialog = None
        dialog.deleteLater()


def _raise(dialog: TrialDialog) -> None:
    dialog.show()
    dialog.raise_()
    dialog.activateWindow()
