"""The sample pictures as they ship, and copying them into a folder."""

from __future__ import annotations

import os
import sys
import time
import tomllib
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from permissions import held, permissions_hold
from pictures import smooth
from PIL import Image

from augstudio import files, presets
from augstudio.advice import Level, advise
from augstudio.dataset import DatasetError, FolderTakenError, ScanStopped, copy_sample, scan
from augstudio.dataset.facts import look_at
from augstudio.export import Settings, parse_split, plan_export
from augstudio.images import encode
from augstudio.pipeline import Fit, Output
from augstudio.transforms import Range, registry

PROJECT = Path(__file__).resolve().parents[2]
SHIPPED = PROJECT / "resources" / "sample"
CLASSES = ("no_text", "text")


def shipped() -> dict[str, bytes]:
    return {name: data for name, data in contents(SHIPPED).items() if "/" in name}


def contents(root: Path) -> dict[str, bytes]:
    return {path.relative_to(root).as_posix(): path.read_bytes() for path in root.rglob("*") if path.is_file()}


# -- what ships --------------------------------------------------------------------------------------------------------


def test_the_pictures_are_sound() -> None:
    names = shipped()
    assert {name.partition("/")[0] for name in names} == set(CLASSES)
    assert 20 <= len(names) <= 32
    assert len(set(names.values())) == len(names)
    sizes = []
    for name in names:
        with Image.open(SHIPPED / name) as image:
            image.load()
            assert image.mode == "RGB"
            assert image.format == ("PNG" if name.endswith(".png") else "JPEG")
            assert not image.getexif()
            assert 320 <= min(image.size) <= max(image.size) <= 1600
            sizes.append(image.size)
            # Something is on it.
            assert np.asarray(image.convert("L")).std() > 12, name
    assert len(set(sizes)) > 20
    assert sum(width > height for width, height in sizes) >= 5
    assert sum(width < height for width, height in sizes) >= 5
    assert sum(width == height for width, height in sizes) >= 3
    assert any(max(size) > 1200 for size in sizes)


def test_the_format_does_not_give_the_class_away() -> None:
    for label in CLASSES:
        suffixes = [Path(name).suffix for name in shipped() if name.startswith(f"{label}/")]
        assert suffixes.count(".png") == 1
        assert suffixes.count(".jpg") == len(suffixes) - 1 >= 9


def test_they_take_little_room() -> None:
    assert sum(map(len, shipped().values())) < 5_000_000


def test_their_origin_is_told() -> None:
    assert "augstudio/dataset/sample" in (SHIPPED / "ORIGIN.md").read_text("utf-8")
    assert sorted(path.name for path in SHIPPED.iterdir()) == ["ORIGIN.md", *CLASSES]


def test_the_wheel_and_the_sdist_hold_them() -> None:
    """`.ci/run` copies them from an installed wheel as well."""
    build = tomllib.loads((PROJECT / "pyproject.toml").read_text("utf-8"))["tool"]["hatch"]["build"]["targets"]
    assert build["wheel"]["force-include"]["resources/sample"] == "augstudio/_data/resources/sample"
    assert "/resources" in build["sdist"]["include"]


def test_no_program_draws_them() -> None:
    assert [path.name for path in (PROJECT / "augstudio" / "dataset").glob("sample*")] == ["sample.py"]


# -- what they serve for -----------------------------------------------------------------------------------------------


def test_they_split_and_balance(tmp_path: Path) -> None:
    copy_sample(tmp_path / "sample")
    dataset = scan(tmp_path / "sample")
    assert dataset.skipped == ()
    assert dataset.classes["no_text"] > dataset.classes["text"], "there is something to balance"
    out, split = str(tmp_path / "out"), parse_split("80/10/10")
    made = plan_export(Settings(out, presets.find("photos"), copies=4, seed=7, split=split, balance="largest"), dataset)
    assert made.remarks == ()
    pictures = {(row.split, row.label): row.pictures for row in made.rows}
    assert pictures.keys() == {(split, label) for split in ("train", "val", "test") for label in CLASSES}
    assert min(pictures.values()) >= 1
    train = {row.label: row.copies for row in made.rows if row.split == "train"}
    assert train["text"] == train["no_text"] == 4 * pictures["train", "no_text"]


def test_noise_on_them_is_cautioned_and_gentle_is_not(tmp_path: Path) -> None:
    """What `make run`, the tour and the README's picture show."""
    copy_sample(tmp_path / "sample")
    gentle = presets.find("gentle")
    facts = look_at(scan(tmp_path / "sample"), gentle.trained_at)
    assert facts is not None
    assert not [caution for caution in advise(gentle, facts) if caution.level is Level.EXCESSIVE]
    noise = registry()["gaussian_noise"].default(sigma=Range(0.0, 0.35))
    output = Output(fit=Fit.CROP, width=224, height=224)
    noisy = gentle.edited(transforms=(*gentle.transforms, noise), output=output)
    raised = [caution for caution in advise(noisy, facts) if caution.level is Level.EXCESSIVE]
    assert raised
    assert all(caution.remedy and caution.step == noisy.transforms[-1].id for caution in raised)


# -- copying them ------------------------------------------------------------------------------------------------------


def test_they_are_copied_as_they_are(tmp_path: Path) -> None:
    told: list[tuple[int, int]] = []
    paths = copy_sample(tmp_path / "new" / "sample", progress=lambda done, total: told.append((done, total)))
    assert contents(tmp_path / "new" / "sample") == shipped()
    assert paths == sorted(paths)
    assert [path.relative_to(tmp_path / "new" / "sample").as_posix() for path in paths] == sorted(shipped())
    assert told == [(done, len(paths)) for done in range(len(paths) + 1)]


def test_copying_takes_no_drawing(tmp_path: Path) -> None:
    """The clock of this process's own work, which runs no faster on a busy machine: drawing them took 20 s of it."""
    began = time.process_time()
    copy_sample(tmp_path / "sample")
    assert time.process_time() - began < 1


def test_an_empty_folder_is_taken(tmp_path: Path) -> None:
    (tmp_path / ".DS_Store").touch()
    copy_sample(tmp_path)
    assert scan(tmp_path).sources


def test_what_is_there_is_left_and_what_is_missing_comes_back(tmp_path: Path) -> None:
    first, *_, last = copy_sample(tmp_path)
    (tmp_path / "text" / ".augstudio-0123.tmp").write_bytes(b"interrupted")
    last.unlink()
    os.utime(first, (1, 1))
    copy_sample(tmp_path)
    assert first.stat().st_mtime == 1
    assert {name: data for name, data in contents(tmp_path).items() if "/." not in name} == shipped()


def test_a_whole_sample_needs_no_writing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    there = copy_sample(tmp_path)
    monkeypatch.setattr(files, "write_atomically", lambda *_: pytest.fail("it wrote"))
    assert copy_sample(tmp_path) == there


def test_what_is_interrupted_is_completed(tmp_path: Path) -> None:
    def stop(done: int, _total: int) -> None:
        if done == 3:
            raise ScanStopped("given up")

    with pytest.raises(ScanStopped, match="given up"):
        copy_sample(tmp_path, progress=stop)
    assert len(contents(tmp_path)) == 3
    copy_sample(tmp_path)
    assert contents(tmp_path) == shipped()


def add(name: str) -> Callable[[Path], str]:
    def change(root: Path) -> str:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_bytes(b"precious")
        return name

    return change


def edit(root: Path) -> str:
    """Change a byte of a picture of the sample."""
    path = root / "text" / "shop.jpg"
    data = path.read_bytes()
    path.write_bytes(data[:-1] + bytes([data[-1] ^ 1]))
    return "text/shop.jpg"


def be_an_earlier_one(root: Path) -> str:
    """Turn it into what earlier versions drew, with a number before each name."""
    for number, path in enumerate(sorted(root.glob("*/*")), 1):
        path.rename(path.with_name(f"{number:03d}_{path.name}"))
    return "no_text/001_bird.jpg"


def put_a_folder(root: Path) -> str:
    (root / "text" / "shop.jpg").unlink()
    (root / "text" / "shop.jpg").mkdir()
    return "text/shop.jpg"


def put_a_link(root: Path) -> str:
    (root / "text" / "shop.jpg").unlink()
    (root / "text" / "shop.jpg").symlink_to(root / "gone.jpg")
    return "text/shop.jpg"


STRANGE = (
    *map(add, ("mine.jpg", "text/mine.jpg", "text/bird.jpg", "pets/shop.jpg", "text/a/b.jpg", "ORIGIN.md")),
    edit,
    be_an_earlier_one,
    put_a_folder,
    pytest.param(put_a_link, marks=pytest.mark.skipif(sys.platform == "win32", reason="links need a privilege")),
)


@pytest.mark.parametrize("change", STRANGE)
def test_anything_else_is_refused_and_kept(tmp_path: Path, change: Callable[[Path], str]) -> None:
    copy_sample(tmp_path)
    (tmp_path / "text" / "sticker.jpg").unlink()
    named = change(tmp_path)
    before = contents(tmp_path)
    with pytest.raises(FolderTakenError) as caught:
        copy_sample(tmp_path)
    message = str(caught.value)
    assert message.startswith(f"{tmp_path}: the folder holds something else (")
    assert Path(named).parts[0] in message
    assert message.endswith("the sample needs an empty or new folder")
    assert "\n" not in message
    assert contents(tmp_path) == before


def test_other_pictures_are_refused_and_kept(tmp_path: Path) -> None:
    (tmp_path / "lake.jpg").write_bytes(encode(smooth(30, 40), "JPEG", 90))
    before = contents(tmp_path)
    with pytest.raises(FolderTakenError, match=r"something else \(lake\.jpg\)"):
        copy_sample(tmp_path)
    assert contents(tmp_path) == before


def test_target_is_a_file(tmp_path: Path) -> None:
    (tmp_path / "sample").touch()
    with pytest.raises(DatasetError, match="this is a file; the sample needs a folder"):
        copy_sample(tmp_path / "sample")
    with pytest.raises(DatasetError, match="cannot be written here"):
        copy_sample(tmp_path / "sample" / "below")


def test_full_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    written: list[Path] = []

    def write(data: bytes, path: Path) -> None:
        if len(written) == 2:
            raise OSError(28, "No space left on device")
        written.append(path)
        path.write_bytes(data)

    monkeypatch.setattr(files, "write_atomically", write)
    with pytest.raises(DatasetError) as caught:
        copy_sample(tmp_path / "sample")
    assert str(caught.value) == f"{tmp_path / 'sample'}: the sample cannot be written here (no space left on device)"


@held
def test_unwritable_target(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    try:
        with permissions_hold(), pytest.raises(DatasetError, match=r"cannot be written here \(permission denied\)"):
            copy_sample(tmp_path / "sample")
    finally:
        tmp_path.chmod(0o700)


def test_an_install_without_them_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "resources", lambda: tmp_path / "resources")
    with pytest.raises(DatasetError, match="the sample pictures are missing; install augstudio anew"):
        copy_sample(tmp_path / "sample")
    assert not (tmp_path / "sample").exists()
