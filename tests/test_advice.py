"""Cautions: the figures of the issue, and laws that hold for every pipeline."""

from __future__ import annotations

import json
import math
from typing import Any

import numpy as np
import pytest
import strategies
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from augstudio import presets
from augstudio.advice import Caution, Evidence, Facts, Level, advise, contrast_of, facts_of, zone
from augstudio.pipeline import Output, Pipeline
from augstudio.transforms import Range, Transform, registry

R = registry()
PHOTOS = Facts(640, 480, 0.25, 50)


def one(op: str, *, training_size: int = 224, any_orientation: bool = False, **values: Any) -> Pipeline:
    """A pipeline of one transform, always applied unless told otherwise."""
    step = R[op].model_validate({"probability": 1, **values})
    return Pipeline(training_size=training_size, any_orientation=any_orientation, transforms=(step,))


def strengths(cautions: tuple[Caution, ...]) -> dict[tuple[str, str], Level]:
    return {(c.step, c.parameter): c.level for c in cautions if "near the original" not in c.message}


def shifts(cautions: tuple[Caution, ...]) -> dict[tuple[str, str], Level]:
    return {(c.step, c.parameter): c.level for c in cautions if "near the original" in c.message}


C, X = Level.CAUTION, Level.EXCESSIVE

# -- how strong ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("op", "values", "level", "says"),
    [
        # (0.5 − 0.3) / (1 − 0.3) = 28.6 %: the example of the issue
        ("shrink", {"scale": (0.3, 1)}, X, "28 % of the copies will be shrunk below ×0.5"),
        ("shrink", {"scale": (0.3, 1), "probability": 0.5}, C, "14 % of the copies will be shrunk below ×0.5"),
        ("shrink", {"scale": (0.5, 1)}, C, "60 % of the copies will be shrunk below ×0.8"),
        ("shrink", {"scale": (0.8, 1)}, None, ""),
        ("shrink", {"scale": (0.4, 0.4)}, X, "All of the copies"),
        ("rotate", {"angle": (-15, 15)}, None, ""),
        ("rotate", {"angle": (-30, 30)}, None, ""),
        ("rotate", {"angle": (-31, 30)}, C, "turned by more than 30°"),
        ("rotate", {"angle": (-90, 90)}, X, "50 % of the copies will be turned by 45° and more"),
        ("rotate", {"angle": (-180, 180)}, X, "of the copies will be turned by 45° and more"),
        ("rotate", {"angle": (-50, 50)}, C, "40 % of the copies will be turned by more than 30°"),
        ("rotate", {"angle": (0, 60)}, X, "25 % of the copies will be turned by 45° and more"),
        ("crop", {"area": (0.05, 1)}, C, "3 % of the copies will be cut down to less than 0.08 of their area"),
        ("crop", {"area": (0.5, 1)}, None, ""),
        ("shift", {"x": (-0.5, 0.5)}, C, "10 % of the copies will be moved sideways by more than 0.45 of the width"),
        ("shear", {"y": (-1, 1)}, C, "70 % of the copies will be slanted vertically by more than 0.3"),
        ("perspective", {"travel": (0, 0.5)}, C, "60 % of the copies"),
        ("brightness", {"amount": (-0.4, 0.4)}, C, "50 % of the copies"),
        ("contrast", {"factor": (0.5, 1)}, C, "20 % of the copies will be flattened below ×0.6"),
        ("contrast", {"factor": (0.2, 3)}, C, "flattened below ×0.6"),
        ("gamma", {"exponent": (1, 5)}, C, "75 % of the copies will be darkened by a gamma above 2"),
        ("saturation", {"factor": (0, 2)}, None, ""),
        ("saturation", {"factor": (1, 5)}, C, "75 % of the copies will be saturated above ×2"),
        ("hue", {"angle": (-180, 180)}, C, "88 % of the copies will be turned in hue by more than 20°"),
        ("channel_gain", {"blue": (0, 3)}, C, "blue"),
        ("solarize", {"threshold": (0, 1)}, C, "50 % of the copies"),
        ("blur", {"sigma": (0, 1)}, None, ""),
        ("blur", {"sigma": (0, 4)}, C, "75 % of the copies will be blurred by more than 1 px"),
        ("sharpen", {"amount": (0, 2)}, C, "25 % of the copies"),
        ("dilate", {"radius": (0, 3)}, C, "50 % of the copies"),
        ("erode", {"radius": (0, 10)}, C, "85 % of the copies"),
        ("jpeg", {"quality": (50, 100)}, None, ""),
        ("jpeg", {"quality": (40, 60)}, C, "47 % of the copies will be compressed below quality 50"),  # 10 of 21
        ("jpeg", {"quality": (49, 50)}, C, "50 % of the copies"),
        ("jpeg", {"quality": (1, 100)}, C, "49 % of the copies"),
        ("salt_and_pepper", {"share": (0, 0.03)}, None, ""),
        ("salt_and_pepper", {"share": (0, 0.1)}, C, "10 % of the copies"),
        ("salt_and_pepper", {"share": (0, 0.5)}, X, "82 % of the copies"),
        ("cutout", {"side": (0.1, 0.3), "count": (1, 2)}, None, ""),
        ("cutout", {"side": (0, 0.9), "count": (16, 16)}, C, "of their area"),
    ],
)
def test_a_range_is_judged_by_the_share_of_copies_beyond_a_limit(
    op: str, values: dict[str, Any], level: Level | None, says: str
) -> None:
    found = {c.step: c for c in advise(one(op, **values), originals=True) if c.step}
    assert (found[op].level if found else None) == level, found
    if level:
        assert says in found[op].message
        assert found[op].evidence


@pytest.mark.parametrize(
    ("size", "high", "level"),
    [
        (224, 0.08, None),
        (224, 0.12, C),
        (224, 0.18, C),
        (224, 0.24, X),  # a quarter of 0–0.24 lies beyond 0.18
        (224, 0.5, X),
        (64, 0.04, None),
        (64, 0.08, C),
        (64, 0.16, X),
        (32, 0.04, None),
        (32, 0.08, C),
        (32, 0.11, X),
        (120, 0.06, None),  # half way between 64 and 224: 0.06 and 0.15
        (120, 0.065, C),
        (120, 0.21, X),
        (16, 0.05, C),
        (1000, 0.08, None),
    ],
)
def test_noise_is_judged_at_the_training_size(size: int, high: float, level: Level | None) -> None:
    pipeline = one("gaussian_noise", training_size=size, sigma=(0, high))
    assert strengths(advise(pipeline)).get(("gaussian_noise", "sigma")) == level
    sized = one("gaussian_noise", sigma=(0, high)).edited(
        output=Output.model_validate({"fit": "crop", "width": size, "height": 2 * size})
    )
    assert strengths(advise(sized)).get(("gaussian_noise", "sigma")) == level, "the output size counts if there is one"


def test_probability_counts_in_and_what_is_off_is_silent() -> None:
    strong = {"scale": (0.1, 0.3)}
    assert strengths(advise(one("shrink", **strong, probability=0.25)))["shrink", "scale"] is X
    assert strengths(advise(one("shrink", **strong, probability=0.24)))["shrink", "scale"] is C
    assert advise(one("shrink", **strong, probability=0)) == ()
    assert advise(one("shrink", **strong, enabled=False)) == ()


def test_what_shrinking_leaves_is_said() -> None:
    (blank,) = advise(one("shrink", scale=(0.5, 1), border="blank"))
    assert "75 % of the frame is blank" in blank.message
    assert "mirroring" in blank.message
    (mirrored,) = advise(one("shrink", scale=(0.5, 1), border="mirror"))
    assert "75 % of the frame is repeated content" in mirrored.message
    assert "not a cure" in mirrored.message


def test_both_sides_are_named_with_their_shares() -> None:
    (caution,) = advise(one("contrast", factor=(0.5, 1.5)))
    assert caution.message == (
        "10 % of the copies will be flattened below ×0.6 of their contrast and "
        "10 % of the copies will be stretched above ×1.4 of their contrast."
    )
    (turned,) = advise(one("rotate", angle=(-50, 50)))
    assert turned.message == "40 % of the copies will be turned by more than 30°."


# -- how shifted --------------------------------------------------------------------------------------------------


def test_always_shrinking_is_excessive_and_its_remedy_lets_the_range_reach_one() -> None:
    cautions = advise(one("shrink", scale=(0.8, 0.8)))
    assert shifts(cautions) == {("shrink", "scale"): X}
    (caution,) = cautions
    assert "52.6 %" in caution.evidence
    assert "35.9 %" in caution.evidence
    assert caution.remedy is not None
    remedied = caution.remedy.pipeline.step("shrink")
    assert isinstance(remedied, Transform)
    assert remedied.range_of("scale") == (0.8, 1)
    assert advise(caution.remedy.pipeline) == ()
    assert shifts(advise(one("shrink", scale=(0.5, 0.5))))["shrink", "scale"] is X
    assert shifts(advise(one("shrink", scale=(0.5, 0.9))))["shrink", "scale"] is C


@pytest.mark.parametrize(
    ("op", "values", "level"),
    [
        ("shrink", {"scale": (0.96, 0.96)}, None),  # a fifth of the way to the limit is near
        ("shrink", {"scale": (0.9, 0.92)}, C),
        ("rotate", {"angle": (10, 25)}, C),
        ("rotate", {"angle": (-40, -30)}, X),
        ("rotate", {"angle": (5, 25)}, None),
        ("rotate", {"angle": (-5, 25)}, None),
        ("brightness", {"amount": (0.2, 0.3)}, X),
        ("gamma", {"exponent": (1.5, 2)}, C),
        ("jpeg", {"quality": (30, 50)}, X),
        ("jpeg", {"quality": (50, 80)}, C),
        ("crop", {"aspect": (1.2, 1.3)}, C),  # no limit of its own: the useful range stands in
        ("saturation", {"factor": (0, 0)}, C),
        ("blur", {"sigma": (1, 2)}, X),
        ("cutout", {"side": (0.2, 0.2), "count": (1, 1)}, C),
        ("cutout", {"count": (2, 3)}, C),
        ("invert", {}, None),
    ],
)
def test_a_range_that_leaves_no_copy_near_the_original(op: str, values: dict[str, Any], level: Level | None) -> None:
    found = shifts(advise(one(op, **values)))
    assert set(found.values()) == ({level} if level else set())
    assert shifts(advise(one(op, **values), originals=True)) == {}
    assert shifts(advise(one(op, **values, probability=0.99))) == {}
    assert shifts(advise(one(op, **values, enabled=False))) == {}


@pytest.mark.parametrize("op", ["flip", "grayscale", "swap_colours", "invert"])
def test_what_changes_every_copy_without_a_range_is_named_too(op: str) -> None:
    found = {c.message.startswith("Every copy will be"): c for c in advise(one(op))}
    assert set(found) == ({True} if op == "flip" else {True, False}), "other colours are a matter of their own"
    caution = found[True]
    assert (caution.level, caution.step, caution.parameter) == (C, op, "probability")
    assert not [c for c in advise(one(op), originals=True) if c.message.startswith("Every copy")]
    assert not [c for c in advise(one(op, probability=0.9)) if c.message.startswith("Every copy")]
    assert caution.remedy is not None
    assert not [c for c in advise(caution.remedy.pipeline) if c.message.startswith("Every copy")]


def test_quarter_turns_of_every_copy_are_said_once() -> None:
    strong, far = advise(one("quarter_turn"))
    assert (strong.level, strong.measure, far.level) == (X, "turn", X)
    assert far.message.startswith("No copy stays near the original: every one is turned by at least 90°")
    assert far.remedy is not None
    assert far.remedy.label == "Set probability to 0.5"
    assert [c.measure for c in advise(far.remedy.pipeline)] == ["turn"]
    assert advise(one("quarter_turn"), originals=True) == (strong,)


def test_pictures_without_an_upright_may_be_turned_but_not_shrunk() -> None:
    assert advise(one("rotate", angle=(-180, 180), any_orientation=True)) == ()
    assert advise(one("rotate", angle=(90, 90), any_orientation=True)) == ()
    assert advise(one("flip", any_orientation=True)) == ()
    assert advise(one("quarter_turn", any_orientation=True)) == ()
    assert advise(one("shrink", scale=(0.8, 0.8), any_orientation=True)) != ()
    assert advise(one("invert", any_orientation=True)) != ()
    assert advise(one("hue", angle=(-180, 180), any_orientation=True)) != ()


# -- the pictures at hand -----------------------------------------------------------------------------------------


def test_noise_is_held_against_the_contrast_of_the_pictures() -> None:
    pipeline = one("gaussian_noise", sigma=(0, 0.07), channels="grey")
    assert advise(pipeline, Facts(224, 224, 0.25, 9)) == ()
    (caution,) = advise(pipeline, Facts(224, 224, 0.1, 9))
    assert caution.level is C
    assert "more than half the pictures' own contrast" in caution.message
    assert "9 of your pictures" in caution.evidence
    (worse,) = advise(pipeline, Facts(224, 224, 0.04, 9))
    assert worse.level is X
    assert "42 % of the copies" in worse.message
    each = one("gaussian_noise", sigma=(0, 0.07), channels="each")
    assert advise(each, Facts(224, 224, 0.1, 9)) == (), "three independent channels vary less in luma"
    assert advise(pipeline, Facts(2240, 2240, 0.04, 9)) == (), "reduced to 224 px, a tenth of it is left"
    for nothing in (0.0, 1e-7, 2.3e-309):
        assert advise(pipeline, Facts(224, 224, nothing, 9)) == (), "blank pictures have no contrast to lose"


def test_noise_on_large_pictures_is_weaker_at_the_training_size() -> None:
    strong = one("gaussian_noise", sigma=(0, 0.4))
    (alone,) = advise(strong, originals=True)
    assert alone.level is X
    assert advise(strong, Facts(2240, 2240, 0.3, 5), originals=True) == (), "0.04 is left of it: nothing to say"
    (reduced,) = advise(strong, Facts(896, 1200, 0.9, 5), originals=True)  # a quarter of it is left
    assert reduced.level is C
    assert reduced.message == (
        "20 % of the copies will be given noise above sigma 0.32. That is 0.1 at most once they are reduced to 224 px."
    )
    assert reduced.remedy is not None
    assert reduced.remedy.pipeline.transforms[0].range_of("sigma") == (0, 0.32)
    assert advise(reduced.remedy.pipeline, Facts(896, 1200, 0.9, 5), originals=True) == ()
    (small,) = advise(strong, Facts(224, 224, 0.9, 5), originals=True)
    assert small.level is X
    assert "reduced" not in small.message


def test_geometry_that_adds_up_is_judged_together() -> None:
    steps = (
        R["shrink"].model_validate({"probability": 1, "scale": (0.8, 0.81), "border": "blank"}),
        R["shift"].model_validate({"probability": 1, "x": (-0.3, 0.3), "y": (-0.3, 0.3), "border": "blank"}),
        R["rotate"].model_validate({"probability": 1, "angle": (-30, 30), "border": "blank"}),
    )
    together = Pipeline(transforms=steps)
    (found,) = advise(together, originals=True)
    assert (found.measure, found.step) == ("border", "shift")
    assert "is blank. Shift and shrink" in found.message
    assert "add up" in found.message
    assert found.remedy is not None
    assert advise(found.remedy.pipeline, originals=True) == ()
    for step in (steps[0], steps[2]):
        assert advise(Pipeline(transforms=(step,)), originals=True) == (), "alone, each keeps within its limit"


@pytest.mark.parametrize(("channels", "per_sigma"), [("grey", 1.0), ("each", math.hypot(0.299, 0.587, 0.114))])
@pytest.mark.parametrize("times", [1, 3])
def test_noise_is_held_against_half_and_all_of_the_contrast(channels: str, per_sigma: float, times: int) -> None:
    """Sigma in luma at the training size against the contrast: half of it is worth caution, all of it excessive."""
    probability, high = 0.5, 0.07
    pipeline = Pipeline(
        transforms=(
            R["gaussian_noise"].model_validate({"probability": probability, "sigma": (0, high), "channels": channels}),
        )
    )
    strongest = high * per_sigma / times

    def judged(contrast: float) -> tuple[Caution, ...]:
        found = advise(pipeline, Facts(224 * times, 224 * times, contrast, 9), originals=True)
        return tuple(caution for caution in found if "against your pictures" in caution.title)

    assert judged(2 * strongest * 1.01) == (), "none is above half the contrast"
    (some,) = judged(2 * strongest / 1.1)
    assert some.level is C
    assert "the noise is more than half the pictures' own contrast" in some.message
    assert f"{math.floor(100 * probability * (1 - 1 / 1.1))} % of the copies" in some.message
    (few,) = judged(strongest / 1.9)  # above all of it: half of 47 %, less than a quarter of the copies
    assert few.level is C
    assert "the noise is more than the pictures' own contrast" in few.message
    (many,) = judged(strongest / 2.1)  # half of 52 %
    assert many.level is X
    assert f"noise up to {strongest:.2f}, contrast {strongest / 2.1:.2f}" in many.message
    assert judged(0.0) == ()


def test_padding_is_not_blamed_on_a_small_rotation() -> None:
    pipeline = one("rotate", angle=(-5, 5)).edited(
        output=Output.model_validate({"fit": "pad", "width": 224, "height": 224})
    )
    assert advise(pipeline, Facts(4000, 800, 0.3, 5)) == ()


def test_resolution_left_is_judged_on_the_size_of_the_pictures() -> None:
    crop = one("crop", area=(0.5, 0.6))
    assert advise(crop, Facts(640, 480, 0.3, 5), originals=True) == ()
    assert advise(crop, Facts(64, 64, 0.3, 5), originals=True) == (), "at its own size nothing is enlarged much"
    sized = crop.edited(output=Output.model_validate({"fit": "crop", "width": 224, "height": 224}))
    (caution,) = advise(sized, Facts(64, 64, 0.3, 5), originals=True)
    assert (caution.title, caution.level) == ("Crop · resolution left", C), "a mere scale"
    assert "enlarged more than 2 times even at 224 px" in caution.message
    assert caution.remedy is not None
    assert advise(caution.remedy.pipeline, Facts(64, 64, 0.3, 5), originals=True) == ()
    plain = sized.edited(transforms=())
    assert advise(plain, Facts(64, 64, 0.3, 5)) == (), "that is the output's doing"
    assert advise(sized, Facts(640, 480, 0.3, 5), originals=True) == ()


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_contrast_is_the_spread_of_luma_at_the_training_size(dtype: type) -> None:
    top = np.iinfo(dtype).max
    halves = np.zeros((64, 64), dtype)
    halves[:, 32:] = top
    assert contrast_of(halves, 64) == pytest.approx(0.5)
    assert contrast_of(np.dstack([halves] * 3), 64) == pytest.approx(0.5, abs=0.001)
    assert contrast_of(np.dstack([halves, np.full_like(halves, top)]), 32) == pytest.approx(0.5)
    checks = (np.indices((64, 64)).sum(axis=0) % 2 * top).astype(dtype)
    assert contrast_of(checks, 64) == pytest.approx(0.5)
    assert contrast_of(checks, 32) == pytest.approx(0, abs=0.01), "reduced, nothing of it is left"
    assert contrast_of(checks[:1, :1], 224) == 0


def test_facts_are_medians() -> None:
    assert facts_of([]) is None
    assert facts_of([(100, 50, 0.1), (300, 60, 0.3), (200, 900, 0.2)]) == Facts(200, 60, 0.2, 3)


# -- what every caution keeps -------------------------------------------------------------------------------------


def test_excessive_ones_come_first_then_the_order_of_the_steps() -> None:
    pipeline = Pipeline(
        transforms=tuple(
            R[op].model_validate({"probability": 1, **values})
            for op, values in (
                ("blur", {"sigma": (0, 1.1)}),
                ("hue", {"angle": (-180, 180)}),
                ("jpeg", {"quality": (45, 100)}),
                ("erode", {"radius": (0, 9)}),
                ("rotate", {"angle": (-90, 90)}),
            )
        )
    )
    found = [(c.level, c.step) for c in advise(pipeline)]
    assert found == [(X, "rotate"), (C, "blur"), (C, "hue"), (C, "jpeg"), (C, "erode")]


def test_zones_of_a_slider() -> None:
    angle = R["rotate"].knobs()["angle"]
    expected = {0: None, 30: None, -30: None, 30.1: C, 45: C, 46: X, -46: X}
    assert {value: zone(angle, value, 224) for value in expected} == expected
    noise = R["gaussian_noise"].knobs()["sigma"]
    assert [zone(noise, 0.1, size) for size in (32, 64, 224)] == [X, C, C]
    assert zone(R["saturation"].knobs()["factor"], 5, 224) is C, "of a mere scale nothing is excessive"
    assert zone(R["cutout"].knobs()["count"], 16, 224) is None


def test_json_holds_all_but_the_remedied_pipeline() -> None:
    for caution in advise(one("shrink", scale=(0.3, 0.6))):
        data = json.loads(json.dumps(caution.as_json()))
        assert data["level"] == caution.level.value
        assert data["remedy"] == (caution.remedy.label if caution.remedy else None)
        assert set(data) == {"level", "step", "parameter", "title", "message", "evidence", "kind", "measure", "remedy"}


@pytest.mark.parametrize("entry", presets.shipped(), ids=lambda entry: entry.path.stem)
def test_no_shipped_preset_raises_a_caution(entry: presets.Entry) -> None:
    pipeline = presets.load(entry.path)
    size = pipeline.trained_at
    for originals in (False, True):
        for known in (None, PHOTOS, Facts(size, size, 0.2, 3), Facts(4000, 3000, 0.15, 9), Facts(480, 640, 0.2, 1)):
            assert advise(pipeline, known, originals=originals) == (), known


facts = st.one_of(
    st.none(),
    st.builds(Facts, st.integers(1, 5000), st.integers(1, 5000), st.floats(0, 0.5), st.integers(1, 50)),
)


@settings(max_examples=150, suppress_health_check=list(HealthCheck), deadline=None)
@given(strategies.pipelines(), facts, st.booleans())
def test_remedies_clear_what_they_are_for_and_come_to_an_end(
    pipeline: Pipeline, known: Facts | None, originals: bool
) -> None:
    """As many clicks as there are cautions are enough, whichever is taken first."""
    cautions = advise(pipeline, known, originals=originals)
    while cautions:
        for caution in cautions:
            assert caution.title
            assert caution.message.endswith(".")
            assert caution.evidence
            assert caution.level is C or caution.kind is Evidence.HARM, "of a mere scale nothing is excessive"
            assert caution.parameter == "probability" or caution.parameter in pipeline.step(caution.step).knobs()
            assert caution.remedy is None or caution.remedy.label
        with_remedies = [caution for caution in cautions if caution.remedy]
        assert with_remedies, "there is always something to do"
        chosen = with_remedies[len(pipeline.name) % len(with_remedies)]
        assert chosen.remedy is not None
        after = advise(chosen.remedy.pipeline, known, originals=originals)
        assert len(after) < len(cautions), (chosen, after)
        assert said(chosen) not in map(said, after), (chosen, after)
        pipeline, cautions = chosen.remedy.pipeline, after


def said(caution: Caution) -> tuple[str, ...]:
    """What a caution is about: two of which this is the same say the same of the same thing."""
    sort = "near" if "No copy stays near" in caution.message else caution.measure
    return caution.step, caution.parameter, caution.title, sort


@pytest.mark.parametrize(
    ("angle", "label"),
    [((20, 25), "Set to 0° … 25°"), ((-20, -20), "Set to −20° … 0°"), ((25, 29.5), "Set to 0° … 29.5°")],
)
def test_what_turns_every_copy_is_let_reach_the_original_and_nothing_else_changes(
    angle: tuple[float, float], label: str
) -> None:
    """As the message says; turning all of geometry down would leave every copy turned, only less."""
    before = Pipeline.load("gentle").with_step("rotate", angle=Range(*angle))
    (caution,) = [one for one in advise(before, None) if "No copy stays near" in one.message]
    assert caution.remedy is not None
    assert caution.remedy.label == label
    after = caution.remedy.pipeline
    assert after == before.with_step("rotate", angle=after.step("rotate").range_of("angle"))
    assert advise(after, None) == ()
