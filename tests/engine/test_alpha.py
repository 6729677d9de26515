"""Alpha: no colour from under transparent pixels comes to light, through any step, fused or not."""

from __future__ import annotations

from typing import Any

import numpy as np
import pictures
import pytest
import reference
from test_plan import one_of_each

from augstudio import advice
from augstudio.engine import Blur, Border, BorderMode, Box, Cutout, Fill, Frame, Jpeg, Morphology, Plan, Sharpen, Warp
from augstudio.engine.alpha import fill_hidden, mean_seen, unweighted, weighted
from augstudio.pipeline import Fit, Output, Pipeline
from augstudio.transforms import registry

KINDS = [(dtype, channels) for dtype in pictures.DTYPES for channels in (2, 4)]
of_every_kind = pytest.mark.parametrize(("dtype", "channels"), KINDS)


def disc(dtype: type, channels: int, hidden: int = 0) -> pictures.Pixels:
    """A disc of the brightest red (or white) with a hard rim, and something else where nothing is seen."""
    top = np.iinfo(dtype).max
    y, x = np.mgrid[:60, :80]
    inside = (x - 40) ** 2 + (y - 30) ** 2 < 22**2
    picture = np.full((60, 80, channels), hidden, dtype)
    picture[..., -1] = np.where(inside, top, 0)
    picture[inside, 0] = top
    if channels == 4:
        picture[inside, 1:3] = 0
    return picture


def soft(height: int, width: int, channels: int, dtype: type, seed: int = 3) -> pictures.Pixels:
    """Waves of colour under waves of alpha, some of it 0 and some of it full."""
    picture = pictures.smooth(height, width, channels, dtype, seed)
    top = np.iinfo(dtype).max
    shares = picture[..., -1] / top
    picture[..., -1] = np.rint(np.clip(2 * shares - 0.5, 0, 1) * top).astype(dtype)
    assert (picture[..., -1] == 0).any()
    assert (picture[..., -1] == top).any()
    return picture


def with_other_colours_hidden(picture: pictures.Pixels) -> pictures.Pixels:
    """The same picture to anybody who looks at it."""
    other = picture.copy()
    hidden = picture[..., -1] == 0
    other[hidden, :-1] = np.iinfo(picture.dtype).max - picture[hidden, :-1]
    return other


def seen(picture: pictures.Pixels) -> pictures.Pixels:
    """The picture, black where nothing is seen of it."""
    return np.where(picture[..., -1:] > 0, picture, 0)


@of_every_kind
@pytest.mark.parametrize("name", one_of_each(Frame(8, 8)))
def test_what_is_hidden_changes_nothing_that_is_seen(name: str, dtype: type, channels: int) -> None:
    picture = soft(23, 31, channels, dtype)
    frame = Frame(31, 23)
    plan = Plan.of(frame, (one_of_each(frame)[name],))
    assert np.array_equal(seen(plan.apply(picture)), seen(plan.apply(with_other_colours_hidden(picture)))) or (
        # In 16 bit the faint weight of hidden pixels can turn the last bit of a rounding.
        reference.furthest(plan.apply(picture), plan.apply(with_other_colours_hidden(picture)).astype(float)) <= 1
    )


@pytest.mark.parametrize("transform", registry().values(), ids=list(registry()))
def test_no_transform_brings_hidden_colours_to_light(transform: Any) -> None:
    """Through whole pipelines, over the registry: also what a new transform lowers to."""
    step = transform.default(probability=1.0) if "probability" in transform.model_fields else transform.default()
    for output in (Output(), Output(fit=Fit.PAD, width=40, height=40), Output(fit=Fit.CROP, width=17, height=9)):
        pipeline = Pipeline(transforms=(step,), output=output, training_size=32)
        for dtype, channels in KINDS:
            picture = soft(48, 64, channels, dtype)
            for copy in (1, 2):
                found = pipeline(picture, seed=5, copy=copy)
                other = pipeline(with_other_colours_hidden(picture), seed=5, copy=copy)
                assert np.array_equal(found[..., -1], other[..., -1])
                # Where next to nothing is seen, the hidden colours' faint weight may show in the last levels.
                clear = found[..., -1] >= np.iinfo(dtype).max // 64
                off = np.abs(found.astype(int) - other)[clear]
                assert off.max(initial=0) <= (1 if dtype is np.uint8 else 3)


MOVES = {
    "rotation": lambda f: Warp.rotation(30, f, Border()),
    "smaller": lambda f: Warp.window((0, 0, f.width, f.height), f, (37, 29)),
    "far smaller": lambda f: Warp.window((0, 0, f.width, f.height), f, (13, 9)),
    "larger": lambda f: Warp.window((0, 0, f.width, f.height), f, (131, 127)),
    "squeezed": lambda f: Warp.window((0, 0, f.width, f.height), f, (20, 90)),
    "shrunk": lambda f: Warp.about_centre((0.3, 0, 0, 0.3), f, Border(BorderMode.EDGE)),
    "perspective": lambda f: Warp.corners(((9, 5), (0, 0), (0, 0), (4, -3)), f, Border()),
    "blur": lambda f: Blur(2.5),
    "strong blur": lambda f: Blur(30),
    "sharpen": lambda f: Sharpen(2, 1.5),
    "erode": lambda f: Morphology("erode", 2.5),
    "dilate": lambda f: Morphology("dilate", 6),
}


@of_every_kind
@pytest.mark.parametrize("move", MOVES.values(), ids=MOVES)
def test_a_disc_keeps_its_colour_to_the_rim(move: Any, dtype: type, channels: int) -> None:
    top = np.iinfo(dtype).max
    for hidden in (0, top):
        picture = disc(dtype, channels, hidden)
        frame = Frame(80, 60)
        found = Plan.of(frame, (move(frame),)).apply(picture)
        rim = found[found[..., -1] > 0]
        assert rim[:, 0].min() == top
        if channels == 4:
            assert rim[:, 1:3].max() == 0


@of_every_kind
def test_fused_geometry_meets_the_oracle(dtype: type, channels: int) -> None:
    """In float64 on premultiplied colour, divided by equally filtered alpha."""
    ops = ("rotate", "shear", "shift", "blur", "sharpen", "erode")
    transforms = tuple(registry()[op].default() for op in ops)
    pipeline = Pipeline(transforms=transforms, training_size=48)
    picture = soft(48, 64, channels, dtype)
    for copy in range(1, 5):
        draws = pipeline.draw(11, "a", copy)
        found = pipeline.plan(draws, 64, 48).apply(picture)
        expected = reference.copy_of(pipeline, draws, picture)
        clear = found[..., -1] >= np.iinfo(dtype).max // 8  # below, one level of rounded alpha is many of colour
        off = np.abs(found - expected)[clear]
        assert off.max() <= (3 if dtype is np.uint8 else 60)


@of_every_kind
def test_jpeg_knows_nothing_of_what_is_hidden(dtype: type, channels: int) -> None:
    """A flat colour stays as flat as without alpha, though the hidden one beside it is its opposite."""
    top = np.iinfo(dtype).max
    for hidden in (0, top // 2, top):
        picture = disc(dtype, channels, hidden)
        found = Plan.of(Frame(80, 60), (Jpeg(20),)).apply(picture)
        flat = np.zeros_like(picture)
        flat[...] = picture[30, 40]
        expected = Plan.of(Frame(80, 60), (Jpeg(20),)).apply(flat)[30, 40].astype(int)
        off = np.abs(found[picture[..., -1] > 0].astype(int) - expected)
        assert off.max() <= top // 255 * 2


@of_every_kind
def test_the_mean_colour_is_that_of_what_is_seen(dtype: type, channels: int) -> None:
    picture = soft(33, 41, channels, dtype)
    cut = Cutout((Box(3, 4, 20, 21),), Fill.MEAN, 0)
    found = Plan.of(Frame(41, 33), (cut,)).apply(picture)[10, 10, :-1]
    weights = picture[..., -1].astype(np.float64)
    expected = (picture[..., :-1] * weights[..., None]).sum(axis=(0, 1)) / weights.sum()
    assert np.abs(found - expected).max() <= 0.5 + 1e-6
    picture[..., -1] = 0
    assert mean_seen(picture[..., 0], picture[..., -1]) == pytest.approx([picture[..., 0].mean()])


def test_filling_takes_the_colour_of_the_neighbourhood() -> None:
    colour = np.zeros((64, 96, 3), np.uint8)
    colour[:, :48], colour[:, 48:] = (200, 10, 10), (10, 10, 200)
    alpha = np.zeros((64, 96), np.uint8)
    alpha[30:34, 4:40] = alpha[30:34, 56:92] = 255
    colour[alpha == 0] = 77
    filled = fill_hidden(colour, alpha)
    assert np.array_equal(filled[alpha > 0], colour[alpha > 0])
    assert np.abs(filled[:, :24].astype(int) - (200, 10, 10)).max() <= 40
    assert np.abs(filled[:, 72:].astype(int) - (10, 10, 200)).max() <= 40
    for nothing_to_do in (np.zeros_like(alpha), np.full_like(alpha, 255)):
        assert np.array_equal(fill_hidden(colour, nothing_to_do), colour)
    for shape in ((1, 1), (1, 9), (9, 1), (5, 7)):
        lone = np.zeros(shape, np.uint8)
        lone[-1, -1] = 3
        grey = np.full(shape, 9, np.uint16)
        grey[-1, -1] = 60_000
        assert (fill_hidden(grey, lone) == 60_000).all()


@of_every_kind
def test_weighing_and_back_is_no_change(dtype: type, channels: int) -> None:
    picture = pictures.noise(37, 53, channels, dtype)
    colour = np.ascontiguousarray(picture[..., 0] if channels == 2 else picture[..., :3])
    assert np.array_equal(unweighted(weighted(colour, picture[..., -1]), colour), colour)


@of_every_kind
def test_contrast_is_that_of_what_is_seen(dtype: type, channels: int) -> None:
    flat = disc(dtype, channels)
    assert advice.contrast_of(flat, 224) < 1e-3
    assert advice.contrast_of(flat, 16) < 1e-3
    picture = soft(60, 80, channels, dtype)
    for size in (224, 24):
        mine = advice.contrast_of(picture, size)
        assert mine == pytest.approx(advice.contrast_of(with_other_colours_hidden(picture), size), abs=1e-4)
    picture[..., -1] = np.iinfo(dtype).max
    opaque = np.ascontiguousarray(picture[..., 0] if channels == 2 else picture[..., :3])
    assert advice.contrast_of(picture, 224) == pytest.approx(advice.contrast_of(opaque, 224), abs=1e-4)
