"""Whatever is done, in whatever order and however fast: controls, state and pictures agree when all is done."""

from __future__ import annotations

import random
from collections.abc import Callable

import numpy as np
import pytest
from driving import find, settle, type_number
from PySide6.QtCore import QCoreApplication, QEvent, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QCheckBox, QLineEdit, QListView
from windows import start_afresh, write_photos

from augstudio import presets
from augstudio.advice import advise
from augstudio.gui.cards.card import Card
from augstudio.gui.cards.zone_slider import ZoneSlider
from augstudio.gui.intent.views import Shown
from augstudio.gui.parts.number_field import NumberField
from augstudio.gui.parts.qimages import from_image
from augstudio.gui.shell.window import Window
from augstudio.gui.stage.strip import Strip
from augstudio.images import read
from augstudio.pipeline import Fit, Output
from augstudio.transforms import Knob, Range, registry

ACTIONS = 120


@pytest.fixture
def window(shared_window: Window, qtbot: object, tmp_path_factory: pytest.TempPathFactory) -> Window:
    """A window with pictures open."""
    if shared_window.studio.state.dataset is None:
        shared_window.open_folder(write_photos(tmp_path_factory.mktemp("pictures")))
        settle(shared_window)
    start_afresh(shared_window)
    return shared_window


class Monkey:
    """Does one thing after the other, by chance."""

    def __init__(self, window: Window, seed: int) -> None:
        self.window, self.chance = window, random.Random(seed)
        self.deeds: list[Callable[[], object]] = [self.edit, self.drag, self.add, self.remove, self.move, self.switch]
        self.deeds += [self.undo, self.undo, self.redo, self.preset, self.picture, self.walk, self.version, self.seed]
        self.deeds += [self.zoom, self.output, self.originals, self.filter, self.fold, self.remedy]

    def act(self) -> str:
        """Do something; say what."""
        deed = self.chance.choice(self.deeds)
        QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)  # as between any two events
        deed()
        return deed.__name__

    def step(self) -> str | None:
        steps = self.window.studio.state.pipeline.transforms
        return self.chance.choice(steps).id if steps else None

    def knob(self) -> tuple[str, str, Knob] | None:
        step = self.step()
        knobs = self.window.studio.state.pipeline.step(step).knobs() if step else {}
        if not step or not knobs:
            return None
        name = self.chance.choice(sorted(knobs))
        return step, name, knobs[name]

    def edit(self) -> None:
        if chosen := self.knob():
            step, name, knob = chosen
            digits = 0 if knob.whole else knob.decimals
            ends = sorted(round(self.chance.uniform(*knob.hard), digits) for _ in range(2))
            self.window.studio.edit_step(step, name, Range(*ends))

    def drag(self) -> None:
        if chosen := self.knob():
            step, name, knob = chosen
            slider = find(self.window, ZoneSlider, f"{step}.{name}")
            slider.set_ends(*sorted(self.chance.uniform(*knob.useful) for _ in range(2)))

    def add(self) -> None:
        if len(self.window.studio.state.pipeline.transforms) < 8:
            self.window.studio.add_step(self.chance.choice(sorted(registry())))

    def remove(self) -> None:
        if step := self.step():
            self.window.studio.remove_step(step)

    def move(self) -> None:
        if step := self.step():
            place = self.chance.randrange(len(self.window.studio.state.pipeline.transforms))
            self.window.studio.move_step(step, place)

    def switch(self) -> None:
        if step := self.step():
            find(self.window, QCheckBox, f"{step}.enabled").click()

    def undo(self) -> None:
        self.window.action_undo.trigger()

    def redo(self) -> None:
        self.window.action_redo.trigger()

    def preset(self) -> None:
        self.window.studio.load_preset(self.chance.choice(presets.shipped()).path)

    def picture(self) -> None:
        dataset = self.window.studio.state.dataset
        assert dataset is not None
        self.window.studio.show_picture(self.chance.choice(dataset.sources).key)

    def walk(self) -> None:
        self.window.pictures.step(self.chance.choice((-1, 1)))

    def version(self) -> None:
        strip = find(self.window, Strip, "strip")
        strip.setCurrentRow(self.chance.randrange(strip.count()))

    def seed(self) -> None:
        type_number(find(self.window, NumberField, "seed"), str(self.chance.randrange(2**31)))

    def zoom(self) -> None:
        self.chance.choice((self.window.compare.fit, self.window.compare.show_whole))()

    def output(self) -> None:
        sized = Output(fit=Fit.CROP, width=self.chance.randint(1, 99), height=self.chance.randint(1, 99))
        self.window.studio.edit_pipeline("output", self.chance.choice((Output(), sized)))

    def originals(self) -> None:
        self.window.studio.set_originals(self.chance.random() < 0.5)

    def filter(self) -> None:
        find(self.window, QLineEdit, "pictures.filter").setText(self.chance.choice(("", "b", "s1", "none")))

    def fold(self) -> None:
        if step := self.step():
            find(self.window, Card, f"card.{step}").set_folded(self.chance.random() < 0.5)

    def remedy(self) -> None:
        for caution in self.window.current_cautions[:1]:
            if caution.remedy:
                self.window.remedy(caution)


def agree(window: Window) -> None:
    """Hold what is shown against the state."""
    state = window.studio.state
    scene = window.studio.scene()
    assert [c.step_id for c in sorted(window.findChildren(Card), key=Card.y)] == [
        s.id for s in state.pipeline.transforms
    ]
    for step in state.pipeline.transforms:
        assert find(window, QCheckBox, f"{step.id}.enabled").isChecked() == step.enabled
        for name in step.knobs():
            assert find(window, ZoneSlider, f"{step.id}.{name}").ends() == pytest.approx(tuple(step.range_of(name)))
    assert find(window, NumberField, "seed").value() == state.seed
    assert find(window, Strip, "strip").currentItem().data(Qt.ItemDataRole.UserRole) == state.shown
    assert window.current_cautions == advise(
        state.pipeline, state.facts, originals=state.originals, labels=state.objects
    )
    assert window.windowTitle() == scene.title
    current = find(window, QListView, "pictures.list").currentIndex()
    if window.pictures.model.row(state.picture) is not None:
        assert window.pictures.model.source(current.row()).key == state.picture
    assert scene.wanted.large is not None
    pixels = read(scene.wanted.large.source.path).pixels
    wanted = state.pipeline.plan(scene.wanted.large.draws(), *pixels.shape[1::-1]).apply(pixels)
    image = window.compare.augmented.image()
    assert image is not None
    assert np.array_equal(from_image(image)[..., :3], wanted)


@pytest.mark.parametrize("seed", range(4))
def test_all_agrees_in_the_end(window: Window, seed: int) -> None:
    monkey = Monkey(window, seed)
    done = []
    for number in range(ACTIONS):
        done.append(monkey.act())
        if monkey.chance.random() < 0.3:
            QApplication.processEvents()
        if number % 40 == 39:
            settle(window)
            agree(window)
    find(window, QLineEdit, "pictures.filter").clear()
    while window.action_undo.isEnabled():
        window.action_undo.trigger()
    settle(window)
    agree(window)
    assert window.studio.state.pipeline == presets.find("gentle")
    QTest.keyClick(window, Qt.Key.Key_Right, Qt.KeyboardModifier.ControlModifier)
    window.studio.show_version(Shown())
    settle(window)
    agree(window)
