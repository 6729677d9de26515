"""What is dropped is taken rightly, or refused in words while it still hovers."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from driving import drag_in, drag_out, drop, find, settle
from PySide6.QtCore import QMimeData, QUrl
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QFileDialog, QLabel
from windows import write_photos

from augstudio import presets
from augstudio.gui.parts.paths import from_dialog, from_url
from augstudio.gui.shell.dropping import Dropped, answer
from augstudio.gui.shell.window import Window
from augstudio.pipeline import Pipeline


@pytest.fixture
def things(tmp_path: Path) -> Path:
    root = tmp_path / "things"
    write_photos(root / "photos")
    write_photos(root / "others")
    for name in ("notes.txt", "photos.zip", "photos.tar.gz", "noext"):
        (root / name).write_bytes(b"x")
    presets.save(Pipeline(name="Mine"), root / "mine.json")
    return root


@pytest.mark.parametrize(
    ("names", "opens", "words"),
    [
        (["photos"], "photos", "Open the folder photos"),
        (["photos/top.png"], "photos/top.png", "Show top.png"),
        (["photos/book/b1.png", "photos/book/b2.jpg"], "photos/book/b1.png", "the folder of these 2 pictures"),
        (["mine.json"], "mine.json", "Load the preset mine.json"),
        (["photos", "others"], None, "two folders"),
        (["photos", "others/top.png", "mine.json"], None, "3 things"),
        (["photos/top.png", "others/top.png"], None, "lie in 2 folders"),
        (["photos.zip"], None, "unpack it"),
        (["photos.tar.gz"], None, "unpack it"),
        (["notes.txt"], None, "neither a picture, nor a preset, nor a folder"),
        (["noext"], None, "neither"),
        (["photos/top.png", "notes.txt"], None, "notes.txt is neither"),
        (["mine.json", "photos/top.png"], None, "alone"),
        (["gone.txt"], None, "no gone.txt any more"),
    ],
)
def test_what_would_be_done(things: Path, names: list[str], opens: str | None, words: str) -> None:
    told = answer(Dropped(tuple(things / name for name in names)))
    assert told.path == (things / opens if opens else None)
    assert words in told.words


def test_what_is_no_file(things: Path) -> None:
    for dropped in (Dropped(elsewhere=("https://example.org/cat.jpg",)), Dropped(pixels=True)):
        told = answer(dropped)
        assert told.path is None
        assert "save the picture into a folder" in told.words
    assert answer(Dropped()).path is None


def mime_of(*urls: QUrl) -> QMimeData:
    mime = QMimeData()
    mime.setUrls(list(urls))
    return mime


def test_it_is_said_while_it_hovers(loaded: Window, things: Path) -> None:
    hint = find(loaded, QLabel, "drop.hint")
    assert not hint.isVisible()
    image = QMimeData()
    image.setImageData(QImage(4, 4, QImage.Format.Format_RGB32))
    image.setText("https://example.org/cat.jpg")
    refused = [
        mime_of(QUrl("https://example.org/cat.jpg")),
        image,
        mime_of(QUrl.fromLocalFile(str(things / "photos.zip"))),
        mime_of(*(QUrl.fromLocalFile(str(things / name)) for name in ("photos", "others"))),
    ]
    for mime in refused:
        assert not drag_in(loaded, mime)
        assert hint.isVisible()
        assert hint.property("drop") == "refused"
        assert hint.text()
        drag_out(loaded)
        assert not hint.isVisible()
    assert drag_in(loaded, mime_of(QUrl.fromLocalFile(str(things / "photos"))))
    assert hint.property("drop") == "taken"
    assert hint.text() == "Open the folder photos"
    place = hint.geometry()
    assert place.contains(loaded.compare.mapTo(loaded, loaded.compare.rect().center())), "it lies over the panels"
    assert place.contains(loaded.pipeline.mapTo(loaded, loaded.pipeline.rect().center()))
    assert loaded._split.count() == 3
    drag_out(loaded)
    assert not hint.isVisible()
    before = loaded.studio.state
    assert not drop(loaded, things / "notes.txt")
    assert loaded.studio.state == before
    drag_out(loaded)


def test_what_is_taken_is_opened_and_the_hint_goes(loaded: Window, things: Path) -> None:
    assert drop(loaded, things / "others" / "book" / "b3.png", things / "others" / "book" / "b1.png")
    settle(loaded)
    assert not find(loaded, QLabel, "drop.hint").isVisible()
    assert loaded.studio.state.dataset is not None
    assert loaded.studio.state.dataset.root == things / "others" / "book"
    assert loaded.studio.state.picture == "b3.png"


@pytest.fixture
def strange(tmp_path: Path) -> Path:
    folder = Path(os.fsdecode(os.fsencode(tmp_path) + b"/phot\xffs/in\xfeside"))
    try:
        folder.mkdir(parents=True)
    except OSError:
        pytest.skip("this file system takes only names that are text")
    return write_photos(folder)


def test_names_that_are_no_text(window: Window, strange: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Dropped, and chosen in a dialog, which hands over what it can show."""
    encoded = "file://" + "".join(chr(b) if b < 128 else f"%{b:02X}" for b in os.fsencode(strange))
    url = QUrl.fromEncoded(encoded.encode())
    assert from_url(url) == strange
    shown = os.fsencode(strange).decode("utf-8", "replace")
    assert from_dialog(shown) == strange
    assert from_dialog(str(strange.parent.parent)) == strange.parent.parent
    missing = shown + "/mis\ufffdsing"
    assert str(from_dialog(missing)).endswith("mis\ufffdsing")
    assert drag_in(window, mime_of(url))
    assert r"in\xfeside" in find(window, QLabel, "drop.hint").text()
    drag_out(window)
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *_: shown)
    window.ask_folder()
    settle(window)
    assert window.studio.state.dataset is not None
    assert window.studio.state.dataset.root == strange
