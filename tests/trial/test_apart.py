"""A trial in a process of its own."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from subprocess import PIPE
from typing import Any

import pytest
from schooling import MIRROR, TOPSY, onesided, upright

from augstudio import presets
from augstudio.dataset import scan
from augstudio.export import Settings, run_export
from augstudio.trial.apart import Request

_SERVED = [sys.executable, str(Path(__file__).with_name("served.py"))]


def asked(root: Path, *pipelines: Any, **choices: Any) -> Request:
    given = {"workers": 0, "size": 24, "updates": 3, **choices}
    return Request(str(root), "auto", tuple(map(presets.dump, pipelines or (MIRROR,))), (), given)


def served(request: Request, *, more: str = "", slow: bool = False) -> list[dict[str, Any]]:
    """What is told; the input stays open unless there is more to say."""
    arguments = [*_SERVED, *(["slow"] if slow else [])]
    told: list[dict[str, Any]] = []
    with subprocess.Popen(arguments, stdin=PIPE, stdout=PIPE, stderr=PIPE, text=True) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdin.write(f"{request.dump()}\n")
        process.stdin.flush()
        for line in process.stdout:
            if not line.startswith("{"):
                continue
            told.append(json.loads(line))
            standing = told[-1].get("standing", {"done": 0})
            if more and standing["done"] >= 3 and standing["stage"] == "training":
                process.stdin.write(more)
                process.stdin.flush()
                more = ""
        assert process.stderr.read() == ""
    assert process.returncode == 0
    return told


def test_a_request_travels_as_a_line() -> None:
    request = asked(Path("/somewhere/ö"), MIRROR, TOPSY, each_step=False)
    assert "\n" not in request.dump()
    assert Request.parse(request.dump()) == request


def test_it_tells_how_it_stands_and_what_came_of_it(tmp_path: Path) -> None:
    told = served(asked(onesided(tmp_path)))
    stages = [one["standing"]["stage"] for one in told if "standing" in one]
    assert list(dict.fromkeys(stages)) == ["dealing", "pictures", "training"]
    assert told[-1]["done"]["comparisons"][0]["effect"] == "helps"
    known = [one["result"]["trainings"]["done"] for one in told if "result" in one]
    assert known == sorted(set(known)), "whenever more is known, and only then"
    assert known[-1] == 6


def test_asked_to_stop_it_says_what_is_known(tmp_path: Path) -> None:
    told = served(asked(upright(tmp_path), TOPSY, updates=80), more="stop\n", slow=True)
    result = told[-1]["done"]
    assert 2 <= result["trainings"]["done"] < result["trainings"]["planned"]


@pytest.mark.parametrize(
    ("choices", "words"), [({"rounds": 0}, "rounds is 0; allowed is 1 to 100"), ({"folds": 40}, "folds is 40")]
)
def test_what_cannot_be_is_refused_in_words(tmp_path: Path, choices: dict[str, Any], words: str) -> None:
    assert served(asked(upright(tmp_path), **choices))[-1]["refused"].startswith(words)


def test_copies_of_copies_are_asked_about(tmp_path: Path) -> None:
    out = tmp_path / "out"
    run_export(Settings(out=str(out), pipeline=MIRROR, copies=2, workers=0), scan(upright(tmp_path / "in")))
    (last,) = served(asked(out / "images"))[-1:]
    assert last["again"]
    assert "copies of copies" in last["refused"]
    assert "done" in served(asked(out / "images", again=True, rounds=1, folds=2))[-1]


def test_a_folder_that_is_gone_is_told(tmp_path: Path) -> None:
    assert "nosuch" in served(asked(tmp_path / "nosuch"))[-1]["refused"]
