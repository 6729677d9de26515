"""Files without metadata: the same pixels, and no trace of anything else."""

from __future__ import annotations

import io
import random
import struct
import warnings
import zlib
from pathlib import Path
from typing import Any

import numpy as np
import pngs
import pytest
from building import chunk, grey_profile, p3_profile, saved, scene, srgb_profile
from hypothesis import given, settings
from hypothesis import strategies as st
from mutating import mutated
from pictures import BESIDE, PHOTOGRAPHS
from PIL import Image

from augstudio.images import Loaded, PictureError, encode, read, without_metadata

SECRET = b"52.5163N 13.3777E, taken by Ada"
XMP = b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><photo place="' + SECRET + b'"/></x:xmpmeta>'
TREATED = ("JPEG", "PNG", "WEBP", "BMP")


def personal_exif(orientation: int = 1) -> bytes:
    tags = Image.Exif()
    tags[0x0112] = orientation
    tags[0x010E] = SECRET.decode()
    tags.get_ifd(0x8825)[2] = (52.0, 30.0, 58.68)
    return tags.tobytes()


def stored(data: bytes) -> tuple[str, tuple[int, int], bytes]:
    """What Pillow decodes, before any orientation."""
    with warnings.catch_warnings(action="ignore"), Image.open(io.BytesIO(data)) as image:
        image.load()
        mode = "RGBA" if "transparency" in image.info else image.mode
        return image.mode, image.size, image.convert(mode).tobytes()


def assert_clean(data: bytes, file_format: str) -> bytes:
    """Strip a file, and hold the result against everything that is promised."""
    result = without_metadata(data, file_format)
    assert result is not None
    assert len(result) <= len(data)
    assert SECRET not in result
    assert stored(result) == stored(data)
    assert without_metadata(result, file_format) == result
    with Image.open(io.BytesIO(result)) as image:
        image.load()
        assert not image.getexif()
        left = {"exif", "xmp", "XML:com.adobe.xmp", "comment", "photoshop", "icc_profile", "mp", "parsed_exif", "iptc"}
        assert not left & image.info.keys()
        assert not any(isinstance(value, str) for value in image.info.values())
    picture = read(Loaded(Path("x"), result))
    assert picture.dropped == ()
    assert picture.info.orientation == 1
    return result


# --- builders ---------------------------------------------------------------------------------------------------------


def segment(marker: int, content: bytes) -> bytes:
    return struct.pack(">BBH", 0xFF, marker, len(content) + 2) + content


def riff_chunk(kind: bytes, content: bytes) -> bytes:
    return kind + struct.pack("<I", len(content)) + content + b"\0" * (len(content) % 2)


def riff(*chunks: bytes) -> bytes:
    body = b"WEBP" + b"".join(chunks)
    return b"RIFF" + struct.pack("<I", len(body)) + body


def pieces(data: bytes) -> list[bytes]:
    """The chunks of a PNG."""
    at, found = 8, []
    while at < len(data):
        end = at + 12 + int.from_bytes(data[at : at + 4], "big")
        found.append(data[at:end])
        at = end
    return found


JPEGS: dict[str, dict[str, Any]] = {
    "plain": {},
    "progressive": {"progressive": True},
    "restart markers": {"restart_marker_blocks": 1},
    "progressive with restart markers": {"progressive": True, "restart_marker_rows": 1},
    "no subsampling": {"subsampling": 0, "quality": 100},
    "RGB": {"keep_rgb": True},
    "comment": {"comment": SECRET},
}


@pytest.mark.parametrize("mode", ["L", "RGB", "CMYK"])
@pytest.mark.parametrize("kind", JPEGS)
def test_jpeg(kind: str, mode: str) -> None:
    # Noise at full quality: the compressed data is full of 255s.
    noise = np.random.default_rng(3).integers(0, 256, (61, 83, 3), np.uint8)
    image = Image.fromarray(noise if kind == "no subsampling" else scene()).convert(mode)
    data = saved(image, "JPEG", exif=personal_exif(6), xmp=XMP, **JPEGS[kind])
    assert SECRET in data
    assert_clean(data, "JPEG")


APPS = {
    "APP1 Exif": segment(0xE1, b"Exif\0\0MM\0*" + SECRET),
    "APP1 XMP": segment(0xE1, b"http://ns.adobe.com/xap/1.0/\0" + XMP),
    "APP2 MPF": segment(0xE2, b"MPF\0" + SECRET),
    "APP2 unknown": segment(0xE2, SECRET),
    "APP13 IPTC": segment(0xED, b"Photoshop 3.0\0008BIM\x04\x04\0\0\0\0\0\x1f" + SECRET + b"\0"),
    "COM": segment(0xFE, SECRET),
    "JFXX": segment(0xE0, b"JFXX\0\x13\x01\x01" + SECRET[:3]),
    "second JFIF": segment(0xE0, b"JFIF\0\1\1\0\0\1\0\1\0\0" + SECRET),
    "other APP0": segment(0xE0, SECRET),
    "other APP14": segment(0xEE, SECRET),
    **{f"APP{k}": segment(0xE0 + k, b"any" + SECRET) for k in (3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 15)},
}


@pytest.mark.parametrize("progressive", [False, True])
@pytest.mark.parametrize("kind", APPS)
def test_jpeg_segments(kind: str, progressive: bool) -> None:
    data = saved(Image.fromarray(scene()), "JPEG", progressive=progressive)
    clean = assert_clean(data, "JPEG")
    tables = data.index(b"\xff\xdb")
    scans = [tables, data.index(b"\xff\xda")]
    if progressive:
        scans.append(data.index(b"\xff\xda", scans[-1] + 2))  # between two scans
    for at in scans:
        assert assert_clean(data[:at] + APPS[kind] + data[at:], "JPEG") == clean


def test_jpeg_thumbnail_in_jfif_goes() -> None:
    data = saved(Image.fromarray(scene()), "JPEG")
    assert data[2:4] == b"\xff\xe0"
    thumbnail = b"JFIF\0\1\1\0\0\1\0\1" + bytes([4, 4]) + SECRET.ljust(48, b"!")
    with_thumbnail = data[:2] + segment(0xE0, thumbnail) + data[20:]
    assert assert_clean(with_thumbnail, "JPEG") == assert_clean(data, "JPEG")


def test_jpeg_adobe_marker_stays_as_colours_depend_on_it() -> None:
    data = saved(in_cmyk(), "JPEG")
    at = data.index(b"Adobe")
    longer = data[: at - 4] + segment(0xEE, data[at : at + 12] + SECRET) + data[at + 12 :]
    assert b"Adobe" in assert_clean(longer, "JPEG")
    # Told to be YCCK, the same data has other colours.
    assert_clean(data[: at + 11] + b"\x02" + data[at + 12 :], "JPEG")


def in_cmyk() -> Image.Image:
    return Image.fromarray(scene()).convert("CMYK")


@pytest.mark.parametrize("tail", [SECRET, b"\0\0\0\x18ftypmp42" + SECRET, b"\xff\xd8" + SECRET + b"\xff\xd9"])
def test_what_follows_a_jpeg_goes(tail: bytes) -> None:
    data = saved(Image.fromarray(scene()), "JPEG")
    assert assert_clean(data + tail, "JPEG") == without_metadata(data, "JPEG")


def test_jpeg_with_an_end_in_its_thumbnail_and_fill_bytes() -> None:
    thumbnail = saved(Image.fromarray(scene(8, 8)), "JPEG", comment=SECRET)
    bare = saved(Image.fromarray(scene()), "JPEG")
    data = bare[:2] + segment(0xE1, b"Exif\0\0" + thumbnail) + bare[2:]
    clean = assert_clean(data, "JPEG")
    filled = bare.replace(b"\xff\xdb", b"\xff\xff\xff\xdb").replace(b"\xff\xda", b"\xff\xff\xda")
    assert assert_clean(filled[:-2] + b"\xff\xff\xff\xd9", "JPEG") == clean == assert_clean(bare, "JPEG")


def test_pictures_that_phones_append_go() -> None:
    first, second = Image.fromarray(scene()), Image.fromarray(scene()[::-1].copy())
    data = saved(first, "MPO", save_all=True, append_images=[second])
    result = without_metadata(data, "JPEG")
    assert result is not None
    assert b"MPF" not in result
    assert len(result) < 0.6 * len(data)
    np.testing.assert_array_equal(read(Loaded(Path("x"), result)).pixels, read(Loaded(Path("x"), data)).pixels)


def test_jpegs_that_are_not_treated() -> None:
    data = saved(Image.fromarray(scene()), "JPEG")
    frame = data[data.index(b"\xff\xc0") :][:19]
    scan = data.index(b"\xff\xda")
    for damaged in (
        data[:-2],  # no end
        data[:-40],
        data[:scan] + b"\xff\xd9",  # no pixels
        data[:scan] + frame + data[scan:],  # two sizes
        data[:2] + b"junk" + data[2:],
        data[:2] + segment(0xF0, b"") + data[2:],  # extensions that nobody knows
        data[:2] + segment(0xC8, b"") + data[2:],
        data[:-2] + segment(0xDC, b"\0\x25") + data[-2:],  # the height afterwards
        data[:2] + b"\xff\xe1\0\1" + data[2:],
        data[:20] + b"\xff\xd8" + data[20:],
    ):
        assert without_metadata(damaged, "JPEG") is None


CHUNKS = {
    "tEXt": chunk(b"tEXt", b"Comment\0" + SECRET),
    "zTXt": chunk(b"zTXt", b"Comment\0\0" + zlib.compress(SECRET)),
    "iTXt": chunk(b"iTXt", b"Comment\0\0\0en\0\0" + SECRET),
    "XMP": chunk(b"iTXt", b"XML:com.adobe.xmp\0\0\0\0\0" + XMP),
    "eXIf": chunk(b"eXIf", personal_exif(3)[6:]),
    "tIME": chunk(b"tIME", b"\x07\xe8\1\1\1\1\1"),
    "private": chunk(b"prVt", SECRET),
    "caBX": chunk(b"caBX", SECRET),
    "pHYs": chunk(b"pHYs", struct.pack(">IIB", 3000, 3000, 1)),
    "gAMA": chunk(b"gAMA", struct.pack(">I", 45455)),
    "bad checksum": chunk(b"tEXt", b"Comment\0" + SECRET)[:-1] + b"?",
}


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA", "16", "keyed", "transparent palette"])
@pytest.mark.parametrize("kind", CHUNKS)
def test_png_chunks(kind: str, mode: str) -> None:
    image = Image.fromarray(scene())
    if mode == "16":
        data = encode(scene(dtype=np.uint16), "PNG", 9)
    elif mode == "keyed":
        data = saved(image, "PNG", transparency=tuple(int(v) for v in scene()[3, 4]))
    elif mode == "transparent palette":
        data = saved(image.convert("P"), "PNG", transparency=bytes(range(256)))
    else:
        data = saved(Image.fromarray(scene(channels=4)) if mode == "RGBA" else image.convert(mode), "PNG")
    parts = pieces(data)
    clean = assert_clean(data, "PNG")
    np.testing.assert_array_equal(read(Loaded(Path("x"), clean)).pixels, read(Loaded(Path("x"), data)).pixels)
    first = next(k for k, part in enumerate(parts) if part[4:8] == b"IDAT")
    places = [1, first, len(parts) - 1]
    for place in places[:1] if kind == "bad checksum" else places:
        planted = data[:8] + b"".join([*parts[:place], CHUNKS[kind], *parts[place:]])
        if kind == "bad checksum":  # Pillow refuses it, and so may we treat it or not
            assert without_metadata(planted, "PNG") in (clean, None)
        else:
            assert assert_clean(planted, "PNG") == clean
    assert assert_clean(data + SECRET, "PNG") == clean


def test_animated_png_becomes_its_first_picture() -> None:
    frames = [Image.fromarray(np.roll(scene(), 5 * k, axis=1)) for k in range(3)]
    data = saved(frames[0], "PNG", save_all=True, append_images=frames[1:])
    result = without_metadata(data, "PNG")
    assert result is not None
    assert b"acTL" not in result
    np.testing.assert_array_equal(read(Loaded(Path("x"), result)).pixels, scene())


def test_a_palette_that_nothing_needs_goes() -> None:
    data = saved(Image.fromarray(scene()), "PNG")
    palette = chunk(b"PLTE", SECRET[:30])
    planted = data[:33] + palette + data[33:]
    assert SECRET[:30] not in (without_metadata(planted, "PNG") or SECRET)
    assert stored(without_metadata(planted, "PNG") or b"") == stored(data)


def test_pngs_that_are_not_treated() -> None:
    data = saved(Image.fromarray(scene()).convert("P"), "PNG")
    parts = pieces(data)
    head, palette, *pixels, end = parts

    def made(*chosen: bytes) -> bytes:
        return data[:8] + b"".join(chosen)

    assert without_metadata(made(head, palette, *pixels, end), "PNG") == data
    for damaged in (
        data[:-12],
        data[:-1],
        b"\0" + data,
        made(head, head, palette, *pixels, end),
        made(palette, head, *pixels, end),
        made(head, *pixels, end),
        made(head, palette, palette, *pixels, end),
        made(head, palette, end),
        made(head, palette, chunk(b"CgBI", b"\0\0\0\0"), *pixels, end),
        made(head, palette, *pixels, chunk(b"teXt", b"x"), *pixels, end),
        made(head, palette, chunk(b"tRNS", b""), *pixels, end),
        made(head, palette, chunk(b"tRNS", bytes(300)), *pixels, end),
        made(head, palette, *pixels[:-1], pixels[-1][:-1] + b"?", end),
        made(head, palette, *pixels, chunk(b"IEND", SECRET)),
    ):
        assert without_metadata(damaged, "PNG") is None


@pytest.mark.parametrize("mode", ["RGB", "RGBA"])
@pytest.mark.parametrize("lossless", [False, True])
def test_webp(lossless: bool, mode: str) -> None:
    image = Image.fromarray(scene(channels=len(mode)))
    bare = saved(image, "WEBP", lossless=lossless, exact=True)
    data = saved(image, "WEBP", lossless=lossless, exact=True, exif=personal_exif(6), xmp=XMP)
    assert SECRET in data
    clean = assert_clean(data, "WEBP")
    assert stored(clean) == stored(bare)
    at = data.index(b"VP8X") + 18
    for planted in (
        data[:at] + riff_chunk(b"oddX", SECRET) + data[at:],
        data + riff_chunk(b"UNKN", SECRET),
        data[:at] + riff_chunk(b"oddX", SECRET[:-1]) + data[at:],
    ):
        sized = planted[:4] + struct.pack("<I", len(planted) - 8) + planted[8:]
        assert assert_clean(sized, "WEBP") == clean
    assert assert_clean(data + SECRET, "WEBP") == clean  # behind the end that RIFF tells


def test_webp_of_the_simple_kind() -> None:
    data = saved(Image.fromarray(scene()), "WEBP")
    assert data[12:16] == b"VP8 "
    assert assert_clean(data, "WEBP") == data
    planted = data + riff_chunk(b"EXIF", SECRET)
    planted = planted[:4] + struct.pack("<I", len(planted) - 8) + planted[8:]
    assert assert_clean(planted, "WEBP") == data


def test_webps_that_are_not_treated() -> None:
    frames = [Image.fromarray(scene()), Image.fromarray(scene()[::-1].copy())]
    animated = saved(frames[0], "WEBP", save_all=True, append_images=frames[1:])
    data = saved(frames[0], "WEBP")
    body = data[12:]
    for untreatable in (
        animated,
        data[:-1],
        data[:20],
        riff(body, body),
        riff(riff_chunk(b"EXIF", SECRET)),
        riff(riff_chunk(b"ALPH", b"\0"), body),
        riff(riff_chunk(b"VP8X", bytes(9)), body),
        riff(body, riff_chunk(b"VP8X", bytes(10))),
        b"RIFX" + data[4:],
    ):
        assert without_metadata(untreatable, "WEBP") is None


@pytest.mark.parametrize("width", [1, 2, 3, 4, 53])
@pytest.mark.parametrize("mode", ["L", "RGB"])
def test_bmp_is_left_as_it_is_or_alone(mode: str, width: int) -> None:
    data = saved(Image.fromarray(scene(7, width)).convert(mode), "BMP")
    if mode == "RGB":
        data = data[:2] + struct.pack("<I", len(data)) + data[6:]
    assert without_metadata(data, "BMP") == data
    with Image.open(io.BytesIO(data)) as image:
        row = image.width * len(mode)
    planted = [
        data + SECRET,
        data[:6] + SECRET[:4] + data[10:],  # in bytes that mean nothing
        data[:2] + struct.pack("<II", len(data) + 4, 0) + struct.pack("<I", 58 if mode == "RGB" else 1082) + data[14:],
    ]
    if mode == "L":
        planted.append(data[:57] + b"!" + data[58:])
    if row % 4:
        planted.append(data[:-1] + b"!")  # behind the last pixel of a row
    for untreatable in planted:
        assert without_metadata(untreatable, "BMP") is None


@pytest.mark.parametrize("mode", ["1", "P", "RGBA"])
def test_bmp_of_other_kinds_is_not_treated(mode: str) -> None:
    data = saved(Image.fromarray(scene(channels=4)).convert(mode), "BMP")
    assert without_metadata(data, "BMP") in (None, data)


@pytest.mark.parametrize("file_format", ["JPEG", "PNG", "WEBP"])
def test_a_profile_other_than_srgb_cannot_be_left_out(file_format: str) -> None:
    image = Image.fromarray(scene())
    for profile in (p3_profile(), p3_profile("sRGB IEC61966-2.1"), grey_profile(), b"damaged"):
        assert without_metadata(saved(image, file_format, icc_profile=profile), file_format) is None
    assert_clean(saved(image, file_format, icc_profile=srgb_profile()), file_format)


def test_a_profile_in_parts() -> None:
    data = saved(Image.fromarray(scene()), "JPEG")
    profile = srgb_profile().ljust(9000, b"\0")
    parts = [segment(0xE2, b"ICC_PROFILE\0" + bytes([k, 3]) + profile[3000 * (k - 1) : 3000 * k]) for k in (2, 3, 1)]
    assert_clean(data[:20] + b"".join(parts) + data[20:], "JPEG")


@pytest.mark.parametrize("file_format", ["TIFF", "GIF", "AVIF", "HEIF", "JPEG2000", "PPM", "TGA", "", "jpeg"])
def test_other_formats_are_not_treated(file_format: str) -> None:
    for kind in TREATED:
        assert without_metadata(saved(Image.fromarray(scene()), kind), file_format) is None
    assert without_metadata(saved(Image.fromarray(scene()), "TIFF"), file_format) is None


# --- any file ---------------------------------------------------------------------------------------------------------


@given(data=st.binary(max_size=200))
@pytest.mark.parametrize("file_format", TREATED)
def test_no_bytes_are_too_strange(file_format: str, data: bytes) -> None:
    for start in (b"", b"\xff\xd8", b"\xff\xd8\xff\xda\0\2", b"\x89PNG\r\n\x1a\n", b"RIFF\x40\0\0\0WEBP", b"BM"):
        without_metadata(start + data, file_format)


WHOLE = {
    "JPEG": saved(Image.fromarray(scene()), "JPEG", exif=personal_exif(6), comment=SECRET, restart_marker_rows=1),
    "PNG": saved(Image.fromarray(scene()).convert("P"), "PNG", exif=personal_exif(6), transparency=3),
    "WEBP": saved(Image.fromarray(scene(channels=4)), "WEBP", exif=personal_exif(6), xmp=XMP),
    "BMP": saved(Image.fromarray(scene()).convert("L"), "BMP"),
}


@settings(max_examples=150)
@given(seed=st.integers(0, 2**32 - 1))
@pytest.mark.parametrize("file_format", TREATED)
def test_damaged_files_are_refused_or_keep_their_pixels(file_format: str, seed: int) -> None:
    data = mutated(WHOLE[file_format], random.Random(seed))
    result = without_metadata(data, file_format)
    if result is None:
        return
    assert without_metadata(result, file_format) == result
    try:
        before = read(Loaded(Path("x"), data), max_pixels=10**6)
    except PictureError:
        return
    if before.info.format == file_format and not before.notes:
        np.testing.assert_array_equal(read(Loaded(Path("x"), result), max_pixels=10**6).pixels, before.pixels)


@given(
    blocks=st.lists(st.tuples(st.integers(0, 15), st.binary(max_size=40)), max_size=6),
    tail=st.binary(max_size=30),
    progressive=st.booleans(),
)
def test_jpegs_with_any_segments(blocks: list[tuple[int, bytes]], tail: bytes, progressive: bool) -> None:
    data = saved(Image.fromarray(scene(20, 30)), "JPEG", progressive=progressive)
    planted = b"".join(segment(0xE0 + kind, b"?" + content + SECRET) for kind, content in blocks)
    assert assert_clean(data[:20] + planted + data[20:] + tail, "JPEG") == without_metadata(data, "JPEG")


@given(names=st.lists(st.text("abcdefghijklmnopqrstuvwxyz", min_size=4, max_size=4), max_size=5))
def test_pngs_with_any_chunks(names: list[str]) -> None:
    data = saved(Image.fromarray(scene(20, 30)), "PNG")
    planted = b"".join(chunk(name[:2].encode() + name[2:].capitalize().encode(), SECRET) for name in names)
    assert assert_clean(data[:33] + planted + data[33:-12] + planted + data[-12:], "PNG") == data


def taken(photograph: bytes, orientation: int) -> bytes:
    """A photograph as a camera leaves it and a program sends it on: EXIF with a position, XMP, IPTC, words, a tail."""
    parts = [segment(0xE1, personal_exif(orientation)), *(APPS[kind] for kind in ("APP1 XMP", "APP13 IPTC", "COM"))]
    return photograph[:20] + b"".join(parts) + photograph[20:] + SECRET


@pytest.mark.parametrize("photograph", PHOTOGRAPHS[::3], ids=lambda path: path.stem)
def test_photographs_with_all_that_cameras_and_programs_write(photograph: Path) -> None:
    bare = photograph.read_bytes()
    if photograph.suffix == ".png":
        parts = pieces(bare)
        planted = [chunk for kind, chunk in CHUNKS.items() if kind != "bad checksum"]
        data = bare[:8] + b"".join([parts[0], *planted, *parts[1:]]) + SECRET
        assert_treated(data, "PNG", 3)
        return
    for orientation in (1, 6):
        data = taken(bare, orientation)
        assert_treated(data, "JPEG", orientation)
        np.testing.assert_array_equal(
            read(Loaded(photograph, without_metadata(data, "JPEG") or b"")).pixels, read(photograph).pixels
        )


def assert_treated(data: bytes, file_format: str, orientation: int) -> None:
    before = read(Loaded(Path("x"), data))
    assert (before.info.format, before.info.orientation) == (file_format, orientation)
    assert set(before.dropped) >= {"EXIF with GPS position", "XMP", "text" if file_format == "PNG" else "comment"}
    after = read(Loaded(Path("x"), assert_clean(data, file_format)))
    assert after.notes == tuple(note for note in before.notes if not note.startswith("EXIF"))
    if orientation == 1:
        np.testing.assert_array_equal(after.pixels, before.pixels)


@pytest.mark.parametrize("name", pngs.SOUND)
def test_every_kind_of_png(name: str) -> None:
    data, expected, _ = pngs.SOUND[name].data, pngs.SOUND[name].pixels, pngs.SOUND[name].gamma
    before = read(Loaded(Path("x"), data))
    parts = pieces(data)
    for file in (data, data[:8] + b"".join([parts[0], CHUNKS["tEXt"], CHUNKS["eXIf"], *parts[1:]])):
        result = without_metadata(file, "PNG")
        if not np.array_equal(before.pixels, expected) or before.profile is not None:
            assert result is None, "a gamma cannot be left out"
        else:
            assert result is not None
            assert_clean(file, "PNG")
            np.testing.assert_array_equal(read(Loaded(Path("x"), result)).pixels, expected)


@pytest.mark.parametrize("name", pngs.BROKEN)
def test_broken_pngs_are_not_made_whole(name: str) -> None:
    result = without_metadata(pngs.BROKEN[name], "PNG")
    if result is not None:
        with pytest.raises(PictureError):
            read(Loaded(Path("x"), result))


def test_pictures_of_others() -> None:
    """Those of a folder beside the checkout, where there is one."""
    paths = [path for path in sorted(BESIDE.rglob("*")) if path.suffix.lower() in (".jpg", ".png")]
    chosen = [path for path in paths if "pngsuite" in str(path) or "exif" in str(path)] + paths[::9]
    treated = untreatable = 0
    for path in chosen:
        try:
            before = read(path)
        except PictureError:
            continue
        data = path.read_bytes()
        result = without_metadata(data, before.info.format)
        if any(note.endswith(("converted to sRGB", "keep their own space)")) for note in before.notes):
            assert result is None, path
            untreatable += 1
        if result is None:
            continue
        treated += 1
        assert stored(result) == stored(data), path
        after = read(Loaded(path, result))
        assert after.dropped == ()
        assert after.notes == tuple(note for note in before.notes if not note.startswith(("EXIF", "damaged metadata")))
        if before.info.orientation == 1:
            np.testing.assert_array_equal(after.pixels, before.pixels)
        assert without_metadata(result, before.info.format) == result
        assert not any(word in result for word in (b"Exif\0\0", b"adobe.com/xap", b"Photoshop 3.0", b"tEXt"))
    assert treated >= (len(chosen) - untreatable) * 0.7
