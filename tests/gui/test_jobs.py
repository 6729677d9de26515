"""Long work beside the window: it is used meanwhile, sees how far that is, and finds it again."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from dialogs import (
    asking,
    button,
    dialogs,
    finish,
    opened,
    press,
    ready,
    run,
    said,
    state_of,
    work_in_process,
)
from dialogs import export as export_to
from driving import find, settle, until
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QLabel,
    QMessageBox,
    QPlainTextEdit,
    QProgressBar,
    QPushButton,
    QTabWidget,
    QToolButton,
)
from windows import OpenWindow, threads, write_photos

from augstudio import presets
from augstudio.advice import Level
from augstudio.export import Progress, Report, Status, Verdict
from augstudio.gui.exporting import run_dialog, standing
from augstudio.gui.exporting.jobs import Doing, Jobs
from augstudio.gui.exporting.outcomes import Verified, shortly
from augstudio.gui.exporting.run_dialog import RunDialog
from augstudio.gui.exporting.standing import Checked
from augstudio.gui.shell.window import Window


@pytest.fixture(autouse=True)
def in_process(monkeypatch: pytest.MonkeyPatch) -> None:
    work_in_process(monkeypatch)


class Gate:
    """Lets the first pictures of an export through, and the others when it is opened."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, first: int = 3) -> None:
        from augstudio.export import runner

        self._go, self._work, self._left = threading.Event(), runner.run_job, first
        monkeypatch.setattr(runner, "run_job", self)
        monkeypatch.setattr(runner, "_TICK", 0.0)  # all that is done is told

    def __call__(self, job: Any) -> Any:
        if self._left == 0:
            self._go.wait(60)
        self._left -= self._left > 0
        return self._work(job)

    def open(self) -> None:
        self._go.set()


@pytest.fixture
def gate(monkeypatch: pytest.MonkeyPatch) -> Iterator[Gate]:
    made = Gate(monkeypatch)
    yield made
    made.open()


def begin(window: Window) -> RunDialog:
    """Begin an export as the window proposes it, and wait until it is held at the gate."""
    window.export()
    dialog = asking(window)
    ready(dialog)
    press(dialog, "start")
    until(lambda: (window.exports.jobs.percent or 0) > 0, "some of it is done")
    return dialog


def words(window: Window, name: str) -> str:
    return find(window.exports.bar, QLabel, f"jobs.{name}").text()


def click(window: Window, kind: type[Any], name: str) -> None:
    pressed = find(window.exports.bar, kind, f"jobs.{name}")
    assert pressed.isVisible()
    assert pressed.isEnabled()
    QTest.mouseClick(pressed, Qt.MouseButton.LeftButton)


# -- the bar ---------------------------------------------------------------------------------------------------------


def test_the_bar_shows_what_runs_and_how_it_ended(loaded: Window, gate: Gate, photos: Path) -> None:
    bar = loaded.exports.bar
    assert not bar.isVisible()
    title = loaded.windowTitle()
    (photos / "sign" / "s2.jpg").write_bytes(b"")
    dialog = begin(loaded)
    press(dialog, "hide")
    assert bar.isVisible()
    assert words(loaded, "words").startswith("Exporting")
    percent = int(words(loaded, "percent").removesuffix(" %"))
    assert 0 < percent < 100
    assert find(bar, QProgressBar, "jobs.progress").value() == percent
    assert loaded.windowTitle() == f"{percent} % · {title}"
    click(loaded, QPushButton, "show")
    assert dialog.isVisible()
    dialog.reject()
    gate.open()
    until(lambda: loaded.exports.jobs.doing is None)
    assert not dialog.isVisible()
    assert words(loaded, "words") == "24 files, 1 failed"
    assert loaded.windowTitle() == title
    click(loaded, QPushButton, "show")
    assert dialog.isVisible()
    assert said(dialog, "outcome") == "The export is complete"
    press(dialog, "done")
    assert not bar.isVisible(), "it was seen"
    assert loaded.exports.dialog is None


def test_it_is_cancelled_from_the_bar(loaded: Window, gate: Gate) -> None:
    dialog = begin(loaded)
    click(loaded, QPushButton, "cancel")
    assert not button(dialog, "cancel").isEnabled(), "both show the same"
    assert not find(loaded.exports.bar, QPushButton, "jobs.cancel").isEnabled()
    gate.open()
    finish(dialog)
    assert words(loaded, "words").startswith("Cancelled: ")
    assert said(dialog, "outcome") == "The export was cancelled"
    dialog.hide()
    click(loaded, QPushButton, "cancel")  # which dismisses it now
    assert not loaded.exports.bar.isVisible()
    assert loaded.exports.dialog is None


@pytest.mark.parametrize("width", [1440, 1366, 1280, 1024])
@pytest.mark.parametrize("name", ["Photos", "A name of a preset that is as long as may be"])
def test_the_bar_leaves_the_toolbar_whole(
    open_window: OpenWindow, photos: Path, gate: Gate, width: int, name: str
) -> None:
    """There is less of it where there is less room; what is left shows the rest."""
    window = open_window(width=width, height=700)
    window.studio.apply_pipeline("test", window.studio.state.pipeline.edited(name=name))
    window.open_folder(photos)
    settle(window)
    begin(window).reject()
    bar = window.exports.bar

    def whole() -> None:
        settle(window)
        assert window.width() == width
        for action in ("action.export.button", "exports", "action.open.button"):
            assert find(window, QToolButton, action).isVisible(), action
        shown = [child for child in (*bar.findChildren(QLabel), *bar.findChildren(QPushButton)) if child.isVisible()]
        assert all(child.width() >= child.sizeHint().width() for child in shown)
        assert find(bar, QPushButton, "jobs.show").isVisible()
        if width == 1440:
            assert find(bar, QPushButton, "jobs.cancel").isVisible()
            assert find(bar, QLabel, "jobs.words").isVisible() or name != "Photos"

    whole()
    if not find(bar, QPushButton, "jobs.cancel").isVisible():
        assert width == 1024
        assert find(bar, QPushButton, "jobs.show").text() == f"{window.exports.jobs.percent} %"
    gate.open()
    until(lambda: window.exports.jobs.doing is None)
    whole()
    click(window, QPushButton, "show")
    assert said(opened(window), "outcome") == "The export is complete"


def test_the_newest_pictures_are_shown(loaded: Window, gate: Gate) -> None:
    dialog = begin(loaded)
    until(find(dialog, QLabel, "export.newest.2").isVisible, "three pictures")
    shown = find(dialog, QLabel, "export.newest.0")
    assert shown.isVisible()
    assert not find(dialog, QLabel, "export.newest.3").isVisible()
    assert shown.pixmap().width() / shown.devicePixelRatio() <= 120
    gate.open()
    finish(dialog)
    assert "augstudio-newest" not in {thread.name for thread in threads()}


# -- working on meanwhile --------------------------------------------------------------------------------------------


def test_nothing_that_is_done_meanwhile_changes_what_runs(
    loaded: Window, gate: Gate, photos: Path, tmp_path: Path
) -> None:
    before = loaded.studio.state
    dialog = begin(loaded)
    loaded.studio.load_preset(presets.locate("photos"))
    loaded.studio.add_step("invert")
    loaded.studio.set_seed(before.seed + 1)
    loaded.studio.set_originals(True)
    loaded.studio.undo_stack.undo()
    loaded.open_folder(write_photos(tmp_path / "others"))
    settle(loaded)
    assert opened(loaded) is dialog
    gate.open()
    finish(dialog)
    out = photos.parent / "photos-augmented"
    assert presets.load(out / "preset.json") == before.pipeline
    lines = [json.loads(line) for line in (out / "manifest.jsonl").read_text("utf-8").splitlines()]
    assert len(lines) == 28
    assert {line["seed"] for line in lines} == {before.seed}
    assert {line["source"] for line in lines} == {source.key for source in before.dataset.sources}  # type: ignore[union-attr]
    assert not button(dialog, "back").isVisible(), "the window has another folder open"


def test_what_is_asked_for_meanwhile_is_refused_in_words(
    loaded: Window, gate: Gate, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = begin(loaded)
    first.reject()
    for action in (loaded.action_verify, loaded.action_resume):
        loaded.messages.clear()
        action.trigger()  # asks for no folder: nobody is there to answer
        assert "Exporting to" in loaded.messages.text()
        assert "is under way" in loaded.messages.text()
    loaded.export()
    second = asking(loaded)
    assert second is not first, "the next one can be planned"
    ready(second)
    press(second, "start")
    assert not second.running
    assert second.asking
    assert "One thing at a time: Exporting to" in said(second, "busy")
    assert find(second, QLabel, "export.busy").isVisible()
    gate.open()
    until(lambda: not first.running)
    assert not find(second, QLabel, "export.busy").isVisible()
    click(loaded, QPushButton, "show")
    assert first.isVisible(), "what came of the first is still there"
    find(second, QLabel, "export.busy")
    second._folder.setText(second._folder.text() + "-other")
    ready(second)
    press(second, "start")
    finish(second)
    assert loaded.exports.dialog is second
    press(second, "done")
    assert loaded.exports.dialog is None


# -- leaving ---------------------------------------------------------------------------------------------------------


def answer(monkeypatch: pytest.MonkeyPatch, name: str, meanwhile: Callable[[], None] = lambda: None) -> list[str]:
    """Take a button whenever it is asked whether to leave; each question is noted."""
    asked: list[str] = []

    def use(box: QMessageBox) -> int:
        asked.append(f"{box.text()} {box.informativeText()}")
        assert box.defaultButton().objectName() == "jobs.confirm.wait", "Enter and Escape lose nothing"
        assert box.escapeButton() is box.defaultButton()
        meanwhile()
        find(box, QPushButton, f"jobs.confirm.{name}").click()
        return 0

    monkeypatch.setattr(QMessageBox, "exec", use)
    return asked


@pytest.mark.parametrize("hidden", [True, False])
def test_closing_the_window_asks_first(
    loaded: Window, gate: Gate, photos: Path, monkeypatch: pytest.MonkeyPatch, hidden: bool
) -> None:
    dialog = begin(loaded)
    if hidden:
        dialog.reject()
    asked = answer(monkeypatch, "wait")
    assert not loaded.close()
    assert loaded.isVisible()
    assert asked[0].startswith(f"Exporting to {photos.parent / 'photos-augmented'} is under way, ")
    assert "can be resumed" in asked[0]
    assert loaded.exports.jobs.doing is not None, "it goes on"
    asked = answer(monkeypatch, "cancel")
    assert not loaded.close(), "not before the thread has ended"
    assert not loaded.close(), "and it is not asked twice"
    assert len(asked) == 1
    gate.open()
    until(lambda: not loaded.isVisible(), "the window closes")
    assert not threads()
    report = json.loads((photos.parent / "photos-augmented" / "report.json").read_text("utf-8"))
    assert report["state"] == "cancelled"


def test_what_ends_while_it_is_asked(loaded: Window, gate: Gate, monkeypatch: pytest.MonkeyPatch) -> None:
    begin(loaded)

    def ends() -> None:
        gate.open()
        until(lambda: loaded.exports.jobs.doing is None)

    answer(monkeypatch, "cancel", ends)
    assert loaded.close()
    assert not threads()


def test_stopping_the_window_ends_what_runs(loaded: Window, gate: Gate) -> None:
    begin(loaded)
    gate.open()
    loaded.stop()
    assert not threads()


# -- the work itself -------------------------------------------------------------------------------------------------


def test_one_at_a_time(qtbot: object) -> None:
    jobs, go = Jobs(), threading.Event()
    ended: list[object] = []
    jobs.ended.connect(lambda _doing, ending: ended.append(ending))
    doing = Doing("verify", "Verifying /out", "Verifying", "the verification", "Cancel", "/out", resumable=False)

    def work(tell: Callable[[object], None], _stop: Callable[[], bool]) -> str:
        tell(Checked(1, 4))
        go.wait(60)
        return "done"

    assert jobs.begin(doing, work)
    assert not jobs.begin(doing, work)
    until(lambda: jobs.percent == 25)
    go.set()
    until(lambda: jobs.doing is None)
    assert ended == ["done"]
    assert jobs.percent is None
    assert jobs.begin(doing, lambda tell, stop: 1 // 0)
    until(lambda: jobs.doing is None)
    assert isinstance(ended[-1], ZeroDivisionError)


def test_workers_of_the_window_give_way(qtbot: object, photos: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    given: list[bool] = []

    def note(*_: object, gently: bool, **__: object) -> None:
        given.append(gently)
        raise RuntimeError("enough")

    export_to(photos, photos.parent / "begun", 3)
    monkeypatch.setattr(run_dialog, "run_export", note)
    with dialogs(state_of(photos)) as open_one:
        dialog = open_one()
        run(dialog)
        dialog.resume(str(photos.parent / "begun"))
        finish(dialog)
    assert given == [True, True]


# -- words -----------------------------------------------------------------------------------------------------------


def progress(**fields: Any) -> Progress:
    return Progress(
        **{
            "done": 0,
            "total": 2000,
            "kept": 0,
            "files": 0,
            "bytes": 0,
            "failures": 0,
            "elapsed": 0.0,
            "rate": 0.0,
            "eta": None,
            **fields,
        }
    )


def test_how_far_it_is() -> None:
    now = progress(done=1500, files=6000, bytes=10**7, rate=1234.5, eta=130.0)
    assert standing.words(now) == ("1,500 of 2,000 pictures · 6,000 files, 10 MB · 1,234 files a second · 2 min left")
    assert (standing.percent(now), standing.left(now)) == (75, "2 min left")
    assert standing.percent(progress(done=1999)) == 99, "100 only at the end"
    assert standing.percent(progress(removed=3, removing=4)) == 75
    assert standing.words(progress(removed=3, removing=4)).endswith("3 of 4 files")
    assert standing.words(progress(done=5, kept=5)) == standing.LOOKING
    assert standing.words(progress()) == standing.STARTING
    assert (standing.percent(500), standing.words(500)) == (None, "Listing the pictures: 500 found")
    assert (standing.percent("x"), standing.percent(Checked(0, 0))) == (None, None)


def test_how_it_ended() -> None:
    report = Report(
        state=Status.COMPLETE, reason="", out="/out", total=7, done=7, kept=0, files=1288,
        bytes=9, counts={}, failures=(), skipped=(), notes={}, remarks=(), problems=(),
        elapsed=3.0,
    )  # fmt: skip
    assert shortly(report) == (None, "1,288 files")
    whole = Verdict(checked=1300, bytes=5, missing=(), changed=(), extra=(), problems=())
    assert shortly(Verified(whole)) == (None, "1,300 files as written")
    assert shortly(Verified(None)) == (Level.CAUTION, "Cancelled")
    assert shortly(RuntimeError("x")) == (Level.EXCESSIVE, "It could not be done")


# -- the lines that load it ------------------------------------------------------------------------------------------


def test_the_lines_that_load_it_are_ready_to_copy(qtbot: object, photos: Path) -> None:
    with dialogs(state_of(photos)) as open_one:
        dialog = open_one()
        run(dialog)
        tabs = find(dialog, QTabWidget, "export.loading")
        assert tabs.isVisible()
        assert [tabs.tabText(index) for index in range(tabs.count())] == ["PyTorch", "Keras", "Hugging Face"]
        images = photos.parent / "photos-augmented" / "images"
        for index in range(3):
            tabs.setCurrentIndex(index)
            shown = tabs.currentWidget()
            assert isinstance(shown, QPlainTextEdit)
            press(dialog, "loading.copy")
            assert QGuiApplication.clipboard().text() == shown.toPlainText() + "\n"
            assert str(images) in shown.toPlainText()
            assert button(dialog, "loading.copy").text() == "Copied"
        dialog.verify(str(images.parent))
        finish(dialog)
        assert not tabs.isVisible()


def test_what_is_worth_knowing_stands_under_what_was_said(qtbot: object, photos: Path) -> None:
    """It does not float between two gaps."""
    with dialogs(state_of(photos)) as open_one:
        dialog = open_one()
        run(dialog)
        dialog.resize(900, 800)
        settled = find(dialog, QLabel, "export.summary")
        notes = find(dialog, QPlainTextEdit, "export.notes").parentWidget()
        until(lambda: dialog.height() == 800)
        assert notes.isVisible()
        gap = notes.y() - settled.geometry().bottom()
        assert gap <= 20
        assert settled.height() <= settled.heightForWidth(settled.width()) + 2
