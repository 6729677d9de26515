from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from asking import refused
from pictures import smooth

from augstudio.cli.exporting import OutputFormat
from augstudio.images import Format, encode, read
from augstudio.presets import find


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
    assert settings["workers"] >= 1
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
    assert "--preset" in why(source, out)
    assert "OUT" in why(source)
    (tmp_path / "used").mkdir()
    (tmp_path / "used" / "thesis.txt").touch()
    assert "not empty" in why(source, tmp_path / "used", "-p", "gentle")


def test_a_larger_picture_than_allowed_fails_and_can_be_allowed(source: Path, tmp_path: Path, run: Any) -> None:
    assert "limit of 1,199" in refused(
        run("export", source, tmp_path / "out", "-p", "gentle", "-w", 0, "--max-pixels", 1199)
    )
    assert run("export", source, tmp_path / "out", "-p", "gentle", "-w", 0, "--max-pixels", 1200).code == 0


def test_formats_are_those_of_the_images() -> None:
    assert [item.value for item in OutputFormat] == [item.value for item in Format]


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
    report = json.loads((out / "report.json").read_text())
    assert report["state"] == "cancelled"
    assert report["counts"]["failed"] == 0
    listed = {json.loads(line)["path"] for line in (out / "manifest.jsonl").read_text().splitlines()}
    assert listed == {path.relative_to(out).as_posix() for path in out.rglob("*") if path.parent.name == "images"}
    assert len(listed) == report["counts"]["files"]
