"""How much a copy differs from its source, once what only moved is moved back."""

from __future__ import annotations

import math
from typing import Any

import cv2
import numpy as np
import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st
from pictures import PHOTOGRAPHS, every_kind, kind, noise, smooth
from strategies import outputs, transforms

from augstudio.advice.change import Change, change, change_of_copy
from augstudio.engine import Border, BorderMode, Frame, Pixels, Warp
from augstudio.images import read_reduced
from augstudio.pipeline import Fit, Output, Pipeline
from augstudio.transforms import registry

BLANK = Border(BorderMode.BLANK)
SIDES = (1, 2, 3, 17, 64)


def made(pipeline: Pipeline, pixels: Pixels, copy: int = 1, seed: int = 0) -> tuple[Pixels, Change]:
    """A copy, and how much it is changed."""
    height, width = pixels.shape[:2]
    plan = pipeline.plan(pipeline.draw(seed, "a", copy), width, height)
    after = plan.apply(pixels)
    return after, change_of_copy(pixels, after, plan, pipeline.plain(width, height))


def with_one(op: str, output: Output | None = None, **values: object) -> Pipeline:
    step = registry()[op].model_validate({"probability": 1.0, **values})
    return Pipeline(transforms=(step,), output=output or Output())


def photo(side: int = 256) -> Pixels:
    return read_reduced(PHOTOGRAPHS[0], side).pixels


# -- what is no change -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("pixels", list(every_kind()), ids=kind)
def test_what_only_copies_is_no_change(pixels: Pixels) -> None:
    height, width = pixels.shape[:2]
    frame = Frame(width, height)
    flips = [Warp.flip(frame, horizontal=h, vertical=v) for h in (True, False) for v in (True, False)]
    for warp in (None, *flips, *(Warp.quarter_turn(turns, frame) for turns in range(4))):
        after = pixels if warp is None else warp.apply(pixels)
        assert change(pixels, after, None, warp) == Change(0, 0, 0), warp


@given(op=st.sampled_from(["flip", "quarter_turn"]), output=outputs(), seed=st.integers(0, 9))
@example(op="flip", output=Output(fit=Fit.PAD, width=33, height=25), seed=0)  # its last row is three quarters picture
@settings(max_examples=60, deadline=None)
def test_a_flip_is_none_whatever_the_output(op: str, output: Output, seed: int) -> None:
    assume(not output.size or min(output.size) >= 6)  # where every pixel is half a border, there is nothing to compare
    if op == "quarter_turn" and output.size and output.size[0] != output.size[1]:
        output = Output()  # it is brought to the output's size a second time, which enlarges or reduces it
    _, found = made(with_one(op, output), smooth(48, 64), seed=seed)
    assert found.total < 0.005


@given(angle=st.floats(-180, 180), fit=st.sampled_from(["keep", "pad", "stretch", "crop"]))
@settings(max_examples=40, deadline=None)
def test_what_turns_leaves_colour_alone(angle: float, fit: str) -> None:
    """Though the picture is full of edges: the source is resampled just as the copy was."""
    output = Output() if fit == "keep" else Output.model_validate({"fit": fit, "width": 128, "height": 96})
    _, found = made(with_one("rotate", output, angle=(angle, angle)), photo())
    assert found.colour < 0.01
    assert found.zoom < 1e-6


@given(step=transforms(("rotate", "shear", "shift", "shrink", "perspective", "crop", "flip")), seed=st.integers(0, 5))
@settings(max_examples=80, deadline=None)
def test_geometry_alone_leaves_colour_alone(step: Any, seed: int) -> None:
    pixels = smooth(60, 80)
    _, found = made(Pipeline(transforms=(step,)), pixels, seed=seed)
    assert found.colour < 0.01
    assert 0 <= found.border <= 1
    assert 0 <= found.zoom <= 1


# -- what is one -------------------------------------------------------------------------------------------------------


def test_black_and_white_lie_one_apart() -> None:
    black = np.zeros((20, 30, 3), np.uint8)
    assert change(black, 255 - black, None, None).colour == pytest.approx(1, abs=1e-3)
    grey = np.zeros((20, 30), np.uint16)
    assert change(grey, 65535 - grey, None, None).colour == pytest.approx(1, abs=1e-3)


def test_noise_counts_in_full_wherever_the_picture_went() -> None:
    pixels = np.full((200, 256, 3), 128, np.uint8)
    noisy = with_one("gaussian_noise", sigma=(0.1, 0.1))
    plain = made(noisy, pixels)[1].colour
    assert plain > 0.05
    turned = Pipeline(
        transforms=(
            registry()["rotate"].model_validate({"angle": (20, 20), "probability": 1.0}),
            noisy.transforms[0],
        )
    )
    assert made(turned, pixels)[1].colour == pytest.approx(plain, rel=0.1)
    large = np.full((1000, 1280, 3), 128, np.uint8)
    assert made(noisy, large)[1].colour == pytest.approx(plain, rel=0.1), "nothing is averaged away"


@pytest.mark.parametrize(
    ("op", "weak", "strong"),
    [
        ("brightness", {"amount": (0.05, 0.05)}, {"amount": (0.3, 0.3)}),
        ("gaussian_noise", {"sigma": (0.02, 0.02)}, {"sigma": (0.2, 0.2)}),
        ("blur", {"sigma": (1.5, 1.5)}, {"sigma": (6, 6)}),
    ],
)
def test_what_is_stronger_changes_more(op: str, weak: dict[str, object], strong: dict[str, object]) -> None:
    little, much = (made(with_one(op, **values), photo())[1] for values in (weak, strong))
    assert 0.002 < little.colour < much.colour
    assert (little.border, little.zoom) == (much.border, much.zoom) == (0, 0)


def test_grey_is_measured_as_colour_of_that_grey() -> None:
    grey = smooth(40, 50, 1)
    brighter = np.clip(grey.astype(int) + 40, 0, 255).astype(np.uint8)
    as_colour = [np.dstack([pixels] * 3) for pixels in (grey, brighter)]
    assert change(grey, brighter, None, None).colour == pytest.approx(change(*as_colour, None, None).colour, abs=1e-4)


def test_16_bits_are_measured_as_8() -> None:
    pixels = smooth(40, 50)
    after = cv2.GaussianBlur(pixels, (9, 9), 3)
    deep = [p.astype(np.uint16) * 257 for p in (pixels, after)]
    assert change(*deep, None, None).colour == pytest.approx(change(pixels, after, None, None).colour, abs=1e-4)


# -- border and zoom ---------------------------------------------------------------------------------------------------


@given(share=st.floats(0, 1), width=st.integers(30, 90), height=st.integers(30, 90))
def test_what_is_shifted_out_is_border(share: float, width: int, height: int) -> None:
    frame = Frame(width, height)
    pixels, warp = noise(height, width), Warp.translation(share * width, 0, frame, BLANK)
    found = change(pixels, warp.apply(pixels), None, warp)
    assert found.border == pytest.approx(share, abs=0.01)
    assert found.zoom == 0


@given(scale=st.floats(0.2, 5))
def test_zoom_is_the_same_up_and_down(scale: float) -> None:
    frame, pixels = Frame(40, 30), noise(30, 40)
    zooms = []
    for times in (scale, 1 / scale):
        warp = Warp.about_centre((times, 0, 0, times), frame, BLANK)
        zooms.append(change(pixels, warp.apply(pixels), None, warp).zoom)
    assert zooms[0] == pytest.approx(zooms[1])
    assert zooms[0] == pytest.approx(1 - min(scale, 1 / scale))


def test_what_a_crop_loses_is_zoom() -> None:
    _, found = made(with_one("crop", area=(0.25, 0.25), aspect=(1, 1)), photo())
    assert found.zoom == pytest.approx(0.5, abs=0.01)
    assert found.border < 0.005


@given(output=outputs())
@settings(max_examples=40, deadline=None)
def test_the_outputs_own_size_and_border_are_no_change(output: Output) -> None:
    _, found = made(Pipeline(output=output), smooth(37, 53))
    assert found.total < 0.005


def test_a_shift_of_a_padded_picture_counts_what_comes_in() -> None:
    output = Output.model_validate({"fit": "pad", "width": 100, "height": 100})
    pixels = smooth(50, 100)  # bars above and below
    step = registry()["shift"].model_validate({"probability": 1.0, "border": "blank"})
    moved = step.edited(x=(0.2, 0.2), y=(0, 0))
    _, found = made(Pipeline(transforms=(moved,), output=output), pixels)
    assert found.border == pytest.approx(0.2, abs=0.015), "the bars are not counted once more"


# -- alpha, odd pictures, odd geometry ---------------------------------------------------------------------------------


def test_what_is_transparent_is_ignored() -> None:
    before = np.dstack([smooth(30, 40), np.full((30, 40), 255, np.uint8)])
    before[:, 20:, 3] = 0
    after = before.copy()
    after[:, 20:, :3] = 255 - after[:, 20:, :3]
    assert change(before, after, None, None).colour == 0
    after[:, :10, :3] = 255 - after[:, :10, :3]
    assert change(before, after, None, None).colour > 0.1
    before[..., 3] = after[..., 3] = 0
    assert change(before, after, None, None) == Change(0, 0, 0)


@pytest.mark.parametrize("pixels", list(every_kind()), ids=kind)
def test_every_kind_of_picture_has_a_change(pixels: Pixels) -> None:
    steps = ("rotate", "perspective", "gaussian_noise", "crop")
    chosen = tuple(registry()[op].model_validate({"probability": 1.0}) for op in steps)
    for output in (Output(), Output.model_validate({"fit": "pad", "width": 31, "height": 20})):
        _, found = made(Pipeline(transforms=chosen, output=output), pixels)
        assert all(math.isfinite(value) and value >= 0 for value in found)
        assert found.border <= 1
        assert found.zoom <= 1


@pytest.mark.parametrize(
    "matrix",
    [
        (0, 0, 0, 0, 0, 0, 0, 0, 1),
        (1, 1, 0, 1, 1, 0, 0, 0, 1),
        (0, 0, 5, 0, 1, 0, 0, 0, 1),
        (math.inf, 0, 0, 0, 1, 0, 0, 0, 1),
        (math.nan, 0, 0, 0, 1, 0, 0, 0, 1),
    ],
)
def test_geometry_that_leads_nowhere_leaves_nothing(matrix: tuple[float, ...]) -> None:
    pixels = noise(8, 9)
    assert change(pixels, pixels, None, Warp(matrix, (9, 8), (9, 8), BLANK)) == Change(0, 1, 1)  # type: ignore[arg-type]


def test_what_lies_behind_the_camera_is_no_place() -> None:
    pixels = noise(40, 40)
    warp = Warp((1, 0, 0, 0, 1, 0, -0.04, 0, 1), (40, 40), (40, 40), BLANK)
    found = change(pixels, warp.apply(pixels), None, warp)
    assert all(math.isfinite(value) for value in found)


# -- between two steps -------------------------------------------------------------------------------------------------


@given(first=transforms(("rotate", "crop", "brightness")), then=transforms(), seed=st.integers(0, 3))
@settings(max_examples=60, deadline=None)
def test_a_step_that_does_nothing_is_no_change_after_any_other(first: Any, then: Any, seed: int) -> None:
    pixels = smooth(48, 64)
    pipeline = Pipeline(transforms=(first, then))
    size = 64, 48
    draws = pipeline.draw(seed, "a", 1)
    before = Pipeline(transforms=pipeline.transforms[:1]).plan(draws[:1], *size)
    after = pipeline.plan(draws, *size)
    one, other = before.apply(pixels), after.apply(pixels)
    found = change(one, other, before.warp, after.warp)
    assert all(math.isfinite(value) and value >= 0 for value in found)
    assert change(one, one, before.warp, before.warp).total < 1e-9
    if not draws[1].applied:
        assert found.total < 1e-9


def test_a_step_is_measured_against_the_one_before_it() -> None:
    """A crop after a turn counts as if it were alone."""
    pixels, size = photo(), photo().shape[1::-1]
    turn = registry()["rotate"].model_validate({"angle": (15, 15), "probability": 1.0, "border": "mirror"})
    crop = registry()["crop"].model_validate({"area": (0.5, 0.5), "aspect": (1, 1), "probability": 1.0})
    both, one = Pipeline(transforms=(turn, crop)), Pipeline(transforms=(turn,))
    draws = both.draw(0, "a", 1)
    before, after = one.plan(draws[:1], *size), both.plan(draws, *size)
    found = change(before.apply(pixels), after.apply(pixels), before.warp, after.warp)
    assert found.zoom == pytest.approx(1 - 0.5**0.5, abs=0.01)
    assert found.border < 0.005
    assert found.colour < 0.02
