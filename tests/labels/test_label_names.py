from __future__ import annotations

import pytest

from augstudio.labels import LabelFormat, Labels
from augstudio.labels.names import is_list, is_paper, marked, picture_bases, place, word
from augstudio.labels.places import where


@pytest.mark.parametrize(
    "name",
    [
        *(
            "mask",
            "Masks",
            "PNGMasks",
            "PedMasks",
            "train_masks",
            "trainannot",
            "valMask",
            "labels",
            "label_2",
            "labels-seg",
        ),
        *(
            "SegmentationClass",
            "SegmentationObject",
            "gtFine",
            "gtCoarse",
            "GT",
            "ground_truth",
            "GroundTruth",
            "trimaps",
        ),
        *(
            "annotations",
            "Annotation",
            "seg",
            "my segmentation 2",
            "LabeledApproved_full",
            "TrainingLabels",
            "1st_manual",
        ),
    ],
)
def test_folders_that_name_labels(name: str) -> None:
    assert word(name).labels


@pytest.mark.parametrize(
    "name",
    [
        *("images", "train", "cats", "segment_a", "segments", "asphalt", "unmask", "facemask", "gtx", "labelling", ""),
        *("with_mask", "without_mask", "no-mask", "WithMask", "mask_weared_incorrect", "not labelled", "2017", "___"),
    ],
)
def test_folders_that_do_not(name: str) -> None:
    assert not word(name).labels


@pytest.mark.parametrize(
    ("folders", "expected"),
    [
        (
            ("images/train", "labels/train", "train/images", "train/labels", "train_masks", "trainannot", "train"),
            "train",
        ),
        (("leftImg8bit/val/bonn", "gtFine/val/bonn"), "val/bonn"),
        (("JPEGImages", "SegmentationClass", "Annotations", "annotations/trimaps", "", "img"), ""),
        (("DUTS-TR/DUTS-TR-Image", "DUTS-TR/DUTS-TR-Mask"), "dutstr/dutstr"),
    ],
)
def test_places(folders: tuple[str, ...], expected: str) -> None:
    assert {place(folder) for folder in folders} == {expected}


@pytest.mark.parametrize(
    ("stem", "base"),
    [
        *(("a_mask", "a"), ("a-GT", "a"), ("a b mask", "a b"), ("benign (1)_mask_1", "benign (1)"), ("mask_07", "07")),
        *(("x_gtFine_labelIds", "x"), ("ISIC_1_segmentation", "ISIC_1"), ("21_manual1", "21"), ("a_seg_12_3", "a")),
        *(("a_ground_truth", "a"), ("a.label", "a"), ("a_mask_mask", "a_mask"), ("a_labels_color", "a")),
    ],
)
def test_stems_of_masks(stem: str, base: str) -> None:
    found = marked(stem)
    assert found is not None
    assert found.base == base


@pytest.mark.parametrize(
    "stem", ["a", "mask", "amask", "_mask", "masked_a", "a_segment", "a_mask_of_b", "gta_5", "label"]
)
def test_stems_of_others(stem: str) -> None:
    assert marked(stem) is None


def test_stems_of_pictures() -> None:
    assert [list(picture_bases(stem)) for stem in ("a_leftImg8bit", "image_7", "7_sat", "imagery", "a")] == [
        ["a"],
        ["7"],
        ["7"],
        [],
        [],
    ]


def test_papers_and_lists() -> None:
    assert all(map(is_paper, ("README", "readme.roboflow", "LICENSE", "Licence_2", "requirements")))
    assert not any(map(is_paper, ("readmes", "a", "license to drive")))
    assert all(map(is_list, ("classes", "train", "val2017", "obj", "test_list")))
    assert not any(map(is_list, ("train_001", "obj_1", "classes2go", "tests1")))


def test_where() -> None:
    assert where(["labels"]) == "labels/"
    assert where([""]) == "the top folder"
    assert where(["labels/val", "labels/train"]) == "labels/"
    assert where(["a/b/masks", "a/c/masks"]) == "a/b/masks/ and a/c/masks/"
    assert where([f"c{number}/masks" for number in range(9)]) == "c0/masks/, c1/masks/ and 7 more folders"
    assert where(["data/labels/x/1", "data/labels/x/2"]) == "data/labels/"


@pytest.mark.parametrize(
    ("labels", "words"),
    [
        (
            Labels(LabelFormat.YOLO, 25, 25, None, "labels/", "boxes", 28),
            "YOLO boxes: 25 files for 25 of 28 pictures (labels/)",
        ),
        (Labels(LabelFormat.VOC, 1, 1, None, "x/", "", 1), "Pascal VOC: 1 file for 1 picture (x/)"),
        (
            Labels(LabelFormat.COCO, 1, 5_000, 36_781, "a.json", "polygons", 5_000),
            "COCO polygons: 1 file for all 5,000 pictures, 36,781 objects (a.json)",
        ),
        (Labels(LabelFormat.COCO, 2, 1, 1, "x", "", 2), "COCO: 2 files for 1 of 2 pictures, 1 object (x)"),
    ],
)
def test_in_words(labels: Labels, words: str) -> None:
    assert labels.in_words() == words


def test_every_format_has_a_name() -> None:
    assert len({one.called for one in LabelFormat}) == len(LabelFormat)
