"""Masks as labels: collected, read, moved by hand and written, as an export would."""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from layouts import SIZE, Folder, drawn_mask, mask, photo, saved
from pictures import Pixels
from PIL import Image, ImageOps
from pngs import PALETTE, RGB, chunk, colours, file

from augstudio.engine import Mask
from augstudio.images import Loaded, probe
from augstudio.labels import LabelFormat, RecognitionStopped
from augstudio.labels.adapter import Ground, LabelSet
from augstudio.labels.mask_labels import MaskLabels
from augstudio.labels.mask_levels import stands_for_nothing
from augstudio.labels.mask_names import named
from augstudio.labels.model import Copy, Facts, Labelled, Labelling, Problem
from augstudio.labels.places import Pictures

ADAPTER = MaskLabels()
VOC = colours(8).tobytes()


def png(picture: Image.Image | Pixels, **options: Any) -> bytes:
    stream = io.BytesIO()
    (picture if isinstance(picture, Image.Image) else Image.fromarray(picture)).save(stream, "PNG", **options)
    return stream.getvalue()


def with_palette(pixels: Pixels, palette: bytes = VOC) -> Image.Image:
    picture = Image.fromarray(pixels)
    picture.putpalette(palette)
    return picture


def decoded(data: bytes) -> Pixels:
    deep = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_UNCHANGED)
    if deep is not None and deep.dtype == np.uint16:  # Pillow has no colours of 16 bit
        return deep if deep.ndim == 2 else deep[..., ::-1]
    with Image.open(io.BytesIO(data)) as picture:
        return np.array(picture)


@dataclass
class Set:
    """A folder's labels, collected."""

    folder: Folder
    found: LabelSet

    @property
    def labelling(self) -> Labelling:
        return self.found.labelling

    def facts(self, key: str) -> Facts:
        info = probe(Loaded(Path(key), self.folder.files[key]))
        return Facts(key, info.width, info.height, info.orientation)

    def read(self, key: str) -> bytes:
        return self.folder.read(key, 2**40)

    def parse(self, key: str, **facts: Any) -> Labelled:
        return ADAPTER.parse(self.found.records[key], self.labelling, self.read, replace(self.facts(key), **facts))

    def fills(self, key: str) -> list[tuple[int, ...]]:
        return [one.fill for one in self.parse(key).masks]


def collected(folder: Folder, pairs: Mapping[str, str] | None = None, **options: str | int) -> Set:
    if pairs is None:
        pairs = folder.recognise().pairs
    pictures = Pictures(key for key in folder.files if key not in pairs and not key.endswith((".txt", ".json")))
    others = tuple(sorted(set(folder.files) - set(pictures.keys) - set(pairs)))
    found = ADAPTER.collect(
        Ground(pictures, {}, others, pairs, lambda key: folder.read(key, 2**40), options=options),
    )
    assert found is not None
    return Set(folder, found)


def beside(contents: Mapping[str, bytes], picture: bytes | None = None, **options: str | int) -> Set:
    """Masks of pictures of the same stem, whatever recognition would say."""
    folder = Folder()
    pairs = {}
    for name, content in contents.items():
        stem = name.partition(".")[0]
        folder.files[f"images/{stem}.jpg"] = photo() if picture is None else picture
        folder.files[f"masks/{name}"] = content
        pairs[f"masks/{name}"] = f"images/{stem}.jpg"
    return collected(folder, pairs, **options)


def as_copy(
    labelled: Labelled,
    path: str = "images/a__aug1.jpg",
    move: Callable[[Pixels], Pixels] | None = None,
) -> Copy:
    masks = tuple(Mask(move(one.pixels), one.fill) if move else one for one in labelled.masks)
    height, width = masks[0].pixels.shape[:2] if masks else (9, 9)
    return Copy(path, "", width, height, 3, (), masks, unmoved=move is None)


def written(of: Set, key: str, path: str = "images/a__aug1.jpg", move: Any = None) -> dict[str, bytes]:
    labelled = of.parse(key)
    files = ADAPTER.render(labelled, of.labelling, as_copy(labelled, path, move)).files
    assert len({file.role for file in files}) == len({file.path for file in files}) == len(files)
    return {file.path: file.data for file in files}


def shifted(pixels: Pixels) -> Pixels:
    return np.ascontiguousarray(np.roll(pixels, (3, 5), (0, 1)))


# --- kinds and what is outside ----------------------------------------------------------------------------------------

KINDS: dict[str, tuple[bytes, tuple[int, ...], str]] = {
    "two levels": (png(drawn_mask(1)), (0,), "L"),
    "0 and 1": (png(drawn_mask(1, (1,))), (0,), "L"),
    "1 and 2": (png(drawn_mask(1, (1,)) + 1), (255,), "L"),
    "1 and 2 in three channels": (png((drawn_mask(1, (1,)) + 1)[..., None].repeat(3, 2)), (255, 255, 255), "RGB"),
    "1 and 255": (png(drawn_mask(1, (254,)) + 1), (1,), "L"),
    "one level": (png(np.full(SIZE, 3, np.uint8)), (255,), "L"),
    "nothing but foreground": (png(np.full(SIZE, 255, np.uint8)), (0,), "L"),
    "one bit": (png(Image.fromarray(drawn_mask(1)).convert("1")), (0,), "1"),
    "blank": (png(np.zeros(SIZE, np.uint8)), (0,), "L"),
    "numbers": (png(drawn_mask(1, (1, 2, 18))), (255,), "L"),
    "numbers and void": (png(drawn_mask(1, (1, 2, 18, 255))), (255,), "L"),
    "one class and void": (png(drawn_mask(1, (1, 255))), (255,), "L"),
    "palette and void": (png(with_palette(drawn_mask(1, (1, 15, 255)))), (255,), "P"),
    "palette": (png(with_palette(drawn_mask(1, (1, 15, 20)))), (255,), "P"),
    "palette of four bits": (png(with_palette(drawn_mask(1, (1, 5, 9)), VOC[:30]), bits=4), (255,), "P"),
    "trimap": (png(drawn_mask(1, (128, 255))), (0,), "L"),
    "shades": (png(cv2.GaussianBlur(drawn_mask(1), (9, 9), 0)), (0,), "L"),
    "sixteen bit": (png(drawn_mask(1, (1, 2, 3)).astype(np.uint16) * 9001), (0,), "I;16"),
    "colours": (
        png(colours(8)[drawn_mask(1, (1, 2, 3))] * (drawn_mask(1, (1, 2, 3)) > 0)[..., None]),
        (0, 0, 0),
        "RGB",
    ),
    "colours without black": (png(colours(8)[drawn_mask(1, (1, 2, 3))]), tuple(colours(8)[0].tolist()), "RGB"),
    "colours and alpha": (
        png(np.dstack([colours(8)[drawn_mask(1, (1, 2))] * 0, drawn_mask(1, (255,))])),
        (0, 0, 0, 0),
        "RGBA",
    ),
    "numbers in three channels": (png(drawn_mask(1, (1, 2, 18))[..., None].repeat(3, 2)), (255, 255, 255), "RGB"),
    "two levels in three channels": (png(drawn_mask(1)[..., None].repeat(3, 2)), (0, 0, 0), "RGB"),
    "sixteen bit colours": (
        file(drawn_mask(1, (1, 2, 3)).astype(np.uint16)[..., None].repeat(3, 2) * 999, RGB, 16),
        (0, 0, 0),
        "RGB",
    ),
    "grey and alpha": (png(np.dstack([drawn_mask(1), np.full(SIZE, 255, np.uint8)])), (0, 255), "LA"),
}


@pytest.mark.parametrize("kind", KINDS)
def test_each_kind_is_read_as_stored_filled_as_it_says_and_written_alike(kind: str) -> None:
    content, fill, mode = KINDS[kind]
    of = beside({"a.png": content, "b.png": content})
    labelled = of.parse("images/a.jpg")
    assert labelled.problems == ()
    assert [one.fill for one in labelled.masks] == [fill]
    expected = decoded(content)
    np.testing.assert_array_equal(
        labelled.masks[0].pixels, expected if expected.dtype != bool else expected.astype(np.uint8) * 255
    )
    for move, same in ((None, expected), (shifted, shifted(expected))):
        ((path, data),) = written(of, "images/a.jpg", move=move).items()
        assert path == "masks/a__aug1.png"
        np.testing.assert_array_equal(decoded(data), same)
        with Image.open(io.BytesIO(data)) as after, Image.open(io.BytesIO(content)) as before:
            assert (after.format, after.mode) == ("PNG", mode)
            if mode == "P" and after.palette and before.palette:
                palette = before.palette.getdata()[1]
                assert after.palette.getdata()[1][: len(palette)] == palette


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_outside_can_be_written(kind: str) -> None:
    """The fill is a level that loaders give back, whatever the file's depth and palette were."""
    content, fill, _ = KINDS[kind]
    of = beside({"a.png": content})

    def filled(pixels: Pixels) -> Pixels:
        moved = pixels.copy()
        moved[:10] = fill if len(fill) > 1 else fill[0]
        return moved

    (data,) = written(of, "images/a.jpg", move=filled).values()
    expected = filled(of.parse("images/a.jpg").masks[0].pixels)
    found = decoded(data)
    np.testing.assert_array_equal(found if found.dtype != bool else found.astype(np.uint8) * 255, expected)


def test_what_stands_outside_is_told_from_several_masks() -> None:
    """One of them alone has two levels."""
    of = beside({f"{name}.png": png(drawn_mask(1, (level,))) for name, level in zip("abc", (1, 2, 3), strict=True)})
    assert of.fills("images/a.jpg") == [(255,)]
    assert of.found.notes == (
        "Masks in masks/: 4 levels (0, 1, 2, 3); what lies outside is filled with 255, which is no class in them.",
    )


def test_how_many_masks_were_looked_at_is_said() -> None:
    of = beside({f"{number}.png": png(drawn_mask(number, (1, 2))) for number in range(60)})
    assert of.found.notes == (
        "Masks in masks/: 3 levels (0, 1, 2), in 20 of 60 masks that were looked at; what lies outside is filled with "
        "255, which is no class in them.",
    )


@pytest.mark.parametrize(
    ("levels", "nothing"),
    [
        ([0, 1, 2], True),
        ([0, 15, 255], True),
        ([0, 1, 15, 20, 255], True),
        ([*range(182), 255], True),
        ([0, 11, 255], True),
        ([*range(256)], False),
        ([0, 128, 255], False),
        ([0, 64, 128, 192, 255], False),
        ([0, 85, 170, 255], False),
        ([0, 3, 90, 200, 254, 255], False),
    ],
)
def test_void_is_told_from_classes(levels: list[int], nothing: bool) -> None:
    assert stands_for_nothing(levels) is nothing


@pytest.mark.parametrize(
    ("kind", "ignore", "fill"),
    [
        ("numbers", 0, (0,)),
        ("numbers", 7, (7,)),
        ("numbers", -1, (0,)),
        ("1 and 2", -1, (1,)),
        ("palette and void", -1, (0,)),
        ("two levels", 128, (128,)),
        ("one bit", 128, (128,)),
        ("sixteen bit", 65535, (65535,)),
        ("sixteen bit", -1, (0,)),
        ("numbers", 65535, (255,)),
        ("colours", 7, (0, 0, 0)),
        ("numbers in three channels", 7, (7, 7, 7)),
        ("numbers in three channels", -1, (0, 0, 0)),
    ],
)
def test_a_declared_level_decides(kind: str, ignore: int, fill: tuple[int, ...]) -> None:
    of = beside({"a.png": KINDS[kind][0]}, ignore=ignore)
    assert of.fills("images/a.jpg") == [fill]
    assert of.labelling.options["ignore"] == ignore
    if fill == (ignore,):
        assert f"filled with {ignore}, as declared" in of.found.notes[0]


@pytest.mark.parametrize(
    "options", [{"ignore": -2}, {"ignore": 65536}, {"ignore": "255"}, {"ignore": True}, {"drawn_on": "paper"}]
)
def test_options_beyond_what_is_allowed_are_refused(options: dict[str, str | int]) -> None:
    with pytest.raises(ValueError, match="it must be"):
        beside({"a.png": KINDS["numbers"][0]}, **options)


def test_palettes_of_each_files_own_give_their_own_ground() -> None:
    drawn = drawn_mask(1, (1, 2))
    one = png(with_palette(drawn, bytes((0, 0, 0, 255, 0, 0, 0, 255, 0))))
    other = png(with_palette(2 - drawn, bytes((0, 255, 0, 255, 0, 0, 0, 0, 0))))
    third = png(with_palette(drawn, bytes((9, 9, 9, 0, 255, 0, 255, 0, 0))))
    of = beside({"a.png": one, "b.png": other, "c.png": third})
    assert [of.fills(f"images/{name}.jpg") for name in "abc"] == [[(0,)], [(2,)], [(0,)]]


def test_two_colours_have_the_darker_one_as_ground() -> None:
    drawn = 1 - drawn_mask(1, (1,))
    of = beside({"a.png": png(with_palette(drawn, bytes((255, 255, 255, 0, 0, 0))))})
    assert of.fills("images/a.jpg") == [(1,)]


def test_jpegs_are_read_and_noted() -> None:
    of = beside({"a.jpg": mask(1, ".jpg")}, photo())
    labelled = of.parse("images/a.jpg")
    assert labelled.masks[0].fill == (0,)
    assert labelled.notes == ("masks in a format that keeps levels only nearly: some are of no class",)
    assert "only nearly" in of.found.notes[0]
    assert of.labelling.categories == ()
    assert set(written(of, "images/a.jpg")) == {"masks/a__aug1.png"}


@pytest.mark.parametrize("suffix", [".bmp", ".tif", ".gif"])
def test_other_formats_are_written_as_png(suffix: str) -> None:
    of = beside({f"a{suffix}": mask(1, suffix, (1, 2, 3))})
    (data,) = written(of, "images/a.jpg").values()
    with Image.open(io.BytesIO(data)) as after, Image.open(io.BytesIO(mask(1, suffix, (1, 2, 3)))) as before:
        assert after.format == "PNG"
        np.testing.assert_array_equal(np.asarray(after.convert("RGB")), np.asarray(before.convert("RGB")))


# --- categories -------------------------------------------------------------------------------------------------------


def test_categories_are_the_levels() -> None:
    of = beside({"a.png": KINDS["palette and void"][0]})
    assert [(one.id, one.name) for one in of.labelling.categories] == [(0, "0"), (1, "1"), (15, "15")]


def test_categories_are_named_by_a_list_that_is_long_enough() -> None:
    folder = Folder().add("images/{}.jpg", range(3), photo)
    folder.add("masks/{}.png", range(3), png(drawn_mask(1, (1, 2))))
    folder.files["masks/classes.txt"] = b"ground\r\ncat\r\ndog\r\n"
    assert [one.name for one in collected(folder).labelling.categories] == ["ground", "cat", "dog"]
    folder.files["masks/classes.txt"] = b"cat\ndog\n"
    assert [one.name for one in collected(folder).labelling.categories] == ["0", "1", "2"]
    folder.files["masks/classes.txt"] = b"\xff\xfe\0\0" * 10**6
    assert [one.name for one in collected(folder).labelling.categories] == ["0", "1", "2"]


def test_categories_are_colours_where_they_are_the_names() -> None:
    of = beside({"a.png": png(np.array([[[0, 0, 0], [255, 0, 0]], [[0, 128, 0], [0, 0, 0]]], np.uint8))})
    assert [(one.id, one.name) for one in of.labelling.categories] == [
        (0, "#000000"),
        (0x008000, "#008000"),
        (0xFF0000, "#ff0000"),
    ]


def test_numbers_of_objects_are_no_classes() -> None:
    folder = Folder().add("JPEGImages/{}.jpg", range(3), photo)
    folder.add("SegmentationObject/{}.png", range(3), png(with_palette(drawn_mask(2, (1, 2, 3, 4)))))
    folder.add("SegmentationClass/{}.png", range(3), png(with_palette(drawn_mask(2, (7, 7, 9, 9)))))
    assert [one.id for one in collected(folder).labelling.categories] == [0, 7, 9]


# --- names ------------------------------------------------------------------------------------------------------------


def test_one_mask_of_each_picture_is_called_like_its_copy() -> None:
    folder = Folder().add("images/train/{}.jpg", range(3), photo).add("masks/train/{}_mask.png", range(3), mask)
    of = collected(folder)
    found = written(of, "images/train/1.jpg", "images/train/cat/1__aug2.jpg")
    assert set(found) == {"masks/train/cat/1__aug2.png"}
    assert ADAPTER.files(of.found.records["images/train/1.jpg"]) == ("masks/train/1_mask.png",)


def test_masks_beside_their_pictures() -> None:
    folder = Folder().add("{}.jpg", range(3), photo).add("{}_mask.png", range(3), mask)
    assert set(written(collected(folder), "1.jpg", "images/1__aug1.jpg")) == {"masks/1__aug1.png"}


def test_several_folders_of_masks_stay_apart() -> None:
    folder = Folder().add("JPEGImages/{}.jpg", range(3), photo)
    folder.add("SegmentationClass/{}.png", range(3), png(with_palette(drawn_mask(2, (7, 255)))))
    folder.add("SegmentationObject/{}.png", range(3), png(drawn_mask(2, (1, 2, 3))))
    of = collected(folder)
    assert list(written(of, "JPEGImages/1.jpg", "images/val/1__aug1.jpg")) == [
        "masks/SegmentationClass/val/1__aug1.png",
        "masks/SegmentationObject/val/1__aug1.png",
    ]
    labelled = of.parse("JPEGImages/1.jpg")
    assert [one.fill for one in labelled.masks] == [(255,), (255,)]
    files = ADAPTER.render(labelled, of.labelling, as_copy(labelled)).files
    assert [file.role for file in files] == ["mask", "mask 2"]


def test_several_masks_in_one_folder_keep_the_ends_of_their_names() -> None:
    folder = Folder().add("a{}.jpg", range(3), photo).add("a{}_mask.png", range(3), mask)
    folder.add("a{}_mask_1.png", range(1), mask)
    of = collected(folder)
    assert set(written(of, "a0.jpg", "images/a0__aug1.jpg")) == {
        "masks/a0__aug1_mask.png",
        "masks/a0__aug1_mask_1.png",
    }
    assert set(written(of, "a1.jpg", "images/a1__aug1.jpg")) == {"masks/a1__aug1_mask.png"}


def test_each_kind_has_its_own_outside() -> None:
    folder = Folder().add("leftImg8bit/val/bonn/b_{}_leftImg8bit.png", range(4), lambda i: photo(i, ".png"))
    folder.add("gtFine/val/bonn/b_{}_gtFine_labelIds.png", range(4), png(drawn_mask(2, (7, 11, 26))))
    folder.add("gtFine/val/bonn/b_{}_gtFine_color.png", range(4), KINDS["colours"][0])
    of = collected(folder)
    key = "leftImg8bit/val/bonn/b_2_leftImg8bit.png"
    assert of.fills(key) == [(0, 0, 0), (255,)]
    assert list(written(of, key, "images/val/bonn/b_2_leftImg8bit__aug1.png")) == [
        "masks/val/bonn/b_2_leftImg8bit__aug1_gtFine_color.png",
        "masks/val/bonn/b_2_leftImg8bit__aug1_gtFine_labelIds.png",
    ]
    assert len(of.found.notes) == 2


def test_a_mask_of_each_object_whatever_it_is_called() -> None:
    folder = Folder()
    for number in range(3):
        folder.add(f"stage1/{number}a/images/{number}a.png", range(1), photo(number, ".png"))
        folder.add(f"stage1/{number}a/masks/x{number}{{}}.png", range(3), mask)
    of = collected(folder)
    assert set(written(of, "stage1/1a/images/1a.png", "images/1a__aug1.png")) == {
        f"masks/1a__aug1_x1{part}.png" for part in range(3)
    }


@pytest.mark.parametrize(
    ("keys", "tails"),
    [
        (["masks/a_1.png", "masks/a_2.png"], ["_1", "_2"]),
        (["masks/a.png", "masks/a_2.png"], ["", "_2"]),
        (["masks/mask_a.png", "masks/seg_a.png"], ["_mask", "_seg"]),
        (["masks/A_x.png", "masks/x.png"], ["_A_x", "_x"]),
        (["x/masks/a.png", "y/masks/a.png"], ["", "_2"]),
        (["masks/a_X.png", "masks/a_x.png"], ["_X", "_x_2"]),
        (["masks/a.b.png", "masks/abc.png"], [".b", "_abc"]),
        ([f"masks/a_{'q' * 90}1.png", f"masks/a_{'q' * 90}2.png"], ["_1", "_2"]),
        (["masks/a.png"], [""]),
    ],
)
def test_tails(keys: list[str], tails: list[str]) -> None:
    assert [one.tail for one in named(dict.fromkeys(keys, "images/a.jpg"))["images/a.jpg"]] == tails


@settings(max_examples=100, deadline=None)
@given(
    st.dictionaries(
        st.lists(st.sampled_from(["masks", "seg", "a", "b"]), min_size=1, max_size=3)
        .map("/".join)
        .flatmap(lambda folder: st.text("aAb1_- .", min_size=1, max_size=6).map(lambda stem: f"{folder}/{stem}.png")),
        st.sampled_from(["images/a.jpg", "images/b_1.jpg", ""]),
        max_size=12,
    )
)
def test_no_two_masks_of_a_copy_have_one_name(masks: dict[str, str]) -> None:
    found = named(masks)
    assert sorted(one.key for of in found.values() for one in of) == sorted(key for key in masks if masks[key])
    for of in found.values():
        names = [(one.folder, one.tail.casefold()) for one in of]
        assert len(set(names)) == len(names)


def test_what_is_written_is_found_again() -> None:
    for pictures, masks in (
        ("images/a{}.jpg", ["masks/a{}.png"]),
        ("a{}.jpg", ["a{}_mask.png", "a{}_mask_1.png"]),
        ("JPEGImages/a{}.jpg", ["SegmentationClass/a{}.png", "SegmentationObject/a{}.png"]),
        ("leftImg8bit/a{}_leftImg8bit.jpg", ["gtFine/a{}_gtFine_color.png", "gtFine/a{}_gtFine_labelIds.png"]),
        ("images/a{}.jpg", ["masks/a{}_1.png", "masks/a{}_2.png"]),
    ):
        folder = Folder().add(pictures, range(4), photo)
        for pattern in masks:
            folder.add(pattern, range(4), mask)
        of = collected(folder)
        out, expected = Folder(), {}
        for number in range(4):
            source = pictures.format(number)
            stem = source.rpartition("/")[2].rpartition(".")[0]
            path = f"images/train/{stem}__aug1.jpg"
            out.files[path] = folder.files[source]
            for key, data in written(of, source, path).items():
                out.files[key] = data
                expected[key] = path
        assert len(expected) == 4 * len(masks)
        assert out.recognise().pairs == expected


# --- unmoved ----------------------------------------------------------------------------------------------------------


def test_unmoved_masks_are_the_files_they_were() -> None:
    drawn = with_palette(drawn_mask(1, (1, 15, 255)))
    of = beside({"a.png": png(drawn, compress_level=9)})
    assert written(of, "images/a.jpg") == {"masks/a__aug1.png": of.folder.files["masks/a.png"]}


def test_but_for_what_else_they_hold() -> None:
    data = png(drawn_mask(1, (1, 2)))
    data = data[:33] + chunk(b"tEXt", b"Author\0somebody") + chunk(b"gAMA", bytes(3) + b"\1") + data[33:]
    of = beside({"a.png": data})
    (found,) = written(of, "images/a.jpg").values()
    assert b"somebody" not in found
    assert b"gAMA" not in found
    np.testing.assert_array_equal(decoded(found), drawn_mask(1, (1, 2)))
    (again,) = written(of, "images/a.jpg").values()
    assert found == again


def test_a_copy_that_says_it_is_unmoved_and_is_not_is_written_as_it_is() -> None:
    of = beside({"a.png": png(drawn_mask(1, (1, 2)))})
    labelled = of.parse("images/a.jpg")
    copy = replace(as_copy(labelled, move=shifted), unmoved=True)
    (file,) = ADAPTER.render(labelled, of.labelling, copy).files
    np.testing.assert_array_equal(decoded(file.data), shifted(drawn_mask(1, (1, 2))))


# --- EXIF -------------------------------------------------------------------------------------------------------------


def turned_photo(orientation: int, size: tuple[int, int] = SIZE) -> bytes:
    exif = Image.Exif()
    exif[274] = orientation
    stream = io.BytesIO()
    with Image.open(io.BytesIO(photo(1, size=size))) as picture:
        picture.save(stream, "JPEG", exif=exif)
    return stream.getvalue()


def as_viewers_show(pixels: Pixels, orientation: int) -> Pixels:
    exif = Image.Exif()
    exif[274] = orientation
    with Image.open(io.BytesIO(png(pixels, exif=exif))) as picture:
        return np.asarray(ImageOps.exif_transpose(picture))


STORED = drawn_mask(1, (1, 2, 3))


@pytest.mark.parametrize("orientation", range(1, 9))
class TestOrientation:
    def test_a_mask_of_the_stored_picture_is_turned_with_it(self, orientation: int) -> None:
        of = beside({"a.png": png(STORED)}, turned_photo(orientation), drawn_on="stored")
        labelled = of.parse("images/a.jpg")
        assert labelled.problems == ()
        np.testing.assert_array_equal(labelled.masks[0].pixels, as_viewers_show(STORED, orientation))
        assert labelled.upright == (orientation == 1)
        assert labelled.notes == (() if orientation == 1 else ("masks drawn on the stored picture",))
        (data,) = written(of, "images/a.jpg").values()
        np.testing.assert_array_equal(decoded(data), as_viewers_show(STORED, orientation))

    def test_a_mask_of_the_upright_picture_stays(self, orientation: int) -> None:
        upright = as_viewers_show(STORED, orientation)
        of = beside({"a.png": png(upright)}, turned_photo(orientation), drawn_on="upright")
        labelled = of.parse("images/a.jpg")
        np.testing.assert_array_equal(labelled.masks[0].pixels, upright)
        assert labelled.upright
        assert labelled.notes == ()
        assert written(of, "images/a.jpg")["masks/a__aug1.png"] == png(upright)

    def test_sizes_tell_which_it_is(self, orientation: int) -> None:
        upright = as_viewers_show(STORED, orientation)
        for drawn in (STORED, upright):
            labelled = beside({"a.png": png(drawn)}, turned_photo(orientation)).parse("images/a.jpg")
            expected = upright if orientation >= 5 else drawn  # of the same size: taken for upright, and said
            np.testing.assert_array_equal(labelled.masks[0].pixels, expected)
            assert any("do not tell" in note for note in labelled.notes) == (1 < orientation < 5)

    def test_a_masks_own_orientation_comes_first(self, orientation: int) -> None:
        exif = Image.Exif()
        exif[274] = orientation
        for drawn_on in ("auto", "stored", "upright"):
            of = beside({"a.png": png(STORED, exif=exif)}, turned_photo(orientation), drawn_on=drawn_on)
            labelled = of.parse("images/a.jpg")
            np.testing.assert_array_equal(labelled.masks[0].pixels, as_viewers_show(STORED, orientation))
            (data,) = written(of, "images/a.jpg").values()
            np.testing.assert_array_equal(decoded(data), as_viewers_show(STORED, orientation))
            assert b"eXIf" not in data

    def test_and_in_tiff_too(self, orientation: int) -> None:
        stream = io.BytesIO()
        with_palette(STORED).save(stream, "TIFF", tiffinfo={274: orientation})
        of = beside({"a.tif": stream.getvalue()}, turned_photo(orientation))
        np.testing.assert_array_equal(of.parse("images/a.jpg").masks[0].pixels, as_viewers_show(STORED, orientation))


def test_an_orientation_that_contradicts_the_sizes_is_not_applied() -> None:
    exif = Image.Exif()
    exif[274] = 6
    upright = as_viewers_show(STORED, 6)
    labelled = beside({"a.png": png(upright, exif=exif)}, turned_photo(6)).parse("images/a.jpg")
    np.testing.assert_array_equal(labelled.masks[0].pixels, upright)
    assert labelled.notes == ("EXIF orientation of masks not applied: it contradicts the pictures' sizes",)


def test_square_pictures_are_taken_for_upright_and_said() -> None:
    square = drawn_mask(1, (1, 2), size=(80, 80))
    labelled = beside({"a.png": png(square)}, turned_photo(6, (80, 80))).parse("images/a.jpg")
    np.testing.assert_array_equal(labelled.masks[0].pixels, square)
    assert len(labelled.notes) == 1


# --- bad masks --------------------------------------------------------------------------------------------------------


def test_another_size_is_left_out_and_told() -> None:
    of = beside({"a.png": png(drawn_mask(1, size=(48, 60)))})
    labelled = of.parse("images/a.jpg")
    assert labelled.masks == ()
    assert labelled.problems == (
        Problem("size contradicts the picture", "masks/a.png", "60 × 48 pixels", "120 × 96, as the picture"),
    )
    assert ADAPTER.render(labelled, of.labelling, as_copy(labelled)).files == ()


def test_drawn_on_is_heeded_even_where_the_other_would_fit() -> None:
    of = beside({"a.png": png(STORED)}, turned_photo(6), drawn_on="upright")
    assert [problem.kind for problem in of.parse("images/a.jpg").problems] == ["size contradicts the picture"]
    of = beside({"a.png": png(as_viewers_show(STORED, 6))}, turned_photo(6), drawn_on="stored")
    assert [problem.kind for problem in of.parse("images/a.jpg").problems] == ["size contradicts the picture"]


@pytest.mark.parametrize(
    "data", [b"", b"no picture", b"\x89PNG\r\n\x1a\n\0\0", png(STORED)[:-30], saved(STORED, ".tif")[:500]]
)
def test_broken_masks_are_left_out_and_the_rest_goes_on(data: bytes) -> None:
    folder = Folder().add("images/a.jpg", range(1), photo)
    folder.files |= {"masks/a_1.png": png(STORED), "masks/a_2.png": data, "masks/a_3.png": png(STORED)}
    of = collected(folder, dict.fromkeys(list(folder.files)[1:], "images/a.jpg"))
    labelled = of.parse("images/a.jpg")
    (problem,) = labelled.problems
    assert (problem.kind, problem.where, problem.left_out) == ("mask that cannot be read", "masks/a_2.png", True)
    assert problem.found
    files = ADAPTER.render(labelled, of.labelling, as_copy(labelled)).files
    assert [(file.role, file.path) for file in files] == [
        ("mask", "masks/a__aug1_1.png"),
        ("mask 3", "masks/a__aug1_3.png"),
    ]


def test_none_that_can_be_read() -> None:
    of = beside({"a.png": b"broken"})
    assert of.parse("images/a.jpg").masks == ()
    assert "none of those looked at can be read" in of.found.notes[0]


def test_a_file_that_is_gone_is_an_error_of_the_system() -> None:
    of = beside({"a.png": png(STORED), "b.png": png(STORED)})
    del of.folder.files["masks/a.png"]
    with pytest.raises(OSError, match=r"masks/a\.png"):
        of.parse("images/a.jpg")
    assert of.parse("images/b.jpg").masks


def test_numbers_without_a_colour_are_kept_and_told() -> None:
    stored = drawn_mask(1, (1, 9)).astype(np.uint16)[..., None]
    of = beside({"a.png": file(stored, PALETTE, 8, before=chunk(b"PLTE", VOC[:12]))})
    labelled = of.parse("images/a.jpg")
    (problem,) = labelled.problems
    assert (problem.found, problem.allowed, problem.left_out) == (
        "number 9",
        "0 to 3, the colours of its palette",
        False,
    )
    np.testing.assert_array_equal(labelled.masks[0].pixels, stored[..., 0])
    (data,) = written(of, "images/a.jpg", move=shifted).values()
    np.testing.assert_array_equal(decoded(data), shifted(stored[..., 0]))


def test_masks_without_pictures_are_told() -> None:
    folder = Folder().add("images/{}.jpg", range(4), photo).add("masks/{}.png", range(4), mask)
    folder.add("masks/x{}.png", range(2), mask)
    of = collected(folder)
    assert set(of.found.records) == {f"images/{number}.jpg" for number in range(4)}
    assert [(one.kind, one.where, one.left_out) for one in of.found.problems] == [
        ("mask without a picture", "masks/x0.png", True),
        ("mask without a picture", "masks/x1.png", True),
    ]


def test_pictures_without_masks_have_no_record() -> None:
    folder = Folder().add("images/{}.jpg", range(6), photo).add("masks/{}.png", range(4), mask)
    of = collected(folder)
    assert set(of.found.records) == {f"images/{number}.jpg" for number in range(4)}
    assert of.found.problems == ()


# --- the rest of what an adapter does ---------------------------------------------------------------------------------


def test_no_masks_are_no_labels() -> None:
    folder = Folder().add("images/{}.jpg", range(3), photo)
    assert ADAPTER.collect(Ground(Pictures(folder.files), {}, (), {}, lambda key: b"")) is None


def test_collecting_stops_when_it_is_told_to() -> None:
    folder = Folder().add("images/{}.jpg", range(3), photo).add("masks/{}.png", range(3), mask)
    ground = Ground(
        Pictures(["images/0.jpg"]), {}, (), {"masks/0.png": "images/0.jpg"}, lambda key: folder.files[key], lambda: True
    )
    with pytest.raises(RecognitionStopped):
        ADAPTER.collect(ground)


def test_a_bounded_number_is_looked_at() -> None:
    folder = Folder().add("images/{}.jpg", range(300), photo(1)).add("masks/{}.png", range(300), mask(1))
    pairs = {f"masks/{number}.png": f"images/{number}.jpg" for number in range(300)}
    folder.reads.clear()
    collected(folder, pairs)
    assert len(folder.reads) == 20
    many = {f"{'mask_' * number}/masks/a{'_seg' * number}.png": "images/1.jpg" for number in range(1, 60)}
    folder.files |= dict.fromkeys(many, mask(1))
    folder.reads.clear()
    of = collected(folder, many)
    assert len(folder.reads) <= 25 * 20
    assert len(of.found.notes) <= 25
    assert len(of.parse("images/1.jpg").masks) == 59


def test_labelling_travels_as_json() -> None:
    of = beside({"a.png": KINDS["colours without black"][0]}, ignore=3)
    again = Labelling.parse(of.labelling.dump())
    assert again == of.labelling
    record = of.found.records["images/a.jpg"]
    assert json.loads(record) == [["masks/a.png", 0, "", ""]]
    facts = of.facts("images/a.jpg")
    one, other = (ADAPTER.parse(record, labelling, of.read, facts) for labelling in (of.labelling, again))
    assert [mask.fill for mask in one.masks] == [mask.fill for mask in other.masks]
    assert one.record == other.record


def test_nothing_depends_on_the_order_of_files() -> None:
    contents = {f"{name}.png": png(drawn_mask(n, (n + 1,))) for n, name in enumerate("abcdef")}
    one, other = beside(contents), beside(dict(reversed(contents.items())))
    assert one.found == other.found
    assert written(one, "images/c.jpg", move=shifted) == written(other, "images/c.jpg", move=shifted)


def test_masks_are_written_from_masks_only() -> None:
    with pytest.raises(NotImplementedError, match="YOLO is not written as masks: nothing is drawn here"):
        ADAPTER.written_as(Labelling(LabelFormat.YOLO, LabelFormat.YOLO))
