"""What is wrong with labels is told before anything is made of them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from pictures import smooth
from PIL import Image

from augstudio.dataset import labelling
from augstudio.dataset.label_check import check
from augstudio.dataset.scanning import scan
from augstudio.storage import at

GOOD = "0 0.5 0.5 0.2 0.2\n1 0.3 0.3 0.1 0.1\n"


@pytest.fixture
def cells(tmp_path: Path) -> Path:
    """Five pictures with boxes, all of them good."""
    root = tmp_path / "cells"
    for number in range(5):
        (root / "images").mkdir(parents=True, exist_ok=True)
        (root / "labels").mkdir(parents=True, exist_ok=True)
        Image.fromarray(smooth(20, 24, 3, seed=number)).save(root / f"images/{number}.png")
        (root / f"labels/{number}.txt").write_text(GOOD)
    (root / "data.yaml").write_text("train: images\nval: images\nnames: [red, white]\n")
    return root


def spoil(cells: Path) -> None:
    (cells / "labels/0.txt").write_text(GOOD + "".join(f"{7 + i} 0.5 0.5 0.1 0.1\n" for i in range(5)))
    (cells / "labels/1.txt").write_text(GOOD + "0 nan 0.5 0.1 0.1\n")
    (cells / "labels/2.txt").write_text("9 0.5 0.5 0.1 0.1\n")
    (cells / "labels/gone.txt").write_text(GOOD)
    (cells / "labels/3.txt").write_text("")


def test_nothing_wrong(cells: Path, run: Any) -> None:
    said = run("inspect", cells, "--check-labels")
    assert (said.code, said.err) == (0, "")
    lines = said.out.splitlines()
    assert "Checked: 10 objects in 5 pictures (red 5, white 5)." in lines
    assert lines[-1] == "Nothing is wrong with them."
    assert "Checked" not in run("inspect", cells).out


def test_problems_by_kind(cells: Path, run: Any) -> None:
    spoil(cells)
    said = run("inspect", cells, "--check-labels")
    assert (said.code, said.err) == (1, "")
    lines = said.out.splitlines()
    at_ = lines.index("class beyond the names: 6")
    assert lines[at_ + 1] == '  labels/0.txt, line 3: class beyond the names: class "7"; 0 to 1, the names in data.yaml'
    assert lines[at_ + 4] == "  3 more; --json lists them"
    assert "number not finite: 1" in lines
    assert "picture missing: 1" in lines
    assert any(line.startswith("  labels/gone.txt") for line in lines)
    assert any(line.startswith("1 picture would not be exported, such as images/2.png") for line in lines)
    assert "Checked: 6 objects in 5 pictures, 2 of them without any (red 3, white 3)." in lines
    assert run("inspect", cells).code == 0, "what was not asked for costs nothing"


def test_problems_as_json(cells: Path, run: Any) -> None:
    spoil(cells)
    said = run("inspect", cells, "--check-labels", "--json")
    told = json.loads(said.out)
    assert said.code == 1
    found = told["label_check"]
    assert (found["formats"], found["pictures"], found["without_objects"]) == (["yolo"], 5, 2)
    assert found["objects"] == {"red": 3, "white": 3}
    assert found["not_exported"] == ["images/2.png"]
    assert len(found["problems"]) == 8
    assert {"kind", "where", "found", "allowed", "left_out", "count"} == found["problems"][0].keys()
    assert "label_check" not in json.loads(run("inspect", cells, "--json").out)


def test_excluded_pictures_are_not_read(cells: Path, run: Any) -> None:
    spoil(cells)
    (cells / "labels/gone.txt").unlink()
    arguments = [part for key in ("images/0.png", "images/1.png", "images/2.png") for part in ("--exclude", key)]
    assert run("inspect", cells, "--check-labels", *arguments).code == 0


def test_pictures_that_cannot_be_read_are_told(cells: Path, run: Any) -> None:
    (cells / "images/4.png").write_bytes(b"no picture")
    said = run("inspect", cells, "--check-labels")
    assert said.code == 1
    assert "picture that cannot be read: 1" in said.out
    assert "images/4.png" in said.out


def test_folders_without_labels(source: Path, run: Any) -> None:
    said = run("inspect", source, "--check-labels")
    assert said.code == 0
    assert said.out.splitlines()[-1] == "Checked: no labels that would follow the pictures."


def test_masks(cells: Path, run: Any) -> None:
    for path in (cells / "labels").iterdir():
        path.unlink()
    (cells / "data.yaml").unlink()
    (cells / "masks").mkdir()
    for number in range(5):
        mask = Image.new("L", (24, 20))
        mask.paste(number % 2 + 1, (2, 2, 9, 9))
        mask.save(cells / f"masks/{number}.png")
    assert "Checked: masks of 5 pictures." in run("inspect", cells, "--check-labels").out
    Image.new("L", (9, 9)).save(cells / "masks/3.png")
    said = run("inspect", cells, "--check-labels")
    assert said.code == 1
    assert "size contradicts the picture: 1" in said.out


def test_behind_a_url_headers_do(cells: Path, tmp_path: Path) -> None:
    spoil(cells)
    there = at(f"memory://{tmp_path.name}/cells")
    for path, _ in at(cells).files():
        there.upload(cells / path, path)
    datasets = [scan(str(cells)), scan(there.location)]
    local, remote = (check(one, labelling.collect(one)) for one in datasets)
    assert local == remote
    assert local
    assert local.pictures == 5


def test_it_can_be_stopped(cells: Path) -> None:
    dataset = scan(cells)
    assert check(dataset, labelling.collect(dataset), stop=lambda: True) is None
