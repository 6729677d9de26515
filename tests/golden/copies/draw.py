"""Draws the golden copies of this version: every transform, with every value of its options, on opaque pictures.

`PYTHONPATH=.:tests python tests/golden/copies/draw.py FILE.npz` writes them. It is run once for a version, before
anything is changed; the files of older versions stay as they are.
"""

from __future__ import annotations

import itertools
import sys
from collections.abc import Iterator
from typing import Any

import cv2
import numpy as np
import pictures
from numpy.typing import NDArray

import augstudio
from augstudio.pipeline import Fit, Output, Pipeline
from augstudio.transforms import Option, Transform, registry

SEED, KEY = 7, "class/a.png"


def kinds(transform: type[Transform]) -> Iterator[Transform]:
    """A transform with every value of its options, always applied, over its useful ranges."""
    options = {
        name: list(transform.model_fields[name].annotation)  # type: ignore[arg-type]
        for name, parameter in transform.parameters().items()
        if isinstance(parameter, Option)
    }
    ranges = {name: knob.useful for name, knob in transform.knobs().items()}
    for chosen in itertools.product(*options.values()):
        yield transform.default(probability=1, **ranges, **dict(zip(options, chosen, strict=True)))


def copies() -> Iterator[tuple[str, NDArray[Any]]]:
    """Name and pixels of each golden copy."""
    colour, grey = pictures.smooth(18, 24, seed=1), pictures.smooth(18, 24, 1, np.uint16, seed=2)
    for op, transform in registry().items():
        for step in kinds(transform):
            chosen = "-".join(
                str(getattr(step, name)) for name, p in step.parameters().items() if isinstance(p, Option)
            )
            one = Pipeline(training_size=18, transforms=(step,))
            name = f"{op}-{chosen}" if chosen else op
            yield f"{name}-8", one(colour, seed=SEED, key=KEY, copy=1)
            if step == next(kinds(transform)):
                yield f"{name}-16", one(grey, seed=SEED, key=KEY, copy=2)
    every = tuple(transform.default(probability=0.7) for transform in registry().values())
    for fit in (Fit.CROP, Fit.PAD, Fit.STRETCH):
        all_of_them = Pipeline(output=Output(fit=fit, width=20, height=16), transforms=every)
        for copy in (1, 2, 3):
            yield f"all-{fit.value}-{copy}", all_of_them(colour, seed=SEED, key=KEY, copy=copy)


def here() -> str:
    """What decides about the last level of a pixel."""
    return f"opencv {cv2.__version__}, {cv2.getCPUFeaturesLine()}"


if __name__ == "__main__":
    np.savez_compressed(sys.argv[1], made_by=np.array(f"{augstudio.__version__}; {here()}"), **dict(copies()))
