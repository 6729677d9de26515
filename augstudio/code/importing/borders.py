"""Borders in OpenCV's numbers, as libraries save them."""

from __future__ import annotations

from augstudio.code.importing.values import Values
from augstudio.engine import BorderMode

BORDERS = {0: BorderMode.BLANK, 1: BorderMode.EDGE, 2: BorderMode.MIRROR, 3: BorderMode.TILE, 4: BorderMode.MIRROR}
"""Of OpenCV: constant, replicate, reflect, wrap, reflect 101."""
_REFLECT_101 = 4


def border_of(values: Values, name: str = "border_mode") -> tuple[dict[str, object], str]:
    """Parameters of a border, and in what it is only close."""
    mode = values.whole(name, 0, 0, 16)
    if mode not in BORDERS:
        raise values.wrong(name, "allowed is 0 to 4, the borders of OpenCV")
    found: dict[str, object] = {"border": BORDERS[mode]}
    if BORDERS[mode] is BorderMode.BLANK:
        found["border_colour"] = colour_of(values, "fill" if "fill" in values else "value")
    return found, "a mirror that shows the outermost pixels twice" if mode == _REFLECT_101 else ""


def colour_of(values: Values, name: str) -> tuple[int, int, int]:
    """A colour of 8 bits, of one number or three."""
    if name not in values:
        return (0, 0, 0)
    given = values.given[name]
    levels = given if isinstance(given, list) else [given] * 3
    whole = [level for level in levels if isinstance(level, int | float) and not isinstance(level, bool)]
    if len(levels) != 3 or len(whole) != 3 or not all(0 <= level <= 255 for level in whole):
        raise values.wrong(name, "allowed is a level from 0 to 255, or three")
    red, green, blue = (round(level) for level in whole)
    return red, green, blue
