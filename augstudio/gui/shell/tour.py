"""The tour: drives the real window off screen, from the sample pictures to an exported dataset.

`augstudio demo` runs it, and so does `make run` on a machine without a display. Run as a program, it renders the
README's screenshot: `python -m augstudio.gui.shell.tour --screenshot FILE`.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from augstudio import dataset as datasets
from augstudio import presets
from augstudio.advice import Level
from augstudio.export import Settings, Status, run_export
from augstudio.pipeline import Fit, Output
from augstudio.transforms import Range

if TYPE_CHECKING:
    from PySide6.QtWidgets import QApplication

    from augstudio.gui.shell.window import Window

_TIMEOUT = 120.0


def demo(out: Path, say: Callable[[str], None] = print) -> int:
    """Do headless what a newcomer does: set a strength too high, be warned, take the remedy, save, export.

    Parameters
    ----------
    out : Path
        A folder to write to; it is made if need be.
    say : callable
        Told, line by line, what was written.

    Returns
    -------
    int
        0 if everything went as it should, 1 otherwise.
    """
    # Off screen whatever there is, unless the caller chose a platform: a demo must not pop up on somebody's desktop.
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    with tempfile.TemporaryDirectory() as home:  # the user's own session and presets stay as they are
        os.environ["AUGSTUDIO_HOME"] = home
        return _demo(out, say)


def _demo(out: Path, say: Callable[[str], None]) -> int:
    from augstudio.gui.shell.application import make_application
    from augstudio.gui.shell.window import Window

    out.mkdir(parents=True, exist_ok=True)
    sample = out / "sample"
    with contextlib.suppress(datasets.FolderTakenError):  # somebody's own pictures there are toured as well
        datasets.copy_sample(sample)
    app = make_application()
    window = Window()
    window.resize(1440, 900)
    window.show()
    window.open_folder(sample)

    def shoot(name: str, words: str) -> None:
        _rest(app, window)
        path = out / name
        window.grab().save(str(path))
        say(f"{path}: {words}")

    shoot("1-opened.png", "the sample pictures, opened with the preset “Gentle”")
    # At the size that a model sees: on large pictures, which are reduced first, as much noise does less harm.
    window.studio.edit_pipeline("output", Output(fit=Fit.CROP, width=224, height=224))
    window.studio.add_step("gaussian_noise")
    noise = window.studio.state.pipeline.transforms[-1].id
    window.studio.edit_step(noise, "sigma", Range(0.0, 0.4))
    window.studio.end_gesture()
    window.pipeline.show_step(noise)
    _rest(app, window)
    raised = [caution for caution in window.current_cautions if caution.level is Level.EXCESSIVE]
    shoot("2-excessive.png", f"noise up to 0.4: {raised[0].message if raised else 'no caution was raised'}")
    remedied = [caution for caution in raised if caution.remedy and caution.step == noise]
    for caution in remedied[:1]:
        window.remedy(caution)
    _rest(app, window)
    left = [caution for caution in window.current_cautions if caution.level is Level.EXCESSIVE]
    taken = remedied[0].remedy.label if remedied and remedied[0].remedy else "no remedy was offered"
    shoot("3-remedied.png", f"the caution's own remedy: {taken}")
    preset = out / "demo-preset.json"
    pipeline = window.studio.state.pipeline
    presets.save(pipeline.edited(name="Demo", description="Gentle, with noise within its limit."), preset)
    say(f"{preset}: the pipeline as a preset")
    settings = Settings(out=str(out / "exported"), pipeline=pipeline, copies=2, seed=window.studio.state.seed)
    report = run_export(settings, datasets.scan(sample), replace=True)  # that of an earlier tour
    say(f"{report.out}: {report.files} files of {report.done} pictures, exported ({report.state})")
    window.stop()
    window.deleteLater()
    good = bool(raised) and not left and report.state is Status.COMPLETE and not report.failures
    say("done: everything went as it should" if good else "something went wrong: see above")
    return 0 if good else 1


def _rest(app: QApplication, window: Window) -> None:
    """Let the window work until nothing is left to do."""
    deadline, rested = time.monotonic() + _TIMEOUT, 0
    while rested < 5:
        app.processEvents()
        time.sleep(0.02)
        rested = 0 if window.busy else rested + 1
        if time.monotonic() > deadline:
            raise TimeoutError("the window did not come to rest")


def screenshot(
    path: Path, folder: Path | None = None, *, dark: bool = False, size: tuple[int, int] = (1440, 900)
) -> None:
    """Render the window as the README shows it: pictures opened, one strength too high, the caution raised."""
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    from PIL import Image

    from augstudio.gui.parts import style
    from augstudio.gui.parts.qimages import from_image
    from augstudio.gui.shell.application import make_application
    from augstudio.gui.shell.window import Window

    app = make_application()
    style.fix(style.DARK if dark else style.LIGHT)
    style.apply(app)
    window = Window()
    window.resize(*size)
    window.show()
    if folder:
        window.open_folder(folder)
    else:
        window.open_sample()
    _rest(app, window)
    window.studio.edit_pipeline("output", Output(fit=Fit.CROP, width=224, height=224))
    window.studio.add_step("gaussian_noise")
    window.studio.move_step("gaussian_noise", 0)
    window.studio.edit_step("gaussian_noise", "sigma", Range(0.0, 0.31))
    window.pipeline.show_step("gaussian_noise")
    window.studio.hold("gaussian_noise", "sigma", 0.31)  # as while the handle is dragged
    _rest(app, window)
    path.parent.mkdir(parents=True, exist_ok=True)
    pixels = from_image(window.grab().toImage())[..., :3]
    # 256 colours are enough for a README, at a third of the bytes.
    Image.fromarray(pixels).quantize(256, dither=Image.Dither.FLOYDSTEINBERG).save(path, optimize=True)
    window.stop()
    window.deleteLater()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Render the window to a picture.")
    parser.add_argument("--screenshot", type=Path, required=True)
    parser.add_argument("--folder", type=Path)
    parser.add_argument("--dark", action="store_true")
    parser.add_argument("--size", default="1440x900")
    arguments = parser.parse_args()
    width, _, height = arguments.size.partition("x")
    screenshot(arguments.screenshot, arguments.folder, dark=arguments.dark, size=(int(width), int(height)))
    sys.exit(0)
