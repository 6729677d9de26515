"""Folders of pictures and labels, held in memory: as many tools write them."""

from __future__ import annotations

import io
import json
import random
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import cv2
import numpy as np
from pictures import Pixels, smooth
from PIL import Image

from augstudio.images import SUFFIXES
from augstudio.labels import Recognised, recognise

SIZE = (96, 120)
"""Height and width of whatever is drawn here."""


def saved(pixels: Pixels, suffix: str) -> bytes:
    file = io.BytesIO()
    form = {".jpg": "JPEG", ".png": "PNG", ".bmp": "BMP", ".tif": "TIFF", ".gif": "GIF"}[suffix]
    options: dict[str, Any] = {"quality": 90} if form == "JPEG" else {}
    Image.fromarray(pixels).save(file, form, **options)
    return file.getvalue()


def photo(seed: int = 0, suffix: str = ".jpg", size: tuple[int, int] = SIZE) -> bytes:
    return saved(smooth(*size, seed=seed), suffix)


def drawn_mask(seed: int = 0, values: tuple[int, ...] = (255,), size: tuple[int, int] = SIZE) -> Pixels:
    rng = np.random.default_rng(seed)
    mask = np.zeros(size, np.uint8)
    for value in values:
        centre = (int(rng.integers(20, size[1] - 20)), int(rng.integers(20, size[0] - 20)))
        cv2.circle(mask, centre, int(rng.integers(6, 18)), value, -1)
    return mask


def mask(seed: int = 0, suffix: str = ".png", values: tuple[int, ...] = (255,)) -> bytes:
    return saved(drawn_mask(seed, values), suffix)


@dataclass
class Folder:
    """A folder's files; how many bytes of which were read is kept."""

    files: dict[str, bytes] = field(default_factory=dict)
    reads: list[tuple[str, int]] = field(default_factory=list)

    def add(self, pattern: str, numbers: range, content: Callable[[int], bytes] | bytes) -> Folder:
        """Add a file for each number, which stands for `{}`."""
        for number in numbers:
            self.files[pattern.format(number)] = content(number) if callable(content) else content
        return self

    def read(self, key: str, most: int) -> bytes:
        self.reads.append((key, most))
        if key not in self.files:
            raise FileNotFoundError(key)
        return self.files[key][:most]

    def recognise(self, shuffled: int | None = None) -> Recognised:
        keys = list(self.files)
        if shuffled is not None:
            random.Random(shuffled).shuffle(keys)
        pictures = [key for key in keys if f".{key.rpartition('.')[2].lower()}" in SUFFIXES]
        return recognise(pictures, [key for key in keys if key not in set(pictures)], self.read)

    def lines(self) -> list[str]:
        return [labels.in_words() for labels in self.recognise().found]


PICTURE = b"\xff\xd8 of no interest to tests that look at names alone"
BOXES = b"0 0.5 0.5 0.25 0.125\n1 0.2 0.3 0.1 0.1\n"
POLYGONS = b"0 0.1 0.1 0.9 0.1 0.5 0.8\n2 0.1 0.1 0.2 0.1 0.2 0.2 0.15 0.3 0.1 0.2\n"


def voc(name: str) -> bytes:
    return (
        f"<annotation><folder>x</folder><filename>{name}</filename><size><width>9</width><height>9</height></size>"
        "<object><name>cat</name><bndbox><xmin>1</xmin><ymin>1</ymin><xmax>5</xmax><ymax>5</ymax></bndbox></object>"
        "</annotation>"
    ).encode()


def coco(names: list[str], each: int = 2, **annotation: object) -> bytes:
    annotation = annotation or {"bbox": [1, 2, 3, 4], "area": 12, "segmentation": [], "iscrowd": 0}
    images = [{"id": i, "file_name": name, "width": 9, "height": 9} for i, name in enumerate(names)]
    annotations = [
        {"id": i * each + j, "image_id": i, "category_id": 1, **annotation}
        for i in range(len(names))
        for j in range(each)
    ]
    categories = [{"id": 1, "name": "cat"}]
    return json.dumps({"images": images, "annotations": annotations, "categories": categories}).encode()


def labelme(name: str, shape: str = "polygon") -> bytes:
    shapes = [{"label": "cat", "points": [[1, 1], [5, 1], [5, 5]], "shape_type": shape}]
    return json.dumps(
        {"version": "5.0", "flags": {}, "shapes": shapes, "imagePath": name, "imageData": "A" * 100_000}
    ).encode()
