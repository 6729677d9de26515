from __future__ import annotations

import unicodedata

from hypothesis import given
from hypothesis import strategies as st

from augstudio.export import naming
from augstudio.export.naming import copy_name


def stems(*keys: str) -> dict[str, str]:
    return dict(zip(keys, naming.stems((key.rpartition("/")[0], key) for key in keys), strict=True))


def test_a_stem_stays_as_it_is() -> None:
    assert stems("photo.jpg", 'a b\'c "d".png', "日本 😀.jpg") == {
        "photo.jpg": "photo",
        'a b\'c "d".png': 'a b\'c "d"',
        "日本 😀.jpg": "日本 😀",
    }


def test_copies_are_told_apart() -> None:
    assert copy_name("photo", 3) == "photo__aug3"
    assert copy_name("photo", 0) == "photo__orig"


def test_no_further_dot_and_no_control_character() -> None:
    assert stems("photo.tar.v2.jpg", "new\nline.png") == {
        "photo.tar.v2.jpg": "photo_tar_v2",
        "new\nline.png": "new_line",
    }


def test_each_source_that_shares_a_stem_gets_its_extension() -> None:
    assert stems("a/photo.jpg", "a/photo.png", "a/other.png", "b/photo.jpg") == {
        "a/photo.jpg": "photo_jpg",
        "a/photo.png": "photo_png",
        "a/other.png": "other",
        "b/photo.jpg": "photo",
    }


def test_case_and_unicode_form_do_not_tell_stems_apart() -> None:
    composed, decomposed = unicodedata.normalize("NFC", "é"), unicodedata.normalize("NFD", "é")
    found = stems("Photo.jpg", "photo.png", f"{composed}.jpg", f"{decomposed}.png")
    assert set(found.values()) == {"Photo_jpg", "photo_png", f"{composed}_jpg", f"{decomposed}_png"}


def test_what_still_collides_gets_a_hash() -> None:
    found = stems("photo.jpg", "photo.png", "photo_jpg.bmp")
    assert found["photo.png"] == "photo_png"
    assert found["photo_jpg.bmp"] == "photo_jpg_bmp"
    assert found["photo.jpg"].startswith("photo_jpg_")
    assert len(found["photo.jpg"]) == len("photo_jpg_") + 8

    found = stems("photo.jpg", "photo.JPG")
    assert len({stem.casefold() for stem in found.values()}) == 2


def test_folders_that_differ_in_case_alone_are_one() -> None:
    assert len({stem.casefold() for stem in stems("Cat/one.jpg", "cat/one.png").values()}) == 2


def test_a_long_name_leaves_room_and_stays_unique() -> None:
    found = stems(f"{'é' * 120}1.jpg", f"{'é' * 120}2.jpg")
    assert len(set(found.values())) == 2
    assert all(len(copy_name(stem, 10_000).encode()) + len(".webp") <= 255 for stem in found.values())


NAMES = st.lists(st.text("aAbéß._ ", min_size=1, max_size=4).filter(lambda name: not name.startswith(".")), max_size=12)


@given(NAMES, st.sampled_from([".jpg", ".png", ".JPG"]))
def test_stems_are_unique_and_stable(names: list[str], other: str) -> None:
    keys = sorted({f"{name}{suffix}" for name in names for suffix in (".jpg", other)})
    found = stems(*keys)
    folded = [unicodedata.normalize("NFC", stem).casefold() for stem in found.values()]
    assert len(set(folded)) == len(keys)
    assert not any("." in stem for stem in found.values())
    assert stems(*reversed(keys)) == found
