"""Fusion: fewer steps, the same picture, the same order."""

from __future__ import annotations

import itertools
from dataclasses import dataclass

import numpy as np
import pictures
import pytest
import reference
from hypothesis import given
from hypothesis import strategies as st

from augstudio.engine import (
    Blur,
    Border,
    BorderMode,
    Frame,
    Linear,
    Mix,
    Pixels,
    Plan,
    Power,
    Solarize,
    Step,
    Table,
    Warp,
    fuse,
)
from augstudio.engine.fusion import traced
from augstudio.engine.pixels import LUMA

FRAME = Frame(24, 18)
MIRROR, BLANK = Border(BorderMode.MIRROR), Border(BorderMode.BLANK, (40, 50, 60))


@dataclass(frozen=True)
class Marker(Step):
    """A step that nothing may merge with or move across."""

    name: str

    def is_identity(self) -> bool:
        return False

    def apply(self, colour: Pixels) -> Pixels:
        return colour

    def describe(self) -> str:
        return self.name


STEPS: tuple[Step, ...] = (
    Marker("a"),
    Marker("b"),
    Blur(0),
    Blur(1.3),
    Warp.rotation(8, FRAME, MIRROR),
    Warp.rotation(-8, FRAME, MIRROR),
    Warp.rotation(11, FRAME, BLANK),
    Warp.translation(0, 0, FRAME, BLANK),
    Warp.translation(3, 0, FRAME, MIRROR),
    Warp.flip(FRAME, horizontal=True, vertical=False),
    Warp.quarter_turn(2, FRAME),
    Table.of(Linear()),
    Table.of(Linear(-1, 1)),
    Table.of(Power(0.6)),
    Table.of(Linear(0.7), Linear(1.2), Linear(0.9, 0.1)),
    Table.of(Solarize(0.6)),
    Mix.of(np.eye(3)),
    Mix.of(np.tile(LUMA, (3, 1))),
    Mix.of(np.eye(3)[[2, 0, 1]]),
    Mix.of(1.8 * np.eye(3) - 0.8 * np.tile(LUMA, (3, 1))),
)
chains = st.lists(st.sampled_from(STEPS), max_size=9).map(tuple)


def kinds(steps: tuple[Step, ...]) -> list[str]:
    """Kinds in order, equal neighbours once; identities left out."""
    found: list[str] = []
    for step in steps:
        name = step.name if isinstance(step, Marker) else type(step).__name__
        if not step.is_identity() and (not found or found[-1] != name or isinstance(step, Marker)):
            found.append(name)
    return found


@given(chains)
def test_nothing_is_reordered_and_nothing_else_is_lost(chain: tuple[Step, ...]) -> None:
    fused = fuse(chain)
    assert len(fused) <= len(chain)
    remaining = iter(kinds(chain))
    assert all(kind in remaining for kind in kinds(fused)), "what is left is a subsequence"
    assert [s for s in fused if isinstance(s, Marker)] == [s for s in chain if isinstance(s, Marker)]
    assert [s for s in fused if isinstance(s, Blur)] == [s for s in chain if s == Blur(1.3)]


@given(chains)
def test_the_end_is_a_fixed_point(chain: tuple[Step, ...]) -> None:
    fused = fuse(chain)
    assert fuse(fused) == fused
    assert not any(step.is_identity() for step in fused)
    for before, step in itertools.pairwise(fused):
        if isinstance(step, Warp | Table | Mix) and type(before) is type(step):
            assert before.then(step) is None  # type: ignore[attr-defined]


@given(chains)
def test_fused_shows_what_the_steps_show_one_by_one(chain: tuple[Step, ...]) -> None:
    """To the level, where no geometry and no mixes are merged: those are held against the oracle elsewhere."""
    parted: list[Step] = []
    for step in chain:
        parted += [step, Marker("|")] if isinstance(step, Warp | Mix) else [step]
    picture = pictures.noise(18, 24)
    expected = picture
    for step in parted:
        if not step.is_identity():
            expected = step.apply(expected)
    assert np.array_equal(Plan.of(FRAME, tuple(parted)).apply(picture), expected)


@given(chains)
def test_each_step_is_traced_to_where_it_went(chain: tuple[Step, ...]) -> None:
    fused, places = traced(chain)
    assert fused == fuse(chain)
    assert len(places) == len(chain)
    assert {place for place in places if place is not None} == set(range(len(fused))), "each comes from something"
    there = [place for place in places if place is not None]
    assert there == sorted(there), "nothing is reordered"
    for place, step in enumerate(fused):
        own = tuple(asked for asked, at in zip(chain, places, strict=True) if at == place)
        assert fuse(own) == (step,)


def test_identities_between_two_warps_do_not_part_them() -> None:
    first, second = Warp.rotation(8, FRAME, MIRROR), Warp.translation(3, 1, FRAME, MIRROR)
    for nothing in (Blur(0), Table.of(Linear()), Warp.rotation(0, FRAME, BLANK), Mix.of(np.eye(3))):
        assert fuse((first, nothing, second)) == (first.then(second),)


def test_what_becomes_nothing_together_lets_its_neighbours_meet() -> None:
    negative = Table.of(Linear(-1, 1))
    there, back = Warp.rotation(8, FRAME, MIRROR), Warp.rotation(-8, FRAME, MIRROR)
    assert fuse((negative, there, back, negative)) == (negative.then(negative),)


@pytest.mark.parametrize("count", [1, 7, 100])
def test_a_long_chain_of_warps_is_one_resampling(count: int) -> None:
    chain = tuple(Warp.rotation(3, FRAME, MIRROR) for _ in range(count))
    (merged,) = fuse(chain)
    assert isinstance(merged, Warp)
    assert np.allclose(merged.array, Warp.rotation(3 * count, FRAME, MIRROR).array, atol=1e-9)


def test_merging_is_sharper_than_step_by_step() -> None:
    """The measurement that the design rests on: six affine steps."""
    picture = pictures.smooth(96, 128)
    frame = Frame(128, 96)
    turns = tuple(Warp.rotation(angle, frame, MIRROR) for angle in (10, -7, 13, -11, 5, -4))
    (merged,) = fuse(turns)
    assert isinstance(merged, Warp)
    exact = reference.look(
        picture.astype(float),
        [reference.linear_about(frame.centre, step.array[:2, :2]) for step in turns],
        frame.size,
        reference.Outside("mirror"),
    )
    one_by_one = picture
    for turn in turns:
        one_by_one = turn.apply(one_by_one)
    inner = (slice(24, -24), slice(32, -32))  # step by step, the corners are lost as well
    fused = reference.psnr(merged.apply(picture)[inner], exact[inner])
    stepwise = reference.psnr(one_by_one[inner], exact[inner])
    assert fused > 50
    assert fused > stepwise + 15
