"""Numbers that are typed: understood as they stand, seen while they are typed, never turned into others."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from driving import find, settle, type_number, type_text
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QPushButton, QSlider, QToolButton, QWidget
from windows import start_afresh

from augstudio.gui.cards.editors import Name, RangeEditor, step_of
from augstudio.gui.cards.zone_slider import ZoneSlider
from augstudio.gui.parts.number_field import NumberField, Refusal
from augstudio.gui.parts.quantity import PROBABILITY, Quantity
from augstudio.gui.shell.window import Window
from augstudio.pipeline import Fit, Output, Pipeline
from augstudio.transforms import Knob, Range, Transform, registry

LEFT, SHIFT = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.ShiftModifier
ANGLE = Quantity(low=-180, high=180, unit="°", decimals=1)
SHARE = Quantity(low=0, high=1)
FACTOR = Quantity(low=0, high=5, unit="×")
LENGTH = Quantity(low=0, high=20, unit="px")
PIXELS = Quantity(low=1, high=16384, unit="px", decimals=0, whole=True)
QUALITY = Quantity(low=1, high=100, decimals=0, whole=True)


# -- understanding -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("quantity", "text", "value", "shown"),
    [
        (ANGLE, "20", 20, "20°"),
        (ANGLE, " −22,5 ° ", -22.5, "−22.5°"),
        (ANGLE, "-22.5 deg", -22.5, "−22.5°"),
        (ANGLE, "–3", -3, "−3°"),
        (ANGLE, "+3.", 3, "3°"),
        (ANGLE, "-.5", -0.5, "−0.5°"),
        (ANGLE, "-0", 0, "0°"),
        (ANGLE, "7.254", 7.254, "7.254°"),
        (SHARE, "0,08", 0.08, "0.08"),
        (SHARE, "8 %", 0.08, "0.08"),
        (SHARE, "1e-3", 0.001, "0.001"),
        (FACTOR, "x1.2", 1.2, "×1.2"),
        (FACTOR, "1,2×", 1.2, "×1.2"),
        (FACTOR, "120%", 1.2, "×1.2"),
        (LENGTH, "2 px", 2, "2 px"),
        (LENGTH, "2pixels", 2, "2 px"),
        (PIXELS, "1,200", 1200, "1200 px"),
        (PIXELS, "16 384 px", 16384, "16384 px"),
        (QUALITY, "75.0", 75, "75"),
        (PROBABILITY, "0.5", 0.5, "50 %"),
        (PROBABILITY, "0,5", 0.5, "50 %"),
        (PROBABILITY, "50", 0.5, "50 %"),
        (PROBABILITY, "50 %", 0.5, "50 %"),
        (PROBABILITY, "1", 1, "100 %"),
        (PROBABILITY, "1 %", 0.01, "1 %"),
        (PROBABILITY, "0.5 %", 0.005, "0.5 %"),
        (PROBABILITY, "1.5", 0.015, "1.5 %"),
        (PROBABILITY, "7", 0.07, "7 %"),
        (PROBABILITY, "100", 1, "100 %"),
        (PROBABILITY, "12.5", 0.125, "12.5 %"),
        (PROBABILITY, "0", 0, "0 %"),
    ],
)
def test_what_is_typed_is_understood(quantity: Quantity, text: str, value: float, shown: str) -> None:
    reading = quantity.read(text)
    assert reading.value == value
    assert reading.problem == ""
    assert quantity.show(value) == shown
    assert quantity.read(shown).value == value, "what is shown can be typed again"


@pytest.mark.parametrize(
    ("quantity", "text", "nearest", "said"),
    [
        (ANGLE, "200", 180, "−180° to 180°"),
        (ANGLE, "-360", -180, "−180° to 180°"),
        (FACTOR, "7.5", 5, "×0 to ×5"),
        (SHARE, "8", 1, "0 to 1"),
        (PROBABILITY, "150", 1, "0 to 100 %"),
        (PROBABILITY, "-0.1", 0, "0 to 100 %"),
        (QUALITY, "7.5", 8, "1 to 100, whole"),
        (QUALITY, "0", 1, "1 to 100"),
        (PIXELS, "20000", 16384, "1 to 16384 px, whole"),
        (PIXELS, "1.200", None, "one or a thousand"),
        (ANGLE, "abc", None, "no number"),
        (ANGLE, "20 px", None, "the unit here is °"),
        (QUALITY, "60 %", None, "no unit"),
        (ANGLE, "1.234,5", None, "no number"),
        (ANGLE, "1 2", None, "no number"),
        (ANGLE, "nan", None, "no number"),
        (ANGLE, "inf", None, "no number"),
        (ANGLE, "1" * 5000, None, "no number"),
        (ANGLE, "--5", None, "no number"),
        (ANGLE, "٣", None, "no number"),
    ],
)
def test_what_cannot_be_taken_is_said(quantity: Quantity, text: str, nearest: float | None, said: str) -> None:
    reading = quantity.read(text)
    assert reading.value is None
    assert said in reading.problem
    assert reading.nearest == nearest


@pytest.mark.parametrize("text", ["", " ", "-", "−", "+", ".", ",", "°"])
def test_what_is_not_finished_is_no_fault(text: str) -> None:
    assert ANGLE.read(text) == (None, "", None)


# -- typing ------------------------------------------------------------------------------------------------------------


@pytest.fixture
def window(shared_window: Window, qtbot: object) -> Window:
    """A window with a transform of every unit."""
    steps = tuple(registry()[op].default() for op in ("rotate", "contrast", "jpeg", "blur"))
    start_afresh(shared_window, Pipeline(name="Units", transforms=steps))
    return shared_window


def value(window: Window, step: str, name: str) -> object:
    return getattr(window.studio.state.pipeline.step(step), name)


def field(window: Window, name: str) -> NumberField:
    return find(window, NumberField, name)


def begin(box: NumberField, text: str) -> None:
    """Type without an end."""
    box.setFocus()
    box.selectAll()
    type_text(box, text)


def leave(box: NumberField) -> None:
    QTest.keyClick(box, Qt.Key.Key_Tab)
    assert not box.hasFocus()


@pytest.mark.parametrize("end", ["return", "tab", "click"])
def test_typing_is_seen_at_once_and_undone_in_one(window: Window, end: str) -> None:
    box = field(window, "rotate.angle.high")
    box.setFocus()
    box.selectAll()
    seen = []
    for letter in "22.5":
        QTest.keyClicks(box, letter)
        seen.append(value(window, "rotate", "angle"))
    assert seen == [Range(-15, 2), Range(-15, 22), Range(-15, 22), Range(-15, 22.5)]
    assert box.text() == "22.5", "nothing is rewritten under the hand"
    match end:
        case "return":
            QTest.keyClick(box, Qt.Key.Key_Return)
        case "tab":
            leave(box)
        case "click":
            find(window, QWidget, "contrast.factor.low").setFocus(Qt.FocusReason.MouseFocusReason)
    assert box.text() == "22.5°"
    assert window.studio.undo_stack.count() == 1
    begin(box, "30")
    leave(box)
    assert window.studio.undo_stack.count() == 2
    window.action_undo.trigger()
    assert value(window, "rotate", "angle") == Range(-15, 22.5)
    window.action_undo.trigger()
    assert value(window, "rotate", "angle") == Range(-15, 15)
    assert box.text() == "15°"


def test_on_its_way_a_number_pushes_the_other_end_and_lets_it_back(window: Window) -> None:
    window.studio.edit_step("jpeg", "quality", Range(60, 100))
    window.studio.undo_stack.clear()
    box = field(window, "jpeg.quality.high")
    begin(box, "7")
    assert value(window, "jpeg", "quality") == Range(7, 7)
    QTest.keyClicks(box, "0")
    assert value(window, "jpeg", "quality") == Range(60, 70)
    leave(box)
    assert window.studio.undo_stack.count() == 1


def test_escape_takes_it_all_back(window: Window) -> None:
    box = field(window, "jpeg.quality.high")
    begin(box, "7")
    QTest.keyClick(box, Qt.Key.Key_Escape)
    assert value(window, "jpeg", "quality") == Range(60, 100)
    assert box.text() == "100"
    assert window.studio.undo_stack.count() == 0, "what was taken back is nothing to undo"
    assert not window.action_undo.isEnabled()


@pytest.mark.parametrize(
    ("name", "text", "offer", "taken"),
    [
        ("rotate.angle.high", "200", "Use 180°", Range(-15, 180)),
        ("rotate.angle.high", "360", "Use 180°", Range(-15, 180)),
        ("rotate.angle.low", "-999", "Use −180°", Range(-180, 15)),
        ("contrast.factor.high", "7.5", "Use ×3", None),
        ("jpeg.quality.low", "7.5", "Use 8", Range(8, 100)),
        ("rotate.angle.high", "abc", "Keep 15°", Range(-15, 15)),
        ("rotate.probability", "150", "Use 100 %", 1.0),
    ],
)
def test_what_cannot_be_taken_is_never_committed(
    window: Window, name: str, text: str, offer: str, taken: object
) -> None:
    step, parameter = name.split(".")[:2]
    before = value(window, step, parameter)
    box, button = field(window, name), find(window, QPushButton, f"{name}.use")
    assert not button.isVisible()
    for end in (Qt.Key.Key_Return, Qt.Key.Key_Tab):
        begin(box, text)
        QTest.keyClick(box, end)
        assert value(window, step, parameter) == before, "the old value stays in force"
        assert box.text() == text, "the text stays"
        assert box.problem
        assert box.property("wrong") is True
        assert box.accessibleDescription() == box.problem
    assert window.studio.undo_stack.count() == 0
    refusal = button.parentWidget()
    assert isinstance(refusal, Refusal)
    assert refusal.text() == box.problem
    settle(window)
    assert button.isVisible()
    assert button.text() == offer
    QTest.mouseClick(button, LEFT)
    if taken is not None:
        assert value(window, step, parameter) == taken
    assert not box.problem
    assert box.property("wrong") is False
    assert not button.isVisible()
    assert window.studio.undo_stack.count() == (value(window, step, parameter) != before)


def test_a_mark_goes_with_the_next_number_and_with_escape(window: Window) -> None:
    box = field(window, "rotate.angle.high")
    type_number(box, "200")
    assert box.problem
    type_number(box, "20")
    assert not box.problem
    type_number(box, "200")
    QTest.keyClick(box, Qt.Key.Key_Escape)
    assert not box.problem
    assert box.text() == "20°"
    type_number(box, "200")
    window.studio.edit_step("rotate", "angle", Range(-1, 1))
    assert (box.text(), box.problem) == ("1°", ""), "another value has come"


def test_another_number_out_of_bounds_has_another_nearest(window: Window) -> None:
    box, button = field(window, "rotate.angle.high"), find(window, QPushButton, "rotate.angle.high.use")
    type_number(box, "200")
    type_number(box, "-200")
    assert button.text() == "Use −180°"


def test_an_emptied_field_shows_what_is_in_force(window: Window) -> None:
    box = field(window, "rotate.angle.high")
    begin(box, "2")
    QTest.keyClick(box, Qt.Key.Key_Backspace)
    assert value(window, "rotate", "angle") == Range(-15, 15)
    leave(box)
    assert box.text() == "15°"
    assert window.studio.undo_stack.count() == 0


def test_undo_while_typing_takes_back_what_was_typed(window: Window) -> None:
    box = field(window, "rotate.angle.high")
    begin(box, "33")
    QTest.keyClick(box, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert value(window, "rotate", "angle") == Range(-15, 15)
    assert box.text() == "15°"


@pytest.mark.parametrize(
    ("text", "expected"), [("0.5", 0.5), ("0,5", 0.5), ("50", 0.5), ("1", 1.0), ("1 %", 0.01), ("7.5", 0.075)]
)
def test_a_probability_shows_what_it_understood(window: Window, text: str, expected: float) -> None:
    window.studio.edit_step("rotate", "probability", 0.3)
    window.studio.end_gesture()
    box = field(window, "rotate.probability")
    type_number(box, text)
    assert value(window, "rotate", "probability") == expected
    assert box.text() == f"{expected * 100:g} %"


def test_the_output_size_is_typed_as_carefully(window: Window) -> None:
    if not field(window, "training_size").isVisible():
        QTest.mouseClick(find(window, QToolButton, "output.fold"), LEFT)
    window.studio.edit_pipeline("output", Output(fit=Fit.CROP, width=224, height=224))
    window.studio.undo_stack.clear()
    box = field(window, "output.width")
    type_number(box, "20000")
    assert window.studio.state.pipeline.output.width == 224
    assert (box.text(), bool(box.problem)) == ("20000", True)
    begin(box, "320")
    assert window.studio.state.pipeline.output.width == 320
    leave(box)
    assert window.studio.undo_stack.count() == 1
    window.action_undo.trigger()
    window.studio.edit_pipeline("output", Output())
    type_number(field(window, "training_size"), "4")
    assert window.studio.state.pipeline.training_size == 224
    QTest.mouseClick(find(window, QPushButton, "training_size.use"), LEFT)
    assert window.studio.state.pipeline.training_size == 8
    QTest.mouseClick(find(window, QToolButton, "output.fold"), LEFT)


def every_range() -> Iterator[tuple[type[Transform], str, Knob]]:
    for transform in registry().values():
        for name, knob in transform.knobs().items():
            yield transform, name, knob


@pytest.mark.parametrize(
    ("transform", "name", "knob"), [pytest.param(*row, id=f"{row[0].name()}.{row[1]}") for row in every_range()]
)
def test_every_range_takes_what_is_allowed_and_nothing_else(
    qtbot: object, transform: type[Transform], name: str, knob: Knob
) -> None:
    """Each end, typed to what is allowed as it is shown; beyond it nothing happens."""
    editor = RangeEditor("test", "Test", knob)
    editor.set_value(getattr(transform.default(), name))
    edits: list[Range] = []
    editor.edited.connect(edits.append)
    for end in ("low", "high"):
        box = find(editor, NumberField, f"test.{end}")
        for number in (*knob.hard, *knob.useful):
            begin(box, knob.show(number))
            QTest.keyClick(box, Qt.Key.Key_Return)
            assert box.value() == number
            assert not box.problem
        before = len(edits), box.value()
        for beyond in (knob.hard[0] - 1, knob.hard[1] + 1):
            if knob.hard[0] <= (reading := box.quantity.read(f"{beyond:g}").value or beyond) <= knob.hard[1]:
                raise AssertionError(f"{beyond} was read as {reading}")
            begin(box, f"{beyond:g}")
            QTest.keyClick(box, Qt.Key.Key_Return)
            assert box.problem
            assert box.value() == before[1]
        assert edits[-1][end == "high"] == before[1]
    editor.deleteLater()


# -- steps and defaults ------------------------------------------------------------------------------------------------


def test_shift_makes_steps_fine(window: Window) -> None:
    slider, box = find(window, ZoneSlider, "rotate.angle"), field(window, "rotate.angle.high")
    for key, modifier, expected in (
        (Qt.Key.Key_Right, Qt.KeyboardModifier.NoModifier, 16),
        (Qt.Key.Key_Right, SHIFT, 16.1),
    ):
        QTest.keyClick(slider, key, modifier)
        assert value(window, "rotate", "angle") == Range(-15, pytest.approx(expected))
    box.setFocus()
    QTest.keyClick(box, Qt.Key.Key_Up)
    assert box.value() == pytest.approx(17.1), "as far as on the slider"
    QTest.keyClick(box, Qt.Key.Key_Up, SHIFT)
    assert box.value() == pytest.approx(17.2)
    chance = find(window, QSlider, "rotate.probability.slider")
    QTest.keyClick(chance, Qt.Key.Key_Left, SHIFT)
    assert value(window, "rotate", "probability") == 0.999
    QTest.keyClick(find(window, ZoneSlider, "jpeg.quality"), Qt.Key.Key_Left, SHIFT)
    assert value(window, "jpeg", "quality") == Range(60, 99), "whole numbers stay whole"


@pytest.mark.parametrize(
    ("op", "name"), [(op, name) for op, transform in registry().items() for name in transform.knobs()]
)
def test_steps_are_round_and_some_fifty_to_the_useful_range(op: str, name: str) -> None:
    knob = registry()[op].knobs()[name]
    step, span = step_of(knob), knob.useful[1] - knob.useful[0]
    assert f"{step:.0e}"[0] in "125"
    assert step == pytest.approx(float(f"{step:.0e}"))
    assert knob.show(step).strip("×° px") == f"{step:g}", "one step is seen in what is shown"
    assert span / step >= 7 if knob.whole else 20 <= span / step < 125 + 1e-9


def test_shift_makes_a_drag_fine(window: Window) -> None:
    ends = []
    for modifier in (Qt.KeyboardModifier.NoModifier, SHIFT):
        slider = find(window, ZoneSlider, "rotate.angle")
        start = QPoint(round(slider._x(15)), slider.height() // 2)
        QTest.mousePress(slider, LEFT, pos=start)
        move(slider, start + QPoint(20, 0), modifier)
        QTest.mouseRelease(slider, LEFT, pos=start + QPoint(20, 0))
        ends.append(window.studio.state.pipeline.step("rotate").range_of("angle").high - 15)
        window.action_undo.trigger()
    assert ends[0] > 5
    assert ends[1] == pytest.approx(ends[0] / 10, abs=0.1)


def move(slider: QWidget, place: QPoint, modifier: Qt.KeyboardModifier) -> None:
    from PySide6.QtCore import QEvent, QPointF
    from PySide6.QtGui import QMouseEvent
    from PySide6.QtWidgets import QApplication

    where = QPointF(place)
    event = QMouseEvent(
        QEvent.Type.MouseMove, where, QPointF(slider.mapToGlobal(place)), Qt.MouseButton.NoButton, LEFT, modifier
    )
    QApplication.sendEvent(slider, event)


@pytest.mark.parametrize("by", ["name", "handle", "track"])
def test_a_double_click_gives_the_default(window: Window, by: str) -> None:
    window.studio.edit_step("rotate", "angle", Range(-3, 30))
    window.studio.end_gesture()
    window.studio.undo_stack.clear()
    slider = find(window, ZoneSlider, "rotate.angle")
    place = QPoint(round(slider._x(30 if by == "handle" else 10)), slider.height() // 2)
    target: QWidget = slider
    if by == "name":
        editor = slider.parentWidget()
        (target,) = editor.findChildren(Name)
        place = target.rect().center()
    QTest.mouseClick(target, LEFT, pos=place)
    QTest.mouseDClick(target, LEFT, pos=place)
    assert value(window, "rotate", "angle") == Range(-15, 15)
    assert window.studio.undo_stack.count() == 1
    window.action_undo.trigger()
    assert value(window, "rotate", "angle") == Range(-3, 30)


def test_every_parameter_has_a_way_back_to_its_default(window: Window) -> None:
    window.studio.edit_step("rotate", "border", "tile")
    window.studio.edit_step("rotate", "probability", 0.4)
    window.studio.end_gesture()
    for name in ("border", "probability"):
        control = find(window, QWidget, f"rotate.{name}")
        (label,) = control.parentWidget().findChildren(Name)
        QTest.mouseDClick(label, LEFT)
        assert value(window, "rotate", name) == getattr(registry()["rotate"].default(), name)
