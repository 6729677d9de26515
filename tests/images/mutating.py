"""Damage to files, as disks, networks, bad programs and bad people do it."""

from __future__ import annotations

import random
from collections.abc import Callable

# Where formats keep lengths, sizes and offsets: behind such names, and near the start of the file.
_NAMES = (
    *(b"IHDR", b"PLTE", b"tRNS", b"IDAT", b"iCCP", b"zTXt", b"eXIf", b"acTL", b"fcTL"),
    *(b"\xff\xc0", b"\xff\xc2", b"\xff\xc4", b"\xff\xda", b"\xff\xdb", b"\xff\xe0", b"\xff\xe1", b"\xff\xe2"),
    *(b"RIFF", b"VP8X", b"VP8 ", b"VP8L", b"ALPH", b"EXIF", b"ICCP", b"II*\0", b"MM\0*", b"GIF8", b"\x21\xf9"),
    *(b"ftyp", b"meta", b"iprp", b"ipco", b"ispe", b"iloc", b"mdat", b"irot", b"av1C", b"hvcC"),
    *(b"ihdr", b"jp2c", b"\xff\x4f", b"\xff\x51", b"\xff\x52"),
)
_NUMBERS = (0, 1, 2, 127, 128, 255, 256, 32767, 65535, 65536, 2**24, 2**31 - 1, 2**31, 2**32 - 1)


def mutated(data: bytes, rng: random.Random) -> bytes:
    """Damage a file in one to three ways.

    Parameters
    ----------
    data : bytes
        A picture file of any format.
    rng : random.Random
        All chance there is: equal seeds give equal damage.

    Returns
    -------
    bytes
        Nearly always different from `data`; at most about twice as long.
    """
    for _ in range(rng.choice((1, 1, 1, 2, 3))):
        data = rng.choice(WAYS)(data, rng)
    return data


def truncated(data: bytes, rng: random.Random) -> bytes:
    return data[: rng.randrange(len(data) + 1)]


def flipped(data: bytes, rng: random.Random) -> bytes:
    """Some single bits are wrong."""
    damaged = bytearray(data)
    for _ in range(rng.choice((1, 1, 3, 20)) if data else 0):
        damaged[_place(data, rng)] ^= 1 << rng.randrange(8)
    return bytes(damaged)


def overwritten(data: bytes, rng: random.Random) -> bytes:
    """Some bytes are others, more of them near the start."""
    damaged = bytearray(data)
    for _ in range(rng.choice((1, 2, 8, 50)) if data else 0):
        damaged[_place(data, rng)] = rng.choice((0, 255, rng.randrange(256)))
    return bytes(damaged)


def swapped(data: bytes, rng: random.Random) -> bytes:
    """Two neighbouring pieces are the wrong way round."""
    a, b, c = sorted(rng.randrange(len(data) + 1) for _ in range(3))
    return data[:a] + data[b:c] + data[a:b] + data[c:]


def renumbered(data: bytes, rng: random.Random) -> bytes:
    """A length, size or offset is another number."""
    size, order = rng.choice((2, 4)), rng.choice(("big", "little"))
    number = rng.choice((*_NUMBERS, rng.randrange(2**32))) % 256**size
    named = [at for name in _NAMES if (at := data.find(name)) >= 0]
    at = rng.choice(named) + rng.choice((-4, -2, 2, 4, 8, 12, 16)) if named and rng.random() < 0.7 else None
    at = _place(data, rng) if at is None else max(0, at)
    return (data[:at] + number.to_bytes(size, order) + data[at + size :])[: len(data)]  # type: ignore[arg-type]


def blanked(data: bytes, rng: random.Random) -> bytes:
    """A region is all zero, as in blocks that never reached the disk."""
    a, b = _region(data, rng)
    return data[:a] + bytes(b - a) + data[b:]


def doubled(data: bytes, rng: random.Random) -> bytes:
    a, b = _region(data, rng)
    return data[:b] + data[a:b] + data[b:]


def removed(data: bytes, rng: random.Random) -> bytes:
    a, b = _region(data, rng)
    return data[:a] + data[b:]


def appended(data: bytes, rng: random.Random) -> bytes:
    """There is something behind the picture."""
    return data + rng.choice((rng.randbytes(rng.randrange(1, 200)), data, bytes(100), b"\xff\xd9", b"IEND"))


def misplaced(data: bytes, rng: random.Random) -> bytes:
    """There is something before the picture."""
    return rng.choice((b"\0", b"\n", b"\xef\xbb\xbf", rng.randbytes(16))) + data


WAYS: tuple[Callable[[bytes, random.Random], bytes], ...] = (
    truncated,
    flipped,
    overwritten,
    swapped,
    renumbered,
    renumbered,
    blanked,
    doubled,
    removed,
    appended,
    misplaced,
)


def _place(data: bytes, rng: random.Random) -> int:
    """A place in the file: in half of all cases near its start, where the header is."""
    last = max(len(data) - 1, 0)
    return min(int(rng.expovariate(1 / 60)), last) if rng.random() < 0.5 else rng.randint(0, last)


def _region(data: bytes, rng: random.Random) -> tuple[int, int]:
    start = rng.randrange(len(data) + 1)
    return start, min(len(data), start + rng.choice((1, 4, 16, 64, 512, len(data))))
