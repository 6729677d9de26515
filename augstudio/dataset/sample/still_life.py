"""Fruit, bowls and flowers on a table by the window."""

from __future__ import annotations

import math

import numpy as np
from PIL import Image

from augstudio.dataset.sample.brushes import (
    Colour,
    Point,
    Rng,
    Size,
    between,
    colour,
    fill,
    glow,
    mix,
    moved,
    noise,
    oval,
    palette,
    pick,
    points,
    ramp,
    ribbon,
    shadow,
    smooth,
    stroke,
    tone,
    veil,
    wood,
)

_WALLS = ("7f9a94 c8d2c4", "3f4a5c 7a7f8a", "c98f74 efd2b8", "a7b3a0 e4e2cf", "6a4a4e b08a80")
_TABLES = palette("b07a48 8a5a3c d0b48c 6f4a34")


def still_life(rng: Rng, size: Size, look: int) -> Image.Image:
    """Draw fruit and a bowl or a vase on a table."""
    width, height = size
    edge = round(between(rng, 0.46, 0.54) * height)
    dark, bright = palette(_WALLS[look % len(_WALLS)])
    drift = noise(rng, (width, edge), (width / 2, edge / 2), 6, 0.6)
    x = np.linspace(1, 0, width, dtype=np.float32)[None, :]
    canvas = Image.new("RGB", size)
    canvas.paste(
        ramp(np.clip(0.75 * x + 0.3 * drift - 0.05, 0, 1).astype(np.float32), (dark, mix(dark, bright, 0.5), bright))
    )
    beam_at, lean = between(rng, 0.02, 0.25) * width, between(rng, 0.2, 0.3) * width
    for pane in range(3):
        left = beam_at + pane * 0.17 * width
        shape = [
            (left, 0.0),
            (left + 0.13 * width, 0.0),
            (left + 0.13 * width + lean, float(edge)),
            (left + lean, float(edge)),
        ]
        veil(canvas, shape, 0.012 * width, 0.2, (255, 244, 214))
    canvas.paste(
        wood(rng, (width, height - edge), _TABLES[(look + int(rng.integers(2))) % len(_TABLES)], planks=2), (0, edge)
    )
    veil(canvas, [(0, edge - 3), (width, edge - 3), (width, edge + 3), (0, edge + 3)], 0.006 * height, 0.6)
    unit = 0.145 * min(size)
    table = edge + 0.17 * height
    kinds = (_bowl, _vase, _jug)
    centre = (between(rng, 0.42, 0.58) * width, table - 0.1 * unit)
    kinds[look % 3](canvas, rng, centre, unit * 1.25)
    fruits = [_apple, _orange, _pear, _lemon, _plum]
    spots = points("-1.9,.5 1.8,.45 -.8,1.05 .75,1.12 2.7,.95 -2.8,.95")
    for dx, dy in spots[: int(rng.integers(3, 7))]:
        at = (centre[0] + (dx + between(rng, -0.2, 0.2)) * unit, table + (dy + between(rng, -0.1, 0.1)) * unit)
        pick(rng, fruits)(canvas, rng, at, unit * between(rng, 0.62, 0.78))
    return canvas


def _ball(
    canvas: Image.Image,
    rng: Rng,
    outline: list[Point],
    base: Colour,
    blush: Colour,
    at: Point,
    radius: float,
    pores: float,
) -> None:
    """Draw a round fruit: skin, shade, the light it gets back from the table, a highlight."""

    def skin(patch: Size) -> Image.Image:
        spots = noise(rng, patch, max(radius / pores, 2), 2, 0.6)
        broad = noise(rng, patch, radius * 0.9, 3)
        return ramp(np.clip(0.3 * spots + 0.7 * broad, 0, 1), (blush, mix(base, blush, 0.4), base, tone(base, 0.14)))

    fill(canvas, outline, skin, relief=0.95, round_by=0.42)
    veil(
        canvas,
        moved([(math.cos(a) * 0.9, math.sin(a) * 0.9) for a in np.linspace(0.5, 2.2, 9)], at, 0, radius),
        0.1 * radius,
        0.22,
        tone(base, 0.4),
    )
    glow(canvas, (at[0] - 0.36 * radius, at[1] - 0.42 * radius), 0.42 * radius, (255, 252, 240), 0.85)


def _ground(canvas: Image.Image, at: Point, radius: float) -> None:
    veil(canvas, oval(at[0] + 0.55 * radius, at[1] + 0.86 * radius, 1.25 * radius, 0.3 * radius), 0.16 * radius, 0.5)
    veil(canvas, oval(at[0] + 0.1 * radius, at[1] + 0.92 * radius, 0.7 * radius, 0.14 * radius), 0.07 * radius, 0.7)


def _leaf(canvas: Image.Image, at: Point, turn: float, length: float, tint: Colour) -> None:
    leaf = smooth(points("0,0 .35,-.2 .8,-.14 1,0 .75,.15 .3,.16"))
    fill(canvas, moved(leaf, at, turn, length), (tone(tint, 0.15), tone(tint, -0.25)), relief=0.5)
    stroke(canvas, moved([(0.05, 0), (0.9, 0.0)], at, turn, length), max(0.03 * length, 2), tone(tint, 0.3))


def _apple(canvas: Image.Image, rng: Rng, at: Point, radius: float) -> None:
    _ground(canvas, at, radius)
    base, blush = palette(pick(rng, ("d9473a 8e1f26", "a9b84a c8823a", "e0b64a c8503a")))
    outline = smooth(
        points("0,-.8 .35,-.95 .8,-.78 1.02,-.2 .86,.5 .4,.95 0,.88 -.4,.95 -.86,.5 -1.02,-.2 -.8,-.78 -.35,-.95")
    )
    _ball(canvas, rng, moved(outline, at, 0, radius), base, blush, at, radius, 9)
    veil(canvas, oval(at[0], at[1] - 0.76 * radius, 0.3 * radius, 0.1 * radius), 0.06 * radius, 0.6)
    stalk = moved(points("0,-.74 .04,-1.05 .16,-1.22"), (at[0], at[1]), 0, radius)
    fill(canvas, ribbon(stalk, (0.07 * radius, 0.08 * radius, 0.13 * radius)), colour("5a3e28"))
    if rng.random() < 0.6:
        _leaf(
            canvas,
            (at[0] + 0.06 * radius, at[1] - 1.02 * radius),
            between(rng, -40, -5),
            0.75 * radius,
            colour("6a9a48"),
        )


def _orange(canvas: Image.Image, rng: Rng, at: Point, radius: float) -> None:
    _ground(canvas, at, radius)
    _ball(canvas, rng, oval(*at, radius, 0.97 * radius), colour("f0922f"), colour("d06a1c"), at, radius, 26)
    fill(canvas, oval(at[0] + 0.12 * radius, at[1] - 0.72 * radius, 0.09 * radius, 0.05 * radius), colour("6f8a3c"))


def _lemon(canvas: Image.Image, rng: Rng, at: Point, radius: float) -> None:
    at = (at[0], at[1] + 0.2 * radius)
    _ground(canvas, (at[0], at[1] - 0.18 * radius), radius)
    outline = smooth(
        points("-1.3,.02 -1.08,-.2 -.7,-.62 0,-.78 .7,-.6 1.05,-.2 1.28,-.04 1.06,.2 .7,.6 0,.78 -.7,.62 -1.08,.22")
    )
    _ball(
        canvas,
        rng,
        moved(outline, at, between(rng, -18, 18), 0.92 * radius),
        colour("f4d244"),
        colour("d8a828"),
        at,
        0.9 * radius,
        20,
    )


def _plum(canvas: Image.Image, rng: Rng, at: Point, radius: float) -> None:
    radius *= 0.8
    at = (at[0], at[1] + 0.22 * radius)
    _ground(canvas, at, radius)
    base, blush = palette(pick(rng, ("6a4a80 34244a", "8a3f5c 4a1f38", "50609a 2a3060")))
    _ball(canvas, rng, oval(*at, radius, 0.92 * radius, 12), base, blush, at, radius, 4)
    crease = smooth(moved(points("-.1,-.88 .34,-.1 .2,.8"), (at[0], at[1]), 0, radius), closed=False)
    veil(canvas, ribbon(crease, (0.02 * radius, 0.06 * radius, 0.02 * radius)), 0.03 * radius, 0.45)


def _pear(canvas: Image.Image, rng: Rng, at: Point, radius: float) -> None:
    _ground(canvas, at, radius)
    base, blush = palette(pick(rng, ("c8c050 a8803a", "a8b85a 7f8a3c", "e0bc58 c0643a")))
    outline = smooth(
        points(
            ".02,-1.75 .3,-1.62 .42,-1.1 .66,-.5 .98,.1 .82,.72 .3,.97 -.3,.97 -.82,.72 -.98,.1 "
            "-.66,-.5 -.38,-1.1 -.26,-1.6"
        )
    )
    _ball(canvas, rng, moved(outline, at, between(rng, -7, 7), radius), base, blush, at, radius, 12)
    stalk = moved(points("0,-1.68 .05,-1.95 .2,-2.12"), (at[0], at[1]), 0, radius)
    fill(canvas, ribbon(stalk, (0.07 * radius, 0.07 * radius, 0.12 * radius)), colour("5a3e28"))


def _bowl(canvas: Image.Image, rng: Rng, at: Point, unit: float) -> None:
    glaze = pick(rng, palette("4f7f9a e8e0d0 b5603f 5f7f6a"))
    x, y = at
    veil(canvas, oval(x + 0.7 * unit, y + 0.3 * unit, 1.9 * unit, 0.32 * unit), 0.2 * unit, 0.55)
    for dx, dy, draw in (
        (-0.85, -1.0, _orange),
        (0.8, -1.02, _apple),
        (0.0, -1.3, _pear),
        (-0.4, -0.8, _lemon),
        (0.42, -0.82, _apple),
    ):
        draw(canvas, rng, (x + dx * unit, y + dy * unit), 0.58 * unit)
    outline = smooth(
        points("-1.6,-.75 -1.42,-.2 -.9,.22 -.4,.36 .4,.36 .9,.22 1.42,-.2 1.6,-.75 .8,-.6 0,-.55 -.8,-.6")
    )
    fill(canvas, moved(outline, at, 0, unit), (tone(glaze, 0.15), tone(glaze, -0.35)), relief=0.7, round_by=0.35)
    rim = smooth(points("-1.6,-.75 -.8,-.6 0,-.55 .8,-.6 1.6,-.75"), closed=False)
    stroke(canvas, moved(rim, at, 0, unit), 0.07 * unit, tone(glaze, 0.4))
    for row, tint in ((-0.28, tone(glaze, 0.5)), (-0.16, tone(glaze, -0.45))):
        band = smooth(
            [(-1.42, row - 0.12), (-0.7, row + 0.06), (0, row + 0.11), (0.7, row + 0.06), (1.42, row - 0.12)],
            closed=False,
        )
        stroke(canvas, moved(band, at, 0, unit), 0.035 * unit, tint)
    glow(canvas, (x - 0.85 * unit, y - 0.2 * unit), 0.4 * unit, (255, 255, 250), 0.6)


def _vase(canvas: Image.Image, rng: Rng, at: Point, unit: float) -> None:
    glaze = pick(rng, palette("e6dccb 4a6f80 b8685a 7f9070"))
    x, y = at
    veil(canvas, oval(x + 0.8 * unit, y + 0.3 * unit, 1.4 * unit, 0.26 * unit), 0.2 * unit, 0.55)
    petals = palette(pick(rng, ("e8707a f6b0a8", "f2c04a f8e090", "b08ad0 dcc8ee", "f4efe6 fffdf8")))
    heads: list[tuple[Point, float]] = []
    for _ in range(11):
        angle, reach = between(rng, -1.1, 1.1), between(rng, 0.9, 1.8)
        heads.append(
            (
                (x + math.sin(angle) * reach * unit, y - (1.5 + math.cos(angle) * reach * 0.75) * unit),
                between(rng, 0.2, 0.34) * unit,
            )
        )
    for head, _ in heads:
        stem = [(x, y - 1.0 * unit), ((x + head[0]) / 2, y - 1.5 * unit), head]
        fill(
            canvas,
            ribbon(stem, (0.05 * unit, 0.05 * unit, 0.03 * unit)),
            tone(colour("5f8a48"), between(rng, -0.3, 0.1)),
        )
        _leaf(
            canvas,
            ((x + head[0]) / 2, y - 1.5 * unit),
            between(rng, -170, -10),
            between(rng, 0.4, 0.6) * unit,
            tone(colour("6a9a50"), between(rng, -0.3, 0.05)),
        )
    for head, radius in sorted(heads, key=lambda flower: flower[0][1]):
        shadow(canvas, oval(*head, 0.9 * radius), 0.15 * radius, 0.35)
        for ring, count in ((1.0, 9), (0.62, 7)):
            for petal in range(count):
                turn = 360 * petal / count + 20 * ring
                spot = moved([(0.6 * ring * radius, 0)], head, turn)[0]
                fill(
                    canvas,
                    oval(*spot, 0.46 * ring * radius, 0.26 * ring * radius, turn),
                    tone(pick(rng, petals), between(rng, -0.16, 0.1)),
                    relief=0.3,
                )
        fill(canvas, oval(*head, 0.24 * radius), colour("d9983a") if ring else petals[0], relief=0.5)
    outline = smooth(
        points("-.34,-1.35 -.3,-1.1 -.72,-.55 -.74,-.05 -.4,.34 .4,.34 .74,-.05 .72,-.55 .3,-1.1 .34,-1.35 0,-1.28")
    )
    fill(
        canvas,
        moved(outline, at, 0, unit),
        lambda patch: ramp(
            noise(rng, patch, (unit / 2, unit / 5), 4, 0.6), (tone(glaze, -0.25), glaze, tone(glaze, 0.2))
        ),
        relief=0.85,
        round_by=0.4,
    )
    glow(canvas, (x - 0.34 * unit, y - 0.45 * unit), 0.32 * unit, (255, 255, 250), 0.7)


def _jug(canvas: Image.Image, rng: Rng, at: Point, unit: float) -> None:
    glaze = pick(rng, palette("c8d4d8 d98f5a 6f8f9a f0e6d4"))
    x, y = at
    veil(canvas, oval(x + 0.9 * unit, y + 0.32 * unit, 1.6 * unit, 0.26 * unit), 0.2 * unit, 0.55)
    handle = points(".5,-1.5 1.15,-1.45 1.2,-.75 .62,-.3")
    fill(
        canvas, moved(ribbon(handle, (0.2, 0.17, 0.17, 0.2)), at, 0, unit), tone(glaze, -0.1), relief=0.7, round_by=0.5
    )
    outline = smooth(
        points(
            "-.6,-1.85 -.42,-1.75 0,-1.7 .5,-1.74 .44,-1.4 .5,-1.1 .82,-.5 .78,0 .48,.36 -.48,.36 "
            "-.78,0 -.82,-.5 -.5,-1.1 -.46,-1.45"
        )
    )
    fill(canvas, moved(outline, at, 0, unit), (tone(glaze, 0.18), tone(glaze, -0.2)), relief=0.85, round_by=0.4)
    inside = smooth(points("-.52,-1.8 0,-1.72 .44,-1.73 0,-1.63"))
    fill(canvas, moved(inside, at, 0, unit), tone(glaze, -0.5))
    band = pick(rng, palette("3f6f9a b5473f 4f7f5a"))
    for row, thick in ((-0.62, 0.1), (-0.46, 0.04), (-0.78, 0.04)):
        line = smooth([(-0.78, row), (0, row + 0.1), (0.78, row)], closed=False)
        stroke(canvas, moved(line, at, 0, unit), thick * unit, band)
    glow(canvas, (x - 0.36 * unit, y - 0.75 * unit), 0.42 * unit, (255, 255, 250), 0.7)
