from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from augstudio.dataset import DatasetError, draw_sample, scan
from augstudio.dataset.sample import words
from augstudio.dataset.sample.brushes import font
from augstudio.dataset.sample.catalogue import CLASSES, draw_picture, file_name


def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Draw a grey card for each picture: for tests of everything but the drawing."""
    monkeypatch.setattr(
        "augstudio.dataset.sample.catalogue.draw_picture",
        lambda label, index, seed: Image.new("RGB", (8, 6), (index % 256, seed % 256, len(label))),
    )


def contents(root: Path) -> dict[str, bytes]:
    return {path.relative_to(root).as_posix(): path.read_bytes() for path in root.rglob("*") if path.is_file()}


def test_same_bytes_for_the_same_seed(tmp_path: Path) -> None:
    draw_sample(tmp_path / "once", per_class=1)
    draw_sample(tmp_path / "again", per_class=1)
    draw_sample(tmp_path / "other", per_class=1, seed=1)
    once, again, other = (contents(tmp_path / name) for name in ("once", "again", "other"))
    assert once == again
    assert set(other) == set(once)
    assert all(once[name] != data for name, data in other.items())


def test_a_picture_depends_on_its_own_number_only() -> None:
    alone = draw_picture("no_text", 3, 0)
    draw_picture("text", 8, 0)
    assert alone.tobytes() == draw_picture("no_text", 3, 0).tobytes()


def test_layout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    small(monkeypatch)
    told: list[tuple[int, int]] = []
    paths = draw_sample(tmp_path / "sample", progress=lambda done, total: told.append((done, total)))
    assert len(paths) == len(set(paths)) == 72
    assert told == [(done, 72) for done in range(73)]
    dataset = scan(tmp_path / "sample")
    assert dataset.classes == {"no_text": 36, "text": 36}
    assert {source.path for source in dataset.sources} == set(paths)
    for label in CLASSES:
        suffixes = [path.suffix for path in paths if path.parent.name == label]
        assert suffixes.count(".png") == 4
        assert suffixes.count(".jpg") == 32


@pytest.mark.slow
def test_the_whole_sample(tmp_path: Path) -> None:
    paths = draw_sample(tmp_path)
    sizes = set()
    for path in paths:
        with Image.open(path) as image:
            image.load()
            assert image.mode == "RGB"
            assert image.format == ("PNG" if path.suffix == ".png" else "JPEG")
            assert not image.getexif()
            assert 320 <= min(image.size) <= max(image.size) <= 1600
            sizes.add(image.size)
            # Something is on it.
            assert np.asarray(image.convert("L")).std() > 12, path.name
    assert len(sizes) > 50
    assert sum(width > height for width, height in sizes) > 10
    assert sum(width < height for width, height in sizes) > 10
    assert sum(width == height for width, height in sizes) > 5
    assert 2 <= sum(max(size) > 1100 for size in sizes) <= 8
    assert len({path.read_bytes() for path in paths}) == len(paths)


@pytest.mark.slow
def test_every_scene_with_another_seed() -> None:
    for label, subjects in CLASSES.items():
        for index in range(len(subjects)):
            image = draw_picture(label, index + len(subjects), 2**40 + index)
            assert image.mode == "RGB"
            assert min(image.size) >= 320


def texts() -> str:
    """Everything that the words module holds."""

    def flat(value: object) -> str:
        if isinstance(value, str):
            return value
        return "".join(flat(part) for part in value) if isinstance(value, tuple | frozenset) else ""

    return "".join(flat(value) for name, value in vars(words).items() if name.isupper())


def test_the_font_has_every_letter() -> None:
    letters = set(texts()) - set("|\n")
    assert len(letters) > 60
    face = font(40)
    missing = bytes(face.getmask("\uffff"))
    assert [letter for letter in sorted(letters) if letter != " " and bytes(face.getmask(letter)) == missing] == []


def test_earlier_sample_is_replaced(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    small(monkeypatch)
    draw_sample(tmp_path, per_class=5)
    (tmp_path / ".DS_Store").touch()
    (tmp_path / "text" / ".augstudio-0123.part").touch()
    (tmp_path / "text" / file_name("text", 1)).unlink()
    draw_sample(tmp_path, per_class=3, seed=9)
    assert len(scan(tmp_path).sources) == 6
    draw_sample(tmp_path / "fresh" / "folder", per_class=3, seed=9)
    fresh = contents(tmp_path / "fresh" / "folder")
    assert {name: data for name, data in contents(tmp_path).items() if name in fresh} == fresh


STRANGE = ("mine.jpg", "text/mine.jpg", "text/001_cat.jpg", "text/000_shelf.jpg", "pets/001_shop.jpg", "text/a/b.jpg")


@pytest.mark.parametrize("strange", STRANGE)
def test_anything_else_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, strange: str) -> None:
    small(monkeypatch)
    draw_sample(tmp_path, per_class=2)
    (tmp_path / strange).parent.mkdir(parents=True, exist_ok=True)
    (tmp_path / strange).write_bytes(b"precious")
    before = contents(tmp_path)
    with pytest.raises(DatasetError) as caught:
        draw_sample(tmp_path, per_class=2, seed=1)
    message = str(caught.value)
    assert message.startswith(f"{tmp_path}: the folder holds something else (")
    assert Path(strange).parts[0] in message
    assert "\n" not in message
    assert contents(tmp_path) == before


def test_empty_folder_is_taken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    small(monkeypatch)
    assert len(draw_sample(tmp_path, per_class=1)) == 2


def test_target_is_a_file(tmp_path: Path) -> None:
    (tmp_path / "sample").touch()
    with pytest.raises(DatasetError, match="this is a file; the sample needs a folder"):
        draw_sample(tmp_path / "sample")
    with pytest.raises(DatasetError, match="cannot be written here"):
        draw_sample(tmp_path / "sample" / "below")


def test_full_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    small(monkeypatch)
    written: list[Path] = []

    def write(data: bytes, path: Path) -> None:
        if len(written) == 2:
            raise OSError(28, "No space left on device")
        written.append(path)
        path.write_bytes(data)

    monkeypatch.setattr("augstudio.dataset.sample.write_atomically", write)
    with pytest.raises(DatasetError) as caught:
        draw_sample(tmp_path / "sample", per_class=2)
    assert str(caught.value) == f"{tmp_path / 'sample'}: the sample cannot be written here (no space left on device)"


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may write everywhere")
def test_unwritable_target(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    try:
        with pytest.raises(DatasetError, match=r"cannot be written here \(permission denied\)"):
            draw_sample(tmp_path / "sample")
    finally:
        tmp_path.chmod(0o700)


@pytest.mark.parametrize("arguments", [{"per_class": 0}, {"per_class": -1}, {"seed": -1}])
def test_numbers_out_of_range(tmp_path: Path, arguments: dict[str, int]) -> None:
    with pytest.raises(ValueError, match="must be at least"):
        draw_sample(tmp_path / "sample", **arguments)
    assert not (tmp_path / "sample").exists()
