"""Missing and undecodable pixel data is refused on every path, and bytes that do no harm are not."""

from __future__ import annotations

import io
import random
import re
import struct
import subprocess
import sys
import zlib
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pngs
import pytest
import simplejpeg
from building import chunk, p3_profile, saved, scene, tiff
from jpegs import jpeg
from pictures import BESIDE, PHOTOGRAPHS
from PIL import Image

from augstudio.images import Loaded, Picture, PictureError, jpeg_damage, read, read_reduced
from augstudio.images.jpeg import STRAY

HEIGHT, WIDTH = 75, 110
END = b"\xff\xd9"
PATHS: dict[str, Callable[[Loaded], Picture]] = {
    "full": read,
    "1/2": lambda source: read(source, enough=lambda width, height: (-(-width // 2), -(-height // 2))),
    "1/4": lambda source: read(source, enough=lambda width, height: (width // 4, height // 4)),
    "1/8": lambda source: read(source, enough=lambda width, height: (width // 8, height // 8)),
    "preview": lambda source: read_reduced(source, 60),
    "thumbnail": lambda source: read_reduced(source, 12),
}


def photo(height: int = HEIGHT, width: int = WIDTH, channels: int = 3) -> np.ndarray:
    """Smooth shapes with fine grain all over, as in a photograph: no two blocks are alike."""
    picture = scene(height, width, channels).astype(float)
    grain = np.random.default_rng(7).normal(0, 12, picture.shape)
    return np.rint((picture + grain).clip(0, 255)).astype(np.uint8)


def drawn() -> dict[str, bytes]:
    """JPEGs of many kinds."""
    colour, grey = Image.fromarray(photo()), Image.fromarray(photo(channels=1))
    return {
        "4:2:0": saved(colour, "JPEG", quality=75),
        "4:4:4": saved(colour, "JPEG", quality=92, subsampling=0),
        "4:2:2, own codes": saved(colour, "JPEG", quality=60, subsampling=1, optimize=True),
        "grey": saved(grey, "JPEG", quality=85),
        "CMYK": saved(colour.convert("CMYK"), "JPEG", quality=80),
        "restarts by rows": saved(colour, "JPEG", quality=80, restart_marker_rows=1),
        "restarts by blocks": saved(colour, "JPEG", quality=70, restart_marker_blocks=3),
        "another profile": saved(colour, "JPEG", quality=80, icc_profile=p3_profile()),
        "odd size": saved(Image.fromarray(photo(17, 33)), "JPEG", quality=80),
        "one block": saved(Image.fromarray(photo(8, 8)), "JPEG", quality=90),
        "progressive": saved(colour, "JPEG", quality=75, progressive=True),
        "progressive grey": saved(grey, "JPEG", quality=85, progressive=True),
        "progressive with restarts": saved(colour, "JPEG", quality=75, progressive=True, restart_marker_rows=1),
        "separate scans": jpeg(WIDTH, HEIGHT, [(2, 2), (1, 1), (1, 1)], scans=[[0], [1], [2]]),
        "separate scans with restarts": jpeg(WIDTH, HEIGHT, [(2, 1), (1, 1), (1, 1)], scans=[[0], [1, 2]], interval=4),
    }


DRAWN = drawn()
# What simplejpeg does not decode.
UNUSUAL = {
    "4:1:0": jpeg(WIDTH, HEIGHT, [(4, 2), (1, 1), (1, 1)]),
    "uneven": jpeg(WIDTH, HEIGHT, [(2, 2), (1, 2), (1, 1)], interval=3),
    "thirds": jpeg(WIDTH, HEIGHT, [(3, 1), (1, 1), (1, 1)], scans=[[0], [1, 2]]),
}
SEQUENTIAL = [name for name in DRAWN if "progressive" not in name]


def outcome(data: bytes, how: Callable[[Loaded], Picture] = read, name: str = "x.jpg") -> Picture | str:
    try:
        return how(Loaded(Path(name), data))
    except PictureError as error:
        return error.reason


def start_of_data(data: bytes) -> int:
    at = data.index(b"\xff\xda")
    return at + 2 + int.from_bytes(data[at + 2 : at + 4], "big")


def cut(data: bytes, at: int, length: int, rng: random.Random) -> bytes:
    return data[:at]


def cut_and_ended(data: bytes, at: int, length: int, rng: random.Random) -> bytes:
    return data[:at] + END


def removed(data: bytes, at: int, length: int, rng: random.Random) -> bytes:
    return data[:at] + data[min(at + length, len(data) - 2) :]


def blanked(data: bytes, at: int, length: int, rng: random.Random) -> bytes:
    length = min(length, len(data) - 2 - at)
    return data[:at] + bytes(length) + data[at + length :]


def replaced(data: bytes, at: int, length: int, rng: random.Random) -> bytes:
    length = min(length, len(data) - 2 - at)
    return data[:at] + rng.randbytes(length) + data[at + length :]


def flipped(data: bytes, at: int, length: int, rng: random.Random) -> bytes:
    return data[:at] + bytes([data[at] ^ 1 << rng.randrange(8)]) + data[at + 1 :]


DAMAGE = (cut, cut_and_ended, removed, blanked, replaced, flipped)


def damaged(data: bytes, count: int, seed: int) -> list[bytes]:
    rng = random.Random(seed)
    found = []
    for k in range(count):
        at = rng.randrange(start_of_data(data), len(data) - 2)
        found.append(DAMAGE[k % len(DAMAGE)](data, at, rng.choice((1, 2, 5, 30, 400)), rng))
    return found


ORACLE = """
import os, sys
import cv2
import numpy as np
for line in sys.stdin:
    cv2.imdecode(np.frombuffer(bytes.fromhex(line), np.uint8), cv2.IMREAD_UNCHANGED)
    os.write(2, b"\\nnext\\n")
"""


def complaints(files: list[bytes]) -> list[str]:
    """What OpenCV's libjpeg prints while it decodes each of some files, in a process of their own."""
    run = subprocess.run(
        [sys.executable, "-c", ORACLE],
        input="\n".join(map(bytes.hex, files)),
        capture_output=True,
        text=True,
        check=True,
    )
    *printed, rest = run.stderr.split("\nnext\n")
    assert len(printed) == len(files)
    assert not rest.strip()
    return printed


@pytest.mark.parametrize("name", DRAWN)
def test_whatever_the_decoder_could_not_decode_is_refused(name: str) -> None:
    data = DRAWN[name]
    sound = outcome(data)
    assert isinstance(sound, Picture)
    assert STRAY not in sound.notes
    files = damaged(data, 240, seed=3)
    refused = passed = 0
    for file, printed in zip(files, complaints(files), strict=True):
        found = outcome(file)
        if isinstance(found, str):
            refused += 1
            continue
        assert not re.search(r"premature|Premature|bad Huffman|instead of RST|progression", printed)
        if printed.strip() and not np.array_equal(found.pixels, sound.pixels):
            assert STRAY in found.notes
            passed += 1  # a few bytes left over, and nothing to tell them from some that do not matter
    assert refused > 100
    assert passed <= (4 if name in SEQUENTIAL else 9)


@pytest.mark.parametrize("name", UNUSUAL)
def test_unusual_sampling_is_read_and_checked(name: str) -> None:
    data = UNUSUAL[name]
    sound = outcome(data)
    assert isinstance(sound, Picture)
    assert sound.notes == ()
    with Image.open(io.BytesIO(data)) as image:
        np.testing.assert_array_equal(sound.pixels, np.asarray(image))
    begin = start_of_data(data)
    for at in range(begin, len(data) - 2, 7):
        found = outcome(data[:at] + END)
        # Chroma at the rim may be there for nobody to see.
        assert isinstance(found, str) or np.array_equal(found.pixels, sound.pixels)
    assert isinstance(outcome(data[: (begin + len(data)) // 2] + END), str)


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("name", [*DRAWN, *UNUSUAL])
def test_missing_data_is_refused_on_every_path(path: str, name: str) -> None:
    data = (DRAWN | UNUSUAL)[name]
    assert isinstance(outcome(data, PATHS[path]), Picture)
    begin = start_of_data(data)
    half = (begin + len(data)) // 2
    third = (len(data) - begin) // 3
    for broken in (data[:half], data[:half] + END, data[: begin + third] + data[begin + 2 * third :]):
        assert isinstance(outcome(broken, PATHS[path]), str)


def test_reasons_tell_how_much_is_missing() -> None:
    data = DRAWN["4:4:4"]
    half = (start_of_data(data) + len(data)) // 2
    reason = outcome(data[:half] + END)
    assert isinstance(reason, str)
    found = re.fullmatch(r"cut short or damaged: the last (\d+) of 75 stored rows hold no data", reason)
    assert found is not None
    assert 25 < int(found[1]) < 50
    assert outcome(data[:half]) == "cut short (the end of the JPEG data is missing)"


SPARE = (b"\0", b"\0" * 20, b"\x4b", b"\x12\x34", b"\xff", bytes(range(1, 41)), random.Random(4).randbytes(9))


def spared(data: bytes) -> dict[str, bytes]:
    """The same picture in files with bytes that belong to nothing."""
    begin = start_of_data(data)
    found = {"behind": data + random.Random(5).randbytes(300), "a picture behind": data + data}
    segments = [m.start() for m in re.finditer(rb"\xff[\xc0-\xc4\xda\xdb]", data[:begin])]
    markers = [begin + m.start() for m in re.finditer(rb"\xff[\xd0-\xd9\xda\xc4]", data[begin:])]
    for spare in SPARE:
        for k, at in enumerate((segments[1], segments[-1], markers[0], markers[len(markers) // 2], markers[-1])):
            # 255 before a marker is a fill byte.
            found[f"{spare.hex()} at {k}"] = data[:at] + spare + data[at:]
    return found


@pytest.mark.parametrize("name", SEQUENTIAL)
def test_bytes_that_do_no_harm_are_noted_at_most(name: str) -> None:
    sound = outcome(DRAWN[name])
    assert isinstance(sound, Picture)
    noted = 0
    for kind, file in spared(DRAWN[name]).items():
        found = outcome(file)
        assert isinstance(found, Picture), (kind, found)
        np.testing.assert_array_equal(found.pixels, sound.pixels)
        assert set(found.notes) - set(sound.notes) <= {STRAY}
        noted += STRAY in found.notes
        if kind.startswith(("behind", "a picture", "ff at")):
            assert found.notes == sound.notes
    assert noted > 10


@pytest.mark.parametrize("name", [name for name in DRAWN if name not in SEQUENTIAL])
def test_bytes_that_do_no_harm_in_progressive_pictures(name: str) -> None:
    sound = outcome(DRAWN[name])
    assert isinstance(sound, Picture)
    for kind, file in spared(DRAWN[name]).items():
        if len(bytes.fromhex(kind.partition(" at ")[0]) if " at " in kind else b"") in (9, 40) and kind[-1] in "234":
            continue  # so many between data and a marker cannot be told from data for certain
        found = outcome(file)
        assert isinstance(found, Picture), (kind, found)
        np.testing.assert_array_equal(found.pixels, sound.pixels)


def test_bytes_left_over_at_every_marker(monkeypatch: pytest.MonkeyPatch) -> None:
    data = DRAWN["restarts by blocks"]
    sound = outcome(data)
    begin = start_of_data(data)
    file = data[:begin] + re.sub(rb"(?=\xff[\xd0-\xd9])", b"\x27", data[begin:])
    assert len(file) > len(data) + 8
    found = outcome(file)
    assert isinstance(found, Picture)
    assert isinstance(sound, Picture)
    assert found.notes == (STRAY,)
    np.testing.assert_array_equal(found.pixels, sound.pixels)
    # How often a file is decoded for that has an end.
    looked: list[bytes] = []
    complaint = jpeg_damage.complaint
    monkeypatch.setattr(jpeg_damage, "complaint", lambda data: looked.append(data) or complaint(data))
    monkeypatch.setattr(jpeg_damage, "_MOST_LOOKED", 0)
    assert outcome(file) == "damaged: too many bytes are left over in the JPEG's pixel data to tell what they are"
    assert len(looked) == jpeg_damage._LEAST_LOOKS


def test_numbers_that_decoders_wonder_at_do_no_harm() -> None:
    data = DRAWN["4:2:0"]
    sound = outcome(data)
    at = data.index(b"JFIF\0")
    for file in (
        data[: at + 5] + b"\x09\x09" + data[at + 7 :],
        data[:2] + struct.pack(">BBH5sHHHB", 0xFF, 0xEE, 14, b"Adobe", 100, 0, 0, 9) + data[2:],
    ):
        found = outcome(file)
        assert isinstance(found, Picture)
        assert isinstance(sound, Picture)
        np.testing.assert_array_equal(found.pixels, sound.pixels)


@pytest.mark.parametrize("name", ["progressive", "progressive grey", "separate scans"])
def test_a_picture_without_its_last_scans_is_refused(name: str) -> None:
    data = DRAWN[name]
    scans = [m.start() for m in re.finditer(rb"\xff\xda", data)][1:]
    assert scans
    for at in scans:
        assert outcome(data[:at] + END) == "cut short or damaged: the JPEG's last scans are missing"


def test_sound_pictures_are_decoded_once_and_not_looked_at_closely(monkeypatch: pytest.MonkeyPatch) -> None:
    calls: list[str] = []
    decode = simplejpeg.decode_jpeg

    def counted(*args: object, **options: object) -> np.ndarray:
        calls.append("decoded")
        return decode(*args, **options)

    monkeypatch.setattr(simplejpeg, "decode_jpeg", counted)
    monkeypatch.setattr(jpeg_damage, "of", lambda *_: pytest.fail("looked at closely"))
    for data in DRAWN.values():
        for how in PATHS.values():
            calls.clear()
            assert isinstance(outcome(data, how), Picture)
            assert calls == ["decoded"]


def test_nothing_is_printed_of_a_damaged_jpeg(tmp_path: Path) -> None:
    data = DRAWN["4:2:0"]
    path = tmp_path / "damaged.jpg"
    path.write_bytes(data[: len(data) // 2] + END)
    code = (
        "import sys\nfrom pathlib import Path\nfrom augstudio.images import PictureError, read\n"
        "try: read(Path(sys.argv[1]))\nexcept PictureError as error: print(error.reason)"
    )
    run = subprocess.run([sys.executable, "-c", code, str(path)], capture_output=True, text=True, check=True)
    assert run.stderr == ""
    assert run.stdout.startswith("cut short or damaged")


def test_photographs_that_lost_a_part() -> None:
    """The lower half, the end marker put back; and a stretch in the middle."""
    for path in PHOTOGRAPHS[::4]:
        data = path.read_bytes()
        if path.suffix == ".png":
            continue
        first, size = data.index(b"\xff\xda") + 14, len(data)
        middle = (first + size) // 2
        for lost in (data[:middle].rstrip(b"\xff") + END, data[:middle] + data[middle + size // 8 :]):
            for how in PATHS.values():
                assert "cut short or damaged" in str(outcome(lost, how)), path.name
    for name in ("jpeg_second_half_lost_eoi.jpg", "jpeg_middle_lost.jpg"):
        case = BESIDE.parent / "cases" / name
        if case.exists():  # the same, made by others
            for how in PATHS.values():
                assert "cut short or damaged" in str(outcome(case.read_bytes(), how))


# --- other formats ----------------------------------------------------------------------------------------------------

COLOUR, ALPHA = Image.fromarray(scene(61, 83)), Image.fromarray(scene(61, 83, 4))
DEEP = scene(61, 83, 3, np.uint16)
PALETTE = COLOUR.convert("P")


def others() -> dict[str, bytes]:
    frames = {"save_all": True, "append_images": [COLOUR.transpose(Image.Transpose.ROTATE_180)]}
    packed = {
        name: saved(COLOUR, "TIFF", compression=name) for name in ("jpeg", "tiff_lzw", "tiff_adobe_deflate", "packbits")
    }
    return {
        "plain.png": saved(COLOUR, "PNG"),
        "moving.png": saved(COLOUR, "PNG", **frames),
        "plain.webp": saved(ALPHA, "WEBP"),
        "lossless.webp": saved(COLOUR, "WEBP", lossless=True),
        "moving.webp": saved(COLOUR, "WEBP", **frames),
        "plain.gif": saved(PALETTE, "GIF"),
        "interlaced.gif": saved(PALETTE, "GIF", interlace=1),
        "moving.gif": saved(PALETTE, "GIF", **frames),
        "plain.bmp": saved(COLOUR, "BMP"),
        "plain.ppm": saved(COLOUR, "PPM"),
        "bits.pbm": saved(COLOUR.convert("1"), "PPM"),
        "plain.tga": saved(COLOUR, "TGA"),
        "runs.tga": saved(ALPHA, "TGA", compression="tga_rle"),
        "palette.tga": saved(PALETTE, "TGA"),
        "plain.jp2": saved(COLOUR, "JPEG2000"),
        "tiles.j2k": saved(COLOUR, "JPEG2000", no_jp2=True, tile_size=(32, 32)),
        "plain.tif": tiff(scene(61, 83), photometric=2, bits=8),
        "deep.tif": tiff(DEEP, photometric=2),
        **{f"{name}.tif": data for name, data in packed.items()},
        **({"plain.avif": saved(ALPHA, "AVIF")} if "AVIF" in Image.SAVE else {}),
    }


OTHERS = others()


@pytest.mark.parametrize("name", OTHERS)
def test_other_files_cut_anywhere_are_refused_or_whole(name: str) -> None:
    data = OTHERS[name]
    ways = {"full": read, "thumbnail": PATHS["thumbnail"]}
    whole = {way: outcome(data, how, name) for way, how in ways.items()}
    refused = 0
    for at in {*range(1, len(data), max(1, len(data) // 150)), *range(len(data) - 40, len(data))}:
        for way, how in ways.items():
            found, sound = outcome(data[:at], how, name), whole[way]
            assert isinstance(sound, Picture)
            refused += isinstance(found, str)
            assert isinstance(found, str) or np.array_equal(found.pixels, sound.pixels), at
    assert refused > 100


def shortened_gif(data: bytes, share: float) -> bytes:
    """Take the end of the first frame's data away, and put the mark of its end back."""
    at = data.index(b"\x2c", 13 + 3 * 2 ** (1 + (data[10] & 7)))
    start = at + 10 + (3 * 2 ** (1 + (data[at + 9] & 7)) if data[at + 9] & 0x80 else 0)
    end, coded = start + 1, b""
    while data[end]:
        coded += data[end + 1 : end + 1 + data[end]]
        end += 1 + data[end]
    coded = coded[: int(len(coded) * share)]
    blocks = (coded[k : k + 255] for k in range(0, len(coded), 255))
    return data[: start + 1] + b"".join(bytes([len(block)]) + block for block in blocks) + data[end:]


def shortened_tga(data: bytes, share: float) -> bytes:
    """Take the end of the pixels away, and leave the footer."""
    return data[: int((len(data) - 26) * share)] + data[-26:]


def shortened_png(data: bytes, share: float) -> bytes:
    """Take rows away, with every sum put right."""
    chunks = [
        (m.start() - 4, int.from_bytes(data[m.start() - 4 : m.start()], "big")) for m in re.finditer(b"IDAT", data)
    ]
    coded = zlib.decompress(b"".join(data[at + 8 : at + 8 + length] for at, length in chunks))
    first, (last, length) = chunks[0][0], chunks[-1]
    packed = zlib.compress(coded[: int(len(coded) * share)])
    return data[:first] + chunk(b"IDAT", packed) + data[last + 12 + length :]


def shortened_tiff(data: bytes, share: float) -> bytes:
    """Blank the end of the last strip."""
    with Image.open(io.BytesIO(data)) as image:
        at, length = image.tag_v2[273][-1], image.tag_v2[279][-1]
    kept = int(length * share)
    return data[: at + kept] + bytes(length - kept) + data[at + length :]


@pytest.mark.parametrize(
    ("name", "shortened"),
    [
        *((name, shortened_gif) for name in ("plain.gif", "interlaced.gif", "moving.gif")),
        *((name, shortened_tga) for name in ("plain.tga", "runs.tga", "palette.tga")),
        ("plain.png", shortened_png),
        ("jpeg.tif", shortened_tiff),
    ],
)
def test_pixels_that_are_missing_within_a_whole_file(name: str, shortened: Callable[[bytes, float], bytes]) -> None:
    data = OTHERS[name]
    sound = outcome(data, name=name)
    assert isinstance(sound, Picture)
    for share in (*np.linspace(0, 0.99, 25), *np.linspace(0.99, 0.9999, 10)):
        found = outcome(shortened(data, share), name=name)
        assert isinstance(found, str) or np.array_equal(found.pixels, sound.pixels), share
    assert isinstance(outcome(shortened(data, 0.9), name=name), str)


@pytest.mark.parametrize("interlaced", [False, True])
@pytest.mark.parametrize(("kind", "depth"), [(kind, depth) for kind, depths in pngs.DEPTHS.items() for depth in depths])
def test_rows_that_are_missing_from_a_png(kind: int, depth: int, interlaced: bool) -> None:
    """Pillow alone takes data that ends between two rows for all there is."""
    for size in ((32, 32), (9, 1), (1, 1), (2, 2), (5, 3)):
        drawn = pngs.drawn(kind, depth, size, interlaced=interlaced)
        at = drawn.data.index(b"IDAT") - 4
        coded = zlib.decompress(drawn.data[at + 8 : -16])
        sizes = pngs.rows(*size, depth, kind, interlaced)
        assert sum(sizes) == len(coded)
        for more in (b"", b"\0" * 99):
            sound = drawn.data[:at] + chunk(b"IDAT", zlib.compress(coded + more)) + chunk(b"IEND", b"")
            assert np.array_equal(outcome(sound).pixels, drawn.pixels)  # type: ignore[union-attr]
        for left in {0, 1, len(sizes) // 2, len(sizes) - 1} - {len(sizes)}:
            for filler in (coded, bytes(len(coded))):  # as it is, and black
                packed = zlib.compress(filler[: sum(sizes[:left])])
                for pieces in ([packed], [packed[:5], b"", packed[5:]]):
                    cut = drawn.data[:at] + b"".join(chunk(b"IDAT", piece) for piece in pieces) + chunk(b"IEND", b"")
                    assert isinstance(outcome(cut), str), (size, left)


def test_a_last_pixel_of_any_level_is_taken_for_what_it_is() -> None:
    """Among them is the one by which missing rows are found out."""
    for level in range(256):
        for kind, depth in ((pngs.GREY, 8), (pngs.GREY, 16), (pngs.PALETTE, 8)):
            stored = np.full((2, 3, 1), level * (257 if depth == 16 else 1), np.uint16)
            before = chunk(b"PLTE", pngs.colours(8).tobytes()) if kind == pngs.PALETTE else b""
            assert isinstance(outcome(pngs.file(stored, kind, depth, before=before)), Picture)
    colour = np.uint16([90, 195, 126, 60])
    for kind in (pngs.RGB, pngs.RGBA, pngs.GREY_ALPHA):
        stored = np.tile(colour[: pngs.CHANNELS[kind]], (4, 3, 1))
        found = outcome(pngs.file(stored, kind, 8))
        assert isinstance(found, Picture)
        assert np.array_equal(found.pixels, stored)


@pytest.mark.parametrize("options", [{}, {"no_jp2": True}])
def test_missing_tiles_of_jpeg_2000(options: dict[str, bool]) -> None:
    data = saved(COLOUR, "JPEG2000", tile_size=(32, 32), **options)
    tiles = [m.start() for m in re.finditer(b"\xff\x90\0\x0a", data)]
    assert len(tiles) == 6
    for left, at in enumerate(tiles):
        for end in (b"", END):
            reason = outcome(data[:at] + end)
            assert reason == f"cut short or damaged: {6 - left} of 6 tiles hold no data"
    assert isinstance(outcome(data[: tiles[2]] + data[tiles[3] :]), str)


@pytest.mark.parametrize("compression", ["group3", "group4", "tiff_ccitt"])
@pytest.mark.parametrize("strip_size", [65536, 260])
def test_missing_data_of_a_fax(compression: str, strip_size: int) -> None:
    image = Image.fromarray(photo(60, 200, 1)).convert("1", dither=Image.Dither.NONE)
    data = saved(image, "TIFF", compression=compression, strip_size=strip_size)
    sound = outcome(data)
    assert isinstance(sound, Picture)
    np.testing.assert_array_equal(sound.pixels, np.asarray(image.convert("L")))
    with Image.open(io.BytesIO(data)) as opened:
        counts = opened.tag_v2[279]
    assert (len(counts) > 1) == (strip_size < 1000)
    directory = struct.unpack_from("<I", data, 4)[0]
    entries = range(directory + 2, directory + 2 + 12 * struct.unpack_from("<H", data, directory)[0], 12)
    (entry,) = (at for at in entries if struct.unpack_from("<H", data, at)[0] == 279)
    kind = {3: "<H", 4: "<I"}[struct.unpack_from("<H", data, entry + 2)[0]]
    size = struct.calcsize(kind)
    at = entry + 8 if size * len(counts) <= 4 else struct.unpack_from("<I", data, entry + 8)[0]
    refused = 0
    for count in range(1, counts[0]):
        changed = bytearray(data)
        struct.pack_into(kind, changed, at, count)
        found = outcome(bytes(changed))
        refused += isinstance(found, str)
        assert isinstance(found, str) or np.array_equal(found.pixels, sound.pixels), count
    assert refused >= counts[0] - 8


def test_missing_strips_of_a_tiff() -> None:
    data = saved(COLOUR, "TIFF", compression="packbits", strip_size=83 * 3 * 10)
    with Image.open(io.BytesIO(data)) as image:
        assert len(image.tag_v2[273]) == 7
    directory = struct.unpack_from("<I", data, 4)[0]
    changed = bytearray(data)
    for at in range(directory + 2, directory + 2 + 12 * struct.unpack_from("<H", data, directory)[0], 12):
        if struct.unpack_from("<H", data, at)[0] in (273, 279):
            struct.pack_into("<I", changed, at + 4, 5)
    assert outcome(bytes(changed)) == "cut short or damaged: 2 of 7 strips hold no data"


def test_a_tiff_of_sound_jpegs_is_read() -> None:
    found = outcome(OTHERS["jpeg.tif"])
    assert isinstance(found, Picture)
    with Image.open(io.BytesIO(OTHERS["jpeg.tif"])) as image:
        np.testing.assert_array_equal(found.pixels, np.asarray(image))
