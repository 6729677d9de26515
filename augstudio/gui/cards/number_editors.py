"""Editors of one number: a share, and any other."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QWheelEvent
from PySide6.QtWidgets import QHBoxLayout, QSlider, QVBoxLayout, QWidget

from augstudio.gui.cards.editors import RESET_TIP, Editor
from augstudio.gui.parts.number_field import NumberField, Refusal
from augstudio.gui.parts.quantity import PROBABILITY, Quantity


class ChanceSlider(QSlider):
    """0 to 100; with Shift, mouse and keys go in tenths, which only `nudged` tells."""

    nudged = Signal(float)
    double_clicked = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(Qt.Orientation.Horizontal, parent)
        self.setRange(0, 100)
        self.setPageStep(10)
        self._x = 0.0

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Remember where."""
        self._x = event.position().x()
        super().mousePressEvent(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """With Shift, go a tenth of the way."""
        moved, self._x = event.position().x() - self._x, event.position().x()
        if self.isSliderDown() and event.modifiers() & Qt.KeyboardModifier.ShiftModifier:
            self.nudged.emit(moved / max(1, self.width()) * 10)
        else:
            super().mouseMoveEvent(event)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Ask for the default."""
        if event.button() == Qt.MouseButton.LeftButton:
            self.double_clicked.emit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """With Shift, step by a tenth."""
        keys = {Qt.Key.Key_Left: -0.1, Qt.Key.Key_Down: -0.1, Qt.Key.Key_Right: 0.1, Qt.Key.Key_Up: 0.1}
        if event.modifiers() & Qt.KeyboardModifier.ShiftModifier and event.key() in keys:
            self.nudged.emit(keys[Qt.Key(event.key())])
        else:
            super().keyPressEvent(event)

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Leave the wheel to the list."""
        event.ignore()


class ShareEditor(Editor):
    """A share, 0 to 1: a slider and a number to be typed in per cent. It holds nothing.

    Parameters
    ----------
    path : str
        The field's object name.
    title, label : str
        Of what it is a parameter, and its own.
    tip : str
        What it does.
    typing : str
        How it may be typed, as examples.
    """

    def __init__(self, path: str, title: str, label: str, tip: str, typing: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._setting = False
        self._value = 1.0
        spoken = f"{title}, {label[:1].lower()}{label[1:]}"
        self._slider = ChanceSlider(self)
        self._slider.setObjectName(f"{path}.slider")
        self._slider.setAccessibleName(f"{spoken}, slider")
        self._slider.setToolTip(f"{tip}\n{RESET_TIP} Shift goes in tenths.")
        self._slider.setMinimumWidth(60)
        self._field = NumberField(PROBABILITY, 0.05, self)
        self._field.setFixedWidth(68)
        self._field.setObjectName(path)
        self._field.setAccessibleName(spoken)
        self._field.setToolTip(f"{tip}\n{typing}")
        self._refusal = Refusal(self._field, self)
        name = self._name(label, tip)
        name.setBuddy(self._field)
        row = QHBoxLayout()
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        row.addWidget(name)
        row.addWidget(self._slider, 1)
        row.addWidget(self._field)
        _above(self, row, self._refusal)
        self._slider.valueChanged.connect(self._moved)
        self._slider.nudged.connect(self._nudged)
        self._slider.sliderReleased.connect(self.finished)
        self._slider.double_clicked.connect(self.reset)
        self._field.began.connect(self.finished)
        self._field.typed.connect(self._emit)
        self._field.ended.connect(self.finished)

    def controls(self) -> list[QWidget]:
        """Give what takes the focus."""
        return [self._slider, self._field, self._refusal.button]

    def set_value(self, value: object) -> None:
        """Show a share, 0 to 1."""
        assert isinstance(value, float | int)
        self._value = float(value)
        self._setting = True
        self._field.set_value(self._value)
        self._slider.setValue(round(value * 100))
        self._setting = False

    def _emit(self, value: float) -> None:
        if value != self._value:
            self.set_value(value)
            self.edited.emit(value)

    def _nudged(self, per_cent: float) -> None:
        self._emit(round(min(max(self._value + per_cent / 100, 0.0), 1.0), 4))
        self._gesture_over()

    def _moved(self, per_cent: int) -> None:
        if not self._setting:
            self._emit(per_cent / 100)
            self._gesture_over()

    def _gesture_over(self) -> None:
        if not self._slider.isSliderDown():
            self.finished.emit()


class ProbabilityEditor(ShareEditor):
    """The chance that a copy gets a transform."""

    def __init__(self, path: str, title: str, parent: QWidget | None = None) -> None:
        super().__init__(
            path,
            title,
            "Probability",
            "The chance that a copy gets this transform: never at 0 %, always at 100 %",
            "50 % may be typed as 50 or as 0.5; 1 is always, and 1 % is 1 %",
            parent,
        )


class NumberEditor(Editor):
    """One number, to be typed. It holds nothing."""

    def __init__(
        self,
        path: str,
        title: str,
        label: str,
        tip: str,
        quantity: Quantity,
        step: float,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._field = NumberField(quantity, step, self)
        self._field.setFixedWidth(68)
        self._field.setObjectName(path)
        self._field.setAccessibleName(f"{title}, {label[:1].lower()}{label[1:]}")
        self._field.setToolTip(f"{tip}\n{quantity.bounds} is allowed")
        self._refusal = Refusal(self._field, self)
        name = self._name(label, tip)
        name.setBuddy(self._field)
        row = QHBoxLayout()
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(name)
        row.addStretch(1)
        row.addWidget(self._field)
        _above(self, row, self._refusal)
        self._field.began.connect(self.finished)
        self._field.typed.connect(self.edited.emit)
        self._field.ended.connect(self.finished)

    def controls(self) -> list[QWidget]:
        """Give what takes the focus."""
        return [self._field, self._refusal.button]

    def set_value(self, value: object) -> None:
        """Show a number."""
        assert isinstance(value, float | int)
        self._field.set_value(float(value))


def _above(editor: QWidget, row: QHBoxLayout, refusal: Refusal) -> None:
    """Put what is said of a number that cannot be taken right below its row."""
    layout = QVBoxLayout(editor)
    layout.setContentsMargins(0, 0, 0, 0)
    layout.setSpacing(0)
    layout.addLayout(row)
    layout.addWidget(refusal)
