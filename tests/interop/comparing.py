"""A preset's copies beside those of the code that is written for it: pixels, numbers drawn, boxes and masks."""

from __future__ import annotations

import re
import types
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from scipy import stats

from augstudio import Pipeline
from augstudio.code import Standing, Target, generate
from augstudio.engine.pixels import Pixels
from augstudio.engine.shapes import BoundingBox, Mask
from augstudio.presets import load, shipped
from augstudio.transforms import Choices, Draw, Knob, Transform, registry

GOLDEN = Path(__file__).resolve().parents[1] / "golden" / "presets" / "v1-everything.json"
SAMPLE = Path(__file__).resolve().parents[2] / "resources" / "sample"
SIDE = 96
"""Training size of the presets here, and the shorter side of their pictures."""
DRAWS = 2000
REJECTED_BELOW = 1e-4


def presets() -> dict[str, Pipeline]:
    """Those that ship, and the one that has everything."""
    return {entry.path.stem: load(entry.path) for entry in shipped()} | {"everything": load(GOLDEN)}


def picture(height: int = SIDE, width: int = 128, seed: int = 0) -> Pixels:
    """Soft shapes of all levels and colours."""
    noise = np.random.default_rng(seed).integers(0, 256, (height, width, 3), np.uint8)
    soft = cv2.GaussianBlur(noise, (0, 0), 3)
    return cv2.normalize(soft, None, 0, 255, cv2.NORM_MINMAX)


def photos() -> Iterator[Pixels]:
    """A few of the sample's."""
    for path in sorted(SAMPLE.rglob("*.jpg"))[:6]:
        yield cv2.imread(str(path), cv2.IMREAD_COLOR_RGB)


def alone(op: str, **changes: object) -> Pipeline:
    """A preset of one step."""
    return Pipeline(transforms=(registry()[op].default(**{"probability": 1, **changes}),), training_size=SIDE)


def to_a_point(step: Transform, share: float = 0.8, **changes: object) -> Transform:
    """A step whose ranges are closed, of which one choice is left, and that is always applied."""
    closed: dict[str, object] = {"enabled": True, "probability": 1.0, **changes}
    for name, declared in step.parameters().items():
        value = getattr(step, name)
        if isinstance(declared, Knob):
            low, high = value
            point = low + share * (high - low)
            closed[name] = (round(point),) * 2 if declared.whole else (point,) * 2
        elif isinstance(declared, Choices):
            closed[name] = value[:1]
    if getattr(step, "axis", None) == "either":
        closed["axis"] = "vertical"
    return step.edited(**closed)


NOISY = ("gaussian_noise", "salt_and_pepper")
"""Whose pixels are chance alone: they are compared by their distributions."""
CHOOSING = ("flip", "quarter_turn", "grayscale", "invert", "swap_colours")
"""What chooses one of a few, whose outcomes are counted."""


def closed_cases() -> dict[str, Pipeline]:
    """Every transform with its ranges closed to a point, in several variants."""
    cases: dict[str, Pipeline] = {}
    for op, transform in registry().items():
        if op in NOISY:
            continue
        for share in (0.1, 0.85):
            step = to_a_point(transform.default(), share)
            if op == "cutout":  # of whole pixels, so that where a square begins tells where it lies
                step = step.edited(side=(0.125, 0.125) if share < 0.5 else (0.25, 0.25))
            for border in ("blank", "edge", "mirror", "tile") if "border" in transform.model_fields else (None,):
                changes = {} if border is None else {"border": border, "border_colour": (200, 30, 90)}
                name = f"{op} {share}" + (f" {border}" if border else "")
                cases[name] = Pipeline(transforms=(step.edited(**changes),), training_size=SIDE)
    for turns in (90, 180, 270):
        cases[f"quarter turn {turns}"] = alone("quarter_turn", turns=(turns,))
    for axis in ("horizontal", "vertical"):
        cases[f"flip {axis}"] = alone("flip", axis=axis)
    for order in ("RBG", "GRB", "GBR", "BRG", "BGR"):
        cases[f"swap {order}"] = alone("swap_colours", orders=(order,))
    for fill in ("black", "mean"):
        cases[f"cut-out {fill}"] = alone("cutout", fill=fill, side=(0.25, 0.25), count=(2, 2))
    for scale in (0.2, 0.3, 0.45, 0.6):
        cases[f"shrink {scale}"] = alone("shrink", scale=(scale, scale))
    cases["shear far"] = alone("shear", x=(0.9, 0.9), y=(0.9, 0.9))
    cases["blur wide"] = alone("blur", sigma=(15, 15))
    cases["dilate wide"] = alone("dilate", radius=(6.4, 6.4))
    cases["erode wide"] = alone("erode", radius=(5.0, 5.0))
    cases["gains apart"] = alone("channel_gain", red=(1.2, 1.2), green=(0.7, 0.7), blue=(1, 1))
    cases["solarise at a level"] = alone("solarize", threshold=(0.6, 0.6))
    cases["perspective far"] = alone("perspective", travel=(0.45, 0.45))
    cases["perspective shrinks"] = alone("perspective", travel=(0.3, 0.3), border="edge")
    return cases


def is_warped(pipeline: Pipeline) -> bool:
    """Whether pixels are resampled."""
    return any(step.group() == "geometry" for step in pipeline.transforms)


def by_positions(pipeline: Pipeline, image: Pixels, positions: Mapping[str, Any]) -> Pixels:
    """The engine's copy with the positions of steps, by id, that code has drawn."""
    height, width = image.shape[:2]
    return pipeline.plan(drawn_at(pipeline, positions), width, height).apply(image)


def drawn_at(pipeline: Pipeline, positions: Mapping[str, Any]) -> list[Draw]:
    """The draws of a copy, but with these positions."""
    draws = []
    for step, draw in zip(pipeline.transforms, pipeline.draw(3, "", 1), strict=True):
        places = {**draw.positions, **positions.get(step.id, {})}
        draws.append(Draw(draw.step, draw.op, draw.applied, draw.values, draw.field_seed, places))
    return draws


def place_of_crop(matrix: Any, size: tuple[int, int]) -> dict[str, Any]:
    """Where a crop lies, by its matrix."""
    place = []
    for axis, side in enumerate(size):
        scale, offset = float(matrix[axis][axis]), float(matrix[axis][2])
        room = (1 - 1 / scale) * side
        place.append(-offset / scale / room if room > 1e-9 else 0.0)
    return {"place": (tuple(place),)}


def corners_of_perspective(matrix: Any, size: tuple[int, int], travel: float) -> dict[str, Any]:
    """How far corners moved, as shares of the travel, by a perspective's matrix."""
    found = []
    for x, y in ((0, 0), (1, 0), (1, 1), (0, 1)):
        u, v, w = (sum(float(a) * b for a, b in zip(row, (x * size[0], y * size[1], 1), strict=True)) for row in matrix)
        found.append(((u / w / size[0] - x) / travel, (v / w / size[1] - y) / travel))
    return {"corners": tuple(found)}


def difference(one: Pixels, other: Pixels) -> Pixels:
    assert one.shape == other.shape
    assert other.dtype == np.uint8
    return np.abs(one.astype(int) - other)


def assert_near(expected: Pixels, found: Pixels, levels: int) -> None:
    """No pixel is farther away; but for one in 2,000, at the horizon of a perspective.

    There one shows what lies ten thousand pixels away, where single precision ends.
    """
    far = (difference(expected, found) > levels).any(2)
    assert far.mean() <= 1 / 2000, f"{difference(expected, found).max()} levels, on {far.mean():.2%} of the pixels"


# -- whole presets, and what is only close -------------------------------------------------------------------------


def closed_preset(pipeline: Pipeline) -> Pipeline:
    """A preset with all ranges closed and all steps applied, but for noise."""
    steps = []
    for step in pipeline.transforms:
        closed = to_a_point(step, 0.7)
        if step.op == "cutout":  # of whole pixels
            closed = closed.edited(side=(0.25, 0.25))
        if step.op in NOISY:
            closed = closed.edited(enabled=False)
        steps.append(closed)
    return pipeline.edited(transforms=tuple(steps))


def assert_near_after_all(expected: Pixels, found: Pixels) -> None:
    """What a level here or there becomes after contrast, JPEG and sharpening of all sorts."""
    apart = difference(expected, found)
    assert apart.mean() <= 1.5, f"{apart.mean()} levels"
    assert np.quantile(apart, 0.99) <= 6


def resizing() -> Iterator[tuple[Pipeline, Pixels]]:
    """Presets that resize, with photos to be resized; none has anything else."""
    for photo in photos():
        for fit in ("crop", "pad", "stretch"):
            for width, height in ((224, 224), (160, 96)):
                yield Pipeline(output={"fit": fit, "width": width, "height": height}), photo


def resized_apart(pipeline: Pipeline, image: Pixels, made: Callable[[Pixels], Pixels]) -> float:
    """By how many levels a resized photo differs on the average."""
    return float(difference(pipeline(image, seed=0), made(image)).mean())


def parted(target: Target) -> tuple[Pipeline, float, Pixels]:
    """A preset whose moves have something between them that is seldom applied, and how often that is said to matter."""
    steps = (
        registry()["rotate"].default(angle=(20, 20)),
        registry()["grayscale"].default(probability=0.3),
        registry()["shear"].default(x=(0.2, 0.2), y=(0.1, 0.1)),
    )
    pipeline = Pipeline(transforms=steps, training_size=SIDE)
    (row,) = [row for row in generate(pipeline, target).rows if row.standing is Standing.CLOSE]
    assert row.step == "shear"
    found = re.search(r"in (\d+)% of the copies", row.words)
    assert found is not None
    return pipeline, int(found[1]) / 100, picture()


def with_grey(pipeline: Pipeline, *, grey: bool) -> Pipeline:
    """The same, decided."""
    return pipeline.with_step("grayscale", probability=1.0 if grey else 0.0)


# -- distributions -------------------------------------------------------------------------------------------------


def open_cases() -> dict[str, Pipeline]:
    """Every transform as a copy may get it: half of the time, its ranges wide open."""
    cases = {}
    for op, transform in registry().items():
        if op not in CHOOSING:
            step = transform.default(probability=0.6)
            cases[op] = Pipeline(transforms=(step,), training_size=24)
    cases["cutout noise"] = Pipeline(
        transforms=(registry()["cutout"].default(probability=0.6, fill="noise", count=(1, 4)),), training_size=24
    )
    cases["noise grey"] = Pipeline(
        transforms=(registry()["gaussian_noise"].default(sigma=(0.02, 0.2), channels="grey"),), training_size=24
    )
    cases["gains apart"] = Pipeline(
        transforms=(registry()["channel_gain"].default(red=(0.5, 1.5), probability=0.5),), training_size=24
    )
    cases["solarise wide"] = Pipeline(transforms=(registry()["solarize"].default(threshold=(0, 1)),), training_size=24)
    cases["perspective far"] = Pipeline(
        transforms=(registry()["perspective"].default(travel=(0.3, 0.5)),), training_size=24
    )
    cases["blur strong"] = Pipeline(transforms=(registry()["blur"].default(sigma=(0.5, 4)),), training_size=24)
    cases["dilate strong"] = Pipeline(transforms=(registry()["dilate"].default(radius=(0, 6)),), training_size=24)
    cases["salt"] = Pipeline(transforms=(registry()["salt_and_pepper"].default(share=(0.1, 0.4)),), training_size=24)
    moves = ("crop", "rotate", "shear", "shift", "shrink")
    cases["moves together"] = Pipeline(
        transforms=tuple(registry()[op].default(probability=0.6) for op in moves), training_size=24
    )
    return cases


def features(pixels: Pixels) -> list[float]:
    """Numbers that tell copies apart: light, colours, contrast, where the light lies, single pixels."""
    levels = pixels.astype(np.float64)
    height, width = levels.shape[:2]
    light = levels.mean(2)
    total = light.sum() + 1e-9
    y, x = np.ogrid[:height, :width]
    return [
        *levels.mean((0, 1)),
        light.std(),
        (light * x).sum() / total,
        (light * y).sum() / total,
        np.abs(np.diff(light, axis=0)).mean(),
        np.abs(np.diff(light, axis=1)).mean(),
        *(levels[int(v * height), int(u * width), c] for u, v, c in ((0.1, 0.2, 0), (0.5, 0.5, 1), (0.8, 0.9, 2))),
    ]


def assert_drawn_alike(pipeline: Pipeline, made: Callable[[Pixels], Pixels], draws: int = DRAWS) -> None:
    """Hold the features of copies against those of the engine's, and the share of pictures left as they are."""
    image = picture(24, 32, seed=1)
    ours = [pipeline(image, seed=5, key="", copy=number) for number in range(draws)]
    theirs = [made(image) for _ in range(draws)]
    for number, (one, other) in enumerate(
        zip(*(np.array(list(map(_sized, found))).T for found in (ours, theirs)), strict=True)
    ):
        probability = stats.ks_2samp(one, other, method="asymp").pvalue
        assert probability >= REJECTED_BELOW, f"feature {number}: p = {probability:.2g}"
    same = [[np.array_equal(copy, image) for copy in found].count(True) for found in (ours, theirs)]
    if 0 < sum(same) < 2 * draws:
        probability = stats.chi2_contingency([same, [draws - number for number in same]]).pvalue
        assert probability >= REJECTED_BELOW, f"left as they are: {same}"


_DITHER = np.random.default_rng(11)


def _sized(pixels: Pixels) -> list[float]:
    # Single levels lie on few values, where one that is rounded down instead of to the nearest would count as much as
    # one that lies elsewhere. The tolerance is a level.
    *others, one, two, three = features(pixels)
    return [pixels.shape[0], *others, *(level + _DITHER.uniform(-1, 1) for level in (one, two, three))]


def assert_chosen_alike(
    made: Callable[[Pixels], Pixels], expected: Mapping[str, float], image: Pixels, known: Mapping[str, Pixels]
) -> None:
    """χ² of how often each outcome came, by what each looks like."""
    counts = dict.fromkeys(expected, 0)
    for _ in range(DRAWS):
        copy = made(image)
        (name,) = [
            n for n, pixels in known.items() if pixels.shape == copy.shape and difference(pixels, copy).max() <= 1
        ]
        counts[name] += 1
    wanted = [DRAWS * expected[name] for name in expected]
    probability = stats.chisquare([counts[name] for name in expected], wanted).pvalue
    assert probability >= REJECTED_BELOW, counts


def chosen_cases() -> dict[str, tuple[Pipeline, dict[str, float]]]:
    """Transforms that choose one of a few, with the chance of each outcome: its name, or "" for none."""
    cases: dict[str, tuple[Pipeline, dict[str, float]]] = {}
    for p in (0.5, 1.0):
        either = alone("flip", axis="either", probability=p)
        cases[f"flip {p}"] = either, {"": 1 - p, "horizontal": p / 2, "vertical": p / 2}
        turns = alone("quarter_turn", probability=p)
        cases[f"turns {p}"] = turns, {"": 1 - p, **{str(turn): p / 3 for turn in (90, 180, 270)}}
    two = alone("quarter_turn", probability=0.7, turns=(90, 270))
    cases["two turns"] = two, {"": 0.3, "90": 0.35, "270": 0.35}
    orders = ("RBG", "GRB", "GBR", "BRG", "BGR")
    for p in (0.1, 0.9):
        swap = alone("swap_colours", probability=p)
        cases[f"swap {p}"] = swap, {"": 1 - p, **dict.fromkeys(orders, p / 5)}
    cases["two orders"] = alone("swap_colours", probability=0.4, orders=orders[:2]), {"": 0.6, "RBG": 0.2, "GRB": 0.2}
    for op in ("grayscale", "invert"):
        cases[op] = alone(op, probability=0.3), {"": 0.7, op: 0.3}
    return {name: (one, {k: v for k, v in chance.items() if v > 0}) for name, (one, chance) in cases.items()}


def outcomes(pipeline: Pipeline, image: Pixels) -> dict[str, Pixels]:
    """What each outcome of a chosen case looks like, by the engine."""
    (step,) = pipeline.transforms
    found = {"": image}
    match step.op:
        case "flip":
            ways: dict[str, Any] = {axis: {"axis": axis} for axis in ("horizontal", "vertical")}
        case "quarter_turn":
            ways = {str(turn): {"turns": (turn,)} for turn in step.turns}
        case "swap_colours":
            ways = {order: {"orders": (order,)} for order in step.orders}
        case _:
            ways = {step.op: {}}
    for name, changes in ways.items():
        one = pipeline.edited(transforms=(step.edited(probability=1.0, **changes),))
        found[name] = one(image, seed=0)
    return found


# -- the generated file --------------------------------------------------------------------------------------------


def executed(pipeline: Pipeline, target: Target) -> types.ModuleType:
    """The file that is generated, run as a module."""
    written = generate(pipeline, target)
    module = types.ModuleType("augment")
    exec(compile(written.text, "augment.py", "exec"), module.__dict__)
    return module


# -- labels --------------------------------------------------------------------------------------------------------

BOXES = ((30.0, 20.0, 70.0, 50.0), (60.0, 40.0, 90.0, 80.0))
MOVING = ("flip", "quarter_turn", "rotate", "shear", "shift", "shrink", "crop", "perspective", "together")


def moving(op: str, box_fit: str) -> Pipeline:
    """A preset that moves, with nothing left to chance but where a crop lies and how corners travel."""
    steps = ("crop", "rotate", "flip", "shear") if op == "together" else (op,)
    found = []
    for name in steps:
        changes = {"border": "blank"} if "border" in registry()[name].model_fields else {}
        found.append(to_a_point(registry()[name].default(**changes), 0.8))
    return Pipeline(transforms=tuple(found), training_size=SIDE, labels={"box_fit": box_fit, "smallest_share": 0})


def mask() -> Pixels:
    """Two objects by their numbers."""
    found = np.zeros((SIDE, 128), np.uint8)
    for number, (left, top, right, bottom) in enumerate(BOXES, 1):
        found[int(top) : int(bottom), int(left) : int(right)] = number
    return found


def labelled(pipeline: Pipeline, image: Pixels, places: Mapping[str, Any]) -> tuple[Any, Pixels]:
    """The boxes and the mask that the engine makes of `BOXES` and `mask`."""
    draws = drawn_at(pipeline, places)
    plan = pipeline.plan(draws, *image.shape[1::-1])
    shapes = tuple(BoundingBox(number, *box) for number, box in enumerate(BOXES))
    moved = plan.moved(shapes, loose=pipeline.labels.box_fit == "corners")
    boxes = [[one.seen.left, one.seen.top, one.seen.right, one.seen.bottom] for one in moved if one.seen is not None]
    return np.array(boxes), plan.masks((Mask(mask(), (0,)),))[0].pixels


def assert_boxes_near(expected: Any, found: Any) -> None:
    """Boxes within half a pixel; where a frame cuts a turned one, the engine knows how much of it is left: 2 pixels."""
    assert expected.shape == found.shape
    assert np.abs(expected - found).max() <= 0.5, (expected, found)


def point_moved(pipeline: Pipeline, places: Mapping[str, Any], point: tuple[float, float], size: Any) -> Any:
    """Where the engine moves a point."""
    plan = pipeline.plan(drawn_at(pipeline, places), size[1], size[0])
    assert plan.warp is not None
    return plan.warp.forward(np.array([point]))[0]
