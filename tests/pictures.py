"""Pictures for tests, drawn from a seed: smooth ones, noise, text, and every kind of array."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from augstudio.files import resources

Pixels = NDArray[Any]

DTYPES = (np.uint8, np.uint16)
CHANNELS = (1, 2, 3, 4)
"""Grey, grey and alpha, RGB, RGBA."""
SHAPES = ((1, 1), (3, 5), (48, 64), (37, 53), (1, 9), (9, 1))
"""Heights and widths: a single pixel, odd and even sides, a row, a column."""

PHOTOGRAPHS = sorted((resources() / "sample").glob("*/*.*g"))
"""The sample pictures that ship: scenes with light, texture, grain and writing, 434 to 1547 pixels a side."""
BESIDE = Path(__file__).resolve().parents[2] / "shared" / "samples"
"""A folder of public data sets, where there is one; no test needs it, and some take what is there in addition."""


def noise(height: int, width: int, channels: int = 3, dtype: type = np.uint8, seed: int = 0) -> Pixels:
    """Independent levels over all of the range."""
    top = np.iinfo(dtype).max
    field = np.random.default_rng(seed).integers(0, top, (height, width, channels), endpoint=True)
    return _shaped(field.astype(dtype))


def smooth(height: int, width: int, channels: int = 3, dtype: type = np.uint8, seed: int = 0) -> Pixels:
    """Soft waves and a few edges: full range, at most about a fifth of it from one pixel to the next."""
    rng = np.random.default_rng(seed)
    y, x = np.mgrid[:height, :width] + 0.5
    planes = []
    for _ in range(channels):
        plane = np.zeros((height, width))
        for _ in range(6):
            fx, fy, phase = rng.uniform(-0.35, 0.35), rng.uniform(-0.35, 0.35), rng.uniform(0, 6.28)
            plane += np.sin(fx * x + fy * y + phase) * rng.uniform(0.3, 1)
        plane += 1.5 * np.tanh((x - y * rng.uniform(0.3, 1.5) - width * rng.uniform(0, 0.5)) / 1.5)
        planes.append(plane)
    stack = np.stack(planes, axis=-1)
    low, high = stack.min(), stack.max()
    shares = (stack - low) / (high - low) if high > low else np.full_like(stack, 0.5)
    return _shaped(np.rint(shares * np.iinfo(dtype).max).astype(dtype))


def text(height: int, width: int, seed: int = 0) -> Pixels:
    """Dark strokes of one to three pixels on white paper, RGB uint8: what aliasing spoils first."""
    rng = np.random.default_rng(seed)
    page = np.full((height, width, 3), 250, np.uint8)
    for top in range(4, height - 10, 12):
        left = 4
        while left < width - 8:
            stroke = int(rng.integers(1, 3))
            if rng.random() < 0.7:
                page[top : top + 8, left : left + stroke] = 20
            if rng.random() < 0.5:
                row = top + int(rng.integers(0, 7))
                page[row : row + 1, left : left + 5] = 20
            left += int(rng.integers(3, 8))
    return page


def every_kind(shapes: tuple[tuple[int, int], ...] = SHAPES) -> Iterator[Pixels]:
    """Noise in every shape, depth and number of channels."""
    for height, width in shapes:
        for dtype in DTYPES:
            for channels in CHANNELS:
                yield noise(height, width, channels, dtype)


def kind(pixels: Pixels) -> str:
    """A picture in words, for messages."""
    return f"{pixels.dtype} {'×'.join(map(str, pixels.shape))}"


def _shaped(field: Pixels) -> Pixels:
    return np.ascontiguousarray(field[..., 0] if field.shape[2] == 1 else field)
