"""Reads what a Pascal VOC file says of its picture."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from augstudio.engine.shapes import BoundingBox, Coordinates, Piece, Polygon, Shape
from augstudio.labels.complaints import Complaints
from augstudio.labels.model import OTHER_SIZE, Category, Facts, Labelled, LabelledObject, Labelling
from augstudio.labels.orientation import upright, upright_box
from augstudio.labels.outlines import crosses_itself, parted
from augstudio.labels.voc_numbers import NUMBER, decimals_of, edges_of, points_of
from augstudio.labels.xml_spans import Document, Element, UnreadableError, read_document
from augstudio.wording import shown

CORNERS = ("xmin", "ymin", "xmax", "ymax")
STALE = ("part", "point", "robndbox", "keypoints")
"""Elements of objects with coordinates that are not moved: they stay only where nothing moves."""
_POINT = re.compile(r"([xy])(\d{1,6})", re.ASCII)
_TRUE = frozenset(("1", "true", "yes"))
_MOST_BEYOND = 0.5  # pixels: what is less comes from rounding


@dataclass(frozen=True)
class Ring:
    """A polygon element.

    Attributes
    ----------
    element : Element
        The whole of it.
    points : tuple of Element
        The elements that hold its points.
    decimals : int
        How its numbers are written.
    """

    element: Element
    points: tuple[Element, ...]
    decimals: int


@dataclass(frozen=True)
class VocObject:
    """The source's record of an object.

    Attributes
    ----------
    element : Element
        The whole of it.
    box : Element or None
        Its box.
    decimals : int
        How the box's numbers are written.
    rings : tuple of Ring
        Its polygons that are of use.
    """

    element: Element
    box: Element | None
    decimals: int
    rings: tuple[Ring, ...]


@dataclass(frozen=True)
class VocFile:
    """The source's record of a picture.

    Attributes
    ----------
    document : Document
        As it is.
    left_out : tuple of Element
        Objects and polygons that are left out of copies.
    """

    document: Document
    left_out: tuple[Element, ...]


def read_voc(key: str, data: bytes, labelling: Labelling, facts: Facts) -> Labelled:
    """Read a file.

    Parameters
    ----------
    key : str
        Of the file.
    data : bytes
        All of it.
    labelling : Labelling
        Of the dataset; its options say from where pixels are counted, and on which picture was drawn.
    facts : Facts
        Of the picture.
    """
    complaints = Complaints(key)
    try:
        document = read_document(data)
    except UnreadableError as error:
        complaints.add("broken XML", "", str(error), "XML that can be read, without entities")
        return Labelled(problems=complaints.all())
    if document.root.tag != "annotation":
        complaints.add("no annotation", "", f"<{shown(document.root.tag)[1:-1]}>", "<annotation>")
        return Labelled(problems=complaints.all())
    reading = _Reading(document, labelling, facts, complaints)
    return reading.labelled()


@dataclass
class _Reading:
    document: Document
    labelling: Labelling
    facts: Facts
    complaints: Complaints
    objects: list[LabelledObject] = field(default_factory=list)
    shapes: list[Shape] = field(default_factory=list)
    left_out: list[Element] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._base = int(self.labelling.options.get("voc_base", 1))
        self._by_name = self.labelling.by_name
        self._seen: set[tuple[object, ...]] = set()
        stored, self._contradicts = self._stored()
        self._size = self.facts.stored if stored else self.facts.size
        self._turned = stored and self.facts.orientation != 1
        self._stale = False

    def labelled(self) -> Labelled:
        """All that is said."""
        for number, element in enumerate(self.document.root.all("object"), 1):
            if not self._take(element, f"object {number}"):
                self.left_out.append(element)
        notes = []
        if self.facts.orientation != 1:
            notes.append(f"labels drawn on the {'stored' if self._turned else 'upright'} picture")
        if self._stale:
            notes.append(f"{', '.join(STALE)} of objects are left out of copies in which something moved")
        return Labelled(
            tuple(self.objects),
            tuple(self.shapes),
            record=VocFile(self.document, tuple(self.left_out)),
            problems=self.complaints.all(),
            notes=tuple(notes),
            upright=not self._turned,
        )

    def _stored(self) -> tuple[bool, bool]:
        """Whether was drawn on the stored picture, and whether the size that is stated is neither."""
        size = self.document.root.find("size")
        texts = [(size.value(side) if size else None) or "" for side in ("width", "height")]
        stated = tuple(int(float(text)) if _in_range(text) else 0 for text in texts)
        contradicts = min(stated) > 0 and stated not in (self.facts.size, self.facts.stored)
        if contradicts:
            found = f"{stated[0]} × {stated[1]}"
            allowed = f"{self.facts.width} × {self.facts.height}, the picture's"
            self.complaints.add(OTHER_SIZE, "size", found, allowed, left_out=False)
        drawn_on = self.labelling.options.get("drawn_on", "auto")
        if drawn_on == "auto":
            return stated == self.facts.stored != self.facts.size, contradicts
        return drawn_on == "stored", contradicts

    def _take(self, element: Element, place: str) -> bool:
        """Read an object; False if it is left out, which is told."""
        name = element.value("name")
        if not name:
            self.complaints.add("name missing", place, "an object without a name", "a name")
            return False
        box = element.find("bndbox")
        texts = self._texts(box, place) if box else ()
        if texts is None:
            return False
        bounds = edges_of(texts, self._base) if texts else None
        if bounds and not self._sound(bounds, texts, place):
            return False
        rings = self._rings(element, place)
        if not bounds and not rings:
            self.complaints.add("box missing", place, "an object without a box", "<bndbox>")
            return False
        identity = (name, bounds, tuple(tuple(numbers) for _, numbers, _ in rings))
        if identity in self._seen:
            self.complaints.add("duplicate object", place, f"{shown(name)} once more, with the same box", "each once")
            return False
        self._seen.add(identity)
        self._add(element, name, box, texts, bounds, rings)
        return True

    def _add(
        self,
        element: Element,
        name: str,
        box: Element | None,
        texts: Sequence[str],
        bounds: tuple[float, float, float, float] | None,
        rings: list[tuple[Ring, list[float], tuple[Piece, ...]]],
    ) -> None:
        number = len(self.objects)
        record = VocObject(element, box, decimals_of(texts) if texts else 0, tuple(ring for ring, _, _ in rings))
        flags = {flag: (element.value(flag) or "").lower() in _TRUE for flag in ("difficult", "truncated")}
        category = self._by_name.get(name) or Category(-1, name)
        self.objects.append(LabelledObject(category, False, flags["difficult"], flags["truncated"], record))
        if bounds:
            if self._turned:
                bounds = upright_box(bounds, self._size, self.facts.orientation)
            self.shapes.append(BoundingBox(number, *bounds))
        pieces = tuple(piece for _, _, pieces in rings for piece in pieces)
        if pieces:
            self.shapes.append(Polygon(number, pieces))
        self._stale |= bool(element.all(*STALE))

    def _texts(self, box: Element, place: str) -> tuple[str, ...] | None:
        texts = []
        for corner in CORNERS:
            text = box.value(corner)
            if text is None or not _in_range(text):
                found = f"no {corner}" if text is None else f"{corner} {shown(text)}"
                self.complaints.add("box without numbers", place, found, "a number of pixels for each corner")
                return None
            texts.append(text)
        return tuple(texts)

    def _sound(self, bounds: tuple[float, float, float, float], texts: Sequence[str], place: str) -> bool:
        """Check a box, telling what is wrong."""
        left, top, right, bottom = bounds
        (width, height) = self._size
        found = " ".join(f"{corner} {shown(text)[1:-1]}" for corner, text in zip(CORNERS, texts, strict=True))
        if float(texts[0]) > float(texts[2]) or float(texts[1]) > float(texts[3]):
            self.complaints.add("box inside out", place, found, "xmin below xmax, ymin below ymax")
            return False
        if left >= right or top >= bottom:
            self.complaints.add("box of no size", place, found, "more than 0 pixels wide and high")
            return False
        within = f"inside the picture of {width} × {height}, counted from {self._base}"
        if right <= 0 or bottom <= 0 or left >= width or top >= height:
            self.complaints.add("box outside the picture", place, found, within)
            return False
        if max(-left, -top, right - width, bottom - height) > _MOST_BEYOND:
            self.complaints.add("box outside the picture", place, found, within, left_out=self._contradicts)
            return not self._contradicts
        return True

    def _rings(self, element: Element, place: str) -> list[tuple[Ring, list[float], tuple[Piece, ...]]]:
        """Its polygons, with their numbers as written, and their pieces in the upright picture."""
        rings = []
        for polygon in element.all("polygon"):
            points, texts = _points(polygon)
            pieces = self._pieces(texts, place)
            if not pieces:
                self.left_out.append(polygon)
                continue
            rings.append((Ring(polygon, points, decimals_of(texts)), [float(text) for text in texts], pieces))
        return rings

    def _pieces(self, texts: Sequence[str], place: str) -> tuple[Piece, ...]:
        """The pieces of a polygon; none if it is of no use, which is told."""
        wrong = next((text for text in texts if not _in_range(text)), None)
        if wrong is not None:
            self.complaints.add("polygon without numbers", place, shown(wrong), "a number of pixels for x and y")
            return ()
        ring = points_of([float(text) for text in texts], self._base)
        if len({tuple(point) for point in ring.tolist()}) < 3:
            found = f"a polygon of {len(ring)} points"
            self.complaints.add("polygon of two points", place, found, "three points or more that differ")
            return ()
        if not self._inside(ring, place):
            return ()
        pieces = parted(ring)
        if not pieces:
            self.complaints.add("polygon of no size", place, "points on a line", "points around an area")
            return ()
        if crosses_itself(pieces):
            found = f"a polygon of {len(ring)} points that crosses itself"
            self.complaints.add("polygon crosses itself", place, found, "an outline without crossings", left_out=False)
        if not self._turned:
            return pieces
        return tuple(tuple(upright(one, self._size, self.facts.orientation) for one in piece) for piece in pieces)

    def _inside(self, ring: Coordinates, place: str) -> bool:
        """Whether any of a polygon may lie in the picture; what lies outside is told."""
        (left, top), (right, bottom) = ring.min(axis=0), ring.max(axis=0)
        (width, height) = self._size
        outside = right <= 0 or bottom <= 0 or left >= width or top >= height
        if outside or max(-left, -top, right - width, bottom - height) > _MOST_BEYOND:
            found = f"a polygon from {left:g}, {top:g} to {right:g}, {bottom:g}"
            allowed = f"inside the picture of {width} × {height}, counted from {self._base}"
            self.complaints.add("polygon outside the picture", place, found, allowed, left_out=bool(outside))
        return not outside


def _in_range(text: str) -> bool:
    return NUMBER.fullmatch(text) is not None and abs(float(text)) < 1e9


def _points(polygon: Element) -> tuple[tuple[Element, ...], list[str]]:
    """The elements of a polygon's points, and their numbers: `x1`, `y1`, …, or `pt` with `x` and `y` in each."""
    pairs = polygon.all("pt", "point")
    if pairs:
        return tuple(pairs), [pair.value(axis) or "" for pair in pairs for axis in "xy"]
    numbered: dict[tuple[int, str], str] = {}
    elements = []
    for child in polygon.children:
        if found := _POINT.fullmatch(child.tag):
            numbered[int(found[2]), found[1]] = child.text
            elements.append(child)
    places = sorted({place for place, _ in numbered})
    return tuple(elements), [numbered.get((place, axis), "") for place in places for axis in "xy"]
