"""Pictures as other libraries hold them: taken apart into an array, and put together again as the same kind."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from augstudio.adapters.libraries import is_a
from augstudio.engine import Pixels, check_pixels

_MODES = ("L", "LA", "RGB", "RGBA", "I;16")


class Opened(NamedTuple):
    """A picture in the engine's hands.

    Attributes
    ----------
    pixels : ndarray
        See `Pixels`.
    back : callable
        Makes another array a picture of the kind that this one was.
    """

    pixels: Pixels
    back: Callable[[Pixels], Any]


def is_pillow(thing: object) -> bool:
    """Whether it is a picture of Pillow."""
    return is_a(thing, "PIL.Image", "Image")


def is_tensor(thing: object) -> bool:
    """Whether it is a tensor of PyTorch."""
    return is_a(thing, "torch", "Tensor")


def opened(picture: object) -> Opened:
    """Take a picture apart.

    Parameters
    ----------
    picture : PIL.Image.Image, ndarray or torch.Tensor
        Of mode L, LA, RGB, RGBA or I;16; `(H, W)` or `(H, W, 1 | 2 | 3 | 4)`; `(H, W)` or `(1 | 2 | 3 | 4, H, W)`.
        Arrays and tensors are of uint8 or uint16. It is left as it is.

    Raises
    ------
    TypeError, ValueError
        If it is no such picture; the message says what to do.
    """
    if isinstance(picture, np.ndarray):
        return _array(picture)
    if is_pillow(picture):
        return _pillow(picture)
    if is_tensor(picture):
        return _tensor(picture)
    raise TypeError(
        f"a picture must be a Pillow image, a NumPy array or a PyTorch tensor, not {type(picture).__name__}"
    )


def _array(picture: Pixels) -> Opened:
    if picture.ndim == 3 and picture.shape[2] == 1:
        return Opened(check_pixels(picture[..., 0]), lambda pixels: pixels[..., None])
    return Opened(check_pixels(picture), lambda pixels: pixels)


def _pillow(picture: Any) -> Opened:
    from PIL import Image

    if picture.mode not in _MODES:
        raise ValueError(
            f"a picture must be of mode {', '.join(_MODES)}, not {picture.mode}: image.convert('RGB') makes one of it"
        )
    return Opened(check_pixels(np.asarray(picture)), Image.fromarray)


def _tensor(picture: Any) -> Opened:
    torch = sys.modules["torch"]
    if picture.dtype not in (torch.uint8, torch.uint16):
        raise TypeError(
            f"a picture's tensor must be uint8 or uint16, not {str(picture.dtype).removeprefix('torch.')}: augment "
            "before its levels are made floats (torchvision's PILToTensor keeps them, its ToTensor does not)"
        )
    if not (picture.ndim == 2 or (picture.ndim == 3 and picture.shape[0] in (1, 2, 3, 4))):
        hint = "; of a batch, one picture at a time" if picture.ndim == 4 else ""
        raise ValueError(
            f"a picture's tensor must be (H, W) or (1 | 2 | 3 | 4, H, W), not {tuple(picture.shape)}{hint}"
        )
    levels = picture.numpy()
    pixels = levels if levels.ndim == 2 else levels[0] if len(levels) == 1 else np.moveaxis(levels, 0, -1)
    grey, flat = levels.ndim == 3 and len(levels) == 1, levels.ndim == 2

    def back(changed: Pixels) -> Any:
        if not flat:
            changed = changed[None] if grey else np.ascontiguousarray(np.moveaxis(changed, -1, 0))
        return like(torch.from_numpy(changed), picture)

    return Opened(check_pixels(pixels), back)


def like(tensor: Any, other: Any, **about: object) -> Any:
    """A tensor as the same tv_tensor as another, or as a plain one where that is plain."""
    if is_a(other, "torchvision.tv_tensors", "TVTensor"):
        return sys.modules["torchvision.tv_tensors"].wrap(tensor, like=other, **about)
    return tensor
