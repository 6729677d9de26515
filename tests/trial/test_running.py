"""Trials from end to end, with a teacher that needs no library."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from schooling import FAINT, MIRROR, TOPSY, lit, nearest, onesided, put, step, upright

from augstudio.dataset import Dataset, scan
from augstudio.export import LooksAugmentedError, Settings, UnclearFoldersError, run_export
from augstudio.export.naming import copy_name
from augstudio.images import Encoding, Format, Loaded, read
from augstudio.pipeline import Output, Pipeline
from augstudio.transforms import Range
from augstudio.trial import Effect, TrialError, TrialResult, TrialSettings, TrialStanding, run_trial, running
from augstudio.trial.lesson import Lesson
from augstudio.trial.pictures import Shown, small
from augstudio.trial.running import Stage


def asked(*pipelines: Pipeline, **more: Any) -> TrialSettings:
    given = {"workers": 0, "size": 24, "updates": 3, **more}
    return TrialSettings(pipelines=pipelines or (MIRROR,), **given)


def tried(root: Path, *pipelines: Pipeline, **more: Any) -> TrialResult:
    outcome = run_trial(asked(*pipelines, **more), scan(root), teach=nearest)
    assert outcome is not None
    return outcome


# -- what it says ------------------------------------------------------------------------------------------------------


def test_a_mirror_helps_where_the_other_side_is_what_counts(tmp_path: Path) -> None:
    outcome = tried(onesided(tmp_path), MIRROR)
    (one,) = outcome.comparisons
    assert outcome.accuracy("originals") < 0.6
    assert outcome.accuracy("Mirror") == 1
    assert one.effect is Effect.HELPS
    assert one.low <= one.difference <= one.high
    assert not outcome.costs


def test_turning_upside_down_costs_where_classes_are_told_by_it(tmp_path: Path) -> None:
    outcome = tried(upright(tmp_path), TOPSY)
    assert outcome.accuracy("originals") == 1
    assert outcome.effect is Effect.COSTS
    assert outcome.costs


def test_what_changes_next_to_nothing_cannot_be_told_from_none(tmp_path: Path) -> None:
    outcome = tried(upright(tmp_path), FAINT)
    (one,) = outcome.comparisons
    assert one.difference == 0
    assert one.low == -one.high
    assert one.effect is Effect.UNTOLD
    assert "Originals alone leave hardly anything to be gained: the pictures are easy to tell apart." in outcome.remarks


def test_each_step_is_held_against_the_whole_without_it(tmp_path: Path) -> None:
    both = MIRROR.edited(name="Both", transforms=(*MIRROR.transforms, TOPSY.transforms[0].edited(id="over")))
    outcome = tried(upright(tmp_path), both, each_step=True)
    assert [arm.name for arm in outcome.arms] == [
        "originals",
        "Both",
        "Both without Flip (flip)",
        "Both without Flip (over)",
    ]
    whole, sideways, over = outcome.comparisons
    assert whole.effect is Effect.COSTS
    assert (sideways.arm, sideways.against) == ("Both", "Both without Flip (flip)")
    assert sideways.effect is Effect.UNTOLD, "sideways does no harm here"
    assert over.effect is Effect.COSTS, "the step over head does it all"


def test_several_presets_are_each_held_against_originals(tmp_path: Path) -> None:
    outcome = tried(upright(tmp_path), MIRROR, TOPSY, MIRROR)
    assert [(one.arm, one.against, one.effect) for one in outcome.comparisons] == [
        ("Mirror (1)", "originals", Effect.UNTOLD),
        ("Topsy", "originals", Effect.COSTS),
        ("Mirror (3)", "originals", Effect.UNTOLD),
    ]
    assert outcome.costs


def test_the_same_trial_says_the_same_and_another_seed_another(tmp_path: Path) -> None:
    def said(seed: int, workers: int) -> str:
        return json.dumps(tried(upright(tmp_path, 6), TOPSY, seed=seed, workers=workers).as_json())

    upright(tmp_path, 6)
    assert said(0, 0) == said(0, 2)
    assert said(0, 0) != said(1, 0)


def test_it_is_all_plain_values(tmp_path: Path) -> None:
    outcome = tried(upright(tmp_path), TOPSY, rounds=2, folds=3, group=None)
    told = json.loads(json.dumps(outcome.as_json(), allow_nan=False))
    assert told["pictures"] == told["judged"] == 24
    assert told["trainings"] == {"planned": 12, "done": 12}
    assert told["settings"]["presets"][0]["name"] == "Topsy"
    assert told["chance"] == 50
    assert told["comparisons"][0]["effect"] == "costs"
    assert {arm["name"]: sorted(arm["by_class"]) for arm in told["arms"]} == {
        "originals": ["sea", "sky"],
        "Topsy": ["sea", "sky"],
    }


# -- what is learnt from -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("originals", [False, True])
@pytest.mark.parametrize("output", [Output(), Output.model_validate({"fit": "crop", "width": 20, "height": 16})])
def test_networks_learn_from_the_very_copies_of_the_export(tmp_path: Path, originals: bool, output: Output) -> None:
    root = upright(tmp_path / "in", 4)
    steps = (step("rotate", angle=Range(-90, 90)), step("gaussian_noise"), step("hue"))
    pipeline = Pipeline(name="Much", transforms=steps, output=output)
    settings = Settings(
        out=str(tmp_path / "out"),
        pipeline=pipeline,
        copies=2,
        seed=5,
        originals=True,
        encoding=Encoding(Format.PNG),
        workers=0,
    )
    run_export(settings, scan(root))

    def exported(key: str, copy: int) -> Shown:
        path = tmp_path / "out" / "images" / f"{copy_name(key.removesuffix('.png'), copy)}.png"
        return small(read(Loaded(path, path.read_bytes())).pixels, 16)

    lessons: list[Lesson] = []

    def teach(lesson: Lesson, **_: Any) -> Any:
        lessons.append(lesson)
        return np.zeros(len(lesson.judged), np.intp)

    dataset = scan(root)
    trial = asked(pipeline, copies=2, seed=5, size=16, rounds=1, folds=2, originals=originals)
    outcome = run_trial(trial, dataset, teach=teach)
    assert outcome is not None
    without, with_ = lessons[:2]
    fold = outcome.dealt.folds(trial, 0)[0]
    learnt = [outcome.dealt.keys[place] for place in fold.learnt]
    first = 0 if originals else 1
    assert np.array_equal(without.versions[without.learnt], [[exported(key, 0)] for key in learnt])
    assert np.array_equal(
        with_.versions[with_.learnt], [[exported(key, copy) for copy in range(first, 3)] for key in learnt]
    )
    judged = [exported(outcome.dealt.keys[place], 0) for place in fold.judged]
    assert np.array_equal(without.judged, judged)
    assert np.array_equal(with_.judged, judged)
    assert without.seed == with_.seed, "both begin alike"
    assert without.updates == with_.updates


def test_what_is_judged_only_gets_no_copies(tmp_path: Path) -> None:
    lessons: list[Lesson] = []

    def teach(lesson: Lesson, **_: Any) -> Any:
        lessons.append(lesson)
        return np.zeros(len(lesson.judged), np.intp)

    run_trial(asked(MIRROR, copies=3), scan(onesided(tmp_path, 2)), teach=teach)
    assert {lesson.versions[lesson.learnt].shape for lesson in lessons} == {(4, 1, 24, 24, 3), (4, 3, 24, 24, 3)}
    assert {lesson.judged.shape for lesson in lessons} == {(4, 24, 24, 3)}
    assert len({lesson.seed for lesson in lessons}) == 3, "another network in every round"


def test_every_picture_and_version_is_seen_equally_often() -> None:
    lesson = Lesson(
        np.zeros((12, 3, 1, 1, 3), np.uint8),
        np.arange(2, 12),
        np.zeros(10, np.intp),
        1,
        np.zeros((1, 1, 1, 3), np.uint8),
        60,
        4,
    )
    seen = np.zeros((10, 3), int)
    for pictures, versions in lesson.batches():
        assert len(pictures) == 32
        np.add.at(seen, (pictures, versions), 1)
    assert seen.sum() == 60 * 32
    assert np.ptp(seen.sum(1)) <= 1
    assert np.ptp(seen, axis=1).max() <= 1
    alone = dataclasses.replace(lesson, versions=lesson.versions[:, :1])
    orders = [[pictures.tolist() for pictures, _ in one.batches()] for one in (lesson, alone)]
    assert orders[0] == orders[1], "in the same order, whatever the versions"


@pytest.mark.parametrize("shape", [(1, 1), (9, 40), (40, 9), (5, 7, 2), (30, 20, 4), (24, 24, 3), (12, 50, 1)])
@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_any_picture_becomes_a_square_of_colours(shape: tuple[int, ...], dtype: type) -> None:
    top = np.iinfo(dtype).max
    found = small(np.full(shape, top // 3, dtype), 24)
    assert found.shape == (24, 24, 3)
    assert found.dtype == np.uint8
    assert set(found.ravel().tolist()) == {85}


# -- what goes wrong ---------------------------------------------------------------------------------------------------


def test_pictures_that_cannot_be_read_take_no_part_and_are_named(tmp_path: Path) -> None:
    root = upright(tmp_path)
    (root / "sea" / "0.png").write_bytes(b"\x89PNG\r\n\x1a\n and no more")
    outcome = tried(root, TOPSY)
    assert list(outcome.failed) == ["sea/0.png"]
    assert outcome.failed["sea/0.png"]
    assert int(outcome.judged.sum()) == 23
    assert f"1 picture could not be read: sea/0.png ({outcome.failed['sea/0.png']})." in outcome.remarks


def test_classes_of_which_too_little_can_be_read_are_left_out(tmp_path: Path) -> None:
    root = upright(tmp_path)
    for number in range(4):
        put(root, f"hat/{number}.png", lit("left", number))
    for number in range(3):
        path = root / "hat" / f"{number}.png"
        path.write_bytes(path.read_bytes()[:60])
    outcome = tried(root, MIRROR)
    assert outcome.dealt.names == ("sea", "sky")
    assert any(remark.startswith("hat: left out") for remark in outcome.remarks)
    assert outcome.summary == "24 pictures, 2 classes; each judged by networks that have not seen it (3 × 4 folds)"
    assert outcome.effect is Effect.UNTOLD


def test_a_file_in_two_classes_is_said_and_judged_only_where_its_class_was_learnt(tmp_path: Path) -> None:
    root = upright(tmp_path, 6)
    for number in range(2):
        put(root, f"sky/same{number}.png", lit("left", 50 + number))
        put(root, f"hat/same{number}.png", lit("left", 50 + number))
    outcome = tried(root, MIRROR)
    assert "hat/same0.png and sky/same0.png are the same file, in two classes, and 1 more." in outcome.remarks
    for seed in range(4):  # both of hat's files may be dealt to one side
        outcome = tried(root, MIRROR, seed=seed, rounds=1, folds=2)
        unknown = 16 - int(outcome.judged.sum())
        told = [remark for remark in outcome.remarks if "could not be judged" in remark]
        assert len(told) == bool(unknown)
        assert outcome.summary.startswith(
            f"16 pictures, 3 classes; {'each' if not unknown else f'{16 - unknown} of them'}"
        )


def test_names_that_collide_are_told_apart(tmp_path: Path) -> None:
    named = [MIRROR.edited(name=name) for name in ("A", "A", "A (1)", "originals", "originals (4)")]
    arms = asked(*named).arms()
    assert len({arm.name for arm in arms}) == 6
    assert tried(upright(tmp_path), *named[:3], rounds=1, folds=2).trained == 8


def test_with_hardly_any_that_can_be_read_it_ends_in_words(tmp_path: Path) -> None:
    root = upright(tmp_path, 3)
    for path in (root / "sea").iterdir():
        path.write_bytes(path.read_bytes()[:60])
    with pytest.raises(TrialError, match=r"3 pictures cannot be read, which leaves too few \(sea/0.png: "):
        tried(root, TOPSY)


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"rounds": 0}, "rounds is 0; allowed is 1 to 100"),
        ({"folds": 1}, "folds is 1; allowed is 2 to 20"),
        ({"size": 8}, "size is 8; allowed is 16 to 512"),
        ({"copies": 65}, "copies is 65; allowed is 1 to 64"),
        ({"updates": 0}, "updates is 0; allowed is 1 to 1,000,000"),
        ({"most": 3}, "most is 3; allowed is 10 to 10,000,000"),
        ({"device": "tpu"}, 'device is "tpu"; allowed are auto, cpu, cuda, mps'),
        ({"each_step": True}, "Mirror has one step; each_step needs two or more"),
    ],
)
def test_what_is_out_of_bounds_is_refused(more: dict[str, Any], words: str) -> None:
    with pytest.raises(TrialError, match=words):
        asked(**more)


def test_more_than_fits_into_memory_is_refused_beforehand(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(running, "_MOST_BYTES", 24 * 9 * 24**2 * 3 - 1)
    with pytest.raises(TrialError, match=r"would take 373 kB of memory; allowed is 373 kB. Fewer pictures \(most\)"):
        tried(upright(tmp_path), TOPSY, MIRROR)
    assert tried(upright(tmp_path), TOPSY, copies=3).trained == 24


def test_pipelines_that_cannot_be_held_against_each_other_are_refused() -> None:
    sized = MIRROR.edited(name="Sized", output=Output.model_validate({"fit": "stretch", "width": 32, "height": 32}))
    with pytest.raises(
        TrialError, match=r"Mirror and Sized have different outputs \(each size kept; stretch, 32 × 32\)"
    ):
        asked(MIRROR, sized)
    with pytest.raises(TrialError, match="each_step is for one preset"):
        asked(MIRROR, TOPSY, each_step=True)
    with pytest.raises(TrialError, match="9 presets are given; allowed are 1 to 8"):
        asked(*[MIRROR] * 9)
    for idle in (step("flip", enabled=False), step("flip", probability=0.0)):
        with pytest.raises(TrialError, match="Idle has no step that does anything"):
            asked(Pipeline(name="Idle", transforms=(idle,)))


def test_doubtful_folders_and_copies_of_copies_are_asked_about(tmp_path: Path) -> None:
    root = tmp_path / "in"
    for label in ("val", "cat"):
        for number in range(3):
            put(root, f"{label}/{number}.png", lit("left", number + 10 * len(label)))
    with pytest.raises(UnclearFoldersError):
        tried(root)
    copied = upright(tmp_path / "whole")
    run_export(Settings(out=str(tmp_path / "out"), pipeline=MIRROR, copies=2, workers=0), scan(copied))
    with pytest.raises(LooksAugmentedError):
        tried(tmp_path / "out" / "images")
    assert tried(tmp_path / "out" / "images", again=True, rounds=1, folds=2).trained == 4


# -- on the way --------------------------------------------------------------------------------------------------------


def test_it_says_how_it_stands(tmp_path: Path) -> None:
    told: list[TrialStanding] = []
    outcome = run_trial(asked(TOPSY, rounds=2, folds=3), scan(upright(tmp_path)), progress=told.append, teach=nearest)
    assert outcome is not None
    assert list(dict.fromkeys(one.stage for one in told)) == [Stage.DEALING, Stage.PICTURES, Stage.TRAINING]
    training = [one for one in told if one.stage is Stage.TRAINING]
    assert [one.share for one in training] == sorted(one.share for one in training)
    assert (training[-1].done, training[-1].total, training[-1].share) == (12, 12, 1)
    assert training[0].result is None
    assert training[-1].result is not None
    made = [one.done for one in told if one.stage is Stage.PICTURES]
    assert made[-1] == 24


def _stopping(after: int, stage: Stage) -> tuple[Callable[[TrialStanding], None], Callable[[], bool]]:
    told = 0

    def hear(standing: TrialStanding) -> None:
        nonlocal told
        told += standing.stage is stage and standing.done >= after

    return hear, lambda: told > 0


def test_stopped_in_the_middle_it_says_what_all_arms_have_judged(tmp_path: Path) -> None:
    dataset: Dataset = scan(upright(tmp_path))
    progress, stop = _stopping(5, Stage.TRAINING)  # of two arms: in the third fold
    outcome = run_trial(asked(TOPSY, rounds=2, folds=4), dataset, progress=progress, stop=stop, teach=nearest)
    assert outcome is not None
    assert (outcome.trained, outcome.planned) == (4, 16)
    assert int(outcome.judged.sum()) == 12
    assert outcome.comparisons[0].difference < 0
    assert "Cancelled after 4 of 16 trainings; what there is counts." in outcome.remarks
    json.dumps(outcome.as_json(), allow_nan=False)


@pytest.mark.parametrize(("after", "stage"), [(0, Stage.DEALING), (3, Stage.PICTURES), (1, Stage.TRAINING)])
def test_stopped_before_anything_is_known_it_says_nothing(tmp_path: Path, after: int, stage: Stage) -> None:
    progress, stop = _stopping(after, stage)
    assert run_trial(asked(TOPSY), scan(upright(tmp_path)), progress=progress, stop=stop, teach=nearest) is None
