"""Telling that a dataset is the export of an augmentation already: its copies must not count as originals again."""

from __future__ import annotations

import contextlib
import itertools
import math
import os
import re
from array import array
from collections import Counter, defaultdict
from collections.abc import Iterator
from pathlib import Path

from augstudio.dataset.scanning import Dataset
from augstudio.marks import COPY, IMAGES, MANIFEST, MANIFEST_FIELD, ORIGINAL, REPORT, REPORT_FIELD
from augstudio.wording import printable

_REPORT_MARK, _MANIFEST_MARK = (f'"{field}"'.encode() for field in (REPORT_FIELD, MANIFEST_FIELD))
_HEAD = 2**16
"""Bytes of a file that are looked at: both marks stand at the beginning."""
_LARGEST = 2**24
"""Bytes of a remote report, which is fetched whole."""

_OWN = re.compile(rf"{COPY}\d+$")
_AUGMENTOR = re.compile(r"_original_.+_[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$")
_ROBOFLOW = re.compile(r"(.+)\.rf\.[0-9A-Za-z]{16,}$")
_KERAS = re.compile(r"(.*_(?:0|[1-9]\d*)_)(0|[1-9]\d{0,6})$")


def looks_augmented(dataset: Dataset) -> str:
    """Tell why a dataset looks like the export of an augmentation, by its names and by the files that exports leave.

    Recognised are exports of augstudio, of Roboflow (where one picture is there more than once), of Augmentor and of
    Keras' generators.

    Returns
    -------
    str
        What goes on after the dataset's name: "looks like …". Empty if nothing points to it.
    """
    return _by_names(dataset) or _by_files(dataset)


def relatives(dataset: Dataset) -> list[list[int]]:
    """Numbers of the sources that are copies of one picture, by their names; for what `looks_augmented` recognises."""
    found: dict[str, list[int]] = defaultdict(list)
    marked: set[str] = set()
    keras = "Keras" in _by_names(dataset)
    for number, source in enumerate(dataset.sources):
        stem = os.path.splitext(source.key)[0]  # noqa: PTH122  (a Path for every file is slow)
        original = _original(stem, keras=keras)
        if original != stem:
            marked.add(original)
        found[original].append(number)
    return [numbers for original, numbers in found.items() if original in marked and len(numbers) > 1]


def _original(stem: str, *, keras: bool) -> str:
    """What all copies of one picture have in common, and the picture itself; the stem where it is no copy."""
    if found := _OWN.search(stem):
        return stem[: found.start()]
    if stem.endswith(ORIGINAL):
        return stem.removesuffix(ORIGINAL)
    if (found := _AUGMENTOR.search(stem)) or (found := _ROBOFLOW.match(stem)):
        return stem[: found.end() - 37] if "_original_" in stem else found[1]
    return found[1] if keras and (found := _KERAS.match(stem)) else stem


def _by_names(dataset: Dataset) -> str:
    roboflow = ""
    keras = _Keras()
    for source in dataset.sources:
        stem = os.path.splitext(source.key)[0]  # noqa: PTH122  (a Path for every file is slow)
        if COPY in stem and _OWN.search(stem):
            return f"looks like an export of augstudio: {printable(source.key)} is named as its copies are"
        if "_original_" in stem and _AUGMENTOR.search(stem):
            return f"looks like an export of Augmentor: {printable(source.key)} is named as its copies are"
        if ".rf." in stem and (found := _ROBOFLOW.match(stem)):
            if found[1] == roboflow:  # in the order of sources, copies of a picture follow each other
                return f"looks like an augmented export of Roboflow: {printable(roboflow)} is there more than once"
            roboflow = found[1]
        elif found := _KERAS.match(stem):
            keras.add(found[1], int(found[2]))
    if keras.likely():
        return f"looks like an export of Keras' generators: {printable(keras.example)} is named as their copies are"
    return ""


class _Keras:
    """Names as `cat_0_1234`: a prefix, the picture's index, and a random number below 10,000 or 10,000,000.

    Pictures of a burst, frames of a film and tiles of a map are named alike, so the numbers must look random: spread
    evenly over all of the range, at uneven distances. That takes a few of them, and several for one picture.
    """

    LEAST = 20
    # Of the Kolmogorov-Smirnov statistic; random numbers are above it once in a thousand times.
    FURTHEST = 1.95
    MOST_EQUAL = 0.2

    def __init__(self) -> None:
        self.example = ""
        self._numbers = array("I")
        self._starts = array("I")
        self._last = ""

    def add(self, picture: str, number: int) -> None:
        """Take a number; those of one picture come after each other."""
        if picture != self._last:
            self._starts.append(len(self._numbers))
            self._last = picture
        self._numbers.append(number)
        self.example = self.example or f"{picture}{number}"

    def likely(self) -> bool:
        """Whether they look random."""
        count = len(self._numbers)
        if count < self.LEAST or count < 2 * len(self._starts):
            return False
        gaps: Counter[int] = Counter()
        steady = followed = 0
        for of_picture in self._gaps():
            gaps.update(of_picture)
            followed += max(0, len(of_picture) - 1)
            steady += sum(a == b for a, b in itertools.pairwise(of_picture))
        if max(gaps.values()) > self.MOST_EQUAL * gaps.total() or steady > self.MOST_EQUAL * followed:
            return False
        top = 10**4 if max(self._numbers) < 10**4 else 10**7
        shares = [(number + 0.5) / top for number in sorted(self._numbers)]
        furthest = max(max((i + 1) / count - share, share - i / count) for i, share in enumerate(shares))
        return furthest * math.sqrt(count) < self.FURTHEST

    def _gaps(self) -> Iterator[list[int]]:
        """For each picture, the distances between its numbers."""
        for start, end in zip(self._starts, [*self._starts[1:], len(self._numbers)], strict=True):
            numbers = sorted(self._numbers[start:end])
            yield [b - a for a, b in itertools.pairwise(numbers)]


def _by_files(dataset: Dataset) -> str:
    for name, head in _heads(dataset):
        if (_REPORT_MARK if name.endswith(REPORT) else _MANIFEST_MARK) in head:
            return f"looks like an export of augstudio: {printable(name)} says so"
    return ""


def _heads(dataset: Dataset) -> Iterator[tuple[str, bytes]]:
    """What an export's files begin with, where there are any; behind a URL only the nearest is asked for."""
    with contextlib.suppress(OSError):
        storage = dataset.storage
        if storage.root is None:
            yield REPORT, storage.read(REPORT, _LARGEST)
            return
        root = storage.root
        # Somebody may have opened OUT/images, or a split's or a class's folder in it.
        above = (folder.parent for folder in (root, *root.parents[:2]) if folder.name == IMAGES)
        for folder in (root, *above):
            for path in (folder / REPORT, folder / MANIFEST):
                if path.is_file():
                    yield str(path), _head(path)


def _head(path: Path) -> bytes:
    with contextlib.suppress(OSError), path.open("rb") as file:
        return file.read(_HEAD)
    return b""
