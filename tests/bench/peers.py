"""Side by side with Albumentations, and print how: `make bench-peers`.

`python tests/bench/peers.py [--only kernels|recipes|export] [--seconds S] [--rounds N]`, or with `--write` in place of
`--only`, in an environment that holds both libraries and one OpenCV. `--write` writes `PEERS.md` beside this file.
"""
# ruff: noqa: T201  (what is measured is printed)

from __future__ import annotations

import argparse
import os
import platform
import statistics
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import peers_rows

ROOT = Path(__file__).resolve().parents[2]
SAMPLES = ROOT.parent / "shared" / "samples"
PAGE = Path(__file__).with_name("PEERS.md")
HEAD = """\
# Side by side with Albumentations

Every transform that both libraries have, three recipes and whole exports, measured in turns by `make bench-peers` in an
environment that it makes for both, against Albumentations 2.0.8, the last of its line (MIT). This page is written by
`make bench-peers ARGS=--write`, and not by hand."""
HEADINGS = {
    "aims": "What was aimed at",
    "method": "How a cell was measured",
    "recipes": "Recipes",
    "export": "Whole exports",
    "kernels": "Every transform that both have",
}
"""What the sections of the page are called, in their order; what matters most comes first."""
SIZES = (224, 512, 1024)
PARTS = ("kernels", "recipes", "export")


@dataclass
class Aims:
    """What was wished for, and what came out; where that is less, why."""

    lines: list[str] = field(default_factory=list)

    def judge(
        self, what: str, bound: float, found: float, unit: str = "×", *, why: str = "", most: bool = False
    ) -> None:
        """Hold a figure against what it must at least be, or at most."""
        verdict = "met" if (found <= bound if most else found >= bound) else f"**missed**: {why}"
        digits = 2 if abs(found) < 100 else 0
        self.lines.append(
            f"| {what} | {'≤' if most else '≥'} {bound:g} {unit} | {found:.{digits}f} {unit} | {verdict} |"
        )


def main() -> int:
    parser = argparse.ArgumentParser(description="Measure augstudio and Albumentations in turns.")
    parser.add_argument("--only", choices=PARTS, action="append", help="measure only this part; may be given again")
    parser.add_argument("--seconds", type=float, default=1.0, help="for each row and size")
    parser.add_argument("--rounds", type=int, default=5, help="of each export")
    parser.add_argument("--workers", type=int, default=2, help="of each export")
    parser.add_argument("--write", action="store_true", help=f"write the page to {PAGE.relative_to(ROOT)}")
    asked = parser.parse_args()
    if asked.write and asked.only:
        parser.error("--write writes the whole page; leave out --only")
    os.environ["NO_ALBUMENTATIONS_UPDATE"] = "1"  # it would ask the network for its newest version
    sections: dict[str, list[str]] = {}
    for section, line in page(asked.only or PARTS, asked.seconds, asked.rounds, asked.workers):
        print(line, flush=True)
        sections.setdefault(section, []).append(line)
    if asked.write:
        PAGE.write_text("\n".join([*written(sections), ""]), encoding="utf-8")
    return 0


def written(sections: dict[str, list[str]]) -> Iterator[str]:
    """The page as it is read: title and origin, the machine, then the sections under their headings."""
    yield from (HEAD, *sections["machine"])
    for section, heading in HEADINGS.items():
        yield from ("", f"## {heading}", *sections[section])


def page(parts: Sequence[str], seconds: float, rounds: int, workers: int) -> Iterator[tuple[str, str]]:
    """Every line, as it is measured, and the section that it belongs to."""
    import cv2
    from page import Busy

    cv2.setNumThreads(1)
    aims = Aims()
    names = ("albumentations", "numpy", "opencv-python-headless", "stringzilla")
    versions = ", ".join(f"{name} {version(name)}" for name in names)
    yield "machine", ""
    yield (
        "machine",
        f"Measured on {os.cpu_count()} cores of {processor()}, {platform.system()}, Python "
        f"{platform.python_version()}; {versions}; both libraries in one process on one OpenCV, one thread each. "
        "Ratios are theirs / ours: above 1 we are faster.",
    )
    with Busy() as busy:
        if "kernels" in parts or "recipes" in parts:
            yield from together(parts, seconds, aims)
        if "export" in parts:
            for line in exports(rounds, workers, aims):
                yield "export", line
    yield "machine", f"{busy} (of the machine's {os.cpu_count()})."
    for line in ("", "| aim | wished | found | |", "|---|---|---|---|", *aims.lines):
        yield "aims", line


def processor() -> str:
    """The processor's name, where the system tells it."""
    try:
        words = [line.split(":", 1) for line in Path("/proc/cpuinfo").read_text().splitlines()]
    except OSError:
        return platform.machine()
    return next((name.strip() for key, name in (w for w in words if len(w) == 2) if key.strip() == "model name"), "?")


# -- transforms and recipes ----------------------------------------------------------------------------------------


def together(parts: Sequence[str], seconds: float, aims: Aims) -> Iterator[tuple[str, str]]:
    """One table for single transforms, one for recipes; a column for each size and for a photo."""
    import peers_rows as rows

    photos = real_photos()
    yield "method", ""
    yield (
        "method",
        "Calls in turns, ours first in every other round: `pipeline(image, seed=n)` and `transform(image=image)`, "
        f"each drawing its numbers anew; processor time of the thread in milliseconds, median of the calls that fit "
        f"into {seconds:g} s (at least 15). A cell reads *ours / theirs = how many times faster*; quartiles of the 512 "
        "column follow. Quality: dB against an exact result in float64, ours / theirs (geometry: one linear look at "
        "the picture through all steps, where no border is seen; resize: the area average; blur: a Gaussian out to "
        "6 σ). Parameters are drawn from ranges one per cent wide.",
    )
    call = cost_of_a_call(seconds)
    for part, pairs in (("kernels", rows.SINGLES), ("recipes", rows.RECIPES)):
        if part not in parts:
            continue
        photo = [f"photo {side}" for side, _ in photos]
        heads = ["transform" if part == "kernels" else "recipe", *map(str, SIZES), *photo, "512: quartiles", "quality"]
        for line in ("", f"| {' | '.join(heads)} |", f"|{'---|' * len(heads)}"):
            yield part, line
        ratios: dict[str, list[float]] = {}
        for pair in pairs:
            line, found = one_row(pair, photos, seconds)
            ratios[pair.name] = found
            yield part, line
        for line in ("", *(singles if part == "kernels" else recipes)(ratios, seconds, aims, call)):
            yield part, line


def singles(ratios: dict[str, list[float]], _seconds: float, aims: Aims, call: str) -> Iterator[str]:
    """What follows the table of single transforms."""
    import peers_rows as rows

    shared = {name: found for name, found in ratios.items() if ";" not in name}  # the others are not the same thing
    rowwise = {name: statistics.median(found) for name, found in shared.items()}
    rowwise["crop 0.8"] = statistics.median(ratios[rows.CROP_OF_SAME_QUALITY])  # the other is another thing: see there
    slow = [f"{name} {found:.2f}" for name, found in sorted(rowwise.items(), key=lambda one: one[1]) if found < 1]
    aims.judge(
        "every shared transform, single, at the median over the sizes: the slowest (crop beside one of its quality)",
        0.9,
        min(rowwise.values()),
        why=f"{', '.join(slow)}. They run the same vector kernels in both; what is left is the cost of a call. {call}",
    )
    aims.judge(
        "the same: the median row",
        1.6,
        statistics.median(rowwise.values()),
        why=f"{sum(found >= 1 for found in rowwise.values())} of {len(rowwise)} rows are at least as fast, and where "
        "one kernel of OpenCV is all there is, nobody can be faster",
    )
    aims.judge("Gaussian noise, per channel, 512", 4.0, ratios["Gaussian noise 0.05"][1], why=where_noise_goes(0.3))
    yield f"As fast or faster at the median over the sizes: {len(rowwise) - len(slow)} of {len(rowwise)} rows. {call}"
    slower = [name for name, found in shared.items() if min(found) < 1]
    for reason in dict.fromkeys(rows.REASONS.get(name, "not known") for name in slower):
        which = ", ".join(name for name in slower if rows.REASONS.get(name, "not known") == reason)
        yield f"- Slower at some size: {which}: {reason}."


def recipes(ratios: dict[str, list[float]], seconds: float, aims: Aims, _call: str) -> Iterator[str]:
    """What follows the table of recipes."""
    import peers_rows as rows

    for side, wished in ((224, 3.0), (512, 3.7)):
        where, overhead = where_it_goes(rows.COMMON, side, seconds)
        found = ratios["common"][SIZES.index(side)]
        why = f"of our time, {where}; if drawing and planning took no time, it would be {found / (1 - overhead):.2f} ×"
        aims.judge(f"recipe *common*, {side}", wished, found, why=why)
        yield f"Of our *common* at {side}: {where}."
    yield floor(seconds)
    aims.judge("recipe *geometry*, 512", 4.0, ratios["geometry"][1], why="see the floor below the recipes")
    where, _ = where_it_goes(rows.COLOUR, 512, seconds)
    aims.judge("recipe *colour*, 512", 2.0, ratios["colour"][1], why=f"of our time, {where}")
    ours, theirs = quality(rows.GEOMETRY, 512)
    aims.judge("quality of *geometry*, beside theirs", 6, ours - theirs, "dB", why="see the table of recipes")


def one_row(pair: peers_rows.Pair, photos: Sequence[tuple[int, Any]], seconds: float) -> tuple[str, list[float]]:
    """A line of the table, and the ratios of all columns."""
    import peers_measure as timing
    import peers_rows as rows

    cells, ratios, spread = [], [], ""
    for side, picture in [*((side, None) for side in SIZES), *photos]:
        picture = source(pair, side, picture)
        ours, theirs = rows.pipeline(pair, side), rows.composed(pair, side)
        mine, other = timing.in_turns([partial(our_call, ours, picture), partial(their_call, theirs, picture)], seconds)
        ratio = other.median / mine.median
        cells.append(f"{timing.figure(1000 * mine.median)} / {timing.figure(1000 * other.median)} = **{ratio:.2f}**")
        ratios.append(ratio)
        if side == 512:
            spread = f"{mine} / {other}"
    judged = ""
    if pair.judged:
        judged = " / ".join("equal" if dB >= 99 else f"{dB:.1f}" for dB in quality(pair, 256))
    return f"| {' | '.join([pair.name, *cells, spread, judged])} |", ratios


def our_call(pipeline: Any, picture: Any, number: int) -> Any:
    return pipeline(picture, seed=number)


def their_call(transform: Any, picture: Any, _number: int) -> Any:
    return transform(image=picture)


def source(pair: peers_rows.Pair, side: int, photo: Any = None) -> Any:
    """The picture that a row begins with: drawn, or a photo's middle, at the row's size."""
    import cv2
    import material

    width, height = (round(side * times) for times in pair.source)
    if photo is None:
        return material.draw_photo(width, height, seed=1)
    return photo if (width, height) == (side, side) else cv2.resize(photo, (width, height))


def real_photos() -> list[tuple[int, Any]]:
    """The middle of the largest photo beside the checkout, if there are any."""
    import cv2
    import numpy as np

    found = sorted(SAMPLES.rglob("*.jp*g"), key=lambda path: path.stat().st_size, reverse=True)
    for path in found:
        pixels = cv2.imread(str(path))
        if pixels is not None and min(pixels.shape[:2]) >= 400:
            side = min(*pixels.shape[:2], 800)
            top, left = (pixels.shape[0] - side) // 2, (pixels.shape[1] - side) // 2
            return [(side, np.ascontiguousarray(pixels[top : top + side, left : left + side, ::-1]))]
    return []


def quality(pair: peers_rows.Pair, side: int, draws: int = 5) -> tuple[float, float]:
    """Mean likeness of ours and of theirs to the exact result, each of its own drawn numbers."""
    import peers_measure as judge
    import peers_rows as rows

    picture = source(pair, side)
    pipeline, theirs = rows.pipeline(pair, side), rows.composed(pair, side, told=True)
    size = picture.shape[1], picture.shape[0]
    found: list[tuple[float, float]] = []
    for number in range(1 if pair.judged == "area" else draws):
        mine, other = pipeline(picture, seed=number), theirs(image=picture)
        if pair.judged == "area":
            found.append((judge.area_quality(mine, picture), judge.area_quality(other["image"], picture)))
        elif pair.judged == "blur":
            sigma = pipeline.draw(number, "", 1)[0].number("sigma")
            middle = sum(pipeline.transforms[0].range_of("sigma")) / 2
            found.append(
                (judge.blur_quality(mine, picture, sigma), judge.blur_quality(other["image"], picture, middle))
            )
        else:
            our_steps = judge.our_steps(pipeline, pipeline.draw(number, "", 1), size)
            their_steps = judge.their_steps(other["applied_transforms"], size)
            found.append(
                (
                    judge.geometry_quality(mine, picture, our_steps),
                    judge.geometry_quality(other["image"], picture, their_steps),
                )
            )
    return statistics.fmean(pair[0] for pair in found), statistics.fmean(pair[1] for pair in found)


def cost_of_a_call(seconds: float) -> str:
    """What a call costs in both that has next to no pixels to change."""
    import peers_measure as timing
    import peers_rows as rows

    pair = next(pair for pair in rows.SINGLES if pair.name == "invert")
    picture = source(pair, 64)
    calls = partial(our_call, rows.pipeline(pair, 64), picture), partial(their_call, rows.composed(pair, 64), picture)
    mine, other = timing.in_turns(calls, min(seconds, 0.5))
    return f"Inverting 64×64 pixels takes {1e6 * mine.median:.0f} µs here and {1e6 * other.median:.0f} there"


def where_it_goes(pair: peers_rows.Pair, side: int, seconds: float) -> tuple[str, float]:
    """The shares of a recipe's time, step by step, theirs running between the copies; and that of what comes before."""
    from time import thread_time

    import peers_rows as rows

    picture, ours, theirs = source(pair, side), rows.pipeline(pair, side), rows.composed(pair, side)
    height, width = picture.shape[:2]
    spent: dict[str, list[float]] = {}
    number, end = 0, thread_time() + seconds
    while thread_time() < end or number < 15:
        theirs(image=picture)
        start = thread_time()
        steps = ours.plan(ours.draw(number, "", 1), width, height).steps
        found = {"drawing and planning": thread_time() - start}
        pixels = picture
        for step in steps:
            start = thread_time()
            pixels = step.apply(pixels)
            name = step.describe().split(",")[0].split(" of ")[0].split("×")[0].rstrip("0123456789 ")
            found[name] = found.get(name, 0.0) + thread_time() - start
        for name, took in found.items():
            spent.setdefault(name, []).append(took)
        number += 1
    means = {name: sum(took) / number for name, took in spent.items()}
    whole = sum(means.values())
    shares = ", ".join(f"{name} {took / whole:.0%}" for name, took in means.items())
    return f"{shares} (of {1000 * whole:.2f} ms in the mean)", means["drawing and planning"] / whole


def where_noise_goes(seconds: float) -> str:
    """How much of the noise is the making of random words."""
    import numpy as np
    import peers_measure as timing
    import peers_rows as rows

    pair = next(pair for pair in rows.SINGLES if pair.name == "Gaussian noise 0.05")
    picture, ours = source(pair, 512), rows.pipeline(pair, 512)

    def words(number: int) -> object:
        return [np.random.SFC64(number + half).random_raw(picture.size // 8) for half in (0, 1)]

    mine, made = timing.in_turns([partial(our_call, ours, picture), words], seconds)
    return f"making the random words alone is {made.median / mine.median:.0%} of it"


def floor(seconds: float) -> str:
    """The floor beneath both: one bare warp, against our recipe *geometry*."""
    import cv2
    import numpy as np
    import peers_measure as timing
    import peers_rows as rows

    said = []
    for side in SIZES:
        picture = source(rows.GEOMETRY, side)
        matrix = np.array([[0.97, 0.2, -10.3], [-0.2, 0.97, 12.7]])
        ours = rows.pipeline(rows.GEOMETRY, side)

        def bare(_: int, picture: Any = picture, side: int = side, matrix: Any = matrix) -> Any:
            return cv2.warpAffine(picture, matrix, (side, side), borderMode=cv2.BORDER_REFLECT)

        mine, warp = timing.in_turns([partial(our_call, ours, picture), bare], seconds)
        said.append(f"{side}: {timing.figure(1000 * warp.median)} ms, ours {mine.median / warp.median:.2f} times that")
    return f"The floor, one bare `cv2.warpAffine`, against our seven steps of *geometry* — {'; '.join(said)}."


# -- export --------------------------------------------------------------------------------------------------------


def exports(rounds: int, workers: int, aims: Aims) -> Iterator[str]:
    """Whole commands, on the clock."""
    import peers_export as export

    median = statistics.median
    yield ""
    yield (
        f"Whole commands on the clock, in turns, {rounds} rounds, {workers} workers each: `augstudio export` "
        "(manifest, hashes and report included) against a loop of `cv2.imread`, Albumentations and `cv2.imwrite` in a "
        f"`ProcessPoolExecutor`; recipe *common*, {export.COPIES} copies of each picture, JPEG {export.QUALITY}; and "
        "the floor, the same loop that decodes and resizes once and encodes as many times. Copies go onto the disk of "
        f"the system's folder for temporary files, unless a row says otherwise. {export.photos_in_words()}. Seconds: "
        "median (quartiles)."
    )
    yield ""
    yield "| export | ours | theirs | ratio | floor | floor / ours |"
    yield "|---|---|---|---|---|---|"
    starts: list[float] = []
    with tempfile.TemporaryDirectory(prefix="augstudio-peers-") as name:
        folder = Path(name)
        bare = export.importing(rounds)
        for case in export.CASES:
            if case.memory and not export.MEMORY.is_dir():
                continue
            found = export.measure(folder, case, workers, rounds)
            ours, theirs, floor, start = (median(found[name]) for name in ("ours", "theirs", "floor", "start"))
            starts += found["start"]
            cells = [between(found[name]) for name in ("ours", "theirs", "floor")]
            cells[2:2] = [f"**{theirs / ours:.2f}**"]
            yield f"| {case.name} | {' | '.join(cells)} | {floor / ours:.2f} |"
            without = theirs / (ours - start)
            why = (
                f"{start:.2f} s of ours are the start (an export of one picture), without which it would be "
                f"{without:.2f} ×; the loop that changes nothing, and writes no manifest, is itself "
                f"{theirs / floor:.2f} × as fast as theirs"
            )
            if case.aim:
                aims.judge(f"export, {case.name}, {workers} workers", case.aim, theirs / ours, why=why)
                aims.judge(f"the same, beside the floor's speed, {case.name}", 0.5, floor / ours, why=why)
        took = export.writing(folder, rounds)
        labels = export.measure_labels(folder, workers, rounds)
        labelled, without = median(labels["with"]), median(labels["without"])
        each = 1000 * workers * (labelled - without) / (export.COPIES * export.FEW.pictures)
        yield ""
        yield (
            f"Labelled: the 300 photos with {export.BOXES} boxes each in YOLO's format take {between(labels['with'])} "
            f"s, with `--labels none` {between(labels['without'])} s."
        )
        aims.judge(
            f"export with {export.BOXES} boxes a picture, beside the same without labels",
            1.15,
            labelled / without,
            most=True,
            why=f"labels take {each:.2f} ms of a worker's time for each copy: its boxes are moved, cut and judged, and "
            f"written to a file of their own, which takes {took['ours'] / 1000:.2f} ms of it; all else of such a small "
            f"copy takes {1000 * workers * without / (export.COPIES * export.FEW.pictures):.1f} ms",
        )
        yield (
            f"Writing a file of 30 KB whole or not at all takes {took['ours']:.0f} µs, `open`, `write` and `close` "
            f"{took['plain']:.0f}."
        )
        which = "writing a file whole or not at all, beside `open`, `write`, `close`"
        aims.judge(which, 1.3, took["ours"] / took["plain"], most=True, why="moving it into place is one call more")
        yield (
            f"A start, which is an export of one picture, takes {median(starts):.2f} s; of that, a bare Python needs "
            f"{bare:.2f} s to import NumPy, OpenCV, Pillow, pydantic, Typer and Rich, and nothing else."
        )
        aims.judge(
            "memory of a worker at 12 megapixels", 250, worker_memory(folder), "MB", most=True, why="see speed.md"
        )


def worker_memory(folder: Path) -> float:
    """The most resident memory of a worker that makes copies of 12-megapixel photos, in MB."""
    import material
    import of_export

    source = folder / "12-megapixels"
    material.large_photos(source, 4)
    return of_export.run(source, folder / "12-megapixels-out", material.six_transforms(), 2, 1).memory


def between(seconds: Sequence[float]) -> str:
    if len(seconds) < 2:
        return f"{seconds[0]:.2f}"
    low, middle, high = statistics.quantiles(seconds, n=4, method="inclusive")
    return f"{middle:.2f} ({low:.2f}–{high:.2f})"


if __name__ == "__main__":
    sys.exit(main())
