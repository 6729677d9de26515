"""torchvision's boxes, masks and key points: what its `tv_tensors` mean, and how they follow a picture."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from augstudio.adapters.libraries import is_a
from augstudio.adapters.parts import OF_OBJECTS, Layout, Path, at
from augstudio.adapters.pictures import is_tensor, like
from augstudio.adapters.travelling import Luggage, Made
from augstudio.engine import BoundingBox, Region, Shape

_MODULE = "torchvision.tv_tensors"
_HALF = 0.5
"""torchvision's key points count from the middle of the first pixel, the engine's from its corner; boxes agree."""


def pack(luggage: Luggage, sample: Any, nodes: Mapping[Path, Any], layout: Layout, size: tuple[int, int]) -> None:
    """Take along all `tv_tensors` of a sample but its picture.

    Parameters
    ----------
    luggage : Luggage
        What travels already; it grows.
    sample : object
        The sample.
    nodes : mapping
        Its parts, as of `nodes_of`.
    layout : Layout
        What is what.
    size : (int, int)
        Width and height of the picture.

    Raises
    ------
    TypeError, ValueError
        If there are rotated boxes, or two sets of boxes, or nothing tells what goes with a box that is not kept, or
        boxes or key points are those of a picture of another size.
    """
    if _MODULE not in sys.modules:
        return
    boxes = [path for path, node in nodes.items() if is_a(node, _MODULE, "BoundingBoxes")]
    if len(boxes) > 1:
        raise ValueError(f"a sample may have one set of BoundingBoxes, not {len(boxes)}")
    if boxes:
        _pack_objects(luggage, sample, nodes, layout, boxes[0])
    for path, node in nodes.items():
        if is_a(node, _MODULE, "BoundingBoxes") or is_a(node, _MODULE, "KeyPoints"):
            _check_canvas(path, node, size)
        if path in luggage.paths:
            continue
        if is_a(node, _MODULE, "Mask"):
            luggage.take_mask(path, node, layout.mask_fill)
        elif is_a(node, _MODULE, "KeyPoints"):
            luggage.take([path], lambda made, path=path, node=node: {path: _moved_points(node, made)})  # type: ignore[misc]


def _check_canvas(path: Path, node: Any, size: tuple[int, int]) -> None:
    if tuple(node.canvas_size) != size[::-1]:
        where = "".join(f"[{place!r}]" for place in path)
        raise ValueError(
            f"sample{where} has the canvas_size {tuple(node.canvas_size)}, and the picture {size[::-1]}: they are "
            "those of a picture of another size"
        )


def _pack_objects(luggage: Luggage, sample: Any, nodes: Mapping[Path, Any], layout: Layout, path: Path) -> None:
    """Take along boxes, and all that is theirs."""
    boxes = at(sample, path)
    limits = _limits(boxes)
    count, parent = len(limits), path[:-1]
    beside = {other: node for other, node in nodes.items() if len(other) == len(path) and other[:-1] == parent}
    regions = {
        other: node
        for other, node in beside.items()
        if is_a(node, _MODULE, "Mask") and node.ndim == 3 and len(node) == count and _is_of_objects(node)
    }
    points = {
        other: node
        for other, node in beside.items()
        if is_a(node, _MODULE, "KeyPoints") and node.ndim > 2 and len(node) == count
    }
    rows = _rows(beside, layout, parent, count)

    luggage.shapes += _shapes(limits, [node.numpy() for node in regions.values()])
    luggage.names += [layout.name(label) for label in rows.get((*parent, "labels"), [""] * count)]
    luggage.stated = True

    def unpack(made: Made) -> dict[Path, Any]:
        fates = [fate for fate in made.outcome.fates if fate.kept]
        kept = [fate.number for fate in fates]
        seen = [_bounds(fate.shapes, limits[fate.number]) for fate in fates]
        changes = {path: _boxes_like(boxes, np.array(seen, np.float64).reshape(len(seen), 4), made.size)}
        changes.update({other: _only(kept, node) for other, node in rows.items()})
        for other, node in regions.items():
            changes[other] = _planes_like(node, kept, [fate.shapes for fate in fates], made.size)
        for other, node in points.items():
            changes[other] = _moved_points(node[kept] if kept else node[:0], made, node)
        return changes

    luggage.take([path, *rows, *regions, *points], unpack)


def _rows(beside: Mapping[Path, Any], layout: Layout, parent: Path, count: int) -> dict[Path, Any]:
    """What has a row for each box."""
    asked = OF_OBJECTS if layout.per_object is None else layout.per_object
    rows = {(*parent, place): beside[*parent, place] for place in asked if (*parent, place) in beside}
    if layout.per_object is None and not rows:
        raise ValueError(
            "boxes that a copy loses are left out, and nothing tells what goes with them: say per_object=…, the parts "
            "beside the boxes that have a row for each, or () if there are none"
        )
    for other, node in rows.items():
        if len(node) != count:
            raise ValueError(f"{other[-1]!r} has {len(node)} rows beside {count} boxes; it should have one for each")
    return rows


def _limits(boxes: Any) -> NDArray[np.float64]:
    """Left, top, right and bottom of each box: `(N, 4)`."""
    form = boxes.format.name
    if form not in ("XYXY", "XYWH", "CXCYWH"):
        raise ValueError(f"boxes of the format {form} are not moved; XYXY, XYWH and CXCYWH are")
    numbers: NDArray[np.float64] = boxes.numpy().astype(np.float64).reshape(len(boxes), 4)  # also of none
    first, last = numbers[:, :2], numbers[:, 2:]
    if form == "XYWH":
        return np.concatenate((first, first + last), 1)
    if form == "CXCYWH":
        return np.concatenate((first - last / 2, first + last / 2), 1)
    return numbers


def _bounds(shapes: Sequence[Shape], before: NDArray[np.float64]) -> Sequence[float]:
    """An object's box in the copy; as it was where nothing moves and it lies outside, which is theirs to say."""
    return next((shape.bounds for shape in shapes if isinstance(shape, BoundingBox)), before.tolist())


def _boxes_like(boxes: Any, limits: NDArray[np.float64], size: tuple[int, int]) -> Any:
    first, last = limits[:, :2], limits[:, 2:]
    if boxes.format.name == "XYWH":
        limits = np.concatenate((first, last - first), 1)
    elif boxes.format.name == "CXCYWH":
        limits = np.concatenate(((first + last) / 2, last - first), 1)
    return like(_tensor_like(boxes, limits), boxes, canvas_size=size[::-1])


def _tensor_like(tensor: Any, numbers: NDArray[np.float64]) -> Any:
    """Numbers as a plain tensor of another's type, rounded where that is of whole numbers."""
    plain = sys.modules["torch"].from_numpy(numbers)
    return (plain if tensor.is_floating_point() else plain.round()).to(tensor.dtype)


def _is_of_objects(mask: Any) -> bool:
    """Whether each plane says of every pixel only whether it is of one object."""
    levels = mask.numpy()
    return levels.dtype == np.bool_ or all(len(np.unique(plane[plane != 0])) <= 1 for plane in levels)


def _shapes(limits: NDArray[np.float64], masks: Sequence[NDArray[Any]]) -> list[Shape]:
    shapes: list[Shape] = [BoundingBox(number, *row) for number, row in enumerate(limits.tolist())]
    for planes in masks:
        regions = (Region.within(number, plane != 0) for number, plane in enumerate(planes))
        shapes += [region for region in regions if region.pixels.size]  # of one without pixels, the box tells all
    return shapes


def _planes_like(mask: Any, kept: Sequence[int], shapes: Sequence[Sequence[Shape]], size: tuple[int, int]) -> Any:
    before = mask.numpy()
    planes = np.zeros((len(kept), *size[::-1]), before.dtype)
    for plane, number, seen in zip(planes, kept, shapes, strict=True):
        for region in seen:
            if isinstance(region, Region):
                plane[region.whole(size)] = before[number].max()
    return like(sys.modules["torch"].from_numpy(planes), mask)


def _moved_points(points: Any, made: Made, other: Any = None) -> Any:
    """Key points where they went, those outside of the copy too; NaN, or −1 of whole numbers, for those behind it."""
    before = points.numpy().astype(np.float64)
    after = made.outcome.points.forward(before.reshape(-1, 2) + _HALF) - _HALF
    if not points.is_floating_point():
        after = np.nan_to_num(after, nan=-1)
    tensor = _tensor_like(points, after.reshape(before.shape))
    return like(tensor, points if other is None else other, canvas_size=made.size[::-1])


def _only(kept: Sequence[int], rows: Any) -> Any:
    if is_tensor(rows) or isinstance(rows, np.ndarray):
        return rows[list(kept)] if kept else rows[:0]
    return type(rows)([rows[number] for number in kept])
