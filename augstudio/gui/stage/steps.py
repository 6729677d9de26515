"""The row that shows a copy step by step: a picture after each, what it drew, and how much it changed."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QPointF, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QPainter, QPixmap
from PySide6.QtWidgets import (
    QListWidgetItem,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QWidget,
)

from augstudio.gui.intent.views import StepTile
from augstudio.gui.parts import style
from augstudio.gui.parts.controls import as_tip
from augstudio.gui.parts.tile import BAR, TileRow, paint_below_picture, paint_change, paint_ground
from augstudio.gui.stage.stepping import Stepped
from augstudio.gui.stage.strip import SMALL_TILE, TILE

_TILE, _PICTURE, _STEPPED, _ROW = (Qt.ItemDataRole.UserRole + n for n in range(4))
_WIDE = 24
"""Pixels that a tile is wider than its picture may be: words stand below it."""
_LESS = 0.4
"""Opacity of a step that the copy goes without."""


class _Delegate(QStyledItemDelegate):
    """A picture, under it the bar of what the step changed, its name and what it drew."""

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        colours, tile = style.theme(), index.data(_TILE)
        assert isinstance(tile, StepTile)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        rect = option.rect.adjusted(2, 2, -2, -2)
        chosen = bool(option.state & QStyle.StateFlag.State_Selected)
        paint_ground(painter, rect, chosen=chosen, hovered=bool(option.state & QStyle.StateFlag.State_MouseOver))
        metrics = painter.fontMetrics()
        line = metrics.height()
        lines = 2 * line
        box = rect.adjusted(3, 3, -3, -lines - 9)
        picture = index.data(_PICTURE)
        if isinstance(picture, QPixmap):
            size = picture.deviceIndependentSize()
            shown = size.scaled(box.size().toSizeF(), Qt.AspectRatioMode.KeepAspectRatio)
            place = QRectF(QPointF(), shown)
            place.moveCenter(QRectF(box).center())
            paint_below_picture(painter, place, chosen=chosen)
            painter.setOpacity(1.0 if tile.applied else _LESS)
            painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
            painter.drawPixmap(place, picture, QRectF(picture.rect()))
        painter.setOpacity(1.0)
        stepped = index.data(_STEPPED)
        if isinstance(stepped, Stepped) and stepped.change is not None:
            bar = QRect(box.left() + 8, box.bottom() + 3, box.width() - 16, BAR)
            paint_change(painter, bar, stepped.change.total, chosen=chosen)
        text = QColor(colours.on_accent if chosen else colours.text)
        muted = QColor(colours.on_accent if chosen else colours.muted)
        upper = QRect(rect.left() + 3, rect.bottom() - lines, rect.width() - 6, line)
        for place_of, words, colour in (
            (upper, tile.title, text if tile.applied else muted),
            (upper.translated(0, line), tile.words, muted),
        ):
            painter.setPen(colour)
            fitted = metrics.elidedText(words, Qt.TextElideMode.ElideMiddle, place_of.width())
            painter.drawText(place_of, Qt.AlignmentFlag.AlignCenter, fitted)
        painter.restore()


class StepsStrip(TileRow):
    """A row of pictures; a click or an arrow key asks for one of them large.

    Signals
    -------
    asked(str)
        The step after which the copy is to be shown; empty for the last.
    """

    asked = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(TILE, SMALL_TILE, _Delegate(), parent)
        self.setObjectName("steps")
        self.setAccessibleName("The copy after each of its steps")
        self._tiles: tuple[StepTile, ...] = ()
        self._after = ""
        self._setting = False
        self._labels_shown = True
        self._made: dict[str, Stepped] = {}
        self.currentRowChanged.connect(self._changed)
        self.set_small(False)

    def hint(self) -> QSize:
        """As high as one of the versions, in whose place they stand; wider, since words stand below them."""
        return QSize(TILE.width() + _WIDE, super().hint().height())

    def set_tiles(self, tiles: tuple[StepTile, ...]) -> None:
        """Show these; pictures that there are stay until their own come."""
        if [tile.step for tile in tiles] != [tile.step for tile in self._tiles]:
            self._setting = True
            self.clear()
            for _ in tiles:
                item = QListWidgetItem()
                item.setSizeHint(self.hint())
                self.addItem(item)
            self._made = {step: made for step, made in self._made.items() if any(t.step == step for t in tiles)}
            self._setting = False
        self._tiles = tiles
        for row, tile in enumerate(tiles):
            self._put(row, tile)
        self.set_after(self._after)

    def set_after(self, step_id: str) -> None:
        """Mark the picture that is shown large."""
        self._after = step_id
        steps = [tile.step for tile in self._tiles]
        row = steps.index(step_id) if step_id and step_id in steps else len(steps) - 1
        if row != self.currentRow():
            self._setting = True
            self.setCurrentRow(row)
            self._setting = False

    def set_picture(self, tile: StepTile, stepped: Stepped) -> None:
        """Show one."""
        self._made[tile.step] = stepped
        for row, own in enumerate(self._tiles):
            if own.step == tile.step:
                image = stepped.image.shown(labels=self._labels_shown)
                self.item(row).setData(_PICTURE, QPixmap.fromImage(image))
                self._put(row, own)

    def set_labels_shown(self, on: bool) -> None:
        """Draw labels over the pictures, or leave them bare."""
        if on != self._labels_shown:
            self._labels_shown = on
            for tile in self._tiles:
                if tile.step in self._made:
                    self.set_picture(tile, self._made[tile.step])

    def clear_pictures(self) -> None:
        """Show empty tiles."""
        self._made.clear()
        for row in range(self.count()):
            self.item(row).setData(_PICTURE, None)
            self.item(row).setData(_STEPPED, None)

    def _put(self, row: int, tile: StepTile) -> None:
        item, stepped = self.item(row), self._made.get(tile.step)
        item.setData(_TILE, tile)
        item.setData(_STEPPED, stepped)
        change = ""
        if stepped is not None and stepped.change is not None and tile.applied:
            words = stepped.change.words
            change = f"changes {words}" if words else "changes nothing but where things lie"
        said = ", ".join(filter(None, (f"{tile.title} {tile.told}".strip(), change)))
        item.setData(Qt.ItemDataRole.AccessibleTextRole, said)
        item.setToolTip(as_tip(said))

    def _changed(self, row: int) -> None:
        if 0 <= row < len(self._tiles) and not self._setting:
            self.asked.emit("" if row == len(self._tiles) - 1 else self._tiles[row].step)
