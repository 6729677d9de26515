"""What the open folder holds, and what of it is left out: all that there is to say, to read and to copy."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QPlainTextEdit, QPushButton, QVBoxLayout, QWidget

from augstudio.dataset import Dataset
from augstudio.dataset.description import beside, contents, in_doubt


class FolderDialog(QDialog):
    """A page of plain lines."""

    def __init__(self, dataset: Dataset, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("folder")
        self.setWindowTitle("What the folder holds")
        doubt = [f"Unclear: {in_doubt(dataset.doubt)}"] if dataset.doubt else []
        text = QPlainTextEdit("\n".join([*contents(dataset), *doubt, "", *beside(dataset)]).rstrip())
        text.setObjectName("folder.text")
        text.setAccessibleName("What the folder holds")
        text.setReadOnly(True)
        close = QPushButton("Close")
        close.setObjectName("folder.close")
        close.clicked.connect(self.accept)
        layout = QVBoxLayout(self)
        layout.addWidget(text, 1)
        layout.addWidget(close, 0, Qt.AlignmentFlag.AlignRight)
        self.resize(760, 420)
