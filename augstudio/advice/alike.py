"""Judging steps of one group, which may add up or undo each other: their cautions, and what would clear them.

What is found depends on nothing else, so it is kept: while a slider is held, one group alone is judged anew.
"""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache
from typing import NamedTuple

from augstudio.advice.cautions import Caution, Finding, Level, Remedy
from augstudio.advice.facts import Facts
from augstudio.advice.remedies import Remedies
from augstudio.advice.whole import TURNED_AWAY, Judge
from augstudio.pipeline import Pipeline
from augstudio.transforms import Transform

MOST = 4
"""Remedies that are looked for in one group, for the worst; for others once some of these have been applied.

Each is tried before it is offered, which takes two milliseconds or more, and a slider may be held.
"""


class Advised(NamedTuple):
    """A caution, and how to clear it.

    Attributes
    ----------
    caution : Caution
        Without its remedy.
    label : str
        The remedy in words.
    changed : tuple of Transform
        The steps that the remedy changes, as it makes them.
    """

    caution: Caution
    label: str
    changed: tuple[Transform, ...]

    def of(self, pipeline: Pipeline) -> Caution:
        """The caution with its remedy for a whole pipeline."""
        if not self.changed:
            return self.caution
        new = {step.id: step for step in self.changed}
        steps = tuple(new.get(step.id, step) for step in pipeline.transforms)
        return replace(self.caution, remedy=Remedy(self.label, pipeline.edited(transforms=steps)))


def judged(alike: Pipeline, facts: Facts | None, *, originals: bool) -> tuple[Advised, ...]:
    """Judge a pipeline whose steps are all of one group; arguments as of `advise`."""
    return _judged(alike, facts, originals)


@lru_cache(maxsize=64)
def _judged(alike: Pipeline, facts: Facts | None, originals: bool) -> tuple[Advised, ...]:
    def find(judge: Judge) -> list[Finding]:
        return found_by(judge, originals=originals)

    judge = Judge(alike, facts)
    found = find(judge)
    found.sort(key=lambda finding: finding.caution.level is Level.CAUTION)
    remedies = Remedies(judge, found, find)
    return tuple(
        _advised(finding.caution, remedies.of(finding) if number < MOST else None, alike)
        for number, finding in enumerate(found)
    )


def _advised(caution: Caution, remedy: Remedy | None, alike: Pipeline) -> Advised:
    if remedy is None:
        return Advised(caution, "", ())
    pairs = zip(alike.transforms, remedy.pipeline.transforms, strict=True)
    return Advised(caution, remedy.label, tuple(new for old, new in pairs if new != old))


def found_by(judge: Judge, *, originals: bool) -> list[Finding]:
    """What there is to say, one finding for each cause: the one that says most."""
    found: list[Finding] = []
    for step in judge.steps:
        own = judge.own(step, originals=originals)
        found += [judge.as_it_is(finding) for finding in own if not judge.undone(finding)]
    found += judge.findings(originals=originals)
    by_cause: dict[tuple[str, ...], Finding] = {}
    for finding in _once(_no_more_than_needed(found)):
        known = by_cause.get(finding.cause)
        if known is None or finding.weight > known.weight:
            by_cause[finding.cause] = finding
    return list(by_cause.values())


def _no_more_than_needed(found: list[Finding]) -> list[Finding]:
    """Without what is said of framing as a whole where something of it is said already."""
    framed = any(finding.cause[0] == "framing" and finding.caution.measure != "common" for finding in found)
    return [finding for finding in found if not framed or finding.caution.measure != "common"]


def _once(found: list[Finding]) -> list[Finding]:
    """Without what is said of single steps where all of them together say it: that every copy is turned."""
    turned = {step for finding in found if finding.cause == TURNED_AWAY for step in finding.steps}
    always = {finding.steps[0]: finding for finding in found if finding.cause[0] == "always"}
    kept = [finding for finding in found if finding.cause[0] != "always" or finding.steps[0] not in turned]
    return [
        replace(finding, remedy=always[finding.steps[0]].remedy)
        if finding.cause == TURNED_AWAY and finding.steps[0] in always
        else finding
        for finding in kept
    ]
