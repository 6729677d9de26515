"""Tables that name pictures: CSV and TSV with or without a header, and JSON lines."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Callable, Iterator
from itertools import chain, islice

from augstudio.images import SUFFIXES
from augstudio.labels.found import LabelFormat
from augstudio.labels.json_files import Gathered, captions_in, name_in
from augstudio.labels.names import words
from augstudio.labels.places import split_key
from augstudio.labels.text import decoded

_SAMPLED = 100  # rows by which the column of names is found
_MOST_COLUMNS = 64
_MOST_ROWS = 1_000_000  # of longer tables, only so many are looked at
_CHECK_EVERY = 4096
_NO_LETTER = re.compile(r"[^a-z0-9]")
_NAMES = words("filename file filepath path image imagename imageid imagepath img imgname imgid imgpath id")
_BOXES = tuple(
    words(columns)
    for columns in (
        "xmin ymin xmax ymax",
        "x1 y1 x2 y2",
        "x0 y0 x1 y1",
        "x y w h",
        "x y width height",
        "left top width height",
        "left top right bottom",
        "bbox",
        "bboxx bboxy bboxwidth bboxheight",
    )
)
_CAPTIONS = words("caption captions text comment description prompt")
Named = Callable[[str], str | None]
"""Gives the key of the picture of a name, if there is one."""


def read_table(data: bytes, key: str, *, cut: bool, named: Named, check: Callable[[], None]) -> Gathered | None:
    """Gather the pictures that a table names; None if it has no column of them.

    Parameters
    ----------
    data : bytes
        The table, or its beginning.
    key : str
        Its key, for what its name says.
    cut : bool
        Whether there is more; objects are then not counted.
    named : callable
        Gives the key of the picture of a name, or of a stem.
    check : callable
        Called now and then; what it raises ends the reading.
    """
    text = _whole_lines(decoded(data), cut=cut)
    rows = _rows(text, "\t" if key.lower().endswith(".tsv") else _delimiter(text))
    sample = list(islice(rows, _SAMPLED))
    if not sample:
        return None
    header = [_NO_LETTER.sub("", cell.lower()) for cell in sample[0]]
    column = _column(header, sample, named)
    if column is None:
        return None
    table = Gathered(_format(header, key), objects=0)
    has_header = not (column < len(sample[0]) and named(sample[0][column].strip()))
    table.content = _content(header, sample, has_header=has_header, column=column)
    if table.format is LabelFormat.VIA:
        table.content = set()
    for number, row in enumerate(chain(sample[has_header:], islice(rows, _MOST_ROWS))):
        if number % _CHECK_EVERY == 0:
            check()
        if column < len(row):
            table.names.add(row[column].strip())
            table.count()
    if cut or next(rows, None) or "boxes" not in table.content:
        table.objects = None
    return table


def read_lines(data: bytes, key: str, *, cut: bool, check: Callable[[], None]) -> Gathered | None:
    """Gather the pictures that JSON lines name; None if they name none."""
    lines = io.StringIO(_whole_lines(decoded(data), cut=cut))
    metadata = split_key(key)[1].lower() == "metadata"
    gathered = Gathered(LabelFormat.HUGGING_FACE if metadata else LabelFormat.OTHER, objects=None)
    for number, line in enumerate(islice(lines, _MOST_ROWS)):
        if number % _CHECK_EVERY == 0:
            check()
            if number and not gathered.names:
                return None
        try:
            record = json.loads(line) if line.strip() else None
        except (ValueError, RecursionError):
            if not gathered.names:
                return None
            continue
        if isinstance(record, dict) and (name := name_in(record)):
            gathered.names.add(name)
            gathered.content |= captions_in(record)
            if "objects" in record:
                gathered.content.add("boxes")
    return gathered if gathered.names else None


def _format(header: list[str], key: str) -> LabelFormat:
    if "regionshapeattributes" in header:
        return LabelFormat.VIA
    metadata = split_key(key)[1].lower() == "metadata" and "filename" in header
    return LabelFormat.HUGGING_FACE if metadata else LabelFormat.CSV


def _whole_lines(text: str, *, cut: bool) -> str:
    return text[: text.rfind("\n") + 1] if cut else text


def _delimiter(text: str) -> str:
    first = text[:10_000].lstrip().partition("\n")[0]
    return max(",;\t", key=first.count)


def _rows(text: str, delimiter: str) -> Iterator[list[str]]:
    """Rows of more than one cell; those that are none are passed over."""
    reader = csv.reader(io.StringIO(text.replace("\0", ""), newline=""), delimiter=delimiter)
    while True:
        try:
            row = next(reader)
        except StopIteration:
            return
        except csv.Error:  # a cell of more than 128 KiB
            continue
        if len(row) > 1:
            yield row[:_MOST_COLUMNS]


def _column(header: list[str], sample: list[list[str]], named: Named) -> int | None:
    """The column that names pictures in most rows; stems count only below a header that says so."""
    best, most = None, 0.0
    for column in range(len(header)):
        cells = [row[column].strip() for row in sample if column < len(row)]
        may_be_stem = header[column] in _NAMES
        hits = sum(1 for cell in cells if (may_be_stem or _has_suffix(cell)) and named(cell))
        if hits > most:
            best, most = column, hits
    return best if most * 2 >= max(1, len(sample) - 1) else None


def _has_suffix(cell: str) -> bool:
    return f".{cell.rpartition('.')[2].lower()}" in SUFFIXES


def _content(header: list[str], sample: list[list[str]], *, has_header: bool, column: int) -> set[str]:
    if has_header:
        columns = set(header)
        if any(boxes <= columns for boxes in _BOXES):
            return {"boxes"}
        return {"captions"} if columns & _CAPTIONS else set()
    cells = [cell for row in sample for cell in row[column + 1 : column + 5]]
    numbers = sum(cell.strip().lstrip("-").replace(".", "", 1).isdigit() for cell in cells)
    return {"boxes"} if cells and len(cells) >= 4 * len(sample) and numbers >= 0.9 * len(cells) else set()
