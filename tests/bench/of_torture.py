"""Thousands of damaged pictures through the whole export: no crash, no hang, each accounted for. `make torture`.

`python tests/bench/of_torture.py [--pictures 4000] [--seed 0]`; everything lies in a temporary folder.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import random
import re
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future
from pathlib import Path
from typing import Any

from of_scale import peak
from page import Aim, Busy, Page, Row, load, machine

TESTS = Path(__file__).resolve().parents[1]
SAMPLES = TESTS.parents[1] / "shared" / "samples"
"""Real pictures, where there are some beside the checkout."""
SUFFIXES = {".jpg", ".jpeg", ".png", ".webp", ".gif", ".bmp", ".tif", ".tiff"}
LARGEST = 300_000
"""Bytes of a picture that is taken."""
COUNT = 4_000
SECONDS_AIM = Aim(20, "s")
MEMORY_AIM = Aim(1_000, "MB")


def main() -> int:
    parser = argparse.ArgumentParser(description="Export thousands of damaged pictures.")
    parser.add_argument("--pictures", type=int, default=COUNT)
    parser.add_argument("--seed", type=int, default=0, help="another one makes other damage")
    asked = parser.parse_args()
    page = Page()
    with tempfile.TemporaryDirectory(prefix="augstudio-torture-") as folder:
        os.environ["AUGSTUDIO_HOME"] = str(Path(folder, "home"))
        return measure(page, Path(folder), asked.pictures, asked.seed)


def measure(page: Page, folder: Path, count: int, seed: int) -> int:
    """Damage pictures, export them, and hold that each is accounted for; 1 if anything is wrong."""
    from material import six_transforms

    from augstudio import dataset
    from augstudio.export import Settings, Status, run_export, verify

    began = time.perf_counter()
    page.say(f"augstudio on {machine()}; load before: {load()}")
    originals = list(real(seed) if SAMPLES.is_dir() else drawn())
    kinds = damage(folder / "in", originals, count, seed)
    whole = f"{len(originals)} {'real and drawn' if SAMPLES.is_dir() else 'drawn'} ones"
    page.say(
        f"{count:,} pictures damaged from {whole} with seed {seed}: "
        f"{', '.join(f'{number:,} {suffix[1:]}' for suffix, number in sorted(kinds.items()))}."
    )
    found = dataset.scan(folder / "in")
    settings = Settings(str(folder / "out"), six_transforms((224, 224)), copies=1, originals=True, workers=2)
    watched = Watched()
    with Busy() as busy:
        start = time.perf_counter()
        report = run_export(settings, found, engine=watched.engine(settings.workers))
        took = time.perf_counter() - start
    verdict = verify(folder / "out")
    reasons = Counter(generalised(failure.reason) for failure in report.failures)
    exported = {job for job, files in watched.files.items() if files == 2}
    failed = {failure.source for failure in report.failures}
    wrong = [
        *([f"the export ended as {report.state}: {report.reason}"] if report.state is not Status.COMPLETE else []),
        *(f"not accounted for: {source.key}" for source in found.sources if source.key not in exported | failed),
        *(f"both exported and reported: {key}" for key in sorted(exported & failed)),
        *(f"no reason of one line: {f}" for f in report.failures if not f.reason.strip() or not f.reason.isprintable()),
        *(f"killed a worker: {failure.source}" for failure in report.failures if "worker process" in failure.reason),
        *(["verify finds something wrong"] if verdict is None or not verdict.ok else []),
        *report.problems,
    ]
    longest, of = max((seconds, key) for key, seconds in watched.seconds.items())
    page.section(
        f"{count:,} damaged pictures",
        "Each damaged one to three times: cut off, bits flipped, bytes overwritten, pieces swapped, blanked, doubled "
        "or removed, lengths and offsets replaced. Exported with 2 workers, one copy by six transforms at 224×224 "
        "and the original as well; then verified. A picture's time is that of its job in the worker; memory is the "
        f"high-water mark of the resident size, told after each picture. {busy}.",
        [
            Row("exported", f"{len(exported):,}"),
            Row("reported by name and reason", f"{len(failed):,}"),
            Row("longest time for a picture", f"{longest:.2f} s", SECONDS_AIM, longest),
            Row("… which is", of),
            Row("peak memory of a worker", f"{watched.memory:.0f} MB", MEMORY_AIM, watched.memory),
            Row("peak memory of the parent", f"{peak():.0f} MB", MEMORY_AIM, peak()),
            Row("pictures per second", f"{count / took:.0f}"),
            Row("anything wrong", f"{len(wrong)}", Aim(0, ""), len(wrong)),
        ],
    )
    page.columns("Reasons", "Details and numbers left out.", ["reason", "pictures"], table(reasons))
    for line in wrong[:40]:
        page.say(f"WRONG: {line}")
    page.verdicts()
    page.say(f"\n{time.perf_counter() - began:.0f} s in all; load at the end: {load()}.")
    return 1 if wrong else 0


class Watched:
    """How long each picture takes, what is written for it, and the most memory of any worker."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}
        self.files: dict[str, int] = {}
        self.memory = 0.0

    def engine(self, workers: int) -> Any:
        """The engine of the export itself, with a clock in front of each job."""
        from augstudio.export.engines import local as engine
        from augstudio.pool.retrying import Engine

        local = engine(workers)
        return Engine(lambda: _Timed(local.start(), self), local.window)


class _Timed(Executor):
    """An executor that keeps the time of each job."""

    def __init__(self, inner: Executor, watched: Watched) -> None:
        self._inner, self._watched = inner, watched

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        future: Future[Any] = Future()
        future.set_running_or_notify_cancel()
        self._inner.submit(timed, fn, *args).add_done_callback(lambda done: self._pass_on(done, future))
        return future

    def _pass_on(self, done: Future[Any], future: Future[Any]) -> None:
        error = done.exception()
        if error is not None:
            future.set_exception(error)
            return
        result, seconds, memory = done.result()
        self._watched.memory = max(self._watched.memory, memory)
        self._watched.seconds[result.key] = seconds
        self._watched.files[result.key] = 0 if result.reason else len(result.outputs)
        future.set_result(result)

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        self._inner.shutdown(wait=wait, cancel_futures=cancel_futures)


def timed(fn: Callable[..., Any], *args: Any) -> tuple[Any, float, float]:
    """Call something in the worker, and tell how long it took and the most memory that the worker has had."""
    start = time.perf_counter()
    return fn(*args), time.perf_counter() - start, peak()


def real(seed: int) -> Iterator[tuple[bytes, str]]:
    """Real pictures, some of each folder and kind."""
    paths = sorted(path for path in SAMPLES.rglob("*") if path.suffix.lower() in SUFFIXES)
    random.Random(seed).shuffle(paths)
    per_kind: Counter[tuple[str, str]] = Counter()
    for path in paths:
        kind = path.relative_to(SAMPLES).parts[0], path.suffix.lower()
        if per_kind[kind] < 60 and path.stat().st_size <= LARGEST:
            per_kind[kind] += 1
            yield path.read_bytes(), path.suffix.lower()
    yield from drawn()  # the formats that are not among them


def drawn() -> Iterator[tuple[bytes, str]]:
    """Pictures of every format that is written, and GIF and AVIF where there is a writer."""
    import io

    from material import draw_photo
    from PIL import Image, features

    formats = ["JPEG.jpg", "PNG.png", "WEBP.webp", "BMP.bmp", "TIFF.tif", "GIF.gif", "JPEG2000.jp2"]
    if features.check("avif"):
        formats.append("AVIF.avif")
    with contextlib.suppress(ImportError):
        import pillow_heif

        pillow_heif.register_heif_opener()
        formats.append("HEIF.heic")
    for seed, (name, _, suffix) in enumerate(kind.partition(".") for kind in formats * 10):
        buffer = io.BytesIO()
        packed = ("raw", "tiff_lzw", "tiff_deflate")[seed % 3]
        options: dict[str, Any] = {"compression": packed} if name == "TIFF" else {}
        Image.fromarray(draw_photo(120 + seed, 90, seed)).save(buffer, name, **options)
        yield buffer.getvalue(), f".{suffix}"


def damage(folder: Path, originals: list[tuple[bytes, str]], count: int, seed: int) -> Counter[str]:
    """Write so many damaged pictures, in ten classes."""
    sys.path.insert(0, str(TESTS / "images"))
    from mutating import mutated

    rng = random.Random(seed)
    kinds: Counter[str] = Counter()
    for number in range(count):
        data, suffix = originals[number % len(originals)]
        path = folder / f"class {number % 10}" / f"{number:05}{suffix}"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(mutated(data, rng))
        kinds[suffix] += 1
    return kinds


def generalised(reason: str) -> str:
    """A reason without what differs from picture to picture."""
    return re.sub(r"[0-9a-f]{6,}|\d[\d,.]*", "…", reason.partition(" (")[0])[:70]


def table(reasons: Counter[str]) -> list[list[str]]:
    rows = [[reason, f"{number:,}"] for reason, number in reasons.most_common(30)]
    rest = sum(reasons.values()) - sum(number for _, number in reasons.most_common(30))
    return [*rows, ["others", f"{rest:,}"]] if rest else rows


if __name__ == "__main__":
    sys.exit(main())
