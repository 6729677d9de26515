"""What the pictures of a dataset are like, told from a few of them."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator

from augstudio.advice import Facts, contrast_of, facts_of
from augstudio.dataset.scanning import Dataset
from augstudio.images import PictureError, probe, read_reduced


def look_at(
    dataset: Dataset, training_size: int, *, count: int = 24, stop: Callable[[], bool] = lambda: False
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
    seen = []
    for number in _spread(len(dataset.sources), count):
        if stop():
            return None
        path = dataset.sources[number].path
        try:
            info = probe(path)
            longest = math.ceil(training_size * max(info.width, info.height) / min(info.width, info.height))
            picture = read_reduced(path, longest)
        except PictureError:
            continue
        seen.append((info.width, info.height, contrast_of(picture.pixels, training_size)))
    return facts_of(seen)


def _spread(total: int, count: int) -> Iterator[int]:
    """Up to `count` of the numbers below `total`, evenly spread."""
    count = min(total, count)
    return ((2 * i + 1) * total // (2 * count) for i in range(count))
