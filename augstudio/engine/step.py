"""What every step can do."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import ClassVar

from augstudio.engine.pixels import Pixels


class Step(ABC):
    """What a drawn transform asks of pixels: a frozen value of one of a few kinds.

    Subclasses are frozen dataclasses. Two steps in a row may be merged (`then`); steps are never reordered.
    """

    resizes: ClassVar[bool] = False
    """Whether it may make a picture of another size."""

    @abstractmethod
    def is_identity(self) -> bool:
        """Whether the step leaves every picture exactly as it is."""

    def after(self, size: tuple[int, int]) -> tuple[int, int]:
        """Width and height of what it makes of a picture of this size: the same, unless it resizes."""
        return size

    def then(self, later: Step) -> Step | None:  # noqa: ARG002
        """This step and the next in one; None where they do not go together, as most do not."""
        return None

    def seen_at(self, zoom: float) -> Step:  # noqa: ARG002
        """What stands for it on a preview of so many pixels per pixel of the export, below 1: mostly itself."""
        return self

    @abstractmethod
    def apply(self, colour: Pixels) -> Pixels:
        """Change a grey `(H, W)` or RGB `(H, W, 3)` picture without alpha.

        The input is left as it is; the result may be a view of it.
        """

    def overwrite(self, colour: Pixels) -> Pixels:
        """Do as `apply` with a C-contiguous picture that nobody else needs: it may be changed and be the result."""
        return self.apply(colour)

    def with_alpha(self, colour: Pixels, alpha: Pixels) -> tuple[Pixels, Pixels]:
        """Do as `apply` with a picture that is transparent somewhere; alpha is `(H, W)`, of the same type.

        Geometry moves alpha, all else leaves it. Whatever looks at several pixels lets each count as much as it is
        seen, so that no colour from under transparent pixels comes to light.
        """
        return self.apply(colour), alpha

    @abstractmethod
    def describe(self) -> str:
        """One plain line for `Plan.explain`."""
