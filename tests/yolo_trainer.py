"""What the trainer of YOLO does with a label file and with `data.yaml`, by its published rules: written anew for tests.

A picture whose file breaks one of the rules is left out of the training, with a line among thousands that says so.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

import numpy as np
import yaml
from numpy.typing import NDArray


class ThrownAwayError(AssertionError):
    """The trainer leaves the picture out."""


@dataclass
class Taken:
    """What the trainer has of a picture."""

    classes: list[int] = field(default_factory=list)
    boxes: NDArray[np.float32] = field(default_factory=lambda: np.zeros((0, 4), np.float32))
    """Middle, width and height."""
    segments: list[NDArray[np.float32]] = field(default_factory=list)
    duplicates: int = 0


def take(data: bytes, classes: int, *, segment: bool) -> Taken:
    """Read a label file as the trainer does.

    Raises
    ------
    ThrownAwayError
        It would leave the picture out, or read something that is not meant.
    """
    try:
        rows = [line.split() for line in data.decode("utf-8").strip().splitlines() if line]
        numbers = [np.array(row, np.float32) for row in rows]
    except ValueError as error:
        raise ThrownAwayError(str(error)) from error
    if not rows:
        return Taken()
    polygons = any(len(row) > 6 for row in rows)
    if polygons != segment:
        raise ThrownAwayError("polygons among boxes of a set, or boxes among polygons: the set loses its polygons")
    segments = []
    for row in numbers:
        if polygons:
            if len(row) < 7 or len(row) % 2 == 0:
                raise ThrownAwayError(f"a row of {len(row)} columns in a file of polygons")
            segments.append(row[1:].reshape(-1, 2))
        elif len(row) != 5:
            raise ThrownAwayError(f"labels require 5 columns, there are {len(row)}")
    boxes = np.array([_about(ring) for ring in segments] if polygons else [row[1:] for row in numbers], np.float32)
    which = np.array([row[0] for row in numbers])
    table = np.column_stack((which, boxes))
    if not np.isfinite(table).all():
        raise ThrownAwayError("not finite")
    if boxes.max() > 1.01 or table.min() < -0.01:
        raise ThrownAwayError("out of bounds")
    if which.max() >= classes or (which % 1).any():
        raise ThrownAwayError("class exceeds the count")
    _, first = np.unique(table, axis=0, return_index=True)
    keep = first if len(first) < len(table) else np.arange(len(table))
    kept = [segments[i] for i in keep] if polygons else []
    return Taken([int(which[i]) for i in keep], boxes[keep], kept, len(table) - len(keep))


def _about(ring: NDArray[np.float32]) -> list[float]:
    low, high = ring.min(axis=0), ring.max(axis=0)
    return [*((low + high) / 2), *(high - low)]


def hold_strictly(data: bytes, *, segment: bool) -> None:
    """What is written anew holds more than the trainer asks: exact decimals, no number and no corner beyond 0 and 1."""
    for line in data.decode("ascii").splitlines():
        number, *columns = line.split(" ")
        assert number.isdecimal()
        assert all(len(column.partition(".")[2]) >= 6 for column in columns), line
        values = [Decimal(column) for column in columns]
        assert all(0 <= value <= 1 for value in values), line
        if segment:
            assert len(values) >= 6
            assert len(values) % 2 == 0
            continue
        x, y, width, height = values
        for middle, side in ((x, width), (y, height)):
            assert side > 0, line
            assert middle - side / 2 >= 0, line
            assert middle + side / 2 <= 1, line
        for kind in (float, np.float32):
            x, y, width, height = (kind(column) for column in columns)  # type: ignore[assignment]
            assert min(x - width / 2, y - height / 2) >= 0, line
            assert max(x + width / 2, y + height / 2) <= 1, line


def data_yaml(data: bytes) -> dict[str, Any]:
    """Read `data.yaml` as the trainer does, and hold it to its rules.

    Raises
    ------
    ThrownAwayError
        It would not begin.
    """
    content = yaml.safe_load(data.decode("utf-8"))
    for key in ("train", "val"):
        if key not in content:
            raise ThrownAwayError(f"{key}: missing")
    if "names" not in content and "nc" not in content:
        raise ThrownAwayError("names or nc: missing")
    names = content["names"]
    if len(names) != content.get("nc", len(names)):
        raise ThrownAwayError("names and nc must match")
    if isinstance(names, list):
        content["names"] = names = dict(enumerate(names))
    if not all(isinstance(number, int) and isinstance(name, str) for number, name in names.items()):
        raise ThrownAwayError("names are no texts by number")
    if names and (max(names) >= len(names) or min(names) < 0):
        raise ThrownAwayError("class indices beyond the count")
    return dict(content)
