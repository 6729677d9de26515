"""The shell: who is told of what, keys that work wherever the focus is, the order of the Tab key, themes, shortcuts."""

from __future__ import annotations

from dataclasses import fields
from functools import partial
from pathlib import Path

import pytest
import shiboken6
from driving import activate, find, settle
from PySide6.QtCore import QEvent, QObject, QSize, Qt
from PySide6.QtGui import QKeySequence
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractSpinBox,
    QApplication,
    QLabel,
    QLineEdit,
    QPlainTextEdit,
    QToolButton,
    QWidget,
)
from windows import OpenWindow

from augstudio.gui.cards.card import KEYS
from augstudio.gui.intent import session as sessions
from augstudio.gui.intent.state import Scene
from augstudio.gui.parts import style
from augstudio.gui.parts.number_field import NumberField
from augstudio.gui.shell.application import make_application
from augstudio.gui.shell.places import first_size
from augstudio.gui.shell.shortcuts import ShortcutSheet
from augstudio.gui.shell.window import Window
from augstudio.transforms import Range

FIELDS = (QAbstractSpinBox, QLineEdit)
CONTROL = Qt.KeyboardModifier.ControlModifier


def test_every_field_of_the_scene_has_its_setters(window: Window) -> None:
    assert list(window._table()) != []
    assert set(window._table()) == {field.name for field in fields(Scene)}


def test_no_part_is_looked_at_by_the_style_sheet_again_and_again() -> None:
    """Who is made without a parent is, with all below, at each place up to the window; that took half of the start."""

    class Looks(QObject):
        count = 0

        def eventFilter(self, _watched: QObject, event: QEvent) -> bool:  # noqa: N802
            self.count += event.type() == QEvent.Type.StyleChange
            return False

    looks, app = Looks(), make_application()
    app.installEventFilter(looks)
    window = Window()
    app.removeEventFilter(looks)
    parts = len(window.findChildren(QWidget))
    window.stop()
    window.deleteLater()
    assert looks.count < 1.6 * parts


# -- keys ------------------------------------------------------------------------------------------------------------


def places(window: Window) -> list[QWidget]:
    """Everything in a window that can have the focus."""
    return [
        widget
        for widget in window.findChildren(QWidget)
        if widget.isVisible() and widget.isEnabled() and widget.focusPolicy() != Qt.FocusPolicy.NoFocus
    ]


NUMBERS = (NumberField, QAbstractSpinBox)


def test_keys_work_wherever_the_focus_is(loaded: Window) -> None:
    """Undo, redo and every other key of the window; but those that move by words stay with fields of text."""
    for name in ("gaussian_noise", "rotate", "channel_gain"):
        loaded.studio.add_step(name)
    settle(loaded)
    activate(loaded)
    done: list[str] = []
    for action in loaded._actions.values():
        action.blockSignals(True)
        action.setEnabled(True)
        action.blockSignals(False)
        if action.receivers("2triggered(bool)"):
            action.triggered.disconnect()
        action.triggered.connect(partial(lambda name, *_: done.append(name), action.objectName()))
    missed, tried = [], 0
    for place in places(loaded):
        text = isinstance(place, QLineEdit | QAbstractSpinBox | QPlainTextEdit)
        for action in loaded._actions.values():
            for key in action.shortcuts():
                if text and action.objectName() in ("action.next_picture", "action.previous_picture"):
                    continue
                if action.objectName() in ("action.labels", "action.flip") and text and not isinstance(place, NUMBERS):
                    continue  # a letter
                place.setFocus()
                done.clear()
                QTest.keySequence(place, key)
                tried += 1
                if done != [action.objectName()]:
                    missed.append((place.objectName() or type(place).__name__, key.toString(), list(done)))
    assert missed == []
    assert tried > 200


def test_a_field_keeps_the_keys_that_its_text_needs(loaded: Window) -> None:
    activate(loaded)
    loaded.studio.set_seed(5)
    line = find(loaded, QLineEdit, "pictures.filter")
    line.setFocus()
    QTest.keyClicks(line, "one two")
    QTest.keyClick(line, Qt.Key.Key_Left, CONTROL)
    assert line.cursorPosition() == 4, "by words"
    QTest.keySequence(line, QKeySequence("Ctrl+Z"))
    assert line.text() == ""
    assert loaded.studio.state.seed == 5
    QTest.keySequence(line, QKeySequence("Ctrl+Shift+Z"))
    assert line.text() == "one two"
    QTest.keySequence(line, QKeySequence("Ctrl+Z"))
    QTest.keySequence(line, QKeySequence("Ctrl+Z"))
    assert loaded.studio.state.seed == 0, "what has no more text of its own to take back leaves it to the window"
    settle(loaded)


def test_a_field_that_is_gone_is_forgotten(loaded: Window) -> None:
    activate(loaded)
    fields = [
        field for field in loaded.pipeline.findChildren(QWidget) if isinstance(field, FIELDS) and field.isVisible()
    ]
    box = fields[-1]
    box.setFocus()
    loaded.studio.new_pipeline()
    settle(loaded)
    QTest.keyClick(loaded, Qt.Key.Key_Z, CONTROL)
    settle(loaded)
    assert loaded.studio.state.pipeline.transforms


# -- shortcuts and colours -----------------------------------------------------------------------------------------


def test_the_sheet_of_shortcuts_is_read_from_the_actions(loaded: Window, monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[ShortcutSheet] = []
    monkeypatch.setattr(ShortcutSheet, "exec", lambda sheet: opened.append(sheet) or 0)
    QTest.keyClick(loaded, Qt.Key.Key_F1)
    (sheet,) = opened
    everywhere = find(sheet, QWidget, "shortcuts.window")
    texts = [label.text() for label in everywhere.findChildren(QLabel)][1:]
    keyed = [action for action in loaded.actions() if not action.shortcut().isEmpty()]
    buttons = [button for button in loaded.findChildren(QAbstractButton) if not button.shortcut().isEmpty()]
    assert len(texts) == 2 * (len(keyed) + len(buttons))
    keys = texts[::2]
    assert len(keys) == len(set(keys)), "no key stands for two things"
    assert all(texts)
    assert texts[texts.index("Ctrl+E") + 1] == "Export"
    assert texts[texts.index("Ctrl+T") + 1] == "Add a transform"
    assert texts[texts.index("Ctrl+Shift+Z or Ctrl+Y") + 1] == "Redo"
    assert texts[texts.index("Ctrl+P") + 1] == "Choose a preset", "not the preset in hand"
    parts = [label.text() for label in find(sheet, QWidget, "shortcuts.parts").findChildren(QLabel)]
    for words in KEYS:
        assert parts.count(words) == 1, "what a card's own menu offers"
    for words in ("The picture without it", "It alone, or all of them again", "The default", "100 %, or fit"):
        assert words in parts
    sheet.show()
    activate(sheet)
    assert sheet.width() <= 1000, "it fits a small screen"
    assert sheet.height() <= 660
    QTest.keyClick(sheet, Qt.Key.Key_F1)
    settle(loaded)
    assert not shiboken6.isValid(sheet), "closed, and nothing is left of it"


def test_a_choice_of_colours_is_kept(loaded: Window, open_window: OpenWindow) -> None:
    choice = {str(action.data()): action for action in loaded._theme_menu.actions()}
    assert choice[""].isChecked()
    for name, theme in (("dark", style.DARK), ("light", style.LIGHT), ("", style.LIGHT)):
        choice[name].trigger()
        settle(loaded)
        assert style.theme() is theme
        assert [key for key, action in choice.items() if action.isChecked()] == [name]
        assert loaded.palette().window().color().name() == theme.window
    choice["dark"].trigger()
    assert loaded.close()
    assert sessions.load().theme == "dark"
    again = open_window(sessions.load())
    assert next(action for action in again._theme_menu.actions() if action.isChecked()).data() == "dark"


# -- places ------------------------------------------------------------------------------------------------------------


def test_tab_goes_from_the_toolbar_to_pictures_stage_and_cards(loaded: Window) -> None:
    loaded.studio.add_step("blur")
    loaded.studio.move_step("blur", 0)
    settle(loaded)
    activate(loaded)
    rooms = {"toolbar": loaded._bar, "pictures": loaded.pictures, "stage": loaded.stage, "cards": loaded.pipeline}
    start = find(loaded, QToolButton, "action.open.button")
    start.setFocus()
    met: list[str] = []
    here: QWidget | None = start
    for _ in range(500):
        assert here is not None
        (room,) = (name for name, panel in rooms.items() if panel.isAncestorOf(here))
        if not met or met[-1] != room:
            met.append(room)
        QTest.keyClick(here, Qt.Key.Key_Tab)
        here = QApplication.focusWidget()
        if here is start:
            break
    assert met == ["toolbar", "pictures", "stage", "cards"]


@pytest.mark.parametrize(
    ("screen", "size"),
    [((1440, 900), (1436, 860)), ((1920, 1080), (1440, 900)), ((1366, 728), (1362, 688)), ((3840, 2160), (1440, 900))],
)
def test_the_first_window_fits_the_screen_with_its_frame(screen: tuple[int, int], size: tuple[int, int]) -> None:
    assert first_size(QSize(*screen)).toTuple() == size


def test_after_a_folder_was_opened_the_arrow_keys_walk(window: Window, photos: Path) -> None:
    activate(window)
    window.open_folder(photos)
    settle(window)
    first = window.studio.state.picture
    focused = QApplication.focusWidget()
    assert focused is window.pictures.list
    QTest.keyClick(focused, Qt.Key.Key_Right)
    settle(window)
    assert window.studio.state.picture == window.pictures.model.source(1).key != first


def test_whoever_types_keeps_the_focus(loaded: Window, photos: Path) -> None:
    activate(loaded)
    line = find(loaded, QLineEdit, "pictures.filter")
    line.setFocus()
    loaded.open_folder(photos / "book")
    settle(loaded)
    assert QApplication.focusWidget() is line


class Greedy(QLineEdit):
    """Claims every key, as fields do on one system or another (Ctrl+E on X11, for instance)."""

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ShortcutOverride:
            event.accept()
            return True
        return super().event(event)


def test_what_a_field_claims_without_need_goes_to_the_window(loaded: Window) -> None:
    field = Greedy(loaded)
    field.show()
    activate(loaded)
    field.setFocus()
    loaded.studio.set_seed(7)
    QTest.keySequence(field, QKeySequence("Ctrl+Z"))
    assert loaded.studio.state.seed == 0
    QTest.keySequence(field, QKeySequence("Ctrl+Y"))
    assert loaded.studio.state.seed == 7
    field.deleteLater()
    settle(loaded)


def test_no_button_moves_when_changes_are_not_saved(loaded: Window) -> None:
    def places() -> list[int]:
        return [button.x() for button in loaded._bar.findChildren(QToolButton)]

    before = places()
    loaded.studio.edit_step("rotate", "angle", Range(-3, 4))
    settle(loaded)
    assert loaded.action_preset.text().endswith("•")
    assert places() == before
    loaded.studio.undo_stack.undo()
    settle(loaded)
    assert places() == before
