from __future__ import annotations

import codecs
import json
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from layouts import BOXES, PICTURE, POLYGONS, Folder, coco, labelme, voc
from pictures import BESIDE

from augstudio.images import SUFFIXES
from augstudio.labels import LabelFormat, RecognitionStopped, recognise

NUMBERS = range(25)


def only(folder: Folder) -> str:
    lines = folder.lines()
    assert len(lines) == 1, lines
    return lines[0]


@pytest.mark.parametrize(
    ("pictures", "labels", "where"),
    [
        ("images/train/{}.jpg", "labels/train/{}.txt", "labels/train/"),
        ("train/images/{}.png", "train/labels/{}.txt", "train/labels/"),
        ("obj_train_data/{}.JPG", "obj_train_data/{}.txt", "beside the pictures"),
        ("{}.jpeg", "{}.txt", "beside the pictures"),
        ("JPEGImages/{}.jpg", "yolo labels/{}.txt", "yolo labels/"),
        ("photos/deep/{}.jpg", "boxes/{}.txt", "boxes/"),
        ("a.b/x.{}.rf.0ac.jpg", "a.b/x.{}.rf.0ac.txt", "beside the pictures"),
        ("img/{}.png", "ann/{}.png.txt", "ann/"),
    ],
)
def test_yolo_wherever_it_lies(pictures: str, labels: str, where: str) -> None:
    folder = Folder().add(pictures, range(28), PICTURE).add(labels, NUMBERS, BOXES)
    folder.add("classes.txt", range(1), b"cat\ndog\n").add("data.yaml", range(1), b"names: [cat, dog]\n")
    folder.add("train.txt", range(1), b"images/train/0.jpg\nimages/train/1.jpg\n")
    folder.add("README.roboflow.txt", range(1), b"Exported by a tool, with boxes.\n")
    assert only(folder) == f"YOLO boxes: 25 files for 25 of 28 pictures ({where})"
    assert folder.recognise().notes == ()


def test_yolo_in_several_splits_is_said_once() -> None:
    folder = Folder()
    for split in ("train", "valid", "test"):
        folder.add(f"{split}/images/{{}}.jpg", range(3), PICTURE).add(f"{split}/labels/{{}}.txt", range(3), BOXES)
    assert only(folder) == "YOLO boxes: 9 files for all 9 pictures (test/labels/, train/labels/ and valid/labels/)"
    folder = Folder()
    for split in ("train2017", "val2017"):
        folder.add(f"images/{split}/{{}}.jpg", range(3), PICTURE).add(f"labels/{split}/{{}}.txt", range(3), BOXES)
    assert only(folder) == "YOLO boxes: 6 files for all 6 pictures (labels/)"


@pytest.mark.parametrize(
    ("rows", "content"),
    [
        (BOXES, "boxes"),
        (BOXES.replace(b"\n", b"\r\n"), "boxes"),
        (codecs.BOM_UTF8 + BOXES, "boxes"),
        (BOXES.decode().encode("utf-16"), "boxes"),
        (b"3.0 0.5 0.5 1.0 1.02 0.87\n", "boxes"),
        (POLYGONS, "polygons"),
        (BOXES + POLYGONS, "boxes and polygons"),
        (b"0 0.1 0.1 0.9 0.1 0.9 0.8 0.1 0.8\n", "oriented boxes"),
        (b"0 0.5 0.5 0.4 0.4 0.4 0.4 2 0.6 0.6 1 0 0 0\n", "key points"),
        (b"0 0.5 0.5 0.4 0.4 0.4 0.4 0.6 0.6 0.5 0.5\n", "key points"),
        # An outline of eight corners in the middle: all of them lie in a "box" of its first two, and yet it is none.
        (b"0 0.45 0.45 0.5 0.43 0.55 0.45 0.57 0.5 0.55 0.55 0.5 0.57 0.45 0.55 0.43 0.5\n" * 3, "polygons"),
        (b"0 0.5 0.5 0.4 0.4 0.4 0.4 0.6 0.6 0.6 0.4 0.4 0.6 0.5 0.55 0.52 0.48\n" * 3, "key points"),
        (BOXES * 9 + b"0 nan 0.5 7 7\n", "boxes"),
    ],
)
def test_what_rows_of_yolo_hold(rows: bytes, content: str) -> None:
    folder = Folder().add("images/{}.jpg", range(2), PICTURE).add("labels/{}.txt", range(2), rows)
    assert only(folder) == f"YOLO {content}: 2 files for all 2 pictures (labels/)"


def test_pictures_without_objects_count_as_labelled() -> None:
    folder = Folder().add("images/{}.jpg", NUMBERS, PICTURE).add("labels/{}.txt", NUMBERS, b"")
    assert only(folder) == "YOLO: 25 files for all 25 pictures (labels/)"
    folder.add("labels/{}.txt", range(9), POLYGONS)
    assert only(folder) == "YOLO polygons: 25 files for all 25 pictures (labels/)"
    beside = Folder().add("{}.jpg", NUMBERS, PICTURE).add("{}.txt", NUMBERS, b" \n")
    assert beside.lines() == []  # they may be anything
    beside.add("obj.names", range(1), b"cat\n")
    assert only(beside) == "YOLO: 25 files for all 25 pictures (beside the pictures)"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("A brown dog on a lawn, 4k\n", LabelFormat.CAPTIONS),
        ("1girl, solo, smile", LabelFormat.CAPTIONS),
        ("猫", LabelFormat.CAPTIONS),
        ("Ein Hund läuft".encode("latin-1"), LabelFormat.CAPTIONS),
        ("Car 0.00 0 -1.58 587.01 173.33 614.12 200.12 1.65 1.67 3.64 -0.65 1.71 46.70 -1.59", LabelFormat.KITTI),
        ("imagesource:GoogleEarth\ngsd:0.1\n10 10 50 10 50 40 10 40 large-vehicle 0", LabelFormat.DOTA),
        ("0 100 200 50 60\n", None),  # numbers, in no format that is known
        ("images/0.jpg\nimages/1.jpg\n", None),
        (bytes(range(256)), None),
    ],
)
def test_other_text_beside_pictures(text: str | bytes, expected: LabelFormat | None) -> None:
    data = text if isinstance(text, bytes) else text.encode()
    found = Folder().add("{}.jpg", range(3), PICTURE).add("{}.txt", range(3), data).recognise().found
    assert [labels.format for labels in found] == ([expected] if expected else [])


@pytest.mark.parametrize(
    ("pictures", "labels"),
    [
        ("JPEGImages/{}.jpg", "Annotations/{}.xml"),
        ("VOCdevkit/VOC2012/JPEGImages/{}.jpg", "VOCdevkit/VOC2012/Annotations/{}.xml"),
        ("train/{}.png", "train/{}.xml"),
        ("Images/dogs/{}.jpg", "Annotation/dogs/{}"),
    ],
)
def test_voc(pictures: str, labels: str) -> None:
    folder = Folder().add(pictures, range(7), PICTURE).add(labels, range(6), lambda i: voc(f"{i}.jpg"))
    folder.add("ImageSets/Main/cat_train.txt", range(1), b"0 1\n1 -1\n")
    line = only(folder)
    assert line.startswith("Pascal VOC boxes: 6 files for 6 of 7 pictures (")
    assert folder.recognise().notes == ()


def test_xml_that_is_no_voc_is_none() -> None:
    folder = Folder().add("{}.jpg", range(3), PICTURE).add("{}.xml", range(3), b"<plist><dict/></plist>")
    assert folder.lines() == []


@pytest.mark.parametrize(
    ("before", "encoding"),
    [("", "utf-8"), ('<?xml version="1.0"?>\n<!-- <fake> -->\n', "utf-8-sig"), ("<!DOCTYPE annotation>", "utf-16")],
)
def test_what_stands_before_an_xml_root(before: str, encoding: str) -> None:
    data = (before + voc("0.jpg").decode()).encode(encoding)
    folder = Folder().add("{}.jpg", range(1), PICTURE).add("{}.xml", range(1), data)
    assert only(folder) == "Pascal VOC boxes: 1 file for 1 picture (beside the pictures)"


NAMES = [f"{i:03d}.jpg" for i in range(12)]


@pytest.mark.parametrize(
    ("pictures", "key", "names"),
    [
        ("{:03d}.jpg", "_annotations.coco.json", NAMES),
        ("images/train2017/{:03d}.jpg", "annotations/instances_train2017.json", NAMES),
        ("val/{:03d}.jpg", "labels.json", [f"val/{name}" for name in NAMES]),
        ("a/{:03d}.jpg", "b/c/whatever.json", [rf"C:\data\a\{name}" for name in NAMES]),
    ],
)
def test_coco(pictures: str, key: str, names: list[str]) -> None:
    folder = Folder().add(pictures, range(14), PICTURE).add(key, range(1), coco(names))
    assert only(folder) == f"COCO boxes: 1 file for 12 of 14 pictures, 24 objects ({key})"
    labels = folder.recognise().found[0]
    assert (labels.format, labels.files, labels.pictures, labels.objects) == (LabelFormat.COCO, 1, 12, 24)


@pytest.mark.parametrize(
    ("annotation", "content"),
    [
        ({"segmentation": [[1, 1, 5, 1, 5, 5]], "bbox": [1, 1, 4, 4]}, "polygons"),
        ({"segmentation": {"counts": [3, 4], "size": [9, 9]}, "iscrowd": 1}, "run-length masks"),
        ({"keypoints": [1, 1, 2], "num_keypoints": 1, "segmentation": [[1, 1, 5, 1, 5, 5]]}, "key points"),
        ({"caption": "A cat."}, "captions"),
        ({"segments_info": [], "file_name": "000.png"}, "panoptic segments"),
    ],
)
def test_what_coco_holds(annotation: dict[str, object], content: str) -> None:
    folder = Folder().add("{:03d}.jpg", range(12), PICTURE).add("a.json", range(1), coco(NAMES, 1, **annotation))
    assert only(folder) == f"COCO {content}: 1 file for all 12 pictures, 12 objects (a.json)"


def test_coco_of_each_split_speaks_of_its_own_pictures() -> None:
    """Also where they have the same names, and more of them than are compared one by one."""
    folder = Folder()
    splits = [f"part{number}" for number in range(30)]
    for split in splits:
        folder.add(f"{split}/{{:03d}}.jpg", range(12), PICTURE)
        folder.add(f"{split}/_annotations.coco.json", range(1), coco(NAMES[:10]))
    found = folder.recognise().found
    assert [(labels.files, labels.pictures, labels.objects) for labels in found] == [(30, 300, 600)]
    assert found[0].where == "part0/_annotations.coco.json, part1/_annotations.coco.json and 28 more files"


def test_coco_of_other_pictures_is_said_and_not_counted() -> None:
    folder = Folder().add("x{}.jpg", range(3), PICTURE).add("a.json", range(1), coco(NAMES))
    assert folder.lines() == []
    assert folder.recognise().notes == ("a.json: COCO that speaks of 12 pictures, none of which is here",)


def test_coco_without_annotations_is_none() -> None:
    """Such lists come with test sets."""
    data = json.dumps({"images": [{"id": 0, "file_name": "000.jpg"}], "categories": []}).encode()
    folder = Folder().add("{:03d}.jpg", range(3), PICTURE).add("image_info_test.json", range(1), data)
    assert folder.lines() == []


@pytest.mark.parametrize("keep", [0.3, 0.7, 0.99])
def test_damaged_coco_is_said(keep: float) -> None:
    data = coco(NAMES)
    folder = Folder().add("{:03d}.jpg", range(12), PICTURE).add("a.json", range(1), data[: int(len(data) * keep)])
    found = folder.recognise()
    assert found.found == ()
    assert len(found.notes) == 1
    assert found.notes[0].startswith("a.json: it says that it is COCO, but is damaged: ")
    assert "at character" in found.notes[0]


@pytest.mark.parametrize(("shape", "content"), [("polygon", "polygons"), ("rectangle", "boxes"), ("circle", "")])
def test_labelme(shape: str, content: str) -> None:
    folder = Folder().add("set/{}.jpg", range(3), PICTURE)
    folder.add("set/{}.json", range(3), lambda i: labelme(f"{i}.jpg", shape))
    name = f"LabelMe {content}" if content else "LabelMe"
    assert only(folder) == f"{name}: 3 files for all 3 pictures (beside the pictures)"
    assert max(most for _, most in folder.reads) < 10**6, "their pictures are not read"


def test_labelme_and_coco_side_by_side() -> None:
    folder = Folder().add("{:03d}.jpg", range(12), PICTURE)
    folder.add("{:03d}.json", range(5), lambda i: labelme(f"{i:03d}.jpg")).add("all.json", range(1), coco(NAMES))
    assert folder.lines() == [
        "COCO boxes: 1 file for all 12 pictures, 24 objects (all.json)",
        "LabelMe polygons: 5 files for 5 of 12 pictures (beside the pictures)",
    ]
    assert folder.recognise().notes == ()


VIA = {
    f"{name}123": {
        "filename": name,
        "size": 123,
        "regions": [{"shape_attributes": {"name": "polygon"}, "region_attributes": {}}],
        "file_attributes": {},
    }
    for name in NAMES
}
OLD_VIA = {key: {**value, "regions": dict(enumerate(value["regions"]))} for key, value in VIA.items()}  # type: ignore[call-overload]
CREATEML = [
    {"image": n, "annotations": [{"label": "cat", "coordinates": {"x": 1, "y": 2, "width": 3, "height": 4}}]}
    for n in NAMES
]
CVAT = "<?xml version='1.0'?><annotations><version>1.1</version>{}</annotations>".format(
    "".join(f'<image id="0" name="{n}" width="9"><box label="cat" xtl="1"/><box label="cat"/></image>' for n in NAMES)
)


@pytest.mark.parametrize(
    ("key", "data", "line"),
    [
        ("via_region_data.json", json.dumps(VIA), "VGG VIA polygons: 1 file for all 12 pictures, 12 objects"),
        ("old.json", json.dumps(OLD_VIA), "VGG VIA polygons: 1 file for all 12 pictures, 12 objects"),
        (
            "project.json",
            json.dumps({"_via_settings": {}, "_via_img_metadata": VIA, "_via_attributes": {}}),
            "VGG VIA polygons: 1 file for all 12 pictures, 12 objects",
        ),
        ("_annotations.createml.json", json.dumps(CREATEML), "CreateML boxes: 1 file for all 12 pictures, 12 objects"),
        ("annotations.xml", CVAT, "CVAT boxes: 1 file for all 12 pictures, 24 objects"),
        (
            "_annotations.csv",
            "filename,width,height,class,xmin,ymin,xmax,ymax\n" + "".join(f"{n},9,9,cat,1,1,5,5\n" for n in NAMES * 2),
            "CSV table boxes: 1 file for all 12 pictures, 24 objects",
        ),
        (
            "retinanet.csv",
            "".join(f"/home/me/{n},1,1,5,5,cat\n" for n in NAMES),
            "CSV table boxes: 1 file for all 12 pictures, 12 objects",
        ),
        (
            "open_images.csv",
            "ImageID,Source,LabelName,XMin,XMax,YMin,YMax\n" + "".join(f"{n[:-4]},x,/m/1,0,1,0,1\n" for n in NAMES),
            "CSV table boxes: 1 file for all 12 pictures, 12 objects",
        ),
        (
            "labels.tsv",
            "id\tlabel\n" + "".join(f"{n[:-4]}\tcat\n" for n in NAMES),
            "CSV table: 1 file for all 12 pictures",
        ),
        (
            "captions.txt",
            "image,caption\r\n" + "".join(f'{n},"A cat, asleep"\r\n' for n in NAMES),
            "CSV table captions: 1 file for all 12 pictures",
        ),
        (
            "metadata.csv",
            "file_name,text\n" + "".join(f"{n},A cat\n" for n in NAMES),
            "Hugging Face metadata captions: 1 file for all 12 pictures",
        ),
        (
            "metadata.jsonl",
            "".join(json.dumps({"file_name": n, "objects": {"bbox": []}}) + "\n" for n in NAMES),
            "Hugging Face metadata boxes: 1 file for all 12 pictures",
        ),
        (
            "captions.json",
            json.dumps([{"image": n, "caption": "A cat"} for n in NAMES]),
            "labels in an unknown format captions: 1 file for all 12 pictures",
        ),
        (
            "by_name.json",
            json.dumps(dict.fromkeys(NAMES, 3)),
            "labels in an unknown format: 1 file for all 12 pictures",
        ),
    ],
)
def test_files_that_speak_of_many_pictures(key: str, data: str, line: str) -> None:
    for encoding in ("utf-8", "utf-8-sig", "utf-16"):
        folder = Folder().add("{:03d}.jpg", range(12), PICTURE).add(key, range(1), data.encode(encoding))
        assert only(folder) == f"{line} ({key})"


@pytest.mark.parametrize(
    ("key", "data"),
    [
        ("package.json", '{"name": "thing", "version": "1.0", "images": []}'),
        ("results.csv", "epoch,loss\n000,0.1\n001,0.2\n"),
        ("list.csv", "000.jpg\n001.jpg\n"),
        ("config.json", "[1, 2, 3]"),
        ("broken.json", '{"a": '),
        ("notes.tsv", "\t\t\n\t\n"),
        ("log.jsonl", '{"loss": 1}\n'),
        ("scalar.json", "3"),
        ("empty.json", ""),
    ],
)
def test_files_that_speak_of_no_picture(key: str, data: str) -> None:
    folder = Folder().add("{:03d}.jpg", range(12), PICTURE).add(key, range(1), data.encode())
    assert folder.recognise().found == ()
    assert folder.recognise().notes == ()


def test_labels_without_pictures_are_noted() -> None:
    folder = Folder().add("images/{}.jpg", range(3), PICTURE).add("labels/{}.txt", range(30), BOXES)
    found = folder.recognise()
    assert [(labels.files, labels.pictures) for labels in found.found] == [(3, 3)]
    assert found.notes == ("27 .txt files belong to no picture, such as labels/10.txt",)
    stray = Folder().add("images/{}.jpg", range(3), PICTURE).add("labels/x{}.txt", range(1), BOXES)
    assert stray.recognise().notes == ("1 .txt file belongs to no picture, such as labels/x0.txt",)
    prose = Folder().add("images/{}.jpg", range(3), PICTURE).add("docs/x{}.txt", range(9), b"About this work.")
    assert prose.recognise().notes == ()


def test_labels_of_one_picture_each_are_not_read_whole() -> None:
    folder = Folder().add("{}.jpg", range(3), PICTURE).add("x{}.json", range(9), lambda i: labelme(f"x{i}.jpg"))
    assert folder.recognise().notes == ("9 .json files belong to no picture, such as x0.json",)
    assert max(most for _, most in folder.reads) < 10**6


def test_folders_of_one_name_may_differ() -> None:
    folder = Folder().add("a/{}.jpg", NUMBERS, PICTURE).add("a/{}.txt", NUMBERS, BOXES)
    folder.add("b/x{}.jpg", range(5), PICTURE).add("b/x{}.txt", range(5), b"A cat on a sofa.")
    assert folder.lines() == [
        "YOLO boxes: 25 files for 25 of 30 pictures (beside the pictures)",
        "captions: 5 files for 5 of 30 pictures (beside the pictures)",
    ]


def test_unreadable_files_are_said_once() -> None:
    folder = Folder().add("{}.jpg", NUMBERS, PICTURE).add("{}.txt", NUMBERS, BOXES)

    def refuse(key: str, most: int) -> bytes:
        raise PermissionError(13, "Permission denied", key)

    keys = sorted(folder.files)
    found = recognise([k for k in keys if k.endswith("jpg")], [k for k in keys if k.endswith("txt")], refuse)
    assert found.found == ()
    assert len(found.notes) == 1
    assert re.fullmatch(r"2\d files looked at for labels cannot be read, such as 0.txt", found.notes[0])


def test_few_files_are_opened_however_many_there_are() -> None:
    many = range(3_000)
    folder = Folder().add("images/train/{}.jpg", many, PICTURE).add("labels/train/{}.txt", many, BOXES)
    assert only(folder) == "YOLO boxes: 3,000 files for all 3,000 pictures (labels/train/)"
    assert len(folder.reads) == 20
    folder = Folder()
    for number in range(300):
        folder.add(f"class{number}/{{}}.jpg", range(5), PICTURE).add(f"class{number}/{{}}.xml", range(5), voc("x"))
    assert only(folder) == "Pascal VOC boxes: 1,500 files for all 1,500 pictures (beside the pictures)"
    assert len(folder.reads) == 100


def test_the_caller_can_stop_it() -> None:
    folder = Folder().add("{}.jpg", NUMBERS, PICTURE).add("{}.txt", NUMBERS, BOXES)
    keys = sorted(folder.files)
    asked = iter([False, False, False, True])
    with pytest.raises(RecognitionStopped):
        recognise(keys[::2], keys[1::2], folder.read, stop=lambda: next(asked))
    assert len(folder.reads) <= 3


@pytest.mark.parametrize("seed", range(3))
def test_order_does_not_matter(seed: int) -> None:
    folder = (
        Folder().add("train/images/{:03d}.jpg", range(12), PICTURE).add("val/images/{:03d}.jpg", range(12), PICTURE)
    )
    folder.add("train/labels/{:03d}.txt", range(20), BOXES).add("val/labels/{:03d}.txt", range(9), POLYGONS)
    folder.add("train/a.json", range(1), coco(NAMES)).add("val/b.json", range(1), coco(NAMES))
    folder.add("val/images/{:03d}.xml", range(9), lambda i: voc(f"{i}.jpg"))
    assert len(folder.recognise().found) == 3
    assert folder.recognise(shuffled=seed) == folder.recognise()


parts = st.text(st.characters(exclude_characters="/"), min_size=1, max_size=8) | st.sampled_from(
    ["images", "labels", "masks", "a", "a_mask", "train", "gtFine", "..", "with_mask", "\n", "\udcff", ".", "\0"]
)
suffixes = st.sampled_from(["", ".", ".txt", ".xml", ".json", ".jsonl", ".csv", ".tsv", ".yaml", ".jpg.json", ".JPG"])
keys = st.builds(lambda folders, suffix: "/".join(folders) + suffix, st.lists(parts, min_size=1, max_size=4), suffixes)
contents = st.binary(max_size=60) | st.sampled_from(
    [
        b"",
        BOXES,
        voc("a.jpg"),
        coco(["a.jpg"]),
        coco(["a.jpg"])[:90],
        b'[{"image": "a.jpg"}]',
        b"a.jpg,1,2,3,4\n",
        b"<" * 99,
    ]
)


@given(
    st.dictionaries(keys, contents, max_size=12), st.lists(keys.map(lambda key: f"{key}.png"), max_size=9), st.randoms()
)
def test_no_name_and_no_content_breaks_it(files: dict[str, bytes], pictures: list[str], chance: object) -> None:
    others = [key for key in files if f".{key.rpartition('.')[2].lower()}" not in SUFFIXES]

    def read(key: str, most: int) -> bytes:
        if key not in files:
            raise FileNotFoundError(key)
        return files[key][:most]

    found = recognise(pictures, others, read)
    assert recognise(pictures[::-1], others[::-1], read) == found
    assert found.masks <= {*pictures}
    for line in (*(labels.in_words() for labels in found.found), *found.notes):
        assert line.isprintable()
    for labels in found.found:
        assert 0 < labels.pictures <= labels.among <= len(pictures)


@pytest.mark.parametrize(
    ("name", "line"),
    [
        ("voc_bccd_mit", "Pascal VOC boxes: 30 files for all 30 pictures (Annotations/)"),
        (
            "coco_polygons_facade_ccby",
            "COCO polygons: 1 file for all 12 pictures, 289 objects (_annotations.coco.json)",
        ),
    ],
)
def test_real_ones(name: str, line: str) -> None:
    root: Path = BESIDE / name
    if not root.is_dir():
        pytest.skip("the public samples are not here")
    folder = Folder(
        {path.relative_to(root).as_posix(): path.read_bytes() for path in root.rglob("*") if path.is_file()}
    )
    assert only(folder) == line
    assert folder.recognise().notes == ()
