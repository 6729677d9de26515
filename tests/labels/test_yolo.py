"""YOLO's boxes and polygons: read, checked, written, and read again by the trainer's published rules."""

from __future__ import annotations

import pickle
import time
from pathlib import Path

import cv2
import numpy as np
import pytest
import shapely
import supervision
import yaml
from hypothesis import given
from hypothesis import strategies as st
from moved_by_hand import STOPPED, StopAfter, Tree, moved, unmoved
from yolo_trainer import ThrownAwayError, data_yaml, hold_strictly, take

from augstudio.engine.shapes import BoundingBox, KeyPoints, Polygon, Region
from augstudio.label_rules import Fate
from augstudio.labels.found import LabelFormat
from augstudio.labels.model import Category, Copy, Facts, Labelled, LabelledObject, Labelling, Problem
from augstudio.labels.orientation import upright_box
from augstudio.labels.yolo import Yolo
from augstudio.labels.yolo_names import find_names
from augstudio.labels.yolo_rows import box_row, polygon_row

YOLO = Yolo()
SIZE = (200, 100)
NAMES = "names: [cat, dog, fox]\n"
BOX = "0 0.5 0.5 0.25 0.2\n"
TRIANGLE = "0 0.1 0.1 0.9 0.1 0.5 0.8\n"


def tree(text: str | bytes, names: str = NAMES, **options: str | int) -> Tree:
    return Tree(["images/a.jpg"], {"labels/a.txt": text, "data.yaml": names}, options=options)


def labelling_of(text: str | bytes, **options: str | int) -> Labelling:
    """Of a set of sound files, of the kind that the text is of."""
    data = text if isinstance(text, bytes) else text.encode()
    sound = (
        TRIANGLE
        if any(len(line.split()) > 8 or line == TRIANGLE.strip().encode() for line in data.splitlines())
        else BOX
    )
    return tree(sound, **options).collect(YOLO).labelling


def parsed(text: str | bytes, size: tuple[int, int] = SIZE, orientation: int = 1, **options: str | int) -> Labelled:
    labelling = labelling_of(text, **options)
    return YOLO.parse("labels/a.txt", labelling, tree(text).read, Facts("images/a.jpg", *size, orientation))


def only(labelled: Labelled) -> Problem:
    (problem,) = labelled.problems
    return problem


def written(labelled: Labelled, labelling: Labelling, copy: Copy) -> bytes:
    (file,) = YOLO.render(labelled, labelling, copy).files
    assert file.role == "labels"
    return file.data


# -- collecting -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("picture", "label"),
    [
        ("images/train/a.jpg", "labels/train/a.txt"),
        ("train/images/a.jpg", "train/labels/a.txt"),
        ("images/a.jpg", "labels/a.txt"),
        ("a.jpg", "a.txt"),
        ("data/images/val/x.y.png", "data/labels/val/x.y.txt"),
    ],
)
def test_labels_are_found_where_tools_put_them(picture: str, label: str) -> None:
    found = Tree([picture], {label: BOX, "data.yaml": NAMES}).collect(YOLO)
    assert dict(found.records) == {picture: label}
    assert found.problems == ()
    assert YOLO.files(found.records[picture]) == (label,)
    assert found.labelling.categories == (Category(0, "cat"), Category(1, "dog"), Category(2, "fox"))
    assert found.labelling.options == {"task": "detect", "drawn_on": "auto", "shapes": "boxes"}
    assert "YOLO: 3 classes from data.yaml." in found.notes


def test_what_is_not_yolo_is_left_to_others() -> None:
    assert YOLO.collect(Tree(["a.jpg"], {"data.yaml": NAMES}).ground()) is None
    assert YOLO.collect(Tree(["a.jpg"], {"a.txt": "A photo of a cat.\n"}).ground()) is None
    pose = "0 0.5 0.5 0.4 0.4 0.5 0.5 2 0.4 0.4 1 0.6 0.6 2\n"
    assert YOLO.collect(tree(pose).ground()) is None
    assert YOLO.collect(tree(BOX, "kpt_shape: [3, 3]\nnames: [cat]\n").ground()) is None


def test_empty_files_alone_are_labels_where_names_say_so() -> None:
    assert tree("").collect(YOLO).records
    assert Tree(["images/a.jpg"], {"labels/a.txt": ""}).collect(YOLO).records
    assert YOLO.collect(Tree(["a.jpg"], {"a.txt": ""}).ground()) is None


@pytest.mark.parametrize(
    ("file", "text", "names"),
    [
        ("data.yaml", "names:\n  0: no\n  1: 'yes'\n", ["no", "yes"]),
        ("sub/dataset.yaml", "train: x\nnc: 2\nnames: ['a', \"b: c\"]\n", ["a", "b: c"]),
        ("coco8.yaml", "path: x\nnames: {1: b, 0: a}\n", ["a", "b"]),
        ("labels/classes.txt", "cat\nguide dog\n\n", ["cat", "guide dog"]),
        ("obj.names", "cat\r\nÄpfel\r\n", ["cat", "Äpfel"]),
        ("data.yaml", "\ufeffnames: [ä]\n", ["ä"]),
    ],
)
def test_names_come_from_where_tools_write_them(file: str, text: str, names: list[str]) -> None:
    found = Tree(["images/a.jpg"], {"labels/a.txt": BOX, file: text}).collect(YOLO)
    assert [category.name for category in found.labelling.categories] == names
    assert [category.id for category in found.labelling.categories] == list(range(len(names)))
    assert found.problems == ()


def test_without_names_classes_are_called_by_their_numbers() -> None:
    files = {f"labels/{i}.txt": f"{i} 0.5 0.5 0.1 0.1\n{i}.0 0.5 0.5 0.2 0.1" for i in range(12)}
    found = Tree([f"images/{i}.jpg" for i in range(12)], files).collect(YOLO)
    assert [category.name for category in found.labelling.categories] == [str(i) for i in range(12)]
    assert "YOLO: no names were found, so classes are called by their numbers." in found.notes


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("names: [a, b\n", "broken YAML in line"),
        ("- a\n- b\n", "no mapping"),
        ("names: 7\n", "neither a list nor a mapping"),
        ("names: [[a], b]\n", "no text"),
        ("names: {a: b}\n", "no number"),
        ("names: {0: a, 00: b}\n", "two names for one number"),
        ("names: {999999: a}\n", "more than 10,000 names"),
        ("x: &a [q]\nnames: [" + ", ".join(["*a"] * 30) + "]\n", "too many nodes, aliases"),
        ("names: " + "[" * 500 + "]" * 500, "too many nodes, aliases or levels"),
        ("names: [" + "a, " * 60_000 + "]", "too many nodes"),
        ("names: [" + "x" * 2000 + "]", "1,000 characters"),
        ("x" * (2**20 + 1), "longer than 1 MiB"),
        ("a: !!python/object/apply:os.system [ls]\nnames: [!!python/name:os.x '']\nnames2: \x07", "broken YAML"),
        ("a: &a [x, *b]", "broken YAML"),
        ("---\nnames: [a]\n---\nnames: [b]\n", "broken YAML"),
    ],
)
def test_names_of_no_use_are_told_and_numbers_stand_in(text: str, said: str) -> None:
    begin = time.perf_counter()
    found = tree(BOX, text).collect(YOLO)
    assert time.perf_counter() - begin < 5
    (problem,) = found.problems
    assert problem.kind == "names of no use"
    assert said in problem.found
    assert [category.name for category in found.labelling.categories] == ["0"]


def test_a_bomb_of_aliases_is_not_set_off() -> None:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 9)}]" for i in range(1, 12)]
    found = tree(BOX, "\n".join([*lines, "names: *a11"])).collect(YOLO)
    assert found.problems[0].kind == "names of no use"


def test_names_that_disagree_are_told() -> None:
    files = {"labels/a.txt": BOX, "data.yaml": NAMES, "labels/classes.txt": "x\ny\n", "obj.names": "cat\ndog\nfox\n"}
    found = Tree(["images/a.jpg"], files).collect(YOLO)
    (problem,) = found.problems
    assert (problem.kind, problem.where) == ("names that disagree", "labels/classes.txt")
    assert problem.allowed == "those in data.yaml"


def test_a_number_of_classes_that_contradicts_and_gaps_are_told() -> None:
    found = tree(BOX, "nc: 4\nnames: {0: a, 2: c}\n").collect(YOLO)
    assert [(p.kind, p.left_out) for p in found.problems] == [
        ("number of classes", False),
        ("numbers without names", False),
    ]
    content = data_yaml(b"".join(next(iter(YOLO.gathered(found.labelling, list, ())))[1]))
    assert content["names"] == {0: "a", 1: "1", 2: "c"}


def test_of_two_label_files_the_one_where_the_trainer_looks_is_read() -> None:
    files = {"images/a.txt": BOX, "labels/a.txt": BOX, "other/a.txt": BOX, "data.yaml": NAMES}
    found = Tree(["images/a.jpg"], files).collect(YOLO)
    assert dict(found.records) == {"images/a.jpg": "labels/a.txt"}
    assert [(p.kind, p.where, p.allowed) for p in found.problems] == [
        ("two label files for one picture", "images/a.txt", "one; labels/a.txt is read"),
        ("two label files for one picture", "other/a.txt", "one; labels/a.txt is read"),
    ]


def test_one_file_speaks_of_all_pictures_of_its_stem() -> None:
    found = Tree(["images/a.jpg", "images/a.png"], {"labels/a.txt": BOX, "data.yaml": NAMES}).collect(YOLO)
    assert dict(found.records) == {"images/a.jpg": "labels/a.txt", "images/a.png": "labels/a.txt"}


def test_label_files_whose_picture_is_missing_are_told_and_papers_are_not() -> None:
    beside = {"a.txt": BOX, "lost.txt": BOX, "words.txt": "Taken in May.", "README.txt": BOX, "train.txt": "a.jpg\n"}
    found = Tree(["a.jpg"], {**beside, "data.yaml": NAMES}).collect(YOLO)
    assert [(p.kind, p.where) for p in found.problems] == [("picture missing", "lost.txt")]
    apart = {"labels/a.txt": BOX, "labels/lost.txt": "?", "labels/classes.txt": "cat\ndog\nfox"}
    found = Tree(["images/a.jpg"], {**apart, "data.yaml": NAMES}).collect(YOLO)
    assert [(p.kind, p.where) for p in found.problems] == [("picture missing", "labels/lost.txt")]


def test_the_task_is_found_by_a_look_at_few_files_or_set() -> None:
    assert tree(TRIANGLE).collect(YOLO).labelling.options["task"] == "segment"
    assert tree(BOX, task="segment").collect(YOLO).labelling.options["task"] == "segment"
    four = tree("0 0.1 0.1 0.9 0.1 0.9 0.5 0.1 0.5\n").collect(YOLO)
    assert four.labelling.options["task"] == "segment"
    assert any("oriented boxes" in note for note in four.notes)
    with pytest.raises(ValueError, match="allowed are detect and segment"):
        tree(BOX, task="pose").collect(YOLO)


def test_few_files_of_many_are_read_and_it_can_be_stopped() -> None:
    files = {f"labels/{i}.txt": BOX for i in range(3000)} | {"data.yaml": NAMES}
    many = Tree([f"images/{i}.jpg" for i in range(3000)], files)
    reads = []

    def read(key: str) -> bytes:
        reads.append(key)
        return many.read(key)

    assert len(YOLO.collect(many.ground(read=read)).records) == 3000  # type: ignore[union-attr]
    assert len(reads) < 300
    for times in (0, 1, 5, 50):
        with pytest.raises(STOPPED):
            YOLO.collect(many.ground(stop=StopAfter(times)))


# -- reading ----------------------------------------------------------------------------------------------------------


def test_boxes_and_polygons_come_in_pixels() -> None:
    labelled = parsed("2 0.5 0.5 0.25 0.2\n\n 1.0 0.1 0.1 0.2 0.2 \n")
    assert labelled.shapes == (BoundingBox(0, 75, 40, 125, 60), BoundingBox(1, 0, 0, 40, 20))
    assert [thing.category.name for thing in labelled.objects] == ["fox", "dog"]
    assert labelled.problems == ()
    assert labelled.upright
    (polygon,) = parsed(TRIANGLE).shapes
    assert polygon == Polygon.of(0, [(20, 10), (180, 10), (100, 80)])
    assert parsed("") == Labelled(record=parsed("").record)


def test_a_closing_point_is_no_point_of_its_own() -> None:
    (polygon,) = parsed("0 0.1 0.1 0.9 0.1 0.5 0.8 0.1 0.1\n").shapes
    assert polygon == Polygon.of(0, [(20, 10), (180, 10), (100, 80)])


def test_pieces_joined_by_a_seam_come_apart() -> None:
    row = "0 0.1 0.1 0.3 0.1 0.3 0.3 0.6 0.3 0.8 0.3 0.8 0.5 0.6 0.3 0.3 0.3 0.1 0.3\n"
    labelled = parsed(row)
    (polygon,) = labelled.shapes
    assert isinstance(polygon, Polygon)
    assert len(polygon.pieces) == 2
    assert labelled.problems == ()


CLASSES = "0 to 2, the names in data.yaml"


@pytest.mark.parametrize(
    ("row", "kind", "found", "left_out"),
    [
        ("0 0.5 0.5 0.2", "wrong number of columns", "4 columns", True),
        ("0 0.5 0.5 0.2 0.2 0.3 0.3 0.4", "wrong number of columns", "8 columns", True),
        ("0 0.5 0.5 0.2 O.2", "not a number", '"O.2"', True),
        ("cat 0.5 0.5 0.2 0.2", "not a number", '"cat"', True),
        ("0 0.5 0.5 0.2 1_0", "not a number", '"1_0"', True),
        ("0 0.5 0.5 ٠.2 0.2", "not a number", '"٠.2"', True),
        ("0 0.5 nan 0.2 0.2", "number not finite", '"nan"', True),
        ("0 0.5 0.5 -inf 0.2", "number not finite", '"-inf"', True),
        ("0 0.5 0.5 0.2 1e999", "number outside the picture", "inf", True),
        ("1e999 0.5 0.5 0.2 0.2", "class is no whole number", '"1e999"', True),
        ("0.5 0.5 0.5 0.2 0.2", "class is no whole number", '"0.5"', True),
        ("3 0.5 0.5 0.2 0.2", "class beyond the names", 'class "3"', True),
        ("1e300 0.5 0.5 0.2 0.2", "class beyond the names", 'class "1e300"', True),
        ("-1 0.5 0.5 0.2 0.2", "class beyond the names", 'class "-1"', True),
        ("0 100 50 20 20", "number outside the picture", "100", True),
        ("0 0.5 0.5 0.2 1.02", "number outside the picture", "1.02", True),
        ("0 -0.02 0.5 0.2 0.2", "number outside the picture", "-0.02", True),
        ("0 0.5 0.5 0.2 1.005", "number outside the picture", "1.005", False),
        ("0 0.5 0.5 0.2 0", "box of no size", "width 0.2, height 0", True),
        ("0 0.5 0.5 -0.2 0.2", "box inside out", "width -0.2, height 0.2", True),
        ("0 0.95 0.5 0.2 0.2", "box outside the picture", "a box that reaches 10.0 px beyond", False),
        ("0 0.5 0.5 0.2 0.2 0.9", "sixth column", 'a sixth column, "0.9"', False),
        ("0 0.4 0.5 0.2 0.2", "duplicate row", "class 0 once more, with the same numbers", True),
    ],
)
def test_bad_rows_are_told_and_the_rest_goes_on(row: str, kind: str, found: str, left_out: bool) -> None:
    labelled = parsed(f"0 0.4 0.5 0.2 0.2\n{row}\n1 0.5 0.5 0.1 0.1\n")
    problem = only(labelled)
    assert (problem.kind, problem.found, problem.left_out) == (kind, found, left_out)
    assert problem.where == "labels/a.txt, line 2"
    assert problem.allowed
    assert kind not in ("class beyond the names", "class is no whole number") or problem.allowed == CLASSES
    assert len(labelled.objects) == (2 if left_out else 3)


@pytest.mark.parametrize(
    ("row", "kind", "left_out"),
    [
        ("0 0.1 0.1 0.3 0.3 0.1 0.1", "polygon of two points", True),
        ("0 0.1 0.1 0.1 0.1 0.1 0.1", "polygon of two points", True),
        ("0 0.1 0.1 0.2 0.2 0.3 0.3", "polygon of no size", True),
        ("0 0.1 0.1 0.5 0.5 0.5 0.1 0.1 0.5", "polygon crosses itself", False),
        ("0 0.1 0.1 0.5 1.5 0.5 0.1", "number outside the picture", True),
        ("0 0.1 0.1 0.5 1.005 0.5 0.1", "number outside the picture", False),
    ],
)
def test_bad_polygons_are_told_and_the_rest_goes_on(row: str, kind: str, left_out: bool) -> None:
    labelled = parsed(f"{TRIANGLE}{row}\n", task="segment")
    problem = only(labelled)
    assert (problem.kind, problem.where, problem.left_out) == (kind, "labels/a.txt, line 2", left_out)
    assert len(labelled.objects) == (1 if left_out else 2)


def test_boxes_and_polygons_in_one_file_are_told() -> None:
    labelled = parsed(TRIANGLE + BOX)
    problem = only(labelled)
    assert (problem.kind, problem.where, problem.left_out) == (
        "boxes and polygons in one file",
        "labels/a.txt, line 2",
        False,
    )
    assert problem.found == "1 box and 1 polygon"
    assert "polygons of four corners" in problem.allowed
    assert len(labelled.shapes) == 2
    assert only(parsed(BOX, task="segment")).kind == "boxes in a set of polygons"
    assert parsed(TRIANGLE, task="detect").notes == ("polygons are written as boxes",)


@pytest.mark.parametrize(
    "data", ["\ufeff" + BOX, BOX.encode("utf-16"), BOX.encode() + "# Katze, größer\n".encode("latin-1")]
)
def test_a_file_that_is_not_utf8_is_told_and_read(data: str | bytes) -> None:
    labelled = parsed(data)
    assert labelled.problems[0].kind == "file not UTF-8"
    assert not labelled.problems[0].left_out
    assert len(labelled.objects) == 1
    out = written(labelled, labelling_of(data), unmoved(labelled, "images/a.jpg", SIZE))
    assert out == BOX.encode()


def test_problems_of_one_file_are_bounded() -> None:
    labelled = parsed(b"?\xff\n" * 5000 + BOX.encode())
    assert len(labelled.problems) == 101
    assert "4,901 more problems" in labelled.problems[-1].found
    assert len(labelled.objects) == 1


@given(st.binary(max_size=200) | st.text("0123456789. -\nnaief", max_size=80).map(str.encode))
def test_no_content_at_all_raises(data: bytes) -> None:
    labelling = tree(BOX).collect(YOLO).labelling
    labelled = YOLO.parse("labels/a.txt", labelling, lambda _: data, Facts("images/a.jpg", *SIZE))
    assert len(labelled.objects) == len({shape.number for shape in labelled.shapes})
    take(written(labelled, labelling, unmoved(labelled, "images/a.jpg", SIZE)), 3, segment=False)


def test_what_is_read_travels_to_another_process() -> None:
    labelled = parsed(TRIANGLE + BOX)
    assert pickle.loads(pickle.dumps(labelled)) == labelled


def test_a_file_that_cannot_be_read_raises() -> None:
    found = tree(BOX).collect(YOLO)
    with pytest.raises(OSError, match="gone"):
        YOLO.parse("gone.txt", found.labelling, tree(BOX).read, Facts("images/a.jpg", *SIZE))


@pytest.mark.parametrize("orientation", range(1, 9))
def test_labels_drawn_on_the_stored_picture_are_turned_with_it(orientation: int) -> None:
    size = (100, 200) if orientation >= 5 else SIZE  # upright; stored it is 200 wide
    labelled = parsed("0 0.1 0.2 0.1 0.2\n", size, orientation, drawn_on="stored")
    expected = upright_box((10, 10, 30, 30), SIZE, orientation)
    (box,) = labelled.shapes
    assert isinstance(box, BoundingBox)
    assert box.bounds == pytest.approx(expected)
    assert labelled.upright == (orientation == 1)
    assert labelled.notes == (() if orientation == 1 else ("labels drawn on the stored picture",))
    labelling = tree(BOX, drawn_on="stored").collect(YOLO).labelling
    taken = take(written(labelled, labelling, unmoved(labelled, "images/a.jpg", size)), 3, segment=False)
    x, y, width, height = taken.boxes[0] * np.array((*size, *size))
    assert (x - width / 2, y - height / 2, x + width / 2, y + height / 2) == pytest.approx(expected, abs=0.01)


def test_without_a_word_labels_are_those_of_the_upright_picture() -> None:
    labelled = parsed(BOX, (100, 200), 6)
    assert labelled.shapes == (BoundingBox(0, 37.5, 80, 62.5, 120),)
    assert labelled.notes == ("labels drawn on the upright picture",)
    assert labelled.upright


def test_a_stored_polygon_is_turned_too() -> None:
    labelled = parsed(TRIANGLE, (100, 200), 6, drawn_on="stored")
    (polygon,) = labelled.shapes
    assert polygon == Polygon.of(0, [(90, 20), (90, 180), (20, 100)])


# -- writing ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        "0 0.5 0.5 0.25 0.2\r\n\r\n2  0.1 .1 2e-1 0.2",
        "1.000000000000000000e+00 5.000000000000000000e-01 0.5 0.25 0.2\n",
        "",
        "\n",
        "0 0.95 0.5 0.2 0.2\n",
        "0 0.33 0.33 0.66 0.6600001\n",
    ],
)
def test_an_unmoved_copy_has_the_text_byte_for_byte(text: str) -> None:
    labelled, labelling = parsed(text), labelling_of(text)
    out = written(labelled, labelling, unmoved(labelled, "images/a.jpg", SIZE))
    assert out == text.encode()
    take(out, 3, segment=False)


def test_an_unmoved_copy_that_lost_an_object_keeps_the_rows_of_the_others() -> None:
    text = "0 .5 0.5 0.25 0.2\n2 0.1 0.1 0.2 0.2\n7 0.1 0.1 0.2 0.2\n"
    labelled, labelling = parsed(text), labelling_of(text)
    assert (
        written(labelled, labelling, unmoved(labelled, "images/a.jpg", SIZE))
        == b"0 .5 0.5 0.25 0.2\n2 0.1 0.1 0.2 0.2\n"
    )


def test_what_the_trainer_would_throw_away_is_written_so_that_it_does_not() -> None:
    text = "0 -0.005 0.5 0.2 0.2\n1 0.5 0.5 0.2 0.2 0.875\n"
    with pytest.raises(ThrownAwayError):
        take(text.encode(), 3, segment=False)
    labelled, labelling = parsed(text), labelling_of(text)
    out = written(labelled, labelling, unmoved(labelled, "images/a.jpg", SIZE))
    hold_strictly(out, segment=False)
    assert take(out, 3, segment=False).classes == [0, 1]


@pytest.mark.parametrize("task", ["detect", "segment"])
def test_files_never_mix_boxes_and_polygons(task: str) -> None:
    text = TRIANGLE + "1 0.5 0.5 0.25 0.2\n"
    labelled, labelling = parsed(text, task=task), labelling_of(text, task=task)
    out = written(labelled, labelling, unmoved(labelled, "images/a.jpg", SIZE))
    taken = take(out, 3, segment=task == "segment")
    assert taken.classes == [0, 1]
    assert taken.boxes * (*SIZE, *SIZE) == pytest.approx(np.array([(100, 45, 160, 70), (100, 50, 50, 20)]), abs=0.01)
    if task == "segment":
        assert out.startswith(TRIANGLE.encode()), "the row that is right stays"


def test_corners_are_cut_and_not_middles() -> None:
    labelled, labelling = parsed("0 0.5 0.5 0.5 0.5\n"), tree(BOX).collect(YOLO).labelling
    copy = moved(labelled, "images/a__aug1.jpg", (100, 100), shift=(-100, 0))
    assert written(labelled, labelling, copy) == b"0 0.2500000 0.5000000 0.5000000 0.5000000\n"


def test_where_the_file_lies() -> None:
    labelled, labelling = parsed(BOX), tree(BOX).collect(YOLO).labelling
    for path, expected in (
        ("images/a__aug1.jpg", "labels/a__aug1.txt"),
        ("images/train/a.b.jpg", "labels/train/a.b.txt"),
        ("images/train/cat/a.png", "labels/train/cat/a.txt"),
        ("images/train/images/a.png", "images/train/labels/a.txt"),  # the trainer changes the last
    ):
        (file,) = YOLO.render(labelled, labelling, unmoved(labelled, path, SIZE)).files
        assert file.path == expected


def test_a_copy_without_objects_has_an_empty_file() -> None:
    labelled, labelling = parsed(BOX), tree(BOX).collect(YOLO).labelling
    assert written(labelled, labelling, moved(labelled, "images/a.jpg", (50, 50), shift=(500, 0))) == b""
    assert written(Labelled(), labelling, unmoved(Labelled(), "images/a.jpg", SIZE)) == b""


def test_a_cut_polygon_stays_one_row() -> None:
    arch = "1 0.1 0.1 0.9 0.1 0.9 0.9 0.7 0.9 0.7 0.3 0.3 0.3 0.3 0.9 0.1 0.9\n"
    labelled, labelling = parsed(arch), labelling_of(arch)
    copy = moved(labelled, "images/a.jpg", (200, 60), shift=(0, -40))
    (shape,) = copy.fates[0].shapes
    assert isinstance(shape, Polygon)
    assert len(shape.pieces) == 2
    out = written(labelled, labelling, copy)
    hold_strictly(out, segment=True)
    taken = take(out, 3, segment=True)
    assert taken.classes == [1]
    again = YOLO.parse("x", labelling, lambda _: out, Facts("x", 200, 60))
    (back,) = again.shapes
    assert isinstance(back, Polygon)
    assert back.area == pytest.approx(shape.area, rel=1e-4)
    mask = np.zeros((60, 200), np.uint8)
    cv2.fillPoly(mask, [(taken.segments[0] * (200, 60)).astype(np.int32)], 1)
    assert np.count_nonzero(mask) == pytest.approx(shape.area, rel=0.1)


def test_a_hole_that_came_of_a_seam_stays_one() -> None:
    ring = "0.1 0.1 0.9 0.1 0.9 0.9 0.1 0.9 0.1 0.1 0.3 0.3 0.3 0.7 0.7 0.7 0.7 0.3 0.3 0.3"
    labelled, labelling = parsed(f"0 {ring}\n"), tree(TRIANGLE).collect(YOLO).labelling
    (shape,) = labelled.shapes
    assert isinstance(shape, Polygon)
    assert [len(piece) for piece in shape.pieces] == [2]
    out = written(labelled, labelling, moved(labelled, "images/a.jpg", SIZE, scale=(0.5, 0.5)))
    again = YOLO.parse("x", labelling, lambda _: out, Facts("x", *SIZE))
    assert again.shapes[0].area == pytest.approx(shape.area / 4, rel=1e-4)  # type: ignore[union-attr]


sides = st.integers(1, 20_000)
inside = st.floats(-0.5, 1.5)


@given(sides, sides, inside, inside, inside, inside)
def test_any_box_is_written_so_that_the_trainer_takes_it(
    width: int, height: int, left: float, top: float, right: float, bottom: float
) -> None:
    left, right = sorted((left * width, right * width))
    top, bottom = sorted((top * height, bottom * height))
    row = box_row(2, (left, top, right, bottom), (width, height)).encode()
    hold_strictly(row, segment=False)
    taken = take(row, 3, segment=False)
    x, y, w, h = taken.boxes[0]
    clipped = np.clip((left / width, top / height, right / width, bottom / height), 0, 1)
    assert (x - w / 2, y - h / 2, x + w / 2, y + h / 2) == pytest.approx(clipped, abs=1e-6)


@given(sides, sides, st.lists(st.tuples(inside, inside), min_size=3, max_size=40))
def test_any_polygon_is_written_so_that_the_trainer_takes_it(
    width: int, height: int, points: list[tuple[float, float]]
) -> None:
    ring = np.array(points) * (width, height)
    row = polygon_row(0, ring, (width, height)).encode()
    hold_strictly(row, segment=True)
    assert take(row, 1, segment=True).segments[0] == pytest.approx(np.clip(points, 0, 1), abs=1e-6)


shares = st.integers(0, 1000).map(lambda thousandths: thousandths / 1000)
corners = st.lists(st.tuples(shares, shares), min_size=3, max_size=12)


@st.composite
def files(draw: st.DrawFn) -> str:
    rows = []
    for number in draw(st.lists(st.integers(0, 2), max_size=6)):
        if draw(st.booleans()):
            numbers = [draw(shares) for _ in range(4)]
        else:
            numbers = [value for point in draw(corners) for value in point]
        rows.append(" ".join(map(str, (number, *numbers))))
    return "\n".join(rows)


@given(
    files(),
    st.sampled_from(["detect", "segment"]),
    st.tuples(st.floats(0.1, 3), st.floats(0.1, 3)),
    st.tuples(st.integers(-200, 200), st.integers(-100, 100)),
)
def test_whatever_is_read_is_written_for_the_trainer(
    text: str, task: str, scale: tuple[float, float], shift: tuple[float, float]
) -> None:
    labelling = tree(BOX, task=task).collect(YOLO).labelling
    labelled = YOLO.parse("labels/a.txt", labelling, lambda _: text.encode(), Facts("images/a.jpg", *SIZE))
    copy = moved(labelled, "images/a.jpg", (150, 120), scale, shift)
    out = written(labelled, labelling, copy)
    hold_strictly(out, segment=task == "segment")
    taken = take(out, 3, segment=task == "segment")
    assert len(taken.classes) + taken.duplicates == sum(fate.kept for fate in copy.fates)
    still = written(labelled, labelling, unmoved(labelled, "images/a.jpg", SIZE))
    taken = take(still, 3, segment=task == "segment")
    assert len(taken.classes) + taken.duplicates == len(labelled.objects)


# -- of another format ------------------------------------------------------------------------------------------------

COCO = Labelling(
    LabelFormat.COCO,
    LabelFormat.COCO,
    (Category(7, "cat"), Category(3, "dog"), Category(90, "fox")),
    {"shapes": "polygons", "drawn_on": "auto"},
)


def test_categories_are_numbered_anew_and_the_source_keeps_its_own() -> None:
    labelling, lost = YOLO.written_as(COCO)
    assert (labelling.format, labelling.written) == (LabelFormat.COCO, LabelFormat.YOLO)
    assert labelling.categories == COCO.categories
    assert labelling.options == {**COCO.options, "task": "segment"}
    text = " ".join(lost)
    assert all(word in text for word in ("Crowd", "Holes", "pieces", "numbered", "Ids"))
    regions = np.zeros((100, 200), bool)
    regions[10:20, 30:50] = True
    hole = np.array(((40, 40), (50, 40), (50, 50), (40, 50)), np.float64)
    outline = np.array(((30, 30), (60, 30), (60, 60), (30, 60)), np.float64)
    fates = [
        (Polygon(0, ((outline, hole),)), Category(90, "fox"), False),
        (BoundingBox(1, 0, 0, 50, 50), Category(7, "cat"), False),
        (Region(2, regions), Category(3, "dog"), True),
        (Region(3, regions), Category(3, "dog"), False),
        (KeyPoints(4, np.zeros((2, 2))), Category(3, "dog"), False),
        (BoundingBox(5, 0, 0, 50, 50), Category(-1, "unknown"), False),
    ]
    labelled = Labelled(tuple(LabelledObject(category, crowd) for _, category, crowd in fates))
    told = tuple(Fate(i, True, (shape,), 1.0, False, 1.0, 9.0, "") for i, (shape, _, _) in enumerate(fates))
    copy = Copy("images/a.jpg", "", *SIZE, 3, told, (), True)
    out = written(labelled, labelling, copy)
    hold_strictly(out, segment=True)
    taken = take(out, 3, segment=True)
    assert taken.classes == [2, 0, 1]
    rings = [shapely.Polygon(segment * SIZE) for segment in taken.segments]
    assert [ring.area for ring in rings] == pytest.approx([900, 2500, 200], abs=0.1)
    boxes, lost = YOLO.written_as(Labelling.parse(COCO.dump().replace('"polygons"', '"boxes"')))
    assert boxes.options["task"] == "detect"
    assert "Holes" not in " ".join(lost)
    assert take(written(labelled, boxes, copy), 3, segment=False).classes == [2, 0, 1]
    content = data_yaml(b"".join(next(iter(YOLO.gathered(labelling, list, ("train", "val"))))[1]))
    assert content["names"] == {0: "cat", 1: "dog", 2: "fox"}


def test_the_option_overrides_the_task() -> None:
    labelling, _ = YOLO.written_as(Labelling(LabelFormat.VOC, LabelFormat.VOC, (), {"task": "segment"}))
    assert labelling.options["task"] == "segment"
    labelling, lost = YOLO.written_as(Labelling(LabelFormat.VOC, LabelFormat.VOC))
    assert labelling.options["task"] == "detect"
    assert any("Difficult" in sentence for sentence in lost)
    with pytest.raises(NotImplementedError):
        YOLO.written_as(Labelling(LabelFormat.CAPTIONS, LabelFormat.CAPTIONS))


# -- data.yaml --------------------------------------------------------------------------------------------------------


def gathered(names: list[str], splits: tuple[str, ...]) -> tuple[str, dict[str, object]]:
    categories = tuple(Category(i, name) for i, name in enumerate(names))
    labelling = Labelling(LabelFormat.YOLO, LabelFormat.YOLO, categories, {"task": "detect"})
    ((path, pieces),) = YOLO.gathered(labelling, list, splits)
    assert path == "data.yaml"
    text = b"".join(pieces)
    return text.decode(), data_yaml(text)


@pytest.mark.parametrize(
    ("splits", "places", "remark"),
    [
        (("train", "val"), {"train": "images/train", "val": "images/val"}, ""),
        (
            ("train", "valid", "test"),
            {"train": "images/train", "val": "images/valid", "test": "images/test"},
            "",
        ),
        (("training", "validation"), {"train": "images/training", "val": "images/validation"}, ""),
        (("train2017", "val2017"), {"train": "images/train2017", "val": "images/val2017"}, ""),
        (("train", "dev"), {"train": "images/train", "val": "images/dev"}, ""),
        (
            ("train_a", "train_b", "val"),
            {"train": ["images/train_a", "images/train_b"], "val": "images/val"},
            "",
        ),
        ((), {"train": "images", "val": "images"}, "There are no splits"),
        (("train",), {"train": "images/train", "val": "images/train"}, "no split for validation"),
        (
            ("train", "test"),
            {"train": "images/train", "val": "images/test", "test": "images/test"},
            "no split for validation",
        ),
        (("a", "b"), {"train": ["images/a", "images/b"], "val": ["images/a", "images/b"]}, "Neither for training"),
    ],
)
def test_data_yaml_names_training_and_validation(
    splits: tuple[str, ...], places: dict[str, object], remark: str
) -> None:
    text, content = gathered(["cat"], splits)
    assert {key: content.get(key) for key in ("train", "val", "test") if key in content} == places
    assert "path" not in content
    assert text.startswith("#") == bool(remark)
    assert remark in text.partition("train:")[0]


@given(st.lists(st.text(st.characters(exclude_categories=["Cs"]), min_size=1), min_size=1))
def test_any_name_is_quoted_as_it_needs(names: list[str]) -> None:
    _, content = gathered(names, ())
    assert content["names"] == dict(enumerate(names))


def test_names_that_yaml_would_take_for_something_else_stay_names() -> None:
    names = ["no", "yes", "1", "1e3", "null", "~", "a: b", "# x", "Äpfel", "x" * 500 + " y", "", "- a", "2020-01-01"]
    text, content = gathered(names, ())
    assert content["names"] == dict(enumerate(names))
    assert "Äpfel" in text
    assert list(yaml.safe_load(text)) == ["train", "val", "nc", "names"]


def test_find_names_goes_on_where_a_file_cannot_be_read() -> None:
    def read(key: str) -> bytes:
        raise OSError(key)

    assert find_names(["data.yaml"], read, lambda: None).categories == ()


# -- the real thing ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("task", ["detect", "segment"])
def test_another_reader_reads_what_is_written(task: str, tmp_path: Path) -> None:
    text = "0 0.5 0.5 0.25 0.2\n2 0.1 0.1 0.2 0.2\n" if task == "detect" else TRIANGLE + "1 0.2 0.2 0.4 0.2 0.4 0.6\n"
    labelled, labelling = parsed(text, task=task), labelling_of(text, task=task)
    expected = {}
    for number, copy in enumerate(
        [
            unmoved(labelled, "images/train/a.jpg", SIZE),
            moved(labelled, "images/train/b.jpg", (120, 90), (0.7, 0.8), (-20, 5)),
            moved(labelled, "images/train/c.jpg", (120, 90), (1, 1), (900, 0)),
        ]
    ):
        picture = tmp_path / copy.path
        picture.parent.mkdir(parents=True, exist_ok=True)
        cv2.imwrite(str(picture), np.full((copy.height, copy.width, 3), 40 * number, np.uint8))
        (file,) = YOLO.render(labelled, labelling, copy).files
        (tmp_path / file.path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / file.path).write_bytes(file.data)
        expected[str(picture)] = [fate.shapes[0].bounds for fate in copy.fates if fate.kept]  # type: ignore[union-attr]
    for path, pieces in YOLO.gathered(labelling, list, ("train", "val")):
        (tmp_path / path).write_bytes(b"".join(pieces))
    read = supervision.DetectionDataset.from_yolo(
        str(tmp_path / "images/train"), str(tmp_path / "labels/train"), str(tmp_path / "data.yaml")
    )
    assert read.classes == ["cat", "dog", "fox"]
    assert {path: len(read.annotations[path]) for path in read.image_paths} == {
        path: len(boxes) for path, boxes in expected.items()
    }
    for path, boxes in expected.items():
        if boxes:
            assert read.annotations[path].xyxy == pytest.approx(np.array(boxes), abs=0.01)


def test_written_bytes_are_the_same_every_time() -> None:
    text = TRIANGLE + "1 0.2 0.2 0.4 0.2 0.4 0.6\n"
    labelled, labelling = parsed(text), labelling_of(text)
    copy = moved(labelled, "images/a.jpg", (77, 33), (1 / 3, 1 / 7), (1.1, 0.3))
    assert written(labelled, labelling, copy) == written(parsed(text), labelling, copy)
    assert written(labelled, labelling, copy) == (
        b"0 0.1008658 0.0523810 0.7935065 0.0523810 0.4471861 0.3554113\n"
        b"1 0.1874459 0.0956710 0.3606061 0.0956710 0.3606061 0.2688312\n"
    )
