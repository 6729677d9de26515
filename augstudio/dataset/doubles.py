"""Pictures whose files are identical: they belong together, whatever they are called."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor

from augstudio.callbacks import never
from augstudio.dataset.scanning import Dataset
from augstudio.dataset.splits import Role, order_of, role_of
from augstudio.storage import Key, Storage

_HEAD = 2**14
"""First bytes that are held against each other before all are."""
_AT_ONCE = 16
"""Requests at a time."""

_KEPT = "_identical"


class Stopped(Exception):  # noqa: N818  (it is the caller who ends it)
    """The caller's `stop` ended the look."""


def identical(dataset: Dataset, *, stop: Callable[[], bool] = never) -> tuple[tuple[int, ...], ...]:
    """Find files of the same content.

    Files of different sizes differ; the others are held against each other by their first bytes, and what is left is
    hashed (SHA-256). Empty files and what cannot be read are like no other. The answer is kept with the dataset, until
    `forget` is called: the window asks for it at every edit.

    Parameters
    ----------
    dataset : Dataset
        Its pictures as they lie there now.
    stop : callable
        Asked before every file.

    Returns
    -------
    tuple of tuple of int
        Numbers of the sources, two or more that are identical, ascending.

    Raises
    ------
    Stopped
        If `stop` answered True.
    """
    whole: Dataset = vars(dataset).get("_whole", dataset)
    kept: tuple[tuple[str, ...], ...] | None = vars(whole).get(_KEPT)
    if kept is None:
        kept = vars(whole)[_KEPT] = tuple(
            tuple(whole.sources[number].key for number in group) for group in _look(whole, stop)
        )
    keys = {key for group in kept for key in group}
    numbers = {source.key: number for number, source in enumerate(dataset.sources) if source.key in keys}
    groups = (tuple(sorted(numbers[key] for key in group if key in numbers)) for group in kept)
    return tuple(sorted(group for group in groups if len(group) > 1))


def leaks(
    dataset: Dataset, splits: Sequence[str], groups: Iterable[Sequence[int]]
) -> dict[str, tuple[tuple[str, str], ...]]:
    """Pictures of other splits whose files are in train too.

    Parameters
    ----------
    dataset : Dataset
        The pictures.
    splits : sequence of str
        The split of each; empty for none.
    groups : iterable of sequence of int
        As of `identical`.

    Returns
    -------
    dict of str to tuple of (str, str)
        For each split that is not for training and has some: their keys, sorted, each with one of train.
    """
    found: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for group in groups:
        learnt = next((number for number in group if role_of(splits[number]) is Role.TRAIN), None)
        if learnt is None:
            continue
        for number in group:
            if splits[number] and role_of(splits[number]) is not Role.TRAIN:
                found[splits[number]].append((dataset.sources[number].key, dataset.sources[learnt].key))
    return {split: tuple(sorted(found[split])) for split in sorted(found, key=order_of)}


def in_two_classes(dataset: Dataset, groups: Iterable[Sequence[int]]) -> Iterator[tuple[str, str]]:
    """Keys of pictures of a class whose files are in another as well; `groups` are as of `identical`."""
    for group in groups:
        labelled = [dataset.sources[number] for number in group if dataset.sources[number].label]
        for source in labelled[1:]:
            if source.label != labelled[0].label:
                yield labelled[0].key, source.key


def forget(dataset: Dataset) -> None:
    """Look anew the next time: files may have been replaced."""
    vars(vars(dataset).get("_whole", dataset)).pop(_KEPT, None)


def _look(dataset: Dataset, stop: Callable[[], bool]) -> tuple[tuple[int, ...], ...]:
    storage, sources = dataset.storage, dataset.sources
    key_of = [source.key for source in sources]
    if storage.root is None:
        wanted = set(key_of)
        sizes = {path: size for path, size in storage.files() if path in wanted}
        groups = _alike(range(len(sources)), lambda number: sizes.get(key_of[number]) or None, stop)
        threads = _AT_ONCE
    else:
        # An empty file is no picture; that two of them are the same says nothing.
        groups = _alike(range(len(sources)), lambda number: storage.size(Key(key_of[number])) or None, stop)
        threads = 1
    groups = _refined(groups, lambda number: storage.head(Key(key_of[number]), _HEAD), stop, threads)
    groups = _refined(groups, lambda number: _digest(storage, Key(key_of[number])), stop, threads)
    return tuple(sorted(tuple(group) for group in groups))


def _digest(storage: Storage, key: Key) -> bytes:
    digest = hashlib.sha256()
    with storage.open(key) as file:
        while block := file.read(2**20):
            digest.update(block)
    return digest.digest()


def _refined(
    groups: list[list[int]], look: Callable[[int], Hashable], stop: Callable[[], bool], threads: int
) -> list[list[int]]:
    if threads == 1:
        return [finer for group in groups for finer in _alike(group, look, stop)]

    def seen(number: int) -> Hashable | None:
        if stop():
            raise Stopped
        try:
            return look(number)
        except OSError:
            return None

    numbers = [number for group in groups for number in group]
    with ThreadPoolExecutor(threads) as pool:  # behind a URL, each look takes its time
        told = dict(zip(numbers, pool.map(seen, numbers), strict=True))
    return [finer for group in groups for finer in _alike(group, told.__getitem__, stop)]


def _alike(numbers: Iterable[int], look: Callable[[int], Hashable | None], stop: Callable[[], bool]) -> list[list[int]]:
    """Those that look the same as some other."""
    found: dict[Hashable, list[int]] = defaultdict(list)
    for number in numbers:
        if stop():
            raise Stopped
        try:
            seen = look(number)
        except OSError:  # whoever reads it tells of it
            continue
        if seen is not None:
            found[seen].append(number)
    return [group for group in found.values() if len(group) > 1]
