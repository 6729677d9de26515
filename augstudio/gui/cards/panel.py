"""The pipeline panel: one card per transform, in order."""

from __future__ import annotations

from PySide6.QtCore import QPoint, Qt, QTimer, Signal
from PySide6.QtGui import (
    QAction,
    QColor,
    QKeyEvent,
    QKeySequence,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QResizeEvent,
)
from PySide6.QtWidgets import (
    QCheckBox,
    QFrame,
    QHBoxLayout,
    QLabel,
    QMenu,
    QScrollArea,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from augstudio.advice import Caution, Level
from augstudio.gui.cards.add_menu import AddMenu
from augstudio.gui.cards.editors import Editor, ProbabilityEditor, RangeEditor, make_editor
from augstudio.gui.cards.output_card import OutputCard
from augstudio.gui.parts import style
from augstudio.gui.parts.controls import flat_button
from augstudio.pipeline import Pipeline
from augstudio.transforms import Colour, Transform


class Grip(QToolButton):
    """The handle that a card is dragged by."""

    dragged = Signal(QPoint)
    dropped = Signal(QPoint)

    def __init__(self, title: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("flat", True)
        self.setIcon(style.icon("grip"))
        self.setProperty("icon_name", "grip")
        self.setCursor(Qt.CursorShape.OpenHandCursor)
        self.setToolTip("Drag to change the order (Alt+↑ and Alt+↓ with the card in focus)")
        self.setAccessibleName(f"Move {title}")
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._dragging = False

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Take the card."""
        self._dragging = event.button() == Qt.MouseButton.LeftButton
        self.setCursor(Qt.CursorShape.ClosedHandCursor)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Carry it."""
        if self._dragging:
            self.dragged.emit(event.globalPosition().toPoint())

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Put it down."""
        self.setCursor(Qt.CursorShape.OpenHandCursor)
        if self._dragging:
            self._dragging = False
            self.dropped.emit(event.globalPosition().toPoint())


class Card(QFrame):
    """One transform: its switch, probability, parameters, and what can be done with it."""

    edited = Signal(str, str, object)
    finished = Signal()
    removed = Signal(str)
    reset = Signal(str)
    moved = Signal(str, int)
    dragged = Signal(str, QPoint)
    dropped = Signal(str, QPoint)
    held = Signal(str, str, object)

    def __init__(self, step: Transform, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.step_id, self.op = step.id, step.op
        self._step = step
        self.setProperty("card", True)
        self.setObjectName(f"card.{step.id}")
        self.setAccessibleName(f"Transform {step.label}")
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        number = step.id.removeprefix(step.op).lstrip("-")
        title = f"{step.label} {number}".strip()
        grip = Grip(title)
        grip.setObjectName(f"{step.id}.grip")
        grip.dragged.connect(lambda place: self.dragged.emit(self.step_id, place))
        grip.dropped.connect(lambda place: self.dropped.emit(self.step_id, place))
        self._enabled = QCheckBox(title)
        self._enabled.setObjectName(f"{step.id}.enabled")
        self._enabled.setAccessibleName(f"{title}, enabled")
        self._enabled.setToolTip(step.help())
        self._enabled.clicked.connect(lambda on: self._emit("enabled", on))
        font = self._enabled.font()
        font.setBold(True)
        self._enabled.setFont(font)
        self._mark = QLabel()
        self._probability = ProbabilityEditor(f"{step.id}.probability", title)
        self._probability.edited.connect(lambda value: self.edited.emit(self.step_id, "probability", value))
        self._probability.finished.connect(self.finished)
        self._probability.reset.connect(lambda: self._reset("probability"))
        reset = flat_button("reset", f"Set {title} back to its defaults")
        reset.setObjectName(f"{step.id}.reset")
        reset.clicked.connect(lambda: self.reset.emit(self.step_id))
        remove = flat_button("remove", f"Remove {title}")
        remove.setObjectName(f"{step.id}.remove")
        remove.clicked.connect(lambda: self.removed.emit(self.step_id))
        self._fold = flat_button("expanded", f"Show or hide the parameters of {title}")
        self._fold.setObjectName(f"{step.id}.fold")
        self._fold.clicked.connect(lambda: self.set_folded(not self.folded))
        head = QHBoxLayout()
        head.setContentsMargins(0, 0, 0, 0)
        head.setSpacing(2)
        self._tools = (reset, remove, self._fold)
        left: tuple[QWidget, ...] = (grip, self._enabled, self._mark)
        for widget in left:
            head.addWidget(widget)
        head.addStretch(1)
        for widget in self._tools:
            head.addWidget(widget)
        self._body = QWidget()
        body = QVBoxLayout(self._body)
        body.setContentsMargins(8, 0, 4, 4)
        body.setSpacing(6)
        body.addWidget(self._probability)
        self._editors: dict[str, Editor] = {}
        for name, parameter in step.parameters().items():
            editor = make_editor(f"{step.id}.{name}", title, parameter, getattr(step, name))
            editor.edited.connect(lambda value, name=name: self._emit(name, value))
            editor.finished.connect(self.finished)
            editor.reset.connect(lambda name=name: self._reset(name))
            editor.held.connect(lambda value, name=name: self.held.emit(self.step_id, name, value))
            body.addWidget(editor)
            self._editors[name] = editor
        layout = QVBoxLayout(self)
        layout.setContentsMargins(6, 6, 6, 6)
        layout.setSpacing(4)
        layout.addLayout(head)
        layout.addWidget(self._body)
        self.set_step(step)

    def tab_chain(self) -> list[QWidget]:
        """Give the card and its controls, in the order in which Tab reaches them."""
        # Not by nextInFocusChain: PySide takes what it returns for a child of the widget that was asked.
        editors = (self._probability, *self._editors.values())
        return [self, self._enabled, *self._tools, *(part for editor in editors for part in editor.controls())]

    @property
    def step(self) -> Transform:
        """The step shown."""
        return self._step

    @property
    def folded(self) -> bool:
        """Whether the parameters are hidden."""
        return self._body.isHidden()

    def set_folded(self, folded: bool) -> None:
        """Hide or show the parameters."""
        self._body.setVisible(not folded)
        self._fold.setProperty("icon_name", "collapsed" if folded else "expanded")
        self._fold.setIcon(style.icon("collapsed" if folded else "expanded"))

    def set_step(self, step: Transform) -> None:
        """Show a step's values."""
        self._step = step
        self._enabled.setChecked(step.enabled)
        self._probability.set_value(step.probability)
        self._probability.setEnabled(step.enabled)
        self._body.setEnabled(step.enabled)
        for name, editor in self._editors.items():
            editor.set_value(getattr(step, name))
            declared = step.parameters()[name]
            if isinstance(declared, Colour) and declared.only_with:
                other, value = declared.only_with
                editor.setVisible(getattr(step, other) == value)

    def set_scale(self, training_size: int, scale: float | None) -> None:
        """Move the zones to a training size; say what lengths are on the picture in view."""
        for editor in self._editors.values():
            if isinstance(editor, RangeEditor):
                editor.set_training_size(training_size)
                editor.set_scale(scale)

    def set_cautions(self, cautions: list[Caution]) -> None:
        """Mark the card and the sliders concerned."""
        worst = _worst(cautions)
        if self.property("level") != (worst.value if worst else ""):
            self.setProperty("level", worst.value if worst else "")
            self.style().unpolish(self)
            self.style().polish(self)
        self._mark.setVisible(worst is not None)
        if worst:
            self._mark.setPixmap(style.level_icon(worst, 16))
            self._mark.setToolTip("\n".join(caution.message for caution in cautions))
            self._mark.setAccessibleName(worst.value)
        for name, editor in self._editors.items():
            editor.set_level(_worst([caution for caution in cautions if caution.parameter == name]))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Move the card by Alt and an arrow key; remove it by Delete."""
        alt = bool(event.modifiers() & Qt.KeyboardModifier.AltModifier)
        if alt and event.key() in (Qt.Key.Key_Up, Qt.Key.Key_Down):
            self.moved.emit(self.step_id, -1 if event.key() == Qt.Key.Key_Up else 1)
        elif event.key() == Qt.Key.Key_Delete:
            self.removed.emit(self.step_id)
        else:
            super().keyPressEvent(event)

    def contextMenuEvent(self, event: object) -> None:
        """Offer what the buttons and keys do."""
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        for text, key, run in (
            ("Move up", "Alt+Up", lambda: self.moved.emit(self.step_id, -1)),
            ("Move down", "Alt+Down", lambda: self.moved.emit(self.step_id, 1)),
            ("Reset to defaults", "", lambda: self.reset.emit(self.step_id)),
            ("Remove", "Del", lambda: self.removed.emit(self.step_id)),
        ):
            action = QAction(text, menu)
            action.setShortcut(QKeySequence(key))
            action.triggered.connect(run)
            menu.addAction(action)
        menu.popup(event.globalPos())  # type: ignore[attr-defined]

    def let_go(self) -> None:
        """Hold no value any more, without a word."""
        for editor in self._editors.values():
            editor.let_go()

    def _reset(self, name: str) -> None:
        """Give one parameter its default again."""
        self.edited.emit(self.step_id, name, getattr(type(self._step).default(), name))
        self.finished.emit()

    def _emit(self, name: str, value: object) -> None:
        self.edited.emit(self.step_id, name, value)
        if name == "enabled":
            self.finished.emit()


class PipelinePanel(QWidget):
    """Output settings, the cards, and the button that adds one.

    Signals
    -------
    held(str, str, float or None)
        Of this step and parameter the user holds this value; None: nothing any more. Setters never emit it.
    """

    edited = Signal(str, str, object)
    finished = Signal()
    removed = Signal(str)
    reset = Signal(str)
    moved = Signal(str, int)
    added = Signal(str)
    held = Signal(str, str, object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._showing = False
        self._cards: dict[str, Card] = {}
        self._pipeline = Pipeline()
        self._scale: float | None = None
        self._revealed = ""
        self._tabbed: list[str] = []
        self.output = OutputCard()
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
        self._fold_all = flat_button("collapsed", "Fold or unfold all cards")
        self._fold_all.setObjectName("pipeline.fold")
        self._fold_all.clicked.connect(self._toggle_all)
        heading = QLabel("Pipeline")
        heading.setProperty("heading", True)
        heading.setFixedHeight(24)
        head = QHBoxLayout()
        head.addWidget(heading)
        head.addStretch(1)
        head.addWidget(self.add)
        head.addWidget(self._fold_all)
        self._empty = QLabel("No transforms yet. Add one, or choose a preset in the toolbar.")
        self._empty.setProperty("muted", True)
        self._empty.setWordWrap(True)
        self._empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._list = _DropArea()
        self._cards_layout = QVBoxLayout(self._list)
        self._cards_layout.setSpacing(8)
        self._cards_layout.addWidget(self._empty)
        self._cards_layout.addStretch(1)
        self._scroll = _Column()
        self._scroll.setWidgetResizable(True)
        self._scroll.setWidget(self._list)
        self._scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._scroll.verticalScrollBar().rangeChanged.connect(self._reveal)
        above = QVBoxLayout()
        above.setContentsMargins(0, 0, _Column.GUTTER, 0)
        above.setSpacing(8)
        above.addLayout(head)
        above.addWidget(self.output)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(4, 8, 2, 4)
        layout.setSpacing(8)
        layout.addLayout(above)
        layout.addWidget(self._scroll, 1)
        self.setMinimumWidth(330)

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
        self._set_tab_order(pipeline)
        self.output.set_pipeline(pipeline)
        self._apply_scale()
        self._showing = False

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
        for step_id in order:
            for widget in self._cards[step_id].tab_chain():
                QWidget.setTabOrder(last, widget)
                last = widget

    def set_scale(self, scale: float | None) -> None:
        """Pixels of the picture in view per pixel at the training size."""
        if scale != self._scale:
            self._scale = scale
            self._apply_scale()

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
            self._menu = AddMenu(self)
            self._menu.chosen.connect(self.added)
        self._menu.open_below(self.add)

    def _make(self, step: Transform) -> Card:
        card = Card(step)
        card.edited.connect(self.edited)
        card.finished.connect(self.finished)
        card.removed.connect(self.removed)
        card.reset.connect(self.reset)
        card.moved.connect(self._move_by)
        card.dragged.connect(self._drag)
        card.dropped.connect(self._drop)
        card.held.connect(self._hold)
        return card

    def _hold(self, step_id: str, name: str, value: object) -> None:
        if not self._showing:
            self.held.emit(step_id, name, value)

    def _apply_scale(self) -> None:
        for card in self._cards.values():
            card.set_scale(self._pipeline.trained_at, self._scale)

    def _toggle_all(self) -> None:
        fold = any(not card.folded for card in self._cards.values())
        for card in self._cards.values():
            card.set_folded(fold)

    def _order(self) -> list[str]:
        return [step.id for step in self._pipeline.transforms]

    def _move_by(self, step_id: str, offset: int) -> None:
        position = self._order().index(step_id) + offset
        if 0 <= position < len(self._cards):
            self.moved.emit(step_id, position)
            self.finished.emit()
            self.show_step(step_id)

    def _drag(self, step_id: str, place: QPoint) -> None:
        y = self._list.mapFromGlobal(place).y()
        others = [self._cards[i] for i in self._order() if i != step_id]
        position = self._position_at(step_id, y)
        if position < len(others):
            line = others[position].geometry().top() - 4
        else:
            line = others[-1].geometry().bottom() + 4 if others else 0
        self._list.set_line(line)
        self._scroll.ensureVisible(0, y, 0, 40)

    def _drop(self, step_id: str, place: QPoint) -> None:
        self._list.set_line(None)
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


class _DropArea(QWidget):
    """The column of cards; draws a line where a dragged card would go."""

    def __init__(self) -> None:
        super().__init__()
        self._line: int | None = None

    def set_line(self, y: int | None) -> None:
        self._line = y
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if self._line is not None:
            painter = QPainter(self)
            painter.setPen(QPen(QColor(style.theme().accent), 3))
            painter.drawLine(4, self._line, self.width() - 12, self._line)
            painter.end()


def _worst(cautions: list[Caution]) -> Level | None:
    levels = {caution.level for caution in cautions}
    return Level.EXCESSIVE if Level.EXCESSIVE in levels else next(iter(levels), None)
