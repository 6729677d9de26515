"""The eye on a card: a click switches the step off or on, a longer press shows the picture without it for a while."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QPoint, QRectF, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QColor, QHideEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QCheckBox, QWidget

from augstudio.gui.parts import style

HOLD_MS = 250
"""Milliseconds after which a press is a look and no click."""
_SIDE, _GAP = 18, 6


class Eye(QCheckBox):
    """Checked: the step is seen.

    Signals
    -------
    peeked(bool)
        The eye is held (the picture is to be shown without the step), or let go.
    solo_asked()
        Alt-click: this step alone is to be shown, or all of them again.
    """

    peeked = Signal(bool)
    solo_asked = Signal()

    def __init__(self, title: str, parent: QWidget | None = None) -> None:
        super().__init__(title.replace("&", "&&"), parent)
        self._title = title
        self._dimmed = self._peeking = False
        self.hold = QTimer(self, singleShot=True, interval=HOLD_MS)
        self.hold.timeout.connect(self._peek)
        font = self.font()
        font.setBold(True)
        self.setFont(font)
        self.setCursor(Qt.CursorShape.PointingHandCursor)

    def set_dimmed(self, dimmed: bool) -> None:
        """Draw the title paler: the step is not seen now."""
        if dimmed != self._dimmed:
            self._dimmed = dimmed
            self.update()

    # -- mouse -----------------------------------------------------------------------------------------------------

    def hitButton(self, place: QPoint) -> bool:
        """Title and eye are one."""
        return self.rect().contains(place)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Wait whether it is a click, or ask for this step alone."""
        if event.button() == Qt.MouseButton.LeftButton and event.modifiers() & Qt.KeyboardModifier.AltModifier:
            self.solo_asked.emit()
            return
        super().mousePressEvent(event)
        if self.isDown():
            self.hold.start()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """A click, unless the eye was held."""
        self.hold.stop()
        if self._peeking:
            self.setDown(False)  # before the button takes the release for a click
            self._peek_no_more()
            event.accept()
            return
        super().mouseReleaseEvent(event)

    def changeEvent(self, event: QEvent) -> None:
        """Whoever goes to another window holds nothing any more."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.ActivationChange and not self.isActiveWindow():
            self._give_up()

    def hideEvent(self, event: QHideEvent) -> None:
        """Nor does whoever cannot see it."""
        super().hideEvent(event)
        self._give_up()

    def _give_up(self) -> None:
        self.hold.stop()
        if self._peeking:
            self.setDown(False)
            self._peek_no_more()

    def _peek(self) -> None:
        if self.isDown():
            self._peeking = True
            self.update()
            self.peeked.emit(True)

    def _peek_no_more(self) -> None:
        self._peeking = False
        self.update()
        self.peeked.emit(False)

    # -- looks -----------------------------------------------------------------------------------------------------

    def sizeHint(self) -> QSize:
        """Room for the eye and the whole title."""
        width = _SIDE + _GAP + self.fontMetrics().horizontalAdvance(self._title) + 6
        return QSize(width, max(_SIDE, self.fontMetrics().height()) + 6)

    def minimumSizeHint(self) -> QSize:
        """The eye and a few letters: what is left out is left out in the middle."""
        return QSize(min(self.sizeHint().width(), _SIDE + _GAP + 70), self.sizeHint().height())

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw an eye, open or closed, and the title."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        colours = style.theme()
        if self.hasFocus():
            painter.setPen(QPen(QColor(colours.accent), 1))
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), 5, 5)
        seen = self.isChecked() and not self._peeking
        top = (self.height() - _SIDE) // 2
        style.icon("eye" if seen else "eye_off").paint(painter, 2, top, _SIDE, _SIDE)
        left = _SIDE + _GAP
        room = self.rect().adjusted(left, 0, -2, 0)
        painter.setPen(QColor(colours.muted if self._dimmed or not seen else colours.text))
        text = self.fontMetrics().elidedText(self._title, Qt.TextElideMode.ElideMiddle, room.width())
        painter.drawText(room, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, text)
        painter.end()
