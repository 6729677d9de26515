"""The window, driven as a user drives it: opening, walking through pictures, looking, leaving and coming back."""

from __future__ import annotations

import os
import shutil
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from driving import drag_in, drop, find, settle, type_number, until, write
from PIL import Image
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt
from PySide6.QtGui import QColor, QImage, QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QApplication,
    QFileDialog,
    QLabel,
    QLineEdit,
    QListView,
    QPushButton,
    QToolButton,
    QTreeWidget,
    QTreeWidgetItemIterator,
)
from windows import OpenWindow, start_afresh, write_photos

from augstudio import files, presets
from augstudio.gui.browser.pictures import THUMBNAIL
from augstudio.gui.intent.views import STRIP_COPIES, Shown
from augstudio.gui.parts import style
from augstudio.gui.parts.message_bar import MessageBar
from augstudio.gui.parts.number_field import NumberField
from augstudio.gui.parts.qimages import from_image, to_image
from augstudio.gui.shell import application, folders
from augstudio.gui.shell.window import Window
from augstudio.gui.stage.compare import MOST_ZOOM
from augstudio.gui.stage.image_view import ImageView
from augstudio.gui.stage.strip import Strip
from augstudio.images import encode, read

CONTROL = Qt.KeyboardModifier.ControlModifier
KEYS = ("top.png", "book/b1.png", "book/b2.jpg", "book/b3.png", "sign/s1.png", "sign/s2.jpg", "sign/small/s3.png")


@pytest.fixture
def viewed(shared_window: Window, qtbot: object, tmp_path_factory: pytest.TempPathFactory) -> Window:
    """A window with the pictures open that many tests share: they only look."""
    if shared_window.studio.state.dataset is None:
        shared_window.open_folder(write_photos(tmp_path_factory.mktemp("shared") / "photos"))
        settle(shared_window)
    find(shared_window, QLineEdit, "pictures.filter").clear()
    choose_class(shared_window, "All pictures")
    shared_window.studio.show_picture(KEYS[0])
    shared_window.compare.fit()
    start_afresh(shared_window)
    return shared_window


def names(window: Window) -> list[str]:
    """What the list of pictures holds."""
    model = window.pictures.model
    return [model.source(row).key for row in range(model.rowCount())]


def classes(window: Window) -> dict[str, str]:
    """Classes and counts, as the tree shows them."""
    iterator, found = QTreeWidgetItemIterator(find(window, QTreeWidget, "pictures.classes")), {}
    while item := iterator.value():
        found[item.text(0)] = item.text(1)
        iterator += 1
    return found


def choose_class(window: Window, name: str) -> None:
    """Click on a class."""
    tree = find(window, QTreeWidget, "pictures.classes")
    (item,) = tree.findItems(name, Qt.MatchFlag.MatchExactly | Qt.MatchFlag.MatchRecursive)
    QTest.mouseClick(tree.viewport(), Qt.MouseButton.LeftButton, pos=tree.visualItemRect(item).center())
    settle(window)


def shown(window: Window) -> str:
    """Key of the picture that is shown."""
    return window.studio.state.picture


# -- opening ---------------------------------------------------------------------------------------------------------


def test_nothing_open_at_first(window: Window) -> None:
    assert window.windowTitle() == "Gentle — augstudio"
    assert not window.action_export.isEnabled()
    assert find(window, QPushButton, "welcome.open").isVisible()
    assert not find(window, QLineEdit, "pictures.filter").isVisible()
    assert window.compare.original.image() is None
    assert not find(window, Strip, "strip").isVisible()


def test_a_folder_is_shown_with_its_classes(viewed: Window) -> None:
    assert names(viewed) == list(KEYS)
    assert classes(viewed) == {"All pictures": "7", "book": "3", "sign": "2", "small": "1", "(no class)": "1"}
    assert shown(viewed) == names(viewed)[0]
    assert viewed.compare.original.image() is not None
    assert viewed.compare.augmented.image() is not None
    assert viewed.action_export.isEnabled()
    assert "7 pictures · 4 classes" in viewed.statusBar().findChild(QLabel).text()
    assert not find(viewed, QPushButton, "welcome.open").isVisible()
    assert find(viewed, Strip, "strip").isVisible()


def test_the_title_names_the_folder(viewed: Window) -> None:
    assert viewed.windowTitle() == "photos — Gentle — augstudio"


@pytest.mark.parametrize("by", ["button", "action", "key"])
def test_the_folder_dialog(window: Window, photos: Path, monkeypatch: pytest.MonkeyPatch, by: str) -> None:
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *_: str(photos))
    match by:
        case "button":
            QTest.mouseClick(find(window, QPushButton, "welcome.open"), Qt.MouseButton.LeftButton)
        case "action":
            window.action_open.trigger()
        case "key":
            QTest.keyClick(window, Qt.Key.Key_O, CONTROL)
    settle(window)
    assert window.studio.state.dataset is not None
    assert window.studio.state.dataset.root == photos


def test_a_cancelled_dialog_changes_nothing(window: Window, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *_: "")
    window.action_open.trigger()
    settle(window)
    assert window.studio.state.dataset is None
    assert window.messages.text() == ""


def test_a_folder_is_dropped(window: Window, photos: Path) -> None:
    assert drop(window, photos)
    settle(window)
    assert names(window) == list(KEYS)


def test_a_dropped_picture_opens_its_folder(window: Window, photos: Path) -> None:
    assert drop(window, photos / "book" / "b3.png")
    settle(window)
    assert names(window) == ["b1.png", "b2.jpg", "b3.png"]
    assert shown(window) == "b3.png"
    assert find(window, QListView, "pictures.list").currentIndex().row() == 2
    assert classes(window) == {"All pictures": "3"}
    assert not find(window, QTreeWidget, "pictures.classes").isVisible()


def test_a_dropped_preset_is_loaded(viewed: Window, tmp_path: Path) -> None:
    pipeline = presets.find("documents").edited(name="Dropped")
    presets.save(pipeline, tmp_path / "dropped.json")
    assert drop(viewed, tmp_path / "dropped.json")
    settle(viewed)
    assert viewed.studio.state.pipeline == pipeline
    assert shown(viewed) == KEYS[0]


def test_a_folder_dropped_on_a_field_is_opened_too(window: Window, loaded: Window, photos: Path) -> None:
    loaded.pipeline.output._set_folded(False)
    lines = loaded.findChildren(QLineEdit)
    assert {"pictures.filter", "seed", "rotate.angle.high", "rotate.probability", "output.width"} <= {
        line.objectName() for line in lines
    }
    before = loaded.studio.state.pipeline
    for line in lines:
        text = line.text()
        loaded.open_folder(photos)
        settle(loaded)
        assert drop(loaded, photos / "sign", on=line), line.objectName()
        settle(loaded)
        assert line.text() == text
        assert names(loaded) == ["s1.png", "s2.jpg", "small/s3.png"]
    assert loaded.studio.state.pipeline == before


def test_what_is_no_file_cannot_be_dropped(viewed: Window) -> None:
    mime = QMimeData()
    mime.setText("words")
    assert not drag_in(viewed, mime)


def test_recent_folders(window: Window, photos: Path) -> None:
    for folder in (photos, photos / "book", photos / "sign"):
        window.open_folder(folder)
        settle(window)
    window._recent_menu.aboutToShow.emit()
    actions = window._recent_menu.actions()
    latest_first = [str(photos / "sign"), str(photos / "book"), str(photos)]
    assert [action.text() for action in actions[:3]] == latest_first
    actions[2].trigger()
    settle(window)
    assert names(window) == list(KEYS)
    window._recent_menu.aboutToShow.emit()
    assert [action.text() for action in window._recent_menu.actions()[:3]] == [latest_first[2], *latest_first[:2]]


def shipped() -> dict[str, bytes]:
    """The sample pictures, by class and name."""
    folder = files.resources() / "sample"
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in sorted(folder.glob("*/*"))}


def test_the_sample_pictures(window: Window, home: Path) -> None:
    QTest.mouseClick(find(window, QPushButton, "welcome.sample"), Qt.MouseButton.LeftButton)
    settle(window)
    assert folders.sample_folder() == home / "sample"
    assert names(window) == list(shipped())
    assert {name: (home / "sample" / name).read_bytes() for name in names(window)} == shipped()
    assert sorted(path.name for path in (home / "sample").iterdir()) == ["no_text", "text"]
    for name in names(window):
        os.utime(home / "sample" / name, (1, 1))
    window.open_sample()
    settle(window)
    assert names(window) == list(shipped())
    assert {(home / "sample" / name).stat().st_mtime for name in names(window)} == {1}, "they are copied once"
    assert window.messages.text() == ""


@pytest.mark.parametrize("name", ["text/mine.png", "no_text/001_lake.jpg"])
def test_what_lies_with_the_sample_already(window: Window, home: Path, name: str) -> None:
    """One's own picture there, or what an earlier version drew: it is opened as it is."""
    data = write(home / "sample" / name).read_bytes()
    window.open_sample()
    settle(window)
    assert names(window) == [name]
    assert (home / "sample" / name).read_bytes() == data
    assert window.messages.text() == ""


def test_only_who_asks_for_the_sample_gets_it_anew(window: Window, home: Path) -> None:
    window.open_sample()
    settle(window)
    (home / "sample" / "text" / "shop.jpg").unlink()
    window.open_folder(home / "sample")
    settle(window)
    assert "text/shop.jpg" not in names(window), "it was taken out on purpose"
    shutil.rmtree(home / "sample")
    window.open_folder(home / "sample")
    settle(window)
    assert "sample" in window.messages.text(), "gone, as any other folder"
    assert not (home / "sample").exists()
    window.open_sample()
    settle(window)
    assert names(window) == list(shipped())


def test_a_sample_that_cannot_be_copied(window: Window, home: Path) -> None:
    (home / "sample").write_bytes(b"precious")
    window.open_sample()
    settle(window)
    assert "this is a file; the sample needs a folder" in window.messages.text()
    assert (home / "sample").read_bytes() == b"precious"


def test_the_last_folder_asked_for_wins(window: Window, photos: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One that takes long to list is given up: it neither appears nor says anything any more."""
    going, titles = threading.Event(), []
    scan = folders.datasets.scan

    def slow(root: Path, *, stop: Callable[[], bool], **rest: Any) -> Any:
        if root == photos:
            going.set()
            deadline = time.monotonic() + 10
            while not stop() and time.monotonic() < deadline:
                time.sleep(0.01)
        return scan(root, stop=stop, **rest)

    monkeypatch.setattr(folders.datasets, "scan", slow)
    window.windowTitleChanged.connect(titles.append)
    window.open_folder(photos)
    until(going.is_set)
    begun = time.monotonic()
    window.open_folder(photos / "sign")
    settle(window)
    assert time.monotonic() - begun < 5
    assert names(window) == ["s1.png", "s2.jpg", "small/s3.png"]
    assert not any(title.startswith("photos") for title in titles)
    assert window.messages.text() == ""
    assert not window.status.busy.isVisible()


def test_leaving_does_not_wait_for_the_copying(window: Window, monkeypatch: pytest.MonkeyPatch) -> None:
    """On a slow disk, copying the sample takes a while; nobody who closes the window must wait for its end."""
    going = threading.Event()

    def copy(folder: Path, *, progress: Callable[[int, int], None]) -> None:
        for number in range(200):
            progress(number, 200)
            going.set()
            time.sleep(0.05)

    monkeypatch.setattr(folders.datasets, "copy_sample", copy)
    window.open_sample()
    until(going.is_set)
    begun = time.monotonic()
    window.stop()
    assert time.monotonic() - begun < 5


def test_names_of_all_kinds(window: Window, tmp_path: Path) -> None:
    wanted = ["a b.png", 'it\'s "so" & so.png', "日本語.png", "smile 😀.png", "Ünï<b>cödé</b>.png", "percent %1 %n.png"]
    for seed, name in enumerate(wanted):
        write(tmp_path / "Ordner mit Löchern & so" / name, seed=seed)
    window.open_folder(tmp_path / "Ordner mit Löchern & so")
    settle(window)
    assert sorted(names(window)) == sorted(wanted)
    for name in wanted:
        window.studio.show_picture(name)
        settle(window)
        assert window.compare.augmented.image() is not None
    window._recent_menu.aboutToShow.emit()
    assert "&&" in window._recent_menu.actions()[0].text()


# -- walking ---------------------------------------------------------------------------------------------------------


def test_control_and_arrows_walk(viewed: Window) -> None:
    for key in KEYS[1:]:
        QTest.keyClick(viewed, Qt.Key.Key_Right, CONTROL)
        settle(viewed)
        assert shown(viewed) == key
    QTest.keyClick(viewed, Qt.Key.Key_Right, CONTROL)
    settle(viewed)
    assert shown(viewed) == KEYS[-1]
    QTest.keyClick(viewed, Qt.Key.Key_Left, CONTROL)
    settle(viewed)
    assert shown(viewed) == KEYS[-2]
    assert find(viewed, QListView, "pictures.list").currentIndex().row() == len(KEYS) - 2


def test_arrow_keys_walk_in_the_list(viewed: Window) -> None:
    pictures = find(viewed, QListView, "pictures.list")
    pictures.setFocus()
    QTest.keyClick(pictures, Qt.Key.Key_Right)
    settle(viewed)
    assert shown(viewed) == KEYS[1]
    QTest.keyClick(pictures, Qt.Key.Key_Down)
    settle(viewed)
    assert shown(viewed) not in KEYS[:2]
    QTest.keyClick(pictures, Qt.Key.Key_Home)
    settle(viewed)
    assert shown(viewed) == KEYS[0]


def test_a_click_shows_a_picture(viewed: Window) -> None:
    pictures = find(viewed, QListView, "pictures.list")
    place = pictures.visualRect(viewed.pictures.model.index(2)).center()
    QTest.mouseClick(pictures.viewport(), Qt.MouseButton.LeftButton, pos=place)
    settle(viewed)
    assert shown(viewed) == KEYS[2]
    assert viewed.compare.original.picture_size == (90, 61)


def test_thumbnails_come_for_what_is_in_view(viewed: Window) -> None:
    model = viewed.pictures.model
    for row in range(3):
        pixmap = model.data(model.index(row), Qt.ItemDataRole.DecorationRole)
        assert pixmap is not None
        assert pixmap.width() == THUMBNAIL


def test_a_class_is_chosen(viewed: Window) -> None:
    choose_class(viewed, "sign")
    assert names(viewed) == ["sign/s1.png", "sign/s2.jpg", "sign/small/s3.png"]
    assert shown(viewed) == KEYS[0], "the picture in view stays"
    choose_class(viewed, "small")
    assert names(viewed) == ["sign/small/s3.png"]
    choose_class(viewed, "(no class)")
    assert names(viewed) == ["top.png"]
    choose_class(viewed, "All pictures")
    assert names(viewed) == list(KEYS)
    assert find(viewed, QListView, "pictures.list").currentIndex().row() == 0


def test_the_filter(viewed: Window) -> None:
    QTest.keyClick(viewed, Qt.Key.Key_F, CONTROL)
    line = find(viewed, QLineEdit, "pictures.filter")
    assert line.hasFocus()
    QTest.keyClicks(line, "S1")
    assert names(viewed) == ["sign/s1.png"]
    QTest.keyClick(viewed, Qt.Key.Key_Right, CONTROL)
    settle(viewed)
    assert shown(viewed) == KEYS[0] or shown(viewed) == "sign/s1.png"
    line.setText("book")
    assert names(viewed) == list(KEYS[1:4])
    line.setText("no such name")
    assert names(viewed) == []
    assert any("no such name" in label.text() for label in viewed.pictures.findChildren(QLabel) if label.isVisible())
    viewed.pictures.step(1)
    line.clear()
    assert names(viewed) == list(KEYS)


def test_a_late_thumbnail_of_another_folder_is_not_shown(window: Window, tmp_path: Path) -> None:
    """Two folders may hold pictures of one name."""
    for folder, width in (("one", 90), ("two", 50)):
        write(tmp_path / folder / "same.png", 40, width)
    window.open_folder(tmp_path / "one")
    settle(window)
    model = window.pictures.model
    old = model.source(0)
    window.open_folder(tmp_path / "two")
    settle(window)
    model._arrived(old, (to_image(read(old.path).pixels), (90, 40)))  # as the thread delivers it
    settle(window)
    assert model.data(model.index(0), Qt.ItemDataRole.DecorationRole).width() == 50


# -- versions --------------------------------------------------------------------------------------------------------


def test_the_strip_shows_ends_and_copies(viewed: Window) -> None:
    strip = find(viewed, Strip, "strip")
    copies = [f"Copy {number}" for number in range(1, STRIP_COPIES + 1)]
    assert [strip.item(row).text() for row in range(strip.count())] == ["Lowest", "Highest", *copies]
    assert strip.currentItem().text() == "Copy 1"
    for row in range(strip.count()):
        strip.scrollToItem(strip.item(row))
        place = strip.visualItemRect(strip.item(row)).adjusted(8, 8, -8, -8 - strip.fontMetrics().height())
        pixels = from_image(strip.viewport().grab(place).toImage())
        assert len(np.unique(pixels.reshape(-1, 4), axis=0)) > 20, f"{strip.item(row).text()} is empty"


@pytest.mark.parametrize(("row", "version"), [(0, Shown("lowest")), (1, Shown("highest")), (4, Shown("copy", 3))])
def test_a_click_shows_a_version_and_its_numbers(viewed: Window, row: int, version: Shown) -> None:
    strip = find(viewed, Strip, "strip")
    place = strip.visualItemRect(strip.item(row)).center()
    QTest.mouseClick(strip.viewport(), Qt.MouseButton.LeftButton, pos=place)
    settle(viewed)
    assert viewed.studio.state.shown == version
    words = find(viewed, QLabel, "drawn").text()
    assert words.lower().startswith(version.label)
    scene = viewed.studio.scene()
    assert scene.wanted.large is not None
    rotate = next(draw for draw in scene.wanted.large.draws() if draw.op == "rotate")
    assert f"Rotate {rotate.number('angle'):.1f}".replace("-", "−").removesuffix(".0") in words
    image = viewed.compare.augmented.image()
    assert image is not None
    pipeline, pixels = viewed.studio.state.pipeline, read(scene.wanted.large.source.path).pixels
    assert np.array_equal(
        from_image(image)[..., :3], pipeline.plan(scene.wanted.large.draws(), *pixels.shape[1::-1]).apply(pixels)
    )


def test_arrow_keys_walk_through_versions(viewed: Window) -> None:
    strip = find(viewed, Strip, "strip")
    strip.setFocus()
    QTest.keyClick(strip, Qt.Key.Key_Right)
    settle(viewed)
    assert viewed.studio.state.shown == Shown("copy", 2)
    QTest.keyClick(strip, Qt.Key.Key_End)
    settle(viewed)
    assert viewed.studio.state.shown == Shown("copy", STRIP_COPIES)


def test_a_new_seed_is_one_click(viewed: Window) -> None:
    viewed.studio.set_seed(11)
    before = viewed.compare.augmented.image()
    QTest.mouseClick(find(viewed, QToolButton, "action.new_seed.button"), Qt.MouseButton.LeftButton)
    settle(viewed)
    seed = viewed.studio.state.seed
    assert find(viewed, NumberField, "seed").value() == seed
    assert seed == 11 or viewed.compare.augmented.image() != before
    viewed.action_undo.trigger()
    assert viewed.studio.state.seed == 11


def test_a_seed_is_typed(viewed: Window) -> None:
    box = find(viewed, NumberField, "seed")
    for text, seed in (("42", 42), ("2147483647", 2**31 - 1), ("0", 0)):
        type_number(box, text)
        settle(viewed)
        assert viewed.studio.state.seed == seed
    assert viewed.studio.undo_stack.count() == 3


def test_a_seed_that_is_none_is_never_turned_into_one(viewed: Window) -> None:
    box = find(viewed, NumberField, "seed")
    viewed.studio.set_seed(7)
    for text in ("99999999999", "-4", "1.5", "seven"):
        type_number(box, text)
        settle(viewed)
        assert viewed.studio.state.seed == 7
        assert box.text() == text, "it stays, marked"
        assert "0 to 2147483647" in box.accessibleDescription()
    type_number(box, "8")
    assert viewed.studio.state.seed == 8
    assert box.accessibleDescription() == ""


# -- zoom ------------------------------------------------------------------------------------------------------------


def views(window: Window) -> tuple[ImageView, ImageView]:
    return find(window, ImageView, "compare.original"), find(window, ImageView, "compare.augmented")


def wheel(view: ImageView, delta: int, place: QPointF) -> None:
    event = QWheelEvent(
        place,
        QPointF(view.mapToGlobal(place.toPoint())),
        QPoint(),
        QPoint(0, delta),
        Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    QApplication.sendEvent(view, event)


def test_zoom_and_pan_are_locked_together(viewed: Window) -> None:
    original, augmented = views(viewed)
    zoom = find(viewed, QLabel, "compare.zoom")
    QTest.keyClick(viewed, Qt.Key.Key_1, CONTROL)
    until(lambda: viewed.compare.viewport.scale == 1)  # a button's shortcut lets it be seen pressed for a moment
    assert original.scale() == augmented.scale() == 1
    assert zoom.text() == "100 %"
    viewed.compare.fit()
    wheel(augmented, 240, QPointF(augmented.rect().center()))  # larger than its view: it can be moved
    place = QPointF(augmented.width() / 2 + 20, augmented.height() / 2 - 10)
    under, before = augmented._share_at(place), augmented.scale()
    wheel(augmented, 240, place)
    assert augmented.scale() == pytest.approx(before * 1.25**2)
    assert augmented._share_at(place) == pytest.approx(under, abs=0.03), "the point under the pointer stays"
    assert original.picture_rect().size() == augmented.picture_rect().size()
    assert original._share_at(place) == augmented._share_at(place)
    middle = augmented.rect().center()
    QTest.mousePress(original, Qt.MouseButton.LeftButton, pos=middle)
    QTest.mouseMove(original, middle + QPoint(-30, 14))
    QTest.mouseRelease(original, Qt.MouseButton.LeftButton, pos=middle + QPoint(-30, 14))
    assert augmented._share_at(QPointF(middle)) == original._share_at(QPointF(middle))
    QTest.keyClick(viewed, Qt.Key.Key_0, CONTROL)
    until(lambda: viewed.compare.viewport.scale is None)
    assert zoom.text() == f"{viewed.compare.fit_scale():.0%}".replace("%", " %")
    assert augmented.scale() == viewed.compare.fit_scale()


def test_double_click_switches_between_fit_and_100(viewed: Window) -> None:
    _, augmented = views(viewed)
    QTest.mouseDClick(augmented, Qt.MouseButton.LeftButton)
    assert viewed.compare.viewport.scale == 1
    QTest.mouseDClick(augmented, Qt.MouseButton.LeftButton)
    assert viewed.compare.viewport.scale is None


def test_keys_zoom_and_move(viewed: Window) -> None:
    _, augmented = views(viewed)
    augmented.setFocus()
    viewed.compare.show_whole()
    QTest.keyClick(augmented, Qt.Key.Key_Plus)
    assert augmented.scale() == pytest.approx(1.25)
    QTest.keyClick(augmented, Qt.Key.Key_Right)
    assert viewed.compare.viewport.x == 0.5, "a picture that fits stays in the middle"
    QTest.keyClick(augmented, Qt.Key.Key_Minus)
    assert augmented.scale() == pytest.approx(1.0)
    while augmented.scale() * 90 < 2 * augmented.width():
        QTest.keyClick(augmented, Qt.Key.Key_Plus)
    QTest.keyClick(augmented, Qt.Key.Key_Right)
    assert viewed.compare.viewport.x > 0.5
    for _ in range(400):
        QTest.keyClick(augmented, Qt.Key.Key_Right)
    assert augmented.picture_rect().right() == pytest.approx(augmented.width(), abs=1.5), "no farther than its edge"
    for _ in range(60):
        QTest.keyClick(augmented, Qt.Key.Key_Plus)
    assert augmented.scale() == MOST_ZOOM
    for _ in range(90):
        QTest.keyClick(augmented, Qt.Key.Key_Minus)
    assert augmented.scale() > 0
    settle(viewed)


def test_an_output_of_another_size_keeps_step(viewed: Window) -> None:
    viewed.studio.edit_pipeline("output", presets.find("photos-224").output)
    settle(viewed)
    original, augmented = views(viewed)
    assert augmented.picture_size == (224, 224)
    assert original.picture_size == (90, 66)
    viewed.compare.show_whole()
    assert augmented.scale() == 1
    link = 224 / 66  # the shorter side fills the output
    assert original.scale() == pytest.approx(link)
    viewed.compare.fit()
    assert original.scale() == pytest.approx(augmented.scale() * link)
    for view in (original, augmented):
        place = view.picture_rect()
        assert place.center().x() == pytest.approx(view.width() / 2, abs=1), "in the middle, both"
        assert place.width() <= view.width()
        assert place.height() <= view.height()
    assert original.picture_rect().width() == pytest.approx(original.width() - 16, abs=1), "the larger one fills it"
    # What the copy shows is as large as it is in the original.
    assert augmented.picture_rect().height() == pytest.approx(original.picture_rect().height(), abs=1.5)


def test_both_views_are_of_one_size_in_any_window(viewed: Window) -> None:
    original, augmented = views(viewed)
    for size in ((1024, 700), (1440, 900), (1900, 1000)):
        viewed.resize(*size)
        settle(viewed)
        assert abs(original.width() - augmented.width()) <= 1
        assert original.height() == augmented.height()


def test_fit_enlarges_what_is_small(viewed: Window) -> None:
    original, augmented = views(viewed)
    viewed.compare.fit()
    for view in (original, augmented):
        place = view.picture_rect()
        room = view.width() - 16, view.height() - 16
        assert max(place.width() / room[0], place.height() / room[1]) == pytest.approx(1, abs=0.01)
    viewed.compare._pan_by(augmented, 0.3, 0.3)
    assert viewed.compare.viewport.scale is None, "all of it is seen: nothing to move"


# -- trouble ---------------------------------------------------------------------------------------------------------


def garbage(path: Path) -> None:
    path.write_bytes(b"this is no picture")


def nothing(path: Path) -> None:
    path.write_bytes(b"")


def cut_short(path: Path) -> None:
    data = encode(np.random.default_rng(0).integers(0, 255, (50, 60, 3)).astype(np.uint8), "PNG", 90)
    path.write_bytes(data[: len(data) // 3])


def enormous(path: Path) -> None:
    Image.new("1", (20_000, 20_000)).save(path)


@pytest.mark.parametrize("spoil", [garbage, nothing, cut_short, enormous], ids=lambda spoil: spoil.__name__)
def test_a_picture_that_cannot_be_read(window: Window, photos: Path, spoil: Callable[[Path], None]) -> None:
    spoil(photos / "book" / "b2.png")
    window.open_folder(photos)
    settle(window)
    window.studio.show_picture("book/b2.png")
    settle(window)
    original, augmented = views(window)
    assert original.image() is None
    assert augmented.image() is None
    assert original._message.startswith("book/b2.png\n\n")
    assert original.accessibleDescription() == original._message
    if spoil is enormous:
        assert "400,000,000" in original._message or "20,000" in original._message
    window.resize(1300, 850)  # it goes on working, and painting
    settle(window)
    QTest.keyClick(window, Qt.Key.Key_Right, CONTROL)
    settle(window)
    assert shown(window) != "book/b2.png"
    assert original.image() is not None
    assert augmented.image() is not None
    assert original.accessibleDescription() == "", "the message is over"
    window.studio.add_step("blur")
    settle(window)
    assert window.compare.augmented.image() is not None


def test_a_broken_thumbnail_says_so(window: Window, photos: Path) -> None:
    garbage(photos / "book" / "b2.png")
    window.open_folder(photos)
    settle(window)
    model = window.pictures.model
    row = model.row("book/b2.png")
    assert row is not None
    assert model.broken(row)
    assert "book/b2.png\n" in model.data(model.index(row), Qt.ItemDataRole.ToolTipRole)
    assert not model.broken(0)


def test_a_folder_that_vanishes(loaded: Window, photos: Path) -> None:
    shutil.rmtree(photos)
    loaded.studio.show_picture(KEYS[4])
    settle(loaded)
    assert KEYS[4] in loaded.compare.original._message
    loaded.studio.new_seed()
    settle(loaded)
    for name in ("other/a.png",):
        write(photos.parent / name)
    loaded.open_folder(photos.parent / "other")
    settle(loaded)
    assert loaded.compare.augmented.image() is not None


@pytest.mark.parametrize("what", ["missing", "empty", "file", "secret"])
def test_a_folder_that_cannot_be_opened(loaded: Window, photos: Path, tmp_path: Path, what: str) -> None:
    folder = tmp_path / what
    match what:
        case "empty":
            folder.mkdir()
            (folder / "notes.txt").write_text("words")
        case "file":
            folder.write_text("words")
        case "secret":
            folder.mkdir(mode=0)
            if os.access(folder, os.R_OK):
                pytest.skip("root reads everything")
    loaded.open_folder(folder)
    settle(loaded)
    assert str(folder) in loaded.messages.text()
    assert names(loaded) == list(KEYS), "what was open stays open"
    assert not loaded.status.busy.isVisible()
    assert "7 pictures" in loaded.studio.scene().summary
    QTest.mouseClick(find(loaded.messages, QToolButton, "message.close"), Qt.MouseButton.LeftButton)
    assert loaded.messages.text() == ""
    loaded._recent_menu.aboutToShow.emit()
    assert str(folder) not in [action.text() for action in loaded._recent_menu.actions()]


def test_links_to_nothing_are_told(window: Window, photos: Path) -> None:
    (photos / "lost.png").symlink_to(photos / "gone.png")
    window.open_folder(photos)
    settle(window)
    assert "lost.png" in window.messages.text()
    assert names(window) == list(KEYS)


# -- looks -----------------------------------------------------------------------------------------------------------


def luminance(image: QImage) -> float:
    return float(from_image(image)[..., :3].mean())


def test_light_and_dark(viewed: Window, qapp: QApplication) -> None:
    viewed.say("Something went wrong.")
    seen = {}
    for name, theme in (("light", style.LIGHT), ("dark", style.DARK)):
        style.fix(theme)
        style.apply(qapp)
        viewed.refresh_icons()
        settle(viewed)
        seen[name] = luminance(viewed.grab().toImage())
        wanted = QColor(theme.text)
        for button in viewed.findChildren(QToolButton):
            if button.property("icon_name"):
                icon = from_image(button.icon().pixmap(20).toImage())
                solid = icon[icon[..., 3] == 255][:, :3]
                assert len(solid) == 0 or np.abs(solid - [wanted.red(), wanted.green(), wanted.blue()]).max() <= 2, (
                    f"{button.objectName() or button.toolTip()} is not drawn in the colours of {name}"
                )
        mark = next(label for label in viewed.messages.findChildren(QLabel) if not label.pixmap().isNull())
        red = from_image(mark.pixmap().toImage())
        solid = red[red[..., 3] == 255][:, :3].astype(int)
        wanted = QColor(theme.red)
        near = np.abs(solid - [wanted.red(), wanted.green(), wanted.blue()]).max(axis=1) <= 2
        assert near.any(), f"the message's mark is not drawn in the colours of {name}"
        open_menu = viewed.pipeline.open_add_menu
        open_menu()
        settle(viewed)
        assert viewed.pipeline._menu is not None
        glass = from_image(viewed.pipeline._menu.search.actions()[0].icon().pixmap(20).toImage())
        solid = glass[glass[..., 3] == 255][:, :3].astype(int)
        wanted = QColor(theme.text)
        assert np.abs(solid - [wanted.red(), wanted.green(), wanted.blue()]).max() <= 2, f"the search icon in {name}"
        viewed.pipeline._menu.hide()
        settle(viewed)
    assert seen["light"] > 180
    assert seen["dark"] < 90


def test_colours_follow_the_system(viewed: Window, qapp: QApplication, monkeypatch: pytest.MonkeyPatch) -> None:
    application.follow_system(qapp, viewed)
    style.fix(style.DARK)
    hints = qapp.styleHints()
    hints.colorSchemeChanged.emit(Qt.ColorScheme.Dark)
    settle(viewed)
    assert luminance(viewed.grab().toImage()) < 90
    hints.colorSchemeChanged.disconnect()


def test_a_message_is_shown_until_it_is_closed(viewed: Window) -> None:
    viewed.say("First.")
    viewed.say("Second.")
    bar = find(viewed, MessageBar, "message")
    assert bar.text() == "Second."
    assert bar.isVisible()
    assert bar.accessibleName() == "Second."
    QTest.mouseClick(find(bar, QToolButton, "message.close"), Qt.MouseButton.LeftButton)
    assert not bar.isVisible()


def test_names_are_shown_as_they_are(loaded: Window, tmp_path: Path) -> None:
    """A name may look like mark-up; it is none."""
    loaded.open_path(tmp_path / "a <b>bold</b> &amp; <i>.json")
    find(loaded, QLineEdit, "pictures.filter").setText("<b>")
    text = find(loaded, QLabel, "message.text")
    assert "<b>bold</b>" in text.text()
    hint = next(label for label in loaded.pictures.findChildren(QLabel) if "“<b>”" in label.text())
    status = loaded.statusBar().findChild(QLabel)  # says which folder is being listed
    for label in (text, hint, status):
        assert label.textFormat() == Qt.TextFormat.PlainText, label.text()


def test_small_windows_give_the_pictures_room(open_window: OpenWindow, photos: Path) -> None:
    window = open_window(width=1024, height=700)
    window.open_folder(photos)
    settle(window)
    assert window.width() == 1024
    assert window.height() == 700
    assert min(view.width() for view in views(window)) >= 120
    low = find(window, Strip, "strip").height()
    window.resize(1024, 900)
    until(lambda: find(window, Strip, "strip").height() > low)
    settle(window)
