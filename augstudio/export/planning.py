"""What an export will write, before it does: who goes into which split, and how many copies each picture gets."""

from __future__ import annotations

import hashlib
import math
import re
import unicodedata
from array import array
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

from augstudio import presets
from augstudio.dataset.augmented import looks_augmented
from augstudio.dataset.scanning import Dataset, Source
from augstudio.dataset.splits import order_of, role_of
from augstudio.export.job import Job
from augstudio.export.naming import stems
from augstudio.export.settings import LARGEST, MAX_COPIES, ExportError, Settings
from augstudio.wording import count as counted
from augstudio.wording import printable

_DEALT = ("train", "val", "test")
_SHOWN = 3
MANY_COPIES = 10
"""Copies of one original above which a balanced class is remarked on; no published figure."""
_SPLIT_WORD = re.compile(r"(^|[-._ 0-9])(train(ing)?|validation|valid|val|dev|test(ing)?|eval(uation)?)([-._ 0-9]|$)")


class LooksAugmentedError(ExportError):
    """The source looks like an augmented export already, and nobody has said to go on; see `Settings.again`."""


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
    ) -> None:
        self.settings, self.dataset, self.capped = settings, dataset, capped
        self._splits, self._copies = splits, copies
        self._copied = {split for split in set(splits) if settings.originals or not _augments(settings, split)}
        self.unused = sum(not self.indexes(number) for number in range(len(splits)))
        self.rows = tuple(self._count())
        self.balanced, self.crowded = _told_of_balance(settings, self.rows)
        self.remarks = tuple(_remarks(self))

    @property
    def total(self) -> int:
        """How many jobs there are: one for each picture that is used."""
        return len(self._splits) - self.unused

    def to(self, location: str) -> ExportPlan:
        """The same plan for another destination."""
        return ExportPlan(replace(self.settings, out=location), self.dataset, self._splits, self._copies, self.capped)

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

    def indexes(self, number: int) -> tuple[int, ...]:
        """Indexes of the files of a source; 0 is the original."""
        return tuple(range(self._splits[number] not in self._copied, self._copies[number] + 1))

    def jobs(self, numbers: Iterator[int] | None = None) -> Iterator[Job]:
        """A job for every source, in the order of the sources; or for those of the given numbers."""
        settings, dataset = self.settings, self.dataset
        preset = presets.dump(settings.pipeline)
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


def plan_export(settings: Settings, dataset: Dataset) -> ExportPlan:
    """Deal out splits and copies; reads no picture.

    Raises
    ------
    LooksAugmentedError
        If the source looks like an augmented export already, and `settings.again` is not set.
    ExportError
        If what is asked for does not go with this source.
    """
    name = printable(dataset.location)
    if not settings.again and (why := looks_augmented(dataset)):
        raise LooksAugmentedError(f"{name}: {why}; copies of copies teach a model their flaws")
    if dataset.splits and settings.split is not None:
        found = ", ".join(dataset.splits)
        raise ExportError(f"{name}: has splits already ({found}), and they are kept; leave the split out")
    splits: list[str]
    if settings.split is not None:
        splits = deal(dataset.sources, settings.split, settings.seed)
    else:
        splits = [source.split for source in dataset.sources]
    augmented = [_augments(settings, split) for split in splits]
    if not any(splits) and settings.augment != Settings.augment:
        raise ExportError(f"{name}: has no train, val and test folders, so there is nothing to choose for augment")
    counts = array("I", (settings.copies if chosen else 0 for chosen in augmented))
    capped: Mapping[tuple[str, str], int] = {}
    if settings.balance is not None:
        capped = _balance(settings, dataset, splits, augmented, counts)
    return ExportPlan(settings, dataset, splits, counts, capped)


def deal(sources: Sequence[Source], shares: tuple[Fraction, ...], seed: int) -> list[str]:
    """Deal sources out to train, val and test: class by class, in the given shares, the same for a seed.

    Each class is put in an order that only its keys and the seed decide, and cut at the shares; where they do not come
    out even, chance decides class by class, so that many small classes still give the shares in all. A class always
    has a picture in train. A new picture moves at most one other across each cut of its own class, and none of another.

    Returns
    -------
    list of str
        "train", "val" or "test" for each source.
    """
    classes: dict[str, list[int]] = defaultdict(list)
    for number, source in enumerate(sources):
        classes[source.label].append(number)
    dealt = [""] * len(sources)
    for label, members in classes.items():
        members.sort(key=lambda number: _order(seed, "split", sources[number].key))
        luck = Fraction(_hash(seed, "split of class", label), 2**64)
        reached, start = Fraction(0), 0
        for name, share in zip(_DEALT, shares, strict=False):
            reached += share
            end = math.floor(len(members) * reached + luck)
            end = max(end, 1) if name == "train" else end
            for number in members[start:end]:
                dealt[number] = name
            start = max(start, end)
    return dealt


def _balance(
    settings: Settings, dataset: Dataset, splits: Sequence[str], augmented: Sequence[bool], counts: array[int]
) -> dict[tuple[str, str], int]:
    """Set how many copies each picture gets, so that every class of a split has as many files.

    Returns
    -------
    dict of (split, class) to int
        How many copies it would have taken of the classes that get fewer, as `settings.at_most` says.
    """
    capped: dict[tuple[str, str], int] = {}
    groups: dict[tuple[str, str], list[int]] = defaultdict(list)
    for number, source in enumerate(dataset.sources):
        if augmented[number] and source.label:
            groups[splits[number], source.label].append(number)
    labels = {label for _, label in groups}
    if len(labels) < 2:
        found = f"one class only ({printable(*labels)})" if labels else "no classes (no folders with pictures)"
        raise ExportError(f"{printable(dataset.location)}: has {found}, so there is nothing to balance")
    for split in {split for split, _ in groups}:
        of_split = {label: members for (at, label), members in groups.items() if at == split}
        largest = max(len(members) for members in of_split.values())
        wanted = (
            largest * (settings.copies + settings.originals)
            if settings.balance == LARGEST
            else int(settings.balance or 0)
        )
        for label, members in of_split.items():
            copies = wanted - len(members) * settings.originals
            if copies < 0:
                raise ExportError(
                    f"balance is {wanted:,}, but {printable(label)} has {len(members):,} originals already; allowed is "
                    f"{largest:,} or more, or an export without originals"
                )
            allowed = copies if settings.at_most is None else settings.at_most * len(members)
            if allowed < copies:
                capped[split, label] = copies
                copies = allowed
            each, more = divmod(copies, len(members))
            if each + bool(more) > MAX_COPIES:
                raise ExportError(
                    f"balance would take {each + bool(more):,} copies of each picture of {printable(label)}; "
                    f"allowed is {MAX_COPIES:,}"
                )
            ordered = sorted(members, key=lambda number: _order(settings.seed, "balance", dataset.sources[number].key))
            for place, number in enumerate(ordered):
                counts[number] = each + (place < more)
    return capped


def _told_of_balance(settings: Settings, rows: Sequence[Row]) -> tuple[str, bool]:
    """What balancing does to the pictures that it copies most, in words; and whether that is very much."""
    labelled = [row for row in rows if row.label and row.copies]
    if settings.balance is None or not labelled:
        return "", False
    row = max(labelled, key=lambda row: (row.most, -row.pictures))
    copies = counted(row.most, "copy", "copies")
    least = row.copies // row.pictures
    if least < row.most:
        copies = f"{least:,} or {copies}"
    pictures = f"each of {row.pictures:,} pictures" if row.pictures > 1 else "the only picture"
    where = f" in {printable(row.split)}" if row.split else ""
    asked = settings.copies if settings.balance == LARGEST else 0
    return f"{copies} of {pictures} of {printable(row.label)}{where}", row.most > max(MANY_COPIES, asked)


def _remarks(plan: ExportPlan) -> Iterator[str]:
    rows = plan.rows
    labels = dict.fromkeys(row.label for row in rows)
    loose = sum(row.pictures for row in rows if not row.label)
    if loose and len(labels) > 1:
        yield f"{_pictures(loose)} in no class folder; folder loaders leave them out or take them for a class."
    nested = [label for label in labels if "/" in label]
    if nested:
        top, bottom = printable(nested[0].partition("/")[0]), printable(nested[0].rpartition("/")[2])
        yield (
            f"Loaders differ on folders in folders: {printable(nested[0])} counts as {top} for most, as {bottom} for "
            "Hugging Face's."
        )
    for split in plan.splits:
        lacking = [label for label in labels if not any(row.split == split and row.label == label for row in rows)]
        if lacking:
            more = f" and {len(lacking) - _SHOWN:,} more" if len(lacking) > _SHOWN else ""
            shown = ", ".join(printable(label or "(no class)") for label in lacking[:_SHOWN])
            yield f"No picture in {split} of {shown}{more}."
    # Seen with `datasets` 5.2, which finds splits by such words in any folder's or file's name.
    named = next((label for label in labels if any(map(_SPLIT_WORD.search, label.split("/")))), None)
    if named is not None:
        yield f"Hugging Face's loader takes the class {printable(named)} for a split; another name avoids that."
    if not plan.splits:
        file = next((s.name for s in plan.dataset.sources if _SPLIT_WORD.search(s.name.rpartition(".")[0])), None)
        if file is not None:
            yield f"Hugging Face's loader takes {printable(file)} for a split by its name; another name avoids that."
    odd = next((split for split in plan.splits if split != split.lower()), None)
    if odd is not None:
        yield f"Hugging Face's loader may leave out the split {printable(odd)}: it looks for names in lower case."
    if plan.crowded:
        by_heart = "a model may learn those few pictures by heart"
        yield f"{plan.balanced}: above {MANY_COPIES} {by_heart}; a limit (--at-most) avoids it."
    if plan.capped:
        made = {(row.split, row.label): row for row in rows}
        told = [
            f"{printable(label)} gets {counted(made[split, label].copies, 'copy', 'copies')} instead of {wanted:,}"
            for (split, label), wanted in plan.capped.items()
        ]
        more = f", and {len(told) - _SHOWN:,} more classes get fewer" if len(told) > _SHOWN else ""
        most = counted(plan.settings.at_most or 0, "copy", "copies")
        yield f"At most {most} of one original: {', '.join(told[:_SHOWN])}{more}."
    if plan.unused:
        yield f"{_pictures(plan.unused)} not used: their classes have more pictures than the files asked for."


def _augments(settings: Settings, split: str) -> bool:
    role = role_of(split)
    return role is None or role in settings.augment


def _pictures(count: int) -> str:
    return f"{count:,} picture{'s are' if count != 1 else ' is'}"


def _order(seed: int, what: str, key: str) -> tuple[int, str]:
    """A sort key that deals sources out; two whose keys differ in Unicode form only have one hash."""
    return _hash(seed, what, key), key


def _hash(seed: int, what: str, name: str) -> int:
    """64 bits that depend on these alone."""
    text = "\0".join((what, str(seed), unicodedata.normalize("NFC", name)))
    return int.from_bytes(hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()[:8], "big")
