"""What is measured on whole copies: the trials of the issue, laws for every pipeline, and the time it takes."""

from __future__ import annotations

import json
import math
import time
from typing import Any

import numpy as np
import pytest
import shapely
import strategies
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from augstudio import presets
from augstudio.advice import Caution, Evidence, Facts, Level, advise, advise_on_settings, measures, readings
from augstudio.advice.areas import common_with_rings
from augstudio.advice.measured import Copies, _share_within
from augstudio.advice.sampling import COPIES, ROWS, draws_of, traits_of
from augstudio.engine import Warp
from augstudio.engine.matrices import IDENTITY, inverse, times
from augstudio.pipeline import Output, Pipeline
from augstudio.transforms import Transform, registry

R = registry()
C, X = Level.CAUTION, Level.EXCESSIVE
PHOTOS = Facts(640, 480, 0.25, 50)
ALL = list(HealthCheck)


def step(op: str, **values: Any) -> Transform:
    """A step that is always applied, unless told otherwise."""
    return R[op].model_validate({"probability": 1, **values})


def of(*steps: Transform, **own: Any) -> Pipeline:
    return Pipeline(transforms=steps, **own)


def levels(cautions: tuple[Caution, ...]) -> list[tuple[Level, str, str]]:
    """What is said of what, in an order that steps have no part in."""
    return sorted((c.level, c.step, c.measure or c.parameter) for c in cautions)


# -- the trials --------------------------------------------------------------------------------------------------------

SMALL = step("rotate", angle=(-10, 10), id="small")
TRIALS = [
    ("quarter turn at 75 %", (step("quarter_turn", probability=0.75),), X, Evidence.HARM),
    ("rotate 30 after 10", (SMALL, step("rotate", angle=(-30, 30))), C, Evidence.HARM),
    ("rotate 90", (step("rotate", angle=(-90, 90)),), X, Evidence.HARM),
    (
        "crop after a shrink and a shift",
        (step("shrink", scale=(0.85, 1)), step("shift"), step("crop", area=(0.5, 1))),
        C,
        Evidence.HARM,
    ),
    ("shift 0.3", (step("shift", x=(-0.3, 0.3), y=(-0.3, 0.3)),), C, Evidence.HARM),
    ("shrink, blank", (step("shrink", scale=(0.5, 1), border="blank"),), C, Evidence.HARM),
    ("shrink, mirrored", (step("shrink", scale=(0.5, 1)),), C, Evidence.HARM),
    ("crop 0.2", (step("crop", area=(0.2, 1)),), C, Evidence.HARM),
    ("noise 0.18", (step("gaussian_noise", sigma=(0, 0.18)),), X, Evidence.HARM),
    ("noise 0.38", (step("gaussian_noise", sigma=(0, 0.38)),), X, Evidence.HARM),
    ("hue 180", (step("hue", angle=(-180, 180)),), C, Evidence.SCALE),
    ("half negatives", (step("invert", probability=0.5),), C, Evidence.SCALE),
    ("brightness 0.4", (step("brightness", amount=(-0.4, 0.4)),), C, Evidence.SCALE),
    ("gamma 0.4 to 2.5", (step("gamma", exponent=(0.4, 2.5)),), C, Evidence.SCALE),
    ("saturation 0 to 3", (step("saturation", factor=(0, 3)),), C, Evidence.SCALE),
    ("half upside down", (step("flip", axis="vertical", probability=0.5),), C, Evidence.SCALE),
    (
        "half upside down, half mirrored",
        (step("flip", axis="vertical", probability=0.5), step("flip", probability=0.5)),
        C,
        Evidence.SCALE,
    ),
    ("small flips, turns, shifts and light", presets.find("gentle").transforms, None, None),
    ("crop 0.5 alone", (step("crop", area=(0.5, 1)),), None, None),
    (
        "greyscale, now and then",
        (step("grayscale", probability=0.1), step("swap_colours", probability=0.1)),
        None,
        None,
    ),
]


@pytest.mark.parametrize(
    ("steps", "level", "kind"), [trial[1:] for trial in TRIALS], ids=[trial[0] for trial in TRIALS]
)
@pytest.mark.parametrize("facts", [None, Facts(64, 64, 0.25, 9)], ids=["any", "64 px"])
def test_trials_get_the_level_that_they_came_to(
    steps: tuple[Transform, ...], level: Level | None, kind: Evidence | None, facts: Facts | None
) -> None:
    found = advise(of(*steps, training_size=48), facts)
    assert [c.level for c in found] == ([level] if level else []), found
    if level:
        assert found[0].kind is kind
        assert found[0].remedy is not None
        assert advise(found[0].remedy.pipeline, facts) == ()


def test_the_evidence_says_whether_it_is_harm_or_a_scale() -> None:
    (turned,) = advise(of(step("quarter_turn", probability=0.75)))
    assert (
        "in trials, ±30° after ±10° cost 5 points on upright photos of clothes and 9 on traffic signs"
        in turned.evidence
    )
    (sheared,) = advise(of(step("shear", x=(-0.5, 0.5))))
    assert sheared.evidence.endswith(
        "RandAugment's largest shear is 0.3; excessive: twice that (TrivialAugment goes to 0.99); no harm measured"
    )
    for measure in measures():
        assert measure.said
        assert ("in trials, " in measure.said) or measure.evidence is Evidence.SCALE or measure.name in ("blur",)


def test_parameters_name_measures_that_there_are() -> None:
    names = [measure.name for measure in measures()]
    assert len(set(names)) == len(names)
    told = {knob.measure for transform in R.values() for knob in transform.knobs().values() if knob.measure}
    assert told <= set(names)
    for measure in measures():
        if measure.of is not None:
            assert R[measure.of[0]].knobs()[measure.of[1]].measure == measure.name
            assert R[measure.of[0]].knobs()[measure.of[1]].evidence is measure.evidence


SHARED = "if colour tells your classes apart, this hurts (−3 to −5 points on rubbish), otherwise it may help"


@pytest.mark.parametrize(
    "steps",
    [
        (step("hue", angle=(-180, 180)),),
        (step("invert", probability=0.5),),
        (step("swap_colours", probability=0.3),),
        (step("grayscale", probability=0.4),),
        (step("grayscale", probability=0.15), step("swap_colours", probability=0.15), step("hue", angle=(-60, 60))),
        (step("hue", angle=(-20, 20)), step("hue", angle=(-20, 20), id="again")),
    ],
)
def test_other_colours_get_one_caution(steps: tuple[Transform, ...]) -> None:
    (caution,) = advise(of(*steps))
    assert (caution.level, caution.kind) == (C, Evidence.SCALE)
    assert SHARED in caution.message


# -- what adds up ------------------------------------------------------------------------------------------------------


def test_steps_that_add_up_are_named_and_the_one_that_does_most_is_turned_down() -> None:
    pipeline = of(SMALL, step("rotate", angle=(-30, 30)))
    (caution,) = advise(pipeline)
    assert (caution.step, caution.parameter, caution.measure) == ("rotate", "angle", "turn")
    assert caution.message.endswith("turned by more than 30°, all steps together.")
    assert caution.remedy is not None
    assert caution.remedy.pipeline.step("small") == SMALL
    assert caution.remedy.pipeline.step("rotate").range_of("angle") == (-20, 20), "±20 and ±10 are ±30"
    sheared = of(step("rotate", angle=(-30, 30)), step("shear", x=(0.3, 0.3)))
    (both,) = advise(sheared, originals=True)
    assert both.message.endswith("all steps together. Rotate and shear add up.")


@pytest.mark.parametrize(
    ("steps", "measure"),
    [
        ((step("gaussian_noise", sigma=(0.07, 0.08)), step("gaussian_noise", sigma=(0.07, 0.08), id="more")), "noise"),
        ((step("gaussian_noise", sigma=(0.07, 0.08)), step("salt_and_pepper", share=(0.02, 0.03))), "noise"),
        ((step("blur", sigma=(0.9, 1)), step("blur", sigma=(0.9, 1), id="more")), "blur"),
        ((step("brightness", amount=(0, 0.2)), step("brightness", amount=(0, 0.2), id="more")), "brightness"),
        ((step("contrast", factor=(1, 1.4)), step("contrast", factor=(1, 1.4), id="more")), "contrast"),
        ((step("shrink", scale=(0.8, 1)), step("shrink", scale=(0.8, 1), id="more")), "size"),
        ((step("shift", x=(0, 0.3), y=(0, 0)), step("shift", x=(0, 0.3), y=(0, 0), id="more")), "shift"),
        ((step("crop", area=(0.5, 1)), step("crop", area=(0.5, 1), id="more")), "kept"),
        (
            (step("gaussian_noise", sigma=(0, 0.08), channels="grey"), step("salt_and_pepper", share=(0, 0.03))),
            "noise_against",
        ),
    ],
)  # fmt: skip
def test_limits_are_passed_together_that_each_step_keeps(steps: tuple[Transform, ...], measure: str) -> None:
    known = Facts(224, 224, 0.1 if measure == "noise_against" else 0.5, 9)
    if measure != "noise_against":
        assert not [c for each in steps for c in advise(of(each), known, originals=True)]
    found = [c.measure for c in advise(of(*steps), known, originals=True)]
    assert measure in found or (measure == "noise_against" and found), found


def test_what_a_later_step_undoes_is_not_held_against_the_first() -> None:
    assert advise(of(step("rotate", angle=(60, 60)), step("rotate", angle=(-60, -60), id="back"))) == ()
    assert advise(of(step("quarter_turn", turns=(180,)), step("rotate", angle=(180, 180))), originals=True) == ()
    assert advise(of(step("flip", axis="vertical"), step("quarter_turn", turns=(180,))), originals=True) == ()
    shrunk = step("shrink", scale=(0.5, 0.5))
    assert [c for c in advise(of(shrunk), originals=True) if c.parameter == "scale"]
    again = step("crop", area=(0.25, 0.25), aspect=(1, 1))
    found = advise(of(shrunk, again), originals=True)
    assert not [c for c in found if "shrunk" in c.message], "it is as large as before"


def test_turning_is_judged_wherever_it_comes_from_unless_there_is_no_upright() -> None:
    turns = (
        (step("quarter_turn", probability=0.25),),
        (step("rotate", angle=(45, 45), probability=0.3),),
        (step("quarter_turn", probability=0.5, turns=(90,)), step("rotate", angle=(-10, 10))),
    )
    for steps in turns:
        assert X in [c.level for c in advise(of(*steps)) if c.measure == "turn"]
        assert not [c for c in advise(of(*steps, any_orientation=True)) if c.measure == "turn"]
    (few,) = advise(of(step("quarter_turn", probability=0.1)))
    assert (few.level, few.measure) == (C, "turn")
    assert few.remedy is not None
    assert few.remedy.label == "Switch quarter turn off"
    assert advise(of(step("flip", axis="vertical"), any_orientation=True)) == ()


# -- laws --------------------------------------------------------------------------------------------------------------

facts = st.one_of(
    st.none(), st.builds(Facts, st.integers(1, 5000), st.integers(1, 5000), st.floats(0, 0.5), st.integers(1, 50))
)
SETTINGS = settings(max_examples=60, suppress_health_check=ALL, deadline=None)


def neutral(transform: type[Transform]) -> Transform | None:
    """A step that is always applied and does nothing; None where the transform has no such values."""
    knobs = transform.knobs()
    if any(knob.neutral is None for knob in knobs.values()) or not knobs:
        return None
    return step(transform.name(), id="neutral", **{name: (knob.neutral,) * 2 for name, knob in knobs.items()})


NEUTRAL = [found for found in map(neutral, R.values()) if found is not None]


@pytest.mark.parametrize("known", [None, PHOTOS, Facts(48, 64, 0.1, 3)])
def test_neutral_pipelines_raise_nothing(known: Facts | None) -> None:
    assert len(NEUTRAL) > 15
    assert advise(of(*(each.edited(id=each.op) for each in NEUTRAL)), known) == ()
    for each in NEUTRAL:
        assert advise(of(each), known) == ()
    off = tuple(step(op, id=op, probability=0) for op in R)
    assert advise(of(*off), known) == ()


@SETTINGS
@given(strategies.pipelines(most=5), facts, st.sampled_from(NEUTRAL), st.integers(0, 5))
def test_a_neutral_step_changes_nothing(pipeline: Pipeline, known: Facts | None, more: Transform, place: int) -> None:
    longer = pipeline.adding(more, min(place, len(pipeline.transforms)))
    assert levels(advise(longer, known)) == levels(advise(pipeline, known))


@SETTINGS
@given(
    st.floats(-180, 180), st.floats(0, 180), st.floats(-180, 180), st.sampled_from(["first", "rotate"]), st.booleans()
)
def test_a_rotation_in_two_is_a_rotation(low: float, width: float, part: float, name: str, after: bool) -> None:
    """However it is split, and whichever part comes first: an angle that all copies have, and the rest of it."""
    high = min(180.0, low + width)
    assume(low - part >= -180 and high - part <= 180)
    whole = of(step("rotate", angle=(low, high)))
    rest, fixed = (
        step("rotate", angle=(low - part, high - part), id=name),
        step("rotate", angle=(part, part), id="fixed"),
    )
    split = of(*((fixed, rest) if after else (rest, fixed)))
    for originals in (False, True):
        one, two = advise(whole, originals=originals), advise(split, originals=originals)
        turned = [[(c.level, c.measure) for c in found if c.measure == "turn"] for found in (one, two)]
        assert turned[0] == turned[1]
        assert [c.level for c in one] == [c.level for c in two]


INDEPENDENT = ("rotate", "brightness", "gaussian_noise", "blur", "hue", "cutout", "jpeg")


@SETTINGS
@given(
    st.lists(st.sampled_from(INDEPENDENT), min_size=2, unique=True).flatmap(
        lambda ops: st.tuples(*(strategies.transforms((op,)) for op in ops)).flatmap(
            lambda steps: st.tuples(st.just(steps), st.permutations(steps))
        )
    ),
    facts,
)
def test_the_order_of_independent_steps_does_not_matter(
    both: tuple[tuple[Transform, ...], list[Transform]], known: Facts | None
) -> None:
    one, other = (of(*(each.edited(id=each.op) for each in steps)) for steps in both)
    assert levels(advise(one, known)) == levels(advise(other, known))


@SETTINGS
@given(strategies.pipelines(), facts)
def test_originals_clear_what_is_far_from_them_and_nothing_else(pipeline: Pipeline, known: Facts | None) -> None:
    alone, beside = advise(pipeline, known), advise(pipeline, known, originals=True)
    far = ("No copy stays near the original", "Every copy will be")
    assert levels(tuple(c for c in alone if not c.message.startswith(far))) == levels(beside)


geometry = tuple(op for op, transform in R.items() if transform.group() == "geometry")


@settings(max_examples=120, suppress_health_check=ALL, deadline=None)
@given(strategies.pipelines(ops=geometry, most=8), facts, st.randoms(use_true_random=False))
def test_geometry_is_put_right_in_as_many_clicks_as_there_are_cautions(
    pipeline: Pipeline, known: Facts | None, chance: Any
) -> None:
    cautions = advise(pipeline, known)
    while cautions:
        chosen = chance.choice([caution for caution in cautions if caution.remedy])
        assert chosen.remedy is not None
        after = advise(chosen.remedy.pipeline, known)
        assert len(after) < len(cautions)
        excessive = [sum(c.level is X for c in found) for found in (cautions, after)]
        assert excessive[1] <= excessive[0]
        pipeline, cautions = chosen.remedy.pipeline, after


# -- the sample --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("chance", [0.0, 0.1, 0.25, 0.5, 0.75, 1.0])
def test_the_sample_is_even(chance: float) -> None:
    rotate = step("rotate", angle=(-30, 30), probability=chance)
    drawn = draws_of(rotate)
    assert len(drawn) == ROWS
    assert sum(draw.applied for draw in drawn[:COPIES]) == round(chance * COPIES)
    angles = sorted(draw.number("angle") for draw in draws_of(rotate.edited(probability=1.0))[:COPIES])
    assert angles == pytest.approx(np.linspace(-29.7, 29.7, COPIES))
    if chance:
        assert [draw.number("angle") for draw in drawn[COPIES:]] == [-30, 30]
    assert draws_of(rotate) == draws_of(rotate.edited()), "always the same"
    other = draws_of(rotate.edited(id="other", probability=1.0))
    assert [d.values for d in other] != [d.values for d in draws_of(rotate.edited(probability=1.0))]


def reference(pipeline: Pipeline, size: tuple[int, int]) -> list[tuple[Warp, Warp]]:
    """All geometry of each copy of the sample as plans have it, and that of the output alone."""
    plain = pipeline.plain(*size).warp or Warp(IDENTITY, size, size)
    found = []
    for row in range(ROWS):
        draws = [draws_of(each)[row] for each in pipeline.transforms]
        found.append((pipeline.plan(draws, *size).warp or Warp(IDENTITY, size, size), plain))
    return found


@settings(max_examples=40, suppress_health_check=ALL, deadline=None)
@given(
    strategies.pipelines(ops=("rotate", "shrink", "shift", "quarter_turn", "flip", "crop", "shear"), most=4),
    st.sampled_from([(300, 200), (64, 64), (97, 151)]),
)
def test_geometry_is_what_plans_do(pipeline: Pipeline, size: tuple[int, int]) -> None:
    copies = Copies(pipeline, Facts(*size, 0.2, 1))
    values = {name: getattr(copies, name)() for name in ("size", "shift", "border", "kept")}
    angles = copies._lean if copies._moved is not None else np.zeros(ROWS)
    for row, (warp, plain) in enumerate(reference(pipeline, size)):
        a, b, _, d, e, _, *_ = times(warp.matrix, inverse(plain.matrix))
        area = abs(a * e - b * d)
        assert values["size"][row] == pytest.approx(math.sqrt(area), rel=1e-6)
        if a * e < b * d:
            a, d = -a, -d
        angle = abs(math.degrees(math.atan2(b - d, a + e)))
        assert abs(angles[row] - angle) < 1e-4 or abs(angles[row] + angle - 360) < 1e-4
        centre = warp.forward(plain.inverse(np.array([[plain.target[0] / 2, plain.target[1] / 2]])))[0]
        away = max(abs(centre[axis] / warp.target[axis] - 0.5) for axis in (0, 1))
        assert values["shift"][row] == pytest.approx(away / max(1, math.sqrt(area)), abs=1e-6)
        assert values["border"][row] == pytest.approx(warp.outside_share() - plain.outside_share(), abs=0.02)
        back = Warp(inverse(times(warp.matrix, inverse(plain.matrix))), warp.target, plain.target)
        assert values["kept"][row] == pytest.approx(1 - back.outside_share(), abs=0.02)


def test_what_is_kept_and_what_is_common() -> None:
    copies = Copies(of(step("crop", area=(0.5, 0.5), aspect=(1, 1))))
    assert copies.kept() == pytest.approx(np.full(ROWS, 0.5), abs=0.02)
    assert copies.border() == pytest.approx(np.zeros(ROWS), abs=1e-9)
    assert copies.common() == pytest.approx(np.full(ROWS, 0.5), abs=0.02)
    copies = Copies(of(step("shrink", scale=(0.5, 0.5))))
    assert copies.kept() == pytest.approx(np.ones(ROWS))
    assert copies.border() == pytest.approx(np.full(ROWS, 0.75), abs=0.02)
    assert copies.common() == pytest.approx(np.full(ROWS, 0.25), abs=0.02)


def test_light_composes_as_curves_do_and_noise_and_blur_as_variances() -> None:
    light = Copies(of(step("brightness", amount=(0.1, 0.1)), step("contrast", factor=(1.2, 1.2))))
    assert light.brightness() == pytest.approx(np.full(ROWS, 0.12))
    assert light.contrast() == pytest.approx(np.full(ROWS, 1.2), abs=0.1), "what is clipped counts"
    assert Copies(of(step("gamma", exponent=(2, 2)))).brightness() == pytest.approx(np.full(ROWS, -0.25))
    assert Copies(of(step("solarize", threshold=(0.2, 0.2)), step("invert"))).contrast() == pytest.approx(np.ones(ROWS))
    two = Copies(of(step("blur", sigma=(0.6, 0.6)), step("blur", sigma=(0.8, 0.8), id="more")))
    assert two.blur() == pytest.approx(np.ones(ROWS))
    noise = of(step("gaussian_noise", sigma=(0.03, 0.03)), step("gaussian_noise", sigma=(0.04, 0.04), id="more"))
    assert Copies(noise).noise() == pytest.approx(np.full(ROWS, 0.05))
    assert Copies(noise, Facts(896, 900, 0.2, 3)).noise() == pytest.approx(np.full(ROWS, 0.0125)), (
        "reduced to a quarter"
    )
    grey = of(step("gaussian_noise", sigma=(0.1, 0.1), channels="grey"))
    assert Copies(grey, Facts(224, 224, 0.2, 3)).noise_against() == pytest.approx(np.full(ROWS, 0.5))


# -- JSON --------------------------------------------------------------------------------------------------------------


def test_readings_tell_shares_limits_and_evidence() -> None:
    found = {
        r.measure.name: r for r in readings(of(step("rotate", angle=(-90, 90)), step("blur", sigma=(0, 2))), PHOTOS)
    }
    assert list(found) == [measure.name for measure in measures()]
    turn = json.loads(json.dumps(found["turn"].as_json()))
    assert turn["caution"] == {"beyond": [-30, 30], "share": pytest.approx(0.66, abs=0.02), "told_from": 0}
    assert turn["excessive"] == {"beyond": [-45, 45], "share": pytest.approx(0.5, abs=0.02), "told_from": 0.25}
    assert (turn["level"], turn["kind"], turn["unit"]) == ("excessive", "harm", "°")
    assert turn["highest"] == pytest.approx(90, abs=1)
    blur = found["blur"].as_json()
    assert (blur["excessive"], blur["kind"]) == (None, "scale")
    upright = {r.measure.name for r in readings(of(any_orientation=True))}
    assert not {"turn", "upside_down"} & upright
    for reading in readings(Pipeline()):
        assert reading.level is None
        assert reading.lowest == reading.highest == reading.measure.neutral


# -- time --------------------------------------------------------------------------------------------------------------


def test_eight_steps_are_judged_quickly_while_a_slider_is_held() -> None:
    """At most 20 ms of processor time each; the best of several, since others may be at work."""
    shipped = presets.find("photos")
    pipeline = shipped.edited(transforms=shipped.transforms[:8])
    for high in (15.0, 60.0):  # nothing to say, and a remedy to look for
        best = math.inf
        for number in range(8):
            moved = pipeline.with_step("rotate", angle=(-high - number / 10, high))
            began = time.thread_time()
            advise_on_settings(moved, PHOTOS)
            best = min(best, time.thread_time() - began)
        assert best < 0.02


def test_few_samples_are_looked_at_for_the_remedies_of_eight_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each costs about a millisecond; counted, since time tells more of the machine."""
    ops = ("rotate", "shrink", "crop", "shift", "shear", "perspective", "flip", "quarter_turn")
    steps = (registry()[op] for op in ops)
    pipeline = of(*(each.default(**{name: knob.hard for name, knob in each.knobs().items()}) for each in steps))
    advise_on_settings(pipeline, PHOTOS)
    looked = []
    begin = Copies.__init__

    def counting(self: Copies, *given: Any, **named: Any) -> None:
        looked.append(self)
        begin(self, *given, **named)

    monkeypatch.setattr(Copies, "__init__", counting)
    found = advise_on_settings(pipeline.with_step("rotate", angle=(-179, 179)), PHOTOS)
    assert sum(caution.remedy is not None for caution in found) >= 4
    assert len(looked) <= 20


def test_a_hundred_steps_of_the_strongest_kind_are_judged_too() -> None:
    """Their matrices leave what 32 bits hold; nothing is said aloud, and nothing takes long."""
    for each in (
        step("crop", area=(0.05, 0.05)),
        step("shrink", scale=(0.1, 0.1)),
        step("perspective", travel=(0.5, 0.5)),
        step("gamma", exponent=(5, 5)),
    ):
        found = advise(of(*(each.edited(id=f"{each.op}-{number}") for number in range(100))), PHOTOS)
        assert any(caution.remedy for caution in found), each.op


def test_what_other_steps_do_is_known_from_before() -> None:
    pipeline = presets.find("photos")
    advise_on_settings(pipeline, PHOTOS)
    before = traits_of.cache_info().misses
    advise_on_settings(pipeline.with_step("rotate", angle=(-14.5, 14.5)), PHOTOS)
    assert traits_of.cache_info().misses == before + 1
    output = Output.model_validate({"fit": "crop", "width": 96, "height": 64})
    assert advise_on_settings(pipeline.edited(output=output), PHOTOS) == ()


@given(
    st.lists(st.tuples(st.floats(-60, 160), st.floats(-60, 160)), min_size=4, max_size=4),
    st.tuples(*[st.floats(0, 60)] * 4),
)
def test_what_outlines_have_in_common_is_their_exact_area(
    points: list[tuple[float, float]], box: tuple[float, float, float, float]
) -> None:
    hull = shapely.MultiPoint(points).convex_hull
    assume(hull.geom_type == "Polygon")
    left, top, width, height = box
    ring = np.array(hull.exterior.coords)
    expected = shapely.intersection(hull, shapely.box(left, top, left + width, top + height)).area
    boxes = np.array([[left, top, left + width, top + height]])
    assert common_with_rings(boxes, ring[None, :, 0], ring[None, :, 1])[0] == pytest.approx(expected, abs=1e-6)


def test_what_comes_from_behind_the_camera_is_counted() -> None:
    tilted = np.array([[[1.0, 0, 0], [0, 1, 0], [0.03, 0, 1]]])  # the left of a frame of 100 lies behind it
    flat = np.eye(3)[None]
    size = np.array([[100, 80]])
    share = _share_within(np.concatenate((tilted, flat)), *(np.repeat(size, 2, axis=0),) * 2)
    x = (np.arange(2000) + 0.5) / 20 - 50
    there = np.linalg.inv(tilted[0])
    w = there[2, 0] * x + there[2, 2]
    u = there[0, 0] * x / w
    rows = 40 * w  # how far up and down it is seen
    expected = np.where((w > 0) & (np.abs(u) <= 50), np.minimum(rows / 40, 1), 0).mean()
    assert share[0] == pytest.approx(expected, abs=0.05)
    assert share[1] == 1
