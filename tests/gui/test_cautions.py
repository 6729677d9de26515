"""Cautions in the window: said in words, marked where they arise, put right by one click."""

from __future__ import annotations

import time
from pathlib import Path

import numpy as np
import pytest
from driving import activate, find, settle, write
from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QCheckBox, QFrame, QLabel, QPushButton, QToolButton
from windows import OpenWindow, start_afresh, write_photos

from augstudio.advice import Level, advise
from augstudio.engine import BorderMode
from augstudio.gui.cards.card import Card
from augstudio.gui.cards.zone_slider import ZoneSlider
from augstudio.gui.parts.qimages import from_image
from augstudio.gui.shell.window import Window
from augstudio.gui.stage.cautions import CautionsPanel, Row, Worst
from augstudio.images import encode
from augstudio.pipeline import Fit, Output, Pipeline
from augstudio.transforms import Range, registry

LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def window(shared_window: Window, qtbot: object, tmp_path_factory: pytest.TempPathFactory) -> Window:
    """A window with pictures and two transforms that raise no caution."""
    if shared_window.studio.state.dataset is None:
        shared_window.open_folder(write_photos(tmp_path_factory.mktemp("pictures")))
        settle(shared_window)
    steps = tuple(registry()[op].default() for op in ("gaussian_noise", "shrink"))
    start_afresh(shared_window, Pipeline(transforms=steps))
    return shared_window


def rows(window: Window) -> list[Row]:
    """All cautions, unfolded if there are any."""
    window.cautions.unfold(bool(window.current_cautions))
    settle(window)
    found = [row for row in window.findChildren(Row) if not row.isHidden()]
    return sorted(found, key=lambda row: row.y())


def words(row: Row) -> str:
    return " ".join(label.text() for label in row.findChildren(QLabel))


def marked(window: Window, step: str) -> str:
    """The level that a card is marked with."""
    return find(window, Card, f"card.{step}").property("level") or ""


def slider_mark(window: Window, path: str) -> QLabel:
    """The mark beside a slider's name."""
    editor = find(window, ZoneSlider, path).parentWidget()
    assert editor is not None
    return editor._mark  # type: ignore[attr-defined, no-any-return]


def raise_noise(window: Window, high: float = 0.4) -> None:
    window.studio.edit_step("gaussian_noise", "sigma", Range(0, high))
    window.studio.end_gesture()
    settle(window)


def test_nothing_to_say(window: Window) -> None:
    assert rows(window) == []
    panel = find(window, CautionsPanel, "cautions")
    assert any(label.text().startswith("No cautions") for label in panel.findChildren(QLabel))
    assert marked(window, "gaussian_noise") == marked(window, "shrink") == ""


def test_excessive_noise(window: Window) -> None:
    raise_noise(window)
    cautions = window.current_cautions
    assert cautions == advise(window.studio.state.pipeline, window.studio.state.facts)
    assert cautions[0].level is Level.EXCESSIVE
    first = rows(window)[0]
    assert "Excessive" in words(first), "not by colour alone"
    assert cautions[0].message in words(first)
    assert cautions[0].evidence in words(first)
    assert any("ImageNet-C" in words(row) for row in rows(window))
    assert cautions[0].message in first.accessibleName()
    assert marked(window, "gaussian_noise") == "excessive"
    assert marked(window, "shrink") == ""
    card = find(window, Card, "card.gaussian_noise")
    assert card._mark.isVisible()
    assert card._mark.accessibleName() == "excessive"
    assert slider_mark(window, "gaussian_noise.sigma").accessibleName() == "excessive"
    assert not slider_mark(window, "gaussian_noise.sigma").pixmap().isNull()
    assert slider_mark(window, "shrink.scale").accessibleName() == ""


def test_the_remedy_puts_it_right_and_undo_takes_it_back(window: Window) -> None:
    raise_noise(window)
    before = window.studio.state.pipeline
    while rows(window):
        button = find(window, QPushButton, "caution.0.remedy")
        assert button.isVisible()
        assert button.text().startswith("Set to")
        QTest.mouseClick(button, LEFT)
        settle(window)
    after = window.studio.state.pipeline
    assert after.step("gaussian_noise").range_of("sigma").high <= 0.08
    assert window.current_cautions == ()
    assert marked(window, "gaussian_noise") == ""
    assert slider_mark(window, "gaussian_noise.sigma").accessibleName() == ""
    while window.studio.state.pipeline != before:
        window.action_undo.trigger()
    settle(window)
    assert marked(window, "gaussian_noise") == "excessive"
    assert rows(window) != []


def test_worth_caution_is_told_from_excessive(window: Window) -> None:
    raise_noise(window, 0.1)
    assert {caution.level for caution in window.current_cautions} == {Level.CAUTION}
    assert "Caution" in words(rows(window)[0])
    assert "Excessive" not in words(rows(window)[0])
    assert marked(window, "gaussian_noise") == "caution"


def test_shrinking_every_copy(window: Window) -> None:
    window.studio.edit_step("shrink", "scale", Range(0.8, 0.8))
    settle(window)
    shift = next(caution for caution in window.current_cautions if "No copy stays near" in caution.message)
    assert shift.level is Level.EXCESSIVE
    assert marked(window, "shrink") == "excessive"
    window.remedy(shift)
    settle(window)
    assert window.studio.state.pipeline.step("shrink").range_of("scale") == Range(0.8, 1)
    assert window.current_cautions == ()


def test_originals_clear_a_shift(window: Window) -> None:
    window.studio.edit_step("shrink", "scale", Range(0.8, 0.8))
    window.studio.set_originals(True)
    settle(window)
    assert window.current_cautions == ()
    assert find(window, QCheckBox, "originals").isChecked()
    window.studio.set_originals(False)
    settle(window)
    assert window.current_cautions != ()


@pytest.mark.parametrize(("border", "said"), [(BorderMode.MIRROR, "repeated content"), (BorderMode.BLANK, "blank")])
def test_shrinking_says_what_the_frame_shows(window: Window, border: BorderMode, said: str) -> None:
    window.studio.edit_step("shrink", "scale", Range(0.3, 1))
    window.studio.edit_step("shrink", "border", border)
    settle(window)
    text = " ".join(words(row) for row in rows(window))
    assert "91 % of the frame is" in text
    assert said in text
    if border is BorderMode.MIRROR:
        assert "not a cure" in text


def test_noise_is_held_against_the_pictures(open_window: OpenWindow, tmp_path: Path) -> None:
    """Pale pictures: noise that passes the ruler drowns them all the same."""
    rng = np.random.default_rng(0)
    for number in range(3):
        pixels = (128 + rng.integers(-2, 3, (230, 230, 3))).astype(np.uint8)
        (tmp_path / f"{number}.png").write_bytes(encode(pixels, "PNG", 90))
    window = open_window()
    window.studio.apply_pipeline("test", Pipeline(transforms=(registry()["gaussian_noise"].default(),)))
    settle(window)
    assert window.current_cautions == ()
    window.open_folder(tmp_path)
    settle(window)
    against = [caution for caution in window.current_cautions if "your pictures" in caution.title]
    assert len(against) == 1
    assert "measured on 3 of your pictures" in against[0].evidence
    window.remedy(against[0])
    settle(window)
    assert window.current_cautions == ()


def test_zones_follow_the_training_size(window: Window) -> None:
    slider = find(window, ZoneSlider, "gaussian_noise.sigma")
    assert slider._limits == registry()["gaussian_noise"].knobs()["sigma"].limits_at(224)
    raise_noise(window, 0.06)
    assert marked(window, "gaussian_noise") == ""
    window.studio.edit_pipeline("output", Output(fit=Fit.CROP, width=64, height=64))
    settle(window)
    assert slider._limits == registry()["gaussian_noise"].knobs()["sigma"].limits_at(64)
    assert marked(window, "gaussian_noise") != ""


def test_zones_are_those_that_cautions_go_by(open_window: OpenWindow, tmp_path: Path) -> None:
    """On pictures that are reduced before training noise does less harm: no red where nothing is said."""
    window = open_window()
    for number in range(3):
        write(tmp_path / "photos" / f"{number}.png", 900, 1200, seed=number)
    window.studio.apply_pipeline(
        "test", Pipeline(transforms=tuple(registry()[op].default() for op in ("gaussian_noise", "rotate")))
    )
    window.open_folder(tmp_path / "photos")
    settle(window)
    noise, turn = (find(window, ZoneSlider, name) for name in ("gaussian_noise.sigma", "rotate.angle"))

    def said(title: str) -> list[Level]:
        return [caution.level for caution in window.current_cautions if title in caution.title]

    for sigma in (0.1, 0.3, 0.5):
        window.studio.edit_step("gaussian_noise", "sigma", Range(0, sigma))
        settle(window)
        _, high = noise._limits.caution
        assert bool(said("Noise strength")) == (sigma > high), sigma
    assert turn._limits.excessive == (-45, 45)
    window.studio.edit_step("rotate", "angle", Range(-180, 180))
    settle(window)
    assert said("Rotate") == [Level.EXCESSIVE]
    window.studio.edit_pipeline("any_orientation", True)
    settle(window)
    assert said("Rotate") == []
    assert [level for level, _, _ in turn._zones()] == [None]


def test_the_track_shows_zones_not_by_colour_alone(window: Window) -> None:
    """In greys too, the zones are told apart: by hatching, and by lines between them."""
    slider = find(window, ZoneSlider, "gaussian_noise.sigma")
    zones = slider._zones()
    assert [level for level, _, _ in zones] == [None, Level.CAUTION, Level.EXCESSIVE]
    assert [low for _, low, _ in zones] == [0, 0.08, 0.18]
    slider.resize(400, slider.height())
    pixels = from_image(slider.grab().toImage())[..., :3].mean(axis=2)
    band = pixels[slider.height() - 7 : slider.height() - 1]
    kinds = []
    for _, low, high in zones:
        left, right = (round(slider._x(value)) for value in (low, high))
        part = band[:, left + 3 : right - 3]
        kinds.append(len(np.unique(part.round(-1), axis=1).T))
    plain, hatched, crossed = kinds
    assert plain == 1
    assert hatched > 1
    assert crossed > 1
    caution = band[:, round(slider._x(0.09)) : round(slider._x(0.17))]
    excessive = band[:, round(slider._x(0.182)) : round(slider._x(0.198))]
    assert not np.array_equal(caution[:, : excessive.shape[1]], excessive)


def test_a_click_on_a_caution_shows_its_card(open_window: OpenWindow, photos: Path) -> None:
    window = open_window(width=1100, height=700)
    steps = tuple(registry()[op].default() for op in registry())
    window.studio.apply_pipeline("test", Pipeline(transforms=steps))
    window.studio.edit_step("gaussian_noise", "sigma", Range(0, 0.4))
    settle(window)
    card = find(window, Card, "card.gaussian_noise")
    card.set_folded(True)
    settle(window)
    row = next(row for row in rows(window) if "Gaussian noise" in words(row))
    title = next(label for label in row.findChildren(QLabel) if label.property("heading"))
    QTest.mouseClick(title, LEFT, pos=QPoint(3, 3))
    settle(window)
    assert not card.folded
    assert card.hasFocus()
    assert not card.visibleRegion().isEmpty()


def test_cautions_are_reached_by_key(window: Window) -> None:
    """What a click does, Enter does."""
    raise_noise(window)
    row = rows(window)[0]
    assert row.focusPolicy() & Qt.FocusPolicy.TabFocus
    row.setFocus()
    QTest.keyClick(row, Qt.Key.Key_Return)
    assert find(window, Card, "card.gaussian_noise").hasFocus()


def test_many_cautions_leave_the_pictures_room(open_window: OpenWindow, photos: Path) -> None:
    window = open_window(width=1024, height=700)
    window.open_folder(photos)
    window.studio.apply_pipeline(
        "test",
        Pipeline(transforms=tuple(registry()[op].default(id=op) for op in ("invert", "rotate", "gamma", "blur"))),
    )
    for step, name, span in (
        ("rotate", "angle", (-180, 180)),
        ("gamma", "exponent", (0.2, 5)),
        ("blur", "sigma", (9, 9)),
    ):
        window.studio.edit_step(step, name, Range(*span))
    settle(window)
    assert len(rows(window)) >= 4
    assert window.compare.augmented.height() >= 100
    assert find(window, CautionsPanel, "cautions").height() < 60
    assert window.height() == 700


def test_a_removed_step_takes_its_cautions_along(window: Window) -> None:
    raise_noise(window)
    window.studio.remove_step("gaussian_noise")
    settle(window)
    assert rows(window) == []
    window.action_undo.trigger()
    settle(window)
    assert marked(window, "gaussian_noise") == "excessive", "the new card is marked again"


def test_level_and_frame_agree(window: Window) -> None:
    """The excessive come first, and every row's frame is of its level."""
    raise_noise(window)
    window.studio.edit_step("shrink", "scale", Range(0.75, 1))
    settle(window)
    levels = [row.property("caution") for row in rows(window)]
    assert levels == sorted(levels, reverse=True)
    assert levels == [caution.level.value for caution in window.current_cautions]
    assert all(isinstance(row, QFrame) for row in rows(window))


def test_advice_that_fails_is_told(window: Window, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise RuntimeError("no advice today")

    monkeypatch.setattr(window.advice.on_settings, "_run", fail)
    window.studio.edit_step("shrink", "scale", Range(0.9, 1))
    settle(window)
    assert "no advice today" in window.messages.text()


def test_what_lengths_are_on_the_picture(open_window: OpenWindow, tmp_path: Path) -> None:
    write(tmp_path / "a.png", 448, 500)
    window = open_window()
    window.studio.apply_pipeline("test", Pipeline(transforms=(registry()["blur"].default(sigma=(0, 2)),)))
    window.open_folder(tmp_path)
    settle(window)
    card = find(window, Card, "card.blur")
    assert any(label.text() == "up to 4 px here" for label in card.findChildren(QLabel))
    window.studio.edit_step("blur", "sigma", Range(0, 3))
    QApplication.processEvents()
    assert any(label.text() == "up to 6 px here" for label in card.findChildren(QLabel))
    settle(window)


def test_nothing_jumps_when_cautions_come_and_go(window: Window) -> None:
    """The pictures, the drawn numbers and the strip keep place and size; the worst caution has one line of its own."""

    def places() -> list[QRect]:
        parts = (window.compare, window.compare.augmented, window.stage.drawn, window.strip, window.cautions)
        return [QRect(part.mapTo(window, QPoint()), part.size()) for part in parts]

    before = places()
    raise_noise(window)
    window.studio.edit_step("shrink", "scale", Range(0.3, 0.5))
    settle(window)
    assert len(window.current_cautions) > 1
    assert places() == before
    worst = find(window, Worst, "caution.0")
    assert worst.accessibleName().startswith(f"Excessive: {window.current_cautions[0].title}. ")
    more = find(window, QToolButton, "cautions.more")
    assert more.text() == f"+{len(window.current_cautions) - 1} ▴"
    QTest.mouseClick(more, LEFT)
    settle(window)
    assert places() == before, "they unfold over the strip"
    everything = find(window, QFrame, "cautions.all")
    assert everything.isVisible()
    assert everything.geometry().bottom() < window.cautions.y()
    QTest.keyClick(more, Qt.Key.Key_Escape)
    assert not everything.isVisible()
    window.say("A message, which is long enough to take a second line where the window is narrow. " * 3)
    settle(window)
    assert places() == before, "a message lies over the pictures"
    window.messages.clear()
    window.studio.add_step("rotate")
    window.studio.edit_step("rotate", "angle", Range(-1, 1))
    for op in ("perspective", "cutout", "crop", "blur", "gamma"):
        window.studio.add_step(op)
    settle(window)
    assert places() == before, "however many numbers are drawn"


def test_cautions_come_while_edits_go_on(window: Window) -> None:
    """Not only when they have ended."""
    settle(window)
    for number in range(400):
        window.studio.edit_step("gaussian_noise", "sigma", Range(0, 0.3 + number * 0.0001))
        QApplication.processEvents()
        if window.current_cautions:
            break
        time.sleep(0.01)
    assert window.current_cautions, "the edits have not ended yet"
    settle(window)
    assert window.current_cautions == advise(window.studio.state.pipeline, window.studio.state.facts)


def test_a_remedy_never_takes_back_what_was_edited_since(window: Window) -> None:
    raise_noise(window)
    caution = window.current_cautions[0]
    window.studio.edit_step("shrink", "scale", Range(0.9, 0.95))
    window.remedy(caution)  # of a moment ago
    pipeline = window.studio.state.pipeline
    assert pipeline.step("shrink").range_of("scale") == (0.9, 0.95)
    assert pipeline.step("gaussian_noise").range_of("sigma").high < 0.4
    settle(window)


def test_the_focus_of_what_goes_is_nobody_elses_button(window: Window, photos: Path) -> None:
    """A second Space would press it."""
    window.open_folder(photos)
    settle(window)
    activate(window)
    window.studio.apply_pipeline("test", Pipeline.load("gentle"))
    window.studio.edit_step("rotate", "angle", Range(-60, 60))
    settle(window)
    remedy = find(window, QPushButton, "caution.0.remedy")
    remedy.setFocus()
    while window.current_cautions:
        QTest.keyClick(remedy, Qt.Key.Key_Space)
        settle(window)
    assert QApplication.focusWidget() is window.pictures.list
    window.say("Something went wrong.")
    close = find(window, QToolButton, "message.close")
    close.setFocus()
    QTest.keyClick(close, Qt.Key.Key_Space)
    assert not window.messages.isVisible()
    assert QApplication.focusWidget() is window.pictures.list
