"""Picture files: every mode, depth and orientation in, deterministic bytes out."""

from __future__ import annotations

from augstudio.images.reading import (
    DEFAULT_MAX_PIXELS,
    MAX_SIDE,
    SUFFIXES,
    Picture,
    PictureError,
    PictureInfo,
    Pixels,
    probe,
    read,
    read_reduced,
)
from augstudio.images.writing import Encoding, Format, encode, target, write_atomically

__all__ = [
    "DEFAULT_MAX_PIXELS",
    "MAX_SIDE",
    "SUFFIXES",
    "Encoding",
    "Format",
    "Picture",
    "PictureError",
    "PictureInfo",
    "Pixels",
    "encode",
    "probe",
    "read",
    "read_reduced",
    "target",
    "write_atomically",
]
