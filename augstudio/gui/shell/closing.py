"""What is asked before the window closes."""

from __future__ import annotations

from PySide6.QtWidgets import QMessageBox, QWidget


def ask_unsaved(name: str, parent: QWidget) -> QMessageBox.StandardButton:
    """Ask what is to become of unsaved changes: save, discard, or cancel."""
    box = QMessageBox(parent)
    box.setIcon(QMessageBox.Icon.Question)
    box.setWindowTitle("Unsaved changes")
    box.setText(f"The pipeline “{name or 'Untitled preset'}” has unsaved changes.")
    box.setInformativeText("Save it as a preset before leaving?")
    box.setStandardButtons(
        QMessageBox.StandardButton.Save | QMessageBox.StandardButton.Discard | QMessageBox.StandardButton.Cancel
    )
    box.setDefaultButton(QMessageBox.StandardButton.Save)
    return QMessageBox.StandardButton(box.exec())
