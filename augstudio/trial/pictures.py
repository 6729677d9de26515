"""The pictures that networks see: originals and the very copies of an export, as small as networks take them."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import cast

import cv2
import numpy as np
from numpy.typing import NDArray

from augstudio import presets
from augstudio.export import worker
from augstudio.export.job import Job, decide, decoded, labels_of, load, seconds_allowed
from augstudio.images import PictureError, Pixels
from augstudio.images.decoding import reduced
from augstudio.images.writing import eight_bit
from augstudio.pool import processes
from augstudio.pool.retrying import Engine, results
from augstudio.trial.dealing import Dealt
from augstudio.trial.settings import Arm, TrialSettings
from augstudio.wording import said

Shown = NDArray[np.uint8]
"""Pictures as networks see them: `(N, size, size, 3)`, RGB."""


@dataclass(frozen=True)
class Making:
    """What is to be made of one source; plain values, so that it can travel.

    Attributes
    ----------
    place : int
        Of the picture among those that take part.
    job : Job
        Its export; the preset is that of the first arm.
    presets : tuple of str
        Of all arms that have a pipeline, as texts.
    size : int
        Width and height, in pixels.
    copies : tuple of int
        Indexes of what is learnt from, 0 being the original; none of a picture that is judged only.
    """

    place: int
    job: Job
    presets: tuple[str, ...]
    size: int
    copies: tuple[int, ...]


@dataclass(frozen=True)
class Made:
    """What came of it.

    Attributes
    ----------
    original : NDArray of uint8
        `(size, size, 3)`.
    copies : tuple of NDArray of uint8
        Of each preset `(copies, size, size, 3)`.
    reason : str
        Why there is none, in plain words; empty if there is.
    """

    original: Shown
    copies: tuple[Shown, ...]
    reason: str = ""


@dataclass(frozen=True)
class Pictures:
    """All that networks see of a dataset.

    Attributes
    ----------
    originals : NDArray of uint8
        `(N, size, size, 3)`: what is judged, and what is learnt from without a pipeline.
    copies : dict of str to NDArray of uint8
        For the name of each arm with a pipeline `(N, versions, size, size, 3)`: what is learnt from, originals among
        it where they are asked for.
    """

    originals: Shown
    copies: dict[str, Shown]

    def without(self, places: Sequence[int]) -> Pictures:
        """The same without some of them."""
        kept = np.ones(len(self.originals), bool)
        kept[list(places)] = False
        return Pictures(self.originals[kept], {name: copies[kept] for name, copies in self.copies.items()})

    def learnt_by(self, arm: Arm) -> Shown:
        """All versions that an arm learns from: `(N, versions, size, size, 3)`."""
        return self.originals[:, np.newaxis] if arm.pipeline is None else self.copies[arm.name]


def make(asked: Making) -> Made:
    """Read a source once, and make its original and copies small. Never raises: what goes wrong is in the result."""
    try:
        loaded = load(asked.job)
        picture = decoded(asked.job, loaded)
        labels = labels_of(asked.job, picture)
        if labels is not None and labels.unusable:
            raise PictureError(loaded.path, labels.unusable)

        def version(preset: str, copy: int) -> Shown:
            job = replace(asked.job, preset=preset)
            return small(decide(job, picture, copy, labels=labels).plan.apply(picture.pixels), asked.size)

        original = version(asked.presets[0], 0)
        copies = [
            np.array([version(preset, copy) for copy in asked.copies], np.uint8).reshape(-1, *original.shape)
            for preset in asked.presets
        ]
        return Made(original, tuple(copies))
    except PictureError as error:
        return _failed(error.reason)
    except OSError as error:
        return _failed(f"cannot be read: {said(error)}")
    except MemoryError:
        return _failed("not enough memory to augment it")
    except Exception as error:  # one picture must never cost the others
        return _failed(f"could not be augmented: {said(error)}")


def _failed(reason: str) -> Made:
    return Made(np.empty((0, 0, 3), np.uint8), (), reason)


def small(pixels: Pixels, size: int) -> Shown:
    """A picture as a network sees it, stretched to a square.

    Parameters
    ----------
    pixels : NDArray of uint8 or uint16
        RGB or grey, with or without alpha, which is dropped as the usual loaders drop it.
    size : int
        Width and height, in pixels.

    Returns
    -------
    NDArray of uint8
        `(size, size, 3)`: averaged by area where it gets smaller, linear where it gets larger.
    """
    height, width = pixels.shape[:2]
    found: Pixels = eight_bit(pixels)
    if found.ndim == 3 and found.shape[2] in (2, 4):
        found = found[..., :-1]
    found = np.ascontiguousarray(found.squeeze(axis=2) if found.ndim == 3 and found.shape[2] == 1 else found)
    found = reduced(found, (min(width, size), min(height, size)))
    if found.shape[:2] != (size, size):
        found = cast(Pixels, cv2.resize(found, (size, size), interpolation=cv2.INTER_LINEAR))
    if found.ndim == 2:
        found = cast(Pixels, cv2.cvtColor(found, cv2.COLOR_GRAY2RGB))
    return np.asarray(found, np.uint8)


def prepare(
    settings: TrialSettings,
    arms: Sequence[Arm],
    dealt: Dealt,
    jobs: Iterator[Job],
    *,
    progress: Callable[[int, int], object],
    stop: Callable[[], bool],
) -> tuple[Pictures, dict[int, str]] | None:
    """Make all that networks will see.

    Parameters
    ----------
    settings, arms, dealt
        What is asked, and of which pictures.
    jobs : iterator of Job
        Of the pictures that take part, in their order.
    progress : callable
        Told how many pictures are done, and of how many.
    stop : callable
        Asked some ten times a second; True ends it.

    Returns
    -------
    tuple of Pictures and dict, or None
        The pictures, and for the place of each that could not be made the reason; None if it was stopped.

    Raises
    ------
    PoolError
        If no worker can be started.
    """
    total, side = len(dealt.numbers), settings.size
    texts = {arm.name: presets.dump(arm.pipeline) for arm in arms if arm.pipeline is not None}
    copies = tuple(range(0 if settings.originals else 1, settings.copies + 1))

    def asked() -> Iterator[Making]:
        for place, job in enumerate(jobs):
            yield Making(place, job, tuple(texts.values()), side, copies if dealt.learnt[place] else ())

    made = Pictures(
        np.zeros((total, side, side, 3), np.uint8),
        {name: np.zeros((total, len(copies), side, side, 3), np.uint8) for name in texts},
    )
    failed: dict[int, str] = {}
    done = 0
    # The generator is closed whatever happens, so that no worker outlives the trial.
    with contextlib.closing(results(asked(), make, _engine(settings, total), stop)) as coming:
        for finished in coming:
            if finished is not None:
                done += 1
                found = finished.value or _failed(finished.reason)
                if found.reason:
                    failed[finished.job.place] = found.reason
                else:
                    made.originals[finished.job.place] = found.original
                    for name, versions in zip(texts, found.copies, strict=True):
                        made.copies[name][finished.job.place, : len(versions)] = versions
            progress(done, total)
    return (made, failed) if done == total else None


def _engine(settings: TrialSettings, total: int) -> Engine:
    return processes.local(min(settings.workers, total), _seconds_allowed, first=worker.begin, preload=worker.PRELOAD)


def _seconds_allowed(args: tuple[object, ...]) -> float:
    """How long a call may take before it is taken to hang: as an export of all the copies."""
    asked = (arg for arg in args if isinstance(arg, Making))
    return sum(max(len(one.presets), 1) * seconds_allowed((one.job,)) for one in asked)
