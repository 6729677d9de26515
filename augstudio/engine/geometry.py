"""What moves a picture, and all that lies in it, from one frame to another."""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import dataclass
from enum import StrEnum
from typing import Self, TypeAlias

import numpy as np
from numpy.typing import NDArray

from augstudio.engine.pixels import Pixels
from augstudio.engine.shapes import Coordinates
from augstudio.engine.step import Step


class BorderMode(StrEnum):
    """What is seen outside the picture."""

    BLANK = "blank"
    MIRROR = "mirror"
    EDGE = "edge"
    TILE = "tile"


@dataclass(frozen=True)
class Border:
    """What lies outside the picture: a mode, and the 8-bit RGB colour of `blank`."""

    mode: BorderMode = BorderMode.MIRROR
    colour: tuple[int, int, int] = (0, 0, 0)

    def same(self, other: Border) -> bool:
        """Whether both show the same; the colour matters for `blank` only."""
        return self.mode is other.mode and (self.mode is not BorderMode.BLANK or self.colour == other.colour)


Rectangle: TypeAlias = tuple[int, int, int, int]
"""Left, top, right, bottom, in whole pixels."""


class Role(StrEnum):
    """What pixels stand for, which decides how they are resampled."""

    PICTURE = "picture"
    """Light: averaged, with whatever the border shows."""
    MASK = "mask"
    """Names: the nearest one. A mirrored or tiled border shows them again, any other shows the fill."""
    REGION = "region"
    """Where one object is: the nearest, and outside of the picture there is none of it."""


class Geometry(Step):
    """A step that moves: it says where each point of its source goes, and how pixels follow.

    Two of them in a row become one where their borders agree (`then`), whatever their kinds.
    """

    resizes = True

    source: tuple[int, int]
    """Width and height before, in pixels."""
    target: tuple[int, int]
    """Width and height after, in pixels."""

    def after(self, size: tuple[int, int]) -> tuple[int, int]:  # noqa: ARG002
        """The target's size."""
        return self.target

    @abstractmethod
    def bare(self) -> Self:
        """The same without a border: for points, which know none. Bare geometries always go together."""

    @abstractmethod
    def forward(self, points: Coordinates) -> Coordinates:
        """Where points of the source go, `(N, 2)`; NaN for those that go nowhere (behind the camera)."""

    @abstractmethod
    def inverse(self, points: Coordinates) -> Coordinates:
        """Where points of the target come from, `(N, 2)`; NaN for those that come from nowhere."""

    @abstractmethod
    def shown(self, outline: Coordinates) -> Coordinates:
        """The part of a convex outline of the source, `(N, 2)`, that the target's frame shows; empty if none is."""

    @abstractmethod
    def about_ellipses(self, boxes: NDArray[np.float64]) -> NDArray[np.float64]:
        """The boxes about what becomes of the ellipses inside boxes; NaN for those that go behind the camera.

        Both are `(N, 4)`: left, top, right, bottom.
        """

    @abstractmethod
    def part(self, source: Rectangle, target: Rectangle) -> Self:
        """The same between a part of the source and a part of the target, each of which then begins at 0."""

    @abstractmethod
    def is_upright(self) -> bool:
        """Whether every upright rectangle becomes an upright rectangle."""

    @abstractmethod
    def resample(self, pixels: Pixels, role: Role = Role.PICTURE, fill: tuple[int, ...] = (0,)) -> Pixels:
        """Move pixels of any role.

        Parameters
        ----------
        pixels : ndarray
            `(H, W)` or `(H, W, C)` of the source's size, uint8 or uint16; left as it is, and the result may be a view.
        role : Role
            What they stand for.
        fill : tuple of int
            One level for each channel: what a mask shows outside of the picture.
        """
