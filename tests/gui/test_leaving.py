"""Leaving the window, and what comes back at the next start."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

import pytest
from driving import find, settle
from PySide6.QtWidgets import QApplication, QMessageBox
from windows import OpenWindow, run_program

from augstudio import presets
from augstudio.gui.intent import session as sessions
from augstudio.gui.intent.session import Session
from augstudio.gui.parts.number_field import NumberField
from augstudio.gui.shell.save_dialog import SaveDialog
from augstudio.gui.shell.window import Window
from augstudio.transforms import Range


def answer(monkeypatch: pytest.MonkeyPatch, button: QMessageBox.StandardButton) -> list[str]:
    """Let the question about unsaved changes be answered; what it said is noted."""
    asked: list[str] = []

    def run(box: QMessageBox) -> int:
        asked.append(box.text())
        return int(button.value)

    monkeypatch.setattr(QMessageBox, "exec", run)
    return asked


def edit(window: Window) -> None:
    window.studio.edit_step("rotate", "angle", Range(-3, 4))
    window.studio.end_gesture()


def test_leaving_without_changes_asks_nothing(loaded: Window, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = answer(monkeypatch, QMessageBox.StandardButton.Cancel)
    assert loaded.close()
    assert asked == []


def test_leaving_can_be_cancelled(loaded: Window, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = answer(monkeypatch, QMessageBox.StandardButton.Cancel)
    edit(loaded)
    assert not loaded.close()
    assert len(asked) == 1
    assert "Gentle" in asked[0]
    settle(loaded)
    assert loaded.isVisible()
    loaded.studio.new_seed()
    settle(loaded)


def test_leaving_may_save(loaded: Window, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    answer(monkeypatch, QMessageBox.StandardButton.Save)
    monkeypatch.setattr(SaveDialog, "exec", lambda dialog: 1)
    edit(loaded)
    pipeline = loaded.studio.state.pipeline
    assert loaded.close()
    (path,) = (home / "presets").glob("*.json")
    assert presets.load(path).transforms == pipeline.transforms
    session = sessions.load()
    assert session.preset == str(path)
    assert session.pipelines() is not None
    assert session.pipeline == session.saved


def test_a_save_that_is_given_up_keeps_the_window(loaded: Window, monkeypatch: pytest.MonkeyPatch) -> None:
    answer(monkeypatch, QMessageBox.StandardButton.Save)
    monkeypatch.setattr(SaveDialog, "exec", lambda dialog: 0)
    edit(loaded)
    assert not loaded.close()


def test_leaving_may_discard(loaded: Window, monkeypatch: pytest.MonkeyPatch) -> None:
    answer(monkeypatch, QMessageBox.StandardButton.Discard)
    before = loaded.studio.state.pipeline
    edit(loaded)
    assert loaded.close()
    pair = sessions.load().pipelines()
    assert pair == (before, before)


def test_the_session_comes_back(open_window: OpenWindow, photos: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    answer(monkeypatch, QMessageBox.StandardButton.Save)
    first = open_window(width=1200, height=820)
    first.open_folder(photos)
    settle(first)
    first.studio.show_picture("sign/s2.jpg")
    first.studio.set_seed(31)
    first.studio.set_originals(True)
    edit(first)
    first._split.setSizes([300, 500, 380])
    settle(first)
    state, sizes = first.studio.state, first._split.sizes()
    first.remember()  # as at leaving, unsaved changes and all
    second = open_window(sessions.load(), width=1200, height=820)
    session = sessions.load()
    second.open_folder(Path(session.folder), session.picture)
    settle(second)
    back = second.studio.state
    assert back.dataset == state.dataset
    assert (back.picture, back.seed, back.originals) == ("sign/s2.jpg", 31, True)
    assert (back.pipeline, back.saved, back.preset) == (state.pipeline, state.saved, state.preset)
    assert second.studio.unsaved
    assert second._split.sizes() == sizes
    assert find(second, NumberField, "seed").value() == 31
    assert second.folders.recent == [str(photos)]


def test_the_program_starts_where_it_was_left(
    open_window: OpenWindow, photos: Path, qapp: QApplication, monkeypatch: pytest.MonkeyPatch
) -> None:
    """From start to end, through the function that the command line calls."""
    first = open_window()
    first.open_folder(photos)
    settle(first)
    first.studio.show_picture("top.png")
    assert first.close()
    seen: list[str] = []
    interval = sys.getswitchinterval()

    def look(window: Window) -> None:
        seen.append(window.studio.state.picture)

    assert run_program("documents", look) == 0
    assert seen == ["top.png"]
    assert json.loads(sessions.session_file().read_text("utf-8"))["preset"].endswith("documents.json")
    qapp.styleHints().colorSchemeChanged.disconnect()
    sys.setswitchinterval(interval)


def test_a_vanished_folder_at_the_start(open_window: OpenWindow, tmp_path: Path) -> None:
    gone = tmp_path / "gone"
    window = open_window(Session(folder=str(gone), picture="a.png"))
    window.open_folder(gone, "a.png")
    settle(window)
    assert str(gone) in window.messages.text()


@pytest.mark.parametrize(
    "text",
    [
        "",
        "no JSON",
        "[]",
        '"words"',
        "{",
        '{"pipeline": "no preset", "saved": 7, "seed": "x", "recent": {"a": 1}, "geometry": 5, "export": []}',
        '{"pipeline": "{}", "recent": [1, null, "/x"], "geometry": "?????", "layout": "AAAA", "picture": null}',
        '{"seed": true, "folder": [], "preset": {}}',
        "\ud800".encode("utf-8", "surrogatepass").decode("latin-1"),
        "[" * 100_000,
    ],
    ids=lambda text: text[:20] or "empty",
)
def test_a_damaged_session_is_ignored(open_window: OpenWindow, text: str) -> None:
    sessions.session_file().write_text(text, encoding="utf-8")
    window = open_window(sessions.load())
    assert window.studio.state.pipeline.name == "Gentle"
    assert window.studio.state.seed == 0
    assert window.close()
    assert sessions.load().pipelines() is not None


def test_a_session_of_no_size_that_it_could_have_is_not_read() -> None:
    path = sessions.session_file()
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text('{"seed": 5}', "utf-8")
    assert sessions.load().seed == 5
    with path.open("r+b") as file:
        file.truncate(2**30)  # takes no room where files may have holes
    assert sessions.load() == Session()
    path.unlink()
    if hasattr(os, "mkfifo"):
        os.mkfifo(path)
        assert sessions.load() == Session(), "a pipe is not waited for"


@pytest.mark.parametrize("seed", [-5, 2**63, 10**30])
def test_a_session_with_an_impossible_seed(open_window: OpenWindow, photos: Path, seed: int) -> None:
    sessions.session_file().write_text(json.dumps({"seed": seed}), encoding="utf-8")
    window = open_window(sessions.load())
    window.open_folder(photos)
    settle(window)
    assert window.compare.augmented.image() is not None
    assert find(window, NumberField, "seed").value() == window.studio.state.seed, "what is shown is what is used"


def test_a_session_that_cannot_be_kept_stops_nobody(
    loaded: Window, home: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("in the way")
    monkeypatch.setenv("AUGSTUDIO_HOME", str(tmp_path / "file"))
    assert loaded.close()
