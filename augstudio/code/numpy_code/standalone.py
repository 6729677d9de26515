"""The preset: what each of its steps draws, and `augment`."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from augstudio.engine.fitting import Fit, fitted
from augstudio.engine.frame import Frame
from augstudio.engine.fusion import fuse
from augstudio.engine.geometry import Border
from augstudio.engine.pixels import Pixels, check_pixels
from augstudio.engine.plan import apply_steps
from augstudio.engine.step import Step
from augstudio.transforms.draw import (
    name_of_copy,
    number_at,
    numbers_of,
    option_at,
    points_at,
    uniforms,
    whole_at,
)

# What stands here is copied into files of code for NumPy, with all that it calls: see `augstudio.code.numpy_code`.


class Drawn(ABC):
    """A value that each copy draws."""

    @abstractmethod
    def at(self, share: float) -> Any:
        """The value at a share, 0 to 1, of all that there are."""


@dataclass(frozen=True)
class Between(Drawn):
    """A number between two others."""

    low: float
    high: float

    def at(self, share: float) -> float:
        """The number at a share of the way."""
        return number_at(share, self.low, self.high)


@dataclass(frozen=True)
class Whole(Drawn):
    """A whole number from the lowest to the highest."""

    low: int
    high: int

    def at(self, share: float) -> int:
        """The number at a share of the way."""
        return whole_at(share, self.low, self.high)


@dataclass(frozen=True)
class OneOf(Drawn):
    """One of a few values."""

    options: tuple[Any, ...]

    def at(self, share: float) -> Any:
        """The value at a share of the list."""
        return option_at(share, self.options)


class Decided(ABC):
    """A value that follows from the step's own seed, once the others are drawn."""

    @abstractmethod
    def by(self, seed: int, drawn: dict[str, Any]) -> Any:
        """The value for a seed, 0 to 2⁶⁴ − 1."""


@dataclass(frozen=True)
class Points(Decided):
    """Points (x, y), both from the lowest to the highest value: so many, or as many as a drawn value says."""

    count: int | str = 1
    low: float = 0.0
    high: float = 1.0

    def by(self, seed: int, drawn: dict[str, Any]) -> tuple[tuple[float, float], ...]:
        """The points; a value that says how many is of no other use."""
        count: int = drawn.pop(self.count) if isinstance(self.count, str) else self.count
        return points_at(uniforms(seed, 2 * count), self.low, self.high)


@dataclass(frozen=True)
class Either(Decided):
    """One of a few, without a drawn number of its own."""

    options: tuple[str, ...]

    def by(self, seed: int, drawn: dict[str, Any]) -> Any:  # noqa: ARG002
        """The one."""
        return option_at(uniforms(seed, 1)[0], self.options)


@dataclass(frozen=True)
class Seed(Decided):
    """The step's own seed itself."""

    def by(self, seed: int, drawn: dict[str, Any]) -> int:  # noqa: ARG002
        """The seed."""
        return seed


class Chosen:
    """A step of the preset: its name, what makes it, the chance that a copy gets it, and what it is given."""

    def __init__(self, name: str, make: Callable[..., Iterator[Step]], probability: float = 1.0, **given: Any) -> None:
        self.name, self.make, self.probability = name.encode(), make, probability
        self.drawn = {key: value for key, value in given.items() if isinstance(value, Drawn)}
        self.decided = {key: value for key, value in given.items() if isinstance(value, Decided)}
        self.fixed = {key: value for key, value in given.items() if not isinstance(value, Drawn | Decided)}

    def steps(self, copy: bytes, frame: Frame) -> Iterator[Step]:
        """What it does to a copy of that name; its numbers depend on both names alone."""
        applied, seed, shares = numbers_of(copy + self.name, len(self.drawn))
        if applied < self.probability:
            drawn = {key: value.at(share) for (key, value), share in zip(self.drawn.items(), shares, strict=True)}
            decided = {key: value.by(seed, drawn) for key, value in self.decided.items()}
            yield from self.make(frame, **drawn, **decided, **self.fixed)


TRAINED_AT = 224
"""The shorter side, in pixels, that the model sees: the unit of lengths."""
SIZE = (224, 224)
"""Width and height of the copies, in pixels."""
FIT = Fit.CROP
"""How a picture is brought to that size."""
OUTSIDE = Border()
"""What is seen beside a picture that is padded."""
STEPS: list[Chosen] = []
"""The steps of the preset, in their order."""


def _drawn(copy: bytes, frame: Frame) -> Iterator[Step]:
    """What the preset does to one copy of a picture."""
    for chosen in STEPS:
        for step in chosen.steps(copy, frame):
            yield step
            frame = frame.resized(step.after(frame.size))


def _resized_and_drawn(copy: bytes, frame: Frame) -> Iterator[Step]:
    """What the preset does to one copy of a picture, which is brought to the output's size first."""
    yield fitted(frame, SIZE, FIT, OUTSIDE)
    frame = frame.resized(SIZE)
    for step in _drawn(copy, frame):
        yield step
        frame = frame.resized(step.after(frame.size))
    if frame.size != SIZE:  # a quarter turn in an output that is not square
        yield fitted(frame, SIZE, FIT, OUTSIDE)


def augment(image: Pixels, *, seed: int, key: str = "", copy: int = 1) -> Pixels:
    """Augment a picture: the same arguments always give the same result.

    Parameters
    ----------
    image : ndarray
        `(H, W)` grey, `(H, W, 2)` grey and alpha, `(H, W, 3)` RGB or `(H, W, 4)` RGBA; uint8 or uint16, full range. It
        is left as it is.
    seed : int
        0 or more. In a training loop, take another one for every sample and epoch.
    key : str
        Names the picture, if one seed serves many.
    copy : int
        Number of the copy, if one seed serves many.

    Returns
    -------
    ndarray
        A new array of the same type and channels.

    Raises
    ------
    TypeError, ValueError
        If `image` is no such array, seed or copy no whole number of 0 or more, or the key no text; the message says
        what to do.
    """
    image = check_pixels(image)
    height, width = image.shape[:2]
    steps = _drawn(name_of_copy(seed, key, copy), Frame(width, height, TRAINED_AT))
    return apply_steps(fuse(tuple(steps)), image)
