"""Draws and ranges in words, the same in the window, on the contact sheet and on the command line."""

from __future__ import annotations

from augstudio.transforms.draw import Draw
from augstudio.transforms.parameter import Choices, Knob, Range
from augstudio.transforms.registry import registry


def describe(draw: Draw) -> str:
    """A draw in words: "Rotate 7.3°", "Quarter turn 180°", "Flip axis: horizontal"; empty if it was not applied."""
    if not draw.applied:
        return ""
    transform = registry()[draw.op]
    said = []
    for name, value in draw.values.items():
        declared = transform.parameters()[name]
        assert isinstance(declared, Knob | Choices), f"{draw.op}.{name} is not drawn"
        text = declared.show(value)
        said.append(f"{declared.label.lower()} {text}" if len(draw.values) > 1 else text)
    return f"{transform.label} {', '.join([*said, *transform.shown_positions(draw)])}".strip()


def values(draw: Draw) -> str:
    """The numbers of a draw alone: "7.3°", "0.83, ×0.94"; empty where it has none, or was not applied."""
    parameters = registry()[draw.op].parameters()
    declared = ((parameters[name], value) for name, value in draw.values.items()) if draw.applied else ()
    return ", ".join(one.show(value) for one, value in declared if isinstance(one, Knob | Choices))


def span(knob: Knob, value: Range) -> str:
    """A range for people: "±10°", "0 … 0.04", "1 … 4 px", or one value."""
    low, high = knob.show(value.low), knob.show(value.high)
    if low == high:
        return high
    if value.low == -value.high:
        return f"±{high}"
    space = " " if knob.unit == "px" else ""
    return f"{low.removesuffix(f'{space}{knob.unit}') if knob.unit in ('px', '°') else low} … {high}"
