"""Driving the window as a user does: waiting for it to come to rest, finding its controls, using mouse and keys."""

from __future__ import annotations

import time
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray
from pictures import smooth
from PySide6.QtCore import QCoreApplication, QEvent, QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDragLeaveEvent, QDragMoveEvent, QDropEvent, QKeyEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractSpinBox, QApplication, QLineEdit, QWidget

from augstudio.gui.cards.zone_slider import ZoneSlider
from augstudio.gui.shell.window import Window
from augstudio.images import encode, read

W = TypeVar("W", bound=QWidget)
PATIENCE = 30.0
"""Seconds after which waiting has failed."""


def until(done: Callable[[], bool], what: str = "what was waited for", *, events: bool = True) -> None:
    """Let events happen, or only time pass, until a condition holds."""
    deadline = time.monotonic() + PATIENCE
    while not done():
        assert time.monotonic() < deadline, f"{what} did not happen within {PATIENCE:.0f} s"
        if events:
            QApplication.processEvents()
        time.sleep(0.001)


def settle(window: Window) -> None:
    """Wait until nothing is under way; results that have been delivered by then are shown, deleted widgets gone."""
    deadline, quiet = time.monotonic() + PATIENCE, 0
    while quiet < 3:
        QApplication.processEvents()
        QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
        quiet = 0 if window.busy else quiet + 1
        if not quiet:
            time.sleep(0.001)
        assert time.monotonic() < deadline, "the window did not come to rest"


def activate(window: QWidget) -> None:
    """Bring a window to the front, so that its controls can have the focus."""
    window.activateWindow()
    until(window.isActiveWindow, "the window comes to the front")


def find(parent: QWidget, kind: type[W], name: str) -> W:
    """The one child of that object name."""
    found = [child for child in parent.findChildren(kind) if child.objectName() == name]
    assert len(found) == 1, f"{len(found)} widgets of kind {kind.__name__} are called {name}"
    return found[0]


def write(path: Path, height: int = 60, width: int = 90, channels: int = 3, seed: int = 0) -> Path:
    """Write a smooth picture in the format of its suffix."""
    path.parent.mkdir(parents=True, exist_ok=True)
    encoder = {".png": "PNG", ".jpg": "JPEG", ".webp": "WEBP", ".bmp": "BMP"}[path.suffix]
    path.write_bytes(encode(smooth(height, width, channels, seed=seed), encoder, 90))
    return path


def rgba(pixels: NDArray[Any]) -> NDArray[np.uint8]:
    """A picture array as 8-bit RGBA, in plain arithmetic: what a screen can show of it."""
    if pixels.dtype == np.uint16:
        pixels = np.floor(pixels / 257 + 0.5).astype(np.uint8)
    if pixels.ndim == 2:
        pixels = pixels[..., None]
    colour, alpha = (pixels[..., :-1], pixels[..., -1:]) if pixels.shape[2] in (2, 4) else (pixels, None)
    if colour.shape[2] == 1:
        colour = np.repeat(colour, 3, axis=2)
    if alpha is None:
        alpha = np.full((*colour.shape[:2], 1), 255, np.uint8)
    return np.concatenate([colour, alpha], axis=2)


def read_rgba(path: Path) -> NDArray[np.uint8]:
    """A file as 8-bit RGBA."""
    return rgba(read(path).pixels)


def drag(slider: ZoneSlider, from_value: float, to_value: float, moves: int = 8) -> None:
    """Take the handle at a value with the mouse and pull it to another one, without letting go in between."""
    y = slider.height() // 2
    start, end = (round(slider._x(value)) for value in (from_value, to_value))
    QTest.mousePress(slider, Qt.MouseButton.LeftButton, pos=QPoint(start, y))
    for number in range(1, moves + 1):
        QTest.mouseMove(slider, QPoint(start + (end - start) * number // moves, y))
        QApplication.processEvents()
    QTest.mouseRelease(slider, Qt.MouseButton.LeftButton, pos=QPoint(end, y))


def type_text(widget: QWidget, text: str) -> None:
    """Type any letters; `QTest.keyClicks` knows only those of ASCII."""
    for letter in text:
        QApplication.sendEvent(widget, QKeyEvent(QEvent.Type.KeyPress, 0, Qt.KeyboardModifier.NoModifier, letter))


def type_number(box: QAbstractSpinBox | QLineEdit, text: str) -> None:
    """Replace the number in a box and press Enter."""
    box.setFocus()
    box.selectAll()
    type_text(box, text)
    QTest.keyClick(box, Qt.Key.Key_Return)


def drag_in(target: QWidget, mime: QMimeData) -> bool:
    """Drag something over a widget; whether it would take it, as the pointer says."""
    action, button, key = Qt.DropAction.CopyAction, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    place = target.rect().center()
    for kind in (QDragEnterEvent, QDragMoveEvent):  # as Qt does: whoever lets it enter is asked at every move
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)  # what replaces this call in Qt 6.12 is not in 6.8
            event = kind(place, action, mime, button, key)
        event.setAccepted(False)
        QApplication.sendEvent(target, event)
        if not event.isAccepted():
            return False
    return True


def drag_out(target: QWidget) -> None:
    """Drag it out again."""
    QApplication.sendEvent(target, QDragLeaveEvent())


def drop(window: Window, *paths: Path, on: QWidget | None = None) -> bool:
    """Drop files on the window, or on a part of it; whether they were taken."""
    target: QWidget = on or window
    while not target.acceptDrops():  # Qt asks whoever takes drops, from the inside to the outside
        target = target.parentWidget()
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(str(path)) for path in paths])
    mime.setText("\n".join(url.toString() for url in mime.urls()))  # file managers offer the names as text as well
    if not drag_in(target, mime):
        return False
    action, button, key = Qt.DropAction.CopyAction, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    event = QDropEvent(QPointF(target.rect().center()), action, mime, button, key)
    QApplication.sendEvent(target, event)
    return event.isAccepted()
