"""What a caution is, and how shares are said."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum

from augstudio.pipeline import Pipeline
from augstudio.transforms import Evidence

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
        Id of the step concerned, of several the one that does most; empty for the whole pipeline.
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
    kind : Evidence or None
        Whether a training did worse beyond the limit, or whether it is a mere scale of strength; None for what is
        counted on objects, where the evidence says it.
    measure : str
        Name of the measure of whole copies that is beyond its limit; empty where it is a parameter's own limit.
    """

    level: Level
    step: str
    parameter: str
    title: str
    message: str
    evidence: str
    remedy: Remedy | None = None
    kind: Evidence | None = None
    measure: str = ""

    def as_json(self) -> dict[str, object]:
        """The caution as plain JSON values."""
        return {
            "level": self.level.value,
            "step": self.step,
            "parameter": self.parameter,
            "title": self.title,
            "message": self.message,
            "evidence": self.evidence,
            "kind": self.kind.value if self.kind else None,
            "measure": self.measure,
            "remedy": self.remedy.label if self.remedy else None,
        }


@dataclass(frozen=True)
class Finding:
    """What a caution is made of, before anybody looks for a remedy.

    Attributes
    ----------
    caution : Caution
        All but its remedy.
    cause : tuple of str
        Findings of one cause become one caution.
    share : float
        Of the copies that are concerned.
    steps : tuple of str
        Ids of the steps that have a part in it, the one that does most first.
    remedy : callable or None
        What the limit itself suggests for a pipeline; it may not do where other steps have a part in it.
    """

    caution: Caution
    cause: tuple[str, ...]
    share: float
    steps: tuple[str, ...]
    remedy: Callable[[Pipeline], Remedy | None] | None = field(default=None, compare=False)

    @property
    def weight(self) -> tuple[bool, bool, float]:
        """What says more weighs more; a parameter's own limit says it more exactly than a measure."""
        return self.caution.level is Level.EXCESSIVE, not self.caution.measure, self.share


def percent(share: float) -> str:
    """Say a share at the beginning of a sentence: "28 %", "All", "Under 1 %"."""
    if share >= 0.995:
        return "All" if share >= 1 - 1e-9 else "Over 99 %"
    return f"{math.floor(100 * share + 1e-9)} %" if share >= 0.01 else "Under 1 %"


def told(source: str, evidence: Evidence, trial: str = "") -> str:
    """Where a limit comes from, and what trainings came to beyond it."""
    if trial:
        return f"{source}; in trials, {trial}"
    return source if evidence is Evidence.HARM else f"{source}; no harm measured"
