from __future__ import annotations

import io
from collections.abc import Callable

import numpy as np
import pytest
from layouts import SIZE, Folder, drawn_mask, mask, photo, saved
from pictures import BESIDE, PHOTOGRAPHS, noise, smooth
from PIL import Image

from augstudio.images import SUFFIXES, read
from augstudio.labels import LabelFormat
from augstudio.labels.mask_content import looks_drawn

NUMBERS = range(6)


def masks_of(folder: Folder) -> set[str]:
    return set(folder.recognise().masks)


def with_masks(pictures: str, masks: str, content: Callable[[int], bytes] = mask) -> Folder:
    return (
        Folder()
        .add(pictures, NUMBERS, lambda i: photo(i, f".{pictures.rpartition('.')[2]}"))
        .add(masks, NUMBERS, content)
    )


@pytest.mark.parametrize(
    ("pictures", "masks", "where"),
    [
        ("images/{}.jpg", "masks/{}.png", "masks/"),
        ("images/train/{}.jpg", "masks/train/{}.png", "masks/train/"),
        ("train/{}.jpg", "train_masks/{}_mask.png", "train_masks/"),
        ("train/{}.png", "trainannot/{}.png", "trainannot/"),
        ("val/image/{}.jpg", "val/label/{}.png", "val/label/"),
        ("JPEGImages/{}.jpg", "SegmentationClass/{}.png", "SegmentationClass/"),
        ("VOC2012/JPEGImages/{}.jpg", "VOC2012/SegmentationObject/{}.png", "VOC2012/SegmentationObject/"),
        ("PNGImages/{}.png", "PedMasks/{}_mask.png", "PedMasks/"),
        ("images/{}.jpg", "annotations/trimaps/{}.png", "annotations/trimaps/"),
        (
            "leftImg8bit/train/aachen/aachen_{}_leftImg8bit.png",
            "gtFine/train/aachen/aachen_{}_gtFine_labelIds.png",
            "gtFine/train/aachen/",
        ),
        ("cat/images/{}.jpg", "cat/masks/{}.png", "cat/masks/"),
        ("DUTS-TR/DUTS-TR-Image/{}.jpg", "DUTS-TR/DUTS-TR-Mask/{}.png", "DUTS-TR/DUTS-TR-Mask/"),
        ("images/training/{}.jpg", "annotations/training/{}.png", "annotations/training/"),
        ("segmentation_set/images/{}.jpg", "segmentation_set/masks/{}.png", "segmentation_set/masks/"),
        ("training/images/{}_training.png", "training/1st_manual/{}_manual1.gif", "training/1st_manual/"),
        ("{}.jpg", "masks/{}.png", "masks/"),
        ("photos/cells/{}.jpg", "ground truth/{}.png", "ground truth/"),
        ("train/image_{}.jpg", "train_seg/mask_{}.png", "train_seg/"),
        ("frames/{}.png", "labels/{}_L.png", "labels/"),
        ("image_2/{}.png", "semantic/{}.png", "semantic/"),
        ("clip_img/{}.jpg", "matting/matte/{}.png", "matting/matte/"),
    ],
)
def test_folders_of_masks(pictures: str, masks: str, where: str) -> None:
    def content(number: int) -> bytes:
        return mask(number, f".{masks.rpartition('.')[2]}")

    folder = with_masks(pictures, masks, content)
    found = folder.recognise()
    assert found.masks == {masks.format(number) for number in NUMBERS}
    assert [labels.in_words() for labels in found.found] == [f"masks: 6 files for all 6 pictures ({where})"]
    assert found.notes == ()
    assert found.pairs == {masks.format(number): pictures.format(number) for number in NUMBERS}
    assert folder.recognise(shuffled=3) == found


@pytest.mark.parametrize(
    ("pictures", "masks"),
    [
        ("benign/benign ({}).png", "benign/benign ({})_mask.png"),
        ("{}.jpg", "{}_segmentation.png"),
        ("train/{}_sat.jpg", "train/{}_mask.png"),
        ("a/train_{}.bmp", "a/train_{}_anno.bmp"),
        ("{}.jpg", "{}-GT.png"),
        ("Image {}.jpg", "Image {} label 1.png"),
        ("img_{}.jpg", "mask_{}.png"),
    ],
)
def test_masks_beside_their_pictures(pictures: str, masks: str) -> None:
    def content(number: int) -> bytes:
        return mask(number, f".{masks.rpartition('.')[2]}")

    found = with_masks(pictures, masks, content).recognise()
    assert found.masks == {masks.format(number) for number in NUMBERS}
    assert [labels.in_words() for labels in found.found] == ["masks: 6 files for all 6 pictures (beside the pictures)"]
    assert found.pairs == {masks.format(number): pictures.format(number) for number in NUMBERS}


def test_several_masks_of_one_picture() -> None:
    folder = with_masks("benign ({}).png", "benign ({})_mask.png")
    folder.add("benign ({})_mask_1.png", range(2), mask(40))
    assert len(masks_of(folder)) == 8
    assert folder.lines() == ["masks: 8 files for all 6 pictures (beside the pictures)"]
    folder = Folder()
    for number in NUMBERS:  # a mask for each nucleus, of names of their own
        folder.add(f"stage1/{number}a/images/{number}a.png", range(1), photo(number, ".png"))
        folder.add(f"stage1/{number}a/masks/{number}x{{}}.png", range(4), mask)
    assert [(labels.files, labels.pictures) for labels in folder.recognise().found] == [(24, 6)]
    assert folder.recognise().pairs["stage1/3a/masks/3x2.png"] == "stage1/3a/images/3a.png"
    cityscapes = with_masks("leftImg8bit/val/bonn/b_{}_leftImg8bit.png", "gtFine/val/bonn/b_{}_gtFine_labelIds.png")
    cityscapes.add("gtFine/val/bonn/b_{}_gtFine_color.png", NUMBERS, coloured)
    cityscapes.add(
        "gtFine/val/bonn/b_{}_gtFine_polygons.json", NUMBERS, b'{"imgHeight": 9, "imgWidth": 9, "objects": []}'
    )
    assert len(masks_of(cityscapes)) == 12
    pairs = cityscapes.recognise().pairs
    assert [pairs[f"gtFine/val/bonn/b_2_gtFine_{kind}.png"] for kind in ("labelIds", "color")] == [
        "leftImg8bit/val/bonn/b_2_leftImg8bit.png"
    ] * 2


@pytest.mark.parametrize(
    "mask_of", ["masks/{}_{}.png", "masks/{}_mask_{}.png", "masks/{} {}.png", "masks/{}-{:03}.png"]
)
def test_numbered_masks_of_one_picture(mask_of: str) -> None:
    folder = Folder()
    expected = {}
    for number in NUMBERS:
        folder.add("images/a{}.jpg", range(number, number + 1), photo)
        for part in range(number % 3 + 1):
            key = mask_of.format(f"a{number}", part)
            folder.files[key] = mask(10 * number + part)
            expected[key] = f"images/a{number}.jpg"
    assert folder.recognise().pairs == expected


def test_numbers_at_the_end_are_no_tails_where_stems_pair_as_they_are() -> None:
    """`img_9` has lost its picture, and is no mask of `img`."""
    folder = with_masks("images/img_{}.jpg", "masks/img_{}.png")
    folder.add("images/img.jpg", range(1), photo).add("masks/img_{}.png", range(9, 10), mask)
    pairs = folder.recognise().pairs
    assert pairs["masks/img_9.png"] == ""
    assert pairs["masks/img_3.png"] == "images/img_3.jpg"


def test_pairs_name_every_mask_and_no_mask_as_a_picture() -> None:
    folder = with_masks("images/{}.jpg", "masks/{}.png").add("masks/{}_mask.png", NUMBERS, mask)
    folder.add("images/{}_mask.png", range(2), mask)
    found = folder.recognise()
    assert found.pairs.keys() == found.masks
    assert not found.masks & set(found.pairs.values())


def coloured(seed: int) -> bytes:
    palette = np.random.default_rng(7).integers(0, 256, (256, 3)).astype(np.uint8)
    return saved(palette[drawn_mask(seed, (1, 2, 3))], ".png")


def with_palette(seed: int) -> bytes:
    picture = Image.fromarray(drawn_mask(seed, (1, 15, 255)))
    picture.putpalette(np.random.default_rng(3).integers(0, 256, 768).astype(np.uint8).tobytes())
    return _png(picture)


def of_one_bit(seed: int) -> bytes:
    return _png(Image.fromarray(drawn_mask(seed)).convert("1"))


def deep(seed: int) -> bytes:
    return saved(drawn_mask(seed, (1, 2, 3)).astype(np.uint16) * 1001, ".png")


def of_many_objects(seed: int) -> bytes:
    tiles = np.arange(SIZE[0] // 8 * (SIZE[1] // 8), dtype=np.uint16).reshape(SIZE[0] // 8, SIZE[1] // 8)
    return saved(np.kron(tiles, np.ones((8, 8), np.uint16)), ".png")


def blank(seed: int) -> bytes:
    return saved(np.zeros(SIZE, np.uint8), ".png")


def _png(picture: Image.Image) -> bytes:
    file = io.BytesIO()
    picture.save(file, "PNG")
    return file.getvalue()


@pytest.mark.parametrize("content", [coloured, with_palette, of_one_bit, deep, of_many_objects, blank])
def test_masks_of_every_kind(content: Callable[[int], bytes]) -> None:
    assert len(masks_of(with_masks("images/{}.jpg", "masks/{}.png", content))) == 6


def test_masks_saved_as_jpeg() -> None:
    folder = with_masks("images/{}.jpg", "masks/{}.jpg", lambda i: mask(i, ".jpg"))
    assert masks_of(folder) == {f"masks/{number}.jpg" for number in NUMBERS}


def test_masks_of_pictures_that_lie_on_their_side() -> None:
    """The mask was drawn on the stored picture, and the camera's orientation left out of it."""
    folder = with_masks("images/{}.png", "masks/{}.png", lambda i: saved(drawn_mask(i).T.copy(), ".png"))
    assert len(masks_of(folder)) == 6


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("with_mask/{}.jpg", "without_mask/{}.jpg"),
        ("mask/{}.jpg", "no_mask/{}.jpg"),
        ("masks/{}.jpg", "faces/{}.jpg"),
        ("train/masks/{}.jpg", "train/faces/{}.jpg"),
        ("labels/{}.png", "bottles/{}.png"),
        ("cats/{}.jpg", "dogs/{}.jpg"),
        ("segment_a/{}.jpg", "segment_b/{}.jpg"),
        ("seg_train/{}.jpg", "seg_test/{}.jpg"),
        ("gt/{}.jpg", "sedan/{}.jpg"),
        ("{}.jpg", "{}_label.jpg"),
        ("shoe_{}.png", "shoe_{}_alpha.png"),
    ],
)
def test_photographs_are_no_masks(one: str, other: str) -> None:
    """Whatever their folders are called, and with the same stems and sizes."""
    folder = Folder().add(one, NUMBERS, lambda i: photo(i, f".{one.rpartition('.')[2]}"))
    folder.add(other, NUMBERS, lambda i: photo(i + 50, f".{other.rpartition('.')[2]}"))
    assert folder.recognise().masks == frozenset()
    assert folder.lines() == []


@pytest.mark.parametrize(
    ("pictures", "masks"),
    [
        ("images/{}.jpg", "drawings/{}.png"),  # no name
        ("images/a{}.jpg", "masks/b{}.png"),  # no stems
        ("cats/{}.jpg", "with_mask/{}.png"),
        ("cats/{}.jpg", "asphalt/{}.png"),
        ("cats/{}.jpg", "segment_a/{}.png"),
        ("masks/{}.jpg", "masks/deep/masks/x{}.png"),
    ],
)
def test_content_alone_makes_no_mask(pictures: str, masks: str) -> None:
    assert masks_of(with_masks(pictures, masks)) == set()


def test_masks_alone_are_pictures() -> None:
    assert masks_of(Folder().add("masks/{}.png", NUMBERS, mask)) == set()


def test_masks_of_another_size_are_none() -> None:
    folder = with_masks("images/{}.jpg", "masks/{}.png", lambda i: saved(drawn_mask(i, size=(50, 60)), ".png"))
    assert masks_of(folder) == set()


def test_folders_of_one_name_may_differ() -> None:
    """Masks of one set, photographs of faces with masks in another, in one folder."""
    folder = with_masks("cells/images/{}.jpg", "cells/masks/{}.png")
    folder.add("people/faces/{}.jpg", NUMBERS, photo).add("people/masks/{}.jpg", NUMBERS, lambda i: photo(i + 20))
    assert masks_of(folder) == {f"cells/masks/{number}.png" for number in NUMBERS}


def test_masks_without_pictures_are_masks_and_noted() -> None:
    folder = with_masks("images/{}.jpg", "masks/{}.png").add("masks/x{}.png", range(2), mask)
    found = folder.recognise()
    assert len(found.masks) == 8
    assert {key: picture for key, picture in found.pairs.items() if "x" in key} == {
        "masks/x0.png": "",
        "masks/x1.png": "",
    }
    assert [(labels.files, labels.pictures, labels.among) for labels in found.found] == [(6, 6, 6)]
    assert found.notes == ("2 masks belong to no picture, such as masks/x0.png",)


def test_photographs_among_masks_stay_pictures() -> None:
    folder = with_masks("images/{}.jpg", "seg/{}_mask.png")
    folder.add("seg/{}.jpg", NUMBERS, photo).add("seg/x{}.jpg", range(2), photo)
    assert masks_of(folder) == {f"seg/{number}_mask.png" for number in NUMBERS}
    assert folder.recognise().notes == ()


def test_what_cannot_be_read_is_no_mask_and_noted() -> None:
    folder = with_masks("images/{}.jpg", "masks/{}.png", lambda i: b"\x89PNG cut")
    found = folder.recognise()
    assert found.masks == frozenset()
    assert found.notes == ("masks/0.png: 6 pictures named like masks, but those looked at cannot be read",)
    folder.add("masks/{}.png", range(1, 6), mask)  # one of them is damaged
    assert len(masks_of(folder)) == 6


def test_labels_count_pictures_without_their_masks() -> None:
    folder = with_masks("JPEGImages/{}.jpg", "SegmentationClass/{}.png", with_palette)
    folder.add("Annotations/{}.xml", range(4), b"<annotation><object><bndbox/></object></annotation>")
    assert folder.lines() == [
        "masks: 6 files for all 6 pictures (SegmentationClass/)",
        "Pascal VOC boxes: 4 files for 4 of 6 pictures (Annotations/)",
    ]


def test_few_are_opened_however_many_there_are() -> None:
    small = saved(smooth(9, 9), ".png"), saved(np.zeros((9, 9), np.uint8), ".png")
    folder = Folder()
    for number in range(200):
        folder.add(f"images/c{number}/{{}}.png", range(10), small[0]).add(
            f"masks/c{number}/{{}}.png", range(10), small[1]
        )
    found = folder.recognise()
    assert len(found.masks) == 2_000
    assert found.found[0].format is LabelFormat.MASKS
    assert len({key for key, _ in folder.reads}) == 10


def test_photographs_look_drawn_at_no_size() -> None:
    files = [*PHOTOGRAPHS, *(p for p in BESIDE.glob("c*/**/*") if p.suffix in SUFFIXES)]
    assert files
    for path in files:
        pixels = read(path).pixels
        assert not looks_drawn(pixels), path
        grey = np.asarray(Image.fromarray(pixels[..., :3]).convert("L").resize((64, 64)))
        assert not looks_drawn(grey), path


@pytest.mark.parametrize("channels", [1, 2, 3, 4])
@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_pixels_of_every_kind(channels: int, dtype: type) -> None:
    assert not looks_drawn(noise(40, 50, channels, dtype))
    assert not looks_drawn(smooth(40, 50, channels, dtype))
    assert looks_drawn(np.full_like(noise(40, 50, channels, dtype), 7))
    assert looks_drawn(noise(1, 1, channels, dtype))
