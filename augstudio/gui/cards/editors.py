"""Editors of parameters, made from their declarations."""

from __future__ import annotations

import math

from PySide6.QtCore import QEvent, QObject, Qt, QTimer, Signal
from PySide6.QtGui import QColor, QEnterEvent, QFocusEvent, QHideEvent, QMouseEvent, QPixmap
from PySide6.QtWidgets import (
    QApplication,
    QColorDialog,
    QComboBox,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from augstudio.advice import Level
from augstudio.gui.cards.zone_slider import ZoneSlider
from augstudio.gui.parts import style
from augstudio.gui.parts.controls import ElidedLabel, flat_button
from augstudio.gui.parts.number_field import NumberField, Refusal
from augstudio.gui.parts.quantity import Quantity
from augstudio.transforms import Choices, Colour, Knob, Limits, Option, Parameter, Range

RESET_TIP = "Double-click for the default."


class Editor(QWidget):
    """Edits one parameter. `edited` is the user's doing; the setters never emit it.

    Signals
    -------
    edited(object)
        The parameter has another value.
    finished()
        What belongs to one gesture is over.
    reset()
        The user wants the parameter's default.
    held(float or None)
        The user holds this value; None: nothing any more. Comes before the edit that it belongs to.
    """

    edited = Signal(object)
    finished = Signal()
    reset = Signal()
    held = Signal(object)

    def set_value(self, value: object) -> None:
        """Show a value."""
        raise NotImplementedError

    def set_level(self, level: Level | None) -> None:
        """Mark the editor, or unmark it."""

    def controls(self) -> list[QWidget]:
        """Give what takes the focus, in the order in which Tab reaches it."""
        raise NotImplementedError

    def let_go(self) -> None:
        """Hold nothing any more, without a word."""

    def _name(self, text: str, tip: str) -> Name:
        name = Name(text, self)
        name.setToolTip(f"{tip}\n{RESET_TIP}" if tip else RESET_TIP)
        name.double_clicked.connect(self.reset)
        return name

    def _lay_out(self, name: QWidget, *controls: QWidget) -> None:
        """Put what is edited by one control, or a few, into one line: its name on the left, they on the right."""
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(4)
        row.addWidget(name)
        row.addStretch(1)
        for control in controls:
            row.addWidget(control)


class Name(QLabel):
    """What a parameter is called."""

    double_clicked = Signal()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Ask for the default."""
        if event.button() == Qt.MouseButton.LeftButton:
            self.double_clicked.emit()


class RangeEditor(Editor):
    """Low and high of a knob: two typed numbers and a slider with zones between them.

    An end is held from when its handle is pressed or stepped, or its number typed, for as long as the pointer or the
    focus is on the parameter.
    """

    def __init__(self, path: str, title: str, knob: Knob, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._knob = knob
        self._setting = False
        self._value = self._before = Range(*knob.useful)
        self._held: int | None = None
        self._told = False
        self._pointer = False
        self._level: Level | None = None
        name = self._name(knob.label, _tip(knob))
        self._mark = QLabel()
        self._here = ElidedLabel(parent=self)
        self._here.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self._here.setProperty("muted", True)
        self._wider = flat_button("wider", "Show all that is allowed, not only the useful range")
        self._wider.setCheckable(True)
        self._wider.setObjectName(f"{path}.wider")
        self._wider.setAccessibleName(f"{title}, {knob.label}: show all that is allowed")
        self._wider.toggled.connect(self._span)
        self._slider = ZoneSlider(self)
        self._slider.setObjectName(path)
        self._slider.setAccessibleName(f"{title}, {knob.label}: lowest and highest")
        self._slider.setToolTip(f"{_tip(knob)}\n{RESET_TIP} Shift goes in tenths.")
        self._step = step_of(knob)
        self._slider.set_step(self._step, 1.0 if knob.whole else self._step / 10)
        quantity = Quantity(
            low=knob.hard[0], high=knob.hard[1], unit=knob.unit, decimals=knob.decimals, whole=knob.whole
        )
        self._low, self._high = (self._field(path, title, end, quantity) for end in ("low", "high"))
        self._refusals = (Refusal(self._low, self), Refusal(self._high, self))
        name.setBuddy(self._low)
        head = QHBoxLayout()
        head.setContentsMargins(0, 0, 0, 0)
        head.setSpacing(4)
        head.addWidget(name)
        head.addWidget(self._mark)
        head.addWidget(self._here, 1)
        head.addWidget(self._wider)
        row = QHBoxLayout()
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(4)
        row.addWidget(self._low)
        row.addWidget(self._slider, 1)
        row.addWidget(self._high)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addLayout(head)
        layout.addLayout(row)
        for refusal in self._refusals:
            layout.addWidget(refusal)
        self._span()
        # A click beside a handle may be the first half of a double-click, which is to be undone in one.
        self._click = QTimer(self, singleShot=True, interval=QApplication.doubleClickInterval())
        self._click.timeout.connect(self.finished)
        self._slider.ends_changed.connect(self._slid)
        self._slider.sliderPressed.connect(self._begin)
        self._slider.taken.connect(self._taken)
        self._slider.sliderReleased.connect(self._released)
        self._slider.double_clicked.connect(self._click.stop)
        self._slider.double_clicked.connect(self.reset)
        self._slider.escaped.connect(self._escape)
        for part in (self._low, self._slider, self._high, self._wider, *(r.button for r in self._refusals)):
            part.installEventFilter(self)

    def _field(self, path: str, title: str, end: str, quantity: Quantity) -> NumberField:
        knob, number = self._knob, int(end == "high")
        field = NumberField(quantity, self._step, self)
        field.setObjectName(f"{path}.{end}")
        field.setAccessibleName(f"{title}, {knob.label}, {end}est" if number else f"{title}, {knob.label}, lowest")
        field.setFixedWidth(68)
        field.began.connect(self._begin)
        field.typed.connect(lambda value: self._typed(number, value))
        field.ended.connect(self.finished)
        field.escaped.connect(self._escape)
        return field

    def controls(self) -> list[QWidget]:
        """Give what takes the focus."""
        low, high = self._refusals
        return [self._wider, self._low, self._slider, self._high, low.button, high.button]

    def set_value(self, value: object) -> None:
        """Show a range."""
        assert isinstance(value, Range)
        if value != self._value:  # not by the hand that holds an end
            self._held, self._told = None, False
        self._show(value)

    def _show(self, value: Range) -> None:
        self._value = value
        self._setting = True
        if value.low < self._knob.useful[0] or value.high > self._knob.useful[1]:
            self._wider.setChecked(True)
        self._slider.set_ends(*value)
        self._low.set_value(value.low)
        self._high.set_value(value.high)
        self._setting = False

    def set_level(self, level: Level | None) -> None:
        """Mark the slider."""
        if level is self._level:
            return
        self._level = level
        self._mark.setPixmap(style.level_icon(level, 15) if level else QPixmap())
        self._mark.setToolTip("" if level is None else f"{level.value}: see the cautions below")
        self._mark.setAccessibleName("" if level is None else level.value)

    def set_limits(self, limits: Limits) -> None:
        """Move the zones to where a value is judged to lie."""
        self._slider.set_limits(limits)

    def set_scale(self, scale: float | None) -> None:
        """Say what lengths are on the picture in view; `scale` is its pixels per pixel at the training size."""
        if self._knob.unit == "px" and scale is not None and self._value.high > 0:
            self._here.setText(f"up to {self._value.high * scale:.3g} px here")
        else:
            self._here.setText("")

    def _span(self) -> None:
        setting, self._setting = self._setting, True
        self._slider.set_span(*(self._knob.hard if self._wider.isChecked() else self._knob.useful))
        self._slider.set_ends(*self._value)
        self._setting = setting

    # -- edits -------------------------------------------------------------------------------------------------------

    def _begin(self) -> None:
        """Begin a gesture: it is undone on its own."""
        self._click.stop()
        self._before = self._value
        self.finished.emit()

    def _released(self) -> None:
        if not self._click.isActive():
            self.finished.emit()

    def _taken(self, handle: int, jumped: bool) -> None:
        if self._slider.isSliderDown():
            if jumped:
                self._click.start()
        elif self._click.isActive():  # keys after a click
            self._begin()
        self._hold(handle)

    def _slid(self, low: float, high: float) -> None:
        digits = 0 if self._knob.whole else self._knob.decimals + self._slider.fine
        # An end that did not move keeps the digits that are not shown.
        ends = (
            old if abs(new - old) < 1e-12 else round(float(new), digits) + 0.0
            for new, old in zip((low, high), self._value, strict=True)
        )
        self._emit(Range(*ends))

    def _typed(self, end: int, value: float) -> None:
        low, high = self._before  # of what is typed, only the whole may push the other end: 5 on the way to 50 does not
        self._held = end
        self._emit(Range(value, max(value, high)) if end == 0 else Range(min(low, value), value))

    def _emit(self, value: Range) -> None:
        if not self._setting and value != self._value:
            self._show(value)
            first = self._held is not None and not self._told
            if first:
                self._tell_held(value)  # so that the picture asked for is the held one from the first
            self.edited.emit(value)  # which moves along what is held already, in one go
            if self._held is not None and not first:
                self._tell_held(value)

    # -- what is held --------------------------------------------------------------------------------------------------

    def _tell_held(self, value: Range) -> None:
        assert self._held is not None
        self._told = True
        self.held.emit(value[self._held])

    def _hold(self, end: int) -> None:
        self._held = end
        self._tell_held(self._value)

    def let_go(self) -> None:
        """Hold nothing any more, without a word."""
        self._held, self._told = None, False

    def _release(self) -> None:
        if self._held is not None:
            self._held, self._told = None, False
            self.held.emit(None)

    def _escape(self) -> None:
        self._release()

    def enterEvent(self, event: QEnterEvent) -> None:
        """Remember that the pointer is here; that alone holds nothing."""
        super().enterEvent(event)
        self._pointer = True

    def leaveEvent(self, event: QEvent) -> None:
        """Let go, unless the focus is still here."""
        super().leaveEvent(event)
        self._pointer = False
        self._left()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Let go when the focus leaves, unless the pointer is still here."""
        if isinstance(event, QFocusEvent) and event.type() == QEvent.Type.FocusOut:
            passing = (Qt.FocusReason.PopupFocusReason, Qt.FocusReason.ActiveWindowFocusReason)
            if event.reason() not in passing:
                self._left()
        return super().eventFilter(watched, event)

    def hideEvent(self, event: QHideEvent) -> None:
        """What is out of sight is not held."""
        super().hideEvent(event)
        self._pointer = False
        if not self._slider.isSliderDown():
            self.let_go()

    def _left(self) -> None:
        focused = any(part.hasFocus() for part in self.controls())
        if not (self._pointer or focused or self._slider.isSliderDown()):
            self._release()


def step_of(knob: Knob) -> float:
    """How far an arrow key goes, in the field and on the slider: a round number, some fifty to the useful range."""
    if knob.whole:
        return 1.0
    wanted = (knob.useful[1] - knob.useful[0]) / 50
    ten = 10.0 ** math.floor(math.log10(wanted))
    return max(10.0**-knob.decimals, ten * max(factor for factor in (1, 2, 5) if factor * ten <= wanted * (1 + 1e-9)))


class ChoicesEditor(Editor):
    """A button for each option; at least one stays pressed."""

    def __init__(self, path: str, title: str, choices: Choices, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._buttons: dict[int | str, QToolButton] = {}
        for option, label in choices.options.items():
            button = QToolButton(self)
            button.setText(label)
            button.setCheckable(True)
            button.setProperty("flat", True)
            button.setObjectName(f"{path}.{option}")
            button.setAccessibleName(f"{title}, {choices.label}, {label}")
            button.setToolTip(choices.help)
            button.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
            button.clicked.connect(self._clicked)
            self._buttons[option] = button
        self._lay_out(self._name(choices.label, choices.help), *self._buttons.values())
        self.setObjectName(path)

    def controls(self) -> list[QWidget]:
        """Give what takes the focus."""
        return [*self._buttons.values()]

    def set_value(self, value: object) -> None:
        """Show which options are chosen."""
        assert isinstance(value, tuple)
        for option, button in self._buttons.items():
            button.setChecked(option in value)

    def _clicked(self) -> None:
        chosen = tuple(option for option, button in self._buttons.items() if button.isChecked())
        if not chosen:  # the last one cannot be taken away
            button = self.sender()
            assert isinstance(button, QToolButton)
            button.setChecked(True)
            return
        self.edited.emit(chosen)
        self.finished.emit()


class OptionEditor(Editor):
    """One of a few, in a list to choose from."""

    def __init__(self, path: str, title: str, option: Option, kind: type, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._kind = kind
        self._box = QComboBox(self)
        self._box.setObjectName(path)
        self._box.setAccessibleName(f"{title}, {option.label}")
        self._box.setToolTip(option.help)
        self._box.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._box.wheelEvent = lambda event: event.ignore()  # type: ignore[method-assign]
        for value, label in option.labels.items():
            self._box.addItem(label, value)
        name = self._name(option.label, option.help)
        name.setBuddy(self._box)
        self._lay_out(name, self._box)
        self._box.activated.connect(self._chosen)

    def controls(self) -> list[QWidget]:
        """Give what takes the focus."""
        return [self._box]

    def set_value(self, value: object) -> None:
        """Show the chosen one."""
        self._box.setCurrentIndex(self._box.findData(str(value)))

    def _chosen(self) -> None:
        self.edited.emit(self._kind(self._box.currentData()))
        self.finished.emit()


class ColourEditor(Editor):
    """A button in the colour; it opens a dialog."""

    def __init__(self, path: str, title: str, colour: Colour, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._value = (0, 0, 0)
        self._label = f"{title}, {colour.label}"
        self._button = QPushButton(self)
        self._button.setObjectName(path)
        self._button.setFixedWidth(96)
        self._button.clicked.connect(self._ask)
        name = self._name(colour.label, colour.help)
        name.setBuddy(self._button)
        self._lay_out(name, self._button)
        self.set_value(self._value)

    def controls(self) -> list[QWidget]:
        """Give what takes the focus."""
        return [self._button]

    def set_value(self, value: object) -> None:
        """Show a colour."""
        assert isinstance(value, tuple)
        if value == self._value and self._button.text():
            return  # a style sheet is costly to set
        self._value = value
        colour = QColor(*value)
        text = "black" if colour.lightness() > 130 else "white"
        self._button.setText(colour.name())
        self._button.setAccessibleName(f"{self._label}: {colour.name()}")
        self._button.setStyleSheet(f"background: {colour.name()}; color: {text};")

    def _ask(self) -> None:
        chosen = QColorDialog.getColor(QColor(*self._value), self, self._label)
        if chosen.isValid():
            self.edited.emit((chosen.red(), chosen.green(), chosen.blue()))
            self.finished.emit()


def make_editor(path: str, title: str, parameter: Parameter, value: object, parent: QWidget | None = None) -> Editor:
    """The editor for a declared parameter; `path` becomes its object name, such as `rotate.angle`."""
    editor: Editor
    match parameter:
        case Knob():
            editor = RangeEditor(path, title, parameter, parent)
        case Choices():
            editor = ChoicesEditor(path, title, parameter, parent)
        case Option():
            editor = OptionEditor(path, title, parameter, type(value), parent)
        case Colour():
            editor = ColourEditor(path, title, parameter, parent)
        case _:
            raise TypeError(f"no editor for {type(parameter).__name__}")
    editor.set_value(value)
    return editor


def _tip(knob: Knob) -> str:
    lines = [knob.help]
    if knob.neutral is not None:
        lines.append(f"{knob.show(knob.neutral)} changes nothing.")
    if knob.source:
        lines.append(f"Limits: {knob.source}.")
    return "\n".join(lines)
