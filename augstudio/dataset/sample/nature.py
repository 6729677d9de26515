"""Landscapes: hills, lakes, the sea, woods and northern nights."""

from __future__ import annotations

import math

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

from augstudio.dataset.sample.brushes import (
    Colour,
    Field,
    Floats,
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
    mottled,
    moved,
    noise,
    oval,
    palette,
    pick,
    picture,
    points,
    ramp,
    rough,
    smooth,
    stroke,
    tone,
    veil,
    wave,
)


def vista(rng: Rng, size: Size, look: int) -> Image.Image:
    """Draw any of the landscapes."""
    return pick(rng, (hills, lake, sea, forest, northern_night))(rng, size, look)


def clouded(rng: Rng, sky: Image.Image, paint: Colour, amount: float) -> Image.Image:
    """Return a sky with clouds, thinner towards the horizon."""
    width, height = sky.size
    small = (width // 2, height // 2)
    drift = noise(rng, small, (small[0] * 0.45, small[1] * 0.16), 6, 0.55)
    cover = np.clip((drift - (0.78 - 0.35 * amount)) * 3.2, 0, 1)
    fade = np.clip(np.linspace(1.25, -0.1, small[1], dtype=np.float32), 0, 1)[:, None]
    puffs = noise(rng, small, (small[0] * 0.2, small[1] * 0.1), 4, 0.45)
    lit = np.clip(0.55 + bumps(drift * 0.5 + puffs * 0.5, 22), 0, 1)
    tints = ramp(lit, (mix(paint, (96, 104, 130), 0.38), paint, tone(paint, 0.5))).resize(sky.size)
    mask = picture(cover * fade * 235).resize(sky.size, Image.Resampling.BICUBIC)
    sky.paste(tints, mask=mask)
    return sky


def _below(ridge: Floats, height: int) -> Image.Image:
    rows = np.arange(height, dtype=np.float32)[:, None]
    return Image.fromarray(((rows >= ridge[None, :]) * np.uint8(255)).astype(np.uint8))


def broadleaf(canvas: Image.Image, rng: Rng, x: float, foot: float, height: float, leaf: Colour) -> None:
    """Draw a round tree."""
    trunk = mix(colour("5a4030"), leaf, 0.15)
    veil(canvas, oval(x + 0.2 * height, foot, 0.45 * height, 0.05 * height), 0.04 * height, 0.4)
    root, top = 0.045 * height, foot - 0.6 * height
    fill(canvas, [(x - root, foot), (x - 0.6 * root, top), (x + 0.6 * root, top), (x + root, foot)], trunk)
    clumps = [
        (between(rng, -0.24, 0.24), between(rng, -0.82, -0.46), between(rng, 0.13, 0.24), between(rng, -0.2, 0.05))
        for _ in range(9)
    ]
    for dx, dy, radius, shade_by in sorted(clumps, key=lambda clump: clump[3]):
        crown = [
            (px + between(rng, -0.02, 0.02) * height, py + between(rng, -0.02, 0.02) * height)
            for px, py in oval(x + dx * height, foot + dy * height, radius * height, radius * 0.82 * height)[::4]
        ]
        tint = tone(leaf, shade_by + 0.06)
        fill(canvas, smooth(crown, steps=4), rough(rng, tint, max(height / 22, 3), 0.3), relief=0.55, round_by=0.35)


def conifer(canvas: Image.Image, rng: Rng, x: float, foot: float, height: float, needle: Colour) -> None:
    """Draw a fir."""
    half = height * between(rng, 0.17, 0.23)
    fill(canvas, moved(points("-.02,-.2 .02,-.2 .03,0 -.03,0"), (x, foot), 0, height), tone(colour("4a3628"), -0.2))
    tiers = 7
    for tier in range(tiers):
        low = foot - height * (0.08 + 0.92 * tier / tiers)
        high = low - height * 0.3 if tier < tiers - 1 else foot - height
        reach = half * (1 - tier / tiers) ** 0.85
        left = [
            (x - reach * (1 - s), low - (low - high) * 0.35 * s + between(rng, 0, 0.02) * height) for s in (0, 0.3, 0.6)
        ]
        right = [
            (x + reach * (1 - s), low - (low - high) * 0.35 * s + between(rng, 0, 0.02) * height) for s in (0.6, 0.3, 0)
        ]
        fill(canvas, [(x, high), *reversed(right), *reversed(left)], tone(needle, -0.28 + 0.04 * tier))
        fill(
            canvas,
            [(x, high), (x + 0.1 * reach, low - 0.02 * height), *reversed(left)],
            tone(needle, 0.02 + 0.03 * tier),
        )


def cypress(canvas: Image.Image, rng: Rng, x: float, foot: float, height: float, leaf: Colour) -> None:
    """Draw a slim cypress."""
    outline = moved(points("0,-1 .07,-.55 .085,-.2 .02,0 -.02,0 -.085,-.2 -.07,-.55"), (x, foot), 0, height)
    veil(canvas, oval(x + 0.12 * height, foot, 0.22 * height, 0.03 * height), 0.03 * height, 0.4)
    fill(canvas, smooth(outline, steps=6), rough(rng, leaf, max(height / 26, 2), 0.25), relief=0.8, round_by=0.6)


_HILLS = (
    ("5fa3d4 a5d0e6 f6ecd6", "9dbfca", "5d9440 86ad4a c3bf5a 3f7a3e", "fffdf6"),
    ("44598f a27f9f eba480 fbe0a8", "b98d92", "5b6140 8a7440 b58a48 424c3c", "f6c9a6"),
    ("8fb9d6 d6e2de f5ead0", "b3b5ac", "b0642c d09a3e 8b7a3a 7a4a2c", "fff6e6"),
    ("7d88bd c3b0d2 f3d6d2", "a99fbf", "6d9160 9a8fb5 7ba078 587a60", "fdeef0"),
    ("6fb7c9 bfe0d6 fdf2c4", "9cc3b8", "6aa352 a5bb55 d5c164 4d8a55", "fffef2"),
)


def hills(rng: Rng, size: Size, look: int) -> Image.Image:
    """Draw rolling fields, one hill behind the other."""
    width, height = size
    sky_codes, far_code, near_codes, cloud_code = _HILLS[look % len(_HILLS)]
    far, greens = colour(far_code), palette(near_codes)
    canvas = clouded(rng, gradient(size, palette(sky_codes)), colour(cloud_code), between(rng, 0.3, 0.9))
    horizon = between(rng, 0.36, 0.5) * height
    sun = (between(rng, 0.15, 0.85) * width, horizon - between(rng, 0.06, 0.25) * height)
    glow(canvas, sun, 0.6 * max(size), palette(sky_codes)[-1], 0.8)
    glow(canvas, sun, 0.16 * max(size), (255, 250, 225), 0.9)
    fill(canvas, oval(*sun, 0.028 * max(size)), (255, 250, 232))
    layers = 6
    for layer in range(layers):
        near = layer / (layers - 1)
        foot = horizon + (height - horizon) * near**1.3 * 0.8
        swell = height * (0.05 + 0.13 * near)
        ridge = foot - swell * (wave(rng, width, width * between(rng, 0.35, 0.7), 2, 0.3) - 0.3)
        if near < 0.2:
            ridge -= swell * 1.6 * wave(rng, width, width * 0.3, 6, 0.5)
        top = max(int(ridge.min()), 0)
        rows = height - top
        base = mix(far, pick(rng, greens), min(0.12 + near * 1.05, 1.0))
        if near < 0.3:
            surface = mottled(rng, (width, rows), base, (width / 6, rows / 5), 0.1)
        else:
            surface = _fields(
                rng, (width, rows), ridge - top, [mix(base, green, 0.75 * near) for green in greens], near
            )
        mask = _below(ridge - top, rows)
        # A sunlit crest, and haze in the valley behind the next hill.
        depth = (np.arange(rows, dtype=np.float32)[:, None] - (ridge - top)[None, :]) / height
        surface = light(surface, 0.2 * np.exp(-depth * 26) - 0.12 * np.clip(depth * 3, 0, 1))
        haze = (np.clip(depth * 5, 0, 1) * (1 - near) * 150).astype(np.uint8)
        surface.paste(mix(far, palette(sky_codes)[-1], 0.4), mask=Image.fromarray(haze))
        canvas.paste(surface, (0, top), mask)
        if near >= 0.3:
            _plant(canvas, rng, ridge, near, mix(far, pick(rng, palette("3f6b33 557a38 2f5a3c")), 0.35 + 0.65 * near))
    return canvas


def _fields(rng: Rng, size: Size, ridge: Field, greens: list[Colour], near: float) -> Image.Image:
    """Return a hillside parted into fields, some of them ploughed."""
    width, height = size
    parts = noise(rng, size, (width * 0.4, height * 0.3 + 1), 2, 0.4)
    level = np.clip(parts * 7, 0, 6.99)
    index = level.astype(np.int8)
    table = np.array([pick(rng, greens) for _ in range(7)], np.float32)
    values = table[index]
    x = np.arange(width, dtype=np.float32)[None, :]
    y = np.arange(height, dtype=np.float32)[:, None] - ridge[None, :]
    spacing = width * (0.006 + 0.008 * near)
    for which, lean in ((1, 0.9), (3, -0.6), (5, 0.25)):
        furrow = np.sin((x + lean * y * 1.6 + 0.1 * width * parts) / spacing * 2.2)
        values *= 1 + (0.09 * near * furrow * (index == which))[..., None]
    hedge = np.abs(level - np.round(level)) < 0.035 + 0.02 * near
    values *= 1 - 0.3 * (hedge & (level > 0.5) & (level < 6.5))[..., None]
    grass = noise(rng, size, (14 + 10 * near, 6 + 5 * near), 3, 0.7) - 0.5
    values *= 1 + (0.22 * near * grass)[..., None]
    return picture(values)


def _plant(canvas: Image.Image, rng: Rng, ridge: Field, near: float, leaf: Colour) -> None:
    width, height = canvas.size
    kind = pick(rng, (broadleaf, conifer, cypress, broadleaf))
    start = between(rng, 0, 0.7) * width
    for _ in range(int(rng.integers(2, 9))):
        x = (start + between(rng, -0.18, 0.18) * width) % width
        tall = height * (0.03 + 0.15 * near**1.6) * between(rng, 0.7, 1.25)
        foot = float(ridge[int(x)]) + between(rng, 0.15, 0.7) * tall * near
        kind(canvas, rng, x, foot, tall, tone(leaf, between(rng, -0.12, 0.1)))


_PEAKS = (
    ("4d7fb5 9cc4df f3e6d4", "5d6b83 8b93a3", "f6f4f2", "2f4a45", "fff8ee"),
    ("3a4a7a a07c9c f2b08c fde3b4", "574b6b a67c80", "fbdcc8", "2c3344", "f7c8ac"),
    ("7fb0cc c9dfe2 f2eee2", "667a78 93a193", "fafaf6", "365743", "ffffff"),
    ("262f55 54618f a592b4", "38406a 6a6c94", "cfd2ea", "1b2540", "8f93b8"),
)


def lake(rng: Rng, size: Size, look: int) -> Image.Image:
    """Draw mountains mirrored in a lake."""
    width, height = size
    sky_codes, rock_codes, snow_code, wood_code, cloud_code = _PEAKS[look % len(_PEAKS)]
    shore = round(between(rng, 0.5, 0.62) * height)
    skies = palette(sky_codes)
    canvas = gradient(size, skies)
    canvas.paste(clouded(rng, gradient((width, shore), skies), colour(cloud_code), between(rng, 0.2, 0.9)))
    sun = (between(rng, 0.1, 0.9) * width, 0.55 * shore)
    glow(canvas, sun, 0.5 * max(size), tone(skies[-1], 0.4), 0.75)
    dark, pale = palette(rock_codes)
    for near, top in ((0.0, 0.3), (1.0, 0.16)):
        line = wave(rng, width, width * between(rng, 0.3, 0.5), 7, 0.5)
        # Ridged noise: sharp crests, wide valleys.
        peaks = 1 - np.abs(2 * line - 1)
        ridge = shore * (1 - (1 - top) * (0.36 + 0.64 * peaks) * (0.85 + 0.15 * near))
        first = max(int(ridge.min()), 0)
        patch = (width, shore - first)
        relief = noise(rng, patch, (width * 0.12, patch[1] * 0.3), 7, 0.6)
        lit = np.clip(0.5 + 0.5 * bumps(relief, 40), 0, 1)
        hazed = skies[-1]
        rock = ramp(
            lit,
            (
                mix(tone(dark, -0.3), hazed, 0.55 * (1 - near)),
                mix(dark, hazed, 0.5 * (1 - near)),
                mix(pale, hazed, 0.5 * (1 - near)),
            ),
        )
        rows = np.arange(patch[1], dtype=np.float32)[:, None]
        altitude = 1 - (rows + first) / shore
        snow = np.clip((altitude - 0.4 + 0.5 * (relief - 0.5) + 0.22 * (lit - 0.5)) * 8, 0, 1) * (0.6 * near + 0.4)
        snow_lit = ramp(lit, (mix(colour(snow_code), dark, 0.45), colour(snow_code), (255, 255, 255)))
        rock.paste(snow_lit, mask=picture(snow * 255))
        haze = np.clip((rows / patch[1] - 0.35) * 1.3, 0, 1) * np.ones((1, width), np.float32)
        rock.paste(mix(skies[-1], skies[0], 0.25), mask=picture(haze * (120 - 30 * near)))
        canvas.paste(rock, (0, first), _below(ridge - first, patch[1]))
    trees = colour(wood_code)
    for row in range(3):
        tall = height * (0.045 + 0.02 * row)
        bank = wave(rng, 240, 60, 3)
        for _ in range(round(width / tall * (4.5 - row))):
            x = between(rng, 0, 1)
            if bank[int(x * 239)] > 0.28 + 0.13 * row:
                tint = mix(tone(trees, between(rng, -0.15, 0.12)), skies[-1], 0.35 - 0.13 * row)
                conifer(
                    canvas, rng, x * width, shore + 2, tall * (0.5 + bank[int(x * 239)] * between(rng, 0.5, 1.0)), tint
                )
    fill(
        canvas,
        [(0, shore - 0.006 * height), (width, shore - 0.006 * height), (width, shore + 3), (0, shore + 3)],
        tone(trees, -0.2),
    )
    mirror(canvas, rng, shore, mix(skies[0], colour("16324a"), 0.55))
    if rng.random() < 0.6:
        _boat(canvas, rng, between(rng, 0.25, 0.75) * width, between(rng, 0.74, 0.84) * height, 0.1 * width)
    else:
        _jetty(canvas, rng, between(rng, 0.3, 0.7) * width)
    return canvas


def mirror(canvas: Image.Image, rng: Rng, shore: int, water: Colour) -> None:
    """Mirror what lies above the shore in rippled water."""
    width, height = canvas.size
    rows = height - shore
    above = canvas.crop((0, max(shore - round(rows * 1.25), 0), width, shore)).transpose(
        Image.Transpose.FLIP_TOP_BOTTOM
    )
    still = np.asarray(above.resize((width, rows)).filter(ImageFilter.GaussianBlur(width / 700)))
    near = np.linspace(0, 1, rows, dtype=np.float32)[:, None]
    ripple = noise(rng, (width, rows), (width * 0.1, max(rows * 0.022, 3)), 3, 0.6) - 0.5
    across = np.clip(np.arange(width)[None, :] + ripple * (4 + near * 70 * width / 1600), 0, width - 1).astype(np.int32)
    down = np.clip(np.arange(rows)[:, None] + ripple * near * 40 * width / 1600, 0, rows - 1).astype(np.int32)
    values = still[down, across].astype(np.float32)
    share = (0.16 + 0.42 * near)[..., None]
    values = values * (1 - share) + np.array(water, np.float32) * share
    # Wind on the water: bands of bright ripples.
    wind = np.clip(noise(rng, (width, rows), (width * 0.8, rows * 0.1), 3) - 0.62, 0, 1) * np.clip(ripple + 0.1, 0, 1)
    canvas.paste(picture(values + (wind * 480)[..., None]), (0, shore))


def _boat(canvas: Image.Image, rng: Rng, x: float, y: float, length: float) -> None:
    hull = pick(rng, palette("b5482f 2f5d7a d8b25a 6b3f2a e8e2d2"))
    veil(canvas, oval(x, y + 0.1 * length, 0.55 * length, 0.09 * length), 0.05 * length, 0.6)
    veil(canvas, oval(x, y + 0.22 * length, 0.4 * length, 0.1 * length), 0.08 * length, 0.35, tone(hull, -0.3))
    body = smooth(moved(points("-.52,-.12 0,-.06 .54,-.14 .38,.07 0,.11 -.38,.07"), (x, y), 0, length))
    fill(canvas, body, (tone(hull, 0.12), tone(hull, -0.35)), relief=0.4)
    inside = smooth(moved(points("-.47,-.12 0,-.17 .48,-.135 0,-.075"), (x, y), 0, length))
    fill(canvas, inside, tone(colour("6d4c34"), -0.25))
    for seat in (-0.16, 0.14):
        fill(
            canvas,
            [
                (x + (seat - 0.04) * length, y - 0.15 * length),
                (x + (seat + 0.05) * length, y - 0.15 * length),
                (x + (seat + 0.05) * length, y - 0.085 * length),
                (x + (seat - 0.04) * length, y - 0.085 * length),
            ],
            colour("b98d5c"),
        )
    stroke(
        canvas,
        [(x - 0.05 * length, y - 0.13 * length), (x + 0.3 * length, y + 0.2 * length)],
        0.018 * length,
        colour("caa271"),
    )


def _jetty(canvas: Image.Image, rng: Rng, x: float) -> None:
    width, height = canvas.size
    lean = between(rng, -0.12, 0.12) * width
    far, near = 0.72 * height, 1.02 * height
    thin, wide = 0.025 * width, 0.17 * width
    veil(
        canvas,
        [(x - thin, far), (x + 2 * thin, far), (x + lean + 1.3 * wide, near), (x + lean - wide, near)],
        0.02 * width,
        0.5,
    )
    plank = pick(rng, palette("9a7a58 8a8078 a58a6a"))
    steps = 15
    for step in range(steps):
        a, b = (step / steps) ** 1.7, ((step + 0.93) / steps) ** 1.7
        edges = [
            (x + lean * s + side * (thin + (wide - thin) * s), far + (near - far) * s)
            for s, side in ((a, -1), (a, 1), (b, 1), (b, -1))
        ]
        fill(canvas, edges, tone(plank, between(rng, -0.2, 0.12)))
    for s in (0.0, 0.12, 0.42):
        for side in (-1, 1):
            px, py = x + lean * s + side * (thin + (wide - thin) * s), far + (near - far) * s
            post = thin * (0.25 + 0.7 * s)
            fill(
                canvas, moved(points("-1,-5 1,-5 1,3 -1,3"), (px, py), 0, post), (tone(plank, 0.1), tone(plank, -0.55))
            )


_SEAS = (
    ("2f3e72 8a5f86 e5866a fbcf86", "2a3358 c9806f", "fff0c4", "f2a98c"),
    ("4a9cd0 a4d4e8 eef3e6", "1f6f96 6fc0c4", "ffffff", "ffffff"),
    ("4c6da6 a99cc6 f6b9a6 fde3b8", "2f5a86 e0a08f", "fff6e0", "fbd2c0"),
    ("1f2a4c 3f5680 9a9bb8", "18284a 6f84a8", "f0f2ff", "6f7ba0"),
)


def sea(rng: Rng, size: Size, look: int) -> Image.Image:
    """Draw the sea, with the sun low above it, a headland, sails and gulls."""
    width, height = size
    sky_codes, sea_codes, sun_code, cloud_code = _SEAS[look % len(_SEAS)]
    horizon = round(between(rng, 0.42, 0.56) * height)
    skies, waters = palette(sky_codes), palette(sea_codes)
    canvas = gradient(size, waters)
    canvas.paste(clouded(rng, gradient((width, horizon), skies), colour(cloud_code), between(rng, 0.45, 1.0)))
    sun = (between(rng, 0.25, 0.75) * width, horizon - between(rng, 0.05, 0.22) * height)
    glow(canvas, sun, 0.7 * max(size), skies[-1], 0.8)
    glow(canvas, sun, 0.22 * max(size), colour(sun_code), 0.8)
    fill(canvas, oval(*sun, 0.04 * max(size)), colour(sun_code))
    rows = height - horizon
    # Rows crowd together towards the horizon.
    flat = noise(rng, (width, rows), (width * 0.07, rows * 0.012 + 2), 4, 0.65)
    near = np.linspace(0, 1, rows, dtype=np.float32)
    swell = noise(rng, (width, rows), (width * 0.3, rows * 0.1), 5, 0.6)
    crowded = (near**0.55 * (rows - 1)).astype(np.int32)
    waves = 0.55 * flat[crowded] * (1 - near[:, None]) + 0.45 * flat + 0.7 * (swell[crowded] - 0.3) * near[:, None]
    lit = np.clip(0.5 + bumps(waves, 9), 0, 1)
    deep, shallow = waters
    tints = field(
        ramp(
            0.25 + 0.5 * lit, (tone(deep, -0.35), mix(deep, shallow, 0.3), mix(deep, shallow, 0.75), tone(shallow, 0.5))
        )
    )
    mirrored = field(gradient((width, rows), (skies[-1], mix(skies[-1], deep, 0.5), deep)))
    share = (0.7 * (1 - near) ** 1.2)[:, None, None]
    values = tints * (1 - share) + mirrored * (0.75 + 0.35 * lit[..., None]) * share
    spread = (0.03 + 0.16 * near)[:, None] * width
    column = np.exp(-(((np.arange(width, dtype=np.float32)[None, :] - sun[0]) / spread) ** 2))
    glints = np.clip((lit - 0.5) * 3.5 + 0.15, 0, 1) * column
    values += (255 - values) * (glints * 0.95)[..., None] * np.array(colour(sun_code), np.float32) / 255
    canvas.paste(picture(values), (0, horizon))
    if rng.random() < 0.75:
        _headland(canvas, rng, horizon, mix(deep, (30, 26, 44), 0.5), skies[-1])
    for _ in range(int(rng.integers(1, 4))):
        _sail(
            canvas,
            rng,
            between(rng, 0.12, 0.88) * width,
            horizon + between(rng, 0.01, 0.12) * height,
            between(rng, 0.05, 0.12) * height,
        )
    for _ in range(int(rng.integers(3, 8))):
        x, y, wing = (
            between(rng, 0.1, 0.9) * width,
            between(rng, 0.12, 0.75) * horizon,
            between(rng, 0.008, 0.02) * width,
        )
        outline = moved(points("-1,-.35 -.45,-.5 0,0 .45,-.55 1,-.3"), (x, y), 0, wing)
        stroke(canvas, smooth(outline, closed=False), max(0.12 * wing, 2), mix(skies[0], (40, 38, 52), 0.75))
    return canvas


def _headland(canvas: Image.Image, rng: Rng, horizon: int, rock: Colour, haze: Colour) -> None:
    width, height = canvas.size
    flip = rng.random() < 0.5
    for near, reach in ((0.0, between(rng, 0.45, 0.7)), (1.0, between(rng, 0.22, 0.4))):
        fall = np.clip(1 - np.linspace(0, 1, width, dtype=np.float32) / reach, 0, 1) ** 0.6
        rise = fall * (0.4 + 0.6 * wave(rng, width, width * 0.22, 6, 0.4)) * height * (0.1 + 0.1 * near)
        ridge = horizon - (rise[::-1] if flip else rise)
        top = int(ridge.min())
        patch = (width, horizon - top + 3)
        relief = noise(rng, patch, (width * 0.03, height * 0.05), 5, 0.6)
        base = mix(haze, rock, 0.4 + 0.5 * near)
        surface = ramp(np.clip(0.5 + 0.6 * bumps(relief, 20), 0, 1), (tone(base, -0.35), base, tone(base, 0.25)))
        mask = np.arange(patch[1])[:, None] >= (ridge - top)[None, :]
        mask &= (rise[::-1] if flip else rise)[None, :] > 1
        canvas.paste(surface, (0, top), Image.fromarray((mask * np.uint8(255)).astype(np.uint8)))


def _sail(canvas: Image.Image, rng: Rng, x: float, y: float, tall: float) -> None:
    cloth = pick(rng, palette("fdf6e8 f4e3c6 d9573f fffdf8"))
    veil(canvas, oval(x, y + 0.25 * tall, 0.16 * tall, 0.3 * tall), 0.08 * tall, 0.35, tone(cloth, -0.2))
    fill(
        canvas,
        smooth(moved(points(".02,-1 .3,-.5 .4,-.1 .02,-.1"), (x, y), 0, tall), steps=6),
        (tone(cloth, 0.1), tone(cloth, -0.18)),
        relief=0.2,
    )
    fill(canvas, moved(points("-.03,-.9 -.03,-.12 -.32,-.12"), (x, y), 0, tall), tone(cloth, -0.1))
    hull = pick(rng, palette("3a2f3a 6b3328 23405c"))
    fill(canvas, moved(points("-.36,-.08 .44,-.08 .32,.04 -.24,.04"), (x, y), 0, tall), hull)


_WOODS = (
    ("f4f0d8 c8d8a8 7fa068", "2e3f2c", "86a84e", "fff6d0"),
    ("e6ecec b4c8cc 7f9aa2", "26343c", "5f7d72", "f4fbff"),
    ("fbe6c0 eeb878 b9763e", "3f2a22", "c98a3a", "fff0cc"),
    ("dfe6f4 b2b6d8 7b7aa8", "2b2a44", "6d7a9a", "f2f0ff"),
)


def forest(rng: Rng, size: Size, look: int) -> Image.Image:
    """Draw a misty wood with beams of light and a path."""
    width, height = size
    air_codes, bark_code, leaf_code, beam_code = _WOODS[look % len(_WOODS)]
    air, bark, leaf = palette(air_codes), colour(bark_code), colour(leaf_code)
    canvas = gradient(size, air)
    bright = (between(rng, 0.3, 0.7) * width, 0.34 * height)
    glow(canvas, bright, 0.7 * max(size), colour(beam_code), 1.0)
    layers = 6
    for layer in range(layers):
        near = layer / (layers - 1)
        tint = mix(air[1], bark, 0.16 + 0.84 * near**1.2)
        floor = height * (0.56 + 0.3 * near)
        ridge = floor - height * 0.05 * wave(rng, width, width * 0.3, 3)
        ground = mix(mix(air[1], leaf, 0.25 + 0.6 * near), bark, 0.35 * near)
        top = int(ridge.min())
        soil = noise(rng, (width, height - top), (10 + 50 * near, 4 + 16 * near), 4, 0.7)
        surface = ramp(soil, (tone(ground, -0.3 * near - 0.05), ground, tone(ground, 0.22)))
        count = round(between(rng, 13, 17) * (1 - near) + between(rng, 3, 4.5) * near)
        for trunk in range(count):
            x = (trunk + between(rng, 0.1, 0.9)) / count * width
            if near > 0.6 and abs(x - bright[0]) < 0.16 * width:
                continue
            _trunk(
                canvas,
                rng,
                x,
                float(ridge[min(int(x), width - 1)]) + 0.02 * height,
                width * (0.006 + 0.034 * near**1.5) * between(rng, 0.7, 1.3),
                tint,
                near,
            )
        _canopy(canvas, rng, mix(air[1], leaf, 0.2 + 0.75 * near), near)
        canvas.paste(surface, (0, top), _below(ridge - top, height - top))
        # Mist lies between this row and the next.
        mist = np.clip(1 - np.abs(np.arange(height, dtype=np.float32) - floor) / (0.22 * height), 0, 1)[:, None]
        drift = 0.5 + 0.5 * noise(rng, (width // 4, height // 4), (width / 8, height / 30), 3)
        cover = picture(mist * field(picture(drift * 255).resize(size)) * (0.5 * (1 - near)))
        canvas.paste(air[0], mask=cover)
    path = smooth(
        [
            (bright[0] - 0.012 * width, 0.6 * height),
            (bright[0] + 0.07 * width, 0.7 * height),
            (bright[0] - 0.08 * width, 0.84 * height),
            (bright[0] - 0.05 * width, 1.03 * height),
            (bright[0] + 0.33 * width, 1.03 * height),
            (bright[0] + 0.16 * width, 0.84 * height),
            (bright[0] + 0.13 * width, 0.7 * height),
            (bright[0] + 0.012 * width, 0.6 * height),
        ]
    )
    veil(canvas, path, 0.012 * width, 0.55, mix(air[0], leaf, 0.2))
    beams = Image.new("L", (width // 4, height // 4))
    for _ in range(7):
        slope, start, thick = between(rng, 0.1, 0.5), between(rng, -0.3, 0.9), between(rng, 0.015, 0.07)
        w, h = beams.size
        ImageDraw.Draw(beams).polygon(
            [
                (start * w, 0),
                ((start + thick) * w, 0),
                ((start + 2 * thick + slope) * w, h * 0.9),
                ((start + slope - thick) * w, h * 0.9),
            ],
            fill=int(between(rng, 60, 150)),
        )
    fade = np.linspace(1, 0.1, h, dtype=np.float32)[:, None]
    soft = picture(field(beams.filter(ImageFilter.GaussianBlur(width / 260))) * fade).resize(
        size, Image.Resampling.BICUBIC
    )
    canvas.paste(colour(beam_code), mask=soft)
    for _ in range(260):
        x, s = between(rng, 0, 1), between(rng, 0, 1)
        y = height * (0.84 + 0.18 * s)
        if abs(x * width - bright[0] - 0.1 * width) < (0.13 + 0.12 * s) * width:
            continue
        blade = height * (0.02 + 0.045 * s) * between(rng, 0.6, 1.3)
        bend = between(rng, -0.6, 0.6) * blade
        stroke(
            canvas,
            [(x * width, y), (x * width + 0.4 * bend, y - 0.6 * blade), (x * width + bend, y - blade)],
            0.0016 * width + 1,
            tone(mix(leaf, bark, 0.45), between(rng, -0.3, 0.25)),
        )
    return canvas


def _trunk(canvas: Image.Image, rng: Rng, x: float, foot: float, half: float, bark: Colour, near: float) -> None:
    _, height = canvas.size
    lean = between(rng, -0.025, 0.025) * height
    outline = [
        (x - 2.2 * half, foot),
        (x - half, foot - 3 * half),
        (x + lean - 0.62 * half, -9),
        (x + lean + 0.62 * half, -9),
        (x + half, foot - 3 * half),
        (x + 2.2 * half, foot),
    ]
    fill(
        canvas,
        outline,
        rough(rng, bark, (max(0.9 * half, 2), max(5 * half, 4)), 0.12 + 0.2 * near),
        relief=0.9 * near,
        round_by=0.45,
    )
    for _ in range(round(2 + 3 * near)):
        y = between(rng, 0.02, 0.42) * height
        side = pick(rng, (-1, 1))
        tip = (x + side * between(rng, 4, 9) * half, y - between(rng, 3, 7) * half)
        bough = smooth([(x + lean * 0.6, y + 2 * half), (x + side * 3 * half, y), tip], closed=False, steps=5)
        stroke(canvas, bough, max(half * 0.2, 2), bark)


def _canopy(canvas: Image.Image, rng: Rng, leaf: Colour, near: float) -> None:
    """Hang leaves from the upper edge, thicker towards the sides."""
    width, height = canvas.size
    rows = round(height * 0.5)
    size = (width // 2, rows // 2)
    cell = width * (0.035 + 0.05 * near)
    boughs = noise(rng, size, (cell, cell * 0.7), 3, 0.55)
    leaves = noise(rng, size, (2.5 + 5.5 * near * width / 1600, 2 + 4.5 * near * width / 1600), 2, 0.6)
    x, y = np.linspace(-1, 1, size[0], dtype=np.float32)[None, :], np.linspace(0, 1, size[1], dtype=np.float32)[:, None]
    cover = 0.62 * boughs + 0.38 * leaves + 0.5 - 1.15 * y + 0.3 * x**2 - 0.26
    mask = picture(np.clip((cover - 0.5) * 16, 0, 1) * 255).resize((width, rows), Image.Resampling.BICUBIC)
    lit = np.clip(0.25 + 0.5 * leaves + 0.7 * bumps(boughs, cell * 0.35), 0, 1)
    canvas.paste(
        ramp(lit, (tone(leaf, -0.5), tone(leaf, -0.12), tone(leaf, 0.2), tone(leaf, 0.42))).resize((width, rows)),
        (0, 0),
        mask,
    )


_NIGHTS = (
    ("0b1030 1b2b58 37527a 5a7390", "5dffb0 a070ff"),
    ("0c0c26 2a2454 50407a 7a6490", "62f0d0 ff78b8"),
    ("071820 0f3448 2a5f6c 64908c", "9dff8a 4aa8ff"),
)


def northern_night(rng: Rng, size: Size, look: int) -> Image.Image:
    """Draw a winter night: stars, northern lights, firs and a lit cabin."""
    width, height = size
    sky_codes, aurora_codes = _NIGHTS[look % len(_NIGHTS)]
    canvas = gradient(size, palette(sky_codes))
    sky = field(canvas)
    stars = rng.random((height // 2, width // 2), dtype=np.float32)
    stars = (
        np.where(stars > 0.9993, rng.random(stars.shape, dtype=np.float32), 0)
        * np.linspace(1, 0.1, height // 2, dtype=np.float32)[:, None]
    )
    sky += field(picture(stars * 255).resize(size).filter(ImageFilter.GaussianBlur(width / 1100)))[..., None] * 2.4
    x = np.arange(width)
    y = np.arange(height, dtype=np.float32)[:, None]
    green, rose = palette(aurora_codes)
    for _ in range(3):
        foot = height * (between(rng, 0.3, 0.5) + 0.16 * (wave(rng, width, width * 0.4, 3) - 0.5))
        rays = 0.3 + 0.7 * wave(rng, width, width * 0.05, 4, 0.7)[x]
        above = (foot[None, :] - y) / (height * between(rng, 0.16, 0.3))
        glowing = (
            np.where(above > 0, np.exp(-above * (1.6 - rays[None, :])), np.exp(above * 5))
            * rays[None, :]
            * between(rng, 0.35, 0.65)
        )
        tint = (
            np.array(green, np.float32) * np.exp(-np.clip(above, 0, 9))[..., None]
            + np.array(rose, np.float32) * (1 - np.exp(-np.clip(above, 0, 9)))[..., None]
        )
        sky += (255 - np.clip(sky, 0, 255)) * tint / 255 * glowing[..., None].astype(np.float32)
    canvas = picture(sky)
    if rng.random() < 0.5:
        moon = (between(rng, 0.1, 0.9) * width, between(rng, 0.1, 0.22) * height)
        glow(canvas, moon, 0.25 * max(size), (190, 210, 240), 0.5)
        fill(canvas, oval(*moon, 0.03 * max(size)), rough(rng, (232, 234, 226), 0.02 * max(size), 0.12), relief=0.12)
    snow, cabin = colour("8fa6c8"), between(rng, 0.25, 0.75) * width
    for layer in range(4):
        near = layer / 3
        ridge = height * (0.62 + 0.22 * near) - height * 0.09 * wave(
            rng, width, width * between(rng, 0.3, 0.6), 2 if layer else 6, 0.4
        ) * (2.2 if not layer else 1)
        top = int(ridge.min())
        base = mix(colour("31456e"), snow, 0.15 + 0.75 * near)
        drift = noise(rng, (width, height - top), (width * 0.2, height * 0.05), 5, 0.5)
        surface = ramp(np.clip(0.5 + bumps(drift, 16), 0, 1), (tone(base, -0.25), base, tone(base, 0.3)))
        canvas.paste(surface, (0, top), _below(ridge - top, height - top))
        if layer == 2:
            _cabin(canvas, rng, cabin, ridge, 0.1 * min(size))
        for _ in range((0, 26, 13, 5)[layer]):
            fir = between(rng, 0, 1) * (width - 1)
            if (layer == 3 and 0.25 < fir / width < 0.75) or (layer == 2 and abs(fir - cabin) < 0.19 * min(size)):
                continue
            tall = height * (0.05 + 0.24 * near**1.8) * between(rng, 0.6, 1.15)
            conifer(
                canvas,
                rng,
                fir,
                float(ridge[int(fir)]) + 0.06 * tall,
                tall,
                mix(colour("1c2f4c"), colour("3d5a74"), between(rng, 0, 0.7)),
            )
    return canvas


def _cabin(canvas: Image.Image, rng: Rng, x: float, ridge: Field, side: float) -> None:
    y = float(ridge[int(x)]) + 0.25 * side
    wall = pick(rng, palette("6b2f2a 4a3528 3a4a42"))
    glow(canvas, (x, y - 0.2 * side), 2.6 * side, (255, 180, 90), 0.55)
    fill(canvas, moved(points("-.8,-.7 .8,-.7 .8,0 -.8,0"), (x, y), 0, side), (wall, tone(wall, -0.3)))
    for board in range(9):
        stroke(
            canvas,
            [(x - 0.8 * side, y - board * 0.08 * side), (x + 0.8 * side, y - board * 0.08 * side)],
            2,
            tone(wall, -0.4),
        )
    fill(
        canvas,
        moved(points("-1,-.62 -.55,-1.3 .55,-1.3 1,-.62"), (x, y), 0, side),
        (colour("dfe9f6"), colour("9db2d2")),
        relief=0.3,
    )
    fill(canvas, rounded_chimney(x + 0.3 * side, y - 1.3 * side, side), tone(wall, -0.35))
    for window in (-0.5, 0.12):
        pane = [
            (x + window * side, y - 0.52 * side),
            (x + (window + 0.36) * side, y - 0.52 * side),
            (x + (window + 0.36) * side, y - 0.2 * side),
            (x + window * side, y - 0.2 * side),
        ]
        fill(canvas, pane, (colour("ffe6a0"), colour("ffb75a")))
        middle = (window + 0.18) * side
        stroke(canvas, [(x + middle, y - 0.52 * side), (x + middle, y - 0.2 * side)], 0.02 * side, tone(wall, -0.5))
        stroke(
            canvas,
            [(x + window * side, y - 0.36 * side), (x + (window + 0.36) * side, y - 0.36 * side)],
            0.02 * side,
            tone(wall, -0.5),
        )
        glow(canvas, (x + middle, y - 0.3 * side), 0.7 * side, (255, 190, 100), 0.5)
    smoke = x + 0.38 * side
    for puff in range(6):
        veil(
            canvas,
            oval(
                smoke + math.sin(puff) * 0.1 * side + 0.08 * puff * side,
                y - (1.6 + 0.3 * puff) * side,
                (0.1 + 0.06 * puff) * side,
                (0.12 + 0.05 * puff) * side,
            ),
            0.08 * side,
            0.22 - 0.03 * puff,
            (210, 216, 235),
        )


def rounded_chimney(x: float, y: float, side: float) -> list[tuple[float, float]]:
    """Return the outline of a chimney."""
    return moved(points("0,-.16 .17,-.16 .17,.3 0,.3"), (x, y), 0, side)
