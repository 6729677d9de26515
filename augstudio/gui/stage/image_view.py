"""One large picture, with labels over it, of which a viewport says what is seen."""

from __future__ import annotations

import math

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QBrush,
    QColor,
    QHelpEvent,
    QImage,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPixmap,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from augstudio.gui.parts import style
from augstudio.gui.parts.controls import as_tip
from augstudio.gui.stage.marks import Marks, paint_layer


class ImageView(QWidget):
    """One picture. It shows the part that its viewport says and reports what the user does with it."""

    zoomed = Signal(float, float, float)
    panned = Signal(float, float)
    toggled = Signal()
    resized = Signal()
    pointed = Signal(float, float)
    unpointed = Signal()

    def __init__(self, name: str, label: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName(name)
        self.setAccessibleName(label)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumSize(QSize(120, 100))
        self.setCursor(Qt.CursorShape.OpenHandCursor)
        self.setToolTip("Wheel to zoom, drag to move, double-click for 100 %")
        self._image: QImage | None = None
        self._size = (1, 1)
        self._scale = 1.0
        self._caption = ""
        self._centre = (0.5, 0.5)
        self._message = ""
        self._grabbed: QPointF | None = None
        self._marks: Marks | None = None
        self._layer: QImage | None = None
        self._labels_shown = self._names_shown = True
        self._readout: tuple[str, ...] = ()
        self._painted: tuple[object, QPixmap] | None = None

    # -- setters -------------------------------------------------------------------------------------------------

    def set_picture(self, image: QImage | None, size: tuple[int, int]) -> None:
        """Show an image that stands for a picture of `size` (width, height)."""
        self._image, self._size, self._message = image, size, ""
        self.setAccessibleDescription("")
        self.update()

    def set_message(self, message: str) -> None:
        """Say something instead of showing a picture."""
        self._image, self._marks, self._layer, self._message = None, None, None, message
        self.setAccessibleDescription(message)
        self.update()

    def set_marks(self, marks: Marks | None) -> None:
        """Draw labels over the picture, or none."""
        if marks is not self._marks:
            self._marks = marks
            self.update()

    def set_layer(self, layer: QImage | None) -> None:
        """Draw masks over the picture, or none."""
        if layer is not self._layer:
            self._layer = layer
            self.update()

    def set_labels_shown(self, on: bool) -> None:
        """Draw the labels there are, or leave the picture bare."""
        self._labels_shown = on
        self.update()

    def set_names_shown(self, on: bool) -> None:
        """Write the names of labels, or leave them out."""
        if on != self._names_shown:
            self._names_shown = on
            self.update()

    def set_readout(self, words: tuple[str, ...]) -> None:
        """Say something of the pixel under the pointer, in the longest of these words that fit; or nothing."""
        if words != self._readout:
            self._readout = words
            self.update()

    def set_caption(self, text: str) -> None:
        """Say something over the picture, or nothing."""
        if text != self._caption:
            self._caption = text
            self.setAccessibleDescription(text)
            self.update()

    def set_viewport(self, scale: float, x: float, y: float) -> None:
        """Show this part; `scale` is in screen pixels per pixel of this picture."""
        if (scale, (x, y)) != (self._scale, self._centre):
            self._scale, self._centre = scale, (x, y)
            self.update()

    @property
    def marks(self) -> Marks | None:
        """What is drawn over the picture now."""
        return self._marks if self._labels_shown and self._image is not None else None

    # -- what is shown -------------------------------------------------------------------------------------------

    def image(self) -> QImage | None:
        """The image in view."""
        return self._image

    @property
    def picture_size(self) -> tuple[int, int]:
        """Width and height of the real picture."""
        return self._size

    def room(self) -> tuple[float, float]:
        """Width and height that a picture has, in screen pixels."""
        ratio = self.devicePixelRatioF()
        return max(1, self.width() - 16) * ratio, max(1, self.height() - 16) * ratio

    def scale(self) -> float:
        """Screen pixels per pixel of this picture, now."""
        return self._scale

    @property
    def caption(self) -> str:
        """What is said over the picture."""
        return self._caption

    @property
    def readout(self) -> str:
        """What is said of the pixel under the pointer, where there is room for all of it."""
        return self._readout[0] if self._readout else ""

    def picture_rect(self) -> QRectF:
        """Where the whole picture lies in the widget, in device pixels."""
        ratio = self.devicePixelRatioF()
        width, height = (side * self.scale() for side in self._size)
        left = self.width() * ratio / 2 - self._centre[0] * width
        top = self.height() * ratio / 2 - self._centre[1] * height
        return QRectF(round(left), round(top), width, height)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the picture on the stage; when enlarged, the real picture's pixels as squares."""
        painter = QPainter(self)
        colours = style.theme()
        painter.fillRect(self.rect(), QColor(colours.stage))
        if self._image is None:
            painter.setPen(QColor(colours.muted))
            box = self.rect().adjusted(24, 24, -24, -24)
            painter.drawText(box, Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap, self._message)
            painter.end()
            return
        ratio = self.devicePixelRatioF()
        painter.scale(1 / ratio, 1 / ratio)
        where = self.picture_rect()
        if self._image.hasAlphaChannel():
            painter.fillRect(where, QColor("#ffffff"))
            painter.fillRect(where, QBrush(QColor("#b8bcc4"), Qt.BrushStyle.Dense4Pattern))
        reduced = self._image.width() < self._size[0]  # what it has, it has not in squares
        smooth = reduced or where.width() < 2 * self._image.width()
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, smooth)
        painter.drawImage(where, self._image, QRectF(self._image.rect()))
        self._draw_labels(painter, where)
        painter.resetTransform()
        if self._caption:
            self._draw_caption(painter)
        if self._readout:
            self._draw_readout(painter)
        painter.end()
        del event

    def _draw_labels(self, painter: QPainter, where: QRectF) -> None:
        if self._labels_shown and self._layer is not None:
            paint_layer(painter, self._layer, where)
        if self.marks is None:
            self._painted = None
        else:
            painter.drawPixmap(0, 0, self._outlines(self.marks, where))

    def _outlines(self, marks: Marks, where: QRectF) -> QPixmap:
        """Outlines and names: painted once, since hundreds of them take longer than a picture that comes below them."""
        ratio = self.devicePixelRatioF()
        view = QRectF(0, 0, math.ceil(self.width() * ratio), math.ceil(self.height() * ratio))
        font = self.font()
        font.setPixelSize(max(9, round(0.85 * self.fontInfo().pixelSize() * ratio)))  # the painter is in device pixels
        key = marks, where.getRect(), view.getRect(), ratio, font, self._names_shown
        if self._painted is None or self._painted[0] != key:
            pixmap = QPixmap(view.size().toSize())
            pixmap.fill(Qt.GlobalColor.transparent)
            painter = QPainter(pixmap)
            marks.paint(painter, where, view, ratio)
            if self._names_shown:
                painter.setFont(font)
                marks.paint_names(painter, where, view, ratio)
            painter.end()
            self._painted = key, pixmap
        return self._painted[1]

    def _draw_caption(self, painter: QPainter) -> None:
        colours, metrics = style.theme(), self.fontMetrics()
        text = metrics.elidedText(self._caption, Qt.TextElideMode.ElideMiddle, self.width() - 40)  # the number stays
        width, height = metrics.horizontalAdvance(text) + 24, metrics.height() + 10
        pill = QRectF((self.width() - width) / 2, 12, width, height)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(colours.accent))
        painter.drawRoundedRect(pill, height / 2, height / 2)
        painter.setPen(QColor(colours.on_accent))
        painter.drawText(pill, Qt.AlignmentFlag.AlignCenter, text)

    def _draw_readout(self, painter: QPainter) -> None:
        colours, metrics, room = style.theme(), self.fontMetrics(), self.width() - 32
        fits = (words for words in self._readout if metrics.horizontalAdvance(words) <= room)
        words = next(fits, self._readout[-1])
        width, height = metrics.horizontalAdvance(words) + 16, metrics.height() + 6
        place = QRectF(8, self.height() - height - 8, width, height)
        back = QColor(colours.window)
        back.setAlpha(225)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(back)
        painter.drawRoundedRect(place, 4, 4)
        painter.setPen(QColor(colours.text))
        painter.drawText(place, Qt.AlignmentFlag.AlignCenter, words)

    # -- the user's doing ------------------------------------------------------------------------------------------

    def _share_at(self, place: QPointF) -> tuple[float, float]:
        where, ratio = self.picture_rect(), self.devicePixelRatioF()
        x = (place.x() * ratio - where.left()) / max(1e-9, where.width())
        y = (place.y() * ratio - where.top()) / max(1e-9, where.height())
        return x, y

    def event(self, event: QEvent) -> bool:
        """Tell what lies under the pointer, where labels say it."""
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            words = self.words_at(QPointF(event.pos()))
            if words:
                QToolTip.showText(event.globalPos(), as_tip(words), self)
                return True
        return super().event(event)

    def words_at(self, place: QPointF) -> str:
        """The object at a place in the widget, and what became of it; empty where there is none."""
        if self.marks is None:
            return ""
        (x, y), (width, height) = self._share_at(place), self._size
        item = self.marks.overlay.at(x * width, y * height)
        if item is None:
            return ""
        lost = "" if item.kept else "not in the copy: "
        return f"{item.name}: {lost}{item.words}" if item.words else item.name

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Zoom about the pointer."""
        delta = event.angleDelta().y() or event.angleDelta().x()
        if delta:
            self.zoomed.emit(1.25 ** (delta / 120), *self._share_at(event.position()))
        event.accept()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Take the picture."""
        if event.button() == Qt.MouseButton.LeftButton:
            self._grabbed = event.position()
            self.setCursor(Qt.CursorShape.ClosedHandCursor)

    def leaveEvent(self, event: QEvent) -> None:
        """Tell that the pointer is elsewhere."""
        self.unpointed.emit()
        super().leaveEvent(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Move the picture, and tell what is pointed at."""
        if self.hasMouseTracking() and self._image is not None:
            self.pointed.emit(*self._share_at(event.position()))
        if self._grabbed is not None and self._image is not None:
            moved, ratio = event.position() - self._grabbed, self.devicePixelRatioF()
            self._grabbed = event.position()
            where = self.picture_rect()
            self.panned.emit(-moved.x() * ratio / where.width(), -moved.y() * ratio / where.height())

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Let go of it."""
        self._grabbed = None
        self.setCursor(Qt.CursorShape.OpenHandCursor)
        del event

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Switch between fit and 100 %."""
        self.toggled.emit()
        del event

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Zoom by plus and minus; move by arrow keys."""
        moves = {Qt.Key.Key_Left: (-1, 0), Qt.Key.Key_Right: (1, 0), Qt.Key.Key_Up: (0, -1), Qt.Key.Key_Down: (0, 1)}
        if event.key() in (Qt.Key.Key_Plus, Qt.Key.Key_Equal):
            self.zoomed.emit(1.25, *self._centre)
        elif event.key() == Qt.Key.Key_Minus:
            self.zoomed.emit(0.8, *self._centre)
        elif event.key() in moves:
            x, y = moves[Qt.Key(event.key())]
            where = self.picture_rect()
            self.panned.emit(40 * x / max(1.0, where.width()), 40 * y / max(1.0, where.height()))
        else:
            event.ignore()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Tell that what fits has changed."""
        self.resized.emit()
        super().resizeEvent(event)
