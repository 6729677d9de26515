"""COCO's key points: x, y and whether they are there, by turns; left and right change places in mirror images."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from augstudio.engine import KeyPoints, Shape
from augstudio.engine.shapes import Coordinates
from augstudio.labels.model import Copy, Labelled

_HALF = 0.5
"""Key points of COCO name pixels; a pixel's middle lies half a pixel further."""
_SIDES = {"left": "right", "right": "left", "l": "r", "r": "l"}
_SIDE = re.compile(
    r"(?<![A-Za-z])(?:left|right|Left|Right|LEFT|RIGHT|[lrLR])(?![a-z])|(?<=[a-z])(?:Left|Right|[LR])(?![a-z])"
)
"""A word of its own in a name: left_eye, eye-R, LeftEye, kneeLeft."""
_FLAT = 1e-3  # of the breadth that points spread over: below, they lie in a line


def points_in(values: NDArray[np.float64]) -> Coordinates | None:
    """The points that are there, `(N, 2)`; None if there are none."""
    triples = values.reshape(-1, 3)
    there = triples[triples[:, 2] > 0, :2] + _HALF
    return there if len(there) else None


def mirrored(labelled: Labelled, copy: Copy) -> bool | None:
    """Tell from where the points went whether a copy is a mirror image; None where they do not tell."""
    before = {shape.number: shape.points for shape in labelled.shapes if isinstance(shape, KeyPoints)}
    pairs = [
        np.hstack((before[shape.number], shape.points))
        for fate in copy.fates
        for shape in fate.shapes
        if isinstance(shape, KeyPoints) and len(before.get(shape.number, ())) == len(shape.points)
    ]
    if not pairs:
        return None
    both = np.concatenate(pairs)
    both = both[np.isfinite(both).all(axis=1)]
    if len(both) < 3:
        return None
    both = both - both.mean(axis=0)
    spread = np.linalg.svd(both[:, :2], compute_uv=False)
    if spread[1] <= _FLAT * spread[0]:
        return None
    turned, *_ = np.linalg.lstsq(both[:, :2], both[:, 2:], rcond=None)
    return bool(np.linalg.det(turned) < 0)


def moved(
    record: Mapping[str, Any], seen: Shape | None, names: object, *, mirror: bool | None, size: tuple[int, int]
) -> dict[str, Any]:
    """A record's key points and their number in a copy.

    Parameters
    ----------
    record : mapping
        The source's.
    seen : Shape or None
        As `KeyPoints` those that were there, in the copy's pixels, NaN where they are not seen; None if none is.
    names : object
        The category's names of points, where it has such.
    mirror : bool or None
        Whether the copy is a mirror image; None if nobody knows. Without names, left and right cannot be told, and
        all points are left out unless it is none.
    size : (int, int)
        Width and height of the copy.
    """
    triples = [list(record["keypoints"][at : at + 3]) for at in range(0, len(record["keypoints"]), 3)]
    there = [number for number, triple in enumerate(triples) if triple[2] > 0]
    result: list[list[Any]] = [[0, 0, 0] for _ in triples]
    sides = _other_sides(names, len(triples))
    if isinstance(seen, KeyPoints) and len(seen.points) == len(there) and (mirror is False or sides is not None):
        for number, (x, y) in zip(there, seen.points.tolist(), strict=True):
            if sides is not None and mirror is None and sides[number] != number:
                continue
            if not (0 <= x <= size[0] and 0 <= y <= size[1]):  # never true of NaN
                continue
            to = sides[number] if sides is not None and mirror else number
            result[to] = [round(x - _HALF, 3) + 0.0, round(y - _HALF, 3) + 0.0, triples[number][2]]
    changed: dict[str, Any] = {"keypoints": [value for triple in result for value in triple]}
    if "num_keypoints" in record:
        changed["num_keypoints"] = sum(triple[2] > 0 for triple in result)
    return changed


def _other_sides(names: object, number: int) -> list[int] | None:
    """For each point its counterpart on the other side, itself where it has none; None without names."""
    if not isinstance(names, list) or len(names) != number or not all(isinstance(name, str) for name in names):
        return None
    places = {name: at for at, name in reversed(list(enumerate(names)))}
    return [places.get(_SIDE.sub(_swapped, name), at) for at, name in enumerate(names)]


def _swapped(found: re.Match[str]) -> str:
    word = found[0]
    other = _SIDES[word.lower()]
    if word.isupper():
        return other.upper()
    return other.capitalize() if word[0].isupper() else other


def names_of(categories: Iterable[Mapping[str, Any]]) -> dict[int, object]:
    """The names of key points for each category's id."""
    return {record["id"]: record["keypoints"] for record in categories if "keypoints" in record}
