"""Cautions about labelled objects: what they count, which setting they name, and that their remedies clear them."""

from __future__ import annotations

import pickle
import subprocess
import sys
import time
from typing import Any

import numpy as np
import pytest
import strategies
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from augstudio.advice import (
    Caution,
    Facts,
    LabelFacts,
    LabelledPicture,
    Level,
    advise,
    advise_on_objects,
    advise_on_settings,
    label_facts_of,
)
from augstudio.engine import BorderMode, BoundingBox, Polygon, Shape
from augstudio.label_rules import BoxFit, Empty, LabelRules, Objects
from augstudio.pipeline import Fit, Output, Pipeline
from augstudio.transforms import registry

C, X = Level.CAUTION, Level.EXCESSIVE
R = registry()
SIZE = (400, 300)


def one(op: str, **values: Any) -> Pipeline:
    own = {name: values.pop(name) for name in ("training_size", "output", "labels") if name in values}
    return Pipeline(transforms=(R[op].model_validate(values),), **own)


def labelled(*pictures: tuple[tuple[Shape, ...], tuple[str, ...]], size: tuple[int, int] = SIZE) -> LabelFacts:
    found = label_facts_of(
        LabelledPicture.of(f"{number}.png", size, Objects(shapes, names))
        for number, (shapes, names) in enumerate(pictures)
    )
    assert found is not None
    return found


def everywhere(pictures: int = 12, objects: int = 6, side: float = 50, seed: int = 0) -> LabelFacts:
    """Boxes of two classes all over the pictures; every third one small."""
    rng = np.random.default_rng(seed)
    made = []
    for _ in range(pictures):
        boxes = []
        for number in range(objects):
            own = side if number % 3 else side / 2
            x, y = rng.uniform(0, (SIZE[0] - own, SIZE[1] - own))
            boxes.append(BoundingBox(number, x, y, x + own, y + own))
        made.append((tuple(boxes), tuple("large" if n % 3 else "small" for n in range(objects))))
    return labelled(*made)


def central(side: float = 40, count: int = 12) -> LabelFacts:
    x, y = SIZE[0] / 2, SIZE[1] / 2
    box = BoundingBox(0, x - side / 2, y - side / 2, x + side / 2, y + side / 2)
    return labelled(*[((box,), ("thing",))] * count)


EVERYWHERE = everywhere()
CENTRAL = central()


def about(cautions: tuple[Caution, ...], title: str) -> Caution | None:
    found = [caution for caution in cautions if title in caution.title.lower()]
    assert len(found) <= 1
    return found[0] if found else None


# -- objects without labels --------------------------------------------------------------------------------------------


def test_pieces_that_borders_show_are_counted_in_words() -> None:
    """One box at the left edge of each picture; shrunk to 0.8, a mirrored border shows 5/8 of it again, always."""
    box = BoundingBox(0, 0, 120, 80, 180)
    facts = labelled(*[((box,), ("thing",))] * 3)
    pipeline = one("shrink", scale=(0.8, 0.8), border="mirror")
    caution = about(advise_on_objects(pipeline, facts), "without labels")
    assert caution is not None
    assert "In all of the copies (24 of 24), 24 unlabelled pieces of objects, 50 % of all objects" in caution.message
    assert "mirrored borders show objects again, and a model learns" in caution.message
    assert "counted on 24 objects in 8 copies of each of 3 of your pictures" in caution.evidence
    assert (caution.level, caution.step, caution.parameter) == (X, "", "")
    for border in ("blank", "edge"):
        assert advise_on_objects(pipeline.with_step("shrink", border=border), facts) == ()
    assert about(advise_on_objects(pipeline.with_step("shrink", border="tile"), facts), "without labels") is not None
    assert advise_on_objects(pipeline, CENTRAL) == (), "what lies in the middle is not seen again"


def test_the_level_goes_by_how_many_of_the_objects_have_no_label() -> None:
    """Eleven objects in the middle beside the one at the edge: 1 of 13 is a piece."""
    middle = tuple(BoundingBox(n, 100 + 15 * n, 100, 114 + 15 * n, 160) for n in range(1, 12))
    facts = labelled(*[((BoundingBox(0, 0, 120, 80, 180), *middle), ("thing",) * 12)] * 3)
    caution = about(advise_on_objects(one("shrink", scale=(0.8, 0.8)), facts), "without labels")
    assert caution is not None
    assert caution.level is C
    assert "24 unlabelled pieces of objects, 7 % of all objects that are seen" in caution.message


@pytest.mark.parametrize(("probability", "told"), [(0.01, False), (0.3, True)])
def test_a_few_copies_are_nothing_to_speak_of(probability: float, told: bool) -> None:
    facts = labelled(*[((BoundingBox(0, 0, 120, 80, 180),), ("thing",))] * 24)
    pipeline = one("shrink", scale=(0.8, 0.8), probability=probability)
    assert (about(advise_on_objects(pipeline, facts), "without labels") is not None) == told


def test_the_remedy_blanks_the_borders_that_show_objects_again_and_no_others() -> None:
    pipeline = Pipeline(
        transforms=(
            R["rotate"].model_validate({"border": "mirror"}),
            R["shrink"].model_validate({"border": "tile", "scale": (0.6, 1)}),
            R["shift"].model_validate({"border": "edge"}),
            R["shear"].model_validate({"border": "mirror", "enabled": False}),
        ),
        output=Output(fit=Fit.PAD, width=300, height=300, border=BorderMode.MIRROR),
    )
    caution = about(advise_on_objects(pipeline, EVERYWHERE), "without labels")
    assert caution is not None
    assert "mirrored and tiled borders show objects again (rotate, shrink and the output)" in caution.message
    assert caution.remedy is not None
    assert caution.remedy.label == "Blank the borders"
    after = caution.remedy.pipeline
    assert [str(step.border) for step in after.transforms] == ["blank", "blank", "edge", "mirror"]  # type: ignore[attr-defined]
    assert after.output.border is BorderMode.BLANK
    assert after.edited(transforms=pipeline.transforms, output=pipeline.output) == pipeline, "nothing else changes"
    assert about(advise_on_objects(after, EVERYWHERE), "without labels") is None


def test_the_border_of_the_output_is_judged_too() -> None:
    output = Output(fit=Fit.PAD, width=300, height=300, border=BorderMode.MIRROR)
    facts = labelled(*[((BoundingBox(0, 100, 0, 180, 60),), ("thing",))] * 3)
    caution = about(advise_on_objects(Pipeline(output=output), facts), "without labels")
    assert caution is not None
    assert caution.remedy is not None
    assert caution.remedy.pipeline.output == output.model_copy(update={"border": BorderMode.BLANK})
    assert about(advise_on_objects(caution.remedy.pipeline, facts), "without labels") is None


def test_no_remedy_brings_unlabelled_objects_in() -> None:
    """What fills the frame with blank borders is turned down; no border is made to show objects again."""
    steps = tuple(
        R[op].model_validate({"border": "blank", **values})
        for op, values in (
            ("shrink", {"scale": (0.8, 1)}),
            ("rotate", {"angle": (-30, 30)}),
            ("shift", {"x": (-0.3, 0.3), "y": (-0.3, 0.3)}),
        )
    )
    pipeline = Pipeline(transforms=steps)
    for labels in (None, CENTRAL):
        (caution,) = [c for c in advise(pipeline, originals=True, labels=labels) if c.measure == "border"]
        assert caution.remedy is not None
        assert {str(step.border) for step in caution.remedy.pipeline.transforms} == {"blank"}  # type: ignore[attr-defined]


# -- what becomes of objects ------------------------------------------------------------------------------------------


def test_lost_objects_are_told_with_the_setting_and_the_classes() -> None:
    pipeline = Pipeline(
        transforms=(
            R["crop"].model_validate({"area": (0.4, 0.6), "aspect": (1, 1)}),
            R["rotate"].model_validate({"angle": (-5, 5), "border": "blank"}),
        )
    )
    caution = about(advise_on_objects(pipeline, EVERYWHERE), "objects lost")
    assert caution is not None
    assert (caution.level, caution.step, caution.title) == (X, "crop", "Crop · objects lost")
    assert "Crop does most of it: without it, " in caution.message
    assert caution.remedy is not None
    after = about(advise_on_objects(caution.remedy.pipeline, EVERYWHERE), "objects lost")
    assert after is None
    assert caution.remedy.pipeline.step("rotate") == pipeline.step("rotate")


def test_classes_that_suffer_more_are_named() -> None:
    """Small objects at the edge, large ones in the middle."""
    edge = BoundingBox(0, 0, 0, 30, 30)
    middle = BoundingBox(1, 150, 100, 250, 200)
    facts = labelled(*[((edge, middle), ("edge", "middle"))] * 12)
    caution = about(advise_on_objects(one("crop", area=(0.5, 0.5), aspect=(1, 1)), facts), "objects lost")
    assert caution is not None
    assert "lost: too little is seen of them to be labelled (edge: " in caution.message
    assert "middle" not in caution.message


def test_objects_of_which_less_than_half_is_left_are_told_apart_from_lost_ones() -> None:
    """Shifted by 6/10 of its width out of the frame, each shows 40 %."""
    facts = labelled(*[((BoundingBox(0, 0, 100, 100, 200),), ("thing",))] * 6)
    pipeline = one("shift", x=(-0.15, -0.15), y=(0, 0), border="blank")
    found = advise_on_objects(pipeline, facts)
    caution = about(found, "objects cut")
    assert caution is not None
    assert about(found, "lost") is None
    assert caution.message == (
        "All of the objects in the copies are labelled though less than half of them is seen. "
        "Shift does most of it: without it, none would be."
    )
    assert caution.remedy is not None
    assert about(advise_on_objects(caution.remedy.pipeline, facts), "objects cut") is None


def test_what_cut_outs_hide_counts() -> None:
    facts = central(side=60)
    pipeline = one("cutout", side=(0.8, 0.8), count=(1, 1), probability=1.0)
    caution = about(advise_on_objects(pipeline, facts), "objects lost")
    assert caution is not None
    assert caution.step == "cutout"
    assert caution.remedy is not None
    assert about(advise_on_objects(caution.remedy.pipeline, facts), "objects lost") is None


def test_small_objects_are_the_doing_of_the_training_size_or_of_a_step() -> None:
    """20 px of 300 are 15 at 224 px, and 6.7 at 100."""
    facts = central(side=20)
    assert advise_on_objects(Pipeline(), facts) == ()
    at_100 = about(advise_on_objects(Pipeline(training_size=100), facts), "small objects")
    assert at_100 is not None
    assert at_100.message == (
        "All of the objects in the copies are smaller than 8 px at 100 px. Most of them are so without any step: a "
        "larger size for training would help, or an output that cuts less."
    )
    assert (at_100.level, at_100.step, at_100.remedy) == (C, "", None)
    shrunk = about(advise_on_objects(one("shrink", scale=(0.5, 0.5), border="blank"), facts), "small objects")
    assert shrunk is not None
    assert (shrunk.step, shrunk.parameter) == ("shrink", "scale")
    assert shrunk.remedy is not None
    assert about(advise_on_objects(shrunk.remedy.pipeline, facts), "small objects") is None


def test_loose_boxes_want_a_smaller_angle() -> None:
    """A box of 1:3 turned by up to 45° fits its own turned one ill; with an outline there is nothing to say."""
    left, top, right, bottom = 180, 90, 220, 210
    boxes = labelled(*[((BoundingBox(0, left, top, right, bottom),), ("thing",))] * 8)
    pipeline = one("rotate", angle=(-45, 45), border="blank")
    caution = about(advise_on_objects(pipeline, boxes), "loose boxes")
    assert caution is not None
    assert (caution.level, caution.step, caution.parameter) == (C, "rotate", "angle")
    assert caution.remedy is not None
    assert caution.remedy.label.startswith("Set to −")
    assert caution.remedy.pipeline.step("rotate").range_of("angle").high < 45
    assert about(advise_on_objects(caution.remedy.pipeline, boxes), "loose boxes") is None
    ring = [(left, top), (right, top), (right, bottom), (left, bottom)]
    outlines = labelled(*[((Polygon.of(0, ring), BoundingBox(0, left, top, right, bottom)), ("thing",))] * 8)
    assert advise_on_objects(pipeline, outlines) == ()
    assert advise_on_objects(one("quarter_turn"), boxes) == ()


def test_boxes_about_corners_are_first_to_be_boxes_about_ellipses() -> None:
    facts = central(side=60)
    rules = LabelRules(box_fit=BoxFit.CORNERS)
    pipeline = one("rotate", angle=(-12, 12), border="blank", labels=rules)
    caution = about(advise_on_objects(pipeline, facts), "loose boxes")
    assert caution is not None
    assert caution.remedy is not None
    assert caution.remedy.label == "Boxes about the ellipse"
    assert caution.remedy.pipeline == pipeline.edited(labels=LabelRules())
    assert about(advise_on_objects(caution.remedy.pipeline, facts), "loose boxes") is None


def test_where_several_do_it_together_none_is_blamed() -> None:
    crops = tuple(R["crop"].model_validate({"area": (0.55, 0.55), "aspect": (1, 1)}) for _ in range(4))
    caution = about(advise_on_objects(Pipeline(transforms=crops), EVERYWHERE), "objects lost")
    assert caution is not None
    assert caution.message.endswith("No single setting does most of it.")
    assert (caution.step, caution.remedy) == ("", None)


def test_copies_that_have_lost_all_are_drawn_anew_as_an_export_does() -> None:
    facts = central(side=30)
    steps = {"x": (-0.9, 0.9), "y": (0, 0), "border": "blank"}
    kept = about(advise_on_objects(one("shift", **steps), facts), "objects lost")
    redrawn = about(
        advise_on_objects(one("shift", **steps, labels=LabelRules(without_objects=Empty.REDRAW)), facts), "objects lost"
    )
    assert kept is not None
    assert redrawn is None or redrawn.message != kept.message


def test_an_output_that_cuts_objects_off_is_named() -> None:
    """A square out of the middle leaves nothing of the left and right quarter."""
    facts = labelled(*[((BoundingBox(0, 0, 100, 40, 200), BoundingBox(1, 150, 100, 250, 200)), ("a", "b"))] * 6)
    pipeline = Pipeline(output=Output(fit=Fit.CROP, width=224, height=224))
    caution = about(advise_on_objects(pipeline, facts), "objects lost")
    assert caution is not None
    assert "50 % of the objects" in caution.message
    assert "an output that cuts less" in caution.message


# -- laws ----------------------------------------------------------------------------------------------------------


PHOTOS = Facts(640, 480, 0.25, 9)


@settings(max_examples=60, suppress_health_check=list(HealthCheck))
@given(strategies.pipelines(), st.booleans())
def test_without_labels_nothing_is_new(pipeline: Pipeline, originals: bool) -> None:
    found = advise(pipeline, PHOTOS, originals=originals)
    assert advise(pipeline, PHOTOS, originals=originals, labels=None) == found
    assert advise_on_settings(pipeline, PHOTOS, originals=originals) == found


def test_without_labels_nobody_waits_for_shapely() -> None:
    code = (
        "import sys; from augstudio.advice import advise; from augstudio.presets import find; "
        "advise(find('photos')); print('shapely' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"


def test_the_same_pictures_get_the_same_cautions() -> None:
    pipeline = Pipeline(
        transforms=(R["crop"].model_validate({"area": (0.3, 0.6)}), R["rotate"].default(angle=(-40, 40)))
    )
    found = advise(pipeline, labels=EVERYWHERE)
    assert len([c for c in found if c in advise_on_objects(pipeline, EVERYWHERE)]) >= 3
    again = pickle.loads(pickle.dumps(EVERYWHERE))
    assert again == EVERYWHERE
    assert advise(pipeline, labels=again) == found
    assert [c.level for c in found] == sorted((c.level for c in found), key=lambda level: level is C)
    for caution in found:
        assert {"level", "step", "parameter", "title", "message", "evidence", "remedy"} <= set(caution.as_json())


SEVERAL = everywhere(pictures=3, objects=4)


@settings(max_examples=25, suppress_health_check=list(HealthCheck))
@given(strategies.pipelines())
def test_remedies_clear_what_they_are_for_and_come_to_an_end(pipeline: Pipeline) -> None:
    for _ in range(40):
        cautions = advise(pipeline, PHOTOS, originals=True, labels=SEVERAL)
        for caution in cautions:
            assert caution.message.endswith(".")
            assert caution.step in {"", *(s.id for s in pipeline.transforms)}
        of_objects = [c for c in advise_on_objects(pipeline, SEVERAL) if c.remedy]
        assert all(caution in cautions for caution in of_objects)
        remedies = of_objects or [c for c in cautions if c.remedy]
        if not remedies:
            return
        first = remedies[0]
        assert first.remedy is not None
        pipeline = first.remedy.pipeline
        if of_objects:
            kind = first.title.rpartition("· ")[2].lower()
            assert all(not c.title.lower().endswith(kind) for c in advise_on_objects(pipeline, SEVERAL)), first
    pytest.fail("remedies go round in circles")


def test_whoever_waits_is_let_go_first() -> None:
    """Between the copies, and between the steps that are tried without."""

    class EndedError(Exception):
        pass

    def end() -> None:
        raise EndedError

    with pytest.raises(EndedError):
        advise_on_objects(one("crop", area=(0.3, 0.5)), EVERYWHERE, pause=end)
    asked = []
    advise_on_objects(one("crop", area=(0.3, 0.5)), EVERYWHERE, pause=lambda: asked.append(1))
    assert len(asked) > 10


@pytest.mark.slow
@pytest.mark.parametrize("objects", [5, 300])
def test_it_does_not_take_long(objects: int) -> None:
    """Of the processor, with culprit and remedy; others may use it at the same time."""
    from augstudio.presets import find

    facts = everywhere(pictures=24, objects=objects, side=20)
    pipeline = find("photos")
    advise_on_objects(pipeline, facts)
    best = min(_seconds(pipeline, facts) for _ in range(3))
    assert best < 3, f"{best:.2f} s"


def _seconds(pipeline: Pipeline, facts: LabelFacts) -> float:
    start = time.thread_time()
    advise_on_objects(pipeline, facts)
    return time.thread_time() - start
