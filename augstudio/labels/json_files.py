"""JSON beside pictures: of one picture each, or of many, which it then names."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from augstudio.images import SUFFIXES
from augstudio.labels.found import LabelFormat
from augstudio.labels.json_stream import DamagedError, Part, parts
from augstudio.labels.text import Told, decoded

_CHECK_EVERY = 4096
_NAMES = ("file_name", "filename", "fileName", "image", "image_path", "img", "img_path", "path", "name", "file")
_CAPTIONS = ("caption", "captions", "text", "prompt", "description", "sentences")
_SHAPES = {
    "rect": "boxes",
    "rectangle": "boxes",
    "polygon": "polygons",
    "polyline": "polygons",
    "point": "points",
    "points": "points",
    "rotation": "oriented boxes",
}


@dataclass
class Gathered:
    """What a file says of many pictures.

    Attributes
    ----------
    format : LabelFormat
        What it is written in.
    names : set of str
        Of the pictures, as they are spelled there.
    objects : int or None
        How many objects it holds; None where that was not seen.
    content : set of str
        Kinds of objects.
    damage : str
        Where it breaks off; ``""`` if it does not.
    named_all : bool
        Whether the list of pictures came to its end, though only the beginning of the file was read. Only COCO says so.
    """

    format: LabelFormat
    names: set[str] = field(default_factory=set)
    objects: int | None = 0
    content: set[str] = field(default_factory=set)
    damage: str = ""
    named_all: bool = False

    def count(self, objects: int = 1) -> None:
        """Add to the number of objects."""
        self.objects = (self.objects or 0) + objects


def tell_json(data: bytes) -> Told | None:
    """Tell what a JSON file of one picture, or the beginning of it, is; None if nothing that is known."""
    keys: set[str] = set()
    content: set[str] = set()
    try:
        for part in parts(decoded(data)):
            keys.add(part.key)
            if part.key == "shapes" and isinstance(part.value, dict):
                _add_shape(content, part.value.get("shape_type", "polygon"))
    except DamagedError:
        pass  # mostly it is only the beginning
    if "shapes" in keys and keys & {"imagePath", "imageData", "version", "flags"}:
        return Told(LabelFormat.LABELME, frozenset(content))
    if {"imgHeight", "imgWidth"} <= keys:
        return Told(LabelFormat.CITYSCAPES, frozenset(["polygons"]))
    if {"size", "objects"} <= keys and keys & {"description", "tags"}:
        return Told(LabelFormat.SUPERVISELY)
    return None


def _add_shape(content: set[str], name: object) -> None:
    if isinstance(name, str) and name in _SHAPES:
        content.add(_SHAPES[name])


def read_json(data: bytes, *, cut: bool, check: Callable[[], None]) -> Gathered | None:
    """Gather what a JSON file says of many pictures; None if nothing, or in no way that is known.

    Parameters
    ----------
    data : bytes
        The file, or its beginning.
    cut : bool
        Whether there is more; objects are then not counted.
    check : callable
        Called now and then; what it raises ends the reading.
    """
    coco, via, listed = _Coco(), Gathered(LabelFormat.VIA), _Listed()
    damage = ""
    stream = parts(decoded(data))
    try:
        for number, part in enumerate(stream):
            if number % _CHECK_EVERY == 0:
                check()
                if number and not (coco.begun or via.names or listed.found()):
                    return None
            if part.key != "images":
                coco.behind_images()
            if part.key in ("images", "annotations"):
                coco.add(part)
            elif part.key == "" and not part.opens:
                listed.add(part.value)
            elif part.key == "_via_img_metadata" and isinstance(part.value, dict):
                for value in part.value.values():
                    _add_via(via, value)
            elif not _add_via(via, part.value) and _is_picture(part.key):
                listed.add_name(part.key)
    except DamagedError as error:
        damage = str(error)
    found = coco.found(partly=cut or bool(damage)) or (via if via.names else None) or listed.found()
    if found is None:
        return None
    if cut:
        found.objects = None
    elif damage:
        found.damage = damage
    return found


class _Coco:
    """Gathers images and annotations."""

    def __init__(self) -> None:
        self._seen: set[str] = set()
        self._gathered = Gathered(LabelFormat.COCO)

    def add(self, part: Part) -> None:
        if part.opens:
            self._seen.add(part.key)
        if not isinstance(part.value, dict):
            return
        if part.key == "images":
            if isinstance(name := part.value.get("file_name"), str):
                self._gathered.names.add(name)
            return
        self._gathered.count()
        self._gathered.content |= set(_coco_content(part.value))

    def behind_images(self) -> None:
        """Something else than a picture follows: if there was a list of them, it has ended."""
        self._gathered.named_all = "images" in self._seen

    @property
    def begun(self) -> bool:
        """Whether there is anything of it."""
        return bool(self._gathered.names or self._gathered.content)

    def found(self, *, partly: bool) -> Gathered | None:
        """It is COCO if it has both lists; of one of which only a part was seen, the first must do."""
        if not self.begun:
            return None
        return self._gathered if partly or {"images", "annotations"} <= self._seen else None


def _coco_content(annotation: dict[str, object]) -> Iterator[str]:
    segmentation = annotation.get("segmentation")
    if "caption" in annotation:
        yield "captions"
    elif "segments_info" in annotation:
        yield "panoptic segments"
    elif "keypoints" in annotation:
        yield "key points"
    elif isinstance(segmentation, dict):
        yield "run-length masks"
    elif segmentation:
        yield "polygons"
    elif "bbox" in annotation:
        yield "boxes"


def _add_via(via: Gathered, value: object) -> bool:
    """Take one picture of VGG's annotator: its name, and regions in a list or, from older versions, by number."""
    if not isinstance(value, dict) or not isinstance(name := value.get("filename"), str):
        return False
    regions = value.get("regions")
    if isinstance(regions, dict):
        regions = list(regions.values())
    if not isinstance(regions, list):
        return False
    via.names.add(name)
    via.count(len(regions))
    for region in regions:
        shape = region.get("shape_attributes") if isinstance(region, dict) else None
        if isinstance(shape, dict):
            _add_shape(via.content, shape.get("name"))
    return True


class _Listed:
    """Gathers a list of records that name a picture each: CreateML, captions, and what else there is."""

    def __init__(self) -> None:
        self._createml = Gathered(LabelFormat.CREATEML)
        self._other = Gathered(LabelFormat.OTHER, objects=None)

    def add(self, value: object) -> None:
        if not isinstance(value, dict):
            return
        if isinstance(name := value.get("image", value.get("imagefilename")), str) and _has_coordinates(value):
            annotations = value.get("annotations", value.get("annotation"))
            self._createml.names.add(name)
            self._createml.count(len(annotations) if isinstance(annotations, list) else 0)
            self._createml.content.add("boxes")
        elif (found := name_in(value)) and _is_picture(found):
            self.add_name(found)
            self._other.content |= captions_in(value)

    def add_name(self, name: str) -> None:
        self._other.names.add(name)

    def found(self) -> Gathered | None:
        best = max(self._createml, self._other, key=lambda gathered: len(gathered.names))
        return best if best.names else None


def _has_coordinates(record: dict[str, object]) -> bool:
    annotations = record.get("annotations", record.get("annotation"))
    if not isinstance(annotations, list):
        return False
    return all(isinstance(one, dict) and isinstance(one.get("coordinates"), dict) for one in annotations)


def name_in(record: dict[str, object]) -> str | None:
    """The picture that a record names, under one of the usual words."""
    for key in _NAMES:
        if isinstance(name := record.get(key), str):
            return name
    return None


def captions_in(record: dict[str, object]) -> set[str]:
    """``{"captions"}`` if a record has text of its own."""
    return {"captions"} if any(key in record for key in _CAPTIONS) else set()


def _is_picture(name: str) -> bool:
    return f".{name.rpartition('.')[2].lower()}" in SUFFIXES
