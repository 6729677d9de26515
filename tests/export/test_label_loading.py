"""The lines that load an export with its labels: they run, and find what was written."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from augstudio.dataset.labelling import LabelChoice
from augstudio.dataset.scanning import scan
from augstudio.export import Settings, run_export
from augstudio.export.loading import snippets
from augstudio.export.report import Report
from augstudio.pipeline import Pipeline


def labelled(root: Path, *, masks: bool = False) -> Path:
    """Three pictures to train on and one to validate, with a box or a mask each."""
    for number in range(4):
        split = "val" if number == 3 else "train"
        for folder in ("images", "masks" if masks else "labels"):
            (root / folder / split).mkdir(parents=True, exist_ok=True)
        picture = np.random.default_rng(number).integers(0, 255, (40, 60, 3), np.uint8)
        cv2.imwrite(str(root / "images" / split / f"{number}.png"), picture)
        if masks:
            mask = np.zeros((40, 60), np.uint8)
            mask[10:30, 20:50] = 1 + number % 2
            cv2.imwrite(str(root / "masks" / split / f"{number}.png"), mask)
        else:
            (root / "labels" / split / f"{number}.txt").write_text(f"{number % 2} 0.5 0.5 0.4 0.5\n")
    if not masks:
        (root / "data.yaml").write_text("names: [cat, dog]\n")
    return root


def exported(source: Path, out: Path, written: str = "") -> Report:
    settings = Settings(out, Pipeline(), copies=2, workers=0, labels=LabelChoice(written=written))
    return run_export(settings, scan(source))


def run(report: Report, library: str) -> dict[str, Any]:
    (code,) = (snippet.code for snippet in snippets(report) if snippet.library == library)
    found: dict[str, Any] = {}
    exec(compile(code, library, "exec"), found)
    return found


@pytest.mark.parametrize("layout", ["instances", "roboflow"])
def test_pycocotools(layout: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    source = labelled(tmp_path / "in")
    settings = Settings(
        tmp_path / "out",
        Pipeline(),
        copies=2,
        workers=0,
        labels=LabelChoice(written="coco", options={"layout": layout}),
    )
    found = run(run_export(settings, scan(source)), "pycocotools")
    assert (len(found["train"].imgs), len(found["val"].imgs)) == (6, 1)
    assert (len(found["train"].anns), len(found["val"].anns)) == (6, 1)
    for image in found["train"].imgs.values():
        assert (tmp_path / "out" / "images" / "train" / image["file_name"]).is_file()


@pytest.mark.filterwarnings("ignore")
def test_supervision(tmp_path: Path) -> None:
    found = run(exported(labelled(tmp_path / "in"), tmp_path / "out", "voc"), "supervision")
    assert (len(found["train"]), len(found["val"])) == (6, 1)
    assert found["train"].classes == ["cat", "dog"]


def test_masks(tmp_path: Path) -> None:
    found = run(exported(labelled(tmp_path / "in", masks=True), tmp_path / "out"), "Masks")
    assert len(found["train"]) == len(found["train_masks"]) == 6
    assert all(path.is_file() for path in (*found["train_masks"], *found["val_masks"]))


def test_ultralytics(tmp_path: Path) -> None:
    report = exported(labelled(tmp_path / "in"), tmp_path / "out")
    (code,) = (snippet.code for snippet in snippets(report) if snippet.library == "Ultralytics")
    compile(code, "Ultralytics", "exec")
    assert repr(f"{tmp_path}/out/data.yaml") in code
    assert (tmp_path / "out" / "data.yaml").is_file()
    assert {snippet.library for snippet in snippets(report)} == {"Ultralytics", "PyTorch", "Keras", "Hugging Face"}
