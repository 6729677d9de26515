"""The tour: drives the real window off screen, from the sample pictures to an exported dataset.

`augstudio demo` runs it, and so does `make run` on a machine without a display. Run as a program, it renders the
README's screenshot: `python -m augstudio.gui.shell.tour --screenshot FILE`; with `--labels`, that of the manual's page
about labels.
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
from augstudio import files, presets
from augstudio.advice import Level
from augstudio.engine import Fit
from augstudio.export import Settings, Status, run_export
from augstudio.pipeline import Output
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


_BOXES: dict[str, dict[str, list[tuple[float, float, float, float]]]] = {
    "no_text/fish.jpg": {
        "fish": [(0.047, 0.146, 0.73, 0.54), (0.4, 0.375, 0.955, 0.73), (0.5625, 0.05, 0.84, 0.255)],
    },
    "no_text/still_life.jpg": {
        "jug": [(0.435, 0.29, 0.735, 0.72)],
        "fruit": [
            *((0.258, 0.665, 0.42, 0.815), (0.404, 0.68, 0.565, 0.905)),
            *((0.56, 0.685, 0.735, 0.93), (0.66, 0.6, 0.825, 0.815)),
        ],
    },
    "no_text/sea.jpg": {
        "boat": [(0.484, 0.52, 0.592, 0.632), (0.618, 0.498, 0.698, 0.596), (0.79, 0.503, 0.86, 0.592)],
    },
}
"""What the sample's pictures show, for the manual: left, top, right, bottom as shares of width and height."""


def labelled_sample(folder: Path) -> Path:
    """Make a small dataset of sample pictures with boxes beside them, as YOLO has them; give the folder."""
    with tempfile.TemporaryDirectory() as whole:
        datasets.copy_sample(Path(whole) / "sample")
        names = sorted({name for boxes in _BOXES.values() for name in boxes})
        for part in ("images", "labels"):
            (folder / part).mkdir(parents=True, exist_ok=True)
        for key, objects in _BOXES.items():
            picture = Path(whole) / "sample" / key
            (folder / "images" / picture.name).write_bytes(picture.read_bytes())
            rows = [
                f"{names.index(name)} {(left + right) / 2:.6f} {(top + bottom) / 2:.6f} "
                f"{right - left:.6f} {bottom - top:.6f}\n"
                for name, boxes in objects.items()
                for left, top, right, bottom in boxes
            ]
            (folder / "labels" / picture.name).with_suffix(".txt").write_text("".join(rows), encoding="utf-8")
        (folder / "data.yaml").write_text(f"names: [{', '.join(names)}]\n", encoding="utf-8")
    return folder


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
    path: Path,
    folder: Path | None = None,
    *,
    dark: bool = False,
    size: tuple[int, int] = (1440, 900),
    labels: bool = False,
    sheet: bool = False,
) -> None:
    """Render the window as the README shows it: pictures opened, one strength too high, the caution raised.

    With `labels`, pictures with boxes instead, and a copy that loses one of them; with `sheet`, many pictures.
    """
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
    with tempfile.TemporaryDirectory() as drawn:
        if labels:
            window.open_folder(labelled_sample(Path(drawn) / "still life and sea"))
        elif folder:
            window.open_folder(folder)
        else:
            window.open_sample()
        _rest(app, window)
        if labels:
            _turn_and_crop(window)
        elif sheet:
            _look_at_many(window)
        else:
            _make_too_much_noise(window)
        _rest(app, window)
    path.parent.mkdir(parents=True, exist_ok=True)
    pixels = from_image(window.grab().toImage())[..., :3]
    # 256 colours are enough for a README, at a third of the bytes.
    Image.fromarray(pixels).quantize(256, dither=Image.Dither.FLOYDSTEINBERG).save(path, optimize=True)
    window.stop()
    window.deleteLater()


def _make_too_much_noise(window: Window) -> None:
    window.studio.edit_pipeline("output", Output(fit=Fit.CROP, width=224, height=224))
    window.studio.add_step("gaussian_noise")
    window.studio.move_step("gaussian_noise", 0)
    window.studio.edit_step("gaussian_noise", "sigma", Range(0.0, 0.31))
    window.pipeline.show_step("gaussian_noise")
    window.studio.hold("gaussian_noise", "sigma", 0.31)  # as while the handle is dragged


def _look_at_many(window: Window) -> None:
    from augstudio.gui.intent.views import ViewKind

    window.studio.load_preset(files.presets() / "photos.json")
    window.studio.show_view(ViewKind.SHEET)
    window.messages.clear()


def _turn_and_crop(window: Window) -> None:
    from augstudio.gui.intent.views import Shown

    window.studio.show_picture("images/still_life.jpg")
    window.studio.add_step("crop")
    window.studio.edit_step("crop", "area", Range(0.35, 0.6))
    window.studio.end_gesture()
    window.studio.show_version(Shown(copy=4))
    window.messages.clear()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Render the window to a picture.")
    parser.add_argument("--screenshot", type=Path, required=True)
    parser.add_argument("--folder", type=Path)
    parser.add_argument("--dark", action="store_true")
    parser.add_argument("--labels", action="store_true")
    parser.add_argument("--sheet", action="store_true")
    parser.add_argument("--size", default="1440x900")
    arguments = parser.parse_args()
    width, _, height = arguments.size.partition("x")
    shown = (int(width), int(height))
    screenshot(
        arguments.screenshot,
        arguments.folder,
        dark=arguments.dark,
        size=shown,
        labels=arguments.labels,
        sheet=arguments.sheet,
    )
    sys.exit(0)
