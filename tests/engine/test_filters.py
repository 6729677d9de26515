"""Blur, sharpening, dilation, erosion and JPEG, held against direct float64 computations."""

from __future__ import annotations

import math

import numpy as np
import pictures
import pytest
import reference
from hypothesis import given
from hypothesis import strategies as st

from augstudio.engine import Blur, FaintJpeg, Jpeg, Morphology, Sharpen

# -- blur ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("dtype", pictures.DTYPES)
@pytest.mark.parametrize("sigma", [0.1, 0.3, 0.7, 1, 2.5, 6, 12])
def test_a_blur_is_a_gaussian_with_mirrored_edges(dtype: type, sigma: float) -> None:
    for shape in pictures.SHAPES:
        picture = pictures.noise(*shape, 3, dtype)
        off = reference.furthest(Blur(sigma).apply(picture), reference.blurred(picture.astype(float), sigma))
        # OpenCV's 8-bit kernel ends at three sigma and has weights of 256ths; its 16-bit one is all but exact.
        assert off <= 3.5, (shape, off)


@pytest.mark.parametrize("dtype", pictures.DTYPES)
@pytest.mark.parametrize("sigma", [12.01, 17.99, 18.01, 30, 60, 150, 500])
def test_a_strong_blur_is_approximated_unseen(dtype: type, sigma: float) -> None:
    top = np.iinfo(dtype).max
    for seed, shape in enumerate(((80, 100), (61, 181), (40, 40))):
        picture = pictures.text(*shape, seed)[..., 0] if dtype == np.uint8 else pictures.smooth(*shape, 1, dtype, seed)
        exact = reference.blurred(np.atleast_3d(picture).astype(float), sigma)[..., 0]
        off = reference.furthest(Blur(sigma).apply(picture), exact)
        assert off <= (2 if dtype == np.uint8 else 0.0025 * top), (shape, off)


def test_there_is_no_jump_where_the_approximation_begins() -> None:
    picture = pictures.smooth(200, 260)
    assert reference.furthest(Blur(11.99).apply(picture), Blur(12.01).apply(picture).astype(float)) <= 2


@given(st.floats(0.05, 300), st.integers(0, 255))
def test_a_blur_leaves_a_plain_picture_alone(sigma: float, level: int) -> None:
    plain = np.full((23, 31, 3), level, np.uint8)
    assert np.array_equal(Blur(sigma).apply(plain), plain)


def test_a_blur_moves_nothing() -> None:
    picture = np.zeros((121, 161), np.uint16)
    picture[60, 80] = 65535
    for sigma in (1, 5, 11, 14, 20):
        spread = Blur(sigma).apply(picture).astype(float)
        y, x = np.mgrid[:121, :161]
        assert (spread * y).sum() / spread.sum() == pytest.approx(60, abs=0.1)
        assert (spread * x).sum() / spread.sum() == pytest.approx(80, abs=0.1)
        wide = math.sqrt((spread * (x - 80) ** 2).sum() / spread.sum())
        assert wide == pytest.approx(sigma, rel=0.03)


# -- sharpen -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("dtype", pictures.DTYPES)
@pytest.mark.parametrize("amount", [0.1, 1, 5])
def test_sharpening_adds_what_blurring_takes(dtype: type, amount: float) -> None:
    top = np.iinfo(dtype).max
    picture = pictures.smooth(48, 64, 3, dtype)
    for sigma in (0.5, 1.4, 13):
        blurred = reference.blurred(picture.astype(float), sigma)
        exact = np.clip(picture + amount * (picture - blurred), 0, top)
        off = reference.furthest(Sharpen(amount, sigma).apply(picture), exact)
        # The blurred picture is rounded (or approximated) before it is taken away `amount` times.
        levels = 3.5 if sigma <= 12 else 2 if dtype == np.uint8 else 0.0025 * top
        assert off <= 1 + amount * levels, (sigma, off)


def test_sharpening_a_plain_picture_does_nothing() -> None:
    plain = np.full((9, 9, 3), 77, np.uint8)
    assert np.array_equal(Sharpen(5, 2).apply(plain), plain)


# -- dilate, erode -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("dtype", pictures.DTYPES)
@pytest.mark.parametrize("radius", [0.4, 1, 1.5, 2, 2.25, 3, 3.9, 4])
def test_a_small_disc_is_a_disc(dtype: type, radius: float) -> None:
    for shape in ((37, 53), (3, 5), (1, 9)):
        picture = pictures.noise(*shape, 3, dtype)
        for kind in ("dilate", "erode"):
            exact = reference.morphed(picture.astype(float), radius, bright=kind == "dilate")
            assert reference.furthest(Morphology(kind, radius).apply(picture), exact) <= 0.5 + 1e-6


def footprint(radius: float) -> pictures.Pixels:
    reach = math.ceil(radius) + 2
    dot = np.zeros((2 * reach + 1, 2 * reach + 1), np.uint8)
    dot[reach, reach] = 255
    return Morphology("dilate", radius).apply(dot)


@pytest.mark.parametrize("radius", range(5, 41))
def test_a_large_disc_is_an_octagon_of_about_the_same_area(radius: int) -> None:
    grown = footprint(radius) > 0
    area = len(reference.disc(radius))
    assert abs(grown.sum() / area - 1) <= (0.11 if radius == 7 else 0.045)
    y, x = np.nonzero(grown)
    distance = np.hypot(y - y.mean(), x - x.mean())
    assert distance.max() <= 1.09 * radius
    missing = np.argwhere(~grown) - len(grown) // 2
    assert np.hypot(*missing.T).min() >= 0.91 * radius
    assert np.array_equal(grown, grown[::-1])
    assert np.array_equal(grown, grown.T), "as high as wide"
    assert grown[len(grown) // 2].sum() == 2 * radius + 1


@pytest.mark.parametrize("radius", [5, 9, 40, 71, 130])
def test_a_large_disc_is_the_same_octagon_everywhere(radius: int) -> None:
    """Made of many small growths, also at the edges and where it is larger than the picture."""
    shape = footprint(radius) > 0
    y, x = (axis - len(shape) // 2 for axis in np.nonzero(shape))
    for height, width in ((40, 60), (7, 150), (150, 2)):
        picture = pictures.noise(height, width, 1)
        rows, columns = np.nonzero(picture > 252)
        sparse = np.zeros_like(picture)
        sparse[rows, columns] = picture[rows, columns]
        expected = np.zeros_like(picture)
        for row, column in zip(rows, columns, strict=True):
            at, to = row + y, column + x
            inside = (at >= 0) & (at < height) & (to >= 0) & (to < width)
            np.maximum.at(expected, (at[inside], to[inside]), picture[row, column])
        assert np.array_equal(Morphology("dilate", radius).apply(sparse), expected)
        assert np.array_equal(Morphology("erode", radius).apply(255 - sparse), 255 - expected)


def test_growth_never_shrinks_with_the_radius() -> None:
    picture = pictures.noise(50, 70, 1)
    for kind in ("dilate", "erode"):
        before = picture.astype(int)
        for radius in np.arange(0.25, 14, 0.25):
            now = Morphology(kind, float(radius)).apply(picture).astype(int)
            # Mixing rounds each disc's pair by half a level at most.
            assert ((now >= before - 1) if kind == "dilate" else (now <= before + 1)).all(), (kind, radius)
            before = now


@pytest.mark.parametrize("dtype", pictures.DTYPES)
@given(radius=st.floats(0, 30), seed=st.integers(0, 9))
def test_dilation_lies_above_and_erosion_below_the_picture(dtype: type, radius: float, seed: int) -> None:
    picture = pictures.noise(19, 23, 1, dtype, seed)
    dilated, eroded = Morphology("dilate", radius).apply(picture), Morphology("erode", radius).apply(picture)
    assert (eroded <= picture).all()
    assert (picture <= dilated).all()
    top = np.iinfo(dtype).max
    mirrored = top - Morphology("dilate", radius).apply(top - picture)
    assert reference.furthest(mirrored, eroded.astype(float)) <= 1, "eroding is dilating the negative"


def test_the_outside_neither_brightens_nor_darkens() -> None:
    for kind, level in (("dilate", 0), ("erode", 255)):
        plain = np.full((9, 11), level, np.uint8)
        for radius in (1, 3.5, 8, 40):
            assert (Morphology(kind, radius).apply(plain) == level).all()


# -- JPEG ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("quality", [1, 25, 60, 95, 99])
def test_jpeg_artefacts_are_those_of_another_coder(quality: int) -> None:
    for picture in (pictures.smooth(37, 53), pictures.noise(48, 64, 1), pictures.smooth(40, 40, 3, np.uint16)):
        top = np.iinfo(picture.dtype).max
        theirs = reference.compressed(np.atleast_3d(picture).astype(float), quality, top).reshape(picture.shape)
        found = Jpeg(quality).apply(picture)
        assert found.dtype == picture.dtype
        assert reference.psnr(found, theirs, top) > 45


def test_jpeg_keeps_colours_in_their_channels() -> None:
    red = np.zeros((32, 32, 3), np.uint8)
    red[..., 0] = 200
    assert np.abs(Jpeg(90).apply(red).astype(int) - red).max() < 8


def test_jpeg_of_16_bits_goes_through_8() -> None:
    picture = pictures.smooth(33, 17)
    assert np.array_equal(
        Jpeg(40).apply(picture.astype(np.uint16) * 257), Jpeg(40).apply(picture).astype(np.uint16) * 257
    )


def test_jpeg_weight_keeps_a_share_of_the_artefacts() -> None:
    picture = pictures.smooth(48, 48)
    full = Jpeg(10).apply(picture).astype(float)
    for weight in (0.25, 0.5):
        mixed = FaintJpeg(10, weight).apply(picture)
        assert reference.furthest(mixed, picture + weight * (full - picture)) <= 0.51


def test_a_lower_quality_is_worse() -> None:
    picture = pictures.text(96, 96)
    likeness = [reference.psnr(Jpeg(quality).apply(picture), picture) for quality in (1, 10, 30, 60, 95)]
    assert likeness == sorted(likeness)
