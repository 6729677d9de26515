"""The guided start: what is chosen for which pictures, when it asks, and that one undo takes it back."""

from __future__ import annotations

import itertools
import shutil
from pathlib import Path

import pytest
from driving import activate, find, settle
from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel, QPushButton, QToolButton, QWidget
from windows import OpenWindow, write_photos

from augstudio import files
from augstudio.advice import advise
from augstudio.gui.intent import session as sessions
from augstudio.gui.intent.guide import KINDS, Kind, choose
from augstudio.gui.intent.views import ViewKind
from augstudio.gui.shell.window import Window

KIND = {kind.name: kind for kind in KINDS}


@pytest.mark.parametrize(("kind", "mirrors"), list(itertools.product(KINDS, (True, False))), ids=str)
def test_what_is_chosen_holds_what_was_answered(kind: Kind, mirrors: bool) -> None:
    choice = choose(kind, mirrors=mirrors)
    steps = choice.pipeline.transforms
    assert any(step.op == "flip" for step in steps) == mirrors
    borders = {step.border for step in steps if hasattr(step, "border")}  # type: ignore[attr-defined]
    assert mirrors or "mirror" not in borders, "a border that mirrors would show mirrored letters as well"
    assert choice.preset.is_file()
    assert choice.saved.name in choice.words
    assert ("never mirrored" in choice.words) != mirrors
    assert ("all the way round" in choice.words) == choice.pipeline.any_orientation
    assert advise(choice.pipeline, None) == (), "what the program chooses itself raises no caution"


def test_the_kinds_that_people_have() -> None:
    assert choose(KIND["photos"], mirrors=True).pipeline == choose(KIND["photos"], mirrors=True).saved
    assert choose(KIND["documents"], mirrors=False).saved.name == "Documents and text"
    assert choose(KIND["microscope"], mirrors=True).pipeline.any_orientation
    assert choose(KIND["tiny"], mirrors=True).saved.name == "Tiny pictures"


@pytest.fixture
def guided(open_window: OpenWindow) -> Window:
    window = open_window()
    window._guides = True
    return window


def press(window: Window, name: str) -> None:
    button = find(window, QPushButton, f"guide.{name}")
    assert button.isVisible()
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)


def test_two_answers_and_one_undo(guided: Window, photos: Path) -> None:
    before = guided.studio.state.pipeline
    assert not guided.guide.isVisible()
    guided.open_folder(photos)
    settle(guided)
    assert guided.guide.isVisible()
    guided.studio.new_seed()
    assert guided.guide.isVisible(), "it is in nobody's way"
    press(guided, "signs")
    press(guided, "no")
    settle(guided)
    state = guided.studio.state
    assert state.pipeline.name == "Documents and text"
    assert state.preset == files.presets() / "documents.json"
    words = find(guided, QLabel, "guide.words").text()
    assert "Documents and text" in words
    assert "since signs are read" in words
    press(guided, "undo")
    settle(guided)
    assert guided.studio.state.pipeline == before
    assert not guided.guide.isVisible()


def test_it_asks_once_for_each_folder(guided: Window, photos: Path, tmp_path: Path, open_window: OpenWindow) -> None:
    guided.open_folder(photos)
    settle(guided)
    activate(guided)
    QTest.mouseClick(find(guided, QToolButton, "guide.skip"), Qt.MouseButton.LeftButton)
    assert not guided.guide.isVisible()
    assert guided.pictures.list.hasFocus(), "the arrow keys walk through the pictures, as without the question"
    guided.open_folder(photos)
    settle(guided)
    assert not guided.guide.isVisible()
    guided.open_folder(write_photos(tmp_path / "others"))
    settle(guided)
    assert guided.guide.isVisible(), "another folder is another matter"
    assert guided.close()
    again = open_window(sessions.load())
    again._guides = True
    again.open_folder(photos)
    settle(again)
    assert not again.guide.isVisible(), "nor at the next start"


def test_it_does_not_ask_about_the_sample_or_over_work_in_hand(guided: Window, photos: Path, tmp_path: Path) -> None:
    guided.open_sample()
    settle(guided)
    assert not guided.guide.isVisible()
    shutil.copytree(files.resources() / "sample", tmp_path / "mine", ignore=shutil.ignore_patterns("*.md", "*.txt"))
    guided.open_folder(tmp_path / "mine")
    settle(guided)
    assert not guided.guide.isVisible(), "wherever it lies"
    guided.studio.add_step("blur")
    guided.open_folder(photos)
    settle(guided)
    assert not guided.guide.isVisible()


def test_it_goes_when_the_user_has_gone_on(guided: Window, photos: Path) -> None:
    guided.open_folder(photos)
    settle(guided)
    before = [view.geometry() for view in (guided.compare, guided.strip)]
    press(guided, "photos")
    press(guided, "yes")
    settle(guided)
    assert guided.guide.isVisible()
    guided.studio.set_seed(5)
    assert guided.guide.isVisible()
    guided.studio.add_step("blur")
    assert not guided.guide.isVisible(), "undo would take back something else now"
    settle(guided)
    assert [view.geometry() for view in (guided.compare, guided.strip)] == before, "nothing moved"


@pytest.mark.parametrize("size", [(1024, 700), (1440, 900)])
def test_what_lies_over_the_pictures_keeps_to_them_in_every_view(
    open_window: OpenWindow, tmp_path: Path, size: tuple[int, int]
) -> None:
    window = open_window(width=size[0], height=size[1])
    window._guides = True
    window.open_folder(write_photos(tmp_path / "new"))
    settle(window)
    assert window.guide.isVisible()
    window.messages.note("Something that is good to know about this folder.")
    window.studio.pin()
    stage = window.stage

    def area(widget: QWidget) -> QRect:
        return QRect(widget.mapTo(stage, QPoint()), widget.size())

    for kind in (*ViewKind, ViewKind.PICTURE):
        window.studio.show_view(kind)
        settle(window)
        pictures = area(window.sheet.canvas if kind is ViewKind.SHEET else window.compare)
        guide, message = (area(part) for part in (window.guide, window.messages))
        assert pictures.contains(guide), kind
        assert guide.bottom() >= pictures.bottom() - 20, "at their foot"
        assert pictures.contains(message), kind
        headed = [window.sheet.bar] if kind is ViewKind.SHEET else [pane.head for pane in window.compare._panes()[:2]]
        assert not any(message.intersects(area(part)) for part in headed), kind
