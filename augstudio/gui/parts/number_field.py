"""A field for a number: never turns what was typed into something else."""

from __future__ import annotations

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent, QKeySequence, QWheelEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QLineEdit, QPushButton, QSizePolicy, QVBoxLayout, QWidget

from augstudio.gui.parts import style
from augstudio.gui.parts.quantity import Quantity, Reading

_STEPS = {Qt.Key.Key_Up: 1, Qt.Key.Key_Down: -1, Qt.Key.Key_PageUp: 10, Qt.Key.Key_PageDown: -10}


class NumberField(QLineEdit):
    """A number to be typed, or stepped by the arrow and Page keys (with Shift in tenths).

    While somebody types, each number that is understood is told. Return, Tab and leaving end the typing, Escape takes
    it back. What cannot be taken leaves the value as it was before the typing, and stays in the field, marked.

    Signals
    -------
    began()
        The typing begins.
    typed(float)
        The value has become this one.
    ended()
        The typing is over.
    escaped()
        Escape was pressed; what was typed has been taken back.
    refused(Reading)
        The text is not taken, or taken again: without a problem, then.
    """

    began = Signal()
    typed = Signal(float)
    ended = Signal()
    escaped = Signal()
    refused = Signal(object)

    def __init__(self, quantity: Quantity, step: float, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.quantity, self._step = quantity, step
        self._value = min(max(0.0, quantity.low), quantity.high)
        self._before: float | None = None
        self._refused = Reading(None)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAcceptDrops(False)  # a folder that is dropped here is the window's to open, not text
        self.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        self.setToolTip(f"{quantity.bounds} is allowed")
        self.setText(quantity.show(self._value))
        self.textEdited.connect(self._read)

    # -- the value in force --------------------------------------------------------------------------------------

    def value(self) -> float:
        """The number in force, whatever stands in the field."""
        return self._value

    @property
    def problem(self) -> str:
        """Why the text in the field is not taken; empty where it is."""
        return self._refused.problem

    @property
    def typing(self) -> bool:
        """Whether somebody is at it."""
        return self._before is not None

    def set_value(self, value: float) -> None:
        """Show a number. The text of somebody who types it, or who typed what is not taken, stays."""
        if value == self._value and (self.typing or self.problem):
            return
        self._value, self._before = value, None
        self._show()

    def use(self, value: float) -> None:
        """Take a value as if it had been typed."""
        self._begin()
        self.setText(self.quantity.show(value))
        self._mark(Reading(value))
        self._tell(value)
        self._end()

    def _show(self) -> None:
        if self.text() != self.quantity.show(self._value):
            self.setText(self.quantity.show(self._value))
            self.setCursorPosition(0)
        self._mark(Reading(self._value))

    # -- typing ----------------------------------------------------------------------------------------------------

    def _begin(self) -> float:
        if self._before is None:
            self._before = self._value
            self.began.emit()
        return self._before

    def _read(self, text: str) -> None:
        before = self._begin()
        reading = self.quantity.read(text)
        self._tell(before if reading.value is None else reading.value)
        self._mark(reading)

    def _tell(self, value: float) -> None:
        if value != self._value:
            self._value = value
            self.typed.emit(value)

    def _mark(self, reading: Reading) -> None:
        if (reading.problem, reading.nearest) == (self.problem, self._refused.nearest):
            return
        self._refused = reading
        style.mark(self, wrong=bool(reading.problem))
        self.setAccessibleDescription(reading.problem)
        self.refused.emit(reading)

    def _end(self) -> None:
        """End the typing; a number is shown as it was understood, and an empty field as what is in force."""
        if self._before is None:
            return
        self._before = None
        if not self.problem:
            self._show()
        self.ended.emit()

    def _step_by(self, steps: int, *, fine: bool) -> None:
        self._begin()
        quantity = self.quantity
        share = 100 if quantity.unit == "%" else 1
        step = self._step * steps * (0.1 if fine and not quantity.whole else 1)
        digits = 0 if quantity.whole else quantity.decimals + fine + (2 if share == 100 else 0)
        value = round(min(max(self._value + step, quantity.low), quantity.high), digits) + 0.0
        self.setText(quantity.show(value))
        self._mark(Reading(value))
        self._tell(value)

    # -- events ----------------------------------------------------------------------------------------------------

    def event(self, event: QEvent) -> bool:
        """Leave undo and redo to the window: the field keeps no history of its own."""
        if event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent):
            control = event.modifiers() & Qt.KeyboardModifier.ControlModifier
            undo, redo = QKeySequence.StandardKey.Undo, QKeySequence.StandardKey.Redo
            if event.matches(undo) or event.matches(redo) or (control and event.key() == Qt.Key.Key_Y):
                event.ignore()
                return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Step, end, or take back."""
        key = Qt.Key(event.key())
        if key in _STEPS:
            self._step_by(_STEPS[key], fine=bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier))
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._end()
            self.selectAll()
        elif key == Qt.Key.Key_Escape:
            self._take_back()
            self.escaped.emit()
        else:
            super().keyPressEvent(event)

    def _take_back(self) -> None:
        if self._before is not None:
            self._tell(self._before)
            self._before = None
            self._show()
            self.ended.emit()
        self._show()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """End the typing when the field is left, but not for a menu or another program."""
        super().focusOutEvent(event)
        if event.reason() not in (Qt.FocusReason.PopupFocusReason, Qt.FocusReason.ActiveWindowFocusReason):
            self._end()

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Leave the wheel to the list: scrolling past a field must not change it."""
        event.ignore()


class Refusal(QWidget):
    """What is wrong with the text of a field, and the nearest that is allowed; hidden while there is nothing wrong."""

    def __init__(self, field: NumberField, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._field = field
        self._nearest: float | None = None
        self._words = QLabel(self)
        self._words.setProperty("refusal", True)
        self._words.setWordWrap(True)
        self._words.setTextFormat(Qt.TextFormat.PlainText)
        self._words.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self.button = QPushButton(self)
        self.button.setProperty("slim", True)
        self.button.setObjectName(f"{field.objectName()}.use")
        self.button.setAccessibleName(f"{field.accessibleName()}: use what is allowed")
        self.button.clicked.connect(self._use)
        row = QHBoxLayout()
        row.setContentsMargins(0, 2, 0, 2)
        row.addWidget(self._words, 1)
        row.addWidget(self.button)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addLayout(row)
        field.refused.connect(self._show)
        self.hide()

    def text(self) -> str:
        """What is said; empty while hidden."""
        return "" if self.isHidden() else self._words.text()

    def _show(self, reading: Reading) -> None:
        self._nearest = reading.nearest
        self._words.setText(reading.problem)
        field = self._field
        offer = f"Keep {field.quantity.show(field.value())}"
        if reading.nearest is not None:
            offer = f"Use {field.quantity.show(reading.nearest)}"
        self.button.setText(offer)
        self.button.setAccessibleName(f"{field.accessibleName()}: {offer}")
        self.setVisible(bool(reading.problem))

    def _use(self) -> None:
        field = self._field
        field.use(field.value() if self._nearest is None else self._nearest)
        field.setFocus(Qt.FocusReason.OtherFocusReason)
