"""Pascal VOC: read, checked, changed only where something is different, and read again by others."""

from __future__ import annotations

import pickle
import time
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest
import supervision
from hypothesis import given
from hypothesis import strategies as st
from moved_by_hand import STOPPED, StopAfter, Tree, moved, unmoved
from pictures import BESIDE
from yolo_trainer import hold_strictly, take

from augstudio.engine.shapes import BoundingBox, KeyPoints, Polygon, Region
from augstudio.label_rules import Fate
from augstudio.labels.found import LabelFormat
from augstudio.labels.model import Category, Copy, Facts, Labelled, LabelledObject, Labelling, Problem
from augstudio.labels.orientation import upright_box
from augstudio.labels.voc import Voc
from augstudio.labels.voc_numbers import box_texts, edges_of, point_texts, points_of
from augstudio.labels.yolo import Yolo

VOC = Voc()
SIZE = (200, 100)
WHOLE = """<?xml version="1.0" encoding="UTF-8"?>
<!-- by hand -->
<annotation verified="yes">
\t<folder>JPEGImages</folder>
\t<filename>a.jpg</filename>
\t<path>/home/x/a.jpg</path>
\t<source><database>Unknown</database><owner><name>nobody</name></owner></source>
\t<size>
\t\t<width>200</width>
\t\t<height>100</height>
\t\t<depth>3</depth>
\t</size>
\t<segmented>0</segmented>
\t<object id="7">
\t\t<name>dog</name>
\t\t<pose>Left</pose>
\t\t<truncated>0</truncated>
\t\t<difficult>1</difficult>
\t\t<occluded>1</occluded>
\t\t<bndbox><xmin>11</xmin><ymin>21</ymin><xmax>50</xmax><ymax>60</ymax></bndbox>
\t\t<attributes><attribute><name>colour</name><value>red</value></attribute></attributes>
\t\t<part><name>head</name><bndbox><xmin>11</xmin><ymin>21</ymin><xmax>20</xmax><ymax>30</ymax></bndbox></part>
\t</object>
\t<object>
\t\t<name>Käfer</name>
\t\t<bndbox>
\t\t\t<ymin> 1.5 </ymin>
\t\t\t<xmin>1.25</xmin>
\t\t\t<xmax>100.5</xmax>
\t\t\t<ymax>100</ymax>
\t\t</bndbox>
\t\t<new:thing xmlns:new="x">kept</new:thing>
\t</object>
</annotation>
"""


def one(box: str = "<xmin>11</xmin><ymin>21</ymin><xmax>50</xmax><ymax>60</ymax>", more: str = "") -> str:
    return f"<object><name>dog</name><bndbox>{box}</bndbox>{more}</object>"


def corners(left: object, top: object, right: object, bottom: object) -> str:
    return one(f"<xmin>{left}</xmin><ymin>{top}</ymin><xmax>{right}</xmax><ymax>{bottom}</ymax>")


def annotation(*objects: str, size: tuple[int, int] | None = SIZE) -> str:
    stated = f"<size><width>{size[0]}</width><height>{size[1]}</height><depth>3</depth></size>" if size else ""
    return f"<annotation><filename>a.jpg</filename>{stated}{''.join(objects)}</annotation>"


def tree(text: str | bytes, **options: str | int) -> Tree:
    return Tree(["JPEGImages/a.jpg"], {"Annotations/a.xml": text}, options=options)


def labelling_of(**options: str | int) -> Labelling:
    return Labelling(
        VOC.format,
        VOC.format,
        (Category(0, "Käfer"), Category(1, "dog")),
        {"voc_base": 1, "drawn_on": "auto", **options},
    )


def parsed(text: str | bytes, size: tuple[int, int] = SIZE, orientation: int = 1, **options: str | int) -> Labelled:
    facts = Facts("JPEGImages/a.jpg", *size, orientation)
    return VOC.parse("Annotations/a.xml", labelling_of(**options), tree(text).read, facts)


def only(labelled: Labelled) -> Problem:
    (problem,) = labelled.problems
    return problem


def written(labelled: Labelled, copy: Copy, **options: str | int) -> str:
    (file,) = VOC.render(labelled, labelling_of(**options), copy).files
    assert file.role == "labels"
    return file.data.decode()


def boxes(text: str) -> list[tuple[str, ...]]:
    root = ET.fromstring(text.encode())
    return [
        tuple(box.findtext(tag, "").strip() for tag in ("xmin", "ymin", "xmax", "ymax")) for box in root.iter("bndbox")
    ]


# -- collecting -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("picture", "label"),
    [
        ("JPEGImages/a.jpg", "Annotations/a.xml"),
        ("images/a.jpg", "Annotations/a.xml"),
        ("images/train/a.jpg", "annotations/train/a.xml"),
        ("train/a.jpg", "train/a.xml"),
        ("Images/n02-dog/n02_1.jpg", "Annotation/n02-dog/n02_1"),
    ],
)
def test_labels_are_found_where_tools_put_them(picture: str, label: str) -> None:
    found = Tree([picture], {label: WHOLE}).collect(VOC)
    assert dict(found.records) == {picture: label}
    assert found.problems == ()
    assert found.labelling.categories == (Category(0, "Käfer"), Category(1, "dog"))
    assert VOC.files(label) == (label,)


def test_what_is_not_pascal_voc_is_left_to_others() -> None:
    assert VOC.collect(Tree(["a.jpg"], {"a.xml": "<html/>", "a.txt": WHOLE}).ground()) is None
    assert VOC.collect(Tree(["a.jpg"], {}).ground()) is None


def test_names_are_gathered_from_all_files_sorted_and_whatever_their_encoding() -> None:
    names = ["zebra", "Äffchen", "a &amp; b", "<![CDATA[c<d]]>", "猫"]
    files: dict[str, bytes | str] = {
        f"Annotations/{i}.xml": annotation(one().replace("dog", name), "<part><name>no</name></part>")
        for i, name in enumerate(names)
    }
    files["Annotations/5.xml"] = (
        "<?xml version='1.0' encoding='gbk'?>" + annotation(one().replace("dog", "狗"))
    ).encode("gbk")
    files["Annotations/6.xml"] = WHOLE.replace("UTF-8", "utf-16").encode("utf-16")
    found = Tree([f"images/{i}.jpg" for i in range(7)], files).collect(VOC)
    assert [category.name for category in found.labelling.categories] == sorted(
        ["zebra", "Äffchen", "a & b", "c<d", "猫", "狗", "dog", "Käfer"]
    )
    assert [category.id for category in found.labelling.categories] == list(range(8))
    for picture, record in found.records.items():
        labelled = VOC.parse(record, found.labelling, Tree([], files).read, Facts(picture, *SIZE))
        assert all(thing.category in found.labelling.categories for thing in labelled.objects)
        assert labelled.objects


def test_the_base_is_told_by_boxes_at_0_or_set() -> None:
    found = tree(annotation(corners(1, 1, 5, 5))).collect(VOC)
    assert found.labelling.options["voc_base"] == 1
    assert "Pascal VOC: pixels counted from 1, as no box begins at 0." in found.notes
    found = tree(annotation(corners(1, "0.0", 5, 5))).collect(VOC)
    assert found.labelling.options["voc_base"] == 0
    assert "Pascal VOC: pixels counted from 0, as 1 edge lies at 0." in found.notes
    found = tree(annotation(corners(0, 1, 5, 5)), voc_base=1).collect(VOC)
    assert found.labelling.options["voc_base"] == 1
    assert "Pascal VOC: pixels counted from 1, as was set." in found.notes
    with pytest.raises(ValueError, match="allowed are 0 and 1"):
        tree(WHOLE, voc_base=2).collect(VOC)


def test_broken_files_among_others_are_read_and_told() -> None:
    files = {
        "Annotations/a.xml": WHOLE,
        "Annotations/b.xml": "<anno",
        "Annotations/c.xml": "<annotations><image/></annotations>",
    }
    found = Tree([f"JPEGImages/{stem}.jpg" for stem in "abc"], files).collect(VOC)
    assert dict(found.records) == {f"JPEGImages/{stem}.jpg": f"Annotations/{stem}.xml" for stem in "ab"}


def test_of_two_label_files_the_one_in_annotations_is_read() -> None:
    files = {"images/a.xml": WHOLE, "Annotations/a.xml": WHOLE, "old/a.xml": WHOLE}
    found = Tree(["images/a.jpg"], files).collect(VOC)
    assert dict(found.records) == {"images/a.jpg": "Annotations/a.xml"}
    assert [(p.kind, p.where, p.allowed) for p in found.problems] == [
        ("two label files for one picture", "images/a.xml", "one; Annotations/a.xml is read"),
        ("two label files for one picture", "old/a.xml", "one; Annotations/a.xml is read"),
    ]


def test_of_pictures_of_one_stem_the_file_names_its_own() -> None:
    files = {"Annotations/a.xml": WHOLE.replace("a.jpg", "a.png")}
    assert list(Tree(["images/a.jpg", "images/a.png"], files).collect(VOC).records) == ["images/a.png"]


def test_label_files_whose_picture_is_missing_are_told() -> None:
    files = {"Annotations/a.xml": WHOLE, "Annotations/b.xml": WHOLE, "Annotations/pom.xml": "<project/>"}
    found = Tree(["images/a.jpg"], files).collect(VOC)
    assert [(p.kind, p.where) for p in found.problems] == [("picture missing", "Annotations/b.xml")]


def test_it_can_be_stopped_and_many_files_take_seconds() -> None:
    text = annotation(*(corners(i, i, i + 5, i + 5) for i in range(1, 11)))
    many = Tree([f"images/{i}.jpg" for i in range(3000)], {f"Annotations/{i}.xml": text for i in range(3000)})
    for times in (0, 1, 5, 2000):
        with pytest.raises(STOPPED):
            VOC.collect(many.ground(stop=StopAfter(times)))
    begin = time.perf_counter()
    assert len(many.collect(VOC).records) == 3000
    assert time.perf_counter() - begin < 10


@pytest.mark.parametrize(
    "text", ["<object>" * 300_000, "<object><name>" * 200_000, "<name><part>" * 200_000, "<xmin>" * 300_000]
)
def test_hostile_files_are_searched_in_linear_time(text: str) -> None:
    begin = time.perf_counter()
    VOC.collect(tree(f"<annotation>{text}").ground())
    assert time.perf_counter() - begin < 8


# -- reading ----------------------------------------------------------------------------------------------------------


def test_boxes_come_with_all_that_is_said_of_them() -> None:
    labelled = parsed(WHOLE)
    assert labelled.shapes == (BoundingBox(0, 10, 20, 50, 60), BoundingBox(1, 0.25, 0.5, 100.5, 100))
    assert [(thing.category, thing.difficult, thing.truncated) for thing in labelled.objects] == [
        (Category(1, "dog"), True, False),
        (Category(0, "Käfer"), False, False),
    ]
    assert labelled.problems == ()
    assert labelled.upright
    assert parsed(WHOLE, voc_base=0).shapes[0] == BoundingBox(0, 11, 21, 50, 60)


def test_a_name_that_is_not_known_stays_a_name() -> None:
    (thing,) = parsed(annotation(one().replace("dog", "yak"))).objects
    assert thing.category == Category(-1, "yak")


ROBOFLOW = "<polygon><x1>11</x1><y1>21</y1><x2>50</x2><y2>21</y2><x3>50</x3><y3>60</y3></polygon>"
LABELME = (
    "<polygon><username>me</username><pt>\n<x>11</x>\n<y>21</y>\n</pt><pt><x>50.5</x><y>21</y></pt>"
    "<pt><x>50</x><y>60</y></pt></polygon>"
)


def test_polygons_are_read_as_tools_write_them() -> None:
    labelled = parsed(annotation(one(more=ROBOFLOW)))
    assert labelled.shapes[1] == Polygon.of(0, [(10.5, 20.5), (49.5, 20.5), (49.5, 59.5)])
    assert parsed(annotation(one(more=ROBOFLOW)), voc_base=0).shapes[1] == Polygon.of(0, [(11, 21), (50, 21), (50, 60)])
    labelled = parsed(annotation(one(more=LABELME + ROBOFLOW)), voc_base=0)
    assert labelled.shapes[1] == Polygon.of(0, [(11, 21), (50.5, 21), (50, 60)], [(11, 21), (50, 21), (50, 60)])
    alone = parsed(annotation(f"<object><name>dog</name>{ROBOFLOW}</object>"))
    assert isinstance(alone.shapes[0], Polygon)
    assert tree(annotation(one(more=ROBOFLOW))).collect(VOC).labelling.options["shapes"] == "polygons"
    assert tree(WHOLE).collect(VOC).labelling.options["shapes"] == "boxes"


GOOD = corners(2, 2, 9, 9)
TWO_POINTS = "<polygon><x1>1</x1><y1>1</y1><x2>5</x2><y2>5</y2></polygon>"
LONG = ROBOFLOW.replace("60", "900")
BAD = [
    (corners(11, 21, "nan", 60), "box without numbers", 'xmax "nan"', True),
    (corners(11, "-inf", 20, 60), "box without numbers", 'ymin "-inf"', True),
    (corners(11, 21, "1e999", 60), "box without numbers", 'xmax "1e999"', True),
    (corners("", 21, 50, 60), "box without numbers", 'xmin ""', True),
    (one("<xmin>1</xmin><ymin>1</ymin><xmax>5</xmax>"), "box without numbers", "no ymax", True),
    (corners(50, 21, 11, 60), "box inside out", "xmin 50 ymin 21 xmax 11 ymax 60", True),
    (corners(11, 60, 50, 21), "box inside out", "xmin 11 ymin 60 xmax 50 ymax 21", True),
    (corners(11, 21, 300, 60), "box outside the picture", "xmin 11 ymin 21 xmax 300 ymax 60", False),
    (corners(0, 21, 30, 60), "box outside the picture", "xmin 0 ymin 21 xmax 30 ymax 60", False),
    (corners(-30, 21, -3, 60), "box outside the picture", "xmin -30 ymin 21 xmax -3 ymax 60", True),
    (corners(300, 21, 330, 60), "box outside the picture", "xmin 300 ymin 21 xmax 330 ymax 60", True),
    ("<object><bndbox/></object>", "name missing", "an object without a name", True),
    ("<object><name> </name></object>", "name missing", "an object without a name", True),
    ("<object><name>x</name></object>", "box missing", "an object without a box", True),
    ("<object><name>x</name><robndbox><cx>1</cx></robndbox></object>", "box missing", "an object without a box", True),
    (GOOD, "duplicate object", '"dog" once more, with the same box', True),
    (
        one(more="<polygon><x1>1</x1><y1>1</y1><x2>5</x2><y2>5</y2></polygon>"),
        "polygon of two points",
        "a polygon of 2 points",
        False,
    ),
    (one(more=ROBOFLOW.replace("60", "nan")), "polygon without numbers", '"nan"', False),
    (one(more=ROBOFLOW.replace("<y3>60</y3>", "")), "polygon without numbers", '""', False),
    (
        one(more=ROBOFLOW.replace("60", "900")),
        "polygon outside the picture",
        "a polygon from 10.5, 20.5 to 49.5, 899.5",
        False,
    ),
    (one(more="<polygon/>"), "polygon of two points", "a polygon of 0 points", False),
    (
        one(more="<polygon><x1>1</x1><y1>1</y1><x2>9</x2><y2>9</y2><x3>9</x3><y3>1</y3><x4>1</x4><y4>9</y4></polygon>"),
        "polygon crosses itself",
        "a polygon of 4 points that crosses itself",
        False,
    ),
]


@pytest.mark.parametrize(("text", "kind", "found", "lost"), BAD)
def test_bad_objects_are_told_and_the_rest_goes_on(text: str, kind: str, found: str, lost: bool) -> None:
    labelled = parsed(annotation(GOOD, text, one("<xmin>1</xmin><ymin>1</ymin><xmax>3</xmax><ymax>3</ymax>")))
    problem = only(labelled)
    assert (problem.kind, problem.found, problem.where) == (kind, found, "Annotations/a.xml, object 2")
    assert problem.allowed
    assert len(labelled.objects) == (2 if lost else 3)
    assert not lost or problem.left_out
    out = written(labelled, unmoved(labelled, "images/a.jpg", SIZE))
    assert len(ET.fromstring(out).findall("object")) == len(labelled.objects), "what is left out is in no copy"
    again = parsed(out)
    assert again.shapes == labelled.shapes


def test_a_box_of_no_size_counted_from_0_and_of_a_pixel_counted_from_1() -> None:
    assert only(parsed(annotation(corners(5, 5, 5, 9)), voc_base=0)).kind == "box of no size"
    assert parsed(annotation(corners(5, 5, 5, 9))).shapes == (BoundingBox(0, 4, 4, 5, 9),)


@pytest.mark.parametrize(
    "text", ["", "<annotation>", "<annotation><size></annotation>", "\x00", "<annotation>&x;</annotation>"]
)
def test_broken_xml_is_told(text: str) -> None:
    labelled = parsed(text)
    problem = only(labelled)
    assert (problem.kind, problem.where) == ("broken XML", "Annotations/a.xml")
    assert "\n" not in str(problem)
    assert labelled.objects == ()


def test_bombs_of_entities_are_not_set_off() -> None:
    lines = "".join(f'<!ENTITY e{i} "{f"&e{i - 1};" * 10}">' for i in range(1, 12))
    bomb = f'<!DOCTYPE annotation [<!ENTITY e0 "lol">{lines}]>' + annotation(one()).replace("dog", "&e11;")
    begin = time.perf_counter()
    problem = only(parsed(bomb))
    assert time.perf_counter() - begin < 1
    assert (problem.kind, problem.found) == ("broken XML", "it declares entities")
    outside = "<!DOCTYPE annotation [<!ENTITY e SYSTEM 'file:///etc/passwd'>]>" + annotation(one()).replace(
        "dog", "&e;"
    )
    assert only(parsed(outside)).kind == "broken XML"


def test_another_root_is_told() -> None:
    assert only(parsed("<html/>")).kind == "no annotation"


def test_sizes_that_contradict_are_told_and_boxes_that_fit_go_on() -> None:
    labelled = parsed(annotation(one(), corners(11, 21, 300, 60), size=(400, 300)))
    assert [(p.kind, p.where, p.found, p.left_out) for p in labelled.problems] == [
        ("size contradicts the picture", "Annotations/a.xml, size", "400 × 300", False),
        ("box outside the picture", "Annotations/a.xml, object 2", "xmin 11 ymin 21 xmax 300 ymax 60", True),
    ]
    assert labelled.shapes == (BoundingBox(0, 10, 20, 50, 60),)


@pytest.mark.parametrize("size", [None, (0, 0)])
def test_a_size_of_nothing_is_not_stated(size: tuple[int, int] | None) -> None:
    assert parsed(annotation(one(), size=size)).problems == ()
    assert parsed(annotation(one()).replace("<width>200</width>", "<width>?</width>")).problems == ()


def test_problems_of_one_file_are_bounded() -> None:
    labelled = parsed(annotation("<object/>" * 5000, one()))
    assert len(labelled.problems) == 101
    assert len(labelled.objects) == 1


@given(st.binary(max_size=100))
def test_no_content_at_all_raises(data: bytes) -> None:
    parsed(data)
    parsed(b"<annotation><object><name>a</name><bndbox><xmin>" + data + b"</xmin></bndbox></object></annotation>")


def test_what_is_read_travels_to_another_process() -> None:
    labelled = parsed(annotation(one(more=ROBOFLOW), GOOD))
    assert pickle.loads(pickle.dumps(labelled)) == labelled


def test_a_file_that_cannot_be_read_raises() -> None:
    with pytest.raises(OSError, match="gone"):
        VOC.parse("gone.xml", labelling_of(), tree(WHOLE).read, Facts("a.jpg", *SIZE))


# -- orientation ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("orientation", range(1, 9))
def test_the_stated_size_tells_on_which_picture_was_drawn(orientation: int) -> None:
    size = (100, 200) if orientation >= 5 else SIZE
    labelled = parsed(annotation(one()), size, orientation)
    stored = orientation >= 5
    expected = upright_box((10, 20, 50, 60), SIZE, orientation) if stored else (10, 20, 50, 60)
    assert labelled.shapes == (BoundingBox(0, *expected),)
    assert labelled.upright is not stored
    assert labelled.notes == (
        () if orientation == 1 else (f"labels drawn on the {'stored' if stored else 'upright'} picture",)
    )
    assert labelled.problems == ()
    by_option = parsed(annotation(one()), size, orientation, drawn_on="stored")
    assert by_option.shapes == (BoundingBox(0, *upright_box((10, 20, 50, 60), SIZE, orientation)),)
    assert by_option.upright == (orientation == 1)
    out = written(labelled, unmoved(labelled, "images/a.jpg", size))
    left, top, right, bottom = expected
    assert boxes(out) == [tuple(str(int(v)) for v in (left + 1, top + 1, right, bottom))]
    assert ET.fromstring(out).findtext("size/width") == str(size[0])


def test_labels_that_state_the_upright_size_are_upright() -> None:
    labelled = parsed(annotation(one(), size=(100, 200)), (100, 200), 6)
    assert labelled.shapes == (BoundingBox(0, 10, 20, 50, 60),)
    assert labelled.upright


# -- writing ----------------------------------------------------------------------------------------------------------


def renamed(text: str) -> str:
    return (
        text.replace("<folder>JPEGImages", "<folder>images")
        .replace("<filename>a.jpg", "<filename>a__aug1.jpg")
        .replace("<path>/home/x/a.jpg", "<path>images/a__aug1.jpg")
    )


@pytest.mark.parametrize("encoding", ["UTF-8", "iso-8859-1", "utf-16"])
@pytest.mark.parametrize("ends", ["\n", "\r\n"])
def test_an_unmoved_copy_has_all_other_bytes(encoding: str, ends: str) -> None:
    text = WHOLE.replace("UTF-8", encoding).replace("\n", ends)
    labelled = parsed(text.encode(encoding))
    assert labelled.problems == ()
    (file,) = VOC.render(labelled, labelling_of(), unmoved(labelled, "images/a__aug1.jpg", SIZE)).files
    assert file.data == renamed(text).encode(encoding)
    (grey,) = VOC.render(labelled, labelling_of(), unmoved(labelled, "images/a__aug1.jpg", SIZE, channels=1)).files
    assert grey.data == renamed(text).replace("<depth>3", "<depth>1").encode(encoding)


def test_a_moved_copy_changes_nothing_but_what_moved() -> None:
    labelled = parsed(WHOLE)
    copy = moved(labelled, "images/a__aug1.jpg", (120, 90), (1, 1), (-20, 10))
    expected = renamed(WHOLE)
    for old, new in (
        ("<width>200", "<width>120"),
        ("<height>100", "<height>90"),
        ("<truncated>0", "<truncated>1"),
        (
            "<bndbox><xmin>11</xmin><ymin>21</ymin><xmax>50</xmax><ymax>60</ymax></bndbox>",
            "<bndbox><xmin>1</xmin><ymin>31</ymin><xmax>30</xmax><ymax>70</ymax></bndbox>",
        ),
        ("<ymin> 1.5 <", "<ymin> 11.50 <"),
        ("<xmin>1.25<", "<xmin>1.00<"),
        ("<xmax>100.5<", "<xmax>80.50<"),
        ("<ymax>100<", "<ymax>90.00<"),
        ("\t\t<bndbox>\n", "\t\t<truncated>1</truncated>\n\t\t<bndbox>\n"),
    ):
        assert old in expected
        expected = expected.replace(old, new, 1)
    before, _, rest = expected.partition("\n\t\t<part>")
    expected = before + rest.partition("</part>")[2]
    assert written(labelled, copy) == expected
    assert "part, point" in labelled.notes[0]


def test_objects_that_are_lost_go_with_their_space_and_the_others_stay() -> None:
    labelled = parsed(WHOLE)
    copy = moved(labelled, "images/a__aug1.jpg", SIZE, (1, 1), (-60, 0))
    out = written(labelled, copy)
    assert [thing.findtext("name") for thing in ET.fromstring(out).findall("object")] == ["Käfer"]
    assert "\t<segmented>0</segmented>\n\t<object>\n\t\t<name>Käfer" in out
    gone = written(labelled, moved(labelled, "images/a.jpg", SIZE, (1, 1), (900, 0)))
    assert gone.endswith("\t<segmented>0</segmented>\n</annotation>\n")


def test_what_is_not_stated_is_not_added() -> None:
    text = f"<annotation>{one()}</annotation>"
    labelled = parsed(text)
    out = written(labelled, moved(labelled, "images/a.jpg", (300, 90), (1, 1), (5, 5)))
    assert out == f"<annotation>{corners(16, 26, 55, 65)}</annotation>"
    zero = written(parsed(annotation(one(), size=(0, 0))), unmoved(labelled, "images/train/a.jpg", SIZE))
    assert zero == annotation(one())


def test_truncated_that_is_set_stays_as_it_is() -> None:
    text = annotation(one(more="<truncated>true</truncated>"))
    labelled = parsed(text)
    assert labelled.objects[0].truncated
    assert "<truncated>true</truncated>" in written(labelled, moved(labelled, "images/a.jpg", (30, 30)))


def test_a_moved_polygon_is_written_as_it_was_with_more_or_fewer_pieces() -> None:
    arch = [(11, 11), (91, 11), (91, 91), (71, 91), (71, 31), (31, 31), (31, 91), (11, 91)]
    points = "\n".join(f"  <x{i}>{x}</x{i}>\n  <y{i}>{y}</y{i}>" for i, (x, y) in enumerate(arch, 1))
    text = annotation(
        one("<xmin>11</xmin><ymin>11</ymin><xmax>91</xmax><ymax>91</ymax>", f"\n <polygon>\n{points}\n </polygon>")
    )
    labelled = parsed(text)
    assert labelled.problems == ()
    still = written(labelled, moved(labelled, "images/a.jpg", SIZE, shift=(1, 0)))
    shifted = text
    for i, (x, _) in enumerate(arch, 1):
        shifted = shifted.replace(f"<x{i}>{x}<", f"<x{i}>{x + 1}<")
    shifted = shifted.replace("<xmin>11<", "<xmin>12<").replace("<xmax>91<", "<xmax>92<")
    assert still == shifted
    copy = moved(labelled, "images/a.jpg", (200, 50), shift=(0, -40))
    out = written(labelled, copy)
    assert out.count("<polygon>") == 2
    assert out.count("\n <polygon>\n  <x1>") == 2
    again = parsed(out, (200, 50))
    assert again.problems == ()
    assert isinstance(again.shapes[1], Polygon)
    assert again.shapes[1].area == pytest.approx(copy.fates[0].shapes[1].area, rel=0.05)  # type: ignore[union-attr]
    back = moved(again, "images/a.jpg", (70, 50))
    assert written(again, back).count("<polygon>") == 1


def test_a_polygon_of_labelme_keeps_its_kind() -> None:
    text = annotation(one(more=LABELME))
    labelled = parsed(text, voc_base=0)
    out = written(labelled, moved(labelled, "images/a.jpg", SIZE, shift=(2, 3)), voc_base=0)
    (polygon,) = ET.fromstring(out).iter("polygon")
    assert [child.tag for child in polygon] == ["username", "pt", "pt", "pt"]
    assert [point.findtext("x") for point in polygon.iter("pt")] == ["13.00", "52.50", "52.00"]
    assert "<pt>\n<x>13.00</x>\n<y>24.00</y>\n</pt>" in out


def test_where_the_file_lies() -> None:
    labelled = parsed(WHOLE)
    for path, expected in (
        ("images/a.jpg", "Annotations/a.xml"),
        ("images/train/a.b.jpg", "Annotations/train/a.b.xml"),
        ("images/train/cat/a.png", "Annotations/train/cat/a.xml"),
    ):
        (file,) = VOC.render(labelled, labelling_of(), unmoved(labelled, path, SIZE)).files
        assert file.path == expected


def test_a_picture_without_labels_has_a_file_without_objects() -> None:
    for nothing in (Labelled(), parsed("<broken")):
        out = written(nothing, unmoved(nothing, "images/train/a.jpg", SIZE, channels=1))
        root = ET.fromstring(out)
        assert root.find("object") is None
        assert [root.findtext(f"size/{tag}") for tag in ("width", "height", "depth")] == ["200", "100", "1"]
        assert (root.findtext("folder"), root.findtext("filename")) == ("train", "a.jpg")


sides = st.integers(1, 5000)


@given(
    sides,
    sides,
    st.lists(st.floats(-0.5, 1.5), min_size=4, max_size=4),
    st.sampled_from([0, 1]),
    st.sampled_from([0, 2, 3]),
)
def test_any_box_is_written_inside_and_never_inside_out(
    width: int, height: int, shares: tuple[float, ...], base: int, decimals: int
) -> None:
    left, right = sorted((shares[0] * width, shares[1] * width))
    top, bottom = sorted((shares[2] * height, shares[3] * height))
    texts = box_texts((left, top, right, bottom), (width, height), base, decimals)
    numbers = [float(text) for text in texts]
    assert all((decimals > 0) == ("." in text) for text in texts)
    assert base <= numbers[0] <= numbers[2] <= width
    assert base <= numbers[1] <= numbers[3] <= height
    assert base or (numbers[0] < numbers[2] and numbers[1] < numbers[3])
    found = np.array(edges_of(texts, base))
    inside = np.clip((left, top, right, bottom), 0, (width, height, width, height))
    assert np.abs(found - inside).max() <= (1 if base or not decimals else 1.01 * 10.0**-decimals)
    assert found[0] < found[2]


@given(st.integers(0, 3000), st.integers(0, 3000), st.integers(1, 2000), st.integers(1, 2000), st.sampled_from([0, 1]))
def test_whole_numbers_come_back_as_they_were(x: int, y: int, width: int, height: int, base: int) -> None:
    texts = tuple(str(value) for value in (x + base, y + base, x + width, y + height))
    assert box_texts(edges_of(texts, base), (6000, 6000), base, 0) == texts
    points = [float(value) for value in (x + base, y + base, x + width, y + height)]
    assert point_texts(points_of(points, base), (6000, 6000), base, 0) == [texts[:2], texts[2:]]


@given(
    st.lists(st.tuples(*[st.integers(-20, 220)] * 4), max_size=5),
    st.tuples(st.floats(0.2, 2), st.floats(0.2, 2)),
    st.tuples(st.integers(-150, 150), st.integers(-80, 80)),
    st.sampled_from([0, 1]),
)
def test_whatever_is_written_is_read_again_without_a_problem(
    numbers: list[tuple[int, ...]], scale: tuple[float, float], shift: tuple[float, float], base: int
) -> None:
    labelled = parsed(annotation(*(corners(*four) for four in numbers)), voc_base=base)
    copy = moved(labelled, "images/a.jpg", (150, 120), scale, shift)
    again = parsed(written(labelled, copy, voc_base=base), (150, 120), voc_base=base)
    kept = [fate for fate in copy.fates if fate.kept]
    assert {problem.kind for problem in again.problems} <= {"duplicate object"}  # two that became the same
    assert len(again.objects) == len(kept) - len(again.problems)
    if not again.problems:
        for shape, fate in zip(again.shapes, kept, strict=True):
            assert np.abs(np.subtract(shape.bounds, fate.shapes[0].bounds)).max() <= 1  # type: ignore[union-attr]


# -- of another format, and lists -------------------------------------------------------------------------------------


def foreign() -> tuple[Labelled, Copy]:
    regions = np.zeros((100, 200), bool)
    regions[10:20, 30:50] = True
    hole = np.array(((40, 40), (50, 40), (50, 50), (40, 50)), np.float64)
    outline = np.array(((30, 30), (60, 30), (60, 60), (30, 60)), np.float64)
    shapes = [
        (Polygon(0, ((outline, hole),)), LabelledObject(Category(90, "a < b"))),
        (BoundingBox(1, 0, 0.4, 50, 50.6), LabelledObject(Category(7, "cat\x00"), difficult=True, truncated=True)),
        (Region(2, regions), LabelledObject(Category(3, "dog"), crowd=True)),
        (Region(3, regions), LabelledObject(Category(3, "dog"))),
        (KeyPoints(4, np.zeros((2, 2))), LabelledObject(Category(3, "dog"))),
    ]
    fates = tuple(Fate(i, True, (shape,), 1.0, i == 3, 1.0, 9.0, "") for i, (shape, _) in enumerate(shapes))
    return Labelled(tuple(thing for _, thing in shapes)), Copy("images/train/a.jpg", "train", *SIZE, 3, fates, (), True)


def test_labels_of_another_format_are_written_anew() -> None:
    source = Labelling(LabelFormat.COCO, LabelFormat.COCO, (), {"shapes": "polygons"})
    labelling, lost = VOC.written_as(source)
    assert (labelling.format, labelling.written) == (LabelFormat.COCO, LabelFormat.VOC)
    assert labelling.options == {"shapes": "polygons", "voc_base": 1}
    assert all(word in " ".join(lost) for word in ("Crowd", "holes", "whole pixels", "Ids", "<polygon>"))
    labelled, copy = foreign()
    (file,) = VOC.render(labelled, labelling, copy).files
    root = ET.fromstring(file.data)
    assert [thing.findtext("name") for thing in root.findall("object")] == ["a < b", "cat\ufffd", "dog"]
    assert boxes(file.data.decode()) == [("31", "31", "60", "60"), ("1", "1", "50", "51"), ("31", "11", "50", "20")]
    assert [thing.findtext("truncated") for thing in root.findall("object")] == ["0", "1", "1"]
    assert [thing.findtext("difficult") for thing in root.findall("object")] == ["0", "1", "0"]
    again = parsed(file.data)
    assert again.problems == ()
    assert again.shapes[1].area == pytest.approx(800)  # type: ignore[union-attr]
    with pytest.raises(NotImplementedError):
        VOC.written_as(Labelling(LabelFormat.CAPTIONS, LabelFormat.CAPTIONS))
    _, lost = VOC.written_as(Labelling(LabelFormat.YOLO, LabelFormat.YOLO))
    assert "Crowd" not in " ".join(lost)


def test_it_is_written_as_yolo_with_all_of_its_names() -> None:
    yolo = Yolo()
    found = tree(WHOLE).collect(VOC)
    labelling, _ = yolo.written_as(found.labelling)
    labelled = VOC.parse("Annotations/a.xml", labelling, tree(WHOLE).read, Facts("JPEGImages/a.jpg", *SIZE))
    (file,) = yolo.render(labelled, labelling, unmoved(labelled, "images/a.jpg", SIZE)).files
    assert file.data == (b"1 0.1500000 0.4000000 0.2000000 0.4000000\n0 0.2518750 0.5025000 0.5012500 0.9950000\n")


def lines(splits: tuple[str, ...]) -> Iterator[tuple[str, list[str]]]:
    entries = [
        {"path": f"images/{split}/{name}", "split": split} for split in splits for name in ("a.jpg", "cat/b.x.jpg")
    ] or [{"path": "images/a.jpg", "split": ""}, {"path": "images/cat/b.jpg"}]
    for path, pieces in VOC.gathered(labelling_of(), lambda: iter(entries), splits):
        yield path, b"".join(pieces).decode().splitlines()


def test_splits_are_lists_of_pictures() -> None:
    assert dict(lines(("train", "val"))) == {
        "ImageSets/Main/train.txt": ["train/a", "train/cat/b.x"],
        "ImageSets/Main/val.txt": ["val/a", "val/cat/b.x"],
    }
    assert dict(lines(())) == {"ImageSets/Main/trainval.txt": ["a", "cat/b"]}


# -- the real thing ---------------------------------------------------------------------------------------------------

SAMPLE = BESIDE / "voc_bccd_mit"
sampled = pytest.mark.skipif(not SAMPLE.is_dir(), reason="the public samples are not here")


def blood() -> Tree:
    return Tree(
        [f"JPEGImages/{path.name}" for path in SAMPLE.glob("JPEGImages/*.jpg")],
        {f"Annotations/{path.name}": path.read_bytes() for path in SAMPLE.glob("Annotations/*.xml")},
    )


@sampled
def test_a_real_set_is_read_whole() -> None:
    files = blood()
    found = files.collect(VOC)
    assert len(found.records) == len(files.others) == len(list(files.pictures))
    assert [category.name for category in found.labelling.categories] == ["Platelets", "RBC", "WBC"]
    count = 0
    for picture, record in found.records.items():
        labelled = VOC.parse(record, found.labelling, files.read, Facts(picture, 640, 480))
        count += len(labelled.objects)
        name = picture.rpartition("/")[2]
        (file,) = VOC.render(labelled, found.labelling, unmoved(labelled, f"JPEGImages/{name}", (640, 480))).files
        before, after = files.read(record), file.data
        assert file.path == record
        if not any(problem.left_out for problem in labelled.problems):
            path = ET.fromstring(before).findtext("path")
            assert after == before.replace(str(path).encode(), f"JPEGImages/{name}".encode())
    assert count > 300


@sampled
@pytest.mark.parametrize("task", ["detect", "segment"])
def test_a_real_set_written_as_yolo_is_taken_by_the_trainer(task: str) -> None:
    files, yolo = blood(), Yolo()
    found = files.collect(VOC)
    labelling, _ = yolo.written_as(replace(found.labelling, options={**found.labelling.options, "task": task}))
    for picture, record in found.records.items():
        labelled = VOC.parse(record, labelling, files.read, Facts(picture, 640, 480))
        copy = moved(labelled, "images/a.jpg", (320, 300), (0.6, 0.7), (-30, -20))
        (file,) = yolo.render(labelled, labelling, copy).files
        hold_strictly(file.data, segment=task == "segment")
        taken = take(file.data, 3, segment=task == "segment")
        kept = [fate for fate in copy.fates if fate.kept]
        assert len(taken.classes) + taken.duplicates == len(kept)
        if not taken.duplicates:
            x, y, width, height = (taken.boxes * (320, 300, 320, 300)).T
            found_boxes = np.stack((x - width / 2, y - height / 2, x + width / 2, y + height / 2), axis=1)
            bounds = np.array([fate.shapes[0].bounds for fate in kept])  # type: ignore[union-attr]
            assert np.abs(found_boxes - bounds.reshape(-1, 4)).max(initial=0) < 0.01


@sampled
@pytest.mark.parametrize("copies", ["unmoved", "moved"])
def test_another_reader_reads_what_is_written(copies: str, tmp_path: Path) -> None:
    files = blood()
    found = files.collect(VOC)
    expected = {}
    (tmp_path / "images").mkdir()
    (tmp_path / "Annotations").mkdir()
    for picture, record in list(found.records.items())[:8]:
        labelled = VOC.parse(record, found.labelling, files.read, Facts(picture, 640, 480))
        path = f"images/{picture.rpartition('/')[2]}"
        if copies == "unmoved":
            copy = unmoved(labelled, path, (640, 480))
        else:
            copy = moved(labelled, path, (320, 300), (0.6, 0.7), (-30, -20))
        (file,) = VOC.render(labelled, found.labelling, copy).files
        (tmp_path / file.path).write_bytes(file.data)
        cv2.imwrite(str(tmp_path / path), np.zeros((copy.height, copy.width, 3), np.uint8))
        expected[str(tmp_path / path)] = [
            (labelled.objects[fate.number].category.name, *fate.shapes[0].bounds)  # type: ignore[union-attr]
            for fate in copy.fates
            if fate.kept
        ]
    read = supervision.DetectionDataset.from_pascal_voc(str(tmp_path / "images"), str(tmp_path / "Annotations"))
    assert set(read.classes) <= {category.name for category in found.labelling.categories}
    for path, objects in expected.items():
        detections = read.annotations[path]
        assert [read.classes[number] for number in detections.class_id] == [name for name, *_ in objects]
        if objects:
            difference = detections.xyxy - np.array([bounds for _, *bounds in objects])
            assert np.abs(difference).max() <= (0 if copies == "unmoved" and found.labelling.options["voc_base"] else 1)
