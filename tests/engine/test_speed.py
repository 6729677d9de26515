"""A lost fusion, or a fast way no longer taken, fails here: calls are counted, not timed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from types import SimpleNamespace
from typing import Any

import cv2
import numpy as np
import pictures
import pytest

from augstudio.engine import Border, Frame, Warp, lookup
from augstudio.pipeline import Fit, Output, Pipeline
from augstudio.transforms import registry

COUNTED = (
    "GaussianBlur",
    "LUT",
    "add",
    "addWeighted",
    "bitwise_not",
    "copyMakeBorder",
    "cvtColor",
    "dilate",
    "erode",
    "filter2D",
    "flip",
    "imdecode",
    "imencode",
    "merge",
    "remap",
    "resize",
    "sepFilter2D",
    "split",
    "transform",
    "transpose",
    "warpAffine",
    "warpPerspective",
)
COMMON: tuple[tuple[str, dict[str, Any]], ...] = (
    ("flip", {"probability": 1.0}),
    ("rotate", {"angle": (5, 15)}),
    ("shrink", {"scale": (0.8, 0.9)}),
    ("crop", {"area": (0.7, 0.8)}),
    ("brightness", {"amount": (0.05, 0.15)}),
    ("contrast", {"factor": (1.1, 1.2)}),
    ("blur", {"sigma": (0.5, 1)}),
    ("gaussian_noise", {"sigma": (0.02, 0.08)}),
)
GEOMETRY: tuple[tuple[str, dict[str, Any]], ...] = (
    *COMMON[:2],
    ("shear", {"x": (0.05, 0.1)}),
    *COMMON[2:3],
    ("shift", {"x": (0.05, 0.1)}),
    *COMMON[3:4],
    ("perspective", {"travel": (0.02, 0.05)}),
)
COLOUR: tuple[tuple[str, dict[str, Any]], ...] = (
    *COMMON[4:6],
    ("gamma", {"exponent": (1.1, 1.2)}),
    ("saturation", {"factor": (1.1, 1.3)}),
    ("hue", {"angle": (5, 10)}),
    ("swap_colours", {"probability": 1.0, "orders": ("GBR",)}),
    ("invert", {"probability": 1.0}),
)


def recipe(steps: tuple[tuple[str, dict[str, Any]], ...], side: int | None = None) -> Pipeline:
    output = Output(fit=Fit.STRETCH, width=side, height=side) if side else Output()
    return Pipeline(output=output, transforms=tuple(registry()[op].default(**values) for op, values in steps))


@pytest.fixture
def counts(monkeypatch: pytest.MonkeyPatch) -> Iterator[Counter[str]]:
    """How often each function of OpenCV is called."""
    found: Counter[str] = Counter()

    def counted(name: str, run: Callable[..., Any]) -> Callable[..., Any]:
        def call(*args: Any, **more: Any) -> Any:
            found[name] += 1
            return run(*args, **more)

        return call

    def translate(levels: memoryview, table: memoryview, *, inplace: bool) -> None:
        """StringZilla's, so that calls are the same where it is missing."""
        assert inplace
        array = np.asarray(levels)
        array[...] = np.asarray(table)[array]

    for name in COUNTED:
        monkeypatch.setattr(cv2, name, counted(name, getattr(cv2, name)))
    monkeypatch.setattr(lookup, "stringzilla", SimpleNamespace(translate=counted("translate", translate)))
    yield found


def made(counts: Counter[str], pipeline: Pipeline, width: int, height: int, channels: int = 3) -> dict[str, int]:
    """The calls of one copy."""
    picture = pictures.noise(height, width, channels)
    pipeline(picture, seed=1)  # what is cached is cached
    counts.clear()
    pipeline(picture, seed=2)
    return dict(counts)


# Four channels are warped faster than three: hence two conversions with each warp.
WARPED = {"warpAffine": 1, "cvtColor": 2}
# One table for two curves; blur; noise, from the tables of two bytes, and added.
FINISHED = {"translate": 3, "sepFilter2D": 1, "add": 1}
RECIPES: dict[str, tuple[Pipeline, tuple[int, int], dict[str, int]]] = {
    "common, at its own size": (recipe(COMMON), (64, 48), WARPED | FINISHED),
    "common, the resize in the warp": (recipe(COMMON, 40), (66, 66), WARPED | FINISHED),
    "common, reduced by half along x": (recipe(COMMON, 150), (400, 230), WARPED | FINISHED | {"resize": 1}),
    "common, reduced by half along y": (recipe(COMMON, 150), (230, 400), WARPED | FINISHED | {"addWeighted": 1}),
    "common, hardly larger along x": (recipe(COMMON, 150), (300, 230), WARPED | FINISHED),
    "common, reduced by half": (recipe(COMMON, 150), (510, 360), WARPED | FINISHED | {"resize": 1}),
    "common, reduced by half twice": (recipe(COMMON, 90), (500, 480), WARPED | FINISHED | {"resize": 2}),
    "geometry": (recipe(GEOMETRY), (64, 48), {"warpPerspective": 1, "cvtColor": 2}),
    "colour": (recipe(COLOUR), (64, 48), {"translate": 1, "transform": 2, "bitwise_not": 1}),
    "resize alone": (recipe((), 64), (100, 80), {"resize": 1}),
    "resize and flip": (recipe(COMMON[:1], 64), (100, 80), {"resize": 1, "flip": 1}),
    "flip alone": (recipe(COMMON[:1]), (64, 48), {"flip": 1}),
    "brightness alone": (recipe(COMMON[4:5]), (64, 48), {"translate": 1}),
    "invert alone": (recipe(COLOUR[6:]), (64, 48), {"bitwise_not": 1}),
    "channel gain alone": (recipe((("channel_gain", {}),)), (64, 48), {"transform": 1}),
    "noise alone": (recipe(COMMON[7:]), (64, 48), {"translate": 2, "add": 1}),
    "JPEG": (recipe((("jpeg", {}),)), (64, 48), {"cvtColor": 1, "imencode": 1, "imdecode": 1}),
}


@pytest.mark.parametrize("name", RECIPES)
def test_a_recipe_takes_no_more_calls_than_it_needs(counts: Counter[str], name: str) -> None:
    pipeline, (width, height), expected = RECIPES[name]
    assert made(counts, pipeline, width, height) == expected


def test_grey_needs_no_fourth_channel(counts: Counter[str]) -> None:
    assert made(counts, recipe(GEOMETRY), 64, 48, channels=1) == {"warpPerspective": 1}


def test_alpha_takes_one_more_warp_however_many_steps_there_are(counts: Counter[str]) -> None:
    assert made(counts, recipe(GEOMETRY), 64, 48, channels=4)["warpPerspective"] == 2


def test_opaque_pictures_pay_for_taking_alpha_off_and_putting_it_back(counts: Counter[str]) -> None:
    pipeline, picture = recipe(GEOMETRY), pictures.noise(48, 64, 4)
    picture[..., 3] = 255
    pipeline(picture, seed=2)
    # Two conversions for the warp, as ever.
    assert counts == {"warpPerspective": 1, "cvtColor": 2 + 1, "split": 1, "merge": 1}


def test_a_large_picture_is_cut_down_before_it_is_filtered(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is warped is about what is seen, not the whole source."""
    seen: list[tuple[int, ...]] = []
    run = cv2.warpAffine
    monkeypatch.setattr(
        cv2, "warpAffine", lambda pixels, *args, **more: seen.append(pixels.shape) or run(pixels, *args, **more)
    )
    frame = Frame(1200, 900)
    part = Warp.window((500, 400, 600, 480), frame, (100, 80))
    turned = part.then(Warp.rotation(10, Frame(100, 80), Border()))
    assert turned is not None
    turned.apply(np.zeros((900, 1200, 3), np.uint8))
    assert max(seen[0][:2]) < 160
