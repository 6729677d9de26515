"""Colour weighed by alpha: whatever a linear step makes of several pixels, each counts as much as it is seen."""

from __future__ import annotations

import cv2
import numpy as np

from augstudio.engine.pixels import Pixels, full_range

_FAINT = 2.0**-16
"""Weight, in levels of alpha, that every pixel has beside its alpha: so that hidden pixels among hidden ones keep a
colour. Beside a pixel of the faintest alpha that is not rounded to 0 it comes to less than 0.01 levels of 255."""


def weights_of(alpha: Pixels) -> Pixels:
    """How much each pixel counts: its alpha, and a little, as float32."""
    weights: Pixels = alpha.astype(np.float32)
    weights += _FAINT
    return weights


def weighted(colour: Pixels, alpha: Pixels) -> Pixels:
    """Colour multiplied by alpha, and alpha, ready for any linear step.

    Parameters
    ----------
    colour : ndarray
        `(H, W)` or `(H, W, 3)`.
    alpha : ndarray
        `(H, W)` of the same type.

    Returns
    -------
    ndarray of float32
        `(H, W, 3)` for grey (colour, alpha, alpha again: OpenCV warps two channels less exactly) or `(H, W, 4)`.
    """
    weights = weights_of(alpha)
    planes = [cv2.multiply(plane, weights, dtype=cv2.CV_32F) for plane in cv2.split(colour)]
    return cv2.merge([*planes, weights] if len(planes) == 3 else [*planes, weights, weights])


def unweighted(mixed: Pixels, like: Pixels) -> Pixels:
    """The colour in what a linear step made of `weighted`: divided by alpha again, in whole levels of `like`'s type."""
    *planes, weights = cv2.split(mixed)
    depth = cv2.CV_8U if like.dtype == np.uint8 else cv2.CV_16U
    return cv2.merge([cv2.divide(plane, weights, dtype=depth) for plane in planes[: 1 if like.ndim == 2 else 3]])


def fill_hidden(colour: Pixels, alpha: Pixels) -> Pixels:
    """The picture with each wholly hidden pixel in the colour of the visible ones about it.

    Visible pixels stay as they are. Hidden ones take the mean of ever larger blocks, the smallest in which anything is
    seen, blended from block to block.
    """
    seen = alpha > 0
    if seen.all() or not seen.any():
        return colour
    weights = alpha.astype(np.float32)
    planes = cv2.merge([*(cv2.multiply(plane, weights, dtype=cv2.CV_32F) for plane in cv2.split(colour)), weights])
    levels = [planes]
    while not levels[-1][..., -1].all():
        height, width = levels[-1].shape[:2]
        half = (width + 1) // 2, (height + 1) // 2
        levels.append(cv2.resize(levels[-1], half, interpolation=cv2.INTER_AREA))
    found: Pixels = levels.pop()
    while levels:
        finer = levels.pop()
        # Of one weight, since what was farther away must not count for more; found[..., -1] is nowhere 0.
        spread: Pixels = np.divide(found, found[..., -1:])
        spread = cv2.resize(spread, finer.shape[1::-1], interpolation=cv2.INTER_LINEAR)
        found = np.where(finer[..., -1:] > 0, finer, spread)
    filled = np.rint(found[..., :-1] / found[..., -1:])
    filled = np.minimum(filled, full_range(colour)).astype(colour.dtype)
    result: Pixels = np.where(seen if colour.ndim == 2 else seen[..., None], colour, filled.reshape(colour.shape))
    return result


def mean_seen(colour: Pixels, alpha: Pixels | None) -> list[float]:
    """The mean level of each channel, each pixel counting by its alpha; by nothing where all is hidden."""
    planes = cv2.split(colour)
    if alpha is None or not alpha.any():
        return [cv2.mean(plane)[0] for plane in planes]
    total = cv2.sumElems(alpha)[0]
    return [cv2.sumElems(cv2.multiply(plane, alpha, dtype=cv2.CV_64F))[0] / total for plane in planes]
