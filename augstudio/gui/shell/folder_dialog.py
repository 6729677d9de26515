"""What the open folder holds, and what of it is left out: all that there is to say, to read and to copy."""

from __future__ import annotations

from collections.abc import Iterator

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QPlainTextEdit, QPushButton, QVBoxLayout, QWidget

from augstudio.dataset import Dataset
from augstudio.dataset.description import beside, contents, in_doubt
from augstudio.dataset.labelling import NO_LABELS, DatasetLabels
from augstudio.wording import printable

_MOST_PROBLEMS = 200


class FolderDialog(QDialog):
    """A page of plain lines."""

    def __init__(self, dataset: Dataset, labels: DatasetLabels = NO_LABELS, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("folder")
        self.setWindowTitle("What the folder holds")
        doubt = [f"Unclear: {in_doubt(dataset.doubt)}"] if dataset.doubt else []
        lines = [*contents(dataset), *doubt, "", *_of_labels(labels), *beside(dataset)]
        text = QPlainTextEdit("\n".join(lines).rstrip())
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


def _of_labels(labels: DatasetLabels) -> Iterator[str]:
    """How labels are taken, and what is wrong with them."""
    for note in labels.notes:
        yield f"labels: {printable(note)}"
    for problem in labels.problems[:_MOST_PROBLEMS]:
        yield f"label problem: {problem}"
    if len(labels.problems) > _MOST_PROBLEMS:
        yield f"label problems: {len(labels.problems) - _MOST_PROBLEMS:,} more"
