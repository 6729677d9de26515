"""What a folder holds, in words."""

from __future__ import annotations

from collections.abc import Iterator

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
