"""HEIC and HEIF, with pillow-heif where it is installed (the extra ``heif``), imported when a file asks for it."""

from __future__ import annotations

import functools
import importlib
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray
from PIL import ImageFile

from augstudio.images import colours
from augstudio.images.colours import Colours

MISSING = "HEIF needs pillow-heif: pip install 'augstudio[heif]'"
_MODES = ("L", "LA", "La", "RGB", "RGBA", "RGBa", "I")
# What ISO/IEC 23008-12 and its registry call still pictures and sequences coded with HEVC, or leave to a closer look.
_BRANDS = {b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"hevm", b"hevs", b"mif1", b"mif2", b"msf1", b"miaf"}
_META = 2**20  # bytes at the beginning, among which properties stand


class NoHeifError(Exception):
    """pillow-heif is not installed."""


def brand_of(start: bytes) -> str | None:
    """Tell AVIF and HEIF files apart by what they call themselves.

    Both lie in the same container, and files of either may name only the general brand first.
    """
    if start[4:8] != b"ftyp":
        return None
    end = min(int.from_bytes(start[:4], "big"), len(start))
    brands = {start[8:12], *(start[at : at + 4] for at in range(16, end - 3, 4))}
    if brands & {b"avif", b"avis"}:
        return "AVIF"
    return "HEIF" if brands & _BRANDS else None


@functools.lru_cache(maxsize=1)
def _library() -> Any:
    try:
        return importlib.import_module("pillow_heif")
    except ImportError as error:
        raise NoHeifError(MISSING) from error


class HeifImageFile(ImageFile.ImageFile):
    """The primary picture of a HEIF file, upright, as the container's own rotation and mirroring say.

    pillow-heif has a plugin for Pillow; this one is there since that one cuts 10 and 12 bits down to 8.

    Attributes
    ----------
    bits : int
        Bits per channel as stored: 8, 10 or 12.
    n_frames : int
        Number of pictures, without thumbnails, depth maps and the like.
    colours : Colours
        The colour space, as the file gives it by a profile or by numbers.
    """

    format = "HEIF"
    format_description = "HEIF image"
    bits: int
    n_frames: int
    colours: Colours
    _heif: Any

    def _open(self) -> None:
        assert self.fp is not None
        opened = _library().open_heif(self.fp.read(), convert_hdr_to_8bit=False, hdr_to_16bit=False)
        self.n_frames = len(opened)
        self._heif = opened[opened.primary_index]
        mode, _, bits = str(self._heif.mode).partition(";")
        if mode not in _MODES:
            raise SyntaxError(f"pixels of the kind {self._heif.mode}")
        self._mode = "L" if mode == "I" else mode
        self._size = self._heif.size
        self.bits = int(bits) if bits else 8
        for key in ("exif", "xmp", "icc_profile"):
            if isinstance(self._heif.info.get(key), bytes):
                self.info[key] = self._heif.info[key]
        described = self._heif.info.get("nclx_profile")
        self.colours = Colours(self.info.get("icc_profile"))
        if self.colours.profile is None and isinstance(described, dict):
            numbers = (int(described.get(key, 2)) for key in ("color_primaries", "transfer_characteristics"))
            self.colours = colours.by_number(*numbers, grey=len(mode) < 3)
        self.tile = []

    def load(self) -> Any:
        """Decode 8-bit pictures."""
        if self._im is None:
            data = self._heif.data
            if self._heif.size != self.size:  # it may turn out only now
                raise ValueError("the header and the content differ in size")
            self.load_prepare()
            self.frombytes(data, "raw", (self.mode, self._heif.stride))
        return super().load()

    def deep(self) -> NDArray[np.uint16]:
        """Decode pictures of more than 8 bits: ``(H, W, channels)``, from 0 to the greatest that `bits` hold."""
        values = np.asarray(self._heif)
        height, width = self._heif.size[1], self._heif.size[0]
        return cast(NDArray[np.uint16], values.reshape(height, -1, len(self.mode))[:, :width])


def avif_colours(data: bytes, *, grey: bool) -> Colours:
    """Give the colour space that an AVIF file tells by numbers; Pillow hands on profiles only."""
    at = data.find(b"colrnclx", 0, _META)
    if not 0 <= at <= len(data) - 12:
        return Colours()
    primaries, transfer = (int.from_bytes(data[at + k : at + k + 2], "big") for k in (8, 10))
    return colours.by_number(primaries, transfer, grey=grey)


def avif_bits(data: bytes) -> int:
    """Give the bits per channel of an AVIF file, from its codec's configuration record; 8 if there is none."""
    at = data.find(b"av1C")
    flags = data[at + 6] if 0 <= at < len(data) - 6 else 0
    return (12 if flags & 0x20 else 10) if flags & 0x40 else 8
