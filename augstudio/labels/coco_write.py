"""Writing COCO: each object's record patched, or made anew from the model, and all of them gathered in files."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, TypeAlias

import numpy as np

from augstudio.engine import BoundingBox, KeyPoints, Polygon, Region, Shape
from augstudio.engine.shapes import Coordinates, Piece
from augstudio.label_rules import Fate
from augstudio.labels.coco_collect import HEADER, LAYOUTS, joined, layout_of
from augstudio.labels.coco_points import mirrored, moved, names_of
from augstudio.labels.found import LabelFormat
from augstudio.labels.json_values import is_number
from augstudio.labels.model import Copy, Labelled, LabelledObject, Labelling, Written
from augstudio.labels.rle import encode, packed

_DIGITS = 3
"""Behind the point, of pixels: a thousandth is less than any trainer sees."""
_LARGEST = 1e15  # area in square pixels that anybody would mean
_MOST_PAIRS = 2**22  # of points that are compared, to cut a hole open where it is narrowest

Shapes: TypeAlias = Mapping[type[Any], Shape]
"""An object's shapes by their kind."""
_Best: TypeAlias = BoundingBox | Polygon | Region


# -- one copy -----------------------------------------------------------------------------------------------------


def render(labelled: Labelled, labelling: Labelling, copy: Copy) -> Written:
    """Write what is said of one copy; see `Adapter.render`.

    It is one value, ``{"image": {…}, "annotations": [{…}, …]}``: members of the image record that copies have none of
    their own of, and the records of objects without `id` and `image_id`, which `gathered` gives.
    """
    own = labelling.format is LabelFormat.COCO
    annotations = _patched(labelled, labelling, copy) if own else _composed(labelled, labelling, copy)
    image = labelled.record if own and isinstance(labelled.record, dict) else {}
    left_out = () if own else tuple(fate.number for fate in copy.fates if fate.kept and not _has_place(fate))
    return Written(annotations=[{"image": image, "annotations": annotations}], left_out=left_out)


def _has_place(fate: Fate) -> bool:
    """Whether a record can be made of it."""
    return _best({type(shape): shape for shape in fate.shapes}) is not None


def _patched(labelled: Labelled, labelling: Labelling, copy: Copy) -> list[dict[str, Any]]:
    kept = [fate for fate in copy.fates if fate.kept]
    if copy.unmoved and labelled.upright:
        return [labelled.objects[fate.number].record for fate in kept]
    before = _by_object(labelled.shapes)
    names = names_of(labelling.header[HEADER]["categories"])
    told = any("keypoints" in one.record for one in labelled.objects)
    mirror = mirrored(labelled, copy) if told else None
    result, size = [], (copy.width, copy.height)
    for fate in kept:
        one = labelled.objects[fate.number]
        seen = {type(shape): shape for shape in fate.shapes}
        record = _patch(one.record, before.get(fate.number, {}), seen, size)
        if one.record.get("keypoints"):
            record |= moved(one.record, seen.get(KeyPoints), names.get(one.category.id), mirror=mirror, size=size)
        result.append(record)
    return result


def _by_object(shapes: Iterable[Shape]) -> dict[int, dict[type[Any], Shape]]:
    result: dict[int, dict[type[Any], Shape]] = {}
    for shape in shapes:
        result.setdefault(shape.number, {})[type(shape)] = shape
    return result


def _patch(record: dict[str, Any], before: Shapes, seen: Shapes, size: tuple[int, int]) -> dict[str, Any]:
    """A source's record with what was moved in the place of what was there; what else it has stays."""
    changed = dict(record)
    best = _best(seen)
    if best is not None and record.get("bbox"):
        changed["bbox"] = _box(seen.get(BoundingBox, best), size)
    outline = seen.get(Polygon, seen.get(Region))
    if isinstance(record.get("segmentation"), dict):
        mask = outline.whole(size) if isinstance(outline, Region) else np.zeros(size[::-1], np.bool_)
        text = isinstance(record["segmentation"].get("counts"), str)
        changed["segmentation"] = {**record["segmentation"], **_run_length(mask, text=text)}
    elif any(record.get("segmentation") or ()):
        changed["segmentation"] = _rings(outline) if isinstance(outline, Polygon) else []
    area, whole = record.get("area"), _best(before)
    if is_number(area) and abs(area) < _LARGEST and best is not None and whole is not None:
        changed["area"] = _rounded(area * best.area / whole.area if whole.area > 0 else best.area)
    return changed


def _best(shapes: Shapes) -> _Best | None:
    """What tells best where an object is: its polygon or mask, else its box."""
    for kind in (Polygon, Region, BoundingBox):
        if isinstance(shape := shapes.get(kind), Polygon | Region | BoundingBox):
            return shape
    return None


def _composed(labelled: Labelled, labelling: Labelling, copy: Copy) -> list[dict[str, Any]]:
    shift, flags = int(labelling.header[HEADER]["shift"]), labelling.format is LabelFormat.VOC
    result = []
    for fate in copy.fates:
        seen = {type(shape): shape for shape in fate.shapes}
        if not fate.kept or (best := _best(seen)) is None:
            continue
        one = labelled.objects[fate.number]
        record = _compose(one, best, seen, (copy.width, copy.height))
        if flags:
            record["attributes"] = {"difficult": one.difficult, "truncated": one.truncated or fate.cut}
        result.append({"category_id": one.category.id + shift, **record})
    return result


def _compose(one: LabelledObject, best: _Best, seen: Shapes, size: tuple[int, int]) -> dict[str, Any]:
    """A record from the model."""
    segmentation: Any = _rings(best) if isinstance(best, Polygon) else []
    if isinstance(best, Region):
        segmentation = _run_length(best.whole(size), text=True)
    return {
        "bbox": _box(seen.get(BoundingBox, best), size),
        "area": _rounded(best.area),
        "iscrowd": int(one.crowd),
        "segmentation": segmentation,
    }


def _box(shape: Shape, size: tuple[int, int]) -> list[float]:
    """Left, top, width and height; within the copy after rounding, too."""
    assert not isinstance(shape, KeyPoints)
    left, top, right, bottom = (round(value, _DIGITS) for value in shape.bounds)
    left, top = max(left, 0.0), max(top, 0.0)
    right, bottom = min(right, float(size[0])), min(bottom, float(size[1]))
    return [_rounded(left), _rounded(top), _rounded(right - left), _rounded(bottom - top)]


def _rounded(value: float) -> float:
    return round(float(value), _DIGITS) + 0.0  # no -0.0


def _run_length(mask: Any, *, text: bool) -> dict[str, Any]:
    counts = encode(mask)
    return {"size": list(mask.shape), "counts": packed(counts) if text else counts.tolist()}


def _rings(polygon: Polygon) -> list[list[float]]:
    """A polygon's pieces, one list of x and y by turns for each."""
    flat = (np.round(_without_holes(piece), _DIGITS) + 0.0 for piece in polygon.pieces)
    return [ring.reshape(-1).tolist() for ring in flat]


def _without_holes(piece: Piece) -> Coordinates:
    """One ring: COCO knows no holes, so they are cut open, along the shortest way to the outline."""
    ring = piece[0]
    for hole in piece[1:]:
        inner = hole[::-1] if (_turn(ring) > 0) == (_turn(hole) > 0) else hole
        at, other = _nearest(ring, inner)
        ring = np.concatenate((ring[: at + 1], inner[other:], inner[: other + 1], ring[at:]))
    return ring


def _turn(ring: Coordinates) -> float:
    x, y = ring[:, 0] - ring[0, 0], ring[:, 1] - ring[0, 1]
    return float((x[:-1] * y[1:] - x[1:] * y[:-1]).sum())


def _nearest(ring: Coordinates, hole: Coordinates) -> tuple[int, int]:
    """The points of two rings that are nearest; of the second the first, where there are too many."""
    if len(ring) * len(hole) > _MOST_PAIRS:
        hole = hole[:1]
    distances = ((ring[:, None] - hole[None]) ** 2).sum(axis=2)
    at, other = np.unravel_index(int(np.argmin(distances)), distances.shape)
    return int(at), int(other)


# -- all copies ---------------------------------------------------------------------------------------------------

Entries: TypeAlias = Callable[[], Iterable[Mapping[str, Any]]]


def gathered(labelling: Labelling, entries: Entries, splits: tuple[str, ...]) -> Iterator[tuple[str, Iterator[bytes]]]:
    """Make the file of each split; see `Adapter.gathered`. Numbers count from 1 in each, in the order of entries."""
    layout = layout_of(labelling.options, labelling.header[HEADER]["layout"])
    for split in splits or ("",):
        if layout == LAYOUTS[1]:
            path = f"images/{split}/_annotations.coco.json" if split else "images/_annotations.coco.json"
        else:
            path = f"annotations/instances_{split}.json" if split else "annotations/instances.json"
        yield path, _content(labelling.header[HEADER], entries, split if splits else None)


def _content(header: Mapping[str, Any], entries: Entries, split: str | None) -> Iterator[bytes]:
    """A file in pieces, a record in each line; `split` is None for all of them."""

    def own() -> Iterator[Mapping[str, Any]]:
        return (entry for entry in entries() if split is None or entry.get("split", "") == split)

    for name, value in _extra(header, split or "").items():
        yield f"{',' if name != 'info' else '{'}\n{_json(name)}:{_sorted(value)}".encode()
    yield b',\n"categories":['
    yield from _lines(header["categories"], _sorted)
    yield b',\n"images":['
    prefix = f"images/{split}/" if split else "images/"
    yield from _lines(_image(number, entry, prefix) for number, entry in enumerate(own(), 1))
    yield b',\n"annotations":['
    yield from _lines(_numbered(own()))
    yield b"}\n"


def _extra(header: Mapping[str, Any], split: str) -> dict[str, Any]:
    """What a file holds beside records: that of the same split, else of all files together; info comes first."""
    files: Mapping[str, dict[str, Any]] = header["files"]
    if split in files:
        extra = files[split]
    else:
        extra = {}
        for _, one in sorted(files.items(), reverse=True):
            extra = {**extra, **one}
        lists = [one["licenses"] for _, one in sorted(files.items()) if isinstance(one.get("licenses"), list)]
        if len(lists) > 1:
            extra["licenses"] = joined(*lists)
    rest = {name: value for name, value in extra.items() if name not in ("images", "annotations", "categories")}
    return {"info": rest.pop("info", {}), **dict(sorted(rest.items()))}


def _json(value: object) -> str:
    # ASCII: the loaders open files in whatever encoding their system has.
    return json.dumps(value, ensure_ascii=True, allow_nan=False, separators=(",", ":"))


def _sorted(value: object) -> str:
    """JSON that does not depend on the order of members: a header that was stored has lost it."""
    return json.dumps(value, ensure_ascii=True, allow_nan=False, separators=(",", ":"), sort_keys=True)


def _lines(records: Iterable[Any], written: Callable[[object], str] = _json) -> Iterator[bytes]:
    separator = "\n"
    for record in records:
        yield f"{separator}{written(record)}".encode()
        separator = ",\n"
    yield b"\n]"


def _image(number: int, entry: Mapping[str, Any], prefix: str) -> dict[str, Any]:
    own = {"id": number, "file_name": entry["path"].removeprefix(prefix), "width": entry["width"]}
    return {**own, "height": entry["height"], **_said(entry).get("image", {})}


def _numbered(entries: Iterable[Mapping[str, Any]]) -> Iterator[dict[str, Any]]:
    number = 0
    for image, entry in enumerate(entries, 1):
        for record in _said(entry).get("annotations", ()):
            number += 1
            yield {"id": number, "image_id": image, **record}


def _said(entry: Mapping[str, Any]) -> Mapping[str, Any]:
    """What `render` wrote; nothing for pictures that labels do not speak of."""
    annotations = entry.get("annotations")
    said: Mapping[str, Any] = annotations[0] if annotations else {}
    return said
