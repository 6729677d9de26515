"""The file for Keras, without Keras: it compiles, needs only what it may, and says all of the preset."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from augstudio import Pipeline
from augstudio.code import Generated, Standing, Target, generate
from augstudio.code.heading import applicable
from augstudio.code.keras_code import pixel_steps, write
from augstudio.code.keras_code.calls import Call
from augstudio.code.keras_code.geometry import CUT, MOVES, TWICE
from augstudio.code.keras_code.picking import picked
from augstudio.label_rules import LabelRules
from augstudio.presets import shipped
from augstudio.transforms import Transform, registry

GOLDEN = sorted((Path(__file__).parents[1] / "golden" / "presets").glob("*.json"))
FILES = [*GOLDEN, *(entry.path for entry in shipped())]
MAY = {"itertools", "math", "keras", "numpy"}


def every_file() -> list[tuple[str, Pipeline]]:
    whole = [(file.stem, Pipeline.load(str(file))) for file in FILES]
    alone = [(op, Pipeline(transforms=(kind.default(),))) for op, kind in registry().items()]
    all_on = Pipeline.load(str(GOLDEN[0]))
    on = all_on.edited(transforms=tuple(step.edited(enabled=True) for step in all_on.transforms))
    return [*whole, *alone, ("nothing", Pipeline()), ("all switched on", on)]


CASES = every_file()
IDS = [name for name, _ in CASES]


@pytest.fixture(params=CASES, ids=IDS)
def case(request: pytest.FixtureRequest) -> tuple[Pipeline, Generated]:
    pipeline: Pipeline = request.param[1]
    return pipeline, write(pipeline)


def test_it_needs_nothing_but_keras_and_numpy(case: tuple[Pipeline, Generated]) -> None:
    tree = ast.parse(case[1].text)
    modules = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            modules |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            modules.add((node.module or "").partition(".")[0])
    assert modules <= MAY
    assert "keras" in modules
    assert {"augment", "augmentation"} <= {
        *(node.name for node in tree.body if isinstance(node, ast.FunctionDef)),
        *(
            target.id
            for node in tree.body
            if isinstance(node, ast.Assign)
            for target in node.targets
            if isinstance(target, ast.Name)
        ),
    }


def test_every_definition_is_needed(case: tuple[Pipeline, Generated]) -> None:
    tree = ast.parse(case[1].text)
    used = Counter(node.id for node in ast.walk(tree) if isinstance(node, ast.Name))
    defined = [node.name for node in tree.body if isinstance(node, ast.FunctionDef | ast.ClassDef)]
    assert all(used[name] for name in defined)
    assert len(set(defined)) == len(defined)


def test_the_table_has_every_step_in_order(case: tuple[Pipeline, Generated]) -> None:
    pipeline, found = case
    assert found.target is Target.KERAS
    steps = [row.step for row in found.rows if row.step]
    assert steps == [step.id for step in applicable(pipeline)]
    said = ast.get_docstring(ast.parse(found.text)) or ""
    plain = re.sub(r"\s+", " ", said)
    for row in found.rows:
        assert row.title in said
        assert row.words in plain
        assert row.standing is not Standing.LEFT_OUT
        if row.standing is Standing.CLOSE:
            assert re.search(r"by up to [\d.]+ levels? on average", row.words)


def test_a_formatter_and_a_linter_have_nothing_to_say(tmp_path: Path) -> None:
    for number, (_, pipeline) in enumerate(CASES):
        (tmp_path / f"augment_{number}.py").write_text(write(pipeline).text, encoding="utf-8")
    plain = ["--no-cache", "--isolated", "--config", "line-length=120", str(tmp_path)]
    rules = "E,F,W,I,B,C4,PIE,RET,SIM,UP"
    for command in (["check", "--select", rules], ["format", "--diff"]):
        ran = subprocess.run(
            [sys.executable, "-m", "ruff", *command, *plain], capture_output=True, text=True, check=False
        )
        assert ran.returncode == 0, ran.stdout[-2000:] + ran.stderr[-2000:]


def test_every_registered_op_has_a_layer_or_a_move() -> None:
    unknown = [op for op in registry() if not (op in MOVES or pixel_steps.knows(op))]
    assert unknown == []
    assert not [op for op in MOVES if pixel_steps.knows(op)]


def test_an_op_that_it_does_not_know_is_left_out_by_name(monkeypatch: pytest.MonkeyPatch) -> None:
    pipeline = Pipeline(transforms=(registry()["contrast"].default(), registry()["hue"].default()))
    monkeypatch.setattr(pixel_steps, "_LAYERS", {"hue": pixel_steps._LAYERS["hue"]})
    first, second = write(pipeline).rows
    assert (first.standing, first.words) == (Standing.LEFT_OUT, "not known to this writer")
    assert second.standing is Standing.EXACT
    assert "Contrast" not in write(pipeline).text.partition("import")[2]


def test_rules_for_labels_are_left_out_where_there_are_any() -> None:
    flip = registry()["flip"].default()
    plain = Pipeline(transforms=(flip,))
    ruled = plain.edited(labels=LabelRules(not_mirrored=("left arrow",)))
    assert write(plain).exact
    assert write(ruled).rows[-1].title == "Labels"
    assert write(ruled).rows[-1].standing is Standing.LEFT_OUT


def test_what_is_switched_off_is_not_there() -> None:
    pipeline = Pipeline(
        transforms=(registry()["hue"].default(enabled=False), registry()["contrast"].default(probability=0.0))
    )
    found = write(pipeline)
    assert found.rows == ()
    assert "Hue" not in found.text
    assert "Contrast" not in found.text


def test_it_is_the_same_text_each_time_and_by_its_target() -> None:
    pipeline = Pipeline.load("photos")
    assert write(pipeline) == write(pipeline) == generate(pipeline, Target.KERAS)


def layers(*steps: Transform) -> str:
    text = write(Pipeline(transforms=steps)).text
    return re.sub(r"\s+", " ", text[text.index("return keras.layers.Pipeline(") :]).replace("( ", "(")


def test_the_librarys_own_layer_stands_where_its_meaning_is_the_same() -> None:
    made = registry()
    assert 'keras.layers.RandomFlip("horizontal"' in layers(made["flip"].default())
    assert "EdgeWarp([Flip" in layers(made["flip"].default(probability=0.4))
    assert "keras.layers.RandomRotation((-15.0 / 360, 15.0 / 360)" in layers(made["rotate"].default())
    assert "keras.layers.RandomTranslation" in layers(made["shift"].default())
    tiled = made["rotate"].default(border="tile")  # TensorFlow's has another meaning
    assert "TileWarp([Rotate" in layers(tiled)
    coloured = made["rotate"].default(border="blank", border_colour=(1, 2, 3))
    assert "BlankWarp([Rotate" in layers(coloured)
    grey = layers(made["rotate"].default(border="blank", border_colour=(7, 7, 7), probability=0.5))
    assert "Sometimes(" in grey
    assert "fill_value=7.0" in grey
    assert "keras.layers.RandomBrightness((-0.15, 0.15)" in layers(made["brightness"].default())


def test_steps_of_one_border_are_one_warp_and_others_are_not() -> None:
    made = registry()
    rotate, shear, crop = made["rotate"].default(), made["shear"].default(), made["crop"].default()
    assert layers(rotate, crop, shear).count("Warp(") == 1
    assert layers(rotate, made["hue"].default(), shear).count("Warp(") == 1  # and the library's rotation
    assert layers(rotate, crop, made["shear"].default(border="tile")).count("Warp(") == 2


def test_a_warp_apart_is_close_only_where_chance_may_leave_out_all_between() -> None:
    made = registry()
    rotate, shear, crop = made["rotate"].default(), made["shear"].default(), made["crop"].default()
    sure, sometimes = made["gamma"].default(), made["gamma"].default(probability=0.5)

    def last(*steps: Transform) -> str:
        return write(Pipeline(transforms=steps)).rows[-1].words

    assert last(rotate, sure, shear) == ""
    assert last(rotate, sometimes, shear) == CUT
    assert last(rotate, sometimes, crop) == TWICE
    assert last(rotate, sometimes, made["flip"].default()) == ""
    assert last(made["flip"].default(), sometimes, shear) == ""
    assert last(rotate, made["blur"].default(), shear) == CUT  # a sigma below 0.05 does nothing
    assert last(rotate, made["shear"].default(border="tile")) == ""
    assert last(made["rotate"].default(probability=0.5), made["shear"].default(border="tile")) == ""
    between = made["rotate"].default(probability=0.5, border="edge")
    assert last(shear, between, rotate) == CUT
    assert last(shear, between.edited(probability=1.0), rotate) == ""
    assert last(crop, made["rotate"].default(probability=0.5), made["shear"].default(border="tile")) == CUT


def test_only_what_is_needed_is_picked() -> None:
    source = (
        "import math\nimport keras\n\n\ndef one():\n    return math.pi\n\n\n"
        "@keras.register\nclass Two:\n    x = one()\n\n\ndef three():\n    pass\n"
    )
    imports, definitions = picked(source, ["Two"])
    assert imports == "import math\n\nimport keras"
    assert definitions.startswith("def one():")
    assert "@keras.register\nclass Two:" in definitions
    assert "three" not in definitions
    assert picked(source, []) == ("", "")


def test_calls_are_laid_out_as_a_formatter_does() -> None:
    short = Call.of("f", "1", b="2")
    assert short.text(0) == "f(1, b=2)"
    assert Call.of("g", [short]).text(0) == "g([f(1, b=2)])"
    assert Call.of("g", [short, short]).text(0) == "g(\n    [\n        f(1, b=2),\n        f(1, b=2),\n    ],\n)"
    long = Call.of("f", "x" * 60, b="y" * 60)
    assert long.text(4) == f"f(\n        {'x' * 60},\n        b={'y' * 60},\n    )"
    assert short.names() == {"f"}
