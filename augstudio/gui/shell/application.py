"""Starting the window."""

from __future__ import annotations

import gc
import os
import sys
from pathlib import Path

import cv2
from PySide6.QtCore import QCoreApplication, QLocale, QMessageLogContext, QtMsgType, qInstallMessageHandler
from PySide6.QtWidgets import QApplication

from augstudio import __version__
from augstudio.gui.intent import session as sessions
from augstudio.gui.parts import style
from augstudio.gui.shell.journal import left_behind
from augstudio.gui.shell.theme_menu import put_on
from augstudio.gui.shell.window import Window
from augstudio.pool.memory import keep_memory


def make_application() -> QApplication:
    """Make the one `QApplication`, with looks that follow the system's light or dark; or return the one there is."""
    existing = QApplication.instance()
    if isinstance(existing, QApplication):
        return existing
    keep_qt_plugins()
    leave_room_for_window()
    qInstallMessageHandler(_tell)
    # Numbers are shown with a point and without groups, as in presets and messages; a typed comma counts as a point.
    plain = QLocale.c()
    plain.setNumberOptions(QLocale.NumberOption.OmitGroupSeparator | QLocale.NumberOption.RejectGroupSeparator)
    QLocale.setDefault(plain)
    app = QApplication(sys.argv[:1])
    QCoreApplication.setApplicationName("augstudio")
    QCoreApplication.setApplicationVersion(__version__)
    app.setDesktopFileName("augstudio")
    app.setStyle("Fusion")
    app.setWindowIcon(style.app_icon())
    style.apply(app)
    return app


def _tell(kind: QtMsgType, _context: QMessageLogContext, message: str) -> None:
    """Pass Qt's messages on, but for one that the off-screen platform gives for every window."""
    if "propagateSizeHints" not in message and kind is not QtMsgType.QtDebugMsg:
        sys.stderr.write(f"{message}\n")


def keep_qt_plugins() -> None:
    """Let Qt find its own plugins.

    On Linux, importing opencv-python points these variables to plugins of another Qt, which Qt would then look for
    first. This is the one place where that is undone; it holds since cv2 has been imported above.
    """
    of_opencv = str(Path(cv2.__file__).parent)
    for variable in ("QT_QPA_PLATFORM_PLUGIN_PATH", "QT_QPA_FONTDIR"):
        if os.environ.get(variable, "").startswith(of_opencv):
            del os.environ[variable]


def leave_room_for_window() -> None:
    """Keep what computes from holding the window up.

    Threads give way ten times as often as by default. And the hundred thousand objects that importing has made, which
    stay anyhow, are not searched for garbage time and again: that stops every thread for some 50 ms. And the memory of
    one preview is that of the next; that of a large picture that was read in full is given back. And OpenCV leaves one
    core to the window: on two cores, both of its threads and the window's would wait for each other.
    """
    keep_memory(2**25, 2**27)
    cv2.setNumThreads(max(1, cv2.getNumberOfCPUs() - 1))
    sys.setswitchinterval(0.0005)
    gc.freeze()


def run_studio(folder: Path | None, preset: str | None = None) -> int:
    """Open the window and stay until it is closed.

    Parameters
    ----------
    folder : Path or None
        A folder of pictures, a picture, or None for the last session's folder.
    preset : str or None
        Name or file of a preset to begin with.

    Returns
    -------
    int
        The exit code.
    """
    app = make_application()
    left = left_behind()
    session = left[0].session if left else sessions.load()
    if session.theme:
        put_on(session.theme)
    window = Window(session, guide=True)
    follow_system(app, window)
    window.show()
    if left:
        window.take_up(left)
    if preset is not None:
        window.load_preset_named(preset)
    if folder is not None:
        window.open_path(folder.absolute())
    elif session.folder:
        window.open_folder(Path(session.folder), session.picture)
    return app.exec()


def follow_system(app: QApplication, window: Window) -> None:
    """Change colours when the system does."""

    def changed() -> None:
        style.apply(app)
        window.refresh_icons()

    app.styleHints().colorSchemeChanged.connect(changed)
