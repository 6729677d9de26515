"""Editors of parameters, made from their declarations."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QColor, QPixmap
from PySide6.QtWidgets import (
    QAbstractSpinBox,
    QColorDialog,
    QComboBox,
    QDoubleSpinBox,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QSlider,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from augstudio.advice import Level
from augstudio.gui.cards.zone_slider import ZoneSlider
from augstudio.gui.parts import style
from augstudio.gui.parts.controls import LeaveUndo, flat_button
from augstudio.transforms import Choices, Colour, Knob, Option, Parameter, Range


class Editor(QWidget):
    """Edits one parameter. `edited` is the user's doing; the setters never emit it."""

    edited = Signal(object)
    finished = Signal()

    def set_value(self, value: object) -> None:
        """Show a value."""
        raise NotImplementedError

    def set_level(self, level: Level | None) -> None:
        """Mark the editor, or unmark it."""

    def controls(self) -> list[QWidget]:
        """Give what takes the focus, in the order in which Tab reaches it."""
        raise NotImplementedError


class QuietSpinBox(QDoubleSpinBox):
    """A number to be typed; the wheel scrolls the list instead, unless the box has the focus."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setButtonSymbols(QAbstractSpinBox.ButtonSymbols.NoButtons)
        self.setKeyboardTracking(False)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        LeaveUndo(self)

    def validate(self, text: str, position: int) -> Any:
        """Take a comma for a point."""
        return super().validate(text.replace(",", "."), position)

    def valueFromText(self, text: str) -> float:
        """Take a comma for a point."""
        return super().valueFromText(text.replace(",", "."))

    def wheelEvent(self, event: object) -> None:
        """Pass the wheel on."""
        event.ignore()  # type: ignore[attr-defined]


class RangeEditor(Editor):
    """Low and high of a knob: two typed numbers and a slider with zones between them."""

    def __init__(self, path: str, title: str, knob: Knob, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._knob = knob
        self._setting = False
        self._value = Range(*knob.useful)
        name = QLabel(knob.label)
        name.setToolTip(_tip(knob))
        self._mark = QLabel()
        self._here = QLabel()
        self._here.setProperty("muted", True)
        self._wider = flat_button("wider", "Show all that is allowed, not only the useful range")
        self._wider.setCheckable(True)
        self._wider.setObjectName(f"{path}.wider")
        self._wider.setAccessibleName(f"{title}, {knob.label}: show all that is allowed")
        self._wider.toggled.connect(self._span)
        self._slider = ZoneSlider()
        self._slider.setObjectName(path)
        self._slider.setAccessibleName(f"{title}, {knob.label}: lowest and highest")
        self._slider.setToolTip(_tip(knob))
        self._slider.set_step(1.0 if knob.whole else 10.0**-knob.decimals * (1 if knob.decimals < 2 else 2))
        self._low, self._high = (self._box(path, title, end) for end in ("low", "high"))
        name.setBuddy(self._low)
        head = QHBoxLayout()
        head.setContentsMargins(0, 0, 0, 0)
        head.setSpacing(4)
        head.addWidget(name)
        head.addWidget(self._mark)
        head.addStretch(1)
        head.addWidget(self._here)
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
        self._span()
        self._slider.valueChanged.connect(self._slid)
        self._slider.sliderPressed.connect(self.finished)
        self._slider.sliderReleased.connect(self.finished)
        self._low.valueChanged.connect(self._typed)
        self._high.valueChanged.connect(self._typed)

    def _box(self, path: str, title: str, end: str) -> QuietSpinBox:
        knob, box = self._knob, QuietSpinBox()
        box.setDecimals(0 if knob.whole else knob.decimals)
        box.setRange(*knob.hard)
        box.setSingleStep(1.0 if knob.whole else (knob.useful[1] - knob.useful[0]) / 50)
        box.setSuffix({"px": " px", "×": "", "°": "°"}.get(knob.unit, ""))
        box.setPrefix("×" if knob.unit == "×" else "")
        box.setObjectName(f"{path}.{end}")
        box.setAccessibleName(f"{title}, {knob.label}, {end}est" if end == "high" else f"{title}, {knob.label}, lowest")
        box.setFixedWidth(68)
        box.setToolTip(f"{knob.show(knob.hard[0])} to {knob.show(knob.hard[1])} is allowed")
        return box

    def controls(self) -> list[QWidget]:
        """Give what takes the focus."""
        return [self._wider, self._low, self._slider, self._high]

    def set_value(self, value: object) -> None:
        """Show a range."""
        assert isinstance(value, Range)
        self._value = value
        self._setting = True
        if value.low < self._knob.useful[0] or value.high > self._knob.useful[1]:
            self._wider.setChecked(True)
        self._slider.setValue(tuple(value))
        self._low.setValue(value.low)
        self._high.setValue(value.high)
        self._setting = False

    def set_level(self, level: Level | None) -> None:
        """Mark the slider."""
        self._mark.setPixmap(style.level_icon(level, 15) if level else QPixmap())
        self._mark.setToolTip("" if level is None else f"{level.value}: see the cautions below")
        self._mark.setAccessibleName("" if level is None else level.value)

    def set_training_size(self, size: int) -> None:
        """Move the zones to where they lie at a training size."""
        self._slider.set_limits(self._knob.limits_at(size))

    def set_scale(self, scale: float | None) -> None:
        """Say what lengths are on the picture in view; `scale` is its pixels per pixel at the training size."""
        if self._knob.unit == "px" and scale is not None and self._value.high > 0:
            self._here.setText(f"up to {self._value.high * scale:.3g} px here")
        else:
            self._here.setText("")

    def _span(self) -> None:
        setting, self._setting = self._setting, True
        self._slider.setRange(*(self._knob.hard if self._wider.isChecked() else self._knob.useful))
        self._slider.setValue(tuple(self._value))
        self._setting = setting

    def _slid(self, value: tuple[float, float]) -> None:
        decimals = 0 if self._knob.whole else self._knob.decimals
        # An end that did not move keeps the digits that are not shown.
        ends = (
            old if abs(new - old) < 1e-12 else round(float(new), decimals) + 0.0
            for new, old in zip(value, self._value, strict=True)
        )
        self._emit(Range(*ends))

    def _typed(self) -> None:
        if self._setting:
            return
        low, high = self._value
        if self.sender() is self._low:  # the number just typed wins over the other end
            low = self._low.value()
            high = max(low, high)
        else:
            high = self._high.value()
            low = min(low, high)
        self._emit(Range(low, high))
        self.finished.emit()

    def _emit(self, value: Range) -> None:
        if not self._setting and value != self._value:
            self.set_value(value)
            self.edited.emit(value)


class ChoicesEditor(Editor):
    """A button for each option; at least one stays pressed."""

    def __init__(self, path: str, title: str, choices: Choices, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._buttons: dict[int | str, QToolButton] = {}
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(4)
        name = QLabel(choices.label)
        name.setToolTip(choices.help)
        row.addWidget(name)
        row.addStretch(1)
        for option, label in choices.options.items():
            button = QToolButton()
            button.setText(label)
            button.setCheckable(True)
            button.setProperty("flat", True)
            button.setObjectName(f"{path}.{option}")
            button.setAccessibleName(f"{title}, {choices.label}, {label}")
            button.setToolTip(choices.help)
            button.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
            button.clicked.connect(self._clicked)
            self._buttons[option] = button
            row.addWidget(button)
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
        self._box = QComboBox()
        self._box.setObjectName(path)
        self._box.setAccessibleName(f"{title}, {option.label}")
        self._box.setToolTip(option.help)
        self._box.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._box.wheelEvent = lambda event: event.ignore()  # type: ignore[method-assign]
        for value, label in option.labels.items():
            self._box.addItem(label, value)
        name = QLabel(option.label)
        name.setToolTip(option.help)
        name.setBuddy(self._box)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(name)
        row.addStretch(1)
        row.addWidget(self._box)
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
        self._button = QPushButton()
        self._button.setObjectName(path)
        self._button.setFixedWidth(96)
        self._button.clicked.connect(self._ask)
        name = QLabel(colour.label)
        name.setToolTip(colour.help)
        name.setBuddy(self._button)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(name)
        row.addStretch(1)
        row.addWidget(self._button)
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


class ProbabilityEditor(Editor):
    """The chance that a copy gets a transform, in per cent: a slider and a number to be typed."""

    def __init__(self, path: str, title: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._setting = False
        tip = "The chance that a copy gets this transform: never at 0 %, always at 100 %"
        self._slider = QSlider(Qt.Orientation.Horizontal)
        self._slider.setRange(0, 100)
        self._slider.setPageStep(10)
        self._slider.setObjectName(f"{path}.slider")
        self._slider.setAccessibleName(f"{title}, probability, slider")
        self._slider.setToolTip(tip)
        self._slider.setMinimumWidth(60)
        self._slider.wheelEvent = lambda event: event.ignore()  # type: ignore[method-assign]
        self._box = QuietSpinBox()
        self._box.setRange(0, 100)
        self._box.setDecimals(0)
        self._box.setSingleStep(5)
        self._box.setSuffix(" %")
        self._box.setFixedWidth(68)
        self._box.setObjectName(path)
        self._box.setAccessibleName(f"{title}, probability")
        self._box.setToolTip(tip)
        name = QLabel("Probability")
        name.setToolTip(tip)
        name.setBuddy(self._box)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        row.addWidget(name)
        row.addWidget(self._slider, 1)
        row.addWidget(self._box)
        self._slider.valueChanged.connect(self._moved)
        self._slider.sliderReleased.connect(self.finished)
        self._box.valueChanged.connect(self._moved)

    def controls(self) -> list[QWidget]:
        """Give what takes the focus."""
        return [self._slider, self._box]

    def set_value(self, value: object) -> None:
        """Show a probability, 0 to 1."""
        assert isinstance(value, float | int)
        self._setting = True
        self._box.setDecimals(0 if abs(value * 100 - round(value * 100)) < 1e-9 else 2)
        self._box.setValue(value * 100)
        self._slider.setValue(round(value * 100))
        self._setting = False

    def _moved(self, value: float) -> None:
        if not self._setting:
            self.edited.emit(value / 100)
            if not self._slider.isSliderDown():
                self.finished.emit()


def make_editor(path: str, title: str, parameter: Parameter, value: object) -> Editor:
    """The editor for a declared parameter; `path` becomes its object name, such as `rotate.angle`."""
    editor: Editor
    match parameter:
        case Knob():
            editor = RangeEditor(path, title, parameter)
        case Choices():
            editor = ChoicesEditor(path, title, parameter)
        case Option():
            editor = OptionEditor(path, title, parameter, type(value))
        case Colour():
            editor = ColourEditor(path, title, parameter)
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
