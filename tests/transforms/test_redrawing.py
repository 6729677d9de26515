"""Draws taken back from records: only what the step itself could have drawn, and nothing else."""

from __future__ import annotations

import copy
import json
import math
from enum import Enum
from typing import Any

import pytest
import strategies
from hypothesis import given
from hypothesis import strategies as st

from augstudio.pipeline import MAX_SEED, Pipeline
from augstudio.transforms import Chance, Choices, Draw, DrawError, Knob, Transform, registry

ALL = list(registry().values())
every_transform = pytest.mark.parametrize("transform", ALL, ids=lambda transform: transform.name())
SEEDS = st.integers(0, MAX_SEED)


def sent(draw: Draw) -> dict[str, Any]:
    """A draw as it comes out of a file."""
    record: dict[str, Any] = json.loads(json.dumps(draw.as_json()))
    return record


def always(transform: type[Transform]) -> Transform:
    """A transform that every copy gets, over its useful ranges, with all that may be left to chance left to it."""
    chosen: dict[str, Any] = {
        position.left[0]: position.left[1] for position in transform.positions if hasattr(position, "left")
    }
    ranges = {name: knob.useful for name, knob in transform.knobs().items()}
    return transform.default(id="x", probability=1, **ranges, **chosen)


@given(strategies.pipelines(), SEEDS, st.integers(1, 10**6))
def test_whatever_is_drawn_is_taken_back(pipeline: Pipeline, seed: int, number: int) -> None:
    for draws in (
        pipeline.draw(seed, "a/b.png", number),
        *(pipeline.draw_ends(high=high, seed=seed) for high in (False, True)),
    ):
        records = [sent(draw) for draw in draws]
        for record in records:
            if not record["applied"]:
                record["values"] = {}  # an end that is not applied tells its values nevertheless
        again = pipeline.redraw(records)
        assert [draw for draw in again if draw.applied] == [draw for draw in draws if draw.applied]
        assert [draw.as_json() for draw in again] == records


@given(strategies.transforms(), SEEDS)
def test_records_of_version_0_2_get_the_positions_of_their_seed(step: Transform, seed: int) -> None:
    draw = step.draw(Chance(seed, "a", 1))
    record = sent(draw)
    record.pop("positions", None)
    assert step.redraw(record) == draw


@every_transform
def test_a_value_beyond_its_range_is_refused_by_name(transform: type[Transform]) -> None:
    step = always(transform)
    draw = step.draw(Chance(1, "a", 1))
    for name in step.drawn():
        declared, own = step.parameters()[name], getattr(step, name)
        wrong: list[Any] = [math.nan, math.inf, -math.inf, None, True, [], {}, "", 10**4000, -(10**4000)]
        if isinstance(declared, Knob):
            wrong += [math.nextafter(own[0], -math.inf), math.nextafter(own[1], math.inf), str(own[0])]
            wrong += [own[0] + 0.5] if declared.whole else []
        else:
            assert isinstance(declared, Choices)
            wrong += ["no such", *(float(option) for option in own if isinstance(option, int))]
        for value in wrong:
            record = sent(draw)
            record["values"][name] = value
            with pytest.raises(DrawError, match=rf"^values\.{name} is .*; allowed is ") as raised:
                step.redraw(record)
            assert str(raised.value).isprintable()
            assert len(str(raised.value)) < 300


def test_a_choice_that_the_user_has_left_out_is_refused() -> None:
    step = registry()["quarter_turn"].default(id="x", probability=1, turns=(90, 270))
    record = sent(step.draw(Chance(1, "a", 1)))
    record["values"]["turns"] = 180
    with pytest.raises(DrawError, match=r"^values\.turns is 180; allowed is 90 or 270$"):
        step.redraw(record)


def test_a_number_may_be_written_without_its_point() -> None:
    step = registry()["rotate"].default(id="x", angle=(-15, 15))
    record = sent(step.draw(Chance(1, "a", 1)))
    record["values"]["angle"] = 7
    angle = step.redraw(record).values["angle"]
    assert (angle, type(angle)) == (7.0, float)


@every_transform
def test_every_field_is_needed_and_no_other_is_known(transform: type[Transform]) -> None:
    step = always(transform)
    record = sent(step.draw(Chance(1, "a", 1)))
    for field in ("step", "op", "applied", "values", "field_seed"):
        with pytest.raises(DrawError, match=f"^{field} is missing$"):
            step.redraw({name: value for name, value in record.items() if name != field})
    with pytest.raises(DrawError, match=r"^partners is not known; allowed is step, op, applied, values, field_seed"):
        step.redraw({**record, "partners": []})
    with pytest.raises(DrawError, match=r"^values\.more is not known"):
        step.redraw({**record, "values": {**record["values"], "more": 1}})
    for name in record["values"]:
        with pytest.raises(DrawError, match=rf"^values\.{name} is missing"):
            step.redraw({**record, "values": {n: v for n, v in record["values"].items() if n != name}})
    for other in (None, 7, "draw", [], [record]):
        with pytest.raises(DrawError, match=r"^found "):
            step.redraw(other)


def elsewhere(step: Transform, draw: Draw) -> int:
    """A field seed that decides otherwise."""
    return next(seed for seed in range(1, 100) if step.placed(draw.values, seed) != draw.positions)


@every_transform
def test_positions_are_those_of_the_field_seed(transform: type[Transform]) -> None:
    step = always(transform)
    draw = step.draw(Chance(1, "a", 1))
    record = sent(draw)
    assert step.redraw({**record, "positions": record.get("positions", {})}) == draw
    with pytest.raises(DrawError, match=r"^positions\.more is not known"):
        step.redraw({**record, "positions": {**record.get("positions", {}), "more": 1}})
    for name in record.get("positions", {}):
        for wrong in (None, "elsewhere", [], [[math.nan, 0.5]], [[0.5]], 0.5, [[]] * 100_000):
            changed = copy.deepcopy(record)
            changed["positions"][name] = wrong
            with pytest.raises(DrawError, match=rf"^positions\.{name} is .*; the field seed gives ") as raised:
                step.redraw(changed)
            assert len(str(raised.value)) < 300
        with pytest.raises(DrawError, match=rf"^positions\.{name} is "):
            step.redraw({**record, "field_seed": elsewhere(step, draw)})


def test_whether_it_is_applied_is_held_against_the_step() -> None:
    flip = registry()["flip"]
    record = {"step": "x", "op": "flip", "applied": True, "values": {}, "field_seed": 5}
    for step, found, allowed in (
        (flip.default(id="x", probability=0), True, "false, as the step is never applied"),
        (flip.default(id="x", enabled=False), True, "false, as the step is never applied"),
        (flip.default(id="x", probability=1), False, "true, as it always is"),
        (flip.default(id="x"), 1, "true or false"),
        (flip.default(id="x"), None, "true or false"),
    ):
        with pytest.raises(DrawError, match=f"; allowed is {allowed}$"):
            step.redraw({**record, "applied": found})
    assert flip.default(id="x").redraw(record).applied


def test_a_pipeline_takes_back_one_draw_for_each_step_in_their_order() -> None:
    pipeline = Pipeline(transforms=tuple(transform.default(probability=1) for transform in ALL))
    records = [sent(draw) for draw in pipeline.draw(1, "a", 1)]
    assert pipeline.redraw(records) == pipeline.draw(1, "a", 1)
    count = len(ALL)
    for wrong in (records[1:], [*records, records[0]], []):
        with pytest.raises(
            DrawError, match=f"^found {len(wrong)} draws; allowed is one for each of the {count} steps$"
        ):
            pipeline.redraw(wrong)
    with pytest.raises(DrawError, match=rf"^draws\[0\] \({ALL[0].name()}\): step is "):
        pipeline.redraw(records[::-1])


def test_rounding_carries_no_value_past_its_end() -> None:
    """−0.5 + 0.8 · (1 − 2⁻⁵³) is 0.30000000000000004, above 0.3: what is drawn could not be taken back."""

    class Last(Chance):
        def __init__(self) -> None: ...

        def numbers(self, step: str, count: int) -> tuple[float, int, list[float]]:
            return 0.0, 1, [1 - 2.0**-53] * count

    for transform in ALL:
        step = always(transform)
        assert step.redraw(sent(step.draw(Last()))) == step.draw(Last())
    shift = registry()["shift"].default(id="x", x=(-0.5, 0.3), y=(-0.822, -0.08))
    draw = shift.draw(Last())
    assert draw.number("x") <= 0.3
    assert shift.redraw(sent(draw)) == draw


plain = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5) | st.just(10**4000)
anything = st.recursive(
    plain, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3)
)


@given(strategies.transforms(), SEEDS, st.data())
def test_anything_at_all_is_a_draw_or_an_error(step: Transform, seed: int, data: st.DataObject) -> None:
    record = sent(step.draw(Chance(seed, "a", 1)))
    where: Any = record
    place = data.draw(st.sampled_from(list(record)))
    while isinstance(where[place], dict | list) and where[place] and data.draw(st.booleans()):
        where = where[place]
        place = data.draw(st.sampled_from(list(where) if isinstance(where, dict) else list(range(len(where)))))
    where[place] = data.draw(anything)
    try:
        draw = step.redraw(record)
    except DrawError as error:
        assert str(error).isprintable()
        return
    assert (draw.step, draw.op) == (step.id, step.op)
    for name, value in draw.values.items():
        own = getattr(step, name)
        if isinstance(step.parameters()[name], Knob):
            assert own[0] <= value <= own[1]
        else:
            assert value in [option.value if isinstance(option, Enum) else option for option in own]
