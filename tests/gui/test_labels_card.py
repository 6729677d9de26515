"""The card with the rules for labels, and the question about mirror images."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from driving import activate, find, settle, type_number, write
from labelled import write_masks, write_yolo
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QComboBox, QLabel, QPushButton, QSlider, QToolButton, QWidget
from windows import OpenWindow

from augstudio import presets
from augstudio.dataset import Dataset
from augstudio.dataset.scanning import scan
from augstudio.gui.cards.class_list import ClassList
from augstudio.gui.cards.classes import asked_about, classes_of, in_short, rules_in_short
from augstudio.gui.cards.editors import Name
from augstudio.gui.cards.labels_card import LabelsCard
from augstudio.gui.cards.mirror_question import MirrorQuestion
from augstudio.gui.intent import session
from augstudio.gui.parts.number_field import NumberField, Refusal
from augstudio.gui.shell.window import Window
from augstudio.label_rules import BoxFit, Empty, LabelRules
from augstudio.labels.found import LabelFormat
from augstudio.labels.model import Category, Labelling
from augstudio.pipeline import Pipeline
from augstudio.transforms import registry

LEFT = Qt.MouseButton.LeftButton
FLIP = Pipeline(name="Flips", transforms=(registry()["flip"].default(), registry()["rotate"].default()))
CALM = Pipeline(name="Calm", transforms=(registry()["rotate"].default(),))


def begin(window: Window, root: Path, pipeline: Pipeline = FLIP) -> Window:
    """Open a folder with a pipeline, and nothing to undo."""
    window.studio.apply_pipeline("test", pipeline)
    window.open_folder(root)
    settle(window)
    window.studio.undo_stack.clear()
    activate(window)
    return window


@pytest.fixture
def labelled(window: Window, tmp_path: Path) -> Window:
    """A window with boxes of three classes, one of them an arrow, and a flip."""
    return begin(window, write_yolo(tmp_path / "boxes"))


def rules(window: Window) -> LabelRules:
    return window.studio.state.pipeline.labels


def card(window: Window) -> LabelsCard:
    return find(window, LabelsCard, "card.labels")


def question(window: Window) -> str:
    """What is asked; empty where nothing is."""
    shown = find(window, MirrorQuestion, "labels.mirror")
    return find(window, QLabel, "labels.mirror.text").text() if shown.isVisible() else ""


def answer(window: Window, name: str) -> None:
    button = find(window, QPushButton, f"labels.mirror.{name}")
    assert button.isVisible()
    QTest.mouseClick(button, LEFT)
    settle(window)


def lines(window: Window) -> list[tuple[str, bool]]:
    """The classes, and whether they are ticked."""
    model = find(window, ClassList, "labels.not_mirrored").model()
    indexes = [model.index(row, 0) for row in range(model.rowCount())]
    return [(i.data(), i.data(Qt.ItemDataRole.CheckStateRole) == Qt.CheckState.Checked) for i in indexes]


def tick(window: Window, line: int) -> None:
    """Go to a line by keys, and press Space."""
    shown = find(window, ClassList, "labels.not_mirrored")
    shown.setFocus()
    QTest.keyClick(shown, Qt.Key.Key_Home)
    for _ in range(line):
        QTest.keyClick(shown, Qt.Key.Key_Down)
    QTest.keyClick(shown, Qt.Key.Key_Space)
    settle(window)


def undone_in_one(window: Window, before: LabelRules) -> None:
    """Hold that one undo takes back what was done, and one redo brings it again."""
    after = rules(window)
    assert after != before
    assert window.studio.undo_stack.count() == 1
    window.studio.undo_stack.undo()
    settle(window)
    assert rules(window) == before
    window.studio.undo_stack.redo()
    settle(window)
    assert rules(window) == after


# -- whether it is shown ---------------------------------------------------------------------------------------------


def test_it_is_shown_with_labels(labelled: Window) -> None:
    assert card(labelled).isVisible()
    for name in LabelRules.model_fields:
        assert find(labelled, QWidget, f"labels.{name}").isVisible()


def test_without_labels_it_is_not(loaded: Window) -> None:
    assert not card(loaded).isVisible()
    assert question(loaded) == ""


def test_masks_alone_have_no_objects_to_rule(window: Window, tmp_path: Path) -> None:
    begin(window, write_masks(tmp_path / "masks"))
    assert not card(window).isVisible()


def test_rules_that_are_not_the_usual_ones_are_shown_without_labels(loaded: Window) -> None:
    loaded.studio.edit_labels({"smallest_side": 9.0})
    settle(loaded)
    assert card(loaded).isVisible()
    assert find(loaded, NumberField, "labels.smallest_side").isVisible()
    assert not find(loaded, NumberField, "labels.smallest_share").isVisible(), "it means nothing here"
    loaded.studio.undo_stack.undo()
    settle(loaded)
    assert not card(loaded).isVisible()


def test_without_a_folder_names_are_not_said_to_be_missing(window: Window) -> None:
    window.studio.edit_labels({"not_mirrored": ("left",)})
    settle(window)
    assert lines(window) == [("left", True)]


# -- edits -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [
        ("smallest_share", "40", 0.4),
        ("smallest_share", "0.4", 0.4),
        ("smallest_share", "1 %", 0.01),
        ("smallest_share", "0", 0.0),
        ("smallest_side", "7.5", 7.5),
        ("smallest_side", "12 px", 12.0),
    ],
)
def test_numbers_are_typed(labelled: Window, name: str, text: str, value: float) -> None:
    before = rules(labelled)
    type_number(find(labelled, NumberField, f"labels.{name}"), text)
    settle(labelled)
    assert getattr(rules(labelled), name) == value
    undone_in_one(labelled, before)


@pytest.mark.parametrize(
    ("name", "text", "said", "nearest"),
    [
        ("smallest_share", "140", "Allowed: 0 to 100 %", 1.0),
        ("smallest_share", "half", "“half” is no number; allowed: 0 to 100 %", None),
        ("smallest_side", "65", "Allowed: 0 to 64 px", 64.0),
        ("smallest_side", "−1", "Allowed: 0 to 64 px", 0.0),
    ],
)
def test_what_is_not_allowed_stays_with_the_bounds(
    labelled: Window, name: str, text: str, said: str, nearest: float | None
) -> None:
    before = rules(labelled)
    type_number(find(labelled, NumberField, f"labels.{name}"), text)
    settle(labelled)
    assert rules(labelled) == before
    refusal = next(r for r in card(labelled).findChildren(Refusal) if r.isVisible())
    assert refusal.text() == said
    QTest.mouseClick(refusal.button, LEFT)
    settle(labelled)
    assert getattr(rules(labelled), name) == (getattr(before, name) if nearest is None else nearest)


def test_a_number_that_is_typed_is_one_edit_and_escape_takes_it_back(labelled: Window) -> None:
    field = find(labelled, NumberField, "labels.smallest_side")
    field.setFocus()
    field.selectAll()
    QTest.keyClicks(field, "16")
    settle(labelled)
    assert rules(labelled).smallest_side == 16
    QTest.keyClick(field, Qt.Key.Key_Escape)
    settle(labelled)
    assert rules(labelled) == LabelRules()
    assert labelled.studio.undo_stack.count() == 0


def test_the_share_is_slid(labelled: Window) -> None:
    slider = find(labelled, QSlider, "labels.smallest_share.slider")
    slider.setFocus()
    QTest.keyClick(slider, Qt.Key.Key_PageUp)
    settle(labelled)
    assert rules(labelled).smallest_share == 0.35
    undone_in_one(labelled, LabelRules())
    assert find(labelled, NumberField, "labels.smallest_share").text() == "35 %"


@pytest.mark.parametrize(("name", "value"), [("box_fit", BoxFit.CORNERS), ("without_objects", Empty.REDRAW)])
def test_choices(labelled: Window, name: str, value: Any) -> None:
    box = find(labelled, QComboBox, f"labels.{name}")
    box.setCurrentIndex(box.findData(value.value))
    box.activated.emit(box.currentIndex())
    settle(labelled)
    assert getattr(rules(labelled), name) is value
    undone_in_one(labelled, LabelRules())


def test_double_click_on_a_name_gives_the_default(labelled: Window) -> None:
    other = LabelRules(
        smallest_share=0.5,
        smallest_side=9,
        box_fit=BoxFit.CORNERS,
        without_objects=Empty.REDRAW,
        not_mirrored=("cat",),
    )
    for title, name in ((field.title, name) for name, field in LabelRules.model_fields.items()):
        labelled.studio.apply_pipeline("test", FLIP.edited(labels=other))
        settle(labelled)
        labelled.studio.undo_stack.clear()
        (shown,) = [label for label in card(labelled).findChildren(Name) if label.text() == title]
        QTest.mouseDClick(shown, LEFT, pos=QPoint(4, 4))
        settle(labelled)
        assert rules(labelled) == other.edited(**{name: getattr(LabelRules(), name)})
        undone_in_one(labelled, other)


def test_the_button_sets_all_back_in_one(labelled: Window) -> None:
    reset = find(labelled, QToolButton, "labels.reset")
    assert not reset.isEnabled()
    labelled.studio.edit_labels({"smallest_side": 9.0, "not_mirrored": ("cat",)})
    settle(labelled)
    labelled.studio.undo_stack.clear()
    QTest.mouseClick(reset, LEFT)
    settle(labelled)
    assert rules(labelled) == LabelRules()
    assert labelled.studio.undo_stack.count() == 1


def test_what_it_says_comes_from_the_rules_themselves(labelled: Window) -> None:
    for name, field in LabelRules.model_fields.items():
        (shown,) = [label for label in card(labelled).findChildren(Name) if label.text() == field.title]
        assert field.description and field.description in shown.toolTip(), name


def test_it_is_saved_with_the_preset(labelled: Window, tmp_path: Path) -> None:
    type_number(find(labelled, NumberField, "labels.smallest_side"), "5")
    settle(labelled)
    assert labelled.studio.unsaved
    assert labelled.studio.save_preset(tmp_path / "own.json", "Own", "")
    assert presets.load(tmp_path / "own.json").labels.smallest_side == 5


def test_folded_it_shows_its_values(labelled: Window) -> None:
    summary = find(labelled, QLabel, "labels.summary")
    fold = find(labelled, QToolButton, "labels.fold")
    assert not summary.isVisible()
    QTest.mouseClick(fold, LEFT)
    assert summary.isVisible()
    assert not find(labelled, NumberField, "labels.smallest_side").isVisible()
    labelled.studio.edit_labels({"smallest_share": 0.4, "not_mirrored": ("arrow", "cat")})
    settle(labelled)
    assert summary.text() == "40 % · 2 px · ellipse · keep · never mirrored: arrow, cat"
    QTest.mouseClick(fold, LEFT)
    assert not summary.isVisible()


def test_tab_goes_through_it_after_the_other_cards(labelled: Window) -> None:
    above = [w for w in labelled.pipeline._cards["rotate"].tab_chain() if w.isVisible() and w.isEnabled()]
    stops = [w for w in card(labelled).tab_chain() if w.isVisible() and w.isEnabled()]
    above[-1].setFocus()
    QTest.keyClick(above[-1], Qt.Key.Key_Tab)
    met = []
    for _ in stops:
        here = QApplication.focusWidget()
        assert here is not None
        met.append(here.objectName())
        QTest.keyClick(here, Qt.Key.Key_Tab)
    assert met == [stop.objectName() for stop in stops]
    assert met[0] == "labels.fold"
    assert met[-1] == "labels.not_mirrored"


# -- classes that are never mirrored -----------------------------------------------------------------------------------


def test_classes_of_objects_and_of_folders_are_ticked(window: Window, tmp_path: Path) -> None:
    root = write_yolo(tmp_path / "boxes")
    write(root / "images" / "night" / "z.png", 40, 40)
    begin(window, root, CALM)
    assert {"cat", "dog", "arrow", "night"} <= {name for name, _ in lines(window)}
    assert not any(on for _, on in lines(window))
    tick(window, 1)
    assert rules(window).not_mirrored == ("dog",)
    undone_in_one(window, LabelRules())
    tick(window, 0)
    assert rules(window).not_mirrored == ("dog", "cat")
    tick(window, 1)
    assert rules(window).not_mirrored == ("cat",)


def test_entries_that_the_folder_does_not_have_stand_first_and_go_with_their_tick(labelled: Window) -> None:
    labelled.studio.edit_labels({"not_mirrored": ("text", "dog")})
    settle(labelled)
    assert lines(labelled) == [("text (not in this folder)", True), ("cat", False), ("dog", True), ("arrow", False)]
    tick(labelled, 0)
    assert rules(labelled).not_mirrored == ("dog",)
    assert lines(labelled)[0] == ("cat", False)


def test_a_click_on_a_box_ticks(labelled: Window) -> None:
    shown = find(labelled, ClassList, "labels.not_mirrored")
    labelled.pipeline._scroll.ensureWidgetVisible(shown)
    settle(labelled)
    place = shown.visualRect(shown.model().index(1, 0))
    QTest.mouseClick(shown.viewport(), LEFT, pos=QPoint(place.left() + 10, place.center().y()))
    settle(labelled)
    assert rules(labelled).not_mirrored == ("dog",)


def test_more_than_a_preset_can_hold_is_refused_in_words(labelled: Window) -> None:
    labelled.studio.edit_labels({"not_mirrored": tuple(f"n{number}" for number in range(1000))})
    settle(labelled)
    labelled.pipeline.labels._tick("cat", True)
    settle(labelled)
    assert len(rules(labelled).not_mirrored) == 1000
    assert "1000" in labelled.messages.text()


def test_names_are_shown_as_they_are(window: Window, tmp_path: Path) -> None:
    root = write_yolo(tmp_path / "boxes")
    (root / "data.yaml").write_text('names: ["<b>left</b>", "a\\nb", "right & wrong"]\n')
    begin(window, root)
    assert [name for name, _ in lines(window)] == ["<b>left</b>", "a\\x0ab", "right & wrong"]
    assert question(window).startswith("<b>left</b>, right & wrong: ")


# -- the question ------------------------------------------------------------------------------------------------------


def test_it_is_asked_and_answered_in_one_edit(labelled: Window) -> None:
    assert question(labelled) == "arrow: would a mirror image be something else?"
    answer(labelled, "keep")
    assert rules(labelled).not_mirrored == ("arrow",)
    assert question(labelled) == ""
    assert ("arrow", True) in lines(labelled)
    undone_in_one(labelled, LabelRules())
    labelled.studio.undo_stack.undo()
    settle(labelled)
    assert question(labelled), "what is taken back is asked again"


def test_that_they_may_is_remembered_for_the_folder_alone(
    labelled: Window, open_window: OpenWindow, tmp_path: Path
) -> None:
    answer(labelled, "allow")
    assert rules(labelled) == LabelRules()
    assert labelled.studio.undo_stack.count() == 0
    assert question(labelled) == ""
    begin(labelled, write_yolo(tmp_path / "others"))
    assert question(labelled), "another folder is asked about"
    begin(labelled, tmp_path / "boxes")
    assert question(labelled) == ""
    labelled.remember()
    begin(later := open_window(session.load()), tmp_path / "boxes")
    assert question(later) == ""


def test_what_nobody_flips_is_not_asked_about(labelled: Window) -> None:
    for change, asked in (({"enabled": False}, False), ({"enabled": True}, True), ({"probability": 0.0}, False)):
        for name, value in change.items():
            labelled.studio.edit_step("flip", name, value)
        settle(labelled)
        assert bool(question(labelled)) == asked
    labelled.studio.remove_step("flip")
    settle(labelled)
    assert question(labelled) == ""
    labelled.studio.add_step("flip")
    settle(labelled)
    assert question(labelled)


def test_a_tick_that_is_taken_away_is_an_answer(labelled: Window) -> None:
    answer(labelled, "keep")
    tick(labelled, 2)
    assert rules(labelled).not_mirrored == ()
    assert question(labelled) == ""


def test_class_folders_are_asked_about_without_any_labels(window: Window, tmp_path: Path) -> None:
    for seed, name in enumerate(("left", "right", "straight")):
        write(tmp_path / "turns" / name / "1.png", 40, 40, seed=seed)
    begin(window, tmp_path / "turns")
    assert question(window) == "left, right: would a mirror image be something else?"
    assert card(window).isVisible()
    assert [name for name, _ in lines(window)] == ["left", "right", "straight"]
    assert not find(window, NumberField, "labels.smallest_share").isVisible(), "there are no objects"
    answer(window, "keep")
    assert rules(window).not_mirrored == ("left", "right")
    window.studio.undo_stack.undo()
    settle(window)
    answer(window, "allow")
    assert not card(window).isVisible(), "nothing is left to say"


def test_the_question_moves_no_card(labelled: Window) -> None:
    places = {step: found.mapTo(labelled, QPoint()) for step, found in labelled.pipeline._cards.items()}
    answer(labelled, "allow")
    assert {step: found.mapTo(labelled, QPoint()) for step, found in labelled.pipeline._cards.items()} == places


@pytest.mark.parametrize(("width", "height"), [(1440, 900), (1024, 700)])
def test_all_of_it_fits_the_panel(open_window: OpenWindow, tmp_path: Path, width: int, height: int) -> None:
    window = begin(open_window(None, width, height), write_yolo(tmp_path / "boxes"))
    assert (window.width(), window.height()) == (width, height)
    room = window.pipeline._scroll.viewport()
    assert card(window).minimumSizeHint().width() <= room.width()
    for button in ("keep", "allow"):
        shown = find(window, QPushButton, f"labels.mirror.{button}")
        assert shown.width() >= shown.sizeHint().width()
        assert window.rect().contains(shown.mapTo(window, shown.rect().bottomRight()))


# -- what needs no window ----------------------------------------------------------------------------------------------


def of(format_: LabelFormat, *names: str) -> Labelling:
    return Labelling(format_, format_, tuple(Category(number, name) for number, name in enumerate(names)))


@pytest.fixture
def folders(tmp_path: Path) -> Dataset:
    for name in ("a/left", "b/left", "b/up"):
        write(tmp_path / "set" / name / "1.png", 40, 40, seed=len(name))
    return scan(tmp_path / "set")


def test_classes(folders: Dataset) -> None:
    boxes, masks = of(LabelFormat.COCO, "cat", "up", "", "cat"), of(LabelFormat.MASKS, "road")
    assert classes_of(None, ()) == ()
    assert classes_of(folders, ()) == ("left", "up")
    assert classes_of(folders, (boxes, masks)) == ("cat", "up", "left")


def test_who_is_asked_about() -> None:
    names = ("cat", "left", "right")
    assert asked_about(FLIP, names, ()) == ("left", "right")
    assert asked_about(FLIP, names, {"left"}) == ("right",)
    assert asked_about(FLIP.edited(labels=LabelRules(not_mirrored=("right",))), names, {"left"}) == ()
    assert asked_about(CALM, names, ()) == ()
    assert asked_about(Pipeline(), names, ()) == ()


def test_names_in_short() -> None:
    assert in_short(("left",)) == "left"
    assert in_short(tuple("abcd")) == "a, b, c, d"
    assert in_short([chr(97 + number) for number in range(26)]) == "a, b, c, d and 22 more"
    assert len(in_short(["x" * 200] * 4)) < 140


def test_rules_in_short() -> None:
    assert rules_in_short(LabelRules(), objects=True) == "25 % · 2 px · ellipse · keep"
    assert rules_in_short(LabelRules(), objects=False) == "any class may be mirrored"
    told = LabelRules(smallest_share=0.125, without_objects=Empty.REDRAW, not_mirrored=("b", "d"))
    assert rules_in_short(told, objects=True) == "12.5 % · 2 px · ellipse · redraw · never mirrored: b, d"
    assert rules_in_short(told, objects=False) == "never mirrored: b, d"
