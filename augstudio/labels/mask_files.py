"""Mask files, read as they are stored: levels are names, so nothing converts, spreads or rounds them.

A palette's indices stay indices, 16 bit stay 16 bit, all channels stay; no colours are managed and no transparency is
applied. Levels of grey below 8 bit are over the full range of 8 bit, as every library gives them (of 1 bit: 0 and 255).
"""

from __future__ import annotations

import io
import struct
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
from PIL import ImageFile, TiffImagePlugin

from augstudio.images import DEFAULT_MAX_PIXELS, Loaded, PictureError, Pixels, completeness, metadata, png
from augstudio.images.colours import Colours
from augstudio.images.decoding import decode
from augstudio.images.failures import failures
from augstudio.images.opening import Header, opened, read_header
from augstudio.labels.mask_png import Form, chunk

__all__ = ["MaskFile", "open_mask", "turned"]

_LOSSY = ("JPEG", "HEIF", "AVIF")
_COMPRESSION, _JPEG_IN_TIFF = 259, (6, 7)
_GREY, _PALETTE = 0, 3  # colour types of PNG
_TIFF_COLOURS = 320
_BACK = {6: 8, 8: 6}  # what undoes an orientation, where that is another


@dataclass(frozen=True, eq=False)
class MaskFile:
    """An opened mask file, of which no pixel is decoded yet.

    Attributes
    ----------
    name : str
        Of the file, for errors.
    width, height : int
        As stored, in pixels.
    orientation : int
        EXIF orientation of its own, 1 to 8.
    form : Form
        How its levels are written.
    lossy : bool
        Whether its format keeps levels only nearly.
    frames : int
        How many pictures it holds; the first is the mask.
    plain : bool
        Whether it is a PNG that holds its pixels and nothing else.
    """

    name: str
    width: int
    height: int
    orientation: int
    form: Form
    lossy: bool
    frames: int
    plain: bool
    _most: int = field(repr=False)
    _load: Callable[[], Pixels] = field(repr=False)

    @property
    def size(self) -> tuple[int, int]:
        """Width and height as stored."""
        return self.width, self.height

    def levels(self) -> Pixels:
        """Decode it: `(H, W)` or `(H, W, C)` of uint8 or uint16, as stored.

        Raises
        ------
        PictureError
            If it is damaged.
        """
        path = Path(self.name)
        with failures(path, self._most):
            pixels = self._load()
            if pixels.shape[1::-1] != self.size:
                found = f"{pixels.shape[1]:,} × {pixels.shape[0]:,}"
                raise PictureError(path, f"damaged: the header says {self.width:,} × {self.height:,}, not {found}")
            return pixels


def open_mask(key: str, data: bytes, *, max_pixels: int = DEFAULT_MAX_PIXELS) -> MaskFile:
    """Read a mask file's header.

    Parameters
    ----------
    key : str
        POSIX path, of which the name counts.
    data : bytes
        The whole file.
    max_pixels : int
        Refuse masks of more pixels than this.

    Raises
    ------
    PictureError
        If it is no picture, damaged, too large, or of a kind that is not supported.
    """
    path = Path(key.rpartition("/")[2])
    with failures(path, max_pixels), opened(Loaded(path, data), max_pixels):
        indexed = _indices_as_grey(path, data) if data.startswith(png.SIGNATURE) else None
        if indexed is None:
            return _opened(path, data, max_pixels)
        found = _opened(path, indexed.data, max_pixels)
        load, step = found._load, indexed.form.step if indexed.form.palette is not None else 1
        return replace(
            found,
            orientation=indexed.orientation,
            form=indexed.form,
            frames=indexed.frames,
            plain=indexed.plain,
            _load=(lambda: load() // step) if step > 1 else load,
        )


@dataclass(frozen=True)
class _Bare:
    """A PNG of levels alone."""

    data: bytes
    form: Form
    orientation: int
    frames: int
    plain: bool


def _indices_as_grey(path: Path, data: bytes) -> _Bare:
    """Make a PNG that holds the same numbers, and nothing that would change them: a palette's indices become grey."""
    found = png.scan(path, io.BytesIO(data), data)
    parts: dict[bytes, bytes] = {}
    body = []
    view = memoryview(found.core)
    at = len(png.SIGNATURE)
    while at < len(view):
        length = int.from_bytes(view[at : at + 4], "big")
        kind = bytes(view[at + 4 : at + 8])
        if kind == b"IDAT":
            body.append(view[at : at + length + 12])
        else:
            parts.setdefault(kind, bytes(view[at + 8 : at + 8 + length]))
        at += length + 12
    head = parts.get(b"IHDR", b"")
    if len(head) != 13:
        raise PictureError(path, "damaged: the PNG's header is missing")
    width, height, depth, colour = struct.unpack(">IIBB", head[:10])
    palette = parts.get(b"PLTE", b"") if colour == _PALETTE else None
    form = Form(depth, palette if palette is None else palette[: 3 * 256], parts.get(b"tRNS", b""))
    if palette is not None and (not palette or len(palette) % 3):
        raise PictureError(path, f"damaged: a palette of {len(palette):,} bytes")
    kind_byte = bytes([_GREY if colour == _PALETTE else colour])
    header = chunk(b"IHDR", struct.pack(">IIB", width, height, depth) + kind_byte + head[10:])
    bare = b"".join((png.SIGNATURE, header, *body, chunk(b"IEND", b"")))
    turn = metadata.find((found.exif or b"").removeprefix(b"Exif\0\0"), metadata.ORIENTATION)
    orientation = turn.number if turn is not None and turn.number in range(1, 9) else 1
    return _Bare(bare, form, orientation or 1, found.frames, plain=found.core == data and found.frames == 1)


def _opened(path: Path, data: bytes, max_pixels: int) -> MaskFile:
    header = read_header(path, io.BytesIO(data), max_pixels, data)
    info = header.info
    width, height = (info.height, info.width) if info.orientation >= 5 else (info.width, info.height)
    image = header.image
    lossy = info.format in _LOSSY or (info.format == "WEBP" and not info.lossless)
    if header.tiff is not None:
        lossy = header.tiff[0].one(_COMPRESSION, 1) in _JPEG_IN_TIFF
    if _is_indexed(header):
        form = _indexed_form(image)
    else:
        form = Form(1 if image.mode == "1" and info.channels == 1 else info.depth)
    return MaskFile(
        path.name,
        width,
        height,
        header.info.orientation,
        form,
        lossy,
        info.frames,
        plain=False,
        _most=max_pixels,
        _load=lambda: _decoded(path, data, max_pixels),
    )


def _is_indexed(header: Header) -> bool:
    return header.image.mode == "P" or header.info.format == "GIF"


def _decoded(path: Path, data: bytes, max_pixels: int) -> Pixels:
    """Levels as stored: not turned, and no colours managed."""
    header = read_header(path, io.BytesIO(data), max_pixels, data)  # anew, since an opened picture decodes but once
    if _is_indexed(header):
        return _indices(path, header, data)
    # Turned back, since Pillow turns some TIFFs itself, and there is no stopping it.
    upright = decode(replace(header, colours=Colours()), data, None).pixels
    return turned(upright, _BACK.get(header.info.orientation, header.info.orientation))


def _indexed_form(image: ImageFile.ImageFile) -> Form:
    """The palette, of whatever format but PNG."""
    key: Any = image.info.get("transparency")
    if image.mode != "P":  # a GIF whose palette is that of grey levels
        return Form(8, None, struct.pack(">H", key) if isinstance(key, int) else b"")
    see_through = b""
    if isinstance(key, int):
        see_through = b"\xff" * key + b"\0"
    elif isinstance(key, bytes):
        see_through = key
    return Form(8, _colours(image), see_through)


def _colours(image: ImageFile.ImageFile) -> bytes:
    """Red, green and blue of each entry."""
    if isinstance(image, TiffImagePlugin.TiffImageFile):
        table = np.array(image.tag_v2.get(_TIFF_COLOURS, ()), np.uint32)
        if table.size and table.size % 3 == 0 and table.max() < 256:  # some programs write 8 bit where 16 are due
            return table.reshape(3, -1).T.astype(np.uint8).tobytes()[: 3 * 256]
    return bytes(image.getpalette("RGB") or b"\0\0\0")[: 3 * 256]


def _indices(path: Path, header: Header, data: bytes) -> Pixels:
    """Indices into a palette, of whatever format but PNG."""
    image, data, orientation = header.image, data if header.data is None else header.data, 1
    if isinstance(image, TiffImagePlugin.TiffImageFile):
        completeness.check_strips(path, data, image)
        image.getexif()[metadata.ORIENTATION] = orientation = header.info.orientation  # not one that XMP tells
    elif header.info.format in ("GIF", "TGA"):
        if header.info.format == "GIF" and image.tile and image.tile[0][1] != (0, 0, *image.size):
            raise PictureError(path, "its first frame does not cover the picture")
        image.fp = io.BytesIO(completeness.pixels_alone(data, header.info.format))
    image.load()
    if image.mode not in ("P", "L"):
        raise PictureError(path, f"{image.mode} where a palette's indices were expected")
    return turned(np.array(image), _BACK.get(orientation, orientation))


def turned(pixels: Pixels, orientation: int) -> Pixels:
    """Turn an array of the stored picture as EXIF says, 1 to 8: contiguous; the same array for 1."""
    if orientation == 1:
        return pixels
    if orientation >= 5:
        pixels = pixels.swapaxes(0, 1)
    if orientation in (2, 3, 6, 7):
        pixels = pixels[:, ::-1]
    if orientation in (3, 4, 7, 8):
        pixels = pixels[::-1]
    return np.ascontiguousarray(pixels)
