"""What becomes of objects, counted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Self

from augstudio.label_rules import Fate
from augstudio.labels.model import Problem

_TOLD = 100
"""Problems of one kind that are put into words."""


@dataclass(frozen=True)
class ObjectCounts:
    """How many objects of each category one copy, or many, have kept and lost.

    Attributes
    ----------
    kept, lost : mapping of str to int
        By the name of their category.
    """

    kept: Mapping[str, int] = field(default_factory=dict)
    lost: Mapping[str, int] = field(default_factory=dict)

    @classmethod
    def of(cls, names: Sequence[str], fates: Sequence[Fate]) -> Self:
        """Count what became of the objects of one copy; names are those of their categories."""
        kept = Counter(names[fate.number] for fate in fates if fate.kept)
        lost = Counter(names[fate.number] for fate in fates if not fate.kept)
        return cls(dict(sorted(kept.items())), dict(sorted(lost.items())))

    def as_json(self) -> dict[str, dict[str, int]]:
        """Plain values."""
        return {"kept": dict(self.kept), "lost": dict(self.lost)}

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> Self:
        """Take them back from what `as_json` gave."""
        return cls(dict(value["kept"]), dict(value["lost"]))


@dataclass
class ObjectTally:
    """The objects of an export, added up.

    Attributes
    ----------
    pictures : int
        Copies that labels follow, those without any object included.
    empty : int
        Those of them without any object.
    kept, lost : Counter
        As of `ObjectCounts`.
    """

    pictures: int = 0
    empty: int = 0
    kept: Counter[str] = field(default_factory=Counter)
    lost: Counter[str] = field(default_factory=Counter)

    def add(self, counts: ObjectCounts) -> None:
        """Add those of one copy."""
        self.pictures += 1
        self.empty += not any(counts.kept.values())
        self.kept.update(counts.kept)
        self.lost.update(counts.lost)


@dataclass
class Complaints:
    """What is wrong with labels, by kind: how often, and the first ones in words."""

    counts: Counter[str] = field(default_factory=Counter)
    lines: dict[str, list[str]] = field(default_factory=dict)

    def add(self, complaints: Iterable[tuple[str, str]]) -> None:
        """Count problems, each its kind and a line (or none)."""
        for kind, line in complaints:
            self.counts[kind] += 1
            lines = self.lines.setdefault(kind, [])
            if line and len(lines) < _TOLD:
                lines.append(line)

    def with_those_of(self, problems: Sequence[Problem]) -> dict[str, tuple[int, tuple[str, ...]]]:
        """By kind how many there are, further ones included, and the first of them in words, sorted."""
        both = Complaints(Counter(self.counts), {kind: list(lines) for kind, lines in self.lines.items()})
        for problem in problems:
            both.add([(problem.kind, str(problem)), *[(problem.kind, "")] * (problem.count - 1)])
        return {kind: (number, tuple(sorted(both.lines[kind]))) for kind, number in sorted(both.counts.items())}
