"""Picture files for tests: drawn ones, and kinds that Pillow does not write."""

from __future__ import annotations

import io
import struct
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image


def scene(height: int = 37, width: int = 53, channels: int = 3, dtype: type = np.uint8) -> np.ndarray:
    """Smooth colours with some noise, different in every corner; full range."""
    y, x = np.mgrid[0:height, 0:width]
    waves = [np.sin(x / 9 + k) + np.cos(y / 7 - k) + x / width - 2 * y / height for k in range(channels)]
    values = np.stack(waves, axis=-1)
    values = (values - values.min()) / (values.max() - values.min())
    full = np.iinfo(dtype).max
    noise = np.random.default_rng(1).normal(0, 0.01, values.shape)
    picture = np.rint((values + noise).clip(0, 1) * full).astype(dtype)
    return picture[..., 0] if channels == 1 else picture


def saved(image: Image.Image, file_format: str, **options: Any) -> bytes:
    file = io.BytesIO()
    image.save(file, file_format, **options)
    return file.getvalue()


def put(folder: Path, name: str, data: bytes) -> Path:
    path = folder / name
    path.write_bytes(data)
    return path


def chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))


def with_chunk(png: bytes, kind: bytes, content: bytes, *, before: bytes = b"IDAT") -> bytes:
    at = png.index(before) - 4
    return png[:at] + chunk(kind, content) + png[at:]


def tiff(
    pixels: np.ndarray,
    *,
    photometric: int,
    order: str = "<",
    bits: int = 16,
    planar: int = 1,
    extra: int | None = None,
    orientation: int | None = None,
    data: bytes | None = None,
    tags: dict[int, tuple[str, list[int]]] | None = None,
) -> bytes:
    """Write a plain TIFF of one uncompressed strip (or one for each plane); `tags` add to the usual ones."""
    height, width = pixels.shape[:2]
    channels = 1 if pixels.ndim == 2 else pixels.shape[2]
    stored = np.moveaxis(pixels, 2, 0) if planar == 2 else pixels
    data = data or stored.astype(stored.dtype.newbyteorder(order)).tobytes()
    strips = channels if planar == 2 else 1
    size = len(data) // strips
    short, long = ("H", 3), ("I", 4)
    entries: list[tuple[int, tuple[str, int], list[int]]] = [
        (256, short, [width]),
        (257, short, [height]),
        (258, short, [bits] * channels),
        (259, short, [1]),
        (262, short, [photometric]),
        (273, long, [8 + size * k for k in range(strips)]),
        *([(274, short, [orientation])] if orientation else []),
        (277, short, [channels]),
        (278, short, [height]),
        (279, long, [size] * strips),
        (284, short, [planar]),
        *([(338, short, [extra])] if extra is not None else []),
    ]
    codes = {"B": 1, "H": 3, "I": 4, "Q": 16}
    entries += [(tag, (kind, codes[kind]), values) for tag, (kind, values) in (tags or {}).items()]
    entries = sorted({tag: (tag, kind, values) for tag, kind, values in entries}.values())
    start = 8 + len(data) + len(data) % 2
    beyond = start + 2 + 12 * len(entries) + 4
    directory, further = struct.pack(order + "H", len(entries)), b""
    for tag, (kind, code), values in entries:
        packed = struct.pack(f"{order}{len(values)}{kind}", *values)
        if len(packed) > 4:
            further += packed
            packed = struct.pack(order + "I", beyond + len(further) - len(packed))
        directory += struct.pack(order + "HHI", tag, code, len(values)) + packed.ljust(4, b"\0")
    head = (b"II*\0" if order == "<" else b"MM\0*") + struct.pack(order + "I", start)
    return head + data + b"\0" * (len(data) % 2) + directory + b"\0\0\0\0" + further


def exif(orientation: int) -> bytes:
    tags = Image.Exif()
    tags[0x0112] = orientation
    return tags.tobytes()


def oriented(upright: np.ndarray, orientation: int) -> np.ndarray:
    """Store a picture so that the EXIF orientation brings it upright again."""
    undo: dict[int, Callable[[np.ndarray], np.ndarray]] = {
        1: lambda a: a,
        2: lambda a: a[:, ::-1],
        3: lambda a: a[::-1, ::-1],
        4: lambda a: a[::-1],
        5: lambda a: np.swapaxes(a, 0, 1),
        6: lambda a: np.rot90(a, 1),
        7: lambda a: np.swapaxes(a[::-1, ::-1], 0, 1),
        8: lambda a: np.rot90(a, -1),
    }
    return np.ascontiguousarray(undo[orientation](upright))


def icc_profile(space: bytes, tags: dict[bytes, bytes], name: str) -> bytes:
    """Build an ICC profile (version 2) for a display."""
    text = name.encode() + b"\0"
    described = b"desc\0\0\0\0" + struct.pack(">I", len(text)) + text + bytes(12 + 67)
    tags = {b"desc": described, b"wtpt": xyz(0.9642, 1.0, 0.8249), b"cprt": b"text\0\0\0\0none\0", **tags}
    start = 128 + 4 + 12 * len(tags)
    table, body = struct.pack(">I", len(tags)), b""
    for tag, content in tags.items():
        content += b"\0" * (-len(content) % 4)
        table += tag + struct.pack(">II", start + len(body), len(content))
        body += content
    head = struct.pack(">I4sI4s4s4s", start + len(body), b"lcms", 0x02100000, b"mntr", space, b"XYZ ")
    head += bytes(12) + b"acsp" + bytes(28) + struct.pack(">iii", 63190, 65536, 54061)
    return head.ljust(128, b"\0") + table + body


def xyz(x: float, y: float, z: float) -> bytes:
    return b"XYZ \0\0\0\0" + struct.pack(">iii", *(round(v * 65536) for v in (x, y, z)))


def gamma(value: float) -> bytes:
    return b"curv\0\0\0\0" + struct.pack(">IH", 1, round(value * 256)) + b"\0\0"


# Columns: Display P3's primaries, and sRGB's, adapted to D50.
P3 = np.array([[0.51512, 0.29198, 0.15710], [0.24120, 0.69225, 0.06657], [-0.00105, 0.04189, 0.78407]])
SRGB = np.array([[0.43607, 0.38515, 0.14307], [0.22249, 0.71687, 0.06061], [0.01392, 0.09708, 0.71410]])


def p3_profile(name: str = "Display P3") -> bytes:
    colours = {tag: xyz(*P3[:, k]) for k, tag in enumerate((b"rXYZ", b"gXYZ", b"bXYZ"))}
    return icc_profile(b"RGB ", {**colours, b"rTRC": gamma(2.2), b"gTRC": gamma(2.2), b"bTRC": gamma(2.2)}, name)


def srgb_profile(name: str = "Quite another name") -> bytes:
    """sRGB by its numbers, as a table of its curve."""
    light = np.linspace(0, 1, 1024)
    light = np.where(light <= 0.04045, light / 12.92, ((light + 0.055) / 1.055) ** 2.4)
    curve = b"curv\0\0\0\0" + struct.pack(">I1024H", 1024, *np.rint(light * 65535).astype(int))
    colours = {tag: xyz(*SRGB[:, k]) for k, tag in enumerate((b"rXYZ", b"gXYZ", b"bXYZ"))}
    return icc_profile(b"RGB ", {**colours, b"rTRC": curve, b"gTRC": curve, b"bTRC": curve}, name)


def grey_profile() -> bytes:
    return icc_profile(b"GRAY", {b"kTRC": gamma(1.0)}, "Linear grey")


def srgb_curve(linear: np.ndarray) -> np.ndarray:
    linear = linear.clip(0, 1)
    return np.where(linear <= 0.0031308, 12.92 * linear, 1.055 * linear ** (1 / 2.4) - 0.055)
