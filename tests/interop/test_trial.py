"""`augstudio trial` with PyTorch itself."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from augstudio import cli, presets
from augstudio.images import encode
from augstudio.pipeline import Pipeline
from augstudio.transforms import registry
from augstudio.trial.lesson import Lesson
from augstudio.trial.network import Teacher, chosen_device, weights_of
from augstudio.trial.settings import TrialError


def _never() -> bool:
    return False


def lesson(**more: Any) -> Lesson:
    """Squares and stripes: told apart by any network that learns at all."""
    chance = np.random.default_rng(1)
    pictures = chance.integers(0, 80, (60, 1, 32, 32, 3), np.uint8)
    classes = np.arange(60) % 2
    pictures[classes == 0, :, 8:24, 8:24] += 120
    pictures[classes == 1, :, ::4] += 120
    given = {"updates": 40, "seed": 3, **more}
    return Lesson(pictures, np.arange(40), classes[:40].astype(np.intp), 2, pictures[40:, 0], **given)


def taught(one: Lesson) -> np.ndarray:
    found = Teacher("cpu")(one, tell=lambda _: None, stop=_never)
    assert found is not None
    return found


def test_a_network_learns_what_can_be_learnt() -> None:
    found = taught(lesson())
    assert found.dtype == np.intp
    assert (found == np.arange(40, 60) % 2).mean() >= 0.9


def test_the_same_lesson_ends_alike_and_leaves_chance_alone() -> None:
    torch.manual_seed(11)
    before = torch.random.get_rng_state()
    assert np.array_equal(taught(lesson(updates=5)), taught(lesson(updates=5)))
    assert torch.equal(torch.random.get_rng_state(), before)


def test_it_says_how_far_it_is_and_can_be_stopped() -> None:
    told: list[int] = []
    assert Teacher("cpu")(lesson(), tell=told.append, stop=lambda: len(told) == 4) is None
    assert told == [0, 1, 2, 3]


def test_weights_and_devices() -> None:
    assert 50_000 < weights_of(2) < weights_of(10) < 1_000_000
    assert chosen_device("auto") in ("cpu", "cuda", "mps")
    assert chosen_device("cpu") == "cpu"
    if not torch.cuda.is_available():
        with pytest.raises(TrialError, match="device is cuda, which PyTorch does not find here; it finds: cpu"):
            chosen_device("cuda")


@pytest.fixture
def views(tmp_path: Path) -> Path:
    """Sixteen pictures of a bright sky, and sixteen of a bright sea."""
    for number in range(32):
        label = ("sea", "sky")[number % 2]
        pixels = np.random.default_rng(number).integers(0, 90, (32, 32, 3), np.uint8)
        pixels[np.s_[:16] if label == "sky" else np.s_[16:]] += 140
        path = tmp_path / "views" / label / f"{number}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(encode(pixels, "PNG", 90))
    return tmp_path / "views"


def test_from_a_folder_to_a_verdict(views: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    steps = (registry()["flip"].default(axis="vertical", probability=0.5),)
    topsy = tmp_path / "topsy.json"
    topsy.write_text(presets.dump(Pipeline(name="Topsy", transforms=steps)))
    arguments = ["trial", views, "-p", topsy, "--rounds", 2, "--folds", 2, "--updates", 40, "--size", 32, "--json"]
    told = []
    for _ in range(2):
        assert cli.main([*map(str, arguments), "--workers", "0"]) == 1, "turned over, a sky is a sea"
        told.append(json.loads(capsys.readouterr().out))
    assert told[0] == told[1], "the same trial comes to the same"
    assert told[0]["arms"][0]["accuracy"] >= 95
    assert told[0]["comparisons"][0]["effect"] == "costs"
