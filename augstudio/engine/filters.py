"""Filters: steps that look at a pixel's neighbours. Lengths are pixels of the picture in hand."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cache
from typing import Literal

import cv2
import numpy as np
from numpy.typing import NDArray

from augstudio.engine.alpha import fill_hidden, unweighted, weighted
from augstudio.engine.pixels import Pixels, full_range
from augstudio.engine.step import Step

_EXACT_SIGMA = 12.0
"""Above this, a Gaussian is applied to an area-averaged picture: it holds nothing that the smaller one lacks."""
_EXACT_RADIUS = 4
"""Up to this radius a disc is a disc; above it, an octagon built from cheap pieces."""


@dataclass(frozen=True)
class Blur(Step):
    """Gaussian blur with standard deviation `sigma`, in pixels."""

    sigma: float

    def is_identity(self) -> bool:
        """Whether the kernel is a single pixel."""
        return self.sigma < 0.05

    def apply(self, colour: Pixels) -> Pixels:
        """Blur; edges are mirrored."""
        return gaussian(colour, self.sigma)

    def with_alpha(self, colour: Pixels, alpha: Pixels) -> tuple[Pixels, Pixels]:
        """Blur colour weighed by alpha; alpha stays sharp."""
        return _gaussian_seen(colour, alpha, self.sigma), alpha

    def describe(self) -> str:
        """One plain line."""
        return f"Gaussian blur, sigma {self.sigma:.2f} px"


def gaussian(pixels: Pixels, sigma: float) -> Pixels:
    """Gaussian blur of any strength, in bounded time."""
    if sigma <= _EXACT_SIGMA:
        if pixels.dtype != np.uint16:  # nearer to the exact result than GaussianBlur, and faster from sigma 1 on
            reach = 6 if pixels.dtype == np.uint8 else 8
            kernel = cv2.getGaussianKernel(round(reach * sigma + 1) | 1, sigma, cv2.CV_32F)
            return cv2.sepFilter2D(pixels, -1, kernel, kernel, borderType=cv2.BORDER_REFLECT)
        return cv2.GaussianBlur(pixels, (0, 0), sigma, borderType=cv2.BORDER_REFLECT)
    height, width = pixels.shape[:2]
    factor = int(sigma // (_EXACT_SIGMA / 2))
    small = math.ceil(width / factor), math.ceil(height / factor)
    reduced = cv2.resize(pixels, small, interpolation=cv2.INTER_AREA).astype(np.float32)
    sigmas = [
        math.sqrt(max((sigma * s / full) ** 2 - 0.25, 0.01)) for s, full in zip(small, (width, height), strict=True)
    ]
    blurred = cv2.GaussianBlur(reduced, (0, 0), sigmas[0], sigmaY=sigmas[1], borderType=cv2.BORDER_REFLECT)
    del reduced  # of a large picture, as large as that
    if pixels.dtype != np.float32:
        blurred = np.rint(blurred, out=blurred).astype(pixels.dtype)
    return cv2.resize(blurred, (width, height), interpolation=cv2.INTER_LINEAR)


def _gaussian_seen(colour: Pixels, alpha: Pixels, sigma: float) -> Pixels:
    """The same of colour weighed by alpha."""
    return unweighted(gaussian(weighted(colour, alpha), sigma), colour)


@dataclass(frozen=True)
class Sharpen(Step):
    """Unsharp mask: picture + amount · (picture − Gaussian of `sigma` pixels)."""

    amount: float
    sigma: float

    def is_identity(self) -> bool:
        """Whether nothing is added."""
        return self.amount < 1e-6 or self.sigma < 0.05

    def apply(self, colour: Pixels) -> Pixels:
        """Sharpen."""
        return self._beside(colour, gaussian(colour, self.sigma))

    def with_alpha(self, colour: Pixels, alpha: Pixels) -> tuple[Pixels, Pixels]:
        """Sharpen against the blur of colour weighed by alpha."""
        return self._beside(colour, _gaussian_seen(colour, alpha, self.sigma)), alpha

    def _beside(self, colour: Pixels, blurred: Pixels) -> Pixels:
        return cv2.addWeighted(colour, 1 + self.amount, blurred, -self.amount, 0)

    def describe(self) -> str:
        """One plain line."""
        return f"sharpen ×{self.amount:.2f} at {self.sigma:.2f} px"


@dataclass(frozen=True)
class Morphology(Step):
    """Grow bright (dilate) or dark (erode) parts by a disc of `radius` pixels.

    A radius between two whole numbers mixes the two discs, so that a slider has no steps.
    """

    kind: Literal["dilate", "erode"]
    radius: float

    def is_identity(self) -> bool:
        """Whether the disc is a single pixel."""
        return self.radius < 1e-3

    def apply(self, colour: Pixels) -> Pixels:
        """Dilate or erode."""
        low = math.floor(self.radius)
        share = self.radius - low
        inner = _disc(colour, self.kind, low)
        if share < 1e-3:
            return inner
        outer = _disc(colour, self.kind, low + 1)
        return cv2.addWeighted(inner, 1 - share, outer, share, 0)

    def with_alpha(self, colour: Pixels, alpha: Pixels) -> tuple[Pixels, Pixels]:
        """Dilate or erode among what is visible; hidden pixels stay as they are."""
        seen = alpha > 0
        if colour.ndim == 3:
            seen = np.broadcast_to(seen[..., None], colour.shape)
        nothing = np.array(0 if self.kind == "dilate" else full_range(colour), colour.dtype)
        return np.where(seen, self.apply(np.where(seen, colour, nothing)), colour), alpha

    def describe(self) -> str:
        """One plain line."""
        return f"{self.kind}, radius {self.radius:.2f} px"


def _disc(pixels: Pixels, kind: str, radius: int) -> Pixels:
    if radius == 0:
        return pixels
    run = cv2.dilate if kind == "dilate" else cv2.erode
    if radius <= _EXACT_RADIUS:
        return run(pixels, _disc_kernel(radius))
    # An octagon is a square grown by a diamond. The diamond is chosen so that the octagon holds as many pixels as the
    # disc (within 4 %, but 11 % at radius 7).
    diamond = round(math.sqrt(((2 * radius + 1) ** 2 - math.pi * radius**2) / 2 + 0.25) - 0.5)
    square = radius - diamond
    if 2 * square + 1 <= _WIDE:
        pixels = run(pixels, cv2.getStructuringElement(cv2.MORPH_RECT, (2 * square + 1, 2 * square + 1)))
    else:
        pixels = _grown(_grown(pixels, kind, square, (0,)), kind, square, (1,))
    return _grown(pixels, kind, diamond, (0, 1))


_WIDE = 101
"""Up to this side, OpenCV grows by a square faster than in turns that double: its time goes with the side."""


def _grown(pixels: Pixels, kind: str, reach: int, axes: tuple[int, ...]) -> Pixels:
    """Grow by `reach` pixels along one axis, or along both at once, which makes a diamond: in turns that double.

    A turn goes no farther than all before it, so that nothing between is left out. So time goes with the logarithm of
    the reach, and no reach is farther than the picture goes.
    """
    most = np.maximum if kind == "dilate" else np.minimum
    reach = min(reach, sum(pixels.shape[axis] for axis in axes))
    done = 0
    while done < reach:
        turn = min(max(done, 1), reach - done)
        grown = pixels.copy()
        for axis in axes:
            ahead = (slice(None),) * axis + (slice(turn, None),)
            behind = (slice(None),) * axis + (slice(None, max(0, pixels.shape[axis] - turn)),)
            most(grown[ahead], pixels[behind], out=grown[ahead])
            most(grown[behind], pixels[ahead], out=grown[behind])
        pixels, done = grown, done + turn
    return pixels


@cache
def _disc_kernel(radius: int) -> NDArray[np.uint8]:
    """Not OpenCV's ellipse, which is wider than high."""
    y, x = np.ogrid[-radius : radius + 1, -radius : radius + 1]
    kernel: NDArray[np.uint8] = (x * x + y * y <= radius * radius).astype(np.uint8)
    kernel.flags.writeable = False  # it is cached
    return kernel


@dataclass(frozen=True)
class Jpeg(Step):
    """Compress as JPEG (4:2:0) and decode again.

    Attributes
    ----------
    quality : int
        1 to 100; 100 leaves the picture as it is.
    """

    quality: int

    def is_identity(self) -> bool:
        """Whether the picture is left as it is."""
        return self.quality >= 100

    def seen_at(self, zoom: float) -> Jpeg:
        """With a share of its artefacts, since the preview's pixels average several of the export's."""
        return FaintJpeg(self.quality, zoom)

    def apply(self, colour: Pixels) -> Pixels:
        """Compress and decode; a 16-bit picture goes through 8 bits, as JPEG has no more."""
        eight = colour if colour.dtype == np.uint8 else np.rint(colour / 257.0).astype(np.uint8)
        # The coder takes the channels for blue, green and red, so they are swapped for it.
        swapped = eight if eight.ndim == 2 else cv2.cvtColor(eight, cv2.COLOR_RGB2BGR)
        coded = cv2.imencode(".jpg", swapped, [cv2.IMWRITE_JPEG_QUALITY, self.quality])[1]
        back: Pixels | None = cv2.imdecode(coded, cv2.IMREAD_GRAYSCALE if eight.ndim == 2 else cv2.IMREAD_COLOR_RGB)
        assert back is not None  # it was coded a line above
        result: Pixels = back
        return result.astype(np.uint16) * 257 if colour.dtype == np.uint16 else result

    def with_alpha(self, colour: Pixels, alpha: Pixels) -> tuple[Pixels, Pixels]:
        """Compress with hidden colours like those about them: an edge that nobody sees would ring into what is seen."""
        return self.apply(fill_hidden(colour, alpha)), alpha

    def describe(self) -> str:
        """One plain line."""
        return f"JPEG at quality {self.quality}"


@dataclass(frozen=True)
class FaintJpeg(Jpeg):
    """The same on a reduced preview.

    Attributes
    ----------
    weight : float
        Share of the artefacts that is kept, 0 to 1.
    """

    weight: float

    def apply(self, colour: Pixels) -> Pixels:
        """Compress and decode, and mix it with what was there."""
        return cv2.addWeighted(colour, 1 - self.weight, super().apply(colour), self.weight, 0)
