"""The frame that a step works in."""

from __future__ import annotations

from typing import NamedTuple


class Frame(NamedTuple):
    """The size of the picture in hand, and what its pixels stand for.

    Attributes
    ----------
    width, height : int
        In pixels.
    training_size : int
        The shorter side, in pixels, that the model will see.
    zoom : float
        Pixels in hand per pixel of the export: 1 for the export itself, below 1 for a preview on a reduced picture.
    """

    width: int
    height: int
    training_size: int = 224
    zoom: float = 1.0

    @property
    def size(self) -> tuple[int, int]:
        """Width and height."""
        return self.width, self.height

    @property
    def shorter(self) -> int:
        """The shorter side, in pixels."""
        return min(self.width, self.height)

    @property
    def centre(self) -> tuple[float, float]:
        """X and y of the middle, in continuous pixel coordinates."""
        return self.width / 2, self.height / 2

    @property
    def scale(self) -> float:
        """Pixels in hand per pixel at the training size: what turns a declared length into one here."""
        return self.shorter / self.training_size

    def resized(self, size: tuple[int, int]) -> Frame:
        """The same frame with another size."""
        return self if size == self.size else Frame(*size, self.training_size, self.zoom)
