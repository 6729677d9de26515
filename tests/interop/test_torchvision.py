"""The file that is written for torchvision, run by torchvision."""

from __future__ import annotations

import pickle
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import comparing
import numpy as np
import pytest
import torch
from alike import PRESETS, Alike
from comparing import (
    alone,
    assert_near,
    picture,
)
from torchvision_here import tv_tensors

from augstudio import Pipeline
from augstudio.code import Target, generate
from augstudio.engine.pixels import Pixels

TARGET = Target.TORCHVISION


@pytest.fixture(autouse=True)
def seeded() -> None:
    torch.manual_seed(7)
    torch.set_num_threads(1)


def made(pipeline: Pipeline) -> Any:
    return comparing.executed(pipeline, Target.TORCHVISION).augment


def of(augment: Any) -> Callable[[Pixels], Pixels]:
    def copy(image: Pixels) -> Pixels:
        found: Pixels = augment(torch.from_numpy(image).permute(2, 0, 1)).permute(1, 2, 0).numpy()
        return found

    return copy


def layers(augment: Any) -> Iterator[Any]:
    """All transforms, whatever holds them."""
    for one in augment.transforms:
        yield one
        yield from getattr(one, "moves", ())


def recorded(augment: Any) -> dict[str, Any]:
    """What layers of the file's own draw for the next picture: filled as they do."""
    found: dict[str, Any] = {}
    for layer in layers(augment):
        name = type(layer).__name__
        if name in ("Crop", "Perspective"):
            _recording(layer, "matrix", found, name.lower())
        if name == "Cutout":
            _recording(layer, "drawn", found, "cutout")
    return found


def _recording(layer: Any, method: str, found: dict[str, Any], name: str) -> None:
    draw = getattr(layer, method)

    def drawing(*given: Any) -> Any:
        found[name] = draw(*given)
        return found[name]

    setattr(layer, method, drawing)


def positions(drawn: dict[str, Any], pipeline: Pipeline, image: Pixels) -> dict[str, Any]:
    found: dict[str, Any] = {}
    size = image.shape[1::-1]
    for step in pipeline.transforms:
        if step.op not in drawn:
            continue
        match step.op:
            case "cutout":
                found[step.id] = {"squares": tuple(drawn["cutout"]["places"])}
            case "crop":
                found[step.id] = comparing.place_of_crop(drawn["crop"].tolist(), size)
            case _:
                found[step.id] = comparing.corners_of_perspective(drawn[step.op].tolist(), size, step.travel.low)
    return found


def copied(augment: Any, pipeline: Pipeline, image: Pixels) -> tuple[Pixels, dict[str, Any]]:
    """A copy, and where what has a position lies in it."""
    drawn = recorded(augment)
    copy = of(augment)(image)
    return copy, positions(drawn, pipeline, image)


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
    augment = made(pipeline)
    drawn = recorded(augment)
    size = image.shape[:2]
    boxes = tv_tensors.BoundingBoxes(torch.tensor(comparing.BOXES), format="XYXY", canvas_size=size)
    target = {"boxes": boxes, "masks": tv_tensors.Mask(torch.from_numpy(comparing.mask())), "labels": torch.arange(2)}
    points = tv_tensors.KeyPoints(torch.tensor([[30.0, 20.0]]), canvas_size=size)
    copy, found, moved = augment(tv_tensors.Image(torch.from_numpy(image).permute(2, 0, 1)), target, points)
    wanted, mask = comparing.labelled(pipeline, image, positions(drawn, pipeline, image))
    assert found["boxes"].canvas_size == tuple(copy.shape[-2:])
    assert isinstance(found["masks"], tv_tensors.Mask)
    assert found["masks"].dtype == torch.uint8
    assert found["labels"].tolist() == [0, 1]
    comparing.assert_boxes_near(wanted, found["boxes"].numpy())
    assert (found["masks"].numpy() != mask).mean() <= 0.01
    expected = comparing.point_moved(pipeline, positions(drawn, pipeline, image), (30.5, 20.5), size)
    assert np.abs(moved.numpy()[0] + 0.5 - expected).max() < 0.01


def test_pictures_come_in_many_forms() -> None:
    pipeline, image = alone("rotate", angle=(10, 10)), picture()
    augment, expected = made(pipeline), pipeline(image, seed=0)
    from PIL import Image

    tensor = torch.from_numpy(image).permute(2, 0, 1)
    for given in (Image.fromarray(image), tensor, tv_tensors.Image(tensor), torch.stack([tensor, tensor])):
        copy = augment(given)
        assert copy.dtype == torch.uint8
        one = copy[0] if copy.ndim == 4 else copy
        assert_near(expected, one.permute(1, 2, 0).numpy(), 2)


def test_it_repeats_itself_by_pytorchs_seed() -> None:
    augment, image = made(PRESETS["photos"]), torch.from_numpy(picture()).permute(2, 0, 1)
    copies = []
    for seed in (3, 3, 4):
        torch.manual_seed(seed)
        copies.append(augment(image))
    assert torch.equal(copies[0], copies[1])
    assert not torch.equal(copies[0], copies[2])


def test_it_goes_to_workers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As a file, it can be pickled, as loaders with spawned workers ask for."""
    (tmp_path / "augment.py").write_text(generate(PRESETS["everything"], TARGET).text, encoding="utf-8")
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.delitem(sys.modules, "augment", raising=False)
    from augment import augment

    image = torch.from_numpy(picture(150, 170)).permute(2, 0, 1)
    copies = []
    for one in (augment, pickle.loads(pickle.dumps(augment))):
        torch.manual_seed(5)
        copies.append(one(image))
    monkeypatch.delitem(sys.modules, "augment")
    assert torch.equal(*copies)
