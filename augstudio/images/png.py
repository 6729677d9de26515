"""PNG, part by part: what decoders are given, and what else the file says.

Decoders get nothing but the parts that pixels need. So what is broken elsewhere, or larger than a library's own limit,
cannot cost the picture; and what is not there (animation, orientation, gamma, profiles) no decoder applies its own way.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import IO, NamedTuple

from augstudio.images import colours
from augstudio.images.colours import Colours, Gamut
from augstudio.images.failures import PictureError

SIGNATURE = b"\x89PNG\r\n\x1a\n"
_NEEDED = (b"IHDR", b"PLTE", b"tRNS", b"IDAT", b"IEND")
_TEXTS = (b"tEXt", b"zTXt", b"iTXt")
COLOURS = (b"cICP", b"iCCP", b"sRGB", b"gAMA", b"cHRM")
_XMP = b"XML:com.adobe.xmp\0"
_MOST_UNPACKED = 2**24  # bytes: of a profile, or of XMP that is searched for a position
_MOST_HEAD = 2**16  # bytes of a part that is looked at, other than a profile, EXIF or text
# Gamma within this share of sRGB's stands for sRGB's curve, which no power is; rounding alone makes 0.45 of 0.45455.
_NEARLY = 0.05
_SRGB_GAMMA = 0.45455


class Png(NamedTuple):
    """What was found in a PNG."""

    core: bytes  # what decoders need: all of it, or without pixels up to where they begin
    colours: Colours
    exif: bytes | None
    xmp: bytes
    text: bool
    frames: int
    damaged: bool  # something that pixels do not need


def scan(path: Path, file: IO[bytes], data: bytes | None) -> Png:
    """Walk through a PNG.

    Parameters
    ----------
    path : Path
        For errors.
    file : file
        The PNG.
    data : bytes or None
        All of it, to check and gather the pixels' parts as well; None if only the header is wanted.

    Raises
    ------
    PictureError
        If it ends too early, or a part that pixels need is damaged, or not known.
    """
    view = None if data is None else memoryview(data)
    parts: list[bytes | memoryview] = [SIGNATURE]
    seen: set[bytes] = set()
    beside = _Beside()
    file.seek(len(SIGNATURE))
    while len(start := file.read(8)) == 8 and b"IEND" not in seen:
        length, kind = int.from_bytes(start[:4], "big"), start[4:]
        at = file.tell()
        if kind == b"IDAT":
            beside.pixels_begin()
            if parts[1:] and parts[1][17] == 3 and b"PLTE" not in seen:
                raise PictureError(path, "damaged: the PNG's palette is missing")
        if kind in beside.WANTED:
            beside.take(kind, file, length)
        elif kind == b"IDAT" and view is None:
            parts += [] if kind in seen else [start]
            seen.add(kind)
        elif kind in _NEEDED:
            whole = start + file.read(length + 4) if view is None else view[at - 8 : at + length + 4]
            if len(whole) < length + 12:
                break
            if zlib.crc32(whole[4:-4]) != _number(bytes(whole[-4:])):
                raise PictureError(path, f"damaged: wrong checksum in the PNG's {kind.decode()} part")
            if kind == b"IDAT" or not (kind in seen or (b"IDAT" in seen and kind != b"IEND")):
                parts.append(whole)
            seen.add(kind)
        elif not (kind.isalpha() and kind[:1].islower()):
            if view is None and b"IDAT" in seen:
                break  # `read` will tell
            name = kind.decode() if kind.isalnum() else kind.hex()
            raise PictureError(path, f"damaged or not supported: the PNG part {name}, which is needed, is not known")
        file.seek(at + length + 4)
    if view is not None and b"IEND" not in seen:
        raise PictureError(path, "cut short (the end of the PNG data is missing)")
    header = bytes(parts[1]) if len(parts) > 1 else b""
    return beside.told(b"".join(parts), grey=header[17:18] in (b"\0", b"\4"))


class _Beside:
    """Gathers what pixels do not need."""

    WANTED = frozenset((b"eXIf", b"acTL", b"fcTL", b"fdAT", *COLOURS, *_TEXTS))

    def __init__(self) -> None:
        self._found: dict[bytes, bytes] = {}
        self._numbers: list[int] = []  # those that put the parts of an animation in order
        self._controls = 0  # of frames
        self._begun = False
        self._first_is_one = False  # of the frames of an animation
        self._damaged = False
        self._text = False
        self._xmp = b""

    def pixels_begin(self) -> None:
        if not self._begun:
            self._begun, self._first_is_one = True, bool(self._numbers)

    def take(self, kind: bytes, file: IO[bytes], length: int) -> None:
        """Read a part; a broken one of those about colours stays as an empty one, which says so."""
        at = file.tell()
        content = file.read(length if kind in (b"eXIf", b"iCCP", b"iTXt") else min(length, _MOST_HEAD))
        if kind in _TEXTS:
            if kind == b"iTXt" and content.startswith(_XMP):
                self._xmp = self._xmp or _itxt(content)
            else:
                self._text = True
            return
        if kind != b"fdAT":
            file.seek(at + length)
            if zlib.crc32(content, zlib.crc32(kind)) != _number(file.read(4)):
                self._damaged = True
                if kind in COLOURS:
                    self._found.setdefault(kind, b"")
                return
        if kind in (b"fcTL", b"fdAT"):
            self._controls += kind == b"fcTL"
            self._numbers.append(_number(content[:4]) if len(content) >= (26 if kind == b"fcTL" else 4) else -1)
        elif kind in self._found or (self._begun and kind != b"eXIf"):
            self._damaged = True
        else:
            self._found[kind] = content

    def told(self, core: bytes, *, grey: bool) -> Png:
        frames, sound = self._frames()
        said, fits = described(self._found, grey=grey)
        damaged = self._damaged or not (sound and fits)
        return Png(core, said, self._found.get(b"eXIf"), self._xmp, self._text, frames, damaged)

    def _frames(self) -> tuple[int, bool]:
        """Count an animation's frames, and tell whether its parts are sound; a still picture has one frame."""
        control = self._found.get(b"acTL")
        if control is None:
            return 1, not self._numbers
        count = _number(control[:4])
        in_order = self._numbers == list(range(len(self._numbers)))
        if len(control) != 8 or count < 1 or count != self._controls or not in_order:
            return 1, False
        return count + (not self._first_is_one), True


def _number(content: bytes) -> int:
    return int.from_bytes(content, "big")


def _itxt(content: bytes) -> bytes:
    packed, rest = content[len(_XMP) :][:1] == b"\1", content[len(_XMP) + 2 :]
    text = rest.split(b"\0", 2)[-1]
    return (unpacked(text) or b"?") if packed else text


def unpacked(packed: bytes) -> bytes | None:
    """Inflate a profile or text; None if it is damaged or larger than anybody's profile."""
    inflating = zlib.decompressobj()
    try:
        content = inflating.decompress(packed, _MOST_UNPACKED)
    except zlib.error:
        return None
    return content if inflating.eof else None


# --- colours ----------------------------------------------------------------------------------------------------------


def described(parts: Mapping[bytes, bytes], *, grey: bool) -> tuple[Colours, bool]:
    """Understand what a PNG's parts say about colours, the strongest first (PNG, third edition, 4.3).

    Parameters
    ----------
    parts : mapping
        Content by kind; an empty one is damaged.
    grey : bool
        Whether the picture is grey.

    Returns
    -------
    colours : Colours
        What they are.
    sound : bool
        Whether all that was looked at made sense.
    """
    sound, unknown = True, None
    if b"cICP" in parts:
        if len(code := parts[b"cICP"]) == 4 and code[2] == 0:
            said = colours.by_number(code[0], code[1], full_range=code[3] == 1, grey=grey)
            if said.note is None:
                return said, True
            unknown = said
        else:
            sound = False
    if b"iCCP" in parts:
        profile = unpacked(parts[b"iCCP"].partition(b"\0")[2][1:])
        if profile is not None:
            return Colours(profile), sound
        unknown = unknown or Colours(
            note="ICC profile without a name ignored (it is damaged or does not fit the picture)"
        )
    if unknown is not None:
        return unknown, sound
    if len(parts.get(b"sRGB", b"")) == 1:
        return Colours(), sound
    sound = sound and b"sRGB" not in parts
    gamma = gamut = None
    if b"gAMA" in parts:
        gamma = _number(parts[b"gAMA"]) / 100_000 if len(parts[b"gAMA"]) == 4 else 0
        if not 0.01 <= gamma <= 100:
            gamma, sound = None, False
    if b"cHRM" in parts:
        if len(parts[b"cHRM"]) == 32:
            x = [value / 100_000 for value in struct.unpack(">8I", parts[b"cHRM"])]
            gamut = Gamut((x[2], x[3]), (x[4], x[5]), (x[6], x[7]), (x[0], x[1]))
        else:
            sound = False
    if gamma is None and gamut is None:
        return Colours(), sound
    like_srgb = gamma is None or abs(gamma / _SRGB_GAMMA - 1) < _NEARLY
    curve = colours.SRGB_CURVE if gamma is None or like_srgb else colours.gamma_curve(1 / gamma)
    if like_srgb and (gamut is None or grey):
        return Colours(), sound
    told = [] if like_srgb else [f"gamma {gamma:.3g}"]
    told += [] if gamut is None or grey else ["primaries"]
    said = colours.built(f"{' and '.join(told)} of the PNG", gamut, [curve], grey=grey)
    return (Colours(), False) if said.note else (said, sound)
