"""Shapes and masks follow the picture: held against pixels, which are moved by nothing but the engine's own kernel."""

from __future__ import annotations

import itertools
import math

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from augstudio.engine import (
    Blur,
    Border,
    BorderMode,
    BoundingBox,
    Box,
    Cutout,
    Fill,
    Frame,
    KeyPoints,
    Mask,
    Plan,
    Polygon,
    Region,
    Sample,
    Step,
    Warp,
)
from augstudio.engine.shapes import corners_of, ring_area

FRAME = Frame(120, 90)
BLANK = Border(BorderMode.BLANK)
STAR = np.array(
    [(60 + r * math.cos(t), 44 + r * math.sin(t)) for r, t in zip([30, 14] * 6, np.linspace(0, 5.76, 12), strict=True)]
)

MOVES: dict[str, Warp] = {
    "flip": Warp.flip(FRAME, horizontal=True, vertical=False),
    "quarter": Warp.quarter_turn(1, FRAME),
    "turn": Warp.rotation(23, FRAME, BLANK),
    "shift": Warp.translation(31.3, -22.6, FRAME, BLANK),
    "crop": Warp.window((20.4, 11.2, 77.7, 60.9), FRAME, FRAME.size),
    "shrink": Warp.about_centre((0.6, 0, 0, 0.6), FRAME, BLANK),
    "shear": Warp.about_centre((1, 0.3, 0.1, 1.03), FRAME, BLANK),
    "perspective": Warp.corners(((9, 5), (-12, 3), (4, -8), (2, 6)), FRAME, BLANK),
    "resize": Warp.window((0, 0, 120, 90), FRAME, (64, 64)),
}


def painted(polygon: Polygon, size: tuple[int, int], finer: int = 1) -> np.ndarray:
    """The pixels whose centres lie in a polygon, by an even-odd count of crossings; slow, and of nobody's library."""
    width, height = size
    x, y = np.meshgrid((np.arange(width * finer) + 0.5) / finer, (np.arange(height * finer) + 0.5) / finer)
    inside = np.zeros(x.shape, bool)
    for piece in polygon.pieces:
        odd = np.zeros(x.shape, bool)
        for ring in piece:
            for (ax, ay), (bx, by) in zip(ring, np.roll(ring, -1, axis=0), strict=True):
                if ay != by:
                    odd ^= ((ay > y) != (by > y)) & (x < (bx - ax) * (y - ay) / (by - ay) + ax)
        inside |= odd
    return inside


def perimeter(polygon: Polygon) -> float:
    return sum(
        float(np.hypot(*(np.roll(ring, -1, axis=0) - ring).T).sum()) for piece in polygon.pieces for ring in piece
    )


CHAINS = [
    *((name,) for name in MOVES if name != "quarter"),
    ("quarter",),
    ("crop", "turn"),
    ("turn", "crop"),
    ("shear", "perspective", "shift"),
]


@pytest.mark.parametrize("apart", [False, True], ids=["fused", "apart"])
@pytest.mark.parametrize("names", CHAINS, ids="-".join)
def test_polygons_and_regions_agree_with_pixels(names: tuple[str, ...], apart: bool) -> None:
    steps: list[Step] = [
        *itertools.chain.from_iterable((MOVES[name], Blur(1)) if apart else (MOVES[name],) for name in names)
    ]
    plan = Plan.of(FRAME, tuple(steps))
    assert (len([s for s in plan.steps if isinstance(s, Warp)]) == len(names)) or not apart
    before = Polygon.of(0, STAR)
    source = painted(before, FRAME.size)
    polygon, region = plan.moved((before, Region(0, source)))
    assert isinstance(polygon.seen, Polygon)
    assert isinstance(region.seen, Region)
    there = painted(polygon.seen, plan.size)
    # Enlarged, a mask's pixels are as large as that.
    pixel = max(1.0, math.sqrt(ring_area(plan.points().forward(STAR)) / before.area))
    assert np.count_nonzero(there != region.seen.whole(plan.size)) <= pixel * perimeter(polygon.seen) / 2
    for one, other in zip(polygon.seen.bounds, region.seen.bounds, strict=True):
        assert abs(one - other) <= 1.5 * pixel  # tips of the star may lie between centres
    assert polygon.share == pytest.approx(region.share, abs=0.04)


@pytest.mark.parametrize("names", CHAINS, ids="-".join)
def test_a_region_moves_as_the_mask_of_the_whole_picture_would(names: tuple[str, ...]) -> None:
    """Only the part that holds the object is kept, and no more than that is looked at."""
    rng = np.random.default_rng(4)
    mask = np.zeros((90, 120), bool)
    mask[20:70, 35:100] = rng.random((50, 65)) > 0.4
    step = tuple(MOVES[name] for name in names)
    plan = Plan.of(FRAME, step)
    region = Region.within(3, mask)
    assert region.pixels.shape == (50, 65)
    (moved,) = plan.moved([region])
    (whole,) = plan.masks([Mask(mask.view(np.uint8), (0,))])
    assert isinstance(moved.seen, Region)
    assert np.array_equal(moved.seen.whole(plan.size), whole.pixels.astype(bool))
    assert Region(3, region.whole(FRAME.size)) == region


def test_what_a_crop_has_lost_does_not_come_back_when_a_blur_keeps_it_from_the_rotation() -> None:
    crop, turn = MOVES["crop"], Warp.rotation(45, FRAME, BLANK)
    lost = BoundingBox(0, 2, 2, 15, 10)  # outside the crop; turned with it, its place would be inside the frame
    fused, apart = (
        Plan.of(FRAME, (crop, Warp.about_centre((0.4, 0, 0, 0.4), FRAME, BLANK))),
        Plan.of(FRAME, (crop, Blur(2), Warp.about_centre((0.4, 0, 0, 0.4), FRAME, BLANK))),
    )
    assert fused.moved([lost])[0].seen is not None
    assert apart.moved([lost])[0].seen is None
    partly = BoundingBox(0, 0, 20, 40, 50)
    for plan in (Plan.of(FRAME, (crop, Blur(2), turn)), apart):
        (moved,) = plan.moved([partly])
        wanted = (40 - 20.4) / 40
        assert moved.cut == pytest.approx(wanted, abs=1e-6) or plan is not apart
        assert moved.cut <= wanted + 1e-6


def test_there_and_back_leaves_boxes_as_they_were() -> None:
    """Once through the composed geometry: step by step they would be 3.48 times as large."""
    plan = Plan.of(FRAME, (Warp.rotation(30, FRAME, BLANK), Warp.rotation(-30, FRAME, BLANK)))
    box = BoundingBox(0, 30, 20, 70, 60)
    assert plan.moved([box])[0].seen == box
    # Two resamplings: the points still go once.
    plan = Plan.of(FRAME, (Warp.rotation(30, FRAME, BLANK), Blur(1), Warp.rotation(-30, FRAME, BLANK)))
    (moved,) = plan.moved([box])
    assert isinstance(moved.seen, BoundingBox)
    assert moved.seen.bounds == pytest.approx(box.bounds, abs=1e-9)


@given(
    st.tuples(*(st.floats(1, 40),) * 2, *(st.floats(3, 40),) * 2),
    st.floats(-180, 180),
    st.sampled_from([name for name in MOVES if name not in ("quarter", "turn")]),
)
def test_an_ellipse_is_boxed_exactly(box: tuple[float, float, float, float], degrees: float, name: str) -> None:
    """An object that is an ellipse, as a polygon of many corners, has the very box that its box becomes."""
    left, top, width, height = box
    angles = np.linspace(0, 2 * np.pi, 720, endpoint=False)
    ring = np.stack((left + width / 2 * (1 + np.cos(angles)), top + height / 2 * (1 + np.sin(angles))), axis=1)
    bounding = BoundingBox(0, left, top, left + width, top + height)
    plan = Plan.of(FRAME, (Warp.about_centre((0.5, 0, 0, 0.5), FRAME, BLANK), Warp.rotation(degrees, FRAME, BLANK)))
    found, exact = plan.moved((bounding, Polygon.of(0, ring)))
    assert isinstance(found.seen, BoundingBox)
    assert isinstance(exact.seen, Polygon)
    if not plan.points().is_upright:
        assert found.seen.bounds == pytest.approx(exact.seen.bounds, abs=0.02)
        (loose,) = plan.moved([bounding], loose=True)
        assert isinstance(loose.seen, BoundingBox)
        assert loose.seen.area >= found.seen.area - 1e-6
        assert loose.seen.bounds == pytest.approx(
            Polygon.of(0, plan.points().forward(corners_of(bounding.bounds))).bounds, abs=1e-6
        )


@given(st.lists(st.sampled_from([name for name in MOVES if name != "quarter"]), max_size=4), st.booleans(), st.data())
def test_shares_are_those_of_an_oracle_in_pixels(names: list[str], apart: bool, data: st.DataObject) -> None:
    steps: list[Step] = []
    size = FRAME.size
    for name in names:
        if MOVES[name].source != size:
            continue
        steps += [MOVES[name], Blur(1)] if apart else [MOVES[name]]
        size = MOVES[name].target
    plan = Plan.of(FRAME, tuple(steps))
    left, top = data.draw(st.integers(0, 90)), data.draw(st.integers(0, 60))
    box = BoundingBox(0, left, top, left + data.draw(st.integers(5, 30)), top + data.draw(st.integers(5, 30)))
    (moved,) = plan.moved([box])
    # Points of the box, each followed through every frame by itself.
    x, y = np.meshgrid(np.linspace(box.left, box.right, 41)[:-1], np.linspace(box.top, box.bottom, 41)[:-1])
    points = np.stack((x.ravel() + (box.right - box.left) / 80, y.ravel() + (box.bottom - box.top) / 80), axis=1)
    seen = np.ones(len(points), bool)
    for step in plan.steps:
        if isinstance(step, Warp):
            points = step.forward(points)
            with np.errstate(invalid="ignore"):
                seen &= (points >= 0).all(axis=1) & (points <= step.target).all(axis=1)
    assert moved.cut == pytest.approx(seen.mean(), abs=0.12 if "perspective" in names else 0.05)
    if isinstance(moved.seen, BoundingBox):
        width, height = plan.size
        assert 0 <= moved.seen.left <= moved.seen.right <= width
        assert 0 <= moved.seen.top <= moved.seen.bottom <= height
    assert 0 <= moved.share <= moved.cut <= 1
    assert 0 <= moved.fit <= 1 + 1e-9


def test_cut_outs_hide_also_where_they_are_moved_afterwards() -> None:
    hole = Cutout((Box(30, 20, 70, 40),), Fill.BLACK, 0)
    box = BoundingBox(0, 30, 20, 70, 60)
    polygon = Polygon.of(1, corners_of(box.bounds))
    region = Region(2, painted(polygon, FRAME.size))
    points = KeyPoints(3, np.array([(40.0, 30), (40, 50)]))
    for steps in ((hole,), (hole, MOVES["flip"]), (hole, Warp.about_centre((0.5, 0.2, 0, 0.5), FRAME, BLANK))):
        plan = Plan.of(FRAME, steps)
        for moved in plan.moved((box, polygon, region, points)):
            assert moved.share == pytest.approx(0.5, abs=0.06 if isinstance(moved.before, Region) else 0.001)
            assert moved.cut == pytest.approx(1, abs=0.02)
    assert len(plan.hidden) == 1
    assert ring_area(plan.hidden[0]) == pytest.approx(40 * 20 * 0.25)


def test_a_polygon_that_is_cut_in_two_has_two_pieces_and_holes_stay() -> None:
    ring = np.array([(10, 10), (50, 10), (50, 60), (40, 60), (40, 20), (20, 20), (20, 60), (10, 60)], float)
    plan = Plan.of(FRAME, (Warp.window((0, 30, 120, 90), FRAME, (120, 60)),))
    (moved,) = plan.moved([Polygon.of(0, ring)])
    assert isinstance(moved.seen, Polygon)
    assert len(moved.seen.pieces) == 2
    assert moved.seen.area == pytest.approx(600)
    whole = Polygon(0, ((corners_of((20, 20, 60, 60)), corners_of((30, 30, 50, 50))),))
    (moved,) = Plan.of(FRAME, (MOVES["shift"],)).moved([whole])
    assert isinstance(moved.seen, Polygon)
    assert moved.seen.area < 1600 - 300
    (moved,) = Plan.of(FRAME, (MOVES["flip"],)).moved([whole])
    assert isinstance(moved.seen, Polygon)
    assert [len(piece) for piece in moved.seen.pieces] == [2]
    assert moved.seen.area == pytest.approx(1600 - 400)


def test_vertices_stay_what_they_are_where_nothing_is_cut() -> None:
    (moved,) = Plan.of(FRAME, (MOVES["turn"],)).moved([Polygon.of(0, STAR)])
    assert isinstance(moved.seen, Polygon)
    assert np.array_equal(moved.seen.pieces[0][0], MOVES["turn"].forward(STAR))
    assert moved.share == 1


def test_points_that_are_not_seen_are_nan() -> None:
    points = KeyPoints(0, np.array([(1.0, 1), (60, 45), (119, 89)]))
    (moved,) = Plan.of(FRAME, (MOVES["crop"],)).moved([points])
    assert isinstance(moved.seen, KeyPoints)
    assert np.isnan(moved.seen.points).any(axis=1).tolist() == [True, False, True]
    assert moved.share == pytest.approx(1 / 3)


@pytest.mark.parametrize("mode", list(BorderMode))
def test_a_mask_shows_what_the_border_shows(mode: BorderMode) -> None:
    """Mirrored and tiled, classes are seen again; where there is no picture, the fill says that nothing is known."""
    rng = np.random.default_rng(1)
    classes = cv2.resize(rng.integers(0, 4, (9, 12), np.uint8), FRAME.size, interpolation=cv2.INTER_NEAREST)
    step = Warp.about_centre((0.5, 0.0, 0.0, 0.5), FRAME, Border(mode))
    plan = Plan.of(FRAME, (step,))
    out = plan.apply(Sample(classes * 60, masks=(Mask(classes, (255,)),)))
    (mask,) = out.masks
    if mode in (BorderMode.MIRROR, BorderMode.TILE):
        assert set(np.unique(mask.pixels)) <= {0, 1, 2, 3}
        sure = np.abs(out.pixels.astype(int) - 60 * mask.pixels) <= 2
        assert sure.mean() > 0.7  # between classes, the picture is averaged
    else:
        assert (mask.pixels == 255).mean() == pytest.approx(0.75, abs=0.01)
    assert mask.pixels.dtype == np.uint8


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
@pytest.mark.parametrize("name", list(MOVES))
def test_masks_hold_no_level_that_they_did_not_hold(name: str, dtype: type) -> None:
    rng = np.random.default_rng(2)
    levels = np.array([0, 7, 19, 250], dtype) * (257 if dtype is np.uint16 else 1)
    picture = rng.integers(0, 255, (90, 120, 3), np.uint8)
    for mask in (levels[rng.integers(0, 4, (90, 120))], levels[rng.integers(0, 4, (90, 120, 3))]):
        fill = (0,) * (1 if mask.ndim == 2 else 3)
        out = Plan.of(FRAME, (MOVES[name],)).apply(Sample(picture, masks=(Mask(mask, fill),)))
        assert set(np.unique(out.masks[0].pixels)) <= set(levels.tolist())
        assert out.masks[0].pixels.shape[:2] == out.pixels.shape[:2]
        assert out.masks[0].pixels.dtype == dtype


def test_a_picture_alone_is_given_back_alone_and_the_same() -> None:
    picture = np.random.default_rng(3).integers(0, 255, (90, 120, 3), np.uint8)
    plan = Plan.of(FRAME, (MOVES["turn"], Blur(1)))
    alone = plan.apply(picture)
    together = plan.apply(Sample(picture, (BoundingBox(0, 10, 10, 50, 50),)))
    assert isinstance(alone, np.ndarray)
    assert np.array_equal(alone, together.pixels)
    assert len(together.shapes) == 1


def test_reading_at_an_eighth_is_one_of_the_geometries() -> None:
    read = Warp.window((0, 0, 960, 720), Frame(960, 720), FRAME.size)
    box = BoundingBox(0, 160, 80, 400, 640)
    plan = Plan.of(FRAME, (MOVES["flip"],))
    (moved,) = plan.moved([box], read=read)
    assert isinstance(moved.seen, BoundingBox)
    assert moved.seen.bounds == pytest.approx((120 - 50, 10, 120 - 20, 80))
    assert plan.points(read=read).is_identity is False
    assert Plan.of(FRAME, ()).points().is_identity


def test_what_lies_behind_the_camera_is_not_seen() -> None:
    """A shift that brings far parts of the plane before a strong perspective."""
    tilt = Warp.corners(((50, 0), (-50, 0), (0, 0), (0, 0)), FRAME, BLANK)
    plan = Plan.of(FRAME, (Warp.translation(0, -300, FRAME, BLANK), tilt))
    for moved in plan.moved((BoundingBox(0, 10, 10, 100, 80), Polygon.of(0, STAR), KeyPoints(0, STAR))):
        assert moved.seen is None
        assert moved.share == 0
