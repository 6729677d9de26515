"""Presets as files: chosen, saved, and looked after."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QFileDialog, QWidget

from augstudio import files, presets
from augstudio.code import Target
from augstudio.gui.parts.paths import from_dialog
from augstudio.gui.shell.code_dialog import CodeDialog
from augstudio.gui.shell.own_presets_dialog import OwnPresetsDialog
from augstudio.gui.shell.save_dialog import SaveDialog
from augstudio.gui.shell.studio import Studio
from augstudio.wording import printable

_READ = "Presets, Albumentations, Ultralytics"
_YAML = (".yaml", ".yml")


class PresetFiles(QObject):
    """Asks which file, where that has to be asked.

    Signals
    -------
    told(str)
        Something was saved, and where.
    trouble(str)
        There is no such preset.
    """

    told = Signal(str)
    trouble = Signal(str)

    def __init__(self, studio: Studio, parent: QWidget) -> None:
        super().__init__(parent)
        self._studio, self._window = studio, parent
        self._target = Target.NUMPY  # what code was written for last

    def load_named(self, name: str) -> None:
        """Take a preset by name or file; say so if there is none."""
        try:
            path = presets.locate(name)
        except presets.PresetError as error:
            self.trouble.emit(str(error))
        else:
            self._studio.load_preset(path)

    def ask(self) -> None:
        """Let the user choose a preset file."""
        path, _ = QFileDialog.getOpenFileName(
            self._window, "Open a preset", str(Path.home()), f"{_READ} (*.json *.yaml *.yml);;All files (*)"
        )
        if path:
            self.open(from_dialog(path))

    def open(self, path: Path) -> None:
        """Take a preset file; or, after a look at what becomes of it, a file of another library's."""
        from augstudio.code import importing  # what few need should not delay the start
        from augstudio.gui.shell.import_dialog import ImportDialog

        try:
            found = importing.read(path)
        except presets.PresetError as error:
            if path.suffix.lower() in _YAML:
                self.trouble.emit(f"The file was not opened. {error}")
            else:  # a preset, or it says what is wrong with it as one
                self._studio.load_preset(path)
            return
        dialog = ImportDialog(printable(path.name), found, self._window)
        if dialog.exec():
            self._studio.take_imported(found.pipeline, printable(path.name))
        dialog.deleteLater()

    def save(self) -> bool:
        """Save to the file that the preset came from; ask for a name where that is not the user's own."""
        state = self._studio.state
        shipped = state.preset is not None and state.preset.parent == files.presets()
        if state.preset is None or shipped:
            return self.save_as()
        return self._save(state.preset, state.pipeline.name, state.pipeline.description)

    def save_as(self) -> bool:
        """Ask for a name, and save the pipeline among the user's own presets or elsewhere."""
        state = self._studio.state
        dialog = SaveDialog(state.pipeline, self._window, current=state.preset, parent_preset=state.saved)
        kept = bool(dialog.exec()) and self._save(dialog.path(), dialog.name(), dialog.description())
        dialog.deleteLater()
        return kept

    def as_code(self) -> None:
        """Show the pipeline as code for another library."""
        dialog = CodeDialog(self._studio.state.pipeline, self._window, target=self._target)
        dialog.exec()
        self._target = dialog.target
        dialog.deleteLater()

    def look_after(self) -> None:
        """Let the user rename, describe and delete the presets of their own."""
        dialog = OwnPresetsDialog(self._window, current=self._studio.state.preset)
        dialog.changed.connect(self._studio.rename_preset)
        dialog.deleted.connect(self._studio.lose_preset)
        dialog.returned.connect(self._studio.find_preset)
        dialog.exec()
        dialog.deleteLater()

    def _save(self, path: Path, name: str, description: str) -> bool:
        saved = self._studio.save_preset(path, name, description)
        if saved:
            self.told.emit(f"Saved {path}")
        return saved
