"""Tables and mixes: exact look-ups, clamps that are not merged away, grey as R = G = B."""

from __future__ import annotations

import itertools

import numpy as np
import pictures
import pytest
import reference
from hypothesis import given
from hypothesis import strategies as st

from augstudio.engine import Curve, Frame, Linear, Mix, Plan, Power, Solarize, Table
from augstudio.engine.pixels import LUMA

CURVES: tuple[Curve, ...] = (
    Linear(),
    Linear(1, 0.173),
    Linear(1, -1),
    Linear(2.7, -0.61),
    Linear(0.05, 0.475),
    Linear(-1, 1),
    Linear(0, 0),
    Power(0.2),
    Power(2.3),
    Power(5),
    Solarize(0),
    Solarize(0.43),
    Solarize(1),
)
finite = st.floats(-4, 4)


def all_levels(dtype: type) -> pictures.Pixels:
    top = np.iinfo(dtype).max
    return np.arange(top + 1, dtype=dtype).reshape(16, -1)


def exactly(curves: tuple[Curve, ...], levels: pictures.Pixels) -> reference.Floats:
    """Curves in float64, clamped and rounded one after the other."""
    top = int(np.iinfo(levels.dtype).max)
    found = levels.astype(float)
    for curve in curves:
        found = np.rint(np.clip(curve(found / top), 0, 1) * top)
    return found


# -- tables --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("dtype", pictures.DTYPES)
@pytest.mark.parametrize("curve", CURVES, ids=str)
def test_a_table_is_exact_on_every_level(dtype: type, curve: Curve) -> None:
    levels = all_levels(dtype)
    assert np.array_equal(Table.of(curve).apply(levels), exactly((curve,), levels))
    assert Table.of(curve).is_identity() == np.array_equal(exactly((curve,), levels), levels)


@given(st.floats(-1.1, 1.1), st.integers(-255, 255), st.integers(1, 12), st.integers(1, 12))
def test_brightness_without_a_table_gives_the_tables_levels(amount: float, half: int, height: int, width: int) -> None:
    """Half way between two levels as well, and on pictures as small as what OpenCV takes for a single number."""
    picture = pictures.noise(height, width)
    for offset in (amount, half / 255, (half + 0.5) / 255):
        found = Table.of(Linear(1, offset)).apply(picture)
        assert np.array_equal(found, exactly((Linear(1, offset),), picture)), offset


@given(st.floats(0, 1), st.integers(0, 255), st.integers(1, 6))
def test_solarising_without_a_table_gives_the_tables_levels(threshold: float, level: int, width: int) -> None:
    picture = np.concatenate([all_levels(np.uint8), all_levels(np.uint8)])[:, :width]
    for at in (threshold, level / 255, np.nextafter(level / 255, 0), np.nextafter(level / 255, 2)):
        assert np.array_equal(Table.of(Solarize(at)).apply(picture), exactly((Solarize(at),), picture)), at


@pytest.mark.parametrize("dtype", pictures.DTYPES)
def test_merged_tables_equal_one_after_the_other(dtype: type) -> None:
    levels = all_levels(dtype)
    colour = np.dstack([levels, levels[::-1], levels.T.reshape(levels.shape)])
    for chain in itertools.permutations(CURVES[1:10:2], 3):
        plan = Plan.of(Frame(levels.shape[1], levels.shape[0]), tuple(Table.of(curve) for curve in chain))
        assert len(plan.steps) == 1
        assert np.array_equal(plan.apply(levels), exactly(chain, levels)), chain
        assert np.array_equal(plan.apply(colour), exactly(chain, colour)), chain


@pytest.mark.parametrize("dtype", pictures.DTYPES)
def test_curves_of_their_own_for_red_green_and_blue(dtype: type) -> None:
    colour = pictures.noise(40, 30, 3, dtype)
    own = (Linear(0.5), Power(2), Linear(-1, 1))
    apart = np.stack([exactly((curve,), colour[..., c]) for c, curve in enumerate(own)], axis=-1)
    assert np.array_equal(Table(stages=(own,)).apply(colour), apart)
    after = Table(stages=((Linear(1, 0.1),), own, (Power(0.7),)))
    expected = [exactly((Linear(1, 0.1), curve, Power(0.7)), colour[..., c]) for c, curve in enumerate(own)]
    assert np.array_equal(after.apply(colour), np.stack(expected, axis=-1))


def test_a_baked_table_cannot_be_spoilt_through_its_result() -> None:
    picture = pictures.noise(4, 4, 1, np.uint16)
    table = Table.of(Linear(1, 0.25))
    first = table.apply(picture)
    first[...] = 0
    assert table.apply(picture).any()


# -- mixes ---------------------------------------------------------------------------------------------------------


def exact_mix(matrix: reference.Floats, colour: pictures.Pixels) -> reference.Floats:
    top = int(np.iinfo(colour.dtype).max)
    return np.clip(colour.astype(float) @ matrix[:, :3].T + matrix[:, 3] * top, 0, top)


@pytest.mark.parametrize("dtype", pictures.DTYPES)
@given(entries=st.lists(finite, min_size=12, max_size=12), seed=st.integers(0, 99))
def test_a_mix_is_within_a_level(dtype: type, entries: list[float], seed: int) -> None:
    matrix = np.array(entries).reshape(3, 4)
    colour = pictures.noise(7, 9, 3, dtype, seed)
    assert reference.furthest(Mix.of(matrix).apply(colour), exact_mix(matrix, colour)) <= 1


@pytest.mark.parametrize("dtype", pictures.DTYPES)
def test_another_order_of_the_colours_is_exact(dtype: type) -> None:
    colour = pictures.noise(11, 7, 3, dtype)
    for order in itertools.product(range(3), repeat=3):
        assert np.array_equal(Mix.of(np.eye(3)[list(order)]).apply(colour), colour[..., order])


@given(st.lists(finite, min_size=12, max_size=12))
def test_never_clamps_means_what_it_says(entries: list[float]) -> None:
    mix = Mix(tuple(entries))
    corners = np.array(list(itertools.product((0.0, 1.0), repeat=3)))
    reached = corners @ mix.array[:, :3].T + mix.array[:, 3]
    assert mix.never_clamps() == bool((reached >= -1e-9).all() and (reached <= 1 + 1e-9).all())


@given(st.lists(st.floats(0, 1), min_size=9, max_size=9), st.lists(finite, min_size=12, max_size=12))
def test_mixes_merge_where_no_clamp_lies_between(first: list[float], second: list[float]) -> None:
    rows = np.array(first).reshape(3, 3)
    tame = Mix.of(rows / np.maximum(1, rows.sum(axis=1, keepdims=True)))
    wild = Mix(tuple(second))
    plan = Plan.of(Frame(9, 7), (tame, wild))
    assert len(plan.steps) <= 1
    colour = pictures.noise(7, 9)
    between = colour @ tame.array[:, :3].T
    expected = np.clip(between @ wild.array[:, :3].T + wild.array[:, 3] * 255, 0, 255)
    assert reference.furthest(plan.apply(colour), expected) <= 1


def test_a_clamp_between_two_mixes_is_kept() -> None:
    strong = Mix.of(5 * np.eye(3) - 4 * np.tile(LUMA, (3, 1)))
    weak = Mix.of(0.2 * np.eye(3) + 0.8 * np.tile(LUMA, (3, 1)))
    plan = Plan.of(Frame(40, 40), (strong, weak))
    assert len(plan.steps) == 2
    colour = pictures.noise(40, 40)
    merged = colour.astype(float)  # the two undo each other, were it not for the clamp
    assert reference.furthest(plan.apply(colour), merged) > 50
    between = np.rint(exact_mix(strong.array, colour))
    assert reference.furthest(plan.apply(colour), exact_mix(weak.array, between.astype(np.uint8))) <= 1.5


@pytest.mark.parametrize("dtype", pictures.DTYPES)
@given(st.lists(finite, min_size=12, max_size=12))
def test_another_order_merges_with_a_mix_that_clamps(dtype: type, entries: list[float]) -> None:
    wild, order = Mix(tuple(entries)), Mix.of(np.eye(3)[[1, 2, 0]])
    colour = pictures.noise(7, 9, 3, dtype)
    plan = Plan.of(Frame(9, 7), (wild, order))
    assert len(plan.steps) == 1
    # OpenCV takes another way for a diagonal matrix, which rounds halves otherwise.
    assert reference.furthest(plan.apply(colour), wild.apply(colour)[..., [1, 2, 0]].astype(float)) <= 1


def test_tables_and_mixes_do_not_merge() -> None:
    grey, negative = Mix.of(np.tile(LUMA, (3, 1))), Table.of(Linear(-1, 1))
    assert len(Plan.of(Frame(4, 4), (negative, grey, negative, negative)).steps) == 3


# -- grey ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("dtype", pictures.DTYPES)
@given(entries=st.lists(st.floats(0.01, 1), min_size=9, max_size=9))
def test_grey_through_a_mix_is_the_luma_of_equal_colours(dtype: type, entries: list[float]) -> None:
    rows = np.array(entries).reshape(3, 3)
    mix = Mix.of(rows / rows.sum(axis=1, keepdims=True))
    grey = pictures.noise(8, 8, 1, dtype)
    colour = mix.apply(np.dstack([grey] * 3)).astype(float)
    assert reference.furthest(mix.apply(grey), colour @ np.array(LUMA)) <= 1


@pytest.mark.parametrize("dtype", pictures.DTYPES)
def test_grey_through_three_curves_is_their_luma(dtype: type) -> None:
    grey = all_levels(dtype)
    table = Table(stages=((Linear(2.9), Linear(0.1), Power(2)), (Linear(1, -0.2),)))
    colour = table.apply(np.dstack([grey] * 3)).astype(float)
    assert reference.furthest(table.apply(grey), colour @ np.array(LUMA)) <= 0.5 + 1e-9


# -- depth ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("curve", CURVES, ids=str)
def test_16_bit_tables_agree_with_8_bit_ones(curve: Curve) -> None:
    eight = all_levels(np.uint8)
    sixteen = Table.of(curve).apply(eight.astype(np.uint16) * 257)
    assert np.abs(sixteen / 257 - Table.of(curve).apply(eight)).max() <= 0.51
