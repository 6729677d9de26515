"""Draws in words: one function, whoever asks."""

from __future__ import annotations

import pytest

from augstudio.gui.intent.state import describe_draws
from augstudio.gui.intent.views import Shown
from augstudio.pipeline import Pipeline
from augstudio.transforms import Choices, Draw, Range, describe, registry


def test_every_transform_can_be_described() -> None:
    for op, transform in registry().items():
        step = transform.model_validate({"op": op, "id": op, "probability": 1.0})
        said = describe(step.draw_end(high=True, field_seed=1))
        assert said.startswith(transform.label)
    assert describe(Draw("rotate", "rotate", False, {}, 1)) == ""
    assert describe(Draw("rotate", "rotate", True, {"angle": 7.31}, 1)) == "Rotate 7.3°"
    places = {"place": ((0.312, 0.77),)}
    assert (
        describe(Draw("crop", "crop", True, {"area": 0.8, "aspect": 1.0}, 1, places))  # type: ignore[arg-type]
        == "Crop area kept 0.8, shape (aspect) ×1, position x 0.31, y 0.77"
    )
    assert describe(Draw("flip", "flip", True, {}, 1, {"axis": "vertical"})) == "Flip axis: vertical"


def test_a_choice_is_shown_by_its_label() -> None:
    for turns in (90, 180, 270):
        assert describe(Draw("q", "quarter_turn", True, {"turns": turns}, 1)) == f"Quarter turn {turns}°"
    for transform in registry().values():
        for declared in transform.parameters().values():
            if isinstance(declared, Choices):
                assert [declared.show(option) for option in declared.options] == list(declared.options.values())


@pytest.mark.parametrize("op", registry())
def test_the_window_says_the_same(op: str) -> None:
    step = registry()[op].model_validate({"op": op, "id": "it", "probability": 1.0})
    pipeline = Pipeline(transforms=(step,))
    for copy in range(1, 6):
        draws = pipeline.draw(7, "a.png", copy)
        assert describe_draws(pipeline, draws, Shown("copy", copy)) == f"Copy {copy}: {describe(draws[0])}"


def test_a_value_that_is_held_is_shown_as_it_is_drawn() -> None:
    step = registry()["rotate"].default(id="it", angle=Range(7.24, 7.24))
    draw = Pipeline(transforms=(step,)).draw(0, "", 1)[0]
    assert describe(draw) == f"Rotate {step.knobs()['angle'].show(7.24)}" == "Rotate 7.2°"
