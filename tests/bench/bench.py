"""Measure what the design promises, and print it: `make bench`, or `python tests/bench/bench.py [--quick]`.

Everything but the sample dataset is drawn by the benchmark itself, and all of it lies in a temporary folder, the
user's own data included.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter

from page import Aim, Busy, Page, Row, load, machine, median, percentile, spread

SLIDER_AIM = Aim(50, "ms")
OVERHEAD_AIM = Aim(50, "%")
STRIP_AIM = Aim(2, "ms")
STALL_AIM = Aim(16, "ms")
SHOWN_AIM = Aim(100, "ms")
START_AIM = Aim(1.5, "s")
HELP_AIM = Aim(0.3, "s")
LISTING_AIM = Aim(1, "s")
SCROLLED_AIM = Aim(60, "a second", at_least=True)
FRAME_AIM = Aim(16, "ms")
THUMBNAILS_AIM = Aim(100, "MB")
LARGE_SHEET_AIM = Aim(1.5, "s")
SMALL_SHEET_AIM = Aim(0.3, "s")
FOLLOWED_AIM = Aim(5, "a second", at_least=True)
TILES_AIM = Aim(300, "MB")
JUDGED_AIM = Aim(20, "ms")
WORKER_AIM = Aim(250, "MB")
WORKERS_AIM = Aim(1.7, "×", at_least=True)
OBJECTS = 300
"""Boxes on each of the large photos, where there are any."""


@dataclass(frozen=True)
class Amount:
    """How much is measured."""

    photos: int
    engine_seconds: float
    moves: int
    drags: int
    drag_seconds: float
    beside: int
    crowd: int
    openings: int
    scrolls: int
    pages: int
    exports: int
    copies: int
    large_copies: int
    reduced_copies: int


FULL = Amount(
    photos=4,
    engine_seconds=0.4,
    moves=40,
    drags=5,
    drag_seconds=4.0,
    beside=20,
    crowd=20_000,
    openings=5,
    scrolls=3,
    pages=400,
    exports=3,
    copies=20,
    large_copies=2,
    reduced_copies=40,
)
QUICK = Amount(
    photos=2,
    engine_seconds=0.1,
    moves=10,
    drags=1,
    drag_seconds=2.0,
    beside=3,
    crowd=20_000,
    openings=2,
    scrolls=1,
    pages=40,
    exports=1,
    copies=6,
    large_copies=1,
    reduced_copies=6,
)


def main() -> None:
    parser = argparse.ArgumentParser(description="Measure augstudio on this machine.")
    parser.add_argument("--quick", action="store_true", help="few repetitions: whether it runs, not how fast")
    amount = QUICK if parser.parse_args().quick else FULL
    if sys.platform.startswith("linux") and not (os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")):
        os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    page = Page()
    with tempfile.TemporaryDirectory(prefix="augstudio-bench-") as folder:
        os.environ["AUGSTUDIO_HOME"] = str(Path(folder, "home"))
        measure(page, Path(folder), amount)


def measure(page: Page, folder: Path, amount: Amount) -> None:
    """Measure part by part; a part that fails is reported, and the others go on."""
    # Imported here, so that the workers of an export, which import this file anew, stay as small as they are in use.
    import material

    from augstudio import dataset

    began = perf_counter()
    page.say(f"augstudio measured on {machine()}; load before: {load()}")
    page.say(f"Six transforms everywhere: {material.IN_WORDS}.")
    photos, sample, crowd = folder / "photos", folder / "sample", folder / "crowd"
    material.large_photos(photos, amount.photos)
    objects = material.labelled(folder / "objects", photos, OBJECTS)
    pictures = dataset.copy_sample(sample)
    page.say(
        f"Drawn: {amount.photos} photos of 4000×3000 (JPEG, {material.megabytes(photos):.1f} MB each), "
        f"{amount.crowd:,} JPEGs of 500×375; the sample dataset: {len(pictures)} pictures."
    )
    material.crowded_folder(crowd, amount.crowd)
    pngs = folder / "pngs"
    material.large_pngs(pngs)
    parts: list[Callable[[], None]] = [
        lambda: engine(page, photos, sample, amount),
        lambda: cautions(page, amount),
        lambda: exports(page, photos, sample, folder / "out", amount),
        lambda: window(page, photos, objects, sample, amount),
        lambda: opening(page, photos, pngs, crowd, amount),
        lambda: scrolling(page, crowd, amount),
        lambda: sheet(page, photos, crowd, amount),
        lambda: starting(page, photos, amount),
    ]
    for part in parts:
        try:
            part()
        except Exception:  # the page says so, and the exit code stays 0: this measures, it does not judge
            page.say(f"\nThis part could not be measured:\n{traceback.format_exc()}")
    page.verdicts()
    page.say(f"\n{perf_counter() - began:.0f} s in all; load at the end: {load()}.")


def engine(page: Page, photos: Path, sample: Path, amount: Amount) -> None:
    import of_engine

    with Busy() as busy:
        heads, rows = of_engine.measure(
            sorted(photos.iterdir())[0], sorted((sample / "text").iterdir())[0], amount.engine_seconds
        )
    page.columns(
        "Engine alone",
        f"Median of the calls that fit into {amount.engine_seconds:g} s each, at least 3; no decoding, no window. "
        f"{busy}.",
        heads,
        rows,
    )


def cautions(page: Page, amount: Amount) -> None:
    import of_advice

    rows: list[Row] = []
    with Busy() as busy:
        for title, pipeline in of_advice.cases().items():
            judged = list(of_advice.judging(pipeline, amount.moves))
            times = [1000 * seconds for seconds, _ in judged]
            rows.append(Row(f"{title}: {judged[-1][1]} cautions", spread(times, 1, " ms"), JUDGED_AIM, median(times)))
    page.section(
        "Cautions",
        f"A slider of rotation is moved {amount.moves} times by {of_advice._MOVE:g}°; each time the pipeline is judged "
        f"and remedies are looked for. Processor time, median (lowest–highest). {busy}.",
        rows,
    )


def exports(page: Page, photos: Path, sample: Path, out: Path, amount: Amount) -> None:
    import of_export
    from material import six_transforms

    rows: list[Row] = []
    with Busy() as busy:
        floor = of_export.bare(sorted((sample / "text").iterdir())[0], amount.engine_seconds * 4, amount.exports)
        one, two = floor[1], floor[2]
        rows.append(
            Row("the machine: the plan alone in 2 bare processes against 1", f"{median(two) / median(one):.2f} ×")
        )
        for title, source, pipeline, copies in (
            ("sample set, output keep", sample, six_transforms(), amount.copies),
            ("12 MP, output keep", photos, six_transforms(), amount.large_copies),
            ("12 MP, output 224×224", photos, six_transforms((224, 224)), amount.reduced_copies),
        ):
            runs = of_export.in_turns(source, out / f"{len(rows)}", pipeline, copies, amount.exports)
            one, two = ([run.rate for run in runs[workers]] for workers in (1, 2))
            memory = max(run.memory for both in runs.values() for run in both)
            ratio = median(two) / median(one)
            rows += [
                Row(f"{title}: files per second with 1 worker", spread(one, 1)),
                Row(f"{title}: with 2 workers", spread(two, 1)),
                Row(f"{title}: 2 workers against 1", f"{ratio:.2f} ×", WORKERS_AIM, ratio),
                Row(
                    f"{title}: peak memory of a worker",
                    f"{memory:.0f} MB" if memory else "not told by this system",
                    WORKER_AIM if memory else None,
                    memory or 0.0,
                ),
                Row(
                    f"{title}: until the first worker was ready",
                    spread([run.start for both in runs.values() for run in both], 2, " s"),
                ),
            ]
    page.section(
        "Export",
        f"{amount.exports} runs with 1 and 2 workers in turns: median (lowest–highest). Sample: {amount.copies} copies "
        f"each; 12 MP: {amount.photos} photos, {amount.large_copies}-fold at full size, {amount.reduced_copies}-fold "
        f"at 224; as the source (JPEG at quality 95, or PNG). The rate is from the first job to the last file; the "
        "first line applies the plan to one picture over and over, without files: the most that this machine gives. "
        f"{busy}.",
        rows,
    )


def window(page: Page, photos: Path, objects: Path, sample: Path, amount: Amount) -> None:
    import of_window
    from material import COMMON_IN_WORDS, common_recipe, six_transforms

    rows: list[Row] = []
    with Busy() as busy:
        for title, source, pipeline, most in (
            ("12 MP, common", photos, common_recipe(), OVERHEAD_AIM),
            (f"12 MP with {OBJECTS} boxes, common", objects, common_recipe(), OVERHEAD_AIM),
            ("12 MP, six", photos, six_transforms(), OVERHEAD_AIM),
            ("sample set, six", sample, six_transforms(), None),
        ):
            driven = of_window.Driven(source, pipeline)
            made = list(driven.slider_to_picture(amount.moves))
            times, transforms = [1000 * took for took, _ in made], [1000 * took for _, took in made]
            overhead = median(100 * (took / of_it - 1) for took, of_it in made)
            idle = [1000 * gap for gap in driven.idle(1.0)]
            drags = [driven.drag(amount.drag_seconds) for _ in range(amount.drags)]
            beside = [1000 * (strip - without) for strip, without in driven.beside_the_strip(amount.beside)]
            driven.close()
            bare = [1000 * of_window.bare(amount.drag_seconds) for _ in range(amount.drags)]
            longest = [1000 * max(drag.gaps) for drag in drags]
            p99 = [1000 * percentile(drag.gaps, 0.99) for drag in drags]
            worked = [1000 * max(drag.worked) for drag in drags]
            delays = [1000 * percentile(drag.delays, share) for share in (0.5, 0.95) for drag in drags]
            half, late = delays[: len(drags)], delays[len(drags) :]
            shown = [len(drag.delays) / drag.seconds for drag in drags]
            moved = [drag.moves / drag.seconds for drag in drags]
            p95 = percentile(times, 0.95)
            rows += [
                Row(f"{title}: slider to picture, from rest, median", f"{median(times):.0f} ms"),
                Row(f"{title}: slider to picture, from rest, p95", f"{p95:.0f} ms", SLIDER_AIM, p95),
                Row(f"{title}: of which the transforms, median", f"{median(transforms):.0f} ms"),
                Row(f"{title}: what comes on top of them, median", f"{overhead:.0f} %", most, overhead),
                Row(f"{title}: slider to picture while dragging, median", spread(half, 0, " ms")),
                Row(
                    f"{title}: slider to picture while dragging, p95", spread(late, 0, " ms"), SLIDER_AIM, median(late)
                ),
                Row(f"{title}: pictures shown a second, of {median(moved):.0f} moves", spread(shown)),
                Row(
                    f"{title}: later because the strip fills in, median",
                    spread(beside, 1, " ms"),
                    STRIP_AIM,
                    median(beside),
                ),
                Row(f"{title}: longest stall while dragging", spread(longest, 0, " ms"), STALL_AIM, median(longest)),
                Row(f"{title}: 99 % of the stalls are shorter than", spread(p99, 0, " ms")),
                Row(f"{title}: most that the GUI thread itself worked in one go", spread(worked, 0, " ms")),
                Row(f"{title}: longest stall while nobody touches anything", f"{max(idle):.0f} ms"),
                Row(f"{title}: longest that 4 ms of bare arithmetic took", spread(bare, 0, " ms")),
            ]
    page.section(
        "Window",
        f"The real window, 1440×900, {os.environ.get('QT_QPA_PLATFORM', 'on the display')}; previews of at most 1024 "
        "px (of a JPEG of 4000 px: 1000, as decoded at a quarter). Six: the transforms above. Common: "
        f"{COMMON_IN_WORDS}; the picture keeps its size. Boxes: the same photos as a set in YOLO's format. From rest: "
        f"{amount.moves} times both handles of "
        f"{of_window.SLIDER} are set, up to the paint event that shows the picture of exactly that state; seeds change "
        "in between; what comes on top of the transforms has an aim for previews of large pictures. Strip: "
        f"{amount.beside} pairs, in turns with and without a strip that has just begun to fill in; the difference of "
        f"each. Drag: {amount.drags} drags of {amount.drag_seconds:g} s, mouse events to the slider "
        f"every {of_window.FRAME_MS} ms, through its amber zone; a picture's time runs from its own mouse event to its "
        f"paint. Stalls: gaps between beats of a {of_window.BEAT_MS}-ms timer in the GUI thread; one gap may hold "
        "several events, and waiting for the interpreter's lock and for a core, which the GUI thread shares with those "
        f"that compute. The arithmetic is done in no window, right after the drags, every {of_window.FRAME_MS} ms for "
        "as long, with work on all other cores: it shows what this machine does to any program that sleeps in between; "
        "where that takes longer than a stall may, nothing can be told of the window. "
        f"Median (lowest–highest) over the drags. {busy}.",
        rows,
    )


def opening(page: Page, photos: Path, pngs: Path, crowd: Path, amount: Amount) -> None:
    import of_window
    from material import six_transforms

    rows: list[Row] = []
    with Busy() as busy:
        for title, folder, aim in (
            ("12-MP JPEGs", photos, SHOWN_AIM),
            ("12-MP PNGs", pngs, SHOWN_AIM),
            (f"{amount.crowd:,} pictures", crowd, None),
        ):
            times, chosen = [], []
            for _ in range(amount.openings):
                driven = of_window.Driven(folder, six_transforms(), opened=False)
                times.append(driven.opening())
                chosen.append(1000 * driven.choosing())
                driven.close()
            original, augmented, stall = ([1000 * number for number in numbers] for numbers in zip(*times, strict=True))
            rows += [
                Row(f"{title}: folder to the first original", spread(original, 0, " ms"), aim, median(original)),
                Row(f"{title}: folder to the first augmented picture", spread(augmented, 0, " ms")),
                Row(f"{title}: longest stall meanwhile", spread(stall, 0, " ms")),
                Row(f"{title}: choosing another, to something of it", spread(chosen, 0, " ms"), aim, median(chosen)),
            ]
        listing = [of_window.listing(crowd) for _ in range(amount.openings)]
        rows.append(
            Row(f"{amount.crowd:,} pictures: listing alone", spread(listing, 2, " s"), LISTING_AIM, median(listing))
        )
    page.section(
        "Opening",
        f"From open_folder() to the paint event, in a new window at rest, {amount.openings} times; then another "
        "picture is chosen, of which the list has a thumbnail. Files in the system's cache. A JPEG is decoded at a "
        "quarter; a PNG can only be decoded whole, so that its thumbnail, where there is one, stands in. Median "
        f"(lowest–highest). {busy}.",
        rows,
    )


def scrolling(page: Page, crowd: Path, amount: Amount) -> None:
    import of_window
    from material import six_transforms

    rows: list[Row] = []
    with Busy() as busy:
        driven = of_window.Driven(crowd, six_transforms())
        for title, step in (("slowly (30 px a step)", 30), ("fast (400 px a step)", 400)):
            scrolls = [driven.scroll(amount.drag_seconds, step) for _ in range(amount.scrolls)]
            rates = [len(scroll.frames) / scroll.seconds for scroll in scrolls]
            late = [1000 * percentile(scroll.frames, 0.99) for scroll in scrolls]
            rows += [
                Row(f"{title}: frames painted", spread(rates, 0, " a second"), SCROLLED_AIM, median(rates)),
                Row(f"{title}: 99 % of the frames are painted within", spread(late, 1, " ms"), FRAME_AIM, median(late)),
                Row(
                    f"{title}: longest stall",
                    spread([1000 * max(scroll.gaps) for scroll in scrolls], 0, " ms"),
                ),
                Row(
                    f"{title}: thumbnails that came meanwhile",
                    spread([scroll.thumbnails / scroll.seconds for scroll in scrolls], 0, " a second"),
                ),
            ]
        before, thumbnails, after = of_window.memory(), driven.leaf(amount.pages), of_window.memory()
        driven.close()
        if before is not None and after is not None:
            grown = after - before
            rows.append(
                Row(f"memory that {thumbnails:,} thumbnails more took", f"{grown:.0f} MB", THUMBNAILS_AIM, grown)
            )
    page.section(
        "Scrolling",
        f"The list of {amount.crowd:,} pictures, {amount.scrolls} times {amount.drag_seconds:g} s; it is scrolled "
        f"every {of_window.FRAME_MS} ms, and a frame's time runs from there to the end of the list's paint event, "
        f"thumbnails coming in between. Then {amount.pages} pages, each until its thumbnails are there. Median "
        f"(lowest–highest). {busy}.",
        rows,
    )


def sheet(page: Page, photos: Path, crowd: Path, amount: Amount) -> None:
    import of_sheet
    from material import six_transforms

    rows: list[Row] = []
    many = of_sheet.linked(photos.parent / "many", photos, 60)
    with Busy() as busy:
        for title, folder, aim in (
            ("12-MP JPEGs", many, LARGE_SHEET_AIM),
            ("500×375", crowd, SMALL_SHEET_AIM),
        ):
            full, followed = [], []
            for _ in range(amount.openings):
                driven = of_sheet.Sheeted(folder, six_transforms())
                full.append(driven.filling())
                followed.append(driven.following(amount.drag_seconds / 2))
                driven.close()
            seconds, slowest = [one.seconds for one in full], [one.slowest for one in followed]
            stalls = [1000 * max(one.drag.gaps) for one in followed]
            rows += [
                Row(
                    f"{title}: until the first {full[0].tiles} pairs are there",
                    spread(seconds, 2, " s"),
                    aim,
                    median(seconds),
                ),
                Row(
                    f"{title}: a pair is made anew while a slider is dragged",
                    spread([one.median for one in followed], 0, " times a second"),
                ),
                Row(
                    f"{title}: the same, of the pair that it is least of",
                    spread(slowest, 0, " times a second"),
                    FOLLOWED_AIM,
                    median(slowest),
                ),
                Row(f"{title}: longest stall meanwhile", spread(stalls, 0, " ms")),
            ]
        driven = of_sheet.Sheeted(crowd, six_transforms())
        driven.filling()
        for title, step in (("slowly (30 px a step)", 30), ("fast (400 px a step)", 400)):
            scrolls = [driven.turning(amount.drag_seconds, step) for _ in range(amount.scrolls)]
            rates = [len(scroll.frames) / scroll.seconds for scroll in scrolls]
            late = [1000 * percentile(scroll.frames, 0.99) for scroll in scrolls]
            rows += [
                Row(f"{title}: frames painted", spread(rates, 0, " a second"), SCROLLED_AIM, median(rates)),
                Row(f"{title}: 99 % of the frames are painted within", spread(late, 1, " ms"), FRAME_AIM, median(late)),
                Row(f"{title}: longest stall", spread([1000 * max(scroll.gaps) for scroll in scrolls], 0, " ms")),
                Row(
                    f"{title}: pictures that came meanwhile",
                    spread([scroll.thumbnails / scroll.seconds for scroll in scrolls], 0, " a second"),
                ),
            ]
        before, shown, after = of_sheet.memory(), driven.leafing(amount.pages), of_sheet.memory()
        driven.close()
        if before is not None and after is not None:
            grown = after - before
            rows.append(Row(f"memory that {shown:,} pairs more took", f"{grown:.0f} MB", TILES_AIM, grown))
    page.section(
        "Sheet",
        f"The window as above, all pictures of a folder, original and copy in pairs. First: from the switch to the "
        f"paint event that shows every pair in view as it is to be, in a new window, {amount.openings} times; then the "
        f"slider is dragged for {amount.drag_seconds / 2:g} s. Scrolling: as of the list, through {amount.crowd:,} "
        "pictures. Memory: what images of tiles and reduced sources are held is bounded. Median (lowest–highest). "
        f"{busy}.",
        rows,
    )


def starting(page: Page, photos: Path, amount: Amount) -> None:
    import of_window

    with Busy() as busy:
        starts = [of_window.starting(photos) for _ in range(amount.openings + 1)][1:]
        helps = [of_window.helping() for _ in range(amount.openings + 1)][1:]
    usable, pictures = ([getattr(start, name) for start in starts] for name in ("usable", "pictures"))
    page.section(
        "Starting",
        f"Programs of their own, {amount.openings} times after one that does not count: from starting Python to a "
        "window that has been painted and answers, and to both pictures of a folder of 12-MP JPEGs. Median "
        f"(lowest–highest). {busy}.",
        [
            Row("augstudio open: to a usable window", spread(usable, 2, " s"), START_AIM, median(usable)),
            Row("augstudio open: to both pictures", spread(pictures, 2, " s")),
            Row("augstudio --help", spread(helps, 2, " s"), HELP_AIM, median(helps)),
        ],
    )


if __name__ == "__main__":
    main()
