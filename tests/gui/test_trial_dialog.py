"""Asking in the window whether the pipeline helps."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from driving import find, settle, until, write
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QApplication,
    QCheckBox,
    QFileDialog,
    QLabel,
    QMessageBox,
    QProgressBar,
    QPushButton,
    QWidget,
)
from windows import start_afresh

from augstudio.dataset import scan
from augstudio.export import Settings, run_export
from augstudio.gui.parts.number_field import NumberField
from augstudio.gui.shell.window import Window
from augstudio.gui.trying import process as process_module
from augstudio.gui.trying import trial_dialog
from augstudio.gui.trying.chart import Range as Span
from augstudio.gui.trying.chart import lines_of
from augstudio.gui.trying.trial_dialog import INSTALL, TrialDialog
from augstudio.transforms import Range
from augstudio.trial.result import Effect

SERVED = Path(__file__).parents[1] / "trial" / "served.py"


@pytest.fixture
def animals(tmp_path: Path) -> Path:
    """Six pictures in each of two classes."""
    for number in range(12):
        write(tmp_path / "animals" / ("cat", "dog")[number % 2] / f"{number}.png", 30, 40, seed=number)
    return tmp_path / "animals"


@pytest.fixture
def window(shared_window: Window, animals: Path, qtbot: object) -> Iterator[Window]:
    """A window with pictures in two classes."""
    start_afresh(shared_window)
    shared_window.open_folder(animals)
    settle(shared_window)
    yield shared_window
    shared_window.trials.stop()


@pytest.fixture
def served(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """A process with a teacher that needs no library; what is put in is given to it."""
    more: list[str] = []
    monkeypatch.setattr(process_module, "command", lambda: [sys.executable, str(SERVED), *more])
    monkeypatch.setattr(trial_dialog, "has_pytorch", lambda: True)
    return more


def opened(window: Window) -> TrialDialog:
    window.trials.open()
    dialog = window.trials.dialog
    assert dialog is not None
    return dialog


def press(dialog: QWidget, name: str) -> None:
    button = find(dialog, QPushButton, f"trial.{name}")
    assert button.isVisible()
    assert button.isEnabled()
    button.click()


def text(dialog: QWidget, name: str) -> str:
    label = find(dialog, QLabel, f"trial.{name}")
    return label.text() if label.isVisible() else ""


def finish(dialog: TrialDialog) -> None:
    deadline = time.monotonic() + 120  # a process is started, and imports all that it needs
    while dialog.process.running:
        QApplication.processEvents()
        time.sleep(0.001)
        assert time.monotonic() < deadline, "the trial did not end"


def notice(dialog: TrialDialog) -> str:
    return text(dialog, "notice")


def test_it_trains_and_says_what_came_of_it(window: Window, served: list[str]) -> None:
    dialog = opened(window)
    find(dialog, NumberField, "trial.copies").set_value(2)
    find(dialog, NumberField, "trial.rounds").set_value(2)
    find(dialog, QCheckBox, "trial.steps").setChecked(True)
    press(dialog, "run")
    assert not find(dialog, NumberField, "trial.copies").isEnabled()
    assert find(dialog, QProgressBar, "trial.progress").isVisible()
    finish(dialog)
    assert "points of accuracy" in text(dialog, "verdict")
    assert "12 pictures, 2 classes; each judged by networks that have not seen it" in text(dialog, "remarks")
    assert "guessing comes to 50 %." in text(dialog, "remarks")
    result = dialog._result
    assert result is not None
    assert (result["settings"]["copies"], result["settings"]["rounds"]) == (2, 2)
    assert result["settings"]["seed"] == window.studio.state.seed
    steps = [step for step in window.studio.state.pipeline.transforms if step.enabled]
    assert len(dialog._chart.findChildren(Span)) == 2 + len(steps)
    assert find(dialog, NumberField, "trial.copies").isEnabled()
    assert find(dialog, QPushButton, "trial.run").text() == "Train again"


def test_what_is_excluded_takes_no_part(window: Window, served: list[str]) -> None:
    window.studio.exclude("cat/0.png")
    settle(window)
    dialog = opened(window)
    find(dialog, NumberField, "trial.rounds").set_value(1)
    press(dialog, "run")
    finish(dialog)
    assert dialog._result is not None
    assert dialog._result["pictures"] == 11


def test_stopped_it_says_what_is_known_and_can_begin_again(window: Window, served: list[str]) -> None:
    served.append("slow")
    dialog = opened(window)
    press(dialog, "run")
    until(lambda: dialog._result is not None, "something is known")
    press(dialog, "stop")
    finish(dialog)
    assert "Cancelled after " in text(dialog, "remarks")
    served.clear()
    find(dialog, NumberField, "trial.rounds").set_value(1)
    press(dialog, "run")
    assert text(dialog, "verdict") == ""
    finish(dialog)
    assert "Cancelled" not in text(dialog, "remarks")


def test_what_cannot_be_is_said_and_the_fields_are_there_again(window: Window, served: list[str]) -> None:
    window.studio.new_pipeline()
    settle(window)
    dialog = opened(window)
    press(dialog, "run")
    finish(dialog)
    assert "has no step that does anything" in notice(dialog)
    assert find(dialog, NumberField, "trial.copies").isEnabled()


def test_a_number_that_is_not_taken_begins_nothing(window: Window, served: list[str]) -> None:
    dialog = opened(window)
    field = find(dialog, NumberField, "trial.rounds")
    field.selectAll()
    QTest.keyClicks(field, "0")
    QTest.keyClick(field, Qt.Key.Key_Tab)
    press(dialog, "run")
    assert not dialog.process.running
    assert notice(dialog).startswith("Rounds: ")
    field.selectAll()
    QTest.keyClicks(field, "1")
    QTest.keyClick(field, Qt.Key.Key_Tab)
    press(dialog, "run")
    finish(dialog)
    assert notice(dialog) == ""
    assert dialog._result is not None
    assert dialog._result["settings"]["rounds"] == 1


def test_a_process_that_breaks_off_is_said(window: Window, served: list[str]) -> None:
    served.append("broken")
    dialog = opened(window)
    press(dialog, "run")
    finish(dialog)
    assert notice(dialog) == "The trial broke off: no such thing as a teacher."


def test_a_program_that_is_not_there_is_said(window: Window, served: list[str], monkeypatch: Any) -> None:
    monkeypatch.setattr(process_module, "command", lambda: ["/no/such/python", "-m", "nothing"])
    dialog = opened(window)
    press(dialog, "run")
    finish(dialog)
    assert notice(dialog).startswith("The trial could not be started: ")


def test_copies_of_copies_are_asked_about(window: Window, served: list[str], animals: Path, tmp_path: Path) -> None:
    pipeline = window.studio.state.pipeline
    run_export(Settings(out=str(tmp_path / "out"), pipeline=pipeline, copies=2, workers=0), scan(animals))
    window.open_folder(tmp_path / "out" / "images")
    settle(window)
    dialog = opened(window)
    find(dialog, NumberField, "trial.rounds").set_value(1)
    press(dialog, "run")
    finish(dialog)
    assert notice(dialog).endswith("Train all the same?")
    assert find(dialog, QPushButton, "trial.run").text() == "Train all the same"
    press(dialog, "run")
    finish(dialog)
    assert dialog._result is not None
    assert notice(dialog) == ""
    assert "Copies of one picture stay on one side" in text(dialog, "remarks")
    assert find(dialog, QPushButton, "trial.run").text() == "Train again"


def test_pictures_in_no_classes_are_said_at_once(window: Window, served: list[str], tmp_path: Path) -> None:
    for number in range(3):
        write(tmp_path / "bare" / f"{number}.png", 20, 30, seed=number)
    window.open_folder(tmp_path / "bare")
    settle(window)
    dialog = opened(window)
    assert notice(dialog).startswith("These pictures are in no folders that are classes.")
    assert not find(dialog, QPushButton, "trial.run").isEnabled()
    assert not find(dialog, QPushButton, "trial.copy").isVisible()


def test_its_heading_names_the_folder_and_whether_the_preset_was_edited(window: Window, served: list[str]) -> None:
    assert opened(window)._title.text() == "Does Gentle help on the pictures in animals?"
    window.studio.edit_step("rotate", "angle", Range(-20, 20))
    settle(window)
    assert opened(window)._title.text() == "Does Gentle, as edited here, help on the pictures in animals?"


def test_without_pytorch_it_says_how_to_get_it(window: Window, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(trial_dialog, "has_pytorch", lambda: False)
    dialog = opened(window)
    assert INSTALL in notice(dialog)
    assert not find(dialog, QPushButton, "trial.run").isEnabled()
    press(dialog, "copy")
    assert QGuiApplication.clipboard().text() == INSTALL


def test_closing_in_the_middle_is_asked_about(
    window: Window, served: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    served.append("slow")
    dialog = opened(window)
    press(dialog, "run")
    answers = iter(("wait", "stop"))
    asked = []

    def answer(box: QMessageBox) -> int:
        asked.append(box.text())
        name = f"trial.leave.{next(answers)}"
        button = next(one for one in box.buttons() if one.objectName() == name)
        monkeypatch.setattr(QMessageBox, "clickedButton", lambda _: button)
        return 0

    monkeypatch.setattr(QMessageBox, "exec", answer)
    dialog.close()
    assert dialog.isVisible()
    assert dialog.process.running
    window.trials.open()
    assert window.trials.dialog is dialog, "what is under way is shown again"
    dialog.reject()
    assert asked == ["Stop the trial?"] * 2
    assert not dialog.process.running
    assert window.trials.dialog is None


def test_another_dialog_is_of_the_pipeline_of_now(window: Window, served: list[str]) -> None:
    first = opened(window)
    window.studio.new_pipeline()
    settle(window)
    second = opened(window)
    assert second is not first
    assert second._pipeline is window.studio.state.pipeline


def test_what_came_of_it_can_be_kept(
    window: Window, served: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    dialog = opened(window)
    assert not find(dialog, QPushButton, "trial.save").isEnabled()
    find(dialog, NumberField, "trial.rounds").set_value(1)
    press(dialog, "run")
    finish(dialog)
    chosen = str(tmp_path / "kept")
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (chosen, ""))
    press(dialog, "save")
    kept = json.loads((tmp_path / "kept.json").read_text())
    assert kept == dialog._result
    (tmp_path / "kept.json").write_text("mine")
    monkeypatch.setattr(trial_dialog.question, "confirmed", lambda *_, **__: False)
    press(dialog, "save")
    assert (tmp_path / "kept.json").read_text() == "mine"


def test_the_window_ends_it(window: Window, served: list[str]) -> None:
    served.append("slow")
    dialog = opened(window)
    press(dialog, "run")
    process = dialog.process._process
    assert process is not None
    until(lambda: process.processId() > 0, "the process runs")
    window.trials.stop()
    assert not dialog.process.running
    assert window.trials.dialog is None


def test_lines_of_a_result() -> None:
    def compared(arm: str, against: str, difference: float, low: float, high: float) -> dict[str, object]:
        return {"arm": arm, "against": against, "difference": difference, "low": low, "high": high, "effect": "any"}

    result = {
        "arms": [
            {"name": "originals", "without": "", "accuracy": 50.0},
            {"name": "Mine", "without": "", "accuracy": 60.0},
            {"name": "Mine without Flip", "without": "Flip", "accuracy": 64.0},
        ],
        "comparisons": [
            compared("Mine", "originals", 10.0, 5.0, 15.0),
            compared("Mine", "Mine without Flip", -4.0, -6.0, -2.0),
        ],
    }
    originals, mine, flip = lines_of(result)
    assert (originals.name, originals.compared) == ("Originals", None)
    assert (mine.name, mine.words, mine.step) == ("Mine", "Helps", False)
    assert (flip.name, flip.accuracy, flip.words, flip.step) == ("Flip", 64.0, "Costs", True)
    assert flip.compared is not None
    assert flip.compared.effect is Effect.COSTS
    assert flip.tip == "−4.0 points; 95 % range −6.0 to −2.0"


def test_the_key_opens_it_only_where_there_are_pictures(window: Window, served: list[str]) -> None:
    action = window._actions["trial"]
    assert action.isEnabled()
    action.trigger()
    assert window.trials.dialog is not None
    QTest.qWait(0)
    window.trials.stop()
    start_afresh(window)
    settle(window)
    assert action.isEnabled() == (window.studio.state.dataset is not None)
