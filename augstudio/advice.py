"""Cautions: judgements that a strength runs, but may do harm. A common ruler, not proof.

Each parameter is judged twice. *How strong*: which share of the copies lands beyond a published limit, the transform's
probability counted in. *How shifted*: does any copy stay near the original? A transform that changes every copy moves
the whole dataset away from what the model will meet; in trials that cost most (see `SHIFT_EVIDENCE`). Then the whole
pipeline is judged: how much of the frame the geometry leaves to the border, what resolution is left, and the noise
against the contrast of the pictures at hand.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from enum import StrEnum

import cv2
import numpy as np

from augstudio.engine import BorderMode, Pixels, Plan, Warp
from augstudio.engine.alpha import weighted
from augstudio.engine.pixels import LUMA, full_range, split_alpha
from augstudio.pipeline import Pipeline
from augstudio.transforms import Chance, Knob, Limits, Range, Transform
from augstudio.transforms.base import Bordered
from augstudio.transforms.noise.gaussian_noise import Channels, GaussianNoise
from augstudio.transforms.parameter import NO_LIMITS

QUARTER = 0.25
"""Share of the copies beyond the excessive limit from which a range counts as excessive."""
NEAR = 0.25
"""An end within this share of the way from neutral to the caution limit counts as near the original."""
SHIFT_EVIDENCE = (
    "trained on 1000 photos of clothes at 64 px: shrunk by 0.8–1, 62.9 % right; always by 0.8, 35.9 %; "
    "without augmentation, 52.6 %"
)
_SAMPLED_COPIES = 64


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


@dataclass(frozen=True)
class Facts:
    """What is known of the pictures at hand.

    Attributes
    ----------
    width, height : int
        Of a typical picture, in pixels (medians).
    contrast : float
        Median standard deviation of luma at the training size, as a share of full range.
    pictures : int
        How many were looked at.
    """

    width: int
    height: int
    contrast: float
    pictures: int


def contrast_of(pixels: Pixels, training_size: int) -> float:
    """Contrast of one picture: standard deviation of its luma, reduced to the training size; share of full range.

    Of what is seen: each pixel counts by its alpha.
    """
    colour, alpha = split_alpha(pixels)
    grey = colour if colour.ndim == 2 else cv2.cvtColor(colour, cv2.COLOR_RGB2GRAY)
    if alpha is not None:
        grey = weighted(grey, alpha)
    times = min(grey.shape[:2]) / training_size
    while times >= 2:  # by halves, which takes a quarter of the time of averaging all at once
        height, width = grey.shape[:2]
        half = width // 2, height // 2
        grey = cv2.resize(grey[: 2 * half[1], : 2 * half[0]], half, interpolation=cv2.INTER_AREA)
        times /= 2
    if times > 1:
        size = max(1, round(grey.shape[1] / times)), max(1, round(grey.shape[0] / times))
        grey = cv2.resize(grey, size, interpolation=cv2.INTER_AREA)
    if alpha is None:
        return float(cv2.meanStdDev(grey)[1].item()) / full_range(colour)
    luma, weights = (grey[..., 0] / grey[..., 1]).astype(np.float64), grey[..., 1].astype(np.float64)
    mean = np.average(luma, weights=weights)
    return float(np.average((luma - mean) ** 2, weights=weights) ** 0.5) / full_range(colour)


def facts_of(seen: Iterable[tuple[int, int, float]]) -> Facts | None:
    """Facts from (width, height, contrast) of some pictures; None if there are none."""
    table = list(seen)
    if not table:
        return None
    width, height, contrast = (_median(column) for column in zip(*table, strict=True))
    return Facts(int(width), int(height), contrast, len(table))


def _median(values: Iterable[float]) -> float:
    ordered = sorted(values)  # NumPy's median imports its masked arrays, which takes longer than all the rest
    return (ordered[(len(ordered) - 1) // 2] + ordered[len(ordered) // 2]) / 2


def advise(pipeline: Pipeline, facts: Facts | None = None, *, originals: bool = False) -> tuple[Caution, ...]:
    """Judge a pipeline.

    Parameters
    ----------
    pipeline : Pipeline
        What would be applied.
    facts : Facts or None
        Of the pictures at hand; without them, a square picture of twice the training size stands in, and noise is not
        held against contrast.
    originals : bool
        Whether the originals are exported as well: then the dataset keeps pictures as the model will meet them.

    Returns
    -------
    tuple of Caution
        Excessive ones first, then in the order of the steps.
    """
    cautions: list[Caution] = []
    for step in pipeline.transforms:
        if step.enabled and step.probability > 0:
            cautions += _judge_step(pipeline, step, facts, originals=originals)
    cautions += _judge_whole(pipeline, facts, cautions)
    return tuple(sorted(cautions, key=lambda caution: caution.level is Level.CAUTION))


# -- one step ------------------------------------------------------------------------------------------------------


def _judge_step(pipeline: Pipeline, step: Transform, facts: Facts | None, *, originals: bool) -> Iterator[Caution]:
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
        f"{_percent(share)} of the copies will be {word.format(show(bound))}"
        for share, bound, word in both
        if share > 0 and bound is not None
    ]
    return " and ".join(parts) + "."


def _percent(share: float) -> str:
    if share >= 0.995:
        return "All" if share >= 1 - 1e-9 else "Over 99 %"
    return f"{math.floor(100 * share + 1e-9)} %" if share >= 0.01 else "Under 1 %"


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
        f"In {_percent(share).lower()} of the copies the noise is more than {times}the pictures' own contrast "
        f"(at {pipeline.trained_at} px: noise up to {high * per_sigma:.2f}, contrast {facts.contrast:.2f}).",
        f"measured on {facts.pictures} of your pictures; no published limit",
        _limit(pipeline, step, "sigma", knob, limits),
    )


def _times(bounds: tuple[float | None, float | None], factor: float) -> tuple[float | None, float | None]:
    low, high = bounds
    return (None if low is None else low * factor), (None if high is None else high * factor)


_MUCH_SMALLER = 1.5
"""How many times smaller pictures must become at the training size for noise on them to count for less."""


# -- the whole pipeline ----------------------------------------------------------------------------------------------


def _judge_whole(pipeline: Pipeline, facts: Facts | None, found: list[Caution]) -> Iterator[Caution]:
    """Judge what the fused geometry does, where no single step was found to be too strong already."""
    geometry = [s for s in pipeline.transforms if s.enabled and s.probability > 0 and s.group() == "geometry"]
    if not geometry or {c.step for c in found} & {s.id for s in geometry}:
        return
    side = 2 * pipeline.training_size
    width, height = (facts.width, facts.height) if facts else (side, side)
    plans = _sampled_plans(pipeline.edited(transforms=tuple(geometry)), width, height)
    warps = [plan.warp for plan in plans if plan.warp]
    if not warps:
        return
    bare = pipeline.edited(transforms=()).plan((), width, height).warp
    padded = bare.outside_share() if bare else 0.0
    yield from _border_share(pipeline, geometry, [warp.outside_share() - padded for warp in warps], len(plans))
    if facts:
        yield from _resolution(pipeline, warps, len(plans))


def _sampled_plans(pipeline: Pipeline, width: int, height: int) -> list[Plan]:
    draws = (pipeline.draw(0, "advice", copy) for copy in range(1, _SAMPLED_COPIES + 1))
    return [pipeline.plan(draw, width, height) for draw in draws]


def _border_share(
    pipeline: Pipeline, geometry: list[Transform], outside: list[float], copies: int
) -> Iterator[Caution]:
    """Judge the shares of the frame that geometry leaves to the border, beyond what the output's padding does."""
    bordered = [step for step in geometry if isinstance(step, Bordered)]
    for limit, may_be_excessive in ((0.75, True), (0.36, False)):
        share = sum(value > limit + 0.02 for value in outside) / copies
        if share < (QUARTER if may_be_excessive else 0.1) or not bordered:
            continue
        blank = [step for step in bordered if step.border is BorderMode.BLANK]
        shown = "blank" if blank else "repeated content"
        remedy = None
        if blank:
            mirrored = pipeline
            for step in blank:
                mirrored = mirrored.with_step(step.id, border=BorderMode.MIRROR)
            remedy = Remedy("Mirror the borders", mirrored)
        yield Caution(
            Level.EXCESSIVE if may_be_excessive else Level.CAUTION,
            "",
            "",
            "Geometry together",
            f"In {_percent(share).lower()} of the copies, more than {100 * limit:.0f} % of the frame is {shown}: "
            f"{', '.join(step.label.lower() for step in bordered)} {'add up' if len(bordered) > 1 else 'adds up'}.",
            "the share that shrinking to 0.8 (36 %) or 0.5 (75 %) leaves",
            remedy,
        )
        return


def _resolution(pipeline: Pipeline, warps: list[Warp], copies: int) -> Iterator[Caution]:
    """Judge how many real pixels the subject has left at the training size."""
    enlarged = []
    for warp in warps:
        a, b, _, c, d, _, _, _, _ = warp.matrix
        to_training = min(1.0, pipeline.trained_at / min(warp.target))
        enlarged.append(math.sqrt(abs(a * d - b * c)) * to_training)
    for limit, may_be_excessive in ((4.0, True), (2.0, False)):
        share = sum(value > limit for value in enlarged) / copies
        if share < QUARTER:
            continue
        yield Caution(
            Level.EXCESSIVE if may_be_excessive else Level.CAUTION,
            "",
            "",
            "Resolution left",
            f"{_percent(share)} of the copies are enlarged more than {limit:g} times even at {pipeline.trained_at} px: "
            "the model sees blur where it expects detail. Keep more of the picture, or train at a smaller size.",
            "no published figure; measured on the size of your pictures",
        )
        return
