"""Decoding: from an opened picture to an upright array."""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import Any, NamedTuple, TypeAlias, cast

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFile, JpegImagePlugin, TiffImagePlugin

from augstudio.engine.alpha import weights_of
from augstudio.images import completeness, jpeg, jpeg2000, profiles, tiff
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
    data = data if header.data is None else header.data
    said = header.colours
    upright = False
    notes: list[str] = [] if said.note is None else [said.note]
    pixels: Pixels | None = None
    if info.format == "JPEG":
        plain = image.mode in ("L", "RGB") and profiles.name_of(said.profile, image.mode) is None
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
        completeness.load_png(info.path, image, data)
        if info.depth == 16 and header.rawmode != "I;16B":
            pixels = _deep_colour(header, data)
    elif header.tiff is not None:
        assert isinstance(image, TiffImagePlugin.TiffImageFile)
        notes += completeness.check_strips(info.path, data, image)
        # Pillow turns TIFF upright itself, but would also heed an orientation in XMP, which nobody else does.
        image.getexif()[ORIENTATION] = info.orientation
        upright = not header.tiff[1].own
        if header.tiff[1].own and info.depth == 16:
            pixels = _tiff_samples(header, data)
    elif header.jpeg2000 is not None:
        completeness.check_tiles(info.path, data)
        if info.depth == 16:
            pixels = _deep_jpeg2000(header, data)
    elif info.format in ("GIF", "TGA"):
        image.fp = io.BytesIO(completeness.pixels_alone(data, info.format))
    elif info.format == "PPM" and image.tile[0][0] == "ppm":
        pixels = _ppm(image, info.depth, data)
    elif isinstance(image, HeifImageFile):
        if info.depth == 16:
            pixels = _deep_heif(image)
    elif info.format == "AVIF" and (bits := avif_bits(data)) > 8:
        notes.append(f"{bits}-bit colours reduced to 8 bit")
    if pixels is None:
        pixels, further = _with_pillow(header, data)
        notes += further
    profile = None
    if info.depth == 16:
        profile, note = profiles.carried(said.profile, info.channels, said.called)
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


def _deep_colour(header: Header, data: bytes) -> Pixels:
    """Decode 16-bit colour with OpenCV, held against Pillow's rendering in 8 bit.

    Pillow notices cut and damaged data, which OpenCV fills up in silence; and two decoders that agree on the upper
    byte of every value leave no doubt about channel order, byte order or alpha.
    """
    image, info = header.image, header.info
    key: Any = image.info.get("transparency")
    image.load()  # which `decode` has done, for a PNG
    upper = np.asarray(image)
    decoded = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_UNCHANGED)
    if decoded is None or decoded.dtype != np.uint16 or decoded.ndim != 3:
        raise PictureError(info.path, f"this kind of 16-bit {info.format} is not supported")
    rgb = cast(NDArray[np.uint16], cv2.cvtColor(decoded, _TO_RGB[decoded.shape[2]]))[..., : upper.shape[2]]
    del decoded
    if rgb.shape != upper.shape or not all(np.array_equal(_upper(header, rgb[b]), upper[b]) for b in _bands(rgb)):
        raise PictureError(info.path, f"this kind of 16-bit {info.format} is not supported (two decoders disagree)")
    if info.channels == 2:
        return np.ascontiguousarray(rgb[..., [0, 3]])
    if info.channels == 4 and rgb.shape[2] == 3:
        return np.dstack([rgb, np.where((rgb == np.uint16(key)).all(axis=2), np.uint16(0), np.uint16(65535))])
    return np.ascontiguousarray(rgb)


def _upper(header: Header, deep: NDArray[np.uint16]) -> NDArray[Any]:
    """Cut 16-bit values down to 8 bit as Pillow does: JPEG 2000 is rounded, past 255 to 0; others lose a byte."""
    if header.jpeg2000 is None:
        return deep >> np.uint16(8)
    lower = header.jpeg2000.bits - 8
    return ((deep.astype(np.uint32) + (1 << lower >> 1)) >> lower).astype(np.uint8)


def _divided(pixels: Pixels) -> Pixels:
    """Undo that colour is multiplied by alpha."""
    full = np.uint32(np.iinfo(pixels.dtype).max)
    done = np.empty_like(pixels, order="C")
    for band in _bands(pixels):
        alpha = pixels[band, :, -1:].astype(np.uint32)
        colour = (pixels[band, :, :-1].astype(np.uint32) * full + alpha // 2) // np.maximum(alpha, 1)
        done[band, :, :-1] = np.minimum(colour, full)
        done[band, :, -1:] = alpha
    return done


def _tiff_samples(header: Header, data: bytes) -> Pixels:
    """Decode a TIFF that Pillow does not know, or cuts down: grey or RGB, with or without alpha, or 8-bit CMYK."""
    assert header.tiff is not None
    tags, kind = header.tiff
    pixels: Pixels = tiff.samples(header.info.path, data, tags, kind)
    if kind.colour == "CMYK":
        return pixels if kind.bits == 8 else (pixels >> np.uint16(kind.bits - 8)).astype(np.uint8)
    if kind.bits not in (8, 16):
        pixels = _spread(pixels, 2**kind.bits - 1, header.info.depth)
    if kind.alpha == 1:
        pixels = _divided(pixels)
    if kind.inverted:
        colour = pixels[..., : 1 if kind.colour == "grey" else 3]
        np.invert(colour, out=colour)
    return pixels[..., 0] if pixels.shape[2] == 1 else pixels


def _deep_jpeg2000(header: Header, data: bytes) -> Pixels:
    assert header.jpeg2000 is not None
    bits = header.jpeg2000.bits
    if header.info.channels == 1:  # Pillow moves the values up to 16 bits
        header.image.load()
        values = np.asarray(header.image) >> np.uint16(16 - bits)
    else:
        values = _deep_colour(header, data)
    return _spread(values, 2**bits - 1, 16) if bits < 16 else np.array(values)


def _jpeg2000(image: Image.Image, kind: jpeg2000.Kind) -> Image.Image:
    """Bring what Pillow has decoded into order."""
    if image.mode == "CMYK" or image.mode == "I;16":
        return image
    values = np.asarray(image)
    values = values if values.ndim == 3 else values[..., None]
    if kind.palette is not None:
        numbers = np.minimum(values[..., 0] >> (8 - kind.bits), len(kind.palette) - 1)
        values = kind.palette[numbers]
    elif kind.bits < 8:  # Pillow moves the values up, but not all the way
        values = _spread(values >> np.uint8(8 - kind.bits), 2**kind.bits - 1, 8)
    values = np.ascontiguousarray(values[..., list(kind.order)])
    if kind.alpha == 1:
        values = _divided(values)
    return Image.fromarray(values[..., 0] if values.shape[2] == 1 else values)


def _deep_heif(image: HeifImageFile) -> Pixels:
    values = image.deep()
    pixels = _spread(values[..., 0] if values.shape[2] == 1 else values, 2**image.bits - 1, 16)
    return _divided(pixels) if image.mode.endswith("a") else pixels


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


def _with_pillow(header: Header, data: bytes) -> tuple[Pixels, list[str]]:
    image: Image.Image = header.image
    info, rawmode, said = header.info, header.rawmode, header.colours
    key = image.info.get("transparency")
    notes: list[str] = []
    covered = header.image.tile[0][1] if info.format == "GIF" else None
    if header.tiff is not None and header.tiff[1].own:
        stored = _tiff_samples(header, data)
        cmyk = header.tiff[1].colour == "CMYK"
        image = Image.frombytes("CMYK", stored.shape[1::-1], stored.tobytes()) if cmyk else Image.fromarray(stored)
    else:
        image.load()
    if header.jpeg2000 is not None:
        image = _jpeg2000(image, header.jpeg2000)
    mode = image.mode

    if info.depth == 16:
        grey = np.array(image).astype(np.uint16)
        if info.channels == 2:
            grey = np.dstack([grey, np.where(grey == key, np.uint16(0), np.uint16(65535))])
        return grey, notes

    if mode == "1":
        image = image.convert("L")
    elif mode in ("La", "RGBa"):
        image = image.convert(mode.upper())
    elif mode in ("P", "PA"):
        if isinstance(image, TiffImagePlugin.TiffImageFile):
            _eight_bit_palette(image)
        image = image.convert("RGBA" if info.channels == 4 else "RGB")
        notes.append(f"palette converted to {image.mode}")
    elif mode in ("YCbCr", "RGBX"):
        image = image.convert("RGB")

    alpha = None
    if mode in ("1", "L", "RGB") and info.channels in (2, 4) and key is not None:
        alpha = np.where(_is_colour(np.asarray(image), key, rawmode), np.uint8(0), np.uint8(255))
    if mode == "L" and info.channels == 2 and alpha is None:
        alpha = np.full((image.height, image.width), 255, np.uint8)
    image, note = profiles.to_srgb(image, said.profile, said.called)
    if note is not None:
        notes.append(note)
    if mode == "CMYK":
        deep = f"{header.tiff[1].bits}-bit " if header.tiff is not None and header.tiff[1].bits > 8 else ""
        notes.append(f"{deep}CMYK converted to RGB")
        if image.mode == "CMYK":
            image = image.convert("RGB")
    pixels = np.array(image)
    pixels = pixels if alpha is None else np.dstack([pixels, alpha])
    if covered is not None and covered != (0, 0, *image.size):
        left, top, right, bottom = covered
        within = np.zeros(pixels.shape[:2], bool)
        within[top:bottom, left:right] = True
        pixels[~within] = 0
    return pixels, notes


def _eight_bit_palette(image: TiffImagePlugin.TiffImageFile) -> None:
    """Take a palette of a TIFF that some programs write as 0 to 255 for what it is; libtiff does the same."""
    table = np.array(image.tag_v2.get(320, (256,)))
    if table.max() < 256:
        image.putpalette(table.reshape(3, -1).T.astype(np.uint8).tobytes())


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
    # Colour counts by its alpha, or whatever lies unseen below transparent pixels would shine through at edges. One
    # plane after the other, since their products are of twice or four times the size.
    last = pixels.shape[2] - 1
    alpha = cv2.extractChannel(pixels, last)
    weights = weights_of(alpha)
    small_weights = cv2.resize(weights, size, interpolation=cv2.INTER_AREA)
    planes = []
    for channel in range(last):
        product = cv2.multiply(cv2.extractChannel(pixels, channel), weights, dtype=cv2.CV_32F)
        plane = cv2.divide(cv2.resize(product, size, interpolation=cv2.INTER_AREA), small_weights)
        planes.append(np.rint(plane).astype(pixels.dtype))  # a mean: it cannot leave the range
    return cast(Pixels, cv2.merge([*planes, cv2.resize(alpha, size, interpolation=cv2.INTER_AREA)]))
