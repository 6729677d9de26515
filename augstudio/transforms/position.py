"""How a transform declares what chance decides beside its parameters: where a crop lies, which way a flip goes.

Such a position has no range that a user could set, so it is no end of *lowest* and *highest*. It comes from the draw's
field seed, by the numbers of `Draw.uniforms`, in the order in which a transform declares its positions; the window,
the manifest and the command line show it by what is said here.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from augstudio.transforms.draw import Place, Value, option_at, points_at


@dataclass(frozen=True, kw_only=True)
class Position(ABC):
    """What every kind of position has: its name in records, a short one for people, and one sentence of help."""

    name: str
    label: str
    help: str

    @abstractmethod
    def numbers(self, chosen: Any, values: Mapping[str, Value]) -> int:
        """How many uniform numbers it takes.

        Parameters
        ----------
        chosen : Transform
            The step, with what its user chose once.
        values : mapping of str to number or str
            What was drawn.
        """

    @abstractmethod
    def placed(self, shares: Sequence[float]) -> Place:
        """What those numbers, uniform in [0, 1), come to."""

    @abstractmethod
    def show(self, place: Place) -> str:
        """It in words: "position x 0.31, y 0.77", "axis: horizontal"."""

    @abstractmethod
    def allowed(self) -> str:
        """What it can be, in words."""


@dataclass(frozen=True, kw_only=True)
class Points(Position):
    """One or more points, each with an x and a y of its own: a tuple of (x, y).

    Attributes
    ----------
    span : (float, float)
        Lowest and highest value of each coordinate; it never reaches the highest.
    names : tuple of str
        What the points are called, if they are always the same ones.
    count : str
        The drawn parameter that says how many there are, if it varies.
    """

    span: tuple[float, float] = (0.0, 1.0)
    names: tuple[str, ...] = ()
    count: str = ""

    def numbers(self, chosen: Any, values: Mapping[str, Value]) -> int:  # noqa: ARG002
        """Two for each point."""
        return 2 * (int(values[self.count]) if self.count else len(self.names) or 1)

    def placed(self, shares: Sequence[float]) -> Place:
        """The points, in order."""
        return points_at(shares, *self.span)

    def show(self, place: Place) -> str:
        """The points in words."""
        assert not isinstance(place, str)
        return f"{self.label.lower()} {'; '.join(self._each(place))}"

    def _each(self, points: tuple[tuple[float, float], ...]) -> Iterator[str]:
        for number, (x, y) in enumerate(points):
            name = f"{self.names[number]} " if self.names else ""
            yield f"{name}x {_plain(x)}, y {_plain(y)}"

    def allowed(self) -> str:
        """Points within the span."""
        each = ", ".join(self.names) if self.names else f"as many as {self.count}" if self.count else "one"
        return f"points ({each}), x and y from {self.span[0]:g} to {self.span[1]:g}"


@dataclass(frozen=True, kw_only=True)
class OneOf(Position):
    """One of a few, all equally likely, where the user leaves it to chance.

    Attributes
    ----------
    options : mapping of str to str
        Each that there is, and what it is called.
    left : (str, str)
        The parameter and the value of it that leave it to chance; with any other nothing is decided.
    """

    options: Mapping[str, str]
    left: tuple[str, str]

    def numbers(self, chosen: Any, values: Mapping[str, Value]) -> int:  # noqa: ARG002
        """One, or none where the user has chosen."""
        name, value = self.left
        return 1 if getattr(chosen, name) == value else 0

    def placed(self, shares: Sequence[float]) -> Place:
        """The option."""
        chosen: Place = option_at(shares[0], tuple(self.options))
        return chosen

    def show(self, place: Place) -> str:
        """What it is called."""
        return f"{self.label.lower()}: {self.options[str(place)]}"

    def allowed(self) -> str:
        """The options."""
        return " or ".join(self.options)


def _plain(number: float) -> str:
    text = f"{number:.2f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text.replace("-", "−")
