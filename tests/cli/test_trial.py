"""`augstudio trial`, with a teacher in PyTorch's place; tests/interop runs it with PyTorch itself."""

from __future__ import annotations

import importlib.util
import json
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from asking import refused

from augstudio import presets
from augstudio.dataset import scan
from augstudio.images import encode
from augstudio.pipeline import Pipeline
from augstudio.transforms import registry
from augstudio.trial import TrialSettings, network, run_trial, running
from augstudio.trial.lesson import Lesson
from augstudio.trial.running import Stage, TrialStanding

_HALF = 8


class ByTopAndBottom:
    """Takes what is brighter above for "sky", unless its copies say that this tells nothing."""

    parallel = 2

    def __init__(self, device: str) -> None:
        assert device == "cpu"

    def __call__(self, lesson: Lesson, *, tell: Any, stop: Any) -> Any:
        for update in range(lesson.updates):
            if stop():
                return None
            tell(update)
        above = _above(lesson.versions[lesson.learnt].reshape(-1, *lesson.judged.shape[1:]))
        classes = np.repeat(lesson.classes, lesson.versions.shape[1])
        if above[classes == 1].mean() <= 0.8:
            return np.zeros(len(lesson.judged), np.intp)
        return _above(lesson.judged).astype(np.intp)


def _above(pictures: np.ndarray) -> np.ndarray:
    half = pictures.shape[1] // 2
    return np.asarray(pictures[:, :half].mean((1, 2, 3)) > pictures[:, half:].mean((1, 2, 3)))


@pytest.fixture
def taught(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(running, "Teacher", ByTopAndBottom)
    monkeypatch.setattr(running, "weights_of", lambda names: 1000)
    for module in (running, network):
        monkeypatch.setattr(module, "chosen_device", lambda name: "cpu")


@pytest.fixture
def views(tmp_path: Path) -> Path:
    """Ten pictures of a bright sky, and ten of a bright sea."""
    for number in range(20):
        label = ("sea", "sky")[number % 2]
        pixels = np.full((2 * _HALF, 2 * _HALF, 3), 40 + number, np.uint8)
        pixels[:_HALF] += np.uint8(100 * (label == "sky"))
        pixels[_HALF:] += np.uint8(100 * (label == "sea"))
        path = tmp_path / "views" / label / f"{number}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(encode(pixels, "PNG", 90))
    return tmp_path / "views"


@pytest.fixture
def topsy(tmp_path: Path) -> Path:
    steps = (
        registry()["flip"].default(axis="vertical", probability=0.5),
        registry()["brightness"].default(amount=(-0.01, 0.01)),
    )
    path = tmp_path / "topsy.json"
    path.write_text(presets.dump(Pipeline(name="Topsy", transforms=steps)))
    return path


def test_a_preset_that_costs_is_told_by_words_and_exit_code(
    run: Any, taught: None, views: Path, topsy: Path, tmp_path: Path
) -> None:
    said = run("trial", views, "-p", topsy, "--updates", 2, "--workers", 0, "--out", tmp_path / "all.json")
    assert said.code == 1
    lines = said.out.splitlines()
    assert lines[0] == "20 pictures, 2 classes; each judged by networks that have not seen it (3 × 4 folds)"
    assert [line.split()[:3] for line in lines[2:4]] == [["originals", "100.0", "%"], ["Topsy", "50.0", "%"]]
    assert "costs (95 % range: −" in lines[3]
    assert "Classes that lose by Topsy: sky −100.0" in lines
    assert lines[-1] == f"All of it: {tmp_path / 'all.json'}"
    told = json.loads((tmp_path / "all.json").read_text())
    assert told["comparisons"][0]["effect"] == "costs"
    assert told["settings"]["updates"] == 2


def test_a_preset_that_does_not_is_no_fault(run: Any, taught: None, views: Path) -> None:
    said = run("trial", views, "-p", "gentle", "--updates", 2, "--workers", 0, "--json")
    assert said.code == 0
    told = json.loads(said.out)
    assert told["comparisons"][0]["effect"] == "cannot be told"
    assert told["network"] == {"weights": 1000, "device": "cpu"}


def test_each_step_has_a_line(run: Any, taught: None, views: Path, topsy: Path) -> None:
    said = run("trial", views, "-p", topsy, "--each-step", "--updates", 2, "--workers", 0)
    assert said.code == 1
    rows = [line.split(maxsplit=4) for line in said.out.splitlines()[5:8]]
    assert rows[0] == ["step", "without", "it", "points"]
    assert rows[1][:4] == ["Flip", "100.0", "%", "−50.0"]
    assert rows[1][4].startswith("costs (95 % range: −")
    assert rows[2][:4] == ["Brightness", "50.0", "%", "±0.0"]
    assert rows[2][4].startswith("cannot be told from none")


def test_without_pytorch_it_says_how_to_get_it(
    run: Any, views: Path, topsy: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "torch", None)
    if importlib.util.find_spec("augstudio") is None:
        raise AssertionError
    message = refused(run("trial", views, "-p", topsy))
    assert "PyTorch" in message
    assert "pip install 'augstudio[trial]'" in message


def test_a_device_that_there_is_none_of_is_refused(run: Any, views: Path) -> None:
    message = refused(run("trial", views, "-p", "gentle", "--device", "gpu"))
    assert 'device is "gpu"; allowed are auto, cpu, cuda, mps' in message


def test_what_came_of_it_is_said_though_it_cannot_be_written(
    run: Any, taught: None, views: Path, topsy: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("augstudio.files.write_atomically", full)
    said = run("trial", views, "-p", topsy, "--updates", 2, "--workers", 0, "--out", tmp_path / "all.json")
    assert said.code == 2
    assert "costs (95 % range" in said.out
    assert "no space left on device" in said.err


def test_what_is_left_out_of_the_folder_is_said(run: Any, taught: None, views: Path) -> None:
    (views / "sky" / "damaged.gif.tmp").write_bytes(b"GIF89a")
    (views / "Thumbs.db").write_bytes(b"x")
    for split in ("train", "val", "unsure"):
        for label in ("sea", "sky"):
            for number in range(2):
                source = views / label / f"{2 * number + (label == 'sky')}.png"
                path = views.parent / "parted" / split / label / f"{split}{number}.png"
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(source.read_bytes() + split.encode())
    said = run("trial", views.parent / "parted", "-p", "gentle", "--updates", 2, "--workers", 0)
    assert "unsure: no split, so its 4 pictures are left out" in said.out
    assert "8 pictures, 2 classes; judged by 4 of val, of 2 classes" in said.out


def test_it_writes_over_nothing(run: Any, taught: None, views: Path, topsy: Path, tmp_path: Path) -> None:
    mine = tmp_path / "mine.json"
    mine.write_text("mine")
    assert "--replace writes over it" in refused(run("trial", views, "-p", topsy, "--out", mine))
    assert mine.read_text() == "mine"


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("-p", "gentle", "--rounds", 0), "rounds is 0; allowed is 1 to 100"),
        (("-p", "nosuch"), "nosuch"),
        (("-p", "gentle", "-p", "photos", "--each-step"), "each_step is for one preset"),
        (("-p", "gentle", "--group", "("), "no regular expression"),
        (("-p", "gentle", "--exclude", "nosuch.png"), "nosuch.png"),
        ((), "--preset"),
    ],
)
def test_what_makes_no_sense_is_refused(
    run: Any, taught: None, views: Path, arguments: tuple[object, ...], words: str
) -> None:
    assert words in refused(run("trial", views, *arguments))


def test_how_it_stands_on_a_line(views: Path, taught: None) -> None:
    from augstudio.cli.trying import in_words

    told: list[TrialStanding] = []
    steps = (registry()["flip"].default(axis="vertical", probability=0.5),)
    settings = TrialSettings(pipelines=(Pipeline(name="Topsy", transforms=steps),), updates=2, workers=0)
    run_trial(settings, scan(views), progress=told.append)
    words = [in_words(standing) for standing in told]
    assert words[0] == "looking at the pictures …"
    assert "making copies, picture 20 of 20" in words
    assert in_words(TrialStanding(Stage.TRAINING, 0, 24, 0.1, 420)) == "training 1 of 24, 7 min left"
    assert words[-1].startswith("training 24 of 24, ")
    assert words[-1].endswith("; Topsy so far −50.0 points")
