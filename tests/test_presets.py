"""Presets: what is written comes back, what is wrong is said, and old files load for ever."""

from __future__ import annotations

import contextlib
import json
import os
import time
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import strategies
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from augstudio import files, presets
from augstudio.pipeline import Pipeline
from augstudio.presets import PresetError
from augstudio.transforms import Knob, registry

SHIPPED = presets.shipped()
GOLDEN = sorted((Path(__file__).parent / "golden" / "presets").glob("v*.json"))
VALID = [path.read_text(encoding="utf-8") for path in (*GOLDEN, *(entry.path for entry in SHIPPED))]

every_shipped = pytest.mark.parametrize("entry", SHIPPED, ids=[entry.path.stem for entry in SHIPPED])


def preset(**changes: Any) -> dict[str, Any]:
    """A small valid preset, changed."""
    good: dict[str, Any] = {
        "augstudio_preset": 1,
        "name": "mine",
        "transforms": [
            {"op": "rotate", "id": "rotate", "angle": [-10, 10]},
            {"op": "flip", "id": "flip"},
            {"op": "jpeg", "id": "jpeg"},
            {"op": "quarter_turn", "id": "quarter_turn"},
        ],
    }
    return {**good, **changes}


def with_rotate(**changes: Any) -> dict[str, Any]:
    return preset(transforms=[{"op": "rotate", "angle": [-10, 10], **changes}])


def refused(data: Any) -> str:
    """The message for a preset that must be refused."""
    text = data if isinstance(data, str) else json.dumps(data)
    with pytest.raises(PresetError) as caught:
        presets.parse(text, "my preset.json")
    message = str(caught.value)
    assert message.startswith("my preset.json: ")
    assert message.isprintable(), "one line that every terminal can show"
    assert "Input should be" not in message, "in plain words"
    return message


# -- the presets that ship ----------------------------------------------------------------------------------------


def test_at_least_six_ship() -> None:
    names = {entry.path.stem for entry in SHIPPED}
    assert len(SHIPPED) >= 6
    assert {"gentle", "documents"} <= names
    assert len({entry.name.casefold() for entry in SHIPPED}) == len(SHIPPED)


@every_shipped
def test_a_shipped_preset_loads_and_is_written_as_it_would_be_saved(entry: presets.Entry) -> None:
    assert entry.valid
    assert entry.shipped
    pipeline = presets.load(entry.path)
    assert (pipeline.name, pipeline.description) == (entry.name, entry.description)
    assert len(entry.description) > 30, "it says which situation it is for"
    assert presets.dump(pipeline) == entry.path.read_text(encoding="utf-8")
    assert (
        presets.find(entry.path.stem) == presets.find(entry.name.upper()) == presets.find(str(entry.path)) == pipeline
    )


def test_documents_are_never_mirrored() -> None:
    assert not {"flip", "quarter_turn"} & {step.op for step in presets.find("documents").transforms}


# -- old files ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", GOLDEN, ids=[path.stem for path in GOLDEN])
def test_a_preset_of_any_past_version_loads(path: Path) -> None:
    pipeline = presets.load(path)
    assert presets.parse(presets.dump(pipeline), "again") == pipeline


def test_everything_in_format_1_means_what_it_meant() -> None:
    data = json.loads((Path(__file__).parent / "golden" / "presets" / "v1-everything.json").read_text(encoding="utf-8"))
    pipeline = presets.parse(json.dumps(data), "golden")
    assert {step.op for step in pipeline.transforms} >= {
        *("crop", "flip", "perspective", "quarter_turn", "rotate", "shear", "shift", "shrink", "brightness"),
        *("channel_gain", "contrast", "gamma", "grayscale", "hue", "invert", "saturation", "solarize", "swap_colours"),
        *("blur", "dilate", "erode", "jpeg", "sharpen", "gaussian_noise", "salt_and_pepper", "cutout"),
    }
    assert (pipeline.name, pipeline.training_size, pipeline.any_orientation) == ("Everything · alles · 全部", 96, True)
    assert pipeline.output.size == (320, 200)
    assert (pipeline.output.fit, pipeline.output.border, pipeline.output.border_colour) == ("pad", "tile", (10, 20, 30))
    default = {op: transform() for op, transform in registry().items()}
    for step, written in zip(pipeline.transforms, data["transforms"], strict=True):
        assert step.model_dump(mode="json") == written
        for name in step.parameters():
            assert getattr(step, name) != getattr(default[step.op], name) or name == "border_colour", (step.op, name)
    by_op = {step.op: step for step in pipeline.transforms}
    assert by_op["rotate"].range_of("angle") == (-90, 90)
    assert by_op["rotate"].border == "tile"  # type: ignore[attr-defined]
    assert not by_op["quarter_turn"].enabled
    assert by_op["quarter_turn"].turns == (180, 270)  # type: ignore[attr-defined]
    assert by_op["perspective"].range_of("travel") == (0.12, 0.38)


def test_a_preset_written_by_hand_may_leave_out_what_has_a_default() -> None:
    bare = presets.load(GOLDEN[0].parent / "v1-minimal.json")
    assert bare == Pipeline()
    mine = presets.load(GOLDEN[0].parent / "v1-handwritten.json")
    assert [step.id for step in mine.transforms] == ["rotate", "rotate-2", "quarter_turn", "jpeg"]
    assert mine.transforms[0].range_of("angle") == (-5, 5.5)
    assert mine.transforms[2].turns == (90, 270)  # type: ignore[attr-defined]
    assert mine.output.size == (64, 48)


# -- there and back -----------------------------------------------------------------------------------------------


@given(strategies.pipelines())
def test_what_is_saved_comes_back(pipeline: Pipeline) -> None:
    text = presets.dump(pipeline)
    assert presets.parse(text, "x") == pipeline
    assert presets.dump(presets.parse(text, "x")) == text
    assert json.loads(text)["augstudio_preset"] == presets.VERSION


@pytest.mark.parametrize("name", ["[ 1,  2 ]", "[\n 1\n]", "a [ b", '"[ "', "\\", "\u2028", "[ [ ] ]", "{ [ ", "\x00"])
def test_texts_that_look_like_lists_are_left_alone(name: str) -> None:
    pipeline = Pipeline(name=name, description=name)
    assert presets.parse(presets.dump(pipeline), "x") == pipeline


def test_a_range_stands_on_one_line() -> None:
    text = presets.dump(Pipeline(transforms=(registry()["rotate"](),)))
    assert '"angle": [-15.0, 15.0]' in text
    assert '"border_colour": [0, 0, 0]' in text
    assert text.endswith("}\n")


def test_saving_replaces_a_file_whole_or_not_at_all(tmp_path: Path) -> None:
    path = tmp_path / "my préset.json"
    first = Pipeline(name="first")
    first.save(path)
    assert Pipeline.load(path) == first
    Pipeline(name="second").save(str(path))
    assert Pipeline.load(str(path)).name == "second"
    assert [p.name for p in tmp_path.iterdir()] == ["my préset.json"], "nothing else is left behind"
    with pytest.raises(OSError, match="nowhere"):
        first.save(tmp_path / "nowhere" / "x.json")
    (tmp_path / "folder.json").mkdir()
    with pytest.raises(OSError):
        first.save(tmp_path / "folder.json")
    assert sorted(p.name for p in tmp_path.iterdir()) == ["folder.json", "my préset.json"]


# -- what is wrong ------------------------------------------------------------------------------------------------

A, B = "transforms[0] (rotate)", "transforms"


@pytest.mark.parametrize(
    ("data", "words"),
    [
        # no preset at all
        ("", ["empty"]),
        (" \n\t", ["empty"]),
        ("{", ["not JSON", "line 1, column 2"]),
        ('{\n  "name": "a",\n}', ["not JSON", "line 3, column 1"]),
        ("{'name': 1}", ["not JSON", "double quotes"]),
        ("PK\x03\x04", ["not JSON"]),
        ("[]", ["found []", "JSON object"]),
        ("null", ["found null"]),
        ('"text"', ['found "text"']),
        ('{"a": 1, "a": 2}', ['"a" stands twice']),
        ("[" * 100_000, ["nested too deeply"]),
        ('{"augstudio_preset": 1, "name": ' + "[" * 400 + "]" * 400 + "}", ["nested too deeply"]),
        # the version
        ({}, ['"augstudio_preset" is missing', '"augstudio_preset": 1']),
        ({"augstudio_presets": 1}, ["is missing", 'found "augstudio_presets"']),
        (preset(augstudio_preset=2), ["found 2", "newer augstudio", "up to 1"]),
        (preset(augstudio_preset="1"), ['found "1"', "whole number"]),
        (preset(augstudio_preset=0), ["found 0", "whole number"]),
        (preset(augstudio_preset=True), ["found true"]),
        (preset(augstudio_preset=1.5), ["found 1.5"]),
        # unknown names
        (preset(transform=[]), ['unknown field "transform"', 'did you mean "transforms"?', "training_size"]),
        (preset(transforms=[{"op": "rotat"}]), ["transforms[0].op", '"rotat"', 'did you mean "rotate"?', "shrink"]),
        (preset(transforms=[{"op": "zzz"}]), ["transforms[0].op", '"zzz"', "Allowed: crop"]),
        (preset(transforms=[{"op": "flip"}, {"angle": [1, 2]}]), ["transforms[1]", '"op" is missing']),
        (with_rotate(angel=[1, 2]), [A, '"angel"', 'did you mean "angle"?', "border_colour"]),
        (preset(output={"fitt": "crop"}), ["output", '"fitt"', 'did you mean "fit"?', "height"]),
        # ranges
        (with_rotate(angle=[-200, 10]), [f"{A}.angle", "low is -200", "-180 to 180"]),
        (with_rotate(angle=[-10, 200]), [f"{A}.angle", "high is 200", "-180 to 180"]),
        (with_rotate(angle=[20, 10]), [f"{A}.angle", "low 20 is above high 10"]),
        (with_rotate(angle=[1]), [f"{A}.angle", "found 1 value", "[low, high]"]),
        (with_rotate(angle=[1, 2, 3]), [f"{A}.angle", "found 3 values", "[low, high]"]),
        (with_rotate(angle=5), [f"{A}.angle", "found 5", "[low, high]", "-180 to 180"]),
        (with_rotate(angle="5"), [f"{A}.angle", 'found "5"', "[low, high]"]),
        (with_rotate(angle={"low": 1, "high": 2}), [f"{A}.angle", 'found {"low": 1', "[low, high]"]),
        (with_rotate(angle=[1, "2"]), [f"{A}.angle", 'high is "2"', "a number from -180 to 180"]),
        (with_rotate(angle=[None, 2]), [f"{A}.angle", "low is null"]),
        (with_rotate(angle=[True, 2]), [f"{A}.angle", "low is true"]),
        (with_rotate(angle=[float("nan"), 2]), [f"{A}.angle", "low is NaN", "-180 to 180"]),
        (with_rotate(angle=[1, float("inf")]), [f"{A}.angle", "high is Infinity", "-180 to 180"]),
        (with_rotate(angle=[-1e200, 1]), [f"{A}.angle", "-1e+200"]),
        (with_rotate(angle=[1, 10**50]), [f"{A}.angle", "high is 1000", "-180 to 180"]),
        (preset(transforms=[{"op": "jpeg", "quality": [30.5, 60]}]), ["(jpeg).quality", "30.5", "whole number"]),
        # other values
        (
            with_rotate(border="miror"),
            [f"{A}.border", '"miror"', 'did you mean "mirror"?', "blank, mirror, edge, tile"],
        ),
        (with_rotate(border=3), [f"{A}.border", "found 3", "blank, mirror, edge, tile"]),
        (with_rotate(border_colour=[0, 0, 300]), [f"{A}.border_colour[2]", "found 300", "255 or less"]),
        (with_rotate(border_colour=[0, 0]), [f"{A}.border_colour[2]", "missing"]),
        (with_rotate(border_colour="red"), [f"{A}.border_colour", 'found "red"', "a list"]),
        (with_rotate(probability=1.5), [f"{A}.probability", "found 1.5", "1 or less"]),
        (with_rotate(probability=-1), [f"{A}.probability", "found -1", "0 or more"]),
        (with_rotate(probability=float("nan")), [f"{A}.probability", "found NaN", "finite number"]),
        (with_rotate(probability="often"), [f"{A}.probability", 'found "often"', "a number"]),
        (with_rotate(enabled="yes"), [f"{A}.enabled", 'found "yes"', "true or false"]),
        (with_rotate(id="my id"), [f"{A}.id", 'found "my id"', "letters, digits"]),
        (
            preset(transforms=[{"op": "quarter_turn", "turns": [45]}]),
            ["(quarter_turn).turns", "found 45", "90, 180, 270"],
        ),
        (preset(transforms=[{"op": "quarter_turn", "turns": []}]), ["(quarter_turn).turns", "empty", "90, 180, 270"]),
        (preset(transforms=[{"op": "quarter_turn", "turns": [90, 90]}]), ["(quarter_turn).turns", "twice"]),
        (preset(transforms=[{"op": "quarter_turn", "turns": 90}]), ["(quarter_turn).turns", "found 90", "a list"]),
        (preset(transforms=[{"op": "flip", "id": "a"}, {"op": "blur", "id": "a"}]), [B, "the id a stands twice"]),
        (preset(transforms={}), [B, "found {}", "a list"]),
        (preset(transforms=None), [B, "found null", "a list"]),
        (preset(transforms=[5]), ["transforms[0]", "found 5", "an object"]),
        (preset(transforms=[{"op": "flip"}] * 101), [B, "at most 100"]),
        (preset(training_size=3), ["training_size", "found 3", "8 or more"]),
        (preset(training_size=10_000), ["training_size", "found 10000", "8192 or less"]),
        (preset(training_size=64.5), ["training_size", "found 64.5", "a whole number"]),
        (preset(training_size="224"), ["training_size", 'found "224"', "a whole number"]),
        (preset(name=5), ["name", "found 5", "a text"]),
        (preset(name="x" * 201), ["name", "at most 200 characters"]),
        (preset(any_orientation=1), ["any_orientation", "found 1", "true or false"]),
        (preset(output=5), ["output", "found 5", "an object"]),
        (preset(output={"fit": "crop"}), ["output", "fit is crop", "must be given"]),
        (preset(output={"fit": "keep", "width": 5}), ["output", "fit is keep", "left out"]),
        (
            preset(output={"fit": "crp", "width": 5, "height": 5}),
            ["output.fit", '"crp"', 'did you mean "crop"?', "stretch"],
        ),
        (preset(output={"fit": "pad", "width": 0, "height": 5}), ["output.width", "found 0", "1 or more"]),
        # what no terminal could show
        ('{"augstudio_preset": "\\ud800"}', ["\\ud800", "whole number"]),
        ('{"augstudio_preset": 1, "name": "\\ud800"}', ["half a character"]),
        ('{"augstudio_preset": 1, "a\\n\\u001b[31mb": 1}', ['unknown field "a\\n']),
        ('{"augstudio_preset": ' + "9" * 5000 + "}", ["augstudio_preset", "whole number"]),
        ('{"augstudio_preset": 1, "training_size": ' + "9" * 5000 + "}", ["training_size", "found", "whole number"]),
    ],
)
def test_a_bad_preset_is_refused_with_place_found_and_allowed(data: Any, words: list[str]) -> None:
    message = refused(data)
    for word in words:
        assert word in message, message


def test_problems_are_counted_but_not_all_shown() -> None:
    many = preset(transforms=[{"op": "rotate", "angle": [500, 600]}] * 9)
    message = refused(many)
    assert message.endswith("and 4 more")
    with pytest.raises(PresetError) as caught:
        presets.parse(json.dumps(many), "x")
    assert len(caught.value.problems) == 9
    assert caught.value.where == "x"


def test_files_that_cannot_be_read(tmp_path: Path) -> None:
    (tmp_path / "empty.json").touch()
    (tmp_path / "folder.json").mkdir()
    (tmp_path / "latin.json").write_bytes('{"name": "é"}'.encode("latin-1"))
    (tmp_path / "long.json").write_bytes(b" " * (presets.MAX_BYTES + 1))
    (tmp_path / "picture.json").write_bytes(b"\xff\xd8\xff\xe0\x00\x10JFIF")
    for name, words in (
        ("empty.json", "empty"),
        ("folder.json", "folder"),
        ("latin.json", "not text in UTF-8 (byte 10)"),
        ("long.json", "1,000,001 bytes"),
        ("picture.json", "not text"),
        ("missing.json", "there is no such file"),
        ("nowhere/missing.json", "there is no such file"),
        ("empty.json/x.json", "cannot be read"),
        ("null\0.json", "cannot be read"),
        ("x" * 300 + ".json", "cannot be read"),
    ):
        for way in (presets.load, Pipeline.load):
            with pytest.raises(PresetError) as caught:
                way(tmp_path / name)
            assert words in str(caught.value)
            assert Path(name).name.split("\0")[0] in str(caught.value)


def test_a_byte_order_mark_is_no_mistake(tmp_path: Path) -> None:
    path = tmp_path / "notepad.json"
    path.write_bytes(b"\xef\xbb\xbf" + presets.dump(Pipeline(name="mine")).encode())
    assert presets.load(path).name == "mine"


# -- fuzz ---------------------------------------------------------------------------------------------------------

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=8,
)


def loads_or_is_refused(text: str) -> None:
    began = time.process_time()
    try:
        assert isinstance(presets.parse(text, "fuzz.json"), Pipeline)
    except PresetError as error:
        assert str(error).isprintable()
        assert str(error).startswith("fuzz.json: ")
        assert len(str(error)) < 5000
    assert time.process_time() - began < 2


@settings(max_examples=300, suppress_health_check=list(HealthCheck))
@given(st.sampled_from(VALID), st.data())
def test_a_preset_with_bytes_changed_loads_or_is_refused(valid: str, data: st.DataObject) -> None:
    raw = bytearray(valid.encode())
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(raw) - 1))
        match data.draw(st.sampled_from(["delete", "insert", "replace", "repeat"])):
            case "delete":
                del raw[at : at + data.draw(st.integers(1, 30))]
            case "insert":
                raw[at:at] = data.draw(
                    st.sampled_from([b"[", b"}", b",", b"-", b"9", b"e9", b'"', b"null", b"\\u0000"])
                )
            case "replace":
                raw[at] = data.draw(st.integers(32, 126))
            case _:
                raw[at:at] = raw[at : at + 40]
        if not raw:
            break
    loads_or_is_refused(raw.decode(errors="replace"))


@settings(max_examples=200, suppress_health_check=list(HealthCheck))
@given(st.sampled_from(VALID), json_values, st.data())
def test_a_preset_with_any_value_anywhere_loads_or_is_refused(valid: str, value: Any, data: st.DataObject) -> None:
    tree: Any = json.loads(valid)
    at: Any = tree
    while True:
        keys = list(at) if isinstance(at, dict) else list(range(len(at)))
        key = data.draw(st.sampled_from(keys))
        if not isinstance(at[key], dict | list) or not at[key] or data.draw(st.booleans()):
            at[key] = value
            break
        at = at[key]
    loads_or_is_refused(json.dumps(tree))


@settings(max_examples=100)
@given(json_values)
@example({"augstudio_preset": {}})
@example([])
def test_any_json_loads_or_is_refused(value: Any) -> None:
    loads_or_is_refused(json.dumps(value))
    loads_or_is_refused(json.dumps({"augstudio_preset": 1, "transforms": value}))
    loads_or_is_refused(json.dumps({"augstudio_preset": 1, "transforms": [value]}))
    loads_or_is_refused(json.dumps({"augstudio_preset": 1, "output": value}))


@settings(max_examples=60)
@given(st.binary(max_size=60))
def test_any_bytes_load_or_are_refused(tmp_path_factory: pytest.TempPathFactory, raw: bytes) -> None:
    path = tmp_path_factory.getbasetemp() / "any.json"
    path.write_bytes(raw)
    with pytest.raises(PresetError):
        presets.load(path)


# -- choosing by name ---------------------------------------------------------------------------------------------


def test_the_users_presets_are_listed_and_come_first(home: Path) -> None:
    assert presets.user() == []
    assert presets.user_folder() == home / "presets"
    presets.user_folder().mkdir()
    mine = Pipeline(name="Gentle", description="mine")
    presets.save(mine, presets.user_path("Gentle"))
    presets.save(Pipeline(name="Straße & Ähren"), presets.user_path("Straße & Ähren"))
    (presets.user_folder() / "broken.json").write_text("{")
    (presets.user_folder() / "notes.txt").write_text("no preset")
    entries = {entry.path.name: entry for entry in presets.user()}
    assert set(entries) == {"gentle.json", "strasse-ähren.json", "broken.json"}
    assert [entry.valid for entry in entries.values()].count(False) == 1
    assert not entries["broken.json"].valid
    assert "not JSON" in entries["broken.json"].description
    assert presets.find("gentle") == mine
    assert presets.find("STRASSE & Ähren").name == "Straße & Ähren"
    with pytest.raises(PresetError, match="not JSON"):
        presets.find("broken")


@pytest.mark.parametrize("name", ["", "   ", "...", "../../etc/passwd", "a/b", "C:\\x", "CON", "x" * 500, "日本", "🙂"])
def test_the_file_of_a_users_preset_stays_in_its_folder(name: str) -> None:
    path = presets.user_path(name)
    assert path.parent == presets.user_folder()
    assert path.suffix == ".json"
    assert 1 <= len(path.stem) <= 80


@pytest.mark.parametrize(
    "name",
    [
        "gentel",
        "",
        " ",
        ".",
        "/",
        "~nobody-has-this-name",
        "~nobody-has-this-name/x",
        "x" * 5000,
        "a\0b",
        "a\nb",
        "\ud800",
    ],
)
def test_a_name_that_is_none_is_refused(name: str) -> None:
    with pytest.raises(PresetError) as caught:
        presets.find(name)
    assert "no preset of that name" in str(caught.value)
    assert "gentle" in str(caught.value)
    assert str(caught.value).isprintable()
    if name == "gentel":
        assert 'did you mean "gentle"?' in str(caught.value)


# -- the schema ---------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def validator() -> jsonschema.Draft202012Validator:
    schema = json.loads(presets.schema())
    jsonschema.Draft202012Validator.check_schema(schema)
    return jsonschema.Draft202012Validator(schema)


def test_the_schema_in_resources_is_up_to_date() -> None:
    stored = (files.resources() / "preset.schema.json").read_text(encoding="utf-8")
    assert stored == presets.schema(), "run `make schema`"


@pytest.mark.parametrize("text", VALID, ids=[*(p.stem for p in GOLDEN), *(e.path.stem for e in SHIPPED)])
def test_the_schema_takes_what_loads(validator: jsonschema.Draft202012Validator, text: str) -> None:
    validator.validate(json.loads(text))


@settings(max_examples=30)
@given(pipeline=strategies.pipelines())
def test_the_schema_takes_whatever_is_saved(validator: jsonschema.Draft202012Validator, pipeline: Pipeline) -> None:
    validator.validate(json.loads(presets.dump(pipeline)))


@pytest.mark.parametrize(
    "data",
    [
        {},
        preset(augstudio_preset=2),
        preset(transform=[]),
        preset(training_size=3),
        preset(training_size=64.5),
        preset(transforms=[{"op": "rotat"}]),
        preset(transforms=[{"angle": [1, 2]}]),
        with_rotate(angel=[1, 2]),
        with_rotate(angle=[-200, 10]),
        with_rotate(angle=[1]),
        with_rotate(angle=[1, 2, 3]),
        with_rotate(angle={"low": 1, "high": 2}),
        with_rotate(angle=["1", 2]),
        with_rotate(border="miror"),
        with_rotate(border_colour=[0, 0, 300]),
        with_rotate(border_colour=[0, 0]),
        with_rotate(probability=1.5),
        with_rotate(id="my id"),
        preset(transforms=[{"op": "quarter_turn", "turns": [45]}]),
        preset(transforms=[{"op": "quarter_turn", "turns": []}]),
        preset(transforms=[{"op": "jpeg", "quality": [30.5, 60]}]),
        preset(output={"fit": "crp"}),
        preset(output={"fitt": "crop"}),
    ],
)
def test_the_schema_refuses_what_is_refused(validator: jsonschema.Draft202012Validator, data: dict[str, Any]) -> None:
    refused(data)
    assert list(validator.iter_errors(data))


def test_the_schema_tells_an_editor_about_every_parameter() -> None:
    schema = json.loads(presets.schema())
    for op, transform in registry().items():
        fields = schema["$defs"][transform.__name__]["properties"]
        assert fields["op"]["const"] == op
        for name, parameter in transform.parameters().items():
            if isinstance(parameter, Knob):
                assert fields[name]["title"] == parameter.label
                assert parameter.help in fields[name]["description"]
                assert [item["minimum"] for item in fields[name]["prefixItems"]] == [parameter.hard[0]] * 2


# -- bounds ----------------------------------------------------------------------------------------------------------

VERSION = '{"augstudio_preset": 1, '
HUGE = {
    "fields": VERSION + ", ".join(f'"field_{number}": 1' for number in range(55_000)) + "}",
    "fields of a step": VERSION
    + '"transforms": [{"op": "rotate", '
    + ", ".join(f'"field_{number}": 1' for number in range(50_000))
    + "}]}",
    "no version": "{" + ", ".join(f'"augstudio_preset_{number}": 1' for number in range(30_000)) + "}",
    "steps": VERSION + '"transforms": [' + ", ".join(['{"op": "rotat"}'] * 55_000) + "]}",
    "few fields, each of them wrong": VERSION + ", ".join(f'"field_{number}": 1' for number in range(4_000)) + "}",
    "a long name": VERSION + '"' + "angle" * 190_000 + '": 1}',
    "a long op": VERSION + '"transforms": [{"op": "' + "rotat" * 190_000 + '"}]}',
    "a long value": VERSION + '"output": {"fit": "' + "keep" * 240_000 + '"}}',
    "the same long name twice": "{" + f'"{"x" * 450_000}": 1, ' * 2 + '"y": 1}',
    "nested lists": VERSION + '"transforms": ' + "[" * 900 + "]" * 900 + "}",
    "nested objects": VERSION + '"name": ' + '{"a": ' * 900 + "1" + "}" * 900 + "}",
    "lists": VERSION + '"transforms": [' + "[], " * 240_000 + "[]]}",
    "a long number": VERSION + '"training_size": ' + "9" * 990_000 + "}",
}


@pytest.mark.parametrize("kind", HUGE)
def test_what_is_far_too_large_is_refused_at_once(kind: str, tmp_path: Path) -> None:
    """Held against reading the same bytes as JSON, so that a busy machine is no reason to fail."""
    path = tmp_path / "huge.json"
    path.write_text(HUGE[kind])
    assert path.stat().st_size <= presets.MAX_BYTES
    took, plain = [], []
    for _ in range(3):
        began = time.process_time()
        with pytest.raises(PresetError) as refusal:
            presets.load(path)
        took.append(time.process_time() - began)
        began = time.process_time()
        with contextlib.suppress(ValueError, RecursionError):
            json.loads(HUGE[kind])
        plain.append(time.process_time() - began)
    said = str(refusal.value)
    assert said.startswith("huge.json: ")
    assert "\n" not in said
    assert len(said) < 1500
    assert len(refusal.value.problems) <= 20
    assert min(took) < 10 * min(plain) + 0.05
    if kind == "fields":
        assert said == (
            "huge.json: it has more than the 10,000 values of a preset; "
            'unknown field "field_0"; unknown field "field_1"; unknown field "field_2"'
        )
    if kind == "few fields, each of them wrong":
        assert 'unknown field "field_0"' in said
        assert said.endswith("; and 3,995 more")


def test_the_largest_pipeline_that_there_can_be_is_no_such_file(tmp_path: Path) -> None:
    for op, transform in registry().items():
        steps = tuple(transform.default(id=f"step-{number}-{'x' * 40}") for number in range(100))
        largest = Pipeline(name="n" * 200, description="d" * 2000, transforms=steps)
        presets.save(largest, tmp_path / f"{op}.json")
        assert presets.load(tmp_path / f"{op}.json") == largest


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs pipes")
def test_a_pipe_is_no_preset(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.json")
    with pytest.raises(PresetError, match="no regular file"):
        presets.load(tmp_path / "pipe.json")


FOLDED = (
    ("Mine", "mine", "MINE", "Mi ne", "Mi/ne", "mi-ne", "mi?ne"),
    ("Café", "CAFÉ", "Cafe\u0301 1", "café 1"),
    ("Straße", "STRASSE"),
    ("x" * 60 + "1", "x" * 60 + "2"),
    ("//", "??", "preset"),
)


@pytest.mark.parametrize("names", FOLDED, ids=lambda names: names[0][:10])
def test_names_that_fold_to_one_file_get_files_of_their_own(names: tuple[str, ...]) -> None:
    presets.user_folder().mkdir(parents=True)
    kept = {}
    for number, name in enumerate(names):
        kept[name] = Pipeline(name=name, description=f"number {number}")
        presets.save(kept[name], presets.user_path(name))
    assert len(list(presets.user_folder().iterdir())) == len(names)
    for name, pipeline in kept.items():
        assert presets.find(name) == pipeline
        assert presets.load(presets.user_path(name)) == pipeline, "saving it again replaces itself"


def test_a_file_that_is_no_preset_is_not_overwritten() -> None:
    presets.user_folder().mkdir(parents=True)
    (presets.user_folder() / "mine.json").write_text("{")
    (presets.user_folder() / "mine-2.json").symlink_to("nowhere")
    assert presets.user_path("Mine").name == "mine-3.json"


@pytest.mark.parametrize("name", ["con", "NUL", "Com1", "lpt9", "aux"])
def test_names_of_devices_name_no_file(name: str) -> None:
    assert presets.user_path(name).name == f"preset-{name.casefold()}.json"
