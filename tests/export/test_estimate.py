from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from exporting import export, photos, picture, pipeline

from augstudio import storage
from augstudio.dataset.scanning import scan
from augstudio.export import Settings, foresee


def test_files_exactly_bytes_about(tmp_path: Path) -> None:
    for number in range(40):
        picture(tmp_path / "in" / f"{number}.jpg", 40 + 2 * number, 60 + number, seed=number)
    dataset = scan(tmp_path / "in")
    settings = Settings(tmp_path / "out", pipeline(), copies=3, originals=True, workers=0)
    estimate = foresee(settings, dataset)
    assert estimate is not None
    assert not (tmp_path / "out").exists(), "nothing is written"
    done = export(dataset, tmp_path / "out", copies=3, originals=True)
    assert estimate.files == done.files == 160
    assert estimate.bytes == pytest.approx(done.bytes, rel=0.2)
    assert estimate.seconds > 0
    assert estimate.free is not None
    assert estimate.fits


def test_it_can_be_stopped(tmp_path: Path) -> None:
    settings = Settings(tmp_path / "out", pipeline())
    assert foresee(settings, scan(photos(tmp_path / "in")), stop=lambda: True) is None


def test_pictures_that_cannot_be_read_are_passed_over(tmp_path: Path) -> None:
    source = photos(tmp_path / "in")
    (source / "broken.jpg").write_text("no picture")
    estimate = foresee(Settings(tmp_path / "out", pipeline(), copies=2), scan(source))
    assert estimate is not None
    assert (estimate.files, estimate.sampled) == (12, 5)


def test_with_nothing_to_go_by(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "broken.jpg").write_text("no picture")
    estimate = foresee(Settings(tmp_path / "in" / "out", pipeline(), copies=2), scan(tmp_path / "in"))
    assert estimate is not None
    assert (estimate.files, estimate.bytes, estimate.sampled, estimate.free) == (2, 0, 0, None)


def test_a_disk_without_room(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(storage.shutil, "disk_usage", lambda path: shutil._ntuple_diskusage(10, 9, 1))
    estimate = foresee(Settings(tmp_path / "out", pipeline()), scan(photos(tmp_path / "in")))
    assert estimate is not None
    assert not estimate.fits
