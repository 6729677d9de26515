"""Asks for a preset's name and description, and says where it will be kept."""

from __future__ import annotations

import os
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtGui import QIcon
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QFileDialog,
    QFormLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPlainTextEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from augstudio import files, presets
from augstudio.gui.parts import question
from augstudio.gui.parts.paths import from_dialog
from augstudio.pipeline import Pipeline
from augstudio.wording import listing, printable


class SaveDialog(QDialog):
    """Saves among the user's own presets, unless another file is chosen."""

    def __init__(
        self,
        pipeline: Pipeline,
        parent: QWidget | None = None,
        *,
        current: Path | None = None,
        parent_preset: Pipeline | None = None,
    ) -> None:
        super().__init__(parent)
        self._own = pipeline.description
        self._derived = derived_description(pipeline, parent_preset or pipeline)
        self.setWindowTitle("Save preset")
        self.setMinimumWidth(440)
        self._current = current
        self._elsewhere: Path | None = None
        self._name = QLineEdit(self._free_name(pipeline.name or "My preset"))
        self._name.setObjectName("save.name")
        self._name.setMaxLength(200)
        self._name.selectAll()
        self._description = QPlainTextEdit()
        self._untouched = ""
        self._description.setObjectName("save.description")
        self._description.setTabChangesFocus(True)
        self._description.setFixedHeight(80)
        self._where = QLabel()
        self._where.setTextFormat(Qt.TextFormat.PlainText)
        self._where.setWordWrap(True)
        self._where.setProperty("muted", True)
        other = QPushButton("Another file…")
        other.clicked.connect(self._ask_file)
        form = QFormLayout()
        form.addRow("Name", self._name)
        form.addRow("Description", self._description)
        row = QHBoxLayout()
        row.addWidget(self._where, 1)
        row.addWidget(other)
        self._buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Save | QDialogButtonBox.StandardButton.Cancel)
        other.setObjectName("save.elsewhere")
        for name, button in zip(("save.save", "save.cancel"), self._buttons.buttons(), strict=True):
            button.setObjectName(name)
            button.setIcon(QIcon())  # some styles add pictures of their own
            button.setProperty("primary", name == "save.save")
        self._buttons.accepted.connect(self.accept)
        self._buttons.rejected.connect(self.reject)
        layout = QVBoxLayout(self)
        layout.setSpacing(12)
        layout.addLayout(form)
        layout.addLayout(row)
        layout.addWidget(self._buttons)
        self._name.textChanged.connect(self._told)
        self._told()

    @staticmethod
    def _free_name(name: str) -> str:
        """A copy of a shipped preset gets a name of its own."""
        shipped = {entry.name for entry in presets.shipped()}
        return f"My {name[:1].lower()}{name[1:]}" if name in shipped else name

    def name(self) -> str:
        """The name given."""
        return self._name.text().strip()

    def description(self) -> str:
        """The description given."""
        return self._description.toPlainText().strip()[:2000]

    def path(self) -> Path:
        """The file to write."""
        return self._elsewhere or presets.user_path(self.name())

    def _ask_file(self) -> None:
        path, _ = QFileDialog.getSaveFileName(
            self,
            "Save preset as",
            str(self.path()),
            "Presets (*.json)",
            "",
            QFileDialog.Option.DontConfirmOverwrite,  # `accept` asks, for the name as it will be
        )
        if path:
            self._elsewhere = from_dialog(path if Path(path).suffix else f"{path}.json")
            self._told()

    def accept(self) -> None:
        """Ask before another preset than the one in hand is overwritten, or anything else."""
        path = self.path()
        if os.path.lexists(path) and path != self._current and not self._confirmed(path):
            return
        super().accept()

    def _confirmed(self, path: Path) -> bool:
        there = presets.name_in(path)
        asked = question.box(
            self,
            "save.confirm",
            "Replace a preset",
            f"Replace the preset “{there}”?" if there else f"Replace {printable(path.name)}?",
            f"It is kept in {printable(path)}, and is not the preset in hand.",
        )
        return question.confirmed(asked, ("replace", "Replace it"))

    def _told(self) -> None:
        path = self.path()
        self._describe(path)
        verb = "Replaces" if path.exists() else "Will be kept in"
        taken = self._is_of_a_shipped_one(path)
        told = f"A preset that ships is called “{self.name()}”: another name keeps the two apart."
        self._where.setText(told if taken else f"{verb} {path}")
        shipped = path.parent == files.presets()
        save = self._buttons.button(QDialogButtonBox.StandardButton.Save)
        save.setEnabled(bool(self.name()) and not shipped and not taken)

    def _is_of_a_shipped_one(self, path: Path) -> bool:
        """Whether presets that ship would be found no more by the name; one that has it already may keep it."""
        if path == self._current or path.parent != presets.user_folder():
            return False
        names = {name.casefold() for entry in presets.shipped() for name in (entry.name, entry.path.stem)}
        return self.name().casefold() in names

    def _describe(self, path: Path) -> None:
        """What a preset was for is said of its own file; another one says what it comes from, until somebody types."""
        if self._description.toPlainText() == self._untouched:
            self._untouched = self._own if path == self._current else self._derived
            self._description.setPlainText(self._untouched)


def derived_description(pipeline: Pipeline, parent: Pipeline) -> str:
    """What to say of a pipeline that was made from a preset: "As Gentle, with Blur, without Flip; Rotate differs."."""
    before = {step.id: step for step in parent.transforms}
    after = {step.id: step for step in pipeline.transforms}
    added = [step.label for key, step in after.items() if key not in before]
    left = [step.label for key, step in before.items() if key not in after]
    other = [step.label for key, step in after.items() if key in before and step != before[key]]
    if not before:
        return f"{listing(added)}." if added else ""
    words = f"As {parent.name or 'the preset before'}"
    words += f", with {listing(added)}" if added else ""
    words += f", without {listing(left)}" if left else ""
    words += f"; {listing(other)} {'differs' if len(other) == 1 else 'differ'}" if other else ""
    return f"{words}."[:2000]
