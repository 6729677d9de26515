"""Text on paper: pages, receipts, posters, book covers and book spines."""

from __future__ import annotations

import math

import numpy as np
from PIL import Image, ImageDraw, ImageOps

from augstudio.dataset.sample import words
from augstudio.dataset.sample.brushes import (
    Colour,
    Point,
    Rng,
    Size,
    between,
    bumps,
    colour,
    fill,
    glow,
    light,
    mix,
    mottled,
    moved,
    noise,
    oval,
    palette,
    paragraph,
    pick,
    place,
    points,
    ramp,
    ribbon,
    rough,
    rounded,
    shadow,
    smooth,
    stroke,
    tone,
    turned_card,
    veil,
    wood,
    wrap,
    write,
)
from augstudio.dataset.sample.city import box, bricks, plaster
from augstudio.dataset.sample.cloth import cloth
from augstudio.dataset.sample.nature import hills, lake, sea, vista

INK = colour("26242a")


def table(rng: Rng, size: Size, look: int) -> Image.Image:
    """Draw a table top seen from above: wood, cloth or stone."""
    if look % 3 == 1:
        return light(cloth(rng, size, int(rng.integers(18))), -0.1)
    if look % 3 == 2:
        veins = noise(rng, size, (max(size) / 2, max(size) / 5), 5, 0.45)
        stone = pick(rng, palette("d9d6d0 5c6468 c9bfb0"))
        streaks = np.clip(1 - np.abs(veins - 0.5) * 55, 0, 1) * 0.2
        return light(mottled(rng, size, stone, max(size) / 5, 0.08), (-streaks).astype(np.float32))
    return wood(rng, size, pick(rng, palette("a8743f 7a5236 c8a274 5f4334")), planks=int(rng.integers(3, 6)))


def lay(canvas: Image.Image, card: Image.Image, corners: list[Point], height: float) -> None:
    """Lay a sheet on a table, with the shadow of something `height` pixels high."""
    veil(canvas, [(x + 1.6 * height, y + 2.2 * height) for x, y in corners], 3 * height, 0.4)
    veil(canvas, [(x + 0.4 * height, y + 0.5 * height) for x, y in corners], 0.8 * height, 0.5)
    place(canvas, card, corners)


def worn(rng: Rng, card: Image.Image, strength: float) -> Image.Image:
    """Return a sheet with the waves and creases that paper gets."""
    small = (max(card.width // 3, 2), max(card.height // 3, 2))
    waves = noise(rng, small, max(small) / 2.5, 5, 0.45)
    lit = bumps(waves, max(small) / 9) * np.float32(strength)
    return light(card, np.asarray(Image.fromarray(lit).resize(card.size, Image.Resampling.BICUBIC)))


# Pages


def page(rng: Rng, size: Size, look: int) -> Image.Image:
    """Draw a printed page, a newspaper or a letter on a desk."""
    width, height = size
    canvas = table(rng, size, look + look // 3)
    tall = min(1.02 * height, 1.28 * width)
    wide = tall * pick(rng, (0.71, 0.76))
    turn = between(rng, 2, 9) * pick(rng, (-1, 1))
    centre = (between(rng, 0.46, 0.54) * width, between(rng, 0.5, 0.56) * height)
    sheet: Size = (round(wide), round(tall))
    if rng.random() < 0.6:
        under = _blank(rng, sheet, between(rng, 0.0, 0.08))
        lay(
            canvas,
            under,
            turned_card((centre[0] + 0.04 * wide, centre[1] - 0.02 * tall), wide, tall, turn + between(rng, 4, 9)),
            0.003 * tall,
        )
    drawn = (_newspaper, _article, _letter)[look % 3](rng, sheet, look)
    corners = turned_card(centre, wide, tall, turn, between(rng, 0.0, 0.05))
    lay(canvas, worn(rng, drawn, 0.09), corners, 0.005 * tall)
    thing = int(rng.integers(3))
    spot = (
        (between(rng, 0.82, 0.95) * width, between(rng, 0.1, 0.3) * height)
        if width > height
        else (between(rng, 0.78, 0.92) * width, between(rng, 0.88, 0.95) * height)
    )
    if thing == 0:
        cup(canvas, rng, spot, 0.12 * min(size))
    elif thing == 1:
        pencil(canvas, rng, spot, 0.42 * min(size), between(rng, 40, 130))
    else:
        glasses(canvas, spot, 0.2 * min(size), between(rng, -40, 40))
    return canvas


def _blank(rng: Rng, size: Size, age: float) -> Image.Image:
    base = mix(colour("fbf8f0"), colour("e0cda4"), age * 4)
    return ramp(noise(rng, size, (max(size) / 3, max(size) / 3), 7, 0.62), (tone(base, -0.05), base, tone(base, 0.3)))


def _newspaper(rng: Rng, size: Size, look: int) -> Image.Image:
    width, height = size
    which = (look + look // 3) % len(words.ARTICLES)
    sheet = _blank(rng, size, 0.1)
    margin = 0.06 * width
    inner = width - 2 * margin
    write(
        sheet,
        words.MASTHEADS[which],
        (width / 2, 0.085 * height),
        0.085 * width,
        INK,
        align="centre",
        fit=inner,
        weight=0.02,
        tracking=0.02,
    )
    y = 0.105 * height
    stroke(sheet, [(margin, y), (width - margin, y)], 0.003 * width, INK)
    small = 0.016 * width
    write(sheet, f"No. {int(rng.integers(100, 9000))}", (margin, y + 1.5 * small), small, INK)
    write(
        sheet,
        "MORNING EDITION" if which in (0, 5) else "EDITIE . EDIZIONE . AUSGABE",
        (width / 2, y + 1.5 * small),
        small,
        INK,
        align="centre",
        tracking=0.1,
    )
    write(sheet, "1.20", (width - margin, y + 1.5 * small), small, INK, align="right")
    y += 2.4 * small
    stroke(sheet, [(margin, y), (width - margin, y)], 0.0015 * width, INK)
    title, byline, body = words.ARTICLES[which]
    size_px = 0.082 * width
    for line in wrap(title, size_px, inner * 0.95):
        y += size_px * 1.08
        write(sheet, line, (margin, y), size_px, INK, weight=0.035)
    y += 0.055 * width
    write(sheet, byline, (margin, y), 0.023 * width, tone(INK, 0.2), slant=0.2)
    y += 0.02 * width
    gap = 0.03 * width
    column = (inner - 2 * gap) / 3
    tall = round(column * 1.25)
    scenery = vista(rng, (round(2 * column + gap), tall), int(rng.integers(9)))
    scenery = (
        ImageOps.colorize(ImageOps.autocontrast(scenery.convert("L")), (38, 34, 40), (246, 240, 226))
        if rng.random() < 0.6
        else scenery
    )
    sheet.paste(scenery, (round(margin + column + gap), round(y + 0.01 * width)))
    type_px = 0.0205 * width
    paragraph(
        sheet,
        "A view of the scene, drawn from memory.",
        (margin + column + gap, y + tall + 0.012 * width),
        type_px * 0.9,
        2 * column,
        tone(INK, 0.25),
    )
    tops = (y, y + tall + 0.05 * width, y + tall + 0.05 * width)
    text = body.split("|") * 4
    start = 0
    for index, top in enumerate(tops):
        x = margin + index * (column + gap)
        at = top + 0.006 * width
        while at < height - margin - 2 * type_px and start < len(text):
            at = (
                paragraph(
                    sheet,
                    text[start],
                    (x, at),
                    type_px,
                    column,
                    INK,
                    justified=True,
                    leading=1.3,
                    floor=height - margin,
                )
                + 0.4 * type_px
            )
            start += 1
        if index:
            stroke(sheet, [(x - gap / 2, top + 0.01 * width), (x - gap / 2, height - margin)], 1, tone(INK, 0.5))
    return sheet


def _article(rng: Rng, size: Size, look: int) -> Image.Image:
    width, height = size
    title, byline, body = words.ARTICLES[(look + 3) % len(words.ARTICLES)]
    sheet = _blank(rng, size, 0.02)
    accent = pick(rng, palette("b5432f 2f5f86 4f7a4a 7a4a7a"))
    margin = 0.11 * width
    inner = width - 2 * margin
    y = 0.075 * height
    write(sheet, "NOTEBOOK", (margin, y), 0.02 * width, accent, tracking=0.3, weight=0.03)
    write(sheet, str(int(rng.integers(12, 240))), (width - margin, y), 0.022 * width, tone(INK, 0.3), align="right")
    y += 0.03 * width
    size_px = 0.09 * width
    for line in wrap(title, size_px, inner):
        y += size_px * 1.1
        write(sheet, line, (margin, y), size_px, INK, weight=0.025)
    fill(sheet, box(margin, y + 0.035 * width, margin + 0.13 * width, y + 0.043 * width), accent)
    y += 0.085 * width
    write(sheet, byline, (margin, y), 0.027 * width, tone(INK, 0.3), slant=0.2)
    y += 0.03 * width
    type_px = 0.0275 * width
    parts = body.split("|")
    initial = parts[0][0]
    cap, _ = write(sheet, initial, (margin, y + 3.62 * type_px), 4.4 * type_px, accent, weight=0.02)
    rows = wrap(parts[0][1:], type_px, inner - cap - 0.6 * type_px)
    for row in rows[:3]:
        paragraph(sheet, row, (margin + cap + 0.6 * type_px, y), type_px, inner, INK)
        y += 1.4 * type_px
    y = (
        paragraph(sheet, " ".join(rows[3:]), (margin, y), type_px, inner, INK, justified=True, floor=height - margin)
        + 0.6 * type_px
    )
    for part in parts[1:] * 2:
        if y > height - margin - 2 * type_px:
            break
        y = (
            paragraph(sheet, part, (margin, y), type_px, inner, INK, justified=True, floor=height - margin)
            + 0.6 * type_px
        )
    return sheet


def _letter(rng: Rng, size: Size, look: int) -> Image.Image:
    width, height = size
    sheet = _blank(rng, size, 0.05)
    ink = pick(rng, palette("2a3560 3a2f2a 22403f"))
    margin = 0.13 * width
    emblem = (width / 2, 0.085 * height)
    for turn in range(0, 360, 45):
        leaf = moved(smooth(points("0,0 .5,-.18 1,0 .5,.18")), emblem, turn, 0.04 * width)
        fill(sheet, leaf, tone(ink, 0.35))
    write(
        sheet,
        pick(rng, ("THE ORCHARD HOUSE", "VILLA SERENA", "LINDENHOF")),
        (width / 2, 0.155 * height),
        0.026 * width,
        ink,
        align="centre",
        tracking=0.3,
    )
    y = 0.21 * height
    type_px = 0.034 * width
    for part in words.LETTERS[(look // 3) % len(words.LETTERS)].split("|"):
        for line in wrap(part, type_px, width - 2 * margin):
            y += 1.5 * type_px
            write(sheet, line, (margin, y), type_px, ink, slant=0.16)
        y += 0.7 * type_px
    write(
        sheet,
        pick(rng, words.SIGNATURES),
        (margin + 0.28 * width, y + 0.07 * height),
        0.075 * width,
        ink,
        slant=0.4,
        weight=0.008,
    )
    flourish = points("0,.02 .12,-.02 .26,.02 .36,-.01")
    stroke(
        sheet,
        moved(smooth(flourish, closed=False), (margin + 0.27 * width, y + 0.09 * height), 0, width),
        0.004 * width,
        ink,
    )
    return sheet


def cup(canvas: Image.Image, rng: Rng, at: Point, radius: float) -> None:
    """Draw a cup of coffee from above."""
    china = pick(rng, palette("f2efe8 c9d6d8 e8c9b0"))
    shadow(canvas, oval(*at, 1.5 * radius), 0.25 * radius, 0.55)
    fill(canvas, oval(*at, 1.5 * radius), (tone(china, 0.1), tone(china, -0.15)), relief=0.35, round_by=0.12)
    fill(canvas, oval(*at, 1.05 * radius), tone(china, -0.1), relief=-0.3, round_by=0.2)
    handle = moved(rounded(0.8, -0.16, 1.42, 0.16, 0.15), at, -35, radius)
    shadow(canvas, handle, 0.1 * radius, 0.5)
    fill(canvas, handle, tone(china, 0.05), relief=0.5)
    shadow(canvas, oval(*at, radius), 0.2 * radius, 0.6)
    fill(canvas, oval(*at, radius), (tone(china, 0.15), tone(china, -0.1)), relief=0.5, round_by=0.1)
    fill(
        canvas,
        oval(*at, 0.86 * radius),
        lambda patch: ramp(noise(rng, patch, radius / 2, 3, 0.4), palette("3a2014 6f4526 b88a58")),
        relief=-0.35,
        round_by=0.15,
    )
    ring = oval(at[0], at[1], 0.8 * radius)
    stroke(canvas, [*ring, ring[0]], 0.04 * radius, colour("c99f6a"))


def pencil(canvas: Image.Image, rng: Rng, at: Point, length: float, turn: float) -> None:
    """Draw a pencil."""
    paint = pick(rng, palette("d9a33a c8503f 3f6f9a 4f7f5a"))
    parts = (
        (box(-0.5, -0.026, -0.44, 0.026), colour("d98a8a")),
        (box(-0.44, -0.027, -0.39, 0.027), colour("b8b4ac")),
        (box(-0.39, -0.027, 0.4, 0.027), paint),
        (points(".4,-.027 .48,-.006 .48,.006 .4,.027"), colour("e6c79a")),
        ([(0.48, -0.006), (0.5, 0.0), (0.48, 0.006)], colour("34343a")),
    )
    veil(
        canvas,
        moved(box(-0.5, -0.02, 0.49, 0.04), (at[0] + 0.012 * length, at[1] + 0.018 * length), turn, length),
        0.012 * length,
        0.55,
    )
    for shape, tint in parts:
        fill(canvas, moved(shape, at, turn, length), tint)
    fill(canvas, moved(box(-0.39, -0.027, 0.4, -0.011), at, turn, length), tone(paint, 0.25))
    fill(canvas, moved(box(-0.39, 0.011, 0.4, 0.027), at, turn, length), tone(paint, -0.3))


def glasses(canvas: Image.Image, at: Point, length: float, turn: float) -> None:
    """Draw a pair of glasses."""
    frame = colour("3a2a22")
    for push, tint in ((0.03, None), (0.0, frame)):
        for side in (-1, 1):
            lens = moved(oval(side * 0.3 + push, push, 0.24, 0.2), at, turn, length)
            temple = moved(
                [
                    (side * 0.53 + push, -0.03 + push),
                    (side * 0.56 + push, -0.4 + push),
                    (side * 0.2 + push, -0.62 + push),
                ],
                at,
                turn,
                length,
            )
            if tint is None:
                veil(canvas, lens, 0.02 * length, 0.2)
                veil(canvas, ribbon(temple, (0.03 * length, 0.03 * length)), 0.02 * length, 0.4)
            else:
                veil(canvas, lens, 2, 0.14, (235, 245, 255))
                stroke(canvas, [*lens, lens[0]], 0.028 * length, tint)
                stroke(canvas, smooth(temple, closed=False), 0.028 * length, tint)
                glint = moved([(side * 0.3 - 0.12, -0.08), (side * 0.3 - 0.02, -0.14)], at, turn, length)
                stroke(canvas, glint, 0.02 * length, (250, 252, 255))
        if tint is not None:
            stroke(
                canvas,
                moved(smooth([(-0.07, -0.04), (0, -0.09), (0.07, -0.04)], closed=False), at, turn, length),
                0.028 * length,
                tint,
            )


# Receipts


def receipt(rng: Rng, size: Size, look: int) -> Image.Image:
    """Draw a till receipt on a table."""
    width, height = size
    canvas = table(rng, size, look + 1)
    wide = min(0.56 * width, 0.44 * height) * between(rng, 0.95, 1.1)
    card = _receipt(rng, round(wide), words.RECEIPTS[look % len(words.RECEIPTS)])
    tall = wide * card.height / card.width
    corners = turned_card((between(rng, 0.45, 0.55) * width, height / 2), wide, tall, between(rng, -11, 11))
    lay(canvas, card, corners, 0.008 * wide)
    coins = int(rng.integers(1, 5))
    for _ in range(coins):
        x = pick(rng, (between(rng, 0.06, 0.16), between(rng, 0.84, 0.94))) * width
        coin(canvas, rng, (x, between(rng, 0.62, 0.93) * height), between(rng, 0.045, 0.06) * min(size))
    return canvas


def _receipt(rng: Rng, width: int, receipt_words: tuple[str, str, tuple[tuple[str, str], ...], str]) -> Image.Image:
    shop, address, items, thanks = receipt_words
    px = 0.052 * width
    height = round((17.5 + 1.45 * len(items)) * px * 1.12)
    card = Image.new("RGBA", (width, height), (0, 0, 0, 0))
    sheet = ramp(noise(rng, (width, height), width / 2, 5, 0.5), palette("eeece6 f8f7f2 fffffc"))
    ink = pick(rng, palette("3a3a44 4a4460 2e3036"))
    margin = 0.08 * width
    y = 3.2 * px
    write(
        sheet, shop, (width / 2, y), 1.55 * px, ink, align="centre", fit=width - 2 * margin, weight=0.045, tracking=0.04
    )
    for line in (
        address,
        f"Tel. 0{int(rng.integers(20, 99))} {int(rng.integers(100, 999))} {int(rng.integers(1000, 9999))}",
    ):
        y += 1.4 * px
        write(sheet, line, (width / 2, y), 0.9 * px, ink, align="centre")
    y += 1.6 * px
    date = f"{int(rng.integers(1, 29)):02d}.{int(rng.integers(1, 13)):02d}.2024"
    write(sheet, date, (margin, y), 0.9 * px, ink)
    write(
        sheet,
        f"{int(rng.integers(8, 21)):02d}:{int(rng.integers(60)):02d}",
        (width - margin, y),
        0.9 * px,
        ink,
        align="right",
    )
    y = _dashes(sheet, y + 0.8 * px, margin, ink)
    for name, price in items:
        y += 1.45 * px
        write(sheet, name, (margin, y), px, ink, fit=0.58 * width)
        write(sheet, price, (width - margin, y), px, ink, align="right")
    y = _dashes(sheet, y + 0.8 * px, margin, ink)
    total = sum(round(100 * float(price)) for _, price in items)
    y += 2.0 * px
    write(sheet, "TOTAL", (margin, y), 1.6 * px, ink, weight=0.04)
    write(sheet, f"{total / 100:.2f}", (width - margin, y), 1.6 * px, ink, align="right", weight=0.04)
    y += 1.5 * px
    write(sheet, "CASH", (margin, y), 0.9 * px, ink)
    write(sheet, f"{(total // 1000 + 1) * 10:.2f}", (width - margin, y), 0.9 * px, ink, align="right")
    y += 2.0 * px
    write(sheet, thanks, (width / 2, y), px, ink, align="centre", tracking=0.06, fit=width - 2 * margin)
    y += 0.9 * px
    x = 0.17 * width
    while x < 0.83 * width:
        bar = between(rng, 0.003, 0.012) * width
        fill(sheet, box(x, y, x + bar, y + 2.3 * px), ink)
        x += bar + between(rng, 0.004, 0.011) * width
    write(
        sheet,
        " ".join(str(int(rng.integers(1000, 9999))) for _ in range(4)),
        (width / 2, y + 3.3 * px),
        0.75 * px,
        ink,
        align="centre",
        tracking=0.12,
    )
    faded = noise(rng, (width, height), (width, height / 3), 2)
    sheet = Image.blend(sheet, Image.new("RGB", sheet.size, (250, 249, 244)), float(0.1 + 0.1 * faded.mean()))
    fold = np.zeros((height, width), np.float32)
    for share in (0.33, 0.66):
        row = round(height * (share + between(rng, -0.03, 0.03)))
        fold[row - round(0.5 * px) : row] += np.linspace(0, 0.1, round(0.5 * px), dtype=np.float32)[:, None]
        fold[row : row + round(1.5 * px)] -= np.linspace(0.16, 0, round(1.5 * px), dtype=np.float32)[:, None]
    sheet = light(worn(rng, sheet, 0.16), fold)
    mask = Image.new("L", card.size)
    teeth = 34
    zig = [(width * index / teeth, 0.18 * px if index % 2 else 0.6 * px) for index in range(teeth + 1)]
    zag = [(x, height - y) for x, y in reversed(zig)]
    ImageDraw.Draw(mask).polygon([*zig, *zag], fill=255)
    card.paste(sheet, (0, 0), mask)
    return card


def _dashes(sheet: Image.Image, y: float, margin: float, ink: Colour) -> float:
    x = margin
    step = 0.022 * sheet.width
    while x < sheet.width - margin:
        stroke(sheet, [(x, y), (x + 0.6 * step, y)], 0.004 * sheet.width, ink)
        x += step
    return y


def coin(canvas: Image.Image, rng: Rng, at: Point, radius: float) -> None:
    """Draw a worn coin."""
    metal = pick(rng, palette("c8a050 b8b4a8 b5754a"))
    shadow(canvas, oval(*at, radius), 0.18 * radius, 0.6)
    fill(canvas, oval(*at, radius), (tone(metal, 0.3), tone(metal, -0.3)), relief=0.6, round_by=0.1)
    fill(canvas, oval(*at, 0.8 * radius), rough(rng, tone(metal, -0.05), radius / 3, 0.15), relief=-0.3, round_by=0.08)
    for turn in range(0, 360, 60):
        fill(
            canvas,
            moved(smooth(points(".1,0 .35,-.16 .62,0 .35,.16")), at, turn, radius),
            tone(metal, 0.18),
            relief=0.4,
        )


# Posters


_INKS = (
    "f3e6c8 d9583a 2f4a5c e8a83f",
    "f6efe0 2f6f7a d98a3f 1f3040",
    "f2dcc0 7a3a4a 3f5f4f d9a05a",
    "e9efe6 34507a c8503f f0c050",
)


# The landscape of each of `words.POSTERS`, and its look.
_VIEWS = ((lake, 0), (sea, 1), (lake, 1), (hills, 2), (sea, 0), (sea, 2))


def poster(rng: Rng, size: Size, look: int) -> Image.Image:
    """Draw a travel or concert poster on a wall."""
    width, height = size
    wall = pick(rng, palette("a8523c b8aa96 6f7a80 c9b79a 8a5a48"))
    canvas = bricks(rng, size, wall, min(size) / 24) if rng.random() < 0.6 else plaster(rng, size, wall)
    tall = min(0.88 * height, 1.12 * width)
    wide = 0.68 * tall
    sheet = (_travel if look % 2 == 0 else _concert)(rng, (round(wide), round(tall)), look // 2)
    pair = width > 1.15 * height
    centre = ((0.31 if pair else between(rng, 0.47, 0.53)) * width, between(rng, 0.49, 0.52) * height)
    turn = between(rng, -2.5, 2.5)
    if pair:
        # Room beside it: another poster, cut off by the frame.
        other = (_concert if look % 2 == 0 else _travel)(rng, (round(wide), round(tall)), look // 2 + 1)
        lay(
            canvas,
            worn(rng, other, 0.1),
            turned_card((centre[0] + 1.12 * wide, centre[1] + 0.02 * tall), wide, tall, -turn),
            0.003 * tall,
        )
    corners = turned_card(centre, wide, tall, turn)
    lay(canvas, worn(rng, sheet, 0.12), corners, 0.004 * tall)
    tape = pick(rng, palette("e8d9a8 d8dfe2"))
    for index, (x, y) in enumerate(corners):
        strip = moved(box(-0.07, -0.022, 0.07, 0.022), (x, y), turn + (45 if index % 2 else -45), wide)
        veil(canvas, strip, 1.5, 0.75, tape)
    return canvas


def _travel(rng: Rng, size: Size, look: int) -> Image.Image:
    width, height = size
    paper, bold, deep, _ = palette(_INKS[look % len(_INKS)])
    large, above, below = words.POSTERS[look % len(words.POSTERS)]
    sheet = Image.new("RGB", size, paper)
    margin = 0.055 * width
    view: Size = (round(width - 2 * margin), round(0.7 * height))
    draw, scene_look = _VIEWS[look % len(words.POSTERS)]
    scenery = draw(rng, view, scene_look)
    sheet.paste(ImageOps.autocontrast(scenery, 0.5), (round(margin), round(margin)))
    veil(sheet, box(0.1 * width, margin + 0.07 * height, 0.9 * width, margin + 0.12 * height), 0.03 * height, 0.6, deep)
    write(
        sheet,
        above,
        (width / 2, margin + 0.105 * height),
        0.052 * width,
        paper,
        align="centre",
        fit=0.8 * width,
        slant=0.14,
        weight=0.012,
    )
    write(
        sheet,
        large,
        (width / 2, 0.9 * height),
        0.24 * width,
        bold,
        align="centre",
        fit=0.9 * width,
        weight=0.045,
        tracking=0.03,
    )
    write(
        sheet, below, (width / 2, 0.955 * height), 0.036 * width, deep, align="centre", fit=0.88 * width, tracking=0.08
    )
    return sheet


def _concert(rng: Rng, size: Size, look: int) -> Image.Image:
    width, height = size
    paper, bold, deep, warm = palette(_INKS[(look + 1) % len(_INKS)])
    first, second, who, where = words.CONCERTS[look % len(words.CONCERTS)]
    ground = pick(rng, (bold, deep, paper))
    front = paper if ground != paper else deep
    sheet = mottled(rng, size, ground, width / 2, 0.05)
    shapes = [tint for tint in (bold, deep, warm, paper) if tint != ground]
    cell = width / 4
    for row in range(3):
        for column in range(4):
            x, y = column * cell, 0.3 * height + row * cell
            tint = pick(rng, shapes)
            quarter = int(rng.integers(4))
            kind = int(rng.integers(4))
            middle = (x + cell / 2, y + cell / 2)
            if kind == 0:
                corner = moved(points("0,0 1,0 1,1 0,1"), (x, y), 0, cell)[quarter]
                wedge = moved(
                    [(0, 0), *[(math.cos(a), math.sin(a)) for a in np.linspace(0, math.pi / 2, 24)]],
                    corner,
                    90 * quarter,
                    cell,
                )
                fill(sheet, wedge, tint)
            elif kind == 1:
                fill(sheet, oval(*middle, 0.46 * cell), tint)
                fill(sheet, oval(*middle, 0.2 * cell), pick(rng, shapes))
            elif kind == 2:
                half = moved([(-0.5, 0.5), (0.5, 0.5), (-0.5, -0.5)], middle, 90 * quarter, cell)
                fill(sheet, half, tint)
            else:
                for bar in range(4):
                    stripe = moved(box(-0.5, -0.5 + 0.25 * bar, 0.5, -0.375 + 0.25 * bar), middle, 90 * quarter, cell)
                    fill(sheet, stripe, tint)
    write(sheet, first, (0.06 * width, 0.125 * height), 0.2 * width, front, fit=0.88 * width, weight=0.045)
    write(sheet, second, (0.06 * width, 0.25 * height), 0.2 * width, front, fit=0.88 * width, weight=0.045)
    y = 0.3 * height + 3 * cell
    write(sheet, who, (0.06 * width, y + 0.07 * height), 0.075 * width, front, fit=0.88 * width, weight=0.02)
    write(sheet, where, (0.06 * width, y + 0.12 * height), 0.04 * width, front, fit=0.88 * width)
    return sheet


# Books


_COVERS = (
    "8a3a34 e8c98a",
    "2f4a5f e6d9b8",
    "4f6a4a f0e0b0",
    "d9a84a 4a2f2a",
    "6a4a6f f0d9c8",
    "e6dcc8 8a3a34",
    "34343c d9b36a",
    "3f7f80 f6ead0",
)


def book(rng: Rng, size: Size, look: int) -> Image.Image:
    """Draw a book lying on a table."""
    width, height = size
    canvas = table(rng, size, look + 2)
    tall = min(0.8 * height, 1.12 * width)
    wide = 0.68 * tall
    if width > 1.2 * height:
        _lying(canvas, rng, (0.84 * width, 0.4 * height), 0.62 * wide, 0.62 * tall, between(rng, 20, 40), look + 3)
    _lying(canvas, rng, (between(rng, 0.44, 0.52) * width, 0.5 * height), wide, tall, between(rng, -10, 10), look)
    if rng.random() < 0.7:
        spot = (0.12 * width, 0.85 * height) if width > height else (0.88 * width, 0.93 * height)
        if rng.random() < 0.5:
            cup(canvas, rng, spot, 0.09 * min(size))
        else:
            glasses(canvas, spot, 0.18 * min(size), between(rng, -60, 60))
    return canvas


def _lying(canvas: Image.Image, rng: Rng, centre: Point, wide: float, tall: float, turn: float, look: int) -> None:
    cover = _cover(rng, (round(wide), round(tall)), look)
    cloth_tint = colour(_COVERS[look % len(_COVERS)].split()[0])
    thick = 0.045 * tall
    corners = turned_card(centre, wide, tall, turn)
    lower = [(x + 0.7 * thick, y + thick) for x, y in corners]
    veil(canvas, [(x + 2 * thick, y + 2.2 * thick) for x, y in corners], 1.6 * thick, 0.5)
    veil(canvas, [(x + 0.3 * thick, y + 0.3 * thick) for x, y in lower], 0.3 * thick, 0.6)
    fill(canvas, lower, tone(cloth_tint, -0.35))
    inset = turned_card((centre[0], centre[1]), 0.985 * wide, 0.985 * tall, turn)
    for step in range(8):
        share = 0.9 - step * 0.1
        fill(
            canvas,
            [(x + 0.7 * thick * share, y + thick * share) for x, y in inset],
            tone(colour("efe6d0"), -0.22 if step % 2 else -0.05),
        )
    veil(canvas, [(x + 0.12 * thick, y + 0.16 * thick) for x, y in corners], 0.2 * thick, 0.6)
    place(canvas, cover, corners)


def _cover(rng: Rng, size: Size, look: int) -> Image.Image:
    width, height = size
    ground, foil = palette(_COVERS[look % len(_COVERS)])
    title, author = words.BOOKS[look % len(words.BOOKS)]
    weave = noise(rng, size, (3, 9), 2, 0.7) * 0.5 + noise(rng, size, (9, 3), 2, 0.7) * 0.5
    sheet = ramp(weave, (tone(ground, -0.16), ground, tone(ground, 0.12)))
    margin = 0.07 * width
    kind = look % 3
    if kind == 1:
        view: Size = (round(width - 2 * margin), round(0.52 * height))
        scenery = vista(rng, view, look)
        sheet.paste(scenery, (round(margin), round(0.4 * height)))
        frame = box(margin, 0.4 * height, width - margin, 0.4 * height + view[1])
        stroke(sheet, [*frame, frame[0]], 0.008 * width, foil)
    else:
        for inset, thick in ((1.0, 0.008), (1.35, 0.003)):
            frame = rounded(
                margin * inset,
                margin * inset,
                width - margin * inset,
                height - margin * inset,
                0.05 * width * (kind == 2),
            )
            stroke(sheet, [*frame, frame[0]], thick * width, foil)
        _ornament(sheet, rng, (width / 2, 0.62 * height), 0.24 * width, foil, ground)
    px = 0.115 * width
    lines = wrap(title, px * 1.06, 0.78 * width)
    y = 0.13 * height + (0.03 * height if len(lines) < 3 else 0)
    for line in lines:
        write(sheet, line, (width / 2, y + 0.4 * px), px, foil, align="centre", fit=0.8 * width, weight=0.016)
        y += 1.15 * px
    write(
        sheet,
        author.upper(),
        (width / 2, 0.385 * height if kind == 1 else 0.88 * height),
        0.042 * width,
        foil,
        align="centre",
        fit=0.7 * width,
        tracking=0.2,
    )
    lit = np.zeros((height, width), np.float32)
    hinge = round(0.045 * width)
    lit[:, hinge : hinge + round(0.012 * width)] = -0.25
    lit[:, hinge + round(0.012 * width) : hinge + round(0.024 * width)] = 0.12
    lit += np.linspace(0.1, -0.12, height, dtype=np.float32)[:, None]
    return light(sheet, lit)


def _ornament(sheet: Image.Image, rng: Rng, at: Point, radius: float, foil: Colour, ground: Colour) -> None:
    kind = int(rng.integers(3))
    if kind == 0:
        fill(sheet, oval(*at, 0.5 * radius), foil)
        fill(sheet, oval(at[0] + 0.2 * radius, at[1] - 0.1 * radius, 0.42 * radius), ground)
        for turn in range(0, 360, 30):
            star = moved(
                points("0,-.07 .02,-.02 .07,0 .02,.02 0,.07 -.02,.02 -.07,0 -.02,-.02"),
                moved([(0.85 * radius, 0)], at, turn)[0],
                0,
                radius * (1.2 if turn % 60 else 0.8),
            )
            fill(sheet, star, foil)
    elif kind == 1:
        for turn in range(0, 360, 45):
            petal = smooth(points(".16,0 .45,-.2 .86,0 .45,.2"))
            outline = moved(petal, at, turn, radius)
            stroke(sheet, [*outline, outline[0]], max(0.03 * radius, 2), foil)
            fill(sheet, moved(smooth(points(".5,0 .62,-.07 .75,0 .62,.07")), at, turn + 22.5, radius), foil)
        fill(sheet, oval(*at, 0.12 * radius), foil)
    else:
        stem = moved(smooth(points("0,.95 .04,.3 -.05,-.3 0,-.9"), closed=False), at, 0, radius)
        stroke(sheet, stem, 0.035 * radius, foil)
        for step in range(6):
            for side in (-1, 1):
                leaf = moved(
                    smooth(points("0,0 .2,-.12 .48,0 .2,.12")),
                    (at[0], at[1] + (0.62 - 0.27 * step) * radius),
                    -35 if side > 0 else 215,
                    radius * (1 - 0.09 * step),
                )
                fill(sheet, leaf, foil)


def shelf(rng: Rng, size: Size, look: int) -> Image.Image:
    """Draw book spines on shelves."""
    width, height = size
    timber = pick(rng, palette("8a5f3f 6a4630 b08a5f"))
    canvas = light(wood(rng, size, tone(timber, -0.3), planks=2), -0.35)
    boards = 1 if height < 0.8 * width else 2
    board = 0.035 * min(size)
    pitch = (height - board) / boards
    number = look * 5
    for row in range(boards):
        foot = (row + 1) * pitch
        x = between(rng, -0.02, 0.03) * width
        while x < width * 1.01:
            thick = between(rng, 0.075, 0.13) * pitch * (1.5 if boards == 2 else 1.15)
            tall = pitch * between(rng, 0.7, 0.92)
            if rng.random() < 0.08 and x > 0.1 * width:
                x += 0.8 * thick
            _spine(canvas, rng, x, foot - tall, thick, tall, number)
            number += 1
            x += thick + 1
        veil(canvas, box(-9, row * pitch, width + 9, row * pitch + 0.16 * pitch), 0.05 * pitch, 0.6)
        plank = wood(rng, (width, round(board)), timber, planks=1)
        canvas.paste(light(plank, np.linspace(0.2, -0.3, plank.height, dtype=np.float32)[:, None]), (0, round(foot)))
        veil(canvas, box(-9, foot - 0.012 * pitch, width + 9, foot), 0.01 * pitch, 0.55)
    glow(canvas, (0.3 * width, 0.2 * height), 0.8 * max(size), (255, 226, 170), 0.14)
    return canvas


def _spine(canvas: Image.Image, rng: Rng, left: float, top: float, thick: float, tall: float, number: int) -> None:
    ground, foil = palette(_COVERS[(number * 3 + int(rng.integers(3))) % len(_COVERS)])
    title, author = words.BOOKS[number % len(words.BOOKS)]
    # Drawn lying, then turned: the title reads from top to bottom.
    size: Size = (round(tall), round(thick))
    sheet = mottled(rng, size, ground, (size[0] / 3, size[1] / 3), 0.1)
    for share in (0.04, 0.055, 0.24, 0.95):
        stroke(sheet, [(share * tall, 0), (share * tall, thick)], max(0.006 * tall, 2), foil)
    px = 0.44 * thick
    write(sheet, title, (0.27 * tall, 0.5 * thick + 0.35 * px), px, foil, fit=0.64 * tall, weight=0.02)
    surname = author.split()[-1]
    write(
        sheet,
        surname.upper(),
        (0.15 * tall, 0.5 * thick + 0.13 * thick),
        0.3 * thick,
        foil,
        align="centre",
        fit=0.15 * tall,
        tracking=0.06,
    )
    curve = np.sin(np.linspace(0.15, math.pi - 0.15, size[1], dtype=np.float32))[::-1, None]
    sheet = light(sheet, ((curve - 0.82) * 0.9) * np.ones((1, size[0]), np.float32))
    canvas.paste(sheet.transpose(Image.Transpose.ROTATE_270), (round(left), round(top)))
    veil(canvas, box(left + thick - 2, top, left + thick + 1, top + tall), 2, 0.5)
