"""From intent to what is shown: plain values, no window needed."""

from __future__ import annotations

import ast
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import pytest

from augstudio.advice import Facts
from augstudio.dataset import Dataset, Source
from augstudio.gui.intent import state as module
from augstudio.gui.intent.state import Scene, State, describe_draws, resolve
from augstudio.gui.intent.views import STRIP_COPIES, Shown, View
from augstudio.pipeline import Fit, Output, Pipeline
from augstudio.transforms import Range, registry

ROOT = str(Path("/data/photos"))


def source(key: str) -> Source:
    return Source(key, ROOT, key.rpartition("/")[0])


def pipeline(*ops: str, **fields: Any) -> Pipeline:
    return Pipeline(transforms=tuple(registry()[op].default() for op in ops), **fields)


DATASET = Dataset(ROOT, tuple(source(key) for key in ("book/a.png", "book/b.png", "sign/c.png")))
STATE = State(dataset=DATASET, picture="book/b.png", pipeline=pipeline("rotate", "flip"), seed=7)


def test_it_imports_no_qt() -> None:
    tree = ast.parse(Path(module.__file__).read_text(encoding="utf-8"))
    imported = {
        name.split(".")[0]
        for node in ast.walk(tree)
        for name in (
            [alias.name for alias in node.names]
            if isinstance(node, ast.Import)
            else [node.module or ""]
            if isinstance(node, ast.ImportFrom)
            else []
        )
    }
    assert not imported & {"PySide6", "PyQt6", "qtpy", "superqt", "shiboken6"}


def test_the_same_intent_gives_the_same_scene() -> None:
    scene = resolve(STATE)
    assert scene == resolve(replace(STATE))
    assert scene.differences(resolve(STATE)) == set()
    assert scene.differences(None) == {field.name for field in fields(Scene)}


def test_nothing_open() -> None:
    scene = resolve(State())
    assert scene.wanted.large is None
    assert scene.wanted.strip == ()
    assert scene.drawn == ""
    assert scene.summary == "No folder open"
    assert scene.title == "Untitled preset — augstudio"


def test_a_picture_that_is_not_there_shows_nothing() -> None:
    scene = resolve(replace(STATE, picture="book/gone.png"))
    assert scene.wanted.large is None
    assert scene.wanted.strip == ()


@pytest.mark.parametrize(
    ("changes", "differ"),
    [
        ({"picture": "sign/c.png"}, {"picture", "source", "wanted", "drawn"}),
        ({"seed": 8}, {"seed", "wanted", "drawn"}),
        ({"shown": Shown("copy", 2)}, {"shown", "wanted", "drawn", "heading"}),
        ({"shown": Shown("highest")}, {"shown", "wanted", "drawn", "heading"}),
        ({"originals": True}, {"originals", "judged"}),
        ({"facts": Facts(10, 10, 0.2, 3)}, {"judged"}),
        ({"saved": STATE.pipeline}, {"title", "preset"}),
        ({"dataset": replace(DATASET, location="/data/other")}, {"dataset", "title", "measured"}),
        ({"preset": Path("other.json")}, {"preset_file"}),
        ({"gone": True}, {"exportable", "gone"}),
        (
            {"pipeline": STATE.pipeline.with_step("rotate", angle=Range(0, 5))},
            {"pipeline", "wanted", "drawn", "judged"},
        ),
        (
            {"pipeline": STATE.pipeline.edited(output=Output(fit=Fit.CROP, width=64, height=48))},
            {"pipeline", "wanted", "judged", "measured", "summary"},
        ),
    ],
)
def test_only_what_an_edit_touches_differs(changes: dict[str, Any], differ: set[str]) -> None:
    old, new = resolve(STATE), resolve(replace(STATE, **changes))
    assert new.differences(old) == differ
    assert old.differences(new) == differ


def test_unsaved_changes_show_in_title_and_preset() -> None:
    scene = resolve(STATE)
    assert scene.title == "photos — Untitled preset • — augstudio"
    assert scene.preset == "Preset: Untitled preset •"
    named = STATE.pipeline.edited(name="Mine")
    scene = resolve(replace(STATE, pipeline=named, saved=named))
    assert scene.title == "photos — Mine — augstudio"
    assert scene.preset == "Preset: Mine"


def test_the_strip_is_both_ends_and_the_first_copies() -> None:
    scene = resolve(STATE)
    assert [view.shown for view in scene.wanted.strip] == [
        Shown("lowest"),
        Shown("highest"),
        *(Shown("copy", number) for number in range(1, STRIP_COPIES + 1)),
    ]
    assert all(view.source.key == "book/b.png" and view.seed == 7 for view in scene.wanted.strip)
    assert scene.wanted.large in scene.wanted.strip


def test_a_variation_has_the_draws_of_the_exported_copy() -> None:
    for number in (1, 2, 12):
        view = View(source("book/b.png"), (), STATE.pipeline, 7, Shown("copy", number))
        assert view.draws() == STATE.pipeline.draw(7, "book/b.png", number)


def test_the_ends_are_the_ends_of_every_range() -> None:
    steps = STATE.pipeline
    for kind, end in (("lowest", -15.0), ("highest", 15.0)):
        rotate = View(source("book/b.png"), (), steps, 7, Shown(kind)).draws()[0]  # type: ignore[arg-type]
        assert rotate.applied
        assert rotate.values["angle"] == end


def test_drawn_numbers_in_words() -> None:
    steps = pipeline("rotate", "gaussian_noise", "flip", "invert", "blur")
    steps = steps.with_step("rotate", angle=Range(7.24, 7.24)).with_step("gaussian_noise", sigma=Range(0.05, 0.05))
    steps = (
        steps.with_step("flip", probability=0.0).with_step("invert", probability=1.0).with_step("blur", enabled=False)
    )
    words = describe_draws(steps, steps.draw(0, "x", 3), Shown("copy", 3))
    assert words == "Copy 3: Rotate 7.2° · Gaussian noise 0.05 · Invert · without Flip"
    assert describe_draws(Pipeline(), (), Shown("lowest")) == "Lowest end of every range: unchanged"


def test_what_chance_decides_is_told_beside_the_drawn_numbers() -> None:
    steps = pipeline("crop", "flip").with_step("crop", area=Range(0.8, 0.8), aspect=Range(1, 1))
    steps = steps.with_step("flip", axis="either", probability=1.0)
    for shown in (Shown("copy", 3), Shown("lowest"), Shown("highest")):
        view = View(source("book/b.png"), (), steps, 7, shown)
        crop, flip = view.draws()
        ((x, y),) = crop.points("place")
        crop_said = f"Crop area kept 0.8, shape (aspect) ×1, position x {x:.2f}, y {y:.2f}"
        assert f": {crop_said} · Flip axis: {flip.positions['axis']}" in describe_draws(steps, view.draws(), shown)
    scene = resolve(replace(STATE, pipeline=steps))
    assert "position x " in scene.drawn


def test_the_summary_counts_and_says_the_output() -> None:
    assert resolve(STATE).summary == "3 pictures · 2 classes · output keeps each size · judged at 224 px"
    sized = STATE.pipeline.edited(output=Output(fit=Fit.PAD, width=640, height=96))
    skipped = replace(DATASET, sources=DATASET.sources[:2], skipped=("x: a link to nothing", "y: a link to nothing"))
    parts = resolve(replace(STATE, dataset=skipped, pipeline=sized)).summary.split(" · ")
    assert parts[0] == "2 pictures"
    assert "skipped" in parts[1]
    assert parts[2:] == ["output 640 × 96 (pad)", "judged at 96 px"]


def test_the_summary_names_splits_and_counts_classes_once() -> None:
    keys = ("train/cat/1.png", "train/dog/2.png", "Valid/cat/3.png", "test/4.png")
    sources = tuple(Source(key, ROOT, "/".join(key.split("/")[1:-1]), key.split("/")[0]) for key in keys)
    scene = resolve(replace(STATE, dataset=Dataset(ROOT, sources, ("x: a link to nothing",)), picture=keys[0]))
    assert scene.summary.startswith("4 pictures · 2 classes · train/Valid/test · 1 skipped · output")
    unlabelled = tuple(replace(source, label="") for source in sources)
    assert resolve(replace(STATE, dataset=Dataset(ROOT, unlabelled))).summary.startswith(
        "4 pictures · train/Valid/test · output"
    )
