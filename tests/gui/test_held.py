"""What the hand holds: told while it is held, for every range of every transform, and let go of."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from driving import drag, find, type_text
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QEnterEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget
from windows import start_afresh

from augstudio.gui.cards.card import Card
from augstudio.gui.cards.zone_slider import ZoneSlider
from augstudio.gui.intent.state import Scene
from augstudio.gui.parts.number_field import NumberField
from augstudio.gui.shell.window import Window
from augstudio.pipeline import Pipeline
from augstudio.transforms import Range, registry

LEFT = Qt.MouseButton.LeftButton
RANGES = [(op, name) for op, transform in registry().items() for name in transform.knobs()]
every_range = pytest.mark.parametrize(("op", "name"), RANGES, ids=[f"{op}.{name}" for op, name in RANGES])


@pytest.fixture
def told(shared_window: Window, qtbot: object) -> Iterator[list[object]]:
    """What the panel has told."""
    seen: list[object] = []
    start_afresh(shared_window, Pipeline(name="None"))

    def see(*what: object) -> None:
        seen.append(what)

    shared_window.pipeline.held.connect(see)
    yield seen
    shared_window.pipeline.held.disconnect(see)


def show(window: Window, op: str) -> None:
    start_afresh(window, Pipeline(name="One", transforms=(registry()[op].default(),)))


def ends(window: Window, op: str, name: str) -> Range:
    return window.studio.state.pipeline.step(op).range_of(name)


def out(window: Window) -> None:
    """Put the focus elsewhere."""
    window.compare.original.setFocus(Qt.FocusReason.TabFocusReason)


@every_range
def test_a_handle_is_held_from_press_to_leaving(shared_window: Window, told: list[object], op: str, name: str) -> None:
    window = shared_window
    for number in (1, 0):
        show(window, op)
        slider = find(window, ZoneSlider, f"{op}.{name}")
        told.clear()
        start = ends(window, op, name)
        place = QPoint(round(slider._x(start[number])) + (3 if number else -3), slider.height() // 2)
        QTest.mousePress(slider, LEFT, pos=place)
        assert told == [(op, name, start[number])], "pressed without a move"
        QTest.mouseRelease(slider, LEFT, pos=place)
        assert told == [(op, name, start[number])], "it stays while the focus is there"
        drag(slider, start[number], start[1 - number])
        assert ends(window, op, name) != start
        assert told[-1] == (op, name, ends(window, op, name)[number])
        out(window)
        assert told[-1] == (op, name, None)


@every_range
def test_a_typed_or_stepped_number_is_held(shared_window: Window, told: list[object], op: str, name: str) -> None:
    window = shared_window
    show(window, op)
    knob = registry()[op].knobs()[name]
    for end, number in (("low", 0), ("high", 1)):
        told.clear()
        box = find(window, NumberField, f"{op}.{name}.{end}")
        box.setFocus()
        assert told == [], "the focus alone holds nothing"
        aim = knob.useful[0] if ends(window, op, name)[number] != knob.useful[0] else knob.useful[1]
        box.selectAll()
        type_text(box, knob.show(aim))
        assert told[-1] == (op, name, aim)
        QTest.keyClick(box, Qt.Key.Key_Return)
        assert told[-1] == (op, name, aim)
        QTest.keyClick(box, Qt.Key.Key_Down if aim == knob.useful[1] else Qt.Key.Key_Up)
        assert told[-1] == (op, name, ends(window, op, name)[number])
        QTest.keyClick(box, Qt.Key.Key_Escape)
        assert told[-1] == (op, name, None)
        slider = find(window, ZoneSlider, f"{op}.{name}")
        slider.setFocus()
        told.clear()
        QTest.keyClick(slider, Qt.Key.Key_Left)
        handle = slider.handle()
        assert told[-1] == (op, name, ends(window, op, name)[handle])
        QTest.keyClick(slider, Qt.Key.Key_Escape)
        assert told[-1] == (op, name, None)


def test_the_held_value_is_told_before_the_edit(shared_window: Window, told: list[object]) -> None:
    """So that the picture asked for is the held one from the first."""
    show(shared_window, "rotate")
    order: list[str] = []

    def edit() -> None:
        order.append("edited")

    def hold() -> None:
        order.append("held")

    shared_window.pipeline.edited.connect(edit)
    shared_window.pipeline.held.connect(hold)
    QTest.keyClick(find(shared_window, ZoneSlider, "rotate.angle"), Qt.Key.Key_Right)
    shared_window.pipeline.edited.disconnect(edit)
    shared_window.pipeline.held.disconnect(hold)
    assert order[0] == "held"
    assert "edited" in order


def test_a_move_of_what_is_held_changes_the_scene_once(shared_window: Window, told: list[object]) -> None:
    """Each change is worked out and handed to all widgets, which is what a drag costs."""
    show(shared_window, "rotate")
    slider = find(shared_window, ZoneSlider, "rotate.angle")
    QTest.keyClick(slider, Qt.Key.Key_Right)
    scenes: list[Scene] = []
    shared_window.studio.changed.connect(scenes.append)
    for number in range(1, 4):
        QTest.keyClick(slider, Qt.Key.Key_Right)
        assert len(scenes) == number
        held = shared_window.studio.state.held
        assert held is not None
        assert held.value in shared_window.studio.state.pipeline.step("rotate").angle  # type: ignore[attr-defined]
    shared_window.studio.changed.disconnect(scenes.append)


def test_the_pointer_keeps_what_the_focus_leaves(shared_window: Window, told: list[object]) -> None:
    window = shared_window
    show(window, "rotate")
    slider = find(window, ZoneSlider, "rotate.angle")
    editor = slider.parentWidget()
    middle = QPointF(editor.rect().center())
    QApplication.sendEvent(editor, QEnterEvent(middle, middle, QPointF(editor.mapToGlobal(middle.toPoint()))))
    assert told == [], "hovering does nothing"
    QTest.keyClick(slider, Qt.Key.Key_Right)
    held = told[-1]
    slider.setFocus()
    out(window)
    assert told[-1] == held, "the pointer is still there"
    QApplication.sendEvent(editor, QEvent(QEvent.Type.Leave))
    assert told[-1] == ("rotate", "angle", None)
    count = len(told)
    QApplication.sendEvent(editor, QEvent(QEvent.Type.Leave))
    assert len(told) == count, "told once"


def test_from_one_end_to_the_other_nothing_is_let_go(shared_window: Window, told: list[object]) -> None:
    window = shared_window
    show(window, "rotate")
    low, slider = find(window, NumberField, "rotate.angle.low"), find(window, ZoneSlider, "rotate.angle")
    low.setFocus()
    QTest.keyClick(low, Qt.Key.Key_Up)
    slider.setFocus(Qt.FocusReason.TabFocusReason)
    QTest.keyClick(slider, Qt.Key.Key_Right)
    assert None not in [what[2] for what in told]  # type: ignore[index]
    assert told[-1] == ("rotate", "angle", ends(window, "rotate", "angle").high)


def test_nothing_but_ranges_is_held(shared_window: Window, told: list[object]) -> None:
    window = shared_window
    show(window, "rotate")
    for name, keys in (
        ("rotate.probability.slider", (Qt.Key.Key_Left,)),
        ("rotate.probability", (Qt.Key.Key_Down, Qt.Key.Key_Return)),
        ("rotate.border", (Qt.Key.Key_Down,)),
        ("rotate.enabled", (Qt.Key.Key_Space,)),
    ):
        widget = find(window, QWidget, name)
        widget.setFocus()
        for key in keys:
            QTest.keyClick(widget, key)
    assert told == []


def test_what_the_window_shows_lets_go_without_a_word(shared_window: Window, told: list[object]) -> None:
    """Undo, a removal, another preset: the state knows; setters tell nothing."""
    window = shared_window
    for change in (
        window.action_undo.trigger,
        lambda: window.studio.remove_step("rotate"),
        lambda: window.studio.edit_step("rotate", "enabled", False),
        window.studio.new_pipeline,
    ):
        show(window, "rotate")
        slider = find(window, ZoneSlider, "rotate.angle")
        slider.setFocus()
        QTest.keyClick(slider, Qt.Key.Key_Right)
        told.clear()
        change()
        assert told == []


def test_a_number_that_is_not_taken_holds_the_value_in_force(shared_window: Window, told: list[object]) -> None:
    window = shared_window
    show(window, "rotate")
    box = find(window, NumberField, "rotate.angle.high")
    box.setFocus()
    box.selectAll()
    QTest.keyClicks(box, "200")
    assert told[-1] == ("rotate", "angle", 15.0)


def test_the_panel_lets_go(shared_window: Window, told: list[object]) -> None:
    window = shared_window
    show(window, "rotate")
    QTest.keyClick(find(window, ZoneSlider, "rotate.angle"), Qt.Key.Key_Right)
    told.clear()
    window.pipeline.let_go()
    out(window)
    assert told == []
    assert find(window, Card, "card.rotate")
