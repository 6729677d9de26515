"""Where the records of a COCO file are in its text: a long file is never held as objects."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from enum import Enum, auto
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from augstudio.labels.json_stream import DamagedError, Part, parts
from augstudio.labels.json_values import TooDeepError, whole_number, writable
from augstudio.labels.problem_list import ProblemList
from augstudio.wording import shown

Id: TypeAlias = int | str
Places: TypeAlias = NDArray[np.int64]

_CHECK_EVERY = 4096
_MOST_ITEMS = 50_000_000
_MOST_BRACKETS = 3_000_000
"""And one for every 16 characters: what a hostile file may cost of memory is a small multiple of its length."""
_MOST_EXTRA = 2**20  # characters of what is no record, which each export keeps
_ID_BITS = 62


class Kind(Enum):
    """What a file's annotations are."""

    INSTANCES = auto()
    KEY_POINTS = auto()
    CAPTIONS = auto()
    PANOPTIC = auto()


@dataclass(frozen=True)
class Index:
    """A COCO file, and where its records are.

    Attributes
    ----------
    file : str
        Its key.
    text : str
        Its content.
    kind : Kind
        What its annotations are.
    names : list of str
        What each image record calls its picture; ``""`` where it does not.
    images : ndarray
        `(N, 2)`: where each image record begins and ends in the text.
    annotations : ndarray
        `(M, 2)`: where each annotation does.
    owners : ndarray
        `(M,)`: the number of each annotation's image record; -1 where there is none.
    categories : list
        The records of categories as they are; None if the file has no such list.
    used : set of int
        The ids of categories that annotations have, where there is no list of categories.
    extra : dict
        The other members of the file.
    problems : ProblemList
        What is wrong with its records.
    """

    file: str
    text: str
    kind: Kind
    names: list[str]
    images: Places
    annotations: Places
    owners: Places
    categories: list[Any] | None
    used: set[int]
    extra: dict[str, Any]
    problems: ProblemList

    def image(self, number: int) -> str:
        """The text of an image record."""
        begin, end = self.images[number].tolist()
        return self.text[begin:end]

    def annotation(self, number: int) -> str:
        """The text of an annotation."""
        begin, end = self.annotations[number].tolist()
        return self.text[begin:end]


def index(file: str, text: str, problems: ProblemList, check: Callable[[], None]) -> Index | None:
    """Find the records of a COCO file; None if it is none, or says nothing of single pictures.

    A file that breaks off is none; the damage is added to the problems, if it had begun as COCO.

    Parameters
    ----------
    file : str
        Its key, for problems.
    text : str
        Its content.
    problems : ProblemList
        Takes what makes it useless.
    check : callable
        Called now and then; what it raises ends the reading.
    """
    if '"images"' not in text or not ('"annotations"' in text or '"file_name"' in text):
        return None  # told in no time, whatever else it is
    builder = _Builder(file, text)
    try:
        most = _MOST_BRACKETS + len(text) // 16
        for number, part in enumerate(parts(text, most_brackets=most, most_items=_MOST_ITEMS, whole=True)):
            if number % _CHECK_EVERY == 0:
                check()
            builder.add(part)
    except DamagedError as error:
        if builder.begun:
            problems.add("broken JSON", file, "", str(error), "the file is left out as a whole")
        return None
    return builder.built()


@dataclass
class _Builder:
    file: str
    text: str
    problems: ProblemList = field(default_factory=ProblemList)
    names: list[str] = field(default_factory=list)
    images: array[int] = field(default_factory=lambda: array("q"))
    annotations: array[int] = field(default_factory=lambda: array("q"))
    slots: array[int] = field(default_factory=lambda: array("q"))  # for each annotation one of `numbers`
    numbers: dict[Id, int] = field(default_factory=dict)  # for each id of an image, in whatever order they come
    records: dict[int, int] = field(default_factory=dict)  # for each of these numbers the image record
    ids: array[int] = field(default_factory=lambda: array("q"))  # of annotations, and their numbers
    words: dict[str, int] = field(default_factory=dict)  # of annotations whose ids are words
    categories: list[Any] | None = None
    used: set[int] = field(default_factory=set)
    extra: dict[str, Any] = field(default_factory=dict)
    seen: set[str] = field(default_factory=set)
    kinds: dict[str, int] = field(default_factory=dict)
    _length: int = 0  # of what is extra

    @property
    def begun(self) -> bool:
        """Whether it looks like COCO so far."""
        return bool(self.names or self.annotations)

    def add(self, part: Part) -> None:
        if part.opens:
            self._begin(part)
            return
        if part.key in _LISTS and part.key not in self.seen:
            if part.value is not None:
                raise DamagedError(f"{shown(part.key)} is no list at character {part.start + 1:,}")
            return
        if part.key == "images":
            self._add_image(part)
        elif part.key == "annotations":
            self._add_annotation(part)
        elif part.key == "categories" and self.categories is not None:
            self.categories.append(part.value)
        else:
            self._add_extra(part)

    def _begin(self, part: Part) -> None:
        if part.key in self.seen:
            raise DamagedError(f"a second {shown(part.key)} at character {part.start + 1:,}")
        self.seen.add(part.key)
        if part.key == "categories":
            self.categories = []
        elif part.key not in _LISTS:
            self.extra[writable(part.key)] = []

    def _add_image(self, part: Part) -> None:
        place = f"images[{len(self.names)}]"
        record = part.value if isinstance(part.value, dict) else {}
        if not record:
            self.problems.add("image that is no record", self.file, place, shown(part.value), "an object in braces")
        known = _id(record.get("id"))
        if record and known is None:
            allowed = "a whole number or a word"
            self.problems.add("image without an id", self.file, place, shown(record.get("id")), allowed)
            record = {}
        if known is not None:
            slot = self.numbers.setdefault(known, len(self.numbers))
            if slot in self.records:
                found, allowed = f"id {shown(known)} again", "each once; the first counts"
                self.problems.add("two images of one id", self.file, place, found, allowed)
                record = {}
            else:
                self.records[slot] = len(self.names)
        self.images.extend((part.start, part.end))
        self.names.append(_name(record))

    def _add_annotation(self, part: Part) -> None:
        number = len(self.slots)
        record = part.value
        self.annotations.extend((part.start, part.end))
        if not isinstance(record, dict):
            place = f"annotations[{number}]"
            self.problems.add("annotation that is no record", self.file, place, shown(record), "an object in braces")
            self.slots.append(-1)
            return
        self._count_kind(record)
        image = _id(record.get("image_id"))
        if image is None:
            place, allowed = annotation_place(record, number), "the id of an image"
            self.problems.add("annotation of no image", self.file, place, shown(record.get("image_id")), allowed)
            self.slots.append(-1)
            return
        self.slots.append(self.numbers.setdefault(image, len(self.numbers)))
        self._note_id(record.get("id"), number)
        if self.categories is None and (category := whole_number(record.get("category_id"))) is not None:
            self.used.add(category)

    def _count_kind(self, record: dict[str, Any]) -> None:
        told = next((name for name in _TELLING if name in record), "")
        self.kinds[told] = self.kinds.get(told, 0) + 1

    def _note_id(self, value: object, number: int) -> None:
        known = _id(value)
        if isinstance(known, int) and known.bit_length() < _ID_BITS:
            self.ids.extend((known, number))
        elif known is not None:
            first = self.words.setdefault(str(known), number)
            if first != number:
                self._duplicate(known, number)

    def _duplicate(self, known: Id, number: int) -> None:
        place, found = f"annotations[{number}]", f"id {shown(known)} again"
        allowed = "each once; copies get new ones"
        self.problems.add("two annotations of one id", self.file, place, found, allowed, left_out=False)

    def _add_extra(self, part: Part) -> None:
        self._length += part.end - part.start
        listed = part.key in self.seen
        if self._length > _MOST_EXTRA:
            found, allowed = f"more than {_MOST_EXTRA:,} characters", "it is left out"
            self.problems.add("member too long", self.file, shown(part.key), found, allowed)
            return
        try:
            value = writable(part.value)
        except TooDeepError:
            self.problems.add("brackets within brackets", self.file, shown(part.key), "more than 40", "up to 40")
            return
        if value is not part.value:
            allowed = "finite numbers and whole signs; written as null or �"
            self.problems.add("value that JSON has none for", self.file, shown(part.key), shown(part.value), allowed)
        key = writable(part.key)
        if listed:
            self.extra.setdefault(key, []).append(value)
        else:
            self.extra[key] = value

    def built(self) -> Index | None:
        if not {"images", "annotations"} <= self.seen:
            return None
        owners = self._owners()
        for known, number in self._duplicates():
            self._duplicate(known, number)
        if self.categories is None:
            found, allowed = "none", "a list; the classes are called by their numbers"
            self.problems.add("no list of categories", self.file, "", found, allowed, left_out=False)
        return Index(
            self.file,
            self.text,
            self._kind(),
            self.names,
            np.array(self.images, np.int64).reshape(-1, 2),
            np.array(self.annotations, np.int64).reshape(-1, 2),
            owners,
            self.categories,
            self.used if self.categories is None else set(),
            self.extra,
            self.problems,
        )

    def _owners(self) -> Places:
        table = np.full(len(self.numbers) + 1, -1, np.int64)  # the last stands for -1
        for slot, number in self.records.items():
            table[slot] = number
        slots = np.array(self.slots, np.int64)
        owners = table[slots]
        for number in np.flatnonzero((owners < 0) & (slots >= 0)).tolist():
            place, found = f"annotations[{number}]", "an image_id that no image has"
            self.problems.add("annotation of no image", self.file, place, found, "the id of an image")
        return owners

    def _duplicates(self) -> Iterator[tuple[int, int]]:
        ids, numbers = np.array(self.ids, np.int64).reshape(-1, 2).T
        order = np.argsort(ids, kind="stable")
        again = np.flatnonzero(ids[order][1:] == ids[order][:-1]) + 1
        for at in sorted(order[again].tolist()):
            yield int(ids[at]), int(numbers[at])

    def _kind(self) -> Kind:
        """Whatever has boxes is of instances; a file without annotations is of pictures without objects."""
        if "caption" in self.kinds and len(self.kinds) == 1:
            return Kind.CAPTIONS
        if "segments_info" in self.kinds and len(self.kinds) == 1:
            return Kind.PANOPTIC
        return Kind.KEY_POINTS if "keypoints" in self.kinds and len(self.kinds) == 1 else Kind.INSTANCES


_LISTS = ("images", "annotations", "categories")
_TELLING = ("segments_info", "keypoints", "segmentation", "bbox", "caption")
"""Members that tell what an annotation is, those that tell most first."""


def annotation_place(record: dict[str, Any], number: int) -> str:
    """How an annotation is called in a problem: by its id, else by its place in the list."""
    known = _id(record.get("id"))
    return f"annotations[{number}]" if known is None else f"annotation {shown(known)}"


def _id(value: object) -> Id | None:
    return value if isinstance(value, str) else whole_number(value)


def _name(record: dict[str, Any]) -> str:
    """What an image record calls its picture; some sets have its address alone."""
    for key in ("file_name", "coco_url"):
        if isinstance(name := record.get(key), str) and name:
            return name if key == "file_name" else name.rpartition("/")[2]
    return ""
