"""Code for NumPy: the pipeline's own pixels to the bit, from a file that needs nothing of this program."""

from __future__ import annotations

import ast
import inspect
import json
import subprocess
import sys
import types
from collections.abc import Iterator
from itertools import product
from pathlib import Path
from typing import Any, ClassVar, Literal

import numpy as np
import pictures
import pytest
import strategies
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from augstudio import Pipeline
from augstudio.code import Standing, Target, generate
from augstudio.code.numpy_code import sources
from augstudio.code.numpy_code.gathering import shortened
from augstudio.engine import BorderMode, Fit, Frame, Step
from augstudio.presets import shipped
from augstudio.transforms import Draw, Transform, registry

PYPROJECT = Path(__file__).resolve().parents[2] / "pyproject.toml"
EVERYTHING = Path(__file__).resolve().parents[1] / "golden" / "presets" / "v1-everything.json"
PRESETS = [*(entry.path for entry in shipped()), *sorted(EVERYTHING.parent.glob("*.json"))]
OPS = tuple(registry())


@pytest.fixture
def load() -> Iterator[Any]:
    """Run a file of code as a module of its own."""

    def run(pipeline: Pipeline) -> Any:
        module = types.ModuleType("augment")
        sys.modules["augment"] = module  # where dataclasses look for it
        exec(compile(generate(pipeline, Target.NUMPY).text, "augment.py", "exec"), vars(module))
        return module.augment

    yield run
    sys.modules.pop("augment", None)


def everything(**output: Any) -> Pipeline:
    """Every transform once, in the order of the registry."""
    return Pipeline.model_validate({"transforms": [{"op": op, "probability": 1} for op in OPS], "output": output})


def arrays(*shape: int) -> Iterator[Any]:
    for channels, dtype in product(pictures.CHANNELS, pictures.DTYPES):
        yield pictures.smooth(*shape, channels, dtype)


def same(pipeline: Pipeline, augment: Any, image: Any, **named: Any) -> bool:
    before = image.copy()
    ours, theirs = pipeline(image, **named), augment(image, **named)
    assert np.array_equal(image, before), "the picture stays as it is"
    assert not np.shares_memory(theirs, image)
    return bool(ours.dtype == theirs.dtype and np.array_equal(ours, theirs))


# -- the same pixels -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("op", OPS)
def test_every_transform_comes_out_the_same_to_the_bit(op: str, load: Any) -> None:
    step = registry()[op].default(probability=1.0)
    pipeline = Pipeline(transforms=(step,), training_size=40)
    written = generate(pipeline, Target.NUMPY)
    assert [(row.step, row.standing) for row in written.rows] == [(op, Standing.EXACT)]
    augment = load(pipeline)
    for image in arrays(48, 64):
        assert all(same(pipeline, augment, image, seed=seed) for seed in range(3))


@pytest.mark.parametrize("fit", [fit for fit in Fit if fit is not Fit.KEEP])
@pytest.mark.parametrize("border", BorderMode)
def test_every_output_and_border(fit: Fit, border: BorderMode, load: Any) -> None:
    colours = {"border": border, "border_colour": (200, 90, 10)}
    moves = [{"op": op, **colours} for op in ("rotate", "shear", "shift", "shrink", "perspective")]
    pipeline = Pipeline.model_validate(
        {
            "output": {"fit": fit, "width": 50, "height": 31, **colours},
            "transforms": [*moves, {"op": "quarter_turn", "probability": 0.7}, {"op": "blur"}],
        }
    )
    augment = load(pipeline)
    assert generate(pipeline, Target.NUMPY).exact
    for image in arrays(37, 53):
        assert all(same(pipeline, augment, image, seed=seed) for seed in range(3))


@pytest.mark.parametrize("file", PRESETS, ids=lambda file: file.stem)
def test_presets(file: Path, load: Any) -> None:
    pipeline = Pipeline.load(file)
    assert generate(pipeline, Target.NUMPY).exact
    augment = load(pipeline)
    for image in arrays(60, 45):
        assert all(same(pipeline, augment, image, seed=seed, key="a/ü.jpg", copy=seed) for seed in range(6))


@st.composite
def pipelines(draw: st.DrawFn) -> Pipeline:
    steps = draw(st.lists(strategies.transforms(), max_size=6))
    size = draw(st.sampled_from([8, 32, 224]))
    return Pipeline(training_size=size, output=draw(strategies.outputs()), transforms=tuple(steps))


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    pipelines(),
    st.sampled_from(pictures.SHAPES),
    st.sampled_from(pictures.CHANNELS),
    st.sampled_from(pictures.DTYPES),
    st.integers(0, 2**70),
    st.text(max_size=6),
    st.integers(0, 9),
)
def test_any_pipeline_on_any_picture(
    load: Any, pipeline: Pipeline, shape: tuple[int, int], channels: int, dtype: type, seed: int, key: str, copy: int
) -> None:
    image = pictures.noise(*shape, channels, dtype, seed=seed % 1000)
    assert same(pipeline, load(pipeline), image, seed=seed, key=key, copy=copy)


def test_an_opaque_alpha_takes_the_short_way_too(load: Any) -> None:
    pipeline = everything()
    image = pictures.smooth(40, 50, 4)
    image[..., 3] = 255
    assert same(pipeline, load(pipeline), image, seed=1)


# -- the file --------------------------------------------------------------------------------------------------------


def cases() -> list[tuple[str, Pipeline]]:
    alone = [(op, Pipeline(transforms=(registry()[op].default(),))) for op in OPS]
    sized = [("sized", everything(fit="pad", width=80, height=60)), ("nothing", Pipeline())]
    return [*alone, *sized, *((file.stem, Pipeline.load(file)) for file in PRESETS)]


CASES = cases()


@pytest.fixture(scope="module")
def written() -> dict[str, str]:
    return {name: generate(pipeline, Target.NUMPY).text for name, pipeline in CASES}


@pytest.mark.parametrize("name", [name for name, _ in CASES])
def test_it_imports_numpy_and_opencv_alone(name: str, written: dict[str, str]) -> None:
    tree = ast.parse(written[name])
    found = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    found |= {node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    others = {module.partition(".")[0] for module in found} - {*sys.stdlib_module_names}
    assert others <= {"numpy", "cv2"}
    assert [node.name for node in tree.body if isinstance(node, ast.FunctionDef)][-1] == "augment"


@pytest.mark.parametrize("name", [name for name, _ in CASES])
def test_nothing_in_it_is_there_for_nothing(name: str, written: dict[str, str]) -> None:
    """Every function, class, method and constant is named somewhere else in the file."""
    tree = ast.parse(written[name])
    named = [node.id for node in ast.walk(tree) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load)]
    named += [node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)]
    defined = [node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.ClassDef)]
    constants = [target for node in tree.body if isinstance(node, ast.Assign) for target in node.targets]
    defined += [one.id for one in constants if isinstance(one, ast.Name)]
    unused = [one for one in defined if not one.startswith("__") and one != "augment" and one not in named]
    assert unused == []


def test_it_is_clean_code(written: dict[str, str], tmp_path: Path) -> None:
    """By the rules of the program's own code, but that functions of one kind have the same parameters."""
    for name, text in written.items():
        (tmp_path / f"{name}.py").write_text(text, encoding="utf-8")
    ruff = (sys.executable, "-m", "ruff")
    check = (*ruff, "check", "--no-cache", "--config", PYPROJECT, "--extend-ignore", "ARG001,ARG002,PLW2901", tmp_path)
    said = subprocess.run(check, capture_output=True, text=True, check=False)
    assert said.returncode == 0, said.stdout
    layout = (*ruff, "format", "--no-cache", "--diff", "--config", PYPROJECT, tmp_path)
    said = subprocess.run(layout, capture_output=True, text=True, check=False)
    assert said.returncode == 0, said.stdout


def test_it_runs_where_this_program_is_not(written: dict[str, str], tmp_path: Path) -> None:
    (tmp_path / "augment.py").write_text(written["v1-everything"], encoding="utf-8")
    script = (
        "import sys\n"
        "for name in ('augstudio', 'pydantic', 'stringzilla', 'PIL', 'shapely'): sys.modules[name] = None\n"
        "import numpy as np\n"
        "from augment import augment\n"
        "image = np.arange(48 * 64 * 3, dtype=np.uint8).reshape(48, 64, 3)\n"
        "np.save('copy.npy', augment(image, seed=7, key='one.png', copy=2))\n"
    )
    environment = {"PYTHONPATH": str(tmp_path), "PATH": ""}
    subprocess.run([sys.executable, "-W", "error", "-c", script], cwd=tmp_path, env=environment, check=True)
    image = np.arange(48 * 64 * 3, dtype=np.uint8).reshape(48, 64, 3)
    ours = Pipeline.load(EVERYTHING)(image, seed=7, key="one.png", copy=2)
    assert np.array_equal(np.load(tmp_path / "copy.npy"), ours)


def test_it_says_what_the_preset_says(written: dict[str, str]) -> None:
    text = written["v1-everything"]
    for step in json.loads(EVERYTHING.read_text("utf-8"))["transforms"]:
        assert (f'"{step["id"]}"' in text) == step["enabled"]
    assert "TRAINED_AT = 200" in text
    assert "SIZE = (320, 200)" in text
    assert "OUTSIDE = Border(BorderMode.TILE, (10, 20, 30))" in text
    assert "angle=Between(-90.0, 90.0)" in text
    assert "fill=Fill.MEAN" in text


def test_it_is_the_same_each_time() -> None:
    assert generate(everything(), Target.NUMPY).text == generate(everything(), Target.NUMPY).text


# -- what is wrong ---------------------------------------------------------------------------------------------------

WRONG: list[dict[str, Any]] = [
    {"image": [[1, 2], [3, 4]]},
    {"image": np.zeros((4, 4))},
    {"image": np.zeros((4, 4), bool)},
    {"image": np.zeros((4, 4, 5), np.uint8)},
    {"image": np.zeros((3, 4, 9), np.uint8)},
    {"image": np.zeros((0, 4), np.uint8)},
    {"image": np.zeros((2, 4, 4, 3), np.uint8)},
    {"seed": -1},
    {"seed": 1.5},
    {"seed": "7"},
    {"copy": -2},
    {"key": 7},
]


@pytest.mark.parametrize("wrong", WRONG, ids=str)
def test_bad_input_is_refused_in_the_same_words(wrong: dict[str, Any], load: Any) -> None:
    pipeline = Pipeline.load("gentle")
    given = {"image": np.zeros((8, 8, 3), np.uint8), "seed": 1, **wrong}
    image = given.pop("image")
    said = []
    for way in (pipeline, load(pipeline)):
        with pytest.raises((TypeError, ValueError)) as caught:
            way(image, **given)
        said.append((caught.type, str(caught.value)))
    assert said[0] == said[1]
    assert len(said[0][1]) > 20


class Odd(Transform):
    """Do what no writer knows."""

    label = "Odd"
    also: ClassVar[tuple[str, ...]] = ()
    op: Literal["odd"] = "odd"

    def lower(self, draw: Draw, frame: Frame) -> Iterator[Step]:
        """Ask the draw for numbers of its own."""
        raise AssertionError(draw.uniforms(3))
        yield


def test_a_step_that_cannot_be_written_is_left_out_by_name(load: Any) -> None:
    odd = Odd(id="odd-one")
    pipeline = Pipeline(transforms=(registry()["invert"].default(probability=1.0),))
    pipeline = pipeline.model_copy(update={"transforms": (*pipeline.transforms, odd)})
    written = generate(pipeline, Target.NUMPY)
    assert [(row.step, row.standing) for row in written.rows] == [
        ("invert", Standing.EXACT),
        ("odd-one", Standing.LEFT_OUT),
    ]
    assert "not known to this writer" in written.rows[1].words
    assert not written.exact
    assert "left out: not known" in written.text
    image = pictures.noise(5, 6)
    assert np.array_equal(load(pipeline)(image, seed=1), 255 - image)


def test_without_the_programs_source_it_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(_: object) -> str:
        raise OSError("source code not available")

    monkeypatch.setattr(inspect, "getsource", missing)
    with pytest.raises(sources.SourceError, match="its source is not there"):
        sources.Module("augstudio.engine.pixels")


def test_docstrings_lose_their_sections() -> None:
    assert shortened('"""One line."""') == '"""One line."""'
    assert shortened('"""One.\n\n    Parameters\n    ----------\n    x : int\n    """') == '"""One."""'
    assert (
        shortened('"""One.\n\n    Two.\n\n    Returns\n    -------\n    int\n    """') == '"""One.\n\n    Two.\n    """'
    )
