from __future__ import annotations

import os
import uuid
from pathlib import Path
from typing import Any

import pytest

from augstudio import storage
from augstudio.storage import LocalStorage, Storage, StorageError, TooLarge, at, is_url, local_path


@pytest.fixture(params=["local", "memory", "moved"])
def folder(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Storage:
    """An empty folder: local, behind a URL, and behind a URL where a half-written file could be seen."""
    if request.param == "local":
        return at(tmp_path)
    if request.param == "moved":
        monkeypatch.setattr(storage, "_PUT_WHOLE", set())
    return storage.RemoteStorage(f"memory://{uuid.uuid4().hex}/below")


def test_what_is_written_is_there(folder: Storage) -> None:
    folder.write("a.txt", b"one")
    folder.write("sub/deep er/b.txt", b"three")
    folder.write("a.txt", b"four")
    assert folder.exists()
    assert folder.read("a.txt") == b"four"
    assert folder.size("sub/deep er/b.txt") == 5
    with folder.open("sub/deep er/b.txt") as file:
        assert list(file) == [b"three"]
    assert dict(folder.files()) == {"a.txt": 4, "sub/deep er/b.txt": 5}
    assert dict(folder.files("sub")) == {"sub/deep er/b.txt": 5}
    assert dict(folder.files("nowhere")) == {}


def test_uploading(folder: Storage, tmp_path_factory: pytest.TempPathFactory) -> None:
    file = tmp_path_factory.mktemp("up") / "large"
    file.write_bytes(bytes(3_000_000))
    folder.upload(file, "sub/large")
    assert dict(folder.files()) == {"sub/large": 3_000_000}
    assert file.exists()


def test_removing(folder: Storage) -> None:
    folder.write("a", b"1")
    folder.write("b", b"2")
    folder.remove(["a", "never there"])
    assert dict(folder.files()) == {"b": 1}


def test_what_is_not_there(folder: Storage) -> None:
    folder.write("sub/a", b"1")
    for act in (folder.read, folder.size, folder.open):
        with pytest.raises(FileNotFoundError):
            act("nowhere")
    with pytest.raises(OSError):
        folder.size("nowhere/at/all")


def test_no_more_is_read_than_wanted(folder: Storage) -> None:
    folder.write("a", bytes(1000))
    assert len(folder.read("a", most=1000)) == 1000
    with pytest.raises(TooLarge, match="1,000 bytes, above the 999 allowed") as raised:
        folder.read("a", most=999)
    assert raised.value.size == 1000


def test_a_failing_write_leaves_the_old_file(folder: Storage, monkeypatch: pytest.MonkeyPatch) -> None:
    folder.write("a", b"old")

    def failing(*_args: Any, **_options: Any) -> None:
        raise OSError(28, "No space left on device")

    if folder.root is not None:
        monkeypatch.setattr(Path, "replace", failing)
    elif isinstance(folder, storage.RemoteStorage):
        monkeypatch.setattr(folder._fs, "pipe_file" if folder._whole else "mv", failing)
    with pytest.raises(OSError, match="No space"):
        folder.write("a", b"new")
    assert folder.read("a") == b"old"


def test_a_root_that_is_gone_is_not_made_anew(tmp_path: Path) -> None:
    gone = LocalStorage(tmp_path / "gone")
    with pytest.raises(FileNotFoundError):
        gone.write("images/a", b"1")
    with pytest.raises(FileNotFoundError):
        gone.upload(Path(__file__), "a")
    assert not (tmp_path / "gone").exists()
    assert not gone.exists()
    assert gone.free() == pytest.approx(LocalStorage(tmp_path).free(), rel=0.1)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes here")
def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.jpg")
    with pytest.raises(StorageError, match="not a regular file"):
        at(tmp_path).read("pipe.jpg")


def test_what_is_a_url(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert is_url("s3://bucket/photos")
    assert is_url("gs://bucket")
    assert not is_url("file:///home/me")
    assert not is_url("C:\\photos")
    assert not is_url("photos/s3")
    assert not is_url(Path("s3://bucket"))
    assert local_path("file:///home/me/my%20photos") == Path("/home/me/my photos")
    monkeypatch.chdir(tmp_path)
    assert at("photos").location == str(tmp_path / "photos")
    monkeypatch.setenv("HOME", "/home/somebody")
    assert local_path("~/photos") == Path("/home/somebody/photos")


def test_places_that_cannot_be(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(StorageError, match="nonsense://x") as raised:
        at("nonsense://x")
    assert "\n" not in str(raised.value)
    monkeypatch.setitem(__import__("sys").modules, "fsspec", None)
    with pytest.raises(StorageError, match=r"needs fsspec; pip install 'augstudio\[s3\]'"):
        at("s3://never-asked-for-before/x")


def test_errors_of_other_libraries_are_of_the_system(monkeypatch: pytest.MonkeyPatch) -> None:
    folder = at(f"memory://{uuid.uuid4().hex}")
    assert isinstance(folder, storage.RemoteStorage)

    def failing(_path: str) -> bytes:
        raise RuntimeError("no\nconnection")

    monkeypatch.setattr(folder._fs, "cat_file", failing)
    with pytest.raises(StorageError, match="no connection"):
        folder.read("a")
