"""What becomes of objects, counted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Self, TypeAlias

from augstudio.label_rules import Fate
from augstudio.labels.model import Problem

_TOLD = 100
"""Problems of one kind that are put into words."""
_TOLD_OF_ONE = 20
"""The same in the labels of one picture."""

Complaint: TypeAlias = tuple[str, str, int]
"""Something that is wrong with labels: the kind, a plain line (or none), and how many it stands for."""


def told(problems: Iterable[Problem]) -> tuple[Complaint, ...]:
    """Problems of one picture in words; of each kind the first ones, and how many more there are."""
    found: list[Complaint] = []
    more: Counter[str] = Counter()
    lines: Counter[str] = Counter()
    for problem in problems:
        if lines[problem.kind] < _TOLD_OF_ONE:
            lines[problem.kind] += 1
            found.append((problem.kind, str(problem), problem.count))
        else:
            more[problem.kind] += problem.count
    return (*found, *((kind, "", number) for kind, number in more.items()))


@dataclass(frozen=True)
class ObjectCounts:
    """How many objects of each category one copy, or many, have kept and lost.

    Attributes
    ----------
    kept, lost : mapping of str to int
        By the name of their category.
    unwritten : mapping of str to int
        Those that the rules for labels would keep, and that the format written has no place for.
    """

    kept: Mapping[str, int] = field(default_factory=dict)
    lost: Mapping[str, int] = field(default_factory=dict)
    unwritten: Mapping[str, int] = field(default_factory=dict)

    @classmethod
    def of(cls, names: Sequence[str], fates: Sequence[Fate], left_out: frozenset[int] = frozenset()) -> Self:
        """Count what became of the objects of one copy.

        Parameters
        ----------
        names : sequence of str
            Of their categories.
        fates : sequence of Fate
            What the rules for labels say of each.
        left_out : frozenset of int
            Numbers of objects that the format has no place for.
        """
        kept = Counter(names[fate.number] for fate in fates if fate.kept and fate.number not in left_out)
        lost = Counter(names[fate.number] for fate in fates if not fate.kept)
        unwritten = Counter(names[fate.number] for fate in fates if fate.kept and fate.number in left_out)
        return cls(*(dict(sorted(counts.items())) for counts in (kept, lost, unwritten)))

    def as_json(self) -> dict[str, dict[str, int]]:
        """Plain values; `unwritten` only where there are any."""
        values = {"kept": dict(self.kept), "lost": dict(self.lost)}
        return {**values, "unwritten": dict(self.unwritten)} if self.unwritten else values

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> Self:
        """Take them back from what `as_json` gave."""
        return cls(dict(value["kept"]), dict(value["lost"]), dict(value.get("unwritten", {})))


@dataclass
class ObjectTally:
    """The objects of an export, added up.

    Attributes
    ----------
    pictures : int
        Copies that labels follow, those without any object included.
    empty : int
        Those of them without any object.
    kept, lost, unwritten : Counter
        As of `ObjectCounts`.
    """

    pictures: int = 0
    empty: int = 0
    kept: Counter[str] = field(default_factory=Counter)
    lost: Counter[str] = field(default_factory=Counter)
    unwritten: Counter[str] = field(default_factory=Counter)

    def add(self, counts: ObjectCounts) -> None:
        """Add those of one copy."""
        self.pictures += 1
        self.empty += not any(counts.kept.values())
        self.kept.update(counts.kept)
        self.lost.update(counts.lost)
        self.unwritten.update(counts.unwritten)


@dataclass
class Complaints:
    """What is wrong with labels, by kind: how often, and the first ones in words."""

    counts: Counter[str] = field(default_factory=Counter)
    lines: dict[str, list[str]] = field(default_factory=dict)

    def add(self, complaints: Iterable[Complaint]) -> None:
        """Count problems."""
        for kind, line, number in complaints:
            self.counts[kind] += number
            lines = self.lines.setdefault(kind, [])
            if line and len(lines) < _TOLD:
                lines.append(line)

    def with_those_of(self, problems: Sequence[Problem]) -> dict[str, tuple[int, tuple[str, ...]]]:
        """By kind how many there are, further ones included, and the first of them in words, sorted."""
        both = Complaints(Counter(self.counts), {kind: list(lines) for kind, lines in self.lines.items()})
        both.add((problem.kind, str(problem), problem.count) for problem in problems)
        return {kind: (number, tuple(sorted(both.lines[kind]))) for kind, number in sorted(both.counts.items())}
