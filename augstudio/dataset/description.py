"""What a folder holds, in words."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from augstudio.callbacks import never
from augstudio.dataset import doubles
from augstudio.dataset.scanning import Dataset
from augstudio.dataset.splits import Doubt
from augstudio.dataset.stated_splits import in_words
from augstudio.labels import LabelFormat
from augstudio.wording import count, listing, printable

_CLASSES = 12
_SUFFIXES = {
    LabelFormat.YOLO: (".txt", ".yaml", ".yml", ".names", ".data"),
    LabelFormat.COCO: (".json",),
    LabelFormat.VOC: (".xml",),
}
"""Of the files that labels lie in."""
_FOLDERS = 3
_PAIRS = 5


def contents(dataset: Dataset) -> Iterator[str]:
    """Pictures, splits, classes and labels, a plain line each."""
    yield f"{printable(dataset.location)}: {count(len(dataset.sources), 'picture')}"
    if dataset.splits:
        by = f" as {in_words(dataset.stated_by)} them" if dataset.stated_by else ""
        yield f"Splits{by}: {', '.join(f'{printable(name)} {number:,}' for name, number in dataset.splits.items())}"
    classes = {label: number for label, number in dataset.classes.items() if label}
    if classes:
        shown = [f"{printable(label)} {number:,}" for label, number in list(classes.items())[:_CLASSES]]
        more = [f"{len(classes) - _CLASSES:,} more"] if len(classes) > _CLASSES else []
        yield f"{count(len(classes), 'class', 'classes')}: {', '.join([*shown, *more])}"
    if loose := dataset.classes.get("", 0):
        yield f"In no class: {count(loose, 'picture')}"
    for found in dataset.labels:
        yield f"Labels: {found.in_words()}"


def identical(dataset: Dataset, *, more: str = "", stop: Callable[[], bool] = never) -> Iterator[tuple[str, bool]]:
    """Identical files, a plain line each, and whether it does harm: they are in train and beside it, or in two classes.

    Files are looked at; `more` is added where not all pairs are told.

    Raises
    ------
    Stopped
        If `stop` answered True.
    """
    groups = doubles.identical(dataset, stop=stop)
    if groups:
        files = count(sum(map(len, groups)), "file")
        first = [dataset.sources[number].key for number in groups[0]]
        yield f"Identical: {files} of {count(len(groups), 'content')}, such as {_equal(first)}", False
    leaks = doubles.leaks(dataset, [source.split for source in dataset.sources], groups)
    for split, pairs in leaks.items():
        yield from _pairs(f"{printable(split)} and train hold the same file", pairs, more)
    yield from _pairs("in two classes", [*doubles.in_two_classes(dataset, groups)], more)


def _pairs(what: str, pairs: Sequence[Sequence[str]], more: str) -> Iterator[tuple[str, bool]]:
    for pair in pairs[:_PAIRS]:
        yield f"{what}: {_equal(pair)}", True
    if len(pairs) > _PAIRS:
        yield f"{what}: {len(pairs) - _PAIRS:,} more{more}", True


def _equal(keys: Sequence[str]) -> str:
    more = f" = {len(keys) - 2:,} more" if len(keys) > 2 else ""
    return f"{printable(keys[0])} = {printable(keys[1])}{more}"


def beside(dataset: Dataset) -> Iterator[str]:
    """How it was read, and what is none of its pictures, a plain line each."""
    for line in filter(None, (*dataset.notes, dataset.unfollowed)):
        yield f"note: {line}"
    of_labels = {suffix for found in dataset.labels for suffix in _SUFFIXES.get(found.format, ())}
    for one in dataset.left_out:
        if one.told or one.name not in of_labels:  # what holds labels is told as such
            yield f"left out: {one}"
    for line in dataset.skipped:
        yield f"skipped: {line}"
    if dataset.excluded:
        shown = listing([printable(key) for key in dataset.excluded[:_FOLDERS]])
        more = f" and {len(dataset.excluded) - _FOLDERS:,} more" if len(dataset.excluded) > _FOLDERS else ""
        yield f"excluded: {count(len(dataset.excluded), 'picture')} ({shown}{more})"


def in_doubt(doubt: Doubt) -> str:
    """What is to be decided: "my test may be a split or a class (beside cat and dog)"."""
    folders = listing([printable(folder) for folder in doubt.names])
    what = "may be a split or a class" if len(doubt.names) == 1 else "may be splits or classes"
    others = [printable(folder) for folder in doubt.others[:_FOLDERS]]
    more = [f"{len(doubt.others) - _FOLDERS:,} more"] if len(doubt.others) > _FOLDERS else []
    return f"{folders} {what}{f' (beside {listing([*others, *more])})' if others else ''}"
