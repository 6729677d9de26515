"""COCO sets in memory, and copies of their pictures that are stretched and shifted."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from augstudio.engine import BoundingBox, KeyPoints, Polygon, Region, Shape
from augstudio.label_rules import Fate
from augstudio.labels.adapter import Ground, LabelSet
from augstudio.labels.coco import Coco
from augstudio.labels.model import Copy, Facts, Labelled, Labelling
from augstudio.labels.places import Pictures

SAMPLES = Path(os.environ.get("AUGSTUDIO_SAMPLES", Path(__file__).resolve().parents[3] / "shared" / "samples"))
COCO = Coco()
CATEGORIES = [{"id": 3, "name": "cat", "supercategory": "animal"}, {"id": 7, "name": "dog"}, {"id": 1, "name": "rare"}]


def picture(number: int = 1, name: str = "", **more: Any) -> dict[str, Any]:
    return {"id": number, "file_name": name or f"{number}.jpg", "width": 100, "height": 80, **more}


def box(number: int = 1, image: int = 1, **more: Any) -> dict[str, Any]:
    own = {"id": number, "image_id": image, "category_id": 3, "bbox": [10.0, 20.0, 30.0, 40.0], "area": 1200.0}
    return {**own, "iscrowd": 0, "segmentation": [], **more}


def coco(images: Iterable[Any] = (), annotations: Iterable[Any] = (), **more: Any) -> dict[str, Any]:
    return {"images": list(images), "annotations": list(annotations), "categories": CATEGORIES, **more}


def ground(
    files: Mapping[str, object], pictures: Iterable[str], splits: Mapping[str, str] | None = None, **options: str | int
) -> Ground:
    """What to collect from: files as JSON values or bytes; the split of a picture is given, or in its folder's name."""
    contents = {key: value if isinstance(value, bytes) else json.dumps(value).encode() for key, value in files.items()}
    keys = list(pictures)
    found = {
        key: next((part for part in key.split("/") if part in ("train", "val", "valid", "test")), "") for key in keys
    }
    return Ground(
        *(Pictures(keys), splits or found, tuple(sorted(contents)), {}), contents.__getitem__, options=options
    )


def collected(*args: Any, **options: Any) -> LabelSet:
    found = COCO.collect(ground(*args, **options))
    assert found is not None
    return found


def nothing(key: str) -> bytes:
    raise AssertionError(f"{key} was read")


def parsed(found: LabelSet, key: str, size: tuple[int, int] = (100, 80), orientation: int = 1) -> Labelled:
    return COCO.parse(found.records[key], found.labelling, nothing, Facts(key, *size, orientation))


def one(*annotations: Any, size: tuple[int, int] = (100, 80), orientation: int = 1, **image: Any) -> Labelled:
    """What is read of one picture with these annotations."""
    found = collected({"a.json": coco([picture(**image)], annotations)}, ["1.jpg"])
    assert not [problem for problem in found.problems if problem.left_out]
    return parsed(found, "1.jpg", size, orientation)


Move = Callable[[Shape], Shape | None]


def stretched(x: float, y: float, dx: float = 0, dy: float = 0, size: tuple[int, int] = (100, 80)) -> Move:
    """Scales shapes and shifts them; regions as pixels, to a copy of a size."""

    def move(shape: Shape) -> Shape:
        by, to = np.array((x, y)), np.array((dx, dy))
        if isinstance(shape, Polygon):
            return Polygon(shape.number, tuple(tuple(ring * by + to for ring in piece) for piece in shape.pieces))
        if isinstance(shape, KeyPoints):
            return KeyPoints(shape.number, shape.points * by + to)
        if isinstance(shape, Region):
            left, top = dx + x * shape.left, dy + y * shape.top
            matrix = np.array(((x, 0, left + x / 2 - 0.5), (0, y, top + y / 2 - 0.5)))
            pixels = cv2.warpAffine(shape.pixels.astype(np.uint8), matrix, size, flags=cv2.INTER_NEAREST)
            return Region(shape.number, pixels > 0)
        xs, ys = (
            sorted((shape.left * x + dx, shape.right * x + dx)),
            sorted((shape.top * y + dy, shape.bottom * y + dy)),
        )
        return BoundingBox(shape.number, xs[0], ys[0], xs[1], ys[1])

    return move


def copy_of(
    labelled: Labelled,
    move: Move | None = None,
    *,
    path: str = "images/a__aug1.jpg",
    size: tuple[int, int] = (100, 80),
    lost: frozenset[int] = frozenset(),
    cut: bool = False,
) -> Copy:
    fates = []
    for number in range(len(labelled.objects)):
        own = [shape for shape in labelled.shapes if shape.number == number]
        moved = own if move is None else [new for shape in own if (new := move(shape)) is not None]
        fates.append(
            Fate(number, number not in lost, tuple(moved), 1.0, cut, 1.0, 10.0, "outside" if number in lost else "")
        )
    split = path.split("/")[1] if path.count("/") > 1 else ""
    return Copy(path, split, *size, 3, tuple(fates), (), move is None)


def rendered(labelled: Labelled, labelling: Labelling, copy: Copy) -> dict[str, Any]:
    written = COCO.render(labelled, labelling, copy)
    assert not written.files
    assert written.annotations is not None
    (value,) = written.annotations
    result: dict[str, Any] = json.loads(json.dumps(value, allow_nan=False))
    return result


def entry(value: Any, path: str, size: tuple[int, int] = (100, 80), split: str = "") -> dict[str, Any]:
    own = {"path": path, "source": "x", "class": "", "split": split, "copy": 1, "width": size[0], "height": size[1]}
    return own if value is None else {**own, "annotations": [value]}


def files_of(labelling: Labelling, entries: list[dict[str, Any]], *splits: str) -> dict[str, Any]:
    """The files that are made of lines of a manifest."""
    texts = {path: b"".join(data) for path, data in COCO.gathered(labelling, lambda: iter(entries), splits)}
    return {path: json.loads(text, parse_constant=_no_json) for path, text in texts.items()}


def _no_json(word: str) -> None:
    raise AssertionError(f"{word} is no JSON")


def kinds(labelled: Labelled | LabelSet) -> list[str]:
    return [problem.kind for problem in labelled.problems]
