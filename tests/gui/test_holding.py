"""The gesture: a value under the hand is what is seen; leaving it shows what the copy drew. Windowless as well."""

from __future__ import annotations

import itertools
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from driving import settle
from windows import start_afresh, write_photos

from augstudio.dataset import Dataset, Source
from augstudio.gui.intent.state import State, resolve
from augstudio.gui.intent.views import Held, Shown
from augstudio.gui.parts.qimages import from_image
from augstudio.gui.shell.studio import Studio
from augstudio.gui.shell.window import Window
from augstudio.images import read
from augstudio.pipeline import Pipeline
from augstudio.transforms import Range, Transform, registry

ROOT = str(Path("/data/photos"))
DATASET = Dataset(ROOT, (Source("book/a.png", ROOT, "book"), Source("book/b.png", ROOT, "book")))
RANGES = [(transform, name) for transform in registry().values() for name in transform.knobs()]
every_range = pytest.mark.parametrize(("transform", "name"), RANGES, ids=[f"{t.name()}.{n}" for t, n in RANGES])


def state_of(*steps: Transform, **more: Any) -> State:
    return State(dataset=DATASET, picture="book/a.png", pipeline=Pipeline(transforms=steps), seed=7, **more)


def with_others(transform: type[Transform], **fields: Any) -> tuple[Transform, ...]:
    """A step between two others that chance decides about."""
    return (
        registry()["rotate"].default(id="before", probability=0.5),
        transform.default(id="it", **fields),
        registry()["gaussian_noise"].default(id="after"),
    )


# -- without a window ----------------------------------------------------------------------------------------------


@every_range
def test_held_means_this_range_is_this_value_and_all_else_is_as_drawn(transform: type[Transform], name: str) -> None:
    knob = transform.knobs()[name]
    for probability, value, shown in itertools.product(
        (0.0, 0.3, 1.0), (*knob.hard, *knob.useful), (Shown("copy", 1), Shown("copy", 5))
    ):
        state = state_of(*with_others(transform, probability=probability), shown=shown)
        usual = resolve(state)
        scene = resolve(replace(state, held=Held("it", name, value)))
        assert usual.wanted.large is not None
        assert scene.wanted.large is not None
        drawn, seen = usual.wanted.large.draws(), scene.wanted.large.draws()
        assert (seen[0], seen[2]) == (drawn[0], drawn[2])
        assert seen[1].applied
        assert seen[1].values[name] == value
        assert seen[1].field_seed == drawn[1].field_seed
        if drawn[1].applied:
            assert {k: v for k, v in seen[1].values.items() if k != name} == {
                k: v for k, v in drawn[1].values.items() if k != name
            }
        assert scene.showing == f"showing {knob.label.lower()} {knob.show(value)}"
        assert scene.wanted.strip == usual.wanted.strip, "the copies are what they are"
        assert scene.pipeline == usual.pipeline, "nothing is edited"


def test_what_cannot_be_seen_is_not_said_to_be_shown() -> None:
    noise = registry()["gaussian_noise"]
    held = Held("it", "sigma", 0.1)
    assert resolve(state_of(noise.default(id="it"), held=held)).showing
    for state in (
        state_of(noise.default(id="it", enabled=False), held=held),
        state_of(noise.default(id="other"), held=held),
        state_of(noise.default(id="it"), held=Held("it", "sigma", 0.9)),  # out of bounds
        state_of(noise.default(id="it"), held=Held("it", "channels", 1)),
        state_of(noise.default(id="it"), registry()["blur"].default(id="b"), held=held, solo="b"),
        state_of(noise.default(id="it"), held=held, peek="it"),
        replace(state_of(noise.default(id="it"), held=held), dataset=None),
    ):
        scene = resolve(state)
        assert scene.showing == ""
        assert scene.wanted.large == resolve(replace(state, held=None)).wanted.large


@pytest.fixture
def studio(qapp: object) -> Studio:
    return Studio(state_of(*with_others(registry()["gaussian_noise"], sigma=Range(0, 0.19))))


LEAVING = {
    "the pointer and the focus leave": lambda s: s.hold("it", "sigma", None),
    "Escape": lambda s: s.let_go(),
    "another picture": lambda s: s.show_picture("book/b.png"),
    "another copy": lambda s: s.show_version(Shown("copy", 3)),
    "another folder": lambda s: s.open_dataset(DATASET),
    "undo": lambda s: s.undo_stack.undo(),
    "redo": lambda s: (s.undo_stack.undo(), s.hold("it", "sigma", 0.1), s.undo_stack.redo()),
}


@pytest.mark.parametrize("leave", LEAVING.values(), ids=LEAVING)
def test_it_ends_when_they_leave(studio: Studio, leave: Any) -> None:
    studio.edit_step("it", "sigma", Range(0, 0.19 - 0.01))
    studio.hold("it", "sigma", 0.18)
    term = registry()["gaussian_noise"].knobs()["sigma"].label.lower()
    assert studio.scene().showing == f"showing {term} 0.18"
    studio.edit_step("it", "sigma", Range(0, 0.15))
    studio.hold("it", "sigma", 0.15)
    assert studio.scene().showing == f"showing {term} 0.15", "an edit goes on with it"
    leave(studio)
    scene = studio.scene()
    assert scene.showing == ""
    assert scene.wanted.large in scene.wanted.strip
    assert " of 0 … 0.1" in scene.drawn
    assert f" drew {term} 0.0" in scene.drawn or f" drew {term} 0.1" in scene.drawn


def test_the_end_of_another_hold_ends_nothing(studio: Studio) -> None:
    studio.hold("it", "sigma", 0.18)
    studio.hold("before", "angle", None)
    assert studio.scene().showing


def test_what_the_copy_drew_is_said_afterwards() -> None:
    steps = (
        registry()["blur"].default(id="blur", probability=0.0),
        registry()["gaussian_noise"].default(id="it", sigma=Range(0, 0.19)),
    )
    drawn = resolve(state_of(*steps, touched=("it", "sigma"))).drawn
    value = Pipeline(transforms=steps).draw(7, "book/a.png", 1)[1].number("sigma")
    shown = registry()["gaussian_noise"].knobs()["sigma"].show(value)
    term = registry()["gaussian_noise"].knobs()["sigma"].label.lower()
    assert drawn == f"Copy 1 drew {term} {shown} of 0 … 0.19 (Gaussian noise) · without Blur"
    without = resolve(state_of(*steps, touched=("blur", "sigma"))).drawn
    assert without.startswith("Copy 1 goes without Blur: 0 % of the copies get it · Gaussian noise ")
    highest = resolve(state_of(*steps, touched=("it", "sigma"), shown=Shown("highest"))).drawn
    assert highest.startswith(f"Highest end of every range has {term} 0.19 of 0 … 0.19 (Gaussian noise)")


def test_a_peek_leaves_one_step_out_and_solo_leaves_one_step_in() -> None:
    steps = with_others(registry()["blur"])
    usual, peek = resolve(state_of(*steps)), resolve(state_of(*steps, peek="it"))
    assert usual.wanted.large is not None
    assert peek.wanted.large is not None
    assert [d.applied for d in peek.wanted.large.draws()][1:] == [False, True]
    assert peek.wanted.strip == usual.wanted.strip
    assert peek.pipeline == usual.pipeline
    solo = resolve(state_of(*steps, solo="it"))
    assert solo.wanted.large is not None
    assert [d.applied for d in solo.wanted.large.draws()] == [False, True, False]
    assert solo.wanted.large.draws()[1] == usual.wanted.large.draws()[1]
    assert solo.solo == "it"
    assert solo.wanted.large in solo.wanted.strip
    gone = resolve(state_of(*steps, solo="gone", peek="gone"))
    assert gone.wanted == usual.wanted
    assert gone.solo == ""


@pytest.fixture
def viewed(shared_window: Window, qtbot: object, tmp_path_factory: pytest.TempPathFactory) -> Window:
    if shared_window.studio.state.dataset is None:
        shared_window.open_folder(write_photos(tmp_path_factory.mktemp("held") / "photos"))
        settle(shared_window)
    start_afresh(shared_window)
    return shared_window


# -- in the window -------------------------------------------------------------------------------------------------


@every_range
def test_the_picture_shows_the_held_value_and_then_the_copy(
    viewed: Window, transform: type[Transform], name: str
) -> None:
    """Held, moved, let go of, undone: over every range of every registered transform."""
    step = transform.default(id="it", probability=1.0)
    pipeline = Pipeline(transforms=(step,))
    viewed.studio.apply_pipeline("test", pipeline)
    settle(viewed)
    source = viewed.studio.state.source
    assert source is not None
    pixels = read(source.path).pixels
    height, width = pixels.shape[:2]

    def as_made(made: Pipeline) -> np.ndarray[Any, Any]:
        return made.plan(made.draw(viewed.studio.state.seed, source.key, 1), width, height).apply(pixels)

    def seen() -> np.ndarray[Any, Any]:
        image = viewed.compare.augmented.image()
        assert image is not None
        return from_image(image)[..., :3]

    copy = seen()
    assert np.array_equal(copy, as_made(pipeline))
    low, high = transform.knobs()[name].useful
    for value in (high, low):
        viewed.studio.hold("it", name, value)
        settle(viewed)
        assert np.array_equal(seen(), as_made(pipeline.with_step("it", **{name: (value, value)})))
        assert viewed.compare.augmented.caption == viewed.studio.scene().showing != ""
    viewed.studio.edit_step("it", name, Range(low, high))
    viewed.studio.hold("it", name, None)
    settle(viewed)
    assert np.array_equal(seen(), as_made(viewed.studio.state.pipeline))
    assert viewed.compare.augmented.caption == ""
    viewed.studio.undo_stack.undo()
    settle(viewed)
    assert np.array_equal(seen(), as_made(viewed.studio.state.pipeline))
