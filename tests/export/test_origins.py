"""What an export says of the machine that it was made on, to whoever gets it; and what is kept for oneself."""

from __future__ import annotations

import errno
import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from exporting import consistent, export, photos, report

from augstudio import storage as storages
from augstudio.dataset.scanning import scan
from augstudio.export import (
    ExportError,
    Status,
    UnknownSourceError,
    load_unfinished,
    origins,
    reproduce,
    runner,
    verify,
)
from augstudio.export.report import fingerprint
from augstudio.pool.retrying import Engine

WHO = "ada_lovelace"


@pytest.fixture
def user(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home that is called as its user is."""
    folder = tmp_path / WHO
    folder.mkdir()
    monkeypatch.setenv("HOME", str(folder))
    monkeypatch.setenv("USERPROFILE", str(folder))
    return folder


@pytest.fixture
def source(user: Path) -> Path:
    """Pictures in it, some of which cannot be read."""
    root = photos(user / "Pictures" / "pets")
    (root / "cat" / "broken.jpg").write_text("no picture")
    (root / "cat" / "lost.png").symlink_to(user / "nowhere.png")
    return root


def full(written: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the disk take so many pictures."""
    write, count = storages.write_atomically, 0

    def filling(data: bytes, path: str | Path) -> None:
        nonlocal count
        count += "images" in Path(path).parts
        if count > written and "images" in Path(path).parts:
            raise OSError(errno.EROFS, "Read-only file system", str(path))
        write(data, path)

    monkeypatch.setattr(storages, "write_atomically", filling)


def cancelled(source: Path, out: Path, monkeypatch: pytest.MonkeyPatch, **fields: Any) -> Status:
    return export(source, out, stop=lambda: any(out.rglob("*__aug*")), **fields).state


def without_its_source(source: Path, out: Path, monkeypatch: pytest.MonkeyPatch) -> Status:
    dataset = scan(source)
    monkeypatch.setattr(runner, "_LOOK_EVERY", -1.0)
    source.rename(source.with_name("elsewhere"))
    return export(dataset, out).state


def on_a_full_disk(source: Path, out: Path, monkeypatch: pytest.MonkeyPatch) -> Status:
    full(3, monkeypatch)
    return export(source, out).state


def with_a_bad_cluster(source: Path, out: Path, monkeypatch: pytest.MonkeyPatch) -> Status:
    def start() -> Any:
        raise ExportError(f"worker 7 does not see {out} (no such file), nor {source}/cat")

    return export(source, out, engine=Engine(start, 1)).state


def half_replaced(source: Path, out: Path, monkeypatch: pytest.MonkeyPatch) -> Status:
    export(source, out)
    return export(source, out, copies=1, replace=True, stop=lambda: any(out.glob(".augstudio-next/**/*__aug*"))).state


ENDINGS: dict[str, tuple[Callable[..., Status], Status]] = {
    "complete": (lambda source, out, _: export(source, out).state, Status.COMPLETE),
    "cancelled": (cancelled, Status.CANCELLED),
    "full disk": (on_a_full_disk, Status.STOPPED),
    "vanished source": (without_its_source, Status.STOPPED),
    "bad cluster": (with_a_bad_cluster, Status.STOPPED),
    "half replaced": (half_replaced, Status.CANCELLED),
}


@pytest.mark.parametrize("ending", ENDINGS)
def test_nothing_that_is_published_says_who_and_where(
    ending: str, source: Path, user: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = user / "exports" / "pets-augmented"
    act, state = ENDINGS[ending]
    with monkeypatch.context() as patched:
        assert act(source, out, patched) is state
    found = [path for path in out.rglob("*") if path.is_file()]
    assert {"report.json", "preset.json", "manifest.jsonl"} <= {path.name for path in found}
    for path in found:
        assert WHO not in str(path.relative_to(out))
        data = path.read_bytes()
        for secret in (WHO, str(source), str(source.parent), str(user), str(out)):
            assert secret.encode() not in data, path
    assert report(out)["source"] == "pets"
    if state is Status.STOPPED:
        assert report(out)["reason"], "it still says why"


def test_where_the_pictures_lie_is_kept_for_oneself(source: Path, user: Path, home: Path) -> None:
    out = user / "exports" / "out"
    cancelled(source, out, None)  # type: ignore[arg-type]
    assert load_unfinished(out).source == str(source)
    (out.parent / "link").symlink_to(out, target_is_directory=True)
    assert load_unfinished(out.parent / "link").source == str(source), "whatever it is called"
    shutil.copytree(out, user / "copied")
    begun = load_unfinished(user / "copied")
    assert (begun.source, begun.source_name) == ("", "pets"), "a copy may have come from anywhere"
    assert export(source, out, resume=True).state is Status.COMPLETE
    path = next(path.relative_to(out).as_posix() for path in out.rglob("*__aug1*"))
    assert reproduce(out, path).same
    # Its loss costs a question.
    shutil.rmtree(home / "exports")
    assert load_unfinished(out).source == ""
    with pytest.raises(UnknownSourceError, match="a folder called pets, lie is not known here; say where it lies now"):
        reproduce(out, path)
    assert reproduce(out, path, source=source).same
    assert export(source, out, resume=True).kept > 0
    assert reproduce(out, path).same, "it is known again"


def test_another_export_in_the_same_place_has_its_own_source(source: Path, user: Path, tmp_path: Path) -> None:
    out = user / "out"
    export(source, out)
    path = next(path.relative_to(out).as_posix() for path in out.rglob("*__aug1.jpg"))
    other = photos(tmp_path / "other", (("one.jpg", 9, 9, 3), ("two.jpg", 9, 9, 3)))
    done = export(other, out, replace=True, stop=lambda: any(out.glob(".augstudio-next/**/*__aug*")))
    assert done.state is Status.CANCELLED
    assert load_unfinished(out).source == str(other), "that which is gone on with"
    assert reproduce(out, path).same, "and that which lies there"
    assert export(other, out, resume=True).state is Status.COMPLETE
    assert reproduce(out, "images/one__aug1.jpg").same


@pytest.mark.parametrize("damage", ["", "{", "[]", '{"places": 5}', '{"places": [7, {"source": 5}]}', "[" * 90_000])
def test_damaged_state_does_no_harm(damage: str, source: Path, user: Path, home: Path) -> None:
    export(source, user / "out")
    (kept,) = (home / "exports").iterdir()
    kept.write_text(damage)
    assert load_unfinished(user / "out").source == ""
    assert export(source, user / "out", resume=True).state is Status.COMPLETE
    assert load_unfinished(user / "out").source == str(source)
    consistent(user / "out")


def test_state_that_cannot_be_written_does_no_harm(source: Path, user: Path, home: Path) -> None:
    (home / "exports").write_text("in the way")
    assert export(source, user / "out").state is Status.COMPLETE


def test_state_is_bounded(home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(origins, "MOST", 5)
    for number in range(12):
        origins.remember(f"/out/{number}", f"/in/{number}", {"count": number})
        for age, path in enumerate((home / "exports").iterdir()):
            os.utime(path, (age, path.stat().st_mtime_ns / 1e9))
    assert len(list((home / "exports").iterdir())) == 5
    assert origins.recall("/out/11", {"source": "11", "sources": {"count": 11}}) == "/in/11"
    for number in range(20):
        origins.remember("/out/11", f"/moved/{number}", {"count": number})
    assert len(json.loads(origins._path("/out/11").read_text())["places"]) == 4
    assert origins.recall("/out/11", {"source": "11", "sources": {"count": 19}}) == "/moved/19"
    assert origins.recall("/out/11", {"source": "11", "sources": {"count": 11}}) == ""


def test_what_version_02_wrote_is_still_known(source: Path, user: Path, home: Path) -> None:
    """Its reports hold the whole path."""
    out = user / "out"
    cancelled(source, out, None)  # type: ignore[arg-type]
    shutil.rmtree(home / "exports")
    content = report(out)
    (out / "report.json").write_text(json.dumps({**content, "source": str(source)}))
    begun = load_unfinished(out)
    assert (begun.source, begun.source_name) == (str(source), "pets")
    assert export(source, out, resume=True).state is Status.COMPLETE
    assert report(out)["source"] == "pets", "and no longer does"
    verdict = verify(out)
    assert verdict
    assert verdict.ok


@pytest.mark.parametrize(
    ("location", "said"),
    [
        ("/home/ada/pets", "pets"),
        ("C:\\Users\\ada\\pets", "pets"),
        ("\\\\server\\share\\pets", "pets"),
        ("/", ""),
        ("s3://bucket/pets", "s3://bucket/pets"),
        ("https://ada:secret@example.org/pets", "https://example.org/pets"),
        ("https://example.org/pets?X-Amz-Signature=secret#x", "https://example.org/pets"),
        ("simplecache::ftp://ada:secret@example.org/pets", "simplecache::ftp://example.org/pets"),
    ],
)
def test_what_others_may_know_of_a_place(location: str, said: str, home: Path) -> None:
    assert origins.published(location) == said
    origins.remember("/out", location, {"count": 1})
    kept = b"".join(path.read_bytes() for path in home.rglob("*") if path.is_file())
    assert b"secret" not in kept
    known = origins.recall("/out", {"source": said, "sources": {"count": 1}})
    assert known == (location if "secret" not in location else said)


def test_places_in_a_sentence(user: Path) -> None:
    def plain(text: str) -> str:
        return origins.without_places(text, "/data/out", "/data/in", "s3://bucket/x")

    assert plain("/data/out: cannot be written") == "out: cannot be written"
    assert plain("/data/output and /data/in/a.png") == "/data/output and in/a.png"
    assert plain(f"{user}/x is gone") == "~/x is gone"
    assert plain("s3://bucket/x is gone; C:\\1") == "s3://bucket/x is gone; C:\\1"


def test_the_fingerprint_is_that_of_the_report(source: Path, user: Path) -> None:
    export(source, user / "out")
    assert report(user / "out")["sources"] == fingerprint(scan(source))
