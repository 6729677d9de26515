"""The sheet: many pictures of the folder at once, each as the pipeline in hand makes it."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QResizeEvent, QShowEvent
from PySide6.QtWidgets import QLabel, QVBoxLayout, QWidget

from augstudio import images
from augstudio.dataset import Source
from augstudio.gui.intent.views import Pairs, SheetLook, SheetRequest, Shown
from augstudio.gui.parts.stamps import Stamp
from augstudio.gui.parts.workers import Worker
from augstudio.gui.sheet.arranging import SQUARE, Section, Shape, by_change, sections_of, shape_of, spread
from augstudio.gui.sheet.bar import Bar
from augstudio.gui.sheet.canvas import Canvas
from augstudio.gui.sheet.tiles import Tiles

_COUNT_MS = 120
"""How often it is told how many pictures were looked at."""
_CLOSED = "Open a folder to see many of its pictures at once."
_NONE_LEFT = "No picture is left: choose another class, or another filter, in the list of pictures."


_PROBED = 16
"""Pictures whose size is looked at, to tell the shape of all."""
_PATIENCE = 0.25
"""Seconds that this waits for the large picture."""
_BELOW_TOP = 8
"""Pixels from the top of the tiles to what is said over them."""
_NOTHING: tuple[Source, ...] = ()


def _probe(sources: Iterable[Source]) -> Shape:
    """In the background: the shape of most of these pictures."""
    sizes = []
    for source in sources:
        with suppress(images.PictureError):
            info = images.probe(source.path)
            sizes.append((info.width, info.height))
    return shape_of(sizes)


_SORTED = "By change, largest first"
_SORTED_THEN = "By change, as far as it was known then"


class Sheet(QWidget):
    """Many pictures, below one another by class, and what there is to choose about them.

    Parameters
    ----------
    first : Worker
        What makes the large picture: nothing here is begun before it has come.

    Signals
    -------
    asked(str)
        Look at the picture with this key large.
    exclusion_toggled(str)
        Leave this picture out of exports, or take it back.
    look_changed(SheetLook)
        The user wants the sheet otherwise.
    current_changed(str)
        The keys act on this picture now.
    version_asked(Shown)
        Another version of each picture is to be shown.
    """

    asked = Signal(str)
    exclusion_toggled = Signal(str)
    look_changed = Signal(object)
    current_changed = Signal(str)
    version_asked = Signal(object)

    def __init__(self, first: Worker, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("sheet")
        self.setAccessibleName("Sheet")
        self.tiles = Tiles(first, self)
        self.bar = Bar(self)
        self.canvas = Canvas(self.tiles, self)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(6)
        column.addWidget(self.bar)
        column.addWidget(self.canvas, 1)
        self._showing = QLabel(self)
        self._showing.setObjectName("sheet.showing")
        self._showing.setProperty("pill", True)
        self._showing.setTextFormat(Qt.TextFormat.PlainText)
        self._showing.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self._showing.hide()
        self._look = SheetLook()
        self._sources: tuple[Source, ...] = ()
        self._request: SheetRequest | None = None
        self._order: tuple[Source, ...] = ()
        self._knows = (0, 0)
        self._title = ""
        self._shape, self._shape_of = SQUARE, _NOTHING
        self._shapes = Worker(_probe, "sheet-shape", self, first=first, patience=_PATIENCE)
        self._shapes.done.connect(self._shaped)
        self._shapes.failed.connect(lambda *_: None)  # then it is as it was
        self._counting = QTimer(self, singleShot=True, interval=_COUNT_MS)
        self._counting.timeout.connect(self._count)
        self.bar.look_changed.connect(self._choose)
        self.bar.sort_changed.connect(self._sort)
        self.bar.sort_again.connect(self._sort_again)
        self.bar.version_asked.connect(self.version_asked)
        self.canvas.asked.connect(self.asked)
        self.canvas.current_changed.connect(self.current_changed)
        self.canvas.exclusion_toggled.connect(self.exclusion_toggled)
        self.canvas.zoomed.connect(self.bar.choose_size)
        self.tiles.looked.connect(self._looked)
        self.setFocusProxy(self.canvas)
        self.canvas.set_empty(_CLOSED)

    # -- setters ---------------------------------------------------------------------------------------------------

    def set_sources(self, sources: tuple[Source, ...]) -> None:
        """Show these pictures: what the class and the filter leave."""
        if sources == self._sources:
            return
        self._sources = sources
        self.bar.set_classes(len({(source.split, source.label) for source in sources}), len(sources))
        if self.bar.sorting:
            self._take_order()
        self._show_sections()
        self._look_through()
        self._ask_shape()

    def set_request(self, request: SheetRequest | None) -> None:
        """Show this version of every picture; None: the sheet is not in view, and does nothing."""
        if request == self._request:
            return
        self._request = request
        if request is not None:
            self.bar.set_pinned(request.pinned is not None)
            self.bar.set_look(self._in_force())
            self.canvas.set_look(self._in_force())
            self._ask_shape()
        self.tiles.set_request(request)
        self._say_empty()
        self._looked()

    def set_look(self, look: SheetLook) -> None:
        """Lay the sheet out like this."""
        again = look.each != self._look.each
        self._look = look
        self.bar.set_look(self._in_force())
        self.canvas.set_look(self._in_force())
        if again and not self.bar.sorting:
            self._show_sections()

    def set_shown(self, shown: Shown) -> None:
        """Say which version of each picture is shown."""
        self.bar.set_shown(shown)

    def set_showing(self, words: str) -> None:
        """Say what is held in every picture; nothing if it is what was drawn."""
        if words != self._showing.text():
            self._showing.setText(words)
            self._showing.setVisible(bool(words))
            if self.isVisible():
                self._place_showing()

    def _place_showing(self) -> None:
        """Over the tiles, which stay where they are."""
        self._showing.adjustSize()
        x = self.canvas.x() + (self.canvas.width() - self._showing.width()) // 2
        self._showing.move(x, self.canvas.y() + _BELOW_TOP)
        self._showing.raise_()

    def showEvent(self, event: QShowEvent) -> None:
        """What was said out of sight gets its place."""
        super().showEvent(event)
        self._place_showing()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """There is another room."""
        super().resizeEvent(event)
        self._place_showing()

    def set_excluded(self, keys: frozenset[str]) -> None:
        """Show which pictures are left out."""
        self.canvas.set_excluded(keys)

    def set_picture(self, key: str) -> None:
        """Mark the picture in view; whoever comes back to the sheet finds it there."""
        self.canvas.set_picture(key)

    def set_labels_shown(self, on: bool) -> None:
        """Draw labels over the pictures, or leave them bare."""
        self.canvas.set_labels_shown(on)

    def set_names_shown(self, on: bool) -> None:
        """Write the pictures' names below them, or leave them out."""
        self.canvas.set_names_shown(on)

    def stamps(self) -> dict[Source, Stamp]:
        """What the files were like that anything is shown of."""
        return self.tiles.stamps()

    def read_anew(self, sources: Iterable[Source] | None = None) -> None:
        """Read these pictures again, or all; what is shown of them stays until then."""
        self.tiles.read_anew(sources)

    def forget(self) -> None:
        """Drop all pictures: another folder was opened."""
        self.tiles.forget()
        self._sources, self._order = (), ()
        self._show_sections(top=True)

    @property
    def idle(self) -> bool:
        """Whether nothing is left to do."""
        return self.tiles.idle and self._shapes.idle and not self._counting.isActive()

    def stop(self) -> None:
        """End the threads."""
        self._counting.stop()
        self._shapes.stop()
        self.tiles.stop()

    # -- shape -----------------------------------------------------------------------------------------------------

    def _ask_shape(self) -> None:
        """Give the pictures a box of the output's shape, or, where each keeps its own, of what most of them have."""
        if self._request is None:
            return
        output = self._request.pipeline.output
        if output.size:
            self.canvas.set_shape(shape_of([output.size]))
            return
        if self._shape_of is not self._sources:
            self._shape_of = self._sources
            self._shapes.ask([spread(self._sources, _PROBED)])
        self.canvas.set_shape(self._shape)

    def _shaped(self, _sources: object, shape: Shape) -> None:
        self._shape = shape
        self._ask_shape()

    # -- order -----------------------------------------------------------------------------------------------------

    def _in_force(self) -> SheetLook:
        """How the sheet is laid out: as is wanted, as far as there is a pipeline to hold another against."""
        unpinned = self._request is None or self._request.pinned is None
        return (
            self._look._replace(pairs=Pairs.ORIGINAL) if self._look.pairs is Pairs.PINNED and unpinned else self._look
        )

    def _show_sections(self, *, top: bool = False) -> None:
        if self.bar.sorting:
            self._title = self._order_in_words()
            sections: tuple[Section, ...] = (Section(self._title, self._order, len(self._order)),)
        else:
            sections = sections_of(self._sources, self._look.each)
        self._say_empty()
        self.canvas.set_sections(sections, top=top)

    def _say_empty(self) -> None:
        self.canvas.set_empty(_CLOSED if self._request is None else _NONE_LEFT)

    def _choose(self, look: SheetLook) -> None:
        self.set_look(look)
        self.look_changed.emit(look)

    def _sort(self, on: bool) -> None:
        self.canvas.set_bars_shown(on)
        if on:
            self._take_order()
        self._show_sections(top=True)
        self._look_through()

    def _sort_again(self) -> None:
        self._take_order()
        self._show_sections(top=True)
        self._count()

    def _take_order(self) -> None:
        self._order = by_change(self._sources, self.tiles.changes)
        self._knows = self.tiles.measured, self._number_looked()

    def _order_in_words(self) -> str:
        """How tiles lie: as they were sorted, which may have been before all were looked at, or before an edit."""
        return _SORTED if self._knows == (self.tiles.measured, len(self._sources)) else _SORTED_THEN

    def _look_through(self) -> None:
        self.tiles.look_through(self._sources if self.bar.sorting else None)
        self._count()

    def _number_looked(self) -> int:
        changes = self.tiles.changes
        return sum(source in changes for source in self._sources)

    def _looked(self, _source: Source | None = None) -> None:
        if self.bar.sorting and not self._counting.isActive():
            self._counting.start()

    def _count(self) -> None:
        looked = self._number_looked() if self.bar.sorting else 0
        again = looked > 0 and (self.tiles.measured, looked) != self._knows
        self.bar.set_sorting(looked, len(self._sources), again=again)
        if self.bar.sorting and self._title != self._order_in_words():
            self._show_sections()
