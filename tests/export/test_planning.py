from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from exporting import export, photos, pipeline

from augstudio.dataset.listing import Source
from augstudio.dataset.scanning import Dataset, scan
from augstudio.dataset.splits import Role
from augstudio.export import (
    ExportError,
    ExportPlan,
    LooksAugmentedError,
    Settings,
    parse_balance,
    parse_split,
    plan_export,
    show_split,
)
from augstudio.export.settings import parse_augment


def dataset(root: Path, **classes: int) -> Dataset:
    """Sources without files; a name such as train__cat has a split."""
    sources = []
    for name, count in classes.items():
        split, _, label = name.rpartition("__")
        folder = "/".join(filter(None, (split, label)))
        sources += [
            Source(f"{folder}/{n}.jpg" if folder else f"{n}.jpg", str(root), label, split) for n in range(count)
        ]
    return Dataset(str(root), tuple(sources))


def planned(root: Path, classes: dict[str, int], **fields: Any) -> ExportPlan:
    return plan_export(Settings(str(root / "out"), pipeline(), **fields), dataset(root, **classes))


def table(made: ExportPlan) -> dict[tuple[str, str], tuple[int, int, int]]:
    return {(row.split, row.label): (row.pictures, row.originals, row.copies) for row in made.rows}


def test_every_picture_gets_its_copies(tmp_path: Path) -> None:
    made = planned(tmp_path, {"cat": 3, "dog": 2}, copies=4, originals=True)
    assert table(made) == {("", "cat"): (3, 3, 12), ("", "dog"): (2, 2, 8)}
    assert (made.files, made.total, made.remarks, made.roots) == (25, 5, (), ("",))
    jobs = list(made.jobs())
    assert [job.number for job in jobs] == list(range(5))
    assert {job.copies for job in jobs} == {(0, 1, 2, 3, 4)}
    assert list(made.jobs(iter((1, 3)))) == [jobs[1], jobs[3]]


def test_copies_without_any_step_are_said(tmp_path: Path) -> None:
    flip, off = pipeline().transforms[0], pipeline().transforms[0].edited(enabled=False)
    sized = {"width": 24, "height": 24, "fit": "crop"}
    for steps, output, said in (
        ((), {}, ("No step is switched on: the copies are the pictures as they are.",)),
        (
            (off, flip.edited(id="other", probability=0.0)),
            sized,
            ("No step is switched on: the copies are only resized.",),
        ),
        ((flip,), {}, ()),
    ):
        made = plan_export(
            Settings(str(tmp_path / "out"), pipeline().edited(transforms=steps, output=output)),
            dataset(tmp_path, cat=3),
        )
        assert made.remarks == said


def test_only_train_is_augmented_unless_asked(tmp_path: Path) -> None:
    classes = {"train__cat": 3, "valid__cat": 2, "test__cat": 1}
    assert table(planned(tmp_path, classes, copies=2)) == {
        ("train", "cat"): (3, 0, 6),
        ("valid", "cat"): (2, 2, 0),
        ("test", "cat"): (1, 1, 0),
    }
    more = planned(tmp_path, classes, copies=2, augment=(Role.TRAIN, Role.VAL))
    assert table(more)["valid", "cat"] == (2, 0, 4)
    assert {job.folder for job in more.jobs()} == {"train/cat", "valid/cat", "test/cat"}
    assert more.splits == ("train", "valid", "test")


def test_a_split_is_dealt_by_class(tmp_path: Path) -> None:
    made = planned(tmp_path, {"cat": 50, "dog": 10}, copies=1, split=parse_split("80/10/10"))
    assert table(made) == {
        ("train", "cat"): (40, 0, 40),
        ("train", "dog"): (8, 0, 8),
        ("val", "cat"): (5, 5, 0),
        ("val", "dog"): (1, 1, 0),
        ("test", "cat"): (5, 5, 0),
        ("test", "dog"): (1, 1, 0),
    }
    assert all(job.copies == ((1,) if job.split == "train" else (0,)) for job in made.jobs())


def test_a_class_of_one_is_trained_on(tmp_path: Path) -> None:
    for seed in range(20):
        made = planned(tmp_path, {f"c{n}": 1 for n in range(20)}, split=parse_split("50/50"), seed=seed)
        assert {row.split for row in made.rows} == {"train"}


def test_small_classes_still_give_the_shares_in_all(tmp_path: Path) -> None:
    made = planned(tmp_path, {f"c{n}": 5 for n in range(200)}, split=parse_split("80/10/10"))
    shares = {split: sum(row.pictures for row in made.rows if row.split == split) for split in ("train", "val", "test")}
    assert shares["train"] == 800
    assert abs(shares["val"] - 100) < 25
    assert any("No picture in val of" in remark for remark in made.remarks)


def test_classes_are_balanced(tmp_path: Path) -> None:
    made = planned(tmp_path, {"cat": 10, "dog": 3}, copies=2, balance="largest")
    assert table(made) == {("", "cat"): (10, 0, 20), ("", "dog"): (3, 0, 20)}
    assert sorted(len(job.copies) for job in made.jobs() if job.label == "dog") == [6, 7, 7]
    made = planned(tmp_path, {"cat": 10, "dog": 3}, copies=2, balance="largest", originals=True)
    assert table(made) == {("", "cat"): (10, 10, 20), ("", "dog"): (3, 3, 27)}


def test_balanced_to_a_number(tmp_path: Path) -> None:
    made = planned(tmp_path, {"cat": 10, "dog": 3}, balance=7)
    assert table(made) == {("", "cat"): (10, 0, 7), ("", "dog"): (3, 0, 7)}
    assert (made.total, made.unused) == (10, 3)
    assert "3 pictures are not used" in made.remarks[0]
    with pytest.raises(ExportError, match=r"balance is 7, but cat has 10 originals already; allowed is 10 or more"):
        planned(tmp_path, {"cat": 10, "dog": 3}, balance=7, originals=True)
    with pytest.raises(ExportError, match=r"would take 33,334 copies of each picture of dog; allowed is 10,000"):
        planned(tmp_path, {"cat": 10, "dog": 3}, balance=100_000)


def test_balancing_stays_within_train(tmp_path: Path) -> None:
    classes = {"train__cat": 4, "train__dog": 1, "val__cat": 2, "val__dog": 3}
    made = planned(tmp_path, classes, copies=2, balance="largest")
    assert table(made) == {
        ("train", "cat"): (4, 0, 8),
        ("train", "dog"): (1, 0, 8),
        ("val", "cat"): (2, 2, 0),
        ("val", "dog"): (3, 3, 0),
    }


@pytest.mark.parametrize(
    ("classes", "fields", "said"),
    [
        ({"": 3}, {"balance": "largest"}, "has no classes (no folders with pictures), so there is nothing to balance"),
        ({"cat": 3}, {"balance": 5}, "has one class only (cat), so there is nothing to balance"),
        (
            {"train__cat": 3, "val__cat": 1},
            {"split": parse_split("80/20")},
            "has splits already (train, val), and they are kept; leave the split out",
        ),
        ({"cat": 3}, {"augment": (Role.VAL,)}, "has no train, val and test folders"),
    ],
)
def test_what_does_not_go_with_the_source_is_refused(
    classes: dict[str, int], fields: dict[str, Any], said: str, tmp_path: Path
) -> None:
    with pytest.raises(ExportError) as raised:
        planned(tmp_path, classes, **fields)
    assert str(raised.value).startswith(f"{tmp_path}: {said}")


def test_what_loaders_make_of_it_is_remarked(tmp_path: Path) -> None:
    made = planned(tmp_path, {"": 2, "dog/small": 1, "cat": 1})
    assert made.remarks == (
        "2 pictures are in no class folder; folder loaders leave them out or take them for a class.",
        "Loaders differ on folders in folders: dog/small counts as dog for most, as small for Hugging Face's.",
    )
    assert "takes the class test tube for a split" in planned(tmp_path, {"test tube": 2, "cat": 1}).remarks[0]
    assert "may leave out the split Test" in planned(tmp_path, {"train__cat": 2, "Test__cat": 1}).remarks[0]
    assert not planned(tmp_path, {"latest": 2, "trainer": 1}).remarks
    sources = tuple(Source(f"cat/{name}.jpg", str(tmp_path), "cat") for name in ("detest", "my_test_1"))
    (remark,) = plan_export(Settings(str(tmp_path / "out"), pipeline()), Dataset(str(tmp_path), sources)).remarks
    assert "takes my_test_1.jpg for a split" in remark


def test_what_balancing_does_to_the_smallest_class(tmp_path: Path) -> None:
    made = planned(tmp_path, {"cat": 96, "rare": 8}, copies=4, balance="largest")
    assert made.balanced == "48 copies of each of 8 pictures of rare"
    assert made.crowded
    assert made.remarks == (
        "48 copies of each of 8 pictures of rare: above 10 a model may learn those few pictures by heart; "
        "a limit (--at-most) avoids it.",
    )
    assert planned(tmp_path, {"cat": 10, "dog": 3}, copies=2, balance="largest").balanced == (
        "6 or 7 copies of each of 3 pictures of dog"
    )
    assert planned(tmp_path, {"cat": 5, "dog": 1}, copies=1, balance="largest").balanced == (
        "5 copies of the only picture of dog"
    )
    split = planned(tmp_path, {"train__cat": 9, "train__dog": 3, "val__cat": 1, "val__dog": 1}, balance="largest")
    assert split.balanced == "12 copies of each of 3 pictures of dog in train"
    assert (planned(tmp_path, {"cat": 96, "rare": 8}).balanced, made.capped) == ("", {})


def test_many_copies_are_remarked_only_where_balancing_makes_them(tmp_path: Path) -> None:
    for fields, crowded in (
        ({"copies": 10, "balance": "largest"}, False),  # of cat and dog, which are as large
        ({"copies": 40, "balance": "largest"}, False),  # which was asked for
        ({"copies": 40}, False),
        ({"balance": 40}, False),
        ({"balance": 41}, True),
    ):
        made = planned(tmp_path, {"cat": 4, "dog": 4}, **fields)
        assert made.crowded is crowded, fields
        assert bool(made.remarks) is crowded, fields


def test_copies_of_one_original_are_capped(tmp_path: Path) -> None:
    made = planned(tmp_path, {"cat": 96, "rare": 8, "less": 95}, copies=4, balance="largest", at_most=10)
    assert table(made) == {("", "cat"): (96, 0, 384), ("", "rare"): (8, 0, 80), ("", "less"): (95, 0, 384)}
    assert {len(job.copies) for job in made.jobs() if job.label == "rare"} == {10}
    assert made.capped == {("", "rare"): 384}
    assert made.balanced == "10 copies of each of 8 pictures of rare"
    assert made.remarks == ("At most 10 copies of one original: rare gets 80 copies instead of 384.",)
    assert made.to("elsewhere").remarks == made.remarks
    many = planned(
        tmp_path, {"cat": 50, **{f"c{n}": 1 for n in range(5)}}, copies=2, balance="largest", at_most=2, originals=True
    )
    assert many.remarks == (
        "At most 2 copies of one original: c0 gets 2 copies instead of 149, c1 gets 2 copies instead of 149, "
        "c2 gets 2 copies instead of 149, and 2 more classes get fewer.",
    )
    capped = planned(tmp_path, {"cat": 10, "dog": 3}, balance=100_000, at_most=3)
    assert capped.files == 39, "what could not be without the cap"
    for at_most, said in ((0, "at_most is 0; allowed is 1 to 10,000"), (10_001, "at_most is 10,001; allowed is")):
        with pytest.raises(ExportError, match=said):
            Settings("out", pipeline(), balance=9, at_most=at_most)
    with pytest.raises(ExportError, match="at_most is 3, which is for balanced classes"):
        Settings("out", pipeline(), at_most=3)


def test_an_augmented_source_is_refused_unless_asked_for_twice(tmp_path: Path) -> None:
    export(photos(tmp_path / "in"), tmp_path / "out")
    for source in (tmp_path / "out", tmp_path / "out" / "images"):
        settings = Settings(str(tmp_path / "again"), pipeline())
        with pytest.raises(LooksAugmentedError, match="copies of copies") as raised:
            plan_export(settings, scan(source))
        assert "\n" not in str(raised.value)
        again = Settings(str(tmp_path / "again"), pipeline(), again=True)
        assert plan_export(again, scan(source)).files == 40


# -- what is typed -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("text", ["80/10/10", "80/20", "66.6/33.4", "100/0", "33.34/33.33/33.33"])
def test_splits_are_read_and_shown(text: str) -> None:
    shares = parse_split(text)
    assert sum(shares) == 1
    assert show_split(shares) == text


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("80/10/20", "split is 80/10/20, which adds up to 110; it must add up to 100"),
        ("80/10", "split is 80/10, which adds up to 90; it must add up to 100"),
        ("100", "split is 100; it must have two shares (train, val) or three (train, val, test)"),
        ("25/25/25/25", "split is 25/25/25/25; it must have two shares"),
        ("0/100", "split is 0/100; no share may be below 0, and train must be above it"),
        ("120/-20", "split is 120/-20; no share may be below 0"),
        ("most/rest", "split is 'most/rest'; it must be per cent of train, val and test, such as 80/10/10"),
        ("", "split is ''; it must be per cent"),
        ("nan/100", "split is 'nan/100'; it must be per cent"),
    ],
)
def test_a_wrong_split_is_refused(text: str, said: str) -> None:
    with pytest.raises(ExportError) as raised:
        parse_split(text)
    assert str(raised.value).startswith(said)
    with pytest.raises(ExportError):
        Settings("out", pipeline(), split=(Fraction(1, 2),))


def test_balance_and_augment_are_read() -> None:
    assert parse_balance("largest") == "largest"
    assert parse_balance("50") == 50
    assert parse_augment("train,val") == (Role.TRAIN, Role.VAL)
    assert parse_augment(" TEST , train") == (Role.TRAIN, Role.TEST)
    with pytest.raises(ExportError, match="balance is 'most'; it must be a number of files per class, or largest"):
        parse_balance("most")
    with pytest.raises(ExportError, match="augment has 'all'; allowed are train, val and test"):
        parse_augment("all")
    with pytest.raises(ExportError, match="balance is 0; allowed is 1 to 10,000,000"):
        Settings("out", pipeline(), balance=0)


def test_settings_come_back_from_json(tmp_path: Path) -> None:
    settings = Settings(
        str(tmp_path),
        pipeline(),
        copies=7,
        seed=9,
        originals=True,
        split=parse_split("70/20/10"),
        balance=12,
        at_most=5,
        again=True,
    )
    assert Settings.from_json(settings.as_json(), out=tmp_path, pipeline=pipeline()) == Settings(
        **{**vars(settings), "workers": Settings(str(tmp_path), pipeline()).workers}
    )
    before = {name: value for name, value in settings.as_json().items() if name != "at_most"}
    assert Settings.from_json(before, out=tmp_path, pipeline=pipeline()).at_most is None, "of version 0.3"
    for name in settings.as_json():
        if name != "preset":
            with pytest.raises((ExportError, KeyError, TypeError, ValueError)):
                Settings.from_json({**settings.as_json(), name: object()}, out=tmp_path, pipeline=pipeline())
