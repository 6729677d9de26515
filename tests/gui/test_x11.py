"""The real program on a real X server."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from driving import write
from PIL import Image

PATIENCE = 60.0
WIDTH, HEIGHT = 1500, 960

LOOK = """
import sys, time
from PySide6.QtGui import QGuiApplication

app = QGuiApplication(sys.argv)
assert app.platformName() == "xcb", app.platformName()
app.primaryScreen().grabWindow(0).save(sys.argv[1])
"""
"""A program of its own that takes a picture of the whole screen, whoever drew on it."""

TRAP = """
import os
import cv2

print(os.environ.get("QT_QPA_PLATFORM_PLUGIN_PATH", ""))
"""


@pytest.fixture
def environment(tmp_path: Path) -> Iterator[dict[str, str]]:
    """An environment with a display of its own, and no say in which platform Qt takes."""
    server = shutil.which("Xvfb")
    if server is None:
        pytest.skip("Xvfb is not installed")
    read_end, write_end = os.pipe()
    process = subprocess.Popen(
        [server, "-displayfd", str(write_end), "-screen", "0", f"{WIDTH}x{HEIGHT}x24", "-nolisten", "tcp"],
        pass_fds=[write_end],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    os.close(write_end)
    try:
        with os.fdopen(read_end) as told:
            number = told.readline().strip()
        assert number, "Xvfb did not start"
        variables = {key: text for key, text in os.environ.items() if not key.startswith("QT_")}
        variables.pop("WAYLAND_DISPLAY", None)
        yield {**variables, "DISPLAY": f":{number}", "AUGSTUDIO_HOME": str(tmp_path / "home")}
    finally:
        process.terminate()
        process.wait(20)


def screen(environment: dict[str, str], file: Path) -> np.ndarray:
    """The pixels of the whole screen."""
    subprocess.run([sys.executable, "-c", LOOK, str(file)], env=environment, check=True, timeout=PATIENCE)
    return np.asarray(Image.open(file).convert("RGB"))


@pytest.mark.slow
def test_the_window_opens_on_a_real_display(environment: dict[str, str], tmp_path: Path) -> None:
    for number in range(4):
        write(tmp_path / "photos" / "class" / f"{number}.png", 300, 400, seed=number)
    told = subprocess.run([sys.executable, "-c", TRAP], env=environment, capture_output=True, text=True, check=True)
    if not told.stdout.strip():  # this opencv-python sets no trap: set it as others do
        environment = {**environment, "QT_QPA_PLATFORM_PLUGIN_PATH": str(_folder_of_opencv() / "qt" / "plugins")}
    before = screen(environment | {"QT_QPA_PLATFORM_PLUGIN_PATH": ""}, tmp_path / "before.png")
    program = subprocess.Popen(
        [sys.executable, "-m", "augstudio", "open", str(tmp_path / "photos")],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    try:
        deadline, drawn = time.monotonic() + PATIENCE, 0.0
        while drawn < 0.7 and time.monotonic() < deadline:
            assert program.poll() is None, program.stdout and program.stdout.read()
            now = screen(environment | {"QT_QPA_PLATFORM_PLUGIN_PATH": ""}, tmp_path / "now.png")
            # The window, with the pictures in it: not the bare screen, and not one colour.
            drawn = (
                float((now != before).any(axis=2).mean()) if len(np.unique(now.reshape(-1, 3), axis=0)) > 2000 else 0.0
            )
        assert drawn >= 0.7, f"only {drawn:.0%} of the screen are drawn on"
        assert program.poll() is None
    finally:
        program.terminate()
        words, _ = program.communicate(timeout=20)
    assert "Could not" not in words, words
    assert "Traceback" not in words, words


def _folder_of_opencv() -> Path:
    import cv2

    return Path(cv2.__file__).parent
