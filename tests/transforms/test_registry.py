"""What every registered transform must keep, found by introspection: adding a file adds it here."""

from __future__ import annotations

import itertools
import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pictures
import pytest
import reference
import strategies
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

import augstudio.transforms
from augstudio import advice
from augstudio.engine import Step, Warp
from augstudio.pipeline import Pipeline
from augstudio.transforms import GROUPS, Choices, Colour, Knob, Option, Transform, registry

ALL = list(registry().values())
KNOBS = [(t, name, knob) for t in ALL for name, knob in t.knobs().items()]

every_transform = pytest.mark.parametrize("transform", ALL, ids=[t.name() for t in ALL])
every_knob = pytest.mark.parametrize(
    ("transform", "name", "knob"), KNOBS, ids=[f"{t.name()}.{name}" for t, name, _ in KNOBS]
)

ISSUE = {  # op, parameter: hard bounds, useful range, caution and excessive limits (below, above), as issue 2 says
    ("rotate", "angle"): ((-180, 180), (-45, 45), (-30, 30), (-45, 45)),  # as issue 16 says
    ("shrink", "scale"): ((0.1, 1), (0.5, 1), (0.8, None), (0.5, None)),
    ("crop", "area"): ((0.05, 1), (0.3, 1), (0.5, None), (0.08, None)),
    ("crop", "aspect"): ((0.5, 2), (0.75, 1.33), (None, None), (None, None)),
    ("shift", "x"): ((-1, 1), (-0.3, 0.3), (-0.3, 0.3), (-0.45, 0.45)),
    ("shift", "y"): ((-1, 1), (-0.3, 0.3), (-0.3, 0.3), (-0.45, 0.45)),
    ("shear", "x"): ((-1, 1), (-0.3, 0.3), (-0.3, 0.3), (-0.6, 0.6)),
    ("shear", "y"): ((-1, 1), (-0.3, 0.3), (-0.3, 0.3), (-0.6, 0.6)),
    ("perspective", "travel"): ((0, 0.5), (0, 0.2), (None, 0.2), (None, 0.35)),
    ("brightness", "amount"): ((-1, 1), (-0.4, 0.4), (-0.2, 0.2), (-0.4, 0.4)),
    ("contrast", "factor"): ((0.05, 3), (0.5, 1.5), (0.6, 1.4), (0.3, 2)),
    ("gamma", "exponent"): ((0.2, 5), (0.5, 2), (0.5, 2), (0.3, 3.3)),
    ("saturation", "factor"): ((0, 5), (0, 2), (None, 2), (None, 3)),
    ("hue", "angle"): ((-180, 180), (-30, 30), (-20, 20), (-90, 90)),
    ("channel_gain", "red"): ((0, 3), (0.7, 1.3), (0.6, 1.4), (0.3, 2)),
    ("channel_gain", "green"): ((0, 3), (0.7, 1.3), (0.6, 1.4), (0.3, 2)),
    ("channel_gain", "blue"): ((0, 3), (0.7, 1.3), (0.6, 1.4), (0.3, 2)),
    ("solarize", "threshold"): ((0, 1), (0.3, 1), (0.5, None), (0.3, None)),
    ("blur", "sigma"): ((0, 20), (0, 4), (None, 1), (None, 3)),
    ("sharpen", "amount"): ((0, 5), (0, 1.5), (None, 1.5), (None, 3)),
    ("dilate", "radius"): ((0, 10), (0, 3), (None, 1.5), (None, 3)),
    ("erode", "radius"): ((0, 10), (0, 3), (None, 1.5), (None, 3)),
    ("jpeg", "quality"): ((1, 100), (30, 100), (50, None), (25, None)),
    ("gaussian_noise", "sigma"): ((0, 0.5), (0, 0.2), (None, 0.08), (None, 0.18)),
    ("salt_and_pepper", "share"): ((0, 0.5), (0, 0.1), (None, 0.03), (None, 0.09)),
    ("cutout", "side"): ((0, 0.9), (0, 0.3), (None, None), (None, None)),
}
WITHOUT_KNOBS = {"flip", "quarter_turn", "grayscale", "swap_colours", "invert"}


def spanning(transform: type[Transform], low: str, high: str | None = None) -> Transform:
    """A transform, always applied, whose ranges reach from one special value to another ("hard[0]", "useful[1]")."""

    def value(knob: Knob, which: str) -> float:
        bounds, end = which.split("[")
        return float(getattr(knob, bounds)[int(end[0])])

    ranges = {name: (value(knob, low), value(knob, high or low)) for name, knob in transform.knobs().items()}
    return transform(probability=1, **ranges)  # type: ignore[call-arg]


def settings(transform: type[Transform]) -> Iterator[Transform]:
    """The transform with every value of its options, always applied."""
    options = {
        name: list(transform.model_fields[name].annotation)  # type: ignore[arg-type]
        for name, p in transform.parameters().items()
        if isinstance(p, Option)
    }
    for chosen in itertools.product(*options.values()):
        yield transform(probability=1, **dict(zip(options, chosen, strict=True)))  # type: ignore[call-arg]


# -- what is declared ---------------------------------------------------------------------------------------------


def test_all_transforms_of_the_issue_are_there_and_no_file_is_left_out() -> None:
    assert {t.name() for t in ALL} == {op for op, _ in ISSUE} | WITHOUT_KNOBS
    folder = Path(augstudio.transforms.__file__).parent
    files = {
        (group, path.stem) for group in GROUPS for path in (folder / group).glob("*.py") if path.stem != "__init__"
    }
    assert files == {(t.group(), t.name()) for t in ALL}


def test_the_registry_goes_group_by_group_then_by_label() -> None:
    order = [(GROUPS.index(t.group()), t.label) for t in ALL]
    assert order == sorted(order)
    assert len({t.label for t in ALL}) == len(ALL)


@every_transform
def test_a_transform_lies_where_its_name_and_group_say(transform: type[Transform]) -> None:
    assert transform.__module__ == f"augstudio.transforms.{transform.group()}.{transform.name()}"
    assert registry()[transform.name()] is transform
    assert transform().op == transform.name()


@every_transform
def test_everything_is_said_in_words(transform: type[Transform]) -> None:
    assert transform.label
    assert transform.help().endswith(".")
    assert "\n" not in transform.help()
    for name, parameter in transform.parameters().items():
        assert parameter.label, name
        assert parameter.help.endswith("."), name
        match parameter:
            case Option():
                values = [str(v.value) for v in transform.model_fields[name].annotation]  # type: ignore[union-attr]
                assert list(parameter.labels) == values or set(parameter.labels) == set(values), name
            case Choices():
                assert all(parameter.options.values()), name
            case Colour():
                assert parameter.only_with is None or parameter.only_with[0] in transform.parameters()
    declared = set(transform.model_fields) - {"op", "id", "enabled", "probability"}
    assert declared == set(transform.parameters()), "every field is a declared parameter"
    if transform.measure:
        assert transform.measure.parameter in transform.knobs()
        assert transform.measure.source
        assert any(transform.measure.words)


@every_transform
def test_what_is_drawn_comes_first(transform: type[Transform]) -> None:
    names = list(transform.parameters())
    assert names[: len(transform.drawn())] == transform.drawn()
    assert all(isinstance(transform.parameters()[name], Knob | Choices) for name in transform.drawn())


@every_knob
def test_the_numbers_are_those_of_the_issue(transform: type[Transform], name: str, knob: Knob) -> None:
    if (transform.name(), name) == ("cutout", "count"):
        assert knob.hard == (1, 16)
        return
    hard, useful, caution, excessive = ISSUE[transform.name(), name]
    assert knob.hard == hard
    assert knob.useful == useful
    assert knob.limits_at(224) == (caution, excessive)


def test_limits_of_a_measure_and_of_noise_by_training_size() -> None:
    measure = registry()["cutout"].measure
    assert measure is not None
    assert measure.limits == ((None, 0.2), (None, 0.33))
    noise = registry()["gaussian_noise"].knobs()["sigma"]
    for size, caution, excessive in ((8, 0.04, 0.08), (32, 0.04, 0.08), (64, 0.04, 0.12), (224, 0.08, 0.18)):
        assert noise.limits_at(size) == ((None, caution), (None, excessive))
    assert noise.limits_at(4096) == noise.limits_at(224)
    between = [noise.limits_at(size) for size in range(32, 225)]
    for lower, upper in itertools.pairwise(between):
        assert 0 <= upper.caution[1] - lower.caution[1] < 0.003  # type: ignore[operator]
        assert 0 <= upper.excessive[1] - lower.excessive[1] < 0.003  # type: ignore[operator]
    middle = noise.limits_at(120)  # half way between 64 and 224 on a logarithmic scale: √(64 · 224) = 119.7
    assert middle.caution[1] == pytest.approx(0.06, abs=0.0002)
    assert middle.excessive[1] == pytest.approx(0.15, abs=0.0002)


@every_knob
def test_bounds_limits_and_words_agree(transform: type[Transform], name: str, knob: Knob) -> None:
    assert knob.hard[0] <= knob.useful[0] < knob.useful[1] <= knob.hard[1]
    if knob.neutral is not None:
        assert knob.useful[0] <= knob.neutral <= knob.useful[1]
    for size in (8, 32, 48, 64, 224, 1000):
        (c_low, c_high), (x_low, x_high) = knob.limits_at(size)
        neutral = knob.neutral if knob.neutral is not None else knob.hard[0]
        if c_low is not None and x_low is not None:
            assert knob.hard[0] <= x_low <= c_low <= neutral
        if c_high is not None and x_high is not None:
            assert neutral <= c_high <= x_high <= knob.hard[1]
        for end, limits in enumerate(((c_low, x_low), (c_high, x_high))):
            assert (limits[0] is None) == (limits[1] is None)
            if limits[0] is not None:
                assert "{}" in knob.words[end], "what is beyond the limit has words"
                assert knob.words[end].format("3") != knob.words[end]
                assert knob.source, "a limit has a source"


@every_knob
def test_defaults_are_within_the_useful_range_and_the_limits(transform: type[Transform], name: str, knob: Knob) -> None:
    low, high = transform().range_of(name)
    assert knob.useful[0] <= low <= high <= knob.useful[1]
    (c_low, c_high), _ = knob.limits_at(224)
    assert c_low is None or low >= c_low
    assert c_high is None or high <= c_high
    for value in (low, high):
        assert round(value, knob.decimals) == value, "a default can be shown in full"


@every_transform
def test_defaults_raise_no_caution(transform: type[Transform]) -> None:
    # A quarter turn is only for pictures without an upright, as its own caution says.
    pipeline = Pipeline(transforms=(transform(),), any_orientation=transform.name() == "quarter_turn")
    for facts in (None, advice.Facts(640, 480, 0.25, 10), advice.Facts(64, 64, 0.2, 3)):
        assert advice.advise(pipeline, facts) == ()


@every_knob
def test_values_are_shown_for_people(transform: type[Transform], name: str, knob: Knob) -> None:
    for value in (*knob.hard, *knob.useful):
        shown = knob.show(value)
        assert shown.strip() == shown
        assert "-" not in shown, "a minus is a minus"
        if knob.unit:
            assert knob.unit in shown
        bare = shown.replace(knob.unit, "").replace("−", "-").strip()
        assert float(bare) == pytest.approx(value, abs=0.5 * 10**-knob.decimals)
    assert knob.show(-0.0) == knob.show(0.0)


# -- what is refused ----------------------------------------------------------------------------------------------


@every_knob
def test_hard_bounds_hold_at_both_ends(transform: type[Transform], name: str, knob: Knob) -> None:
    low, high = knob.hard
    for ends in ((low, low), (high, high), (low, high)):
        assert transform.model_validate({name: ends}).range_of(name) == ends
    step = 1 if knob.whole else 10**-knob.decimals
    for ends, found in (((low - step, high), low - step), ((low, high + step), high + step)):
        with pytest.raises(ValidationError) as caught:
            transform.model_validate({name: ends})
        (problem,) = caught.value.errors()
        assert problem["loc"] == (name,)
        assert f"{found:g}" in problem["msg"]
        assert f"{low:g} to {high:g}" in problem["msg"]
    with pytest.raises(ValidationError, match=rf"low {high:g} is above high {low:g}".replace("-", r"\-")):
        transform.model_validate({name: (high, low)})


@every_knob
def test_what_is_no_range_is_refused(transform: type[Transform], name: str, knob: Knob) -> None:
    good = knob.neutral if knob.neutral is not None else knob.hard[0]
    for wrong in (float("nan"), float("inf"), None, "much", [], {}):
        with pytest.raises(ValidationError):
            transform.model_validate({name: (wrong, good)})
    for wrong in (None, good, "ab", (), (good,), (good, good, good), {}):
        with pytest.raises(ValidationError):
            transform.model_validate({name: wrong})
    if knob.whole:
        with pytest.raises(ValidationError, match="whole number"):
            transform.model_validate({name: (knob.hard[0], knob.hard[0] + 0.5)})


@every_transform
def test_unknown_fields_and_values_are_refused(transform: type[Transform]) -> None:
    wrongs: list[dict[str, Any]] = [
        {"strength": 1},
        {"probability": -0.01},
        {"probability": 1.01},
        {"probability": float("nan")},
        {"enabled": None},
        {"id": "no spaces"},
        {"id": "x" * 65},
        {"op": "other"},
    ]
    for name, parameter in transform.parameters().items():
        if isinstance(parameter, Choices):
            first = next(iter(parameter.options))
            wrongs += [{name: ()}, {name: (first, first)}, {name: ("other",)}, {name: (45,)}]
        elif isinstance(parameter, Option):
            wrongs += [{name: "other"}, {name: 3}]
        elif isinstance(parameter, Colour):
            wrongs += [{name: (0, 0)}, {name: (0, 0, 256)}, {name: (0, -1, 0)}, {name: (0, 0, 0.5)}]
    for wrong in wrongs:
        with pytest.raises(ValidationError):
            transform.model_validate(wrong)
        with pytest.raises(ValidationError):
            transform().edited(**wrong)


@every_transform
def test_a_transform_is_frozen_and_edits_make_new_ones(transform: type[Transform]) -> None:
    one = transform(id="mine")
    with pytest.raises(ValidationError):
        one.probability = 0.25  # type: ignore[misc]
    other = one.edited(probability=0.25)
    assert (one.id, other.id) == ("mine", "mine")
    assert other.probability == 0.25
    assert one == transform(id="mine")
    assert type(other) is transform


# -- what it does -------------------------------------------------------------------------------------------------


@every_transform
@given(data=st.data())
def test_json_brings_back_the_same(transform: type[Transform], data: st.DataObject) -> None:
    step = data.draw(strategies.transforms((transform.name(),)))
    text = step.model_dump_json()
    assert transform.model_validate_json(text, strict=True) == step
    assert json.loads(text) == json.loads(transform.model_validate_json(text).model_dump_json())


@every_transform
def test_neutral_values_are_no_step_at_all(transform: type[Transform]) -> None:
    neutral = {name: (k.neutral, k.neutral) for name, k in transform.knobs().items() if k.neutral is not None}
    if not neutral:
        return
    pipeline = Pipeline(transforms=(transform.model_validate({"probability": 1, **neutral}),))
    for picture in pictures.every_kind():
        height, width = picture.shape[:2]
        plan = pipeline.plan(pipeline.draw(3, "a", 1), width, height)
        assert plan.steps == ()
        out = plan.apply(picture)
        assert np.array_equal(out, picture)
        assert not np.may_share_memory(out, picture)


@every_transform
def test_every_setting_and_every_end_works_on_every_kind_of_picture(transform: type[Transform]) -> None:
    """No exception, no warning (those are errors here), the right shape and type, the input as it was."""
    cases = [
        *settings(transform),
        spanning(transform, "hard[0]"),
        spanning(transform, "hard[1]"),
        spanning(transform, "hard[0]", "hard[1]"),
        spanning(transform, "useful[0]", "useful[1]"),
    ]
    for step in cases:
        pipeline = Pipeline(transforms=(step,))
        draws = [(pipeline.draw_ends(high=False), 1.0), (pipeline.draw_ends(high=True), 1.0)]
        draws += [(pipeline.draw(0, "a", 1), 1.0), (pipeline.draw(1, "a", 1), 0.3)]
        for picture in pictures.every_kind(((1, 1), (3, 5), (48, 64), (37, 23), (1, 9))):
            height, width = picture.shape[:2]
            before = picture.copy()
            picture.flags.writeable = False
            for draw, zoom in draws:
                plan = pipeline.plan(draw, width, height, zoom)
                out = plan.apply(picture)
                said = (step, pictures.kind(picture), draw)
                turned = step.op == "quarter_turn" and int(draw[0].number("turns")) != 180
                size = (height, width) if turned else (width, height)
                assert out.shape == (size[1], size[0], *picture.shape[2:]), said
                assert out.dtype == picture.dtype, said
                assert not np.may_share_memory(out, picture), said
            assert np.array_equal(out, plan.apply(picture)), "replayed"
            assert np.array_equal(picture, before), (step, pictures.kind(picture))


@every_transform
def test_a_draw_is_all_that_a_copy_needs(transform: type[Transform]) -> None:
    """The draw, sent through JSON, makes the same copy again."""
    pipeline = Pipeline(transforms=(spanning(transform, "useful[0]", "useful[1]"),))
    picture = pictures.smooth(33, 47)
    for copy in range(1, 5):
        draws = pipeline.draw(9, "class/a.png", copy)
        sent = pipeline.redraw(json.loads(json.dumps([draw.as_json() for draw in draws])))
        assert sent == draws
        assert np.array_equal(
            pipeline.plan(sent, 47, 33).apply(picture), pipeline(picture, seed=9, key="class/a.png", copy=copy)
        )


@every_transform
def test_lower_yields_engine_steps_and_only_geometry_warps(transform: type[Transform]) -> None:
    pipeline = Pipeline(transforms=(spanning(transform, "useful[0]", "useful[1]"),))
    (step,) = pipeline.transforms
    draw, frame = pipeline.draw(1, "", 1)[0], pipeline.frame(30, 20)
    steps = list(step.lower(draw, frame))
    assert steps
    assert all(isinstance(s, Step) for s in steps)
    assert all(isinstance(s, Warp) == (transform.group() == "geometry") for s in steps)
    again = list(step.lower(draw, frame))
    assert again == steps
    assert [hash(s) for s in again] == [hash(s) for s in steps]


@every_transform
def test_grey_is_treated_as_equal_colours(transform: type[Transform]) -> None:
    """The law for colours: a grey picture comes out as the luma of what its RGB twin becomes."""
    if transform.group() != "colour":
        return
    for ends in (("hard[0]", None), ("hard[1]", None), ("useful[0]", "useful[1]")):
        pipeline = Pipeline(transforms=(spanning(transform, *ends),))
        for dtype in pictures.DTYPES:
            grey = pictures.noise(16, 16, 1, dtype)
            for copy in range(1, 6):
                plan = pipeline.plan(pipeline.draw(2, "", copy), 16, 16)
                luma = plan.apply(np.dstack([grey] * 3)).astype(float) @ reference.LUMA
                assert reference.furthest(plan.apply(grey), luma) <= 1


@every_transform
def test_16_bits_agree_with_8(transform: type[Transform]) -> None:
    """An 8-bit picture times 257 is the same picture: what comes out agrees to about a level of 255."""
    pipeline = Pipeline(training_size=24, transforms=(spanning(transform, "useful[0]", "useful[1]"),))
    allowed = {"blur": 3.5, "sharpen": 4, "jpeg": 0, "gaussian_noise": 1.01}.get(transform.name(), 1.01)
    for channels in pictures.CHANNELS:
        eight = pictures.smooth(48, 64, channels)
        for copy in range(1, 4):
            plan = pipeline.plan(pipeline.draw(4, "", copy), 64, 48)
            sixteen = plan.apply(eight.astype(np.uint16) * 257) / 257
            off = np.abs(sixteen - plan.apply(eight))
            if transform.name() == "cutout" and pipeline.transforms[0].fill.value == "noise":  # type: ignore[attr-defined]
                continue
            if transform.name() == "solarize":  # a level at the threshold may fall to either side
                assert (off > 1.01).mean() < 0.01
            else:
                assert off.max() <= allowed, (channels, copy)


@every_transform
def test_lengths_scale_with_the_picture(transform: type[Transform]) -> None:
    """A preset means the same at any resolution: a preview at half the size is the export, reduced."""
    if transform.group() in ("noise", "occlusion") or transform.name() in ("jpeg", "quarter_turn"):
        return
    pipeline = Pipeline(training_size=32, transforms=(spanning(transform, "useful[0]", "useful[1]"),))
    large = pictures.smooth(256, 320, seed=5)
    large = np.rint(reference.blurred(large.astype(float), 3)).astype(np.uint8)  # nothing that half the size lacks
    small = large.reshape(128, 2, 160, 2, 3).mean(axis=(1, 3)).round().astype(np.uint8)
    for copy in range(1, 4):
        draws = pipeline.draw(4, "", copy)
        full = pipeline.plan(draws, 320, 256).apply(large)
        preview = pipeline.plan(draws, 160, 128, zoom=0.5).apply(small)
        reduced = full.reshape(128, 2, 160, 2, 3).mean(axis=(1, 3))
        least = 26 if transform.name() in ("dilate", "erode", "sharpen", "solarize") else 32
        assert reference.psnr(preview, reduced) > least


@pytest.mark.slow
@every_transform
def test_the_cost_is_bounded_by_the_picture_not_by_the_parameters(transform: type[Transform]) -> None:
    """At the hard ends, at the smallest training size, in all settings: tens of blurs at most, not thousands.

    Counted in processor time beside a blur in the same run, so that a busy machine makes no difference. (A dilation
    took 1,000 times as long as a blur, and a shear of a narrow picture 500 times.)
    """
    cases = [
        *settings(transform),
        spanning(transform, "hard[0]"),
        spanning(transform, "hard[1]"),
        spanning(transform, "hard[0]", "hard[1]"),
    ]
    for height, width in ((600, 800), (4, 20_000), (20_000, 3)):
        for channels in (3, 4):
            picture = pictures.noise(height, width, channels)
            start = time.process_time()
            for _ in range(3):
                cv2.GaussianBlur(picture, (0, 0), 2)
            blurs = (time.process_time() - start) / 3 + 0.002
            for step in cases:
                pipeline = Pipeline(transforms=(step,), training_size=8)
                start = time.process_time()
                pipeline(picture, seed=2)
                assert time.process_time() - start < 100 * blurs, (step, height, width, channels)
