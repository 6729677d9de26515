"""Pictures whose labels are not taken: they are reported, and not exported as if they showed nothing."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from pictures import smooth

from augstudio.dataset.labelling import LabelChoice, LabelError, collect
from augstudio.dataset.scanning import scan
from augstudio.export import ExportError, Settings, Status, plan_export, run_export, verify
from augstudio.export.remarks import of_labels
from augstudio.images import encode
from augstudio.labels.refused import is_refused
from augstudio.pipeline import Pipeline

FLIP = Pipeline.model_validate({"transforms": [{"op": "flip"}]})
VOC = (
    "<annotation><filename>{name}</filename><size><width>60</width><height>40</height><depth>3</depth></size><object>"
    "<name>car</name><bndbox><xmin>5</xmin><ymin>6</ymin><xmax>30</xmax><ymax>30</ymax></bndbox></object></annotation>"
)
LABELME = {"version": "5.0", "flags": {}, "imageData": None, "imageHeight": 40, "imageWidth": 60}
SHAPES = [{"label": "car", "points": [[5, 6], [30, 30]], "shape_type": "rectangle", "flags": {}, "group_id": None}]


def write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def picture(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(encode(smooth(40, 60, 3), "PNG", 90))


def voc(source: Path, *stems: str) -> None:
    for stem in stems:
        picture(source / "images" / f"{stem}.png")
        write(source / "Annotations" / f"{stem}.xml", VOC.format(name=f"{stem}.png"))


def yolo(source: Path, *stems: str) -> None:
    for stem in stems:
        picture(source / "images" / f"{stem}.png")
        write(source / "labels" / f"{stem}.txt", "0 0.4 0.5 0.3 0.4\n")
    write(source / "classes.txt", "car\n")


def labelme(source: Path, *stems: str) -> None:
    for stem in stems:
        picture(source / "images" / f"{stem}.png")
        write(
            source / "images" / f"{stem}.json",
            json.dumps({**LABELME, "imagePath": f"{stem}.png", "shapes": SHAPES}),
        )


def settings(out: Path, **more: object) -> Settings:
    return Settings(out=str(out), pipeline=FLIP, copies=1, seed=1, workers=0, **more)  # type: ignore[arg-type]


@pytest.mark.parametrize(("other", "called"), [(yolo, "YOLO"), (labelme, "LabelMe")])
def test_pictures_with_labels_in_another_format_alone_are_reported(other: object, called: str, tmp_path: Path) -> None:
    source, out = tmp_path / "in", tmp_path / "out"
    voc(source, "v0", "v1", "v2")
    assert callable(other)
    other(source, "o0", "o1")
    picture(source / "images" / "bare.png")
    dataset = scan(str(source))
    labels = collect(dataset)
    assert labels.count(dataset) == 5
    assert any(line.startswith("2 pictures with labels of that kind alone: not exported") for line in labels.lost)
    said = plan_export(settings(out), dataset).remarks
    assert any("1 picture is without labels: exported as pictures that show no object" in line for line in said)
    report = run_export(settings(out), dataset)
    assert report.state is Status.COMPLETE
    assert sorted(failure.source for failure in report.failures) == ["images/o0.png", "images/o1.png"]
    for failure in report.failures:
        assert "labels in another format" in failure.reason
        assert called in failure.reason
        assert "Pascal VOC, in which the labels of other pictures are" in failure.reason
    assert {path.stem.partition("__")[0] for path in out.rglob("*.png")} == {"v0", "v1", "v2", "bare"}
    assert verify(str(out)).ok  # type: ignore[union-attr]


def test_a_picture_without_objects_in_the_other_format_shows_none(tmp_path: Path) -> None:
    """As where one tool leaves a file out for it, and another writes an empty one."""
    voc(tmp_path, *(f"v{number}" for number in range(8)))
    yolo(tmp_path, "y0", "y1")
    write(tmp_path / "labels" / "y0.txt", "\n")
    images = [
        {"id": number, "file_name": f"{stem}.png", "width": 60, "height": 40}
        for number, stem in enumerate(("v0", "y0", "y1", "c0", "c1"))
    ]
    for stem in ("c0", "c1"):
        picture(tmp_path / "images" / f"{stem}.png")
    box = {"id": 1, "image_id": 4, "category_id": 1, "bbox": [5, 6, 20, 20], "area": 400, "iscrowd": 0}
    coco = {"images": images, "annotations": [box], "categories": [{"id": 1, "name": "car"}]}
    write(tmp_path / "annotations.json", json.dumps(coco))
    labels = collect(scan(str(tmp_path)))
    (taken,) = labels.sets
    assert taken.labelling.format == "voc"
    refused = {key for key in taken.records if is_refused(taken.records[key])}
    assert refused == {"images/y1.png", "images/c1.png"}


def test_whoever_names_a_format_has_decided(tmp_path: Path) -> None:
    source = tmp_path / "in"
    voc(source, "v0", "v1", "v2")
    yolo(source, "o0")
    dataset = scan(str(source))
    labels = collect(dataset, LabelChoice(read="voc"))
    assert labels.count(dataset) == 3
    assert not any("not exported" in line for line in labels.lost)


def test_they_are_refused_again_when_an_export_goes_on(tmp_path: Path) -> None:
    source, out = tmp_path / "in", tmp_path / "out"
    voc(source, "v0", "v1")
    yolo(source, "o0")
    run_export(settings(out), scan(str(source)))
    (out / "images" / "v0__aug1.png").unlink()
    report = run_export(settings(out), scan(str(source)), resume=True)
    assert [failure.source for failure in report.failures] == ["images/o0.png"]
    assert report.state is Status.COMPLETE
    assert (out / "images" / "v0__aug1.png").exists()


def test_pictures_and_labels_that_have_changed_are_made_anew_and_that_is_said(tmp_path: Path) -> None:
    source, out = tmp_path / "in", tmp_path / "out"
    yolo(source, "a", "b", "c")
    run_export(settings(out), scan(str(source)))
    (source / "images" / "a.png").write_bytes(encode(smooth(40, 60, 3, seed=9), "PNG", 90))
    write(source / "labels" / "b.txt", "0 0.5 0.5 0.5 0.5\n")
    (out / "images" / "c__aug1.png").unlink()
    report = run_export(settings(out), scan(str(source)), resume=True)
    assert (report.state, report.kept) == (Status.COMPLETE, 0)
    assert report.changed == 2
    assert run_export(settings(out), scan(str(source)), resume=True).changed == 0
    verdict = verify(str(out))
    assert verdict is not None
    assert verdict.ok


def test_a_list_of_labels_that_was_lost_is_written_again(tmp_path: Path) -> None:
    source, out = tmp_path / "in", tmp_path / "out"
    yolo(source, "a", "b")
    run_export(settings(out), scan(str(source)))
    before = (out / "labels.json").read_bytes()
    (out / "labels.json").unlink()
    assert run_export(settings(out), scan(str(source)), resume=True).kept == 2
    assert (out / "labels.json").read_bytes() == before
    (out / "labels.json").unlink()
    write(source / "classes.txt", "van\n")
    with pytest.raises(ExportError, match=r"categories, names or options.* is another than it was"):
        run_export(settings(out), scan(str(source)), resume=True)


def test_what_follows_is_named_and_nothing_else(tmp_path: Path) -> None:
    """Captions lie in files of the same kind, and are not read."""
    image = {"id": 1, "file_name": "a.png", "width": 60, "height": 40}
    box = {"id": 1, "image_id": 1, "category_id": 1, "bbox": [5, 6, 20, 20], "area": 400, "iscrowd": 0}
    picture(tmp_path / "train" / "a.png")
    for name, more in (
        ("captions_train", {"annotations": [{"id": 1, "image_id": 1, "caption": "a car"}]}),
        ("instances_train", {"annotations": [box], "categories": [{"id": 1, "name": "car"}]}),
    ):
        write(tmp_path / "annotations" / f"{name}.json", json.dumps({"images": [image], **more}))
    planned = plan_export(settings(tmp_path / "out"), scan(str(tmp_path)))
    said = [line for line in of_labels(planned) if "follow" in line]
    assert said == [
        "COCO boxes: 1 file for 1 picture, 1 object (annotations/instances_train.json) follow the pictures."
    ]


def test_labels_that_lie_beside_the_folder_are_not_left_out_without_a_word(tmp_path: Path) -> None:
    voc(tmp_path / "VOC", "v0", "v1")
    (tmp_path / "VOC" / "images").rename(tmp_path / "VOC" / "JPEGImages")
    yolo(tmp_path / "yolo", "train/a")
    for folder, labels in (("VOC/JPEGImages", "VOC/Annotations"), ("yolo/images/train", "yolo/labels")):
        found = collect(scan(str(tmp_path / folder)))
        assert not found.sets
        (said,) = found.lost
        assert said.startswith(f"{tmp_path / labels} holds files of these pictures' names")
        assert said.endswith(f"they follow where {(tmp_path / labels).parent} is taken instead.")
        assert collect(scan(str(tmp_path / folder)), LabelChoice(read="none")).lost == ()
    picture(tmp_path / "other" / "images" / "z.png")
    write(tmp_path / "other" / "labels" / "else.txt", "0 0.5 0.5 0.5 0.5\n")
    assert collect(scan(str(tmp_path / "other" / "images"))).lost == ()


def test_to_leave_labels_out_and_to_write_them_is_refused() -> None:
    with pytest.raises(LabelError, match="labels is none, so that none are written; labels_as is"):
        LabelChoice(read="none", written="coco")


def test_options_that_nothing_goes_by_are_said(tmp_path: Path) -> None:
    yolo(tmp_path, "a")
    dataset = scan(str(tmp_path))
    options: dict[str, str | int] = {"voc_base": 0, "task": "detect", "layout": "roboflow", "ignore": 255}
    said = [line for line in collect(dataset, LabelChoice(options=options)).lost if "of no use" in line]
    assert [line.partition(" ")[0] for line in said] == ["--voc-base", "--coco-layout", "--mask-ignore"]
    as_coco = collect(dataset, LabelChoice(written="coco", options={"layout": "roboflow"}))
    assert not any("of no use" in line for line in as_coco.lost)
