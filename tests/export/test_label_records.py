"""What labels say survives an export where nothing moves, and real loaders read what it has written."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path
from typing import Any

import pytest
from label_sets import (
    FORMATS,
    SAMPLES,
    Drawn,
    Loaded,
    by_element_tree,
    by_pycocotools,
    by_supervision,
    by_the_trainer,
    draw,
    export,
    lines,
    mixed,
    of_steps,
    put,
    report,
    stated,
)
from PIL import Image

from augstudio.dataset.labelling import LabelChoice
from augstudio.export import ExportError, Status, verify
from augstudio.pipeline import Pipeline

NOTHING = of_steps()
COLOUR = of_steps("brightness", "contrast", "gaussian_noise", "blur", "jpeg")


PLACES = re.compile(rb"<(folder|filename|path)>[^<]*<")


def same_records(source: Path, out: Path, format_: str) -> int:
    """Hold that every copy has its source's own record; how many objects the source has."""
    by_key: dict[str, list[str]] = {}
    for line in lines(out):
        by_key.setdefault(line["source"], []).append(line["path"])
    if format_ == "coco":
        return _same_coco(source, out, by_key)
    objects = 0
    for key, paths in by_key.items():
        folder, suffix = {"voc": ("Annotations", ".xml"), "masks": ("masks", ".png")}.get(format_, ("labels", ".txt"))
        before = (source / folder / key.partition("/")[2]).with_suffix(suffix).read_bytes()
        objects += before.count({"voc": b"<object>", "masks": b"PLTE"}.get(format_, b"\n"))
        for path in paths:
            after = (out / folder / path.partition("/")[2]).with_suffix(suffix).read_bytes()
            if format_ == "voc":
                assert f"<filename>{path.rpartition('/')[2]}</filename>".encode() in after
                before, after = (PLACES.sub(b"", content) for content in (before, after))
            assert after == before, path
    return objects


def _coco_of(root: Path) -> dict[str, tuple[dict[str, Any], list[dict[str, Any]]]]:
    """Image record and annotations, by the picture's path."""
    found: dict[str, tuple[dict[str, Any], list[dict[str, Any]]]] = {}
    for path in sorted([*root.glob("annotations/*.json"), *root.rglob("_annotations.coco.json")]):
        content = json.loads(path.read_bytes())
        split = path.stem.partition("_")[2] if path.parent.name == "annotations" else ""
        for image in content["images"]:
            own = [one for one in content["annotations"] if one["image_id"] == image["id"]]
            if path.parent.name == "annotations":
                key = "/".join(filter(None, ("images", split, image["file_name"])))
            else:
                key = (path.parent / image["file_name"]).relative_to(root).as_posix()
            found[key] = image, own
    return found


def _bare(record: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in record.items() if name not in ("id", "image_id", "file_name")}


def _same_coco(source: Path, out: Path, by_key: dict[str, list[str]]) -> int:
    before, after = _coco_of(source), _coco_of(out)
    objects = 0
    for key, paths in by_key.items():
        image, annotations = before[key]
        objects += len(annotations)
        for path in paths:
            assert _bare(after[path][0]) == _bare(image)
            assert [*map(_bare, after[path][1])] == [*map(_bare, annotations)]
    (one, other), *_ = (
        [json.loads(path.read_bytes()) for path in (a, b)]
        for a, b in zip(
            sorted([*source.glob("annotations/*.json"), *source.rglob("_annotations.coco.json")]),
            sorted([*out.glob("annotations/*.json"), *out.rglob("_annotations.coco.json")]),
            strict=True,
        )
    )
    rest = [{name: one[name] for name in one if name not in ("images", "annotations")} for one in (one, other)]
    assert rest[0] == rest[1]
    return objects


# -- nothing moves -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("splits", [("train", "val"), ()], ids=["splits", "no splits"])
@pytest.mark.parametrize("format_", FORMATS)
@pytest.mark.parametrize("pipeline", [NOTHING, COLOUR], ids=["nothing", "colour"])
def test_records_stay_whole_where_nothing_moves(
    pipeline: Pipeline, format_: str, splits: tuple[str, ...], tmp_path: Path
) -> None:
    data = draw(tmp_path / "in", format_, splits=splits)
    done = export(data.root, tmp_path / "out", pipeline=pipeline, copies=1)
    assert (done.state, done.failures, done.problems) == (Status.COMPLETE, (), ())
    objects = same_records(data.root, tmp_path / "out", format_)
    assert objects == (data.count if format_ != "masks" else len(data.objects))
    assert done.labels
    assert not done.labels.lost
    assert verify(tmp_path / "out").ok  # type: ignore[union-attr]


@pytest.mark.parametrize("format_", FORMATS)
def test_jpegs_keep_their_records_too(format_: str, tmp_path: Path) -> None:
    data = draw(tmp_path / "in", format_, suffix=".jpg", pictures=3)
    export(data.root, tmp_path / "out", pipeline=COLOUR, copies=1)
    same_records(data.root, tmp_path / "out", format_)


@pytest.mark.skipif(not SAMPLES.exists(), reason="needs the samples beside the project")
@pytest.mark.parametrize(("name", "format_"), [("voc_bccd_mit", "voc"), ("coco_polygons_facade_ccby", "coco")])
def test_real_sets_keep_their_records(name: str, format_: str, tmp_path: Path) -> None:
    source = tmp_path / "in"
    shutil.copytree(SAMPLES / name, source)
    for path in sorted(source.rglob("*.jpg"))[2:]:
        path.unlink()
    export(source, tmp_path / "out", pipeline=COLOUR, copies=1)
    if format_ == "coco":
        before = json.loads((source / "_annotations.coco.json").read_bytes())
        after = json.loads((tmp_path / "out/images/_annotations.coco.json").read_bytes())
        assert {one for one in after if one not in ("images", "annotations")} == before.keys() - {
            "images",
            "annotations",
        }
        assert after["categories"] == before["categories"]
        source_of = {line["path"].rpartition("/")[2]: line["source"] for line in lines(tmp_path / "out")}
        images = {one["file_name"]: one for one in before["images"]}
        for image in after["images"]:
            own = images[source_of[image["file_name"]]]
            assert _bare(image) == _bare(own)
            records = (
                [_bare(a) for a in c["annotations"] if a["image_id"] == i["id"]]
                for c, i in ((after, image), (before, own))
            )
            assert next(records) == next(records)
        loaded = by_pycocotools(tmp_path / "out")
    else:
        assert same_records(source, tmp_path / "out", "voc") > 20
        loaded = by_element_tree(tmp_path / "out")
    assert loaded.objects.total() > 20
    assert loaded.followed()["objects"] == stated(tmp_path / "out")["objects"]


# -- what real loaders read --------------------------------------------------------------------------------------------

LOADERS = {
    "yolo": [lambda out: by_the_trainer(out, segment=False), lambda out: by_supervision(out, "yolo")],
    "yolo-segment": [lambda out: by_the_trainer(out, segment=True), lambda out: by_supervision(out, "yolo")],
    "coco": [by_pycocotools, lambda out: by_supervision(out, "coco")],
    "voc": [by_element_tree, lambda out: by_supervision(out, "voc")],
}


def loaders_agree(out: Path, format_: str) -> Loaded:
    """Hold that all loaders find what the report states."""
    wanted = stated(out)
    assert wanted["objects"]
    for load in LOADERS[format_]:
        found = load(out)
        assert found.followed() == wanted
    return found


@pytest.mark.parametrize("splits", [("train", "val"), ("train", "valid", "test"), ()], ids=["two", "three", "none"])
@pytest.mark.parametrize("format_", LOADERS)
def test_loaders_find_what_the_report_states(format_: str, splits: tuple[str, ...], tmp_path: Path) -> None:
    data = draw(tmp_path / "in", format_, splits=splits, pictures=7)
    done = export(data.root, tmp_path / "out", copies=3)
    assert (done.state, done.problems) == (Status.COMPLETE, ())
    loaders_agree(tmp_path / "out", format_)
    assert done.labels
    assert done.labels.pictures == done.files


PAIRS = [(one, other) for one in LOADERS for other in ("yolo", "coco", "voc") if one.partition("-")[0] != other]


@pytest.mark.parametrize(("format_", "written"), PAIRS)
def test_labels_as_another_format(format_: str, written: str, tmp_path: Path) -> None:
    data = draw(tmp_path / "in", format_)
    out = tmp_path / "out"
    done = export(data.root, out, labels=LabelChoice(written=written))
    assert (done.state, done.failures, done.problems) == (Status.COMPLETE, (), ())
    assert done.labels
    assert (done.labels.formats, done.labels.written) == ((format_.partition("-")[0],), (written,))
    segment = written == "yolo" and (out / "data.yaml").exists() and format_ == "coco"
    loaders_agree(out, "yolo-segment" if segment else written)
    assert verify(out).ok  # type: ignore[union-attr]
    originals = [line for line in lines(out) if line["copy"] == 0]
    assert sum(sum(line["objects"]["kept"].values()) for line in originals) == data.count
    assert export(data.root, out, labels=LabelChoice(written=written), resume=True).kept == len(data.objects)


def test_objects_that_the_other_format_has_not_are_not_counted_as_kept(tmp_path: Path) -> None:
    data = draw(tmp_path / "in", "coco", splits=(), pictures=2)
    path = data.root / "annotations/instances.json"
    content = json.loads(path.read_text())
    first = content["annotations"][0]
    crowd = {
        **first,
        "id": 9000,
        "iscrowd": 1,
        "segmentation": {"size": [72, 96], "counts": [0, 72 * 10, 72 * 86]},
        "bbox": [0, 0, 10, 72],
    }
    path.write_text(json.dumps({**content, "annotations": [*content["annotations"], crowd]}))
    export(data.root, tmp_path / "coco", pipeline=NOTHING, copies=1)
    assert loaders_agree(tmp_path / "coco", "coco").objects.total() == 2 * (data.count + 1)
    for written in ("yolo", "voc"):
        done = export(data.root, tmp_path / written, pipeline=NOTHING, copies=1, labels=LabelChoice(written=written))
        assert done.labels
        assert done.labels.objects == 2 * data.count
        assert loaders_agree(tmp_path / written, "yolo-segment" if written == "yolo" else written)
        assert "Crowd regions" in " ".join(done.remarks)
        assert sum(done.labels.not_written.values()) == 2
        assert any("2 objects" in line for line in done.labels.in_words())


def test_masks_count_no_objects_and_say_so(tmp_path: Path) -> None:
    data = draw(tmp_path / "in", "masks")
    done = export(data.root, tmp_path / "out")
    assert done.labels
    followed = report(tmp_path / "out")["followed"]
    assert (followed["objects"], followed["without_objects"], followed["files"]) == (0, 0, done.files)
    assert done.labels.in_words() == [f"masks of {done.files} pictures (masks)"]
    for path in (tmp_path / "out/masks").rglob("*.png"):
        with (
            Image.open(path) as mask,
            Image.open(tmp_path / "out/images" / path.relative_to(tmp_path / "out/masks")) as p,
        ):
            assert mask.mode == "P"
            assert mask.size == p.size
            assert {level for _, level in mask.getcolors()} <= {0, 1, 2, 255}


# -- which labels ------------------------------------------------------------------------------------------------------


def test_labels_none(tmp_path: Path) -> None:
    data = draw(tmp_path / "in", "yolo")
    done = export(data.root, tmp_path / "out", labels=LabelChoice(read="none"))
    assert done.labels is None
    assert not (tmp_path / "out/labels").exists()
    assert not (tmp_path / "out/labels.json").exists()
    assert any("left out, as asked" in remark for remark in done.remarks)
    assert report(tmp_path / "out")["followed"] is None
    assert all("objects" not in line for line in lines(tmp_path / "out"))
    assert verify(tmp_path / "out").ok  # type: ignore[union-attr]


@pytest.mark.parametrize("wanted", ["yolo", "coco", "voc", "masks"])
def test_labels_that_are_not_there(wanted: str, tmp_path: Path) -> None:
    data = draw(tmp_path / "in", "voc" if wanted == "yolo" else "yolo")
    with pytest.raises(ExportError, match="found no labels in") as refusal:
        export(data.root, tmp_path / "out", labels=LabelChoice(read=wanted))
    assert "\n" not in str(refusal.value)
    assert not (tmp_path / "out").exists()


def test_labels_as_where_there_are_none(tmp_path: Path) -> None:
    data = draw(tmp_path / "in", "masks")
    with pytest.raises(ExportError, match="found no objects to write as"):
        export(data.root, tmp_path / "out", labels=LabelChoice(written="coco"))
    shutil.rmtree(data.root / "masks")
    with pytest.raises(ExportError, match="found no objects to write as"):
        export(data.root, tmp_path / "out", labels=LabelChoice(written="coco"))


def test_balance_is_refused_with_the_reason(tmp_path: Path) -> None:
    data = draw(tmp_path / "in", "yolo")
    with pytest.raises(ExportError, match="the objects in one picture") as refusal:
        export(data.root, tmp_path / "out", balance="largest")
    assert "\n" not in str(refusal.value)
    assert not (tmp_path / "out").exists()


def test_balance_goes_with_masks_and_without_labels(tmp_path: Path) -> None:
    root = tmp_path / "in"
    for kind, number in (("cat", 3), ("dog", 1)):
        part = draw(tmp_path / kind, "masks", splits=(), pictures=number)
        for path in sorted((part.root / "images").iterdir()):
            put(root / "images" / kind / path.name, path.read_bytes())
            put(root / "masks" / kind / path.name, (part.root / "masks" / path.name).read_bytes())
    done = export(root, tmp_path / "out", balance="largest")
    assert done.classes == {"cat": 9, "dog": 9}
    assert done.labels
    assert done.labels.files == 18


def two_formats(root: Path) -> Drawn:
    """Boxes of Pascal VOC, and masks, of the same objects."""
    data = draw(root, "voc", splits=("train", "val"))
    draw(root, "masks", splits=("train", "val"))
    return data


def test_boxes_and_masks_follow_together(tmp_path: Path) -> None:
    data = two_formats(tmp_path / "in")
    done = export(data.root, tmp_path / "out", pipeline=mixed())
    assert done.labels
    assert done.labels.formats == ("voc", "masks")
    out = tmp_path / "out"
    assert {one["role"] for line in lines(out) for one in line["artefacts"]} == {"labels", "mask"}
    assert done.labels.files == 2 * done.files + 2, "and two lists"
    assert verify(out).ok  # type: ignore[union-attr]
    assert export(data.root, out, resume=True, pipeline=mixed()).kept == len(data.objects)
    only = export(data.root, tmp_path / "only", labels=LabelChoice(read="masks"))
    assert only.labels
    assert only.labels.formats == ("masks",)
    assert any("Pascal VOC" in note and "not carried over" in note for note in only.remarks)


def test_class_folders_together_with_boxes(tmp_path: Path) -> None:
    root = tmp_path / "in"
    for kind in ("cat", "dog"):
        part = draw(tmp_path / kind, "yolo", splits=(), pictures=3)
        for path in sorted((part.root / "images").iterdir()):
            put(root / "images" / kind / path.name, path.read_bytes())
            put(
                root / "labels" / kind / f"{path.stem}.txt",
                (part.root / "labels" / f"{path.stem}.txt").read_bytes(),
            )
    put(root / "data.yaml", (part.root / "data.yaml").read_bytes())
    out = tmp_path / "out"
    done = export(root, out, copies=1)
    assert done.classes == {"cat": 6, "dog": 6}
    assert (out / "labels/cat/p1__aug1.txt").is_file()
    loaded = by_the_trainer(out, segment=False)
    assert loaded.followed() == stated(out)
