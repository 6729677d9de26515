"""What an export will write: a value, before anything is written."""

from __future__ import annotations

import copy
import hashlib
from array import array
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from augstudio import presets
from augstudio.dataset import doubles
from augstudio.dataset.labelling import NO_LABELS, DatasetLabels
from augstudio.dataset.scanning import Dataset
from augstudio.dataset.splits import order_of, role_of
from augstudio.export.job import Job
from augstudio.export.labelled import LabelsFile
from augstudio.export.naming import stems
from augstudio.export.settings import Settings

DEALT = ("train", "val", "test")
"""Splits that pictures are dealt out to."""


@dataclass(frozen=True)
class Kinship:
    """Which pictures of a dataset belong together.

    Attributes
    ----------
    identical : tuple of tuple of int
        Numbers of the sources whose files are identical, as of `doubles.identical`.
    leads : list of int
        For each source, the number of the first in its group, by its key; its own if it belongs to none.
    grouped : list of bool or None
        For each source whether the settings' grouping says something of it; None where there is no grouping.
    copies : int
        How many are copies of a picture that there are more of, by their names.
    """

    identical: tuple[tuple[int, ...], ...]
    leads: list[int]
    grouped: list[bool] | None
    copies: int = 0

    @property
    def ungrouped(self) -> int:
        """Sources that the settings' grouping says nothing of."""
        return self.grouped.count(False) if self.grouped is not None else 0


@dataclass(frozen=True)
class Row:
    """What one class of one split comes to.

    Attributes
    ----------
    split, label : str
        Empty where there are no splits, or no classes.
    pictures : int
        Of the source.
    originals, copies : int
        Files to be written, if every picture can be read.
    """

    split: str
    label: str
    pictures: int
    originals: int
    copies: int

    @property
    def files(self) -> int:
        """All of them."""
        return self.originals + self.copies

    @property
    def most(self) -> int:
        """Copies of one picture, at most, where they are dealt out evenly."""
        return -(-self.copies // self.pictures)


class ExportPlan:
    """Who goes where and how often; a few bytes are kept for each picture.

    Attributes
    ----------
    settings, dataset
        What it was made from.
    rows : tuple of Row
        One for each class of each split, in the order of the sources.
    unused : int
        Pictures that no file is made of: their class is balanced to fewer files than it has pictures.
    capped : mapping of (split, class) to int
        Copies that balancing asked for, of the classes that get fewer, since `settings.at_most` says so.
    balanced : str
        What balancing does to the pictures that it copies most: "48 copies of each of 8 pictures of rare"; empty where
        classes are not balanced.
    crowded : bool
        Whether that is more than `MANY_COPIES`, and more than was asked for by the number of copies.
    leaks : mapping of str to tuple of (str, str)
        Of each split that is not trained on, pictures whose files are in train too: their keys, and those there.
    two_classes : tuple of (str, str)
        Keys of pictures whose files are identical, and whose classes differ.
    kept_together : int
        Pictures that are dealt out together with others, since their files are identical.
    ungrouped : int
        Pictures that the grouping asked for says nothing of.
    copies_together : int
        Pictures that are dealt out together with others, since they are copies of one picture by their names.
    labels : DatasetLabels
        What follows the pictures.
    following : tuple of str
        The same in words, with what was taken for granted, a plain sentence each.
    remarks : tuple of str
        What somebody should know before they begin, a plain sentence each.
    """

    def __init__(
        self,
        settings: Settings,
        dataset: Dataset,
        splits: Sequence[str],
        copies: array[int],
        capped: Mapping[tuple[str, str], int],
        kinship: Kinship,
        labels: DatasetLabels = NO_LABELS,
    ) -> None:
        self.settings, self.dataset, self.capped, self.labels = settings, dataset, capped, labels
        self._splits, self._copies, self._kinship = splits, copies, kinship
        self._copied = {split for split in set(splits) if settings.originals or not augments(settings, split)}
        self.unused = sum(not self.indexes(number) for number in range(len(splits)))
        self.rows = tuple(self._count())
        self.leaks = doubles.leaks(dataset, splits, kinship.identical)
        self.two_classes = tuple(doubles.in_two_classes(dataset, kinship.identical))
        self.kept_together = sum(map(len, kinship.identical)) if settings.split is not None else 0
        self.ungrouped = kinship.ungrouped
        self.copies_together = kinship.copies if settings.split is not None else 0
        self.balanced, self.crowded = "", False
        self.following: tuple[str, ...] = ()
        self.remarks: tuple[str, ...] = ()

    @property
    def total(self) -> int:
        """How many jobs there are: one for each picture that is used."""
        return len(self._splits) - self.unused

    def to(self, location: str) -> ExportPlan:
        """The same plan for another destination."""
        other = copy.copy(self)
        other.settings = replace(self.settings, out=location)
        return other

    @property
    def groups(self) -> int:
        """How many groups there are to deal out, a picture by itself being one."""
        return len(set(self._kinship.leads))

    @property
    def dealt(self) -> str:
        """SHA-256 of who is dealt into which split; empty where the source's own are kept, or there are none."""
        if self.settings.split is None:
            return ""
        digest = hashlib.sha256()
        for source, split in zip(self.dataset.sources, self._splits, strict=True):
            digest.update(f"{source.key}\0{split}\n".encode("utf-8", "surrogatepass"))
        return digest.hexdigest()

    @property
    def files(self) -> int:
        """How many files there will be, if every picture can be read."""
        return sum(row.files for row in self.rows)

    @property
    def splits(self) -> tuple[str, ...]:
        """Names of the splits; none if the export has none."""
        return tuple(dict.fromkeys(row.split for row in self.rows if row.split))

    @property
    def roots(self) -> tuple[str, ...]:
        """Folders below `images` that a loader is pointed at: one for each split, or only the folder itself."""
        return self.splits or ("",)

    @property
    def labels_file(self) -> LabelsFile | None:
        """What `labels.json` will say; None where no labels follow."""
        return LabelsFile(self.labels.labellings, self.splits) if self.labels.sets else None

    def indexes(self, number: int) -> tuple[int, ...]:
        """Indexes of the files of a source; 0 is the original."""
        return tuple(range(self._splits[number] not in self._copied, self._copies[number] + 1))

    def jobs(self, numbers: Iterator[int] | None = None) -> Iterator[Job]:
        """A job for every source, in the order of the sources; or for those of the given numbers."""
        settings, dataset = self.settings, self.dataset
        preset = presets.dump(settings.pipeline)
        labellings = tuple(labelling.dump() for labelling in self.labels.labellings)
        folders = [
            "/".join(filter(None, (split, source.label)))
            for source, split in zip(dataset.sources, self._splits, strict=True)
        ]
        names = stems((folder, source.key) for folder, source in zip(folders, dataset.sources, strict=True))
        for number in range(len(names)) if numbers is None else numbers:
            source = dataset.sources[number]
            indexes = self.indexes(number)
            if not indexes:
                continue
            yield Job(
                number=number,
                key=source.key,
                label=source.label,
                split=self._splits[number],
                root=dataset.location,
                out=settings.out,
                folder=folders[number],
                stem=names[number],
                copies=indexes,
                preset=preset,
                seed=settings.seed,
                format=settings.encoding.format.value,
                quality=settings.encoding.quality,
                max_pixels=settings.max_pixels,
                labellings=labellings,
                records=self.labels.records(source.key) if labellings else (),
            )

    def _count(self) -> Iterator[Row]:
        pictures: Counter[tuple[str, str]] = Counter()
        originals: Counter[tuple[str, str]] = Counter()
        copies: Counter[tuple[str, str]] = Counter()
        for number, source in enumerate(self.dataset.sources):
            split = self._splits[number]
            place = split, source.label
            pictures[place] += 1
            copies[place] += self._copies[number]
            originals[place] += split in self._copied
        for split in sorted({split for split, _ in pictures}, key=order_of):
            for place, count in pictures.items():
                if place[0] == split:
                    yield Row(*place, count, originals[place], copies[place])


def augments(settings: Settings, split: str) -> bool:
    """Whether the pictures of a split get copies."""
    role = role_of(split)
    return role is None or role in settings.augment
