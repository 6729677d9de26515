from __future__ import annotations

import io
import shutil
from pathlib import Path
from typing import Any

import pytest
from asking import refused
from rich.console import Console

from augstudio.cli.exporting.plan import MOST_ROWS, show_plan
from augstudio.dataset import Dataset, Source
from augstudio.export import Settings, parse_split, plan_export
from augstudio.pipeline import Pipeline
from augstudio.storage import LocalStorage


def table(keys: list[str], width: int = 80, **fields: Any) -> list[str]:
    """The plan of a dataset of these files, none of which needs to be there."""
    sources = tuple(Source(key, "/nowhere", key.rpartition("/")[0]) for key in keys)
    file = io.StringIO()
    planned = plan_export(Settings("out", Pipeline(), **fields), Dataset("/nowhere", sources))
    show_plan(Console(file=file, width=width, markup=False), planned)
    return [line.rstrip() for line in file.getvalue().splitlines()]


def test_a_plan_without_splits_and_classes_is_one_line() -> None:
    lines = table(["a.jpg", "b.jpg"], copies=3, originals=True)
    assert [line.split() for line in lines] == [["pictures", "originals", "copies", "files"], ["2", "2", "6", "8"]]


def test_classes_are_listed_and_summed_up() -> None:
    lines = table(["[cat]/a.jpg", "[cat]/b.jpg", "dog\n/c.jpg"], copies=2)
    assert [line.split() for line in lines[1:]] == [
        ["[cat]", "2", "0", "4", "4"],
        ["dog\\x0a", "1", "0", "2", "2"],
        ["all", "3", "0", "6", "6"],
    ]


@pytest.mark.parametrize("fields", [{}, {"balance": "largest"}])
def test_many_classes_do_not_make_a_long_table(fields: dict[str, Any]) -> None:
    keys = [f"class {label:03}/{number}.jpg" for label in range(200) for number in range(10)]
    lines = table(keys, copies=1, **fields)
    assert len(lines) == 1 + MOST_ROWS + 1
    assert lines[-3].split()[:2] == ["class", "028"]
    assert lines[-2].split() == ["…", "171", "more", "1,710", "0", "1,710", "1,710"]
    assert lines[-1].split() == ["all", "2,000", "0", "2,000", "2,000"]


def test_every_split_has_its_share_of_a_long_table() -> None:
    keys = [f"{label:03}/{number}.jpg" for label in range(200) for number in range(10)]
    lines = table(keys, copies=1, split=parse_split("80/10/10"))
    assert sum(line.startswith("train") for line in lines) == MOST_ROWS // 3 + 1
    assert [line.split()[:3] for line in lines[-4:]] == [
        ["train", "all", "1,600"],
        ["val", "all", "200"],
        ["test", "all", "200"],
        ["all", "2,000", "400"],
    ]
    pictures = sum(int(line.split()[-4].replace(",", "")) for line in lines[1:-4])
    assert pictures == 2000, "what is not shown is summed up"


def test_a_long_class_is_broken_in_a_narrow_window_and_nothing_is_cut() -> None:
    lines = table([f"{'long' * 30}/a.jpg", "b/b.jpg"], width=60, copies=1)
    assert max(map(len, lines)) <= 60
    assert "".join(line.split()[0] for line in lines[1:-2]) == "long" * 30


def test_a_dry_run_writes_nothing(many: Path, tmp_path: Path, run: Any) -> None:
    out = tmp_path / "out"
    said = run("export", many, out, "-p", "gentle", "-n", 3, "-w", 0, "--dry-run")
    assert (said.code, said.err) == (0, "")
    assert "cat          10          0      30     30" in said.out
    assert "45 files, about " in said.out
    assert "There is room: " in said.out
    assert said.out.endswith("nothing was written.\n")
    assert not out.exists()

    assert run("export", many, out, "-p", "gentle", "-n", 3, "-w", 0).code == 0
    before = sorted((path, path.stat().st_mtime_ns) for path in out.rglob("*"))
    assert run("export", many, out, "-p", "gentle", "-n", 1, "--replace", "--dry-run").code == 0
    assert sorted((path, path.stat().st_mtime_ns) for path in out.rglob("*")) == before


def test_a_dry_run_tells_about_how_many_bytes(many: Path, tmp_path: Path, run: Any) -> None:
    said = run("export", many, tmp_path / "out", "-p", "gentle", "-n", 3, "-w", 0, "--dry-run")
    (line,) = (line for line in said.out.splitlines() if line.startswith("45 files, about "))
    told = float(line.split("about ")[1].split(" kB")[0])
    assert run("export", many, tmp_path / "out", "-p", "gentle", "-n", 3, "-w", 0).code == 0
    written = sum(path.stat().st_size for path in (tmp_path / "out" / "images").rglob("*.png")) / 1000
    assert told == pytest.approx(written, rel=0.2)


def test_a_dry_run_says_when_there_is_no_room(
    many: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, run: Any
) -> None:
    monkeypatch.setattr(LocalStorage, "free", lambda self: 100)
    said = run("export", many, tmp_path / "out", "-p", "gentle", "--dry-run")
    assert said.code == 1
    assert "There is no room: 100 bytes free" in said.out
    monkeypatch.setattr(LocalStorage, "free", lambda self: None)
    said = run("export", many, tmp_path / "out", "-p", "gentle", "--dry-run")
    assert said.code == 0
    assert "How much room there is cannot be told" in said.out


def test_a_dry_run_of_nothing_but_broken_pictures(many: Path, tmp_path: Path, run: Any) -> None:
    for path in many.rglob("*.png"):
        path.write_text("no picture")
    said = run("export", many, tmp_path / "out", "-p", "gentle", "--dry-run")
    assert said.code == 1
    assert "60 files; no picture that was tried can be read" in said.out


def test_a_dry_run_is_cautious_and_refuses_what_an_export_refuses(
    many: Path, tmp_path: Path, harsh: Path, run: Any
) -> None:
    said = run("export", many, tmp_path / "out", "-p", harsh, "--dry-run")
    assert said.code == 0, "an export goes on as well; augstudio check is for that"
    assert said.out.startswith("excessive: ")
    assert "lies inside the source" in refused(run("export", many, many / "out", "-p", "gentle", "--dry-run"))
    assert "adds up to 90" in refused(run("export", many, tmp_path, "-p", "gentle", "--split", "80/10", "--dry-run"))


def test_a_dry_run_for_a_cluster_asks_none(many: Path, tmp_path: Path, run: Any) -> None:
    arguments = ("-p", "gentle", "--cluster", "tcp://127.0.0.1:1", "--dry-run")
    said = run("export", many, tmp_path / "out", *arguments)
    assert said.code == 0
    assert "how long the cluster takes cannot be told" in said.out


def test_a_dry_run_of_going_on_says_what_is_left(many: Path, tmp_path: Path, run: Any) -> None:
    out = tmp_path / "out"
    assert run("export", many, out, "-p", "gentle", "-n", 2, "-w", 0).code == 0
    lines = (out / "manifest.jsonl").read_bytes().splitlines(keepends=True)
    (out / "manifest.jsonl").write_bytes(b"".join(lines[:12]))
    before = (out / "manifest.jsonl").read_bytes()
    said = run("export", "--resume", out, "--dry-run")
    assert said.code == 0
    assert "6 of 15 pictures are done, as the manifest has it; 9 to go" in said.out
    assert "about 18 files" in said.out
    assert (out / "manifest.jsonl").read_bytes() == before
    shutil.rmtree(many)
    assert "if the dataset has moved" in refused(run("export", "--resume", out, "--dry-run"))
