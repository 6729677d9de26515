"""The transforms to add, as tiles in a grid: by group, each with its small pictures above its name."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from PySide6.QtCore import QEvent, QModelIndex, QPersistentModelIndex, QPoint, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QImage, QKeyEvent, QPainter, QResizeEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QListView,
    QListWidget,
    QListWidgetItem,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QWidget,
)

from augstudio.gui.cards.tile_making import SIDE, Tile
from augstudio.gui.cards.tiles import Tiles
from augstudio.gui.parts import style

_OP = Qt.ItemDataRole.UserRole
_GROUP = Qt.ItemDataRole.UserRole + 1
_PAD, _GAP, _LEAD = 6, 4, 10
_USUAL = SIDE, 3 * SIDE // 4
"""The room for a picture until it is known."""
_PART = "a part of the picture, pixel for pixel"

Index = QModelIndex | QPersistentModelIndex


class Entry(NamedTuple):
    """A transform in the grid: its op, what it is called here, and what it is for."""

    op: str
    name: str
    help: str


class TransformGrid(QListWidget):
    """Tiles by group; arrow keys go where they point.

    Signals
    -------
    chosen(str)
        A transform was clicked, or Enter was pressed on it.
    pointed(str)
        The pointer is over a transform; empty: over none.
    wanted_changed()
        Others are in view now.
    typed(str)
        Letters were typed here.
    """

    chosen = Signal(str)
    pointed = Signal(str)
    wanted_changed = Signal()
    typed = Signal(str)

    def __init__(self, tiles: Tiles, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.tiles = tiles
        self._column = 0
        self.setObjectName("add.list")
        self.setAccessibleName("Transforms by group")
        self.setFlow(QListView.Flow.LeftToRight)
        self.setWrapping(True)
        self.setResizeMode(QListView.ResizeMode.Adjust)
        self.setItemDelegate(_Painter(self))
        self.setMouseTracking(True)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.verticalScrollBar().setSingleStep(24)
        self.verticalScrollBar().valueChanged.connect(self.wanted_changed)
        self.itemClicked.connect(self._choose)
        self.itemEntered.connect(lambda item: self.pointed.emit(item.data(_OP) or ""))
        self.viewportEntered.connect(lambda: self.pointed.emit(""))
        tiles.came.connect(self._came)
        self._box = _USUAL

    # -- what is shown -----------------------------------------------------------------------------------------------

    def set_entries(self, groups: Iterable[tuple[str, list[Entry]]]) -> None:
        """Show these, in this order; the first is the current one."""
        self.clear()
        for group, entries in groups:
            heading = QListWidgetItem(group, self)
            heading.setFlags(Qt.ItemFlag.NoItemFlags)
            for entry in entries:
                item = QListWidgetItem(entry.name, self)
                item.setData(_OP, entry.op)
                item.setData(_GROUP, group)
                item.setData(Qt.ItemDataRole.AccessibleTextRole, f"{entry.name}: {entry.help}")
        items = self.entries()
        self.setCurrentItem(items[0] if items else None)  # type: ignore[arg-type]  # as Qt takes it
        self._column = 0
        self.scrollToTop()
        self.fit()

    def entries(self) -> list[QListWidgetItem]:
        """The items of transforms, without headings."""
        return [item for item in self._items() if item.data(_OP)]

    @property
    def current(self) -> str:
        """The op of the current transform; empty without one."""
        item = self.currentItem()
        return item.data(_OP) or "" if item else ""

    @property
    def wanted(self) -> list[str]:
        """The transforms that are shown, those in view first."""
        seen = self.viewport().rect()
        entries = [(self.visualItemRect(item).intersects(seen), item.data(_OP)) for item in self.entries()]
        return [op for _, op in sorted(entries, key=lambda entry: not entry[0])]

    def fit(self) -> None:
        """Take the shape of the pictures that are there."""
        known = (self.tiles.tile(item.data(_OP)) for item in self.entries())
        box = next((tile.box for tile in known if tile is not None), _USUAL)
        if box != self._box:
            self._box = box
            self.scheduleDelayedItemsLayout()
        self.viewport().update()

    def part(self, group: str) -> bool:
        """Whether the pictures of a group show but a part of the picture."""
        tiles = [self.tiles.tile(item.data(_OP)) for item in self.entries() if item.data(_GROUP) == group]
        return any(tile.part for tile in tiles if tile is not None)

    @property
    def box(self) -> QSize:
        """The room for a picture."""
        return QSize(*self._box)

    def size_of(self, index: Index) -> QSize:
        """How much room a heading or a tile takes: cells fill their rows, and a heading takes one of its own."""
        bar = self.verticalScrollBar().sizeHint().width()  # whether it is there or not: it moves nothing
        width, line = self.maximumViewportSize().width() - bar - 2, self.fontMetrics().height()
        columns = max(1, width // (2 * self._box[0] + _GAP + 2 * _PAD))
        if index.data(_OP):
            return QSize(width // columns, self._box[1] + line + _GAP + 2 * _PAD)
        return QSize(columns * (width // columns), line + (_LEAD if index.row() else _GAP) + _GAP)

    def _items(self) -> Iterator[QListWidgetItem]:
        return (self.item(row) for row in range(self.count()))

    def _came(self, op: str) -> None:
        tile = self.tiles.tile(op)
        if tile is not None and tile.box != self._box:
            self.fit()
        elif tile is not None and tile.part:
            self.viewport().update()  # the heading says so
        else:
            for item in self.entries():
                if item.data(_OP) == op:
                    self.viewport().update(self.visualItemRect(item))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Fill the rows anew."""
        super().resizeEvent(event)
        self.scheduleDelayedItemsLayout()
        self.wanted_changed.emit()

    # -- the user's doing --------------------------------------------------------------------------------------------

    def choose(self) -> None:
        """Take the current transform."""
        self._choose(self.currentItem())

    def _choose(self, item: QListWidgetItem | None) -> None:
        op = item.data(_OP) if item else None
        if op:
            self.chosen.emit(op)

    def step(self, key: int) -> bool:
        """Go where an arrow or page key points; whether it is one."""
        if key not in _STEPS:
            return False
        rows = self._rows()
        if rows:
            self.setCurrentItem(self._next(rows, key))
            self.scrollToItem(self.currentItem())
            if self.currentItem() in rows[0]:
                self.scrollToTop()  # with the heading
        return True

    def _rows(self) -> list[list[QListWidgetItem]]:
        rows: dict[int, list[QListWidgetItem]] = {}
        for item in self.entries():
            rows.setdefault(self.visualItemRect(item).top(), []).append(item)
        return list(rows.values())

    def _next(self, rows: list[list[QListWidgetItem]], key: int) -> QListWidgetItem:
        items = [item for row in rows for item in row]
        current = self.currentItem()
        if current not in items:
            return items[0]
        here = next(number for number, row in enumerate(rows) if current in row)
        along, down = _STEPS[key]
        if along or len(rows) == 1:  # in a single row, down is on
            found = items[(items.index(current) + (along or (1 if down > 0 else -1))) % len(items)]
            self._column = next(row.index(found) for row in rows if found in row)
            return found
        if abs(down) > 1:
            page = max(1, self.viewport().height() // self.visualItemRect(current).height() - 1)
            row = rows[max(0, min(here + (page if down > 0 else -page), len(rows) - 1))]
        else:
            row = rows[(here + down) % len(rows)]
        return row[min(self._column, len(row) - 1)]

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Go where arrows point; letters are for the search."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.choose()
        elif event.text().isprintable() and event.text().strip():
            self.typed.emit(event.text())
        elif not self.step(event.key()):
            super().keyPressEvent(event)

    def leaveEvent(self, event: QEvent) -> None:
        """Point at nothing any more."""
        super().leaveEvent(event)
        self.pointed.emit("")


_STEPS: dict[int, tuple[int, int]] = {
    Qt.Key.Key_Left: (-1, 0),
    Qt.Key.Key_Right: (1, 0),
    Qt.Key.Key_Up: (0, -1),
    Qt.Key.Key_Down: (0, 1),
    Qt.Key.Key_PageUp: (0, -2),
    Qt.Key.Key_PageDown: (0, 2),
}
"""Where keys go: items along, or rows down; two rows stand for a page."""


class _Painter(QStyledItemDelegate):
    """Paints headings and tiles."""

    def __init__(self, grid: TransformGrid) -> None:
        super().__init__(grid)
        self._grid = grid

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:  # noqa: ARG002
        """As much as the grid has for it."""
        return self._grid.size_of(index)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """Draw one of them."""
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if index.data(_OP):
            self._tile(painter, option, index)
        else:
            self._heading(painter, option.rect.adjusted(_PAD, 0, -_PAD, -_GAP), index.data())
        painter.restore()

    def _heading(self, painter: QPainter, place: QRect, group: str) -> None:
        colours, plain = style.theme(), painter.font()
        bold = painter.font()
        bold.setBold(True)
        painter.setFont(bold)
        painter.setPen(QColor(colours.text))
        low = Qt.AlignmentFlag.AlignBottom | Qt.AlignmentFlag.AlignLeft
        painter.drawText(place, low, group)
        if self._grid.part(group):
            place.setLeft(place.left() + painter.fontMetrics().horizontalAdvance(f"{group}  "))
            painter.setFont(plain)
            painter.setPen(QColor(colours.muted))
            painter.drawText(place, low, _PART)

    def _tile(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        colours, place = style.theme(), option.rect.adjusted(1, 1, -1, -1)
        chosen = bool(option.state & QStyle.StateFlag.State_Selected)
        if chosen or option.state & QStyle.StateFlag.State_MouseOver:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(colours.accent if chosen else colours.hover))
            painter.drawRoundedRect(place, 6, 6)
        self._pictures(painter, place.adjusted(0, _PAD - 1, 0, 0), self._grid.tiles.tile(index.data(_OP)))
        painter.setPen(QColor(colours.on_accent if chosen else colours.text))
        line = painter.fontMetrics().height()
        below = QRect(place.left() + 2, place.bottom() - line - _PAD + 3, place.width() - 4, line)
        name = painter.fontMetrics().elidedText(index.data(), Qt.TextElideMode.ElideRight, below.width())
        painter.drawText(below, Qt.AlignmentFlag.AlignCenter, name)

    def _pictures(self, painter: QPainter, place: QRect, tile: Tile | None) -> None:
        """Draw them side by side in the middle; empty frames where they are not there yet."""
        box, images = self._grid.box, tile.images if tile else (None, None)
        left = place.left() + (place.width() - len(images) * box.width() - (len(images) - 1) * _GAP) // 2
        for image in images:
            _draw(painter, QRect(QPoint(left, place.top()), box), image)
            left += box.width() + _GAP


def _draw(painter: QPainter, box: QRect, image: QImage | None) -> None:
    if image is None:
        painter.setPen(QColor(style.theme().line))
        painter.setBrush(QColor(style.theme().window))
        painter.drawRoundedRect(box.adjusted(1, 1, -1, -1), 4, 4)
        return
    fitted = image.size().scaled(box.size(), Qt.AspectRatioMode.KeepAspectRatio)
    place = QRect(QPoint(), fitted)
    place.moveCenter(box.center())
    # What is much smaller than the room for it is to be seen as the pixels that it is.
    smooth = fitted.width() < 2 * image.width()
    painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, smooth)
    painter.drawImage(QRectF(place), image)
