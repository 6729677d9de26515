"""The pipeline panel: one card per transform, in order, and one for labels."""

from __future__ import annotations

import itertools
from collections.abc import Callable

from PySide6.QtCore import QPoint, Qt, QTimer, Signal
from PySide6.QtGui import QGuiApplication, QKeyEvent, QKeySequence, QResizeEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QScrollArea, QToolButton, QVBoxLayout, QWidget

from augstudio.advice import Caution
from augstudio.gui.cards.add_menu import AddMenu
from augstudio.gui.cards.card import Card
from augstudio.gui.cards.dragging import DropArea, Lifted, scroll_at_edge
from augstudio.gui.cards.labels_card import LabelsCard
from augstudio.gui.cards.output_card import OutputCard
from augstudio.gui.cards.tiles import Tiles
from augstudio.gui.intent.state import Judged
from augstudio.gui.parts import style
from augstudio.gui.parts.controls import ElidedLabel, flat_button, heading
from augstudio.gui.parts.workers import Worker
from augstudio.pipeline import Pipeline
from augstudio.transforms import Transform

_SCROLL_EVERY_MS = 16


class PipelinePanel(QWidget):
    """Output settings, the cards, and the button that adds one.

    Parameters
    ----------
    first : Worker
        Makes the large picture: nothing is made for the list of transforms meanwhile.

    Signals
    -------
    held(str, str, float or None)
        Of this step and parameter the user holds this value; None: nothing any more. Setters never emit it.
    peeked(str)
        The picture is to be shown without this step; empty: with all of them again.
    solo_asked(str)
        This step alone is to be shown; empty: all of them. `set_solo` shows it.
    pasted(str, int)
        Text is to be put in as a step, at that position.
    """

    edited = Signal(str, str, object)
    finished = Signal()
    removed = Signal(str)
    reset = Signal(str)
    moved = Signal(str, int)
    added = Signal(str)
    held = Signal(str, str, object)
    peeked = Signal(str)
    solo_asked = Signal(str)
    duplicated = Signal(str)
    pasted = Signal(str, int)

    def __init__(self, first: Worker, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.tiles = Tiles(first, self)
        self._showing = False
        self._solo = ""
        self._lifted: Lifted | None = None
        self._carried: tuple[str, QPoint] | None = None
        self._scrolling = QTimer(self, interval=_SCROLL_EVERY_MS)
        self._scrolling.timeout.connect(self._scroll_on)
        self._cards: dict[str, Card] = {}
        self._pipeline = Pipeline()
        self._scale: float | None = None
        self._revealed = ""
        self._tabbed: list[str] = []
        self.output = OutputCard(self)
        self._scroll = _Column(self)
        self._list = DropArea(self._scroll)
        self._scroll.setWidget(self._list)
        self.labels = LabelsCard(self._list)
        self.add = QToolButton()
        self.add.setObjectName("action.add")
        self.add.setProperty("flat", True)
        self.add.setText("Add transform")
        self.add.setIcon(style.icon("add"))
        self.add.setProperty("icon_name", "add")
        self.add.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.add.setToolTip("Add a transform (Ctrl+T)")
        self.add.setShortcut(QKeySequence("Ctrl+T"))
        self.add.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.add.clicked.connect(self.open_add_menu)
        self._menu: AddMenu | None = None
        self._fold_all = flat_button("expanded", "Fold or unfold all cards (Ctrl+Shift+F)")
        self._fold_all.setObjectName("pipeline.fold")
        self._fold_all.setShortcut(QKeySequence("Ctrl+Shift+F"))
        self._fold_all.clicked.connect(self._toggle_all)
        title = heading("Pipeline")
        title.setFixedHeight(24)
        head = QHBoxLayout()
        head.addWidget(title)
        head.addStretch(1)
        head.addWidget(self.add)
        head.addWidget(self._fold_all)
        self._empty = QLabel("No transforms yet. Add one, or choose a preset in the toolbar.", self._list)
        self._empty.setProperty("muted", True)
        self._empty.setWordWrap(True)
        self._empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._cards_layout = QVBoxLayout(self._list)
        self._cards_layout.setSpacing(8)
        self._cards_layout.addWidget(self._empty)
        self._cards_layout.addWidget(self.labels)
        self._cards_layout.addStretch(1)
        self._scroll.setWidgetResizable(True)
        self._scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._scroll.verticalScrollBar().rangeChanged.connect(self._reveal)
        above = QVBoxLayout()
        above.setContentsMargins(0, 0, _Column.GUTTER, 0)
        above.setSpacing(8)
        above.addLayout(head)
        above.addWidget(self.output)
        below = QVBoxLayout()  # it comes and goes where it moves no card under the pointer
        below.setContentsMargins(0, 0, _Column.GUTTER, 0)
        below.setSpacing(8)
        below.addWidget(self.labels.question)
        below.addWidget(self._make_solo_bar())
        layout = QVBoxLayout(self)
        layout.setContentsMargins(4, 8, 2, 4)
        layout.setSpacing(8)
        layout.addLayout(above)
        layout.addWidget(self._scroll, 1)
        layout.addLayout(below)
        self.setMinimumWidth(330)

    def _make_solo_bar(self) -> QFrame:
        """Say that one step alone is shown, and let it end."""
        self._solo_bar = QFrame(self)
        self._solo_bar.setProperty("caution", "caution")
        self._solo_words = ElidedLabel(mode=Qt.TextElideMode.ElideMiddle)
        every = QPushButton("Show all")
        every.setObjectName("solo.end")
        every.setProperty("slim", True)
        every.setAccessibleName("Show all steps again")
        every.clicked.connect(lambda: self.solo_asked.emit(""))
        row = QHBoxLayout(self._solo_bar)
        row.setContentsMargins(8, 4, 4, 4)
        row.addWidget(self._solo_words, 1)
        row.addWidget(every)
        self._solo_bar.hide()
        return self._solo_bar

    # -- setters -------------------------------------------------------------------------------------------------

    def set_pipeline(self, pipeline: Pipeline) -> None:
        """Show a pipeline; cards of steps that stay are kept."""
        self._showing = True  # a control that goes or is switched off loses the focus: that is not the user's doing
        self._pipeline = pipeline
        wanted = {step.id: step for step in pipeline.transforms}
        for step_id in [i for i, card in self._cards.items() if i not in wanted or wanted[i].op != card.op]:
            card = self._cards.pop(step_id)
            self._cards_layout.removeWidget(card)
            card.hide()
            card.deleteLater()
        for position, step in enumerate(pipeline.transforms):
            if step.id in self._cards:
                if self._cards[step.id].step != step:
                    self._cards[step.id].set_step(step)
            else:
                self._cards[step.id] = self._make(step)
            if self._cards_layout.indexOf(self._cards[step.id]) != position + 1:
                self._cards_layout.insertWidget(position + 1, self._cards[step.id])
        self._empty.setVisible(not wanted)
        self._show_solo()
        self._show_folds()
        self._set_tab_order(pipeline)
        self.tiles.set_training_size(pipeline.trained_at)
        self.output.set_pipeline(pipeline)
        self.labels.set_pipeline(pipeline)
        self._apply_scale()
        self._showing = False

    def set_solo(self, step_id: str) -> None:
        """Show that this step alone is seen; empty: all of them."""
        if step_id != self._solo:
            self._solo = step_id
            self._show_solo()

    def _show_solo(self) -> None:
        solo = self._solo if self._solo in self._cards else ""
        for card in self._cards.values():
            card.set_solo(solo)
        if solo:
            self._solo_words.setText(f"Only {self._cards[solo].title} is shown")
        self._solo_bar.setVisible(bool(solo))

    def let_go(self) -> None:
        """Hold no value any more: what is held is told anew when the user takes it again."""
        for card in self._cards.values():
            card.let_go()

    def _set_tab_order(self, pipeline: Pipeline) -> None:
        """Let Tab go from card to card as they are seen, whatever was added or moved."""
        order = [step.id for step in pipeline.transforms]
        if order == self._tabbed:
            return
        self._tabbed = order
        last: QWidget = self.output
        chains = (self._cards[step_id].tab_chain() for step_id in order)
        for widget in (*itertools.chain.from_iterable(chains), *self.labels.tab_chain()):
            QWidget.setTabOrder(last, widget)
            last = widget

    def set_scale(self, scale: float | None) -> None:
        """Pixels of the picture in view per pixel at the training size."""
        if scale != self._scale:
            self._scale = scale
            self._apply_scale()

    def set_judged(self, judged: Judged) -> None:
        """Show on the sliders what the cautions go by."""
        for card in self._cards.values():
            card.set_judged(judged)

    def set_cautions(self, cautions: tuple[Caution, ...]) -> None:
        """Mark the cards concerned."""
        for step_id, card in self._cards.items():
            card.set_cautions([caution for caution in cautions if caution.step == step_id])

    def show_step(self, step_id: str) -> None:
        """Bring a card into view and give it the focus."""
        if step_id in self._cards:
            card = self._cards[step_id]
            card.set_folded(False)
            self._revealed = step_id
            self._reveal()
            QTimer.singleShot(300, self, self._reveal_no_more)
            card.setFocus(Qt.FocusReason.OtherFocusReason)

    def _reveal(self) -> None:
        """Scroll to the card asked for; again whenever the layout moves it, since a new card settles late."""
        if self._revealed in self._cards:
            self._scroll.ensureWidgetVisible(self._cards[self._revealed], 0, 8)

    def _reveal_no_more(self) -> None:
        self._reveal()
        self._revealed = ""

    # -- the user's doing ------------------------------------------------------------------------------------------

    def open_add_menu(self) -> None:
        """Show the list of transforms below the button."""
        if self._menu is None:
            self._menu = AddMenu(self.tiles, self)
            self._menu.chosen.connect(self.added)
        self._menu.open_below(self.add)

    def _make(self, step: Transform) -> Card:
        card = Card(step, self._list)
        card.edited.connect(self.edited)
        card.finished.connect(self.finished)
        card.removed.connect(self.removed)
        card.reset.connect(self.reset)
        card.moved.connect(self._move_by)
        card.dragged.connect(self._drag)
        card.dropped.connect(self._drop)
        card.held.connect(self._hold)
        card.peeked.connect(lambda step_id, on: self.peeked.emit(step_id if on else ""))
        card.solo_asked.connect(lambda step_id: self.solo_asked.emit("" if step_id == self._solo else step_id))
        card.duplicated.connect(self._duplicate)
        card.pasted.connect(lambda step_id, text: self._paste(text, self._order().index(step_id) + 1))
        card.folded_changed.connect(self._show_folds)
        return card

    def _hold(self, step_id: str, name: str, value: object) -> None:
        if not self._showing:
            self.held.emit(step_id, name, value)

    def _apply_scale(self) -> None:
        for card in self._cards.values():
            card.set_scale(self._scale)

    def _toggle_all(self) -> None:
        fold = any(not card.folded for card in self._cards.values())
        for card in self._cards.values():
            card.set_folded(fold)

    def _show_folds(self) -> None:
        """Let the button show what it would do."""
        folded = bool(self._cards) and all(card.folded for card in self._cards.values())
        name = "collapsed" if folded else "expanded"
        if self._fold_all.property("icon_name") != name:
            self._fold_all.setProperty("icon_name", name)
            self._fold_all.setIcon(style.icon(name))

    def _order(self) -> list[str]:
        return [step.id for step in self._pipeline.transforms]

    def _move_by(self, step_id: str, offset: int) -> None:
        position = self._order().index(step_id) + offset
        if 0 <= position < len(self._cards):
            self.moved.emit(step_id, position)
            self.finished.emit()
            self.show_step(step_id)

    def _duplicate(self, step_id: str) -> None:
        self._adding(lambda: self.duplicated.emit(step_id))

    def _paste(self, text: str, position: int) -> None:
        self._adding(lambda: self.pasted.emit(text, position))

    def _adding(self, ask: Callable[[], None]) -> None:
        """Ask for new steps; if they come, show the first of them."""
        before = {*self._cards}
        ask()
        new = [step_id for step_id in self._order() if step_id not in before]
        if new:
            self.show_step(new[0])

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Paste at the end, where no card has the focus."""
        if event.matches(QKeySequence.StandardKey.Paste):
            self._paste(QGuiApplication.clipboard().text(), len(self._cards))
        else:
            super().keyPressEvent(event)

    # -- dragging ----------------------------------------------------------------------------------------------------

    def _drag(self, step_id: str, place: QPoint) -> None:
        if self._lifted is None:
            card = self._cards[step_id]
            self._lifted = Lifted(card, card.grip.taken)
            card.set_lifted(True)
            self._scrolling.start()
        self._carried = step_id, place
        self._lifted.follow(place)
        self._show_landing()

    def _show_landing(self) -> None:
        assert self._carried is not None
        step_id, place = self._carried
        others = [self._cards[i] for i in self._order() if i != step_id]
        position = self._position_at(step_id, self._list.mapFromGlobal(place).y())
        if position < len(others):
            line = others[position].geometry().top() - 4
        else:
            line = others[-1].geometry().bottom() + 4 if others else 0
        self._list.set_line(max(0, line))
        if self._lifted is not None:
            self._lifted.set_line(self._list.line_on_screen())

    def _scroll_on(self) -> None:
        if self._carried is None or self._carried[0] not in self._cards:
            self._put_down()
        elif scroll_at_edge(self._scroll, self._carried[1]):
            self._show_landing()

    def _put_down(self) -> None:
        self._scrolling.stop()
        if self._carried is not None and self._carried[0] in self._cards:
            self._cards[self._carried[0]].set_lifted(False)
        self._carried = None
        self._list.set_line(None)
        if self._lifted is not None:
            self._lifted.close()
            self._lifted = None

    def _drop(self, step_id: str, place: QPoint) -> None:
        self._put_down()
        position = self._position_at(step_id, self._list.mapFromGlobal(place).y())
        if position != self._order().index(step_id):
            self.moved.emit(step_id, position)
            self.finished.emit()

    def _position_at(self, step_id: str, y: int) -> int:
        """Where the card would go: its place in the list without it."""
        others = [self._cards[i] for i in self._order() if i != step_id]
        return sum(card.geometry().center().y() < y for card in others)


class _Column(QScrollArea):
    """What scrolls; right of it there is always as much room as the scroll bar takes, whether it is there or not."""

    GUTTER = 16

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Leave what the bar, which comes and goes, leaves of that room."""
        super().resizeEvent(event)
        content, taken = self.widget(), self.width() - self.viewport().width()
        layout = content.layout() if content else None
        if layout:
            layout.setContentsMargins(0, 0, max(0, self.GUTTER - taken), 0)
