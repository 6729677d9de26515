"""JPEG files of kinds that Pillow does not write, drawn at random: any sampling, components in scans of their own."""

from __future__ import annotations

import random
import struct
from collections.abc import Iterator, Sequence

# All codes of a table have one length, which is simple, and allowed as long as the one of all ones is not used.
_SIZES = range(12)
_PAIRS = (0x00, *(run << 4 | size for run in range(4) for size in range(1, 8)))
_TABLES = (0x00, 4, _SIZES), (0x10, 6, _PAIRS)


def jpeg(
    width: int,
    height: int,
    sampling: Sequence[tuple[int, int]],
    *,
    scans: Sequence[Sequence[int]] | None = None,
    interval: int = 0,
    seed: int = 0,
) -> bytes:
    """Draw a sequential JPEG.

    Parameters
    ----------
    width, height : int
        In pixels.
    sampling : sequence of (int, int)
        Horizontal and vertical sampling factor of each component.
    scans : sequence of sequences of int, optional
        Which components each scan holds, from 0; by default one holds all.
    interval : int
        Units between restart markers; 0 for none.
    seed : int
        All chance there is.
    """
    rng = random.Random(seed)
    across, down = (max(factors[k] for factors in sampling) for k in (0, 1))
    frame = struct.pack(">BHHB", 8, height, width, len(sampling))
    frame += b"".join(bytes([k, 16 * h + v, 0]) for k, (h, v) in enumerate(sampling, 1))
    parts = [b"\xff\xd8", segment(0xDB, b"\0" + b"\x08" * 64), segment(0xC0, frame)]
    for number, length, symbols in _TABLES:
        counts = [len(symbols) if k == length else 0 for k in range(1, 17)]
        parts.append(segment(0xC4, bytes([number, *counts, *symbols])))
    if interval:
        parts.append(segment(0xDD, struct.pack(">H", interval)))
    for named in scans or [range(len(sampling))]:
        listed = b"".join(bytes([k + 1, 0]) for k in named)
        parts.append(segment(0xDA, bytes([len(named)]) + listed + b"\0\x3f\0"))
        if len(named) == 1:
            h, v = sampling[named[0]]
            units, blocks = _blocks(width * h, across) * _blocks(height * v, down), 1
        else:
            units = _blocks(width, across) * _blocks(height, down)
            blocks = sum(sampling[k][0] * sampling[k][1] for k in named)
        for k, first in enumerate(range(0, units, interval or units)):
            parts += [bytes([0xFF, 0xD0 + (k - 1) % 8])] if k else []
            bits = "".join(_block(rng) for _ in range(blocks * min(units - first, interval or units)))
            bits += "1" * (-len(bits) % 8)
            parts.append(int(bits, 2).to_bytes(len(bits) // 8, "big").replace(b"\xff", b"\xff\0"))
    return b"".join((*parts, b"\xff\xd9"))


def segment(marker: int, content: bytes) -> bytes:
    return struct.pack(">BBH", 0xFF, marker, len(content) + 2) + content


def _blocks(length: int, divisor: int) -> int:
    return -(-length // (8 * divisor))


def _block(rng: random.Random) -> str:
    return "".join(_codes(rng))


def _codes(rng: random.Random) -> Iterator[str]:
    size = rng.randrange(6)
    yield f"{size:04b}" + _number(size, rng)
    for _ in range(rng.randrange(6)):
        place = rng.randrange(1, len(_PAIRS))
        yield f"{place:06b}" + _number(_PAIRS[place] & 15, rng)
    yield "000000"  # no more in this block


def _number(size: int, rng: random.Random) -> str:
    return f"{rng.randrange(1 << size):0{size}b}" if size else ""
