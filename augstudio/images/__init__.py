"""Picture files: every mode, depth and orientation in, deterministic bytes out."""

from __future__ import annotations

from augstudio.images.decoding import Pixels
from augstudio.images.failures import PictureError, quiet_libraries
from augstudio.images.opening import DAMAGED_METADATA, DEFAULT_MAX_PIXELS, MAX_SIDE, SUFFIXES, Loaded, PictureInfo
from augstudio.images.reading import Picture, probe, read, read_reduced
from augstudio.images.stripping import without_metadata
from augstudio.images.writing import Encoding, Format, encode, target

__all__ = [
    "DAMAGED_METADATA",
    "DEFAULT_MAX_PIXELS",
    "MAX_SIDE",
    "SUFFIXES",
    "Encoding",
    "Format",
    "Loaded",
    "Picture",
    "PictureError",
    "PictureInfo",
    "Pixels",
    "encode",
    "probe",
    "quiet_libraries",
    "read",
    "read_reduced",
    "target",
    "without_metadata",
]
