"""What is seen while a card is carried: the card itself, lifted, and a line where it would land."""

from __future__ import annotations

from PySide6.QtCore import QPoint, QRect, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPixmap
from PySide6.QtWidgets import QFrame, QScrollArea, QWidget

from augstudio.gui.parts import style

_MARGIN = 10
"""Pixels of shadow round the lifted card."""
_STUB = 22
"""Pixels of the line, at both ends, that are drawn in full across the lifted card."""
_EDGE = 48
"""Pixels at the upper and lower end of the list within which it scrolls by itself."""


class Lifted(QWidget):
    """A slightly transparent picture of a card, with a shadow, that follows the pointer."""

    def __init__(self, card: QWidget, grabbed: QPoint) -> None:
        self._over = card.window()
        super().__init__(self._over)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setObjectName("lifted")
        self._grabbed = card.mapFromGlobal(grabbed)
        self._picture: QPixmap = card.grab()
        self._line: QRect | None = None
        self.resize(card.width() + 2 * _MARGIN, card.height() + 2 * _MARGIN)
        self.follow(grabbed)
        self.show()
        self.raise_()

    def follow(self, place: QPoint) -> None:
        """Go where the pointer is (on the screen)."""
        self.move(self._over.mapFromGlobal(place) - self._grabbed - QPoint(_MARGIN, _MARGIN))

    def set_line(self, line: QRect) -> None:
        """Show where the card would land (on the screen) through it, too."""
        self._line = line
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw the shadow, the card above it, and the line that it would hide."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(0, 0, 0, 14))
        inner = QRectF(self.rect()).adjusted(_MARGIN, _MARGIN, -_MARGIN, -_MARGIN)
        for spread in range(_MARGIN, 0, -2):
            painter.drawRoundedRect(inner.adjusted(-spread, -spread + 3, spread, spread), 8 + spread, 8 + spread)
        painter.setOpacity(0.88)
        painter.drawPixmap(_MARGIN, _MARGIN, self._picture)
        if self._line is not None:
            line = QRect(self.mapFromGlobal(self._line.topLeft()), self._line.size())
            painter.setBrush(QColor(style.theme().accent))
            painter.setOpacity(0.3)  # the title stays legible
            painter.drawRect(line)
            painter.setOpacity(1)
            for left in (line.left(), line.right() - _STUB):
                painter.drawRoundedRect(QRectF(left, line.top(), _STUB, line.height()), 2, 2)
        painter.end()


class DropArea(QWidget):
    """The column of cards; shows a line, above them, where a dragged card would go."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.line: int | None = None
        self._bar = QFrame(self)
        self._bar.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self._bar.hide()

    def set_line(self, y: int | None) -> None:
        """Show the line at a height; None: nowhere."""
        self.line = y
        self._bar.setVisible(y is not None)
        if y is not None:
            self._bar.setStyleSheet(f"background: {style.theme().accent}; border-radius: 2px;")
            width = self.contentsRect().width()
            if (layout := self.layout()) is not None:
                width -= layout.contentsMargins().right()
            self._bar.setGeometry(0, min(max(0, y - 2), max(0, self.height() - 4)), width, 4)
            self._bar.raise_()

    def line_on_screen(self) -> QRect:
        """Where the line lies on the screen."""
        return QRect(self.mapToGlobal(self._bar.pos()), self._bar.size())


def scroll_at_edge(area: QScrollArea, place: QPoint) -> bool:
    """Scroll a little if the pointer (on the screen) is near an end of the list; whether anything moved."""
    y, height = area.viewport().mapFromGlobal(place).y(), area.viewport().height()
    deep = min(max(0, _EDGE - y), 2 * _EDGE) - min(max(0, y - height + _EDGE), 2 * _EDGE)
    bar = area.verticalScrollBar()
    before = bar.value()
    bar.setValue(before - (deep // 3 if deep > 0 else -(-deep // 3)))
    return bar.value() != before
