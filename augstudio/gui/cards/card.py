"""One transform of the pipeline: its eye, probability, parameters, and what can be done with it."""

from __future__ import annotations

from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtGui import QAction, QContextMenuEvent, QGuiApplication, QKeyEvent, QKeySequence, QMouseEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QMenu, QToolButton, QVBoxLayout, QWidget

from augstudio import presets
from augstudio.advice import Caution, Level, limits_of
from augstudio.gui.cards.editors import Editor, RangeEditor, make_editor
from augstudio.gui.cards.eye import Eye
from augstudio.gui.cards.number_editors import ProbabilityEditor
from augstudio.gui.cards.summary import summary
from augstudio.gui.intent.state import Judged
from augstudio.gui.parts import style
from augstudio.gui.parts.controls import ElidedLabel, flat_button
from augstudio.transforms import Colour, Transform

KEYS = {
    "Move up": "Alt+Up",
    "Move down": "Alt+Down",
    "Duplicate": "Ctrl+D",
    "Copy": "Ctrl+C",
    "Paste below": "Ctrl+V",
    "Remove": "Del",
}
"""What can be done with a card that has the focus, and by which key."""


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
        self.taken = QPoint()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Take the card."""
        self.taken = event.globalPosition().toPoint()
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
    """Folded, it says its values in one line; dimmed while its step is not seen.

    Signals
    -------
    edited(str, str, object)
        Another value of this step's parameter.
    held(str, str, float or None)
        As of `Editor.held`, with step and parameter.
    peeked(str, bool)
        The picture is to be shown without this step, for as long as the eye is held.
    solo_asked(str)
        This step alone is to be shown; or, if it is so already, all of them again.
    pasted(str, str)
        Text is to be put in as a step after this one.
    folded_changed()
        It was folded or unfolded.
    """

    edited = Signal(str, str, object)
    finished = Signal()
    removed = Signal(str)
    reset = Signal(str)
    moved = Signal(str, int)
    dragged = Signal(str, QPoint)
    dropped = Signal(str, QPoint)
    held = Signal(str, str, object)
    peeked = Signal(str, bool)
    solo_asked = Signal(str)
    duplicated = Signal(str)
    pasted = Signal(str, str)
    folded_changed = Signal()

    def __init__(self, step: Transform, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.step_id, self.op = step.id, step.op
        self._step = step
        self._solo = ""
        self._lifted = False
        self._judged_by: tuple[object, ...] = ()
        self.setProperty("card", True)
        self.setObjectName(f"card.{step.id}")
        self.setAccessibleName(f"Transform {step.label}")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)  # its keys go to the card that was clicked
        number = step.id.removeprefix(step.op).lstrip("-")
        self.title = title = f"{step.label} {number}".strip()
        self.grip = grip = Grip(title)
        grip.setObjectName(f"{step.id}.grip")
        grip.dragged.connect(lambda place: self.dragged.emit(self.step_id, place))
        grip.dropped.connect(lambda place: self.dropped.emit(self.step_id, place))
        self._enabled = Eye(title)
        self._enabled.setObjectName(f"{step.id}.enabled")
        self._enabled.setAccessibleName(f"{title}, enabled")
        self._enabled.setToolTip(
            f"{step.help()}\n\nClick: on or off. Hold: the picture without it. Alt-click: this step alone."
        )
        self._enabled.clicked.connect(lambda on: self._emit("enabled", on))
        self._enabled.peeked.connect(lambda on: self.peeked.emit(self.step_id, on))
        self._enabled.solo_asked.connect(lambda: self.solo_asked.emit(self.step_id))
        self._mark = QLabel()
        self._body = QWidget(self)
        self._probability = ProbabilityEditor(f"{step.id}.probability", title, self._body)
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
        self._fold.clicked.connect(self._toggle)
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
        self._summary = ElidedLabel(parent=self)
        self._summary.setObjectName(f"{step.id}.summary")
        self._summary.setProperty("muted", True)
        self._summary.setContentsMargins(26, 0, 0, 2)
        self._summary.hide()
        body = QVBoxLayout(self._body)
        body.setContentsMargins(8, 0, 4, 4)
        body.setSpacing(6)
        body.addWidget(self._probability)
        self._editors: dict[str, Editor] = {}
        for name, parameter in step.parameters().items():
            editor = make_editor(f"{step.id}.{name}", title, parameter, getattr(step, name), self._body)
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
        layout.addWidget(self._summary)
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

    # -- setters -----------------------------------------------------------------------------------------------------

    def set_folded(self, folded: bool) -> None:
        """Hide or show the parameters."""
        if folded == self.folded:
            return
        self._body.setVisible(not folded)
        self._summary.setVisible(folded)
        self._fold.setProperty("icon_name", "collapsed" if folded else "expanded")
        self._fold.setIcon(style.icon("collapsed" if folded else "expanded"))
        self.folded_changed.emit()

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
        self._summary.setText(summary(step))
        self._dim()

    def set_solo(self, step_id: str) -> None:
        """Say which step alone is shown; empty: none."""
        if step_id != self._solo:
            self._solo = step_id
            self._dim()

    def set_lifted(self, lifted: bool) -> None:
        """Say whether the card is being carried elsewhere."""
        self._lifted = lifted
        self._dim()

    def _dim(self) -> None:
        dimmed = self._lifted or not self._step.enabled or self._solo not in ("", self.step_id)
        self._enabled.set_dimmed(dimmed)
        if self.property("dimmed") != dimmed:
            style.mark(self, dimmed=dimmed)

    def set_scale(self, scale: float | None) -> None:
        """Say what lengths are on the picture in view."""
        for editor in self._editors.values():
            if isinstance(editor, RangeEditor):
                editor.set_scale(scale)

    def set_judged(self, judged: Judged) -> None:
        """Move the zones of the sliders to where the cautions are raised."""
        pipeline = judged.pipeline
        by = self._step, pipeline.output, pipeline.training_size, pipeline.any_orientation, judged.facts
        if self._judged_by and all(new is old for new, old in zip(by, self._judged_by, strict=True)):
            return
        self._judged_by = by
        for name, editor in self._editors.items():
            if isinstance(editor, RangeEditor):
                editor.set_limits(limits_of(judged.pipeline, self._step, name, judged.facts))

    def set_cautions(self, cautions: list[Caution]) -> None:
        """Mark the card and the sliders concerned."""
        worst = _worst(cautions)
        if self.property("level") != (worst.value if worst else ""):
            style.mark(self, level=worst.value if worst else "")
        self._mark.setVisible(worst is not None)
        if worst:
            self._mark.setPixmap(style.level_icon(worst, 16))
            self._mark.setToolTip("\n".join(caution.message for caution in cautions))
            self._mark.setAccessibleName(worst.value)
        for name, editor in self._editors.items():
            editor.set_level(_worst([caution for caution in cautions if caution.parameter == name]))

    def let_go(self) -> None:
        """Hold no value any more, without a word."""
        for editor in self._editors.values():
            editor.let_go()

    # -- the user's doing ----------------------------------------------------------------------------------------------

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Do what the menu offers; fold and unfold by arrow keys."""
        alt = bool(event.modifiers() & Qt.KeyboardModifier.AltModifier)
        key = event.key()
        if alt and key in (Qt.Key.Key_Up, Qt.Key.Key_Down):
            self.moved.emit(self.step_id, -1 if key == Qt.Key.Key_Up else 1)
        elif key == Qt.Key.Key_Delete:
            self.removed.emit(self.step_id)
        elif event.matches(QKeySequence.StandardKey.Copy):
            self._copy()
        elif event.matches(QKeySequence.StandardKey.Paste):
            self._paste()
        elif event.modifiers() == Qt.KeyboardModifier.ControlModifier and key == Qt.Key.Key_D:
            self.duplicated.emit(self.step_id)
        elif self.hasFocus() and not event.modifiers() and key in (Qt.Key.Key_Left, Qt.Key.Key_Right):
            self.set_folded(key == Qt.Key.Key_Left)
        else:
            super().keyPressEvent(event)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """Offer what the buttons and keys do."""
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        solo = QAction("Solo: this step alone", menu)
        solo.setCheckable(True)
        solo.setChecked(self._solo == self.step_id)
        solo.triggered.connect(lambda: self.solo_asked.emit(self.step_id))
        menu.addAction(solo)
        menu.addSeparator()
        for text, run in (
            ("Move up", lambda: self.moved.emit(self.step_id, -1)),
            ("Move down", lambda: self.moved.emit(self.step_id, 1)),
            ("Duplicate", lambda: self.duplicated.emit(self.step_id)),
            ("Copy", self._copy),
            ("Paste below", self._paste),
            ("Reset to defaults", lambda: self.reset.emit(self.step_id)),
            ("Remove", lambda: self.removed.emit(self.step_id)),
        ):
            action = QAction(text, menu)
            action.setShortcut(QKeySequence(KEYS.get(text, "")))
            action.triggered.connect(run)
            menu.addAction(action)
        menu.popup(event.globalPos())

    def _copy(self) -> None:
        QGuiApplication.clipboard().setText(presets.dump_step(self._step))

    def _paste(self) -> None:
        self.pasted.emit(self.step_id, QGuiApplication.clipboard().text())

    def _toggle(self) -> None:
        self.set_folded(not self.folded)

    def _reset(self, name: str) -> None:
        """Give one parameter its default again."""
        self.edited.emit(self.step_id, name, getattr(type(self._step).default(), name))
        self.finished.emit()

    def _emit(self, name: str, value: object) -> None:
        self.edited.emit(self.step_id, name, value)
        if name == "enabled":
            self.finished.emit()


def _worst(cautions: list[Caution]) -> Level | None:
    levels = {caution.level for caution in cautions}
    return Level.EXCESSIVE if Level.EXCESSIVE in levels else next(iter(levels), None)
