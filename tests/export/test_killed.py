"""An export that dies, at any moment and of anything: nothing half-written is seen, and resuming makes it whole."""

from __future__ import annotations

import contextlib
import errno
import hashlib
import itertools
import json
import multiprocessing
import os
import random
import re
import shutil
import signal
import struct
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from dying_disk import Disk, Killed, attached, counted, deaths, dying
from exporting import consistent, export, hashes, lines, picture, pipeline, report
from fsspec.implementations.memory import MemoryFileSystem
from PIL import Image

from augstudio import presets, swap
from augstudio.dataset.scanning import scan
from augstudio.dataset.splits import Role
from augstudio.export import (
    EarlierExportError,
    ExportError,
    Report,
    Status,
    engines,
    load_unfinished,
    manifest,
    reproduce,
    runner,
    verify,
)
from augstudio.export.job import Job, Result, run_job
from augstudio.images import Encoding, Format
from augstudio.pool.retrying import Engine
from augstudio.storage import TEMPORARY, at

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
        assert dying(disk, lambda out=out: export(source, out, copies=1, originals=True))
        is_whole(out, wanted.files)
        kept.add(resumed(out, source, wanted, copies=1, originals=True).kept)
        is_as(out, wanted)
    assert number > 50
    assert kept == {0, 1, 2, 3}, "pictures that were done are not done again"


# -- while it replaces an earlier one --------------------------------------------------------------------------------

EARLIER: dict[str, Any] = {"copies": 1, "seed": 1}
ANOTHER = pipeline(description="another").edited(transforms=pipeline().transforms[:2])
LATER: dict[str, dict[str, Any]] = {
    "other settings": {"copies": 1, "originals": True, "encoding": Encoding(Format.PNG)},
    "another preset": {**EARLIER, "pipeline": ANOTHER},
    "the very same": EARLIER,
}
"""What takes the earlier export's place: names of its files come up again with other content, or do not come up again,
or nothing at all differs, so that only the bookkeeping can tell which is which."""


@pytest.fixture(params=["exchanged", "renamed"])
def exchanged(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> bool:
    """Whether the system can let two folders change places in one step."""
    can: bool = request.param == "exchanged"
    if not can:
        monkeypatch.setattr(swap, "exchange", lambda *_: False)
    elif not swap._exchange():
        pytest.skip("this system cannot exchange folders")
    return can


def as_seen(out: Path) -> dict[str, str]:
    """What those see who read the pictures and know nothing of us."""
    return {path: digest for path, digest in hashes(out).items() if TEMPORARY not in path}


def is_old_or_new(out: Path, *wanted: Left) -> Left:
    """Hold that one of these exports is there, whole; give it."""
    verdict = verify(out)
    assert verdict
    found = left(out)
    assert found in wanted, "it is neither the old nor the new one"
    if found.report["state"] == "complete":
        assert verdict.ok, verdict
    assert TEMPORARY not in "".join(found.files)
    return found


def gone_on(out: Path, source: Path, **fields: Any) -> Report:
    """Go on with the new export, or, where nothing of it had been begun, begin it again."""
    begun = (out / swap.NEXT / "report.json").exists()
    try:
        return export(source, out, resume=True, **fields)
    except ExportError as error:
        assert "\n" not in str(error)
        assert not begun, f"what was begun can be resumed, but: {error}"
    return export(source, out, replace=True, **fields)


@pytest.mark.parametrize("now", LATER.values(), ids=LATER.keys())
def test_killed_while_it_replaces_an_earlier_export(now: dict[str, Any], exchanged: bool, tmp_path: Path) -> None:
    source = tiny(tmp_path / "in")
    export(source, tmp_path / "earlier", **EARLIER)
    export(source, tmp_path / "whole", **now)
    old, wanted = left(tmp_path / "earlier"), left(tmp_path / "whole")
    assert old.files.keys() & wanted.files.keys()
    shutil.copytree(tmp_path / "earlier", tmp_path / "counted")
    seen = []
    for number, disk in enumerate(deaths(lambda: export(source, tmp_path / "counted", replace=True, **now))):
        out = tmp_path / str(number)
        shutil.copytree(tmp_path / "earlier", out)
        assert dying(disk, lambda out=out: export(source, out, replace=True, **now))
        looked = as_seen(out)
        assert looked in (old.files, wanted.files) or (not looked and not exchanged), "loaders saw half of it"
        seen.append(is_old_or_new(out, old, wanted))
        assert not (out / swap.SWAP).exists(), "whoever looks brings it to its end"
        gone_on(out, source, **now)
        is_as(out, wanted)
    is_as(tmp_path / "counted", wanted)
    if old != wanted:
        switched = [one == wanted for one in seen]
        assert switched == sorted(switched), "from some moment on it is the new one"
        assert {*switched} == {False, True}


def refused(source: Path, out: Path) -> None:
    with pytest.raises(EarlierExportError):
        export(source, out)


def test_whoever_comes_first_brings_a_swap_to_its_end(exchanged: bool, tmp_path: Path) -> None:
    source, now = tiny(tmp_path / "in"), LATER["other settings"]
    export(source, tmp_path / "earlier", **EARLIER)
    export(source, tmp_path / "whole", **now)
    wanted = left(tmp_path / "whole")
    acts: dict[str, Callable[[Path], object]] = {
        "scan": scan,
        "scan the pictures": lambda out: scan(out / "images"),
        "reproduce": lambda out: reproduce(out, next(iter(wanted.files)), source=source),
        "resume": lambda out: export(source, out, resume=True, **now),
        "load": load_unfinished,
        "replace": lambda out: export(source, out, replace=True, **now),
        "refused": lambda out: refused(source, out),
    }
    shutil.copytree(tmp_path / "earlier", tmp_path / "counted")
    halfway = 0
    for number, disk in enumerate(deaths(lambda: export(source, tmp_path / "counted", replace=True, **now))):
        out = tmp_path / str(number)
        if disk.torn:
            continue
        shutil.copytree(tmp_path / "earlier", out)
        assert dying(disk, lambda out=out: export(source, out, replace=True, **now))
        if (out / swap.SWAP).exists():
            halfway += 1
            shutil.copytree(out, killed := tmp_path / f"killed {number}")
            for name, act in acts.items():  # each at the same path, as a swap may know its own
                shutil.rmtree(out)
                shutil.copytree(killed, out)
                act(out)
                assert not (out / swap.SWAP).exists(), name
                assert left(out) == wanted, name
    assert halfway >= 8


def test_killed_while_it_replaces_an_unfinished_one(tmp_path: Path) -> None:
    source, now = tiny(tmp_path / "in"), {"copies": 1}
    export(source, tmp_path / "old", **EARLIER)
    export(source, tmp_path / "whole", **now)
    wanted = left(tmp_path / "whole")
    # Dead between the last picture's file and its line in the manifest: only its name tells whose it is.
    moves = [at for at, disk in enumerate(deaths(lambda: export(source, tmp_path / "x", **EARLIER))) if disk.torn]
    for moment in moves[len(moves) // 3 :]:
        shutil.rmtree(tmp_path / "killed", ignore_errors=True)
        assert dying(Disk(moment), lambda: export(source, tmp_path / "killed", **EARLIER))
        pictures, lines = as_seen(tmp_path / "killed"), (tmp_path / "killed" / "manifest.jsonl").read_bytes()
        if pictures == hashes(tmp_path / "killed") and len(pictures) > lines.count(b'"path":"images/'):
            break
    else:
        pytest.fail("there is no such moment")
    with pytest.raises(EarlierExportError, match=r"holds an unfinished export of . files; say whether to replace"):
        export(source, tmp_path / "killed", **now)
    old = left(tmp_path / "killed")
    shutil.copytree(tmp_path / "killed", tmp_path / "counted")
    for number, disk in enumerate(deaths(lambda: export(source, tmp_path / "counted", replace=True, **now))):
        out = tmp_path / str(number)
        shutil.copytree(tmp_path / "killed", out)
        assert dying(disk, lambda out=out: export(source, out, replace=True, **now))
        is_old_or_new(out, old, wanted)
        if (out / swap.NEXT / "report.json").exists() or left(out) == wanted:
            export(source, out, resume=True, **now)
        else:
            export(source, out, replace=True, **now)
        is_as(out, wanted)


@pytest.mark.slow
def test_killed_while_it_goes_on_with_a_replacement(tmp_path: Path) -> None:
    source, now = tiny(tmp_path / "in"), LATER["other settings"]
    export(source, tmp_path / "earlier", **EARLIER)
    export(source, tmp_path / "whole", **now)
    old, wanted = left(tmp_path / "earlier"), left(tmp_path / "whole")
    shutil.copytree(tmp_path / "earlier", tmp_path / "counted")
    moments = list(deaths(lambda: export(source, tmp_path / "counted", replace=True, **now)))
    turns = itertools.count()
    for first in moments[len(moments) // 3 :: len(moments) // 4]:
        killed = tmp_path / f"killed {first.allowed}"
        shutil.copytree(tmp_path / "earlier", killed)
        assert dying(replace(first), lambda killed=killed: export(source, killed, replace=True, **now))
        if not (killed / swap.NEXT / "report.json").exists():
            continue
        for again in ({"resume": True}, {"replace": True}):
            shutil.copytree(killed, count := tmp_path / f"counted {first.allowed} {again}")
            acts = deaths(lambda count=count, again=again: export(source, count, **again, **now))
            # Every second moment: now the even ones, now the odd ones.
            for number, disk in enumerate(itertools.islice(acts, next(turns) % 2, None, 2)):
                out = tmp_path / f"{first.allowed} {again} {number}"
                shutil.copytree(killed, out)
                assert dying(disk, lambda out=out, again=again: export(source, out, **again, **now))
                is_old_or_new(out, old, wanted)
                gone_on(out, source, **now)
                is_as(out, wanted)


@pytest.mark.parametrize("error", [errno.ENOSPC, errno.EIO])
def test_a_disk_that_fails_while_it_replaces(error: int, tmp_path: Path) -> None:
    source, now = tiny(tmp_path / "in"), LATER["other settings"]
    export(source, tmp_path / "earlier", **EARLIER)
    export(source, tmp_path / "whole", **now)
    old, wanted = left(tmp_path / "earlier"), left(tmp_path / "whole")
    shutil.copytree(tmp_path / "earlier", tmp_path / "counted")
    for number, disk in enumerate(deaths(lambda: export(source, tmp_path / "counted", replace=True, **now))):
        if disk.torn != (error == errno.ENOSPC):
            continue
        out = tmp_path / str(number)
        shutil.copytree(tmp_path / "earlier", out)
        with pytest.MonkeyPatch.context() as patched:
            attached(replace(disk, error=error), patched)
            try:
                done = export(source, out, replace=True, **now)
            except ExportError as said:
                assert "\n" not in str(said)
            else:
                assert done.state is Status.STOPPED or is_old_or_new(out, wanted)
        is_old_or_new(out, old, wanted)
        gone_on(out, source, **now)
        is_as(out, wanted)


@pytest.mark.slow
def test_a_resume_that_is_killed_itself(tmp_path: Path) -> None:
    source = tiny(tmp_path / "in")
    export(source, tmp_path / "whole")
    wanted = left(tmp_path / "whole")
    moments = list(deaths(lambda: export(source, tmp_path / "counted")))
    for first in (moments[len(moments) // 2], moments[-8]):
        killed = tmp_path / f"killed {first.allowed}"
        assert dying(replace(first), lambda killed=killed: export(source, killed))
        shutil.copytree(killed, killed / ".." / f"counted {first.allowed}")
        count = tmp_path / f"counted {first.allowed}"
        for number, disk in enumerate(deaths(lambda count=count: export(source, count, resume=True))):
            out = tmp_path / f"{first.allowed} {number}"
            shutil.copytree(killed, out)
            assert dying(disk, lambda out=out: export(source, out, resume=True))
            is_whole(out, wanted.files)
            export(source, out, resume=True)
            is_as(out, wanted)


def test_killed_at_any_operation_behind_a_url(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    source = tiny(tmp_path / "in")
    fields: dict[str, Any] = {"copies": 1, "originals": True}
    export(source, tmp_path / "whole", **fields)
    wanted = left(tmp_path / "whole")
    monkeypatch.setattr(manifest, "_EVERY_RESULTS", 2)
    for allowed in range(100):
        url, disk = f"memory://{tmp_path.name}/{allowed}", Disk(allowed)
        try:
            with pytest.MonkeyPatch.context() as patched:
                for name in ("pipe_file", "put_file", "rm_file"):
                    patched.setattr(MemoryFileSystem, name, counted(disk, name, getattr(MemoryFileSystem, name)))
                export(source, url, **fields)
        except Killed:
            where = at(url)
            for path, _ in where.files("images"):
                assert hashlib.sha256(where.read(path)).hexdigest() == wanted.files[path]
            begun = where.exists() and json.loads(where.read("report.json"))["state"] == "running"
            export(source, url, resume=begun, **fields)
            there = {path for path, _ in where.files()}
            assert there == {*wanted.files, *OURS - {"images"}}
            assert where.read("manifest.jsonl") == wanted.manifest
        else:
            break
        finally:
            at(url).remove([path for path, _ in at(url).files()])
    assert 12 < allowed < 100


# -- what was left is damaged ---------------------------------------------------------------------------------------


def rewritten(path: Path, change: Callable[[bytes], bytes]) -> None:
    path.write_bytes(change(path.read_bytes()))


def on_manifest(change: Callable[[list[bytes]], list[bytes]]) -> Callable[[Path], None]:
    """Damage that changes the manifest's lines."""
    return lambda out: rewritten(out / "manifest.jsonl", lambda data: b"".join(change(data.splitlines(True))))


def inserted(line: bytes) -> Callable[[Path], None]:
    """Damage that puts a line in the middle of the manifest, between two of one picture."""
    return on_manifest(lambda lines: [*lines[:3], line, *lines[3:]])


def on_files(change: Callable[[Path, Path], object]) -> Callable[[Path], None]:
    """Damage to two pictures, the first of which is listed whatever happened."""

    def damage(out: Path) -> None:
        listed = [out / line["path"] for line in lines(out)]
        change(listed[0], listed[-1])

    return damage


def _swapped(one: Path, other: Path) -> None:
    between = one.with_name("between")
    one.rename(between)
    other.rename(one)
    between.rename(other)


def _of_another(line: bytes) -> bytes:
    """A line as it is in another export of the same pictures."""
    return line.replace(b"images/", b"images/else/").replace(b'"versions":{', b'"versions":{"other":"1",')


DAMAGE: dict[str, Callable[[Path], None]] = {
    "broken last line": on_manifest(lambda lines: [*lines[:-1], lines[-1][:-20]]),
    "last line without its end": on_manifest(lambda lines: [*lines[:-1], lines[-1][:-1]]),
    "broken first line": on_manifest(lambda lines: [lines[0][30:], *lines[1:]]),
    "no text in the middle": inserted(b"\xff\xfe\0{{\n"),
    "zeros in the middle": inserted(bytes(5000)),
    "an empty line": inserted(b"\n"),
    "other JSON": inserted(b'null\n[1]\n{"path":"images/one.jpg"}\n'),
    "JSON without end": inserted(b"[" * 100_000 + b"\n"),
    "fields of other kinds": on_manifest(lambda lines: [re.sub(rb'"bytes":\d+', b'"bytes":"x"', x) for x in lines]),
    "an unknown picture": inserted(b'{"source":"nobody.png"}\n'),
    "empty manifest": on_manifest(lambda lines: []),
    "no manifest": lambda out: (out / "manifest.jsonl").unlink(),
    "lines twice": on_manifest(lambda lines: [line for line in lines for _ in range(2)]),
    "manifest twice": on_manifest(lambda lines: [*lines, *lines]),
    "lines backwards": on_manifest(lambda lines: lines[::-1]),
    "manifest of another export": on_manifest(lambda lines: [_of_another(line) for line in lines]),
    "other hashes": on_manifest(lambda lines: [re.sub(rb'"sha256":"..', b'"sha256":"zz', line) for line in lines]),
    "file truncated": on_files(lambda one, _: rewritten(one, lambda data: data[:-1])),
    "file emptied": on_files(lambda one, _: one.write_bytes(b"")),
    "file deleted": on_files(lambda one, other: (one.unlink(), other.unlink())),
    "file changed": on_files(lambda one, _: rewritten(one, lambda data: data[:-1] + bytes([data[-1] ^ 1]))),
    "files swapped": on_files(_swapped),
    "all pictures gone": lambda out: shutil.rmtree(out / "images"),
    "half-written file": lambda out: (out / "images" / f"{TEMPORARY}0123.tmp").write_bytes(b"half"),
}


@pytest.fixture(scope="module")
def exported(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a source, of a whole export of it, and of one that was killed at its last picture but one."""
    place = tmp_path_factory.mktemp("exported")
    source = tiny(place / "in")
    export(source, place / "whole")
    assert dying(Disk(40), lambda: export(source, place / "killed"))
    assert 0 < len(lines(place / "killed")) < len(lines(place / "whole"))
    return place


@pytest.mark.parametrize("damage", DAMAGE.values(), ids=DAMAGE.keys())
@pytest.mark.parametrize("begun", ["whole", "killed"])
def test_resuming_mends(begun: str, damage: Callable[[Path], None], exported: Path, tmp_path: Path) -> None:
    shutil.copytree(exported / begun, out := tmp_path / "out")
    damage(out)
    assert export(exported / "in", out, resume=True).state is Status.COMPLETE
    is_as(out, left(exported / "whole"))
    verdict = verify(out)
    assert verdict
    assert verdict.ok, verdict


def test_a_folder_in_a_file_s_place_costs_that_file_alone(exported: Path, tmp_path: Path) -> None:
    shutil.copytree(exported / "whole", out := tmp_path / "out")
    taken = out / "images" / "three__aug1.png"
    taken.unlink()
    taken.mkdir()
    done = export(exported / "in", out, resume=True)
    assert done.state is Status.COMPLETE
    assert [failure.source for failure in done.failures] == ["a/broken.png", "three.png"]
    assert all(failure.reason and "\n" not in failure.reason for failure in done.failures)
    assert done.problems == ("images/three__aug1.png is an empty folder, which loaders take for a class",)


@pytest.mark.parametrize(
    ("damage", "said"),
    [
        (lambda out: rewritten(out / "preset.json", lambda data: data.replace(b"Test", b"Best")), "preset"),
        (lambda out: (out / "preset.json").write_text("{"), "preset.json"),
        (lambda out: (out / "preset.json").unlink(), "preset.json is missing"),
        (lambda out: (out / "report.json").unlink(), "no report.json"),
        (lambda out: (out / "report.json").write_text("{}"), "no report.json"),
        (lambda out: rewritten(out / "report.json", lambda data: data[:200]), "no report.json"),
        (lambda out: [(out / name).unlink() for name in ("report.json", "manifest.jsonl")], "is no earlier export"),
    ],
)
def test_what_cannot_be_mended_is_refused_in_one_line(
    damage: Callable[[Path], object], said: str, exported: Path, tmp_path: Path
) -> None:
    shutil.copytree(exported / "killed", out := tmp_path / "out")
    damage(out)
    before = {path: path.read_bytes() for path in out.rglob("*") if path.is_file()}
    with pytest.raises(ExportError, match=re.escape(said)) as refusal:
        export(exported / "in", out, resume=True)
    assert "\n" not in str(refusal.value)
    assert str(out) in str(refusal.value)
    assert {path: path.read_bytes() for path in out.rglob("*") if path.is_file()} == before


def test_no_damage_to_the_report_is_too_much(exported: Path, tmp_path: Path) -> None:
    content = report(exported / "killed")
    paths = [(key,) for key in content]
    paths += [(key, inner) for key, value in content.items() if isinstance(value, dict) for inner in value]
    refused = 0
    for number, path in enumerate(paths):
        for value in ("missing", *((None, "x"), ([], 10**30), ({}, -1))[number % 3]):
            damaged = json.loads(json.dumps(content))
            *above, last = path
            holder = damaged[above[0]] if above else damaged
            if value == "missing":
                del holder[last]
            else:
                holder[last] = value
            out = tmp_path / f"{number} {value}"
            shutil.copytree(exported / "killed", out)
            (out / "report.json").write_text(json.dumps(damaged))
            for act in (lambda: load_unfinished(out), lambda: verify(out)):  # noqa: B023
                try:
                    act()
                except ExportError as error:
                    assert "\n" not in str(error)
            try:
                done = export(exported / "in", out, resume=True)
            except ExportError as error:
                assert "\n" not in str(error)
                refused += 1
            else:
                assert done.state is Status.COMPLETE
                is_as(out, left(exported / "whole"))
    assert refused


# -- the disk is full, the source or the destination goes away -------------------------------------------------------


def stopped(disk: Disk, source: Path, out: Path) -> None:
    """Export on a disk that fails: it either cannot begin, or stops, or was so far that nothing is lost."""
    with pytest.MonkeyPatch.context() as patched:
        attached(disk, patched)
        try:
            done = export(source, out)
        except ExportError as error:
            assert "\n" not in str(error)
        else:
            assert done.state is Status.STOPPED or not out.exists() or len(lines(out)) == done.files
            assert "\n" not in done.reason


@pytest.mark.parametrize("error", [errno.ENOSPC, errno.EIO])
def test_a_disk_that_fails_at_any_operation(error: int, tmp_path: Path) -> None:
    source = tiny(tmp_path / "in")
    export(source, tmp_path / "whole")
    wanted = left(tmp_path / "whole")
    for number, disk in enumerate(deaths(lambda: export(source, tmp_path / "counted"))):
        if disk.torn != (error == errno.ENOSPC):  # a full disk takes a part of what is written
            continue
        out = tmp_path / str(number)
        stopped(replace(disk, error=error), source, out)
        is_whole(out, wanted.files)
        resumed(out, source, wanted)
        is_as(out, wanted)


@pytest.mark.skipif(sys.platform == "win32", reason="needs limits of the system")
def test_files_that_the_system_takes_no_more_of(tmp_path: Path) -> None:
    import resource

    source = tiny(tmp_path / "in")
    export(source, tmp_path / "whole")
    wanted = left(tmp_path / "whole")
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    for limit in (0, 100, 500, 1000, 1500, 2000, 2500, 3000, 3500):
        out = tmp_path / str(limit)
        try:
            resource.setrlimit(resource.RLIMIT_FSIZE, (limit, before[1]))
            done: Report | str = export(source, out)
        except ExportError as error:
            done = str(error)
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, before)
        if isinstance(done, Report):
            assert done.state is Status.STOPPED
            assert "\n" not in done.reason
        is_whole(out, wanted.files)
        resumed(out, source, wanted)
        is_as(out, wanted)


@pytest.mark.parametrize("what", ["in", "out"])
def test_what_vanishes_and_comes_back(what: str, tmp_path: Path) -> None:
    source = tiny(tmp_path / "in")
    export(source, tmp_path / "whole")
    wanted = left(tmp_path / "whole")
    hidden = tmp_path / "elsewhere"
    for number, disk in enumerate(deaths(lambda: export(source, tmp_path / "counted"))):
        if disk.torn:
            continue
        out = tmp_path / str(number) / "out"
        out.mkdir(parents=True)
        vanishing = source if what == "in" else out
        stopped(replace(disk, act=lambda: vanishing.rename(hidden)), source, out)  # noqa: B023
        if hidden.exists():
            if what == "out" and not any(hidden.glob("*.json")):
                shutil.rmtree(hidden)  # it had not begun: then the folder may be made anew
                continue
            assert not vanishing.exists(), "it is not made anew"
            hidden.rename(vanishing)
        is_whole(out, wanted.files)
        resumed(out, source, wanted)
        is_as(out, wanted)


# -- refusals --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"pipeline": pipeline(description="another")}, "another preset"),
        ({"seed": 1}, "seed was 0, now 1"),
        ({"copies": 3}, "copies was 2, now 3"),
        ({"originals": True}, "originals was off, now on"),
        ({"encoding": Encoding(Format.PNG)}, "format was source, now png"),
        ({"encoding": Encoding(quality=80)}, "quality was 95, now 80"),
        ({"max_pixels": 10**6}, "max_pixels was 100,000,000, now 1,000,000"),
        ({"split": (Fraction(3, 4), Fraction(1, 4))}, "split was none, now 75/25"),
        ({"balance": "largest"}, "balance was none, now largest"),
        ({"balance": 4}, "balance was none, now 4"),
    ],
)
def test_resuming_otherwise_is_refused(changed: dict[str, Any], said: str, exported: Path, tmp_path: Path) -> None:
    shutil.copytree(exported / "killed", out := tmp_path / "out")
    before = left(out)
    with pytest.raises(ExportError, match=re.escape(said)):
        export(exported / "in", out, resume=True, **changed)
    assert left(out) == before


def test_resuming_a_changed_source_is_refused(exported: Path, tmp_path: Path) -> None:
    for change, said in (
        (lambda source: picture(source / "more.jpg", 5, 5), "held 4 pictures, now 5"),
        (lambda source: (source / "three.png").unlink(), "held 4 pictures, now 3"),
        (lambda source: (source / "three.png").rename(source / "3.png"), "pictures of other names"),
    ):
        shutil.copytree(exported / "in", source := tmp_path / said)
        shutil.copytree(exported / "killed", out := tmp_path / f"{said} out")
        change(source)
        with pytest.raises(ExportError, match=said):
            export(source, out, resume=True)


def test_resuming_with_other_augment_is_refused(tmp_path: Path) -> None:
    for name in ("train/a/1.png", "val/a/2.png"):
        picture(tmp_path / "in" / name, 5, 5)
    export(tmp_path / "in", tmp_path / "out")
    with pytest.raises(ExportError, match="augment was train, now train,val"):
        export(tmp_path / "in", tmp_path / "out", resume=True, augment=(Role.TRAIN, Role.VAL))


def test_resuming_with_other_versions_is_refused(exported: Path, tmp_path: Path) -> None:
    shutil.copytree(exported / "killed", out := tmp_path / "out")
    content = report(out)
    content["versions"]["opencv"] = "4.0.0"
    (out / "report.json").write_text(json.dumps(content))
    with pytest.raises(ExportError, match=r"other versions.*opencv 4\.0\.0"):
        export(exported / "in", out, resume=True)


def test_a_moved_source_can_be_resumed(exported: Path, tmp_path: Path) -> None:
    shutil.copytree(exported / "in", tmp_path / "moved")
    shutil.copytree(exported / "killed", out := tmp_path / "out")
    export(tmp_path / "moved", out, resume=True)
    wanted = left(exported / "whole")
    assert left(out) == replace(wanted, report={**wanted.report, "source": "moved"})


class Held:
    """An engine whose jobs wait until they are let go."""

    def __init__(self) -> None:
        self.begun, self.go = threading.Event(), threading.Event()

    def run(self, job: Job) -> Result:
        self.begun.set()
        assert self.go.wait(60)
        return run_job(job)


@pytest.mark.parametrize("resume", [False, True])
def test_two_exports_into_one_folder(
    resume: bool, exported: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copytree(exported / "killed", out := tmp_path / "out")
    held = Held()
    monkeypatch.setattr(runner, "run_job", held.run)
    with ThreadPoolExecutor(1) as pool:
        first = pool.submit(
            lambda: export(exported / "in", out, resume=True, engine=Engine(lambda: ThreadPoolExecutor(1), 1))
        )
        assert held.begun.wait(60)
        try:
            with pytest.raises(ExportError, match="another export is writing to this folder"):
                export(exported / "in", out, resume=resume, replace=not resume)
        finally:
            held.go.set()
        assert first.result().state is Status.COMPLETE
    is_as(out, left(exported / "whole"))


def test_an_export_that_ends_just_before_another_has_the_folder(
    exported: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    held = runner.destination.held

    def late(place: Any, name: str) -> Any:
        monkeypatch.undo()
        export(exported / "in", tmp_path / "out", copies=3, seed=5, replace=True)
        return held(place, name)

    monkeypatch.setattr(runner.destination, "held", late)
    with pytest.raises(EarlierExportError, match="holds a finished export of 9 files"):
        export(exported / "in", tmp_path / "out")
    monkeypatch.setattr(runner.destination, "held", late)
    export(exported / "in", tmp_path / "out", replace=True)
    is_as(tmp_path / "out", left(exported / "whole"))


# -- workers alone ---------------------------------------------------------------------------------------------------


def die_half_told(job: Job) -> Result:
    """Run in a worker: be killed after half of a result has gone to the parent."""
    if job.key != "three.png":
        return run_job(job)
    frame = sys._getframe()
    while "result_queue" not in frame.f_locals:
        assert frame.f_back
        frame = frame.f_back
    os.write(frame.f_locals["result_queue"]._writer.fileno(), struct.pack("!i", 1000) + b"half")
    os.kill(os.getpid(), signal.SIGKILL)
    raise AssertionError


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="needs SIGKILL")
def test_a_worker_that_is_killed_while_it_tells_its_result(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    source = tiny(tmp_path / "in")
    monkeypatch.setattr(runner, "run_job", die_half_told)
    done = export(source, tmp_path / "out", workers=2)
    assert (done.state, done.files) == (Status.COMPLETE, 4)
    assert [failure.source for failure in done.failures] == ["a/broken.png", "three.png"]
    consistent(tmp_path / "out")


def never_end(job: Job) -> Result:
    """Run in a worker: wait for what does not come, or go round in a circle with the interpreter's lock in the hand."""
    if job.key == "a/one.jpg":
        time.sleep(600)
    if job.key == "three.png":
        re.match("(a+)+$", "a" * 60 + "b")
    return run_job(job)


@pytest.mark.slow
def test_jobs_that_never_end_cost_their_pictures_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    source = tiny(tmp_path / "in")
    monkeypatch.setattr(runner, "run_job", never_end)
    monkeypatch.setattr("augstudio.export.job._READING_SECONDS", 3.0)
    monkeypatch.setattr("augstudio.export.job._COPY_SECONDS", 1.0)
    done = export(source, tmp_path / "out", workers=2)
    assert (done.state, done.files) == (Status.COMPLETE, 2)
    assert [failure.source for failure in done.failures] == ["a/broken.png", "a/one.jpg", "three.png"]
    assert all("no end to it" in failure.reason for failure in done.failures[1:])
    consistent(tmp_path / "out")


@pytest.mark.skipif(sys.platform == "win32", reason="needs SIGKILL")
@pytest.mark.parametrize("which", [0, 1])
def test_a_worker_that_is_killed_while_it_is_to_end(which: int) -> None:
    # An idle worker holds the lock of the queue of jobs; killed, it takes it along, and the other never hears the end.
    pool = engines.local(2).start()
    workers = multiprocessing.active_children()
    for worker in workers:
        os.kill(worker.pid or 0, signal.SIGSTOP)
    pool.shutdown(wait=False)
    time.sleep(0.2)
    os.kill(workers[which].pid or 0, signal.SIGKILL)
    for worker in workers:
        with contextlib.suppress(ProcessLookupError):  # the one that was killed may be gone by now
            os.kill(worker.pid or 0, signal.SIGCONT)
    limit = time.monotonic() + 60
    while multiprocessing.active_children() and time.monotonic() < limit:
        time.sleep(0.02)
    left_over = multiprocessing.active_children()
    for worker in left_over:
        worker.kill()
    assert not left_over


# -- for real --------------------------------------------------------------------------------------------------------

PROGRAM = """
import sys
from fractions import Fraction
from pathlib import Path
from augstudio import presets, swap
from augstudio.dataset.scanning import scan
from augstudio.dataset import scan
from augstudio.export import Settings, run_export

source, preset, out, how, seed = sys.argv[1:]
settings = Settings(
    out,
    presets.load(Path(preset)),
    copies=6,
    seed=int(seed),
    workers=2,
    split=(Fraction(6, 10), Fraction(2, 10), Fraction(2, 10)),
    balance="largest",
)
dataset = scan(Path(source))
print("begins", flush=True)
report = run_export(settings, dataset, **{how: True} if how else {})
print(report.state, report.done, report.total, report.reason, flush=True)
"""


def undisturbed(source: Path, out: Path, **fields: Any) -> None:
    """The same export in this process, to its end: all of it, or what is left of it."""
    split = (Fraction(6, 10), Fraction(2, 10), Fraction(2, 10))
    assert export(source, out, copies=6, split=split, balance="largest", **fields).state is Status.COMPLETE


_STARTED = re.compile(rb"multiprocessing\.(spawn|forkserver)")
"""What Python starts such processes with."""


class Running:
    """An export in a process group of its own."""

    def __init__(
        self, source: Path, preset: Path, out: Path, *, resume: bool = False, replace: bool = False, seed: int = 0
    ) -> None:
        how = "resume" * resume + "replace" * replace
        command = [sys.executable, "-c", PROGRAM, *map(str, (source, preset, out, how, seed))]
        self._process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, start_new_session=True)
        assert self._process.stdout
        assert self._process.stdout.readline() == "begins\n"

    def ended(self) -> str:
        """Wait for the end, and give what it said; empty if it was killed."""
        said, _ = self._process.communicate(timeout=120)
        self.wait_for_workers()
        return said.strip()

    @property
    def running(self) -> bool:
        return self._process.poll() is None

    def workers(self) -> list[int]:
        """Its worker processes, and the one that they are forked from."""
        found = []
        for folder in Path("/proc").glob("[0-9]*"):
            try:
                group = os.getpgid(int(folder.name))
                if group == self._process.pid and _STARTED.search((folder / "cmdline").read_bytes()):
                    found.append(int(folder.name))
            except OSError:
                continue
        return found

    def wait_for_workers(self) -> None:
        """Hold that workers end with their parent."""
        limit = time.monotonic() + 60
        while self.workers():
            assert time.monotonic() < limit, "a worker outlives its parent"
            time.sleep(0.01)

    def kill(self, whom: str, rng: random.Random) -> bool:
        """Kill the parent, a worker, or all; whether there was one to kill."""
        try:
            if whom == "worker":
                os.kill(rng.choice(self.workers() or [2**22 + 1]), signal.SIGKILL)
            elif whom == "parent":
                self._process.kill()
            else:  # but for the helper of Python's that takes away what killed processes leave in the system
                self._process.kill()
                for worker in self.workers():
                    with contextlib.suppress(ProcessLookupError):
                        os.kill(worker, signal.SIGKILL)
        except ProcessLookupError:
            return False
        return True


def count_files(out: Path) -> int:
    return sum(len(names) for _, _, names in os.walk(out / "images"))


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc/self/cmdline").exists(), reason="needs /proc")
def test_kills_at_random_moments(tmp_path: Path) -> None:
    source, preset = tmp_path / "in", tmp_path / "preset.json"
    for label, count in (("a", 8), ("b", 6), ("c", 4)):
        for number in range(count):
            suffix = ".jpg" if number % 2 else ".png"
            picture(source / label / f"{number}{suffix}", 150, 220 + 5 * number, seed=number)
    preset.write_text(presets.dump(pipeline()))
    first = Running(source, preset, tmp_path / "whole")
    began = time.monotonic()
    assert first.ended() == "complete 18 18"
    took = time.monotonic() - began
    wanted = left(tmp_path / "whole")
    for path in wanted.files:
        with Image.open(tmp_path / "whole" / path) as image:
            image.load()

    rng = random.Random(20)
    kills: list[str] = []
    halfway = 0
    for turn in range(100):
        if len(kills) >= 12:
            break
        out = tmp_path / f"out {turn}"  # a new one, also where every kill came too late
        resume = False
        for _ in range(5):
            whom = ("parent", "worker", "all")[len(kills) % 3]
            export_ = Running(source, preset, out, resume=resume)
            # By turns at any time, the start and the end included, and while pictures are written.
            until, enough = time.monotonic() + took, 10**9
            if len(kills) % 2:
                until += 60  # however busy the machine is: what is waited for are files
                enough = rng.randint(min(count_files(out), len(wanted.files) - 1), len(wanted.files) - 1)
            else:
                until -= rng.uniform(0, took)
            while export_.running and time.monotonic() < until and count_files(out) < enough:
                time.sleep(0.002)
            halfway += 0 < count_files(out) < len(wanted.files)
            if export_.running and export_.kill(whom, rng):
                kills.append(whom)
            said = export_.ended()
            is_whole(out, wanted.files)
            if said:
                assert said == "complete 18 18", f"{said} after the kills {kills}"
                is_as(out, wanted)
            # Nothing has begun where it was killed at once.
            resume = (out / "report.json").exists() and report(out)["state"] != "preparing"
        undisturbed(source, out, resume=resume)
        is_as(out, wanted)
    assert len(kills) >= 12
    assert halfway >= 3, "most kills came before or after the pictures; the moments are chosen badly"


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc/self/cmdline").exists(), reason="needs /proc")
def test_kills_at_random_moments_while_it_replaces(tmp_path: Path) -> None:
    source, preset = tmp_path / "in", tmp_path / "preset.json"
    for number in range(16):
        picture(source / "ab"[number % 2] / f"{number}.png", 120, 160, seed=number)
    preset.write_text(presets.dump(pipeline()))
    undisturbed(source, tmp_path / "old")
    began = time.monotonic()
    assert Running(source, preset, tmp_path / "new", seed=1).ended() == "complete 16 16"
    took = time.monotonic() - began
    old, new = left(tmp_path / "old"), left(tmp_path / "new")
    rng, killed = random.Random(9), 0
    for number in range(8):
        shutil.copytree(tmp_path / "old", out := tmp_path / f"out {number}")
        replacing = Running(source, preset, out, replace=True, seed=1)
        # By turns at any time, and as it takes the earlier one's place or removes it.
        until, late = time.monotonic() + rng.uniform(0, took), number % 2
        while replacing.running and (late or time.monotonic() < until):
            if late and (out / swap.SWAP).exists() | (out / swap.OLD).exists():
                break
            time.sleep(0 if late else 0.002)
        killed += replacing.running and replacing.kill(("parent", "all")[number % 2], rng)
        replacing.ended()
        is_old_or_new(out, old, new)
        begun = (out / swap.NEXT / "report.json").exists() or left(out) == new
        undisturbed(source, out, resume=begun, replace=not begun, seed=1)
        is_as(out, new)
    assert killed >= 4
