"""Leading through a trial: deal, make pictures, train round by round, judge."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from enum import StrEnum

import numpy as np

from augstudio.callbacks import ignore, never
from augstudio.dataset import doubles
from augstudio.dataset.scanning import Dataset
from augstudio.export.planning import plan_export
from augstudio.trial.dealing import Dealt, Fold, deal
from augstudio.trial.lesson import Lesson, Teach
from augstudio.trial.network import Teacher, chosen_device, weights_of
from augstudio.trial.pictures import Pictures, prepare
from augstudio.trial.result import UNKNOWN, TrialResult
from augstudio.trial.settings import Arm, TrialError, TrialSettings
from augstudio.wording import count, printable

_TICK = 0.1
"""Seconds between two reports of progress."""
_SHOWN = 3


class Stage(StrEnum):
    """What a trial is busy with."""

    DEALING = "dealing"
    PICTURES = "pictures"
    TRAINING = "training"


@dataclass(frozen=True)
class TrialStanding:
    """How a trial stands.

    Attributes
    ----------
    stage : Stage
        What it is busy with.
    done, total : int
        Pictures that are made, or trainings that have ended, and of how many.
    share : float
        Of the stage's work that is done, 0 to 1; within a training, too.
    seconds : float or None
        That are left, about; None as long as that cannot be told.
    result : TrialResult or None
        What is known so far, anew whenever a fold has been judged by all arms.
    """

    stage: Stage
    done: int = 0
    total: int = 0
    share: float = 0.0
    seconds: float | None = None
    result: TrialResult | None = None


def run_trial(
    settings: TrialSettings,
    dataset: Dataset,
    *,
    progress: Callable[[TrialStanding], object] = ignore,
    stop: Callable[[], bool] = never,
    teach: Teach | None = None,
) -> TrialResult | None:
    """Train with and without, and tell what came of it; from any thread. Writes nothing.

    With worker processes, a script must guard the call by ``if __name__ == "__main__":``, as for any process pool.

    Parameters
    ----------
    settings, dataset
        What is asked, and of what.
    progress : callable
        Told how it stands, some ten times a second.
    stop : callable
        Asked some ten times a second, and before each update of a network; True ends the trial.
    teach : Teach or None
        What trains; by default the small residual network of `network`, which needs PyTorch.

    Returns
    -------
    TrialResult or None
        Of all folds that every arm has judged, also if it was stopped; None if it was stopped before there was one.

    Raises
    ------
    TrialError
        If it cannot be begun: PyTorch is missing, there are not two classes that can be judged, hardly any picture can
        be read.
    ExportError
        If these pictures cannot be exported like this.
    PoolError
        If no worker can be started.
    """
    device, weights = "", 0
    if teach is None:
        device = chosen_device(settings.device)
        teach = Teacher(device)
    dataset = dataset.without(settings.excluded)
    progress(TrialStanding(Stage.DEALING))
    try:
        planned = plan_export(settings.exported(settings.pipelines[0]), dataset, stop=stop)
        dealt = deal(settings, dataset, stop=stop)
    except doubles.Stopped:
        return None
    arms = settings.arms()
    made = prepare(
        settings,
        arms,
        dealt,
        planned.jobs(iter(dealt.numbers)),
        progress=lambda done, total: progress(TrialStanding(Stage.PICTURES, done, total, done / total)),
        stop=stop,
    )
    if made is None:
        return None
    pictures, failed = made
    reasons = {dealt.keys[place]: reason for place, reason in sorted(failed.items())}
    if failed:
        dealt, pictures = dealt.without(tuple(failed)), pictures.without(tuple(failed))
        _check_enough(dealt, reasons, printable(dataset.location))
    if device:
        weights = weights_of(len(dealt.names))
    return _Trial(settings, arms, dealt, pictures, reasons, teach, device, weights, progress, stop).run()


def _check_enough(dealt: Dealt, failed: dict[str, str], name: str) -> None:
    learnt = set(dealt.classes[dealt.learnt].tolist())
    if len(learnt & set(dealt.classes[dealt.judged].tolist())) < 2:
        told = "; ".join(f"{printable(key)}: {reason}" for key, reason in list(failed.items())[:_SHOWN])
        raise TrialError(f"{name}: {count(len(failed), 'picture')} cannot be read, which leaves too few ({told})")


class _Trial:
    """A trial whose pictures are made."""

    def __init__(
        self,
        settings: TrialSettings,
        arms: tuple[Arm, ...],
        dealt: Dealt,
        pictures: Pictures,
        failed: dict[str, str],
        teach: Teach,
        device: str,
        weights: int,
        progress: Callable[[TrialStanding], object],
        stop: Callable[[], bool],
    ) -> None:
        self._settings, self._arms, self._dealt, self._teach = settings, arms, dealt, teach
        self._progress, self._stop = progress, stop
        self._versions = {arm.name: pictures.learnt_by(arm, originals=settings.originals) for arm in arms}
        self._originals = pictures.originals
        self._rounds = [dealt.folds(settings, number) for number in range(settings.rounds)]
        self._total = len(arms) * sum(map(len, self._rounds))
        shape = settings.rounds, len(dealt.numbers)
        learnt = max(len(fold.learnt) for folds in self._rounds for fold in folds)
        self._outcome = TrialResult(
            settings,
            arms,
            dealt,
            {arm.name: np.full(shape, UNKNOWN, np.intp) for arm in arms},
            0,
            self._total,
            settings.updates_for(learnt),
            weights,
            device,
            failed,
        )
        self._done = 0
        self._began = self._told = time.monotonic()

    def run(self) -> TrialResult | None:
        """Train all; give what is known at the end, or when it was stopped."""
        self._tell(0.0)
        for number, fold, seed in self._folds():
            found = {}
            for arm in self._arms:
                lesson = Lesson(
                    self._versions[arm.name][fold.learnt],
                    self._dealt.classes[fold.learnt],
                    len(self._dealt.names),
                    self._originals[fold.judged],
                    self._settings.updates_for(len(fold.learnt)),
                    seed,
                )
                told = self._teach(lesson, tell=self._tell_updates(lesson.updates), stop=self._stop)
                if told is None:
                    return self._known()
                found[arm.name] = told
                self._done += 1
            # Only what all arms have judged counts: else some would have had other pictures than the rest.
            judged = {name: array.copy() for name, array in self._outcome.told.items()}
            for name, told in found.items():
                judged[name][number, fold.judged] = told
            self._outcome = replace(self._outcome, told=judged, trained=self._done)
            self._tell(0.0, at_once=True)
        return self._known()

    def _folds(self) -> Iterator[tuple[int, Fold, int]]:
        """All folds, round by round, each with the seed of its networks."""
        seeds = np.random.SeedSequence([self._settings.seed]).generate_state(sum(map(len, self._rounds)), np.uint64)
        given = iter(seeds)
        for number, folds in enumerate(self._rounds):
            for fold in folds:
                yield number, fold, int(next(given)) >> 1  # PyTorch takes 63 bits

    def _tell_updates(self, updates: int) -> Callable[[int], None]:
        return lambda done: self._tell(done / updates)

    def _known(self) -> TrialResult | None:
        return self._outcome if self._outcome.trained else None

    def _tell(self, part: float, *, at_once: bool = False) -> None:
        now = time.monotonic()
        if not at_once and part and now - self._told < _TICK:
            return
        self._told = now
        share = (self._done + part) / self._total
        seconds = (now - self._began) * (1 / share - 1) if share > 0 else None
        self._progress(TrialStanding(Stage.TRAINING, self._done, self._total, share, seconds, self._known()))
