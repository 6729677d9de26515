"""Driving the export dialog: opening it on pictures, waiting for what it says, running it to the end."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from driving import find, until
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QLineEdit, QMessageBox, QPlainTextEdit, QPushButton
from windows import nothing_left

from augstudio import presets
from augstudio.advice import Caution
from augstudio.dataset import scan
from augstudio.export import Settings, run_export
from augstudio.gui.exporting.export_dialog import ExportDialog
from augstudio.gui.exporting.run_dialog import RunDialog
from augstudio.gui.intent.state import State
from augstudio.gui.shell.window import Window

LEFT = Qt.MouseButton.LeftButton
SEED = 17
Open = Callable[..., ExportDialog]


def work_in_process(monkeypatch: pytest.MonkeyPatch) -> None:
    """Export in this process: starting workers takes seconds, and they are tested elsewhere."""
    asked = ExportDialog.settings
    monkeypatch.setattr(ExportDialog, "settings", lambda dialog: replace(asked(dialog), workers=0))
    monkeypatch.setattr(RunDialog, "workers", 0)
    monkeypatch.setattr(QMessageBox, "exec", _unanswered)


def _unanswered(box: QMessageBox) -> int:
    """Nobody is there to answer: rather fail than wait for ever."""
    raise AssertionError(f"nobody answers: {box.text()}")


def state_of(folder: Path) -> State:
    """What the window would hand over."""
    gentle = presets.find("gentle")
    return State(dataset=scan(folder), picture="", pipeline=gentle, saved=gentle, seed=SEED)


@contextmanager
def dialogs(state: State) -> Iterator[Open]:
    """Open dialogs; afterwards neither a thread nor a dialog is left."""
    opened: list[ExportDialog] = []

    def open_one(
        remembered: dict[str, Any] | None = None, cautions: tuple[Caution, ...] = (), folder: Path | None = None
    ) -> ExportDialog:
        dialog = ExportDialog(state if folder is None else state_of(folder), cautions, remembered)
        dialog._pause_ms = 1
        dialog._pause.start(1)
        opened.append(dialog)
        dialog.show()
        return dialog

    with nothing_left():
        yield open_one
        for dialog in opened:
            end(dialog)
        opened.clear()


def opened(window: Window) -> RunDialog:
    """The dialog that a window shows."""
    dialog = window.exports.dialog
    assert dialog is not None
    assert dialog.isVisible()
    return dialog


def asking(window: Window) -> ExportDialog:
    """The same, which asks what to export."""
    dialog = opened(window)
    assert isinstance(dialog, ExportDialog)
    dialog._pause_ms = 1
    dialog._pause.start(1)
    return dialog


def end(dialog: RunDialog) -> None:
    """Cancel what runs, and close."""
    dialog.cancel()
    until(lambda: not dialog.running, "the end")
    dialog.done(0)
    dialog.deleteLater()


def export(folder: Path, out: Path, pictures: int | None = None, *, replace: bool = False, **changes: Any) -> Settings:
    """Export a folder without a dialog, with the window's seed; give up after so many pictures."""
    settings = Settings(str(out), presets.find("gentle"), seed=SEED, workers=0, **changes)
    done = 0

    def stop() -> bool:
        nonlocal done
        done += 1
        return pictures is not None and done > pictures

    run_export(settings, scan(folder), stop=stop, replace=replace)
    return settings


def images(out: Path) -> dict[str, bytes]:
    """The pictures of an export."""
    found = (path for path in (out / "images").rglob("*") if path.is_file())
    return {path.relative_to(out).as_posix(): path.read_bytes() for path in found}


def start_button(dialog: ExportDialog) -> QPushButton:
    """The one that begins."""
    return find(dialog, QPushButton, "export.start")


def button(dialog: RunDialog, name: str) -> QPushButton:
    """A button by the end of its name."""
    return find(dialog, QPushButton, f"export.{name}")


def press(dialog: RunDialog, name: str) -> None:
    """Click a button that can be seen and used."""
    pressed = button(dialog, name)
    assert pressed.isVisible(), f"{name} cannot be seen"
    assert pressed.isEnabled(), f"{name} cannot be used"
    QTest.mouseClick(pressed, LEFT)


def ready(dialog: ExportDialog) -> None:
    """Wait until it can start."""
    until(lambda: start_button(dialog).isEnabled(), "the export can be started")


def rest(dialog: ExportDialog) -> None:
    """Wait until all is said about what is asked for."""
    until(lambda: not dialog._pause.isActive() and dialog._estimates.idle, "the estimate")
    for _ in range(3):
        QApplication.processEvents()


def said(dialog: RunDialog, name: str) -> str:
    """What a label says."""
    return find(dialog, QLabel, f"export.{name}").text()


def answers(monkeypatch: pytest.MonkeyPatch, *, replace: bool = True) -> list[QMessageBox]:
    """Say yes, or take the safe way, whenever it is asked whether to replace an export; each question is noted."""
    asked: list[QMessageBox] = []

    def answer(box: QMessageBox) -> int:
        asked.append(box)
        safe = box.defaultButton()
        assert safe.objectName() == "export.confirm.cancel", "Enter and Escape change nothing"
        assert box.escapeButton() is safe
        (find(box, QPushButton, "export.confirm.replace") if replace else safe).click()
        return 0

    monkeypatch.setattr(QMessageBox, "exec", answer)
    monkeypatch.setattr(QMessageBox, "deleteLater", lambda _: None)
    return asked


def listed(dialog: RunDialog, name: str) -> list[str]:
    """The lines of a list that is shown; none if it is not."""
    shown = find(dialog, QPlainTextEdit, f"export.{name}")
    return shown.toPlainText().splitlines() if shown.isVisible() else []


def to(dialog: ExportDialog, folder: Path | str) -> None:
    """Choose a folder, and wait for what is said about it."""
    find(dialog, QLineEdit, "export.folder").setText(str(folder))
    rest(dialog)


def finish(dialog: RunDialog) -> None:
    """Wait for the end of what runs."""
    until(lambda: not dialog.running, "the end")
    assert dialog._pages.currentWidget() is dialog._result


def run(dialog: ExportDialog) -> None:
    """Start, and wait for the end."""
    ready(dialog)
    QTest.mouseClick(start_button(dialog), LEFT)
    assert dialog._pages.currentIndex() == 1
    until(lambda: dialog._pages.currentIndex() == 2, "the export's end")
    assert not dialog.running


def slowly(monkeypatch: pytest.MonkeyPatch, seconds: float = 0.05) -> None:
    """Let every picture take its time."""
    from augstudio.export import runner

    work = runner.run_job

    def slow(job: Any) -> Any:
        time.sleep(seconds)
        return work(job)

    monkeypatch.setattr(runner, "run_job", slow)
