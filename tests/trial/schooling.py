"""Folders for trials, and a teacher that needs no library: the nearest picture that was learnt from."""

from __future__ import annotations

import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from augstudio.images import encode
from augstudio.pipeline import Pipeline
from augstudio.transforms import Transform, registry
from augstudio.trial.lesson import Lesson


def step(op: str, **changes: Any) -> Transform:
    return registry()[op].default(**changes)


MIRROR = Pipeline(name="Mirror", transforms=(step("flip", probability=0.5, axis="horizontal"),))
TOPSY = Pipeline(name="Topsy", transforms=(step("flip", probability=0.5, axis="vertical"),))
FAINT = Pipeline(name="Faint", transforms=(step("brightness", probability=1.0, amount=(-0.01, 0.01)),))


def nearest(lesson: Lesson, *, tell: Callable[[int], object], stop: Callable[[], bool]) -> NDArray[np.intp] | None:
    """The class of the version that is nearest, pixel by pixel; the first of several."""
    for update in range(lesson.updates):
        if stop():
            return None
        tell(update)
    versions = lesson.versions[lesson.learnt].reshape(-1, lesson.judged[0].size).astype(float)
    classes = np.repeat(lesson.classes, lesson.versions.shape[1])
    return np.array([classes[np.abs(versions - one.reshape(-1)).sum(1).argmin()] for one in lesson.judged], np.intp)


def seed_of(*parts: object) -> int:
    """A seed that differs where any part does, the same in every process."""
    return zlib.crc32(repr(parts).encode())


def put(root: Path, key: str, pixels: NDArray[np.uint8]) -> None:
    path = root / key
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(encode(pixels, "PNG", 90))


def lit(side: str, seed: int, size: int = 24) -> NDArray[np.uint8]:
    """A noisy picture that is bright on one side: "left", "right", "top" or "bottom"."""
    pixels = np.random.default_rng(seed).integers(0, 60, (size, size, 3), np.uint8)
    half = size // 2
    where = {
        "left": np.s_[:, :half],
        "right": np.s_[:, half:],
        "top": np.s_[:half],
        "bottom": np.s_[half:],
    }[side]
    pixels[where] += 150
    return pixels


def onesided(root: Path, many: int = 8) -> Path:
    """Classes that a mirror helps to learn: lit from one side and unlit; judged from the other side as well."""
    for number in range(many):
        put(root, f"train/lit/{number}.png", lit("left", number))
        put(root, f"train/unlit/{number}.png", lit("left", 100 + number)[:, 12:].repeat(2, 1))
        put(root, f"val/lit/{number}.png", lit("right", 200 + number))
        put(root, f"val/unlit/{number}.png", lit("left", 300 + number)[:, 12:].repeat(2, 1))
    return root


def upright(root: Path, many: int = 12) -> Path:
    """Classes that are each other upside down, in no splits."""
    for number in range(many):
        put(root, f"sky/{number}.png", lit("top", number))
        put(root, f"sea/{number}.png", lit("bottom", 100 + number))
    return root
