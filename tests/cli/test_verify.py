from __future__ import annotations

import hashlib
import json
import re
from pathlib import Path
from typing import Any

import pytest
from asking import refused

from augstudio.cli import verify
from augstudio.images import encode, read


@pytest.fixture
def out(source: Path, tmp_path: Path, run: Any) -> Path:
    """An export of three pictures, two copies and the original of each."""
    assert run("export", source, tmp_path / "out", "-p", "gentle", "-n", 2, "--originals", "-w", 0).code == 0
    return tmp_path / "out"


def snapshot(out: Path) -> dict[Path, bytes]:
    return {path: path.read_bytes() for path in out.rglob("*") if path.is_file()}


# -- verify --------------------------------------------------------------------------------------------------------


def test_an_export_as_it_was_written(out: Path, run: Any) -> None:
    before = snapshot(out)
    said = run("verify", out)
    size = sum(path.stat().st_size for path in (out / "images").rglob("*.*"))
    assert (said.code, said.err) == (0, "")
    assert said.out == f"9 files ({size / 1000:.0f} kB) read: all as written\n"
    assert snapshot(out) == before


def test_what_is_missing_changed_and_extra(out: Path, run: Any) -> None:
    images = out / "images"
    (images / "cat" / "one__aug1.jpg").unlink()
    damaged = images / "dog" / "three__aug2.jpg"
    damaged.write_bytes(damaged.read_bytes()[:-1] + b"\0")
    (images / "dog" / "mine.jpg").write_bytes(b"mine")
    (images / "empty").mkdir()
    said = run("verify", out)
    assert said.code == 1
    assert said.out.splitlines()[:-1] == [
        "missing: images/cat/one__aug1.jpg",
        "changed: images/dog/three__aug2.jpg",
        "extra: images/dog/mine.jpg",
        "wrong: images/empty is an empty folder, which loaders take for a class",
        f"augstudio export --resume {out} makes them again",
    ]
    assert said.out.splitlines()[-1].endswith("read: 1 missing, 1 changed, 1 extra, 1 problem")

    content = json.loads(run("verify", out, "--json").out)
    assert content | {"bytes": 0} == {
        "out": str(out),
        "ok": False,
        "checked": 8,
        "bytes": 0,
        "missing": ["images/cat/one__aug1.jpg"],
        "changed": ["images/dog/three__aug2.jpg"],
        "extra": ["images/dog/mine.jpg"],
        "problems": ["images/empty is an empty folder, which loaders take for a class"],
    }

    (images / "dog" / "mine.jpg").unlink()
    (images / "empty").rmdir()
    assert run("export", "--resume", out, "-w", 0).code == 0
    assert run("verify", out).code == 0, "as the hint says"


def test_many_files_are_not_all_listed(out: Path, run: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(verify, "_SHOWN", 4)
    for path in (out / "images").rglob("*.*"):
        path.unlink()
    said = run("verify", out)
    assert said.code == 1
    assert said.out.count("missing: images/") == 4
    assert "missing: 5 more; --json lists all" in said.out
    assert len(json.loads(run("verify", out, "--json").out)["missing"]) == 9


def test_only_extra_files_are_no_reason_to_resume(out: Path, run: Any) -> None:
    (out / "images" / "mine.jpg").write_bytes(b"mine")
    said = run("verify", out)
    assert said.code == 1
    assert "--resume" not in said.out


def test_verifying_nothing(tmp_path: Path, source: Path, run: Any) -> None:
    for folder in (tmp_path / "none", source):
        assert "there is no export here" in refused(run("verify", folder))
        assert "there is no export here" in refused(run("verify", folder, "--json"))
    assert "OUT" in refused(run("verify"))


# -- reproduce -----------------------------------------------------------------------------------------------------


def test_a_copy_is_made_again(out: Path, source: Path, tmp_path: Path, run: Any) -> None:
    before = snapshot(out)
    said = run("reproduce", out, "images/cat/two__aug2.png", "--out", tmp_path / "again.png")
    assert (said.code, said.err) == (0, "")
    lines = said.out.splitlines()
    assert lines[0] == "images/cat/two__aug2.png is copy 2 of cat/two.png"
    assert any(line.startswith("  Rotate ") and line.endswith("°") for line in lines)
    assert lines[-1].endswith("the same, byte for byte")
    assert (tmp_path / "again.png").read_bytes() == (out / "images/cat/two__aug2.png").read_bytes()
    assert snapshot(out) == before


@pytest.mark.parametrize("name", ["cat/two__orig.png", "images/cat/two__orig.png", "{out}/images/cat/two__orig.png"])
def test_the_original_is_made_again(name: str, out: Path, run: Any) -> None:
    said = run("reproduce", out, name.format(out=out))
    assert said.code == 0
    assert said.out.splitlines()[0] == "images/cat/two__orig.png is the original of cat/two.png"
    assert len(said.out.splitlines()) == 2, "an original has no drawn numbers"


def test_as_json(out: Path, run: Any) -> None:
    said = run("reproduce", out, "images/cat/two__aug2.png", "--json")
    assert said.code == 0
    line = next(
        line
        for text in (out / "manifest.jsonl").read_text().splitlines()
        if (line := json.loads(text))["copy"] == 2 and line["source"] == "cat/two.png"
    )
    assert json.loads(said.out) == {
        "path": "images/cat/two__aug2.png",
        "source": "cat/two.png",
        "copy": 2,
        "draws": line["draws"],
        "same": True,
        "why": "",
        "levels": None,
        "on_disk": "same",
        "bytes": line["bytes"],
        "sha256": line["sha256"],
    }


def test_what_chance_decided_is_told(source: Path, tmp_path: Path, run: Any) -> None:
    out = tmp_path / "cropped"
    assert run("export", source, out, "-p", "photos", "-n", 1, "-w", 0).code == 0
    lines = [json.loads(line) for line in (out / "manifest.jsonl").read_text("utf-8").splitlines()]
    told = [
        (line["path"], draw["positions"]["place"])
        for line in lines
        for draw in line["draws"]
        if draw["op"] == "crop" and draw["applied"]
    ]
    assert told
    for path, [[x, y]] in told:
        said = run("reproduce", out, path)
        assert said.code == 0
        (crop,) = (line for line in said.out.splitlines() if line.startswith("  Crop "))
        assert re.search(r"position x ([0-9.]+), y ([0-9.]+)$", crop).groups() == tuple(  # type: ignore[union-attr]
            f"{number:.2f}".rstrip("0").rstrip(".") for number in (x, y)
        )


def test_a_line_that_was_tampered_with_is_refused(out: Path, run: Any) -> None:
    manifest = out / "manifest.jsonl"
    manifest.write_text(manifest.read_text("utf-8").replace("images/cat/two__aug2.png", "../two__aug2.png"), "utf-8")
    said = run("verify", out)
    assert said.code == 1
    assert 'manifest.jsonl is damaged: path is "../two__aug2.png"; no path in a folder' in said.out
    assert 'damaged: path is "../two__aug2.png"' in refused(run("reproduce", out, "../two__aug2.png"))


def test_a_file_that_was_changed_or_is_missing(out: Path, tmp_path: Path, run: Any) -> None:
    path = out / "images" / "cat" / "two__aug1.png"
    was = path.read_bytes()
    path.write_bytes(b"changed")
    said = run("reproduce", out, path, "--out", tmp_path / "again.png")
    assert said.code == 1
    assert "The file in the export has been changed" in said.out
    assert (tmp_path / "again.png").read_bytes() == was
    assert "it is there; --replace writes over it" in refused(run("reproduce", out, path, "--out", path))
    assert path.read_bytes() == b"changed"
    assert run("reproduce", out, path, "--out", path, "--replace").code == 1, "it was another before"
    assert path.read_bytes() == was
    path.unlink()
    said = run("reproduce", out, path)
    assert said.code == 0
    assert "The file in the export is missing" in said.out


def test_a_source_that_was_changed(out: Path, source: Path, run: Any) -> None:
    pixels = read(source / "cat" / "two.png").pixels
    (source / "cat" / "two.png").write_bytes(encode(255 - pixels, "PNG", 90))
    said = run("reproduce", out, "images/cat/two__aug1.png")
    assert said.code == 1
    assert "not the same; the source has been changed since" in said.out
    content = json.loads(run("reproduce", out, "images/cat/two__aug1.png", "--json").out)
    assert (content["same"], content["on_disk"]) == (False, "same")
    recorded = hashlib.sha256((out / "images/cat/two__aug1.png").read_bytes()).hexdigest()
    assert content["sha256"] != recorded


def test_a_source_that_has_moved(out: Path, source: Path, tmp_path: Path, run: Any) -> None:
    source.rename(tmp_path / "moved")
    said = refused(run("reproduce", out, "images/cat/two__aug1.png"))
    assert "no such file" in said
    assert "--source" in said
    assert run("reproduce", out, "images/cat/two__aug1.png", "--source", tmp_path / "moved").code == 0


def test_what_cannot_be_made_again(out: Path, source: Path, tmp_path: Path, run: Any) -> None:
    assert "lists no file images/cat/none.jpg" in refused(run("reproduce", out, "images/cat/none.jpg"))
    assert "there is no export here" in refused(run("reproduce", source, "cat/one.jpg"))
    assert "FILE" in refused(run("reproduce", out))
    said = refused(run("reproduce", out, "images/cat/two__aug1.png", "--out", tmp_path / "none" / "again.png"))
    assert "there is no folder" in said
