"""Making one picture of a tile, in any thread: as the strip has it, in the size in which it is painted."""

from __future__ import annotations

from enum import IntEnum
from typing import NamedTuple

from PySide6.QtGui import QImage

from augstudio.advice.change import Change, change_of_copy
from augstudio.dataset import Source
from augstudio.gui.intent.views import Told, View
from augstudio.gui.parts.stamps import Stamp, stamp_of
from augstudio.gui.stage.rendering import Detail, PictureCache, Wanted, make
from augstudio.gui.stage.tile_image import Form, fitted
from augstudio.images import PictureError


class Part(IntEnum):
    """Which picture of a tile."""

    ORIGINAL = 0
    PINNED = 1
    COPY = 2


class Job(NamedTuple):
    """One picture to be made.

    Attributes
    ----------
    source : Source
        Of which picture of the folder.
    part : Part
        Which picture of the tile.
    view : View
        What it shows.
    form : Form or None
        None where only the change is asked for.
    version, measured : int
        Number of what this part shows of every picture, and number of what the change is of.
    measures : bool
        Whether the change is asked for.
    """

    source: Source
    part: Part
    view: View
    form: Form | None
    version: int
    measured: int = 0
    measures: bool = False


class Made(NamedTuple):
    """What came of it.

    Attributes
    ----------
    image : QImage or None
        None where there is none to be shown.
    reason : str
        Why it cannot be made; empty where it can.
    readable : bool
        Whether the file can be read.
    change : Change or None
        Of a copy, where it was asked for.
    told : Told or None
        What is known of its labels.
    stamp : Stamp
        What the file was like before it was read.
    """

    image: QImage | None
    reason: str = ""
    readable: bool = True
    change: Change | None = None
    told: Told | None = None
    stamp: Stamp = ()

    @property
    def bytes(self) -> int:
        """About how much memory it takes."""
        return (self.image.sizeInBytes() if self.image is not None else 0) + 512


def make_part(job: Job, cache: PictureCache) -> Made:
    """Make a picture; what goes wrong is in what comes of it."""
    stamp = stamp_of(job.view.source.path)  # before it is read: what comes later is another file
    labels = job.form is not None and job.form.labels
    try:
        made = make(Wanted(job.view, Detail.STRIP, labels=labels), cache)
    except PictureError as error:
        return Made(None, error.reason, readable=False, stamp=stamp)
    except Exception as error:  # of one picture among many; it is told where it is pointed at
        return Made(None, f"This copy cannot be made: {error}", stamp=stamp)
    change = change_of_copy(made.source, made.pixels, made.plan, made.plain) if job.measures else None
    image = None if job.form is None else fitted(made.rendered, job.form)
    return Made(image, change=change, told=made.rendered.told, stamp=stamp)
