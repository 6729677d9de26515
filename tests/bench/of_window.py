"""The window, driven as a user drives it: from a slider to the picture on the screen, and what the drag does to it."""

# ruff: noqa: TID251  (the window cannot be driven without Qt)

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from time import perf_counter, thread_time
from typing import Any, NamedTuple

from material import six_transforms
from PySide6.QtCore import QEvent, QEventLoop, QPointF, Qt, QTimer
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QApplication

from augstudio import dataset
from augstudio.gui.application import make_application
from augstudio.gui.compare import ImageView
from augstudio.gui.rendering import Rendered, Wanted
from augstudio.gui.window import Window
from augstudio.gui.zone_slider import ZoneSlider

SLIDER = "rotate.angle"
BEAT_MS = 2
FRAME_MS = 16
_TIMEOUT_MS = 60_000


@dataclass
class Drag:
    """What one simulated drag came to.

    Attributes
    ----------
    gaps : list of float
        Seconds between two beats of the GUI thread, as they came.
    worked : list of float
        Seconds of processor time that the GUI thread itself took in each gap.
    delays : list of float
        Seconds from a move of the mouse to the picture that belongs to it, of all that were painted.
    seconds : float
        How long it lasted.
    moves : int
        How many times the slider moved.
    """

    gaps: list[float] = field(default_factory=list)
    worked: list[float] = field(default_factory=list)
    delays: list[float] = field(default_factory=list)
    seconds: float = 0.0
    moves: int = 0


class Opening(NamedTuple):
    """Seconds to the first original and to the first augmented picture, and the longest stall on the way."""

    original: float
    augmented: float
    stall: float


class Watched(Window):
    """The real window; it only keeps in mind which pipeline the picture in view was made by, and how long that took."""

    shown: object = None
    transforms: float = 0.0

    def _show_augmented(self, wanted: Wanted, rendered: Rendered) -> None:
        super()._show_augmented(wanted, rendered)
        self.shown, self.transforms = wanted.view.pipeline, rendered.seconds


class Driven:
    """A window on a folder, with hooks that tell when a picture has been painted."""

    def __init__(self, folder: Path, *, wait: bool = True) -> None:
        self._app = make_application()
        self._painted: Callable[[ImageView], None] = lambda _view: None
        self.window = Watched()
        for view in (self.window.compare.original, self.window.compare.augmented):
            self._hook(view)
        self.window.show()
        self.window.studio.apply_pipeline("benchmark", six_transforms())
        self._folder = folder
        if wait:
            self.window.open_folder(folder)
            self.rest()

    def _hook(self, view: ImageView) -> None:
        paint = view.paintEvent

        def painted(event: Any) -> None:
            paint(event)
            self._painted(view)

        view.paintEvent = painted  # type: ignore[method-assign]

    def close(self) -> None:
        self.window.stop()
        self.window.hide()
        self.window.deleteLater()
        self._app.sendPostedEvents(None, QEvent.Type.DeferredDelete)

    def run(self, milliseconds: int) -> None:
        """Let the event loop run for a while."""
        loop = QEventLoop()
        QTimer.singleShot(milliseconds, loop.quit)
        loop.exec()

    def rest(self) -> None:
        """Let the window work until nothing is left to do."""
        end = perf_counter() + _TIMEOUT_MS / 1000
        rested = 0
        while rested < 3:
            self.run(10)
            rested = 0 if self.window.busy else rested + 1
            if perf_counter() > end:
                raise TimeoutError("the window did not come to rest")

    @contextmanager
    def _until(self, painted: Callable[[ImageView, QEventLoop], None]) -> Iterator[QEventLoop]:
        loop = QEventLoop()
        self._painted = lambda view: painted(view, loop)
        QTimer.singleShot(_TIMEOUT_MS, loop.quit)
        try:
            yield loop
        finally:
            self._painted = lambda _view: None

    # -- what is measured ------------------------------------------------------------------------------------------

    def opening(self) -> Opening:
        """Open the folder, and wait until both views have been painted with a picture."""
        seen: dict[str, float] = {}
        beats = Drag()

        def painted(view: ImageView, loop: QEventLoop) -> None:
            if view.image() is not None:
                seen.setdefault(view.objectName(), perf_counter())
                if len(seen) == 2:
                    loop.quit()

        with self._until(painted) as loop, self._beating(beats):
            start = perf_counter()
            self.window.open_folder(self._folder)
            loop.exec()
        self.rest()
        return Opening(seen["compare.original"] - start, seen["compare.augmented"] - start, max(beats.gaps))

    def slider_to_picture(self, count: int) -> Iterator[tuple[float, float]]:
        """Set the slider, wait for the picture of exactly that state, let the window come to rest, and again.

        Yields
        ------
        (float, float)
            Seconds until that picture was painted, and the seconds of them that the transforms took.
        """
        for number in range(count):
            self.window.studio.set_seed(number % 5)  # other strengths of the other transforms
            self.rest()
            slider = self._slider()

            def painted(view: ImageView, loop: QEventLoop) -> None:
                if view is self.window.compare.augmented and self.window.shown is self._pipeline():
                    loop.quit()

            with self._until(painted) as loop:
                start = perf_counter()
                slider.setValue((-5.0 - number * 0.3, 5.0 + number * 0.3))
                loop.exec()
                took = perf_counter() - start
            yield took, self.window.transforms
            self.rest()

    def idle(self, seconds: float) -> list[float]:
        """Gaps between beats while nobody touches anything: what the machine alone does to them."""
        drag = Drag()
        with self._beating(drag):
            self.run(int(1000 * seconds))
        return drag.gaps

    def drag(self, seconds: float) -> Drag:
        """Drag the upper handle to and fro, 60 moves a second, and keep a heartbeat meanwhile."""
        slider, result = self._slider(), Drag()
        asked: dict[int, tuple[float, object]] = {}

        def painted(view: ImageView, _loop: QEventLoop) -> None:
            if view is self.window.compare.augmented and id(self.window.shown) in asked:
                moment, _ = asked.pop(id(self.window.shown))
                result.delays.append(perf_counter() - moment)

        start = perf_counter()
        middle, reach = self._handle(slider), slider.width() * 0.25

        def move() -> None:
            share = (perf_counter() - start) % 1.5 / 1.5
            offset = reach * (4 * abs(share - 0.5) - 1)
            before = self._pipeline()
            moment = perf_counter()
            _mouse(slider, QEvent.Type.MouseMove, middle + QPointF(offset, 0))
            if self._pipeline() is not before:  # it is kept, so that no other has its id
                asked[id(self._pipeline())] = moment, self._pipeline()
                result.moves += 1

        timer = QTimer(timerType=Qt.TimerType.PreciseTimer, interval=FRAME_MS)
        timer.timeout.connect(move)
        with self._until(painted), self._beating(result):
            _mouse(slider, QEvent.Type.MouseButtonPress, middle)
            timer.start()
            self.run(int(1000 * seconds))
            timer.stop()
            _mouse(slider, QEvent.Type.MouseButtonRelease, middle)
        result.seconds = perf_counter() - start
        self.rest()
        return result

    def _handle(self, slider: ZoneSlider) -> QPointF:
        return QPointF(slider._x(slider.ends()[1]), slider.height() / 2)

    @contextmanager
    def _beating(self, into: Drag) -> Iterator[None]:
        last, spent = perf_counter(), thread_time()

        def beat() -> None:
            nonlocal last, spent
            now, worked = perf_counter(), thread_time()
            into.gaps.append(now - last)
            into.worked.append(worked - spent)
            last, spent = now, worked

        timer = QTimer(timerType=Qt.TimerType.PreciseTimer, interval=BEAT_MS)
        timer.timeout.connect(beat)
        timer.start()
        try:
            yield
        finally:
            timer.stop()
            beat()

    def _slider(self) -> ZoneSlider:
        slider = self.window.findChild(ZoneSlider, SLIDER)
        assert slider is not None
        return slider

    def _pipeline(self) -> object:
        return self.window.studio.state.pipeline


def _mouse(slider: ZoneSlider, kind: QEvent.Type, place: QPointF) -> None:
    left, none = Qt.MouseButton.LeftButton, Qt.MouseButton.NoButton
    button = none if kind is QEvent.Type.MouseMove else left
    held = none if kind is QEvent.Type.MouseButtonRelease else left
    event = QMouseEvent(kind, place, slider.mapToGlobal(place), button, held, Qt.KeyboardModifier.NoModifier)
    QApplication.sendEvent(slider, event)


def listing(folder: Path) -> float:
    """Seconds that listing a folder takes, without a window."""
    start = perf_counter()
    dataset.scan(folder)
    return perf_counter() - start
