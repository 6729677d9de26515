"""Folders of labelled pictures to open."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import numpy as np
from driving import write
from PIL import Image

from augstudio.dataset import Dataset, scan
from augstudio.dataset.labelling import DatasetLabels, collect

NAMES = ("cat", "dog", "arrow")
ROWS = {
    "a": (
        "0 0.5 0.5 0.2 0.3",
        "1 0.05 0.1 0.1 0.2",
        "1 0.9 0.9 0.1 0.1",
        *(f"0 0.{n} 0.3 0.05 0.05" for n in range(2, 9)),
    ),
    "b": ("2 0.3 0.4 0.2 0.2",),
    "c": (),
}
"""Of the label files of three pictures; a fourth, d, has none."""


GOOD = dict.fromkeys("efgh", ("0 0.5 0.5 0.1 0.1",))
"""Files beside broken ones, so that all of them are still taken for YOLO's."""


def write_yolo(root: Path, rows: dict[str, Iterable[str]] | None = None, *, size: tuple[int, int] = (90, 60)) -> Path:
    """Pictures and YOLO's files beside them."""
    width, height = size
    for seed, stem in enumerate((*(rows or ROWS), "d")):
        write(root / "images" / f"{stem}.png", height, width, seed=seed)
    (root / "labels").mkdir()
    for stem, own in (rows or ROWS).items():
        (root / "labels" / f"{stem}.txt").write_text("".join(f"{row}\n" for row in own))
    (root / "data.yaml").write_text(f"names: [{', '.join(NAMES)}]\n")
    return root


def write_masks(root: Path, *, size: tuple[int, int] = (90, 60)) -> Path:
    """Pictures, and masks of classes 0 to 2 beside them."""
    width, height = size
    (root / "masks").mkdir(parents=True)
    for number in range(4):
        write(root / "images" / f"p{number}.png", height, width, seed=number)
        levels = np.zeros((height, width), np.uint8)
        levels[10:30, 10 : 40 + number] = 1
        levels[35:50, 50:80] = 2
        Image.fromarray(levels).save(root / "masks" / f"p{number}.png")
    return root


def opened(root: Path) -> tuple[Dataset, DatasetLabels]:
    """What a folder holds, and its labels."""
    dataset = scan(root)
    return dataset, collect(dataset)
