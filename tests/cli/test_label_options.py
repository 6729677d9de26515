"""What the command line takes of labels, refuses, and says."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from asking import refused
from pictures import smooth
from PIL import Image


@pytest.fixture
def cells(tmp_path: Path) -> Path:
    """Four pictures with polygons of YOLO, in two splits."""
    root = tmp_path / "cells"
    for number in range(4):
        split = ("train", "val")[number % 2]
        for folder in ("images", "labels"):
            (root / folder / split).mkdir(parents=True, exist_ok=True)
        Image.fromarray(smooth(20, 24, 3, seed=number)).save(root / f"images/{split}/{number}.png")
        (root / f"labels/{split}/{number}.txt").write_text("1 0.2 0.2 0.8 0.2 0.8 0.8 0.2 0.9\n")
    (root / "data.yaml").write_text("train: images/train\nval: images/val\nnames: [red, white]\n")
    return root


@pytest.fixture
def export(cells: Path, tmp_path: Path, run: Any) -> Any:
    """Export them, with further options."""

    def call(*options: object, out: str = "out") -> Any:
        return run("export", cells, tmp_path / out, "-p", "gentle", "-n", 1, "-w", 0, "--originals", *options)

    return call


def test_labels_follow_and_it_is_said(export: Any, tmp_path: Path, run: Any) -> None:
    said = export()
    assert (said.code, said.err) == (0, "")
    lines = said.out.splitlines()
    assert any("4 files for all 4 pictures" in line and "follow the pictures" in line for line in lines)
    assert any(line.startswith("Labels: 6 objects of 2 categories in 6 pictures (yolo)") for line in lines)
    assert (tmp_path / "out/data.yaml").is_file()
    assert run("verify", tmp_path / "out").code == 0
    for path in ("labels/train/0__aug1.txt", "data.yaml"):
        assert run("reproduce", tmp_path / "out", path).code == 0
    (tmp_path / "out/labels/train/0__aug1.txt").write_text("0 0 0 0 0\n")
    (tmp_path / "out/labels/train/extra.txt").write_text("")
    said = run("verify", tmp_path / "out")
    assert said.code == 1
    assert "labels/train/0__aug1.txt" in said.out
    assert "labels/train/extra.txt" in said.out
    assert run("reproduce", tmp_path / "out", "labels/train/0__aug1.txt").code == 1


def test_labels_none(export: Any, tmp_path: Path) -> None:
    said = export("--labels", "none")
    assert said.code == 0
    assert "labels are left out, as asked" in said.out
    assert {path.name for path in (tmp_path / "out").iterdir()} == {
        "images",
        "manifest.jsonl",
        "preset.json",
        "report.json",
    }


@pytest.mark.parametrize("written", ["coco", "voc"])
def test_labels_as(written: str, export: Any, tmp_path: Path) -> None:
    said = export("--labels-as", written)
    assert said.code == 0
    folder = {"coco": "annotations", "voc": "Annotations"}[written]
    assert (tmp_path / "out" / folder).is_dir()
    assert not (tmp_path / "out/labels").exists()
    followed = json.loads((tmp_path / "out/report.json").read_bytes())["followed"]
    assert (followed["formats"], followed["written"]) == (["yolo"], [written])


def test_coco_layout_and_yolo_task(export: Any, tmp_path: Path) -> None:
    assert export("--labels-as", "coco", "--coco-layout", "roboflow").code == 0
    for split in ("train", "val"):
        content = json.loads((tmp_path / f"out/images/{split}/_annotations.coco.json").read_bytes())
        assert {(tmp_path / f"out/images/{split}" / one["file_name"]).is_file() for one in content["images"]} == {True}
    assert export("--yolo-task", "detect", out="boxes").code == 0
    rows = (tmp_path / "boxes/labels/train/0__aug1.txt").read_text().splitlines()
    assert {len(row.split()) for row in rows} == {5}


@pytest.mark.parametrize(
    ("options", "what"),
    [
        (("--labels", "coco"), "found no labels in COCO"),
        (("--labels", "kitti"), "labels is"),
        (("--labels-as", "masks"), "labels_as is"),
        (("--labels-drawn-on", "side"), "--labels-drawn-on is"),
        (("--voc-base", "2"), "--voc-base is 2; allowed are 0, 1"),
        (("--yolo-task", "pose"), "--yolo-task is"),
        (("--coco-layout", "flat"), "--coco-layout is"),
        (("--mask-ignore", "70000"), "--mask-ignore is 70000; allowed are -1 to 65,535"),
        (("--balance",), "the objects in one picture"),
    ],
)
def test_what_is_refused(options: tuple[str, ...], what: str, export: Any, tmp_path: Path) -> None:
    assert what in refused(export(*options))
    assert not (tmp_path / "out").exists()


def test_resuming_with_other_labels_is_refused(export: Any, tmp_path: Path, run: Any) -> None:
    assert export().code == 0
    said = refused(run("export", "--resume", tmp_path / "out", "--labels", "none", "-w", 0))
    assert "labels was auto, now none" in said
    assert run("export", "--resume", tmp_path / "out", "-w", 0).code == 0


def test_a_dry_run_says_what_follows(export: Any, tmp_path: Path) -> None:
    said = export("--dry-run", "--labels-as", "voc")
    assert said.code == 0
    assert "as Pascal VOC" in said.out
    assert "Boxes are rounded to whole pixels." in said.out
    assert not (tmp_path / "out").exists()
