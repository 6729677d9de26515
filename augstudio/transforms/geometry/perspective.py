from __future__ import annotations

from collections.abc import Iterator
from itertools import chain
from typing import Annotated, Literal

from augstudio.engine import Frame, Step, Warp
from augstudio.transforms.base import Bordered
from augstudio.transforms.draw import Draw
from augstudio.transforms.parameter import Knob, Range, above
from augstudio.transforms.position import Points


class Perspective(Bordered):
    """Move the four corners, as if the camera stood elsewhere."""

    label = "Perspective"
    also = ("RandomPerspective", "homography", "four-point", "keystone", "tilt", "warp")
    positions = (
        Points(
            name="corners",
            label="Corners",
            help="How far each corner moves, as a share of the travel: 1 is all of it to the right or downwards.",
            span=(-1, 1),
            names=("top left", "top right", "bottom right", "bottom left"),
        ),
    )

    op: Literal["perspective"] = "perspective"
    travel: Annotated[
        Range,
        Knob(
            label="Corner travel",
            help="How far a corner may move along each side, as a share of that side.",
            hard=(0, 0.5),
            useful=(0, 0.2),
            neutral=0,
            limits=above(0.2, 0.35),
            words=("", "distorted by corners that may travel more than {} of the side"),
            source="on both sides of torchvision's RandomPerspective, whose default moves corners by up to 0.25 of "
            "the side",
        ),
    ] = Range(0, 0.08)

    def lower(self, draw: Draw, frame: Frame) -> Iterator[Step]:
        """Turn drawn numbers into steps."""
        travel = draw.number("travel")
        shares = [travel * move for move in chain.from_iterable(draw.points("corners"))]
        while not _is_seen_from_somewhere(shares):
            shares = [0.95 * share for share in shares]
        offsets = tuple((x * frame.width, y * frame.height) for x, y in zip(shares[::2], shares[1::2], strict=True))
        yield Warp.corners(offsets, frame, self.outside)


def _is_seen_from_somewhere(shares: list[float]) -> bool:
    """Whether some camera sees a rectangle with its corners moved so: they must turn one way, and none lies flat."""
    moves = zip(shares[::2], shares[1::2], strict=True)
    corners = [(x + dx, y + dy) for (x, y), (dx, dy) in zip(((0, 0), (1, 0), (1, 1), (0, 1)), moves, strict=True)]
    sides = [(bx - ax, by - ay) for (ax, ay), (bx, by) in zip(corners, corners[1:] + corners[:1], strict=True)]
    return all(ax * by - ay * bx > 0.05 for (ax, ay), (bx, by) in zip(sides, sides[1:] + sides[:1], strict=True))
