"""The table of what becomes of each step in another library, or of each part of its file here."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTableWidget, QTableWidgetItem, QWidget

from augstudio.code import Line, Standing
from augstudio.gui.parts import style
from augstudio.gui.parts.controls import as_tip

_MARKS = {Standing.EXACT: "fine", Standing.CLOSE: "caution", Standing.LEFT_OUT: "excessive"}


class StandingTable(QTableWidget):
    """One row each: what it is, how near it comes, and in what it differs or why it is missing.

    Parameters
    ----------
    name : str
        Of the widget.
    first : str
        Heading of the first column.
    parent : QWidget, optional
        What it lies in.
    """

    def __init__(self, name: str, first: str, parent: QWidget | None = None) -> None:
        super().__init__(0, 3, parent)
        self.setObjectName(name)
        self.setAccessibleName(f"What becomes of each {first.lower()}")
        self.setHorizontalHeaderLabels((first, "Standing", "In what, or why"))
        self.verticalHeader().hide()
        self.setShowGrid(False)
        self.setWordWrap(True)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setTabKeyNavigation(False)
        header = self.horizontalHeader()
        header.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        header.setHighlightSections(False)
        for column in (0, 1):
            header.setSectionResizeMode(column, QHeaderView.ResizeMode.ResizeToContents)
        header.setStretchLastSection(True)
        header.sectionResized.connect(lambda *_: self.resizeRowsToContents())

    def set_rows(self, rows: tuple[Line, ...]) -> None:
        """Show these rows."""
        self.setRowCount(len(rows))
        for number, row in enumerate(rows):
            self._show(number, row)
        self.resizeRowsToContents()

    def _show(self, number: int, row: Line) -> None:
        standing = QTableWidgetItem(style.icon(_MARKS[row.standing]), row.standing.capitalize())
        cells = (QTableWidgetItem(row.title), standing, QTableWidgetItem(row.words))
        for column, cell in enumerate(cells):
            cell.setTextAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
            cell.setToolTip(as_tip(f"{row.title} ({row.step})" if row.step and not column else row.words))
            self.setItem(number, column, cell)


def in_short(rows: tuple[Line, ...]) -> str:
    """How many lines of the table stand how."""
    if all(row.standing is Standing.EXACT for row in rows):
        return "All of it is exact." if rows else "The pipeline is empty: pictures stay as they are."
    counts = [(sum(row.standing is one for row in rows), one.value) for one in Standing]
    return ", ".join(f"{number} {words}" for number, words in counts if number)
