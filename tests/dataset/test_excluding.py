"""What is to be left out is found, or refused by name; a dataset without it is one of its own."""

from __future__ import annotations

from pathlib import Path

import pytest

from augstudio.dataset import Dataset, Source
from augstudio.dataset.excluding import ExcludingError, excluded

KEYS = ("cat/1.png", "cat/2_blurred.png", "cat/deep/3.png", "dog/1.png", "dog/[a].png", "@top.png")


@pytest.fixture
def dataset() -> Dataset:
    return Dataset("/nowhere", tuple(Source(key, "/nowhere", key.rpartition("/")[0]) for key in KEYS))


@pytest.mark.parametrize(
    ("entries", "meant"),
    [
        (["cat/1.png"], ["cat/1.png"]),
        (["./cat/1.png", "cat/1.png"], ["cat/1.png"]),
        (["cat"], ["cat/1.png", "cat/2_blurred.png", "cat/deep/3.png"]),
        (["cat/deep/"], ["cat/deep/3.png"]),
        (["*_blurred*"], ["cat/2_blurred.png"]),
        (["*/1.png", "dog/?a?.png"], ["cat/1.png", "dog/1.png", "dog/[a].png"]),
        (["dog/[a].png"], ["dog/[a].png"]),
        (["cat\\1.png", ' "dog/1.png" '], ["cat/1.png", "dog/1.png"]),
        (["/nowhere/cat/deep/3.png"], ["cat/deep/3.png"]),
    ],
)
def test_what_is_meant(dataset: Dataset, entries: list[str], meant: list[str]) -> None:
    assert excluded(entries, dataset) == tuple(meant)


def test_lists(dataset: Dataset, tmp_path: Path) -> None:
    (tmp_path / "list.txt").write_bytes("\ufeffcat/1.png\r\n\r\ndog\n@top.png\n".encode())
    assert excluded([f"@{tmp_path / 'list.txt'}"], dataset) == ("@top.png", "cat/1.png", "dog/1.png", "dog/[a].png")


@pytest.mark.parametrize(
    ("entry", "said"),
    [
        ("cow/1.png", 'exclude is "cow/1.png", which is no picture of /nowhere; they are called like "@top.png"'),
        ("ca", 'exclude is "ca"'),
        ("*.jpg", 'exclude is "*.jpg"'),
        ("@none.txt", "none.txt: cannot be read"),
        ("", 'exclude is ""'),
    ],
)
def test_what_means_nothing_is_refused(
    dataset: Dataset, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, entry: str, said: str
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ExcludingError) as caught:
        excluded([entry], dataset)
    assert said in str(caught.value)


def test_a_wrong_line_is_named(dataset: Dataset, tmp_path: Path) -> None:
    (tmp_path / "list.txt").write_text("cat/1.png\ncow\n", "utf-8")
    with pytest.raises(ExcludingError, match=r'list\.txt: line 2: exclude is "cow"'):
        excluded([f"@{tmp_path / 'list.txt'}"], dataset)


def test_a_dataset_without_some(dataset: Dataset) -> None:
    assert dataset.without(["none"]) is dataset
    fewer = dataset.without(["dog/1.png", "cat/1.png"])
    assert fewer.excluded == ("cat/1.png", "dog/1.png")
    assert fewer.classes == {"cat": 1, "cat/deep": 1, "dog": 1, "": 1}
    assert fewer.get("cat/1.png") is None
    assert fewer.without(["cat/1.png"]) is fewer
    assert fewer.without(["@top.png"]).excluded == ("@top.png", "cat/1.png", "dog/1.png")
    assert excluded(["dog/[a].png", "cat/1.png"], fewer) == ("cat/1.png", "dog/1.png", "dog/[a].png")
