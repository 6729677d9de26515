"""Remedies: steps turned down until a caution is raised no more, and no other in its place."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import TypeAlias

from augstudio.advice.cautions import Finding, Level, Remedy
from augstudio.advice.measures import named
from augstudio.advice.steps import rounded
from augstudio.advice.whole import Judge
from augstudio.pipeline import Pipeline
from augstudio.transforms import Range, Transform
from augstudio.wording import listing

Find: TypeAlias = Callable[[Judge], list[Finding]]
"""What is found, one finding for each cause."""
_AMOUNTS = (0.25, 0.5, 0.75, 0.875, 1.0)
"""How far steps are turned down where nobody can tell how far they must be."""
_FARTHER = (0.0, 0.05, 0.2, 0.5, 1.0)
"""How much farther than it should take, of what is left, from one try to the next."""


class Remedies:
    """Looks for remedies.

    Parameters
    ----------
    judge : Judge
        What was judged.
    found : list of Finding
        What was found.
    find : callable
        Finds in the same way what there is to say of another pipeline.
    """

    def __init__(self, judge: Judge, found: list[Finding], find: Find) -> None:
        self._judge, self._pipeline, self._find = judge, judge.pipeline, find
        self._causes = {finding.cause for finding in found}
        self._count, self._excessive = len(found), _excessive(found)

    def of(self, finding: Finding) -> Remedy | None:
        """A small change that clears a finding: its step turned down, or else more of those that have a part in it.

        Applied, there are fewer cautions than before: so as many clicks as there are cautions are always enough.
        """
        return self._step_by_step(finding) or self._all_together(finding)

    def _step_by_step(self, finding: Finding) -> Remedy | None:
        """What is found is put right, one step after another, until nothing of its cause is left."""
        judge, next_one = self._judge, finding
        for farther in _FARTHER:
            trial = _put_right(judge, next_one, farther)
            if trial is None:
                return None
            judge = judge.of(trial)
            again = judge.again(finding)  # which is known sooner than all that there is to say
            if again is not None and self._is_left(again, finding):
                next_one = again
                continue
            after = self._find(judge)
            if self._clears(after, finding):
                return Remedy(self._label(trial), trial)
            left = [one for one in after if self._is_left(one, finding)]
            if not left:
                return None
            next_one = left[0]
        return None

    def _is_left(self, one: Finding, finding: Finding) -> bool:
        """Whether it is of what is to be cleared, or came in its place."""
        return one.cause == finding.cause or one.cause not in self._causes

    def _all_together(self, finding: Finding) -> Remedy | None:
        """Everything of the groups concerned is turned down alike."""
        groups = {self._pipeline.step(step).group() for step in finding.steps}
        every = [step for step in self._judge.steps if step.group() in groups]
        for amount in _AMOUNTS:
            weaker = {step.id: turned_down(step, amount) for step in every}
            steps = tuple(weaker.get(step.id, step) for step in self._pipeline.transforms)
            trial = self._pipeline.edited(transforms=steps)
            if self._clears(self._find(self._judge.of(trial)), finding):
                return Remedy(self._label(trial), trial)
        return None

    def _clears(self, after: list[Finding], finding: Finding) -> bool:
        if any(one.cause == finding.cause for one in after):
            return False
        return len(after) < self._count and _excessive(after) <= self._excessive

    def _label(self, after: Pipeline) -> str:
        changed = [
            (step, new) for step, new in zip(self._pipeline.transforms, after.transforms, strict=True) if step != new
        ]
        if len(changed) > 1:
            names = list(dict.fromkeys(step.label.lower() for step, _ in changed))
            return f"Turn {listing(names)} down"
        step, new = changed[0]
        if not new.enabled:
            return f"Switch {step.label.lower()} off"
        if new.probability != step.probability:
            return f"Set probability to {new.probability:g}"
        spans = {
            (knob.show(new.range_of(name).low), knob.show(new.range_of(name).high))
            for name, knob in step.knobs().items()
            if new.range_of(name) != step.range_of(name)
        }
        if len(spans) == 1:
            low, high = spans.pop()
            return f"Set to {low} … {high}"
        return f"Turn {step.label.lower()} down"


def turned_down(step: Transform, amount: float, names: list[str] | None = None) -> Transform:
    """A step whose ranges lie nearer to what changes nothing; one without such ranges, less often applied.

    Parameters
    ----------
    step : Transform
        To be turned down; given back where nothing changes.
    amount : float
        0 (nothing changes) to 1 (it does nothing any more).
    names : list of str or None
        The parameters to turn down, if not all.
    """
    changes: dict[str, object] = {}
    own = step.knobs()
    able = [name for name, knob in own.items() if knob.neutral is not None]
    for name in able:
        if names is not None and name not in names:
            continue
        knob, span = own[name], step.range_of(name)
        assert knob.neutral is not None
        low, high = _nearer(span, knob.neutral, amount)
        new = Range(*(min(max(end, knob.hard[0]), knob.hard[1]) for end in rounded(Range(low, high), knob)))
        if new != span:
            changes[name] = new
    after = {name: changes.get(name, step.range_of(name)) for name in able}
    if changes and all(after[name] == (own[name].neutral, own[name].neutral) for name in able):
        return step.edited(enabled=False)
    if not able:
        less = math.floor(100 * step.probability * (1 - amount) + 1e-6) / 100
        if less <= 0:
            changes["enabled"] = False
        elif less < step.probability:
            changes["probability"] = less
    return step.edited(**changes) if changes else step


def _nearer(span: Range, neutral: float, amount: float) -> tuple[float, float]:
    """A range of which no end is farther from what changes nothing than is left; an end that is nearer stays.

    Where that would leave a single value, both ends come nearer.
    """
    left = max(abs(end - neutral) for end in span) * (1 - amount)
    low, high = (min(max(end, neutral - left), neutral + left) for end in span)
    if low < high or span.low == span.high or left == 0:
        return low, high
    low, high = (neutral + (end - neutral) * (1 - amount) for end in span)
    return low, high


def _put_right(judge: Judge, finding: Finding, farther: float) -> Pipeline | None:
    """What a limit itself suggests, or the step that does most turned down as far as it should take, and farther."""
    suggested = finding.remedy(judge.pipeline) if finding.remedy is not None else None
    if suggested is not None:
        return suggested.pipeline
    step = judge.pipeline.step(finding.steps[0])
    needed = judge.needed(finding, step)
    if needed is None:
        return None
    weaker = turned_down(step, needed + (1 - needed) * farther, _linked(step, finding))
    if weaker is step:
        return None
    others = tuple(weaker if other is step else other for other in judge.pipeline.transforms)
    return judge.pipeline.edited(transforms=others)


def _linked(step: Transform, finding: Finding) -> list[str] | None:
    """The parameters that speak of the same cause as what was found; None if none does."""
    cause = named(finding.caution.measure).cause if finding.caution.measure else ""
    return [name for name, knob in step.knobs().items() if knob.measure and named(knob.measure).cause == cause] or None


def _excessive(found: list[Finding]) -> int:
    return sum(finding.caution.level is Level.EXCESSIVE for finding in found)
