from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
from asking import refused

from augstudio.images import encode, read
from augstudio.pipeline import Pipeline
from augstudio.presets import save
from augstudio.transforms import registry


def test_preview(source: Path, tmp_path: Path, run: Any) -> None:
    out = tmp_path / "sheet.png"
    said = run("preview", source / "cat" / "one.jpg", "-p", "gentle", "-o", out, "-n", 2, "-s", 3)
    assert said.code == 0
    sheet = read(out)
    assert (sheet.info.format, sheet.pixels.shape[2]) == ("PNG", 3)
    assert f"{sheet.info.width} × {sheet.info.height}" in said.out
    assert run("preview", source / "cat" / "one.jpg", "-p", "gentle", "-o", tmp_path / "s.jpg").code == 0
    assert read(tmp_path / "s.jpg").info.format == "JPEG"


def test_previews_that_are_refused(source: Path, tmp_path: Path, run: Any) -> None:
    one, out = source / "cat" / "one.jpg", tmp_path / "sheet.png"
    assert "no such file" in refused(run("preview", tmp_path / "none.jpg", "-p", "gentle", "-o", out))
    assert "a folder, not a picture" in refused(run("preview", source, "-p", "gentle", "-o", out))
    assert "suffix must be one of" in refused(run("preview", one, "-p", "gentle", "-o", "sheet.pdf"))
    assert "copies is 1000" in refused(run("preview", one, "-p", "gentle", "-o", out, "-n", 1000))
    assert "seed is -1" in refused(run("preview", one, "-p", "gentle", "-o", out, "-s", -1))
    assert "there is no folder" in refused(run("preview", one, "-p", "gentle", "-o", tmp_path / "none" / "a.png"))
    assert "limit of 10" in refused(run("preview", one, "-p", "gentle", "-o", out, "--max-pixels", 10))
    assert not out.exists()
    before = one.read_bytes()
    assert "it is there; --replace writes over it" in refused(run("preview", one, "-p", "gentle", "-o", one))
    assert "it is the picture itself" in refused(run("preview", one, "-p", "gentle", "-o", one, "--replace"))
    assert one.read_bytes() == before
    out.write_bytes(b"somebody's")
    assert "it is there" in refused(run("preview", one, "-p", "gentle", "-o", out))
    assert out.read_bytes() == b"somebody's"
    assert run("preview", one, "-p", "gentle", "-o", out, "--replace").code == 0
    assert read(out).info.format == "PNG"


def test_check(source: Path, harsh: Path, run: Any) -> None:
    said = run("check", source, "-p", "gentle")
    assert said.code == 0
    assert "Gentle for 3 pictures (3 looked at) at 224 px: no cautions" in said.out

    said = run("check", source, "-p", harsh)
    assert said.code == 1
    for words in ("excessive  Shrink · Size (scale)", "caution  Rotate · Angle", "Evidence (harm): ", "Remedy: Set to"):
        assert words in said.out
    assert "2 excessive, 1 caution" in said.out

    assert run("check", source, "-p", harsh, "--originals").out.count("excessive  ") == 1


def test_check_as_json(source: Path, harsh: Path, run: Any) -> None:
    said = run("check", source, "-p", harsh, "--json")
    assert said.code == 1
    content = json.loads(said.out)
    assert (content["preset"], content["pictures"], content["looked_at"]) == ("Harsh", 3, 3)
    assert {caution["level"] for caution in content["cautions"]} == {"excessive", "caution"}
    assert set(content["cautions"][0]) == {
        "level",
        "step",
        "parameter",
        "title",
        "message",
        "evidence",
        "kind",
        "measure",
        "remedy",
    }
    measured = {measure["name"]: measure for measure in content["measures"]}
    assert {"turn", "size", "shift", "kept", "border", "noise", "blur", "contrast", "recoloured"} <= set(measured)
    assert measured["turn"]["caution"] == {"beyond": [-30, 30], "share": 0.14, "told_from": 0.0}
    assert measured["turn"]["excessive"]["beyond"] == [-45, 45]
    assert (measured["turn"]["level"], measured["turn"]["kind"]) == ("caution", "harm")
    assert measured["blur"]["level"] is None
    assert "no preset of that name" in refused(run("check", source, "-p", "nothing", "--json"))


def test_checks_that_are_refused(source: Path, tmp_path: Path, run: Any) -> None:
    assert "there is no such folder" in refused(run("check", tmp_path / "none", "-p", "gentle"))
    (tmp_path / "broken.json").write_text("{")
    assert "broken.json: it is not JSON" in refused(run("check", source, "-p", tmp_path / "broken.json"))


def write_labelled(root: Path) -> Path:
    """Six pictures with an object at the left edge each."""
    (root / "images").mkdir(parents=True)
    (root / "labels").mkdir()
    (root / "data.yaml").write_text("names: [thing]\n")
    for number in range(6):
        pixels = np.full((60, 80, 3), 40 * number, np.uint8)
        (root / "images" / f"{number}.png").write_bytes(encode(pixels, "PNG", 1))
        (root / "labels" / f"{number}.txt").write_text("0 0.1 0.5 0.2 0.4\n")
    return root


def shrinking(file: Path) -> Path:
    save(Pipeline(transforms=(registry()["shrink"].default(scale=(0.8, 1.0), border="mirror"),)), file)
    return file


def test_labelled_objects_are_judged(tmp_path: Path, run: Any) -> None:
    source, preset = write_labelled(tmp_path / "set"), shrinking(tmp_path / "shrink.json")
    said = run("check", source, "-p", preset)
    assert said.code == 1
    assert "excessive  Objects without labels" in said.out
    assert "unlabelled pieces of objects" in said.out
    assert "Remedy: Blank the borders" in said.out
    assert "6 pictures (6 looked at, 6 objects in 6 of them)" in said.out
    content = json.loads(run("check", source, "-p", preset, "--json").out)
    assert content["objects"] == 6
    assert content["cautions"][0]["remedy"] == "Blank the borders"


def test_labels_that_cannot_be_read_are_no_reason_not_to_judge(tmp_path: Path, run: Any) -> None:
    source, preset = write_labelled(tmp_path / "set"), shrinking(tmp_path / "shrink.json")
    for file in (source / "labels").iterdir():
        file.write_text("0 nan nan 1 1\n" * 3)
    said = run("check", source, "-p", preset)
    assert "no cautions" in said.out
    assert "6 pictures (6 looked at) at" in said.out


def test_exports_tell_of_labelled_objects_unless_labels_stay_behind(tmp_path: Path, run: Any) -> None:
    source, preset = write_labelled(tmp_path / "set"), shrinking(tmp_path / "shrink.json")
    for options in (("--dry-run",), ()):
        said = run("export", source, tmp_path / "out", "-p", preset, *options)
        assert "excessive: Objects without labels: In " in said.out, options
    said = run("export", source, tmp_path / "other", "-p", preset, "--labels", "none", "--dry-run")
    assert said.code == 0
    assert "Objects without labels" not in said.out
