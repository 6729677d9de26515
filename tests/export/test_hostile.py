"""Exports that are damaged, or made to do harm: whatever their files say, it ends soon, with a verdict or an error."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from exporting import export, photos, report
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from augstudio.dataset.listing import DatasetError
from augstudio.dataset.scanning import scan
from augstudio.export import (
    ExportError,
    Settings,
    Status,
    check,
    load_unfinished,
    manifest,
    reproduce,
    resuming,
    verify,
)
from augstudio.export.settings import parse_split, show_split
from augstudio.pipeline import Pipeline
from augstudio.storage import at
from augstudio.transforms import registry

links = pytest.mark.skipif(os.name != "posix", reason="links need a right of their own here")
FILE = "images/cat/one__aug1.jpg"
NAN, HUGE = float("nan"), 10**4000


def steps() -> Pipeline:
    """A range, a whole number, a choice, and whatever chance decides."""
    ops = registry()
    given = (
        ("flip", {"axis": "either", "probability": 1}),
        ("crop", {}),
        ("swap_colours", {"probability": 1}),
        ("gaussian_noise", {"probability": 0.5}),
        ("cutout", {"probability": 1}),
        ("invert", {"enabled": False}),
    )
    return Pipeline(name="Hostile", transforms=tuple(ops[op].default(**more) for op, more in given))


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small export, with originals, beside its source; to be copied before it is changed."""
    folder = tmp_path_factory.mktemp("made")
    export(
        photos(folder / "in", (("cat/one.jpg", 12, 16, 3), ("dog/two.png", 9, 8, 1))),
        folder / "out",
        pipeline=steps(),
        originals=True,
        seed=3,
    )
    return folder


@pytest.fixture
def out(made: Path, tmp_path: Path) -> Path:
    shutil.copytree(made / "out", tmp_path / "out")
    return tmp_path / "out"


def changed(out: Path, change: Callable[[dict[str, Any]], object], path: str = FILE) -> None:
    """Change the manifest's line of one file."""
    lines = [json.loads(line) for line in (out / "manifest.jsonl").read_text("utf-8").splitlines()]
    for line in lines:
        if line["path"] == path:
            change(line)
    (out / "manifest.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines), "utf-8")


# -- what a line may say -------------------------------------------------------------------------------------------

OUTSIDE = (
    "/etc/hostname",
    "../secret.jpg",
    "images/../../secret.jpg",
    "images/./one__aug1.jpg",
    "images//x__aug1.jpg",
    "",
    "secret__aug1.jpg",
    "C:/secret__aug1.jpg",
    "C:\\secret__aug1.jpg",
    "images\\..\\..\\secret__aug1.jpg",
    "\\\\host\\share\\secret__aug1.jpg",
    "images/x\0__aug1.jpg",
    "images/\ud800__aug1.jpg",
    "x" * 40_000,
)


@pytest.mark.parametrize("path", OUTSIDE)
def test_no_file_outside_is_counted_good(path: str, out: Path) -> None:
    secret = out.parent / "secret.jpg"
    shutil.copy(out / FILE, secret)
    for line_path in (path, str(secret)):
        changed(out, lambda line, to=line_path: line.update(path=to))
        verdict = verify(out)
        assert verdict is not None
        assert not verdict.ok
        assert verdict.checked == 5
        assert any("manifest.jsonl is damaged: path is " in problem for problem in verdict.problems), verdict.problems
        assert all(problem.isprintable() for problem in verdict.problems)
        with pytest.raises(ExportError, match=r"damaged: path is|lists no file"):
            reproduce(out, line_path)
        shutil.copy(out.parent / "secret.jpg", out / FILE)
        changed(out, lambda line: line.update(path=FILE), line_path)


@pytest.mark.parametrize("source", ["/etc/hostname", "../in/cat/one.jpg", "cat/../cat/one.jpg", "cat\\..\\..\\x", ""])
def test_no_file_is_made_from_one_outside_the_source(source: str, out: Path, made: Path) -> None:
    changed(out, lambda line: line.update(source=source))
    with pytest.raises(ExportError, match=f"the line of {FILE} in manifest.jsonl is damaged: source is "):
        reproduce(out, FILE, source=made / "in")


FIELDS: dict[str, tuple[object, ...]] = {
    "source_sha256": ("", "x" * 64, 7, None),
    "class": ("../cat", "/cat", 7),
    "split": ("..", "a//b", None),
    "copy": (-1, 0, 2, 10**9, 1.0, "1", True, NAN, None, HUGE),
    "seed": (-1, 4, 2**63, 3.0, "3", True, NAN, HUGE),
    "draws": ({}, [], None, "draws", [{}] * 101, [None] * 6),
    "reduction": (0, 3, 2, -1, 1.0, "1", HUGE),
    "width": (0, -1, 17, 16.0, "16", NAN, HUGE),
    "height": (0, 13, 12.0, None, HUGE),
    "bytes": (-1, 1, 1e300, "9", HUGE),
    "notes": ({}, [1], "x"),
    "versions": ([], {"numpy": 1}, {"numpy": "9" * 10_000}, "2"),
}


@pytest.mark.parametrize(("field", "value"), [(f, v) for f, values in FIELDS.items() for v in values], ids=str)
def test_a_number_that_is_not_the_files_is_named(field: str, value: object, out: Path, made: Path) -> None:
    changed(out, lambda line: line.update({field: value}))
    with pytest.raises(ExportError, match=rf"the line of {FILE} in manifest.jsonl is damaged: ") as raised:
        reproduce(out, FILE, source=made / "in")
    told = str(raised.value).partition("damaged: ")[2]
    assert told.startswith((field, f"copy is {value}", "found 0 draws"))
    assert len(told) < 400
    assert told.isprintable()
    verdict = verify(out)
    assert verdict is not None
    assert not verdict.ok


DRAWS: dict[str, Callable[[list[dict[str, Any]]], object]] = {
    "step is": lambda draws: draws[0].update(step="crop"),
    "op is": lambda draws: draws[0].update(op="crop"),
    "draws[0] (flip): step is": lambda draws: draws.reverse(),
    "found 5 draws": lambda draws: draws.pop(),
    "applied is 1;": lambda draws: draws[0].update(applied=1),
    "applied is false; allowed is true": lambda draws: draws[0].update(applied=False, values={}),
    "applied is true; allowed is false": lambda draws: draws[5].update(applied=True),
    "values.area is NaN; allowed is a number from 0.7 to 1": lambda draws: draws[1]["values"].update(area=NAN),
    "values.area is Infinity": lambda draws: draws[1]["values"].update(area=float("inf")),
    "values.area is -Infinity": lambda draws: draws[1]["values"].update(area=-float("inf")),
    'values.area is "0.8"': lambda draws: draws[1]["values"].update(area="0.8"),
    "values.area is true": lambda draws: draws[1]["values"].update(area=True),
    "values.area is 0.5; allowed is a number from 0.7 to 1": lambda draws: draws[1]["values"].update(area=0.5),
    "values.area is 1000": lambda draws: draws[1]["values"].update(area=HUGE),
    "values.area is missing": lambda draws: draws[1].update(values={}),
    "values.angle is not known": lambda draws: draws[1]["values"].update(angle=1.0),
    "values is null": lambda draws: draws[1].update(values=None),
    'values.orders is "RGB"': lambda draws: draws[2]["values"].update(orders="RGB"),
    "values.orders is []": lambda draws: draws[2]["values"].update(orders=[]),
    "values.count is 1000000; allowed is a whole number from 1 to 2": lambda draws: draws[4]["values"].update(
        count=1_000_000
    ),
    "values.count is 1.0": lambda draws: draws[4]["values"].update(count=1.0),
    'field_seed is "x"': lambda draws: draws[1].update(field_seed="x"),
    "field_seed is -1": lambda draws: draws[1].update(field_seed=-1),
    "field_seed is 18446744073709551616": lambda draws: draws[1].update(field_seed=2**64),
    "field_seed is 1.0": lambda draws: draws[1].update(field_seed=1.0),
    "positions.place is [[0.5, 0.5]]; the field seed gives": lambda draws: draws[1]["positions"].update(
        place=[[0.5, 0.5]]
    ),
    "positions.place is missing": lambda draws: draws[1].update(positions={}),
    "positions is 7": lambda draws: draws[1].update(positions=7),
    "positions.axis is not known": lambda draws: draws[2].update(positions={"axis": "vertical"}),
    "partners is not known": lambda draws: draws[1].update(partners=[]),
    "found null": lambda draws: draws.__setitem__(1, None),
}


@pytest.mark.parametrize("told", DRAWS)
def test_a_draw_that_its_step_could_not_have_made_is_named(told: str, out: Path, made: Path) -> None:
    changed(out, lambda line: DRAWS[told](line["draws"]))
    with pytest.raises(ExportError) as raised:
        reproduce(out, FILE, source=made / "in")
    assert f"the line of {FILE} in manifest.jsonl is damaged: " in str(raised.value)
    assert told in str(raised.value)
    assert len(str(raised.value)) < 600


def test_a_changed_preset_is_told(out: Path, made: Path) -> None:
    preset = out / "preset.json"
    preset.write_text(preset.read_text("utf-8").replace('"fill": "grey"', '"fill": "black"'), "utf-8")
    again = reproduce(out, FILE, source=made / "in")
    assert (again.same, again.why) == (False, "preset.json has been changed since")
    preset.write_text(preset.read_text("utf-8").replace("[0.7, 1.0]", "[0.1, 0.2]"), "utf-8")
    with pytest.raises(
        ExportError, match=r"allowed is a number from 0\.1 to 0\.2; preset\.json has been changed since, too"
    ):
        reproduce(out, FILE, source=made / "in")


def test_a_source_of_no_place_is_told(out: Path) -> None:
    with pytest.raises(ExportError, match="nonsense://x"):
        reproduce(out, FILE, source="nonsense://x")


def test_draws_of_an_original_are_refused(out: Path, made: Path) -> None:
    path = "images/cat/one__orig.jpg"
    changed(out, lambda line: line.update(draws=[{}]), path)
    with pytest.raises(ExportError, match=r"damaged: draws holds 1; an original has none"):
        reproduce(out, path, source=made / "in")


def test_lines_of_version_0_2_have_no_positions(out: Path, made: Path) -> None:
    changed(out, lambda line: [draw.pop("positions", None) for draw in line["draws"]])
    again = reproduce(out, FILE, source=made / "in")
    assert again.same
    assert again.draws[1].positions.keys() == {"place"}


# -- links ---------------------------------------------------------------------------------------------------------


@links
def test_a_link_that_leads_out_is_told(out: Path, made: Path) -> None:
    away = out.parent / "away"
    (out / "images" / "cat").rename(away)
    (out / "images" / "cat").symlink_to(away, target_is_directory=True)
    shutil.move(out / "images/dog/two__aug1.png", out.parent / "two.png")
    (out / "images/dog/two__aug1.png").symlink_to(out.parent / "two.png")
    verdict = verify(out)
    assert verdict is not None
    assert (verdict.checked, verdict.missing, verdict.changed, verdict.extra) == (2, (), (), ())
    assert set(verdict.problems) == {
        f"images/cat is a link that leads out of the export, to {away}",
        f"images/dog/two__aug1.png is a link that leads out of the export, to {out.parent / 'two.png'}",
    }
    for path in (FILE, "images/dog/two__aug1.png"):
        with pytest.raises(ExportError, match="is a link that leads out of the export"):
            reproduce(out, path, source=made / "in")
    assert reproduce(out, "images/dog/two__aug2.png", source=made / "in").on_disk


@links
@pytest.mark.parametrize("name", ["manifest.jsonl", "preset.json", "report.json"])
def test_a_file_beside_the_pictures_that_lies_elsewhere_is_told(name: str, out: Path) -> None:
    (out / name).rename(out.parent / name)
    (out / name).symlink_to(out.parent / name)
    verdict = verify(out)
    assert verdict is not None
    assert verdict.problems == (f"{name} is a link that leads out of the export, to {out.parent / name}",)


@links
def test_nothing_is_resumed_through_a_link_that_leads_out(out: Path, made: Path) -> None:
    away = out.parent / "away"
    (out / "images").rename(away)
    (out / "images").symlink_to(away, target_is_directory=True)
    (away / "cat" / "one__aug1.jpg").unlink()
    with pytest.raises(ExportError, match=r"cannot be resumed: images is a link that leads out of the export, to "):
        export(made / "in", out, pipeline=steps(), originals=True, seed=3, resume=True)
    assert not (away / "cat" / "one__aug1.jpg").exists()


@links
def test_a_link_within_the_export_is_no_harm(out: Path) -> None:
    (out / "images" / "cat").rename(out / "images" / "kitten")
    (out / "images" / "cat").symlink_to("kitten", target_is_directory=True)
    verdict = verify(out)
    assert verdict is not None
    assert (verdict.checked, verdict.missing, verdict.changed) == (6, (), ())


@links
def test_a_manifest_that_is_a_link_is_not_written_through(out: Path, made: Path) -> None:
    precious = out.parent / "precious.txt"
    (out / "manifest.jsonl").rename(precious)
    precious.write_bytes(precious.read_bytes() + b"something that is nobody else's\n")
    before = precious.read_bytes()
    (out / "manifest.jsonl").symlink_to(precious)
    with pytest.raises(ExportError, match=r"manifest\.jsonl is no regular file"):
        export(made / "in", out, pipeline=steps(), originals=True, seed=3, resume=True)
    assert precious.read_bytes() == before


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes here")
@pytest.mark.parametrize("name", ["manifest.jsonl", "preset.json", "report.json", FILE])
def test_a_pipe_is_not_waited_for(name: str, out: Path, made: Path) -> None:
    (out / name).unlink()
    os.mkfifo(out / name)
    if name == FILE:
        verdict = verify(out)
        assert verdict is not None
        assert verdict.changed == (FILE,)
        assert reproduce(out, FILE, source=made / "in").on_disk is False
        return
    told = []
    for act in acts(out, made):
        try:
            act()
        except ExportError as error:
            told.append(str(error))
    assert told
    assert all("regular file" in words for words in told)


# -- sizes ---------------------------------------------------------------------------------------------------------


def acts(out: Path, made: Path) -> list[Callable[[], object]]:
    """All that reads what an export has left."""

    def resumed() -> None:
        dataset = scan(made / "in")
        asked = Settings(str(out), steps(), copies=2, originals=True, seed=3, workers=0, again=True)
        check(asked, dataset)
        resuming.check(asked, dataset, at(out))
        try:
            with manifest.Manifest(at(out), 2, {"cat/one.jpg": 0, "dog/two.png": 1}) as before:
                for number in (0, 1):
                    before.lines(number)
        except OSError as error:  # as an export takes it
            raise ExportError(str(error)) from error

    return [
        lambda: verify(out),
        lambda: reproduce(out, FILE, source=made / "in"),
        lambda: load_unfinished(out),
        lambda: resuming.listed(at(out)),
        resumed,
    ]


def test_a_line_without_end_is_not_held_in_memory(out: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = (out / "manifest.jsonl").read_bytes()
    lines = whole.splitlines(keepends=True)
    long = b'{"path":"' + b"x" * manifest.MOST_BYTES + b'"}\n'
    (out / "manifest.jsonl").write_bytes(b"".join(lines[:3]) + long + b"".join(lines[3:]) + long[:-1])
    seen: list[int] = []
    plain = manifest.parse
    monkeypatch.setattr(manifest, "parse", lambda line: seen.append(len(line)) or plain(line))
    assert len(list(manifest.read(at(out)))) == len(lines)
    assert max(seen) < manifest.MOST_BYTES
    with (out / "manifest.jsonl").open("rb") as file:
        found = list(manifest.bounded_lines(file))
    assert sum(length for _, length in found) == (out / "manifest.jsonl").stat().st_size
    with manifest.Manifest(at(out), 2, {"cat/one.jpg": 0, "dog/two.png": 1}) as again:
        assert [len(again.lines(number)) for number in (0, 1)] == [3, 3]
        again.finish()
    assert (out / "manifest.jsonl").read_bytes() == whole


@pytest.mark.parametrize(
    "line",
    [b"[" * 500_000, b'{"path":' * 100_000, b'{"copy":' + b"9" * 500_000 + b"}", b"1." + b"0" * 900_000, b"1e99999999"],
)
def test_lines_that_json_chokes_on_are_broken(line: bytes, out: Path) -> None:
    with (out / "manifest.jsonl").open("ab") as file:
        file.write(line + b"\n")
    verdict = verify(out)
    assert verdict is not None
    assert "manifest.jsonl has 1 broken line" in verdict.problems


@pytest.mark.parametrize("content", [b"[" * 500_000, b"{" + b'"a":[' * 500_000, b"[" + b"[]," * (2**23) + b"0]"])
def test_a_report_that_json_chokes_on_is_none(content: bytes, out: Path, made: Path) -> None:
    (out / "report.json").write_bytes(content)
    for act in acts(out, made):
        try:
            act()
        except ExportError as error:
            assert len(str(error)) < 600


def test_a_report_is_read_up_to_a_size(out: Path) -> None:
    with (out / "report.json").open("r+b") as file:
        file.truncate(2**29)  # takes no room where files may have holes
    with pytest.raises(ExportError, match="536,870,912 bytes, above the 268,435,456 allowed"):
        verify(out)


def test_a_preset_is_read_up_to_a_size(out: Path) -> None:
    with (out / "preset.json").open("r+b") as file:
        file.truncate(2**29)
    with pytest.raises(ExportError, match="536,870,912 bytes, above the 1,000,000 allowed"):
        load_unfinished(out)


# -- splits --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        "1e99999999/1",
        "1e-99999999/99",
        "9" * 5000 + "/1",
        "1/" * 40_000,
        "1_0/90",
        "inf/0",
        "½/50",
        "1/2/" + " " * 10**6,
    ],
)
def test_a_split_is_read_in_no_time(text: str, out: Path) -> None:
    with pytest.raises(ExportError, match="split is ") as raised:
        parse_split(text)
    assert len(str(raised.value)) < 200
    content = report(out)
    content["settings"]["split"] = text
    (out / "report.json").write_text(json.dumps(content), "utf-8")
    with pytest.raises(ExportError, match="split is "):
        load_unfinished(out)


@given(st.integers(1, 10**18 - 1))
def test_a_split_is_shown_as_it_is_read(first: int) -> None:
    text = f"{first / 10**16:.16f}"
    whole, _, decimals = text.partition(".")
    rest = 100 * 10**16 - int(whole + decimals)
    if rest <= 0:
        return
    shares = parse_split(f"{text}/{rest // 10**16}.{rest % 10**16:016d}")
    assert parse_split(show_split(shares)) == shares


# -- anything at all -----------------------------------------------------------------------------------------------

plain = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.sampled_from([HUGE, -HUGE, 10**9, -1, 0, 2**63, 2**64])
    | st.floats()
    | st.text(max_size=8)
    | st.sampled_from(
        ["..", "../x", "/", "a\\..\\b", "C:/x", "CON", "a:b", "\0", "\ud800", "1e99999999/1", "memory://x"]
    )
)
anything = st.recursive(
    plain,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3),
    max_leaves=6,
)


@st.composite
def mutated(draw: st.DrawFn, value: Any) -> Any:
    """Something like a JSON value: anything may be put in the place of any part of it, or a part be left out."""
    if isinstance(value, dict | list) and value and draw(st.integers(0, 9)):
        places = list(value) if isinstance(value, dict) else list(range(len(value)))
        place = draw(st.sampled_from(places))
        changed = dict(value) if isinstance(value, dict) else list(value)
        match draw(st.integers(0, 9)):
            case 0:
                del changed[place]
            case 1 if isinstance(changed, dict):
                changed[draw(st.text(max_size=6))] = draw(anything)
            case _:
                changed[place] = draw(mutated(value[place]))
        return changed
    return draw(anything)


def ends_in_words(act: Callable[[], object]) -> None:
    try:
        act()
    except (ExportError, DatasetError) as error:
        assert str(error).isprintable()
        assert len(str(error)) < 2000


quick = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@quick
@given(st.data())
def test_whatever_a_line_says_it_ends_in_words(made: Path, tmp_path: Path, data: st.DataObject) -> None:
    out = made / "out"
    lines = [json.loads(line) for line in (out / "manifest.jsonl").read_text("utf-8").splitlines()]
    at_line = data.draw(st.integers(0, len(lines) - 1))
    lines[at_line] = data.draw(mutated(lines[at_line]))
    copied = tmp_path / "copied"
    shutil.rmtree(copied, ignore_errors=True)
    shutil.copytree(out, copied)
    (copied / "manifest.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines), "utf-8")
    named = lines[at_line].get("path") if isinstance(lines[at_line], dict) else None
    for act in acts(copied, made):
        ends_in_words(act)
    if isinstance(named, str):
        ends_in_words(lambda: reproduce(copied, named, source=made / "in"))


@quick
@given(st.data())
def test_whatever_a_report_says_it_ends_in_words(made: Path, tmp_path: Path, data: st.DataObject) -> None:
    copied = tmp_path / "copied"
    shutil.rmtree(copied, ignore_errors=True)
    shutil.copytree(made / "out", copied)
    content = data.draw(mutated(report(copied)))
    (copied / "report.json").write_text(json.dumps(content), "utf-8")
    for act in acts(copied, made):
        ends_in_words(act)


@quick
@given(st.data())
def test_whatever_bytes_are_changed_it_ends_in_words(made: Path, tmp_path: Path, data: st.DataObject) -> None:
    copied = tmp_path / "copied"
    shutil.rmtree(copied, ignore_errors=True)
    shutil.copytree(made / "out", copied)
    name = data.draw(st.sampled_from(["manifest.jsonl", "report.json", "preset.json"]))
    content = bytearray((copied / name).read_bytes())
    for _ in range(data.draw(st.integers(1, 4))):
        start = data.draw(st.integers(0, len(content)))
        content[start : start + data.draw(st.integers(0, 20))] = data.draw(st.binary(max_size=6))
    (copied / name).write_bytes(content)
    for act in acts(copied, made):
        ends_in_words(act)


def test_an_export_that_nobody_has_touched_is_fine(out: Path, made: Path) -> None:
    for act in acts(out, made):
        act()
    verdict = verify(out)
    assert verdict is not None
    assert verdict.ok
    done = export(made / "in", out, pipeline=steps(), originals=True, seed=3, resume=True)
    assert (done.state, done.kept) == (Status.COMPLETE, 2)
