"""JPEG 2000: what a file's components are (ISO/IEC 15444-1, annexes A and I), which decoders leave to their caller."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import IO, NamedTuple

import numpy as np
from numpy.typing import NDArray

from augstudio.images import colours
from augstudio.images.colours import Colours, Gamut
from augstudio.images.failures import PictureError

_CODESTREAM = b"\xff\x4f\xff\x51"
_MOST = 2**24  # bytes of a header box that is read
_ALONE = {0: "grey", 15: "grey", 17: "grey", 16: "RGB", 18: "sYCC", 12: "CMYK", 21: "RGB"}
_REFUSED = {14: "Lab", 20: "e-sRGB", 24: "e-sYCC"}
_COUNTS = {"grey": 1, "RGB": 3, "sYCC": 3, "CMYK": 4}
_ROMM = Gamut((0.7347, 0.2653), (0.1596, 0.8404), (0.0366, 0.0001), (0.3457, 0.3585))  # ISO 22028-2
_CONVERT = "convert the picture to 8 or 16 bit grey or RGB"


class Kind(NamedTuple):
    """What kind of picture a JPEG 2000 file holds."""

    colour: str  # grey, RGB, sYCC or CMYK
    order: tuple[int, ...]  # where in the file the colours stand, in their order, and then alpha
    alpha: int  # 0 none; 1 multiplied into the colours; 2 not so
    bits: int  # of a component
    palette: NDArray[np.uint8] | None  # (entries, columns): what a single component's values stand for
    colours: Colours

    @property
    def plain(self) -> bool:
        """Whether components are just what they seem."""
        return self.palette is None and self.order == tuple(range(len(self.order)))

    @property
    def channels(self) -> int:
        """Of the array that it becomes."""
        return (1 if self.colour == "grey" else 3) + (self.alpha > 0)

    @property
    def depth(self) -> int:
        """Bits of the array that it becomes."""
        return 16 if self.bits > 8 else 8


def look(path: Path, file: IO[bytes]) -> Kind:
    """Read the header.

    Raises
    ------
    PictureError
        If the picture cannot be read with all of its components, in words that say why.
    """
    file.seek(0)
    boxes: dict[bytes, list[bytes]] = {}
    if file.read(4) == _CODESTREAM:
        file.seek(0)
    else:
        length = file.seek(0, os.SEEK_END)
        for kind, at, end in _boxes(file, 0, length):
            if kind == b"jp2h":
                for inner, start, stop in _boxes(file, at, end):
                    file.seek(start)
                    boxes.setdefault(inner, []).append(file.read(min(stop - start, _MOST)))
            if kind == b"jp2c":
                file.seek(at)
                break
    return _kind(path, file.read(42 + 3 * 16384), boxes)


def _boxes(file: IO[bytes], at: int, end: int) -> Iterator[tuple[bytes, int, int]]:
    while at + 8 <= end:
        file.seek(at)
        head = file.read(16)
        length, start = int.from_bytes(head[:4], "big"), at + 8
        if length == 1:
            length, start = int.from_bytes(head[8:16], "big"), at + 16
        stop = end if length == 0 else min(at + length, end)
        if stop < start:
            return
        yield head[4:8], start, stop
        at = stop


def _kind(path: Path, stream: bytes, boxes: dict[bytes, list[bytes]]) -> Kind:
    count = int.from_bytes(stream[40:42], "big")
    sizes = stream[42 : 42 + 3 * count]
    if not stream.startswith(_CODESTREAM) or count < 1 or len(sizes) < 3 * count:
        raise PictureError(path, "cut short or damaged (no JPEG 2000 codestream)")
    bits = {(size & 127) + 1 for size in sizes[::3]}
    depth = max(bits)
    if any(size & 128 for size in sizes[::3]):
        raise PictureError(path, f"signed {depth}-bit integer pixels are not supported; {_CONVERT}")
    if len(bits) > 1 or depth > 16:
        told = ", ".join(map(str, sorted(bits)))
        raise PictureError(path, f"a JPEG 2000 with components of {told} bit is not supported; {_CONVERT}")
    colour, said = _colour(path, boxes)
    palette = _palette(path, boxes, count, depth)
    channels = count if palette is None else palette.shape[1]
    if not colour:
        colour = {1: "grey", 2: "grey", 3: "RGB", 4: "RGB"}.get(channels, "")
    if colour != "sYCC" and (set(sizes[1::3]) | set(sizes[2::3])) != {1}:
        raise PictureError(path, f"a JPEG 2000 with components of unequal size is not supported; {_CONVERT}")
    order, alpha = _order(boxes, channels, _COUNTS.get(colour, 0))
    if (
        len(order) != channels
        or (colour in ("sYCC", "CMYK") and order != tuple(range(channels)))
        or (colour == "CMYK" and alpha)
    ):
        raise PictureError(
            path,
            f"a JPEG 2000 of {channels} components of {depth} bit, of which not all are said to be "
            f"{colour or 'colour'} or alpha, is not supported; allowed are grey, grey and alpha, RGB, RGBA; convert it "
            f"to {16 if depth > 8 else 8}-bit RGB",
        )
    kind = Kind(colour, order, alpha, depth, palette, said)
    # OpenCV decodes deep colour, if there is nothing else to do; Pillow would cut it down, and turn white into black.
    if depth > 8 and (not kind.plain or alpha == 1 or kind.colour not in ("grey", "RGB") or channels == 2):
        what = f"{colour}{' with alpha' if alpha else ''}" + ("" if kind.plain else ", in another order")
        raise PictureError(path, f"a JPEG 2000 of {depth} bit ({what}) is not supported; convert it to 16-bit RGB")
    return kind


def _colour(path: Path, boxes: dict[bytes, list[bytes]]) -> tuple[str, Colours]:
    """Take the first description of colours that can be understood."""
    for box in boxes.get(b"colr", []):
        if box[:1] == b"\1" and len(box) >= 7:
            number = int.from_bytes(box[3:7], "big")
            if number in _REFUSED:
                raise PictureError(path, f"{_REFUSED[number]} pixels are not supported; {_CONVERT}")
            if number == 21:
                return "RGB", colours.built("ROMM RGB", _ROMM, [colours.gamma_curve(1.8)])
            if number in _ALONE:
                return _ALONE[number], Colours()
        elif box[:1] in (b"\2", b"\3"):
            spaces = {b"GRAY": "grey", b"RGB ": "RGB", b"CMYK": "CMYK"}
            return spaces.get(box[3 + 16 : 3 + 20], ""), Colours(box[3:])
    return "", Colours(note="colours of an unknown space are not converted") if boxes.get(b"colr") else Colours()


def _palette(path: Path, boxes: dict[bytes, list[bytes]], count: int, depth: int) -> NDArray[np.uint8] | None:
    if not boxes.get(b"pclr"):
        return None
    box, mapped = boxes[b"pclr"][0], (boxes.get(b"cmap") or [b""])[0]
    entries, columns = int.from_bytes(box[:2], "big"), box[2] if len(box) > 2 else 0
    plain = b"".join(b"\0\0\1" + bytes([k]) for k in range(columns))
    values = box[3 + columns : 3 + columns + entries * columns]
    if (
        count > 1
        or depth > 8
        or set(box[3 : 3 + columns]) != {7}
        or mapped != plain
        or len(values) != entries * columns
    ):
        raise PictureError(path, f"a JPEG 2000 with this kind of palette is not supported; {_CONVERT}")
    return np.frombuffer(values, np.uint8).reshape(entries, columns)


def _order(boxes: dict[bytes, list[bytes]], channels: int, wanted: int) -> tuple[tuple[int, ...], int]:
    """Find where the colours, in their order, and alpha stand; less than all channels if some are neither."""
    if not boxes.get(b"cdef"):
        return (tuple(range(channels)) if channels == wanted else ()), 0
    box = boxes[b"cdef"][0]
    words = [int.from_bytes(box[at : at + 2], "big") for at in range(2, len(box) - 1, 2)]
    told = list(zip(words[::3], words[1::3], words[2::3], strict=False))
    colour = {place: channel for channel, what, place in told if what == 0 and 1 <= place <= wanted}
    alpha = [(channel, what) for channel, what, place in told if what in (1, 2) and place == 0]
    order = [colour[place] for place in sorted(colour)] + [channel for channel, _ in alpha]
    if sorted(order) != list(range(channels)) or len(colour) != wanted or len(alpha) > 1:
        return (), 0
    return tuple(order), 3 - alpha[0][1] if alpha else 0
