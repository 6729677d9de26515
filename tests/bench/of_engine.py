"""The engine alone: what the six transforms cost, step by step."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from time import perf_counter

import cv2
import numpy as np
from material import LARGE, six_transforms
from page import median, timed

from augstudio import images
from augstudio.engine import Pixels, Plan


def measure(photo: Path, sample: Path, seconds: float) -> tuple[list[str], list[list[str]]]:
    """A table: a line per step after fusion, a column per size and number of OpenCV's threads."""
    threads = cv2.getNumThreads()
    full = images.read(photo).pixels
    preview = images.read_reduced(photo, 1024).pixels
    small = images.read(sample).pixels
    cases: list[tuple[str, Pixels, float, int]] = [
        (f"sample {small.shape[1]}×{small.shape[0]}, 1 thread", small, 1.0, 1),
        (f"preview {preview.shape[1]}×{preview.shape[0]}, 1 thread", preview, preview.shape[1] / LARGE[0], 1),
        (f"the same, {threads} threads", preview, preview.shape[1] / LARGE[0], threads),
        ("12 MP, 1 thread", full, 1.0, 1),
    ]
    heads, lines = ["step after fusion"], dict[str, list[str]]()
    try:
        for head, pixels, zoom, count in cases:
            cv2.setNumThreads(count)
            plan = _plan(pixels, zoom)
            steps = _steps(plan, pixels, seconds)
            whole = timed(partial(plan.apply, pixels), seconds)
            heads.append(head)
            for name, cost in [*steps.items(), ("all of it (Plan.apply)", whole)]:
                lines.setdefault(name, []).append(f"{1000 * cost:.2f} ms")
            planning = timed(partial(_plan, pixels, zoom), seconds / 4)
            lines.setdefault("draw, lower and fuse, before that", []).append(f"{1000 * planning:.2f} ms")
    finally:
        cv2.setNumThreads(threads)
    return heads, [[name, *values] for name, values in lines.items()]


_PIPELINE = six_transforms()


def _plan(pixels: Pixels, zoom: float) -> Plan:
    height, width = pixels.shape[:2]
    return _PIPELINE.plan(_PIPELINE.draw(0, "bench", 1), width, height, zoom)


def _steps(plan: Plan, pixels: Pixels, seconds: float) -> dict[str, float]:
    """Median time of each step, in seconds, run one after the other as the plan does."""
    times: dict[str, list[float]] = {type(step).__name__: [] for step in plan.steps}
    end = perf_counter() + seconds
    rounds = 0
    while rounds < 3 or perf_counter() < end:
        colour = pixels
        for step in plan.steps:
            start = perf_counter()
            colour = step.apply(colour)
            times[type(step).__name__].append(perf_counter() - start)
        rounds += 1
    assert colour.dtype == np.uint8
    return {name: median(values) for name, values in times.items()}
