"""What is what in a sample: the picture, its masks, and what else should follow it."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias, TypedDict

import numpy as np

from augstudio.adapters.pictures import is_pillow, is_tensor
from augstudio.label_rules import Objects
from augstudio.pipeline import Pipeline

Place: TypeAlias = str | int
"""A name in a dict, also in one inside the sample; or a position in a sample that is a tuple or a list."""
Path: TypeAlias = tuple[Place, ...]
"""The names and positions that lead to a part of a sample; empty for the whole."""

OF_OBJECTS = ("labels", "area", "iscrowd")
"""What torchvision's own detection code keeps beside boxes, a row for each."""
_FOLLOW = frozenset(
    ("bbox", "bboxes", "bndbox", "bounding_boxes", "boxes", "keypoints", "mask", "masks", "polygons", "segmentation")
)
"""Names of what would be wrong beside a moved picture."""


class Parts(TypedDict, total=False):
    """What is what in a sample; all of it can be left out.

    Attributes
    ----------
    image : str
        In samples that are dicts, the picture's name: "image" if nothing else is said. In tuples and lists the picture
        comes first.
    masks : sequence of str or int
        Which other parts are masks, that is pictures of names (of classes or objects) which move with the picture and
        take the nearest pixel: names in dicts, positions in tuples.
    mask_fill : int
        What masks show where the copy shows what lies outside of the picture; 0 if nothing else is said. Often 255, or
        −1, stands for "not labelled".
    per_object : sequence of str or int
        Where torchvision's `BoundingBoxes` are: what beside them has a row for each box, which goes where its box is
        not kept. Those of "labels", "area" and "iscrowd" that are there, if nothing else is said.
    label : str or int
        The picture's class: 1 (the second) in tuples and "label" in dicts, if nothing else is said. It matters where a
        preset names classes that are never mirrored.
    classes : sequence or mapping of str
        The names that whole numbers stand for, in the picture's class and in boxes' "labels". It matters there, too.
    untouched : sequence of str or int
        Parts that should stay as they are although they look like pictures, or are called as boxes or masks are:
        without this they are refused, since they would no longer fit the picture.
    """

    image: str
    masks: Sequence[Place]
    mask_fill: int
    per_object: Sequence[Place] | None
    label: Place
    classes: Sequence[str] | Mapping[int, str] | None
    untouched: Sequence[Place]


@dataclass(frozen=True)
class Layout:
    """`Parts`, with what stands for those that were left out; `label` may be None."""

    image: str = "image"
    masks: Sequence[Place] = ()
    mask_fill: int = 0
    per_object: Sequence[Place] | None = None
    label: Place | None = None
    classes: Sequence[str] | Mapping[int, str] | None = None
    untouched: Sequence[Place] = ()

    def __post_init__(self) -> None:
        for name in ("masks", "per_object", "untouched"):
            if isinstance(getattr(self, name), str):
                raise TypeError(f"{name} must be a sequence of names or positions, such as ({getattr(self, name)!r},)")

    def picture(self, sample: Any) -> Path:
        """Where the picture is.

        Raises
        ------
        KeyError, ValueError
            If it is not where it should be.
        """
        if isinstance(sample, Mapping):
            if self.image not in sample:
                raise KeyError(
                    f"the sample has no {self.image!r}, but {_listed(sample)}: say which is the picture, image=…"
                )
            return (self.image,)
        if isinstance(sample, (tuple, list)):
            if not sample:
                raise ValueError("the sample is empty")
            return (0,)
        return ()

    def mask_paths(self, nodes: Mapping[Path, Any]) -> list[Path]:
        """Where the masks are.

        Raises
        ------
        KeyError
            If one is not there.
        """
        found = []
        for place in self.masks:
            paths = [path for path in nodes if stands_for(place, path)]
            if not paths:
                raise KeyError(f"the sample has no mask {place!r}")
            found += paths
        return found

    def name(self, number: Any) -> str:
        """The name of a class, of its number or of a scalar of any library; empty where nobody said."""
        if isinstance(number, str):
            return number
        if isinstance(number, bytes):
            return number.decode("utf-8", "surrogateescape")
        if self.classes is None:
            return ""
        place = int(number)
        if place not in (self.classes if isinstance(self.classes, Mapping) else range(len(self.classes))):
            raise ValueError(f"there is a class {place}, which classes=… does not name: it has {len(self.classes):,}")
        return self.classes[place]

    def label_in(self, sample: Any) -> Any:
        """The picture's class as the sample has it; None where it has none."""
        if isinstance(sample, Mapping):
            return sample.get("label" if self.label is None else self.label)
        if isinstance(sample, (tuple, list)):
            place = 1 if self.label is None else self.label
            return sample[place] if isinstance(place, int) and place < len(sample) else None
        return None

    def label_of(self, sample: Any) -> str:
        """The name of the picture's class; empty where nothing tells it."""
        found = self.label_in(sample)
        is_number = hasattr(found, "__index__") and np.ndim(found) == 0
        return self.name(found) if is_number or isinstance(found, (str, bytes)) else ""

    def refuse_strays(self, nodes: Mapping[Path, Any], moved: set[Path], looks_like: Callable[[Any], bool]) -> None:
        """Refuse what would no longer fit the picture.

        Raises
        ------
        TypeError
            If a part that is not moved looks like a picture of its size, or is called as boxes or masks are.
        """
        for path, node in nodes.items():
            if any(path[: len(done)] == done for done in moved):
                continue
            if any(stands_for(place, path[:depth]) for place in self.untouched for depth in range(1, len(path) + 1)):
                continue
            if path and node is not None and (path[-1] in _FOLLOW or looks_like(node)):
                where = "".join(f"[{place!r}]" for place in path)
                raise TypeError(
                    f"sample{where} ({type(node).__name__}) would no longer fit the picture: name it in masks=… if it "
                    "is a mask, make boxes torchvision's BoundingBoxes in PyTorch, or name it in untouched=… to leave "
                    "it as it is"
                )

    def refuse_unnamed(self, pipeline: Pipeline, objects: Objects, *, stated: bool) -> None:
        """Refuse a picture of which nobody can tell whether it may be mirrored.

        Parameters
        ----------
        pipeline : Pipeline
            May have a rule about that.
        objects : Objects
            What is known.
        stated : bool
            Whether there are boxes in the sample, be it none: then each of them must be of a known class, else the
            picture.

        Raises
        ------
        ValueError
            If there is such a rule, and a class is not known.
        """
        rules = pipeline.labels
        if not rules.not_mirrored:
            return
        if not stated and not objects.label and not any(objects.names):
            raise rules.untold(
                "this picture's",
                "say classes=…, the names that numbers stand for, and label=… if it is not the second of a tuple or a "
                "dict's 'label'",
            )
        if (unnamed := objects.unnamed) is not None:
            raise rules.untold(
                f"that of box {unnamed}",
                "it should stand in 'labels' beside the boxes, as a name or as a number that classes=… names",
            )


def stands_for(place: Place, path: Path) -> bool:
    """Whether a place names a part: a name does at any depth, a position in the sample itself."""
    return bool(path) and path[-1] == place and (isinstance(place, str) or len(path) == 1)


def nodes_of(sample: Any, path: Path = ()) -> Iterator[tuple[Path, Any]]:
    """All parts of a sample, those that hold others before those in them; lists of numbers are not looked into."""
    yield path, sample
    if isinstance(sample, Mapping):
        for name, part in sample.items():
            yield from nodes_of(part, (*path, name))
    elif isinstance(sample, tuple) or (
        isinstance(sample, list) and not (sample and isinstance(sample[0], (int, float)))
    ):
        for position, part in enumerate(sample):
            yield from nodes_of(part, (*path, position))


def at(sample: Any, path: Path) -> Any:
    """The part that a path leads to."""
    for place in path:
        sample = sample[place]
    return sample


def replaced(sample: Any, changes: Mapping[Path, Any]) -> Any:
    """A sample with other parts; the given one stays as it is, and parts without changes are the same objects."""
    if () in changes:
        return changes[()]
    by_place: dict[Place, dict[Path, Any]] = {}
    for path, part in changes.items():
        by_place.setdefault(path[0], {})[path[1:]] = part
    new = {place: replaced(sample[place], below) for place, below in by_place.items()}
    if isinstance(sample, Mapping):
        other: Any = copy.copy(sample)
        for place, part in new.items():
            other[place] = part
        return other
    parts = [new.get(position, part) for position, part in enumerate(sample)]
    if isinstance(sample, list):
        return parts
    return type(sample)(*parts) if hasattr(sample, "_fields") else tuple(parts)


def is_of_size(size: tuple[int, int], node: Any) -> bool:
    """Whether a part is a picture, or could be one of that width and height."""
    if is_pillow(node):
        return True
    shape = tuple(node.shape) if isinstance(node, np.ndarray) or is_tensor(node) else ()
    return len(shape) in (2, 3) and size[::-1] in (shape[:2], shape[-2:])


def _listed(sample: Mapping[Any, Any]) -> str:
    return ", ".join(map(repr, list(sample)[:8])) or "nothing"
