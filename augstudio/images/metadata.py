"""What a file tells beside its pixels: orientation, and personal data that is left behind."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Literal, NamedTuple, cast

from PIL import ImageFile, TiffImagePlugin

ORIENTATION = 0x0112
MPF_IMAGES = 0xB001
_EXIF, _GPS = 0x8769, 0x8825
_LATITUDE = 2
_XMP, _IPTC = 700, 33723
_WORDS = (
    270,
    271,
    272,
    305,
    306,
    315,
    316,
    33432,
)  # description, maker, model, software, time, artist, host, copyright
_PHOTOSHOP_IPTC = 0x0404


class Entry(NamedTuple):
    """An entry of a TIFF-like directory."""

    tag: int
    kind: int
    offset: int  # where its value, or the place of its value, stands
    number: int | None  # the first value, if it is an unsigned integer of 16 or 32 bits


def entries(data: bytes, start: int | None = None) -> Iterator[Entry]:
    """Walk through a directory of TIFF-like data (EXIF, MPF, TIFF itself): the first, or the one at an offset.

    Own and small, since Pillow's reader gives up on damage that does not concern the tag, and heeds XMP as well.
    """
    order = {b"II*\0": "little", b"MM\0*": "big"}.get(data[:4])
    if order is None:
        return

    def number(offset: int, size: int) -> int:
        return int.from_bytes(data[offset : offset + size], cast(Any, order))

    at = number(4, 4) if start is None else start
    for entry in range(at + 2, min(at + 2 + 12 * number(at, 2), len(data) - 11), 12):
        size = {3: 2, 4: 4}.get(number(entry + 2, 2))
        value = None if size is None else number(entry + 8, size)
        yield Entry(number(entry, 2), number(entry + 2, 2), entry + 8, value)


def find(data: bytes, tag: int) -> Entry | None:
    """Find an integer in the first directory of TIFF-like data."""
    found = next((entry for entry in entries(data) if entry.tag == tag), None)
    return None if found is None or found.number is None else found


class Beside(NamedTuple):
    """What stands beside the pixels, where Pillow is not given it."""

    exif: bytes | None = None
    xmp: bytes = b""
    text: bool = False


def orientation(image: ImageFile.ImageFile, beside: Beside) -> int:
    """Give the EXIF orientation, 1 to 8."""
    value: Any
    if isinstance(image, TiffImagePlugin.TiffImageFile):
        value = image.tag_v2.get(ORIENTATION, 1)
    elif image.format == "HEIF":
        value = 1  # the container says how to turn it, its decoder has done so, and EXIF only repeats it
    else:
        found = find(_exif(image, beside), ORIENTATION)
        value = found.number if found else 1
    return value if isinstance(value, int) and 1 <= value <= 8 else 1


def personal(image: ImageFile.ImageFile, beside: Beside) -> tuple[str, ...]:
    """Name the metadata that does not travel with the pixels, in words that can be counted over many files."""
    info = image.info
    found = []
    if isinstance(image, TiffImagePlugin.TiffImageFile):
        tags = image.tag_v2
        if _EXIF in tags or _GPS in tags:
            position = _GPS in tags and _LATITUDE in image.getexif().get_ifd(_GPS)
            found.append(_with_position("EXIF", position))
        xmp: Any = tags.get(_XMP, b"")
        iptc, text = _IPTC in tags, any(tag in tags for tag in _WORDS)
    else:
        exif = _exif(image, beside)
        if exif:
            place = find(exif, _GPS)
            position = place is not None and any(entry.tag == _LATITUDE for entry in entries(exif, place.number))
            found.append(_with_position("EXIF", position))
        xmp = info.get("xmp") or beside.xmp
        photoshop = info.get("photoshop")
        iptc = isinstance(photoshop, dict) and _PHOTOSHOP_IPTC in photoshop
        text = beside.text
    if xmp:
        found.append(_with_position("XMP", "GPSLatitude" in str(xmp)))
    if iptc:
        found.append("IPTC")
    if info.get("comment"):
        found.append("comment")
    if text:
        found.append("text")
    return tuple(found)


_COLOUR_SPACE, _INTEROPERABILITY, _INDEX = 0xA001, 0xA005, 1
_UNCALIBRATED = 0xFFFF


def exif_of(image: ImageFile.ImageFile) -> bytes:
    """Give EXIF as it stands in a JPEG; empty if there is none."""
    return _exif(image, Beside())


def colour_space(exif: bytes) -> Literal["", "Adobe RGB", "uncalibrated"]:
    """Tell what EXIF says about colours; empty if it is sRGB, or nothing."""
    # The usual case first, without a walk: ColorSpace, one number of 16 bits, which is 1.
    if not exif or b"\xa0\1\0\3\0\0\0\1\0\1" in exif or b"\1\xa0\3\0\1\0\0\0\1\0" in exif:
        return ""
    place = find(exif, _EXIF)
    if place is None:
        return ""
    found = {entry.tag: entry for entry in entries(exif, place.number)}
    space = found.get(_COLOUR_SPACE)
    if space is None or space.number not in (2, _UNCALIBRATED):  # 2 was never in the standard, but is written
        return ""
    if space.number == 2:
        return "Adobe RGB"
    further = found.get(_INTEROPERABILITY)
    index = None
    if further is not None and further.number is not None:
        index = next((entry for entry in entries(exif, further.number) if entry.tag == _INDEX), None)
    return "Adobe RGB" if index is not None and exif[index.offset :][:3] == b"R03" else "uncalibrated"


def _exif(image: ImageFile.ImageFile, beside: Beside) -> bytes:
    exif = image.info.get("exif")
    return (exif if isinstance(exif, bytes) else beside.exif or b"").removeprefix(b"Exif\0\0")


def _with_position(name: str, position: bool) -> str:
    return f"{name} with GPS position" if position else name
