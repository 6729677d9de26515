"""An export of very many tiny pictures: does memory grow, does the rate fall? `make scale`.

`python tests/bench/of_scale.py [--pictures 100000]`; everything lies in a temporary folder. With `TMPDIR` set to a
folder in memory, such as /dev/shm, the disk has no part in the figures.
"""

from __future__ import annotations

import argparse
import multiprocessing
import os
import re
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from time import perf_counter, process_time
from typing import TYPE_CHECKING, Any, NamedTuple

from page import Aim, Busy, Page, Row, load, machine, median

if TYPE_CHECKING:
    from multiprocessing.queues import Queue

    from augstudio.export.report import Progress
    from augstudio.pipeline import Pipeline

PICTURES = 100_000
CLASSES = 100
INLINE = 2_000
STRIDE = 10_000
MEMORY_AIM = Aim(300, "MB")
FLAT_AIM = Aim(0.85, "×", at_least=True)
COST_AIM = Aim(1.15, "×")
PARENT_AIM = Aim(60, "%")


class Sample(NamedTuple):
    """How far an export was: seconds since it began, files written, processor time of it and its workers in seconds."""

    time: float
    files: int
    work: float


@dataclass
class Told:
    """What a stage has measured; it runs in a process of its own, so that its peak of memory is its own.

    Attributes
    ----------
    seconds : dict
        Time of each part, by its name.
    peak, before : float
        Most memory that was resident at any time, in MB; and when all was imported.
    processor : float
        Seconds of processor time of the process itself, without its workers.
    samples : list of Sample
        In the order of time.
    files : int
        Of the export.
    """

    seconds: dict[str, float] = field(default_factory=dict)
    peak: float = 0.0
    before: float = 0.0
    processor: float = 0.0
    samples: list[Sample] = field(default_factory=list)
    files: int = 0

    @contextmanager
    def timed(self, what: str) -> Iterator[None]:
        start = perf_counter()
        yield
        self.seconds[what] = self.seconds.get(what, 0.0) + perf_counter() - start

    def watched(self, owner: Any, name: str) -> None:
        """Time every call of a function."""
        plain: Callable[..., Any] = getattr(owner, name)

        def call(*args: Any, **kwargs: Any) -> Any:
            with self.timed(name):
                return plain(*args, **kwargs)

        setattr(owner, name, call)


def main() -> None:
    parser = argparse.ArgumentParser(description="Export very many tiny pictures.")
    parser.add_argument("--pictures", type=int, default=PICTURES)
    count = parser.parse_args().pictures
    page = Page()
    with tempfile.TemporaryDirectory(prefix="augstudio-scale-") as folder:
        os.environ["AUGSTUDIO_HOME"] = str(Path(folder, "home"))
        measure(page, Path(folder), count)


def measure(page: Page, folder: Path, count: int) -> None:
    """Draw the pictures, and run stage after stage."""
    began = perf_counter()
    page.say(f"augstudio measured on {machine()}; load before: {load()}")
    source, out = folder / "in", folder / "out"
    drawn = perf_counter()
    draw(source, count)
    page.say(f"Made {count:,} pictures in {CLASSES} classes in {perf_counter() - drawn:.0f} s.")
    with Busy() as busy:
        alone = staged(inline, source, folder / "inline", min(INLINE, count))
        told = staged(exported, source, out)
    page.section(
        f"Export of {count:,} pictures",
        f"PNG and JPEG of 16×16 pixels, 8 kinds of bytes under {count:,} names in {CLASSES} folders; one copy of each "
        f"by rotate and brightness, 2 workers (and {min(INLINE, count):,} of them with none). Each stage runs in a "
        "process of its own, and its memory is the high-water mark of the resident size that the system keeps for it. "
        "Rates are told from the progress that the export reports ten times a second, from the first file told to the "
        "last; while the first thousand is written, the second worker may still be starting. Other programs and the "
        "disk make rates uneven, so the processor time of the parent and its workers together, which they change less, "
        f"stands beside them. {busy}.",
        list(of_export(told, alone)),
    )
    with Busy() as busy:
        checked, kept = staged(verified, out), staged(resumed, source, out)
    page.section(
        "Afterwards",
        "verify reads and hashes every file; resuming a complete export does so too, and keeps every file. "
        f"Processes of their own, as above. {busy}.",
        [
            Row("verify", f"{checked.seconds['verify']:.1f} s"),
            Row("verify: peak memory", f"{checked.peak:.0f} MB", MEMORY_AIM, checked.peak),
            Row("resume of the complete export, from scan to report", f"{sum(kept.seconds.values()):.1f} s"),
            Row("resume: peak memory", f"{kept.peak:.0f} MB", MEMORY_AIM, kept.peak),
        ],
    )
    page.verdicts()
    page.say(f"\n{perf_counter() - began:.0f} s in all; load at the end: {load()}.")


def of_export(told: Told, alone: Told) -> Iterator[Row]:
    # From the first file to the last: what comes before and after is told apart.
    samples = [sample for sample in told.samples[:-1] if sample.files]
    start, end = samples[0].files, samples[-1].files
    pieces = [between(samples, max(at, start), min(at + STRIDE, end)) for at in range(0, end, STRIDE)]
    rates, costs = ([piece[i] for piece in pieces] for i in (0, 1))
    first, last = between(samples, start, start + 1_000)[0], between(samples, end - 1_000, end)[0]
    parent = 100 * told.processor / told.seconds["export"]
    yield Row("memory of the parent before it scans", f"{told.before:.0f} MB")
    yield Row("peak memory of the parent", f"{told.peak:.0f} MB", MEMORY_AIM, told.peak)
    yield Row("until the first file is told", f"{samples[0][0]:.1f} s")
    yield Row("files per second: all", f"{between(samples, start, end)[0]:.0f}")
    yield Row("files per second: first 1,000", f"{first:.0f}")
    for number, one in enumerate(rates):
        yield Row(f"files per second: {number * STRIDE:,} to {min((number + 1) * STRIDE, told.files):,}", f"{one:.0f}")
    yield Row("files per second: last 1,000", f"{last:.0f}")
    ratio = min(rates) / median(rates)
    yield Row(f"files per second: slowest {STRIDE:,} against the median", f"{ratio:.2f} ×", FLAT_AIM, ratio)
    if all(costs):
        first_cost, ratio = 1000 * costs[0], max(costs) / median(costs)
        yield Row("processor time per file: first 10,000", f"{first_cost:.2f} ms")
        yield Row("processor time per file: last 10,000", f"{1000 * costs[-1]:.2f} ms")
        yield Row(f"processor time per file: dearest {STRIDE:,} against the median", f"{ratio:.2f} ×", COST_AIM, ratio)
    yield Row("files per second without workers", f"{between(alone.samples[:-1], 0, alone.samples[-2].files)[0]:.0f}")
    yield Row("processor time of the parent, of one core", f"{parent:.0f} %", PARENT_AIM, parent)
    for name, what in (
        ("scan", "scan"),
        ("plan", "plan"),
        ("finish", "manifest put in order at the end"),
        ("read_back", "folders read back"),
        ("_write_report", "reports written"),
    ):
        yield Row(what, f"{told.seconds[name]:.2f} s")
    yield Row("from scan to report", f"{told.seconds['scan'] + told.seconds['export']:.0f} s")


def between(samples: list[Sample], start: int, end: int) -> tuple[float, float]:
    """Files per second, and seconds of processor time per file, from one number of files to another."""
    one, other = at(samples, start), at(samples, end)
    return (end - start) / (other.time - one.time), (other.work - one.work) / (end - start)


def at(samples: list[Sample], files: int) -> Sample:
    """How things stood when so many files were written: between two samples, as if evenly."""
    before = samples[0]
    for sample in samples:
        if sample.files >= files:
            share = (files - before.files) / (sample.files - before.files) if sample.files > before.files else 0.0
            time, work = (b + share * (s - b) for s, b in ((sample.time, before.time), (sample.work, before.work)))
            return Sample(time, files, work)
        before = sample
    return before


def draw(folder: Path, count: int) -> None:
    """Write the pictures; of each kind, all but the first in a folder are links."""
    from material import draw_photo

    from augstudio.images import encode

    kinds = []
    for seed in range(8):
        encoder, suffix = (("PNG", ".png"), ("JPEG", ".jpg"))[seed % 2]
        kinds.append((encode(draw_photo(16, 16, seed), encoder, 90), suffix))
    made: dict[tuple[int, int], str] = {}
    for label in range(CLASSES):
        (folder / f"class {label:03}").mkdir(parents=True)
    for number in range(count):
        label, kind = number % CLASSES, number // CLASSES % len(kinds)
        path = f"{folder}/class {label:03}/picture {number:06}{kinds[kind][1]}"
        if (label, kind) in made:
            os.link(made[label, kind], path)
        else:
            Path(path).write_bytes(kinds[kind][0])
            made[label, kind] = path


def pipeline() -> Pipeline:
    from augstudio.pipeline import Pipeline
    from augstudio.transforms import registry

    steps = (registry()["rotate"].default(angle=(-15, 15)), registry()["brightness"].default(amount=(-0.2, 0.2)))
    return Pipeline(name="Two transforms", transforms=steps)


# -- stages, each in a process of its own ----------------------------------------------------------------------------


def staged(stage: Callable[..., Told], *args: Any) -> Told:
    """Run a stage in a new process."""
    context = multiprocessing.get_context("spawn")
    found: Queue[Told] = context.Queue()
    process = context.Process(target=_stage, args=(stage, args, found))
    process.start()
    while process.is_alive() and found.empty():
        process.join(0.1)
    if process.exitcode:
        raise RuntimeError(f"the stage {stage.__name__} died ({process.exitcode})")
    told = found.get()
    process.join()
    return told


def _stage(stage: Callable[..., Told], args: tuple[Any, ...], found: Queue[Told]) -> None:
    import augstudio.dataset
    import augstudio.export  # noqa: F401

    before = peak()
    told = stage(*args)
    told.before, told.peak = before, peak()
    found.put(told)


def exported(source: Path, out: Path, *, resume: bool = False, workers: int = 2, count: int | None = None) -> Told:
    import dataclasses

    from augstudio import dataset
    from augstudio.export import Settings, Status, layout, manifest, run_export, runner

    told = Told()

    def tell(progress: Progress) -> None:
        told.samples.append(Sample(progress.elapsed, progress.files, process_time() + of_workers()))

    told.watched(manifest.Manifest, "finish")
    told.watched(layout, "read_back")
    told.watched(runner, "plan_export")
    told.watched(runner._Export, "_write_report")
    with told.timed("scan"):
        found = dataset.scan(source)
    if count is not None:
        found = dataclasses.replace(found, sources=found.sources[:count])
    settings = Settings(str(out), pipeline(), copies=1, workers=workers)
    start = process_time()
    with told.timed("export"):
        report = run_export(settings, found, progress=tell, resume=resume)
    told.processor = process_time() - start
    told.files = report.files
    if report.state is not Status.COMPLETE or report.failures or report.problems or report.files != len(found.sources):
        raise RuntimeError(f"the export went wrong: {report.state} {report.reason} {report.failures[:3]}")
    if resume and report.kept != len(found.sources):
        raise RuntimeError(f"only {report.kept:,} pictures were kept")
    return told


def inline(source: Path, out: Path, count: int) -> Told:
    return exported(source, out, workers=0, count=count)


def resumed(source: Path, out: Path) -> Told:
    told = exported(source, out, resume=True)
    return Told(seconds={name: told.seconds[name] for name in ("scan", "export")})


def verified(out: Path) -> Told:
    from augstudio.export import verify

    told = Told()
    with told.timed("verify"):
        verdict = verify(out)
    if verdict is None or not verdict.ok:
        raise RuntimeError(f"verify found something: {verdict}")
    return told


def of_workers() -> float:
    """Processor time of this process's children in seconds; 0 where the system does not tell."""
    ticks = 0
    for child in multiprocessing.active_children():
        try:
            fields = Path(f"/proc/{child.pid}/stat").read_text().rpartition(")")[2].split()
        except OSError:  # gone, or no Linux
            continue
        ticks += int(fields[11]) + int(fields[12])
    return ticks / os.sysconf("SC_CLK_TCK") if ticks else 0.0


def peak() -> float:
    """The most memory that this process has had resident, in MB."""
    try:
        found = re.search(r"VmHWM:\s+(\d+) kB", Path("/proc/self/status").read_text())
    except OSError:
        found = None
    if found:
        return int(found[1]) / 1024
    try:
        import resource
    except ImportError:  # on Windows
        return 0.0
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return most / (2**20 if sys.platform == "darwin" else 1024)


if __name__ == "__main__":
    main()
