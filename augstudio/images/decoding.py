"""Decoding: from an opened picture to an upright array."""

from __future__ import annotations

import io
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple, TypeAlias, cast

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFile, JpegImagePlugin, TiffImagePlugin

from augstudio.images import completeness, jpeg, metadata, profiles
from augstudio.images.failures import PictureError
from augstudio.images.heif import HeifImageFile, avif_bits
from augstudio.images.metadata import ORIENTATION
from augstudio.images.opening import Header, PictureInfo, ppm_maximum

Pixels: TypeAlias = NDArray[np.uint8 | np.uint16]


class Decoded(NamedTuple):
    """What a file's content has become: upright pixels, the profile that still applies to them, and what was done."""

    pixels: Pixels
    profile: bytes | None
    notes: tuple[str, ...]


def decode(header: Header, data: bytes, size: tuple[int, int] | None, reduction: int = 1) -> Decoded:
    """Decode the opened picture, at (about) `size` (width, height of the upright picture) if that saves work.

    A plain JPEG is decoded at 1/`reduction` of its size (1, 2, 4 or 8), its sides rounded up.
    """
    image, info = header.image, header.info
    upright = False
    notes: list[str] = []
    pixels: Pixels | None = None
    if info.format == "JPEG":
        plain = image.mode in ("L", "RGB") and profiles.name_of(image.info.get("icc_profile"), image.mode) is None
        if size is not None:
            reduction = _draft(image.size, size if info.orientation < 5 else (size[1], size[0]))
        elif not plain:
            reduction = 1
        stored, passed_over = _jpeg(header, data, reduction)
        notes += passed_over
        if plain:
            pixels = stored
        elif stored is not None:
            _put(image, stored, header.rawmode)
    elif info.format == "PNG":
        core = _png_core(info.path, data)
        if info.depth == 16 and header.rawmode != "I;16B":
            pixels = _deep_colour(header, b"".join(core))
    elif info.format == "TIFF":
        assert isinstance(image, TiffImagePlugin.TiffImageFile)
        notes += completeness.check_strips(info.path, data, image)
        # Pillow turns TIFF upright itself, but would also heed an orientation in XMP, which nobody else does.
        image.getexif()[ORIENTATION] = info.orientation
        upright = True
        if info.depth == 16 and info.channels >= 3:
            pixels = _deep_colour(header, _turned_off(data))
    elif info.format == "JPEG2000":
        completeness.check_tiles(info.path, data)
    elif info.format in ("GIF", "TGA"):
        image.fp = io.BytesIO(completeness.pixels_alone(data, info.format))
    elif info.format == "PPM" and image.tile[0][0] == "ppm":
        pixels = _ppm(image, info.depth, data)
    elif isinstance(image, HeifImageFile):
        if info.depth == 16:
            pixels = _deep_heif(image)
        if image.wide:
            notes.append(f"{image.wide} colours taken as sRGB")
    elif info.format == "AVIF" and (bits := avif_bits(data)) > 8:
        notes.append(f"{bits}-bit colours reduced to 8 bit")
    if pixels is None:
        pixels, further = _with_pillow(header)
        notes += further
    profile = None
    if info.depth == 16:
        profile, note = profiles.carried(image.info.get("icc_profile"), info.channels)
        notes += [] if note is None else [note]
    return Decoded(pixels if upright else _upright(pixels, info.orientation), profile, tuple(notes))


def _jpeg(header: Header, data: bytes, reduction: int) -> tuple[Pixels | None, tuple[str, ...]]:
    image = header.image
    assert isinstance(image, JpegImagePlugin.JpegImageFile)
    assert image.fp is not None
    components = [component[0] for component in image.layer]
    first = data.rfind(b"\xff\xda", 0, image.fp.tell()) + 2  # Pillow has read the first scan's header
    jpeg.check_scans(header.info.path, data, first, components, "progressive" in image.info)
    return jpeg.decode(header.info.path, data, image.mode, image.size, reduction)


def _draft(size: tuple[int, int], enough: tuple[int, int]) -> int:
    """The largest reduction of a JPEG that leaves as much as is enough for display."""
    return next((k for k in (8, 4, 2) if size[0] // k >= enough[0] and size[1] // k >= enough[1]), 1)


def _put(image: ImageFile.ImageFile, stored: Pixels, rawmode: str) -> None:
    """Hand Pillow the pixels of a picture that it has opened."""
    height, width = stored.shape[:2]
    image.im = Image.frombuffer(image.mode, (width, height), stored, "raw", rawmode, 0, 1).im
    image._size = (width, height)
    image.tile = []


def reduction_for(info: PictureInfo, enough: tuple[int, int]) -> int:
    """The largest reduction of 1, 2, 4 and 8 that leaves a JPEG at least as many pixels a side as are enough.

    Where a side is no multiple of it, the last column or row stands for fewer pixels than the others. A reduction that
    would shift anything by more than a tenth of a pixel in a picture of half that size is passed over.
    """
    for reduction in (8, 4, 2):
        for side, least in ((info.width, enough[0]), (info.height, enough[1])):
            left = -(-side // reduction)
            if left < least or (left * reduction - side) * least > 0.2 * side:
                break
        else:
            return reduction
    return 1


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
    entry = metadata.find(tiff, ORIENTATION)
    if entry is None or entry.number == 1:
        return tiff
    at = entry.offset
    one = (1).to_bytes(2, "little" if tiff[:1] == b"I" else "big")
    return tiff[:at] + one + tiff[at + 2 :]


def _deep_colour(header: Header, data: bytes) -> Pixels:
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
    del decoded
    if info.format == "TIFF":
        rgb = cast(NDArray[np.uint16], _upright(rgb, info.orientation))
    associated = header.rawmode.startswith("RGBa")  # TIFF with colour multiplied by alpha
    compared = slice(3, 4) if associated else slice(None)
    if rgb.shape != upper.shape or not all(
        np.array_equal(rgb[band, :, compared] >> 8, upper[band, :, compared]) for band in _bands(rgb)
    ):
        raise PictureError(info.path, f"this kind of 16-bit {info.format} is not supported (two decoders disagree)")
    if associated:
        return _divided(rgb)
    if info.channels == 2:
        return np.ascontiguousarray(rgb[..., [0, 3]])
    if info.channels == 4 and rgb.shape[2] == 3:
        return np.dstack([rgb, np.where((rgb == np.uint16(key)).all(axis=2), np.uint16(0), np.uint16(65535))])
    return np.ascontiguousarray(rgb)


def _divided(pixels: NDArray[np.uint16]) -> NDArray[np.uint16]:
    """Undo that colour is multiplied by alpha."""
    done = np.empty_like(pixels, order="C")
    for band in _bands(pixels):
        alpha = pixels[band, :, -1:].astype(np.uint32)
        colour = (pixels[band, :, :-1].astype(np.uint32) * 65535 + alpha // 2) // np.maximum(alpha, 1)
        done[band, :, :-1] = np.minimum(colour, 65535)
        done[band, :, -1:] = alpha
    return done


def _deep_heif(image: HeifImageFile) -> Pixels:
    values = image.deep()
    pixels = _spread(values[..., 0] if values.shape[2] == 1 else values, 2**image.bits - 1, 16)
    return _divided(cast(NDArray[np.uint16], pixels)) if image.mode.endswith("a") else pixels


_TO_RGB = {3: cv2.COLOR_BGR2RGB, 4: cv2.COLOR_BGRA2RGBA}


def _ppm(image: ImageFile.ImageFile, depth: int, data: bytes) -> Pixels:
    """Scale the values of a binary PGM or PPM up to full range (Pillow does this in a slow loop, and to 8 bit only)."""
    maximum, offset = ppm_maximum(image), image.tile[0][2]
    shape = (image.height, image.width, 3) if image.mode == "RGB" else (image.height, image.width)
    stored = np.dtype(np.uint8 if maximum < 256 else ">u2")
    values = np.frombuffer(data, stored, int(np.prod(shape)), offset).reshape(shape)
    return _spread(values, maximum, depth)


def _spread(values: NDArray[Any], maximum: int, depth: int) -> Pixels:
    """Scale values from 0 to `maximum` up to full range, rounded to nearest."""
    full = 2**depth - 1
    scaled = np.empty(values.shape, np.uint8 if depth == 8 else np.uint16)
    for band in _bands(values):
        wide = np.minimum(values[band], maximum).astype(np.uint32)
        scaled[band] = (wide * np.uint32(full) + np.uint32(maximum // 2)) // np.uint32(maximum)
    return scaled


def _bands(pixels: NDArray[Any]) -> Iterator[slice]:
    """Divide a picture's rows into bands, of which wide copies take no memory worth mentioning."""
    rows = max(1, 2**18 // max(pixels.shape[1], 1))
    return (slice(top, top + rows) for top in range(0, pixels.shape[0], rows))


def _with_pillow(header: Header) -> tuple[Pixels, list[str]]:
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
    image, note = profiles.to_srgb(image, profile)
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


def reduced_size(info: PictureInfo, longest_side: int | None) -> tuple[int, int] | None:
    """Give width and height of the reduced picture; None if it fits as it is."""
    longer = max(info.width, info.height)
    if longest_side is None or longer <= longest_side:
        return None
    return max(1, round(info.width * longest_side / longer)), max(1, round(info.height * longest_side / longer))


def reduced(pixels: Pixels, size: tuple[int, int]) -> Pixels:
    """Make a picture smaller by area averaging."""
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
