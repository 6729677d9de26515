"""Windows that always end their threads, and pictures to open in them."""

from __future__ import annotations

import gc
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import shiboken6
from driving import activate, settle, write
from PySide6.QtCore import QCoreApplication, QEvent, QTimer
from PySide6.QtWidgets import QApplication, QWidget

from augstudio import files
from augstudio.gui.intent.session import Session
from augstudio.gui.intent.views import Shown
from augstudio.gui.parts import style
from augstudio.gui.shell.application import make_application, run_studio
from augstudio.gui.shell.window import Window
from augstudio.pipeline import Pipeline

OpenWindow = Callable[..., Window]


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
        for pause in (window.previews._pause, window.sheet.tiles.pause, window.advice.pause):
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


def run_program(preset: str | None, look: Callable[[Window], None]) -> int:
    """Run the program as the command line does; have a look at its window, close it, and return the exit code.

    What goes wrong meanwhile ends the program too, and is raised here: out of the event loop nobody would hear of it.
    """
    before = set(QApplication.topLevelWidgets())
    wrong: list[BaseException] = []

    def come() -> None:
        shown = [widget for widget in QApplication.topLevelWidgets() if widget not in before]
        (window,) = [widget for widget in shown if isinstance(widget, Window) and widget.isVisible()] or [None]
        try:
            assert window is not None, "no window is shown"
            left = [widget.objectName() for widget in before if shiboken6.isValid(widget) and widget.isVisible()]
            assert not left, f"the program would not end with its window: {left}"
            settle(window)
            look(window)
            assert window.close()
        except BaseException as error:
            wrong.append(error)
            QApplication.exit(1)
        finally:
            if window is not None:
                window.stop()
                window.hide()
                window.deleteLater()

    QTimer.singleShot(0, come)
    code = run_studio(None, preset)
    if wrong:
        raise wrong[0]
    return code


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


def write_photos(root: Path) -> Path:
    """Seven small pictures: two classes, one of them with a class inside, and one picture in no class."""
    for seed, name in enumerate(
        ("book/b1.png", "book/b2.jpg", "book/b3.png", "sign/s1.png", "sign/s2.jpg", "sign/small/s3.png", "top.png")
    ):
        write(root / name, 60 + seed, 90, seed=seed)
    return root
