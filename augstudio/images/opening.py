"""Opening picture files: what a file is, and what its header tells, before a pixel is decoded."""

from __future__ import annotations

import contextlib
import importlib
import io
import os
import re
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Literal, NamedTuple, cast

from PIL import (
    BmpImagePlugin,  # noqa: F401  (importing a plugin registers its format)
    GifImagePlugin,  # noqa: F401
    Image,
    ImageFile,
    Jpeg2KImagePlugin,  # noqa: F401
    JpegImagePlugin,
    PngImagePlugin,  # noqa: F401
    PpmImagePlugin,  # noqa: F401
    TgaImagePlugin,  # noqa: F401
    TiffImagePlugin,
    WebPImagePlugin,  # noqa: F401
)

from augstudio.images import heif, metadata
from augstudio.images.failures import PictureError, one_line, too_many_pixels, warnings_collected

DEFAULT_MAX_PIXELS = 100_000_000
MAX_SIDE = 32_766  # OpenCV's warp cannot address longer sides

SUFFIXES: frozenset[str] = frozenset(
    f".{name}"
    for name in (
        *("jpg", "jpeg", "jpe", "jfif", "mpo", "png", "apng", "webp", "tif", "tiff", "bmp", "gif", "avif"),
        *("heic", "heif", "hif", "jp2", "j2k", "jpf", "jpx", "pbm", "pgm", "pnm", "ppm", "tga"),
    )
)

# Recognised by content, in this order. Pillow knows more, but some of it runs other programs (EPS) or is no picture.
_FORMATS = ("JPEG", "PNG", "WEBP", "TIFF", "BMP", "GIF", "JPEG2000", "PPM")
_START = 4096  # bytes that are enough to tell a format
_TILE = 2**22  # pixels in a tile of a TIFF that are fine however small the picture

with contextlib.suppress(ImportError):  # Pillow before 11.3 has no AVIF
    importlib.import_module("PIL.AvifImagePlugin")


@dataclass(frozen=True)
class Loaded:
    """A file whose bytes are in memory already.

    Attributes
    ----------
    path : Path
        Where it came from; only its name and suffix are looked at.
    data : bytes
        All of its content.
    """

    path: Path
    data: bytes


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
        EXIF orientation 1..8; 1 where the file has none, and for HEIF, where it does not count.
    frames : int
        Number of frames or pages, at least 1. Only the first is ever read (of HEIF the primary one).
    """

    path: Path
    format: str
    width: int
    height: int
    channels: int
    depth: int
    orientation: int
    frames: int


@dataclass(frozen=True)
class Header:
    """An opened picture."""

    image: ImageFile.ImageFile  # no pixels decoded
    info: PictureInfo
    rawmode: str  # Pillow's name of how the pixels are stored, e.g. "RGB;16B"
    notes: tuple[str, ...]
    dropped: tuple[str, ...]


@contextlib.contextmanager
def opened(source: Path | Loaded, max_pixels: int) -> Iterator[IO[bytes]]:
    """Open a file, unless it can be told already that it is no picture to read."""
    if isinstance(source, Loaded):
        _check_length(source.path, len(source.data), max_pixels)
        yield io.BytesIO(source.data)
        return
    status = source.stat()
    if stat.S_ISDIR(status.st_mode):
        raise PictureError(source, "a folder, not a picture")
    if not stat.S_ISREG(status.st_mode):  # opening a pipe would wait for ever
        raise PictureError(source, "not a regular file")
    _check_length(source, status.st_size, max_pixels)
    with source.open("rb") as file:
        yield file


def most_bytes(max_pixels: int) -> int:
    """How long a file may be; longer ones are refused unread."""
    # The largest picture allowed takes 8 bytes per pixel uncompressed; the rest is room for metadata and more pages.
    return 16 * max_pixels + 2**28


def _check_length(path: Path, length: int, max_pixels: int) -> None:
    if length == 0:
        raise PictureError(path, "the file is empty (0 bytes)")
    most = most_bytes(max_pixels)
    if length > most:
        raise PictureError(path, f"{length:,} bytes, above the limit of {most:,} bytes for {max_pixels:,} pixels")


def read_header(path: Path, file: IO[bytes], max_pixels: int) -> Header:
    """Read a picture's header, and refuse what cannot be read or is too large."""
    # Ours is the limit that decides. Pillow warns above its own, which we pass over, and refuses above twice that. So
    # its own is raised for the whole process only where somebody asks for that much, and never lowered.
    if Image.MAX_IMAGE_PIXELS is not None and max_pixels > 2 * Image.MAX_IMAGE_PIXELS:
        Image.MAX_IMAGE_PIXELS = max_pixels
    notes = []
    with warnings_collected() as complaints:
        image = _identify(path, file, max_pixels)
    complaints = [text for text in complaints if "decompression bomb" not in text]
    if complaints:
        # In TIFF a lost tag may be the one that says how to decode the pixels. Elsewhere only metadata can complain.
        if image.format == "TIFF" and not all("too many entries" in text for text in complaints):
            raise PictureError(path, f"cut short or damaged ({one_line(complaints[0])})")
        notes.append("damaged metadata ignored")

    width, height = image.size
    if isinstance(image, TiffImagePlugin.TiffImageFile):
        width, height = image.tag_v2[256], image.tag_v2[257]  # as stored: Pillow has turned its own size already
    _check_size(path, width, height, max_pixels)
    if isinstance(image, TiffImagePlugin.TiffImageFile):
        _check_tiles(path, image, max_pixels)

    frames = _frames(image, file)
    if frames > 1:
        heif_file = image.format == "HEIF"
        notes.append(f"primary one of {frames} pictures used" if heif_file else f"first of {frames} frames used")
    late = metadata.late(image, file)
    orientation = metadata.orientation(image, late)
    if orientation != 1:
        notes.append(f"EXIF orientation {orientation} applied")
    if orientation >= 5:
        width, height = height, width
    rawmode = _rawmode(image)
    channels, depth = _layout(path, image, rawmode)
    info = PictureInfo(path, cast(str, image.format), width, height, channels, depth, orientation, frames)
    return Header(image, info, rawmode, tuple(notes), _dropped(image, late))


def _dropped(image: ImageFile.ImageFile, late: metadata.Late) -> tuple[str, ...]:
    try:
        return metadata.personal(image, late)
    except Exception:  # metadata that nobody can read is dropped as well, and must not cost the picture
        return ("EXIF",)


def _check_size(path: Path, width: int, height: int, max_pixels: int) -> None:
    if width < 1 or height < 1:
        raise PictureError(path, f"damaged: a size of {width} × {height} pixels")
    if width * height > max_pixels:
        raise PictureError(path, too_many_pixels(width * height, f" ({width:,} × {height:,})", max_pixels))
    if max(width, height) > MAX_SIDE:
        raise PictureError(path, f"{width:,} × {height:,} pixels; no side may be longer than {MAX_SIDE:,}")


def _check_tiles(path: Path, image: TiffImagePlugin.TiffImageFile, max_pixels: int) -> None:
    """Refuse tiles that would take more memory than any picture allowed: decoders make room for a whole one."""
    wide, high = image.tag_v2.get(322, 1), image.tag_v2.get(323, 1)
    if wide * high > max(max_pixels, _TILE):
        raise PictureError(path, f"damaged: tiles of {wide:,} × {high:,} pixels")


def _identify(path: Path, file: IO[bytes], max_pixels: int) -> ImageFile.ImageFile:
    """Open with the first format that recognises the content.

    `Image.open` does nearly this, but drops the reason when a format recognises a file and then fails on it.
    """
    start = file.read(_START)
    name = _format_of(path, start)
    factory = {
        # The registered factory also parses the list of further pictures that phones append (MPO); damage there must
        # not cost the first picture.
        "JPEG": JpegImagePlugin.JpegImageFile,
        "HEIF": heif.HeifImageFile,
    }.get(name) or Image.OPEN[name][0]
    if name == "TIFF":
        _check_tiff(path, file, max_pixels)
    if name == "PPM" and len(start) == _START:
        words = re.sub(rb"#[^\r\n]*", b"", start).split(maxsplit=4)
        if len(words) < (3 if words[0] in (b"P1", b"P4") else 4):
            raise PictureError(path, f"damaged: a PPM header of more than {_START:,} bytes")  # read letter by letter
    if name == "WEBP" and (canvas := _webp_canvas(start)):
        _check_size(path, *canvas, max_pixels)  # opening makes room for it
    file.seek(0)
    try:
        return factory(file, "")
    except heif.NoHeifError as error:
        raise PictureError(path, str(error)) from error
    except (MemoryError, Image.DecompressionBombError):
        raise
    except Exception as error:
        text = one_line(error)
        detail = f" ({text})" if text and text != "not identified by this driver" else ""
        raise PictureError(path, f"a damaged or unsupported {name} file{detail}") from error


def _format_of(path: Path, start: bytes) -> str:
    name = heif.brand_of(start)
    if name == "HEIF" or (name is not None and name in Image.OPEN):
        return name
    if name is None:
        names = [*_FORMATS, "TGA"] if path.suffix.lower() == ".tga" else _FORMATS  # TGA has no signature to go by
        for name in names:
            accept = Image.OPEN[name][1]
            accepted = accept(start[:16]) if accept is not None else True
            if isinstance(accepted, str):
                break
            if accepted:
                return name
        else:
            raise PictureError(path, "not a picture in any known format")
    raise PictureError(path, f"{name} is not supported by this installation")


def _webp_canvas(start: bytes) -> tuple[int, int] | None:
    if start[12:16] != b"VP8X" or len(start) < 30:
        return None  # the other kinds hold at most 16,383 × 16,383 and are decoded only when their size is known
    return 1 + int.from_bytes(start[24:27], "little"), 1 + int.from_bytes(start[27:30], "little")


def _frames(image: ImageFile.ImageFile, file: IO[bytes]) -> int:
    if image.format == "JPEG":
        entry = metadata.find(image.info.get("mp", b""), metadata.MPF_IMAGES)
        return max(1, entry.number or 1) if entry else 1
    before = file.tell()
    try:
        # Pillow's own counts take time in the square of the number, or parse all there is to a frame.
        if image.format == "TIFF":
            return _tiff_pages(file)
        if image.format == "GIF":
            return _gif_frames(file)
        return max(1, int(getattr(image, "n_frames", 1)))
    except Exception:  # whatever is wrong with further frames, the first one has its own say when it is decoded
        return 1
    finally:
        file.seek(before)


class _Tiff(NamedTuple):
    """How the directories of a TIFF are written."""

    order: Literal["little", "big"]
    first: int  # where the first directory stands
    head: int  # bytes of the number of entries
    entry: int  # bytes of an entry
    link: int  # bytes of an offset

    @classmethod
    def of(cls, file: IO[bytes]) -> _Tiff:
        file.seek(0)
        head = file.read(16)
        order: Literal["little", "big"] = "little" if head[:2] == b"II" else "big"
        if 43 in head[2:4]:  # BigTIFF
            return cls(order, int.from_bytes(head[8:16], order), 8, 20, 8)
        return cls(order, int.from_bytes(head[4:8], order), 2, 12, 4)


_TIFF_SIZES = {3: 2, 4: 4, 5: 8, 8: 2, 9: 4, 10: 8, 11: 4, 12: 8, 13: 4, 16: 8, 17: 8, 18: 8}
_TIFF_BYTES = {1, 2, 6, 7}  # kinds that are kept as bytes


def _check_tiff(path: Path, file: IO[bytes], max_pixels: int) -> None:
    """Refuse a first directory that takes a lot of time or memory to read: Pillow turns each number into an object."""
    tiff = _Tiff.of(file)
    length = file.seek(0, os.SEEK_END)
    file.seek(tiff.first)
    entries = int.from_bytes(file.read(tiff.head), tiff.order)
    if entries * tiff.entry > length:
        raise PictureError(path, f"damaged: {entries:,} TIFF tags in a file of {length:,} bytes")
    directory = file.read(entries * tiff.entry)
    # As many numbers as there are tiles, and tiles are 16 × 16 at least, or rows in strips.
    most = 2**18 + max_pixels // 256
    total = 0
    for at in range(0, len(directory), tiff.entry):
        kind = int.from_bytes(directory[at + 2 : at + 4], tiff.order)
        count = int.from_bytes(directory[at + 4 : at + 4 + tiff.link], tiff.order)
        if count > most and kind not in _TIFF_BYTES:
            raise PictureError(path, f"damaged: a TIFF tag of {count:,} values")
        size = count * _TIFF_SIZES.get(kind, 1)
        total += size if size > tiff.link else 0
    if total > length:
        raise PictureError(path, "cut short or damaged (TIFF tags are larger than the file)")


def _tiff_pages(file: IO[bytes]) -> int:
    tiff = _Tiff.of(file)
    at = tiff.first
    seen: set[int] = set()
    while at and at not in seen:
        file.seek(at)
        entries = int.from_bytes(file.read(tiff.head), tiff.order)
        file.seek(at + tiff.head + tiff.entry * entries)
        link = file.read(tiff.link)
        if len(link) < tiff.link:
            break
        seen.add(at)
        at = int.from_bytes(link, tiff.order)
    return max(1, len(seen))


def _gif_frames(file: IO[bytes]) -> int:
    file.seek(0)
    data = file.read()
    frames = 0
    at = 13 + _gif_palette(data[10])
    with contextlib.suppress(IndexError):  # cut short
        while (kind := data[at]) != 0x3B:
            if kind == 0x2C:
                frames += 1
                at += 10 + _gif_palette(data[at + 9]) + 1
            elif kind == 0x21:
                at += 2
            else:
                at += 1
                continue
            while length := data[at]:
                at += 1 + length
            at += 1
    return max(1, frames)


def _gif_palette(flags: int) -> int:
    return 3 * 2 ** (1 + (flags & 7)) if flags & 0x80 else 0


def _rawmode(image: ImageFile.ImageFile) -> str:
    if not image.tile:
        return ""
    args = image.tile[0][3]
    first = args[0] if isinstance(args, tuple) and args else args
    return first if isinstance(first, str) else ""


def _layout(path: Path, image: ImageFile.ImageFile, rawmode: str) -> tuple[int, int]:
    """Give channels and depth of the array that the picture becomes."""
    mode = image.mode
    if isinstance(image, heif.HeifImageFile) and image.bits > 8:
        return len(mode), 16
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
    if image.format == "PPM" and (mode == "I" or (mode == "RGB" and ppm_maximum(image) > 255)):
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


def ppm_maximum(image: ImageFile.ImageFile) -> int:
    """Give the value that stands for white."""
    codec, _, _, args = image.tile[0]
    return args[1] if codec.startswith("ppm") and isinstance(args, tuple) else 255
