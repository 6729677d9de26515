"""What travels with a picture through a pipeline: given to it as shapes and masks, and taken back as what it was."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from augstudio.adapters import levels
from augstudio.adapters.parts import Path
from augstudio.engine import Mask, Shape
from augstudio.pipeline import Outcome


@dataclass(frozen=True)
class Made:
    """A copy of what travelled.

    Attributes
    ----------
    outcome : Outcome
        Which objects are kept, and what became of them.
    masks : tuple of Mask
        All of them, as they were given.
    size : (int, int)
        Width and height of the copy.
    """

    outcome: Outcome
    masks: tuple[Mask, ...]
    size: tuple[int, int]


Unpack = Callable[[Made], dict[Path, Any]]
"""Makes the changed parts of a sample, by their paths."""


@dataclass
class Luggage:
    """All that travels with one picture.

    Attributes
    ----------
    shapes : list of Shape
        Of the objects, numbered from 0.
    names : list of str
        The class of each object, or empty.
    masks : list of Mask
        Of the picture's size.
    paths : set of Path
        The parts of the sample that are taken along.
    stated : bool
        Whether the sample says which objects there are, be it none.
    """

    shapes: list[Shape] = field(default_factory=list)
    names: list[str] = field(default_factory=list)
    masks: list[Mask] = field(default_factory=list)
    paths: set[Path] = field(default_factory=set)
    stated: bool = False
    _unpacking: list[Unpack] = field(default_factory=list)

    def take(self, paths: Sequence[Path], unpack: Unpack) -> None:
        """Take parts along, and say how they are made again."""
        self.paths.update(paths)
        self._unpacking.append(unpack)

    def take_mask(self, path: Path, mask: object, fill: int) -> None:
        """Take a mask along, as of `levels.opened`."""
        planes = levels.opened(mask, fill)
        first = len(self.masks)
        self.masks += planes.masks
        self.take([path], lambda made: {path: planes.back(made.masks[first : first + len(planes.masks)], made.size)})

    def unpacked(self, made: Made) -> dict[Path, Any]:
        """All changed parts."""
        changes: dict[Path, Any] = {}
        for unpack in self._unpacking:
            changes.update(unpack(made))
        return changes
