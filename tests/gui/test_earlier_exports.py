"""Going on with unfinished exports and verifying finished ones, from the export dialog and from the window."""

from __future__ import annotations

import json
import shutil
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from dialogs import (
    SEED,
    Open,
    answers,
    button,
    dialogs,
    end,
    export,
    finish,
    images,
    listed,
    opened,
    press,
    ready,
    rest,
    run,
    said,
    slowly,
    start_button,
    state_of,
    to,
    work_in_process,
)
from driving import activate, find, until
from PySide6.QtCore import Qt, QUrl
from PySide6.QtGui import QAction, QDesktopServices
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QFileDialog, QLabel, QLineEdit, QProgressBar, QSpinBox, QToolButton
from windows import nothing_left, threads

from augstudio.advice import Level
from augstudio.dataset import scan
from augstudio.export import ExportError, Failure, Report, Status, Verdict, available_workers
from augstudio.gui.exporting import export_dialog, run_dialog
from augstudio.gui.exporting.export_dialog import ExportDialog
from augstudio.gui.exporting.outcomes import of_report, of_verdict
from augstudio.gui.exporting.run_dialog import RunDialog
from augstudio.gui.shell.window import Window
from augstudio.storage import LocalStorage
from augstudio.wording import day

BEGUN = 4
"""Pictures, of seven, that the unfinished exports here have done."""
Judge = Callable[..., Verdict | None]


@pytest.fixture
def open_dialog(qtbot: object, monkeypatch: pytest.MonkeyPatch, photos: Path) -> Iterator[Open]:
    work_in_process(monkeypatch)
    with dialogs(state_of(photos)) as open_one:
        yield open_one


@pytest.fixture
def whole(photos: Path, tmp_path: Path) -> dict[str, bytes]:
    """What an export of the photos holds that nothing came between."""
    export(photos, tmp_path / "whole", copies=2)
    return images(tmp_path / "whole")


@pytest.fixture
def unfinished(photos: Path, tmp_path: Path) -> Path:
    """An export that was cancelled."""
    export(photos, tmp_path / "begun", BEGUN, copies=2)
    assert 0 < len(images(tmp_path / "begun")) < 14
    return tmp_path / "begun"


@pytest.fixture
def finished(photos: Path, tmp_path: Path) -> Path:
    """An export that came to its end."""
    export(photos, tmp_path / "made", copies=2)
    return tmp_path / "made"


def edit_report(out: Path, **fields: Any) -> None:
    path = out / "report.json"
    path.write_text(json.dumps({**json.loads(path.read_text("utf-8")), **fields}), "utf-8")


def as_killed(out: Path) -> None:
    """Leave the report as it is while an export runs."""
    counts = json.loads((out / "report.json").read_text("utf-8"))["counts"]
    edit_report(out, state="running", counts={**counts, "done": 0, "files": 0})


def spoil(out: Path) -> list[str]:
    """Take one picture away, change another, and put one there that is not the export's."""
    paths = sorted((out / "images").rglob("*__aug*"))
    paths[0].unlink()
    paths[1].write_bytes(b"something else")
    (out / "images" / "book" / "stranger.png").write_bytes(b"")
    return [path.relative_to(out).as_posix() for path in paths]


class Held:
    """Lets verifying wait until it is stopped."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.began = threading.Event()
        self._verify = run_dialog.verify
        monkeypatch.setattr(run_dialog, "verify", self)

    def __call__(self, out: str, *, progress: Callable[[int, int], None], stop: Callable[[], bool]) -> Verdict | None:
        progress(3, 14)
        self.began.set()
        while not stop():
            time.sleep(0.005)
        return self._verify(out, progress=progress, stop=stop)


# -- an unfinished export in the folder ------------------------------------------------------------------------------


def test_an_unfinished_export_is_found(dialog: ExportDialog, unfinished: Path) -> None:
    assert not button(dialog, "earlier.resume").isVisible()
    to(dialog, unfinished)
    words = said(dialog, "earlier")
    assert words.startswith(f"begun holds an unfinished export of {2 * BEGUN} files. {BEGUN} of 7 pictures are done. ")
    assert f"preset Gentle, 2 copies, seed {SEED}" in words
    assert button(dialog, "earlier.resume").isVisible()
    assert button(dialog, "earlier.resume").isDefault()
    assert start_button(dialog).text() == f"Replace {2 * BEGUN} files…"
    assert not button(dialog, "earlier.verify").isVisible()
    to(dialog, unfinished.parent / "elsewhere")
    assert not find(dialog, QLabel, "export.earlier").isVisible()
    assert not button(dialog, "earlier.resume").isVisible()
    assert start_button(dialog).text() == "Export"
    assert start_button(dialog).isDefault()


def test_it_is_resumed(dialog: ExportDialog, unfinished: Path, whole: dict[str, bytes]) -> None:
    """As it was begun, whatever the dialog's own controls say."""
    find(dialog, QSpinBox, "export.seed").setValue(99)
    to(dialog, unfinished)
    press(dialog, "earlier.resume")
    assert dialog.running
    assert str(unfinished) in said(dialog, "doing")
    finish(dialog)
    assert said(dialog, "outcome") == "The export is complete"
    assert f"{BEGUN} of the pictures were there already." in said(dialog, "summary")
    assert images(unfinished) == whole


def test_what_is_said_while_it_is_resumed(
    dialog: ExportDialog, unfinished: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    to(dialog, unfinished)
    slowly(monkeypatch, 0.3)
    press(dialog, "earlier.resume")
    until(lambda: "files a second" in said(dialog, "rate"), "the rate")
    assert said(dialog, "there") == f"{BEGUN} of the pictures were there already"
    assert find(dialog, QProgressBar, "export.progress").value() > BEGUN
    finish(dialog)


def test_it_is_replaced(
    dialog: ExportDialog, unfinished: Path, whole: dict[str, bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    find(dialog, QSpinBox, "export.copies").setValue(2)
    to(dialog, unfinished)
    asked = answers(monkeypatch)
    run(dialog)
    assert len(asked) == 1
    assert "there already" not in said(dialog, "summary")
    assert images(unfinished) == whole


def test_one_that_was_killed_is_counted(dialog: ExportDialog, unfinished: Path, whole: dict[str, bytes]) -> None:
    as_killed(unfinished)
    to(dialog, unfinished)
    assert f"{2 * BEGUN} files. {BEGUN} of 7 pictures are done" in said(dialog, "earlier")
    press(dialog, "earlier.resume")
    finish(dialog)
    assert images(unfinished) == whole


def test_one_of_other_pictures(open_dialog: Open, unfinished: Path, photos: Path, tmp_path: Path) -> None:
    """The dialog has another folder open; the export's own is listed."""
    other = photos.rename(tmp_path / "moved").parent / "other"
    (tmp_path / "moved").rename(photos)
    export(photos, other / "images of another", 1)
    dialog = open_dialog(folder=other / "images of another" / "images")
    rest(dialog)
    to(dialog, unfinished)
    assert f"with the pictures of {photos}" in said(dialog, "earlier")
    press(dialog, "earlier.resume")
    finish(dialog)
    assert said(dialog, "outcome") == "The export is complete"
    assert "7 of 7 pictures" in said(dialog, "summary")


def test_one_that_cannot_be_resumed(dialog: ExportDialog, unfinished: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    edit_report(unfinished, augstudio_export=1)
    to(dialog, unfinished)
    assert "It cannot be resumed." in said(dialog, "earlier")
    answers(monkeypatch)
    assert "another version of augstudio" in said(dialog, "earlier")
    assert not button(dialog, "earlier.resume").isVisible()
    run(dialog)
    assert dialog.report is not None
    assert dialog.report.state is Status.COMPLETE


def test_why_it_is_not_resumed(dialog: ExportDialog, unfinished: Path, photos: Path) -> None:
    """Refused when it is tried: it is said, nothing is changed, and the way back is open."""
    to(dialog, unfinished)
    before = images(unfinished)
    (unfinished / "preset.json").write_text("{}")
    press(dialog, "earlier.resume")
    finish(dialog)
    assert said(dialog, "outcome") == "The export could not be resumed"
    assert "preset.json" in said(dialog, "summary")
    assert images(unfinished) == before
    for name in ("verify", "resume", "open_folder"):
        assert not button(dialog, name).isVisible()
    press(dialog, "back")
    rest(dialog)
    assert "It cannot be resumed." in said(dialog, "earlier")


def test_a_cancelled_export_is_resumed_at_once(
    dialog: ExportDialog, photos: Path, whole: dict[str, bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    find(dialog, QSpinBox, "export.copies").setValue(2)
    ready(dialog)
    with monkeypatch.context() as patch:
        slowly(patch, 0.15)
        press(dialog, "start")
        until(lambda: find(dialog, QProgressBar, "export.progress").value() > 0)
        press(dialog, "cancel")
        finish(dialog)
    assert said(dialog, "outcome") == "The export was cancelled"
    assert "resuming makes the rest" in said(dialog, "summary")
    assert button(dialog, "resume").isDefault()
    press(dialog, "resume")
    finish(dialog)
    assert said(dialog, "outcome") == "The export is complete"
    assert images(photos.parent / "photos-augmented") == whole
    assert not button(dialog, "resume").isVisible()


# -- a finished export in the folder ---------------------------------------------------------------------------------


def test_a_finished_export_is_found(dialog: ExportDialog, finished: Path) -> None:
    to(dialog, finished)
    assert said(dialog, "earlier") == f"made holds a finished export of 14 files, made {day(datetime.now())}."
    assert start_button(dialog).text() == "Replace 14 files…"
    assert not start_button(dialog).isDefault(), "Enter does not ask for it"
    assert not button(dialog, "earlier.resume").isVisible()
    before = images(finished)
    press(dialog, "earlier.verify")
    assert said(dialog, "doing") == f"Verifying {finished}"
    finish(dialog)
    assert said(dialog, "outcome") == "Everything is as it was written"
    assert "14 files" in said(dialog, "summary")
    assert images(finished) == before
    assert not button(dialog, "resume").isVisible()
    press(dialog, "back")
    ready(dialog)


def test_it_is_asked_by_name_and_number(
    dialog: ExportDialog, finished: Path, whole: dict[str, bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    before = images(finished)
    find(dialog, QSpinBox, "export.copies").setValue(1)
    to(dialog, finished)
    ready(dialog)
    asked = answers(monkeypatch, replace=False)
    press(dialog, "start")
    assert not dialog.running
    assert asked[0].text() == "Replace 14 files in made?"
    assert asked[0].informativeText() == (
        f"{finished} holds a finished export of 14 files, made {day(datetime.now())}. It stays as it is until the new "
        "one is whole, and is then removed."
    )
    assert images(finished) == before
    assert "so it fits beside the earlier one" in said(dialog, "details")
    answers(monkeypatch)
    run(dialog)
    assert said(dialog, "outcome") == "The export is complete"
    assert len(images(finished)) == 7
    assert {path.name for path in finished.iterdir()} == {"images", "manifest.jsonl", "preset.json", "report.json"}


def test_another_folder_is_offered(dialog: ExportDialog, finished: Path) -> None:
    (finished.parent / "made-2").mkdir()
    assert not button(dialog, "another").isVisible()
    to(dialog, finished)
    ready(dialog)
    assert button(dialog, "another").isDefault()
    assert button(dialog, "another").text() == "Use made-3"
    press(dialog, "another")
    rest(dialog)
    assert find(dialog, QLineEdit, "export.folder").text() == str(finished.parent / "made-3")
    assert not button(dialog, "another").isVisible()
    assert start_button(dialog).text() == "Export"
    assert start_button(dialog).isDefault()


def test_a_replacement_that_is_cancelled(dialog: ExportDialog, finished: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The earlier one is as it was; the new one can be gone on with, here and at any later time."""
    before = images(finished)
    find(dialog, QSpinBox, "export.copies").setValue(1)
    to(dialog, finished)
    ready(dialog)
    answers(monkeypatch)
    with monkeypatch.context() as patch:
        slowly(patch, 0.15)
        press(dialog, "start")
        until(lambda: find(dialog, QProgressBar, "export.progress").value() > 0)
        press(dialog, "cancel")
        finish(dialog)
    assert said(dialog, "outcome") == "The export was cancelled"
    assert "The earlier export is as it was." in said(dialog, "summary")
    assert images(finished) == before
    assert not button(dialog, "verify").isVisible(), "which would speak of the other one"
    press(dialog, "back")
    rest(dialog)
    words = said(dialog, "earlier")
    assert words.startswith("made holds a finished export of 14 files, made ")
    assert "and beside it another, begun to take its place. " in words
    assert "Resuming the new one goes on as it was begun (preset Gentle, 1 copy" in words
    press(dialog, "earlier.verify")
    finish(dialog)
    assert said(dialog, "outcome") == "Everything is as it was written"
    press(dialog, "back")
    rest(dialog)
    press(dialog, "earlier.resume")
    finish(dialog)
    assert said(dialog, "outcome") == "The export is complete"
    assert len(images(finished)) == 7


def test_cancelled_while_the_earlier_one_is_removed(
    dialog: ExportDialog, finished: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    find(dialog, QSpinBox, "export.copies").setValue(1)
    to(dialog, finished)
    ready(dialog)
    answers(monkeypatch)
    remove, at_it, go = LocalStorage.remove, threading.Event(), threading.Event()

    def slow(storage: LocalStorage, paths: Any) -> None:
        paths = list(paths)
        if ".augstudio-old" in storage.location and any("__aug" in path for path in paths):
            at_it.set()
            go.wait(30)
        remove(storage, paths)

    monkeypatch.setattr(LocalStorage, "remove", slow)
    monkeypatch.setattr("augstudio.export.runner._TICK", 0.0)
    press(dialog, "start")
    until(at_it.is_set)
    press(dialog, "cancel")
    go.set()
    until(lambda: not dialog.running)
    assert said(dialog, "outcome") == "The export is complete"
    assert "13 files of the earlier export are still to be removed." in said(dialog, "summary")
    assert len(images(finished)) == 7
    assert said(dialog, "rate") == "Removing the earlier export … 1 of 14 files"
    assert button(dialog, "resume").text() == "Remove them"
    press(dialog, "resume")
    finish(dialog)
    assert "still to be removed" not in said(dialog, "summary")
    assert {path.name for path in finished.iterdir()} == {"images", "manifest.jsonl", "preset.json", "report.json"}


def test_where_the_pictures_are_is_asked(
    qtbot: object, unfinished: Path, photos: Path, whole: dict[str, bytes], home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither the export nor this computer may know it."""
    monkeypatch.setattr(RunDialog, "workers", 0)
    moved = photos.rename(photos.with_name("moved"))
    for known in (True, False):
        if not known:
            shutil.rmtree(home / "exports")
        with nothing_left():
            dialog = RunDialog(None, "Resume an export")
            dialog.show()
            dialog.resume(str(unfinished))
            finish(dialog)
            wanted = "The export could not be resumed" if known else "Where are its pictures?"
            assert said(dialog, "outcome") == wanted
            assert button(dialog, "resume").text() == "Choose their folder…"
            asked = choose(monkeypatch, "")
            press(dialog, "resume")
            assert asked == [str(unfinished.parent)]
            assert not dialog.running
            if not known:
                choose(monkeypatch, moved)
                press(dialog, "resume")
                finish(dialog)
                assert said(dialog, "outcome") == "The export is complete"
            end(dialog)
    assert images(unfinished) == whole


def test_what_differs_is_listed_and_made_again(
    dialog: ExportDialog, finished: Path, whole: dict[str, bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    paths = spoil(finished)
    (finished / "images" / "hollow").mkdir()
    to(dialog, finished)
    press(dialog, "earlier.verify")
    finish(dialog)
    assert said(dialog, "outcome") == "Not everything is as it was written"
    assert listed(dialog, "missing") == paths[:1]
    assert listed(dialog, "changed") == paths[1:2]
    assert listed(dialog, "extra") == ["images/book/stranger.png"]
    assert "images/hollow" in listed(dialog, "problems")[0]
    assert listed(dialog, "failed") == []
    assert dialog.verdict is not None
    assert not dialog.verdict.ok
    assert button(dialog, "resume").text() == "Make these files again"
    opened: list[QUrl] = []
    monkeypatch.setattr(QDesktopServices, "openUrl", opened.append)
    press(dialog, "open_folder")
    assert [Path(url.toLocalFile()) for url in opened] == [finished]
    press(dialog, "resume")
    finish(dialog)
    assert said(dialog, "outcome") == "The export is complete"
    assert "6 of the pictures were there already." in said(dialog, "summary")
    assert images(finished) == {**whole, "images/book/stranger.png": b""}, "what is somebody's own is left alone"
    assert any("images/book" in line for line in listed(dialog, "problems")), "and a loader would read it"
    press(dialog, "verify")
    finish(dialog)
    assert (listed(dialog, "missing"), listed(dialog, "changed")) == ([], [])
    assert len(listed(dialog, "extra")) == 1
    assert not button(dialog, "resume").isVisible(), "nothing of it can be made again"


def test_the_export_just_made_is_verified(dialog: ExportDialog) -> None:
    run(dialog)
    press(dialog, "verify")
    finish(dialog)
    assert said(dialog, "outcome") == "Everything is as it was written"


def test_an_unfinished_export_is_verified(dialog: ExportDialog, unfinished: Path) -> None:
    dialog.verify(str(unfinished))
    finish(dialog)
    assert said(dialog, "outcome") == "The export is not finished"
    assert button(dialog, "resume").text() == "Resume"
    press(dialog, "resume")
    finish(dialog)
    assert said(dialog, "outcome") == "The export is complete"


def test_verifying_is_cancelled(dialog: ExportDialog, finished: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    to(dialog, finished)
    with monkeypatch.context() as patch:
        held = Held(patch)
        press(dialog, "earlier.verify")
        until(held.began.is_set)
        until(lambda: find(dialog, QProgressBar, "export.progress").value() == 3)
        assert find(dialog, QProgressBar, "export.progress").maximum() == 14
        assert said(dialog, "rate") == "3 of 14 files"
        press(dialog, "cancel")
        assert not button(dialog, "cancel").isEnabled()
        finish(dialog)
    assert said(dialog, "outcome") == "Verifying was cancelled"
    press(dialog, "verify")
    finish(dialog)
    assert said(dialog, "outcome") == "Everything is as it was written"


@pytest.mark.parametrize("by", ["escape", "cross"])
def test_leaving_while_it_verifies(
    dialog: ExportDialog, finished: Path, monkeypatch: pytest.MonkeyPatch, by: str
) -> None:
    held = Held(monkeypatch)
    dialog.verify(str(finished))
    until(held.began.is_set)
    if by == "escape":
        QTest.keyClick(dialog, Qt.Key.Key_Escape)
    else:
        dialog.close()
    assert not dialog.isVisible()
    assert dialog.running, "it goes on"
    dialog.cancel()
    until(lambda: not dialog.running)
    assert said(dialog, "outcome") == "Verifying was cancelled"
    assert "augstudio-verify" not in {thread.name for thread in threads()}


def test_what_cannot_be_verified(dialog: ExportDialog, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    dialog.verify(str(tmp_path / "nothing"))
    finish(dialog)
    assert said(dialog, "outcome") == "The export could not be verified"
    assert "no export here" in said(dialog, "summary")

    def fail(*_: object, **__: object) -> None:
        raise RuntimeError("no idea")

    monkeypatch.setattr(run_dialog, "verify", fail)
    dialog.verify(str(tmp_path))
    finish(dialog)
    assert said(dialog, "summary") == "no idea"


def test_a_look_that_fails(dialog: ExportDialog, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    def fail(*_: object, **__: object) -> None:
        raise RuntimeError("no idea")

    monkeypatch.setattr(export_dialog, "plan_export", fail)
    to(dialog, tmp_path / "new")
    assert dialog._refused.text() == "no idea"
    assert not start_button(dialog).isEnabled()


# -- from the window -------------------------------------------------------------------------------------------------


@pytest.fixture
def used(monkeypatch: pytest.MonkeyPatch) -> Callable[[Window], tuple[str, str]]:
    """Let the dialog that a window has opened run to its end, and close it; what it said is given."""
    monkeypatch.setattr(RunDialog, "workers", 0)

    def use(window: Window) -> tuple[str, str]:
        dialog = opened(window)
        assert not isinstance(dialog, ExportDialog)
        finish(dialog)
        assert not button(dialog, "back").isVisible(), "there is nothing to go back to"
        seen = dialog.windowTitle(), said(dialog, "outcome")
        press(dialog, "done")
        assert not dialog.isVisible()
        assert window.exports.dialog is None
        return seen

    return use


def choose(monkeypatch: pytest.MonkeyPatch, folder: Path | str) -> list[str]:
    """Let this folder be chosen; where the question begins is noted."""
    asked: list[str] = []

    def ask(_parent: object, _title: str, start: str) -> str:
        asked.append(start)
        return str(folder)

    monkeypatch.setattr(QFileDialog, "getExistingDirectory", ask)
    return asked


def test_exports_are_verified_with_nothing_open(
    window: Window, finished: Path, used: Callable[[Window], tuple[str, str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    choose(monkeypatch, finished)
    window.action_verify.trigger()
    assert used(window) == ("Verify an export", "Everything is as it was written")
    spoil(finished)
    window.action_verify.trigger()
    assert used(window) == ("Verify an export", "Not everything is as it was written")


def test_exports_are_resumed_with_nothing_open(
    window: Window,
    unfinished: Path,
    whole: dict[str, bytes],
    used: Callable[[Window], tuple[str, str]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    choose(monkeypatch, unfinished)
    window.action_resume.trigger()
    assert used(window) == ("Resume an export", "The export is complete")
    assert images(unfinished) == whole


def test_an_export_whose_pictures_have_gone(
    window: Window,
    unfinished: Path,
    photos: Path,
    used: Callable[[Window], tuple[str, str]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    photos.rename(photos.with_name("elsewhere"))
    choose(monkeypatch, unfinished)
    window.action_resume.trigger()
    assert used(window) == ("Resume an export", "The export could not be resumed")


def test_no_folder_chosen(window: Window, monkeypatch: pytest.MonkeyPatch) -> None:
    choose(monkeypatch, "")
    window.action_verify.trigger()
    window.action_resume.trigger()
    assert window.exports.dialog is None


def test_the_question_begins_where_exports_are(window: Window, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = choose(monkeypatch, "")
    for folder, start in ((str(tmp_path), str(tmp_path)), ("s3://bucket", str(Path.home())), (7, str(Path.home()))):
        window._export_choices = {"folder": folder}
        window.action_verify.trigger()
        assert asked[-1] == start


def test_the_menu_beside_the_export_button(window: Window) -> None:
    menu_button = find(window, QToolButton, "exports")
    assert menu_button.isEnabled(), "while nothing is open, too"
    assert not window.action_export.isEnabled()
    assert menu_button.focusPolicy() & Qt.FocusPolicy.TabFocus
    assert menu_button.accessibleName() == "Resume or verify an earlier export, or try whether the pipeline helps"
    menu = menu_button.menu()
    assert menu is not None
    *earlier, between, trial = menu.actions()
    assert earlier == [window.action_resume, window.action_verify]
    assert all(action.isEnabled() for action in earlier)
    assert between.isSeparator()
    assert trial.objectName() == "action.trial"
    assert not trial.isEnabled(), "there is nothing to learn from"
    assert all(action.shortcut().toString() for action in (*earlier, trial))
    keys = {(action.shortcut().toString(), action.text()) for action in window.findChildren(QAction)}
    used = [key for key, _ in keys if key]
    assert len(used) == len(set(used)), "no key means two things"


def test_a_shortcut_verifies(
    window: Window, finished: Path, used: Callable[[Window], tuple[str, str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    choose(monkeypatch, finished)
    activate(window)
    QTest.keyClick(window, Qt.Key.Key_V, Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier)
    assert used(window) == ("Verify an export", "Everything is as it was written")


def test_resumed_with_all_of_this_computer(qtbot: object, finished: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    given: list[int] = []

    def note(settings: Any, *_: object, **__: object) -> None:
        given.append(settings.workers)
        raise RuntimeError("enough")

    monkeypatch.setattr(run_dialog, "run_export", note)
    with nothing_left():
        dialog = RunDialog(None, "Resume an export")
        dialog.resume(str(finished))
        finish(dialog)
        end(dialog)
    assert given == [available_workers()]


def test_giving_up_while_the_pictures_are_listed(
    qtbot: object, unfinished: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    listing = scan

    def slow(*given: Any, stop: Callable[[], bool], found: Callable[[int], None], **more: Any) -> Any:
        found(500)
        while not stop():
            time.sleep(0.005)
        return listing(*given, stop=stop, found=found, **more)

    monkeypatch.setattr(run_dialog, "scan", slow)
    before = images(unfinished)
    with nothing_left():
        dialog = RunDialog(None, "Resume an export")
        dialog.show()
        dialog.resume(str(unfinished))
        until(lambda: said(dialog, "rate") == "Listing the pictures: 500 found")
        press(dialog, "cancel")
        finish(dialog)
        assert said(dialog, "outcome") == "The export was cancelled"
        assert button(dialog, "resume").isVisible()
        end(dialog)
    assert images(unfinished) == before


# -- words -----------------------------------------------------------------------------------------------------------


REPORT = Report(
    state=Status.COMPLETE,
    reason="",
    out="/out",
    total=7,
    done=7,
    kept=0,
    files=14,
    bytes=14_000,
    counts={},
    failures=(),
    skipped=(),
    notes={},
    remarks=(),
    problems=(),
    elapsed=3.0,
)


def test_words_about_a_report() -> None:
    outcome = of_report(REPORT)
    assert outcome.level is None
    assert outcome.summary.splitlines() == [
        "14 files (14 kB) from 7 of 7 pictures in 3.0 s, in /out",
        "The folders were read back as a loader reads them, and hold what they should.",
    ]
    assert not any(outcome.sections.values())
    assert (outcome.resume, outcome.verifiable) == ("", True)


def test_words_about_a_report_with_all_that_there_may_be() -> None:
    outcome = of_report(
        replace(
            REPORT,
            kept=1,
            problems=("images/a is an empty folder",),
            failures=(Failure("a.png", "empty"),),
            notes={"EXIF orientation 6 applied": 1, "palette converted to RGB": 5},
            remarks=("No picture in val of dog.",),
            skipped=("b.png: a link to nothing",),
        )
    )
    assert outcome.level is Level.CAUTION
    assert "1 of the pictures was there already." in outcome.summary
    assert "1 picture failed" in outcome.summary
    assert "read back" not in outcome.summary
    assert outcome.sections == {
        "problems": ("images/a is an empty folder",),
        "failed": ("a.png: empty",),
        "notes": (
            "No picture in val of dog.",
            "Left out: b.png: a link to nothing",
            "5 pictures: palette converted to RGB",
            "1 picture: EXIF orientation 6 applied",
        ),
    }


def test_words_about_a_stopped_export() -> None:
    outcome = of_report(replace(REPORT, state=Status.STOPPED, reason="the disk is full", done=3))
    assert outcome.level is Level.EXCESSIVE
    assert "the disk is full" in outcome.summary
    assert outcome.resume == "Resume"


def test_words_about_very_many_failures() -> None:
    failures = tuple(Failure(f"{number}.png", "empty") for number in range(5000))
    lines = of_report(replace(REPORT, failures=failures)).sections["failed"]
    assert len(lines) == 2001
    assert lines[-1] == "and 3,000 more"


def test_words_about_a_verdict() -> None:
    verdict = Verdict(checked=13, bytes=500, missing=("a",), changed=(), extra=("b", "c"), problems=("odd",))
    outcome = of_verdict(verdict, "/out", unfinished=False)
    assert outcome.level is Level.EXCESSIVE
    assert outcome.summary.splitlines()[0] == (
        "13 files (500 bytes) read in /out: 1 file missing, 2 files that the export did not make, 1 other problem."
    )
    assert outcome.resume == "Make these files again"
    only_extra = of_verdict(replace(verdict, missing=(), problems=()), "/out", unfinished=False)
    assert (only_extra.level, only_extra.resume) == (Level.CAUTION, "")


def test_names_are_shown_as_they_are(dialog: ExportDialog, finished: Path) -> None:
    """Also on the last page: a folder's name may look like mark-up; it is none."""
    dialog.verify(str(finished))
    finish(dialog)
    for name in ("outcome", "summary", "doing", "earlier", "augmented", "remarks"):
        assert find(dialog, QLabel, f"export.{name}").textFormat() == Qt.TextFormat.PlainText


def test_a_far_place_that_does_not_answer_holds_nobody_up(
    dialog: ExportDialog, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked, enough = threading.Event(), threading.Event()

    def hang(*_: object) -> None:
        asked.set()
        enough.wait(20)
        raise ExportError("too late")

    monkeypatch.setattr(export_dialog, "check", hang)
    find(dialog, QLineEdit, "export.folder").setText("s3://bucket/folder")
    until(asked.is_set)
    began = time.monotonic()
    dialog.reject()
    assert time.monotonic() - began < 5
    assert not dialog.isVisible()
    enough.set()
    until(lambda: "augstudio-estimate" not in {thread.name for thread in threads()}, "the thread ends by itself")
