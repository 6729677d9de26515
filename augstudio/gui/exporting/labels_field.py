"""Which labels follow the pictures of an export, and what they are written as."""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QComboBox, QLabel, QVBoxLayout, QWidget

from augstudio.dataset import Dataset
from augstudio.dataset.labelling import LabelChoice
from augstudio.export.remarks import without_options
from augstudio.gui.exporting.labels_told import AS_FOUND, LabelsTold, choice_of, choices, worth_keeping
from augstudio.gui.parts.notices import label
from augstudio.wording import one_line


class LabelsField(QWidget):
    """A choice, and under it what follows from it; to be hidden where there are no labels.

    Signals
    -------
    changed()
        Something else was chosen.
    grown()
        There is more to say, or less.
    """

    changed = Signal()
    grown = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._offered: dict[str, str] = {}
        self._any = False
        self._box = QComboBox()
        self._box.setObjectName("export.labels")
        self._box.setAccessibleName("Labels: which follow the pictures, and in which format")
        self._box.setToolTip("Labels follow their pictures: moved, cut and written with each copy")
        self._told = label("export.labels.told", "What follows the pictures")
        self._told.setProperty("muted", True)
        self._lost = label("export.labels.lost", "What is lost of the labels")
        self._lost.setProperty("remark", True)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(4)
        for widget in (self._box, self._told, self._lost):
            layout.addWidget(widget)
        self._box.hide()
        self.say(None)
        self._box.currentIndexChanged.connect(self._chosen)

    @property
    def wanted(self) -> bool:
        """Whether there are labels to say anything of."""
        return self._any

    def choice(self) -> LabelChoice:
        """What is asked for."""
        return choice_of(self._box.currentData() or AS_FOUND)

    def set_dataset(self, dataset: Dataset) -> bool:
        """Offer what a dataset has; what is chosen stays if it is still there. Returns whether it did not."""
        self._any = bool(dataset.labels)
        offered = choices(dataset)
        if offered == self._offered:
            return False
        before, self._offered = self._box.currentData() or AS_FOUND, offered
        self._box.blockSignals(True)
        self._box.clear()
        for word, text in offered.items():
            self._box.addItem(text, word)
        self._box.setCurrentIndex(max(0, self._box.findData(before)))
        self._box.blockSignals(False)
        self._box.setVisible(bool(offered))
        return (self._box.currentData() or AS_FOUND) != before

    def say(self, told: LabelsTold | None) -> None:
        """Say what becomes of labels; None while that is being worked out."""
        words = ["Looking at the labels …"] if told is None else [told.follows, *told.notes]
        _put(self._told, words)
        _put(self._lost, [f"– {line}" for line in told.lost] if told else ())
        self.grown.emit()

    def remembered(self) -> str | None:
        """What the next export begins with; None for the usual."""
        word = self._box.currentData()
        return word if isinstance(word, str) and worth_keeping(word) else None

    def recall(self, word: object) -> None:
        """Begin with what was remembered, if it is offered."""
        if isinstance(word, str) and worth_keeping(word) and (found := self._box.findData(word)) >= 0:
            self._box.setCurrentIndex(found)

    def _chosen(self) -> None:
        self.say(None)
        self.changed.emit()


def _put(where: QLabel, lines: Iterable[str]) -> None:
    text = "\n".join(without_options(one_line(line)) for line in lines if line)
    where.setText(text)
    where.setVisible(bool(text))
