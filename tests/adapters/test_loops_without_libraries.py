"""What the adapters for libraries do where those are missing, or where something else stands in for them."""

from __future__ import annotations

import pickle
import subprocess
import sys
import types
from collections.abc import Iterator
from importlib import import_module
from typing import Any

import numpy as np
import pytest
from pictures import smooth

from augstudio import Pipeline
from augstudio.adapters.libraries import is_a, needed
from augstudio.adapters.torch import Augmented

PHOTOS = Pipeline.load("photos")
IMAGES = [smooth(20, 30, 3, seed=seed) for seed in range(5)]
LIBRARIES = ("torch", "torchvision", "tensorflow", "keras", "datasets", "PIL.Image")


@pytest.mark.parametrize("module", ["torch", "tensorflow", "huggingface"])
def test_our_modules_import_none_of_theirs(module: str) -> None:
    script = f"import sys, augstudio.adapters.{module}\nprint(*[name for name in {LIBRARIES} if name in sys.modules])"
    run = subprocess.run([sys.executable, "-W", "error", "-c", script], capture_output=True, text=True, check=True)
    assert run.stdout.split() == []


@pytest.mark.parametrize(
    ("module", "library", "use", "line"),
    [
        ("torch", "torch", "Augmented([], p, 7)", "augstudio.adapters.torch needs PyTorch: pip install torch"),
        (
            "tensorflow",
            "tensorflow",
            "Augment(p, 7)",
            "augstudio.adapters.tensorflow needs TensorFlow: pip install tensorflow",
        ),
        (
            "huggingface",
            "datasets",
            "numbered([])",
            "augstudio.adapters.huggingface needs Hugging Face's datasets: pip install datasets",
        ),
    ],
)
def test_a_missing_library_is_said_in_one_line(
    module: str, library: str, use: str, line: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, library, None)  # as if it were not installed
    names = {**vars(import_module(f"augstudio.adapters.{module}")), "p": PHOTOS}
    with pytest.raises(ImportError) as caught:
        eval(use, names)
    assert str(caught.value) == line
    assert caught.value.__suppress_context__


def test_one_that_is_there_and_lacks_something_says_so_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "fractions", None)
    monkeypatch.delitem(sys.modules, "statistics", raising=False)
    with pytest.raises(ModuleNotFoundError, match="fractions"):
        needed("statistics", by="x", title="Statistics", package="statistics")
    assert not is_a(1, "fractions", "Fraction")


# -- the data set around a data set, with something in PyTorch's place -----------------------------------------------


@pytest.fixture
def torch(monkeypatch: pytest.MonkeyPatch) -> Any:
    """A module with what the adapter asks of PyTorch where there are no tensors."""
    torch, data = types.ModuleType("torch"), types.ModuleType("torch.utils.data")
    data.IterableDataset = type("IterableDataset", (), {"__getitem__": None})  # type: ignore[attr-defined]
    for name, module in (("torch", torch), ("torch.utils.data", data)):
        monkeypatch.setitem(sys.modules, name, module)
    return torch


class Pictures:
    """A data set with numbers for classes."""

    def __init__(self) -> None:
        self.asked: list[Any] = []

    def __len__(self) -> int:
        return len(IMAGES)

    def __getitem__(self, index: int) -> tuple[Any, int]:
        self.asked.append(index)
        return IMAGES[index], int(index) % 2


class Batches(Pictures):
    """One that loads several at once."""

    def __getitems__(self, indices: list[int]) -> list[tuple[Any, int]]:
        self.asked.append(list(indices))
        return [(IMAGES[index], index % 2) for index in indices]


def test_a_sample_is_drawn_by_its_index_and_the_epoch(torch: Any) -> None:
    data = Augmented(Pictures(), PHOTOS, 7)
    assert len(data) == 5
    for epoch in (0, 3):
        data.set_epoch(epoch)
        assert data.epoch == epoch
        for index in (4, 0, 2):
            image, label = data[index]
            assert np.array_equal(image, PHOTOS(IMAGES[index], seed=7, key=str(index), copy=epoch + 1))
            assert label == index % 2


def test_it_ends_where_the_data_set_ends(torch: Any) -> None:
    assert len(list(Augmented(Pictures(), PHOTOS, 7))) == 5  # type: ignore[call-overload]  # by index, until there is none


@pytest.mark.parametrize("index", [-2, np.int64(3), np.array(3)])
def test_the_same_sample_by_another_index_is_the_same(torch: Any, index: Any) -> None:
    assert np.array_equal(Augmented(Pictures(), PHOTOS, 7)[index][0], PHOTOS(IMAGES[3], seed=7, key="3"))


def test_keys_stand_for_indices(torch: Any) -> None:
    keys = [f"cat/{number}.png" for number in range(5)]
    data = Augmented(Pictures(), PHOTOS, 7, keys=keys)
    for index in (3, -2):
        assert np.array_equal(data[index][0], PHOTOS(IMAGES[3], seed=7, key="cat/3.png"))
    with pytest.raises(ValueError, match="4 keys for 5 samples"):
        Augmented(Pictures(), PHOTOS, 7, keys=keys[1:])


@pytest.mark.parametrize("inner", [Pictures, Batches])
def test_a_batch_is_loaded_as_the_data_set_does_best(torch: Any, inner: type[Pictures]) -> None:
    data = Augmented(inner(), PHOTOS, 7)
    found = data.__getitems__([4, 1])
    assert data.dataset.asked == ([[4, 1]] if inner is Batches else [4, 1])
    for (image, label), index in zip(found, (4, 1), strict=True):
        assert np.array_equal(image, data[index][0])
        assert label == index % 2


def test_a_stream_is_refused(torch: Any) -> None:
    stream = sys.modules["torch.utils.data"].IterableDataset()

    def made() -> Iterator[int]:
        yield 1

    for dataset in (stream, made()):
        with pytest.raises(TypeError, match=r"has no index.*augstudio\.adapters\.Augment with a key"):
            Augmented(dataset, PHOTOS, 7)


def test_what_is_what_is_handed_on(torch: Any) -> None:
    class Masked(Pictures):
        def __getitem__(self, index: int) -> Any:
            return IMAGES[index], np.full((20, 30), 9, np.uint8)

    with pytest.raises(TypeError, match="no longer fit"):
        Augmented(Masked(), PHOTOS, 7)[0]
    assert set(np.unique(Augmented(Masked(), PHOTOS, 7, masks=(1,), mask_fill=200)[0][1])) <= {9, 200}


def test_it_goes_through_pickle_and_says_what_it_is(torch: Any) -> None:
    data = Augmented(Pictures(), PHOTOS, 7)
    data.set_epoch(3)
    again = pickle.loads(pickle.dumps(data))
    assert again.epoch == 3
    assert np.array_equal(again[2][0], data[2][0])
    assert repr(data).startswith("Augmented(<") and repr(data).endswith(f"{PHOTOS.name!r}, seed=7)")
