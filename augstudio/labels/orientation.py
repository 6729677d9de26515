"""From the picture as its file stores it to the upright one: what EXIF orientation does to points.

Points of labels that were drawn on the stored picture are moved as its pixels are when it is read. Coordinates are
continuous: a picture of width w spans [0, w], so that mirroring x gives w - x.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from augstudio.engine.shapes import Coordinates


def upright(points: Coordinates, stored: tuple[int, int], orientation: int) -> Coordinates:
    """Move points of the stored picture to the upright one.

    Parameters
    ----------
    points : ndarray
        `(N, 2)`: x and y in pixels of the stored picture.
    stored : (int, int)
        Width and height as the file stores it.
    orientation : int
        EXIF orientation, 1 to 8; 1 leaves points as they are.

    Returns
    -------
    ndarray
        `(N, 2)`, a new array.

    Raises
    ------
    ValueError
        If the orientation is none of those.
    """
    if not 1 <= orientation <= 8:
        raise ValueError(f"EXIF orientation is {orientation}; allowed are 1 to 8")
    width, height = stored
    x, y = points[:, 0], points[:, 1]
    if orientation in (2, 3, 7, 8):
        x = width - x
    if orientation in (3, 4, 6, 7):
        y = height - y
    if orientation >= 5:  # the sides are swapped last: 5 is the transposed picture
        x, y = y, x
    return np.stack((x, y), axis=1)


def upright_box(
    bounds: Sequence[float], stored: tuple[int, int], orientation: int
) -> tuple[float, float, float, float]:
    """Move a rectangle, given and returned as left, top, right and bottom; see `upright`."""
    left, top, right, bottom = bounds
    (x, y), (other_x, other_y) = upright(
        np.array(((left, top), (right, bottom)), np.float64), stored, orientation
    ).tolist()
    return min(x, other_x), min(y, other_y), max(x, other_x), max(y, other_y)


def upright_pixels(pixels: NDArray[np.bool_], orientation: int) -> NDArray[np.bool_]:
    """Move a mask of the stored picture, `(H, W)`, to the upright one, as `upright` moves points."""
    if orientation in (2, 3, 7, 8):
        pixels = pixels[:, ::-1]
    if orientation in (3, 4, 6, 7):
        pixels = pixels[::-1]
    return np.ascontiguousarray(pixels.T if orientation >= 5 else pixels)
