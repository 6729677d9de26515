"""What labels say, whatever they are written in: the one model that all formats are read into and written from.

A format's adapter (`labels.adapter.Adapter`) reads a picture's labels into a `Labelled`; the engine moves its shapes
and masks; the rules for objects (`augstudio.label_rules`) decide what a copy keeps; the adapter of the format that is
written patches the source's own record, so that what nobody here knows survives.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from augstudio.engine import Mask, Shape
from augstudio.label_rules import Fate
from augstudio.labels.found import LabelFormat, plain


@dataclass(frozen=True)
class Category:
    """A class of objects.

    Attributes
    ----------
    id : int
        Its number in the source: YOLO's class, COCO's category id; the place in the sorted list of names, where names
        alone are written (Pascal VOC); the level of its pixels in masks of classes.
    name : str
        What it is called; its number in words where the source gives no name.
    """

    id: int
    name: str


OTHER_SIZE = "size contradicts the picture"
"""The kind of a problem of all formats: labels state another size than the picture has."""


@dataclass(frozen=True)
class Problem:
    """Something in a label file that is not as it should be: the rest goes on without it.

    Attributes
    ----------
    kind : str
        For counting, the same for all of a kind: ``"box outside the picture"``.
    where : str
        File and place: ``"labels/train/a.txt, line 3"``, ``"instances.json, annotation 17"``.
    found : str
        What was found: ``"class 7"``.
    allowed : str
        What is allowed: ``"0 to 4, the names in data.yaml"``.
    left_out : bool
        Whether the object, or what it speaks of, is left out of the copies; if not, it goes on as it is.
    count : int
        How many it stands for: more than 1 where a file has too many of a kind to tell them one by one.
    forbids : bool
        Whether nothing of the set may be written while it lasts, as all of it might be false.
    """

    kind: str
    where: str
    found: str
    allowed: str
    left_out: bool = True
    count: int = 1
    forbids: bool = False

    def __str__(self) -> str:
        kept = "" if self.left_out else " (kept as it is)"
        return f"{plain(self.where)}: {self.kind}: {self.found}; {self.allowed}{kept}"


@dataclass(frozen=True)
class LabelledObject:
    """One object of a picture; its shapes carry its number, which is its place in `Labelled.objects`.

    Attributes
    ----------
    category : Category
        What it is.
    crowd : bool
        It stands for many that were not told apart (COCO's `iscrowd`); moves as pixels.
    difficult, truncated : bool
        As of Pascal VOC.
    record : Any
        The source's own record of it, which only the source's adapter understands.
    """

    category: Category
    crowd: bool = False
    difficult: bool = False
    truncated: bool = False
    record: Any = None


@dataclass(frozen=True)
class Labelled:
    """What is said of one picture, in pixels of the upright picture at its full size.

    Attributes
    ----------
    objects : tuple of LabelledObject
        In the order of the source.
    shapes : tuple of Shape
        Of the objects: one or several of each (a box and a polygon).
    masks : tuple of Mask
        Beside objects: pictures of classes.
    record : Any
        The source's own record of the picture, which only the source's adapter understands.
    problems : tuple of Problem
        What is left out, or goes on though it is not as it should be.
    notes : tuple of str
        What was taken for granted, a few words each, the same for all pictures of a kind: "labels drawn on the stored
        picture".
    upright : bool
        Whether the source's numbers are those of the upright picture; if not, its records must be written anew even
        where nothing moves.
    """

    objects: tuple[LabelledObject, ...] = ()
    shapes: tuple[Shape, ...] = ()
    masks: tuple[Mask, ...] = ()
    record: Any = None
    problems: tuple[Problem, ...] = ()
    notes: tuple[str, ...] = ()
    upright: bool = True


@dataclass(frozen=True)
class Facts:
    """What an adapter is told of a picture.

    Attributes
    ----------
    key : str
        POSIX path relative to the dataset's root.
    width, height : int
        Of the upright picture at its full size, in pixels.
    orientation : int
        EXIF orientation of the file, 1 to 8: what was done to make it upright.
    """

    key: str
    width: int
    height: int
    orientation: int = 1

    @property
    def size(self) -> tuple[int, int]:
        """Width and height, upright."""
        return self.width, self.height

    @property
    def stored(self) -> tuple[int, int]:
        """Width and height as the file stores it."""
        return (self.height, self.width) if self.orientation >= 5 else self.size


@dataclass(frozen=True)
class Copy:
    """One copy, whose labels are to be written.

    Attributes
    ----------
    path : str
        Of its picture, POSIX path relative to the export's root: ``"images/train/a__aug1.jpg"``.
    split : str
        Empty where there are no splits.
    width, height : int
        In pixels.
    channels : int
        1 to 4.
    fates : tuple of Fate
        What became of each object, in the order of `Labelled.objects`.
    masks : tuple of Mask
        `Labelled.masks`, moved.
    unmoved : bool
        Whether every pixel lies where it lay in the full upright picture, so that records may stay as they are.
    """

    path: str
    split: str
    width: int
    height: int
    channels: int
    fates: tuple[Fate, ...]
    masks: tuple[Mask, ...]
    unmoved: bool

    @property
    def place(self) -> tuple[str, str]:
        """Folder below `images` (``"train/cat"``, or ``""``), and stem of the picture."""
        folder, _, name = self.path.partition("/")[2].rpartition("/")
        return folder, name.rpartition(".")[0]


@dataclass(frozen=True)
class LabelFile:
    """A file that belongs to one copy.

    Attributes
    ----------
    role : str
        ``"labels"``, ``"mask"``, ``"mask 2"``, …: unique among the files of a copy.
    path : str
        POSIX path relative to the export's root.
    data : bytes
        Its content.
    """

    role: str
    path: str
    data: bytes


@dataclass(frozen=True)
class Written:
    """The labels of one copy, as they are written.

    Attributes
    ----------
    files : tuple of LabelFile
        Those of this copy alone.
    annotations : list or None
        Plain JSON values that go into the copy's line of the manifest, for files that speak of many copies, which are
        made of all lines at the end; None for formats without such.
    left_out : tuple of int
        Numbers of objects that the copy keeps, and that the format has no place for, such as crowds in YOLO.
    """

    files: tuple[LabelFile, ...] = ()
    annotations: list[Any] | None = None
    left_out: tuple[int, ...] = ()


VERSION = 1
_FIELD = "augstudio_labels"


@dataclass(frozen=True)
class Labelling:
    """How a dataset's labels are read and written: the same for all its pictures; plain values, so it travels as JSON.

    An export keeps it as `labels.json`: with that and the manifest, files that speak of many copies can be made again.

    Attributes
    ----------
    format : LabelFormat
        What the source is written in.
    written : LabelFormat
        What copies are written in.
    categories : tuple of Category
        All that are declared, unused ones too, in the order of the source.
    options : mapping of str to str or int
        What the adapters' own options are, such as ``{"voc_base": 1}``, ``{"task": "segment"}``; each is stated in the
        manual. ``"drawn_on"`` is of all formats: "auto", "upright" or "stored".
    header : mapping of str to JSON values
        What a file of many copies holds beside them, such as COCO's info, licenses, category records and layout.
    """

    format: LabelFormat
    written: LabelFormat
    categories: tuple[Category, ...] = ()
    options: Mapping[str, str | int] = field(default_factory=dict)
    header: Mapping[str, Any] = field(default_factory=dict)

    def dump(self) -> str:
        """As JSON text, the same for the same values."""
        content = {
            _FIELD: VERSION,
            "format": self.format.value,
            "written": self.written.value,
            "categories": [[category.id, category.name] for category in self.categories],
            "options": dict(self.options),
            "header": dict(self.header),
        }
        return json.dumps(content, ensure_ascii=False, indent=1, sort_keys=True) + "\n"

    @classmethod
    def parse(cls, text: str) -> Labelling:
        """Take it back.

        Raises
        ------
        ValueError
            If it is none of this version.
        """
        try:
            content = json.loads(text)
            if content[_FIELD] != VERSION:
                raise ValueError(f"{_FIELD} is {content[_FIELD]!r}; allowed is {VERSION}")
            return cls(
                LabelFormat(content["format"]),
                LabelFormat(content["written"]),
                tuple(Category(int(number), str(name)) for number, name in content["categories"]),
                dict(content["options"]),
                dict(content["header"]),
            )
        except (KeyError, TypeError, AttributeError, RecursionError) as error:
            raise ValueError(f"it is no description of labels ({type(error).__name__}: {error})") from error

    @property
    def by_id(self) -> dict[int, Category]:
        """Categories by their numbers."""
        return {category.id: category for category in self.categories}

    @property
    def by_name(self) -> dict[str, Category]:
        """Categories by their names; the first of equal ones."""
        return {category.name: category for category in reversed(self.categories)}
