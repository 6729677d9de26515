"""What the export's tests share: small datasets, and what an export has left on disk."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

from pictures import smooth

from augstudio.dataset.scanning import Dataset, scan
from augstudio.export import Report, Settings, run_export
from augstudio.images import encode
from augstudio.pipeline import Pipeline
from augstudio.transforms import registry

PICTURES = (
    ("cat/one.jpg", 40, 60, 3),
    ("cat/two.png", 33, 25, 3),
    ("dog/three.jpg", 50, 30, 1),
    ("dog/sub/four.png", 24, 24, 4),
    ("top.bmp", 20, 31, 3),
)


def pipeline(**fields: Any) -> Pipeline:
    """A pipeline with geometry, colour and noise."""
    ops = registry()
    steps = tuple(ops[op].model_validate({"op": op}) for op in ("flip", "rotate", "brightness", "gaussian_noise"))
    return Pipeline(name="Test", transforms=steps, **fields)


def picture(path: Path, height: int = 30, width: int = 40, channels: int = 3, seed: int = 0) -> Path:
    """Write a smooth picture in the format of its suffix."""
    encoder = {".jpg": "JPEG", ".jpeg": "JPEG", ".png": "PNG", ".bmp": "BMP", ".webp": "WEBP"}[path.suffix.lower()]
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(encode(smooth(height, width, channels, seed=seed), encoder, 90))
    return path


def photos(root: Path, pictures: tuple[tuple[str, int, int, int], ...] = PICTURES) -> Path:
    """Write a dataset with classes, a class in a class, and a picture in no class."""
    for seed, (name, height, width, channels) in enumerate(pictures):
        picture(root / name, height, width, channels, seed)
    return root


def export(source: Path | Dataset, out: Path, **fields: Any) -> Report:
    """Export in this process, with the pipeline above if no other is given."""
    dataset = scan(source) if isinstance(source, Path) else source
    extra = {
        name: fields.pop(name)
        for name in ("progress", "stop", "engine", "resume", "replace", "looked", "gently")
        if name in fields
    }
    settings = Settings(out, **{"pipeline": pipeline(), "workers": 0, "copies": 2, **fields})
    return run_export(settings, dataset, **extra)


def hashes(out: Path) -> dict[str, str]:
    """SHA-256 of every file below OUT/images."""
    return {
        path.relative_to(out).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted((out / "images").rglob("*"))
        if path.is_file()
    }


def lines(out: Path) -> list[dict[str, Any]]:
    """The manifest."""
    return [json.loads(line) for line in (out / "manifest.jsonl").read_text("utf-8").splitlines()]


def report(out: Path) -> dict[str, Any]:
    """`report.json`."""
    content: dict[str, Any] = json.loads((out / "report.json").read_text("utf-8"))
    return content


def consistent(out: Path) -> None:
    """Hold the manifest against the files: each listed once, none unlisted, every hash right, nothing half-written."""
    listed = {line["path"]: line["sha256"] for line in lines(out)}
    assert len(listed) == len(lines(out))
    assert listed == hashes(out)
    assert {path.name for path in out.iterdir()} == {"images", "manifest.jsonl", "preset.json", "report.json"}
