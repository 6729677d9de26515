"""The file for NumPy, run beside OpenCV's headless build: the pipeline's own pixels, to the bit."""

from __future__ import annotations

import importlib.util
import sys
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import pictures
import pytest

from augstudio import Pipeline
from augstudio.code import Standing, Target, generate
from augstudio.presets import shipped
from augstudio.transforms import registry

EVERYTHING = Path(__file__).resolve().parents[1] / "golden" / "presets" / "v1-everything.json"
CASES = {op: Pipeline(transforms=(transform.default(probability=1.0),)) for op, transform in registry().items()}
CASES |= {entry.path.stem: Pipeline.load(entry.path) for entry in shipped()}
CASES["everything"] = Pipeline.load(EVERYTHING)


@pytest.mark.parametrize("case", CASES)
def test_the_same_pixels(case: str, tmp_path: Path) -> None:
    pipeline = CASES[case]
    written = generate(pipeline, Target.NUMPY)
    assert {row.standing for row in written.rows} == {Standing.EXACT}
    file = tmp_path / "augment.py"
    file.write_text(written.text, encoding="utf-8")
    spec = importlib.util.spec_from_file_location(f"augment_{case.replace('-', '_')}", file)
    assert spec is not None
    assert spec.loader is not None
    module: Any = importlib.util.module_from_spec(spec)
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(sys.modules, spec.name, module)  # where dataclasses look for it
        spec.loader.exec_module(module)
    for channels, dtype, seed in product(pictures.CHANNELS, pictures.DTYPES, range(3)):
        image = pictures.smooth(48, 64, channels, dtype)
        ours = pipeline(image, seed=seed, key="a/b.jpg", copy=2)
        assert np.array_equal(module.augment(image, seed=seed, key="a/b.jpg", copy=2), ours)
