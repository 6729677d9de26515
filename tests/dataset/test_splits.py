"""Train, val and test folders are told from folders that are classes."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from augstudio.dataset import Dataset, scan
from augstudio.dataset.splits import Doubt, Folders, Role, arrange, order_of, role_of


def make(root: Path, *names: str) -> Dataset:
    for name in names:
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    return scan(root)


def places(dataset: Dataset) -> dict[str, tuple[str, str]]:
    return {source.key: (source.split, source.label) for source in dataset.sources}


@pytest.mark.parametrize(
    ("role", "names"),
    [
        (Role.TRAIN, "train TRAIN Train training trainset training_set train-set train2017 train_data train_images"),
        (Role.VAL, "val valid Validation dev val2017 validation-set dev_set VAL valset2012"),
        (Role.TEST, "test testing Test testset test_images eval evaluation test2007 test-set"),
        (
            Role.TRAIN,
            "seg_train trainA train1 asl_alphabet_train trainval TrainSet my-training-set X.train",
        ),
        (Role.VAL, "val_256 seg-val valB ValidSplit"),
        (Role.TEST, "test1 testB test_stg1 asl_alphabet_test PublicTest TEST_SIMPLE zeroshot-test.v2"),
        (None, "trainer trains tester contest value valley device testament evaluated 2017 x images train_vs_test"),
    ],
)
def test_names(role: Role | None, names: str) -> None:
    assert {name: role_of(name) for name in names.split()} == dict.fromkeys(names.split(), role)
    assert role_of("") is None
    assert role_of("test set") is Role.TEST


def test_a_dataset_with_classes_in_each_split(tmp_path: Path) -> None:
    dataset = make(tmp_path, "Valid/cat/1.png", "train/dog/2.png", "train/cat/b/1.png", "train/cat/1.png", "test/9.png")
    assert places(dataset) == {
        "train/cat/1.png": ("train", "cat"),
        "train/cat/b/1.png": ("train", "cat/b"),
        "train/dog/2.png": ("train", "dog"),
        "Valid/cat/1.png": ("Valid", "cat"),
        "test/9.png": ("test", ""),
    }
    assert list(places(dataset)) == [source.key for source in dataset.sources], "train, val, test"
    assert dataset.splits == {"train": 3, "Valid": 1, "test": 1}
    assert list(dataset.splits) == ["train", "Valid", "test"]
    assert dataset.classes == {"cat": 2, "cat/b": 1, "dog": 1, "": 1}
    assert dataset.skipped == ()
    source = dataset.get("train/cat/b/1.png")
    assert source is not None
    assert (source.name, source.folder, source.path) == ("1.png", "train/cat/b", tmp_path / "train/cat/b/1.png")


@pytest.mark.parametrize("above", ["images", "data/pictures", "Dataset v2"])
def test_splits_below_folders_that_all_pictures_share(tmp_path: Path, above: str) -> None:
    dataset = make(tmp_path, f"{above}/train/a/1.png", f"{above}/val/a/1.png", "labels/train/1.txt", "readme.md")
    assert places(dataset) == {f"{above}/train/a/1.png": ("train", "a"), f"{above}/val/a/1.png": ("val", "a")}


def test_a_folder_called_images_is_no_class(tmp_path: Path) -> None:
    names = ("train/images/1.png", "valid/images/2.png", "test/images/3.png")
    dataset = make(tmp_path / "roboflow", *names, "train/labels/1.txt", "valid/labels/2.txt")
    assert set(places(dataset).values()) == {("train", ""), ("valid", ""), ("test", "")}
    dataset = make(tmp_path / "yolo", "images/train/1.png", "images/val/2.png", "labels/train/1.txt")
    assert set(places(dataset).values()) == {("train", ""), ("val", "")}
    dataset = make(tmp_path / "inner", "train/Images/cat/1.png", "val/Images/dog/2.png")
    assert set(places(dataset).values()) == {("train", "cat"), ("val", "dog")}
    dataset = make(tmp_path / "classes", "train/images/1.png", "train/drawings/2.png", "val/images/1.png")
    assert set(places(dataset).values()) == {("train", "images"), ("train", "drawings"), ("val", "images")}


def test_a_split_inside_itself_is_no_class(tmp_path: Path) -> None:
    """As some archives unpack."""
    dataset = make(tmp_path / "a", "training_set/training_set/cat/1.png", "test_set/test_set/dog/1.png")
    assert set(places(dataset).values()) == {("training_set", "cat"), ("test_set", "dog")}
    dataset = make(tmp_path / "b", "train/train/1.png", "val/train/1.png", "val/bus/1.png")
    assert set(places(dataset).values()) == {("train", "train"), ("val", "train"), ("val", "bus")}


def test_vehicles_stay_classes(tmp_path: Path) -> None:
    dataset = make(tmp_path, "train/1.png", "bus/1.png", "car/1.png")
    assert dataset.splits == {}
    assert dataset.classes == {"bus": 1, "car": 1, "train": 1}
    assert dataset.skipped == ()


@pytest.mark.parametrize(
    "names",
    [
        ("test/1.png",),
        ("val/1.png", "test/1.png"),
        ("train/1.png", "2.png"),
        ("train/1.png", "trainer/1.png"),
        ("cat/train/1.png", "dog/train/1.png"),
        ("cat/train/1.png", "dog/val/1.png", "dog/2.png"),
        ("1.png", "2.png"),
    ],
)
def test_what_is_no_split_dataset(tmp_path: Path, names: tuple[str, ...]) -> None:
    dataset = make(tmp_path, *names)
    assert dataset.splits == {}
    assert {source.label for source in dataset.sources} == {str(Path(name).parent).strip(".") for name in names}


def test_a_train_folder_alone(tmp_path: Path) -> None:
    assert set(places(make(tmp_path / "a", "train/cat/1.png", "train/2.png")).values()) == {
        ("train", "cat"),
        ("train", ""),
    }
    assert set(places(make(tmp_path / "b", "train/1.png", "trainset/1.png")).values()) == {
        ("train", ""),
        ("trainset", ""),
    }
    assert set(places(make(tmp_path / "c", "test/train/1.png")).values()) == {("train", "")}


def test_two_folders_of_one_role_keep_their_names(tmp_path: Path) -> None:
    dataset = make(tmp_path, "valid/1.png", "val/1.png", "train/1.png", "Test/1.png", "test/1.png", "Train/1.png")
    assert list(dataset.splits) == ["Train", "train", "val", "valid", "Test", "test"]


def test_what_lies_beside_the_splits_is_left_out_and_told(tmp_path: Path) -> None:
    dataset = make(
        tmp_path,
        *("data/train/a/1.png", "data/val/a/1.png", "data/more/x/1.png", "data/more/y/2.png", "data/one/1.png"),
        *("data/b.png", "data/a.png", "data/.hidden.png"),
    )
    assert set(places(dataset)) == {"data/train/a/1.png", "data/val/a/1.png"}
    assert dataset.skipped == (
        "data/a.png and 1 more: in no split, so they are left out (the splits are train, val)",
        "data/more: no split, so its 2 pictures are left out (the splits are train, val)",
        "data/one: no split, so its picture is left out (the splits are train, val)",
    )
    # What lies further up is beside a folder that not all pictures share, so nothing is a split there.
    assert make(tmp_path, "top.png").splits == {}
    single = make(tmp_path / "single", "train/1.png", "test/1.png", "line\nbreak.png")
    assert single.skipped == (r"line\x0abreak.png: in no split, so it is left out (the splits are train, test)",)


def test_the_key_stays_the_path_below_the_root(tmp_path: Path) -> None:
    """Draws are made from it: a split, once recognised, must not change them."""
    names = ("a/train/images/1.png", "a/val/images/1.png")
    assert sorted(places(make(tmp_path, *names))) == sorted(names)


@pytest.mark.parametrize(
    ("names", "splits"),
    [
        # Names of well-known datasets, and others that differ from their companions in one word.
        (("seg_train/seg_train/sea/1", "seg_test/seg_test/sea/2", "seg_pred/seg_pred/3"), "seg_train seg_test"),
        (("trainA/1", "trainB/2", "testA/3", "testB/4"), "trainA trainB testA testB"),
        (("train/cat.1", "test1/1"), "train test1"),
        (("asl_alphabet_train/asl_alphabet_train/A/1", "asl_alphabet_test/asl_alphabet_test/A_test"), ""),
        (("fruits-360/Training/Apple/1", "fruits-360/Test/Apple/2", "fruits-360/test-multiple_fruits/3"), ""),
        (("chest_xray/train/NORMAL/1", "chest_xray/val/NORMAL/2", "chest_xray/test/PNEUMONIA/3"), "train val test"),
        (("Train_v2/a/1", "Test_v2/a/2", "Val_v2/b/3"), "Train_v2 Val_v2 Test_v2"),
        (("dogs.train/a/1", "dogs.holdout-test/a/2", "dogs.test/b/3"), "dogs.train dogs.holdout-test dogs.test"),
        (("my_train/a/1", "test/a/2"), "my_train test"),
        (("cat/train/1", "cat/test/2", "dog/train/1", "dog/test/3"), "train test"),
        (("x/cat/training_set/1", "x/dog/validation_set/2"), "training_set validation_set"),
    ],
)
def test_what_is_surely_a_split(tmp_path: Path, names: tuple[str, ...], splits: str) -> None:
    dataset = make(tmp_path, *(f"{name}.png" for name in names))
    assert dataset.doubt is None
    if splits:
        assert list(dataset.splits) == splits.split()
    assert {role_of(split) for split in dataset.splits} >= {Role.TRAIN}
    assert {role_of(split) for split in dataset.splits} & {Role.VAL, Role.TEST}
    for source in dataset.sources:
        assert not any(role_of(part) for part in source.label.split("/")), source
        assert ("test" in source.key.casefold()) <= (role_of(source.split) is Role.TEST), source


def test_classes_with_splits_of_their_own(tmp_path: Path) -> None:
    names = ("pets/cat/train/1.png", "pets/cat/test/2.png", "pets/dog/train/1.png", "pets/dog/test/images/2.png")
    assert places(make(tmp_path, *names)) == {
        "pets/cat/train/1.png": ("train", "cat"),
        "pets/dog/train/1.png": ("train", "dog"),
        "pets/cat/test/2.png": ("test", "cat"),
        "pets/dog/test/images/2.png": ("test", "dog"),
    }


@pytest.mark.parametrize(
    ("names", "splits"),
    [
        (("rps/rock/1", "rps/paper/2", "rps-test-set/rock/3", "rps-test-set/paper/4"), "train rps-test-set"),
        (("data/my_train/a/1", "data/my_train/b/2", "final_test/a/3", "final_test/b/4"), "my_train final_test"),
    ],
)
def test_as_told_the_classes_of_all_splits_are_the_same(tmp_path: Path, names: tuple[str, ...], splits: str) -> None:
    assert make(tmp_path, *(f"{name}.png" for name in names)).doubt is not None
    told = scan(tmp_path, folders=Folders.SPLITS)
    assert list(told.splits) == splits.split()
    labels = {split: {source.label for source in told.sources if source.split == split} for split in told.splits}
    first, second = labels.values()
    assert first == second


@pytest.mark.parametrize(
    ("names", "doubt"),
    [
        (("cat/1", "dog/1", "test/1"), Doubt(("test",), ("cat", "dog"))),
        (("beaker/1", "test_tube/1"), Doubt(("test_tube",), ("beaker",))),
        (("train/1", "tram/1", "bus/1", "ticket validation/1"), Doubt(("train", "ticket validation"), ("bus", "tram"))),
        (("cats_train/1", "cats_test/2", "dogs_train/3", "dogs_test/4"), None),
        (("test/a/1", "test/b/2"), Doubt(("test",), ())),
        (("val/1", "test/1"), Doubt(("val", "test"), ())),
        (("learning_train/1", "final_test/1"), Doubt(("learning_train", "final_test"), ())),
        (("zoo/cat/1", "zoo/cat/test/2", "zoo/dog/3"), Doubt(("test",), ())),
        (("1", "validation/2"), Doubt(("validation",), ())),
    ],
)
def test_what_may_be_a_split_is_asked_about(tmp_path: Path, names: tuple[str, ...], doubt: Doubt | None) -> None:
    files = [f"{name}.png" for name in names]
    dataset = make(tmp_path, *files)
    if doubt is None:
        assert dataset.doubt is not None
        return
    assert dataset.doubt == doubt
    assert dataset.splits == {}, "until it is known"
    told = scan(tmp_path, folders=Folders.CLASSES)
    assert (told.doubt, told.splits, places(told)) == (None, {}, places(dataset))
    told = scan(tmp_path, folders=Folders.SPLITS)
    assert told.doubt is None
    assert {*doubt.names} <= {*told.splits}
    if not any(role_of(name) is Role.TRAIN for name in doubt.names):
        assert {source.key for source in told.sources} == set(files), "nothing is lost"
    for source in told.sources:
        named = [name for name in doubt.names if name in source.key.split("/")]
        assert source.split == (named[0] if named else "train")


def test_the_user_may_know_better(tmp_path: Path) -> None:
    dataset = make(tmp_path, "train/1.png", "test/1.png")
    assert list(dataset.splits) == ["train", "test"]
    told = scan(tmp_path, folders=Folders.CLASSES)
    assert (told.splits, told.classes, told.folders) == ({}, {"test": 1, "train": 1}, Folders.CLASSES)


@pytest.mark.parametrize(
    ("names", "classes"),
    [
        (("JPEGImages/1", "JPEGImages/2"), {"": 2}),
        (("VOC2012/JPEGImages/1",), {"VOC2012": 1}),
        (("images/cat/1", "images/dog/2"), {"cat": 1, "dog": 1}),
        (("n01/images/1", "n02/images/2", "n02/3"), {"n01": 1, "n02": 2}),
        (("Imgs/1", "2"), {"": 2}),
        (("photos/1", "sketches/2"), {"photos": 1, "sketches": 1}),
        (("food-101/pizza/1", "food-101/ramen/2"), {"pizza": 1, "ramen": 1}),
        (("zip/zip/images/a/1", "zip/zip/images/b/2", "zip/zip/images/b/c/3"), {"a": 1, "b": 1, "b/c": 1}),
        (("train/n01/images/1", "train/n02/images/2", "val/images/3", "test/images/4"), {"n01": 1, "n02": 1, "": 2}),
        (("imagesTr/1", "imagesTs/2"), {"": 2}),
        (("leftImg8bit/train/aachen/1", "leftImg8bit/val/bonn/2"), {"aachen": 1, "bonn": 1}),
    ],
)
def test_folders_that_only_hold_pictures_are_no_classes(
    tmp_path: Path, names: tuple[str, ...], classes: dict[str, int]
) -> None:
    assert make(tmp_path, *(f"{name}.png" for name in names)).classes == classes


@given(
    st.lists(
        st.lists(
            st.sampled_from(["train", "val", "Test", "test1", "seg_train", "seg_test", "images", "cat", "dog"]),
            max_size=4,
        ).map("/".join),
        max_size=6,
    ),
    st.sampled_from(Folders),
)
def test_every_folder_has_one_place_or_none(folders: list[str], answer: Folders) -> None:
    found = arrange(folders, answer)
    assert set(found.places) <= set(folders)
    assert found == arrange(reversed(folders), answer)
    assert {place.split for place in found.places.values()} == (set(found.splits) or {""} if folders else set())
    assert list(found.splits) == sorted(found.splits, key=order_of)
    if answer is Folders.CLASSES:
        assert not found.splits
    if found.splits and answer is Folders.AUTO:
        assert any(role_of(name) is Role.TRAIN for name in found.splits)
        assert found.doubt is None
    if not found.splits:
        assert set(found.places) == set(folders), "nothing is left out where there are no splits"
    for folder, place in found.places.items():
        names = folder.split("/")
        assert set(filter(None, place.label.split("/"))) <= set(names)
        assert not place.split or place.split in names or place.split == "train"
