"""The one application, and windows to test in."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from dialogs import Open, ready
from driving import settle
from PySide6.QtCore import qInstallMessageHandler
from PySide6.QtWidgets import QApplication
from windows import OpenWindow, windows, write_photos

from augstudio.gui.exporting.export_dialog import ExportDialog
from augstudio.gui.shell.application import make_application
from augstudio.gui.shell.window import Window

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


@pytest.fixture
def window(open_window: OpenWindow) -> Window:
    """A window as at the first start, with nothing open."""
    return open_window()


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


@pytest.fixture
def dialog(open_dialog: Open) -> ExportDialog:
    """An export dialog that has said what it foresees; each module says on what it opens."""
    dialog = open_dialog()
    ready(dialog)
    return dialog
