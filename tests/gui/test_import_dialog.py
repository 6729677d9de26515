"""Another library's file, opened in the window: the table first, then the pipeline; or what is wrong with it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from driving import find
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QFileDialog, QLabel, QPushButton, QTableWidget
from windows import start_afresh

from augstudio import presets
from augstudio.gui.shell.import_dialog import ImportDialog
from augstudio.gui.shell.window import Window
from augstudio.pipeline import Pipeline

FLIP = {"__class_fullname__": "HorizontalFlip", "p": 0.5}
COMPOSE = {"__class_fullname__": "Compose", "p": 1.0, "transforms": [FLIP, {"__class_fullname__": "Spatter", "p": 1}]}


@pytest.fixture
def window(shared_window: Window, qtbot: object) -> Window:
    """A window as it begins."""
    start_afresh(shared_window)
    return shared_window


@pytest.fixture
def opened(window: Window, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> object:
    """Opens a file of such a name and content by the menu."""

    def open_it(name: str, content: str) -> None:
        path = tmp_path / name
        path.write_text(content, encoding="utf-8")
        monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *_: (str(path), ""))
        window._preset_menu.file_wanted.emit()

    return open_it


def answering(monkeypatch: pytest.MonkeyPatch, button: str) -> list[tuple[str, list[str]]]:
    """Presses a button of the dialog; gives what it said: the source, and the cells of the table."""
    seen: list[tuple[str, list[str]]] = []

    def run(dialog: ImportDialog) -> int:
        table = find(dialog, QTableWidget, "import.table")
        cells = [table.item(row, column).text() for row in range(table.rowCount()) for column in range(3)]
        seen.append((find(dialog, QLabel, "import.source").text(), cells))
        dialog.show()
        QTest.mouseClick(find(dialog, QPushButton, f"import.{button}"), Qt.MouseButton.LeftButton)
        return dialog.result()

    monkeypatch.setattr(ImportDialog, "exec", run)
    return seen


def test_what_is_taken_is_the_pipeline_and_can_be_undone(
    window: Window, opened: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = window.studio.state.pipeline
    seen = answering(monkeypatch, "take")
    opened("mine.json", json.dumps({"transform": COMPOSE}))  # type: ignore[operator]
    ((source, cells),) = seen
    assert source == "mine.json holds an Albumentations pipeline: 1 step here."
    assert cells == ["HorizontalFlip", "Exact", "", "Spatter", "Left out", "there is nothing like it here"]
    state = window.studio.state
    assert [step.op for step in state.pipeline.transforms] == ["flip"]
    assert state.preset is None
    assert state.saved != state.pipeline  # it is kept nowhere yet
    window.studio.undo_stack.undo()
    assert window.studio.state.pipeline == before


def test_what_is_not_taken_changes_nothing(window: Window, opened: object, monkeypatch: pytest.MonkeyPatch) -> None:
    before = window.studio.state
    assert answering(monkeypatch, "cancel") == []
    opened("hyp.yaml", "fliplr: 0.5\n")  # type: ignore[operator]
    assert window.studio.state == before


def test_a_bad_file_is_told(window: Window, opened: object, monkeypatch: pytest.MonkeyPatch) -> None:
    before, said = window.studio.state, []
    seen = answering(monkeypatch, "take")
    window.preset_files.trouble.connect(said.append)
    opened("hyp.yaml", "fliplr: 7\n")  # type: ignore[operator]
    assert said == ["The file was not opened. hyp.yaml: fliplr: found 7; allowed is a number from 0 to 1"]
    assert not seen
    assert window.studio.state == before


def test_a_preset_is_opened_as_ever(window: Window, opened: object, monkeypatch: pytest.MonkeyPatch) -> None:
    seen = answering(monkeypatch, "take")
    opened("gentle.json", presets.dump(Pipeline(name="Mine")))  # type: ignore[operator]
    assert not seen
    assert window.studio.state.pipeline.name == "Mine"
