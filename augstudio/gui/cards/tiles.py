"""The tiles that show transforms: made in the background, kept for the next time."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from PySide6.QtCore import QObject, Signal

from augstudio.dataset import Source
from augstudio.dataset.sample import sample_picture
from augstudio.gui.cards.tile_making import Held, Size, Tile
from augstudio.gui.parts.stamps import Stamp, stamp_of
from augstudio.gui.parts.workers import Worker
from augstudio.transforms import registry

_KEPT = 6
"""Of so many pictures the tiles are kept: some 5 MB each on a fine screen."""


class _Asked(NamedTuple):
    """A tile that is to be made; nothing is where the file is still the one of that stamp."""

    path: Path
    size: Size
    op: str
    known: Stamp = ()


class _Made(NamedTuple):
    """What the file was like, and the tile, if there was one to be made."""

    stamp: Stamp
    tile: Tile | None


@dataclass
class _Shelf:
    """The tiles of one picture, and what its file was like."""

    stamp: Stamp = ()
    tiles: dict[str, Tile] = field(default_factory=dict)


class Tiles(QObject):
    """What each transform makes of the picture in view; of one that ships where none is, or none can be read.

    Parameters
    ----------
    first : Worker
        Makes the large picture: no tile is begun while it has anything to do.

    Signals
    -------
    came(str)
        The tile of a transform is there.
    voided()
        Those that were there are of another picture, or of another state of it: they are to be asked for anew.
    """

    came = Signal(str)
    voided = Signal()

    def __init__(self, first: Worker, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._picture: Path | None = None
        self._unreadable: Path | None = None
        self._size = Size(224, 1.0)
        self._shelves: OrderedDict[tuple[Path, Size], _Shelf] = OrderedDict()
        self._looked = False
        self._held: tuple[Path, Size, Stamp, Held] | None = None  # the worker's own
        self._worker = Worker(self._make, "tiles", self, first=first)
        self._worker.done.connect(self._made)
        self._worker.failed.connect(self._not_made)

    # -- what is shown ---------------------------------------------------------------------------------------------

    def set_picture(self, source: Source | None) -> None:
        """Take the picture in view, or none."""
        picture = source.path if source else None
        if picture != self._picture:
            self._picture = picture
            self._begin()

    def set_training_size(self, pixels: int) -> None:
        """Take another shorter side, in pixels, that the model will see."""
        self._set_size(self._size._replace(training_size=pixels))

    def set_ratio(self, ratio: float) -> None:
        """Take another number of pixels of the screen per device independent one."""
        self._set_size(self._size._replace(ratio=ratio))

    def _set_size(self, size: Size) -> None:
        if size != self._size:
            self._size = size
            self._begin()

    def _begin(self) -> None:
        self._looked = False
        self.voided.emit()

    @property
    def own(self) -> bool:
        """Whether they show the picture in view."""
        return self._picture is not None and self._picture != self._unreadable

    @property
    def unreadable(self) -> bool:
        """Whether there is a picture in view that cannot be read."""
        return self._picture is not None and self._picture == self._unreadable

    @property
    def training_size(self) -> int:
        """The shorter side, in pixels, that the model will see."""
        return self._size.training_size

    def tile(self, op: str) -> Tile | None:
        """The tile of a transform, if it is there."""
        shelf = self._shelves.get(self._key)
        return shelf.tiles.get(op) if shelf else None

    @property
    def _key(self) -> tuple[Path, Size]:
        path = self._picture if self._picture is not None and self.own else sample_picture()
        return path, self._size

    # -- making ----------------------------------------------------------------------------------------------------

    def open(self) -> None:
        """Look once more whether the picture is the one that tiles were made from, and whether it can be read now."""
        self._looked = False
        if self._unreadable is not None:
            self._unreadable = None
            self.voided.emit()

    def ask(self, ops: Sequence[str]) -> None:
        """Make those of these that are not there yet, in this order, instead of what was asked for before."""
        key = self._key
        shelf = self._shelves.get(key, _Shelf())
        wanted = [_Asked(*key, op) for op in ops if op not in shelf.tiles]
        if shelf.tiles and not self._looked:
            wanted.insert(0, _Asked(*key, next(iter(shelf.tiles)), shelf.stamp))
        self._worker.ask(wanted)

    def rest(self) -> None:
        """Make no more for now."""
        self._worker.ask([])

    @property
    def idle(self) -> bool:
        """Whether nothing is left to do."""
        return self._worker.idle

    def stop(self) -> None:
        """End the thread."""
        self._worker.stop()

    def _make(self, asked: _Asked) -> _Made:
        stamp = stamp_of(asked.path)  # before it is read: what comes later is another file
        if asked.known and asked.known == stamp:
            return _Made(stamp, None)
        if self._held is None or self._held[:3] != (asked.path, asked.size, stamp):
            self._held = None
            self._held = asked.path, asked.size, stamp, Held(asked.path, asked.size)
        return _Made(stamp, self._held[3].tile(registry()[asked.op]))

    def _made(self, asked: _Asked, made: _Made) -> None:
        key = asked.path, asked.size
        shelf = self._shelves.setdefault(key, _Shelf(made.stamp))
        self._shelves.move_to_end(key)
        while len(self._shelves) > _KEPT:
            self._shelves.popitem(last=False)
        another = made.stamp != shelf.stamp
        if another:
            self._shelves[key] = shelf = _Shelf(made.stamp)
        if made.tile is not None:
            shelf.tiles[asked.op] = made.tile
        if key == self._key:
            self._looked = True
            if another:
                self.voided.emit()
            elif made.tile is not None:
                self.came.emit(asked.op)

    def _not_made(self, asked: _Asked, _error: Exception) -> None:
        if self.own and (asked.path, asked.size) == self._key:
            self._unreadable = self._picture  # the large view says what is wrong with it
            self._begin()
