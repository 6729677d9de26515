"""A folder with train, val and test: the list of pictures offers splits, and the classes in each of them."""

from __future__ import annotations

from pathlib import Path

import pytest
from driving import find, settle, write
from PySide6.QtCore import QPoint
from PySide6.QtWidgets import QLabel, QMenu, QTreeWidget, QTreeWidgetItem
from windows import OpenWindow

from augstudio.gui.shell.window import Window

KEYS = (
    "train/cat/1.png",
    "train/cat/2.png",
    "train/dog/3.png",
    "train/dog/small/4.png",
    "Valid/cat/5.png",
    "test/6.png",
)


@pytest.fixture
def split_window(window: Window, tmp_path: Path) -> Window:
    """A window with such a folder open."""
    for seed, key in enumerate(KEYS):
        write(tmp_path / "data" / key, 20, 30, seed=seed)
    write(tmp_path / "data" / "other" / "7.png", 20, 30)
    window.open_folder(tmp_path / "data")
    settle(window)
    return window


def lines(item: QTreeWidgetItem) -> list[tuple[str, str, list[object]]]:
    """What lies below an item: names, counts, and so on."""
    children = [item.child(row) for row in range(item.childCount())]
    return [(child.text(0), child.text(1), lines(child)) for child in children]


def names(window: Window) -> list[str]:
    """What the list of pictures holds."""
    return [window.pictures.model.source(row).key for row in range(window.pictures.model.rowCount())]


def choose(window: Window, *path: str) -> None:
    """Choose a line by its name and those above it."""
    tree = find(window, QTreeWidget, "pictures.classes")
    item = tree.topLevelItem(0)
    for name in path:
        (item,) = (item.child(row) for row in range(item.childCount()) if item.child(row).text(0) == name)
    tree.setCurrentItem(item)
    settle(window)


def test_splits_and_their_classes(split_window: Window) -> None:
    tree = find(split_window, QTreeWidget, "pictures.classes")
    assert tree.isVisible()
    assert tree.topLevelItemCount() == 1
    root = tree.topLevelItem(0)
    assert (root.text(0), root.text(1)) == ("All pictures", "6")
    assert lines(root) == [
        ("train", "4", [("cat", "2", []), ("dog", "1", [("small", "1", [])])]),
        ("Valid", "1", [("cat", "1", [])]),
        ("test", "1", []),
    ]
    assert root.child(0).child(1).child(0).toolTip(0) == "train / dog/small"
    assert names(split_window) == list(KEYS)
    assert split_window.pictures.model.data(split_window.pictures.model.index(3)) == "4.png"


@pytest.mark.parametrize(
    ("path", "shown"),
    [
        ((), KEYS),
        (("train",), KEYS[:4]),
        (("train", "cat"), KEYS[:2]),
        (("train", "dog"), KEYS[2:4]),
        (("train", "dog", "small"), KEYS[3:4]),
        (("Valid",), KEYS[4:5]),
        (("Valid", "cat"), KEYS[4:5]),
        (("test",), KEYS[5:]),
    ],
)
def test_a_line_shows_its_own_pictures(split_window: Window, path: tuple[str, ...], shown: tuple[str, ...]) -> None:
    choose(split_window, *path)
    assert names(split_window) == list(shown)


def test_the_status_bar_counts_classes_and_names_splits(split_window: Window) -> None:
    said = split_window.statusBar().findChild(QLabel).text()
    assert "6 pictures · 3 classes · train/Valid/test · 1 skipped · " in said
    assert "other: no split, so its picture is left out" in split_window.messages.text()


def test_splits_without_classes(open_window: OpenWindow, tmp_path: Path) -> None:
    window = open_window()
    for seed, key in enumerate(("images/train/1.png", "images/train/2.png", "images/val/3.png")):
        write(tmp_path / "yolo" / key, 20, 30, seed=seed)
    window.open_folder(tmp_path / "yolo")
    settle(window)
    tree = find(window, QTreeWidget, "pictures.classes")
    assert tree.isVisible()
    assert lines(tree.topLevelItem(0)) == [("train", "2", []), ("val", "1", [])]
    choose(window, "val")
    assert names(window) == ["images/val/3.png"]
    assert "3 pictures · train/val · " in window.statusBar().findChild(QLabel).text()


def test_splits_that_a_list_states(window: Window, tmp_path: Path) -> None:
    root = tmp_path / "voc"
    for number in range(4):
        write(root / f"JPEGImages/{number}.png", 20, 30, seed=number)
    for split, listed in (("train", "0\n1\n"), ("val", "2\n3\n")):
        (root / "ImageSets/Main").mkdir(parents=True, exist_ok=True)
        (root / f"ImageSets/Main/{split}.txt").write_text(listed)
    window.open_folder(root)
    settle(window)
    tree = find(window, QTreeWidget, "pictures.classes")
    assert lines(tree.topLevelItem(0)) == [("train", "2", []), ("val", "2", [])]
    assert "train/val as ImageSets/Main states" in window.studio.scene().summary
    for number, splits in ((3, {}), (0, {"train": 2, "val": 2})):
        tree.customContextMenuRequested.emit(QPoint(5, 5))
        menu = find(window.pictures, QMenu, "pictures.folders")
        menu.actions()[number].trigger()
        menu.close()
        settle(window)
        assert window.studio.state.dataset is not None
        assert window.studio.state.dataset.splits == splits
        assert tree.isVisible(), "what was said can be taken back"
