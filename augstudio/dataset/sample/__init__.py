"""The sample dataset: drawn pictures with text and without, for a first look at the program."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image

from augstudio.dataset.sample.animals import bird, cat, fish
from augstudio.dataset.sample.brushes import Rng, Scene, Size, between, develop, pick
from augstudio.dataset.sample.cars import car
from augstudio.dataset.sample.city import canal, facade, skyline
from augstudio.dataset.sample.cloth import cloth
from augstudio.dataset.sample.nature import forest, hills, lake, northern_night, sea
from augstudio.dataset.sample.paper import book, page, poster, receipt, shelf
from augstudio.dataset.sample.screens import phone, screen
from augstudio.dataset.sample.signs import menu, road, shop, sticker
from augstudio.dataset.sample.still_life import still_life
from augstudio.dataset.scanning import DatasetError, printable
from augstudio.images import encode, write_atomically

__all__ = ["draw_picture", "draw_sample"]


@dataclass(frozen=True)
class _Subject:
    name: str
    scene: Scene
    shapes: str  # of l(andscape), p(ortrait), s(quare): which suit it


# In the order in which they are drawn, over and over: neighbours differ.
_CLASSES = {
    "no_text": (
        _Subject("lake", lake, "lllps"),
        _Subject("cat", cat, "lps"),
        _Subject("canal", canal, "llps"),
        _Subject("still_life", still_life, "llps"),
        _Subject("car", car, "llls"),
        _Subject("bird", bird, "lps"),
        _Subject("hills", hills, "lllps"),
        _Subject("cloth", cloth, "lps"),
        _Subject("skyline", skyline, "llps"),
        _Subject("fish", fish, "llps"),
        _Subject("forest", forest, "lps"),
        _Subject("facade", facade, "lps"),
        _Subject("sea", sea, "lllps"),
        _Subject("northern_night", northern_night, "llps"),
    ),
    "text": (
        _Subject("shop", shop, "llps"),
        _Subject("page", page, "lpps"),
        _Subject("sticker", sticker, "llls"),
        _Subject("phone", phone, "lppps"),
        _Subject("road", road, "llps"),
        _Subject("book", book, "lps"),
        _Subject("screen", screen, "llls"),
        _Subject("poster", poster, "lpps"),
        _Subject("receipt", receipt, "lppps"),
        _Subject("menu", menu, "lpps"),
        _Subject("shelf", shelf, "lls"),
    ),
}
_QUALITY = 92
_LARGE_EVERY = 12
_PNG_EVERY = 9  # in both classes alike, so that the format does not give the class away
_NAME = re.compile(r"(\d{3,})_[a-z_]+\.(?:jpg|png)", re.ASCII)


def _nothing(_done: int, _total: int) -> None:
    pass


def draw_sample(
    directory: Path, *, per_class: int = 36, seed: int = 0, progress: Callable[[int, int], None] | None = None
) -> list[Path]:
    """Draw a dataset of two classes, ``text`` and ``no_text``, into a folder.

    A picture depends on the seed, its class and its number only: the same call writes the same bytes, and a larger
    sample begins with the smaller one.

    Parameters
    ----------
    directory
        A folder that is missing, empty or an earlier sample; the earlier sample is replaced.
    per_class
        Pictures of each class, 1 or more.
    seed
        0 or more.
    progress
        Told how many pictures are written, of how many.

    Returns
    -------
    list of Path
        The pictures, in the order in which they were drawn.

    Raises
    ------
    DatasetError
        The folder holds something else, or cannot be written.
    ValueError
        `per_class` or `seed` is out of range.
    """
    if per_class < 1 or seed < 0:
        raise ValueError(f"per_class is {per_class} and seed {seed}; they must be at least 1 and 0")
    report = progress or _nothing
    wanted = [(label, index) for label in _CLASSES for index in range(per_class)]
    paths: list[Path] = []
    try:
        stale = set(_earlier_sample(directory))
        for label in _CLASSES:
            (directory / label).mkdir(parents=True, exist_ok=True)
        report(0, len(wanted))
        for label, index in wanted:
            path = directory / label / _file_name(label, index)
            image = draw_picture(label, index, seed)
            encoder = "PNG" if path.suffix == ".png" else "JPEG"
            write_atomically(encode(np.asarray(image), encoder, _QUALITY), path)
            paths.append(path)
            report(len(paths), len(wanted))
        for path in stale.difference(paths):
            path.unlink(missing_ok=True)
    except OSError as error:
        reason = error.strerror.lower() if error.strerror else str(error)
        raise DatasetError(f"{printable(directory)}: the sample cannot be written here ({reason})") from error
    return paths


def draw_picture(label: str, index: int, seed: int) -> Image.Image:
    """Draw one picture of the sample.

    Parameters
    ----------
    label
        ``"text"`` or ``"no_text"``.
    index
        The picture's number in its class, from 0.
    seed
        0 or more.

    Returns
    -------
    PIL.Image.Image
        RGB, sides of 320 to 1600 pixels.
    """
    subjects = _CLASSES[label]
    subject = subjects[index % len(subjects)]
    entropy = np.random.SeedSequence((seed, list(_CLASSES).index(label), index))
    rng = np.random.Generator(np.random.PCG64(entropy))
    size = _size(rng, subject.shapes, large=index % _LARGE_EVERY == _LARGE_EVERY - 1)
    # Drawn larger than it is: what is fine then comes out smooth.
    area = size[0] * size[1]
    scale = 2.0 if area < 300_000 else 1.5 if area < 1_000_000 else 1.25
    canvas = subject.scene(rng, (round(size[0] * scale), round(size[1] * scale)), index // len(subjects) + seed)
    return develop(canvas, rng, size)


def _size(rng: Rng, shapes: str, *, large: bool) -> Size:
    shape = pick(rng, shapes)
    long = round(between(rng, 1200, 1600) if large else between(rng, 520, 1000))
    if shape == "s":
        return (round(0.8 * long), round(0.8 * long))
    short = max(round(long * pick(rng, (0.62, 2 / 3, 0.75))), 320)
    return (short, long) if shape == "p" else (long, short)


def _file_name(label: str, index: int) -> str:
    subjects = _CLASSES[label]
    suffix = ".png" if index % _PNG_EVERY == _PNG_EVERY - 1 else ".jpg"
    return f"{index + 1:03d}_{subjects[index % len(subjects)].name}{suffix}"


def _earlier_sample(directory: Path) -> list[Path]:
    """Return the pictures of an earlier sample; raise DatasetError if the folder holds anything else."""
    if not directory.exists():
        return []
    if not directory.is_dir():
        raise DatasetError(f"{printable(directory)}: this is a file; the sample needs a folder")
    pictures: list[Path] = []
    for folder in directory.iterdir():
        if folder.name.startswith("."):
            continue
        files = [path for path in folder.iterdir() if not path.name.startswith(".")] if folder.is_dir() else []
        strange = [path for path in files if not _is_ours(folder.name, path.name)]
        if folder.name not in _CLASSES or not folder.is_dir() or strange:
            named = printable((strange or [folder])[0].relative_to(directory))
            raise DatasetError(
                f"{printable(directory)}: the folder holds something else ({named}); "
                "the sample needs an empty or new folder, or an earlier sample to replace"
            )
        pictures += files
    return pictures


def _is_ours(label: str, name: str) -> bool:
    match = _NAME.fullmatch(name)
    if match is None or label not in _CLASSES or int(match[1]) == 0:
        return False
    return name == _file_name(label, int(match[1]) - 1)
