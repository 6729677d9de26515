"""A step's values in one line, for its folded card. No Qt here."""

from __future__ import annotations

from augstudio.gui.parts.quantity import PROBABILITY
from augstudio.transforms import Choices, Knob, Option, Range, Transform


def summary(step: Transform) -> str:
    """Ranges, choices and probability, such as "±10°", "0 … 0.04 · 50 %" or "vertical · border: tile"."""
    parts, usual = [], type(step).default()
    for name, declared in step.parameters().items():
        value = getattr(step, name)
        match declared:
            case Knob():
                parts.append(span(declared, value))
            case Choices() if value != tuple(declared.options) or not step.knobs():
                parts.append(", ".join(declared.options[option] for option in value))
            case Option() if value != getattr(usual, name) or not step.drawn():
                label = declared.labels[str(value)].split(" (")[0].lower()
                parts.append(f"{declared.label.lower()}: {label}" if step.drawn() else label)
    if step.probability != 1 or not parts:
        parts.append(PROBABILITY.show(step.probability))
    return " · ".join(parts)


def span(knob: Knob, value: Range) -> str:
    """A range for people: "±10°", "0 … 0.04", "1 … 4 px", or one value."""
    low, high = knob.show(value.low), knob.show(value.high)
    if low == high:
        return high
    if value.low == -value.high:
        return f"±{high}"
    space = " " if knob.unit == "px" else ""
    return f"{low.removesuffix(f'{space}{knob.unit}') if knob.unit in ('px', '°') else low} … {high}"
