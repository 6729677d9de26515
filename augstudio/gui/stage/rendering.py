"""Making the pictures that the window shows: the export's own plan, on a reduced picture where that is enough."""

from __future__ import annotations

import math
import threading
import time
from collections import OrderedDict
from dataclasses import dataclass
from enum import IntEnum
from pathlib import Path
from typing import NamedTuple

from PySide6.QtGui import QImage

from augstudio import images
from augstudio.engine import Pixels, Plan
from augstudio.gui.intent.state import View
from augstudio.gui.parts.qimages import to_image
from augstudio.images.decoding import reduced
from augstudio.pipeline import Output

FULL_UP_TO = 1400
"""Pictures up to this longer side are never reduced: their preview is the export."""


class Detail(IntEnum):
    """How closely a picture is made; a value is the longer side in pixels."""

    STRIP = 256
    PREVIEW = 1024
    FULL = 0


class Wanted(NamedTuple):
    """A view and how it is to be rendered; `augmented` is False for the original."""

    view: View
    detail: Detail
    augmented: bool = True


@dataclass(frozen=True, eq=False)
class Rendered:
    """A picture for the window.

    Attributes
    ----------
    image : QImage
        8 bits per channel.
    size : (int, int)
        Width and height of the real picture that it stands for.
    seconds : float
        That the transforms took.
    plan : Plan or None
        What was applied.
    exact : bool
        Whether the image is the real picture, pixel for pixel.
    notes : tuple of str
        What reading the file had to do.
    link : float
        Pixels of the real picture per pixel of its original, as the output's size has it, before any transform.
    """

    image: QImage
    size: tuple[int, int]
    seconds: float
    plan: Plan | None
    exact: bool
    notes: tuple[str, ...] = ()
    link: float = 1.0


_File = tuple[Path, int, int]
"""A path, and the time of change and the size of the file there: another file under the name is another picture."""
_Key = tuple[_File, int | tuple[int, int] | None]
"""A file and how it was read: to a longer side, as far as an output needs, or in full."""


def stamped(path: Path) -> _File:
    """A path with what tells its file from another one; zeros where none can be looked at."""
    try:
        status = path.stat()
    except OSError:
        return path, 0, 0
    return path, status.st_mtime_ns, status.st_size


class PictureCache:
    """Decoded pictures, the last used ones within a number of bytes. Safe from any thread."""

    def __init__(self, most_bytes: int = 512 * 2**20) -> None:
        self._most = most_bytes
        self._held: OrderedDict[_Key, images.Picture] = OrderedDict()
        self._lock = threading.Lock()

    def info(self, path: Path) -> images.PictureInfo:
        """What the file's header says.

        Raises
        ------
        augstudio.images.PictureError
            If it cannot be read.
        """
        file = stamped(path)
        with self._lock:
            for key, picture in self._held.items():
                if key[0] == file:
                    return picture.info
        return images.probe(path)

    def for_output(self, path: Path, output: Output) -> images.Picture:
        """The picture as an export with an output of a fixed size reads it.

        Raises
        ------
        augstudio.images.PictureError
            If it cannot be read.
        """
        info = self.info(path)
        key = (stamped(path), output.enough(info.width, info.height))
        with self._lock:
            if key in self._held:
                self._held.move_to_end(key)
                return self._held[key]
        return self._keep(key, images.read(path, enough=output.enough))

    def get(self, path: Path, side: int | None) -> images.Picture:
        """The picture, reduced to a longer side or full.

        Raises
        ------
        augstudio.images.PictureError
            If it cannot be read.
        """
        file = stamped(path)
        key = (file, side)
        with self._lock:
            if key in self._held:
                self._held.move_to_end(key)
                return self._held[key]
            larger = [self._held[k] for k in ((file, int(Detail.PREVIEW)), (file, None)) if k in self._held]
        if side is None:
            picture = images.read(path)
        elif larger:
            picture = images.Picture(reduce(larger[0].pixels, side), larger[0].info, larger[0].notes)
        else:
            picture = images.read_reduced(path, _cheap_side(self.info(path), side))
        return self._keep(key, picture)

    def _keep(self, key: _Key, picture: images.Picture) -> images.Picture:
        with self._lock:
            self._held[key] = picture
            while len(self._held) > 1 and sum(p.pixels.nbytes for p in self._held.values()) > self._most:
                self._held.popitem(last=False)
        return picture

    def forget(self) -> None:
        """Drop everything: another folder was opened."""
        with self._lock:
            self._held.clear()


def reduce(pixels: Pixels, side: int) -> Pixels:
    """Area-average a picture down to a longer side; never enlarge it."""
    height, width = pixels.shape[:2]
    factor = side / max(width, height)
    if factor >= 1:
        return pixels
    return reduced(pixels, (max(1, round(width * factor)), max(1, round(height * factor))))


def _cheap_side(info: images.PictureInfo, side: int) -> int:
    """The longer side that a file is reduced to: as asked for, or a little less where a JPEG is decoded at just that.

    A photo of 4000 or 4032 pixels is decoded at a quarter in half the time that a half and an average of it take.
    """
    sides = [max(info.width, info.height) // by for by in (2, 4, 8)] if info.format == "JPEG" else []
    return next((scaled for scaled in sides if 0.9 * side <= scaled <= side), side)


def side_for(wanted: Wanted, size: tuple[int, int]) -> int | None:
    """The longer side that a picture of that size is reduced to before it is rendered; None leaves it as it is.

    An output of a fixed size has no need of it (see `PictureCache.for_output`); only its strip makes do with less.
    """
    if wanted.detail is Detail.STRIP:
        return Detail.STRIP * (2 if wanted.view.pipeline.output.size else 1)
    if wanted.detail is Detail.FULL or max(size) <= FULL_UP_TO:
        return None
    return Detail.PREVIEW


def render(wanted: Wanted, cache: PictureCache) -> Rendered:
    """Make the picture for a request.

    Raises
    ------
    augstudio.images.PictureError
        If the source cannot be read.
    """
    view = wanted.view
    path = view.source.path
    info = cache.info(path)
    real = info.width, info.height
    output = view.pipeline.output
    if wanted.augmented and output.size and wanted.detail is not Detail.STRIP:
        picture, whole = cache.for_output(path, output), True
    else:
        picture = cache.get(path, side_for(wanted, real))
        whole = picture.pixels.shape[1::-1] == real
    height, width = picture.pixels.shape[:2]
    if not wanted.augmented:
        return Rendered(to_image(picture.pixels), real, 0.0, None, whole, picture.notes)
    zoom = width / real[0]
    if output.size:  # reducing the source does not reduce the output; only a large output is previewed smaller
        large = wanted.detail is not Detail.FULL and max(output.size) > FULL_UP_TO
        zoom = wanted.detail / max(output.size) if large else 1.0
    start = time.perf_counter()
    draws = view.draws()
    plan = view.pipeline.plan(draws, width, height, zoom)
    pixels = plan.apply(picture.pixels)
    seconds = time.perf_counter() - start
    size = view.pipeline.plan(draws, *real).size
    return Rendered(to_image(pixels), size, seconds, plan, whole and zoom == 1, picture.notes, _link(view, real))


def _link(view: View, size: tuple[int, int]) -> float:
    """How many times larger the output's resize makes what is seen in a picture; the mean where it distorts."""
    resize = view.pipeline.output.warp(view.pipeline.frame(*size))
    return 1.0 if resize is None else math.sqrt(abs(resize.matrix[0] * resize.matrix[4]))
