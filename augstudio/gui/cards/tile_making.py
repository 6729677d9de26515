"""What a picture looks like, small, with each transform: made anywhere but in the window's thread."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import cv2
import numpy as np
from PySide6.QtGui import QImage

from augstudio import images
from augstudio.engine import Frame, Pixels, Plan, Warp
from augstudio.gui.parts.qimages import to_image
from augstudio.transforms import Transform
from augstudio.transforms.showing import Box, Setting, is_close, settings

SIDE = 96
"""The longer side of a tile's pictures, in device independent pixels."""
_FINER = 4
"""So many times finer than a tile the picture is held: a crop enlarges a part of it."""
_NARROWEST = 48
"""The least room for one of its pictures, for those that are much longer than wide."""
_ALL = 0.9
"""The share of a picture that is all but the whole of it."""
_MOST = 1400
"""The longest side that the picture is held at."""


class Size(NamedTuple):
    """How large tiles are.

    Attributes
    ----------
    training_size : int
        The shorter side, in pixels, that the model will see: tiles show pictures as they are at that size.
    ratio : float
        Pixels of the screen per device independent one.
    """

    training_size: int
    ratio: float


class Tile(NamedTuple):
    """What shows a transform.

    Attributes
    ----------
    images : tuple of QImage
        One or two small pictures.
    words : str
        What they show: "Mild: angle 15°. Strong: angle 90°."; empty where there is nothing to choose.
    box : (int, int)
        The room that each takes, in device independent pixels.
    part : bool
        Whether they show but a part of the picture.
    """

    images: tuple[QImage, ...]
    words: str
    box: tuple[int, int]
    part: bool


class Held:
    """A picture in hand, from which tiles are made.

    Parameters
    ----------
    path : Path
        Its file.
    size : Size
        Of the tiles.

    Raises
    ------
    augstudio.images.PictureError
        If it cannot be read.
    """

    def __init__(self, path: Path, size: Size) -> None:
        info = images.probe(path)
        self._training_size = size.training_size
        self._seen = _scaled((info.width, info.height), size.training_size / min(info.width, info.height))
        side = round(SIDE * size.ratio)
        held = min(_MOST, max(_FINER * side, *self._seen))
        self._pixels = images.read_reduced(path, held).pixels
        width, height = (max(_NARROWEST, round(SIDE * side / max(self._seen))) for side in self._seen)
        self._room = width, height
        self._whole = self._look_at_all(side)
        self._close = self._look_closely()

    @property
    def _size(self) -> tuple[int, int]:
        height, width = self._pixels.shape[:2]
        return width, height

    def tile(self, transform: type[Transform]) -> Tile:
        """What shows a transform: a picture for each of its settings."""
        ways = settings(transform, self._training_size)
        images = tuple(to_image(self.plan(transform, way).apply(self._pixels)) for way in ways)
        left, top, right, bottom = self._close[0]
        share = (right - left) * (bottom - top) / (self._size[0] * self._size[1])
        return Tile(images, _words(ways), self._room, is_close(transform) and share < _ALL)

    def plan(self, transform: type[Transform], setting: Setting) -> Plan:
        """What makes one of them."""
        return setting.plan(self._size, *(self._close if is_close(transform) else self._whole))

    def plain(self, *, close: bool) -> Pixels:
        """What tiles begin with: all of the picture, or the part that is looked at closely."""
        box, frame = self._close if close else self._whole
        first = frame.resized(self._size)
        return Plan.of(first, (Warp.window(box, first, frame.size),)).apply(self._pixels)

    def _look_at_all(self, side: int) -> tuple[Box, Frame]:
        """All of the picture, never larger than the model sees it."""
        width, height = self._size
        target = _scaled(self._seen, side / max(self._seen))
        zoom = min(1.0, max(target) / max(self._seen))
        return (0.0, 0.0, float(width), float(height)), Frame(*target, self._training_size, zoom)

    def _look_closely(self) -> tuple[Box, Frame]:
        """The part with most in it, at the very pixels that the model sees."""
        zoom = min(1.0, max(self._size) / max(self._seen))
        scale = max(self._size) / (zoom * max(self._seen))  # pixels in hand for one of the tile
        target = [max(1, round(min(room, zoom * side))) for room, side in zip(self._room, self._seen, strict=True)]
        width, height = (min(whole, side * scale) for whole, side in zip(self._size, target, strict=True))
        left, top = _busiest(self._pixels, (width, height))
        # Lengths are as in the whole picture, of which this is but a part.
        training_size = round(self._training_size * min(target) / (zoom * min(self._seen)))
        return (left, top, left + width, top + height), Frame(target[0], target[1], max(1, training_size), zoom)


def _words(ways: tuple[Setting, ...]) -> str:
    if not ways[0].name:
        return ""
    if not ways[0].words:
        return f"Shown: {' and '.join(way.name for way in ways)}."
    return " ".join(f"{way.name.capitalize()}: {way.words}." for way in ways)


def _scaled(size: tuple[int, int], factor: float) -> tuple[int, int]:
    """A size made smaller, never larger."""
    factor = min(1.0, factor)
    return max(1, round(size[0] * factor)), max(1, round(size[1] * factor))


def _busiest(pixels: Pixels, size: tuple[float, float]) -> tuple[float, float]:
    """Left and top of the window of that size that has most edges in it."""
    height, width = pixels.shape[:2]
    grey = pixels if pixels.ndim == 2 else pixels[..., : 1 if pixels.shape[2] == 2 else 3].mean(axis=2)
    levels = grey.astype(np.float32)
    edges = np.abs(cv2.Sobel(levels, cv2.CV_32F, 1, 0)) + np.abs(cv2.Sobel(levels, cv2.CV_32F, 0, 1))
    window = max(1, min(width, round(size[0]))), max(1, min(height, round(size[1])))
    sums = cv2.boxFilter(edges, cv2.CV_32F, window, anchor=(0, 0), borderType=cv2.BORDER_CONSTANT)
    places = sums[: height - window[1] + 1, : width - window[0] + 1]
    top, left = np.unravel_index(int(places.argmax()), places.shape)
    return min(float(left), width - size[0]), min(float(top), height - size[1])
