"""Who is learnt from and who is judged: no network is judged by a picture that it has seen, nor by one of its group."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from augstudio.callbacks import never
from augstudio.dataset.scanning import Dataset
from augstudio.dataset.splits import Role, role_of
from augstudio.export.planning import above_groups, kinship, lot
from augstudio.trial.settings import TrialError, TrialSettings
from augstudio.wording import count, listing, printable

_LEAST_GROUPS = 2
"""Of a class: one to learn from, one to be judged."""
_LEAST_CLASSES = 2
_SHOWN = 5
Numbers = NDArray[np.intp]


@dataclass(frozen=True)
class Fold:
    """One part of a round.

    Attributes
    ----------
    learnt, judged : NDArray of int
        Places of pictures in `Dealt.numbers`, ascending; no two of one group on both sides.
    """

    learnt: Numbers
    judged: Numbers


@dataclass(frozen=True)
class Dealt:
    """Which pictures take part, and how.

    Attributes
    ----------
    numbers : tuple of int
        Of their sources in the dataset, ascending.
    names : tuple of str
        Of the classes, sorted.
    classes : NDArray of int
        The class of each picture.
    leads : NDArray of int
        A number that pictures which belong together share.
    learnt, judged : NDArray of bool
        Whether a picture is ever learnt from, and judged.
    keys : tuple of str
        Of the pictures.
    split : str
        The split that is judged; empty where folds are.
    remarks : tuple of str
        What was left out, and why, a plain sentence each.
    """

    numbers: tuple[int, ...]
    names: tuple[str, ...]
    classes: Numbers
    leads: Numbers
    learnt: NDArray[np.bool_]
    judged: NDArray[np.bool_]
    keys: tuple[str, ...]
    split: str = ""
    remarks: tuple[str, ...] = ()

    def without(self, places: Sequence[int]) -> Dealt:
        """The same without some pictures, which turned out to be unreadable; classes stay."""
        kept = np.ones(len(self.numbers), bool)
        kept[list(places)] = False
        chosen = np.flatnonzero(kept)
        return Dealt(
            tuple(self.numbers[place] for place in chosen),
            self.names,
            self.classes[kept],
            self.leads[kept],
            self.learnt[kept],
            self.judged[kept],
            tuple(self.keys[place] for place in chosen),
            self.split,
            self.remarks,
        )

    def folds(self, settings: TrialSettings, number: int) -> list[Fold]:
        """The folds of a round, by its number from 0; the same for a seed."""
        if self.split:
            return [Fold(np.flatnonzero(self.learnt), np.flatnonzero(self.judged))]
        folds = np.empty(len(self.numbers), np.intp)
        by_lead: dict[int, list[int]] = defaultdict(list)
        for place, lead in enumerate(self.leads):
            by_lead[int(lead)].append(place)
        of_class: dict[int, list[list[int]]] = defaultdict(list)
        for places in by_lead.values():
            of_class[int(self.classes[places[0]])].append(places)
        dealt = 0  # goes on from class to class, so that folds are of one size
        for label in sorted(of_class):
            groups = sorted(of_class[label], key=lambda places: self._lot(settings.seed, number, places[0]))
            for places in groups:
                folds[places] = dealt % settings.folds
                dealt += 1
        parts = (folds == fold for fold in range(settings.folds))
        return [Fold(np.flatnonzero(~part), np.flatnonzero(part)) for part in parts if part.any()]

    def _lot(self, seed: int, number: int, place: int) -> tuple[int, str]:
        key = self.keys[place]
        return lot(seed, f"fold of round {number}", key), key


def deal(settings: TrialSettings, dataset: Dataset, *, stop: Callable[[], bool] = never) -> Dealt:
    """Choose the pictures that take part.

    Parameters
    ----------
    settings, dataset
        What is asked, and of what; pictures that are excluded are gone from the dataset already.
    stop : callable
        Asked while files are looked at.

    Raises
    ------
    TrialError
        If there are not two classes of which some pictures can be learnt from and others be judged.
    ExportError
        If files cannot be read, or the grouping does not go with the pictures.
    augstudio.dataset.doubles.Stopped
        If `stop` answered True.
    """
    name = printable(dataset.location)
    sources = dataset.sources
    related = kinship(dataset, settings.group, stop)
    labels = [source.label for source in sources]
    if settings.group is not None:
        labels = above_groups(labels, related.leads, related.grouped or ())
    split, sides = _sides([source.split for source in sources])
    if split and settings.group is not None:
        raise TrialError(f"{name}: has splits already, and they are kept; leave the group out")
    remarks = []
    if bare := sum(not label for label in labels):
        if bare == len(labels):
            raise TrialError(
                f"{name}: its pictures are in no folders that are classes. A trial trains networks that tell classes "
                "apart; it needs a folder for each class"
            )
        remarks.append(f"{count(bare, 'picture')} in no class: left out.")
    if split:
        learnt = {related.leads[number] for number, side in enumerate(sides) if side == "learnt"}
        seen = [number for number, side in enumerate(sides) if side == "judged" and related.leads[number] in learnt]
        for number in seen:
            sides[number] = ""
        if seen:
            are = "are in train too, so they are" if len(seen) > 1 else "is in train too, so it is"
            remarks.append(f"{count(len(seen), 'picture')} of {printable(split)} {are} not judged.")
    taking = [number for number, label in enumerate(labels) if label and sides[number]]
    taken, too_few = _judgeable(taking, labels, related.leads, sides)
    if too_few:
        shown = listing([*map(printable, too_few[:_SHOWN]), *_more(too_few)])
        needed = "pictures to learn from" if split else "two pictures or more that do not belong together"
        remarks.append(f"{shown}: left out; a class needs {needed}.")
    names = sorted({labels[number] for number in taken})
    judged = {labels[number] for number in taken if sides[number] != "learnt"}
    if len(judged) < _LEAST_CLASSES:
        why = f" ({remarks[-1]})" if too_few else ""
        raise TrialError(f"{name}: {count(len(judged), 'class', 'classes')} can be judged; needed are two or more{why}")
    if len(taken) > settings.most:
        all_of_them = len(taken)
        taken = _sampled(taken, labels, sides, [source.key for source in sources], settings)
        remarks.append(f"{len(taken):,} of {all_of_them:,} pictures take part.")
    places = {label: place for place, label in enumerate(names)}
    return Dealt(
        tuple(taken),
        tuple(names),
        np.array([places[labels[number]] for number in taken], np.intp),
        np.array([related.leads[number] for number in taken], np.intp),
        np.array([sides[number] in ("learnt", "both") for number in taken]),
        np.array([sides[number] in ("judged", "both") for number in taken]),
        tuple(sources[number].key for number in taken),
        split,
        tuple(remarks),
    )


def _sides(splits: Sequence[str]) -> tuple[str, list[str]]:
    """The split that is judged, and for each picture whether it is "learnt", "judged", "both" or neither ("")."""
    roles = {split: role_of(split) for split in set(splits) if split}
    learnt = {split for split, role in roles.items() if role in (Role.TRAIN, None)}
    for role in (Role.VAL, Role.TEST):
        judged = {split for split in roles if roles[split] is role}
        if judged and learnt:
            sides = ["learnt" if split in learnt else "judged" if split in judged else "" for split in splits]
            return " and ".join(sorted(judged)), sides
    return "", ["both"] * len(splits)


def _judgeable(
    numbers: Sequence[int], labels: Sequence[str], leads: Sequence[int], sides: Sequence[str]
) -> tuple[list[int], list[str]]:
    """Pictures of classes that can be learnt and judged, and the names of the other classes."""
    groups: dict[str, set[int]] = defaultdict(set)
    found: dict[str, set[str]] = defaultdict(set)
    for number in numbers:
        groups[labels[number]].add(leads[number])
        found[labels[number]].add(sides[number])
    left = {label for label in groups if not _can_be_tried(groups[label], found[label])}
    return [number for number in numbers if labels[number] not in left], sorted(left)


def _can_be_tried(groups: set[int], sides: set[str]) -> bool:
    if sides == {"both"}:
        return len(groups) >= _LEAST_GROUPS
    return "learnt" in sides  # one that is not judged is still there to be told apart from


def _sampled(
    numbers: Sequence[int], labels: Sequence[str], sides: Sequence[str], keys: Sequence[str], settings: TrialSettings
) -> list[int]:
    """As many as are taken at most, of every class in proportion, two of each at least; the same for a seed."""
    alike: dict[tuple[str, str], list[int]] = defaultdict(list)
    for number in numbers:
        alike[labels[number], sides[number]].append(number)
    share = settings.most / len(numbers)
    found: list[int] = []
    for members in alike.values():
        members.sort(key=lambda number: (lot(settings.seed, "trial", keys[number]), keys[number]))
        found.extend(members[: max(_LEAST_GROUPS, round(share * len(members)))])
    return sorted(found)


def _more(names: Sequence[str]) -> Iterator[str]:
    if len(names) > _SHOWN:
        yield f"{len(names) - _SHOWN:,} more"
