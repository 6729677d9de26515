"""What a folder holds is told before anything is made of it, for people and for programs."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from asking import refused
from pictures import smooth

from augstudio.images import encode


def picture(path: Path, seed: int) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(encode(smooth(20, 24, 3, seed=seed), "PNG", 90))


@pytest.fixture
def mixed(tmp_path: Path) -> Path:
    """A folder with a bit of everything."""
    root = tmp_path / "mixed"
    for seed, name in enumerate(("train/images/a.png", "train/images/b.png", "valid/images/c.png", "valid/images/d")):
        picture(root / name, seed)
    (root / "valid/images/e.png").write_bytes((root / "train/images/a.png").read_bytes())
    for stem, split in (("a", "train"), ("b", "train"), ("c", "valid"), ("d", "valid")):
        (root / split / "labels").mkdir(exist_ok=True)
        (root / split / "labels" / f"{stem}.txt").write_text("0 0.5 0.5 0.2 0.2\n")
    picture(root / "@eaDir" / "a.png", 9)
    (root / "train/images/raw.cr2").write_bytes(b"II*\0")
    return root


def test_inspect(mixed: Path, run: Any) -> None:
    said = run("inspect", mixed)
    assert (said.code, said.err) == (1, ""), "what is in train too wants a decision"
    lines = said.out.splitlines()
    assert lines[0] == f"{mixed}: 5 pictures"
    assert lines[1] == "Splits: train 2, valid 3"
    assert "Labels: YOLO boxes: 4 files for 4 of 5 pictures (train/labels/ and valid/labels/)" in lines
    assert "valid and train hold the same file: valid/images/e.png = train/images/a.png" in lines
    assert "note: 1 file is a picture by the first bytes, not by the suffix (none)." in lines
    assert "left out: 1 camera raw file (.cr2): train/images/raw.cr2" in lines
    assert "left out: 1 folder of a Synology disk (@eaDir): @eaDir" in lines


def test_inspect_as_json(mixed: Path, run: Any) -> None:
    said = run("inspect", mixed, "--json")
    told = json.loads(said.out)
    assert said.code == 1
    assert (told["pictures"], told["classes"], told["in_no_class"]) == (5, {}, 5)
    assert told["splits"] == {"train": 2, "valid": 3}
    (labels,) = told["labels"]
    assert (labels["format"], labels["files"], labels["pictures"], labels["of"]) == ("yolo", 4, 4, 5)
    assert told["identical"]["in_train_too"] == {"valid": [["valid/images/e.png", "train/images/a.png"]]}
    assert told["unclear_folders"] == []
    assert {"kind": "camera raw files", "name": ".cr2", "count": 1, "first": "train/images/raw.cr2"} in told["left_out"]


def test_what_is_excluded_is_not_looked_at(mixed: Path, run: Any, harsh: Path) -> None:
    said = run("inspect", mixed, "--json", "--exclude", "valid/images/e.png")
    told = json.loads(said.out)
    assert said.code == 0, "nothing is in train too any more"
    assert (told["pictures"], told["excluded"]) == (4, ["valid/images/e.png"])
    assert "5 pictures" in run("check", mixed, "-p", harsh).out
    assert "3 pictures" in run("check", mixed, "-p", harsh, "--exclude", "train/*").out


def test_inspect_asks_what_folders_are(tmp_path: Path, run: Any) -> None:
    for seed, name in enumerate(("cat/1.png", "dog/2.png", "test/3.png")):
        picture(tmp_path / "in" / name, seed)
    said = run("inspect", tmp_path / "in")
    assert said.code == 1
    assert "unclear: test may be a split or a class (beside cat and dog): say --as-splits or --as-classes" in said.out
    assert "Splits: train 2, test 1" in run("inspect", tmp_path / "in", "--as-splits").out
    assert "3 classes: cat 1, dog 1, test 1" in run("inspect", tmp_path / "in", "--as-classes").out
    assert run("inspect", tmp_path / "in", "--as-classes").code == 0
    assert "say the opposite" in refused(run("inspect", tmp_path / "in", "--as-classes", "--as-splits"))
    assert "there is no such folder" in refused(run("inspect", tmp_path / "none"))


def test_splits_that_lists_state(tmp_path: Path, run: Any) -> None:
    for number in range(4):
        picture(tmp_path / f"in/JPEGImages/{number}.png", number)
    lists = tmp_path / "in/ImageSets/Main"
    lists.mkdir(parents=True)
    (lists / "train.txt").write_text("0\n1\n")
    (lists / "val.txt").write_text("2\n")
    said = run("inspect", tmp_path / "in")
    assert (said.code, "Splits as ImageSets/Main states them: train 2, val 1" in said.out) == (0, True)
    assert (
        "skipped: 1 picture is in no split that ImageSets/Main states, so it is left out: JPEGImages/3.png" in said.out
    )
    told = json.loads(run("inspect", tmp_path / "in", "--json").out)
    assert (told["splits"], told["splits_stated_by"]) == ({"train": 2, "val": 1}, ["ImageSets/Main"])
    alone = run("inspect", tmp_path / "in", "--folders-alone")
    assert "note: ImageSets/Main states splits (train 2, val 1), which are not followed, as asked" in alone.out
    assert "4 pictures" in alone.out
    told = json.loads(run("inspect", tmp_path / "in", "--json", "--folders-alone").out)
    assert (told["splits"], len(told["notes"])) == ({}, 1)
    assert "give one of the two" in refused(run("inspect", tmp_path / "in", "--as-classes", "--folders-alone"))


def test_export_of_splits_that_lists_state(tmp_path: Path, run: Any) -> None:
    for number in range(4):
        picture(tmp_path / f"in/JPEGImages/{number}.png", number)
    lists = tmp_path / "in/ImageSets/Main"
    lists.mkdir(parents=True)
    (lists / "train.txt").write_text("0\n1\n")
    (lists / "val.txt").write_text("2\n")
    arguments = ("export", tmp_path / "in", tmp_path / "out", "-p", "gentle", "-n", 1, "-w", 0)
    assert "or let folders alone make splits (--folders-alone)" in refused(run(*arguments, "--split", "80/20"))
    said = run(*arguments)
    assert "Splits as ImageSets/Main states them (--folders-alone does not follow them)" in said.out
    assert {path.name for path in (tmp_path / "out/images").iterdir()} == {"train", "val"}
    assert run("export", "--resume", tmp_path / "out", "-w", 0).code == 0
    assert run("verify", tmp_path / "out").code == 0
    assert run(*arguments, "--split", "50/50", "--folders-alone", "--replace").code == 0
    assert len(list((tmp_path / "out/images").rglob("*.png"))) == 4
    assert run("export", "--resume", tmp_path / "out", "-w", 0).code == 0, "what was said is kept"


def test_export_refuses_what_is_unclear_with_the_ways_out(tmp_path: Path, run: Any) -> None:
    for seed, name in enumerate(("cat/1.png", "dog/2.png", "test/3.png")):
        picture(tmp_path / "in" / name, seed)
    arguments = ("export", tmp_path / "in", tmp_path / "out", "-p", "gentle", "-n", 1, "-w", 0)
    said = refused(run(*arguments))
    assert said.endswith("so say which: --as-splits (they are train, val and test) or --as-classes\n")
    assert not (tmp_path / "out").exists()
    assert run(*arguments, "--as-splits").code == 0
    assert (tmp_path / "out/images/train/cat").is_dir()
    assert next((tmp_path / "out/images/test").iterdir()).name == "3__orig.png"
    assert run("export", "--resume", tmp_path / "out", "-w", 0).code == 0, "what was said is kept"
    assert run(*arguments, "--as-classes", "--replace").code == 0
    assert (tmp_path / "out/images/test/3__aug1.png").is_file()


def test_export_by_groups_without_some(many: Path, tmp_path: Path, run: Any) -> None:
    (tmp_path / "gone.txt").write_text("cat/3.png\n")
    arguments = ("-p", "gentle", "-n", 1, "-w", 0, "--split", "50/50", "--group", r"/(\d)\d?\.png", "--originals")
    out = tmp_path / "out"
    said = run("export", many, out, *arguments, "--exclude", f"@{tmp_path / 'gone.txt'}", "--exclude", "dog/11.png")
    assert said.code == 0, said.err
    assert "note: 2 pictures excluded, as asked." in said.out
    names = {path.name for path in (out / "images").rglob("*__orig.png")}
    assert len(names) == 13
    assert not {"3__orig.png", "11__orig.png"} & names
    place = {path.name: path.relative_to(out / "images").parts[0] for path in (out / "images").rglob("*__orig.png")}
    assert len({split for name, split in place.items() if name[0] == "1"}) == 1
    assert run("export", "--resume", out, "-w", 0).code == 0
    assert 'exclude is "cow"' in refused(run("export", many, tmp_path / "b", *arguments, "--exclude", "cow"))
    assert "no regular expression" in refused(run("export", many, tmp_path / "b", *arguments[:-2], "("))
