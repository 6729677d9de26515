"""The pipeline's cards: every control edits, every edit is undone in one step and comes back."""

from __future__ import annotations

import gc
from collections.abc import Callable
from typing import Any

import pytest
import shiboken6
from driving import drag, find, settle, type_number, until
from PySide6.QtCore import QObject, QPoint, Qt
from PySide6.QtGui import QAction, QColor
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QApplication,
    QCheckBox,
    QColorDialog,
    QComboBox,
    QLabel,
    QMenu,
    QPushButton,
    QSlider,
    QToolButton,
    QWidget,
)
from windows import start_afresh

from augstudio import presets
from augstudio.engine import BorderMode
from augstudio.gui.cards.add_menu import AddMenu
from augstudio.gui.cards.card import Card, Grip
from augstudio.gui.cards.zone_slider import ZoneSlider
from augstudio.gui.intent.state import Scene
from augstudio.gui.parts.number_field import NumberField
from augstudio.gui.shell.window import Window
from augstudio.pipeline import Fit, Output, Pipeline
from augstudio.transforms import Choices, Colour, Knob, Option, Range, registry
from augstudio.transforms.geometry.rotate import Rotate

LEFT = Qt.MouseButton.LeftButton
ALT = Qt.KeyboardModifier.AltModifier
CONTROL = Qt.KeyboardModifier.ControlModifier


@pytest.fixture
def window(shared_window: Window, qtbot: object) -> Window:
    """A window with three transforms, unfolded."""
    shared_window.pipeline.output._set_folded(True)
    steps = tuple(registry()[op].default() for op in ("flip", "rotate", "blur"))
    start_afresh(shared_window, Pipeline(name="Three", transforms=steps))
    return shared_window


def set_pipeline(window: Window, pipeline: Pipeline) -> None:
    """Begin with this pipeline and nothing to undo."""
    window.studio.apply_pipeline("test", pipeline)
    window.studio.undo_stack.clear()
    settle(window)


def pipeline(window: Window) -> Pipeline:
    return window.studio.state.pipeline


def order(window: Window) -> list[str]:
    return [step.id for step in pipeline(window).transforms]


def cards(window: Window) -> list[str]:
    """Ids of the cards from top to bottom, as they lie on the screen."""
    return [card.step_id for card in sorted(window.findChildren(Card), key=lambda card: card.y())]


def value(window: Window, step: str, name: str) -> Any:
    return getattr(pipeline(window).step(step), name)


def holds(window: Window) -> None:
    """Hold the controls against the pipeline."""
    settle(window)
    assert cards(window) == order(window)
    for step in pipeline(window).transforms:
        assert find(window, QCheckBox, f"{step.id}.enabled").isChecked() == step.enabled
        shown = find(window, NumberField, f"{step.id}.probability").value()
        assert shown == step.probability
        assert find(window, QSlider, f"{step.id}.probability.slider").value() == round(step.probability * 100)
        for name, declared in step.parameters().items():
            path, held = f"{step.id}.{name}", getattr(step, name)
            match declared:
                case Knob():
                    assert find(window, ZoneSlider, path).ends() == pytest.approx(tuple(held))
                    for end in ("low", "high"):
                        box = find(window, NumberField, f"{path}.{end}")
                        assert box.value() == pytest.approx(getattr(held, end), abs=0.5 * 10**-declared.decimals)
                case Choices():
                    for option in declared.options:
                        assert find(window, QToolButton, f"{path}.{option}").isChecked() == (option in held)
                case Option():
                    assert find(window, QComboBox, path).currentData() == held
                case Colour():
                    assert find(window, QPushButton, path).text() == QColor(*held).name()
    output = pipeline(window).output
    assert find(window, QComboBox, "output.fit").currentData() == output.fit
    assert find(window, NumberField, "training_size").value() == pipeline(window).trained_at
    assert find(window, QCheckBox, "any_orientation").isChecked() == pipeline(window).any_orientation
    assert find(window, QCheckBox, "originals").isChecked() == window.studio.state.originals
    assert find(window, NumberField, "seed").value() == window.studio.state.seed


def state(window: Window) -> tuple[object, ...]:
    """All that undo takes back."""
    now = window.studio.state
    return now.pipeline, now.seed, now.originals, now.saved, now.preset


# -- sliders and numbers ---------------------------------------------------------------------------------------------


def test_a_drag_is_one_edit(window: Window) -> None:
    slider = find(window, ZoneSlider, "rotate.angle")
    seen = []

    def see(scene: Scene) -> None:
        seen.append(scene.pipeline.step("rotate").range_of("angle"))

    window.studio.changed.connect(see)
    drag(slider, 15, 40)
    window.studio.changed.disconnect(see)
    settle(window)
    assert value(window, "rotate", "angle").low == -15
    assert value(window, "rotate", "angle").high == pytest.approx(40, abs=1)
    assert len(set(seen)) > 3, "it is seen live"
    assert window.studio.undo_stack.count() == 1
    holds(window)
    drag(slider, -15, -30)
    assert value(window, "rotate", "angle").low == pytest.approx(-30, abs=1)
    assert window.studio.undo_stack.count() == 2
    window.action_undo.trigger()
    assert value(window, "rotate", "angle").low == -15
    assert value(window, "rotate", "angle").high == pytest.approx(40, abs=1)
    window.action_undo.trigger()
    assert value(window, "rotate", "angle") == Range(-15, 15)
    assert not window.action_undo.isEnabled()
    holds(window)


def test_a_click_on_a_handle_moves_nothing(window: Window) -> None:
    """Nobody hits its middle to the pixel."""
    slider = find(window, ZoneSlider, "rotate.angle")
    for value_at in (-15, 15):
        for beside in (-5, 0, 5):
            place = QPoint(round(slider._x(value_at)) + beside, slider.height() // 2)
            QTest.mouseClick(slider, LEFT, pos=place)
    assert value(window, "rotate", "angle") == Range(-15, 15)
    assert window.studio.undo_stack.count() == 0
    QTest.mouseClick(slider, LEFT, pos=QPoint(round(slider._x(40)), slider.height() // 2))
    assert value(window, "rotate", "angle") == Range(-15, pytest.approx(40, abs=1)), "beside it, the nearer one comes"
    holds(window)


def test_handles_may_meet_but_not_pass(window: Window) -> None:
    slider = find(window, ZoneSlider, "rotate.angle")
    drag(slider, -15, 44)
    settle(window)
    low, high = value(window, "rotate", "angle")
    assert low == high == 15
    holds(window)


@pytest.mark.parametrize(
    ("both", "to", "expected"), [(15, 30, (15, 30)), (15, 0, (0, 15)), (-45, 20, (-45, 20)), (45, 20, (20, 45))]
)
def test_handles_that_met_can_be_parted(window: Window, both: float, to: float, expected: tuple[float, float]) -> None:
    """Whichever lies on top: pulled to the left it is the low one, to the right the high one."""
    set_pipeline(window, pipeline(window).with_step("rotate", angle=Range(both, both)))
    drag(find(window, ZoneSlider, "rotate.angle"), both, to)
    assert value(window, "rotate", "angle") == pytest.approx(expected, abs=1)
    assert window.studio.undo_stack.count() == 1
    holds(window)


def test_keys_move_a_handle(window: Window) -> None:
    slider = find(window, ZoneSlider, "rotate.angle")
    slider.setFocus()
    QTest.keyClick(slider, Qt.Key.Key_Right)
    low, high = value(window, "rotate", "angle")
    assert low == -15
    assert high > 15
    QTest.keyClick(slider, Qt.Key.Key_Space)
    QTest.keyClick(slider, Qt.Key.Key_PageDown)
    assert value(window, "rotate", "angle").low < -15.5
    QTest.keyClick(slider, Qt.Key.Key_Home)
    assert value(window, "rotate", "angle").low == -45
    QTest.keyClick(slider, Qt.Key.Key_End)
    assert value(window, "rotate", "angle").low == value(window, "rotate", "angle").high == high
    holds(window)


def test_a_drag_after_keys_is_undone_on_its_own(window: Window) -> None:
    slider = find(window, ZoneSlider, "rotate.angle")
    slider.setFocus()
    QTest.keyClick(slider, Qt.Key.Key_Right)
    by_key = value(window, "rotate", "angle")
    drag(slider, by_key.high, 35)
    window.action_undo.trigger()
    assert value(window, "rotate", "angle") == by_key


@pytest.mark.parametrize(
    ("end", "text", "expected"),
    [
        ("low", "-20", (-20, 15)),
        ("high", "22.5", (-15, 22.5)),
        ("low", "20", (20, 20)),  # low above high: the number just typed wins
        ("high", "-30", (-30, -30)),
        ("high", "170", (-15, 170)),  # beyond the useful range
    ],
)
def test_a_number_is_typed(window: Window, end: str, text: str, expected: tuple[float, float]) -> None:
    type_number(find(window, NumberField, f"rotate.angle.{end}"), text)
    assert value(window, "rotate", "angle") == Range(*expected)
    assert window.studio.undo_stack.count() == 1
    holds(window)
    window.action_undo.trigger()
    assert value(window, "rotate", "angle") == Range(-15, 15)
    holds(window)


@pytest.mark.parametrize("by", ["number", "mouse", "key"])
def test_the_other_end_keeps_digits_that_are_not_shown(window: Window, by: str) -> None:
    """A preset may be finer than what the boxes show."""
    set_pipeline(window, pipeline(window).with_step("rotate", angle=Range(-7.254, 7.254)))
    slider = find(window, ZoneSlider, "rotate.angle")
    match by:
        case "number":
            type_number(find(window, NumberField, "rotate.angle.high"), "20")
        case "mouse":
            drag(slider, 7.254, 20)
        case "key":
            slider.setFocus()
            QTest.keyClick(slider, Qt.Key.Key_Right)
    low, high = value(window, "rotate", "angle")
    assert low == -7.254
    assert high > 7.3
    holds(window)


def test_what_is_out_of_bounds_cannot_be_typed(window: Window) -> None:
    box = find(window, NumberField, "rotate.angle.high")
    for text in ("500", "-999", "abc", ""):
        type_number(box, text)
        low, high = value(window, "rotate", "angle")
        assert -180 <= low <= high <= 180
    holds(window)


def test_wider_shows_all_that_is_allowed(window: Window) -> None:
    slider, wider = find(window, ZoneSlider, "rotate.angle"), find(window, QToolButton, "rotate.angle.wider")
    assert slider.span() == (-45, 45)
    QTest.mouseClick(wider, LEFT)
    assert slider.span() == (-180, 180)
    assert value(window, "rotate", "angle") == Range(-15, 15)
    assert window.studio.undo_stack.count() == 0
    drag(slider, 15, 150)
    assert value(window, "rotate", "angle").high == pytest.approx(150, abs=4)
    QTest.mouseClick(wider, LEFT)
    assert value(window, "rotate", "angle").high == pytest.approx(150, abs=4), "a narrower view changes nothing"
    window.action_undo.trigger()
    settle(window)
    assert slider.ends() == (-15, 15)


def test_a_value_beyond_the_useful_range_widens_the_slider(window: Window) -> None:
    window.studio.edit_step("rotate", "angle", Range(-170, 60))
    settle(window)
    assert find(window, QToolButton, "rotate.angle.wider").isChecked()
    assert find(window, ZoneSlider, "rotate.angle").ends() == (-170, 60)


def test_the_wheel_leaves_values_alone(window: Window) -> None:
    for name, kind in (
        ("rotate.angle", ZoneSlider),
        ("rotate.angle.low", NumberField),
        ("rotate.border", QComboBox),
    ):
        widget: QWidget = find(window, kind, name)
        event = wheel_over(widget)
        assert not event.isAccepted()
    assert window.studio.undo_stack.count() == 0


def wheel_over(widget: QWidget) -> Any:
    from PySide6.QtCore import QPointF
    from PySide6.QtGui import QWheelEvent

    place = QPointF(widget.rect().center())
    event = QWheelEvent(
        place,
        QPointF(widget.mapToGlobal(place.toPoint())),
        QPoint(),
        QPoint(0, 120),
        Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    event.setAccepted(False)
    widget.wheelEvent(event)
    return event


# -- probability, switch, choices ------------------------------------------------------------------------------------


def test_the_probability_slider(window: Window) -> None:
    slider = find(window, QSlider, "rotate.probability.slider")
    slider.setFocus()
    QTest.keyClick(slider, Qt.Key.Key_Left)
    assert value(window, "rotate", "probability") == pytest.approx(0.99)
    QTest.keyClick(slider, Qt.Key.Key_Home)
    assert value(window, "rotate", "probability") == 0
    assert window.studio.undo_stack.count() == 2
    window.action_undo.trigger()
    assert value(window, "rotate", "probability") == pytest.approx(0.99)
    holds(window)


def test_a_drag_of_the_probability_is_one_edit(window: Window) -> None:
    slider = find(window, QSlider, "rotate.probability.slider")
    y, right = slider.height() // 2, slider.width() - 7
    QTest.mousePress(slider, LEFT, pos=QPoint(right, y))
    for x in range(right, slider.width() // 2, -10):
        QTest.mouseMove(slider, QPoint(x, y))
    QTest.mouseRelease(slider, LEFT, pos=QPoint(slider.width() // 2, y))
    assert 0.3 < value(window, "rotate", "probability") < 0.8
    assert window.studio.undo_stack.count() == 1
    window.action_undo.trigger()
    assert value(window, "rotate", "probability") == 1
    holds(window)


@pytest.mark.parametrize(("text", "expected"), [("0", 0.0), ("100", 1.0), ("33", 0.33)])
def test_a_probability_is_typed(window: Window, text: str, expected: float) -> None:
    window.studio.edit_step("rotate", "probability", 0.5)
    window.studio.end_gesture()
    type_number(find(window, NumberField, "rotate.probability"), text)
    assert value(window, "rotate", "probability") == expected
    holds(window)


def test_a_fine_probability_of_a_preset_is_shown(window: Window) -> None:
    window.studio.edit_step("rotate", "probability", 0.125)
    holds(window)
    assert find(window, NumberField, "rotate.probability").text() == "12.5 %"


def test_a_switched_off_transform_keeps_its_values(window: Window) -> None:
    box = find(window, QCheckBox, "rotate.enabled")
    QTest.mouseClick(box, LEFT, pos=QPoint(8, box.height() // 2))
    assert value(window, "rotate", "enabled") is False
    assert value(window, "rotate", "angle") == Range(-15, 15)
    assert not find(window, ZoneSlider, "rotate.angle").isEnabled()
    assert box.isEnabled()
    window.action_undo.trigger()
    assert value(window, "rotate", "enabled") is True
    assert find(window, ZoneSlider, "rotate.angle").isEnabled()
    holds(window)


def test_choices_keep_at_least_one(window: Window) -> None:
    set_pipeline(window, Pipeline(transforms=(registry()["quarter_turn"].default(),)))
    declared = registry()["quarter_turn"].parameters()["turns"]
    assert isinstance(declared, Choices)
    buttons = [find(window, QToolButton, f"quarter_turn.turns.{option}") for option in declared.options]
    for button in buttons[:-1]:
        QTest.mouseClick(button, LEFT)
    last = list(declared.options)[-1]
    assert value(window, "quarter_turn", "turns") == (last,)
    count = window.studio.undo_stack.count()
    QTest.mouseClick(buttons[-1], LEFT)
    assert value(window, "quarter_turn", "turns") == (last,)
    assert window.studio.undo_stack.count() == count
    holds(window)


def test_the_border_and_its_colour(window: Window, monkeypatch: pytest.MonkeyPatch) -> None:
    box, colour = find(window, QComboBox, "rotate.border"), find(window, QPushButton, "rotate.border_colour")
    assert not colour.isVisible()
    box.setFocus()
    QTest.keyClick(box, Qt.Key.Key_B)  # Blank
    assert value(window, "rotate", "border") is BorderMode.BLANK
    settle(window)
    assert colour.isVisible()
    monkeypatch.setattr(QColorDialog, "getColor", lambda *_: QColor(10, 200, 30))
    QTest.mouseClick(colour, LEFT)
    assert value(window, "rotate", "border_colour") == (10, 200, 30)
    monkeypatch.setattr(QColorDialog, "getColor", lambda *_: QColor())
    QTest.mouseClick(colour, LEFT)
    assert value(window, "rotate", "border_colour") == (10, 200, 30)
    holds(window)
    window.action_undo.trigger()
    window.action_undo.trigger()
    settle(window)
    assert value(window, "rotate", "border") is BorderMode.MIRROR
    assert not colour.isVisible()


# -- cards -----------------------------------------------------------------------------------------------------------


def test_reset(window: Window) -> None:
    window.studio.edit_step("rotate", "angle", Range(1, 2))
    window.studio.edit_step("rotate", "probability", 0.2)
    window.studio.edit_step("rotate", "enabled", False)
    QTest.mouseClick(find(window, QToolButton, "rotate.reset"), LEFT)
    assert pipeline(window).step("rotate") == Rotate(id="rotate", enabled=False)
    assert order(window) == ["flip", "rotate", "blur"]
    holds(window)
    window.action_undo.trigger()
    assert value(window, "rotate", "angle") == Range(1, 2)
    holds(window)


@pytest.mark.parametrize("by", ["button", "key"])
def test_remove(window: Window, by: str) -> None:
    if by == "button":
        QTest.mouseClick(find(window, QToolButton, "rotate.remove"), LEFT)
    else:
        QTest.keyClick(find(window, Card, "card.rotate"), Qt.Key.Key_Delete)
    assert order(window) == ["flip", "blur"]
    holds(window)
    window.action_undo.trigger()
    assert order(window) == ["flip", "rotate", "blur"]
    holds(window)


def test_the_last_card_removed_leaves_a_hint(window: Window) -> None:
    for step in ("flip", "rotate", "blur"):
        QTest.mouseClick(find(window, QToolButton, f"{step}.remove"), LEFT)
        settle(window)
    assert window.findChildren(Card) == []
    assert any("No transforms yet" in label.text() for label in window.findChildren(QLabel) if label.isVisible())


def test_removed_cards_take_nothing_else_along(window: Window) -> None:
    """PySide must not take other controls for children of a card: Python could not use them any more.

    `nextInFocusChain` alone is enough for that: what it returns counts as a child of the widget it was called on.
    """
    pressed = find(window, QToolButton, "action.preset.button")
    of_cards = {
        shiboken6.getCppPointer(part)[0]
        for card in window.findChildren(Card)
        for part in (card, *card.findChildren(QObject))
    }
    others = [
        thing
        for thing in gc.get_objects()
        if isinstance(thing, QWidget | QAction)
        and shiboken6.isValid(thing)
        and shiboken6.getCppPointer(thing)[0] not in of_cards
    ]
    names = [f"{type(thing).__name__} {thing.objectName()}" for thing in others]
    window.studio.new_pipeline()
    settle(window)
    lost = [name for name, thing in zip(names, others, strict=True) if not shiboken6.isValid(thing)]
    assert lost == []
    assert pressed.isVisible()


def test_the_preset_menu_opens_by_key_after_a_removal(window: Window) -> None:
    window.studio.remove_step("rotate")
    settle(window)
    QTest.keyClick(window, Qt.Key.Key_P, CONTROL)
    assert window._preset_menu.isVisible()
    window._preset_menu.hide()
    settle(window)


def test_alt_and_arrows_move_a_card(window: Window) -> None:
    card = find(window, Card, "card.rotate")
    card.setFocus()
    QTest.keyClick(card, Qt.Key.Key_Up, ALT)
    assert order(window) == ["rotate", "flip", "blur"]
    holds(window)
    assert card.hasFocus()
    QTest.keyClick(card, Qt.Key.Key_Up, ALT)
    assert order(window) == ["rotate", "flip", "blur"]
    for _ in range(3):
        QTest.keyClick(card, Qt.Key.Key_Down, ALT)
        settle(window)
    assert order(window) == ["flip", "blur", "rotate"]
    assert window.studio.undo_stack.count() == 3
    for _ in range(3):
        window.action_undo.trigger()
    assert order(window) == ["flip", "rotate", "blur"]
    holds(window)


@pytest.mark.parametrize(
    ("step", "over", "below", "expected"),
    [
        ("blur", "flip", False, ["blur", "flip", "rotate"]),
        ("flip", "blur", True, ["rotate", "blur", "flip"]),
        ("flip", "rotate", True, ["rotate", "flip", "blur"]),
        ("rotate", "rotate", True, ["flip", "rotate", "blur"]),
    ],
)
def test_a_card_is_dragged_by_its_grip(window: Window, step: str, over: str, below: bool, expected: list[str]) -> None:
    for name in ("flip", "rotate", "blur"):
        find(window, Card, f"card.{name}").set_folded(True)
    settle(window)
    card, target = find(window, Card, f"card.{step}"), find(window, Card, f"card.{over}")
    (grip,) = card.findChildren(Grip)
    y = target.height() - 4 if below else 4
    place = grip.mapFromGlobal(target.mapToGlobal(QPoint(20, y)))
    QTest.mousePress(grip, LEFT, pos=grip.rect().center())
    for part in range(1, 6):
        QTest.mouseMove(grip, grip.rect().center() + (place - grip.rect().center()) * part / 5)
        QApplication.processEvents()
    assert order(window) == ["flip", "rotate", "blur"]
    assert window.pipeline._list.line is not None, "a line shows where it would go"
    QTest.mouseRelease(grip, LEFT, pos=place)
    assert window.pipeline._list.line is None
    assert order(window) == expected
    moved = expected != ["flip", "rotate", "blur"]
    assert window.studio.undo_stack.count() == moved
    holds(window)


def test_cards_fold(window: Window) -> None:
    slider, card = find(window, ZoneSlider, "rotate.angle"), find(window, Card, "card.rotate")
    assert slider.isVisible()
    QTest.mouseClick(find(window, QToolButton, "rotate.fold"), LEFT)
    assert not slider.isVisible()
    window.studio.edit_step("rotate", "angle", Range(0, 1))
    settle(window)
    assert card.folded, "an edit does not unfold it"
    everything = find(window, QToolButton, "pipeline.fold")
    QTest.mouseClick(everything, LEFT)
    assert all(card.folded for card in window.findChildren(Card))
    QTest.mouseClick(everything, LEFT)
    assert not any(card.folded for card in window.findChildren(Card))


def test_the_context_menu(window: Window) -> None:
    from PySide6.QtGui import QContextMenuEvent

    card = find(window, Card, "card.rotate")
    event = QContextMenuEvent(QContextMenuEvent.Reason.Mouse, QPoint(9, 9), card.mapToGlobal(QPoint(9, 9)))
    QApplication.sendEvent(card, event)
    (menu,) = card.findChildren(QMenu)
    names = [action.text() for action in menu.actions()]
    assert list(filter(None, names)) == [
        "Solo: this step alone",
        "Move up",
        "Move down",
        "Duplicate",
        "Copy",
        "Paste below",
        "Reset to defaults",
        "Remove",
    ]
    menu.actions()[names.index("Move down")].trigger()
    menu.close()
    assert order(window) == ["flip", "blur", "rotate"]
    settle(window)
    assert card.findChildren(QMenu) == [], "it is made anew each time, and not kept"


def test_two_of_one_kind_are_told_apart(window: Window) -> None:
    window.studio.add_step("rotate")
    settle(window)
    assert order(window) == ["flip", "rotate", "blur", "rotate-2"]
    assert find(window, QCheckBox, "rotate-2.enabled").text() == "Rotate 2"
    type_number(find(window, NumberField, "rotate-2.angle.high"), "5")
    assert value(window, "rotate", "angle") == Range(-15, 15)
    assert value(window, "rotate-2", "angle") == Range(-15, 5)
    holds(window)


# -- adding ----------------------------------------------------------------------------------------------------------


def test_every_transform_can_be_added(window: Window) -> None:
    set_pipeline(window, Pipeline())
    for op in registry():
        window.studio.add_step(op)
    holds(window)
    assert order(window) == list(registry())


def open_menu(window: Window) -> AddMenu:
    QTest.mouseClick(window.pipeline.add, LEFT)
    menu = window.pipeline._menu
    assert menu is not None
    assert menu.isVisible()
    settle(window)
    return menu


def listed(menu: AddMenu) -> dict[str, list[str]]:
    """Groups and what they show."""
    found: dict[str, list[str]] = {}
    entries, group = menu.grid.entries(), ""
    for item in (menu.grid.item(row) for row in range(menu.grid.count())):
        if item in entries:
            found[group].append(item.text())
        else:
            group = item.text()
            found[group] = []
    return found


def test_the_menu_lists_every_transform_by_group(window: Window) -> None:
    menu = open_menu(window)
    expected: dict[str, list[str]] = {}
    for transform in registry().values():
        expected.setdefault(transform.group().capitalize(), []).append(transform.label)
    found = listed(menu)
    assert {group: sorted(labels) for group, labels in found.items()} == {
        group: sorted(labels) for group, labels in expected.items()
    }
    menu.hide()


def test_a_search_and_enter_add(window: Window) -> None:
    menu = open_menu(window)
    assert menu.search.hasFocus() or QApplication.focusWidget() is menu.search
    QTest.keyClicks(menu.search, "nois")
    assert "Gaussian noise" in listed(menu)["Noise"]
    assert menu.grid.currentItem().text() == "Gaussian noise"
    QTest.keyClick(menu.search, Qt.Key.Key_Down)
    following = menu.grid.currentItem().text()
    assert following != "Gaussian noise"
    QTest.keyClick(menu.search, Qt.Key.Key_Up)
    QTest.keyClick(menu.search, Qt.Key.Key_Return)
    assert not menu.isVisible()
    assert order(window)[-1] == "gaussian_noise"
    settle(window)
    card = find(window, Card, "card.gaussian_noise")
    until(lambda: not card.visibleRegion().isEmpty(), "the new card comes into view")
    assert card.hasFocus()
    holds(window)
    window.action_undo.trigger()
    assert order(window) == ["flip", "rotate", "blur"]


def test_a_search_without_a_match_adds_nothing(window: Window) -> None:
    menu = open_menu(window)
    QTest.keyClicks(menu.search, "zzz")
    assert listed(menu) == {}
    assert any("zzz" in label.text() for label in menu.findChildren(QLabel))
    QTest.keyClick(menu.search, Qt.Key.Key_Return)
    assert menu.isVisible()
    menu.hide()
    assert order(window) == ["flip", "rotate", "blur"]
    menu = open_menu(window)
    assert menu.search.text() == ""
    assert len(listed(menu)) == 5
    menu.hide()


@pytest.mark.parametrize(("query", "line"), [("translate", "Shift — translate"), ("Colour jitter", None)])
def test_a_search_knows_other_names(window: Window, query: str, line: str | None) -> None:
    menu = open_menu(window)
    QTest.keyClicks(menu.search, query)
    lines = [label for labels in listed(menu).values() for label in labels]
    assert lines
    if line is not None:
        assert lines == [line]
        QTest.keyClick(menu.search, Qt.Key.Key_Return)
        assert order(window)[-1] == "shift"
    menu.hide()
    menu = open_menu(window)
    assert all("—" not in label for labels in listed(menu).values() for label in labels)
    menu.hide()
    settle(window)


def test_a_click_adds(window: Window) -> None:
    menu = open_menu(window)
    menu.search.setText("invert")
    QTest.mouseClick(menu.grid.viewport(), LEFT, pos=menu.grid.visualItemRect(menu.grid.currentItem()).center())
    assert order(window)[-1] == "invert"
    settle(window)


def test_the_menu_opens_by_key(window: Window) -> None:
    QTest.keyClick(window, Qt.Key.Key_T, CONTROL)
    until(lambda: window.pipeline._menu is not None and window.pipeline._menu.isVisible(), "the list opens")
    window.pipeline._menu.hide()  # type: ignore[union-attr]


# -- output ----------------------------------------------------------------------------------------------------------


def test_the_training_size_follows_the_output(window: Window) -> None:
    QTest.mouseClick(find(window, QToolButton, "output.fold"), LEFT)
    fit, training = find(window, QComboBox, "output.fit"), find(window, NumberField, "training_size")
    width, height = find(window, NumberField, "output.width"), find(window, NumberField, "output.height")
    assert not width.isEnabled()
    type_number(training, "64")
    assert pipeline(window).training_size == 64
    fit.setFocus()
    QTest.keyClick(fit, Qt.Key.Key_C)  # Crop to fill
    assert pipeline(window).output == Output(fit=Fit.CROP, width=224, height=224)
    assert training.value() == 224
    assert not training.isEnabled()
    type_number(width, "640")
    type_number(height, "96")
    assert pipeline(window).output == Output(fit=Fit.CROP, width=640, height=96)
    assert pipeline(window).trained_at == training.value() == 96
    assert "640 × 96" in find(window, QToolButton, "output.fold").text()
    QTest.keyClick(fit, Qt.Key.Key_Home)  # Keep each picture's size
    assert pipeline(window).output == Output()
    assert training.value() == 64
    assert training.isEnabled()
    holds(window)
    for _ in range(5):
        window.action_undo.trigger()
    assert pipeline(window).output == Output()
    assert pipeline(window).training_size == 224
    holds(window)


def test_any_orientation_and_originals(window: Window) -> None:
    QTest.mouseClick(find(window, QToolButton, "output.fold"), LEFT)
    for name, read in (
        ("any_orientation", lambda: pipeline(window).any_orientation),
        ("originals", lambda: window.studio.state.originals),
    ):
        box = find(window, QCheckBox, name)
        QTest.mouseClick(box, LEFT, pos=QPoint(8, box.height() // 2))
        assert read() is True
        holds(window)
        window.action_undo.trigger()
        assert read() is False
        holds(window)


# -- undo ------------------------------------------------------------------------------------------------------------

EDITS: dict[str, Callable[[Window], object]] = {
    "range": lambda w: w.studio.edit_step("rotate", "angle", Range(-1, 1)),
    "probability": lambda w: w.studio.edit_step("rotate", "probability", 0.25),
    "switch": lambda w: w.studio.edit_step("rotate", "enabled", False),
    "choices": lambda w: w.studio.edit_step("flip", "axis", "vertical"),
    "border": lambda w: w.studio.edit_step("rotate", "border", BorderMode.BLANK),
    "colour": lambda w: w.studio.edit_step("rotate", "border_colour", (1, 2, 3)),
    "add": lambda w: w.studio.add_step("invert"),
    "remove": lambda w: w.studio.remove_step("rotate"),
    "move": lambda w: w.studio.move_step("rotate", 0),
    "reset": lambda w: w.studio.reset_step("blur"),
    "output": lambda w: w.studio.edit_pipeline("output", Output(fit=Fit.PAD, width=50, height=60)),
    "training size": lambda w: w.studio.edit_pipeline("training_size", 64),
    "any orientation": lambda w: w.studio.edit_pipeline("any_orientation", True),
    "seed": lambda w: w.studio.set_seed(5),
    "new seed": lambda w: w.studio.new_seed(),
    "originals": lambda w: w.studio.set_originals(True),
    "preset": lambda w: w.studio.load_preset(presets.locate("documents")),
    "empty pipeline": lambda w: w.studio.new_pipeline(),
    "remedy": lambda w: w.studio.apply_pipeline("remedy", presets.find("tiny")),
}


@pytest.fixture
def edited(window: Window) -> Window:
    """A window where every edit of the list changes something."""
    window.studio.edit_step("blur", "sigma", Range(0, 0.1))
    window.studio.set_seed(123_456)
    window.studio.undo_stack.clear()
    settle(window)
    return window


def test_every_kind_of_edit_is_undone_and_redone(edited: Window) -> None:
    start = state(edited)
    for name, edit in EDITS.items():
        edit(edited)
        edited.studio.end_gesture()
        after = state(edited)
        assert after != start, name
        assert edited.studio.undo_stack.count() == 1, name
        QTest.keyClick(edited, Qt.Key.Key_Z, CONTROL)
        assert state(edited) == start, name
        holds(edited)
        QTest.keyClick(edited, Qt.Key.Key_Z, CONTROL | Qt.KeyboardModifier.ShiftModifier)
        assert state(edited) == after, name
        holds(edited)
        edited.action_undo.trigger()
        assert state(edited) == start


def test_many_edits_are_undone_to_the_start_and_redone_to_the_end(edited: Window) -> None:
    states = [state(edited)]
    for name in ("range", "add", "move", "output", "seed", "remove", "preset", "originals", "empty pipeline"):
        EDITS[name](edited)
        states.append(state(edited))
    for expected in reversed(states[:-1]):
        edited.action_undo.trigger()
        assert state(edited) == expected
    assert not edited.action_undo.isEnabled()
    for expected in states[1:]:
        edited.action_redo.trigger()
        assert state(edited) == expected
    assert not edited.action_redo.isEnabled()
    holds(edited)


def test_undo_says_what_it_undoes(window: Window) -> None:
    window.studio.edit_step("rotate", "angle", Range(0, 3))
    assert "Rotate" in window.action_undo.toolTip()
    assert "Ctrl+Z" in window.action_undo.toolTip()
    window.action_undo.trigger()
    assert "Rotate" in window.action_redo.toolTip()


def test_what_changes_nothing_is_no_edit(window: Window) -> None:
    before = pipeline(window)
    window.studio.edit_step("rotate", "angle", Range(-15, 15))
    window.studio.move_step("rotate", 1)
    window.studio.reset_step("rotate")
    window.studio.set_seed(window.studio.state.seed)
    assert window.studio.undo_stack.count() == 0
    assert pipeline(window) == before
    assert not window.studio.unsaved or window.studio.state.saved != before


def test_an_edit_that_is_not_allowed_is_told_and_changes_nothing(window: Window) -> None:
    before = pipeline(window)
    window.studio.edit_step("rotate", "angle", Range(-500, 0))
    settle(window)
    assert "180" in window.messages.text()
    assert pipeline(window) == before
    assert window.studio.undo_stack.count() == 0
    holds(window)


@pytest.mark.parametrize("name", ["rotate.angle.high", "rotate.probability", "seed"])
def test_undo_by_key_works_right_after_typing(window: Window, name: str) -> None:
    """The box just typed into keeps the focus, and has an undo of its own."""
    before = state(window)
    box = find(window, NumberField, name)
    type_number(box, "7")
    assert state(window) != before
    target = QApplication.focusWidget() or window
    QTest.keyClick(target, Qt.Key.Key_Z, CONTROL)
    assert state(window) == before
    holds(window)
    QTest.keyClick(QApplication.focusWidget() or window, Qt.Key.Key_Y, CONTROL)
    assert state(window) != before
    holds(window)
