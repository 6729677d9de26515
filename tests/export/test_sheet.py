from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from exporting import picture, pipeline
from pictures import every_kind

from augstudio.export.sheet import contact_sheet
from augstudio.images import PictureError, encode
from augstudio.pipeline import Fit, Output, Pipeline
from augstudio.presets import find, shipped
from augstudio.transforms import registry


@pytest.mark.parametrize("entry", shipped(), ids=lambda entry: entry.path.stem)
def test_every_shipped_preset_has_a_sheet(entry: object, tmp_path: Path) -> None:
    source = picture(tmp_path / "a.png", 120, 90)
    sheet = contact_sheet(source, find(entry.path.stem), copies=5)  # type: ignore[attr-defined]
    assert sheet.mode == "RGB"
    assert np.array_equal(np.asarray(sheet), np.asarray(contact_sheet(source, find(entry.path.stem), copies=5)))  # type: ignore[attr-defined]


def test_every_kind_of_picture(tmp_path: Path) -> None:
    for number, pixels in enumerate(every_kind(((1, 1), (37, 53), (1, 9)))):
        path = tmp_path / f"{number}.png"
        path.write_bytes(encode(pixels, "PNG", 1))
        assert contact_sheet(path, pipeline(), copies=1).width > 600


def test_the_copies_are_those_of_an_export(tmp_path: Path) -> None:
    source = picture(tmp_path / "in" / "a.png", 120, 200)
    plain = Pipeline(name="é 日本", description="× — ↔")
    first = np.asarray(contact_sheet(source, plain, copies=0))
    more = np.asarray(contact_sheet(source, plain, copies=9))
    assert more.shape[0] > first.shape[0]
    assert more.shape[1] == first.shape[1]


def test_a_long_pipeline_and_an_output_size(tmp_path: Path) -> None:
    steps = tuple(transform.model_validate({"op": op}) for op, transform in registry().items())
    made = Pipeline(name="All", transforms=steps, output=Output(fit=Fit.PAD, width=64, height=32))
    assert contact_sheet(picture(tmp_path / "a.jpg"), made, copies=2).height > 600


def test_what_cannot_be_drawn(tmp_path: Path) -> None:
    with pytest.raises(PictureError, match="no such file"):
        contact_sheet(tmp_path / "none.jpg", pipeline())
    with pytest.raises(ValueError, match="copies is 101; allowed is 0 to 100"):
        contact_sheet(picture(tmp_path / "a.jpg"), pipeline(), copies=101)
