"""A data set around a data set, for PyTorch's loaders."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Unpack

from augstudio.adapters.augment import Augment
from augstudio.adapters.counting import Key, key_of
from augstudio.adapters.epoch import Epoch
from augstudio.adapters.libraries import is_a, needed
from augstudio.adapters.parts import Parts
from augstudio.pipeline import Pipeline


class Augmented:
    """The samples of a data set with an index, augmented anew in every epoch.

    Every draw follows from the seed, the epoch and the sample's index alone: it is the same for any number of workers,
    forked or spawned, and for any order, sampler or batch size. No random state is read or changed. Epoch `e` shows
    copy `e + 1` of an export with this seed if `keys` are the pictures' paths in it.

    Say which epoch it is before each one: without `set_epoch` all epochs show the same copies.

    Parameters
    ----------
    dataset : torch.utils.data.Dataset
        Anything with `__getitem__` and `__len__` whose samples are pictures, or tuples, lists or dicts with one in it;
        see `Augment` for the kinds of pictures. Labels, boxes and masks: see `Parts`.
    pipeline : Pipeline
        What is done.
    seed : int
        0 or more: another one draws everything anew.
    keys : sequence of str, optional
        A name for each sample, such as its path; without them its index is its name.
    **parts
        What is what in a sample: see `Parts`.

    Attributes
    ----------
    dataset : torch.utils.data.Dataset
        The one inside.

    Raises
    ------
    ImportError
        If PyTorch is not installed.
    TypeError, ValueError
        If the data set has no index, or not as many samples as there are keys.

    Examples
    --------
    >>> from augstudio import Pipeline
    >>> from augstudio.adapters.torch import Augmented
    >>> data = Augmented(ImageFolder("pictures"), Pipeline.load("photos"), seed=7)  # doctest: +SKIP
    >>> for epoch in range(20):  # doctest: +SKIP
    ...     data.set_epoch(epoch)
    ...     for images, labels in loader:
    ...         ...
    """

    def __init__(
        self, dataset: Any, pipeline: Pipeline, seed: int, *, keys: Sequence[str] | None = None, **parts: Unpack[Parts]
    ) -> None:
        needed("torch", by=__name__, title="PyTorch", package="torch")
        if is_a(dataset, "torch.utils.data", "IterableDataset") or not hasattr(dataset, "__getitem__"):
            raise TypeError(
                f"{type(dataset).__name__} has no index, by which samples are told apart; in one of your own, call "
                "augstudio.adapters.Augment with a key where it yields a sample"
            )
        if keys is not None and len(keys) != len(dataset):
            raise ValueError(f"there are {len(keys)} keys for {len(dataset)} samples; there should be one for each")
        self.dataset = dataset
        self._keys = keys
        self._augment = Augment(pipeline, seed, **parts)
        self._epoch = Epoch()

    @property
    def epoch(self) -> int:
        """Which epoch it is, as of `set_epoch`; 0 at first."""
        return self._epoch.value

    def set_epoch(self, epoch: int) -> None:
        """Say which epoch begins: before its loop, since workers load ahead. Workers that persist see it, too.

        Parameters
        ----------
        epoch : int
            0 or more.
        """
        self._epoch.value = epoch

    def __len__(self) -> int:
        return len(self.dataset)

    def __getitem__(self, index: Any) -> Any:
        return self._augment(self.dataset[index], self._key(index), self.epoch)

    def __getitems__(self, indices: Sequence[Any]) -> list[Any]:
        """Several at once, which some data sets load faster; loaders ask for a batch by this."""
        load = getattr(self.dataset, "__getitems__", None)
        samples = load(indices) if callable(load) else [self.dataset[index] for index in indices]
        epoch = self.epoch
        return [self._augment(sample, self._key(index), epoch) for sample, index in zip(samples, indices, strict=True)]

    def __repr__(self) -> str:
        return f"Augmented({self.dataset!r}, {self._augment.pipeline.name!r}, seed={self._augment.seed})"

    def _key(self, index: Any) -> Key:
        if hasattr(index, "__index__"):
            index = index.__index__()
            index = index + len(self.dataset) if index < 0 else index
        return key_of(index) if self._keys is None else self._keys[index]
