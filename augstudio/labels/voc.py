"""Pascal VOC: an XML file for each picture, and lists of the pictures of each split."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from html import unescape
from typing import Any

from augstudio.labels.adapter import Adapter, Ground, LabelSet, Read
from augstudio.labels.found import LabelFormat, RecognitionStopped
from augstudio.labels.model import Category, Copy, Facts, LabelFile, Labelled, Labelling, Written
from augstudio.labels.pairing import in_matching_place, missing, nearest, others_of_the_stem, pair
from augstudio.labels.places import split_key
from augstudio.labels.voc_reading import VocFile, read_voc
from augstudio.labels.voc_writing import composed, patched
from augstudio.labels.xml_files import tell_xml
from augstudio.labels.xml_spans import UnreadableError, text_of
from augstudio.wording import count, shown

_SUFFIXES = frozenset((".xml", ""))  # Stanford's dogs have none
_TAG = re.compile(r"<(/?)(object|part|attributes|actions|name)\b[^<>]*>")
_ZERO = re.compile(r"<[xy]min\b[^<>]*>\s*[+-]?0+(?:\.0*)?\s*<")
_POLYGON = re.compile(r"<polygon\b")
_FILENAME = re.compile(r"<filename\b[^<>]*>([^<]*)<")
_CDATA = "<![CDATA["


class Voc(Adapter):
    """Pascal VOC, with polygons as some tools write them into it.

    Options
    -------
    voc_base : 0 or 1
        Where pixels are counted from; if not given, 0 where a box of the set begins at 0, else 1.
    drawn_on : "auto", "upright" or "stored"
        "auto" is told by the size that each file states.
    """

    format = LabelFormat.VOC

    def collect(self, ground: Ground) -> LabelSet | None:
        """Find XML files in `Annotations`, or beside the pictures; all are searched for their names and zeros."""
        base = ground.options.get("voc_base")
        if base is not None and base not in (0, 1):
            raise ValueError(f"voc_base is {shown(base)}; allowed are 0 and 1")
        paired = pair(ground.pictures, ground.others, _SUFFIXES, ground.stop)
        scan = _Scan(ground)
        files = scan.chosen(paired.files)
        if not files:
            return None
        records, problems = nearest(files, _distance, "Pascal VOC")
        problems += missing(scan.orphans(paired.alone))
        names = sorted(scan.names)
        notes = [f"Pascal VOC: {count(len(names), 'class', 'classes')}.", _base_in_words(base, scan.zeros)]
        options: dict[str, str | int] = {
            "voc_base": int(base if base is not None else not scan.zeros),
            "drawn_on": ground.options.get("drawn_on", "auto"),
            "shapes": "polygons" if scan.polygons else "boxes",
        }
        categories = tuple(Category(number, name) for number, name in enumerate(names))
        labelling = Labelling(self.format, self.format, categories, options)
        return LabelSet(labelling, records, tuple(problems), tuple(notes))

    def written_as(self, labelling: Labelling) -> tuple[Labelling, tuple[str, ...]]:
        """From COCO and YOLO."""
        if labelling.format not in (LabelFormat.COCO, LabelFormat.YOLO):
            return super().written_as(labelling)
        lost = [
            "Boxes are rounded to whole pixels.",
            "Polygons are written beside the boxes as <polygon>, which only some readers know; holes in them are "
            "joined to the outline by seams of no width.",
        ]
        if labelling.format is LabelFormat.COCO:
            lost.append("Crowd regions are left out: Pascal VOC has none.")
            lost.append("Masks of objects become polygons, without their holes.")
            lost.append("Ids, attributes and all else that COCO says of pictures, objects and categories is left out.")
        else:
            lost.append("Numbers of classes are left out: Pascal VOC has names alone.")
        options = {**labelling.options, "voc_base": labelling.options.get("voc_base", 1)}
        return replace(labelling, written=self.format, options=options), tuple(lost)

    def files(self, record: str) -> tuple[str, ...]:
        """The XML file."""
        return (record,)

    def parse(self, record: str, labelling: Labelling, read: Read, facts: Facts) -> Labelled:
        """Read an XML file."""
        return read_voc(record, read(record), labelling, facts)

    def render(self, labelled: Labelled, labelling: Labelling, copy: Copy) -> Written:
        """Write an XML file: the source's own with what is different, or a new one."""
        base = int(labelling.options.get("voc_base", 1))
        if labelling.format is self.format and isinstance(labelled.record, VocFile):
            return Written((LabelFile("labels", _path(copy.path), patched(labelled, labelled.record, copy, base)),))
        data, left_out = composed(labelled, copy, base)
        return Written((LabelFile("labels", _path(copy.path), data),), left_out=left_out)

    def paths(self, record: str, labelling: Labelling, path: str) -> tuple[str, ...]:  # noqa: ARG002
        """The one label file of a copy."""
        return (_path(path),)

    def gathered(
        self,
        labelling: Labelling,  # noqa: ARG002
        entries: Callable[[], Iterable[Mapping[str, Any]]],
        splits: tuple[str, ...],
    ) -> Iterator[tuple[str, Iterator[bytes]]]:
        """A list of pictures for each split, without their suffixes; without splits, `trainval` has them all."""
        for split in splits or ("",):
            yield f"ImageSets/Main/{split or 'trainval'}.txt", _listed(entries(), split)


def _listed(entries: Iterable[Mapping[str, Any]], split: str) -> Iterator[bytes]:
    for entry in entries:
        if (entry.get("split") or "") == split:
            yield f"{_place(str(entry['path']))}\n".encode()


def _path(picture: str) -> str:
    return f"Annotations/{_place(picture)}.xml"


def _place(picture: str) -> str:
    """The path of a picture below `images`, without its suffix."""
    folder, stem, _ = split_key(picture.partition("/")[2])
    return f"{folder}/{stem}" if folder else stem


def _distance(file: str, picture: str) -> int:
    """How far a file lies from where Pascal VOC has it."""
    if in_matching_place(file, picture):
        return 0
    return 1 if split_key(file)[0] == split_key(picture)[0] else 2


def _base_in_words(base: str | int | None, zeros: int) -> str:
    if base is not None:
        return f"Pascal VOC: pixels counted from {base}, as was set."
    if zeros:
        return f"Pascal VOC: pixels counted from 0, as {count(zeros, 'edge lies', 'edges lie')} at 0."
    return "Pascal VOC: pixels counted from 1, as no box begins at 0."


@dataclass
class _Scan:
    """A search through all files, by their text alone: what is in all of them must be known before one is written."""

    ground: Ground
    names: set[str] = field(default_factory=set)
    zeros: int = 0
    polygons: bool = False

    def __post_init__(self) -> None:
        self._twins = others_of_the_stem(self.ground.pictures)
        self._taken: set[str] = set()

    def chosen(self, files: Mapping[str, str]) -> dict[str, str]:
        """Those that are Pascal VOC, with their pictures; broken ones too, where others of the folder are."""
        chosen: dict[str, str] = {}
        broken = []
        for file, picture in files.items():
            kind, text = self._look(file)
            if kind is LabelFormat.VOC:
                chosen[file] = self._named(text, picture)
                self._taken.add(split_key(file)[0])
                self._search(text)
            elif kind is None and split_key(file)[2]:
                broken.append(file)
        chosen.update((file, files[file]) for file in broken if split_key(file)[0] in self._taken)
        return {file: chosen[file] for file in files if file in chosen}

    def orphans(self, files: Iterable[str]) -> list[str]:
        """Files without a picture that are labels."""
        return [file for file in files if split_key(file)[0] in self._taken and self._look(file)[0] is LabelFormat.VOC]

    def _look(self, file: str) -> tuple[LabelFormat | None, str]:
        if self.ground.stop():
            raise RecognitionStopped
        try:
            data = self.ground.read(file)
        except OSError:
            return None, ""
        told = tell_xml(data)
        try:
            return told.format if told else None, text_of(data)[0]
        except UnreadableError:
            return told.format if told else None, ""

    def _named(self, text: str, picture: str) -> str:
        """Of pictures that differ in their suffix alone the one that the file names, else the first."""
        found = _FILENAME.search(text) if picture in self._twins else None
        name = unescape(found[1]).strip() if found else ""
        return next((twin for twin in self._twins.get(picture, ()) if twin.rpartition("/")[2] == name), picture)

    def _search(self, text: str) -> None:
        self.names.update(_names(text))
        self.zeros += sum(1 for _ in _ZERO.finditer(text))
        self.polygons = self.polygons or _POLYGON.search(text) is not None


def _names(text: str) -> Iterator[str]:
    """The names of objects, not those of their parts or attributes, nor of whoever made them."""
    inside = False
    aside = 0
    for tag in _TAG.finditer(text):
        ends, kind = tag[1] == "/", tag[2]
        if tag[0].endswith("/>"):
            continue
        if kind == "object":
            inside, aside = not ends, 0
        elif kind != "name":
            aside += -1 if ends else 1
        elif inside and not aside and not ends:
            name = _content(text, tag.end())
            if name:
                yield name
            inside = False  # the first is its name


def _content(text: str, start: int) -> str:
    if text.startswith(_CDATA, start):
        end = text.find("]]>", start)
        return text[start + len(_CDATA) : end].strip() if end >= 0 else ""
    end = text.find("<", start)
    return unescape(text[start:end]).strip() if end >= 0 else ""
