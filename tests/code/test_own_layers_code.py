"""Code for torchvision and Albumentations, without them: valid, tidy, whole, and nothing in it that is not needed."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest
import strategies
from hypothesis import HealthCheck, given, settings

from augstudio import Pipeline
from augstudio.code import Standing, Target, generate
from augstudio.code.heading import applicable
from augstudio.code.own_layers import FIELDS
from augstudio.code.rows import RESIZED_BY
from augstudio.presets import load, shipped
from augstudio.transforms import registry

ROOT = Path(__file__).resolve().parents[2]
EVERYTHING = ROOT / "tests" / "golden" / "presets" / "v1-everything.json"
PRESETS = {path.stem: path for path in (*(entry.path for entry in shipped()), EVERYTHING)}
TARGETS = (Target.TORCHVISION, Target.ALBUMENTATIONS)
MAY_IMPORT = {
    Target.TORCHVISION: {"io", "math", "functools", "torch", "PIL", "torchvision"},
    Target.ALBUMENTATIONS: {"math", "albumentations", "cv2", "numpy"},
}
target = pytest.mark.parametrize("target", TARGETS)


def all_ops(**output: object) -> Pipeline:
    """Every transform once, always applied."""
    steps = [{"op": op, "probability": 1.0} for op in registry()]
    return Pipeline.model_validate({"transforms": steps, "output": output})


def cases() -> dict[str, Pipeline]:
    found = {name: load(path) for name, path in PRESETS.items()}
    for op, transform in registry().items():
        found[op] = Pipeline(transforms=(transform.default(),))
        if "border" in transform.model_fields:
            found[f"{op} blank"] = Pipeline(transforms=(transform.default(border="blank", border_colour=(1, 2, 3)),))
    found["nothing"] = Pipeline()
    found["all"] = all_ops()
    found["all, cropped"] = all_ops(fit="crop", width=32, height=48)
    found["all, stretched"] = all_ops(fit="stretch", width=32, height=48)
    found["far"] = Pipeline.model_validate(
        {
            "transforms": [
                {"op": "perspective", "travel": [0, 0.5]},
                {"op": "shrink", "scale": [0.1, 1]},
                {"op": "blur", "sigma": [0, 20]},
                {"op": "dilate", "radius": [0, 9]},
                {"op": "erode", "radius": [0, 2]},
                {"op": "sharpen"},
            ]
        }
    )
    return found


CASES = cases()


@target
@pytest.mark.parametrize("name", CASES)
def test_a_file_is_valid_and_imports_only_what_it_may(name: str, target: Target) -> None:
    tree = ast.parse(generate(CASES[name], target).text)
    imported = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            imported |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            imported.add(str(node.module).split(".")[0])
    assert imported <= MAY_IMPORT[target]
    assert any(isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "augment" for node in tree.body)


@target
@pytest.mark.parametrize("name", CASES)
def test_nothing_stands_in_a_file_that_is_not_used(name: str, target: Target) -> None:
    """Each function, class and constant of a file is named elsewhere in it; but for what it is there for."""
    text = generate(CASES[name], target).text
    tree = ast.parse(text)
    named = [node.id for node in ast.walk(tree) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load)]
    for node in tree.body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            assert node.name in named, node.name
        elif isinstance(node, ast.Assign):
            assert ast.unparse(node.targets[0]) in (*named, "augment")
    defined = [node.name for node in tree.body if isinstance(node, ast.FunctionDef | ast.ClassDef)]
    assert len(set(defined)) == len(defined)


@target
def test_files_are_tidy(tmp_path: Path, target: Target) -> None:
    for number, pipeline in enumerate(CASES.values()):
        (tmp_path / f"augment_{number}.py").write_text(generate(pipeline, target).text, encoding="utf-8")
    ruff = [sys.executable, "-m", "ruff"]
    rules = "E,F,W,I,B,C4,PIE,RET,SIM,UP"
    checked = [*ruff, "check", "--isolated", "--line-length", "120", "--select", rules, str(tmp_path)]
    formatted = [*ruff, "format", "--isolated", "--line-length", "120", "--check", str(tmp_path)]
    for command in (checked, formatted):
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr


@target
@pytest.mark.parametrize("name", CASES)
def test_the_table_has_every_step_that_may_be_applied(name: str, target: Target) -> None:
    written = generate(CASES[name], target)
    assert [row.step for row in written.rows if row.step] == [step.id for step in applicable(CASES[name])]
    assert all(row.words for row in written.rows if row.standing is not Standing.EXACT)
    doc = ast.get_docstring(ast.parse(written.text))
    assert doc is not None
    assert all(row.title in doc for row in written.rows)


@target
def test_every_transform_is_exact(target: Target) -> None:
    """By itself; a transform that is added needs a layer, or a reason."""
    for op, transform in registry().items():
        written = generate(Pipeline(transforms=(transform.default(),)), target)
        assert written.exact, (op, written.rows)


def test_what_a_layer_of_a_files_own_takes_is_what_the_transform_declares() -> None:
    for op, fields in FIELDS.items():
        others = {"border", "border_colour"}
        assert set(fields) == set(registry()[op].parameters()) - others, op


@target
def test_an_op_without_a_layer_is_left_out_by_name(target: Target, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(FIELDS, "crop")  # type: ignore[arg-type]
    (row,) = generate(Pipeline(transforms=(registry()["crop"].default(),)), target).rows
    assert row.standing is Standing.LEFT_OUT
    assert "not known" in row.words


@target
def test_other_sizes_and_rules_for_labels_are_told(target: Target) -> None:
    pipeline = Pipeline.model_validate(
        {"output": {"fit": "crop", "width": 64, "height": 48}, "labels": {"not_mirrored": ["b", "d"]}}
    )
    size, rules = generate(pipeline, target).rows
    assert size.standing is Standing.CLOSE
    assert f"{RESIZED_BY[target]:g}" in size.words
    assert rules.standing is Standing.LEFT_OUT
    assert "never mirrored" in rules.words


@target
def test_moves_that_something_may_part_are_only_close(target: Target) -> None:
    steps = [{"op": "rotate"}, {"op": "invert", "probability": 0.25}, {"op": "shear"}]
    first, between, second = generate(Pipeline.model_validate({"transforms": steps}), target).rows
    assert (first.standing, between.standing, second.standing) == (Standing.EXACT, Standing.EXACT, Standing.CLOSE)
    assert "in 7" in second.words  # of a hundred, drawn: 75 are meant
    steps[1] = {"op": "contrast"}  # always between
    assert generate(Pipeline.model_validate({"transforms": steps}), target).exact


@target
@settings(max_examples=25, suppress_health_check=list(HealthCheck))
@given(pipeline=strategies.pipelines())
def test_any_preset_becomes_a_valid_file(target: Target, pipeline: Pipeline) -> None:
    ast.parse(generate(pipeline, target).text)
