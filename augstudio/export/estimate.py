"""How large an export will be, and how long it will take, told from a few of its pictures."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from augstudio.callbacks import never
from augstudio.dataset.doubles import Stopped
from augstudio.dataset.scanning import Dataset
from augstudio.export import destination
from augstudio.export.job import Job, decoded, labels_of, load, render
from augstudio.export.plan import ExportPlan
from augstudio.export.planning import plan_export
from augstudio.export.settings import ExportError, Settings, available_workers
from augstudio.images import PictureError
from augstudio.storage import Key

SAMPLED = 16
_START_SECONDS = 0.5
"""What starting worker processes takes."""
_PARALLEL = 0.9
"""What each further worker adds, next to the first."""
_PATIENCE = 4.0
"""Seconds after which no further picture is sampled: an estimate that takes minutes is none."""
_SIZES = 20_000
"""Files whose size is looked up, at most."""


@dataclass(frozen=True)
class Estimate:
    """What an export will come to.

    Attributes
    ----------
    plan : ExportPlan
        Who goes where and how often.
    bytes : int
        About.
    seconds : float
        About.
    free : int or None
        Bytes left on the destination's disk; None where that cannot be told.
    sampled : int
        How many pictures the figures stand on; with 0, `bytes` and `seconds` are 0 and mean nothing.
    """

    plan: ExportPlan
    bytes: int
    seconds: float
    free: int | None
    sampled: int

    @property
    def files(self) -> int:
        """How many there will be, if every picture can be read."""
        return self.plan.files

    @property
    def fits(self) -> bool:
        """Whether the disk has room, as far as can be told."""
        return self.free is None or self.bytes <= self.free


@dataclass(frozen=True)
class _Trial:
    source_bytes: int
    reading: float
    original: tuple[int, float]
    copy: tuple[int, float]


def foresee(settings: Settings, dataset: Dataset, *, stop: Callable[[], bool] = never) -> Estimate | None:
    """Make one copy of a few pictures in memory, and tell from them; writes nothing. From any thread.

    Parameters
    ----------
    settings, dataset
        As for the export.
    stop : callable
        Asked before every picture; True ends it.

    Returns
    -------
    Estimate or None
        None if it was stopped.

    Raises
    ------
    ExportError
        If what is asked for does not go with this source.
    """
    try:
        planned = plan_export(settings, dataset, stop=stop)
    except Stopped:
        return None
    dataset = planned.dataset
    trials: list[_Trial] = []
    began = time.monotonic()
    for job in planned.jobs(_spread(len(dataset.sources))):
        if stop():
            return None
        if trials and time.monotonic() - began > _PATIENCE:
            break
        try:
            trials.append(_try(job))
        except (PictureError, OSError, ValueError, MemoryError):
            continue
    try:
        free = destination.check(settings, dataset).free
    except ExportError:
        free = None
    if not trials:
        return Estimate(planned, 0, 0.0, free, 0)
    # Both go with the size of the source file, so few samples tell more by ratio than by their mean: for photos of
    # 13 to 86 kB, six gave the export's bytes to 0 % rather than 28 %.
    sampled = sum(trial.source_bytes for trial in trials)
    total = _bytes_of(dataset, sampled / len(trials), stop)
    if total is None:
        return None
    scale = total / sampled
    pictures = len(dataset.sources)
    originals, copies = (sum(getattr(row, kind) for row in planned.rows) / pictures for kind in ("originals", "copies"))
    size = scale * sum(originals * trial.original[0] + copies * trial.copy[0] for trial in trials)
    seconds = scale * sum(trial.reading + originals * trial.original[1] + copies * trial.copy[1] for trial in trials)
    workers = min(max(settings.workers, 1), available_workers(), pictures)
    seconds /= 1 + _PARALLEL * (workers - 1)
    return Estimate(planned, round(size), seconds + (_START_SECONDS if settings.workers else 0.0), free, len(trials))


def _spread(count: int) -> Iterator[int]:
    """Numbers spread evenly below `count`, always the same ones."""
    chosen = min(SAMPLED, count)
    return ((2 * i + 1) * count // (2 * chosen) for i in range(chosen))


def _bytes_of(dataset: Dataset, mean: float, stop: Callable[[], bool]) -> float | None:
    """Bytes of all pictures: of very many, or behind a URL, told from some of them; None if it was stopped."""
    storage, count = dataset.storage, len(dataset.sources)
    if storage.root is None:
        return mean * count
    step = -(-count // _SIZES)
    seen = total = 0
    for source in dataset.sources[::step]:
        if stop():
            return None
        with contextlib.suppress(OSError):
            total += storage.size(Key(source.key))
            seen += 1
    return total * count / seen if seen else mean * count


def _try(job: Job) -> _Trial:
    start = time.perf_counter()
    loaded = load(job)
    picture = decoded(job, loaded)
    labels = labels_of(job, picture)
    read_at = time.perf_counter()
    measured = {}
    for copy in (0, 1):
        if copy == 0 and 0 not in job.copies:
            continue
        begun = time.perf_counter()
        made = render(job, picture, loaded.data, copy, labels=labels)
        size = len(made.data) + sum(len(file.data) for file in made.files)
        measured[copy] = size, time.perf_counter() - begun
    return _Trial(len(loaded.data), read_at - start, measured.get(0, (0, 0.0)), measured[1])
