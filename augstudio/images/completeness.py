"""Whether a file holds all of its picture's data, where its decoder would make some up or take it from elsewhere.

Decoders of most formats refuse data that ends too soon. These do not, or not always: a strip of a TIFF that is itself a
JPEG or a fax, or is not there; a tile of a JPEG 2000; the last pixels of a GIF or TGA, which are taken from what comes
next in the file; the last rows of a PNG. (JPEG is a matter of its own: `augstudio.images.jpeg`.)
"""

from __future__ import annotations

import io
import struct
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from PIL import Image, ImageFile, TiffImagePlugin

from augstudio.images import jpeg
from augstudio.images.failures import PictureError

# --- formats in which pixels end where something else begins ----------------------------------------------------------

_FOOTER = b"TRUEVISION-XFILE.\0"


def pixels_alone(data: bytes, format: str) -> bytes:  # noqa: A002  (as Pillow calls it)
    """Cut off what comes after the first picture's pixels, where a decoder would take it for pixels."""
    if format == "TGA" and data.endswith(_FOOTER):
        ends = (int.from_bytes(data[at : at + 4], "little") for at in (-26, -22))
        return data[: min((end for end in ends if end >= 18), default=len(data) - 26)][: len(data) - 26]
    if format == "GIF":
        return data[: _end_of_first_frame(data)]
    return data


def _end_of_first_frame(gif: bytes) -> int:
    at = 13 + _palette(gif[10])
    while at < len(gif) and (kind := gif[at]) != 0x3B:
        if kind == 0x2C and at + 10 < len(gif):
            at += 11 + _palette(gif[at + 9])
        elif kind == 0x21:
            at += 2
        else:
            at += 1
            continue
        while at < len(gif) and gif[at]:
            at += 1 + gif[at]
        at += 1
        if kind == 0x2C:
            break
    return at


def _palette(flags: int) -> int:
    return 3 * 2 ** (1 + (flags & 7)) if flags & 0x80 else 0


# --- PNG --------------------------------------------------------------------------------------------------------------

# First column and row, and steps between columns and between rows, of the passes of an interlaced picture.
_PASSES = ((0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2))
_SAMPLES = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}
_MARKS: dict[str, Any] = {"LA": (90, 195), "RGB": (90, 195, 126), "RGBA": (90, 195, 126, 60), "I;16": 0x5AC3}
_PIECE = 2**20


def load_png(path: Path, image: ImageFile.ImageFile, data: bytes) -> None:
    """Decode a PNG that Pillow has opened, all of it: data that ends with a row is enough for Pillow, the rest black.

    The pixel that is decoded last is marked beforehand. Only where it looks like the mark afterwards, its rows are
    counted, which takes as long as inflating them does.

    Parameters
    ----------
    path : Path
        For errors.
    image : ImageFile
        The PNG.
    data : bytes
        Its content, of sound parts.

    Raises
    ------
    PictureError
        If rows are missing.
    """
    width, height = image.size
    *_, (columns, rows) = _passes(width, height, data[28] == 1)
    last = columns[-1], rows[-1]
    prepared = Image.new(image.mode, image.size, None)
    prepared.putpixel(last, _MARKS.get(image.mode, 90))
    mark = prepared.getpixel(last)
    image.im = prepared.im
    image.load()
    if image.getpixel(last) == mark and not _has_all_rows(data):
        raise PictureError(path, "cut short or damaged: rows of pixels are missing")


def _passes(width: int, height: int, interlaced: bool) -> Iterator[tuple[range, range]]:
    """Columns and rows of each pass that has any."""
    for x, y, dx, dy in _PASSES if interlaced else ((0, 0, 1, 1),):
        if x < width and y < height:
            yield range(x, width, dx), range(y, height, dy)


def _has_all_rows(data: bytes) -> bool:
    width, height, depth, kind, _, _, interlaced = struct.unpack_from(">IIBBBBB", data, 16)
    bits = depth * _SAMPLES[kind]
    missing: int = sum(
        len(rows) * (1 + (len(columns) * bits + 7) // 8) for columns, rows in _passes(width, height, interlaced == 1)
    )
    inflating = zlib.decompressobj()
    at = 8
    while at < len(data) and missing > 0:
        length = int.from_bytes(data[at : at + 4], "big")
        packed = data[at + 8 : at + 8 + length] if data[at + 4 : at + 8] == b"IDAT" else b""
        while packed and missing > 0 and not inflating.eof:
            missing -= len(inflating.decompress(packed, _PIECE))
            packed = inflating.unconsumed_tail
        at += 12 + length
    return missing <= 0


# --- JPEG 2000 --------------------------------------------------------------------------------------------------------

_SIZE, _TILE_PART, _LAST = b"\xff\x4f\xff\x51", b"\xff\x90", b"\xff\xd9"
_MARKED = range(0x30, 0x40)  # markers of 255 and these have no length


def check_tiles(path: Path, data: bytes) -> None:
    """Refuse a JPEG 2000 in which tiles are missing, which its decoder leaves black."""
    start = data.find(_SIZE)
    wide, high, _, _, tile_wide, tile_high, tiles_left, tiles_top = (
        int.from_bytes(data[start + 8 + 4 * k : start + 12 + 4 * k], "big") for k in range(8)
    )
    if start < 0 or not tile_wide or not tile_high or wide <= tiles_left or high <= tiles_top:
        return  # its decoder says what is wrong
    due = -(-(wide - tiles_left) // tile_wide) * -(-(high - tiles_top) // tile_high)
    found = set()
    at = start + 2
    while at + 12 <= len(data) and (marker := data[at : at + 2]) != _LAST:
        if marker == _TILE_PART:
            length = int.from_bytes(data[at + 6 : at + 10], "big")
            found.add(int.from_bytes(data[at + 4 : at + 6], "big"))
            at = at + max(12, length) if length else len(data)
        else:
            at += 2 if marker[1] in _MARKED else 2 + max(2, int.from_bytes(data[at + 2 : at + 4], "big"))
    if len(found) < due:
        raise PictureError(path, f"cut short or damaged: {due - len(found):,} of {due:,} tiles hold no data")


# --- TIFF -------------------------------------------------------------------------------------------------------------

_JPEG = 7
_JPEG_TABLES = 347
_PLANES = 2
_FAX = (2, 3, 4)
_FAX_TAGS = (256, 257, 259, 262, 266, 277, 278, 292, 293)  # size, how pixels are coded, rows of a strip
_FILLERS = 64 * b"\0", 64 * b"\xff", 64 * b"\x55", 32 * b"\0\x17\x55"  # no code means the same; one begins lines


def check_strips(path: Path, data: bytes, image: TiffImagePlugin.TiffImageFile) -> tuple[str, ...]:
    """Refuse a TIFF in which strips or tiles are missing, or are JPEG and damaged; give notes on others."""
    tags = image.tag_v2
    width, height = int(tags[256]), int(tags[257])
    if 324 in tags:
        kind, offsets, counts = "tiles", tags[324], tags.get(325, ())
        due = -(-width // max(1, int(tags.get(322, 1)))) * -(-height // max(1, int(tags.get(323, 1))))
    else:
        kind, offsets, counts = "strips", tags.get(273, ()), tags.get(279, ())
        due = -(-height // min(int(tags.get(278, 0)) or height, height))
    if tags.get(284, 1) == _PLANES:
        due *= int(tags.get(277, 1))
    present = sum(1 for offset in offsets if offset) if not counts else sum(1 for count in counts if count)
    if min(present, len(offsets)) < due:
        missing = due - min(present, len(offsets))
        raise PictureError(path, f"cut short or damaged: {missing:,} of {due:,} {kind} hold no data")
    notes: tuple[str, ...] = ()
    if tags.get(259) == _JPEG:
        tables = bytes(tags.get(_JPEG_TABLES, b""))[:-2]  # a JPEG without picture; the strips are without tables
        for offset, count in zip(offsets, counts, strict=False):
            strip = data[offset : offset + count]
            notes += jpeg.check(path, tables + strip[2:] if tables else strip)
    elif tags.get(259) in _FAX and kind == "strips":
        fax = [data[offset : offset + count] for offset, count in zip(offsets, counts, strict=False)]
        if not all(map(_is_ended, fax)) and len({_fax(tags, fax, filler) for filler in _FILLERS}) > 1:
            raise PictureError(path, "cut short or damaged: some of the fax-coded pixel data is missing")
    return tuple(dict.fromkeys(notes))


def _is_ended(strip: bytes) -> bool:
    """Tell whether a strip ends in the mark that most fax-coded ones of the usual kind have, and no cut one."""
    bits = int.from_bytes(strip[-6:], "big")
    return bool(bits) and bits // (bits & -bits) & 0xFFFFFF == 0x1001


def _fax(tags: TiffImagePlugin.ImageFileDirectory_v2, strips: list[bytes], filler: bytes) -> bytes:
    """Decode the same strips with some bytes after each: its decoder fills up with white what is missing."""
    strips = [strip + filler for strip in strips]
    offsets = [8 + sum(map(len, strips[:k])) for k in range(len(strips))]
    counts = [len(strip) for strip in strips]
    body = b"".join(strips)
    arrays = struct.pack(f"<{2 * len(strips)}I", *offsets, *counts)
    after = 8 + len(body)
    alone = len(strips) == 1
    entries = [(tag, 1, int(tags[tag])) for tag in _FAX_TAGS if tag in tags]
    entries += [
        (273, len(strips), offsets[0] if alone else after),
        (279, len(strips), counts[0] if alone else after + 4 * len(strips)),
    ]
    listed = b"".join(struct.pack("<HHII", tag, 4, count, value) for tag, count, value in sorted(entries))
    directory = struct.pack("<H", len(entries)) + listed + bytes(4)
    file = b"II*\0" + struct.pack("<I", after + len(arrays)) + body + arrays + directory
    with TiffImagePlugin.TiffImageFile(io.BytesIO(file)) as image:
        return image.tobytes()
