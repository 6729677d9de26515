"""The export dialog: says beforehand what it comes to, shows how it goes, can be left at any time."""

from __future__ import annotations

import errno
import json
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from dialogs import (
    LEFT,
    Open,
    answers,
    asking,
    dialogs,
    opened,
    press,
    ready,
    run,
    said,
    slowly,
    start_button,
    state_of,
    to,
    work_in_process,
)
from driving import find, settle, until, write
from PySide6.QtCore import QEvent, QPoint, Qt, QUrl
from PySide6.QtGui import QDesktopServices, QFocusEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QApplication,
    QCheckBox,
    QComboBox,
    QFileDialog,
    QFrame,
    QLabel,
    QLineEdit,
    QPlainTextEdit,
    QProgressBar,
    QPushButton,
    QSpinBox,
)
from windows import threads, write_photos

from augstudio.advice import Caution, Level, Remedy
from augstudio.dataset import scan
from augstudio.export import ExportError, Settings, run_export
from augstudio.export import Status as Ending
from augstudio.gui.exporting import export_dialog as module
from augstudio.gui.exporting import run_dialog
from augstudio.gui.exporting.export_dialog import ExportDialog
from augstudio.gui.intent import session as sessions
from augstudio.gui.intent.state import State
from augstudio.gui.parts.whole_box import WholeBox
from augstudio.gui.shell.window import Window
from augstudio.transforms import Range


@pytest.fixture
def in_process(monkeypatch: pytest.MonkeyPatch) -> None:
    """Export in this process."""
    work_in_process(monkeypatch)


@pytest.fixture
def state(photos: Path) -> State:
    """What the window would hand over."""
    return state_of(photos)


@pytest.fixture
def open_dialog(qtbot: object, in_process: None, state: State) -> Iterator[Open]:
    """Open dialogs; afterwards neither a thread nor a dialog is left."""
    with dialogs(state) as open_one:
        yield open_one


# -- beforehand ------------------------------------------------------------------------------------------------------


def test_what_it_begins_with(dialog: ExportDialog, state: State, photos: Path) -> None:
    assert find(dialog, QLineEdit, "export.folder").text() == str(photos.parent / "photos-augmented")
    assert find(dialog, QSpinBox, "export.copies").value() == 4
    assert find(dialog, QSpinBox, "export.seed").value() == state.seed
    assert not find(dialog, QCheckBox, "export.originals").isChecked()
    settings = dialog.settings()
    assert settings.pipeline == state.pipeline
    assert settings.out == str(photos.parent / "photos-augmented")


def test_a_folder_that_exists_gets_a_number(open_dialog: Open, photos: Path) -> None:
    (photos.parent / "photos-augmented").mkdir()
    (photos.parent / "photos-augmented-2").mkdir()
    dialog = open_dialog()
    assert find(dialog, QLineEdit, "export.folder").text() == str(photos.parent / "photos-augmented-3")


def test_the_estimate(open_dialog: Open) -> None:
    dialog = open_dialog()
    assert said(dialog, "estimate") == "28 files", "how many is known at once"
    assert not start_button(dialog).isEnabled()
    ready(dialog)
    words = said(dialog, "estimate")
    assert words.startswith("28 files, about ")
    assert "B" in words
    assert "second" in words or " s" in words
    assert "7 of the pictures" in said(dialog, "details")
    assert "free" in said(dialog, "details")


def test_the_estimate_follows_what_is_asked(dialog: ExportDialog) -> None:
    find(dialog, QSpinBox, "export.copies").setValue(10)
    box = find(dialog, QCheckBox, "export.originals")
    QTest.mouseClick(box, LEFT, pos=QPoint(8, box.height() // 2))
    assert said(dialog, "estimate") == "77 files"
    assert not start_button(dialog).isEnabled()
    ready(dialog)
    assert said(dialog, "estimate").startswith("77 files, about ")


def test_the_estimate_is_about_right(dialog: ExportDialog) -> None:
    find(dialog, QComboBox, "export.format").setCurrentIndex(2)  # PNG
    to(dialog, find(dialog, QLineEdit, "export.folder").text())
    ready(dialog)
    told = said(dialog, "estimate").split(", ")[1]
    run(dialog)
    assert dialog.report is not None
    number, unit = told.removeprefix("about ").split()
    assert float(number) * {"kB": 1e3, "MB": 1e6}[unit] == pytest.approx(dialog.report.bytes, rel=0.3)


def test_only_lossy_formats_have_a_quality(dialog: ExportDialog) -> None:
    formats, quality = find(dialog, QComboBox, "export.format"), find(dialog, QSpinBox, "export.quality")
    seen = {}
    for index in range(formats.count()):
        formats.setCurrentIndex(index)
        seen[formats.currentData()] = quality.isEnabled()
    assert seen == {"source": True, "jpeg": True, "png": False, "webp": True}


def caution(level: Level, name: str = "Rotate · Angle", remedy: Remedy | None = None) -> Caution:
    return Caution(level, "rotate", "angle", name, "Most copies stand on their heads.", "source", remedy)


def test_only_what_is_excessive_is_named_once_more(open_dialog: Open) -> None:
    both = (caution(Level.EXCESSIVE), caution(Level.CAUTION, "Blur · Sigma"))
    dialog = open_dialog(cautions=both)
    assert said(dialog, "warning.0") == "Excessive: Rotate · Angle. Most copies stand on their heads."
    assert find(dialog, QFrame, "export.warning").isVisible()
    dialog = open_dialog(cautions=both[1:])
    assert not find(dialog, QFrame, "export.warning").isVisible()
    dialog = open_dialog(cautions=tuple(caution(Level.EXCESSIVE, f"Step {number}") for number in range(5)))
    assert said(dialog, "warning.more") == "3 more excessive; the window names them all."


def test_what_is_shown_alone_is_not_all_that_is_exported(loaded: Window, in_process: None) -> None:
    step = loaded.studio.state.pipeline.transforms[1]
    strip_tip = loaded.strip.item(2).toolTip
    assert strip_tip() == "Copy 1, as the export writes it (reduced)"
    loaded.studio.solo(step.id)
    assert strip_tip() == "Copy 1 with one step alone; the export applies all"
    loaded.export()
    dialog = loaded.exports.dialog
    assert isinstance(dialog, ExportDialog)
    words = f"The window shows {step.label} alone; the export applies all steps that are switched on."
    until(lambda: words in said(dialog, "remarks"), "it is said")
    loaded.studio.solo("")
    until(lambda: words not in said(dialog, "remarks"), "it is said no more")
    assert strip_tip() == "Copy 1, as the export writes it (reduced)"
    dialog.reject()


def test_a_remedy_changes_the_window_s_pipeline_and_the_plan_follows(loaded: Window, in_process: None) -> None:
    loaded.studio.new_pipeline()
    loaded.studio.add_step("rotate")
    loaded.studio.edit_step("rotate", "angle", Range(-180, 180))
    settle(loaded)
    loaded.export()
    dialog = asking(loaded)
    ready(dialog)
    before = loaded.studio.state.pipeline
    while loaded.current_cautions and loaded.current_cautions[0].level is Level.EXCESSIVE:
        number = len(loaded.current_cautions)
        press(dialog, "caution.0.remedy")
        settle(loaded)
        assert number, "each leads to the next"
    assert loaded.studio.state.pipeline != before
    assert dialog.settings().pipeline == loaded.studio.state.pipeline
    assert not find(dialog, QFrame, "export.warning").isVisible()
    while loaded.studio.state.pipeline != before:
        loaded.studio.undo_stack.undo()
    settle(loaded)
    assert find(dialog, QFrame, "export.warning").isVisible(), "undo brings it back"
    assert dialog.settings().pipeline == before
    ready(dialog)


def test_the_first_page_follows_the_window(loaded: Window, in_process: None) -> None:
    """Seed and originals, too, unless they were set in it to something else."""
    loaded.export()
    dialog = asking(loaded)
    loaded.studio.set_seed(41)
    loaded.studio.set_originals(True)
    assert dialog.settings().seed == 41
    assert dialog.settings().originals
    assert not start_button(dialog).isEnabled()
    find(dialog, QSpinBox, "export.seed").setValue(5)
    loaded.studio.set_seed(42)
    assert dialog.settings().seed == 5
    loaded.export()
    assert opened(loaded) is dialog, "one such page is enough"
    ready(dialog)


def test_with_another_folder_it_is_asked_no_more(
    loaded: Window, in_process: None, photos: Path, tmp_path: Path
) -> None:
    loaded.export()
    dialog = asking(loaded)
    find(dialog, QSpinBox, "export.copies").setValue(9)
    write(photos / "book" / "b9.png")
    loaded.open_folder(photos)
    settle(loaded)
    assert opened(loaded) is dialog, "the same folder, listed anew"
    assert said(dialog, "estimate").startswith("72 files")
    loaded.open_folder(write_photos(tmp_path / "others"))
    settle(loaded)
    assert loaded.exports.dialog is None
    assert "augstudio-estimate" not in {thread.name for thread in threads()}


@pytest.mark.parametrize(
    ("where", "why"),
    [
        ("photos", "source folder itself"),
        ("photos/out", "inside the source"),
        ("", "inside the destination"),
        ("full", "not empty"),
        ("file", "not a folder"),
        ("file/below", ""),
    ],
)
def test_a_folder_that_will_not_do(dialog: ExportDialog, tmp_path: Path, where: str, why: str) -> None:
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "thesis.txt").write_text("dear to somebody")
    (tmp_path / "file").write_text("words")
    to(dialog, tmp_path / where)
    assert not start_button(dialog).isEnabled()
    assert dialog._refused.isVisible()
    assert why in dialog._refused.text()
    dialog.start()  # by whatever way
    assert not dialog.running
    assert (tmp_path / "full" / "thesis.txt").exists()
    to(dialog, tmp_path / "new")
    assert start_button(dialog).isEnabled()
    assert not dialog._refused.isVisible()


def test_no_folder_at_all(dialog: ExportDialog) -> None:
    to(dialog, "   ")
    assert not start_button(dialog).isEnabled()
    assert "Choose a folder" in dialog._refused.text()


@pytest.mark.parametrize("text", ["~nobody-of-that-name/out", "~", "rela/tive", "a\u0000b"])
def test_odd_folders_do_no_harm(dialog: ExportDialog, text: str) -> None:
    """While somebody types, the folder may be anything."""
    to(dialog, text)
    dialog.remembered()
    assert dialog.isVisible()


def test_an_edit_during_the_estimate(dialog: ExportDialog, monkeypatch: pytest.MonkeyPatch) -> None:
    """What came of the old settings is dropped; the new ones get an estimate of their own."""
    going, enough = threading.Event(), threading.Event()
    foresee = module.foresee

    def slow(*given: Any, **named: Any) -> Any:
        going.set()
        enough.wait(10)
        return foresee(*given, **named)

    monkeypatch.setattr(module, "foresee", slow)
    find(dialog, QSpinBox, "export.copies").setValue(2)
    until(going.is_set)
    find(dialog, QSpinBox, "export.seed").setValue(99)
    enough.set()
    ready(dialog)
    assert dialog.settings().seed == 99


def test_a_browsed_folder(dialog: ExportDialog, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *_: str(tmp_path / "chosen"))
    find(dialog, QPushButton, "export.browse").click()
    assert find(dialog, QLineEdit, "export.folder").text() == str(tmp_path / "chosen")
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *_: "")
    find(dialog, QPushButton, "export.browse").click()
    assert find(dialog, QLineEdit, "export.folder").text() == str(tmp_path / "chosen")


# -- running ---------------------------------------------------------------------------------------------------------


def test_it_runs_to_the_end(
    dialog: ExportDialog, photos: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen = []
    find(dialog, QProgressBar, "export.progress").valueChanged.connect(seen.append)
    find(dialog, QSpinBox, "export.copies").setValue(2)
    slowly(monkeypatch, 0.09)
    run(dialog)
    assert dialog.report is not None
    assert dialog.report.state is Ending.COMPLETE
    assert seen == sorted(seen)
    assert seen[-1] == 7
    assert len(seen) > 3
    assert said(dialog, "outcome") == "The export is complete"
    assert "14 files" in said(dialog, "summary")
    assert "7 of 7 pictures" in said(dialog, "summary")
    assert not find(dialog, QPlainTextEdit, "export.failed").isVisible()
    out = photos.parent / "photos-augmented"
    made = {path.relative_to(out): path.read_bytes() for path in (out / "images").rglob("*") if path.is_file()}
    assert len(made) == 14
    settings = Settings(
        tmp_path / "again", dialog.settings().pipeline, copies=2, seed=dialog.settings().seed, workers=0
    )
    run_export(settings, scan(photos))
    assert made == {path: (tmp_path / "again" / path).read_bytes() for path in made}


def test_what_is_said_while_it_runs(dialog: ExportDialog, monkeypatch: pytest.MonkeyPatch) -> None:
    slowly(monkeypatch, 0.25)
    QTest.mouseClick(start_button(dialog), LEFT)
    assert "Starting" in said(dialog, "rate")
    until(lambda: "files a second" in said(dialog, "rate"), "the rate")
    until(lambda: "left" in said(dialog, "rate"), "the time left")
    assert find(dialog, QProgressBar, "export.progress").format().endswith("of 7 pictures")
    assert find(dialog, QPushButton, "export.cancel").isVisible()
    until(lambda: not dialog.running)


def test_the_folder_is_opened(dialog: ExportDialog, photos: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[QUrl] = []
    monkeypatch.setattr(QDesktopServices, "openUrl", opened.append)
    run(dialog)
    find(dialog, QPushButton, "export.open_folder").click()
    assert [Path(url.toLocalFile()) for url in opened] == [photos.parent / "photos-augmented"]


def test_failures_are_listed_and_the_rest_goes_on(open_dialog: Open, photos: Path) -> None:
    (photos / "book" / "b1.png").write_bytes(b"")
    (photos / "sign" / "s1.png").unlink()
    dialog = open_dialog()
    run(dialog)
    assert dialog.report is not None
    assert len(dialog.report.failures) == 2
    listed = find(dialog, QPlainTextEdit, "export.failed").toPlainText().splitlines()
    assert [line.split(":")[0] for line in listed] == ["book/b1.png", "sign/s1.png"]
    assert "empty" in listed[0]
    assert find(dialog, QPlainTextEdit, "export.failed").isVisible()
    assert "2 pictures failed" in said(dialog, "summary")
    assert dialog.report.files == 5 * 4


def test_it_is_cancelled(dialog: ExportDialog, photos: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    slowly(monkeypatch, 0.15)
    QTest.mouseClick(start_button(dialog), LEFT)
    until(lambda: find(dialog, QProgressBar, "export.progress").value() > 0)
    cancel = find(dialog, QPushButton, "export.cancel")
    QTest.mouseClick(cancel, LEFT)
    assert not cancel.isEnabled()
    until(lambda: not dialog.running)
    assert said(dialog, "outcome") == "The export was cancelled"
    assert dialog.report is not None
    assert 0 < dialog.report.done < 7
    report = json.loads((photos.parent / "photos-augmented" / "report.json").read_text("utf-8"))
    assert report["state"] == "cancelled"
    QTest.mouseClick(find(dialog, QPushButton, "export.back"), LEFT)
    monkeypatch.undo()
    monkeypatch.setattr(ExportDialog, "settings", lambda d: replace(settings, workers=0))
    settings = Settings(photos.parent / "photos-augmented", dialog._state.pipeline, copies=1, workers=0)
    answers(monkeypatch)
    run(dialog)
    assert dialog.report.state is Ending.COMPLETE
    assert cancel.isEnabled()


def test_a_full_disk(dialog: ExportDialog, monkeypatch: pytest.MonkeyPatch) -> None:
    from augstudio import storage

    write_file, count = storage.write_atomically, []

    def full(data: bytes, path: str | Path) -> None:
        count.extend([path] if "images" in Path(path).parts else [])
        if len(count) > 6 and "images" in Path(path).parts:
            raise OSError(errno.ENOSPC, "No space left on device", str(path))
        write_file(data, path)

    monkeypatch.setattr(storage, "write_atomically", full)
    run(dialog)
    assert said(dialog, "outcome") == "The export had to stop"
    assert "disk is full" in said(dialog, "summary")
    assert dialog.report is not None
    assert dialog.report.state is Ending.STOPPED
    monkeypatch.setattr(storage, "write_atomically", write_file)
    find(dialog, QPushButton, "export.back").click()
    answers(monkeypatch)
    run(dialog)
    assert dialog.report.state is Ending.COMPLETE


@pytest.mark.parametrize("error", [ExportError("the folder has gone"), RuntimeError("no idea")])
def test_what_cannot_be_begun(dialog: ExportDialog, monkeypatch: pytest.MonkeyPatch, error: Exception) -> None:
    def fail(*_: object, **__: object) -> None:
        raise error

    monkeypatch.setattr(run_dialog, "run_export", fail)
    run(dialog)
    assert said(dialog, "outcome") == "The export could not be made"
    assert str(error) in said(dialog, "summary")
    assert not find(dialog, QPushButton, "export.open_folder").isEnabled()
    monkeypatch.undo()


def test_an_end_before_anybody_listens(dialog: ExportDialog, monkeypatch: pytest.MonkeyPatch) -> None:
    """A thread may be done before the line after its start is reached."""
    begin = threading.Thread.start

    def start(thread: threading.Thread) -> None:
        begin(thread)
        if thread.name == "augstudio-export":
            thread.join(5)

    monkeypatch.setattr(threading.Thread, "start", start)
    QTest.mouseClick(start_button(dialog), LEFT)
    until(lambda: not dialog.running)


def test_a_folder_filled_meanwhile_is_refused(dialog: ExportDialog, photos: Path) -> None:
    out = photos.parent / "photos-augmented"
    out.mkdir()
    (out / "thesis.txt").write_text("dear to somebody")
    QTest.mouseClick(start_button(dialog), LEFT)
    assert not dialog.running
    assert dialog._pages.currentIndex() == 0
    assert "not empty" in dialog._refused.text()
    assert [path.name for path in out.iterdir()] == ["thesis.txt"]


def test_back_and_again(dialog: ExportDialog, photos: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run(dialog)
    find(dialog, QPushButton, "export.back").click()
    assert dialog._pages.currentIndex() == 0
    ready(dialog)
    assert said(dialog, "earlier").startswith("photos-augmented holds a finished export of 28 files, made ")
    find(dialog, QSpinBox, "export.copies").setValue(1)
    answers(monkeypatch)
    run(dialog)
    made = [path for path in (photos.parent / "photos-augmented" / "images").rglob("*") if path.is_file()]
    assert len(made) == 7


# -- leaving ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("by", ["escape", "cross", "done"])
def test_leaving_ends_the_threads(dialog: ExportDialog, by: str) -> None:
    match by:
        case "escape":
            QTest.keyClick(dialog, Qt.Key.Key_Escape)
        case "cross":
            dialog.close()
        case "done":
            run(dialog)
            find(dialog, QPushButton, "export.done").click()
    assert not dialog.isVisible()
    assert not {thread.name for thread in threads()} & {"augstudio-estimate", "augstudio-export"}


@pytest.mark.parametrize("by", ["escape", "cross", "hide"])
def test_leaving_a_running_export_lets_it_go_on(dialog: ExportDialog, monkeypatch: pytest.MonkeyPatch, by: str) -> None:
    slowly(monkeypatch, 0.05)
    QTest.mouseClick(start_button(dialog), LEFT)
    until(lambda: find(dialog, QProgressBar, "export.progress").value() > 0)
    match by:
        case "escape":
            QTest.keyClick(dialog, Qt.Key.Key_Escape)
        case "cross":
            dialog.close()
        case "hide":
            press(dialog, "hide")
    assert not dialog.isVisible()
    assert dialog.running
    until(lambda: not dialog.running)
    assert not dialog.isVisible(), "it does not come up by itself"
    dialog.show()
    assert said(dialog, "outcome") == "The export is complete"


# -- remembered ------------------------------------------------------------------------------------------------------


def test_settings_are_remembered(open_dialog: Open, tmp_path: Path) -> None:
    first = open_dialog()
    find(first, QSpinBox, "export.copies").setValue(9)
    find(first, QSpinBox, "export.quality").setValue(80)
    find(first, QComboBox, "export.format").setCurrentIndex(3)
    (tmp_path / "exports").mkdir()
    find(first, QLineEdit, "export.folder").setText(str(tmp_path / "exports" / "one"))
    kept = json.loads(json.dumps(first.remembered()))
    second = open_dialog(kept)
    assert find(second, QSpinBox, "export.copies").value() == 9
    assert find(second, QSpinBox, "export.quality").value() == 80
    assert find(second, QComboBox, "export.format").currentData() == "webp"
    assert find(second, QLineEdit, "export.folder").text() == str(tmp_path / "exports" / "photos-augmented")


@pytest.mark.parametrize(
    "kept",
    [
        {"copies": "many", "quality": None, "format": 7, "folder": ["x"]},
        {"copies": -3, "quality": 10**12, "format": "tiff", "folder": "/no/such/folder"},
        {"copies": True, "quality": 1.5, "format": None, "folder": "\u0000"},
        {},
    ],
)
def test_what_is_remembered_may_be_damaged(open_dialog: Open, kept: dict[str, Any], photos: Path) -> None:
    dialog = open_dialog(kept)
    ready(dialog)
    assert find(dialog, QLineEdit, "export.folder").text() == str(photos.parent / "photos-augmented")
    assert find(dialog, QComboBox, "export.format").currentData() == "source"


def test_from_the_window_and_back(loaded: Window, photos: Path, in_process: None) -> None:
    """The toolbar's button opens it; the session keeps what was asked, and the window learns about the originals."""
    loaded.studio.set_seed(21)
    loaded.action_export.trigger()
    dialog = asking(loaded)
    find(dialog, QSpinBox, "export.copies").setValue(1)
    find(dialog, QCheckBox, "export.originals").setChecked(True)
    run(dialog)
    press(dialog, "done")
    settle(loaded)
    assert loaded.exports.dialog is None
    lines = (photos.parent / "photos-augmented" / "manifest.jsonl").read_text("utf-8").splitlines()
    assert len(lines) == 14
    assert {json.loads(line)["seed"] for line in lines} == {21}
    assert loaded.studio.state.originals
    kept = sessions.load().export
    assert kept is not None
    assert kept["copies"] == 1
    assert not {thread.name for thread in threads()} & {"augstudio-estimate", "augstudio-export"}


def test_nothing_open_nothing_exported(window: Window) -> None:
    window.export()
    assert window.exports.dialog is None
    assert not window.action_export.isEnabled()


def test_nothing_that_can_be_read(open_dialog: Open, state: State) -> None:
    assert state.dataset is not None
    for source in state.dataset.sources:
        source.path.write_bytes(b"")
    dialog = open_dialog()
    until(lambda: "no picture could be read" in said(dialog, "details"))


def test_names_are_shown_as_they_are(dialog: ExportDialog) -> None:
    """A folder's name may look like mark-up; it is none."""
    for label in dialog.findChildren(QLabel):
        if label.objectName().startswith("export.") or label.objectName() == "export.doing":
            assert label.textFormat() == Qt.TextFormat.PlainText, label.objectName()
    assert find(dialog._refused, QLabel, "message.text").textFormat() == Qt.TextFormat.PlainText


@pytest.mark.parametrize(
    ("name", "text"), [("export.copies", "99999999"), ("export.quality", "200"), ("export.seed", "9" * 12)]
)
def test_a_number_that_is_not_allowed_is_never_turned_into_another(dialog: ExportDialog, name: str, text: str) -> None:
    box = find(dialog, WholeBox, name)
    before = box.value()
    box.setFocus()
    box.selectAll()
    QTest.keyClicks(box, text)
    assert box.cleanText() == text, "what was typed stands there"
    assert box.value() == before
    assert f"{box.minimum():,} to {box.maximum():,} is allowed" in box.accessibleDescription()
    assert box.property("wrong")
    QApplication.sendEvent(box, QFocusEvent(QEvent.Type.FocusOut))
    assert box.value() == before
    assert box.accessibleDescription() == ""
    assert not box.property("wrong")
    box.selectAll()
    QTest.keyClicks(box, "7")
    box.interpretText()
    assert box.value() == 7
