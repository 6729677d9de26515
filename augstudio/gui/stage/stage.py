"""The stage: pictures, drawn numbers, strip and cautions, each in a place of its own that nothing moves."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QPoint, Qt
from PySide6.QtGui import QAction, QGuiApplication, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from augstudio.gui.intent.state import Compared
from augstudio.gui.intent.views import StepTile, ViewKind, ViewOptions, Views
from augstudio.gui.parts.controls import ElidedLabel
from augstudio.gui.parts.message_bar import MessageBar
from augstudio.gui.stage.cautions import CautionsPanel
from augstudio.gui.stage.compare import Compare
from augstudio.gui.stage.folders_bar import FoldersBar
from augstudio.gui.stage.labels_line import LabelsLine
from augstudio.gui.stage.pin_bar import PinBar
from augstudio.gui.stage.stepping import Stepped, in_words
from augstudio.gui.stage.steps import StepsStrip
from augstudio.gui.stage.strip import Strip
from augstudio.gui.stage.view_bar import ViewBar

_INSIDE = 12
"""Pixels that a message lies below the upper edge of the pictures."""
_BELOW_TITLE = 40
"""The same for tiles, above which there is a title."""
_ALONE = "Each step is applied on its own."
_NO_STEPS = "No step is switched on: the copy is the picture as it is."
_RESIZED_ONLY = "No step is switched on: the copy is only resized."


class Stage(QWidget):
    """Puts the parts of the stage together; what comes and goes lies over them."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("stage")
        self.bar = ViewBar(self)
        self.pin_bar = PinBar(self)
        self.pin_bar.hide()
        self.sheet: QWidget | None = None
        self.compare = Compare(self)
        self.bar.fit_wanted.connect(self.compare.fit)
        self.bar.whole_wanted.connect(self.compare.show_whole)
        self.drawn = ElidedLabel(parent=self)
        self.drawn.setObjectName("drawn")
        self.drawn.setAccessibleName("Drawn numbers")
        self.drawn.setFixedHeight(self.fontMetrics().height() + 4)
        self.drawn.setContextMenuPolicy(Qt.ContextMenuPolicy.ActionsContextMenu)
        copy = QAction("Copy the drawn numbers", self.drawn)
        copy.triggered.connect(lambda: QGuiApplication.clipboard().setText(self.drawn.text()))
        self.drawn.addAction(copy)
        self.strip = Strip(self)
        self.steps = StepsStrip(self)
        self._kind, self._large = ViewKind.PICTURE, False
        self._tiles: tuple[StepTile, ...] = ()
        self._drawn = ""
        self._fused: str | None = None
        self._column = column = QVBoxLayout(self)
        column.setContentsMargins(4, 4, 4, 6)
        column.setSpacing(6)
        self.folders = FoldersBar(self)
        column.addWidget(self.folders)
        column.addWidget(self.bar)
        column.addWidget(self.pin_bar)
        column.addWidget(self.compare, 1)
        self.labels = LabelsLine(self.drawn.height())
        self._words = QWidget(self)
        words = QHBoxLayout(self._words)
        words.setContentsMargins(0, 0, 0, 0)
        words.setSpacing(12)
        words.addWidget(self.drawn, 1)
        words.addWidget(self.labels)
        column.addWidget(self._words)
        column.addWidget(self.strip)
        column.addWidget(self.steps)
        self.cautions = CautionsPanel(self)
        column.addWidget(self.cautions)
        self.messages = MessageBar(self)
        self.messages.installEventFilter(self)
        self._many: QWidget | None = None
        self.compare.installEventFilter(self)

    def set_sheet(self, sheet: QWidget, tiles: QWidget) -> None:
        """Put in what takes the place of large pictures and strip where many are looked at, and say what shows them."""
        self.sheet, self._many = sheet, tiles
        tiles.installEventFilter(self)
        self._column.insertWidget(self._column.indexOf(self.compare) + 1, sheet, 1)
        self._place_parts()

    def set_kind(self, kind: ViewKind) -> None:
        """Show one view; what is around it stays where it is."""
        self._kind = kind
        self.bar.set_kind(kind)
        self._place_parts()
        self._tell()

    def set_wanted(self, wanted: Views) -> None:
        """Show the rows of small pictures that there are."""
        self._large = wanted.large is not None
        self._tiles = wanted.steps
        if wanted.steps or self._kind is ViewKind.STEPS:  # else it keeps its place until it is seen again
            self.steps.set_tiles(wanted.steps)
        self._place_parts()

    def set_stepped(self, tile: StepTile, stepped: Stepped) -> None:
        """Say what is applied at once, when the last step is there."""
        if self._tiles and tile.step == self._tiles[-1].step:
            self._fused = in_words(stepped.together, self._tiles)
            self._tell()

    def clear_stepped(self) -> None:
        """Another picture was chosen: say nothing of what is applied at once until that is known."""
        self.steps.clear_pictures()
        self._fused = None
        self._tell()

    def set_compared(self, compared: Compared) -> None:
        """Say what two pipelines differ in, and show both where there are two."""
        self.pin_bar.set_compared(compared)
        self.pin_bar.setVisible(compared.told)
        self.compare.set_comparing(compared.large, compared.title)

    def set_options(self, options: ViewOptions) -> None:
        """Show what else is to be seen of pictures."""
        self.bar.set_options(options)
        self.compare.set_pixels_told(options.pixels)
        self.compare.set_names_shown(options.names)

    def set_small(self, small: bool) -> None:
        """Give the pictures more room in a low window."""
        self.strip.set_small(small)
        self.steps.set_small(small)

    def _place_parts(self) -> None:
        of_many = self._kind is ViewKind.SHEET
        if self.sheet is not None:
            self.sheet.setVisible(of_many)
        for part in (self.compare, self._words):
            part.setVisible(not of_many)
        self.strip.setVisible(self._large and self._kind in (ViewKind.PICTURE, ViewKind.COMPARE))
        self.steps.setVisible(self._large and self._kind is ViewKind.STEPS)

    def set_drawn(self, text: str) -> None:
        """Show what was drawn in one line; all of it is its tool tip."""
        self._drawn = text
        self._tell()

    def _tell(self) -> None:
        """In the row of steps each picture says what it drew; then the line says what was applied at once."""
        text = self._together() if self._kind is ViewKind.STEPS and self._tiles else self._drawn
        self.drawn.setText(text)
        self.drawn.setToolTip(text)

    def _together(self) -> str:
        if len(self._tiles) == 1:
            return _RESIZED_ONLY if self._tiles[0].view.pipeline.output.size else _NO_STEPS
        return "" if self._fused is None else self._fused or _ALONE

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Keep messages over the pictures."""
        super().resizeEvent(event)
        self._place()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Make room for a message when it comes, or grows."""
        moved = event.type() in (QEvent.Type.Show, QEvent.Type.Move, QEvent.Type.Resize)
        if watched is self.messages:
            moved = event.type() in (QEvent.Type.Show, QEvent.Type.LayoutRequest)
        if moved:
            self._place()
        return super().eventFilter(watched, event)

    def _place(self) -> None:
        bar = self.messages
        width = min(self.width() - 40, 760)
        height = max(bar.heightForWidth(width), bar.minimumSizeHint().height())
        many = self._many if self._kind is ViewKind.SHEET else None
        place, below = (many, _BELOW_TITLE) if many is not None else (self.compare.original, _INSIDE)
        top = place.mapTo(self, QPoint(0, below)).y()
        bar.setGeometry((self.width() - width) // 2, top, width, height)
        bar.raise_()
