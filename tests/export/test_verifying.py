from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pictures
import pytest
from exporting import export, hashes, photos, pipeline, report
from PIL import Image

from augstudio.dataset.scanning import scan
from augstudio.export import ExportError, Settings, Status, reproduce, run_export, verify, versions
from augstudio.images import Encoding, Format
from augstudio.pipeline import Fit, Output
from augstudio.storage import LocalStorage


@pytest.fixture
def out(tmp_path: Path) -> Path:
    export(photos(tmp_path / "in"), tmp_path / "out", originals=True, seed=3)
    return tmp_path / "out"


# -- verify --------------------------------------------------------------------------------------------------------


def test_an_untouched_export_is_as_it_was_written(out: Path) -> None:
    seen: list[tuple[int, int]] = []
    verdict = verify(out, progress=lambda done, total: seen.append((done, total)))
    assert verdict is not None
    assert verdict.ok
    assert (verdict.checked, verdict.bytes) == (15, report(out)["counts"]["bytes"])
    assert seen[-1] == (15, 15)
    (out / "images" / ".DS_Store").touch()
    assert (again := verify(out)) is not None
    assert again.ok, "what a desktop leaves is nothing to speak of"


def test_missing_changed_and_extra_are_told(out: Path) -> None:
    cat = out / "images" / "cat"
    (cat / "one__aug1.jpg").unlink()
    flipped = bytearray((cat / "one__aug2.jpg").read_bytes())
    flipped[len(flipped) // 2] ^= 1
    (cat / "one__aug2.jpg").write_bytes(flipped)
    (cat / "two__aug1.png").write_bytes(b"")
    (cat / "two__aug2.png").unlink()
    (cat / "two__aug2.png").mkdir()
    (cat / "extra.jpg").write_bytes(b"new")
    (out / "images" / "empty").mkdir()
    verdict = verify(out)
    assert verdict is not None
    assert not verdict.ok
    assert verdict.missing == ("images/cat/one__aug1.jpg",)
    assert verdict.changed == ("images/cat/one__aug2.jpg", "images/cat/two__aug1.png", "images/cat/two__aug2.png")
    assert verdict.extra == ("images/cat/extra.jpg",)
    assert set(verdict.problems) == {
        "images/cat/two__aug2.png is an empty folder, which loaders take for a class",
        "images/empty is an empty folder, which loaders take for a class",
    }


def test_resuming_makes_missing_and_changed_files_again(out: Path, tmp_path: Path) -> None:
    before = hashes(out)
    (out / "images" / "cat" / "one__aug1.jpg").unlink()
    (out / "images" / "dog" / "three__aug2.jpg").write_bytes(b"half")
    done = export(tmp_path / "in", out, originals=True, seed=3, resume=True)
    assert (done.kept, done.done, done.files) == (3, 5, 15)
    assert hashes(out) == before
    verdict = verify(out)
    assert verdict is not None
    assert verdict.ok


def test_what_is_beside_the_pictures_is_held_too(out: Path) -> None:
    manifest = out / "manifest.jsonl"
    lines = manifest.read_bytes().splitlines(keepends=True)
    manifest.write_bytes(b"".join([*lines, lines[0], b"{broken\n"]))
    (out / "preset.json").write_text("{}")
    verdict = verify(out)
    assert verdict is not None
    assert verdict.problems == (
        "preset.json has been changed since the export ended",
        "manifest.jsonl has been changed since the export ended",
        "manifest.jsonl has 1 broken line",
        "manifest.jsonl lists 1 files twice",
    )
    manifest.unlink()
    verdict = verify(out)
    assert verdict is not None
    assert "manifest.jsonl is missing" in verdict.problems
    assert len(verdict.extra) == 15


def test_an_unfinished_export_is_told(tmp_path: Path) -> None:
    done = export(photos(tmp_path / "in"), tmp_path / "out", stop=lambda: True)
    assert done.files == 0
    verdict = verify(tmp_path / "out")
    assert verdict is not None
    assert verdict.problems == ("the export was never finished (cancelled); it can be resumed",)


def test_a_file_without_permission_does_not_end_it(out: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    plain = LocalStorage.read

    def refused(self: LocalStorage, path: str, most: int | None = None) -> bytes:
        if path.endswith("one__aug1.jpg"):
            raise PermissionError(13, "Permission denied")
        return plain(self, path, most)

    monkeypatch.setattr(LocalStorage, "read", refused)
    verdict = verify(out)
    assert verdict is not None
    assert (verdict.checked, verdict.missing, verdict.changed) == (14, (), ())
    assert verdict.problems == ("images/cat/one__aug1.jpg cannot be read: no permission",)


def test_verifying_can_be_stopped_and_needs_an_export(out: Path, tmp_path: Path) -> None:
    assert verify(out, stop=lambda: True) is None
    for folder in (tmp_path / "in", tmp_path / "nowhere"):
        with pytest.raises(ExportError, match="there is no export here"):
            verify(folder)


# -- reproduce -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"encoding": Encoding(Format.JPEG, 80)},
        {"pipeline": pipeline(output=Output(fit=Fit.CROP, width=20, height=16))},
    ],
)
def test_every_file_can_be_made_again(fields: dict[str, object], tmp_path: Path) -> None:
    export(photos(tmp_path / "in"), tmp_path / "out", originals=True, **fields)
    for path in hashes(tmp_path / "out"):
        made = reproduce(tmp_path / "out", path)
        assert (made.path, made.same, made.on_disk, made.why) == (path, True, True, "")
        assert made.data == (tmp_path / "out" / path).read_bytes()


def test_a_file_may_be_named_in_any_way(out: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = "images/cat/one__aug1.jpg"
    monkeypatch.chdir(out.parent)
    for name in (path, "cat/one__aug1.jpg", out / path, f"out/{path}", Path("in/../out") / path):
        assert reproduce("out", name).path == path
    with pytest.raises(ExportError, match=r"manifest.jsonl lists no file cat/nine.jpg; give its path in the export"):
        reproduce(out, "cat/nine.jpg")


def test_a_moved_dataset_is_told_where(out: Path, tmp_path: Path) -> None:
    (tmp_path / "in").rename(tmp_path / "moved")
    with pytest.raises(ExportError, match="no such file; where the dataset has moved, say where it lies now"):
        reproduce(out, "cat/one__aug1.jpg")
    assert reproduce(out, "cat/one__aug1.jpg", source=tmp_path / "moved").same


def test_why_a_file_differs_is_told(out: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = out / "images" / "cat" / "one__aug1.jpg"
    path.write_bytes(b"changed")
    made = reproduce(out, path)
    assert (made.same, made.on_disk) == (True, False)
    path.unlink()
    assert reproduce(out, path).on_disk is None

    Image.fromarray(np.zeros((40, 60, 3), np.uint8)).save(tmp_path / "in" / "cat" / "one.jpg")
    made = reproduce(out, path)
    assert (made.same, made.why) == (False, "the source has been changed since")

    shutil.copy(tmp_path / "in" / "cat" / "two.png", tmp_path / "in" / "cat" / "two.bak")
    lines = (out / "manifest.jsonl").read_text().splitlines()
    changed = [json.loads(line) for line in lines]
    for line in changed:
        line["versions"]["opencv"] = "4.0.0"
        line["sha256"] = "0" * 64
    (out / "manifest.jsonl").write_text("".join(json.dumps(line) + "\n" for line in changed))
    made = reproduce(out, "cat/two__aug1.png")
    assert made.why == f"it was made with other versions: opencv 4.0.0 (here {versions.versions()['opencv']})"


def save(path: Path, pixels: pictures.Pixels) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(pixels).save(path)


# Turned, and the contrast raised, so that a level that a warp rounds otherwise shows.
ELSEWHERE = """
import sys
from augstudio.dataset.scanning import scan
from augstudio.export import Settings, run_export
from augstudio.images import Encoding, Format
from augstudio.pipeline import Pipeline
from augstudio.transforms import registry
turned, stronger = registry()["rotate"].default(angle=(20, 40)), registry()["contrast"].default(factor=(2, 3))
kind = Encoding(Format(sys.argv[3]))
chosen = Settings(sys.argv[2], Pipeline(transforms=(turned, stronger)), copies=3, workers=0, encoding=kind)
run_export(chosen, scan(sys.argv[1]))
"""


@pytest.mark.parametrize("kind", ["png", "jpeg"])
def test_another_processor_explains_rounding_and_no_more(tmp_path: Path, kind: str) -> None:
    """OpenCV leaves out the instruction sets that a variable names, as if the processor did not have them."""
    for number in range(4):
        save(tmp_path / "in" / "cat" / f"{number}.png", pictures.smooth(160, 240, seed=number))
    command = [sys.executable, "-c", ELSEWHERE, str(tmp_path / "in"), str(tmp_path / "out"), kind]
    environment = {**os.environ, "OPENCV_CPU_DISABLE": "AVX2,FMA3,AVX512-SKX"}
    subprocess.run(command, check=True, env=environment)
    out = tmp_path / "out"
    lines = [json.loads(line) for line in (out / "manifest.jsonl").read_text().splitlines()]
    if lines[0]["processor"] == versions.processor():
        pytest.skip("this processor has none of those instruction sets")
    assert verify(out).ok
    made = [reproduce(out, line["path"]) for line in lines]
    assert all(found.ok for found in made)
    differing = [found for found in made if not found.same]
    assert differing, "without fused multiply-add, some level is rounded otherwise"
    for found in differing:
        assert found.levels is not None
        assert 1 <= found.levels <= 32
        assert found.why.startswith(f"the same but for rounding: at most {found.levels} of 255 levels; it was made on")
        assert found.why.endswith(f"({lines[0]['processor']}; here {versions.processor()})")

    # It goes on here without a word, and another picture is no rounding.
    (out / differing[0].path).unlink()
    gone = reproduce(out, differing[0].path)
    assert (gone.levels, gone.ok) == (None, False)
    assert "no file of it in the export to tell by how much" in gone.why
    forged = pictures.noise(160, 240, seed=3)
    save(out / differing[0].path, forged)
    data = (out / differing[0].path).read_bytes()
    for line in lines:
        if line["path"] == differing[0].path:
            line.update(bytes=len(data), sha256=hashlib.sha256(data).hexdigest())
    (out / "manifest.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    other = reproduce(out, differing[0].path)
    assert (other.levels, other.ok) == (None, False)
    assert "more than rounding explains" in other.why


def test_a_resume_does_not_ask_for_the_processor(out: Path, tmp_path: Path) -> None:
    path, before = out / "manifest.jsonl", hashes(out)
    path.write_text(path.read_text().replace(versions.processor(), "z80"))
    (out / "images" / "cat" / "one__aug1.jpg").unlink()
    assert export(tmp_path / "in", out, originals=True, seed=3, resume=True).state is Status.COMPLETE
    assert hashes(out) == before
    assert "z80" in path.read_text(), "what was made there is kept, and says so"
    assert versions.processor() in path.read_text()


def test_a_forged_line_is_refused(out: Path) -> None:
    lines = [json.loads(line) for line in (out / "manifest.jsonl").read_text().splitlines()]
    for line in lines:
        line["draws"] = [{"step": "flip"}]
    (out / "manifest.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    with pytest.raises(ExportError, match=r"the line of images/cat/one__aug1.jpg in manifest.jsonl is damaged"):
        reproduce(out, "cat/one__aug1.jpg")


def test_originals_carry_nothing_private(tmp_path: Path) -> None:
    source, out = tmp_path / "in", tmp_path / "out"
    source.mkdir()
    exif = Image.Exif()
    exif[0x010E] = "secret place"
    exif.get_ifd(0x8825)[1] = "N"
    for name in ("a.jpg", "b.png", "c.webp"):
        Image.fromarray(np.zeros((8, 9, 3), np.uint8)).save(source / name, exif=exif)
    run_export(Settings(str(out), pipeline(), copies=1, originals=True, workers=0), scan(source))
    for path in hashes(out):
        assert b"secret" not in (out / path).read_bytes()
        with Image.open(out / path) as image:
            assert not image.getexif()
    assert sum(report(out)["notes"].values()) == 3
