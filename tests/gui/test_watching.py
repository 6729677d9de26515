"""The window shows what is on the disk: pictures that come, go or are replaced, and a folder that is gone and back."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from driving import activate, find, settle, until, write
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLineEdit, QListView, QTreeWidget
from windows import OpenWindow

from augstudio.gui.parts.qimages import from_image
from augstudio.gui.shell.watching import Watch
from augstudio.gui.shell.window import Window


def keys(window: Window) -> list[str]:
    model = window.pictures.model
    return [model.source(row).key for row in range(model.rowCount())]


def replace(path: Path, seed: int, *, in_place: bool) -> None:
    """Put another picture under a name, as some editors do, or into the file, as others do."""
    other = write(path.with_name(f"other{path.suffix}"), 60, 90, seed=seed)
    data = other.read_bytes()
    other.unlink()
    if in_place:
        path.write_bytes(data)
    else:
        new = path.with_name("new")
        new.write_bytes(data)
        new.replace(path)


@pytest.fixture
def deaf(monkeypatch: pytest.MonkeyPatch) -> None:
    """The system tells of nothing, as on a network, or with too many folders."""
    monkeypatch.setattr(Watch, "_watch", lambda *_: None)


def come_back(window: Window) -> None:
    """Go to another program and back."""
    other = QLineEdit()
    other.show()
    activate(other)
    activate(window)
    other.deleteLater()


@pytest.mark.parametrize("told", [True, False])
def test_pictures_that_come_and_go(loaded: Window, photos: Path, told: bool, request: pytest.FixtureRequest) -> None:
    if not told:
        request.getfixturevalue("deaf")
        loaded.open_folder(photos)
        settle(loaded)
        loaded.watch._unwatch()
    shown = loaded.studio.state.picture
    write(photos / "sign" / "s0.png", 60, 90, seed=9)
    write(photos / "tree" / "t1.png", 60, 90, seed=10)
    if not told:
        come_back(loaded)
    until(lambda: "tree/t1.png" in keys(loaded), "new pictures are listed")
    assert "sign/s0.png" in keys(loaded)
    assert loaded.studio.state.picture == shown, "what is looked at stays"
    assert "9 pictures" in loaded.studio.scene().summary
    settle(loaded)
    (photos / "sign" / "s0.png").unlink()
    if not told:
        come_back(loaded)
    until(lambda: "sign/s0.png" not in keys(loaded), "a picture that is gone is listed no more")
    settle(loaded)


def test_a_new_folder_is_watched_too(loaded: Window, photos: Path) -> None:
    (photos / "fresh").mkdir()
    until(lambda: str(photos / "fresh") in loaded.watch._watcher.directories(), "it is watched")  # type: ignore[union-attr]
    write(photos / "fresh" / "f.png", 60, 90)
    until(lambda: "fresh/f.png" in keys(loaded), "its picture is listed")
    settle(loaded)


@pytest.mark.parametrize("in_place", [True, False])
@pytest.mark.parametrize("told", [True, False])
def test_a_picture_that_is_replaced_is_shown_anew(loaded: Window, photos: Path, in_place: bool, told: bool) -> None:
    settle(loaded)
    if not told:
        loaded.watch._unwatch()
    key = loaded.studio.state.picture
    original = loaded.compare.original
    before = from_image(original.image()).copy()  # type: ignore[arg-type]
    tile = loaded.pictures.model.thumbnail(loaded.studio.state.source)  # type: ignore[arg-type]
    assert tile is not None
    replace(photos / key, 77, in_place=in_place)
    os.utime(photos / key, ns=(1, 1))  # an older one, at that
    if not told:
        come_back(loaded)

    def another() -> bool:
        image = original.image()
        return image is not None and (from_image(image) != before[: image.height(), : image.width()]).any()

    until(another, "the picture is shown as it is now")
    settle(loaded)
    now = loaded.pictures.model.thumbnail(loaded.studio.state.source)  # type: ignore[arg-type]
    assert now is not None
    assert now.pixmap.toImage() != tile.pixmap.toImage(), "the list too"


def test_a_picture_out_of_view_is_read_as_it_is_when_it_is_shown(loaded: Window, photos: Path) -> None:
    """It was in view before, so it lies decoded in memory; nobody told of the change."""
    first, second = keys(loaded)[:2]
    loaded.studio.show_picture(second)
    settle(loaded)
    before = from_image(loaded.compare.original.image()).copy()  # type: ignore[arg-type]
    loaded.studio.show_picture(first)
    settle(loaded)
    loaded.watch._unwatch()
    replace(photos / second, 78, in_place=True)
    loaded.studio.show_picture(second)
    until(
        lambda: (from_image(loaded.compare.original.image())[:60, :90] != before[:60, :90]).any(),  # type: ignore[arg-type]
        "it is shown as it is now",
    )
    settle(loaded)


def test_the_picture_in_view_is_deleted(loaded: Window, photos: Path) -> None:
    order = keys(loaded)
    loaded.studio.show_picture(order[2])
    settle(loaded)
    (photos / order[2]).unlink()
    until(lambda: order[2] not in keys(loaded), "it is listed no more")
    assert loaded.studio.state.picture == order[3], "the next one is in view"
    (photos / order[6]).unlink()
    loaded.studio.show_picture(order[6])
    until(lambda: loaded.studio.state.picture == order[5], "the last one but one is in view")
    settle(loaded)


@pytest.mark.parametrize("how", ["removed", "renamed", "emptied"])
def test_a_folder_that_is_gone_and_comes_back(loaded: Window, photos: Path, how: str) -> None:
    away = photos.with_name("away")
    if how == "emptied":
        away.mkdir()
        for path in list(photos.iterdir()):
            path.rename(away / path.name)
    elif how == "renamed":
        photos.rename(away)
    else:
        shutil.copytree(photos, away)
        shutil.rmtree(photos)
    until(lambda: str(photos) in loaded.messages.text(), "it is said")
    assert "until the pictures are back" in loaded.messages.text()
    assert not loaded.action_export.isEnabled()
    settle(loaded)
    if how == "emptied":
        for path in list(away.iterdir()):
            path.rename(photos / path.name)
    else:
        away.rename(photos)
    until(loaded.action_export.isEnabled, "an export is possible again")
    assert loaded.messages.text() == ""
    settle(loaded)
    assert loaded.compare.augmented.image() is not None


@pytest.mark.parametrize("by", ["open", "key"])
def test_the_same_folder_anew_leaves_all_in_place(loaded: Window, photos: Path, by: str) -> None:
    made: list[object] = []
    emptied: list[object] = []
    loaded.previews.tile.connect(lambda shown, _: made.append(shown))
    loaded.previews.emptied.connect(lambda: emptied.append(1))
    loaded.studio.show_picture(keys(loaded)[0])
    settle(loaded)
    made.clear()
    emptied.clear()
    (photos / "extra.txt").write_text("no picture")
    if by == "open":
        loaded.open_folder(photos)
    else:
        QTest.keyClick(loaded, Qt.Key.Key_F5)
    settle(loaded)
    until(lambda: len(made) >= 14, "the strip is filled")
    assert loaded.compare.augmented.image() is not None
    assert loaded.studio.state.picture == keys(loaded)[0]


@pytest.fixture
def many(tmp_path: Path) -> Path:
    """Two classes of 60 pictures."""
    first = write(tmp_path / "one.png", 24, 32)
    for number in range(120):
        target = tmp_path / "many" / ("a" if number < 60 else "b") / f"{number:03}.png"
        target.parent.mkdir(parents=True, exist_ok=True)
        os.link(first, target)
    return tmp_path / "many"


def test_reading_anew_keeps_scroll_place_class_and_filter(window: Window, many: Path) -> None:
    window.open_folder(many)
    settle(window)
    tree, view = find(window, QTreeWidget, "pictures.classes"), find(window, QListView, "pictures.list")
    (item,) = tree.findItems("b", Qt.MatchFlag.MatchExactly | Qt.MatchFlag.MatchRecursive)
    tree.setCurrentItem(item)
    window.studio.show_picture("b/065.png")
    settle(window)
    bar = view.verticalScrollBar()
    bar.setValue(bar.maximum() // 2 + 7)
    settle(window)

    def place(key: str) -> int:
        row = window.pictures.model.row(key)
        assert row is not None
        return view.visualRect(window.pictures.model.index(row)).top()

    top = window.pictures.model.source(view.indexAt(QPoint(40, 40)).row()).key
    before = place(top)
    columns = view.viewport().width() // view.gridSize().width()
    for number in range(columns):  # a whole line of them, above what is in view
        write(many / "b" / f"000-{number}.png", 24, 32)
    write(many / "c" / "new.png", 24, 32)
    QTest.keyClick(window, Qt.Key.Key_F5)
    settle(window)
    assert window.pictures.model.rowCount() == 60 + columns
    assert place(top) == before, "what is looked at stands where it stood"
    current = tree.currentItem()
    assert current is not None
    assert current.text(0) == "b"
    assert window.studio.state.picture == "b/065.png"
    assert view.currentIndex().row() == window.pictures.model.row("b/065.png")
    assert {tree.topLevelItem(0).child(i).text(0) for i in range(3)} == {"a", "b", "c"}  # type: ignore[union-attr]


def test_what_changes_while_a_folder_is_read_is_seen(
    loaded: Window, photos: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from augstudio.gui.shell import folders

    scan: Callable[..., object] = folders.datasets.scan
    written: list[Path] = []

    def slow(*arguments: object, **others: object) -> object:
        found = scan(*arguments, **others)
        if not written:
            written.append(write(photos / "late.png", 60, 90))
        return found

    monkeypatch.setattr(folders.datasets, "scan", slow)
    loaded.watch._unwatch()
    loaded.reload()
    until(lambda: "late.png" in keys(loaded), "it is listed")
    settle(loaded)


def test_nothing_open_nothing_to_read(open_window: OpenWindow) -> None:
    window = open_window()
    QTest.keyClick(window, Qt.Key.Key_F5)
    settle(window)
    assert window.messages.text() == ""
