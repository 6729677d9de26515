"""Files of the same content are found, whatever they are called and wherever they lie."""

from __future__ import annotations

import uuid
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from augstudio.dataset import Dataset, doubles, scan
from augstudio.dataset.doubles import Stopped, identical, in_two_classes, leaks
from augstudio.storage import Key, LocalStorage, at


def make(root: Path, files: dict[str, bytes]) -> Dataset:
    for name, data in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    return scan(root)


def keys(dataset: Dataset) -> set[frozenset[str]]:
    return {frozenset(dataset.sources[number].key for number in group) for group in identical(dataset)}


@given(st.lists(st.sampled_from([b"", b"a", b"b", b"x" * 20_000 + b"1", b"x" * 20_000 + b"2"]), max_size=12))
def test_against_every_pair(tmp_path_factory: pytest.TempPathFactory, contents: list[bytes]) -> None:
    files = {f"c{number % 3}/{number}.png": content for number, content in enumerate([*contents, b"none other"])}
    dataset = make(tmp_path_factory.mktemp("doubles"), files)
    told = {
        content: frozenset(key for key, other in files.items() if other == content)
        for content in files.values()
        if content
    }
    assert keys(dataset) == {group for group in told.values() if len(group) > 1}


def test_behind_a_url() -> None:
    url = f"memory://doubles-{uuid.uuid4().hex}"
    for name, data in {"a/1.png": b"same", "b/2.jpg": b"same", "b/3.png": b"else", "b/4.png": b"other size"}.items():
        at(url).write(Key(name), data)
    assert keys(scan(url)) == {frozenset(("a/1.png", "b/2.jpg"))}


def test_what_cannot_be_read_is_like_no_other(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    dataset = make(tmp_path, {f"{number}.png": b"same" for number in range(4)})
    (tmp_path / "0.png").unlink()
    usual = LocalStorage.open

    def guarded(storage: LocalStorage, path: Key) -> object:
        if path == "1.png":
            raise PermissionError(13, "no")
        return usual(storage, path)

    monkeypatch.setattr(LocalStorage, "open", guarded)
    assert keys(dataset) == {frozenset(("2.png", "3.png"))}


def test_only_what_may_be_the_same_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[str] = []
    usual = LocalStorage.open

    def counted(storage: LocalStorage, path: Key) -> object:
        read.append(path)
        return usual(storage, path)

    monkeypatch.setattr(LocalStorage, "open", counted)
    dataset = make(tmp_path, {"1.png": b"1", "2.png": b"22", "3.png": b"333", "4.png": b"444", "5.png": b"333"})
    assert keys(dataset) == {frozenset(("3.png", "5.png"))}
    assert sorted(read) == ["3.png", "5.png"]
    read.clear()
    assert keys(dataset) == {frozenset(("3.png", "5.png"))}
    assert not read, "it is kept"
    assert keys(dataset.without(["3.png"])) == set()
    assert not read, "without some of them, too"
    (tmp_path / "5.png").write_bytes(b"444")
    doubles.forget(dataset)
    assert keys(dataset) == {frozenset(("4.png", "5.png"))}


def test_it_can_be_stopped(tmp_path: Path) -> None:
    with pytest.raises(Stopped):
        identical(make(tmp_path, {"1.png": b""}), stop=lambda: True)


def test_leaks_and_classes(tmp_path: Path) -> None:
    files = {
        "train/cat/1.png": b"1",
        "train/cat/2.png": b"2",
        "train/dog/3.png": b"2",
        "val/dog/4.png": b"1",
        "test/5.png": b"1",
        "test/6.png": b"6",
        "test/7.png": b"6",
    }
    dataset = make(tmp_path, files)
    groups = identical(dataset)
    found = leaks(dataset, [source.split for source in dataset.sources], groups)
    assert found == {"val": (("val/dog/4.png", "train/cat/1.png"),), "test": (("test/5.png", "train/cat/1.png"),)}
    assert list(found) == ["val", "test"]
    assert sorted(in_two_classes(dataset, groups)) == [
        ("train/cat/1.png", "val/dog/4.png"),
        ("train/cat/2.png", "train/dog/3.png"),
    ]
