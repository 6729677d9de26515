"""Masks as other libraries hold them: planes of whole numbers, which are names and not colours."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from augstudio.adapters.pictures import is_pillow, is_tensor, like
from augstudio.engine import Mask

_MOST = 65535
_MODES = ("1", "L", "P", "RGB", "I", "I;16")


class Planes(NamedTuple):
    """A mask in the engine's hands.

    Attributes
    ----------
    masks : tuple of Mask
        One `(H, W)` for each plane.
    back : callable
        Makes the same number of others, of a width and height, a mask of the kind and type that this one was.
    """

    masks: tuple[Mask, ...]
    back: Callable[[Sequence[Mask], tuple[int, int]], Any]


def opened(mask: object, fill: int) -> Planes:
    """Take a mask apart.

    Parameters
    ----------
    mask : PIL.Image.Image, ndarray or torch.Tensor
        Of mode 1, L, P, RGB, I or I;16; `(H, W)` or `(H, W, C)`; `(H, W)` or `(N, H, W)`. Of whole numbers or bool.
    fill : int
        What it shows where the copy shows what lies outside of the picture.

    Raises
    ------
    TypeError, ValueError
        If it is no such mask, or its numbers span more than 65,536.
    """
    if is_pillow(mask):
        return _pillow(mask, fill)
    if is_tensor(mask):
        return _tensor(mask, fill)
    if isinstance(mask, np.ndarray):
        return _array(mask, fill)
    raise TypeError(f"a mask must be a Pillow image, a NumPy array or a PyTorch tensor, not {type(mask).__name__}")


def _array(mask: NDArray[Any], fill: int) -> Planes:
    if mask.ndim not in (2, 3):
        raise ValueError(f"a mask must be (H, W) or (H, W, C), not {mask.shape}")
    return _of_planes(np.atleast_3d(mask), fill, lambda planes: planes if mask.ndim == 3 else planes[..., 0])


def _pillow(mask: Any, fill: int) -> Planes:
    from PIL import Image

    if mask.mode not in _MODES:
        raise ValueError(f"a mask must be of mode {', '.join(_MODES)}, not {mask.mode}")

    def back(planes: NDArray[Any]) -> Any:
        changed = Image.fromarray(np.ascontiguousarray(planes[..., 0] if planes.shape[2] == 1 else planes))
        if mask.mode == "P":
            changed.putpalette(mask.getpalette())
        return changed

    return _of_planes(np.atleast_3d(np.asarray(mask)), fill, back)


def _tensor(mask: Any, fill: int) -> Planes:
    if mask.ndim not in (2, 3):
        raise ValueError(f"a mask's tensor must be (H, W) or (N, H, W), not {tuple(mask.shape)}")
    levels = mask.numpy()

    def back(planes: NDArray[Any]) -> Any:
        changed = np.ascontiguousarray(planes[..., 0] if mask.ndim == 2 else planes.transpose(2, 0, 1))
        return like(sys.modules["torch"].from_numpy(changed), mask)

    return _of_planes(levels[..., np.newaxis] if levels.ndim == 2 else levels.transpose(1, 2, 0), fill, back)


def _of_planes(planes: NDArray[Any], fill: int, back: Callable[[NDArray[Any]], Any]) -> Planes:
    """Take planes apart, `(H, W, N)`; `back` is given others like them."""
    kind = planes.dtype
    if kind.kind not in "bui":
        raise TypeError(f"a mask must be of whole numbers or bool, not {kind}")
    if kind.kind != "b" and not np.iinfo(kind).min <= fill <= np.iinfo(kind).max:
        raise ValueError(f"mask_fill is {fill}, which no mask of {kind} can hold")
    # Others than the engine's types are held as distances from their least: −1 often stands for "not labelled".
    least = 0 if kind.kind != "i" else min(0, fill, int(planes.min(initial=0)))
    masks = tuple(Mask(_narrow(planes[..., number], least, fill), (fill - least,)) for number in range(planes.shape[2]))

    def wide(changed: Sequence[Mask], size: tuple[int, int]) -> Any:
        found = np.empty((*size[::-1], len(changed)), kind)  # also of none
        for number, mask in enumerate(changed):
            found[..., number] = mask.pixels.astype(np.int64) + least if least else mask.pixels
        return back(found)

    return Planes(masks, wide)


def _narrow(plane: NDArray[Any], least: int, fill: int) -> NDArray[Any]:
    if plane.dtype in (np.uint8, np.uint16):
        return np.ascontiguousarray(plane)
    if plane.dtype == np.bool_:
        return plane.astype(np.uint8)
    most = max(fill, int(plane.max(initial=0)))
    if most - least > _MOST:
        raise ValueError(f"a mask's numbers may span {_MOST + 1:,}, not from {least} to {most}")
    return (plane.astype(np.int64) - least).astype(np.uint16)
