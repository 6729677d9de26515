"""What is measured on: pictures and folders that the benchmark draws itself, and the pipeline with six transforms."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import cv2
import numpy as np

from augstudio.images import encode
from augstudio.pipeline import Fit, Output, Pipeline
from augstudio.transforms import registry

if TYPE_CHECKING:
    from numpy.typing import NDArray

LARGE = 4000, 3000
"""Width and height of the 12-megapixel case."""

SIX: tuple[tuple[str, dict[str, object]], ...] = (
    ("rotate", {"angle": (-15, 15)}),
    ("shrink", {"scale": (0.8, 1)}),
    ("brightness", {"amount": (-0.15, 0.15)}),
    ("saturation", {"factor": (0.7, 1.3)}),
    ("blur", {"sigma": (0.5, 1)}),
    ("gaussian_noise", {"sigma": (0.02, 0.08)}),
)
"""Two of geometry, two of colour, a filter and noise; every copy gets all of them."""

IN_WORDS = (
    "rotate ±15°, shrink 0.8–1 (mirrored borders), brightness ±0.15, saturation ×0.7–1.3, "
    "blur σ 0.5–1 px at 224, Gaussian noise σ 0.02–0.08 per channel; probability 1"
)


COMMON: tuple[tuple[str, dict[str, object]], ...] = (
    ("flip", {"probability": 0.5}),
    ("rotate", {"angle": (-15, 15)}),
    ("shrink", {"scale": (0.8, 1)}),
    ("crop", {"area": (0.7, 1), "aspect": (0.9, 1.1)}),
    ("brightness", {"amount": (-0.15, 0.15)}),
    ("contrast", {"factor": (0.8, 1.2)}),
    ("blur", {"sigma": (0.1, 1), "probability": 0.5}),
    ("gaussian_noise", {"sigma": (0.02, 0.08)}),
)
"""The recipe of that name: what most training scripts do."""

COMMON_IN_WORDS = (
    "flip half the time, rotate ±15°, shrink 0.8–1, crop 0.7–1, brightness ±0.15, contrast ×0.8–1.2, blur σ 0.1–1 px "
    "half the time, Gaussian noise σ 0.02–0.08"
)


def common_recipe() -> Pipeline:
    """Make the recipe *common*, at the size that the pictures have."""
    return Pipeline(name="Common", transforms=tuple(registry()[op].default(**changes) for op, changes in COMMON))


def six_transforms(output: tuple[int, int] | None = None) -> Pipeline:
    """Make the pipeline that everything is measured with."""
    fitted = Output(fit=Fit.CROP, width=output[0], height=output[1]) if output else Output()
    steps = tuple(registry()[op].default(**changes) for op, changes in SIX)
    return Pipeline(name="Six transforms", output=fitted, transforms=steps)


def draw_photo(width: int, height: int, seed: int) -> NDArray[np.uint8]:
    """Draw what costs as much as a photo: hazy colours, hard-edged shapes, texture at every scale, sensor noise."""
    rng = np.random.default_rng(seed)
    size = width, height
    hazy = rng.uniform(70, 190, (4, 5, 3)).astype(np.float32)
    picture: NDArray[Any] = cv2.resize(hazy, size, interpolation=cv2.INTER_CUBIC)
    for _ in range(24):
        centre = int(rng.integers(width)), int(rng.integers(height))
        axes = int(rng.integers(2, width // 5)), int(rng.integers(2, height // 4))
        cv2.ellipse(picture, centre, axes, float(rng.uniform(0, 180)), 0, 360, rng.uniform(40, 215, 3).tolist(), -1)
    texture = np.zeros((height, width), np.float32)
    side, strength = 8, 16.0
    while side < height:
        cells = rng.standard_normal((side * height // width + 1, side), np.float32) * np.float32(strength)
        texture += cv2.resize(cells, size, interpolation=cv2.INTER_LINEAR)
        side, strength = side * 2, strength * 0.8
    picture += texture[..., None]
    picture += rng.standard_normal(picture.shape, np.float32) * np.float32(4)
    return np.clip(picture, 0, 255, out=picture).astype(np.uint8)


def large_photos(folder: Path, count: int) -> list[Path]:
    """Write 12-megapixel photos as JPEG at quality 92."""
    folder.mkdir(parents=True)
    pixels = draw_photo(*LARGE, seed=1)
    paths = []
    for number in range(1, count + 1):
        path = folder / f"photo-{number}.jpg"
        path.write_bytes(encode(pixels, "JPEG", 92))
        paths.append(path)
        pixels = np.roll(np.flip(pixels, axis=number % 2), 997, axis=1)  # another picture of the same cost
    return paths


def labelled(folder: Path, photos: Path, count: int) -> Path:
    """Make a dataset in YOLO's format of pictures that there are, each with so many boxes of three classes."""
    rng = np.random.default_rng(3)
    for name in ("images", "labels"):
        Path(folder, name).mkdir(parents=True)
    for photo in sorted(photos.iterdir()):
        os.link(photo, folder / "images" / photo.name)
        sizes = rng.uniform(0.01, 0.05, (count, 2))
        centres = sizes / 2 + rng.random((count, 2)) * (1 - sizes)
        rows = (
            f"{number % 3} {x:.6f} {y:.6f} {w:.6f} {h:.6f}\n"
            for number, ((x, y), (w, h)) in enumerate(zip(centres, sizes, strict=True))
        )
        Path(folder, "labels", f"{photo.stem}.txt").write_text("".join(rows))
    Path(folder, "data.yaml").write_text("train: images\nval: images\nnames: [one, two, three]\n")
    return folder


def large_pngs(folder: Path) -> list[Path]:
    """Write a 12-megapixel photo as two PNGs."""
    folder.mkdir(parents=True)
    paths = [folder / f"photo-{number}.png" for number in (1, 2)]
    paths[0].write_bytes(encode(draw_photo(*LARGE, seed=2), "PNG", 95))
    os.link(*paths)
    return paths


def megabytes(folder: Path) -> float:
    """Mean size of the files in a folder."""
    sizes = [path.stat().st_size for path in folder.iterdir()]
    return sum(sizes) / len(sizes) / 1e6


def crowded_folder(folder: Path, count: int) -> Path:
    """Make a folder of so many JPEGs in 20 classes; most are hard links to a few, so that it takes no room."""
    seeds = folder / "class-00"
    seeds.mkdir(parents=True)
    originals = []
    for number in range(32):
        path = seeds / f"picture-{number:05d}.jpg"
        path.write_bytes(encode(draw_photo(500, 375, number), "JPEG", 90))
        originals.append(path)
    for number in range(32, count):
        label = folder / f"class-{number % 20:02d}"
        label.mkdir(exist_ok=True)
        os.link(originals[number % 32], label / f"picture-{number:05d}.jpg")
    return folder
