"""Small pictures, a preset that does harm, and the command line."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from asking import Said
from pictures import smooth

from augstudio import cli
from augstudio.images import encode

HARSH = {
    "augstudio_preset": 1,
    "name": "Harsh",
    "transforms": [{"op": "shrink", "scale": [0.3, 0.5]}, {"op": "rotate", "angle": [-35, 35]}],
}


@pytest.fixture
def source(tmp_path: Path) -> Path:
    """Three pictures in two classes."""
    for number, name in enumerate(("cat/one.jpg", "cat/two.png", "dog/three.jpg")):
        path = tmp_path / "in" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(encode(smooth(30, 40, 3, seed=number), "JPEG" if path.suffix == ".jpg" else "PNG", 90))
    return tmp_path / "in"


@pytest.fixture
def many(tmp_path: Path) -> Path:
    """Ten pictures in one class and five in another."""
    for number in range(15):
        path = tmp_path / "many" / ("cat" if number < 10 else "dog") / f"{number}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(encode(smooth(20, 24, 3, seed=number), "PNG", 90))
    return tmp_path / "many"


@pytest.fixture
def harsh(tmp_path: Path) -> Path:
    """A preset with cautions."""
    path = tmp_path / "harsh.json"
    path.write_text(json.dumps(HARSH))
    return path


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Any:
    """Run the command line in this process."""

    def call(*arguments: object) -> Said:
        code = cli.main([str(argument) for argument in arguments])
        captured = capsys.readouterr()
        return Said(code=code, out=captured.out, err=captured.err)

    return call
