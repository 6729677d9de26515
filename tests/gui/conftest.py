"""The one application, and windows that always end their threads."""

from __future__ import annotations

import gc
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from driving import activate, settle, write
from PySide6.QtCore import QCoreApplication, QEvent, qInstallMessageHandler
from PySide6.QtWidgets import QApplication, QWidget

from augstudio import files
from augstudio.gui import style
from augstudio.gui.application import make_application
from augstudio.gui.session import Session
from augstudio.gui.state import Shown
from augstudio.gui.window import Window
from augstudio.pipeline import Pipeline

OpenWindow = Callable[..., Window]
_HERE = Path(__file__).parent


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Let pass what the off-screen platform says about windows and pop-ups; any other warning of Qt fails a test."""
    for item in items:
        if item.path.is_relative_to(_HERE):
            item.add_marker(pytest.mark.qt_log_ignore("^This plugin does not support "))


@pytest.fixture(scope="session")
def qapp() -> QApplication:
    """The program's own application; Qt's messages still go to pytest-qt, which fails a test for a warning."""
    handler = qInstallMessageHandler(None)
    app = make_application()
    qInstallMessageHandler(handler)
    return app


def threads() -> set[threading.Thread]:
    """The program's threads that are alive."""
    return {thread for thread in threading.enumerate() if thread.name.startswith("augstudio")}


def _top_levels() -> set[QWidget]:
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    return set(QApplication.topLevelWidgets())


@contextmanager
def nothing_left() -> Iterator[None]:
    """Hold that neither a thread nor a top-level widget is left of what is done in here."""
    before, threads_before = _top_levels(), threads()
    yield
    QApplication.processEvents()
    left = _top_levels() - before
    if left:
        gc.collect()
        left = _top_levels() - before
    assert threads() <= threads_before, "threads are still alive"
    assert not left, f"left: {[widget.objectName() or type(widget).__name__ for widget in left]}"


@contextmanager
def windows() -> Iterator[OpenWindow]:
    """Open windows, of any session; afterwards end them."""
    opened: list[Window] = []

    def open_one(session: Session | None = None, width: int = 1440, height: int = 900) -> Window:
        window = Window(session)
        opened.append(window)
        for pause in (window.previews._pause, window._advice_pause):
            pause.setInterval(1)  # nobody drags a slider here
        window.resize(width, height)
        window.show()
        settle(window)
        return window

    with nothing_left():
        yield open_one
        for window in opened:
            window.stop()
            window.hide()
            window.deleteLater()
        opened.clear()
    if style.theme() is not style.LIGHT:
        style.fix(None)
        style.apply(make_application())


@pytest.fixture
def open_window(qtbot: object, home: Path) -> Iterator[OpenWindow]:
    """Open windows of a test's own."""
    with windows() as open_one:
        yield open_one


@pytest.fixture(scope="module")
def shared_window(qapp: QApplication, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Window]:
    """One window for all tests of a module, which `start_afresh` for each of them: making one takes its time."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AUGSTUDIO_HOME", str(tmp_path_factory.mktemp("shared home")))
        with windows() as open_one:
            yield open_one()


def start_afresh(window: Window, pipeline: Pipeline | None = None) -> None:
    """Bring a window back to where it began, with nothing to undo; the folder stays open.

    Without a pipeline it has the one of the first start.
    """
    activate(window)
    window.messages.clear()
    studio = window.studio
    studio.new_pipeline()
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)  # no card is left that something was done to
    if pipeline is None:
        studio.load_preset(files.presets() / "gentle.json")
    else:
        studio.apply_pipeline("test", pipeline)
    studio.set_seed(0)
    studio.set_originals(False)
    studio.show_version(Shown())
    studio.end_gesture()
    studio.undo_stack.clear()
    settle(window)


@pytest.fixture
def window(open_window: OpenWindow) -> Window:
    """A window as at the first start, with nothing open."""
    return open_window()


def write_photos(root: Path) -> Path:
    """Seven small pictures: two classes, one of them with a class inside, and one picture in no class."""
    for seed, name in enumerate(
        ("book/b1.png", "book/b2.jpg", "book/b3.png", "sign/s1.png", "sign/s2.jpg", "sign/small/s3.png", "top.png")
    ):
        write(root / name, 60 + seed, 90, seed=seed)
    return root


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    """A folder of pictures."""
    return write_photos(tmp_path / "photos")


@pytest.fixture
def loaded(window: Window, photos: Path) -> Window:
    """A window with the pictures open."""
    window.open_folder(photos)
    settle(window)
    return window
