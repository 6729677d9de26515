"""A transform for Hugging Face's `datasets`, which knows each row by a number that the row carries.

`set_transform` hands on batches of columns and no indices; and positions would not do, since `shuffle`, `select`,
`filter` and `train_test_split` change them. So `numbered` gives every row its number in a column once, at the start,
which then goes wherever the row goes, into other processes and into files, too.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Unpack

from augstudio.adapters.augment import Augment as _Augment
from augstudio.adapters.epoch import Epoch
from augstudio.adapters.libraries import needed
from augstudio.adapters.parts import Parts
from augstudio.pipeline import Pipeline

NUMBER = "augstudio_number"
"""The column that `numbered` adds."""


def numbered(dataset: Any, column: str = NUMBER) -> Any:
    """A data set whose rows carry their numbers, 0 for the first.

    Do this before anything else: after a `select` or `shuffle` the library writes all rows anew to add a column, and
    numbers them as they then are.

    Parameters
    ----------
    dataset : datasets.Dataset or datasets.DatasetDict
        It is left as it is. Each data set of a dict is numbered by itself.
    column : str
        The column's name.

    Raises
    ------
    ImportError
        If `datasets` is not installed.
    TypeError
        If the data set is a stream, which has no numbers.

    Examples
    --------
    >>> from datasets import load_dataset  # doctest: +SKIP
    >>> data = numbered(load_dataset("imagefolder", data_dir="pictures", split="train"))  # doctest: +SKIP
    """
    datasets = needed("datasets", by=__name__, title="Hugging Face's datasets", package="datasets")
    if isinstance(dataset, datasets.DatasetDict):
        return datasets.DatasetDict({split: numbered(part, column) for split, part in dataset.items()})
    if not isinstance(dataset, datasets.Dataset):
        raise TypeError(f"only a datasets.Dataset can be numbered, not {type(dataset).__name__}")
    return dataset.add_column(column, range(len(dataset)))


class Augment:
    """A transform for `set_transform` and `with_transform`: every row is augmented anew in every epoch.

    Every draw follows from the seed, the epoch and the row's number alone: it is the same for any number of workers and
    in any order. No random state is read or changed. Epoch `e` shows copy `e + 1` of an export with this seed if the
    column that names the rows holds the pictures' paths in it.

    Say which epoch it is before each one: without `set_epoch` all epochs show the same copies. Loader workers that
    persist see it, too, forked or spawned.

    Parameters
    ----------
    pipeline : Pipeline
        What is done.
    seed : int
        0 or more: another one draws everything anew.
    column : str
        What names the rows: the column of `numbered`, or one with a text or number for each row, all different. It is
        not handed on if it is that of `numbered`.
    **parts
        What is what in a row, which is a dict: see `Parts`.

    Examples
    --------
    >>> from augstudio import Pipeline
    >>> augment = Augment(Pipeline.load("photos"), seed=7)
    >>> data.set_transform(augment)  # doctest: +SKIP
    >>> for epoch in range(20):  # doctest: +SKIP
    ...     augment.set_epoch(epoch)
    ...     for batch in loader:
    ...         ...
    """

    def __init__(self, pipeline: Pipeline, seed: int, *, column: str = NUMBER, **parts: Unpack[Parts]) -> None:
        self._augment = _Augment(pipeline, seed, **parts)
        self._column = column
        self._epoch = Epoch()

    @property
    def epoch(self) -> int:
        """Which epoch it is, as of `set_epoch`; 0 at first."""
        return self._epoch.value

    def set_epoch(self, epoch: int) -> None:
        """Say which epoch begins: before its loop, since workers load ahead.

        Parameters
        ----------
        epoch : int
            0 or more.
        """
        self._epoch.value = epoch

    def __call__(self, batch: Mapping[str, list[Any]]) -> dict[str, list[Any]]:
        """Augment some rows.

        Parameters
        ----------
        batch : mapping of str to list
            Columns, as the library gives them.

        Returns
        -------
        dict of str to list
            The columns, without that of `numbered`.

        Raises
        ------
        KeyError
            If there is no picture, or no column that names the rows; the message says what to do.
        """
        if self._column not in batch:
            raise KeyError(
                f"the rows have no {self._column!r}, by which they are told apart: call "
                f"augstudio.adapters.huggingface.numbered on the data set first, and keep that column"
            )
        epoch, columns = self.epoch, list(batch)
        rows = (dict(zip(columns, values, strict=True)) for values in zip(*batch.values(), strict=True))
        done = [self._augment(row, row[self._column], epoch) for row in rows]
        return {name: [row[name] for row in done] for name in columns if name != NUMBER}
