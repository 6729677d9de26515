"""The sheet itself: its surface, and how it follows mouse and keys."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QPoint, Qt, Signal
from PySide6.QtGui import QAction, QContextMenuEvent, QHelpEvent, QKeyEvent, QKeySequence, QMouseEvent, QWheelEvent
from PySide6.QtWidgets import QApplication, QMenu, QToolTip, QWidget

from augstudio.gui.parts.controls import as_tip
from augstudio.gui.sheet.arranging import Way
from augstudio.gui.sheet.surface import Surface
from augstudio.gui.sheet.tiles import Tiles
from augstudio.gui.sheet.words import tip_of

_WAYS = {
    Qt.Key.Key_Left: Way.LEFT,
    Qt.Key.Key_Right: Way.RIGHT,
    Qt.Key.Key_Up: Way.UP,
    Qt.Key.Key_Down: Way.DOWN,
}
_NOTCH = 120
"""What one notch of a mouse wheel is told as."""


class Canvas(Surface):
    """Tiles to be looked at.

    Signals
    -------
    asked(str)
        Look at the picture with this key large.
    exclusion_toggled(str)
        Leave this picture out of exports, or take it back.
    zoomed(int)
        Make pictures so large.
    """

    asked = Signal(str)
    exclusion_toggled = Signal(str)
    zoomed = Signal(int)

    def __init__(self, tiles: Tiles, parent: QWidget | None = None) -> None:
        super().__init__(tiles, parent)
        self._pressed: tuple[int, QPoint] | None = None
        self._turned = 0
        self._exclude = QAction("Exclude from exports", self)
        self._exclude.setObjectName("sheet.exclude")
        self._exclude.setShortcut(QKeySequence("X"))
        self._exclude.setShortcutContext(Qt.ShortcutContext.WidgetShortcut)
        self._exclude.triggered.connect(self._toggle_exclusion)
        self.addAction(self._exclude)

    # -- mouse -----------------------------------------------------------------------------------------------------

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Wait whether it is a click."""
        number = self._at(event.position().toPoint())
        if number is not None:
            self._make_current(self._arrangement.source(number).key)
            if event.button() == Qt.MouseButton.LeftButton:
                self._pressed = number, event.position().toPoint()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Show what is below the pointer; who moves far away with the button down does not click."""
        place = event.position().toPoint()
        self._hover(place)
        if self._pressed and (place - self._pressed[1]).manhattanLength() >= QApplication.startDragDistance():
            self._pressed = None

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Look at it large."""
        pressed, self._pressed = self._pressed, None
        if event.button() == Qt.MouseButton.LeftButton and pressed is not None:
            number = self._at(event.position().toPoint())
            if number == pressed[0]:
                self.asked.emit(self._arrangement.source(number).key)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Two clicks are no more than two."""
        self.mousePressEvent(event)

    def leaveEvent(self, event: QEvent) -> None:
        """Nothing is below the pointer."""
        super().leaveEvent(event)
        self._hover(None)

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Scroll; with Ctrl, make tiles larger or smaller."""
        if not event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            super().wheelEvent(event)
            return
        self._turned += event.angleDelta().y()
        steps = int(self._turned / _NOTCH)
        self._turned -= steps * _NOTCH
        if steps:
            self._zoom(steps)
        event.accept()

    def viewportEvent(self, event: QEvent) -> bool:
        """Say what is below the pointer."""
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            number = self._at(event.pos())
            if number is None:
                QToolTip.hideText()
            else:
                source = self._arrangement.source(number)
                words = tip_of(self._tiles, source, excluded=source.key in self._excluded)
                QToolTip.showText(event.globalPos(), as_tip(words), self.viewport(), self._place(number))
            return True
        return super().viewportEvent(event)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """Offer what can be done with a picture."""
        by_key = event.reason() == QContextMenuEvent.Reason.Keyboard
        number = self._number() if by_key else self._at(event.pos())
        if number is None:
            return
        key = self._arrangement.source(number).key
        self._make_current(key)
        menu = QMenu(self)
        menu.setObjectName("sheet.menu")
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.addAction("Look at it large").triggered.connect(lambda: self.asked.emit(key))
        self._exclude.setText("Take back into exports" if key in self._excluded else "Exclude from exports")
        menu.addAction(self._exclude)
        menu.popup(self.viewport().mapToGlobal(self._place(number).center()) if by_key else event.globalPos())

    # -- keys ------------------------------------------------------------------------------------------------------

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Walk from tile to tile, and look at one large."""
        key, number = Qt.Key(event.key()), self._number()
        if event.modifiers() & ~(Qt.KeyboardModifier.KeypadModifier | Qt.KeyboardModifier.ShiftModifier):
            super().keyPressEvent(event)
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space) and number is not None:
            self.asked.emit(self._arrangement.source(number).key)
        elif (goal := self._goal(key, number)) is not None:
            self._make_current(self._arrangement.source(goal).key)
            self.scroll_to(goal)
        else:
            super().keyPressEvent(event)

    def _goal(self, key: Qt.Key, number: int | None) -> int | None:
        """Where a key leads; None for a key that leads nowhere."""
        arrangement, height = self._arrangement, self.viewport().height() - self._top_margin()
        if not arrangement.count:
            return None
        if key == Qt.Key.Key_Home:
            return 0
        if key == Qt.Key.Key_End:
            return arrangement.count - 1
        if key not in _WAYS and key not in (Qt.Key.Key_PageUp, Qt.Key.Key_PageDown):
            return None
        if number is None:
            return self._first_in_view()
        if key in _WAYS:
            return arrangement.next_to(number, _WAYS[key])
        return arrangement.page(number, height, Way.DOWN if key == Qt.Key.Key_PageDown else Way.UP)

    def _zoom(self, steps: int) -> None:
        """Ask for pictures of which so many fewer, or more, go into a row."""
        self.zoomed.emit(self.size_for(max(1, self._arrangement.columns - steps)))

    def _toggle_exclusion(self) -> None:
        if self._number() is not None:
            self.exclusion_toggled.emit(self._current)
