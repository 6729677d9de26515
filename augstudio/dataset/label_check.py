"""Reading the labels of every picture before anything is made of them: objects, and what is wrong."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

from augstudio.callbacks import ignore, never
from augstudio.dataset.labelling import DatasetLabels
from augstudio.dataset.listing import Source
from augstudio.dataset.scanning import Dataset
from augstudio.images import DEFAULT_MAX_PIXELS, Loaded, PictureError, PictureInfo, probe
from augstudio.labels.adapter import MOST_LABEL_BYTES
from augstudio.labels.model import Facts, Problem
from augstudio.labels.picture import PictureLabels
from augstudio.storage import Key, Storage
from augstudio.wording import said

_THREADS = 8
_AT_A_TIME = 256
_HEAD = 2**18
"""Bytes of a picture behind a URL that mostly tell its size."""


@dataclass(frozen=True)
class Checked:
    """What reading all labels has shown.

    Attributes
    ----------
    pictures : int
        Those whose labels were read; those without any included.
    without_objects : int
        Those of them without any object.
    objects : mapping of str to int
        How many there are of each category.
    problems : tuple of Problem
        What is wrong, in the order of the pictures; first what is wrong with files that speak of many.
    not_exported : tuple of str
        Keys of pictures of whose labels so much is left out that they would not be exported.
    """

    pictures: int = 0
    without_objects: int = 0
    objects: Counter[str] = field(default_factory=Counter)
    problems: tuple[Problem, ...] = ()
    not_exported: tuple[str, ...] = ()

    @property
    def kinds(self) -> dict[str, list[Problem]]:
        """Problems by their kind, the most frequent first."""
        found: dict[str, list[Problem]] = {}
        for problem in self.problems:
            found.setdefault(problem.kind, []).append(problem)
        return dict(sorted(found.items(), key=lambda kind: (-sum(one.count for one in kind[1]), kind[0])))


def check(
    dataset: Dataset,
    labels: DatasetLabels,
    *,
    max_pixels: int = DEFAULT_MAX_PIXELS,
    progress: Callable[[int, int], None] = ignore,
    stop: Callable[[], bool] = never,
) -> Checked | None:
    """Read the labels of all pictures; of the pictures themselves, headers.

    Parameters
    ----------
    dataset, labels
        The pictures, and what `labelling.collect` has found beside them.
    max_pixels : int
        Larger pictures are problems.
    progress : callable
        Told how many pictures are read, and of how many.
    stop : callable
        Asked now and then; True ends it.

    Returns
    -------
    Checked or None
        None if it was stopped.
    """
    storage = dataset.storage
    pictures = without = 0
    objects: Counter[str] = Counter()
    problems = list(labels.problems)
    not_exported = []

    def look(source: Source) -> _Look:
        return _look(storage, source.key, labels, max_pixels)

    with ThreadPoolExecutor(_THREADS, "augstudio-labels") as pool:
        for some in _batches(dataset.sources):
            if stop():
                return None
            for source, seen in zip(some, pool.map(look, some), strict=True):
                pictures += seen.read
                without += seen.read and not seen.names
                objects.update(seen.names)
                problems += seen.problems
                if seen.unusable:
                    not_exported.append(source.key)
            progress(pictures, len(dataset.sources))
    return Checked(pictures, without, Counter(dict(sorted(objects.items()))), tuple(problems), tuple(not_exported))


@dataclass(frozen=True)
class _Look:
    """What is said of one picture."""

    read: bool = False
    names: tuple[str, ...] = ()
    problems: tuple[Problem, ...] = ()
    unusable: bool = False


def _look(storage: Storage, key: str, labels: DatasetLabels, max_pixels: int) -> _Look:
    try:
        info = _info(storage, key, max_pixels)
        facts = Facts(key, info.width, info.height, info.orientation)
        found = PictureLabels.read(
            labels.labellings,
            labels.records(key),
            lambda file: storage.read(Key(file), MOST_LABEL_BYTES),
            facts,
        )
    except PictureError as error:
        return _Look(problems=(Problem("picture that cannot be read", key, error.reason, "a picture"),), unusable=True)
    except OSError as error:
        problem = Problem("labels that cannot be read", key, said(error), "files that can be read")
        return _Look(problems=(problem,), unusable=True)
    return _Look(True, found.names, found.problems, bool(found.unusable))


def _info(storage: Storage, key: str, max_pixels: int) -> PictureInfo:
    """What a picture's header tells."""
    if storage.root is not None:
        return probe(storage.root / key, max_pixels=max_pixels)
    path = Path(key)
    try:
        return probe(Loaded(path, storage.head(Key(key), _HEAD)), max_pixels=max_pixels)
    except PictureError:  # some have what counts at their end
        return probe(Loaded(path, storage.read(Key(key))), max_pixels=max_pixels)


def _batches(sources: Sequence[Source]) -> Iterator[list[Source]]:
    left = iter(sources)
    while some := list(itertools.islice(left, _AT_A_TIME)):
        yield some
