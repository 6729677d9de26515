from __future__ import annotations

import errno
import json
import os
from pathlib import Path
from typing import Any

import pytest
from exporting import consistent, export, hashes, lines, photos, picture, pipeline

from augstudio.dataset.scanning import scan
from augstudio.export import Destination, ExportError, Settings, check
from augstudio.export.destination import found_in
from augstudio.storage import at


@pytest.fixture
def source(tmp_path: Path) -> Path:
    return photos(tmp_path / "in")


def checked(source: Path, out: Path) -> Destination:
    return check(Settings(out, pipeline()), scan(source))


def refused(source: Path, out: Path) -> str:
    before = sorted(out.rglob("*")) if out.exists() else None
    with pytest.raises(ExportError) as raised:
        checked(source, out)
    with pytest.raises(ExportError):
        export(source, out)
    assert (sorted(out.rglob("*")) if out.exists() else None) == before
    assert "\n" not in str(raised.value)
    return str(raised.value)


def test_new_and_empty_folders_are_fine(source: Path, tmp_path: Path) -> None:
    found = checked(source, tmp_path / "new" / "er")
    assert found.storage.location == str(tmp_path / "new" / "er")
    assert found.earlier is None
    assert not found.unfinished
    assert found.free is None or found.free > 0
    assert not (tmp_path / "new").exists(), "looking changes nothing"
    (tmp_path / "empty").mkdir()
    (tmp_path / "empty" / ".DS_Store").touch()
    assert not checked(source, tmp_path / "empty").earlier


def test_source_and_destination_must_not_lie_in_each_other(
    source: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "lies inside the source" in refused(source, source / "cat" / "out")
    assert "lies inside the source" in refused(source, source / "new")
    assert "is the source folder itself" in refused(source, source)
    assert "lies inside the destination" in refused(source, tmp_path)
    assert "is the source folder itself" in refused(source, tmp_path / "other" / ".." / "in")
    monkeypatch.chdir(source)
    assert "is the source folder itself" in refused(source, Path())
    assert "lies inside the source" in refused(Path(), Path("new"))


def test_links_do_not_hide_that(source: Path, tmp_path: Path) -> None:
    link = tmp_path / "link"
    link.symlink_to(source, target_is_directory=True)
    assert "is the source folder itself" in refused(source, link)
    assert "lies inside the source" in refused(source, link / "out")
    assert "lies inside the source" in refused(link, source / "out")

    out = tmp_path / "out"
    export(source, out)
    (source / "more").symlink_to(out / "images", target_is_directory=True)
    assert "is a link into the destination" in refused(source, out)


def test_a_folder_in_use_is_refused(source: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    out.mkdir()
    (out / "thesis.txt").touch()
    assert "not empty (it holds thesis.txt)" in refused(source, out)
    (out / "report.json").write_text('{"title": "mine"}')
    (out / "manifest.jsonl").write_text('{"path": "images/a.jpg"}\n')
    assert found_in(at(out)) is None
    assert "not empty" in refused(source, out)


def test_a_file_is_refused(source: Path, tmp_path: Path) -> None:
    (tmp_path / "out").touch()
    assert "not a folder" in refused(source, tmp_path / "out")
    assert "is a file, not a folder" in refused(source, tmp_path / "out" / "below")
    (tmp_path / "dangling").symlink_to("nowhere")
    assert "not a folder" in refused(source, tmp_path / "dangling")


def test_a_folder_that_cannot_be_written_is_refused(
    source: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patched:
        patched.setattr(os, "access", lambda path, mode: False)
        assert "no permission to write" in refused(source, tmp_path / "out")

    def read_only(self: Path, *args: Any, **kwargs: Any) -> None:
        raise OSError(errno.EROFS, "Read-only file system", str(self))

    with monkeypatch.context() as patched:  # where asking beforehand does not tell
        patched.setattr(Path, "mkdir", read_only)
        with pytest.raises(ExportError, match="read-only file system"):
            export(source, tmp_path / "out")


def test_an_earlier_export_is_replaced_and_nothing_else_is_deleted(source: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    export(source, out, copies=3, originals=True)
    mine = [out / "notes.txt", out / "images" / "cat" / "mine.txt", out / "images" / "extra" / "mine.jpg"]
    for path in mine:
        path.parent.mkdir(exist_ok=True)
        path.write_text("keep me")
    for path in (source / "dog").rglob("*.*"):
        path.unlink()

    assert checked(source, out).earlier
    export(source, out, copies=1, replace=True)
    assert all(path.read_text() == "keep me" for path in mine)
    made = {path for path in hashes(out) if "mine" not in path}
    assert made == {"images/cat/one__aug1.jpg", "images/cat/two__aug1.png", "images/top__aug1.bmp"}
    assert made == {line["path"] for line in lines(out)}
    assert not (out / "images" / "dog").exists(), "no class is left without pictures"


def test_a_killed_export_can_be_replaced(source: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    export(source, out)
    (out / "report.json").unlink()
    manifest = out / "manifest.jsonl"
    manifest.write_bytes(manifest.read_bytes()[:-30])
    assert checked(source, out).earlier
    export(source, out, replace=True)
    consistent(out)


def test_a_forged_manifest_deletes_nothing_outside(source: Path, tmp_path: Path) -> None:
    out, treasure = tmp_path / "out", tmp_path / "treasure.txt"
    export(source, out)
    treasure.write_text("mine")
    (out / "root.txt").write_text("mine")
    (out / "images" / "away").symlink_to(tmp_path, target_is_directory=True)
    line = lines(out)[0]
    paths = (
        "../treasure.txt",
        str(treasure),
        "images/../../treasure.txt",
        "images/away/treasure.txt",
        "root.txt",
        "images/../root.txt",
        "images",
        "images/cat",
        "images/nul\0",
        "",
    )
    with (out / "manifest.jsonl").open("a") as file:
        file.writelines(json.dumps({**line, "path": path}) + "\n" for path in paths)
        file.write('[1]\n"text"\n{"path": 5}\n' + "[" * 100_000 + "\n")
    export(source, out, replace=True)
    assert treasure.read_text() == (out / "root.txt").read_text() == "mine"


def test_a_report_that_names_no_format_is_not_ours(tmp_path: Path) -> None:
    for content in ("", "[]", "null", "{}", "[" * 100_000, '{"state": "complete"}'):
        (tmp_path / "report.json").write_text(content)
        assert found_in(at(tmp_path)) is None
    (tmp_path / "report.json").write_text('{"augstudio_export": 1}')
    assert found_in(at(tmp_path)) is not None


def test_replacing_from_a_smaller_source_and_back(source: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    export(source, out)
    first = hashes(out)
    extra = picture(source / "cat" / "more.jpg")
    export(source, out, replace=True)
    assert len(hashes(out)) == len(first) + 2
    extra.unlink()
    export(source, out, replace=True)
    assert hashes(out) == first
    consistent(out)
