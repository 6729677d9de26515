"""Opening picture files: what a file is, and what its header tells, before a pixel is decoded."""

from __future__ import annotations

import contextlib
import importlib
import io
import os
import re
import stat
import struct
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, NamedTuple, cast

import numpy as np
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

from augstudio.images import colours, essentials, heif, jpeg2000, metadata, png, tiff
from augstudio.images.colours import Colours
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

DAMAGED_METADATA = "damaged metadata ignored"
"""The note on what is broken beside the pixels."""

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
    lossless : bool
        Whether a WebP is stored without loss; False for formats of which there is only one kind.
    """

    path: Path
    format: str
    width: int
    height: int
    channels: int
    depth: int
    orientation: int
    frames: int
    lossless: bool = False


@dataclass(frozen=True)
class Header:
    """An opened picture."""

    image: ImageFile.ImageFile  # no pixels decoded
    info: PictureInfo
    rawmode: str  # Pillow's name of how the pixels are stored, e.g. "RGB;16B"
    notes: tuple[str, ...]
    dropped: tuple[str, ...]
    colours: Colours  # what the file says about them
    data: bytes | None  # what decoders are to be given, where that is not the file as it is
    tiff: tuple[tiff.Tiff, tiff.Kind] | None = None
    jpeg2000: jpeg2000.Kind | None = None


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


def read_header(path: Path, file: IO[bytes], max_pixels: int, data: bytes | None = None) -> Header:
    """Read a picture's header, and refuse what cannot be read or is too large.

    `data` is all of the file if its pixels are wanted as well; what can be told of them without decoding is checked.
    """
    # Ours is the limit that decides. Pillow warns above its own, which we pass over, and refuses above twice that. So
    # its own is raised for the whole process only where somebody asks for that much, and never lowered.
    if Image.MAX_IMAGE_PIXELS is not None and max_pixels > 2 * Image.MAX_IMAGE_PIXELS:
        Image.MAX_IMAGE_PIXELS = max_pixels
    notes = []
    with warnings_collected() as complaints:
        found = _identify(path, file, max_pixels, data)
    image = found.image
    if found.damaged or any("decompression bomb" not in text for text in complaints):
        notes.append(DAMAGED_METADATA)

    width, height = image.size
    if found.tiff is not None:
        width, height = found.tiff[0].one(256, 0), found.tiff[0].one(257, 0)  # as stored: Pillow has turned its own
    _check_size(path, width, height, max_pixels)
    if found.tiff is not None:
        _check_tiles(path, found.tiff[0], max_pixels)

    frames = _frames(image, file) if found.png is None else found.png.frames
    if frames > 1:
        heif_file = image.format == "HEIF"
        notes.append(f"primary one of {frames} pictures used" if heif_file else f"first of {frames} frames used")
    beside = found.beside
    orientation = metadata.orientation(image, beside)
    if orientation != 1:
        notes.append(f"EXIF orientation {orientation} applied")
    if orientation >= 5:
        width, height = height, width
    rawmode = _rawmode(image)
    channels, depth = _layout(path, image, rawmode, found)
    lossless = image.format == "WEBP" and _webp_is_lossless(file)
    info = PictureInfo(path, cast(str, image.format), width, height, channels, depth, orientation, frames, lossless)
    said = Colours() if data is None else _colours(image, found, data, grey=channels < 3)
    return Header(
        image, info, rawmode, tuple(notes), _dropped(image, beside), said, found.data, found.tiff, found.jpeg2000
    )


def _colours(image: ImageFile.ImageFile, found: _Found, data: bytes, *, grey: bool) -> Colours:
    """Gather what a file says about its colours, the strongest first; a profile outweighs numbers, but for PNG."""
    if found.png is not None:
        return found.png.colours
    if isinstance(image, heif.HeifImageFile):
        return image.colours
    if found.jpeg2000 is not None:
        return found.jpeg2000.colours
    profile = image.info.get("icc_profile")
    if isinstance(image, JpegImagePlugin.JpegImageFile) and profile is None:
        profile = _late_profile(image)
    if isinstance(profile, bytes) and profile:
        return Colours(profile)
    if "icc_profile" in image.info and image.format == "JPEG":  # pieces of one
        return Colours(note="ICC profile without a name ignored (it is damaged or does not fit the picture)")
    if image.format == "JPEG":
        return _by_exif(image)
    if image.format == "AVIF":
        return heif.avif_colours(data, grey=grey)
    if isinstance(image, TiffImagePlugin.TiffImageFile):
        return _by_tags(image, grey=grey)
    return _by_bmp(data, grey=grey) if image.format == "BMP" else Colours()


def _late_profile(image: JpegImagePlugin.JpegImageFile) -> bytes | None:
    """Put together the pieces of a profile that stand behind the frame's header, where Pillow leaves them."""
    pieces = sorted(piece for piece in image.icclist if len(piece) > 14)
    whole = [piece[12] for piece in pieces] == list(range(1, len(pieces) + 1))
    return b"".join(piece[14:] for piece in pieces) if pieces and whole and pieces[0][13] == len(pieces) else None


def _by_exif(image: ImageFile.ImageFile) -> Colours:
    space = metadata.colour_space(metadata.exif_of(image)) if image.mode in ("L", "RGB") else ""
    if space == "Adobe RGB":
        return colours.adobe_rgb(grey=image.mode == "L")
    return Colours(note=f"EXIF colour space ({space}) taken as sRGB") if space else Colours()


_TRANSFER_FUNCTION, _WHITE_POINT, _PRIMARIES = 301, 318, 319


def _by_tags(image: TiffImagePlugin.TiffImageFile, *, grey: bool) -> Colours:
    tags = image.tag_v2
    if image.mode == "CMYK" or (_TRANSFER_FUNCTION not in tags and _PRIMARIES not in tags):
        return Colours()
    ignored = Colours(note=DAMAGED_METADATA)
    try:
        gamut = None
        if _PRIMARIES in tags:
            x = [float(value) for value in (*tags[_PRIMARIES], *tags.get(_WHITE_POINT, colours.SRGB.white))]
            gamut = colours.Gamut((x[0], x[1]), (x[2], x[3]), (x[4], x[5]), (x[6], x[7]))
        curves = [colours.SRGB_CURVE]
        if _TRANSFER_FUNCTION in tags:
            table = np.array(tags[_TRANSFER_FUNCTION]).reshape(-1, 2 ** tags[258][0])[: 1 if grey else 3]
            some = np.rint(np.linspace(0, table.shape[1] - 1, min(table.shape[1], 4096))).astype(int)
            curves = [colours.table_curve(row[some].tolist()) for row in table]
        said = colours.built("colours of the TIFF's own tags", gamut, curves, grey=grey)
    except Exception:  # tags of the wrong kind or length
        return ignored
    return ignored if said.note else said


def _by_bmp(data: bytes, *, grey: bool) -> Colours:
    """Understand the colours in the headers of versions 4 and 5."""
    size = int.from_bytes(data[14:18], "little")
    if size < 108 or len(data) < 14 + size:
        return Colours()
    kind = data[70:74][::-1]
    if size >= 124 and kind in (b"MBED", b"LINK"):
        if kind == b"LINK":
            return Colours(note="a linked colour profile is not converted")
        at, length = struct.unpack_from("<II", data, 126)
        return Colours(data[14 + at : 14 + at + length] or b"?")
    numbers = struct.unpack_from("<9i3I", data, 74)
    if any(kind) or not all(numbers[9:]):  # sRGB, or the system's own; or left blank, as most programs do
        return Colours()
    gammas = [value / 65536 for value in numbers[9:]]
    ends = [[value / 2**30 for value in numbers[k : k + 3]] for k in (0, 3, 6)]
    gamut = None
    if all(sum(end) > 0 for end in ends):
        total = [sum(end[k] for end in ends) for k in range(3)]
        points = [(end[0] / sum(end), end[1] / sum(end)) for end in (*ends, total)]
        gamut = colours.Gamut(*points)
    curves = [colours.SRGB_CURVE if abs(g / 2.2 - 1) < 0.05 else colours.gamma_curve(g) for g in gammas]
    return colours.built("colours of the BMP header", gamut, curves, grey=grey)


def _webp_is_lossless(file: IO[bytes]) -> bool:
    """Tell by the first frame, whether still or of an animation."""
    file.seek(12)
    while len(start := file.read(8)) == 8:
        if start[:4] in (b"VP8 ", b"VP8L"):
            return start[:4] == b"VP8L"
        length = int.from_bytes(start[4:], "little")
        # A frame of an animation holds 16 bytes of its own, and then the picture's parts.
        file.seek(16 if start[:4] == b"ANMF" else length + length % 2, os.SEEK_CUR)
    return False


def _dropped(image: ImageFile.ImageFile, beside: metadata.Beside) -> tuple[str, ...]:
    try:
        return metadata.personal(image, beside)
    except Exception:  # metadata that nobody can read is dropped as well, and must not cost the picture
        return ("EXIF",)


def _check_size(path: Path, width: int, height: int, max_pixels: int) -> None:
    if width < 1 or height < 1:
        raise PictureError(path, f"damaged: a size of {width} × {height} pixels")
    if width * height > max_pixels:
        raise PictureError(path, too_many_pixels(width * height, f" ({width:,} × {height:,})", max_pixels))
    if max(width, height) > MAX_SIDE:
        raise PictureError(path, f"{width:,} × {height:,} pixels; no side may be longer than {MAX_SIDE:,}")


def _check_tiles(path: Path, tags: tiff.Tiff, max_pixels: int) -> None:
    """Refuse tiles that would take more memory than any picture allowed: decoders make room for a whole one."""
    wide, high = tags.one(322, 1), tags.one(323, 1)
    if wide * high > max(max_pixels, _TILE):
        raise PictureError(path, f"damaged: tiles of {wide:,} × {high:,} pixels")


class _Found(NamedTuple):
    """A file that was recognised and opened, with what its own room for the format has found."""

    image: ImageFile.ImageFile
    data: bytes | None = None  # what decoders are to be given, where that is not the file as it is
    damaged: bool = False  # something that pixels do not need
    png: png.Png | None = None
    tiff: tuple[tiff.Tiff, tiff.Kind] | None = None
    jpeg2000: jpeg2000.Kind | None = None

    @property
    def beside(self) -> metadata.Beside:
        return metadata.Beside() if self.png is None else metadata.Beside(self.png.exif, self.png.xmp, self.png.text)


def _identify(path: Path, file: IO[bytes], max_pixels: int, data: bytes | None) -> _Found:
    """Open with the first format that recognises the content.

    `Image.open` does nearly this, but drops the reason when a format recognises a file and then fails on it.
    """
    start = file.read(_START)
    name = _format_of(path, start)
    factory: Callable[[IO[bytes], str], ImageFile.ImageFile] = {
        # The registered factory also parses the list of further pictures that phones append (MPO); damage there must
        # not cost the first picture.
        "JPEG": JpegImagePlugin.JpegImageFile,
        "HEIF": heif.HeifImageFile,
    }.get(name) or Image.OPEN[name][0]
    if name == "PPM" and len(start) == _START:
        words = re.sub(rb"#[^\r\n]*", b"", start).split(maxsplit=4)
        if len(words) < (3 if words[0] in (b"P1", b"P4") else 4):
            raise PictureError(path, f"damaged: a PPM header of more than {_START:,} bytes")  # read letter by letter
    if name == "WEBP" and (canvas := _webp_canvas(start)):
        _check_size(path, *canvas, max_pixels)  # opening makes room for it
    if name == "PNG":
        scanned = png.scan(path, file, data)
        image = _opened(path, name, factory, io.BytesIO(scanned.core))
        return _Found(image, scanned.core, scanned.damaged, png=scanned)
    if name == "TIFF":
        return _tiff(path, file, max_pixels, data)
    if name == "JPEG2000":
        kind = jpeg2000.look(path, file)
        return _Found(_opened(path, name, factory, file), jpeg2000=kind)
    try:
        return _Found(_opened(path, name, factory, file))
    except PictureError:
        file.seek(0)
        lighter = essentials.without_ballast(file.read() if data is None else data, name)
        if lighter is None:
            raise
        return _Found(_opened(path, name, factory, io.BytesIO(lighter)), lighter, damaged=True)


def _opened(
    path: Path, name: str, factory: Callable[[IO[bytes], str], ImageFile.ImageFile], file: IO[bytes]
) -> ImageFile.ImageFile:
    file.seek(0)
    try:
        return factory(file, "")
    except heif.NoHeifError as error:
        raise PictureError(path, str(error)) from error
    except (MemoryError, Image.DecompressionBombError):
        raise
    except Exception as error:
        text = one_line(error)
        if name == "JPEG" and (found := re.fullmatch(r"cannot handle (\d+)-(bit|layer).*", text)):
            what = f"{found[1]} bit" if found[2] == "bit" else f"{found[1]} components"
            reason = f"a JPEG of {what} is not supported; convert the picture to 8-bit grey or RGB"
            raise PictureError(path, reason) from error
        detail = f" ({text})" if text and text != "not identified by this driver" else ""
        raise PictureError(path, f"a damaged or unsupported {name} file{detail}") from error


def _tiff(path: Path, file: IO[bytes], max_pixels: int, data: bytes | None) -> _Found:
    tags = tiff.look(path, file, max_pixels)
    kind = tiff.kind_of(path, tags)
    lighter = None
    if tags.broken:
        file.seek(0)
        lighter = tiff.without(file.read() if data is None else data, tags)
        file = io.BytesIO(lighter)
    factory = tiff.TagsOnly if kind.own else TiffImagePlugin.TiffImageFile
    image = _opened(path, "TIFF", factory, file)
    if not isinstance(image.info.get("xmp", b""), (bytes, str)):
        del image.info["xmp"]  # Pillow looks for an orientation in it
    return _Found(image, lighter, bool(tags.broken), tiff=(tags, kind))


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


def _tiff_pages(file: IO[bytes]) -> int:
    form = tiff.Form.of(file)
    at = form.first
    seen: set[int] = set()
    while at and at not in seen:
        file.seek(at)
        entries = int.from_bytes(file.read(form.head), form.order)
        file.seek(at + form.head + form.entry * entries)
        link = file.read(form.link)
        if len(link) < form.link:
            break
        seen.add(at)
        at = int.from_bytes(link, form.order)
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


def _layout(path: Path, image: ImageFile.ImageFile, rawmode: str, found: _Found) -> tuple[int, int]:
    """Give channels and depth of the array that the picture becomes."""
    mode = image.mode
    if found.jpeg2000 is not None:
        return found.jpeg2000.channels, found.jpeg2000.depth
    if found.tiff is not None and found.tiff[1].colour != "palette":
        return found.tiff[1].channels, found.tiff[1].depth
    if isinstance(image, heif.HeifImageFile) and image.bits > 8:
        return len(mode), 16
    # What a GIF's first frame does not cover shows what lies behind the picture.
    keyed = "transparency" in image.info or (image.format == "GIF" and not _covers(image))
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


def _covers(image: ImageFile.ImageFile) -> bool:
    return not image.tile or image.tile[0][1] == (0, 0, *image.size)


def ppm_maximum(image: ImageFile.ImageFile) -> int:
    """Give the value that stands for white."""
    codec, _, _, args = image.tile[0]
    return args[1] if codec.startswith("ppm") and isinstance(args, tuple) else 255
