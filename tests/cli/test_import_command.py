"""`augstudio import`: the preset, the table, and what is refused."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from asking import refused

from augstudio import Pipeline

HYP = "degrees: 5.0\nfliplr: 0.5\nmosaic: 1.0\nhsv_h: 0.015\n"


@pytest.fixture
def hyp(tmp_path: Path) -> Path:
    path = tmp_path / "hyp.yaml"
    path.write_text(HYP)
    return path


def test_a_preset_is_written_and_the_table_printed(hyp: Path, tmp_path: Path, run: Any) -> None:
    out = tmp_path / "mine.json"
    said = run("import", hyp, "--out", out)
    assert said.code == 0
    lines = said.out.splitlines()
    assert [line.split()[0] for line in lines[:-1] if not line.startswith(" ")] == [
        "degrees",
        "hsv_h",
        "fliplr",
        "mosaic",
    ]
    assert lines[-1] == f"{out}: 3 steps of arguments of Ultralytics; 2 exact, 1 close and 1 left out"
    pipeline = Pipeline.load(out)
    assert [step.op for step in pipeline.transforms] == ["rotate", "hue", "flip"]
    assert pipeline.name == "hyp"
    assert pipeline.training_size == 640


def test_the_size_is_taken(hyp: Path, tmp_path: Path, run: Any) -> None:
    out = tmp_path / "mine.json"
    assert run("import", hyp, "--out", out, "--size", 96).code == 0
    assert Pipeline.load(out).training_size == 96
    assert "greater than or equal to 8" in run("import", hyp, "--out", out, "--size", 3, "--replace").err


def test_what_is_there_is_kept(hyp: Path, tmp_path: Path, run: Any) -> None:
    out = tmp_path / "mine.json"
    out.write_text("mine")
    assert "--replace writes over it" in refused(run("import", hyp, "--out", out))
    assert out.read_text() == "mine"
    assert run("import", hyp, "--out", out, "--replace").code == 0
    assert Pipeline.load(out).transforms
    assert "it is a folder" in refused(run("import", hyp, "--out", tmp_path))
    assert "there is no folder" in refused(run("import", hyp, "--out", tmp_path / "none" / "mine.json"))


def test_bad_files_are_one_line_and_leave_nothing(tmp_path: Path, run: Any) -> None:
    bad, out = tmp_path / "bad.yaml", tmp_path / "mine.json"
    for text, words in (
        ("fliplr: [", "it is not YAML"),
        ("fliplr: 7", "fliplr: found 7"),
        ("a: 1", "allowed is a pipeline"),
    ):
        bad.write_text(text)
        assert words in refused(run("import", bad, "--out", out))
    assert "there is no such file" in refused(run("import", tmp_path / "none.yaml", "--out", out))
    assert not out.exists()
