"""The window, driven as a user drives it: from a slider to the picture on the screen, and what the drag does to it."""

# ruff: noqa: TID251  (the window cannot be driven without Qt)

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from time import perf_counter, thread_time
from typing import Any, NamedTuple

from PySide6.QtCore import QEvent, QEventLoop, QPointF, Qt, QTimer
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QApplication, QScrollBar

from augstudio import dataset
from augstudio.gui.cards.zone_slider import ZoneSlider
from augstudio.gui.shell.application import make_application
from augstudio.gui.shell.window import Window
from augstudio.gui.stage.image_view import ImageView
from augstudio.gui.stage.rendering import Rendered, Wanted
from augstudio.pipeline import Pipeline

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


class Scroll(NamedTuple):
    """Seconds from each turn of the wheel to the list's paint; beats meanwhile; how long; how many thumbnails came."""

    frames: list[float]
    gaps: list[float]
    seconds: float
    thumbnails: int


class Start(NamedTuple):
    """Seconds from starting the program to a window that answers, and to both pictures."""

    usable: float
    pictures: float


class Watched(Window):
    """The real window; it only keeps in mind which pipeline the picture in view was made by, and how long that took."""

    shown: object = None
    transforms: float = 0.0

    def _show_augmented(self, wanted: Wanted, rendered: Rendered) -> None:
        super()._show_augmented(wanted, rendered)
        self.shown, self.transforms = wanted.view.pipeline, rendered.seconds


class Driven:
    """A window on a folder, with hooks that tell when a picture has been painted."""

    def __init__(self, folder: Path, pipeline: Pipeline, *, opened: bool = True) -> None:
        self._app = make_application()
        self._painted: Callable[[ImageView], None] = lambda _view: None
        self.window = Watched()
        for view in (self.window.compare.original, self.window.compare.augmented):
            self._hook(view)
        self.window.show()
        self.window.studio.apply_pipeline("benchmark", pipeline)
        self._folder, self._given = folder, pipeline
        self.rest()
        if opened:
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

    def choosing(self) -> float:
        """Choose the other picture, decoded never or long ago; seconds until something of it has been painted."""
        previews, original = self.window.previews, self.window.compare.original
        previews._cache.forget()
        before = original.image()

        def painted(view: ImageView, loop: QEventLoop) -> None:
            if view is original and view.image() is not before:
                loop.quit()

        with self._until(painted) as loop:
            start = perf_counter()
            self.window.pictures.step(1 if self.window.pictures.list.currentIndex().row() == 0 else -1)
            loop.exec()
            took = perf_counter() - start
        self.rest()
        return took

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
            yield self._set_slider(5.0 + number * 0.3), self.window.transforms
            self.rest()

    def beside_the_strip(self, count: int) -> Iterator[tuple[float, float]]:
        """Set the slider while the strip has just begun to fill in, and while it does not, in turns.

        Yields
        ------
        (float, float)
            Seconds until the picture was painted, with the strip and without.
        """
        previews, advice = self.window.previews, self.window.advice
        pause = previews._pause
        usual = pause.interval()
        pause.setInterval(_TIMEOUT_MS)  # it fills in when it is told to
        for number in range(count):
            took = []
            for strip in (True, False):
                self.window.studio.set_seed(2 * number + strip)
                while True:
                    self.run(2 * advice.pause.interval())
                    if previews.large.idle and previews._small.idle and advice.idle:
                        break
                if strip:
                    previews._ask_strip()
                    self.run(4)
                took.append(self._set_slider(5.0 + number * 0.3 + 0.1 * strip))
            yield took[0], took[1]
        pause.setInterval(usual)
        pause.wait()
        self.rest()

    def _set_slider(self, reach: float) -> float:
        """Set both handles; seconds until the picture of exactly that state was painted."""

        def painted(view: ImageView, loop: QEventLoop) -> None:
            if view is self.window.compare.augmented and self.window.shown == self._pipeline():
                loop.quit()

        slider = self._slider()
        with self._until(painted) as loop:
            start = perf_counter()
            slider.set_ends(-reach, reach)
            loop.exec()
            return perf_counter() - start

    def scroll(self, seconds: float, step: int) -> Scroll:
        """Scroll the list by so many pixels, 60 times a second, while its thumbnails come in."""
        view, model = self.window.pictures.list, self.window.pictures.model
        bar, paint, beats = view.verticalScrollBar(), view.paintEvent, Drag()
        frames: list[float] = []
        turned: list[float] = []
        shown = len(model._thumbnails)

        def painted(event: Any) -> None:
            paint(event)
            if turned:
                frames.append(perf_counter() - turned[0])
                turned.clear()

        def turn() -> None:
            turned.append(perf_counter())
            bar.setValue(bar.value() + step)

        view.paintEvent = painted  # type: ignore[method-assign]
        timer = QTimer(timerType=Qt.TimerType.PreciseTimer, interval=FRAME_MS)
        timer.timeout.connect(turn)
        start = perf_counter()
        with self._beating(beats):
            timer.start()
            self.run(int(1000 * seconds))
            timer.stop()
        took = perf_counter() - start
        view.paintEvent = paint  # type: ignore[method-assign]
        self.rest()
        return Scroll(frames, beats.gaps, took, len(model._thumbnails) - shown)

    def leaf(self, pages: int) -> int:
        """Turn so many pages of the list, each until its thumbnails are there; how many were shown in all."""
        view, model = self.window.pictures.list, self.window.pictures.model
        return self.turn(view.verticalScrollBar(), pages, lambda: model._thumbnails)

    def turn(self, bar: QScrollBar, pages: int, there: Callable[[], Iterable[object]]) -> int:
        """Turn pages, each until all of it is there; how many different things were there in all."""
        shown = set[object]()
        for _ in range(pages):
            bar.setValue((bar.value() + bar.pageStep()) % bar.maximum())
            self.rest()
            shown.update(there())
        return len(shown)

    def idle(self, seconds: float) -> list[float]:
        """Gaps between beats while nobody touches anything: what the machine alone does to them."""
        drag = Drag()
        with self._beating(drag):
            self.run(int(1000 * seconds))
        return drag.gaps

    def drag(self, seconds: float) -> Drag:
        """Drag the upper handle to and fro, 60 moves a second, and keep a heartbeat meanwhile.

        It always begins where the pipeline that was given has it, so that it is never held up at the end of its way.
        """
        self.window.studio.apply_pipeline("benchmark", self._given)
        self.rest()
        slider, result = self._slider(), Drag()
        asked: dict[object, float] = {}

        def painted(view: ImageView, _loop: QEventLoop) -> None:
            if view is self.window.compare.augmented and (strength := _strength(self.window.shown)) in asked:
                result.delays.append(perf_counter() - asked.pop(strength))

        start = perf_counter()
        middle, reach = self._handle(slider), slider.width() * 0.25

        def move() -> None:
            share = (perf_counter() - start) % 1.5 / 1.5
            offset = reach * (4 * abs(share - 0.5) - 1)
            before = _strength(self._pipeline())
            moment = perf_counter()
            _mouse(slider, QEvent.Type.MouseMove, middle + QPointF(offset, 0))
            if (strength := _strength(self._pipeline())) != before:
                asked[strength] = moment
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
        """The pipeline of the picture that is wanted: with what is held, while the handle is under the hand."""
        scene = self.window._scene
        assert scene is not None
        assert scene.wanted.large is not None
        return scene.wanted.large.pipeline


def _strength(pipeline: object) -> object:
    """What the slider decides of a pipeline: one value at both ends, while that is held."""
    step, _, parameter = SLIDER.partition(".")
    return getattr(pipeline.step(step), parameter) if isinstance(pipeline, Pipeline) else None


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


_SPIN = "import time; end = time.monotonic() + {}\nwhile time.monotonic() < end: pass"


_WORK_MS = 4


def bare(seconds: float) -> float:
    """The longest, in seconds, that the same little arithmetic takes which is done every `FRAME_MS`, on busy cores.

    It takes `_WORK_MS` at the median, as long as a window's thread works for a move of the mouse, and sleeps in between
    as that does: what a virtual machine that is put aside while it sleeps does to it, it does to any program.
    """
    others = max(1, len(os.sched_getaffinity(0)) - 1) if hasattr(os, "sched_getaffinity") else 1
    spinning = [subprocess.Popen([sys.executable, "-c", _SPIN.format(seconds + 0.5)]) for _ in range(others)]
    once = statistics.median(_arithmetic(1) for _ in range(200))
    times, next_one = [], perf_counter()
    end = next_one + seconds
    while next_one < end:
        times.append(_arithmetic(max(1, round(_WORK_MS / 1000 / once))))
        next_one = max(next_one + FRAME_MS / 1000, perf_counter())
        time.sleep(max(0.0, next_one - perf_counter()))
    for process in spinning:
        process.wait()
    return max(times)


def _arithmetic(rounds: int) -> float:
    start = perf_counter()
    for _ in range(rounds):
        sum(number * number for number in range(1000))
    return perf_counter() - start


def memory() -> float | None:
    """Megabytes that this process has resident; None where the system does not tell."""
    try:
        return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1e6
    except OSError:
        return None


_PROGRAM = """
import sys, time
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication
from augstudio.gui.shell import application
from augstudio.gui.stage.image_view import ImageView

seen = set()

def paint(view, event, paint=ImageView.paintEvent):
    paint(view, event)
    if not seen:
        seen.add("the window")
        QTimer.singleShot(0, lambda: print(time.monotonic()))  # it answers
    if view.image() is not None and view.objectName() not in seen:
        seen.add(view.objectName())
        if len(seen) == 3:
            print(time.monotonic(), flush=True)
            QTimer.singleShot(0, QApplication.closeAllWindows)

ImageView.paintEvent = paint
from augstudio.cli import main
sys.argv = ["augstudio", "open", sys.argv[1]]
sys.exit(main())
"""


def starting(folder: Path) -> Start:
    """Start `augstudio open`, as a program of its own, and take its word for when it was there."""
    with tempfile.TemporaryDirectory() as home:  # no pipeline is left unsaved there, which it would ask about
        start = time.monotonic()
        told = _run([sys.executable, "-c", _PROGRAM, str(folder)], AUGSTUDIO_HOME=home)
    usable, pictures = (float(line) - start for line in told.split())
    return Start(usable, pictures)


def helping() -> float:
    """Seconds that `augstudio --help` takes."""
    start = time.monotonic()
    _run([sys.executable, "-m", "augstudio", "--help"])
    return time.monotonic() - start


def _run(command: list[str], **environment: str) -> str:
    environment = {**os.environ, **environment}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)  # it would be compiled anew each time
    patience = _TIMEOUT_MS / 1000
    return subprocess.run(
        command, stdout=subprocess.PIPE, text=True, timeout=patience, check=True, env=environment
    ).stdout
