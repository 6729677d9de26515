"""What the sample's scenes paint with: noise, gradients, shaded shapes, lettering, perspective and a camera.

Scenes draw on an RGB canvas larger than the finished picture, with the origin at the top left and lengths in canvas
pixels; light falls from the upper left.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from functools import cache
from typing import Any, Literal, TypeVar, cast

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageChops, ImageDraw, ImageFilter, ImageFont

# What the scenes share. A scene gets its chance, the canvas's size, and which of its looks it shall have.
Rng = np.random.Generator
Size = tuple[int, int]
Point = tuple[float, float]
Colour = tuple[int, int, int]
Paint = Colour | tuple[Colour, Colour] | Callable[[Size], Image.Image]
Field = NDArray[np.float32]
Floats = NDArray[np.floating[Any]]
Scene = Callable[[Rng, Size, int], Image.Image]
Placing = Callable[[list[Point]], list[Point]]
Value = TypeVar("Value")

_LIGHT = (0.55, 0.83)


# Chance and colour


def pick(rng: Rng, values: Sequence[Value]) -> Value:
    """Return one of the values."""
    return values[int(rng.integers(len(values)))]


def between(rng: Rng, low: float, high: float) -> float:
    """Return a number from low to high."""
    return low + (high - low) * float(rng.random())


def colour(code: str) -> Colour:
    """Return the colour of six hexadecimal digits."""
    value = int(code, 16)
    return value >> 16, value >> 8 & 255, value & 255


def palette(codes: str) -> tuple[Colour, ...]:
    """Return the colours of hexadecimal codes parted by spaces."""
    return tuple(colour(code) for code in codes.split())


def mix(first: Colour, second: Colour, share: float) -> Colour:
    """Return the colour that lies `share` (0 to 1) of the way from the first to the second."""
    red, green, blue = (round(a + (b - a) * share) for a, b in zip(first, second, strict=True))
    return red, green, blue


def tone(base: Colour, change: float) -> Colour:
    """Return a colour lightened (0 to 1) or darkened (-1 to 0)."""
    return mix(base, (255, 250, 238), change) if change > 0 else mix(base, (20, 16, 32), -change)


# Fields: float32 arrays of shape (height, width)


def field(image: Image.Image) -> Field:
    """Return a picture's values as float32, 0 to 255: (height, width) or (height, width, bands)."""
    return np.asarray(image, dtype=np.float32)


def picture(values: Floats) -> Image.Image:
    """Return values of 0 to 255 as a picture."""
    return Image.fromarray(np.clip(values, 0, 255).astype(np.uint8))


def noise(rng: Rng, size: Size, cell: float | Point, octaves: int = 4, gain: float = 0.5) -> Field:
    """Return smooth noise from 0 to 1: octaves of random grids, the coarsest with cells of `cell` pixels (x, y)."""
    across, down = cell if isinstance(cell, tuple) else (cell, cell)
    across, down = max(across, 1.0), max(down, 1.0)
    # What has no detail is summed on a quarter of the size, then enlarged once.
    quarter = (math.ceil(size[0] / 4), math.ceil(size[1] / 4))
    coarse = np.zeros(quarter[::-1], np.float32)
    total = np.zeros(size[::-1], np.float32)
    weight = 1.0
    for octave in range(octaves):
        smooth_enough = min(across, down) >= 12
        part, share = (quarter, 4) if smooth_enough else (size, 1)
        columns, rows = math.ceil(size[0] / across) + 4, math.ceil(size[1] / down) + 4
        grid = Image.fromarray(rng.random((rows, columns), dtype=np.float32))
        box = (1.0, 1.0, 1.0 + part[0] * share / across, 1.0 + part[1] * share / down)
        values = np.asarray(grid.resize(part, Image.Resampling.BICUBIC, box)) * np.float32(weight)
        if smooth_enough:
            coarse += values
        else:
            total += values
        weight *= gain
        if max(across, down) < 2 and octave:
            break
        across, down = max(across / 2, 1.0), max(down / 2, 1.0)
    if coarse.any():
        box = (0.0, 0.0, size[0] / 4, size[1] / 4)
        total += np.asarray(Image.fromarray(coarse).resize(size, Image.Resampling.BICUBIC, box))
    total -= total.min()
    total /= np.float32(max(float(total.max()), 1e-6))
    return total


def wave(rng: Rng, count: int, cell: float, octaves: int = 5, gain: float = 0.5) -> Field:
    """Return a line of noise from 0 to 1, `count` values long."""
    return np.ravel(noise(rng, (count, 1), (cell, 1e9), octaves, gain)).astype(np.float32)


def bumps(height: Field, strength: float) -> Field:
    """Return how a surface of this height is lit: about -1 to 1, positive where it faces the light."""
    if min(height.shape) < 2:
        return np.zeros_like(height)
    down, across = np.gradient(height)
    facing = across * _LIGHT[0] + down * _LIGHT[1]
    return np.asarray(np.clip(facing * strength, -1, 1), np.float32)


def ramp(values: Field, stops: Sequence[Colour]) -> Image.Image:
    """Return a picture of values from 0 to 1, coloured by evenly spaced stops."""
    table = gradient((1024, 1), stops, across=True)
    indices = np.clip(values * 1023, 0, 1023).astype(np.int16)
    return Image.fromarray(np.asarray(table)[0][indices])


def light(image: Image.Image, amount: Floats | float) -> Image.Image:
    """Return a picture lit by an amount from -1 (black) to 1 (white), for each pixel, row, column or all."""
    values = field(image)
    shares = np.asarray(amount, np.float32)[..., None]
    brighter, darker = np.maximum(shares, 0), np.minimum(shares, 0)
    return picture(values + (255 - values) * brighter + values * darker)


# Surfaces


def gradient(size: Size, stops: Sequence[Colour], *, across: bool = False) -> Image.Image:
    """Return a gradient through evenly spaced colours, from top to bottom or from left to right."""
    length = size[0] if across else size[1]
    where = np.linspace(0, len(stops) - 1, length)
    line = np.stack([np.interp(where, range(len(stops)), band) for band in zip(*stops, strict=True)], axis=-1)
    strip = Image.fromarray(
        line.round().astype(np.uint8)[None, :] if across else line.round().astype(np.uint8)[:, None]
    )
    return strip.resize(size, Image.Resampling.NEAREST)


def mottled(rng: Rng, size: Size, base: Colour, cell: float | Point, strength: float = 0.12) -> Image.Image:
    """Return a surface of one colour, made lively by noise."""
    return ramp(noise(rng, size, cell, 5, 0.6), (tone(base, -strength), base, tone(base, strength)))


def rough(rng: Rng, base: Colour, cell: float | Point, strength: float = 0.12) -> Callable[[Size], Image.Image]:
    """Return `mottled` as a paint."""
    return lambda size: mottled(rng, size, base, cell, strength)


def wood(rng: Rng, size: Size, base: Colour, *, planks: int = 4) -> Image.Image:
    """Return a table top of planks that run across."""
    width, height = size
    bend = noise(rng, size, (width / 2, height / planks), 2)
    rings = noise(rng, size, (width * 0.9, height / planks / 9), 3, 0.7)
    fibre = noise(rng, size, (width / 8, 5), 2)
    grain = 0.5 + 0.5 * np.sin((rings * 2.2 + bend * 1.1) * 14)
    values = 0.62 * rings + 0.16 * grain.astype(np.float32) + 0.22 * fibre
    image = ramp(values, (tone(base, -0.42), tone(base, -0.12), base, tone(base, 0.16)))
    edges = [round(height * (index + between(rng, -0.1, 0.1)) / planks) for index in range(planks + 1)]
    shift = np.zeros((height, width), np.float32)
    for top, bottom in zip([0, *edges[1:-1]], [*edges[1:-1], height], strict=True):
        shift[top:bottom] = between(rng, -0.16, 0.1)
        shift[top : top + max(height // 260, 2)] = -0.6
        shift[top + max(height // 260, 2) : top + max(height // 130, 4)] += 0.12
    return light(image, shift)


# Shapes: lists of points


def points(text: str) -> list[Point]:
    """Return points written as "x,y x,y …"."""
    return [(float(x), float(y)) for x, y in (pair.split(",") for pair in text.split())]


def smooth(points: Sequence[Point], *, closed: bool = True, steps: int = 10) -> list[Point]:
    """Return a Catmull-Rom curve through the points."""
    ring = [points[-1], *points, points[0], points[1]] if closed else [points[0], *points, points[-1]]
    corners = np.array(ring, np.float64)
    share = (np.arange(steps) / steps)[:, None]
    result: list[Point] = []
    for before, start, end, after in zip(corners, corners[1:], corners[2:], corners[3:], strict=False):
        curve = start + 0.5 * share * (
            end
            - before
            + share * (2 * before - 5 * start + 4 * end - after + share * (3 * (start - end) + after - before))
        )
        result += [(float(x), float(y)) for x, y in curve]
    return result if closed else [*result, points[-1]]


def softened(corners: Sequence[Point], share: float = 0.15) -> list[Point]:
    """Return a polygon whose corners are rounded off over a share of its edges."""
    result: list[Point] = []
    for before, corner, after in zip([corners[-1], *corners], corners, [*corners[1:], corners[0]], strict=False):
        (ax, ay), (bx, by) = (
            (corner[0] + (other[0] - corner[0]) * share, corner[1] + (other[1] - corner[1]) * share)
            for other in (before, after)
        )
        for t in (0.0, 0.2, 0.4, 0.6, 0.8, 1.0):
            p, q, r = (1 - t) ** 2, 2 * t * (1 - t), t**2
            result.append((p * ax + q * corner[0] + r * bx, p * ay + q * corner[1] + r * by))
    return result


def oval(x: float, y: float, across: float, down: float | None = None, turn: float = 0.0) -> list[Point]:
    """Return an ellipse of these half axes, turned by degrees."""
    angles = np.linspace(0, 2 * math.pi, 72, endpoint=False)
    around = zip(across * np.cos(angles), (across if down is None else down) * np.sin(angles), strict=True)
    return moved([(float(a), float(b)) for a, b in around], (x, y), turn)


def rounded(left: float, top: float, right: float, bottom: float, radius: float) -> list[Point]:
    """Return a rectangle with round corners."""
    radius = max(min(radius, (right - left) / 2, (bottom - top) / 2), 0.01)
    corners = ((right, bottom, 0), (left, bottom, 1), (left, top, 2), (right, top, 3))
    result: list[Point] = []
    for x, y, quarter in corners:
        cx, cy = x - math.copysign(radius, x - (left + right) / 2), y - math.copysign(radius, y - (top + bottom) / 2)
        angles = (quarter + np.linspace(0, 1, 10)) * math.pi / 2
        result += [(cx + radius * math.cos(angle), cy + radius * math.sin(angle)) for angle in angles]
    return result


def moved(points: Iterable[Point], to: Point, turn: float = 0.0, scale: float = 1.0) -> list[Point]:
    """Return points turned clockwise about the origin by degrees, scaled, then shifted."""
    cos, sin = scale * math.cos(math.radians(turn)), scale * math.sin(math.radians(turn))
    return [(to[0] + x * cos - y * sin, to[1] + x * sin + y * cos) for x, y in points]


def ribbon(points: Sequence[Point], widths: Sequence[float]) -> list[Point]:
    """Return a band along a smooth open curve, its width running through `widths`."""
    curve = np.array(smooth(points, closed=False))
    along = np.gradient(curve, axis=0)
    along /= np.maximum(np.hypot(along[:, 0], along[:, 1]), 1e-6)[:, None]
    half = np.interp(np.linspace(0, len(widths) - 1, len(curve)), range(len(widths)), widths) / 2
    side = np.stack([-along[:, 1], along[:, 0]], axis=-1) * half[:, None]
    return [(float(x), float(y)) for x, y in np.concatenate([curve + side, (curve - side)[::-1]])]


def bokeh(canvas: Image.Image, rng: Rng, colours: Sequence[Colour], count: int, strength: float = 0.35) -> None:
    """Scatter soft discs of light, as a lens draws what is out of focus."""
    for _ in range(count):
        radius = max(canvas.size) * between(rng, 0.015, 0.06)
        disc = oval(between(rng, 0, 1) * canvas.width, between(rng, 0, 1) * canvas.height, radius)
        veil(canvas, disc, radius * 0.16, strength * between(rng, 0.3, 1), pick(rng, colours))


def turned_card(centre: Point, width: float, height: float, turn: float, lean: float = 0.0) -> list[Point]:
    """Return the corners of a turned rectangle whose far edge is shorter by a share `lean`: clockwise from top left."""
    near, far = width / 2, width / 2 * (1 - lean)
    return moved([(-far, -height / 2), (far, -height / 2), (near, height / 2), (-near, height / 2)], centre, turn)


# Painting


def fill(
    canvas: Image.Image, points: Sequence[Point], paint: Paint, *, relief: float = 0.0, round_by: float = 0.3
) -> None:
    """Fill a shape.

    Parameters
    ----------
    points
        The outline.
    paint
        A colour, two colours from top to bottom, or a function that returns a picture of a given size.
    relief
        How strongly the shape is shaded as if it were rounded, from 0 to about 1.
    round_by
        How far the rounding reaches in, as a share of the shape's shorter side.
    """
    xs, ys = [x for x, _ in points], [y for _, y in points]
    left, top = max(math.floor(min(xs)), 0), max(math.floor(min(ys)), 0)
    right, bottom = min(math.ceil(max(xs)) + 1, canvas.width), min(math.ceil(max(ys)) + 1, canvas.height)
    if right <= left or bottom <= top:
        return
    if isinstance(paint, tuple) and isinstance(paint[0], int) and not relief:
        ImageDraw.Draw(canvas).polygon(points, fill=paint)
        return
    mask = Image.new("L", (right - left, bottom - top))
    ImageDraw.Draw(mask).polygon([(x - left, y - top) for x, y in points], fill=255)
    stamp(canvas, mask, (left, top), paint, relief=relief, round_by=round_by)


def stamp(
    canvas: Image.Image, mask: Image.Image, corner: Size, paint: Paint, *, relief: float = 0.0, round_by: float = 0.3
) -> None:
    """Paint through a mask whose top left corner lies at `corner`; the other parameters are those of `fill`."""
    if callable(paint):
        surface = paint(mask.size)
    elif isinstance(paint[0], int):
        surface = Image.new("RGB", mask.size, paint)
    else:
        surface = gradient(mask.size, paint)
    if relief:
        surface = light(surface, _roundness(mask, round_by) * np.float32(relief))
    canvas.paste(surface, corner, mask)


def _roundness(mask: Image.Image, round_by: float) -> Field:
    """Return how a rounded body of this outline is lit, from -1 to 1."""
    shrink = max(min(mask.size) / 56, 1.0)
    small = (max(round(mask.width / shrink), 1), max(round(mask.height / shrink), 1))
    radius = max(min(small) * round_by, 1.0)
    reaches = [max(round(radius * share), 1) for share in (0.9, 0.7, 0.5)]
    height: Field = np.pad(field(mask.resize(small, Image.Resampling.BOX)) / 255, sum(reaches) + 1)
    # In float32: the slopes of an 8-bit blur are so few that they show as contour lines.
    for reach in reaches:
        height = _box_blur(_box_blur(height, reach).T, reach).T
    lit = bumps(height, 1.7 * radius)[1:-1, 1:-1]
    return field(Image.fromarray(np.ascontiguousarray(lit)).resize(mask.size, Image.Resampling.BICUBIC))


def _box_blur(values: Field, reach: int) -> Field:
    """Return the means over 2 reach + 1 rows; the result is shorter by `reach` rows at both ends."""
    sums: Field = np.cumsum(values, axis=0)
    sums[2 * reach + 1 :] -= sums[: -2 * reach - 1].copy()
    return sums[2 * reach :] / np.float32(2 * reach + 1)


def stroke(canvas: Image.Image, points: Sequence[Point], width: float, paint: Colour) -> None:
    """Draw a line with round ends."""
    draw = ImageDraw.Draw(canvas)
    draw.line(list(points), fill=paint, width=max(round(width), 1), joint="curve")
    if width > 3:
        for x, y in (points[0], points[-1]):
            draw.ellipse((x - width / 2, y - width / 2, x + width / 2, y + width / 2), fill=paint)


def veil(
    canvas: Image.Image, points: Sequence[Point], blur: float, strength: float, paint: Colour = (16, 12, 28)
) -> None:
    """Lay a soft-edged veil of one colour over a shape: a shadow when dark, a gleam when bright."""
    reach = math.ceil(2.2 * blur) + 2
    xs, ys = [x for x, _ in points], [y for _, y in points]
    left, top = max(math.floor(min(xs)) - reach, -reach), max(math.floor(min(ys)) - reach, -reach)
    right, bottom = min(math.ceil(max(xs)), canvas.width) + reach, min(math.ceil(max(ys)), canvas.height) + reach
    if right - left <= 2 * reach - 2 or bottom - top <= 2 * reach - 2:
        return
    # A blurred veil has no detail: paint it small.
    shrink = max(blur / 4, 1.0)
    small = (max(round((right - left) / shrink), 2), max(round((bottom - top) / shrink), 2))
    across, down = small[0] / (right - left), small[1] / (bottom - top)
    mask = Image.new("L", small)
    ImageDraw.Draw(mask).polygon(
        [((x - left) * across, (y - top) * down) for x, y in points], fill=round(255 * strength)
    )
    mask = mask.filter(ImageFilter.GaussianBlur(blur * across))
    mask = mask.resize((right - left, bottom - top), Image.Resampling.BICUBIC)
    canvas.paste(Image.new("RGB", mask.size, paint), (left, top), mask)


def shadow(
    canvas: Image.Image, points: Sequence[Point], blur: float, strength: float = 0.5, offset: float = 0.7
) -> None:
    """Cast the soft shadow of a shape, away from the light by `offset` times the blur."""
    veil(canvas, [(x + _LIGHT[0] * offset * blur, y + _LIGHT[1] * offset * blur) for x, y in points], blur, strength)


def glow(canvas: Image.Image, centre: Point, radius: float, paint: Colour, strength: float = 1.0) -> None:
    """Add light that fades from a centre to a radius."""
    left, top = max(math.floor(centre[0] - radius), 0), max(math.floor(centre[1] - radius), 0)
    right, bottom = min(math.ceil(centre[0] + radius), canvas.width), min(math.ceil(centre[1] + radius), canvas.height)
    if right <= left or bottom <= top:
        return
    across = (np.arange(left, right, dtype=np.float32) - np.float32(centre[0])) / np.float32(radius)
    down = (np.arange(top, bottom, dtype=np.float32) - np.float32(centre[1])) / np.float32(radius)
    fall = np.clip(1 - np.hypot(across[None, :], down[:, None]), 0, 1) ** 2 * np.float32(strength)
    values = field(canvas.crop((left, top, right, bottom)))
    added = (255 - values) * (np.array(paint, np.float32) / 255) * fall[..., None]
    canvas.paste(picture(values + added), (left, top))


def place(canvas: Image.Image, card: Image.Image, corners: Sequence[Point]) -> None:
    """Lay a picture (RGB or RGBA) onto four corners in perspective, clockwise from top left."""
    xs, ys = [x for x, _ in corners], [y for _, y in corners]
    left, top = math.floor(min(xs)), math.floor(min(ys))
    size = (math.ceil(max(xs)) - left + 1, math.ceil(max(ys)) - top + 1)
    # The bicubic kernel reaches beyond the card's edge: let it find more of the same there.
    edge = 2
    padded = Image.fromarray(np.pad(np.asarray(card), ((edge, edge), (edge, edge), (0, 0)), mode="edge"))
    right, low = edge + card.width, edge + card.height
    ends = ((edge, edge), (right, edge), (right, low), (edge, low))
    rows: list[list[float]] = []
    wanted: list[float] = []
    for (x, y), (u, v) in zip(((x - left, y - top) for x, y in corners), ends, strict=True):
        rows += [[x, y, 1, 0, 0, 0, -u * x, -u * y], [0, 0, 0, x, y, 1, -v * x, -v * y]]
        wanted += [u, v]
    coefficients = tuple(float(value) for value in np.linalg.solve(np.array(rows), np.array(wanted)))
    laid = padded.transform(size, Image.Transform.PERSPECTIVE, coefficients, Image.Resampling.BICUBIC)
    fine = Image.new("L", (2 * size[0], 2 * size[1]))
    ImageDraw.Draw(fine).polygon([(2 * (x - left), 2 * (y - top)) for x, y in corners], fill=255)
    mask = fine.reduce(2)
    if laid.mode == "RGBA":
        mask = ImageChops.multiply(mask, laid.getchannel("A"))
    canvas.paste(laid.convert("RGB"), (left, top), mask)


# Lettering


@cache
def font(px: int) -> ImageFont.FreeTypeFont:
    """Return Pillow's own font at a size in pixels."""
    return cast(ImageFont.FreeTypeFont, ImageFont.load_default(px))


def lettering(
    text: str, px: float, *, weight: float = 0.0, slant: float = 0.0, tracking: float = 0.0, stretch: float = 1.0
) -> Image.Image:
    """Return a line of text as an "L" mask of height 1.4 px, its baseline 1.05 px below the top.

    Parameters
    ----------
    px
        Size of the type; the other lengths are shares of it.
    weight
        How much the strokes are thickened on each side.
    slant
        How far the type leans to the right.
    tracking
        Added space between letters.
    stretch
        Factor on the width.
    """
    px = max(px, 4.0)
    face = font(round(px))
    stroke_width = round(weight * px)
    step = tracking * px
    margin = round(0.2 * px)
    width = face.getlength(text) + step * len(text)
    mask = Image.new("L", (math.ceil(width) + 2 * margin, round(1.4 * px)))
    draw = ImageDraw.Draw(mask)
    if step:
        x = float(margin)
        for letter in text:
            draw.text((x, 1.05 * px), letter, 255, face, anchor="ls", stroke_width=stroke_width)
            x += face.getlength(letter) + step
    else:
        draw.text((margin, 1.05 * px), text, 255, face, anchor="ls", stroke_width=stroke_width)
    if slant:
        lean = (1.0, slant, -slant * 1.05 * px, 0.0, 1.0, 0.0)
        mask = mask.transform(mask.size, Image.Transform.AFFINE, lean, Image.Resampling.BICUBIC)
    if stretch != 1:
        mask = mask.resize((max(round(mask.width * stretch), 1), mask.height), Image.Resampling.BICUBIC)
    return mask


def write(
    canvas: Image.Image,
    text: str,
    at: Point,
    px: float,
    paint: Paint,
    *,
    align: Literal["left", "centre", "right"] = "left",
    fit: float = math.inf,
    weight: float = 0.0,
    slant: float = 0.0,
    tracking: float = 0.0,
    stretch: float = 1.0,
) -> Point:
    """Write one line with its baseline at `at`, no wider than `fit`; return its width and its size in pixels."""
    mask = lettering(text, px, weight=weight, slant=slant, tracking=tracking, stretch=stretch)
    margin = 0.2 * px * stretch
    if mask.width - 2 * margin > fit:
        px *= fit / (mask.width - 2 * margin)
        mask = lettering(text, px, weight=weight, slant=slant, tracking=tracking, stretch=stretch)
        margin = 0.2 * px * stretch
    width = mask.width - 2 * margin
    left = at[0] - margin - {"left": 0.0, "centre": width / 2, "right": width}[align]
    stamp(canvas, mask, (round(left), round(at[1] - 1.05 * px)), paint)
    return width, px


def wrap(text: str, px: float, width: float) -> list[str]:
    """Break a text into lines no wider than a width."""
    face = font(round(px))
    lines: list[str] = []
    line = ""
    for word in text.split():
        longer = f"{line} {word}".strip()
        if line and face.getlength(longer) > width:
            lines.append(line)
            line = word
        else:
            line = longer
    return [*lines, line] if line else lines


def paragraph(
    canvas: Image.Image,
    text: str,
    at: Point,
    px: float,
    width: float,
    paint: Colour,
    *,
    leading: float = 1.4,
    justified: bool = False,
    floor: float = math.inf,
) -> float:
    """Write a paragraph from its top left corner, down to `floor` at most; return where the next one may start."""
    draw = ImageDraw.Draw(canvas)
    face = font(round(px))
    lines = wrap(text, px, width)
    x, y = at
    for index, line in enumerate(lines):
        if y + px * leading > floor:
            break
        words = line.split()
        if justified and len(words) > 1 and index < len(lines) - 1:
            gap = (width - sum(face.getlength(word) for word in words)) / (len(words) - 1)
            across = x
            for word in words:
                draw.text((across, y + px), word, paint, face, anchor="ls")
                across += face.getlength(word) + gap
        else:
            draw.text((x, y + px), line, paint, face, anchor="ls")
        y += px * leading
    return y


# The camera


def develop(canvas: Image.Image, rng: Rng, size: Size) -> Image.Image:
    """Return a canvas as a photograph of the finished size: uneven light, vignette, grain."""
    image = canvas.resize(size, Image.Resampling.BICUBIC)
    width, height = size
    x = np.linspace(-1, 1, width, dtype=np.float32)[None, :]
    y = np.linspace(-1, 1, height, dtype=np.float32)[:, None]
    corner = (x**2 + y**2) / 2
    gain = 1.03 - np.float32(between(rng, 0.1, 0.24)) * corner**1.5 - np.float32(between(rng, 0.01, 0.05)) * (x + y)
    warmth = between(rng, -0.02, 0.035)
    balance = np.array((1 + warmth, 1 + warmth / 4, 1 - warmth), np.float32)
    values = field(image) * gain[..., None] * balance
    # Film's curve: shadows a little lifted, highlights rolled off.
    values = 5 + values * np.float32(0.975)
    speck = rng.standard_normal((height + 1, width + 1), dtype=np.float32)
    grain = speck[1:, 1:] + speck[1:, :-1] + speck[:-1, 1:] + speck[:-1, :-1]
    values += (grain * np.float32(between(rng, 0.4, 1.3)))[..., None]
    return picture(values)
