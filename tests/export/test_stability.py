"""What never changes: bytes and names for any engine and order; who is in which split; how many copies each gets."""

from __future__ import annotations

import dataclasses
import random
import shutil
from collections import Counter, defaultdict
from concurrent.futures import ThreadPoolExecutor
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from exporting import consistent, export, hashes, lines, photos, picture, pipeline
from hypothesis import assume, example, given
from hypothesis import strategies as st

from augstudio.dataset.listing import Source
from augstudio.dataset.scanning import Dataset, scan
from augstudio.dataset.splits import Role
from augstudio.export import ExportError, ExportPlan, Settings, Status, parse_split, plan_export
from augstudio.pool.retrying import Engine

LOCATION = "/nowhere/photos"
"""Of datasets that have no files: a plan reads none."""
DEALT = ("train", "val", "test")


def dataset_of(sizes: dict[str, int], split: str = "") -> Dataset:
    """A dataset without files, of so many pictures per class."""
    sources = (
        Source("/".join(filter(None, (split, label, f"{number}.jpg"))), LOCATION, label, split)
        for label, size in sizes.items()
        for number in range(size)
    )
    return Dataset(LOCATION, tuple(sources))


def planned(dataset: Dataset, **fields: Any) -> ExportPlan:
    return plan_export(Settings("/nowhere/out", **{"pipeline": pipeline(), **fields}), dataset)


def split_of(plan: ExportPlan) -> dict[str, str]:
    """Split of each source that is used, by its key."""
    return {job.key: job.split for job in plan.jobs()}


def by_source(out: Path) -> dict[tuple[str, int], str]:
    """SHA-256 of each file, by source and copy: whatever it is called, and in whichever split it is."""
    return {(line["source"], line["copy"]): line["sha256"] for line in lines(out)}


# -- bytes -----------------------------------------------------------------------------------------------------------

LAYOUT: dict[str, Any] = {"copies": 2, "originals": True, "split": parse_split("50/50"), "balance": "largest"}


def varied(root: Path) -> Path:
    """Classes of unequal size, in several formats, and a picture that cannot be read."""
    for number in range(7):
        suffix = (".jpg", ".png", ".bmp", ".webp")[number % 4]
        picture(
            root / "ab"[number > 4] / f"{number}{suffix}", 9 + number, 12, (3, 1, 4)[number % 3 if number % 4 else 0]
        )
    (root / "a" / "broken.png").write_bytes(b"no picture")
    return root


def same(one: Path, other: Path) -> None:
    """Hold that two exports have the same files under the same names, and the same manifest."""
    assert hashes(one) == hashes(other)
    assert (one / "manifest.jsonl").read_bytes() == (other / "manifest.jsonl").read_bytes()


@pytest.mark.parametrize("threads", [1, 3])
def test_threads(threads: int, tmp_path: Path) -> None:
    source = varied(tmp_path / "in")
    export(source, tmp_path / "one", **LAYOUT)
    export(source, tmp_path / "many", engine=Engine(lambda: ThreadPoolExecutor(threads), 2 * threads), **LAYOUT)
    same(tmp_path / "one", tmp_path / "many")


@pytest.mark.slow
def test_any_number_of_processes(tmp_path: Path) -> None:
    source = varied(tmp_path / "in")
    export(source, tmp_path / "0", **LAYOUT)
    for workers in (1, 2, 7):
        done = export(source, tmp_path / str(workers), workers=workers, **LAYOUT)
        assert (done.state, len(done.failures)) == (Status.COMPLETE, 1)
        same(tmp_path / "0", tmp_path / str(workers))


def test_any_order_of_the_sources(tmp_path: Path) -> None:
    dataset = scan(varied(tmp_path / "in"))
    for name in ("photo.jpg", "photo.png", "Photo.bmp"):  # which of them is first must not decide about names
        picture(tmp_path / "in" / "a" / name, 8, 8, seed=len(name))
    dataset = scan(tmp_path / "in")
    export(dataset, tmp_path / "sorted", **LAYOUT)
    for seed in range(3):
        shuffled = random.Random(seed).sample(dataset.sources, len(dataset.sources))
        export(dataclasses.replace(dataset, sources=tuple(shuffled)), tmp_path / str(seed), **LAYOUT)
        assert hashes(tmp_path / str(seed)) == hashes(tmp_path / "sorted")
        assert sorted(map(str, lines(tmp_path / str(seed)))) == sorted(map(str, lines(tmp_path / "sorted")))


def test_moving_the_dataset(tmp_path: Path) -> None:
    source = varied(tmp_path / "in")
    export(source, tmp_path / "here", **LAYOUT)
    moved = shutil.copytree(source, tmp_path / "else where" / "ünï")
    export(moved, tmp_path / "there", **LAYOUT)
    same(tmp_path / "here", tmp_path / "there")


@pytest.mark.parametrize("fields", [{}, {"originals": True}, LAYOUT, {**LAYOUT, "balance": 9}])
def test_adding_and_removing_a_source(fields: dict[str, Any], tmp_path: Path) -> None:
    source, out = varied(tmp_path / "in"), tmp_path / "out"
    export(source, out / "before", **fields)
    before = by_source(out / "before")
    added = [source / "a" / "added.jpg", source / "b" / "added.png", source / "c" / "new class.jpg"]
    for path in added:
        picture(path, 8, 8)
    export(source, out / "after", **fields)
    after = by_source(out / "after")
    common = before.keys() & after.keys()
    assert len(common) > 6
    assert {what: before[what] for what in common} == {what: after[what] for what in common}
    if "balance" not in fields:
        assert common == before.keys(), "all of the copies that there were"
        names = {line["source"]: line["path"] for line in lines(out / "before")}
        if "split" not in fields:
            assert names.items() <= {line["source"]: line["path"] for line in lines(out / "after")}.items()
    for path in added:
        path.unlink()
    export(source, out / "again", **fields)
    same(out / "before", out / "again")


def test_a_stem_that_collides_changes_names_and_no_bytes(tmp_path: Path) -> None:
    picture(tmp_path / "in" / "photo.jpg", 9, 8)
    export(tmp_path / "in", tmp_path / "before")
    picture(tmp_path / "in" / "photo.png", 8, 8)
    export(tmp_path / "in", tmp_path / "after")
    assert by_source(tmp_path / "before").items() <= by_source(tmp_path / "after").items()
    assert not hashes(tmp_path / "before").keys() & hashes(tmp_path / "after").keys()


def test_neither_split_nor_balance_nor_format_of_others_changes_a_copy(tmp_path: Path) -> None:
    source = varied(tmp_path / "in")
    export(source, tmp_path / "plain", copies=12)
    plain = by_source(tmp_path / "plain")
    for name, fields in (("split", {"split": parse_split("60/20/20")}), ("balance", {"balance": 12})):
        export(source, tmp_path / name, copies=3, **fields)
        found = {what: digest for what, digest in by_source(tmp_path / name).items() if what[1]}
        assert found.items() <= plain.items()
        assert len(found) >= 12


# -- splits ----------------------------------------------------------------------------------------------------------

shares = (
    st.lists(st.integers(0, 100), min_size=1, max_size=2)
    .map(sorted)
    .map(lambda cuts: tuple(Fraction(b - a, 100) for a, b in zip([0, *cuts], [*cuts, 100], strict=True)))
)
class_sizes = st.dictionaries(st.sampled_from(["", "a", "b", "c/d", "é"]), st.integers(1, 40), min_size=1)
seeds = st.integers(0, 2**63 - 1)


@given(class_sizes, shares, seeds)
@example({"a": 1}, parse_split("1/99"), 0)
@example({"a": 1000}, parse_split("33.3/33.3/33.4"), 0)
def test_the_shares_are_exact(sizes: dict[str, int], shares: tuple[Fraction, ...], seed: int) -> None:
    assume(shares[0] > 0)
    dealt = planned(dataset_of(sizes), split=shares, seed=seed)
    for label, size in sizes.items():
        found = {row.split: row.pictures for row in dealt.rows if row.label == label}
        assert sum(found.values()) == size
        assert found["train"] >= 1
        if shares[0] * size >= 1:
            for name, share in zip(DEALT, shares, strict=False):
                assert abs(found.get(name, 0) - share * size) < 1
                assert share or name not in found, "nothing goes where nothing is wanted"


@given(class_sizes, shares, seeds)
def test_a_split_repeats_by_its_seed(sizes: dict[str, int], shares: tuple[Fraction, ...], seed: int) -> None:
    assume(shares[0] > 0)
    dataset = dataset_of(sizes)
    backwards = dataclasses.replace(dataset, sources=dataset.sources[::-1])
    assert split_of(planned(dataset, split=shares, seed=seed)) == split_of(
        planned(backwards, split=shares, seed=seed, copies=1, originals=True)
    )


def test_another_seed_deals_otherwise() -> None:
    dataset = dataset_of({"a": 40, "b": 40})
    dealt = [split_of(planned(dataset, split=parse_split("50/25/25"), seed=seed)) for seed in range(20)]
    assert len({tuple(sorted(found.items())) for found in dealt}) == 20
    in_train = Counter(key for found in dealt for key, split in found.items() if split == "train")
    assert all(2 <= in_train[source.key] <= 18 for source in dataset.sources), "each picture gets about"


@given(class_sizes, shares, seeds, st.data())
def test_a_new_picture_moves_one_other_at_most_across_each_cut(
    sizes: dict[str, int], shares: tuple[Fraction, ...], seed: int, data: st.DataObject
) -> None:
    assume(shares[0] > 0)
    label = data.draw(st.sampled_from(sorted(sizes)))
    before = split_of(planned(dataset_of(sizes), split=shares, seed=seed))
    after = split_of(planned(dataset_of({**sizes, label: sizes[label] + 1}), split=shares, seed=seed))
    moved = [(DEALT.index(before[key]), DEALT.index(after[key]), key) for key in before if before[key] != after[key]]
    across = Counter(cut for was, now, _ in moved for cut in range(min(was, now), max(was, now)))
    assert all(count <= 1 for count in across.values())
    assert all(key.rpartition("/")[0] == label for *_, key in moved), "no other class is touched"


def test_many_small_classes_still_give_the_shares() -> None:
    dealt = planned(dataset_of({f"class {number}": 3 for number in range(1000)}), split=parse_split("80/10/10"))
    found = Counter(split_of(dealt).values())
    assert abs(found["val"] - 300) < 60
    assert abs(found["test"] - 300) < 60


def test_every_copy_stays_in_the_split_of_its_source(tmp_path: Path) -> None:
    for number in range(16):
        picture(tmp_path / "in" / "ab"[number % 2] / f"{number}.png", 5, 5, seed=number)
    export(tmp_path / "in", tmp_path / "out", split=parse_split("50/25/25"), copies=3, originals=True)
    consistent(tmp_path / "out")
    places = defaultdict(set)
    for line in lines(tmp_path / "out"):
        assert line["path"].startswith(f"images/{line['split']}/{line['class']}/")
        places[line["source"]].add(line["split"])
        assert line["copy"] == 0 or line["split"] == "train", "what a model is judged by is not augmented"
    assert all(len(splits) == 1 for splits in places.values())
    assert Counter(split for (split,) in places.values()) == {"train": 8, "val": 4, "test": 4}


def test_a_source_with_splits_keeps_them(tmp_path: Path) -> None:
    for split in ("train", "valid", "Test"):
        for number in range(2):
            picture(tmp_path / "in" / split / "a" / f"{number}.png", 5, 5, seed=number)
    names = {"train": ["0__aug1", "0__aug2", "1__aug1", "1__aug2"], "valid": ["0__orig", "1__orig"]}
    names["Test"] = names["valid"]
    export(tmp_path / "in", tmp_path / "out")
    assert set(hashes(tmp_path / "out")) == {
        f"images/{split}/a/{name}.png" for split, stems in names.items() for name in stems
    }
    for line in lines(tmp_path / "out"):
        if line["split"] != "train":
            assert (tmp_path / "out" / line["path"]).read_bytes() == (tmp_path / "in" / line["source"]).read_bytes()

    names["valid"], names["train"] = names["train"], names["valid"]
    export(tmp_path / "in", tmp_path / "only val", augment=(Role.VAL,))
    assert set(hashes(tmp_path / "only val")) == {
        f"images/{split}/a/{name}.png" for split, stems in names.items() for name in stems
    }
    with pytest.raises(ExportError, match=r"has splits already \(train, valid, Test\)"):
        export(tmp_path / "in", tmp_path / "again", split=parse_split("80/20"))


# -- balance ---------------------------------------------------------------------------------------------------------

several = st.dictionaries(st.sampled_from(["a", "b", "c/d", "é"]), st.integers(1, 30), min_size=2)


@given(several, st.one_of(st.just("largest"), st.integers(1, 100)), st.integers(1, 5), st.booleans(), seeds)
def test_classes_are_balanced_exactly_and_evenly(
    sizes: dict[str, int], balance: Any, copies: int, originals: bool, seed: int
) -> None:
    largest = max(sizes.values())
    wanted = largest * (copies + originals) if balance == "largest" else balance
    fields = {"balance": balance, "copies": copies, "originals": originals, "seed": seed}
    if originals and wanted < largest:
        with pytest.raises(ExportError, match="originals already"):
            planned(dataset_of(sizes), **fields)
        return
    balanced = planned(dataset_of(sizes), **fields)
    assert {row.label: row.files for row in balanced.rows} == dict.fromkeys(sizes, wanted)
    given_out = defaultdict(list)
    for number, source in enumerate(balanced.dataset.sources):
        indexes = balanced.indexes(number)
        assert indexes == tuple(range(not originals, len(indexes) + (not originals))), "copies are the first ones"
        given_out[source.label].append(len(indexes))
    for counts in given_out.values():
        assert max(counts) - min(counts) <= 1
        assert sum(counts) == wanted
    assert balanced.unused == sum(count == 0 for counts in given_out.values() for count in counts)
    assert balanced.total == len(list(balanced.jobs())) == sum(sizes.values()) - balanced.unused


@given(several, st.integers(1, 60), shares, seeds)
def test_balance_is_within_a_split(
    sizes: dict[str, int], balance: int, shares: tuple[Fraction, ...], seed: int
) -> None:
    assume(shares[0] > 0)
    balanced = planned(dataset_of(sizes), balance=balance, split=shares, seed=seed)
    for row in balanced.rows:
        if row.split == "train":
            assert (row.originals, row.copies) == (0, balance)
        else:
            assert (row.originals, row.copies) == (row.pictures, 0), "others are exported as they are"


@given(several, st.one_of(st.none(), st.just("largest"), st.integers(60, 100)), st.none() | shares, st.booleans())
def test_the_plan_is_what_the_jobs_come_to(
    sizes: dict[str, int], balance: Any, shares: tuple[Fraction, ...] | None, originals: bool
) -> None:
    assume(not shares or shares[0] > 0)
    made = planned(dataset_of(sizes), balance=balance, split=shares, originals=originals)
    counts: Counter[tuple[str, str, bool]] = Counter()
    paths = []
    for job in made.jobs():
        for copy in job.copies:
            counts[job.split, job.label, copy == 0] += 1
            paths.append(job.path(copy, ".jpg"))
    assert len(set(paths)) == len(paths) == made.files
    for row in made.rows:
        assert counts[row.split, row.label, True] == row.originals
        assert counts[row.split, row.label, False] == row.copies


def test_balanced_files_are_there(tmp_path: Path) -> None:
    source = photos(tmp_path / "in", tuple((f"{'aab'[n % 3]}/{n}.png", 5, 6, 3) for n in range(9)))
    export(source, tmp_path / "out", balance=4, copies=1)
    consistent(tmp_path / "out")
    assert Counter(line["class"] for line in lines(tmp_path / "out")) == {"a": 4, "b": 4}
