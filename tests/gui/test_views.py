"""The switch of views: one picture, step by step, two pipelines held against each other; copies, pixel values."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from driving import activate, find, read_rgba, settle, until, write
from hypothesis import given
from pictures import smooth
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QAction, QMouseEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QComboBox, QLabel, QPushButton, QToolButton, QWidget
from strategies import pipelines
from windows import OpenWindow

from augstudio import images
from augstudio.dataset import scan
from augstudio.gui.intent import session as sessions
from augstudio.gui.intent.differences import differences
from augstudio.gui.intent.state import State, resolve
from augstudio.gui.intent.views import START, Pairs, Shown, StepTile, ViewKind, ViewOptions
from augstudio.gui.parts.controls import ElidedLabel
from augstudio.gui.parts.qimages import from_image
from augstudio.gui.shell.window import Window
from augstudio.gui.stage import previews
from augstudio.gui.stage.compare import Viewport
from augstudio.gui.stage.rendering import Detail, PictureCache, Rendered, Wanted, render
from augstudio.gui.stage.stepping import Stepper, WantedStep, in_words
from augstudio.gui.stage.tile_image import Form
from augstudio.images import encode
from augstudio.pipeline import Fit, Fused, Output, Pipeline
from augstudio.transforms import Range, registry

KEYS = {
    ViewKind.PICTURE: Qt.Key.Key_1,
    ViewKind.SHEET: Qt.Key.Key_2,
    ViewKind.STEPS: Qt.Key.Key_3,
    ViewKind.COMPARE: Qt.Key.Key_4,
}
THREE = Pipeline(transforms=tuple(registry()[op].default(probability=1.0) for op in ("rotate", "crop", "brightness")))


def go(window: Window, kind: ViewKind) -> None:
    activate(window)
    QTest.keyClick(window, KEYS[kind], Qt.KeyboardModifier.AltModifier)
    settle(window)
    assert window.studio.state.kind is kind


def copy_shown(window: Window) -> np.ndarray:
    image = window.compare.augmented.image()
    assert image is not None
    return from_image(image)


def left_shown(window: Window) -> np.ndarray:
    image = window.compare.original.image()
    assert image is not None
    return from_image(image)


def press(window: Window, name: str) -> None:
    QTest.mouseClick(find(window, QPushButton, name), Qt.MouseButton.LeftButton)
    settle(window)


@pytest.fixture
def three(loaded: Window) -> Window:
    loaded.studio.apply_pipeline("three", THREE)
    settle(loaded)
    return loaded


# -- the switch ----------------------------------------------------------------------------------------------------


def test_keys_and_buttons_switch_and_each_view_has_its_parts(three: Window) -> None:
    parts: dict[ViewKind, set[str]] = {
        ViewKind.PICTURE: {"strip"},
        ViewKind.SHEET: {"sheet"},
        ViewKind.STEPS: {"steps"},
        ViewKind.COMPARE: {"strip", "compare.bar"},
    }
    for kind in (*ViewKind, ViewKind.PICTURE):
        go(three, kind)
        seen = {name for name in ("strip", "sheet", "steps", "compare.bar") if find(three, QWidget, name).isVisible()}
        assert seen == parts[kind]
        assert three.compare.isVisible() == (kind is not ViewKind.SHEET)
        on = [k for k in ViewKind if find(three, QToolButton, f"view.{k.value}").isChecked()]
        assert on == [kind]
    QTest.mouseClick(find(three, QToolButton, "view.steps"), Qt.MouseButton.LeftButton)
    assert three.studio.state.kind is ViewKind.STEPS
    for kind in ViewKind:
        button = find(three, QToolButton, f"view.{kind.value}")
        assert button.accessibleName().startswith("View: ")
        assert "Alt+" in button.toolTip()


def test_each_view_keeps_its_place(three: Window) -> None:
    three.studio.show_version(Shown("copy", 3))
    three.compare.show_whole()
    go(three, ViewKind.STEPS)
    three.studio.show_after("rotate")
    settle(three)
    for kind in ViewKind:
        go(three, kind)
    go(three, ViewKind.STEPS)
    assert three.studio.state.after == "rotate"
    assert three.stage.steps.currentRow() == 1
    go(three, ViewKind.PICTURE)
    assert three.studio.state.shown == Shown("copy", 3)
    assert three.compare.viewport.scale == 1.0


def test_whoever_comes_back_finds_the_rows_as_they_were(three: Window) -> None:
    for _ in range(12):
        three.studio.duplicate_step("brightness")
    go(three, ViewKind.STEPS)
    scrolled = three.stage.steps.horizontalScrollBar()
    assert scrolled.maximum() > 200
    scrolled.setValue(100)
    emptied: list[object] = []
    three.previews.emptied.connect(lambda: emptied.append(1))
    for kind in (*ViewKind, ViewKind.SHEET):
        go(three, kind)
    go(three, ViewKind.STEPS)
    assert scrolled.value() == 100
    assert not emptied, "the same picture is shown"
    go(three, ViewKind.SHEET)
    three.studio.show_picture(three.studio.state.dataset.sources[1].key)  # type: ignore[union-attr]
    go(three, ViewKind.PICTURE)
    assert emptied
    assert np.array_equal(left_shown(three)[..., :3], read_rgba(three.studio.state.source.path)[..., :3])  # type: ignore[union-attr]


def test_nothing_is_rendered_large_where_nothing_is_shown_large(three: Window) -> None:
    go(three, ViewKind.SHEET)
    made: list[object] = []
    three.previews.augmented.connect(lambda *_: made.append(1))
    three.studio.edit_step("rotate", "angle", (5.0, 9.0))
    settle(three)
    assert made == []
    go(three, ViewKind.PICTURE)
    expected = three.studio.state.pipeline(
        read_rgba(three.studio.state.source.path)[..., :3],  # type: ignore[union-attr]
        seed=three.studio.state.seed,
        key=three.studio.state.picture,
        copy=1,
    )
    assert np.array_equal(copy_shown(three)[..., :3], expected)


def test_opening_the_same_folder_again_leaves_the_sheet_full(three: Window, photos: Path) -> None:
    go(three, ViewKind.SHEET)
    for again in range(2):
        assert len(three.sheet._sources) == len(three.studio.state.dataset.sources)  # type: ignore[union-attr]
        if not again:
            three.open_folder(photos)
            settle(three)


def test_leaving_the_sheet_leaves_no_focus_behind(three: Window) -> None:
    go(three, ViewKind.SHEET)
    focus = three.focusWidget()
    assert focus is not None
    assert three.sheet.isAncestorOf(focus)
    three.sheet.asked.emit(three.studio.state.dataset.sources[2].key)  # type: ignore[union-attr]
    settle(three)
    assert three.studio.state.kind is ViewKind.PICTURE
    assert three.studio.state.picture == three.studio.state.dataset.sources[2].key  # type: ignore[union-attr]
    assert three.focusWidget() is three.pictures.list


def test_what_differs_is_said_in_the_sheet_where_it_shows_both(three: Window) -> None:
    bar = find(three, QWidget, "compare.bar")
    three.studio.pin()
    three.studio.edit_step("rotate", "angle", (-25.0, 25.0))
    go(three, ViewKind.SHEET)
    assert not bar.isVisible()
    three.studio.lay_out_sheet(three.studio.state.sheet._replace(pairs=Pairs.PINNED))
    settle(three)
    assert bar.isVisible()
    assert "±15° → ±25°" in find(three, ElidedLabel, "compare.differences").text()


# -- steps ---------------------------------------------------------------------------------------------------------


def state_of(tmp_path: Path, pipeline: Pipeline, kind: ViewKind = ViewKind.STEPS) -> State:
    root = tmp_path / "set"
    root.mkdir(exist_ok=True)
    (root / "a.png").write_bytes(encode(smooth(60, 80), "PNG", 95))
    return State(dataset=scan(root), picture="a.png", pipeline=pipeline, kind=kind)


@pytest.mark.parametrize("size", [None, (48, 32)], ids=["own size", "output"])
@pytest.mark.parametrize("op", sorted(registry()))
def test_the_last_tile_is_the_copy_and_each_tile_the_pipeline_cut_there(
    tmp_path: Path, op: str, size: tuple[int, int] | None
) -> None:
    output = Output(fit=Fit.PAD, width=size[0], height=size[1]) if size else Output()
    steps = ("rotate", op, "quarter_turn", "contrast")
    pipeline = Pipeline(output=output, transforms=tuple(registry()[one].default(probability=1.0) for one in steps))
    state = state_of(tmp_path, pipeline)
    tiles = resolve(state).wanted.steps
    assert [tile.step for tile in tiles] == [START, *(step.id for step in pipeline.transforms)]
    cache = PictureCache()
    stepper, form = Stepper(cache), Form(*(size or (80, 80)))  # as large as they are
    before: StepTile | None = None
    for tile in tiles:
        made = stepper(WantedStep(tile, before.view if before else None, True, form)).image.bare
        cut = pipeline.transforms[: tiles.index(tile)]
        same = pipeline.edited(transforms=cut)
        expected = same(smooth(60, 80), seed=0, key="a.png", copy=1)
        assert np.array_equal(from_image(made)[..., :3], expected), tile.title
        before = tile
    copy = resolve(state_of(tmp_path, pipeline, ViewKind.PICTURE)).wanted.strip[2]
    last = stepper(WantedStep(tiles[-1], None, True, form)).image.bare
    assert np.array_equal(from_image(last), from_image(render(Wanted(copy, Detail.STRIP), cache).image))


def test_a_step_is_shown_large_by_a_click_and_the_last_is_the_copy(three: Window) -> None:
    whole = copy_shown(three)
    go(three, ViewKind.STEPS)
    steps = three.stage.steps
    assert steps.count() == 4
    assert steps.currentRow() == 3
    assert np.array_equal(copy_shown(three), whole)
    three.studio.hold("rotate", "angle", None)
    steps.setFocus()
    QTest.keyClick(steps, Qt.Key.Key_Left)
    settle(three)
    assert three.studio.state.after == "crop"
    assert "after Crop" in three.compare._right.title.text()
    assert not np.array_equal(copy_shown(three), whole)
    QTest.keyClick(steps, Qt.Key.Key_Home)
    settle(three)
    assert three.studio.state.after == START
    assert np.array_equal(copy_shown(three), left_shown(three))
    QTest.keyClick(steps, Qt.Key.Key_End)
    settle(three)
    assert three.studio.state.after == ""
    assert np.array_equal(copy_shown(three), whole)


def test_what_is_applied_at_once_is_said(three: Window) -> None:
    go(three, ViewKind.STEPS)
    assert three.stage.drawn.text() == "One resampling for 1–2"
    go(three, ViewKind.PICTURE)
    assert three.stage.drawn.text().startswith("Copy 1")


def test_nothing_is_said_of_a_picture_that_cannot_be_read_or_of_a_pipeline_without_steps(
    open_window: OpenWindow, tmp_path: Path
) -> None:
    (tmp_path / "a.png").write_bytes(encode(smooth(60, 80), "PNG", 95))
    (tmp_path / "broken.png").write_bytes(b"none")
    window = open_window()
    window.open_folder(tmp_path, "a.png")
    window.studio.apply_pipeline("three", THREE)
    settle(window)
    go(window, ViewKind.STEPS)
    assert window.stage.drawn.text() == "One resampling for 1–2"
    window.studio.show_picture("broken.png")
    settle(window)
    assert window.stage.drawn.text() == ""
    window.studio.show_picture("a.png")
    settle(window)
    assert window.stage.drawn.text() == "One resampling for 1–2"
    window.studio.new_pipeline()
    settle(window)
    assert window.stage.drawn.text() == "No step is switched on: the copy is the picture as it is."
    window.studio.edit_pipeline("output", Output(width=32, height=32, fit=Fit.PAD))
    settle(window)
    assert window.stage.drawn.text() == "No step is switched on: the copy is only resized."


def test_the_chosen_tile_shows_a_step_that_is_left_out_in_its_own_colours(three: Window) -> None:
    three.studio.edit_step("brightness", "probability", 0.0)
    settle(three)
    go(three, ViewKind.STEPS)
    steps = three.stage.steps

    def middle() -> list[int]:
        at = steps.visualItemRect(steps.item(3)).center() - QPoint(0, 16)
        colour = steps.viewport().grab().toImage().pixelColor(at)
        return [colour.red(), colour.green(), colour.blue()]

    assert steps.currentRow() == 3
    chosen = middle()
    steps.setCurrentRow(0)
    settle(three)
    assert max(abs(a - b) for a, b in zip(chosen, middle(), strict=True)) <= 3


def test_tiles_say_what_was_drawn_and_how_much_it_changed(three: Window) -> None:
    three.studio.edit_step("brightness", "enabled", False)
    settle(three)
    go(three, ViewKind.STEPS)
    steps = three.stage.steps
    said = [steps.item(row).data(Qt.ItemDataRole.AccessibleTextRole) for row in range(steps.count())]
    assert said[0] == "Original"
    assert said[1].startswith("1 Rotate ")
    assert "changes" in said[1]
    assert said[2].startswith("2 Crop ")
    assert len(said) == 3, "what is switched off has no picture"
    three.studio.edit_step("rotate", "probability", 0.0)
    settle(three)
    assert "not in this copy" in steps.item(1).data(Qt.ItemDataRole.AccessibleTextRole)


def test_a_step_that_is_removed_is_shown_no_more(three: Window) -> None:
    go(three, ViewKind.STEPS)
    three.studio.show_after("rotate")
    three.studio.remove_step("rotate")
    settle(three)
    assert three.stage.steps.currentRow() == three.stage.steps.count() - 1 == 2
    three.studio.undo_stack.undo()
    settle(three)
    assert three.stage.steps.currentRow() == 1


def test_fusion_in_words() -> None:
    view = resolve(State()).wanted.large
    tiles = [StepTile(START, "Original", "", True, view)]  # type: ignore[arg-type]
    tiles += [StepTile(f"s{n}", f"{n} Step", "", True, view) for n in range(1, 8)]  # type: ignore[arg-type]
    together = (Fused(("s1", "s2", "s4"), True), Fused(("s5",), False), Fused(("s6", "s7"), False))
    assert in_words(together, tiles) == "One resampling for 1–2, 4 · one pass over the levels for 6–7"
    assert in_words((), tiles) == ""


# -- A | B ---------------------------------------------------------------------------------------------------------


def test_equal_pipelines_show_equal_pixels_and_an_edit_shows_on_one_side(three: Window) -> None:
    go(three, ViewKind.COMPARE)
    words = find(three, ElidedLabel, "compare.differences")
    assert "Pin" in words.text()
    press(three, "compare.pin")
    assert np.array_equal(left_shown(three), copy_shown(three))
    assert "like A" in words.text()
    pinned = left_shown(three)
    three.studio.edit_step("rotate", "angle", (-25.0, 25.0))
    three.studio.add_step("gaussian_noise")
    settle(three)
    assert words.text() == "B: Rotate ±15° → ±25° · Gaussian noise added"
    assert np.array_equal(left_shown(three), pinned)
    assert not np.array_equal(copy_shown(three), pinned)
    press(three, "compare.use_a")
    assert three.studio.state.pipeline == THREE
    assert np.array_equal(copy_shown(three), pinned)
    three.studio.undo_stack.undo()
    settle(three)
    assert len(three.studio.state.pipeline.transforms) == 4
    press(three, "compare.use_b")
    assert three.studio.state.pinned == three.studio.state.pipeline
    assert np.array_equal(left_shown(three), copy_shown(three))
    go(three, ViewKind.PICTURE)
    original = left_shown(three)
    assert not np.array_equal(original, pinned)
    assert np.array_equal(original[..., :3], read_rgba(three.studio.state.source.path)[..., :3])  # type: ignore[union-attr]


@pytest.mark.parametrize("pairs", Pairs)
@pytest.mark.parametrize(
    "way", [(ViewKind.SHEET,), (ViewKind.STEPS,), (ViewKind.PICTURE,), (ViewKind.STEPS, ViewKind.SHEET)]
)
def test_a_is_there_whichever_view_one_comes_from(way: tuple[ViewKind, ...], pairs: Pairs, three: Window) -> None:
    three.studio.pin()
    three.studio.edit_step("rotate", "angle", (20.0, 21.0))
    settle(three)
    three.studio.use_pinned()
    settle(three)
    pinned = copy_shown(three)
    three.studio.undo_stack.undo()
    three.studio.lay_out_sheet(three.studio.state.sheet._replace(pairs=pairs))
    for kind in (*way, ViewKind.COMPARE):
        go(three, kind)
    assert three.compare._left.title.text() == "A · Copy 1"
    assert np.array_equal(left_shown(three), pinned)
    assert not np.array_equal(copy_shown(three), pinned)
    go(three, ViewKind.PICTURE)
    assert three.compare._left.title.text() == "Original"


def test_a_follows_picture_copy_and_seed(three: Window) -> None:
    three.studio.pin()
    go(three, ViewKind.COMPARE)
    for change in (
        lambda: three.studio.show_version(Shown("copy", 4)),
        lambda: three.pictures.step(1),
        lambda: three.studio.set_seed(99),
        lambda: three.studio.show_version(Shown("highest")),
    ):
        before = left_shown(three)
        change()
        settle(three)
        assert left_shown(three).tobytes() != before.tobytes()
        assert np.array_equal(left_shown(three), copy_shown(three))


def test_pinning_stands_in_the_menu_too(three: Window) -> None:
    actions = find(three, QToolButton, "view.more").menu().actions()
    (pin,) = [action for action in actions if action.objectName() == "action.pin"]
    pin.trigger()
    settle(three)
    assert three.studio.state.pinned == THREE


@given(old=pipelines(), new=pipelines())
def test_differences_are_said_where_there_are_any(old: Pipeline, new: Pipeline) -> None:
    assert differences(old, old) == ()
    alike = old.edited(name="", description="") == new.edited(name="", description="")
    same_copies = alike or (old.transforms, old.output, old.labels, old.trained_at) == (
        new.transforms,
        new.output,
        new.labels,
        new.trained_at,
    )
    assert bool(differences(old, new)) != same_copies
    assert all(words and "\n" not in words for words in differences(old, new))


def test_differences_in_words() -> None:
    crop = registry()["crop"].default(id="crop", area=Range(0.6, 1.0), probability=1.0)
    old = THREE.edited(transforms=(THREE.transforms[0], crop, THREE.transforms[2]))
    new = old.with_step("crop", area=Range(0.5, 0.9), probability=0.5).with_step("rotate", enabled=False)
    new = new.moving("brightness", 0).adding(registry()["rotate"].default()).edited(training_size=96)
    assert set(differences(old, new)) == {
        "Crop area kept 0.6 … 1 → 0.5 … 0.9",
        "Crop in 100 % → 50 % of the copies",
        "Rotate 1 off",
        "Rotate 2 added",
        "order: Brightness, Rotate 1 and Crop",
        "training size 224 → 96 px",
    }
    assert differences(old, old.without("crop")) == ("Crop removed",)
    sized = old.edited(output=Output(fit=Fit.CROP, width=64, height=48))
    assert differences(old, sized) == ("output each picture's own size → 64 × 48 (crop)",)


# -- the key that is held --------------------------------------------------------------------------------------------


def test_a_key_held_down_shows_the_original_in_place(three: Window) -> None:
    activate(three)
    copy, where = copy_shown(three), three.compare.augmented.picture_rect()
    three.compare.augmented.setFocus()
    QTest.keyPress(three.compare.augmented, Qt.Key.Key_O)
    assert np.array_equal(copy_shown(three), left_shown(three))
    assert three.compare.augmented.picture_rect() == where
    assert three.compare.augmented.caption == "Original"
    three.studio.edit_step("rotate", "angle", (3.0, 4.0))
    settle(three)
    assert np.array_equal(copy_shown(three), left_shown(three)), "what comes meanwhile waits"
    three.studio.undo_stack.undo()
    settle(three)
    QTest.keyRelease(three.compare.augmented, Qt.Key.Key_O)
    settle(three)
    assert np.array_equal(copy_shown(three), copy)
    assert three.compare.augmented.caption == ""


def test_a_menu_that_is_opened_meanwhile_keeps_no_key_down(three: Window) -> None:
    activate(three)
    copy = copy_shown(three)
    QTest.keyPress(three.pictures.list, Qt.Key.Key_O)
    assert np.array_equal(copy_shown(three), left_shown(three))
    menu = three.stage.bar.menu
    menu.popup(three.mapToGlobal(QPoint(100, 100)))
    QTest.keyRelease(menu, Qt.Key.Key_O)
    assert np.array_equal(copy_shown(three), copy)
    menu.close()


def test_it_shows_a_where_pipelines_are_compared(three: Window) -> None:
    three.studio.pin()
    go(three, ViewKind.COMPARE)
    three.studio.edit_step("rotate", "angle", (20.0, 21.0))
    settle(three)
    copy = copy_shown(three)
    three.pictures.list.setFocus()
    QTest.keyPress(three.pictures.list, Qt.Key.Key_O)
    assert three.compare.augmented.caption == "A"
    assert np.array_equal(copy_shown(three), left_shown(three))
    QTest.keyRelease(three.pictures.list, Qt.Key.Key_O)
    assert np.array_equal(copy_shown(three), copy)


# -- the menu --------------------------------------------------------------------------------------------------------


def choose(window: Window, name: str) -> None:
    (action,) = [one for one in window.stage.bar.menu.actions() if one.objectName() == name]
    assert isinstance(action, QAction)
    action.trigger()
    settle(window)


def test_several_copies_are_shown_large(three: Window) -> None:
    choose(three, "view.copies.3")
    more = [pane.view for pane in three.compare._more]
    assert all(view.isVisible() for view in more)
    for number, view in enumerate(more, 2):
        image = view.image()
        assert image is not None
        three.studio.show_version(Shown("copy", number))
        settle(three)
        assert np.array_equal(copy_shown(three), from_image(image))
        three.studio.show_version(Shown("copy", 1))
        settle(three)
    widths = {view.width() for view in (three.compare.original, three.compare.augmented, *more)}
    assert max(widths) - min(widths) <= 1
    for kind in (ViewKind.STEPS, ViewKind.COMPARE):  # further copies belong to the pictures alone
        go(three, kind)
        assert not any(view.isVisible() for view in more)
        assert not any(action.isEnabled() for action in three.stage.bar._copies.actions())
    three.studio.edit_step("rotate", "angle", (30.0, 31.0))
    settle(three)
    go(three, ViewKind.PICTURE)
    for number, view in enumerate(more, 2):
        image = view.image()
        assert image is not None
        three.studio.show_version(Shown("copy", number))
        settle(three)
        assert np.array_equal(copy_shown(three), from_image(image))
        three.studio.show_version(Shown("copy", 1))
        settle(three)
    choose(three, "view.copies.1")
    assert not any(view.isVisible() for view in more)


@pytest.mark.parametrize("way", ["pinned", "copies", "output"])
def test_at_100_percent_what_stands_beside_the_copy_is_as_sharp(
    open_window: OpenWindow, tmp_path: Path, way: str
) -> None:
    (tmp_path / "large.png").write_bytes(encode(smooth(60, 1500, 3), "PNG", 90))
    window = open_window()
    window.open_folder(tmp_path)
    window.studio.apply_pipeline("three", THREE)
    settle(window)
    window.compare.show_whole()
    settle(window)
    if way == "copies":  # the copy is whole by now: that tells nothing of others
        choose(window, "view.copies.3")
        beside = [pane.content for pane in window.compare._more]
    else:
        window.studio.pin()
        if way == "output":
            window.studio.edit_pipeline("output", Output(width=64, height=64, fit=Fit.PAD))
        go(window, ViewKind.COMPARE)
        if way == "output":  # A is larger than the whole of B: it takes more to see all of it
            window.compare._set(Viewport(24.0))
            settle(window)
        beside = [window.compare._pinned]
    assert window.compare._copy.exact
    for content in beside:
        assert content.exact
        assert content.image is not None
        assert content.image.width() == 1500


def test_values_of_pixels_are_told(three: Window) -> None:
    choose(three, "view.pixels")
    view = three.compare.augmented
    image = view.image()
    assert image is not None
    where = view.picture_rect().center() / view.devicePixelRatioF()
    event = QMouseEvent(
        QMouseEvent.Type.MouseMove,
        where,
        view.mapToGlobal(where),
        Qt.MouseButton.NoButton,
        Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier,
    )
    view.mouseMoveEvent(event)
    colour = image.pixelColor(image.width() // 2, image.height() // 2)
    assert f"R {colour.red()}  G {colour.green()}  B {colour.blue()}" in view.readout
    other = three.compare.original
    assert other.readout != ""
    outside = QPointF(1, 1)
    view.mouseMoveEvent(
        QMouseEvent(
            QMouseEvent.Type.MouseMove,
            outside,
            view.mapToGlobal(outside),
            Qt.MouseButton.NoButton,
            Qt.MouseButton.NoButton,
            Qt.KeyboardModifier.NoModifier,
        )
    )
    assert view.readout == ""
    choose(three, "view.pixels")
    assert not view.hasMouseTracking()


def test_options_are_remembered(three: Window, open_window: OpenWindow) -> None:
    choose(three, "view.copies.2")
    choose(three, "view.names")
    three.studio.lay_out_sheet(three.studio.state.sheet._replace(each=16))
    three.remember()
    again = open_window(sessions.load())
    assert again.studio.state.options == ViewOptions(copies=2, pixels=False, names=False)
    assert again.studio.state.sheet.each == 16


def test_a_session_of_nonsense_gives_what_is_usual(tmp_path: Path) -> None:
    for nonsense in (7, "x", [], {"copies": 99, "names": "no", "each": -4, "pairs": "?", "size": 1e9}):
        state = sessions.Session(views=nonsense if isinstance(nonsense, dict) else None)
        assert state.options() == ViewOptions()
        assert state.sheet_look() == resolve(State()).sheet_look


def test_before_a_folder_is_open_no_view_breaks(window: Window) -> None:
    for kind in (*ViewKind, ViewKind.PICTURE):
        go(window, kind)
    assert find(window, QLabel, "compare.exact").text() == ""


# -- what was found by looking ---------------------------------------------------------------------------------------


def test_the_sheet_says_which_version_it_shows_and_lets_another_be_chosen(three: Window) -> None:
    three.studio.show_version(Shown("highest"))
    go(three, ViewKind.SHEET)
    box = find(three, QComboBox, "sheet.version")
    assert box.currentText() == "Highest ends"
    box.setCurrentIndex(box.findText("Copy 5"))
    box.activated.emit(box.currentIndex())
    settle(three)
    assert three.studio.state.shown == Shown("copy", 5)
    go(three, ViewKind.PICTURE)
    assert three.strip.currentItem().text() == "Copy 5"


def test_the_sheet_says_what_is_held(three: Window) -> None:
    pill = find(three, QLabel, "sheet.showing")
    go(three, ViewKind.SHEET)
    assert not pill.isVisible()
    before = three.sheet.canvas.geometry()
    three.studio.hold("rotate", "angle", 15.0)
    settle(three)
    assert pill.isVisible()
    assert three.sheet.canvas.geometry() == before, "nothing jumps"
    assert pill.text() == "showing angle 15°"
    three.studio.let_go()
    settle(three)
    assert not pill.isVisible()


def test_without_classes_the_sheet_says_of_how_many(window: Window, tmp_path: Path) -> None:
    for number in range(11):
        write(tmp_path / f"{number:02}.png", 30, 40, seed=number)
    window.open_folder(tmp_path)
    settle(window)
    go(window, ViewKind.SHEET)
    words = find(window, QLabel, "sheet.of")
    assert words.isVisible()
    assert words.text() == "of 11"
    window.studio.lay_out_sheet(window.studio.state.sheet._replace(each=0))
    settle(window)
    assert not words.isVisible()


def test_the_box_says_what_tiles_show(three: Window) -> None:
    box = find(three, QComboBox, "sheet.pairs")
    three.studio.lay_out_sheet(three.studio.state.sheet._replace(pairs=Pairs.PINNED))
    go(three, ViewKind.SHEET)
    assert box.currentText() == "Original and copy", "there is no A"
    three.studio.pin()
    settle(three)
    assert box.currentText() == "A and B"


def test_what_is_held_is_let_go_where_its_range_becomes_another(three: Window) -> None:
    three.studio.hold("rotate", "angle", 15.0)
    three.studio.edit_step("rotate", "angle", (-5.0, 5.0))
    settle(three)
    assert three.studio.state.held is None
    assert three.compare.augmented.caption == ""
    three.studio.hold("rotate", "angle", 5.0)
    three.studio.apply_pipeline("another", Pipeline())
    settle(three)
    assert three.studio.state.held is None


@pytest.mark.parametrize(("channels", "words"), [(1, "Grey {}"), (2, "Grey {}  A {}"), (3, "R {}  G {}  B {}")])
def test_sixteen_bit_and_grey_pixels_are_told_as_the_file_has_them(
    window: Window, tmp_path: Path, channels: int, words: str
) -> None:
    pixels = smooth(30, 40, channels, np.uint16)
    (tmp_path / "a.png").write_bytes(encode(pixels, "PNG", 95))
    window.open_folder(tmp_path)
    window.studio.apply_pipeline("none", Pipeline())
    settle(window)
    expected = words.format(*np.atleast_1d(pixels[15, 20]).tolist())
    for pane in (window.compare._left, window.compare._right):
        assert pane.content.pixel(20.5 / 40, 15.5 / 30)[1] == expected


def test_an_a_that_cannot_be_made_says_so(three: Window, monkeypatch: pytest.MonkeyPatch) -> None:
    three.studio.pin()
    real = previews.render

    def failing(wanted: Wanted, cache: PictureCache) -> Rendered:
        if threading.current_thread().name == "augstudio-beside":
            raise MemoryError("too large")
        return real(wanted, cache)

    monkeypatch.setattr(previews, "render", failing)
    go(three, ViewKind.COMPARE)
    assert three.compare.original._message == "This version cannot be made: too large"
    monkeypatch.undo()
    three.studio.set_seed(4)
    settle(three)
    assert np.array_equal(left_shown(three), copy_shown(three))


def test_the_tip_of_a_step_says_what_each_number_is(loaded: Window) -> None:
    cut_out = registry()["cutout"].default(probability=1.0)
    loaded.studio.apply_pipeline("cut", Pipeline(transforms=(cut_out,)))
    settle(loaded)
    go(loaded, ViewKind.STEPS)
    said = loaded.stage.steps.item(1).data(Qt.ItemDataRole.AccessibleTextRole)
    for knob in cut_out.knobs().values():
        assert knob.label.lower() in said


def test_a_picture_is_read_once_however_many_threads_want_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path, read, real = write(tmp_path / "a.png", 40, 50), list[Path](), images.read
    gate = threading.Event()

    def slow(path: Path, **more: object) -> images.Picture:
        read.append(path)
        assert gate.wait(30)
        return real(path, **more)  # type: ignore[arg-type]

    monkeypatch.setattr(images, "read", slow)
    cache = PictureCache()
    with ThreadPoolExecutor(4) as pool:
        wanted = [pool.submit(cache.get, path, None) for _ in range(4)]
        gate.set()
        assert len({id(one.result()) for one in wanted}) == 1
    assert len(read) == 1
    (tmp_path / "b.png").write_bytes(b"nothing")
    with ThreadPoolExecutor(4) as pool:
        for one in [pool.submit(cache.get, tmp_path / "b.png", None) for _ in range(4)]:
            assert isinstance(one.exception(), images.PictureError)


def test_a_file_written_in_place_is_renewed_in_the_sheet(three: Window) -> None:
    go(three, ViewKind.SHEET)
    three.watch._often.setInterval(20)
    source = three.studio.state.dataset.sources[1]  # type: ignore[union-attr]
    before = three.sheet.stamps()[source]
    source.path.write_bytes(encode(smooth(50, 70, seed=99), "PNG", 95))
    until(lambda: three.sheet.stamps().get(source, before) != before, "the tile is of the new file")
    go(three, ViewKind.PICTURE)
    assert not three.watch._often.isActive()
