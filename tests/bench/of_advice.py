"""How long it takes to judge a pipeline, while one of its sliders is dragged."""

from __future__ import annotations

from collections.abc import Iterator
from time import thread_time

from material import six_transforms

from augstudio.advice import advise_on_settings
from augstudio.pipeline import Pipeline
from augstudio.transforms import registry

_SEVERAL = ("rotate", "shrink", "crop", "brightness", "contrast", "saturation", "blur", "gaussian_noise")
_GEOMETRY = ("rotate", "shrink", "crop", "shift", "shear", "perspective", "flip", "quarter_turn")
_MOVE = 0.1
"""Degrees from one position of the slider to the next."""


def cases() -> dict[str, Pipeline]:
    """What is judged: usual strengths; and eight steps, each with all that is allowed, of several groups and of one."""
    return {
        "six transforms at usual strengths": six_transforms(),
        "eight steps of several groups, at their widest": _at_widest(_SEVERAL),
        "eight steps of geometry, at their widest": _at_widest(_GEOMETRY),
    }


def judging(pipeline: Pipeline, moves: int) -> Iterator[tuple[float, int]]:
    """Seconds of processor time for each move, with remedies, and how many cautions there are."""
    advise_on_settings(pipeline)
    low, high = pipeline.step("rotate").range_of("angle")
    for move in range(1, moves + 1):
        moved = pipeline.with_step("rotate", angle=(low + _MOVE * move, high - _MOVE * move))
        start = thread_time()
        found = advise_on_settings(moved)
        yield thread_time() - start, len(found)


def _at_widest(ops: tuple[str, ...]) -> Pipeline:
    steps = [registry()[op] for op in ops]
    return Pipeline(
        transforms=tuple(step.default(**{name: knob.hard for name, knob in step.knobs().items()}) for step in steps)
    )
