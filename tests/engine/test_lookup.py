"""Tables of 256 levels: the same whether StringZilla looks them up or OpenCV does."""

from __future__ import annotations

import numpy as np
import pytest

from augstudio.engine import lookup
from augstudio.engine.lookup import look_up

TABLE = np.random.default_rng(3).integers(0, 256, 256).astype(np.uint8)
SHAPES = [(1,), (7,), (255,), (1000,), (3, 5), (33, 31, 3), (256, 256), (1, 1, 3)]


@pytest.fixture(params=["as installed", "without StringZilla"])
def _either(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    if request.param != "as installed":
        monkeypatch.setattr(lookup, "stringzilla", None)


@pytest.mark.usefixtures("_either")
@pytest.mark.parametrize("shape", SHAPES, ids=str)
def test_every_level_becomes_what_the_table_says(shape: tuple[int, ...]) -> None:
    levels = np.random.default_rng(1).integers(0, 256, shape).astype(np.uint8)
    expected = TABLE[levels]
    look_up(levels, TABLE)
    assert np.array_equal(levels, expected)
