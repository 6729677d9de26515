"""Starting Qt: its own plugins are found, its messages pass, and it works with this Python."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import cv2
import pytest
from PySide6 import __version__ as pyside
from PySide6.QtCore import QMessageLogContext, QObject, QtMsgType
from PySide6.QtWidgets import QApplication

from augstudio.gui.shell import application


def test_there_is_one_application(qapp: QApplication) -> None:
    assert application.make_application() is qapp
    assert QApplication.applicationName() == "augstudio"


def test_opencv_does_not_hide_the_plugins(monkeypatch: pytest.MonkeyPatch) -> None:
    theirs = Path(cv2.__file__).parent / "qt"
    monkeypatch.setenv("QT_QPA_PLATFORM_PLUGIN_PATH", str(theirs / "plugins"))
    monkeypatch.setenv("QT_QPA_FONTDIR", "/somebody/elses/fonts")
    application.keep_qt_plugins()
    environment = application.os.environ
    assert "QT_QPA_PLATFORM_PLUGIN_PATH" not in environment
    assert environment["QT_QPA_FONTDIR"] == "/somebody/elses/fonts", "what the user has set stays"


def test_messages_of_qt_pass(capsys: pytest.CaptureFixture[str]) -> None:
    context = QMessageLogContext()
    application._tell(QtMsgType.QtWarningMsg, context, "something is wrong")
    application._tell(QtMsgType.QtWarningMsg, context, "This plugin does not support propagateSizeHints()")
    application._tell(QtMsgType.QtDebugMsg, context, "chatter")
    assert capsys.readouterr().err == "something is wrong\n"


NUMBERS = """
import json, sys
from driving import find, settle, type_number
from augstudio.gui.parts.number_field import NumberField
from augstudio.gui.shell.application import make_application
from augstudio.gui.shell.window import Window

make_application()
window = Window()
window.show()
settle(window)
box, found = find(window, NumberField, "rotate.angle.high"), []
for text in ("22.5", "22,5", "1.5", "1,5"):
    type_number(box, text)
    found.append([window.studio.state.pipeline.step("rotate").angle.high, box.text()])
seed = find(window, NumberField, "seed")
type_number(seed, "1234567")
found.append([window.studio.state.seed, seed.text()])
window.stop()
print(json.dumps(found))
"""


@pytest.mark.slow
@pytest.mark.parametrize("locale", ["en_US.UTF-8", "de_DE.UTF-8", "ar_EG.UTF-8"])
def test_numbers_are_typed_alike_in_every_country(locale: str) -> None:
    """A comma is as good as a point, and "1.5" is never taken for 15; what is shown matches the rest of the window."""
    here = Path(__file__).resolve().parent
    environment = {**os.environ, "LC_ALL": locale, "LANG": locale}
    environment["PYTHONPATH"] = os.pathsep.join([str(here), str(here.parent), *filter(None, sys.path)])
    done = subprocess.run(
        [sys.executable, "-c", NUMBERS], env=environment, capture_output=True, text=True, timeout=60, check=True
    )
    assert json.loads(done.stdout) == [
        [22.5, "22.5°"],
        [22.5, "22.5°"],
        [1.5, "1.5°"],
        [1.5, "1.5°"],
        [1_234_567, "1234567"],
    ]


@pytest.mark.skipif(sys.version_info >= (3, 12), reason="from Python 3.12 on, None is never freed")
def test_none_is_not_used_up(qapp: QApplication) -> None:
    """PySide6 6.12.0 takes a reference of None with every call: Python 3.11 aborts after some 25,000 of them."""
    thing = QObject()
    before = sys.getrefcount(None)
    for _ in range(500):
        thing.setObjectName("x")
    assert sys.getrefcount(None) > before - 250, f"PySide6 {pyside} cannot be used with Python {sys.version.split()[0]}"
