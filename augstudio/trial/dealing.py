"""Who is learnt from and who is judged: no network is judged by a picture that it has seen, nor by one of its group."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from augstudio.callbacks import never
from augstudio.dataset.scanning import Dataset
from augstudio.dataset.splits import Role, order_of, role_of
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

    def without(self, places: Sequence[int]) -> tuple[Dealt, list[int]]:
        """The same without some pictures, which turned out to be unreadable, and all places that are gone with them.

        Classes of which too little is left are left out, too.
        """
        gone = set(places)
        sides = ["both" if learnt and judged else "learnt" if learnt else "judged" for learnt, judged in self._roles()]
        labels = [self.names[label] for label in self.classes.tolist()]
        rest = [place for place in range(len(self.numbers)) if place not in gone]
        kept, too_few = _judgeable(rest, labels, self.leads.tolist(), sides)
        names = sorted({labels[place] for place in kept})
        numbered = {label: number for number, label in enumerate(names)}
        dealt = Dealt(
            tuple(self.numbers[place] for place in kept),
            tuple(names),
            np.array([numbered[labels[place]] for place in kept], np.intp),
            self.leads[kept],
            self.learnt[kept],
            self.judged[kept],
            tuple(self.keys[place] for place in kept),
            self.split,
            (*self.remarks, *([_left_out(too_few, self.split)] if too_few else [])),
        )
        return dealt, sorted({*range(len(self.numbers))} - {*kept})

    def _roles(self) -> Iterable[tuple[bool, bool]]:
        return zip(self.learnt.tolist(), self.judged.tolist(), strict=True)

    def check(self, name: str) -> None:
        """Refuse where there are not two classes to be judged.

        Raises
        ------
        TrialError
            If there are not.
        """
        classes = len(set(self.classes[self.judged].tolist()) & set(self.classes[self.learnt].tolist()))
        if classes < _LEAST_CLASSES:
            why = f" ({' '.join(self.remarks)})" if self.remarks else ""
            raise TrialError(f"{name}: {count(classes, 'class', 'classes')} can be judged; needed are two or more{why}")

    def folds(self, settings: TrialSettings, number: int) -> list[Fold]:
        """The folds of a round, by its number from 0; the same for a seed."""
        if self.split:
            return [self._fold(self.learnt, self.judged)]
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
        found = [self._fold(~part, part) for part in parts]
        return [fold for fold in found if len(fold.judged)]

    def _fold(self, learnt: NDArray[np.bool_], judged: NDArray[np.bool_]) -> Fold:
        """A fold without pictures of classes that its networks have not learnt, as where a group is of two classes."""
        known = np.isin(self.classes, self.classes[learnt])
        return Fold(np.flatnonzero(learnt), np.flatnonzero(judged & known))

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
    name, sources = printable(dataset.location), dataset.sources
    related = kinship(dataset, settings.group, stop, again=settings.again)
    leads = related.leads
    labels = [source.label for source in sources]
    if settings.group is not None:
        if dataset.splits:
            raise TrialError(f"{name}: has splits already, and they are kept; leave the group out")
        labels = above_groups(labels, related.leads, related.grouped or ())
        if not any(labels) and any(source.label for source in sources):
            raise TrialError(
                f"{name}: grouped by {settings.group}, no class is left: each of its folders is all in one group, and "
                "so is no class of its own"
            )
    split, sides, remarks = _sides(name, [source.split for source in sources])
    if bare := sum(not label for label in labels):
        if bare == len(labels):
            raise TrialError(
                f"{name}: its pictures are in no folders that are classes. A trial trains networks that tell classes "
                "apart, so it needs a folder for each class; boxes and masks beside pictures are not learnt"
            )
        remarks.append(f"{count(bare, 'picture')} in no class: left out.")
    if related.copies:
        remarks.append("Copies of one picture stay on one side; networks are judged by copies, too.")
    if split:
        learnt = {leads[number] for number, side in enumerate(sides) if side == "learnt"}
        seen = [number for number, side in enumerate(sides) if side == "judged" and leads[number] in learnt]
        for number in seen:
            sides[number] = ""
        if seen:
            are = "are in train too, so they are" if len(seen) > 1 else "is in train too, so it is"
            remarks.append(f"{count(len(seen), 'picture')} of {printable(split)} {are} not judged.")
    taken = [number for number, label in enumerate(labels) if label and sides[number]]
    taken, too_few = _judgeable(taken, labels, leads, sides)
    if too_few:
        remarks.append(_left_out(too_few, split))
    if len(taken) > settings.most:
        all_of_them = len(taken)
        taken = _sampled(taken, labels, sides, leads, [source.key for source in sources], settings)
        least = ", two groups of each class at least" if len(taken) > settings.most else ""
        remarks.append(f"{len(taken):,} of {all_of_them:,} pictures take part{least}.")
    names = sorted({labels[number] for number in taken})
    places = {label: place for place, label in enumerate(names)}
    dealt = Dealt(
        tuple(taken),
        tuple(names),
        np.array([places[labels[number]] for number in taken], np.intp),
        np.array([leads[number] for number in taken], np.intp),
        np.array([sides[number] in ("learnt", "both") for number in taken], np.bool_),
        np.array([sides[number] in ("judged", "both") for number in taken], np.bool_),
        tuple(sources[number].key for number in taken),
        split,
        tuple(remarks),
    )
    dealt.check(name)
    return dealt


def _left_out(names: Sequence[str], split: str) -> str:
    shown = [*map(printable, names[:_SHOWN])]
    if len(names) > _SHOWN:
        shown.append(f"{len(names) - _SHOWN:,} more")
    needed = (
        "pictures to learn from"
        if split
        else "two pictures or more that do not belong together (by a group, or as identical files)"
    )
    return f"{listing(shown)}: left out; a class needs {needed}."


def _sides(name: str, splits: Sequence[str]) -> tuple[str, list[str], list[str]]:
    """The split that is judged; for each picture whether it is "learnt", "judged", "both" or neither (""); remarks."""
    many = Counter(split for split in splits if split)
    if not many:
        return "", ["both"] * len(splits), []
    learnt = {split for split in many if role_of(split) in (Role.TRAIN, None)}
    if not learnt:
        named = listing([printable(split) for split in sorted(many, key=order_of)])
        raise TrialError(f"{name}: its splits are {named}, and none of them is to be learnt from; needed is a train")
    judged: set[str] = set()
    for role in (Role.VAL, Role.TEST):
        judged = judged or {split for split in many if role_of(split) is role}
    side = dict.fromkeys(learnt, "learnt" if judged else "both") | dict.fromkeys(judged, "judged")
    remarks = [
        f"{count(many[split], 'picture')} of {printable(split)} take no part."
        for split in sorted(many, key=order_of)
        if split not in side
    ]
    return " and ".join(sorted(judged, key=order_of)), [side.get(split, "") for split in splits], remarks


def _judgeable(
    numbers: Sequence[int], labels: Sequence[str], leads: Sequence[int], sides: Sequence[str]
) -> tuple[list[int], list[str]]:
    """Pictures of classes that can be learnt and judged, and the names of the other classes."""
    groups: dict[str, set[int]] = defaultdict(set)
    found: dict[str, set[str]] = defaultdict(set)
    for number in numbers:
        groups[labels[number]].add(leads[number])
        found[labels[number]].add(sides[number])
    left = {label for label in groups if not _can_be_tried(len(groups[label]), found[label])}
    return [number for number in numbers if labels[number] not in left], sorted(left)


def _can_be_tried(groups: int, sides: set[str]) -> bool:
    if sides == {"both"}:
        return groups >= _LEAST_GROUPS
    return "learnt" in sides  # one that is not judged is still there to be told apart from


def _sampled(
    numbers: Sequence[int],
    labels: Sequence[str],
    sides: Sequence[str],
    leads: Sequence[int],
    keys: Sequence[str],
    settings: TrialSettings,
) -> list[int]:
    """As many as are taken, of every class in proportion; whole groups, two of each at least; the same for a seed."""
    alike: dict[tuple[str, str], dict[int, list[int]]] = defaultdict(lambda: defaultdict(list))
    for number in numbers:
        alike[labels[number], sides[number]][leads[number]].append(number)
    share = settings.most / len(numbers)
    found: list[int] = []
    for groups in alike.values():
        ordered = sorted(groups.values(), key=lambda group: (lot(settings.seed, "trial", keys[group[0]]), group[0]))
        wanted, had = round(share * sum(map(len, ordered))), 0
        for place, group in enumerate(ordered):
            if place >= _LEAST_GROUPS and had + len(group) > wanted:
                break
            had += len(group)
            found.extend(group)
    return sorted(found)
