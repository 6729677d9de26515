from __future__ import annotations

import contextlib
import io
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import supervision as sv
from coco_sets import (
    CATEGORIES,
    COCO,
    SAMPLES,
    Move,
    box,
    coco,
    collected,
    copy_of,
    entry,
    files_of,
    one,
    parsed,
    picture,
    rendered,
    stretched,
)
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image
from pycocotools import coco as tools_of_coco
from pycocotools import mask as oracle

from augstudio.engine import BoundingBox, KeyPoints, Polygon, Region, Shape
from augstudio.labels import LabelFormat
from augstudio.labels.adapter import LabelSet
from augstudio.labels.model import Category, Labelled, LabelledObject, Labelling
from augstudio.labels.rle import decode, encode, listed, packed, unpacked

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning:pycocotools")

SQUARE = [10.0, 20.0, 40.0, 20.0, 40.0, 60.0, 10.0, 60.0]
PATH = "images/a__aug1.jpg"
LABELLING = collected({"a.json": coco()}, ["1.jpg"]).labelling


def patched(annotation: dict[str, Any], move: Move, size: tuple[int, int] = (100, 80)) -> dict[str, Any]:
    labelled = one(annotation)
    (record,) = rendered(labelled, LABELLING, copy_of(labelled, move, size=size))["annotations"]
    result: dict[str, Any] = record
    return result


def region(size: tuple[int, int] = (100, 80)) -> np.ndarray[Any, np.dtype[np.bool_]]:
    pixels = np.zeros(size[::-1], np.bool_)
    pixels[10:30, 6:20] = True
    return pixels


def loaded(content: Any, folder: Path) -> tools_of_coco.COCO:
    file = folder / "loaded.json"
    file.write_text(json.dumps(content), "ascii")
    with contextlib.redirect_stdout(io.StringIO()):
        return tools_of_coco.COCO(str(file))


# -- one copy ---------------------------------------------------------------------------------------------------------


def test_unmoved_records_are_untouched() -> None:
    odd = box(5, bbox=[1, 2, 3.123456789, 4], area=7, segmentation=[SQUARE, []], own={"a": [1, None]}, score=0.25)
    crowd = box(6, iscrowd=1, segmentation={"size": [80, 100], "counts": [10, 0, 10, 7980]}, keypoints=[1, 2, 2])
    labelled = one(odd, crowd, license=4, date_captured="today")
    value = rendered(labelled, LABELLING, copy_of(labelled))
    assert value["image"] == {"license": 4, "date_captured": "today"}
    expected = [{name: record[name] for name in record if name not in ("id", "image_id")} for record in (odd, crowd)]
    assert json.dumps(value["annotations"]) == json.dumps(expected)


def test_objects_that_a_copy_loses_are_left_out() -> None:
    labelled = one(box(1), box(2, bbox=[1, 2, 3, 4]), box(3, bbox=[2, 2, 3, 4]))
    for move in (None, stretched(1, 1)):
        value = rendered(labelled, LABELLING, copy_of(labelled, move, lost=frozenset([1])))
        assert [record["bbox"][0] for record in value["annotations"]] == [10.0, 2]


def test_a_moved_box() -> None:
    record = patched(box(own=5), stretched(0.5, 2, 10, -30, (90, 100)), (90, 100))
    expected = {**box(own=5), "bbox": [15.0, 10.0, 15.0, 80.0], "area": 1200.0}
    assert record == {name: expected[name] for name in expected if name not in ("id", "image_id")}


def test_a_moved_polygon_gives_box_and_area() -> None:
    triangle = [10.0, 20.0, 30.0, 20.0, 10.0, 40.0]
    record = patched(box(segmentation=[triangle], area=300.0, bbox=[5.0, 15.0, 50.0, 50.0]), _without_box(2, 2, 1, 1))
    assert record["segmentation"] == [[21.0, 41.0, 61.0, 41.0, 21.0, 81.0]]
    assert record["bbox"] == [21.0, 41.0, 40.0, 39.0]  # the copy ends at 80
    assert record["area"] == 1200.0  # the source says 300 where the polygon has 200


def _without_box(*numbers: float) -> Move:
    """The box is that of what is seen of the outline, as it is where nothing else is given."""
    move = stretched(*numbers)

    def moved(shape: Shape) -> Shape | None:
        return None if isinstance(shape, BoundingBox) else move(shape)

    return moved


def test_pieces_that_a_frame_cuts_stay_one_object() -> None:
    labelled = one(box(segmentation=[SQUARE], area=1200.0))
    pieces = Polygon.of(0, [(0, 0), (5, 0), (5, 5)], [(10, 10), (20, 10), (20, 20), (10, 20)])
    copy = copy_of(labelled, lambda shape: pieces if isinstance(shape, Polygon) else BoundingBox(0, 0, 0, 20, 20))
    (record,) = rendered(labelled, LABELLING, copy)["annotations"]
    assert record["segmentation"] == [[0, 0, 5, 0, 5, 5], [10, 10, 20, 10, 20, 20, 10, 20]]
    assert record["bbox"] == [0, 0, 20, 20]
    assert record["area"] == 112.5


def test_holes_are_cut_open() -> None:
    labelled = one(box(segmentation=[SQUARE], area=1200.0))
    outline = np.array([(10, 10), (60, 10), (60, 60), (10, 60)], float)
    for hole in ([(20, 20), (40, 20), (40, 40), (20, 40)], [(20, 40), (40, 40), (40, 20), (20, 20)]):
        holed = Polygon(0, ((outline, np.array(hole, float)),))
        copy = copy_of(labelled, lambda shape, holed=holed: holed)
        (record,) = rendered(labelled, LABELLING, copy)["annotations"]
        (ring,) = record["segmentation"]
        theirs = oracle.decode(oracle.merge(oracle.frPyObjects([ring], 80, 100))).sum()
        assert abs(int(theirs) - 2100) < 60
        assert Polygon.of(0, np.reshape(ring, (-1, 2))).area == holed.area == 2100


@pytest.mark.parametrize("text", [False, True])
@pytest.mark.parametrize("crowd", [0, 1])
def test_run_length_masks_stay_what_they_are(text: bool, crowd: int) -> None:
    counts = encode(region())
    segmentation = {"size": [80, 100], "counts": packed(counts) if text else counts.tolist(), "own": 1}
    record = patched(
        box(segmentation=segmentation, iscrowd=crowd, area=280.0), stretched(2, 2, 0, 0, (120, 90)), (120, 90)
    )
    new = record["segmentation"]
    assert (new["size"], new["own"], record["iscrowd"]) == ([90, 120], 1, crowd)
    assert isinstance(new["counts"], str if text else list)
    seen = decode(unpacked(new["counts"]) if text else listed(new["counts"]), 120, 90)
    assert Region(0, seen).bounds == (12, 20, 40, 60)
    assert record["area"] == 1120.0


def test_a_mask_of_which_nothing_is_seen_is_empty_and_not_the_old_one() -> None:
    labelled = one(box(segmentation={"size": [80, 100], "counts": encode(region()).tolist()}))
    copy = copy_of(labelled, lambda shape: None if isinstance(shape, Region) else shape)
    (record,) = rendered(labelled, LABELLING, copy)["annotations"]
    assert record["segmentation"] == {"size": [80, 100], "counts": [8000]}


@pytest.mark.parametrize("missing", ["bbox", "area", "segmentation", "iscrowd"])
def test_what_the_source_lacks_is_not_made_up(missing: str) -> None:
    annotation = box(segmentation=[SQUARE])
    del annotation[missing]
    assert set(patched(annotation, stretched(1, 1, 3))) == set(annotation) - {"id", "image_id"}


def test_records_of_the_stored_picture_are_written_anew_where_nothing_moves() -> None:
    content = coco([picture(width=80, height=100)], [box(bbox=[1, 2, 3, 4], area=12.0)])
    found = collected({"a.json": content}, ["1.jpg"])
    labelled = parsed(found, "1.jpg", (100, 80), 6)
    (record,) = rendered(labelled, found.labelling, copy_of(labelled))["annotations"]
    assert (record["bbox"], record["area"]) == ([94.0, 1.0, 4.0, 3.0], 12.0)


@given(*(st.floats(-20, 120) for _ in range(4)))
def test_boxes_lie_within_the_copy_after_rounding(left: float, top: float, width: float, height: float) -> None:
    edges = [
        min(max(value, 0), end) for value, end in ((left, 100), (top, 80), (left + width, 100), (top + height, 80))
    ]
    labelled = one(box())
    copy = copy_of(labelled, lambda shape: BoundingBox(0, *edges))
    x, y, w, h = rendered(labelled, LABELLING, copy)["annotations"][0]["bbox"]
    assert x >= 0 and y >= 0
    assert x + w <= 100.0005 and y + h <= 80.0005
    assert max(abs(x - edges[0]), abs(y - edges[1])) <= 0.0006


# -- key points -------------------------------------------------------------------------------------------------------

PERSON = {"id": 3, "name": "person", "keypoints": ["nose", "left_eye", "right_eye", "tail"], "skeleton": [[1, 2]]}
POINTS = [20, 20, 2, 30, 15, 2, 10, 14, 1, 0, 0, 0]


def people(*annotations: dict[str, Any], names: bool = True) -> tuple[Labelled, Labelling]:
    category = PERSON if names else {"id": 3, "name": "person"}
    found = collected({"a.json": {**coco([picture()], annotations), "categories": [category]}}, ["1.jpg"])
    return parsed(found, "1.jpg"), found.labelling


def test_key_points_move_along() -> None:
    labelled, labelling = people(box(keypoints=POINTS, num_keypoints=3))
    (record,) = rendered(labelled, labelling, copy_of(labelled, stretched(1, 1, 5, 6)))["annotations"]
    assert record["keypoints"] == [25, 26, 2, 35, 21, 2, 15, 20, 1, 0, 0, 0]
    assert record["num_keypoints"] == 3


def test_key_points_that_are_not_seen_are_nothing() -> None:
    labelled, labelling = people(box(keypoints=POINTS, num_keypoints=3))

    def move(shape: Shape) -> Shape:
        points = np.array(((20.5, 20.5), (np.nan, np.nan), (10.5, 14.5)))
        return KeyPoints(0, points) if isinstance(shape, KeyPoints) else shape

    (record,) = rendered(labelled, labelling, copy_of(labelled, move))["annotations"]
    assert record["keypoints"] == [20, 20, 2, *[0] * 9]  # two points do not tell left from right
    assert record["num_keypoints"] == 1
    labelled, labelling = people(box(keypoints=POINTS, num_keypoints=3), names=False)
    shown = KeyPoints(0, np.array(((20.5, 20.5), (30.5, 15.5), (10.5, 14.5))))
    for points, number in ((shown, 3), (None, 0)):
        copy = copy_of(labelled, lambda shape, points=points: points if isinstance(shape, KeyPoints) else shape)
        (record,) = rendered(labelled, labelling, copy)["annotations"]
        assert record["num_keypoints"] == number


def test_left_and_right_change_places_in_a_mirror_image() -> None:
    labelled, labelling = people(box(keypoints=POINTS, num_keypoints=3))
    (record,) = rendered(labelled, labelling, copy_of(labelled, stretched(-1, 1, 100)))["annotations"]
    assert record["keypoints"] == [79, 20, 2, 89, 14, 1, 69, 15, 2, 0, 0, 0]


def test_other_objects_tell_that_a_copy_is_a_mirror_image() -> None:
    two = box(2, keypoints=[50, 50, 2, 60, 50, 2, 0, 0, 0, 0, 0, 0], num_keypoints=2, bbox=[50, 40, 10, 20])
    labelled, labelling = people(box(keypoints=POINTS, num_keypoints=3), two)
    record = rendered(labelled, labelling, copy_of(labelled, stretched(-1, 1, 100)))["annotations"][1]
    assert record["keypoints"] == [49, 50, 2, 0, 0, 0, 39, 50, 2, 0, 0, 0]
    alone, labelling = people(two)
    (record,) = rendered(alone, labelling, copy_of(alone, stretched(-1, 1, 100)))["annotations"]
    assert record["keypoints"] == [49, 50, 2, *[0] * 9]  # the nose has no side
    assert record["num_keypoints"] == 1


def test_key_points_without_names_are_left_out_of_mirror_images() -> None:
    labelled, labelling = people(box(keypoints=POINTS, num_keypoints=3), names=False)
    (record,) = rendered(labelled, labelling, copy_of(labelled, stretched(-1, 1, 100)))["annotations"]
    assert record["keypoints"] == [0] * 12
    assert record["num_keypoints"] == 0


@pytest.mark.parametrize(
    ("one_", "other"),
    [
        ("left_eye", "right_eye"),
        ("eye-R", "eye-L"),
        ("LeftEye", "RightEye"),
        ("kneeLeft", "kneeRight"),
        ("l_ear", "r_ear"),
    ],
)
def test_sides_are_told_by_names(one_: str, other: str) -> None:
    category = {"id": 3, "name": "x", "keypoints": ["lower", one_, other]}
    content = {**coco([picture()], [box(keypoints=[20, 20, 2, 30, 15, 2, 10, 14, 2])]), "categories": [category]}
    found = collected({"a.json": content}, ["1.jpg"])
    labelled = parsed(found, "1.jpg")
    (record,) = rendered(labelled, found.labelling, copy_of(labelled, stretched(-1, 1, 100)))["annotations"]
    assert record["keypoints"] == [79, 20, 2, 89, 14, 2, 69, 15, 2]


# -- all copies -------------------------------------------------------------------------------------------------------


def test_files_are_numbered_from_one_and_ordered() -> None:
    labelled = one(box(17), box(99, category_id=7), license=5)
    value = rendered(labelled, LABELLING, copy_of(labelled))
    entries = [entry(value, "images/cat/a.jpg", (10, 20)), entry(None, "images/b.jpg"), entry(value, "images/c.jpg")]
    (path, content), *others = files_of(LABELLING, entries).items()
    assert not others
    assert path == "annotations/instances.json"
    assert content["images"] == [
        {"id": 1, "file_name": "cat/a.jpg", "width": 10, "height": 20, "license": 5},
        {"id": 2, "file_name": "b.jpg", "width": 100, "height": 80},
        {"id": 3, "file_name": "c.jpg", "width": 100, "height": 80, "license": 5},
    ]
    ids = [(record["id"], record["image_id"], record["category_id"]) for record in content["annotations"]]
    assert ids == [(1, 1, 3), (2, 1, 7), (3, 3, 3), (4, 3, 7)]
    assert content["categories"] == CATEGORIES


@pytest.mark.parametrize(
    ("layout", "paths"),
    [
        ("instances", ["annotations/instances_train.json", "annotations/instances_val.json"]),
        ("roboflow", ["images/train/_annotations.coco.json", "images/val/_annotations.coco.json"]),
    ],
)
def test_every_split_has_its_file(layout: str, paths: list[str]) -> None:
    files = {
        "annotations/instances_train.json": coco([picture()], [box()], info={"a": 1}, licenses=[1]),
        "annotations/instances_val.json": coco([picture(2)], [], info={"a": 2}, licenses=[2], own="x"),
    }
    found = collected(files, ["images/train/1.jpg", "images/val/2.jpg"], layout=layout)
    labelled = parsed(found, "images/train/1.jpg")
    value = rendered(labelled, found.labelling, copy_of(labelled))
    entries = [entry(value, "images/train/a.jpg", split="train"), entry(None, "images/val/b.jpg", split="val")]
    written = files_of(found.labelling, entries, "train", "val")
    assert list(written) == paths
    train, val = written.values()
    assert [record["file_name"] for record in train["images"]] == ["a.jpg"]
    assert [record["file_name"] for record in val["images"]] == ["b.jpg"]
    assert (len(train["annotations"]), val["annotations"]) == (1, [])
    assert (train["info"], train["licenses"]) == ({"a": 1}, [1])
    assert (val["info"], val["licenses"], val["own"]) == ({"a": 2}, [2], "x")
    assert train["categories"] == val["categories"] == CATEGORIES
    (whole,) = files_of(found.labelling, entries).values()  # without splits: what all files hold
    assert (whole["info"], whole["licenses"], whole["own"]) == ({"a": 1}, [1, 2], "x")
    assert files_of(found.labelling, [], "train", "val")[paths[0]]["images"] == []


def test_files_are_the_same_when_made_of_what_was_stored() -> None:
    found = collected({"a.json": coco([picture()], [box()], info={"b": 1, "a": 2}, own={"d": 1, "c": 2})}, ["1.jpg"])
    labelled = parsed(found, "1.jpg")
    entries = [entry(rendered(labelled, found.labelling, copy_of(labelled)), PATH)]

    def bytes_of(labelling: Labelling) -> bytes:
        return b"".join(next(COCO.gathered(labelling, lambda: entries, ()))[1])

    assert bytes_of(found.labelling) == bytes_of(Labelling.parse(found.labelling.dump()))


def test_files_are_plain_ascii_so_that_any_system_reads_them() -> None:
    categories = [{"id": 3, "name": "Bär 🐻"}]
    found = collected({"a.json": {**coco([picture()], [box(own="ü")]), "categories": categories}}, ["1.jpg"])
    labelled = parsed(found, "1.jpg")
    entries = [entry(rendered(labelled, found.labelling, copy_of(labelled)), "images/ä.jpg")]
    ((_, data),) = COCO.gathered(found.labelling, lambda: entries, ())
    text = b"".join(data).decode("ascii")
    content = json.loads(text)
    assert content["categories"] == categories
    assert content["images"][0]["file_name"] == "ä.jpg"
    assert content["annotations"][0]["own"] == "ü"


def test_entries_are_never_held() -> None:
    class Endless:
        """Counts lines that are alive."""

        alive = most = 0

        def __init__(self) -> None:
            Endless.alive += 1
            Endless.most = max(Endless.most, Endless.alive)
            self.line = entry({"image": {}, "annotations": [{"bbox": [1, 2, 3, 4]}] * 10}, PATH)

        def __del__(self) -> None:
            Endless.alive -= 1

    def entries() -> Any:
        return (Endless().line for _ in range(2000))

    ((_, data),) = COCO.gathered(LABELLING, entries, ())
    sizes = [len(piece) for piece in data]
    assert sum(sizes) > 500_000
    assert max(sizes) < 2000
    assert Endless.most < 5


def drawn_set() -> LabelSet:
    mask = {"size": [80, 100], "counts": encode(region()).tolist()}
    text = {"size": [80, 100], "counts": packed(encode(region()))}
    annotations = [
        box(1, segmentation=[SQUARE]),
        box(
            2,
            2,
            segmentation=[SQUARE, [1.5, 2, 3, 2, 3, 4]],
            bbox=[1.5, 2, 38.5, 58],
            category_id=7,
            attributes={"a": "b"},
        ),
        box(3, 2, segmentation=mask, iscrowd=1, bbox=[6, 10, 14, 20]),
        box(4, 2, segmentation=text, bbox=[6, 10, 14, 20], category_id=7),
    ]
    images = [picture(1), picture(2), picture(3)]
    return collected({"annotations.json": coco(images, annotations)}, ["1.jpg", "2.jpg", "3.jpg"])


def exported(found: LabelSet, move: Move | None, sizes: dict[str, tuple[int, int]] | None = None) -> dict[str, Any]:
    entries = []
    for key in sorted(found.records):
        size = (sizes or {}).get(key, (100, 80))
        labelled = parsed(found, key, size)
        value = rendered(labelled, found.labelling, copy_of(labelled, move, size=size))
        entries.append(entry(value, f"images/{key}", size))
    (content,) = files_of(found.labelling, entries).values()
    assert isinstance(content, dict)
    return content


@pytest.mark.parametrize("move", [None, stretched(1, 1, 7, 5), stretched(-1, 0.9, 100)])
def test_the_coco_tools_read_what_is_written(move: Move | None, tmp_path: Path) -> None:
    tools = loaded(exported(drawn_set(), move), tmp_path)
    assert (len(tools.getImgIds()), len(tools.getAnnIds()), len(tools.getCatIds())) == (3, 4, 3)
    assert [len(tools.getAnnIds(imgIds=number)) for number in (1, 2, 3)] == [1, 3, 0]
    assert tools.getCatIds() == [3, 7, 1]
    for record in tools.loadAnns(tools.getAnnIds()):
        x, y, w, h = record["bbox"]
        rows, columns = np.nonzero(tools.annToMask(record))
        edges = (columns.min(), rows.min(), columns.max() + 1, rows.max() + 1)
        assert np.abs(np.subtract(edges, (x, y, x + w, y + h))).max() <= 1


@pytest.mark.parametrize("move", [None, stretched(1, 1, 7, 5)])
def test_supervision_reads_what_is_written(move: Move | None, tmp_path: Path) -> None:
    content = exported(drawn_set(), move)
    for number in (1, 2, 3):
        Image.new("RGB", (100, 80)).save(tmp_path / f"{number}.jpg")
    file = tmp_path / "instances.json"
    file.write_text(json.dumps(content), "ascii")
    dataset = sv.DetectionDataset.from_coco(str(tmp_path), str(file))
    assert len(dataset) == 3
    assert sorted(dataset.classes) == ["cat", "dog", "rare"]
    assert sum(len(detections) for _, _, detections in dataset) == 4


# -- identity ---------------------------------------------------------------------------------------------------------


def by_picture(content: dict[str, Any]) -> dict[str, Any]:
    """Every record whole but for its ids, for each picture."""
    names = {image["id"]: image["file_name"] for image in content["images"]}
    images = {image["file_name"]: {key: image[key] for key in image if key != "id"} for image in content["images"]}
    annotations: dict[str, list[Any]] = {name: [] for name in images}
    for one_ in content["annotations"]:
        own = {key: value for key, value in one_.items() if key not in ("id", "image_id")}
        annotations[names[one_["image_id"]]].append(own)
    return {name: (images[name], annotations[name]) for name in images}


def test_identity_gives_back_every_record_of_a_real_set(tmp_path: Path) -> None:
    folder = SAMPLES / "coco_polygons_facade_ccby"
    if not folder.is_dir():
        pytest.skip("no samples here")
    data = (folder / "_annotations.coco.json").read_bytes()
    pictures = sorted(file.name for file in folder.glob("*.jpg"))
    found = collected({"_annotations.coco.json": data}, pictures)
    assert not [problem for problem in found.problems if problem.left_out]
    sizes = dict.fromkeys(pictures, (1024, 1024))
    source, content = json.loads(data), exported(found, None, sizes)
    assert by_picture(content) == by_picture(source)
    for name in source:
        if name not in ("images", "annotations"):
            assert content[name] == source[name]
    assert found.labelling.header["coco"]["layout"] == "roboflow"
    for move in (None, stretched(1, 1, 0.25, -0.25)):
        tools = loaded(exported(found, move, sizes), tmp_path)
        assert (len(tools.getImgIds()), len(tools.getAnnIds()), len(tools.getCatIds())) == (12, 289, 11)
        assert all(tools.annToMask(record).shape == (1024, 1024) for record in tools.loadAnns(tools.getAnnIds()))


def test_identity_gives_back_every_record_of_a_drawn_set() -> None:
    found = drawn_set()
    content = exported(found, None)
    records = {key: json.loads(found.records[key]) for key in found.records}
    for key, (image, written) in by_picture(content).items():
        assert image == {name: value for name, value in records[key]["image"].items() if name != "id"}
        expected = [
            {name: value for name, value in one_.items() if name not in ("id", "image_id")}
            for one_ in records[key]["annotations"]
        ]
        assert written == expected


# -- from other formats -----------------------------------------------------------------------------------------------


def foreign(
    format_: LabelFormat, *things: tuple[LabelledObject, Shape], first: int = 0
) -> tuple[Labelled, Labelling, tuple[str, ...]]:
    categories = (Category(first, "a"), Category(first + 1, "b"))
    labelling, sentences = COCO.written_as(Labelling(format_, format_, categories, {}, {"other": 1}))
    assert labelling.written is LabelFormat.COCO
    assert labelling.categories == categories
    assert labelling.header["other"] == 1
    return Labelled(tuple(thing for thing, _ in things), tuple(shape for _, shape in things)), labelling, sentences


def test_ids_of_yolo_begin_at_one() -> None:
    thing = LabelledObject(Category(1, "b"), record="1 0.5 0.5 0.1 0.1")
    labelled, labelling, sentences = foreign(LabelFormat.YOLO, (thing, BoundingBox(0, 1, 2, 4, 6)))
    value = rendered(labelled, labelling, copy_of(labelled))
    (content,) = files_of(labelling, [entry(value, PATH)]).values()
    assert content["categories"] == [{"id": 1, "name": "a"}, {"id": 2, "name": "b"}]
    own = {"category_id": 2, "bbox": [1.0, 2.0, 3.0, 4.0], "area": 12.0, "iscrowd": 0, "segmentation": []}
    assert content["annotations"] == [{"id": 1, "image_id": 1, **own}]
    assert any("begin at 1" in sentence for sentence in sentences)


def test_ids_that_begin_above_zero_are_kept() -> None:
    thing = LabelledObject(Category(5, "a"))
    labelled, labelling, sentences = foreign(LabelFormat.YOLO, (thing, BoundingBox(0, 1, 2, 4, 6)), first=5)
    assert rendered(labelled, labelling, copy_of(labelled))["annotations"][0]["category_id"] == 5
    assert labelling.header["coco"]["categories"] == [{"id": 5, "name": "a"}, {"id": 6, "name": "b"}]
    assert not sentences


def test_polygons_and_masks_of_others(tmp_path: Path) -> None:
    square = Polygon.of(0, np.reshape(SQUARE, (-1, 2)))
    things = [
        (LabelledObject(Category(0, "a")), square),
        (LabelledObject(Category(1, "b"), crowd=True), Region(1, region())),
    ]
    labelled, labelling, _ = foreign(LabelFormat.YOLO, *things)
    (content,) = files_of(labelling, [entry(rendered(labelled, labelling, copy_of(labelled)), PATH)]).values()
    polygon, mask = content["annotations"]
    assert (polygon["segmentation"], polygon["bbox"], polygon["area"]) == ([SQUARE], [10, 20, 30, 40], 1200)
    assert (mask["bbox"], mask["area"], mask["iscrowd"]) == ([6, 10, 14, 20], 280, 1)
    tools = loaded(content, tmp_path)
    assert np.array_equal(tools.annToMask(tools.loadAnns(2)[0]).astype(bool), region())


def test_flags_of_pascal_voc_become_attributes() -> None:
    things = [
        (LabelledObject(Category(0, "a"), difficult=True), BoundingBox(0, 1, 2, 4, 6)),
        (LabelledObject(Category(0, "a")), BoundingBox(1, 1, 2, 5, 6)),
    ]
    labelled, labelling, sentences = foreign(LabelFormat.VOC, *things)
    flags = [record["attributes"] for record in rendered(labelled, labelling, copy_of(labelled))["annotations"]]
    assert flags == [{"difficult": True, "truncated": False}, {"difficult": False, "truncated": False}]
    cut = rendered(labelled, labelling, copy_of(labelled, stretched(1, 1), cut=True))["annotations"]
    assert all(record["attributes"]["truncated"] for record in cut)
    assert any("pose" in sentence for sentence in sentences)


def test_objects_of_which_nothing_is_known_are_left_out() -> None:
    labelled, labelling, _ = foreign(LabelFormat.YOLO, (LabelledObject(Category(0, "a")), BoundingBox(0, 1, 2, 4, 6)))
    nowhere = Labelled(labelled.objects)
    assert rendered(nowhere, labelling, copy_of(nowhere))["annotations"] == []


def test_what_masks_of_classes_lose_is_said() -> None:
    _, _, sentences = foreign(LabelFormat.MASKS)
    assert any("classes" in sentence for sentence in sentences)
