"""The eye, solo, folding, dragging, and steps that are copied: what a card does beside its parameters."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from driving import activate, find, settle, until
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QContextMenuEvent, QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QCheckBox, QLabel, QMenu, QPushButton, QToolButton, QWidget
from windows import OpenWindow, start_afresh

from augstudio import presets
from augstudio.gui.cards.card import Card, Grip
from augstudio.gui.cards.dragging import Lifted
from augstudio.gui.cards.eye import Eye
from augstudio.gui.cards.summary import summary
from augstudio.gui.shell.window import Window
from augstudio.pipeline import Pipeline
from augstudio.transforms import Range, Transform, registry
from augstudio.transforms.geometry.rotate import Rotate

LEFT = Qt.MouseButton.LeftButton
ALT, CONTROL = Qt.KeyboardModifier.AltModifier, Qt.KeyboardModifier.ControlModifier
OPS = ("flip", "rotate", "blur")


@pytest.fixture
def window(shared_window: Window, qtbot: object) -> Window:
    """A window with three transforms, unfolded."""
    start_afresh(shared_window, Pipeline(name="Three", transforms=tuple(registry()[op].default() for op in OPS)))
    shared_window.studio.solo("")
    return shared_window


def order(window: Window) -> list[str]:
    return [step.id for step in window.studio.state.pipeline.transforms]


def card(window: Window, step_id: str) -> Card:
    return find(window, Card, f"card.{step_id}")


def eye(window: Window, step_id: str) -> Eye:
    return find(window, Eye, f"{step_id}.enabled")


def on(window: Window, step_id: str) -> bool:
    return window.studio.state.pipeline.step(step_id).enabled


@pytest.fixture
def told(window: Window) -> Iterator[list[str]]:
    """What the panel tells of peeking and solo."""
    seen: list[str] = []

    def peek(step_id: str) -> None:
        seen.append(f"peek {step_id}".strip())

    def solo(step_id: str) -> None:
        seen.append(f"solo {step_id}".strip())

    window.pipeline.peeked.connect(peek)
    window.pipeline.solo_asked.connect(solo)
    yield seen
    window.pipeline.peeked.disconnect(peek)
    window.pipeline.solo_asked.disconnect(solo)


# -- the eye -----------------------------------------------------------------------------------------------------------


def test_a_click_and_space_switch_a_step(window: Window, told: list[str]) -> None:
    shown = eye(window, "rotate")
    assert isinstance(shown, QCheckBox)
    QTest.mouseClick(shown, LEFT)
    assert not on(window, "rotate")
    assert not shown.isChecked()
    QTest.keyClick(shown, Qt.Key.Key_Space)
    assert on(window, "rotate")
    assert window.studio.undo_stack.count() == 2
    assert told == []


def test_an_eye_that_is_held_peeks_and_switches_nothing(window: Window, told: list[str]) -> None:
    shown = eye(window, "rotate")
    shown.hold.setInterval(0)
    QTest.mousePress(shown, LEFT)
    until(lambda: bool(told), "the picture without it is asked for")
    assert told == ["peek rotate"]
    QTest.mouseRelease(shown, LEFT)
    assert told == ["peek rotate", "peek"]
    assert on(window, "rotate")
    assert shown.isChecked()
    assert window.studio.undo_stack.count() == 0
    QTest.mouseClick(shown, LEFT)
    assert not on(window, "rotate"), "a click after it is a click"


def test_a_card_that_goes_while_its_eye_is_held_lets_go(window: Window, told: list[str]) -> None:
    shown = eye(window, "rotate")
    shown.hold.setInterval(0)
    QTest.mousePress(shown, LEFT)
    until(lambda: bool(told), "the picture without it is asked for")
    shown.hide()
    assert told == ["peek rotate", "peek"]
    QTest.mouseRelease(shown, LEFT)
    assert on(window, "rotate")


def test_alt_click_and_the_menu_ask_for_solo(window: Window, told: list[str]) -> None:
    QTest.mouseClick(eye(window, "rotate"), LEFT, ALT)
    settle(window)
    assert told == ["solo rotate"]
    assert window.studio.state.solo == "rotate"
    assert on(window, "rotate")
    end = find(window, QPushButton, "solo.end")
    assert end.isVisible()
    assert [card(window, op).property("dimmed") for op in OPS] == [True, False, True]
    assert any("Only Rotate" in label.text() for label in window.pipeline.findChildren(QLabel) if label.isVisible())
    QTest.mouseClick(eye(window, "blur"), LEFT, ALT)
    assert window.studio.state.solo == "blur", "from one to the next"
    QTest.mouseClick(eye(window, "blur"), LEFT, ALT)
    assert window.studio.state.solo == ""
    QTest.mouseClick(eye(window, "rotate"), LEFT, ALT)
    QTest.mouseClick(end, LEFT)
    assert told == ["solo rotate", "solo blur", "solo", "solo rotate", "solo"]
    for shown in (False, True):
        (solo,) = [action for action in open_menu(card(window, "rotate")).actions() if "Solo" in action.text()]
        assert solo.isCheckable()
        assert solo.isChecked() is shown
        solo.trigger()
    assert window.studio.state.solo == ""
    assert not end.isVisible()
    assert not any(card(window, op).property("dimmed") for op in OPS)
    assert window.studio.undo_stack.count() == 0


@pytest.mark.parametrize("scrolled", [0.0, 0.5, 1.0])
def test_solo_moves_no_card_under_the_pointer(window: Window, scrolled: float) -> None:
    window.studio.load_preset(presets.locate("photos"))
    settle(window)
    bar = window.pipeline._scroll.verticalScrollBar()
    assert bar.maximum() > 0
    bar.setValue(round(bar.maximum() * scrolled))
    settle(window)

    def places() -> list[QPoint]:
        return [card(window, step_id).mapToGlobal(QPoint()) for step_id in order(window)]

    before = places()
    for step_id in (order(window)[0], ""):
        window.studio.solo(step_id)
        settle(window)
        assert find(window, QPushButton, "solo.end").isVisible() == bool(step_id)
        assert places() == before


def test_solo_of_a_step_that_goes_dims_nothing(window: Window) -> None:
    window.studio.solo("rotate")
    window.studio.remove_step("rotate")
    settle(window)
    assert not find(window, QPushButton, "solo.end").isVisible()
    assert not card(window, "flip").property("dimmed")


def open_menu(of: Card) -> QMenu:
    event = QContextMenuEvent(QContextMenuEvent.Reason.Mouse, QPoint(9, 9), of.mapToGlobal(QPoint(9, 9)))
    QApplication.sendEvent(of, event)
    menu = of.findChildren(QMenu)[-1]
    menu.close()
    return menu


# -- folding -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("step", "expected"),
    [
        (Rotate(angle=Range(-10, 10)), "±10°"),
        (Rotate(angle=Range(-10, 20), probability=0.5), "−10 … 20° · 50 %"),
        (Rotate(angle=Range(3, 3)), "3°"),
        (Rotate(angle=Range(-10, 10), border="tile"), "±10° · border: tile"),
        (registry()["gaussian_noise"].default(sigma=(0, 0.04), probability=0.5), "0 … 0.04 · 50 %"),
        (registry()["blur"].default(sigma=(0, 0.8)), "0 … 0.8 px"),
        (registry()["contrast"].default(factor=(0.7, 1.3)), "×0.7 … ×1.3"),
        (registry()["flip"].default(), "horizontal · 50 %"),
        (registry()["invert"].default(probability=1), "100 %"),
    ],
)
def test_values_in_one_line(step: Transform, expected: str) -> None:
    assert summary(step) == expected


def test_every_transform_has_its_line() -> None:
    for transform in registry().values():
        line = summary(transform.default())
        assert line
        assert "\n" not in line


def test_a_folded_card_shows_its_values_and_is_dimmed_when_off(window: Window) -> None:
    line = find(window, QLabel, "rotate.summary")
    assert not line.isVisible()
    shown = card(window, "rotate")
    shown.set_folded(True)
    assert line.isVisible()
    assert line.text() == "±15°"
    window.studio.edit_step("rotate", "angle", Range(-5, 5))
    assert line.text() == "±5°"
    window.studio.edit_step("rotate", "enabled", False)
    assert shown.property("dimmed") is True
    window.action_undo.trigger()
    assert shown.property("dimmed") is False


def test_keys_go_to_the_card_that_was_clicked_and_it_is_seen(window: Window) -> None:
    activate(window)
    ids = [step.id for step in window.studio.state.pipeline.transforms]
    first, last = (find(window, Card, f"card.{step_id}") for step_id in (ids[0], ids[2]))
    for card in (last, first):
        resting = card.grab().toImage()
        QTest.mouseClick(card, Qt.MouseButton.LeftButton, pos=QPoint(card.width() - 4, card.height() - 3))
        settle(window)
        assert QApplication.focusWidget() is card
        assert card.grab().toImage() != resting, "the focus is seen"
    QTest.keyClick(first, Qt.Key.Key_Delete)
    settle(window)
    assert [step.id for step in window.studio.state.pipeline.transforms] == ids[1:]


def test_keys_fold(window: Window) -> None:
    shown = card(window, "rotate")
    shown.setFocus()
    QTest.keyClick(shown, Qt.Key.Key_Left)
    assert shown.folded
    QTest.keyClick(shown, Qt.Key.Key_Right)
    assert not shown.folded
    activate(window)
    QTest.keyClick(window, Qt.Key.Key_F, CONTROL | Qt.KeyboardModifier.ShiftModifier)
    until(lambda: all(card(window, op).folded for op in OPS), "all are folded")
    assert find(window, QToolButton, "pipeline.fold").property("icon_name") == "collapsed"
    QTest.keyClick(window, Qt.Key.Key_F, CONTROL | Qt.KeyboardModifier.ShiftModifier)
    until(lambda: not any(card(window, op).folded for op in OPS), "all are unfolded")
    assert find(window, QToolButton, "pipeline.fold").property("icon_name") == "expanded"


def test_cards_of_every_kind_fit_the_panel(open_window: OpenWindow, photos: Path) -> None:
    """Long names of parameters, and lengths on the picture beside them, make no card wider than the others."""
    window = open_window(width=1024, height=700)
    window.studio.apply_pipeline(
        "test", Pipeline(name="All", transforms=tuple(t.default() for t in registry().values()))
    )
    window.open_folder(photos)
    settle(window)
    room = window.pipeline._scroll.viewport().width()
    assert [shown.step_id for shown in window.findChildren(Card) if shown.geometry().right() >= room] == []


# -- dragging ----------------------------------------------------------------------------------------------------------


def lines(window: Window) -> list[QWidget]:
    return [part for part in window.pipeline._list.children() if isinstance(part, QWidget) and part.height() == 4]


@pytest.mark.parametrize(("to", "at"), [("flip", "top"), ("rotate", "middle")])
def test_a_carried_card_is_lifted_and_shows_where_it_lands(window: Window, to: str, at: str) -> None:
    for op in OPS:
        card(window, op).set_folded(True)
    settle(window)
    (grip,) = card(window, "blur").findChildren(Grip)
    target = card(window, to)
    place = grip.mapFromGlobal(target.mapToGlobal(QPoint(20, 2)))
    QTest.mousePress(grip, LEFT, pos=grip.rect().center())
    assert window.findChildren(Lifted) == []
    QTest.mouseMove(grip, place)
    (lifted,) = window.findChildren(Lifted)
    assert lifted.isVisible()
    pointer = window.mapFromGlobal(grip.mapToGlobal(place))
    assert lifted.geometry().contains(pointer), "it is where the pointer is"
    (line,) = [part for part in lines(window) if part.isVisible()]
    assert line.visibleRegion().boundingRect().height() == 4, "all of the line is seen"
    top = target.geometry().top()
    assert abs(line.geometry().center().y() - (top if at == "top" else top - 4)) <= 3
    QTest.mouseRelease(grip, LEFT, pos=place)
    settle(window)
    assert window.findChildren(Lifted) == []
    assert not [part for part in lines(window) if part.isVisible()]
    assert order(window) == (["blur", "flip", "rotate"] if at == "top" else ["flip", "blur", "rotate"])


def test_the_list_scrolls_under_a_carried_card(open_window: OpenWindow) -> None:
    window = open_window(width=1024, height=700)
    steps = tuple(registry()["rotate"].default() for _ in range(12))
    window.studio.apply_pipeline("test", Pipeline(name="Many", transforms=steps))
    settle(window)
    panel, bar = window.pipeline, window.pipeline._scroll.verticalScrollBar()
    assert bar.maximum() > 0
    (grip,) = card(window, "rotate").findChildren(Grip)
    port = panel._scroll.viewport()
    QTest.mousePress(grip, LEFT, pos=grip.rect().center())
    QTest.mouseMove(grip, grip.mapFromGlobal(port.mapToGlobal(QPoint(30, port.height() - 5))))
    until(lambda: bar.value() == bar.maximum(), "the end of the list comes into view, without a move")
    QTest.mouseRelease(grip, LEFT, pos=grip.mapFromGlobal(port.mapToGlobal(QPoint(30, port.height() - 5))))
    assert order(window)[-1] == "rotate"


# -- duplicate, copy, paste --------------------------------------------------------------------------------------------


def paste(window: Window, text: str, after: str = "rotate") -> None:
    QGuiApplication.clipboard().setText(text)
    QTest.keyClick(card(window, after), Qt.Key.Key_V, CONTROL)
    settle(window)


def test_duplicate(window: Window) -> None:
    window.studio.edit_step("rotate", "angle", Range(1, 2))
    window.studio.undo_stack.clear()
    QTest.keyClick(card(window, "rotate"), Qt.Key.Key_D, CONTROL)
    settle(window)
    assert order(window) == ["flip", "rotate", "rotate-2", "blur"]
    assert window.studio.state.pipeline.step("rotate-2").range_of("angle") == Range(1, 2)
    assert card(window, "rotate-2").hasFocus()
    window.action_undo.trigger()
    assert order(window) == [*OPS]


@pytest.mark.parametrize("op", list(registry()))
def test_a_copied_step_comes_back_as_it_was(window: Window, op: str) -> None:
    step = registry()[op].default(probability=0.25, enabled=False)
    start_afresh(window, Pipeline(name="One", transforms=(step,)))
    QTest.keyClick(card(window, op), Qt.Key.Key_C, CONTROL)
    text = QGuiApplication.clipboard().text()
    assert json.loads(text)["op"] == op
    paste(window, text, op)
    assert order(window) == [op, f"{op}-2"]
    first, second = window.studio.state.pipeline.transforms
    assert second == first.edited(id=f"{op}-2")
    assert window.studio.undo_stack.count() == 1


def test_a_step_is_read_from_a_mail(window: Window) -> None:
    text = presets.dump_step(Rotate(angle=Range(-7, 7)))
    quoted = "".join(f"> {line}\n" for line in text.replace("  ", "\u00a0 ").splitlines())
    paste(window, f"Try this one:\n\n{quoted}\nGreetings")
    assert order(window) == ["flip", "rotate", "rotate-2", "blur"]
    assert window.studio.state.pipeline.step("rotate-2") == Rotate(id="rotate-2", angle=Range(-7, 7))


def test_a_whole_preset_is_pasted_and_said(window: Window) -> None:
    gentle = presets.find("gentle")
    paste(window, presets.dump(gentle), "blur")
    assert [step.op for step in window.studio.state.pipeline.transforms] == [*OPS, *(s.op for s in gentle.transforms)]
    assert "Gentle" in window.statusBar().currentMessage()
    window.action_undo.trigger()
    assert order(window) == [*OPS]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "no text"),
        ("hello", 'found "hello"'),
        ("[1, 2]", "no transform"),
        ('{"a": 1}', '"op"'),
        ('{"op": "rotat"}', "rotate"),
        ('{"op": "rotate", "angle": [0, 999]}', "-180 to 180"),
        ('{"op": "rotate", "angle": [0, 9]', "no transform"),
        ('{"op": "rotate", "ankle": 1}', "ankle"),
        ('{"augstudio_preset": 99}', "newer"),
        (presets.dump(Pipeline(name="Bare")), "no transforms"),
    ],
)
def test_what_is_no_step_is_said_and_changes_nothing(window: Window, text: str, said: str) -> None:
    paste(window, text)
    assert order(window) == [*OPS]
    assert window.messages.text().startswith("Nothing was pasted")
    assert said in window.messages.text()
    assert window.studio.undo_stack.count() == 0


def test_paste_where_no_card_has_the_focus_goes_to_the_end(window: Window) -> None:
    QGuiApplication.clipboard().setText(presets.dump_step(registry()["invert"].default()))
    QTest.keyClick(window.pipeline.add, Qt.Key.Key_V, CONTROL)
    assert order(window) == [*OPS, "invert"]
