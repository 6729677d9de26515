"""Problems by the hundred thousand: the first of each kind are kept in full, the rest counted."""

from __future__ import annotations

from augstudio.labels.model import Problem

MOST_TOLD = 20
"""Of one kind in one file that are told one by one."""


class ProblemList:
    """Gathers problems of files that speak of many pictures; memory does not grow with their number."""

    def __init__(self) -> None:
        self._told: list[Problem] = []
        self._counts: dict[tuple[str, str], int] = {}
        self._first: dict[tuple[str, str], Problem] = {}

    def add(self, kind: str, file: str, place: str, found: str, allowed: str, *, left_out: bool = True) -> None:
        """Add one: see `Problem`; `file` and `place` together say where."""
        number = self._counts.get((kind, file), 0)
        self._counts[kind, file] = number + 1
        if number >= MOST_TOLD:
            return
        problem = Problem(kind, f"{file}, {place}" if place else file, found, allowed, left_out)
        self._told.append(problem)
        self._first.setdefault((kind, file), problem)

    def take(self, other: ProblemList) -> None:
        """Add all of another list, which has none of the same kind and file."""
        self._told += other._told
        self._counts.update(other._counts)
        self._first.update(other._first)

    def all(self) -> tuple[Problem, ...]:
        """What was added, and for each kind and file of which there are more, one that counts them."""
        rest = [
            Problem(kind, file, f"{more:,} more", first.allowed, first.left_out, more)
            for (kind, file), first in self._first.items()
            if (more := self._counts[kind, file] - MOST_TOLD) > 0
        ]
        return (*self._told, *rest)
