"""JPEG and WebP without what decoding does not need: for files that Pillow cannot open, since such a part is broken."""

from __future__ import annotations

import struct

_FRAMES = {*range(0xC0, 0xD0)} - {0xC4, 0xC8, 0xCC}
_START, _SCAN, _END = 0xD8, 0xDA, 0xD9
# Application segments that decoders look at, by number and beginning, and how long they are at least.
_KEPT = (
    (0, b"JFIF\0", 14),
    (1, b"Exif\0\0", 6),
    (1, b"http://ns.adobe.com/xap/1.0/\0", 29),
    (2, b"ICC_PROFILE\0", 14),
    (14, b"Adobe", 12),
)
_WEBP_KEPT = (b"VP8X", b"ICCP", b"ALPH", b"VP8 ", b"VP8L")
_ICC, _ALPHA = 0x20, 0x10


def without_ballast(data: bytes, name: str) -> bytes | None:
    """Give the same picture without the optional parts that nobody needs or could read; None if it has none of those.

    Parameters
    ----------
    data : bytes
        A picture file.
    name : str
        Its format.
    """
    treat = {"JPEG": _jpeg, "WEBP": _webp}.get(name)
    try:
        lighter = None if treat is None else treat(data)
    except (struct.error, IndexError):
        return None
    return lighter if lighter != data else None


def _jpeg(data: bytes) -> bytes | None:
    kept = [data[:2]]
    at = 2
    while True:
        while data[at] != 0xFF:  # as decoders do
            at += 1
        while data[at] == 0xFF:
            at += 1
        marker = data[at]
        at += 1
        if marker == _SCAN:
            return b"".join(kept) + data[at - 2 :]
        if marker == _END:
            return None
        if marker in (0, 1, _START) or 0xD0 <= marker <= 0xD7:
            continue
        (length,) = struct.unpack_from(">H", data, at)
        content = data[at + 2 : at + length]
        number = marker - 0xE0
        optional = 0 <= number <= 15 or marker == 0xFE
        if not optional or any(
            number == known and content.startswith(start) and len(content) >= least for known, start, least in _KEPT
        ):
            kept += [bytes([0xFF, marker]), data[at : at + length]]
        at += max(length, 2)


def _webp(data: bytes) -> bytes | None:
    if data[:4] != b"RIFF" or data[8:12] != b"WEBP":
        return None
    kept: dict[bytes, bytes] = {}
    at = 12
    while at + 8 <= len(data):
        kind, length = struct.unpack_from("<4sI", data, at)
        content = data[at + 8 : at + 8 + length]
        at += 8 + length + length % 2
        if kind in (b"ANIM", b"ANMF"):
            return None
        if kind in _WEBP_KEPT and kind not in kept:
            if len(content) < length:
                return None
            kept[kind] = content
        if kind in (b"VP8 ", b"VP8L"):
            break
    if b"VP8X" in kept:
        flags = kept[b"VP8X"][0] & (_ALPHA | (_ICC if b"ICCP" in kept else 0))
        kept[b"VP8X"] = bytes([flags]) + kept[b"VP8X"][1:]
    body = b"".join(
        kind + struct.pack("<I", len(content)) + content + b"\0" * (len(content) % 2) for kind, content in kept.items()
    )
    return b"RIFF" + struct.pack("<I", 4 + len(body)) + b"WEBP" + body
