"""What a user of Albumentations would write: read, augment, write, in a pool of processes.

`python peers_loop.py SOURCE OUT SIDE WORKERS COPIES KIND`; KIND is "augment", or "floor": decode once, encode COPIES
times.
"""
# ruff: noqa: T201

import os
import sys
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

os.environ["NO_ALBUMENTATIONS_UPDATE"] = "1"

import albumentations as A  # noqa: N812
import cv2

SOURCE, OUT, SIDE, WORKERS, COPIES = Path(sys.argv[1]), Path(sys.argv[2]), *map(int, sys.argv[3:6])
QUALITY = [cv2.IMWRITE_JPEG_QUALITY, 95]


def start() -> None:
    cv2.setNumThreads(1)


def augment(file: Path) -> int:
    transform = A.Compose(
        [
            A.Resize(SIDE, SIDE),
            A.HorizontalFlip(p=0.5),
            A.Rotate((-15, 15), border_mode=cv2.BORDER_REFLECT, p=1),
            A.Affine(scale=(0.8, 1), border_mode=cv2.BORDER_REFLECT, p=1),
            A.RandomResizedCrop((SIDE, SIDE), (0.7, 1), (0.9, 1.1), p=1),
            A.RandomBrightnessContrast(0.15, 0.2, p=1),
            A.GaussianBlur(0, (0.1, 1), p=0.5),
            A.GaussNoise((0.02, 0.08), p=1),
        ]
    )
    image = cv2.cvtColor(cv2.imread(str(file)), cv2.COLOR_BGR2RGB)
    for copy in range(1, COPIES + 1):
        made = cv2.cvtColor(transform(image=image)["image"], cv2.COLOR_RGB2BGR)
        cv2.imwrite(str(OUT / f"{file.stem}_{copy}.jpg"), made, QUALITY)
    return COPIES


def floor(file: Path) -> int:
    image = cv2.imread(str(file))
    small = cv2.resize(image, (SIDE, SIDE), interpolation=cv2.INTER_LINEAR)
    for copy in range(1, COPIES + 1):
        cv2.imwrite(str(OUT / f"{file.stem}_{copy}.jpg"), small, QUALITY)
    return COPIES


if __name__ == "__main__":
    OUT.mkdir(parents=True)
    run = floor if sys.argv[6] == "floor" else augment
    with ProcessPoolExecutor(WORKERS, initializer=start) as pool:
        print(sum(pool.map(run, sorted(SOURCE.iterdir()))))
