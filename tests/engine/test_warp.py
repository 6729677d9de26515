"""Geometry, held against the oracle: continuous functions of points on an endless plane."""

from __future__ import annotations

import itertools
import math

import cv2
import numpy as np
import pictures
import pytest
import reference
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from augstudio.engine import Border, BorderMode, Frame, Plan, Step, Warp
from augstudio.engine.matrices import inverse
from augstudio.engine.pixels import to_levels
from augstudio.engine.resampling import _crop_to_need, _seen, _spans

BORDERS = tuple(Border(mode, (200, 30, 90)) for mode in BorderMode)
LEVELS = {np.uint8: 1, np.uint16: 16}
"""Allowed distance from an exact linear interpolation (OpenCV 5 keeps 0.51 and 5 levels, even on noise)."""


def moves(frame: Frame, border: Border) -> dict[str, Warp]:
    """Warps of every kind that do not shrink, each with a border."""
    w, h = frame.size
    tilt = ((0.1 * w, 0.05 * h), (-0.02 * w, 0.08 * h), (0, -0.1 * h), (0.03 * w, 0))
    return {
        "turned": Warp.rotation(17, frame, border),
        "turned far": Warp.rotation(-163, frame, border),
        "shifted": Warp.translation(0.37 * w, -0.21 * h, frame, border),
        "shifted out": Warp.translation(-w, 0.9 * h, frame, border),
        "sheared": Warp.about_centre((1, 0.3, -0.2, 0.94), frame, border),
        "shrunk a little": Warp.about_centre((0.7, 0, 0, 0.7), frame, border),
        "enlarged": Warp.window((0.3 * w, 0.1 * h, 0.7 * w, 0.6 * h), frame, (2 * w, 2 * h + 1), border),
        "tilted": Warp.corners(tilt, frame, border),
    }


def exact(warp: Warp, picture: pictures.Pixels, samples: int | None = None) -> reference.Floats:
    """What the oracle sees through a warp's matrix."""
    inverse = np.linalg.inv(warp.array)

    def back(x: reference.Floats, y: reference.Floats) -> reference.Points:
        u, v, w = (row[0] * x + row[1] * y + row[2] for row in inverse)
        return u / w, v / w

    border = warp.border or Border(BorderMode.EDGE)
    outside = reference.Outside(border.mode.value, to_levels(border.colour, picture))
    seen = reference.look(np.atleast_3d(picture).astype(float), [back], warp.target, outside, samples)
    return seen[..., 0] if picture.ndim == 2 else seen


# -- the kernel ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("dtype", pictures.DTYPES)
@pytest.mark.parametrize("border", BORDERS, ids=lambda border: border.mode.value)
@pytest.mark.parametrize("channels", [1, 3])
def test_every_warp_is_a_linear_interpolation_of_the_endless_plane(dtype: type, border: Border, channels: int) -> None:
    for height, width in pictures.SHAPES:
        picture = pictures.smooth(height, width, channels, dtype)
        for name, warp in moves(Frame(width, height), border).items():
            off = reference.furthest(warp.apply(picture), exact(warp, picture))
            assert off <= LEVELS[dtype], (name, height, width, off)


@pytest.mark.parametrize(("dtype", "levels"), [(np.uint8, 0.52), (np.uint16, 5)])
def test_on_noise_the_interpolation_is_as_exact_as_was_measured(dtype: type, levels: float) -> None:
    picture = pictures.noise(120, 160, 3, dtype)
    for border in BORDERS:
        for name, warp in moves(Frame(160, 120), border).items():
            off = reference.furthest(warp.apply(picture), exact(warp, picture))
            assert off <= levels, (name, border, off)


def test_doubling_the_size_shifts_nothing_by_half_a_pixel() -> None:
    row = np.arange(0, 250, 10, dtype=np.uint8)
    ramp = np.tile(row, (25, 1))
    double = Warp.window((0, 0, 25, 25), Frame(25, 25), (50, 50)).apply(ramp)
    # Target pixel i has its centre at (i + 0.5) / 2 in the source, whose pixel j has level 10 j at j + 0.5.
    expected = np.clip(10 * ((np.arange(50) + 0.5) / 2 - 0.5), 0, 240)
    assert np.abs(double - expected).max() <= 0.51
    assert np.abs(double.T - expected).max() > 100, "the ramp runs along x"


def test_resizing_there_and_back_stays_in_place() -> None:
    picture = pictures.smooth(40, 60)
    up = Warp.window((0, 0, 60, 40), Frame(60, 40), (180, 120))
    down = Warp.window((0, 0, 180, 120), Frame(180, 120), (60, 40))
    again = down.apply(up.apply(picture))
    assert reference.psnr(again, picture) > 30
    for x, y in ((1, 0), (0, 1), (-1, 0), (0, -1)):
        assert reference.psnr(np.roll(again, (y, x), (0, 1)), picture) < reference.psnr(again, picture) - 6


# -- what only copies ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("shape", pictures.SHAPES)
def test_flips_and_quarter_turns_move_whole_pixels(shape: tuple[int, int]) -> None:
    for dtype, channels in itertools.product(pictures.DTYPES, (1, 3)):
        picture = pictures.noise(*shape, channels, dtype)
        frame = Frame(shape[1], shape[0])
        for turns in range(-1, 6):
            turned = Warp.quarter_turn(turns, frame).apply(picture)
            assert np.array_equal(turned, np.rot90(picture, turns)), turns
        assert np.array_equal(Warp.flip(frame, horizontal=True, vertical=False).apply(picture), picture[:, ::-1])
        assert np.array_equal(Warp.flip(frame, horizontal=False, vertical=True).apply(picture), picture[::-1])
        assert np.array_equal(Warp.flip(frame, horizontal=True, vertical=True).apply(picture), picture[::-1, ::-1])


@given(st.data())
def test_any_chain_of_flips_quarter_turns_and_whole_crops_copies_exactly(data: st.DataObject) -> None:
    height, width = data.draw(st.integers(1, 12)), data.draw(st.integers(1, 12))
    expected = picture = pictures.noise(height, width)
    frame = Frame(width, height)
    chain: list[Step] = []
    for _ in range(data.draw(st.integers(1, 6))):
        w, h = frame.size
        match data.draw(st.sampled_from(["flip", "turn", "crop"])):
            case "flip":
                horizontal = data.draw(st.booleans())
                warp = Warp.flip(frame, horizontal=horizontal, vertical=not horizontal)
                expected = expected[:, ::-1] if horizontal else expected[::-1]
            case "turn":
                turns = data.draw(st.integers(1, 3))
                warp = Warp.quarter_turn(turns, frame)
                expected = np.rot90(expected, turns)
            case _:
                left, right = sorted(data.draw(st.tuples(st.integers(0, w), st.integers(0, w))))
                top, bottom = sorted(data.draw(st.tuples(st.integers(0, h), st.integers(0, h))))
                left, top = min(left, w - 1), min(top, h - 1)
                right, bottom = max(right, left + 1), max(bottom, top + 1)
                warp = Warp.window((left, top, right, bottom), frame, (right - left, bottom - top))
                expected = expected[top:bottom, left:right]
        chain.append(warp)
        frame = frame.resized(warp.target)
    plan = Plan.of(Frame(width, height), tuple(chain))
    assert len(plan.steps) <= 1
    assert np.array_equal(plan.apply(picture), expected)


def test_a_crop_on_whole_pixels_is_a_view() -> None:
    picture = pictures.noise(37, 53)
    part = Warp.window((3, 5, 40, 36), Frame(53, 37), (37, 31)).apply(picture)
    assert np.array_equal(part, picture[5:36, 3:40])
    assert np.shares_memory(part, picture)


def test_a_shift_by_whole_pixels_copies_levels() -> None:
    picture = pictures.noise(20, 30)
    moved = Warp.translation(7, -3, Frame(30, 20), Border(BorderMode.BLANK, (1, 2, 3))).apply(picture)
    assert np.array_equal(moved[:17, 7:], picture[3:, :23])
    assert (moved[17:] == (1, 2, 3)).all()
    assert (moved[:, :7] == (1, 2, 3)).all()


# -- borders -------------------------------------------------------------------------------------------------------


def test_borders_show_what_they_say() -> None:
    picture = np.array([[10, 20, 30]], np.uint8)
    expected = {
        BorderMode.BLANK: [7, 7, 10, 20],
        BorderMode.MIRROR: [20, 10, 10, 20],
        BorderMode.EDGE: [10, 10, 10, 20],
        BorderMode.TILE: [20, 30, 10, 20],
    }
    for mode, row in expected.items():
        shifted = Warp((1.0, 0.0, 2.0, 0.0, 1.0, 0.0, 0.0, 0.0, 1.0), (3, 1), (4, 1), Border(mode, (7, 7, 7)))
        assert shifted.apply(picture).tolist() == [row], mode


def test_a_blank_border_is_opaque_and_has_its_colour_at_every_depth() -> None:
    away = Warp.translation(100, 0, Frame(10, 10), Border(BorderMode.BLANK, (255, 128, 0)))
    for dtype, top in ((np.uint8, 255), (np.uint16, 65535)):
        for channels in pictures.CHANNELS:
            out = Plan.of(Frame(10, 10), (away,)).apply(np.zeros((10, 10, channels)[: 2 + (channels > 1)], dtype))
            colour = [255, 128, 0] if channels >= 3 else [round(0.299 * 255 + 0.587 * 128)]
            expected = [level * top // 255 for level in colour] + ([top] if channels in (2, 4) else [])
            if channels in (1, 2):  # luma is rounded once, at the picture's own depth
                assert abs(int(out.ravel()[0]) - expected[0]) <= top // 255
                expected[0] = int(out.ravel()[0])
            assert np.unique(out.reshape(-1, channels), axis=0).tolist() == [expected]


# -- algebra -------------------------------------------------------------------------------------------------------


@given(st.floats(-180, 180), st.integers(1, 5000), st.integers(1, 5000))
def test_a_turn_and_its_opposite_are_nothing_at_all(angle: float, width: int, height: int) -> None:
    frame, border = Frame(width, height), Border()
    both = Warp.rotation(angle, frame, border).then(Warp.rotation(-angle, frame, border))
    assert both is not None
    assert np.abs(both.array - np.eye(3)).max() < 1e-9
    assert Plan.of(frame, (Warp.rotation(angle, frame, border), Warp.rotation(-angle, frame, border))).steps == ()


def test_counter_clockwise_is_counter_clockwise() -> None:
    picture = np.zeros((21, 21), np.uint8)
    picture[10, 18] = 255  # on the right
    turned = Warp.rotation(90, Frame(21, 21), Border()).apply(picture)
    assert turned[2, 10] == 255, "it comes to the top"
    assert np.array_equal(turned, np.rot90(picture))


@given(st.data())
def test_warps_merge_in_any_grouping(data: st.DataObject) -> None:
    frame, border = Frame(40, 30), Border()
    chosen = data.draw(st.lists(st.sampled_from(sorted(moves(frame, border))), min_size=3, max_size=3))
    a, b, c = (moves(frame, border)[name] for name in chosen)
    ab, bc = a.then(b), b.then(c)
    assert ab is not None
    assert bc is not None
    left, right = ab.then(c), a.then(bc)
    assert left is not None
    assert right is not None
    scale = np.abs(left.array).max()
    assert np.allclose(left.array / scale, right.array / scale, atol=1e-9)


def test_only_equal_borders_merge_and_none_goes_with_any() -> None:
    frame = Frame(20, 10)
    black, white = Border(BorderMode.BLANK, (0, 0, 0)), Border(BorderMode.BLANK, (255, 255, 255))
    mirror, painted = Border(BorderMode.MIRROR, (0, 0, 0)), Border(BorderMode.MIRROR, (9, 9, 9))
    turn = {border: Warp.rotation(5, frame, border) for border in (black, white, mirror, painted)}
    assert turn[black].then(turn[white]) is None
    assert turn[black].then(turn[mirror]) is None
    assert turn[mirror].then(turn[painted]) is not None, "a mirror has no colour"
    flip = Warp.flip(frame, horizontal=True, vertical=False)
    for first, second in ((flip, turn[black]), (turn[black], flip)):
        merged = first.then(second)
        assert merged is not None
        assert merged.border == black


def test_warps_of_every_pair_merge_into_what_they_show_one_after_the_other() -> None:
    """Fused, a pair is one look at the endless plane: the oracle composes functions, the engine matrices."""
    picture = pictures.smooth(48, 64)
    frame = Frame(64, 48)
    for border in BORDERS:
        for (name_a, a), (name_b, b) in itertools.permutations(moves(frame, border).items(), 2):
            if a.target != frame.size:
                continue
            plan = Plan.of(frame, (a, b))
            assert len(plan.steps) == 1
            merged = a.then(b)
            assert merged is not None
            jacobian = merged.array[:2, :2]
            if abs(np.linalg.det(jacobian)) < 0.35:  # it shrinks: held against an area average below
                continue
            off = reference.furthest(plan.apply(picture), exact(merged, picture))
            assert off <= 1, (name_a, name_b, border.mode, off)


def test_what_a_crop_leaves_out_is_still_there_for_a_rotation() -> None:
    picture = pictures.smooth(60, 60)
    frame = Frame(60, 60)
    crop = Warp.window((20, 20, 40, 40), frame, (60, 60))
    turn = Warp.rotation(45, frame, Border(BorderMode.BLANK, (255, 0, 255)))
    out = Plan.of(frame, (crop, turn)).apply(picture)
    merged = crop.then(turn)
    assert merged is not None
    assert merged.outside_share() == 0, "the corners lie in what was cropped"
    assert reference.furthest(out, exact(merged, picture)) <= 1


def test_the_share_of_the_frame_that_lies_outside() -> None:
    frame, border = Frame(400, 400), Border()
    assert Warp.rotation(0, frame, border).outside_share() == 0
    for scale in (0.9, 0.5, 0.25):
        shrunk = Warp.about_centre((scale, 0, 0, scale), frame, border)
        assert shrunk.outside_share() == pytest.approx(1 - scale**2, abs=0.02)
    assert Warp.translation(100, 0, frame, border).outside_share() == pytest.approx(0.25, abs=0.01)
    # A square turned by 45° covers all of itself but four corners.
    assert Warp.rotation(45, frame, border).outside_share() == pytest.approx(1 - 2 * (math.sqrt(2) - 1), abs=0.01)
    out = Warp.translation(401, 0, frame, border)
    assert out.outside_share() == 1
    tilted = Warp.corners(((100, 100), (0, 0), (0, 0), (0, 0)), frame, border)
    gone = tilted.then(Warp.translation(0, 3000, frame, border))
    assert gone is not None
    assert gone.outside_share() == 1


def test_the_sign_of_a_perspective_survives_merging() -> None:
    """What lies before the camera is told by the sign of w, also where the source's first corner lies behind it."""
    frame, border = Frame(100, 100), Border()
    moved = Warp.translation(500, 0, frame, border)
    tilt = Warp.corners(((0, 30), (0, 0), (0, 0), (0, -30)), frame, border)  # what lies far to the right is behind us
    back = Warp.translation(-500, 0, frame, border)
    merged = moved.then(tilt)
    assert merged is not None
    assert merged.array[2, 2] < 0
    assert merged.outside_share() == 1
    whole = Warp.translation(40, 0, frame, border).then(tilt)
    assert whole is not None
    assert 0.3 < whole.outside_share() < 0.6
    there_and_back = moved.then(back)
    assert there_and_back is not None
    assert there_and_back.is_identity()


# -- shrinking -----------------------------------------------------------------------------------------------------


def shrunk(picture: pictures.Pixels, scale: float, degrees: float = 0) -> tuple[pictures.Pixels, reference.Floats]:
    """A picture made smaller (and turned), and the exact area average of the same."""
    height, width = picture.shape[:2]
    target = round(width * scale), round(height * scale)
    frame = Frame(width, height)
    small = Warp.rotation(degrees, frame, Border()).then(Warp.window((0, 0, width, height), frame, target))
    assert small is not None
    return small.apply(picture), exact(small, picture, samples=max(4, math.ceil(3 / scale)))


@pytest.mark.parametrize(
    ("scale", "least"),
    [(0.9, 40), (0.8, 37), (0.7, 35), (0.6, 34), (0.5, 55), (0.4, 35), (0.35, 35), (0.3, 34), (0.25, 50), (0.2, 50)],
)
def test_shrinking_comes_near_the_area_average(scale: float, least: float) -> None:
    picture = pictures.smooth(160, 200, seed=3)
    found, expected = shrunk(picture, scale)
    assert reference.psnr(found, expected) > least
    assert abs(found.mean() - expected.mean()) < 0.6


@pytest.mark.parametrize("degrees", [0, 10, 45])
def test_shrinking_text_does_not_alias(degrees: float) -> None:
    page = pictures.text(240, 240)
    for scale in (0.45, 0.35, 0.25, 0.15):
        found, expected = shrunk(page, scale, degrees)
        assert reference.psnr(found, expected) > 20, scale
        naive = cv2.resize(page, found.shape[1::-1], interpolation=cv2.INTER_LINEAR)
        if degrees == 0:
            assert reference.psnr(found, expected) > reference.psnr(naive, expected) + 1.5, scale


def test_one_axis_alone_may_shrink() -> None:
    page = pictures.text(120, 200)
    squeezed = Warp.window((0, 0, 200, 120), Frame(200, 120), (40, 120))
    found = squeezed.apply(page)
    assert reference.psnr(found, cv2.resize(page, (40, 120), interpolation=cv2.INTER_AREA)) > 40


@pytest.mark.slow
def test_shrinking_photographs() -> None:
    """Figures that are stated in the kernel's docstring: the rounding of the factor is the best of the simple rules."""
    found: dict[float, list[float]] = {}
    for file in pictures.PHOTOGRAPHS[::3]:
        picture = np.asarray(Image.open(file).convert("RGB"))[:360, :360]
        for scale in (0.9, 0.6, 0.5, 0.35, 0.2):
            found.setdefault(scale, []).append(reference.psnr(*shrunk(picture, scale)))
    means = {scale: float(np.mean(values)) for scale, values in found.items()}
    least = {0.9: 47, 0.6: 41, 0.5: 57, 0.35: 40, 0.2: 57}
    assert all(means[scale] > least[scale] for scale in least), means


def test_a_crop_filters_no_more_than_it_needs_and_shows_the_same() -> None:
    """Cutting the source down before filtering is a shortcut, so it must not be seen."""
    picture = pictures.smooth(400, 400)
    frame = Frame(400, 400)
    part = Warp.window((100.3, 90.7, 300.1, 310.2), frame, (70, 80), Border())
    assert reference.psnr(part.apply(picture), exact(part, picture, samples=8)) > 35
    turned = Warp.rotation(30, frame, Border()).then(part)
    assert turned is not None
    assert reference.psnr(turned.apply(picture), exact(turned, picture, samples=8)) > 35


# -- extremes ------------------------------------------------------------------------------------------------------


@given(st.lists(st.floats(-0.24, 0.24), min_size=8, max_size=8), st.integers(1, 30), st.integers(1, 30))
def test_moved_corners_arrive_where_they_were_sent(shares: list[float], width: int, height: int) -> None:
    offsets = tuple((x * width, y * height) for x, y in zip(shares[::2], shares[1::2], strict=True))
    warp = Warp.corners(offsets, Frame(width, height), Border())
    for (x, y), (dx, dy) in zip(((0, 0), (width, 0), (width, height), (0, height)), offsets, strict=True):
        u, v, w = warp.array @ (x, y, 1)
        assert w > 0
        assert (u / w, v / w) == pytest.approx((x + dx, y + dy), abs=1e-6)
    assert np.isfinite(np.linalg.inv(warp.array)).all()


@pytest.mark.parametrize("border", BORDERS, ids=lambda border: border.mode.value)
def test_hopeless_matrices_neither_raise_nor_warn(border: Border) -> None:
    picture = pictures.noise(9, 12)
    frame = Frame(12, 9)
    tilt = Warp.corners(((5, 4), (-5, 4), (5, 4), (-5, 4)), frame, border)
    for warp in (
        Warp.about_centre((1e-6, 0, 0, 1e-6), frame, border),
        Warp.about_centre((1e-60, 0, 0, 1e-60), frame, border),
        Warp.about_centre((1e6, 0, 0, 1e6), frame, border),
        Warp.translation(1e5, -1e5, frame, border),
        tilt,
        tilt.then(Warp.translation(1e4, 0, frame, border)),
        tilt.then(tilt),
        Warp.window((0, 0, 12, 9), frame, (1, 500), border),
    ):
        assert warp is not None
        out = warp.apply(picture)
        assert out.shape == (warp.target[1], warp.target[0], 3)
        assert 0 <= warp.outside_share() <= 1


def behind_us(target: tuple[int, int], *, moved: float = 100) -> tuple[Warp, reference.Floats]:
    """A steep perspective, seen where part of the target lies behind the camera; and w at the target's pixels."""
    frame, border = Frame(400, 400), Border(BorderMode.BLANK, (9, 90, 200))
    tilt = Warp.corners(((0, 120), (0, 0), (0, 0), (0, -120)), frame, border)
    warp = Warp.translation(moved, 0, frame, border).then(tilt)
    assert warp is not None
    warp = warp.then(Warp.window((-900, -200, 1100, 600), frame, target, border))
    assert warp is not None
    x, y = np.meshgrid(np.arange(target[0]) + 0.5, np.arange(target[1]) + 0.5)
    g, h, i = np.linalg.inv(warp.array)[2]
    w = g * x + h * y + i
    assert (w < 0).any()
    assert (w > 0).any()
    return warp, w


def test_what_lies_behind_the_camera_takes_nothing_away_from_what_lies_before_it() -> None:
    """A corner of the target behind the camera says nothing of how much of the source is needed."""
    warp, w = behind_us((200, 160))
    picture = pictures.smooth(400, 400)
    found, expected = warp.apply(picture), exact(warp, picture, samples=6)
    near = (w > 0.2 * w.max()) & (w > 0)
    assert reference.psnr(found[near], expected[near]) > 25
    x, y = np.meshgrid(np.linspace(0, 200, 400), np.linspace(0, 160, 400))
    a, b, c, d, e, f, g, h, i = np.linalg.inv(warp.array).ravel()
    z = g * x + h * y + i
    u, v = (a * x + b * y + c) / z, (d * x + e * y + f) / z
    inside = (z > 0) & (u >= 0) & (u <= 400) & (v >= 0) & (v <= 400)
    assert warp.outside_share() == pytest.approx(1 - inside.mean(), abs=0.02)
    spans = np.hypot(a - u * g, b - u * h) / z, np.hypot(d - v * g, e - v * h) / z
    found_spans = _spans(inverse(warp.matrix), (400, 400), (200, 160))
    for span, of_all in zip(found_spans, spans, strict=True):
        assert of_all[inside].min() <= span <= of_all[inside].max()


def test_what_lies_behind_the_camera_is_not_seen() -> None:
    """Though its lines go on through the camera, to where its points would lie upside down."""
    warp, w = behind_us((200, 160), moved=700)
    x, y = np.meshgrid(np.arange(200) + 0.5, np.arange(160) + 0.5)
    back = np.linalg.inv(warp.array)
    u, v = ((row[0] * x + row[1] * y + row[2]) / w for row in back[:2])
    inside = (u >= 0) & (u <= 400) & (v >= 0) & (v <= 400)
    assert inside.any()
    assert (w[inside] < 0).all()
    assert warp.outside_share() == 1
    box = (x[inside].min(), y[inside].min(), x[inside].max(), y[inside].max())
    there = warp.then(Warp.window(box, Frame(200, 160), (40, 40)))
    assert there is not None
    assert there.outside_share() == 1
    assert _spans(inverse(there.matrix), (400, 400), (40, 40)) == (1.0, 1.0), "nothing tells how far it shrinks"


def test_a_target_of_which_a_corner_lies_behind_the_camera_needs_the_whole_source() -> None:
    warp, _ = behind_us((200, 160))
    picture = pictures.smooth(400, 400)
    back = inverse(warp.matrix)
    assert _seen(back, (200, 160)) is None
    assert _crop_to_need(picture, back, (200, 160)) == (picture, back)


@pytest.mark.parametrize("border", BORDERS, ids=lambda border: border.mode.value)
@pytest.mark.parametrize("shape", [(1, 9), (9, 1), (1, 1)])
def test_a_picture_of_one_row_or_column_is_seen_far_away_as_anywhere(border: Border, shape: tuple[int, int]) -> None:
    """One pixel fills its axis, except where a blank border does."""
    picture = pictures.noise(*shape)
    frame = Frame(shape[1], shape[0])
    for x, y in ((0.25, 0), (1, 0), (-7.5, 0), (40_000, 0), (0, 3), (0, -2.5), (2, 5), (0, 30_000)):
        warp = Warp.translation(x, y, frame, border)
        assert reference.furthest(warp.apply(picture), exact(warp, picture)) <= 1, (x, y)
    for warp in (Warp.about_centre((1, 0.5, 0, 1), frame, border), Warp.about_centre((1, 0, 0.5, 1), frame, border)):
        assert reference.furthest(warp.apply(picture), exact(warp, picture)) <= 1


@pytest.mark.parametrize("border", BORDERS, ids=lambda border: border.mode.value)
@pytest.mark.parametrize("shape", [(3, 400), (400, 3), (5, 130), (2, 2)])
def test_a_narrow_picture_is_the_same_however_often_it_is_seen(border: Border, shape: tuple[int, int]) -> None:
    picture = pictures.noise(*shape)
    frame = Frame(shape[1], shape[0])
    for linear in ((1, 1.2, 0, 1), (1, 0, -0.8, 1), (0.9, -0.9, 0.9, 0.9)):
        warp = Warp.about_centre(linear, frame, border)
        assert reference.furthest(warp.apply(picture), exact(warp, picture)) <= 1, linear


# -- fast ways -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("dtype", pictures.DTYPES)
@given(data=st.data())
def test_four_channels_are_warped_as_three(dtype: type, data: st.DataObject) -> None:
    """The engine warps RGB as RGBA, which OpenCV does almost twice as fast."""
    height, width = data.draw(st.integers(2, 40)), data.draw(st.integers(2, 40))
    picture = pictures.noise(height, width, 3, dtype)
    border = data.draw(st.sampled_from(BORDERS))
    name = data.draw(st.sampled_from(sorted(moves(Frame(width, height), border))))
    warp = moves(Frame(width, height), border)[name]
    planes = [warp.apply(np.ascontiguousarray(picture[..., channel])) for channel in range(3)]
    if border.mode is BorderMode.BLANK:  # the colour of a blank border is its luma in grey
        return
    assert np.array_equal(warp.apply(picture), np.dstack(planes))


@given(st.lists(st.floats(-0.3, 0.3), min_size=8, max_size=8), st.integers(1, 300), st.integers(1, 300))
def test_a_perspective_takes_corners_to_corners(shares: list[float], width: int, height: int) -> None:
    offsets = tuple((x * width, y * height) for x, y in zip(shares[::2], shares[1::2], strict=True))
    matrix = Warp.corners(offsets, Frame(width, height), Border()).array
    for (x, y), (dx, dy) in zip(((0, 0), (width, 0), (width, height), (0, height)), offsets, strict=True):
        u, v, w = matrix @ (x, y, 1)
        assert (u / w, v / w) == pytest.approx((x + dx, y + dy), abs=1e-6 * (width + height))


@pytest.mark.parametrize("size", [(501, 403), (640, 480), (1027, 771)])
@pytest.mark.parametrize("target", [(224, 224), (97, 150), (224, 300), (31, 23), (60, 200)])
def test_a_large_picture_is_reduced_without_a_shift(size: tuple[int, int], target: tuple[int, int]) -> None:
    """Whole blocks, means of neighbours, pixels left over at the sides: none of it moves the picture."""
    y, x = np.mgrid[: size[1], : size[0]] + 0.5
    ramp = (x / size[0] * 40000 + y / size[1] * 20000).astype(np.uint16)
    found = Warp.window((0, 0, *size), Frame(*size), target).apply(ramp).astype(float)
    y, x = np.mgrid[: target[1], : target[0]] + 0.5
    expected = x / target[0] * 40000 + y / target[1] * 20000
    inside = slice(1, -1), slice(1, -1)
    assert np.abs(found - expected)[inside].max() < 3
    assert np.abs(found - expected).max() < 0.6 * (40000 / target[0] + 20000 / target[1])


@given(st.lists(st.floats(-3, 3), min_size=9, max_size=9), st.sampled_from([0, -40, -120, -160, 60]))
def test_inverses_are_exact_at_any_scale(numbers: list[float], exponent: int) -> None:
    matrix = np.array(numbers).reshape(3, 3) + 4 * np.eye(3)
    scale = np.diag([10.0**exponent, 10.0 ** (exponent / 2), 1])
    if abs(np.linalg.det(matrix)) < 0.1:
        return
    found = np.reshape(inverse(tuple((matrix @ scale).ravel().tolist())), (3, 3))
    assert np.allclose(scale @ found, np.linalg.inv(matrix), rtol=1e-6, atol=1e-9)


def test_a_matrix_that_folds_the_picture_flat_has_noinverse() -> None:
    for flat in ((0.0,) * 9, (1.0, 1.0, 0.0, 1.0, 1.0, 0.0, 0.0, 0.0, 1.0), (1e-120, 0, 0, 0, 0, 0, 0, 0, 1.0)):
        with pytest.raises(ZeroDivisionError, match="nothing of the picture"):
            inverse(flat)


@pytest.mark.parametrize("size", [(1, 1), (1, 70_000), (300, 300)])
def test_next_to_nothing_of_a_picture_can_be_shown(size: tuple[int, int]) -> None:
    """A target pixel spans far more than the whole picture, up to beyond what floats hold."""
    picture = pictures.noise(size[1], size[0])
    frame = Frame(*size)
    for scale in (1e-3, 1e-30, 1e-170):
        found = Warp.about_centre((scale, 0, 0, scale), frame, Border()).apply(picture)
        assert found.shape == picture.shape
