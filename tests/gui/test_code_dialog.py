"""The pipeline as code, in the window: the table, the code, copied and kept."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
from driving import find
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QComboBox, QFileDialog, QLabel, QMessageBox, QPlainTextEdit, QPushButton, QTableWidget
from windows import start_afresh

from augstudio.code import Generated, Line, Standing, Target
from augstudio.code.heading import NAMES
from augstudio.code.targets import _MODULES
from augstudio.gui.shell import code_dialog
from augstudio.gui.shell.code_dialog import CodeDialog
from augstudio.gui.shell.window import Window
from augstudio.pipeline import Pipeline
from augstudio.transforms import Range

ROWS = (
    Line("flip", "Flip", Standing.EXACT),
    Line("hue", "Hue", Standing.CLOSE, "turned in HSV, not YIQ: up to 12 levels apart"),
    Line("jpeg", "JPEG artefacts", Standing.LEFT_OUT, "there is no such layer"),
)


@pytest.fixture
def window(shared_window: Window, qtbot: object) -> Window:
    """A window as it begins."""
    start_afresh(shared_window)
    return shared_window


@pytest.fixture
def dialog(window: Window) -> Any:
    """The dialog on what the window begins with."""
    made = CodeDialog(window.studio.state.pipeline, window)
    made.show()
    yield made
    made.reject()
    made.deleteLater()


@pytest.fixture
def invented(monkeypatch: pytest.MonkeyPatch) -> list[Target]:
    """Writers that write nothing but what they were asked for."""
    asked: list[Target] = []

    def generate(_: Pipeline, target: Target) -> Generated:
        asked.append(target)
        return Generated(target, f"# for {target}\n", ROWS)

    monkeypatch.setattr(code_dialog, "generate", generate)
    return asked


def press(dialog: CodeDialog, name: str) -> None:
    QTest.mouseClick(find(dialog, QPushButton, f"code.{name}"), Qt.MouseButton.LeftButton)


def note(dialog: CodeDialog) -> str:
    return find(dialog, QLabel, "code.note").text()


def rows(dialog: CodeDialog) -> list[tuple[str, ...]]:
    table = find(dialog, QTableWidget, "code.table")
    found = []
    for row in range(table.rowCount()):
        cells = [table.item(row, column) for column in range(table.columnCount())]
        found.append(tuple(cell.text() if cell else "" for cell in cells))
    return found


def test_the_menu_opens_it_on_the_pipeline_in_hand(window: Window, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[str] = []

    def run(dialog: CodeDialog) -> int:
        seen.append(find(dialog, QPlainTextEdit, "code.text").toPlainText())
        return 0

    monkeypatch.setattr(CodeDialog, "exec", run)
    window.studio.edit_step("rotate", "angle", Range(-3, 4))
    window.studio.end_gesture()
    action = window._actions["code"]
    assert action in window._preset_menu._last
    action.trigger()
    assert seen == [window.studio.state.pipeline.code("numpy")]
    assert "angle=Between(-3.0, 4.0)" in seen[0]


def test_the_library_chosen_last_is_chosen_again(
    window: Window, monkeypatch: pytest.MonkeyPatch, invented: list[Target]
) -> None:
    def run(dialog: CodeDialog) -> int:
        find(dialog, QComboBox, "code.target").setCurrentText(NAMES[Target.KERAS])
        return 0

    monkeypatch.setattr(CodeDialog, "exec", run)
    for _ in range(2):
        window._actions["code"].trigger()
    assert invented == [Target.NUMPY, Target.KERAS, Target.KERAS]


@pytest.mark.parametrize("target", [target for target in Target if find_spec(_MODULES[target])])
def test_table_and_code_are_those_of_the_writer(dialog: CodeDialog, window: Window, target: Target) -> None:
    find(dialog, QComboBox, "code.target").setCurrentText(NAMES[target])
    pipeline = window.studio.state.pipeline
    assert find(dialog, QPlainTextEdit, "code.text").toPlainText() == pipeline.code(target)
    assert [row[0] for row in rows(dialog)][: len(pipeline.transforms)] == [step.label for step in pipeline.transforms]


def test_each_library_is_written_for_when_it_is_chosen(dialog: CodeDialog, invented: list[Target]) -> None:
    box = find(dialog, QComboBox, "code.target")
    assert [box.itemText(number) for number in range(box.count())] == list(NAMES.values())
    for target in reversed(Target):
        box.setCurrentText(NAMES[target])
        assert find(dialog, QPlainTextEdit, "code.text").toPlainText() == f"# for {target}\n"
        assert dialog.target is target
    assert rows(dialog) == [
        ("Flip", "Exact", ""),
        ("Hue", "Close", "turned in HSV, not YIQ: up to 12 levels apart"),
        ("JPEG artefacts", "Left out", "there is no such layer"),
    ]
    assert note(dialog) == "1 exact, 1 close, 1 left out"


def test_copying(dialog: CodeDialog, window: Window) -> None:
    assert note(dialog) == "All of it is exact."
    press(dialog, "copy")
    assert QGuiApplication.clipboard().text() == window.studio.state.pipeline.code("numpy")
    button = find(dialog, QPushButton, "code.copy")
    assert button.text() == "Copied"
    dialog._rest.timeout.emit()
    assert button.text() == "Copy"


def choose(monkeypatch: pytest.MonkeyPatch, path: Path | str) -> None:
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(path), ""))


def test_saving(dialog: CodeDialog, window: Window, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    choose(monkeypatch, "")
    press(dialog, "save")
    assert note(dialog) == "All of it is exact."
    choose(monkeypatch, tmp_path / "augment")
    press(dialog, "save")
    path = tmp_path / "augment.py"
    assert note(dialog) == f"Saved {path}"
    assert path.read_text("utf-8") == window.studio.state.pipeline.code("numpy")
    choose(monkeypatch, tmp_path / "none" / "augment.py")
    press(dialog, "save")
    assert note(dialog) == f"{tmp_path / 'none' / 'augment.py'} was not saved: no such file or folder"


@pytest.mark.parametrize("sure", [False, True])
def test_a_file_that_is_there_is_replaced_only_when_asked(
    dialog: CodeDialog, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, sure: bool
) -> None:
    path = tmp_path / "augment.py"
    path.write_text("mine")
    choose(monkeypatch, path.with_suffix(""))

    def answer(box: QMessageBox) -> int:
        assert box.text() == "Replace augment.py?"
        find(box, QPushButton, f"code.confirm.{'replace' if sure else 'cancel'}").click()
        return 0

    monkeypatch.setattr(QMessageBox, "exec", answer)
    press(dialog, "save")
    assert (path.read_text("utf-8") == "mine") is not sure


def test_where_no_code_can_be_written_it_says_so(
    window: Window, dialog: CodeDialog, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> Generated:
        raise ValueError("its source is not there")

    monkeypatch.setattr(code_dialog, "generate", refuse)
    find(dialog, QComboBox, "code.target").setCurrentText(NAMES[Target.KERAS])
    assert note(dialog) == "its source is not there"
    assert rows(dialog) == []
    assert not find(dialog, QPushButton, "code.copy").isEnabled()
    assert not find(dialog, QPushButton, "code.save").isEnabled()


def test_an_empty_pipeline(window: Window) -> None:
    dialog = CodeDialog(Pipeline(), window)
    assert note(dialog) == "The pipeline is empty: pictures stay as they are."
    assert "def augment" in find(dialog, QPlainTextEdit, "code.text").toPlainText()
    dialog.deleteLater()
