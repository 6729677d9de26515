from __future__ import annotations

import dataclasses
import errno
import json
import pickle
import shutil
import struct
import zlib
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from exporting import hashes, picture, pipeline
from pictures import smooth
from PIL import Image

from augstudio import storage
from augstudio.dataset.scanning import scan
from augstudio.export import Settings, plan_export
from augstudio.export.job import Job, run_job
from augstudio.images import Encoding, Format, colours, encode, read
from augstudio.pipeline import Fit, Output, Pipeline


def only_job(source: Path, out: Path, **fields: Any) -> Job:
    """The job of the only picture in a folder."""
    (out / "images").mkdir(parents=True, exist_ok=True)
    (made,) = plan_export(Settings(out, **{"pipeline": pipeline(), "copies": 2, **fields}), scan(source)).jobs()
    return made


@pytest.fixture
def one(tmp_path: Path) -> Path:
    picture(tmp_path / "in" / "cat" / "one.png")
    return tmp_path / "in"


def test_a_job_is_a_plain_value(one: Path, tmp_path: Path) -> None:
    made = only_job(one, tmp_path / "out", originals=True)
    assert pickle.loads(pickle.dumps(made)) == made
    fields = json.loads(json.dumps(dataclasses.asdict(made)))
    lists = {name: tuple(value) for name, value in fields.items() if isinstance(value, list)}
    assert Job(**{**fields, **lists}) == made


def test_a_copy_is_what_the_pipeline_makes_of_the_picture(one: Path, tmp_path: Path) -> None:
    result = run_job(only_job(one, tmp_path / "out", seed=7))
    pixels = read(one / "cat" / "one.png").pixels
    assert [output.copy for output in result.outputs] == [1, 2]
    for output in result.outputs:
        assert output.path == f"images/cat/one__aug{output.copy}.png"
        exported = read(tmp_path / "out" / output.path).pixels
        draws = pipeline().draw(7, "cat/one.png", output.copy)
        assert np.array_equal(exported, pipeline().plan(draws, 40, 30).apply(pixels))
        assert np.array_equal(exported, pipeline()(pixels, seed=7, key="cat/one.png", copy=output.copy))
        assert (output.width, output.height) == (40, 30)
        assert output.bytes == (tmp_path / "out" / output.path).stat().st_size
        assert pipeline().redraw(output.draws) == draws


def test_running_again_gives_the_same(one: Path, tmp_path: Path) -> None:
    made = only_job(one, tmp_path / "out")
    assert run_job(made) == run_job(made)
    elsewhere = dataclasses.replace(made, out=str(tmp_path / "else"))
    (tmp_path / "else" / "images").mkdir(parents=True)
    assert run_job(elsewhere) == run_job(made)


@pytest.mark.parametrize(
    "kind", ["grey16", "rgb16", "grey", "grey_alpha", "rgba", "palette", "palette_alpha", "cmyk", "gif"]
)
def test_pictures_stay_what_they_are(kind: str, tmp_path: Path) -> None:
    source = tmp_path / "in"
    source.mkdir()
    shape: tuple[int, ...] = (30, 40, 3)
    dtype: type = np.uint8
    rgb = Image.fromarray(smooth(30, 40, 3))
    match kind:
        case "grey16":
            (source / "a.png").write_bytes(encode(smooth(30, 40, 1, np.uint16), "PNG", 1))
            shape, dtype = (30, 40), np.uint16
        case "rgb16":
            (source / "a.tif").write_bytes(encode(smooth(30, 40, 3, np.uint16), "TIFF", 1))
            dtype = np.uint16
        case "grey":
            picture(source / "a.jpg", 30, 40, 1)
            shape = (30, 40)
        case "grey_alpha":
            (source / "a.png").write_bytes(encode(smooth(30, 40, 2), "PNG", 1))
            shape = (30, 40, 2)
        case "rgba":
            picture(source / "a.png", 30, 40, 4)
            shape = (30, 40, 4)
        case "palette":
            rgb.quantize(32).save(source / "a.png")
        case "palette_alpha":
            rgb.quantize(32).save(source / "a.png", transparency=3)
            shape = (30, 40, 4)
        case "cmyk":
            rgb.convert("CMYK").save(source / "a.jpg")
        case "gif":
            rgb.save(source / "a.gif")
    result = run_job(only_job(source, tmp_path / "out", originals=True))
    assert result.reason == ""
    assert len(result.outputs) == 3
    for output in result.outputs:
        exported = read(tmp_path / "out" / output.path).pixels
        assert (exported.shape, exported.dtype) == (shape, dtype)
    original = read(tmp_path / "out" / result.outputs[0].path).pixels.astype(int)
    pixels = read(next(source.iterdir())).pixels.astype(int)
    assert np.abs(original - pixels).mean() < (6 if kind == "cmyk" else 1e-9)  # JPEG again, the rest exact


@pytest.mark.parametrize("orientation", range(1, 9))
def test_pictures_are_exported_upright(orientation: int, tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    image = Image.fromarray(smooth(30, 40))
    exif = Image.Exif()
    exif[0x0112] = orientation
    image.save(tmp_path / "in" / "a.png", exif=exif)
    result = run_job(only_job(tmp_path / "in", tmp_path / "out", pipeline=Pipeline(), originals=True, copies=1))
    upright = read(tmp_path / "in" / "a.png").pixels
    assert upright.shape == ((30, 40, 3) if orientation < 5 else (40, 30, 3))
    for output in result.outputs:
        exported = read(tmp_path / "out" / output.path)
        assert np.array_equal(exported.pixels, upright)
        assert exported.info.orientation == 1
        assert (output.height, output.width) == upright.shape[:2]


def test_an_original_is_copied_byte_for_byte(tmp_path: Path) -> None:
    source = picture(tmp_path / "in" / "a.jpg")
    result = run_job(only_job(tmp_path / "in", tmp_path / "out", originals=True))
    assert (tmp_path / "out" / "images" / "a__orig.jpg").read_bytes() == source.read_bytes()
    assert result.outputs[0].sha256 == result.source_sha256


@pytest.mark.parametrize("lossless", [False, True])
@pytest.mark.parametrize("animated", [False, True])
def test_webp_stays_with_or_without_loss(lossless: bool, animated: bool, tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    frames = [Image.fromarray(smooth(30, 40, seed=seed)) for seed in (0, 1)]
    more = {"save_all": True, "append_images": frames[1:]} if animated else {}
    frames[0].save(tmp_path / "in" / "a.webp", lossless=lossless, exact=True, icc_profile=p3(), **more)
    source = read(tmp_path / "in" / "a.webp")
    assert source.info.lossless == lossless
    result = run_job(only_job(tmp_path / "in", tmp_path / "out", originals=True, seed=7))
    assert [Path(output.path).suffix for output in result.outputs] == [".webp"] * 3
    for output in result.outputs:
        made = tmp_path / "out" / output.path
        assert (b"VP8L" in made.read_bytes()) == lossless
        exact = pipeline()(source.pixels, seed=7, key="a.webp", copy=output.copy) if output.copy else source.pixels
        assert np.array_equal(read(made).pixels, exact) == lossless
    chosen = run_job(only_job(tmp_path / "in", tmp_path / "lossy", encoding=Encoding(Format.WEBP)))
    assert b"VP8 " in (tmp_path / "lossy" / chosen.outputs[0].path).read_bytes()


def p3() -> bytes:
    """A profile that has to be applied, so that the original is encoded as well."""
    return colours.by_number(12, 13).profile or b""


def test_colours_that_are_not_converted_are_noted(tmp_path: Path) -> None:
    source = picture(tmp_path / "in" / "a.png")
    data = source.read_bytes()
    content = b"cICP" + bytes([9, 16, 0, 1])
    source.write_bytes(data[:33] + struct.pack(">I", 4) + content + struct.pack(">I", zlib.crc32(content)) + data[33:])
    result = run_job(only_job(tmp_path / "in", tmp_path / "out", originals=True))
    assert result.notes == ("HDR (PQ) colours are not converted",)
    original = tmp_path / "out" / "images" / "a__orig.png"
    assert np.array_equal(read(original).pixels, read(source).pixels)
    assert b"cICP" not in original.read_bytes()  # so that it means what the copies mean


def test_a_broken_part_is_no_reason_to_encode_an_original_again(tmp_path: Path) -> None:
    source = picture(tmp_path / "in" / "a.jpg")
    data = source.read_bytes()
    assert data[2:4] == b"\xff\xe0"
    short = data[:2] + b"\xff\xe0\0\7JFIF\0" + data[20:]
    source.write_bytes(short)
    result = run_job(only_job(tmp_path / "in", tmp_path / "out", originals=True))
    assert result.notes == ("damaged metadata ignored",)
    assert (tmp_path / "out" / "images" / "a__orig.jpg").read_bytes() == data[:2] + data[20:]


def test_an_original_in_another_format_or_size_is_encoded_and_not_augmented(tmp_path: Path) -> None:
    source = picture(tmp_path / "in" / "a.jpg", 30, 40)
    result = run_job(only_job(tmp_path / "in", tmp_path / "png", originals=True, encoding=Encoding(Format.PNG)))
    assert [output.path for output in result.outputs] == [f"images/a__{n}.png" for n in ("orig", "aug1", "aug2")]
    assert np.array_equal(read(tmp_path / "png" / "images" / "a__orig.png").pixels, read(source).pixels)

    resized = pipeline(output=Output(fit=Fit.CROP, width=16, height=16))
    result = run_job(
        only_job(tmp_path / "in", tmp_path / "small", pipeline=resized, originals=True, encoding=Encoding(Format.PNG))
    )
    assert {(output.width, output.height) for output in result.outputs} == {(16, 16)}
    alone = resized.edited(transforms=())(read(source).pixels, seed=0)
    assert np.array_equal(read(tmp_path / "small" / "images" / "a__orig.png").pixels, alone)


@pytest.mark.parametrize(("exact", "reduction"), [(False, 4), (True, 1)])
def test_a_large_jpeg_is_read_as_far_as_its_output_needs(exact: bool, reduction: int, tmp_path: Path) -> None:
    picture(tmp_path / "in" / "a.jpg", 480, 640)
    output = Output(fit=Fit.CROP, width=60, height=60, exact=exact)
    fields = {"pipeline": pipeline(output=output), "originals": True, "encoding": Encoding(Format.PNG)}
    result = run_job(only_job(tmp_path / "in", tmp_path / "out", **fields))
    assert [made.reduction for made in result.outputs] == [reduction] * 3
    full = read(tmp_path / "in" / "a.jpg").pixels
    wanted = pipeline(output=output).edited(transforms=())(full, seed=0).astype(float)
    got = read(tmp_path / "out" / "images" / "a__orig.png").pixels
    assert 10 * np.log10(255**2 / max(1e-9, np.mean((got - wanted) ** 2))) > 40


def test_a_wrong_suffix_is_put_right(tmp_path: Path) -> None:
    picture(tmp_path / "in" / "a.png").rename(tmp_path / "in" / "a.jpg")
    result = run_job(only_job(tmp_path / "in", tmp_path / "out", originals=True))
    assert {Path(output.path).suffix for output in result.outputs} == {".png"}


def test_errors_are_values(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "a.jpg").write_bytes(b"no picture")
    result = run_job(only_job(tmp_path / "in", tmp_path / "out"))
    assert (result.reason, result.fatal, result.outputs) == ("not a picture in any known format", False, ())

    picture(tmp_path / "in" / "a.jpg")
    assert "limit of 100" in run_job(only_job(tmp_path / "in", tmp_path / "out", max_pixels=100)).reason
    assert hashes(tmp_path / "out") == {}


@pytest.mark.parametrize(
    ("error", "fatal", "said"),
    [
        (OSError(errno.ENOSPC, "No space left on device"), True, "the disk is full"),
        (OSError(errno.EROFS, "Read-only file system"), True, "nothing can be written to the destination"),
        (OSError(errno.EIO, "Input/output error"), True, "nothing can be written to the destination"),
        (OSError(errno.ENAMETOOLONG, "File name too long"), False, "could not be written: file name too long"),
        (PermissionError(errno.EACCES, "Permission denied"), False, "could not be written: permission denied"),
        (MemoryError(), False, "not enough memory"),
        (RuntimeError("something\nodd"), False, "could not be augmented: something odd"),
    ],
)
def test_failing_to_write(
    error: Exception, fatal: bool, said: str, one: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = storage.write_atomically

    def failing(data: bytes, path: str | Path) -> None:
        if Path(path).stem == "one__aug2":
            raise error
        real(data, path)

    monkeypatch.setattr(storage, "write_atomically", failing)
    result = run_job(only_job(one, tmp_path / "out"))
    assert said in result.reason
    assert "\n" not in result.reason
    assert result.fatal is fatal
    assert [output.copy for output in result.outputs] == [1], "what was complete stays"


def test_a_vanished_destination_is_not_made_anew(one: Path, tmp_path: Path) -> None:
    made = only_job(one, tmp_path / "out")
    shutil.rmtree(tmp_path / "out")
    result = run_job(made)
    assert result.fatal
    assert result.reason == "the destination has vanished"
    assert not (tmp_path / "out").exists()


def test_a_file_in_the_place_of_a_folder_costs_its_pictures_alone(one: Path, tmp_path: Path) -> None:
    made = only_job(one, tmp_path / "out")
    (tmp_path / "out" / "images" / "cat").write_text("in the way")
    result = run_job(made)
    assert not result.fatal
    assert "could not be written" in result.reason


def test_what_a_format_cannot_hold_is_said(tmp_path: Path) -> None:
    picture(tmp_path / "in" / "a.png", 1, 17_000)
    result = run_job(only_job(tmp_path / "in", tmp_path / "out", encoding=Encoding(Format.WEBP)))
    assert "WebP holds at most" in result.reason
