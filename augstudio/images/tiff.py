"""TIFF: what kind of picture a file holds, and the samples of kinds that Pillow does not know, or cuts down to 8 bit.

Pillow and libtiff serve as unpackers of bytes for the latter; what bytes mean is told from the tags here.
"""

from __future__ import annotations

import io
import os
import struct
import zlib
from collections.abc import Sequence
from pathlib import Path
from typing import IO, Any, Literal, NamedTuple, cast

import numpy as np
from numpy.typing import NDArray
from PIL import ImageFile, TiffImagePlugin

from augstudio.images.failures import PictureError

Order = Literal["little", "big"]

_SIZES = {1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 6: 1, 7: 1, 8: 2, 9: 4, 10: 8, 11: 4, 12: 8, 13: 4, 16: 8, 17: 8, 18: 8}
_LETTERS = {1: "B", 3: "H", 4: "I", 13: "I", 16: "Q", 18: "Q"}  # unsigned integers
_KEPT_AS_BYTES = {1, 2, 6, 7}  # kinds that Pillow does not turn into an object for each number

_WIDTH, _HEIGHT, _BITS, _COMPRESSION, _PHOTOMETRIC, _FILL_ORDER = 256, 257, 258, 259, 262, 266
_OFFSETS, _SAMPLES, _ROWS, _COUNTS, _PLANAR, _PREDICTOR = 273, 277, 278, 279, 284, 317
_TILE_WIDTH, _TILE_HEIGHT, _TILE_OFFSETS, _TILE_COUNTS = 322, 323, 324, 325
_INKS, _EXTRA, _FORMAT, _SUBSAMPLING, _REFERENCE = 332, 338, 339, 530, 532
_DIRECTORIES = {34665, 34853, 40965}  # EXIF, GPS, interoperability
# What decides over pixels, by TIFF 6.0 and libtiff: a picture without these, or with broken ones, is damaged.
_NEEDED = {
    *(_WIDTH, _HEIGHT, _BITS, _COMPRESSION, _PHOTOMETRIC, _FILL_ORDER, _OFFSETS, _SAMPLES, _ROWS, _COUNTS, _PLANAR),
    *(292, 293, _PREDICTOR, 320, _TILE_WIDTH, _TILE_HEIGHT, _TILE_OFFSETS, _TILE_COUNTS, _INKS, _EXTRA, _FORMAT),
    *(347, 512, 513, 514, 515, 517, 518, 519, 520, 521, 529, _SUBSAMPLING, 531, _REFERENCE),
}
_OTHERWISE = {292, 293, 347, 529, _REFERENCE}  # of these, which need not be whole numbers
_NO_TAG = 0xFFFF


class Form(NamedTuple):
    """How the directories of a TIFF are written."""

    order: Order
    first: int  # where the first directory stands
    head: int  # bytes of the number of entries
    entry: int  # bytes of an entry
    link: int  # bytes of an offset

    @classmethod
    def of(cls, file: IO[bytes]) -> Form:
        """Read the file's first bytes."""
        file.seek(0)
        head = file.read(16)
        order: Order = "little" if head[:2] == b"II" else "big"
        if 43 in head[2:4]:  # BigTIFF
            return cls(order, int.from_bytes(head[8:16], order), 8, 20, 8)
        return cls(order, int.from_bytes(head[4:8], order), 2, 12, 4)


class Kind(NamedTuple):
    """What kind of picture a TIFF holds."""

    colour: Literal["grey", "RGB", "CMYK", "palette", "YCbCr"]
    bits: int
    alpha: Literal[0, 1, 2]  # none; multiplied into the colours; not so
    inverted: bool  # white is zero
    own: bool  # `samples` decodes it; otherwise Pillow does

    @property
    def channels(self) -> int:
        """Of the array that it becomes."""
        return (1 if self.colour == "grey" else 3) + (self.alpha > 0)

    @property
    def depth(self) -> int:
        """Bits of the array that it becomes."""
        return 16 if self.bits > 8 and self.colour != "CMYK" else 8


class Tiff(NamedTuple):
    """The first directory of a TIFF."""

    order: Order
    values: dict[int, tuple[int, ...]]  # of the tags that decide over pixels, as far as they are integers
    broken: tuple[int, ...]  # where entries stand that nobody can read, and nobody needs
    link: int  # bytes of an offset

    def one(self, tag: int, default: int) -> int:
        """Give the first value of a tag."""
        return (self.values.get(tag) or (default,))[0]


def look(path: Path, file: IO[bytes], max_pixels: int) -> Tiff:
    """Read the tags that decide over pixels.

    Raises
    ------
    PictureError
        If one of them is damaged, or takes a lot of time or memory to read: Pillow turns each number into an object.
    """
    form = Form.of(file)
    if form.link == 8 and form.order == "big":
        raise PictureError(path, "a BigTIFF of big-endian order is not supported; save it as a plain TIFF")
    length = file.seek(0, os.SEEK_END)
    file.seek(form.first)
    count = int.from_bytes(file.read(form.head), form.order)
    if count * form.entry > length:
        raise PictureError(path, f"damaged: {count:,} TIFF tags in a file of {length:,} bytes")
    directory = file.read(count * form.entry + form.link)[: -form.link]
    if len(directory) < count * form.entry:
        raise PictureError(path, "cut short or damaged (the TIFF's directory is incomplete)")
    # As many numbers as there are tiles, and tiles are 16 × 16 at least, or rows in strips.
    most = 2**18 + max_pixels // 256
    mark = "<" if form.order == "little" else ">"
    values: dict[int, tuple[int, ...]] = {}
    others: list[int] = []
    broken: list[int] = []
    large = further = 0  # bytes of values that do not fit into entries: of tags that pixels need, and of others
    place = form.first + form.head
    for tag, kind, number, value in struct.iter_unpack(f"{mark}HH{'I4s' if form.link == 4 else 'Q8s'}", directory):
        size = number * _SIZES.get(kind, 1)
        at = 0 if size <= form.link else int.from_bytes(value, form.order)
        many = number > most and kind not in _KEPT_AS_BYTES
        outside = at + size > length
        if tag in _NEEDED:
            letter = _LETTERS.get(kind)
            if many or (letter and number > most):
                raise PictureError(path, f"damaged: a TIFF tag of {number:,} values")
            if outside:
                raise PictureError(path, "cut short or damaged (TIFF tags lie beyond the end of the file)")
            if letter is None and tag not in _OTHERWISE:
                raise PictureError(path, f"damaged: the TIFF tag {tag} is no whole number")
            large += size if size > form.link else 0
            if large > length:
                raise PictureError(path, "cut short or damaged (TIFF tags are larger than the file)")
            if letter:
                packed = value[:size]
                if size > form.link:
                    file.seek(at)
                    packed = file.read(size)
                values[tag] = struct.unpack(f"{mark}{number}{letter}", packed)
        elif many or outside or (tag in _DIRECTORIES and not _leads_somewhere(value, kind, form, length)):
            broken.append(place)
        elif size > form.link:
            further += size
            others.append(place)
        place += form.entry
    if large + further > length:
        broken += others
    return Tiff(form.order, {tag: read for tag, read in values.items() if read}, tuple(broken), form.link)


def _leads_somewhere(value: bytes, kind: int, form: Form, length: int) -> bool:
    size = _SIZES.get(kind, 1)
    return kind in _LETTERS and 0 < int.from_bytes(value[:size], form.order) <= length - form.head


def without(data: bytes, tiff: Tiff) -> bytes:
    """Give the same file without the entries that nobody can read."""
    cleared, link = bytearray(data), tiff.link
    mark = "<" if tiff.order == "little" else ">"
    for place in tiff.broken:
        struct.pack_into(mark + ("HHI" if link == 4 else "HHQ"), cleared, place, _NO_TAG, 1, 1)
        cleared[place + 4 + link : place + 4 + 2 * link] = bytes(link)
    return bytes(cleared)


# --- kinds ------------------------------------------------------------------------------------------------------------

_COLOURS: dict[int, tuple[Literal["grey", "RGB", "CMYK", "palette", "YCbCr"], int]] = {
    0: ("grey", 1),
    1: ("grey", 1),
    2: ("RGB", 3),
    3: ("palette", 1),
    5: ("CMYK", 4),
    6: ("YCbCr", 3),
}
_REFUSED = {
    4: "a transparency mask",
    8: "Lab",
    9: "Lab",
    10: "Lab",
    32803: "a camera's raw mosaic",
    34892: "a camera's raw data",
    32844: "logarithmic light",
    32845: "logarithmic light",
}
_FORMATS = {2: "signed {}-bit integer", 3: "{}-bit floating-point", 5: "complex integer", 6: "complex floating-point"}
# Raw; LZW; deflate, both numbers; PackBits; LZMA; Zstandard.
_UNPACKED = {1, 5, 8, 32946, 32773, 34925, 50000}
_DIFFERENCED = {5, 8, 32946, 34925, 50000}
_MOST_BANDS = 2**16
_CONVERT = "convert the picture to 8 or 16 bit grey or RGB"


def kind_of(path: Path, tiff: Tiff) -> Kind:
    """Tell what kind of picture the tags describe.

    Raises
    ------
    PictureError
        If it is one that cannot be read with all of its bands, in words that say which.
    """
    compression = tiff.one(_COMPRESSION, 1)
    photometric = tiff.one(_PHOTOMETRIC, 0)
    if compression not in TiffImagePlugin.COMPRESSION_INFO:
        raise PictureError(path, f"TIFF compression {compression} is not supported; save it with LZW or deflate")
    if compression == 6:  # JPEG in TIFF's first, ill-defined way
        return Kind("YCbCr", 8, 0, inverted=False, own=False)
    bands = tiff.one(_SAMPLES, 1)
    bits = tiff.values.get(_BITS, (1,))
    bits = bits * min(bands, _MOST_BANDS) if len(bits) == 1 else bits[:bands]
    if bands < 1 or len(bits) != bands or not all(bits):
        raise PictureError(path, f"damaged: {bands:,} bands, and bits for {len(bits):,} of them")
    if len(set(bits)) > 1:
        told = ", ".join(map(str, bits[:8]))
        raise PictureError(path, f"a TIFF with bands of unequal bits ({told}) is not supported; {_CONVERT}")
    depth = bits[0]
    for said in set(tiff.values.get(_FORMAT, (1,))[:bands]) & _FORMATS.keys():
        raise PictureError(path, f"{_FORMATS[said].format(depth)} pixels are not supported; {_CONVERT}")
    if photometric in _REFUSED:
        raise PictureError(path, f"{_REFUSED[photometric]} pixels are not supported; {_CONVERT}")
    if photometric not in _COLOURS or tiff.one(_INKS, 1) != 1:
        what = "inks other than CMYK" if photometric == 5 else f"pixels of the kind {photometric}"
        raise PictureError(path, f"a TIFF with {what} (PhotometricInterpretation) is not supported; {_CONVERT}")
    if depth > 16:
        raise PictureError(path, f"{depth}-bit integer pixels are not supported; {_CONVERT}")
    colour, colours = _COLOURS[photometric]
    alpha = _alpha(path, tiff, colour, colours, bands, depth)
    planes = tiff.one(_PLANAR, 1)
    own = (
        colour in ("grey", "RGB", "CMYK")
        and compression in _UNPACKED
        and (depth > 8 or planes == 2 or not _known_to_pillow(tiff, photometric, bits))
    )
    if not own:
        _check_for_pillow(path, tiff, colour, bits, planes)
    if own and tiff.one(_PREDICTOR, 1) not in ((1, 2) if depth in (8, 16) else (1,)):
        raise PictureError(path, f"TIFF predictor {tiff.one(_PREDICTOR, 1)} for {depth}-bit integers is not supported")
    return Kind(colour, depth, alpha, inverted=photometric == 0, own=own)


def _alpha(path: Path, tiff: Tiff, colour: str, colours: int, bands: int, depth: int) -> Literal[0, 1, 2]:
    """Tell whether there is alpha, and refuse bands that are neither that nor colour: none may get lost."""
    further = bands - colours
    if further < 0:
        raise PictureError(path, f"damaged: {bands} bands, and {colour} needs {colours}")
    if further == 0:
        return 0
    extra = tiff.values.get(_EXTRA, ())
    carries = colour in ("grey", "RGB") or (colour == "palette" and extra == (2,) and depth == 8)
    if further == 1 and len(extra) == 1 and extra[0] in (1, 2, 999) and carries:
        return 1 if extra[0] == 1 else 2  # 999 is what Corel Draw 10 wrote
    is_alpha = further == 1 and extra[:1] in ((1,), (2,))
    bare = "is not said to be alpha" if further == 1 else "are not said to be alpha"
    rest = f"{colour} with alpha" if is_alpha else f"{colour} and {further} that {bare}"
    says = further == 1 and colour in ("grey", "RGB") and not is_alpha
    raise PictureError(
        path,
        f"a TIFF of {bands} bands of {depth} bit ({rest}) is not supported; allowed are 1 to 4 bands: grey, grey and "
        f"alpha, RGB, RGBA; convert it to {16 if depth > 8 else 8}-bit RGB"
        + (", or tag the last one as alpha (ExtraSamples 2) if it is" if says else ""),
    )


def _known_to_pillow(tiff: Tiff, photometric: int, bits: tuple[int, ...]) -> bool:
    prefix = b"II" if tiff.order == "little" else b"MM"
    extra = tiff.values.get(_EXTRA, ())
    return (prefix, photometric, (1,), tiff.one(_FILL_ORDER, 1), bits, extra) in TiffImagePlugin.OPEN_INFO


def _check_for_pillow(path: Path, tiff: Tiff, colour: str, bits: tuple[int, ...], planes: int) -> None:
    compression, depth = tiff.one(_COMPRESSION, 1), bits[0]
    if colour == "YCbCr" and (depth != 8 or compression != 7):
        # Pillow reads raw data without a look at these; libtiff knows planes of full size only.
        subsampling = tiff.values.get(_SUBSAMPLING, (2, 2))
        if depth != 8 or planes == 2 or (compression == 1 and subsampling != (1, 1)) or _REFERENCE in tiff.values:
            raise PictureError(
                path, f"a TIFF of this kind of YCbCr ({depth} bit, not JPEG) is not supported; convert it to 8-bit RGB"
            )
    elif depth > 8 or not _known_to_pillow(tiff, tiff.one(_PHOTOMETRIC, 0), bits):
        raise PictureError(
            path,
            f"a TIFF of {len(bits)} band{'s' * (len(bits) > 1)} of {depth} bit ({colour}, compression {compression}) "
            f"is not supported; {_CONVERT}",
        )


# --- samples ----------------------------------------------------------------------------------------------------------


class TagsOnly(TiffImagePlugin.TiffImageFile):
    """A TIFF of which Pillow reads the tags only."""

    def _setup(self) -> None:
        width, height = self.tag_v2[_WIDTH], self.tag_v2[_HEIGHT]
        if not isinstance(width, int) or not isinstance(height, int):
            raise ValueError("invalid dimensions")
        self._mode, self._size, self.tile = "L", (width, height), []
        if isinstance(profile := self.tag_v2.get(34675), bytes):
            self.info["icc_profile"] = profile


_GROUP = 2**24  # bytes that are unpacked at once, if that is more than a strip or tile
_MOST_CHUNKS = 2**14  # strips or tiles at once


def samples(path: Path, data: bytes, tiff: Tiff, kind: Kind) -> NDArray[np.uint8 | np.uint16]:
    """Decode all bands: ``(H, W, bands)``, uint8 up to 8 bits, else uint16; values as stored.

    Raises
    ------
    PictureError
        If data are missing.
    """
    width, height, bands = tiff.one(_WIDTH, 0), tiff.one(_HEIGHT, 0), tiff.one(_SAMPLES, 1)
    tiled = _TILE_OFFSETS in tiff.values
    if tiled:
        wide, high = tiff.one(_TILE_WIDTH, 0), tiff.one(_TILE_HEIGHT, 0)
    else:
        wide, high = width, min(tiff.one(_ROWS, height), height)
    if wide < 1 or high < 1:
        raise PictureError(path, "damaged: strips or tiles without a size")
    across, down = -(-width // wide), -(-height // high)
    planes = bands if tiff.one(_PLANAR, 1) == 2 else 1
    offsets = tiff.values.get(_TILE_OFFSETS if tiled else _OFFSETS, ())
    counts = tiff.values.get(_TILE_COUNTS if tiled else _COUNTS, ())
    if not counts and tiff.one(_COMPRESSION, 1) == 1:  # left out by old programs, and can be told
        counts = (2**32,) * len(offsets)
    if min(len(offsets), len(counts)) < planes * across * down:
        raise PictureError(path, "damaged: strips or tiles are missing")
    together = bands // planes
    row = (wide * together * kind.bits + 7) // 8
    result = np.empty((height, width, bands), np.uint8 if kind.bits <= 8 else np.uint16)
    step = max(1, min(_GROUP // (row * high), _MOST_CHUNKS) // across)
    longest = 2 * row * high + 512  # no way of packing makes more of it; many may refer to the same place
    for plane in range(planes):
        channels = slice(plane, plane + 1) if planes > 1 else slice(None)
        for first in range(0, down, step):
            some = range(first, min(first + step, down))
            chunks = [
                data[offsets[k] : offsets[k] + min(counts[k], longest)]
                for k in range((plane * down + some.start) * across, (plane * down + some.stop) * across)
            ]
            top, end = some.start * high, min(some.stop * high, height)
            rows = len(chunks) * high if tiled else end - top
            stored = _unpacked(path, chunks, tiff, row, high, rows)
            values = _values(stored, tiff, kind.bits, wide, together)
            if across > 1:
                values = values.reshape(len(some), across, high, wide, together).swapaxes(1, 2)
            values = values.reshape(-1, across * wide, together)
            result[top:end, :, channels] = values[: end - top, :width]
    return result


def _unpacked(path: Path, chunks: Sequence[bytes], tiff: Tiff, row: int, high: int, rows: int) -> NDArray[np.uint8]:
    """Unpack strips or tiles: rows of bytes, one below the other."""
    compression = tiff.one(_COMPRESSION, 1)
    if compression not in (1, 8, 32946):
        return _with_libtiff(chunks, tiff, row, high, rows)
    done = []
    for k, chunk in enumerate(chunks):
        size = row * min(high, rows - k * high)
        if compression == 1:
            content = chunk[:size]
        else:
            try:
                content = zlib.decompressobj().decompress(chunk, size + 1)[:size]  # one more, to see the checksum
            except zlib.error as error:
                raise PictureError(path, f"damaged: a strip or tile cannot be unpacked ({error})") from error
        if len(content) < size:
            raise PictureError(path, "cut short or damaged (a strip or tile of the TIFF lacks data)")
        done.append(content)
    stored = np.frombuffer(done[0] if len(done) == 1 else b"".join(done), np.uint8).reshape(rows, row)
    return _REVERSED[stored] if tiff.one(_FILL_ORDER, 1) == 2 else stored


_REVERSED = np.packbits(np.unpackbits(np.arange(256, dtype=np.uint8)[:, None], axis=1)[:, ::-1], axis=1)[:, 0]


class _Bytes(TiffImagePlugin.TiffImageFile):
    """A TIFF whose pixels are anybody's bytes; how many of them there may be is decided elsewhere."""

    def load_prepare(self) -> None:
        ImageFile.ImageFile.load_prepare(self)


def _with_libtiff(chunks: Sequence[bytes], tiff: Tiff, row: int, high: int, rows: int) -> NDArray[np.uint8]:
    """Give libtiff the packed bytes as a grey picture of 8 bit, a byte a pixel, which it does not interpret."""
    short, long = 3, 4
    body = bytearray(b"II*\0\0\0\0\0")
    places = []
    for chunk in chunks:
        places.append(len(body))
        body += chunk
    entries = [
        (_WIDTH, long, [row]),
        (_HEIGHT, long, [rows]),
        (_BITS, short, [8]),
        (_COMPRESSION, short, [tiff.one(_COMPRESSION, 1)]),
        (_PHOTOMETRIC, short, [1]),
        (_FILL_ORDER, short, [tiff.one(_FILL_ORDER, 1)]),
        (_OFFSETS, long, places),
        (_SAMPLES, short, [1]),
        (_ROWS, long, [high]),
        (_COUNTS, long, [len(chunk) for chunk in chunks]),
    ]
    directory = struct.pack("<H", len(entries))
    for tag, kind, values in entries:
        packed = struct.pack(f"<{len(values)}{'H' if kind == short else 'I'}", *values)
        if len(packed) > 4:
            place = struct.pack("<I", len(body))
            body += packed
            packed = place
        directory += struct.pack("<HHI", tag, kind, len(values)) + packed.ljust(4, b"\0")
    struct.pack_into("<I", body, 4, len(body))
    with _Bytes(io.BytesIO(bytes(body + directory + b"\0\0\0\0"))) as image:
        image.load()
        return cast(NDArray[np.uint8], np.asarray(image))


def _values(stored: NDArray[np.uint8], tiff: Tiff, bits: int, wide: int, together: int) -> NDArray[Any]:
    """Turn rows of bytes into numbers: ``(rows, wide, together)``."""
    if bits == 8 or bits == 16:
        kind = np.uint8 if bits == 8 else np.dtype("<u2" if tiff.order == "little" else ">u2")
        values: NDArray[Any] = np.ascontiguousarray(stored).view(kind).reshape(-1, wide, together)
        if tiff.one(_PREDICTOR, 1) == 2 and tiff.one(_COMPRESSION, 1) in _DIFFERENCED:
            values = np.cumsum(values, axis=1, dtype=np.uint8 if bits == 8 else np.uint16)
        return values
    done = np.empty((len(stored), wide * together), np.uint8 if bits < 8 else np.uint16)
    for at in range(0, len(stored), step := max(1, 2**18 // (wide * together))):
        single = np.unpackbits(stored[at : at + step], axis=1)[:, : wide * together * bits]
        total = np.zeros((len(single), wide * together), np.uint16)
        for k in range(bits):
            total = (total << np.uint16(1)) | single[:, k::bits]
        done[at : at + step] = total
    return done.reshape(-1, wide, together)
