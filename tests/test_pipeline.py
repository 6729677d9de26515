"""The pipeline as people use it: every fused copy is held against the step-by-step oracle."""

from __future__ import annotations

import copy
import pickle
import time
from pathlib import Path
from typing import Any

import numpy as np
import pictures
import pytest
import reference
import strategies
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image
from pydantic import ValidationError

import augstudio
from augstudio.engine import BoundingBox, KeyPoints, Polygon, Region, Sample, Warp
from augstudio.pipeline import Output, Pipeline, free_id
from augstudio.transforms import Chance, registry

R = registry()
GEOMETRY = tuple(op for op, t in R.items() if t.group() == "geometry")
TABLES = ("brightness", "contrast", "gamma", "channel_gain", "solarize", "invert")
MIXES = ("saturation", "hue", "grayscale", "swap_colours")


def steps(*named: tuple[str, dict[str, Any]], **pipeline: Any) -> Pipeline:
    """A pipeline of transforms that are always applied unless told otherwise."""
    chain = tuple(R[op].model_validate({"probability": 1, **values}) for op, values in named)
    return Pipeline(transforms=chain, **pipeline)


def sized(fit: str, width: int, height: int, **more: Any) -> Output:
    return Output.model_validate({"fit": fit, "width": width, "height": height, **more})


# -- against the oracle -------------------------------------------------------------------------------------------

SMALL = {  # ranges that do not shrink, so that copies are exact interpolations
    "rotate": {"angle": (-40, 40)},
    "shrink": {"scale": (0.85, 1)},
    "shear": {"x": (-0.2, 0.2), "y": (-0.2, 0.2)},
    "shift": {"x": (-0.3, 0.3), "y": (-0.3, 0.3)},
    "perspective": {"travel": (0, 0.12)},
    "crop": {"area": (0.5, 1)},
    "flip": {"axis": "either"},
    "quarter_turn": {},
}


@settings(max_examples=120)
@given(st.data())
def test_any_chain_of_geometry_is_one_exact_look_at_the_endless_plane(data: st.DataObject) -> None:
    border = {
        "border": data.draw(st.sampled_from(["mirror", "blank", "edge", "tile"])),
        "border_colour": data.draw(strategies.colours),
    }
    ops = data.draw(st.lists(st.sampled_from(GEOMETRY), min_size=1, max_size=5))
    pipeline = steps(*((op, {**SMALL[op], **(border if "border" in R[op].model_fields else {})}) for op in ops))
    dtype, channels = data.draw(st.sampled_from(pictures.DTYPES)), data.draw(st.sampled_from(pictures.CHANNELS))
    height, width = data.draw(st.sampled_from([(30, 40), (33, 27), (7, 5), (1, 6), (1, 1)]))
    picture = pictures.smooth(height, width, channels, dtype)
    draws = pipeline.draw(data.draw(st.integers(0, 99)), "a", 1)
    plan = pipeline.plan(draws, width, height)
    assert len(plan.steps) <= 1
    # Elongated frames turned by quarters, and several shrinks, do shrink: those are held against averages below.
    assert plan.warp is None or plan.warp.target == plan.size
    linear = np.eye(2) if plan.warp is None else plan.warp.array[:2, :2]
    if np.linalg.svd(linear)[1].min() < 0.6:
        return
    off = reference.furthest(plan.apply(picture), reference.copy_of(pipeline, draws, picture))
    assert off <= (1 if dtype == np.uint8 else 16)


@pytest.mark.parametrize("dtype", pictures.DTYPES)
@settings(max_examples=60)
@given(data=st.data())
def test_any_chain_of_tables_is_exact(dtype: type, data: st.DataObject) -> None:
    chain = data.draw(st.lists(strategies.transforms(TABLES), min_size=1, max_size=5))
    pipeline = Pipeline(transforms=tuple(chain))
    picture = pictures.noise(12, 16, data.draw(st.sampled_from([3, 4])), dtype)
    draws = pipeline.draw(data.draw(st.integers(0, 99)), "a", 1)
    plan = pipeline.plan(draws, 16, 12)
    assert len(plan.steps) <= 1
    assert np.array_equal(plan.apply(picture), reference.copy_of(pipeline, draws, picture))


@pytest.mark.parametrize("dtype", pictures.DTYPES)
@settings(max_examples=60)
@given(data=st.data())
def test_any_mix_is_within_a_level(dtype: type, data: st.DataObject) -> None:
    pipeline = Pipeline(transforms=(data.draw(strategies.transforms(MIXES)),))
    picture = pictures.noise(12, 16, data.draw(st.sampled_from(pictures.CHANNELS)), dtype)
    draws = pipeline.draw(data.draw(st.integers(0, 99)), "a", 1)
    found = pipeline.plan(draws, 16, 12).apply(picture)
    assert reference.furthest(found, reference.copy_of(pipeline, draws, picture)) <= 1


@pytest.mark.parametrize("dtype", pictures.DTYPES)
@pytest.mark.parametrize("op", ["gaussian_noise", "salt_and_pepper", "cutout"])
@settings(max_examples=30)
@given(data=st.data())
def test_paint_is_exact(op: str, dtype: type, data: st.DataObject) -> None:
    pipeline = Pipeline(transforms=(data.draw(strategies.transforms((op,))),))
    height, width = data.draw(st.sampled_from([(12, 16), (9, 5), (1, 1)]))
    picture = pictures.noise(height, width, data.draw(st.sampled_from(pictures.CHANNELS)), dtype)
    draws = pipeline.draw(data.draw(st.integers(0, 99)), "a", 1)
    found = pipeline.plan(draws, width, height).apply(picture)
    expected = reference.copy_of(pipeline, draws, picture)
    if op == "cutout" and pipeline.transforms[0].fill.value == "mean":  # type: ignore[attr-defined]
        assert reference.furthest(found, expected) <= 1  # a mean half way between two levels
    else:
        assert np.array_equal(found, expected)


TYPICAL = (
    ("rotate", {"angle": (-15, 15)}),
    ("crop", {"area": (0.6, 0.9)}),
    ("brightness", {"amount": (-0.15, 0.15)}),
    ("contrast", {"factor": (0.8, 1.2)}),
    ("saturation", {"factor": (0.7, 1.3)}),
    ("hue", {"angle": (-10, 10)}),
    ("blur", {"sigma": (0, 0.8)}),
    ("gaussian_noise", {"sigma": (0, 0.04)}),
    ("jpeg", {"quality": (70, 100)}),
    ("cutout", {"side": (0.1, 0.2)}),
)


@pytest.mark.parametrize("dtype", pictures.DTYPES)
@pytest.mark.parametrize("channels", pictures.CHANNELS)
def test_a_typical_pipeline_is_what_its_steps_say(dtype: type, channels: int) -> None:
    pipeline = steps(*TYPICAL, training_size=48)
    picture = pictures.smooth(48, 64, channels, dtype)
    for number in range(1, 4):
        draws = pipeline.draw(11, "a", number)
        found = pipeline.plan(draws, 64, 48).apply(picture)
        expected = reference.copy_of(pipeline, draws, picture)
        assert reference.psnr(found, expected, int(np.iinfo(dtype).max)) > 38


@settings(max_examples=60, suppress_health_check=list(HealthCheck))
@given(strategies.pipelines(most=4), st.integers(0, 9))
def test_any_pipeline_at_all_gives_a_picture_quickly(pipeline: Pipeline, seed: int) -> None:
    for height, width in ((1, 1), (17, 23)):
        picture = pictures.noise(height, width, 1 + seed % 4, pictures.DTYPES[seed % 2])
        began = time.process_time()
        out = pipeline(picture, seed=seed)
        assert time.process_time() - began < 5
        assert out.dtype == picture.dtype
        assert out.shape[2:] == picture.shape[2:]
        if pipeline.output.size:
            assert out.shape[1::-1] == pipeline.output.size
        for draws in (pipeline.draw_ends(high=False), pipeline.draw_ends(high=True)):
            plan = pipeline.plan(draws, width, height, zoom=0.4)
            assert plan.apply(picture).shape[1::-1] == plan.size
            assert plan.explain()


@pytest.mark.parametrize("border", ["mirror", "blank", "edge", "tile"])
def test_the_same_hopeless_step_over_and_over_neither_raises_nor_hangs(border: str) -> None:
    picture = pictures.noise(120, 160)
    began = time.process_time()
    for op, values in (
        ("shrink", {"scale": (0.1, 0.1)}),
        ("shift", {"x": (1, 1), "y": (-1, -1)}),
        ("shear", {"x": (1, 1), "y": (1, 1)}),
        ("shear", {"x": (-1, -1), "y": (1, 1)}),
        ("perspective", {"travel": (0.5, 0.5)}),
        ("rotate", {"angle": (45, 45)}),
    ):
        for count in (2, 5, 40):
            steps(*[(op, {**values, "border": border})] * count)(picture, seed=1)
    steps(*[("crop", {"area": (0.05, 0.05)})] * 40)(picture, seed=1)
    assert time.process_time() - began < 10


@pytest.mark.parametrize("seed", range(3))
def test_geometry_that_shrinks_comes_near_the_area_average(seed: int) -> None:
    picture = pictures.smooth(160, 200, seed=seed)
    for chain, output in (
        ((("shrink", {"scale": (0.2, 0.45)}), ("rotate", {"angle": (-40, 40)})), Output()),
        ((("rotate", {"angle": (-15, 15)}), ("flip", {})), sized("crop", 48, 32)),
        ((("shrink", {"scale": (0.7, 0.9)}), ("quarter_turn", {})), sized("pad", 40, 60)),
        ((("perspective", {"travel": (0.1, 0.1)}),), sized("stretch", 50, 30)),
    ):
        pipeline = steps(*chain, output=output)
        draws = pipeline.draw(seed, "a", 1)
        found = pipeline.plan(draws, 200, 160).apply(picture)
        assert reference.psnr(found, reference.copy_of(pipeline, draws, picture, samples=12)) > 31, chain


# -- geometry, case by case ---------------------------------------------------------------------------------------


def test_shears_at_their_bounds_fold_nothing_flat() -> None:
    """Sideways and vertical shear by 1 at once would be a singular matrix."""
    for x in (-1, 1):
        for y in (-1, 1):
            pipeline = steps(("shear", {"x": (x, x), "y": (y, y), "border": "blank"}))
            plan = pipeline.plan(pipeline.draw(0, "", 1), 40, 40)
            assert plan.warp is not None
            assert np.linalg.det(plan.warp.array) == pytest.approx(1)
            white = np.full((40, 40), 255, np.uint8)
            assert 0.3 < (plan.apply(white) > 127).mean() < 1


@pytest.mark.parametrize("travel", [0.25, 0.35, 0.5])
def test_a_perspective_is_one_that_a_camera_can_see(travel: float) -> None:
    """No corner turns inward, and all of the picture lies before the camera."""
    pipeline = steps(("perspective", {"travel": (travel, travel)}))
    corners = np.array([(0, 0, 1), (60, 0, 1), (60, 40, 1), (0, 40, 1)]).T
    for seed in range(300):
        warp = pipeline.plan(pipeline.draw(seed, "", 1), 60, 40).warp
        assert warp is not None
        moved = warp.array @ corners
        assert (moved[2] > 0.01).all()
        quad = (moved[:2] / moved[2]).T
        sides = np.roll(quad, -1, axis=0) - quad
        following = np.roll(sides, -1, axis=0)
        turns = sides[:, 0] * following[:, 1] - sides[:, 1] * following[:, 0]
        assert (turns > 0.04 * 60 * 40).all(), seed


def test_hue_turns_red_towards_green() -> None:
    red = np.full((2, 2, 3), (200, 40, 40), np.uint8)
    turned = steps(("hue", {"angle": (120, 120)}))(red, seed=0)
    assert turned[0, 0].argmax() == 1
    back = steps(("hue", {"angle": (-120, -120)}))(red, seed=0)
    assert back[0, 0].argmax() == 2


def test_what_a_crop_leaves_out_comes_back_with_a_rotation() -> None:
    picture = pictures.smooth(64, 64)
    pipeline = steps(
        ("crop", {"area": (0.2, 0.2), "aspect": (1, 1)}),
        ("rotate", {"angle": (45, 45), "border": "blank", "border_colour": (255, 0, 255)}),
    )
    inside = next(n for n in range(1, 200) if all(0.35 < u < 0.65 for u in pipeline.draw(0, "", n)[0].uniforms(2)))
    draws = pipeline.draw(0, "", inside)
    out = pipeline.plan(draws, 64, 64).apply(picture)
    assert reference.furthest(out, reference.copy_of(pipeline, draws, picture)) <= 1
    assert not (np.abs(out.astype(int) - (255, 0, 255)).sum(axis=2) < 30).any(), "no blank corner is to be seen"


# -- the output size ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("fit", ["crop", "pad", "stretch"])
@pytest.mark.parametrize("shape", [(30, 40), (40, 30), (1, 1), (3, 50), (64, 64)])
def test_every_copy_has_the_output_size(fit: str, shape: tuple[int, int]) -> None:
    for size in ((24, 24), (40, 20), (7, 31), (1, 1), (90, 60)):
        for chain in ((), (("quarter_turn", {"turns": (90,)}),), (("quarter_turn", {"turns": (180,)}),), TYPICAL):
            pipeline = steps(*chain, output=sized(fit, *size), training_size=64)
            for channels in (1, 4):
                picture = pictures.noise(*shape, channels)
                assert pipeline(picture, seed=1).shape[1::-1] == size


@settings(max_examples=60)
@given(
    st.sampled_from(["crop", "pad", "stretch"]), st.integers(30, 60), st.integers(30, 60), st.sampled_from([0, 90, 270])
)
def test_the_resize_fuses_with_geometry(fit: str, width: int, height: int, turn: int) -> None:
    chain: list[tuple[str, dict[str, Any]]] = [("quarter_turn", {"turns": (turn,)})] if turn else []
    pipeline = steps(*chain, output=sized(fit, width, height, border="edge"))
    picture = pictures.smooth(30, 40)
    draws = pipeline.draw(0, "", 1)
    plan = pipeline.plan(draws, 40, 30)
    assert len(plan.steps) <= 1
    assert plan.size == (width, height)
    linear = np.eye(2) if plan.warp is None else plan.warp.array[:2, :2]
    if np.linalg.svd(linear)[1].min() > 0.6:
        assert reference.furthest(plan.apply(picture), reference.copy_of(pipeline, draws, picture)) <= 1


def test_padding_shows_all_of_the_picture_and_the_border_beside_it() -> None:
    picture = pictures.noise(20, 40)
    out = steps(output=sized("pad", 40, 40, border_colour=(255, 128, 0)))(picture, seed=0)
    assert np.array_equal(out[10:30], picture), "no pixel is interpolated where none need be"
    assert (out[:10] == (255, 128, 0)).all()
    assert (out[30:] == (255, 128, 0)).all()
    mirrored = steps(output=sized("pad", 40, 40, border="mirror"))(picture, seed=0)
    assert np.array_equal(mirrored[:10], picture[:10][::-1])
    opaque = steps(output=sized("pad", 40, 40))(pictures.noise(20, 40, 4), seed=0)
    assert (opaque[:10, :, 3] == 255).all()


@pytest.mark.parametrize(("width", "height"), [(41, 20), (40, 21), (45, 27)])
def test_a_picture_of_about_the_output_size_is_not_blurred_by_half_a_pixel(width: int, height: int) -> None:
    picture = pictures.noise(20, 40)
    padded = steps(output=sized("pad", width, height))(picture, seed=0)
    windows = np.lib.stride_tricks.sliding_window_view(padded, (20, 40), axis=(0, 1))
    scale = min(width / 40, height / 20)
    if scale == 1:
        assert any(np.array_equal(np.moveaxis(window, 0, -1), picture) for row in windows for window in row)
    cropped = steps(output=sized("crop", 40, 19))(picture, seed=0)
    assert np.array_equal(cropped, picture[:19]) or np.array_equal(cropped, picture[1:])


def test_cropping_to_the_output_never_looks_outside() -> None:
    for shape in ((30, 41), (41, 30), (5, 100), (7, 7)):
        for size in ((20, 20), (33, 17), (3, 50), (64, 48)):
            pipeline = steps(output=sized("crop", *size))
            plan = pipeline.plan((), shape[1], shape[0])
            assert plan.warp is None or plan.warp.outside_share() == 0


@pytest.mark.parametrize("fit", ["crop", "pad", "stretch"])
def test_a_picture_read_smaller_still_holds_twice_the_output(fit: str) -> None:
    """As much as `enough` says, each output pixel comes from two of the source, along each axis, or more."""
    for width, height in ((800, 300), (300, 800), (512, 512)):
        for size in ((100, 50), (50, 100), (64, 64)):
            output = sized(fit, *size)
            least = output.enough(width, height)
            assert least is not None
            reduced = output.warp(steps().frame(*least))
            assert reduced is not None
            per_pixel = reduced.array[0, 0], reduced.array[1, 1]
            assert max(per_pixel) <= 0.5 + 1e-9, "twice the resolution at least"
            assert min(per_pixel) >= 0.5 - 2 / min(least), "and no more than that"
            assert sized(fit, *size, exact=True).enough(width, height) is None
    assert Output().enough(800, 300) is None


def test_the_ends_of_the_ranges_are_drawn_with_the_seed() -> None:
    """Where a cut-out lies and what the noise looks like is chance's also at the ends; each step has its own."""
    pipeline = steps(("cutout", {}), ("gaussian_noise", {}), ("crop", {}))
    for high in (False, True):
        one, again, other = (pipeline.draw_ends(high=high, seed=seed) for seed in (1, 1, 2))
        assert one == again
        assert [draw.values for draw in one] == [draw.values for draw in other]
        seeds = [draw.field_seed for draw in (*one, *other)]
        assert len(set(seeds)) == len(seeds)
    picture = pictures.smooth(40, 50)
    made = [pipeline.plan(pipeline.draw_ends(high=True, seed=seed), 50, 40).apply(picture) for seed in (1, 2)]
    assert not np.array_equal(*made)


def test_lengths_are_pixels_at_the_training_size() -> None:
    blur = steps(("blur", {"sigma": (2, 2)}), training_size=100)
    assert blur.plan(blur.draw(0, "", 1), 400, 300).steps[0].describe() == "Gaussian blur, sigma 6.00 px"
    assert blur.plan(blur.draw(0, "", 1), 100, 75, zoom=0.25).steps[0].describe() == "Gaussian blur, sigma 1.50 px"
    resized = blur.edited(output=sized("crop", 64, 50))
    assert resized.trained_at == 50, "the output's shorter side counts"
    assert resized.plan(resized.draw(0, "", 1), 400, 300).steps[-1].describe() == "Gaussian blur, sigma 2.00 px"
    preview = resized.plan(resized.draw(0, "", 1), 100, 75, zoom=0.5)
    assert preview.size == (32, 25)
    assert preview.steps[-1].describe() == "Gaussian blur, sigma 1.00 px"


@pytest.mark.parametrize(
    ("op", "values"),
    [
        ("gaussian_noise", {"sigma": (0.1, 0.1)}),
        ("gaussian_noise", {"sigma": (0.1, 0.1), "channels": "grey"}),
        ("salt_and_pepper", {"share": (0.1, 0.1)}),
    ],
)
@pytest.mark.parametrize("side", [2, 4])
def test_a_reduced_preview_is_as_noisy_as_the_export_looks_there(op: str, values: dict[str, Any], side: int) -> None:
    pipeline = steps((op, values))
    draws = pipeline.draw(0, "", 1)
    grey = np.full((480, 640, 3), 128, np.uint8)
    export = pipeline.plan(draws, 640, 480).apply(grey).astype(float)
    reduced = export.reshape(480 // side, side, 640 // side, side, 3).mean(axis=(1, 3))
    preview = pipeline.plan(draws, 640 // side, 480 // side, zoom=1 / side).apply(grey[::side, ::side])
    assert preview.std() == pytest.approx(reduced.std(), rel=0.03)
    assert preview.mean() == pytest.approx(reduced.mean(), abs=0.5)


def test_a_reduced_preview_is_as_spoilt_by_jpeg_as_the_export_looks_there() -> None:
    pipeline = steps(("jpeg", {"quality": (20, 20)}))
    draws = pipeline.draw(0, "", 1)
    page = pictures.text(256, 320)
    for side in (2, 4):
        export = pipeline.plan(draws, 320, 256).apply(page).astype(float)
        reduced = export.reshape(256 // side, side, 320 // side, side, 3).mean(axis=(1, 3))
        small = page.reshape(256 // side, side, 320 // side, side, 3).mean(axis=(1, 3)).round().astype(np.uint8)
        preview = pipeline.plan(draws, 320 // side, 256 // side, zoom=1 / side).apply(small)
        as_if_full = pipeline.plan(draws, 320 // side, 256 // side).apply(small)
        assert reference.psnr(preview, reduced) > reference.psnr(as_if_full, reduced) + 3
        spoilt, expected = np.abs(preview - small.astype(float)).mean(), np.abs(reduced - small).mean()
        assert 0.5 < spoilt / expected < 2


def test_at_full_zoom_the_preview_is_the_export() -> None:
    pipeline = steps(*TYPICAL, output=sized("pad", 50, 40))
    picture = pictures.smooth(48, 64)
    for number in range(1, 4):
        plan = pipeline.plan(pipeline.draw(5, "a/b.png", number), 64, 48, zoom=1.0)
        assert np.array_equal(plan.apply(picture), pipeline(picture, seed=5, key="a/b.png", copy=number))


# -- edits --------------------------------------------------------------------------------------------------------


def test_every_step_has_an_id_of_its_own() -> None:
    pipeline = steps(("rotate", {}), ("rotate", {}), ("flip", {"id": "rotate-3"}), ("rotate", {}))
    assert [s.id for s in pipeline.transforms] == ["rotate", "rotate-2", "rotate-3", "rotate-4"]
    assert free_id("rotate", {"rotate", "rotate-2"}) == "rotate-3"
    with pytest.raises(ValidationError, match="stands twice"):
        steps(("rotate", {"id": "a"}), ("flip", {"id": "a"}))
    again = pipeline.edited(name="other")
    assert [s.id for s in again.transforms] == [s.id for s in pipeline.transforms]
    named = steps(("rotate", {}), ("rotate", {"id": "rotate"}))
    assert [s.id for s in named.transforms] == ["rotate-2", "rotate"], "an id that is given is kept"


@given(strategies.pipelines(most=4), strategies.transforms(), st.integers(0, 4))
def test_edits_make_new_values_and_leave_the_old_ones(pipeline: Pipeline, extra: Any, position: int) -> None:
    before = pipeline.model_dump_json()
    longer = pipeline.adding(extra, min(position, len(pipeline.transforms)))
    assert len(longer.transforms) == len(pipeline.transforms) + 1
    (added,) = {s.id for s in longer.transforms} - {s.id for s in pipeline.transforms}
    assert longer.without(added) == pipeline
    doubled = longer.adding(longer.step(added))
    assert len({s.id for s in doubled.transforms}) == len(doubled.transforms)
    for place in range(len(longer.transforms)):
        moved = longer.moving(added, place)
        assert moved.transforms[place].id == added
        assert moved.without(added) == pipeline
    changed = longer.with_step(added, probability=0.125)
    assert changed.step(added).probability == 0.125
    assert changed.with_step(added, probability=extra.probability) == longer
    assert pipeline.model_dump_json() == before
    with pytest.raises(KeyError):
        pipeline.step("nowhere")
    with pytest.raises(KeyError):
        pipeline.without("nowhere")
    with pytest.raises(KeyError):
        pipeline.with_step("nowhere", probability=1)


@given(strategies.pipelines(), strategies.pipelines(), st.integers(0, 2**32))
def test_a_pipeline_draws_what_its_steps_draw_however_it_was_made(one: Pipeline, other: Pipeline, seed: int) -> None:
    """By pydantic's own `model_copy` too, by pickling and by copying; and it is equal to one that never drew."""
    chance = Chance(seed, "a", 1)
    expected = tuple(step.draw(chance) for step in other.transforms)
    assert other.draw(seed, "a", 1) == expected
    one.draw(seed, "a", 1)
    changed = one.model_copy(update={"transforms": other.transforms})
    for same in (changed, changed.model_copy(deep=True), pickle.loads(pickle.dumps(other)), copy.deepcopy(other)):
        assert same.draw(seed, "a", 1) == expected
    fresh = Pipeline.model_validate_json(other.model_dump_json())
    assert fresh == other
    assert hash(fresh) == hash(other)
    assert dict(fresh) == dict(other)
    assert fresh.edited(name="other").draw(seed, "a", 1) == expected


def test_a_bad_edit_is_refused_and_changes_nothing() -> None:
    pipeline = steps(("rotate", {}))
    before = pipeline.model_dump_json()
    for step, changes in (("rotate", {"angle": (5, -5)}), ("rotate", {"angle": (0, 400)}), ("rotate", {"other": 1})):
        with pytest.raises(ValidationError):
            pipeline.with_step(step, **changes)
    for wrong in ({"training_size": 7}, {"name": "x" * 201}, {"seed": 1}, {"output": {"fit": "crop"}}):
        with pytest.raises(ValidationError):
            pipeline.edited(**wrong)
    with pytest.raises(ValidationError):
        pipeline.name = "other"  # type: ignore[misc]
    assert pipeline.model_dump_json() == before


@pytest.mark.parametrize(
    "wrong",
    [
        {"fit": "crop"},
        {"fit": "pad", "width": 5},
        {"fit": "keep", "width": 5, "height": 5},
        {"fit": "crop", "width": 0, "height": 5},
        {"fit": "crop", "width": 5, "height": 16_385},
        {"fit": "fill", "width": 5, "height": 5},
        {"fit": "pad", "width": 5, "height": 5, "border_colour": (0, 0, 300)},
    ],
)
def test_bad_outputs_are_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        Output.model_validate(wrong)


# -- use in a training loop ---------------------------------------------------------------------------------------


def test_the_public_way_in() -> None:
    pipeline = augstudio.Pipeline.load("gentle")
    picture = pictures.smooth(48, 64)
    before = picture.copy()
    out = pipeline(picture, seed=7)
    assert np.array_equal(picture, before)
    assert out.shape == picture.shape
    assert np.array_equal(out, pipeline(picture, seed=7))
    assert not np.array_equal(out, pipeline(picture, seed=8))
    assert not np.array_equal(out, pipeline(picture, seed=7, copy=2))
    assert not np.array_equal(out, pipeline(picture, seed=7, key="other"))
    with pytest.raises(TypeError, match="uint8 or uint16"):
        pipeline(picture / 255, seed=1)
    with pytest.raises(AttributeError):
        augstudio.Nothing  # noqa: B018
    assert augstudio.__version__


@pytest.mark.parametrize("seven", [7, 7.0, np.int64(7), np.uint8(7), np.float64(7)], ids=repr)
def test_seven_is_seven(seven: Any) -> None:
    pipeline, picture = augstudio.Pipeline.load("gentle"), pictures.smooth(24, 32)
    assert np.array_equal(pipeline(picture, seed=seven), pipeline(picture, seed=7))
    assert pipeline.draw(seven, "a", seven) == pipeline.draw(7, "a", 7)


@pytest.mark.parametrize(
    ("more", "error", "words"),
    [
        ({"seed": "7"}, TypeError, "seed must be a whole number, not '7'"),
        ({"seed": 7.5}, TypeError, "seed must be a whole number, not 7.5"),
        ({"seed": float("nan")}, TypeError, "seed must be a whole number, not nan"),
        ({"seed": float("inf")}, TypeError, "seed must be a whole number, not inf"),
        ({"seed": None}, TypeError, "seed must be a whole number, not None"),
        ({"seed": -1}, ValueError, "seed must be 0 or more, not -1"),
        ({"seed": -7.0}, ValueError, "seed must be 0 or more, not -7"),
        ({"seed": 1, "copy": "1"}, TypeError, "copy must be a whole number, not '1'"),
        ({"seed": 1, "copy": -1}, ValueError, "copy must be 0 or more, not -1"),
        ({"seed": 1, "key": Path("a/b.png")}, TypeError, "key must be text, the picture's path"),
        ({"seed": 1, "key": 3}, TypeError, "key must be text, the picture's path, not 3"),
    ],
    ids=str,
)
def test_what_names_a_copy_is_checked(more: dict[str, Any], error: type[Exception], words: str) -> None:
    with pytest.raises(error, match=words):
        augstudio.Pipeline.load("gentle")(pictures.smooth(24, 32), **more)


def test_an_array_is_of_the_class_that_is_said() -> None:
    """Nothing is mirrored that must not be only because nobody said what it shows."""
    pipeline = steps(("flip", {}), labels={"not_mirrored": ("left",)})
    image = pictures.smooth(20, 30, 3)
    for label in ("left", "signs/left"):
        assert np.array_equal(pipeline(image, seed=7, label=label), image)
    assert np.array_equal(pipeline(image, seed=7, label="right"), image[:, ::-1])
    with pytest.raises(ValueError, match=r"never mirrors some classes \(left\), and nothing tells this.*say label=…"):
        pipeline(image, seed=7)
    box = BoundingBox(3, 1, 1, 9, 9)
    with pytest.raises(ValueError, match=r"nothing tells that of object 3: say names=…"):
        pipeline(Sample(image, (box,), names=("right",)), seed=7, label="right")
    assert np.array_equal(pipeline(Sample(image), seed=7, label="left").pixels, image)


NAN, INFINITE = float("nan"), float("inf")


@pytest.mark.parametrize(
    ("shape", "words"),
    [
        (BoundingBox(2, 1, NAN, 5, 6), r"finite bounds.*\(object 2\)"),
        (BoundingBox(2, 1, 1, INFINITE, 6), "finite bounds"),
        (BoundingBox(2, 5, 1, 4, 6), "end before it begins"),
        (BoundingBox(-1, 1, 1, 4, 6), "0 or more, not -1"),
        (BoundingBox("car", 1, 1, 4, 6), "whole number, not 'car'"),  # type: ignore[arg-type]
        (Polygon.of(0, [(1, 1), (5, 5)]), "three points or more"),
        (Polygon.of(0, [(1, 1), (5, 5), (NAN, 2)]), "finite coordinates"),
        (Polygon(0, ()), "at least one piece"),
        (Polygon(0, ((),)), "at least one piece"),
        (KeyPoints(0, np.zeros(2)), r"\(N, 2\)"),
        (KeyPoints(0, np.full((1, 2), INFINITE)), "finite, or NaN"),
        (Region(0, np.zeros((4, 4), np.uint8)), "of bool"),  # type: ignore[arg-type]
        ((1, 1, 4, 6), "a shape must be"),
    ],
)
def test_shapes_that_are_none_are_refused_by_every_pipeline(shape: Any, words: str) -> None:
    """A pipeline that does nothing to them would hand them on, others would lose them."""
    for pipeline in (Pipeline(), steps(("flip", {})), steps(("rotate", {"angle": (20, 20)}))):
        with pytest.raises((TypeError, ValueError), match=words):
            pipeline(Sample(pictures.smooth(20, 30, 3), (shape,)), seed=7)


def test_unknown_key_points_stay_unknown() -> None:
    points = KeyPoints(0, np.array([(3.0, 4.0), (NAN, NAN)]))
    found = steps(("flip", {}))(Sample(pictures.smooth(20, 30, 3), (points,)), seed=7).shapes[0]
    assert isinstance(found, KeyPoints)
    assert np.array_equal(found.points, [(27.0, 4.0), (NAN, NAN)], equal_nan=True)


def test_true_is_one() -> None:
    pipeline = augstudio.Pipeline.load("gentle")
    assert pipeline.draw(True, "", True) == pipeline.draw(1, "", 1)


def test_a_disabled_step_and_a_missing_one_are_the_same() -> None:
    pipeline = steps(*TYPICAL)
    picture = pictures.smooth(40, 50)
    for step in pipeline.transforms:
        off = pipeline.with_step(step.id, enabled=False)(picture, seed=3)
        assert np.array_equal(off, pipeline.without(step.id)(picture, seed=3))


def test_draws_of_another_pipeline_are_refused() -> None:
    pipeline = steps(("rotate", {}), ("flip", {}))
    with pytest.raises(ValueError, match=r"zip\(\)"):
        pipeline.plan(pipeline.draw(0, "", 1)[:1], 10, 10)


@pytest.mark.parametrize("name", ["cat", "page"])
def test_fused_geometry_keeps_photographs_sharp(name: str) -> None:
    file = next(path for path in pictures.PHOTOGRAPHS if path.stem == name)
    picture = np.asarray(Image.open(file).convert("RGB"))[200:400, 100:360]
    assert picture.std() > 20
    pipeline = steps(
        ("rotate", {"angle": (-20, 20)}), ("shear", {"x": (0.1, 0.1), "y": (0, 0)}), ("crop", {"area": (0.6, 0.8)})
    )
    for number in range(1, 4):
        draws = pipeline.draw(1, "", number)
        plan = pipeline.plan(draws, 260, 200)
        assert [type(step) for step in plan.steps] == [Warp]
        assert reference.furthest(plan.apply(picture), reference.copy_of(pipeline, draws, picture)) <= 1
