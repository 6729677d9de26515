"""Buildings: a facade, a row of houses on a canal, a skyline at dusk."""

from __future__ import annotations

import numpy as np
from PIL import Image

from augstudio.dataset.sample.brushes import (
    Colour,
    Point,
    Rng,
    Size,
    between,
    bumps,
    colour,
    field,
    fill,
    glow,
    gradient,
    light,
    mix,
    moved,
    noise,
    oval,
    palette,
    pick,
    picture,
    points,
    shadow,
    smooth,
    stroke,
    tone,
    veil,
)
from augstudio.dataset.sample.nature import broadleaf, clouded, mirror


def box(left: float, top: float, right: float, bottom: float) -> list[Point]:
    """Return a rectangle."""
    return [(left, top), (right, top), (right, bottom), (left, bottom)]


def bricks(rng: Rng, size: Size, base: Colour, course: float) -> Image.Image:
    """Return a brick wall whose courses are `course` pixels high."""
    width, height = size
    x, y = np.arange(width, dtype=np.float32)[None, :], np.arange(height, dtype=np.float32)[:, None]
    row = np.floor(y / np.float32(course)).astype(np.int32)
    long = np.float32(course * 2.6)
    shifted = x + (row % 2) * long / 2
    column = np.floor(shifted / long).astype(np.int32)
    tints = rng.random((int(row.max()) + 1, int(column.max()) + 1), dtype=np.float32)
    tint = tints[row, column] - 0.5
    joint = np.minimum(np.minimum(shifted % long, long - shifted % long), np.minimum(y % course, course - y % course))
    mortar = np.clip(1.6 - joint / np.float32(course * 0.07), 0, 1)
    rough = noise(rng, size, course * 0.8, 4, 0.7) - 0.5
    values = np.array(base, np.float32) * (1 + 0.34 * tint + 0.2 * rough)[..., None]
    seam = np.array(tone(mix(base, (190, 184, 172), 0.6), -0.08), np.float32)
    values += (seam - values) * (0.75 * mortar)[..., None]
    stain = noise(rng, (max(width // 8, 2), max(height // 8, 2)), (width / 24, height / 12), 3)
    shade = field(picture(stain * 255).resize(size, Image.Resampling.BICUBIC)) / 255 - 0.5
    return picture(values * (1 + 0.16 * shade)[..., None])


def plaster(rng: Rng, size: Size, base: Colour) -> Image.Image:
    """Return a rendered wall."""
    rough = noise(rng, size, 9, 3, 0.7)
    stain = noise(rng, size, (size[0] / 4, size[1] / 2), 4, 0.6) - 0.5
    return light(Image.new("RGB", size, base), np.clip(bumps(rough, 1.2) * 0.1 + 0.18 * stain, -1, 1))


def window(
    canvas: Image.Image,
    rng: Rng,
    left: float,
    top: float,
    wide: float,
    tall: float,
    trim: Colour,
    *,
    lit: float = 0.15,
    arched: bool = False,
) -> None:
    """Draw a window with reflections, or with light and a curtain behind it."""
    edge = 0.09 * wide
    arch: list[Point] = [(left + wide, top + tall), (left, top + tall)]
    arch += (
        moved(points("0,0 .15,-.16 .5,-.24 .85,-.16 1,0"), (left, top), 0, wide)
        if arched
        else [(left, top), (left + wide, top)]
    )
    middle = (left + wide / 2, top + tall / 2)
    shadow(canvas, arch, 0.07 * wide, 0.5)
    fill(
        canvas,
        [(middle[0] + (x - middle[0]) * 1.16, middle[1] + (y - middle[1]) * 1.1) for x, y in arch],
        (tone(trim, 0.1), tone(trim, -0.12)),
    )
    glow_inside = rng.random() < lit
    glass = (
        (colour("ffe7ae"), colour("f0b566"))
        if glow_inside
        else (tone(colour("9fc3d8"), between(rng, -0.35, 0.1)), tone(colour("34506a"), between(rng, -0.3, 0.15)))
    )
    fill(canvas, arch, glass)
    x0 = left + between(rng, 0.1, 0.4) * wide
    if not glow_inside:
        fill(
            canvas,
            [(x0, top + tall), (x0 + 0.22 * wide, top + tall), (x0 + 0.52 * wide, top), (x0 + 0.3 * wide, top)]
            if x0 + 0.52 * wide < left + wide
            else [
                (left, top + tall),
                (left + 0.1 * wide, top + tall),
                (left + 0.4 * wide, top),
                (left + 0.15 * wide, top),
            ],
            tone(glass[0], 0.18),
        )
    drape = pick(rng, palette("f4efe2 e6d9c2 d7b0a0 c2ccc4"))
    if rng.random() < 0.6:
        for side in (0, 1):
            x = left + side * wide
            inward = 1 - 2 * side
            fill(
                canvas,
                smooth(
                    [
                        (x, top),
                        (x + inward * 0.34 * wide, top),
                        (x + inward * 0.24 * wide, top + 0.5 * tall),
                        (x + inward * 0.1 * wide, top + 0.75 * tall),
                        (x, top + 0.78 * tall),
                    ],
                    steps=5,
                ),
                mix(drape, glass[1], 0.3),
                relief=0.3,
            )
    veil(canvas, box(left, top - 0.2 * wide * arched, left + wide, top + 0.1 * tall), 0.06 * wide, 0.45)
    stroke(canvas, [(middle[0], top - 0.2 * wide * arched), (middle[0], top + tall)], edge * 0.7, trim)
    for share in (0.36,) if tall < 1.8 * wide else (0.3, 0.65):
        stroke(canvas, [(left, top + share * tall), (left + wide, top + share * tall)], edge * 0.6, trim)
    sill = box(left - 0.14 * wide, top + tall, left + 1.14 * wide, top + tall + 0.1 * wide)
    shadow(canvas, sill, 0.06 * wide, 0.5)
    fill(canvas, sill, (tone(trim, 0.15), tone(trim, -0.3)))


def flowers(canvas: Image.Image, rng: Rng, left: float, top: float, wide: float) -> None:
    """Draw a box of flowers on a sill."""
    tall = 0.22 * wide
    trough = [
        (left, top - tall * 0.5),
        (left + wide, top - tall * 0.5),
        (left + 0.95 * wide, top + tall * 0.45),
        (left + 0.05 * wide, top + tall * 0.45),
    ]
    shadow(canvas, trough, 0.08 * wide, 0.5)
    fill(canvas, trough, (colour("8a5a3c"), colour("5c3a28")), relief=0.3)
    petals = palette(pick(rng, ("d94f4f f08a7a", "e8a0c0 fbe0ea", "f2c84a f6e8a8", "b08ad0 e2d2f0")))
    for _ in range(46):
        x, y = left + between(rng, 0.02, 0.98) * wide, top - tall * between(rng, 0.35, 1.3)
        radius = wide * between(rng, 0.025, 0.05)
        tint = (
            tone(colour("4f8a46"), between(rng, -0.3, 0.15))
            if rng.random() < 0.55
            else tone(pick(rng, petals), between(rng, -0.1, 0.15))
        )
        fill(canvas, oval(x, y, radius, radius * 0.85)[::6], tint)


_WALLS = (
    ("b5543f", "f1e9da", "3f6b5f"),
    ("e3b873", "fbf5e6", "5f7f8f"),
    ("c98a7a", "f8efe6", "4f6a55"),
    ("9fb4b0", "fafaf4", "b5674a"),
    ("8c5a48", "ece2d0", "39495f"),
    ("e6d3b8", "ffffff", "7a8f6a"),
)


def facade(rng: Rng, size: Size, look: int) -> Image.Image:
    """Draw a house front with rows of windows, shutters, balconies and flower boxes."""
    width, height = size
    wall, trim, shutter = (colour(code) for code in _WALLS[look % len(_WALLS)])
    canvas = bricks(rng, size, wall, min(size) / 46) if look % 2 == 0 else plaster(rng, size, wall)
    columns = int(rng.integers(2, 5)) if width >= height else int(rng.integers(2, 4))
    pitch = width / (columns + between(rng, -0.1, 0.4))
    wide = pitch * between(rng, 0.38, 0.46)
    tall = wide * between(rng, 1.45, 1.9)
    storey = tall * between(rng, 1.5, 1.7)
    arched, shutters = rng.random() < 0.4, rng.random() < 0.6
    first = (width - (columns - 1) * pitch) / 2
    y = between(rng, -0.35, 0.25) * storey
    row = 0
    while y < height:
        ledge = y + tall + 0.62 * (storey - tall)
        if row % 2 == look % 2:
            band = box(-9, ledge, width + 9, ledge + 0.07 * storey)
            shadow(canvas, band, 0.05 * storey, 0.5)
            fill(canvas, band, (tone(trim, 0.05), tone(trim, -0.22)))
        for column in range(columns):
            left = first + column * pitch - wide / 2
            if shutters:
                for x in (left - 0.58 * wide, left + 1.1 * wide):
                    leaf = box(x, y - 0.02 * tall, x + 0.48 * wide, y + 1.02 * tall)
                    shadow(canvas, leaf, 0.07 * wide, 0.5)
                    fill(canvas, leaf, (tone(shutter, 0.08), tone(shutter, -0.12)))
                    for slat in range(1, 17):
                        at = y + tall * slat / 17
                        stroke(
                            canvas,
                            [(x + 0.07 * wide, at), (x + 0.41 * wide, at)],
                            max(0.018 * tall, 2),
                            tone(shutter, -0.34),
                        )
                        stroke(
                            canvas,
                            [(x + 0.07 * wide, at + 0.02 * tall), (x + 0.41 * wide, at + 0.02 * tall)],
                            2,
                            tone(shutter, 0.25),
                        )
            window(canvas, rng, left, y, wide, tall, trim, arched=arched)
            if rng.random() < 0.35:
                flowers(canvas, rng, left - 0.05 * wide, y + 1.02 * tall, 1.1 * wide)
            elif rng.random() < 0.3:
                _balcony(canvas, left - 0.2 * wide, y + 0.55 * tall, 1.4 * wide, 0.5 * tall)
        y += storey
        row += 1
    slope = between(rng, 0.5, 1.1) * height
    shade = [(between(rng, 0.3, 0.65) * width, -50.0), (width + 50.0, -50.0), (width + 50.0, slope)]
    veil(canvas, shade, 0.004 * width, between(rng, 0.22, 0.38), (24, 26, 58))
    return canvas


def _balcony(canvas: Image.Image, left: float, top: float, wide: float, tall: float) -> None:
    iron = colour("2b2c34")
    floor = box(left - 0.03 * wide, top + tall, left + 1.03 * wide, top + 1.14 * tall)
    veil(canvas, box(left, top + tall, left + 1.1 * wide, top + 1.7 * tall), 0.09 * wide, 0.5)
    for bar in range(15):
        x = left + wide * bar / 14
        stroke(canvas, [(x, top), (x, top + tall)], max(0.014 * wide, 2), iron)
        if bar < 14:
            ring = oval(x + wide / 28, top + 0.2 * tall, wide / 36)
            stroke(canvas, [*ring, ring[0]], max(0.008 * wide, 2), iron)
    for y in (top, top + 0.38 * tall):
        stroke(canvas, [(left, y), (left + wide, y)], max(0.024 * wide, 3), iron)
    fill(canvas, floor, (colour("d9d2c4"), colour("8a8478")))


_HOUSES = palette("c65b42 e0a458 e8cfa0 7f9f9a 4f6f86 b0765a d98f72 9aa86f f0e4cc 8a4a4a 6f7f98 d8b0a0")
_STREET_SKIES = (
    ("6fb0dc b8dcec f2ead8", "ffffff"),
    ("4f5f9c c08fa8 f6c08f", "fbd6b8"),
    ("8fb8c8 d0e0dc f6efdc", "fffaf0"),
)


def canal(rng: Rng, size: Size, look: int) -> Image.Image:
    """Draw a row of gabled houses mirrored in a canal."""
    width, height = size
    codes, cloud = _STREET_SKIES[look % len(_STREET_SKIES)]
    skies = palette(codes)
    quay = round(between(rng, 0.66, 0.74) * height)
    canvas = gradient(size, skies)
    canvas.paste(clouded(rng, gradient((width, quay), skies), colour(cloud), between(rng, 0.4, 1.0)))
    evening = look % len(_STREET_SKIES) == 1
    x = between(rng, -0.1, 0.0) * width
    last = None
    while x < width:
        wide = between(rng, 0.85, 1.2) * min(0.2 * width, 0.3 * height)
        tint = pick(rng, [house for house in _HOUSES if house != last])
        last = tint
        _house(
            canvas,
            rng,
            x,
            quay - 0.02 * height,
            wide,
            between(rng, 0.42, 0.58) * height,
            mix(tint, skies[2], 0.08),
            0.6 if evening else 0.12,
        )
        x += wide
    stone = colour("8c8378")
    wall = bricks(rng, (width, round(0.045 * height)), tone(stone, -0.1), height / 75)
    canvas.paste(light(wall, -0.18), (0, quay - round(0.025 * height)))
    fill(canvas, box(0, quay - 0.036 * height, width, quay - 0.024 * height), (tone(stone, 0.4), tone(stone, 0.1)))
    for _ in range(int(rng.integers(1, 4))):
        broadleaf(
            canvas,
            rng,
            between(rng, 0.05, 0.95) * width,
            quay - 0.03 * height,
            between(rng, 0.26, 0.36) * height,
            pick(rng, palette("6a8f45 8a9f4a b5853f")),
        )
    for post in range(4):
        lamp = (between(rng, 0, 0.2) + post * 0.27) * width
        stroke(canvas, [(lamp, quay - 0.03 * height), (lamp, quay - 0.17 * height)], 0.005 * height, colour("26303a"))
        fill(
            canvas, moved(points("-.011,-.2 .011,-.2 .008,-.17 -.008,-.17"), (lamp, quay), 0, height), colour("ffe9b0")
        )
        fill(canvas, moved(points("-.014,-.2 0,-.216 .014,-.2"), (lamp, quay), 0, height), colour("26303a"))
        if evening:
            glow(canvas, (lamp, quay - 0.185 * height), 0.12 * height, (255, 205, 120), 0.8)
    mirror(canvas, rng, quay + round(0.018 * height), mix(skies[0], colour("1f3f45"), 0.75))
    return canvas


def _house(
    canvas: Image.Image, rng: Rng, left: float, foot: float, wide: float, tall: float, tint: Colour, lit: float
) -> None:
    top = foot - tall
    middle, right = left + wide / 2, left + wide
    kind = int(rng.integers(4))
    rise = 0.42 * wide
    if kind == 0:
        gable = [(middle, top - rise), (right, top)]
    elif kind == 1:
        gable = [
            (left + 0.18 * wide, top),
            (left + 0.18 * wide, top - 0.33 * rise),
            (left + 0.34 * wide, top - 0.33 * rise),
            (left + 0.34 * wide, top - 0.75 * rise),
            (right - 0.34 * wide, top - 0.75 * rise),
            (right - 0.34 * wide, top - 0.33 * rise),
            (right - 0.18 * wide, top - 0.33 * rise),
            (right - 0.18 * wide, top),
            (right, top),
        ]
    elif kind == 2:
        gable = smooth(
            [
                (left, top),
                (left + 0.12 * wide, top - 0.1 * rise),
                (left + 0.24 * wide, top - 0.6 * rise),
                (middle - 0.12 * wide, top - 0.95 * rise),
                (middle + 0.12 * wide, top - 0.95 * rise),
                (right - 0.24 * wide, top - 0.6 * rise),
                (right - 0.12 * wide, top - 0.1 * rise),
                (right, top),
            ],
            closed=False,
        )
    else:
        gable = [(left, top - 0.12 * rise), (right, top - 0.12 * rise), (right, top)]
    outline = [(right, foot), (left, foot), (left, top), *gable]
    brick = rng.random() < 0.5
    trim = tone(mix(tint, (255, 250, 238), 0.88), 0)
    fill(canvas, outline, lambda patch: bricks(rng, patch, tint, wide / 30) if brick else plaster(rng, patch, tint))
    ridge = [point for point in outline if point[1] <= top + 1]
    stroke(canvas, ridge, 0.035 * wide, tone(trim, -0.08))
    veil(canvas, box(right - 0.05 * wide, top, right, foot), 0.03 * wide, 0.3)
    columns = 3 if wide > 0.3 * tall else 2
    rows = max(round(tall / (0.44 * wide)), 3)
    pane = wide / columns * 0.5
    for row in range(rows - 1):
        y = top + (row + 0.22) * tall / rows
        for column in range(columns):
            x = left + (column + 0.5) * wide / columns - pane / 2
            window(canvas, rng, x, y, pane, 0.58 * tall / rows, trim, lit=lit)
    fill_oval = oval(middle, top - 0.28 * rise, 0.1 * wide, 0.1 * wide)
    if kind != 3:
        fill(canvas, oval(middle, top - 0.28 * rise, 0.125 * wide), trim)
        fill(canvas, fill_oval, (colour("7fa0b8"), colour("2c3f55")))
    y = foot - 0.8 * tall / rows
    door = pick(rng, palette("2f5d50 7a2f2a 2f3f6a 8a6a3a 34343c"))
    side = pick(rng, (0.14, 0.62))
    entrance = box(left + side * wide, y, left + (side + 0.24) * wide, foot)
    fill(canvas, box(left + (side - 0.03) * wide, y - 0.03 * wide, left + (side + 0.27) * wide, foot), trim)
    fill(canvas, entrance, (tone(door, 0.12), tone(door, -0.2)), relief=0.2)
    fill(
        canvas,
        box(left + (side + 0.04) * wide, y + 0.03 * wide, left + (side + 0.2) * wide, y + 0.11 * wide),
        colour("d9cfa8"),
    )
    other = 0.5 if side < 0.3 else 0.1
    window(canvas, rng, left + other * wide, y + 0.04 * wide, 0.38 * wide, 0.42 * tall / rows, trim, lit=lit)


_DUSKS = (
    ("1b2350 4a3f7a b8607e f49a6c fbd28f", "241f44"),
    ("0e1a3c 274a7c 6f86b0 d0a8a0", "141c38"),
    ("2a2f4a 6a5a72 c98a70 f6c98a", "2a2638"),
    ("16324a 3f7a8a 9fb8a0 f6dca8", "17303c"),
)


def skyline(rng: Rng, size: Size, look: int) -> Image.Image:
    """Draw a city at dusk, its lights mirrored in the river."""
    width, height = size
    codes, ink_code = _DUSKS[look % len(_DUSKS)]
    skies, ink = palette(codes), colour(ink_code)
    shore = round(between(rng, 0.68, 0.78) * height)
    canvas = gradient(size, skies)
    canvas.paste(clouded(rng, gradient((width, shore), skies), mix(skies[-1], skies[-2], 0.5), between(rng, 0.3, 0.9)))
    sun = (between(rng, 0.2, 0.8) * width, shore - between(rng, 0.04, 0.2) * height)
    glow(canvas, sun, 0.6 * max(size), skies[-1], 0.75)
    fill(canvas, oval(*sun, 0.045 * max(size)), tone(skies[-1], 0.45))
    for layer in range(4):
        near = layer / 3
        tint = mix(skies[-2], ink, 0.3 + 0.7 * near)
        x = -0.05 * width
        while x < width * 1.02:
            wide = min(size) * between(rng, 0.06, 0.14) * (0.7 + 0.4 * near)
            tall = height * between(rng, 0.1, 0.34) * (1.25 - 0.45 * near)
            if rng.random() < 0.12 and layer in (1, 2):
                tall *= 1.45
            _tower(canvas, rng, x, shore, wide, tall, tone(tint, between(rng, -0.1, 0.08)), near)
            x += wide * between(rng, 0.75, 1.25)
        haze = np.linspace(0, 1, shore, dtype=np.float32)[:, None] ** 5 * np.ones((1, width), np.float32)
        canvas.paste(
            Image.new("RGB", (width, shore), mix(skies[-1], skies[-2], 0.4)), (0, 0), picture(haze * 120 * (1 - near))
        )
    bank = box(0, shore - 0.012 * height, width, shore)
    fill(canvas, bank, tone(ink, -0.4))
    for lamp in range(17):
        x = (lamp + between(rng, 0.2, 0.8)) / 17 * width
        glow(canvas, (x, shore - 0.014 * height), 0.022 * height, (255, 214, 140), 1.0)
        fill(canvas, oval(x, shore - 0.014 * height, 0.0026 * height), (255, 244, 214))
    mirror(canvas, rng, shore, mix(skies[0], ink, 0.5))
    return canvas


def _tower(
    canvas: Image.Image, rng: Rng, left: float, foot: float, wide: float, tall: float, tint: Colour, near: float
) -> None:
    top = foot - tall
    right = left + wide
    kind = int(rng.integers(5))
    roof: list[Point] = [(left, top), (right, top)]
    if kind == 1:
        roof = [
            (left, top),
            (left + 0.2 * wide, top),
            (left + 0.2 * wide, top - 0.3 * wide),
            (left + 0.8 * wide, top - 0.3 * wide),
            (left + 0.8 * wide, top),
            (right, top),
        ]
    elif kind == 2:
        roof = [(left, top), (left + 0.5 * wide, top - 0.6 * wide), (right, top)]
    elif kind == 3:
        roof = [(left, top), (right, top - 0.35 * wide)]
    fill(canvas, [(right, foot), (left, foot), *roof], (tone(tint, 0.14 * (1 - near) + 0.04), tone(tint, -0.15)))
    if kind in (1, 2):
        stroke(
            canvas,
            [(left + wide / 2, top - 0.3 * wide), (left + wide / 2, top - between(rng, 0.7, 1.2) * wide)],
            max(0.03 * wide, 2),
            tint,
        )
    fill(canvas, box(left + 0.72 * wide, top + 1, right, foot), tone(tint, -0.22))
    lamp = pick(rng, palette("ffd98a ffe9bd ffc46a f6f0dc"))
    columns, cell = int(rng.integers(4, 8)), 0.0
    cell = wide / columns
    share = between(rng, 0.15, 0.6)
    for row in range(int(tall / (1.25 * cell))):
        y = top + (row + 0.4) * 1.25 * cell
        if y + cell > foot:
            break
        for column in range(columns):
            chance = rng.random()
            x = left + (column + 0.22) * cell
            pane = box(x, y, x + 0.56 * cell, y + 0.62 * cell)
            if chance < share:
                fill(canvas, pane, mix(tint, tone(lamp, between(rng, -0.15, 0.1)), 0.45 + 0.5 * near))
            elif near > 0.3:
                fill(canvas, pane, tone(tint, 0.1))
