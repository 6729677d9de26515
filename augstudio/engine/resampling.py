"""How pixels follow a matrix: the kernels of `Warp`.

OpenCV counts from pixel centres, while coordinates here are continuous; the half-pixel shift between the two is made in
`_from_centres` and nowhere else.
"""

from __future__ import annotations

import math

import cv2
import numpy as np

from augstudio.engine.geometry import BorderMode
from augstudio.engine.matrices import EPSILON, Matrix
from augstudio.engine.pixels import Pixels

_SMALL = 2**16
"""Pixels below which a picture is reduced by the exact, slow way: it takes no time anyway."""
_TWO = 1.9
"""How many source pixels a target pixel spans for two of them to be averaged."""

_TWO_ALONE = 2.3
"""The same where only one axis shrinks that far. Up to here, averaging pairs along it brings photos little nearer to
their area average (by 1.3 dB at 2.2, while at 1.9 it takes them 1.4 farther), and is a third of the time of it all."""

_CV_BORDER = {
    BorderMode.BLANK: cv2.BORDER_CONSTANT,
    BorderMode.MIRROR: cv2.BORDER_REFLECT,
    BorderMode.EDGE: cv2.BORDER_REPLICATE,
    BorderMode.TILE: cv2.BORDER_WRAP,
}


def averaged(
    pixels: Pixels, back: Matrix, target: tuple[int, int], mode: BorderMode, fill: tuple[float, ...]
) -> Pixels:
    """Resample light: linearly, and averaged first where it shrinks.

    Parameters
    ----------
    pixels : ndarray
        `(H, W)` or `(H, W, C)`; uint8, uint16 or float32.
    back : Matrix
        From target points to source points.
    target : (int, int)
        Width and height.
    mode : BorderMode
        What is seen outside.
    fill : tuple of float
        What a blank border shows, in levels.
    """
    pixels, back = _crop_to_need(pixels, back, target)
    pixels, back = _reduce(pixels, back, target)
    resized = _resize(pixels, back, target) if mode in _LIKE_A_RESIZE else None
    return _resample(pixels, back, target, mode, fill) if resized is None else resized


def nearest(pixels: Pixels, back: Matrix, target: tuple[int, int], mode: BorderMode, fill: tuple[float, ...]) -> Pixels:
    """Resample names: each target pixel takes the one that its centre lies in; parameters as of `averaged`."""
    return _warped(_repeated(pixels, back, target, mode), back, target, cv2.INTER_NEAREST, mode, fill)


def rigid(pixels: Pixels, matrix: Matrix, target: tuple[int, int]) -> Pixels | None:
    """The target by slicing and turning alone, where the matrix allows it; else None."""
    a, b, c, d, e, f, g, h, _ = matrix
    x, y = round(c), round(f)
    if abs(c - x) > EPSILON or abs(f - y) > EPSILON or g or h:
        return None
    swapped = abs(a) < EPSILON and abs(e) < EPSILON
    if not swapped and (abs(b) > EPSILON or abs(d) > EPSILON):
        return None
    across, down = (b, d) if swapped else (a, e)  # what the target's x and y grow by
    if abs(abs(across) - 1) > EPSILON or abs(abs(down) - 1) > EPSILON:
        return None
    # Where the target's frame begins and ends in the source, along the target's own axes.
    left, right = (-x, target[0] - x) if across > 0 else (x - target[0], x)
    top, bottom = (-y, target[1] - y) if down > 0 else (y - target[1], y)
    height, width = pixels.shape[:2]
    if swapped:
        left, right, top, bottom = top, bottom, left, right
    if left < 0 or top < 0 or right > width or bottom > height:
        return None
    part = pixels[top:bottom, left:right]
    if swapped:
        part = cv2.transpose(part)
    if across < 0:
        return cv2.flip(part, -1 if down < 0 else 1)
    return cv2.flip(part, 0) if down < 0 else part


def _seen(back: Matrix, target: tuple[int, int]) -> tuple[list[float], list[float]] | None:
    """Where the target's corners lie in the source, x and y of each; None where one lies behind the camera."""
    a, b, c, d, e, f, g, h, i = back
    xs, ys = [], []
    for u, v in ((0, 0), (target[0], 0), (0, target[1]), target):
        w = g * u + h * v + i
        if w < EPSILON:
            return None
        xs.append((a * u + b * v + c) / w)
        ys.append((d * u + e * v + f) / w)
    return xs, ys


def _crop_to_need(pixels: Pixels, back: Matrix, target: tuple[int, int]) -> tuple[Pixels, Matrix]:
    """Cut the source down to what the target shows, if that lies wholly inside it: less to filter.

    Here and below, `back` takes target points to source points.
    """
    seen = _seen(back, target)
    if seen is None:
        return pixels, back
    height, width = pixels.shape[:2]
    xs, ys = seen
    # The reach of the pre-filter and of the interpolation, two target pixels.
    across, down = 2 + 2 * (max(xs) - min(xs)) / min(target), 2 + 2 * (max(ys) - min(ys)) / min(target)
    if min(xs) < across or min(ys) < down or max(xs) + across > width or max(ys) + down > height:
        return pixels, back
    left, right = math.floor(min(xs) - across), math.ceil(max(xs) + across)
    top, bottom = math.floor(min(ys) - down), math.ceil(max(ys) + down)
    return pixels[top:bottom, left:right], _moved(back, left, top)


def _moved(back: Matrix, left: int, top: int) -> Matrix:
    """The same when the source begins elsewhere."""
    a, b, c, d, e, f, g, h, i = back
    return (a - left * g, b - left * h, c - left * i, d - top * g, e - top * h, f - top * i, g, h, i)


def _reduce(pixels: Pixels, back: Matrix, target: tuple[int, int]) -> tuple[Pixels, Matrix]:
    """Average pixels before a warp that shrinks: linear interpolation alone would alias.

    How much along each source axis: as many source pixels as one target pixel spans, rounded down. What a linear warp
    loses by shrinking a little more is less than what averaging too much blurs.
    """
    height, width = pixels.shape[:2]
    x, y = (min(span, 2.0**20) for span in _spans(back, (width, height), target))
    if max(x, y) < _TWO:
        return pixels, back
    if width * height <= _SMALL:
        across, down = (max(1, round(side / int(max(1.0, span) + 0.1))) for side, span in ((width, x), (height, y)))
        small = cv2.resize(pixels, (across, down), interpolation=cv2.INTER_AREA)
        return small, _scaled(back, across / width, down / height)
    # By halves first, which OpenCV is five to fifty times as fast at as at other factors. Against the exact area
    # average, photos shrunk by 3 to 10 mostly come out nearer than by the whole number below the span (up to 6 dB, at
    # worst 2 farther); but where the span is a whole number, and nothing turned, that is the area average itself.
    whole = not any((back[1], back[3], back[6], back[7])) and max(abs(x - round(x)), abs(y - round(y))) < 0.02
    while min(x, y) >= _TWO and not (whole and (round(x) % 2 or round(y) % 2)):
        pixels, back = _whole_blocks(pixels, back, 2, 2)
        x, y = x / 2, y / 2
    # What is left of whole numbers, or where one axis shrinks far more than the other.
    least = _TWO if whole else _TWO_ALONE
    fx, fy = (int(span + 0.1) if span >= least else 1 for span in (x, y))
    return (pixels, back) if fx == fy == 1 else _whole_blocks(pixels, back, fx, fy)


def _whole_blocks(pixels: Pixels, back: Matrix, fx: int, fy: int) -> tuple[Pixels, Matrix]:
    """Means of blocks of fx × fy pixels; what is left over, less than one target pixel, goes on both sides alike."""
    height, width = pixels.shape[:2]
    fx, fy = min(fx, width), min(fy, height)
    left, top = width % fx // 2, height % fy // 2
    part = pixels[top : top + height // fy * fy, left : left + width // fx * fx]
    if (fx, fy) == (1, 2):
        small = cv2.addWeighted(part[::2], 0.5, part[1::2], 0.5, 0)
    else:  # half way between two pixels, linear interpolation is their mean, and along one axis faster than the area
        how = cv2.INTER_LINEAR if (fx, fy) == (2, 1) else cv2.INTER_AREA
        small = cv2.resize(part, (width // fx, height // fy), interpolation=how)
    return small, _scaled(_moved(back, left, top), 1 / fx, 1 / fy)


def _scaled(back: Matrix, x: float, y: float) -> Matrix:
    """The same when the source is made smaller by these factors."""
    a, b, c, d, e, f, g, h, i = back
    return x * a, x * b, x * c, y * d, y * e, y * f, g, h, i


def _spans(back: Matrix, source: tuple[int, int], target: tuple[int, int]) -> tuple[float, float]:
    """How many source pixels, along x and y of the source, one target pixel spans.

    In a perspective it differs from place to place: the median over what is seen of the source.
    """
    a, b, c, d, e, f, g, h, i = back
    if not (g or h):
        return math.hypot(a, b), math.hypot(d, e)
    spans = []
    for across, down in _PLACES:
        x, y = across * target[0], down * target[1]
        w = g * x + h * y + i
        if w <= 0:
            continue
        u, v = (a * x + b * y + c) / w, (d * x + e * y + f) / w
        if 0 <= u <= source[0] and 0 <= v <= source[1]:
            spans.append((math.hypot(a - u * g, b - u * h) / w, math.hypot(d - v * g, e - v * h) / w))
    if not spans:
        return 1.0, 1.0
    x, y = (sorted(axis)[len(spans) // 2] for axis in zip(*spans, strict=True))
    return x, y


_PLACES = tuple(((column + 0.5) / 4, (row + 0.5) / 4) for row in range(4) for column in range(4))
"""Where a perspective is looked at, in shares of the target's sides."""

_LIKE_A_RESIZE = (BorderMode.EDGE, BorderMode.MIRROR)
"""Up to half a pixel outside, both show the outermost pixel again, as a resize does."""


def _resize(pixels: Pixels, back: Matrix, target: tuple[int, int]) -> Pixels | None:
    """The target by resizing and mirroring the whole source, where the matrix says just that; else None."""
    a, b, c, d, e, f, g, h, _ = back
    if b or d or g or h:
        return None
    height, width = pixels.shape[:2]
    x, y = abs(a) * target[0], abs(e) * target[1]
    left, top = (c, f) if a > 0 and e > 0 else (c - x if a < 0 else c, f - y if e < 0 else f)
    if max(abs(x - width), abs(y - height), abs(left), abs(top)) > EPSILON * max(width, height):
        return None
    resized = cv2.resize(pixels, target, interpolation=cv2.INTER_LINEAR)
    if a > 0 and e > 0:
        return resized
    return cv2.flip(resized, -1 if a < 0 and e < 0 else 1 if a < 0 else 0)


def _repeated(pixels: Pixels, back: Matrix, target: tuple[int, int], mode: BorderMode) -> Pixels:
    """A narrow picture that is seen many times over, side by side with itself: the same plane.

    OpenCV folds each far coordinate back step by step, as many times as the picture goes into the distance.
    """
    if min(pixels.shape[:2]) >= _NARROW or mode not in (BorderMode.MIRROR, BorderMode.TILE):
        return pixels
    seen = _seen(back, target)
    for axis, side in ((1, pixels.shape[1]), (0, pixels.shape[0])):
        far = seen is None or max(seen[1 - axis]) - min(seen[1 - axis]) > 4 * side
        if 1 < side < _NARROW and far:
            period = [pixels, np.flip(pixels, axis)] if mode is BorderMode.MIRROR else [pixels]
            pixels = np.concatenate(period * -(-_NARROW // (side * len(period))), axis)
    return pixels


_NARROW = 64


def _resample(
    pixels: Pixels, back: Matrix, target: tuple[int, int], mode: BorderMode, fill: tuple[float, ...]
) -> Pixels:
    pixels = _repeated(pixels, back, target, mode)
    height, width = pixels.shape[:2]
    # OpenCV reads four channels almost twice as fast as three, and gives the same levels.
    padded = pixels.ndim == 3 and pixels.shape[2] == 3 and width * height <= 8 * target[0] * target[1]
    if padded:
        pixels, fill = cv2.cvtColor(pixels, cv2.COLOR_RGB2RGBA), (*fill, 0.0)
    warped = _warped(pixels, back, target, cv2.INTER_LINEAR, mode, fill)
    del pixels  # which may be as large as all else in hand
    return cv2.cvtColor(warped, cv2.COLOR_RGBA2RGB) if padded else warped


def _warped(
    pixels: Pixels, back: Matrix, target: tuple[int, int], how: int, mode: BorderMode, fill: tuple[float, ...]
) -> Pixels:
    a, b, c, d, e, f, g, h, i = _from_centres(back)
    flags, border = how | cv2.WARP_INVERSE_MAP, _CV_BORDER[mode]
    if g or h:
        matrix = np.array(((a, b, c), (d, e, f), (g, h, i)))
        return cv2.warpPerspective(pixels, matrix, target, flags=flags, borderMode=border, borderValue=fill)
    matrix = np.array(((a, b, c), (d, e, f)))
    return cv2.warpAffine(pixels, matrix, target, flags=flags, borderMode=border, borderValue=fill)


def _from_centres(back: Matrix) -> Matrix:
    """From target pixel numbers to source pixel numbers: half a pixel more before, and half a pixel less after."""
    a, b, c, d, e, f, g, h, i = back
    c, f, i = c + (a + b) / 2, f + (d + e) / 2, i + (g + h) / 2
    return a - g / 2, b - h / 2, c - i / 2, d - g / 2, e - h / 2, f - i / 2, g, h, i
