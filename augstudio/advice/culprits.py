"""Which setting does most of a harm to objects, and how much weaker it must be."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from functools import cached_property
from typing import NamedTuple

import numpy as np

from augstudio.advice.cautions import Remedy
from augstudio.advice.labelled import LabelFacts
from augstudio.advice.outcomes import Flags, Outcomes, bare, followed, sampled, without
from augstudio.pipeline import Pipeline
from augstudio.transforms import Range, Transform

Harm = Callable[[Outcomes], Flags]
"""Tells for each object of each copy whether it suffers a harm."""
_MOST_COPIES = 32
"""Copies with a harm that are looked at once more without each step."""
_MOST_OF_IT = 0.5
"""The share of a harm that must go with a step for that to do most of it."""
_FACTORS = (0.75, 0.5, 0.25, 0.125)
_ROUNDING = 1e-6


class Culprit(NamedTuple):
    """What does most of a harm.

    Attributes
    ----------
    step : Transform or None
        None where most of it is there without any: the output does it, or the pictures are so.
    left : float
        The share of the harm that is left without it.
    """

    step: Transform | None
    left: float


class Inquiry:
    """What becomes of labelled objects in a pipeline, and why.

    Parameters
    ----------
    pipeline, labels
        What is judged.
    pause : callable
        Called now and then; it may take its time, or raise an exception to end it.
    """

    def __init__(self, pipeline: Pipeline, labels: LabelFacts, pause: Callable[[], object]) -> None:
        self.pipeline, self.labels, self._pause = pipeline, labels, pause

    @cached_property
    def outcomes(self) -> Outcomes:
        """Of a sample of copies."""
        return sampled(self.pipeline, self.labels, pause=self._pause)

    @cached_property
    def _bare(self) -> Outcomes:
        return bare(self.pipeline, self.labels)

    def culprit(self, harm: Harm) -> Culprit | None:
        """Find the step without which most of a harm would not be; None where no single one does most of it."""
        bad = harm(self.outcomes)
        in_pictures = np.zeros(len(self.labels.surfaces), bool)
        in_pictures[self._bare.object] = harm(self._bare)
        if in_pictures[self.outcomes.object[bad]].sum() >= _MOST_OF_IT * bad.sum():
            return Culprit(None, 0.0)
        copies = np.unique(self.outcomes.copy[bad])
        if len(copies) > _MOST_COPIES:
            copies = copies[np.arange(_MOST_COPIES) * len(copies) // _MOST_COPIES]
        chosen = [self.outcomes.copies[number] for number in copies]
        suffering = int(bad[np.isin(self.outcomes.copy, copies)].sum())
        found = []
        for step in _movers(self.pipeline):
            self._pause()
            left = harm(followed(self.pipeline, self.labels, [without(one, step.id) for one in chosen]))
            found.append(Culprit(step, int(left.sum()) / suffering))
        best = min(found, key=lambda one: one.left, default=None)
        return best if best is not None and best.left <= _MOST_OF_IT else None

    def weaker(self, step: Transform, clears: Callable[[Outcomes], bool]) -> Remedy | None:
        """Weaken a step until outcomes raise a caution no more; None where that does not help."""
        for factor in _FACTORS:
            changes = _nearer(step, factor)
            if not changes:
                break
            remedy = Remedy(_label(step, changes, factor), self.pipeline.with_step(step.id, **changes))
            if self.clears(remedy, clears):
                return remedy
        off = Remedy(f"Switch {step.label.lower()} off", self.pipeline.with_step(step.id, enabled=False))
        return off if self.clears(off, clears) else None

    def clears(self, remedy: Remedy, clears: Callable[[Outcomes], bool]) -> bool:
        """Whether what comes of a remedy raises a caution no more."""
        few = sampled(remedy.pipeline, self.labels, copies=1, pause=self._pause)
        return clears(few) and clears(sampled(remedy.pipeline, self.labels, pause=self._pause))


def _movers(pipeline: Pipeline) -> Iterator[Transform]:
    """The steps that may do something to objects."""
    for step in pipeline.transforms:
        if step.enabled and step.probability > 0 and step.group() in ("geometry", "occlusion"):
            yield step


def _nearer(step: Transform, factor: float) -> dict[str, Range]:
    """Ranges whose ends are nearer to neutral, by a factor; rounded as people see them, towards neutral."""
    changes = {}
    for name, knob in step.knobs().items():
        if knob.neutral is None:
            continue
        span, scale = step.range_of(name), 10.0 ** (0 if knob.whole else knob.decimals)
        reach = (factor * scale * (end - knob.neutral) for end in span)
        ends = (
            round(knob.neutral + math.trunc(end + math.copysign(_ROUNDING, end)) / scale, knob.decimals)
            for end in reach
        )
        changes[name] = Range(*(min(max(end, knob.hard[0]), knob.hard[1]) for end in ends))
    return {name: span for name, span in changes.items() if span != step.range_of(name)}


def _label(step: Transform, changes: dict[str, Range], factor: float) -> str:
    if len(changes) == 1:
        ((name, span),) = changes.items()
        knob = step.knobs()[name]
        return f"Set to {knob.show(span.low)} … {knob.show(span.high)}"
    return f"Make {step.label.lower()} {_HOW[factor]} as strong"


_HOW = {0.75: "three quarters", 0.5: "half", 0.25: "a quarter", 0.125: "an eighth"}
