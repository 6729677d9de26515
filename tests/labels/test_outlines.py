"""Rings joined by seams, taken apart again, and traced from pixels."""

from __future__ import annotations

import time

import cv2
import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from augstudio.engine.shapes import Coordinates, Piece
from augstudio.labels.outlines import crosses_itself, joined, parted, traced

SQUARE = np.array(((0, 0), (4, 0), (4, 4), (0, 4)), np.float64)


def filled(pieces: tuple[Piece, ...] | list[Coordinates], size: int = 64) -> NDArray[np.bool_]:
    """By crossings, at pixel centres, as trainers fill."""
    rings = [ring for one in pieces for ring in (one if isinstance(one, tuple) else (one,))]
    centres = np.stack(np.meshgrid(np.arange(size) + 0.5, np.arange(size) + 0.5), axis=-1).reshape(-1, 2)
    inside = np.zeros(len(centres), bool)
    for ring in rings:
        for one, other in zip(ring.tolist(), np.roll(ring, -1, axis=0).tolist(), strict=True):
            (ay, ax), (by, bx) = sorted((one[::-1], other[::-1]))  # so that an edge is the same both ways
            if ay == by:
                continue
            spans = (centres[:, 1] < ay) != (centres[:, 1] < by)
            inside ^= spans & (centres[:, 0] < ax + (centres[:, 1] - ay) / (by - ay) * (bx - ax))
    return inside.reshape(size, size)


def star(x: float, y: float, radii: list[int]) -> Coordinates:
    angles = np.arange(len(radii)) / len(radii) * 2 * np.pi
    return np.stack((x + np.array(radii) * np.cos(angles), y + np.array(radii) * np.sin(angles)), axis=1)


@st.composite
def pieces_apart(draw: st.DrawFn) -> tuple[Piece, ...]:
    """One to four stars in a grid, turning either way, some with a hole."""
    cells = draw(st.lists(st.sampled_from([(16, 16), (48, 16), (16, 48), (48, 48)]), min_size=1, unique=True))
    pieces = []
    for x, y in cells:
        radii = draw(st.lists(st.integers(8, 15), min_size=3, max_size=9))
        ring = star(x, y, radii)
        hole = (star(x, y, [2, 2, 2]),) if draw(st.booleans()) else ()
        pieces.append((ring[::-1] if draw(st.booleans()) else ring, *hole))
    return tuple(pieces)


@given(pieces=pieces_apart())
def test_what_is_joined_covers_the_same_pixels_and_comes_apart_again(pieces: tuple[Piece, ...]) -> None:
    whole = joined(pieces, holes=True)
    assert np.array_equal(filled([whole]), filled(pieces))
    again = parted(whole)
    assert len(again) == len(pieces)
    assert sum(len(piece) for piece in again) == sum(len(piece) for piece in pieces)
    area = sum(shapely.Polygon(piece[0], piece[1:]).area for piece in pieces)
    assert sum(shapely.Polygon(piece[0], piece[1:]).area for piece in again) == pytest.approx(area)
    assert not crosses_itself(again)


@given(pieces=pieces_apart())
def test_without_holes_the_outlines_alone_are_joined(pieces: tuple[Piece, ...]) -> None:
    whole = joined(pieces, holes=False)
    outlines = tuple((piece[0],) for piece in pieces)
    assert np.array_equal(filled([whole]), filled(outlines))
    assert {tuple(point) for point in whole} == {tuple(point) for piece in pieces for point in piece[0]}


def test_a_single_ring_keeps_all_of_its_points() -> None:
    assert np.array_equal(joined(((SQUARE,),), holes=False), SQUARE)
    (piece,) = parted(SQUARE)
    assert np.array_equal(piece[0], SQUARE)


def test_seams_run_between_the_nearest_points() -> None:
    other = SQUARE + np.array((6, 0))
    whole = joined(((SQUARE,), (other,)), holes=False)
    steps = np.abs(np.diff(whole, axis=0)).sum(axis=1)
    assert sorted(steps.tolist())[0] == 2.0
    assert len(whole) == 4 + 4 + 2


def test_points_given_twice_and_the_closing_point_go() -> None:
    ring = np.array(((0, 0), (4, 0), (4, 0), (4, 4), (0, 4), (0, 0)), np.float64)
    (piece,) = parted(ring)
    assert np.array_equal(piece[0], SQUARE)


def test_a_spike_and_a_line_leave_nothing() -> None:
    assert parted(np.array(((0, 0), (4, 0), (8, 0), (4, 0)), np.float64)) == ()
    assert crosses_itself(parted(np.array(((0, 0), (4, 4), (4, 0), (0, 4)), np.float64)))


def test_very_many_pieces_are_joined_in_linear_time() -> None:
    rows, columns = np.divmod(np.arange(40_000), 200)
    pieces = tuple((SQUARE / 8 + (column, row),) for row, column in zip(rows, columns, strict=True))
    begin = time.perf_counter()
    whole = joined(pieces, holes=False)
    assert time.perf_counter() - begin < 5
    assert len(whole) == 40_000 * 6 - 1
    few = joined(pieces[:5001], holes=False)  # still many enough for the short way
    assert len(parted(few)) == 5001


@settings(max_examples=60)
@given(bits=st.lists(st.booleans(), min_size=64, max_size=64))
def test_traced_outlines_cover_the_pixels_and_their_holes(bits: list[bool]) -> None:
    pixels = np.array(bits).reshape(8, 8)
    rings = traced(pixels)
    assert len(rings) == cv2.connectedComponents(pixels.astype(np.uint8), connectivity=4)[0] - 1
    without_holes = np.zeros((8, 8), bool)
    for ring in rings:
        assert shapely.Polygon(ring).buffer(0).area == np.count_nonzero(filled([ring], 8))
        without_holes |= filled([ring], 8)
    assert (without_holes >= pixels).all()
    padded = np.pad(~pixels, 1, constant_values=True)
    _, labels = cv2.connectedComponents(padded.astype(np.uint8), connectivity=8)
    assert np.array_equal(without_holes, (labels != labels[0, 0])[1:-1, 1:-1])


def test_a_large_disc_is_traced_quickly() -> None:
    pixels = np.zeros((3000, 4000), np.uint8)
    cv2.circle(pixels, (2000, 1500), 1400, 1, -1)
    begin = time.perf_counter()
    (ring,) = traced(pixels.astype(bool))
    assert time.perf_counter() - begin < 5
    assert shapely.Polygon(ring).area == np.count_nonzero(pixels)
    assert traced(np.zeros((4, 4), bool)) == ()
