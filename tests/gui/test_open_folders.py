"""Pictures are excluded and taken back by a key; unclear folders are asked about; what is left out can be read."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from dialogs import finish, opened, ready, work_in_process
from driving import activate, find, settle, until, write
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QAction
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QApplication,
    QComboBox,
    QLabel,
    QLineEdit,
    QMenu,
    QPlainTextEdit,
    QPushButton,
    QToolButton,
    QTreeWidget,
)
from windows import OpenWindow

from augstudio.dataset import Folders
from augstudio.gui.intent import session as sessions
from augstudio.gui.intent.session import About
from augstudio.gui.shell.folder_dialog import FolderDialog
from augstudio.gui.shell.window import Window

LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for seed, key in enumerate(("cat/1.png", "cat/2.png", "dog/3.png", "dog/4.png")):
        write(tmp_path / "set" / key, 24, 30, seed=seed)
    return tmp_path / "set"


@pytest.fixture
def unclear(folder: Path) -> Path:
    """With a folder that may be a split or a class."""
    write(folder / "my test" / "5.png", 24, 30, seed=9)
    return folder


def opened_on(window: Window, folder: Path) -> Window:
    window.open_folder(folder)
    settle(window)
    activate(window)
    return window


def press_x(window: Window, key: str) -> None:
    row = window.pictures.model.row(key)
    assert row is not None
    activate(window)
    window.pictures.list.setFocus()
    window.pictures.list.setCurrentIndex(window.pictures.model.index(row))
    settle(window)
    QTest.keyClick(window.pictures.list, Qt.Key.Key_X)
    settle(window)


def tree(window: Window) -> dict[str, str]:
    classes = find(window, QTreeWidget, "pictures.classes")
    items = (classes.topLevelItem(row) for row in range(classes.topLevelItemCount()))
    return {item.text(0): item.text(1) for item in items if item}


def colours(window: Window, key: str) -> set[tuple[int, int, int]]:
    row = window.pictures.model.row(key)
    assert row is not None
    image = window.pictures.list.grab(window.pictures.list.visualRect(window.pictures.model.index(row))).toImage()
    return {image.pixelColor(x, y).getRgb()[:3] for x in range(image.width()) for y in range(image.height())}  # type: ignore[misc]


# -- excluding ---------------------------------------------------------------------------------------------------------


def test_x_excludes_and_takes_back(window: Window, folder: Path) -> None:
    opened_on(window, folder)
    window.studio.show_picture("cat/2.png")
    window.pictures.list.setFocus()
    settle(window)
    before = colours(window, "cat/2.png")
    press_x(window, "cat/2.png")
    state = window.studio.state
    assert state.excluded == {"cat/2.png"}
    assert state.picture == "cat/2.png", "it is still looked at"
    assert state.kept is not None
    assert state.kept.classes == {"cat": 1, "dog": 2}
    assert colours(window, "cat/2.png") != before
    assert tree(window) == {"All pictures": "4", "Excluded": "1"}
    assert "1 excluded" in window.studio.scene().summary
    assert "is left out of exports" in window.status.currentMessage()
    model = window.pictures.model
    row = model.row("cat/2.png")
    assert row is not None
    assert "X takes it back" in model.data(model.index(row), Qt.ItemDataRole.ToolTipRole)
    assert model.data(model.index(row), Qt.ItemDataRole.AccessibleTextRole) == "2.png, excluded"
    press_x(window, "cat/2.png")
    assert window.studio.state.excluded == frozenset()
    assert tree(window) == {"All pictures": "4"}
    assert colours(window, "cat/2.png") == before


def test_undo_takes_an_exclusion_back_and_not_the_edit_before_it(window: Window, folder: Path) -> None:
    window.open_folder(folder)
    settle(window)
    studio = window.studio
    studio.set_seed(77)
    window._exclude("cat/2.png")
    assert studio.undo_stack.undoText() == "exclude cat/2.png"
    window.action_undo.trigger()
    assert (studio.state.excluded, studio.state.seed) == (frozenset(), 77)
    window.action_redo.trigger()
    assert studio.state.excluded == {"cat/2.png"}
    window._exclude("cat/2.png")
    assert studio.undo_stack.undoText() == "take back cat/2.png"
    window.action_undo.trigger()
    assert studio.state.excluded == {"cat/2.png"}


def test_undo_in_another_folder_excludes_nothing_there(window: Window, folder: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    shutil.copytree(folder, other)
    window.open_folder(folder)
    settle(window)
    window.studio.set_seed(77)
    window._exclude("cat/2.png")
    window.open_folder(other)
    settle(window)
    window.action_undo.trigger()
    assert (window.studio.state.excluded, window.studio.state.seed) == (frozenset(), 77)
    window.action_undo.trigger()
    assert window.studio.state.seed != 77
    window.open_folder(folder)
    settle(window)
    assert window.studio.state.excluded == {"cat/2.png"}


def test_what_is_excluded_can_be_seen_alone_and_taken_back_by_the_menu(window: Window, folder: Path) -> None:
    opened_on(window, folder)
    press_x(window, "cat/2.png")
    press_x(window, "dog/3.png")
    classes = find(window, QTreeWidget, "pictures.classes")
    line = next(item for row in range(2) if (item := classes.topLevelItem(row)) and item.text(0) == "Excluded")
    classes.setCurrentItem(line)
    settle(window)
    assert [window.pictures.model.source(row).key for row in range(window.pictures.model.rowCount())] == [
        "cat/2.png",
        "dog/3.png",
    ]
    place = window.pictures.list.visualRect(window.pictures.model.index(0)).center()
    window.pictures.list.customContextMenuRequested.emit(place)
    menu = find(window.pictures.list, QMenu, "pictures.menu")
    (action,) = menu.actions()
    assert action.text() == "Take back into exports"
    action.trigger()
    menu.close()
    settle(window)
    assert window.studio.state.excluded == {"dog/3.png"}
    assert window.pictures.model.rowCount() == 1, "the line chosen stays"


def test_x_is_a_letter_where_text_is_typed(window: Window, folder: Path) -> None:
    opened_on(window, folder)
    field = find(window, QLineEdit, "pictures.filter")
    field.setFocus()
    QTest.keyClicks(field, "x")
    settle(window)
    assert field.text() == "x"
    assert window.studio.state.excluded == frozenset()


def test_it_is_kept_for_each_folder(open_window: OpenWindow, folder: Path, photos: Path) -> None:
    window = opened_on(open_window(), folder)
    press_x(window, "dog/4.png")
    opened_on(window, photos)
    assert window.studio.state.excluded == frozenset()
    opened_on(window, folder)
    assert window.studio.state.excluded == {"dog/4.png"}
    window.remember()
    kept = sessions.load()
    assert kept.about_folder(str(folder)) == About(Folders.AUTO, frozenset({"dog/4.png"}))
    again = open_window(kept)
    opened_on(again, folder)
    assert again.studio.state.excluded == {"dog/4.png"}
    again.reload()
    settle(again)
    assert again.studio.state.excluded == {"dog/4.png"}


def test_an_export_leaves_it_out_and_follows(
    window: Window, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    work_in_process(monkeypatch)
    opened_on(window, folder)
    press_x(window, "cat/1.png")
    window.export()
    dialog: Any = opened(window)
    dialog._pause_ms = 1
    ready(dialog)
    assert find(dialog, QLabel, "export.estimate").text().startswith("12 files")
    press_x(window, "dog/3.png")
    until(lambda: find(dialog, QLabel, "export.estimate").text().startswith("8 files"))
    find(dialog, QLineEdit, "export.folder").setText(str(tmp_path / "out"))
    ready(dialog)
    find(dialog, QPushButton, "export.start").click()
    finish(dialog)
    report = json.loads((tmp_path / "out" / "report.json").read_text())
    assert report["settings"]["excluded"] == ["cat/1.png", "dog/3.png"]
    assert report["counts"]["files"] == 8


def test_nothing_can_be_exported_of_nothing(window: Window, folder: Path) -> None:
    opened_on(window, folder)
    for key in ("cat/1.png", "cat/2.png", "dog/3.png", "dog/4.png"):
        assert window.action_export.isEnabled()
        press_x(window, key)
    assert not window.action_export.isEnabled()
    press_x(window, "dog/4.png")
    assert window.action_export.isEnabled()


# -- unclear folders ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("answer", ["splits", "classes"])
def test_unclear_folders_are_asked_about(open_window: OpenWindow, unclear: Path, answer: str) -> None:
    window = opened_on(open_window(), unclear)
    words = find(window, QLabel, "folders.question")
    assert words.isVisible()
    assert words.text().startswith("Splits or classes? my test may be a split or a class (beside cat and dog).")
    picture = window.studio.state.picture
    QTest.mouseClick(find(window, QPushButton, f"folders.{answer}"), LEFT)
    settle(window)
    dataset = window.studio.state.dataset
    assert dataset is not None
    assert dataset.splits == ({"train": 4, "my test": 1} if answer == "splits" else {})
    assert not words.isVisible()
    assert window.studio.state.picture == picture
    window.reload()
    settle(window)
    assert not words.isVisible(), "what was said holds"
    window.remember()
    again = opened_on(open_window(sessions.load()), unclear)
    assert not find(again, QLabel, "folders.question").isVisible()
    assert again.studio.state.dataset == dataset


def test_what_was_said_of_folders_can_be_changed(window: Window, unclear: Path) -> None:
    opened_on(window, unclear)
    QTest.mouseClick(find(window, QPushButton, "folders.classes"), LEFT)
    settle(window)
    for number, expected in ((1, {"train": 4, "my test": 1}), (0, {})):
        find(window, QTreeWidget, "pictures.classes").customContextMenuRequested.emit(QPoint(5, 5))
        menu = find(window.pictures, QMenu, "pictures.folders")
        assert [action.isChecked() for action in menu.actions()].count(True) == 1
        menu.actions()[number].trigger()
        menu.close()
        settle(window)
        assert window.studio.state.dataset is not None
        assert window.studio.state.dataset.splits == expected
    assert find(window, QLabel, "folders.question").isVisible(), "by their names nobody can tell"


def test_an_export_waits_for_the_answer(window: Window, unclear: Path) -> None:
    opened_on(window, unclear)
    window.export()
    dialog: Any = opened(window)
    dialog._pause_ms = 1
    until(lambda: "say which" in find(dialog, QLabel, "message.text").text())
    assert not find(dialog, QPushButton, "export.start").isEnabled()
    QTest.mouseClick(find(window, QPushButton, "folders.classes"), LEFT)
    settle(window)
    ready(dialog)
    assert find(dialog, QPushButton, "export.start").isEnabled()
    dialog.reject()


# -- what a folder holds -----------------------------------------------------------------------------------------------


def details(window: Window, monkeypatch: pytest.MonkeyPatch) -> str:
    """What the dialog of details tells, once it has looked at everything."""
    shown: list[str] = []

    def read(dialog: FolderDialog) -> int:
        text = find(dialog, QPlainTextEdit, "folder.text")
        until(lambda: "looking …" not in text.toPlainText(), "it has looked")
        shown.append(text.toPlainText())
        return 0

    monkeypatch.setattr(FolderDialog, "exec", read)
    QTest.mouseClick(find(window, QToolButton, "pictures.details"), LEFT)
    (text,) = shown
    return text


def test_what_is_left_out_is_said_and_can_be_read(
    window: Window, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (folder / "cat" / "raw.cr2").write_bytes(b"II*\0")
    (folder / "@eaDir").mkdir()
    write(folder / "@eaDir" / "x.png", 9, 9)
    for number in (1, 2):
        (folder / "cat" / f"{number}.txt").write_text("0 0.5 0.5 0.1 0.1\n")
    opened_on(window, folder)
    said = window.messages.text()
    assert "Left out: 1 camera raw file, 1 folder of a Synology disk" in said
    assert "YOLO boxes: 2 files for 2 of 4 pictures (beside the pictures) follow the pictures." in said
    assert said.count("\n") == 1, "it lies over the pictures"
    assert "2 left out" in window.studio.scene().summary
    text = details(window, monkeypatch)
    assert "left out: 1 camera raw file (.cr2): cat/raw.cr2" in text
    assert "2 classes: cat 2, dog 2" in text
    assert "Labels: YOLO boxes: 2 files for 2 of 4 pictures (beside the pictures)" in text
    assert "other files (.txt)" not in text, "they hold the labels"
    QApplication.sendPostedEvents()


def test_details_tell_of_identical_files(window: Window, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shutil.copy(folder / "cat" / "1.png", folder / "cat" / "again.png")
    shutil.copy(folder / "cat" / "1.png", folder / "dog" / "no cat.png")
    window.open_folder(folder)
    settle(window)
    text = details(window, monkeypatch)
    assert "Identical: 3 files of 1 content, such as cat/1.png = cat/again.png = 1 more" in text
    assert "in two classes: cat/1.png = dog/no cat.png" in text


# -- groups ------------------------------------------------------------------------------------------------------------


def test_groups_are_kept_together(window: Window, folder: Path, tmp_path: Path) -> None:
    opened_on(window, folder)
    window.export()
    dialog: Any = opened(window)
    dialog._pause_ms = 1
    ready(dialog)
    group, text = find(dialog, QComboBox, "export.group"), find(dialog, QLineEdit, "export.group.text")
    assert not group.isVisible(), "there is nothing to keep together without a split"
    split = find(dialog, QComboBox, "export.split")
    split.setCurrentIndex(1)
    assert group.isVisible()
    assert not text.isVisible()
    group.setCurrentIndex(group.findData("pattern"))
    assert text.isVisible()
    wrong = find(dialog, QLabel, "export.group.wrong")
    assert wrong.text() == "Give a pattern with a group in it."
    text.setText("[")
    assert "no regular expression" in wrong.text()
    text.setText(r"/([12])\.png|/(\d)")
    assert not wrong.isVisible()
    ready(dialog)
    assert dialog.settings().group is not None
    table = tmp_path / "groups.csv"
    table.write_text("cat/1.png,a\ncat/2.png,a\ndog/3.png,b\n")
    group.setCurrentIndex(group.findData("table"))
    text.setText(str(table))
    ready(dialog)
    assert dialog.settings().group.table == (("cat/1.png", "a"), ("cat/2.png", "a"), ("dog/3.png", "b"))
    assert "1 picture is in no group of groups.csv" in find(dialog, QLabel, "export.remarks").text()
    assert dialog.remembered()["group"] == ["table", str(table)]
    group.setCurrentIndex(group.findData("folder"))
    ready(dialog)
    assert dialog.settings().group.by.value == "folder"
    dialog.reject()


def test_the_action_has_its_key(window: Window) -> None:
    assert find_action(window, "pictures.exclude").shortcut().toString() == "X"


def find_action(window: Window, name: str) -> QAction:
    (action,) = (action for action in window.pictures.list.actions() if action.objectName() == name)
    return action
