"""Rows of a YOLO label file: what they say, what is wrong with them, and how they are written.

The trainer throws the whole picture away if one number of a file is beyond its limits, so each number is checked here,
and what is written is exact: corners are multiples of 2e-7 of a side between 0 and 1, so that centres and sizes have
seven decimals and lead back to these very corners.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
import shapely

from augstudio.engine.shapes import BoundingBox, Coordinates, Piece
from augstudio.labels.complaints import Complaints
from augstudio.labels.outlines import crosses_itself, parted
from augstudio.wording import shown

DECIMALS = 7
TOLERANCE = 0.01
"""How far beyond 0 and 1 the trainer lets numbers be."""
_NOISE = 1e-6  # of numbers that were written with six decimals
_NO_AREA = 1e-12  # of the picture
_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?", re.ASCII | re.IGNORECASE)
_NOT_FINITE = re.compile(r"[+-]?(nan|inf(inity)?)", re.IGNORECASE)
_PLACES = "the middle, width and height, as shares of the picture"


class Row(NamedTuple):
    """One object."""

    line: int
    """From 1."""
    text: str
    number: int
    """Of its class."""
    values: tuple[float, ...]
    """Four of a box; x and y of three points or more."""
    plain: bool
    """Whether it may be written again as it is."""

    @property
    def is_box(self) -> bool:
        """Whether it has a box, rather than a polygon."""
        return len(self.values) == 4


def read_rows(text: str, classes: frozenset[int], allowed: str, complaints: Complaints) -> Iterator[Row]:
    """Read the rows that are of use.

    Parameters
    ----------
    text : str
        Of the file.
    classes : frozenset of int
        Numbers of the classes.
    allowed : str
        The same in words.
    complaints : Complaints
        Is told of the others.
    """
    seen: set[tuple[int, tuple[float, ...]]] = set()
    for line, content in enumerate(text.splitlines(), 1):
        row = _row(line, content, classes, allowed, complaints) if content.strip() else None
        if row is None:
            continue
        if (row.number, row.values) in seen:
            found = f"class {row.number} once more, with the same numbers"
            complaints.add("duplicate row", f"line {line}", found, "each object once")
            continue
        seen.add((row.number, row.values))
        yield row


def _row(line: int, content: str, classes: frozenset[int], allowed: str, complaints: Complaints) -> Row | None:
    columns = content.split()
    place = f"line {line}"
    if len(columns) < 5 or (len(columns) > 6 and len(columns) % 2 == 0):
        found = f"{len(columns)} columns"
        complaints.add("wrong number of columns", place, found, "5 of a box, or 1 and two for each point of a polygon")
        return None
    numbers = _numbers(columns, place, complaints)
    if numbers is None:
        return None
    number, *values = numbers
    if not number.is_integer():
        complaints.add("class is no whole number", place, shown(columns[0]), allowed)
    elif number < 0 or int(number) not in classes:
        complaints.add("class beyond the names", place, f"class {shown(columns[0])}", allowed)
    else:
        plain = True
        if len(columns) == 6:
            plain = False
            values.pop()
            found = f"a sixth column, {shown(columns[5])}"
            complaints.add("sixth column", place, found, "5 columns, which are written", left_out=False)
        if _sound(values, place, complaints):
            plain = plain and all(0 <= value <= 1 for value in values)
            return Row(line, content, int(number), tuple(values), plain)
    return None


def _numbers(columns: list[str], place: str, complaints: Complaints) -> list[float] | None:
    for column in columns:
        if not _NUMBER.fullmatch(column):
            finite = _NOT_FINITE.fullmatch(column) is None
            kind = "not a number" if finite else "number not finite"
            complaints.add(kind, place, shown(column), "numbers between 0 and 1 behind a class number")
            return None
    return [float(column) for column in columns]


def _sound(values: list[float], place: str, complaints: Complaints) -> bool:
    """Check numbers of a box or polygon; the class is right."""
    worst = max(values, key=lambda value: max(-value, value - 1))
    is_box = len(values) == 4
    if is_box and min(values[2:]) <= 0:
        inside_out = min(values[2:]) < 0
        kind = "box inside out" if inside_out else "box of no size"
        complaints.add(kind, place, f"width {values[2]:g}, height {values[3]:g}", "more than 0")
        return False
    if not -TOLERANCE <= worst <= 1 + TOLERANCE:
        complaints.add("number outside the picture", place, f"{worst:g}", f"0 to 1: {_PLACES if is_box else 'points'}")
        return False
    if not -_NOISE <= worst <= 1 + _NOISE:
        allowed = "0 to 1; written cut at the picture's edge"
        complaints.add("number outside the picture", place, f"{worst:.7g}", allowed, left_out=False)
    return True


def box_of(row: Row, number: int, size: tuple[int, int], complaints: Complaints) -> BoundingBox:
    """The box of a row, in pixels of a picture of that size; it may reach beyond the picture, which is told."""
    x, y, width, height = row.values
    (whole_width, whole_height) = size
    box = BoundingBox(
        number,
        (x - width / 2) * whole_width,
        (y - height / 2) * whole_height,
        (x + width / 2) * whole_width,
        (y + height / 2) * whole_height,
    )
    beyond = max(-box.left, -box.top, box.right - whole_width, box.bottom - whole_height)
    if beyond > 1:  # less comes from rounding to pixels
        found = f"a box that reaches {beyond:.1f} px beyond"
        complaints.add("box outside the picture", f"line {row.line}", found, "inside the picture", left_out=False)
    return box


def pieces_of(row: Row, size: tuple[int, int], complaints: Complaints) -> tuple[Piece, ...]:
    """The pieces of a row's polygon, in pixels; none if it is no polygon, which is told."""
    ring: Coordinates = np.array(row.values, np.float64).reshape(-1, 2)
    place = f"line {row.line}"
    points = len(np.unique(ring, axis=0))
    if points < 3:
        found = f"a polygon of {points} {'point' if points == 1 else 'points'}"
        complaints.add("polygon of two points", place, found, "three points or more that differ")
        return ()
    pieces = tuple(piece for piece in parted(ring) if shapely.MultiPoint(piece[0]).convex_hull.area > _NO_AREA)
    if not pieces:
        complaints.add("polygon of no size", place, "points on a line", "points around an area")
        return ()
    if crosses_itself(pieces):
        found = f"a polygon of {len(ring)} points that crosses itself"
        complaints.add("polygon crosses itself", place, found, "an outline without crossings", left_out=False)
    scale = np.array(size, np.float64)
    return tuple(tuple(loop * scale for loop in piece) for piece in pieces)


def box_row(number: int, bounds: tuple[float, float, float, float], size: tuple[int, int]) -> str:
    """Write a box; what lies outside of the picture is cut off."""
    half = 10**DECIMALS // 2
    left, right = _ends(bounds[0], bounds[2], size[0], half)
    top, bottom = _ends(bounds[1], bounds[3], size[1], half)
    x, y, width, height = left + right, top + bottom, 2 * (right - left), 2 * (bottom - top)
    return f"{number} {_decimal(x)} {_decimal(y)} {_decimal(width)} {_decimal(height)}"


def polygon_row(number: int, ring: Coordinates, size: tuple[int, int]) -> str:
    """Write a polygon; points outside of the picture are moved to its edge."""
    whole = 10**DECIMALS
    steps = np.floor(ring / np.array(size, np.float64) * whole + 0.5)
    return " ".join((str(number), *map(_decimal, np.clip(steps, 0, whole).astype(np.int64).ravel().tolist())))


def _ends(begin: float, end: float, side: int, steps: int) -> tuple[int, int]:
    """Both ends as multiples of a step, in order, inside the picture, and never the same."""
    low, high = math.floor(begin / side * steps + 0.5), math.floor(end / side * steps + 0.5)
    low, high = min(max(low, 0), steps), min(max(high, 0), steps)
    if low >= high:
        low = min(low, steps - 1)
        high = low + 1
    return low, high


def _decimal(number: int) -> str:
    digits = str(number).zfill(DECIMALS + 1)
    return f"{digits[:-DECIMALS]}.{digits[-DECIMALS:]}"
