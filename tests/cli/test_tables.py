from __future__ import annotations

import json
from typing import Any

from augstudio.presets import find, shipped, user_path
from augstudio.transforms import registry


def test_transforms(run: Any) -> None:
    said = run("transforms")
    assert said.code == 0
    listed = {line.split()[0] for line in said.out.splitlines()[1:-1]}
    assert listed == set(registry())
    (angle,) = (line for line in said.out.splitlines() if line.startswith("rotate") and " angle " in line)
    for cell in ("geometry", "°", "±180", "±45", "beyond ±30", "beyond ±45", "±15", "RandAugment"):
        assert cell in angle

    (place,) = (line for line in said.out.splitlines() if line.startswith("crop") and " place " in line)
    assert "by chance" in place
    assert "x and y from 0 to 1" in place

    content = json.loads(run("transforms", "--json").out)
    (axis,) = next(t for t in content if t["op"] == "flip")["positions"]
    assert (axis["name"], axis["label"], axis["allowed"]) == ("axis", "Axis", "horizontal or vertical")
    assert next(t for t in content if t["op"] == "rotate")["positions"] == []
    assert [transform["op"] for transform in content] == list(registry())
    sigma = next(t for t in content if t["op"] == "gaussian_noise")["parameters"][0]
    assert (sigma["name"], sigma["kind"], sigma["hard"], sigma["caution"]) == ("sigma", "range", [0, 0.5], [None, 0.08])
    assert sigma["by_training_size"]["32"]["excessive"] == [None, 0.08]
    assert all(set(parameter) >= {"label", "help", "kind", "default"} for t in content for parameter in t["parameters"])


def test_presets(run: Any) -> None:
    mine = user_path("Mine")
    mine.parent.mkdir(parents=True, exist_ok=True)
    find("gentle").edited(name="Mine [bold]", description="My own").save(mine)
    (mine.parent / "broken.json").write_text("{")
    said = run("presets")
    assert said.code == 0
    for words in ("gentle", "Gentle", "shipped", "Mine [bold]", "yours", "cannot be read", "it is not JSON"):
        assert words in said.out
    content = json.loads(run("presets", "--json").out)
    assert len(content) == 2 + len(shipped())
    assert content[1] | {"path": ""} == {
        "name": "Mine [bold]",
        "preset": "mine",
        "description": "My own",
        "path": "",
        "shipped": False,
        "valid": True,
    }
