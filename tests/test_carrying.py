"""Objects carried through many copies at once: held against the engine, against pixels, and against what is drawn."""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
import pytest
import strategies
from hypothesis import HealthCheck, assume, example, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from augstudio.advice import LabelFacts, LabelledPicture
from augstudio.advice import outcomes as followed_outcomes
from augstudio.advice.carrying import Carried, Kind, carry
from augstudio.advice.outcomes import Drawn, Outcomes, followed
from augstudio.engine import (
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
    Step,
    Warp,
)
from augstudio.engine.filters import Blur
from augstudio.label_rules import BoxFit, Empty, LabelRules, Objects
from augstudio.pipeline import Pipeline
from augstudio.transforms import registry

W, H = 160, 120
BORDERS = [Border(mode) for mode in BorderMode]
MIRROR, BLANK, EDGE, TILE = (Border(BorderMode(name)) for name in ("mirror", "blank", "edge", "tile"))


def facts_of(*shapes: Any, size: tuple[int, int] = (W, H), names: tuple[str, ...] = ()) -> LabelFacts:
    picture = LabelledPicture.of("a.png", size, Objects(shapes, names or ("thing",) * len(shapes)))
    assert picture is not None
    return LabelFacts((picture,))


def shapes(seed: int, *, polygons: bool, count: int = 6) -> list[Any]:
    """Some that jut out of the picture, and some of a few pixels."""
    rng = np.random.default_rng(seed)
    found: list[Any] = []
    for number in range(count):
        (x, y), (a, b) = rng.uniform(-5, (W - 10, H - 10)), rng.uniform(6, 60, 2)
        if polygons:
            turn = np.linspace(0, 2 * np.pi, 9, endpoint=False)
            ring = np.stack((x + a / 2 * (1 + np.cos(turn)), y + b / 2 * (1 + np.sin(turn))), axis=1)
            found.append(Polygon.of(number, ring))
        else:
            found.append(BoundingBox(number, x, y, x + a, y + b))
    return found


# -- against the engine ----------------------------------------------------------------------------------------------


rules = st.builds(
    LabelRules,
    smallest_share=st.sampled_from([0.0, 0.25, 0.6]),
    smallest_side=st.sampled_from([0.0, 2.0, 9.0]),
    box_fit=st.sampled_from(list(BoxFit)),
    without_objects=st.sampled_from(list(Empty)),
    not_mirrored=st.sampled_from([(), ("thing",)]),
)


@settings(max_examples=150, suppress_health_check=list(HealthCheck))
@given(strategies.pipelines(), rules, st.booleans(), st.integers(1, 5), st.integers(0, 10**6))
def test_objects_fare_as_the_engine_says(
    pipeline: Pipeline, asked: LabelRules, polygons: bool, copy: int, seed: int
) -> None:
    pipeline = pipeline.edited(labels=asked)
    facts = facts_of(*shapes(seed, polygons=polygons))
    (picture,) = facts.pictures
    found = followed_outcomes._of_copies(pipeline, facts, copy)
    objects = Objects(picture.shapes, picture.categories)
    truth = pipeline.outcome(0, "a.png", copy, (W, H), objects=objects)
    assert found.copies[0].draws == truth.draws
    moved = truth.plan.moved(picture.shapes, loose=asked.box_fit is BoxFit.CORNERS)
    for number, fate in enumerate(truth.fates):
        assert found.share[number] == pytest.approx(fate.share, abs=0.01)
        if fate.share < 1e-3:
            continue
        assert found.side[number] == pytest.approx(fate.side, rel=0.01, abs=0.02)
        assert found.fit[number] == pytest.approx(moved[number].fit, abs=0.01)
        near = abs(fate.share - asked.smallest_share) < 1e-3 or abs(fate.side - asked.smallest_side) < 0.05
        assert found.kept[number] == fate.kept or near


# -- pieces, drawn ---------------------------------------------------------------------------------------------------


def pieces(
    steps: tuple[Step, ...], *boxes: tuple[float, float, float, float], size: tuple[int, int] = (100, 100)
) -> Any:
    """Bounds of what borders show again, with its share, in order; and the objects' own."""
    given_boxes = [BoundingBox(number, *bounds) for number, bounds in enumerate(boxes)]
    found = carried(Plan.of(Frame(*size), steps), given_boxes)
    bounds = np.array([area.bounds for area in found.areas]).reshape(-1, 4)
    again = found.kind == Kind.AGAIN
    told = [
        (*np.round(b, 6).tolist(), round(float(s), 6)) for b, s in zip(bounds[again], found.share[again], strict=True)
    ]
    return sorted(told)


def carried(plan: Plan, given_shapes: list[Any]) -> Carried:
    picture = LabelledPicture.of("a", plan.frame.size, Objects(tuple(given_shapes)))
    assert picture is not None
    areas = LabelFacts((picture,)).surfaces
    numbers = np.arange(len(areas))
    return carry([plan], np.zeros(len(areas), np.intp), numbers, areas)


def shrunk(scale: float, border: Border, size: tuple[int, int] = (100, 100)) -> Warp:
    return Warp.about_centre((scale, 0, 0, scale), Frame(*size), border)


def test_a_box_at_the_left_edge_is_mirrored_beside_itself() -> None:
    """At ×0.8 the frame shows 12.5 px of the 20 px of its image."""
    assert pieces((shrunk(0.8, MIRROR),), (0, 40, 20, 60)) == [(0, 42, 10, 58, 0.625)]
    assert pieces((shrunk(0.8, TILE),), (0, 40, 20, 60)) == [(90, 42, 100, 58, 0.625)]
    assert pieces((shrunk(0.8, BLANK),), (0, 40, 20, 60)) == []
    assert pieces((shrunk(0.8, EDGE),), (0, 40, 20, 60)) == []


def test_at_half_the_size_all_images_around_are_seen() -> None:
    """Those above and below, too, by half their height, and those beyond the corners."""
    assert pieces((shrunk(0.5, MIRROR),), (0, 40, 20, 60)) == [
        (15, 0, 25, 5, 0.5),
        (15, 45, 25, 55, 1.0),
        (15, 95, 25, 100, 0.5),
        (25, 0, 35, 5, 0.5),
        (25, 95, 35, 100, 0.5),
    ]
    assert pieces((shrunk(0.5, TILE),), (0, 40, 20, 60)) == [
        (25, 0, 35, 5, 0.5),
        (25, 95, 35, 100, 0.5),
        (75, 0, 85, 5, 0.5),
        (75, 45, 85, 55, 1.0),
        (75, 95, 85, 100, 0.5),
    ]


def test_what_lies_in_the_middle_is_not_seen_again() -> None:
    assert pieces((shrunk(0.8, MIRROR),), (40, 40, 60, 60)) == []
    assert pieces((Warp.rotation(30, Frame(100, 100), MIRROR),), (40, 40, 60, 60)) == []


def test_an_object_that_has_left_the_frame_may_be_seen_again() -> None:
    """Moved by 30 px to the left, the object is gone, and its image is there."""
    step = Warp.translation(-30, 0, Frame(100, 100), TILE)
    assert pieces((step,), (5, 40, 25, 60)) == [(75, 40, 95, 60, 1.0)]


def test_a_quarter_turn_of_a_wide_picture_shows_it_again_above_and_below() -> None:
    turned = Warp.rotation(90, Frame(200, 100), MIRROR)
    found = pieces((turned,), (95, 0, 105, 10), size=(200, 100))
    assert found == [(40, 45, 50, 55, 1.0)], "the image above the upper edge lies to the left after the turn"


def test_pieces_of_one_step_are_carried_and_mirrored_by_the_next() -> None:
    """A blur keeps the two apart: the second step mirrors what the first one shows, object and piece alike."""
    blur = Blur(2.0)
    first, second = shrunk(0.8, MIRROR), Warp.translation(20, 0, Frame(100, 100), MIRROR)
    # The first leaves the object at 10..26 and a piece at 0..10. Moved by 20 these lie at 30..46 and 20..30, and the
    # second mirrors them about 20: the piece at 10..20, and 10 of the object's 16 px at 0..10.
    assert pieces((first, blur, second), (0, 40, 20, 60)) == [
        (0, 42, 10, 58, 0.625),
        (10, 42, 20, 58, 0.625),
        (20, 42, 30, 58, 0.625),
    ]
    fused = pieces((first, second), (0, 40, 20, 60))
    assert fused == [(14, 42, 30, 58, 1.0)], "fused, nothing is cut off between the two"


def test_what_a_later_frame_cuts_off_is_gone() -> None:
    cropped = Warp.window((20, 0, 100, 100), Frame(100, 100), (80, 100))
    assert pieces((shrunk(0.8, MIRROR), Blur(2.0), cropped), (0, 40, 20, 60)) == []


def test_cut_outs_hide_pieces_and_are_mirrored_with_them() -> None:
    after = Cutout((Box(0, 0, 10, 100),), Fill.GREY, 0)
    (hidden,) = pieces((shrunk(0.8, MIRROR), after), (0, 40, 20, 60))
    assert hidden[-1] == 0, "all that is seen of it"
    before = Cutout((Box(0, 40, 20, 60),), Fill.GREY, 0)
    (hidden,) = pieces((before, shrunk(0.8, MIRROR)), (0, 40, 20, 60))
    assert hidden[-1] == 0, "what is hidden in the picture is hidden in its image"


def test_what_reaches_behind_the_camera_is_told_by_what_is_seen_of_it() -> None:
    """A picture of which the right half lies beyond the horizon: no size of the whole can be told."""
    step = Warp((1, 0, 0, 0, 1, 0, -0.02, 0, 1), (100, 100), (100, 100), MIRROR)
    plan = Plan.of(Frame(100, 100), (step,))
    box = BoundingBox(0, 10, 10, 90, 30)
    found = carried(plan, [box])
    (moved,) = plan.moved((box,))
    assert found.share[found.kind == Kind.OBJECT] == pytest.approx([moved.share])


# -- pieces, in pixels -----------------------------------------------------------------------------------------------


def followed_in_pixels(plan: Plan, box: BoundingBox, rim: int = 0) -> NDArray[np.bool_]:
    """Where a copy shows an object again: its pixels, mirrored as a mask is, without those of the object itself.

    Nor those around it, up to `rim`: the two may be rounded differently.
    """
    width, height = plan.frame.size
    painted = np.zeros((height, width), np.uint8)
    painted[int(box.top) : int(box.bottom), int(box.left) : int(box.right)] = 1
    (mask,) = plan.masks((Mask(painted),))
    (moved,) = plan.moved((Region.within(0, painted.astype(bool)),))
    shown = mask.pixels.astype(bool)
    if not isinstance(moved.seen, Region):
        return shown
    own = moved.seen.whole(plan.size).astype(np.uint8)
    return shown & ~cv2.dilate(own, np.ones((2 * rim + 1,) * 2, np.uint8)).astype(bool)


GEOMETRY = ("rotate", "shear", "shift", "flip", "quarter_turn", "perspective", "crop")


@st.composite
def plans(draw: st.DrawFn) -> Plan:
    """Geometry with any borders, sometimes kept apart by a blur."""
    pipeline = draw(strategies.pipelines(GEOMETRY, most=2))
    steps = [step.edited(probability=1.0, enabled=True) for step in pipeline.transforms]
    shrink = registry()["shrink"].default(scale=(0.4, 1.0), border=draw(st.sampled_from(list(BorderMode))))
    blur = registry()["blur"].default(probability=1.0)
    all_steps = draw(st.permutations([*steps, shrink, *([blur] if draw(st.booleans()) else [])]))
    pipeline = Pipeline(transforms=tuple(step.edited(id="") for step in all_steps), output=pipeline.output)
    return pipeline.plan(pipeline.draw(draw(st.integers(0, 99)), "a", 1), W, H)


@settings(max_examples=150, suppress_health_check=list(HealthCheck))
@given(plans(), st.integers(0, 100), st.integers(0, 60), st.integers(15, 50), st.integers(15, 50))
def test_pieces_cover_what_pixels_show_again(plan: Plan, left: int, top: int, width: int, height: int) -> None:
    box = BoundingBox(0, left, top, min(W, left + width), min(H, top + height))
    found = carried(plan, [box])
    again = found.kind == Kind.AGAIN
    size = sum(area.area for area in found.areas[again])
    perimeter = sum(area.length for area in found.areas)
    pixels = followed_in_pixels(plan, box)
    geometries = sum(isinstance(step, Warp) for step in plan.steps)
    # Where the picture is so narrow that it is seen more often than is looked at, there are more.
    assume(size < 10**5)
    assert pixels.sum() >= size - geometries * perimeter - 5
    far = any(warp_reaches_far(step) for step in plan.steps)
    assert far or pixels.sum() <= size + geometries * perimeter + 5


def warp_reaches_far(step: Step) -> bool:
    """Whether the target shows more of the plane than is looked at."""
    if not isinstance(step, Warp):
        return False
    width, height = step.target
    corners = step.inverse(np.array(((0, 0), (width, 0), (width, height), (0, height)), np.float64))
    (w, h), far = step.source, 3
    return bool(
        np.isnan(corners).any()
        or (corners < (-far * w, -far * h)).any()
        or (corners > ((far + 1) * w, (far + 1) * h)).any()
    )


@settings(max_examples=80, suppress_health_check=list(HealthCheck))
@given(
    st.floats(-180, 180),
    st.floats(0.5, 1),
    st.sampled_from([MIRROR, TILE, BLANK, EDGE]),
    st.integers(3, 60),
    st.integers(3, 40),
)
@example(45.0, 0.6, MIRROR, 3, 40)
def test_as_many_pieces_as_pixels_lie_together(angle: float, scale: float, border: Border, left: int, top: int) -> None:
    """Of an object that touches no edge, no two images touch."""
    frame = Frame(W, H)
    plan = Plan.of(frame, (Warp.rotation(angle, frame, border), shrunk(scale, border, (W, H))))
    box = BoundingBox(0, left, top, left + 24, top + 24)
    found = carried(plan, [box])
    areas = sorted(area.area for area in found.areas[found.kind == Kind.AGAIN])
    pixels = followed_in_pixels(plan, box, rim=1)
    _, _, stats, _ = cv2.connectedComponentsWithStats(pixels.astype(np.uint8), connectivity=4)
    together = sorted(stats[1:, cv2.CC_STAT_AREA].tolist())
    least = 12  # smaller ones may fall between the pixels
    assume(not any(abs(area - least) < 10 for area in (*areas, *together)))
    assert len([a for a in areas if a > least]) == len([a for a in together if a > least])


# -- what is counted -------------------------------------------------------------------------------------------------


def counted(op: str, label_rules: LabelRules | None = None, **values: Any) -> Outcomes:
    pipeline = Pipeline(
        transforms=(registry()[op].model_validate(values),), labels=label_rules or LabelRules(), training_size=100
    )
    facts = facts_of(BoundingBox(0, 0, 40, 20, 60), size=(100, 100))
    draws = pipeline.draw(0, "a.png", 1)
    return followed(pipeline, facts, [Drawn(0, 1, draws)])


def test_pieces_count_that_would_be_kept_if_they_were_objects() -> None:
    assert counted("shrink", scale=(0.8, 0.8)).again.tolist() == [1]
    assert counted("shrink", scale=(0.5, 0.5)).again.tolist() == [5]
    assert counted("shrink", scale=(0.5, 0.5), border="tile").again.tolist() == [5]
    for border in ("blank", "edge"):
        assert counted("shrink", scale=(0.5, 0.5), border=border).again.tolist() == [0]
    half = LabelRules(smallest_share=0.51)
    assert counted("shrink", half, scale=(0.5, 0.5)).again.tolist() == [1], "four show half of the object"
    high = LabelRules(smallest_side=6)
    assert counted("shrink", high, scale=(0.5, 0.5)).again.tolist() == [1], "four are 5 px high"
    nothing = LabelRules(smallest_share=0, smallest_side=0)
    assert counted("flip", nothing, probability=1.0).again.tolist() == [0]


def test_objects_are_looked_at_by_what_tells_them_best() -> None:
    ring = [(10, 10), (30, 10), (20, 30)]
    objects = Objects(
        (
            BoundingBox(0, 5, 5, 40, 40),
            Polygon.of(0, ring),
            KeyPoints(1, np.zeros((1, 2))),
            BoundingBox(2, 50, 50, 60, 60),
            BoundingBox(3, 120, 10, 130, 20),  # outside
            BoundingBox(4, 10, 10, 10, 20),  # of no size
            BoundingBox(5, 10, 10, float("nan"), 20),
        ),
        ("a", "b", "c", "d", "e", "f"),
        "folder",
    )
    picture = LabelledPicture.of("k", (100, 100), objects)
    assert picture is not None
    assert picture.shapes == (Polygon.of(0, ring), BoundingBox(1, 50, 50, 60, 60))
    assert picture.categories == ("a", "c")
    assert (picture.objects, picture.classes, picture.label) == (2, ("a", "b", "c", "d", "e", "f"), "folder")
    assert picture.for_drawing.classes == {"a", "b", "c", "d", "e", "f", "folder"}
    assert LabelledPicture.of("k", (100, 100), Objects()) is None


def test_no_more_than_a_hundred_objects_spread_over_all() -> None:
    many = tuple(BoundingBox(number, number, 0, number + 1, 10) for number in range(300))
    picture = LabelledPicture.of("k", (400, 10), Objects(many, tuple(map(str, range(300)))))
    assert picture is not None
    assert (len(picture.shapes), picture.objects) == (100, 300)
    assert picture.categories[:3] == ("1", "4", "7")
    assert picture.categories[-1] == "298"
    assert [shape.number for shape in picture.shapes] == list(range(100))


def test_outlines_of_very_many_points_are_made_plainer() -> None:
    turn = np.linspace(0, 2 * np.pi, 5000, endpoint=False)
    circle = Polygon.of(0, np.stack((500 + 300 * np.cos(turn), 400 + 300 * np.sin(turn)), axis=1))
    picture = LabelledPicture.of("k", (1000, 800), Objects((circle,)))
    assert picture is not None
    (plain,) = picture.shapes
    assert isinstance(plain, Polygon)
    assert len(plain.pieces[0][0]) < 200
    assert plain.area == pytest.approx(circle.area, rel=0.01)
