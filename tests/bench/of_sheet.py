"""The sheet in the real window: how soon it is full, how it scrolls, and how it follows a slider."""

# ruff: noqa: TID251  (the window cannot be driven without Qt)

from __future__ import annotations

import os
from collections import Counter
from pathlib import Path
from time import perf_counter
from typing import Any, NamedTuple

from of_window import FRAME_MS, Drag, Driven, Scroll, memory
from PySide6.QtCore import QEventLoop, Qt, QTimer

from augstudio.dataset import Source
from augstudio.gui.intent.views import SheetLook, ViewKind
from augstudio.gui.sheet.making import Part
from augstudio.pipeline import Pipeline

__all__ = ["Following", "Full", "Sheeted", "linked", "memory"]

_TIMEOUT_MS = 60_000
_SIZE = 1440, 900
"""Of the window, whatever the screen."""


class Full(NamedTuple):
    """Seconds until every tile in view was painted with its own pictures, and how many those are."""

    seconds: float
    tiles: int


class Following(NamedTuple):
    """How often tiles were made anew while a slider was dragged: a second, in the middle and the slowest of them."""

    median: float
    slowest: float
    tiles: int
    drag: Drag


class Sheeted(Driven):
    """A window on a folder, all of whose pictures the sheet is to show."""

    def __init__(self, folder: Path, pipeline: Pipeline, look: SheetLook | None = None) -> None:
        super().__init__(folder, pipeline)
        self.window.resize(*_SIZE)
        self.window.studio.lay_out_sheet(look or SheetLook(each=0))
        self.rest()

    def _pipeline(self) -> object:
        """The pipeline that tiles are wanted of: with what is held, while the handle is under the hand."""
        scene = self.window._scene
        assert scene is not None
        return scene.sheet.pipeline if scene.sheet is not None else super()._pipeline()

    def filling(self) -> Full:
        """Show the sheet, of which nothing has been made; and wait until it is full."""
        sheet = self.window.sheet
        canvas, tiles, loop = sheet.canvas, sheet.tiles, QEventLoop()
        paint = canvas.paintEvent

        def painted(event: Any) -> None:
            paint(event)
            seen = tiles._visible
            if seen and all(tiles.fresh(source, part) for source in seen for part in tiles.parts):
                loop.quit()

        canvas.paintEvent = painted  # type: ignore[method-assign]
        QTimer.singleShot(_TIMEOUT_MS, loop.quit)
        start = perf_counter()
        self.window.studio.show_view(ViewKind.SHEET)
        loop.exec()
        took = perf_counter() - start
        canvas.paintEvent = paint  # type: ignore[method-assign]
        self.rest()
        return Full(took, len(tiles._visible))

    def turning(self, seconds: float, step: int) -> Scroll:
        """Scroll the sheet by so many pixels, 60 times a second, while its tiles are made."""
        canvas, tiles = self.window.sheet.canvas, self.window.sheet.tiles
        bar, paint, beats = canvas.verticalScrollBar(), canvas.paintEvent, Drag()
        frames: list[float] = []
        turned: list[float] = []
        came = [0]

        def painted(event: Any) -> None:
            paint(event)
            if turned:
                frames.append(perf_counter() - turned[0])
                turned.clear()

        def turn() -> None:
            turned.append(perf_counter())
            bar.setValue(bar.value() + step if bar.value() < bar.maximum() else 0)

        def count(_source: Source) -> None:
            came[0] += 1

        canvas.paintEvent = painted  # type: ignore[method-assign]
        tiles.came.connect(count)
        timer = QTimer(timerType=Qt.TimerType.PreciseTimer, interval=FRAME_MS)
        timer.timeout.connect(turn)
        start = perf_counter()
        with self._beating(beats):
            timer.start()
            self.run(int(1000 * seconds))
            timer.stop()
        took = perf_counter() - start
        tiles.came.disconnect(count)
        canvas.paintEvent = paint  # type: ignore[method-assign]
        self.rest()
        return Scroll(frames, beats.gaps, took, came[0])

    def following(self, seconds: float) -> Following:
        """Drag the slider, and count how often each copy in view was made anew."""
        tiles = self.window.sheet.tiles
        seen, made, last = set(tiles._visible), Counter[Source](), dict[Source, int]()

        def count(source: Source) -> None:
            held = tiles._held.get((source, Part.COPY))
            if source in seen and held is not None and last.get(source) != held.version:
                last[source] = held.version
                made[source] += 1

        tiles.came.connect(count)
        drag = self.drag(seconds)
        tiles.came.disconnect(count)
        rates = sorted(made[source] / drag.seconds for source in seen)
        return Following(rates[len(rates) // 2], rates[0], len(rates), drag)

    def leafing(self, pages: int) -> int:
        """Turn so many pages of the sheet, each until its tiles are there; how many were shown in all."""
        canvas, tiles = self.window.sheet.canvas, self.window.sheet.tiles
        return self.turn(canvas.verticalScrollBar(), pages, lambda: tiles._visible)


def linked(folder: Path, photos: Path, count: int) -> Path:
    """Make a folder of so many pictures, hard links to a few."""
    folder.mkdir()
    originals = sorted(photos.iterdir())
    for number in range(count):
        original = originals[number % len(originals)]
        os.link(original, folder / f"{number:03d}{original.suffix}")
    return folder
