"""Looks after the user's own presets: their names, what they are for, and those that are not wanted any more."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt, QUrl, Signal
from PySide6.QtGui import QDesktopServices, QIcon
from PySide6.QtWidgets import (
    QDialog,
    QFormLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QPlainTextEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from augstudio import presets
from augstudio.gui.parts.controls import as_tip
from augstudio.gui.shell import own_presets
from augstudio.gui.shell.own_presets import OwnPresetError

_PATH = Qt.ItemDataRole.UserRole


class OwnPresetsDialog(QDialog):
    """A list, and beside it what is to be said of the one that is chosen.

    Signals
    -------
    changed(Path, Path, str, str)
        A preset has another name or description: its file before, its file now, name and description.
    deleted(Path), returned(Path, Path)
        A preset was put aside, from this file; it is back: its file before, its file now.
    """

    changed = Signal(object, object, str, str)
    deleted = Signal(object)
    returned = Signal(object, object)

    def __init__(self, parent: QWidget | None = None, *, current: Path | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("own")
        self.setWindowTitle("Your presets")
        self.setMinimumSize(620, 340)
        self._deleted: Path | None = None
        self._was = Path()
        self._list = QListWidget()
        self._list.setObjectName("own.list")
        self._list.setAccessibleName("Your presets")
        self._list.setTextElideMode(Qt.TextElideMode.ElideMiddle)
        self._list.currentItemChanged.connect(self._chosen)
        self._name = QLineEdit()
        self._name.setObjectName("own.name")
        self._name.setAccessibleName("Name")
        self._name.setMaxLength(200)
        self._name.textEdited.connect(self._typed)
        self._description = QPlainTextEdit()
        self._description.setObjectName("own.description")
        self._description.setAccessibleName("Description")
        self._description.setTabChangesFocus(True)
        self._description.textChanged.connect(self._typed)
        self._note = QLabel()
        self._note.setObjectName("own.note")
        self._note.setWordWrap(True)
        self._note.setTextFormat(Qt.TextFormat.PlainText)
        self._save = self._button("save", "Save changes", self._keep)
        self._save.setProperty("primary", True)
        self._name.returnPressed.connect(self._save.click)
        self._delete = self._button("delete", "Delete", self._put_aside)
        self._show = self._button("show", "Show in its folder", self._show_folder)
        self._undo = self._button("undo", "Undo", self._take_back)
        self._undo.hide()
        close = self._button("close", "Close", self.reject)
        form = QFormLayout()
        form.addRow("Name", self._name)
        form.addRow("Description", self._description)
        acts = QHBoxLayout()
        for button in (self._delete, self._show):
            acts.addWidget(button)
        acts.addStretch(1)
        acts.addWidget(self._save)
        right = QVBoxLayout()
        right.addLayout(form, 1)
        right.addLayout(acts)
        both = QHBoxLayout()
        both.addWidget(self._list, 2)
        both.addLayout(right, 3)
        below = QHBoxLayout()
        below.addWidget(self._note, 1)
        below.addWidget(self._undo)
        below.addWidget(close)
        layout = QVBoxLayout(self)
        layout.setSpacing(12)
        layout.addLayout(both, 1)
        layout.addLayout(below)
        self._fill(current)

    def _button(self, name: str, text: str, run: object) -> QPushButton:
        button = QPushButton(text)
        button.setObjectName(f"own.{name}")
        button.setIcon(QIcon())
        button.setAutoDefault(False)
        button.clicked.connect(run)
        return button

    def _fill(self, current: Path | None) -> None:
        self._list.blockSignals(True)
        self._list.clear()
        for entry in presets.user():
            if entry.path.suffix == ".json":
                item = QListWidgetItem(entry.name + ("" if entry.valid else " (cannot be read)"))
                item.setData(_PATH, str(entry.path))
                item.setToolTip(as_tip(entry.description))
                self._list.addItem(item)
                if entry.path == current:
                    self._list.setCurrentItem(item)
        if self._list.currentItem() is None and self._list.count():
            self._list.setCurrentRow(0)
        self._list.blockSignals(False)
        self._chosen()

    @property
    def _path(self) -> Path | None:
        item = self._list.currentItem()
        return Path(item.data(_PATH)) if item else None

    def _chosen(self, *_: object) -> None:
        path = self._path
        pipeline, why = None, ""
        if path is not None:
            try:
                pipeline = presets.load(path)
            except presets.PresetError as error:
                why = str(error)
        self._held = (pipeline.name, pipeline.description) if pipeline else ("", "")
        self._name.setText(self._held[0])
        self._description.blockSignals(True)
        self._description.setPlainText(self._held[1])
        self._description.blockSignals(False)
        for field in (self._name, self._description):
            field.setEnabled(pipeline is not None)
        for button in (self._delete, self._show):
            button.setEnabled(path is not None)
        if why or path is None:
            self._note.setText(why or "You have no presets of your own yet: Save keeps the pipeline as one.")
        elif self._deleted is None:
            self._note.setText("")
        self._typed()

    def _typed(self) -> None:
        now = (self._name.text().strip(), self._description.toPlainText().strip())
        self._save.setEnabled(self._name.isEnabled() and bool(now[0]) and now != self._held)

    def _keep(self) -> None:
        path = self._path
        if path is None:
            return
        name, description = self._name.text().strip(), self._description.toPlainText().strip()
        try:
            new = own_presets.change(path, name, description)
        except OwnPresetError as error:
            self._note.setText(str(error))
            return
        self._forget_deleted()
        self.changed.emit(path, new, name, description)
        self._fill(new)
        self._note.setText(f"Kept as “{name}”.")

    def _put_aside(self) -> None:
        path, item = self._path, self._list.currentItem()
        if path is None:
            return
        try:
            self._deleted = own_presets.delete(path)
        except OwnPresetError as error:
            self._note.setText(str(error))
            return
        self._was = path
        self.deleted.emit(path)
        name, row = item.text(), self._list.currentRow()
        self._fill(None)
        self._list.setCurrentRow(min(row, self._list.count() - 1))
        self._note.setText(f"“{name}” is deleted.")
        self._undo.setText("Bring it back")
        self._undo.show()
        self._undo.setFocus()

    def _take_back(self) -> None:
        if self._deleted is None:
            return
        try:
            path = own_presets.bring_back(self._deleted)
        except OwnPresetError as error:
            self._note.setText(str(error))
            return
        self._forget_deleted()
        self.returned.emit(self._was, path)
        self._fill(path)
        self._note.setText("It is back.")

    def _forget_deleted(self) -> None:
        self._deleted = None
        self._undo.hide()

    def _show_folder(self) -> None:
        if self._path is not None and not QDesktopServices.openUrl(QUrl.fromLocalFile(str(self._path.parent))):
            self._note.setText(f"It lies in {self._path.parent}")
