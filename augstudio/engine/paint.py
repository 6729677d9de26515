"""Paint: noise, salt and pepper, cut-outs.

A random field is built from the step's own seed, from the raw 64-bit words of NumPy's SFC64: those words are
guaranteed not to change between NumPy's versions, while its distributions are not.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from statistics import NormalDist

import cv2
import numpy as np
from numpy.typing import NDArray

from augstudio.engine.alpha import mean_seen
from augstudio.engine.lookup import look_up
from augstudio.engine.pixels import Pixels, full_range
from augstudio.engine.step import Step


def uniform16(seed: int, shape: tuple[int, ...]) -> NDArray[np.uint16]:
    """A field of independent whole numbers, uniform in 0..65535."""
    return _uniform16(np.random.SFC64(seed), shape)


def _uniform16(numbers: np.random.SFC64, shape: tuple[int, ...]) -> NDArray[np.uint16]:
    """The next numbers of such a field; the parts of one field hold a multiple of four numbers, but for the last."""
    count = int(np.prod(shape))
    words: NDArray[np.uint64] = numbers.random_raw((count + 3) // 4)
    return words.astype("<u8", copy=False).view("<u2")[:count].reshape(shape)


def _bytes(numbers: np.random.SFC64, count: int) -> NDArray[np.uint8]:
    """The next random bytes; the parts of one field hold a multiple of eight, but for the last."""
    words: NDArray[np.uint64] = numbers.random_raw((count + 7) // 8)
    return words.astype("<u8", copy=False).view(np.uint8)[:count]


def _rows_at_a_time(colour: Pixels) -> int:
    """A multiple of eight rows, of about 130,000 numbers."""
    return 8 * max(1, 2**14 // int(colour[0].size))


@lru_cache(maxsize=1)
def _normal_quantiles() -> NDArray[np.float64]:
    """Standard normal deviates at the middles of 65,536 equally likely bins (largest: 4.3)."""
    normal = NormalDist()
    half = np.array([normal.inv_cdf((i + 0.5) / 65536) for i in range(32768)])
    quantiles: NDArray[np.float64] = np.concatenate([half, -half[::-1]])
    quantiles /= quantiles.std()
    return quantiles


@lru_cache(maxsize=1)
def _byte_deviates() -> NDArray[np.float64]:
    """Standard normal deviates above 0: the means of 128 equally likely bins, of variance 1 (largest: 3.0).

    The outermost lies 0.06 farther out than its bin's mean, so that the kurtosis is 3 as well.
    """
    normal = NormalDist()
    density = np.array([*(normal.pdf(normal.inv_cdf(i / 256)) for i in range(128, 256)), 0.0])
    deviates: NDArray[np.float64] = 256 * (density[:-1] - density[1:])
    deviates[-1] += _FARTHER_OUT
    deviates /= np.sqrt((deviates**2).mean())
    return deviates


_FARTHER_OUT = 0.0645


def _noise_parts(sigma: float) -> tuple[NDArray[np.int8], NDArray[np.int8]] | None:
    """Two tables by bytes whose levels, added, are normal noise for 8-bit pictures; None where they do not serve."""
    # In 32nds of a level, so that copies of like strength share their tables: nobody could tell one from the next.
    strength = round(sigma * 255 * 32)
    return _parts_of(strength) if 3 * 32 <= strength <= 28 * 32 else None  # few levels, or sums that leave 8 bits


@lru_cache(maxsize=1024)
def _parts_of(strength: int) -> tuple[NDArray[np.int8], NDArray[np.int8]]:
    """The two tables for a standard deviation in 32nds of a level.

    The sum of two normal numbers is normal, and two bytes are looked up several times faster than one number of 16
    bits. Of the sum, the standard deviation is right within 0.15 %, the kurtosis within 0.05, and the share of noise
    below any level within 0.0012; it reaches to 4 times the standard deviation (computed over all strengths by a test).
    """
    # Rounding 128 deviates hits a variance and a kurtosis only nearly, so nine sizes of each part are tried.
    target = (strength / 32) ** 2 + 1 / 12  # whole levels add as much; those of two parts twice that
    sizes = math.sqrt(target - 2 / 12) * np.linspace(0.98, 1.02, 9)[:, None]
    larger, smaller = (np.rint(_byte_deviates() * (sizes * math.sqrt(share))) for share in (0.6, 0.4))
    squares, others = larger * larger, smaller * smaller  # whole numbers: their means are exact on any machine
    a, b = squares.mean(axis=1), others.mean(axis=1)
    found = a[:, None] + b
    fourth = (squares * squares).mean(axis=1)[:, None] + 6 * a[:, None] * b + (others * others).mean(axis=1)
    badness = np.abs(found / target - 1) + 0.1 * np.abs(fourth / found**2 - 3)
    i, j = divmod(int(badness.argmin()), 9)
    one, other = (np.concatenate([-half[::-1], half]).astype(np.int8) for half in (larger[i], smaller[j]))
    return one, other


@lru_cache(maxsize=16)
def _noise_levels(sigma: float, top: int) -> NDArray[np.int8 | np.int16 | np.int32]:
    """Noise in whole levels for each 16-bit number. Whole, since picture + noise is rounded to whole levels anyway."""
    quantiles, scale = _normal_quantiles(), sigma * top
    if top != 255:
        return np.rint(quantiles * scale).astype(np.int32)
    # There are few levels: how many numbers each of them gets is found by where they end; the lower half mirrors it.
    upper = quantiles[len(quantiles) // 2 :]
    most = round(float(upper[-1]) * scale)
    levels: NDArray[np.int8 | np.int16] = np.arange(-most, most + 1).astype(np.int8 if most <= 127 else np.int16)
    counts = np.empty(2 * most + 1, np.intp)
    counts[most:-1] = upper.searchsorted(np.arange(0.5, most) / scale)
    counts[-1] = len(upper)
    counts[most + 1 :] -= counts[most:-1]
    counts[:most] = counts[:most:-1]
    counts[most] *= 2
    return np.repeat(levels, counts)


@dataclass(frozen=True)
class GaussianNoise(Step):
    """Add normal noise.

    Attributes
    ----------
    sigma : float
        Standard deviation, share of full range.
    per_channel : bool
        Whether red, green and blue get noise of their own.
    seed : int
        Of the noise field.
    """

    sigma: float
    per_channel: bool
    seed: int

    def is_identity(self) -> bool:
        """Whether no level changes."""
        return self.sigma * 65535 < 0.1

    def seen_at(self, zoom: float) -> GaussianNoise:
        """As strong as it looks where each pixel is the mean of several."""
        return GaussianNoise(self.sigma * zoom, self.per_channel, self.seed)

    def apply(self, colour: Pixels) -> Pixels:
        """Add the noise, clamped to full range."""
        return self._add(colour, np.empty_like(colour))

    def overwrite(self, colour: Pixels) -> Pixels:
        """Add the noise to the picture itself."""
        return self._add(colour, colour)

    def _add(self, colour: Pixels, result: Pixels) -> Pixels:
        noise = _noise(self.sigma, self.seed, full_range(colour))
        # Band by band, so that a large picture does not take the memory of its noise as well.
        rows = _rows_at_a_time(colour)
        for top in range(0, len(colour), rows):
            band, sums = colour[top : top + rows], result[top : top + rows]
            found = noise(band.shape if self.per_channel else band.shape[:2])
            if found.shape != band.shape:
                found = cv2.merge([found] * 3)
            if found.dtype == np.int8:
                # Levels less 128 are signed as well, and those are added and clamped by vector instructions.
                np.bitwise_xor(band, np.uint8(128), out=sums)
                cv2.add(sums.view(np.int8), found, dst=sums.view(np.int8))
                np.bitwise_xor(sums, np.uint8(128), out=sums)
            else:
                sums[...] = cv2.add(band, found, dtype=cv2.CV_8U if found.dtype == np.int16 else cv2.CV_16U)
        return result

    def describe(self) -> str:
        """One plain line."""
        return f"Gaussian noise, sigma {self.sigma:.3f}"


def _noise(sigma: float, seed: int, top: int) -> Callable[[tuple[int, ...]], Pixels]:
    """What gives the next numbers of a field of noise, in whole levels, part by part."""
    parts = _noise_parts(sigma) if top == 255 else None
    if parts is None:
        levels, numbers = _noise_levels(sigma, top), np.random.SFC64(seed)
        return lambda shape: cv2.LUT(_uniform16(numbers, shape), levels)
    larger, smaller = (part.view(np.uint8) for part in parts)
    first, second = np.random.SFC64(seed), np.random.SFC64(2**64 - 1 - seed)

    def both(shape: tuple[int, ...]) -> Pixels:
        count = math.prod(shape)
        found, added = _bytes(first, count), _bytes(second, count)
        look_up(found, larger)
        look_up(added, smaller)
        found += added  # signed in two's complement, whose sums are those of unsigned bytes
        return found.view(np.int8).reshape(shape)

    return both


@dataclass(frozen=True)
class SaltAndPepper(Step):
    """Set a share of the pixels to black or white, half each.

    Attributes
    ----------
    share : float
        Of the pixels, 0 to 1.
    seed : int
        Of the field.
    """

    share: float
    seed: int

    def is_identity(self) -> bool:
        """Whether no pixel is touched."""
        return self.share * 65536 < 1

    def seen_at(self, zoom: float) -> SaltAndPepper:
        """Each dot in the mean of so many pixels."""
        averaged = max(1, round(1 / zoom**2))
        return AveragedDots(self.share, self.seed, averaged) if averaged > 1 else self

    def apply(self, colour: Pixels) -> Pixels:
        """Paint the dots."""
        return self.overwrite(colour.copy())

    def overwrite(self, colour: Pixels) -> Pixels:
        """Paint the dots on the picture itself."""
        field = uniform16(self.seed, colour.shape[:2])
        half = round(self.share * 32768)
        colour[field < half] = 0
        colour[field >= 65536 - half] = full_range(colour)
        return colour

    def describe(self) -> str:
        """One plain line."""
        return f"salt and pepper on {self.share:.1%} of the pixels"


@dataclass(frozen=True)
class AveragedDots(SaltAndPepper):
    """The same on a reduced preview.

    Attributes
    ----------
    averaged : int
        How many pixels of the export one pixel here stands for, 2 or more.
    """

    averaged: int

    def apply(self, colour: Pixels) -> Pixels:
        """Mix each pixel with its share of dots."""
        field = uniform16(self.seed, colour.shape[:2])
        kept, added = _averaged_dots(self.share, self.averaged)
        weights, extra = np.take(kept, field), np.take(added, field) * np.float32(full_range(colour))
        if colour.ndim == 3:
            weights, extra = weights[..., None], extra[..., None]
        found: Pixels = np.rint(colour * weights + extra).astype(colour.dtype)
        return found

    def overwrite(self, colour: Pixels) -> Pixels:
        """Do the same: nothing is gained by changing the picture itself."""
        return self.apply(colour)


@lru_cache(maxsize=16)
def _averaged_dots(share: float, averaged: int) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """What is kept of a pixel and what white is added, for 65,536 equally likely averages of `averaged` pixels."""
    rng = np.random.Generator(np.random.SFC64(averaged))
    dots = rng.binomial(averaged, share, 65536)
    salt = rng.binomial(dots, 0.5)
    return (1 - dots / averaged).astype(np.float32), (salt / averaged).astype(np.float32)


class Fill(StrEnum):
    """What a cut-out is filled with."""

    GREY = "grey"
    BLACK = "black"
    MEAN = "mean"
    NOISE = "noise"


@dataclass(frozen=True)
class Box:
    """A rectangle in pixels: left and top included, right and bottom not."""

    left: int
    top: int
    right: int
    bottom: int


@dataclass(frozen=True)
class Cutout(Step):
    """Hide boxes behind grey, black, the picture's mean colour, or uniform noise from `seed`."""

    boxes: tuple[Box, ...]
    fill: Fill
    seed: int

    def is_identity(self) -> bool:
        """Whether no box holds a pixel."""
        return all(box.left >= box.right or box.top >= box.bottom for box in self.boxes)

    def apply(self, colour: Pixels) -> Pixels:
        """Paint the boxes."""
        return self.overwrite(colour.copy())

    def overwrite(self, colour: Pixels) -> Pixels:
        """Paint the boxes on the picture itself."""
        return self._paint(colour, None)

    def with_alpha(self, colour: Pixels, alpha: Pixels) -> tuple[Pixels, Pixels]:
        """Paint the boxes; the mean colour is that of what is seen."""
        return self._paint(colour.copy(), alpha), alpha

    def _paint(self, colour: Pixels, alpha: Pixels | None) -> Pixels:
        top = full_range(colour)
        mean = np.rint(mean_seen(colour, alpha)) if self.fill is Fill.MEAN else None
        for number, box in enumerate(self.boxes):
            part = colour[box.top : box.bottom, box.left : box.right]
            match self.fill:
                case Fill.GREY:
                    part[...] = (top + 1) // 2
                case Fill.BLACK:
                    part[...] = 0
                case Fill.MEAN:
                    part[...] = mean
                case Fill.NOISE:
                    field = uniform16(self.seed + number, part.shape)
                    part[...] = field if top == 65535 else field >> 8
        return colour

    def describe(self) -> str:
        """One plain line."""
        return f"{len(self.boxes)} cut-out{'s' if len(self.boxes) > 1 else ''}, {self.fill}"
