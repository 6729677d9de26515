from __future__ import annotations

import json
import os
import socket
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from augstudio.dataset import Dataset, DatasetError, ScanStopped, Source, scan, walk
from augstudio.dataset.scanning import printable

posix = pytest.mark.skipif(os.name == "nt", reason="POSIX names and links")


def make(root: Path, *names: str) -> Path:
    for name in names:
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    return root


def keys(dataset: Dataset) -> list[str]:
    return [source.key for source in dataset.sources]


def forbid(monkeypatch: pytest.MonkeyPatch, *forbidden: Path) -> None:
    """Make folders unreadable, for root as well."""
    real = os.scandir

    def scandir(path: Any) -> Any:
        if Path(path) in forbidden:
            raise PermissionError(13, "Permission denied", str(path))
        return real(path)

    monkeypatch.setattr("augstudio.dataset.scanning.os.scandir", scandir)


def test_labels_keys_and_order(tmp_path: Path) -> None:
    make(tmp_path, "b/2.png", "b/10.JPG", "a/x.webp", "A/y.tif", "top.jpeg", "a/deep/z.bmp", "a/notes.txt", "b/noext")
    dataset = scan(tmp_path)
    assert keys(dataset) == ["top.jpeg", "a/x.webp", "A/y.tif", "a/deep/z.bmp", "b/10.JPG", "b/2.png"]
    assert dataset.classes == {"": 1, "a": 1, "A": 1, "a/deep": 1, "b": 2}
    assert list(dataset.classes) == ["", "a", "A", "a/deep", "b"]
    assert dataset.root == tmp_path
    assert dataset.skipped == ()
    source = dataset.get("a/deep/z.bmp")
    assert source == Source("a/deep/z.bmp", tmp_path / "a" / "deep" / "z.bmp", "a/deep")
    assert source is not None
    assert source.name == "z.bmp"
    assert dataset.sources[0].name == "top.jpeg"
    assert dataset.get("a/none.bmp") is None


def test_walk_yields_the_same_as_scan(tmp_path: Path) -> None:
    make(tmp_path, "a/1.jpg", "b/2.jpg", "b/c/3.jpg", "4.jpg")
    assert set(walk(tmp_path)) == set(scan(tmp_path).sources)


def test_relative_root_becomes_absolute(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    make(tmp_path, "pets/cat.jpg")
    monkeypatch.chdir(tmp_path)
    dataset = scan(Path("pets"))
    assert dataset.root == tmp_path / "pets"
    assert dataset.sources[0].path == tmp_path / "pets" / "cat.jpg"


def test_unusual_names(tmp_path: Path) -> None:
    names = ["mein bild.jpg", "l'été.png", "猫/写真 1.jpg", "🐈/😀.webp", "a.b.c.jpg", "#1 100%.gif"]
    make(tmp_path, *names)
    assert sorted(keys(scan(tmp_path))) == sorted(names)


def test_hidden_files_and_folders_are_left_out(tmp_path: Path) -> None:
    make(tmp_path, "a.jpg", ".b.jpg", ".git/c.jpg", "__MACOSX/._a.jpg", ".jpg")
    dataset = scan(tmp_path)
    assert keys(dataset) == ["a.jpg"]
    assert dataset.skipped == ()


def test_hidden_root_is_read(tmp_path: Path) -> None:
    assert keys(scan(make(tmp_path / ".cache", "a.jpg"))) == ["a.jpg"]


def test_folder_called_like_a_picture(tmp_path: Path) -> None:
    make(tmp_path, "x.jpg/inside.png", "y.jpg")
    dataset = scan(tmp_path)
    assert keys(dataset) == ["y.jpg", "x.jpg/inside.png"]
    assert dataset.classes == {"": 1, "x.jpg": 1}


@posix
def test_links_in_a_circle(tmp_path: Path) -> None:
    make(tmp_path, "a/1.jpg", "a/b/2.jpg")
    (tmp_path / "a" / "b" / "up").symlink_to(tmp_path)
    (tmp_path / "a" / "itself").symlink_to("itself")
    (tmp_path / "there.jpg").symlink_to("back.jpg")
    (tmp_path / "back.jpg").symlink_to("there.jpg")
    dataset = scan(tmp_path)
    assert keys(dataset) == ["a/1.jpg", "a/b/2.jpg"]
    assert "a/b/up: leads to a folder that is read already" in dataset.skipped


@posix
def test_links_are_followed_once_and_after_real_folders(tmp_path: Path) -> None:
    outside = make(tmp_path / "outside", "far.jpg", "deep/farther.jpg")
    root = make(tmp_path / "root", "real/1.jpg")
    (root / "0_link").symlink_to(root / "real")
    (root / "linked").symlink_to(outside)
    (root / "second").symlink_to(outside / "deep")
    (root / "file.jpg").symlink_to(outside / "far.jpg")
    dataset = scan(root)
    assert keys(dataset) == ["file.jpg", "linked/far.jpg", "linked/deep/farther.jpg", "real/1.jpg"]
    assert dataset.skipped == (
        "0_link: leads to a folder that is read already",
        "second: leads to a folder that is read already",
    )


@posix
def test_linked_folder_inside_another_linked_one(tmp_path: Path) -> None:
    outside = make(tmp_path / "outside", "deep/1.jpg")
    root = make(tmp_path / "root", "0.jpg")
    (root / "a").symlink_to(outside / "deep")
    (root / "b").symlink_to(outside)
    assert keys(scan(root)) == ["0.jpg", "a/1.jpg"]


@posix
def test_root_may_be_a_link(tmp_path: Path) -> None:
    make(tmp_path / "real", "a/1.jpg")
    (tmp_path / "link").symlink_to(tmp_path / "real")
    dataset = scan(tmp_path / "link")
    assert dataset.sources[0].path == tmp_path / "link" / "a" / "1.jpg"


@posix
def test_what_is_no_regular_file_is_skipped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    make(tmp_path, "a.jpg")
    (tmp_path / "gone.jpg").symlink_to(tmp_path / "nowhere.jpg")
    os.mkfifo(tmp_path / "pipe.jpg")
    monkeypatch.chdir(tmp_path)
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind("socket.png")
        dataset = scan(tmp_path)
    assert keys(dataset) == ["a.jpg"]
    assert dataset.skipped == (
        "gone.jpg: a link to nothing",
        "pipe.jpg: not a regular file",
        "socket.png: not a regular file",
    )


@pytest.mark.skipif(sys.platform != "linux", reason="file systems elsewhere take Unicode only")
def test_names_that_are_not_unicode(tmp_path: Path) -> None:
    names = (b"caf\xe9.jpg", b"line\nbreak.jpg", b"notes\xff.txt", b"d\xe9j\xe0/vu.jpg")
    make(tmp_path, "good.jpg", *(os.fsdecode(name) for name in names))
    dataset = scan(tmp_path)
    assert keys(dataset) == ["good.jpg", "line\nbreak.jpg"]
    assert dataset.skipped == (
        r"caf\xe9.jpg: the name is not valid UTF-8; rename it",
        r"d\xe9j\xe0: the folder's name is not valid UTF-8; rename it",
    )
    json.dumps([keys(dataset), dataset.classes, dataset.skipped], ensure_ascii=False).encode()

    with pytest.raises(DatasetError) as caught:
        scan(tmp_path / os.fsdecode(b"d\xe9j\xe0") / "none")
    assert r"d\xe9j\xe0" in str(caught.value)
    assert str(caught.value).encode()


def test_printable_is_one_line() -> None:
    assert printable("a\nb\tc\x1b[0m.jpg") == r"a\x0ab\x09c\x1b[0m.jpg"
    assert printable("猫 👨‍👩‍👧.jpg") == "猫 👨‍👩‍👧.jpg"


def test_unreadable_folder_is_skipped_and_remembered(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    make(tmp_path, "a/1.jpg", "locked/2.jpg", "z/3.jpg")
    forbid(monkeypatch, tmp_path / "locked")
    dataset = scan(tmp_path)
    assert keys(dataset) == ["a/1.jpg", "z/3.jpg"]
    assert dataset.skipped == ("locked: the folder cannot be read (permission denied)",)


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may read everything")
def test_really_unreadable_folder(tmp_path: Path) -> None:
    make(tmp_path, "a/1.jpg", "locked/2.jpg")
    (tmp_path / "locked").chmod(0)
    try:
        assert scan(tmp_path).skipped == ("locked: the folder cannot be read (permission denied)",)
    finally:
        (tmp_path / "locked").chmod(0o700)


def test_unreadable_root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    make(tmp_path, "a/1.jpg")
    forbid(monkeypatch, tmp_path)
    with pytest.raises(DatasetError, match=r"the folder cannot be read \(permission denied\)") as caught:
        scan(tmp_path)
    assert str(caught.value).startswith(f"{tmp_path}: ")


def test_root_that_fails_while_it_is_listed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    make(tmp_path, "a.jpg")
    real = os.scandir
    calls = iter((real, None))

    def scandir(path: Any) -> Any:
        listing = next(calls)
        if listing is None:
            raise OSError(5, "Input/output error")
        return listing(path)

    monkeypatch.setattr("augstudio.dataset.scanning.os.scandir", scandir)
    with pytest.raises(DatasetError, match=r"cannot be read \(input/output error\)"):
        scan(tmp_path)


def test_missing_root(tmp_path: Path) -> None:
    with pytest.raises(DatasetError) as caught:
        scan(tmp_path / "nowhere")
    assert str(caught.value) == f"{tmp_path / 'nowhere'}: there is no such folder"
    with pytest.raises(DatasetError, match="no such folder"):
        list(walk(tmp_path / "nowhere"))
    with pytest.raises(DatasetError, match="cannot be read"):
        scan(Path("nul\0byte"))


def test_root_is_a_file(tmp_path: Path) -> None:
    make(tmp_path, "photo.jpg")
    with pytest.raises(DatasetError) as caught:
        scan(tmp_path / "photo.jpg")
    path = tmp_path / "photo.jpg"
    assert str(caught.value) == f"{path}: this is a file, not a folder; give its folder, {tmp_path}"


def test_no_pictures(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(DatasetError) as caught:
        scan(tmp_path)
    assert str(caught.value).startswith(f"{tmp_path}: no pictures found; augstudio reads .jpg, .png, ")
    assert "other files" not in str(caught.value)
    make(tmp_path, "a.txt", "b/c.csv", "b/d", ".hidden.txt")
    with pytest.raises(DatasetError, match=r"the folder holds only other files \(3\)$"):
        scan(tmp_path)
    make(tmp_path, "locked/1.jpg", "closed/1.jpg")
    forbid(monkeypatch, tmp_path / "locked", tmp_path / "closed")
    with pytest.raises(DatasetError, match=r"; skipped .*cannot be read \(permission denied\), and 1 more$") as caught:
        scan(tmp_path)
    assert "\n" not in str(caught.value)


def test_stop(tmp_path: Path) -> None:
    make(tmp_path, *(f"{number}.jpg" for number in range(20)))
    answers = iter([False] * 5 + [True])
    with pytest.raises(ScanStopped, match="stopped"):
        scan(tmp_path, stop=lambda: next(answers))


def test_stop_is_asked_where_there_are_no_pictures(tmp_path: Path) -> None:
    for number in range(9):
        (tmp_path / str(number)).mkdir()
    answers = iter([False] * 5 + [True])
    with pytest.raises(ScanStopped):
        scan(tmp_path, stop=lambda: next(answers))


@pytest.mark.slow
def test_twenty_thousand_pictures(tmp_path: Path) -> None:
    for label in range(20):
        folder = tmp_path / f"class {label:02d}"
        folder.mkdir()
        for number in range(1000):
            os.close(os.open(folder / f"{number}.jpg", os.O_CREAT | os.O_WRONLY))
    told: list[int] = []
    begun = time.perf_counter()
    dataset = scan(tmp_path, stop=lambda: False, found=told.append)
    took = time.perf_counter() - begun
    assert len(dataset.sources) == 20_000
    assert set(dataset.classes.values()) == {1000}
    assert told == sorted(told)
    assert told[-1] == 20_000
    assert 10 <= len(told) <= 100
    assert took < 2  # about 0.2 s on an idle machine
