"""Names and descriptions that look like HTML are shown as they are."""

from __future__ import annotations

from pathlib import Path

import pytest
from driving import settle, until, write
from PySide6.QtCore import QModelIndex, Qt
from PySide6.QtGui import QTextDocument
from PySide6.QtWidgets import QMessageBox, QTreeWidget, QTreeWidgetItemIterator

from augstudio import presets
from augstudio.gui.parts.controls import as_tip
from augstudio.gui.shell.closing import ask_unsaved
from augstudio.gui.shell.window import Window
from augstudio.pipeline import Pipeline


def shown(tip: str) -> str:
    """What a tooltip shows: Qt takes it for HTML where it begins with a tag."""
    if not tip.startswith("<"):
        return tip
    document = QTextDocument()
    document.setHtml(tip)
    return document.toPlainText()


@pytest.mark.parametrize("text", ["a cat", "<b>cat", "a <i>cat</i> &amp; dog", "<u>one</u>\ntwo", "1 < 2"])
def test_a_tip_shows_its_words(text: str) -> None:
    assert shown(as_tip(text)) == text


def test_pictures_and_classes(window: Window, tmp_path: Path) -> None:
    try:
        write(tmp_path / "photos" / "<b>cats" / "<i>tom.png")
    except OSError:
        pytest.skip("this system has no such names")
    window.open_folder(tmp_path / "photos")
    settle(window)
    model = window.pictures.list.model()
    assert shown(model.index(0, 0, QModelIndex()).data(Qt.ItemDataRole.ToolTipRole)) == "<b>cats/<i>tom.png"
    tips = [shown(i.value().toolTip(0)) for i in QTreeWidgetItemIterator(window.pictures.findChild(QTreeWidget))]
    assert "<b>cats" in tips


def test_a_preset_from_anybody(window: Window, home: Path) -> None:
    presets.user_folder().mkdir(parents=True)
    words = "<img src='file:///x.png'> for <b>mine</b>"
    presets.save(Pipeline(name="Mine", description=words), presets.user_folder() / "mine.json")
    window._preset_menu.aboutToShow.emit()
    until(lambda: window._lister.idle, "the presets are listed")
    action = next(action for action in window._preset_menu.actions() if action.text() == "Mine")
    assert shown(action.toolTip()) == words


def test_the_question_about_unsaved_changes(window: Window, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[tuple[str, Qt.TextFormat]] = []

    def cancel(box: QMessageBox) -> int:
        asked.append((box.text(), box.textFormat()))
        return int(QMessageBox.StandardButton.Cancel.value)

    monkeypatch.setattr(QMessageBox, "exec", cancel)
    assert ask_unsaved("<b>Mine", window) == QMessageBox.StandardButton.Cancel
    assert asked == [("The pipeline “<b>Mine” has unsaved changes.", Qt.TextFormat.PlainText)]
