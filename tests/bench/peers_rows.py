"""What is held against Albumentations: every transform that both have, and three recipes, at equal parameters."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import albumentations as A  # noqa: N812
import cv2
import material

from augstudio.pipeline import Fit, Output, Pipeline
from augstudio.transforms import registry

Mirror = cv2.BORDER_REFLECT


@dataclass(frozen=True)
class Pair:
    """One transform or recipe, in both libraries.

    Attributes
    ----------
    name : str
        What the page calls it.
    ours : sequence of (op, parameters)
        Steps of a pipeline.
    theirs : callable
        Makes their transforms for a picture of so many pixels a side.
    resized : bool
        Whether it begins by bringing a larger picture to the size.
    interpolation : int
        Of their resize.
    source : (float, float)
        Width and height of the picture it begins with, as multiples of the size.
    judged : "" or "geometry" or "area" or "blur"
        Which exact result both are held against.
    """

    name: str
    ours: Sequence[tuple[str, dict[str, object]]]
    theirs: Callable[[int], Sequence[Any]]
    resized: bool = False
    interpolation: int = cv2.INTER_LINEAR
    source: tuple[float, float] = (1.0, 1.0)
    judged: str = ""


def pipeline(pair: Pair, side: int) -> Pipeline:
    """Our side: lengths are pixels of the picture in hand, as theirs are."""
    output = Output(fit=Fit.STRETCH, width=side, height=side) if pair.resized else Output()
    steps = tuple(registry()[op].default(**{"probability": 1.0, **values}) for op, values in pair.ours)
    return Pipeline(training_size=side, output=output, transforms=steps)


def composed(pair: Pair, side: int, *, told: bool = False) -> A.Compose:
    """Their side, with a seed of its own; it tells the numbers it drew on demand."""
    resize = [A.Resize(side, side, pair.interpolation)] if pair.resized else []
    return A.Compose([*resize, *pair.theirs(side)], seed=7, save_applied_params=told)


def about(value: float) -> tuple[float, float]:
    """A range one per cent wide: equal parameters, but drawn anew, so that no table is found ready-made."""
    return (0.995 * value, 1.005 * value) if value > 0 else (1.005 * value, 0.995 * value)


def _jitter(**changed: tuple[float, float]) -> A.ColorJitter:
    still = {"brightness": (1.0, 1.0), "contrast": (1.0, 1.0), "saturation": (1.0, 1.0), "hue": (0.0, 0.0)}
    return A.ColorJitter(**{**still, **changed}, p=1)


def _shift(ours: float) -> dict[str, tuple[float, float]]:
    return {"x": about(ours), "y": about(ours)}


CROP_OF_SAME_QUALITY = "crop 0.8; theirs an Affine, of the same quality"
SINGLES: tuple[Pair, ...] = (
    Pair("flip", [("flip", {})], lambda s: [A.HorizontalFlip(p=1)], judged="geometry"),
    Pair("quarter turn", [("quarter_turn", {"turns": (90, 270)})], lambda s: [A.RandomRotate90(p=1)]),
    Pair(
        "rotate 12°",
        [("rotate", {"angle": about(12)})],
        lambda s: [A.Rotate(about(12), border_mode=Mirror, p=1)],
        judged="geometry",
    ),
    Pair(
        "shrink 0.9",
        [("shrink", {"scale": about(0.9)})],
        lambda s: [A.Affine(scale=about(0.9), border_mode=Mirror, p=1)],
        judged="geometry",
    ),
    Pair(
        "shear 0.1",
        [("shear", {"x": about(0.1), "y": (0, 0)})],
        lambda s: [A.Affine(shear={"x": about(5.7106), "y": (0, 0)}, border_mode=Mirror, p=1)],
        judged="geometry",
    ),
    Pair(
        "shift 0.07",
        [("shift", _shift(0.07))],
        lambda s: [A.Affine(translate_percent=_shift(0.07), border_mode=Mirror, p=1)],
        judged="geometry",
    ),
    Pair(
        "crop 0.8",
        [("crop", {"area": about(0.8), "aspect": (0.9, 1.1)})],
        lambda s: [A.RandomResizedCrop((s, s), about(0.8), (0.9, 1.1), p=1)],
        judged="geometry",
    ),
    Pair(
        CROP_OF_SAME_QUALITY,
        [("crop", {"area": about(0.8), "aspect": (0.9, 1.1)})],
        lambda s: [
            A.Affine(
                scale={"x": (1.07, 1.18), "y": (1.07, 1.18)},
                translate_percent={"x": (-0.05, 0.05), "y": (-0.05, 0.05)},
                border_mode=Mirror,
                p=1,
            )
        ],
        judged="geometry",
    ),
    Pair(
        "perspective 0.05",
        [("perspective", {"travel": about(0.05)})],
        lambda s: [A.Perspective(about(0.05), border_mode=Mirror, p=1)],
        judged="geometry",
    ),
    Pair("resize from 1.67 ×", [], lambda s: [], resized=True, source=(5 / 3, 5 / 3), judged="area"),
    Pair(
        "resize from 4 ×, area average",
        [],
        lambda s: [],
        resized=True,
        source=(4, 4),
        interpolation=cv2.INTER_AREA,
        judged="area",
    ),
    Pair("resize from 4 ×; theirs linear, which aliases", [], lambda s: [], resized=True, source=(4, 4), judged="area"),
    Pair(
        "brightness +0.15",
        [("brightness", {"amount": about(0.15)})],
        lambda s: [A.RandomBrightnessContrast(about(0.15), (0, 0), p=1)],
    ),
    Pair(
        "contrast ×1.2",
        [("contrast", {"factor": about(1.2)})],
        lambda s: [A.RandomBrightnessContrast((0, 0), (0.194, 0.206), p=1)],
    ),
    Pair("gamma 1.25", [("gamma", {"exponent": about(1.25)})], lambda s: [A.RandomGamma((124, 126), p=1)]),
    Pair(
        "channel gain",
        [("channel_gain", {"red": (0.9, 1.1), "green": (0.9, 1.1), "blue": (0.9, 1.1)})],
        lambda s: [A.MultiplicativeNoise((0.9, 1.1), per_channel=True, p=1)],
    ),
    Pair(
        "saturation ×1.3",
        [("saturation", {"factor": about(1.3)})],
        lambda s: [_jitter(saturation=about(1.3))],
    ),
    Pair("hue 10°", [("hue", {"angle": about(10)})], lambda s: [_jitter(hue=about(10 / 360))]),
    Pair("swap colours", [("swap_colours", {})], lambda s: [A.ChannelShuffle(p=1)]),
    Pair("invert", [("invert", {})], lambda s: [A.InvertImg(p=1)]),
    Pair(
        "solarise 0.75",
        [("solarize", {"threshold": about(0.75)})],
        lambda s: [A.Solarize(about(0.75), p=1)],
    ),
    Pair("greyscale", [("grayscale", {})], lambda s: [A.ToGray(p=1)]),
    Pair(
        "blur σ 0.7", [("blur", {"sigma": about(0.7)})], lambda s: [A.GaussianBlur(0, about(0.7), p=1)], judged="blur"
    ),
    Pair("blur σ 3", [("blur", {"sigma": about(3)})], lambda s: [A.GaussianBlur(0, about(3), p=1)], judged="blur"),
    Pair(
        "sharpen 0.5",
        [("sharpen", {"amount": about(0.5)})],
        lambda s: [A.Sharpen(about(0.5), (1, 1), "gaussian", 7, 1.0, p=1)],
    ),
    Pair("dilate 1", [("dilate", {"radius": (1, 1)})], lambda s: [A.Morphological((3, 3), "dilation", p=1)]),
    Pair("erode 1", [("erode", {"radius": (1, 1)})], lambda s: [A.Morphological((3, 3), "erosion", p=1)]),
    Pair("JPEG 60", [("jpeg", {"quality": (60, 60)})], lambda s: [A.ImageCompression("jpeg", (60, 60), p=1)]),
    Pair(
        "Gaussian noise 0.05",
        [("gaussian_noise", {"sigma": about(0.05)})],
        lambda s: [A.GaussNoise(about(0.05), p=1)],
    ),
    Pair(
        "Gaussian noise 0.05, grey",
        [("gaussian_noise", {"sigma": about(0.05), "channels": "grey"})],
        lambda s: [A.GaussNoise(about(0.05), per_channel=False, p=1)],
    ),
    Pair(
        "salt and pepper 0.03",
        [("salt_and_pepper", {"share": about(0.03)})],
        lambda s: [A.SaltAndPepper(about(0.03), (0.5, 0.5), p=1)],
    ),
    Pair(
        "cut-out 2 × 0.2",
        [("cutout", {"count": (2, 2), "side": about(0.2), "fill": "black"})],
        lambda s: [A.CoarseDropout((2, 2), about(0.2), about(0.2), fill=0, p=1)],
    ),
)

COMMON = Pair(
    "common",
    material.COMMON,
    lambda s: [
        A.HorizontalFlip(p=0.5),
        A.Rotate((-15, 15), border_mode=Mirror, p=1),
        A.Affine(scale=(0.8, 1), border_mode=Mirror, p=1),
        A.RandomResizedCrop((s, s), (0.7, 1), (0.9, 1.1), p=1),
        A.RandomBrightnessContrast(0.15, 0.2, p=1),
        A.GaussianBlur(0, (0.1, 1), p=0.5),
        A.GaussNoise((0.02, 0.08), p=1),
    ],
    resized=True,
    source=(500 / 224, 375 / 224),
)
_GEOMETRY: list[tuple[str, dict[str, object]]] = [
    ("flip", {"probability": 0.5}),
    ("rotate", {"angle": (-15, 15)}),
    ("shear", {"x": (-0.1, 0.1), "y": (-0.1, 0.1)}),
    ("shrink", {"scale": (0.85, 1)}),
    ("shift", {"x": (-0.1, 0.1), "y": (-0.1, 0.1)}),
    ("crop", {"area": (0.7, 1), "aspect": (0.9, 1.1)}),
    ("perspective", {"travel": (0, 0.08)}),
]
_SHEAR = {"x": (-5.71, 5.71), "y": (-5.71, 5.71)}
_SHIFT = {"x": (-0.1, 0.1), "y": (-0.1, 0.1)}
GEOMETRY = Pair(
    "geometry",
    _GEOMETRY,
    lambda s: [
        A.HorizontalFlip(p=0.5),
        A.Rotate((-15, 15), border_mode=Mirror, p=1),
        A.Affine(shear=_SHEAR, border_mode=Mirror, p=1),
        A.Affine(scale=(0.85, 1), border_mode=Mirror, p=1),
        A.Affine(translate_percent=_SHIFT, border_mode=Mirror, p=1),
        A.RandomResizedCrop((s, s), (0.7, 1), (0.9, 1.1), p=1),
        A.Perspective((0, 0.08), border_mode=Mirror, p=1),
    ],
    judged="geometry",
)
BY_HAND = Pair(
    "geometry; theirs in one Affine, merged by hand",
    _GEOMETRY,
    lambda s: [
        A.HorizontalFlip(p=0.5),
        A.Affine(
            scale=(0.85, 1),
            translate_percent=_SHIFT,
            rotate=(-15, 15),
            shear=_SHEAR,
            border_mode=Mirror,
            p=1,
        ),
        A.RandomResizedCrop((s, s), (0.7, 1), (0.9, 1.1), p=1),
        A.Perspective((0, 0.08), border_mode=Mirror, p=1),
    ],
    judged="geometry",
)
COLOUR = Pair(
    "colour",
    [
        ("brightness", {"amount": (-0.15, 0.15)}),
        ("contrast", {"factor": (0.8, 1.2)}),
        ("gamma", {"exponent": (0.8, 1.25)}),
        ("saturation", {"factor": (0.7, 1.3)}),
        ("hue", {"angle": (-10, 10)}),
        ("swap_colours", {}),
        ("invert", {}),
    ],
    lambda s: [
        A.RandomBrightnessContrast(0.15, 0.2, p=1),
        A.RandomGamma((80, 125), p=1),
        A.ColorJitter((1, 1), (1, 1), (0.7, 1.3), (-10 / 360, 10 / 360), p=1),
        A.ChannelShuffle(p=1),
        A.InvertImg(p=1),
    ],
)
RECIPES = (COMMON, GEOMETRY, BY_HAND, COLOUR)

_FIXED = "the same vector kernel in both (OpenCV's, or StringZilla's tables); what is left is our cost of a call"
REASONS: dict[str, str] = {
    "flip": _FIXED,
    "crop 0.8": "they cut at whole pixels and resize in fixed point; ours lies at fractions of a pixel, by the warp "
    "that fuses (their quality is in its row)",
    "resize from 1.67 ×": _FIXED,
    "resize from 4 ×, area average": "blocks of whole pixels and a linear warp, of large pictures by halves",
    "brightness +0.15": _FIXED,
    "contrast ×1.2": _FIXED,
    "gamma 1.25": _FIXED,
    "channel gain": _FIXED,
    "saturation ×1.3": _FIXED,
    "swap colours": _FIXED,
    "invert": _FIXED,
    "solarise 0.75": _FIXED,
    "greyscale": _FIXED,
    "blur σ 0.7": _FIXED,
    "blur σ 3": _FIXED,
    "dilate 1": _FIXED,
    "erode 1": _FIXED,
    "JPEG 60": "the same coder; they hand it RGB as if it were BGR, we swap the channels, and our cost of a call",
    "cut-out 2 × 0.2": _FIXED,
}
"""Why a row is slower, where it is."""
