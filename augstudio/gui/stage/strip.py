"""The strip of versions: both ends of every range, and the copies that the export will write."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QPoint, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QPainter, QPixmap
from PySide6.QtWidgets import (
    QListWidgetItem,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QWidget,
)

from augstudio.gui.intent.views import Shown, versions
from augstudio.gui.parts import style
from augstudio.gui.parts.tile import TileRow, paint_below_picture, paint_ground
from augstudio.gui.stage.tile_image import Form, TileImage

_SHOWN, _PICTURE = Qt.ItemDataRole.UserRole, Qt.ItemDataRole.UserRole + 1
TILE, SMALL_TILE = QSize(92, 92), QSize(60, 60)


class _Tile(QStyledItemDelegate):
    """A small picture above its name, on a coloured tile when it is the one shown large."""

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        colours = style.theme()
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        rect = option.rect.adjusted(2, 2, -2, -2)
        chosen = bool(option.state & QStyle.StateFlag.State_Selected)
        paint_ground(painter, rect, chosen=chosen, hovered=bool(option.state & QStyle.StateFlag.State_MouseOver))
        if index.row() == 2:  # the copies begin here
            painter.setPen(QColor(colours.line))
            painter.drawLine(option.rect.left(), rect.top() + 8, option.rect.left(), rect.bottom() - 8)
        line = painter.fontMetrics().height()
        box = rect.adjusted(3, 3, -3, -line - 4)
        picture = index.data(_PICTURE)
        if isinstance(picture, QPixmap):
            size = picture.deviceIndependentSize().toSize()
            if size.width() > box.width() or size.height() > box.height():
                size.scale(box.size(), Qt.AspectRatioMode.KeepAspectRatio)
            place = QRect(QPoint(), size)
            place.moveCenter(box.center())
            paint_below_picture(painter, QRectF(place), chosen=chosen)
            painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
            painter.drawPixmap(place, picture, picture.rect())
        painter.setPen(QColor(colours.on_accent if chosen else colours.text))
        painter.drawText(
            rect.adjusted(0, 0, 0, -2), Qt.AlignmentFlag.AlignBottom | Qt.AlignmentFlag.AlignHCenter, index.data()
        )
        painter.restore()


class Strip(TileRow):
    """A row of small pictures; the one in the state is marked, a click or an arrow key asks for another."""

    asked = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(TILE, SMALL_TILE, _Tile(), parent)
        self.setObjectName("strip")
        self.setAccessibleName("Variations: lowest, highest, and the copies that are exported")
        self._setting = False
        self._labels_shown = True
        self._made: dict[Shown, TileImage] = {}
        for shown in versions():
            name = f"Copy {shown.copy}" if shown.kind == "copy" else shown.kind.capitalize()
            item = QListWidgetItem(name)
            item.setData(_SHOWN, shown)
            item.setTextAlignment(Qt.AlignmentFlag.AlignHCenter)
            self.addItem(item)
        self.set_alone(False)
        self.currentItemChanged.connect(self._changed)
        self.set_small(False)
        self.clear_pictures()

    def set_shown(self, shown: Shown) -> None:
        """Mark the version that is shown large."""
        self._setting = True
        for item in self._items():
            if item.data(_SHOWN) == shown:
                self.setCurrentItem(item)
        self._setting = False

    def set_alone(self, alone: bool) -> None:
        """Say whether the versions are of one step alone, which no export makes."""
        for item in self._items():
            shown = item.data(_SHOWN)
            if shown.kind != "copy":
                item.setToolTip(f"The {shown.kind} end of every range at once")
            elif alone:
                item.setToolTip(f"Copy {shown.copy} with one step alone; the export applies all")
            else:
                item.setToolTip(f"Copy {shown.copy}, as the export writes it (reduced)")

    def form(self) -> Form:
        """In which size the pictures of tiles are to be made."""
        ratio = self.devicePixelRatioF()
        return Form(round(TILE.width() * ratio), round(TILE.height() * ratio), ratio)

    def set_picture(self, shown: Shown, image: TileImage) -> None:
        """Show one version."""
        self._made[shown] = image
        for item in self._items():
            if item.data(_SHOWN) == shown:
                item.setData(_PICTURE, QPixmap.fromImage(image.shown(labels=self._labels_shown)))

    def set_labels_shown(self, on: bool) -> None:
        """Draw labels over the versions, or leave them bare."""
        if on != self._labels_shown:
            self._labels_shown = on
            for shown, image in list(self._made.items()):
                if image.labelled is not None:
                    self.set_picture(shown, image)

    def clear_pictures(self) -> None:
        """Show empty tiles."""
        self._made.clear()
        for item in self._items():
            item.setData(_PICTURE, None)

    def _items(self) -> list[QListWidgetItem]:
        return [self.item(row) for row in range(self.count())]

    def _changed(self, item: QListWidgetItem | None) -> None:
        if item is not None and not self._setting:
            self.asked.emit(Shown(*item.data(_SHOWN)))
