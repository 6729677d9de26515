"""The oracle: what a copy should look like, computed slowly and step by step in float64.

It reads a pipeline's settings and drawn values and never calls the engine. Geometry is a composition of continuous
functions of points on an endless plane, which the border extends; it is sampled once, at pixel centres (or averaged
over each pixel's area, where the picture shrinks). Everything else is done literally, one step after the other, rounded
to whole levels after each.
"""

from __future__ import annotations

import io
import itertools
import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from statistics import NormalDist
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from augstudio.pipeline import Fit, Pipeline
from augstudio.transforms import Draw, Transform

Floats = NDArray[np.float64]
Points = tuple[Floats, Floats]
Back = Callable[[Floats, Floats], Points]
"""From points of the target to points of the source."""

LUMA = np.array([0.299, 0.587, 0.114])


# -- the plane -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Outside:
    """What lies outside a picture: a border mode, and levels of a blank one."""

    mode: str
    fill: tuple[float, ...] = (0.0,)


def level_at(picture: Floats, row: NDArray[np.intp], column: NDArray[np.intp], outside: Outside) -> Floats:
    """The `(…, C)` levels of whole pixels of the endless plane."""
    height, width = picture.shape[:2]
    found = picture[_inside(row, height, outside.mode), _inside(column, width, outside.mode)]
    if outside.mode == "blank":
        found = found.copy()
        found[(row < 0) | (row >= height) | (column < 0) | (column >= width)] = outside.fill
    return found


def _inside(index: NDArray[np.intp], count: int, mode: str) -> NDArray[np.intp]:
    match mode:
        case "mirror":
            folded = index % (2 * count)
            return np.where(folded < count, folded, 2 * count - 1 - folded)
        case "tile":
            return index % count
    return np.clip(index, 0, count - 1)


def bilinear(picture: Floats, x: Floats, y: Floats, outside: Outside) -> Floats:
    """The plane at continuous points: pixel i covers [i, i + 1), so its centre is at i + 0.5."""
    left, top = np.floor(x - 0.5).astype(np.intp), np.floor(y - 0.5).astype(np.intp)
    right_share, lower_share = (x - 0.5 - left)[..., None], (y - 0.5 - top)[..., None]
    upper = (1 - right_share) * level_at(picture, top, left, outside)
    upper += right_share * level_at(picture, top, left + 1, outside)
    lower = (1 - right_share) * level_at(picture, top + 1, left, outside)
    lower += right_share * level_at(picture, top + 1, left + 1, outside)
    return (1 - lower_share) * upper + lower_share * lower


def look(
    picture: Floats, back: Iterable[Back], size: tuple[int, int], outside: Outside, samples: int | None = None
) -> Floats:
    """See a picture through functions of points (in the order in which they were applied to it).

    Parameters
    ----------
    picture : ndarray
        `(H, W, C)` levels.
    back : iterable of functions
        Each takes points of its target to points of its source.
    size : (int, int)
        Width and height of the result.
    outside : Outside
        What lies beyond the picture.
    samples : int or None
        None: linear interpolation at pixel centres. Otherwise the mean of `samples`² points of each pixel, each of
        them the level of the source pixel that it falls into: an area average.
    """
    chain = list(back)[::-1]
    offsets = [0.5] if samples is None else [(i + 0.5) / samples for i in range(samples)]
    total = np.zeros((size[1], size[0], picture.shape[2]))
    for dy in offsets:
        for dx in offsets:
            x, y = np.meshgrid(np.arange(size[0]) + dx, np.arange(size[1]) + dy)
            for step in chain:
                x, y = step(x, y)
            if samples is None:
                total += bilinear(picture, x, y, outside)
            else:
                total += level_at(picture, np.floor(y).astype(np.intp), np.floor(x).astype(np.intp), outside)
    return total / len(offsets) ** 2


# -- geometry, as functions of points ------------------------------------------------------------------------------


def linear_about(centre: tuple[float, float], matrix: Floats) -> Back:
    """Undo a 2×2 matrix about a centre."""
    (a, b), (c, d) = np.linalg.inv(matrix)

    def back(x: Floats, y: Floats) -> Points:
        dx, dy = x - centre[0], y - centre[1]
        return centre[0] + a * dx + b * dy, centre[1] + c * dx + d * dy

    return back


def window(left: float, top: float, width: float, height: float, size: tuple[int, int]) -> Back:
    """Undo the enlargement of a window to a size."""
    return lambda x, y: (left + x / size[0] * width, top + y / size[1] * height)


def quadrangle(corners: list[tuple[float, float]], size: tuple[int, int]) -> Back:
    """Undo the perspective that takes a rectangle to four corners (clockwise from top left).

    By the unit square's closed form (Heckbert 1989), not by solving for a matrix.
    """
    (x0, y0), (x1, y1), (x2, y2), (x3, y3) = corners
    sx, sy = x0 - x1 + x2 - x3, y0 - y1 + y2 - y3
    dx1, dx2, dy1, dy2 = x1 - x2, x3 - x2, y1 - y2, y3 - y2
    determinant = dx1 * dy2 - dx2 * dy1
    g, h = (sx * dy2 - dx2 * sy) / determinant, (dx1 * sy - sx * dy1) / determinant
    forth = np.array([[x1 - x0 + g * x1, x3 - x0 + h * x3, x0], [y1 - y0 + g * y1, y3 - y0 + h * y3, y0], [g, h, 1]])
    # The adjugate inverts it up to a factor, which division by w removes.
    (a, b, c), (d, e, f), (p, q, r) = forth
    adjugate = np.array(
        [
            [e * r - f * q, c * q - b * r, b * f - c * e],
            [f * p - d * r, a * r - c * p, c * d - a * f],
            [d * q - e * p, b * p - a * q, a * e - b * d],
        ]
    )

    def back(x: Floats, y: Floats) -> Points:
        u, v, w = (row[0] * x + row[1] * y + row[2] for row in adjugate)
        return u / w * size[0], v / w * size[1]

    return back


def geometry(step: Transform, draw: Draw, size: tuple[int, int]) -> tuple[Back, tuple[int, int]]:
    """What a geometric transform does to points, and the size that comes out."""
    width, height = size
    centre = width / 2, height / 2
    v = {name: float(value) for name, value in draw.values.items()}
    match step.op:
        case "rotate":  # counter-clockwise, y pointing down
            cos, sin = math.cos(math.radians(v["angle"])), math.sin(math.radians(v["angle"]))
            return linear_about(centre, np.array([[cos, sin], [-sin, cos]])), size
        case "shrink":
            return linear_about(centre, v["scale"] * np.eye(2)), size
        case "shear":
            sideways, upright = np.array([[1, v["x"]], [0, 1]]), np.array([[1, 0], [v["y"], 1]])
            return linear_about(centre, upright @ sideways), size
        case "shift":
            return (lambda x, y: (x - v["x"] * width, y - v["y"] * height)), size
        case "crop":
            w = min(1.0, math.sqrt(v["area"] * v["aspect"]))
            h = min(1.0, v["area"] / w)
            w = min(1.0, v["area"] / h)
            across, down = draw.uniforms(2)
            return window(across * (1 - w) * width, down * (1 - h) * height, w * width, h * height, size), size
        case "perspective":
            moves = [v["travel"] * (2 * share - 1) for share in draw.uniforms(8)]
            rectangle = [(0, 0), (1, 0), (1, 1), (0, 1)]
            corners = [
                ((x + moves[2 * i]) * width, (y + moves[2 * i + 1]) * height) for i, (x, y) in enumerate(rectangle)
            ]
            return quadrangle(corners, size), size
        case "flip":
            axis = getattr(step.axis, "value", step.axis)  # type: ignore[attr-defined]
            if axis == "either":
                axis = "horizontal" if draw.uniforms(1)[0] < 0.5 else "vertical"
            if axis == "horizontal":
                return (lambda x, y: (width - x, y)), size
            return (lambda x, y: (x, height - y)), size
        case "quarter_turn":
            match int(v["turns"]):
                case 90:  # the right edge comes to the top
                    return (lambda x, y: (width - y, x)), (height, width)
                case 180:
                    return (lambda x, y: (width - x, height - y)), size
                case _:
                    return (lambda x, y: (y, height - x)), (height, width)
    raise AssertionError(f"the oracle does not know the geometry of {step.op}")


def fitted(
    pipeline: Pipeline, size: tuple[int, int], zoom: float
) -> tuple[Back, tuple[int, int], Outside | None] | None:
    """The resize to the output."""
    output = pipeline.output
    if output.size is None:
        return None
    width, height = (max(1, round(side * min(1.0, zoom))) for side in output.size)
    x, y = width / size[0], height / size[1]
    if output.fit is Fit.CROP:
        x = y = max(x, y)
    elif output.fit is Fit.PAD:
        x = y = min(x, y)
    # Centred, to a whole pixel of the target.
    left, top = round((size[0] * x - width) / 2) / x, round((size[1] * y - height) / 2) / y
    outside = Outside(output.border.value, output.border_colour) if output.fit is Fit.PAD else None
    return window(left, top, width / x, height / y, (width, height)), (width, height), outside


# -- colour --------------------------------------------------------------------------------------------------------


def recoloured(step: Transform, draw: Draw, shares: Floats) -> Floats:
    """A colour transform on `(…, 3)` shares of full range."""
    v: Mapping[str, Any] = draw.values
    grey = (shares @ LUMA)[..., None]
    match step.op:
        case "brightness":
            return shares + v["amount"]
        case "contrast":
            # About mid-grey; in the order of the declaration, so that levels half way between two are rounded alike.
            return v["factor"] * shares + (0.5 - 0.5 * v["factor"])
        case "gamma":
            return shares ** v["exponent"]
        case "channel_gain":
            return shares * np.array([v["red"], v["green"], v["blue"]])
        case "invert":
            return 1 - shares
        case "solarize":
            return np.where(shares > v["threshold"], 1 - shares, shares)
        case "grayscale":
            return np.repeat(grey, 3, axis=-1)
        case "saturation":
            return grey + v["factor"] * (shares - grey)
        case "swap_colours":
            return np.stack([shares[..., "RGB".index(letter)] for letter in str(v["orders"])], axis=-1)
        case "hue":
            to_yiq = np.array([LUMA, [0.5959, -0.2746, -0.3213], [0.2115, -0.5227, 0.3112]])
            yiq = shares @ to_yiq.T
            # In YIQ the way from red over green to blue is clockwise.
            chroma = (yiq[..., 1] + 1j * yiq[..., 2]) * np.exp(-1j * math.radians(v["angle"]))
            turned = np.stack([yiq[..., 0], chroma.real, chroma.imag], axis=-1)
            return np.linalg.solve(to_yiq, turned[..., None])[..., 0]
    raise AssertionError(f"the oracle does not know the colours of {step.op}")


# -- filters -------------------------------------------------------------------------------------------------------


def blurred(picture: Floats, sigma: float) -> Floats:
    """Convolution with a Gaussian out to six sigma; edges are mirrored."""
    reach = math.ceil(6 * sigma)
    offsets = np.arange(-reach, reach + 1)
    weights = np.exp(-(offsets**2) / (2 * sigma**2))
    weights /= weights.sum()
    for axis in (0, 1):
        count = picture.shape[axis]
        total = np.zeros_like(picture)
        for offset, weight in zip(offsets, weights, strict=True):
            total += weight * np.take(picture, _inside(np.arange(count) + offset, count, "mirror"), axis)
        picture = total
    return picture


def per_seen(weighted: Floats, alpha: Floats) -> Floats:
    """Colour that was multiplied by alpha, divided by it again; 0 where nothing is seen, which nobody looks at."""
    return np.divide(weighted, alpha, out=np.zeros_like(weighted), where=alpha > 0)


def blurred_seen(colour: Floats, alpha: Floats | None, sigma: float) -> Floats:
    """The same of what is seen: on premultiplied colour, divided by equally blurred alpha."""
    if alpha is None:
        return blurred(colour, sigma)
    return per_seen(blurred(colour * alpha, sigma), blurred(alpha, sigma))


def disc(radius: int) -> list[tuple[int, int]]:
    """Whole points of a disc."""
    span = range(-radius, radius + 1)
    return [(x, y) for y in span for x in span if x * x + y * y <= radius * radius]


def grown(picture: Floats, points: list[tuple[int, int]], *, bright: bool) -> Floats:
    """Greatest (or least) level over a set of points about each pixel; outside the picture there is nothing."""
    height, width = picture.shape[:2]
    reach = max(max(abs(x), abs(y)) for x, y in points)
    nothing = -np.inf if bright else np.inf
    padded = np.pad(picture, ((reach, reach), (reach, reach), (0, 0)), constant_values=nothing)
    shifted = (padded[reach + y : reach + y + height, reach + x : reach + x + width] for x, y in points)
    result = padded[reach : reach + height, reach : reach + width]
    for other in shifted:
        result = np.maximum(result, other) if bright else np.minimum(result, other)
    return result


def morphed(picture: Floats, radius: float, *, bright: bool) -> Floats:
    """Dilation or erosion by a disc; between whole radii the two discs are mixed."""
    low = math.floor(radius)
    inner = grown(picture, disc(low), bright=bright)
    outer = grown(picture, disc(low + 1), bright=bright)
    return inner + (radius - low) * (outer - inner)


def compressed(picture: Floats, quality: int, top: int) -> Floats:
    """JPEG by Pillow, 4:2:0, through 8 bits."""
    eight = np.rint(picture * 255 / top).astype(np.uint8)
    image = Image.fromarray(eight[..., 0] if eight.shape[2] == 1 else eight)
    file = io.BytesIO()
    image.save(file, "JPEG", quality=quality, subsampling="4:2:0")
    file.seek(0)
    decoded = np.asarray(Image.open(file), np.float64)
    return np.atleast_3d(decoded) * top / 255


# -- paint ---------------------------------------------------------------------------------------------------------


def field16(seed: int, shape: tuple[int, ...]) -> NDArray[np.int64]:
    """The field of numbers 0..65535 that a seed stands for: SFC64's words, cut in four from the low end."""
    count = math.prod(shape)
    generator = np.random.SFC64(seed)
    numbers = []
    for word in generator.random_raw((count + 3) // 4).tolist():
        numbers += [(word >> shift) & 0xFFFF for shift in (0, 16, 32, 48)]
    return np.array(numbers[:count], np.int64).reshape(shape)


def deviates() -> Floats:
    """The standard normal deviate that each 16-bit number stands for."""
    normal = NormalDist()
    values = np.array([normal.inv_cdf((number + 0.5) / 65536) for number in range(65536)])
    return values / np.sqrt((values**2).mean())


def field8(seed: int, shape: tuple[int, ...]) -> NDArray[np.int64]:
    """The field of bytes that a seed stands for: SFC64's words, cut in eight from the low end."""
    count = math.prod(shape)
    words = np.random.SFC64(seed).random_raw((count + 7) // 8).tolist()
    return np.array(list(b"".join(word.to_bytes(8, "little") for word in words)[:count]), np.int64).reshape(shape)


def byte_levels(sigma: float) -> tuple[Floats, Floats]:
    """The levels of 8-bit noise that the bytes of two fields stand for, whose sum is the noise."""
    normal = NormalDist()
    edges = [-math.inf, *(normal.inv_cdf(i / 256) for i in range(1, 256)), math.inf]
    means = np.array([256 * (normal.pdf(a) - normal.pdf(b)) for a, b in itertools.pairwise(edges)])
    means += 0.0645 * np.sign(means) * (abs(means) == abs(means).max())  # the kurtosis is 3 then
    means /= math.sqrt(sum(mean**2 for mean in means) / 256)
    variance, found = (round(32 * 255 * sigma) / 32) ** 2 + 1 / 12, []
    sizes = [stretch * math.sqrt(variance - 1 / 6) for stretch in np.linspace(0.98, 1.02, 9)]
    for first, second in itertools.product(sizes, sizes):
        one, other = np.rint(means * first * math.sqrt(0.6)), np.rint(means * second * math.sqrt(0.4))
        a, b = np.mean(one**2), np.mean(other**2)
        kurtosis = (np.mean(one**4) + 6 * a * b + np.mean(other**4)) / (a + b) ** 2
        found.append((abs((a + b) / variance - 1) + 0.1 * abs(kurtosis - 3), one, other))
    _, one, other = min(found, key=lambda tried: float(tried[0]))
    return one, other


def noisy(picture: Floats, sigma: float, seed: int, top: int, *, per_channel: bool) -> Floats:
    """Add a field of normal noise."""
    height, width, channels = picture.shape
    shape = (height, width, channels) if per_channel else (height, width, 1)
    if top == 255 and 3 <= round(32 * 255 * sigma) / 32 <= 28:
        larger, smaller = byte_levels(sigma)
        return picture + larger[field8(seed, shape)] + smaller[field8(2**64 - 1 - seed, shape)]
    return picture + sigma * top * deviates()[field16(seed, shape)]


def dotted(picture: Floats, share: float, seed: int, top: int) -> Floats:
    """Black and white dots."""
    field = field16(seed, picture.shape[:2])[..., None]
    half = round(share / 2 * 65536)
    return np.where(field < half, 0, np.where(field >= 65536 - half, top, picture))


def hidden(step: Transform, draw: Draw, picture: Floats, alpha: Floats | None, top: int) -> Floats:
    """Cover squares."""
    height, width, channels = picture.shape
    count, side = int(draw.values["count"]), float(draw.values["side"]) * min(width, height)
    places = draw.uniforms(2 * count)
    result = picture.copy()
    for number in range(count):
        x, y = places[2 * number] * (width - side), places[2 * number + 1] * (height - side)
        box = slice(round(y), round(y + side)), slice(round(x), round(x + side))
        match step.fill.value:  # type: ignore[attr-defined]
            case "grey":
                result[box] = (top + 1) // 2
            case "black":
                result[box] = 0
            case "mean":
                weights = np.ones(picture.shape[:2]) if alpha is None or not alpha.any() else alpha[..., 0]
                result[box] = np.rint(np.average(picture.reshape(-1, channels), axis=0, weights=weights.ravel()))
            case "noise":
                shape = result[box].shape
                field = field16(draw.field_seed + number, shape if channels > 1 else shape[:2]).reshape(shape)
                result[box] = field if top == 65535 else field >> 8
    return result


# -- all of it -----------------------------------------------------------------------------------------------------


def copy_of(
    pipeline: Pipeline,
    draws: Iterable[Draw],
    pixels: NDArray[Any],
    *,
    zoom: float = 1.0,
    samples: int | None = None,
) -> Floats:
    """The copy that draws of a pipeline stand for, step by step.

    Parameters
    ----------
    pipeline, draws
        As of `Pipeline.plan`.
    pixels : ndarray
        A picture in any of the forms the engine takes.
    zoom : float
        As of `Pipeline.plan`; only its effect on lengths and the output size is known here.
    samples : int or None
        As of `look`.

    Returns
    -------
    ndarray of float64
        Whole levels, in the picture's own shape.
    """
    top = int(np.iinfo(pixels.dtype).max)
    planes = np.atleast_3d(pixels).astype(np.float64)
    alpha = planes[..., -1:] if planes.shape[2] in (2, 4) else None
    colour = planes if alpha is None else planes[..., :-1]
    size = (pixels.shape[1], pixels.shape[0])
    back: list[Back] = []
    border: Outside | None = None

    def settle() -> None:
        """Sample what geometry has gathered."""
        nonlocal colour, alpha, back, border
        if back:
            around = border or Outside("edge")
            levels = np.array(around.fill) * top / 255
            levels = levels @ LUMA if colour.shape[2] == 1 and levels.size == 3 else levels
            fill = tuple(float(level) for level in np.atleast_1d(levels))
            if alpha is None:
                colour = np.rint(look(colour, back, size, Outside(around.mode, fill), samples))
            else:
                outside, opaque = (
                    Outside(around.mode, tuple(level * top for level in fill)),
                    Outside(around.mode, (float(top),)),
                )
                moved = look(alpha, back, size, opaque, samples)
                colour = np.rint(per_seen(look(colour * alpha, back, size, outside, samples), moved))
                alpha = np.rint(moved)
        back, border = [], None

    def move(step: Back, to: tuple[int, int], outside: Outside | None) -> None:
        nonlocal size, border
        if border is not None and outside is not None and border != outside:
            settle()
        back.append(step)
        border, size = border or outside, to

    resize = fitted(pipeline, size, zoom)
    if resize is not None:
        move(*resize)
    wanted = size
    for step, draw in zip(pipeline.transforms, draws, strict=True):
        if not draw.applied or _does_nothing(step, draw):
            continue
        scale = min(size) / pipeline.trained_at
        if step.group() == "geometry":
            outside = None
            if hasattr(step, "border"):
                fill = step.border_colour if step.border.value == "blank" else (0.0,)
                outside = Outside(step.border.value, fill)
            move(*geometry(step, draw, size), outside)
            continue
        settle()
        values: Mapping[str, Any] = draw.values
        match step.op:
            case "blur":
                colour = blurred_seen(colour, alpha, values["sigma"] * scale)
            case "sharpen":
                colour = colour + values["amount"] * (colour - np.rint(blurred_seen(colour, alpha, scale)))
            case "dilate" | "erode":
                bright = step.op == "dilate"
                nothing = 0.0 if bright else float(top)  # what counts for nothing among whatever is seen
                visible = colour if alpha is None else np.where(alpha > 0, colour, nothing)
                grown_colour = morphed(visible, values["radius"] * scale, bright=bright)
                colour = grown_colour if alpha is None else np.where(alpha > 0, grown_colour, colour)
            case "jpeg":
                colour = compressed(colour, int(values["quality"]), top)
            case "gaussian_noise":
                per_channel = step.channels.value == "each"  # type: ignore[attr-defined]
                colour = noisy(colour, values["sigma"], draw.field_seed, top, per_channel=per_channel)
            case "salt_and_pepper":
                colour = dotted(colour, values["share"], draw.field_seed, top)
            case "cutout":
                colour = hidden(step, draw, colour, alpha, top)
            case _:
                changed = np.clip(recoloured(step, draw, np.broadcast_to(colour, (*colour.shape[:2], 3)) / top), 0, 1)
                if step.op in ("hue", "saturation", "grayscale", "swap_colours"):
                    levels = changed * top
                else:
                    levels = np.rint(changed * top)
                colour = levels if colour.shape[2] == 3 else (levels @ LUMA)[..., None]
        colour = np.clip(np.rint(colour), 0, top)
    if resize is not None and size != wanted:
        again = fitted(pipeline, size, zoom)
        assert again is not None
        move(*again)
    settle()
    joined = colour if alpha is None else np.concatenate([colour, alpha], axis=2)
    return joined[..., 0] if pixels.ndim == 2 else joined


def _does_nothing(step: Transform, draw: Draw) -> bool:
    knobs = step.knobs()
    if step.op == "cutout" or not knobs:
        return step.op == "cutout" and not float(draw.values["side"])
    return all(float(draw.values[name]) == knob.neutral for name, knob in knobs.items())


# -- measures ------------------------------------------------------------------------------------------------------


def furthest(found: NDArray[Any], expected: NDArray[Any]) -> float:
    """Largest difference in levels; of alpha, and of colour where any of it is seen."""
    assert found.shape == expected.shape, (found.shape, expected.shape)
    off = np.abs(found.astype(np.float64) - expected)
    if found.ndim == 3 and found.shape[2] in (2, 4):
        off[..., :-1][found[..., -1] == 0] = 0
    return float(np.nan_to_num(off, nan=np.inf).max())


def psnr(found: NDArray[Any], expected: NDArray[Any], top: int = 255) -> float:
    """Likeness in dB; 99 for equal pictures."""
    assert found.shape == expected.shape, (found.shape, expected.shape)
    error = float(((found.astype(np.float64) - expected) ** 2).mean())
    return 99.0 if error == 0 else min(99.0, 10 * math.log10(top**2 / error))
