from __future__ import annotations

import json
import random
import time
import tracemalloc
from typing import Any

import pytest
from coco_sets import CATEGORIES, COCO, box, coco, collected, ground, kinds, parsed, picture
from hypothesis import given
from hypothesis import strategies as st

from augstudio.labels import LabelFormat, RecognitionStopped
from augstudio.labels.adapter import Ground
from augstudio.labels.model import Category, Facts, Labelling
from augstudio.labels.picture import PictureLabels, fingerprint
from augstudio.labels.places import Pictures
from augstudio.labels.problem_list import MOST_TOLD, ProblemList
from augstudio.labels.refused import is_refused


@pytest.mark.parametrize(
    ("file", "name", "key"),
    [
        ("annotations/instances_train.json", "1.jpg", "images/train/1.jpg"),
        ("annotations/instances_train2017.json", "1.jpg", "images/train/1.jpg"),
        ("annotations/instances_train2017.json", "train2017/1.jpg", "train2017/1.jpg"),
        ("annotations/instances_default.json", "train/1.jpg", "images/train/1.jpg"),
        ("annotations/instances_default.json", "../images/a/1.jpg", "images/a/1.jpg"),
        ("annotations/instances_default.json", "a\\1.jpg", "images/a/1.jpg"),
        ("train/_annotations.coco.json", "1.jpg", "train/1.jpg"),
        ("_annotations.coco.json", "1.jpg", "1.jpg"),
        ("annotations.json", "images/1.jpg", "images/1.jpg"),
        ("annotations.json", "/home/me/data/images/1.jpg", "photos/1.jpg"),
        ("result.json", "./1.jpg", "images/1.jpg"),
        ("deep/down/labels/labels_my-project.json", "1.jpg", "deep/down/images/1.jpg"),
    ],
)
def test_pictures_are_found_from_where_tools_name_them(file: str, name: str, key: str) -> None:
    found = collected({file: coco([picture(name=name)], [box()])}, [key, "images/2.jpg"])
    assert list(found.records) == [key]
    assert len(parsed(found, key).objects) == 1
    assert not found.problems


def test_of_pictures_of_one_name_the_split_tells_which() -> None:
    files = {
        f"annotations/instances_{split}.json": coco([picture()], [box(area=area)])
        for split, area in (("train", 1.0), ("validation", 2.0))
    }
    found = collected(files, ["images/train/1.jpg", "images/val/1.jpg"])
    assert not found.problems
    areas = {key: parsed(found, key).objects[0].record["area"] for key in found.records}
    assert areas == {"images/train/1.jpg": 1.0, "images/val/1.jpg": 2.0}


def test_a_missing_picture_is_not_taken_from_another_split() -> None:
    found = collected(
        {"annotations/instances_train.json": coco([picture()], [box()])}, ["images/val/1.jpg", "images/train/2.jpg"]
    )
    assert kinds(found) == ["missing picture"]
    assert not found.records


def test_names_that_several_pictures_have_tell_of_none_of_them() -> None:
    found = collected({"a.json": coco([picture(), picture(2)], [box()])}, ["x/1.jpg", "y/1.jpg", "x/2.jpg"])
    assert [str(problem) for problem in found.problems] == [
        'a.json, images[0]: name of several pictures: "1.jpg"; a path that tells which: "x/1.jpg" or "y/1.jpg"'
    ]
    assert set(found.records) == {"x/1.jpg", "y/1.jpg", "x/2.jpg"}
    facts = Facts("x/1.jpg", 30, 20, 1)
    read = PictureLabels.read([found.labelling], [found.records["x/1.jpg"]], lambda _: b"", facts)
    assert read.unusable == f"its labels cannot be used: {found.problems[0]}"
    assert fingerprint([found.labelling], [found.records["x/1.jpg"]], lambda _: b"") == read.sha256


def test_a_name_without_objects_says_nothing_false_of_any() -> None:
    found = collected({"a.json": coco([picture(), picture(2)], [box(1, 2)])}, ["x/1.jpg", "y/1.jpg", "x/2.jpg"])
    assert kinds(found) == ["name of several pictures"]
    assert set(found.records) == {"x/2.jpg"}


def test_a_picture_that_is_named_by_its_path_is_clear() -> None:
    found = collected({"a.json": coco([picture(), picture(2, name="x/1.jpg")], [box()])}, ["x/1.jpg", "y/1.jpg"])
    assert not is_refused(found.records["x/1.jpg"])
    assert is_refused(found.records["y/1.jpg"])


def test_one_name_is_one_category_whatever_its_ids() -> None:
    """Else a model is trained on one of the two, and tested on the other."""
    files = {
        f"annotations/instances_{split}.json": {
            **coco([picture(number)], [box(1, number, category_id=first), box(2, number, category_id=first + 1)]),
            "categories": [{"id": first, "name": "red thing"}, {"id": first + 1, "name": "green"}],
        }
        for number, (split, first) in enumerate((("train", 1), ("val", 0), ("test", 5)), 1)
    }
    keys = [f"images/{split}/{number}.jpg" for number, split in enumerate(("train", "val", "test"), 1)]
    found = collected(files, keys)
    names = [category.name for category in found.labelling.categories]
    assert sorted(names) == ["green", "red thing"]
    for key in keys:
        assert [one.category.name for one in parsed(found, key).objects] == ["red thing", "green"]
    ids = {tuple(one.record["category_id"] for one in parsed(found, key).objects) for key in keys}
    assert len(ids) == 1
    assert {problem.kind for problem in found.problems} == {"categories that disagree"}
    assert any('"red thing" has the id' in problem.found for problem in found.problems)


def test_the_layout_is_that_of_the_source_unless_it_is_asked_for() -> None:
    roboflow = {"train/_annotations.coco.json": coco([picture()])}
    others = {"annotations/instances_train.json": coco([picture()])}
    pictures = ["train/1.jpg"]
    assert collected(roboflow, pictures).labelling.header["coco"]["layout"] == "roboflow"
    assert collected(others, pictures).labelling.header["coco"]["layout"] == "instances"
    assert collected(others, pictures, layout="roboflow").labelling.header["coco"]["layout"] == "roboflow"
    with pytest.raises(ValueError, match="instances and roboflow"):
        collected(others, pictures, layout="other")


def test_a_record_holds_the_sources_own_text() -> None:
    text = b"""{"categories": [{"id": 3, "name": "cat"}], "annotations":
      [ {"id":1, "image_id": "one", "category_id":3, "bbox": [1,2,3.50,4], "note":"\\u00e4"}, {"image_id": 2} ,
        {"id":2, "image_id": "one", "category_id":3 , "bbox":[5 ,6,7,8]}],
      "images": [{"id": 2, "file_name": "2.jpg"}, {"id": "one" , "file_name": "1.jpg", "license": 4}]}"""
    found = collected({"a.json": text}, ["1.jpg", "2.jpg"])
    record = found.records["1.jpg"]
    for part in ('"bbox": [1,2,3.50,4], "note":"\\u00e4"}', '"bbox":[5 ,6,7,8]}', '{"id": "one" , "file_name"'):
        assert part in record
    assert json.loads(record)["at"] == [0, 2]
    labelled = parsed(found, "1.jpg")
    assert [one.record["bbox"] for one in labelled.objects] == [[1, 2, 3.5, 4], [5, 6, 7, 8]]
    assert labelled.record == {"license": 4}


def test_what_is_the_same_for_all_pictures_is_kept() -> None:
    one = coco([picture(1)], [box()], info={"year": 1}, licenses=[{"id": 1}], own=[1, {"a": [2]}], word="x")
    other = coco([picture(2)], [box(1, 2)], info={"year": 2}, licenses=[{"id": 2}])
    files = {"annotations/instances_train.json": one, "annotations/instances_val.json": other}
    found = collected(files, ["images/train/1.jpg", "images/val/2.jpg"])
    labelling = found.labelling
    assert labelling.categories == (Category(3, "cat"), Category(7, "dog"), Category(1, "rare"))
    header = labelling.header["coco"]
    assert header["categories"] == CATEGORIES
    assert header["files"] == {
        "train": {"info": {"year": 1}, "licenses": [{"id": 1}], "own": [1, {"a": [2]}], "word": "x"},
        "val": {"info": {"year": 2}, "licenses": [{"id": 2}]},
    }
    assert Labelling.parse(labelling.dump()) == labelling
    assert labelling.format is labelling.written is LabelFormat.COCO


def test_negatives_stay_and_pictures_that_no_file_names_have_no_record() -> None:
    found = collected({"a.json": coco([picture(1)], [])}, ["1.jpg", "2.jpg"])
    assert list(found.records) == ["1.jpg"]
    assert parsed(found, "1.jpg").objects == ()
    assert not found.problems


def test_records_are_a_mapping() -> None:
    records = collected({"a.json": coco([picture(1)], [])}, ["1.jpg", "2.jpg"]).records
    assert "1.jpg" in records
    assert "2.jpg" not in records
    assert records.get("2.jpg") is None
    assert len(records) == 1
    with pytest.raises(KeyError):
        records["2.jpg"]


@pytest.mark.parametrize(
    "content",
    [
        {"images": [picture()], "annotations": [{"id": 1, "image_id": 1, "caption": "a cat"}]},
        {"images": [picture()], "annotations": [{"image_id": 1, "file_name": "1.png", "segments_info": []}]},
        {"images": [picture()], "categories": []},
        {"shapes": [], "imagePath": "1.jpg"},
        [{"file_name": "1.jpg"}],
        b"{",
        b"",
        b"\xff\xfe\x00",
    ],
)
def test_what_is_no_coco_of_instances_is_none(content: object) -> None:
    assert COCO.collect(ground({"a.json": content}, ["1.jpg"])) is None


def test_captions_panoptic_and_key_points_beside_instances_are_said_and_not_read() -> None:
    person = {"keypoints": [1, 2, 2], "num_keypoints": 1}
    files = {
        "annotations/captions_train.json": coco([picture()], [{"id": 1, "image_id": 1, "caption": "a cat"}]),
        "annotations/instances_train.json": coco([picture()], [box()]),
        "annotations/panoptic_train.json": coco([picture()], [{"image_id": 1, "segments_info": []}]),
        "annotations/person_keypoints_train.json": coco([picture()], [box(**person)]),
    }
    found = collected(files, ["images/train/1.jpg"])
    assert not found.problems
    assert [note.partition(":")[0] for note in found.notes] == [key for key in files if "instances" not in key]
    alone = collected({key: files[key] for key in list(files)[-1:]}, ["images/train/1.jpg"])
    assert parsed(alone, "images/train/1.jpg").objects[0].record["keypoints"] == [1, 2, 2]


def test_two_files_for_one_picture() -> None:
    files = {"a.json": coco([picture()], [box(area=1)]), "b.json": coco([picture()], [box(area=2)])}
    found = collected(files, ["1.jpg"])
    (problem,) = found.problems
    assert str(problem) == (
        'b.json, images[0]: two label files for one picture: "1.jpg", as in a.json; one of the two; a.json counts'
    )
    assert parsed(found, "1.jpg").objects[0].record["area"] == 1


def test_two_images_of_one_picture_both_count() -> None:
    content = coco([picture(1), picture(2, "1.jpg")], [box(1, 2, area=1), box(2, 1, area=2)])
    found = collected({"a.json": content}, ["1.jpg"])
    (problem,) = found.problems
    assert (problem.kind, problem.left_out) == ("two images of one picture", False)
    assert [one.record["area"] for one in parsed(found, "1.jpg").objects] == [1, 2]


@pytest.mark.parametrize(
    ("images", "annotations", "kind", "where", "left_out"),
    [
        ([picture(2)], [], "missing picture", "a.json, images[1]", True),
        ([5], [], "image that is no record", "a.json, images[1]", True),
        ([{"file_name": "1.jpg"}], [], "image without an id", "a.json, images[1]", True),
        ([{"id": None, "file_name": "1.jpg"}], [], "image without an id", "a.json, images[1]", True),
        ([{"id": [1], "file_name": "1.jpg"}], [], "image without an id", "a.json, images[1]", True),
        ([{"id": True, "file_name": "1.jpg"}], [], "image without an id", "a.json, images[1]", True),
        ([picture(1, "other.jpg")], [], "two images of one id", "a.json, images[1]", True),
        ([], [box(9, 77)], "annotation of no image", "a.json, annotations[1]", True),
        ([], [box(9, "1")], "annotation of no image", "a.json, annotations[1]", True),  # type: ignore[arg-type]
        ([], [{"id": 9}], "annotation of no image", "a.json, annotation 9", True),
        ([], [[1]], "annotation that is no record", "a.json, annotations[1]", True),
        ([], [box(1)], "two annotations of one id", "a.json, annotations[1]", False),
    ],
)
def test_records_that_do_not_fit_together(
    images: list[Any], annotations: list[Any], kind: str, where: str, left_out: bool
) -> None:
    found = collected({"a.json": coco([picture(), *images], [box(), *annotations])}, ["1.jpg"])
    (problem,) = found.problems
    assert (problem.kind, problem.where, problem.left_out) == (kind, where, left_out)
    assert parsed(found, "1.jpg").objects


def test_ids_that_are_words_or_whole_floats_are_ids() -> None:
    text = (
        b'{"images": [{"id": 1.0, "file_name": "1.jpg"}, {"id": "b", "file_name": "2.jpg"}], "annotations": ['
        b'{"id": "x", "image_id": 1, "bbox": [1, 2, 3, 4], "category_id": 1.0},'
        b'{"id": "x", "image_id": "b", "bbox": [1, 2, 3, 4], "category_id": 1}],'
        b'"categories": [{"id": 1, "name": "a"}]}'
    )
    found = collected({"a.json": text}, ["1.jpg", "2.jpg"])
    assert kinds(found) == ["two annotations of one id"]
    assert all(len(parsed(found, key).objects) == 1 for key in ("1.jpg", "2.jpg"))


def test_problems_of_a_kind_are_told_up_to_a_number_and_then_counted() -> None:
    found = collected({"a.json": coco([picture()], [box(number, 5) for number in range(1000)])}, ["1.jpg"])
    assert len(found.problems) == MOST_TOLD + 1
    assert sum(problem.count for problem in found.problems) == 1000
    assert found.problems[-1].where == "a.json"


@pytest.mark.parametrize(
    ("cut", "found"),
    [
        (slice(0, -30), "character"),
        (slice(0, 200), "character"),
    ],
)
def test_a_file_that_breaks_off_is_left_out_and_said(cut: slice, found: str) -> None:
    whole = json.dumps({"categories": CATEGORIES, "images": [picture()], "annotations": [box()]}).encode()
    fine = coco([picture(2)], [box(1, 2)])
    result = collected({"broken.json": whole[cut], "fine.json": fine}, ["1.jpg", "2.jpg"])
    (problem,) = result.problems
    assert (problem.kind, problem.where) == ("broken JSON", "broken.json")
    assert found in problem.found
    assert list(result.records) == ["2.jpg"]
    alone = collected({"broken.json": whole[cut]}, ["1.jpg"])
    assert kinds(alone) == ["broken JSON"]
    assert not alone.records


@pytest.mark.parametrize(
    "text",
    [
        '{"images": [{"id": 1, "file_name": "1.jpg"}], "annotations": [' + "[" * 100_000,
        '{"images": [{"id": 1, "file_name": "1.jpg"}], "annotations": [' + "[]," * 4_000_000,
        '{"images": [{"id": 1, "file_name": "1.jpg"}], "annotations": [{"id": ' + "9" * 10_000 + "}]}",
        '{"images": [{"id": 1, "file_name": "1.jpg"}], "annotations": []} more',
        '{"images": [{"id": 1, "file_name": "1.jpg"}], "annotations": [], "images": []}',
        '{"images": [{"id": 1, "file_name": "1.jpg"}], "annotations": {"a": 1}}',
        '{"images": [{"id": 1, "file_name": "1.jpg"}], "annotations": [1 2]}',
    ],
)
def test_hostile_files_are_refused_in_no_time(text: str) -> None:
    begun = time.perf_counter()
    found = COCO.collect(ground({"a.json": text.encode()}, ["1.jpg"]))
    assert time.perf_counter() - begun < 5
    assert found is None or (kinds(found) == ["broken JSON"] and not found.records)


@given(st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5) | st.just("1.jpg"),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(
        st.sampled_from(["id", "image_id", "file_name", "name", "bbox", "segmentation", "size", "counts", "category_id",
                         "keypoints", "iscrowd", "area", "width", "height"]), inner, max_size=6),
    max_leaves=20,
))  # fmt: skip
def test_values_of_wrong_types_anywhere_are_problems(value: Any) -> None:
    for content in (
        coco([picture(), value], [box(), value]),
        coco(
            [picture()],
            [box(**{name: value}) for name in ("bbox", "segmentation", "category_id", "iscrowd", "keypoints")],
        ),
        coco([picture(width=value, own=value)], [box(own=value, area=value)], info=value, own=value),
        {"images": [picture()], "annotations": [box()], "categories": [*CATEGORIES, value]},
        {"images": [picture()], "annotations": [box()], "categories": [{"id": 3, "name": value}]},
    ):
        found = collected({"a.json": content}, ["1.jpg"])
        json.dumps(found.labelling.dump(), allow_nan=False).encode()
        labelled = parsed(found, "1.jpg")
        assert all(str(problem).encode() for problem in (*found.problems, *labelled.problems))
        json.dumps([one.record for one in labelled.objects], allow_nan=False, ensure_ascii=False).encode()


def test_categories_without_names_or_a_list() -> None:
    text = coco([picture()], [box(category_id=7), box(2, category_id=2)])
    del text["categories"]
    found = collected({"a.json": text}, ["1.jpg"])
    assert found.labelling.categories == (Category(2, "2"), Category(7, "7"))
    assert kinds(found) == ["no list of categories"]
    nameless = {**text, "categories": [{"id": 7}, {"id": 2, "name": "two"}]}
    found = collected({"a.json": nameless}, ["1.jpg"])
    assert found.labelling.categories == (Category(7, "7"), Category(2, "two"))
    assert kinds(found) == ["category without a name"]


@pytest.mark.parametrize(
    ("record", "kind"),
    [
        ("cat", "category without an id"),
        ({"name": "cat"}, "category without an id"),
        ({"id": "3", "name": "x"}, "category without an id"),
        ({"id": 10**400, "name": "x"}, "category without an id"),
        ({"id": 3, "name": "other"}, "two categories of one id"),
        ({"id": 4, "name": "b", "own": float("nan")}, "value that JSON has none for"),
        ({"id": 4, "name": "\ud800"}, "value that JSON has none for"),
    ],
)
def test_categories_that_are_none(record: object, kind: str) -> None:
    content = {**coco([picture()], [box()]), "categories": [*CATEGORIES, record]}
    found = collected({"a.json": content}, ["1.jpg"])
    assert kinds(found) == [kind]
    assert found.labelling.categories[:3] == (Category(3, "cat"), Category(7, "dog"), Category(1, "rare"))
    assert parsed(found, "1.jpg").objects


def test_files_whose_categories_disagree_are_told_by_names() -> None:
    other = [{"id": 3, "name": "dog"}, {"id": 1, "name": "rare"}, {"id": 7, "name": "new"}, {"id": 9, "name": "more"}]
    val = coco([picture(2)], [box(n, 2, category_id=number) for n, number in enumerate((3, 1, 7, 9))])
    files = {
        "annotations/instances_train.json": coco([picture(1)], [box(), box(2, category_id=7)]),
        "annotations/instances_val.json": {**val, "categories": other},
    }
    found = collected(files, ["images/train/1.jpg", "images/val/2.jpg"])
    assert [(problem.kind, problem.left_out) for problem in found.problems] == [("categories that disagree", False)] * 2
    names = [one.category.name for one in parsed(found, "images/val/2.jpg").objects]
    assert names == ["dog", "rare", "new", "more"]
    ids = [one.record["category_id"] for one in parsed(found, "images/val/2.jpg").objects]
    assert ids == [7, 1, 10, 9]
    assert [one.category.name for one in parsed(found, "images/train/1.jpg").objects] == ["cat", "dog"]


def test_two_ids_of_one_name_are_two_categories() -> None:
    categories = [{"id": 0, "name": "a"}, {"id": 1, "name": "a"}]
    found = collected({"a.json": {**coco([picture()], [box(category_id=1)]), "categories": categories}}, ["1.jpg"])
    assert [one.category for one in parsed(found, "1.jpg").objects] == [Category(1, "a")]
    assert not found.problems


def test_collecting_can_be_stopped() -> None:
    set_ = ground({"a.json": coco([picture()], [box()])}, ["1.jpg"])
    with pytest.raises(RecognitionStopped):
        COCO.collect(Ground(set_.pictures, set_.splits, set_.others, {}, set_.read, lambda: True))


def test_a_file_that_cannot_be_read_is_an_error() -> None:
    def read(key: str) -> bytes:
        raise PermissionError(key)

    with pytest.raises(OSError):
        COCO.collect(Ground(Pictures(["1.jpg"]), {"1.jpg": ""}, ("a.json",), {}, read))


def test_of_very_many_json_files_those_that_promise_most_are_looked_at() -> None:
    files: dict[str, object] = {f"{number}.json": {} for number in range(300)}
    files["annotations/instances.json"] = coco([picture()], [box()])
    found = collected(files, [f"{number}.jpg" for number in range(300)])
    assert list(found.records) == ["1.jpg"]
    assert found.notes == ("COCO: only 200 of 301 JSON files were looked at.",)


def test_a_hundred_megabytes_worth_of_problems_take_no_memory() -> None:
    problems = ProblemList()
    for number in range(100_000):
        problems.add("kind", "file", f"place {number}", "found", "allowed")
    assert len(problems.all()) == MOST_TOLD + 1


def written(count: int) -> bytes:
    """So many pictures with ten objects each."""
    rng = random.Random(0)
    points = [[round(rng.random() * 79, 2) for _ in range(40)] for _ in range(50)]
    annotations = (
        json.dumps(box(number, 1 + number % count, segmentation=[points[number * 50 // (10 * count)]]))
        for number in range(10 * count)
    )
    images = ",".join(json.dumps(picture(number + 1)) for number in range(count))
    text = f'{{"images":[{images}],"annotations":[{",".join(annotations)}],"categories":{json.dumps(CATEGORIES)}}}'
    return text.encode()


def alone(data: bytes, count: int) -> Ground:
    keys = [f"{number + 1}.jpg" for number in range(count)]
    return Ground(Pictures(keys), dict.fromkeys(keys, ""), ("a.json",), {}, lambda key: data)


def test_files_are_held_as_text() -> None:
    data = written(1000)
    set_ = alone(data, 1000)
    set_.pictures.named("x", "")  # its tables are not ours
    tracemalloc.start()
    found = COCO.collect(set_)
    held, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert found is not None
    assert all(len(parsed(found, f"{number}.jpg").objects) == 10 for number in (1, 77, 1000))
    assert held < 1.3 * len(data)
    assert peak < 1.5 * len(data)


@pytest.mark.slow
def test_twenty_thousand_pictures_are_indexed_in_seconds() -> None:
    data = written(20_000)
    assert len(data) > 80_000_000
    begun = time.perf_counter()
    found = COCO.collect(alone(data, 20_000))
    assert time.perf_counter() - begun < 20  # four seconds where nothing else runs
    assert found is not None
    assert len(found.records) == 20_000
    assert not found.problems
    assert len(parsed(found, "777.jpg").objects) == 10
