"""Judging a whole pipeline: what the steps' geometry comes to together."""

from __future__ import annotations

import math
from collections.abc import Iterator

from augstudio.advice.cautions import QUARTER, Caution, Level, Remedy, percent
from augstudio.advice.facts import Facts
from augstudio.engine import BorderMode, Plan, Warp
from augstudio.pipeline import Pipeline
from augstudio.transforms import Transform
from augstudio.transforms.base import Bordered

_SAMPLED_COPIES = 64


def judge_whole(
    pipeline: Pipeline, facts: Facts | None, found: list[Caution], *, labelled: bool = False
) -> Iterator[Caution]:
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
    outside = [warp.outside_share() - padded for warp in warps]
    yield from _border_share(pipeline, geometry, outside, len(plans), labelled=labelled)
    if facts:
        yield from _resolution(pipeline, warps, len(plans))


def _sampled_plans(pipeline: Pipeline, width: int, height: int) -> list[Plan]:
    draws = (pipeline.draw(0, "advice", copy) for copy in range(1, _SAMPLED_COPIES + 1))
    return [pipeline.plan(draw, width, height) for draw in draws]


def _border_share(
    pipeline: Pipeline, geometry: list[Transform], outside: list[float], copies: int, *, labelled: bool = False
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
            # A mirrored border would show labelled objects again, without their labels.
            mode = BorderMode.EDGE if labelled else BorderMode.MIRROR
            filled = pipeline
            for step in blank:
                filled = filled.with_step(step.id, border=mode)
            remedy = Remedy("Stretch the edges" if labelled else "Mirror the borders", filled)
        yield Caution(
            Level.EXCESSIVE if may_be_excessive else Level.CAUTION,
            "",
            "",
            "Geometry together",
            f"In {percent(share).lower()} of the copies, more than {100 * limit:.0f} % of the frame is {shown}: "
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
            f"{percent(share)} of the copies are enlarged more than {limit:g} times even at {pipeline.trained_at} px: "
            "the model sees blur where it expects detail. Keep more of the picture, or train at a smaller size.",
            "no published figure; measured on the size of your pictures",
        )
        return
