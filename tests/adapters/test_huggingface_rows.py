"""The transform for Hugging Face's `datasets`, with the library itself: a row is known by its number."""

from __future__ import annotations

import copy
import pickle
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pictures import smooth
from PIL import Image

from augstudio import Pipeline
from augstudio.adapters.huggingface import NUMBER, Augment, numbered

datasets = pytest.importorskip("datasets")

PHOTOS = Pipeline.load("photos")
IMAGES = [smooth(20, 30, 3, seed=seed) for seed in range(8)]


@pytest.fixture(scope="module")
def plain() -> Any:
    """Eight pictures; each one's class is its number."""
    features = datasets.Features({"image": datasets.Image(), "label": datasets.Value("int64")})
    columns = {"image": [Image.fromarray(image) for image in IMAGES], "label": list(range(8))}
    return datasets.Dataset.from_dict(columns, features=features)


def assert_drawn(rows: Any, epoch: int = 0) -> int:
    """Each row is the copy that its own number and the epoch say; how many they are."""
    count = 0
    for row in rows:
        assert list(row) == ["image", "label"]
        wanted = PHOTOS(IMAGES[row["label"]], seed=7, key=str(row["label"]), copy=epoch + 1)
        assert np.array_equal(np.asarray(row["image"]), wanted)
        count += 1
    return count


def test_rows_are_drawn_by_their_numbers_in_any_order(plain: Any) -> None:
    augment, data = Augment(PHOTOS, 7), numbered(plain)
    assert data[NUMBER][:] == list(range(8))
    assert plain.column_names == ["image", "label"]
    data.set_transform(augment)
    assert assert_drawn(data) == 8
    assert assert_drawn(data.shuffle(seed=1)) == 8
    assert assert_drawn(data.shuffle(seed=1).select([6, 2])) == 2
    assert assert_drawn(data.shard(3, 1)) == 3
    halves = data.train_test_split(0.5, seed=2)
    assert assert_drawn(halves["train"]) == assert_drawn(halves["test"]) == 4


def test_a_batch_is_drawn_row_by_row(plain: Any) -> None:
    data = numbered(plain).with_transform(Augment(PHOTOS, 7)).select([5, 1, 3])
    batch = data[1:]
    assert_drawn([dict(zip(batch, row, strict=True)) for row in zip(*batch.values(), strict=True)])
    assert assert_drawn(data.__getitems__([2, 0])) == 2


def test_the_hand_that_sets_the_epoch_reaches_all_views(plain: Any) -> None:
    augment = Augment(PHOTOS, 7)
    views = [numbered(plain).with_transform(augment)]
    views += [views[0].shuffle(seed=3), copy.deepcopy(views[0])]
    for epoch in (0, 5):
        augment.set_epoch(epoch)
        assert augment.epoch == epoch
        for view in views:
            assert_drawn(view, epoch)


def test_numbers_go_through_files_and_processes(plain: Any, tmp_path: Path) -> None:
    numbered(plain).shuffle(seed=1).save_to_disk(tmp_path / "data")
    data = datasets.load_from_disk(tmp_path / "data")
    augment = pickle.loads(pickle.dumps(Augment(PHOTOS, 7)))
    assert assert_drawn(data.with_transform(augment)) == 8


def test_a_dict_of_splits_is_numbered_split_by_split(plain: Any) -> None:
    splits = numbered(datasets.DatasetDict(train=plain.select(range(5)), test=plain.select(range(5, 8))))
    assert {name: part[NUMBER][:] for name, part in splits.items()} == {"train": [0, 1, 2, 3, 4], "test": [0, 1, 2]}


def test_another_column_may_name_the_rows_and_stays(plain: Any) -> None:
    data = plain.add_column("path", [f"cat/{number}.png" for number in range(8)])
    row = data.with_transform(Augment(PHOTOS, 7, column="path"))[4]
    assert row["path"] == "cat/4.png"
    assert np.array_equal(np.asarray(row["image"]), PHOTOS(IMAGES[4], seed=7, key="cat/4.png"))


def test_without_numbers_it_says_what_to_do(plain: Any) -> None:
    for data in (plain, numbered(plain).remove_columns(NUMBER)):
        with pytest.raises(KeyError, match=r"the rows have no 'augstudio_number'.*numbered"):
            data.with_transform(Augment(PHOTOS, 7))[0]


@pytest.mark.parametrize("thing", [[], "data"])
def test_what_has_no_rows_cannot_be_numbered(thing: Any) -> None:
    with pytest.raises(TypeError, match=r"only a datasets\.Dataset can be numbered, not"):
        numbered(thing)


def test_a_stream_cannot_be_numbered(plain: Any) -> None:
    with pytest.raises(TypeError, match="not IterableDataset"):
        numbered(plain.to_iterable_dataset())


def test_boxes_of_a_row_are_not_left_behind_in_silence(plain: Any) -> None:
    data = numbered(plain.add_column("objects", [{"bbox": [[1, 2, 3, 4]]}] * 8))
    with pytest.raises(TypeError, match=r"sample\['objects'\]\['bbox'\]"):
        data.with_transform(Augment(PHOTOS, 7))[0]
    kept = data.with_transform(Augment(PHOTOS, 7, untouched=("objects",)))[0]
    assert kept["objects"] == {"bbox": [[1, 2, 3, 4]]}
