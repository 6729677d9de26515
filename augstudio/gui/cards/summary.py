"""A step's values in one line, for its folded card. No Qt here."""

from __future__ import annotations

from augstudio.gui.parts.quantity import PROBABILITY
from augstudio.transforms import Choices, Knob, Option, Transform
from augstudio.transforms.describing import span


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
