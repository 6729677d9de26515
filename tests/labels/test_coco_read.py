from __future__ import annotations

import itertools
import json
import time
from typing import Any

import numpy as np
import pytest
from coco_sets import box, coco, collected, kinds, one, parsed, picture
from pycocotools import mask as oracle

from augstudio.engine import BoundingBox, KeyPoints, Polygon, Region
from augstudio.labels import coco_read
from augstudio.labels.model import Labelled
from augstudio.labels.orientation import upright_box
from augstudio.labels.rle import encode, packed

SQUARE = [10, 20, 40, 20, 40, 60, 10, 60]
NAN, INF = float("nan"), float("inf")


def mask(size: tuple[int, int] = (100, 80)) -> np.ndarray[Any, np.dtype[np.bool_]]:
    pixels = np.zeros(size[::-1], np.bool_)
    pixels[10:30, 5:20] = True
    pixels[12:14, 6:9] = False
    return pixels


def rle(size: tuple[int, int] = (100, 80), *, text: bool = False) -> dict[str, Any]:
    counts = encode(mask(size))
    return {"size": [size[1], size[0]], "counts": packed(counts) if text else counts.tolist()}


def test_a_box() -> None:
    labelled = one(box(own={"a": 1}))
    assert labelled.shapes == (BoundingBox(0, 10, 20, 40, 60),)
    (thing,) = labelled.objects
    assert (thing.category.name, thing.crowd) == ("cat", False)
    assert thing.record["own"] == {"a": 1}
    assert not labelled.problems
    assert not labelled.notes


def test_a_polygon_of_several_pieces_closed_or_not() -> None:
    pieces = [SQUARE, [1, 2, 3, 2, 3, 4.5, 1, 2]]
    labelled = one(box(segmentation=pieces))
    ring = [[1, 2], [3, 2], [3, 4.5]]
    assert labelled.shapes[1] == Polygon.of(0, np.reshape(SQUARE, (-1, 2)), ring)
    assert labelled.objects[0].record["segmentation"] == pieces
    assert not labelled.problems


@pytest.mark.parametrize("text", [False, True])
@pytest.mark.parametrize("crowd", [0, 1])
def test_a_run_length_mask(text: bool, crowd: int) -> None:
    labelled = one(box(segmentation=rle(text=text), iscrowd=crowd))
    assert labelled.shapes[1] == Region(0, mask())
    assert labelled.objects[0].crowd == bool(crowd)
    assert not labelled.problems


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_a_list_of_runs_is_what_the_coco_tools_see() -> None:
    counts = rle()
    theirs = oracle.decode(oracle.frPyObjects(counts, 80, 100)).astype(bool)
    shape = one(box(segmentation=counts)).shapes[1]
    assert isinstance(shape, Region)
    assert np.array_equal(shape.whole((100, 80)), theirs)


@pytest.mark.parametrize("empty", [None, [], [[]]])
def test_an_empty_segmentation_is_none(empty: object) -> None:
    labelled = one(box(segmentation=empty))
    assert [type(shape) for shape in labelled.shapes] == [BoundingBox]
    assert labelled.objects[0].record["segmentation"] == empty
    assert not labelled.problems


def test_a_polygon_without_a_box() -> None:
    annotation = box(segmentation=[SQUARE])
    del annotation["bbox"]
    assert [type(shape) for shape in one(annotation).shapes] == [Polygon]


def test_key_points_that_are_there() -> None:
    labelled = one(box(keypoints=[5, 6, 2, 0, 0, 0, 7.5, 8, 1], num_keypoints=2))
    assert labelled.shapes[1] == KeyPoints(0, np.array(((5.5, 6.5), (8, 8.5))))
    assert [type(shape) for shape in one(box(keypoints=[0, 0, 0])).shapes] == [BoundingBox]


@pytest.mark.parametrize(
    ("changes", "kind"),
    [
        ({"bbox": [1, 2, NAN, 4]}, "number that is none"),
        ({"bbox": [1, 2, INF, 4]}, "number that is none"),
        ({"bbox": [1, 2, 1e300, 4]}, "number beyond all pictures"),
        ({"bbox": [1, 2, 10**400, 4]}, "number beyond all pictures"),
        ({"bbox": [1, 2, 3]}, "wrong type"),
        ({"bbox": "1, 2, 3, 4"}, "wrong type"),
        ({"bbox": [1, 2, "3", 4]}, "wrong type"),
        ({"bbox": [1, 2, True, 4]}, "wrong type"),
        ({"bbox": [1, 2, None, 4]}, "wrong type"),
        ({"bbox": [[1], 2, 3, 4]}, "wrong type"),
        ({"bbox": [1, 2, 0, 4]}, "box without an area"),
        ({"bbox": [1, 2, 3, -4]}, "box inside out"),
        ({"bbox": [100, 2, 3, 4]}, "box outside the picture"),
        ({"bbox": [-9, 2, 3, 4]}, "box outside the picture"),
        ({"bbox": [1, 80.5, 3, 4]}, "box outside the picture"),
        ({"bbox": None}, "neither box nor shape"),
        ({"segmentation": [[1, 2, 3, 4]]}, "polygon of fewer than three points"),
        ({"segmentation": [[1, 2, 3, 4, 1, 2]]}, "polygon of fewer than three points"),
        ({"segmentation": [[1, 2, 3, 4, 5, 6]]}, "polygon without an area"),
        ({"segmentation": [[1, 2, 1, 4, 1, 6, 1, 8]]}, "polygon without an area"),
        ({"segmentation": [[5, 5, 5, 5, 5, 5]]}, "polygon of fewer than three points"),
        ({"segmentation": [[1, 2, 3, 4, 5, 6, 7]]}, "polygon with an odd number"),
        ({"segmentation": [[1, 2, 3, 4, NAN, 6]]}, "number that is none"),
        ({"segmentation": [[1, 2, 3, 4, "5", 6]]}, "wrong type"),
        ({"segmentation": SQUARE}, "wrong type"),
        ({"segmentation": [[[1, 2], [3, 4], [5, 6]]]}, "wrong type"),
        ({"segmentation": "RLE"}, "wrong type"),
        ({"segmentation": 5}, "wrong type"),
        ({"segmentation": [[200, 2, 300, 2, 300, 4]]}, "polygon outside the picture"),
        ({"segmentation": {}}, "run-length mask of another size"),
        ({"segmentation": rle((80, 100))}, "run-length mask of another size"),
        ({"segmentation": {"size": [10**9, 10**9], "counts": [10**18]}}, "run-length mask of another size"),
        ({"segmentation": {"size": [80, 100], "counts": [8000, 1]}}, "broken run-length mask"),
        ({"segmentation": {"size": [80, 100], "counts": [7999]}}, "broken run-length mask"),
        ({"segmentation": {"size": [80, 100], "counts": [8001, -1]}}, "broken run-length mask"),
        ({"segmentation": {"size": [80, 100], "counts": [7999.0, 1]}}, "broken run-length mask"),
        ({"segmentation": {"size": [80, 100], "counts": "~"}}, "broken run-length mask"),
        ({"segmentation": {"size": [80, 100], "counts": "oooooooooooooooo"}}, "broken run-length mask"),
        ({"segmentation": {"size": [80, 100]}}, "broken run-length mask"),
        ({"segmentation": {"size": [80, 100], "counts": [8000]}}, "run-length mask without pixels"),
        ({"category_id": 99}, "category beyond the list"),
        ({"category_id": "3"}, "category beyond the list"),
        ({"category_id": True}, "category beyond the list"),
        ({"category_id": None}, "category beyond the list"),
        ({"category_id": 3.5}, "category beyond the list"),
        ({"iscrowd": "1"}, "wrong type"),
        ({"iscrowd": 2}, "wrong type"),
        ({"keypoints": [1, 2]}, "key points that are no triples"),
        ({"keypoints": [1, 2, "2"]}, "wrong type"),
        ({"own": json.loads("[" * 60 + "]" * 60)}, "brackets within brackets"),
    ],
)
def test_an_object_that_cannot_be_read_is_left_out_and_the_rest_goes_on(changes: dict[str, Any], kind: str) -> None:
    labelled = one(box(1), {**box(2), **changes}, box(3, bbox=[1, 2, 3, 4]))
    assert [thing.record["bbox"][0] for thing in labelled.objects] == [10.0, 1]
    assert {shape.number for shape in labelled.shapes} == {0, 1}
    (problem,) = labelled.problems
    assert (problem.kind, problem.where, problem.left_out) == (kind, "a.json, annotation 2", True)


@pytest.mark.parametrize(
    ("changes", "kind"),
    [
        ({"bbox": [-5, 2, 30, 4]}, "box reaches beyond the picture"),
        ({"bbox": [1, 2, 130, 4]}, "box reaches beyond the picture"),
        ({"segmentation": [[-5, 20, 40, 20, 40, 60]]}, "polygon reaches beyond the picture"),
        ({"segmentation": [[10, 20, 40, 60, 40, 20, 10, 60]]}, "polygon crosses itself"),
    ],
)
def test_an_object_that_is_odd_goes_on_as_it_is(changes: dict[str, Any], kind: str) -> None:
    labelled = one(box(**changes))
    (problem,) = labelled.problems
    assert (problem.kind, problem.left_out) == (kind, False)
    record = {**box(), **changes}
    assert labelled.objects[0].record == {key: record[key] for key in record if key not in ("id", "image_id")}


def test_rounding_beyond_the_edge_is_no_problem() -> None:
    assert not one(box(bbox=[-0.4, 0, 100.9, 80.5])).problems


def test_a_bad_piece_is_left_out_and_the_others_stay() -> None:
    labelled = one(box(segmentation=[SQUARE, [1, 2, 3, 4], [5, 6, 7, 8, 9]]))
    assert kinds(labelled) == ["polygon of fewer than three points", "polygon with an odd number"]
    assert labelled.objects[0].record["segmentation"] == [SQUARE]
    assert labelled.shapes[1] == Polygon.of(0, np.reshape(SQUARE, (-1, 2)))


def test_values_that_json_has_none_for_are_written_as_null() -> None:
    labelled = one(box(score=NAN, area=INF, own=[1, {"a": -INF}, "\ud800"]), own=NAN)
    assert kinds(labelled) == ["value that JSON has none for"] * 2
    record = labelled.objects[0].record
    assert (record["score"], record["area"], record["own"]) == (None, None, [1, {"a": None}, "�"])
    assert labelled.record == {"own": None}


def test_an_annotation_that_says_the_same_again_is_left_out() -> None:
    same = [box(1, segmentation=[SQUARE]), box(2, segmentation=[SQUARE]), box(3), box(4, category_id=7)]
    labelled = one(*same)
    assert len(labelled.objects) == 3
    (problem,) = labelled.problems
    assert str(problem) == "a.json, annotation 2: duplicate annotation: the same as annotation 1; each object once"


def test_annotations_without_ids_are_called_by_their_place() -> None:
    labelled = one(box(), {"image_id": 1, "category_id": 3, "bbox": [1, 2, 3]})
    assert labelled.problems[0].where == "a.json, annotations[1]"


# -- sides ------------------------------------------------------------------------------------------------------------


def stated(width: object, height: object, orientation: int, drawn_on: str = "auto", annotation: Any = None) -> Labelled:
    content = coco([picture(width=width, height=height)], [annotation or box(bbox=[1, 2, 3, 4])])
    found = collected({"a.json": content}, ["1.jpg"], drawn_on=drawn_on)
    return parsed(found, "1.jpg", (100, 80), orientation)


UPRIGHT, STORED = "labels drawn on the upright picture", "labels drawn on the stored picture"


@pytest.mark.parametrize(
    ("size", "orientation", "drawn_on", "stored", "note"),
    [
        ((100, 80), 1, "auto", False, ""),
        ((100, 80), 6, "auto", False, ""),
        ((80, 100), 6, "auto", True, STORED),
        ((100, 80), 3, "auto", False, UPRIGHT),
        ((None, None), 8, "auto", False, UPRIGHT),
        ((80, 100), 6, "upright", False, UPRIGHT),
        ((100, 80), 6, "stored", True, STORED),
        ((100, 80), 3, "stored", True, STORED),
        ((100, 80), 1, "stored", False, ""),
    ],
)
def test_sizes_tell_what_labels_were_drawn_on(
    size: tuple[int, int], orientation: int, drawn_on: str, stored: bool, note: str
) -> None:
    labelled = stated(*size, orientation, drawn_on)
    assert labelled.upright is not stored
    assert labelled.notes == ((note,) if note else ())
    assert not labelled.problems
    sides = (100, 80) if orientation < 5 else (80, 100)
    bounds = upright_box((1, 2, 4, 6), sides, orientation) if stored else (1, 2, 4, 6)
    assert labelled.shapes == (BoundingBox(0, *bounds),)


@pytest.mark.parametrize(("width", "height"), [(50, 40), ("100", 80), (None, 80), (NAN, NAN), ([100], {})])
def test_sizes_that_contradict_the_picture(width: object, height: object) -> None:
    labelled = stated(width, height, 6)
    assert kinds(labelled) == ["size contradicts the picture"]
    assert not labelled.problems[0].left_out
    assert labelled.shapes == (BoundingBox(0, 1, 2, 4, 6),)


def test_a_mask_tells_the_size_where_the_image_does_not() -> None:
    assert not stated(None, None, 6, annotation=box(bbox=[1, 2, 3, 4], segmentation=rle((80, 100)))).upright


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("text", [False, True])
def test_masks_and_polygons_of_the_stored_picture_are_turned_alike(orientation: int, text: bool) -> None:
    size = (100, 80) if orientation < 5 else (80, 100)
    ring = [5, 10, 20, 10, 20, 30, 5, 30]
    annotations = [box(1, segmentation=rle(size, text=text)), box(2, segmentation=[ring], bbox=[5, 10, 15, 20])]
    content = coco([picture(width=size[0], height=size[1])], annotations)
    found = collected({"a.json": content}, ["1.jpg"], drawn_on="stored")
    labelled = parsed(found, "1.jpg", (100, 80), orientation)
    region, polygon = labelled.shapes[1], labelled.shapes[3]
    assert isinstance(region, Region)
    assert isinstance(polygon, Polygon)
    assert region.pixels.shape == (20, 15)[:: 1 if orientation < 5 else -1]
    assert region.bounds == polygon.bounds == labelled.shapes[2].bounds  # type: ignore[union-attr]
    assert labelled.upright is (orientation == 1)


# -- time -------------------------------------------------------------------------------------------------------------


def test_hostile_outlines_take_no_time() -> None:
    angles = np.linspace(0, 200 * np.pi, 200_000)
    spiral = np.stack((50 + 30 * np.cos(angles), 40 + 30 * np.sin(angles * 1.01)), 1)
    teeth = np.array([(x / 100, 10 + 60 * (x % 2)) for x in range(5000)])
    many = [box(n, segmentation=[(teeth + n / 1000).round(3).reshape(-1).tolist()]) for n in range(20)]
    annotations = [*many, box(99, segmentation=[spiral.reshape(-1).tolist()])]
    begun = time.perf_counter()
    assert len(one(*annotations).objects) == 21
    assert time.perf_counter() - begun < 10


def test_masks_beyond_memory_are_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    assert coco_read._MOST_PIXELS == 2**30
    monkeypatch.setattr(coco_read, "_MOST_PIXELS", 4 * 8000)
    labelled = one(*(box(n, segmentation=rle(), area=n) for n in range(6)))
    assert len(labelled.objects) == 4
    assert kinds(labelled) == ["too many run-length masks"] * 2


def test_very_many_alike_take_no_time() -> None:
    annotations = [box(n, own=n) for n in itertools.islice(itertools.count(), 5000)]
    begun = time.perf_counter()
    assert len(one(*annotations).objects) == 5000
    assert time.perf_counter() - begun < 5
