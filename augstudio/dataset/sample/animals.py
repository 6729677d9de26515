"""Animals: cats, birds and fish."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

from augstudio.dataset.sample.brushes import (
    Colour,
    Paint,
    Placing,
    Point,
    Rng,
    Size,
    between,
    bokeh,
    bumps,
    colour,
    field,
    fill,
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
    ramp,
    ribbon,
    shadow,
    smooth,
    stroke,
    tone,
    veil,
    wood,
)
from augstudio.dataset.sample.nature import vista

# Coat, stripes (or patches), bib, eyes.
_CATS = (
    ("d98a45 8f4a1e f6e6d2 7fa04a", "tabby"),
    ("6f6a68 34302f d9d4cc c9a23c", "tabby"),
    ("34323a 1e1c24 f2efe9 8fb84f", "bib"),
    ("ece4d6 c7763a fbf7ef 5f9ec4", "patches"),
    ("8f97a3 6a727f b9c0c9 d39a35", "plain"),
)


def cat(rng: Rng, size: Size, look: int) -> Image.Image:
    """Draw a cat on a window sill."""
    width, height = size
    codes, coat = _CATS[look % len(_CATS)]
    base, dark, bib, eyes = palette(codes)
    sill = round(0.84 * height)
    canvas = _window(rng, size, sill, look)
    scale = min(0.4 * height, 0.56 * width)
    at = (between(rng, 0.4, 0.6) * width, sill + 0.04 * height - 0.9 * scale)
    flip = pick(rng, (-1, 1))

    def put(points: list[Point]) -> list[Point]:
        return moved([(flip * x, y) for x, y in points], at, 0, scale)

    def fur(patch: Size) -> Image.Image:
        hair = noise(rng, patch, (max(scale / 70, 2), max(scale / 18, 3)), 3, 0.7)
        image = ramp(hair, (tone(base, -0.22), base, tone(base, 0.2)))
        if coat == "tabby":
            bend = noise(rng, patch, scale / 3, 3)
            down = np.arange(patch[1], dtype=np.float32)[:, None] / np.float32(scale)
            across = (np.arange(patch[0], dtype=np.float32)[None, :] - patch[0] / 2) / np.float32(scale)
            bands = np.sin((down + 0.55 * across**2 + 0.42 * bend) * 34)
            image.paste(dark, mask=picture(np.clip(bands * 2.2 - 0.5 + hair * 1.1, 0, 1) * 165))
        elif coat == "patches":
            spots = np.clip((noise(rng, patch, scale / 2.2, 3, 0.4) - 0.52) * 14 + hair - 0.5, 0, 1)
            image.paste(dark, mask=picture(spots * 225))
        return image

    shadow(canvas, put(oval(0.05, 0.9, 0.72, 0.1)), 0.08 * scale, 0.75)
    tail = points(".42,.72 .8,.78 .95,.45 .78,.12 .86,-.1 .88,-.15")
    fill(canvas, put(ribbon(tail, (0.2, 0.19, 0.18, 0.16, 0.13, 0.02))), fur, relief=0.85, round_by=0.5)
    torso = smooth(points("-.2,-.5 -.34,-.2 -.44,.2 -.6,.62 -.48,.88 0,.92 .48,.88 .6,.62 .44,.2 .34,-.2 .2,-.5"))
    fill(canvas, put(torso), fur, relief=0.9, round_by=0.3)
    chest = smooth(points("-.17,-.4 -.22,-.05 -.1,.32 .1,.32 .22,-.05 .17,-.4"))
    if coat != "plain":
        veil(canvas, put(chest), 0.05 * scale, 0.9, bib)
    for side in (-1, 1):
        fill(canvas, put(oval(side * 0.42, 0.66, 0.25, 0.27, side * 12)), fur, relief=0.75, round_by=0.4)
        fill(canvas, put(oval(side * 0.44, 0.875, 0.145, 0.07)), (tone(bib, 0.02), tone(bib, -0.22)), relief=0.5)
    for side in (-1, 1):
        leg = [(side * 0.19, 0.02), (side * 0.165, 0.16), (side * 0.15, 0.5), (side * 0.15, 0.86)]
        shadow(canvas, put(ribbon(leg[1:], (0.1, 0.18, 0.17))), 0.04 * scale, 0.35)
        fill(canvas, put(ribbon(leg, (0.02, 0.17, 0.2, 0.17))), fur, relief=0.6, round_by=0.5)
        fill(canvas, put(oval(side * 0.15, 0.87, 0.125, 0.075)), (tone(bib, 0.1), tone(bib, -0.18)), relief=0.5)
        for toe in (-0.04, 0.04):
            stroke(
                canvas, put([(side * 0.15 + toe, 0.87), (side * 0.15 + toe, 0.925)]), 0.012 * scale, tone(bib, -0.45)
            )
    _cat_face(canvas, put, fur, scale, (base, dark, bib, eyes), coat)
    return canvas


def _cat_face(
    canvas: Image.Image, put: Placing, fur: Paint, scale: float, tints: tuple[Colour, ...], coat: str
) -> None:
    base, dark, bib, eyes = tints
    head = smooth(
        points(
            "0,-.98 -.24,-.96 -.39,-.78 -.44,-.58 -.34,-.4 -.14,-.3 0,-.28 .14,-.3 .34,-.4 .44,-.58 .39,-.78 .24,-.96"
        )
    )
    shadow(canvas, put(head), 0.07 * scale, 0.5)
    for side in (-1, 1):
        ear = smooth(
            [(side * 0.4, -0.72), (side * 0.43, -1.06), (side * 0.4, -1.2), (side * 0.3, -1.14), (side * 0.1, -0.94)],
            steps=6,
        )
        fill(canvas, put(ear), fur, relief=0.6)
        inner = [(0.25 * side + 0.62 * (x - 0.25 * side), -0.88 + 0.66 * (y + 0.9)) for x, y in ear]
        fill(canvas, put(inner), (mix(base, colour("e8a396"), 0.75), mix(base, colour("b5675f"), 0.7)))
    fill(canvas, put(head), fur, relief=0.8, round_by=0.38)
    if coat != "plain":
        veil(
            canvas,
            put(smooth(points("0,-.78 -.06,-.6 -.2,-.46 -.1,-.33 .1,-.33 .2,-.46 .06,-.6"))),
            0.035 * scale,
            0.85,
            bib,
        )
    if coat == "tabby":
        for x, top in ((-0.12, -0.9), (0, -0.93), (0.12, -0.9)):
            stroke(
                canvas,
                put(smooth([(x * 1.3, top), (x, -0.83), (x * 0.8, -0.75)], closed=False)),
                0.03 * scale,
                mix(dark, base, 0.2),
            )
        for side in (-1, 1):
            for y in (-0.52, -0.45):
                stroke(
                    canvas,
                    put(smooth([(side * 0.3, y), (side * 0.37, y - 0.02), (side * 0.42, y - 0.07)], closed=False)),
                    0.022 * scale,
                    mix(dark, base, 0.3),
                )
    for side in (-1, 1):
        x, y = side * 0.185, -0.635
        fill(
            canvas,
            put(
                smooth(
                    [
                        (x - 0.12, y + 0.005),
                        (x - 0.03, y - 0.088),
                        (x + 0.08, y - 0.075),
                        (x + 0.12, y + 0.01),
                        (x + 0.03, y + 0.085),
                        (x - 0.07, y + 0.07),
                    ]
                )
            ),
            tone(dark, -0.65),
        )
        fill(canvas, put(oval(x, y, 0.088, 0.08)), (tone(eyes, -0.35), tone(eyes, 0.3)))
        fill(canvas, put(oval(x, y, 0.034, 0.073)), (14, 12, 18))
        fill(canvas, put(oval(x - 0.032, y - 0.034, 0.022)), (255, 255, 255))
        fill(canvas, put(oval(x + 0.03, y + 0.035, 0.011)), (225, 232, 235))
    for side in (-1, 1):
        veil(canvas, put(oval(side * 0.08, -0.425, 0.1, 0.075)), 0.015 * scale, 0.85, tone(bib, 0.25))
    nose = smooth(points("-.06,-.525 .06,-.525 .02,-.475 0,-.465 -.02,-.475"), steps=5)
    fill(canvas, put(nose), colour("d98880") if coat != "bib" else colour("5a4448"), relief=0.4)
    mouth = mix(dark, (40, 24, 24), 0.6)
    stroke(canvas, put([(0, -0.465), (0, -0.425)]), 0.012 * scale, mouth)
    for side in (-1, 1):
        stroke(
            canvas,
            put(smooth([(0, -0.425), (side * 0.05, -0.39), (side * 0.11, -0.41)], closed=False)),
            0.012 * scale,
            mouth,
        )
        for lift in (-0.07, 0.0, 0.07):
            curve = [(side * 0.13, -0.43 + 0.3 * lift), (side * 0.36, -0.46 + lift), (side * 0.62, -0.41 + 1.9 * lift)]
            stroke(canvas, put(smooth(curve, closed=False)), max(0.006 * scale, 2), (244, 240, 232))
            fill(canvas, put(oval(side * 0.09, -0.425 + 0.4 * lift, 0.008)), mouth)


def _window(rng: Rng, size: Size, sill: int, look: int) -> Image.Image:
    """Draw the inside of a window: a view out of focus, a frame, a curtain and a sill."""
    width, height = size
    small = (max(width // 3, 2), max(sill // 3, 2))
    canvas = Image.new("RGB", size)
    view = vista(rng, small, look + 1).filter(ImageFilter.GaussianBlur(max(small) / 90))
    canvas.paste(view.resize((width, sill), Image.Resampling.BICUBIC))
    bokeh(canvas, rng, ((255, 244, 214), (255, 255, 255)), 9, 0.22)
    frame = pick(rng, palette("ece6da dfe4e2 b98f66"))
    bar = 0.028 * min(size)
    middle = between(rng, 0.4, 0.6) * width
    for shape in (
        [(middle - bar / 2, 0), (middle + bar / 2, 0), (middle + bar / 2, sill), (middle - bar / 2, sill)],
        [
            (0, 0.34 * height),
            (width, 0.34 * height),
            (width, 0.34 * height + 0.8 * bar),
            (0, 0.34 * height + 0.8 * bar),
        ],
    ):
        shadow(canvas, shape, bar * 0.5, 0.4)
        fill(canvas, shape, frame, relief=0.25, round_by=0.4)
    cloth = pick(rng, palette("c9594a 3f6f7a d9a441 e9dfca 6a7f5a"))
    for left, right in ((0.0, between(rng, 0.13, 0.2)), (between(rng, 0.8, 0.87), 1.0)):
        patch = (round((right - left) * width), sill)
        folds = np.sin(np.linspace(0, between(rng, 20, 30), patch[0], dtype=np.float32) + 0.5)[None, :] * np.ones(
            (patch[1], 1), np.float32
        )
        folds = folds * 0.28 + 0.1 * (noise(rng, patch, (patch[0] / 4, patch[1]), 3) - 0.5)
        edge = [(left * width, 0), (right * width, 0), (right * width, sill), (left * width, sill)]
        shadow(canvas, edge, 0.02 * width, 0.5)
        canvas.paste(light(gradient(patch, (tone(cloth, 0.15), tone(cloth, -0.1))), folds), (round(left * width), 0))
    board = wood(rng, (width, height - sill + 40), pick(rng, palette("b98a58 8a6242 d8c9ae")), planks=1)
    canvas.paste(board.crop((0, 0, width, height - sill)), (0, sill))
    veil(
        canvas,
        [(0, sill - 2), (width, sill - 2), (width, sill + 0.006 * height), (0, sill + 0.006 * height)],
        0.008 * height,
        0.5,
        (255, 246, 224),
    )
    veil(canvas, [(0, 0.95 * height), (width, 0.95 * height), (width, height), (0, height)], 0.02 * height, 0.45)
    return canvas


# Back, wing, breast, cap, cheek.
_BIRDS = (
    "7a5a3c 5e4632 d9602b 7a5a3c cfc6b8",
    "5f8f6a 3f78b5 f0cf4a 3a72b0 f6f4ec",
    "8a6a48 2c2a2e d9b88a c23a2e f4eee4",
    "7d8794 2e3038 d9736a 22222a e6887c",
    "3f7fc4 2a5a9c c9824a 3f7fc4 f2e9da",
)


def bird(rng: Rng, size: Size, look: int) -> Image.Image:
    """Draw a small bird on a branch."""
    width, height = size
    back, wing, breast, cap, cheek = palette(_BIRDS[look % len(_BIRDS)])
    airs = palette(
        pick(rng, ("dfe9d2 a9c48f 6f9a68", "f6e3d0 e2b58f a67c68", "d6e6ef a3c3d2 6f93a8", "f3ead8 cfd3a4 8fa07a"))
    )
    canvas = gradient(size, airs)
    drift = noise(rng, (width // 8, height // 8), width / 30, 3)
    canvas.paste(tone(airs[2], -0.25), mask=picture(drift * 130).resize(size, Image.Resampling.BICUBIC))
    bokeh(canvas, rng, (*airs, (255, 252, 232), tone(airs[1], 0.4)), 34, 0.4)
    scale = 0.33 * min(size)
    at = (between(rng, 0.44, 0.56) * width, 0.47 * height)
    flip = pick(rng, (-1, 1))
    blossom = pick(rng, palette("f5c6d0 fdf3ee e9a0b4 e8b23a"))
    _branch(canvas, rng, at[1] + 0.62 * scale, scale, blossom)

    def put(points: list[Point]) -> list[Point]:
        return moved([(flip * x, y) for x, y in points], at, -6 * flip, scale)

    def down(base: Colour) -> Callable[[Size], Image.Image]:
        def paint(patch: Size) -> Image.Image:
            fluff = noise(rng, patch, (max(scale / 26, 3), max(scale / 40, 2)), 4, 0.7)
            return ramp(fluff, (tone(base, -0.3), base, tone(base, 0.24)))

        return paint

    for foot in (0.02, 0.2):
        leg = mix(wing, (60, 44, 36), 0.6)
        stroke(canvas, put([(foot, 0.4), (foot + 0.03, 0.66)]), 0.035 * scale, leg)
        for toe in (-0.09, 0.02, 0.11):
            stroke(
                canvas,
                put(
                    smooth(
                        [(foot + 0.03, 0.64), (foot + 0.03 + 0.6 * toe, 0.66), (foot + 0.03 + toe, 0.76)], closed=False
                    )
                ),
                0.032 * scale,
                leg,
            )
    for lift, change in ((0.06, -0.3), (0.0, 0.0), (-0.05, 0.12)):
        feather = smooth(
            [
                (-0.42, -0.02 + lift),
                (-0.85, 0.3 + lift),
                (-1.22, 0.58 + lift),
                (-1.14, 0.66 + lift),
                (-0.75, 0.42 + lift),
                (-0.35, 0.18 + lift),
            ],
            steps=6,
        )
        fill(canvas, put(feather), down(tone(wing, change)), relief=0.5)
    body = smooth(
        points(".5,-.62 .28,-.76 .06,-.68 -.1,-.46 -.42,-.16 -.6,.16 -.34,.42 .08,.53 .42,.36 .6,.02 .6,-.32 .62,-.48")
    )
    # All plumage is painted on a copy and laid on through the body's outline.
    coat = canvas.copy()
    fill(coat, put(body), down(back))
    for patch_points, tint in (
        (points(".75,-.4 .4,-.42 .22,-.1 .12,.2 -.1,.6 .6,.65 .9,.1"), breast),
        (points(".28,.34 .05,.24 -.4,.26 -.4,.7 .3,.75 .6,.5"), mix(breast, (250, 244, 232), 0.75)),
        (points(".72,-.5 .3,-.62 .1,-.48 .16,-.32 .4,-.26 .7,-.36"), cheek),
        (points(".8,-.6 .52,-.56 .3,-.56 .08,-.42 -.2,-.6 .2,-1"), cap),
    ):
        mask = Image.new("L", size)
        ImageDraw.Draw(mask).polygon(put(smooth(patch_points)), fill=255)
        box = mask.getbbox()
        if box:
            soft = mask.crop(box).filter(ImageFilter.GaussianBlur(0.04 * scale))
            coat.paste(down(tint)(soft.size), box[:2], soft)
    xs, ys = [x for x, _ in put(body)], [y for _, y in put(body)]
    corner = (math.floor(min(xs)), math.floor(min(ys)))
    shape = put(body)
    fill(
        canvas,
        shape,
        lambda patch: coat.crop((*corner, corner[0] + patch[0], corner[1] + patch[1])),
        relief=0.75,
        round_by=0.34,
    )
    outline = smooth(points(".12,-.3 -.16,-.22 -.52,.08 -.86,.42 -.5,.34 -.1,.26 .18,.02"))
    shadow(canvas, put(outline), 0.05 * scale, 0.4)
    fill(canvas, put(outline), down(wing), relief=0.6, round_by=0.35)
    for row, (start, end, change) in enumerate(
        ((0.1, -0.78, 0.22), (0.06, -0.7, 0.12), (0.06, -0.6, 0.3), (0.04, -0.42, 0.05))
    ):
        y = 0.16 - 0.085 * row
        plume = [(start, y - 0.02), ((start + end) / 2, y + 0.05 - 0.02 * row), (end, y + 0.26 - 0.04 * row)]
        stroke(canvas, put(smooth(plume, closed=False)), 0.02 * scale, tone(wing, change))
        stroke(canvas, put([(x, p + 0.022) for x, p in smooth(plume, closed=False)]), 0.014 * scale, tone(wing, -0.5))
    beak = mix(wing, colour("e0a23a"), 0.55)
    fill(canvas, put([(0.58, -0.56), (0.86, -0.46), (0.6, -0.46)]), tone(beak, 0.15))
    fill(canvas, put([(0.59, -0.47), (0.83, -0.455), (0.61, -0.4)]), tone(beak, -0.35))
    fill(canvas, put(oval(0.4, -0.53, 0.075)), tone(cap, -0.55))
    fill(canvas, put(oval(0.4, -0.53, 0.06)), (18, 14, 16))
    fill(canvas, put(oval(0.385, -0.552, 0.02)), (255, 255, 255))
    return canvas


def _branch(canvas: Image.Image, rng: Rng, y: float, scale: float, blossom: Colour) -> None:
    width = canvas.width
    bark = colour("5c4536")
    course = [
        (-0.05 * width, y + between(rng, -0.3, 0.5) * scale),
        (0.25 * width, y + between(rng, 0.02, 0.15) * scale),
        (0.5 * width, y + 0.1 * scale),
        (0.78 * width, y + between(rng, -0.12, 0.1) * scale),
        (1.05 * width, y + between(rng, -0.7, 0.1) * scale),
    ]
    twigs = [(course[1], -1), (course[3], 1), (course[3], -1)]
    for (x, start), side in twigs:
        end = (x + between(rng, 0.5, 1.1) * scale * pick(rng, (-1, 1)), start + side * between(rng, 0.5, 0.9) * scale)
        bend = ((x + end[0]) / 2 + 0.1 * scale, (start + end[1]) / 2)
        fill(canvas, ribbon([(x, start), bend, end], (0.07 * scale, 0.05 * scale, 0.02 * scale)), tone(bark, 0.05))
        for spot in (bend, end, ((bend[0] + end[0]) / 2, (bend[1] + end[1]) / 2)):
            _blossom(canvas, rng, spot, between(rng, 0.09, 0.14) * scale, blossom)
    band = ribbon(course, (0.2 * scale, 0.17 * scale, 0.15 * scale, 0.12 * scale, 0.08 * scale))
    shadow(canvas, band, 0.06 * scale, 0.35)
    fill(
        canvas,
        band,
        lambda patch: ramp(
            noise(rng, patch, (scale / 3, scale / 24), 4, 0.7), (tone(bark, -0.5), bark, tone(bark, 0.3))
        ),
        relief=0.6,
        round_by=0.2,
    )
    for _ in range(7):
        x = between(rng, 0, 1) * width
        if abs(x - 0.5 * width) > 0.5 * scale:
            near = min(course, key=lambda point: abs(point[0] - x))
            spot = (x, near[1] + between(rng, -0.16, 0.1) * scale)
            leaf = points("0,0 .12,-.07 .3,0 .12,.07")
            for turn in (between(rng, 0, 180), between(rng, 180, 360)):
                fill(
                    canvas,
                    moved(smooth(leaf, steps=6), spot, turn, scale * 0.8),
                    tone(colour("7fa050"), between(rng, -0.25, 0.2)),
                    relief=0.4,
                )
            _blossom(canvas, rng, spot, between(rng, 0.1, 0.17) * scale, blossom)


def _blossom(canvas: Image.Image, rng: Rng, at: Point, radius: float, petal: Colour) -> None:
    turn = between(rng, 0, 72)
    shadow(canvas, oval(*at, 0.9 * radius), 0.3 * radius, 0.3)
    for angle in range(0, 360, 72):
        centre = moved([(0.52 * radius, 0)], at, turn + angle)[0]
        fill(
            canvas,
            oval(*centre, 0.52 * radius, 0.44 * radius, turn + angle),
            tone(petal, between(rng, -0.08, 0.15)),
            relief=0.35,
        )
    fill(canvas, oval(*at, 0.2 * radius), mix(petal, colour("c9743a"), 0.75))


# Back, belly, band, fins.
_FISH = (
    ("e8702a f39b45 fbf4e6 e05a1e", "bands"),
    ("2f6fb8 8fc4dc f2d24a f0c33a", "bands"),
    ("f0c23a fbe9a0 3a3440 e59a2c", "stripes"),
    ("c9456a f2a08f fbe0cf b03a68", "scales"),
    ("4fa58f d9ecc0 2f6f7a 3a8a86", "spots"),
)


def fish(rng: Rng, size: Size, look: int) -> Image.Image:
    """Draw fish among weeds and bubbles."""
    width, height = size
    canvas = gradient(
        size,
        palette(
            pick(rng, ("8fe0e0 2f9ab0 125a7c 0b3a58", "a6e8d0 3aa596 15656e 0c3f4c", "9fc8f0 3f7fc0 1d4a8c 122e5c"))
        ),
    )
    rays = Image.new("L", (width // 4, height // 4))
    w, h = rays.size
    for _ in range(9):
        start, thick, slope = between(rng, -0.1, 1), between(rng, 0.01, 0.05), between(rng, -0.25, 0.25)
        ImageDraw.Draw(rays).polygon(
            [
                (start * w, 0),
                ((start + thick) * w, 0),
                ((start + 3 * thick + slope) * w, h),
                ((start + slope - thick) * w, h),
            ],
            fill=int(between(rng, 50, 120)),
        )
    fade = np.linspace(1, 0, h, dtype=np.float32)[:, None]
    canvas.paste(
        (225, 255, 246),
        mask=picture(field(rays.filter(ImageFilter.GaussianBlur(w / 70))) * fade).resize(
            size, Image.Resampling.BICUBIC
        ),
    )
    _sea_floor(canvas, rng)
    first = look
    for _ in range(int(rng.integers(2, 5))):
        x, y = between(rng, 0.05, 0.95) * width, between(rng, 0.2, 0.8) * height
        for step in range(int(rng.integers(2, 6))):
            radius = between(rng, 0.005, 0.018) * min(size)
            centre = (x + between(rng, -0.015, 0.015) * width, y - step * 0.045 * height)
            veil(canvas, oval(*centre, radius), radius * 0.2, 0.3, (220, 250, 255))
            stroke(canvas, [*oval(*centre, radius), oval(*centre, radius)[0]], max(radius * 0.12, 2), (206, 240, 246))
            fill(canvas, oval(centre[0] - 0.35 * radius, centre[1] - 0.4 * radius, 0.22 * radius), (255, 255, 255))
    count = int(rng.integers(1, 4))
    big = 0.27 * min(size) * (1.25 if count == 1 else 1.0)
    spots = [(0.5, 0.45)] if count == 1 else [(0.36, 0.34), (0.64, 0.62), (0.74, 0.2)][:count]
    for index in reversed(range(count)):
        x, y = spots[index]
        at = ((x + between(rng, -0.05, 0.05)) * width, (y + between(rng, -0.04, 0.04)) * height)
        _one_fish(
            canvas, rng, at, big * (1, 0.8, 0.5)[index], pick(rng, (-1, 1)), _FISH[(first + index * 2) % len(_FISH)]
        )
    return canvas


def _sea_floor(canvas: Image.Image, rng: Rng) -> None:
    width, height = canvas.size
    for near in (0.0, 1.0):
        floor = round((0.84 + 0.06 * near) * height)
        sand = mix(colour("2f6f80"), colour("d8c08f"), 0.4 + 0.4 * near)
        patch = (width, height - floor)
        dunes = noise(rng, patch, (width / 5, patch[1] / 4), 5, 0.6)
        surface = ramp(np.clip(0.5 + bumps(dunes, 12), 0, 1), (tone(sand, -0.35), sand, tone(sand, 0.25)))
        edge = noise(rng, (width, 1), (width / 3, 9), 2)[0] * 0.05 * height
        mask = Image.fromarray(((np.arange(patch[1])[:, None] >= edge[None, :]) * np.uint8(255)).astype(np.uint8))
        canvas.paste(surface, (0, floor), mask)
        for _ in range(7):
            x = pick(rng, (between(rng, -0.02, 0.3), between(rng, 0.7, 1.02))) * width
            foot = floor + between(rng, 0.4, 1) * 0.1 * height
            if rng.random() < 0.6:
                tall, sway = between(rng, 0.18, 0.5) * height, between(rng, -0.05, 0.05) * width
                weed = mix(pick(rng, palette("3f8f5a 6aa84f 2f7a6a a0a84a")), (20, 74, 98), 0.55 - 0.4 * near)
                blade = [
                    (x + sway * math.sin(3.1 * s) * (1 if step % 2 else -0.4), foot - tall * s)
                    for step, s in enumerate((0, 0.25, 0.5, 0.75, 1))
                ]
                thick = 0.016 * min(canvas.size) * (0.7 + 0.6 * near)
                fill(
                    canvas,
                    ribbon(blade, (thick, 1.4 * thick, 1.2 * thick, 0.9 * thick, 1)),
                    (tone(weed, 0.25), tone(weed, -0.25)),
                    relief=0.5,
                    round_by=0.5,
                )
            else:
                _coral(
                    canvas,
                    rng,
                    (x, foot),
                    between(rng, 0.09, 0.17) * height,
                    mix(pick(rng, palette("e8705f f09a5a c95a8f e8c05a")), (20, 74, 98), 0.45 - 0.4 * near),
                )


def _coral(canvas: Image.Image, rng: Rng, at: Point, tall: float, tint: Colour) -> None:
    def grow(start: Point, angle: float, length: float, thick: float) -> None:
        end = (start[0] + length * math.sin(angle), start[1] - length * math.cos(angle))
        fill(
            canvas, ribbon([start, end, end], (thick, 0.75 * thick, 0.7 * thick)), tone(tint, between(rng, -0.12, 0.08))
        )
        fill(canvas, oval(*end, 0.42 * thick), tone(tint, 0.14))
        if length > 0.16 * tall:
            for turn in (-0.45, 0.4) if rng.random() < 0.8 else (-0.6, 0, 0.55):
                grow(end, angle + turn * between(rng, 0.7, 1.3), length * between(rng, 0.62, 0.78), thick * 0.74)

    grow(at, between(rng, -0.2, 0.2), 0.36 * tall, 0.17 * tall)


def _one_fish(canvas: Image.Image, rng: Rng, at: Point, scale: float, flip: int, kind: tuple[str, str]) -> None:
    codes, pattern = kind
    back, belly, band, fin = palette(codes)
    turn = between(rng, -10, 10)

    def put(points: list[Point]) -> list[Point]:
        return moved([(flip * x, y) for x, y in points], at, turn, scale)

    def membrane(patch: Size) -> Image.Image:
        across = np.linspace(-1, 1, patch[0], dtype=np.float32)[None, :] * flip
        down = np.linspace(-1, 1, patch[1], dtype=np.float32)[:, None]
        rays = np.sin(np.arctan2(down, across - 1.4) % (2 * math.pi) * 34)
        return ramp(np.clip(0.5 + 0.3 * rays, 0, 1).astype(np.float32), (tone(fin, -0.28), fin, tone(fin, 0.3)))

    deep = between(rng, 0.46, 0.58)
    for shape in (
        points("-.78,0 -1.1,-.36 -1.42,-.5 -1.28,-.12 -1.24,0 -1.28,.12 -1.42,.5 -1.1,.36"),
        [(0.3, -0.8 * deep), (0.05, -1.55 * deep), (-0.4, -1.4 * deep), (-0.72, -0.75 * deep), (-0.5, -0.4 * deep)],
        [(-0.1, 0.85 * deep), (-0.3, 1.4 * deep), (-0.62, 1.1 * deep), (-0.6, 0.4 * deep)],
    ):
        fill(canvas, put(smooth(shape)), membrane, relief=0.5, round_by=0.25)
    body = smooth(
        [
            (1.0, 0.02),
            (0.86, -0.42 * deep),
            (0.45, -0.9 * deep),
            (0, -deep),
            (-0.45, -0.74 * deep),
            (-0.86, -0.22 * deep),
            (-0.92, 0),
            (-0.86, 0.22 * deep),
            (-0.45, 0.74 * deep),
            (0, deep),
            (0.45, 0.86 * deep),
            (0.86, 0.4 * deep),
        ]
    )

    def skin(patch: Size) -> Image.Image:
        image = gradient(patch, (tone(back, -0.15), back, mix(back, belly, 0.7), belly))
        x = np.linspace(-1, 1, patch[0], dtype=np.float32)[None, :] * flip
        y = np.linspace(-1, 1, patch[1], dtype=np.float32)[:, None]
        bend = 0.1 * y**2 + 0.07 * (noise(rng, patch, patch[0] / 3, 2) - 0.5)
        row = np.floor((y + 1) * 8)
        u, v = ((x + 1) * 14 + 0.5 * (row % 2)) % 1 - 0.35, ((y + 1) * 8) % 1 - 0.5
        arc = np.abs(np.hypot(u, v) - 0.5)
        image = light(image, (np.clip(0.22 - arc, 0, 1) * -0.9 + 0.1 * (0.5 - np.abs(v))).astype(np.float32))
        if pattern == "bands":
            where = np.minimum(
                np.abs(x + bend - 0.36), np.minimum(np.abs(x + bend + 0.16) * 0.8, np.abs(x + bend + 0.72))
            )
            image.paste(tone(band, -0.75), mask=picture(np.clip((0.125 - where) * 40, 0, 1) * 225))
            image.paste(band, mask=picture(np.clip((0.095 - where) * 40, 0, 1) * 250))
        elif pattern == "stripes":
            image.paste(band, mask=picture(np.clip((np.sin((x + bend) * 15) - 0.45) * 5, 0, 1) * (x < 0.55) * 235))
        elif pattern == "spots":
            image.paste(
                band, mask=picture(np.clip((noise(rng, patch, patch[1] / 7, 1) - 0.62) * 14, 0, 1) * (y < 0.4) * 220)
            )
        return image

    veil(canvas, put([(x, y + 0.16) for x, y in body]), 0.12 * scale, 0.35)
    fill(canvas, put(body), skin, relief=0.8, round_by=0.36)
    pectoral = smooth(points(".32,.12 .02,.08 -.2,.3 -.06,.46 .22,.32"))
    shadow(canvas, put(pectoral), 0.05 * scale, 0.4)
    fill(canvas, put(pectoral), membrane, relief=0.5)
    stroke(
        canvas,
        put(smooth([(0.56, -0.6 * deep), (0.44, 0), (0.54, 0.58 * deep)], closed=False)),
        0.018 * scale,
        tone(back, -0.45),
    )
    fill(canvas, put(oval(0.7, -0.1, 0.1)), (250, 244, 226), relief=0.3)
    fill(canvas, put(oval(0.715, -0.1, 0.062)), (20, 18, 26))
    fill(canvas, put(oval(0.69, -0.13, 0.022)), (255, 255, 255))
    stroke(
        canvas, put(smooth([(0.985, 0.06), (0.9, 0.1), (0.84, 0.08)], closed=False)), 0.018 * scale, tone(back, -0.5)
    )
