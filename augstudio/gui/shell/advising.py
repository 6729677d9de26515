"""Cautions, worked out in the background: at once those about settings, then those about labelled objects."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import QObject, QTimer, Signal

from augstudio.advice import Caution, advise_on_objects, advise_on_settings, together
from augstudio.gui.intent.state import Judged
from augstudio.gui.parts.lull import Lull
from augstudio.gui.parts.workers import Worker

_EVERY_MS = 60
"""While a slider is dragged, cautions are worked out this often, so that they leave the pictures their time."""
_REST_MS = 120
"""Objects are followed once nothing has been edited for so long: it takes longer, and would be overtaken."""


class _Overtaken(Exception):  # noqa: N818  (nothing is wrong)
    """Something else is to be judged by now."""


class Advice(QObject):
    """Judges what is in hand.

    Cautions about objects take longer: those that there are stay until the new ones come.

    Parameters
    ----------
    first : Worker
        Following objects through copies gives way to it.

    Attributes
    ----------
    cautions : tuple of Caution
        Those that were told last.
    pause : QTimer
        Runs until the next request is passed on for settings.
    rest : Lull
        The same for objects.

    Signals
    -------
    told(tuple of Caution)
        What is to be said.
    failed(Exception)
        They could not be worked out.
    """

    told = Signal(object)
    failed = Signal(object)

    def __init__(self, first: Worker, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.cautions: tuple[Caution, ...] = ()
        self.pause = QTimer(self, singleShot=True, interval=_EVERY_MS)
        self.pause.timeout.connect(self._ask)
        self.rest = Lull(_REST_MS, self)
        self.rest.came.connect(self._ask_on_objects)
        self._wanted: Judged | None = None
        self._settings: tuple[Judged | None, tuple[Caution, ...]] = (None, ())
        self._objects: tuple[Judged | None, tuple[Caution, ...]] = (None, ())
        self.on_settings = Worker(_on_settings, "advice", self)
        self.on_objects = Worker(self._judge_objects, "advice on objects", self, first=first)
        self.on_settings.done.connect(self._settings_judged)
        self.on_objects.done.connect(self._objects_judged)
        self.on_settings.failed.connect(lambda _, error: self.failed.emit(error))
        self.on_objects.failed.connect(self._objects_not_judged)

    def ask(self, judged: Judged) -> None:
        """Judge this, in a moment."""
        self._wanted = judged
        if not self.pause.isActive():
            self.pause.start()
        if judged.objects is not None:
            self.rest.wait()
        else:
            self.rest.stop()
            self.on_objects.ask([])
            self._objects = (judged, ())

    @property
    def idle(self) -> bool:
        """Whether nothing is left to do."""
        waiting = self.pause.isActive() or self.rest.isActive()
        return not waiting and self.on_settings.idle and self.on_objects.idle

    def stop(self) -> None:
        """End the threads."""
        self.pause.stop()
        self.rest.stop()
        self._wanted = None
        self.on_settings.stop()
        self.on_objects.stop()

    def up_to_date(self, caution: Caution, judged: Judged) -> Caution:
        """The caution as it is for what is in hand; without a remedy where it is not raised any more."""
        of_objects = caution in self._objects[1]
        at, _ = self._objects if of_objects else self._settings
        if at == judged:
            return caution
        like = (caution.step, caution.parameter, caution.title)
        now = _on_objects(judged) if of_objects else _on_settings(judged)
        return next((c for c in now if (c.step, c.parameter, c.title) == like), replace(caution, remedy=None))

    def _ask(self) -> None:
        if self._wanted is None:
            return
        self.on_settings.ask([self._wanted])

    def _ask_on_objects(self) -> None:
        if self._wanted is not None:
            self.on_objects.ask([self._wanted])

    def _judge_objects(self, judged: Judged) -> tuple[Caution, ...]:
        def give_way() -> None:
            self.on_objects.give_way()
            if self._wanted is not judged:
                raise _Overtaken

        assert judged.objects is not None
        return advise_on_objects(judged.pipeline, judged.objects, pause=give_way)

    def _settings_judged(self, judged: Judged, cautions: tuple[Caution, ...]) -> None:
        # Also those of an edit or two ago, while edits go on without pause: their own are under way.
        self._settings = judged, cautions
        self._tell()

    def _objects_judged(self, judged: Judged, cautions: tuple[Caution, ...]) -> None:
        if self._wanted is not None and judged.objects is self._wanted.objects:  # not those of another folder
            self._objects = judged, cautions
            self._tell()

    def _objects_not_judged(self, judged: Judged, error: Exception) -> None:
        if not isinstance(error, _Overtaken):
            self._objects_judged(judged, ())
            self.failed.emit(error)

    def _tell(self) -> None:
        self.cautions = together(self._settings[1], self._objects[1])
        self.told.emit(self.cautions)


def _on_settings(judged: Judged) -> tuple[Caution, ...]:
    return advise_on_settings(judged.pipeline, judged.facts, originals=judged.originals)


def _on_objects(judged: Judged) -> tuple[Caution, ...]:
    return () if judged.objects is None else advise_on_objects(judged.pipeline, judged.objects)
