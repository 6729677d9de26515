"""Which steps of a preset go together: moves in a row, which the engine resamples once."""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import groupby

from augstudio.code.heading import applicable
from augstudio.pipeline import Pipeline
from augstudio.transforms import Transform

RIGID = ("flip", "quarter_turn")
"""Moves that only copy pixels: what they are resampled with makes no difference."""
_COPIES = 400
"""Copies that are drawn to tell how often something is so."""


@dataclass(frozen=True)
class Run:
    """Steps that become one piece of code.

    Attributes
    ----------
    steps : tuple of Transform
        One step, or several moves in a row.
    apart : float
        Share of the copies, 0 to 1, that the engine resamples together with moves of an earlier run, since nothing that
        lies between is applied to them.
    """

    steps: tuple[Transform, ...]
    apart: float = 0.0


def runs(pipeline: Pipeline) -> list[Run]:
    """Take a pipeline apart: each step by itself, but moves in a row together.

    Flips and quarter turns at the ends of a row stand by themselves, as libraries have them.
    """
    found: list[tuple[Transform, ...]] = []
    for moves, together in groupby(applicable(pipeline), is_move):
        steps = list(together)
        found += _trimmed(steps) if moves else [(step,) for step in steps]
    shares = _shares_apart(pipeline, found)
    return [Run(steps, share) for steps, share in zip(found, shares, strict=True)]


def resamples(step: Transform) -> bool:
    """Whether it moves pixels to where none lie."""
    return _resamples((step,))


def is_move(step: Transform) -> bool:
    """Whether it is geometry."""
    return step.group() == "geometry"


def _resamples(steps: tuple[Transform, ...]) -> bool:
    return is_move(steps[0]) and any(step.op not in RIGID for step in steps)


def _trimmed(steps: list[Transform]) -> list[tuple[Transform, ...]]:
    bent = [number for number, step in enumerate(steps) if step.op not in RIGID]
    if not bent:
        return [(step,) for step in steps]
    first, last = bent[0], bent[-1] + 1
    return [*((s,) for s in steps[:first]), tuple(steps[first:last]), *((s,) for s in steps[last:])]


def _shares_apart(pipeline: Pipeline, found: list[tuple[Transform, ...]]) -> list[float]:
    """For each run, how often the engine resamples it together with an earlier one; by drawing copies."""
    if sum(map(_resamples, found)) < 2:
        return [0.0] * len(found)
    number_of = {step.id: number for number, steps in enumerate(found) if _resamples(steps) for step in steps}
    side = pipeline.trained_at
    hits = [0] * len(found)
    for copy in range(1, _COPIES + 1):
        for fused in pipeline.fused(pipeline.draw(0, "", copy), side, side):
            together = sorted({number_of[step] for step in fused.steps if step in number_of})
            for number in together[1:]:
                hits[number] += 1
    return [hit / _COPIES for hit in hits]


def shrinks(found: list[Run]) -> bool:
    """Whether moves may shrink a picture so far that the engine averages pixels first: to about half."""
    return any(most_shrunk(run.steps) > _AVERAGED_FROM for run in found if _resamples(run.steps))


_AVERAGED_FROM = 1.8


def most_shrunk(steps: tuple[Transform, ...]) -> float:
    """How many pixels, along one axis, one of the result may stand for, at most; roughly, and rather too many."""
    most = 1.0
    for step in steps:
        if step.op == "shrink":
            most /= step.range_of("scale").low
        elif step.op == "shear":
            x, y = (max(map(abs, step.range_of(name))) for name in ("x", "y"))
            most *= max(math.hypot(1 + x * y, x), math.hypot(1, y))
        elif step.op == "perspective":
            most *= 1 / (1 - 1.5 * step.range_of("travel").high)
    return most
