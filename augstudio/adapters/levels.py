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
        Makes the same number of others a mask of the kind and type that this one was.
    """

    masks: tuple[Mask, ...]
    back: Callable[[Sequence[Mask]], Any]


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
        return _of_planes(_planes(mask), fill, lambda planes: planes[0] if mask.ndim == 2 else np.stack(planes, -1))
    raise TypeError(f"a mask must be a Pillow image, a NumPy array or a PyTorch tensor, not {type(mask).__name__}")


def _planes(mask: NDArray[Any]) -> list[NDArray[Any]]:
    if mask.ndim not in (2, 3):
        raise ValueError(f"a mask must be (H, W) or (H, W, C), not {mask.shape}")
    return [mask] if mask.ndim == 2 else [mask[..., channel] for channel in range(mask.shape[2])]


def _pillow(mask: Any, fill: int) -> Planes:
    from PIL import Image

    if mask.mode not in _MODES:
        raise ValueError(f"a mask must be of mode {', '.join(_MODES)}, not {mask.mode}")

    def back(planes: list[NDArray[Any]]) -> Any:
        changed = Image.fromarray(planes[0] if len(planes) == 1 else np.stack(planes, -1))
        if mask.mode == "P":
            changed.putpalette(mask.getpalette())
        return changed

    return _of_planes(_planes(np.asarray(mask)), fill, back)


def _tensor(mask: Any, fill: int) -> Planes:
    if mask.ndim not in (2, 3):
        raise ValueError(f"a mask's tensor must be (H, W) or (N, H, W), not {tuple(mask.shape)}")
    levels = mask.numpy()

    def back(planes: list[NDArray[Any]]) -> Any:
        changed = sys.modules["torch"].from_numpy(planes[0] if mask.ndim == 2 else np.stack(planes))
        return like(changed, mask)

    return _of_planes([levels] if levels.ndim == 2 else list(levels), fill, back)


def _of_planes(planes: Sequence[NDArray[Any]], fill: int, back: Callable[[list[NDArray[Any]]], Any]) -> Planes:
    if not planes:
        raise ValueError("a mask must have at least one plane")
    kind = planes[0].dtype
    if kind.kind not in "bui":
        raise TypeError(f"a mask must be of whole numbers or bool, not {kind}")
    if kind.kind != "b" and not np.iinfo(kind).min <= fill <= np.iinfo(kind).max:
        raise ValueError(f"mask_fill is {fill}, which no mask of {kind} can hold")
    # Others than the engine's types are held as distances from their least: −1 often stands for "not labelled".
    least = 0 if kind.kind != "i" else min(0, fill, *(int(plane.min(initial=0)) for plane in planes))
    masks = tuple(Mask(_narrow(plane, least, fill), (fill - least,)) for plane in planes)

    def wide(changed: Sequence[Mask]) -> Any:
        found = [mask.pixels for mask in changed]
        if least:
            found = [plane.astype(np.int64) + least for plane in found]
        return back([plane.astype(kind, copy=False) for plane in found])

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
