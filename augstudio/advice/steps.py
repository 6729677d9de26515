"""Judging one step: how strong it is, and whether any copy stays near the original."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator

import numpy as np

from augstudio.advice.cautions import QUARTER, Caution, Finding, Level, Remedy, percent, told
from augstudio.advice.facts import Facts
from augstudio.advice.measured import MUCH_SMALLER, smaller_at_training
from augstudio.advice.measures import named
from augstudio.engine.pixels import LUMA
from augstudio.pipeline import Pipeline
from augstudio.transforms import Chance, Drawing, Evidence, Knob, Limits, Range, Transform
from augstudio.transforms.noise.gaussian_noise import Channels, GaussianNoise
from augstudio.transforms.parameter import NO_LIMITS

NEAR = 0.25
"""An end within this share of the way from neutral to the caution limit counts as near the original."""
SHIFT_EVIDENCE = (
    "measured with shrinking, trained on 1000 photos of clothes at 64 px: by 0.8–1, 62.9 % right; always by 0.8, "
    "35.9 %; without augmentation, 52.6 %"
)
_SAMPLED_COPIES = 64


def judge_step(pipeline: Pipeline, step: Transform, facts: Facts | None, *, originals: bool) -> Iterator[Finding]:
    """Judge a step that is applied, each parameter by its own limits; parameters as of `advise`.

    How much copies are turned is left to the measure of it: there several kinds of steps come together. Other steps of
    the pipeline do not count.
    """
    for name, knob in step.knobs().items():
        if knob.measure == _TURN:
            continue
        if isinstance(step, GaussianNoise):
            yield from _judge_noise(pipeline, step, facts)
        elif strength := _strength(pipeline, step, name, knob):
            yield strength
        if not originals and step.probability >= 1:
            yield from _shift(pipeline, step, name, knob)
    if step.measure:
        yield from _measure(step)
    harmless = step.shift_needs_upright and pipeline.any_orientation
    if step.always_shifts and step.probability >= 1 and not originals and not harmless:
        yield Finding(
            Caution(
                Level.CAUTION,
                step.id,
                "probability",
                step.label,
                f"Every copy will be {step.always_shifts}: the model never sees a picture as it is.",
                told("no published figure; exporting the originals too would also help", Evidence.SCALE),
                kind=Evidence.SCALE,
            ),
            ("always", step.id),
            1.0,
            (step.id,),
            lambda judged: Remedy("Set probability to 0.5", judged.with_step(step.id, probability=0.5)),
        )


_TURN = "turn"


def cause_of(step: Transform, name: str) -> tuple[str, ...]:
    """What a parameter's own limit is about, as a measure's cause where one speaks of the same."""
    measure = step.knobs()[name].measure
    if not measure:
        return ("framing", step.id) if step.group() == "geometry" else ("parameter", step.id, name)
    cause = named(measure).cause
    return (cause,) if cause == "colour" else (cause, step.id)


def limits_of(pipeline: Pipeline, step: Transform, name: str, facts: Facts | None = None) -> Limits:
    """The limits by which a parameter of a step is judged, for pictures like these.

    Parameters
    ----------
    pipeline, step, name
        The parameter, and the pipeline that its step is part of.
    facts : Facts or None
        What is known of the pictures.

    Returns
    -------
    Limits
        Of noise, larger ones for pictures that are reduced before training; none of a turn where there is no upright;
        none that are excessive where there is a mere scale.
    """
    knob = step.knobs()[name]
    if knob.orientation and pipeline.any_orientation:
        return NO_LIMITS
    limits, smaller = knob.judged_at(pipeline.trained_at), smaller_at_training(pipeline, facts)
    if not isinstance(step, GaussianNoise) or smaller < MUCH_SMALLER:
        return limits
    # As much stronger may it be on the pictures as they are.
    return Limits(_times(limits.caution, smaller), _times(limits.excessive, smaller))


def zone(knob: Knob, value: float, training_size: int) -> Level | None:
    """Where a single value lies: beyond the excessive limit, beyond the caution limit, or neither."""
    limits = knob.judged_at(training_size)
    for level, (low, high) in ((Level.EXCESSIVE, limits.excessive), (Level.CAUTION, limits.caution)):
        if (low is not None and value < low) or (high is not None and value > high):
            return level
    return None


def _strength(
    pipeline: Pipeline, step: Transform, name: str, knob: Knob, limits: Limits | None = None, beside: str = ""
) -> Finding | None:
    """Judge how many copies lie beyond limits; by default the knob's own."""
    limits = limits or knob.judged_at(pipeline.trained_at)
    span = step.range_of(name)
    for bounds, may_be_excessive in ((limits.excessive, True), (limits.caution, False)):
        shares = [step.probability * share for share in _shares_beyond(span, bounds, whole=knob.whole)]
        if sum(shares) > 0:
            excessive = may_be_excessive and sum(shares) >= QUARTER
            values = {**{n: r.high for n, r in _ranges(step)}, name: _furthest(span, knob)}
            said = f"{_phrase(shares, bounds, knob.words, knob)} {step.consequence(values)}".strip()
            return Finding(
                Caution(
                    Level.EXCESSIVE if excessive else Level.CAUTION,
                    step.id,
                    name,
                    f"{step.label} · {knob.label}",
                    f"{said} {beside}".strip(),
                    told(knob.source, knob.evidence, knob.trial),
                    kind=knob.evidence,
                ),
                cause_of(step, name),
                sum(shares),
                (step.id,),
                _limit(step, name, knob, limits),
            )
    return None


def _shares_beyond(
    span: Range, bounds: tuple[float | None, float | None], *, whole: bool = False
) -> tuple[float, float]:
    """Share of uniform draws (of whole numbers only, perhaps) below the lower and above the upper bound."""
    low, high = bounds
    width = span.high - span.low + whole

    def share(length: float, whole: bool) -> float:
        return float(whole) if width == 0 else min(1.0, max(0.0, length / width))

    below = 0.0 if low is None else share(low - span.low, span.low < low)
    above = 0.0 if high is None else share(span.high - high, span.high > high)
    return below, above


def _phrase(
    shares: Iterable[float], bounds: tuple[float | None, float | None], words: tuple[str, str], knob: Knob | None
) -> str:
    """Say "28 % of the copies will be shrunk below ×0.5."."""

    def show(value: float) -> str:
        return f"{value:.0%}".replace("%", " %") if knob is None else knob.show(abs(value) if same else value)

    same = words[0] == words[1]
    both = list(zip(shares, bounds, words, strict=True))
    if same and bounds[0] is not None and bounds[1] is not None:
        both = [(sum(share for share, _, _ in both), bounds[1], words[1])]
    parts = [
        f"{percent(share)} of the copies will be {word.format(show(bound))}"
        for share, bound, word in both
        if share > 0 and bound is not None
    ]
    return " and ".join(parts) + "."


def _furthest(span: Range, knob: Knob) -> float:
    neutral = knob.neutral if knob.neutral is not None else span.low
    return max(span, key=lambda end: abs(end - neutral))


def _ranges(step: Transform) -> Iterator[tuple[str, Range]]:
    return ((name, step.range_of(name)) for name in step.knobs())


def _limit(step: Transform, name: str, knob: Knob, limits: Limits) -> Callable[[Pipeline], Remedy]:
    """Bring the range within the caution limits."""
    low = knob.hard[0] if limits.caution[0] is None else limits.caution[0]
    high = knob.hard[1] if limits.caution[1] is None else limits.caution[1]
    span = step.range_of(name)

    def remedy(pipeline: Pipeline) -> Remedy:
        new = Range(min(max(span.low, low), high), min(max(span.high, low), high))
        if new.low == new.high and span.low != span.high and knob.neutral is not None:
            new = Range(*sorted((knob.neutral, new.low)))  # all of it was beyond: let it reach back to the original
        return _remedy(pipeline, step, name, knob, rounded(new, knob))

    return remedy


def rounded(span: Range, knob: Knob) -> Range:
    """To the decimals that people see, towards zero strength: a number that was worked out has too many."""
    scale = 10.0 ** (0 if knob.whole else knob.decimals)
    neutral = knob.neutral if knob.neutral is not None else span.low

    def end(value: float) -> float:
        steps = math.floor(value * scale + 1e-6) if value > neutral else math.ceil(value * scale - 1e-6)
        return float(steps) / scale

    return Range(end(span.low), end(span.high))


def reaching(pipeline: Pipeline, steps: Iterable[str], measure: str) -> Remedy | None:
    """Let the range of the first of some steps that has none of what changes nothing, by a measure, reach it."""
    for step in map(pipeline.step, steps):
        for name, knob in step.knobs().items():
            low, high = step.range_of(name)
            if knob.measure == measure and knob.neutral is not None and not low <= knob.neutral <= high:
                new = Range(min(low, knob.neutral), max(high, knob.neutral))
                return _remedy(pipeline, step, name, knob, new)
    return None


def _remedy(pipeline: Pipeline, step: Transform, name: str, knob: Knob, span: Range) -> Remedy:
    return Remedy(f"Set to {knob.show(span.low)} … {knob.show(span.high)}", pipeline.with_step(step.id, **{name: span}))


def _shift(pipeline: Pipeline, step: Transform, name: str, knob: Knob) -> Iterator[Finding]:
    neutral, span = knob.neutral, step.range_of(name)
    if neutral is None or span.low <= neutral <= span.high:
        return
    lower = span.high < neutral
    nearest = span.high if lower else span.low
    bound = knob.limits_at(pipeline.trained_at).caution[0 if lower else 1]
    reach = abs((bound if bound is not None else knob.useful[0 if lower else 1]) - neutral)
    distance = abs(nearest - neutral)
    if distance <= NEAR * reach + 1e-9:
        return
    excessive = bound is not None and distance >= reach - 1e-9
    new = Range(span.low, neutral) if lower else Range(neutral, span.high)
    towards = "at most" if lower else "at least"
    yield Finding(
        Caution(
            Level.EXCESSIVE if excessive else Level.CAUTION,
            step.id,
            name,
            f"{step.label} · {knob.label}",
            f"No copy stays near the original: {knob.label.lower()} is {towards} {knob.show(nearest)} in every one, so "
            f"the model never trains on pictures as it will meet them. Let the range reach {knob.show(neutral)}, lower "
            "the probability, or export the originals too.",
            SHIFT_EVIDENCE,
            kind=Evidence.HARM,
        ),
        ("near", step.id, name),
        1.0,
        (step.id,),
        lambda judged: _remedy(judged, step, name, knob, new),
    )


def _measure(step: Transform) -> Iterator[Finding]:
    """Judge what several parameters make together, on a sample of draws that is always the same."""
    assert step.measure is not None
    measure = step.measure
    values = _sampled_measures(step)
    for bounds, may_be_excessive in ((measure.limits.excessive, True), (measure.limits.caution, False)):
        low, high = bounds
        shares = [
            0.0 if low is None else step.probability * float((values < low).mean()),
            0.0 if high is None else step.probability * float((values > high).mean()),
        ]
        if may_be_excessive and (measure.evidence is Evidence.SCALE or not sum(shares)):
            continue
        if sum(shares) > 0:
            excessive = may_be_excessive and sum(shares) >= QUARTER
            yield Finding(
                Caution(
                    Level.EXCESSIVE if excessive else Level.CAUTION,
                    step.id,
                    measure.parameter,
                    f"{step.label} · {step.knobs()[measure.parameter].label}",
                    _phrase(shares, bounds, measure.words, None),
                    told(measure.source, measure.evidence),
                    kind=measure.evidence,
                ),
                ("measure", step.id),
                sum(shares),
                (step.id,),
                lambda judged: _lower_measure(judged, step),
            )
            return


def _sampled_measures(step: Transform) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    always = Drawing(step.edited(probability=1.0))
    draws = (always.draw(Chance(0, "advice", copy)) for copy in range(_SAMPLED_COPIES))
    ends = always.end(high=True, field_seed=0)
    return np.array([step.measured(draw.values) for draw in (*draws, ends)])


def _lower_measure(pipeline: Pipeline, step: Transform) -> Remedy | None:
    """Lower the high end of the measure's parameter until no copy is beyond the caution limit."""
    assert step.measure is not None
    name, limit = step.measure.parameter, step.measure.limits.caution[1]
    knob, span = step.knobs()[name], step.range_of(step.measure.parameter)
    if limit is None:
        return None
    fits, fails = knob.hard[0], span.high
    for _ in range(20):
        middle = (fits + fails) / 2
        trial = step.edited(**{name: Range(min(span.low, middle), middle)})
        worst = step.measured(trial.draw_end(high=True, field_seed=0).values)
        fits, fails = (middle, fails) if worst <= limit else (fits, middle)
    high = math.floor(fits * 10**knob.decimals) / 10**knob.decimals
    return _remedy(pipeline, step, name, knob, Range(min(span.low, high), high))


# -- noise against the pictures --------------------------------------------------------------------------------------


def _judge_noise(pipeline: Pipeline, step: GaussianNoise, facts: Facts | None) -> Iterator[Finding]:
    """Judge what is left of the noise at the training size: on the ruler, and against the pictures' contrast."""
    knob = step.knobs()["sigma"]
    smaller = smaller_at_training(pipeline, facts)
    beside = ""
    if smaller >= MUCH_SMALLER:
        left = f"{knob.show(step.sigma.high / smaller)} at most once they are reduced to {pipeline.trained_at} px"
        beside = f"That is {left}."
    if strength := _strength(pipeline, step, "sigma", knob, limits_of(pipeline, step, "sigma", facts), beside):
        yield strength
    if facts is None:
        return
    high = step.sigma.high
    # The luma of three independent channels varies less than each of them.
    per_sigma = (math.hypot(*LUMA) if step.channels is Channels.EACH else 1.0) / smaller
    limits = Limits((None, 0.5 * facts.contrast / per_sigma), (None, facts.contrast / per_sigma))
    excessive = step.probability * _shares_beyond(step.sigma, limits.excessive)[1]
    some = step.probability * _shares_beyond(step.sigma, limits.caution)[1]
    if some == 0 or facts.blank:
        return
    level = Level.EXCESSIVE if excessive >= QUARTER else Level.CAUTION
    share, times = (excessive, "") if excessive else (some, "half ")
    measure = named("noise_against")
    yield Finding(
        Caution(
            level,
            step.id,
            "sigma",
            f"{step.label} · against your pictures",
            f"In {percent(share).lower()} of the copies the noise is more than {times}the pictures' own contrast "
            f"(at {pipeline.trained_at} px: noise up to {high * per_sigma:.2f}, contrast {facts.contrast:.2f}).",
            told(f"measured on {facts.pictures} of your pictures; no published limit", measure.evidence, measure.trial),
            kind=measure.evidence,
        ),
        cause_of(step, "sigma"),
        share,
        (step.id,),
        _limit(step, "sigma", knob, limits),
    )


def _times(bounds: tuple[float | None, float | None], factor: float) -> tuple[float | None, float | None]:
    low, high = bounds
    return (None if low is None else low * factor), (None if high is None else high * factor)
