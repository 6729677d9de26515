"""What recognition finds: formats, how many files and pictures, and masks; as values and in words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from augstudio.wording import count


class LabelFormat(StrEnum):
    """A format that labels come in."""

    YOLO = "yolo"
    VOC = "voc"
    COCO = "coco"
    LABELME = "labelme"
    CREATEML = "createml"
    VIA = "via"
    CVAT = "cvat"
    SUPERVISELY = "supervisely"
    CITYSCAPES = "cityscapes"
    KITTI = "kitti"
    DOTA = "dota"
    HUGGING_FACE = "huggingface"
    CSV = "csv"
    MASKS = "masks"
    CAPTIONS = "captions"
    OTHER = "other"

    @property
    def called(self) -> str:
        """The format's name as people write it."""
        return _TITLES[self]


_TITLES = {
    LabelFormat.YOLO: "YOLO",
    LabelFormat.VOC: "Pascal VOC",
    LabelFormat.COCO: "COCO",
    LabelFormat.LABELME: "LabelMe",
    LabelFormat.CREATEML: "CreateML",
    LabelFormat.VIA: "VGG VIA",
    LabelFormat.CVAT: "CVAT",
    LabelFormat.SUPERVISELY: "Supervisely",
    LabelFormat.CITYSCAPES: "Cityscapes",
    LabelFormat.KITTI: "KITTI",
    LabelFormat.DOTA: "DOTA",
    LabelFormat.HUGGING_FACE: "Hugging Face metadata",
    LabelFormat.CSV: "CSV table",
    LabelFormat.MASKS: "masks",
    LabelFormat.CAPTIONS: "captions",
    LabelFormat.OTHER: "labels in an unknown format",
}


class RecognitionStopped(Exception):  # noqa: N818  (it is the caller who ends it)
    """The caller's `stop` ended a recognition: what had been found until then says nothing."""


@dataclass(frozen=True)
class Labels:
    """Labels of one format that lie in one kind of place.

    Attributes
    ----------
    format : LabelFormat
        What they are written in.
    files : int
        Label files of it that speak of pictures; of masks, the mask pictures.
    pictures : int
        Pictures of the dataset that they speak of: paired by stem, or named in the file.
    objects : int or None
        How many objects they hold, where that could be told without opening them all.
    where : str
        The folder or file they lie in, for people: ``"labels/"``, ``"annotations.json"``, ``"beside the pictures"``.
    content : str
        What they hold, where known: ``"boxes"``, ``"polygons"``, ``"boxes and polygons"``, …; ``""`` where not.
    among : int
        Pictures of the dataset, masks not counted.
    """

    format: LabelFormat
    files: int
    pictures: int
    objects: int | None
    where: str
    content: str = ""
    among: int = 0

    def in_words(self) -> str:
        """One line, such as "YOLO boxes: 25 files for 25 of 28 pictures (labels/)"."""
        name = f"{self.format.called} {self.content}" if self.content else self.format.called
        objects = "" if self.objects is None else f", {count(self.objects, 'object')}"
        return f"{name}: {count(self.files, 'file')} for {self._share()}{objects} ({self.where})"

    def as_json(self) -> dict[str, object]:
        """Plain values."""
        return {
            "format": self.format.value,
            "content": self.content,
            "files": self.files,
            "pictures": self.pictures,
            "of": self.among,
            "objects": self.objects,
            "where": self.where,
        }

    def _share(self) -> str:
        if self.pictures < self.among:
            return f"{self.pictures:,} of {count(self.among, 'picture')}"
        return f"all {self.pictures:,} pictures" if self.pictures > 1 else count(self.pictures, "picture")


@dataclass(frozen=True)
class Named:
    """The pictures that a file of labels of many names.

    Attributes
    ----------
    names : frozenset of str
        As they are spelled there.
    whole : bool
        Whether these are all; else only the beginning of a long file was read, and more may follow.
    """

    names: frozenset[str]
    whole: bool


@dataclass(frozen=True)
class Recognised:
    """The labels that lie beside a dataset's pictures.

    Attributes
    ----------
    found : tuple of Labels
        Those of most pictures first.
    masks : frozenset of str
        Keys of picture files that are masks of other pictures.
    notes : tuple of str
        One plain line for everything that looks like labels and could not be taken for such.
    unread : tuple of str
        Those of `notes` on files that say that they are labels of many pictures, and of which nothing can be had: they
        are damaged, or speak of pictures that are not here.
    pairs : mapping of str to str
        For each of `masks` the key of its picture; ``""`` where that is missing.
    named : mapping of str to Named
        For the key of each file of COCO, damaged ones too, the pictures that it names.
    """

    found: tuple[Labels, ...]
    masks: frozenset[str]
    notes: tuple[str, ...] = ()
    pairs: Mapping[str, str] = field(default_factory=dict, hash=False)
    unread: tuple[str, ...] = ()
    named: Mapping[str, Named] = field(default_factory=dict, hash=False)


def plain(text: str, most: int = 120) -> str:
    """A path as one line that any terminal can show: no control characters, no stray bytes, no endless length."""
    if len(text) > most:
        text = f"{text[: most // 2]}…{text[-most // 2 :]}"
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)
