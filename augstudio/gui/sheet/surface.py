"""The surface of the sheet: puts tiles in place, asks for what is in view, and paints it."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QPoint, QRect, Qt, QTimer, Signal
from PySide6.QtGui import (
    QColor,
    QFocusEvent,
    QHideEvent,
    QPainter,
    QPaintEvent,
    QRegion,
    QResizeEvent,
    QShowEvent,
)
from PySide6.QtWidgets import QAbstractScrollArea, QFrame, QWidget

from augstudio.dataset import Source
from augstudio.gui.browser.names import shortened
from augstudio.gui.intent.views import SheetLook
from augstudio.gui.parts import style
from augstudio.gui.sheet.arranging import SQUARE, Arrangement, Measures, Section, Shape
from augstudio.gui.sheet.painting import PAD, Look, box_width, paint_heading, paint_tiles, tile_size
from augstudio.gui.sheet.tiles import PARTS, Tiles
from augstudio.gui.sheet.words import heading_words, spoken, tip_of
from augstudio.gui.stage.tile_image import Form
from augstudio.wording import printable

_GAP, _HEADING = 6, 30
_MOST_GROWN = 1.3
"""How many times larger than wanted pictures are at most."""
_SOON_MS = 12
"""What comes within this time is painted at once."""
_ALMOST = 0.2
"""Of a tile, that is made room for by making the others a little smaller."""


class Surface(QAbstractScrollArea):
    """Tiles in rows, below headings.

    Signals
    -------
    current_changed(str)
        The keys act on this picture now.
    """

    current_changed = Signal(str)

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
        tiles.looked.connect(self._looked)
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
        self._short: dict[tuple[str, int], str] = {}
        self._news: list[str] = []
        self._soon = QTimer(self, singleShot=True, interval=_SOON_MS)
        self._soon.timeout.connect(self._paint_news)
        self._arrangement = Arrangement((), Measures((1, 1)), 1)
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
        """How large tiles are: about as large as is wanted, so that they fill the rows."""
        parts = len(PARTS[self._look.pairs])
        across, down = (side * self._look.size for side in self._shape)
        line = self.fontMetrics().height() if self._names_shown else 0
        least = tile_size((round(across), round(down)), parts, line)[0]
        columns = self._columns(least)
        grown = box_width(self.viewport().width() // columns - _GAP, parts)
        times = min(grown / across, _MOST_GROWN)
        self._box = max(1, int(across * times)), max(1, int(down * times))
        return Measures(tile_size(self._box, parts, line), _GAP, _HEADING)

    def _columns(self, tile: int) -> int:
        return max(1, int(self.viewport().width() / (tile + _GAP) + _ALMOST))

    def size_for(self, columns: int) -> int:
        """The size of pictures of which so many go into a row."""
        grown = box_width(self.viewport().width() // columns - _GAP, len(PARTS[self._look.pairs]))
        return int(grown / self._shape[0])

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
        self._tiles.scrolled()
        self.want()
        if self.underMouse():
            self._hover(self.viewport().mapFromGlobal(self.cursor().pos()))

    def _came(self, source: Source) -> None:
        self._news.append(source.key)
        if not self._soon.isActive():
            self._soon.start()
        if source.key == self._current and self.hasFocus():
            self._say_current()

    def _looked(self, source: Source | None) -> None:
        """Show a change where it is to be seen."""
        if source is not None and (self._bars_shown or source.key == self._current or self._hovered is not None):
            self._came(source)

    def _paint_news(self) -> None:
        """Paint what came, at most as often as a screen shows it."""
        for key in self._news:
            if (number := self._arrangement.number(key)) is not None:
                self.viewport().update(self._place(number))
        self._news.clear()

    def _place(self, number: int) -> QRect:
        """Where a tile is seen."""
        rect = self._arrangement.rect(number)
        return QRect(rect.left, rect.top - self.verticalScrollBar().value(), rect.width, rect.height)

    # -- painting --------------------------------------------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw what is to be drawn anew."""
        painter = QPainter(self.viewport())
        colours, exposed, region = style.theme(), event.rect(), event.region()
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
        numbers = self._arrangement.tiles_in(top + exposed.top(), top + exposed.bottom() + 1)
        places = ((number, self._place(number)) for number in numbers)
        tiles = [(place, self._look_of(number, painter)) for number, place in places if region.intersects(place)]
        paint_tiles(painter, self._box, tiles)
        self._paint_headings(painter, region, top)
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

    def _paint_headings(self, painter: QPainter, region: QRegion, top: int) -> None:
        for section in self._arrangement.sections_in(top, top + region.boundingRect().bottom() + 1):
            rect = self._arrangement.heading(section)
            if not rect.height:
                continue
            own = rect.top - top
            seen = min(max(0, own), self._arrangement.bottom(section) - top - rect.height)  # pushed out by the next
            place = QRect(0, seen, self.viewport().width(), rect.height)
            if region.intersects(place):
                held = self._arrangement.sections[section]
                words = heading_words(len(held.sources), held.total, judges=held.judges)
                paint_heading(painter, place, _GAP // 2 + PAD, printable(held.title), words, floating=own < 0)

    # -- events of the surface -------------------------------------------------------------------------------------

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Arrange anew for another width; for another height there is more or less in view."""
        super().resizeEvent(event)
        self._arrange()

    def scrollContentsBy(self, _dx: int, dy: int) -> None:
        """Move what is there, but for the heading that stays at the top."""
        self.viewport().scroll(0, dy)
        margin = self._top_margin()
        if margin:
            self.viewport().update(0, min(0, dy), self.viewport().width(), 2 * margin + abs(dy))

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

    # -- the tile that the keys act on, and the one below the pointer ----------------------------------------------

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
