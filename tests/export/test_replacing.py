"""Replacing an earlier export: what must be said for it, what stays, what goes, and what may be cancelled when."""

from __future__ import annotations

import os
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from exporting import consistent, export, hashes, lines, photos, report

from augstudio import swap
from augstudio.dataset.scanning import scan
from augstudio.export import EarlierExportError, Progress, Settings, Status, check, load_unfinished, run_export, verify
from augstudio.marks import IMAGES
from augstudio.presets import find
from augstudio.storage import LocalStorage, RemoteStorage, at

NOW: dict[str, Any] = {"copies": 1, "seed": 5}


@pytest.fixture
def source(tmp_path: Path) -> Path:
    return photos(tmp_path / "in")


@pytest.fixture
def out(source: Path, tmp_path: Path) -> Path:
    """A finished export of ten files."""
    export(source, tmp_path / "out")
    return tmp_path / "out"


@pytest.fixture
def wanted(source: Path, tmp_path: Path) -> dict[str, str]:
    """What the new export holds."""
    export(source, tmp_path / "wanted", **NOW)
    return hashes(tmp_path / "wanted")


def after(pictures: int) -> Callable[[], bool]:
    """Stop after so many questions whether to."""
    asked = 0

    def stop() -> bool:
        nonlocal asked
        asked += 1
        return asked > pictures

    return stop


def removing(seen: list[Progress], enough: int) -> tuple[Callable[[Progress], None], Callable[[], bool]]:
    """Note the progress, and stop once so many files are removed."""
    return seen.append, lambda: any((now.removed or 0) >= enough for now in seen)


def test_without_a_word_nothing_is_replaced(source: Path, out: Path) -> None:
    before = {path: path.stat().st_mtime_ns for path in out.rglob("*")}
    for fields in ({}, NOW, {"stop": after(0)}):
        with pytest.raises(EarlierExportError, match="holds a finished export of 10 files, made") as refusal:
            export(source, out, **fields)
        assert (refusal.value.place.files, refusal.value.place.earlier) == (10, Status.COMPLETE)
    assert {path: path.stat().st_mtime_ns for path in out.rglob("*")} == before


def test_what_is_empty_is_no_loss(source: Path, tmp_path: Path) -> None:
    for name in ("cancelled", "none"):
        assert export(source, tmp_path / name, stop=after(0)).files == 0
    assert not check(Settings(tmp_path / "none", find("gentle")), scan(source)).taken
    assert export(source, tmp_path / "none", **NOW).files == 5
    consistent(tmp_path / "none")


def test_until_the_end_all_see_the_old_one(source: Path, out: Path, wanted: dict[str, str]) -> None:
    old, dataset = hashes(out), scan(out / "images")
    seen = []

    def look(now: Progress) -> None:
        if now.removed is None and (out / swap.NEXT).exists():
            seen.append((hashes(out), report(out)["state"], scan(out).sources == scan(out).sources))
            assert scan(out / "images") == dataset, "what waits is hidden"
            assert not any("next" in source.key for source in scan(out).sources)

    assert export(source, out, replace=True, progress=look, **NOW).state is Status.COMPLETE
    assert seen
    assert all(found == (old, "complete", True) for found in seen)
    assert hashes(out) == wanted
    consistent(out)


def test_cancelled_it_waits_and_is_gone_on_with(source: Path, out: Path, wanted: dict[str, str]) -> None:
    old = hashes(out)
    done = export(source, out, replace=True, stop=after(3), **NOW)
    assert (done.state, done.hidden, done.anew) == (Status.CANCELLED, True, False)
    assert 0 < done.done < 5
    assert Path(done.path).is_file()
    assert hashes(out) == old
    begun = load_unfinished(out)
    assert (begun.hidden, begun.done, begun.settings.out) == (True, done.done, str(out))
    with pytest.raises(EarlierExportError, match="and beside it another, begun to take its place"):
        export(source, out, **NOW)
    again = export(source, out, resume=True, **NOW)
    assert (again.state, again.kept, again.hidden) == (Status.COMPLETE, done.done, False)
    assert hashes(out) == wanted
    consistent(out)


def test_begun_anew_the_half_made_one_goes(source: Path, out: Path, wanted: dict[str, str]) -> None:
    old = hashes(out)
    export(source, out, replace=True, stop=after(3), copies=3)
    seen: list[Progress] = []
    done = export(source, out, replace=True, progress=seen.append, stop=after(1), **NOW)
    assert done.hidden
    assert hashes(out) == old
    assert any(now.removed for now in seen), "and that is said"
    assert load_unfinished(out).settings.copies == 1
    export(source, out, replace=True, **NOW)
    assert hashes(out) == wanted
    consistent(out)


def test_a_new_one_of_nothing_replaces_nothing(source: Path, out: Path) -> None:
    old = hashes(out)
    for path in source.rglob("*.*"):
        path.write_text("no picture")
    done = export(source, out, replace=True, **NOW)
    assert (done.state, done.files) == (Status.STOPPED, 0)
    assert done.reason == "no picture could be exported, so the earlier export stays"
    assert hashes(out) == old
    verdict = verify(out)
    assert verdict
    assert verdict.ok


def test_removing_can_be_cancelled_at_every_file(source: Path, out: Path, wanted: dict[str, str]) -> None:
    for enough in range(1, 10):
        export(source, out, replace=True)
        seen: list[Progress] = []
        progress, stop = removing(seen, enough)
        with pytest.MonkeyPatch.context() as patched:
            patched.setattr("augstudio.export.runner._TICK", 0.0)
            done = export(source, out, replace=True, progress=progress, stop=stop, **NOW)
        assert (done.state, done.leftover) == (Status.COMPLETE, 10 - enough)
        assert next(now.removing for now in seen if now.removed is not None) == 10
        assert hashes(out) == wanted
        verdict = verify(out)
        assert verdict
        assert verdict.ok
        assert export(source, out, resume=True, **NOW).leftover == 0, "cleaned up later"
        consistent(out)


def test_what_is_somebody_s_own_comes_back(source: Path, out: Path) -> None:
    mine = [out / "notes.txt", out / "images" / "cat" / "mine.txt", out / "images" / "extra" / "one__aug7.jpg"]
    taken = out / "images" / "cat" / "one__aug3.jpg"
    for path in (*mine, taken):
        path.parent.mkdir(exist_ok=True)
        path.write_text(path.name)
    (out / "images" / "dog" / ".DS_Store").write_text("litter")
    (out / "images" / "away").symlink_to(source, target_is_directory=True)
    done = export(source, out, replace=True, copies=3)
    assert len(done.problems) == 3
    assert all(path.read_text() == path.name for path in mine)
    assert (out / "images" / "away").is_symlink()
    assert (out / "images" / "cat" / "one__aug3 (2).jpg").read_text() == "one__aug3.jpg", "the new one has that name"
    assert taken.read_bytes()[:2] == b"\xff\xd8"
    assert not list(out.rglob(".DS_Store"))
    assert not list(out.glob(".augstudio-*"))
    assert len(list(source.rglob("*.*"))) == 5


def test_what_cannot_be_removed_is_told(source: Path, out: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    remove = LocalStorage.remove

    def kept(storage: LocalStorage, paths: Any) -> None:
        for path in paths:
            if swap.OLD in storage.location and path.endswith("one__aug2.jpg"):
                raise PermissionError(13, "Permission denied", path)
            remove(storage, [path])

    with monkeypatch.context() as patched:
        patched.setattr(LocalStorage, "remove", kept)
        done = export(source, out, replace=True, **NOW)
        assert (done.state, done.leftover) == (Status.COMPLETE, 1)
    assert export(source, out, resume=True, **NOW).leftover == 0
    consistent(out)


def test_a_place_that_cannot_be_taken(source: Path, out: Path, wanted: dict[str, str]) -> None:
    """As where another program has a file open, on Windows."""
    old, rename = hashes(out), os.rename

    def refused(path: Any, target: Any, **fields: Any) -> None:
        if str(target).endswith(swap.SWAP):
            raise PermissionError(13, "Permission denied", str(path))
        rename(path, target, **fields)

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(os, "rename", refused)
        done = export(source, out, replace=True, **NOW)
    assert (done.state, done.hidden) == (Status.STOPPED, True)
    assert "cannot take the earlier export's place (permission denied)" in done.reason
    assert hashes(out) == old
    assert export(source, out, resume=True, **NOW).kept == 5
    assert hashes(out) == wanted


def test_both_must_fit(source: Path, out: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is free is told with the earlier one there, which stays until the end."""
    from augstudio.export import foresee

    new = foresee(Settings(out, find("gentle"), workers=0), scan(source))
    assert new
    monkeypatch.setattr(LocalStorage, "free", lambda _: new.bytes - 1)
    there = foresee(Settings(out, find("gentle"), workers=0), scan(source))
    assert there
    assert not there.fits, "no byte of the earlier one is counted as free"


def test_exports_in_a_folder_that_is_a_link(source: Path, out: Path, wanted: dict[str, str], tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(out, target_is_directory=True)
    assert export(source, tmp_path / "link", replace=True, **NOW).out == str(out)
    assert (tmp_path / "link").is_symlink()
    assert hashes(out) == wanted


def test_behind_a_url_the_old_one_goes_first(source: Path, tmp_path: Path) -> None:
    pytest.importorskip("fsspec")
    url = f"memory://{uuid.uuid4().hex}"
    export(source, url)  # type: ignore[arg-type]
    with pytest.raises(EarlierExportError, match="holds a finished export of 10 files"):
        export(source, url, **NOW)  # type: ignore[arg-type]
    seen: list[Progress] = []
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("augstudio.export.runner._TICK", 0.0)
        progress, stop = removing(seen, 4)
        done = export(source, url, replace=True, progress=progress, stop=stop, **NOW)  # type: ignore[arg-type]
    assert (done.state, done.anew, done.files) == (Status.CANCELLED, True, 0)
    assert [now.removed for now in seen] == [1, 2, 3, 4]
    assert len(list(at(url).files(IMAGES))) == 6
    with pytest.raises(EarlierExportError, match="holds what is left of an earlier export of"):
        export(source, url, **NOW)  # type: ignore[arg-type]
    assert export(source, url, replace=True, **NOW).state is Status.COMPLETE  # type: ignore[arg-type]
    export(source, tmp_path / "wanted", **NOW)
    assert {path for path, _ in at(url).files(IMAGES)} == {line["path"] for line in lines(tmp_path / "wanted")}
    assert isinstance(at(url), RemoteStorage)


def test_two_at_once(source: Path, out: Path) -> None:
    with swap.locked(out):
        (out / swap.SWAP).mkdir()
        with pytest.MonkeyPatch.context() as patched:
            patched.setattr(swap, "_PATIENCE", 0.0)
            with pytest.raises(OSError, match="another export is writing to this folder"):
                swap.complete(out)
        assert swap.begun(out)
    swap.complete(out)
    assert not swap.begun(out)


def test_the_looks_come_as_ever(source: Path, out: Path) -> None:
    told: list[object] = []
    run_export(Settings(out, find("gentle"), workers=0), scan(source), replace=True, looked=told.append)
    assert len(told) == 1
