from __future__ import annotations

import os
import pickle
import uuid
from collections.abc import Callable
from pathlib import Path, PureWindowsPath
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from augstudio import storage
from augstudio.storage import (
    BadKeyError,
    Key,
    LocalStorage,
    NotAFileError,
    Storage,
    StorageError,
    TooLarge,
    at,
    fault,
    is_url,
    local_path,
)


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
        monkeypatch.setattr(os, "replace", failing)
    elif isinstance(folder, storage.RemoteStorage):
        monkeypatch.setattr(folder._fs, "pipe_file" if folder._whole else "mv", failing)
    with pytest.raises(OSError, match="No space"):
        folder.write("a", b"new")
    assert folder.read("a") == b"old"


def test_only_the_first_file_of_a_folder_has_to_look_for_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An export writes thousands: four calls to the system for each, none of them for the folders above it."""
    folder, calls = LocalStorage(tmp_path), list[str]()
    folder.write(Key("images/cat/1.png"), b"1")
    for name in ("mkdir", "stat", "lstat", "open", "write", "close", "replace", "unlink"):
        act = getattr(os, name)
        monkeypatch.setattr(
            os, name, lambda *args, name=name, act=act, **more: calls.append(name) or act(*args, **more)
        )
    folder.write(Key("images/cat/2.png"), b"2")
    assert calls == ["open", "write", "close", "replace"]
    calls.clear()
    folder.write(Key("images/dog/1.png"), b"1")
    assert calls.count("mkdir") == 2
    assert (tmp_path / "images" / "dog" / "1.png").read_bytes() == b"1"


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


# -- keys ----------------------------------------------------------------------------------------------------------

NEVER = {
    "": "it is empty",
    "/": "it begins at a root",
    "/etc/passwd": "it begins at a root",
    "\\\\host\\share\\a": "it begins at a root",
    "\\a": "it begins at a root",
    "C:/a": "it begins with a drive",
    "c:\\a": "it begins with a drive",
    "C:": "it begins with a drive",
    "a//b": "a part of it is empty",
    "a/": "a part of it is empty",
    ".": 'a part of it is "." or ".."',
    "..": 'a part of it is "." or ".."',
    "../a": 'a part of it is "." or ".."',
    "a/../b": 'a part of it is "." or ".."',
    "a/..": 'a part of it is "." or ".."',
    "a/./b": 'a part of it is "." or ".."',
    "a\\..\\b": 'a part of it is "." or ".."',
    "..\\a": 'a part of it is "." or ".."',
    "a/b\\..": 'a part of it is "." or ".."',
    "a\0b": "it holds a NUL",
    "\0": "it holds a NUL",
    "a\ud800": "it has letters that no file can be named by",
    "a" * 40_000: "it has more than 32,767 characters",
}
NOT_ON_WINDOWS = {
    "a\\b": r'no name may hold "\\" here',
    "a:b": 'no name may hold ":" here',
    "picture.jpg:stream": 'no name may hold ":" here',
    "x/12:30.png": 'no name may hold ":" here',
    "a?": 'no name may hold "?" here',
    "a\nb": r'no name may hold "\n" here',
    "bell\x07": r'no name may hold "\u0007" here',
    "...": '"..." ends in a dot or a space',
    "a.": '"a." ends in a dot or a space',
    "a /b": '"a " ends in a dot or a space',
    ".. .": '".. ." ends in a dot or a space',
    "con": '"con" names a device',
    "x/NUL.txt": '"NUL.txt" names a device',
    "aux .jpg": '"aux .jpg" names a device',
    "COM1": '"COM1" names a device',
    "lpt\u00b9.png": '"lpt\u00b9.png" names a device',
    "CONIN$": '"CONIN$" names a device',
}
ALWAYS = (
    "a",
    "a/b.c/d",
    "..a",
    "a..b",
    ".hidden",
    "a b/c d",
    "-",
    "~",
    "com",
    "com10",
    "conference.jpg",
    "日本語/😀",
)


@pytest.mark.parametrize("path", NEVER)
def test_what_leads_elsewhere_is_no_key(path: str, folder: Storage) -> None:
    assert fault(path) == fault(path, windows=True) == fault(path, windows=False) == NEVER[path]
    with pytest.raises(BadKeyError) as raised:
        Key(path)
    assert str(raised.value).endswith(f"is no path in a folder: {NEVER[path]}")
    assert str(raised.value).isprintable()
    assert isinstance(raised.value, OSError)
    ways: list[Callable[[str], object]] = [
        folder.read,
        folder.open,
        folder.size,
        folder.sha256,
        lambda key: folder.write(key, b"1"),
        lambda key: folder.upload(Path(__file__), key),
        lambda key: folder.remove([key]),
        lambda key: list(folder.files(key)),
    ]
    if folder.root is not None:
        ways.append(lambda key: list(folder.links_out(key)))
    for way in ways:
        with pytest.raises(BadKeyError):
            way(path)


@pytest.mark.parametrize("value", [None, 7, b"a", Path("a")])
def test_only_text_is_a_key(value: Any) -> None:
    with pytest.raises(BadKeyError, match="it is no text"):
        Key(value)


def test_windows_refuses_more() -> None:
    for path, why in NOT_ON_WINDOWS.items():
        assert fault(path, windows=True) == why, path
        assert fault(path, windows=False) == "", path
    for path in ALWAYS:
        assert fault(path, windows=True) == fault(path, windows=False) == "", path


def test_a_key_is_a_text_that_travels() -> None:
    key = Key("a/b.jpg")
    assert Key(key) is key
    assert key == "a/b.jpg"
    assert type(pickle.loads(pickle.dumps(key))) is Key


@given(st.text(st.sampled_from("ab./\\:\0 C\ud800é\n"), max_size=8) | st.text(max_size=12))
@example("a/b\\..\\..\\c")
def test_no_key_leads_out(text: str) -> None:
    """Held against what the system makes of it, with slashes and with backslashes."""
    if fault(text):
        return
    for spelt in (text, text.replace("\\", "/")):
        inside = os.path.normpath(f"/root/folder/{spelt}")
        assert inside.startswith("/root/folder/"), text
    assert not PureWindowsPath(text).is_absolute()
    if not fault(text, windows=True):
        there = PureWindowsPath("D:/root/folder", text)
        assert there.is_relative_to("D:/root/folder")
        assert ".." not in there.parts
        assert not there.is_reserved()


@pytest.mark.skipif(os.name != "posix", reason="links need a right of their own here")
def test_links_that_lead_out_are_found(tmp_path: Path) -> None:
    root, away = tmp_path / "root", tmp_path / "away"
    for path in ("root/in/deep/a", "root/in/b", "away/c", "root-beside/d"):
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_bytes(b"1")
    (root / "in" / "up").symlink_to("..")
    (root / "in" / "same").symlink_to("deep/a")
    (root / "in" / "deep" / "gone").symlink_to("../../../nowhere")
    (root / "in" / "beside").symlink_to(tmp_path / "root-beside")
    (root / "in" / "file").symlink_to(away / "c")
    (root / "out").symlink_to(away)
    folder = at(root)
    assert dict(folder.links_out(Key("in"))) == {
        "in/deep/gone": str(tmp_path / "nowhere"),
        "in/beside": str(tmp_path / "root-beside"),
        "in/file": str(away / "c"),
    }
    assert dict(folder.links_out(Key("in/deep"))) == {"in/deep/gone": str(tmp_path / "nowhere")}
    assert dict(folder.links_out(Key("out/x"))) == {"out": str(away)}
    assert dict(folder.links_out(Key("in/file"))) == {"in/file": str(away / "c")}
    assert dict(folder.links_out(Key("in/b"))) == dict(folder.links_out(Key("in/none"))) == {}
    (tmp_path / "by another name").symlink_to(root)
    assert dict(at(tmp_path / "by another name").links_out(Key("in/deep"))) == dict(folder.links_out(Key("in/deep")))


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes here")
def test_a_pipe_is_not_hashed_either(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    for act in (at(tmp_path).open, at(tmp_path).sha256):
        with pytest.raises(NotAFileError, match="not a regular file"):
            act(Key("pipe"))
