"""How chance draws one step."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from enum import Enum
from types import MappingProxyType
from typing import Any, Protocol

from augstudio.transforms.draw import Chance, Draw, Place, Value, number_at, option_at, whole_at
from augstudio.transforms.parameter import Knob, Parameter
from augstudio.transforms.position import Position

_NOTHING: Mapping[str, Value] = MappingProxyType({})
_NOWHERE: Mapping[str, Place] = MappingProxyType({})


class Drawable(Protocol):
    """What is asked of a transform that is drawn, or whose draws are taken back."""

    @property
    def op(self) -> str:
        """Which transform."""

    @property
    def id(self) -> str:
        """The step's."""

    @property
    def enabled(self) -> bool:
        """Whether it is applied at all."""

    @property
    def probability(self) -> float:
        """The chance that a copy gets it."""

    @property
    def mirrors(self) -> bool:
        """Whether it makes a mirror image."""

    @property
    def positions(self) -> tuple[Position, ...]:
        """What chance decides beside the parameters."""

    @classmethod
    def parameters(cls) -> Mapping[str, Parameter]:
        """The declared parameters, by field name."""

    @classmethod
    def drawn(cls) -> list[str]:
        """Names of those that every copy draws a value of."""

    def placed(self, values: Mapping[str, Value], field_seed: int) -> Mapping[str, Place]:
        """The positions that a field seed decides, for drawn values."""


class Drawing:
    """What every draw of a step would look up, looked up once: a copy's draws are a tenth of all the time it takes.

    Parameters
    ----------
    step : Drawable
        What is drawn for.
    """

    __slots__ = ("_count", "_id", "_op", "_picks", "_placed", "_probability")

    def __init__(self, step: Drawable) -> None:
        self._id, self._op = step.id, step.op
        self._probability = step.probability if step.enabled else 0.0
        self._picks = tuple(_picks(step))
        self._count = len(self._picks)
        self._placed = step.placed if step.positions else None

    def draw(self, chance: Chance) -> Draw:
        """What chance gives one copy."""
        applied, field_seed, shares = chance.numbers(self._id, self._count)
        if applied >= self._probability:
            return Draw(self._id, self._op, False, _NOTHING, field_seed, _NOWHERE)
        values = (
            _NOTHING
            if not shares
            else MappingProxyType(
                {name: pick(share, *ends) for (name, pick, ends), share in zip(self._picks, shares, strict=True)}
            )
        )
        places = _NOWHERE if self._placed is None else self._placed(values, field_seed)
        return Draw(self._id, self._op, True, values, field_seed, places)

    def end(self, *, high: bool, field_seed: int) -> Draw:
        """The lowest or highest end of every range; of choices the first or the last."""
        share = 1.0 if high else 0.0
        values = {name: pick(share, *ends) for name, pick, ends in self._picks}
        if self._probability <= 0:
            return Draw(self._id, self._op, False, values, field_seed)
        places = _NOWHERE if self._placed is None else self._placed(values, field_seed)
        return Draw(self._id, self._op, True, values, field_seed, places)


def _picks(step: Drawable) -> Iterator[tuple[str, Callable[..., Value], tuple[Any, ...]]]:
    """For each parameter that is drawn its name, what picks a value by a share, and between what."""
    for name in step.drawn():
        declared, value = step.parameters()[name], getattr(step, name)
        if not isinstance(declared, Knob):
            yield name, option_at, (tuple(one.value if isinstance(one, Enum) else one for one in value),)
        elif declared.whole:
            yield name, whole_at, (int(value.low), int(value.high))
        else:
            yield name, number_at, (value.low, value.high)
