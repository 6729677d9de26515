"""Cars seen from behind, with or without a bumper sticker."""

from __future__ import annotations

from PIL import Image, ImageFilter

from augstudio.dataset.sample.brushes import (
    Colour,
    Placing,
    Point,
    Rng,
    Size,
    between,
    colour,
    fill,
    glow,
    gradient,
    mix,
    moved,
    noise,
    oval,
    palette,
    pick,
    place,
    points,
    ramp,
    rounded,
    shadow,
    smooth,
    softened,
    stroke,
    tone,
    veil,
    write,
)
from augstudio.dataset.sample.city import canal
from augstudio.dataset.sample.nature import forest, hills, lake

_PAINTS = palette("c8443a 3f78a8 e8b23f 5f8f74 e4ded0 2f4858 b87a9a 7fb5b5 8a3f3a f0e6d0")


def car(rng: Rng, size: Size, look: int) -> Image.Image:
    """Draw a car without a sticker."""
    return parked(rng, size, look, None, "")


def parked(rng: Rng, size: Size, look: int, sticker: Image.Image | None, plate: str) -> Image.Image:
    """Draw a parked car from behind.

    Parameters
    ----------
    sticker
        What is stuck to it, if anything.
    plate
        What its number plate says; nothing leaves the plate blank.
    """
    width, height = size
    ground = round(between(rng, 0.66, 0.74) * height)
    canvas = _road(rng, size, ground, look)
    # A sticker is small: come closer to read it.
    scale = min(0.37 * width, 0.44 * height) if sticker is None else min(0.45 * width, 0.5 * height)
    at = (between(rng, 0.45, 0.55) * width, between(rng, 0.9, 0.93) * height - 0.95 * scale)
    paint = _PAINTS[(look * 3 + int(rng.integers(3))) % len(_PAINTS)]
    kind = ("hatch", "saloon", "van", "beetle")[look % 4]

    def put(points: list[Point]) -> list[Point]:
        return moved(points, at, 0, scale)

    veil(canvas, put(oval(0.06, 0.93, 1.25, 0.13)), 0.07 * scale, 0.75)
    for side in (-1, 1):
        tyre = rounded(min(side * 0.58, side * 0.9), 0.5, max(side * 0.58, side * 0.9), 0.96, 0.09)
        fill(canvas, put(tyre), (colour("34343a"), colour("141418")), relief=0.5)
        for groove in (-0.08, 0.0, 0.08):
            stroke(
                canvas, put([(side * 0.74 + groove, 0.7), (side * 0.74 + groove, 0.95)]), 0.012 * scale, (14, 14, 18)
            )
    _body(canvas, rng, put, scale, paint, kind)
    _lamps(canvas, put, scale, kind)
    _plate(canvas, put, scale, plate, 0.09 if kind == "beetle" else 0.0)
    if sticker is not None:
        _stick(canvas, rng, put, sticker, kind)
    return canvas


def _road(rng: Rng, size: Size, ground: int, look: int) -> Image.Image:
    """Draw a road with a landscape out of focus behind it."""
    width, height = size
    canvas = Image.new("RGB", size)
    small = (max(width // 2, 2), max(round(ground * 1.35) // 2, 2))
    scenery = (hills, canal, lake, forest)[(look + int(rng.integers(2))) % 4](rng, small, look)
    scenery = scenery.filter(ImageFilter.GaussianBlur(max(small) / 210)).crop((0, 0, small[0], round(ground / 2)))
    canvas.paste(scenery.resize((width, ground), Image.Resampling.BICUBIC))
    veil(canvas, [(0, 0), (width, 0), (width, ground), (0, ground)], 4, 0.14, (255, 246, 226))
    asphalt = noise(rng, (width, height - ground), (width / 5, (height - ground) / 6), 7, 0.75)
    grey = pick(rng, palette("6e6c70 7f7a74 646873"))
    canvas.paste(ramp(asphalt, (tone(grey, -0.3), grey, tone(grey, 0.25))), (0, ground))
    kerb = 0.022 * height
    fill(
        canvas,
        [(0, ground - kerb), (width, ground - kerb), (width, ground), (0, ground)],
        (tone(grey, 0.5), tone(grey, 0.2)),
    )
    fill(
        canvas,
        [(0, ground), (width, ground), (width, ground + 0.4 * kerb), (0, ground + 0.4 * kerb)],
        tone(grey, -0.45),
    )
    line = pick(rng, palette("ebe6d8 e8c65a"))
    y, thick, x = 0.965 * height, 0.018 * height, between(rng, -0.2, 0) * width
    while x < width:
        mark = [(x, y), (x + 0.2 * width, y), (x + 0.19 * width, y + thick), (x - 0.012 * width, y + thick)]
        fill(canvas, mark, mix(line, grey, 0.2))
        x += 0.34 * width
    return canvas


_CABINS = {
    "hatch": points("-.84,.02 -.78,-.28 -.64,-.62 -.4,-.71 .4,-.71 .64,-.62 .78,-.28 .84,.02"),
    "saloon": points("-.82,-.02 -.7,-.28 -.55,-.56 -.36,-.63 .36,-.63 .55,-.56 .7,-.28 .82,-.02"),
    "van": points("-.92,.05 -.92,-.4 -.86,-.86 -.66,-.96 .66,-.96 .86,-.86 .92,-.4 .92,.05"),
    "beetle": points("-.74,.05 -.68,-.3 -.5,-.6 -.25,-.71 .25,-.71 .5,-.6 .68,-.3 .74,.05"),
}
_PANES = {
    "hatch": points("-.68,-.14 -.56,-.55 .56,-.55 .68,-.14"),
    "saloon": points("-.64,-.16 -.5,-.5 .5,-.5 .64,-.16"),
    "van": points("-.74,-.2 -.69,-.78 .69,-.78 .74,-.2"),
    "beetle": points("-.42,-.28 -.36,-.54 .36,-.54 .42,-.28"),
}


def _body(canvas: Image.Image, rng: Rng, put: Placing, scale: float, paint: Colour, kind: str) -> None:
    def lacquer(patch: Size) -> Image.Image:
        return gradient(
            patch,
            (tone(paint, 0.24), tone(paint, 0.02), paint, tone(paint, 0.08), tone(paint, -0.16), tone(paint, -0.5)),
        )

    cabin = smooth(_CABINS[kind], closed=False)
    fill(canvas, put(cabin), (tone(paint, 0.16), tone(paint, -0.1)), relief=0.45, round_by=0.22)
    for side in (-1, 1):
        mirror = smooth(
            [(side * 0.84, -0.18), (side * 1.0, -0.24), (side * 1.06, -0.14), (side * 1.0, -0.06), (side * 0.86, -0.08)]
        )
        fill(canvas, put(mirror), (tone(paint, 0.2), tone(paint, -0.35)), relief=0.5)
    _pane(canvas, rng, put, scale, kind)
    if kind == "beetle":
        flank = points(
            "-.55,-.2 -.78,-.05 -.98,.18 -1.03,.45 -.94,.68 -.6,.76 .6,.76 .94,.68 1.03,.45 .98,.18 .78,-.05 .55,-.2"
        )
    else:
        flank = points(
            "-.8,-.1 -.92,-.04 -.99,.14 -1.02,.42 -.96,.68 -.7,.75 .7,.75 .96,.68 1.02,.42 .99,.14 .92,-.04 .8,-.1"
        )
    fill(canvas, put(smooth(flank)), lacquer, relief=0.6, round_by=0.2)
    seam = tone(paint, -0.55)
    if kind == "beetle":
        lid = smooth(points("-.4,-.16 -.56,.1 -.6,.42 .6,.42 .56,.1 .4,-.16"))
        stroke(canvas, put([*lid, lid[0]]), 0.014 * scale, seam)
        for slot in range(6):
            x = (slot - 2.5) * 0.075
            stroke(canvas, put([(x, -0.12), (x, -0.04)]), 0.02 * scale, tone(paint, -0.7))
    else:
        lid = points("-.72,-.07 -.72,.36 -.66,.42 .66,.42 .72,.36 .72,-.07")
        stroke(canvas, put(lid), 0.013 * scale, seam)
        stroke(canvas, put([(x, y + 0.014) for x, y in lid]), 0.006 * scale, tone(paint, 0.4))
        stroke(canvas, put([(-0.14, 0.0), (0.14, 0.0)]), 0.035 * scale, tone(paint, -0.45))
        stroke(canvas, put([(-0.13, -0.008), (0.13, -0.008)]), 0.012 * scale, (236, 238, 240))
    bumper = rounded(-1.0, 0.5, 1.0, 0.76, 0.1)
    chrome = kind in ("beetle", "saloon")
    metal = (colour("f4f6f8"), colour("767c88")) if chrome else (tone(paint, 0.12), tone(paint, -0.4))
    bumper = rounded(-1.02, 0.54, 1.02, 0.68, 0.07) if chrome else bumper
    shadow(canvas, put(bumper), 0.04 * scale, 0.5)
    fill(canvas, put(bumper), metal, relief=0.7, round_by=0.35)
    fill(canvas, put(rounded(-0.92, 0.735, 0.92, 0.83, 0.05)), (colour("2e2e34"), colour("1a1a20")))
    fill(canvas, put(rounded(0.46, 0.78, 0.62, 0.86, 0.035)), (colour("c8ccd2"), colour("4a4c54")))
    fill(canvas, put(oval(0.54, 0.82, 0.055, 0.028)), (14, 13, 16))


def _pane(canvas: Image.Image, rng: Rng, put: Placing, scale: float, kind: str) -> None:
    corners = _PANES[kind]
    low, high = corners[0][1], corners[1][1]
    glass = softened([corners[0], corners[1], (0, high - 0.03), corners[2], corners[3], (0, low + 0.02)], 0.2)
    fill(canvas, put([(1.045 * x, y + 0.08 * (y - (low + high) / 2)) for x, y in glass]), (22, 22, 28))
    fill(canvas, put(glass), (colour("b9d3e2"), colour("3a4c60")))
    for side in (-1, 1):
        seat = rounded(side * 0.3 - 0.13, low - 0.55 * (low - high), side * 0.3 + 0.13, low + 0.05, 0.06)
        fill(
            canvas,
            put([point for point in seat if point[1] < low + 0.01] or seat),
            (colour("3e444e"), colour("2a2e38")),
        )
    wide = corners[2][0]
    x = between(rng, -0.6, 0.1) * wide
    for start, thick in ((x, 0.16), (x + 0.24, 0.06)):
        streak = [(start, low), (start + thick, low), (start + thick + 0.2, high), (start + 0.2, high)]
        veil(canvas, put(streak), 0.008 * scale, 0.28, (240, 250, 255))
    stroke(canvas, put([(0.02, low + 0.01), (0.3, low - 0.5 * (low - high))]), 0.014 * scale, (24, 24, 28))
    for line in range(1, 6):
        y = low + (high - low) * line / 6.5
        stroke(canvas, put([(-0.8 * wide, y), (0.8 * wide, y)]), 1, (88, 84, 84))


def _lamps(canvas: Image.Image, put: Placing, scale: float, kind: str) -> None:
    for side in (-1, 1):
        if kind == "beetle":
            parts = [
                (oval(side * 0.82, 0.28, 0.09, 0.15), "ff5a48 8e1418"),
                (oval(side * 0.82, 0.2, 0.06, 0.05), "ffc070 d07a20"),
            ]
        elif kind == "van":
            parts = [
                (rounded(min(side * 0.8, side * 0.95), 0.02, max(side * 0.8, side * 0.95), 0.3, 0.04), "ff5a48 8e1418"),
                (rounded(min(side * 0.8, side * 0.95), 0.3, max(side * 0.8, side * 0.95), 0.42, 0.03), "ffc070 d07a20"),
            ]
        elif kind == "saloon":
            parts = [
                (rounded(min(side * 0.6, side * 0.95), 0.1, max(side * 0.6, side * 0.95), 0.27, 0.05), "ff5a48 8e1418"),
                (
                    rounded(min(side * 0.6, side * 0.72), 0.12, max(side * 0.6, side * 0.72), 0.25, 0.03),
                    "fdfdf8 b8bcc4",
                ),
            ]
        else:
            lens = smooth(
                [
                    (side * 0.76, -0.1),
                    (side * 0.92, -0.02),
                    (side * 0.97, 0.2),
                    (side * 0.94, 0.4),
                    (side * 0.8, 0.36),
                    (side * 0.78, 0.1),
                ]
            )
            parts = [
                (lens, "ff5a48 8e1418"),
                (oval(side * 0.865, 0.13, 0.055, 0.06), "ffd0a0 e08a30"),
                (oval(side * 0.865, 0.27, 0.05, 0.045), "fdfdf8 b8bcc4"),
            ]
        for outline, codes in parts:
            top, bottom = palette(codes)
            fill(canvas, put([(x, y + 0.008) for x, y in outline]), (40, 12, 16))
            fill(canvas, put(outline), (top, bottom), relief=0.45)
        xs, ys = [x for x, _ in parts[0][0]], [y for _, y in parts[0][0]]
        centre = put([((min(xs) + max(xs)) / 2 - 0.02, min(ys) + 0.3 * (max(ys) - min(ys)))])[0]
        glow(canvas, centre, 0.08 * scale, (255, 236, 220), 0.7)


def _plate(canvas: Image.Image, put: Placing, scale: float, text: str, lower: float) -> None:
    fill(canvas, put(rounded(-0.33, 0.2 + lower, 0.33, 0.42 + lower, 0.03)), (28, 26, 32))
    plate = rounded(-0.28, 0.235 + lower, 0.28, 0.37 + lower, 0.015)
    fill(canvas, put(plate), (colour("fbfaf2"), colour("d8d6c8")))
    if text:
        centre = put([(0.0, 0.338 + lower)])[0]
        write(
            canvas,
            text,
            centre,
            0.115 * scale,
            (34, 36, 48),
            align="centre",
            fit=0.48 * scale,
            weight=0.035,
            tracking=0.04,
        )


def _stick(canvas: Image.Image, rng: Rng, put: Placing, sticker: Image.Image, kind: str) -> None:
    # Centre and largest width, where neither plate nor handle nor lamps are in the way.
    spots = {
        "hatch": [(-0.42, 0.632, 0.66), (0.4, 0.632, 0.66)],
        "saloon": [(-0.44, 0.09, 0.56), (0.44, 0.09, 0.56)],
        "van": [(-0.42, 0.632, 0.66), (0.4, 0.632, 0.66)],
        "beetle": [(0.0, 0.12, 0.66)],
    }[kind]
    x, y, wide = pick(rng, spots)
    tall = wide * sticker.height / sticker.width
    turn = between(rng, -3, 3)
    corners = put(
        moved(
            [(-wide / 2, -tall / 2), (wide / 2, -tall / 2), (wide / 2, tall / 2), (-wide / 2, tall / 2)], (x, y), turn
        )
    )
    veil(canvas, corners, 3, 0.3)
    place(canvas, sticker, corners)
