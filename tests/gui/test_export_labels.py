"""Labels in the export dialog: what follows, what it is written as, and what is lost then."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from dialogs import Open, dialogs, ready, rest, run, said, start_button, state_of, to, work_in_process
from driving import activate, find, until, write
from labelled import write_masks, write_yolo
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QComboBox, QLabel, QScrollArea, QSpinBox, QWidget

from augstudio.dataset import scan
from augstudio.dataset.labelling import LabelChoice
from augstudio.gui.exporting import export_dialog as module
from augstudio.gui.exporting.export_dialog import ExportDialog
from augstudio.gui.exporting.labels_told import choice_of, choices, tell, worth_keeping
from augstudio.gui.parts.message_bar import MessageBar

COCO = {
    "images": [{"id": 1, "file_name": "a.png", "width": 90, "height": 60}],
    "annotations": [{"id": 1, "image_id": 1, "category_id": 3, "bbox": [10, 10, 20, 20], "area": 400, "iscrowd": 0}],
    "categories": [{"id": 3, "name": "cat"}],
}


@pytest.fixture
def boxes(tmp_path: Path) -> Path:
    """Four pictures, three of them with YOLO's boxes."""
    return write_yolo(tmp_path / "boxes")


@pytest.fixture
def two(boxes: Path) -> Path:
    """The same, with COCO's file as well."""
    images = [{**COCO["images"][0], "file_name": "images/a.png"}]
    (boxes / "annotations.json").write_text(json.dumps({**COCO, "images": images}))
    return boxes


@pytest.fixture
def open_dialog(qtbot: object, monkeypatch: pytest.MonkeyPatch, boxes: Path) -> Iterator[Open]:
    """Open dialogs on the boxes, or on another folder."""
    work_in_process(monkeypatch)
    with dialogs(state_of(boxes)) as open_one:
        yield open_one


def offered(dialog: ExportDialog) -> list[str]:
    box = find(dialog, QComboBox, "export.labels")
    return [box.itemText(number) for number in range(box.count())]


def choose(dialog: ExportDialog, word: str, name: str = "labels") -> None:
    box = find(dialog, QComboBox, f"export.{name}")
    box.setCurrentIndex(box.findData(word))
    assert box.currentData() == word
    rest(dialog)


def refused(dialog: ExportDialog) -> str:
    return find(dialog, MessageBar, "message").text()


# -- what is offered and said ------------------------------------------------------------------------------------------


def test_what_follows_is_said(dialog: ExportDialog) -> None:
    box = find(dialog, QComboBox, "export.labels")
    assert box.isVisible()
    assert box.currentText() == "As in the source"
    assert offered(dialog) == ["As in the source", "None", "Written as COCO", "Written as Pascal VOC"]
    assert said(dialog, "labels.told").splitlines()[0] == "YOLO boxes, 3 of 4 pictures"
    assert not find(dialog, QLabel, "export.labels.lost").isVisible(), "nothing is lost"
    assert dialog.settings().labels == LabelChoice()


def test_what_stands_beside_the_labels_is_not_remarked_again(dialog: ExportDialog) -> None:
    remarks = said(dialog, "remarks")
    assert "1 picture is without labels" in remarks
    assert "they follow the pictures" not in remarks
    for line in said(dialog, "labels.told").splitlines():
        assert line not in remarks


def test_what_another_format_cannot_hold_is_said_there(dialog: ExportDialog) -> None:
    choose(dialog, "as:voc")
    assert dialog.settings().labels == LabelChoice(written="voc")
    lost = said(dialog, "labels.lost")
    assert find(dialog, QLabel, "export.labels.lost").isVisible()
    assert "Numbers of classes are left out: Pascal VOC has names alone." in lost
    assert lost not in said(dialog, "remarks")
    choose(dialog, "auto")
    assert not find(dialog, QLabel, "export.labels.lost").isVisible()


def test_they_are_left_out_as_asked(dialog: ExportDialog, tmp_path: Path) -> None:
    choose(dialog, "none")
    assert dialog.settings().labels == LabelChoice("none")
    assert said(dialog, "labels.told") == "No labels follow the pictures."
    assert "left out, as asked" not in said(dialog, "remarks")
    to(dialog, tmp_path / "bare")
    run(dialog)
    assert not list((tmp_path / "bare").rglob("*.txt"))


def test_it_is_exported_as_asked(dialog: ExportDialog, tmp_path: Path) -> None:
    find(dialog, QSpinBox, "export.copies").setValue(1)
    choose(dialog, "as:voc")
    to(dialog, tmp_path / "voc")
    run(dialog)
    assert (
        sorted(path.suffix for path in (tmp_path / "voc" / "Annotations").rglob("*") if path.is_file()) == [".xml"] * 4
    )


def test_without_labels_there_is_no_such_field(open_dialog: Open, photos: Path) -> None:
    dialog = open_dialog(folder=photos)
    ready(dialog)
    assert not find(dialog, QComboBox, "export.labels").isVisible()
    assert not find(dialog, QLabel, "export.labels.told").isVisible()
    assert dialog.settings().labels == LabelChoice()


def test_masks_are_written_as_they_were(open_dialog: Open, tmp_path: Path) -> None:
    dialog = open_dialog(folder=write_masks(tmp_path / "masks"))
    ready(dialog)
    assert offered(dialog) == ["As in the source", "None"]
    assert said(dialog, "labels.told").splitlines()[0] == "Masks, all 4 pictures"


def test_labels_that_cannot_follow_are_said(open_dialog: Open, tmp_path: Path) -> None:
    for number in range(3):
        write(tmp_path / "me" / f"{number}.png", 60, 90, seed=number)
        shape = {"label": "cat", "points": [[1, 1], [30, 30]], "shape_type": "rectangle"}
        content = {
            "version": "5.0.1",
            "flags": {},
            "shapes": [shape],
            "imagePath": f"{number}.png",
            "imageHeight": 60,
            "imageWidth": 90,
        }
        (tmp_path / "me" / f"{number}.json").write_text(json.dumps(content))
    dialog = open_dialog(folder=tmp_path / "me")
    ready(dialog)
    assert not find(dialog, QComboBox, "export.labels").isVisible(), "there is nothing to choose"
    assert said(dialog, "labels.told") == "No labels follow the pictures."
    assert "labels of this format are not" in said(dialog, "labels.lost")


def test_of_two_formats_one_can_be_chosen(open_dialog: Open, two: Path) -> None:
    dialog = open_dialog(folder=two)
    ready(dialog)
    assert offered(dialog)[-2:] == ["Only the YOLO labels", "Only the COCO labels"]
    assert "not carried over" in said(dialog, "labels.lost")
    assert "--labels" not in said(dialog, "labels.lost"), "there is no command line here"
    choose(dialog, "only:coco")
    assert dialog.settings().labels == LabelChoice("coco")
    assert said(dialog, "labels.told").startswith("COCO boxes, 1 of 4 pictures")


# -- refusals ----------------------------------------------------------------------------------------------------------


def test_balance_is_refused_with_the_reason(open_dialog: Open, tmp_path: Path) -> None:
    root = write_yolo(tmp_path / "classes")
    for stem in "abcd":
        for kind, suffix in (("images", "png"), ("labels", "txt")):
            if (old := root / kind / f"{stem}.{suffix}").exists():
                new = root / kind / ("x" if stem in "ab" else "y") / old.name
                new.parent.mkdir(exist_ok=True)
                old.rename(new)
    dialog = open_dialog(folder=root)
    ready(dialog)
    choose(dialog, "largest", "balance")
    assert "are of several classes, and copies of it add to all of them" in refused(dialog)
    assert not start_button(dialog).isEnabled()
    assert said(dialog, "labels.told").startswith("YOLO boxes, 3 of 4 pictures"), "what follows is said all the same"
    choose(dialog, "none")
    ready(dialog)
    assert refused(dialog) == ""


def test_labels_that_cannot_be_read_are_refused(
    dialog: ExportDialog, monkeypatch: pytest.MonkeyPatch, boxes: Path
) -> None:
    from augstudio.labels.yolo import Yolo

    def broken(*_: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Yolo, "collect", broken)
    choose(dialog, "as:coco")
    assert "its labels cannot be read" in refused(dialog)
    assert said(dialog, "labels.told") == ""
    assert not start_button(dialog).isEnabled()


# -- how it is worked out ----------------------------------------------------------------------------------------------


def test_labels_are_looked_at_beside_the_window(dialog: ExportDialog, monkeypatch: pytest.MonkeyPatch) -> None:
    held, threads = threading.Event(), []

    def slow(*args: Any) -> Any:
        threads.append(threading.current_thread())
        held.wait(20)
        return tell(*args)

    monkeypatch.setattr(module, "tell", slow)
    box = find(dialog, QComboBox, "export.labels")
    box.setCurrentIndex(box.findData("as:coco"))
    until(lambda: bool(threads), "the look")
    assert threads[0] is not threading.main_thread()
    assert said(dialog, "labels.told") == "Looking at the labels …"
    assert not find(dialog, QLabel, "export.labels.lost").isVisible()
    held.set()
    ready(dialog)
    assert said(dialog, "labels.told").startswith("YOLO boxes")


def test_it_follows_the_folder(dialog: ExportDialog, boxes: Path) -> None:
    choose(dialog, "as:voc")
    state = dialog._state
    assert dialog.follow(replace(state, excluded=frozenset(["images/d.png"])), ())
    rest(dialog)
    assert said(dialog, "labels.told").splitlines()[0] == "YOLO boxes, all 3 pictures"
    assert dialog.settings().labels == LabelChoice(written="voc"), "what was chosen stays"
    for path in (boxes / "labels").iterdir():
        path.unlink()
    assert dialog.follow(replace(state, dataset=scan(boxes)), ())
    rest(dialog)
    assert not find(dialog, QComboBox, "export.labels").isVisible()
    assert dialog.settings().labels == LabelChoice()


def test_the_format_is_remembered_but_not_that_labels_are_left_out(
    open_dialog: Open, photos: Path, dialog: ExportDialog
) -> None:
    choose(dialog, "none")
    assert dialog.remembered()["labels"] is None
    choose(dialog, "as:coco")
    kept = dialog.remembered()
    assert kept["labels"] == "as:coco"
    bare = open_dialog(kept, folder=photos)
    assert bare.settings().labels == LabelChoice()
    assert bare.remembered()["labels"] == "as:coco", "it waits for a folder with labels"
    assert open_dialog(kept).settings().labels == LabelChoice(written="coco")


@pytest.mark.parametrize("word", ["none", "as:yolo", "as:nothing", "only:coco", 7, None, ["as:coco"]])
def test_damaged_or_odd_memories_are_left_out(open_dialog: Open, word: object) -> None:
    dialog = open_dialog({"labels": word})
    ready(dialog)
    assert dialog.settings().labels == LabelChoice()


# -- room and keys ---------------------------------------------------------------------------------------------------


def test_it_fits_a_low_screen(open_dialog: Open, two: Path) -> None:
    dialog = open_dialog(folder=two)
    ready(dialog)
    choose(dialog, "as:voc")
    assert dialog.height() < 700
    lost, area = find(dialog, QLabel, "export.labels.lost"), find(dialog, QScrollArea, "export.form")
    assert lost.height() >= lost.heightForWidth(lost.width()), "no line is cut off"
    assert area.horizontalScrollBar().maximum() == 0
    for name in ("start", "close"):
        assert dialog.rect().contains(find(dialog, QWidget, f"export.{name}").geometry().bottomRight())


def test_tab_comes_by(dialog: ExportDialog) -> None:
    activate(dialog)
    here = find(dialog, QWidget, "export.originals")
    here.setFocus()
    QTest.keyClick(here, Qt.Key.Key_Tab)
    focused = QApplication.focusWidget()
    assert focused is not None
    assert focused.objectName() == "export.labels"
    QTest.keyClick(focused, Qt.Key.Key_Tab)
    after = QApplication.focusWidget()
    assert after is not None
    assert after.objectName() == "export.split"


# -- what needs no window ----------------------------------------------------------------------------------------------


def test_words_stand_for_choices(two: Path) -> None:
    words = [*choices(scan(two))]
    assert words == ["auto", "none", "as:yolo", "as:coco", "as:voc", "only:yolo", "only:coco"]
    assert [choice_of(word) for word in words] == [
        LabelChoice(),
        LabelChoice("none"),
        LabelChoice(written="yolo"),
        LabelChoice(written="coco"),
        LabelChoice(written="voc"),
        LabelChoice("yolo"),
        LabelChoice("coco"),
    ]
    assert [word for word in words if worth_keeping(word)] == ["as:yolo", "as:coco", "as:voc"]


def test_nothing_is_offered_without_labels(photos: Path) -> None:
    assert choices(scan(photos)) == {}
