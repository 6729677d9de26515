"""What is shown of a picture that was just chosen, and what waits for it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from driving import settle, until, write
from PySide6.QtWidgets import QApplication

from augstudio import images
from augstudio.dataset import facts, scan
from augstudio.gui.browser import pictures
from augstudio.gui.browser.pictures import THUMBNAIL
from augstudio.gui.intent.views import Shown, View
from augstudio.gui.shell.window import Window
from augstudio.gui.stage import rendering
from augstudio.gui.stage.rendering import Detail, PictureCache, Wanted, render
from augstudio.pipeline import Pipeline


class Gate:
    """Holds the large pictures up, until it is opened."""

    def __init__(self, window: Window, patch: pytest.MonkeyPatch) -> None:
        self.begun: list[Wanted] = []
        self._open = threading.Event()
        worker = window.previews.large
        work: Callable[[Any], Any] = worker._run

        def held(wanted: Wanted) -> Any:
            self.begun.append(wanted)
            assert self._open.wait(20)
            return work(wanted)

        patch.setattr(worker, "_run", held)

    def open(self) -> None:
        self._open.set()


@pytest.fixture
def gate(loaded: Window, monkeypatch: pytest.MonkeyPatch) -> Iterator[Gate]:
    gate = Gate(loaded, monkeypatch)
    yield gate
    gate.open()


def test_a_slow_picture_is_shown_by_its_thumbnail_until_it_is_there(loaded: Window, gate: Gate) -> None:
    compare, source = loaded.compare, loaded.pictures.model.source(1)
    thumbnail = loaded.pictures.model.thumbnail(source)
    assert thumbnail is not None
    loaded.studio.show_picture(source.key)
    until(lambda: compare.augmented.image() is None, "the old picture goes")
    image = compare.original.image()
    assert image is not None
    assert image.width() == THUMBNAIL == thumbnail.pixmap.width()
    assert compare.original.picture_size == (90, 60), "that of the real one"
    assert compare.augmented.accessibleDescription() == "", "one of the two says it"
    assert compare._exact.text() == compare._zoom.text() == "", "no word on how exact it is"
    place = compare.original.picture_rect()
    gate.open()
    settle(loaded)
    image = compare.original.image()
    assert image is not None
    assert image.width() == 90
    assert compare.original.picture_rect() == place, "it does not jump"
    assert compare.augmented.image() is not None
    assert compare._zoom.text()


def test_a_slow_picture_without_a_thumbnail_is_said_to_be_read(loaded: Window, gate: Gate) -> None:
    loaded.pictures.model.forget()
    loaded.pictures.model.worker.stop()
    loaded.studio.show_picture(loaded.pictures.model.source(1).key)
    until(lambda: loaded.compare.original.image() is None, "the old picture goes")
    assert "Reading" in loaded.compare.original.accessibleDescription()
    gate.open()
    until(lambda: loaded.compare.augmented.image() is not None, "the picture comes")


def test_a_fast_picture_is_shown_once(loaded: Window) -> None:
    seen = []
    loaded.previews.slow.connect(seen.append)
    loaded.previews._moment.setInterval(20_000)
    loaded.studio.show_picture(loaded.pictures.model.source(1).key)
    settle(loaded)
    assert not loaded.previews._moment.isActive()
    assert not seen


def test_the_original_is_not_lost_to_what_is_asked_next(loaded: Window, gate: Gate) -> None:
    """Asking anew replaces what waits; the new picture's original may be among it."""
    old, new = loaded.pictures.model.source(0), loaded.pictures.model.source(1)
    loaded.studio.set_seed(11)
    until(lambda: bool(gate.begun), "another one is under way")
    loaded.studio.show_picture(new.key)
    loaded.studio.set_seed(12)
    loaded.studio.show_version(Shown("copy", 3))
    gate.open()
    settle(loaded)
    assert gate.begun[0].view.source == old
    assert [wanted.view.source for wanted in gate.begun[1:3]] == [new, new]
    assert loaded.compare.original.picture_size == (90, 60)
    assert loaded._scene is not None
    assert loaded.previews._latest == loaded._scene.wanted.large


def test_nothing_is_begun_before_the_picture(
    window: Window, photos: Path, monkeypatch: pytest.MonkeyPatch, qapp: QApplication
) -> None:
    """Thumbnails, the strip and what the pictures are like leave the processor to what is looked at."""
    gate = Gate(window, monkeypatch)
    monkeypatch.setattr(window.pictures.model.worker, "_patience", None)
    read: list[Path] = []
    reduced = images.read_reduced

    def spy(source: Any, side: int, **rest: Any) -> Any:
        read.append(source)
        return reduced(source, side, **rest)

    monkeypatch.setattr(images, "read_reduced", spy)
    monkeypatch.setattr(facts, "read_reduced", spy)
    window.open_folder(photos)
    until(lambda: bool(gate.begun), "the large picture is under way")
    until(lambda: not window.pictures.model.worker.idle, "thumbnails are asked for")
    until(lambda: not window.folders.idle, "the pictures are to be measured")
    window.previews._ask_strip()
    for _ in range(50):
        qapp.processEvents()
    assert not read
    assert window.previews._small._busy is False
    gate.open()
    settle(window)
    assert len(read) > 7


def test_a_photo_is_read_as_it_is_decoded_cheaply(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Near enough to the size that was asked for; and the strip is made of what the window holds."""
    write(tmp_path / "photo.jpg", 1512, 2016)
    sides: list[int] = []
    reduced = images.read_reduced

    def spy(source: Path, side: int) -> images.Picture:
        sides.append(side)
        return reduced(source, side)

    monkeypatch.setattr(images, "read_reduced", spy)
    (source,) = scan(tmp_path).sources
    view, cache = View(source, (), Pipeline(), 0, Shown("copy", 1)), PictureCache()
    large = render(Wanted(view, Detail.PREVIEW, augmented=False), cache)
    assert (large.image.width(), large.image.height()) == (1008, 756)
    assert large.size == (2016, 1512)
    assert not large.exact
    tile = render(Wanted(view, Detail.STRIP, augmented=False), cache)
    assert max(tile.image.width(), tile.image.height()) == Detail.STRIP
    assert sides == [1008], "read once"
    other = write(tmp_path / "other.jpg", 900, 1600)
    assert cache.get(other, 1024).pixels.shape[:2] == (576, 1024), "800 would be too few"
    assert cache.get(write(tmp_path / "plain.png", 1512, 2016), 1024).pixels.shape[:2] == (768, 1024)


def test_transparent_colours_do_not_shine_through_when_reduced() -> None:
    pixels = np.zeros((64, 64, 4), np.uint8)
    pixels[:, ::2] = 200, 100, 50, 255
    pixels[:, 1::2] = 0, 255, 0, 0
    small = rendering.reduce(pixels, 16)
    assert np.abs(small[..., :3].astype(int) - (200, 100, 50)).max() <= 2


def test_thumbnails_take_no_more_than_their_share_of_memory(loaded: Window, monkeypatch: pytest.MonkeyPatch) -> None:
    model = loaded.pictures.model
    each = [thumbnail.bytes for thumbnail in model._thumbnails.values()]
    assert model._bytes == sum(each)
    monkeypatch.setattr(pictures, "_KEPT_BYTES", 3 * max(each))
    sources = [model.source(row) for row in range(model.rowCount())]
    for source in sources:
        model._arrived(source, model._read(source))
    assert model._bytes == sum(thumbnail.bytes for thumbnail in model._thumbnails.values()) <= 3 * max(each)
    assert list(model._thumbnails)[-1] == sources[-1], "the last used ones stay"
    model.forget()
    assert model._bytes == 0
