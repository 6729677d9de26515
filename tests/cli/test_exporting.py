from __future__ import annotations

import errno
import json
import os
import shutil
import signal
import subprocess
import sys
import time
import uuid
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from asking import refused
from pictures import smooth
from PIL import Image

from augstudio import storage
from augstudio.cli.exporting.options import OutputFormat
from augstudio.cli.exporting.run import _notes
from augstudio.dataset.scanning import scan
from augstudio.export import Settings, run_export
from augstudio.images import Format, encode, read
from augstudio.presets import find
from augstudio.wording import day


def test_export(source: Path, tmp_path: Path, run: Any) -> None:
    out = tmp_path / "out"
    said = run("export", source, out, "--preset", "gentle", "--copies", 3, "--seed", 5, "--workers", 0)
    assert said.code == 0
    assert said.err == ""
    assert "9 files" in said.out
    assert f"{out}" in said.out
    assert len(list((out / "images").rglob("*__aug*"))) == 9
    report = json.loads((out / "report.json").read_text())
    assert (report["settings"]["copies"], report["settings"]["seed"]) == (3, 5)
    pixels = read(source / "cat" / "two.png").pixels
    exported = read(out / "images" / "cat" / "two__aug2.png").pixels
    assert (exported == find("gentle")(pixels, seed=5, key="cat/two.png", copy=2)).all()


def test_export_by_default(source: Path, tmp_path: Path, run: Any) -> None:
    assert run("export", source, tmp_path / "out", "-p", "gentle").code == 0
    settings = json.loads((tmp_path / "out" / "report.json").read_text())["settings"]
    assert (settings["copies"], settings["seed"], settings["originals"], settings["format"]) == (4, 0, False, "source")
    assert (settings["quality"], settings["split"], settings["balance"]) == (95, None, None)
    assert len(list((tmp_path / "out" / "images").rglob("*.*"))) == 12


def test_export_in_another_format_with_originals(source: Path, tmp_path: Path, run: Any) -> None:
    arguments = ("--originals", "--format", "webp", "--quality", 50, "--copies", 1, "--workers", 0)
    assert run("export", source, tmp_path / "out", "-p", "gentle", *arguments).code == 0
    assert sorted(path.name for path in (tmp_path / "out" / "images").rglob("*.webp")) == [
        f"{stem}__{kind}.webp" for stem in ("one", "three", "two") for kind in ("aug1", "orig")
    ]


def test_pictures_that_fail_are_named_and_counted(source: Path, tmp_path: Path, run: Any) -> None:
    (source / "cat" / "broken.jpg").write_text("no picture")
    said = run("export", source, tmp_path / "out", "-p", "gentle", "-n", 1, "-w", 0)
    assert said.code == 1
    assert "failed: cat/broken.jpg: not a picture in any known format" in said.out
    assert "1 of 4 pictures failed" in said.out
    assert "3 files" in said.out
    assert "--max-pixels" not in said.out

    (source / "cat" / "broken.jpg").write_bytes((source / "cat" / "one.jpg").read_bytes())
    assert f"{command(tmp_path / 'out')} tries them again" in said.out
    said = run("export", "--resume", tmp_path / "out", "-w", 0)
    assert said.code == 0
    assert "4 files" in said.out


def test_an_export_of_nothing_is_refused(source: Path, tmp_path: Path, run: Any) -> None:
    for path in source.rglob("*.*"):
        path.write_text("no picture")
    assert "no picture could be exported" in refused(run("export", source, tmp_path / "out", "-p", "gentle", "-w", 0))


def test_cautions_come_before_the_export(source: Path, tmp_path: Path, harsh: Path, run: Any) -> None:
    said = run("export", source, tmp_path / "out", "-p", harsh, "-n", 1, "-w", 0)
    assert said.code == 0
    levels = [line.split(":")[0] for line in said.out.splitlines()]
    assert levels[:3] == ["excessive", "excessive", "caution"]


def test_exports_that_are_refused(source: Path, tmp_path: Path, run: Any) -> None:
    out = tmp_path / "out"

    def why(*arguments: object) -> str:
        said = refused(run("export", *arguments))
        assert not out.exists()
        return said

    assert "there is no such folder" in why(tmp_path / "none", out, "-p", "gentle")
    (tmp_path / "empty").mkdir()
    assert "no pictures found" in why(tmp_path / "empty", out, "-p", "gentle")
    assert 'did you mean "gentle"' in why(source, out, "-p", "gentel")
    assert "there is no such file" in why(source, out, "-p", "none.json")
    assert "lies inside the source" in why(source, source / "out", "-p", "gentle")
    assert "copies is 0; allowed is 1 to" in why(source, out, "-p", "gentle", "-n", 0)
    assert "seed is -1" in why(source, out, "-p", "gentle", "-s", -1)
    assert "workers is 100" in why(source, out, "-p", "gentle", "-w", 100)
    assert "quality is 0" in why(source, out, "-p", "gentle", "-q", 0)
    assert "max_pixels is 0" in why(source, out, "-p", "gentle", "--max-pixels", 0)
    assert "--format" in why(source, out, "-p", "gentle", "-f", "gif")
    assert "--copies" in why(source, out, "-p", "gentle", "-n", "many")
    assert "--preset is missing" in why(source, out)
    assert "OUT is missing: augstudio export SOURCE OUT --preset PRESET" in why(source)
    assert "SOURCE and OUT are missing" in why("-p", "gentle")
    assert "OUT is missing: augstudio export --resume OUT" in why("--resume")
    assert "SOURCE and OUT are missing" in why("", out, "-p", "gentle")
    (tmp_path / "used").mkdir()
    (tmp_path / "used" / "thesis.txt").touch()
    assert "not empty" in why(source, tmp_path / "used", "-p", "gentle")


def test_a_larger_picture_than_allowed_fails_and_can_be_allowed(source: Path, tmp_path: Path, run: Any) -> None:
    said = refused(run("export", source, tmp_path / "out", "-p", "gentle", "-w", 0, "--max-pixels", 1199))
    assert "limit of 1,199" in said
    assert said.endswith("--max-pixels raises the limit\n")
    assert run("export", source, tmp_path / "out", "-p", "gentle", "-w", 0, "--max-pixels", 1200).code == 0


def test_formats_are_those_of_the_images() -> None:
    assert [item.value for item in OutputFormat] == [item.value for item in Format]


def test_one_large_picture_among_others_is_told_the_way_out(source: Path, tmp_path: Path, run: Any) -> None:
    (source / "cat" / "large.png").write_bytes(encode(smooth(31, 40, 3), "PNG", 90))
    said = run("export", source, tmp_path / "out", "-p", "gentle", "-w", 0, "--max-pixels", 1200)
    assert said.code == 1
    assert said.out.count("--max-pixels raises the limit") == 1


def test_what_was_done_to_pictures_is_summed_up(source: Path, tmp_path: Path, run: Any) -> None:
    for orientation in (3, 6, 6):
        exif = Image.Exif()
        exif[0x0112] = orientation
        exif[0x013B] = "somebody"
        number = len(list(source.rglob("*.*")))
        Image.fromarray(smooth(30, 40, 3)).save(source / "cat" / f"turned{number}.jpg", exif=exif)
    Image.fromarray(smooth(30, 40, 3)).quantize(16).save(source / "dog" / "palette.png")
    said = run("export", source, tmp_path / "out", "-p", "gentle", "-w", 0, "-n", 1)
    assert said.code == 0
    (line,) = (line for line in said.out.splitlines() if line.startswith("On the way: "))
    assert "EXIF orientation applied (3)" in line
    assert "palette converted to RGB (1)" in line


def test_only_the_most_frequent_notes_are_shown() -> None:
    notes = {f"kind {number}": number for number in range(1, 9)}
    assert _notes(notes).startswith("kind 8 (8), kind 7 (7), ")
    assert _notes(notes).endswith("kind 3 (3), and 2 more kinds in report.json")
    frames = {"first of 3 frames used": 2, "first of 7 frames used": 1, "EXIF orientation 6 applied": 1}
    assert _notes(frames) == "first frame used (3), EXIF orientation applied (1)"


def test_what_loaders_would_stumble_over_is_an_error(source: Path, tmp_path: Path, run: Any) -> None:
    out = tmp_path / "out"
    assert run("export", source, out, "-p", "gentle", "-w", 0, "-n", 1).code == 0
    (out / "images" / "cat" / "stray.jpg").write_bytes(b"mine")
    said = run("export", source, out, "-p", "gentle", "-w", 0, "-n", 1, "--replace")
    assert said.code == 1
    assert "wrong: images/cat holds 3 files, but 2 were written" in said.out


# -- splits and classes --------------------------------------------------------------------------------------------


def test_a_split_is_dealt_and_only_train_gets_copies(many: Path, tmp_path: Path, run: Any) -> None:
    out = tmp_path / "out"
    said = run("export", many, out, "-p", "gentle", "-n", 2, "-w", 0, "--split", "60/20/20")
    assert said.code == 0
    assert "train  cat           6          0      12     12" in said.out
    assert said.out.index("pictures  originals") < said.out.index("Train on ")
    assert f"Train on {out}/images/train (val, test beside it)" in said.out
    names = {
        split: [path.stem for path in (out / "images" / split).rglob("*.png")] for split in ("train", "val", "test")
    }
    assert {split: len(found) for split, found in names.items()} == {"train": 18, "val": 3, "test": 3}
    assert all(stem.endswith("__orig") for stem in names["val"] + names["test"])

    said = run(
        "export", many, out, "-p", "gentle", "-n", 2, "-w", 0, "--split", "60/40", "--augment", "train,val", "--replace"
    )
    assert said.code == 0
    assert len(list((out / "images" / "val").rglob("*__aug*"))) == 12


@pytest.mark.parametrize("given", [["--balance"], ["--balance", "largest"], ["--balance=largest"]])
def test_balance_alone_means_the_largest(given: list[str], many: Path, tmp_path: Path, run: Any) -> None:
    out = tmp_path / "out"
    assert run("export", many, out, "-p", "gentle", "-n", 2, "-w", 0, *given).code == 0
    assert {folder.name: len(list(folder.iterdir())) for folder in (out / "images").iterdir()} == {"cat": 20, "dog": 20}
    assert json.loads((out / "report.json").read_text())["settings"]["balance"] == "largest"


@pytest.mark.parametrize("given", [["--balance", "7"], ["--balance=7"]])
def test_balance_to_a_number(given: list[str], many: Path, tmp_path: Path, run: Any) -> None:
    said = run("export", *given, many, tmp_path / "out", "-p", "gentle", "-w", 0)
    assert said.code == 0
    assert "note: 3 pictures are not used" in said.out
    assert json.loads((tmp_path / "out" / "report.json").read_text())["classes"] == {"cat": 7, "dog": 7}


def test_balance_with_a_cap(many: Path, tmp_path: Path, run: Any) -> None:
    out = tmp_path / "capped"
    said = run("export", many, out, "-p", "gentle", "--balance", "--at-most", 1, "-n", 2, "-w", 0)
    assert said.code == 0
    settings = json.loads((out / "report.json").read_text())["settings"]
    assert (settings["balance"], settings["at_most"]) == ("largest", 1)
    assert "note: At most 1 copy of one original: " in said.out
    assert "at_most is 3, which is for balanced classes" in refused(
        run("export", many, tmp_path / "no", "-p", "gentle", "--at-most", 3)
    )


def test_balance_takes_no_word_that_is_none_of_its_own(many: Path, tmp_path: Path, run: Any) -> None:
    out = tmp_path / "out"
    assert run("export", "--balance", many, out, "-p", "gentle", "-n", 1, "-w", 0).code == 0
    assert json.loads((out / "report.json").read_text())["settings"]["balance"] == "largest"
    assert "balance is -5" in refused(run("export", many, out, "-p", "gentle", "--balance", "-5"))
    assert "balance is 'all'" in refused(run("export", many, out, "-p", "gentle", "--balance=all"))


def test_splits_and_classes_that_are_refused(many: Path, tmp_path: Path, run: Any) -> None:
    out = tmp_path / "out"

    def why(source: Path, *arguments: object) -> str:
        said = refused(run("export", source, out, "-p", "gentle", "-w", 0, *arguments))
        assert not out.exists()
        return said

    assert "adds up to 90; it must add up to 100" in why(many, "--split", "80/10")
    assert "adds up to 110" in why(many, "--split", "80/20/10")
    assert "per cent of train, val and test" in why(many, "--split", "most")
    assert "split is '1e99999999/1'; it must be per cent" in why(many, "--split", "1e99999999/1")
    assert "balance is '9999" in why(many, "--balance", "9" * 9999)
    assert "allowed are train, val and test" in why(many, "--augment", "train,vla")
    assert "nothing to choose for augment" in why(many, "--augment", "val")
    (tmp_path / "flat").mkdir()
    for path in (many / "cat").iterdir():
        path.rename(tmp_path / "flat" / path.name)
    assert "no classes (no folders with pictures)" in why(tmp_path / "flat", "--balance")
    assert "one class only (dog)" in why(many, "--balance", 500)
    (many / "dog").rename(many / "train")
    (many / "val").mkdir()
    next((many / "train").iterdir()).rename(many / "val" / "one.png")
    assert "has splits already (train, val)" in why(many, "--split", "80/20")


def test_splits_of_the_source_are_kept_and_shown(source: Path, tmp_path: Path, run: Any) -> None:
    (source / "cat").rename(source / "train")
    (source / "dog").rename(source / "valid")
    said = run("export", source, tmp_path / "out", "-p", "gentle", "-n", 3, "-w", 0)
    assert said.code == 0
    assert [line.split() for line in said.out.splitlines()][:4] == [
        ["split", "pictures", "originals", "copies", "files"],
        ["train", "2", "0", "6", "6"],
        ["valid", "1", "1", "0", "1"],
        ["all", "3", "1", "6", "7"],
    ]


def test_an_earlier_export_as_source_must_be_meant(source: Path, tmp_path: Path, run: Any) -> None:
    assert run("export", source, tmp_path / "out", "-p", "gentle", "-n", 1, "-w", 0).code == 0
    arguments = ("export", tmp_path / "out" / "images", tmp_path / "twice", "-p", "gentle", "-n", 1, "-w", 0)
    said = refused(run(*arguments))
    assert "looks like an export of augstudio" in said
    assert said.endswith("; --again goes on all the same\n")
    assert not (tmp_path / "twice").exists()
    assert run(*arguments, "--again").code == 0


# -- going on ------------------------------------------------------------------------------------------------------


@pytest.fixture
def stopped(many: Path, tmp_path: Path) -> Path:
    """An export that was cancelled after four of its fifteen pictures."""
    out = tmp_path / "out"
    settings = Settings(str(out), find("gentle"), copies=2, seed=3, workers=0)
    report = run_export(settings, scan(many), stop=lambda: len(list(out.rglob("*__aug*"))) >= 8)
    assert (report.state, report.done) == ("cancelled", 4)
    return out


@pytest.fixture
def whole(many: Path, tmp_path: Path) -> dict[str, bytes]:
    """What the same export leaves uninterrupted."""
    run_export(Settings(str(tmp_path / "whole"), find("gentle"), copies=2, seed=3, workers=0), scan(many))
    return content(tmp_path / "whole")


def content(out: Path) -> dict[str, bytes]:
    paths = [out / "manifest.jsonl", out / "preset.json", *(out / "images").rglob("*.*")]
    return {path.relative_to(out).as_posix(): path.read_bytes() for path in paths}


def test_going_on(stopped: Path, whole: dict[str, bytes], run: Any) -> None:
    said = run("export", "--resume", stopped, "-w", 0)
    assert (said.code, said.err) == (0, "")
    assert "30 files" in said.out
    assert "15 pictures, 4 of them there already," in said.out
    assert content(stopped) == whole

    said = run("export", stopped, "--resume", "-w", 0)
    assert said.code == 0, "where all is there already, nothing is wrong"
    assert "15 of them there already" in said.out


def test_going_on_with_all_of_it_said_again(stopped: Path, many: Path, whole: dict[str, bytes], run: Any) -> None:
    again = ("-p", "gentle", "-n", 2, "-s", 3, "--no-originals", "-f", "source", "-q", 95, "-w", 0)
    assert run("export", many, stopped, "--resume", *again).code == 0
    assert content(stopped) == whole


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        (["-p", "photos"], "another preset"),
        (["-s", "4"], "seed was 3, now 4"),
        (["-n", "3", "--originals"], "copies was 2, now 3; originals was off, now on"),
        (["-f", "webp", "-q", "50"], "format was source, now webp; quality was 95, now 50"),
        (["--max-pixels", "5000"], "max_pixels was 100,000,000, now 5,000"),
        (["--split", "80/20"], "split was none, now 80/20"),
        (["--balance", "9"], "balance was none, now 9"),
    ],
)
def test_going_on_otherwise_is_refused(arguments: list[str], why: str, stopped: Path, run: Any) -> None:
    before = content(stopped)
    said = refused(run("export", "--resume", stopped, *arguments))
    assert f"{stopped}: cannot be resumed" in said
    assert why in said
    assert content(stopped) == before


def test_going_on_with_another_source(stopped: Path, many: Path, source: Path, tmp_path: Path, run: Any) -> None:
    before = content(stopped)
    said = refused(run("export", source, stopped, "--resume", "-w", 0))
    assert str(source) in said
    assert "held 15 pictures, now 3" in said
    shutil.copytree(many, tmp_path / "like")
    (tmp_path / "like" / "cat" / "0.png").rename(tmp_path / "like" / "cat" / "x.png")
    said = refused(run("export", tmp_path / "like", stopped, "--resume", "-w", 0))
    assert "pictures of other names" in said
    assert content(stopped) == before


def test_going_on_when_the_source_has_moved(
    stopped: Path, many: Path, whole: dict[str, bytes], tmp_path: Path, run: Any
) -> None:
    many.rename(tmp_path / "moved")
    said = refused(run("export", "--resume", stopped, "-w", 0))
    assert f"{many}: there is no such folder" in said
    assert said.endswith(f"say where it lies now: augstudio export --resume {stopped} --source FOLDER\n")
    refused(run("export", "--resume", stopped, "--source", tmp_path / "nowhere", "-w", 0))
    assert run("export", "--resume", stopped, "--source", tmp_path / "moved", "-w", 0).code == 0
    assert content(stopped) == whole
    assert run("reproduce", stopped, "images/cat/0__aug1.png").code == 0, "the new place is known from now on"
    assert run("export", tmp_path / "moved", stopped, "--resume", "-w", 0).code == 0, "as it was said before"


def test_going_on_where_the_source_is_not_known(
    stopped: Path, many: Path, whole: dict[str, bytes], home: Path, run: Any
) -> None:
    shutil.rmtree(home / "exports")
    for command_ in (("export", "--resume", stopped), ("reproduce", stopped, "images/cat/0__aug1.png")):
        said = refused(run(*command_))
        assert f"{stopped}: where its pictures, a folder called many, lie is not known here; say where" in said
        assert "--source" in said
    assert run("reproduce", stopped, "images/cat/0__aug1.png", "--source", many).code == 0
    assert run("export", "--resume", stopped, "--source", many, "-w", 0).code == 0
    assert content(stopped) == whole
    assert run("export", "--resume", stopped, "-w", 0).code == 0


def test_source_is_for_going_on(many: Path, tmp_path: Path, run: Any) -> None:
    out = tmp_path / "out"
    assert "--source is for --resume OUT" in refused(run("export", out, "-p", "gentle", "--source", many))
    assert "--source is for --resume OUT" in refused(run("export", many, out, "--resume", "--source", many))
    assert "give one of the two" in refused(run("export", many, out, "--resume", "--replace"))


def test_going_on_after_a_crash_in_the_manifest(stopped: Path, whole: dict[str, bytes], run: Any) -> None:
    report = json.loads((stopped / "report.json").read_text())
    report["state"] = "running"
    report["counts"]["done"] = 0
    (stopped / "report.json").write_text(json.dumps(report))
    manifest = stopped / "manifest.jsonl"
    manifest.write_bytes(manifest.read_bytes()[:-200])  # half a line less
    assert run("export", "--resume", stopped, "-w", 0).code == 0
    assert content(stopped) == whole
    assert run("verify", stopped).code == 0


def test_going_on_with_nothing(source: Path, tmp_path: Path, run: Any) -> None:
    (tmp_path / "empty").mkdir()
    for out in (tmp_path / "none", tmp_path / "empty", source):
        assert "there is no export here" in refused(run("export", "--resume", out))
        assert "there is no export here" in refused(run("export", source, out, "-p", "gentle", "--resume"))
    (tmp_path / "empty" / "report.json").write_text('{"augstudio_export": 2, "state": "running"}')
    assert "damaged" in refused(run("export", "--resume", tmp_path / "empty")) or "missing" in refused(
        run("export", "--resume", tmp_path / "empty")
    )


def test_beginning_anew_what_could_be_gone_on_with(stopped: Path, many: Path, run: Any) -> None:
    before = content(stopped)
    same = ("export", many, stopped, "-p", "gentle", "-n", 2, "-s", 3, "-w", 0)
    other = ("export", many, stopped, "-p", "gentle", "-n", 1, "-w", 0)
    for arguments in (same, (*same, "--dry-run"), other):
        assert refused(run(*arguments)) == (
            f"augstudio: {stopped} holds an unfinished export of 8 files; to go on with it: {command(stopped)}; "
            "--replace replaces it; or give another folder\n"
        )
    assert content(stopped) == before
    assert run(*other, "--replace", "--dry-run").code == 0
    assert content(stopped) == before

    said = run(*other, "--replace")
    assert said.code == 0
    assert f"{stopped} holds an unfinished export of 8 files: it stays as it is until the new one is whole" in said.out
    assert len(list((stopped / "images").rglob("*.*"))) == 15
    assert sorted(path.name for path in stopped.iterdir()) == ["images", *OURS]

    made = datetime.fromtimestamp((stopped / "report.json").stat().st_mtime).astimezone()
    assert refused(run(*same)) == (
        f"augstudio: {stopped} holds a finished export of 15 files, made {day(made)}; --replace replaces it; or give "
        "another folder\n"
    )


OURS = ["manifest.jsonl", "preset.json", "report.json"]


def test_a_replacement_that_is_cancelled_waits(
    stopped: Path, many: Path, monkeypatch: pytest.MonkeyPatch, run: Any
) -> None:
    assert run("export", "--resume", stopped, "-w", 0).code == 0
    before = content(stopped)
    with monkeypatch.context() as patched:
        write = storage.write_atomically

        def interrupted(data: bytes, path: str | Path) -> None:
            write(data, path)
            if Path(path).name.startswith("4__aug"):
                os.kill(os.getpid(), signal.SIGINT)

        patched.setattr(storage, "write_atomically", interrupted)
        said = run("export", many, stopped, "-p", "gentle", "-n", 1, "-w", 0, "--replace")
    assert said.code == 130
    assert "5 files" in said.out
    assert "(in a hidden folder in it)" in said.out
    assert said.err.endswith(
        "augstudio: cancelled with 10 pictures to go; what is there is complete\n"
        f"augstudio: to go on with it: {command(stopped)}\n"
        f"augstudio: the earlier export is as it was; to give the new one up, delete {stopped}/.augstudio-next\n"
    )
    assert {path: data for path, data in content(stopped).items() if "next" not in path} == before
    assert run("verify", stopped).code == 0
    said = refused(run("export", many, stopped, "-p", "gentle", "-n", 1, "-w", 0))
    assert "holds a finished export of 30 files, made" in said
    assert "and beside it another, begun to take its place" in said
    assert f"to go on with the new one: {command(stopped)}; --replace begins the new one anew" in said
    said = run("export", "--resume", stopped, "-w", 0)
    assert said.code == 0
    assert "15 pictures, 5 of them there already," in said.out
    assert run("verify", stopped).code == 0
    assert sorted(path.name for path in stopped.iterdir()) == ["images", *OURS]
    assert len(list((stopped / "images").rglob("*.*"))) == 15


def test_behind_a_url_it_is_said_that_the_earlier_one_goes_first(source: Path, run: Any) -> None:
    fsspec = pytest.importorskip("fsspec")
    out = f"memory://{uuid.uuid4().hex}/out"
    assert run("export", source, out, "-p", "gentle", "-n", 2, "-w", 0).code == 0
    said = refused(run("export", source, out, "-p", "gentle", "-n", 1, "-w", 0))
    assert f"{out} holds a finished export of 6 files; --replace replaces it; or give another folder" in said
    said = run("export", source, out, "-p", "gentle", "-n", 1, "-w", 0, "--replace")
    assert said.code == 0
    assert f"{out} holds a finished export of 6 files: it is deleted first, since behind a URL" in said.out
    assert run("verify", out).code == 0
    fsspec.filesystem("memory").rm(out.rpartition("/")[0], recursive=True)


def command(out: Path) -> str:
    return f"augstudio export --resume {out}"


def test_an_unfinished_export_of_other_versions_is_replaced(stopped: Path, many: Path, run: Any) -> None:
    report = json.loads((stopped / "report.json").read_text())
    report["versions"]["pillow"] = "1.0"
    (stopped / "report.json").write_text(json.dumps(report))
    assert "pillow 1.0" in refused(run("export", "--resume", stopped))
    assert run("export", many, stopped, "-p", "gentle", "-n", 2, "-s", 3, "-w", 0, "--replace").code == 0


def test_a_full_disk_ends_with_the_way_on(
    many: Path, tmp_path: Path, whole: dict[str, bytes], monkeypatch: pytest.MonkeyPatch, run: Any
) -> None:
    out = tmp_path / "my photos" / "out"
    out.parent.mkdir()
    write = storage.write_atomically

    def full(data: bytes, path: str | Path) -> None:
        if len(list(out.rglob("*__aug*"))) == 9:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        write(data, path)

    with monkeypatch.context() as patched:
        patched.setattr(storage, "write_atomically", full)
        said = run("export", many, out, "-p", "gentle", "-n", 2, "-s", 3, "-w", 0)
    assert said.code == 1
    first, last = said.err.splitlines()
    assert "stopped with 11 pictures to go" in first
    assert "disk is full" in first
    assert last == f"augstudio: to go on with it: augstudio export --resume '{out}'"
    assert run("export", "--resume", out, "-w", 0).code == 0
    assert content(out) == whole


def test_ctrl_c_twice_ends_with_the_way_on(
    many: Path, tmp_path: Path, whole: dict[str, bytes], monkeypatch: pytest.MonkeyPatch, run: Any
) -> None:
    out = tmp_path / "out"
    write = storage.write_atomically

    def interrupted(data: bytes, path: str | Path) -> None:
        write(data, path)
        if len(list(out.rglob("*__aug*"))) == 9:
            raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(storage, "write_atomically", interrupted)
        said = run("export", many, out, "-p", "gentle", "-n", 2, "-s", 3, "-w", 0)
    assert said.code == 130
    assert said.err == f"augstudio: ended at once; to go on with it: {command(out)}\n"
    assert run("export", "--resume", out, "-w", 0).code == 0
    assert content(out) == whole


def test_a_place_that_cannot_be_written(
    source: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, run: Any
) -> None:
    arguments = ("-p", "gentle", "-w", 0)
    (tmp_path / "file").touch()
    assert "is a file, not a folder" in refused(run("export", source, tmp_path / "file" / "out", *arguments))

    def read_only(self: Path, *args: Any, **kwargs: Any) -> None:
        raise OSError(errno.EROFS, "Read-only file system", str(self))

    with monkeypatch.context() as patched:
        patched.setattr(os, "access", lambda path, mode: False)
        assert "no permission to write" in refused(run("export", source, tmp_path / "out", *arguments))
    with monkeypatch.context() as patched:
        patched.setattr(Path, "mkdir", read_only)
        assert "read-only file system" in refused(run("export", source, tmp_path / "out", *arguments))
    assert not (tmp_path / "out").exists()


# -- elsewhere -----------------------------------------------------------------------------------------------------


def test_behind_urls(source: Path, tmp_path: Path, run: Any) -> None:
    fsspec = pytest.importorskip("fsspec")
    base = f"memory://{uuid.uuid4().hex}"
    files = fsspec.filesystem("memory")
    files.put(f"{source}/", f"{base}/in/", recursive=True)
    said = run("export", f"{base}/in", f"{base}/out", "-p", "gentle", "-n", 1, "-w", 0)
    assert said.code == 0
    assert f"Train on {base}/out/images;" in said.out
    assert run("verify", f"{base}/out").code == 0
    assert run("reproduce", f"{base}/out", "images/cat/two__aug1.png").code == 0
    files.rm_file(f"{base}/out/images/cat/two__aug1.png")
    assert run("verify", f"{base}/out").code == 1
    assert run("export", "--resume", f"{base}/out", "-w", 0).code == 0
    assert run("verify", f"{base}/out").code == 0
    assert run("export", source, tmp_path / "here", "-p", "gentle", "-n", 1, "-w", 0).code == 0
    assert files.cat(f"{base}/out/manifest.jsonl") == (tmp_path / "here" / "manifest.jsonl").read_bytes()
    files.rm(base, recursive=True)


def test_places_elsewhere_that_are_refused(source: Path, tmp_path: Path, run: Any) -> None:
    arguments = ("-p", "gentle", "-w", 0)
    for said in (
        refused(run("export", "Nope://Bucket/Photos", tmp_path / "out", *arguments)),
        refused(run("export", source, "Nope://Bucket/Photos", *arguments)),
        refused(run("verify", "Nope://Bucket/Photos")),
    ):
        assert "Nope://Bucket/Photos: " in said, "a URL keeps its spelling"
    assert "there is no such folder" in refused(run("export", "memory://none", tmp_path / "out", *arguments))
    assert not (tmp_path / "out").exists()


def test_clusters_that_are_refused(source: Path, tmp_path: Path, run: Any) -> None:
    pytest.importorskip("distributed")
    out = tmp_path / "out"
    arguments = ("export", source, out, "-p", "gentle")
    assert "did you mean tcp://scheduler:8786" in refused(run(*arguments, "--cluster", "scheduler:8786"))
    assert "give one of the two" in refused(run(*arguments, "--cluster", "tcp://scheduler:8786", "-w", 2))
    assert not out.exists()


_WHERE_NOTHING_IS_RAISED = """
import os, signal, sys
from augstudio import cli

signal.signal(signal.SIGINT, signal.default_int_handler)  # what runs in the background of a shell begins without it

class Late:
    def __del__(self):
        os.kill(os.getpid(), signal.SIGINT)
        for _ in range(100):  # the handler runs in here
            pass

run = cli._run
def interrupted(given):
    Late()
    return run(given)

cli._run = interrupted
sys.exit(cli.main())
"""


@pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")
def test_ctrl_c_that_python_loses_cancels_all_the_same(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "0.jpg").write_bytes(encode(smooth(20, 30, 3), "JPEG", 90))
    command = [sys.executable, "-c", _WHERE_NOTHING_IS_RAISED, "export", "in", "out", "-p", "gentle", "-w", "0"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=120, check=False)
    assert "Exception ignored" in done.stderr  # it was lost indeed
    assert "cancelling" in done.stderr
    assert done.returncode == 130, done.stderr
    assert not list((tmp_path / "out").glob("images/*"))


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")
@pytest.mark.parametrize("workers", [0, 2])
@pytest.mark.parametrize("early", [True, False])
def test_ctrl_c_cancels_cleanly(workers: int, early: bool, tmp_path: Path) -> None:
    for number in range(30):
        (tmp_path / "in").mkdir(exist_ok=True)
        (tmp_path / "in" / f"{number}.jpg").write_bytes(encode(smooth(200, 300, 3, seed=number), "JPEG", 90))
    out = tmp_path / "out"
    command = [sys.executable, "-m", "augstudio", "export", "in", "out", "-p", "gentle", "-n", "40", "-w", str(workers)]
    process = subprocess.Popen(
        command, cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True
    )
    limit = time.monotonic() + 60
    wanted = "report.json" if early else "images/*__aug*"
    while not any(out.glob(wanted)) and time.monotonic() < limit:
        time.sleep(0.01)
    os.killpg(process.pid, signal.SIGINT)  # as a terminal does: to all processes at once
    _, err = process.communicate(timeout=60)
    assert process.returncode == 130, err
    assert "Traceback" not in err
    assert err.endswith("augstudio: to go on with it: augstudio export --resume out\n")
    report = json.loads((out / "report.json").read_text())
    assert report["state"] == "cancelled"
    assert report["counts"]["failed"] == 0
    listed = {json.loads(line)["path"] for line in (out / "manifest.jsonl").read_text().splitlines()}
    assert listed == {path.relative_to(out).as_posix() for path in out.rglob("*") if path.parent.name == "images"}
    assert len(listed) == report["counts"]["files"]
