"""What a caution is, and how shares are said."""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import StrEnum

from augstudio.pipeline import Pipeline

QUARTER = 0.25
"""Share of the copies beyond the excessive limit from which a range counts as excessive."""


class Level(StrEnum):
    """How serious a caution is."""

    CAUTION = "caution"
    EXCESSIVE = "excessive"


@dataclass(frozen=True)
class Remedy:
    """What clears a caution: the pipeline with one thing changed, and words for a button."""

    label: str
    pipeline: Pipeline


@dataclass(frozen=True)
class Caution:
    """A judgement.

    Attributes
    ----------
    level : Level
        Caution or excessive.
    step : str
        Id of the step concerned; empty for the whole pipeline.
    parameter : str
        Name of the parameter concerned; empty for the whole step or pipeline.
    title : str
        What is concerned, for people: "Rotate · Angle".
    message : str
        What will happen, in plain words with the figure.
    evidence : str
        Where the limit comes from.
    remedy : Remedy or None
        What would clear it.
    """

    level: Level
    step: str
    parameter: str
    title: str
    message: str
    evidence: str
    remedy: Remedy | None = None

    def as_json(self) -> dict[str, object]:
        """The caution as plain JSON values."""
        return {
            "level": self.level.value,
            "step": self.step,
            "parameter": self.parameter,
            "title": self.title,
            "message": self.message,
            "evidence": self.evidence,
            "remedy": self.remedy.label if self.remedy else None,
        }


def percent(share: float) -> str:
    """Say a share at the beginning of a sentence: "28 %", "All", "Under 1 %"."""
    if share >= 0.995:
        return "All" if share >= 1 - 1e-9 else "Over 99 %"
    return f"{math.floor(100 * share + 1e-9)} %" if share >= 0.01 else "Under 1 %"
