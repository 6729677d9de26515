"""End to end: our export command against the loop that a user of Albumentations would write, and the floor of both."""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from time import perf_counter
from typing import Any

import cv2
import material
import numpy as np
import peers_rows as rows

import augstudio
from augstudio import images
from augstudio.storage import Key, LocalStorage

COPIES, QUALITY = 4, 95
LOOP = Path(__file__).with_name("peers_loop.py")
PACKAGE = Path(augstudio.__file__).parent
SAMPLES = PACKAGE.parents[1] / "shared" / "samples"
MEMORY = Path("/dev/shm")
BOXES = 10
"""Of a labelled picture."""
_FEWEST = 40
"""Real photos that stand for all."""
_DRAWN = 120
"""Photos that are drawn where there are no real ones."""
_FILE = bytes(range(256)) * 120
"""About as much as a copy of 224 × 224."""


@dataclass(frozen=True)
class Case:
    """So many pictures of a size, to be augmented at another.

    Attributes
    ----------
    real : bool
        Whether they are real photos, where there are any.
    memory : bool
        Whether copies go into memory, and not onto the disk.
    """

    name: str
    folder: str
    pictures: int
    width: int
    height: int
    side: int
    aim: float = 0.0
    real: bool = False
    memory: bool = False


ONE = Case("one of 500×375", "one", 1, 500, 375, 224)
FEW = Case("300 photos of 400×533 → 224", "photos-300", 300, 400, 533, 224, 2.0, real=True)
CASES = (
    Case("1,500 photos of 400×533 → 224", "photos-1500", 1500, 400, 533, 224, 2.2, real=True),
    FEW,
    replace(FEW, name=f"{FEW.name}, into memory", aim=0.0, memory=True),
    Case("300 drawn ones of 500×375 → 224", "small", 300, 500, 375, 224),
    Case("30 of 8 megapixels → 224", "large", 30, 3264, 2448, 224, 2.2),
    Case("30 of 8 megapixels → 640", "large", 30, 3264, 2448, 640, 1.8),
)


def real_photos(width: int, height: int) -> list[Path]:
    """The real photos beside the checkout that have about a size, upright or lying."""
    found = []
    for path in sorted(SAMPLES.rglob("*.jp*g")):
        try:
            info = images.probe(path)
        except images.PictureError:
            continue
        near = (abs(a - b) < 2 for a, b in zip(sorted((info.width, info.height)), (width, height), strict=True))
        found += [path] if all(near) else []
    return found if len(found) >= _FEWEST else []


def photos_in_words() -> str:
    """What stands for real photos."""
    found = real_photos(FEW.width, FEW.height)
    if found:
        mean = sum(path.stat().st_size for path in found) / len(found) / 1000
        return f"Photos: {len(found)} real ones of clothes (CC0), {mean:.0f} KB each, under several names"
    return (
        f"Photos: {_DRAWN} drawn ones (hazy colours, hard edges, texture at every scale, noise of a sensor) as JPEG at "
        "quality 75, under several names: they have the bytes of real ones of that size, and take their time to read"
    )


def draw(folder: Path, case: Case) -> None:
    """Write the pictures as JPEG; they differ, but cost the same."""
    if folder.exists():
        return
    folder.mkdir(parents=True)
    if case.real:
        files = [path.read_bytes() for path in real_photos(case.width, case.height)]
        for number in range(_DRAWN if not files else 0):
            drawn = material.draw_photo(case.width, case.height, seed=number)
            files.append(cv2.imencode(".jpg", drawn, [cv2.IMWRITE_JPEG_QUALITY, 75])[1].tobytes())
        for number in range(case.pictures):
            (folder / f"photo-{number:04d}.jpg").write_bytes(files[number % len(files)])
        return
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
    with tempfile.TemporaryDirectory(prefix="augstudio-peers-", dir=MEMORY if case.memory else folder) as out:
        made = {"start": COPIES, **dict.fromkeys(("ours", "theirs", "floor"), COPIES * case.pictures)}

        def command(name: str, number: int) -> tuple[list[str], Path]:
            to = Path(out) / f"{case.side}-{name}-{number}"
            return commands(case, source, to, our_preset, workers)[name], to

        return _in_turns(folder, made, command, rounds)


def measure_labels(folder: Path, workers: int, rounds: int) -> dict[str, list[float]]:
    """Seconds of our command over pictures with boxes in YOLO's format: with these, and with `--labels none`."""
    source, our_preset = folder / "labelled", folder / f"common-{FEW.side}.json"
    draw(source / "images", FEW)
    (source / "labels").mkdir(exist_ok=True)
    (source / "data.yaml").write_text("train: images\nval: images\nnames: [thing, other]\n")
    rng = np.random.default_rng(1)
    for picture in (source / "images").iterdir():
        middles, sides = rng.uniform(0.2, 0.8, (BOXES, 2)), rng.uniform(0.1, 0.35, (BOXES, 2))
        lines = [f"{n % 2} {x:.6f} {y:.6f} {w:.6f} {h:.6f}\n" for n, ((x, y), (w, h)) in enumerate(zip(middles, sides))]  # noqa: B905
        (source / "labels" / f"{picture.stem}.txt").write_text("".join(lines))
    preset(our_preset, FEW.side)

    def command(name: str, number: int) -> tuple[list[str], Path]:
        to = folder / f"labels-{name}-{number}"
        ours = commands(FEW, source, to, our_preset, workers)["ours"]
        return [*ours, *(["--labels", "none"] if name == "without" else [])], to

    return _in_turns(folder, dict.fromkeys(("with", "without"), COPIES * FEW.pictures), command, rounds)


def _in_turns(
    folder: Path, made: dict[str, int], command: Callable[[str, int], tuple[list[str], Path]], rounds: int
) -> dict[str, list[float]]:
    """Seconds of commands that each write so many pictures into an empty folder."""
    found: dict[str, list[float]] = {name: [] for name in made}
    environment = {**os.environ, "AUGSTUDIO_HOME": str(folder / "home"), "NO_ALBUMENTATIONS_UPDATE": "1"}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    subprocess.run([sys.executable, "-m", "compileall", "-q", str(PACKAGE)], env=environment, check=True)
    for number in range(rounds):
        names = list(found)
        for name in names[number % len(names) :] + names[: number % len(names)]:
            asked, out = command(name, number)
            began = perf_counter()
            done = subprocess.run(asked, env=environment, capture_output=True, text=True, check=False)
            found[name].append(perf_counter() - began)
            pictures = len(list(out.rglob("*.jpg")))
            if done.returncode or pictures != made[name]:
                raise RuntimeError(
                    f"{name}: exit {done.returncode}, {pictures} files\n{done.stdout[-600:]}\n{done.stderr[-600:]}"
                )
            notes: dict[str, Any] = json.loads(report.read_text()) if (report := out / "report.json").exists() else {}
            if notes.get("failures"):
                raise RuntimeError(f"{name}: {notes['failures']}")
    return found


def importing(rounds: int) -> float:
    """Seconds that a bare Python takes to import the libraries that any export of pictures by a command needs."""
    code = "import numpy, cv2, PIL.Image, pydantic, typer, rich.console"
    environment = {**os.environ, "OPENBLAS_NUM_THREADS": "1"}
    took = []
    for _ in range(rounds):
        began = perf_counter()
        subprocess.run([sys.executable, "-c", code], env=environment, check=True)
        took.append(perf_counter() - began)
    return statistics.median(took)


def writing(folder: Path, rounds: int, files: int = 200) -> dict[str, float]:
    """Microseconds that a file takes of 30 KB: written whole or not at all, and by `open`, `write` and `close`."""
    found: dict[str, list[float]] = {"ours": [], "plain": []}
    for number in range(2 * rounds):
        for name in sorted(found, reverse=bool(number % 2)):
            into = folder / f"writing-{name}-{number}"
            into.mkdir()
            storage = LocalStorage(into)
            began = perf_counter()
            for each in range(files):
                if name == "ours":
                    storage.write(Key(f"{each}.jpg"), _FILE)
                else:
                    with open(f"{into}/{each}.jpg", "wb") as file:  # noqa: PTH123  (what is measured)
                        file.write(_FILE)
            found[name].append(1e6 * (perf_counter() - began) / files)
    return {name: statistics.median(took) for name, took in found.items()}
