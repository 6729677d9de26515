"""Cloth: draped plaid and prints, knitting, weaves."""

from __future__ import annotations

import math

import numpy as np
from PIL import Image

from augstudio.dataset.sample.brushes import (
    Colour,
    Field,
    Floats,
    Rng,
    Size,
    between,
    bumps,
    field,
    light,
    mix,
    noise,
    palette,
    picture,
    tone,
)

_DYES = (
    "a83a34 1f3a5c f0e4cc e0aa4a",
    "2f5d5a e8dcc0 c8743f 17323a",
    "d98a8f f7ece2 6f4a5c b8c0a0",
    "34507a dfe6ea b5473f f0c860",
    "6f7f4a e6dfc0 8a4a34 2f3a2c",
    "e6c27a 7a4a6a f6efdf 3f6f7a",
)


def _folds(rng: Rng, size: Size, depth: float) -> tuple[Field, Field]:
    """Return the height of a draped cloth, and how it is lit (-1 to 1)."""
    width, height = size
    small = (max(width // 3, 2), max(height // 3, 2))
    turn = between(rng, -0.9, 0.9)
    x = np.arange(small[0], dtype=np.float32)[None, :] / max(small)
    y = np.arange(small[1], dtype=np.float32)[:, None] / max(small)
    bend = noise(rng, small, max(small) / 1.6, 2, 0.4)
    slack = noise(rng, small, max(small) / 3, 2, 0.5)
    along = (x * math.cos(turn) + y * math.sin(turn)) * np.float32(between(rng, 11, 17)) + 9 * bend
    ridges = (0.5 + 0.5 * np.sin(along)) ** 1.4 * (0.35 + 0.65 * slack)
    raised = (ridges + 0.5 * slack).astype(np.float32)
    lit = bumps(raised, depth * max(small) / 26) + 0.25 * (raised - raised.mean())
    return _enlarged(raised, size), _enlarged(np.clip(lit, -1, 1), size)


def _enlarged(values: Field, size: Size) -> Field:
    return field(Image.fromarray(np.ascontiguousarray(values, dtype=np.float32)).resize(size, Image.Resampling.BICUBIC))


def _coordinates(rng: Rng, size: Size, raised: Field) -> tuple[Field, Field]:
    """Return the cloth's own coordinates in shares of the longer side, turned, and pulled out of line by the folds."""
    width, height = size
    turn = between(rng, -0.35, 0.35)
    x = np.arange(width, dtype=np.float32)[None, :] / max(size) + 0.03 * raised
    y = np.arange(height, dtype=np.float32)[:, None] / max(size) - 0.02 * raised
    return (x * math.cos(turn) - y * math.sin(turn)).astype(np.float32), (
        x * math.sin(turn) + y * math.cos(turn)
    ).astype(np.float32)


def _shaded(rng: Rng, size: Size, values: Floats, lit: Field) -> Image.Image:
    fuzz = noise(rng, size, 5, 2, 0.7) - 0.5
    return light(
        picture(values * (1 + 0.1 * fuzz)[..., None]), np.where(lit > 0, 0.5 * lit, 0.8 * lit).astype(np.float32)
    )


def plaid(rng: Rng, size: Size, look: int) -> Image.Image:
    """Draw a draped tartan."""
    dyes = palette(_DYES[look % len(_DYES)])
    raised, lit = _folds(rng, size, between(rng, 1.0, 1.5))
    u, v = _coordinates(rng, size, raised)
    sett = _sett(rng, dyes)
    repeat = between(rng, 3.0, 5.0)
    warp, weft = (sett[((t * repeat) % 1 * len(sett)).astype(np.int32) % len(sett)] for t in (u, v))
    threads = max(size) / 4.6
    over = ((np.floor(u * threads) + np.floor(v * threads)) % 4 < 2)[..., None]
    values = np.where(over, warp, weft)
    values = 0.62 * values + 0.19 * (warp + weft)
    ribs = np.sin((u + v) * threads * math.pi / 2) * 0.05
    return _shaded(rng, size, values * (1 + ribs)[..., None], lit)


def _sett(rng: Rng, dyes: tuple[Colour, ...]) -> Field:
    """Return a tartan's stripes: a mirrored sequence of broad and narrow bands, one row per thread."""
    wide, other, thin, line = dyes
    bands: list[Colour] = []
    for dye, broad in (
        (wide, True),
        (thin, False),
        (wide, True),
        (other, True),
        (line, False),
        (other, True),
        (thin, False),
    ):
        bands += [dye] * int(rng.integers(8, 22) if broad else rng.integers(2, 6))
    return np.array(bands + bands[::-1], np.float32)


def printed(rng: Rng, size: Size, look: int) -> Image.Image:
    """Draw a draped cloth printed with dots, flowers, stripes or leaves."""
    dyes = palette(_DYES[(look + 2) % len(_DYES)])
    ground, ink, second = dyes[look % 2], dyes[1 - look % 2], dyes[3]
    raised, lit = _folds(rng, size, between(rng, 0.8, 1.1))
    u, v = _coordinates(rng, size, raised)
    repeat = between(rng, 9, 15)
    row = np.floor(v * repeat)
    shifted = u * repeat + 0.5 * (row % 2)
    a, b = shifted % 1 - 0.5, (v * repeat) % 1 - 0.5
    distance, angle = np.hypot(a, b), np.arctan2(b, a)
    other = ((np.floor(shifted) + row) % 2 == 0)[..., None]
    kind = look % 4
    if kind == 0:
        motif, core = 0.27 - distance, 0.0 * distance - 1
    elif kind == 1:
        motif, core = 0.25 + 0.13 * np.cos(5 * angle) - distance, 0.1 - distance
    elif kind == 2:
        other = (np.floor(u * repeat * 0.7) % 2 == 0)[..., None]
        motif, core = (
            0.3 - np.abs((u * repeat * 0.7) % 1 - 0.5) * 1.2,
            0.06 - np.abs((u * repeat * 0.7 + 0.5) % 1 - 0.5),
        )
    else:
        motif = 0.42 - np.hypot(a * 0.95 + 0.3 * b, b * 1.8 - 0.45 * a) * 1.1
        core = np.where(motif > 0, 0.018 - np.abs(a * 0.45 - b * 0.95 + 0.02), -1)
    values = np.broadcast_to(np.array(ground, np.float32), (*motif.shape, 3))
    dye = np.where(other, np.array(ink, np.float32), np.array(mix(ink, second, 0.55), np.float32))
    sharp = max(size) / repeat / 1.6
    for mask, tint in ((motif, dye), (core, np.array(tone(second, 0.1), np.float32))):
        share = np.clip(mask * sharp, 0, 1)[..., None]
        values = values * (1 - share) + tint * share
    threads = max(size) / 4
    weave = 0.03 * np.sin(u * threads * math.pi) * np.sin(v * threads * math.pi)
    return _shaded(rng, size, (values * (1 + weave)[..., None]).astype(np.float32), lit)


def knitted(rng: Rng, size: Size, look: int) -> Image.Image:
    """Draw knitting with a pattern of stars, zigzags or stripes across it."""
    dyes = palette(_DYES[(look + 1) % len(_DYES)])
    raised, lit = _folds(rng, size, 0.32)
    u, v = _coordinates(rng, size, 0.5 * raised)
    stitches = between(rng, 34, 46)
    column = np.floor(u * stitches)
    a = (u * stitches) % 1 - 0.5
    # Each stitch is a V: two slanted strands.
    lean = v * stitches * 0.86 - np.abs(a) * 1.15
    row = np.floor(lean)
    b = lean % 1 - 0.5
    strand = np.abs(np.abs(a) - 0.24)
    body = np.clip(1 - (strand / 0.27) ** 2, 0, 1) * np.clip(1 - (np.abs(b) / 0.62) ** 3, 0, 1)
    fibre = 0.5 + 0.5 * np.sin((a * np.sign(a) * 2.2 + b) * 19)
    band = (row // 12) % 3
    r, c = row % 12, column % 12
    rise, run = np.abs(r - 5), np.abs(c - 5)
    star = (
        ((rise == run) & (rise < 5))
        | ((rise == 0) & (run < 6))
        | ((run == 0) & (rise < 6))
        | ((rise + run == 5) & (rise > 0) & (run > 0) & (rise != 1) & (run != 1))
    )
    zigzag = np.abs(c % 12 - 5.5) + r
    chart = np.where(
        band == 0,
        np.where(star, 1, 0),
        np.where(band == 1, np.where((zigzag % 6) < 2, 2, 0), np.where(r % 4 < 1, 3, 0)),
    )
    yarn = np.array([dyes[0], dyes[1], dyes[2], dyes[3]], np.float32)[chart.astype(np.int32)]
    values = yarn * (0.42 + 0.62 * np.sqrt(body) + 0.07 * fibre * body)[..., None].astype(np.float32)
    return _shaded(rng, size, values.astype(np.float32), lit)


def cloth(rng: Rng, size: Size, look: int) -> Image.Image:
    """Draw any of the cloths."""
    return (plaid, printed, knitted)[look % 3](rng, size, look // 3 + int(rng.integers(2)) * 3)
