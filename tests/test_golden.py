"""What earlier versions made: their copies come out the same, their exports verify and can be made again."""

from __future__ import annotations

import importlib.util
import json
import shutil
import types
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from augstudio.export import reproduce, verify, versions
from augstudio.images import read

GOLDEN = Path(__file__).parent / "golden"


def script(kind: str) -> types.ModuleType:
    """What draws golden files of a kind."""
    spec = importlib.util.spec_from_file_location(f"golden_{kind}", GOLDEN / kind / "draw.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def nearly(found: NDArray[Any], expected: NDArray[Any]) -> bool:
    """Whether two pictures differ by rounding only: another OpenCV or processor may round a warp the other way.

    A later step may make more of one level, such as a curve, or the solarising of some pixels.
    """
    if found.dtype != expected.dtype or found.shape != expected.shape:
        return False
    apart = np.abs(found.astype(float) - expected.astype(float)) * (255 / np.iinfo(expected.dtype).max)
    return bool((apart > 3).mean() < 0.02)


@pytest.mark.parametrize("file", sorted((GOLDEN / "copies").glob("*.npz")), ids=lambda file: file.stem)
def test_copies_of_opaque_pictures_are_what_they_were(file: Path) -> None:
    draw = script("copies")
    now = dict(draw.copies())
    with np.load(file) as held:
        golden = {name: held[name] for name in held.files}
    exact = str(golden.pop("made_by")).partition("; ")[2] == draw.here()
    assert golden.keys() <= now.keys()
    same = np.array_equal if exact else nearly
    assert [name for name, pixels in golden.items() if not same(now[name], pixels)] == []


def test_what_differs_by_more_than_rounding_is_no_golden_copy() -> None:
    picture = np.arange(48, dtype=np.uint8).reshape(4, 4, 3)
    assert nearly(picture, picture)
    assert nearly(picture + np.uint8(1), picture)
    assert not nearly(picture[::-1], picture)
    assert not nearly(picture[:, ::-1], picture)
    assert not nearly(picture.astype(np.uint16), picture)


@pytest.mark.parametrize("folder", sorted((GOLDEN / "exports").glob("v*")), ids=lambda folder: folder.name)
def test_exports_verify_and_can_be_made_again(folder: Path, tmp_path: Path) -> None:
    out = tmp_path / "export"
    shutil.copytree(folder / "export", out)
    verdict = verify(out)
    assert verdict is not None
    assert verdict.ok, verdict
    lines = [json.loads(line) for line in (out / "manifest.jsonl").read_text("utf-8").splitlines()]
    assert verdict.checked == len(lines) == 12
    here = script("exports").here()
    exact = (folder / "made_by.txt").read_text("utf-8").strip() == here and all(
        line["versions"] == {**versions.versions(), "augstudio": line["versions"]["augstudio"]} for line in lines
    )
    for line in lines:
        made = reproduce(out, line["path"], source=folder / "source")
        assert made.on_disk is True
        assert len(made.draws) == (12 if line["copy"] else 0)
        if exact:
            assert (made.same, made.data) == (True, (out / line["path"]).read_bytes()), line["path"]
        else:
            again = tmp_path / "again.bmp"
            again.write_bytes(made.data)
            assert nearly(read(again).pixels, read(out / line["path"]).pixels), line["path"]
