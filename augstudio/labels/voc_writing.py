"""Writes Pascal VOC files: the source's own, changed in places, or new ones."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np

from augstudio.engine.shapes import BoundingBox, Coordinates, KeyPoints, Piece, Polygon, Region
from augstudio.label_rules import Fate
from augstudio.labels.model import Copy, Labelled, LabelledObject
from augstudio.labels.outlines import joined, traced
from augstudio.labels.voc_numbers import box_texts, point_texts
from augstudio.labels.voc_reading import CORNERS, STALE, Ring, VocFile, VocObject
from augstudio.labels.xml_spans import Document, Edits, Element, plain_xml


def patched(labelled: Labelled, record: VocFile, copy: Copy, base: int) -> bytes:
    """Write the source's own file for a copy: what need not change stays byte for byte."""
    document = record.document
    edits = Edits(document)
    gone = [own.element for own, fate in _pairs(labelled, copy) if not fate.kept]
    removed_to = 0
    for element in sorted((*gone, *record.left_out), key=lambda element: element.start):
        if element.start >= removed_to:  # a polygon that is of no use goes with its object
            edits.remove(element)
            removed_to = element.end
    _name(edits, document.root, copy)
    if not (copy.unmoved and labelled.upright):
        for own, fate in _pairs(labelled, copy):
            if fate.kept and fate.shapes:
                _move(edits, document, own, fate, copy, base)
    return edits.result()


def _pairs(labelled: Labelled, copy: Copy) -> Iterator[tuple[VocObject, Fate]]:
    for thing, fate in zip(labelled.objects, copy.fates, strict=True):
        if isinstance(thing.record, VocObject):
            yield thing.record, fate


def _name(edits: Edits, root: Element, copy: Copy) -> None:
    """Say which picture it is, and of what size, where the source says so."""
    folder, _, name = copy.path.rpartition("/")
    edits.set_text(root.find("filename"), name)
    edits.set_text(root.find("folder"), folder.rpartition("/")[2])
    edits.set_text(root.find("path"), copy.path)
    size = root.find("size")
    if size is not None:
        for tag, value in (("width", copy.width), ("height", copy.height), ("depth", copy.channels)):
            edits.set_text(size.find(tag), str(value))


def _move(edits: Edits, document: Document, record: VocObject, fate: Fate, copy: Copy, base: int) -> None:
    size = (copy.width, copy.height)
    bounds = bounds_of(fate)
    if record.box is not None and bounds:
        for corner, text in zip(CORNERS, box_texts(bounds, size, base, record.decimals), strict=True):
            edits.set_text(record.box.find(corner), text)
    if fate.cut:
        _truncate(edits, document, record)
    if record.rings:
        rings = rings_of(fate)
        for place, ring in enumerate(record.rings):
            if place < len(rings):
                texts = point_texts(rings[place], size, base, ring.decimals)
                start = ring.points[0].start
                spaces = document.spaces_before(start)
                edits.replace(start - len(spaces), ring.points[-1].end, _points(document, ring, texts))
            else:
                edits.remove(ring.element)
        last = record.rings[-1]
        for more in rings[len(record.rings) :]:
            content = _points(document, last, point_texts(more, size, base, last.decimals))
            before = document.spaces_before(last.element.start)
            behind = document.spaces_before(last.element.close)
            edits.insert(last.element.end, before + b"<polygon>" + content + behind + b"</polygon>")
    for stale in record.element.all(*STALE):
        edits.remove(stale)


def _truncate(edits: Edits, document: Document, record: VocObject) -> None:
    truncated = record.element.find("truncated")
    if truncated is not None:
        if truncated.text.lower() not in ("1", "true", "yes"):
            edits.set_text(truncated, "1")
        return
    beside = record.box or record.rings[0].element
    spaces = document.spaces_before(beside.start)
    edits.insert(beside.start, b"<truncated>1</truncated>" + spaces)


def _points(document: Document, ring: Ring, texts: Iterable[tuple[str, str]]) -> bytes:
    """The points of a polygon, as its own are written."""
    first = ring.points[0]
    spaces = document.spaces_before(first.start)
    if not first.children:
        return b"".join(
            b"%s<x%d>%s</x%d>%s<y%d>%s</y%d>" % (spaces, i, x.encode(), i, spaces, i, y.encode(), i)
            for i, (x, y) in enumerate(texts, 1)
        )
    tag = first.tag.encode()
    inside = document.spaces_before(first.children[0].start)
    behind = document.spaces_before(first.close)
    return b"".join(
        b"%s<%s>%s<x>%s</x>%s<y>%s</y>%s</%s>" % (spaces, tag, inside, x.encode(), inside, y.encode(), behind, tag)
        for x, y in texts
    )


def bounds_of(fate: Fate) -> tuple[float, float, float, float] | None:
    """An object's box: the one that is given, else about its outline; None where it has neither."""
    shapes = [shape for shape in fate.shapes if not isinstance(shape, KeyPoints)]
    boxes = [shape for shape in shapes if isinstance(shape, BoundingBox)]
    return (boxes or shapes)[0].bounds if shapes else None


def rings_of(fate: Fate) -> list[Coordinates]:
    """A ring for each piece of an object's outline, its holes joined to it by seams; none where only a box is known."""
    for shape in fate.shapes:
        if isinstance(shape, Polygon):
            return [_ring(piece) for piece in shape.pieces]
    for shape in fate.shapes:
        if isinstance(shape, Region):
            return [np.add(ring, (shape.left, shape.top)) for ring in traced(shape.pixels)]
    return []


def _ring(piece: Piece) -> Coordinates:
    return joined((piece,), holes=True)


def composed(labelled: Labelled, copy: Copy, base: int) -> tuple[bytes, tuple[int, ...]]:
    """Write a new file, in whole pixels; crowds are left out. Gives it, and the numbers of what is left out."""
    folder, _, name = copy.path.rpartition("/")
    lines = [
        "<annotation>",
        f"\t<folder>{plain_xml(folder.rpartition('/')[2])}</folder>",
        f"\t<filename>{plain_xml(name)}</filename>",
        "\t<source>",
        "\t\t<database>Unknown</database>",
        "\t</source>",
        "\t<size>",
        f"\t\t<width>{copy.width}</width>",
        f"\t\t<height>{copy.height}</height>",
        f"\t\t<depth>{copy.channels}</depth>",
        "\t</size>",
        "\t<segmented>0</segmented>",
    ]
    left_out: list[int] = []
    for thing, fate in zip(labelled.objects, copy.fates, strict=True):
        bounds = bounds_of(fate)
        if fate.kept and not thing.crowd and bounds:
            lines += _object(thing, fate, bounds, copy, base)
        elif fate.kept:
            left_out.append(fate.number)
    return "\n".join([*lines, "</annotation>", ""]).encode(), tuple(left_out)


def _object(
    thing: LabelledObject, fate: Fate, bounds: tuple[float, float, float, float], copy: Copy, base: int
) -> Iterator[str]:
    size = (copy.width, copy.height)
    yield "\t<object>"
    yield f"\t\t<name>{plain_xml(thing.category.name)}</name>"
    yield "\t\t<pose>Unspecified</pose>"
    yield f"\t\t<truncated>{int(thing.truncated or fate.cut)}</truncated>"
    yield f"\t\t<difficult>{int(thing.difficult)}</difficult>"
    yield "\t\t<bndbox>"
    for corner, text in zip(CORNERS, box_texts(bounds, size, base, 0), strict=True):
        yield f"\t\t\t<{corner}>{text}</{corner}>"
    yield "\t\t</bndbox>"
    for ring in rings_of(fate):
        yield "\t\t<polygon>"
        for number, (x, y) in enumerate(point_texts(ring, size, base, 2), 1):
            yield f"\t\t\t<x{number}>{x}</x{number}>"
            yield f"\t\t\t<y{number}>{y}</y{number}>"
        yield "\t\t</polygon>"
    yield "\t</object>"
