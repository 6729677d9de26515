"""The pictures of the sheet's tiles, made in the background: first those in view, then those near, then all others."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import partial
from itertools import count, islice
from typing import NamedTuple

from PySide6.QtCore import QObject, QTimer, Signal

from augstudio.advice.change import Change
from augstudio.dataset import Source
from augstudio.gui.intent.views import Pairs, SheetRequest, View
from augstudio.gui.parts.stamps import Stamp
from augstudio.gui.parts.workers import Worker
from augstudio.gui.sheet.making import Job, Made, Part, make_part
from augstudio.gui.stage.label_cache import LabelCache
from augstudio.gui.stage.rendering import PictureCache
from augstudio.gui.stage.tile_image import Form
from augstudio.pipeline import Pipeline

_KEPT_BYTES = 96 * 2**20
"""Of images of tiles."""
_DECODED_BYTES = 128 * 2**20
"""Of reduced sources, so that none is decoded again while a handle is held."""
_PASSING_BYTES = 8 * 2**20
"""Of sources that are only looked at for their change."""
_LABELS = 200
"""Pictures whose labels are held."""
_PATIENCE = 0.25
"""Seconds that a tile waits for the large picture: with a slow one, the sheet still fills in."""
_PAUSE_MS = 300
"""Changes that nobody sees are told once nothing was scrolled or edited for so long."""
_AT_ONCE = 64
"""Images that may be dropped for one that comes."""
_MOVING_MS = 120
"""What is scrolled again within this time is moving."""
_THREADS = 2
_BATCH = 64
"""Requests that a thread gets at a time."""

PARTS = {
    Pairs.ORIGINAL: (Part.ORIGINAL, Part.COPY),
    Pairs.PINNED: (Part.PINNED, Part.COPY),
    Pairs.COPIES: (Part.COPY,),
}
"""What a tile shows, from left to right."""


class Held(NamedTuple):
    """What there is of a part of a tile: what came last, and whether that is what is wanted now."""

    made: Made
    version: int


_Key = tuple[Source, Part]


class _Order(NamedTuple):
    """What is wanted of every picture; jobs are made of it when a thread comes to them, in that thread.

    Attributes
    ----------
    request : SheetRequest
        What is shown.
    bare : Pipeline
        It without its steps.
    form : Form
        How pictures are made ready.
    versions : mapping of Part to int
        Numbers of what the parts show.
    measured : int
        Number of what changes are of.
    measures : bool
        Whether they are asked for with every copy.
    """

    request: SheetRequest
    bare: Pipeline
    form: Form
    versions: Mapping[Part, int]
    measured: int
    measures: bool

    def view(self, source: Source, part: Part) -> View:
        """What a part of a tile shows."""
        if part is Part.ORIGINAL:
            return self.request.view(source)._replace(pipeline=self.bare, drawn_by=None)
        return self.request.view(source) if part is Part.COPY else self.request.view_pinned(source)

    def job(self, source: Source, part: Part) -> Job:
        """One picture of a tile."""
        measures = part is Part.COPY and self.measures
        view = self.view(source, part)
        return Job(source, part, view, self.form, self.versions[part], self.measured, measures)


def _place(job: Job) -> tuple[tuple[Source, Part, bool], tuple[int, int]]:
    """What a job is for, and by which state."""
    return (job.source, job.part, job.form is not None), (job.version, job.measured)


class Tiles(QObject):
    """Makes what the sheet shows. What is there stays until its own comes, however old it is.

    Signals
    -------
    came(Source)
        Something of its tile is new.
    looked(Source or None)
        The change of this picture is known; or, None, what was known is void.
    """

    came = Signal(object)
    looked = Signal(object)

    def __init__(self, first: Worker, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._cache = PictureCache(_DECODED_BYTES, LabelCache(_LABELS))
        self._passing = PictureCache(_PASSING_BYTES)
        self._held: OrderedDict[_Key, Held] = OrderedDict()
        self._bytes = 0
        self._request: SheetRequest | None = None
        self._form, self._parts = Form(1, 1), PARTS[Pairs.ORIGINAL]
        self._numbers = count(1)
        self._shows: dict[Part, tuple[object, ...]] = {}
        self._versions = dict.fromkeys(Part, 0)
        self._bare = Pipeline()
        self._measures: tuple[object, ...] = ()
        self.measured = 0
        """Number of what changes are known of: another one where pipeline, seed or version are others."""
        self.changes: dict[Source, Change | None] = {}
        """How much the copies differ that were looked at; None where there is none."""
        self._visible: tuple[Source, ...] = ()
        self._near: tuple[Source, ...] = ()
        self._in_view: frozenset[Source] = frozenset()
        self._all: Sequence[Source] | None = None
        self._lock = threading.Lock()
        self._queue: list[_Key] = []
        self._order: _Order | None = None
        self._under_way: dict[tuple[Source, Part, bool], tuple[int, int]] = {}
        self._looking: Iterator[Job] = iter(())
        self._to_look: Iterator[Job] | None = None
        self._looks = False
        self.pause = QTimer(self, singleShot=True, interval=_PAUSE_MS)
        self.pause.timeout.connect(self._rested)
        self._rolled = QTimer(self, singleShot=True, interval=_MOVING_MS)
        self._rolled.timeout.connect(self._came_to_rest)
        self._moving = False
        self._dry, self._asks = True, 0
        self._era = 0
        self._tokens = count()
        self._last = [-1] * _THREADS
        self.workers = [self._worker(number, first) for number in range(_THREADS)]

    def _worker(self, number: int, first: Worker) -> Worker:
        worker = Worker(self._work, f"sheet-{number + 1}", self, first=first, patience=_PATIENCE)
        worker.done.connect(partial(self._done, number))
        worker.failed.connect(lambda *_: None)  # whatever goes wrong with a picture is in what comes of it
        return worker

    # -- what is wanted --------------------------------------------------------------------------------------------

    def set_request(self, request: SheetRequest | None) -> None:
        """Show this version of every picture; None: nothing is in view."""
        before, self._request = (self._request is None, self.measured), request
        self._tell_versions()
        if (request is None, self.measured) != before:
            self._look_anew()
        self._ask()

    def set_form(self, pairs: Pairs, form: Form) -> None:
        """Make these parts of tiles, so large."""
        if (PARTS[pairs], form) != (self._parts, self._form):
            self._parts, self._form = PARTS[pairs], form
            self._tell_versions()
            self._ask()

    def want(self, visible: Iterable[Source], near: Iterable[Source]) -> None:
        """Make what is in view, then what will be if the user goes on a little."""
        self._visible, self._near = tuple(visible), tuple(near)
        self._in_view = frozenset(self._visible)
        if self._all is None:
            self._look_anew()
        self._ask()

    def scrolled(self) -> None:
        """While tiles move, one thread makes them: two leave the window too little to move them by."""
        self._moving = self._rolled.isActive()
        self._rolled.start()

    def _came_to_rest(self) -> None:
        if self._moving:
            self._moving = False
            self._ask()

    def look_through(self, sources: Sequence[Source] | None) -> None:
        """Tell changes with what is in view, and of these when there is nothing else to do.

        None: only of what is in view, once there is nothing else to do.
        """
        self._all = sources
        self._look_anew()
        self._ask()

    def _tell_versions(self) -> None:
        """Give new numbers to what shows something else than before."""
        request = self._request
        if request is None:
            return
        labels = request.labels_at
        if self._bare.output != request.pipeline.output or self._bare.labels != request.pipeline.labels:
            self._bare = request.pipeline.edited(transforms=())
        measures = (request.pipeline, request.seed, request.shown, labels, request.drawn_by)
        if measures != self._measures:
            self._measures, self.measured = measures, next(self._numbers)
            self.changes = {}
            self.looked.emit(None)
        shows: dict[Part, tuple[object, ...]] = {
            Part.ORIGINAL: (self._bare, labels),
            Part.PINNED: (request.pinned or request.pipeline, request.seed, request.shown, labels),
            Part.COPY: (self.measured,),
        }
        for part, shown in shows.items():
            if self._shows.get(part) != (*shown, self._form):
                self._shows[part] = (*shown, self._form)
                self._versions[part] = next(self._numbers)

    def view(self, source: Source, part: Part) -> View | None:
        """What a part of a tile shows."""
        order = self._order_now()
        return None if order is None else order.view(source, part)

    def _order_now(self) -> _Order | None:
        if self._request is None:
            return None
        measures = self._all is not None
        return _Order(self._request, self._bare, self._form, dict(self._versions), self.measured, measures)

    # -- what there is ---------------------------------------------------------------------------------------------

    def held(self, source: Source, part: Part) -> Made | None:
        """What there is of a part of a tile, of now or of before."""
        found = self._held.get((source, part))
        if found is None:
            return None
        self._held.move_to_end((source, part))
        return found.made

    def fresh(self, source: Source, part: Part) -> bool:
        """Whether what there is, is what is wanted now."""
        found = self._held.get((source, part))
        return found is not None and found.version == self._versions[part]

    @property
    def parts(self) -> tuple[Part, ...]:
        """What a tile shows, from left to right."""
        return self._parts

    def stamps(self) -> dict[Source, Stamp]:
        """What the files were like of which anything is shown."""
        return {source: held.made.stamp for (source, _), held in self._held.items() if held.made.stamp}

    def read_anew(self, sources: Iterable[Source] | None = None) -> None:
        """Read these again, or all of them; what is shown of them stays until then."""
        chosen = None if sources is None else set(sources)
        for key, held in self._held.items():
            if chosen is None or key[0] in chosen:
                self._held[key] = Held(held.made, 0)
        self.changes = {} if chosen is None else {s: c for s, c in self.changes.items() if s not in chosen}
        self._begin_anew()
        self.looked.emit(None)
        self._ask()

    def forget(self) -> None:
        """Drop all: another folder was opened."""
        self._held.clear()
        self._bytes = 0
        self.changes = {}
        self._visible, self._near, self._in_view = (), (), frozenset()
        self._all = None if self._all is None else ()
        self._cache.forget()
        self._passing.forget()
        self._begin_anew()
        self.looked.emit(None)
        self._ask()

    @property
    def idle(self) -> bool:
        """Whether nothing is left to do."""
        waiting = self.pause.isActive() or self._moving
        return not waiting and all(worker.idle for worker in self.workers)

    def stop(self) -> None:
        """End the threads."""
        self.pause.stop()
        self._rolled.stop()
        self._moving = False
        with self._lock:
            self._queue, self._dry = [], True
        for worker in self.workers:
            worker.stop()

    # -- work ------------------------------------------------------------------------------------------------------

    def _ask(self) -> None:
        """Replace what waits by what is wanted now."""
        order = self._order_now()
        wanted = list(self._to_make()) if order is not None else []
        with self._lock:
            self._queue, self._order = wanted[::-1], order
            if self._to_look is not None:  # only now, or it would come before what is in view
                self._looking, self._to_look = self._to_look, None
            self._dry = self._request is None
            self._asks += 1
        for number in range(_THREADS):
            self._fill(number)

    def _fill(self, number: int) -> None:
        """Give a thread something to do; which job it does is decided when it comes to it."""
        tokens: list[int] = []
        may = number == 0 or not self._moving
        if may and not self._dry and (self._queue or self._looks):
            tokens = [next(self._tokens) for _ in range(_BATCH)]
            self._last[number] = tokens[-1]
        self.workers[number].ask(tokens)

    def _to_make(self) -> Iterator[_Key]:
        """All that is to be made, in order: what is not there at all; then what is oldest, so that all keep up."""
        for sources in (self._visible, self._near):
            stale = [
                (self._age(held, source, part), source, part)
                for source in sources
                for part in self._parts
                if (held := self._held.get((source, part))) is None or self._is_stale(held, part)
            ]
            # The two of a pair apart, so that no two threads decode the same source.
            stale.sort(key=lambda one: (one[0], one[2] is not Part.COPY))
            yield from ((source, part) for _, source, part in stale)

    def _age(self, held: Held | None, source: Source, part: Part) -> int:
        """What came last or is just being made: the less, the sooner it is made again."""
        coming, _ = self._under_way.get((source, part, True), (-1, 0))
        return max(coming, -1 if held is None else held.version)

    def _is_stale(self, held: Held, part: Part) -> bool:
        # What cannot be read does not become readable by another pipeline.
        return held.version == 0 or (held.made.readable and held.version != self._versions[part])

    def _begin_anew(self) -> None:
        """Take nothing of what waits or is under way: it is of files that were there before."""
        with self._lock:
            self._era += 1
            self._queue = []
            self._under_way.clear()
        self._look_anew()

    def _look_anew(self) -> None:
        """Begin with the first of those whose change is not known; of what is in view, once all has come to rest."""
        self._look_at(self._all or ())
        if self._all is None and self._request is not None and self._visible:
            self.pause.start()
        else:
            self.pause.stop()

    def _look_at(self, sources: Sequence[Source]) -> None:
        request = self._request
        self._looks = request is not None and bool(sources)
        self._to_look = iter(()) if request is None else self._unlooked(request, sources, self.measured)

    def _rested(self) -> None:
        self._look_at(self._visible)
        self._ask()

    def _unlooked(self, request: SheetRequest, sources: Sequence[Source], measured: int) -> Iterator[Job]:
        """The pictures whose change is not known, one after another, whenever a thread has the time."""
        for source in sources:
            if measured != self.measured:
                return  # nobody asks for it any more
            if source not in self.changes:
                yield Job(source, Part.COPY, request.view(source), None, 0, measured, measures=True)

    def _take(self) -> tuple[Job, int] | None:
        with self._lock:
            while True:
                if self._queue and self._order is not None:
                    job = self._order.job(*self._queue.pop())
                elif self._dry or (looked_at := next(self._looking, None)) is None:
                    return None
                else:
                    job = looked_at
                place, state = _place(job)
                if self._under_way.get(place) != state and not self._is_measured(job):
                    self._under_way[place] = state
                    return job, self._era

    def _is_measured(self, job: Job) -> bool:
        """Whether only a change is asked for, which comes with a tile that is just being made."""
        tile = self._under_way.get((job.source, job.part, True))
        return job.form is None and self._all is not None and tile is not None and tile[1] == job.measured

    def _work(self, _token: int) -> tuple[Job, int, Made] | int:
        """In the background: do what is most wanted now; of nothing, tell as of which asking there is nothing."""
        asks = self._asks
        taken = self._take()
        if taken is None:
            return asks
        job, era = taken
        passing = job.form is None and job.source not in self._in_view
        return job, era, make_part(job, self._passing if passing else self._cache)

    def _done(self, number: int, token: int, result: tuple[Job, int, Made] | int) -> None:
        if isinstance(result, int):
            self._dry = self._dry or result == self._asks  # until something else is wanted
        else:
            job, era, made = result
            if era == self._era:
                self._keep(job, made)
                place, state = _place(job)
                with self._lock:
                    if self._under_way.get(place) == state:  # else it is being made anew
                        del self._under_way[place]
        if token == self._last[number]:
            self._fill(number)

    def _keep(self, job: Job, made: Made) -> None:
        if job.measures and job.measured == self.measured and job.source not in self.changes:
            self.changes[job.source] = made.change
            self.looked.emit(job.source)
        if job.form is None:
            return
        key = job.source, job.part
        before = self._held.get(key)
        if before is not None and before.version > job.version:
            return  # another thread was faster with what came later
        self._held[key] = Held(made, job.version)
        self._held.move_to_end(key)
        self._bytes += made.bytes - (before.made.bytes if before is not None else 0)
        self._drop()
        self.came.emit(job.source)

    def _drop(self) -> None:
        """Drop what was looked at longest ago, as far as it is not in view."""
        if self._bytes <= _KEPT_BYTES:
            return
        for key in list(islice(self._held, len(self._in_view) * len(Part) + _AT_ONCE)):
            if self._bytes <= _KEPT_BYTES:
                return
            if key[0] not in self._in_view:
                self._bytes -= self._held.pop(key).made.bytes
