"""What an export will write, class by class of each split: a table under its totals."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt
from PySide6.QtGui import QFont
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTableView, QWidget

from augstudio.export import Row
from augstudio.gui.parts.controls import as_tip
from augstudio.wording import count

Index = QModelIndex | QPersistentModelIndex
_NOWHERE = QModelIndex()
_HEADINGS = ("Split", "Class", "Pictures", "Files")
_SPLIT, _CLASS, _PICTURES, _FILES = range(4)


class Line(NamedTuple):
    """One line of the table.

    Attributes
    ----------
    split, label : str
        As they are shown.
    pictures, originals, copies : int
        Of the source; to be written.
    total : bool
        Whether it adds up lines below it.
    """

    split: str
    label: str
    pictures: int
    originals: int
    copies: int
    total: bool = False

    @property
    def files(self) -> int:
        """To be written."""
        return self.originals + self.copies


def lines(rows: Sequence[Row]) -> Iterator[Line]:
    """The lines of a plan: the total first, and before the classes of a split what they add up to."""
    if not rows:
        return
    splits = list(dict.fromkeys(row.split for row in rows))
    yield _added("All" if any(splits) else "", rows)
    for split in splits:
        of_split = [row for row in rows if row.split == split]
        if split and (len(of_split) > 1 or not of_split[0].label):
            yield _added(split, of_split)
        if len(of_split) > 1 or of_split[0].label:
            for row in of_split:
                yield Line(split, row.label or "(no class)", row.pictures, row.originals, row.copies)


def _added(split: str, rows: Sequence[Row]) -> Line:
    classes = len({row.label for row in rows if row.label})
    return Line(
        split,
        f"All {classes:,} classes" if classes > 1 else "All pictures",
        sum(row.pictures for row in rows),
        sum(row.originals for row in rows),
        sum(row.copies for row in rows),
        total=True,
    )


class _Model(QAbstractTableModel):
    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._lines: tuple[Line, ...] = ()
        self._bold = QFont()
        self._bold.setWeight(QFont.Weight.DemiBold)

    def set_lines(self, made: Iterable[Line]) -> None:
        self.beginResetModel()
        self._lines = tuple(made)
        self.endResetModel()

    def rowCount(self, parent: Index = _NOWHERE) -> int:
        return 0 if parent.isValid() else len(self._lines)

    def columnCount(self, parent: Index = _NOWHERE) -> int:
        return 0 if parent.isValid() else len(_HEADINGS)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = 0) -> object:
        if orientation is not Qt.Orientation.Horizontal:
            return None
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return _aligned(section)
        return _HEADINGS[section] if role == Qt.ItemDataRole.DisplayRole else None

    def data(self, index: Index, role: int = 0) -> object:
        line = self._lines[index.row()]
        match role:
            case Qt.ItemDataRole.DisplayRole:
                return (line.split, line.label, f"{line.pictures:,}", f"{line.files:,}")[index.column()]
            case Qt.ItemDataRole.ToolTipRole if index.column() == _FILES:
                return f"{count(line.originals, 'original')} and {count(line.copies, 'copy', 'copies')}"
            case Qt.ItemDataRole.ToolTipRole if index.column() == _CLASS:
                return as_tip(line.label)
            case Qt.ItemDataRole.TextAlignmentRole:
                return _aligned(index.column())
            case Qt.ItemDataRole.FontRole if line.total:
                return self._bold
        return None


def _aligned(column: int) -> Qt.AlignmentFlag:
    side = Qt.AlignmentFlag.AlignLeft if column < _PICTURES else Qt.AlignmentFlag.AlignRight
    return side | Qt.AlignmentFlag.AlignVCenter


class PlanTable(QTableView):
    """Scrolls; the total stays in its first line."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("export.plan")
        self.setAccessibleName("Pictures and files of each split and class")
        self._model = _Model(self)
        self.setModel(self._model)
        self.setShowGrid(False)
        self.setTabKeyNavigation(False)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setWordWrap(False)
        self.setTextElideMode(Qt.TextElideMode.ElideMiddle)  # what tells nested classes apart stands at the end
        down, across = self.verticalHeader(), self.horizontalHeader()
        down.hide()
        down.setDefaultSectionSize(self.fontMetrics().height() + 8)
        down.setMinimumSectionSize(0)
        across.setHighlightSections(False)
        across.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        across.setSectionResizeMode(_CLASS, QHeaderView.ResizeMode.Stretch)
        across.setSectionsClickable(False)
        self.setMinimumHeight(across.sizeHint().height() + 4 * down.defaultSectionSize())

    def set_rows(self, rows: Sequence[Row]) -> None:
        """Show a plan's rows; none leave it empty."""
        self._model.set_lines(lines(rows))
        self.setColumnHidden(_SPLIT, not any(row.split for row in rows))
