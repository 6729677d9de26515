"""What is known of the pictures at hand."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import cv2
import numpy as np

from augstudio.engine import Pixels
from augstudio.engine.alpha import weighted
from augstudio.engine.pixels import full_range, split_alpha


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

    @property
    def blank(self) -> bool:
        """Whether the pictures have no contrast to lose: what there is of it comes from rounding."""
        return self.contrast < _NO_CONTRAST


_NO_CONTRAST = 1e-6
"""Share of full range: a fifteenth of a level of 16 bits."""


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
