"""Who is learnt from and who is judged."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from schooling import MIRROR, lit, put, seed_of

from augstudio.dataset import Folders, scan
from augstudio.dataset.groups import parse_grouping
from augstudio.trial import TrialError, TrialSettings
from augstudio.trial.dealing import Dealt, deal


def asked(**more: object) -> TrialSettings:
    return TrialSettings(pipelines=(MIRROR,), workers=0, **more)  # type: ignore[arg-type]


def dealt_of(classes: list[int], leads: list[int]) -> Dealt:
    many = len(classes)
    both = np.ones(many, bool)
    keys = tuple(f"{number}.png" for number in range(many))
    names = tuple(map(str, range(max(classes) + 1)))
    return Dealt(tuple(range(many)), names, np.array(classes), np.array(leads), both, both, keys)


@given(
    many=st.lists(st.integers(2, 30), min_size=2, max_size=6),
    folds=st.integers(2, 6),
    seed=st.integers(0, 9),
    number=st.integers(0, 3),
    together=st.integers(1, 4),
)
def test_every_picture_is_judged_once_a_round_by_networks_that_saw_none_of_its_group(
    many: list[int], folds: int, seed: int, number: int, together: int
) -> None:
    classes = [label for label, size in enumerate(many) for _ in range(size * together)]
    leads = [place - place % together for place in range(len(classes))]
    dealt = dealt_of(classes, leads)
    found = dealt.folds(asked(folds=folds, seed=seed), number)
    judged = Counter(place for fold in found for place in fold.judged.tolist())
    assert judged == Counter(range(len(classes)))
    for fold in found:
        assert sorted([*fold.learnt.tolist(), *fold.judged.tolist()]) == list(range(len(classes)))
        assert not set(dealt.leads[fold.learnt].tolist()) & set(dealt.leads[fold.judged].tolist())
        assert set(dealt.classes[fold.learnt].tolist()) == set(range(len(many))), "every class can be learnt"
    sizes = [len(fold.judged) for fold in found]
    assert max(sizes) - min(sizes) <= together, "folds are of one size"


def test_rounds_and_seeds_deal_otherwise_and_the_same_ones_alike() -> None:
    dealt = dealt_of([0] * 20 + [1] * 20, list(range(40)))

    def parts(seed: int, number: int) -> list[list[int]]:
        return [fold.judged.tolist() for fold in dealt.folds(asked(seed=seed), number)]

    assert parts(0, 0) == parts(0, 0)
    assert len({str(parts(seed, number)) for seed in (0, 1) for number in (0, 1)}) == 4


def test_identical_files_are_on_one_side(tmp_path: Path) -> None:
    for number in range(8):
        put(tmp_path, f"a/{number}.png", lit("left", number // 2))
        put(tmp_path, f"b/{number}.png", lit("right", number))
    dealt = deal(asked(), scan(tmp_path))
    for fold in dealt.folds(asked(), 0):
        keys = {dealt.keys[place] for place in fold.judged.tolist()}
        for first in range(0, 8, 2):
            assert (f"a/{first}.png" in keys) == (f"a/{first + 1}.png" in keys)


def test_groups_are_on_one_side_and_their_folders_no_classes(tmp_path: Path) -> None:
    for label in ("cat", "dog"):
        for film in range(4):
            for frame in range(3):
                put(tmp_path, f"{label}/film{film}/{frame}.png", lit("left", seed_of(label, film, frame)))
    settings = asked(group=parse_grouping("folder"))
    dealt = deal(settings, scan(tmp_path))
    assert dealt.names == ("cat", "dog")
    for fold in dealt.folds(settings, 0):
        films = Counter(dealt.keys[place].rpartition("/")[0] for place in fold.judged.tolist())
        assert set(films.values()) == {3}


def test_val_is_judged_where_there_is_one_and_test_is_left_alone(tmp_path: Path) -> None:
    for split in ("train", "val", "test"):
        for label in ("a", "b"):
            for number in range(3):
                put(tmp_path, f"{split}/{label}/{number}.png", lit("left", seed_of(split, label, number)))
    dealt = deal(asked(), scan(tmp_path))
    assert dealt.split == "val"
    (fold,) = dealt.folds(asked(), 0)
    assert {dealt.keys[place].partition("/")[0] for place in fold.learnt.tolist()} == {"train"}
    assert {dealt.keys[place].partition("/")[0] for place in fold.judged.tolist()} == {"val"}
    with pytest.raises(TrialError, match="has splits already"):
        deal(asked(group=parse_grouping("folder")), scan(tmp_path))


def test_what_is_in_train_too_is_not_judged(tmp_path: Path) -> None:
    for split in ("train", "val"):
        for label in ("a", "b"):
            for number in range(3):
                seed = seed_of("both", label) if number == 0 else seed_of(split, label, number)
                put(tmp_path, f"{split}/{label}/{number}.png", lit("left", seed))
    dealt = deal(asked(), scan(tmp_path))
    (fold,) = dealt.folds(asked(), 0)
    assert sorted(dealt.keys[place] for place in fold.judged.tolist()) == [
        f"val/{label}/{number}.png" for label in ("a", "b") for number in (1, 2)
    ]
    assert len(fold.learnt) == 6
    assert dealt.remarks == ("2 pictures of val are in train too, so they are not judged.",)


def test_what_takes_no_part_is_said(tmp_path: Path) -> None:
    for split in ("train", "val", "test"):
        for label in ("a", "b"):
            for number in range(2):
                put(tmp_path, f"{split}/{label}/{number}.png", lit("left", seed_of(split, label, number)))
    assert deal(asked(), scan(tmp_path)).remarks == ("4 pictures of test take no part.",)


def test_without_a_split_to_learn_from_nothing_is_tried(tmp_path: Path) -> None:
    for split in ("val", "test"):
        for label in ("a", "b"):
            for number in range(2):
                put(tmp_path, f"{split}/{label}/{number}.png", lit("left", seed_of(split, label, number)))
    with pytest.raises(TrialError, match="its splits are val and test, and none of them is to be learnt from"):
        deal(asked(), scan(tmp_path, folders=Folders.SPLITS))


@pytest.mark.parametrize(
    "name",
    [
        "x{0}__aug{1}",
        "x{0}.rf.0123456789abcdef{1:04}",
        "a_original_x{0}.png_0123abcd-0123-0123-0123-0123456789{1:02}",
    ],
)
def test_copies_of_one_picture_are_on_one_side(tmp_path: Path, name: str) -> None:
    for label in ("a", "b"):
        for picture in range(6):
            for copy in range(3):
                seed = seed_of(label, picture, copy)
                put(tmp_path, f"{label}/{name.format(picture, copy)}.png", lit("left", seed, size=6))
    dealt = deal(asked(again=True), scan(tmp_path))
    assert "Copies of one picture stay on one side; networks are judged by copies, too." in dealt.remarks
    assert sorted(np.bincount(dealt.leads)[np.unique(dealt.leads)].tolist()) == [3] * 12
    for fold in dealt.folds(asked(), 0):
        assert not set(dealt.leads[fold.learnt].tolist()) & set(dealt.leads[fold.judged].tolist())


def test_of_groups_whole_ones_are_taken_and_two_of_each_class(tmp_path: Path) -> None:
    for label in range(4):
        for group in range(2):
            for frame in range(6):
                put(tmp_path, f"c{label}/g{group}_{frame}.png", lit("left", seed_of(label, group, frame), size=4))
    settings = asked(most=10, group=parse_grouping(r"(c\d/g\d)_"))
    dealt = deal(settings, scan(tmp_path))
    assert len(dealt.numbers) == 48
    assert dealt.remarks == ("48 of 48 pictures take part, two groups of each class at least.",)


def test_no_class_is_judged_that_was_not_learnt(tmp_path: Path) -> None:
    """One file in two classes makes one group of both, which goes to one side."""
    for label in ("a", "b", "c"):
        for number in range(2):
            put(tmp_path, f"{label}/{number}.png", lit("left", seed_of(label, number)))
    put(tmp_path, "a/shared.png", lit("left", 5))
    put(tmp_path, "b/shared.png", lit("left", 5))
    put(tmp_path, "a/again.png", lit("left", 6))
    put(tmp_path, "c/again.png", lit("left", 6))
    for seed in range(20):
        dealt = deal(asked(seed=seed, folds=2), scan(tmp_path))
        for fold in dealt.folds(asked(seed=seed, folds=2), 0):
            assert set(dealt.classes[fold.judged].tolist()) <= set(dealt.classes[fold.learnt].tolist())


def test_a_grouping_that_leaves_no_class_is_named(tmp_path: Path) -> None:
    for label in ("a", "b"):
        for number in range(3):
            put(tmp_path, f"{label}/{number}.png", lit("left", seed_of(label, number)))
    with pytest.raises(TrialError, match="grouped by folder, no class is left"):
        deal(asked(group=parse_grouping("folder")), scan(tmp_path))


def test_test_is_judged_where_there_is_no_val(tmp_path: Path) -> None:
    for split in ("train", "test"):
        for label in ("a", "b"):
            put(tmp_path, f"{split}/{label}/0.png", lit("left", seed_of(split, label)))
    assert deal(asked(), scan(tmp_path)).split == "test"


def test_what_cannot_be_judged_is_left_out_and_said(tmp_path: Path) -> None:
    for label, many in (("a", 4), ("b", 4), ("lonely", 1), ("twins", 2)):
        for number in range(many):
            seed = 7 if label == "twins" else seed_of(label, number)
            put(tmp_path, f"{label}/{number}.png", lit("left", seed))
    put(tmp_path, "stray.png", lit("left", 1))
    dealt = deal(asked(), scan(tmp_path))
    assert dealt.names == ("a", "b")
    assert dealt.remarks == (
        "1 picture in no class: left out.",
        "lonely and twins: left out; a class needs two pictures or more that do not belong together (by a group, or "
        "as identical files).",
    )


def test_without_two_classes_there_is_nothing_to_try(tmp_path: Path) -> None:
    put(tmp_path, "a.png", lit("left", 1))
    put(tmp_path, "b.png", lit("left", 2))
    with pytest.raises(TrialError, match=r"in no folders that are classes.*needs a folder for each class"):
        deal(asked(), scan(tmp_path))
    put(tmp_path, "one/a.png", lit("left", 3))
    put(tmp_path, "one/b.png", lit("left", 4))
    put(tmp_path, "two/a.png", lit("left", 5))
    with pytest.raises(TrialError, match=r"1 class can be judged; needed are two or more \(.*two: left out"):
        deal(asked(), scan(tmp_path))


def test_of_many_pictures_a_part_is_taken_of_every_class_in_proportion(tmp_path: Path) -> None:
    for label, many in (("a", 30), ("b", 10), ("c", 2)):
        for number in range(many):
            put(tmp_path, f"{label}/{number}.png", lit("left", seed_of(label, number), size=4))
    dealt = deal(asked(most=20), scan(tmp_path))
    assert np.bincount(dealt.classes).tolist() == [14, 5, 2], "two of each at least"
    assert dealt.remarks == ("21 of 42 pictures take part, two groups of each class at least.",)
    assert dealt.keys == deal(asked(most=20), scan(tmp_path)).keys
    assert dealt.keys != deal(asked(most=20, seed=1), scan(tmp_path)).keys
