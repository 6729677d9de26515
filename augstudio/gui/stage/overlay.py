"""What is drawn over a picture: the shapes of its objects and its masks, as plain values."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from augstudio.engine import BoundingBox, KeyPoints, Mask, Polygon, Region, Shape
from augstudio.engine.shapes import Coordinates, corners_of
from augstudio.label_rules import Fate

PALETTE = (
    "#e69f00", "#56b4e9", "#009e73", "#f0e442", "#0072b2", "#d55e00", "#cc79a7",
    "#44aa99", "#882255", "#999933", "#88ccee", "#332288", "#ddcc77", "#117733",
)  # fmt: skip
"""Colours of categories, in their order and from the beginning again: Okabe and Ito's, then some of Tol's."""
_COLOURS = np.array([[int(colour[i : i + 2], 16) for i in (1, 3, 5)] for colour in PALETTE], np.uint8)
_OPACITY = 0.45
"""Of masks."""


@dataclass(frozen=True, eq=False)
class Item:
    """One object.

    Attributes
    ----------
    number : int
        The object's.
    name : str
        Its class.
    colour : int
        Place in `PALETTE`.
    shapes : tuple of Shape
        In pixels of the overlay's picture.
    kept : bool
        Whether the copy has it.
    words : str
        Why the copy has lost it, or how much of it the copy shows; empty if there is nothing to say.
    bounds : tuple of float or None
        Left, top, right, bottom of all of it; None where nothing is to be seen.
    """

    number: int
    name: str
    colour: int
    shapes: tuple[Shape, ...]
    kept: bool = True
    words: str = ""
    bounds: tuple[float, float, float, float] | None = None

    @property
    def outlines(self) -> Iterator[Coordinates]:
        """Closed rings to be drawn, `(N, 2)`."""
        for shape in self.shapes:
            if isinstance(shape, BoundingBox):
                yield corners_of(shape.bounds)
        yield from self.surfaces
        if not self.kept and self.bounds and all(isinstance(shape, Region) for shape in self.shapes):
            yield corners_of(self.bounds)

    @property
    def surfaces(self) -> Iterator[Coordinates]:
        """Those of them that are filled."""
        for shape in self.shapes:
            if isinstance(shape, Polygon):
                yield from (ring for piece in shape.pieces for ring in piece)

    @property
    def points(self) -> Iterator[tuple[float, float]]:
        """Single points."""
        for shape in self.shapes:
            if isinstance(shape, KeyPoints):
                yield from ((x, y) for x, y in shape.points.tolist() if x == x and y == y)


@dataclass(frozen=True, eq=False)
class Overlay:
    """What is drawn over a picture.

    Attributes
    ----------
    size : (int, int)
        Width and height of the real picture: what the items' pixels are counted in.
    items : tuple of Item
        The objects that are drawn.
    layer : ndarray or None
        Masks, as RGBA with alpha multiplied in, `(H, W, 4)` of the size of the image that is shown; None without any.
    """

    size: tuple[int, int]
    items: tuple[Item, ...]
    layer: NDArray[np.uint8] | None = None

    def at(self, x: float, y: float) -> Item | None:
        """The smallest object about a point, in pixels of the real picture."""
        found = [
            ((box[2] - box[0]) * (box[3] - box[1]), item.number, item)
            for item in self.items
            if (box := item.bounds) is not None and box[0] <= x <= box[2] and box[1] <= y <= box[3]
        ]
        return min(found, key=lambda one: one[:2])[2] if found else None


def item_of(number: int, name: str, colour: int, shapes: tuple[Shape, ...], words: str = "") -> Item:
    """An object that is kept; `colour` is the number of its category."""
    boxes = [bounds for shape in shapes if (bounds := _bounds(shape)) is not None]
    around = boxes[0] if len(boxes) == 1 else _around(boxes)
    return Item(number, name, colour % len(PALETTE), shapes, True, words, around)


def _around(boxes: Sequence[tuple[float, float, float, float]]) -> tuple[float, float, float, float] | None:
    if not boxes:
        return None
    left, top, right, bottom = zip(*boxes, strict=True)
    return min(left), min(top), max(right), max(bottom)


def of_source(items: Sequence[Item], size: tuple[int, int], fates: Sequence[Fate] | None = None) -> Overlay:
    """The objects of an original; of a copy that loses some, with the reasons.

    Parameters
    ----------
    items : sequence of Item
        All objects, in the order of their numbers.
    size : (int, int)
        Of the full picture.
    fates : sequence of Fate, optional
        What becomes of each object in the copy in view.
    """
    if fates is None:
        return Overlay(size, tuple(items))
    told = (
        item if fate.kept else Item(*_same(item), fate.kept, fate.reason, item.bounds)
        for item, fate in zip(items, fates, strict=True)
    )
    return Overlay(size, tuple(told))


def _same(item: Item) -> tuple[int, str, int, tuple[Shape, ...]]:
    return item.number, item.name, item.colour, item.shapes


def of_copy(items: Sequence[Item], size: tuple[int, int], fates: Sequence[Fate]) -> Overlay:
    """The objects that a copy of this size has, as the export writes them; see `of_source`."""
    kept = (
        item_of(item.number, item.name, item.colour, fate.shapes, _words(fate))
        for item, fate in zip(items, fates, strict=True)
        if fate.kept
    )
    return Overlay(size, tuple(kept))


def _words(fate: Fate) -> str:
    return f"{100 * fate.share:.0f} % visible" if fate.share < 0.995 else ""


def _bounds(shape: Shape) -> tuple[float, float, float, float] | None:
    if isinstance(shape, KeyPoints):
        points = shape.points[np.isfinite(shape.points).all(axis=1)]
        if not len(points):
            return None
        (left, top), (right, bottom) = points.min(axis=0), points.max(axis=0)
        return float(left), float(top), float(right), float(bottom)
    return shape.bounds


# -- masks -------------------------------------------------------------------------------------------------------------


def with_layer(
    overlay: Overlay, masks: Sequence[Mask], levels: Sequence[Mapping[int, int]], shape: tuple[int, int]
) -> Overlay:
    """Put masks, and objects that are known by their pixels, into an overlay.

    Parameters
    ----------
    overlay : Overlay
        With the objects.
    masks : sequence of Mask
        Of the size of the image that is shown.
    levels : sequence of mapping
        As of `Known`.
    shape : (int, int)
        Height and width of the image that is shown.
    """
    layers = [_coloured(mask, own) for mask, own in zip(masks, levels, strict=True)]
    layers += _regions(overlay, shape)
    if not layers:
        return overlay
    whole = layers[0]
    for layer in layers[1:]:
        rest = 1 - layer[..., 3:].astype(np.float32) / 255
        whole = (layer + whole * rest).astype(np.uint8)
    return replace(overlay, layer=whole)


def _coloured(mask: Mask, levels: Mapping[int, int]) -> NDArray[np.uint8]:
    """A mask in colours; background, and what is not labelled, is left clear."""
    pixels = mask.pixels
    if pixels.ndim == 3:
        return _own_colours(mask)
    table = np.zeros((int(pixels.max()) + 1, 4), np.uint8)
    numbers = np.array([levels.get(level, level) for level in range(len(table))])
    table[:, :3] = _COLOURS[numbers % len(PALETTE)] * _OPACITY
    table[:, 3] = round(255 * _OPACITY)
    clear = [level for level in mask.fill if level < len(table)]
    if 0 not in levels:
        clear.append(0)
    table[clear] = 0
    return np.asarray(table[pixels])


def _own_colours(mask: Mask) -> NDArray[np.uint8]:
    """A mask whose colours are the names."""
    pixels = mask.pixels
    channels = pixels.shape[2] - (pixels.shape[2] in (2, 4))
    shown = (pixels[..., :channels] >> (8 if pixels.dtype == np.uint16 else 0)).astype(np.uint8)
    fill = np.array(mask.fill[:channels], pixels.dtype)
    clear = (pixels[..., :channels] == fill).all(axis=2) | ~pixels[..., :channels].any(axis=2)
    layer = np.empty((*pixels.shape[:2], 4), np.uint8)
    layer[..., :3] = shown * _OPACITY
    layer[..., 3] = round(255 * _OPACITY)
    layer[clear] = 0
    return layer


def _regions(overlay: Overlay, shape: tuple[int, int]) -> list[NDArray[np.uint8]]:
    found: NDArray[np.uint8] | None = None
    for item in overlay.items:
        for region in item.shapes:
            if isinstance(region, Region) and region.pixels.size:
                found = np.zeros((*shape, 4), np.uint8) if found is None else found
                _put(region, found, overlay.size, (*_COLOURS[item.colour] * _OPACITY, 255 * _OPACITY))
    return [] if found is None else [found]


def _put(region: Region, layer: NDArray[np.uint8], size: tuple[int, int], colour: tuple[float, ...]) -> None:
    """Put a region of a picture of that size into a layer, each pixel of which shows the nearest one."""
    (down, own_rows), (across, own_columns) = (
        _nearest(begin, length, whole, shown)
        for begin, length, whole, shown in zip(
            (region.top, region.left), region.pixels.shape, reversed(size), layer.shape[:2], strict=True
        )
    )
    part = layer[down, across]
    part[region.pixels[np.ix_(own_rows, own_columns)]] = colour


def _nearest(begin: int, length: int, whole: int, shown: int) -> tuple[slice, NDArray[np.int64]]:
    """Which pixels of a layer show a stretch of a picture, and which pixel of the stretch each of them shows."""
    places = ((np.arange(shown) + 0.5) * whole / shown).astype(np.int64) - begin
    inside = np.flatnonzero((places >= 0) & (places < length))
    if not len(inside):
        return slice(0, 0), inside
    return slice(int(inside[0]), int(inside[-1]) + 1), places[inside]
