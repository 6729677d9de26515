"""Export rates, one worker against two in turns, and the memory that a worker needs."""

from __future__ import annotations

import multiprocessing
import re
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING

import cv2
from material import six_transforms

from augstudio import dataset, images
from augstudio.export import Settings, Status, run_export
from augstudio.export.report import Progress
from augstudio.pipeline import Pipeline

if TYPE_CHECKING:
    from multiprocessing.queues import Queue
    from multiprocessing.synchronize import Barrier


@dataclass(frozen=True)
class Run:
    """One export.

    Attributes
    ----------
    rate : float
        Files per second, from the first job to the last file.
    start : float
        Seconds before that: until a worker process was ready.
    memory : float
        Largest resident size of a worker at any time, in MB; 0 where the system does not tell.
    """

    rate: float
    start: float
    memory: float


def run(source: Path, out: Path, pipeline: Pipeline, copies: int, workers: int) -> Run:
    """Export a folder."""
    sources = dataset.scan(source)
    settings = Settings(out=out, pipeline=pipeline, copies=copies, workers=workers)
    last: list[Progress] = []
    memory = [0.0]

    def told(progress: Progress) -> None:
        last.append(progress)
        memory[0] = max(memory[0], _largest_worker())

    begun = perf_counter()
    report = run_export(settings, sources, progress=told)
    took = perf_counter() - begun
    if report.state is not Status.COMPLETE or report.failures:
        raise RuntimeError(f"the export went wrong: {report.state} {report.reason} {report.failures}")
    elapsed = last[-1].elapsed
    return Run(report.files / elapsed, took - elapsed, memory[0])


def in_turns(source: Path, out: Path, pipeline: Pipeline, copies: int, rounds: int) -> dict[int, list[Run]]:
    """One worker, two workers, one worker, …: whatever else the machine does meets both.

    Each into a folder of its own: ext4 takes its time over every new file for minutes after thousands were deleted.
    """
    out.mkdir(parents=True)
    runs: dict[int, list[Run]] = {1: [], 2: []}
    for number in range(rounds):
        for workers in (1, 2) if number % 2 == 0 else (2, 1):
            runs[workers].append(run(source, out / f"{number}-{workers}", pipeline, copies, workers))
    return runs


def bare(picture: Path, seconds: float, rounds: int) -> dict[int, list[float]]:
    """Pictures a second that bare processes make of one picture in memory, one and two in turns: no export about it."""
    context = multiprocessing.get_context("spawn")
    rates: dict[int, list[float]] = {1: [], 2: []}
    for _ in range(rounds):
        for workers in rates:
            together, found = context.Barrier(workers), context.Queue()
            processes = [
                context.Process(target=_apply, args=(picture, seconds, together, found)) for _ in range(workers)
            ]
            for process in processes:
                process.start()
            rates[workers].append(sum(found.get(timeout=60) for _ in processes))
            for process in processes:
                process.join()
    return rates


def _apply(picture: Path, seconds: float, together: Barrier, found: Queue[float]) -> None:
    cv2.setNumThreads(1)
    pixels, pipeline = images.read(picture).pixels, six_transforms()
    plan = pipeline.plan(pipeline.draw(0, "bench", 1), pixels.shape[1], pixels.shape[0])
    plan.apply(pixels)
    together.wait()
    done, start = 0, perf_counter()
    while perf_counter() - start < seconds:
        plan.apply(pixels)
        done += 1
    found.put(done / (perf_counter() - start))


def _largest_worker() -> float:
    """The high-water mark of resident memory among this process's children, in MB."""
    largest = 0.0
    for child in multiprocessing.active_children():
        try:
            status = Path(f"/proc/{child.pid}/status").read_text()
        except OSError:  # gone, or no Linux
            continue
        found = re.search(r"VmHWM:\s+(\d+) kB", status)
        largest = max(largest, int(found[1]) / 1024 if found else 0.0)
    return largest
