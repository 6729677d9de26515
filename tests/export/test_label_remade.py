"""Every file of a labelled export can be held against its manifest and made again, wherever and however it was made."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from label_sets import BESIDE, draw, export, files_in, lines, of_steps, products, put, report
from PIL import Image
from servers import cluster, s3, s3_environment

import augstudio
from augstudio import storage
from augstudio.dataset.labelling import LabelChoice
from augstudio.dataset.scanning import scan
from augstudio.export import (
    ExportError,
    Settings,
    Status,
    foresee,
    load_unfinished,
    manifest,
    parse_split,
    reproduce,
    run_export,
    verify,
    versions,
)
from augstudio.label_rules import Empty, LabelRules
from augstudio.pipeline import Pipeline

KINDS = ("yolo", "yolo-segment", "coco", "voc", "masks", "voc and masks")
GOLDEN = Path(__file__).resolve().parents[1] / "golden" / "exports"


def drawn(root: Path, kind: str, **fields: Any) -> Path:
    for format_ in kind.split(" and "):
        draw(root, format_, **fields)
    return root


@pytest.fixture(scope="module", params=KINDS)
def made(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[str, Path, Path]:
    """The kind, the source, and an export."""
    place = tmp_path_factory.mktemp("made")
    source = drawn(place / "in", request.param, suffix=".jpg")
    assert export(source, place / "out").state is Status.COMPLETE
    return request.param, source, place / "out"


# -- reproduce ---------------------------------------------------------------------------------------------------------


def test_every_file_can_be_made_again(made: tuple[str, Path, Path]) -> None:
    _, source, out = made
    before = files_in(out)
    for path in before.keys() - BESIDE:
        again = reproduce(out, path, source=source)
        assert again.same, f"{path}: {again.why}"
        assert (again.on_disk, again.ok, again.why) == (True, True, ""), path
        assert again.data == (out / path).read_bytes()
        assert again.path == path
    assert files_in(out) == before, "nothing is written"


def test_a_file_that_was_changed_or_lost_is_made_again_all_the_same(
    made: tuple[str, Path, Path], tmp_path: Path
) -> None:
    _, source, whole = made
    shutil.copytree(whole, out := tmp_path / "out")
    labels = [path for path in files_in(out).keys() - BESIDE if not path.startswith("images/")]
    assert labels
    for path in labels:
        wanted = (out / path).read_bytes()
        put(out / path, wanted + b"\n")
        again = reproduce(out, path, source=source)
        assert (again.data, again.same, again.on_disk, again.ok) == (wanted, True, False, False)
        (out / path).unlink()
        again = reproduce(out, out / path, source=source)
        assert (again.data, again.same, again.on_disk, again.ok) == (wanted, True, None, True)


def test_labels_that_were_changed_since_are_named_as_the_reason(tmp_path: Path) -> None:
    data = draw(tmp_path / "in", "yolo")
    out = tmp_path / "out"
    export(data.root, out)
    put(data.root / "labels/train/p2.txt", "0 0.5 0.5 0.1 0.1\n")
    again = reproduce(out, "labels/train/p2__aug1.txt", source=data.root)
    assert (again.same, again.ok) == (False, False)
    assert again.why == "the labels of its source have been changed since"
    assert reproduce(out, "images/train/p2__aug1.png", source=data.root).same
    shutil.rmtree(data.root / "labels")
    with pytest.raises(ExportError, match="its labels are in other formats than when they were exported") as refusal:
        reproduce(out, "labels/train/p2__aug1.txt", source=data.root)
    assert "\n" not in str(refusal.value)


def test_a_file_that_is_none_is_told(made: tuple[str, Path, Path]) -> None:
    _, source, out = made
    with pytest.raises(ExportError, match="lists no file labels/train/nothing"):
        reproduce(out, "labels/train/nothing.txt", source=source)


# -- rules of the preset -----------------------------------------------------------------------------------------------


def test_what_was_drawn_anew_is_made_again(tmp_path: Path) -> None:
    """Copies that had lost all objects were drawn from other numbers, which the manifest has."""
    data = draw(tmp_path / "in", "yolo", of=lambda number: edge_of(), pictures=8)
    crop = of_steps(("crop", {"area": (0.2, 0.3), "probability": 1.0}))
    kept, redrawn = (
        crop.edited(labels=LabelRules(smallest_share=0.6, without_objects=how)) for how in (Empty.KEEP, Empty.REDRAW)
    )
    export(data.root, tmp_path / "kept", pipeline=kept, copies=4)
    done = export(data.root, tmp_path / "out", pipeline=redrawn, copies=4)
    empty = [report(tmp_path / name)["followed"]["without_objects"] for name in ("kept", "out")]
    assert empty[0] > empty[1], "some were drawn anew"
    anew = [
        one["path"]
        for one, other in zip(lines(tmp_path / "out"), lines(tmp_path / "kept"), strict=True)
        if one["draws"] != other["draws"]
    ]
    assert anew
    for path in anew:
        for name in (path, path.replace("images/", "labels/").replace(".png", ".txt")):
            assert reproduce(tmp_path / "out", name, source=data.root).same
    assert done.labels
    wanted = products(tmp_path / "out")
    (tmp_path / "out" / anew[0]).unlink()
    export(data.root, tmp_path / "out", pipeline=redrawn, copies=4, resume=True)
    assert products(tmp_path / "out") == wanted


def edge_of() -> Any:
    from label_sets import Thing

    return [Thing(0, [(2.0, 2.0), (30.0, 2.0), (30.0, 25.0), (2.0, 25.0)])]


def test_what_must_not_be_mirrored_is_recorded_as_withheld(tmp_path: Path) -> None:
    data = draw(tmp_path / "in", "coco", pictures=8)
    flip = of_steps(("flip", {"probability": 1.0}), "rotate", labels=LabelRules(not_mirrored=("dog",)))
    out = tmp_path / "out"
    export(data.root, out, pipeline=flip)
    wanted = products(out)
    held = 0
    for line in lines(out):
        if not line["draws"]:
            continue
        first = line["draws"][0]
        has_dog = "dog" in {*line["objects"]["kept"], *line["objects"]["lost"]}
        assert first.get("withheld", False) == has_dog
        assert first["applied"] != has_dog
        held += has_dog
        assert reproduce(out, line["path"], source=data.root).same
    assert 0 < held < len(lines(out)) // 2 + 8
    assert reproduce(out, "annotations/instances_train.json", source=data.root).same
    line = next(line for line in lines(out) if line["draws"] and line["draws"][0].get("withheld"))
    (out / line["path"]).unlink()
    assert export(data.root, out, pipeline=flip, resume=True).kept == 7
    assert products(out) == wanted
    assert verify(out).ok  # type: ignore[union-attr]


def test_class_folders_are_not_mirrored_either(tmp_path: Path) -> None:
    data = draw(tmp_path / "in", "yolo", splits=("left", "right"))
    shutil.rmtree(data.root / "labels")
    (data.root / "data.yaml").unlink()
    flip = of_steps(("flip", {"probability": 1.0}), labels=LabelRules(not_mirrored=("left",)))
    export(data.root, tmp_path / "out", pipeline=flip)
    for line in lines(tmp_path / "out"):
        if line["draws"]:
            assert line["draws"][0]["applied"] == (line["class"] == "right")
            assert reproduce(tmp_path / "out", line["path"], source=data.root).same


# -- verify ------------------------------------------------------------------------------------------------------------


def damaged(whole: Path, out: Path, damage: Callable[[Path], object]) -> Any:
    shutil.copytree(whole, out)
    damage(out)
    verdict = verify(out)
    assert verdict
    assert not verdict.ok
    return verdict


def test_verify_reads_all_of_it(made: tuple[str, Path, Path]) -> None:
    _, _, out = made
    verdict = verify(out)
    assert verdict
    assert verdict.ok, verdict
    listed = sum(1 + len(line["artefacts"]) for line in lines(out))
    assert verdict.checked == listed


def a_label(out: Path) -> str:
    return next(one["path"] for line in lines(out) for one in line["artefacts"])


def test_verify_finds_what_was_done_to_labels(made: tuple[str, Path, Path], tmp_path: Path) -> None:
    kind, _, whole = made
    if kind != "coco":
        path = a_label(whole)
        verdict = damaged(whole, tmp_path / "1", lambda out: (out / path).unlink())
        assert (verdict.missing, verdict.changed, verdict.extra, verdict.problems) == ((path,), (), (), ())
        verdict = damaged(whole, tmp_path / "2", lambda out: put(out / path, (out / path).read_bytes() + b"\n"))
        assert (verdict.missing, verdict.changed, verdict.extra, verdict.problems) == ((), (path,), (), ())
    for number, name in enumerate(("labels/x.txt", "masks/x/y.png", "annotations/z.json", "Annotations/a.xml")):
        verdict = damaged(whole, tmp_path / f"3 {number}", lambda out, name=name: put(out / name, "x"))
        assert (verdict.missing, verdict.changed, verdict.extra, verdict.problems) == ((), (), (name,), ())
    verdict = damaged(whole, tmp_path / "4", lambda out: (out / "labels.json").unlink())
    assert verdict.problems == ("labels.json is missing",)
    verdict = damaged(whole, tmp_path / "5", lambda out: put(out / "labels.json", "{}"))
    assert verdict.problems == ("labels.json has been changed since the export ended",)


@pytest.mark.parametrize(
    ("kind", "table"),
    [("yolo", "data.yaml"), ("coco", "annotations/instances_val.json"), ("voc", "ImageSets/Main/train.txt")],
)
def test_verify_finds_what_was_done_to_tables(kind: str, table: str, tmp_path: Path) -> None:
    data = draw(tmp_path / "in", kind)
    export(data.root, tmp_path / "whole")
    verdict = damaged(tmp_path / "whole", tmp_path / "1", lambda out: (out / table).unlink())
    assert (verdict.missing, verdict.extra, verdict.problems) == ((), (), (f"{table} is missing",))
    verdict = damaged(tmp_path / "whole", tmp_path / "2", lambda out: put(out / table, b"x"))
    assert verdict.problems == (f"{table} has been changed since the export ended",)
    (tmp_path / "2/labels.json").unlink()
    with pytest.raises(ExportError, match=r"labels\.json") as refusal:
        reproduce(tmp_path / "2", table, source=data.root)
    assert "\n" not in str(refusal.value)


@pytest.mark.skipif(os.name == "nt", reason="needs links")
def test_labels_behind_a_link_are_not_followed_out_of_the_export(tmp_path: Path) -> None:
    data = draw(tmp_path / "in", "yolo")
    export(data.root, tmp_path / "out")
    shutil.move(tmp_path / "out/labels", tmp_path / "elsewhere")
    (tmp_path / "out/labels").symlink_to(tmp_path / "elsewhere", target_is_directory=True)
    verdict = verify(tmp_path / "out")
    assert verdict
    assert any("labels is a link that leads out of the export" in problem for problem in verdict.problems)
    with pytest.raises(ExportError, match="link that leads out of the export"):
        reproduce(tmp_path / "out", "labels/train/p2__aug1.txt", source=data.root)
    before = files_in(tmp_path / "elsewhere")
    with contextlib.suppress(ExportError):
        export(data.root, tmp_path / "out", resume=True)
    export(data.root, tmp_path / "out", replace=True, labels=LabelChoice(read="none"))
    assert files_in(tmp_path / "elsewhere") == before


def hostile(path: str) -> Callable[[dict[str, Any]], None]:
    def change(line: dict[str, Any]) -> None:
        line["artefacts"][0]["path"] = path

    return change


@pytest.mark.parametrize(
    "path", ["../../victim.txt", "/etc/passwd", "labels/../../victim.txt", "images/x.txt", "report.json", "labels"]
)
def test_no_manifest_leads_out_of_the_export(path: str, tmp_path: Path) -> None:
    data = draw(tmp_path / "in", "yolo")
    out = tmp_path / "out"
    export(data.root, out)
    victim = put(tmp_path / "victim.txt", "victim")
    content = lines(out)
    hostile(path)(content[0])
    (out / "manifest.jsonl").write_text("".join(f"{json.dumps(line)}\n" for line in content))
    verdict = verify(out)
    assert verdict
    assert any("is damaged" in problem for problem in verdict.problems)
    with pytest.raises(ExportError):
        reproduce(out, path, source=data.root)
    export(data.root, out, replace=True)
    assert victim.read_text() == "victim"
    assert verify(out).missing == verify(out).changed == verify(out).problems == ()  # type: ignore[union-attr]


# -- exports of earlier versions ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("folder", sorted(GOLDEN.glob("v*")), ids=lambda folder: folder.name)
def test_earlier_versions_export_without_labels(folder: Path, tmp_path: Path) -> None:
    shutil.copytree(folder / "export", out := tmp_path / "out")
    before = files_in(out)
    assert load_unfinished(out).settings.labels == LabelChoice(read="none")
    with pytest.raises(ExportError, match="other versions, which may make other files") as refusal:
        run_export(load_unfinished(out).settings, scan(folder / "source"), resume=True)
    assert "\n" not in str(refusal.value)
    assert files_in(out) == before
    verdict = verify(out)
    assert verdict
    assert verdict.ok
    # Begun by the version of now, the same report can be gone on with.
    content = json.loads((out / "report.json").read_bytes())
    now = {"python": content["versions"]["python"], **versions.versions()}
    (out / "report.json").write_text(json.dumps({**content, "versions": now}))
    done = run_export(load_unfinished(out).settings, scan(folder / "source"), resume=True)
    assert (done.state, done.labels) == (Status.COMPLETE, None)
    assert report(out)["settings"]["labels"]["read"] == "none"


# -- wherever it runs --------------------------------------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["yolo-segment", "coco", "voc and masks"])
def test_any_number_of_processes(kind: str, tmp_path: Path) -> None:
    source = drawn(tmp_path / "in", kind, pictures=9)
    fields: dict[str, Any] = {"copies": 3}
    export(source, tmp_path / "0", **fields)
    for workers in (1, 2, 7):
        done = export(source, tmp_path / str(workers), workers=workers, **fields)
        assert (done.state, done.problems) == (Status.COMPLETE, ())
        assert products(tmp_path / str(workers)) == products(tmp_path / "0")
        assert report(tmp_path / str(workers)) == report(tmp_path / "0")


@pytest.mark.slow
def test_a_cluster(tmp_path: Path) -> None:
    path = os.pathsep.join((str(Path(__file__).parent), str(Path(augstudio.__file__).parents[1])))
    sources = {kind: drawn(tmp_path / kind, kind) for kind in ("yolo", "coco", "voc and masks")}
    with cluster(tmp_path / "cluster", 2, PYTHONPATH=path) as started:
        for kind, source in sources.items():
            export(source, tmp_path / f"{kind} alone")
            done = export(source, tmp_path / f"{kind} out", cluster=started.address)
            assert (done.state, done.failures, done.problems) == (Status.COMPLETE, (), ())
            assert products(tmp_path / f"{kind} out") == products(tmp_path / f"{kind} alone")
            assert report(tmp_path / f"{kind} out") == report(tmp_path / f"{kind} alone")


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with s3(tmp_path_factory.mktemp("store")) as endpoint:
        yield endpoint


@pytest.fixture
def bucket(store: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A bucket, which later tests find as this one leaves it."""
    import s3fs

    for name, value in s3_environment(store).items():
        monkeypatch.setenv(name, value)
    storage._remote.cache_clear()
    s3fs.S3FileSystem.clear_instance_cache()
    with contextlib.suppress(FileExistsError):
        s3fs.S3FileSystem().mkdir("labels")
    yield "s3://labels"
    storage._remote.cache_clear()
    s3fs.S3FileSystem.clear_instance_cache()


@pytest.mark.parametrize(
    ("kind", "workers"),
    [("yolo", 0), *(pytest.param(kind, 2, marks=pytest.mark.slow) for kind in ("yolo", "coco", "voc and masks"))],
)
def test_to_and_from_a_store(kind: str, workers: int, bucket: str, tmp_path: Path) -> None:
    source = drawn(tmp_path / "in", kind, pictures=3)
    export(source, tmp_path / "alone")
    wanted = products(tmp_path / "alone")
    base = f"{bucket}/{kind.replace(' ', '-')}-{workers}"
    there = storage.at(f"{base}/in")
    for path, _ in storage.at(source).files():
        there.upload(source / path, path)
    done = export(f"{base}/in", f"{base}/out", workers=workers)
    assert (done.state, done.failures, done.problems) == (Status.COMPLETE, (), ())
    out = storage.at(f"{base}/out")

    def found() -> dict[str, str]:
        return {
            path: hashlib.sha256(out.read(path)).hexdigest() for path, _ in sorted(out.files()) if path != "report.json"
        }

    assert found() == wanted
    verdict = verify(f"{base}/out")
    assert verdict
    assert verdict.ok
    for path in [*wanted][::3]:
        if path not in BESIDE:
            assert reproduce(f"{base}/out", path).same
    out.remove([storage.Key(next(path for path in wanted if path not in BESIDE))])
    assert export(f"{base}/in", f"{base}/out", workers=workers, resume=True).state is Status.COMPLETE
    assert found() == wanted
    export(f"{base}/in", f"{base}/out", workers=workers, replace=True, labels=LabelChoice(read="none"))
    assert {path.partition("/")[0] for path in found()} == {"images", "manifest.jsonl", "preset.json"}


# -- who goes where ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["yolo", "coco", "voc"])
def test_splits_that_are_dealt_out(kind: str, tmp_path: Path) -> None:
    from label_sets import by_element_tree, by_pycocotools, by_supervision, by_the_trainer, stated

    source = drawn(tmp_path / "in", kind, splits=(), pictures=12)
    out = tmp_path / "out"
    done = export(source, out, split=parse_split("50/25/25"))
    assert (done.state, done.problems) == (Status.COMPLETE, ())
    splits = {line["split"] for line in lines(out)}
    assert splits == {"train", "val", "test"}
    if kind == "yolo":
        import yaml

        content = yaml.safe_load((out / "data.yaml").read_text())
        assert [content[role] for role in ("train", "val", "test")] == ["images/train", "images/val", "images/test"]
        assert by_the_trainer(out, segment=False).followed() == stated(out)
    elif kind == "coco":
        names = {path.name for path in (out / "annotations").iterdir()}
        assert names == {"instances_train.json", "instances_val.json", "instances_test.json"}
        assert by_pycocotools(out).followed() == stated(out)
    else:
        assert by_element_tree(out).followed() == stated(out)
        for split in splits:
            listed = (out / f"ImageSets/Main/{split}.txt").read_text().split()
            assert sorted(listed) == sorted(
                path.relative_to(out / "images").with_suffix("").as_posix()
                for path in (out / "images" / split).rglob("*.png")
            )
    assert by_supervision(out, kind).followed() == stated(out)
    assert export(source, out, split=parse_split("50/25/25"), resume=True).kept == 12
    assert verify(out).ok  # type: ignore[union-attr]


@pytest.mark.parametrize("kind", ["yolo", "coco", "voc", "masks"])
def test_the_label_of_a_picture_that_is_excluded_is_no_stray(kind: str, tmp_path: Path) -> None:
    source = drawn(tmp_path / "in", kind)
    gone = next(s.key for s in scan(source).sources if "p2" in s.key)
    done = export(source, tmp_path / "out", excluded=(gone,))
    assert done.labels
    assert done.labels.problems == {}
    assert done.labels.unlabelled == 0
    assert not [path for path in files_in(tmp_path / "out") if "p2_" in path]
    assert all(line["source"] != gone for line in lines(tmp_path / "out"))
    assert export(source, tmp_path / "out", excluded=(gone,), resume=True).kept == 5
    assert reproduce(tmp_path / "out", next(p for p in files_in(tmp_path / "out") if "p1_" in p), source=source).same


def test_pictures_without_labels_stay_as_negatives(tmp_path: Path) -> None:
    data = draw(tmp_path / "in", "yolo", pictures=8)
    (data.root / "labels/train/p2.txt").unlink()
    done = export(data.root, tmp_path / "out")
    assert done.labels
    assert done.labels.unlabelled == 1
    assert (tmp_path / "out/labels/train/p2__aug1.txt").read_bytes() == b""
    assert any("1 picture is without labels" in remark for remark in done.remarks)
    assert verify(tmp_path / "out").ok  # type: ignore[union-attr]


def test_settings_say_which_labels(tmp_path: Path) -> None:
    choice = LabelChoice("coco", "yolo", {"task": "detect", "drawn_on": "upright"})
    settings = Settings(str(tmp_path), Pipeline(), labels=choice)
    assert (
        Settings.from_json(json.loads(json.dumps(settings.as_json())), out=tmp_path, pipeline=Pipeline()).labels
        == choice
    )
    assert manifest.FIELDS.keys().isdisjoint(manifest.WITH_LABELS)


def test_estimates_count_masks(tmp_path: Path) -> None:
    """Pictures that take less than their masks: what an export will take is told with both."""
    data = draw(tmp_path / "in", "masks", pictures=4)
    for path in (data.root / "images").rglob("*.png"):
        Image.fromarray(np.zeros((72, 96, 3), np.uint8)).save(path)
    for seed, path in enumerate(sorted((data.root / "masks").rglob("*.png"))):
        levels = np.random.default_rng(seed).integers(0, 3, (18, 24), np.uint8)
        Image.fromarray(np.kron(levels, np.ones((4, 4), np.uint8))).save(path)
    fields: dict[str, Any] = {"pipeline": of_steps("flip"), "copies": 2, "workers": 0, "originals": True}
    told = foresee(Settings(str(tmp_path / "out"), **fields), scan(data.root))
    assert told
    done = run_export(Settings(str(tmp_path / "out"), **fields), scan(data.root))
    assert done.labels
    masks = sum(one["bytes"] for line in lines(tmp_path / "out") for one in line["artefacts"])
    assert masks > done.bytes / 3
    assert 0.8 < told.bytes / done.bytes < 1.2
