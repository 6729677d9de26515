"""Mask files: what is read is what is stored, and what is written is what was read."""

from __future__ import annotations

import contextlib
import io
import struct
import warnings
import zlib
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from layouts import drawn_mask
from pictures import BESIDE, Pixels
from PIL import Image, ImageOps, TiffImagePlugin
from pngs import CHANNELS, DEPTHS, GREY, GREY_ALPHA, PALETTE, RGB, RGBA, WORDS, chunk, colours, file, samples, spread

from augstudio.images import Loaded, PictureError, read
from augstudio.images.colours import adobe_rgb
from augstudio.labels.mask_files import open_mask, turned
from augstudio.labels.mask_png import VOID_COLOUR, Form, encode

KINDS = [(kind, depth) for kind in DEPTHS for depth in DEPTHS[kind]]


def levels(data: bytes, key: str = "masks/a.png") -> Pixels:
    return open_mask(key, data).levels()


def pillow(pixels: Pixels | Image.Image, form: str, **options: Any) -> bytes:
    picture = pixels if isinstance(pixels, Image.Image) else Image.fromarray(pixels)
    stream = io.BytesIO()
    picture.save(stream, form, **options)
    return stream.getvalue()


def palette_picture(pixels: Pixels, palette: bytes = colours(8).tobytes()) -> Image.Image:
    picture = Image.fromarray(pixels)
    picture.putpalette(palette)
    return picture


@pytest.mark.parametrize("interlaced", [False, True])
@pytest.mark.parametrize(("kind", "depth"), KINDS, ids=[f"{WORDS[kind]}-{depth}" for kind, depth in KINDS])
def test_every_png_is_read_as_it_is_stored(kind: int, depth: int, interlaced: bool) -> None:
    stored = samples(19, 23, kind, depth)
    gamma = chunk(b"gAMA", struct.pack(">I", 200_000))
    before = gamma + (chunk(b"PLTE", colours(depth).tobytes()) if kind == PALETTE else b"")
    mask = open_mask("a.png", file(stored, kind, depth, interlaced=interlaced, before=before))
    expected = stored[..., 0].astype(np.uint8) if kind == PALETTE else spread(stored, depth)
    found = mask.levels()
    assert found.dtype == expected.dtype
    np.testing.assert_array_equal(found, expected)
    assert mask.size == (23, 19)
    assert mask.form.depth == depth
    assert mask.form.palette == (colours(depth).tobytes() if kind == PALETTE else None)
    assert not mask.plain, "it has a gamma"


@pytest.mark.parametrize(("kind", "depth"), KINDS, ids=[f"{WORDS[kind]}-{depth}" for kind, depth in KINDS])
def test_every_png_is_written_as_it_was_read(kind: int, depth: int) -> None:
    stored = samples(19, 23, kind, depth)
    parts = b""
    if kind == PALETTE:
        parts = chunk(b"PLTE", colours(depth).tobytes()) + chunk(b"tRNS", b"\x00\x80")
    elif kind in (GREY, RGB):
        parts = chunk(b"tRNS", struct.pack(">H", 1) * CHANNELS[kind])
    data = file(stored, kind, depth, before=parts)
    mask = open_mask("a.png", data)
    assert mask.plain
    written = encode(mask.levels(), mask.form)
    assert written[:33] == data[:33], "size, depth and kind"
    again = open_mask("a.png", written)
    np.testing.assert_array_equal(again.levels(), mask.levels())
    assert again.form == mask.form
    assert again.plain
    if depth <= 8 or kind == GREY:
        with Image.open(io.BytesIO(data)) as before, Image.open(io.BytesIO(written)) as after:
            assert before.mode == after.mode
            assert before.info.get("transparency") == after.info.get("transparency")
            np.testing.assert_array_equal(np.asarray(before), np.asarray(after))


@pytest.mark.skipif(not BESIDE.is_dir(), reason="the public samples are not here")
def test_the_public_suite() -> None:
    checked = 0
    for path in sorted((BESIDE / "pngsuite_free").glob("*.png")):
        data = path.read_bytes()
        try:
            mask = open_mask(path.name, data)
            found = mask.levels()
        except PictureError:
            assert path.name.startswith("x"), path.name
            continue
        assert not path.name.startswith("x"), path.name
        with Image.open(path) as picture:
            if picture.mode in ("P", "L", "LA", "RGBA") and mask.form.depth <= 8:
                np.testing.assert_array_equal(found, np.asarray(picture), path.name)
        with Image.open(io.BytesIO(encode(found, mask.form))) as after, Image.open(path) as picture:
            assert after.mode == picture.mode, path.name
            np.testing.assert_array_equal(np.asarray(after), np.asarray(picture), path.name)
        checked += 1
    assert checked > 150


def test_of_one_bit_is_two_valued() -> None:
    drawn = drawn_mask(3)
    for form, suffix in (("PNG", "png"), ("TIFF", "tif"), ("BMP", "bmp")):
        mask = open_mask(f"a.{suffix}", pillow(Image.fromarray(drawn).convert("1"), form))
        np.testing.assert_array_equal(mask.levels(), drawn)
        assert mask.form == Form(1)
        with Image.open(io.BytesIO(encode(mask.levels(), mask.form))) as written:
            assert written.mode == "1"
            np.testing.assert_array_equal(np.asarray(written), drawn > 0)


@pytest.mark.parametrize("form", ["BMP", "TIFF", "GIF", "TGA", "PPM"])
def test_grey_of_other_formats(form: str) -> None:
    drawn = drawn_mask(3, (1, 2, 255))
    mask = open_mask(f"a.{form.lower()}", pillow(drawn, form))
    if mask.form.palette is None:
        np.testing.assert_array_equal(mask.levels(), drawn)
    else:
        colour = np.frombuffer(mask.form.palette, np.uint8).reshape(-1, 3)[mask.levels()]
        np.testing.assert_array_equal(colour, drawn[..., None].repeat(3, 2))
    assert not mask.lossy
    assert not mask.plain


@pytest.mark.parametrize(
    ("form", "options"),
    [("BMP", {}), ("TIFF", {}), ("TIFF", {"compression": "tiff_lzw"}), ("GIF", {"optimize": False}), ("TGA", {})],
)
def test_palettes_of_other_formats_stay_palettes(form: str, options: dict[str, Any]) -> None:
    drawn = drawn_mask(3, (1, 15, 200))
    mask = open_mask(f"a.{form.lower()}", pillow(palette_picture(drawn), form, **options))
    np.testing.assert_array_equal(mask.levels(), drawn)
    assert mask.form.palette is not None
    assert mask.form.palette[:603] == colours(8).tobytes()[:603]
    with Image.open(io.BytesIO(encode(mask.levels(), mask.form))) as written:
        assert written.mode == "P"
        np.testing.assert_array_equal(np.asarray(written), drawn)


def test_a_see_through_gif_keeps_its_numbers() -> None:
    drawn = drawn_mask(3, (1, 15, 200))
    data = pillow(palette_picture(drawn), "GIF", transparency=15, optimize=False)
    mask = open_mask("a.gif", data)
    np.testing.assert_array_equal(mask.levels(), drawn)
    with Image.open(io.BytesIO(encode(mask.levels(), mask.form))) as written:
        assert written.convert("RGBA").getpixel(tuple(np.argwhere(drawn == 15)[0][::-1].tolist()))[3] == 0


def test_a_gif_of_several_pictures_gives_the_first() -> None:
    first, second = (palette_picture(drawn_mask(seed, (1, 2))) for seed in (1, 2))
    mask = open_mask("a.gif", pillow(first, "GIF", save_all=True, append_images=[second], optimize=False))
    assert mask.frames == 2
    np.testing.assert_array_equal(mask.levels(), drawn_mask(1, (1, 2)))


@pytest.mark.parametrize("form", ["TIFF", "PPM", "PNG"])
def test_sixteen_bit(form: str) -> None:
    drawn = drawn_mask(3, (1, 2, 3)).astype(np.uint16) * 20001
    mask = open_mask(f"a.{form.lower()}", pillow(drawn, form))
    assert mask.levels().dtype == np.uint16
    np.testing.assert_array_equal(mask.levels(), drawn)
    written = encode(mask.levels(), mask.form)
    np.testing.assert_array_equal(cv2.imdecode(np.frombuffer(written, np.uint8), cv2.IMREAD_UNCHANGED), drawn)


def test_no_colours_are_managed() -> None:
    """A profile, a gamma or colours of a BMP's header change what pictures show, and no mask."""
    drawn = colours(8)[drawn_mask(3, (1, 2, 3))]
    profile = adobe_rgb(grey=False).profile
    for form in ("PNG", "TIFF", "WEBP"):
        options: dict[str, Any] = {"lossless": True} if form == "WEBP" else {}
        mask = open_mask(f"a.{form.lower()}", pillow(drawn, form, icc_profile=profile, **options))
        np.testing.assert_array_equal(mask.levels(), drawn)
        assert not mask.lossy
        managed = read(Loaded(Path(f"a.{form.lower()}"), pillow(drawn, form, icc_profile=profile, **options))).pixels
        assert not np.array_equal(managed, drawn), "the profile is one that changes pictures"


def test_a_tiffs_palette_of_eight_bit_is_taken_for_that() -> None:
    """As libtiff does: some programs write 0 to 255 where 16 bit are due."""
    drawn = drawn_mask(3, (1, 15, 200))
    table = np.frombuffer(colours(8).tobytes(), np.uint8).reshape(-1, 3).T.ravel().tolist()
    data = pillow(palette_picture(drawn), "TIFF")
    with Image.open(io.BytesIO(data)) as picture:
        assert isinstance(picture, TiffImagePlugin.TiffImageFile)
        sixteen = struct.pack("<768H", *picture.tag_v2[320])
    assert data.count(sixteen) == 1
    mask = open_mask("a.tif", data.replace(sixteen, struct.pack("<768H", *table)))
    assert mask.form.palette == colours(8).tobytes()
    np.testing.assert_array_equal(mask.levels(), drawn)


def test_a_gif_that_leaves_pixels_open_is_refused() -> None:
    data = bytearray(pillow(palette_picture(drawn_mask(3, (1, 2))), "GIF", optimize=False))
    data[6:8] = struct.pack("<H", 200)  # wider than its only frame
    with pytest.raises(PictureError, match="does not cover"):
        open_mask("a.gif", bytes(data)).levels()


@pytest.mark.parametrize("form", ["JPEG", "WEBP"])
def test_lossy_formats_are_told(form: str) -> None:
    assert open_mask("a.x", pillow(drawn_mask(1), form)).lossy


def test_tiff_with_jpeg_inside_is_lossy() -> None:
    assert open_mask("a.tif", pillow(drawn_mask(1), "TIFF", compression="jpeg")).lossy


def test_alpha_is_a_channel_and_not_applied() -> None:
    drawn = np.dstack([colours(8)[drawn_mask(3, (1, 2, 3))], drawn_mask(4, (0, 7))])
    for form in ("PNG", "TIFF"):
        np.testing.assert_array_equal(levels(pillow(drawn, form), f"a.{form.lower()}"), drawn)
    grey = np.ascontiguousarray(drawn[..., [0, 3]])
    data = pillow(Image.fromarray(grey), "PNG")
    np.testing.assert_array_equal(levels(data), grey)
    with Image.open(io.BytesIO(encode(levels(data), Form(8)))) as written:
        assert written.mode == "LA"


def test_levels_beyond_the_depth_are_written_in_eight_bit() -> None:
    four = colours(4).tobytes()
    drawn = drawn_mask(3, (1, 9, 255))
    with Image.open(io.BytesIO(encode(drawn, Form(4, four, b"\0\xff")))) as written:
        assert written.mode == "P"
        np.testing.assert_array_equal(np.asarray(written), drawn)
        palette = written.palette.getdata()[1] if written.palette else b""
        assert palette[:48] == four
        assert palette[3 * 255 :] == VOID_COLOUR
    with Image.open(io.BytesIO(encode(drawn, Form(4)))) as written:
        np.testing.assert_array_equal(np.asarray(written), drawn)


def test_a_see_through_level_goes_along_to_eight_bit() -> None:
    drawn = drawn_mask(3, (17, 34, 100))
    written = open_mask("a.png", encode(drawn, Form(4, None, struct.pack(">H", 2))))
    assert written.form == Form(8, None, struct.pack(">H", 34))


@pytest.mark.parametrize("bad", [np.zeros((0, 4), np.uint8), np.zeros((2, 2), float), np.zeros((2, 2, 5), np.uint8)])
def test_no_mask_is_not_written(bad: Pixels) -> None:
    with pytest.raises(ValueError, match="a mask"):
        encode(bad, Form(8))


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_what_is_written_is_read_back(data: st.DataObject) -> None:
    dtype = data.draw(st.sampled_from([np.uint8, np.uint16]))
    shape = (data.draw(st.integers(1, 9)), data.draw(st.integers(1, 19)))
    channels = data.draw(st.sampled_from([(), (2,), (3,), (4,)]))
    pixels = data.draw(arrays.arrays(dtype, shape + channels))
    depth = 16 if dtype == np.uint16 else data.draw(st.sampled_from([1, 2, 4, 8]))
    palette = data.draw(st.none() | st.binary(min_size=1, max_size=256).map(lambda some: some * 3))
    form = Form(depth, palette, data.draw(st.binary(max_size=8)))
    written = encode(pixels, form)
    mask = open_mask("a.png", written)
    np.testing.assert_array_equal(mask.levels(), pixels)
    assert encode(mask.levels(), mask.form) == written
    with warnings.catch_warnings(), Image.open(io.BytesIO(written)) as opened:
        opened.load()


@pytest.mark.parametrize("depth", [1, 2, 4])
def test_a_palette_has_as_many_transparencies_as_colours_at_most(depth: int) -> None:
    """Where the source has more colours than numbers of its depth."""
    more = 2**depth + 1
    written = encode(np.zeros((1, 1), np.uint8), Form(depth, bytes(3 * more), bytes(more)))
    form = open_mask("a.png", written).form
    assert form.palette is not None
    assert len(form.palette) // 3 == len(form.transparency) == 2**depth
    assert encode(np.zeros((1, 1), np.uint8), form) == written


@pytest.mark.parametrize("orientation", range(1, 9))
def test_turned_as_exif_says(orientation: int) -> None:
    pixels = np.arange(12, dtype=np.uint8).reshape(3, 4)
    exif = Image.Exif()
    exif[274] = orientation
    with Image.open(io.BytesIO(pillow(pixels, "PNG", exif=exif))) as picture:
        expected = np.asarray(ImageOps.exif_transpose(picture))
    found = turned(pixels, orientation)
    np.testing.assert_array_equal(found, expected)
    assert found.flags.c_contiguous
    mask = open_mask("a.png", pillow(pixels, "PNG", exif=exif))
    assert mask.orientation == orientation
    assert mask.size == (4, 3)
    np.testing.assert_array_equal(mask.levels(), pixels)


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("indexed", [False, True])
def test_tiff_is_read_as_stored(orientation: int, indexed: bool) -> None:
    pixels = np.arange(12, dtype=np.uint8).reshape(3, 4)
    picture = palette_picture(pixels) if indexed else Image.fromarray(pixels)
    mask = open_mask("a.tif", pillow(picture, "TIFF", tiffinfo={274: orientation}))
    assert (mask.orientation, mask.size) == (orientation, (4, 3))
    np.testing.assert_array_equal(mask.levels(), pixels)


def _huge() -> bytes:
    return file(np.zeros((1, 1, 1), np.uint16), GREY, 8).replace(
        struct.pack(">II", 1, 1), struct.pack(">II", 2**31 - 1, 2**31 - 1)
    )


def _with_palette(palette: bytes | None, stored: Pixels | None = None) -> bytes:
    stored = np.full((4, 4, 1), 3, np.uint16) if stored is None else stored
    return file(stored, PALETTE, 8, before=b"" if palette is None else chunk(b"PLTE", palette))


def _bomb() -> bytes:
    packed = zlib.compress(bytes(2**24), 9)
    head = chunk(b"IHDR", struct.pack(">IIBBBBB", 4, 4, 8, 0, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + head + chunk(b"IDAT", packed) + chunk(b"IEND", b"")


SOUND = file(samples(9, 9, GREY, 8), GREY, 8)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\x89PNG\r\n\x1a\n",
        b"no picture at all",
        SOUND[:60],
        SOUND[:-20],
        SOUND[:50] + b"\xff" + SOUND[51:],
        _huge(),
        _with_palette(None),
        _with_palette(b""),
        _with_palette(b"\0\0\0\0"),
        pillow(drawn_mask(1), "JPEG")[:200],
        pillow(drawn_mask(1), "TIFF")[:100],
        pillow(palette_picture(drawn_mask(1)), "GIF")[:-30],
        pillow(palette_picture(drawn_mask(1)), "BMP")[:2000],
        b"GIF89a\xff\xff\xff\xff\xf7\0\0",
        b"MM\0*\xff\xff\xff\xff",
        pillow(np.zeros((4, 4), np.float32), "TIFF"),
    ],
    ids=range(17),
)
def test_broken_masks_are_refused_in_words(data: bytes) -> None:
    with pytest.raises(PictureError) as caught:
        open_mask("masks/a.png", data).levels()
    assert caught.value.reason
    assert "\n" not in caught.value.reason


def test_a_bomb_takes_no_more_than_its_header_says() -> None:
    with contextlib.suppress(PictureError):
        assert levels(_bomb()).shape == (4, 4)


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_nothing_but_picture_errors_escapes(data: st.DataObject) -> None:
    drawn = drawn_mask(1, (1, 2, 3))[:40, :50].copy()
    sound = data.draw(
        st.sampled_from(
            [
                file(samples(9, 9, RGBA, 16), RGBA, 16),
                file(samples(9, 9, GREY_ALPHA, 8), GREY_ALPHA, 8),
                *(pillow(palette_picture(drawn), form) for form in ("PNG", "GIF", "BMP", "TIFF", "TGA")),
            ]
        )
    )
    broken = bytearray(sound)
    for _ in range(data.draw(st.integers(1, 4))):
        broken[data.draw(st.integers(0, len(broken) - 1))] = data.draw(st.integers(0, 255))
    cut = data.draw(st.integers(0, len(broken)) | st.just(len(broken)))
    try:
        mask = open_mask("a.tga", bytes(broken[:cut]), max_pixels=10**6)
        encode(mask.levels(), mask.form)
    except PictureError:
        pass


def test_the_same_bytes_every_time() -> None:
    pixels = drawn_mask(5, (1, 2, 3))
    written = [encode(pixels, Form(8, colours(8).tobytes())) for _ in range(2)]
    assert written[0] == written[1] == encode(np.asfortranarray(pixels), Form(8, colours(8).tobytes()))
    assert set(_kinds(written[0])) == {b"IHDR", b"PLTE", b"IDAT", b"IEND"}


def _kinds(png: bytes) -> list[bytes]:
    found, at = [], 8
    while at < len(png):
        found.append(png[at + 4 : at + 8])
        at += 12 + int.from_bytes(png[at : at + 4], "big")
    return found
