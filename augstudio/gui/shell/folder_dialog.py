"""What the open folder holds, and what of it is left out: all that there is to say, to read and to copy."""

from __future__ import annotations

from collections.abc import Iterator

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QPlainTextEdit, QPushButton, QVBoxLayout, QWidget

from augstudio.dataset import Dataset
from augstudio.dataset.description import beside, contents, identical, in_doubt
from augstudio.dataset.labelling import NO_LABELS, DatasetLabels
from augstudio.gui.parts.workers import Task
from augstudio.wording import printable, said

_MOST_PROBLEMS = 200
_LOOKING = "Identical files: looking …"


class FolderDialog(QDialog):
    """A page of plain lines."""

    def __init__(self, dataset: Dataset, labels: DatasetLabels = NO_LABELS, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("folder")
        self.setWindowTitle("What the folder holds")
        doubt = [f"Unclear: {in_doubt(dataset.doubt)}"] if dataset.doubt else []
        self._above = [*contents(dataset), *doubt]
        self._below = ["", *_of_labels(labels), *beside(dataset)]
        self._text = text = QPlainTextEdit()
        text.setObjectName("folder.text")
        text.setAccessibleName("What the folder holds")
        text.setReadOnly(True)
        self._tell([_LOOKING])
        self._looking = Task(lambda _, stop: [line for line, _ in identical(dataset, stop=stop)], "identical", self)
        self._looking.ended.connect(self._looked)
        self._looking.start()
        close = QPushButton("Close")
        close.setObjectName("folder.close")
        close.clicked.connect(self.accept)
        layout = QVBoxLayout(self)
        layout.addWidget(text, 1)
        layout.addWidget(close, 0, Qt.AlignmentFlag.AlignRight)
        self.resize(760, 420)

    def _tell(self, found: list[str]) -> None:
        self._text.setPlainText("\n".join([*self._above, *found, *self._below]).rstrip())

    def _looked(self, ending: object) -> None:
        found = [f"{line}" for line in ending] if isinstance(ending, list) else []
        if isinstance(ending, OSError):
            found = [f"Identical files cannot be looked for ({said(ending)})"]
        place = self._text.verticalScrollBar().value()
        self._tell(found)
        self._text.verticalScrollBar().setValue(place)

    def stop(self) -> None:
        """Look no further."""
        self._looking.cancel()
        self._looking.wait()


def _of_labels(labels: DatasetLabels) -> Iterator[str]:
    """How labels are taken, and what is wrong with them."""
    for note in labels.notes:
        yield f"labels: {printable(note)}"
    for problem in labels.problems[:_MOST_PROBLEMS]:
        yield f"label problem: {problem}"
    if len(labels.problems) > _MOST_PROBLEMS:
        yield f"label problems: {len(labels.problems) - _MOST_PROBLEMS:,} more"
