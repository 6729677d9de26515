"""Points of the stored picture lie on the same pixels of the upright one."""

from __future__ import annotations

import io

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageOps

from augstudio.labels.orientation import upright, upright_box

TURNED = {
    1: lambda pixels: pixels,
    2: np.fliplr,
    3: lambda pixels: np.rot90(pixels, 2),
    4: np.flipud,
    5: np.transpose,
    6: lambda pixels: np.rot90(pixels, -1),
    7: lambda pixels: np.rot90(pixels.T, 2),
    8: np.rot90,
}
"""What makes the stored pixels upright, as the EXIF standard has it."""
ALL = pytest.mark.parametrize("orientation", TURNED)


@ALL
def test_the_turns_of_this_test_are_those_of_a_library(orientation: int) -> None:
    pixels = np.arange(12, dtype=np.uint8).reshape(3, 4)
    exif = Image.Exif()
    exif[0x0112] = orientation
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "PNG", exif=exif)
    with Image.open(file) as image:
        assert np.array_equal(np.asarray(ImageOps.exif_transpose(image)), TURNED[orientation](pixels))


@ALL
def test_every_pixels_centre_moves_with_the_pixel(orientation: int) -> None:
    pixels = np.arange(3 * 5).reshape(3, 5)
    rows, columns = np.indices(pixels.shape)
    centres = np.stack((columns.ravel() + 0.5, rows.ravel() + 0.5), axis=1)
    moved = upright(centres, (5, 3), orientation)
    turned = TURNED[orientation](pixels)
    at = np.floor(moved).astype(int)
    assert np.array_equal(moved - at, np.full_like(moved, 0.5))
    assert np.array_equal(turned[at[:, 1], at[:, 0]], pixels.ravel())


@ALL
def test_a_box_holds_the_same_pixels(orientation: int) -> None:
    pixels = np.zeros((7, 9), int)
    pixels[1:4, 2:8] = 1
    left, top, right, bottom = upright_box((2, 1, 8, 4), (9, 7), orientation)
    turned = TURNED[orientation](pixels)
    assert turned[int(top) : int(bottom), int(left) : int(right)].all()
    assert (right - left) * (bottom - top) == turned.sum()


@ALL
@given(points=st.lists(st.tuples(st.integers(0, 40), st.integers(0, 30)), max_size=5))
def test_the_whole_picture_stays_the_whole_picture(orientation: int, points: list[tuple[int, int]]) -> None:
    given_points = np.array(points, np.float64).reshape(-1, 2)
    moved = upright(given_points, (40, 30), orientation)
    size = (30, 40) if orientation >= 5 else (40, 30)
    assert moved.shape == given_points.shape
    assert ((moved >= 0) & (moved <= size)).all()
    back = {6: 8, 8: 6}.get(orientation, orientation)
    assert np.array_equal(upright(moved, size, back), given_points)
    assert not np.shares_memory(moved, given_points)


@pytest.mark.parametrize("orientation", [0, 9, -1])
def test_no_other_orientation_is_taken(orientation: int) -> None:
    with pytest.raises(ValueError, match="allowed are 1 to 8"):
        upright(np.zeros((1, 2)), (4, 3), orientation)
