"""Text out of doors: shop fronts, road signs, street names, bumper stickers, chalk boards."""

from __future__ import annotations

import math

import numpy as np
from PIL import Image, ImageFilter

from augstudio.dataset.sample import words
from augstudio.dataset.sample.brushes import (
    Colour,
    Point,
    Rng,
    Size,
    between,
    colour,
    field,
    fill,
    glow,
    light,
    mix,
    moved,
    noise,
    oval,
    palette,
    pick,
    picture,
    place,
    points,
    ramp,
    rough,
    rounded,
    shadow,
    smooth,
    stroke,
    tone,
    turned_card,
    veil,
    wood,
    write,
)
from augstudio.dataset.sample.cars import parked
from augstudio.dataset.sample.city import box, bricks, flowers, plaster
from augstudio.dataset.sample.nature import forest, hills, lake, sea
from augstudio.dataset.sample.still_life import still_life

# Wall, woodwork, letters, awning.
_FRONTS = (
    ("b5604a", "24463f", "f0d9a0", "e8e0cc 2f6a5a"),
    ("d9c7a8", "7a2f34", "f6e8c8", "f4ead6 b5473f"),
    ("8f9a94", "2a3a5a", "f2e6c4", "f4efe2 3a5f8a"),
    ("c98f74", "3a3430", "e8c070", "efe2c6 c8843a"),
    ("a8b0a0", "8a5a2f", "fff2d4", "f2ead8 6f8a4a"),
)


def shop(rng: Rng, size: Size, look: int) -> Image.Image:
    """Draw a shop front with its name on a board."""
    width, height = size
    wall_code, wood_code, ink_code, awning_codes = _FRONTS[look % len(_FRONTS)]
    timber, ink = colour(wood_code), colour(ink_code)
    name, line = words.SHOPS[(look * 3 + int(rng.integers(3))) % len(words.SHOPS)]
    wall = colour(wall_code)
    canvas = bricks(rng, size, wall, min(size) / 34) if look % 2 == 0 else plaster(rng, size, wall)
    left, right = 0.07 * width, 0.93 * width
    top, low = 0.15 * height, 0.15 * height + min(0.2 * height, 0.24 * width)
    front = box(left, low, right, height + 9)
    fill(canvas, front, (tone(timber, 0.05), tone(timber, -0.25)))
    _display(canvas, rng, left, right, low, look, timber)
    _awning(
        canvas, left - 0.02 * width, right + 0.02 * width, low + 0.01 * height, 0.17 * height, palette(awning_codes)
    )
    board = rounded(left - 0.015 * width, top, right + 0.015 * width, low, 0.008 * width)
    shadow(canvas, board, 0.018 * height, 0.65)
    fill(canvas, board, lambda patch: wood(rng, patch, timber, planks=1), relief=0.25, round_by=0.06)
    inset = rounded(
        left + 0.002 * width, top + 0.02 * height, right - 0.002 * width, low - 0.02 * height, 0.006 * width
    )
    stroke(canvas, [*inset, inset[0]], 0.005 * min(size), mix(ink, timber, 0.25))
    tall = low - top
    style = look % 3
    px, base = 0.5 * tall, top + 0.58 * tall
    options = {
        "weight": (0.025, 0.04, 0.012)[style],
        "tracking": (0.02, 0.08, 0.01)[style],
        "slant": (0.0, 0.0, 0.22)[style],
    }
    shown = name.upper() if style == 1 else name
    for dx, dy, tint in ((0.03, 0.045, tone(timber, -0.65)), (0.0, 0.0, ink), (-0.006, -0.01, tone(ink, 0.35))):
        paint = tint if dx else (tone(tint, 0.12), tone(tint, -0.12))
        if dx >= 0:
            write(
                canvas,
                shown,
                (width / 2 + dx * px, base + dy * px),
                px,
                paint,
                align="centre",
                fit=0.8 * (right - left),
                **options,
            )
    write(
        canvas,
        line,
        (width / 2, top + 0.83 * tall),
        0.15 * tall,
        ink,
        align="centre",
        fit=0.7 * (right - left),
        tracking=0.14,
    )
    for lamp in (0.25, 0.5, 0.75) if width > height else (0.3, 0.7):
        _lamp(canvas, left + lamp * (right - left), top, 0.05 * min(size))
    return canvas


def _lamp(canvas: Image.Image, x: float, y: float, unit: float) -> None:
    iron = colour("2a2a30")
    arm = smooth(moved(points("0,-.2 0,-1.5 .5,-1.8 .9,-1.2"), (x, y), 0, unit), closed=False)
    stroke(canvas, arm, 0.14 * unit, iron)
    glow(canvas, (x + 0.9 * unit, y + 0.9 * unit), 3.6 * unit, (255, 222, 150), 0.55)
    fill(canvas, moved(points(".7,-1.25 1.1,-1.25 1.6,-.6 .2,-.6"), (x, y), 0, unit), (tone(iron, 0.3), iron))
    fill(canvas, oval(x + 0.9 * unit, y - 0.58 * unit, 0.62 * unit, 0.14 * unit), colour("fff0c0"))


def _awning(canvas: Image.Image, left: float, right: float, top: float, tall: float, dyes: tuple[Colour, ...]) -> None:
    count = 2 * round((right - left) / tall / 0.9) + 1
    veil(canvas, box(left, top + 0.6 * tall, right + 0.3 * tall, top + 1.6 * tall), 0.25 * tall, 0.6)
    spread = 0.12 * tall
    for index in range(count):
        a, b = (left + (right - left) * (index + end) / count for end in (0, 1))
        middle = (left + right) / 2
        c, d = (x + (x - middle) / (right - left) * 2 * spread for x in (a, b))
        dye = dyes[index % 2]
        fill(
            canvas,
            [(a, top), (b, top), (d, top + 0.78 * tall), (c, top + 0.78 * tall)],
            (tone(dye, 0.1), tone(dye, -0.22)),
        )
        scallop = [
            (c, top + 0.78 * tall),
            *[
                (c + (d - c) * (0.5 - 0.5 * math.cos(t)), top + 0.78 * tall + 0.22 * tall * math.sin(t))
                for t in np.linspace(0, math.pi, 12)
            ],
            (d, top + 0.78 * tall),
        ]
        fill(canvas, scallop, tone(dye, -0.12))
    veil(canvas, box(left, top, right, top + 0.1 * tall), 0.08 * tall, 0.5)


def _display(canvas: Image.Image, rng: Rng, left: float, right: float, top: float, look: int, timber: Colour) -> None:
    """Draw the shop's window, with something in it, and its door."""
    width, height = canvas.size
    door_wide = min(0.26 * (right - left), 0.3 * (height - top))
    gap = 0.03 * (right - left)
    door_left = right - gap - door_wide if look % 2 else left + gap
    pane_left, pane_right = (left + gap, door_left - gap) if look % 2 else (door_left + door_wide + gap, right - gap)
    pane_top, pane_low = top + 0.1 * height, height * 0.9
    pane: Size = (round(pane_right - pane_left), round(pane_low - pane_top))
    goods = still_life(rng, (max(pane[0] // 2, 40), max(pane[1] // 2, 40)), look)
    goods = goods.filter(ImageFilter.GaussianBlur(max(pane) / 600)).resize(pane, Image.Resampling.BICUBIC)
    corner = (round(pane_left), round(pane_top))
    canvas.paste(light(goods, 0.06), corner)
    glow(canvas, ((pane_left + pane_right) / 2, pane_top + 0.3 * pane[1]), 0.8 * max(pane), (255, 214, 140), 0.45)
    for start, thick in ((0.12, 0.14), (0.32, 0.05)):
        x = pane_left + start * pane[0]
        reach = 0.3 * pane[0]
        veil(
            canvas,
            [
                (x + reach, pane_top),
                (x + reach + thick * pane[0], pane_top),
                (x + thick * pane[0], pane_low),
                (x, pane_low),
            ],
            2,
            0.2,
            (240, 248, 255),
        )
    frame = box(pane_left, pane_top, pane_right, pane_low)
    stroke(canvas, [*frame, frame[0]], 0.012 * width, tone(timber, 0.12))
    third = (pane_left + pane_right) / 2
    stroke(canvas, [(third, pane_top), (third, pane_low)], 0.008 * width, tone(timber, 0.08))
    if rng.random() < 0.6:
        share = (pane_right - pane_left) / 3
        for part in range(3):
            flowers(canvas, rng, pane_left + (part + 0.04) * share, pane_low + 0.01 * height, 0.92 * share)
    door = box(door_left, pane_top, door_left + door_wide, height + 9)
    shadow(canvas, door, 0.01 * width, 0.5)
    fill(canvas, door, (tone(timber, 0.18), tone(timber, -0.1)), relief=0.2, round_by=0.05)
    glass = box(
        door_left + 0.18 * door_wide, pane_top + 0.05 * height, door_left + 0.82 * door_wide, pane_top + 0.33 * height
    )
    fill(canvas, glass, (colour("c8d8d8"), colour("5a6a70")))
    veil(canvas, [glass[0], glass[1], glass[3]], 2, 0.2, (255, 255, 255))
    plate = turned_card(
        ((glass[0][0] + glass[1][0]) / 2, glass[0][1] + 0.13 * height), 0.5 * door_wide, 0.24 * door_wide, -4
    )
    fill(canvas, plate, (250, 246, 236))
    write(
        canvas,
        pick(rng, ("OPEN", "OPEN", "APERTO")),
        (plate[0][0] / 2 + plate[2][0] / 2, (plate[0][1] + plate[2][1]) / 2 + 0.045 * door_wide),
        0.14 * door_wide,
        colour("a83a34"),
        align="centre",
        fit=0.42 * door_wide,
        weight=0.03,
    )
    fill(
        canvas,
        oval(door_left + 0.88 * door_wide, pane_top + 0.36 * height, 0.035 * door_wide),
        colour("e0b860"),
        relief=0.6,
    )


def road(rng: Rng, size: Size, look: int) -> Image.Image:
    """Draw a sign by the road, or a street's name on a wall."""
    return (_fingerpost, _enamel, _warning, _stop)[look % 4](rng, size, look)


def _verge(rng: Rng, size: Size, look: int) -> Image.Image:
    small = (max(size[0] // 2, 2), max(size[1] // 2, 2))
    scenery = (hills, forest, lake, sea)[(look + look // 4) % 4](rng, small, look // 2)
    return scenery.filter(ImageFilter.GaussianBlur(max(small) / 150)).resize(size, Image.Resampling.BICUBIC)


def _post(canvas: Image.Image, x: float, top: float, thick: float, tint: Colour) -> None:
    post = box(x - thick / 2, top, x + thick / 2, canvas.height + 9)
    veil(canvas, [(px + 0.4 * thick, py) for px, py in post], 0.3 * thick, 0.35)
    fill(canvas, post, tint, relief=0.9, round_by=0.5)


def _fingerpost(rng: Rng, size: Size, look: int) -> Image.Image:
    width, height = size
    canvas = _verge(rng, size, look)
    x, unit = between(rng, 0.45, 0.55) * width, 0.01 * min(size)
    _post(canvas, x, 0.08 * height, 4.2 * unit, pick(rng, palette("e8e6e0 8a8f94 6a5040")))
    fill(canvas, oval(x, 0.08 * height, 3.4 * unit, 3.4 * unit), colour("d9d6cc"), relief=0.8)
    ground, ink = pick(rng, (("2f6a4a", "fbfaf2"), ("2a5a94", "ffffff"), ("f0c030", "26242a"), ("fbf8ee", "26242a")))
    y, tall = 0.17 * height, 15 * unit
    step = between(rng, 1.2, 1.35) * tall
    start = int(rng.integers(len(words.TOWNS)))
    for index in range(min(int(rng.integers(3, 5)), int((0.94 * height - y) / step))):
        town, far = words.TOWNS[(start + index * 5) % len(words.TOWNS)]
        side = -1 if (index + look) % 2 else 1
        long = min(0.56 * width, 0.9 * height) * between(rng, 0.85, 1.0)
        back = x - side * 0.3 * long
        tip = back + side * long
        arrow = [
            (back, y),
            (tip - side * 0.5 * tall, y),
            (tip, y + tall / 2),
            (tip - side * 0.5 * tall, y + tall),
            (back, y + tall),
        ]
        shadow(canvas, arrow, 1.6 * unit, 0.5)
        fill(canvas, arrow, (tone(colour(ground), 0.08), tone(colour(ground), -0.12)), relief=0.15, round_by=0.06)
        inner = [
            (px + (x + side * 0.2 * long - px) * 0.02, y + tall / 2 + (py - y - tall / 2) * 0.86) for px, py in arrow
        ]
        stroke(canvas, [*inner, inner[0]], 0.5 * unit, colour(ink))
        first = min(back, tip - side * 0.5 * tall)
        last = max(back, tip - side * 0.5 * tall)
        base = y + 0.67 * tall
        write(canvas, town, (first + 0.3 * tall, base), 0.5 * tall, colour(ink), fit=0.6 * (last - first), weight=0.02)
        write(canvas, far, (last - 0.25 * tall, base), 0.5 * tall, colour(ink), align="right", weight=0.02)
        for bolt in (-0.6, 0.6):
            fill(canvas, oval(x + bolt * unit * 2, y + 0.12 * tall, 0.5 * unit), colour("c8c8c4"))
        y += step
    return canvas


def _enamel(rng: Rng, size: Size, look: int) -> Image.Image:
    width, height = size
    wall = pick(rng, palette("d9c4a0 b8694f cfc8bc 9fb0a8"))
    canvas = bricks(rng, size, wall, min(size) / 20) if rng.random() < 0.5 else plaster(rng, size, wall)
    tall = min(0.42 * height, 0.34 * width)
    wide = min(0.82 * width, 1.9 * tall)
    ground, ink = pick(rng, (("24488a", "ffffff"), ("1f5a44", "fff6dc"), ("f6f2e6", "26304a"), ("8a2f34", "fff2e0")))
    card = Image.new("RGB", (round(wide), round(tall)), colour(ink))
    w, h = card.size
    fill(
        card,
        rounded(0.018 * w, 0.035 * h, 0.982 * w, 0.965 * h, 0.08 * h),
        (tone(colour(ground), 0.14), tone(colour(ground), -0.08)),
    )
    line = rounded(0.04 * w, 0.075 * h, 0.96 * w, 0.925 * h, 0.06 * h)
    stroke(card, [*line, line[0]], 0.012 * h, colour(ink))
    above, below = words.STREETS[(look // 4 + int(rng.integers(len(words.STREETS)))) % len(words.STREETS)]
    write(
        card, above, (w / 2, 0.42 * h), 0.24 * h, colour(ink), align="centre", fit=0.84 * w, tracking=0.08, weight=0.02
    )
    write(
        card, below, (w / 2, 0.78 * h), 0.34 * h, colour(ink), align="centre", fit=0.84 * w, tracking=0.05, weight=0.035
    )
    veil(card, [(0, 0), (0.55 * w, 0), (0.25 * w, h), (0, h)], 0.02 * w, 0.16, (255, 255, 255))
    for x, y in ((0.055, 0.13), (0.945, 0.13), (0.055, 0.87), (0.945, 0.87)):
        rust = noise(rng, (9, 9), 3, 1)[0, 0]
        veil(
            card,
            oval(x * w, y * h + 0.03 * h, 0.02 * w, (0.04 + 0.05 * float(rust)) * h),
            0.012 * w,
            0.5,
            colour("8a5030"),
        )
        fill(card, oval(x * w, y * h, 0.013 * w), colour("8f8a80"), relief=0.6)
    corners = turned_card(
        (between(rng, 0.47, 0.53) * width, between(rng, 0.42, 0.5) * height),
        wide,
        tall,
        between(rng, -2, 2),
        between(rng, -0.04, 0.04),
    )
    shadow(canvas, corners, 0.03 * tall, 0.65)
    place(canvas, card, corners)
    for _ in range(int(rng.integers(5, 12))):
        _ivy(
            canvas,
            rng,
            (pick(rng, (between(rng, -0.02, 0.12), between(rng, 0.88, 1.02))) * width, between(rng, 0, 1) * height),
            0.1 * min(size),
        )
    return canvas


def _ivy(canvas: Image.Image, rng: Rng, at: Point, unit: float) -> None:
    leaf = smooth(points("0,.5 -.45,.2 -.5,-.25 -.2,-.15 0,-.6 .2,-.15 .5,-.25 .45,.2"), steps=6)
    x, y = at
    trail = [(x, y)]
    for _ in range(7):
        x, y = x + between(rng, -0.5, 0.5) * unit, y + between(rng, 0.4, 0.7) * unit
        trail.append((x, y))
    stroke(canvas, smooth(trail, closed=False), 0.05 * unit, colour("5a4a34"))
    for spot in trail:
        outline = moved(
            leaf,
            (spot[0] + between(rng, -0.3, 0.3) * unit, spot[1]),
            between(rng, 120, 240),
            unit * between(rng, 0.6, 1.0),
        )
        shadow(canvas, outline, 0.12 * unit, 0.45)
        fill(canvas, outline, tone(pick(rng, palette("4f7a3f 6a8f4a 3f6a44")), between(rng, -0.2, 0.15)), relief=0.4)


def _warning(rng: Rng, size: Size, look: int) -> Image.Image:
    width, height = size
    canvas = _verge(rng, size, look)
    unit = 0.36 * min(width, 0.78 * height)
    x, y = between(rng, 0.45, 0.55) * width, 0.09 * height + 1.06 * unit
    _post(canvas, x, y - 0.8 * unit, 0.13 * unit, colour("a8acae"))
    first, second = words.WARNINGS[(look // 4 + int(rng.integers(len(words.WARNINGS)))) % len(words.WARNINGS)]
    yellow, ink = colour("f2c230"), colour("26242a")
    diamond = points("0,-1 .08,-.96 .96,-.08 1,0 .96,.08 .08,.96 0,1 -.08,.96 -.96,.08 -1,0 -.96,-.08 -.08,-.96")
    outline = moved(diamond, (x, y), 0, unit)
    shadow(canvas, outline, 0.06 * unit, 0.5)
    fill(canvas, outline, (tone(yellow, 0.12), tone(yellow, -0.1)), relief=0.12, round_by=0.03)
    border = moved(diamond, (x, y), 0, 0.9 * unit)
    stroke(canvas, [*border, border[0]], 0.035 * unit, ink)
    write(canvas, first, (x, y - 0.02 * unit), 0.36 * unit, ink, align="centre", fit=1.25 * unit, weight=0.04)
    for step in range(3):
        _duck(canvas, (x + (step - 1) * 0.32 * unit, y + 0.33 * unit), (0.2 if step == 0 else 0.12) * unit, ink)
    veil(canvas, moved(points("-.7,-.1 0,-.8 .15,-.65 -.55,.05"), (x, y), 0, unit), 0.04 * unit, 0.22, (255, 255, 255))
    tall = 0.4 * unit
    plate = rounded(x - 1.05 * unit, y + 1.1 * unit, x + 1.05 * unit, y + 1.1 * unit + tall, 0.05 * unit)
    shadow(canvas, plate, 0.05 * unit, 0.5)
    fill(canvas, plate, (tone(yellow, 0.1), tone(yellow, -0.1)))
    edge = rounded(x - 1.01 * unit, y + 1.14 * unit, x + 1.01 * unit, y + 1.06 * unit + tall, 0.04 * unit)
    stroke(canvas, [*edge, edge[0]], 0.02 * unit, ink)
    write(
        canvas,
        second,
        (x, y + 1.1 * unit + 0.64 * tall),
        0.4 * tall,
        ink,
        align="centre",
        fit=1.8 * unit,
        weight=0.035,
        tracking=0.04,
    )
    return canvas


def _duck(canvas: Image.Image, at: Point, unit: float, ink: Colour) -> None:
    body = smooth(points("-.9,-.25 -.4,-.1 .2,-.3 .35,-.7 .7,-.95 1,-.7 1.3,-.6 .95,-.5 .8,0 .4,.5 -.3,.5 -.8,.2"))
    fill(canvas, moved(body, at, 0, unit), ink)
    stroke(canvas, moved([(0.0, 0.45), (0.05, 0.85), (0.3, 0.85)], at, 0, unit), 0.12 * unit, ink)


def _stop(rng: Rng, size: Size, look: int) -> Image.Image:
    width, height = size
    canvas = _verge(rng, size, look)
    unit = 0.34 * min(width, 0.9 * height)
    x, y = between(rng, 0.45, 0.55) * width, 0.08 * height + unit
    _post(canvas, x, y - 0.9 * unit, 0.14 * unit, colour("a8acae"))
    octagon = moved(
        [(math.cos(a), math.sin(a)) for a in np.arange(8) * math.pi / 4 + math.pi / 8],
        (x, y),
        between(rng, -2, 2),
        unit,
    )
    red = colour("c22f2f")
    shadow(canvas, octagon, 0.06 * unit, 0.5)
    fill(canvas, octagon, (252, 250, 244))
    fill(
        canvas,
        [(x + (px - x) * 0.94, y + (py - y) * 0.94) for px, py in octagon],
        (tone(red, 0.12), tone(red, -0.15)),
        relief=0.12,
        round_by=0.03,
    )
    text = words.STOPS[(look // 4 + int(rng.integers(len(words.STOPS)))) % len(words.STOPS)]
    write(
        canvas,
        text,
        (x, y + 0.25 * unit),
        0.7 * unit,
        (253, 252, 246),
        align="centre",
        fit=1.5 * unit,
        weight=0.055,
        stretch=0.86,
    )
    veil(canvas, moved(points("-.8,.1 .1,-.85 .3,-.8 -.6,.3"), (x, y), 0, unit), 0.05 * unit, 0.2, (255, 255, 255))
    town, far = pick(rng, words.TOWNS)
    tall = 0.42 * unit
    plate = rounded(x - 0.95 * unit, y + 1.12 * unit, x + 0.95 * unit, y + 1.12 * unit + tall, 0.05 * unit)
    shadow(canvas, plate, 0.05 * unit, 0.5)
    fill(canvas, plate, (colour("fbfaf4"), colour("dcdad2")))
    write(
        canvas,
        f"{town}  {far} km",
        (x, y + 1.12 * unit + 0.65 * tall),
        0.44 * tall,
        colour("2a2a32"),
        align="centre",
        fit=1.7 * unit,
        weight=0.02,
    )
    for spot in ((x, y - 0.72 * unit), (x, y + 0.72 * unit)):
        fill(canvas, oval(*spot, 0.035 * unit), colour("c8c8c4"), relief=0.6)
    return canvas


def sticker(rng: Rng, size: Size, look: int) -> Image.Image:
    """Draw a car with a bumper sticker."""
    text = words.STICKERS[(look * 5 + int(rng.integers(5))) % len(words.STICKERS)]
    return parked(rng, size, look, _label(rng, text, look), pick(rng, words.PLATES))


def _label(rng: Rng, text: str, look: int) -> Image.Image:
    """Return a sticker: two lines of text beside a small picture."""
    ground, ink, extra = palette(
        pick(
            rng,
            (
                "f6d24a 26242a c8503f",
                "fbf8ee 2f5a8a d9584a",
                "2f6a5a fbf6e2 f0c24a",
                "c8443a fff6e6 f6d68a",
                "26304a f6efdc e8705f",
                "fbfbf6 26242a 5f9a4f",
            ),
        )
    )
    width, height = 620, 230
    card = Image.new("RGB", (width, height), (252, 250, 244))
    fill(card, box(10, 10, width - 10, height - 10), ground)
    parts = text.split()
    half = min(range(1, len(parts) + 1), key=lambda cut: abs(len(" ".join(parts[:cut])) - len(" ".join(parts[cut:]))))
    lines = [" ".join(parts[:half]), " ".join(parts[half:])] if half < len(parts) else [text]
    at = (106.0, height / 2)
    kind = look % 3
    if kind == 0:
        heart = smooth(points("0,-.35 .35,-.75 .85,-.55 .8,0 0,.85 -.8,0 -.85,-.55 -.35,-.75"))
        fill(card, moved(heart, at, -8, 74), extra, relief=0.3)
    elif kind == 1:
        for turn in range(0, 360, 30):
            fill(card, moved([(0.58, -0.08), (0.95, 0), (0.58, 0.08)], at, turn, 84), extra)
        fill(card, oval(*at, 40), extra, relief=0.3)
    else:
        fill(card, oval(at[0], at[1] + 24, 40, 34), extra)
        for dx, dy in ((-46, -8), (-17, -40), (17, -40), (46, -8)):
            fill(card, oval(at[0] + dx, at[1] + dy, 17, 22), extra)
    if len(lines) == 1:
        write(card, lines[0], (196, 145), 90, ink, fit=width - 226, weight=0.045)
    else:
        for line, base in zip(lines, (104, 190), strict=True):
            write(card, line, (196, base), 76, ink, fit=width - 226, weight=0.045)
    return card


def menu(rng: Rng, size: Size, look: int) -> Image.Image:
    """Draw a cafe's chalk board."""
    width, height = size
    wall = pick(rng, palette("b5654a c9b394 7f9088 d9c8b0"))
    canvas = bricks(rng, size, wall, min(size) / 26) if look % 2 == 0 else plaster(rng, size, wall)
    tall = min(0.9 * height, 1.3 * width)
    wide = min(0.78 * tall, 0.9 * width)
    heading, dishes, foot = words.MENUS[look % len(words.MENUS)]
    card = _board(rng, (round(wide), round(tall)), heading, dishes, foot)
    corners = turned_card(
        (between(rng, 0.47, 0.53) * width, 0.5 * height), wide, tall, between(rng, -2, 2), between(rng, -0.02, 0.02)
    )
    shadow(canvas, corners, 0.03 * tall, 0.7)
    place(canvas, card, corners)
    if width > height:
        for side in (0.08, 0.92):
            _pot(canvas, rng, (side * width, 0.99 * height), 0.2 * height)
    return canvas


def _board(rng: Rng, size: Size, heading: str, dishes: tuple[tuple[str, str], ...], foot: str) -> Image.Image:
    width, height = size
    rim = 0.055 * width
    card = wood(rng, size, pick(rng, palette("a8743f 6f4a30 c9a06a")), planks=1)
    card = light(card, np.linspace(0.12, -0.12, height, dtype=np.float32)[:, None])
    slate: Size = (round(width - 2 * rim), round(height - 2 * rim))
    dust = noise(rng, slate, (slate[0] / 3, slate[1] / 8), 6, 0.7)
    board = ramp(dust, palette("23282a 2c3234 3a4244"))
    w, h = slate
    chalk = Image.new("RGB", slate, (0, 0, 0))
    white, warm, cool = palette("f4f1e6 f2cf7a a8d0c8")
    write(chalk, heading, (w / 2, 0.17 * h), 0.13 * w, warm, align="centre", fit=0.86 * w, slant=0.12, weight=0.02)
    swash = smooth([(0.2 * w, 0.215 * h), (0.4 * w, 0.2 * h), (0.6 * w, 0.22 * h), (0.8 * w, 0.205 * h)], closed=False)
    stroke(chalk, swash, 0.008 * w, cool)
    y = 0.31 * h
    step = 0.115 * h
    for name, price in dishes:
        long, _ = write(chalk, name, (0.08 * w, y), 0.075 * w, white, fit=0.62 * w, slant=0.1)
        write(chalk, price, (0.92 * w, y), 0.075 * w, warm, align="right", slant=0.1)
        x = 0.1 * w + long
        while x < 0.76 * w:
            fill(chalk, oval(x, y - 0.008 * h, 0.004 * w), white)
            x += 0.03 * w
        y += step
    _steaming(chalk, (w / 2, 0.82 * h), 0.1 * w, white, cool)
    write(chalk, foot, (w / 2, 0.955 * h), 0.05 * w, cool, align="centre", fit=0.85 * w, slant=0.14)
    grit = 0.45 + 0.75 * noise(rng, slate, 5, 2, 0.8)
    strokes = field(chalk.filter(ImageFilter.GaussianBlur(w / 900)))
    board_values = field(board)
    card.paste(picture(board_values + strokes * grit[..., None] * np.float32(0.82)), (round(rim), round(rim)))
    inner = box(rim, rim, width - rim, height - rim)
    veil(card, box(rim, rim, width - rim, rim + 0.02 * height), 0.012 * width, 0.6)
    veil(card, box(rim, rim, rim + 0.02 * width, height - rim), 0.012 * width, 0.5)
    stroke(card, [*inner, inner[0]], 0.006 * width, colour("2a1c14"))
    return card


def _steaming(chalk: Image.Image, at: Point, unit: float, white: Colour, cool: Colour) -> None:
    def put(points: list[Point]) -> list[Point]:
        return moved(points, at, 0, unit)

    thick = 0.07 * unit
    stroke(chalk, put(smooth(points("-.9,-.3 -.75,.35 -.3,.6 .3,.6 .75,.35 .9,-.3"), closed=False)), thick, white)
    stroke(chalk, put([*oval(0, -0.3, 0.9, 0.16), (0.9, -0.3)]), thick, white)
    stroke(chalk, put(smooth(points(".85,-.1 1.3,-.15 1.25,.25 .78,.3"), closed=False)), thick, white)
    for x in (-0.4, 0.0, 0.4):
        stroke(
            chalk,
            put(smooth([(x, -0.6), (x + 0.14, -0.8), (x - 0.1, -1.05), (x + 0.08, -1.3)], closed=False)),
            thick,
            cool,
        )


def _pot(canvas: Image.Image, rng: Rng, foot: Point, tall: float) -> None:
    x, y = foot
    clay = pick(rng, palette("b5633f c8845a 8a8f8a"))
    veil(canvas, oval(x + 0.1 * tall, y, 0.5 * tall, 0.1 * tall), 0.08 * tall, 0.5)
    for _ in range(90):
        angle, reach = between(rng, -1.3, 1.3), between(rng, 0.2, 0.95) * tall
        spot = (x + math.sin(angle) * reach * 0.62, y - 0.42 * tall - math.cos(angle) * reach)
        leaf = moved(
            smooth(points("0,0 .5,-.28 1,0 .5,.28"), steps=5),
            spot,
            math.degrees(angle) - 90 + between(rng, -50, 50),
            0.17 * tall,
        )
        fill(canvas, leaf, tone(pick(rng, palette("4f7f3f 6f9a4f 3f6a3a")), between(rng, -0.3, 0.2)), relief=0.3)
    pot = moved(points("-.3,-.5 .3,-.5 .22,0 -.22,0"), (x, y), 0, tall)
    fill(canvas, pot, rough(rng, clay, tall / 5, 0.15), relief=0.8, round_by=0.4)
    fill(
        canvas,
        box(x - 0.34 * tall, y - 0.54 * tall, x + 0.34 * tall, y - 0.42 * tall),
        (tone(clay, 0.15), tone(clay, -0.15)),
        relief=0.5,
    )
