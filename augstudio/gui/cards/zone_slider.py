"""A range slider whose track shows where a strength is fine, worth caution, or excessive."""

from __future__ import annotations

from PySide6.QtCore import QRectF, Qt, Signal
from PySide6.QtGui import QBrush, QColor, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen, QWheelEvent
from PySide6.QtWidgets import QSizePolicy, QSlider, QWidget

from augstudio.advice import Level
from augstudio.gui.parts.style import theme
from augstudio.transforms import Limits

_PATTERNS = {
    None: Qt.BrushStyle.SolidPattern,
    Level.CAUTION: Qt.BrushStyle.BDiagPattern,
    Level.EXCESSIVE: Qt.BrushStyle.DiagCrossPattern,
}
_HANDLE = 14
"""Diameter that a handle is drawn with, in pixels."""
_MARGIN = (_HANDLE + 1) / 2
"""Where the middle of a handle at the end of the track lies, in pixels from the widget's edge."""


class ZoneSlider(QSlider):
    """Two handles, low and high, above a band of zones: plain green, hatched amber, cross-hatched red.

    Arrow keys move the handle that was last used; Space switches to the other one. With Shift, mouse and keys go in
    tenths. Of Qt's own slider it has what it is called by a screen reader, and that it is pressed and released; its
    numbers are whole and one, these are two and are not.

    Signals
    -------
    ends_changed(float, float)
        Low and high, when either is another one.
    taken(int, bool)
        The lower (0) or upper (1) handle is pressed or stepped; the second tells whether it jumped to the pointer.
    double_clicked()
        The user wants the default.
    escaped()
        Escape was pressed.
    """

    ends_changed = Signal(float, float)
    taken = Signal(int, bool)
    double_clicked = Signal()
    escaped = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(Qt.Orientation.Horizontal, parent)
        self._limits: Limits | None = None
        self._span = self._ends = (0.0, 1.0)
        self._key_handle = 1
        self._key_step = self._fine_step = 1.0
        self._last = self._place = 0.0
        self._undecided = False
        self.fine = False
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setFixedHeight(30)
        self.setMinimumWidth(90)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)

    def set_limits(self, limits: Limits | None) -> None:
        """Where the zones end."""
        if limits != self._limits:
            self._limits = limits
            self.update()

    def set_step(self, step: float, fine: float) -> None:
        """How far an arrow key moves a handle, without and with Shift."""
        self._key_step, self._fine_step = step, fine

    def handle(self) -> int:
        """The handle in use: 0 for low, 1 for high."""
        return self._key_handle

    def ends(self) -> tuple[float, float]:
        """Low and high."""
        return self._ends

    def set_ends(self, low: float, high: float) -> None:
        """Move the handles, as far as the track goes."""
        least, most = self._span
        ends = min(max(low, least), most), min(max(high, least), most)
        if ends != self._ends:
            self._ends = ends
            self.update()
            self.ends_changed.emit(*ends)

    def span(self) -> tuple[float, float]:
        """What the track begins and ends with."""
        return self._span

    def set_span(self, low: float, high: float) -> None:
        """Let the track begin and end with these; handles beyond them are moved there."""
        if (low, high) != self._span:
            self._span = low, high
            self.update()
            self.set_ends(*self._ends)

    # -- painting ------------------------------------------------------------------------------------------------

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw the band, the chosen part, and two handles."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        colours = theme()
        track = self._track()
        left_end, right_end = track
        band = QRectF(left_end, self.height() - 7, right_end - left_end, 6)
        for level, low, high in self._zones():
            colour = QColor({None: colours.green, Level.CAUTION: colours.amber, Level.EXCESSIVE: colours.red}[level])
            if not self.isEnabled():
                colour = QColor(colours.line)
            left, right = self._on(track, low), self._on(track, high)
            zone = QRectF(left, band.top(), right - left, band.height())
            if level is not None:
                pale = QColor(colour)
                pale.setAlpha(60)
                painter.fillRect(zone, pale)
            painter.fillRect(zone, QBrush(colour, _PATTERNS[level]))
            if left > band.left() + 1:
                painter.setPen(QPen(QColor(colours.text if self.isEnabled() else colours.line), 1))
                painter.drawLine(int(left), int(band.top()) - 1, int(left), int(band.bottom()) + 1)
        low, high = (self._on(track, value) for value in self.ends())
        y = self.height() / 2
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(colours.line))
        painter.drawRoundedRect(QRectF(left_end, y - 1.5, right_end - left_end, 3), 1.5, 1.5)
        accent = QColor(colours.accent if self.isEnabled() else colours.muted)
        painter.setBrush(accent)
        painter.drawRoundedRect(QRectF(low, y - 1.5, high - low, 3), 1.5, 1.5)
        for number, middle in enumerate((low, high)):
            focused = self.hasFocus() and number == self._key_handle
            painter.setPen(QPen(QColor(colours.text if focused else colours.card), 2))
            painter.setBrush(accent)
            radius = _HANDLE / 2 - (0 if focused else 0.5)
            painter.drawEllipse(QRectF(middle - radius, y - radius, 2 * radius, 2 * radius))
        painter.end()

    def _x(self, value: float) -> float:
        """Where the middle of a handle at that value lies."""
        return self._on(self._track(), value)

    def _on(self, track: tuple[float, float], value: float) -> float:
        low, high = self._span
        share = 0.0 if high <= low else (min(max(value, low), high) - low) / (high - low)
        return track[0] + share * (track[1] - track[0])

    def _track(self) -> tuple[float, float]:
        """Where the middle of a handle lies at both ends."""
        return _MARGIN, self.width() - _MARGIN

    def _zones(self) -> list[tuple[Level | None, float, float]]:
        if self._limits is None:
            return []
        low, high = self._span
        (caution_low, caution_high), (excess_low, excess_high) = self._limits
        marks: list[tuple[float, Level | None]] = [
            (low if excess_low is None else excess_low, Level.EXCESSIVE),
            (low if caution_low is None else caution_low, Level.CAUTION),
            (high if caution_high is None else caution_high, None),
            (high if excess_high is None else excess_high, Level.CAUTION),
            (high, Level.EXCESSIVE),
        ]
        zones, start = [], low
        for end, level in marks:
            end = min(max(end, start), high)  # noqa: PLW2901
            if end > start:
                zones.append((level, start, end))
            start = end
        return zones

    # -- mouse, keyboard and wheel ---------------------------------------------------------------------------------

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Take the nearer handle: where it is if it was hit, else to the pointer."""
        if event.button() != Qt.MouseButton.LeftButton:
            event.ignore()
            return
        x = event.position().x()
        low, high = (self._x(value) for value in self.ends())
        self._undecided = low == high and abs(x - low) <= _HANDLE / 2
        self._key_handle = 0 if abs(x - low) < abs(x - high) or (low == high and x < low) else 1
        held = low if self._key_handle == 0 else high
        beside = abs(x - held) > _HANDLE / 2
        self._last, self._place = x, x if beside else held
        self.fine = False
        self.setSliderDown(True)
        self.taken.emit(self._key_handle, beside)
        if beside:
            self._carry(x)
        self.update()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Carry the handle; of two that met, the direction says which."""
        if not self.isSliderDown():
            return
        x = event.position().x()
        if self._undecided and x != self._last:
            self._key_handle, self._undecided = int(x > self._last), False
            self.taken.emit(self._key_handle, False)
        self.fine = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
        self._place += (x - self._last) * (0.1 if self.fine else 1)
        self._last = x
        self._carry(self._place)

    def mouseReleaseEvent(self, _event: QMouseEvent) -> None:
        """Let go of the handle."""
        if self.isSliderDown():
            self.setSliderDown(False)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Ask for the default."""
        if event.button() == Qt.MouseButton.LeftButton:
            self.double_clicked.emit()

    def _carry(self, x: float) -> None:
        (left, right), (low, high) = self._track(), self._span
        share = min(max((x - left) / max(1.0, right - left), 0.0), 1.0)
        self._put(low + share * (high - low))

    def _put(self, value: float) -> None:
        """Move the handle in use, up to the other one."""
        low, high = self.ends()
        if self._key_handle == 0:
            self.set_ends(min(value, high), high)
        else:
            self.set_ends(low, max(value, low))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Move one handle by arrow keys, Page keys for ten steps, Home and End for the ends; Space switches."""
        steps = {
            Qt.Key.Key_Left: -1,
            Qt.Key.Key_Down: -1,
            Qt.Key.Key_Right: 1,
            Qt.Key.Key_Up: 1,
            Qt.Key.Key_PageDown: -10,
            Qt.Key.Key_PageUp: 10,
            Qt.Key.Key_Home: -(10**9),
            Qt.Key.Key_End: 10**9,
        }
        if event.key() == Qt.Key.Key_Space:
            self._key_handle = 1 - self._key_handle
            self.update()
        elif event.key() in steps:
            self.fine = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
            self.taken.emit(self._key_handle, False)
            self._nudge(steps[Qt.Key(event.key())])
        elif event.key() == Qt.Key.Key_Escape:
            self.escaped.emit()
            event.ignore()
        else:
            event.ignore()

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Leave the wheel to the list of cards: scrolling past a slider must not change it."""
        event.ignore()

    def _nudge(self, steps: int) -> None:
        step = self._fine_step if self.fine else self._key_step
        self._put(self.ends()[self._key_handle] + steps * step)
