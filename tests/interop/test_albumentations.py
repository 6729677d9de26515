"""The file that is written for Albumentations, run by Albumentations 2.0.8."""

from __future__ import annotations

import os
import pickle
import random
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

os.environ["NO_ALBUMENTATIONS_UPDATE"] = "1"  # it would ask the network for a newer one
import albumentations as A  # noqa: N812
import comparing
from alike import CHOSEN, OPEN, PRESETS, Alike
from comparing import (
    SIDE,
    alone,
    assert_near,
    closed_cases,
    is_warped,
    picture,
)

from augstudio import Pipeline
from augstudio.code import Standing, Target, generate
from augstudio.code.heading import applicable
from augstudio.code.importing import read
from augstudio.code.importing.layers import LAYERS
from augstudio.engine.pixels import Pixels

TARGET = Target.ALBUMENTATIONS
CLOSED = closed_cases()


def made(pipeline: Pipeline) -> Any:
    augment = comparing.executed(pipeline, Target.ALBUMENTATIONS).augment
    augment.set_random_state(np.random.default_rng(7), random.Random(7))
    return augment


def of(augment: Any) -> Callable[[Pixels], Pixels]:
    return lambda image: augment(image=image)["image"]


def layers(augment: Any) -> Iterator[Any]:
    """All transforms, whatever holds them."""
    for one in augment.transforms:
        if isinstance(one, A.BaseCompose):
            yield from layers(one)
        else:
            yield one


def positions(augment: Any, pipeline: Pipeline, image: Pixels) -> dict[str, Any]:
    """The positions that were drawn for the last picture, by step."""
    found: dict[str, Any] = {}
    height, width = image.shape[:2]
    names = {"Crop": "crop", "Perspective": "perspective", "Cutout": "cutout"}
    drawn = {names[type(one).__name__]: one.params for one in layers(augment) if type(one).__name__ in names}
    for step in pipeline.transforms:
        params = drawn.get(step.op)
        if not params:
            continue
        if step.op == "cutout":
            side = step.side.low * min(height, width)
            found[step.id] = {
                "squares": tuple((left / (width - side), top / (height - side)) for left, top, *_ in params["boxes"])
            }
            continue
        matrix = params["warps"][0][0]
        found[step.id] = (
            comparing.place_of_crop(matrix, (width, height))
            if step.op == "crop"
            else comparing.corners_of_perspective(matrix, (width, height), step.travel.low)
        )
    return found


def copied(augment: Any, pipeline: Pipeline, image: Pixels) -> tuple[Pixels, dict[str, Any]]:
    """A copy, and where what has a position lies in it."""
    copy = augment(image=image)["image"]
    return copy, positions(augment, pipeline, image)


class TestAlike(Alike):
    target = TARGET

    def made(self, pipeline: Pipeline) -> Any:
        return made(pipeline)

    def of(self, augment: Any) -> Callable[[Pixels], Pixels]:
        return of(augment)

    def copied(self, augment: Any, pipeline: Pipeline, image: Pixels) -> tuple[Pixels, dict[str, Any]]:
        return copied(augment, pipeline, image)


@pytest.mark.parametrize("box_fit", ["ellipse", "corners"])
@pytest.mark.parametrize("op", comparing.MOVING)
def test_boxes_and_masks_go_with_the_picture(op: str, box_fit: str) -> None:
    pipeline, image = comparing.moving(op, box_fit), picture()
    augment = comparing.executed(pipeline, TARGET).compose("pascal_voc")
    found = augment(image=image, mask=comparing.mask(), bboxes=np.array(comparing.BOXES), labels=[1, 2])
    wanted, mask = comparing.labelled(pipeline, image, positions(augment, pipeline, image))
    comparing.assert_boxes_near(wanted, found["bboxes"])
    assert list(found["labels"]) == [1, 2]
    assert (found["mask"] != mask).mean() <= 0.01


@pytest.mark.parametrize("op", comparing.MOVING)
def test_points_go_with_the_picture(op: str) -> None:
    pipeline, image = comparing.moving(op, "corners"), picture()
    augment = comparing.executed(pipeline, TARGET).augment
    points = [(30.0, 20.0), (-900.0, 20.0)]  # those that no copy shows are kept, too: their order is what names them
    found = augment(image=image, keypoints=points)["keypoints"]
    drawn = positions(augment, pipeline, image)
    for (x, y), after in zip(points, found, strict=True):
        expected = comparing.point_moved(pipeline, drawn, (x + 0.5, y + 0.5), image.shape[:2])
        assert np.abs(np.array(after) + 0.5 - expected).max() < 0.01
    boxes = comparing.executed(pipeline, TARGET).compose("coco")
    assert len(boxes(image=image, keypoints=points, bboxes=[], labels=[])["keypoints"]) == 2
    assert len(boxes(image=image, keypoints=[], bboxes=[], labels=[])["bboxes"]) == 0


def test_a_preset_without_steps_takes_points_along_too() -> None:
    found = comparing.executed(Pipeline(), TARGET).augment(image=picture(), keypoints=[(3, 4)])
    assert np.array_equal(found["keypoints"], [(3, 4)])


def test_boxes_that_are_hardly_seen_are_left_out_as_the_rules_say() -> None:
    pipeline = alone("shift", x=(0.6, 0.6), y=(0, 0), border="blank").edited(labels={"smallest_share": 0.6})
    compose = comparing.executed(pipeline, TARGET).compose
    boxes = np.array([(30.0, 20.0, 70.0, 50.0), (20.0, 40.0, 40.0, 80.0)])
    found = compose("pascal_voc")(image=picture(), bboxes=boxes, labels=["gone", "there"])
    assert list(found["labels"]) == ["there"]


def test_it_repeats_itself_by_its_random_state() -> None:
    module, image = comparing.executed(PRESETS["photos"], TARGET), picture()
    copies = []
    for seed in (3, 3, 4):
        augment = module.compose()
        augment.set_random_state(np.random.default_rng(seed), random.Random(seed))
        copies.append(augment(image=image)["image"])
    assert np.array_equal(copies[0], copies[1])
    assert not np.array_equal(copies[0], copies[2])


def test_it_goes_to_workers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As a file, it can be pickled, as loaders with spawned workers ask for."""
    (tmp_path / "augment.py").write_text(generate(PRESETS["everything"], TARGET).text, encoding="utf-8")
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.delitem(sys.modules, "augment", raising=False)
    from augment import augment

    again = pickle.loads(pickle.dumps(augment))
    copies = []
    for one in (augment, again):
        one.set_random_state(np.random.default_rng(5), random.Random(5))
        copies.append(one(image=picture(150, 170))["image"])
    monkeypatch.delitem(sys.modules, "augment")
    assert np.array_equal(*copies)


# -- the way back ----------------------------------------------------------------------------------------------------


def back(augment: Any, size: int | None = None, *, how: str = "json", folder: Any = None) -> Any:
    path = folder / f"augment.{how}"
    A.save(augment, path, data_format=how)
    return read(path, size)


def without_ids(pipeline: Pipeline) -> list[dict[str, Any]]:
    """The steps that are in a file, without their ids; a border's colour counts where it is seen."""
    found = []
    for step in applicable(pipeline):
        plain = step.model_dump(mode="json", exclude={"id"})
        if plain.get("border") != "blank":
            plain.pop("border_colour", None)
        found.append(plain)
    return found


def rounded(value: Any) -> Any:
    """Numbers to twelve digits: a probability that was multiplied and divided again."""
    if isinstance(value, float):
        return round(value, 12)
    if isinstance(value, dict):
        return {name: rounded(inner) for name, inner in value.items()}
    return [rounded(inner) for inner in value] if isinstance(value, list) else value


ALL = {**PRESETS, **CLOSED, **OPEN, **{name: pipeline for name, (pipeline, _) in CHOSEN.items()}}


@pytest.mark.parametrize("how", ["json", "yaml"])
@pytest.mark.parametrize("name", ALL)
def test_what_is_exact_comes_back_as_it_was(name: str, how: str, tmp_path: Path) -> None:
    pipeline = ALL[name]
    written = generate(pipeline, TARGET)
    assert all(row.standing is not Standing.LEFT_OUT for row in written.rows)
    found = back(made(pipeline), pipeline.trained_at, how=how, folder=tmp_path)
    assert rounded(without_ids(found.pipeline)) == rounded(without_ids(pipeline))
    assert found.pipeline.trained_at == pipeline.trained_at
    assert all(row.standing is Standing.EXACT for row in found.rows if row.step), found.rows
    wanted = pipeline.output.model_copy(update={"exact": False})
    if wanted.border != "blank":
        wanted = wanted.model_copy(update={"border_colour": (0, 0, 0)})
    assert found.pipeline.output == wanted


THEIRS = {
    "flip": A.HorizontalFlip(p=1),
    "flip vertical": A.VerticalFlip(p=1),
    "rotate": A.Rotate((13, 13), border_mode=0, fill=(9, 99, 200), p=1),
    "rotate edge": A.Rotate((-40, -40), border_mode=1, p=1),
    "rotate mirror": A.Rotate((25, 25), border_mode=2, p=1),
    "rotate tile": A.Rotate((25, 25), border_mode=3, p=1),
    "affine rotate": A.Affine(rotate=(20, 20), border_mode=1, p=1),
    "affine scale": A.Affine(scale=(0.7, 0.7), keep_ratio=True, border_mode=1, p=1),
    "affine shear": A.Affine(shear={"x": (12, 12), "y": (0, 0)}, border_mode=1, p=1),
    "affine shear y": A.Affine(shear={"x": (0, 0), "y": (-8, -8)}, border_mode=1, p=1),
    "affine both": A.Affine(rotate=(20, 20), scale=(0.8, 0.8), shear={"x": (5, 5), "y": (0, 0)}, border_mode=1, p=1),
    "brightness": A.RandomBrightnessContrast((0.1, 0.1), (0, 0), p=1),
    "gamma": A.RandomGamma((130, 130), p=1),
    "grey": A.ToGray(p=1),
    "invert": A.InvertImg(p=1),
    "saturation": A.ColorJitter((1, 1), (1, 1), (1.4, 1.4), (0, 0), p=1),
    "solarize": A.Solarize((0.55, 0.55), p=1),
    "shuffled": A.Compose([A.InvertImg(p=1), A.Rotate((5, 5), border_mode=1, p=1)]),
}


@pytest.mark.parametrize("name", THEIRS)
def test_what_is_said_to_be_exact_gives_their_pixels(name: str, tmp_path: Path) -> None:
    augment = A.Compose([THEIRS[name]])
    found = back(augment, SIDE, folder=tmp_path)
    assert found.rows
    assert all(row.standing is Standing.EXACT for row in found.rows), found.rows
    image = picture()
    assert_near(found.pipeline(image, seed=1), augment(image=image)["image"], 2 if is_warped(found.pipeline) else 1)


@pytest.mark.filterwarnings("ignore:ShiftScaleRotate is a special case")
def test_every_layer_that_is_known_can_be_saved_and_read(tmp_path: Path) -> None:
    """With the arguments of this version, by default: what was read is what the layer has."""
    for name in LAYERS:
        made_by_default = (
            getattr(A, name)(p=0.5) if name != "RandomResizedCrop" else A.RandomResizedCrop((64, 64), p=0.5)
        )
        found = back(A.Compose([made_by_default]), folder=tmp_path)
        assert found.rows, name
