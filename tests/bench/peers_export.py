"""End to end: our export command against the loop that a user of Albumentations would write, and the floor of both."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter
from typing import Any

import cv2
import material
import numpy as np
import peers_rows as rows

import augstudio

COPIES, QUALITY = 4, 95
LOOP = Path(__file__).with_name("peers_loop.py")
PACKAGE = Path(augstudio.__file__).parent


@dataclass(frozen=True)
class Case:
    """So many pictures of a size, to be augmented at another."""

    name: str
    folder: str
    pictures: int
    width: int
    height: int
    side: int
    aim: float


ONE = Case("one of 500×375", "one", 1, 500, 375, 224, 0.0)
CASES = (
    Case("300 of 500×375 → 224", "small", 300, 500, 375, 224, 3.0),
    Case("30 of 8 megapixels → 224", "large", 30, 3264, 2448, 224, 2.0),
    Case("30 of 8 megapixels → 640", "large", 30, 3264, 2448, 640, 1.7),
)


def draw(folder: Path, case: Case) -> None:
    """Write the pictures as JPEG at quality 92; they differ, but cost the same."""
    if folder.exists():
        return
    folder.mkdir(parents=True)
    pixels = material.draw_photo(case.width, case.height, seed=1)
    for number in range(case.pictures):
        if case.width < 1000:
            pixels = material.draw_photo(case.width, case.height, seed=number)
        else:
            pixels = np.ascontiguousarray(np.roll(np.flip(pixels, axis=number % 2), 997, axis=1))
        cv2.imwrite(str(folder / f"photo-{number:03d}.jpg"), pixels, [cv2.IMWRITE_JPEG_QUALITY, 92])


def preset(path: Path, side: int) -> None:
    """Our recipe *common* as a preset file."""
    pipeline = rows.pipeline(rows.COMMON, side)
    pipeline.edited(name="common", training_size=max(8, side)).save(path)


def commands(case: Case, source: Path, out: Path, our_preset: Path, workers: int) -> dict[str, list[str]]:
    """What is run, each into an empty folder."""
    ours = [sys.executable, "-m", "augstudio", "export", str(source), str(out), "-p", str(our_preset)]
    ours += ["--copies", str(COPIES), "--workers", str(workers), "--format", "jpeg", "--quality", str(QUALITY)]
    loop = [sys.executable, str(LOOP), str(source), str(out), str(case.side), str(workers), str(COPIES)]
    start = [*ours[:4], str(source.with_name(ONE.folder)), *ours[5:]]
    return {"ours": ours, "theirs": [*loop, "augment"], "floor": [*loop, "floor"], "start": start}


def measure(folder: Path, case: Case, workers: int, rounds: int) -> dict[str, list[float]]:
    """Seconds of each command, from its start to its end, in turns; and of ours for a single small picture ("start").

    Every run writes into a folder of its own, and nothing is removed meanwhile: ext4 takes its time over every new
    file for minutes after thousands were deleted. Our modules are compiled before, as pip compiles what it installs.
    """
    source, our_preset = folder / case.folder, folder / f"common-{case.side}.json"
    draw(source, case)
    draw(folder / ONE.folder, ONE)
    preset(our_preset, case.side)
    found: dict[str, list[float]] = {"ours": [], "theirs": [], "floor": [], "start": []}
    environment = {**os.environ, "AUGSTUDIO_HOME": str(folder / "home"), "NO_ALBUMENTATIONS_UPDATE": "1"}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    subprocess.run([sys.executable, "-m", "compileall", "-q", str(PACKAGE)], env=environment, check=True)
    for number in range(rounds):
        names = list(found)
        for name in names[number % 4 :] + names[: number % 4]:
            out = folder / f"{case.folder}-{case.side}-{name}-{number}"
            command = commands(case, source, out, our_preset, workers)[name]
            began = perf_counter()
            done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
            found[name].append(perf_counter() - began)
            made = len(list(out.rglob("*.jpg")))
            if done.returncode or made != COPIES * (1 if name == "start" else case.pictures):
                raise RuntimeError(
                    f"{name}: exit {done.returncode}, {made} files\n{done.stdout[-600:]}\n{done.stderr[-600:]}"
                )
            notes: dict[str, Any] = json.loads((out / "report.json").read_text()) if name in ("ours", "start") else {}
            if notes.get("failures"):
                raise RuntimeError(f"ours: {notes['failures']}")
    return found
