"""The transforms to add, shown by what they make of the picture in view."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from driving import activate, settle, until, write
from pictures import noise, smooth
from PIL import Image
from PySide6.QtCore import QEvent, QPoint, Qt
from PySide6.QtGui import QAccessible
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel

from augstudio import files, images
from augstudio.dataset import Source
from augstudio.dataset.sample import sample_picture
from augstudio.engine import Pixels
from augstudio.gui.cards import tiles
from augstudio.gui.cards.add_menu import AddMenu
from augstudio.gui.cards.tile_making import SIDE, Held, Size, Tile
from augstudio.gui.cards.tiles import Tiles
from augstudio.gui.intent.views import ViewKind
from augstudio.gui.parts.qimages import from_image
from augstudio.gui.parts.workers import Worker
from augstudio.gui.shell.window import Window
from augstudio.pipeline import Pipeline
from augstudio.transforms import registry
from augstudio.transforms.showing import is_close, settings

SAMPLE = files.resources() / "sample"
KEY = Qt.Key
OPS = list(registry())


def pixels(tile: Tile) -> list[Pixels]:
    return [from_image(image)[..., :3] for image in tile.images]


def same(a: Tile | None, b: Tile | None) -> bool:
    assert a is not None
    assert b is not None
    return all(np.array_equal(x, y) for x, y in zip(pixels(a), pixels(b), strict=True))


def opened(window: Window) -> AddMenu:
    """The list, with all its tiles there."""
    window.pipeline.open_add_menu()
    menu = window.pipeline._menu
    assert menu is not None
    settle(window)
    return menu


def caption(menu: AddMenu) -> str:
    (found,) = [label.text() for label in menu.findChildren(QLabel) if "mild left" in label.text()]
    return found


@pytest.fixture
def menu(loaded: Window) -> Iterator[AddMenu]:
    menu = opened(loaded)
    yield menu
    menu.hide()
    settle(loaded)


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The threads in which tiles are made, once for each tile."""
    threads: list[str] = []
    make = Held.tile

    def note(self: Held, transform: type) -> Tile:
        threads.append(threading.current_thread().name)
        return make(self, transform)

    monkeypatch.setattr(Held, "tile", note)
    return threads


# -- what a tile shows -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["no_text/bird.jpg", "no_text/northern_night.jpg", "text/page.jpg", "text/road.png"])
@pytest.mark.parametrize("training_size", [64, 224])
def test_every_transform_is_seen_on_a_photo(name: str, training_size: int) -> None:
    held = Held(SAMPLE / name, Size(training_size, 1.0))
    plain = {close: held.plain(close=close) for close in (False, True)}
    for transform in registry().values():
        for image in pixels(held.tile(transform)):
            before = plain[is_close(transform)]
            change = 255.0 if image.shape != before.shape else np.abs(image.astype(int) - before).mean()
            assert change > 0.5, transform.name()


def test_a_tile_is_the_reduced_picture_with_the_transform() -> None:
    held = Held(SAMPLE / "no_text" / "car.jpg", Size(224, 1.0))
    reduced = images.read_reduced(SAMPLE / "no_text" / "car.jpg", SIDE).pixels
    across, down = pixels(held.tile(registry()["flip"]))
    assert across.shape == reduced.shape
    for image, expected in ((across, reduced[:, ::-1]), (down, reduced[::-1])):
        assert np.abs(image.astype(int) - expected).mean() < 3


def test_words_say_what_was_set() -> None:
    held = Held(sample_picture(), Size(224, 1.0))
    assert held.tile(registry()["rotate"]).words == "Mild: angle 15°. Strong: angle 45°."
    assert held.tile(registry()["flip"]).words == "Shown: horizontal and vertical."
    assert held.tile(registry()["invert"]).words == ""


def test_a_fine_screen_has_finer_tiles() -> None:
    coarse, fine = (Held(sample_picture(), Size(224, ratio)).tile(registry()["rotate"]) for ratio in (1.0, 2.0))
    assert coarse.box == fine.box
    assert max(coarse.images[0].size().toTuple()) == SIDE  # type: ignore[call-overload]
    assert max(fine.images[0].size().toTuple()) == 2 * SIDE  # type: ignore[call-overload]


@pytest.mark.parametrize("megapixels", [0.3, 12])
def test_lengths_and_noise_are_those_of_the_size_that_the_model_sees(tmp_path: Path, megapixels: float) -> None:
    """However large the picture is: noise of 0.2 is noise of 0.2."""
    width = round((megapixels * 1e6 * 4 / 3) ** 0.5)
    path = tmp_path / "grey.jpg"
    Image.new("RGB", (width, width * 3 // 4), (128, 128, 128)).save(path)
    strong = pixels(Held(path, Size(224, 1.0)).tile(registry()["gaussian_noise"]))[1]
    assert strong.astype(float).std() == pytest.approx(0.2 * 255, rel=0.1)


def test_close_tiles_show_the_part_with_most_in_it(tmp_path: Path) -> None:
    board = np.full((900, 1200, 3), 200, np.uint8)
    board[600:800, 850:1100] = noise(200, 250)
    Image.fromarray(board).save(tmp_path / "part.png")
    held = Held(tmp_path / "part.png", Size(224, 1.0))
    tile = held.tile(registry()["jpeg"])
    assert tile.part
    assert pixels(tile)[0].std() > 20
    assert not held.tile(registry()["rotate"]).part
    assert not Held(tmp_path / "part.png", Size(64, 1.0)).tile(registry()["jpeg"]).part, "all of it, seen so small"


@pytest.mark.parametrize("shape", [(1, 1), (1, 700), (700, 1), (8, 8), (40, 3000), (3000, 40), (300, 400)])
@pytest.mark.parametrize("channels", [1, 2, 3, 4])
def test_pictures_of_every_shape(tmp_path: Path, shape: tuple[int, int], channels: int) -> None:
    for number, depth in enumerate((np.uint8, np.uint16)):
        path = tmp_path / f"{number}.png"
        path.write_bytes(images.encode(smooth(*shape, channels, dtype=depth), "PNG", 90))
        held = Held(path, Size(224, 1.5))
        for transform in registry().values():
            tile = held.tile(transform)
            assert len(tile.images) == len(settings(transform))
            assert all(not image.isNull() for image in tile.images)
            assert max(tile.box) == SIDE
            assert min(tile.box) >= SIDE // 2


# -- when they are made ----------------------------------------------------------------------------------------------


def test_they_come_for_the_picture_in_view(loaded: Window, made: list[str]) -> None:
    assert not made, "nothing is made before anybody looks"
    menu = opened(loaded)
    source = loaded.studio.state.source
    assert source is not None
    held = Held(source.path, Size(loaded.studio.state.pipeline.trained_at, menu.devicePixelRatioF()))
    made.clear()
    assert all(same(menu.grid.tiles.tile(op), held.tile(registry()[op])) for op in OPS)
    assert caption(menu).startswith("Your picture at the size your model sees (224 px)")
    menu.hide()
    settle(loaded)


def test_the_second_time_they_are_there_at_once(loaded: Window, made: list[str]) -> None:
    menu = opened(loaded)
    assert len(made) == len(OPS)
    assert {*made} == {"augstudio-tiles"}, "never in the window's thread"
    menu.hide()
    made.clear()
    loaded.pipeline.open_add_menu()
    assert all(menu.grid.tiles.tile(op) for op in OPS)
    settle(loaded)
    assert made == []
    menu.hide()
    settle(loaded)


def test_another_picture_and_back(loaded: Window, made: list[str]) -> None:
    menu, source = opened(loaded), loaded.studio.state.source
    store = menu.grid.tiles
    first = store.tile("flip")
    menu.hide()
    loaded.pictures.step(1)
    settle(loaded)
    assert loaded.studio.state.source != source
    assert store.tile("flip") is None
    opened(loaded)
    assert not same(store.tile("flip"), first)
    menu.hide()
    loaded.pictures.step(-1)
    settle(loaded)
    assert store.tile("flip") is first
    assert len(made) == 2 * len(OPS)


def test_another_size_that_the_model_sees(loaded: Window) -> None:
    menu = opened(loaded)
    first = menu.grid.tiles.tile("blur")
    menu.hide()
    loaded.studio.edit_pipeline("training_size", 32)
    settle(loaded)
    opened(loaded)
    assert "(32 px)" in caption(menu)
    assert not same(menu.grid.tiles.tile("blur"), first)
    menu.hide()
    settle(loaded)


def test_another_file_under_the_name(loaded: Window) -> None:
    """Also one that nobody told of."""
    menu, source = opened(loaded), loaded.studio.state.source
    assert source is not None
    store = menu.grid.tiles
    first = {op: store.tile(op) for op in OPS}
    menu.hide()
    settle(loaded)
    write(source.path, 61, 90, seed=99)
    os.utime(source.path, ns=(1, 1))
    opened(loaded)
    assert not any(same(store.tile(op), first[op]) for op in ("flip", "rotate", "invert"))
    held = Held(source.path, Size(224, menu.devicePixelRatioF()))
    assert all(same(store.tile(op), held.tile(registry()[op])) for op in OPS)
    menu.hide()
    settle(loaded)


def test_in_the_sheet_it_is_still_the_picture_that_was_chosen(loaded: Window) -> None:
    loaded.studio.show_view(ViewKind.SHEET)
    settle(loaded)
    menu = opened(loaded)
    assert caption(menu).startswith("Your picture")
    menu.hide()
    settle(loaded)


def test_without_a_picture_a_sample_is_shown(window: Window) -> None:
    menu = opened(window)
    assert caption(menu).startswith("A sample picture")
    held = Held(sample_picture(), Size(224, menu.devicePixelRatioF()))
    assert same(menu.grid.tiles.tile("rotate"), held.tile(registry()["rotate"]))
    menu.hide()
    settle(window)


def test_a_picture_that_cannot_be_read(window: Window, tmp_path: Path) -> None:
    (tmp_path / "broken").mkdir()
    (tmp_path / "broken" / "one.png").write_bytes(b"nothing")
    window.open_folder(tmp_path / "broken")
    settle(window)
    menu = opened(window)
    assert "cannot be read" in caption(menu)
    assert all(menu.grid.tiles.tile(op) for op in OPS), "the sample stands in"
    menu.hide()
    write(tmp_path / "broken" / "one.png")
    opened(window)
    assert caption(menu).startswith("Your picture")
    menu.hide()
    settle(window)


def test_the_sample_picture_ships() -> None:
    assert sample_picture().is_file()


@pytest.fixture
def busy(qapp: QApplication) -> Iterator[tuple[Tiles, Callable[[], None]]]:
    """Tiles beside a large picture that is being made, and what ends this."""
    free = threading.Event()
    large = Worker(lambda _: free.wait(30), "large")
    store = Tiles(large)
    large.ask([1])
    yield store, free.set
    free.set()
    large.stop()
    store.stop()
    for thing in (large, store):
        thing.deleteLater()


def test_they_wait_for_the_large_picture(busy: tuple[Tiles, Callable[[], None]], made: list[str]) -> None:
    store, end = busy
    store.ask(OPS)
    for _ in range(50):
        QApplication.processEvents()
        threading.Event().wait(0.002)
    assert made == []
    end()
    until(lambda: store.idle, "the tiles come")
    assert len(made) == len(OPS)


def test_only_some_pictures_are_kept(busy: tuple[Tiles, Callable[[], None]], photos: Path) -> None:
    store, end = busy
    end()
    for path in sorted(photos.rglob("*.*")):
        store.set_picture(Source(path.relative_to(photos).as_posix(), str(photos), ""))
        store.ask(["flip"])
        until(lambda: store.idle and store.tile("flip") is not None, "the tile comes")
    assert len(store._shelves) == tiles._KEPT


def test_what_is_in_view_comes_first(loaded: Window, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[list[str]] = []
    monkeypatch.setattr(Tiles, "ask", lambda _self, ops: asked.append(list(ops)))
    menu = opened(loaded)
    assert asked[-1][0] == OPS[0]
    assert sorted(asked[-1]) == sorted(OPS)
    menu.search.setText("noise")
    settle(loaded)
    assert asked[-1][0] == "gaussian_noise"
    assert sorted(asked[-1]) == sorted(OPS)
    menu.search.clear()
    bar = menu.grid.verticalScrollBar()
    bar.setValue(bar.maximum())
    settle(loaded)
    assert asked[-1].index("cutout") < asked[-1].index("crop")
    menu.hide()
    settle(loaded)


def test_nothing_is_made_once_it_is_closed(loaded: Window, made: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    begun, go = threading.Event(), threading.Event()
    look = tiles.stamp_of

    def slow(path: Path) -> tuple[int, ...]:
        begun.set()
        go.wait(30)
        return look(path)

    monkeypatch.setattr(tiles, "stamp_of", slow)
    loaded.pipeline.open_add_menu()
    until(begun.is_set, "the first tile is begun")
    assert loaded.pipeline._menu is not None
    loaded.pipeline._menu.hide()
    go.set()
    settle(loaded)
    assert len(made) == 1


# -- the grid --------------------------------------------------------------------------------------------------------


def place(menu: AddMenu, op: str) -> tuple[int, int]:
    """Column and row of a tile."""
    rects = [menu.grid.visualItemRect(item) for item in menu.grid.entries()]
    here = next(
        menu.grid.visualItemRect(item) for item in menu.grid.entries() if item.data(Qt.ItemDataRole.UserRole) == op
    )
    lefts, tops = sorted({rect.left() for rect in rects}), sorted({rect.top() for rect in rects})
    return lefts.index(here.left()), tops.index(here.top())


def press(menu: AddMenu, *keys: Qt.Key) -> tuple[int, int]:
    for key in keys:
        QTest.keyClick(menu.search, key)
    return place(menu, menu.grid.current)


def test_arrows_go_where_they_point(menu: AddMenu) -> None:
    assert press(menu) == (0, 0)
    assert press(menu, KEY.Key_Right) == (1, 0)
    assert press(menu, KEY.Key_Down) == (1, 1)
    assert press(menu, KEY.Key_Left, KEY.Key_Up) == (0, 0)
    assert press(menu, KEY.Key_Left)[1] == press(menu, KEY.Key_Right, KEY.Key_Up)[1] != 0, "round the ends"
    assert press(menu, KEY.Key_Down) == (0, 0)


def test_the_column_is_kept_across_short_rows(menu: AddMenu) -> None:
    columns = [place(menu, op)[0] for op in OPS]
    assert press(menu, *[KEY.Key_Right] * max(columns)) == (max(columns), 0)
    rows = [press(menu, KEY.Key_Down) for _ in range(4)]
    assert [row for _, row in rows] == [1, 2, 3, 4]
    assert rows[1][0] == max(columns[i] for i, op in enumerate(OPS) if place(menu, op)[1] == 2) < max(columns)
    assert rows[2][0] == max(columns), "back where it was"


def test_pages(menu: AddMenu) -> None:
    assert press(menu, KEY.Key_PageDown)[1] >= 2
    assert press(menu, *[KEY.Key_PageDown] * 20)[1] == max(place(menu, op)[1] for op in OPS)
    assert menu.grid.viewport().rect().contains(menu.grid.visualItemRect(menu.grid.currentItem()))
    assert press(menu, *[KEY.Key_PageUp] * 20)[1] == 0
    assert menu.grid.verticalScrollBar().value() == 0


def test_keys_in_the_grid_itself(menu: AddMenu, loaded: Window) -> None:
    activate(menu)
    menu.grid.setFocus()
    QTest.keyClick(menu.grid, KEY.Key_Right)
    assert place(menu, menu.grid.current) == (1, 0)
    QTest.keyClick(menu.grid, "b")  # type: ignore[call-overload]
    assert menu.search.text() == "b"
    assert menu.search.hasFocus()
    QTest.keyClicks(menu.search, "lu")
    assert menu.grid.current == "blur"
    menu.grid.setFocus()
    QTest.keyClick(menu.grid, KEY.Key_Return)
    assert not menu.isVisible()
    assert loaded.studio.state.pipeline.transforms[-1].op == "blur"


def test_with_a_modifier_arrows_are_the_text_fields_own(menu: AddMenu) -> None:
    QTest.keyClicks(menu.search, "no")
    current = menu.grid.current
    QTest.keyClick(menu.search, KEY.Key_Left, Qt.KeyboardModifier.ShiftModifier)
    assert menu.search.selectedText() == "o"
    assert menu.grid.current == current


def test_the_best_match_comes_first(menu: AddMenu) -> None:
    for typed, op in (("zoom", "crop"), ("jpeg", "jpeg"), ("grain", "gaussian_noise"), ("gauss", "gaussian_noise")):
        menu.search.setText(typed)
        assert menu.grid.current == menu.grid.entries()[0].data(Qt.ItemDataRole.UserRole) == op
        assert menu.grid.viewport().rect().contains(menu.grid.visualItemRect(menu.grid.currentItem()))


def test_what_is_pointed_at_is_explained(menu: AddMenu, loaded: Window) -> None:
    def told() -> str:
        return menu._help.text()

    assert told().startswith(registry()["crop"].help())
    assert "Mild: area kept 0.7." in told()
    item = menu.grid.entries()[4]
    QTest.mouseMove(menu.grid.viewport(), menu.grid.visualItemRect(item).center() - QPoint(1, 1))
    QTest.mouseMove(menu.grid.viewport(), menu.grid.visualItemRect(item).center())
    assert told().startswith(registry()["rotate"].help())
    assert menu.grid.current == "crop", "pointing chooses nothing"
    QApplication.sendEvent(menu.grid, QEvent(QEvent.Type.Leave))
    assert told().startswith(registry()["crop"].help())


def test_what_a_screen_reader_says(menu: AddMenu) -> None:
    interface = QAccessible.queryAccessibleInterface(menu.grid)
    spoken = [interface.child(i).text(QAccessible.Text.Name) for i in range(interface.childCount())]
    for transform in registry().values():
        assert f"{transform.label}: {transform.help()}" in spoken
    assert "Geometry" in spoken


def test_the_heading_says_what_is_but_a_part(window: Window) -> None:
    window.open_path(SAMPLE / "text" / "page.jpg")
    settle(window)
    menu = opened(window)
    assert [group for group in ("Geometry", "Colour", "Filter", "Noise", "Occlusion") if menu.grid.part(group)] == [
        "Filter",
        "Noise",
    ]
    menu.hide()
    settle(window)


def test_it_lies_on_the_screen(menu: AddMenu, loaded: Window) -> None:
    for width, height in ((1440, 900), (400, 300)):
        menu.hide()
        loaded.resize(width, height)
        opened(loaded)
        assert loaded.screen().availableGeometry().contains(menu.geometry())


def test_a_narrow_one_has_fewer_columns(menu: AddMenu, loaded: Window) -> None:
    assert max(place(menu, op)[0] for op in OPS) == 2
    for width, columns in ((480, 2), (300, 1)):
        menu.resize(width, 400)
        settle(loaded)
        assert max(place(menu, op)[0] for op in OPS) == columns - 1
        assert menu.grid.horizontalScrollBar().maximum() == 0


def test_headings_have_rows_of_their_own(menu: AddMenu) -> None:
    grid = menu.grid
    rects = [(grid.item(row).text(), grid.visualItemRect(grid.item(row))) for row in range(grid.count())]
    for number, (text, rect) in enumerate(rects):
        if text in ("Geometry", "Colour", "Filter", "Noise", "Occlusion"):
            others = [other for at, (_, other) in enumerate(rects) if at != number]
            assert not any(other.top() < rect.bottom() and rect.top() < other.bottom() for other in others)


def test_a_session_with_the_list_open_follows_the_picture(loaded: Window) -> None:
    """What comes while it is open is shown in it."""
    menu = opened(loaded)
    store, first = menu.grid.tiles, menu.grid.tiles.tile("flip")
    loaded.studio.apply_pipeline("test", Pipeline(training_size=48))
    settle(loaded)
    assert "(48 px)" in caption(menu)
    assert all(store.tile(op) for op in OPS)
    assert not same(store.tile("flip"), first)
    menu.hide()
    settle(loaded)
