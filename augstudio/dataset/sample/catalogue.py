"""What the sample holds: which scenes, in which order, size and format."""

from __future__ import annotations

import re
from dataclasses import dataclass

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


@dataclass(frozen=True)
class _Subject:
    name: str
    scene: Scene
    shapes: str  # of l(andscape), p(ortrait), s(quare): which suit it


# By class, in the order in which they are drawn, over and over: neighbours differ.
CLASSES = {
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
_LARGE_EVERY = 12
_PNG_EVERY = 9  # in both classes alike, so that the format does not give the class away
_NAME = re.compile(r"(\d{3,})_[a-z_]+\.(?:jpg|png)", re.ASCII)


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
    subjects = CLASSES[label]
    subject = subjects[index % len(subjects)]
    entropy = np.random.SeedSequence((seed, list(CLASSES).index(label), index))
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


def file_name(label: str, index: int) -> str:
    """Return what a picture of the sample is called."""
    subjects = CLASSES[label]
    suffix = ".png" if index % _PNG_EVERY == _PNG_EVERY - 1 else ".jpg"
    return f"{index + 1:03d}_{subjects[index % len(subjects)].name}{suffix}"


def is_ours(label: str, name: str) -> bool:
    """Tell whether the sample has a picture of this name."""
    match = _NAME.fullmatch(name)
    if match is None or label not in CLASSES or int(match[1]) == 0:
        return False
    return name == file_name(label, int(match[1]) - 1)
