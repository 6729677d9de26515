"""Gathers what is wrong with one label file, so that a file of nothing but errors does not fill the memory."""

from __future__ import annotations

from augstudio.labels.model import Problem
from augstudio.wording import count

MOST = 100
"""Problems of one file that are told one by one."""


class Complaints:
    """The problems of one file, in the order of its lines.

    Parameters
    ----------
    where : str
        Key of the file.
    """

    def __init__(self, where: str) -> None:
        self._where = where
        self._problems: list[Problem] = []
        self._more = 0
        self._more_left_out = False

    def add(self, kind: str, place: str, found: str, allowed: str, *, left_out: bool = True) -> None:
        """Add one; `place` is within the file, and empty where the whole file is meant."""
        if len(self._problems) >= MOST:
            self._more += 1
            self._more_left_out |= left_out
            return
        where = f"{self._where}, {place}" if place else self._where
        self._problems.append(Problem(kind, where, found, allowed, left_out))

    def all(self) -> tuple[Problem, ...]:
        """Those that were told, and how many more there are."""
        if not self._more:
            return tuple(self._problems)
        rest = Problem(
            "many more problems",
            self._where,
            count(self._more, "more problem"),
            f"only the first {MOST} of a file are told",
            self._more_left_out,
            self._more,
        )
        return (*self._problems, rest)
