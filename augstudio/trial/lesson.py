"""What one network is taught: a plain value, the same for every library that might train it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from augstudio.trial.settings import BATCH


@dataclass(frozen=True)
class Lesson:
    """A training, and the pictures that it is judged by.

    Attributes
    ----------
    versions : NDArray of uint8
        `(P, V, size, size, 3)`: all versions of each picture.
    learnt : NDArray of int
        `(N,)`: places of those that are learnt from.
    classes : NDArray of int
        `(N,)`: their classes, 0 to `names` - 1.
    names : int
        How many classes there are.
    judged : NDArray of uint8
        `(M, size, size, 3)`.
    updates : int
        Of the training.
    seed : int
        Of the network's first weights and of the order of pictures. Arms have it in common, so that they begin alike
        and see the same pictures in the same order, each its own versions of them.
    """

    versions: NDArray[np.uint8]
    learnt: NDArray[np.intp]
    classes: NDArray[np.intp]
    names: int
    judged: NDArray[np.uint8]
    updates: int
    seed: int

    def shown(self, pictures: NDArray[np.intp], versions: NDArray[np.intp]) -> NDArray[np.uint8]:
        """What a batch shows: `(B, size, size, 3)`."""
        return self.versions[self.learnt[pictures], versions]

    def batches(self) -> Iterator[tuple[NDArray[np.intp], NDArray[np.intp]]]:
        """For each update, which of the pictures that are learnt from, and which versions of them.

        Every picture is seen equally often, give or take one, and so is each of its versions.
        """
        many, versions = len(self.learnt), self.versions.shape[1]
        chance = np.random.default_rng(self.seed)
        first = np.asarray(np.random.default_rng([self.seed, 1]).integers(versions, size=many))
        waiting = np.empty(0, np.intp)
        seen = np.zeros(many, np.intp)
        for _ in range(self.updates):
            while len(waiting) < BATCH:
                waiting = np.concatenate([waiting, chance.permutation(many)])
            chosen, waiting = waiting[:BATCH], waiting[BATCH:]
            which = np.empty(len(chosen), np.intp)
            for place, picture in enumerate(chosen):  # one may stand twice in a batch, with two of its versions
                which[place] = (first[picture] + seen[picture]) % versions
                seen[picture] += 1
            yield chosen, which


class Teach(Protocol):
    """Trains a network, and gives the class that it takes each judged picture for."""

    def __call__(
        self, lesson: Lesson, *, tell: Callable[[int], object], stop: Callable[[], bool]
    ) -> NDArray[np.intp] | None:
        """Train; `tell` is told how many updates are done, and `stop` asked before each: None if it was stopped."""
