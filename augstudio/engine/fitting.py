"""Bring a picture to a size."""

from __future__ import annotations

from enum import StrEnum

from augstudio.engine.frame import Frame
from augstudio.engine.geometry import Border
from augstudio.engine.warp import Warp


class Fit(StrEnum):
    """How a picture is brought to the output size."""

    KEEP = "keep"
    CROP = "crop"
    PAD = "pad"
    STRETCH = "stretch"


def fitted(frame: Frame, size: tuple[int, int], fit: Fit, outside: Border) -> Warp:
    """The resize as geometry.

    Parameters
    ----------
    frame : Frame
        Of the picture.
    size : (int, int)
        Width and height afterwards, in pixels.
    fit : Fit
        Any but `keep`.
    outside : Border
        What `pad` shows beside the picture.
    """
    width, height = size
    x, y = width / frame.width, height / frame.height
    if fit is not Fit.STRETCH:
        x = y = max(x, y) if fit is Fit.CROP else min(x, y)
    # In the middle, but on a whole pixel: a picture that already has its size is not blurred by half a pixel.
    left, top = round((frame.width * x - width) / 2) / x, round((frame.height * y - height) / 2) / y
    box = (left, top, left + width / x, top + height / y)
    return Warp.window(box, frame, size, outside if fit is Fit.PAD else None)
