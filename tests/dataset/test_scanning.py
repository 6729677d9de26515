from __future__ import annotations

import json
import os
import socket
import sys
import time
import tracemalloc
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Self

import cv2
import numpy as np
import pytest
from permissions import held, permissions_hold
from pictures import noise

from augstudio.dataset import Dataset, DatasetError, Folders, ScanStopped, Source, listing, scan, scanning
from augstudio.storage import StorageError, at
from augstudio.wording import printable

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

    monkeypatch.setattr("augstudio.dataset.listing.os.scandir", scandir)


def test_labels_keys_and_order(tmp_path: Path) -> None:
    make(tmp_path, "b/2.png", "b/10.JPG", "a/x.webp", "A/y.tif", "top.jpeg", "a/deep/z.bmp", "a/notes.txt", "b/noext")
    dataset = scan(tmp_path)
    assert keys(dataset) == ["top.jpeg", "a/x.webp", "A/y.tif", "a/deep/z.bmp", "b/10.JPG", "b/2.png"]
    assert dataset.classes == {"": 1, "a": 1, "A": 1, "a/deep": 1, "b": 2}
    assert list(dataset.classes) == ["", "a", "A", "a/deep", "b"]
    assert dataset.root == tmp_path
    assert dataset.skipped == ()
    source = dataset.get("a/deep/z.bmp")
    assert source == Source("a/deep/z.bmp", str(tmp_path), "a/deep")
    assert source is not None
    assert (source.name, source.folder, source.split) == ("z.bmp", "a/deep", "")
    assert source.path == tmp_path / "a" / "deep" / "z.bmp"
    assert dataset.splits == {}
    assert (dataset.sources[0].folder, dataset.sources[0].path) == ("", tmp_path / "top.jpeg")
    assert dataset.sources[0].name == "top.jpeg"
    assert dataset.get("a/none.bmp") is None


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
    assert dataset.skipped == ()


def test_folders_called_like_pictures_that_hold_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    make(tmp_path, "a.jpg", "holds.png/deep/b.jpg", "other.gif/notes.txt", "locked.bmp/c.jpg")
    (tmp_path / "holds.png" / "empty.tif" / "more.jpg").mkdir(parents=True)
    forbid(monkeypatch, tmp_path / "locked.bmp")
    dataset = scan(tmp_path)
    assert keys(dataset) == ["a.jpg", "holds.png/deep/b.jpg"]
    nothing = "a folder, not a picture, and it holds none"
    assert dataset.skipped == (
        f"holds.png/empty.tif/more.jpg: {nothing}",
        f"holds.png/empty.tif: {nothing}",
        "locked.bmp: the folder cannot be read (permission denied)",
        f"other.gif: {nothing}",
    )
    with pytest.raises(DatasetError, match=r"; skipped empty\.tif/x\.jpg: a folder, not a picture.*, and 1 more$"):
        scan(make(tmp_path / "bare", "empty.tif/x.jpg/notes.txt"))


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


@posix
def test_links_to_themselves_and_to_the_folders_above(tmp_path: Path) -> None:
    root = make(tmp_path / "root", "a/1.jpg")
    (root / "self.jpg").symlink_to("self.jpg")
    (root / "self").symlink_to("self")
    (root / "here").symlink_to(".")
    (root / "a" / "above").symlink_to("..")
    (root / "a" / "first").symlink_to("second")
    (root / "a" / "second").symlink_to("first")
    dataset = scan(root)
    assert keys(dataset) == ["a/1.jpg"]
    assert dataset.skipped == (
        "a/above: leads to a folder that is read already",
        "a/first: cannot be read (too many levels of symbolic links)",
        "a/second: cannot be read (too many levels of symbolic links)",
        "here: leads to a folder that is read already",
        "self.jpg: cannot be read (too many levels of symbolic links)",
        "self: cannot be read (too many levels of symbolic links)",
    )
    # The folder above the root is no circle: it is read like any other, and the root in it is known already.
    (root / "out").symlink_to(tmp_path)
    make(tmp_path, "beside/2.jpg")
    assert keys(scan(root)) == ["a/1.jpg", "out/beside/2.jpg"]


class Listing(list[Any]):
    """What `os.scandir` gave before something happened."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        pass


@posix
def test_what_vanishes_while_it_is_listed_ends_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    make(tmp_path, "a.jpg", "b/gone/1.jpg", "b/2.jpg", "c/3.jpg")
    real = os.scandir

    def scandir(path: Any) -> Any:
        if Path(path) != tmp_path / "b":
            return real(path)
        with real(path) as entries:
            listing = Listing(entries)
        for name in ("b/2.jpg", "b/gone/1.jpg"):
            (tmp_path / name).unlink()
        (tmp_path / "b" / "gone").rmdir()
        return listing

    monkeypatch.setattr("augstudio.dataset.listing.os.scandir", scandir)
    dataset = scan(tmp_path)
    # A file is told from the listing alone: whoever reads it reports that it is gone.
    assert keys(dataset) == ["a.jpg", "b/2.jpg", "c/3.jpg"]
    assert dataset.skipped == ("b/gone: the folder cannot be read (no such file or folder)",)


@pytest.mark.skipif(sys.platform != "linux", reason="file systems elsewhere do not tell such names apart")
def test_long_names_and_reserved_ones(tmp_path: Path) -> None:
    long = "n" * 251 + ".jpg"
    folder = "ü" * 127  # 254 bytes
    names = [
        *(long, f"{folder}/{long}", "con.jpg", "AUX.png", "nul/prn.jpg", "a./b..jpg", "a /b .jpg", "dot.only..png"),
        *("lone'quote.jpg", 'double"quote.jpg', "back\\slash.jpg", "star*?.jpg", "tab\t.jpg", "esc\x1b[0m.jpg"),
        *(
            "A.jpg",
            "a.jpg",
            "A/x.jpg",
            "a/x.jpg",
            "é.jpg",
            "e\u0301.jpg",
            "\u202egpj.jpg",
            "-rf.jpg",
            "~.jpg",
            "$HOME.jpg",
        ),
    ]
    dataset = scan(make(tmp_path, *names))
    assert sorted(keys(dataset)) == sorted(names)
    assert dataset.skipped == ()
    assert all(source.path.is_file() for source in dataset.sources)
    assert all(source.label == str(Path(source.key).parent).removeprefix(".") for source in dataset.sources)


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere a path may have another length")
def test_folders_deeper_than_a_path_can_be(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    make(tmp_path, "a.jpg")
    monkeypatch.chdir(tmp_path)
    for _ in range(24):  # 4,800 characters: a path may have 4,095
        os.mkdir("d" * 200)  # noqa: PTH102
        os.chdir("d" * 200)
        Path("p.jpg").touch()
    monkeypatch.chdir(tmp_path)
    dataset = scan(tmp_path)
    assert keys(dataset)[0] == "a.jpg"
    assert 15 <= len(dataset.sources) < 24
    (line,) = dataset.skipped
    assert line.startswith("dddd")
    assert line.endswith(": the folder cannot be read (file name too long)")


def test_thousands_of_empty_folders(tmp_path: Path) -> None:
    make(tmp_path, "a.jpg")
    for number in range(3000):
        (tmp_path / f"{number % 60}" / str(number)).mkdir(parents=True)
    dataset = scan(tmp_path)
    assert keys(dataset) == ["a.jpg"]
    assert dataset.classes == {"": 1}


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


@held
def test_really_unreadable_folder(tmp_path: Path) -> None:
    make(tmp_path, "a/1.jpg", "locked/2.jpg")
    (tmp_path / "locked").chmod(0)
    try:
        with permissions_hold():
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

    monkeypatch.setattr("augstudio.dataset.listing.os.scandir", scandir)
    with pytest.raises(DatasetError, match=r"cannot be read \(input/output error\)"):
        scan(tmp_path)


def test_missing_root(tmp_path: Path) -> None:
    with pytest.raises(DatasetError) as caught:
        scan(tmp_path / "nowhere")
    assert str(caught.value) == f"{tmp_path / 'nowhere'}: there is no such folder"
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
    with pytest.raises(DatasetError, match=r"the folder holds only other files \(4\): 1 empty file: b/d$"):
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


# --- behind a URL -----------------------------------------------------------------------------------------------------


def remote(*names: str) -> str:
    """The URL of a folder of empty files."""
    storage = at(f"memory://scan-{uuid.uuid4()}/photos")
    for name in names:
        storage.write(name, b"")
    return storage.location


def test_a_remote_folder_is_read_as_a_local_one_is(tmp_path: Path) -> None:
    names = (
        *("b/2.png", "b/10.JPG", "a/x.webp", "A/y.tif", "top.jpeg", "a/deep/z.bmp", "a/notes.txt", "b/noext"),
        *(".hidden.jpg", ".git/c.jpg", "a/.thumbs/d.jpg", "x.jpg/inside.png", "猫/写真 1.jpg"),
    )
    there, here = scan(remote(*names)), scan(make(tmp_path, *names))
    assert there.location.startswith("memory://scan-")
    assert keys(there) == keys(here)
    assert there.classes == here.classes
    assert there.skipped == here.skipped == ()
    assert {source.root for source in there.sources} == {there.location}
    assert there.storage.read("b/2.png") == b""
    with pytest.raises(DatasetError, match="no local folder"):
        _ = there.root


def test_remote_splits(tmp_path: Path) -> None:
    dataset = scan(remote("train/cat/1.jpg", "val/cat/2.jpg", "readme.md", "3.jpg") + "/")
    assert dataset.splits == {"train": 1, "val": 1}
    assert dataset.skipped == ("3.jpg: in no split, so it is left out (the splits are train, val)",)


def test_a_local_folder_by_its_name_or_file_url(tmp_path: Path) -> None:
    make(tmp_path, "a/1.jpg")
    assert scan(str(tmp_path)) == scan(tmp_path.as_uri()) == scan(tmp_path)
    assert scan(str(tmp_path)).storage.root == tmp_path


def test_remote_folders_that_cannot_serve() -> None:
    url = remote("a.txt", "b/c.csv")
    at(url).write("a.txt", b"words")
    with pytest.raises(DatasetError) as caught:
        scan(url)
    assert str(caught.value).startswith(f"{url}: no pictures found; augstudio reads .jpg, .png, ")
    assert str(caught.value).endswith("the folder holds only other files (2)")
    with pytest.raises(DatasetError) as caught:
        scan(f"{url}/none")
    assert str(caught.value) == f"{url}/none: there is no such folder"
    with pytest.raises(DatasetError) as caught:
        scan(f"{url}/a.txt")
    assert str(caught.value) == f"{url}/a.txt: this is a file, not a folder; give its folder, {url}"
    with pytest.raises(DatasetError, match=r"^nosuch://bucket: .*nosuch") as caught:
        scan("nosuch://bucket")
    assert "\n" not in str(caught.value)


class Listed:
    """As much of a storage as a scan needs."""

    location = "s3://bucket/photos"
    root = None

    def __init__(self, *names: str, error: Exception | None = None) -> None:
        self.names, self.error = names, error

    def files(self) -> Iterator[tuple[str, int]]:
        for name in self.names:
            yield name, 1
        if self.error:
            raise self.error

    def exists(self) -> bool:
        return bool(self.names)


def listed(monkeypatch: pytest.MonkeyPatch, *names: str, error: Exception | None = None) -> None:
    for module in (listing, scanning):
        monkeypatch.setattr(module, "at", lambda location: Listed(*names, error=error))


def test_names_that_only_object_stores_allow(monkeypatch: pytest.MonkeyPatch) -> None:
    listed(
        monkeypatch, "a/", "a/1.jpg", "a//2.jpg", "b/../3.jpg", "./4.jpg", "c/\udcff.jpg", "line\nbreak.jpg", "d.jpg/"
    )
    dataset = scan("s3://bucket/photos")
    assert keys(dataset) == ["line\nbreak.jpg", "a/1.jpg"]
    assert dataset.skipped == (
        "a//2.jpg: a folder without a name is in its path; rename it",
        r"c/\xff.jpg: the name is not valid UTF-8; rename it",
    )


def test_a_remote_folder_that_only_its_own_name_stands_for(monkeypatch: pytest.MonkeyPatch) -> None:
    listed(monkeypatch, error=NotADirectoryError(20, "Not a directory"))
    with pytest.raises(DatasetError, match=r"^s3://bucket/photos: this is a file, not a folder"):
        scan("s3://bucket/photos")
    listed(monkeypatch, "a/")
    with pytest.raises(DatasetError, match=r"^s3://bucket/photos: no pictures found"):
        scan("s3://bucket/photos")


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (PermissionError(13, "Permission denied"), "permission denied"),
        (PermissionError("Access\nDenied"), "Access Denied"),
        (StorageError("bucket: no answer"), "bucket: no answer"),
        (TimeoutError(), "TimeoutError"),
    ],
)
def test_a_listing_that_fails(monkeypatch: pytest.MonkeyPatch, error: Exception, said: str) -> None:
    listed(monkeypatch, "a.jpg", error=error)
    with pytest.raises(DatasetError) as caught:
        scan("s3://bucket/photos")
    assert str(caught.value) == f"s3://bucket/photos: the folder cannot be read ({said})"


def test_a_remote_scan_can_be_stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    listed(monkeypatch, *(f"{number}.txt" for number in range(20)))
    answers = iter([False] * 5 + [True])
    with pytest.raises(ScanStopped, match="stopped"):
        scan("s3://bucket/photos", stop=lambda: next(answers))


# --- many -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("split", ["", "train/"])
def test_memory_for_each_source(monkeypatch: pytest.MonkeyPatch, split: str) -> None:
    """Everything there is while a large folder is listed, sorting included."""
    count = 30_000

    class Many(Listed):
        def files(self) -> Iterator[tuple[str, int]]:
            return ((f"{split}class {number % 20:02}/picture {number:06}.jpg", 1) for number in range(count))

    for module in (listing, scanning):
        monkeypatch.setattr(module, "at", lambda location: Many())
    scan("s3://bucket/photos")
    tracemalloc.start()
    try:
        dataset = scan("s3://bucket/photos")
        held, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert len(dataset.sources) == count
    assert held / count < 180
    assert peak / count < 280


@pytest.mark.slow
def test_twenty_thousand_pictures(tmp_path: Path) -> None:
    for label in range(20):
        folder = tmp_path / f"class {label:02d}"
        folder.mkdir()
        for number in range(1000):
            os.close(os.open(folder / f"{number}.jpg", os.O_CREAT | os.O_WRONLY))
    told: list[int] = []
    begun = time.process_time()
    dataset = scan(tmp_path, stop=lambda: False, found=told.append)
    took = time.process_time() - begun
    assert len(dataset.sources) == 20_000
    assert set(dataset.classes.values()) == {1000}
    assert told == sorted(told)
    assert told[-1] == 20_000
    assert 10 <= len(told) <= 100
    assert took < 2  # about 0.2 s on an idle machine


def test_lists_of_splits_are_told(tmp_path: Path) -> None:
    make(tmp_path, "images/1.png", "images/2.png", "meta/Test.txt", "val.csv", "classes.txt", "train.txt")
    (note,) = scan(tmp_path).notes
    assert note.startswith("meta/Test.txt and val.csv may say which pictures are for validation and test")


def test_without_classes_there_are_no_masks(tmp_path: Path) -> None:
    """Where the user says that all folders are classes, they are."""
    for number in range(3):
        picture = noise(30, 40, seed=number)
        drawn = np.zeros((30, 40), np.uint8)
        drawn[5:20, 5 + number : 25] = 255
        for name, pixels in (("photo", picture), ("label", drawn)):
            path = tmp_path / name / f"{number}.png"
            path.parent.mkdir(exist_ok=True)
            cv2.imwrite(str(path), pixels)
    assert len(scan(tmp_path).sources) == 3
    told = scan(tmp_path, folders=Folders.CLASSES)
    assert (told.classes, told.labels) == ({"label": 3, "photo": 3}, ())
