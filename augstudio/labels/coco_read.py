"""Reading COCO: from the records of one picture to boxes, polygons, masks and points."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from augstudio.engine import BoundingBox, KeyPoints, Polygon, Region, Shape
from augstudio.engine.shapes import Coordinates
from augstudio.labels.coco_index import annotation_place
from augstudio.labels.coco_points import points_in
from augstudio.labels.json_values import FARTHEST, TooDeepError, whole_number, writable
from augstudio.labels.model import OTHER_SIZE, Category, Facts, Labelled, LabelledObject, Labelling, Problem
from augstudio.labels.orientation import upright, upright_box, upright_pixels
from augstudio.labels.rle import decode, listed, unpacked
from augstudio.wording import shown

OWN = frozenset(("id", "file_name", "width", "height"))
"""Members of an image record that each copy has its own of."""
_MOST_PIXELS = 2**30  # of all masks of one picture: each takes as many bytes
_MOST_POINTS = 5000  # of a ring that is looked at for crossings, so that no file takes minutes
_BEYOND = 1.0  # pixels that a shape may reach beyond the picture without a word: rounding
_FINITE = "finite numbers of pixels"


class LeftOutError(Exception):
    """An annotation cannot be read; the arguments are a problem's kind, what was found and what is allowed."""


def parse(record: str, labelling: Labelling, facts: Facts) -> Labelled:
    """Read what is said of one picture; see `Adapter.parse` and `coco_collect.Records`."""
    try:
        content = json.loads(record)
    except (ValueError, RecursionError):  # it was read before, at another depth of the stack
        return Labelled(problems=(Problem("broken JSON", facts.key, "brackets within brackets", "up to 40"),))
    picture = _Picture(content["file"], facts, labelling.by_id, dict(map(tuple, content["categories"])))
    picture.tell_sides(content["image"], content["annotations"], str(labelling.options.get("drawn_on", "auto")))
    places = [annotation_place(one, at) for one, at in zip(content["annotations"], content["at"], strict=True)]
    for number in _once(content["annotations"], places, picture.problem):
        picture.add(content["annotations"][number], places[number])
    picture.check_crossings()
    return Labelled(
        tuple(picture.objects),
        tuple(picture.shapes),
        record=picture.image_fields(content["image"]),
        problems=tuple(picture.problems),
        notes=tuple(picture.notes),
        upright=not picture.stored or facts.orientation == 1,
    )


def _once(
    annotations: list[dict[str, Any]], places: list[str], problem: Callable[[str, str, str, str], None]
) -> Iterator[int]:
    """The numbers of annotations that do not say again what another has said."""
    groups: dict[str, list[int]] = {}
    for number, one in enumerate(annotations):
        groups.setdefault(_text((one.get("category_id"), one.get("bbox")), number), []).append(number)
    again = set()
    for group in groups.values():
        if len(group) < 2:
            continue
        seen: dict[str, int] = {}
        for number in group:
            rest = {name: value for name, value in annotations[number].items() if name not in ("id", "image_id")}
            first = seen.setdefault(_text(rest, number), number)
            if first != number:
                again.add(number)
                found = f"the same as {places[first]}"
                problem("duplicate annotation", places[number], found, "each object once")
    return (number for number in range(len(annotations)) if number not in again)


def _text(value: object, number: int) -> str:
    """The same for the same values; its own for one of too many brackets."""
    try:
        return json.dumps(value, sort_keys=True)
    except RecursionError:
        return f"number {number}"


@dataclass
class _Picture:
    file: str
    facts: Facts
    categories: dict[int, Category]
    replaced: dict[int, int]
    stored: bool = False  # whether the labels were drawn on the picture as its file stores it
    objects: list[LabelledObject] = field(default_factory=list)
    shapes: list[Shape] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    _outlines: list[tuple[str, Coordinates]] = field(default_factory=list)
    _pixels: int = 0

    @property
    def size(self) -> tuple[int, int]:
        """Width and height of the picture that labels were drawn on."""
        return self.facts.stored if self.stored else self.facts.size

    def problem(self, kind: str, place: str, found: str, allowed: str, *, left_out: bool = True) -> None:
        self.problems.append(Problem(kind, f"{self.file}, {place}", found, allowed, left_out))

    # -- the picture ----------------------------------------------------------------------------------------------

    def tell_sides(self, image: dict[str, Any], annotations: list[dict[str, Any]], drawn_on: str) -> None:
        """Tell whether labels were drawn on the upright picture or on the stored one."""
        facts, stated = self.facts, _stated_size(image, annotations)
        self.stored = drawn_on == "stored" or (
            drawn_on != "upright" and stated == facts.stored and facts.stored != facts.size
        )
        if facts.orientation != 1 and (self.stored or stated != facts.size or facts.stored == facts.size):
            self.notes.append(f"labels drawn on the {'stored' if self.stored else 'upright'} picture")
        if stated is not None and stated not in (facts.size, facts.stored):
            width, height = self.size
            found, allowed = "{} × {}".format(*map(shown, stated)), f"{width} × {height}, as the picture has"
            self.problem(OTHER_SIZE, _image_place(image), found, allowed, left_out=False)

    def image_fields(self, image: dict[str, Any]) -> dict[str, Any]:
        """What an image record holds besides what each copy has its own of."""
        return self._clean({name: value for name, value in image.items() if name not in OWN}, _image_place(image))

    def _clean(self, record: dict[str, Any], place: str) -> dict[str, Any]:
        try:
            clean: dict[str, Any] = writable(record)
        except TooDeepError:
            self.problem("brackets within brackets", place, "more than 40", "up to 40")
            return {}
        if clean is not record:
            names = ", ".join(shown(name) for name, value in record.items() if writable(value) is not value)
            allowed = "finite numbers and whole signs; written as null or �"
            self.problem("value that JSON has none for", place, names or shown(record), allowed)
        return clean

    # -- its objects ----------------------------------------------------------------------------------------------

    def add(self, record: dict[str, Any], place: str) -> None:
        """Add the object of an annotation, or a problem."""
        try:
            self._add(record, place)
        except LeftOutError as error:
            self.problem(error.args[0], place, error.args[1], error.args[2])

    def _add(self, record: dict[str, Any], place: str) -> None:
        record = {name: value for name, value in record.items() if name not in ("id", "image_id")}
        category = self._category(record)
        crowd = _crowd(record)
        number = len(self.objects)
        shapes: list[Shape] = []
        if record.get("bbox") not in (None, []):
            shapes.append(BoundingBox(number, *_box(record["bbox"])))
        segmentation = record.get("segmentation")
        if isinstance(segmentation, dict):
            shapes.append(Region.within(number, self._mask(segmentation)))
        elif segmentation is not None:
            rings, kept = self._rings(segmentation, place)
            if rings:
                shapes.append(Polygon.of(number, *rings))
                record = record if len(kept) == len(segmentation) else {**record, "segmentation": kept}
        self._check_places(shapes, place)
        points = _key_points(record)
        if points is not None:
            shapes.append(KeyPoints(number, points))
        if not shapes:
            raise LeftOutError("neither box nor shape", "none", "bbox, segmentation or keypoints")
        clean = self._clean(record, place)
        if not clean:
            return
        self._outlines.extend(
            (place, ring) for shape in shapes if isinstance(shape, Polygon) for (ring,) in shape.pieces
        )
        self.objects.append(LabelledObject(category, crowd, record={**clean, "category_id": category.id}))
        self.shapes.extend(map(self._upright, shapes))

    def _category(self, record: dict[str, Any]) -> Category:
        number = whole_number(record.get("category_id"))
        known = None if number is None else self.categories.get(self.replaced.get(number, number))
        if known is None:
            allowed = f"one of the {len(self.categories):,} ids of categories"
            raise LeftOutError("category beyond the list", f"category_id {shown(record.get('category_id'))}", allowed)
        return known

    def _mask(self, segmentation: dict[str, Any]) -> NDArray[np.bool_]:
        width, height = self.size
        if segmentation.get("size") != [height, width]:
            found, allowed = f"size {shown(segmentation.get('size'))}", f"[{height}, {width}]: the picture's"
            raise LeftOutError("run-length mask of another size", found, allowed)
        self._pixels += width * height
        if self._pixels > _MOST_PIXELS:
            allowed = f"up to {_MOST_PIXELS:,} pixels in all masks of a picture"
            raise LeftOutError("too many run-length masks", f"{self._pixels:,} pixels", allowed)
        counts = segmentation.get("counts")
        try:
            if isinstance(counts, str):
                mask = decode(unpacked(counts), width, height)
            elif isinstance(counts, list):
                mask = decode(listed(counts), width, height)
            else:
                raise LeftOutError("broken run-length mask", f"counts {shown(counts)}", "a list or a string")
        except ValueError as error:
            allowed = f"runs that add up to {width * height:,}"
            raise LeftOutError("broken run-length mask", str(error), allowed) from None
        if not mask.any():
            raise LeftOutError("run-length mask without pixels", "none", "one or more")
        return mask

    def _rings(self, segmentation: object, place: str) -> tuple[list[Coordinates], list[Any]]:
        """The pieces of a polygon that are some, and what the record says of them; others are problems."""
        if not isinstance(segmentation, list) or not all(isinstance(piece, list) for piece in segmentation):
            raise LeftOutError("wrong type", f"segmentation {shown(segmentation)}", "lists of numbers, or a mask")
        rings: list[Coordinates] = []
        kept = []
        bad: list[LeftOutError] = []
        for piece in segmentation:
            if not piece:  # as some tools write where there is only a box
                kept.append(piece)
                continue
            try:
                rings.append(_ring(piece))
                kept.append(piece)
            except LeftOutError as error:
                bad.append(error)
        if bad and not rings:
            raise bad[0]
        for kind, found, allowed in (error.args for error in bad):
            self.problem(kind, place, f"{found}, in a piece", f"{allowed}; the other pieces are kept")
        return rings, kept

    def _check_places(self, shapes: list[Shape], place: str) -> None:
        width, height = self.size
        beyond = False
        for shape in shapes:
            if isinstance(shape, KeyPoints):
                continue
            left, top, right, bottom = shape.bounds
            kind = "box" if isinstance(shape, BoundingBox) else "polygon"
            found = f"{left:g}, {top:g} to {right:g}, {bottom:g}"
            if left >= width or top >= height or right <= 0 or bottom <= 0:
                raise LeftOutError(f"{kind} outside the picture", found, f"0, 0 to {width}, {height}")
            if not beyond and max(-left, -top, right - width, bottom - height) > _BEYOND:
                beyond = True
                allowed = f"0, 0 to {width}, {height}"
                self.problem(f"{kind} reaches beyond the picture", place, found, allowed, left_out=False)

    def check_crossings(self) -> None:
        """Add a problem for each polygon that crosses itself: the rings of the whole picture in one go."""
        looked_at = [(place, ring) for place, ring in self._outlines if len(ring) <= _MOST_POINTS]
        if not looked_at:
            return
        numbers = np.repeat(np.arange(len(looked_at)), [len(ring) for _, ring in looked_at])
        rings = shapely.linearrings(np.concatenate([ring for _, ring in looked_at]), indices=numbers)
        valid = shapely.is_valid(shapely.polygons(rings))
        for place in dict.fromkeys(looked_at[number][0] for number in np.flatnonzero(~valid).tolist()):
            self.problem(
                "polygon crosses itself", place, "an outline that meets itself", "none that does", left_out=False
            )

    def _upright(self, shape: Shape) -> Shape:
        if not self.stored or self.facts.orientation == 1:
            return shape
        stored, orientation = self.facts.stored, self.facts.orientation
        if isinstance(shape, BoundingBox):
            return BoundingBox(shape.number, *upright_box(shape.bounds, stored, orientation))
        if isinstance(shape, Polygon):
            return Polygon.of(shape.number, *(upright(ring, stored, orientation) for (ring,) in shape.pieces))
        if isinstance(shape, Region):
            return Region.within(shape.number, upright_pixels(shape.whole(stored), orientation))
        return KeyPoints(shape.number, upright(shape.points, stored, orientation))


def _stated_size(image: dict[str, Any], annotations: list[dict[str, Any]]) -> tuple[Any, Any] | None:
    """Width and height as the image record states them, else as its first mask does."""
    if image.get("width") is not None or image.get("height") is not None:
        return image.get("width"), image.get("height")
    for one in annotations:
        segmentation = one.get("segmentation")
        size = segmentation.get("size") if isinstance(segmentation, dict) else None
        if isinstance(size, list) and len(size) == 2:
            return size[1], size[0]
    return None


def _image_place(image: dict[str, Any]) -> str:
    return f"image {shown(image.get('id'))}"


def _crowd(record: dict[str, Any]) -> bool:
    value = record.get("iscrowd")
    if value is None or value in (0, 1):
        return bool(value)
    raise LeftOutError("wrong type", f"iscrowd {shown(value)}", "0 or 1")


def _numbers(values: list[Any]) -> NDArray[np.float64]:
    if not set(map(type, values)) <= {int, float}:
        raise LeftOutError("wrong type", shown(values), _FINITE)
    if not all(-FARTHEST <= value <= FARTHEST for value in values):  # never true of NaN
        odd = next(value for value in values if not -FARTHEST <= value <= FARTHEST)
        kind = "number that is none" if odd - odd else "number beyond all pictures"
        raise LeftOutError(kind, shown(odd), _FINITE)
    return np.array(values, np.float64)


def _box(value: object) -> tuple[float, float, float, float]:
    if not isinstance(value, list) or len(value) != 4:
        raise LeftOutError("wrong type", f"bbox {shown(value)}", "four numbers: x, y, width, height")
    left, top, width, height = _numbers(value).tolist()
    if width <= 0 or height <= 0:
        kind = "box inside out" if width < 0 or height < 0 else "box without an area"
        raise LeftOutError(kind, f"{width:g} × {height:g}", "a width and a height above 0")
    return left, top, left + width, top + height


def _ring(piece: list[Any]) -> Coordinates:
    values = _numbers(piece)
    if len(values) % 2:
        raise LeftOutError("polygon with an odd number", f"{len(values):,} numbers", "x and y for each point")
    ring = values.reshape(-1, 2)
    if len(ring) > 1 and (ring[0] == ring[-1]).all():  # closed
        ring = ring[:-1]
    if len(ring) < 3:
        raise LeftOutError("polygon of fewer than three points", f"{len(ring)} points", "three or more")
    if _in_a_line(ring):
        raise LeftOutError("polygon without an area", "points in a line", "points about an area")
    return ring


def _in_a_line(ring: Coordinates) -> bool:
    ways = ring - ring[0]
    x, y = ways[np.argmax((ways**2).sum(axis=1))]
    return bool((ways[:, 0] * y == ways[:, 1] * x).all())


def _key_points(record: dict[str, Any]) -> Coordinates | None:
    values = record.get("keypoints")
    if values is None or values == []:
        return None
    if not isinstance(values, list) or len(values) % 3:
        raise LeftOutError("key points that are no triples", shown(values), "x, y and 0, 1 or 2 for each")
    return points_in(_numbers(values))
