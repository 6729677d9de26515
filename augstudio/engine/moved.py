"""What became of a shape in a copy."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from augstudio.engine.shapes import BoundingBox, Shape


@dataclass(frozen=True)
class Moved:
    """One shape after a plan.

    Attributes
    ----------
    before : Shape
        In the source.
    seen : Shape or None
        What the copy shows of it, in the copy's pixels, cut at its frame; None where it shows nothing. Of points, those
        that are not seen are NaN.
    share : float
        The visible area divided by the area of the whole moved shape, 0 to 1; of points, the share that is seen. What
        cut-outs hide is not visible.
    cut : float
        The same without cut-outs: what the frames leave.
    outline : clipping.Outline or None
        Of boxes that were turned, what is really seen of them.
    """

    before: Shape
    seen: Shape | None
    share: float
    cut: float
    outline: Any = field(default=None, repr=False, compare=False)

    @property
    def fit(self) -> float:
        """Intersection over union of `seen` and what is really seen of the shape, 0 to 1.

        It is below 1 for the boxes of a picture that was turned.
        """
        if self.outline is None or not isinstance(self.seen, BoundingBox):
            return 1.0
        from augstudio.engine.clipping import overlap

        return overlap(self.seen, self.outline)
