"""Planning an export: who goes into which split, and how many copies each picture gets."""

from __future__ import annotations

import hashlib
import math
import unicodedata
from array import array
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from fractions import Fraction

from augstudio.callbacks import never
from augstudio.dataset import doubles, labelling
from augstudio.dataset.augmented import looks_augmented, relatives
from augstudio.dataset.description import in_doubt
from augstudio.dataset.groups import Grouping, GroupingError, together
from augstudio.dataset.labelling import DatasetLabels
from augstudio.dataset.scanning import Dataset
from augstudio.dataset.splits import Doubt
from augstudio.dataset.stated_splits import in_words
from augstudio.export.plan import DEALT, ExportPlan, Kinship, augments
from augstudio.export.remarks import balance_in_words, of_labels, remarks
from augstudio.export.settings import LARGEST, MAX_COPIES, ExportError, Settings
from augstudio.labels.formats import OF_OBJECTS
from augstudio.wording import printable, said, shown


class LooksAugmentedError(ExportError):
    """The source looks like an augmented export already, and nobody has said to go on; see `Settings.again`."""


class UnclearFoldersError(ExportError):
    """The source has folders that may be train, val and test, or classes, and nobody has said which.

    Attributes
    ----------
    doubt : Doubt
        The folders.
    """

    def __init__(self, name: str, doubt: Doubt) -> None:
        super().__init__(f"{name}: {in_doubt(doubt)}; test pictures must not be learnt from, so say which")
        self.doubt = doubt


def plan_export(settings: Settings, dataset: Dataset, *, stop: Callable[[], bool] = never) -> ExportPlan:
    """Deal out splits and copies; decodes no picture, but looks for identical files.

    Parameters
    ----------
    settings, dataset
        What to make, and of what; pictures that the settings exclude are left out here. What folders are taken for is
        as the dataset says.
    stop : callable
        Asked while files are looked at.

    Raises
    ------
    LooksAugmentedError
        If the source looks like an augmented export already, and `settings.again` is not set.
    UnclearFoldersError
        If nobody has said what the source's folders mean.
    ExportError
        If what is asked for does not go with this source.
    Stopped
        If `stop` answered True.
    """
    name = printable(dataset.location)
    settings = replace(settings, folders=dataset.folders)  # as it was read, so it is exported
    dataset = dataset.without(settings.excluded)
    if not dataset.sources and dataset.excluded:
        raise ExportError(f"{name}: all of its pictures are excluded")
    if not settings.again and (why := looks_augmented(dataset)):
        raise LooksAugmentedError(f"{name}: {why}; copies of copies teach a model their flaws")
    if dataset.doubt is not None:
        raise UnclearFoldersError(name, dataset.doubt)
    if dataset.splits and settings.split is not None:
        found, instead = ", ".join(dataset.splits), ""
        if dataset.stated_by:
            found, instead = (
                f"{found}, as {in_words(dataset.stated_by)} them",
                ", or let folders alone make splits (--folders-alone)",
            )
        raise ExportError(f"{name}: has splits already ({found}), and they are kept; leave the split out{instead}")
    labels = _labels(settings, dataset, stop)
    related = kinship(dataset, settings.group, stop, again=settings.again)
    splits: list[str]
    if settings.split is not None:
        classes = [source.label for source in dataset.sources]
        if settings.group is not None:
            classes = above_groups(classes, related.leads, related.grouped or ())
        splits = deal([source.key for source in dataset.sources], classes, settings.split, settings.seed, related.leads)
    else:
        splits = [source.split for source in dataset.sources]
    augmented = [augments(settings, split) for split in splits]
    if not any(splits) and settings.augment != Settings.augment:
        raise ExportError(f"{name}: has no train, val and test folders, so there is nothing to choose for augment")
    counts = array("I", (settings.copies if chosen else 0 for chosen in augmented))
    capped: Mapping[tuple[str, str], int] = {}
    if settings.balance is not None:
        capped = _balance(settings, dataset, splits, augmented, counts)
    planned = ExportPlan(settings, dataset, splits, counts, capped, related, labels)
    planned.balanced, planned.crowded = balance_in_words(planned)
    planned.following = tuple(of_labels(planned))
    planned.remarks = tuple(remarks(planned))
    return planned


def _labels(settings: Settings, dataset: Dataset, stop: Callable[[], bool]) -> DatasetLabels:
    try:
        labels = labelling.collect(dataset, settings.labels, stop=stop)
    except labelling.LabelError as error:
        raise ExportError(str(error)) from error
    except labelling.RecognitionStopped:
        raise doubles.Stopped from None
    except OSError as error:
        raise ExportError(f"{printable(dataset.location)}: its labels cannot be read ({said(error)})") from error
    if settings.balance is not None and (of_objects := [one for one in labels.formats if one in OF_OBJECTS]):
        raise ExportError(
            f"{printable(dataset.location)}: balance makes more copies of pictures of rare classes, but the objects in "
            f"one picture ({of_objects[0].called}) are of several classes, and copies of it add to all of them; leave "
            "balance out, or the labels"
        )
    return labels


def deal(
    keys: Sequence[str],
    classes: Sequence[str],
    shares: tuple[Fraction, ...],
    seed: int,
    leads: Sequence[int] | None = None,
) -> list[str]:
    """Deal pictures out to train, val and test: class by class, in the given shares, the same for a seed.

    Each class is put in an order that only its keys and the seed decide, and cut at the shares; where they do not come
    out even, chance decides class by class, so that many small classes still give the shares in all. A class always
    has a group in train. Of pictures that belong together, the one of the first key is dealt out, and the others go
    with it, so that shares are shares of groups. A new picture moves at most one other group across each cut of its
    own class, and none of another.

    Parameters
    ----------
    keys, classes : sequence of str
        Of the pictures.
    shares : tuple of Fraction
        Of train, val and, if there are three, test; they add up to 1.
    seed : int
        0 or more.
    leads : sequence of int or None
        For each picture the number of the first in its group; None if each is a group of its own.

    Returns
    -------
    list of str
        "train", "val" or "test" for each picture.
    """
    groups: dict[str, list[int]] = defaultdict(list)
    for number, label in enumerate(classes):
        if leads is None or leads[number] == number:
            groups[label].append(number)
    dealt = [""] * len(keys)
    for label, members in groups.items():
        members.sort(key=lambda number: _order(seed, "split", keys[number]))
        luck = Fraction(lot(seed, "split of class", label), 2**64)
        reached, start = Fraction(0), 0
        for name, share in zip(DEALT, shares, strict=False):
            reached += share
            end = math.floor(len(members) * reached + luck)
            end = max(end, 1) if name == "train" else end
            for number in members[start:end]:
                dealt[number] = name
            start = max(start, end)
    return dealt if leads is None else [dealt[lead] for lead in leads]


def kinship(
    dataset: Dataset, grouping: Grouping | None, stop: Callable[[], bool] = never, *, again: bool = False
) -> Kinship:
    """Tell which pictures belong together: those whose files are identical, and those of a group.

    With `again`, the dataset may be the export of an augmentation: then copies of one picture, by their names, too.

    Raises
    ------
    ExportError
        If files cannot be read, or the grouping does not go with the pictures.
    Stopped
        If `stop` answered True.
    """
    sources = dataset.sources
    try:
        identical = doubles.identical(dataset, stop=stop)
    except OSError as error:
        raise ExportError(f"{printable(dataset.location)}: cannot be read ({said(error)})") from error
    named: dict[str, list[int]] = defaultdict(list)
    grouped = [False] * len(sources)
    if grouping is not None:
        try:
            for number, group in enumerate(grouping.groups(sources)):
                if group is not None:
                    grouped[number] = True
                    named[group].append(number)
        except GroupingError as error:
            raise ExportError(str(error)) from error
        _check_groups(grouping, dataset, named)
    first: dict[int, int] = {}
    copies = relatives(dataset) if again else []
    leads = together(len(sources), identical, named.values(), copies)
    for number, lead in enumerate(leads):
        best = first.setdefault(lead, number)
        if sources[number].key < sources[best].key:
            first[lead] = number
    grouped_ones = grouped if grouping is not None else None
    return Kinship(identical, [first[lead] for lead in leads], grouped_ones, sum(map(len, copies)))


def above_groups(labels: Sequence[str], leads: Sequence[int], grouped: Sequence[bool]) -> list[str]:
    """The class that each picture is dealt out with: a folder that holds one group tells nothing to deal out by.

    So of `cat/film1` and `cat/film2` the class is `cat`, and of `film1` and `film2` there is none. Each folder is
    judged for itself, and pictures in no group do not count, so that one more picture changes nothing for others.
    """
    groups: dict[str, set[int]] = defaultdict(set)
    for label, lead, counts in zip(labels, leads, grouped, strict=True):
        while counts and label:
            groups[label].add(lead)
            label = label.rpartition("/")[0]  # noqa: PLW2901
    above = {}
    for label in set(labels):
        above[label] = label
        while len(groups[above[label]]) == 1:
            above[label] = above[label].rpartition("/")[0]
    return [above[label] for label in labels]


def _check_groups(group: Grouping, dataset: Dataset, named: Mapping[str, Sequence[int]]) -> None:
    name = printable(dataset.location)
    if not named:
        example = f", such as {shown(dataset.sources[0].key)}" if dataset.sources else ""
        row = f"; a row of it is {shown(list(group.table[0]))}" if group.table else ""
        raise ExportError(
            f"{name}: group is {shown(str(group))}, which finds no group for any picture there{example}{row}"
        )
    if len(named) == 1 and len(next(iter(named.values()))) == len(dataset.sources) > 1:
        (only,) = named
        raise ExportError(
            f"{name}: group is {shown(str(group))}, which puts all pictures into one group "
            f"({shown(only.replace(chr(0), ' '))}), so there is nothing to deal out"
        )


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


def _order(seed: int, what: str, key: str) -> tuple[int, str]:
    """A sort key that deals sources out; two whose keys differ in Unicode form only have one hash."""
    return lot(seed, what, key), key


def lot(seed: int, what: str, name: str) -> int:
    """64 bits that depend on these alone."""
    text = "\0".join((what, str(seed), unicodedata.normalize("NFC", name)))
    return int.from_bytes(hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()[:8], "big")
