"""What came of a trial: accuracies, differences with what chance may make of them, and what that says in words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from statistics import NormalDist
from typing import Any

import numpy as np
from numpy.typing import NDArray

from augstudio.trial.dealing import Dealt
from augstudio.trial.settings import Arm, TrialSettings, acting
from augstudio.wording import count, listing, points, printable

_NORMAL = NormalDist().inv_cdf(0.975)
"""Standard errors to either side that hold 95 % of a normal distribution."""
_LEAST_TOLD = 5
"""Pictures of a class of which it is said that it loses."""
_SHOWN = 3
_SATURATED = 0.98
"""A share above which hardly anything is left to be gained."""
_FINE = ("filter", "noise")
"""Groups of transforms that act on what is small."""
UNKNOWN = -1
"""In `TrialResult.told`, of a picture that was not judged."""


class Effect(StrEnum):
    """What a difference says."""

    HELPS = "helps"
    COSTS = "costs"
    UNTOLD = "cannot be told"


@dataclass(frozen=True)
class Comparison:
    """One arm held against another.

    Attributes
    ----------
    arm, against : str
        Their names.
    difference : float
        Of balanced accuracies, as a share: above 0 where `arm` is better.
    low, high : float
        Its 95 % range, a confidence interval: in 95 of 100 trials, what endless pictures would show lies in it.
    """

    arm: str
    against: str
    difference: float
    low: float
    high: float

    @property
    def effect(self) -> Effect:
        """Whether the difference is beyond what chance makes."""
        if self.low > 0:
            return Effect.HELPS
        return Effect.COSTS if self.high < 0 else Effect.UNTOLD

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> Comparison:
        """What `as_json` gave."""
        difference, low, high = (value[name] / 100 for name in ("difference", "low", "high"))
        return cls(value["arm"], value["against"], difference, low, high)

    def as_json(self) -> dict[str, object]:
        """It as plain values, in points of per cent."""
        points = {
            name: round(100 * value, 2)
            for name, value in (("difference", self.difference), ("low", self.low), ("high", self.high))
        }
        return {"arm": self.arm, "against": self.against, **points, "effect": self.effect.value}


@dataclass(frozen=True)
class TrialResult:
    """What came of a trial, as far as it went.

    Attributes
    ----------
    settings : TrialSettings
        What was asked.
    arms : tuple of Arm
        What was trained on; the first has no copies.
    dealt : Dealt
        Which pictures took part.
    told : dict of str to NDArray of int
        For the name of each arm `(rounds, N)`: the class that each picture was taken for, or `UNKNOWN`.
    due : NDArray of bool
        `(rounds, N)`: which pictures each round judges.
    trained : int
        How many networks there were.
    planned : int
        How many there should have been; more than `trained` if it was cancelled.
    updates : int
        Of each training, at most.
    weights : int
        Numbers that a network learnt.
    device : str
        Where.
    failed : dict of str to str
        Keys of pictures that could not be read, and why.
    """

    settings: TrialSettings
    arms: tuple[Arm, ...]
    dealt: Dealt
    told: dict[str, NDArray[np.intp]]
    due: NDArray[np.bool_]
    trained: int
    planned: int
    updates: int
    weights: int
    device: str
    failed: dict[str, str]

    @cached_property
    def judged(self) -> NDArray[np.bool_]:
        """Which pictures every arm has judged, in some round."""
        return np.asarray(self._together().any(0), np.bool_)

    @property
    def classes(self) -> list[int]:
        """Those that any judged picture is of."""
        return sorted(set(self.dealt.classes[self.judged].tolist()))

    @property
    def chance(self) -> float:
        """The balanced accuracy of guessing among all classes that are learnt."""
        return 1 / max(len(self.dealt.names), 1)

    def accuracy(self, arm: str) -> float:
        """Balanced accuracy: the mean over classes of the share of their pictures that were told rightly, 0 to 1."""
        return float(np.mean([share for _, share in self.by_class(arm)]))

    def by_class(self, arm: str) -> list[tuple[str, float]]:
        """For each class the share of its pictures that were told rightly."""
        right = self._right(arm)
        return [(self.dealt.names[label], float(right[self._of(label)].mean())) for label in self.classes]

    def compare(self, arm: str, against: str) -> Comparison:
        """Hold one arm against another, picture by picture.

        The interval is that of a mean over classes of means over pictures, pictures that belong together counting as
        one (a cluster-robust standard error), by Student's t. Added are what rounds differ by more than their pictures
        do, each by itself; and the variance of one more picture gained and one lost, without which few pictures that
        agree would seem to leave no doubt (after Bonett and Price, "Adjusted Wald confidence interval for a difference
        of binomial proportions based on paired data", 2012).
        """
        gained = self._right(arm) - self._right(against)
        difference, variance, freedom = _mean_over_classes(
            gained[self.judged], self.dealt.classes[self.judged], self.dealt.leads[self.judged]
        )
        variance += self._of_rounds(arm, against)
        reach = _student(freedom) * variance**0.5
        return Comparison(arm, against, difference, max(difference - reach, -1.0), min(difference + reach, 1.0))

    @cached_property
    def comparisons(self) -> tuple[Comparison, ...]:
        """Each pipeline against originals; and, step by step, the whole pipeline against itself without the step."""
        first = self.arms[0].name
        wholes = [arm for arm in self.arms if arm.pipeline is not None and not arm.without]
        found = [self.compare(arm.name, first) for arm in wholes]
        return (*found, *(self.compare(wholes[0].name, arm.name) for arm in self.arms if arm.without))

    def find(self, arm: str, against: str) -> Comparison | None:
        """One of the comparisons; None if there is no such."""
        return next((one for one in self.comparisons if (one.arm, one.against) == (arm, against)), None)

    @property
    def effect(self) -> Effect:
        """Of the first pipeline."""
        return self.comparisons[0].effect

    @property
    def costs(self) -> bool:
        """Whether any pipeline does worse than originals."""
        first = self.arms[0].name
        return any(one.against == first and one.effect is Effect.COSTS for one in self.comparisons)

    @property
    def summary(self) -> str:
        """Which pictures took part, and by which they were judged, in a plain line."""
        dealt, judged = self.dealt, int(self.judged.sum())
        taken = f"{count(len(dealt.numbers), 'picture')}, {count(len(dealt.names), 'class', 'classes')}"
        if dealt.split:
            classes = count(len(self.classes), "class", "classes")
            return f"{taken}; judged by {judged:,} of {printable(dealt.split)}, of {classes}"
        each = "each" if judged == len(dealt.numbers) else f"{judged:,} of them"
        folds = f"{self.settings.rounds} × {self.settings.folds} folds"
        return f"{taken}; {each} judged by networks that have not seen it ({folds})"

    @property
    def remarks(self) -> tuple[str, ...]:
        """What else should be known before anything is concluded, a plain sentence each."""
        found = list(self.dealt.remarks)
        if self.failed:
            told = [f"{printable(key)} ({reason})" for key, reason in list(self.failed.items())[:_SHOWN]]
            more = [f"{len(self.failed) - _SHOWN:,} more"] if len(self.failed) > _SHOWN else []
            found.append(f"{count(len(self.failed), 'picture')} could not be read: {listing([*told, *more])}.")
        if unknown := int((self.dealt.judged & ~self.due.any(0)).sum()):
            found.append(
                f"{count(unknown, 'picture')} could not be judged: what belongs together is in several classes, so "
                "that networks had not learnt theirs."
            )
        accuracies = [self.accuracy(arm.name) for arm in self.arms]
        judged = int(self.judged.sum())
        error = _NORMAL * (self.chance * (1 - self.chance) / judged) ** 0.5
        if max(accuracies) <= self.chance + error:
            found.append(
                f"No network did better than guessing ({100 * self.chance:.0f} %), so nothing can be learnt from this: "
                "more pictures, more updates or a larger size may help."
            )
        elif accuracies[0] >= _SATURATED:
            found.append("Originals alone leave hardly anything to be gained: the pictures are easy to tell apart.")
        found.extend(self._weaker())
        if self.trained < self.planned:
            found.append(f"Cancelled after {self.trained:,} of {self.planned:,} trainings; what there is counts.")
        if self.settings.rounds > 1 and len(self._whole(self.arms[1].name, self.arms[0].name)) < 2:
            found.append(
                "Not two rounds were whole: the range does not hold what other networks would have made of it."
            )
        elif self.settings.rounds == 1:
            found.append("One round: the range does not hold what other networks would have made of it.")
        if len(self.comparisons) > 4:
            found.append(f"Of {len(self.comparisons)} comparisons, some may say more than there is, by chance alone.")
        return tuple(found)

    def _weaker(self) -> Iterator[str]:
        """What is averaged away before networks see it, which a model of the training size sees whole."""
        finest = max(pipeline.trained_at for pipeline in self.settings.pipelines)
        labels = [
            step.label
            for pipeline in self.settings.pipelines
            for step in acting(pipeline)
            if step.group() in _FINE and pipeline.trained_at >= 2 * self.settings.size
        ]
        if labels:
            yield (
                f"Networks see {self.settings.size} px, your model {finest}: {listing(list(dict.fromkeys(labels)))} "
                f"{'is' if len(set(labels)) == 1 else 'are'} weaker to them than to your model; a larger size shows "
                "more."
            )

    def as_json(self) -> dict[str, object]:
        """All of it as plain values; shares in per cent."""
        settings = self.settings
        return {
            "pictures": len(self.dealt.numbers),
            "judged": int(self.judged.sum()),
            "judged_split": self.dealt.split,
            "summary": self.summary,
            "classes": list(self.dealt.names),
            "settings": {
                "presets": [pipeline.model_dump(mode="json") for pipeline in settings.pipelines],
                "copies": settings.copies,
                "originals": settings.originals,
                "seed": settings.seed,
                "rounds": settings.rounds,
                "folds": None if self.dealt.split else settings.folds,
                "size": settings.size,
                "updates": self.updates,
                "each_step": settings.each_step,
                "most": settings.most,
                "again": settings.again,
                "max_pixels": settings.max_pixels,
                "group": None if settings.group is None else settings.group.as_json(),
                "excluded": list(settings.excluded),
            },
            "network": {"weights": self.weights, "device": self.device},
            "trainings": {"planned": self.planned, "done": self.trained},
            "chance": round(100 * self.chance, 2),
            "arms": [self._arm_as_json(arm) for arm in self.arms],
            "comparisons": [one.as_json() for one in self.comparisons],
            "remarks": list(self.remarks),
            "failed": self.failed,
        }

    def _arm_as_json(self, arm: Arm) -> dict[str, Any]:
        return {
            "name": arm.name,
            "without": arm.without,
            "accuracy": round(100 * self.accuracy(arm.name), 2),
            "by_class": {label: round(100 * share, 2) for label, share in self.by_class(arm.name)},
        }

    def _of(self, label: int) -> NDArray[np.bool_]:
        return np.asarray(self.judged & (self.dealt.classes == label), np.bool_)

    def _right(self, arm: str) -> NDArray[np.float64]:
        """For each picture, in which share of rounds it was told rightly, of those in which all arms judged it."""
        both = self._together()
        right = (self.told[arm] == self.dealt.classes) & both
        return np.asarray(right.sum(0) / np.maximum(both.sum(0), 1), np.float64)

    def _together(self) -> NDArray[np.bool_]:
        """`(rounds, N)`: whether all arms judged a picture in a round."""
        return np.asarray(np.all([told != UNKNOWN for told in self.told.values()], axis=0), np.bool_)

    def _whole(self, arm: str, against: str) -> NDArray[np.float64]:
        """`(rounds, N)`: what was gained in each round that is whole; not a number for what it did not judge."""
        right, other = (self.told[name] == self.dealt.classes for name in (arm, against))
        together = self._together() | ~self.due
        whole = self.due.any(1) & together.all(1)
        return np.where(self.due, right.astype(float) - other, np.nan)[whole]

    def _of_rounds(self, arm: str, against: str) -> float:
        """The variance of the mean over rounds that its networks, and not its pictures, are the cause of."""
        gained = self._whole(arm, against)
        rounds = len(gained)
        if rounds < 2:
            return 0.0
        means, apart = np.zeros(rounds), 0.0
        for label in self.classes:
            of = gained[:, self._of(label)]
            judged = ~np.isnan(of)
            means += np.nansum(of, 1) / np.maximum(judged.sum(1), 1) / len(self.classes)
            several = of[:, judged.sum(0) > 1]
            apart += float(np.nansum(np.nanvar(several, 0, ddof=1))) / (of.shape[1] * len(self.classes)) ** 2
        return max(0.0, float(np.var(means, ddof=1)) - apart) / rounds


def _mean_over_classes(
    gained: NDArray[np.float64], classes: NDArray[np.intp], leads: NDArray[np.intp]
) -> tuple[float, float, int]:
    """The mean over classes of means over pictures, its variance, and how many degrees of freedom that has."""
    labels = np.unique(classes)
    share = 1 / len(labels)
    residual = np.zeros(len(gained))
    means, alone, within, freedom, spread = [], 0, 0.0, 0, 0.0
    for label in labels:
        of = classes == label
        _, cluster = np.unique(leads[of], return_inverse=True)
        groups = int(cluster.max()) + 1
        mean = float(gained[of].mean())
        means.append(mean)
        spread += share**2 / groups
        if groups == 1:
            alone += 1
            continue
        residual[of] = share * (gained[of] - mean) / of.sum() * (groups / (groups - 1)) ** 0.5
        sizes = np.bincount(cluster)
        within += float(((np.bincount(cluster, gained[of]) / sizes - mean) ** 2).sum())
        freedom += groups - 1
    _, cluster = np.unique(leads, return_inverse=True)
    variance = float((np.bincount(cluster, residual) ** 2).sum())
    if alone:  # of one group nothing is told by itself; as others differ, so may this one
        other = within / freedom if freedom else float(np.var(means, ddof=1)) if len(means) > 1 else 1.0
        variance += alone * share**2 * other
    many = 1 / spread
    return float(np.mean(means)), float(variance + 2 / (many + 2) ** 2), freedom or max(len(means) - 1, 1)


def _student(freedom: int) -> float:
    """What 1.96 is of a normal distribution, of Student's t (Abramowitz and Stegun, 26.7.5)."""
    z, n = _NORMAL, freedom
    terms = (
        (z**3 + z) / 4,
        (5 * z**5 + 16 * z**3 + 3 * z) / 96,
        (3 * z**7 + 19 * z**5 + 17 * z**3 - 15 * z) / 384,
    )
    return float(z + sum(term / n**power for power, term in enumerate(terms, 1)))


def said_by(one: Comparison) -> str:
    """A comparison in a plain sentence."""
    spread = f"95 % range: {points(one.low)} to {points(one.high)}"
    if one.effect is Effect.UNTOLD:
        return f"cannot be told from none ({spread})"
    return f"{one.effect.value} ({spread})"


def worst_classes(outcome: TrialResult, arm: str, against: str, most: int = 3) -> Sequence[tuple[str, float]]:
    """The classes that lose most by an arm, worst first, and by how much; only those beyond twice their chance."""
    mine, other = dict(outcome.by_class(arm)), dict(outcome.by_class(against))
    found = []
    for label in outcome.classes:
        name, many = outcome.dealt.names[label], int(outcome._of(label).sum())
        lost = other[name] - mine[name]
        if many >= _LEAST_TOLD and lost > 2 * (max(other[name] * (1 - other[name]), 0.05) / many) ** 0.5:
            found.append((name, -lost))
    return sorted(found, key=lambda pair: pair[1])[:most]
