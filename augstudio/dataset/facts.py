"""What the pictures of a dataset are like, told from a few of them."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from augstudio.callbacks import never
from augstudio.dataset.listing import Source
from augstudio.dataset.scanning import Dataset
from augstudio.images import Loaded, PictureError, probe, read_reduced
from augstudio.storage import Key

if TYPE_CHECKING:
    from augstudio.advice import Facts

SAMPLED = 24
"""Pictures that are looked at, unless somebody asks for another number."""
_MOST_BYTES = 2**28
"""Of a picture behind a URL, which is fetched whole."""


def look_at(
    dataset: Dataset, training_size: int, *, count: int = SAMPLED, stop: Callable[[], bool] = never
) -> Facts | None:
    """Look at a sample of the pictures, spread evenly over the dataset and always the same one.

    Parameters
    ----------
    dataset : Dataset
        Its pictures that cannot be read are left out.
    training_size : int
        The shorter side, in pixels, at which contrast is measured.
    count : int
        How many pictures to look at, at most.
    stop : callable
        Asked before every picture; True ends it.

    Returns
    -------
    Facts or None
        None if no picture could be read, or if it was stopped.
    """
    from augstudio.advice import contrast_of, facts_of  # an export needs no more of this module than `sample_of`

    seen = []
    for number in sample_of(dataset, count):
        if stop():
            return None
        try:
            file = file_of(dataset, dataset.sources[number])
            info = probe(file)
            longest = math.ceil(training_size * max(info.width, info.height) / min(info.width, info.height))
            picture = read_reduced(file, longest)
        except (PictureError, OSError):
            continue
        seen.append((info.width, info.height, contrast_of(picture.pixels, training_size)))
    return facts_of(seen)


def sample_of(dataset: Dataset, count: int = SAMPLED) -> Iterator[int]:
    """Numbers of the sources that are looked at: up to `count`, evenly spread."""
    return spread(len(dataset.sources), count)


def spread(total: int, count: int) -> Iterator[int]:
    """Up to `count` numbers below `total`, evenly spread."""
    count = min(total, count)
    return ((2 * i + 1) * total // (2 * count) for i in range(count))


def file_of(dataset: Dataset, source: Source) -> Path | Loaded:
    """A picture's file, for reading; behind a URL it is fetched."""
    if dataset.storage.root:
        return source.path
    return Loaded(Path(source.key), dataset.storage.read(Key(source.key), _MOST_BYTES))
