"""Judging whole copies: what all steps come to together, by the measures declared in `measures`."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import cached_property, lru_cache
from typing import NamedTuple

import numpy as np

from augstudio.advice.cautions import Caution, Finding, Level, percent
from augstudio.advice.facts import Facts
from augstudio.advice.measured import Copies
from augstudio.advice.measures import QUARTER, Measure, Reading, measures, named
from augstudio.advice.sampling import COPIES, EVERY, ROWS, SOME_ROWS, Floats, every_and_without, with_and_without
from augstudio.advice.steps import NEAR, SHIFT_EVIDENCE, judge_step, reaching
from augstudio.engine import BorderMode
from augstudio.pipeline import Pipeline
from augstudio.transforms import Evidence, Transform
from augstudio.transforms.base import Bordered
from augstudio.wording import listing

TURNED_AWAY = ("near", "turn")
"""The cause of what is found where every copy is turned."""
_PART = 0.1
"""Of the way from neutral to the caution limit: a step that changes copies by less, on average, has no part in it."""
_MOST_STEPS = 12
"""Steps of which it is tried what copies would be without them."""
_ROUNDING = 1e-6
_SHARE_OF_AREA = 0.02
"""What shares of areas are known by."""
_DOUBT = 0.06
"""By how much a share that was counted on a sample of two chances may be off."""


class Beyond(NamedTuple):
    """How many copies are beyond a limit.

    Attributes
    ----------
    shares : (float, float)
        Below the lower bound and above the upper one.
    seen : bool
        Whether any copy is, be it only with every range at its lowest or highest end.
    """

    shares: tuple[float, float]
    seen: bool

    @property
    def share(self) -> float:
        """Both together."""
        return sum(self.shares)

    def told(self, least: float) -> bool:
        """Whether it is as many as are told."""
        return self.share >= least - 1e-9 if least > 0 else self.seen


class Judge:
    """Judges the copies that a pipeline makes.

    Parameters
    ----------
    pipeline, facts
        As of `advise`.
    trial : bool
        Whether a remedy is tried. Findings of measures come without words then, which nobody would read; and copies
        are looked at together with what they would be without each step, which is sooner where something is found.
    """

    def __init__(self, pipeline: Pipeline, facts: Facts | None, *, trial: bool = False) -> None:
        self.pipeline, self.facts, self._trial = pipeline, facts, trial
        self.steps = [step for step in pipeline.transforms if step.enabled and step.probability > 0]
        self._values: dict[str, tuple[Floats, float, float]] = {}
        self._without: dict[str, Floats] = {}
        self._less: dict[bool, Copies] = {}
        self._own: dict[tuple[Transform, bool], tuple[Finding, ...]] = {}

    @cached_property
    def copies(self) -> Copies:
        """The sample; what its copies would be without each step comes after it where all is looked at, at once."""
        looked = every_and_without(self._tried) if self._trial else EVERY
        return Copies(self.pipeline, self.facts, looked)

    def of(self, pipeline: Pipeline) -> Judge:
        """A judge of the same pipeline with other steps, for a trial."""
        other = Judge(pipeline, self.facts, trial=True)
        other._own = self._own  # few steps are others
        return other

    def own(self, step: Transform, *, originals: bool) -> tuple[Finding, ...]:
        """What there is to say of a step by its own limits; arguments as of `judge_step`."""
        known = self._own.get((step, originals))
        if known is None:
            known = tuple(judge_step(self.pipeline, step, self.facts, originals=originals))
            self._own[step, originals] = known
        return known

    def values(self, measure: Measure) -> Floats:
        """What a measure is on each copy of the sample."""
        return self._known(measure)[0]

    def _known(self, measure: Measure) -> tuple[Floats, float, float]:
        """The values of a measure, the least and the greatest."""
        known = self._values.get(measure.name)
        if known is None:
            found = measure.read(self.copies)
            values, self._without[measure.name] = found[:ROWS], found[ROWS:]
            known = self._values[measure.name] = values, float(values.min()), float(values.max())
        return known

    def beyond(self, measure: Measure, bounds: tuple[float | None, float | None], *, reached: bool = False) -> Beyond:
        """How many copies are beyond bounds, or have reached them."""
        return _beyond(measure, *self._known(measure), bounds, reached=reached)

    def findings(self, *, originals: bool) -> Iterator[Finding]:
        """Everything that is beyond a limit."""
        groups = Counter(step.group() for step in self.steps)
        for measure in measures():
            able = sum(groups[group] for group in GROUPS_OF[measure.cause])
            if able < 1 + measure.together or (measure.upright and self.pipeline.any_orientation):
                continue
            found = self._finding(measure)
            if found is not None:
                yield found
            if measure.name == "turn" and not originals:
                yield from self._far(measure)

    def reading(self, measure: Measure) -> Reading:
        """What a measure comes to on the copies."""
        values, limits = self.values(measure), measure.limits_at(self.pipeline.trained_at)
        counted = np.sort(values[:COPIES])
        judged = self.level_of(measure) if len(self.steps) > 0 else None
        return Reading(
            measure,
            limits,
            float(counted[0]),
            float(counted[(COPIES - 1) // 2] + counted[COPIES // 2]) / 2,
            float(counted[-1]),
            self.beyond(measure, limits.caution).share,
            self.beyond(measure, limits.excessive, reached=measure.reached).share,
            judged[0] if judged else None,
        )

    # -- how strong --------------------------------------------------------------------------------------------------

    def level_of(self, measure: Measure) -> tuple[Level, Beyond, tuple[float | None, float | None]] | None:
        """How serious it is, how many copies are concerned, and by which bounds; None where there is nothing to say."""
        limits = measure.limits_at(self.pipeline.trained_at)
        _, least = measure.shares
        excessive = self.beyond(measure, limits.excessive, reached=measure.reached)
        if excessive.told(least) and excessive.share > 0:
            return Level.EXCESSIVE, excessive, limits.excessive
        caution = self.beyond(measure, limits.caution)
        if not caution.told(measure.shares[0]):
            return None
        return Level.CAUTION, caution, limits.caution

    def needed(self, finding: Finding, step: Transform) -> float | None:
        """How far a step must be turned down, about, for a measure to hold: 0 to 1; None where it cannot be told.

        Told from the copy that is next to hold, as if it went straight from what it is to what it is without the step.
        """
        if not finding.caution.measure or finding.cause[0] == "near":
            return None
        measure = named(finding.caution.measure)
        looked = with_and_without((self.steps.index(step),), every_row=True)
        values, without = np.split(measure.read(Copies(self.pipeline, self.facts, looked)), 2)
        told_from = measure.shares[0]
        if not any(knob.neutral is not None for knob in step.knobs().values()):
            return self._seldom_enough(measure, without)
        if told_from > 0:  # else all of them must hold, with every range at its end too
            values, without = values[:COPIES], without[:COPIES]
        excess = np.zeros(len(values))
        for bound, sign in zip(measure.limits_at(self.pipeline.trained_at).caution, (-1, 1), strict=True):
            if bound is not None:
                excess = np.maximum(excess, sign * (values - bound))
        change = np.maximum(np.abs(without - values), 1e-12)
        amounts = np.sort(np.where(excess > 0, np.minimum(excess / change, 1.0), 0.0))[::-1]
        found = float(amounts[max(0, math.ceil(told_from * COPIES - 1e-9) - 1)])
        return found if found > 0 else None

    def _seldom_enough(self, measure: Measure, without: Floats) -> float:
        """The same for a step that can only be applied less often."""
        limits, told_from = measure.limits_at(self.pipeline.trained_at), measure.shares[0]
        share = self.beyond(measure, limits.caution).share
        others = _beyond(measure, without, float(without.min()), float(without.max()), limits.caution).share
        return min(max((share - told_from + 1 / COPIES) / max(share - others, 1e-9), 0.0), 1.0) if told_from else 1.0

    def _finding(self, measure: Measure) -> Finding | None:
        judged = self.level_of(measure)
        if judged is None:
            return None
        level, beyond, bounds = judged
        parts = self.parts(measure)
        if not parts or (len(parts) == 1 and measure.together):
            return None
        first = parts[0]
        words = ("", "", "")
        if not self._trial:
            words = (
                self._title(first, measure, parts),
                self._message(measure, level, beyond, bounds, parts),
                measure.said,
            )
        return Finding(
            Caution(
                level,
                first.id,
                _parameter(first, measure),
                *words,
                kind=measure.evidence,
                measure=measure.name,
            ),
            (measure.cause,) if measure.cause == "colour" else (measure.cause, first.id),
            beyond.share,
            tuple(step.id for step in parts),
        )

    def _title(self, first: Transform, measure: Measure, parts: Sequence[Transform]) -> str:
        name = _parameter(first, measure)
        knob = first.knobs().get(name)
        if len(parts) == 1 and knob is not None and knob.measure == measure.name:
            return f"{first.label} · {knob.label}"
        return f"{first.label} · {measure.label.lower()}"

    def _message(
        self,
        measure: Measure,
        level: Level,
        beyond: Beyond,
        bounds: tuple[float | None, float | None],
        parts: Sequence[Transform],
    ) -> str:
        sides = [
            (share, words, bound)
            for share, words, bound in zip(beyond.shares, measure.words, bounds, strict=True)
            if share > 0 and bound is not None
        ]
        if not sides:  # only where every range is at its end
            sides = [
                (0.0, words, bound) for words, bound in zip(measure.words, bounds, strict=True) if words and bound
            ][-1:]
        if level is Level.EXCESSIVE and measure.reached:
            sides = [(share, words.replace("more than {}", "{} and more"), bound) for share, words, bound in sides]
        if len(parts) == 1:
            sides = [(share, words.replace(", all steps together", ""), bound) for share, words, bound in sides]
        if len(sides) == 2 and sides[0][1] == sides[1][1]:
            sides = [(beyond.share, sides[1][1], sides[1][2])]
        said = " and ".join(
            f"{percent(share)} of the copies will be {words.format(measure.show(bound))}"
            for share, words, bound in sides
        )
        said = said.format(size=self.pipeline.trained_at) if measure.name == "enlarged" else said
        if measure.name == "border":
            said = self._of_border(beyond.share, bounds[1] or 0.0, parts)
        names = list(dict.fromkeys(step.label.lower() for step in parts))
        adding = f"{listing(names).capitalize()} add up." if len(names) > 1 and measure.name != "recoloured" else ""
        return " ".join(filter(None, (f"{said}.", adding, measure.beside)))

    def _of_border(self, share: float, bound: float, parts: Sequence[Transform]) -> str:
        modes = [step.border for step in parts if isinstance(step, Bordered)] or [self.pipeline.output.border]
        shown = "blank" if BorderMode.BLANK in modes else "repeated content"
        return f"In {percent(share).lower()} of the copies, more than {100 * bound:.0f} % of the frame is {shown}"

    # -- by which steps ----------------------------------------------------------------------------------------------

    def parts(self, measure: Measure) -> list[Transform]:
        """The steps that have a part in what is beyond the caution limit, the one that does most first."""
        limits, reach = measure.limits_at(self.pipeline.trained_at).caution, self._reach(measure)
        values, without = self._with_and_without(measure, few=True)
        excess = _excess(values, limits)
        if excess <= 0:
            values, without = self._with_and_without(measure, few=False)
            excess = _excess(values, limits)
        changed = np.abs(values - without).sum(axis=1).tolist()
        each: list[tuple[float, float, int]] = []
        for number, by, left in zip(self._tried, changed, _excess(without, limits).tolist(), strict=True):
            change, saved = by / len(values), float(excess) - left
            if change >= _PART * reach or saved > _PART * excess:
                each.append((-round(saved, 9), -round(change, 9), number))
        found = [self.steps[number] for _, _, number in sorted(each)]
        return [step for step in found if step.group() in GROUPS_OF[measure.cause]]

    @cached_property
    def _tried(self) -> tuple[int, ...]:
        """The steps of which it is tried what copies would be without them: which of all, in their order."""
        numbers = list(range(len(self.steps)))
        if len(numbers) > _MOST_STEPS:
            numbers.sort(key=lambda number: _strength(self.steps[number]), reverse=True)
        return tuple(sorted(numbers[:_MOST_STEPS]))

    def _reach(self, measure: Measure) -> float:
        """The way from neutral to the caution limit."""
        limits = measure.limits_at(self.pipeline.trained_at).caution
        return max(abs(bound - measure.neutral) for bound in limits if bound is not None)

    def _with_and_without(self, measure: Measure, *, few: bool) -> tuple[Floats, Floats]:
        """What a measure is on copies of the sample, `(N,)`, and without each step that is tried, `(STEPS, N)`.

        All of them at once: a hundred rows cost NumPy hardly more than ten.
        """
        if few and self._trial:
            values = self.values(measure)[SOME_ROWS]
            return values, self._without[measure.name].reshape(len(self._tried), -1)
        known = self._less.get(few)
        if known is None:
            looked = with_and_without(self._tried, every_row=not few)
            known = self._less[few] = Copies(self.pipeline, self.facts, looked)
        found = measure.read(known).reshape(1 + len(self._tried), -1)
        return found[0], found[1:]

    # -- how far from the original -----------------------------------------------------------------------------------

    def _far(self, measure: Measure) -> Iterator[Finding]:
        """Whether any copy stays near the original."""
        reach = self._reach(measure)
        distances = np.abs(self.values(measure) - measure.neutral)
        nearest = float(distances.min())
        if nearest <= NEAR * reach + _ROUNDING:
            return
        parts = self.parts(measure)
        if not parts:
            return
        first = parts[0]
        yield Finding(
            Caution(
                Level.EXCESSIVE if nearest >= reach - _ROUNDING else Level.CAUTION,
                first.id,
                _parameter(first, measure),
                self._title(first, measure, parts),
                f"No copy stays near the original: every one is turned by at least {measure.show(nearest)}, so the "
                "model never trains on pictures as it will meet them. Let the range reach 0°, lower the probability, "
                "or export the originals too.",
                SHIFT_EVIDENCE,
                kind=Evidence.HARM,
                measure=measure.name,
            ),
            TURNED_AWAY,
            1.0,
            tuple(step.id for step in parts),
            lambda judged: reaching(judged, [step.id for step in parts], measure.name),
        )

    def again(self, finding: Finding) -> Finding | None:
        """What is found of these copies by the measure that something was found by; None where that is none."""
        name = finding.caution.measure
        return self._finding(named(name)) if name and finding.cause[0] != "near" else None

    def undone(self, finding: Finding) -> bool:
        """Whether other steps undo what a step does by its own parameter: no copy shows it."""
        measure = self._ruling(finding)
        if measure is None:
            return False
        if finding.cause[0] == "near":
            return self._some_stay_near(measure)
        return not self.beyond(measure, measure.limits_at(self.pipeline.trained_at).caution).seen

    def as_it_is(self, finding: Finding) -> Finding:
        """A finding about a step's own parameter, at the level that whole copies bear out."""
        measure = self._ruling(finding)
        if measure is None or finding.caution.level is not Level.EXCESSIVE or finding.cause[0] == "near":
            return finding
        beyond = self.beyond(measure, measure.limits_at(self.pipeline.trained_at).excessive)
        if beyond.share >= QUARTER - _DOUBT:
            return finding
        return replace(finding, caution=replace(finding.caution, level=Level.CAUTION))

    def _ruling(self, finding: Finding) -> Measure | None:
        caution = finding.caution
        if not caution.step or caution.measure:
            return None
        knob = self.pipeline.step(caution.step).knobs().get(caution.parameter)
        measure = named(knob.measure) if knob is not None and knob.measure else None
        return measure if measure is not None and measure.rules else None

    def _some_stay_near(self, measure: Measure) -> bool:
        near = np.abs(self.values(measure)[:COPIES] - measure.neutral) <= NEAR * self._reach(measure)
        return bool(near.mean() >= _PART)


GROUPS_OF = {
    "turning": ("geometry",),
    "framing": ("geometry",),
    "noise": ("noise",),
    "blur": ("filter",),
    "light": ("colour",),
    "contrast": ("colour",),
    "colour": ("colour",),
}
"""The groups of transforms that may have a part in a cause."""


def _beyond(
    measure: Measure,
    values: Floats,
    least: float,
    greatest: float,
    bounds: tuple[float | None, float | None],
    *,
    reached: bool = False,
) -> Beyond:
    slack = _SHARE_OF_AREA if measure.name in _AREAS else _ROUNDING
    slack = -_ROUNDING if reached else slack
    low = -math.inf if bounds[0] is None else bounds[0] - slack
    high = math.inf if bounds[1] is None else bounds[1] + slack
    if low <= least and greatest <= high:
        return _NONE
    below, above = values < low, values > high
    shares = int(below[:COPIES].sum()) / COPIES, int(above[:COPIES].sum()) / COPIES
    return Beyond(shares, True)


_AREAS = ("kept", "border", "common")
_NONE = Beyond((0.0, 0.0), False)


def _excess(values: Floats, bounds: tuple[float | None, float | None]) -> Floats:
    """By how much copies are beyond bounds, summed over the last axis."""
    low, high = bounds
    found: Floats = np.zeros(values.shape[:-1])
    if low is not None:
        found = found + np.maximum(low - values, 0.0).sum(axis=-1)
    if high is not None:
        found = found + np.maximum(values - high, 0.0).sum(axis=-1)
    return found


@lru_cache(maxsize=1024)
def _parameter(step: Transform, measure: Measure) -> str:
    """The parameter of a step that has most to do with a measure; the probability where none has."""
    knobs = step.knobs()
    able = [name for name, knob in knobs.items() if knob.measure == measure.name]
    able = able or [name for name, knob in knobs.items() if knob.neutral is not None]
    return max(able, key=lambda name: _reach(step, name)) if able else "probability"


def _reach(step: Transform, name: str) -> float:
    """How far a parameter goes from what changes nothing, as a share of all that is allowed."""
    knob, span = step.knobs()[name], step.range_of(name)
    neutral = knob.neutral if knob.neutral is not None else span.low
    return max(abs(end - neutral) for end in span) / (knob.hard[1] - knob.hard[0])


def _strength(step: Transform) -> float:
    """Roughly how strong a step is."""
    return step.probability * max((_reach(step, name) for name in step.knobs()), default=1.0)
