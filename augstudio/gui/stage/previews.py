"""What the window shows of a picture, made in the background: the large versions and the strip."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from PySide6.QtCore import QObject, QTimer, Signal

from augstudio.gui.intent.views import View, Views
from augstudio.gui.parts.lull import Lull
from augstudio.gui.parts.workers import Worker
from augstudio.gui.stage.rendering import Detail, Labelled, PictureCache, Rendered, Wanted, label, render
from augstudio.gui.stage.stepping import Stepped, Stepper, WantedStep
from augstudio.gui.stage.tile_image import Form, TileImage, WantedTile, make_tile

_STRIP_PAUSE_MS = 60
"""The strip waits until a slider rests this long, so that it is not made for nothing at every step of a drag."""
_SLOW_MS = 60
"""A picture that takes longer is slow. Most do not, and are better waited for than shown twice."""
_AFTER_PAINTING_MS = 40
"""Labels that take long are begun once no other picture has come for so long: while a slider is dragged, they would
take the time of pictures, and be another picture's by the time that they are there."""
_BESIDE_S = 0.1
"""How long what is shown beside the large copy gives way to it, while a slider is dragged without a rest."""
_STALE_MS = 150
"""How long labels of a moment ago stay over a picture whose own are not there yet."""


class Previews(QObject):
    """Decides what to render for a scene, and in which order; what no longer fits the scene is dropped.

    Parameters
    ----------
    coarse : callable
        Asked with a copy in view: whether the zoom shows more of it than its image has.
    form : callable
        Asked for the size of the tiles of the strip.

    Signals
    -------
    original(Rendered), augmented(Wanted, Rendered)
        A large picture is there. While a slider is dragged, `augmented` may be some steps behind.
    labelled(Wanted, Labelled)
        The labels of a copy that was shown without them, since they take long: once a slider that is dragged rests.
    unlabelled()
        They are not there yet, and those of the copy before are no longer to be seen.
    tile(Shown, TileImage)
        A version for the strip.
    stepped(StepTile, Stepped)
        A picture for the row of steps.
    pinned(View, Rendered)
        What the pinned pipeline makes of the picture.
    more(View, Rendered)
        A further copy that is shown large.
    unmade(View, Exception)
        Either of the two cannot be made.
    emptied()
        Another picture was chosen: what the strip shows is void.
    slow(View)
        Another picture was chosen, and is not there after a moment.
    failed(View, Exception)
        The large version cannot be made.
    """

    original = Signal(object)
    augmented = Signal(object, object)
    labelled = Signal(object, object)
    unlabelled = Signal()
    tile = Signal(object, object)
    stepped = Signal(object, object)
    pinned = Signal(object, object)
    more = Signal(object, object)
    unmade = Signal(object, object)
    emptied = Signal()
    slow = Signal(object)
    failed = Signal(object, object)

    def __init__(
        self, coarse: Callable[[Rendered], bool], form: Callable[[], Form], parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._coarse, self._form = coarse, form
        self._cache = PictureCache()
        self._views = Views()
        self._asked = Views()
        self._before: View | None = None
        self._original: Rendered | None = None
        self._augmented: Rendered | None = None
        self._latest: View | None = None
        self._sharpened: View | None = None
        self._made_beside: list[tuple[View, Rendered]] = []
        self._sharpened_beside: list[View] = []
        self._labels = True
        self.large = Worker(lambda wanted: render(wanted, self._cache), "preview", self)
        self.large.done.connect(self._rendered)
        self.large.failed.connect(self._not_rendered)
        self._late = Worker(
            lambda wanted: label(wanted, self._cache, self._late.give_way), "labels", self, first=self.large
        )
        self._late.done.connect(self._labelled)
        self._late.failed.connect(lambda *_: None)  # what is wrong with the picture has been said
        self._small = Worker(
            lambda asked: make_tile(asked, self._cache, self._small.give_way), "strip", self, first=self.large
        )
        self._small.done.connect(self._tile_rendered)
        self._small.failed.connect(lambda *_: None)  # the large view says what is wrong with the picture
        self._stepper = Stepper(self._cache)
        self._steps = Worker(self._stepper, "steps", self, first=self.large)
        self._steps.done.connect(self._step_rendered)
        self._steps.failed.connect(lambda *_: None)
        self._beside = Worker(self._render_whole, "beside", self, first=self.large, patience=_BESIDE_S)
        self._beside.done.connect(self._beside_rendered)
        self._beside.failed.connect(self._beside_not_rendered)
        self._pause = Lull(_STRIP_PAUSE_MS, self)
        self._pause.came.connect(self._ask_strip)
        self._to_label: Wanted | None = None
        self._painted = Lull(_AFTER_PAINTING_MS, self)
        self._painted.came.connect(self._ask_labels)
        self._stale = QTimer(self, singleShot=True, interval=_STALE_MS)
        self._stale.timeout.connect(self.unlabelled)
        self._moment = QTimer(self, singleShot=True, interval=_SLOW_MS)
        self._moment.timeout.connect(lambda: self.slow.emit(self._view))

    @property
    def _view(self) -> View | None:
        return self._views.large

    def show(self, views: Views) -> None:
        """Render what is wanted and is not there yet."""
        old, self._views = self._views.large, views
        if (views.strip, views.steps) != (self._asked.strip, self._asked.steps):
            self._asked = self._asked._replace(strip=(), steps=())
            self._small.ask(())  # what waits there is of an earlier state
            self._steps.ask(())
            self._pause.wait()
        if _beside(views) != _beside(self._asked):
            self._asked = self._asked._replace(pinned=views.pinned, more=views.more)
            self._ask_beside(views)
        if views.large == old:
            return
        self._sharpened = None
        if views.large is None:
            self._moment.stop()
            self.large.ask(())
            return
        wanted = [self._wanted(views.large, Detail.PREVIEW)]
        old, self._before = self._before, views.large  # what was shown last, also if nothing large was meanwhile
        if old is None or old.source != views.large.source:
            self._original = self._augmented = None
            self._await_labels(None)
            self.emptied.emit()
            self._moment.start()
        another_file = old is not None and _files(old) != _files(views.large)  # what there is stays until it is read
        if self._original is None or another_file:  # also if it was asked for and still waits: asking replaces that
            wanted.insert(0, Wanted(views.large, Detail.PREVIEW, augmented=False))
        elif self._too_coarse():
            wanted += self._sharper(views.large)
        self.large.ask(wanted)

    def show_labels(self, on: bool) -> None:
        """Make what is wanted with what becomes of the objects, or without; what is there stays meanwhile."""
        self._labels, old = on, self._labels
        view = self._view
        if not on or old or view is None or not view.labels.sets:
            return
        self._sharpened = None
        self.large.ask([self._wanted(view, Detail.PREVIEW)])
        self._ask_beside(self._views)
        self._asked = Views()
        self._pause.wait()

    def _wanted(self, view: View, detail: Detail) -> Wanted:
        return Wanted(view, detail, labels=self._labels)

    def sharpen(self) -> None:
        """After zooming in, make from the full picture what a reduced one cannot show."""
        self._sharpen_beside()
        if self._view is None or self._sharpened == self._view or not self._too_coarse():
            return
        wanted = self._sharper(self._view)
        if self._latest != self._view:  # asking replaces what waits
            wanted.insert(0, self._wanted(self._view, Detail.PREVIEW))
        self.large.ask(wanted)

    def _sharper(self, view: View) -> list[Wanted]:
        """What is to be made from the full picture; both pictures, as either may have been asked for and replaced."""
        self._sharpened = view
        wanted = [self._wanted(view, Detail.FULL)]
        if self._original and not self._original.exact:
            wanted.insert(0, Wanted(view, Detail.FULL, augmented=False))
        return wanted

    def forget(self) -> None:
        """Drop decoded pictures, and make what is wanted anew: another folder was opened, or the same one again."""
        self._cache.forget()
        views, self._views, self._asked, self._before = self._views, Views(), Views(), None
        self.show(views)

    def forget_pictures(self) -> None:
        """Drop decoded pictures, some of whose files are others now; what is shown stays."""
        self._cache.forget()

    @property
    def idle(self) -> bool:
        """Whether nothing is left to do."""
        waiting = self._pause.isActive() or self._painted.isActive()
        return not waiting and all(worker.idle for worker in self._workers())

    def _workers(self) -> tuple[Worker, ...]:
        return self.large, self._late, self._small, self._steps, self._beside

    def stop(self) -> None:
        """End the threads."""
        for timer in (self._pause, self._moment, self._painted, self._stale):
            timer.stop()
        for worker in self._workers():
            worker.stop()

    def _too_coarse(self) -> bool:
        shown = self._augmented
        return shown is not None and not shown.exact and self._coarse(shown)

    def _fits(self, wanted: Wanted) -> bool:
        return self._view is not None and wanted.view.source == self._view.source

    def _rendered(self, wanted: Wanted, rendered: Rendered) -> None:
        if not self._fits(wanted):
            return  # another picture was chosen meanwhile
        if not wanted.augmented:
            self._moment.stop()
            self._original = rendered
            self.original.emit(rendered)
            return
        self._augmented, self._latest = rendered, wanted.view
        self.augmented.emit(wanted, rendered)
        self._await_labels(wanted if rendered.late else None)
        if wanted.view == self._view:
            self.sharpen()

    def _await_labels(self, wanted: Wanted | None) -> None:
        self._to_label = wanted
        if wanted is None:
            self._late.ask([])
            self._painted.stop()
            self._stale.stop()
            return
        self._painted.wait()
        if not self._stale.isActive():
            self._stale.start()

    def _ask_labels(self) -> None:
        if self._to_label is not None:
            self._late.ask([self._to_label])

    def _labelled(self, wanted: Wanted, labelled: Labelled) -> None:
        if self._fits(wanted) and wanted == self._to_label:
            self._stale.stop()
            self.labelled.emit(wanted, labelled)

    def _not_rendered(self, wanted: Wanted, error: Exception) -> None:
        if self._fits(wanted):
            self._moment.stop()
            self.failed.emit(wanted.view, error)

    def _ask_strip(self) -> None:
        views, form = self._views, self._form()
        self._asked = self._asked._replace(strip=views.strip, steps=views.steps)
        self._small.ask([WantedTile(self._wanted(view, Detail.STRIP), form) for view in views.strip])
        before = [None, *(tile.view for tile in views.steps)]
        tiles = zip(views.steps, before, strict=False)
        self._steps.ask([WantedStep(tile, view, self._labels, form) for tile, view in tiles])

    def _tile_rendered(self, asked: WantedTile, image: TileImage) -> None:
        view = asked.wanted.view
        if view in self._views.strip:
            self.tile.emit(view.shown, image)

    def _step_rendered(self, wanted: WantedStep, stepped: Stepped) -> None:
        if wanted.tile in self._views.steps:
            self.stepped.emit(wanted.tile, stepped)

    def _ask_beside(self, views: Views) -> None:
        self._made_beside, self._sharpened_beside = [], []
        self._beside.ask([self._wanted(view, Detail.PREVIEW) for view in _beside(views)])

    def _sharpen_beside(self) -> None:
        """The same as `sharpen` for what stands beside the copy, each by itself: its output may be of another size."""
        coarse = [view for view, made in self._made_beside if not made.exact and self._coarse(made)]
        all_there = len(self._made_beside) == len(_beside(self._views))
        if all_there and coarse and coarse != self._sharpened_beside:
            self._sharpened_beside = coarse
            self._beside.ask([self._wanted(view, Detail.FULL) for view in coarse])

    def _render_whole(self, wanted: Wanted) -> Rendered:
        """With its labels, however long that takes: it waits for nothing."""
        rendered = render(wanted, self._cache)
        return replace(rendered, labelled=label(wanted, self._cache), late=False) if rendered.late else rendered

    def _beside_rendered(self, wanted: Wanted, rendered: Rendered) -> None:
        view, views = wanted.view, self._views
        if view in _beside(views):
            others = [(other, made) for other, made in self._made_beside if other != view]
            self._made_beside = [*others, (view, rendered)]
        if views.pinned is not None and (view.source, view.shown) == (views.pinned.source, views.pinned.shown):
            self.pinned.emit(view, rendered)
        elif any((view.source, view.shown) == (other.source, other.shown) for other in views.more):
            self.more.emit(view, rendered)
        self._sharpen_beside()

    def _beside_not_rendered(self, wanted: Wanted, error: Exception) -> None:
        if wanted.view in _beside(self._views):
            self.unmade.emit(wanted.view, error)


def _beside(views: Views) -> tuple[View, ...]:
    return (*((views.pinned,) if views.pinned is not None else ()), *views.more)


def _files(view: View) -> tuple[object, ...]:
    """What a view is read from, and which state of it."""
    return view.stamp, view.labels_at, view.label_stamp
