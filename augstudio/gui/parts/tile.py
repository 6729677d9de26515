"""What tiles of pictures have in common, wherever they stand: in the list, the rows below the pictures, the sheet."""

from __future__ import annotations

from functools import lru_cache

from PySide6.QtCore import QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPen
from PySide6.QtWidgets import QAbstractItemView, QFrame, QListView, QListWidget, QStyledItemDelegate, QWidget

from augstudio.gui.parts import style

ROUND = 6
BAR = 3
"""Height of the bar that tells a change."""
_FULL = 0.5
"""The change that fills it."""
_DISC = 26


@lru_cache(maxsize=64)
def colour(name: str) -> QColor:
    """A colour that is made once: each call of Qt may have to wait for the threads that make tiles."""
    return QColor(name)


def paint_ground(painter: QPainter, rect: QRect, *, chosen: bool, hovered: bool) -> None:
    """Draw what lies below a tile that is chosen, or that the pointer is over."""
    if chosen or hovered:
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(colour(style.theme().accent if chosen else style.theme().hover))
        painter.drawRoundedRect(rect, ROUND, ROUND)


def paint_below_picture(painter: QPainter, place: QRectF, *, chosen: bool) -> None:
    """Give a picture that may be seen through the ground that it has on every other tile."""
    if chosen:
        painter.fillRect(place, colour(style.theme().card))


def paint_change(painter: QPainter, place: QRect, total: float, *, chosen: bool) -> None:
    """Draw how much a copy, or a step, changes, by `Change.total`."""
    colours = style.theme()
    painter.save()
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(colour(colours.on_accent if chosen else colours.line))
    painter.setOpacity(0.35 if chosen else 0.7)
    painter.drawRoundedRect(place, BAR / 2, BAR / 2)
    share = min(1.0, total / _FULL)
    if share > 0.005:
        painter.setOpacity(1.0)
        painter.setBrush(colour(colours.on_accent if chosen else colours.accent))
        width = max(float(BAR), share * place.width())
        painter.drawRoundedRect(QRectF(place.left(), place.top(), width, place.height()), BAR / 2, BAR / 2)
    painter.restore()


def cross_out(painter: QPainter, box: QRect) -> None:
    """Draw the mark of a picture that is left out of exports."""
    colours = style.theme()
    disc = QRect(0, 0, _DISC, _DISC)
    disc.moveCenter(box.center())
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(colour(colours.window))
    painter.drawEllipse(disc)
    painter.setPen(QPen(colour(colours.red), 2.5, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap))
    arm = disc.adjusted(8, 8, -8, -8)
    painter.drawLine(arm.topLeft(), arm.bottomRight())
    painter.drawLine(arm.topRight(), arm.bottomLeft())


class TileRow(QListWidget):
    """A row of tiles that scrolls sideways; it takes more or less room.

    Parameters
    ----------
    large, small : QSize
        Of the pictures, in a high window and in a low one.
    """

    def __init__(
        self, large: QSize, small: QSize, delegate: QStyledItemDelegate, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._sizes = large, small
        self._tile = QSize()
        delegate.setParent(self)
        self.setItemDelegate(delegate)
        self.setViewMode(QListView.ViewMode.IconMode)
        self.setFlow(QListView.Flow.LeftToRight)
        self.setWrapping(False)
        self.setMovement(QListView.Movement.Static)
        self.setSpacing(2)
        self.setMouseTracking(True)
        self.setUniformItemSizes(True)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setFrameShape(QFrame.Shape.NoFrame)

    def set_small(self, small: bool) -> None:
        """Take less room, in a low window."""
        tile = self._sizes[small]
        if tile != self._tile:
            self._tile = tile
            self.setIconSize(tile)
            self.setFixedHeight(tile.height() + self.fontMetrics().height() + 32)
            for row in range(self.count()):
                self.item(row).setSizeHint(self.hint())

    def hint(self) -> QSize:
        """The size of an item: its picture, with a line of words below it."""
        return QSize(self._tile.width() + 12, self._tile.height() + self.fontMetrics().height() + 12)
