"""Many labelled pictures open in seconds and are exported without memory growing; unlabelled ones pay for nothing."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from pathlib import Path

import pytest
from label_sets import export, mixed, put
from pictures import smooth
from PIL import Image

from augstudio.dataset import labelling
from augstudio.dataset.scanning import scan
from augstudio.engine.point_map import PointMap
from augstudio.export import Status, runner
from augstudio.export.job import Job, Result, run_job
from augstudio.labels.model import Labelling
from augstudio.labels.picture import PictureLabels

EACH = 10
"""Objects in a picture."""


def many(root: Path, kind: str, number: int) -> Path:
    """So many equal pictures of a few pixels, with ten boxes each."""
    picture = root / "images/train/p0.png"
    picture.parent.mkdir(parents=True)
    Image.fromarray(smooth(16, 24, 3)).save(picture)
    data = picture.read_bytes()
    rows = "".join(f"{i % 3} 0.{i % 8 + 1}5 0.5 0.1 0.{i % 5 + 1}\n" for i in range(EACH)).encode()
    (root / "labels/train").mkdir(parents=True)
    for i in range(number):
        (root / f"images/train/p{i}.png").write_bytes(data)
        if kind == "yolo":
            (root / f"labels/train/p{i}.txt").write_bytes(rows)
    if kind == "yolo":
        put(root / "data.yaml", "train: images/train\nval: images/train\nnames: [a, b, c]\n")
        return root
    (root / "labels/train").rmdir()
    (root / "labels").rmdir()
    images = [{"id": i, "file_name": f"p{i}.png", "width": 24, "height": 16} for i in range(number)]
    annotations = [
        {"id": i * EACH + j, "image_id": i, "category_id": j % 3, "bbox": [j, 2, 5, 5 + j % 5], "area": 25}
        for i in range(number)
        for j in range(EACH)
    ]
    categories = [{"id": i, "name": name} for i, name in enumerate("abc")]
    content = {"images": images, "annotations": annotations, "categories": categories}
    put(root / "annotations/instances_train.json", json.dumps(content))
    return root


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["yolo", "coco"])
def test_twenty_thousand_pictures_open_in_seconds(kind: str, tmp_path: Path) -> None:
    source = many(tmp_path / "in", kind, 20_000)
    began = time.process_time()
    dataset = scan(source)
    labels = labelling.collect(dataset)
    took = time.process_time() - began
    assert labels.count(dataset) == 20_000
    assert not labels.problems
    assert took < 15, f"{took:.1f} s; 1 to 4 were usual"


MEASURE = """
import resource, sys
from augstudio.dataset.scanning import scan
from augstudio.export import Settings, run_export
from augstudio.pipeline import Pipeline
from augstudio.transforms import registry

pipeline = Pipeline(transforms=tuple(registry()[op].default() for op in ("flip", "rotate")))
few, much, out = sys.argv[1:]
for number, source in enumerate((few, much)):
    dataset = scan(source)
    done = run_export(Settings(f"{out}/{number}", pipeline, copies=1, workers=0), dataset)
    assert done.labels.objects > 0
    print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024)
"""


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="tells memory by the kilobyte")
@pytest.mark.parametrize("kind", ["yolo", "coco"])
def test_memory_does_not_grow_with_what_is_exported(kind: str, tmp_path: Path) -> None:
    few, much = many(tmp_path / "few", kind, 400), many(tmp_path / "much", kind, 3000)
    command = [sys.executable, "-c", MEASURE, str(few), str(much), str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    before, after = map(int, done.stdout.split())
    # What is known of 2,600 pictures more, and the text of their labels where one file has them all (3 MB), not what
    # comes of them: objects as Python's own would take 50 MB.
    assert after - before < (12 if kind == "yolo" else 40), f"{before} and {after} MB"


# -- unlabelled pictures -----------------------------------------------------------------------------------------------

ALONE = """
import sys
from augstudio.dataset.scanning import scan
from augstudio.export import Settings, run_export, verify
from augstudio.pipeline import Pipeline
from augstudio.transforms import registry

source, out = sys.argv[1:]
pipeline = Pipeline(transforms=tuple(registry()[op].default() for op in ("flip", "rotate", "crop", "cutout")))
settings = Settings(out, pipeline, copies=2, workers=0, originals=True)
assert run_export(settings, scan(source)).files == 6
assert run_export(settings, scan(source), resume=True).kept == 2
assert verify(out).ok
slow = {"shapely", "defusedxml", "yaml", "augstudio.engine.following", "augstudio.engine.clipping"}
formats = {f"augstudio.labels.{name}" for name in ("yolo", "coco", "voc", "mask_labels")}
print(sorted((slow | formats) & sys.modules.keys()))
"""


def unlabelled(root: Path) -> Path:
    for number in range(2):
        (root / "cat").mkdir(parents=True, exist_ok=True)
        Image.fromarray(smooth(30, 40, 3, seed=number)).save(root / f"cat/{number}.png")
    return root


def test_nothing_of_labels_is_imported_for_pictures_alone(tmp_path: Path) -> None:
    source = unlabelled(tmp_path / "in")
    command = [sys.executable, "-c", ALONE, str(source), str(tmp_path / "out")]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def tell_imports(job: Job) -> Result:
    """Run in a worker: do the job, then fail, and say what it took."""
    done = run_job(job)
    assert not done.reason
    return Result.failed(
        job, ", ".join(sorted({"shapely", "augstudio.engine.following"} & sys.modules.keys())) or "none"
    )


def test_nor_in_a_worker(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    source = unlabelled(tmp_path / "in")
    monkeypatch.setattr(runner, "run_job", tell_imports)
    done = export(source, tmp_path / "out", workers=1)
    assert {failure.reason for failure in done.failures} == {"none"}


def test_no_label_is_touched_for_pictures_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    source = unlabelled(tmp_path / "in")
    touched: list[str] = []

    def told(name: str) -> object:
        return lambda *_, **__: touched.append(name)

    for owner, name in (
        (PictureLabels, "read"),
        (PictureLabels, "written"),
        (PointMap, "__init__"),
        (Labelling, "dump"),
        (Labelling, "parse"),
    ):
        monkeypatch.setattr(owner, name, told(f"{owner.__name__}.{name}"))
    done = export(source, tmp_path / "out", pipeline=mixed())
    assert (done.state, done.files, done.labels) == (Status.COMPLETE, 6, None)
    assert touched == []
    assert {path.name for path in (tmp_path / "out").iterdir()} == {
        "images",
        "manifest.jsonl",
        "preset.json",
        "report.json",
    }
