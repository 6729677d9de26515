"""Copies whose objects were scaled, shifted and cut by hand, so that adapters are tried without the engine."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

import numpy as np
import shapely

from augstudio.engine.shapes import BoundingBox, KeyPoints, Piece, Polygon, Region, Shape
from augstudio.label_rules import Fate
from augstudio.labels.adapter import Adapter, Ground, LabelSet
from augstudio.labels.found import RecognitionStopped
from augstudio.labels.model import Copy, Facts, Labelled
from augstudio.labels.places import Pictures


@dataclass
class Tree:
    """Files in memory: pictures, of which names alone matter, and others."""

    pictures: Iterable[str]
    others: Mapping[str, bytes | str]
    splits: Mapping[str, str] = field(default_factory=dict)
    options: Mapping[str, str | int] = field(default_factory=dict)

    def read(self, key: str) -> bytes:
        if key not in self.others:
            raise FileNotFoundError(key)
        content = self.others[key]
        return content.encode() if isinstance(content, str) else content

    def ground(self, **changes: object) -> Ground:
        pictures = Pictures(self.pictures)
        splits = {key: self.splits.get(key, "") for key in pictures.keys}
        keys = tuple(sorted(self.others))
        ground = Ground(pictures, splits, keys, {}, self.read, options=self.options)
        return replace(ground, **changes)  # type: ignore[arg-type]

    def collect(self, adapter: Adapter) -> LabelSet:
        found = adapter.collect(self.ground())
        assert found is not None
        return found

    def parse(self, adapter: Adapter, picture: str, size: tuple[int, int], orientation: int = 1) -> Labelled:
        found = self.collect(adapter)
        return adapter.parse(found.records[picture], found.labelling, self.read, Facts(picture, *size, orientation))


class StopAfter:
    """Says stop after some questions."""

    def __init__(self, times: int) -> None:
        self.left = times

    def __call__(self) -> bool:
        self.left -= 1
        return self.left < 0


STOPPED = RecognitionStopped


def unmoved(labelled: Labelled, path: str, size: tuple[int, int], split: str = "", channels: int = 3) -> Copy:
    """The upright picture itself, with all of its objects."""
    fates = tuple(
        Fate(number, True, tuple(s for s in labelled.shapes if s.number == number), 1.0, False, 1.0, 9.0, "")
        for number in range(len(labelled.objects))
    )
    return Copy(path, split, *size, channels, fates, (), True)


def moved(
    labelled: Labelled,
    path: str,
    size: tuple[int, int],
    scale: tuple[float, float] = (1, 1),
    shift: tuple[float, float] = (0, 0),
    split: str = "",
    channels: int = 3,
) -> Copy:
    """Scaled, then shifted, then cut at the frame of a copy of that size."""
    fates = []
    for number in range(len(labelled.objects)):
        seen = [_moved(s, scale, shift, size) for s in labelled.shapes if s.number == number]
        left = tuple(shape for shape, _ in seen if shape is not None)
        cut = any(cut for _, cut in seen)
        kept = bool(left) or not seen
        fates.append(Fate(number, kept, left, 1.0, cut, 1.0, 9.0, "" if kept else "outside"))
    return Copy(path, split, *size, channels, tuple(fates), (), False)


def _moved(
    shape: Shape, scale: tuple[float, float], shift: tuple[float, float], size: tuple[int, int]
) -> tuple[Shape | None, bool]:
    frame = shapely.box(0, 0, *size)
    if isinstance(shape, BoundingBox):
        left, top, right, bottom = np.array(shape.bounds) * (*scale, *scale) + (*shift, *shift)
        box = BoundingBox(shape.number, max(left, 0), max(top, 0), min(right, size[0]), min(bottom, size[1]))
        return (box if box.area > 0 else None), box.bounds != (left, top, right, bottom)
    assert not isinstance(shape, KeyPoints | Region)
    whole = shapely.MultiPolygon(
        [
            shapely.Polygon(piece[0] * scale + shift, [hole * scale + shift for hole in piece[1:]])
            for piece in shape.pieces
        ]
    )
    if frame.covers(whole):
        return Polygon(shape.number, tuple(tuple(r * scale + shift for r in piece) for piece in shape.pieces)), False
    seen = [part for part in shapely.get_parts(shapely.make_valid(whole) & frame) if part.area > 0]
    if not seen:
        return None, True
    return Polygon(shape.number, tuple(map(_piece, seen))), True


def _piece(part: shapely.Polygon) -> Piece:
    return tuple(shapely.get_coordinates(ring)[:-1] for ring in (part.exterior, *part.interiors))
