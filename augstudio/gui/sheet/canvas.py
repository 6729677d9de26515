"""The sheet itself: a scrolled surface that paints what is in view, and follows mouse and keys."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QPoint, QRect, Qt, Signal
from PySide6.QtGui import (
    QAction,
    QColor,
    QContextMenuEvent,
    QFocusEvent,
    QHelpEvent,
    QHideEvent,
    QKeyEvent,
    QKeySequence,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QResizeEvent,
    QShowEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QAbstractScrollArea, QApplication, QFrame, QMenu, QToolTip, QWidget

from augstudio.dataset import Source
from augstudio.gui.browser.names import shortened
from augstudio.gui.intent.views import SheetLook
from augstudio.gui.parts import style
from augstudio.gui.parts.controls import as_tip
from augstudio.gui.sheet.arranging import SQUARE, Arrangement, Measures, Section, Shape, Way
from augstudio.gui.sheet.making import Form
from augstudio.gui.sheet.painting import PAD, Look, box_width, paint_heading, paint_tile, tile_size
from augstudio.gui.sheet.tiles import PARTS, Tiles
from augstudio.gui.sheet.words import count_words, spoken, tip_of
from augstudio.wording import printable

_WAYS = {
    Qt.Key.Key_Left: Way.LEFT,
    Qt.Key.Key_Right: Way.RIGHT,
    Qt.Key.Key_Up: Way.UP,
    Qt.Key.Key_Down: Way.DOWN,
}
_GAP, _HEADING = 6, 30
_MOST_GROWN = 1.4
"""How many times larger than wanted pictures are at most."""
_NOTCH = 120
"""What one notch of a mouse wheel is told as."""


class Canvas(QAbstractScrollArea):
    """Tiles in rows, below headings.

    Signals
    -------
    asked(str)
        Look at the picture with this key large.
    current_changed(str)
        The keys act on this picture now.
    exclusion_toggled(str)
        Leave this picture out of exports, or take it back.
    zoomed(int)
        Make pictures so large.
    """

    asked = Signal(str)
    current_changed = Signal(str)
    exclusion_toggled = Signal(str)
    zoomed = Signal(int)

    def __init__(self, tiles: Tiles, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("sheet.tiles")
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOn)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.viewport().setMouseTracking(True)
        self.viewport().setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self._tiles = tiles
        tiles.came.connect(self._came)
        self._sections: tuple[Section, ...] = ()
        self._look = SheetLook()
        self._shape = SQUARE
        self._box = (self._look.size, self._look.size)
        self._names_shown, self._labels_shown, self._bars_shown = True, True, False
        self._empty = ""
        self._excluded: frozenset[str] = frozenset()
        self._picture = self._current = ""
        self._seen_last: str | None = None
        self._hovered: int | None = None
        self._pressed: tuple[int, QPoint] | None = None
        self._short: dict[tuple[str, int], str] = {}
        self._turned = 0
        self._arrangement = Arrangement((), Measures((1, 1)), 1)
        self._exclude = QAction("Exclude from exports", self)
        self._exclude.setObjectName("sheet.exclude")
        self._exclude.setShortcut(QKeySequence("X"))
        self._exclude.setShortcutContext(Qt.ShortcutContext.WidgetShortcut)
        self._exclude.triggered.connect(self._toggle_exclusion)
        self.addAction(self._exclude)
        self.verticalScrollBar().valueChanged.connect(self._scrolled)
        self._say_current()

    # -- setters ---------------------------------------------------------------------------------------------------

    @property
    def arrangement(self) -> Arrangement:
        """Where everything lies."""
        return self._arrangement

    def set_sections(self, sections: Sequence[Section], *, top: bool = False) -> None:
        """Show these; what is in view stays there, or else the `top` is."""
        self._sections = tuple(sections)
        self._short.clear()
        self._arrange(top=top)

    def set_look(self, look: SheetLook) -> None:
        """Show tiles in this size, with these pictures."""
        if look != self._look:
            self._look = look
            self._arrange()

    def set_shape(self, shape: Shape) -> None:
        """Give pictures a box of this shape."""
        if shape != self._shape:
            self._shape = shape
            self._arrange()

    def set_empty(self, words: str) -> None:
        """Say this where there is no picture."""
        if words != self._empty:
            self._empty = words
            self.viewport().update()

    def set_excluded(self, keys: frozenset[str]) -> None:
        """Show which pictures are left out."""
        self._excluded = keys
        self._say_current()
        self.viewport().update()

    def set_picture(self, key: str) -> None:
        """Mark the picture in view."""
        if key == self._picture:
            return
        self._picture = key
        self._make_current(key)
        if self.isVisible():
            self._seen_last = key
            self._go_to_picture()
        self.viewport().update()

    def set_names_shown(self, on: bool) -> None:
        """Write names below tiles."""
        if on != self._names_shown:
            self._names_shown = on
            self._arrange()

    def set_labels_shown(self, on: bool) -> None:
        """Draw labels over pictures."""
        if on != self._labels_shown:
            self._labels_shown = on
            self._reform()

    def set_bars_shown(self, on: bool) -> None:
        """Show below each tile how much is changed."""
        if on != self._bars_shown:
            self._bars_shown = on
            self.viewport().update()

    # -- layout ----------------------------------------------------------------------------------------------------

    def _arrange(self, *, top: bool = False) -> None:
        """Put everything in place; the first picture in view stands where it stood."""
        anchor = None if top else self._anchor()
        measures = self._measure()
        self._arrangement = Arrangement(self._sections, measures, self.viewport().width())
        self._hovered = None
        bar, height = self.verticalScrollBar(), self.viewport().height()
        bar.setRange(0, max(0, self._arrangement.height - height))
        bar.setPageStep(height)
        bar.setSingleStep(max(10, measures.tile[1] // 5))
        self._reform()
        self._scroll_back(anchor)
        self.want()
        self.viewport().update()

    def _measure(self) -> Measures:
        """How large tiles are: as large as is wanted, and as much larger as fills the rows."""
        parts = len(PARTS[self._look.pairs])
        across, down = (side * self._look.size for side in self._shape)
        line = self.fontMetrics().height() if self._names_shown else 0
        least = tile_size((round(across), round(down)), parts, line)[0]
        columns = self._columns(least)
        grown = box_width(self.viewport().width() // columns - _GAP, parts)
        times = min(max(1.0, grown / across), _MOST_GROWN)
        self._box = max(1, int(across * times)), max(1, int(down * times))
        return Measures(tile_size(self._box, parts, line), _GAP, _HEADING)

    def _columns(self, tile: int) -> int:
        return max(1, self.viewport().width() // (tile + _GAP))

    def _zoom(self, steps: int) -> None:
        """Ask for pictures of which so many fewer, or more, go into a row."""
        columns = max(1, self._arrangement.columns - steps)
        grown = box_width(self.viewport().width() // columns - _GAP, len(PARTS[self._look.pairs]))
        self.zoomed.emit(int(grown / self._shape[0]))

    def _anchor(self) -> tuple[list[str], int] | None:
        top = self.verticalScrollBar().value()
        if not top:
            return None
        numbers = self._arrangement.tiles_in(top + self._top_margin(), top + self.viewport().height())
        if not numbers:
            return None
        keys = [self._arrangement.source(number).key for number in numbers[:200]]
        return keys, self._arrangement.rect(numbers[0]).top - top

    def _scroll_back(self, anchor: tuple[list[str], int] | None) -> None:
        if anchor is None:
            self.verticalScrollBar().setValue(0)
            return
        keys, height = anchor
        number = next((number for key in keys if (number := self._arrangement.number(key)) is not None), None)
        if number is not None:
            self.verticalScrollBar().setValue(self._arrangement.rect(number).top - height)

    def _top_margin(self) -> int:
        """What a heading covers at the top."""
        return _HEADING if any(section.title for section in self._sections) else 0

    def _reform(self) -> None:
        ratio = self.devicePixelRatioF()
        width, height = (round(side * ratio) for side in self._box)
        self._tiles.set_form(self._look.pairs, Form(width, height, ratio, self._labels_shown))

    def want(self) -> None:
        """Ask for what is in view."""
        if not self.isVisible():
            return
        top, height = self.verticalScrollBar().value(), self.viewport().height()
        visible, below = self._sources(top, top + height), self._sources(top + height, top + 2 * height)
        self._tiles.want(visible, [*below, *self._sources(top - height, top)])

    def _sources(self, top: int, bottom: int) -> list[Source]:
        return [self._arrangement.source(number) for number in self._arrangement.tiles_in(top, bottom)]

    def scroll_to(self, number: int) -> None:
        """Bring a tile into view."""
        rect, bar = self._arrangement.rect(number), self.verticalScrollBar()
        top = rect.top - self._top_margin() - _GAP
        if bar.value() > top:
            bar.setValue(top)
        elif bar.value() + self.viewport().height() < rect.bottom + _GAP:
            bar.setValue(rect.bottom + _GAP - self.viewport().height())

    def _go_to_picture(self) -> None:
        number = self._arrangement.number(self._picture)
        if number is not None:
            self.scroll_to(number)

    def _scrolled(self) -> None:
        self._hover(self.viewport().mapFromGlobal(self.cursor().pos()) if self.underMouse() else None)
        self.want()
        self.viewport().update()

    def _came(self, source: Source) -> None:
        number = self._arrangement.number(source.key)
        if number is not None:
            self.viewport().update(self._place(number))
        if source.key == self._current and self.hasFocus():
            self._say_current()

    def _place(self, number: int) -> QRect:
        """Where a tile is seen."""
        rect = self._arrangement.rect(number)
        return QRect(rect.left, rect.top - self.verticalScrollBar().value(), rect.width, rect.height)

    # -- painting --------------------------------------------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw what is to be drawn anew."""
        painter = QPainter(self.viewport())
        colours, exposed = style.theme(), event.rect()
        painter.fillRect(exposed, QColor(colours.card))
        if not self._arrangement.count:
            painter.setPen(QColor(colours.muted))
            room = self.viewport().rect().adjusted(24, 24, -24, -24)
            painter.drawText(room, Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap, self._empty)
            painter.end()
            return
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        top = self.verticalScrollBar().value()
        for number in self._arrangement.tiles_in(top + exposed.top(), top + exposed.bottom() + 1):
            place = self._place(number)
            if place.intersects(exposed):
                paint_tile(painter, place, self._box, self._look_of(number, painter))
        self._paint_headings(painter, exposed, top)
        painter.end()

    def _look_of(self, number: int, painter: QPainter) -> Look:
        source = self._arrangement.source(number)
        hovered = number == self._hovered
        return Look(
            self._name(number, source, painter) if self._names_shown else "",
            [self._tiles.held(source, part) for part in self._tiles.parts],
            self._tiles.changes.get(source) if self._bars_shown or hovered else None,
            chosen=source.key == self._picture,
            hovered=hovered,
            focused=source.key == self._current and self.hasFocus(),
            excluded=source.key in self._excluded,
        )

    def _name(self, number: int, source: Source, painter: QPainter) -> str:
        """The name of a picture as it fits; names that follow one another stay apart."""
        room, metrics = self._arrangement.measures.tile[0] - 10, painter.fontMetrics()
        if (source.key, room) not in self._short:
            others = (number - 1, number + 1)
            near = [self._arrangement.source(one).name for one in others if 0 <= one < self._arrangement.count]
            name = printable(source.name)
            self._short[source.key, room] = shortened(name, near, lambda t: metrics.horizontalAdvance(t) <= room)
        return self._short[source.key, room]

    def _paint_headings(self, painter: QPainter, exposed: QRect, top: int) -> None:
        for section in self._arrangement.sections_in(top, top + exposed.bottom() + 1):
            rect = self._arrangement.heading(section)
            if not rect.height:
                continue
            own = rect.top - top
            seen = min(max(0, own), self._arrangement.bottom(section) - top - rect.height)  # pushed out by the next
            place = QRect(0, seen, self.viewport().width(), rect.height)
            if place.intersects(exposed):
                held = self._arrangement.sections[section]
                words = count_words(len(held.sources), held.total)
                paint_heading(painter, place, _GAP // 2 + PAD, printable(held.title), words, floating=own < 0)

    # -- events of the surface -------------------------------------------------------------------------------------

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Arrange anew for another width; for another height there is more or less in view."""
        super().resizeEvent(event)
        self._arrange()

    def scrollContentsBy(self, _dx: int, _dy: int) -> None:
        """Nothing of what is there is moved: all is painted where it is now."""

    def showEvent(self, event: QShowEvent) -> None:
        """Begin where the picture in view is, if that is another one than when the sheet was left."""
        super().showEvent(event)
        self._arrange()
        if self._picture != self._seen_last:
            self._seen_last = self._picture
            self._go_to_picture()
        self.want()

    def hideEvent(self, event: QHideEvent) -> None:
        """Keep in mind which picture was in view."""
        super().hideEvent(event)
        self._seen_last = self._picture

    def changeEvent(self, event: QEvent) -> None:
        """Another font needs other lines."""
        super().changeEvent(event)
        if event.type() in (QEvent.Type.FontChange, QEvent.Type.StyleChange) and self._sections:
            self._short.clear()
            self._arrange()

    def event(self, event: QEvent) -> bool:
        """On another screen, pictures need other pixels."""
        if event.type() == QEvent.Type.DevicePixelRatioChange:
            self._reform()
        return super().event(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Show which picture the keys act on."""
        super().focusInEvent(event)
        if self._number() is None and self._arrangement.count:
            self._make_current(self._arrangement.source(self._first_in_view()).key)
        self._say_current()
        self.viewport().update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Show it no more."""
        super().focusOutEvent(event)
        self.viewport().update()

    # -- mouse -----------------------------------------------------------------------------------------------------

    def _at(self, place: QPoint) -> int | None:
        return self._arrangement.at(place.x(), place.y() + self.verticalScrollBar().value())

    def _hover(self, place: QPoint | None) -> None:
        number = None if place is None else self._at(place)
        if number != self._hovered:
            before, self._hovered = self._hovered, number
            for one in (before, number):
                if one is not None and one < self._arrangement.count:
                    self.viewport().update(self._place(one))
            self.viewport().setCursor(
                Qt.CursorShape.ArrowCursor if number is None else Qt.CursorShape.PointingHandCursor
            )

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

    def _number(self) -> int | None:
        return self._arrangement.number(self._current)

    def _first_in_view(self) -> int:
        top = self.verticalScrollBar().value() + self._top_margin()
        return next(iter(self._arrangement.tiles_in(top, top + self.viewport().height())), 0)

    def _make_current(self, key: str) -> None:
        if key != self._current:
            self._current = key
            self._say_current()
            self.viewport().update()
            self.current_changed.emit(key)

    def _say_current(self) -> None:
        """Let a screen reader say which picture the keys act on."""
        number = self._number()
        if number is None:
            self.setAccessibleName("Sheet of pictures")
            self.setAccessibleDescription("Arrow keys go from picture to picture, Enter looks at one large")
            return
        source, section = self._arrangement.source(number), self._arrangement.section_of(number)
        place, total = self._arrangement.place_in_section(number)
        title = self._arrangement.sections[section].title
        self.setAccessibleName(spoken(source, title, place, total, excluded=source.key in self._excluded))
        self.setAccessibleDescription(tip_of(self._tiles, source, excluded=source.key in self._excluded))

    def _toggle_exclusion(self) -> None:
        if self._number() is not None:
            self.exclusion_toggled.emit(self._current)
