"""Finding the labels of the open folder in the background."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal

from augstudio.dataset import Dataset
from augstudio.dataset.labelling import DatasetLabels, RecognitionStopped, collect
from augstudio.gui.parts.workers import Worker
from augstudio.labels.formats import FOLLOWED
from augstudio.wording import printable, said


class LabelFinder(QObject):
    """Looks at one folder at a time; another gives the first one up.

    Parameters
    ----------
    first : Worker
        It gives way to this one.

    Signals
    -------
    found(Dataset, DatasetLabels)
        Where a folder's labels are.
    failed(str)
        They cannot be read, and why.
    """

    found = Signal(object, object)
    failed = Signal(str)

    def __init__(self, first: Worker, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._asked: Dataset | None = None
        self._worker = Worker(self._collect, "labels", self, first=first)
        self._worker.done.connect(self._done)
        self._worker.failed.connect(self._failed)

    def set_dataset(self, dataset: Dataset | None) -> None:
        """Look at a folder, if any labels in it can be followed."""
        self._asked = dataset
        followed = dataset is not None and any(found.format in FOLLOWED for found in dataset.labels)
        self._worker.ask([dataset] if followed else [])

    @property
    def idle(self) -> bool:
        """Whether nothing is left to do."""
        return self._worker.idle

    def stop(self) -> None:
        """End the thread."""
        self._asked = None
        self._worker.stop()

    def _collect(self, dataset: Dataset) -> DatasetLabels:
        return collect(dataset, stop=lambda: self._asked is not dataset)

    def _done(self, dataset: Dataset, labels: DatasetLabels) -> None:
        self.found.emit(dataset, labels)

    def _failed(self, dataset: Dataset, error: Exception) -> None:
        if dataset is self._asked and not isinstance(error, RecognitionStopped):
            self.failed.emit(f"The labels in {printable(dataset.location)} cannot be read: {said(error)}")
