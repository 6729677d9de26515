"""An export that dies, at any moment and of anything: nothing half-written is seen, and resuming makes it whole."""

from __future__ import annotations

import io
import json
import os
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from exporting import export, hashes, picture, report

from augstudio.export import ExportError, Report
from augstudio.images import Encoding, Format
from augstudio.storage import TEMPORARY

OURS = {"images", "manifest.jsonl", "preset.json", "report.json"}


@dataclass(frozen=True)
class Left:
    """What an export leaves: hashes of its files, its manifest, and its report without the time."""

    files: dict[str, str]
    manifest: bytes
    report: dict[str, Any]


def left(out: Path) -> Left:
    content = report(out)
    del content["elapsed_seconds"]
    return Left(hashes(out), (out / "manifest.jsonl").read_bytes(), content)


def is_whole(out: Path, *wanted: dict[str, str]) -> None:
    """Hold that every file under its final name is one that an undisturbed export makes, and those beside are sound."""
    for path, digest in hashes(out).items() if out.exists() else ():
        if not path.rpartition("/")[2].startswith(TEMPORARY):
            assert digest in {files.get(path) for files in wanted}, f"{path} is half-written, or not of this export"
    for name in ("report.json", "preset.json"):
        if (out / name).exists():
            json.loads((out / name).read_bytes())


def is_as(out: Path, wanted: Left) -> None:
    """Hold that an export is what an undisturbed one leaves, and that nothing lies about."""
    assert left(out) == wanted
    assert {path.name for path in out.iterdir()} == OURS
    assert not any(out.rglob(f"{TEMPORARY}*"))


# -- at every operation on the disk ---------------------------------------------------------------------------------


class _Killed(BaseException):
    """The process is no more."""


@dataclass
class Disk:
    """Lets through so many operations that change the disk; at the next, and at all after it, the process is dead.

    Attributes
    ----------
    allowed : int or None
        How many; None for all.
    torn : bool
        Whether half of the bytes of the last write reach the disk.
    error : int
        If not 0, the disk fails with this error instead, from then on.
    """

    allowed: int | None = None
    torn: bool = False
    error: int = 0

    def __post_init__(self) -> None:
        self.done: list[str] = []

    def step(self, what: str, path: object) -> None:
        """Count an operation, or die at it."""
        if self.allowed is not None and len(self.done) >= self.allowed:
            if self.error:
                raise OSError(self.error, os.strerror(self.error), str(path))
            raise _Killed(what)
        self.done.append(what)

    @property
    def last(self) -> bool:
        """Whether the next operation is the one to die at."""
        return len(self.done) == self.allowed


class _File(io.FileIO):
    """A file whose every write is an operation; without a buffer, so that nothing is written after death."""

    disk: Disk

    def write(self, data: Any) -> int:
        if self.disk.torn and self.disk.last:
            super().write(bytes(data)[: len(data) // 2])
        self.disk.step("write", self.name)
        written = super().write(data)
        assert written == len(data)
        return written

    def truncate(self, size: int | None = None) -> int:
        self.disk.step("truncate", self.name)
        return super().truncate(size)


def attached(disk: Disk, monkeypatch: pytest.MonkeyPatch) -> Disk:
    """Put a disk under all that writes: opening for writing, writing, truncating, moving, deleting, making folders."""
    plain = io.open

    def opened(file: Any, mode: str = "r", *args: Any, **kwargs: Any) -> Any:
        if not set(mode) & set("wxa+"):
            return plain(file, mode, *args, **kwargs)
        assert "b" in mode, "text is encoded before it is written"
        disk.step("open", file)
        made = _File(file, mode.replace("b", ""))
        made.disk = disk
        return made

    monkeypatch.setattr(io, "open", opened)
    monkeypatch.setattr("builtins.open", opened)
    for name in ("replace", "rename", "unlink", "remove", "mkdir", "rmdir", "truncate", "link", "symlink"):

        def changed(
            path: Any, *args: Any, _name: str = name, _plain: Callable[..., Any] = getattr(os, name), **kwargs: Any
        ) -> Any:
            disk.step(_name, path)
            return _plain(path, *args, **kwargs)

        monkeypatch.setattr(os, name, changed)
    return disk


def dying(disk: Disk, act: Callable[[], object]) -> bool:
    """Do something on a disk; whether it died of it."""
    with pytest.MonkeyPatch.context() as patched:
        attached(disk, patched)
        try:
            act()
        except _Killed:
            return True
    return False


def deaths(act: Callable[[], object]) -> Iterator[Disk]:
    """Give a disk for every moment at which doing something can die, each write torn as well."""
    whole = Disk()
    assert not dying(whole, act)
    for allowed, what in enumerate(whole.done):
        yield Disk(allowed)
        if what == "write":
            yield Disk(allowed, torn=True)


def tiny(root: Path) -> Path:
    """A few pictures of a few pixels, one of them broken, one in a class of a class."""
    for seed, name in enumerate(("a/one.jpg", "a/b/two.png", "three.png")):
        picture(root / name, 6, 5, seed=seed)
    (root / "a" / "broken.png").write_bytes(b"no picture")
    return root


def resumed(out: Path, source: Path, wanted: Left, **fields: Any) -> Report:
    """Go on with an export as a user would: resume it, or, where it says that there is nothing to resume, anew."""
    found = report(out) if (out / "report.json").exists() else {}
    begun = found.get("state") == "running" and found["settings"] == wanted.report["settings"]
    try:
        return export(source, out, resume=True, **fields)
    except ExportError as error:
        assert "\n" not in str(error)
        assert not begun, f"what was begun can be resumed, but: {error}"
    return export(source, out, **fields)


def test_killed_at_any_operation_on_the_disk(tmp_path: Path) -> None:
    source = tiny(tmp_path / "in")
    export(source, tmp_path / "whole", copies=1, originals=True)
    wanted = left(tmp_path / "whole")
    assert len(wanted.files) == 6
    kept = set()
    for number, disk in enumerate(deaths(lambda: export(source, tmp_path / "counted", copies=1, originals=True))):
        out = tmp_path / str(number)
        assert dying(disk, lambda out=out: export(source, out, copies=1, originals=True))  # type: ignore[misc]
        is_whole(out, wanted.files)
        kept.add(resumed(out, source, wanted, copies=1, originals=True).kept)
        is_as(out, wanted)
    assert number > 50
    assert kept == {0, 1, 2, 3}, "pictures that were done are not done again"


def test_killed_while_it_replaces_an_earlier_export(tmp_path: Path) -> None:
    # Names of the earlier export's files come up again, with other content, and some do not come up again.
    source, earlier = tiny(tmp_path / "in"), {"copies": 2, "seed": 1}
    now: dict[str, Any] = {"copies": 1, "originals": True, "encoding": Encoding(Format.PNG)}
    export(source, tmp_path / "earlier", **earlier)
    export(source, tmp_path / "whole", **now)
    old, wanted = left(tmp_path / "earlier"), left(tmp_path / "whole")
    assert old.files.keys() & wanted.files.keys()
    shutil.copytree(tmp_path / "earlier", tmp_path / "counted")
    for number, disk in enumerate(deaths(lambda: export(source, tmp_path / "counted", **now))):
        out = tmp_path / str(number)
        shutil.copytree(tmp_path / "earlier", out)
        assert dying(disk, lambda out=out: export(source, out, **now))  # type: ignore[misc]
        is_whole(out, old.files, wanted.files)
        if report(out)["state"] == "complete" and report(out)["settings"]["seed"] == 1:
            assert hashes(out) == old.files, "until it says otherwise, the earlier export is there as it was"
        resumed(out, source, wanted, **now)
        is_as(out, wanted)


def test_killed_while_it_replaces_a_killed_one(tmp_path: Path) -> None:
    source = tiny(tmp_path / "in")
    earlier: dict[str, Any] = {"copies": 2, "seed": 1}
    now: dict[str, Any] = {"copies": 1}
    export(source, tmp_path / "old", **earlier)
    export(source, tmp_path / "whole", **now)
    old, wanted = left(tmp_path / "old"), left(tmp_path / "whole")
    # Dead between the last picture's file and its line in the manifest: only its name tells whose it is.
    moves = [at for at, disk in enumerate(deaths(lambda: export(source, tmp_path / "x", **earlier))) if disk.torn]
    halfway = Disk(moves[len(moves) // 2])
    assert dying(halfway, lambda: export(source, tmp_path / "killed", **earlier))
    shutil.copytree(tmp_path / "killed", tmp_path / "counted")
    for number, disk in enumerate(deaths(lambda: export(source, tmp_path / "counted", **now))):
        out = tmp_path / str(number)
        shutil.copytree(tmp_path / "killed", out)
        assert dying(disk, lambda out=out: export(source, out, **now))  # type: ignore[misc]
        is_whole(out, old.files, wanted.files)
        resumed(out, source, wanted, **now)
        is_as(out, wanted)


def test_a_resume_that_is_killed_itself(tmp_path: Path) -> None:
    source = tiny(tmp_path / "in")
    export(source, tmp_path / "whole")
    wanted = left(tmp_path / "whole")
    moments = list(deaths(lambda: export(source, tmp_path / "counted")))
    for first in moments[len(moments) // 4 :: len(moments) // 5]:
        killed = tmp_path / f"killed {first.allowed}"
        assert dying(replace(first), lambda killed=killed: export(source, killed))  # type: ignore[misc]
        shutil.copytree(killed, killed / ".." / f"counted {first.allowed}")
        count = tmp_path / f"counted {first.allowed}"
        for number, disk in enumerate(deaths(lambda count=count: export(source, count, resume=True))):  # type: ignore[misc]
            out = tmp_path / f"{first.allowed} {number}"
            shutil.copytree(killed, out)
            assert dying(disk, lambda out=out: export(source, out, resume=True))  # type: ignore[misc]
            is_whole(out, wanted.files)
            export(source, out, resume=True)
            is_as(out, wanted)
