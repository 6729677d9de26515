"""Whether a file holds all of its picture's data, where its decoder would make some up or take it from elsewhere.

Decoders of most formats refuse data that ends too soon. These do not, or not always: a strip of a TIFF that is itself a
JPEG or a fax, or is not there; a tile of a JPEG 2000; the last pixels of a GIF or TGA, which are taken from what comes
next in the file. (JPEG is a matter of its own: `augstudio.images.jpeg`.)
"""

from __future__ import annotations

import io
import struct
from pathlib import Path

from PIL import TiffImagePlugin

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
