"""Samples of every kind through the bare callable, by key and epoch: what needs no other library than Pillow."""

from __future__ import annotations

import pickle
import random
from collections import namedtuple
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pictures import smooth
from PIL import Image

from augstudio import Pipeline, Sample
from augstudio.adapters import Augment
from augstudio.dataset.scanning import scan
from augstudio.engine import BoundingBox, Mask
from augstudio.export import Settings, run_export
from augstudio.pipeline import Fit, Output
from augstudio.transforms import registry

GENTLE = Pipeline.load("gentle")
PHOTOS = Pipeline.load("photos")
SMALL = PHOTOS.edited(output=Output(fit=Fit.CROP, width=24, height=16))
IMAGE = smooth(40, 50, 3)


def steps(*ops: str, **fields: Any) -> Pipeline:
    """A pipeline in which each step is certain."""
    return Pipeline(transforms=tuple(registry()[op].default(probability=1.0) for op in ops), **fields)


MIRROR = Pipeline(transforms=(registry()["flip"].default(probability=1.0, axis="horizontal"),))


# -- keys and epochs -----------------------------------------------------------------------------------------------


@given(key=st.text(max_size=20) | st.integers(0, 10**9), epoch=st.integers(0, 1000), seed=st.integers(0, 2**40))
def test_an_epoch_is_a_copy_of_the_pipeline(key: str | int, epoch: int, seed: int) -> None:
    found = Augment(GENTLE, seed)(IMAGE, key, epoch)
    assert np.array_equal(found, GENTLE(IMAGE, seed=seed, key=str(key), copy=epoch + 1))


def test_epochs_show_the_copies_of_an_export(tmp_path: Path) -> None:
    pictures = {"cat/one": Image.fromarray(IMAGE), "dog/two": Image.fromarray(IMAGE[..., 0].copy())}
    for name, picture in pictures.items():
        (tmp_path / "in" / name).parent.mkdir(parents=True)
        picture.save(tmp_path / "in" / f"{name}.png")
    run_export(Settings(tmp_path / "out", pipeline=PHOTOS, seed=5, copies=3, workers=0), scan(tmp_path / "in"))
    for name, picture in pictures.items():
        for epoch in range(3):
            made = Augment(PHOTOS, seed=5)(picture, key=f"{name}.png", epoch=epoch)
            with Image.open(tmp_path / "out" / "images" / f"{name}__aug{epoch + 1}.png") as exported:
                assert np.array_equal(np.asarray(made), np.asarray(exported))


def test_every_seed_key_and_epoch_is_another_draw() -> None:
    ways = [(7, "a", 0), (8, "a", 0), (7, "b", 0), (7, "a", 1)]
    made = [Augment(PHOTOS, seed)(IMAGE, key, epoch).tobytes() for seed, key, epoch in ways]
    assert len(set(made)) == len(ways)


@pytest.mark.parametrize("key", [3, np.int64(3), np.uint8(3), np.array(3), "3", b"3"])
def test_a_number_of_any_library_is_the_same_key(key: Any) -> None:
    assert np.array_equal(Augment(PHOTOS, 7)(IMAGE, key), Augment(PHOTOS, 7)(IMAGE, 3))


@pytest.mark.parametrize(
    ("key", "epoch", "words"),
    [
        (1.5, 0, "key must be text or a whole number"),
        (None, 0, "key must be text"),
        ((1, 2), 0, "key must be text"),
        (-1, 0, "key must be 0 or more"),
        (1, -1, "epoch must be 0 or more"),
        (1, 0.5, "epoch must be a whole number"),
    ],
)
def test_other_keys_and_epochs_are_refused(key: Any, epoch: Any, words: str) -> None:
    with pytest.raises((TypeError, ValueError), match=words):
        Augment(PHOTOS, 7)(IMAGE, key, epoch)


@pytest.mark.parametrize("seed", [-1, 1.5, "7", None])
def test_another_seed_is_refused_at_once(seed: Any) -> None:
    with pytest.raises((TypeError, ValueError), match="seed must be"):
        Augment(PHOTOS, seed)


def test_a_name_is_no_pipeline() -> None:
    with pytest.raises(TypeError, match=r"Pipeline\.load"):
        Augment("photos", 7)  # type: ignore[arg-type]


def test_no_global_random_state_is_read_or_changed() -> None:
    augment = Augment(PHOTOS, 7)
    made = []
    for state in (1, 2):
        random.seed(state)
        np.random.seed(state)  # noqa: NPY002  # it is the global one that is looked at
        before = random.getstate(), np.random.get_state()[1].tobytes()  # noqa: NPY002
        made.append(augment(IMAGE, "a"))
        assert (random.getstate(), np.random.get_state()[1].tobytes()) == before  # noqa: NPY002
    assert np.array_equal(*made)


def test_it_goes_through_pickle() -> None:
    augment = Augment(PHOTOS, 7, masks=(1,), mask_fill=255, classes=["cat", "dog"])
    again = pickle.loads(pickle.dumps(augment))
    sample = (IMAGE, np.zeros((40, 50), np.uint8))
    for one, other in zip(augment(sample, "a", 2), again(sample, "a", 2), strict=True):
        assert np.array_equal(one, other)


# -- pictures ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("channels", [1, 2, 3, 4])
@pytest.mark.parametrize("kind", [np.uint8, np.uint16])
def test_arrays_come_back_as_they_were(channels: int, kind: type) -> None:
    pixels = (smooth(40, 50, channels) * np.dtype(kind).itemsize).astype(kind)
    pixels = pixels.reshape(40, 50, -1)
    before = pixels.copy()
    found = Augment(SMALL, 7)(pixels, "a")
    assert found.shape == (16, 24, channels)
    assert found.dtype == kind
    assert np.array_equal(pixels, before)
    same = pixels[..., 0] if channels == 1 else pixels
    assert np.array_equal(found.squeeze(), SMALL(same, seed=7, key="a"))


@pytest.mark.parametrize("mode", ["L", "LA", "RGB", "RGBA", "I;16"])
def test_pillow_pictures_come_back_as_they_were(mode: str) -> None:
    if mode == "I;16":
        picture = Image.fromarray(smooth(40, 50, 1).reshape(40, 50).astype(np.uint16) * 200)
    else:
        picture = Image.fromarray(IMAGE).convert(mode)
    before = picture.tobytes()
    found = Augment(SMALL, 7)(picture, "a")
    assert isinstance(found, Image.Image)
    assert (found.mode, found.size) == (mode, (24, 16))
    assert np.array_equal(np.asarray(found), SMALL(np.asarray(picture), seed=7, key="a"))
    assert picture.tobytes() == before


@pytest.mark.parametrize("mode", ["P", "1", "CMYK", "HSV", "I", "F"])
def test_other_modes_are_refused_with_the_remedy(mode: str) -> None:
    with pytest.raises(ValueError, match=rf"not {mode}: image\.convert\('RGB'\)"):
        Augment(SMALL, 7)(Image.fromarray(IMAGE).convert("L" if mode in "IF" else "RGB").convert(mode), "a")


@pytest.mark.parametrize("sample", ["picture.jpg", 5, None, [[1, 2], [3, 4]], ("a.jpg", 1), {"image": "a.jpg"}])
def test_what_is_no_picture_is_refused(sample: Any) -> None:
    with pytest.raises(TypeError, match="a picture must be a Pillow image, a NumPy array or a PyTorch tensor, not"):
        Augment(SMALL, 7)(sample, "a")


def test_an_array_of_floats_is_refused_with_the_remedy() -> None:
    with pytest.raises(TypeError, match="uint8 or uint16"):
        Augment(SMALL, 7)(IMAGE / 255, "a")


# -- samples -------------------------------------------------------------------------------------------------------

Labelled = namedtuple("Labelled", "picture label about")  # noqa: PYI024  # one as data sets give them


@pytest.mark.parametrize("around", [tuple, list, lambda parts: Labelled(*parts)])
def test_what_stands_beside_a_picture_is_handed_on(around: Any) -> None:
    about = {"name": "tom", "size": [40, 50]}
    sample = around([IMAGE, 3, about])
    found = Augment(SMALL, 7)(sample, "a")
    assert type(found) is type(sample)
    assert np.array_equal(found[0], SMALL(IMAGE, seed=7, key="a"))
    assert found[1] == 3
    assert found[2] is about
    assert sample[0] is IMAGE


def test_a_dict_names_its_picture() -> None:
    sample = {"label": 3, "pixel_values": Image.fromarray(IMAGE)}
    found = Augment(SMALL, 7, image="pixel_values")(sample, "a")
    assert list(found) == ["label", "pixel_values"]
    assert found["pixel_values"].size == (24, 16)
    with pytest.raises(KeyError, match=r"no 'image', but 'label', 'pixel_values': say which is the picture, image=…"):
        Augment(SMALL, 7)(sample, "a")


def test_an_empty_sample_is_refused() -> None:
    with pytest.raises(ValueError, match="empty"):
        Augment(SMALL, 7)((), "a")


def test_a_sample_of_the_engine_follows_the_rules_for_labels() -> None:
    sample = Sample(IMAGE, (BoundingBox(0, 5, 5, 30, 30),), (Mask(np.eye(40, 50, dtype=np.uint8)),), ("cat",))
    found, wanted = Augment(SMALL, 7)(sample, "a", 4), SMALL(sample, seed=7, key="a", copy=5)
    assert np.array_equal(found.pixels, wanted.pixels)
    assert found.shapes == wanted.shapes
    assert np.array_equal(found.masks[0].pixels, wanted.masks[0].pixels)


# -- masks ---------------------------------------------------------------------------------------------------------

LEVELS = np.add.outer(np.arange(40) // 10, np.arange(50) // 10 * 4).astype(np.uint8)


def moved(fill: int = 0) -> Any:
    return PHOTOS(Sample(IMAGE, masks=(Mask(LEVELS, (fill,)),)), seed=7, key="a").masks[0].pixels


@pytest.mark.parametrize("kind", [np.uint8, np.uint16, np.int16, np.int32, np.int64, np.uint32])
def test_masks_of_whole_numbers_follow(kind: type) -> None:
    _, found = Augment(PHOTOS, 7, masks=(1,), mask_fill=77)((IMAGE, LEVELS.astype(kind)), "a")
    assert found.dtype == kind
    assert np.array_equal(found, moved(77))


def test_masks_may_have_negative_numbers() -> None:
    mask = LEVELS.astype(np.int64) - 100
    _, found = Augment(PHOTOS, 7, masks=(1,), mask_fill=-100)((IMAGE, mask), "a")
    assert np.array_equal(found, moved(0).astype(np.int64) - 100)


def test_masks_of_bool_and_of_planes_follow() -> None:
    planes = np.stack([level == LEVELS for level in range(5)], -1)
    _, found = Augment(PHOTOS, 7, masks=(1,))((IMAGE, planes), "a")
    assert found.dtype == np.bool_
    inside = moved(99) != 99
    for level in range(5):
        assert np.array_equal(found[..., level], (moved(99) == level) & inside)


def test_a_mask_of_no_planes_is_one_of_the_copys_size() -> None:
    small = PHOTOS.edited(output={"width": 24, "height": 16, "fit": "stretch"})
    _, found = Augment(small, 7, masks=(1,))((IMAGE, np.zeros((40, 50, 0), bool)), "a")
    assert (found.shape, found.dtype) == ((16, 24, 0), np.bool_)


@pytest.mark.parametrize("mode", ["L", "P", "I", "I;16", "1", "RGB"])
def test_pillow_masks_follow(mode: str) -> None:
    mask = Image.fromarray(LEVELS)
    if mode == "P":
        mask.putpalette(bytes(range(256)) * 3)
    elif mode == "I;16":
        mask = Image.fromarray(LEVELS.astype(np.uint16))
    elif mode == "1":
        mask = Image.fromarray(LEVELS == 3)
    else:
        mask = mask.convert(mode)
    found = Augment(PHOTOS, 7, masks=("mask",))({"image": IMAGE, "mask": mask}, "a")["mask"]
    assert (found.mode, found.size) == (mode, mask.size)
    levels = np.asarray(found)
    wanted = moved() == 3 if mode == "1" else moved()
    assert np.array_equal(levels[..., 0] if mode == "RGB" else levels, wanted)
    assert found.getpalette() == mask.getpalette()


def test_masks_in_a_dict_inside_are_found() -> None:
    found = Augment(PHOTOS, 7, masks=("mask",))((IMAGE, {"mask": LEVELS, "id": 4}), "a")
    assert np.array_equal(found[1]["mask"], moved())
    assert found[1]["id"] == 4


@pytest.mark.parametrize(
    ("mask", "fill", "words"),
    [
        (LEVELS / 2, 0, "whole numbers or bool"),
        (LEVELS[:-1], 0, "picture's size"),
        (LEVELS[0], 0, "must be"),
        (LEVELS, 256, "mask_fill is 256"),
        (LEVELS.astype(np.int64) * 100_000, 0, "span 65,536"),
        (LEVELS.astype(np.int64), -70_000, "span 65,536"),
        ("mask.png", 0, "not str"),
        (Image.fromarray(LEVELS).convert("F"), 0, "mode"),
    ],
)
def test_other_masks_are_refused(mask: Any, fill: int, words: str) -> None:
    with pytest.raises((TypeError, ValueError), match=words):
        Augment(PHOTOS, 7, masks=(1,), mask_fill=fill)((IMAGE, mask), "a")


def test_a_mask_that_is_not_there_is_said() -> None:
    with pytest.raises(KeyError, match="no mask 'mask'"):
        Augment(PHOTOS, 7, masks=("mask",))((IMAGE, 1), "a")


def test_one_name_is_no_list_of_names() -> None:
    with pytest.raises(TypeError, match=r"masks must be a sequence of names or positions, such as \('mask',\)"):
        Augment(PHOTOS, 7, masks="mask")


# -- what would no longer fit --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("sample", "where"),
    [
        ((IMAGE, LEVELS), r"sample\[1\] \(ndarray\)"),
        ((IMAGE, Image.fromarray(LEVELS)), r"sample\[1\] \(Image\)"),
        ((IMAGE, np.zeros((3, 40, 50))), r"sample\[1\]"),
        ((IMAGE, {"boxes": [[1, 2, 3, 4]]}), r"sample\[1\]\['boxes'\]"),
        ((IMAGE, [{"bbox": [1, 2, 3, 4], "segmentation": []}]), r"sample\[1\]\[0\]\['bbox'\]"),
        ({"image": IMAGE, "objects": {"bbox": [], "category": []}}, r"sample\['objects'\]\['bbox'\]"),
        ({"image": IMAGE, "annotation": Image.fromarray(LEVELS)}, r"sample\['annotation'\]"),
    ],
)
def test_boxes_and_pictures_that_would_stay_behind_are_refused(sample: Any, where: str) -> None:
    with pytest.raises(TypeError, match=where + ".* would no longer fit the picture: name it in masks=…"):
        Augment(GENTLE, 7)(sample, "a")


def test_they_may_be_left_as_they_are_by_name() -> None:
    objects = {"bbox": [[1, 2, 3, 4]]}
    found = Augment(GENTLE, 7, untouched=("objects",))({"image": IMAGE, "objects": objects, "mask": None}, "a")
    assert found["objects"] is objects
    assert Augment(GENTLE, 7, untouched=(1,))((IMAGE, LEVELS), "a")[1] is LEVELS


# -- what is not mirrored ------------------------------------------------------------------------------------------

RULED = MIRROR.edited(labels=MIRROR.labels.edited(not_mirrored=("left",)))


@pytest.mark.parametrize(
    ("sample", "parts"),
    [
        ((IMAGE, 1), {"classes": ["right", "left"]}),
        ((IMAGE, np.int64(1)), {"classes": {0: "right", 1: "left"}}),
        ((IMAGE, "left"), {}),
        ((IMAGE, b"left"), {}),
        ((IMAGE, None, "left"), {"label": 2}),
        ({"image": IMAGE, "label": 1}, {"classes": ("right", "left")}),
        ({"image": IMAGE, "class": "signs/left"}, {"label": "class"}),
    ],
)
def test_a_class_that_is_never_mirrored_is_not(sample: Any, parts: Any) -> None:
    found = Augment(RULED, 7, **parts)(sample, "a")
    assert np.array_equal(found["image"] if isinstance(found, dict) else found[0], IMAGE)


def test_other_classes_are_mirrored() -> None:
    found, _ = Augment(RULED, 7, classes=["right", "left"])((IMAGE, 0), "a")
    assert np.array_equal(found, IMAGE[:, ::-1])


@pytest.mark.parametrize("sample", [IMAGE, (IMAGE, 1), {"image": IMAGE}, (IMAGE, [1, 0]), (IMAGE, None)])
def test_a_picture_of_no_known_class_is_refused_where_a_rule_asks_for_it(sample: Any) -> None:
    with pytest.raises(ValueError, match=r"never mirrors some classes \(left\).*say classes=…"):
        Augment(RULED, 7)(sample, "a")


BOX = BoundingBox(0, 1, 1, 20, 20)


def test_samples_say_the_classes_of_their_objects() -> None:
    """A sample states what there is in its picture, be it nothing."""
    other = BoundingBox(1, 4, 4, 9, 9)
    for objects, names, mirrored in (
        ((), (), True),
        ((BOX,), ("right",), True),
        ((BOX, other), ("right", "left"), False),
    ):
        found = Augment(RULED, 7)(Sample(IMAGE, objects, names=names), "a")
        assert np.array_equal(found.pixels, IMAGE[:, ::-1] if mirrored else IMAGE)
    for objects, names in (((BOX,), ()), ((BOX,), ("",)), ((BOX, other), ("right",))):
        with pytest.raises(ValueError, match=r"never mirrors some classes \(left\).*object [01].*say names=…"):
            Augment(RULED, 7)(Sample(IMAGE, objects, names=names), "a")


def test_a_class_that_nobody_names_is_said() -> None:
    for number in (2, -1):
        with pytest.raises(ValueError, match=f"there is a class {number}, which classes=… does not name: it has 2"):
            Augment(RULED, 7, classes=["right", "left"])((IMAGE, number), "a")
        with pytest.raises(ValueError, match=f"there is a class {number}, which classes=… does not name: it has 1"):
            Augment(RULED, 7, classes={5: "right"})((IMAGE, number), "a")
        _, label = Augment(MIRROR, 7, classes=["right", "left"])((IMAGE, number), "a")
        assert label == number, "no rule asks for it"
