"""Leading through a trial: deal, make pictures, train round by round, judge."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, replace
from enum import StrEnum
from itertools import count as count_from
from itertools import islice
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

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
from augstudio.wording import count, printable, size

_TICK = 0.1
"""Seconds between two reports of progress."""
_SHOWN = 3
_MOST_BYTES = 8 * 2**30
"""Of all that networks see."""


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
    device, weights, parallel = "", 0, 1
    if teach is None:
        device = chosen_device(settings.device)
        teacher = Teacher(device)
        teach, parallel = teacher, teacher.parallel
    dataset = dataset.without(settings.excluded)
    progress(TrialStanding(Stage.DEALING))
    try:
        planned = plan_export(settings.exported(settings.pipelines[0]), dataset, stop=stop)
        dealt = deal(settings, dataset, stop=stop)
    except doubles.Stopped:
        return None
    if planned.two_classes:
        one, other = map(printable, planned.two_classes[0])
        more = f", and {others:,} more" if (others := len(planned.two_classes) - 1) else ""
        twice = f"{one} and {other} are the same file, in two classes{more}."
        dealt = replace(dealt, remarks=(*dealt.remarks, twice))
    arms = settings.arms()
    _check_memory(settings, arms, dealt, printable(dataset.location))
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
        dealt, gone = dealt.without(tuple(failed))
        pictures = pictures.without(gone)
        _check_enough(dealt, reasons, printable(dataset.location))
    if device:
        weights = weights_of(len(dealt.names))
    return _Trial(settings, arms, dealt, pictures, reasons, teach, parallel, device, weights, progress, stop).run()


def _check_memory(settings: TrialSettings, arms: tuple[Arm, ...], dealt: Dealt, name: str) -> None:
    versions = 1 + (settings.copies + settings.originals) * (len(arms) - 1)
    needed = len(dealt.numbers) * versions * settings.size**2 * 3
    if needed > _MOST_BYTES:
        raise TrialError(
            f"{name}: what networks see would take {size(needed)} of memory; allowed is {size(_MOST_BYTES)}. Fewer "
            "pictures (most), fewer copies, a smaller size or fewer presets need less"
        )


def _check_enough(dealt: Dealt, failed: dict[str, str], name: str) -> None:
    try:
        dealt.check(name)
    except TrialError:
        told = "; ".join(f"{printable(key)}: {reason}" for key, reason in list(failed.items())[:_SHOWN])
        many = count(len(failed), "picture")
        raise TrialError(f"{name}: {many} cannot be read, which leaves too few ({told})") from None


class _Task(NamedTuple):
    """One training: its number, and of which place among all folds, round, fold and arm it is."""

    number: int
    place: int
    round: int
    fold: Fold
    arm: Arm
    seed: int


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
        parallel: int,
        device: str,
        weights: int,
        progress: Callable[[TrialStanding], object],
        stop: Callable[[], bool],
    ) -> None:
        self._settings, self._arms, self._dealt, self._teach = settings, arms, dealt, teach
        self._progress, self._stop = progress, stop
        self._versions = {arm.name: pictures.learnt_by(arm) for arm in arms}
        self._originals = pictures.originals
        self._rounds = [dealt.folds(settings, number) for number in range(settings.rounds)]
        self._total = len(arms) * sum(map(len, self._rounds))
        shape = settings.rounds, len(dealt.numbers)
        due = np.zeros(shape, np.bool_)
        for number, folds in enumerate(self._rounds):
            for fold in folds:
                due[number, fold.judged] = True
        learnt = max(len(fold.learnt) for folds in self._rounds for fold in folds)
        self._result = TrialResult(
            settings,
            arms,
            dealt,
            {arm.name: np.full(shape, UNKNOWN, np.intp) for arm in arms},
            due,
            0,
            self._total,
            settings.updates_for(learnt),
            weights,
            device,
            failed,
        )
        self._parallel = max(1, parallel)
        self._parts: dict[int, float] = {}
        self._numbers = count_from(0)
        self._halted = False
        self._done = 0
        self._began = self._told = time.monotonic()

    def run(self) -> TrialResult | None:
        """Train all; give what is known at the end, or when it was stopped."""
        self._tell(at_once=True)
        tasks = iter(self._tasks())
        running: dict[Future[NDArray[np.intp] | None], _Task] = {}
        told: dict[int, dict[str, NDArray[np.intp]]] = {}
        with ThreadPoolExecutor(self._parallel, "trial") as threads:
            try:
                while not self._stop():
                    for task in islice(tasks, self._parallel - len(running)):
                        running[threads.submit(self._train, task)] = task
                    if not running:
                        break
                    done, _ = wait(running, timeout=_TICK, return_when=FIRST_COMPLETED)
                    for future in done:
                        task, classes = running.pop(future), future.result()
                        if classes is not None:
                            self._parts.pop(task.number, None)
                            self._done += 1
                            told.setdefault(task.place, {})[task.arm.name] = classes
                            self._judge(task, told)
                    self._tell(at_once=bool(done))
            finally:
                self._halted = True  # what still runs ends at its next update
        return self._known()

    def _train(self, task: _Task) -> NDArray[np.intp] | None:
        """In a thread: one network."""
        fold = task.fold
        lesson = Lesson(
            self._versions[task.arm.name],
            fold.learnt,
            self._dealt.classes[fold.learnt],
            len(self._dealt.names),
            self._originals[fold.judged],
            self._settings.updates_for(len(fold.learnt)),
            task.seed,
        )

        def tell(done: int) -> None:
            self._parts[task.number] = done / lesson.updates

        return self._teach(lesson, tell=tell, stop=lambda: self._halted)

    def _judge(self, task: _Task, told: dict[int, dict[str, NDArray[np.intp]]]) -> None:
        """Take a fold into the result once all arms have judged it: else some would have had other pictures."""
        found = told[task.place]
        if len(found) < len(self._arms):
            return
        judged = {name: array.copy() for name, array in self._result.told.items()}
        for name, classes in found.items():
            judged[name][task.round, task.fold.judged] = classes
        trained = self._result.trained + len(found)
        self._result = replace(self._result, told=judged, trained=trained)

    def _tasks(self) -> Iterator[_Task]:
        """All trainings, fold by fold, each fold with a seed of its own for its networks."""
        seeds = np.random.SeedSequence([self._settings.seed]).generate_state(sum(map(len, self._rounds)), np.uint64)
        places = [(number, fold) for number, folds in enumerate(self._rounds) for fold in folds]
        for place, ((number, fold), seed) in enumerate(zip(places, seeds, strict=True)):
            for arm in self._arms:
                yield _Task(next(self._numbers), place, number, fold, arm, int(seed) >> 1)  # PyTorch takes 63 bits

    def _known(self) -> TrialResult | None:
        return self._result if self._result.trained else None

    def _tell(self, *, at_once: bool = False) -> None:
        now = time.monotonic()
        if not at_once and now - self._told < _TICK:
            return
        self._told = now
        share = (self._done + sum(list(self._parts.values()))) / self._total
        seconds = (now - self._began) * (1 / share - 1) if share > 0 else None
        self._progress(TrialStanding(Stage.TRAINING, self._done, self._total, share, seconds, self._known()))
