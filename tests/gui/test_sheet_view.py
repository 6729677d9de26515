"""The sheet: what it shows, how mouse and keys act on it, what it asks of the window; and sorting by change."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from driving import activate, find, settle, until, write
from PySide6.QtCore import QEvent, QPoint, QPointF, QRect, Qt
from PySide6.QtGui import QColor, QContextMenuEvent, QHelpEvent, QImage, QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QCheckBox, QComboBox, QLabel, QMenu, QPushButton, QSlider, QToolTip

from augstudio.dataset import Source, scan
from augstudio.gui.intent.views import Pairs, SheetLook, SheetRequest, Shown, ViewKind
from augstudio.gui.parts import style
from augstudio.gui.parts.qimages import from_image
from augstudio.gui.parts.workers import Worker
from augstudio.gui.sheet.making import Part
from augstudio.gui.sheet.panel import Sheet
from augstudio.gui.shell.application import make_application
from augstudio.gui.shell.window import Window
from augstudio.pipeline import Output, Pipeline
from augstudio.transforms import registry

LEFT, NO_KEY = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
ROTATE = Pipeline(transforms=(registry()["rotate"].default(probability=1.0, angle=(-90, 90)),))
BRIGHT = Pipeline(transforms=(registry()["brightness"].default(probability=1.0),))
PLAIN = Pipeline()


def request_of(pipeline: Pipeline = PLAIN, seed: int = 0, **more: Any) -> SheetRequest:
    return SheetRequest(pipeline, seed, Shown(), **more)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three classes: 12 mugs, 5 books, and a cat."""
    root = tmp_path_factory.mktemp("sheet")
    for label, many in (("mug", 12), ("book", 5), ("cat", 1)):
        for number in range(many):
            write(root / label / f"{label}{number:02}.png", 60, 90, seed=number)
    return root


class Told:
    """What a sheet told, signal by signal."""

    def __init__(self, sheet: Sheet) -> None:
        self.asked: list[str] = []
        self.excluded: list[str] = []
        self.looks: list[SheetLook] = []
        self.current: list[str] = []
        sheet.asked.connect(self.asked.append)
        sheet.exclusion_toggled.connect(self.excluded.append)
        sheet.look_changed.connect(self.looks.append)
        sheet.current_changed.connect(self.current.append)


MakeSheet = Callable[..., Sheet]


@pytest.fixture
def make_sheet(qtbot: object) -> Iterator[MakeSheet]:
    made: list[Sheet] = []
    first = Worker(lambda request: request, "first")

    def make_one(
        sources: tuple[Source, ...],
        request: SheetRequest | None = None,
        size: tuple[int, int] = (700, 500),
        **look: Any,
    ) -> Sheet:
        sheet = Sheet(first)
        made.append(sheet)
        sheet._counting.setInterval(1)
        sheet.tiles.pause.setInterval(1)
        sheet.resize(*size)
        sheet.set_look(SheetLook()._replace(**look))
        sheet.set_sources(sources)
        sheet.set_request(request or request_of())
        sheet.show()
        rest(sheet)
        return sheet

    yield make_one
    for sheet in made:
        sheet.stop()
        sheet.hide()
        sheet.deleteLater()
    first.stop()
    if style.theme() is not style.LIGHT:
        style.fix(None)
        style.apply(make_application())


def rest(sheet: Sheet) -> None:
    quiet = 0

    def done() -> bool:
        nonlocal quiet
        quiet = quiet + 1 if sheet.idle else 0
        return quiet > 2

    until(done, "the sheet comes to rest")


def shown_keys(sheet: Sheet) -> list[str]:
    found = sheet.canvas.arrangement
    return [found.source(number).key for number in range(found.count)]


def place(sheet: Sheet, key: str) -> QRect:
    number = sheet.canvas.arrangement.number(key)
    assert number is not None
    return sheet.canvas._place(number)


def painted(sheet: Sheet) -> np.ndarray:
    return from_image(sheet.canvas.viewport().grab().toImage())


def click(sheet: Sheet, key: str) -> None:
    QTest.mouseClick(sheet.canvas.viewport(), LEFT, NO_KEY, place(sheet, key).center())


def press(sheet: Sheet, *keys: Qt.Key) -> None:
    for key in keys:
        QTest.keyClick(sheet.canvas, key)


def labels(sheet: Sheet) -> str:
    return find(sheet, QLabel, "sheet.count").text()


def wheel(sheet: Sheet, notches: float, modifiers: Qt.KeyboardModifier = NO_KEY) -> None:
    viewport = sheet.canvas.viewport()
    where = QPointF(viewport.rect().center())
    delta = QPoint(0, round(120 * notches))
    event = QWheelEvent(
        where,
        viewport.mapToGlobal(where),
        QPoint(),
        delta,
        LEFT & ~LEFT,
        modifiers,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    QApplication.sendEvent(viewport, event)


# -- what is shown -------------------------------------------------------------------------------------------------


def test_so_many_of_each_class_are_shown(make_sheet: MakeSheet, folder: Path) -> None:
    sheet = make_sheet(scan(folder).sources, each=4)
    sections = {section.title: (len(section.sources), section.total) for section in sheet.canvas.arrangement.sections}
    assert sections == {"book": (4, 5), "cat": (1, 1), "mug": (4, 12)}
    told, each = Told(sheet), find(sheet, QComboBox, "sheet.each")
    each.setCurrentIndex(each.findData(0))
    each.activated.emit(each.currentIndex())
    assert told.looks == [SheetLook()._replace(each=0)]
    assert len(shown_keys(sheet)) == 18
    assert find(sheet, QComboBox, "sheet.each").itemText(4) == "all"


def test_of_one_class_it_says_pictures(make_sheet: MakeSheet, folder: Path) -> None:
    sources = scan(folder).sources
    sheet = make_sheet(sources)
    each = find(sheet, QComboBox, "sheet.each")
    assert each.accessibleName() == "How many pictures of each class"
    sheet.set_sources(tuple(source for source in sources if source.label == "mug"))
    assert each.accessibleName() == "How many pictures"
    assert len(shown_keys(sheet)) == 8


def test_a_tile_is_painted_as_it_was_made(make_sheet: MakeSheet, folder: Path) -> None:
    """Original and copy, close together, pixel for pixel."""
    sheet = make_sheet(scan(folder).sources, request_of(ROTATE))
    canvas = sheet.canvas
    pixels = painted(sheet)
    source = canvas.arrangement.source(0)
    rect, (width, height) = canvas._place(0), canvas._box
    for index, part in enumerate((Part.ORIGINAL, Part.COPY)):
        made = sheet.tiles.held(source, part)
        assert made is not None
        assert made.image is not None
        image = from_image(made.image)
        top = rect.top() + 5 + height - image.shape[0]
        left = rect.left() + 5 + (width - image.shape[1] if index == 0 else width + 3)
        assert np.array_equal(pixels[top : top + image.shape[0], left : left + image.shape[1]], image)


def test_a_and_b_are_offered_where_there_is_an_a(make_sheet: MakeSheet, folder: Path) -> None:
    sheet = make_sheet(scan(folder).sources, request_of(BRIGHT), pairs=Pairs.PINNED)
    pairs = find(sheet, QComboBox, "sheet.pairs")

    def offered() -> bool:
        flags = pairs.model().index(pairs.findData(Pairs.PINNED), 0).flags()
        return bool(flags & Qt.ItemFlag.ItemIsEnabled)

    assert not offered()
    assert sheet.tiles.parts == (Part.ORIGINAL, Part.COPY)
    sheet.set_request(request_of(BRIGHT, pinned=ROTATE))
    assert offered()
    assert sheet.tiles.parts == (Part.PINNED, Part.COPY), "as it is wanted"
    sheet.set_request(request_of(BRIGHT))
    assert sheet.tiles.parts == (Part.ORIGINAL, Part.COPY)


def test_the_box_has_the_shape_of_the_output_or_of_most_pictures(make_sheet: MakeSheet, folder: Path) -> None:
    sheet = make_sheet(scan(folder).sources, size=(900, 500))
    width, height = sheet.canvas._box
    assert height / width == pytest.approx(60 / 90, abs=0.01)
    sheet.set_request(request_of(Pipeline(output=Output.model_validate({"fit": "pad", "width": 40, "height": 80}))))
    width, height = sheet.canvas._box
    assert width / height == pytest.approx(0.5, abs=0.01)


def test_rows_are_filled_whatever_the_width(make_sheet: MakeSheet, folder: Path) -> None:
    sheet = make_sheet(tuple(source for source in scan(folder).sources if source.label == "mug"))
    for width in range(300, 1300, 90):
        sheet.resize(width, 500)
        QApplication.processEvents()
        found = sheet.canvas.arrangement
        assert sheet.canvas._box[0] >= 0.8 * SheetLook().size or found.columns == 1
        if found.columns > 1:
            right = found.rect(found.columns - 1).left + found.measures.tile[0]
            grown = sheet.canvas._box[0] / SheetLook().size
            assert found.width - right <= 40 or grown > 1.29, "but where tiles would be too large, or fall apart"


def test_names_go_where_they_are_not_wanted(make_sheet: MakeSheet, folder: Path) -> None:
    sheet = make_sheet(scan(folder).sources)
    high = sheet.canvas.arrangement.measures.tile[1]
    sheet.set_names_shown(False)
    assert sheet.canvas.arrangement.measures.tile[1] == high - sheet.canvas.fontMetrics().height() - 3
    sheet.set_names_shown(True)
    assert sheet.canvas.arrangement.measures.tile[1] == high


def test_without_pictures_it_says_why(make_sheet: MakeSheet, folder: Path) -> None:
    sheet = make_sheet(())
    assert "filter" in sheet.canvas._empty
    sheet.set_request(None)
    assert "Open a folder" in sheet.canvas._empty
    painted(sheet)


def test_what_cannot_be_read_says_so(make_sheet: MakeSheet, tmp_path: Path) -> None:
    for number in range(3):
        write(tmp_path / f"p{number}.png", seed=number)
    sources = scan(tmp_path).sources
    sources[1].path.write_bytes(b"nothing")
    sheet = make_sheet(sources, each=0)
    assert "p1.png\n" in tip(sheet, sources[1].key)
    assert "Copy 1" not in tip(sheet, sources[1].key)
    assert "Copy 1: unchanged" in tip(sheet, sources[0].key)
    painted(sheet)


@pytest.mark.parametrize("theme", [style.LIGHT, style.DARK])
@pytest.mark.parametrize("size", [(420, 320), (1100, 800)])
def test_it_can_be_looked_at(
    make_sheet: MakeSheet, folder: Path, theme: style.Theme, size: tuple[int, int], tmp_path: Path
) -> None:
    style.fix(theme)
    style.apply(make_application())
    sheet = make_sheet(scan(folder).sources, request_of(ROTATE), size)
    sheet.set_excluded(frozenset({sheet.canvas.arrangement.source(0).key}))
    sheet.set_picture(sheet.canvas.arrangement.source(1).key)
    sort(sheet)
    picture: QImage = sheet.grab().toImage()
    assert picture.save(str(tmp_path / "sheet.png"))
    card = QColor(theme.card).getRgb()
    share = (from_image(picture)[..., :3] == card[:3]).all(axis=2).mean()
    assert 0.05 < share < 0.9, "pictures on the ground of the theme"
    bottom = sheet.bar.geometry().bottom()
    for child in sheet.bar.findChildren(QPushButton) + sheet.bar.findChildren(QLabel) + sheet.bar.findChildren(QSlider):
        if child.isVisible():
            rect = QRect(child.mapTo(sheet, QPoint()), child.size())
            assert sheet.rect().contains(rect)
            assert rect.bottom() <= bottom, "the bar has room for all of it"


# -- mouse ---------------------------------------------------------------------------------------------------------


def test_a_click_looks_at_a_picture_large_and_a_drag_does_not(make_sheet: MakeSheet, folder: Path) -> None:
    sheet = make_sheet(scan(folder).sources)
    told, key = Told(sheet), shown_keys(sheet)[1]
    click(sheet, key)
    assert told.asked == [key]
    viewport, here = sheet.canvas.viewport(), place(sheet, key).center()
    QTest.mousePress(viewport, LEFT, NO_KEY, here)
    QTest.mouseMove(viewport, here + QPoint(0, 40))
    QTest.mouseMove(viewport, here)
    QTest.mouseRelease(viewport, LEFT, NO_KEY, here)
    QTest.mousePress(viewport, LEFT, NO_KEY, here)
    QTest.mouseRelease(viewport, LEFT, NO_KEY, place(sheet, shown_keys(sheet)[0]).center())
    QTest.mouseClick(viewport, Qt.MouseButton.RightButton, NO_KEY, here)
    assert told.asked == [key]


def test_a_click_beside_tiles_is_none(make_sheet: MakeSheet, folder: Path) -> None:
    sheet = make_sheet(scan(folder).sources)
    told = Told(sheet)
    QTest.mouseClick(sheet.canvas.viewport(), LEFT, NO_KEY, QPoint(40, 10))
    assert told.asked == []


def tip(sheet: Sheet, key: str) -> str:
    here = place(sheet, key).center()
    viewport = sheet.canvas.viewport()
    QApplication.sendEvent(viewport, QHelpEvent(QEvent.Type.ToolTip, here, viewport.mapToGlobal(here)))
    return QToolTip.text()


def test_a_tip_says_what_was_drawn_and_how_much_that_changes(make_sheet: MakeSheet, folder: Path) -> None:
    sheet = make_sheet(scan(folder).sources, request_of(BRIGHT))
    key = shown_keys(sheet)[0]
    sheet.set_excluded(frozenset({key}))
    lines = tip(sheet, key).split("\n")
    assert lines[0] == key
    assert lines[1].startswith("Copy 1: Brightness")
    assert lines[2].startswith("Change: colour 0.")
    assert lines[3].startswith("Excluded")
    flip = Pipeline(transforms=(registry()["flip"].default(probability=1.0),))
    sheet.set_request(request_of(flip))
    rest(sheet)
    assert "No change but where things lie" in tip(sheet, key)


def test_the_wheel_scrolls_and_with_control_changes_the_size(make_sheet: MakeSheet, folder: Path) -> None:
    sheet = make_sheet(scan(folder).sources, each=0)
    told, bar = Told(sheet), sheet.canvas.verticalScrollBar()
    wheel(sheet, -1)
    assert 0 < bar.value() < sheet.canvas.arrangement.measures.tile[1]
    columns = sheet.canvas.arrangement.columns
    wheel(sheet, -0.5, Qt.KeyboardModifier.ControlModifier)
    assert sheet.canvas.arrangement.columns == columns
    wheel(sheet, -0.5, Qt.KeyboardModifier.ControlModifier)
    assert sheet.canvas.arrangement.columns == columns + 1
    wheel(sheet, 1, Qt.KeyboardModifier.ControlModifier)
    assert sheet.canvas.arrangement.columns == columns
    assert len(told.looks) == 2
    assert find(sheet, QSlider, "sheet.size").value() == told.looks[-1].size


@pytest.mark.skipif(os.environ.get("QT_QPA_PLATFORM") != "offscreen", reason="other windows may lie above")
def test_what_is_moved_by_scrolling_looks_as_if_painted_anew(make_sheet: MakeSheet, folder: Path) -> None:
    sheet = make_sheet(scan(folder).sources, request_of(ROTATE), each=0)
    bar = sheet.canvas.verticalScrollBar()
    for number, step in enumerate((7, 60, -20, 150, 33, -400, 90, 400, -61, 5)):
        bar.setValue(bar.value() + step)
        if number % 2:
            QApplication.processEvents()
        if number % 4 == 2:
            sheet.set_request(request_of(ROTATE, number))  # tiles come while others are scrolled
        if number % 3 == 2:
            rest(sheet)
            until(lambda: not sheet.canvas._soon.isActive(), "what came is painted")
            QApplication.processEvents()
            on_screen = sheet.screen().grabWindow(sheet.winId()).toImage()
            assert np.array_equal(from_image(on_screen)[..., :3], from_image(sheet.grab().toImage())[..., :3])


def test_who_changes_the_size_still_sees_the_same_pictures(make_sheet: MakeSheet, folder: Path) -> None:
    sheet = make_sheet(scan(folder).sources, each=0)
    bar = sheet.canvas.verticalScrollBar()
    bar.setValue(bar.maximum() // 2)
    first = sheet.canvas.arrangement.source(sheet.canvas._first_in_view()).key
    for size in (180, 90, 100):
        find(sheet, QSlider, "sheet.size").setValue(size)
        top, bottom = place(sheet, first).top(), place(sheet, first).bottom()
        assert bottom > 0
        assert top < sheet.canvas.viewport().height()


# -- keys, and who cannot see --------------------------------------------------------------------------------------


def test_arrow_keys_walk_from_tile_to_tile_and_enter_looks(make_sheet: MakeSheet, folder: Path) -> None:
    sheet = make_sheet(scan(folder).sources, each=0)
    activate(sheet)
    sheet.setFocus()
    told, keys = Told(sheet), shown_keys(sheet)
    columns = sheet.canvas.arrangement.columns
    press(sheet, Qt.Key.Key_Home, Qt.Key.Key_Right)
    assert sheet.canvas._current == keys[1]
    press(sheet, Qt.Key.Key_Down, Qt.Key.Key_Up, Qt.Key.Key_Left)
    assert sheet.canvas._current == keys[0]
    press(sheet, Qt.Key.Key_Down)
    assert sheet.canvas._current == keys[columns]
    press(sheet, Qt.Key.Key_Return, Qt.Key.Key_Space, Qt.Key.Key_Enter)
    assert told.asked == [keys[columns]] * 3
    press(sheet, Qt.Key.Key_End)
    assert sheet.canvas._current == keys[-1]
    rect = place(sheet, keys[-1])
    assert sheet.canvas.viewport().rect().contains(rect), "it is in view"
    press(sheet, Qt.Key.Key_PageUp)
    assert sheet.canvas.viewport().rect().contains(place(sheet, sheet.canvas._current))
    assert told.current[-1] == sheet.canvas._current


def test_x_excludes_what_the_keys_act_on_as_the_menu_does(make_sheet: MakeSheet, folder: Path) -> None:
    sheet = make_sheet(scan(folder).sources)
    activate(sheet)
    sheet.setFocus()
    told, keys = Told(sheet), shown_keys(sheet)
    press(sheet, Qt.Key.Key_Home, Qt.Key.Key_Right, Qt.Key.Key_X)
    assert told.excluded == [keys[1]]
    sheet.set_excluded(frozenset({keys[1]}))
    assert "excluded" in sheet.canvas.accessibleName()
    here = place(sheet, keys[1]).center()
    viewport = sheet.canvas.viewport()
    event = QContextMenuEvent(QContextMenuEvent.Reason.Mouse, here, viewport.mapToGlobal(here))
    QApplication.sendEvent(viewport, event)
    menu = find(sheet, QMenu, "sheet.menu")
    large, exclude = menu.actions()
    assert exclude.text() == "Take back into exports"
    large.trigger()
    exclude.trigger()
    menu.close()
    assert told.asked == [keys[1]]
    assert told.excluded == [keys[1]] * 2


def test_a_screen_reader_hears_where_it_is(make_sheet: MakeSheet, folder: Path) -> None:
    sheet = make_sheet(scan(folder).sources, request_of(BRIGHT))
    assert sheet.canvas.accessibleName() == "Sheet of pictures"
    activate(sheet)
    sheet.setFocus()
    press(sheet, Qt.Key.Key_Home)
    assert sheet.canvas.accessibleName() == "Sheet, book: book00.png, 1 of 5 pictures"
    assert "Change: colour" in sheet.canvas.accessibleDescription()
    for name in ("sheet.each", "sheet.pairs"):
        assert find(sheet, QComboBox, name).accessibleName()
    assert find(sheet, QSlider, "sheet.size").accessibleName()


def test_whoever_comes_back_with_another_picture_finds_it(make_sheet: MakeSheet, folder: Path) -> None:
    sheet = make_sheet(scan(folder).sources, each=0)
    keys, bar = shown_keys(sheet), sheet.canvas.verticalScrollBar()
    sheet.set_picture(keys[0])
    bar.setValue(bar.maximum())
    sheet.hide()
    sheet.show()
    assert bar.value() == bar.maximum(), "the same picture: all is where it was"
    sheet.hide()
    sheet.set_picture(keys[1])
    sheet.show()
    assert sheet.canvas.viewport().rect().contains(place(sheet, keys[1]))
    sheet.set_picture(keys[-1])
    assert sheet.canvas.viewport().rect().contains(place(sheet, keys[-1]))


# -- sorting -------------------------------------------------------------------------------------------------------


def sort(sheet: Sheet) -> None:
    find(sheet, QCheckBox, "sheet.sort").click()
    rest(sheet)


def again(sheet: Sheet) -> QPushButton:
    return find(sheet, QPushButton, "sheet.again")


def totals(sheet: Sheet) -> list[float]:
    changes = sheet.tiles.changes
    found = sheet.canvas.arrangement
    return [-1.0 if (c := changes.get(found.source(n))) is None else c.total for n in range(found.count)]


def test_all_are_looked_at_and_tiles_move_only_when_told(make_sheet: MakeSheet, folder: Path) -> None:
    sources = scan(folder).sources
    sheet = make_sheet(sources, request_of(ROTATE), each=4)
    assert not find(sheet, QLabel, "sheet.count").isVisible()
    known = set(sheet.tiles.changes)
    assert known != set(sources)
    sort(sheet)
    (section,) = sheet.canvas.arrangement.sections
    assert section.title == "By change, as far as it was known then", "not of what has come since"
    assert set(section.sources) == set(sources)
    before = shown_keys(sheet)
    assert {source.key for source in known} == set(before[: len(known)]), "the others are behind, as they come"
    assert labels(sheet) == "18 of 18 looked at"
    assert not find(sheet, QComboBox, "sheet.each").isEnabled()
    assert again(sheet).isEnabled()
    again(sheet).click()
    assert shown_keys(sheet) != before
    assert totals(sheet) == sorted(totals(sheet), reverse=True)
    assert not again(sheet).isEnabled(), "there is nothing new to go by"
    assert sheet.canvas.arrangement.sections[0].title == "By change, largest first"


def test_an_edit_begins_anew_and_moves_nothing(make_sheet: MakeSheet, folder: Path) -> None:
    sheet = make_sheet(scan(folder).sources, request_of(ROTATE))
    sort(sheet)
    again(sheet).click()
    before = shown_keys(sheet)
    sheet.set_request(request_of(ROTATE, 5))
    sheet._count()
    assert labels(sheet) == "0 of 18 looked at"
    assert sheet.canvas.arrangement.sections[0].title == "By change, as far as it was known then"
    assert not again(sheet).isEnabled()
    rest(sheet)
    assert labels(sheet) == "18 of 18 looked at"
    assert shown_keys(sheet) == before
    assert again(sheet).isEnabled()
    again(sheet).click()
    assert shown_keys(sheet) != before
    assert totals(sheet) == sorted(totals(sheet), reverse=True)


def test_the_usual_order_comes_back(make_sheet: MakeSheet, folder: Path) -> None:
    sheet = make_sheet(scan(folder).sources, request_of(ROTATE))
    before = shown_keys(sheet)
    sort(sheet)
    sort(sheet)
    assert shown_keys(sheet) == before
    assert find(sheet, QComboBox, "sheet.each").isEnabled()
    assert not again(sheet).isVisible()


def test_a_filter_leaves_less_to_sort(make_sheet: MakeSheet, folder: Path) -> None:
    sources = scan(folder).sources
    sheet = make_sheet(sources, request_of(ROTATE))
    sort(sheet)
    sheet.set_sources(tuple(source for source in sources if source.label == "mug"))
    rest(sheet)
    assert labels(sheet) == "12 of 12 looked at"
    assert totals(sheet) == sorted(totals(sheet), reverse=True), "all of them were known"


# -- very many -----------------------------------------------------------------------------------------------------


def test_twenty_thousand_pictures_ask_only_for_what_is_in_view(make_sheet: MakeSheet, folder: Path) -> None:
    files = [source for source in scan(folder).sources if source.label == "mug"]
    many = tuple(
        Source(files[number % 12].key, files[0].root, f"c{number // 20:04}", f"s{number}") for number in range(20_000)
    )
    sheet = make_sheet(many, each=0)
    bar = sheet.canvas.verticalScrollBar()
    assert sheet.canvas.arrangement.count == 20_000
    most = 0
    for step in range(20):
        bar.setValue(step * bar.maximum() // 19)
        painted(sheet)
        visible = sheet.tiles._visible
        most = max(most, len(visible))
        assert len(sheet.tiles._queue) <= 2 * 3 * len(visible) + 60
    rest(sheet)
    assert most < 60
    assert len(sheet.tiles._held) < 20 * 3 * 2 * most
    assert sheet.canvas.arrangement.source(19_999) == sheet.tiles._visible[-1]


# -- in the window -------------------------------------------------------------------------------------------------


def test_what_is_excluded_in_the_sheet_is_in_no_export(loaded: Window) -> None:
    loaded.studio.show_view(ViewKind.SHEET)
    settle(loaded)
    activate(loaded)
    loaded.sheet.setFocus()
    keys = shown_keys(loaded.sheet)
    press(loaded.sheet, Qt.Key.Key_Home, Qt.Key.Key_X)
    assert loaded.studio.state.excluded == {keys[0]}
    kept = loaded.studio.state.kept
    assert kept is not None
    assert keys[0] not in {source.key for source in kept.sources}
    assert len(kept.sources) == 6


def test_what_is_held_shows_in_every_tile_in_view(loaded: Window) -> None:
    loaded.studio.apply_pipeline("bright", BRIGHT)
    loaded.studio.show_view(ViewKind.SHEET)
    settle(loaded)
    sheet, step = loaded.sheet, loaded.studio.state.pipeline.transforms[0].id

    def copies() -> list[np.ndarray]:
        found = [sheet.tiles.held(source, Part.COPY) for source in sheet.tiles._visible]
        return [from_image(made.image) for made in found if made is not None and made.image is not None]

    before = copies()
    assert len(before) == len(sheet.tiles._visible) > 3
    knob = next(iter(BRIGHT.transforms[0].knobs()))
    loaded.studio.hold(step, knob, 0.45)
    settle(loaded)
    held = copies()
    assert all((old != new).any() for old, new in zip(before, held, strict=True))
    loaded.studio.hold(step, knob, None)
    settle(loaded)
    assert all((old == new).all() for old, new in zip(before, copies(), strict=True))


def test_a_file_that_changes_is_read_again(loaded: Window, photos: Path) -> None:
    loaded.studio.show_view(ViewKind.SHEET)
    settle(loaded)
    source = loaded.sheet.canvas.arrangement.source(0)

    def now() -> np.ndarray:
        made = loaded.sheet.tiles.held(source, Part.ORIGINAL)
        assert made is not None
        assert made.image is not None
        return from_image(made.image)

    before = now()
    write(source.path, 60, 90, seed=77)
    loaded.watch.look()
    settle(loaded)
    until(lambda: now().shape != before.shape or (now() != before).any(), "the new picture is there")
