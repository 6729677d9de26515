"""The one long piece of work at a time: it runs here whoever looks on; no widgets."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QImage

from augstudio import images
from augstudio.export import Progress
from augstudio.gui.exporting.standing import Standing, percent
from augstudio.gui.parts.qimages import to_image
from augstudio.gui.parts.workers import Task, Worker
from augstudio.storage import is_url

Tell = Callable[[Any], None]
Stop = Callable[[], bool]
THUMBNAIL = 120
"""Longer side of the newest pictures, in pixels."""
NEWEST = 6
"""How many of them there are."""


class Doing(NamedTuple):
    """What is under way.

    Attributes
    ----------
    name : str
        Of the thread.
    title : str
        "Exporting to /out".
    short : str
        "Exporting".
    what : str
        "the export".
    cancel : str
        What the button says that ends it: "Cancel export".
    out : str
        The export's location.
    resumable : bool
        Whether it can be gone on with after it was cancelled.
    """

    name: str
    title: str
    short: str
    what: str
    cancel: str
    out: str
    resumable: bool

    @property
    def refusal(self) -> str:
        """Why nothing else can be begun."""
        return f"One thing at a time: {self.title} is under way. Begin this when it has ended, or cancel that."


@dataclass(frozen=True)
class _Newest:
    locations: tuple[str, ...]


class Jobs(QObject):
    """Runs one piece of long work in a thread; dialogs and bars show what it tells.

    Parameters
    ----------
    first : Worker or None
        Pictures are read only while this one has nothing to do.

    Signals
    -------
    began(Doing), ended(Doing, object)
        The second with what came of it, or the exception. At both, `doing` and `standing` are as they are from then on.
    progressed(Standing)
        How far it is.
    cancelling()
        It was asked to end, and ends after what is under way.
    pictured(tuple of QImage)
        The newest pictures of an export, newest first.
    """

    began = Signal(object)
    progressed = Signal(object)
    cancelling = Signal()
    pictured = Signal(object)
    ended = Signal(object, object)

    def __init__(self, parent: QObject | None = None, *, first: Worker | None = None) -> None:
        super().__init__(parent)
        self._first = first
        self._task: Task | None = None
        self._reader: Worker | None = None
        self._newest: deque[QImage] = deque(maxlen=NEWEST)
        self._tried: deque[str] = deque(maxlen=4 * NEWEST)
        self._doing: Doing | None = None
        self._standing: Standing = ""

    @property
    def doing(self) -> Doing | None:
        """What is under way; None if nothing is."""
        return self._doing

    @property
    def standing(self) -> Standing:
        """How far it is."""
        return self._standing

    @property
    def percent(self) -> int | None:
        """The same in whole per cent; None where that is not known, or nothing is under way."""
        return percent(self._standing) if self._doing else None

    def begin(self, doing: Doing, work: Callable[[Tell, Stop], object]) -> bool:
        """Begin with something, unless something else is under way; whether it was begun."""
        if self._doing is not None:
            return False
        self._doing, self._standing = doing, ""
        self._newest.clear()
        self._tried.clear()
        self._task = Task(work, doing.name, self)
        self._task.progressed.connect(self._came)
        self._task.ended.connect(self._ended)
        self.began.emit(doing)
        self._task.start()
        return True

    def cancel(self) -> None:
        """End it after what is under way."""
        if self._task:
            self._task.cancel()
            self.cancelling.emit()

    def stop(self) -> None:
        """End it, and wait for that."""
        if self._task:
            self._task.cancel()
            self._task.wait()
        self._stop_reading()

    def _came(self, now: Standing) -> None:
        self._standing = now
        self.progressed.emit(now)
        if self._reader is None or self._reader.idle:
            self._picture()

    def _ended(self, ending: object) -> None:
        task, doing = self._task, self._doing
        if task is None or doing is None:
            return
        task.wait()
        task.deleteLater()
        self._task = self._doing = None
        self._stop_reading()
        self.ended.emit(doing, ending)

    # -- the newest pictures -----------------------------------------------------------------------------------------

    def _picture(self) -> None:
        """Have those read that are new and were not tried yet."""
        now = self._standing
        if self._doing is None or not isinstance(now, Progress):
            return
        unread = tuple(place for place in now.newest if place not in self._tried and not is_url(place))
        if not unread:
            return
        self._tried.extend(unread)
        if self._reader is None:
            self._reader = Worker(_read, "newest", self, first=self._first)
            self._reader.done.connect(self._pictured)
        self._reader.ask([_Newest(unread)])

    def _pictured(self, _request: _Newest, read: list[QImage]) -> None:
        self._newest.extendleft(reversed(read))
        if self._doing is not None:
            self.pictured.emit(tuple(self._newest))
            self._picture()  # what has come meanwhile

    def _stop_reading(self) -> None:
        if self._reader is not None:
            self._reader.stop()
            self._reader.deleteLater()
            self._reader = None


def _read(request: _Newest) -> list[QImage]:
    """In the thread: what can be read; the folder may have changed its name meanwhile."""
    read = []
    for location in request.locations:
        try:
            picture = images.read_reduced(Path(location), 2 * THUMBNAIL)
        except (images.PictureError, OSError):
            continue
        read.append(to_image(picture.pixels))
    return read
