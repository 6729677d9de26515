"""`augstudio code`: what is printed where, and what is refused."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
from asking import program, refused

from augstudio import Pipeline
from augstudio.code import Target
from augstudio.code.targets import _MODULES

THERE = [target for target in Target if find_spec(_MODULES[target])]


@pytest.mark.parametrize("target", THERE)
def test_code_is_printed_and_the_table_beside_it(target: Target, run: Any) -> None:
    said = run("code", "gentle", "--for", target)
    assert said.code == 0
    assert said.out == Pipeline.load("gentle").code(target)
    compile(said.out, "augment.py", "exec")
    lines = said.err.splitlines()
    for step in Pipeline.load("gentle").transforms:
        assert any(line.startswith(step.label) for line in lines)
    assert any("exact" in line for line in lines)


def test_code_in_a_file(tmp_path: Path, run: Any) -> None:
    out = tmp_path / "augment.py"
    said = run("code", "gentle", "--for", "numpy", "--out", out)
    assert said.code == 0
    assert out.read_text("utf-8") == Pipeline.load("gentle").code("numpy")
    steps = len(Pipeline.load("gentle").transforms)
    assert said.out == f"{out}: {out.read_text('utf-8').count(chr(10)):,} lines for numpy; {steps} exact\n"
    assert "Flip" in said.err

    out.write_text("mine")
    assert "--replace writes over it" in refused(run("code", "gentle", "--for", "numpy", "--out", out))
    assert out.read_text() == "mine"
    assert run("code", "gentle", "--for", "numpy", "--out", out, "--replace").code == 0
    assert out.read_text("utf-8").startswith('"""Augmentation for NumPy')
    assert [file.name for file in tmp_path.iterdir()] == ["augment.py"]


def test_what_is_refused(tmp_path: Path, run: Any) -> None:
    assert 'code is written for "numpy", "keras", "torchvision" or "albumentations", not for "jax"' in refused(
        run("code", "gentle", "--for", "jax")
    )
    assert "no preset of that name" in refused(run("code", "nothing", "--for", "numpy"))
    assert "it is a folder" in refused(run("code", "gentle", "--for", "numpy", "-o", tmp_path, "--replace"))
    missing = tmp_path / "none" / "augment.py"
    assert f"there is no folder {missing.parent}" in refused(run("code", "gentle", "--for", "numpy", "-o", missing))
    assert "--for" in refused(run("code", "gentle"))


def test_code_from_python() -> None:
    pipeline = Pipeline.load("photos")
    assert pipeline.code("numpy") == pipeline.code(Target.NUMPY)
    for wrong in ("tensorflow", "NumPy", "", None, 7, ["numpy"]):
        with pytest.raises(ValueError, match='code is written for "numpy", "keras", "torchvision" or "albumentations"'):
            pipeline.code(wrong)  # type: ignore[arg-type]


def test_what_it_prints_runs(tmp_path: Path) -> None:
    made = program("code", "documents", "--for", "numpy")
    assert made.returncode == 0
    assert "\r" not in made.stdout
    compile(made.stdout, "augment.py", "exec")
