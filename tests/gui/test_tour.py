"""The tour that `make run` takes without a display."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from augstudio import files, presets
from augstudio.advice import Level, advise
from augstudio.dataset import scan

SHIPPED = files.resources() / "sample"
SHOTS = ("1-opened.png", "2-excessive.png", "3-remedied.png")


@pytest.mark.slow
def test_the_tour(tmp_path: Path) -> None:
    variables = {
        key: text for key, text in os.environ.items() if key not in {"DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"}
    }
    code = "import sys, pathlib; from augstudio.gui.shell.tour import demo; sys.exit(demo(pathlib.Path(sys.argv[1])))"
    out = tmp_path / "demo folder"
    # The export starts processes; they import the main module anew, so this must be a program of its own.
    done = subprocess.run(
        [sys.executable, "-c", code, str(out)], env=variables, capture_output=True, text=True, timeout=240, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "Traceback" not in done.stderr
    for name in (*SHOTS, "demo-preset.json", "exported"):
        assert str(out / name) in done.stdout, "it says what it wrote"
    shots = [np.asarray(Image.open(out / name).convert("RGB")) for name in SHOTS]
    for pixels in shots:
        assert pixels.shape == (900, 1440, 3)
        assert len(np.unique(pixels[::4, ::4].reshape(-1, 3), axis=0)) > 1000, "it is more than an empty window"
    for one, other in ((0, 1), (1, 2), (0, 2)):
        assert (shots[one] != shots[other]).any(axis=2).mean() > 0.01
    pipeline = presets.load(out / "demo-preset.json")
    assert any(step.op == "gaussian_noise" for step in pipeline.transforms)
    assert not [caution for caution in advise(pipeline) if caution.level is Level.EXCESSIVE]
    sample = scan(out / "sample")
    assert {source.key for source in sample.sources} == {
        path.relative_to(SHIPPED).as_posix() for path in SHIPPED.glob("*/*")
    }
    exported = scan(out / "exported" / "images")
    assert len(exported.sources) == 2 * len(sample.sources)
    assert exported.classes.keys() == sample.classes.keys()
    assert sorted(path.name for path in (out / "exported").iterdir()) == [
        "images",
        "manifest.jsonl",
        "preset.json",
        "report.json",
    ]


@pytest.mark.slow
def test_a_second_tour_takes_the_sample_that_is_there(tmp_path: Path) -> None:
    """As `make run` does when it is called again."""
    from driving import write

    for name in ("text/a.png", "text/b.png", "no_text/c.png"):
        write(tmp_path / "sample" / name, 240, 320)
    done = subprocess.run(
        [sys.executable, "-m", "augstudio", "demo", "--out", str(tmp_path)],
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert len(scan(tmp_path / "exported" / "images").sources) == 6
    assert not (tmp_path / "home").exists()
