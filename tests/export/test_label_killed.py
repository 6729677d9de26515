"""A labelled export that dies, goes on, replaces or is replaced: the same bytes, no stray, nobody's file lost."""

from __future__ import annotations

import contextlib
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from dying_disk import Disk, Killed, attached, counted, deaths, dying
from fsspec.implementations.memory import MemoryFileSystem
from label_sets import BESIDE, Drawn, Thing, draw, export, files_in, lines, of_steps, put, report

from augstudio import swap
from augstudio.dataset.labelling import LabelChoice
from augstudio.export import ExportError, Report, Status, manifest, runner, verify
from augstudio.export.job import Job, Result, run_job
from augstudio.marks import LABEL_FOLDERS
from augstudio.presets import find
from augstudio.storage import TEMPORARY, LocalStorage, at

FEW: dict[str, Any] = {"pipeline": of_steps("flip"), "copies": 1}


def slow(value: str) -> Any:
    return pytest.param(value, marks=pytest.mark.slow)


def tiny(root: Path, kind: str = "yolo") -> Path:
    """Two pictures of a few pixels, one in each of two splits."""

    def one(number: int) -> list[Thing]:
        return [Thing(number % 2, [(2.0, 1.0), (9.0, 1.0), (9.0, 6.0), (2.0, 6.0)])]

    fields: dict[str, Any] = {"pictures": 2, "size": (12, 8), "of": one}
    for format_ in kind.split(" and "):
        draw(root, format_, **fields)
    return root


def verified(out: Path) -> bool:
    verdict = verify(out)
    assert verdict
    assert verdict.ok, verdict
    return True


class Left:
    """What an export leaves: hashes of all files but the report, and that without the time."""

    def __init__(self, out: Path) -> None:
        self.files = {path: digest for path, digest in files_in(out).items() if path != "report.json"}
        self.report = report(out)

    def without_ours(self) -> Left:
        """The same without what is hidden while an export runs."""
        self.files = {path: digest for path, digest in self.files.items() if not path.startswith(TEMPORARY)}
        return self

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Left) and (self.files, self.report) == (other.files, other.report)

    def __repr__(self) -> str:
        return f"{sorted(self.files)} {self.report['state']}"


def is_as(out: Path, wanted: Left) -> None:
    """Hold that an export is what an undisturbed one leaves, that no folder is empty, and that nothing lies about."""
    assert Left(out) == wanted
    assert not [path for path in out.rglob("*") if path.is_dir() and not any(path.iterdir())]
    assert not any(out.rglob(f"{TEMPORARY}*"))


def is_whole(out: Path, *wanted: Left) -> None:
    """Hold that every file under its final name is whole: one that an undisturbed export makes."""
    for path, digest in files_in(out).items() if out.exists() else ():
        if TEMPORARY not in path and path not in ("manifest.jsonl", "report.json", "preset.json"):
            assert digest in {one.files.get(path) for one in wanted}, f"{path} is half-written, or not of this export"


def gone_on(out: Path, source: Path, **fields: Any) -> Report:
    """Go on as a user would: resume, or, where nothing had been begun, begin anew."""
    begun = (out / "report.json").exists() and report(out)["state"] == "running"
    try:
        return export(source, out, resume=True, **fields)
    except ExportError as error:
        assert "\n" not in str(error)
        assert not begun, f"what was begun can be resumed, but: {error}"
    return export(source, out, **fields)


@pytest.mark.parametrize("kind", [slow("yolo"), "coco", slow("voc and masks")])
def test_killed_at_any_operation_on_the_disk(kind: str, tmp_path: Path) -> None:
    source = tiny(tmp_path / "in", kind)
    export(source, tmp_path / "whole", **FEW)
    wanted = Left(tmp_path / "whole")
    assert any(path.startswith(("labels/", "annotations/", "Annotations/")) for path in wanted.files)
    for number, disk in enumerate(deaths(lambda: export(source, tmp_path / "counted", **FEW))):
        out = tmp_path / str(number)
        assert dying(disk, lambda out=out: export(source, out, **FEW))
        is_whole(out, wanted)
        gone_on(out, source, **FEW)
        is_as(out, wanted)
        shutil.rmtree(out)
    assert number > 60


OTHERS: dict[str, tuple[str, dict[str, Any], str, dict[str, Any]]] = {
    "labelled by unlabelled": ("yolo", {}, "yolo", {"labels": LabelChoice(read="none")}),
    "unlabelled by labelled": ("yolo", {"labels": LabelChoice(read="none")}, "yolo", {}),
    "one format by another": ("yolo", {}, "yolo", {"labels": LabelChoice(written="coco")}),
    "two by one": ("voc and masks", {}, "voc and masks", {"labels": LabelChoice(read="masks")}),
    "the very same": ("coco", {}, "coco", {}),
}


@pytest.mark.slow
@pytest.mark.parametrize("name", OTHERS)
def test_killed_while_it_replaces_an_earlier_export(name: str, tmp_path: Path) -> None:
    kind, before, _, now = OTHERS[name]
    source = tiny(tmp_path / "in", kind)
    export(source, tmp_path / "earlier", **{**FEW, **before})
    export(source, tmp_path / "new", **{**FEW, **now})
    old, wanted = Left(tmp_path / "earlier"), Left(tmp_path / "new")
    shutil.copytree(tmp_path / "earlier", tmp_path / "counted")
    act = lambda out: export(source, out, replace=True, **{**FEW, **now})  # noqa: E731
    for number, disk in enumerate(deaths(lambda: act(tmp_path / "counted"))):
        if disk.torn and number % 3:
            continue
        out = tmp_path / str(number)
        shutil.copytree(tmp_path / "earlier", out)
        assert dying(disk, lambda out=out: act(out))
        verified(out)
        seen = Left(out).without_ours()
        assert seen in (old, wanted), "it is neither the old nor the new one"
        assert not (out / swap.SWAP).exists()
        waiting = out / swap.NEXT
        begun = seen == wanted or ((waiting / "report.json").exists() and report(waiting)["state"] != "preparing")
        try:
            export(source, out, resume=True, **{**FEW, **now})
        except ExportError:
            assert not begun or old == wanted
            act(out)
        is_as(out, wanted)
        shutil.rmtree(out)
    is_as(tmp_path / "counted", wanted)


@pytest.mark.slow
def test_killed_while_it_replaces_one_that_was_killed_at_its_last_files(tmp_path: Path) -> None:
    """Files that speak of many copies are written last, and stand in no report until the very end."""
    source = tiny(tmp_path / "in", "coco")
    export(source, tmp_path / "new", **FEW, labels=LabelChoice(read="none"))
    wanted = Left(tmp_path / "new")
    found = 0
    for number, disk in enumerate(list(deaths(lambda: export(source, tmp_path / "counted", **FEW)))[-40:]):
        out = tmp_path / str(number)
        assert dying(disk, lambda out=out: export(source, out, **FEW))
        found += (out / "annotations/instances_train.json").exists() and report(out)["state"] == "running"
        export(source, out, replace=True, **FEW, labels=LabelChoice(read="none"))
        is_as(out, wanted)
    assert found > 3


def test_killed_with_several_masks_of_a_picture_and_replaced(tmp_path: Path) -> None:
    """What no manifest lists is told by its name, in which the ends of the masks' own names stand."""
    source = tmp_path / "in"
    draw(tmp_path / "drawn", "masks", pictures=3, splits=())
    for path in sorted((tmp_path / "drawn/images").iterdir()):
        put(source / path.name, path.read_bytes())
        for end in (".mask", "_seg"):
            put(source / f"{path.stem}{end}.png", (tmp_path / "drawn/masks" / path.name).read_bytes())
    none: dict[str, Any] = {**FEW, "labels": LabelChoice(read="none")}
    done = export(source, tmp_path / "whole", **FEW)
    assert done.labels
    assert done.labels.files == 12
    export(source, tmp_path / "new", **none)
    wanted = Left(tmp_path / "new")
    moments = [disk for disk in deaths(lambda: export(source, tmp_path / "counted", **FEW)) if not disk.torn]
    unlisted = 0
    for number, disk in enumerate(moments[10:-10:4]):
        out = tmp_path / str(number)
        assert dying(disk, lambda out=out: export(source, out, **FEW))
        listed = (
            {one["path"] for line in lines(out) for one in line["artefacts"]} if (out / "masks").exists() else set()
        )
        unlisted += bool({path for path in files_in(out) if path.startswith("masks/")} - listed)
        export(source, out, replace=True, **none)
        is_as(out, wanted)
    assert unlisted > 3


@pytest.mark.parametrize("kind", ["yolo", "coco"])
def test_killed_at_any_operation_behind_a_url(kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    source = tiny(tmp_path / "in", kind)
    export(source, tmp_path / "whole", **FEW)
    wanted = Left(tmp_path / "whole")
    monkeypatch.setattr(manifest, "_EVERY_RESULTS", 1)
    for allowed in range(100):
        url, disk = f"memory://{tmp_path.name}-{kind}/{allowed}", Disk(allowed)
        try:
            with pytest.MonkeyPatch.context() as patched:
                for name in ("pipe_file", "put_file", "rm_file"):
                    patched.setattr(MemoryFileSystem, name, counted(disk, name, getattr(MemoryFileSystem, name)))
                export(source, url, **FEW)
        except Killed:
            begun = at(url).exists() and json.loads(at(url).read("report.json"))["state"] == "running"
            export(source, url, resume=begun, **FEW)
            assert is_there(url) == wanted.files
        else:
            break
        finally:
            at(url).remove([path for path, _ in at(url).files()])
    assert 12 < allowed < 100


def is_there(url: str) -> dict[str, str]:
    """SHA-256 of all files behind a URL but the report."""
    where = at(url)
    return {path: where.sha256(path) for path, _ in sorted(where.files()) if path != "report.json"}


def test_behind_a_url_one_replaces_the_other(tmp_path: Path) -> None:
    source = tiny(tmp_path / "in", "voc and masks")
    url, none = f"memory://{tmp_path.name}/out", {"labels": LabelChoice(read="none")}
    export(source, tmp_path / "labelled", **FEW)
    export(source, tmp_path / "bare", **FEW, **none)
    for fields, wanted in (({}, "labelled"), (none, "bare"), ({}, "labelled"), ({}, "labelled")):
        export(source, url, replace=True, **FEW, **fields)
        assert is_there(url) == Left(tmp_path / wanted).files


@pytest.mark.slow
@pytest.mark.parametrize("error", [28, 5])
def test_a_disk_that_fails_at_any_operation(error: int, tmp_path: Path) -> None:
    source = tiny(tmp_path / "in", "yolo")
    export(source, tmp_path / "whole", **FEW)
    wanted = Left(tmp_path / "whole")
    for number, disk in enumerate(deaths(lambda: export(source, tmp_path / "counted", **FEW))):
        if disk.torn != (error == 28):
            continue
        out = tmp_path / str(number)
        with pytest.MonkeyPatch.context() as patched:
            attached(Disk(disk.allowed, disk.torn, error), patched)
            try:
                done = export(source, out, **FEW)
            except ExportError as said:
                assert "\n" not in str(said)
            else:
                assert done.state is Status.STOPPED or Left(out).without_ours() == wanted
                assert "\n" not in done.reason
        is_whole(out, wanted)
        if (out / "images").exists():
            alone = {path.stem for path in (out / "images").rglob("*.png")} - {
                path.stem for path in (out / "labels").rglob("*.txt")
            }
            assert not alone or error == 5, "a picture without its labels would be taken for one that shows nothing"
        gone_on(out, source, **FEW)
        is_as(out, wanted)
        shutil.rmtree(out)


# -- what has changed in the meantime ----------------------------------------------------------------------------------


@pytest.fixture(params=["yolo", "coco", "voc and masks"])
def halfway(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[str, Path, Path]]:
    """The kind, the source, and an export that was cancelled after some pictures."""
    root = tmp_path / "in"
    for format_ in request.param.split(" and "):
        draw(root, format_, pictures=6)
    done = export(root, tmp_path / "out", stop=after(4), **FEW)
    assert done.state is Status.CANCELLED
    assert 0 < done.done < 6
    yield request.param, root, tmp_path / "out"


def after(questions: int) -> Callable[[], bool]:
    """Stop after so many questions whether to."""
    asked = 0

    def stop() -> bool:
        nonlocal asked
        asked += 1
        return asked > questions

    return stop


def first_of(out: Path) -> tuple[str, str]:
    """Split and stem of the picture that is surely done."""
    line = json.loads((out / "manifest.jsonl").read_text().splitlines()[0])
    _, split, name = line["source"].split("/")
    return split, name.partition(".")[0]


def edit(kind: str, root: Path, split: str, stem: str) -> None:
    """Another label for a picture."""
    if kind == "coco":
        path = root / f"annotations/instances_{split}.json"
        content = json.loads(path.read_text())
        (number,) = [one["id"] for one in content["images"] if one["file_name"].startswith(f"{stem}.")]
        own = [one for one in content["annotations"] if one["image_id"] == number]
        changed = own[0] if own else content["annotations"][0]
        new = {**changed, "id": 5555, "image_id": number, "bbox": [3, 3, 20, 20], "segmentation": []}
        path.write_text(json.dumps({**content, "annotations": [*content["annotations"], new]}))
    elif kind == "yolo":
        with (root / f"labels/{split}/{stem}.txt").open("a") as file:
            file.write("1 0.25 0.25 0.2 0.2\n")
    else:
        shutil.copyfile(
            root / f"masks/{split}/{'p3' if split == 'val' else 'p2'}.png", root / f"masks/{split}/{stem}.png"
        )


def test_a_label_that_was_edited_is_noticed(halfway: tuple[str, Path, Path], tmp_path: Path) -> None:
    kind, root, out = halfway
    split, stem = first_of(out)
    edit(kind, root, split, stem)
    kept = export(root, out, resume=True, **FEW).kept
    export(root, tmp_path / "anew", **FEW)
    assert Left(out).files == Left(tmp_path / "anew").files
    assert Left(out).report == Left(tmp_path / "anew").report
    verified(out)
    again = export(root, out, resume=True, **FEW)
    assert kept < again.kept == 6


def test_a_label_that_vanishes_is_noticed(halfway: tuple[str, Path, Path], tmp_path: Path) -> None:
    kind, root, out = halfway
    split, stem = first_of(out)
    if kind == "coco":
        path = root / f"annotations/instances_{split}.json"
        content = json.loads(path.read_text())
        content["images"] = [one for one in content["images"] if not one["file_name"].startswith(f"{stem}.")]
        known = {one["id"] for one in content["images"]}
        content["annotations"] = [one for one in content["annotations"] if one["image_id"] in known]
        path.write_text(json.dumps(content))
    elif kind == "yolo":
        (root / f"labels/{split}/{stem}.txt").unlink()
    else:
        (root / f"masks/{split}/{stem}.png").unlink()
    assert export(root, out, resume=True, **FEW).state is Status.COMPLETE
    export(root, tmp_path / "anew", **FEW)
    assert Left(out).files == Left(tmp_path / "anew").files
    verified(out)


def test_labels_that_all_vanish_are_refused(tmp_path: Path) -> None:
    data = draw(tmp_path / "in", "yolo")
    export(data.root, tmp_path / "out", stop=after(3), **FEW)
    shutil.rmtree(data.root / "labels")
    with pytest.raises(ExportError, match="what the source's labels have in common") as refusal:
        export(data.root, tmp_path / "out", resume=True, **FEW)
    assert "\n" not in str(refusal.value)


def test_other_names_are_refused(tmp_path: Path) -> None:
    data = draw(tmp_path / "in", "yolo")
    export(data.root, tmp_path / "out", stop=after(3), **FEW)
    names = data.root / "data.yaml"
    names.write_text(names.read_text().replace("dog", "wolf"))
    before = files_in(tmp_path / "out")
    with pytest.raises(ExportError, match="cannot be resumed: what the source's labels have in common"):
        export(data.root, tmp_path / "out", resume=True, **FEW)
    assert files_in(tmp_path / "out") == before
    with pytest.raises(ExportError, match=r"labels was auto, now none"):
        export(data.root, tmp_path / "out", resume=True, **FEW, labels=LabelChoice(read="none"))


def test_a_label_file_that_was_lost_or_changed_is_made_again(tmp_path: Path) -> None:
    data = draw(tmp_path / "in", "yolo")
    out = tmp_path / "out"
    export(data.root, out, **FEW)
    wanted = Left(out)
    (out / "labels/train/p2__aug1.txt").unlink()
    put(out / "labels/train/p4__orig.txt", "9 9 9 9 9\n")
    (out / "data.yaml").write_text("names: []\n")
    assert export(data.root, out, resume=True, **FEW).kept == 4
    is_as(out, wanted)


def test_problems_are_counted_after_a_resume_too(tmp_path: Path) -> None:
    data = draw(tmp_path / "in", "yolo")
    for path in sorted((data.root / "labels").rglob("*.txt")):
        path.write_text(path.read_text() + "7 0.5 0.5 0.1 0.1\n")
    with (data.root / "labels/train/p4.txt").open("a") as file:
        file.write("0 nan 0.5 0.1 0.1\n" * 2 + "0 0.5 0.5\n")
    export(data.root, tmp_path / "whole", **FEW)
    export(data.root, tmp_path / "out", stop=after(4), **FEW)
    export(data.root, tmp_path / "out", resume=True, **FEW)
    followed = report(tmp_path / "whole")["followed"]
    assert report(tmp_path / "out")["followed"] == followed
    counts = {kind: one["count"] for kind, one in followed["problems"].items()}
    assert counts == {"class beyond the names": 6, "number not finite": 2, "wrong number of columns": 1}
    assert all(one["first"] for one in followed["problems"].values())


def test_problems_beyond_those_that_are_told_are_counted(tmp_path: Path) -> None:
    data = draw(tmp_path / "in", "yolo", pictures=1, splits=())
    put(data.root / "labels/p0.txt", "".join(f"7 0.5 0.5 0.1 {number / 1000}\n" for number in range(1, 951)))
    done = export(data.root, tmp_path / "out", **FEW)
    assert done.labels
    assert sum(number for number, _ in done.labels.problems.values()) == 950
    assert (tmp_path / "out/manifest.jsonl").stat().st_size < 10_000


# -- what is somebody's own --------------------------------------------------------------------------------------------


def mine(out: Path, *names: str) -> None:
    for name in names:
        put(out / name, f"mine: {name}")


def still_mine(out: Path, *names: str) -> None:
    for name in names:
        assert (out / name).read_text() == f"mine: {name}", name


OWN = ("labels/notes.txt", "labels/train/mine.txt", "masks/x/mine.png", "Annotations/own__aug7.xml", "images/mine.txt")


@pytest.mark.parametrize("name", OTHERS)
def test_files_of_somebody_s_own_stay(name: str, tmp_path: Path) -> None:
    kind, before, _, now = OTHERS[name]
    source = tiny(tmp_path / "in", kind)
    export(source, tmp_path / "out", **{**FEW, **before})
    export(source, tmp_path / "new", **{**FEW, **now})
    mine(tmp_path / "out", *OWN, "notes of mine.txt")
    export(source, tmp_path / "out", replace=True, **{**FEW, **now})
    still_mine(tmp_path / "out", *OWN, "notes of mine.txt")
    left_over = files_in(tmp_path / "out").keys() - files_in(tmp_path / "new").keys()
    assert left_over == {*OWN, "notes of mine.txt"}
    assert not any((tmp_path / "out").rglob(f"{TEMPORARY}*"))


def test_a_table_that_somebody_has_edited_is_theirs(tmp_path: Path) -> None:
    source = tiny(tmp_path / "in")
    out = tmp_path / "out"
    export(source, out, **FEW)
    (out / "data.yaml").write_text("path: /data\n")
    export(source, out, replace=True, **FEW)
    assert (out / "data (2).yaml").read_text() == "path: /data\n"
    assert "names" in (out / "data.yaml").read_text()
    (out / "data.yaml").write_text("path: /else\n")
    export(source, out, replace=True, **FEW, labels=LabelChoice(read="none"))
    assert (out / "data.yaml").read_text() == "path: /else\n"
    assert not (out / "labels").exists()


def test_of_an_unlabelled_export_a_folder_called_labels_is_somebody_s_own(tmp_path: Path) -> None:
    source = tiny(tmp_path / "in")
    none: dict[str, Any] = {**FEW, "labels": LabelChoice(read="none")}
    out = tmp_path / "out"
    export(source, out, **none)
    mine(out, "labels/train/p0__aug1.txt", "data.yaml", "annotations/a.json")
    verified(out)
    export(source, out, replace=True, **none)
    still_mine(out, "labels/train/p0__aug1.txt", "data.yaml", "annotations/a.json")
    export(source, out, replace=True, **FEW)
    assert (out / "labels/train/p0__aug1 (2).txt").read_text().startswith("mine")
    assert (out / "data (2).yaml").read_text() == "mine: data.yaml"
    still_mine(out, "annotations/a.json")


def test_folders_of_labels_are_those_that_adapters_write_to(tmp_path: Path) -> None:
    for kind in ("yolo", "coco", "voc", "masks"):
        data: Drawn = draw(tmp_path / kind / "in", kind)
        export(data.root, tmp_path / kind / "out", **FEW)
        names = {path.name for path in (tmp_path / kind / "out").iterdir()} - {"images", *BESIDE, "data.yaml"}
        assert names
        assert names <= set(LABEL_FOLDERS)


# -- for real ----------------------------------------------------------------------------------------------------------


def die_while_writing(job: Job) -> Result:
    """Run in a worker: die when the picture is written, and half of its label file."""
    if "p2" not in job.key:
        return run_job(job)
    write, written = LocalStorage.write, []

    def dying(storage: LocalStorage, path: Any, data: bytes) -> None:
        if written:
            half = storage._ready(path).with_name(f"{TEMPORARY}half.tmp")
            half.write_bytes(data[: len(data) // 2])
            os._exit(3)
        written.append(path)
        write(storage, path, data)

    LocalStorage.write = dying  # type: ignore[method-assign]
    return run_job(job)


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["yolo", "voc and masks"])
def test_a_worker_that_dies_between_picture_and_label_leaves_neither(
    kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = tmp_path / "in"
    for format_ in kind.split(" and "):
        draw(source, format_)
    with monkeypatch.context() as patched:
        patched.setattr(runner, "run_job", die_while_writing)
        done = export(source, tmp_path / "out", workers=2, **FEW)
    assert done.state is Status.COMPLETE
    assert [failure.source for failure in done.failures] == ["images/train/p2.png"]
    assert done.problems == ()
    assert not [path for path in files_in(tmp_path / "out") if "p2_" in path or TEMPORARY in path]
    verified(tmp_path / "out")
    export(source, tmp_path / "out", resume=True, **FEW)
    export(source, tmp_path / "whole", **FEW)
    is_as(tmp_path / "out", Left(tmp_path / "whole"))


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="needs SIGKILL")
@pytest.mark.parametrize("kind", ["yolo", "coco"])
def test_kills_at_random_moments(kind: str, tmp_path: Path) -> None:
    data = draw(tmp_path / "in", kind, pictures=24, size=(320, 240))
    export(data.root, tmp_path / "whole", copies=4, pipeline=find("gentle"))
    wanted = Left(tmp_path / "whole")
    rng, halfway = random.Random(7), 0
    for turn in range(2):
        out = tmp_path / f"out {turn}"
        begin = ["export", data.root, out, "--preset", "gentle", "-n", 4, "--originals", "-w", 2]
        for _ in range(4):
            going_on = ["export", "--resume", out, "-w", 2]
            command = going_on if (out / "report.json").exists() else begin
            process = subprocess.Popen(
                [sys.executable, "-m", "augstudio", *map(str, command)],
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                start_new_session=True,
            )
            enough = rng.randint(1, len(wanted.files))
            limit = time.monotonic() + 60
            while process.poll() is None and len(files_there(out)) < enough and time.monotonic() < limit:
                time.sleep(0.005)
            halfway += process.poll() is None and 4 < len(files_there(out)) < len(wanted.files)
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()
            time.sleep(0.1)
            is_whole(out, wanted)
        begun = report(out)["state"] != "preparing"
        export(data.root, out, copies=4, pipeline=find("gentle"), resume=begun)
        is_as(out, wanted)
    assert halfway >= 3


def files_there(out: Path) -> list[Path]:
    return [path for path in out.rglob("*") if path.is_file()] if out.exists() else []
