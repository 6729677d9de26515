"""Files that appear whole or not at all."""

from __future__ import annotations

import errno
import os
import sys
import threading
from pathlib import Path

import pytest
from permissions import held, permissions_hold

from augstudio.files import write_atomically


@pytest.mark.parametrize(
    "name",
    [
        "plain.jpg",
        "with space.jpg",
        "quote's.jpg",
        "🐈‍⬛.jpg",
        "писать.png",
        "写真.png",
        "é" * 125 + ".jpg",
        "a" * 251 + ".jpg",
    ],
)
def test_any_name(name: str, tmp_path: Path) -> None:
    if sys.platform == "darwin" and len(name) > 120:
        pytest.skip("counts lengths in another way")
    path = tmp_path / name
    write_atomically(b"data", path)
    assert path.read_bytes() == b"data"
    assert list(tmp_path.iterdir()) == [path]


def test_replaces_what_is_there(tmp_path: Path) -> None:
    path = tmp_path / "x.jpg"
    for data in (b"older and longer", b"new", b""):
        write_atomically(data, path)
        assert path.read_bytes() == data


@pytest.mark.skipif(sys.platform == "win32", reason="permissions work differently")
def test_permissions_are_the_usual_ones(tmp_path: Path) -> None:
    write_atomically(b"data", tmp_path / "ours")
    (tmp_path / "usual").write_bytes(b"data")
    assert (tmp_path / "ours").stat().st_mode == (tmp_path / "usual").stat().st_mode


def test_never_half_written(tmp_path: Path) -> None:
    """Whoever looks while files are being replaced sees a whole one, old or new."""
    path = tmp_path / "x.jpg"
    contents = [bytes([k]) * 300_000 for k in range(2)]
    write_atomically(contents[0], path)
    done = threading.Event()
    seen = []

    def look() -> None:
        while not done.is_set():
            seen.append(path.read_bytes() in contents)

    watcher = threading.Thread(target=look)
    watcher.start()
    for k in range(50):
        write_atomically(contents[k % 2], path)
    done.set()
    watcher.join()
    assert seen
    assert all(seen)


@pytest.mark.parametrize("older", [None, b"older"])
@pytest.mark.parametrize(
    "fault",
    [OSError(errno.ENOSPC, "No space left on device"), PermissionError(errno.EACCES, "no"), KeyboardInterrupt()],
)
def test_failure_leaves_nothing_behind(
    fault: BaseException, older: bytes | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "x.jpg"
    if older is not None:
        path.write_bytes(older)
    parts = []

    def fail(temporary: str, final: Path) -> None:
        part = Path(temporary)
        assert (part.parent, final) == (tmp_path, path)
        assert part.name.startswith(".")
        assert part.read_bytes() == b"data"
        parts.append(part)
        raise fault

    monkeypatch.setattr(os, "replace", fail)
    with pytest.raises(type(fault)) as caught:
        write_atomically(b"data", path)
    assert caught.value is fault
    assert len(parts) == 1
    assert [entry.name for entry in tmp_path.iterdir()] == (["x.jpg"] if older else [])
    assert older is None or path.read_bytes() == older


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no full device here")
def test_disk_full(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = os.open
    monkeypatch.setattr(os, "open", lambda _path, _flags, mode: real("/dev/full", os.O_WRONLY, mode))
    with pytest.raises(OSError, match="No space left"):
        write_atomically(bytes(100_000), tmp_path / "x.jpg")
    assert not list(tmp_path.iterdir())


def test_system_errors_pass_through(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        write_atomically(b"data", tmp_path / "missing" / "x.jpg")
    (tmp_path / "folder").mkdir()
    with pytest.raises(OSError):
        write_atomically(b"data", tmp_path / "folder")
    assert [entry.name for entry in tmp_path.iterdir()] == ["folder"]
    with pytest.raises(OSError):
        write_atomically(b"data", tmp_path / ("a" * 300 + ".jpg"))
    assert [entry.name for entry in tmp_path.iterdir()] == ["folder"]


@held
def test_read_only_folder(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    try:
        with permissions_hold(), pytest.raises(PermissionError):
            write_atomically(b"data", tmp_path / "x.jpg")
    finally:
        tmp_path.chmod(0o700)
    assert not list(tmp_path.iterdir())
