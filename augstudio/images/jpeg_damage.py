"""What is wrong with a JPEG that its decoder complains of: missing data, or bytes to spare.

A decoder's first complaint decides when it is that data ended too soon, or made no sense. When bytes are left over in
front of a marker, the picture's data may be complete, and be followed by some that do not matter; or it has been out of
step since a damaged place, and reached the last pixel too soon. That is looked at here, in files that are complained of
and in no others, so it may take a few times as long as decoding.
"""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import NamedTuple, TypeAlias

import numpy as np
import simplejpeg
from PIL import JpegImagePlugin

_END = b"\xff\xd9"
# In compressed data, 255 is followed by 0; before any marker it may be repeated.
_MARKER = re.compile(rb"\xff+([^\x00\xff])")
_START, _TABLES, _SCAN, _FINISH = 0xD8, 0xC4, 0xDA, 0xD9
_FRAMES = {*range(0xC0, 0xD0)} - {0xC4, 0xC8, 0xCC}
_SEQUENTIAL = {0xC0, 0xC1}
_ARITHMETIC = 0xC8  # and above
_KEPT = {*_FRAMES, _TABLES, 0xCC, 0xDB, 0xDC, 0xDD}  # and quantisation, number of lines, restarts
_RESTARTS = range(0xD0, 0xD8)
_ALONE = {0x01, _START, *_RESTARTS}  # markers that nothing belongs to

_APP0, _APP14 = 0xE0, 0xEE
_JFIF = b"\xff\xe0\0\x10JFIF\0\1\1\0\0\1\0\1\0\0"
_ADOBE = b"\xff\xee\0\x0eAdobe\0\x64" + bytes(4)

# What a decoder says of bytes that it passes over, and of what is no pixel data.
_MENDABLE = re.compile(r"(\d+) extraneous bytes|JFIF|Adobe|ICC")
_FILLERS = 64 * b"\0", 64 * b"\x55", 64 * b"\xa9"  # no code of a picture means the same in all of them
_LEAST_LOOKS, _MOST_LOOKED = 50, 2**26  # how often a file may be decoded here at least, and how many bytes
_LOOKED_FOR = 100  # bytes put before a marker
_CERTAIN = 6  # bits of padding; that so many are all 1 by chance is rare
_LITTLE, _FEW, _MANY = 2, 4, 64
"""Bytes left over: that are too few to hold much; the same where there is hardly another way to tell; and that are more
than anything but data would be, unless they are all the same."""
_GREY = 128  # what libjpeg puts where it has no data


@dataclass(frozen=True)
class Damage:
    """What was found.

    Attributes
    ----------
    reason : str
        Why the picture cannot be used, in plain words; empty if all of its data is there, as far as can be told.
    mended : bytes
        The same picture, without bytes that belong to nothing; empty if the decoder does not know this kind of JPEG.
    stray : bool
        Whether there were such bytes.
    """

    reason: str = ""
    mended: bytes = b""
    stray: bool = False


def complaint(data: bytes) -> str | None:
    """Decode a JPEG at 1/8 of its size, which is quickest, and give what the decoder complains of first."""
    try:
        simplejpeg.decode_jpeg(data, "GRAY", min_height=1, min_width=1)
    except ValueError as error:
        return str(error)
    return None


def of(data: bytes, said: str) -> Damage:
    """Look closely at a JPEG of which the decoder said something."""
    pieces = [*_pieces(data)]
    if not pieces:
        return Damage("damaged: no pixel data in the JPEG")
    if not _is_complaint(said):
        return _unknown(pieces)
    if not pieces[-1].whole:
        return Damage("cut short (the end of the JPEG data is missing)")
    if not _MENDABLE.search(said):
        return Damage(_reason(_joined(pieces)))
    try:
        looks = _Looks(max(_LEAST_LOOKS, _MOST_LOOKED // len(data)))
        return _of_left_over(pieces, looks, stray=_is_left_over(said))
    except _TooManyError:
        return Damage("damaged: too many bytes are left over in the JPEG's pixel data to tell what they are")


class _TooManyError(Exception):
    """It would take too long."""


@dataclass
class _Looks:
    """How often a file may still be decoded."""

    left: int

    def complaint(self, pieces: list[_Piece]) -> str | None:
        """Give what the decoder complains of first."""
        self.left -= 1
        if self.left < 0:
            raise _TooManyError
        return complaint(_joined(pieces))

    def is_left_over(self, pieces: list[_Piece]) -> bool:
        """Tell whether bytes are left over of any piece."""
        # At a scan's end, the decoder forgets some of the bytes that it has in hand.
        return self._is_left_over(pieces) or (len(pieces[-1].lead) == 2 and self._is_left_over(pieces[:-1]))

    def _is_left_over(self, pieces: list[_Piece]) -> bool:
        # The decoder may keep what it found at one marker to itself until it has to look for another.
        said = self.complaint([*pieces[:-1], pieces[-1]._replace(data=pieces[-1].data + bytes(_LOOKED_FOR))])
        found = re.search(r"(\d+) extraneous bytes before marker 0xd9", said or "")
        return found is None or int(found[1]) > _LOOKED_FOR

    def is_enough(self, pieces: list[_Piece], length: int) -> bool:
        """Tell whether so many bytes of the last piece are all that the decoder needs of it."""
        *before, last = pieces
        said = self.complaint([*before, last._replace(data=last.data[:length])])
        # Where the marker of a restart is missing next, all is there until then.
        return said is None or _is_left_over(said) or "instead of RST" in said


def _of_left_over(pieces: list[_Piece], looks: _Looks, *, stray: bool) -> Damage:
    """Take away, one by one, bytes that the decoder leaves over, unless they are data."""
    while (said := looks.complaint(pieces)) is not None:
        stray = True
        if not _is_complaint(said):
            return _unknown(pieces)
        if not _is_left_over(said):
            return Damage(_reason(_joined(pieces)))
        at = _first(0, len(pieces) - 1, lambda k: looks.is_left_over(pieces[: k + 1]))
        ended = _without_rest(pieces[: at + 1], said, looks)
        if not _is_stray(pieces[: at + 1], ended, looks):
            return Damage("damaged: some of the JPEG's pixel data cannot be decoded, and some is left over")
        pieces[at] = pieces[at]._replace(data=ended)
    return Damage(mended=_joined(pieces), stray=stray)


def _is_complaint(said: str) -> bool:
    return not said.startswith("tj")  # those are errors of the decoder's, by the names of its functions


def _is_left_over(said: str | None) -> bool:
    return said is not None and "extraneous bytes" in said


def _reason(data: bytes) -> str:
    """Put missing data in words; where the picture ends in grey, with its extent."""
    try:
        small = simplejpeg.decode_jpeg(data, "GRAY", min_height=1, min_width=1, strict=False)[..., 0]
        height = int(simplejpeg.decode_jpeg_header(data, strict=False)[0])
    except ValueError as error:
        return f"damaged or not supported ({error})"
    drawn = np.flatnonzero((small != _GREY).any(axis=1))
    first = 8 * (int(drawn[-1]) + 1) if len(drawn) else 0
    if first < height:
        return f"cut short or damaged: the last {height - first:,} of {height:,} stored rows hold no data"
    return "cut short or damaged: some of the JPEG's pixel data is missing or cannot be decoded"


# --- the file's pieces ------------------------------------------------------------------------------------------------


class _Piece(NamedTuple):
    """Compressed data up to the next marker, and the markers before it that it needs."""

    lead: bytes
    data: bytes
    whole: bool  # a marker comes after it


def _pieces(data: bytes) -> Iterator[_Piece]:
    """Take a JPEG apart, and leave out what is not needed for its pixels, or belongs to nothing."""
    at, lead = 2, bytearray(data[:2])
    components, adobe = 0, -1
    while (found := _MARKER.search(data, at)) is not None and found[1][0] != _FINISH:
        at, marker = found.end(), found[1][0]
        if marker in _ALONE:
            continue
        end = at + max(2, int.from_bytes(data[at : at + 2], "big"))
        content = data[at + 2 : end]
        if marker in _KEPT or marker == _SCAN:
            lead += b"\xff" + found[1] + data[at:end]
        elif marker == _APP0 and content[:5] == b"JFIF\0" and len(content) >= 14:
            lead += _JFIF
        elif marker == _APP14 and content[:5] == b"Adobe" and len(content) >= 12:
            adobe = content[11]
        if marker in _FRAMES and len(content) > 5:
            components = content[5]
        if adobe >= 0 and components:  # what says how colours are stored; decoders take unknown numbers for the usual
            usual = {3: 1, 4: 2}.get(components, 0)
            lead += _ADOBE + bytes([usual if adobe else 0])
            adobe = -1
        at = end
        while marker == _SCAN:
            found = _MARKER.search(data, at)
            yield _Piece(bytes(lead), data[at : found.start()] if found else data[at:], found is not None)
            lead.clear()
            if found is None or found[1][0] not in _RESTARTS:
                break
            lead += b"\xff" + found[1]
            at = found.end()


def _joined(pieces: list[_Piece]) -> bytes:
    return b"".join(part for piece in pieces for part in piece[:2]) + _END


def _first(low: int, high: int, holds: Callable[[int], bool]) -> int:
    """The first number of those from low to high for which something holds that holds for all after it."""
    while low < high:
        middle = (low + high) // 2
        if holds(middle):
            high = middle
        else:
            low = middle + 1
    return low


def _without_rest(pieces: list[_Piece], said: str, looks: _Looks) -> bytes:
    """Cut off what the decoder does not use of the last piece."""
    data = pieces[-1].data
    found = _MENDABLE.search(said)
    # A byte of 255 takes two, and the decoder may have had some in hand.
    most = 2 * (int(found[1]) + 8) if found and found[1] else len(data)
    return data[: _first(max(0, len(data) - most), len(data), lambda length: looks.is_enough(pieces, length))]


# --- are bytes left over, or data? ------------------------------------------------------------------------------------


def _is_stray(pieces: list[_Piece], ended: bytes, looks: _Looks) -> bool:
    """Tell bytes after complete data from data that a decoder out of step has left over."""
    rest = pieces[-1].data[len(ended) :]
    coding = _coding(pieces)
    if not ended or not rest:
        return False
    bits = _bits(ended[-2:])
    if coding.plain:
        unused = _unused_bits([*pieces[:-1], pieces[-1]._replace(data=ended)], coding.components, looks)
        bits = bits[len(bits) - unused :]
        if "0" in bits:  # an unfinished byte is filled up with 1
            return False
    if len({*rest.replace(b"\xff\0", b"\xff")}) == 1:
        return {*ended[-4:]} != {*rest}  # unless it is a blank stretch that began before
    if len(rest) > _MANY:
        return False
    if not coding.plain:
        filled = coding.frame < _ARITHMETIC and bits.endswith("11")  # on the average, it is three or four bits
        return filled or len(rest) <= _FEW
    little = len(rest) <= _LITTLE and (coding.frame in _SEQUENTIAL or len(bits) > 1)
    return little or len(bits) >= _CERTAIN or not _reads_on(coding.blocks, bits + _bits(rest))


def _unused_bits(pieces: list[_Piece], components: int, looks: _Looks) -> int:
    """Count the last bits of the last piece that change nothing."""
    *before, last = pieces
    stuffed = last.data.endswith(b"\xff\0")
    body, value = (last.data[:-2], 0xFF) if stuffed else (last.data[:-1], last.data[-1])
    colours = {1: "GRAY", 4: "CMYK"}.get(components, "RGB")

    def shown(byte: int) -> tuple[str | None, bytes]:
        changed = [*before, last._replace(data=body + (b"\xff\0" if byte == 0xFF else bytes([byte])))]
        return looks.complaint(changed), simplejpeg.decode_jpeg(_joined(changed), colours, strict=False).tobytes()

    right = shown(value)
    return next((k for k in range(8) if shown(value ^ (1 << k)) != right), 0)


_Codes: TypeAlias = dict[str, int]
_Block: TypeAlias = tuple[_Codes, _Codes]  # of the first number, and of the others, if there are any


class _Coding(NamedTuple):
    """How the last piece is coded."""

    frame: int  # the marker that began the frame
    components: int
    plain: bool  # data consists of codes that need no others to be read
    blocks: list[_Block]  # of a unit, of which data consists


def _coding(pieces: list[_Piece]) -> _Coding:
    codes: dict[int, _Codes] = {}
    sampling: dict[int, int] = {}
    frame, scan = 0, b""
    for marker, content in (segment for piece in pieces for segment in _segments(piece.lead)):
        if marker in _FRAMES:
            frame = marker
            sampling = {content[k]: content[k + 1] for k in range(6, len(content) - 2, 3)}
        elif marker == _TABLES:
            codes.update(_huffman(content))
        elif marker == _SCAN:
            scan = content
    blocks: list[_Block] = []
    for k in range(1, 2 * scan[0], 2):
        first, others = divmod(scan[k + 1], 16)
        across, down = divmod(sampling[scan[k]], 16) if scan[0] > 1 else (1, 1)
        blocks += [(codes.get(first, {}), codes.get(16 | others, {}) if scan[-2] else {})] * (across * down)
    means_only = scan[-3:-1] == b"\0\0" and scan[-1] < 16 and frame < _ARITHMETIC  # the first look at them
    return _Coding(frame, len(sampling), frame in _SEQUENTIAL or means_only, blocks)


def _segments(lead: bytes) -> Iterator[tuple[int, bytes]]:
    at = 0
    while at + 2 <= len(lead):
        marker = lead[at + 1]
        at += 2
        if marker not in _ALONE:
            end = at + int.from_bytes(lead[at : at + 2], "big")
            yield marker, lead[at + 2 : end]
            at = end


def _huffman(content: bytes) -> Iterator[tuple[int, _Codes]]:
    """Read tables of codes, each by the number that scans give it, plus 16 where it is for all but first numbers."""
    at = 0
    while at + 17 <= len(content):
        number, counts = content[at], content[at + 1 : at + 17]
        at += 17
        codes: _Codes = {}
        code = 0
        for length, count in enumerate(counts, 1):
            for symbol in content[at : at + count]:
                codes[f"{code:0{length}b}"] = symbol
                code += 1
            at, code = at + count, code << 1
        yield number, codes


def _bits(data: bytes) -> str:
    data = data.replace(b"\xff\0", b"\xff")
    return f"{int.from_bytes(data, 'big'):0{8 * len(data)}b}" if data else ""


def _reads_on(blocks: list[_Block], bits: str) -> bool:
    """Tell whether bits can be read as whole blocks up to the end of a unit, and end as data does."""
    for k in range(len(blocks)):
        begun, at = _walk(blocks[k:], bits, 1)
        if begun and _is_padding(bits[at + _walk(blocks, bits[at:], len(bits))[1] :]):
            return True
    return False


def _walk(blocks: list[_Block], bits: str, most: int) -> tuple[int, int]:
    """Read as many whole units as there are, or at most so many; give their number, and where the last one ends."""
    end = 0
    for unit in range(most):
        at = end
        for first, others in blocks:
            done = 0
            while done < (64 if others else 1):
                codes = others if done else first
                to = at + 1
                while (symbol := codes.get(bits[at:to])) is None and to - at <= 16 and to <= len(bits):
                    to += 1
                if symbol is None:
                    return unit, end
                run, size = divmod(symbol, 16)
                at = to + size
                if at > len(bits):
                    return unit, end
                if done == 0:
                    done = 1
                elif size == 0 and run != 15:
                    break
                else:
                    done += run + 1
        end = at
    return most, end


def _is_padding(bits: str) -> bool:
    return len(bits) < 8 and "0" not in bits


# --- what the decoder does not know -----------------------------------------------------------------------------------


def _unknown(pieces: list[_Piece]) -> Damage:
    """Check a kind of JPEG that only Pillow decodes: what follows the data must make no difference."""
    if not pieces[-1].whole:
        return Damage("cut short (the end of the JPEG data is missing)")
    first, *others = (_followed_by(pieces, filler) for filler in _FILLERS)
    if all(other == first for other in others):
        return Damage()
    return Damage("cut short or damaged: some of the JPEG's pixel data is missing or cannot be decoded")


def _followed_by(pieces: list[_Piece], filler: bytes) -> bytes:
    """Decode with some bytes after each piece, and one piece of them more after each scan."""
    longer = []
    restart = 0
    for piece, after in zip(pieces, (*pieces[1:], None), strict=True):
        restart = (restart + 1) % 8 if piece.lead[-1] in _RESTARTS and len(piece.lead) == 2 else 0
        longer.append(piece._replace(data=piece.data + filler))
        if after is None or len(after.lead) > 2:
            longer.append(_Piece(bytes([0xFF, 0xD0 + restart]), filler, True))
    return JpegImagePlugin.JpegImageFile(io.BytesIO(_joined(longer))).tobytes()
