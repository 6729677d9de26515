"""Draws a golden export of this version: `PYTHONPATH=.:tests python tests/golden/exports/draw.py FOLDER`.

It is run once for a version, before anything is changed; the folders of older versions stay as they are. Pictures are
BMP: the bytes of such a file are its pixels, whatever library writes it.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import cv2
from pictures import smooth

from augstudio.dataset.scanning import scan
from augstudio.export import Settings, run_export
from augstudio.images import encode
from augstudio.pipeline import Pipeline
from augstudio.transforms import registry

SOURCES = ("cat/one.bmp", "cat/t wo.bmp", "dog/three.bmp")


def pipeline() -> Pipeline:
    """Whatever leaves something to chance, and a step of every other kind."""
    steps = (
        ("flip", {"axis": "either", "probability": 0.7}),
        ("quarter_turn", {"probability": 0.3}),
        ("rotate", {}),
        ("crop", {}),
        ("perspective", {}),
        ("brightness", {}),
        ("swap_colours", {"probability": 0.5}),
        ("blur", {"sigma": (0.2, 0.8)}),
        ("dilate", {"probability": 0.5}),
        ("gaussian_noise", {}),
        ("cutout", {"count": (1, 4), "probability": 0.8}),
        ("invert", {"enabled": False}),
    )
    ops = registry()
    return Pipeline(name="Golden", training_size=16, transforms=tuple(ops[op].default(**more) for op, more in steps))


def here() -> str:
    """What decides about the last level of a pixel."""
    return f"opencv {cv2.__version__}, {cv2.getCPUFeaturesLine()}"


def main(folder: Path) -> None:
    """Write the sources and their export."""
    for seed, key in enumerate(SOURCES):
        path = folder / "source" / key
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(encode(smooth(16, 20, 3 if seed else 1, seed=seed), "BMP", 90))
    settings = Settings(str(folder / "export"), pipeline(), copies=3, seed=5, originals=True, workers=0)
    run_export(settings, scan(folder / "source"))
    report = folder / "export" / "report.json"
    told = json.dumps(str((folder / "source").absolute()))
    report.write_text(report.read_text("utf-8").replace(told, '"/home/somebody/pictures"'), "utf-8")
    (folder / "made_by.txt").write_text(here() + "\n", "utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
