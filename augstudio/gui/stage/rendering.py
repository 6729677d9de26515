"""Making the pictures that the window shows: the export's own plan, on a reduced picture where that is enough."""

from __future__ import annotations

import math
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from enum import IntEnum
from pathlib import Path
from typing import NamedTuple

import numpy as np
from PySide6.QtGui import QImage

from augstudio import images
from augstudio.callbacks import ignore
from augstudio.engine import Pixels, Plan
from augstudio.gui.intent.views import Told, View
from augstudio.gui.parts.qimages import to_image
from augstudio.gui.stage.label_cache import Known, LabelCache
from augstudio.gui.stage.marks import Marks
from augstudio.gui.stage.overlay import of_copy, of_source, with_layer
from augstudio.images.decoding import reduced
from augstudio.label_rules import Fate
from augstudio.pipeline import Outcome, Output
from augstudio.transforms import Draw

FULL_UP_TO = 1400
"""Pictures up to this longer side are never reduced: their preview is the export."""
_FINEST = 0.5
"""Pixels of an image that outlines over it may be simpler by, while it is not enlarged."""
_MOST_INFOS = 4096
"""Headers of files that are known."""
LATE_SECONDS = 0.006
"""Where labels take longer, a picture does not wait for them: of a thread's own time, since on a busy machine the clock
would tell of others."""


class Detail(IntEnum):
    """How closely a picture is made; a value is the longer side in pixels."""

    STRIP = 256
    PREVIEW = 1024
    FULL = 0


class Wanted(NamedTuple):
    """A view and how it is to be rendered.

    `augmented` is False for the original; `labels` where what becomes of objects is not to be seen, and not worked out
    unless the draws depend on it.
    """

    view: View
    detail: Detail
    augmented: bool = True
    labels: bool = True


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
    labelled : Labelled or None
        What labels there are over it; None where none follow the pictures, or they come later.
    late : bool
        Whether the labels come later: see `label`.
    pixels : ndarray or None
        The picture itself, where the image does not tell its levels: of 16 bits, or grey.
    """

    image: QImage
    size: tuple[int, int]
    seconds: float
    plan: Plan | None
    exact: bool
    notes: tuple[str, ...] = ()
    link: float = 1.0
    labelled: Labelled | None = None
    late: bool = False
    pixels: Pixels | None = None

    @property
    def told(self) -> Told | None:
        """What is known of the labels; None if nothing new."""
        return self.labelled.told if self.labelled else None


@dataclass(frozen=True, eq=False)
class Labelled:
    """The labels over a picture.

    Attributes
    ----------
    marks : Marks
        Over the picture itself.
    source : Marks or None
        Over the original of a copy: with what the copy loses, and why.
    told : Told
        What is known of them.
    """

    marks: Marks
    source: Marks | None
    told: Told


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
    """Decoded pictures, the last used ones within a number of bytes. Safe from any thread.

    Parameters
    ----------
    most_bytes : int
        Of pixels, but for a single picture.
    labels : LabelCache, optional
        What holds the labels of the pictures.
    """

    def __init__(self, most_bytes: int = 512 * 2**20, labels: LabelCache | None = None) -> None:
        self._most = most_bytes
        self._held: OrderedDict[_Key, images.Picture] = OrderedDict()
        self._bytes = 0
        self._coming: dict[_Key, Future[images.Picture]] = {}
        self._infos: OrderedDict[_File, images.PictureInfo] = OrderedDict()
        self._lock = threading.Lock()
        self.labels = LabelCache() if labels is None else labels

    def info(self, path: Path) -> images.PictureInfo:
        """What the file's header says.

        Raises
        ------
        augstudio.images.PictureError
            If it cannot be read.
        """
        file = stamped(path)
        with self._lock:
            if file in self._infos:
                self._infos.move_to_end(file)
                return self._infos[file]
        info = images.probe(path)
        with self._lock:
            self._know(file, info)
        return info

    def for_output(self, path: Path, output: Output) -> images.Picture:
        """The picture as an export with an output of a fixed size reads it.

        Raises
        ------
        augstudio.images.PictureError
            If it cannot be read.
        """
        info = self.info(path)
        key = (stamped(path), output.enough(info.width, info.height))
        return self._once(key, lambda: images.read(path, enough=output.enough))

    def get(self, path: Path, side: int | None) -> images.Picture:
        """The picture, reduced to a longer side or full.

        Raises
        ------
        augstudio.images.PictureError
            If it cannot be read.
        """
        key = (stamped(path), side)
        return self._once(key, lambda: self._read(key))

    def _read(self, key: _Key) -> images.Picture:
        (path, *_), side = file, _ = key
        if not isinstance(side, int):
            return images.read(path)
        with self._lock:
            larger = [self._held[k] for k in ((file, int(Detail.PREVIEW)), (file, None)) if k in self._held]
        if larger:
            return images.Picture(reduce(larger[0].pixels, side), larger[0].info, larger[0].notes)
        return images.read_reduced(path, _cheap_side(self.info(path), side))

    def _once(self, key: _Key, read: Callable[[], images.Picture]) -> images.Picture:
        """What is held; else read it, and let other threads that want the same wait for that."""
        with self._lock:
            if key in self._held:
                self._held.move_to_end(key)
                return self._held[key]
            coming = self._coming.get(key)
            if coming is None:
                mine = self._coming[key] = Future[images.Picture]()
        if coming is not None:
            return coming.result()
        try:
            picture = self._keep(key, read())
        except BaseException as error:
            mine.set_exception(error)
            raise
        else:
            mine.set_result(picture)
            return picture
        finally:
            with self._lock:
                del self._coming[key]

    def _keep(self, key: _Key, picture: images.Picture) -> images.Picture:
        with self._lock:
            self._held[key] = picture
            self._bytes += picture.pixels.nbytes
            self._know(key[0], picture.info)
            while len(self._held) > 1 and self._bytes > self._most:
                self._bytes -= self._held.popitem(last=False)[1].pixels.nbytes
        return picture

    def _know(self, file: _File, info: images.PictureInfo) -> None:
        self._infos[file] = info
        if len(self._infos) > _MOST_INFOS:
            self._infos.popitem(last=False)

    def forget(self) -> None:
        """Drop everything: another folder was opened."""
        self.labels.forget()
        with self._lock:
            self._held.clear()
            self._infos.clear()
            self._bytes = 0


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


class _Hand(NamedTuple):
    """A picture in hand for a request."""

    picture: images.Picture
    real: tuple[int, int]
    whole: bool
    known: Known

    @property
    def size(self) -> tuple[int, int]:
        """Width and height of what is in hand."""
        height, width = self.picture.pixels.shape[:2]
        return width, height


def _take(wanted: Wanted, cache: PictureCache) -> _Hand:
    path, output = wanted.view.source.path, wanted.view.pipeline.output
    info = cache.info(path)
    real = info.width, info.height
    if wanted.augmented and output.size and wanted.detail is not Detail.STRIP:
        picture, whole = cache.for_output(path, output), True
    else:
        picture = cache.get(path, side_for(wanted, real))
        whole = picture.pixels.shape[1::-1] == real
    return _Hand(picture, real, whole, cache.labels.get(wanted.view, info))


def _zoom(wanted: Wanted, hand: _Hand) -> float:
    output = wanted.view.pipeline.output
    if not output.size:
        return hand.size[0] / hand.real[0]
    # Reducing the source does not reduce the output; only a large output is previewed smaller.
    large = wanted.detail is not Detail.FULL and max(output.size) > FULL_UP_TO
    return wanted.detail / max(output.size) if large else 1.0


class Made(NamedTuple):
    """What was rendered, and what it was made from.

    Attributes
    ----------
    rendered : Rendered
        For the window.
    source, pixels : ndarray
        The picture in hand, and what became of it.
    plan, plain : Plan
        What was applied, and what the output's size alone does to the picture in hand.
    draws : tuple of Draw
        What chance gave it.
    zoom : float
        Pixels in hand per pixel of the real picture.
    """

    rendered: Rendered
    source: Pixels
    pixels: Pixels
    plan: Plan
    plain: Plan
    draws: tuple[Draw, ...] = ()
    zoom: float = 1.0


def render(wanted: Wanted, cache: PictureCache, pause: Callable[[], None] = ignore) -> Rendered:
    """Make the picture for a request.

    Parameters
    ----------
    wanted, cache
        What to make, and where decoded pictures are kept.
    pause : callable
        Called in the middle of the work, from time to time: it may wait until others have done theirs.

    Raises
    ------
    augstudio.images.PictureError
        If the source cannot be read.
    """
    return make(wanted, cache, pause).rendered


def make(wanted: Wanted, cache: PictureCache, pause: Callable[[], None] = ignore) -> Made:
    """Make the picture for a request, and keep what tells how much it changed; arguments as of `render`.

    Raises
    ------
    augstudio.images.PictureError
        If the source cannot be read.
    """
    view, hand = wanted.view, _take(wanted, cache)
    picture, known = hand.picture, hand.known
    if not wanted.augmented:
        labelled = _of_original(wanted, hand) if view.labels.sets else None
        image = to_image(picture.pixels)
        untold = _untold(wanted, picture.pixels)
        rendered = Rendered(image, hand.real, 0.0, None, hand.whole, picture.notes, labelled=labelled, pixels=untold)
        untouched = Plan.of(view.pipeline.frame(*hand.size), ())
        return Made(rendered, picture.pixels, picture.pixels, untouched, untouched)
    seen = wanted.labels and bool(view.labels.sets)
    late = seen and known.seconds > LATE_SECONDS and wanted.detail is not Detail.STRIP and not view.redraws
    decides = (seen and not late) or (view.redraws and known.labels is not None)
    decided = _decide(wanted, hand, cache) if decides else None
    pause()
    zoom = _zoom(wanted, hand)
    start = time.perf_counter()
    draws = view.draws(known.objects(view)) if decided is None else decided.outcome.draws
    plan = view.pipeline.plan(draws, *hand.size, zoom)
    pixels = plan.apply(picture.pixels)
    seconds = time.perf_counter() - start
    pause()
    labelled = None if decided is None else _over(wanted, hand, decided, plan, pause)
    rendered = Rendered(
        to_image(pixels),
        view.pipeline.plan(draws, *hand.real).size,
        seconds,
        plan,
        hand.whole and zoom == 1,
        picture.notes,
        _link(view, hand.real),
        labelled,
        late,
        _untold(wanted, pixels),
    )
    plain = view.pipeline.plain(*hand.size, zoom)
    return Made(rendered, picture.pixels, pixels, plan, plain, draws, zoom)


def _untold(wanted: Wanted, pixels: Pixels) -> Pixels | None:
    """A large picture whose levels an image does not tell."""
    grey = pixels.ndim == 2 or pixels.shape[2] == 2
    return pixels if wanted.detail is not Detail.STRIP and (grey or pixels.dtype == np.uint16) else None


def label(wanted: Wanted, cache: PictureCache, pause: Callable[[], None] = ignore) -> Labelled:
    """Make the labels of a copy that was rendered without them; arguments as of `render`.

    Raises
    ------
    augstudio.images.PictureError
        If the source cannot be read.
    """
    hand = _take(wanted, cache)
    decided = _decide(wanted, hand, cache)
    pause()
    plan = wanted.view.pipeline.plan(decided.outcome.draws, *hand.size, _zoom(wanted, hand))
    return _over(wanted, hand, decided, plan, pause)


class _Decided(NamedTuple):
    """All that the export decides about a copy, how often it is drawn anew, and how long that took."""

    outcome: Outcome
    again: int
    seconds: float


def _decide(wanted: Wanted, hand: _Hand, cache: PictureCache) -> _Decided:
    """Decide on the picture as the export reads it."""
    start = time.thread_time()
    view, known = wanted.view, hand.known
    objects, size = known.objects(view), hand.real
    if known.labels is not None and view.pipeline.output.size:
        picture = hand.picture
        if wanted.detail is Detail.STRIP:
            picture = cache.for_output(view.source.path, view.pipeline.output)
        objects = known.labels.objects(view.source.label, picture.read_as)
        size = picture.pixels.shape[1], picture.pixels.shape[0]
    return _Decided(*view.outcome(size, objects), time.thread_time() - start)


def _over(wanted: Wanted, hand: _Hand, decided: _Decided, plan: Plan, pause: Callable[[], None] = ignore) -> Labelled:
    start = time.thread_time()
    outcome, known = decided.outcome, hand.known
    copy = of_copy(known.items, outcome.plan.size, outcome.fates)
    width, height = plan.size
    if known.labels is not None:
        masks = plan.masks(known.labels.masks, read=hand.picture.read_as)
        copy = with_layer(copy, masks, known.levels, (height, width))
    pause()
    marks, source = Marks(copy, _grain(copy.size, width)), None
    if wanted.detail is not Detail.STRIP:
        source = _source_marks(known, hand, outcome.fates)
        known.seconds = decided.seconds + time.thread_time() - start
    kept = sum(fate.kept for fate in outcome.fates)
    return Labelled(marks, source, _told(wanted.view, known, decided.again, kept))


def _grain(size: tuple[int, int], width: int) -> float:
    """What nobody sees of a picture of that size, in its pixels, where an image of that width stands for it."""
    return _FINEST * size[0] / width


def _source_marks(known: Known, hand: _Hand, fates: Sequence[Fate]) -> Marks:
    """What lies over the original: the very same while the same is lost, so that nothing need be painted again."""
    grain = _grain(hand.real, hand.size[0])
    lost = grain, tuple((fate.number, fate.reason) for fate in fates if not fate.kept)
    if known.source is None or known.source[0] != lost:
        known.source = lost, Marks(of_source(known.items, hand.real, fates), grain)
    return known.source[1]


def _of_original(wanted: Wanted, hand: _Hand) -> Labelled:
    known, (width, height) = hand.known, hand.size
    overlay = of_source(known.items, hand.real)
    if known.labels is not None:
        plain = Plan.of(wanted.view.pipeline.frame(width, height), ())
        masks = plain.masks(known.labels.masks, read=hand.picture.read_as)
        overlay = with_layer(overlay, masks, known.levels, (height, width))
    return Labelled(Marks(overlay, _grain(hand.real, width)), None, _told(wanted.view, known, 0, None))


def _told(view: View, known: Known, again: int, kept: int | None) -> Told:
    names = known.labels.names if known.labels is not None else ()
    masks = len(known.labels.masks) if known.labels is not None else 0
    spoken = any(view.labels.records(view.source.key))
    usable = known.usable or not spoken
    return Told(
        *(view.source, view.seed, view.shown, names, again, kept, masks, known.problems, known.files, spoken, usable)
    )


def _link(view: View, size: tuple[int, int]) -> float:
    """How many times larger the output's resize makes what is seen in a picture; the mean where it distorts."""
    resize = view.pipeline.output.warp(view.pipeline.frame(*size))
    return 1.0 if resize is None else math.sqrt(abs(resize.matrix[0] * resize.matrix[4]))
