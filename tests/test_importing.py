"""Importing augstudio, or reading a picture with it, changes nothing for whoever else uses the same libraries."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

CODE = """
import locale, logging, os, pkgutil, signal, sys, threading, warnings
import cv2, numpy as np, PIL
from PIL import Image, ImageFile, PngImagePlugin, TiffImagePlugin

def state():
    return {
        "warnings of Pillow": [vars(each)["warnings"] is warnings for each in (Image, PngImagePlugin, TiffImagePlugin)],
        "warning filters": list(warnings.filters),
        "showwarning": warnings.showwarning,
        "OpenCV's log level": cv2.utils.logging.getLogLevel(),
        "OpenCV's threads": cv2.getNumThreads(),
        "OpenCV's optimisations": cv2.useOptimized(),
        "Pillow's limit": Image.MAX_IMAGE_PIXELS,
        "Pillow's limits of PNG": (PngImagePlugin.MAX_TEXT_CHUNK, PngImagePlugin.MAX_TEXT_MEMORY),
        "Pillow's truncated pictures": ImageFile.LOAD_TRUNCATED_IMAGES,
        "loggers": [(list(logger.handlers), logger.level) for logger in map(logging.getLogger, ("", "PIL"))],
        "NumPy's errors": np.geterr(),
        "NumPy's printing": np.get_printoptions(),
        "environment": dict(os.environ),
        "standard streams": (sys.stdout, sys.stderr, os.fstat(2).st_ino),
        "hooks": (sys.excepthook, threading.excepthook, sys.displayhook),
        "signals": [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)],
        "locale": locale.setlocale(locale.LC_ALL),
        "limits": (sys.getrecursionlimit(), sys.get_int_max_str_digits()),
        "threads": threading.active_count(),
    }

before = state()
import augstudio
from augstudio import Pipeline
for room in ("engine", "transforms", "pipeline", "presets", "advice", "images", "dataset", "export", "storage"):
    __import__(f"augstudio.{room}")
Pipeline.load("photos")(np.zeros((32, 32, 3), np.uint8), seed=1)
from pathlib import Path
from augstudio.images import PictureError, read
picture = Path(sys.argv[1])
cv2.imwrite(str(picture), np.zeros((20, 30, 3), np.uint8))
read(picture)
picture.write_bytes(picture.read_bytes()[:60])
try:
    read(picture)
except PictureError:
    pass
after = state()
for name, value in before.items():
    assert value == after[name], f"{name}: {value} became {after[name]}"
print("nothing changed")
"""


def test_nothing_global_changes(tmp_path: Path) -> None:
    command = [sys.executable, "-X", "utf8", "-c", CODE, str(tmp_path / "picture.png")]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.stdout == "nothing changed\n", done.stderr
