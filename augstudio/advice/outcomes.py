"""What becomes of labelled objects in a sample of copies."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from functools import reduce
from typing import NamedTuple

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from augstudio.advice.areas import common_with_rings
from augstudio.advice.carrying import Areas, Carried, Floats, Kind, Numbers, carry
from augstudio.advice.labelled import LabelFacts
from augstudio.callbacks import ignore
from augstudio.engine import BoundingBox, Plan, Warp
from augstudio.engine.matrices import EPSILON
from augstudio.label_rules import MAX_REDRAWS, BoxFit, Empty, LabelRules
from augstudio.pipeline import Pipeline
from augstudio.transforms import Draw

COPIES = 8
"""Of each picture that are looked at."""
_MOST = 6_000
"""Objects in copies and pieces of them, from which on no more copies are looked at: shares are known by then."""

Flags = NDArray[np.bool_]


class Drawn(NamedTuple):
    """One copy: the number of its picture among those that are looked at, which copy it is, and its draws."""

    picture: int
    copy: int
    draws: tuple[Draw, ...]


@dataclass(frozen=True)
class Outcomes:
    """What became of objects in copies; one row for each object of each copy, also where nothing of it is seen.

    Attributes
    ----------
    copies : tuple of Drawn
        Those looked at.
    copy, object : ndarray
        `(N,)`: which copy, and which of all objects.
    kept : ndarray
        `(N,)` of bool: whether the copy has the object.
    share, side, fit : ndarray
        `(N,)`: as of `Fate`.
    again : ndarray
        `(C,)`: how many pieces of objects each copy shows without a label.
    """

    copies: tuple[Drawn, ...]
    copy: Numbers
    object: Numbers
    kept: Flags
    share: Floats
    side: Floats
    fit: Floats
    again: Numbers

    def and_(self, others: Outcomes) -> Outcomes:
        """Both, one after the other."""
        return Outcomes(
            self.copies + others.copies,
            np.concatenate((self.copy, others.copy + len(self.copies))),
            np.concatenate((self.object, others.object)),
            np.concatenate((self.kept, others.kept)),
            np.concatenate((self.share, others.share)),
            np.concatenate((self.side, others.side)),
            np.concatenate((self.fit, others.fit)),
            np.concatenate((self.again, others.again)),
        )


def sampled(
    pipeline: Pipeline, labels: LabelFacts, *, copies: int = COPIES, pause: Callable[[], object] = ignore
) -> Outcomes:
    """Follow the objects of each picture through a few copies: the same ones whenever it is asked.

    Parameters
    ----------
    pipeline : Pipeline
        What is applied.
    labels : LabelFacts
        The pictures, and their objects.
    copies : int
        How many of each picture, at most.
    pause : callable
        Called now and then; it may take its time.
    """
    found = []
    rows = 0
    for copy in range(1, copies + 1):
        pause()
        found.append(_of_copies(pipeline, labels, copy))
        rows += len(found[-1].copy) + int(found[-1].again.sum())
        if rows >= _MOST:
            break
    return reduce(Outcomes.and_, found)


def bare(pipeline: Pipeline, labels: LabelFacts) -> Outcomes:
    """What becomes of objects where no step is applied: one copy of each picture, as the output alone makes it.

    The rules are held against all of them, also where nothing moves.
    """
    found = followed(pipeline, labels, [without(drawn, None) for drawn in _drawn(pipeline, labels, 1)])
    return replace(found, kept=(found.share > 0) & _enough(pipeline.labels, found.share, found.side))


def without(drawn: Drawn, step: str | None) -> Drawn:
    """The same copy without one step, or without any."""
    draws = tuple(draw.withholding() if step in (None, draw.step) else draw for draw in drawn.draws)
    return drawn._replace(draws=draws)


def _drawn(pipeline: Pipeline, labels: LabelFacts, copy: int, again: int = 0) -> list[Drawn]:
    return [
        Drawn(number, copy, pipeline.draw(0, picture.key, copy, objects=picture.for_drawing, again=again))
        for number, picture in enumerate(labels.pictures)
    ]


def _of_copies(pipeline: Pipeline, labels: LabelFacts, copy: int) -> Outcomes:
    """One copy of each picture; those that have lost all objects are drawn anew, if the rules say so."""
    found = followed(pipeline, labels, _drawn(pipeline, labels, copy))
    if pipeline.labels.without_objects is not Empty.REDRAW:
        return found
    chosen = list(found.copies)
    empty = _empty(found)
    for again in range(1, MAX_REDRAWS + 1):
        if not empty:
            break
        anew = _drawn(pipeline, labels, copy, again)
        tried = followed(pipeline, labels, [anew[number] for number in empty])
        still = {empty[place] for place in _empty(tried)}
        for number in empty:
            if number not in still:
                chosen[number] = anew[number]
        empty = sorted(still)
    return found if tuple(chosen) == found.copies else followed(pipeline, labels, chosen)


def _empty(outcomes: Outcomes) -> list[int]:
    kept = np.bincount(outcomes.copy[outcomes.kept], minlength=len(outcomes.copies))
    return np.flatnonzero(kept == 0).tolist()


def followed(pipeline: Pipeline, labels: LabelFacts, copies: Iterable[Drawn]) -> Outcomes:
    """Follow objects through some copies."""
    chosen = tuple(copies)
    pictures = labels.pictures
    plans = [pipeline.plan(one.draws, pictures[one.picture].width, pictures[one.picture].height) for one in chosen]
    counts = [len(picture.shapes) for picture in pictures]
    begins = np.concatenate(((0,), np.cumsum(counts)))
    of_copies = [np.arange(begins[one.picture], begins[one.picture + 1]) for one in chosen]
    objects = np.concatenate([np.zeros(0, np.intp), *of_copies]).astype(np.intp)
    where = np.repeat(np.arange(len(chosen)), [len(numbers) for numbers in of_copies])
    places: Numbers = np.arange(len(objects))
    carried = carry(plans, where, places, labels.surfaces[objects])
    return _judged(pipeline.labels, labels, chosen, plans, where, objects, carried)


def _judged(
    rules: LabelRules,
    labels: LabelFacts,
    copies: tuple[Drawn, ...],
    plans: Sequence[Plan],
    where: Numbers,
    objects: Numbers,
    carried: Carried,
) -> Outcomes:
    bounds, fits = _boxes(rules, labels, plans, objects, carried)
    scales = np.array([plan.frame.resized(plan.size).scale for plan in plans]).reshape(-1)
    sides = np.minimum(bounds[:, 2] - bounds[:, 0], bounds[:, 3] - bounds[:, 1]) / scales[carried.copy]
    enough = (carried.share > 0) & _enough(rules, carried.share, sides)
    # Where nothing moves, what labels say beyond the picture is theirs to say.
    still = np.array([_is_still(plan, frame) for plan, frame in zip(plans, carried.frames, strict=True)], bool)
    not_hidden = carried.share / np.maximum(carried.cut, 1e-9) >= rules.smallest_share
    kept = np.where(still[carried.copy], not_hidden, enough)
    is_object = carried.kind == Kind.OBJECT
    at = carried.number[is_object]
    found = Outcomes(
        copies,
        where,
        objects,
        np.zeros(len(objects), bool),
        np.zeros(len(objects)),
        np.zeros(len(objects)),
        np.ones(len(objects)),
        np.bincount(carried.copy[~is_object & enough], minlength=len(copies)),
    )
    found.kept[at], found.share[at] = kept[is_object], carried.share[is_object]
    found.side[at], found.fit[at] = sides[is_object], fits[is_object]
    return found


def _enough(rules: LabelRules, shares: Floats, sides: Floats) -> Flags:
    found: Flags = (shares >= rules.smallest_share) & (sides >= rules.smallest_side)
    return found


def _is_still(plan: Plan, frame: BaseGeometry) -> bool:
    """Whether nothing moves, and nothing is cut off; `frame` is what the frames leave of the plane."""
    if plan.warp is None:
        return True
    width, height = plan.size
    return plan.warp.is_identity() and bool(frame.area >= width * height * (1 - EPSILON))


# -- boxes -----------------------------------------------------------------------------------------------------------


def _boxes(
    rules: LabelRules, labels: LabelFacts, plans: Sequence[Plan], objects: Numbers, carried: Carried
) -> tuple[Floats, Floats]:
    """The box of each row, `(R, 4)`, and how well it fits what is seen; as the engine makes them."""
    bounds = np.asarray(shapely.bounds(carried.areas), np.float64).reshape(-1, 4)
    fits = np.ones(len(bounds))
    turned = np.array([plan.warp is not None and not plan.warp.is_upright() for plan in plans], bool)
    shapes = [shape for picture in labels.pictures for shape in picture.shapes]
    is_box = np.array([isinstance(shape, BoundingBox) for shape in shapes], bool)
    rows = np.flatnonzero(is_box[objects[carried.number]] & turned[carried.copy] & (carried.kind == Kind.OBJECT))
    if not len(rows):
        return bounds, fits
    if rules.box_fit is BoxFit.ELLIPSE:
        sources = np.array([shape.bounds for shape in shapes])[objects[carried.number[rows]]]
        bounds[rows] = _about_ellipses(sources, bounds[rows], plans, carried, rows)
    boxes, areas = bounds[rows], carried.areas[rows]
    common, seen = _common(boxes, areas), shapely.area(areas)
    either = (boxes[:, 2] - boxes[:, 0]) * (boxes[:, 3] - boxes[:, 1]) + seen - common
    fits[rows] = np.where(either > 0, common / np.where(either > 0, either, 1.0), 1.0)
    return bounds, fits


def _common(boxes: Floats, areas: Areas) -> Floats:
    """The size of what upright boxes and areas have in common, `(N,)`."""
    found = np.zeros(len(boxes))
    simple = shapely.get_num_coordinates(areas) == 5  # boxes of which nothing is cut off, so mostly
    if simple.any():
        points = shapely.get_coordinates(areas[simple]).reshape(-1, 5, 2)
        found[simple] = common_with_rings(boxes[simple], points[..., 0], points[..., 1])
    others = np.flatnonzero(~simple)
    if len(others):
        found[others] = shapely.area(shapely.intersection(shapely.box(*boxes[others].T), areas[others]))
    return found


def _about_ellipses(sources: Floats, tight: Floats, plans: Sequence[Plan], carried: Carried, rows: Numbers) -> Floats:
    """The boxes of moved ellipses, as far as frames show them; where a corner is all that is seen, the tight one."""
    copies = carried.copy[rows]
    bounds = np.full(sources.shape, np.nan)
    for copy in np.unique(copies):
        warp = plans[copy].warp
        assert warp is not None  # it is turned
        bounds[copies == copy] = warp.about_ellipses(sources[copies == copy])
    frames: Areas = carried.frames[copies]
    known = np.isfinite(bounds).all(axis=1)
    whole = shapely.bounds(frames)
    outside = (bounds[:, :2] < whole[:, :2]).any(axis=1) | (bounds[:, 2:] > whole[:, 2:]).any(axis=1)
    several = np.array([sum(type(step) is Warp for step in plan.steps) > 1 for plan in plans], bool)[copies]
    partly = np.flatnonzero(known & (outside | several))
    if len(partly):
        boxes = shapely.box(*bounds[partly].T)
        bounds[partly] = shapely.bounds(shapely.intersection(boxes, frames[partly]))
    lost = ~np.isfinite(bounds).all(axis=1)
    bounds[lost] = tight[lost]
    return bounds
