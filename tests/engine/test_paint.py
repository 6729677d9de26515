"""Noise, dots and cut-outs: the very field that a seed stands for, and its statistics."""

from __future__ import annotations

from statistics import NormalDist

import cv2
import numpy as np
import pictures
import pytest
import reference
from hypothesis import given
from hypothesis import strategies as st

from augstudio.engine import AveragedDots, Box, Cutout, Fill, GaussianNoise, SaltAndPepper, paint
from augstudio.engine.paint import uniform16

SEEDS = st.integers(0, 2**64 - 1)
GREY = np.full((600, 700, 3), 128, np.uint8)


# -- the field -----------------------------------------------------------------------------------------------------


@given(SEEDS, st.sampled_from([(1,), (3,), (4,), (5, 7), (3, 2, 3), (8, 8)]))
def test_the_field_is_the_generators_words(seed: int, shape: tuple[int, ...]) -> None:
    field = uniform16(seed, shape)
    assert field.shape == shape
    assert field.dtype == np.uint16
    assert np.array_equal(field, reference.field16(seed, shape))


def test_the_field_will_be_the_same_for_ever() -> None:
    """Golden values: a copy made today can be made again with any later NumPy."""
    assert uniform16(0, (6,)).tolist() == [25394, 47466, 40543, 37269, 40737, 23166]
    assert uniform16(2**64 - 1, (6,)).tolist() == [65036, 46331, 27412, 3137, 50425, 24437]


# -- noise ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("dtype", pictures.DTYPES)
@pytest.mark.parametrize("per_channel", [True, False])
def test_noise_is_the_field_added_in_float64(dtype: type, per_channel: bool) -> None:
    top = int(np.iinfo(dtype).max)
    for shape in pictures.SHAPES:
        for channels in (1, 3):
            picture = pictures.noise(*shape, channels, dtype)
            for sigma in (0.001, 0.04, 0.5):
                planes = np.atleast_3d(picture).astype(float)
                exact = reference.noisy(planes, sigma, 77, top, per_channel=per_channel and channels > 1)
                exact = np.clip(np.rint(exact), 0, top).reshape(picture.shape)
                assert np.array_equal(GaussianNoise(sigma, per_channel, 77).apply(picture), exact)


@pytest.mark.parametrize("seed", [1, 2**63, 987654321])
@pytest.mark.parametrize("sigma", [0.01, 0.04, 0.08])
def test_noise_is_normal_and_independent(seed: int, sigma: float) -> None:
    noise = GaussianNoise(sigma, True, seed).apply(GREY).astype(float) - 128
    assert abs(noise.mean()) < 5 * sigma * 255 / np.sqrt(noise.size)
    rounding = 1 / 12 / 255**2  # levels are whole
    assert noise.std() / 255 == pytest.approx(np.sqrt(sigma**2 + rounding), rel=0.003)
    assert ((noise - noise.mean()) ** 4).mean() / noise.var() ** 2 == pytest.approx(3, abs=0.03)
    assert (noise**3).mean() / noise.std() ** 3 == pytest.approx(0, abs=0.02)
    for one, other in (
        (noise[:, :-1], noise[:, 1:]),
        (noise[:-1], noise[1:]),
        (noise[..., 0], noise[..., 1]),
        (noise[..., 0], noise[..., 2]),
    ):
        assert abs(np.corrcoef(one.ravel(), other.ravel())[0, 1]) < 0.008


def test_grey_noise_is_the_same_in_all_channels_and_other_seeds_are_other_noise() -> None:
    grey = GaussianNoise(0.05, False, 5).apply(GREY)
    assert (grey == grey[..., :1]).all()
    other = GaussianNoise(0.05, False, 6).apply(GREY)
    assert abs(np.corrcoef(grey[..., 0].ravel(), other[..., 0].ravel())[0, 1]) < 0.01


def test_noise_never_leaves_the_range() -> None:
    for dtype in pictures.DTYPES:
        for level in (0, np.iinfo(dtype).max):
            flat = np.full((100, 100, 3), level, dtype)
            noisy = GaussianNoise(0.5, True, 3).apply(flat)
            assert (noisy == level).mean() == pytest.approx(0.5, abs=0.02), "half of it is clamped, none wraps round"


def test_a_preview_shows_noise_as_strong_as_a_reduced_export() -> None:
    for zoom in (0.5, 0.25):
        export = GaussianNoise(0.1, True, 1).apply(GREY)
        side = int(700 * zoom), int(600 * zoom)
        reduced = cv2.resize(export, side, interpolation=cv2.INTER_AREA).astype(float)
        preview = GaussianNoise(0.1 * zoom, True, 2).apply(GREY[: side[1], : side[0]]).astype(float)
        assert preview.std() == pytest.approx(reduced.std(), rel=0.02)


# -- salt and pepper -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("dtype", pictures.DTYPES)
@given(share=st.floats(0, 0.5), seed=SEEDS)
def test_dots_are_where_the_field_says(dtype: type, share: float, seed: int) -> None:
    picture = pictures.noise(12, 15, 3, dtype)
    top = int(np.iinfo(dtype).max)
    step = SaltAndPepper(share, seed)
    exact = reference.dotted(picture.astype(float), share, seed, top)
    if step.is_identity():
        exact = picture.astype(float)
    assert np.array_equal(step.apply(picture), exact)


@pytest.mark.parametrize("share", [0.01, 0.1, 0.5])
def test_half_of_the_dots_are_white(share: float) -> None:
    dotted = SaltAndPepper(share, 11).apply(GREY)
    assert np.array_equal(dotted, reference.dotted(GREY.astype(float), share, 11, 255))
    assert (dotted == dotted[..., :1]).all(), "a dot has no colour"
    plane = dotted[..., 0]
    spread = 5 * np.sqrt(share / plane.size)
    assert (plane == 255).mean() == pytest.approx(share / 2, abs=spread)
    assert (plane == 0).mean() == pytest.approx(share / 2, abs=spread)
    assert set(np.unique(plane)) <= {0, 128, 255}


@pytest.mark.parametrize("share", [0.01, 0.1, 0.5])
@pytest.mark.parametrize("side", [2, 4])
def test_a_preview_shows_dots_as_a_reduced_export_does(share: float, side: int) -> None:
    export = SaltAndPepper(share, 3).apply(GREY)
    reduced = cv2.resize(export, (700 // side, 600 // side), interpolation=cv2.INTER_AREA)[..., 0].astype(float)
    preview = AveragedDots(share, 4, side**2).apply(GREY)[..., 0].astype(float)
    assert preview.mean() == pytest.approx(reduced.mean(), abs=0.6)
    assert preview.std() == pytest.approx(reduced.std(), rel=0.05)
    spots = np.linspace(1, 99, 15)
    assert np.abs(np.percentile(preview, spots) - np.percentile(reduced, spots)).max() <= 128 / side**2 + 1
    grey, deep = AveragedDots(share, 4, side**2).apply(GREY[..., 0]), GREY.astype(np.uint16) * 257
    assert np.array_equal(grey, preview), "grey and 16-bit pictures get the same dots"
    assert np.abs(AveragedDots(share, 4, side**2).apply(deep)[..., 0] / 257 - preview).max() <= 0.51


# -- cut-outs ------------------------------------------------------------------------------------------------------

BOXES = (Box(2, 1, 7, 4), Box(0, 0, 3, 3), Box(9, 5, 9, 12))


@pytest.mark.parametrize("fill", list(Fill))
def test_a_cutout_hides_its_boxes_and_nothing_else(fill: Fill) -> None:
    for dtype in pictures.DTYPES:
        for channels in (1, 3):
            picture = pictures.noise(12, 15, channels, dtype)
            out = Cutout(BOXES, fill, 2**64 - 1).apply(picture)
            hidden = np.zeros((12, 15), bool)
            hidden[1:4, 2:7] = hidden[:3, :3] = True
            assert np.array_equal(out[~hidden], picture[~hidden])
            middle = (np.iinfo(dtype).max + 1) // 2
            match fill:
                case Fill.GREY:
                    assert (out[hidden] == middle).all()
                case Fill.BLACK:
                    assert not out[hidden].any()
                case Fill.MEAN:
                    assert np.abs(out[hidden] - picture.mean(axis=(0, 1))).max() <= 0.5 + 1e-9
                case Fill.NOISE:
                    assert len(np.unique(out[hidden])) > 10


def test_boxes_without_pixels_are_nothing() -> None:
    assert Cutout((Box(3, 3, 3, 9), Box(4, 4, 8, 4)), Fill.BLACK, 0).is_identity()
    assert not Cutout(BOXES, Fill.BLACK, 0).is_identity()


def test_uniform_noise_in_a_cutout_spans_all_levels() -> None:
    for dtype in pictures.DTYPES:
        top = np.iinfo(dtype).max
        out = Cutout((Box(0, 0, 300, 300),), Fill.NOISE, 4).apply(np.zeros((300, 300, 3), dtype)) / top
        assert out.mean() == pytest.approx(0.5, abs=0.01)
        assert out.std() == pytest.approx(1 / np.sqrt(12), abs=0.01)
        assert (out.min(), out.max()) == pytest.approx((0, 1), abs=0.001)


@pytest.mark.parametrize("sigma", [0.0002, 0.001, 0.01, 0.05, 0.1143, 0.1144, 0.2, 0.5])
def test_the_table_of_levels_is_that_of_rounded_deviates(sigma: float) -> None:
    """It is made from where levels end, and holds small integers where those suffice."""
    levels = paint._noise_levels(sigma, 255)
    assert np.array_equal(levels, np.rint(paint._normal_quantiles() * sigma * 255))
    assert (levels.dtype == np.int8) == (abs(levels.astype(int)).max() <= 127)


@pytest.mark.parametrize("sigma", [0.001, 0.0117, 0.0118, 0.05, 0.1098, 0.1099, 0.1143, 0.1144, 0.2, 0.5])
def test_weak_and_strong_noise_is_added_and_clamped_alike(sigma: float) -> None:
    """Though it is looked up and added as 8 or 16 bits."""
    picture = pictures.noise(40, 50)
    exact = reference.noisy(picture.astype(float), sigma, 7, 255, per_channel=True)
    assert np.array_equal(GaussianNoise(sigma, True, 7).apply(picture), np.clip(np.rint(exact), 0, 255))


def test_the_sum_of_two_bytes_tables_is_normal() -> None:
    """Not a sample: the chance of every level, against that of a rounded normal number, over all strengths."""
    deviates = paint._byte_deviates()
    assert (deviates**4).mean() / (deviates**2).mean() ** 2 == pytest.approx(3, abs=2e-4)
    for strength in range(3 * 32, 28 * 32 + 1):
        scale, parts = strength / 32, paint._noise_parts(strength / 32 / 255)
        assert parts is not None
        chances, lowest = np.ones(1), 0
        for part in parts:
            levels = part.astype(int)
            assert np.array_equal(levels, -levels[::-1])
            chances = np.convolve(chances, np.bincount(levels - levels.min()) / 256)
            lowest += int(levels.min())
        values = np.arange(len(chances)) + lowest
        assert abs(values).max() <= 127
        assert abs(values).max() > 3.9 * scale
        variance = float((values**2 * chances).sum())
        assert variance == pytest.approx(scale**2 + 1 / 12, rel=0.003)
        assert (values**4 * chances).sum() / variance**2 == pytest.approx(3, abs=0.05)
        normal = NormalDist(0, scale)
        below = np.array([normal.cdf(value + 0.5) for value in values])
        assert abs(np.cumsum(chances) - below).max() < 0.0012
    for scale in (0.5, 2.9, 28.1, 100):
        assert paint._noise_parts(scale / 255) is None
