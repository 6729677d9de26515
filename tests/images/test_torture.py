"""Files that disks, networks, bad programs and bad people have spoilt: a picture or a reason, never anything else."""

from __future__ import annotations

import io
import json
import os
import random
import struct
import subprocess
import sys
import time
import warnings
from pathlib import Path

import bombs
import numpy as np
import pngs
import pytest
from building import exif, p3_profile, saved, scene, tiff
from mutating import WAYS, mutated
from pictures import BESIDE, PHOTOGRAPHS
from PIL import Image

from augstudio.images import Loaded, PictureError, encode, probe, read, read_reduced, without_metadata

MOST_PIXELS = 1_000_000
MOST_SECONDS = 5
HERE = Path(__file__).resolve().parent


def drawn() -> dict[str, bytes]:
    """Small pictures of every format, by suffix and kind."""
    colour, grey = Image.fromarray(scene()), Image.fromarray(scene(channels=1))
    alpha, palette = Image.fromarray(scene(channels=4)), Image.fromarray(scene()).convert("P")
    deep = {channels: scene(channels=channels, dtype=np.uint16) for channels in (1, 2, 3, 4)}
    turned = {"exif": exif(6), "icc_profile": p3_profile()}
    frames = {"save_all": True, "append_images": [Image.fromarray(scene()[::-1].copy()), grey.copy()]}
    found = {
        "plain.jpg": saved(colour, "JPEG", **turned),
        "progressive.jpg": saved(colour, "JPEG", progressive=True, restart_marker_rows=1),
        "grey.jpg": saved(grey, "JPEG"),
        "cmyk.jpg": saved(colour.convert("CMYK"), "JPEG"),
        "several.mpo": saved(colour, "MPO", save_all=True, append_images=[grey.convert("RGB")]),
        "plain.png": saved(colour, "PNG", **turned),
        "palette.png": saved(palette, "PNG", transparency=bytes(range(256))),
        "bits.png": saved(grey.convert("1"), "PNG", transparency=0),
        "deep.png": encode(deep[3], "PNG", 95, p3_profile()),
        "deep-grey-alpha.png": encode(deep[2], "PNG", 95),
        "deep-grey.png": encode(deep[1], "PNG", 95),
        "moving.png": saved(colour, "PNG", **frames),
        "plain.tif": tiff(scene(), photometric=2, bits=8, orientation=6),
        "lzw.tif": saved(alpha, "TIFF", compression="tiff_lzw"),
        "jpeg.tif": saved(colour, "TIFF", compression="jpeg"),
        "fax.tif": saved(grey.convert("1"), "TIFF", compression="group4"),
        "cmyk.tif": saved(colour.convert("CMYK"), "TIFF"),
        "deep.tif": encode(deep[4], "TIFF", 95, p3_profile()),
        "deep-grey.tif": encode(deep[1], "TIFF", 95),
        "planes.tif": tiff(scene(), photometric=2, bits=8, planar=2),
        "pages.tif": saved(Image.fromarray(scene()), "TIFF", **frames),
        "plain.gif": saved(palette, "GIF"),
        "moving.gif": saved(palette, "GIF", **frames),
        "plain.bmp": saved(colour, "BMP"),
        "palette.bmp": saved(palette, "BMP"),
        "plain.webp": saved(alpha, "WEBP", **turned),
        "lossless.webp": saved(colour, "WEBP", lossless=True),
        "moving.webp": saved(colour, "WEBP", **frames),
        "plain.ppm": saved(colour, "PPM"),
        "deep.pgm": b"P5 53 37 1000\n" + deep[1].astype(">u2").tobytes(),
        "words.ppm": b"P3 4 3 255 " + b" ".join(b"%d" % k for k in range(36)),
        "runs.tga": saved(alpha, "TGA", compression="tga_rle"),
        "palette.tga": saved(palette, "TGA"),
        "plain.jp2": saved(colour, "JPEG2000"),
        "raw.j2k": saved(grey, "JPEG2000", no_jp2=True),
    }
    if "AVIF" in Image.SAVE:
        found["plain.avif"] = saved(alpha, "AVIF", exif=exif(6))
        found["moving.avif"] = saved(colour, "AVIF", **frames)
    try:
        import pillow_heif
    except ImportError:
        return found
    for name, made in (
        ("plain.heic", pillow_heif.from_pillow(colour)),
        ("deep.heif", pillow_heif.from_bytes(mode="RGBA;16", size=(53, 37), data=deep[4].tobytes())),
    ):
        file = io.BytesIO()
        made.save(file, quality=60, exif=exif(6))
        found[name] = file.getvalue()
    return found


DRAWN = drawn()


def endure(name: str, data: bytes) -> bool:
    """Read what may be anything, and hold the outcome against all that is promised; tell whether it was a picture."""
    source = Loaded(Path(name), data)
    start = time.process_time()
    outcomes = []
    with warnings.catch_warnings(action="error"):
        for function in (probe, read, lambda source, **options: read_reduced(source, 16, **options)):
            try:
                outcomes.append(function(source, max_pixels=MOST_PIXELS))
            except PictureError as error:
                assert error.reason.isprintable(), ascii(error.reason)
                assert 5 < len(error.reason) < 400
                assert error.path == Path(name)
                outcomes.append(None)
    assert time.process_time() - start < MOST_SECONDS
    info, picture, small = outcomes
    if picture is None:
        return False
    pixels = picture.pixels
    assert info == picture.info
    assert info.width * info.height <= MOST_PIXELS
    assert pixels.shape == (info.height, info.width, info.channels)[: 2 if info.channels == 1 else 3]
    assert pixels.dtype == (np.uint8 if info.depth == 8 else np.uint16)
    assert pixels.flags.c_contiguous
    assert pixels.flags.writeable
    assert all(note.isprintable() for note in (*picture.notes, *picture.dropped))
    assert picture.profile is None or info.depth == 16
    if small is not None:  # a decoder that skips detail may meet damage that it otherwise does not, and the reverse
        assert max(small.pixels.shape[:2]) <= 16
    stripped = without_metadata(data, info.format)
    assert stripped is None or without_metadata(stripped, info.format) == stripped
    return True


@pytest.mark.parametrize("name", DRAWN)
def test_whole_files_are_read(name: str) -> None:
    assert endure(name, DRAWN[name])


def torture(copies: int, seed: int) -> int:
    rng = random.Random(seed)
    names = sorted(DRAWN)
    survived = 0
    for k in range(copies):
        name = names[k % len(names)]
        data = mutated(DRAWN[name], rng)
        wrong = rng.random() < 0.2
        survived += endure(f"wrong{Path(rng.choice(names)).suffix}" if wrong else name, data)
    return survived


def torture_elsewhere(copies: int, seed: int) -> int:
    """Torture in a process of its own, in which nobody may print or warn."""
    code = (
        "import augstudio.images, test_torture\n"
        f"augstudio.images.quiet_libraries(); print(test_torture.torture({copies}, {seed}))"
    )
    command = [sys.executable, "-W", "error", "-c", code]
    path = os.pathsep.join([str(HERE.parent), os.environ.get("PYTHONPATH", "")])
    run = subprocess.run(
        command, capture_output=True, text=True, timeout=280, cwd=HERE, env={**os.environ, "PYTHONPATH": path}
    )
    assert (run.returncode, run.stderr) == (0, "")
    return int(run.stdout)


def test_damaged_files() -> None:
    survived = torture_elsewhere(250, 1)
    assert 20 < survived < 200  # some damage is harmless, and most is not


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(2, 6))
def test_more_damaged_files(seed: int) -> None:
    assert torture_elsewhere(800, seed)


def test_damaged_photographs() -> None:
    """Those that ship, and where others lie beside the checkout, some of those."""
    others = sorted(path for path in BESIDE.rglob("*") if path.suffix in (".jpg", ".png"))
    small = [path for path in PHOTOGRAPHS + others[::9] if path.stat().st_size < 150_000]
    assert len(small) > 10
    rng = random.Random(9)
    assert sum(endure(path.name, mutated(path.read_bytes(), rng)) for path in (small * 3)[:45])


def test_damaged_pngs_of_every_kind() -> None:
    rng = random.Random(10)
    survived = sum(endure(f"{name}.png", mutated(drawn.data, rng)) for name, drawn in pngs.SOUND.items())
    assert 5 < survived < len(pngs.SOUND) / 2


def test_mutators_change_files_and_can_be_repeated() -> None:
    data = DRAWN["plain.jpg"]
    for way in WAYS:
        results = [way(data, random.Random(seed)) for seed in range(20)]
        assert sum(result != data for result in results) > 15, way
        assert all(len(result) <= 2 * len(data) + 200 for result in results)
        assert results == [way(data, random.Random(seed)) for seed in range(20)]
    for tiny in (b"", b"\xff"):
        for seed in range(200):
            mutated(tiny, random.Random(seed))


def test_libraries_can_be_made_quiet() -> None:
    code = (
        "import os, sys\nfrom augstudio.images import quiet_libraries\n"
        "if {quiet}: quiet_libraries(); quiet_libraries()\n"
        "os.write(2, b'from a library\\n')\nprint('é from Python', file=sys.stderr)"
    )
    for quiet in (False, True):
        command = [sys.executable, "-X", "utf8", "-c", code.format(quiet=quiet)]
        run = subprocess.run(command, capture_output=True, text=True, encoding="utf-8", check=True)
        *chatter, last = run.stderr.splitlines()
        assert last == "é from Python"
        assert bool(chatter) != quiet


@pytest.fixture(scope="module")
def measured(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, object]]:
    """Read all bombs in a process of their own, one after the other."""
    folder = tmp_path_factory.mktemp("bombs")
    paths = bombs.make(folder)
    command = [sys.executable, str(HERE / "bombs.py"), str(MOST_PIXELS), *map(str, paths)]
    run = subprocess.run(command, capture_output=True, text=True, timeout=280)
    assert (run.returncode, run.stderr) == (0, "")
    lengths = {path.name: path.stat().st_size for path in paths}
    lines = [json.loads(line) for line in run.stdout.splitlines()]
    return {line["name"].removesuffix(".tga"): {**line, "bytes": lengths[line["name"]]} for line in lines}


@pytest.mark.skipif(sys.platform == "win32", reason="memory is measured in another way")
@pytest.mark.parametrize("name", bombs.BOMBS)
def test_bombs_take_little_time_and_memory(name: str, measured: dict[str, dict[str, object]]) -> None:
    line = measured[name]
    reason, seconds, grown, length = line["reason"], line["seconds"], line["grown"], line["bytes"]
    assert isinstance(seconds, float)
    assert isinstance(grown, int)
    assert isinstance(length, int)
    assert seconds < MOST_SECONDS
    # What `reading` promises; AVIF's decoder has a limit of its own.
    most = 64 + (2 * length + 40 * MOST_PIXELS) // 2**20 + (150 if name.startswith("avif_whose") else 0)
    assert grown < most
    assert reason is None or (isinstance(reason, str) and reason.isprintable())
    giant = ("50_000", "65_500", "giant", "huge_size", "negative", "larger_than_its_canvas", "large_ispe")
    if any(word in name for word in giant):
        assert reason is not None
        assert "above the limit of 1,000,000" in str(reason) or name == "avif_with_giant_ispe"


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="memory is measured as Linux tells it")
@pytest.mark.parametrize(
    "kind", ["rgba.tif", "associated.tif", "rgb.jpg", "cmyk.jpg", "palette.png", "deep.png", "webp"]
)
def test_large_pictures_take_the_memory_that_is_promised(kind: str, tmp_path: Path) -> None:
    height, width = 2000, 3000
    tile = scene(200, 300, 4)
    deep = np.tile(tile.astype(np.uint16) * 257, (10, 10, 1))
    image = Image.fromarray(np.tile(tile, (10, 10, 1)))
    data = {
        "rgba.tif": lambda: tiff(deep, photometric=2, extra=2, orientation=6),
        "associated.tif": lambda: tiff(np.minimum(deep, deep[..., 3:]), photometric=2, extra=1, orientation=6),
        "rgb.jpg": lambda: saved(image.convert("RGB"), "JPEG", progressive=True, icc_profile=p3_profile()),
        "cmyk.jpg": lambda: saved(image.convert("RGB").convert("CMYK"), "JPEG"),
        "palette.png": lambda: saved(image.convert("P"), "PNG", transparency=bytes(range(256))),
        "deep.png": lambda: encode(deep, "PNG", 95),
        "webp": lambda: saved(image, "WEBP", method=0),
    }[kind]()
    path = tmp_path / kind
    path.write_bytes(data)
    command = [sys.executable, str(HERE / "bombs.py"), "100000000", str(path)]
    (line,) = subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines()
    assert json.loads(line)["reason"] is None
    assert json.loads(line)["grown"] < 64 + (2 * len(data) + 40 * height * width) / 2**20


def test_progressive_pictures_of_thousands_of_scans_are_refused() -> None:
    with pytest.raises(PictureError, match="scans in a progressive JPEG; 200 are allowed"):
        read(Loaded(Path("x"), bombs.BOMBS["jpeg_with_thousands_of_scans"]()))


def test_tiles_larger_than_their_picture_are_fine_within_reason() -> None:
    packed = bombs.zeros(256 * 256)
    at = 10 + 12 * 10 + 4
    tiles = [(322, 4, 1, 256), (323, 4, 1, 256), (324, 4, 1, at), (325, 4, 1, len(packed))]
    data = bombs.wild_tiff(bombs._TEN_BY_TEN + tiles, packed)
    assert read(Loaded(Path("x"), data), max_pixels=100).pixels.shape == (10, 10)


@pytest.mark.parametrize("name", [name for name in DRAWN if not name.endswith((".heic", ".heif"))])
def test_frames_are_counted_as_pillow_counts_them(name: str) -> None:
    with Image.open(io.BytesIO(DRAWN[name])) as image:
        assert probe(Loaded(Path(name), DRAWN[name])).frames == getattr(image, "n_frames", 1)


def test_big_tiff_pages_are_counted() -> None:
    file = io.BytesIO()
    Image.fromarray(scene()).save(
        file, "TIFF", big_tiff=True, save_all=True, append_images=[Image.fromarray(scene(5, 5)), Image.new("L", (3, 3))]
    )
    data = file.getvalue()
    assert struct.unpack_from("<H", data, 2)[0] == 43
    picture = read(Loaded(Path("x"), data))
    assert picture.info.frames == 3
    np.testing.assert_array_equal(picture.pixels, scene())
