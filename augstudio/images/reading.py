"""Reading picture files: one array convention, whatever the file holds.

A picture is an upright, C-contiguous, writable array: ``(H, W)`` grey, ``(H, W, 2)`` grey with alpha, ``(H, W, 3)``
RGB or ``(H, W, 4)`` RGBA, in uint8 (0..255) or uint16 (0..65535). Pillow reads headers and most pixels. simplejpeg
decodes JPEG, since it tells of missing data, bit for bit the same; OpenCV decodes 16-bit colour in PNG and JPEG 2000,
which Pillow cuts down to 8 bit; 16-bit TIFF is put together here.

Files may be damaged, or made to do harm. Whatever they are, reading one takes no more memory than twice the file's
length, 40 bytes for each pixel that its header tells, and 64 MiB; pictures of more pixels than the limit are refused
before any are decoded, and files longer than 16 bytes for each pixel allowed and 256 MiB before they are read. (AVIF
and JPEG 2000 have decoders of their own, which hold pixels that the header did not tell to limits of their own.)
"""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from augstudio.engine import Frame, Warp
from augstudio.images.decoding import Pixels, decode, reduced, reduced_size, reduction_for
from augstudio.images.failures import PictureError, failures
from augstudio.images.opening import DEFAULT_MAX_PIXELS, Loaded, PictureInfo, opened, read_header

__all__ = ["Picture", "Pixels", "probe", "read", "read_reduced"]


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
    profile : bytes or None
        The ICC profile of the pixels' colours, which 16-bit pictures keep; None where they are sRGB, or nothing else
        is known.
    reduction : int
        2, 4 or 8 where a JPEG was decoded at 1/2, 1/4 or 1/8 of its size, since that was enough; else 1.
    dropped : tuple of str
        What the file holds beside the picture, and `pixels` do not, e.g. ``"EXIF with GPS position"``, ``"XMP"``.
    """

    pixels: Pixels
    info: PictureInfo
    notes: tuple[str, ...]
    profile: bytes | None = None
    dropped: tuple[str, ...] = ()
    reduction: int = 1

    @property
    def read_as(self) -> Warp | None:
        """How the full upright picture became `pixels`; None where they are all of it.

        A pixel of a JPEG that was decoded at 1/8 stands for eight by eight pixels from the first one on that the file
        stores; the last ones may jut out of the picture. An orientation that turns or mirrors them puts that first.
        """
        height, width = self.pixels.shape[:2]
        full = (self.info.width, self.info.height)
        if full == (width, height):
            return None
        if self.reduction == 1:  # for display
            return Warp.window((0, 0, *full), Frame(*full), (width, height))
        scale = 1 / self.reduction
        x = width - full[0] * scale if self.info.orientation in _FROM_RIGHT else 0.0
        y = height - full[1] * scale if self.info.orientation in _FROM_BELOW else 0.0
        return Warp((scale, 0.0, x, 0.0, scale, y, 0.0, 0.0, 1.0), full, (width, height))


_FROM_RIGHT, _FROM_BELOW = (2, 3, 6, 7), (3, 4, 7, 8)
"""Orientations of which what is stored first lies at the right, or below, when upright."""


def probe(source: Path | Loaded, *, max_pixels: int = DEFAULT_MAX_PIXELS) -> PictureInfo:
    """Read a picture's header.

    Parameters
    ----------
    source : Path or Loaded
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
    path = _path(source)
    with failures(path, max_pixels), opened(source, max_pixels) as file:
        return read_header(path, file, max_pixels).info


Enough = Callable[[int, int], tuple[int, int] | None]
"""Tells for an upright picture's size (width, height) which size is enough; None where nothing less than all is."""


def read(
    source: Path | Loaded, *, max_pixels: int = DEFAULT_MAX_PIXELS, enough: Enough = lambda _width, _height: None
) -> Picture:
    """Read a picture, upright; at full size, unless less is enough.

    Colours that the file says to be others than sRGB, by a profile or by numbers, are converted in 8-bit pictures; with
    16-bit ones their profile is handed on. Palette, CMYK and YCbCr become RGB; transparent colours and palette entries
    become an alpha channel; of several frames the first is taken.
    May be called from several threads at once.

    Parameters
    ----------
    source : Path or Loaded
        The file.
    max_pixels : int
        Refuse pictures of more pixels (width × height) than this, before any are decoded.
    enough : callable
        Which size is enough for a picture of a given size; by default all of it. A plain JPEG is then decoded at the
        smallest of 1/8, 1/4, 1/2 and 1/1 that leaves as much. (Against exact averages of the full picture, photographs
        come to 50 dB and more; rounding to 8 bit alone leaves 59 dB.)

    Returns
    -------
    Picture
        Pixels, header and notes.

    Raises
    ------
    PictureError
        Whatever the reason: no such file, not a picture, cut short, too large, of a kind that is not supported.
    """
    return _read(source, None, max_pixels, enough)


def read_reduced(source: Path | Loaded, longest_side: int, *, max_pixels: int = DEFAULT_MAX_PIXELS) -> Picture:
    """Read a picture made smaller, for display only.

    Parameters
    ----------
    source : Path or Loaded
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
    return _read(source, longest_side, max_pixels, lambda _width, _height: None)


def _path(source: Path | Loaded) -> Path:
    return source.path if isinstance(source, Loaded) else source


def _read(source: Path | Loaded, longest_side: int | None, max_pixels: int, enough: Enough) -> Picture:
    path = _path(source)
    with failures(path, max_pixels):
        with opened(source, max_pixels) as file:
            data = file.read()
        header = read_header(path, io.BytesIO(data), max_pixels, data)
        info = header.info
        size = reduced_size(info, longest_side)
        least = enough(info.width, info.height)
        reduction = reduction_for(info, least) if least is not None and info.format == "JPEG" else 1
        pixels, profile, notes = decode(header, data, size, reduction)
        if pixels.shape[:2] != (-(-info.height // reduction), -(-info.width // reduction)):
            reduction = 1  # it was none of the plain ones
        if size is None and reduction == 1 and pixels.shape[:2] != (info.height, info.width):
            found = f"{pixels.shape[1]:,} × {pixels.shape[0]:,}"
            raise PictureError(path, f"damaged: the header says {info.width:,} × {info.height:,}, the content {found}")
        if size is not None:
            pixels = reduced(pixels, size)
        return Picture(pixels, info, (*header.notes, *notes), profile, header.dropped, reduction)
