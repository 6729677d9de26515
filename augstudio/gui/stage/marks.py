"""Painting overlays: thin lines in the view's own pixels, whatever the zoom, that hold on light and dark."""

from __future__ import annotations

import struct
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

import cv2
import numpy as np
from PySide6.QtCore import QByteArray, QDataStream, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QImage, QPainter, QPainterPath, QPen

from augstudio.engine.shapes import BoundingBox, Coordinates
from augstudio.gui.stage.overlay import PALETTE, Item, Overlay

_DARK, _LIGHT = "#101318", "#ffffff"
_LINE, _HALO, _DOT = 2.0, 4.0, 7.0
"""Widths in device independent pixels: of lines, of what is around them, and of points."""
_FILL = 40
"""Opacity of what is inside of polygons, of 255."""
_DASHES = [4.0, 3.0]
_MOST_FINE = 1200
"""Points up to which outlines are smooth; very many would take long."""
_UNSEEN = 0.75
"""Device pixels by which outlines may be simpler than they are."""
_MOST_ALIKE = 8
"""Points of an outline that is not worth making simpler."""
_MOST_TAGS = 150
"""Names and reasons that are drawn, those of the largest objects."""
_LEAST_WIDTH, _LEAST_HEIGHT = 26.0, 14.0
"""Of an object that its name is drawn at, in device independent pixels."""


@dataclass(frozen=True, eq=False)
class _Group:
    """All that is drawn alike."""

    colour: int
    kept: bool
    lines: QPainterPath
    surfaces: QPainterPath
    points: tuple[QPointF, ...]

    @property
    def count(self) -> int:
        """Points of its lines."""
        return self.lines.elementCount()


class Marks:
    """An overlay made ready to be painted again and again; it may be made in any thread.

    Parameters
    ----------
    overlay : Overlay
        What is to be painted.
    grain : float
        Pixels of the real picture that nobody sees while all of it is in view: outlines are made so much simpler there.

    Attributes
    ----------
    overlay : Overlay
        What it is of.
    layer : QImage or None
        Its masks.
    """

    def __init__(self, overlay: Overlay, grain: float = 0.0) -> None:
        self.overlay = overlay
        self.layer = _as_image(overlay)
        self._grain = grain
        self._groups = tuple(_grouped(overlay.items, grain))
        self._near: tuple[object, tuple[_Group, ...]] = (None, ())

    @cached_property
    def _to_name(self) -> list[Item]:
        largest = sorted((item for item in self.overlay.items if item.bounds), key=_size, reverse=True)
        # What is lost comes first: the reason is what somebody looks for.
        return sorted(largest, key=lambda item: item.kept)[:_MOST_TAGS]

    def paint(self, painter: QPainter, where: QRectF, view: QRectF, ratio: float) -> None:
        """Paint outlines.

        Parameters
        ----------
        painter : QPainter
            In device pixels.
        where, view : QRectF
            Where the whole picture lies, and what is seen.
        ratio : float
            Device pixels per unit of the widths of lines.
        """
        groups = self._seen(where, view)
        fine = sum(group.count for group in groups) <= _MOST_FINE
        painter.save()
        painter.translate(where.topLeft())
        painter.scale(*self._scale(where))
        for group in groups:
            _paint_group(painter, group, ratio, fine=fine)
        painter.restore()

    def _seen(self, where: QRectF, view: QRectF) -> tuple[_Group, ...]:
        """All of it, a little simpler; or, enlarged, what is in view, as it is."""
        across, down = self._scale(where)
        if self._grain * max(across, down) <= _UNSEEN:
            return self._groups
        place = where.getRect(), view.getRect()
        if self._near[0] != place:
            margin = _HALO / min(across, down)
            left, top = (view.left() - where.left()) / across - margin, (view.top() - where.top()) / down - margin
            right, bottom = left + view.width() / across + 2 * margin, top + view.height() / down + 2 * margin
            inside = [
                item
                for item in self.overlay.items
                if (box := item.bounds) and box[0] <= right and box[2] >= left and box[1] <= bottom and box[3] >= top
            ]
            self._near = place, tuple(_grouped(inside, 0.0))
        return self._near[1]

    def paint_names(self, painter: QPainter, where: QRectF, view: QRectF, ratio: float) -> None:
        """Paint names where they fit and lie on no other; of what the copy loses, the reason.

        Parameters
        ----------
        painter : QPainter
            In device pixels, with the font to write in.
        where, view : QRectF
            Where the whole picture lies, and what is seen.
        ratio : float
            Device pixels per device independent one.
        """
        across, down = self._scale(where)
        metrics, taken = QFontMetricsF(painter.font()), list[QRectF]()
        for item in self._to_name:
            left, top, right, bottom = item.bounds or (0, 0, 0, 0)
            place = QRectF(left * across, top * down, (right - left) * across, (bottom - top) * down)
            box = place.translated(where.topLeft())
            if not box.intersects(view) or (tag := _tag(item, box, view, ratio, metrics)) is None:
                continue
            if not any(tag[0].intersects(other) for other in taken):
                taken.append(tag[0])
                _paint_tag(painter, item, *tag)

    def _scale(self, where: QRectF) -> tuple[float, float]:
        return where.width() / self.overlay.size[0], where.height() / self.overlay.size[1]


def _paint_group(painter: QPainter, group: _Group, ratio: float, *, fine: bool) -> None:
    colour = QColor(PALETTE[group.colour])
    around = QColor(_against(colour))
    around.setAlpha(150 if fine else 255)
    has_surfaces = not group.surfaces.isEmpty()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, has_surfaces and fine)
    if has_surfaces and group.kept:
        faint = QColor(colour)
        faint.setAlpha(_FILL)
        painter.fillPath(group.surfaces, faint)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    for pen, width in ((around, _HALO), (colour, _LINE)):
        painter.setPen(_pen(pen, width * ratio, dashed=pen is colour and not group.kept))
        painter.drawPath(group.lines)
    if group.points:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for pen, width in ((around, _DOT + 2), (colour, _DOT)):
            painter.setPen(_pen(pen, width * ratio, dashed=False))
            painter.drawPoints(list(group.points))


def paint_layer(painter: QPainter, layer: QImage, where: QRectF) -> None:
    """Paint masks over a picture; enlarged, their pixels stay squares."""
    painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, where.width() < layer.width())
    painter.drawImage(where, layer, QRectF(layer.rect()))


def _tag(item: Item, box: QRectF, view: QRectF, ratio: float, metrics: QFontMetricsF) -> tuple[QRectF, str] | None:
    """Where the name of an object is written, and what; None where there is no room for it."""
    pad, height = 4 * ratio, metrics.height()
    if item.kept:
        if box.width() < _LEAST_WIDTH * ratio or box.height() < _LEAST_HEIGHT * ratio:
            return None
        text = metrics.elidedText(item.name, Qt.TextElideMode.ElideRight, box.width() - 2 * pad)
        if len(text) < min(3, len(item.name)):
            return None
    else:
        text = item.words if box.width() < _LEAST_WIDTH * ratio else f"{item.name}: {item.words}"
        if metrics.horizontalAdvance(text) > max(box.width(), metrics.horizontalAdvance(item.words)):
            text = item.words
    width = metrics.horizontalAdvance(text) + 2 * pad
    top = box.top() - height if box.top() - height >= view.top() else max(box.top(), view.top())
    left = min(max(box.left() - ratio, view.left()), view.right() - width)
    return QRectF(left, top, width, height), text


def _paint_tag(painter: QPainter, item: Item, place: QRectF, text: str) -> None:
    colour = QColor(PALETTE[item.colour] if item.kept else _DARK)
    painter.fillRect(place, colour)
    painter.setPen(QColor(_against(colour)))
    painter.drawText(place, Qt.AlignmentFlag.AlignCenter, text)


def _against(colour: QColor) -> str:
    """Dark on light colours, light on dark ones."""
    light = 0.299 * colour.red() + 0.587 * colour.green() + 0.114 * colour.blue()
    return _DARK if light > 125 else _LIGHT


def _pen(colour: QColor, width: float, *, dashed: bool) -> QPen:
    pen = QPen(colour, width)
    pen.setCosmetic(True)  # as wide at any zoom
    pen.setJoinStyle(Qt.PenJoinStyle.MiterJoin)
    pen.setCapStyle(Qt.PenCapStyle.FlatCap if dashed else Qt.PenCapStyle.RoundCap)
    if dashed:
        pen.setDashPattern(_DASHES)
    return pen


def _size(item: Item) -> float:
    left, top, right, bottom = item.bounds or (0, 0, 0, 0)
    return (right - left) * (bottom - top)


def _grouped(items: Iterable[Item], grain: float) -> Iterator[_Group]:
    """Groups by colour and fate: the kept ones lie above those that are lost."""
    groups: dict[tuple[bool, int], list[Item]] = {}
    for item in items:
        groups.setdefault((item.kept, item.colour), []).append(item)
    for (kept, colour), all_of_it in sorted(groups.items()):
        boxes, own = [], []
        for item in all_of_it:  # most are one box, and the rest of what there is takes longer to look through
            one = item.shapes[0] if len(item.shapes) == 1 else None
            if isinstance(one, BoundingBox):
                boxes.append(one.bounds)
            else:
                own.append(item)
        yield _Group(
            colour,
            kept,
            path_of([_simpler(ring, grain) for item in own for ring in item.outlines], boxes),
            path_of([_simpler(ring, grain) for item in own for ring in item.surfaces]),
            tuple(QPointF(x, y) for item in own for x, y in item.points),
        )


def _simpler(ring: Coordinates, grain: float) -> Coordinates:
    """An outline with fewer points, none of it moved by more than the grain."""
    if not grain or len(ring) <= _MOST_ALIKE:
        return ring
    found: Coordinates = cv2.approxPolyDP(ring.astype(np.float32), grain, True)[:, 0].astype(np.float64)
    return found if len(found) >= 3 else ring


_AROUND = [0, 1, 2, 1, 2, 3, 0, 3, 0, 1]
"""Of left, top, right and bottom, those that make the corners, clockwise from top left and back to it."""
_ELEMENT = np.dtype([("type", ">i4"), ("x", ">f8"), ("y", ">f8")])


def path_of(rings: list[Coordinates], boxes: Sequence[tuple[float, float, float, float]] = ()) -> QPainterPath:
    """A path of closed rings, made from arrays in one go: thousands of points would take long one by one.

    Parameters
    ----------
    rings : list of ndarray
        Of points, `(N, 2)`.
    boxes : sequence of (float, float, float, float)
        Left, top, right and bottom of further ones.
    """
    path = QPainterPath()
    if not (rings or boxes):
        return path
    around = np.array(boxes, np.float64).reshape(-1, 4)[:, _AROUND].reshape(-1, 2)
    closed = np.concatenate([around, *(points for ring in rings for points in (ring, ring[:1]))])
    if not np.isfinite(closed).all():  # one that goes nowhere
        finite = [box for box in boxes if np.isfinite(box).all()]
        return path_of([ring for ring in rings if np.isfinite(ring).all()], finite)
    elements = np.empty(len(closed), _ELEMENT)
    elements["type"] = 1  # a line to there
    lengths = [len(_AROUND) // 2] * len(boxes) + [len(ring) + 1 for ring in rings]
    ends = np.cumsum(lengths)
    elements["type"][[0, *ends[:-1].tolist()]] = 0  # a new ring begins
    elements["x"], elements["y"] = closed[:, 0], closed[:, 1]
    data = struct.pack(">i", len(closed)) + elements.tobytes() + struct.pack(">ii", int(ends[-1] - lengths[-1]), 0)
    held = QByteArray(data)  # the stream may not keep it
    stream = QDataStream(held)
    stream >> path
    return path


def _as_image(overlay: Overlay) -> QImage | None:
    if overlay.layer is None:
        return None
    pixels = np.ascontiguousarray(overlay.layer)
    height, width = pixels.shape[:2]
    form = QImage.Format.Format_RGBA8888_Premultiplied
    image = QImage(pixels.data, width, height, pixels.strides[0], form)
    return image.convertToFormat(QImage.Format.Format_ARGB32_Premultiplied)
