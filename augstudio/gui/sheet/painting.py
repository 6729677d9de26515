"""How the sheet looks: tiles and headings, drawn by hand."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from PySide6.QtCore import QPointF, QRect, QRectF, QSizeF, Qt
from PySide6.QtGui import QFont, QImage, QPainter, QPen

from augstudio.advice.change import Change
from augstudio.gui.parts import style
from augstudio.gui.parts.tile import BAR, ROUND, colour, cross_out, paint_below_picture, paint_change, paint_ground
from augstudio.gui.sheet.making import Made

PAD, BETWEEN = 5, 3
"""Room inside of a tile around its pictures, and between the two of a pair."""
_DIMMED = 0.35
_CENTRED = Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignVCenter


class Look(NamedTuple):
    """What a tile is painted with.

    Attributes
    ----------
    name : str
        As it fits; empty where none is shown.
    parts : sequence of Made or None
        What there is, from left to right.
    change : Change or None
        What is shown as a bar.
    chosen : bool
        Whether it is the picture in view.
    hovered, focused, excluded : bool
        Whether the pointer is over it, the keys act on it, it is left out of exports.
    """

    name: str
    parts: Sequence[Made | None]
    change: Change | None = None
    chosen: bool = False
    hovered: bool = False
    focused: bool = False
    excluded: bool = False

    @property
    def is_plain(self) -> bool:
        """Whether its pictures lie on the ground of the sheet, and nothing lies over them."""
        return not (self.chosen or self.hovered or self.excluded)


def tile_size(box: tuple[int, int], parts: int, line: int) -> tuple[int, int]:
    """Width and height of a tile.

    Parameters
    ----------
    box : (int, int)
        That a picture is fitted into.
    parts : int
        How many pictures it shows.
    line : int
        Height of a line of text; 0 without names.
    """
    below = line + 3 if line else 0
    return parts * box[0] + (parts - 1) * BETWEEN + 2 * PAD, box[1] + 2 * PAD + BAR + 2 + below


def box_width(tile: int, parts: int) -> int:
    """Width of the box that a picture is fitted into, in a tile of that width."""
    return max(1, (tile - 2 * PAD - (parts - 1) * BETWEEN) // parts)


def paint_tiles(painter: QPainter, box: tuple[int, int], tiles: Sequence[tuple[QRect, Look]]) -> None:
    """Draw tiles; what is not there yet in one go: each call may have to wait for the threads that make it."""
    blank = [
        place
        for rect, look in tiles
        if look.is_plain
        for made, place in zip(look.parts, _places(rect, box, len(look.parts)), strict=True)
        if made is None
    ]
    if blank:
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(colour(style.theme().window))
        painter.drawRects(blank)
    for rect, look in tiles:
        paint_tile(painter, rect, box, look)


def _places(rect: QRect, box: tuple[int, int], parts: int) -> list[QRect]:
    """Where the pictures of a tile stand."""
    left, top = rect.left() + PAD, rect.top() + PAD
    return [QRect(left + number * (box[0] + BETWEEN), top, *box) for number in range(parts)]


def paint_tile(painter: QPainter, rect: QRect, box: tuple[int, int], look: Look) -> None:
    """Draw one tile, but for what is not there yet of a plain one."""
    colours = style.theme()
    paint_ground(painter, rect, chosen=look.chosen, hovered=look.hovered)
    if look.excluded:
        painter.setOpacity(_DIMMED)
    inner = QRect(rect.left() + PAD, rect.top() + PAD, rect.width() - 2 * PAD, box[1])
    if reason := next((made for made in look.parts if made is not None and made.reason), None):
        words = "cannot\nbe read" if not reason.readable else "cannot\nbe made"
        _paint_blank(painter, inner, words)
    else:
        for index, (made, place) in enumerate(zip(look.parts, _places(rect, box, len(look.parts)), strict=True)):
            if made is not None or not look.is_plain:
                _paint_part(painter, place, made, _side(index, len(look.parts)), look)
    if look.excluded:
        painter.setOpacity(1.0)
        cross_out(painter, inner)
    if look.change is not None:
        bar = QRect(inner.left(), inner.bottom() + 3, inner.width(), BAR)
        paint_change(painter, bar, look.change.total, chosen=look.chosen)
    if look.name:
        painter.setPen(colour(colours.on_accent if look.chosen else colours.muted if look.excluded else colours.text))
        below = QRect(inner.left(), inner.bottom() + BAR + 4, inner.width(), rect.bottom() - inner.bottom() - BAR - 5)
        painter.drawText(below, _CENTRED, look.name)
    if look.focused:
        painter.setPen(QPen(colour(colours.text if look.chosen else colours.accent), 2))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRoundedRect(QRectF(rect).adjusted(1, 1, -1, -1), ROUND, ROUND)


def _side(index: int, parts: int) -> Qt.AlignmentFlag:
    """The two of a pair stand close together."""
    if parts == 1:
        return Qt.AlignmentFlag.AlignHCenter
    return Qt.AlignmentFlag.AlignLeft if index else Qt.AlignmentFlag.AlignRight


def _paint_part(painter: QPainter, box: QRect, made: Made | None, side: Qt.AlignmentFlag, look: Look) -> None:
    if made is None or made.image is None:
        _paint_blank(painter, box, "")
        return
    image = made.image
    size = _fit(image, box)
    free = box.width() - size.width()
    left = {Qt.AlignmentFlag.AlignLeft: 0.0, Qt.AlignmentFlag.AlignRight: free}.get(side, free / 2)
    top = box.top() + box.height() - size.height()  # it stands on what is said of it
    place = QPointF(round(box.left() + left), round(top))
    if look.excluded or image.hasAlphaChannel():
        opacity = painter.opacity()
        painter.setOpacity(1.0)
        paint_below_picture(painter, QRectF(place, size), chosen=look.chosen)
        painter.setOpacity(opacity)
    if size == image.deviceIndependentSize():
        painter.drawImage(place, image)  # as it is: it was made so large
    else:  # it is of a moment ago, when tiles had another size
        painter.drawImage(QRectF(place, size), image)


def _fit(image: QImage, box: QRect) -> QSizeF:
    """How large an image is shown: as it is, where it was made for that box."""
    size = image.deviceIndependentSize()
    for own, room in ((size.width(), box.width()), (size.height(), box.height())):
        if abs(own - room) < 1 and size.width() < box.width() + 1 and size.height() < box.height() + 1:
            return size
    return size.scaled(QSizeF(box.size()), Qt.AspectRatioMode.KeepAspectRatio)


def _paint_blank(painter: QPainter, box: QRect, words: str) -> None:
    colours = style.theme()
    painter.fillRect(box, colour(colours.window))
    if words:
        painter.setPen(colour(colours.red))
        painter.drawText(box, Qt.AlignmentFlag.AlignCenter, words)


def paint_heading(painter: QPainter, rect: QRect, left: int, title: str, words: str, *, floating: bool) -> None:
    """Draw a heading: a title, and how many pictures of how many; over the tiles while they pass below it."""
    colours = style.theme()
    painter.fillRect(rect, colour(colours.card))
    if floating:
        painter.setPen(colour(colours.line))
        painter.drawLine(rect.bottomLeft(), rect.bottomRight())
    usual, bold = painter.font(), QFont(painter.font())
    bold.setWeight(QFont.Weight.DemiBold)
    painter.setFont(bold)
    room = rect.adjusted(left, 0, -PAD, 0)
    after = painter.fontMetrics().horizontalAdvance(words) + 12
    text = painter.fontMetrics().elidedText(title, Qt.TextElideMode.ElideMiddle, max(40, room.width() - after))
    painter.setPen(colour(colours.text))
    upright = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft
    painter.drawText(room, upright, text)
    across = painter.fontMetrics().horizontalAdvance(text) + 10
    painter.setFont(usual)
    painter.setPen(colour(colours.muted))
    painter.drawText(room.adjusted(across, 0, 0, 0), upright, words)
