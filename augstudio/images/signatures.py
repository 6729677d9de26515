"""What a file is by its first bytes, whatever it is called; no file is opened here."""

from __future__ import annotations

import re
from collections.abc import Callable

HEAD = 256
"""First bytes of a file that tell what it is."""

_PNM = re.compile(rb"P[1-6]\s+(?:#[^\n]*\n\s*)*[0-9]")
_BMP_HEADERS = frozenset((12, 16, 40, 52, 56, 64, 108, 124))  # lengths of all headers that BMP ever had
_BRANDS = {b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1", b"avif", b"avis"}


def is_picture(head: bytes) -> bool:
    """Whether a file that begins with these bytes is of a kind that `read` takes.

    TGA has no signature and goes by its suffix alone. Camera raw files are TIFFs by their first bytes where they carry
    no mark of their own; by their suffixes they are known as what they are.

    Parameters
    ----------
    head : bytes
        The first `HEAD` bytes of the file, or all of it.
    """
    return any(known(head) for known in _PICTURES)


def other_kind(head: bytes) -> str:
    """What else a file is, in a few words and in the plural, if its first bytes tell; else empty."""
    return next((kind for kind, known in _OTHERS if known(head)), "")


def _begins(*marks: bytes, at: int = 0) -> Callable[[bytes], bool]:
    return lambda head: head.startswith(marks, at)


def _riff(kind: bytes) -> Callable[[bytes], bool]:
    return lambda head: head.startswith(b"RIFF") and head[8:12] == kind


def _is_bmp(head: bytes) -> bool:
    return head.startswith(b"BM") and head[6:10] == bytes(4) and int.from_bytes(head[14:18], "little") in _BMP_HEADERS


def _is_tiff(head: bytes) -> bool:
    marks = (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")
    return head.startswith(marks) and head[8:10] != b"CR"


def _is_heif(head: bytes) -> bool:
    if head[4:8] != b"ftyp":
        return False
    end = int.from_bytes(head[:4], "big")
    if end > HEAD:
        return False
    return head[8:12] in _BRANDS or any(head[at : at + 4] in _BRANDS for at in range(16, min(end, len(head)), 4))


_PICTURES: tuple[Callable[[bytes], bool], ...] = (
    _begins(b"\xff\xd8\xff"),
    _begins(b"\x89PNG\r\n\x1a\n"),
    _riff(b"WEBP"),
    _begins(b"GIF87a", b"GIF89a"),
    _is_tiff,
    _is_bmp,
    _is_heif,
    _begins(b"\0\0\0\x0cjP  \r\n\x87\n", b"\xff\x4f\xff\x51"),
    lambda head: _PNM.match(head) is not None,
)
_RAW = "camera raw files"
_OTHERS: tuple[tuple[str, Callable[[bytes], bool]], ...] = (
    (_RAW, lambda head: head.startswith(b"II*\0") and head[8:10] == b"CR"),
    (_RAW, _begins(b"IIRO", b"IIRS", b"MMOR", b"IIU\0", b"FUJIFILMCCD-RAW", b"\0MRM", b"FOVb")),
    (_RAW, lambda head: head[4:12] == b"ftypcrx "),
    ("Photoshop files", _begins(b"8BPS")),
    ("JPEG XL pictures", _begins(b"\xff\x0a", b"\0\0\0\x0cJXL \r\n\x87\n")),
    ("OpenEXR pictures", _begins(b"\x76\x2f\x31\x01")),
    ("HDR pictures", _begins(b"#?RADIANCE", b"#?RGBE")),
    ("DICOM pictures", _begins(b"DICM", at=128)),
    ("FITS pictures", _begins(b"SIMPLE  =")),
    ("icons", _begins(b"\0\0\1\0", b"icns")),
    ("DDS textures", _begins(b"DDS ")),
    ("PDF files", _begins(b"%PDF-")),
    ("videos", lambda head: head[4:8] == b"ftyp" or head.startswith(b"\x1a\x45\xdf\xa3") or _riff(b"AVI ")(head)),
    ("archives", _begins(b"PK\x03\x04", b"\x1f\x8b", b"BZh", b"\xfd7zXZ\0", b"7z\xbc\xaf\x27\x1c", b"Rar!\x1a\x07")),
    ("NumPy arrays", _begins(b"\x93NUMPY")),
    ("HDF5 files", _begins(b"\x89HDF\r\n\x1a\n")),
)
