"""Names and descriptions that look like HTML are shown as they are."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from dialogs import asking, finish, listed, press, ready, run, said, to, work_in_process
from driving import settle, until, write
from PySide6.QtCore import QModelIndex, Qt
from PySide6.QtGui import Qt as GuiQt
from PySide6.QtGui import QTextDocument
from PySide6.QtWidgets import QLabel, QMessageBox, QTreeWidget, QTreeWidgetItemIterator, QWidget

from augstudio import presets
from augstudio.export import Row
from augstudio.gui.exporting.plan_table import PlanTable
from augstudio.gui.exporting.run_dialog import _Section
from augstudio.gui.parts.controls import ElidedLabel, as_tip, heading
from augstudio.gui.shell.closing import ask_unsaved
from augstudio.gui.shell.window import Window
from augstudio.pipeline import Pipeline

HOSTILE = [
    "a cat",
    "<b>cat",
    "a <i>cat</i> &amp; dog",
    "<u>one</u>\ntwo",
    "1 < 2",
    "a &lt;b&gt; cat",
    "mine <b>",
    "a & b",
]
TIP = Qt.ItemDataRole.ToolTipRole


def shown(tip: str) -> str:
    """What a tooltip shows, or a label that is not told that its text is plain."""
    if not GuiQt.mightBeRichText(tip):
        return tip
    document = QTextDocument()
    document.setHtml(tip)
    return document.toPlainText()


def rendered(root: QWidget) -> list[str]:
    """What Qt would render as HTML below a widget, but for tips that were escaped."""
    labels = [label for label in root.findChildren(QLabel) if label.textFormat() != Qt.TextFormat.PlainText]
    texts = [label.text() for label in labels if GuiQt.mightBeRichText(label.text())]
    tips = [widget.toolTip() for widget in (root, *root.findChildren(QWidget))]
    return texts + [tip for tip in tips if GuiQt.mightBeRichText(tip) and not tip.startswith("<span>")]


def tips(root: QWidget) -> list[str]:
    """What the tooltips below a widget show."""
    return [shown(widget.toolTip()) for widget in root.findChildren(QWidget)]


@pytest.mark.parametrize("text", HOSTILE)
def test_a_tip_shows_its_words(text: str) -> None:
    assert shown(as_tip(text)) == text


@pytest.mark.parametrize("text", HOSTILE)
def test_headings_and_shortened_texts_show_their_words(qtbot: object, text: str) -> None:
    labels = heading(text), ElidedLabel(text)
    labels[1].resize(10, 20)
    labels[1].grab()  # where it is shortened, the tip says all of it
    assert shown(labels[1].toolTip()) == text
    for label in labels:
        assert label.textFormat() == Qt.TextFormat.PlainText
        plain = QLabel(text)
        plain.setProperty("heading", label.property("heading"))
        plain.setTextFormat(Qt.TextFormat.PlainText)
        assert label.sizeHint() == plain.sizeHint()


def test_pictures_and_classes(window: Window, tmp_path: Path) -> None:
    try:
        write(tmp_path / "photos" / "<b>cats" / "<i>tom.png")
    except OSError:
        pytest.skip("this system has no such names")
    window.open_folder(tmp_path / "photos")
    settle(window)
    model = window.pictures.list.model()
    assert shown(model.index(0, 0, QModelIndex()).data(TIP)) == "<b>cats/<i>tom.png"
    classes = [shown(i.value().toolTip(0)) for i in QTreeWidgetItemIterator(window.pictures.findChild(QTreeWidget))]
    assert "<b>cats" in classes


def test_a_preset_from_anybody(window: Window, home: Path) -> None:
    presets.user_folder().mkdir(parents=True)
    words = "<img src='file:///x.png'> for <b>mine</b>"
    path = presets.user_folder() / "mine.json"
    presets.save(Pipeline(name="Mine", description=words), path)
    window._preset_menu.aboutToShow.emit()
    until(lambda: window._lister.idle, "the presets are listed")
    action = next(action for action in window._preset_menu.actions() if action.text() == "Mine")
    assert shown(action.toolTip()) == words
    presets.save(Pipeline(name="<u>Mine", description=words), path)
    window.studio.load_preset(path)
    settle(window)
    assert any(tip.startswith("Undo preset <u>Mine (") for tip in tips(window)), "what undo would take back"
    window.action_undo.trigger()
    settle(window)
    assert any(tip.startswith("Redo preset <u>Mine (") for tip in tips(window))
    assert rendered(window) == []


@pytest.mark.skipif(sys.platform == "win32", reason="there are no such names")
def test_an_export_from_and_to_folders_of_any_name(
    window: Window, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    work_in_process(monkeypatch)
    for number in range(2):
        write(tmp_path / "<b>photos" / "<b>cats" / f"<i>{number}.png", seed=number)
    (tmp_path / "<b>photos" / "<b>cats" / "<i>broken.png").write_bytes(b"none")
    out = tmp_path / "<i>out"
    window.open_folder(tmp_path / "<b>photos", "<b>cats/<i>broken.png")
    settle(window)
    assert "<i>broken.png" in window.compare.original.accessibleDescription()
    window.export()
    dialog = asking(window)
    ready(dialog)
    to(dialog, out)
    assert rendered(window) == []
    table = dialog.findChild(PlanTable)
    assert table is not None
    assert "<b>cats" in {shown(table.model().index(row, 1).data(TIP)) for row in range(table.model().rowCount())}
    run(dialog)
    assert str(out) in said(dialog, "summary")
    assert any(f"Exporting to {out}: " in tip for tip in tips(window.exports.bar)), "the bar says what ended"
    assert rendered(window) == []
    (out / "images" / "<i>stray.png").write_bytes(b"not of the export")
    press(dialog, "verify")
    finish(dialog)
    assert any("<i>stray.png" in line for line in listed(dialog, "extra"))
    assert rendered(window) == []


def test_lists_of_what_went_wrong(qtbot: object) -> None:
    section = _Section("failures", "Not read: <b>these")
    section.set_lines(("<i>tom.png",), 400)
    assert section.findChild(QLabel).text() == "Not read: <b>these (1)"
    assert rendered(section) == []


def test_a_plan(qtbot: object) -> None:
    table = PlanTable()
    table.set_rows([Row("train", "<b>cats", 2, 2, 4), Row("train", "dogs", 1, 1, 2)])
    assert "<b>cats" in {shown(str(table.model().index(row, 1).data(TIP))) for row in range(table.model().rowCount())}


def test_the_question_about_unsaved_changes(window: Window, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[tuple[str, Qt.TextFormat]] = []

    def cancel(box: QMessageBox) -> int:
        asked.append((box.text(), box.textFormat()))
        return int(QMessageBox.StandardButton.Cancel.value)

    monkeypatch.setattr(QMessageBox, "exec", cancel)
    assert ask_unsaved("<b>Mine", window) == QMessageBox.StandardButton.Cancel
    assert asked == [("The pipeline “<b>Mine” has unsaved changes.", Qt.TextFormat.PlainText)]
