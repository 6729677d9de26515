"""The adapters in the loops that they are for: PyTorch's loader, `tf.data` and Keras, Hugging Face's `datasets`."""

from __future__ import annotations

import copy
import hashlib
import math
import random
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import datasets
import keras
import numpy as np
import pytest
import tensorflow as tf
import torch
from loaded import COUNT, PHOTOS, SEED, Pictures, drawn, first, picture, same
from PIL import Image
from torch.utils.data import DataLoader, Subset
from torchvision_here import ImageFolder, PILToTensor, functional, tv_tensors

from augstudio import Pipeline, Sample
from augstudio.adapters import Augment, huggingface, tensorflow
from augstudio.adapters.torch import Augmented
from augstudio.engine import BoundingBox, Mask, Region
from augstudio.pipeline import Fit, Output
from augstudio.transforms import registry

SMALL = PHOTOS.edited(output=Output(fit=Fit.CROP, width=24, height=16))


def horizontally() -> Pipeline:
    return Pipeline(transforms=(registry()["flip"].default(probability=1.0, axis="horizontal"),))


# -- PyTorch's loader ----------------------------------------------------------------------------------------------


def epochs_of(loader: Any, data: Augmented, epochs: Iterable[int]) -> Iterator[dict[int, str]]:
    """For each epoch, a hash of what was shown of each sample."""
    for epoch in epochs:
        data.set_epoch(epoch)
        shown = {}
        for images, labels in loader:
            for image, label in zip(images, labels, strict=True):
                shown[int(label)] = hashlib.sha256(image.numpy().tobytes()).hexdigest()
        yield shown


WANTED = [
    {i: hashlib.sha256(first(drawn(i, epoch)).numpy().tobytes()).hexdigest() for i in range(COUNT)}
    for epoch in range(3)
]


@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
@pytest.mark.parametrize(
    ("workers", "way", "persistent"),
    [
        (0, None, False),
        *((workers, way, stay) for workers in (1, 2) for way in ("fork", "spawn") for stay in (False, True)),
        (2, "forkserver", True),
    ],
)
def test_a_loader_shows_the_same_for_any_workers(workers: int, way: str | None, persistent: bool) -> None:
    data = Augmented(Pictures(), PHOTOS, SEED)
    loader = DataLoader(
        data,
        batch_size=2,
        shuffle=True,
        num_workers=workers,
        multiprocessing_context=way,
        persistent_workers=persistent,
    )
    epochs = (0, 2, 1, 0) if persistent or way != "spawn" else (2,)  # a new worker takes seconds
    assert list(epochs_of(loader, data, epochs)) == [WANTED[epoch] for epoch in epochs]


def test_no_random_state_is_touched() -> None:
    before = torch.get_rng_state(), random.getstate(), np.random.get_state()[1].tobytes()  # noqa: NPY002
    data = Augmented(Pictures(), PHOTOS, SEED)
    list(epochs_of([([data[i][0]], [i]) for i in range(COUNT)], data, (0,)))
    assert torch.equal(torch.get_rng_state(), before[0])
    assert (random.getstate(), np.random.get_state()[1].tobytes()) == before[1:]  # noqa: NPY002


@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
def test_a_subset_keeps_its_samples_draws_and_their_epoch() -> None:
    data = Augmented(Pictures(), PHOTOS, SEED)
    loader = DataLoader(Subset(data, [7, 2, 5]), 2, num_workers=1, persistent_workers=True)
    wanted = [{i: WANTED[epoch][i] for i in (7, 2, 5)} for epoch in (1, 2)]
    assert list(epochs_of(loader, data, (1, 2))) == wanted


@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
def test_training_with_two_workers_repeats_itself_exactly() -> None:
    pipeline = SMALL

    def trained() -> tuple[list[float], list[Any]]:
        torch.manual_seed(3)
        model = torch.nn.Sequential(
            torch.nn.Conv2d(3, 4, 3), torch.nn.ReLU(), torch.nn.Flatten(), torch.nn.LazyLinear(COUNT)
        )
        optimizer = torch.optim.SGD(model.parameters(), 0.01)
        data = Augmented(Pictures(), pipeline, SEED)
        loader = DataLoader(data, 2, shuffle=True, num_workers=2, persistent_workers=True)
        losses = []
        for epoch in range(2):
            data.set_epoch(epoch)
            for images, labels in loader:
                optimizer.zero_grad()
                loss = torch.nn.functional.cross_entropy(model(images.float() / 255), labels)
                loss.backward()
                optimizer.step()
                losses.append(loss.item())
        return losses, [weight.detach().numpy().copy() for weight in model.parameters()]

    torch.use_deterministic_algorithms(True)
    try:
        (losses, weights), (again, others) = trained(), trained()
    finally:
        torch.use_deterministic_algorithms(False)
    assert losses == again
    assert all(np.array_equal(one, other) for one, other in zip(weights, others, strict=True))


def test_a_stream_is_refused() -> None:
    class Stream(torch.utils.data.IterableDataset[Any]):
        def __iter__(self) -> Iterator[Any]:
            yield from ()

    with pytest.raises(TypeError, match="Stream has no index"):
        Augmented(Stream(), PHOTOS, SEED)


# -- kinds of tensors ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", [torch.uint8, torch.uint16])
@pytest.mark.parametrize("channels", [0, 1, 2, 3, 4])
def test_tensors_come_back_as_they_were(channels: int, kind: Any) -> None:
    levels = np.random.default_rng(1).integers(0, 256, (channels or 1, 20, 30)).astype(str(kind).removeprefix("torch."))
    tensor = torch.from_numpy(levels if channels else levels[0])
    before = tensor.clone()
    found = Augment(SMALL, SEED)(tensor, "a")
    assert type(found) is torch.Tensor
    assert (found.dtype, tuple(found.shape)) == (kind, ((channels,) if channels else ()) + (16, 24))
    assert found.is_contiguous()
    pixels = np.moveaxis(levels, 0, -1) if channels > 1 else levels[0]
    wanted = SMALL(pixels, seed=SEED, key="a")
    assert np.array_equal(np.moveaxis(found.numpy(), 0, -1) if channels > 1 else found.numpy().squeeze(), wanted)
    assert torch.equal(tensor.to(torch.int32), before.to(torch.int32))


@pytest.mark.parametrize(
    ("tensor", "words"),
    [
        (torch.zeros(3, 20, 30), "uint8 or uint16, not float32: augment before its levels are made floats"),
        (torch.zeros(20, 30, 3, dtype=torch.uint8), r"not \(20, 30, 3\)"),
        (torch.zeros(2, 3, 20, 30, dtype=torch.uint8), "of a batch, one picture at a time"),
    ],
)
def test_other_tensors_are_refused_with_the_remedy(tensor: Any, words: str) -> None:
    with pytest.raises((TypeError, ValueError), match=words):
        Augment(PHOTOS, SEED)(tensor, "a")


def test_plain_tensors_as_masks_follow() -> None:
    levels = np.add.outer(np.arange(20) // 5, np.arange(30) // 5 * 4)
    wanted = PHOTOS(Sample(picture(0), masks=(Mask(levels.astype(np.uint8), (255,)),)), seed=SEED, key="a").masks[0]
    for mask in (torch.from_numpy(levels), torch.from_numpy(levels)[None].to(torch.int32)):
        _, found = Augment(PHOTOS, SEED, masks=(1,), mask_fill=255)((first(picture(0)), mask), "a")
        assert found.dtype == mask.dtype
        assert np.array_equal(found.numpy().squeeze(), wanted.pixels)


# -- torchvision's boxes, masks and key points -----------------------------------------------------------------------


def target(form: str = "XYXY", kind: Any = torch.float32) -> dict[str, Any]:
    """Three objects as torchvision's detection code has them; the last lies in a corner."""
    corners = torch.tensor([[4, 2, 14, 12], [10, 5, 28, 18], [27, 17, 30, 20]], dtype=kind)
    boxes = tv_tensors.BoundingBoxes(corners, format="XYXY", canvas_size=(20, 30))
    masks = torch.zeros(3, 20, 30, dtype=torch.uint8)
    for plane, (left, top, right, bottom) in zip(masks, corners.int().tolist(), strict=True):
        plane[top:bottom, left:right] = 1
    points = torch.tensor([[[5.0, 3.0], [6.0, 4.0]], [[11.0, 6.0], [12.0, 7.0]], [[28.0, 18.0], [29.0, 19.0]]])
    return {
        "boxes": functional.convert_bounding_box_format(boxes, new_format=tv_tensors.BoundingBoxFormat[form]),
        "labels": torch.tensor([1, 2, 1]),
        "masks": tv_tensors.Mask(masks),
        "keypoints": tv_tensors.KeyPoints(points, canvas_size=(20, 30)),
        "area": [100.0, 234.0, 9.0],
        "image_id": torch.tensor([5]),
    }


def image() -> Any:
    return tv_tensors.Image(first(picture(0)))


@pytest.mark.parametrize("form", ["XYXY", "XYWH", "CXCYWH"])
@pytest.mark.parametrize("kind", [torch.float32, torch.float64, torch.int64])
def test_a_flip_is_torchvisions_own(form: str, kind: Any) -> None:
    if form == "CXCYWH" and kind == torch.int64:
        pytest.skip("centres of whole numbers are rounded before they come here")
    before = target(form, kind)
    kept = copy.deepcopy(before)
    found_image, found = Augment(horizontally(), SEED)((image(), before), "a")
    assert type(found_image) is tv_tensors.Image
    assert torch.equal(found_image, functional.horizontal_flip(image()))
    for name in ("boxes", "masks", "keypoints"):
        wanted = functional.horizontal_flip(before[name])
        assert type(found[name]) is type(wanted)
        assert found[name].dtype == wanted.dtype
        assert torch.allclose(found[name].double(), wanted.double(), atol=1e-4), name
    assert found["boxes"].format == before["boxes"].format
    assert found["boxes"].canvas_size == found["keypoints"].canvas_size == (20, 30)
    assert torch.equal(found["labels"], before["labels"])
    assert found["image_id"] is before["image_id"]
    for name, part in kept.items():
        assert before[name] == part if name == "area" else torch.equal(before[name], part)


def test_objects_follow_the_rules_of_the_pipeline_and_what_is_theirs_goes_with_them() -> None:
    augment, before, lost = Augment(SMALL, SEED), target(), 0
    limits = before["boxes"].numpy().astype(float)
    shapes = [BoundingBox(n, *row) for n, row in enumerate(limits.tolist())]
    shapes += [Region.within(n, plane.numpy() != 0) for n, plane in enumerate(before["masks"])]
    for epoch in range(30):
        pixels, found = augment((image(), before), "a", epoch)
        sample = SMALL(Sample(picture(0), tuple(shapes)), seed=SEED, key="a", copy=epoch + 1)
        boxes = [shape for shape in sample.shapes if isinstance(shape, BoundingBox)]
        kept = [shape.number for shape in boxes]
        lost += 3 - len(kept)
        assert np.array_equal(np.moveaxis(pixels.numpy(), 0, -1), sample.pixels)
        assert np.allclose(found["boxes"].numpy(), np.array([box.bounds for box in boxes]).reshape(-1, 4), atol=1e-4)
        assert found["labels"].tolist() == [[1, 2, 1][n] for n in kept]
        assert found["area"] == [[100.0, 234.0, 9.0][n] for n in kept]
        assert found["boxes"].canvas_size == (16, 24)
        assert tuple(found["masks"].shape) == (len(kept), 16, 24)
        assert tuple(found["keypoints"].shape) == (len(kept), 2, 2)
        regions = {shape.number: shape for shape in sample.shapes if isinstance(shape, Region)}
        for plane, number in zip(found["masks"], kept, strict=True):
            assert np.array_equal(plane.numpy() == 1, regions[number].whole((24, 16)))
    assert lost > 5
    assert before["boxes"].shape == (3, 4)


def test_an_image_that_loses_all_objects_has_empty_ones() -> None:
    rules = PHOTOS.labels.edited(smallest_side=64.0)
    _, found = Augment(SMALL.edited(labels=rules), SEED)((image(), target()), "a", 0)
    shapes = {name: tuple(found[name].shape) for name in ("boxes", "labels", "masks", "keypoints")}
    assert shapes == {"boxes": (0, 4), "labels": (0,), "masks": (0, 16, 24), "keypoints": (0, 2, 2)}
    assert found["area"] == []


@pytest.mark.parametrize("form", ["XYXY", "XYWH", "CXCYWH"])
def test_a_picture_without_objects_is_one_afterwards(form: str) -> None:
    """Background pictures are usual where objects are to be found."""
    none = {name: part[:0] for name, part in target().items() if name != "image_id"}
    before = {
        **none,
        "boxes": tv_tensors.BoundingBoxes(torch.zeros(0, 4), format=form, canvas_size=(20, 30)),
        "masks": tv_tensors.Mask(torch.zeros(0, 20, 30, dtype=torch.uint8)),
        "keypoints": tv_tensors.KeyPoints(torch.zeros(0, 2, 2), canvas_size=(20, 30)),
    }
    pixels, found = Augment(SMALL, SEED)((image(), before), "a")
    assert tuple(pixels.shape) == (3, 16, 24)
    shapes = {name: tuple(found[name].shape) for name in ("boxes", "labels", "masks", "keypoints")}
    assert shapes == {"boxes": (0, 4), "labels": (0,), "masks": (0, 16, 24), "keypoints": (0, 2, 2)}
    _, alone = Augment(SMALL, SEED)((image(), before["masks"]), "a")
    assert (type(alone), tuple(alone.shape)) == (tv_tensors.Mask, (0, 16, 24))


def test_label_maps_and_points_of_no_object_follow() -> None:
    levels = torch.from_numpy(np.add.outer(np.arange(20) // 5, np.arange(30) // 5 * 4))
    points = tv_tensors.KeyPoints(torch.tensor([[0, 0], [29, 19]]), canvas_size=(20, 30))
    sample = {"image": image(), "classes": tv_tensors.Mask(levels), "points": points}
    found = Augment(horizontally(), SEED)(sample, "a")
    assert torch.equal(found["classes"], functional.horizontal_flip(sample["classes"]))
    assert found["points"].tolist() == [[29, 0], [0, 19]]


def test_boxes_outside_of_a_picture_that_does_not_move_stay() -> None:
    boxes = tv_tensors.BoundingBoxes(torch.tensor([[-9.0, -9.0, -2.0, -2.0]]), format="XYXY", canvas_size=(20, 30))
    _, found = Augment(Pipeline(), SEED)((image(), {"boxes": boxes, "labels": [1]}), "a")
    assert torch.equal(found["boxes"], boxes)


def test_boxes_of_which_nothing_tells_what_goes_with_them_are_refused() -> None:
    boxes = target()["boxes"]
    with pytest.raises(ValueError, match="say per_object=…"):
        Augment(PHOTOS, SEED)((image(), {"boxes": boxes, "classes": [1, 2, 1]}), "a")
    _, found = Augment(PHOTOS, SEED, per_object=("classes",))((image(), {"boxes": boxes, "classes": [1, 2, 1]}), "a")
    assert len(found["classes"]) == len(found["boxes"])
    _, found, labels = Augment(PHOTOS, SEED, per_object=(2,))((image(), boxes, torch.tensor([1, 2, 1])), "a")
    assert len(labels) == len(found)
    with pytest.raises(ValueError, match="'labels' has 2 rows beside 3 boxes"):
        Augment(PHOTOS, SEED)((image(), {"boxes": boxes, "labels": [1, 2]}), "a")


def test_rotated_boxes_and_plain_ones_are_refused() -> None:
    turned = tv_tensors.BoundingBoxes(torch.ones(1, 5), format="CXCYWHR", canvas_size=(20, 30))
    with pytest.raises(ValueError, match="CXCYWHR are not moved"):
        Augment(PHOTOS, SEED)((image(), {"boxes": turned, "labels": [1]}), "a")
    with pytest.raises(TypeError, match="torchvision's BoundingBoxes"):
        Augment(PHOTOS, SEED)((image(), {"boxes": torch.ones(1, 4), "labels": [1]}), "a")


def test_objects_names_tell_what_is_not_mirrored() -> None:
    rules = horizontally().labels.edited(not_mirrored=("arrow",))
    augment = Augment(horizontally().edited(labels=rules), SEED, classes=["nothing", "car", "arrow"])
    found, _ = augment((image(), target()), "a")
    assert torch.equal(found, image())
    others = {**target(), "labels": torch.tensor([1, 1, 1])}
    assert torch.equal(augment((image(), others), "a")[0], functional.horizontal_flip(image()))


def test_boxes_whose_classes_nobody_tells_are_refused_where_a_rule_asks_for_them() -> None:
    pipeline = horizontally().edited(labels=horizontally().labels.edited(not_mirrored=("arrow",)))
    sample = {"image": image(), "label": "street", "boxes": target()["boxes"], "category": torch.tensor([1, 2, 1])}
    for parts in ({"per_object": ("category",)}, {"per_object": ("category",), "classes": ["nothing", "car", "arrow"]}):
        with pytest.raises(ValueError, match="that of box 0: it should stand in 'labels'"):
            Augment(pipeline, SEED, **parts)(sample, "a")
    with pytest.raises(ValueError, match="that of box 0"):
        Augment(pipeline, SEED)((image(), target()), "a")
    named = {**target(), "labels": ["car", "dog", "car"]}
    assert torch.equal(Augment(pipeline, SEED)((image(), named), "a")[0], functional.horizontal_flip(image()))
    none = {"boxes": tv_tensors.BoundingBoxes(torch.zeros(0, 4), format="XYXY", canvas_size=(20, 30)), "labels": []}
    assert torch.equal(Augment(pipeline, SEED)((image(), none), "a")[0], functional.horizontal_flip(image()))


def test_boxes_of_a_picture_of_another_size_are_said() -> None:
    boxes = tv_tensors.BoundingBoxes(torch.ones(1, 4), format="XYXY", canvas_size=(30, 20))
    with pytest.raises(ValueError, match=r"\['boxes'\] has the canvas_size \(30, 20\), and the picture \(20, 30\)"):
        Augment(PHOTOS, SEED)((image(), {"boxes": boxes, "labels": [1]}), "a")


@pytest.mark.parametrize(("row", "words"), [((1, 2, math.nan, 4), "finite"), ((5, 2, 3, 4), "end before it begins")])
def test_boxes_that_are_none_are_said(row: tuple[float, ...], words: str) -> None:
    boxes = tv_tensors.BoundingBoxes(torch.tensor([[1, 1, 5, 5], row]), format="XYXY", canvas_size=(20, 30))
    with pytest.raises(ValueError, match=rf"{words}.*\(object 1\)"):
        Augment(PHOTOS, SEED)((image(), {"boxes": boxes, "labels": [1, 1]}), "a")


# -- tf.data and Keras -----------------------------------------------------------------------------------------------


def elements() -> Any:
    return tf.data.Dataset.from_tensor_slices((np.stack([picture(i) for i in range(COUNT)]), np.arange(COUNT)))


def assert_shown(data: Any, epoch: int, pipeline: Pipeline = PHOTOS) -> None:
    shown = {int(label): image.numpy() for image, label in data}
    assert sorted(shown) == list(range(COUNT))
    for index, image_ in shown.items():
        assert np.array_equal(image_, drawn(index, epoch, pipeline))


@pytest.mark.parametrize("calls", [None, 1, 4, tf.data.AUTOTUNE])
def test_tf_data_shows_the_same_for_any_parallel_calls(calls: int | None) -> None:
    augment = tensorflow.Augment(PHOTOS, SEED)
    data = elements().enumerate().shuffle(COUNT).map(augment, num_parallel_calls=calls).prefetch(2)
    for epoch in (0, 1, 2, 0):
        augment.set_epoch(epoch)
        assert augment.epoch == epoch
        assert_shown(data, epoch)


@pytest.mark.parametrize(
    ("pipeline", "before", "after"),
    [
        (PHOTOS, (20, 30, 3), (20, 30, 3)),
        (PHOTOS, (None, None, 3), (None, None, 3)),
        (PHOTOS, (None, 30, 1), (None, 30, 1)),
        (PHOTOS, (20, 30), (20, 30)),
        (SMALL, (None, None, 3), (16, 24, 3)),
        (Pipeline(transforms=(registry()["quarter_turn"].default(),)), (20, 30, 3), (None, None, 3)),
        (Pipeline(transforms=(registry()["quarter_turn"].default(),)), (20, 20, 3), (20, 20, 3)),
        (Pipeline(transforms=(registry()["quarter_turn"].default(turns=(180,)),)), (20, 30, 3), (20, 30, 3)),
    ],
)
def test_shapes_are_as_well_known_as_they_were(pipeline: Pipeline, before: Any, after: Any) -> None:
    size = tuple(side or 20 for side in before)

    def made() -> Iterator[Any]:
        yield np.zeros(size, np.uint8)

    data = tf.data.Dataset.from_generator(made, output_signature=tf.TensorSpec(before, tf.uint8))
    found = data.enumerate().map(tensorflow.Augment(pipeline, SEED))
    assert tuple(found.element_spec.shape) == after
    assert len(list(found)) == 1


def test_elements_may_be_dicts_and_have_masks() -> None:
    levels = np.add.outer(np.arange(20) // 5, np.arange(30) // 5 * 4)
    wanted = PHOTOS(Sample(picture(0), masks=(Mask(levels.astype(np.uint8), (255,)),)), seed=SEED, key="0").masks[0]
    element = {"image": picture(0)[None], "mask": levels[None, ..., None], "id": [4]}
    data = tf.data.Dataset.from_tensor_slices(element).enumerate()
    with pytest.raises(TypeError, match="no longer fit"):
        data.map(tensorflow.Augment(PHOTOS, SEED))
    [found] = data.map(tensorflow.Augment(PHOTOS, SEED, masks=("mask",), mask_fill=255))
    assert found["id"] == 4
    assert found["mask"].dtype == tf.int64
    assert np.array_equal(found["mask"].numpy()[..., 0], wanted.pixels)


def test_a_path_may_stand_for_the_number() -> None:
    data = tf.data.Dataset.from_tensors((tf.constant("cat/tom.png"), picture(0), 1))
    [(image_, label)] = data.map(tensorflow.Augment(PHOTOS, SEED))
    assert np.array_equal(image_, PHOTOS(picture(0), seed=SEED, key="cat/tom.png"))
    assert label == 1


def test_numbers_that_count_on_tell_the_epoch() -> None:
    augment = tensorflow.Augment(PHOTOS, SEED, size=COUNT)
    data = list(elements().repeat(3).enumerate().map(augment, num_parallel_calls=4).prefetch(8))
    for epoch in range(3):
        assert_shown(data[epoch * COUNT : (epoch + 1) * COUNT], epoch)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda data: data.batch(2), r"rank is 4: call map before batch\(\)"),
        (
            lambda data: data.map(lambda image, label: (tf.cast(image, tf.float32), label)),
            "not float32: augment before",
        ),
        (lambda data: data.map(lambda image, label: (image, image)), r"sample\[1\].*no longer fit"),
        (lambda data: data.map(lambda image, label: {"pixels": image}), "no 'image', but 'pixels'"),
    ],
)
def test_what_cannot_be_augmented_is_said_when_the_data_is_built(change: Any, words: str) -> None:
    with pytest.raises((TypeError, ValueError, KeyError), match=words):
        change(elements()).enumerate().map(tensorflow.Augment(PHOTOS, SEED))


def test_classes_tell_what_is_not_mirrored() -> None:
    pipeline = horizontally()
    pipeline = pipeline.edited(labels=pipeline.labels.edited(not_mirrored=("odd",)))
    with pytest.raises(ValueError, match="say classes=…"):
        elements().enumerate().map(tensorflow.Augment(pipeline, SEED))
    names = ["odd" if number % 2 else "even" for number in range(COUNT)]
    for image_, label in elements().enumerate().map(tensorflow.Augment(pipeline, SEED, classes=names)):
        before = picture(int(label))
        assert np.array_equal(image_, before if label % 2 else before[:, ::-1])


def test_keras_says_the_epoch_by_a_callback_and_repeats_itself_exactly() -> None:
    class Watched(tensorflow.Augment):
        """One that writes down what it showed, from the first epoch on."""

        def __init__(self) -> None:
            super().__init__(SMALL, SEED)
            self.shown: list[tuple[int, str, str]] = []
            self.begun: int | None = None

        def begin(self, epoch: int, logs: Any) -> None:
            self.set_epoch(epoch)
            self.begun = epoch

        def _copied(self, number: Any, label: str, arrays: Any) -> Any:
            made = super()._copied(number, label, arrays)
            if self.begun is not None:
                self.shown.append((self.begun, str(number), hashlib.sha256(made[0].tobytes()).hexdigest()))
            return made

    def trained() -> tuple[Any, list[tuple[int, str, str]]]:
        keras.utils.set_random_seed(3)
        augment = Watched()
        data = elements().enumerate().shuffle(COUNT, seed=1).map(augment, num_parallel_calls=4).batch(2).prefetch(2)
        model = keras.Sequential([keras.layers.Rescaling(1 / 255), keras.layers.Flatten(), keras.layers.Dense(COUNT)])
        model.compile("sgd", keras.losses.SparseCategoricalCrossentropy(from_logits=True))
        begin = keras.callbacks.LambdaCallback(on_epoch_begin=augment.begin)
        model.fit(data, epochs=3, callbacks=[begin], shuffle=False, verbose=0)
        return model.get_weights(), augment.shown

    weights, shown = trained()
    for epoch in range(3):
        wanted = {(epoch, str(i), hashlib.sha256(drawn(i, epoch, SMALL).tobytes()).hexdigest()) for i in range(COUNT)}
        assert {row for row in shown if row[0] == epoch} == wanted
    again, _ = trained()
    assert all(np.array_equal(one, other) for one, other in zip(weights, again, strict=True))


# -- Hugging Face's datasets in PyTorch's loader ---------------------------------------------------------------------


@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
@pytest.mark.parametrize("way", ["fork", "spawn"])
def test_rows_in_workers_that_persist_see_the_epoch(way: str) -> None:
    features = datasets.Features({"image": datasets.Image(), "label": datasets.Value("int64")})
    columns = {"image": [Image.fromarray(picture(i)) for i in range(COUNT)], "label": list(range(COUNT))}
    data = huggingface.numbered(datasets.Dataset.from_dict(columns, features=features))
    augment = huggingface.Augment(PHOTOS, SEED)
    data = data.shuffle(seed=4).with_transform(augment)
    loader = DataLoader(data, 2, collate_fn=same, num_workers=2, persistent_workers=True, multiprocessing_context=way)
    for epoch in (0, 2):
        augment.set_epoch(epoch)
        rows = [row for batch in loader for row in batch]
        assert sorted(row["label"] for row in rows) == list(range(COUNT))
        for row in rows:
            assert np.array_equal(np.asarray(row["image"]), drawn(row["label"], epoch))


def test_a_data_set_of_theirs_goes_into_ours() -> None:
    features = datasets.Features({"image": datasets.Image(), "label": datasets.Value("int64")})
    columns = {"image": [Image.fromarray(picture(i)) for i in range(3)], "label": list(range(3))}
    data = Augmented(datasets.Dataset.from_dict(columns, features=features), PHOTOS, SEED)
    for row in data.__getitems__([2, 0]):
        assert np.array_equal(np.asarray(row["image"]), drawn(row["label"], 0))


# -- what README and manual show -------------------------------------------------------------------------------------

ROOT = Path(__file__).resolve().parents[2]
SHOWN = [
    pytest.param(code, id=f"{page.name}-{number}")
    for page in (ROOT / "README.md", ROOT / "resources" / "manual" / "training.md")
    for number, code in enumerate(re.findall(r"^```py\n(.*?)^```$", page.read_text("utf-8"), re.MULTILINE | re.DOTALL))
    if "augstudio.adapters" in code
]


@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
@pytest.mark.parametrize("code", SHOWN)
def test_the_lines_that_are_shown_run(code: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As they stand, in a folder with what they name."""
    for index in range(4):
        file = tmp_path / "pictures" / ("cat" if index % 2 else "dog") / f"{index}.png"
        file.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(picture(index)).save(file)
    SMALL.save(tmp_path / "mine.json")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HF_DATASETS_CACHE", str(tmp_path / "cache"))
    model = keras.Sequential([keras.layers.Rescaling(1 / 255), keras.layers.Flatten(), keras.layers.Dense(2)])
    model.compile("sgd", keras.losses.SparseCategoricalCrossentropy(from_logits=True))
    names: dict[str, Any] = {
        "ImageFolder": ImageFolder,
        "PILToTensor": PILToTensor,
        "epoch": 1,
        "load_dataset": datasets.load_dataset,
        "model": model,
        "pictures": elements(),
        "pipeline": SMALL,
        "tf": tf,
    }
    exec(code.replace("range(20)", "range(2)").replace("epochs=20", "epochs=2"), names)
    assert len(list(names["data"])) in (4, COUNT)
