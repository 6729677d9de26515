"""The real program on a real X server."""

from __future__ import annotations

import json
import os
import queue
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from driving import write
from PIL import Image

from augstudio.pipeline import Pipeline
from augstudio.transforms import registry

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

STUDIO = """
import json, sys
from pathlib import Path
from PySide6.QtCore import QPoint, QTimer
from PySide6.QtWidgets import QToolButton
from augstudio.gui.cards.zone_slider import ZoneSlider
from augstudio.gui.shell.application import make_application
from augstudio.gui.shell.window import Window

app = make_application()
window = Window()
window.setGeometry(0, 0, 1440, 900)
window.show()
window.studio.new_pipeline()
window.studio.add_step("gaussian_noise")
window.studio.set_seed(int(sys.argv[2]))
window.studio.undo_stack.clear()
window.open_folder(Path(sys.argv[1]))
quiet, told = 0, None

def place(widget, x, y):
    return widget.mapToGlobal(QPoint(round(x), round(y))).toTuple()

def tiles():
    canvas = window.sheet.canvas
    if not canvas.isVisible():
        return []
    count = sum(len(section.sources) for section in canvas.arrangement.sections)
    return [place(canvas.viewport(), *canvas._place(number).center().toTuple()) for number in range(count)]

def look():
    global quiet, told
    quiet = 0 if window.busy or window.studio.state.source is None else quiet + 1
    if quiet < 5:
        return
    step, view = window.studio.state.pipeline.step("gaussian_noise"), window.compare.augmented
    slider = window.findChild(ZoneSlider, "gaussian_noise.sigma")
    picture, y = view.picture_rect().toRect(), slider.height() / 2
    now = {
        "showing": view.caption,
        "drawn": window.stage.drawn.text(),
        "high": step.sigma.high,
        "undo": window.studio.undo_stack.index(),
        "handle": place(slider, slider._x(step.sigma.high), y),
        "aim": place(slider, slider._x(0.19), y),
        "away": place(window.pictures.list, 5, window.pictures.list.height() - 5),
        "picture": (*place(view, picture.x(), picture.y()), picture.width(), picture.height()),
        "kind": window.studio.state.kind.value,
        "key": window.studio.state.picture,
        "excluded": sorted(window.studio.state.excluded),
        "tiles": tiles(),
        "switch": place(window.stage.bar.findChild(QToolButton, "view.steps"), 20, 8),
        "steps": [place(window.stage.steps, *window.stage.steps.visualItemRect(item).center().toTuple())
                  for item in map(window.stage.steps.item, range(window.stage.steps.count()))],
        "heading": window.compare._right.title.text(),
    }
    if now != told:
        told = now
        print(json.dumps(now), flush=True)

timer = QTimer(interval=20)
timer.timeout.connect(look)
timer.start()
app.exec()
"""
"""The window with one transform; whenever it has come to rest and something differs, it says what and where."""


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


class Studio:
    """The window as a program of its own, and what it says."""

    def __init__(self, environment: dict[str, str], folder: Path, seed: int) -> None:
        self._environment = environment
        self._program = subprocess.Popen(
            [sys.executable, "-c", STUDIO, str(folder), str(seed)],
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self._lines: queue.Queue[str] = queue.Queue()
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        assert self._program.stdout is not None
        for line in self._program.stdout:
            self._lines.put(line)

    def until(self, done: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
        """Wait until what it says is so."""
        deadline, said = time.monotonic() + PATIENCE, []
        while time.monotonic() < deadline:
            try:
                line = self._lines.get(timeout=0.5)
            except queue.Empty:
                assert self._program.poll() is None, said
                continue
            said.append(line)
            if line.startswith("{") and done(now := json.loads(line)):
                return dict(now)
        raise AssertionError(f"it never came to this; last said: {said[-3:]}")

    def hand(self, *what: object) -> None:
        """Move the mouse, press and let go of its button, strike keys: as the X server tells it to any program."""
        subprocess.run(
            ["xdotool", *map(str, what)], env=self._environment, check=True, timeout=PATIENCE, capture_output=True
        )

    def end(self) -> None:
        """End it."""
        self._program.terminate()
        self._program.wait(20)
        self._reader.join(20)
        assert self._program.stdout is not None
        self._program.stdout.close()


@pytest.fixture
def studio(environment: dict[str, str], tmp_path: Path) -> Iterator[Studio]:
    """A window on one picture, whose first copy draws next to no noise."""
    if shutil.which("xdotool") is None:
        pytest.skip("xdotool is not installed")
    photo = write(tmp_path / "photos" / "class" / "0.png", 300, 400)
    for number in (1, 2):
        write(tmp_path / "photos" / "class" / f"{number}.png", 300, 400, seed=number)
    key = photo.relative_to(tmp_path / "photos").as_posix()
    pipeline = Pipeline().adding(registry()["gaussian_noise"].default())
    seed = next(seed for seed in range(1000) if pipeline.draw(seed, key, 1)[0].number("sigma") < 0.002)
    made = Studio(environment, tmp_path / "photos", seed)
    yield made
    made.end()


def roughness(environment: dict[str, str], file: Path, where: Sequence[int]) -> float:
    """How much neighbours differ in a part of the screen, away from its edges and what may stand over its top."""
    x, y, width, height = where
    part = screen(environment, file)[y + height // 3 : y + height - 8, x + 8 : x + width - 8].astype(float)
    return float(np.abs(np.diff(part, axis=1)).mean())


@pytest.mark.slow
def test_the_gesture_by_a_real_hand(studio: Studio, environment: dict[str, str], tmp_path: Path) -> None:
    """Press a handle, move, let go, leave, Escape, undo: the screen shows the held value, and then the copy."""
    file = tmp_path / "screen.png"
    rest = studio.until(lambda now: now["picture"][2] > 100)
    high, smooth = rest["high"], roughness(environment, file, rest["picture"])
    assert rest["showing"] == ""
    studio.hand("mousemove", "--sync", *rest["handle"], "mousedown", 1)
    pressed = studio.until(lambda now: bool(now["showing"]))
    assert pressed["showing"].endswith(f" {high:g}"), "pressed without a move"
    assert roughness(environment, file, rest["picture"]) > 1.5 * smooth
    x, y = rest["aim"]
    studio.hand("mousemove", "--sync", x - 5, y, "mousemove", "--sync", x, y)
    moved = studio.until(lambda now: abs(now["high"] - 0.19) < 0.005)
    assert moved["showing"].endswith(f" {moved['high']:g}")
    held = roughness(environment, file, rest["picture"])
    assert held > 4 * smooth, "the value under the hand is what is seen"
    studio.hand("mouseup", 1, "mousemove", "--sync", *rest["away"])
    assert roughness(environment, file, rest["picture"]) == pytest.approx(held, rel=0.05), "the focus is still there"
    studio.hand("key", "Escape")
    after = studio.until(lambda now: now["showing"] == "")
    assert after["drawn"].startswith("Copy 1 drew ")
    assert f"of 0 … {moved['high']:g} " in after["drawn"]
    assert after["undo"] == 1, "one gesture, one undo"
    assert roughness(environment, file, rest["picture"]) < held / 2, "the copy as it is exported"
    studio.hand("key", "ctrl+z")
    undone = studio.until(lambda now: now["undo"] == 0)
    assert undone["high"] == high
    assert undone["showing"] == ""
    assert roughness(environment, file, rest["picture"]) == pytest.approx(smooth, rel=0.05)


def _folder_of_opencv() -> Path:
    import cv2

    return Path(cv2.__file__).parent


@pytest.mark.slow
def test_the_views_by_a_real_hand(studio: Studio) -> None:
    """By keys and by mouse: the sheet, a tile looked at large, one excluded, the steps, and a key that is held."""
    rest = studio.until(lambda now: now["picture"][2] > 100)
    assert rest["kind"] == "picture"
    studio.hand("mousemove", "--sync", *rest["away"], "click", 1, "key", "alt+2")
    sheet = studio.until(lambda now: now["kind"] == "sheet" and len(now["tiles"]) == 3)
    studio.hand("mousemove", "--sync", *sheet["tiles"][1], "click", 1)
    large = studio.until(lambda now: now["kind"] == "picture")
    assert large["key"] == "class/1.png"
    studio.hand("key", "alt+2")
    studio.until(lambda now: now["kind"] == "sheet")
    studio.hand("key", "Right", "key", "x")
    assert studio.until(lambda now: bool(now["excluded"]))["excluded"] == ["class/2.png"]
    studio.hand("mousemove", "--sync", *rest["switch"], "click", 1)
    steps = studio.until(lambda now: now["kind"] == "steps" and len(now["steps"]) == 2)
    studio.hand("mousemove", "--sync", *steps["steps"][0], "click", 1)
    studio.until(lambda now: now["heading"] == "Copy 1 before its steps")
    studio.hand("key", "alt+1", "keydown", "o")
    studio.until(lambda now: now["kind"] == "picture" and now["showing"] == "Original")
    studio.hand("keyup", "o")
    studio.until(lambda now: now["showing"] == "")
