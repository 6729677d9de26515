"""The user's own presets: renamed, described, deleted and brought back; a copy does not take its parent's words."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from driving import find, settle
from PySide6.QtCore import Qt
from PySide6.QtGui import QDesktopServices
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel, QLineEdit, QListWidget, QPlainTextEdit, QPushButton

from augstudio import presets
from augstudio.gui.shell import own_presets
from augstudio.gui.shell.own_presets import OwnPresetError
from augstudio.gui.shell.own_presets_dialog import OwnPresetsDialog
from augstudio.gui.shell.save_dialog import SaveDialog, derived_description
from augstudio.gui.shell.window import Window
from augstudio.pipeline import Pipeline
from augstudio.transforms import Range, registry


def keep(name: str, description: str = "") -> Path:
    presets.user_folder().mkdir(parents=True, exist_ok=True)
    path = presets.user_path(name)
    presets.save(Pipeline(name=name, description=description, transforms=(registry()["blur"].default(),)), path)
    return path


def names() -> list[str]:
    return [entry.name for entry in presets.user()]


def press(dialog: OwnPresetsDialog, name: str) -> None:
    button = find(dialog, QPushButton, f"own.{name}")
    assert button.isEnabled()
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)


def test_a_preset_takes_another_name_and_its_file_follows() -> None:
    path = keep("Mine", "old words")
    new = own_presets.change(path, " Für Hüte ", " new words ")
    assert not path.exists()
    assert new.name == "für-hüte.json"
    assert (presets.load(new).name, presets.load(new).description) == ("Für Hüte", "new words")
    assert own_presets.change(new, "Für Hüte", "only words") == new
    assert own_presets.change(new, "FÜR HÜTE", "letters") == new, "its own file is not in its way"
    assert presets.load(new).transforms == (registry()["blur"].default(id="blur"),)


@pytest.mark.parametrize(("name", "why"), [("Other", "preset of yours"), ("Gentle", "shipped preset"), ("  ", "name")])
def test_a_name_that_is_taken_is_refused(name: str, why: str) -> None:
    path, other = keep("Mine"), keep("Other", "stays")
    before = path.read_bytes(), other.read_bytes()
    with pytest.raises(OwnPresetError, match=why):
        own_presets.change(path, name, "x")
    assert (path.read_bytes(), other.read_bytes()) == before


def test_what_is_deleted_comes_back() -> None:
    path = keep("Mine")
    data = path.read_bytes()
    away = own_presets.delete(path)
    assert names() == []
    other = keep("Mine", "another one meanwhile")
    back = own_presets.bring_back(away)
    assert back.read_bytes() == data
    assert "another" in presets.load(other).description
    first, second = own_presets.delete(back), own_presets.delete(other)
    assert first.exists()
    assert second.exists()
    with pytest.raises(OwnPresetError, match="no such file"):
        own_presets.delete(path)


def test_the_dialog(window: Window, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("First", "Second"):
        keep(name, f"about {name}")
    (presets.user_folder() / "broken.json").write_text("{")
    first = presets.user_path("First")
    window.studio.load_preset(first)
    window.studio.edit_step("blur", "sigma", Range(0, 1))
    edited = window.studio.state.pipeline.transforms
    dialog = OwnPresetsDialog(window, current=first)
    dialog.changed.connect(window.studio.rename_preset)
    dialog.deleted.connect(window.studio.lose_preset)
    dialog.returned.connect(window.studio.find_preset)
    dialog.show()
    shown = find(dialog, QListWidget, "own.list")
    assert shown.currentItem().text() == "First"
    assert not find(dialog, QPushButton, "own.save").isEnabled()
    line, words = find(dialog, QLineEdit, "own.name"), find(dialog, QPlainTextEdit, "own.description")
    line.selectAll()
    QTest.keyClicks(line, "Third")
    words.setPlainText("for hats")
    press(dialog, "save")
    assert names() == ["broken", "Second", "Third"]
    state = window.studio.state
    assert (state.preset, state.pipeline.name, state.saved.description) == (
        presets.user_path("Third"),
        "Third",
        "for hats",
    )
    assert state.pipeline.transforms == edited, "what was edited and not saved stays"
    assert window.studio.unsaved
    assert window.save_preset()
    assert presets.load(presets.user_path("Third")).transforms == edited
    assert window.windowTitle() == "Third — augstudio"
    press(dialog, "delete")
    assert "Third" not in names()
    assert "“Third” is deleted" in find(dialog, QLabel, "own.note").text()
    assert window.windowTitle() == "Third • — augstudio", "it is saved nowhere now"
    assert window.studio.state.preset is None, "nor is it written again without a word"
    press(dialog, "undo")
    assert "Third" in names()
    assert window.windowTitle() == "Third — augstudio"
    assert window.studio.state.preset == presets.user_path("Third")
    line.setFocus()
    line.selectAll()
    QTest.keyClicks(line, "Fourth")
    QTest.keyClick(line, Qt.Key.Key_Return)
    assert "Fourth" in names()
    line.selectAll()
    QTest.keyClicks(line, "Third")
    press(dialog, "save")
    assert not find(dialog, QPushButton, "own.undo").isVisible()
    assert shown.currentItem().text() == "Third"
    opened: list[str] = []
    monkeypatch.setattr(QDesktopServices, "openUrl", lambda url: opened.append(url.toLocalFile()) or True)
    press(dialog, "show")
    assert opened == [str(presets.user_folder())]
    shown.setCurrentRow(0)
    assert not line.isEnabled()
    assert "broken.json" in find(dialog, QLabel, "own.note").text()
    press(dialog, "delete")
    assert "broken" not in names()
    dialog.reject()
    dialog.deleteLater()
    settle(window)


def test_nothing_to_look_after(window: Window) -> None:
    dialog = OwnPresetsDialog(window)
    assert "no presets of your own" in find(dialog, QLabel, "own.note").text()
    assert not find(dialog, QPushButton, "own.delete").isEnabled()
    dialog.deleteLater()
    settle(window)


def test_the_menu_leads_there(window: Window, monkeypatch: pytest.MonkeyPatch) -> None:
    keep("Mine")
    opened: list[OwnPresetsDialog] = []
    monkeypatch.setattr(OwnPresetsDialog, "exec", lambda dialog: opened.append(dialog) or 0)
    window._preset_menu.aboutToShow.emit()
    settle(window)
    (action,) = (action for action in window._preset_menu.actions() if action.text().startswith("Rename"))
    action.trigger()
    assert len(opened) == 1
    settle(window)


def test_what_a_derived_preset_says_of_itself() -> None:
    gentle = presets.find("gentle")
    assert derived_description(gentle, gentle) == "As Gentle."
    other = gentle.without("flip").adding(registry()["blur"].default()).with_step("rotate", angle=Range(0, 1))
    assert derived_description(other, gentle) == "As Gentle, with Blur, without Flip; Rotate differs."
    assert derived_description(other, Pipeline()).endswith("and Blur.")
    assert derived_description(Pipeline(), Pipeline()) == ""


def test_a_copy_does_not_take_its_parents_words(window: Window) -> None:
    gentle = presets.find("gentle")
    dialog = SaveDialog(gentle.without("flip"), window, current=presets.locate("gentle"), parent_preset=gentle)
    assert dialog.description() == "As Gentle, without Flip."
    dialog.deleteLater()
    path = keep("Mine", "for hats")
    mine = presets.load(path)
    dialog = SaveDialog(mine, window, current=path, parent_preset=mine)
    assert dialog.description() == "for hats", "saved under its own name it keeps its own"
    line = find(dialog, QLineEdit, "save.name")
    line.setText("Another")
    assert dialog.description() == "As Mine."
    line.setText("Mine")
    assert dialog.description() == "for hats"
    words = find(dialog, QPlainTextEdit, "save.description")
    words.setPlainText("typed")
    line.setText("Yet another")
    assert dialog.description() == "typed"
    dialog.deleteLater()
    settle(window)
    json.loads(path.read_text("utf-8"))
