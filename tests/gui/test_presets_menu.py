"""Presets in the window: choosing, saving, and files that are wrong."""

from __future__ import annotations

import json
import os
import threading
from pathlib import Path

import pytest
from driving import find, settle, until
from PySide6.QtCore import Qt
from PySide6.QtGui import QAction
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QDialogButtonBox, QFileDialog, QLineEdit, QMessageBox, QPlainTextEdit, QPushButton
from windows import OpenWindow, start_afresh

from augstudio import files, presets
from augstudio.gui.intent import session as sessions
from augstudio.gui.shell.save_dialog import SaveDialog
from augstudio.gui.shell.window import Window
from augstudio.pipeline import Pipeline
from augstudio.transforms import Range

CONTROL, SHIFT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier
BROKEN = {
    "empty": "",
    "no_json": "rotate: 15",
    "cut": '{"augstudio_preset": 1, "transforms": [',
    "a_list": "[]",
    "no_version": '{"transforms": []}',
    "newer": '{"augstudio_preset": 99, "transforms": []}',
    "unknown_op": '{"augstudio_preset": 1, "transforms": [{"op": "rotat"}]}',
    "unknown_field": '{"augstudio_preset": 1, "transforms": [{"op": "rotate", "angel": [0, 1]}]}',
    "out_of_bounds": '{"augstudio_preset": 1, "transforms": [{"op": "rotate", "angle": [0, 999]}]}',
    "low_above_high": '{"augstudio_preset": 1, "transforms": [{"op": "rotate", "angle": [5, 1]}]}',
    "not_a_number": '{"augstudio_preset": 1, "transforms": [{"op": "rotate", "angle": [NaN, 1]}]}',
}


@pytest.fixture
def window(shared_window: Window, qtbot: object) -> Window:
    """A window as it begins."""
    start_afresh(shared_window)
    return shared_window


def menu(window: Window) -> list[QAction]:
    """The preset menu's entries, as it opens."""
    window._preset_menu.aboutToShow.emit()
    until(lambda: window._lister.idle, "the presets are listed")
    return window._preset_menu.actions()


def label(action: QAction) -> str:
    """An entry's text, without the key that may stand behind it."""
    return action.text().partition("\t")[0]


def entry(window: Window, text: str) -> QAction:
    (found,) = (action for action in menu(window) if label(action) == text)
    return found


def save_as(monkeypatch: pytest.MonkeyPatch, name: str | None, path: Path | None = None) -> list[SaveDialog]:
    """Let the dialog be filled in and accepted; without a name, cancelled."""
    opened: list[SaveDialog] = []

    def run(dialog: SaveDialog) -> int:
        opened.append(dialog)
        if name is None:
            return 0
        find(dialog, QLineEdit, "save.name").setText(name)
        find(dialog, QPlainTextEdit, "save.description").setPlainText(f"About {name}.")
        if path:
            dialog._elsewhere = path
        return 1

    monkeypatch.setattr(SaveDialog, "exec", run)
    return opened


def edit(window: Window) -> None:
    window.studio.edit_step("rotate", "angle", Range(-3, 4))
    window.studio.end_gesture()


def test_it_begins_with_gentle(window: Window) -> None:
    assert window.studio.state.pipeline == presets.find("gentle")
    assert window.action_preset.text() == "Preset: Gentle"
    assert not window.studio.unsaved


def test_the_menu_lists_what_ships(window: Window) -> None:
    texts = [action.text() for action in menu(window)]
    for shipped in presets.shipped():
        assert shipped.name in texts
        action = entry(window, shipped.name)
        assert action.toolTip() == shipped.description
        assert action.isChecked() == (shipped.name == "Gentle")
    assert [label(action) for action in menu(window)][-4:] == [
        "Empty pipeline",
        "Open a preset file…",
        "Save as…",
        "Code for…",
    ]


def test_every_shipped_preset_is_chosen(window: Window) -> None:
    for shipped in presets.shipped():
        entry(window, shipped.name).trigger()
        settle(window)
        assert window.studio.state.pipeline == presets.load(shipped.path)
        assert window.action_preset.text() == f"Preset: {shipped.name}"
        assert not window.studio.unsaved
        assert entry(window, shipped.name).isChecked()
        assert window.current_cautions == (), "none of them raises a caution"


def test_an_empty_pipeline(window: Window) -> None:
    entry(window, "Empty pipeline").trigger()
    settle(window)
    assert window.studio.state.pipeline == Pipeline()
    assert not window.studio.unsaved
    assert window.studio.state.preset is None


def test_saving_a_shipped_preset_asks_for_a_name(window: Window, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    opened = save_as(monkeypatch, "Für Hüte & so")
    edit(window)
    assert window.windowTitle() == "Gentle • — augstudio"
    pipeline = window.studio.state.pipeline
    QTest.keyClick(window, Qt.Key.Key_S, CONTROL)
    assert len(opened) == 1
    (path,) = (home / "presets").iterdir()
    saved = presets.load(path)
    assert saved.transforms == pipeline.transforms
    assert (saved.name, saved.description) == ("Für Hüte & so", "About Für Hüte & so.")
    assert window.windowTitle() == "Für Hüte & so — augstudio"
    assert window.action_preset.text() == "Preset: Für Hüte && so", "no letter is underlined"
    assert not window.studio.unsaved
    texts = [action.text() for action in menu(window)]
    assert texts.index("Für Hüte && so") < texts.index("Gentle"), "the user's own come first"
    assert entry(window, "Für Hüte && so").isChecked()
    entry(window, "Gentle").trigger()
    entry(window, "Für Hüte && so").trigger()
    assert window.studio.state.pipeline == saved


def test_saving_again_does_not_ask(window: Window, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    opened = save_as(monkeypatch, "Mine")
    edit(window)
    assert window.save_preset()
    window.studio.edit_step("rotate", "angle", Range(-9, 9))
    assert window.studio.unsaved
    assert window.save_preset()
    assert len(opened) == 1
    (path,) = (home / "presets").iterdir()
    assert presets.load(path) == window.studio.state.pipeline
    assert not window.studio.unsaved


def test_saving_elsewhere(window: Window, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    save_as(monkeypatch, "Mine", tmp_path / "new folder" / "mine.json")
    assert window.save_preset_as()
    assert presets.load(tmp_path / "new folder" / "mine.json").name == "Mine"
    assert window.studio.state.preset == tmp_path / "new folder" / "mine.json"


def test_a_cancelled_save_changes_nothing(window: Window, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    save_as(monkeypatch, None)
    edit(window)
    assert not window.save_preset_as()
    assert window.studio.unsaved
    assert not (home / "presets").exists()


def test_a_save_that_fails_is_told(window: Window, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (home / "presets").write_text("in the way")
    save_as(monkeypatch, "Mine")
    edit(window)
    assert not window.save_preset_as()
    assert "was not saved" in window.messages.text()
    assert window.studio.unsaved
    assert (home / "presets").read_text() == "in the way"


@pytest.mark.parametrize("opened_before", [False, True])
def test_save_as_by_key(window: Window, monkeypatch: pytest.MonkeyPatch, opened_before: bool) -> None:
    """The menu shows the same key; that must not make it ambiguous."""
    opened = save_as(monkeypatch, "Mine")
    if opened_before:
        menu(window)
    QTest.keyClick(window, Qt.Key.Key_S, CONTROL | SHIFT)
    settle(window)
    assert len(opened) == 1


def test_the_save_dialog(window: Window, home: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    dialog = SaveDialog(window.studio.state.pipeline, window)
    name = find(dialog, QLineEdit, "save.name")
    save = dialog._buttons.button(QDialogButtonBox.StandardButton.Save)
    assert name.text() == "My gentle", "a shipped preset's name is taken"
    assert dialog.path() == home / "presets" / "my-gentle.json"
    assert save.isEnabled()
    assert "Will be kept in" in dialog._where.text()
    assert dialog._where.textFormat() == Qt.TextFormat.PlainText, "a folder's name is no mark-up"
    presets.user_folder().mkdir(parents=True)
    presets.save(Pipeline(name="Taken"), home / "presets" / "taken.json")
    name.setText("Taken")
    assert "Replaces" in dialog._where.text()
    name.setText("   ")
    assert not save.isEnabled()
    for shipped in ("Gentle", "gentle", "Photos"):
        name.setText(shipped)
        assert not save.isEnabled()
        assert dialog._where.text() == f"A preset that ships is called “{shipped}”: another name keeps the two apart."
    name.setText("../../etc/passwd")
    assert dialog.path().parent == home / "presets"
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(tmp_path / "other"), ""))
    (button,) = (button for button in dialog.findChildren(QPushButton) if button.text() == "Another file…")
    button.click()
    assert dialog.path() == tmp_path / "other.json"
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(files.presets() / "gentle.json"), ""))
    button.click()
    assert not save.isEnabled(), "shipped presets are not overwritten"
    dialog.deleteLater()


def test_another_preset_is_replaced_only_when_asked(
    window: Window, home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    presets.user_folder().mkdir(parents=True)
    presets.save(Pipeline(name="Mine"), home / "presets" / "mine.json")
    asked: list[QMessageBox] = []

    def answer(box: QMessageBox) -> int:
        asked.append(box)
        assert box.defaultButton().objectName() == box.escapeButton().objectName() == "save.confirm.cancel"
        find(box, QPushButton, f"save.confirm.{'replace' if sure else 'cancel'}").click()
        return 0

    monkeypatch.setattr(QMessageBox, "exec", answer)
    monkeypatch.setattr(QMessageBox, "deleteLater", lambda _: None)
    for sure in (False, True):
        dialog = SaveDialog(window.studio.state.pipeline, window)
        find(dialog, QLineEdit, "save.name").setText("Mine")
        dialog.accept()
        assert dialog.result() == int(sure)
        assert asked.pop().text() == "Replace the preset “Mine”?"
        dialog.deleteLater()
    for name in ("mine", "MINE", "Mi/ne"):
        dialog = SaveDialog(window.studio.state.pipeline, window)
        find(dialog, QLineEdit, "save.name").setText(name)
        dialog.accept()
        assert dialog.result() == 1
        assert not dialog.path().exists(), "it has a file of its own"
        dialog.deleteLater()
    # The suffix that is added may make it the name of a file that is there.
    sure = False
    (tmp_path / "notes.json").write_text("mine")
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(tmp_path / "notes"), ""))
    dialog = SaveDialog(window.studio.state.pipeline, window)
    find(dialog, QPushButton, "save.elsewhere").click()
    dialog.accept()
    assert dialog.result() == 0
    assert asked.pop().text() == "Replace notes.json?"
    dialog.deleteLater()
    # The preset in hand is saved again without a question.
    dialog = SaveDialog(presets.find("mine"), window, current=home / "presets" / "mine.json")
    dialog.accept()
    assert dialog.result() == 1
    assert not asked
    dialog.deleteLater()


def test_hostile_presets_do_not_hold_up_the_menu(window: Window, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """They are read in another thread, whatever is in them."""
    presets.user_folder().mkdir(parents=True)
    if hasattr(os, "mkfifo"):
        os.mkfifo(home / "presets" / "pipe.json")
    here = threading.get_ident()
    readers: set[int] = set()
    load = presets.load

    def noted(path: Path) -> Pipeline:
        readers.add(threading.get_ident())
        return load(path)

    monkeypatch.setattr(presets, "load", noted)
    texts = [label(action) for action in menu(window)]
    assert "pipe (cannot be read)" in texts or not hasattr(os, "mkfifo")
    assert readers
    assert here not in readers


def test_presets_that_are_too_many(window: Window, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(presets, "MAX_LISTED", 8)
    presets.user_folder().mkdir(parents=True)
    for number in range(11):
        presets.save(Pipeline(name=f"Number {number:02}"), presets.user_path(f"Number {number:02}"))
    (more,) = (action for action in menu(window) if "more in" in action.text())
    assert more.text() == f"3 more in {home / 'presets'}"
    assert not more.isEnabled()
    assert "Number 07" in [label(action) for action in menu(window)]


@pytest.mark.parametrize("kind", BROKEN)
def test_a_broken_preset_is_told_and_changes_nothing(window: Window, home: Path, kind: str) -> None:
    path = home / "presets" / f"{kind}.json"
    path.parent.mkdir()
    path.write_text(BROKEN[kind], encoding="utf-8")
    before = window.studio.state
    action = entry(window, f"{kind} (cannot be read)")
    assert kind in action.toolTip()
    action.trigger()
    settle(window)
    assert f"{kind}.json" in window.messages.text()
    assert "Traceback" not in window.messages.text()
    assert window.studio.state.pipeline == before.pipeline
    assert window.studio.undo_stack.count() == 0


def test_a_preset_that_is_no_text(window: Window, tmp_path: Path) -> None:
    path = tmp_path / "binary.json"
    path.write_bytes(bytes(range(256)))
    window.open_path(path)
    assert "binary.json" in window.messages.text()
    window.open_path(tmp_path / "missing.json")
    assert "missing.json" in window.messages.text()


def test_a_preset_file_is_opened(window: Window, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    presets.save(presets.find("documents").edited(name="Other"), tmp_path / "other.json")
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *_: (str(tmp_path / "other.json"), ""))
    entry(window, "Open a preset file…").trigger()
    assert window.studio.state.pipeline.name == "Other"
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *_: ("", ""))
    entry(window, "Open a preset file…").trigger()
    assert window.studio.state.pipeline.name == "Other"


def test_a_preset_by_name(window: Window) -> None:
    window.load_preset_named("documents")
    assert window.studio.state.pipeline == presets.find("documents")
    window.load_preset_named("document")
    settle(window)
    assert "documents" in window.messages.text(), "did you mean …"


def test_a_preset_that_is_gone_at_the_next_start(open_window: OpenWindow, tmp_path: Path) -> None:
    presets.save(presets.find("documents").edited(name="Gone"), tmp_path / "gone.json")
    first = open_window()
    first.studio.load_preset(tmp_path / "gone.json")
    first.remember()
    (tmp_path / "gone.json").unlink()
    again = open_window(sessions.load())
    assert again.studio.state.pipeline.name == "Gone"
    assert again.save_preset()
    assert json.loads((tmp_path / "gone.json").read_text("utf-8"))["name"] == "Gone"
