"""Names of classes to tick, however many there are."""

from __future__ import annotations

from collections.abc import Collection

from PySide6.QtCore import (
    QAbstractListModel,
    QItemSelectionModel,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import QFocusEvent
from PySide6.QtWidgets import QAbstractItemView, QListView, QWidget

from augstudio.gui.parts.controls import as_tip
from augstudio.wording import printable

Index = QModelIndex | QPersistentModelIndex
_NOWHERE = QModelIndex()
_LINES = 6
"""That are shown at once; the rest scrolls."""


class _Model(QAbstractListModel):
    ticked = Signal(str, bool)

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._names: tuple[str, ...] = ()
        self._strange: frozenset[str] = frozenset()
        self._on: frozenset[str] = frozenset()

    def set_names(self, names: tuple[str, ...], strange: frozenset[str], on: frozenset[str]) -> bool:
        """Show these; whether there are other lines now."""
        if (names, strange) != (self._names, self._strange):
            self.beginResetModel()
            self._names, self._strange, self._on = names, strange, on
            self.endResetModel()
            return True
        if on != self._on:
            self._on = on
            self.dataChanged.emit(self.index(0), self.index(len(names) - 1), [Qt.ItemDataRole.CheckStateRole])
        return False

    def rowCount(self, parent: Index = _NOWHERE) -> int:
        return 0 if parent.isValid() else len(self._names)

    def flags(self, index: Index) -> Qt.ItemFlag:
        return super().flags(index) | Qt.ItemFlag.ItemIsUserCheckable | Qt.ItemFlag.ItemNeverHasChildren

    def data(self, index: Index, role: int = 0) -> object:
        name = self._names[index.row()]
        match role:
            case Qt.ItemDataRole.DisplayRole:
                return f"{printable(name)} (not in this folder)" if name in self._strange else printable(name)
            case Qt.ItemDataRole.ToolTipRole:
                return as_tip(printable(name))
            case Qt.ItemDataRole.CheckStateRole:
                return Qt.CheckState.Checked if name in self._on else Qt.CheckState.Unchecked
        return None

    def setData(self, index: Index, value: object, role: int = 0) -> bool:
        """Tell what the user ticks; it is shown once it is so."""
        if role != Qt.ItemDataRole.CheckStateRole:
            return False
        self.ticked.emit(self._names[index.row()], Qt.CheckState(value) is Qt.CheckState.Checked)
        return True


class ClassList(QListView):
    """A list of names with a box before each; Space ticks the one in the line that has the focus.

    Signals
    -------
    ticked(str, bool)
        The user ticks a name, or takes the tick away; setters never emit it.
    """

    ticked = Signal(str, bool)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._model = _Model(self)
        self._model.ticked.connect(self.ticked, Qt.ConnectionType.QueuedConnection)  # lines may go by it
        self.setModel(self._model)
        self.setProperty("ticks", True)
        self.setUniformItemSizes(True)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setTabKeyNavigation(False)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setTextElideMode(Qt.TextElideMode.ElideMiddle)
        self._fit()

    def set_classes(self, classes: tuple[str, ...], on: Collection[str], *, known: bool = True) -> None:
        """Show all classes and those that are ticked, which come first where they are not among the classes.

        Parameters
        ----------
        classes : tuple of str
            Those of the open folder.
        on : collection of str
            Those that are ticked.
        known : bool
            Whether the folder's classes are known, so that others are said not to be there.
        """
        there = frozenset(classes)
        others = tuple(name for name in on if name not in there)
        line = self.currentIndex().row()
        if self._model.set_names((*others, *classes), frozenset(others) if known else frozenset(), frozenset(on)):
            self._go_to(min(max(line, 0), self._model.rowCount() - 1))
            self._fit()

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Mark the line that Space ticks."""
        super().focusInEvent(event)
        self._go_to(max(self.currentIndex().row(), 0))

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Mark no line."""
        super().focusOutEvent(event)
        self.clearSelection()

    def _go_to(self, line: int) -> None:
        flags = QItemSelectionModel.SelectionFlag
        flag = flags.ClearAndSelect if self.hasFocus() else flags.NoUpdate
        self.selectionModel().setCurrentIndex(self._model.index(line), flag)

    def sizeHint(self) -> QSize:
        """As high as its lines, up to a few of them."""
        return QSize(super().sizeHint().width(), self.height())

    def _fit(self) -> None:
        lines = min(max(self._model.rowCount(), 1), _LINES)
        line = self.sizeHintForRow(0) if self._model.rowCount() else self.fontMetrics().height() + 6
        self.setFixedHeight(lines * line + 2 * self.frameWidth() + 2)
