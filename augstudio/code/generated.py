"""What a preset becomes in another library's words, and how near to it that comes."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Target(StrEnum):
    """What code is written for."""

    NUMPY = "numpy"
    KERAS = "keras"
    TORCHVISION = "torchvision"
    ALBUMENTATIONS = "albumentations"


class Standing(StrEnum):
    """How near a step comes to what this program does."""

    EXACT = "exact"
    """The same meaning: the same pixels within rounding for the same numbers, and numbers drawn alike."""
    CLOSE = "close"
    """Something else that looks alike; `Line.words` says in what, and by how much."""
    LEFT_OUT = "left out"
    """It cannot be said; `Line.words` says why."""


@dataclass(frozen=True)
class Line:
    """A line of the table that code begins with.

    Attributes
    ----------
    step : str
        The step's id; empty for what is no step: the output's size, or the rules for labels.
    title : str
        What it is called.
    standing : Standing
        How near it comes.
    words : str
        Of what is close: in what, by how much. Of what is left out: why. Empty, or a remark, of what is exact.
    """

    step: str
    title: str
    standing: Standing
    words: str = ""


@dataclass(frozen=True)
class Generated:
    """A preset as code.

    Attributes
    ----------
    target : Target
        For which library.
    text : str
        The file: it defines `augment`, and imports nothing of this program.
    rows : tuple of Line
        The table that it begins with.
    """

    target: Target
    text: str
    rows: tuple[Line, ...]

    @property
    def exact(self) -> bool:
        """Whether all of it is."""
        return all(row.standing is Standing.EXACT for row in self.rows)
