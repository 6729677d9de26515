"""Exports, as the window begins them: a new one, one to go on with, one to verify."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QFileDialog, QWidget

from augstudio.advice import Caution
from augstudio.gui.exporting.export_dialog import ExportDialog
from augstudio.gui.exporting.run_dialog import RunDialog
from augstudio.gui.shell.studio import Studio


class Exports(QObject):
    """Opens the dialogs, and keeps what was chosen last.

    Parameters
    ----------
    choices : dict or None
        Of the last export that was begun.
    cautions, known : callable
        The cautions that are shown, and the folders that are known.

    Signals
    -------
    begun()
        An export was begun: its choices are to be remembered.
    ended()
        A dialog has closed.
    """

    begun = Signal()
    ended = Signal()

    def __init__(
        self,
        studio: Studio,
        choices: dict[str, Any] | None,
        cautions: Callable[[], tuple[Caution, ...]],
        known: Callable[[], list[str]],
        parent: QWidget,
    ) -> None:
        super().__init__(parent)
        self.choices = choices
        self._studio, self._cautions, self._known, self._window = studio, cautions, known, parent
        self._dialog: RunDialog | None = None

    @property
    def running(self) -> bool:
        """Whether one is under way."""
        return self._dialog is not None and self._dialog.running

    def cancel(self) -> None:
        """Give up what is under way; `ended` tells when that is done."""
        if self._dialog is not None:
            self._dialog.reject()

    def export(self) -> None:
        """Open the export dialog."""
        state = self._studio.state
        if state.dataset is None:
            return
        dialog = ExportDialog(state, self._cautions(), self.choices, self._window, known=tuple(self._known()))
        self._carry_out(dialog)
        if dialog.begun:  # what was only tried is no choice
            self.choices, originals = dialog.begun
            self.begun.emit()
            if originals != state.originals:
                self._studio.set_originals(originals)

    def resume(self) -> None:
        """Let the user choose an unfinished export, and go on with it."""
        if folder := self._ask("Choose the folder of the export to go on with"):
            dialog = RunDialog(self._studio.state.dataset, "Resume an export", self._window)
            dialog.resume(folder)
            self._carry_out(dialog)

    def verify(self) -> None:
        """Let the user choose an export, and hold it against its manifest."""
        if folder := self._ask("Choose the folder of the export to verify"):
            dialog = RunDialog(self._studio.state.dataset, "Verify an export", self._window)
            dialog.verify(folder)
            self._carry_out(dialog)

    def _ask(self, title: str) -> str:
        above = (self.choices or {}).get("folder")
        start = above if isinstance(above, str) and Path(above).is_dir() else str(Path.home())
        return QFileDialog.getExistingDirectory(self._window, title, start)

    def _carry_out(self, dialog: RunDialog) -> None:
        self._dialog = dialog
        dialog.exec()
        self._dialog = None
        dialog.deleteLater()
        self.ended.emit()
