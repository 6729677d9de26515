"""What labels say of a dataset, told from a few pictures."""

from __future__ import annotations

import json
import pickle
import uuid
from pathlib import Path

import numpy as np
import pytest
from pictures import BESIDE, noise
from PIL import Image

from augstudio.advice import LabelFacts
from augstudio.dataset.label_facts import look_at_labels
from augstudio.dataset.labelling import NO_LABELS, LabelChoice, collect
from augstudio.dataset.scanning import scan
from augstudio.engine import BoundingBox, Polygon
from augstudio.images import encode
from augstudio.storage import at

PICTURE = encode(noise(60, 90), "PNG", 1)


def write_yolo(root: Path, rows: dict[str, str]) -> Path:
    (root / "images").mkdir(parents=True)
    (root / "labels").mkdir()
    (root / "data.yaml").write_text("names: [cat, dog]\n")
    for stem, text in rows.items():
        (root / "images" / f"{stem}.png").write_bytes(PICTURE)
        (root / "labels" / f"{stem}.txt").write_text(text)
    return root


def looked(root: Path, count: int = 24) -> LabelFacts | None:
    dataset = scan(root)
    return look_at_labels(dataset, collect(dataset), count=count)


def test_boxes_of_a_picture_in_its_pixels(tmp_path: Path) -> None:
    root = write_yolo(tmp_path, {"a": "1 0.5 0.5 0.2 0.5\n0 0.1 0.1 0.2 0.2\n", "b": "", "c": "0 0.5 0.5 1 1\n"})
    (root / "images" / "without.png").write_bytes(PICTURE)
    facts = looked(root)
    assert facts is not None
    assert [picture.key for picture in facts.pictures] == ["images/a.png", "images/c.png"], "b has no objects"
    first = facts.pictures[0]
    assert (first.width, first.height, first.categories) == (90, 60, ("dog", "cat"))
    assert first.shapes[0].bounds == pytest.approx((36, 15, 54, 45))
    assert facts.objects == 3
    assert pickle.loads(pickle.dumps(facts)) == facts
    assert looked(root) == facts


def test_pictures_are_spread_over_those_with_labels(tmp_path: Path) -> None:
    root = write_yolo(tmp_path, {f"{number:02}": "0 0.5 0.5 0.2 0.5\n" for number in range(30)})
    for number in range(100):
        (root / "images" / f"a{number:03}.png").write_bytes(PICTURE)
    facts = looked(root, count=5)
    assert facts is not None
    assert [picture.key for picture in facts.pictures] == [f"images/{n:02}.png" for n in (3, 9, 15, 21, 27)]


def test_what_cannot_be_read_is_passed_over(tmp_path: Path) -> None:
    rows = dict.fromkeys("abcdef", "0 0.5 0.5 0.2 0.5\n")
    root = write_yolo(tmp_path, {**rows, "wrong": "0 nan 0.5 0.2 0.5\n7 0.5 0.5 0.1 0.1\n"})
    (root / "images" / "a.png").write_bytes(b"no picture")
    dataset = scan(root)
    labels = collect(dataset)
    (root / "labels" / "b.txt").unlink()
    facts = look_at_labels(dataset, labels)
    assert facts is not None
    assert [picture.key for picture in facts.pictures] == [f"images/{stem}.png" for stem in "cdef"]
    assert look_at_labels(dataset, labels, stop=lambda: True) is None


def test_no_objects_no_facts(tmp_path: Path) -> None:
    root = write_yolo(tmp_path / "empty", dict.fromkeys("abc", ""))
    assert looked(root) is None
    dataset = scan(root)
    assert look_at_labels(dataset, NO_LABELS) is None
    assert look_at_labels(dataset, collect(dataset, LabelChoice(read="none"))) is None


def test_masks_beside_pictures_hold_no_objects(tmp_path: Path) -> None:
    """A mirrored border mirrors them, so nothing of them is without a label."""
    for folder in ("images", "masks"):
        (tmp_path / folder).mkdir()
    for number in range(3):
        (tmp_path / "images" / f"{number}.png").write_bytes(PICTURE)
        Image.fromarray(np.eye(60, 90, dtype=np.uint8)).save(tmp_path / "masks" / f"{number}.png")
    dataset = scan(tmp_path)
    labels = collect(dataset)
    assert labels.sets
    assert look_at_labels(dataset, labels) is None


def test_run_lengths_become_outlines(tmp_path: Path) -> None:
    """A region of 20 × 10 px with its box, as COCO's tools write it."""
    (tmp_path / "images").mkdir()
    (tmp_path / "images" / "a.png").write_bytes(PICTURE)
    pixels = np.zeros((60, 90), np.uint8)
    pixels[30:40, 50:70] = 1
    flat = pixels.ravel(order="F")
    ends = np.flatnonzero(np.diff(flat)) + 1
    counts = np.diff(np.concatenate(((0,), ends, (flat.size,)))).tolist()
    region = {
        "id": 1, "image_id": 1, "category_id": 1, "iscrowd": 1, "area": 200, "bbox": [50, 30, 20, 10],
        "segmentation": {"counts": counts, "size": [60, 90]},
    }  # fmt: skip
    polygon = {
        "id": 2, "image_id": 1, "category_id": 1, "iscrowd": 0, "area": 50, "bbox": [0, 0, 10, 10],
        "segmentation": [[0, 0, 10, 0, 10, 10]],
    }  # fmt: skip
    content = {
        "images": [{"id": 1, "file_name": "a.png", "width": 90, "height": 60}],
        "categories": [{"id": 1, "name": "cell"}],
        "annotations": [region, polygon],
    }
    (tmp_path / "annotations").mkdir()
    (tmp_path / "annotations" / "instances.json").write_text(json.dumps(content))
    facts = looked(tmp_path)
    assert facts is not None
    crowd, triangle = facts.pictures[0].shapes
    assert isinstance(crowd, Polygon)
    assert crowd.bounds == (50, 30, 70, 40)
    assert crowd.area == 200
    assert isinstance(triangle, Polygon)
    assert triangle.area == 50


def test_behind_a_url_as_in_a_local_folder(tmp_path: Path) -> None:
    root = write_yolo(tmp_path, dict.fromkeys("abcd", "0 0.5 0.5 0.2 0.5\n"))
    storage = at(f"memory://labels-{uuid.uuid4()}")
    for file in sorted(path for path in root.rglob("*") if path.is_file()):
        storage.write(file.relative_to(root).as_posix(), file.read_bytes())
    remote = scan(storage.location)
    assert look_at_labels(remote, collect(remote)) == looked(root)


@pytest.mark.skipif(not (BESIDE / "voc_bccd_mit").is_dir(), reason="the samples are not there")
def test_of_a_real_set() -> None:
    facts = looked(BESIDE / "voc_bccd_mit")
    assert facts is not None
    assert len(facts.pictures) == 24
    assert {name for picture in facts.pictures for name in picture.categories} == {"RBC", "WBC", "Platelets"}
    assert all(isinstance(shape, BoundingBox) for picture in facts.pictures for shape in picture.shapes)
    assert len(pickle.dumps(facts)) < 200_000
