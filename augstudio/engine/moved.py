"""What became of a shape in a copy."""

from __future__ import annotations

from dataclasses import dataclass

from augstudio.engine.shapes import Shape


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
    fit : float
        Intersection over union of `seen` and what is really seen of the shape, 0 to 1: below 1 for the boxes of a
        picture that was turned.
    """

    before: Shape
    seen: Shape | None
    share: float
    cut: float
    fit: float = 1.0
