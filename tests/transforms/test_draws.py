"""Draws: values that depend on (seed, key, copy, step) and on nothing else."""

from __future__ import annotations

import copy
import hashlib
import json
import math
import pickle
import unicodedata
from typing import Any

import numpy as np
import pytest
import strategies
from hypothesis import given
from hypothesis import strategies as st

from augstudio.pipeline import MAX_SEED, Pipeline
from augstudio.transforms import Chance, Draw, Transform, registry
from augstudio.transforms.draw import _words

R = registry()
SEEDS = st.integers(0, MAX_SEED)
KEYS = st.text(max_size=20)
COPIES = st.integers(1, 10**6)
GOLDEN_NUMBERS = (0.5922844168169753, 4437461243881659738, [0.6656541034988802, 0.6250241924548806])
GOLDEN_DRAWS = [
    {
        "step": "rotate",
        "op": "rotate",
        "applied": True,
        "values": {"angle": -5.897332787173358},
        "field_seed": 6050398059746887427,
    },
    {"step": "jpeg", "op": "jpeg", "applied": True, "values": {"quality": 91}, "field_seed": 14010026419937056097},
    {
        "step": "quarter_turn",
        "op": "quarter_turn",
        "applied": True,
        "values": {"turns": 90},
        "field_seed": 8770717896170351242,
    },
    {"step": "cutout", "op": "cutout", "applied": False, "values": {}, "field_seed": 16966348011698998950},
]


def by_step(draws: tuple[Draw, ...]) -> dict[str, Draw]:
    return {draw.step: draw for draw in draws}


# -- what they depend on ------------------------------------------------------------------------------------------


@given(strategies.pipelines(), SEEDS, KEYS, COPIES)
def test_the_same_again_gives_the_same_again(pipeline: Pipeline, seed: int, key: str, number: int) -> None:
    assert pipeline.draw(seed, key, number) == pipeline.draw(seed, key, number)


@given(strategies.pipelines(most=5), strategies.transforms(), st.data())
def test_inserting_removing_and_moving_steps_leaves_the_others_draws(
    pipeline: Pipeline, extra: Transform, data: st.DataObject
) -> None:
    before = by_step(pipeline.draw(3, "a/b.png", 2))
    position = data.draw(st.integers(0, len(pipeline.transforms)))
    longer = by_step(pipeline.adding(extra, position).draw(3, "a/b.png", 2))
    assert {step: longer[step] for step in before} == before
    for step in pipeline.transforms:
        shorter = by_step(pipeline.without(step.id).draw(3, "a/b.png", 2))
        assert shorter == {name: draw for name, draw in before.items() if name != step.id}
        moved = pipeline.moving(step.id, data.draw(st.integers(0, len(pipeline.transforms) - 1)))
        assert by_step(moved.draw(3, "a/b.png", 2)) == before


def test_each_of_seed_key_copy_and_step_makes_other_draws() -> None:
    names = [(7, "a", 1, "x"), (8, "a", 1, "x"), (7, "b", 1, "x"), (7, "a", 2, "x"), (7, "a", 1, "y")]
    # What could run together if the parts were merely joined:
    names += [
        (71, "", 1, "x"),
        (7, "1", 1, "x"),
        (7, "a1", 1, "x"),
        (7, "a", 11, "x"),
        (7, "", 1, "ax"),
        (7, "ax", 1, ""),
    ]
    numbers = [Chance(*name).numbers(step, 3) for *name, step in names]
    assert len({(applied, field, *rest) for applied, field, rest in numbers}) == len(names)


def test_draws_are_golden() -> None:
    """The same numbers on any machine and with any later version: presets and manifests rely on it."""
    applied, field, shares = Chance(7, "class/päge 1.png", 3).numbers("rotate", 2)
    assert (applied, field, shares) == GOLDEN_NUMBERS
    pipeline = Pipeline(transforms=(R["rotate"](), R["jpeg"](), R["quarter_turn"](probability=1), R["cutout"]()))
    assert [draw.as_json() for draw in pipeline.draw(7, "class/a.png", 1)] == GOLDEN_DRAWS


def test_names_in_either_unicode_form_are_the_same_picture() -> None:
    for name in ("Äpfel/é.png", "한국어.jpg", "Å.png", "ﬁ.png"):
        nfc, nfd = unicodedata.normalize("NFC", name), unicodedata.normalize("NFD", name)
        assert Chance(1, nfc, 1).numbers("x", 4) == Chance(1, nfd, 1).numbers("x", 4)
    assert Chance(1, "ﬁ", 1).numbers("x", 1) != Chance(1, "fi", 1).numbers("x", 1), "but a ligature is another name"


@given(st.characters(categories=["Cs"]))
def test_a_name_that_is_no_unicode_still_names_a_picture(half: str) -> None:
    """File names that Python reads with surrogate escapes."""
    assert Chance(1, f"a{half}.png", 1).numbers("x", 1) == Chance(1, f"a{half}.png", 1).numbers("x", 1)


@given(SEEDS, KEYS, st.integers(0, 6))
def test_asking_for_more_numbers_changes_none(seed: int, key: str, count: int) -> None:
    """So a transform may get another parameter, declared last, and old draws stay."""
    few, many = Chance(seed, key, 1).numbers("x", count), Chance(seed, key, 1).numbers("x", count + 3)
    assert few[:2] == many[:2]
    assert few[2] == many[2][:count]


@given(st.binary(max_size=40), st.integers(0, 40))
def test_words_are_those_of_blake2(name: bytes, count: int) -> None:
    found = _words(name, count)
    assert len(found) >= count
    for block in range((count + 7) // 8):
        digest = hashlib.blake2b(name, digest_size=64, salt=block.to_bytes(16, "little")).digest()
        words = [int.from_bytes(digest[at : at + 8], "little") for at in range(0, 64, 8)]
        assert list(found[8 * block : 8 * block + 8]) == words


# -- how they are spread ------------------------------------------------------------------------------------------


def chances(probability: float, copies: int = 4000, **more: Any) -> list[bool]:
    step = R["invert"](id="x", probability=probability, **more)
    return [step.draw(Chance(5, "a", number)).applied for number in range(1, copies + 1)]


def test_never_is_never_and_always_is_always() -> None:
    assert not any(chances(0.0))
    assert all(chances(1.0))
    assert not any(chances(1.0, enabled=False))


class Fixed(Chance):
    """Chance that gives a stated number."""

    def __init__(self, first: float) -> None:
        self.first = first

    def numbers(self, step: str, count: int) -> tuple[float, int, list[float]]:
        return self.first, 1, [0.5] * count


def test_not_even_the_least_or_greatest_number_makes_an_exception() -> None:
    least, greatest = 0.0, 1 - 2.0**-53
    for first in (least, greatest):
        assert not R["invert"](probability=0.0).draw(Fixed(first)).applied
        assert R["invert"](probability=1.0).draw(Fixed(first)).applied


@pytest.mark.parametrize("probability", [0.01, 0.3, 0.5, 0.97])
def test_a_probability_is_kept(probability: float) -> None:
    count = 4000
    spread = 4 * math.sqrt(count * probability * (1 - probability))
    assert abs(sum(chances(probability, count)) - count * probability) < spread


def test_whether_and_how_much_come_from_separate_numbers() -> None:
    step = R["rotate"](id="x", angle=(0, 1), probability=0.5)
    draws = [step.draw(Chance(1, "a", number)) for number in range(2000)]
    applied = [draw.number("angle") for draw in draws if draw.applied]
    assert np.mean(applied) == pytest.approx(0.5, abs=0.03), "not only the lower half is applied"
    wide = [step.edited(probability=1.0).draw(Chance(1, "a", number)) for number in range(2000)]
    for one, other in zip(draws, wide, strict=True):
        assert not one.applied or one == other, "raising the probability keeps the copies there were"


def test_values_are_uniform_between_the_ends() -> None:
    step = R["shear"](id="x", x=(-0.2, 0.6), y=(0.1, 0.1))
    values = np.array([list(step.draw(Chance(1, "a", n)).values.values()) for n in range(4000)], float)
    assert values[:, 0].min() >= -0.2
    assert values[:, 0].max() <= 0.6
    counts = np.histogram(values[:, 0], bins=10, range=(-0.2, 0.6))[0]
    assert abs(counts - 400).max() < 4 * math.sqrt(400)
    assert (values[:, 1] == 0.1).all()


def test_whole_numbers_and_choices_are_equally_likely() -> None:
    jpeg = R["jpeg"](id="x", quality=(40, 44))
    found = [jpeg.draw(Chance(1, "a", n)).values["quality"] for n in range(4000)]
    assert all(type(value) is int for value in found)
    assert set(found) == {40, 41, 42, 43, 44}
    assert all(abs(found.count(value) - 800) < 4 * math.sqrt(800) for value in set(found))
    turns = R["quarter_turn"](id="x", probability=1, turns=(270, 90))
    chosen = [turns.draw(Chance(1, "a", n)).values["turns"] for n in range(2000)]
    assert set(chosen) == {90, 270}
    assert abs(chosen.count(90) - 1000) < 4 * math.sqrt(500)


def test_the_highest_end_is_the_end() -> None:
    """−0.5 + (0.3 − (−0.5)) is 0.30000000000000004."""
    step = R["shift"](x=(-0.5, 0.3), y=(-0.822, -0.08))
    assert dict(step.draw_end(high=True, field_seed=0).values) == {"x": 0.3, "y": -0.08}
    assert dict(step.draw_end(high=False, field_seed=0).values) == {"x": -0.5, "y": -0.822}


@given(strategies.transforms(), SEEDS, COPIES)
def test_every_drawn_value_lies_in_its_range(step: Transform, seed: int, number: int) -> None:
    draw = step.edited(enabled=True, probability=1.0).draw(Chance(seed, "a", number))
    assert draw.applied
    assert set(draw.values) == set(step.drawn())
    assert 0 <= draw.field_seed < 2**64
    for name, value in draw.values.items():
        allowed = getattr(step, name)
        if name in step.knobs():
            assert allowed[0] <= value <= allowed[1]
        else:
            assert value in allowed
    low, high = step.draw_end(high=False, field_seed=1), step.draw_end(high=True, field_seed=1)
    for name in step.knobs():
        assert (low.number(name), high.number(name)) == step.range_of(name)


# -- values -------------------------------------------------------------------------------------------------------


@given(strategies.transforms(), SEEDS)
def test_a_draw_is_a_frozen_value_that_travels(step: Transform, seed: int) -> None:
    draw = step.draw(Chance(seed, "a", 1))
    with pytest.raises(AttributeError):
        draw.applied = False  # type: ignore[misc]
    with pytest.raises(TypeError):
        draw.values["x"] = 1  # type: ignore[index]
    for other in (
        pickle.loads(pickle.dumps(draw)),
        copy.deepcopy(draw),
        step.redraw(json.loads(json.dumps(draw.as_json()))),
    ):
        assert other == draw
    draw.as_json()["applied"] = "spoilt"
    assert draw.applied in (True, False)


def test_a_draw_keeps_no_hold_on_the_mapping_it_was_made_from() -> None:
    values = {"angle": 3.0}
    draw = Draw("x", "rotate", True, values, 1)  # type: ignore[arg-type]
    values["angle"] = 4.0
    assert draw.number("angle") == 3


@given(st.integers(0, 2**64 - 1), st.integers(0, 8))
def test_further_numbers_are_always_the_same(seed: int, count: int) -> None:
    draw = Draw("x", "crop", True, {}, seed)
    numbers = draw.uniforms(count)
    assert numbers == draw.uniforms(count + 5)[:count]
    assert all(0 <= number < 1 for number in numbers)
