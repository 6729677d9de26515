"""Labels lie where the picture lies, whatever geometry it goes through: held against masks moved as pixels."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import cv2
import numpy as np
import pytest
from label_sets import NAMES, Ring, Thing, export, lines, of_steps, put, save, yolo_row
from numpy.typing import NDArray
from pictures import smooth
from PIL import Image

from augstudio.dataset.labelling import LabelChoice
from augstudio.engine import BorderMode
from augstudio.export import Status
from augstudio.label_rules import LabelRules
from augstudio.pipeline import Fit, Output, Pipeline
from augstudio.transforms import registry

GEOMETRY = [op for op, transform in registry().items() if transform.group() == "geometry"]
RULES = LabelRules(smallest_share=0.0, smallest_side=0.0)
"""Everything that is seen is kept, so that everything can be held against its mask."""
SIZE = (120, 96)


def rounds(size: tuple[int, int], steps: int = 14) -> list[Thing]:
    """Four fat objects, without corners that are thinner than pixels; one reaches over the edge."""
    width, height = size
    found = []
    for number, (x, y, share) in enumerate(((0.2, 0.28, 0.17), (0.62, 0.3, 0.2), (0.3, 0.75, 0.19), (0.85, 0.8, 0.2))):
        around = np.arange(steps) / steps * 2 * np.pi + number
        points = np.stack((x * width + share * height * np.cos(around), y * height + share * height * np.sin(around)))
        points = np.clip(np.round(points.T), 0, (width, height))
        found.append(Thing(number % 2, [(float(x), float(y)) for x, y in points]))
    return found


def filled(rings: list[Ring], size: tuple[int, int]) -> NDArray[np.bool_]:
    """Pixels whose middles lie in an odd number of some rings: exact, by crossings of rows of middles."""
    height, width = size[1], size[0]
    rows = np.arange(height) + 0.5
    odd = np.zeros((height, width + 1), np.int64)
    for ring in rings:
        points = np.array(ring, np.float64).reshape(-1, 2)
        for (x1, y1), (x2, y2) in zip(points, np.roll(points, -1, axis=0), strict=True):
            if y1 == y2:
                continue
            hit = np.flatnonzero((rows >= min(y1, y2)) & (rows < max(y1, y2)))
            x = x1 + (rows[hit] - y1) * (x2 - x1) / (y2 - y1)
            np.add.at(odd, (hit, np.clip(np.ceil(x - 0.5), 0, width).astype(int)), 1)
    return np.asarray(np.cumsum(odd, axis=1)[:, :width] % 2 == 1)


def perimeter(rings: list[Ring]) -> float:
    total = 0.0
    for ring in rings:
        points = np.array(ring, np.float64)
        total += float(np.hypot(*(points - np.roll(points, -1, axis=0)).T).sum())
    return total


@dataclass
class Seen:
    """An object as the labels of a copy have it: its pieces, or only a box."""

    number: int
    rings: list[Ring]
    box: tuple[float, float, float, float] | None


@dataclass
class Case:
    """How a dataset is written: objects in one format, and masks that number them beside it."""

    format: str
    orientation: int = 1
    stored: bool = False
    suffix: str = ".png"
    size: tuple[int, int] = SIZE

    @property
    def options(self) -> dict[str, str | int]:
        found: dict[str, str | int] = {"voc_base": 0} if self.format == "voc" else {}
        return {**found, "drawn_on": "stored"} if self.stored else found


def turned_back(thing: Thing, size: tuple[int, int], orientation: int) -> Thing:
    """An object of the upright picture of this size, in the picture as it is stored."""
    width, height = size
    back = {
        1: lambda x, y: (x, y),
        3: lambda x, y: (width - x, height - y),
        6: lambda x, y: (y, width - x),
        8: lambda x, y: (height - y, x),
    }[orientation]
    return Thing(thing.number, [back(x, y) for x, y in thing.ring])


def stored_pixels(upright: NDArray[Any], orientation: int) -> NDArray[Any]:
    """A picture that becomes this one when it is turned as its EXIF says."""
    return np.ascontiguousarray(np.rot90(upright, {1: 0, 3: 2, 6: 1, 8: 3}[orientation]))


def dataset(root: Path, case: Case, pictures: int = 2) -> None:
    """Draw it."""
    objects = rounds(case.size)
    drawn_on = (case.size if case.orientation in (1, 3) else case.size[::-1]) if case.stored else case.size
    written = [turned_back(thing, case.size, case.orientation) for thing in objects] if case.stored else objects
    records = []
    for number in range(pictures):
        upright = cv2.resize(smooth(90, 120, 3, seed=number), case.size)
        save(root / f"images/p{number}{case.suffix}", stored_pixels(upright, case.orientation), case.orientation)
        mask = np.zeros(case.size[::-1], np.uint8)
        for place, thing in enumerate(objects, 1):
            mask[filled([thing.ring], case.size)] = place
        if case.stored:
            mask = stored_pixels(mask, case.orientation)
        save(root / f"masks/p{number}.png", mask)
        if case.format == "yolo":
            text = "".join(f"{yolo_row(thing, drawn_on, segment=True)}\n" for thing in written)
            put(root / f"labels/p{number}.txt", text)
        elif case.format == "voc":
            put(root / f"Annotations/p{number}.xml", voc_with_polygons(f"p{number}{case.suffix}", drawn_on, written))
        records.append({"id": number, "file_name": f"p{number}{case.suffix}"})
    if case.format == "yolo":
        put(root / "data.yaml", f"train: images\nval: images\nnames: [{', '.join(NAMES)}]\n")
    if case.format == "coco":
        images = [{**one, "width": drawn_on[0], "height": drawn_on[1]} for one in records]
        annotations = []
        for image in images:
            for thing in written:
                left, top, right, bottom = thing.box
                annotations.append(
                    {
                        "id": len(annotations),
                        "image_id": image["id"],
                        "category_id": thing.number,
                        "bbox": [left, top, right - left, bottom - top],
                        "area": 1.0,
                        "iscrowd": 0,
                        "segmentation": [[value for point in thing.ring for value in point]],
                    }
                )
        categories = [{"id": number, "name": name} for number, name in enumerate(NAMES)]
        content = {"images": images, "annotations": annotations, "categories": categories}
        put(root / "annotations/instances.json", json.dumps(content))


def voc_with_polygons(name: str, size: tuple[int, int], objects: list[Thing]) -> str:
    """Polygons beside the boxes, with two decimals, as some tools write them; pixels counted from 0."""
    rows = []
    for thing in objects:
        corners = "".join(
            f"<{tag}>{value:.2f}</{tag}>"
            for tag, value in zip(("xmin", "ymin", "xmax", "ymax"), thing.box, strict=True)
        )
        points = "".join(f"<x{i}>{x:.2f}</x{i}><y{i}>{y:.2f}</y{i}>" for i, (x, y) in enumerate(thing.ring, 1))
        rows.append(
            f"<object><name>{NAMES[thing.number]}</name><truncated>0</truncated><bndbox>{corners}</bndbox>"
            f"<polygon>{points}</polygon></object>"
        )
    return (
        f"<annotation><filename>{name}</filename><size><width>{size[0]}</width><height>{size[1]}</height>"
        f"<depth>3</depth></size>{''.join(rows)}</annotation>"
    )


def copies(out: Path, format_: str) -> Iterator[tuple[dict[str, Any], NDArray[np.uint8], list[Seen]]]:
    """Each copy: its line, its mask, and its objects in the order of the source, as far as it has them."""
    coco: dict[str, list[dict[str, Any]]] = {}
    if format_ == "coco":
        content = json.loads((out / "annotations/instances.json").read_bytes())
        names = {one["id"]: one["file_name"] for one in content["images"]}
        for one in content["annotations"]:
            coco.setdefault(names[one["image_id"]], []).append(one)
    for line in lines(out):
        name = line["path"].rpartition("/")[2]
        stem = name.rpartition(".")[0]
        size = line["width"], line["height"]
        with Image.open(out / "masks" / f"{stem}.png") as mask:
            levels = np.array(mask)
        assert levels.shape == size[::-1]
        seen = []
        if format_ == "coco":
            for one in coco.get(name, []):
                left, top, width, height = one["bbox"]
                rings = [[*zip(ring[::2], ring[1::2], strict=True)] for ring in one["segmentation"]]
                seen.append(Seen(one["category_id"], rings, (left, top, left + width, top + height)))
        elif format_ == "yolo":
            for row in (out / "labels" / f"{stem}.txt").read_text().splitlines():
                number, *values = row.split()
                points = np.array(values, np.float64).reshape(-1, 2) * size
                seen.append(Seen(int(number), [[(float(x), float(y)) for x, y in points]], None))
        else:
            for one in ElementTree.parse(out / "Annotations" / f"{stem}.xml").iter("object"):
                rings = []
                for polygon in one.iter("polygon"):
                    values = [float(part.text or "") for part in polygon]
                    rings.append([*zip(values[::2], values[1::2], strict=True)])
                box = tuple(float(one.findtext(f"bndbox/{tag}") or "") for tag in ("xmin", "ymin", "xmax", "ymax"))
                seen.append(Seen(NAMES.index(one.findtext("name") or ""), rings, box))  # type: ignore[arg-type]
        yield line, levels, seen


def agrees(out: Path, case: Case) -> int:
    """Hold that outlines and boxes of all copies agree with their masks; how many objects were held."""
    held = 0
    for line, levels, seen in copies(out, case.format):
        assert levels.max() <= 4 or set(np.unique(levels)) <= {0, 1, 2, 3, 4, 255}
        size = line["width"], line["height"]
        zoom = max(1.0, *(new / old for new, old in zip(sorted(size), sorted(case.size), strict=True)))
        zoom *= _enlarged(line)
        present = [number for number in range(1, 5) if (levels == number).sum() > 2 * zoom**2]
        assert len(seen) >= len(present)
        left = list(seen)
        for number in present:
            pixels = levels == number
            # Objects lie apart, so the one that covers most of these pixels is theirs.
            best = max(left, key=lambda one: (filled(one.rings, size) & pixels).sum())
            left.remove(best)
            assert best.number == (number - 1) % 2
            apart = int((filled(best.rings, size) ^ pixels).sum())
            allowed = max(2.0, perimeter(best.rings) / 2 * zoom)
            assert apart <= allowed, f"{line['path']}: object {number}: {apart} pixels differ, allowed {allowed:.1f}"
            if best.box is not None:
                rows, columns = np.flatnonzero(pixels.any(1)), np.flatnonzero(pixels.any(0))
                wanted = (columns[0], rows[0], columns[-1] + 1, rows[-1] + 1)
                far = max(abs(a - b) for a, b in zip(best.box, wanted, strict=True))
                assert far <= 1.0 * zoom + 0.02, f"{line['path']}: {number}: box {best.box}, mask {wanted}"
            held += 1
        for one in left:  # slivers, of which no pixel or hardly one has its middle inside
            assert filled(one.rings, size).sum() <= max(4.0, perimeter(one.rings) / 2 * zoom)
    return held


def _enlarged(line: dict[str, Any]) -> float:
    """How much a crop enlarges."""
    return float(np.prod([draw["values"].get("area", 1.0) ** -0.5 for draw in line["draws"]]))


def op_of(op: str, **more: Any) -> tuple[str, dict[str, Any]]:
    """A transform that is always applied, with a border that shows nothing twice."""
    fields = registry()[op].model_fields
    values: dict[str, Any] = {"probability": 1.0} if "probability" in fields else {}
    if "border" in fields:
        values["border"] = BorderMode.BLANK
    return op, {**values, **more}


def follows(tmp_path: Path, case: Case, pipeline: Pipeline, *, copies_: int = 3, pictures: int = 2) -> Path:
    """Export a drawn set with a pipeline, and hold labels against masks."""
    dataset(tmp_path / "in", case, pictures)
    out = tmp_path / "out"
    done = export(
        tmp_path / "in",
        out,
        pipeline=pipeline.edited(labels=RULES),
        copies=copies_,
        labels=LabelChoice(options=case.options),
    )
    assert (done.state, done.failures, done.problems) == (Status.COMPLETE, (), ())
    assert done.labels
    assert done.labels.formats == (case.format, "masks")
    assert not done.labels.problems
    assert agrees(out, case) >= pictures * (copies_ + 1) * 2
    return out


@pytest.mark.parametrize("format_", ["coco", "yolo", "voc"])
@pytest.mark.parametrize("op", GEOMETRY)
def test_every_geometry(op: str, format_: str, tmp_path: Path) -> None:
    follows(tmp_path, Case(format_), of_steps(op_of(op)))


@pytest.mark.parametrize("format_", ["coco", "yolo", "voc"])
def test_all_of_them_together(format_: str, tmp_path: Path) -> None:
    gentle = [op_of(op) for op in GEOMETRY if op not in ("crop", "perspective")]
    follows(tmp_path, Case(format_), of_steps(*gentle), copies_=6)


@pytest.mark.parametrize("format_", ["coco", "yolo"])
def test_a_blur_between_two_geometries(format_: str, tmp_path: Path) -> None:
    """What the first frame has cut must not come back in the second."""
    crop = op_of("crop", area=(0.5, 0.6))
    follows(tmp_path, Case(format_), of_steps(crop, op_of("blur"), op_of("rotate"), op_of("shrink")), copies_=4)


@pytest.mark.parametrize("fit", [Fit.CROP, Fit.PAD, Fit.STRETCH])
@pytest.mark.parametrize("format_", ["coco", "yolo", "voc"])
def test_an_output_size(format_: str, fit: Fit, tmp_path: Path) -> None:
    output = Output(fit=fit, width=80, height=64)
    follows(tmp_path, Case(format_), of_steps(op_of("flip"), op_of("rotate"), output=output))


@pytest.mark.parametrize("stored", [False, True], ids=["drawn upright", "drawn as stored"])
@pytest.mark.parametrize("orientation", [3, 6])
@pytest.mark.parametrize("format_", ["coco", "yolo", "voc"])
def test_pictures_that_a_camera_has_turned(format_: str, orientation: int, stored: bool, tmp_path: Path) -> None:
    case = Case(format_, orientation, stored, ".jpg")
    out = follows(tmp_path, case, of_steps(op_of("rotate")))
    assert {(line["width"], line["height"]) for line in lines(out)} == {SIZE}


@pytest.mark.parametrize("format_", ["coco", "voc"])
def test_sizes_tell_on_which_picture_was_drawn(format_: str, tmp_path: Path) -> None:
    dataset(tmp_path / "in", Case(format_, 6, True, ".jpg"))
    labels = LabelChoice(options={"voc_base": 0})
    export(tmp_path / "in", tmp_path / "out", pipeline=of_steps(labels=RULES), copies=1, labels=labels)
    assert agrees(tmp_path / "out", Case(format_)) == 16


LARGE = (2400, 1800)


@pytest.mark.parametrize(("side", "reduction"), [(224, 4), (100, 8)])
@pytest.mark.parametrize("format_", ["coco", "yolo", "voc"])
def test_large_jpegs_that_are_decoded_reduced(format_: str, side: int, reduction: int, tmp_path: Path) -> None:
    case = Case(format_, suffix=".jpg", size=LARGE)
    output = Output(fit=Fit.CROP, width=side, height=side)
    out = follows(tmp_path, case, of_steps(op_of("rotate"), output=output), pictures=1, copies_=2)
    assert {line["reduction"] for line in lines(out)} == {reduction}


@pytest.mark.parametrize("orientation", [3, 6])
@pytest.mark.parametrize("stored", [False, True], ids=["drawn upright", "drawn as stored"])
def test_large_jpegs_that_a_camera_has_turned(orientation: int, stored: bool, tmp_path: Path) -> None:
    case = Case("coco", orientation, stored, ".jpg", LARGE)
    output = Output(fit=Fit.PAD, width=224, height=224)
    out = follows(tmp_path, case, of_steps(op_of("flip"), op_of("shear"), output=output), pictures=1, copies_=1)
    assert {line["reduction"] for line in lines(out)} == {4}


def test_the_same_by_another_rasteriser() -> None:
    """The oracle of these tests, against OpenCV's."""
    for thing in rounds(SIZE):
        points = np.array([thing.ring], np.float64)
        mask = np.zeros(SIZE[::-1], np.uint8)
        cv2.fillPoly(mask, np.round((points - 0.5) * 256).astype(np.int32), 1, shift=8)
        assert ((mask > 0) ^ filled([thing.ring], SIZE)).sum() <= perimeter([thing.ring])
