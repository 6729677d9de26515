"""Small files that ask for a lot of memory or time.

``python bombs.py FOLDER`` makes them. ``python bombs.py PIXELS FILE…`` reads them with that limit and prints a line of
JSON for each: name, reason (null: it was read), seconds of processor time of the slowest of three ways to read it, and
by how many MiB the process's greatest memory grew. (Two runs, since making some of them takes more memory than reading
them may.)
"""

from __future__ import annotations

import io
import json
import resource
import struct
import sys
import time
import zlib
from collections.abc import Callable
from pathlib import Path

import numpy as np
from building import chunk, p3_profile, saved, scene, tiff, with_chunk
from PIL import Image

from augstudio.images import Loaded, PictureError, encode, probe, quiet_libraries, read, read_reduced

BOMBS: dict[str, Callable[[], bytes]] = {}


def bomb(make: Callable[[], bytes]) -> Callable[[], bytes]:
    BOMBS[make.__name__] = make
    return make


def png(width: int, height: int, packed: bytes, depth: int = 8, colour: int = 2, before: bytes = b"") -> bytes:
    header = struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, 0)
    body = chunk(b"IHDR", header) + before + chunk(b"IDAT", packed) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + body


def zeros(count: int) -> bytes:
    """That many zeros, packed, without ever making them."""
    pack = zlib.compressobj(1)
    parts = [pack.compress(bytes(2**20)) for _ in range(count // 2**20)]
    return b"".join([*parts, pack.compress(bytes(count % 2**20)), pack.flush()])


def patched(data: bytes, place: int, form: str, *values: int) -> bytes:
    changed = bytearray(data)
    struct.pack_into(form, changed, place, *values)
    return bytes(changed)


def small(file_format: str, **options: object) -> bytes:
    return saved(Image.fromarray(scene()), file_format, **options)


@bomb
def png_of_50_000_by_50_000() -> bytes:
    return png(50_000, 50_000, zeros(2**24))


@bomb
def png_with_a_lot_behind_its_pixels() -> bytes:
    return png(10, 10, zeros(2**28))


@bomb
def deep_png_with_a_lot_behind_its_pixels() -> bytes:
    return png(10, 10, zeros(2**28), 16, 6)


@bomb
def png_with_huge_text() -> bytes:
    return with_chunk(small("PNG"), b"zTXt", b"Comment\0\0" + zeros(2**27))


@bomb
def png_with_much_text() -> bytes:
    text = chunk(b"zTXt", b"Comment\0\0" + zeros(2**20 - 1))
    return png(10, 10, zeros(10 * 31), before=text * 500)


@bomb
def png_with_huge_profile() -> bytes:
    return with_chunk(small("PNG"), b"iCCP", b"x\0\0" + zeros(2**27), before=b"IDAT")


@bomb
def png_of_many_empty_chunks() -> bytes:
    return png(10, 10, zeros(10 * 31), before=chunk(b"abCd", b"") * 200_000)


@bomb
def animated_png_that_promises_millions_of_frames() -> bytes:
    return png(10, 10, zeros(10 * 31), before=chunk(b"acTL", struct.pack(">II", 2**31 - 1, 0)))


@bomb
def jpeg_of_65_500_by_65_500() -> bytes:
    data = small("JPEG")
    return patched(data, data.index(b"\xff\xc0") + 5, ">HH", 65_500, 65_500)


@bomb
def jpeg_with_thousands_of_scans() -> bytes:
    data = saved(Image.new("L", (900, 900)), "JPEG", progressive=True)
    end = data.rindex(b"\xff\xd9")
    scan = data[data.rindex(b"\xff\xda") : end]
    return data[:end] + scan * 5000 + b"\xff\xd9"


@bomb
def jpeg_of_many_profile_parts() -> bytes:
    part = b"\xff\xe2" + struct.pack(">H", 2 + 14 + 60_000) + b"ICC_PROFILE\0\1\xff" + bytes(60_000)
    return b"\xff\xd8" + part * 255 + small("JPEG")[2:]


@bomb
def tiff_of_huge_size() -> bytes:
    return patched(tiff(scene(), photometric=2, bits=8), _field(256), "<I", 0xFFFF)


def _field(tag: int) -> int:
    data = tiff(scene(), photometric=2, bits=8)
    return data.index(struct.pack("<H", tag), struct.unpack_from("<I", data, 4)[0]) + 8


def wild_tiff(entries: list[tuple[int, int, int, int]], tail: bytes = b"") -> bytes:
    """A TIFF of raw entries: tag, type, count, value or offset."""
    directory = struct.pack("<H", len(entries)) + b"".join(struct.pack("<HHII", *entry) for entry in sorted(entries))
    return b"II*\0" + struct.pack("<I", 8) + directory + bytes(4) + tail


_TEN_BY_TEN = [(256, 3, 1, 10), (257, 3, 1, 10), (258, 3, 1, 8), (259, 3, 1, 8), (262, 3, 1, 1), (277, 3, 1, 1)]


@bomb
def tiff_with_tiles_of_a_gigabyte() -> bytes:
    packed = zeros(2**26)
    at = 10 + 12 * (len(_TEN_BY_TEN) + 4) + 4
    tiles = [(322, 4, 1, 32_768), (323, 4, 1, 32_768), (324, 4, 1, at), (325, 4, 1, len(packed))]
    return wild_tiff(_TEN_BY_TEN + tiles, packed)


@bomb
def tiff_with_a_strip_of_4_gigabytes() -> bytes:
    packed = zeros(2**26)
    at = 10 + 12 * (len(_TEN_BY_TEN) + 3) + 4
    strip = [(273, 4, 1, at), (278, 4, 1, 2**32 - 1), (279, 4, 1, len(packed))]
    return wild_tiff(_TEN_BY_TEN + strip, packed)


@bomb
def tiff_with_millions_of_strips() -> bytes:
    count = 4_000_000
    at = 10 + 12 * (len(_TEN_BY_TEN) + 3) + 4
    strips = [(273, 4, count, at), (278, 4, 1, 1), (279, 4, count, at)]
    return wild_tiff([(t, k, c, 1 if t == 259 else v) for t, k, c, v in _TEN_BY_TEN] + strips, bytes(4 * count))


@bomb
def tiff_whose_tags_share_a_megabyte() -> bytes:
    tags = [(40_000 + k, 7, 2**20, 8) for k in range(20_000)]
    return wild_tiff([*_TEN_BY_TEN, *tags], bytes(2**20))


@bomb
def tiff_of_tags_with_absurd_counts() -> bytes:
    tags = [(40_000 + k, 12, 2**32 - 1, 8) for k in range(10)]
    return wild_tiff([*_TEN_BY_TEN, *tags])


@bomb
def tiff_with_absurd_samples_per_pixel() -> bytes:
    return wild_tiff([*_TEN_BY_TEN[:5], (277, 3, 1, 65_535), (273, 4, 1, 8), (279, 4, 1, 100)])


@bomb
def tiff_of_200_000_pages() -> bytes:
    page = tiff(scene(4, 4), photometric=2, bits=8)
    start = struct.unpack_from("<I", page, 4)[0]
    link = start + 2 + 12 * struct.unpack_from("<H", page, start)[0]
    data = bytearray(patched(page, link, "<I", len(page)))
    first = len(page)
    for k in range(200_000):
        data += struct.pack("<HHHIII", 1, 254, 4, 1, 0, first + 18 * (k + 1))
    return bytes(data[:-4] + bytes(4))


@bomb
def gif_with_a_giant_canvas() -> bytes:
    return patched(small("GIF"), 6, "<HH", 65_535, 65_535)


@bomb
def gif_of_500_000_frames() -> bytes:
    frame = b"\x2c" + bytes(4) + b"\1\0\1\0\0" + b"\2\2\x4c\1\0"
    return b"GIF89a\x0a\0\x0a\0\x80\0\0" + bytes(6) + frame * 500_000 + b";"


@bomb
def gif_whose_frame_is_larger_than_its_canvas() -> bytes:
    return b"GIF89a\x0a\0\x0a\0\x80\0\0" + bytes(6) + b"\x2c" + bytes(4) + b"\xff\xff\xff\xff\0" + b"\2\2\x4c\1\0;"


@bomb
def webp_with_a_giant_canvas() -> bytes:
    data = saved(Image.fromarray(scene()), "WEBP", exif=b"Exif\0\0II*\0\x08\0\0\0\0\0")
    at = data.index(b"VP8X") + 12
    return data[:at] + b"\xff\x3f\0\xff\x3f\0" + data[at + 6 :]


@bomb
def webp_animation_with_a_giant_canvas() -> bytes:
    frames = [Image.fromarray(scene()), Image.fromarray(scene()[::-1].copy())]
    data = saved(frames[0], "WEBP", save_all=True, append_images=frames[1:])
    at = data.index(b"VP8X") + 12
    return data[:at] + b"\xff\x3f\0\xff\x3f\0" + data[at + 6 :]


@bomb
def lossless_webp_with_a_giant_header() -> bytes:
    data = small("WEBP", lossless=True)
    return patched(data, data.index(b"VP8L") + 9, "<I", 0x0FFFFFFF)


@bomb
def webp_with_a_giant_header() -> bytes:
    data = small("WEBP")
    return patched(data, data.index(b"\x9d\x01\x2a") + 3, "<HH", 16_383, 16_383)


@bomb
def jpeg_2000_with_a_giant_header() -> bytes:
    data = small("JPEG2000")
    data = patched(data, data.index(b"ihdr") + 4, ">II", 60_000, 60_000)
    return patched(data, data.index(b"\xff\x51") + 6, ">II", 60_000, 60_000)


@bomb
def jpeg_2000_whose_pixels_are_larger_than_its_header() -> bytes:
    data = small("JPEG2000")
    siz = data.index(b"\xff\x51") + 6
    return patched(patched(data, siz, ">II", 30_000, 30_000), siz + 16, ">II", 30_000, 30_000)


@bomb
def bmp_of_negative_size() -> bytes:
    return patched(small("BMP"), 18, "<ii", -60_000, -60_000)


@bomb
def bmp_of_huge_size() -> bytes:
    return patched(small("BMP"), 18, "<ii", 2**31 - 1, -(2**31))


@bomb
def bmp_of_runs() -> bytes:
    head = struct.pack("<IiiHHIIiiII", 40, 30_000, 3000, 1, 8, 1, 0, 0, 0, 256, 0)
    body = bytes(1024) + b"\0\2\xff\xff" * 1000
    return b"BM" + struct.pack("<III", 54 + len(body), 0, 54 + 1024) + head + body


@bomb
def ppm_of_huge_size() -> bytes:
    return b"P6 99999999 99999999 255\n" + bytes(100)


@bomb
def ppm_of_endless_comment() -> bytes:
    return b"P6\n#" + b"x" * 20_000_000


@bomb
def plain_ppm_without_pixels() -> bytes:
    return b"P3 10000 9999 255\n" + b"1 " * 1000


@bomb
def tga_of_huge_size() -> bytes:
    return struct.pack("<BBBHHBHHHHBB", 0, 0, 10, 0, 0, 0, 0, 0, 65_535, 65_535, 32, 8) + bytes(1000)


@bomb
def icon_of_many_pictures() -> bytes:
    return struct.pack("<HHH", 0, 1, 65_535) + bytes(16) * 65_535


def _ispe(data: bytes, width: int, height: int) -> bytes:
    while (at := data.find(b"ispe\0\0\0\0")) >= 0:
        data = data[:at] + b"ISPE" + bytes(4) + struct.pack(">II", width, height) + data[at + 16 :]
    return data.replace(b"ISPE", b"ispe")


if "AVIF" in Image.SAVE:

    @bomb
    def avif_with_giant_ispe() -> bytes:
        return _ispe(small("AVIF"), 60_000, 60_000)

    @bomb
    def avif_whose_pixels_are_larger_than_its_header() -> bytes:
        return _ispe(saved(Image.new("L", (3000, 3000)), "AVIF", speed=10), 64, 64)


try:
    import pillow_heif
except ImportError:
    pass
else:

    def _heif(image: Image.Image) -> bytes:
        file = io.BytesIO()
        pillow_heif.from_pillow(image).save(file, quality=50)
        return file.getvalue()

    @bomb
    def heif_with_giant_ispe() -> bytes:
        return _ispe(_heif(Image.fromarray(scene(64, 64))), 2**31 - 1, 2**31 - 1)

    @bomb
    def heif_with_large_ispe() -> bytes:
        return _ispe(_heif(Image.fromarray(scene(64, 64))), 9000, 9000)

    @bomb
    def heif_whose_pixels_are_larger_than_its_header() -> bytes:
        return _ispe(_heif(Image.new("L", (3000, 3000))), 64, 64)


def make(folder: Path) -> list[Path]:
    for name, build in BOMBS.items():
        (folder / f"{name}{'.tga' if name.startswith('tga') else ''}").write_bytes(build())
    return sorted(folder.iterdir())


def peak() -> int:
    """The greatest memory of this process so far, in bytes."""
    status = Path("/proc/self/status")
    if status.exists():  # Linux's getrusage begins with what the parent had
        return next(1024 * int(line.split()[1]) for line in status.read_text().splitlines() if line.startswith("VmHWM"))
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)


def measure(limit: int, paths: list[str]) -> None:
    quiet_libraries()
    # What a process takes in any case (libraries, their tables) is taken before it is measured.
    for file_format in ("JPEG", "PNG", "TIFF", "WEBP", "GIF", "BMP", "JPEG2000", "PPM"):
        read(Loaded(Path("x"), small(file_format)))
    read(Loaded(Path("x"), saved(Image.fromarray(scene()), "JPEG", icc_profile=p3_profile())))
    read(Loaded(Path("x"), encode(scene(dtype=np.uint16), "PNG", 9)))
    for path in map(Path, paths):
        before, reason, seconds = peak(), None, 0.0
        for function in (probe, read, lambda path, **options: read_reduced(path, 64, **options)):
            start = time.process_time()
            try:
                function(path, max_pixels=limit)
            except PictureError as error:
                reason = error.reason
            seconds = max(seconds, time.process_time() - start)
        grown = (peak() - before) // 2**20
        sys.stdout.write(
            json.dumps({"name": path.name, "reason": reason, "seconds": round(seconds, 2), "grown": grown}) + "\n"
        )


if __name__ == "__main__":
    if len(sys.argv) == 2:
        make(Path(sys.argv[1]))
    else:
        measure(int(sys.argv[1]), sys.argv[2:])
