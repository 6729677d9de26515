"""What chance decides beside the parameters: declared, recorded, shown, and the same as ever."""

from __future__ import annotations

import inspect
import json
import re
from typing import Any

import numpy as np
import pictures
import pytest
import strategies
from hypothesis import given
from hypothesis import strategies as st

from augstudio.engine import Frame
from augstudio.pipeline import MAX_SEED, Pipeline
from augstudio.transforms import Chance, Draw, OneOf, Points, Position, Transform, registry

ALL = list(registry().values())
every_transform = pytest.mark.parametrize("transform", ALL, ids=lambda transform: transform.name())
R = registry()


@every_transform
def test_positions_are_declared_in_words(transform: type[Transform]) -> None:
    assert isinstance(transform.positions, tuple)
    assert len({position.name for position in transform.positions}) == len(transform.positions)
    for position in transform.positions:
        assert isinstance(position, Position)
        assert position.label
        assert position.help.endswith(".")
        assert position.allowed()
        if isinstance(position, Points) and position.count:
            assert position.count in transform.drawn()
        if isinstance(position, OneOf):
            assert position.left[0] in transform.parameters()


@every_transform
def test_nothing_is_decided_by_chance_that_is_not_declared(
    transform: type[Transform], monkeypatch: pytest.MonkeyPatch
) -> None:
    """`lower` takes no numbers of its own: all of them are in the draw, where they are recorded and shown."""

    def asked(self: Draw, count: int) -> list[float]:
        raise AssertionError("the numbers of positions are taken by their declaration")

    monkeypatch.setattr(Draw, "uniforms", asked)
    step = transform.default(id="x", probability=1)
    list(step.lower(step.draw(Chance(1, "a", 1)), Frame(30, 20, 20, 1.0)))
    assert "uniforms" not in inspect.getsource(transform.lower)


def test_what_is_left_to_chance() -> None:
    assert {t.name(): [p.name for p in t.positions] for t in ALL if t.positions} == {
        "crop": ["place"],
        "flip": ["axis"],
        "perspective": ["corners"],
        "cutout": ["squares"],
    }


@given(st.integers(0, 2**64 - 1), st.integers(1, 16))
def test_they_are_the_numbers_of_the_field_seed(seed: int, count: int) -> None:
    """As version 0.2 took them, in the same order."""
    numbers = Draw("x", "crop", True, {}, seed).uniforms(32)
    places = {
        op: R[op].default(id="x", **more).placed(values, seed)
        for op, more, values in (
            ("crop", {}, {}),
            ("flip", {"axis": "either"}, {}),
            ("perspective", {}, {}),
            ("cutout", {"count": (1, 16)}, {"count": count}),
        )
    }
    assert places["crop"] == {"place": ((numbers[0], numbers[1]),)}
    assert places["flip"] == {"axis": "horizontal" if numbers[0] < 0.5 else "vertical"}
    moves = [2 * number - 1 for number in numbers[:8]]
    assert places["perspective"] == {"corners": tuple(zip(moves[::2], moves[1::2], strict=True))}
    squares = numbers[: 2 * count]
    assert places["cutout"] == {"squares": tuple(zip(squares[::2], squares[1::2], strict=True))}


def test_several_positions_take_numbers_one_after_the_other() -> None:
    class Two(R["crop"]):  # type: ignore[misc, name-defined]
        positions = (*R["crop"].positions, Points(name="more", label="More", help="More.", names=("one", "two")))

    numbers = Draw("x", "crop", True, {}, 9).uniforms(6)
    assert Two(id="x").placed({}, 9) == {
        "place": ((numbers[0], numbers[1]),),
        "more": ((numbers[2], numbers[3]), (numbers[4], numbers[5])),
    }


@given(strategies.pipelines(), st.integers(0, MAX_SEED))
def test_they_are_no_end_of_lowest_and_highest(pipeline: Pipeline, seed: int) -> None:
    low, high = pipeline.draw_ends(high=False, seed=seed), pipeline.draw_ends(high=True, seed=seed)
    for step, one, other in zip(pipeline.transforms, low, high, strict=True):
        assert one.field_seed == other.field_seed == Chance(seed, "", 0).numbers(step.id, 0)[1]
        for draw in (one, other):
            assert draw.positions == (step.placed(draw.values, draw.field_seed) if draw.applied else {})


def test_a_record_tells_them_only_where_there_are_any() -> None:
    flip = R["flip"].default(id="x", probability=1)
    assert "positions" not in flip.draw(Chance(1, "a", 1)).as_json(), "the axis is the user's"
    left = flip.edited(axis="either").draw(Chance(1, "a", 1)).as_json()
    assert left["positions"] in ({"axis": "horizontal"}, {"axis": "vertical"})
    assert "positions" not in R["crop"].default(id="x", probability=0).draw(Chance(1, "a", 1)).as_json()
    crop = json.loads(json.dumps(R["crop"].default(id="x").draw(Chance(1, "a", 1)).as_json()))
    ((x, y),) = crop["positions"]["place"]
    assert 0 <= x < 1
    assert 0 <= y < 1


def test_the_picture_is_where_they_say() -> None:
    """A square of a cut-out lies where its recorded position puts it, an axis flips that way, a crop is from there."""
    white = np.full((50, 80, 3), 255, np.uint8)
    cut = Pipeline(transforms=(R["cutout"].default(probability=1, count=(1, 1), side=(0.2, 0.2), fill="black"),))
    for copy in range(1, 6):
        (draw,) = cut.draw(1, "a", copy)
        ((x, y),) = draw.points("squares")
        rows, columns = np.nonzero(cut.plan((draw,), 80, 50).apply(white)[..., 0] == 0)
        assert abs(columns.min() - x * (80 - 10)) <= 0.5
        assert abs(rows.min() - y * (50 - 10)) <= 0.5
    picture = pictures.noise(50, 80)
    flip = Pipeline(transforms=(R["flip"].default(probability=1, axis="either"),))
    seen = set()
    for copy in range(1, 12):
        (draw,) = flip.draw(1, "a", copy)
        seen.add(axis := draw.positions["axis"])
        expected = picture[:, ::-1] if axis == "horizontal" else picture[::-1]
        assert np.array_equal(flip.plan((draw,), 80, 50).apply(picture), expected)
    assert seen == {"horizontal", "vertical"}


def shown(op: str, **more: Any) -> list[str]:
    step = R[op].default(id="x", probability=1, **more)
    return step.shown_positions(step.draw(Chance(1, "a", 1)))


def test_they_are_told_in_words() -> None:
    number = r"−?\d(\.\d{1,2})?"
    (crop,) = shown("crop")
    assert re.fullmatch(rf"position x {number}, y {number}", crop)
    assert shown("flip") == []
    assert shown("flip", axis="either") in (["axis: horizontal"], ["axis: vertical"])
    (corners,) = shown("perspective")
    point = rf"x {number}, y {number}"
    assert re.fullmatch(
        rf"corners top left {point}; top right {point}; bottom right {point}; bottom left {point}", corners
    )
    (squares,) = shown("cutout", count=(3, 3))
    assert re.fullmatch(rf"squares {point}; {point}; {point}", squares)
    assert R["crop"].positions[0].show(((0.0, 0.996),)) == "position x 0, y 1"
    assert R["perspective"].positions[0].show(((-0.004, -0.5),) * 4).startswith("corners top left x 0, y −0.5; ")
