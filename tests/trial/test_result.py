"""What a trial says of its figures, and how far that is to be trusted."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from schooling import MIRROR, step

from augstudio.pipeline import Pipeline
from augstudio.trial import Comparison, Effect, TrialResult, TrialSettings
from augstudio.trial.dealing import Dealt
from augstudio.trial.result import said_by, worst_classes
from augstudio.wording import points


def outcome_of(
    right: np.ndarray,
    wrong: np.ndarray,
    classes: np.ndarray | None = None,
    leads: np.ndarray | None = None,
    settings: TrialSettings | None = None,
) -> TrialResult:
    """Of pictures that were told rightly with and without: `(rounds, N)`, of bool."""
    rounds, many = right.shape
    labels = np.arange(many) % 2 if classes is None else classes
    names = tuple(f"class {label}" for label in range(int(labels.max()) + 1))
    both = np.ones(many, bool)
    dealt = Dealt(
        tuple(range(many)),
        names,
        labels,
        np.arange(many) if leads is None else leads,
        both,
        both,
        tuple(map(str, range(many))),
    )
    asked = settings or TrialSettings(pipelines=(MIRROR,), rounds=rounds, workers=0)
    other = (labels + 1) % len(names)
    told = {"originals": np.where(wrong, labels, other), "Mirror": np.where(right, labels, other)}
    arms = asked.arms()
    return TrialResult(asked, arms, dealt, told, np.ones(right.shape, bool), 2, 2, 10, 100, "cpu", {})


def test_accuracy_is_the_mean_over_classes() -> None:
    classes = np.array([0] * 8 + [1] * 2)
    right = np.array([[True] * 6 + [False] * 2 + [True, False]])
    outcome = outcome_of(right, right, classes)
    assert outcome.by_class("Mirror") == [("class 0", 0.75), ("class 1", 0.5)]
    assert outcome.accuracy("Mirror") == 0.625
    assert outcome.chance == 0.5


@pytest.mark.parametrize(
    ("names", "each", "rounds"),
    [(10, 1, 1), (50, 1, 1), (10, 2, 1), (2, 3, 1), (10, 4, 1), (10, 12, 1), (2, 30, 1), (50, 1, 3), (10, 12, 3)],
)
def test_where_there_is_no_difference_hardly_any_is_told(names: int, each: int, rounds: int) -> None:
    """Pictures of very unequal difficulty, networks that differ: 5 of 100 may be told wrongly."""
    chance = np.random.default_rng(names + each + rounds)
    many, classes = names * each, np.repeat(np.arange(names), each)
    told = []
    for _ in range(300):
        easy = chance.beta(1.2, 0.8, many)
        luck = chance.normal(0, 0.02, (2, rounds, 1))  # of each network
        right, wrong = (chance.random((rounds, many)) < easy + shift for shift in luck)
        one = outcome_of(right, wrong, classes).comparisons[0]
        assert one.low < one.difference < one.high or abs(one.difference) == 1
        told.append(one.effect is not Effect.UNTOLD)
    assert np.mean(told) <= 0.085  # 5 %, and what chance makes of 300


def test_a_difference_that_is_there_is_told() -> None:
    chance = np.random.default_rng(9)
    told = []
    for _ in range(60):
        right, wrong = (chance.random((3, 400)) < share for share in (0.72, 0.6))
        told.append(outcome_of(right, wrong, np.repeat(np.arange(8), 50)).effect)
    assert told.count(Effect.HELPS) >= 57


def test_few_pictures_that_agree_leave_doubt() -> None:
    right = np.ones((1, 10), bool)
    wrong = right.copy()
    wrong[0, 0] = False
    one = outcome_of(right, wrong, np.arange(10)).comparisons[0]
    assert one.effect is Effect.UNTOLD
    same = outcome_of(right, right, np.arange(10) % 2).comparisons[0]
    assert same.low < -0.1
    assert same.high > 0.1


def test_guessing_is_among_all_that_was_learnt() -> None:
    right = np.random.default_rng(1).random((3, 40)) < 0.4
    outcome = outcome_of(right, right, np.arange(40) % 2)
    more = replace(outcome, dealt=replace(outcome.dealt, names=tuple(map(str, range(10)))))
    assert (outcome.chance, more.chance) == (0.5, 0.1)
    assert not [remark for remark in more.remarks if "guessing" in remark]


def test_pictures_that_belong_together_count_as_one() -> None:
    chance = np.random.default_rng(5)
    right, wrong = (np.repeat(chance.random((1, 30)) < share, 8, axis=1) for share in (0.7, 0.4))
    classes = np.repeat(np.arange(30) % 2, 8)
    alone = outcome_of(right, wrong, classes).comparisons[0]
    together = outcome_of(right, wrong, classes, np.repeat(np.arange(30), 8)).comparisons[0]
    once = outcome_of(right[:, ::8], wrong[:, ::8], classes[::8]).comparisons[0]
    assert together.difference == pytest.approx(alone.difference)
    assert together.high - together.low > 2 * (alone.high - alone.low)
    assert together.high - together.low == pytest.approx(once.high - once.low, rel=0.01)


def test_rounds_that_contradict_each_other_widen_the_range() -> None:
    chance = np.random.default_rng(7)
    base = chance.random((4, 200)) < 0.6
    swinging = base.copy()
    swinging[::2, :60] = True
    swinging[1::2, :60] = False
    steady = outcome_of(base, chance.random((4, 200)) < 0.6).comparisons[0]
    swung = outcome_of(swinging, base).comparisons[0]
    assert swung.high - swung.low > 1.5 * (steady.high - steady.low)


def test_classes_that_lose_are_named_worst_first() -> None:
    classes = np.repeat(np.arange(4), 50)
    wrong = np.ones((1, 200), bool)
    right = wrong.copy()
    right[0, :20] = right[0, 50:90] = False
    right[0, 100] = False
    outcome = outcome_of(right, wrong, classes)
    assert worst_classes(outcome, "Mirror", "originals") == [("class 1", -0.8), ("class 0", -0.4)]


@pytest.mark.parametrize(
    ("low", "high", "words"),
    [
        (0.012, 0.061, "helps (95 % range: +1.2 to +6.1)"),
        (-0.061, -0.012, "costs (95 % range: −6.1 to −1.2)"),
        (-0.02, 0.03, "cannot be told from none (95 % range: −2.0 to +3.0)"),
        (0.0, 0.0, "cannot be told from none (95 % range: ±0.0 to ±0.0)"),
    ],
)
def test_a_comparison_in_words(low: float, high: float, words: str) -> None:
    assert said_by(Comparison("a", "b", (low + high) / 2, low, high)) == words
    assert points(-0.0001) == "±0.0"


def test_guessing_teaches_nothing_and_is_said() -> None:
    chance = np.random.default_rng(1)
    right, wrong = chance.random((2, 1, 100)) < 0.5
    outcome = outcome_of(right, wrong)
    assert any(remark.startswith("No network did better than guessing (50 %)") for remark in outcome.remarks)
    assert any(remark.startswith("One round") for remark in outcome.remarks)


def test_what_networks_see_less_of_than_the_model_is_said() -> None:
    fine = Pipeline(name="Mirror", transforms=(step("gaussian_noise"), step("blur")))
    right = np.random.default_rng(1).random((3, 100)) < 0.8
    told = outcome_of(right, right, settings=TrialSettings(pipelines=(fine,), size=48, workers=0)).remarks
    assert told == (
        "Networks see 48 px, your model 224: Gaussian noise and Blur are weaker to them than to your model; a larger "
        "size shows more.",
    )
    assert outcome_of(right, right, settings=TrialSettings(pipelines=(fine,), size=224, workers=0)).remarks == ()


def test_verdicts() -> None:
    assert Comparison("a", "b", 0.1, 0.01, 0.2).effect is Effect.HELPS
    assert Comparison("a", "b", -0.1, -0.2, -0.01).effect is Effect.COSTS
    assert Comparison("a", "b", 0.1, -0.01, 0.2).effect is Effect.UNTOLD
