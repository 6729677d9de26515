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


def look_up(levels: Bytes, table: Bytes) -> Bytes:
    """What `table` gives for each level, as a new C-contiguous array of the same shape.

    Parameters
    ----------
    levels : ndarray
        Of uint8, any shape.
    table : ndarray
        `(256,)` of uint8, contiguous.
    """
    found = levels.copy()
    look_up_in_place(found, table)
    return found


def look_up_in_place(levels: Bytes, table: Bytes) -> None:
    """Put what `table` gives in the place of each level; `levels` must be C-contiguous."""
    if stringzilla is not None:
        stringzilla.translate(levels.data, table.data, inplace=True)
    else:
        levels[...] = cv2.LUT(levels.reshape(1, -1), table).reshape(levels.shape)
