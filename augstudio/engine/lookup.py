"""Look 8-bit levels up in a table: by StringZilla's vector instructions, else by OpenCV; the same levels either way."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

try:
    import stringzilla
except ImportError:  # there is no wheel for this machine
    stringzilla = None

Bytes = NDArray[np.uint8]


def look_up(levels: Bytes, table: Bytes) -> None:
    """Put what a table gives for each level in its place.

    Parameters
    ----------
    levels : ndarray
        Of uint8, any shape, C-contiguous.
    table : ndarray
        `(256,)` of uint8, contiguous.
    """
    if stringzilla is not None:
        stringzilla.translate(levels.data, table.data, inplace=True)
    else:
        look_up_by_opencv(levels, table)


def look_up_by_opencv(levels: Bytes, table: Bytes) -> None:
    """Put what a table of 256 levels gives for each level in its place."""
    rows = levels.reshape(len(levels) if levels.ndim > 1 else 1, -1)  # which OpenCV shares among threads
    cv2.LUT(rows, table, dst=rows)
