"""What would spoil labels in silence is said or refused: splits that only labels state, names, sizes, nothing."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from augstudio.dataset.labelling import LabelChoice
from augstudio.dataset.scanning import scan
from augstudio.export import ExportError, Settings, Status, manifest, plan_export, run_export
from augstudio.export.report import Report
from augstudio.label_rules import LabelRules
from augstudio.pipeline import Pipeline
from augstudio.transforms import registry


def picture(path: Path, size: tuple[int, int] = (60, 40)) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    rng = np.random.default_rng(len(str(path)) + sum(path.name.encode()))
    cv2.imwrite(str(path), rng.integers(0, 255, (size[1], size[0], 3), np.uint8))
    return path


def coco(path: Path, names: list[str], size: tuple[int, int] = (60, 40), **changes: Any) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    images = [{"id": n, "file_name": name, "width": size[0], "height": size[1]} for n, name in enumerate(names, 1)]
    boxes = changes.pop("boxes", [[5, 6, 10, 12]])
    annotations = [
        {"id": 100 * n + i, "image_id": n, "category_id": 1, "bbox": box, "area": box[2] * box[3], "iscrowd": 0}
        for n in range(1, len(names) + 1)
        for i, box in enumerate(boxes)
    ]
    categories = [{"id": 1, "name": "cat"}]
    path.write_text(json.dumps({"images": images, "annotations": annotations, "categories": categories, **changes}))


def exported(source: Path, out: Path, pipeline: Pipeline | None = None, **fields: Any) -> Report:
    return run_export(Settings(out, pipeline or Pipeline(), copies=1, workers=0, **fields), scan(source))


def remarks(source: Path, out: Path, pipeline: Pipeline | None = None) -> str:
    return "\n".join(plan_export(Settings(str(out), pipeline or Pipeline(), copies=1), scan(source)).remarks)


def test_splits_that_are_stated_and_cannot_be_followed(tmp_path: Path) -> None:
    root = tmp_path / "in"
    for number in range(4):
        picture(root / "images" / f"{number}.png")
    coco(root / "annotations" / "instances.json", [f"{number}.png" for number in range(4)])
    assert "one set" not in remarks(root, tmp_path / "out")
    (root / "data.yaml").write_text("train: images\nval: held_out.txt\n")
    (root / "held_out.txt").write_text("images/3.png\n")
    assert "one set" not in remarks(root, tmp_path / "out"), "3 to train on, and one that is never learnt from"
    (root / "data.yaml").write_text("val: held_out.txt\n")
    told = "data.yaml states 1 picture for val, and none to train on: that is not followed, and all pictures count as"
    assert told in remarks(root, tmp_path / "out")


def test_one_name_in_two_splits_is_told_apart_by_the_file(tmp_path: Path) -> None:
    root = tmp_path / "in"
    for split, box in (("train", [1, 2, 20, 20]), ("val", [30, 10, 20, 20])):
        picture(root / "images" / split / "0.png")
        coco(root / "annotations" / f"instances_{split}.json", ["0.png"], boxes=[box])
    report = exported(root, tmp_path / "out")
    assert report.labels is not None
    assert report.labels.kept == {"cat": 2}
    for split, left in (("train", 1), ("val", 30)):
        written = json.loads((tmp_path / "out" / "annotations" / f"instances_{split}.json").read_text())
        assert [annotation["bbox"][0] for annotation in written["annotations"]] == [left]


def test_two_sets_whose_names_differ_are_refused(tmp_path: Path) -> None:
    root = tmp_path / "in"
    for name, classes in (("A", "[cat, dog]"), ("B", "[dog, cat]")):
        picture(root / name / "images" / "a.png")
        (root / name / "labels").mkdir(parents=True)
        (root / name / "labels" / "a.txt").write_text("0 0.5 0.5 0.2 0.2\n")
        (root / name / "data.yaml").write_text(f"names: {classes}\n")
    with pytest.raises(ExportError, match="names that disagree"):
        exported(root, tmp_path / "out")
    (root / "B" / "data.yaml").write_text("names: [cat, dog]\n")
    assert exported(root, tmp_path / "out").state is Status.COMPLETE


def test_a_list_of_an_annotator_that_differs_is_only_said(tmp_path: Path) -> None:
    root = tmp_path / "in"
    picture(root / "images" / "a.png")
    (root / "labels").mkdir()
    (root / "labels" / "a.txt").write_text("0 0.5 0.5 0.2 0.2\n")
    (root / "labels" / "classes.txt").write_text("dog\nperson\ncat\n")
    (root / "data.yaml").write_text("names: [cat, dog]\n")
    assert exported(root, tmp_path / "out").problems == ()


@pytest.mark.parametrize("damage", ["cut", "of other pictures"])
def test_labels_that_nothing_came_of_end_an_export_with_a_problem(damage: str, tmp_path: Path) -> None:
    root = tmp_path / "in"
    picture(root / "images" / "a.png")
    file = root / "annotations" / "instances_train.json"
    coco(file, ["a.png" if damage == "cut" else "elsewhere.png"])
    if damage == "cut":
        file.write_text(file.read_text()[:-40])
    report = exported(root, tmp_path / "out")
    assert [problem for problem in report.problems if "have no labels, though there are some" in problem]
    assert exported(root, tmp_path / "meant", labels=LabelChoice("none")).problems == ()


def test_labels_of_another_size_that_do_not_fit_keep_their_picture_out(tmp_path: Path) -> None:
    root = tmp_path / "in"
    picture(root / "images" / "fine.png")
    picture(root / "images" / "half.png", (30, 20))
    coco(root / "annotations.json", ["fine.png", "half.png"], boxes=[[2, 3, 8, 8], [45, 30, 10, 8]])
    report = exported(root, tmp_path / "out")
    assert [failure.source for failure in report.failures] == ["images/half.png"]
    assert "size contradicts the picture" in report.failures[0].reason


def test_a_name_that_is_to_be_kept_unmirrored_and_is_not_there_is_said(tmp_path: Path) -> None:
    root = tmp_path / "in"
    picture(root / "images" / "a.png")
    coco(root / "annotations.json", ["a.png"])
    flip = registry()["flip"].default()
    for names, said in ((("cat",), False), (("Cat",), True)):
        pipeline = Pipeline(transforms=(flip,), labels=LabelRules(not_mirrored=names))
        assert ("No class is called" in remarks(root, tmp_path / "out", pipeline)) is said


def test_a_copy_of_which_labels_say_too_much_fails_and_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = tmp_path / "in"
    for name in ("few", "many"):
        picture(root / "images" / f"{name}.png")
    coco(root / "annotations.json", ["few.png", "many.png"])
    content = json.loads((root / "annotations.json").read_text())
    content["annotations"][1]["attributes"] = "x" * 5000
    (root / "annotations.json").write_text(json.dumps(content))
    monkeypatch.setattr(manifest, "MOST_BYTES", 4000)
    report = exported(root, tmp_path / "out")
    assert [failure.source for failure in report.failures] == ["images/many.png"]
    assert "MiB in manifest.jsonl" in report.failures[0].reason
    assert [path.name for path in (tmp_path / "out" / "images").iterdir()] == ["few__aug1.png"]
    assert report.problems == ()
