"""Reading picture files: one array convention, whatever the file holds.

A picture is an upright, C-contiguous, writable array: ``(H, W)`` grey, ``(H, W, 2)`` grey with alpha, ``(H, W, 3)``
RGB or ``(H, W, 4)`` RGBA, in uint8 (0..255) or uint16 (0..65535). Pillow reads headers and most pixels. OpenCV decodes
plain JPEG, where it is faster and bit for bit the same, and 16-bit colour, which Pillow cuts down to 8 bit.
"""

from __future__ import annotations

import contextlib
import importlib
import io
import logging
import os
import re
import stat
import threading
import types
import warnings
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import IO, Any, TypeAlias, cast

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import (
    BmpImagePlugin,  # noqa: F401  (importing a plugin registers its format)
    GifImagePlugin,  # noqa: F401
    Image,
    ImageCms,
    ImageFile,
    Jpeg2KImagePlugin,  # noqa: F401
    JpegImagePlugin,
    PngImagePlugin,
    PpmImagePlugin,  # noqa: F401
    TgaImagePlugin,  # noqa: F401
    TiffImagePlugin,
    WebPImagePlugin,  # noqa: F401
)

Pixels: TypeAlias = NDArray[np.uint8 | np.uint16]

DEFAULT_MAX_PIXELS = 100_000_000
MAX_SIDE = 32_766  # OpenCV's warp cannot address longer sides

SUFFIXES: frozenset[str] = frozenset(
    f".{name}"
    for name in (
        *("jpg", "jpeg", "jpe", "jfif", "mpo", "png", "apng", "webp", "tif", "tiff", "bmp", "gif", "avif"),
        *("jp2", "j2k", "jpf", "jpx", "pbm", "pgm", "pnm", "ppm", "tga"),
    )
)

# Recognised by content, in this order. Pillow knows more, but some of it runs other programs (EPS) or is no picture.
_FORMATS = ("JPEG", "PNG", "WEBP", "TIFF", "BMP", "GIF", "AVIF", "JPEG2000", "PPM")
_ORIENTATION = 0x0112
_MPF_IMAGES = 0xB001

with contextlib.suppress(ImportError):  # Pillow before 11.3 has no AVIF
    importlib.import_module("PIL.AvifImagePlugin")

# A decoder's complaint is handed on as a PictureError or a note; it has no business on stderr as well.
logging.getLogger("PIL").addHandler(logging.NullHandler())
if "OPENCV_LOG_LEVEL" not in os.environ:
    (getattr(cv2, "setLogLevel", None) or cv2.utils.logging.setLogLevel)(0)  # OpenCV 4 or 5; silent


class PictureError(Exception):
    """A picture cannot be read.

    Attributes
    ----------
    path : Path
        The file.
    reason : str
        What is wrong with it, in plain words on one line.
    """

    def __init__(self, path: Path, reason: str) -> None:
        super().__init__(path, reason)  # both in args, so that the error survives pickling between processes
        self.path = path
        self.reason = reason

    def __str__(self) -> str:
        return f"{self.path.name}: {self.reason}"


@dataclass(frozen=True)
class PictureInfo:
    """What a picture's header tells, without decoding a pixel.

    Attributes
    ----------
    path : Path
        The file.
    format : str
        Pillow's name of the format: ``"JPEG"``, ``"PNG"``, ``"TIFF"``, … from the content, not from the suffix.
    width, height : int
        Size in pixels of the upright picture, that is after EXIF orientation.
    channels : int
        Of the array that `read` gives: 1 grey, 2 grey and alpha, 3 RGB, 4 RGBA.
    depth : int
        Bits per channel of the array that `read` gives: 8 or 16.
    orientation : int
        EXIF orientation 1..8; 1 where the file has none.
    frames : int
        Number of frames or pages, at least 1. Only the first is ever read.
    """

    path: Path
    format: str
    width: int
    height: int
    channels: int
    depth: int
    orientation: int
    frames: int


@dataclass(frozen=True, eq=False)
class Picture:
    """A decoded picture.

    Attributes
    ----------
    pixels : ndarray
        Upright; ``(H, W)``, ``(H, W, 2)``, ``(H, W, 3)`` RGB or ``(H, W, 4)`` RGBA; uint8 or uint16, full range;
        C-contiguous and writable.
    info : PictureInfo
        From the header; always the size of the full picture, also for `read_reduced`.
    notes : tuple of str
        What was done to the file's content on the way, e.g. ``"EXIF orientation 6 applied"``.
    """

    pixels: Pixels
    info: PictureInfo
    notes: tuple[str, ...]


def probe(path: Path, *, max_pixels: int = DEFAULT_MAX_PIXELS) -> PictureInfo:
    """Read a picture's header.

    Parameters
    ----------
    path : Path
        The file.
    max_pixels : int
        Refuse pictures of more pixels (width × height) than this.

    Returns
    -------
    PictureInfo
        The same that `read` gives.

    Raises
    ------
    PictureError
        If the header shows that the file cannot be read. Damage further down is for `read` to find.
    """
    with _failures(path, max_pixels), _opened(path, max_pixels) as file:
        return _header(path, file, max_pixels).info


def read(path: Path, *, max_pixels: int = DEFAULT_MAX_PIXELS) -> Picture:
    """Read a picture at full size, upright.

    Embedded colour profiles other than sRGB are applied to 8-bit pictures. Palette, CMYK and YCbCr become RGB;
    transparent colours and palette entries become an alpha channel; of several frames the first is taken.
    May be called from several threads at once.

    Parameters
    ----------
    path : Path
        The file.
    max_pixels : int
        Refuse pictures of more pixels (width × height) than this, before any are decoded.

    Returns
    -------
    Picture
        Pixels, header and notes.

    Raises
    ------
    PictureError
        Whatever the reason: no such file, not a picture, cut short, too large, of a kind that is not supported.
    """
    return _read(path, None, max_pixels)


def read_reduced(path: Path, longest_side: int, *, max_pixels: int = DEFAULT_MAX_PIXELS) -> Picture:
    """Read a picture made smaller, for display only.

    Parameters
    ----------
    path : Path
        The file.
    longest_side : int
        Upper limit of both width and height, in pixels, at least 1. A picture that fits is given as `read` gives it,
        never enlarged; others are area-averaged, JPEG partly while it is decoded, which is many times faster.
    max_pixels : int
        Refuse pictures of more pixels (width × height, of the full picture) than this.

    Returns
    -------
    Picture
        `info` keeps the full size.

    Raises
    ------
    PictureError
        As for `read`.
    ValueError
        If `longest_side` is below 1.
    """
    if longest_side < 1:
        raise ValueError(f"longest_side is {longest_side}; it must be at least 1")
    return _read(path, longest_side, max_pixels)


@dataclass(frozen=True)
class _Header:
    image: ImageFile.ImageFile  # opened, no pixels decoded
    info: PictureInfo
    rawmode: str  # Pillow's name of how the pixels are stored, e.g. "RGB;16B"
    notes: tuple[str, ...]


def _read(path: Path, longest_side: int | None, max_pixels: int) -> Picture:
    with _failures(path, max_pixels):
        with _opened(path, max_pixels) as file:
            data = file.read()
        header = _header(path, io.BytesIO(data), max_pixels)
        info = header.info
        size = _reduced_size(info, longest_side)
        pixels, notes = _decode(header, data, size)
        if size is None and pixels.shape[:2] != (info.height, info.width):
            found = f"{pixels.shape[1]:,} × {pixels.shape[0]:,}"
            raise PictureError(path, f"damaged: the header says {info.width:,} × {info.height:,}, the content {found}")
        if size is not None:
            pixels = _reduce(pixels, size)
        return Picture(pixels, info, (*header.notes, *notes))


# --- failures ---------------------------------------------------------------------------------------------------------


class _Caught(threading.local):
    messages: list[str] | None = None


_caught = _Caught()


def _warn(message: Warning | str, category: type[Warning] | None = None, stacklevel: int = 1, **options: Any) -> None:
    if _caught.messages is None:
        warnings.warn(message, category, stacklevel + 1, **options)
    else:
        _caught.messages.append(str(message))


# `warnings.catch_warnings` swaps state of the whole process, so it cannot be used in several threads. These Pillow
# modules get a `warnings.warn` of their own instead: it collects within `_warnings_collected`, in that thread alone,
# and is the ordinary one for everybody else. (`setattr`, since type checkers rightly call it no part of the module.)
for _module in (Image, PngImagePlugin, TiffImagePlugin):
    setattr(_module, "warnings", types.SimpleNamespace(**{**vars(warnings), "warn": _warn}))  # noqa: B010


@contextlib.contextmanager
def _warnings_collected() -> Iterator[list[str]]:
    before, _caught.messages = _caught.messages, []
    try:
        yield _caught.messages
    finally:
        _caught.messages = before


@contextlib.contextmanager
def _failures(path: Path, max_pixels: int) -> Iterator[None]:
    """Turn whatever goes wrong into a `PictureError`; swallow decoders' warnings that nobody looked at."""
    try:
        with _warnings_collected():
            yield
    except PictureError:
        raise
    except Exception as error:  # decoders raise anything at all on damaged files
        raise PictureError(path, _reason(error, max_pixels)) from error


def _reason(error: Exception, max_pixels: int) -> str:
    text = " ".join(str(error).split())
    if isinstance(error, FileNotFoundError):
        return "no such file"
    if isinstance(error, PermissionError):
        return "no permission to read it"
    if isinstance(error, OSError) and error.strerror:
        return f"cannot be read: {error.strerror}"
    if isinstance(error, MemoryError):
        return "not enough memory to decode it"
    if isinstance(error, Image.DecompressionBombError):
        found = re.search(r"\d+", text)
        return _too_many_pixels(int(found[0]) if found else None, "", max_pixels)
    if isinstance(error, EOFError) or re.search(
        r"truncat|premature|unexpected end|buffer is (smaller|not large)", text, re.I
    ):
        return f"cut short or damaged ({text or 'unexpected end of file'})"
    return f"damaged or not supported ({text or type(error).__name__})"


def _too_many_pixels(pixels: int | None, size: str, max_pixels: int) -> str:
    count = "too many pixels" if pixels is None else f"{pixels:,} pixels"
    return f"{count}{size}, above the limit of {max_pixels:,}; --max-pixels raises it"


# --- header -----------------------------------------------------------------------------------------------------------


@contextlib.contextmanager
def _opened(path: Path, max_pixels: int) -> Iterator[IO[bytes]]:
    status = path.stat()
    if stat.S_ISDIR(status.st_mode):
        raise PictureError(path, "a folder, not a picture")
    if not stat.S_ISREG(status.st_mode):  # opening a pipe would wait for ever
        raise PictureError(path, "not a regular file")
    if status.st_size == 0:
        raise PictureError(path, "the file is empty (0 bytes)")
    # The largest picture allowed takes 8 bytes per pixel uncompressed; the rest is room for metadata and more pages.
    most = 16 * max_pixels + 2**28
    if status.st_size > most:
        raise PictureError(
            path,
            f"{status.st_size:,} bytes, above the {most:,} allowed at {max_pixels:,} pixels; --max-pixels raises it",
        )
    with path.open("rb") as file:
        yield file


def _header(path: Path, file: IO[bytes], max_pixels: int) -> _Header:
    # Ours is the limit that decides. Pillow's own is only ever raised, so whoever else uses Pillow here keeps a guard.
    if Image.MAX_IMAGE_PIXELS is not None and max_pixels > Image.MAX_IMAGE_PIXELS:
        Image.MAX_IMAGE_PIXELS = max_pixels
    notes = []
    with _warnings_collected() as complaints:
        image = _identify(path, file)
    complaints = [text for text in complaints if "decompression bomb" not in text]
    if complaints:
        # In TIFF a lost tag may be the one that says how to decode the pixels. Elsewhere only metadata can complain.
        if image.format == "TIFF" and not all("too many entries" in text for text in complaints):
            raise PictureError(path, f"cut short or damaged ({' '.join(complaints[0].split())})")
        notes.append("damaged metadata ignored")

    width, height = image.size
    if isinstance(image, TiffImagePlugin.TiffImageFile):
        width, height = image.tag_v2[256], image.tag_v2[257]  # as stored: Pillow has turned its own size already
    if width < 1 or height < 1:
        raise PictureError(path, f"damaged: a size of {width} × {height} pixels")
    if width * height > max_pixels:
        raise PictureError(path, _too_many_pixels(width * height, f" ({width:,} × {height:,})", max_pixels))
    if max(width, height) > MAX_SIDE:
        raise PictureError(path, f"{width:,} × {height:,} pixels; no side may be longer than {MAX_SIDE:,}")

    frames = _frames(image)
    if frames > 1:
        notes.append(f"first of {frames} frames used")
    orientation = _orientation(image, file)
    if orientation != 1:
        notes.append(f"EXIF orientation {orientation} applied")
    if orientation >= 5:
        width, height = height, width
    rawmode = _rawmode(image)
    channels, depth = _layout(path, image, rawmode)
    info = PictureInfo(path, cast(str, image.format), width, height, channels, depth, orientation, frames)
    return _Header(image, info, rawmode, tuple(notes))


def _identify(path: Path, file: IO[bytes]) -> ImageFile.ImageFile:
    """Open with the first format that recognises the content.

    `Image.open` does nearly this, but drops the reason when a format recognises a file and then fails on it.
    """
    start = file.read(16)
    names = [*_FORMATS, "TGA"] if path.suffix.lower() == ".tga" else _FORMATS  # TGA has no signature to go by
    for name in names:
        if name not in Image.OPEN:
            continue
        factory, accept = Image.OPEN[name]
        accepted = accept(start) if accept is not None else True
        if not accepted:
            continue
        if isinstance(accepted, str):
            raise PictureError(path, f"{name} is not supported by this installation")
        if name == "JPEG":
            # The registered factory also parses the list of further pictures that phones append (MPO); damage there
            # must not cost the first picture.
            factory = JpegImagePlugin.JpegImageFile
        file.seek(0)
        try:
            return factory(file, "")
        except (MemoryError, Image.DecompressionBombError):
            raise
        except Exception as error:
            text = " ".join(str(error).split())
            detail = f" ({text})" if text and text != "not identified by this driver" else ""
            raise PictureError(path, f"a damaged or unsupported {name} file{detail}") from error
    raise PictureError(path, "not a picture in any known format")


def _frames(image: ImageFile.ImageFile) -> int:
    if image.format == "JPEG":
        entry = _ifd_entry(image.info.get("mp", b""), _MPF_IMAGES)
        return max(1, entry[1]) if entry else 1
    try:
        return max(1, int(getattr(image, "n_frames", 1)))
    except Exception:  # whatever is wrong with further frames, the first one has its own say when it is decoded
        return 1


def _orientation(image: ImageFile.ImageFile, file: IO[bytes]) -> int:
    if isinstance(image, TiffImagePlugin.TiffImageFile):
        value = image.tag_v2.get(_ORIENTATION, 1)
    else:
        exif = image.info.get("exif")
        if exif is None and image.format == "PNG":
            exif = _late_exif(file)
        entry = _ifd_entry((exif or b"").removeprefix(b"Exif\0\0"), _ORIENTATION)
        value = entry[1] if entry else 1
    return value if isinstance(value, int) and 1 <= value <= 8 else 1


def _ifd_entry(data: bytes, tag: int) -> tuple[int, int] | None:
    """Find an integer in the first directory of TIFF-like data (EXIF, MPF, TIFF itself): its offset and its value.

    Own and small, since Pillow's reader gives up on damage that does not concern the tag, and heeds XMP as well.
    """
    order = {b"II*\0": "little", b"MM\0*": "big"}.get(data[:4])
    if order is None:
        return None

    def number(offset: int, size: int) -> int:
        return int.from_bytes(data[offset : offset + size], cast(Any, order))

    start = number(4, 4)
    for entry in range(start + 2, min(start + 2 + 12 * number(start, 2), len(data) - 11), 12):
        if number(entry, 2) == tag:
            size = {3: 2, 4: 4}.get(number(entry + 2, 2))
            return None if size is None else (entry + 8, number(entry + 8, size))
    return None


def _late_exif(file: IO[bytes]) -> bytes | None:
    """Find a PNG's EXIF chunk behind the pixels, where Pillow sees it only after decoding them."""
    before = file.tell()
    try:
        file.seek(8)
        while len(start := file.read(8)) == 8 and start[4:] != b"IEND":
            length = int.from_bytes(start[:4], "big")
            if start[4:] == b"eXIf":
                return file.read(length)
            file.seek(length + 4, os.SEEK_CUR)
        return None
    finally:
        file.seek(before)


def _rawmode(image: ImageFile.ImageFile) -> str:
    if not image.tile:
        return ""
    args = image.tile[0][3]
    first = args[0] if isinstance(args, tuple) and args else args
    return first if isinstance(first, str) else ""


def _layout(path: Path, image: ImageFile.ImageFile, rawmode: str) -> tuple[int, int]:
    """Give channels and depth of the array that the picture becomes."""
    mode = image.mode
    keyed = "transparency" in image.info
    if (
        isinstance(image, TiffImagePlugin.TiffImageFile)
        and 16 in image.tag_v2.get(258, (1,))
        and mode in ("RGB", "RGBA")
    ):
        if image.tag_v2.get(284, 1) != 1:
            raise PictureError(
                path, "16-bit colour in separate planes is not supported; store the channels interleaved"
            )
        return len(mode), 16
    if image.format == "PNG" and rawmode in ("RGB;16B", "LA;16B", "RGBA;16B"):
        return {"RGB;16B": 4 if keyed else 3, "LA;16B": 2, "RGBA;16B": 4}[rawmode], 16
    if image.format == "PPM" and (mode == "I" or (mode == "RGB" and _ppm_maximum(image) > 255)):
        return 1 if mode == "I" else 3, 16
    if mode.startswith("I;16"):
        return 2 if keyed else 1, 16
    if mode in ("1", "L"):
        return 2 if keyed else 1, 8
    if mode in ("LA", "La"):
        return 2, 8
    if mode == "RGB":
        return 4 if keyed else 3, 8
    if mode == "P":
        palette = image.palette
        has_alpha = keyed or (palette is not None and "A" in (palette.rawmode or palette.mode))
        return 4 if has_alpha else 3, 8
    if mode in ("PA", "RGBA", "RGBa"):
        return 4, 8
    if mode in ("RGBX", "CMYK", "YCbCr"):
        return 3, 8
    kind = {"F": "floating-point", "I": "signed or 32-bit integer", "LAB": "Lab"}.get(mode, mode)
    raise PictureError(path, f"{kind} pixels are not supported; convert the picture to 8 or 16 bit grey or RGB")


def _ppm_maximum(image: ImageFile.ImageFile) -> int:
    codec, _, _, args = image.tile[0]
    return args[1] if codec.startswith("ppm") and isinstance(args, tuple) else 255


# --- pixels -----------------------------------------------------------------------------------------------------------


def _decode(header: _Header, data: bytes, size: tuple[int, int] | None) -> tuple[Pixels, list[str]]:
    """Decode the opened picture, at (about) `size` (width, height of the upright picture) if that saves work.

    Returns
    -------
    pixels, notes
        `pixels` are upright.
    """
    image, info = header.image, header.info
    upright = False
    notes: list[str] = []
    pixels: Pixels | None = None
    if info.format == "JPEG":
        # libjpeg fills up a stream that was cut with grey. No pixel data can look like the marker for "end of image".
        assert image.fp is not None
        if data.find(b"\xff\xd9", image.fp.tell()) < 0:
            raise PictureError(info.path, "cut short (the end of the JPEG data is missing)")
        if size is not None:
            image.draft(image.mode, size if info.orientation < 5 else (size[1], size[0]))
        elif image.mode in ("L", "RGB") and _profile(image.info.get("icc_profile"), image.mode) is None:
            pixels = _jpeg_with_opencv(data, image)
    elif info.format == "PNG":
        core = _png_core(info.path, data)
        if info.depth == 16 and header.rawmode != "I;16B":
            pixels = _deep_colour(header, b"".join(core))
    elif info.format == "TIFF":
        assert isinstance(image, TiffImagePlugin.TiffImageFile)
        # Pillow turns TIFF upright itself, but would also heed an orientation in XMP, which nobody else does.
        image.getexif()[_ORIENTATION] = info.orientation
        upright = True
        if info.depth == 16 and info.channels >= 3:
            pixels = _deep_colour(header, _turned_off(data))
    elif info.format == "PPM" and header.image.tile[0][0] == "ppm":
        pixels = _ppm(image, info.depth, data)
    if pixels is None:
        pixels, notes = _with_pillow(header)
    elif info.depth == 16 and _profile(image.info.get("icc_profile"), image.mode) is not None:
        notes.append("ICC profile ignored (16-bit colours are kept as they are)")
    return (pixels if upright else _upright(pixels, info.orientation)), notes


def _jpeg_with_opencv(data: bytes, image: ImageFile.ImageFile) -> Pixels | None:
    """Decode a plain JPEG; None where OpenCV fails, so that Pillow has the last word."""
    grey = image.mode == "L"
    rgb: int | None = getattr(cv2, "IMREAD_COLOR_RGB", None)  # OpenCV 4.11
    flag = cv2.IMREAD_GRAYSCALE if grey else rgb if rgb is not None else cv2.IMREAD_COLOR
    try:
        decoded = cv2.imdecode(np.frombuffer(data, np.uint8), flag | cv2.IMREAD_IGNORE_ORIENTATION)
    except cv2.error:
        return None
    if decoded is None or decoded.shape != (image.height, image.width, 3)[: 2 if grey else 3]:
        return None
    if not grey and rgb is None:
        decoded = cv2.cvtColor(decoded, cv2.COLOR_BGR2RGB)
    return cast(Pixels, decoded)


def _png_core(path: Path, data: bytes) -> list[memoryview]:
    """Check a PNG's checksums and its end; return its pieces without anything but the pixels' own chunks.

    Neither decoder does all of this: Pillow skips the checksum of pixel data and a missing end, OpenCV accepts less
    still. And what is not there (animation, orientation, gamma, profiles) OpenCV cannot apply in its own way.
    """
    view = memoryview(data)
    parts = [view[:8]]
    at = 8
    while at + 12 <= len(data):
        end = at + 12 + int.from_bytes(view[at : at + 4], "big")
        kind = bytes(view[at + 4 : at + 8])
        if end > len(data):
            break
        if kind in (b"IHDR", b"PLTE", b"IDAT", b"IEND"):
            if zlib.crc32(view[at + 4 : end - 4]) != int.from_bytes(view[end - 4 : end], "big"):
                raise PictureError(path, f"damaged: wrong checksum in the PNG's {kind.decode()} part")
            parts.append(view[at:end])
        if kind == b"IEND":
            return parts
        at = end
    raise PictureError(path, "cut short (the end of the PNG data is missing)")


def _turned_off(tiff: bytes) -> bytes:
    """Set a TIFF's orientation to 1: OpenCV applies some of them, with no way to tell it not to."""
    entry = _ifd_entry(tiff, _ORIENTATION)
    if entry is None or entry[1] == 1:
        return tiff
    at = entry[0]
    one = (1).to_bytes(2, "little" if tiff[:1] == b"I" else "big")
    return tiff[:at] + one + tiff[at + 2 :]


def _deep_colour(header: _Header, data: bytes) -> Pixels:
    """Decode 16-bit colour with OpenCV, held against Pillow's rendering in 8 bit.

    Pillow notices cut and damaged data, which OpenCV fills up in silence; and two decoders that agree on the upper
    byte of every value leave no doubt about channel order, byte order or alpha.
    """
    image, info = header.image, header.info
    key: Any = image.info.get("transparency")
    image.load()
    upper = np.asarray(image)
    decoded = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_UNCHANGED)
    if decoded is None or decoded.dtype != np.uint16 or decoded.ndim != 3:
        raise PictureError(info.path, f"this kind of 16-bit {info.format} is not supported")
    rgb = cast(NDArray[np.uint16], cv2.cvtColor(decoded, _TO_RGB[decoded.shape[2]]))[..., : upper.shape[2]]
    if info.format == "TIFF":
        rgb = cast(NDArray[np.uint16], _upright(rgb, info.orientation))
    associated = header.rawmode.startswith("RGBa")  # TIFF with colour multiplied by alpha
    compared = slice(3, 4) if associated else slice(None)
    if rgb.shape != upper.shape or not np.array_equal(rgb[..., compared] >> 8, upper[..., compared]):
        raise PictureError(info.path, f"this kind of 16-bit {info.format} is not supported (two decoders disagree)")
    if associated:
        alpha = rgb[..., 3:].astype(np.uint32)
        colour = (rgb[..., :3].astype(np.uint32) * 65535 + alpha // 2) // np.maximum(alpha, 1)
        return np.dstack([np.minimum(colour, 65535).astype(np.uint16), rgb[..., 3]])
    if info.channels == 2:
        return np.ascontiguousarray(rgb[..., [0, 3]])
    if info.channels == 4 and rgb.shape[2] == 3:
        return np.dstack([rgb, np.where((rgb == np.uint16(key)).all(axis=2), np.uint16(0), np.uint16(65535))])
    return np.ascontiguousarray(rgb)


_TO_RGB = {3: cv2.COLOR_BGR2RGB, 4: cv2.COLOR_BGRA2RGBA}


def _ppm(image: ImageFile.ImageFile, depth: int, data: bytes) -> Pixels:
    """Scale the values of a binary PGM or PPM up to full range (Pillow does this in a slow loop, and to 8 bit only)."""
    maximum, offset = _ppm_maximum(image), image.tile[0][2]
    shape = (image.height, image.width, 3) if image.mode == "RGB" else (image.height, image.width)
    stored = np.dtype(np.uint8 if maximum < 256 else ">u2")
    values = np.frombuffer(data, stored, int(np.prod(shape)), offset).reshape(shape)
    full = 2**depth - 1
    scaled = (np.minimum(values, maximum).astype(np.uint32) * np.uint32(full) + np.uint32(maximum // 2)) // maximum
    return cast(Pixels, scaled.astype(np.uint8 if depth == 8 else np.uint16))


def _with_pillow(header: _Header) -> tuple[Pixels, list[str]]:
    image: Image.Image = header.image
    info, rawmode, mode = header.info, header.rawmode, image.mode
    profile = image.info.get("icc_profile")
    key = image.info.get("transparency")
    inverted = info.depth == 16 and isinstance(image, TiffImagePlugin.TiffImageFile) and image.tag_v2.get(262) == 0
    notes: list[str] = []
    image.load()

    if info.depth == 16:
        grey = np.array(image).astype(np.uint16)
        if rawmode == "I;12":
            grey = (grey << np.uint16(4)) | (grey >> np.uint16(8))
        if inverted:
            grey = ~grey
        if _profile(profile, mode) is not None:
            notes.append("ICC profile ignored (16-bit colours are kept as they are)")
        if info.channels == 2:
            grey = np.dstack([grey, np.where(grey == key, np.uint16(0), np.uint16(65535))])
        return grey, notes

    if mode == "1":
        image = image.convert("L")
    elif mode in ("La", "RGBa"):
        image = image.convert(mode.upper())
    elif mode in ("P", "PA"):
        image = image.convert("RGBA" if info.channels == 4 else "RGB")
        notes.append(f"palette converted to {image.mode}")
    elif mode in ("YCbCr", "RGBX"):
        image = image.convert("RGB")

    alpha = None
    if mode in ("1", "L", "RGB") and info.channels in (2, 4):
        alpha = np.where(_is_colour(np.asarray(image), key, rawmode), np.uint8(0), np.uint8(255))
    image, note = _to_srgb(image, profile)
    if note is not None:
        notes.append(note)
    if mode == "CMYK":
        deep = "16-bit " if "16" in rawmode else ""
        notes.append(f"{deep}CMYK converted to RGB")
        if image.mode == "CMYK":
            image = image.convert("RGB")
    pixels = np.array(image)
    return (pixels if alpha is None else np.dstack([pixels, alpha])), notes


def _is_colour(pixels: NDArray[np.uint8], key: Any, rawmode: str) -> NDArray[np.bool_]:
    """Tell which pixels have the one colour that the file calls transparent."""
    if pixels.ndim == 3:
        return cast(NDArray[np.bool_], (pixels == np.array(key, np.uint16).astype(np.uint8)).all(axis=2))
    step = {"L;2": 85, "L;4": 17}.get(rawmode, 1)  # PNG gives the key as stored, pixels are spread over full range
    return cast(NDArray[np.bool_], pixels == (key & 255) * step)


# --- colour profiles --------------------------------------------------------------------------------------------------


@lru_cache(maxsize=32)
def _profile_name(profile: bytes) -> str | None:
    """Give a profile's name, empty if it has none; None for sRGB."""
    try:
        name = ImageCms.getProfileDescription(ImageCms.ImageCmsProfile(io.BytesIO(profile)))
    except Exception:
        return ""
    name = " ".join(name.split())[:60]
    return None if "srgb" in name.lower() else name


def _profile(profile: Any, mode: str) -> str | None:
    """Give the name of a profile that has to be applied to pictures of this mode; None if there is nothing to do."""
    if not isinstance(profile, bytes) or not profile:
        return None
    name = _profile_name(profile)
    return "" if name is None and mode == "CMYK" else name


@lru_cache(maxsize=16)
def _transform(profile: bytes, mode: str) -> ImageCms.ImageCmsTransform | list[int]:
    """Build the conversion to sRGB: a transform; for grey, a table of 256 values."""
    source, srgb = ImageCms.ImageCmsProfile(io.BytesIO(profile)), ImageCms.createProfile("sRGB")
    if mode != "L":
        return ImageCms.buildTransform(source, srgb, mode, "RGB" if mode == "CMYK" else mode)
    ramp = Image.fromarray(np.arange(256, dtype=np.uint8)[None])
    as_rgb = ImageCms.applyTransform(ramp, ImageCms.buildTransform(source, srgb, "L", "RGB"))
    assert as_rgb is not None
    return [int(value) for value in np.asarray(as_rgb)[0, :, 1]]


def _to_srgb(image: Image.Image, profile: Any) -> tuple[Image.Image, str | None]:
    """Convert an RGB, RGBA, L, LA or CMYK picture to sRGB; also return a note, if there was anything to do."""
    name = _profile(profile, image.mode)
    if name is None:
        return image, None
    called = f"ICC profile {name}" if name else "ICC profile without a name"
    try:
        transform = _transform(profile, "L" if image.mode == "LA" else image.mode)
        if isinstance(transform, list):
            grey, *alpha = image.split()
            converted = Image.merge(image.mode, [grey.point(transform), *alpha])
        else:
            done = ImageCms.applyTransform(image, transform)
            assert done is not None
            converted = done
    except Exception:
        return image, f"{called} ignored (it is damaged or does not fit the picture)"
    return converted, f"{called} converted to sRGB"


# --- geometry ---------------------------------------------------------------------------------------------------------


def _upright(pixels: Pixels, orientation: int) -> Pixels:
    """Apply an EXIF orientation, with OpenCV: several times faster than copying NumPy's strided views."""
    if orientation == 1:
        return pixels
    if orientation in (5, 7):
        turned = cv2.transpose(pixels)
        return cast(Pixels, turned if orientation == 5 else cv2.rotate(turned, cv2.ROTATE_180))
    if orientation in (2, 4):
        return cast(Pixels, cv2.flip(pixels, 1 if orientation == 2 else 0))
    turns = {3: cv2.ROTATE_180, 6: cv2.ROTATE_90_CLOCKWISE, 8: cv2.ROTATE_90_COUNTERCLOCKWISE}
    return cast(Pixels, cv2.rotate(pixels, turns[orientation]))


def _reduced_size(info: PictureInfo, longest_side: int | None) -> tuple[int, int] | None:
    longer = max(info.width, info.height)
    if longest_side is None or longer <= longest_side:
        return None
    return max(1, round(info.width * longest_side / longer)), max(1, round(info.height * longest_side / longer))


def _reduce(pixels: Pixels, size: tuple[int, int]) -> Pixels:
    if (pixels.shape[1], pixels.shape[0]) == size:
        return pixels
    if pixels.ndim == 2 or pixels.shape[2] == 3:
        return cast(Pixels, cv2.resize(pixels, size, interpolation=cv2.INTER_AREA))
    # Colour counts by its alpha, or whatever lies unseen below transparent pixels would shine through at edges.
    full = int(np.iinfo(pixels.dtype).max)
    alpha = pixels[..., -1]
    bands = [cv2.multiply(band, alpha, scale=1 / full) for band in cv2.split(pixels)[:-1]]
    small = cv2.resize(cv2.merge([*bands, alpha]), size, interpolation=cv2.INTER_AREA)
    small_alpha = small[..., -1:].astype(np.float64)
    colour = small[..., :-1] * (full / np.maximum(small_alpha, 1))
    small[..., :-1] = np.minimum(np.rint(colour), full)
    return cast(Pixels, small)
