"""What a picture is to the engine: its array, its full range, its alpha."""

from __future__ import annotations

from typing import Any, TypeAlias

import cv2
import numpy as np
from numpy.typing import NDArray

Pixels: TypeAlias = NDArray[Any]
"""`(H, W)` grey, `(H, W, 2)` grey and alpha, `(H, W, 3)` RGB or `(H, W, 4)` RGBA; uint8 or uint16, full range."""

_EIGHT_BITS, _SIXTEEN_BITS = np.dtype(np.uint8), np.dtype(np.uint16)

LUMA = (0.299, 0.587, 0.114)
"""Weights of red, green and blue in brightness (ITU-R BT.601, as OpenCV's and Pillow's grey conversion)."""


def check_pixels(pixels: Pixels) -> Pixels:
    """Refuse what is not a picture array.

    Parameters
    ----------
    pixels : ndarray
        See `Pixels`.

    Returns
    -------
    ndarray
        The same array, C-contiguous.

    Raises
    ------
    TypeError
        If it is no array of uint8 or uint16.
    ValueError
        If its shape is none of `(H, W)`, `(H, W, 2)`, `(H, W, 3)`, `(H, W, 4)`, or a side is 0.
    """
    if not isinstance(pixels, np.ndarray):
        raise TypeError(
            f"a picture must be a NumPy array, not {type(pixels).__name__}; numpy.asarray may make one of it"
        )
    if pixels.dtype != _EIGHT_BITS and pixels.dtype != _SIXTEEN_BITS:
        raise TypeError(f"a picture must be uint8 or uint16, not {pixels.dtype}; {_remedy(pixels)}")
    if not (pixels.ndim == 2 or (pixels.ndim == 3 and pixels.shape[2] in (2, 3, 4))):
        hint = ""
        if pixels.ndim == 3 and pixels.shape[2] == 1:
            hint = "; a grey one is image[..., 0]"
        elif pixels.ndim == 3 and pixels.shape[0] in (1, 2, 3, 4):
            hint = "; where channels come first, numpy.moveaxis(image, 0, -1) puts them last"
        elif pixels.ndim == 4:
            hint = "; of a batch, one picture at a time"
        raise ValueError(f"a picture must be (H, W) or (H, W, 2 | 3 | 4), not {pixels.shape}{hint}")
    if not pixels.size:
        raise ValueError(f"a picture must have at least one pixel, but its shape is {pixels.shape}")
    return pixels if pixels.flags.c_contiguous else np.ascontiguousarray(pixels)


def _remedy(pixels: Pixels) -> str:
    """What to do with an array of another type."""
    if pixels.dtype == np.bool_:
        return "image.astype(numpy.uint8) * 255 makes black and white of it"
    if pixels.dtype.kind == "f":
        return "levels from 0 to 1 become numpy.rint(image * 255).astype(numpy.uint8), those to 255 do so without × 255"
    return "convert it first, 0 to full range: image.astype(numpy.uint8) if its levels are 0 to 255"


def full_range(pixels: Pixels) -> int:
    """The largest level of the array's type: 255 or 65535."""
    return 255 if pixels.dtype == _EIGHT_BITS else 65535


def split_alpha(pixels: Pixels) -> tuple[Pixels, Pixels | None]:
    """Colour (`(H, W)` or `(H, W, 3)`) and alpha (`(H, W)` or None) of a picture, each contiguous."""
    if pixels.ndim == 2 or pixels.shape[2] == 3:
        return pixels, None
    # By OpenCV, which takes channels apart many times faster than NumPy.
    if pixels.shape[2] == 2:
        return cv2.extractChannel(pixels, 0), cv2.extractChannel(pixels, 1)
    return cv2.cvtColor(pixels, cv2.COLOR_RGBA2RGB), cv2.extractChannel(pixels, 3)


def join_alpha(colour: Pixels, alpha: Pixels | None) -> Pixels:
    """Undo `split_alpha`."""
    return colour if alpha is None else cv2.merge([*cv2.split(colour), alpha])


def to_levels(colour: tuple[int, int, int], like: Pixels) -> tuple[float, ...]:
    """An 8-bit RGB colour in the levels and channels of the picture `like` (grey: its luma)."""
    scale = full_range(like) / 255
    if like.ndim == 2:
        return (round(sum(w * c for w, c in zip(LUMA, colour, strict=True)) * scale),)
    return tuple(c * scale for c in colour)
