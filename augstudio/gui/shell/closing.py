"""What is asked before the window closes."""

from __future__ import annotations

from PySide6.QtWidgets import QMessageBox, QWidget

from augstudio.gui.parts import question
from augstudio.wording import printable


def ask_unsaved(name: str, parent: QWidget) -> QMessageBox.StandardButton:
    """Ask what is to become of unsaved changes: save, discard, or cancel."""
    box = question.box(
        parent,
        "unsaved.confirm",
        "Unsaved changes",
        f"The pipeline “{printable(name) or 'Untitled preset'}” has unsaved changes.",
        "Save it as a preset before leaving?",
    )
    box.setStandardButtons(
        QMessageBox.StandardButton.Save | QMessageBox.StandardButton.Discard | QMessageBox.StandardButton.Cancel
    )
    box.setDefaultButton(QMessageBox.StandardButton.Save)
    chosen = QMessageBox.StandardButton(box.exec())
    box.deleteLater()
    return chosen
