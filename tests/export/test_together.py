"""What belongs together stays on one side of a split; what is on both sides already, or excluded, is told."""

from __future__ import annotations

import json
import random
from collections import Counter
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from exporting import export, hashes, photos, picture, pipeline
from hypothesis import assume, given
from hypothesis import strategies as st

from augstudio.dataset import Folders, groups, scan
from augstudio.dataset.groups import By, Grouping, from_csv, parse_grouping, together
from augstudio.export import (
    ExportError,
    Settings,
    Status,
    UnclearFoldersError,
    foresee,
    load_unfinished,
    parse_split,
    plan_export,
    runner,
    verify,
)
from augstudio.export.planning import deal
from augstudio.marks import GROUPS

DEALT = ("train", "val", "test")


def make(root: Path, *names: str, same: dict[str, str] | None = None) -> Path:
    """Pictures of their own, and some that are copies of others."""
    for seed, name in enumerate(names):
        picture(root / name, seed=seed)
    for name, of in (same or {}).items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_bytes((root / of).read_bytes())
    return root


def split_of(source: Path, out: Path, **fields: object) -> dict[str, str]:
    settings = Settings(str(out), pipeline(), **{"split": parse_split("60/20/20"), **fields})  # type: ignore[arg-type]
    return {job.key: job.split for job in plan_export(settings, scan(source)).jobs()}


# -- the law of dealing ------------------------------------------------------------------------------------------------

shares = (
    st.lists(st.integers(0, 100), min_size=1, max_size=2)
    .map(sorted)
    .map(lambda cuts: tuple(Fraction(b - a, 100) for a, b in zip([0, *cuts], [*cuts, 100], strict=True)))
)
pictures = st.lists(
    st.tuples(st.integers(0, 400), st.sampled_from(["a", "b", "c/d"]), st.integers(0, 12) | st.none()),
    min_size=1,
    max_size=40,
    unique_by=lambda one: one[0],
)
"""A number that makes the key, a class, and the group or none."""


def dealt(some: list[tuple[int, str, int | None]], split: tuple[Fraction, ...], seed: int) -> dict[str, str]:
    keys = [f"{label}/{number:03}.png" for number, label, _ in some]
    groups: dict[int, list[int]] = {}
    for place, (_, _, group) in enumerate(some):
        if group is not None:
            groups.setdefault(group, []).append(place)
    leads = together(len(some), groups.values())
    first = {lead: min((n for n in range(len(some)) if leads[n] == lead), key=keys.__getitem__) for lead in set(leads)}
    names = deal(keys, [label for _, label, _ in some], split, seed, [first[lead] for lead in leads])
    return dict(zip(keys, names, strict=True))


@given(pictures, shares, st.integers(0, 2**63 - 1), st.data())
def test_groups_stay_whole_and_hardly_anything_moves(
    some: list[tuple[int, str, int | None]], split: tuple[Fraction, ...], seed: int, data: st.DataObject
) -> None:
    assume(split[0] > 0)
    before = dealt(some, split, seed)
    key_of = {f"{label}/{number:03}.png": group for number, label, group in some}
    for group in {group for group in key_of.values() if group is not None}:
        assert len({before[key] for key, other in key_of.items() if other == group}) == 1
    shuffled = random.Random(seed).sample(some, len(some))
    assert dealt(shuffled, split, seed) == before, "the order of the pictures does not matter"

    new = data.draw(pictures.filter(lambda one: one[0][0] not in {number for number, *_ in some}))[0]
    after = dealt([*some, new], split, seed)
    moved: Counter[tuple[str, int]] = Counter()
    class_of = {group: min(key for key, other in key_of.items() if other == group) for group in set(key_of.values())}
    seen = set()
    for key, group in key_of.items():
        name = ("group", group) if group is not None else ("alone", key)
        if before[key] != after[key] and name not in seen and (group is None or group != new[2]):
            seen.add(name)
            was, now = DEALT.index(before[key]), DEALT.index(after[key])
            first = key if group is None else class_of[group]
            moved.update((first.rpartition("/")[0], cut) for cut in range(min(was, now), max(was, now)))
    assert all(count <= 1 for count in moved.values())


@given(st.integers(2, 60), st.integers(1, 9), st.integers(0, 2**32))
def test_shares_are_shares_of_groups(groups: int, size: int, seed: int) -> None:
    some = [(10 * group + number, "a", group) for group in range(groups) for number in range(size)]
    found = Counter(dealt(some, parse_split("70/20/10"), seed).values())
    for name, share in zip(DEALT, (0.7, 0.2, 0.1), strict=True):
        assert abs(found[name] / size - share * groups) < 1


def test_without_groups_nothing_is_dealt_otherwise_than_before() -> None:
    keys = [f"{label}/{number}.png" for label in ("a", "b") for number in range(30)]
    classes = [key[0] for key in keys]
    assert deal(keys, classes, parse_split("80/20"), 7) == deal(keys, classes, parse_split("80/20"), 7, range(60))


# -- identical files ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(6))
def test_identical_files_go_together(tmp_path: Path, seed: int) -> None:
    names = [f"{label}/{number}.png" for label in ("cat", "dog") for number in range(8)]
    same = {f"cat/copy of {number}.png": f"cat/{number}.png" for number in range(8)} | {"dog/x.jpg": "cat/3.png"}
    source = make(tmp_path / "in", *names, same=same)
    found = split_of(source, tmp_path / "out", seed=seed)
    for copy, of in same.items():
        assert found[copy] == found[of]
    settings = Settings(str(tmp_path / "out"), pipeline(), split=parse_split("60/20/20"), seed=seed)
    planned = plan_export(settings, scan(source))
    assert planned.kept_together == 17
    assert planned.two_classes == (("cat/3.png", "dog/x.jpg"),)
    told = "\n".join(planned.remarks)
    assert "17 pictures whose files are identical to others are dealt out together with them" in told
    assert "1 picture is in another class as well, byte for byte, such as cat/3.png = dog/x.jpg." in told


@pytest.mark.parametrize("name", ["{0}__aug{1}.png", "{0}_png.rf.0123456789abcdef{1:04}.png"])
def test_copies_of_one_picture_that_are_exported_again_go_together(tmp_path: Path, name: str) -> None:
    names = [f"cat/{name.format(picture_, copy)}" for picture_ in range(20) for copy in range(1, 4)]
    source = make(tmp_path / "in", *names)
    for seed in range(3):
        split = split_of(source, tmp_path / "out", again=True, seed=seed)
        for first in range(0, len(names), 3):
            assert len({split[key] for key in names[first : first + 3]}) == 1
        assert Counter(split.values()) == {"train": 36, "val": 12, "test": 12}
    settings = Settings(str(tmp_path / "out"), pipeline(), split=parse_split("60/40"), again=True)
    remarks = plan_export(settings, scan(source)).remarks
    assert (
        "60 pictures are copies of one picture with others, by their names, and are dealt out together with them."
        in remarks
    )


def test_what_lies_in_test_and_train_is_told_by_name(tmp_path: Path) -> None:
    names = ("train/cat/1.png", "train/cat/2.png", "valid/cat/3.png", "test/4.png")
    same = {"valid/cat/9.png": "train/cat/2.png", "test/8.png": "train/cat/2.png", "test/7.png": "test/4.png"}
    report = export(make(tmp_path / "in", *names, same=same), tmp_path / "out", copies=1)
    told = "\n".join(report.remarks)
    assert "1 picture is in valid and in the pictures to train on, byte for byte" in told
    assert "valid/cat/9.png = train/cat/2.png" in told
    assert "1 picture is in test and in the pictures to train on" in told
    written = json.loads((tmp_path / "out" / "report.json").read_text())["identical"]
    assert written == {
        "in_train_too": {
            "valid": [["valid/cat/9.png", "train/cat/2.png"]],
            "test": [["test/8.png", "train/cat/2.png"]],
        },
        "in_two_classes": [],
    }


# -- groups by name ----------------------------------------------------------------------------------------------------


def test_by_folder_pattern_and_table(tmp_path: Path) -> None:
    names = [f"{label}/film{film}/{n}.png" for label in ("cat", "dog") for film in range(6) for n in range(3)]
    source = make(tmp_path / "in", *names)
    table = "\n".join(f"{name},{name.split('/')[1]}" for name in names)
    for group, group_of in (
        (parse_grouping("folder"), lambda key: key.rpartition("/")[0]),
        (parse_grouping(r"/(film\d)/"), lambda key: key.split("/")[1]),
        (from_csv(table.encode(), "films.csv"), lambda key: key.split("/")[1]),
    ):
        found = split_of(source, tmp_path / "out", group=group)
        splits: dict[str, set[str]] = {}
        for key, split in found.items():
            splits.setdefault(group_of(key), set()).add(split)
        assert all(len(names) == 1 for names in splits.values())
        assert set(found.values()) == set(DEALT)


def test_films_without_classes_are_dealt_out(tmp_path: Path) -> None:
    source = make(tmp_path / "in", *(f"film{film}/{n}.png" for film in range(10) for n in range(2)))
    found = split_of(source, tmp_path / "out", group=parse_grouping("folder"))
    assert Counter(found.values()) == {"train": 12, "val": 4, "test": 4}


@pytest.mark.parametrize("group", ["folder", r"(film\d+)/"])
def test_one_odd_picture_changes_nothing_for_other_films(tmp_path: Path, group: str) -> None:
    source = make(tmp_path / "in", *(f"film{film}/{n}.png" for film in range(10) for n in range(2)))
    before = split_of(source, tmp_path / "out", group=parse_grouping(group))
    assert set(before.values()) == set(DEALT)
    for seed, odd in enumerate(("film3/thumb.png", "film4/deep/x.png", "top.png", "film5/other_film/y.png"), 500):
        picture(source / odd, seed=seed)
        after = split_of(source, tmp_path / "out", group=parse_grouping(group))
        films = {key.split("/")[0] for key in before if before[key] != after[key]} - {odd.split("/")[0]}
        assert len(films) <= 2, "one across each cut"
        before = after


def test_identical_files_join_groups(tmp_path: Path) -> None:
    names = [f"p{patient}_{n}.png" for patient in range(10) for n in range(2)]
    source = make(tmp_path / "in", *names, same={"p1_9.png": "p0_0.png", "p2_9.png": "p1_0.png"})
    for seed in range(5):
        found = split_of(source, tmp_path / "out", group=parse_grouping(r"^(p\d)_"), seed=seed)
        assert len({split for key, split in found.items() if key[:2] in ("p0", "p1", "p2")}) == 1


@pytest.mark.parametrize(
    ("group", "said"),
    [
        (r"(patient\d)", r'group is "(patient\\d)", which finds no group for any picture there'),
        (r"\.(png)$", "which puts all pictures into one group"),
    ],
)
def test_groups_that_tell_nothing_apart_are_refused(tmp_path: Path, group: str, said: str) -> None:
    with pytest.raises(ExportError) as caught:
        split_of(make(tmp_path / "in", "a/1.png", "b/2.png"), tmp_path / "out", group=parse_grouping(group))
    assert said in str(caught.value)


def test_what_no_group_speaks_of_is_told(tmp_path: Path) -> None:
    source = make(tmp_path / "in", "a/p1.png", "a/p2.png", "a/x.png")
    settings = Settings(tmp_path / "out", pipeline(), split=parse_split("50/50"), group=parse_grouping(r"p(\d)"))
    assert plan_export(settings, scan(source)).remarks == (r"1 picture is in no group of p(\d), each by itself.",)
    with pytest.raises(ExportError, match="for dealing pictures out; give a split too"):
        Settings("out", pipeline(), group=parse_grouping("folder"))


def test_an_export_by_a_table_carries_it_along(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    names = [f"{number}.png" for number in range(8)]
    source = make(tmp_path / "in", *names)
    table = from_csv("\n".join(f"{name},{number // 2}" for number, name in enumerate(names)).encode(), "t.csv")
    fields = {"split": parse_split("50/50"), "group": table, "copies": 1}
    monkeypatch.setattr(runner, "_TICK", 0)
    done: list[int] = []
    report = export(
        source, tmp_path / "out", **fields, stop=lambda: sum(done) > 2, progress=lambda p: done.append(p.done)
    )
    assert report.state is Status.CANCELLED
    assert 0 < report.done < report.total
    whole = export(source, tmp_path / "whole", **fields)
    assert (whole.state, verify(tmp_path / "whole").ok) == (Status.COMPLETE, True)
    assert from_csv((tmp_path / "whole" / GROUPS).read_bytes(), "t.csv") == table
    begun = load_unfinished(tmp_path / "whole").settings
    assert begun.group == table
    assert export(source, tmp_path / "out", **fields, resume=True).state is Status.COMPLETE
    assert hashes(tmp_path / "out") == hashes(tmp_path / "whole")
    other = Grouping(By.TABLE, "t.csv", (("0.png", "1"), ("1.png", "2")))
    with pytest.raises(ExportError, match=r"group was t\.csv \(\w{8}\), now t\.csv \(\w{8}\)"):
        export(source, tmp_path / "whole", **{**fields, "group": other}, resume=True)
    (tmp_path / "whole" / GROUPS).write_text("0.png,other\n")
    assert any(f"{GROUPS} has been changed" in problem for problem in verify(tmp_path / "whole").problems)
    with pytest.raises(ExportError, match="the table of its groups has been changed"):
        load_unfinished(tmp_path / "whole")
    (tmp_path / "whole" / GROUPS).unlink()
    assert any(f"{GROUPS} is missing" in problem for problem in verify(tmp_path / "whole").problems)
    export(source, tmp_path / "out", copies=1, replace=True)
    assert not (tmp_path / "out" / GROUPS).exists(), "it belonged to the one that was replaced"
    assert verify(tmp_path / "out").ok


def test_it_is_not_resumed_when_others_belong_together(tmp_path: Path) -> None:
    """Whoever is dealt out otherwise would leave the first run's files where they are."""
    source = make(tmp_path / "in", *(f"{number}.png" for number in range(12)))
    fields = {"split": parse_split("50/50"), "copies": 1}
    export(source, tmp_path / "out", **fields)
    before = split_of(source, tmp_path / "out", split=parse_split("50/50"))
    one = next(key for key, split in before.items() if split == "train")
    other = next(key for key, split in before.items() if split == "val" and key > one)
    (source / other).write_bytes((source / one).read_bytes())
    with pytest.raises(ExportError, match="files of the source have been replaced"):
        export(source, tmp_path / "out", **fields, resume=True)


# -- what is left out --------------------------------------------------------------------------------------------------


def test_excluded_pictures_are_in_no_export(tmp_path: Path) -> None:
    source = photos(tmp_path / "in")
    keys = [found.key for found in scan(source).sources]
    gone = (keys[0], keys[3])
    whole = export(source, tmp_path / "whole", copies=1)
    report = export(source, tmp_path / "out", copies=1, excluded=gone[::-1])
    assert report.total == whole.total - 2
    manifest = (tmp_path / "out" / "manifest.jsonl").read_text()
    assert all(f'"source":"{key}"' not in manifest for key in gone)
    kept = {path: digest for path, digest in hashes(tmp_path / "whole").items() if path in hashes(tmp_path / "out")}
    assert hashes(tmp_path / "out") == kept, "the others come out as ever"
    assert json.loads((tmp_path / "out" / "report.json").read_text())["settings"]["excluded"] == sorted(gone)
    assert load_unfinished(tmp_path / "out").settings.excluded == tuple(sorted(gone))
    again = export(source, tmp_path / "out", copies=1, excluded=gone, resume=True)
    assert (again.state, again.kept) == (Status.COMPLETE, report.total)
    with pytest.raises(ExportError, match="excluded was "):
        export(source, tmp_path / "out", copies=1, resume=True)
    estimate = foresee(Settings(tmp_path / "new", pipeline(), copies=1, excluded=gone), scan(source))
    assert estimate is not None
    assert estimate.files == report.total
    with pytest.raises(ExportError, match="all of its pictures are excluded"):
        export(source, tmp_path / "none", excluded=tuple(keys))


def test_folders_that_may_be_splits_are_not_exported_until_it_is_said(tmp_path: Path) -> None:
    source = make(tmp_path / "in", "cat/1.png", "dog/2.png", "my test/3.png")
    with pytest.raises(UnclearFoldersError) as caught:
        export(source, tmp_path / "out")
    assert str(caught.value).startswith(f"{source}: my test may be a split or a class (beside cat and dog)")
    assert not (tmp_path / "out").exists()
    fields = {"copies": 2, "folders": Folders.SPLITS}
    report = export(scan(source, folders=Folders.SPLITS), tmp_path / "out", **fields)
    assert report.counts == {("train", "cat"): 2, ("train", "dog"): 2, ("my test", ""): 1}
    assert load_unfinished(tmp_path / "out").settings.folders is Folders.SPLITS
    report = export(scan(source, folders=Folders.CLASSES), tmp_path / "classes", copies=2, folders=Folders.CLASSES)
    assert report.counts == {("", "cat"): 2, ("", "dog"): 2, ("", "my test"): 2}


# -- what loaders pass over --------------------------------------------------------------------------------------------


def test_what_loaders_do_not_read_is_told(tmp_path: Path) -> None:
    import numpy as np
    from pictures import smooth

    from augstudio.images import encode

    source = make(tmp_path / "in", "a/1.webp", "a/2.png", "b/3.webp")

    def told(**fields: object) -> str:
        return "\n".join(plan_export(Settings(tmp_path / "out", pipeline(), **fields), scan(source)).remarks)  # type: ignore[arg-type]

    from augstudio.images import Encoding, Format

    assert "Keras passes over .webp files without a word, and 2 pictures are written as such" in told()
    assert "3 pictures are written as such" in told(encoding=Encoding(Format.WEBP))
    assert "Keras" not in told(encoding=Encoding(Format.PNG))
    assert "torchvision's ImageFolder" not in told()
    (source / "b" / "deep.png").write_bytes(encode(smooth(20, 30, 1, np.uint16), "PNG", 90))
    assert "turns 16-bit grey to white (all above 255), such as b/deep.png" in told()
    assert "16-bit" not in told(encoding=Encoding(Format.JPEG))


def test_classes_that_a_split_lacks_shift_its_numbers(tmp_path: Path) -> None:
    source = make(tmp_path / "in", "train/a/1.png", "train/b/2.png", "val/b/3.png", "test/4.png")
    told = plan_export(Settings(tmp_path / "out", pipeline()), scan(source)).remarks
    assert any(
        line.startswith("No picture in val of a: torchvision and Keras number the classes of val") for line in told
    )
    assert "No picture in test of a, b." in told


def test_labels_beside_the_pictures_are_told_and_masks_are_none(tmp_path: Path) -> None:
    import cv2
    import numpy as np

    source = make(tmp_path / "in", *(f"train/img/{n}.png" for n in range(3)), *(f"valid/img/{n}.png" for n in (7, 8)))
    for path in [*source.rglob("img/*.png")]:
        mask = np.zeros((30, 40), np.uint8)
        mask[5:20, 8:30] = 1
        target = path.parents[1] / "segmentation" / path.name
        target.parent.mkdir(exist_ok=True)
        cv2.imwrite(str(target), mask)
    report = export(source, tmp_path / "out", copies=1)
    assert report.counts == {("train", ""): 3, ("valid", ""): 2}
    assert report.labels is not None
    assert any("masks: 5 files for all 5 pictures" in line for line in report.labels.notes)
    written = json.loads((tmp_path / "out" / "report.json").read_text())
    assert [(found["format"], found["files"]) for found in written["labels"]] == [("masks", 5)]


# -- what comes from outside -------------------------------------------------------------------------------------------


def rewritten(out: Path, change: Any) -> None:
    """Change an export's report."""
    report = json.loads((out / "report.json").read_text())
    change(report)
    (out / "report.json").write_text(json.dumps(report))


def test_a_deal_of_an_earlier_version_is_not_gone_on_with(tmp_path: Path) -> None:
    source = make(tmp_path / "in", "1.png", "2.png", same={"3.png": "1.png"})
    fields = {"split": parse_split("50/50"), "copies": 1}
    export(source, tmp_path / "out", **fields)
    rewritten(tmp_path / "out", lambda report: report.pop("dealt"))
    with pytest.raises(ExportError, match="begun when identical files were still dealt out one by one"):
        export(source, tmp_path / "out", **fields, resume=True)


def test_a_pattern_that_never_ends_is_given_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(groups, "_SECONDS", 0.3)
    source = make(tmp_path / "in", f"{'a' * 60}.png", "b.png")
    with pytest.raises(ExportError, match="takes more than"):
        split_of(source, tmp_path / "out", group=parse_grouping(r"((a|aa)+)$x?"))


def test_what_a_report_says_reaches_no_terminal_as_it_is(tmp_path: Path) -> None:
    source = make(tmp_path / "in", "1.png", "2.png")
    export(source, tmp_path / "out", copies=1)
    rewritten(tmp_path / "out", lambda report: report["settings"].update(excluded=["\x1b]0;pwned\x07" + "x" * 300]))
    with pytest.raises(ExportError) as caught:
        export(source, tmp_path / "out", copies=1, resume=True)
    assert "\x1b" not in str(caught.value)
    assert "excluded was \\x1b]0;pwned" in str(caught.value)
    assert "now none" in str(caught.value)
    assert len(str(caught.value)) < 400


def test_a_table_of_somebody_s_own_stays(tmp_path: Path) -> None:
    source = make(tmp_path / "in", "1.png", "2.png")
    export(source, tmp_path / "out", copies=1)
    (tmp_path / "out" / GROUPS).write_text("mine")
    export(source, tmp_path / "out", copies=2, replace=True)
    left = [path.read_text() for path in (tmp_path / "out").rglob(str(GROUPS))]
    assert left == ["mine"]


def test_a_split_that_stays_empty_is_told(tmp_path: Path) -> None:
    source = make(tmp_path / "in", "sick/1.png", "sick/2.png", "well/3.png", "well/4.png")
    settings = Settings(
        tmp_path / "out", pipeline(), split=parse_split("80/10/10"), group=parse_grouping("folder"), seed=3
    )
    planned = plan_export(settings, scan(source))
    assert any("If these folders are classes, leave the grouping" in line for line in planned.remarks)
    lacking = {"train", "val", "test"} - {row.split for row in planned.rows}
    assert lacking
    assert any(
        line.startswith("No picture comes into ") and "only 2 groups to deal out" in line for line in planned.remarks
    )
