"""Judging one step: how strong it is, and whether any copy stays near the original."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from dataclasses import replace

import numpy as np

from augstudio.advice.cautions import QUARTER, Caution, Level, Remedy, percent
from augstudio.advice.facts import Facts
from augstudio.engine.pixels import LUMA
from augstudio.pipeline import Pipeline
from augstudio.transforms import Chance, Knob, Limits, Range, Transform
from augstudio.transforms.noise.gaussian_noise import Channels, GaussianNoise
from augstudio.transforms.parameter import NO_LIMITS

NEAR = 0.25
"""An end within this share of the way from neutral to the caution limit counts as near the original."""
SHIFT_EVIDENCE = (
    "trained on 1000 photos of clothes at 64 px: shrunk by 0.8–1, 62.9 % right; always by 0.8, 35.9 %; "
    "without augmentation, 52.6 %"
)
_SAMPLED_COPIES = 64


def judge_step(pipeline: Pipeline, step: Transform, facts: Facts | None, *, originals: bool) -> Iterator[Caution]:
    """Judge a step that is applied; parameters as of `advise`."""
    for name, knob in step.knobs().items():
        if knob.orientation and pipeline.any_orientation:
            continue
        if isinstance(step, GaussianNoise):
            yield from _judge_noise(pipeline, step, facts)
        elif strength := _strength(pipeline, step, name, knob):
            yield strength
        if not originals and step.probability >= 1:
            yield from _shift(pipeline, step, name, knob)
    if step.measure:
        yield from _measure(pipeline, step)
    harmless = step.shift_needs_upright and pipeline.any_orientation
    if step.always_shifts and step.probability >= 1 and not originals and not harmless:
        yield Caution(
            Level.CAUTION,
            step.id,
            "probability",
            step.label,
            f"Every copy will be {step.always_shifts}: the model never sees a picture as it is.",
            "no published figure; exporting the originals too would also help",
            Remedy("Set probability to 0.5", pipeline.with_step(step.id, probability=0.5)),
        )


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
        Of noise, larger ones for pictures that are reduced before training; none of a turn where there is no upright.
    """
    knob = step.knobs()[name]
    if knob.orientation and pipeline.any_orientation:
        return NO_LIMITS
    limits, smaller = knob.limits_at(pipeline.trained_at), _smaller(pipeline, facts)
    if not isinstance(step, GaussianNoise) or smaller < _MUCH_SMALLER:
        return limits
    # As much stronger may it be on the pictures as they are.
    return Limits(_times(limits.caution, smaller), _times(limits.excessive, smaller))


def _smaller(pipeline: Pipeline, facts: Facts | None) -> float:
    """How many times the pictures are reduced before training; 1 where that is not known, or not so."""
    if facts is None:
        return 1.0
    return max(1.0, min(pipeline.output.size or (facts.width, facts.height)) / pipeline.trained_at)


def zone(knob: Knob, value: float, training_size: int) -> Level | None:
    """Where a single value lies: beyond the excessive limit, beyond the caution limit, or neither."""
    limits = knob.limits_at(training_size)
    for level, (low, high) in ((Level.EXCESSIVE, limits.excessive), (Level.CAUTION, limits.caution)):
        if (low is not None and value < low) or (high is not None and value > high):
            return level
    return None


def _strength(
    pipeline: Pipeline, step: Transform, name: str, knob: Knob, limits: Limits | None = None
) -> Caution | None:
    """Judge how many copies lie beyond limits; by default the knob's own."""
    limits = limits or knob.limits_at(pipeline.trained_at)
    span = step.range_of(name)
    for bounds, may_be_excessive in ((limits.excessive, True), (limits.caution, False)):
        shares = [step.probability * share for share in _shares_beyond(span, bounds, whole=knob.whole)]
        if sum(shares) > 0:
            excessive = may_be_excessive and sum(shares) >= QUARTER
            values = {**{n: r.high for n, r in _ranges(step)}, name: _furthest(span, knob)}
            said = f"{_phrase(shares, bounds, knob.words, knob)} {step.consequence(values)}".strip()
            return Caution(
                Level.EXCESSIVE if excessive else Level.CAUTION,
                step.id,
                name,
                f"{step.label} · {knob.label}",
                said,
                knob.source,
                _limit(pipeline, step, name, knob, limits),
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


def _limit(pipeline: Pipeline, step: Transform, name: str, knob: Knob, limits: Limits) -> Remedy:
    """Bring the range within the caution limits."""
    low = knob.hard[0] if limits.caution[0] is None else limits.caution[0]
    high = knob.hard[1] if limits.caution[1] is None else limits.caution[1]
    span = step.range_of(name)
    new = Range(min(max(span.low, low), high), min(max(span.high, low), high))
    if new.low == new.high and span.low != span.high and knob.neutral is not None:
        new = Range(*sorted((knob.neutral, new.low)))  # all of it was beyond: let it reach back to the original
    new = _rounded(new, knob)
    return _remedy(pipeline, step, name, knob, new)


def _rounded(span: Range, knob: Knob) -> Range:
    """To the decimals that people see, towards zero strength: an interpolated limit has too many."""
    scale = 10.0 ** (0 if knob.whole else knob.decimals)
    neutral = knob.neutral if knob.neutral is not None else span.low

    def end(value: float) -> float:
        steps = math.floor(value * scale + 1e-6) if value > neutral else math.ceil(value * scale - 1e-6)
        return float(steps) / scale

    return Range(end(span.low), end(span.high))


def _remedy(pipeline: Pipeline, step: Transform, name: str, knob: Knob, span: Range) -> Remedy:
    return Remedy(f"Set to {knob.show(span.low)} … {knob.show(span.high)}", pipeline.with_step(step.id, **{name: span}))


def _shift(pipeline: Pipeline, step: Transform, name: str, knob: Knob) -> Iterator[Caution]:
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
    yield Caution(
        Level.EXCESSIVE if excessive else Level.CAUTION,
        step.id,
        name,
        f"{step.label} · {knob.label}",
        f"No copy stays near the original: {knob.label.lower()} is {towards} {knob.show(nearest)} in every one, so the "
        f"model never trains on pictures as it will meet them. Let the range reach {knob.show(neutral)}, lower the "
        "probability, or export the originals too.",
        SHIFT_EVIDENCE,
        _remedy(pipeline, step, name, knob, new),
    )


def _measure(pipeline: Pipeline, step: Transform) -> Iterator[Caution]:
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
        if sum(shares) > 0:
            excessive = may_be_excessive and sum(shares) >= QUARTER
            yield Caution(
                Level.EXCESSIVE if excessive else Level.CAUTION,
                step.id,
                measure.parameter,
                f"{step.label} · {step.knobs()[measure.parameter].label}",
                _phrase(shares, bounds, measure.words, None),
                measure.source,
                _lower_measure(pipeline, step),
            )
            return


def _sampled_measures(step: Transform) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    always = step.edited(probability=1.0)
    draws = (always.draw(Chance(0, "advice", copy)) for copy in range(_SAMPLED_COPIES))
    ends = always.draw_end(high=True, field_seed=0)
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


def _judge_noise(pipeline: Pipeline, step: GaussianNoise, facts: Facts | None) -> Iterator[Caution]:
    """Judge what is left of the noise at the training size: on the ruler, and against the pictures' contrast."""
    knob = step.knobs()["sigma"]
    smaller = _smaller(pipeline, facts)
    if strength := _strength(pipeline, step, "sigma", knob, limits_of(pipeline, step, "sigma", facts)):
        if smaller >= _MUCH_SMALLER:
            left = f"{knob.show(step.sigma.high / smaller)} at most once they are reduced to {pipeline.trained_at} px"
            note = f"That is {left}."
            strength = replace(strength, message=f"{strength.message} {note}")
        yield strength
    if facts is None:
        return
    high = step.sigma.high
    # The luma of three independent channels varies less than each of them.
    per_sigma = (math.hypot(*LUMA) if step.channels is Channels.EACH else 1.0) / smaller
    limits = Limits((None, 0.5 * facts.contrast / per_sigma), (None, facts.contrast / per_sigma))
    excessive = step.probability * _shares_beyond(step.sigma, limits.excessive)[1]
    some = step.probability * _shares_beyond(step.sigma, limits.caution)[1]
    if some == 0 or facts.contrast <= 0:
        return
    level = Level.EXCESSIVE if excessive >= QUARTER else Level.CAUTION
    share, times = (excessive, "") if excessive else (some, "half ")
    yield Caution(
        level,
        step.id,
        "sigma",
        f"{step.label} · against your pictures",
        f"In {percent(share).lower()} of the copies the noise is more than {times}the pictures' own contrast "
        f"(at {pipeline.trained_at} px: noise up to {high * per_sigma:.2f}, contrast {facts.contrast:.2f}).",
        f"measured on {facts.pictures} of your pictures; no published limit",
        _limit(pipeline, step, "sigma", knob, limits),
    )


def _times(bounds: tuple[float | None, float | None], factor: float) -> tuple[float | None, float | None]:
    low, high = bounds
    return (None if low is None else low * factor), (None if high is None else high * factor)


_MUCH_SMALLER = 1.5
"""How many times smaller pictures must become at the training size for noise on them to count for less."""
