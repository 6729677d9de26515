"""PNG files of every kind that the standard knows, with the pixels that they hold, and files that break its rules.

Written by hand, so that what a decoder should give is known without any decoder. The kinds are those of Willem van
Schaik's PngSuite: colour types and depths, interlacing, sizes of 1 to 40, filters, transparency, gamma, optional
chunks, pixel data in pieces, levels of compression.
"""

from __future__ import annotations

import itertools
import struct
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from pictures import Pixels, smooth

SIGNATURE = b"\x89PNG\r\n\x1a\n"
GREY, RGB, PALETTE, GREY_ALPHA, RGBA = 0, 2, 3, 4, 6
CHANNELS = {GREY: 1, RGB: 3, PALETTE: 1, GREY_ALPHA: 2, RGBA: 4}
DEPTHS = {GREY: (1, 2, 4, 8, 16), RGB: (8, 16), PALETTE: (1, 2, 4, 8), GREY_ALPHA: (8, 16), RGBA: (8, 16)}
WORDS = {GREY: "grey", RGB: "rgb", PALETTE: "palette", GREY_ALPHA: "grey-alpha", RGBA: "rgba"}
ADAM7 = ((0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2))
"""First column, first row, and steps between columns and between rows, of each pass of an interlaced file."""


@dataclass(frozen=True)
class Drawn:
    """A file, and what it holds.

    Attributes
    ----------
    data : bytes
        The file.
    pixels : ndarray of uint8 or uint16, (H, W) or (H, W, C)
        The pixels as stored, over the full range of 8 or 16 bit: without a gamma being heeded.
    gamma : float or None
        The exponent that the file states: stored = light ** gamma.
    """

    data: bytes
    pixels: Pixels
    gamma: float | None = None


def chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))


def header(width: int, height: int, depth: int, kind: int, interlaced: bool = False) -> bytes:
    return chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, depth, kind, 0, 0, interlaced))


def samples(height: int, width: int, kind: int, depth: int, seed: int = 0) -> Pixels:
    """Smooth levels of a depth, (H, W, C) uint16."""
    stack = smooth(height, width, CHANNELS[kind], np.uint16, seed)
    return stack.reshape(height, width, CHANNELS[kind]) >> (16 - depth)


def colours(depth: int) -> Pixels:
    """A palette in which no two neighbours are alike, (2 ** depth, 3) uint8."""
    number = np.arange(2**depth)[:, None]
    return ((number * (37, 101, 59) + (11, 200, 90)) % 256).astype(np.uint8)


def file(
    stored: Pixels,
    kind: int,
    depth: int,
    *,
    interlaced: bool = False,
    filters: Sequence[int] = (0, 1, 2, 3, 4),
    level: int = 6,
    pieces: int = 1,
    before: bytes = b"",
    behind: bytes = b"",
) -> bytes:
    """Write samples, (H, W, C) of `depth` bits; `filters` follow each other row by row.

    `before` are chunks in front of the pixel data, `behind` those after it; `pieces` is the number of IDAT chunks, 0
    one for each byte.
    """
    height, width = stored.shape[:2]
    passes = ADAM7 if interlaced else ((0, 0, 1, 1),)
    lines = b"".join(_filtered(stored[y::dy, x::dx], depth, filters) for x, y, dx, dy in passes)
    packed = zlib.compress(lines, level)
    size = -(-len(packed) // pieces) if pieces else 1
    body = b"".join(chunk(b"IDAT", packed[at : at + size]) for at in range(0, len(packed), size))
    return SIGNATURE + header(width, height, depth, kind, interlaced) + before + body + behind + chunk(b"IEND", b"")


def rows(width: int, height: int, depth: int, kind: int, interlaced: bool) -> list[int]:
    """Bytes of each row, its filter's number included, in the order of the file."""
    found = []
    for x, y, dx, dy in ADAM7 if interlaced else ((0, 0, 1, 1),):
        columns = len(range(x, width, dx))
        if columns:
            found += [1 + -(-columns * CHANNELS[kind] * depth // 8)] * len(range(y, height, dy))
    return found


def _filtered(stored: Pixels, depth: int, filters: Sequence[int]) -> bytes:
    if not stored.size:
        return b""  # a pass that has no pixel has no rows, either
    height, width, channels = stored.shape
    places = np.arange(depth - 1, -1, -1)
    bits = (stored[..., None] >> places & 1).astype(np.uint8).reshape(height, width * channels * depth)
    lines = np.packbits(bits, axis=1).astype(int)
    step = max(1, channels * depth // 8)
    above = np.zeros(lines.shape[1], int)
    found = []
    for line, how in zip(lines, itertools.cycle(filters)):
        left, corner = (np.concatenate([np.zeros(step, int), row])[: len(line)] for row in (line, above))
        guesses = [np.zeros_like(line), left, above, (left + above) // 2, _paeth(left, above, corner)]
        found.append(bytes([how]) + ((line - guesses[how]) % 256).astype(np.uint8).tobytes())
        above = line
    return b"".join(found)


def _paeth(left: Pixels, above: Pixels, corner: Pixels) -> Pixels:
    near = np.abs(np.stack([above - corner, left - corner, left + above - 2 * corner]))
    return np.choose(near.argmin(axis=0), [left, above, corner])  # of equals, the first


def spread(stored: Pixels, depth: int) -> Pixels:
    """Samples over the full range of 8 or 16 bit."""
    dtype = np.uint16 if depth == 16 else np.uint8
    full = (stored * (np.iinfo(dtype).max // (2**depth - 1))).astype(dtype)
    return full[..., 0] if full.shape[2] == 1 else full


def drawn(
    kind: int,
    depth: int,
    size: tuple[int, int] = (32, 32),
    *,
    key: tuple[int, ...] | None = None,
    alphas: bytes = b"",
    gamma: float | None = None,
    before: bytes = b"",
    **options: object,
) -> Drawn:
    """Draw a file.

    Parameters
    ----------
    kind, depth : int
        Colour type, and bits of each sample.
    size : (int, int)
        Width and height.
    key : tuple of int or None
        The one transparent colour of grey and RGB.
    alphas : bytes
        The palette's opacities, those of its first colours.
    gamma : float or None
        The gamma stated.
    before : bytes
        Further chunks, in front of the palette.
    options
        As of `file`.
    """
    width, height = size
    stored = samples(height, width, kind, depth)
    if gamma is not None:
        before += chunk(b"gAMA", struct.pack(">I", round(100_000 * gamma)))
    if kind == PALETTE:
        table = colours(depth)
        pixels = table[stored[..., 0]]
        before += chunk(b"PLTE", table.tobytes())
        if alphas:
            before += chunk(b"tRNS", alphas)
            opacity = np.frombuffer(alphas.ljust(2**depth, b"\xff"), np.uint8)
            pixels = np.dstack([pixels, opacity[stored[..., 0]]])
    else:
        pixels = spread(stored, depth)
        if key is not None:
            before += chunk(b"tRNS", struct.pack(f">{len(key)}H", *key))
            opaque = (stored != np.array(key)).any(axis=2)
            assert 0 < opaque.sum() < opaque.size
            pixels = np.dstack([pixels, (opaque * np.iinfo(pixels.dtype).max).astype(pixels.dtype)])
    return Drawn(file(stored, kind, depth, before=before, **options), pixels, gamma)  # type: ignore[arg-type]


def _sound() -> Iterator[tuple[str, Drawn]]:
    for kind, depths in DEPTHS.items():
        for depth in depths:
            for interlaced in (False, True):
                yield f"{WORDS[kind]} {depth}{' interlaced' * interlaced}", drawn(kind, depth, interlaced=interlaced)
    for side in (*range(1, 10), *range(32, 41)):
        depth = 1 if side < 5 else 2 if side < 10 else 4
        for interlaced in (False, True):
            name = f"side {side}{' interlaced' * interlaced}"
            yield name, drawn(PALETTE, depth, (side, side), interlaced=interlaced)
            yield name + " upright", drawn(RGB, 8, (max(1, side // 3), side), interlaced=interlaced)
    for kind, how in itertools.product((GREY, RGB), range(5)):
        yield f"{WORDS[kind]} filter {how}", drawn(kind, 8, filters=(how,))
    yield "filters mixed in 4 bits", drawn(GREY, 4, filters=(4, 3, 1, 0, 2, 4, 4))
    for gamma in (0.35, 0.45, 0.55, 0.7, 1.0, 2.5):
        yield f"gamma {gamma} grey 16", drawn(GREY, 16, gamma=gamma)
        yield f"gamma {gamma} rgb 8", drawn(RGB, 8, gamma=gamma)
        yield f"gamma {gamma} palette 4", drawn(PALETTE, 4, gamma=gamma)
        yield f"gamma {gamma} rgba 8", drawn(RGBA, 8, gamma=gamma)
        yield f"gamma {gamma} grey-alpha 8", drawn(GREY_ALPHA, 8, gamma=gamma)
    for kind, depth in ((GREY, 1), (GREY, 2), (GREY, 4), (GREY, 8), (GREY, 16), (RGB, 8), (RGB, 16)):
        key = tuple(int(level) for level in samples(32, 32, kind, depth)[11, 13])
        yield f"key in {WORDS[kind]} {depth}", drawn(kind, depth, key=key)
        yield f"key in {WORDS[kind]} {depth} interlaced", drawn(kind, depth, key=key, interlaced=True)
    for depth in DEPTHS[PALETTE]:
        yield f"first colour of {depth} transparent", drawn(PALETTE, depth, alphas=b"\0")
        yield (
            f"opacities of {depth}",
            drawn(PALETTE, depth, alphas=np.linspace(0, 255, 2**depth).astype(np.uint8).tobytes()),
        )
    for name, kind, depth, before, behind in (
        ("background", RGBA, 8, chunk(b"bKGD", bytes(6)), b""),
        ("background", GREY_ALPHA, 16, chunk(b"bKGD", b"\xab\x84"), b""),
        ("primaries of sRGB", RGB, 8, _primaries(), b""),
        ("density", RGB, 8, chunk(b"pHYs", struct.pack(">IIB", 1000, 1000, 1)), b""),
        ("uneven density", RGB, 8, chunk(b"pHYs", struct.pack(">IIB", 1, 4, 0)), b""),
        ("significant bits", RGB, 8, chunk(b"sBIT", b"\5\5\5"), b""),
        ("significant bits", RGB, 16, chunk(b"sBIT", b"\x0d\x0d\x0d"), b""),
        ("suggested palette", GREY, 8, chunk(b"sPLT", b"six\0\x08" + bytes(6) * 4), b""),
        ("suggested palette", RGB, 16, chunk(b"sPLT", b"six\0\x10" + bytes(10) * 4), b""),
        ("palette that nothing needs", RGB, 8, chunk(b"PLTE", colours(4).tobytes()), b""),
        ("palette that nothing needs", RGBA, 8, chunk(b"PLTE", colours(4).tobytes()), b""),
        ("time", GREY, 4, b"", chunk(b"tIME", struct.pack(">HBBBBB", 2000, 1, 1, 12, 34, 56))),
        ("year below none", GREY, 4, b"", chunk(b"tIME", struct.pack(">HBBBBB", 0, 0, 0, 25, 61, 61))),
        ("words", GREY, 4, chunk(b"tEXt", b"Title\0PNG"), chunk(b"tEXt", b"Comment\0behind")),
        ("packed words", GREY, 4, chunk(b"zTXt", b"Title\0\0" + zlib.compress(b"PNG " * 99)), b""),
        ("words of the world", GREY, 4, chunk(b"iTXt", "Title\0\0\0ja\0題名\0画像".encode()), b""),
        ("empty words", GREY, 4, chunk(b"tEXt", b"Title\0"), b""),
    ):
        yield f"{name} {WORDS[kind]} {depth}", drawn(kind, depth, before=before, behind=behind)
    histogram = chunk(b"hIST", struct.pack(">16H", *range(16)))
    yield "histogram palette 4", _with_histogram(histogram)
    for pieces, kind in itertools.product((2, 4, 0), (GREY, RGB)):
        yield f"{pieces or 'all'} pieces {WORDS[kind]} 16", drawn(kind, 16, pieces=pieces)
    for level in (0, 3, 6, 9):
        yield f"level {level}", drawn(RGB, 8, level=level)


def _with_histogram(histogram: bytes) -> Drawn:
    """Only behind its palette may a histogram stand."""
    whole = drawn(PALETTE, 4)
    at = whole.data.index(b"IDAT") - 4
    return Drawn(whole.data[:at] + histogram + whole.data[at:], whole.pixels)


def _primaries() -> bytes:
    numbers = (0.3127, 0.3290, 0.64, 0.33, 0.30, 0.60, 0.15, 0.06)
    return chunk(b"cHRM", struct.pack(">8I", *(round(100_000 * number) for number in numbers)))


SOUND: dict[str, Drawn] = dict(_sound())


def _broken() -> Iterator[tuple[str, bytes]]:
    whole = drawn(RGB, 8).data
    rest = whole[len(SIGNATURE) + 25 :]
    for kind in (1, 5, 7, 9):
        yield f"colour type {kind}", SIGNATURE + header(32, 32, 8, kind) + rest
    for depth in (0, 3, 5, 9, 99):
        yield f"depth {depth}", SIGNATURE + header(32, 32, depth, RGB) + rest
    for kind, depth in ((RGB, 1), (RGB, 4), (PALETTE, 16), (GREY_ALPHA, 4), (RGBA, 2)):
        yield f"{WORDS[kind]} of {depth} bits", SIGNATURE + header(32, 32, depth, kind) + rest
    for width, height in ((0, 32), (32, 0)):
        yield f"{width} by {height}", SIGNATURE + header(width, height, 8, RGB) + rest
    yield "no pixel data", SIGNATURE + header(32, 32, 8, RGB) + chunk(b"IEND", b"")
    yield "no palette", file(samples(32, 32, PALETTE, 4), PALETTE, 4)
    yield "wrong checksum of the header", whole[:29] + bytes([whole[29] ^ 1]) + whole[30:]
    at = whole.rindex(b"IEND") - 5
    yield "wrong checksum of the pixels", whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :]
    for place in (1, 2, 4, 7):
        spoilt = bytes([whole[place - 1] ^ 0x80])
        yield f"wrong byte {place} of the signature", whole[: place - 1] + spoilt + whole[place:]
    yield "line feeds for returns", whole.replace(b"\r\n", b"\n")
    yield "returns added", whole.replace(b"\n", b"\r\n")
    yield "filter 5", file_of(b"\5" + bytes(96), 32)
    yield "too few rows", file_of(bytes(97), 31)


def file_of(row: bytes, rows: int) -> bytes:
    """A file of 32 × 32 RGB pixels, with rows as they are given."""
    return SIGNATURE + header(32, 32, 8, RGB) + chunk(b"IDAT", zlib.compress(row * rows)) + chunk(b"IEND", b"")


BROKEN: dict[str, bytes] = dict(_broken())
