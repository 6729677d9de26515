"""JPEG: pixels from a decoder that tells what it had to make up.

libjpeg goes on when data is missing: it fills up with grey, and warns in the same breath and by the same means as it
does of bytes that do nobody harm. Of the libraries that hold it, simplejpeg is the one that hands such a warning on to
its caller, in any thread, in the one pass in which it decodes, at the speed and to the very pixels of the others. Only
a file that is warned of is looked at more closely.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, cast

import numpy as np
import simplejpeg
from numpy.typing import NDArray

from augstudio.images import jpeg_damage
from augstudio.images.failures import PictureError

STRAY = "stray bytes in the JPEG data ignored"

_COLOURS = {"L": "GRAY", "RGB": "RGB", "CMYK": "CMYK"}
_MOST_SCANS = 200
_TINY = 8  # pixels a side, of which one reduction can hardly be told from another
_SCAN, _END = b"\xff\xda", b"\xff\xd9"


def decode(
    path: Path, data: bytes, mode: str, size: tuple[int, int], reduction: int = 1
) -> tuple[NDArray[np.uint8] | None, tuple[str, ...]]:
    """Decode a JPEG, unless data is missing from it.

    Parameters
    ----------
    path : Path
        The file, for errors.
    data : bytes
        All of it.
    mode : str
        Pillow's name of its colours: ``"L"``, ``"RGB"`` or ``"CMYK"``.
    size : (int, int)
        Width and height in pixels, as stored.
    reduction : int
        1, 2, 4 or 8, for pixels at 1/`reduction` of the size, each side rounded up. (Tiny pictures come whole.)

    Returns
    -------
    pixels : ndarray or None
        ``(H, W)`` or ``(H, W, 3 or 4)``, uint8; CMYK as it is stored. None if this decoder does not know the kind, and
        none of its data was found to be missing.
    notes : tuple of str
        What was passed over.

    Raises
    ------
    PictureError
        If data is missing, or cannot be decoded.
    """
    width, height = size
    least: dict[str, Any] = {}
    if reduction > 1 and max(size) > _TINY:
        least = {"min_width": -(-width // reduction), "min_height": -(-height // reduction)}
    notes: tuple[str, ...] = ()
    try:
        pixels = simplejpeg.decode_jpeg(data, _COLOURS[mode], **least)
    except ValueError as complaint:
        damage = jpeg_damage.of(data, str(complaint))
        if damage.reason:
            raise PictureError(path, damage.reason) from complaint
        notes = (STRAY,) if damage.stray else ()
        if not damage.mended:
            return None, notes
        pixels = simplejpeg.decode_jpeg(damage.mended, _COLOURS[mode], **least)
    return cast("NDArray[np.uint8]", pixels[..., 0] if mode == "L" else pixels), notes


def check(path: Path, data: bytes) -> tuple[str, ...]:
    """Find out whether data is missing from a JPEG that another decoder is to decode, at the least cost.

    Returns
    -------
    tuple of str
        What was passed over.

    Raises
    ------
    PictureError
        If data is missing, or cannot be decoded.
    """
    complaint = jpeg_damage.complaint(data)
    if complaint is None:
        return ()
    damage = jpeg_damage.of(data, complaint)
    if damage.reason:
        raise PictureError(path, damage.reason)
    return (STRAY,) if damage.stray else ()


def check_scans(path: Path, data: bytes, at: int, components: Sequence[int], progressive: bool) -> None:
    """Refuse a JPEG that ends before its last scan, of which no decoder complains, or that has far too many scans.

    Parameters
    ----------
    path : Path
        The file, for errors.
    data : bytes
        All of it.
    at : int
        Where the first scan's header begins, behind its marker.
    components : sequence of int
        The numbers by which scans name the picture's components.
    progressive : bool
        Whether the picture is a progressive one.
    """
    # No pixel data can look like the marker for "end of image".
    end = data.rfind(_END, at)  # most often it is the very end
    if end < 0:
        raise PictureError(path, "cut short (the end of the JPEG data is missing)")
    if not progressive and data[at + 2 : at + 3] == bytes([len(components)]):
        return  # all in one scan
    end = data.find(_END, at)
    # Every scan of a progressive picture, be it of a few bytes, goes over all of its pixels again.
    scans = 1 + data.count(_SCAN, at, end)
    if progressive and scans > _MOST_SCANS:
        raise PictureError(path, f"damaged: {scans:,} scans in a progressive JPEG; {_MOST_SCANS} are allowed")
    missing = dict.fromkeys(components, (1 << 64) - 1)  # a bit for each coefficient not known exactly
    while 1 < at < end:
        count = data[at + 2]
        named = data[at + 3 : at + 3 + 2 * count : 2]
        first, last, bits = data[at + 3 + 2 * count : at + 6 + 2 * count]
        if not bits & 15:
            # Where pixels are predicted from their neighbours, the first number is how, and the last is 0.
            known = (1 << 64) - 1 if last < first else (1 << (last + 1)) - (1 << first)
            for component in named:
                missing[component] = missing.get(component, 0) & ~known
        at = data.find(_SCAN, at, end) + 2
    if any(missing.values()):
        raise PictureError(path, "cut short or damaged: the JPEG's last scans are missing")
