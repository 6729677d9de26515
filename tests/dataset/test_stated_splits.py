"""Splits that lists and label files state: read where no folders make them, and nothing of them passed over."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from augstudio.dataset import Dataset, Folders, ScanStopped, scan, stating
from augstudio.dataset.description import beside, contents
from augstudio.dataset.labelling import collect
from augstudio.export import ExportError, Settings, parse_split, plan_export
from augstudio.export.report import fingerprint
from augstudio.labels import recognition
from augstudio.pipeline import Pipeline


def put(path: Path, content: str | bytes) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def touch(root: Path, *keys: str) -> Path:
    for key in keys:
        put(root / key, b"")
    return root


def split_of(dataset: Dataset) -> dict[str, str]:
    return {source.key.rpartition("/")[2]: source.split for source in dataset.sources}


def said(dataset: Dataset) -> str:
    return "\n".join([*contents(dataset), *beside(dataset)])


VOC = (
    "<annotation><object><name>cat</name><bndbox><xmin>1</xmin><ymin>1</ymin><xmax>9</xmax><ymax>9</ymax></bndbox>"
    "</object></annotation>"
)


def voc(root: Path, lists: dict[str, str | bytes], *, pictures: int = 6, kind: str = "Main", xml: bool = True) -> Path:
    for number in range(pictures):
        touch(root, f"JPEGImages/{number}.jpg")
        if xml:
            put(root / f"Annotations/{number}.xml", VOC)
    for name, content in lists.items():
        put(root / "ImageSets" / kind / f"{name}.txt", content)
    return root


def coco(path: Path, names: list[str], **changes: Any) -> Path:
    images = [{"id": n, "file_name": name, "width": 60, "height": 40} for n, name in enumerate(names, 1)]
    boxes = [
        {"id": n, "image_id": n, "category_id": 1, "bbox": [1, 2, 3, 4], "area": 12} for n in range(1, len(names) + 1)
    ]
    content = {"images": images, "annotations": boxes, "categories": [{"id": 1, "name": "cat"}], **changes}
    return put(path, json.dumps(content))


def yolo(root: Path, yaml: str, *keys: str) -> Path:
    touch(root, *keys)
    for key in keys:
        put(root / f"{key.replace('images', 'labels', 1).rpartition('.')[0]}.txt", "0 0.5 0.5 0.2 0.2\n")
    put(root / "data.yaml", f"{yaml}\nnames: [cat]\n")
    return root


# -- Pascal VOC --------------------------------------------------------------------------------------------------------


def test_image_sets(tmp_path: Path) -> None:
    lists = {
        "train": "0\n1\n",
        "val": "2\n3\n",
        "test": "4\n5\n",
        "trainval": "0\n1\n2\n3\n",
        "cat_train": "0 1\n4 -1\n",
    }
    dataset = scan(voc(tmp_path, dict(lists)))
    assert dataset.splits == {"train": 2, "val": 2, "test": 2}
    assert split_of(dataset) == {f"{n}.jpg": ("train", "val", "test")[n // 2] for n in range(6)}
    assert "Splits as ImageSets/Main states them: train 2, val 2, test 2" in said(dataset)
    assert dataset.skipped == ()
    assert dataset.notes == (), "nothing that was read is said not to be"
    assert dataset.stated_by == ("ImageSets/Main",)
    assert [source.key for source in dataset.sources] == [f"JPEGImages/{n}.jpg" for n in range(6)]


def test_train_and_val_together_are_a_split_where_neither_has_a_list_of_its_own(tmp_path: Path) -> None:
    dataset = scan(voc(tmp_path, {"trainval": "0\n1\n2\n3\n", "test": "4\n5\n"}))
    assert dataset.splits == {"train": 4, "test": 2}


@pytest.mark.parametrize(
    "content",
    [
        b"0\r\n1\r\n",
        b"\xef\xbb\xbf0\n1",
        b"\n  0 \n\n\t1\t\n\n",
        "0\n1\n".encode("utf-16"),
        b"0\r1\r",
        b"0.jpg\n1.jpg\n",
        b"0 1\n1 -1\n",
        b"JPEGImages/0\n./JPEGImages\\1.jpg\n",
    ],
)
def test_lists_as_they_come(content: bytes, tmp_path: Path) -> None:
    dataset = scan(voc(tmp_path, {"train": content, "val": "2\n3\n4\n5\n"}))
    assert dataset.splits == {"train": 2, "val": 4}
    assert dataset.notes == ()


def test_names_with_spaces_and_of_other_scripts(tmp_path: Path) -> None:
    touch(tmp_path, "JPEGImages/my cat 1.jpg", "JPEGImages/кот.jpg", "JPEGImages/b.jpg")
    put(tmp_path / "ImageSets/Main/train.txt", "my cat 1\nкот\n")
    put(tmp_path / "ImageSets/Main/val.txt", "b\n")
    assert scan(tmp_path).splits == {"train": 2, "val": 1}


def test_a_list_that_is_not_utf_8_says_what_it_names_in_vain(tmp_path: Path) -> None:
    dataset = scan(voc(tmp_path, {"train": b"0\n\xff\xfe\x80x\n", "val": "2\n3\n4\n5\n1\n"}))
    assert dataset.splits == {"train": 1, "val": 5}
    assert "ImageSets/Main/train.txt names 1 picture that is not here, such as line 2: " in said(dataset)


def test_names_without_a_picture_are_counted(tmp_path: Path) -> None:
    dataset = scan(voc(tmp_path, {"train": "0\n1\n2\nx\ny\nz\n", "val": "3\n4\n5\n"}))
    assert dataset.splits == {"train": 3, "val": 3}
    assert 'ImageSets/Main/train.txt names 3 pictures that are not here, such as line 4: "x".' in dataset.notes


def test_pictures_in_no_list_are_left_out_and_their_labels_are_no_strays(tmp_path: Path) -> None:
    dataset = scan(voc(tmp_path, {"train": "0\n1\n", "val": "2\n"}))
    assert dataset.splits == {"train": 2, "val": 1}
    assert dataset.in_no_split == tuple(f"JPEGImages/{n}.jpg" for n in (3, 4, 5))
    assert dataset.skipped == (
        "3 pictures are in no split that ImageSets/Main states, so they are left out: "
        "JPEGImages/3.jpg, JPEGImages/4.jpg and JPEGImages/5.jpg",
    )
    labels = collect(dataset)
    assert labels.problems == ()
    assert labels.count(dataset) == 3
    assert collect(dataset.without(["JPEGImages/0.jpg"])).problems == ()


def test_a_picture_in_two_lists_is_never_learnt_from(tmp_path: Path) -> None:
    dataset = scan(voc(tmp_path, {"train": "0\n1\n2\n3\n", "val": "2\n4\n", "test": "3\n5\n4\n"}))
    assert split_of(dataset) == {
        "0.jpg": "train",
        "1.jpg": "train",
        "2.jpg": "val",
        "3.jpg": "test",
        "4.jpg": "test",
        "5.jpg": "test",
    }
    assert "1 picture is in train and in val, such as JPEGImages/2.jpg: taken for val." in dataset.notes
    assert "1 picture is in train and in test, such as JPEGImages/3.jpg: taken for test." in dataset.notes
    assert "1 picture is in val and in test, such as JPEGImages/4.jpg: taken for test." in dataset.notes


def test_years_side_by_side(tmp_path: Path) -> None:
    for year, lists in (
        ("VOC2007", {"trainval": "0\n1\n2\n", "test": "3\n4\n5\n"}),
        ("VOC2012", {"train": "0\n1\n2\n", "val": "3\n4\n5\n", "trainval": "0\n1\n2\n3\n4\n5\n"}),
    ):
        voc(tmp_path / "VOCdevkit" / year, dict(lists))
    dataset = scan(tmp_path)
    assert dataset.splits == {"train": 6, "val": 3, "test": 3}
    first, second = (f"VOCdevkit/VOC{year}/ImageSets/Main" for year in (2007, 2012))
    assert f"Splits as {first} and {second} state them" in said(dataset)
    of_2012 = {s.key: s.split for s in dataset.sources if "2012" in s.key}
    assert of_2012["VOCdevkit/VOC2012/JPEGImages/4.jpg"] == "val"


def test_lists_of_objects_come_first_and_those_of_segmentation_where_there_are_only_masks(tmp_path: Path) -> None:
    voc(tmp_path / "a", {"train": "0\n1\n2\n", "val": "3\n4\n5\n"})
    voc(tmp_path / "a", {"train": "5\n", "val": "0\n"}, kind="Segmentation")
    assert scan(tmp_path / "a").splits == {"train": 3, "val": 3}
    voc(tmp_path / "b", {"train": "5\n", "val": "0\n"}, kind="Segmentation")
    voc(tmp_path / "b", {"train": "3 1\n", "val": "0 1\n"}, kind="Layout")
    voc(tmp_path / "b", {"cat_train": "5 1\n"}, kind="Main")
    dataset = scan(tmp_path / "b")
    assert dataset.splits == {"train": 1, "val": 1}
    assert "Splits as ImageSets/Segmentation states them" in said(dataset)


def test_lists_of_classes_alone_are_said_not_to_be_read(tmp_path: Path) -> None:
    dataset = scan(voc(tmp_path, {"cat_train": "0 1\n", "cat_val": "1 1\n"}))
    assert dataset.splits == {}
    assert "ImageSets/Main/cat_train.txt and ImageSets/Main/cat_val.txt: no lists of splits by their names" in said(
        dataset
    )


def test_pictures_that_differ_in_their_suffix_alone_go_together(tmp_path: Path) -> None:
    touch(voc(tmp_path, {"train": "0\n1\n2\n", "val": "3\n4\n5.png\n"}), "JPEGImages/3.png", "JPEGImages/5.png")
    dataset = scan(tmp_path)
    assert split_of(dataset)["3.jpg"] == split_of(dataset)["3.png"] == "val"
    assert split_of(dataset)["5.png"] == "val"
    assert dataset.in_no_split == ("JPEGImages/5.jpg",)


def test_folders_inside_stay_classes(tmp_path: Path) -> None:
    touch(tmp_path, "JPEGImages/cat/0.jpg", "JPEGImages/dog/0.jpg", "JPEGImages/cat/1.jpg", "JPEGImages/dog/1.jpg")
    put(tmp_path / "ImageSets/Main/train.txt", "cat/0\ndog/0\n")
    put(tmp_path / "ImageSets/Main/val.txt", "cat/1\ndog/1\n")
    dataset = scan(tmp_path)
    assert dataset.splits == {"train": 2, "val": 2}
    assert dataset.classes == {"cat": 2, "dog": 2}


# -- what cannot be used -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"0\n\x00\x01\x02", "ImageSets/Main/val.txt: no text (character 3 is a zero byte), so not read."),
        (b"", ""),
        (b"9" * 5000, 'names 1 picture that is not here, such as line 1: "999'),
        (b"5\n" * 200, "ImageSets/Main/val.txt: longer than 0 MiB, so the list is not read."),
    ],
)
def test_a_list_that_is_of_no_use(content: bytes, told: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    if len(content) == 400:
        monkeypatch.setattr(stating, "MOST_BYTES", 100)
    dataset = scan(voc(tmp_path, {"train": "0\n1\n", "val": content}))
    assert dataset.splits == {}
    assert len(dataset.sources) == 6
    assert told in said(dataset)
    assert "ImageSets/Main states 2 pictures for train, and no others: that is not followed, and all" in said(dataset)


def test_a_list_that_cannot_be_read(tmp_path: Path) -> None:
    voc(tmp_path, {"train": "0\n1\n", "val": "2\n", "test": "3\n"})
    listed = tmp_path / "ImageSets/Main/test.txt"
    listed.unlink()
    listed.symlink_to(tmp_path / "nowhere")
    dataset = scan(tmp_path)
    assert dataset.splits == {"train": 2, "val": 1}
    assert "ImageSets/Main/test.txt: the list cannot be read." in said(dataset)


def test_one_list_of_all_pictures_states_nothing(tmp_path: Path) -> None:
    dataset = scan(voc(tmp_path, {"test": "0\n1\n2\n3\n4\n5\n"}))
    assert (dataset.splits, dataset.notes) == ({}, ())


def test_lists_without_one_to_train_on_are_said_and_not_followed(tmp_path: Path) -> None:
    dataset = scan(voc(tmp_path, {"val": "0\n1\n", "test": "2\n"}))
    assert dataset.splits == {}
    assert "ImageSets/Main states 2 pictures for val and 1 picture for test, and none to train on" in said(dataset)


@given(listed=st.binary(max_size=300), yaml=st.binary(max_size=300))
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_lists_and_yaml_hold_all_pictures_are_accounted_for(
    listed: bytes, yaml: bytes, tmp_path_factory: pytest.TempPathFactory
) -> None:
    root = tmp_path_factory.mktemp("any")
    voc(root, {"train": "0\n1\n", "val": listed}, pictures=3, xml=False)
    put(root / "data.yaml", b"train: a.txt\nval: " + yaml)
    put(root / "a.txt", listed)
    dataset = scan(root)
    assert len(dataset.sources) + len(dataset.in_no_split) == 3
    assert bool(dataset.in_no_split) == any("in no split" in line for line in dataset.skipped)


def test_a_long_list_of_names_in_vain_takes_no_time(tmp_path: Path) -> None:
    names = "".join(f"{n} {'x' * 10} {n}\n" for n in range(200_000)) + "a" + " 1" * 10**6
    voc(tmp_path, {"train": "0\n1\n", "val": f"2\n{names}"})
    begun = time.perf_counter()
    assert scan(tmp_path).splits == {"train": 2, "val": 1}
    assert time.perf_counter() - begun < 10


# -- COCO --------------------------------------------------------------------------------------------------------------


def test_files_of_coco_beside_one_folder(tmp_path: Path) -> None:
    touch(tmp_path, *(f"images/{n}.jpg" for n in range(6)))
    coco(tmp_path / "annotations/instances_train2017.json", ["0.jpg", "1.jpg", "2.jpg"])
    coco(tmp_path / "annotations/instances_val2017.json", ["images/3.jpg", "4.jpg", "gone.jpg"])
    coco(tmp_path / "annotations/person_keypoints_val2017.json", ["3.jpg", "4.jpg"])
    dataset = scan(tmp_path)
    assert split_of(dataset) == {
        "0.jpg": "train",
        "1.jpg": "train",
        "2.jpg": "train",
        "3.jpg": "val",
        "4.jpg": "val",
    }
    assert dataset.in_no_split == ("images/5.jpg",)
    assert 'annotations/instances_val2017.json names 1 picture that is not here, such as "gone.jpg".' in dataset.notes
    assert "Splits as annotations/instances_train2017.json, annotations/instances_val2017.json and " in said(dataset)
    assert collect(dataset).count(dataset) == 5


def test_the_folder_of_a_file_may_say_the_split(tmp_path: Path) -> None:
    touch(tmp_path, *(f"images/{n}.jpg" for n in range(4)))
    coco(tmp_path / "annotations/train/instances.json", ["0.jpg", "1.jpg"])
    coco(tmp_path / "annotations/val/instances.json", ["2.jpg", "3.jpg"])
    assert scan(tmp_path).splits == {"train": 2, "val": 2}


def test_a_file_of_pictures_without_annotations_is_of_a_split_too(tmp_path: Path) -> None:
    touch(tmp_path, *(f"images/{n}.jpg" for n in range(4)), "annotations/labelme_test.json")
    coco(tmp_path / "annotations/instances_train.json", ["0.jpg", "1.jpg"])
    coco(tmp_path / "annotations/instances_val.json", ["2.jpg"])
    images = [{"id": 1, "file_name": "3.jpg"}, {"id": 2, "file_name": 7}, 3]
    put(tmp_path / "annotations/image_info_test2017.json", json.dumps({"info": {}, "images": images, "categories": []}))
    assert scan(tmp_path).splits == {"train": 2, "val": 1, "test": 1}


def test_a_single_file_of_coco_states_nothing(tmp_path: Path) -> None:
    touch(tmp_path, *(f"images/{n}.jpg" for n in range(4)))
    coco(tmp_path / "annotations/instances_train.json", [f"{n}.jpg" for n in range(4)])
    dataset = scan(tmp_path)
    assert (dataset.splits, dataset.notes) == ({}, ())


def test_a_file_that_breaks_off_keeps_out_of_train_what_it_names(tmp_path: Path) -> None:
    touch(tmp_path, *(f"images/{n}.jpg" for n in range(6)))
    coco(tmp_path / "annotations/instances_train.json", ["0.jpg", "1.jpg", "2.jpg"])
    broken = coco(tmp_path / "annotations/instances_val.json", ["3.jpg", "4.jpg", "5.jpg"])
    broken.write_bytes(broken.read_bytes()[: broken.read_bytes().index(b'"id": 3')])
    dataset = scan(tmp_path)
    assert dataset.splits == {"train": 3, "val": 2}
    assert dataset.in_no_split == ("images/5.jpg",)
    assert "instances_val.json: it says that it is COCO, but is damaged" in said(dataset)


@pytest.mark.parametrize("first", ["images", "annotations"])
def test_a_file_that_is_looked_at_in_part_is_read_as_far_as_its_pictures_go(
    first: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recognition, "HEAD", 500)
    monkeypatch.setattr(recognition, "WHOLE", 2000)
    names = [f"{n}.jpg" for n in range(40)]
    touch(tmp_path, *(f"images/{name}" for name in names))
    for split, part in (("train", names[:25]), ("val", names[25:])):
        file = coco(tmp_path / f"annotations/instances_{split}.json", part)
        content = json.loads(file.read_text())
        put(file, json.dumps({first: content.pop(first), **content}))
        assert file.stat().st_size > 2000
    assert scan(tmp_path).splits == {"train": 25, "val": 15}


def test_a_file_of_fifty_megabytes_opens_in_seconds(tmp_path: Path) -> None:
    names = [f"{n:06}.jpg" for n in range(4000)]
    touch(tmp_path, *(f"images/{name}" for name in names))
    ring = [[float(n) for n in range(1500)]]
    for split, part in (("train", names[:3000]), ("val", names[3000:])):
        annotations = [
            {"id": n, "image_id": n % len(part) + 1, "category_id": 1, "bbox": [1, 2, 3, 4], "segmentation": ring}
            for n in range(len(part))
        ]
        coco(tmp_path / f"annotations/instances_{split}.json", part, annotations=annotations)
    begun = time.perf_counter()
    assert scan(tmp_path).splits == {"train": 3000, "val": 1000}
    assert time.perf_counter() - begun < 15


# -- YOLO --------------------------------------------------------------------------------------------------------------

FLAT = tuple(f"images/{n}.jpg" for n in range(5))


def test_lists_that_data_yaml_names(tmp_path: Path) -> None:
    yolo(tmp_path, "path: /content/set\ntrain: train.txt\nval: ./lists/valid.txt\ntest:", *FLAT)
    put(tmp_path / "train.txt", "/content/set/images/0.jpg\n./images/1.jpg\r\nimages\\2.jpg\n")
    put(tmp_path / "lists/valid.txt", "C:\\data\\images\\3.jpg\nimages/gone.jpg\n")
    put(tmp_path / "autosplit_train.txt", "./images/3.jpg\n")
    dataset = scan(tmp_path)
    assert split_of(dataset) == {"0.jpg": "train", "1.jpg": "train", "2.jpg": "train", "3.jpg": "val"}
    assert dataset.in_no_split == ("images/4.jpg",)
    assert 'names 1 picture that is not here, such as lists/valid.txt, line 2: "images/gone.jpg".' in said(dataset)
    assert "Splits as data.yaml states them: train 3, val 1" in said(dataset)


def test_lists_that_nothing_names_are_not_read(tmp_path: Path) -> None:
    yolo(tmp_path, "train: images\nval: images", *FLAT)
    put(tmp_path / "autosplit_train.txt", "./images/0.jpg\n")
    put(tmp_path / "autosplit_val.txt", "./images/1.jpg\n")
    put(tmp_path / "val.txt", "./images/1.jpg\n")
    dataset = scan(tmp_path)
    assert dataset.splits == {}
    assert "val.txt may say which pictures are for validation and test: such lists are not read" in said(dataset)


def test_of_pictures_of_one_name_the_longest_common_end_decides(tmp_path: Path) -> None:
    keys = [f"images/{folder}/{n}.jpg" for folder in "abc" for n in range(2)]
    yolo(tmp_path, "train: train.txt\nval: val.txt", *keys)
    put(tmp_path / "train.txt", "".join(f"/far/away/images/{f}/{n}.jpg\n" for f in "ab" for n in range(2)))
    put(tmp_path / "val.txt", "/far/c/0.jpg\n/far/c/1.jpg\n1.jpg\n")
    dataset = scan(tmp_path)
    assert {s.key: s.split for s in dataset.sources} == {key: "val" if "/c/" in key else "train" for key in keys}
    assert 'such as val.txt, line 3: "1.jpg".' in said(dataset), "which of three it is nobody knows"
    assert dataset.classes == {"a": 2, "b": 2, "c": 2}, "with lists, folders remain classes"


def test_of_very_many_pictures_of_one_name_too(tmp_path: Path) -> None:
    keys = [f"images/v{n}/0.jpg" for n in range(60)]
    yolo(tmp_path, "train: train.txt\nval: val.txt", *keys)
    put(tmp_path / "train.txt", "".join(f"/far/{key}\n" for key in keys[:50]))
    put(tmp_path / "val.txt", "".join(f"/far/{key}\n" for key in keys[50:]))
    assert scan(tmp_path).splits == {"train": 50, "val": 10}


@pytest.mark.parametrize(
    "yaml",
    [
        "train: images/a\nval: images/b",
        "train: [../images/a]\nval: ['/home/me/set/images/b']",
        "path: ../sets/mine\ntrain:\n- images/a/\nval:\n- ./images/b",
        "train: images/a\nvalidation: images/b",
    ],
)
def test_folders_of_any_name(yaml: str, tmp_path: Path) -> None:
    dataset = scan(yolo(tmp_path, yaml, "images/a/0.jpg", "images/a/1.jpg", "images/b/0.jpg", "images/b/cat/2.jpg"))
    assert {s.key: (s.split, s.label) for s in dataset.sources} == {
        "images/a/0.jpg": ("train", ""),
        "images/a/1.jpg": ("train", ""),
        "images/b/0.jpg": ("val", ""),
        "images/b/cat/2.jpg": ("val", "cat"),
    }
    assert "Splits as data.yaml states them: train 2, val 2" in said(dataset)


def test_several_folders_for_one_purpose(tmp_path: Path) -> None:
    keys = [f"{camera}/images/0.jpg" for camera in ("north", "south", "east")]
    for key in keys:
        put(tmp_path / key.replace("images", "labels").replace(".jpg", ".txt"), "0 0.5 0.5 0.2 0.2\n")
    touch(tmp_path, *keys)
    put(tmp_path / "dataset.yaml", "train: [north/images, south/images]\nval: east/images\nnames: [cat]\n")
    dataset = scan(tmp_path)
    assert dataset.splits == {"train": 2, "val": 1}
    assert set(dataset.classes) == {""}


@pytest.mark.parametrize("yaml", ["train: images\nval: images/", "train: .\nval: ./images", "train: a\nval: a\ntest:"])
def test_the_same_folder_for_all_states_nothing(yaml: str, tmp_path: Path) -> None:
    dataset = scan(yolo(tmp_path, yaml, *FLAT))
    assert dataset.splits == {}
    assert len(dataset.sources) == 5


def test_sets_side_by_side_read_their_own_folders(tmp_path: Path) -> None:
    for name in ("A", "B"):
        yolo(tmp_path / name, "train: ../images/one\nval: ../images/two", "images/one/0.jpg", "images/two/0.jpg")
    dataset = scan(tmp_path)
    assert dataset.splits == {"train": 2, "val": 2}
    assert "Splits as A/data.yaml and B/data.yaml state them" in said(dataset)


@pytest.mark.parametrize(
    "yaml",
    [
        "train: {a: b}\nval: images/b",
        "train: [[images/a]]\nval: images/b",
        "train: &a [*a]\nval: images/b",
        f"train: [{', '.join(['images/a'] * 1500)}]\nval: images/b",
        "train: '\\0'\nval: '..'",
        "[" * 10_000,
    ],
)
def test_yaml_that_is_of_no_use(yaml: str, tmp_path: Path) -> None:
    dataset = scan(yolo(tmp_path, yaml, "images/a/0.jpg", "images/b/0.jpg"))
    assert dataset.splits == {}
    assert len(dataset.sources) == 2


# -- folders and what the user says ------------------------------------------------------------------------------------


def test_folders_own_splits_win_and_what_contradicts_them_is_said(tmp_path: Path) -> None:
    keys = [f"images/{split}/{split}{n}.jpg" for split in ("train", "val") for n in range(3)]
    yolo(tmp_path, "train: a.txt\nval: b.txt", *keys)
    put(tmp_path / "a.txt", "\n".join(keys[1:]))
    put(tmp_path / "b.txt", keys[0])
    dataset = scan(tmp_path)
    assert dataset.splits == {"train": 3, "val": 3}
    assert dataset.stated_by == ()
    assert dataset.unfollowed == (
        "data.yaml states another split than the folder for 4 pictures, such as images/train/train0.jpg: val, in "
        "train. The folders' splits are kept."
    )
    put(tmp_path / "data.yaml", "train: images/train\nval: images/val\nnames: [cat]\n")
    dataset = scan(tmp_path)
    assert (dataset.unfollowed, dataset.notes) == ("", ())


def test_one_name_in_the_folders_of_two_splits_contradicts_nothing(tmp_path: Path) -> None:
    for split in ("train", "val"):
        touch(tmp_path, f"images/{split}/0.jpg")
        coco(tmp_path / f"annotations/instances_{split}.json", ["0.jpg"])
    dataset = scan(tmp_path)
    assert dataset.splits == {"train": 1, "val": 1}
    assert (dataset.unfollowed, dataset.notes) == ("", ())


def test_the_user_may_say_that_folders_alone_count(tmp_path: Path) -> None:
    voc(tmp_path, {"train": "0\n1\n2\n", "val": "3\n4\n"})
    for folders, why in ((Folders.ALONE, "as asked"), (Folders.CLASSES, "as all folders are classes")):
        dataset = scan(tmp_path, folders=folders)
        assert (dataset.splits, len(dataset.sources), dataset.folders) == ({}, 6, folders)
        told = f"ImageSets/Main states splits (train 3, val 2), which are not followed, {why}: all pictures"
        assert dataset.unfollowed.startswith(told)
        assert told in "\n".join(plan_export(Settings(str(tmp_path / "out"), Pipeline()), dataset).remarks)
        assert told in said(dataset)
    assert scan(tmp_path, folders=Folders.SPLITS).splits == {"train": 3, "val": 2}


def test_what_is_stated_answers_what_folders_are(tmp_path: Path) -> None:
    keys = [f"images/{name}/{n}.jpg" for name in ("cat", "dog", "test") for n in range(2)]
    yolo(tmp_path, "train: a.txt\nval: b.txt", *keys)
    assert scan(tmp_path).doubt is not None
    put(tmp_path / "a.txt", "\n".join(keys[:5]))
    put(tmp_path / "b.txt", keys[5])
    dataset = scan(tmp_path)
    assert dataset.doubt is None
    assert dataset.splits == {"train": 5, "val": 1}
    assert dataset.classes == {"cat": 2, "dog": 2, "test": 2}
    assert scan(tmp_path, folders=Folders.ALONE).doubt is not None
    assert scan(tmp_path, folders=Folders.SPLITS).stated_by == ()


# -- everybody who asks ------------------------------------------------------------------------------------------------


def test_stopping(tmp_path: Path) -> None:
    voc(tmp_path, {"train": "0\n" * 50_000, "val": "1\n"}, xml=False)
    asked = 0

    def after(many: int) -> Callable[[], bool]:
        def stop() -> bool:
            nonlocal asked
            asked += 1
            return asked > many

        return stop

    scan(tmp_path, stop=after(10**9))
    whole = asked
    for many in range(whole - 12, whole - 1):
        asked = 0
        with pytest.raises(ScanStopped):
            scan(tmp_path, stop=after(many))


def test_a_plan_takes_them_for_splits(tmp_path: Path) -> None:
    dataset = scan(voc(tmp_path / "in", {"train": "0\n1\n2\n", "val": "3\n4\n"}))
    wanted = Settings(str(tmp_path / "out"), Pipeline(), copies=2)
    with pytest.raises(ExportError, match=r"splits already \(train, val, as ImageSets/Main states them\)"):
        plan_export(Settings(str(tmp_path / "out"), Pipeline(), split=parse_split("80/20")), dataset)
    assert plan_export(wanted, dataset).splits == ("train", "val")


def test_the_source_is_another_where_lists_say_otherwise(tmp_path: Path) -> None:
    before = fingerprint(scan(voc(tmp_path, {"train": "0\n1\n2\n", "val": "3\n4\n5\n"})))
    assert fingerprint(scan(tmp_path)) == before
    put(tmp_path / "ImageSets/Main/train.txt", "0\n1\n5\n")
    put(tmp_path / "ImageSets/Main/val.txt", "3\n4\n2\n")
    assert fingerprint(scan(tmp_path)) != before
