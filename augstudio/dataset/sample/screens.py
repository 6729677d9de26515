"""Text on screens: monitors, plain screenshots, chats on a phone."""

from __future__ import annotations

import re

import numpy as np
from PIL import Image, ImageDraw

from augstudio.dataset.sample import words
from augstudio.dataset.sample.brushes import (
    Colour,
    Point,
    Rng,
    Size,
    between,
    colour,
    fill,
    font,
    glow,
    mix,
    moved,
    noise,
    oval,
    palette,
    paragraph,
    pick,
    place,
    points,
    ramp,
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
from augstudio.dataset.sample.city import box
from augstudio.dataset.sample.nature import vista
from augstudio.dataset.sample.paper import cup, table


def screen(rng: Rng, size: Size, look: int) -> Image.Image:
    """Draw a monitor on a desk."""
    width, height = size
    desk = round(0.8 * height)
    dark, bright = palette(
        pick(rng, ("3f4a5a 8a94a0", "6a5a50 c8b49f", "2f4a4a 7fa09a", "c9beb0 f2ebe0", "4a4060 9a8fb0"))
    )
    x = np.linspace(1, 0, width, dtype=np.float32)[None, :]
    y = np.linspace(1, 0.3, height, dtype=np.float32)[:, None]
    canvas = ramp(np.clip(x * y + 0.12 * noise(rng, size, max(size) / 4, 4), 0, 1), (dark, bright))
    canvas.paste(wood(rng, (width, height - desk), pick(rng, palette("b08050 7a5238 d0b088")), planks=1), (0, desk))
    veil(canvas, box(-9, desk - 2, width + 9, desk + 0.012 * height), 0.01 * height, 0.45)
    wide = min(0.84 * width, 0.66 * height * 1.5)
    tall = wide / 1.5
    top = desk - 0.08 * height - tall if height > 0.8 * width else desk - 0.09 * height - tall
    left = width / 2 - wide / 2 + between(rng, -0.02, 0.02) * width
    metal = pick(rng, palette("d2d4d8 3a3c42 8f949c"))
    neck = [
        (left + 0.44 * wide, top + tall),
        (left + 0.56 * wide, top + tall),
        (left + 0.58 * wide, desk + 0.03 * height),
        (left + 0.42 * wide, desk + 0.03 * height),
    ]
    veil(canvas, oval(left + 0.52 * wide, desk + 0.05 * height, 0.3 * wide, 0.03 * height), 0.02 * height, 0.5)
    fill(canvas, neck, (tone(metal, -0.3), tone(metal, 0.1)))
    fill(
        canvas,
        oval(left + 0.5 * wide, desk + 0.035 * height, 0.2 * wide, 0.02 * height),
        (tone(metal, 0.25), tone(metal, -0.2)),
        relief=0.4,
    )
    bezel = 0.016 * wide
    frame = rounded(left - bezel, top - bezel, left + wide + bezel, top + tall + 2.2 * bezel, 1.4 * bezel)
    veil(canvas, frame, 0.05 * wide, 0.45)
    fill(canvas, frame, (colour("2c2d33"), colour("17181c")))
    shown = desktop(rng, (round(wide), round(tall)), look)
    canvas.paste(shown, (round(left), round(top)))
    veil(
        canvas,
        [(left, top), (left + 0.5 * wide, top), (left + 0.2 * wide, top + tall), (left, top + tall)],
        0.01 * wide,
        0.05,
        (255, 255, 255),
    )
    glow(canvas, (left + wide / 2, desk + 0.02 * height), 0.5 * wide, (190, 210, 235), 0.16)
    _keyboard(canvas, (left + 0.5 * wide, 0.93 * height), 0.5 * wide)
    if width > 0.9 * height:
        _plant(canvas, rng, (0.075 * width, desk + 0.06 * height), 0.2 * height)
        _mug(canvas, rng, (0.91 * width, desk + 0.09 * height), 0.09 * height)
    return canvas


def desktop(rng: Rng, size: Size, look: int) -> Image.Image:
    """Draw what a screen shows: a wallpaper and a window with code, mail or an article."""
    width, height = size
    shown = vista(rng, size, look + 2)
    unit = width / 100
    fill(shown, box(0, 0, width, 2.6 * unit), colour("f2f2f4"))
    menu = "Editor  File  Edit  View  Go  Help" if look % 3 == 0 else "Post  File  Message  View  Help"
    write(shown, menu, (2 * unit, 1.85 * unit), 1.5 * unit, colour("33343a"))
    write(
        shown,
        f"Tue {int(rng.integers(1, 29))} May  {int(rng.integers(8, 20)):02d}:{int(rng.integers(60)):02d}",
        (98 * unit, 1.85 * unit),
        1.5 * unit,
        colour("33343a"),
        align="right",
    )
    left, top, right, low = 6 * unit, 6 * unit, 94 * unit, height - 4 * unit
    window = rounded(left, top, right, low, 1.2 * unit)
    veil(shown, [(x + 0.5 * unit, y + 1.4 * unit) for x, y in window], 2.2 * unit, 0.55)
    content = (_editor, _mailbox, _reader)[look % 3](rng, (round(right - left), round(low - top)), look // 3)
    mask = Image.new("L", content.size)
    fill_mask = rounded(0, 0, content.width, content.height, 1.2 * unit)
    _solid(mask, fill_mask)
    shown.paste(content, (round(left), round(top)), mask)
    return shown


def _solid(mask: Image.Image, points: list[Point]) -> None:
    ImageDraw.Draw(mask).polygon(points, fill=255)


def _title(window: Image.Image, text: str, bar: Colour, ink: Colour) -> float:
    """Draw a window's title bar; return its height."""
    unit = window.width / 100
    fill(window, box(0, 0, window.width, 4.4 * unit), bar)
    for index, tint in enumerate(palette("ee6a5f f5bd4f 61c454")):
        fill(window, oval((2.6 + 2.2 * index) * unit, 2.2 * unit, 0.75 * unit), tint)
    write(window, text, (50 * unit, 2.85 * unit), 1.8 * unit, ink, align="centre")
    return 4.4 * unit


_THEMES = (
    # ground, bar, text, keyword, string, comment, number, name
    "1e2230 161a26 d6dae6 c792ea c3e88d 6a7390 f78c6c 82aaff",
    "fbf7ec ece6d6 4a4a52 b0428a 5f8a2a 9a968a b5632a 2f6fb0",
    "12303a 0d262e c9d6d6 d9a33a 7fc9a0 5f8088 e07a5f 6fb8e0",
)
_TOKEN = re.compile(r"(#.*|//.*|\"[^\"]*\"+|\b\d[\d.]*|\w+|\s+|.)")


def _editor(rng: Rng, size: Size, look: int) -> Image.Image:
    ground, bar, text, keyword, string, comment, number, called = palette(
        _THEMES[(look + int(rng.integers(3))) % len(_THEMES)]
    )
    name, program = words.PROGRAMS[look % len(words.PROGRAMS)]
    lines = program.splitlines()
    window = Image.new("RGB", size, ground)
    unit = size[0] / 100
    top = _title(window, f"{name} . workshop", bar, mix(text, ground, 0.3))
    side = 17 * unit
    fill(window, box(0, top, side, size[1]), mix(bar, ground, 0.4))
    for row, file in enumerate(
        ("workshop", "  README", f"  {name}", "  tests", "    gusts", "    tides", "  data", "    may")
    ):
        y = top + (3.6 + 3 * row) * unit
        if row == 2:
            fill(window, box(0, y - 2.1 * unit, side, y + 0.9 * unit), mix(ground, text, 0.14))
        write(
            window,
            file.strip(),
            ((2 + 0.9 * (len(file) - len(file.lstrip()))) * unit, y),
            1.7 * unit,
            mix(text, ground, 0.25),
        )
    pitch = min(3.3 * unit, (size[1] - top - 4 * unit) / len(lines))
    px = pitch * 0.68
    # The font is proportional; code wants a grid.
    advance = px * 0.56
    for row, line in enumerate(lines):
        y = top + 1.2 * unit + pitch * (row + 0.75)
        write(window, str(row + 1), (side + 4 * unit, y), 0.8 * px, mix(text, ground, 0.65), align="right")
        column = 0
        tokens = _TOKEN.findall(line)
        for index, token in enumerate(tokens):
            tint = text
            if token.startswith(("#", "//")):
                tint = comment
            elif token.startswith('"'):
                tint = string
            elif token[0].isdigit():
                tint = number
            elif token in words.KEYWORDS:
                tint = keyword
            elif index + 1 < len(tokens) and tokens[index + 1] == "(":
                tint = called
            for letter in token:
                if letter != " ":
                    x = side + 6 * unit + column * advance + advance / 2
                    write(window, letter, (x, y), px, tint, align="centre")
                column += 1
    low = size[1] - 2.6 * unit
    fill(window, box(0, low, size[0], size[1]), mix(called, ground, 0.35))
    write(
        window,
        f"Ln {int(rng.integers(1, 20))}, Col {int(rng.integers(1, 60))}    UTF-8    3 tests passed",
        (2 * unit, low + 1.85 * unit),
        1.5 * unit,
        colour("ffffff"),
    )
    return window


def _mailbox(rng: Rng, size: Size, look: int) -> Image.Image:
    accent = pick(rng, palette("3f7fd0 c8593f 4f8f6a 8a5fb0"))
    window = Image.new("RGB", size, colour("ffffff"))
    unit = size[0] / 100
    ink, faint = colour("2a2c34"), colour("7a7e8a")
    top = _title(window, "Inbox", colour("eceef2"), ink)
    middle = 40 * unit
    fill(window, box(0, top, middle, size[1]), colour("f6f7f9"))
    start = int(rng.integers(len(words.MAILS)))
    chosen = int(rng.integers(3))
    pitch = 8.2 * unit
    for row in range(int((size[1] - top) / pitch) + 1):
        sender, subject, first = words.MAILS[(start + row) % len(words.MAILS)]
        y = top + row * pitch
        if row == chosen:
            fill(window, box(0, y, middle, y + pitch), accent)
        a, b = (colour("ffffff"), mix(colour("ffffff"), accent, 0.2)) if row == chosen else (ink, faint)
        fill(
            window,
            oval(4 * unit, y + pitch / 2, 2.1 * unit),
            tone(palette("d9705f 5f9ad0 d0a04a 6fa06a 9a7fc0")[row % 5], 0.1),
        )
        write(window, sender[0], (4 * unit, y + pitch / 2 + 0.8 * unit), 2.2 * unit, colour("ffffff"), align="centre")
        write(window, sender, (7.5 * unit, y + 2.7 * unit), 1.9 * unit, a, fit=24 * unit, weight=0.03)
        write(
            window,
            f"{8 + row}:{(row * 17) % 60:02d}",
            (middle - 1.5 * unit, y + 2.7 * unit),
            1.5 * unit,
            b,
            align="right",
        )
        write(window, subject, (7.5 * unit, y + 5 * unit), 1.8 * unit, a, fit=30 * unit)
        write(window, first, (7.5 * unit, y + 7.1 * unit), 1.6 * unit, b, fit=30 * unit)
        stroke(window, [(7.5 * unit, y + pitch), (middle, y + pitch)], 1, colour("dfe2e8"))
    sender, subject, _ = words.MAILS[(start + chosen) % len(words.MAILS)]
    x = middle + 4 * unit
    write(window, subject, (x, top + 6 * unit), 3.4 * unit, ink, fit=size[0] - x - 3 * unit, weight=0.03)
    write(window, f"from {sender}", (x, top + 9.4 * unit), 1.8 * unit, faint)
    stroke(window, [(x, top + 11.5 * unit), (size[0] - 3 * unit, top + 11.5 * unit)], 1, colour("dfe2e8"))
    y = top + 13 * unit
    for part in words.LETTERS[look % len(words.LETTERS)].split("|"):
        y = (
            paragraph(window, part, (x, y), 2 * unit, size[0] - x - 4 * unit, ink, floor=size[1] - 9 * unit)
            + 1.1 * unit
        )
    button = rounded(x, size[1] - 6.4 * unit, x + 11 * unit, size[1] - 2.6 * unit, 0.9 * unit)
    fill(window, button, accent)
    write(window, "Reply", (x + 5.5 * unit, size[1] - 3.8 * unit), 1.9 * unit, colour("ffffff"), align="centre")
    return window


def _reader(rng: Rng, size: Size, look: int) -> Image.Image:
    accent = pick(rng, palette("b5473f 2f6f7a 6a5fa8"))
    window = Image.new("RGB", size, colour("fffdf8"))
    unit = size[0] / 100
    ink = colour("2a2a30")
    title, byline, body = words.ARTICLES[(look * 2 + 1) % len(words.ARTICLES)]
    top = _title(window, "", colour("e9e6e0"), ink)
    field_ = rounded(22 * unit, 0.9 * unit, 78 * unit, 3.6 * unit, 1.3 * unit)
    fill(window, field_, colour("ffffff"))
    write(window, "www.slow-news.example", (50 * unit, 2.8 * unit), 1.6 * unit, colour("6a6a72"), align="centre")
    fill(window, box(0, top, size[0], top + 5 * unit), accent)
    write(window, "SLOW NEWS", (5 * unit, top + 3.4 * unit), 2.4 * unit, colour("ffffff"), tracking=0.2, weight=0.03)
    for index, link in enumerate(("World", "Garden", "Weather", "Kites")):
        write(window, link, ((62 + 9 * index) * unit, top + 3.3 * unit), 1.8 * unit, colour("ffffff"))
    view: Size = (round(40 * unit), round(30 * unit))
    window.paste(vista(rng, view, look), (round(55 * unit), round(top + 8 * unit)))
    y = top + 7 * unit
    for line in wrap(title, 4.4 * unit, 47 * unit):
        y += 4.8 * unit
        write(window, line, (5 * unit, y), 4.4 * unit, ink, weight=0.03)
    write(window, byline, (5 * unit, y + 3.4 * unit), 1.8 * unit, accent, slant=0.15)
    y += 5 * unit
    for part in body.split("|"):
        wide = (47 if y < top + 38 * unit else 90) * unit
        y = paragraph(window, part, (5 * unit, y), 1.95 * unit, wide, ink, floor=size[1] - unit) + 0.9 * unit
    return window


def _keyboard(canvas: Image.Image, centre: Point, wide: float) -> None:
    x, y = centre
    tall = 0.16 * wide
    base = [
        (x - 0.48 * wide, y - tall / 2),
        (x + 0.48 * wide, y - tall / 2),
        (x + 0.52 * wide, y + tall / 2),
        (x - 0.52 * wide, y + tall / 2),
    ]
    shadow(canvas, base, 0.05 * wide, 0.5)
    fill(canvas, base, (colour("e4e6ea"), colour("b4b8be")), relief=0.3, round_by=0.08)
    for row in range(4):
        share = (row + 0.5) / 4
        half = (0.46 + 0.035 * share) * wide
        keys = 14 if row < 3 else 8
        for key in range(keys):
            a, b = (x - half + 2 * half * (key + edge) / keys for edge in (0.06, 0.94))
            if row == 3 and key == 3:
                b += 2 * half / keys * 2
            if row == 3 and key in (4, 5):
                continue
            low = y - tall / 2 + tall * (row + 0.88) / 4
            fill(canvas, rounded(a, low - 0.7 * tall / 4, b, low, 0.01 * wide), (colour("fbfbfc"), colour("d8dade")))


def _mug(canvas: Image.Image, rng: Rng, foot: Point, tall: float) -> None:
    x, y = foot
    glaze = pick(rng, palette("d9584a f0e6d4 3f6f9a e0b04a"))
    veil(canvas, oval(x + 0.25 * tall, y, 0.6 * tall, 0.12 * tall), 0.1 * tall, 0.5)
    ring = oval(x + 0.42 * tall, y - 0.5 * tall, 0.24 * tall, 0.28 * tall)
    stroke(canvas, [*ring, ring[0]], 0.1 * tall, tone(glaze, -0.15))
    body = smooth(moved(points("-.4,-1 -.4,-.2 -.3,0 .3,0 .4,-.2 .4,-1 0,-.94"), (x, y), 0, tall))
    fill(canvas, body, (tone(glaze, 0.12), tone(glaze, -0.2)), relief=0.7, round_by=0.4)
    fill(canvas, oval(x, y - tall, 0.41 * tall, 0.1 * tall), tone(glaze, 0.3))
    fill(canvas, oval(x, y - 0.99 * tall, 0.35 * tall, 0.075 * tall), colour("3f2618"))


def _plant(canvas: Image.Image, rng: Rng, foot: Point, tall: float) -> None:
    x, y = foot
    pot = pick(rng, palette("c8845a e8e2d4 5f7a84"))
    veil(canvas, oval(x + 0.12 * tall, y, 0.3 * tall, 0.05 * tall), 0.05 * tall, 0.5)
    for turn in range(-75, 76, 15):
        leaf = smooth(points("0,0 .09,-.4 .06,-.8 0,-1 -.06,-.8 -.09,-.4"))
        fill(
            canvas,
            moved(leaf, (x, y - 0.4 * tall), turn + between(rng, -6, 6), tall * between(rng, 0.7, 1.1)),
            (tone(colour("6fa05a"), between(rng, -0.1, 0.15)), colour("2f5a3a")),
            relief=0.6,
        )
    fill(canvas, moved(points("-.24,-.45 .24,-.45 .18,0 -.18,0"), (x, y), 0, tall), pot, relief=0.7, round_by=0.4)


def phone(rng: Rng, size: Size, look: int) -> Image.Image:
    """Draw a phone with a chat on it, lying on a table."""
    width, height = size
    canvas = table(rng, size, look + 1)
    tall = min(0.94 * height, 1.7 * width)
    wide = 0.49 * tall
    dark = look % 2 == 1
    body = Image.new("RGB", (round(wide), round(tall)), colour("101114"))
    inset = 0.028 * wide
    chat = _chat(rng, (round(wide - 2 * inset), round(tall - 2 * inset)), look, dark)
    mask = Image.new("L", chat.size)
    _solid(mask, rounded(0, 0, chat.width, chat.height, 0.09 * wide))
    body.paste(chat, (round(inset), round(inset)), mask)
    shell = Image.new("RGBA", body.size)
    outline = Image.new("L", body.size)
    _solid(outline, rounded(0, 0, body.width, body.height, 0.115 * wide))
    shell.paste(body, (0, 0), outline)
    centre = (between(rng, 0.46, 0.54) * width, 0.5 * height)
    turn = between(rng, -12, 12)
    if width > 1.15 * height:
        cup(canvas, rng, (0.86 * width, 0.26 * height), 0.11 * height)
    corners = turned_card(centre, wide, tall, turn)
    rim = moved(rounded(-wide / 2, -tall / 2, wide / 2, tall / 2, 0.115 * wide), centre, turn)
    veil(canvas, [(x + 0.03 * wide, y + 0.045 * wide) for x, y in rim], 0.05 * wide, 0.6)
    fill(canvas, [(x + 0.008 * wide, y + 0.014 * wide) for x, y in rim], colour("5a5c62"))
    place(canvas, shell, corners)
    streak = moved(
        [
            (-0.5 * wide, -0.5 * tall + 0.1 * wide),
            (-0.1 * wide, -0.5 * tall),
            (0.2 * wide, -0.5 * tall),
            (-0.5 * wide, 0.2 * tall),
        ],
        centre,
        turn,
    )
    veil(canvas, streak, 0.02 * wide, 0.06, (255, 255, 255))
    return canvas


def _chat(rng: Rng, size: Size, look: int, dark: bool) -> Image.Image:
    width, height = size
    unit = width / 100
    name, talk = words.CHATS[look % len(words.CHATS)]
    messages = talk.split("|")
    accent = pick(rng, palette("3f8fe0 4fa86a e0705a 8a6fd0"))
    ground, bar, theirs, ink, faint = palette(
        "16181d 22252c 2e323a eef0f4 8a90a0" if dark else "f1efe9 fbfbfa ffffff 26282e 8a8c94"
    )
    chat = Image.new("RGB", size, ground)
    for _ in range(26):
        at = (between(rng, 0, 1) * width, between(rng, 0.12, 1) * height)
        petal = moved(smooth(points("0,0 .5,-.3 1,0 .5,.3")), at, between(rng, 0, 360), 7 * unit)
        fill(chat, petal, mix(ground, faint, 0.09))
    fill(chat, box(0, 0, width, 24 * unit), bar)
    write(
        chat,
        f"{int(rng.integers(7, 22)):02d}:{int(rng.integers(60)):02d}",
        (8 * unit, 6.6 * unit),
        3.8 * unit,
        ink,
        weight=0.02,
    )
    fill(chat, rounded(38 * unit, 2.2 * unit, 62 * unit, 7 * unit, 2.4 * unit), (8, 8, 10))
    fill(chat, rounded(86 * unit, 3.6 * unit, 93 * unit, 6.6 * unit, 0.8 * unit), ink)
    fill(chat, oval(20 * unit, 16 * unit, 5.6 * unit), (tone(accent, 0.35), tone(accent, -0.1)))
    write(chat, name[0], (20 * unit, 18.2 * unit), 6 * unit, colour("ffffff"), align="centre", weight=0.03)
    write(chat, name, (29 * unit, 15.6 * unit), 5 * unit, ink, weight=0.025)
    write(chat, "online", (29 * unit, 20.6 * unit), 3.4 * unit, faint)
    stroke(chat, [(10 * unit, 13 * unit), (7 * unit, 16 * unit), (10 * unit, 19 * unit)], 0.9 * unit, accent)
    y = 30 * unit
    write(
        chat, pick(rng, ("Today", "Yesterday", "Sunday")), (50 * unit, y + 2 * unit), 3.2 * unit, faint, align="centre"
    )
    y += 6 * unit
    px = 4.5 * unit
    floor = height - 19 * unit
    for index, message in enumerate(messages):
        own = message.startswith(">")
        lines = wrap(message.lstrip(">"), px, 62 * unit)
        wide = max(font(round(px)).getlength(line) for line in lines) + 7 * unit
        tall = len(lines) * 1.3 * px + 4.6 * unit
        if y + tall > floor:
            break
        left = 96 * unit - wide if own else 4 * unit
        bubble = rounded(left, y, left + wide, y + tall, 4.2 * unit)
        veil(chat, bubble, 0.8 * unit, 0.16)
        tint = accent if own else theirs
        tail = (
            (left + wide, left + wide - 4 * unit, left + wide + 1.8 * unit)
            if own
            else (left, left + 4 * unit, left - 1.8 * unit)
        )
        fill(chat, [(tail[0], y + tall - 5 * unit), (tail[1], y + tall), (tail[2], y + tall)], tint)
        fill(chat, bubble, tint)
        text = colour("ffffff") if own else ink
        base = y + 2.1 * unit + px
        for line in lines:
            write(chat, line, (left + 3.5 * unit, base), px, text)
            base += 1.3 * px
        y += tall + (2 if index + 1 < len(messages) and messages[index + 1].startswith(">") == own else 4.4) * unit
        if index == 2 and floor - y > 80 * unit:
            view: Size = (round(58 * unit), round(38 * unit))
            photo = vista(rng, view, look)
            mask = Image.new("L", view)
            _solid(mask, rounded(0, 0, *view, 4 * unit))
            chat.paste(photo, (round(4 * unit), round(y)), mask)
            y += view[1] + 4 * unit
    fill(chat, box(0, height - 16 * unit, width, height), bar)
    entry = rounded(6 * unit, height - 13 * unit, 82 * unit, height - 5 * unit, 4 * unit)
    fill(chat, entry, mix(bar, faint, 0.16))
    write(chat, "Message", (10 * unit, height - 7.6 * unit), 3.9 * unit, faint)
    fill(chat, oval(90 * unit, height - 9 * unit, 4.4 * unit), accent)
    fill(
        chat,
        [(88.4 * unit, height - 11.2 * unit), (92.6 * unit, height - 9 * unit), (88.4 * unit, height - 6.8 * unit)],
        (255, 255, 255),
    )
    return chat
