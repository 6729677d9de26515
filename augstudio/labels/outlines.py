"""Outlines as formats of one ring for an object have them: pieces joined by seams, taken apart, traced from pixels."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import shapely
from numpy.typing import NDArray

from augstudio.engine.shapes import Coordinates, Piece

_MOST_NEAREST = 20_000  # points of one object for whose rings the nearest ones are looked for
_CHUNK = 1024
_MOST_NESTED = 200  # rings of one object that are looked at for which lies in which


def parted(ring: Coordinates) -> tuple[Piece, ...]:
    """Take apart a ring that passes some of its points twice: pieces joined by seams, and holes.

    Where no point comes twice, it is the ring itself. Seams themselves, points given twice in a row, and the first one
    given again at the end go. A ring inside of another is a hole in it (as for whoever fills the ring by its crossings,
    which all do); one inside of a hole is a piece again.

    Parameters
    ----------
    ring : ndarray
        `(N, 2)`, finite.

    Returns
    -------
    tuple of Piece
        In the order of their first points; empty if nothing is left that has three points.
    """
    loops = [ring[numbers] for numbers in _loops(ring) if len(numbers) >= 3]
    if len(loops) < 2 or len(loops) > _MOST_NESTED:
        return tuple((loop,) for loop in loops)
    return _nested(loops)


def _loops(ring: Coordinates) -> list[list[int]]:
    """Numbers of the points of each loop: whenever a point comes again, what lies between is cut out."""
    at: dict[tuple[float, float], int] = {}
    stack: list[int] = []
    loops = []
    points = [(x, y) for x, y in ring.tolist()]
    for number, point in enumerate(points):
        if point in at:
            begin = at[point]
            loops.append(stack[begin:])
            for old in stack[begin + 1 :]:
                del at[points[old]]
            del stack[begin + 1 :]
        else:
            at[point] = len(stack)
            stack.append(number)
    return sorted([*loops, stack])


def _nested(loops: list[Coordinates]) -> tuple[Piece, ...]:
    shapes = [shapely.Polygon(loop) for loop in loops]
    if not all(shape.is_valid for shape in shapes):
        return tuple((loop,) for loop in loops)
    around = [
        [other for other, outer in enumerate(shapes) if other != number and outer.area > one.area and outer.covers(one)]
        for number, one in enumerate(shapes)
    ]
    pieces: dict[int, list[Coordinates]] = {
        number: [loops[number]] for number, outers in enumerate(around) if len(outers) % 2 == 0
    }
    for number, outers in enumerate(around):
        if len(outers) % 2:
            pieces[min(outers, key=lambda outer: shapes[outer].area)].append(loops[number])
    return tuple(tuple(rings) for _, rings in sorted(pieces.items()))


def crosses_itself(pieces: Sequence[Piece]) -> bool:
    """Whether one of the rings does; `parted` has cut those that merely touch themselves."""
    return not all(shapely.Polygon(ring).is_valid for piece in pieces for ring in piece)


def joined(pieces: Sequence[Piece], *, holes: bool) -> Coordinates:
    """One ring of several: each is joined to those before it by a seam of no width between the nearest points.

    Parameters
    ----------
    pieces : sequence of Piece
        At least one.
    holes : bool
        Whether holes are joined, too; else they are filled.

    Returns
    -------
    ndarray
        `(N, 2)`: all points as they were, those at the ends of seams twice. Rings of one object turn the same way,
        holes the other way.
    """
    outlines = [piece[0] for piece in pieces]
    turn = _signed_area(outlines[0])
    rings = [outlines[0], *(_turned(ring, turn) for ring in outlines[1:])]
    if holes:
        rings += [_turned(ring, -turn) for piece in pieces for ring in piece[1:]]
    if len(rings) > 1 and sum(map(len, rings)) > _MOST_NEAREST:
        return np.concatenate([*(np.concatenate((ring, ring[:1])) for ring in rings), *_back(rings)])
    whole = rings[0]
    for ring in rings[1:]:
        here, there = _nearest(whole, ring)
        around = np.concatenate((ring[there:], ring[: there + 1]))
        whole = np.concatenate((whole[: here + 1], around, whole[here:]))
    return whole


def _back(rings: Sequence[Coordinates]) -> list[Coordinates]:
    """The way back from the last of many rings to the first, along their first points."""
    return [ring[:1] for ring in rings[-2::-1]]


def _turned(ring: Coordinates, turn: float) -> Coordinates:
    return ring[::-1] if _signed_area(ring) * turn < 0 else ring


def _signed_area(ring: Coordinates) -> float:
    x, y = ring[:, 0] - ring[0, 0], ring[:, 1] - ring[0, 1]
    return float((x[:-1] * y[1:] - x[1:] * y[:-1]).sum())


def _nearest(whole: Coordinates, ring: Coordinates) -> tuple[int, int]:
    """Numbers of the nearest two points; of equal ones the first."""
    best, at = np.inf, (0, 0)
    for begin in range(0, len(whole), _CHUNK):
        difference = whole[begin : begin + _CHUNK, None] - ring[None]
        distance = (difference**2).sum(axis=2)
        least = int(distance.argmin())
        if distance.flat[least] < best:
            best = distance.flat[least]
            at = (begin + least // len(ring), least % len(ring))
    return at


_STEPS = np.array(((1, 0), (0, 1), (-1, 0), (0, -1)))
"""Right, down, left, up."""


def traced(pixels: NDArray[np.bool_]) -> tuple[Coordinates, ...]:
    """The outlines of pixels, along their edges; holes are passed over.

    Parameters
    ----------
    pixels : ndarray
        `(H, W)` of bool.

    Returns
    -------
    tuple of ndarray
        `(N, 2)` each, corners only; one for each piece, pixels that touch at a corner being two; from top to bottom.
    """
    starts, directions = _edges(pixels)
    following = _following(starts, directions, pixels.shape[1] + 1).tolist()
    turns = directions.tolist()
    done = bytearray(len(turns))
    rings = []
    for first in range(len(turns)):
        corners = []
        edge = first
        while not done[edge]:
            done[edge] = True
            after = following[edge]
            if turns[after] != turns[edge]:
                corners.append(after)
            edge = after
        if corners:
            at = starts[corners]
            ring = np.stack((at % (pixels.shape[1] + 1), at // (pixels.shape[1] + 1)), axis=1).astype(np.float64)
            if _signed_area(ring) > 0:
                rings.append(ring)
    return tuple(rings)


def _edges(pixels: NDArray[np.bool_]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Edges between a pixel and none, with the pixel on their right: number of the corner at the start, direction."""
    width = pixels.shape[1] + 1
    framed = np.pad(pixels, 1)
    found = []
    for direction, (beside, corner) in enumerate((((-1, 0), 0), ((0, 1), 1), ((1, 0), width + 1), ((0, -1), width))):
        rows, columns = np.nonzero(framed & ~np.roll(framed, (-beside[0], -beside[1]), (0, 1)))
        found.append(((rows - 1) * width + columns - 1 + corner, np.full(len(rows), direction)))
    starts = np.concatenate([start for start, _ in found]).astype(np.int64)
    directions = np.concatenate([direction for _, direction in found]).astype(np.int64)
    order = np.lexsort((directions, starts))
    return starts[order], directions[order]


def _following(starts: NDArray[np.int64], directions: NDArray[np.int64], width: int) -> NDArray[np.int64]:
    """The number of the edge after each; where two go on, the one that keeps to the pixel."""
    steps = _STEPS[directions]
    ends = starts + steps[:, 0] + width * steps[:, 1]
    following: NDArray[np.int64] = np.searchsorted(starts, ends).astype(np.int64)
    if len(starts):
        second = np.minimum(following + 1, len(starts) - 1)
        following += (second != following) & (starts[second] == ends) & (directions[second] == (directions + 1) % 4)
    return following
