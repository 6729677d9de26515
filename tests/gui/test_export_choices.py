"""What the export dialog offers: splits, classes in balance, where to run; and the plan that follows from it."""

from __future__ import annotations

import json
import threading
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from dialogs import (
    SEED,
    Open,
    dialogs,
    images,
    press,
    ready,
    rest,
    run,
    said,
    start_button,
    state_of,
    to,
    work_in_process,
)
from driving import activate, find, until, write
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QApplication,
    QCheckBox,
    QComboBox,
    QLabel,
    QLineEdit,
    QPushButton,
    QScrollArea,
    QSpinBox,
    QToolButton,
    QWidget,
)

from augstudio.dataset.splits import Role
from augstudio.export import MAX_COPIES, Row, available_workers, parse_split
from augstudio.gui.exporting import export_dialog as module
from augstudio.gui.exporting.export_dialog import ExportDialog
from augstudio.gui.exporting.plan_table import Line, PlanTable, lines
from augstudio.images import DEFAULT_MAX_PIXELS

TALLEST = 700
"""Height of the smallest screen that the dialog must fit."""


def fill(root: Path, **folders: int) -> Path:
    """So many pictures in each folder; `__` stands for a slash."""
    for place, (folder, count) in enumerate(folders.items()):
        for number in range(count):
            write(root / folder.replace("__", "/") / f"{number}.png", 40, 40, seed=1000 * place + number)
    return root


@pytest.fixture
def flat(tmp_path: Path) -> Path:
    """Two classes, one of them with twice the pictures of the other."""
    return fill(tmp_path / "flat", cat=10, dog=5)


@pytest.fixture
def split(tmp_path: Path) -> Path:
    """Pictures that are split already."""
    return fill(tmp_path / "split", train__cat=3, train__dog=2, valid__cat=1, valid__dog=1, test__cat=1)


@pytest.fixture
def open_dialog(qtbot: object, monkeypatch: pytest.MonkeyPatch, flat: Path) -> Iterator[Open]:
    """Open dialogs on the flat folder, or on another one."""
    work_in_process(monkeypatch)
    with dialogs(state_of(flat)) as open_one:
        yield open_one


def choose(dialog: ExportDialog, name: str, value: str) -> None:
    """Choose from a list by the value behind the words."""
    combo = find(dialog, QComboBox, f"export.{name}")
    assert combo.isEnabled()
    combo.setCurrentIndex(combo.findData(value))
    assert combo.currentData() == value
    rest(dialog)


def table(dialog: ExportDialog) -> list[tuple[str, ...]]:
    """The plan, as it stands in the table."""
    shown = find(dialog, PlanTable, "export.plan")
    model = shown.model()
    columns = [c for c in range(model.columnCount()) if not shown.isColumnHidden(c)]
    return [tuple(model.index(row, c).data() for c in columns) for row in range(model.rowCount())]


def manifest(out: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (out / "manifest.jsonl").read_text("utf-8").splitlines()]


def more(dialog: ExportDialog) -> None:
    find(dialog, QToolButton, "export.more").click()


# -- the plan --------------------------------------------------------------------------------------------------------


def test_the_plan_is_shown(dialog: ExportDialog) -> None:
    assert table(dialog) == [("All 2 classes", "15", "60"), ("cat", "10", "40"), ("dog", "5", "20")]
    assert "so it fits" in said(dialog, "details")


def test_the_plan_comes_before_the_estimate(dialog: ExportDialog, monkeypatch: pytest.MonkeyPatch) -> None:
    enough = threading.Event()

    def slow(*_: object, **__: object) -> None:
        enough.wait(10)

    monkeypatch.setattr(module, "foresee", slow)
    find(dialog, QComboBox, "export.split").setCurrentIndex(1)
    assert said(dialog, "estimate") == "Working out the plan …"
    until(lambda: len(table(dialog)) > 3, "the plan")
    assert said(dialog, "estimate") == "51 files"
    assert said(dialog, "details") == "Working out size and time …"
    assert not start_button(dialog).isEnabled()
    enough.set()
    rest(dialog)


def test_lines_of_a_plan() -> None:
    rows = [
        Row("train", "cat", 2, 0, 8),
        Row("train", "dog", 1, 1, 4),
        Row("val", "cat", 1, 1, 0),
        Row("test", "", 7, 7, 0),
    ]
    assert list(lines(rows)) == [
        Line("All", "All 2 classes", 11, 9, 12, total=True),
        Line("train", "All 2 classes", 3, 1, 12, total=True),
        Line("train", "cat", 2, 0, 8),
        Line("train", "dog", 1, 1, 4),
        Line("val", "cat", 1, 1, 0),
        Line("test", "All pictures", 7, 7, 0, total=True),
    ]
    assert list(lines([Row("", "", 3, 0, 12)])) == [Line("", "All pictures", 3, 0, 12, total=True)]
    assert [line.label for line in lines([Row("", "", 1, 0, 4), Row("", "cat", 1, 0, 4)])] == [
        "All pictures",
        "(no class)",
        "cat",
    ]
    assert list(lines([])) == []


def test_remarks_stand_under_the_plan(open_dialog: Open, split: Path) -> None:
    dialog = open_dialog(folder=split)
    ready(dialog)
    assert said(dialog, "remarks").startswith(
        "No picture in test of dog: torchvision and Keras number the classes of test"
    )
    assert find(dialog, QLabel, "export.remarks").isVisible()


def test_many_classes_scroll(open_dialog: Open, tmp_path: Path) -> None:
    dialog = open_dialog(folder=fill(tmp_path / "many", **{f"species_{n:02}": 1 for n in range(60)}))
    ready(dialog)
    assert len(table(dialog)) == 61
    assert table(dialog)[0] == ("All 60 classes", "60", "240")
    assert find(dialog, PlanTable, "export.plan").verticalScrollBar().maximum() > 0
    assert dialog.height() < TALLEST


# -- split -----------------------------------------------------------------------------------------------------------


def test_a_split_is_dealt(dialog: ExportDialog, flat: Path) -> None:
    choose(dialog, "split", "80/20")
    assert table(dialog)[0] == ("All", "All 2 classes", "15", "51")
    assert table(dialog)[1] == ("train", "All 2 classes", "12", "48")
    assert ("val", "dog", "1", "1") in table(dialog)
    run(dialog)
    found = Counter(line["split"] for line in manifest(flat.parent / "flat-augmented"))
    assert found == {"train": 48, "val": 3}


def test_other_shares_and_what_is_wrong_with_them(dialog: ExportDialog) -> None:
    shares, wrong = find(dialog, QLineEdit, "export.shares"), find(dialog, QLabel, "export.shares.wrong")
    assert not shares.isVisible()
    choose(dialog, "split", "other")
    assert shares.isVisible()
    assert not wrong.isVisible()
    assert dialog.settings().split == parse_split("70/15/15")
    for text in ("80/10/20", "", "words", "0/100", "80/30/-10", "1e99999999/1", "9" * 9999):
        shares.setText(text)
        assert wrong.isVisible(), "at once, beside the field"
        rest(dialog)
        assert not start_button(dialog).isEnabled()
        assert not dialog._refused.isVisible(), "it is said once"
        assert table(dialog) == []
        dialog.start()  # by whatever way
        assert not dialog.running
    shares.setText("80/10/20")
    assert "adds up to 110" in wrong.text()
    shares.setText("60/40")
    assert not wrong.isVisible()
    ready(dialog)
    assert table(dialog)[1] == ("train", "All 2 classes", "9", "36")


def test_splits_that_are_there_are_kept(open_dialog: Open, split: Path) -> None:
    dialog = open_dialog(folder=split)
    ready(dialog)
    assert not find(dialog, QComboBox, "export.split").isVisible()
    assert "train, valid and test are kept" in said(dialog, "kept")
    ticks = {role: find(dialog, QCheckBox, f"export.augment.{role.value}") for role in Role}
    assert {role: tick.isChecked() for role, tick in ticks.items()} == {
        Role.TRAIN: True,
        Role.VAL: False,
        Role.TEST: False,
    }
    assert ticks[Role.VAL].text() == "valid", "as it is spelled there"
    assert said(dialog, "estimate").startswith("23 files")
    assert ("valid", "cat", "1", "1") in table(dialog)
    ticks[Role.VAL].click()
    ready(dialog)
    assert ("valid", "cat", "1", "4") in table(dialog)
    run(dialog)
    found = Counter(line["split"] for line in manifest(split.parent / "split-augmented"))
    assert found == {"train": 20, "valid": 8, "test": 1}


def test_copies_are_made_for_one_split_at_least(open_dialog: Open, split: Path) -> None:
    dialog = open_dialog(folder=split)
    ready(dialog)
    wrong = find(dialog, QLabel, "export.augment.wrong")
    assert not wrong.isVisible()
    find(dialog, QCheckBox, "export.augment.train").click()
    assert wrong.isVisible()
    rest(dialog)
    assert not start_button(dialog).isEnabled()
    find(dialog, QCheckBox, "export.augment.test").click()
    ready(dialog)
    assert not wrong.isVisible()
    assert dialog.settings().augment == (Role.TEST,)


# -- balance ---------------------------------------------------------------------------------------------------------


def test_classes_are_balanced_to_the_largest(dialog: ExportDialog, flat: Path) -> None:
    choose(dialog, "balance", "largest")
    assert table(dialog) == [("All 2 classes", "15", "80"), ("cat", "10", "40"), ("dog", "5", "40")]
    run(dialog)
    assert Counter(line["class"] for line in manifest(flat.parent / "flat-augmented")) == {"cat": 40, "dog": 40}


def test_classes_are_balanced_to_a_number(dialog: ExportDialog) -> None:
    each, copies = find(dialog, QSpinBox, "export.each"), find(dialog, QSpinBox, "export.copies")
    assert not each.isVisible()
    choose(dialog, "balance", "number")
    assert each.isVisible()
    assert not copies.isEnabled()
    assert copies.toolTip()
    each.setValue(25)
    ready(dialog)
    assert table(dialog) == [("All 2 classes", "15", "50"), ("cat", "10", "25"), ("dog", "5", "25")]
    choose(dialog, "balance", "")
    assert copies.isEnabled()
    assert not each.isVisible()


def test_a_balance_that_cannot_be(dialog: ExportDialog) -> None:
    find(dialog, QCheckBox, "export.originals").setChecked(True)
    choose(dialog, "balance", "number")
    find(dialog, QSpinBox, "export.each").setValue(3)
    rest(dialog)
    assert "allowed is 10 or more" in dialog._refused.text()
    assert not start_button(dialog).isEnabled()
    assert table(dialog) == []
    find(dialog, QSpinBox, "export.each").setValue(11)
    ready(dialog)
    assert not dialog._refused.isVisible()


def test_what_balancing_does_to_the_smallest_class(open_dialog: Open, tmp_path: Path) -> None:
    dialog = open_dialog(folder=fill(tmp_path / "uneven", cat=24, rare=2))
    told, capped = find(dialog, QLabel, "export.balance.told"), find(dialog, QCheckBox, "export.capped")
    at_most = find(dialog, QSpinBox, "export.at_most")
    ready(dialog)
    assert not told.isVisible()
    assert not capped.isVisible()
    choose(dialog, "balance", "largest")
    assert told.text() == ("48 copies of each of 2 pictures of rare. Above 10 a model may learn those few by heart.")
    assert told.isVisible()
    assert not find(dialog, QLabel, "export.remarks").isVisible(), "it is said once"
    assert not at_most.isEnabled()
    assert at_most.value() == 10
    capped.setChecked(True)
    ready(dialog)
    assert told.text() == "10 copies of each of 2 pictures of rare."
    assert said(dialog, "remarks") == ("At most 10 copies of one original: rare gets 20 copies instead of 96.")
    assert ("rare", "2", "20") in table(dialog)
    assert dialog.settings().at_most == 10
    again = open_dialog(json.loads(json.dumps({**dialog.remembered(), "at_most": 7})), folder=tmp_path / "uneven")
    assert again.settings().at_most == 7
    choose(dialog, "balance", "")
    assert not told.isVisible()
    assert not capped.isVisible()
    assert dialog.settings().at_most is None


def test_thousands_are_written_in_one_way(dialog: ExportDialog) -> None:
    choose(dialog, "balance", "number")
    each = find(dialog, QSpinBox, "export.each")
    assert each.text() == "1,000 files"
    each.selectAll()
    QTest.keyClicks(each, "25000")
    each.interpretText()
    assert each.value() == 25_000
    each.setValue(1)
    each.selectAll()
    QTest.keyClicks(each, "12,500")
    each.interpretText()
    assert each.value() == 12_500
    assert find(dialog, QSpinBox, "export.seed").text() == str(SEED), "a name, no number of things"


def test_buttons_do_not_change_their_words_while_a_place_is_looked_at(dialog: ExportDialog, tmp_path: Path) -> None:
    """Nor does a note stay that speaks of another place."""
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "thesis.txt").write_text("dear to somebody")
    run(dialog)
    press(dialog, "back")
    rest(dialog)
    begin = start_button(dialog)
    assert begin.text() == "Replace 60 files…"
    place = find(dialog, QLineEdit, "export.folder")
    taken = place.text()
    place.setText(taken + "/")
    assert (begin.text(), begin.isEnabled()) == ("Replace 60 files…", False)
    assert said(dialog, "earlier") == "Looking what lies there …"
    assert not find(dialog, QPushButton, "export.another").isEnabled()
    rest(dialog)
    assert said(dialog, "earlier").startswith("flat-augmented holds a finished export")
    to(dialog, tmp_path / "one")
    assert "not empty" in dialog._refused.text()
    assert not find(dialog, QLabel, "export.earlier").isVisible()
    place.setText(str(tmp_path / "three"))
    assert dialog._refused.text() == "", "it spoke of the other one"
    ready(dialog)
    assert begin.text() == "Export"


@pytest.mark.parametrize(
    ("folders", "why"), [({"cat": 3}, "one class only"), ({".": 3}, "no class folders")], ids=["one", "none"]
)
def test_why_there_is_nothing_to_balance(open_dialog: Open, tmp_path: Path, folders: dict[str, int], why: str) -> None:
    dialog = open_dialog({"balance": "largest"}, folder=fill(tmp_path / "few", **folders))
    ready(dialog)
    combo = find(dialog, QComboBox, "export.balance")
    assert not combo.isEnabled()
    assert why in combo.toolTip()
    assert why in combo.accessibleDescription()
    assert dialog.settings().balance is None
    assert dialog.remembered()["balance"] == "largest", "for the next folder"


# -- more options ----------------------------------------------------------------------------------------------------


def test_what_is_seldom_used_is_folded_away(dialog: ExportDialog, monkeypatch: pytest.MonkeyPatch) -> None:
    workers = find(dialog, QSpinBox, "export.workers")
    assert not workers.isVisible()
    assert workers.value() == available_workers()
    more(dialog)
    for name in ("workers", "largest"):
        assert find(dialog, QSpinBox, f"export.{name}").isVisible()
    assert not find(dialog, QLineEdit, "export.cluster").isVisible()
    more(dialog)
    assert not workers.isVisible()
    monkeypatch.undo()
    settings = dialog.settings()
    assert (settings.workers, settings.cluster) == (available_workers(), "")
    assert settings.max_pixels == DEFAULT_MAX_PIXELS


def test_workers_and_size_are_handed_on(dialog: ExportDialog, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.undo()  # the number of workers is the dialog's own
    more(dialog)
    find(dialog, QSpinBox, "export.workers").setValue(1)
    find(dialog, QSpinBox, "export.largest").setValue(7)
    assert dialog.settings().workers == 1
    assert dialog.settings().max_pixels == 7_000_000


def test_a_cluster_needs_an_address(dialog: ExportDialog) -> None:
    more(dialog)
    choose(dialog, "run_on", "cluster")
    address, wrong = find(dialog, QLineEdit, "export.cluster"), find(dialog, QLabel, "export.cluster.wrong")
    assert address.isVisible()
    assert not find(dialog, QSpinBox, "export.workers").isVisible()
    assert wrong.isVisible()
    rest(dialog)
    assert not start_button(dialog).isEnabled()
    address.setText(" tcp://127.0.0.1:8786 ")
    assert not wrong.isVisible()
    ready(dialog)
    assert dialog.settings().cluster == "tcp://127.0.0.1:8786"
    assert "on this computer" in said(dialog, "details"), "how long a cluster takes nobody knows"
    choose(dialog, "run_on", "here")
    assert dialog.settings().cluster == ""


def test_a_cluster_that_is_none(dialog: ExportDialog) -> None:
    """Whatever the cluster says, or that Dask is missing: it is said, and the way back is open."""
    more(dialog)
    choose(dialog, "run_on", "cluster")
    find(dialog, QLineEdit, "export.cluster").setText("nonsense")
    run(dialog)
    assert said(dialog, "outcome") == "The export could not be made"
    assert "nonsense" in said(dialog, "summary") or "dask" in said(dialog, "summary")
    press(dialog, "back")
    ready(dialog)


# -- pictures that look augmented ------------------------------------------------------------------------------------


def test_augmented_pictures_are_asked_about(open_dialog: Open, tmp_path: Path) -> None:
    folder = fill(tmp_path / "again", cat=2, dog=2)
    write(folder / "cat" / "0__aug1.png", 40, 40)
    dialog = open_dialog(folder=folder)
    rest(dialog)
    box = find(dialog, QCheckBox, "export.again")
    assert box.isVisible()
    assert not box.isChecked()
    assert "looks like an export of augstudio" in said(dialog, "augmented")
    assert not start_button(dialog).isEnabled()
    assert table(dialog)[0] == ("All 2 classes", "5", "20"), "the plan is shown all the same"
    box.click()
    ready(dialog)
    assert box.isVisible(), "so that it can be taken back"
    box.click()
    rest(dialog)
    assert not start_button(dialog).isEnabled()
    box.click()
    run(dialog)
    assert len(images(tmp_path / "again-augmented")) == 20
    assert "again" not in dialog.remembered()
    second = open_dialog(dialog.remembered(), folder=folder)
    rest(second)
    assert not find(second, QCheckBox, "export.again").isChecked()


def test_other_pictures_are_not(dialog: ExportDialog) -> None:
    assert not find(dialog, QCheckBox, "export.again").isVisible()
    assert not find(dialog, QLabel, "export.augmented").isVisible()


# -- far places ------------------------------------------------------------------------------------------------------


def test_a_url_as_destination(open_dialog: Open) -> None:
    pytest.importorskip("fsspec")
    dialog = open_dialog()
    to(dialog, "memory://of-this-test/exports/one")
    ready(dialog)
    assert dialog.settings().out == "memory://of-this-test/exports/one"
    assert "free" not in said(dialog, "details")
    assert dialog.remembered()["folder"] == "memory://of-this-test/exports"
    run(dialog)
    assert said(dialog, "outcome") == "The export is complete"
    assert "memory://of-this-test/exports/one" in said(dialog, "summary")
    assert not find(dialog, QWidget, "export.open_folder").isEnabled()
    press(dialog, "verify")
    until(lambda: not dialog.running)
    assert said(dialog, "outcome") == "Everything is as it was written"
    again = open_dialog(dialog.remembered())
    assert find(again, QLineEdit, "export.folder").text() == "memory://of-this-test/exports/flat-augmented"


def test_a_url_of_no_known_kind(dialog: ExportDialog) -> None:
    to(dialog, "gopher://hole/out")
    assert not start_button(dialog).isEnabled()
    assert "gopher" in dialog._refused.text()


# -- remembered ------------------------------------------------------------------------------------------------------


def test_choices_are_remembered(open_dialog: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    first = open_dialog()
    choose(first, "split", "other")
    find(first, QLineEdit, "export.shares").setText("50/25/25")
    choose(first, "balance", "number")
    find(first, QSpinBox, "export.each").setValue(77)
    more(first)
    find(first, QSpinBox, "export.workers").setValue(available_workers() + 1)
    find(first, QSpinBox, "export.largest").setValue(12)
    kept = json.loads(json.dumps(first.remembered()))
    second = open_dialog(kept)
    monkeypatch.undo()
    settings = second.settings()
    assert settings.split == parse_split("50/25/25")
    assert settings.balance == 77
    assert settings.workers == available_workers() + 1
    assert settings.max_pixels == 12_000_000
    assert find(second, QSpinBox, "export.workers").isVisible(), "what is unusual is not hidden"


def test_a_cluster_is_remembered_in_sight(open_dialog: Open) -> None:
    dialog = open_dialog({"cluster": "tcp://host:8786"})
    assert dialog.settings().cluster == "tcp://host:8786"
    assert find(dialog, QLineEdit, "export.cluster").isVisible()


def test_a_usual_number_of_workers_is_not_remembered(dialog: ExportDialog) -> None:
    assert dialog.remembered()["workers"] is None, "another computer may have more"


def test_choices_wait_for_a_folder_that_offers_them(open_dialog: Open, split: Path) -> None:
    kept = {"split": "80/10/10", "augment": ["val", "test"], "balance": "largest"}
    flat = open_dialog(kept)
    assert flat.settings().split == parse_split("80/10/10")
    assert flat.settings().augment == (Role.TRAIN,)
    assert flat.remembered()["augment"] == ["val", "test"]
    dealt = open_dialog(kept, folder=split)
    assert dealt.settings().split is None
    assert dealt.settings().augment == (Role.VAL, Role.TEST)
    assert dealt.remembered()["split"] == "80/10/10"


@pytest.mark.parametrize(
    "kept",
    [
        {"split": "90/90", "balance": "smallest", "augment": "train", "workers": "all", "cluster": 7},
        {"split": 80, "balance": True, "augment": [1, None], "workers": None, "max_pixels": "x", "cluster": None},
        {"split": ["80/20"], "balance": [], "augment": {}, "workers": 1.5, "max_pixels": -1, "cluster": "  "},
    ],
)
def test_damaged_choices_are_left_out(open_dialog: Open, split: Path, flat: Path, kept: dict[str, Any]) -> None:
    for folder in (flat, split):
        dialog = open_dialog(kept, folder=folder)
        ready(dialog)
        settings = dialog.settings()
        assert (settings.split, settings.balance, settings.augment) == (None, None, (Role.TRAIN,))
        assert (settings.cluster, settings.seed) == ("", SEED)
        dialog.remembered()


# -- room and keys ---------------------------------------------------------------------------------------------------


def test_the_dialog_fits_a_low_screen(open_dialog: Open, tmp_path: Path) -> None:
    """Everything that can be shown at once: nothing is cut off, and the buttons stay in view."""
    folder = fill(tmp_path / "again", cat=2, dog=2)
    write(folder / "cat" / "0__aug1.png", 40, 40)
    dialog = open_dialog(folder=folder)
    more(dialog)
    choose(dialog, "run_on", "cluster")
    choose(dialog, "split", "other")
    find(dialog, QLineEdit, "export.shares").setText("80/10/20")
    choose(dialog, "balance", "number")
    to(dialog, folder / "inside")
    assert dialog.minimumSizeHint().height() < TALLEST
    assert dialog.height() < TALLEST
    area = find(dialog, QScrollArea, "export.form")
    assert area.verticalScrollBar().maximum() == 0, "the form needs no scrolling"
    for name in ("start", "close"):
        assert dialog.rect().contains(find(dialog, QWidget, f"export.{name}").geometry().bottomRight())


def test_tab_goes_from_top_to_bottom(dialog: ExportDialog) -> None:
    more(dialog)
    choose(dialog, "split", "other")
    choose(dialog, "balance", "number")
    ready(dialog)
    activate(dialog)
    start = find(dialog, QLineEdit, "export.folder")
    start.setFocus()
    met = []
    for _ in range(40):
        here = QApplication.focusWidget()
        assert here is not None
        met.append(here.objectName().removeprefix("export."))
        QTest.keyClick(here, Qt.Key.Key_Tab)
        if QApplication.focusWidget() is start:
            break
    assert met == [
        "folder",
        "browse",
        "seed",
        "format",
        "quality",
        "originals",
        "split",
        "shares",
        "group",
        "balance",
        "each",
        "capped",
        "more",
        "run_on",
        "workers",
        "largest",
        "plan",
        "close",
        "start",
    ]


def test_enter_begins(dialog: ExportDialog) -> None:
    find(dialog, QSpinBox, "export.copies").setValue(1)
    ready(dialog)
    activate(dialog)
    find(dialog, QLineEdit, "export.folder").setFocus()
    QTest.keyClick(find(dialog, QLineEdit, "export.folder"), Qt.Key.Key_Return)
    until(lambda: dialog._pages.currentIndex() == 2)
    assert said(dialog, "outcome") == "The export is complete"


def test_numbers_keep_within_what_is_allowed(dialog: ExportDialog) -> None:
    assert find(dialog, QSpinBox, "export.copies").maximum() == MAX_COPIES
    assert find(dialog, QSpinBox, "export.workers").minimum() == 0
