"""What files of code begin with: a docstring that any preset leaves valid, with the whole table in it."""

from __future__ import annotations

import ast
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from augstudio import Pipeline
from augstudio.code import Line, Standing, Target
from augstudio.code.heading import applicable, close, exact, heading, left_out, literal, table
from augstudio.engine import BorderMode
from augstudio.presets import shipped
from augstudio.transforms import Range

USE = "from augment import augment\n\ncopy = augment(image, seed=7)"


def columns(line: str) -> int:
    return sum(2 if unicodedata.east_asian_width(letter) in "WF" else 1 for letter in line)


@pytest.mark.parametrize("target", Target)
def test_a_heading_tells_name_steps_size_and_use(target: Target) -> None:
    pipeline = Pipeline.load("photos")
    one, two, three, *_ = pipeline.transforms
    rows = [exact(one), close(two, "another mirror, up to 3 levels apart"), left_out(three, "there is no such layer")]
    text = heading(pipeline, target, rows, USE)
    said = ast.get_docstring(ast.parse(text))
    assert said is not None
    assert said.splitlines()[0].endswith(".")
    assert f"Preset: {pipeline.name}" in said
    assert f"{pipeline.trained_at} pixels" in said
    assert "    copy = augment(image, seed=7)" in said
    for row in rows:
        (line,) = [line for line in said.splitlines() if line.strip().startswith(row.title)]
        assert row.standing in line
        assert row.words in line
    assert text.endswith('"""\n')


def test_the_size_can_be_said_otherwise() -> None:
    text = heading(Pipeline(), Target.NUMPY, [], USE, size="Pictures of any size.")
    assert "Pictures of any size." in text
    assert "Resize first" not in text
    assert "(none: pictures stay as they are)" in text


@given(
    st.text(max_size=200),
    st.text(max_size=400),
    st.lists(st.tuples(st.from_regex(r"[a-z0-9_-]{1,64}", fullmatch=True), st.text(max_size=300)), max_size=4),
)
def test_nothing_in_a_preset_breaks_it(name: str, description: str, rows: list[tuple[str, str]]) -> None:
    pipeline = Pipeline(name=name, description=description)
    lines = [Line(step, "Rotate", Standing.CLOSE, words) for step, words in rows]
    text = heading(pipeline, Target.KERAS, lines, USE)
    tree = ast.parse(text)
    assert len(tree.body) == 1
    assert (ast.get_docstring(tree) or "").startswith("Augmentation for Keras")
    assert all(columns(line) <= 120 for line in text.splitlines())


def test_long_names_and_words_stay_within_the_columns() -> None:
    lines = [Line(letter * 64, "Rotate", Standing.CLOSE, "word " * 60) for letter in "ab"]
    rows = table([*lines, Line("", "Output size", Standing.EXACT)])
    assert rows[0].startswith("Rotate (aaa")
    assert rows[-1].split() == ["Output", "size", "exact"]
    assert all(len(row) <= 116 for row in rows)


def test_steps_of_one_title_are_told_apart_by_their_ids() -> None:
    lines = [Line(step, title, Standing.EXACT) for step, title in (("a", "Rotate"), ("jpeg", "JPEG"), ("b", "Rotate"))]
    assert table(lines) == ["Rotate (a)  exact", "JPEG        exact", "Rotate (b)  exact"]


def test_steps_that_no_copy_gets_are_not_among_the_applicable() -> None:
    pipeline = Pipeline.model_validate(
        {
            "transforms": [
                {"op": "rotate"},
                {"op": "blur", "enabled": False},
                {"op": "flip", "probability": 0},
                {"op": "hue"},
            ]
        }
    )
    assert [step.op for step in applicable(pipeline)] == ["rotate", "hue"]
    assert all(applicable(Pipeline.load(entry.path)) for entry in shipped())


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (BorderMode.MIRROR, '"mirror"'),
        (Range(-0.5, 1.0), "(-0.5, 1.0)"),
        ((1,), "(1,)"),
        (["a", 2], '["a", 2]'),
        ('a"b\\c\n', '"a\\"b\\\\c\\n"'),
        (True, "True"),
        (None, "None"),
    ],
)
def test_literals(value: object, said: str) -> None:
    assert literal(value) == said
    assert ast.literal_eval(said) == (value.value if isinstance(value, BorderMode) else value)
