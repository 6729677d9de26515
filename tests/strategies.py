"""Hypothesis strategies: any valid pipeline, built from the registry by introspection."""

from __future__ import annotations

from enum import Enum
from typing import Any

from hypothesis import strategies as st
from pydantic_core import PydanticUndefined

from augstudio.pipeline import Fit, Output, Pipeline
from augstudio.transforms import Choices, Colour, Knob, Option, Parameter, Transform, registry

colours = st.tuples(*(st.integers(0, 255) for _ in range(3)))
probabilities = st.one_of(st.sampled_from([0.0, 0.5, 1.0]), st.floats(0, 1))


@st.composite
def ranges(draw: st.DrawFn, knob: Knob) -> tuple[float, float]:
    """Any range within the hard bounds; its ends and the useful ones come up often."""
    low, high = knob.hard
    special = [low, high, *knob.useful, *([] if knob.neutral is None else [knob.neutral])]
    if knob.whole:
        numbers = st.one_of(st.sampled_from(special), st.integers(int(low), int(high)).map(float))
    else:
        numbers = st.one_of(
            st.sampled_from(special),
            st.floats(low, high),
            st.floats(low, high).map(lambda x: min(max(round(x, knob.decimals), low), high)),
        )
    a, b = sorted((draw(numbers), draw(numbers)))
    return a, b


def values(parameter: Parameter, field: Any) -> st.SearchStrategy[Any]:
    """Any valid value of a parameter; `field` is the pydantic field that declares it."""
    match parameter:
        case Knob():
            return ranges(parameter)
        case Choices():
            return st.lists(st.sampled_from(list(parameter.options)), min_size=1, unique=True).map(tuple)
        case Colour():
            return colours
        case Option():
            assert isinstance(field.annotation, type) and issubclass(field.annotation, Enum)
            return st.sampled_from(list(field.annotation))
    raise AssertionError(f"no strategy for {type(parameter).__name__}")


@st.composite
def transforms(draw: st.DrawFn, ops: tuple[str, ...] | None = None) -> Transform:
    """Any valid transform, or any of some ops; without an id, so that the pipeline gives one."""
    op = draw(st.sampled_from(ops or tuple(registry())))
    transform = registry()[op]
    chosen: dict[str, Any] = {}
    for name, parameter in transform.parameters().items():
        field = transform.model_fields[name]
        assert field.default is not PydanticUndefined, f"{op}.{name} has no default"
        if draw(st.booleans()):
            chosen[name] = draw(values(parameter, field))
    return transform.model_validate(
        {"enabled": draw(st.sampled_from([True, True, True, False])), "probability": draw(probabilities), **chosen}
    )


@st.composite
def outputs(draw: st.DrawFn, longest: int = 96) -> Output:
    """Any valid output up to a size."""
    fit = draw(st.sampled_from(list(Fit)))
    if fit is Fit.KEEP:
        return Output()
    border = draw(st.sampled_from(["blank", "mirror", "edge", "tile"]))
    width, height = draw(st.integers(1, longest)), draw(st.integers(1, longest))
    return Output.model_validate(
        {"fit": fit, "width": width, "height": height, "border": border, "border_colour": draw(colours)}
    )


words = st.text(st.characters(codec="utf-8"), max_size=40)


@st.composite
def pipelines(draw: st.DrawFn, ops: tuple[str, ...] | None = None, most: int = 6) -> Pipeline:
    """Any valid pipeline of up to `most` steps."""
    return Pipeline(
        name=draw(words),
        description=draw(words),
        training_size=draw(st.one_of(st.sampled_from([32, 64, 224]), st.integers(8, 8192))),
        any_orientation=draw(st.booleans()),
        output=draw(outputs()),
        transforms=tuple(draw(st.lists(transforms(ops), max_size=most))),
    )
