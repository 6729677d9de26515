"""Cautions about labelled objects in the window: they come by themselves, and one click puts them right."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest
from driving import activate, find, settle
from labelled import write_yolo
from PySide6.QtWidgets import QPushButton
from windows import write_photos

from augstudio.advice import Caution, advise, advise_on_objects
from augstudio.engine import BorderMode
from augstudio.gui.shell import advising
from augstudio.gui.shell.window import Window
from augstudio.pipeline import Pipeline
from augstudio.transforms import Range, registry

MIRRORED = Pipeline(
    transforms=(registry()["shrink"].default(scale=(0.8, 1.0), border="mirror"), registry()["brightness"].default())
)
TITLE = "Objects without labels"


@pytest.fixture
def labelled(window: Window, tmp_path: Path) -> Window:
    activate(window)
    window.studio.apply_pipeline("test", MIRRORED)
    window.open_folder(write_yolo(tmp_path / "set"))
    settle(window)
    return window


def told(window: Window) -> list[str]:
    return [caution.title for caution in window.current_cautions]


def test_they_come_with_a_labelled_folder_and_go_with_it(labelled: Window, tmp_path: Path) -> None:
    state = labelled.studio.state
    assert state.objects is not None
    assert [picture.key for picture in state.objects.pictures] == ["images/a.png", "images/b.png"]
    assert TITLE in told(labelled)
    assert labelled.current_cautions == advise(state.pipeline, state.facts, labels=state.objects)
    labelled.open_folder(write_photos(tmp_path / "photos"))
    settle(labelled)
    assert labelled.studio.state.objects is None
    assert TITLE not in told(labelled)


def test_one_click_blanks_the_borders_and_one_undo_takes_it_back(labelled: Window) -> None:
    labelled.cautions.unfold(True)
    settle(labelled)
    number = told(labelled).index(TITLE)
    button = find(labelled, QPushButton, f"caution.{number}.remedy")
    assert button.text() == "Blank the borders"
    assert button.accessibleName() == f"Blank the borders: remedy for {TITLE}"
    undone = labelled.studio.undo_stack.count()
    button.click()
    settle(labelled)
    assert labelled.studio.state.pipeline == MIRRORED.with_step("shrink", border=BorderMode.BLANK)
    assert TITLE not in told(labelled)
    assert labelled.studio.undo_stack.count() == undone + 1
    labelled.studio.undo_stack.undo()
    settle(labelled)
    assert labelled.studio.state.pipeline == MIRRORED
    assert TITLE in told(labelled)


def test_no_preset_changes_itself(labelled: Window) -> None:
    assert labelled.studio.state.pipeline == MIRRORED


def test_pictures_that_are_excluded_are_not_looked_at(labelled: Window) -> None:
    labelled.studio.exclude("images/a.png")
    settle(labelled)
    assert labelled.studio.state.objects is not None
    assert [picture.key for picture in labelled.studio.state.objects.pictures] == ["images/b.png"]


def test_those_that_there_are_stay_until_new_ones_come(labelled: Window, monkeypatch: pytest.MonkeyPatch) -> None:
    go_on = threading.Event()

    def slow(*given: object, **named: object) -> tuple[Caution, ...]:
        go_on.wait(20)
        return advise_on_objects(*given, **named)  # type: ignore[arg-type]

    monkeypatch.setattr(advising, "advise_on_objects", slow)
    labelled.studio.edit_step("brightness", "amount", Range(-0.1, 0.1))
    labelled.studio.end_gesture()
    advice = labelled.advice
    for _ in range(500):
        if not advice.pause.isActive() and advice.on_settings.idle:
            break
        settle_a_little(labelled)
    assert TITLE in told(labelled)
    assert not advice.idle
    go_on.set()
    settle(labelled)
    assert TITLE in told(labelled)


def settle_a_little(window: Window) -> None:
    from PySide6.QtTest import QTest

    QTest.qWait(10)


def test_a_remedy_of_a_moment_ago_never_takes_back_what_was_edited_since(labelled: Window) -> None:
    caution = labelled.current_cautions[told(labelled).index(TITLE)]
    labelled.studio.edit_step("shrink", "scale", Range(0.7, 1.0))
    labelled.remedy(caution)
    settle(labelled)
    step = labelled.studio.state.pipeline.step("shrink")
    assert step.range_of("scale") == Range(0.7, 1.0)
    assert step.border is BorderMode.BLANK  # type: ignore[attr-defined]


def test_what_is_edited_meanwhile_is_judged_instead(labelled: Window) -> None:
    """However many edits come in a row, the cautions are those of the last one."""
    for number in range(12):
        labelled.studio.edit_step("shrink", "scale", Range(0.6 + 0.03 * number, 1.0))
    labelled.studio.end_gesture()
    settle(labelled)
    state = labelled.studio.state
    assert labelled.current_cautions == advise(state.pipeline, state.facts, labels=state.objects)


def test_trouble_is_told_and_the_others_are_shown(labelled: Window, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object, **__: object) -> tuple[Caution, ...]:
        raise RuntimeError("no way")

    monkeypatch.setattr(advising, "advise_on_objects", fail)
    labelled.studio.edit_step("shrink", "scale", Range(0.3, 0.4))
    labelled.studio.end_gesture()
    settle(labelled)
    assert told(labelled)
    assert TITLE not in told(labelled)
    assert "The cautions could not be worked out: no way" in labelled.messages.text()
