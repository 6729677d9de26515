"""Taking personal data out of a picture file, with its pixels left exactly as they are stored.

What is kept is what decoding needs, by name; whatever else there is goes, known or not. A file that is not understood
to its last byte is not treated at all. Two things stay, since nobody can tell them from pixels without decoding them:
bytes that an encoder put after the last pixel within the compressed data itself, and what the picture shows.
"""

from __future__ import annotations

import re
import struct
import zlib
from collections.abc import Callable, Iterator

from augstudio.images import metadata, png, profiles
from augstudio.images.colours import Colours


def without_metadata(data: bytes, format: str) -> bytes | None:  # noqa: A002  (as Pillow calls it)
    """Give the same file without EXIF (position, orientation, thumbnail), XMP, IPTC, comments, texts and times.

    Animations and appended pictures go too, and everything behind the picture's end, where phones put videos.

    Parameters
    ----------
    data : bytes
        A picture file.
    format : str
        `PictureInfo.format`.

    Returns
    -------
    bytes or None
        The file, smaller or equal; it decodes to the same pixels, before EXIF orientation. None if this cannot be
        done for certain: other formats than JPEG, PNG, WebP and the plainest BMP, damaged or unusual files, and those
        that need their colour profile.
    """
    treat = _TREATMENTS.get(format)
    try:
        return None if treat is None else treat(data)
    except (_UntreatableError, struct.error, IndexError):
        return None


class _UntreatableError(Exception):
    """The file is damaged, or of a kind that is not known well enough."""


def _require(condition: bool) -> None:
    if not condition:
        raise _UntreatableError


def _require_srgb(said: Colours) -> None:
    _require(profiles.is_srgb(said))


# --- JPEG -------------------------------------------------------------------------------------------------------------

_FRAMES = {*range(0xC0, 0xD0)} - {0xC4, 0xC8, 0xCC}  # start of frame: one for each way of coding
_TABLES = {0xC4, 0xCC, 0xDB, 0xDD}  # Huffman, arithmetic, quantisation, restart interval
_SCAN, _END = 0xDA, 0xD9
_APP0, _APP1, _APP2, _APP14, _COMMENT = 0xE0, 0xE1, 0xE2, 0xEE, 0xFE
_ICC, _EXIF = b"ICC_PROFILE\0", b"Exif\0\0"
# In compressed data, 255 is followed by 0 or is part of a restart marker; before any marker it may be repeated.
_MARKER = re.compile(rb"\xff+[^\x00\xff\xd0-\xd7]")


def _jpeg(data: bytes) -> bytes:
    _require(data[:2] == b"\xff\xd8")
    kept = [b"\xff\xd8"]
    profile: dict[int, bytes] = {}
    exif = b""
    at, scans, frames, jfif = 2, 0, 0, False
    while True:
        _require(data[at] == 0xFF)
        while data[at] == 0xFF:
            at += 1
        marker = data[at]
        at += 1
        if marker == _END:
            _require(scans > 0)
            kept.append(b"\xff\xd9")
            break
        _require(marker >= 0xC0 and not 0xD0 <= marker <= 0xD8)
        (length,) = struct.unpack_from(">H", data, at)
        content = data[at + 2 : at + length]
        _require(length >= 2 and len(content) == length - 2)
        at += length
        if marker == _APP0:
            if content[:5] == b"JFIF\0" and len(content) >= 14 and not jfif:
                kept.append(_segment(marker, content[:12] + b"\0\0"))  # without the thumbnail
                jfif = True
        elif marker == _APP14:
            if content[:5] == b"Adobe" and len(content) >= 12:
                kept.append(_segment(marker, content[:12]))
        elif 0xE0 <= marker <= 0xEF or marker == _COMMENT:
            if marker == _APP2 and content.startswith(_ICC) and len(content) > 14:
                profile[content[12]] = content[14:]
            elif marker == _APP1 and content.startswith(_EXIF) and not exif:
                exif = content[len(_EXIF) :]
        elif marker == _SCAN:
            _require(frames == 1)
            found = _MARKER.search(data, at)
            if found is None:
                raise _UntreatableError
            kept += [_segment(marker, content), data[at : found.start()]]
            at = found.start()
            scans += 1
        else:
            _require(marker in _FRAMES or marker in _TABLES)
            frames += marker in _FRAMES
            kept.append(_segment(marker, content))
    _require(frames == 1)
    if profile:
        _require_srgb(Colours(b"".join(profile[number] for number in sorted(profile))))
    else:
        _require(metadata.colour_space(exif) != "Adobe RGB")
    return b"".join(kept)


def _segment(marker: int, content: bytes) -> bytes:
    return struct.pack(">BBH", 0xFF, marker, len(content) + 2) + content


# --- PNG --------------------------------------------------------------------------------------------------------------

_PNG = b"\x89PNG\r\n\x1a\n"
_PALETTE, _GREY = 3, (0, 4)
_KEY_LENGTHS = {0: 2, 2: 6}


def _png(data: bytes) -> bytes:
    _require(data.startswith(_PNG))
    kept = [_PNG]
    order: list[bytes] = []
    said: dict[bytes, bytes] = {}
    colour, palette = -1, 0
    at = len(_PNG)
    while not order or order[-1] != b"IEND":
        (length,) = struct.unpack_from(">I", data, at)
        end = at + 12 + length
        _require(end <= len(data))
        kind, content = data[at + 4 : at + 8], data[at + 8 : end - 4]
        _require(bool(order) == (kind != b"IHDR"))
        if kind in png.COLOURS and b"IDAT" not in order:
            said.setdefault(kind, content)
        wanted = kind in (b"IHDR", b"IDAT", b"IEND")
        if kind == b"IHDR":
            _require(length == 13)
            colour = content[9]
        elif kind == b"PLTE":
            _require(kind not in order and b"IDAT" not in order and length % 3 == 0)
            wanted, palette = colour == _PALETTE, length // 3
        elif kind == b"tRNS":
            _require(kind not in order and b"IDAT" not in order)
            if colour == _PALETTE:
                _require(0 < length <= palette)
            else:
                _require(_KEY_LENGTHS.get(colour) == length)
            wanted = True
        elif kind == b"IDAT":
            _require(b"IDAT" not in order or order[-1] == b"IDAT")
        elif kind == b"IEND":
            _require(length == 0 and b"IDAT" in order and (palette > 0 or colour != _PALETTE))
        else:
            # Capital letters mean "needed to show the picture"; small ones, that whoever does not know it may go on.
            _require(kind.isalpha() and kind[:1].islower())
        if wanted:
            _require(zlib.crc32(data[at + 4 : end - 4]) == int.from_bytes(data[end - 4 : end], "big"))
            kept.append(data[at:end])
        order.append(kind)
        at = end
    _require_srgb(png.described(said, grey=colour in _GREY)[0])
    return b"".join(kept)


# --- WebP -------------------------------------------------------------------------------------------------------------

_ALPHA, _ANIMATED = 0x10, 0x02


def _webp(data: bytes) -> bytes:
    _require(data[:4] == b"RIFF" and data[8:12] == b"WEBP")
    end = 8 + int.from_bytes(data[4:8], "little")
    _require(end <= len(data))
    kept: list[tuple[bytes, bytes]] = []
    for kind, content in _riff(data, 12, end):
        if kind == b"ICCP":
            _require_srgb(Colours(content))
        elif kind == b"VP8X":
            _require(not kept and len(content) == 10 and not content[0] & _ANIMATED)
            kept.append((kind, bytes([content[0] & _ALPHA, 0, 0, 0]) + content[4:]))
        elif kind == b"ALPH":
            _require([before for before, _ in kept] == [b"VP8X"])
            kept.append((kind, content))
        elif kind in (b"VP8 ", b"VP8L"):
            _require(all(before in (b"VP8X", b"ALPH") for before, _ in kept))
            kept.append((kind, content))
        else:
            _require(kind not in (b"ANIM", b"ANMF"))
    _require(bool(kept) and kept[-1][0] in (b"VP8 ", b"VP8L"))
    body = b"".join(
        kind + struct.pack("<I", len(content)) + content + b"\0" * (len(content) % 2) for kind, content in kept
    )
    return b"RIFF" + struct.pack("<I", 4 + len(body)) + b"WEBP" + body


def _riff(data: bytes, at: int, end: int) -> Iterator[tuple[bytes, bytes]]:
    while at < end:
        kind, length = struct.unpack_from("<4sI", data, at)
        _require(at + 8 + length <= end)
        yield kind, data[at + 8 : at + 8 + length]
        at += 8 + length + length % 2


# --- BMP --------------------------------------------------------------------------------------------------------------


def _bmp(data: bytes) -> bytes:
    magic, length, reserved, start = struct.unpack_from("<2sIII", data)
    head, width, height, planes, bits, packing, _, _, _, used, _ = struct.unpack_from("<IiiHHIIiiII", data, 14)
    _require(magic == b"BM" and length == len(data) and reserved == 0)
    _require(head == 40 and planes == 1 and packing == 0 and bits in (8, 24) and width > 0 and height != 0)
    colours = (used or 256) if bits == 8 else 0
    _require(used in (0, colours) and colours <= 256 and start == 54 + 4 * colours)
    _require(not any(data[57:start:4]))  # the fourth byte of a colour has no meaning
    row = width * bits // 8
    padded = row + -row % 4
    _require(len(data) == start + padded * abs(height))
    padding = (data[start + row + k :: padded] for k in range(padded - row))
    _require(not any(any(rest) for rest in padding))
    return data


_TREATMENTS: dict[str, Callable[[bytes], bytes]] = {"JPEG": _jpeg, "PNG": _png, "WEBP": _webp, "BMP": _bmp}
