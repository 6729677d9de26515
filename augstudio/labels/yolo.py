"""YOLO, boxes and polygons: a text file for each picture, and `data.yaml`."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from augstudio.engine.shapes import BoundingBox, KeyPoints, Piece, Polygon, Region, Shape, corners_of
from augstudio.label_rules import Fate
from augstudio.labels.adapter import Adapter, Ground, LabelSet, Read
from augstudio.labels.complaints import Complaints
from augstudio.labels.found import LabelFormat, RecognitionStopped, plain
from augstudio.labels.model import (
    Category,
    Copy,
    Facts,
    LabelFile,
    Labelled,
    LabelledObject,
    Labelling,
    Written,
)
from augstudio.labels.orientation import upright, upright_box
from augstudio.labels.outlines import joined, traced
from augstudio.labels.pairing import in_matching_place, missing, nearest, others_of_the_stem, pair
from augstudio.labels.places import split_key
from augstudio.labels.text import decoded
from augstudio.labels.yolo_look import Look, numbered
from augstudio.labels.yolo_names import find_names
from augstudio.labels.yolo_rows import Row, box_of, box_row, pieces_of, polygon_row, read_rows
from augstudio.labels.yolo_yaml import data_yaml
from augstudio.wording import count, shown

TASKS = ("detect", "segment")
"""Allowed values of the option ``"task"``."""
_SUFFIX = frozenset((".txt",))


@dataclass(frozen=True)
class _File:
    """A picture's label file.

    Attributes
    ----------
    data : bytes
        As it is.
    whole : bool
        Whether it may be written again as it is: each line is an object, or empty.
    """

    data: bytes
    whole: bool


class Yolo(Adapter):
    """YOLO's boxes and polygons; key points and oriented boxes are not read.

    Options
    -------
    task : "detect" or "segment"
        Whether rows are boxes or polygons; if not given, polygons where the files that are looked at have any.
    drawn_on : "auto", "upright" or "stored"
        YOLO tells no size, so "auto" is upright.
    """

    format = LabelFormat.YOLO

    def collect(self, ground: Ground) -> LabelSet | None:
        """Find text files of rows beside the pictures, in `labels/…` for `images/…`, or in `…/labels`."""

        def check() -> None:
            if ground.stop():
                raise RecognitionStopped

        paired = pair(ground.pictures, ground.others, _SUFFIX, ground.stop)
        names = find_names(ground.others, ground.read, check)
        look = Look(ground, check)
        files = look.chosen(paired.files, named=bool(names.file))
        if not files or names.pose or look.pose:
            return None
        records, problems = nearest(files, _distance, "YOLO")
        for first, others in others_of_the_stem(ground.pictures).items():
            if first in records:  # the trainer reads one file for all of them
                records.update(dict.fromkeys(others, records[first]))
        problems = [*names.problems, *problems, *missing(look.orphans(paired.alone))]
        task, told = _task(ground.options.get("task"), look)
        notes = [told]
        if names.file:
            notes.append(f"YOLO: {count(len(names.categories), 'class', 'classes')} from {plain(names.file)}.")
            categories = names.categories
        else:
            notes.append("YOLO: no names were found, so classes are called by their numbers.")
            categories = numbered(records.values(), ground.read, check)
        options: dict[str, str | int] = {
            "task": task,
            "drawn_on": ground.options.get("drawn_on", "auto"),
            "shapes": "polygons" if task == "segment" else "boxes",
        }
        labelling = Labelling(self.format, self.format, categories, options, {"names_file": names.file})
        return LabelSet(labelling, dict(sorted(records.items())), tuple(problems), tuple(notes))

    def written_as(self, labelling: Labelling) -> tuple[Labelling, tuple[str, ...]]:
        """From COCO and Pascal VOC: classes are numbered from 0, in the order of the source's categories."""
        if labelling.format not in (LabelFormat.COCO, LabelFormat.VOC):
            return super().written_as(labelling)
        task = labelling.options.get("task")
        if task not in TASKS:
            task = "segment" if labelling.options.get("shapes") == "polygons" else "detect"
        lost = ["Classes are numbered from 0, in their order."]
        if labelling.format is LabelFormat.COCO:
            lost.append("Crowd regions are left out: YOLO has none.")
            lost.append("Ids, attributes and all else that COCO says of pictures, objects and categories is left out.")
        else:
            lost.append("Difficult, truncated, pose and all else that Pascal VOC says of objects is left out.")
        if task == "segment":
            lost.append("Holes in objects are filled: YOLO has none.")
            lost.append("Several pieces of an object become one polygon, joined by seams of no width.")
            lost.append("Objects with a box alone become polygons of its four corners.")
        else:
            lost.append("Boxes alone are written; polygons and masks of objects are left out.")
        options = {**labelling.options, "task": task}
        return replace(labelling, written=self.format, options=options), tuple(lost)

    def files(self, record: str) -> tuple[str, ...]:
        """The label file."""
        return (record,)

    def parse(self, record: str, labelling: Labelling, read: Read, facts: Facts) -> Labelled:
        """Read a label file; an empty one says that there is nothing."""
        data = read(record)
        complaints = Complaints(record)
        text, sound = _text(data, complaints)
        classes = labelling.by_id
        turn = _Turn(facts, stored=labelling.options.get("drawn_on") == "stored")
        shapes: list[Shape] = []
        kept: list[Row] = []
        for row in read_rows(text, frozenset(classes), _allowed(labelling), complaints):
            shape = turn.shape(row, len(kept), complaints)
            if shape is not None:
                kept.append(row)
                shapes.append(shape)
        task = str(labelling.options.get("task"))
        _tell_mixed(kept, task, complaints)
        objects = tuple(_object(row, classes, task) for row in kept)
        lines = sum(1 for line in text.splitlines() if line.strip())
        whole = sound and lines == len(kept) and all(one.record is not None for one in objects)
        return Labelled(
            objects,
            tuple(shapes),
            record=_File(data, whole),
            problems=complaints.all(),
            notes=tuple(turn.notes(kept, task)),
            upright=not turn.turned,
        )

    def render(self, labelled: Labelled, labelling: Labelling, copy: Copy) -> Written:
        """Write a label file: the source's own where nothing moved and nothing is left out."""
        own = labelling.format is self.format and copy.unmoved and labelled.upright
        if own and isinstance(labelled.record, _File) and labelled.record.whole and all(f.kept for f in copy.fates):
            return Written((LabelFile("labels", _path(copy.path), labelled.record.data),))
        rows = dict(_rows(labelled, labelling, copy, own=own))
        data = "".join(f"{row}\n" for row in rows.values()).encode()
        left_out = tuple(fate.number for fate in copy.fates if fate.kept and fate.number not in rows)
        return Written((LabelFile("labels", _path(copy.path), data),), left_out=left_out)

    def paths(self, record: str, labelling: Labelling, path: str) -> tuple[str, ...]:  # noqa: ARG002
        """The one label file of a copy."""
        return (_path(path),)

    def gathered(
        self,
        labelling: Labelling,
        entries: Callable[[], Iterable[Mapping[str, Any]]],  # noqa: ARG002
        splits: tuple[str, ...],
    ) -> Iterator[tuple[str, Iterator[bytes]]]:
        """`data.yaml`, which names no place, so that it holds wherever the export is moved."""
        names = {number: name for (_, name), number in _numbers(labelling).items()}
        yield "data.yaml", iter((data_yaml(names, splits).encode(),))


# -- collecting -------------------------------------------------------------------------------------------------------


def _distance(file: str, picture: str) -> int:
    """0 where the trainer looks, which takes `labels` for the last `images` of the path."""
    if file == _path(picture):
        return 0
    if in_matching_place(file, picture):
        return 1
    return 2 if split_key(file)[0] == split_key(picture)[0] else 3


def _task(option: str | int | None, look: Look) -> tuple[str, str]:
    """The task, and a sentence about it."""
    if option is not None:
        if option not in TASKS:
            raise ValueError(f"task is {shown(option)}; allowed are {' and '.join(TASKS)}")
        return str(option), f"YOLO: {'polygons' if option == 'segment' else 'boxes'}, as was set."
    if look.contents["oriented boxes"] and not look.contents["polygons"]:
        return "segment", "YOLO: polygons, all of four corners; were they oriented boxes, they go on as polygons."
    if look.contents["polygons"] or look.contents["oriented boxes"]:
        return "segment", "YOLO: polygons, as the files that were looked at have some."
    return "detect", "YOLO: boxes, as the files that were looked at have no polygons."


# -- reading ----------------------------------------------------------------------------------------------------------


def _text(data: bytes, complaints: Complaints) -> tuple[str, bool]:
    """The text of a file, and whether the trainer reads it: it knows UTF-8 alone, without a mark before it."""
    try:
        text = data.decode()
        found = "a byte order mark at the beginning" if text.startswith("\ufeff") else ""
    except UnicodeDecodeError as error:
        text, found = "", f"byte {error.object[error.start]:#04x} at {error.start}"
    if not found:
        return text, True
    complaints.add("file not UTF-8", "", found, "UTF-8, which is written", left_out=False)
    return decoded(data), False


def _allowed(labelling: Labelling) -> str:
    numbers = [category.id for category in labelling.categories]
    if not numbers:
        return "none, as there are no classes"
    span = f"0 to {max(numbers)}" if max(numbers) else "0"
    if gaps := sorted(set(range(max(numbers))) - set(numbers)):
        span += f" without {', '.join(map(str, gaps[:_SHOWN_GAPS]))}{', …' if len(gaps) > _SHOWN_GAPS else ''}"
    file = labelling.header.get("names_file")
    return f"{span}, the names in {plain(str(file))}" if file else span


_SHOWN_GAPS = 5


class _Turn:
    """From shares of the picture that labels were drawn on to pixels of the upright one."""

    def __init__(self, facts: Facts, *, stored: bool) -> None:
        self._facts = facts
        self._size = facts.stored if stored else facts.size
        self.turned = stored and facts.orientation != 1

    def shape(self, row: Row, number: int, complaints: Complaints) -> Shape | None:
        """The shape of a row; None if it has none."""
        if row.is_box:
            box = box_of(row, number, self._size, complaints)
            return BoundingBox(number, *self._box(box.bounds)) if self.turned else box
        pieces = pieces_of(row, self._size, complaints)
        return Polygon(number, tuple(map(self._piece, pieces))) if pieces else None

    def notes(self, rows: Iterable[Row], task: str) -> Iterator[str]:
        """What was taken for granted."""
        if self._facts.orientation != 1:
            yield f"labels drawn on the {'stored' if self.turned else 'upright'} picture"
        if task == "detect" and not all(row.is_box for row in rows):
            yield "polygons are written as boxes"

    def _box(self, bounds: tuple[float, float, float, float]) -> tuple[float, float, float, float]:
        return upright_box(bounds, self._size, self._facts.orientation)

    def _piece(self, piece: Piece) -> Piece:
        if not self.turned:
            return piece
        return tuple(upright(ring, self._size, self._facts.orientation) for ring in piece)


def _tell_mixed(rows: list[Row], task: str, complaints: Complaints) -> None:
    boxes = [row for row in rows if row.is_box]
    others = len(rows) - len(boxes)
    if not boxes or (not others and task == "detect"):
        return
    allowed = "rows of one kind; " + (
        "boxes are written as polygons of four corners" if task == "segment" else "polygons are written as boxes"
    )
    kind = "boxes and polygons in one file" if others else "boxes in a set of polygons"
    found = count(len(boxes), "box", "boxes") + (f" and {count(others, 'polygon')}" if others else "")
    complaints.add(kind, f"line {boxes[0].line}", found, allowed, left_out=False)


def _object(row: Row, classes: Mapping[int, Category], task: str) -> LabelledObject:
    """An object; its record is its row, where that may be written as it is."""
    plain_row = row.plain and row.is_box == (task == "detect")
    return LabelledObject(classes[row.number], record=row.text if plain_row else None)


# -- writing ----------------------------------------------------------------------------------------------------------


def _path(picture: str) -> str:
    """Where the trainer looks for the labels of a picture."""
    head, found, tail = f"/{picture}".rpartition("/images/")
    path = f"{head}/labels/{tail}" if found else f"/{picture}"
    folder, stem, _ = split_key(path[1:])
    return f"{folder}/{stem}.txt" if folder else f"{stem}.txt"


def _rows(labelled: Labelled, labelling: Labelling, copy: Copy, *, own: bool) -> Iterator[tuple[int, str]]:
    """The rows, each with the number of its object."""
    segment = labelling.options.get("task") == "segment"
    numbers = _numbers(labelling)
    size = (copy.width, copy.height)
    for thing, fate in zip(labelled.objects, copy.fates, strict=True):
        number = numbers.get((thing.category.id, thing.category.name))
        if not fate.kept or thing.crowd or number is None:
            continue
        if own and isinstance(thing.record, str):
            yield fate.number, thing.record
        elif segment:
            if pieces := _pieces(fate):
                # Holes of a YOLO source came from seams, and go back to them.
                ring = joined(pieces, holes=labelling.format is LabelFormat.YOLO)
                yield fate.number, polygon_row(number, ring, size)
        elif bounds := _bounds(fate):
            yield fate.number, box_row(number, bounds, size)


def _numbers(labelling: Labelling) -> dict[tuple[int, str], int]:
    """YOLO's number for each category: the source's own, or by place."""
    if labelling.format is LabelFormat.YOLO:
        return {(category.id, category.name): category.id for category in labelling.categories}
    return {(category.id, category.name): place for place, category in enumerate(labelling.categories)}


def _pieces(fate: Fate) -> tuple[Piece, ...]:
    """The object's outline by what tells it best."""
    for shape in fate.shapes:
        if isinstance(shape, Polygon):
            return shape.pieces
    for shape in fate.shapes:
        if isinstance(shape, Region):
            return tuple((np.add(ring, (shape.left, shape.top)),) for ring in traced(shape.pixels))
    bounds = _bounds(fate)
    return ((corners_of(bounds),),) if bounds else ()


def _bounds(fate: Fate) -> tuple[float, float, float, float] | None:
    """The object's box: the one that is given, else about its outline."""
    shapes = [shape for shape in fate.shapes if not isinstance(shape, KeyPoints)]
    boxes = [shape for shape in shapes if isinstance(shape, BoundingBox)]
    return (boxes or shapes)[0].bounds if shapes else None
