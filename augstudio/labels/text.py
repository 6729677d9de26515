"""Text files beside pictures: rows of YOLO, KITTI or DOTA, captions, or lists that speak of no one picture."""

from __future__ import annotations

import codecs
import json
import math
import re
from collections.abc import Callable, Iterable
from typing import NamedTuple

import numpy as np

from augstudio.images import SUFFIXES
from augstudio.labels.found import LabelFormat

_MOST_ROWS = 500
_FIT = 0.8  # share of rows that must fit: a few bad ones are for whoever reads them to report
_FIT_OF_YOLO = 0.3  # nothing else has a class and four shares in a row, and a set full of bad ones must be told
_CLASS = re.compile(r"\d{1,6}(\.0+)?")
_WORD = re.compile(r"[^\W\d_]{2,}|[^\W\d_\x00-\u2e7f]")  # one sign is a word in some scripts


class Told(NamedTuple):
    """What one file is."""

    format: LabelFormat | None
    """None: it may be of any, since it holds no object."""
    content: frozenset[str] = frozenset()


def decoded(data: bytes) -> str:
    """Text in whatever encoding: by its byte order mark or its zeros, else UTF-8, else Latin-1. It may be cut short."""
    if data.startswith(codecs.BOM_UTF8):
        data = data[3:]
    elif (encoding := json.detect_encoding(data[:4])) not in ("utf-8", "utf-8-sig"):
        return data.decode(encoding, "replace").removeprefix("\ufeff")
    try:
        return codecs.getincrementaldecoder("utf-8")().decode(data)
    except UnicodeDecodeError:
        return data.decode("latin-1")


def tell_text(data: bytes, *, cut: bool) -> Told | None:
    """Tell what a text file that belongs to one picture is; None if nothing that is known.

    Parameters
    ----------
    data : bytes
        The file, or its beginning.
    cut : bool
        Whether there is more; the last line is then not looked at.
    """
    lines = decoded(data).splitlines()
    if cut:
        lines = lines[:-1]
    rows = [line.split() for line in lines[:_MOST_ROWS] if line.strip()]
    if not rows:
        return None if cut else Told(None)
    if _fit(rows, _is_yolo, _FIT_OF_YOLO):
        return Told(LabelFormat.YOLO, _yolo_content([row for row in rows if _is_yolo(row)]))
    if _fit(rows, _is_kitti):
        return Told(LabelFormat.KITTI, frozenset(["boxes"]))
    dota = [row for row in rows if not row[0].lower().startswith(("imagesource", "gsd"))]
    if dota and _fit(dota, _is_dota):
        return Told(LabelFormat.DOTA, frozenset(["oriented boxes"]))
    return Told(LabelFormat.CAPTIONS) if _is_prose(lines) else None


def in_words(contents: Iterable[frozenset[str]]) -> str:
    """What the files of one format hold, together: "boxes", "boxes and polygons"."""
    found = frozenset[str]().union(*contents)
    if "polygons" in found:
        found -= {"oriented boxes"}  # polygons of four corners among others
    if "boxes" in found and "oriented boxes" in found:
        found = (found - {"oriented boxes"}) | {"polygons"}
    return " and ".join(kind for kind in _ORDER if kind in found)


_ORDER = (
    "boxes",
    "oriented boxes",
    "polygons",
    "run-length masks",
    "panoptic segments",
    "key points",
    "points",
    "captions",
)


def _fit(rows: list[list[str]], is_one: Callable[[list[str]], bool], share: float = _FIT) -> bool:
    return sum(map(is_one, rows)) >= share * len(rows)


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return math.nan


def _is_yolo(row: list[str]) -> bool:
    """A class number and shares of width and height; some tools let boxes reach a little beyond the picture."""
    return (
        len(row) >= 5
        and _CLASS.fullmatch(row[0]) is not None
        and all(-0.5 <= _number(text) <= 1.5 for text in row[1:5])
        and all(-0.5 <= _number(text) <= 2 for text in row[5:])  # 2: how visible a key point is
    )


def _yolo_content(rows: list[list[str]]) -> frozenset[str]:
    lengths = {len(row) for row in rows}
    found = set()
    if lengths & {5, 6}:  # the sixth is a confidence, or a track
        found.add("boxes")
    longer = [[_number(text) for text in row[1:]] for row in rows if len(row) > 6]
    if longer:
        columns = {len(row) for row in longer}
        if len(columns) == 1 and not lengths & {5, 6} and all(map(_is_pose, longer)) and not _are_rings(longer):
            found.add("key points")
        else:
            found.add("oriented boxes" if columns == {8} else "polygons")
    return frozenset(found)


def _is_pose(row: list[float]) -> bool:
    """Whether a row is a box with points in it, rather than corners of a polygon."""
    x, y, width, height = row[:4]
    if max(abs(2 * x - 1) + width, abs(2 * y - 1) + height) > _WITHIN:  # no box that lies in the picture
        return False
    points = row[4:]
    for dimensions in (3, 2):
        if len(points) % dimensions:
            continue
        seen = points[2::3] if dimensions == 3 else []
        if any(value not in (0, 1, 2) for value in seen):
            continue
        if all(
            (px, py) == (0, 0) or (abs(px - x) <= width / 2 + 0.02 and abs(py - y) <= height / 2 + 0.02)
            for px, py in zip(points[::dimensions], points[1::dimensions], strict=True)
        ):
            return True
    return False


def _are_rings(rows: list[list[float]]) -> bool:
    """Whether rows are outlines that do not cross themselves, as those of polygons; few points tell nothing."""
    if len(rows[0]) % 2 or len(rows[0]) < 2 * _TELLING:
        return False
    from augstudio.labels.outlines import crosses_itself  # and with it shapely, for which few sets are in doubt

    rings = [np.array(row, np.float64).reshape(-1, 2) for row in rows[:_MOST_ROWS]]
    return sum(not crosses_itself([(ring,)]) for ring in rings) >= _FIT * len(rings)


_WITHIN = 1.04
"""A box reaches over the picture by 0.02 at most."""
_TELLING = 7
"""Points whose outline would cross itself, were they but a box and some key points."""


def _is_kitti(row: list[str]) -> bool:
    return len(row) in (15, 16) and row[0][0].isalpha() and not any(math.isnan(_number(text)) for text in row[1:])


def _is_dota(row: list[str]) -> bool:
    return (
        len(row) in (9, 10)
        and row[8][0].isalpha()
        and not any(math.isnan(_number(text)) for text in (*row[:8], *row[9:]))
    )


def _is_prose(lines: list[str]) -> bool:
    text = "\n".join(lines)
    odd = sum(not (letter.isprintable() or letter in "\n\t\f\v") or letter == "\ufffd" for letter in text)
    return odd * 50 <= len(text) and _WORD.search(text) is not None and not _is_list(lines)


def _is_list(lines: list[str]) -> bool:
    """Paths of pictures, one a line."""
    filled = [line.strip() for line in lines if line.strip()]
    paths = sum(f".{line.rpartition('.')[2].lower()}" in SUFFIXES for line in filled)
    return paths * 2 > len(filled)
