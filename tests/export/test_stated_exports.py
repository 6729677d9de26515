"""Splits that only lists and label files state go through an export: written, verified, resumed and made again."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from label_sets import (
    BESIDE,
    by_element_tree,
    by_pycocotools,
    by_supervision,
    by_the_trainer,
    draw,
    export,
    files_in,
    lines,
    products,
    put,
    report,
    stated,
)

from augstudio.dataset import Folders, scan
from augstudio.dataset.labelling import LabelChoice
from augstudio.export import ExportError, Status, reproduce, verify

KINDS = ("yolo", "yolo lists", "coco", "voc")
TRAIN, VAL, NONE = ("p0", "p1", "p2", "p3"), ("p4", "p6"), ("p5",)


def drawn(root: Path, kind: str) -> Path:
    """Seven pictures in one folder (or two without meaning), and what states their splits; one is in none."""
    format_ = kind.partition(" ")[0]
    draw(root, format_, pictures=7, splits=())
    if kind == "yolo lists":
        put(root / "train.txt", "".join(f"/elsewhere/images/{name}.png\n" for name in TRAIN))
        put(root / "val.txt", "".join(f"./images/{name}.png\r\n" for name in VAL))
        place(root / "data.yaml", "train.txt", "val.txt")
    elif kind == "yolo":
        for folder, names in (("a", TRAIN), ("b", VAL), ("c", NONE)):
            for name in names:
                for kind_of, suffix in (("images", ".png"), ("labels", ".txt")):
                    (root / kind_of / folder).mkdir(exist_ok=True)
                    (root / kind_of / f"{name}{suffix}").rename(root / kind_of / folder / f"{name}{suffix}")
        place(root / "data.yaml", "images/a", "../images/b")
    elif kind == "coco":
        whole = root / "annotations/instances.json"
        content = json.loads(whole.read_text())
        whole.unlink()
        for split, names in (("train2017", TRAIN), ("val2017", VAL)):
            part(root / f"annotations/instances_{split}.json", content, names)
    else:
        sets = root / "ImageSets/Main"
        put(sets / "train.txt", "\n".join(TRAIN))
        put(sets / "val.txt", "\n".join(VAL))
        put(sets / "trainval.txt", "\n".join((*TRAIN, *VAL)))
        put(sets / "cat_train.txt", "".join(f"{name} -1\n" for name in TRAIN))
    return root


def place(file: Path, train: str, val: str) -> None:
    content = yaml.safe_load(file.read_text())
    put(file, yaml.safe_dump({**content, "train": train, "val": val}))


def part(file: Path, content: dict[str, Any], names: tuple[str, ...]) -> None:
    images = [image for image in content["images"] if image["file_name"].partition(".")[0] in names]
    known = {image["id"] for image in images}
    boxes = [one for one in content["annotations"] if one["image_id"] in known]
    put(file, json.dumps({**content, "images": images, "annotations": boxes}))


@pytest.mark.parametrize("kind", KINDS)
def test_a_set_goes_through(kind: str, tmp_path: Path) -> None:
    source, out = drawn(tmp_path / "in", kind), tmp_path / "out"
    done = export(source, out)
    assert (done.state, done.problems) == (Status.COMPLETE, ())
    told = {line["source"].rpartition("/")[2].partition(".")[0]: line["split"] for line in lines(out)}
    assert told == dict.fromkeys(TRAIN, "train") | dict.fromkeys(VAL, "val")
    assert {line["class"] for line in lines(out)} == {""}
    copies = {line["split"] for line in lines(out) if line["copy"]}
    assert copies == {"train"}, "what is tested on gets no copies"
    assert verify(out).ok  # type: ignore[union-attr]
    before = files_in(out)
    for path in before.keys() - BESIDE:
        again = reproduce(out, path, source=source)
        assert (again.same, again.ok) == (True, True), f"{path}: {again.why}"
    assert any("1 picture is in no split that" in line for line in report(out)["skipped"])


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_written_is_read_by_split(kind: str, tmp_path: Path) -> None:
    out = tmp_path / "out"
    export(drawn(tmp_path / "in", kind), out)
    if kind.startswith("yolo"):
        content = yaml.safe_load((out / "data.yaml").read_text())
        assert (content["train"], content["val"]) == ("images/train", "images/val")
        assert by_the_trainer(out, segment=False).followed() == stated(out)
    elif kind == "coco":
        assert {path.name for path in (out / "annotations").iterdir()} == {"instances_train.json", "instances_val.json"}
        for split, info in (("train", 12), ("val", 2)):
            content = json.loads((out / f"annotations/instances_{split}.json").read_text())
            assert len(content["images"]) == info
            assert content["info"] == {"description": "drawn", "year": 2024}, "as the source's file of the split"
        assert by_pycocotools(out).followed() == stated(out)
    else:
        assert {path.name for path in (out / "ImageSets/Main").iterdir()} == {"train.txt", "val.txt"}
        for split, many in (("train", 12), ("val", 2)):
            listed = (out / f"ImageSets/Main/{split}.txt").read_text().split()
            assert len(listed) == many
            assert all((out / f"Annotations/{name}.xml").is_file() for name in listed)
        assert by_element_tree(out).followed() == stated(out)
    assert by_supervision(out, kind.partition(" ")[0]).followed() == stated(out)
    again = scan(out)
    assert again.splits == {"train": 12, "val": 2}, "an export is read as it was written"
    assert (again.stated_by, again.unfollowed, again.notes) == ((), "", ())


@pytest.mark.parametrize("kind", KINDS)
def test_going_on_needs_the_splits_that_it_was_begun_with(kind: str, tmp_path: Path) -> None:
    source, out = drawn(tmp_path / "in", kind), tmp_path / "out"
    whole = export(source, tmp_path / "whole")
    assert whole.state is Status.COMPLETE
    asked = 0

    def stop() -> bool:
        nonlocal asked
        asked += 1
        return asked > 4

    assert export(source, out, stop=stop).state is Status.CANCELLED
    assert export(source, out, resume=True).state is Status.COMPLETE
    assert products(out) == products(tmp_path / "whole")
    if kind == "voc":
        assert export(source, out, stop=stop, replace=True).state is Status.CANCELLED
        sets = source / "ImageSets/Main"
        put(sets / "train.txt", "\n".join((*TRAIN[1:], VAL[0])))
        put(sets / "val.txt", "\n".join((TRAIN[0], VAL[1])))
        with pytest.raises(ExportError, match=r"the source .* has pictures of other names, or in other splits"):
            export(source, out, resume=True)


def test_labels_as_another_format_and_none_at_all(tmp_path: Path) -> None:
    source = drawn(tmp_path / "in", "voc")
    assert export(source, tmp_path / "yolo", labels=LabelChoice(written="yolo")).state is Status.COMPLETE
    content = yaml.safe_load((tmp_path / "yolo/data.yaml").read_text())
    assert (content["train"], content["val"]) == ("images/train", "images/val")
    assert export(source, tmp_path / "none", labels=LabelChoice("none")).state is Status.COMPLETE
    assert {line["split"] for line in lines(tmp_path / "none")} == {"train", "val"}


def test_folders_alone(tmp_path: Path) -> None:
    source, out = drawn(tmp_path / "in", "voc"), tmp_path / "out"
    done = export(scan(source, folders=Folders.ALONE), out)
    assert done.state is Status.COMPLETE
    assert {line["split"] for line in lines(out)} == {""}
    assert len({line["source"] for line in lines(out)}) == 7
    assert report(out)["settings"]["folders"] == "alone"
    assert reproduce(out, "Annotations/p5__aug1.xml", source=source).ok
