"""Export rates, one worker against two in turns, and the memory that a worker needs."""

from __future__ import annotations

import multiprocessing
import re
import shutil
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter

from augstudio import dataset
from augstudio.export import Settings, State, run_export
from augstudio.export.report import Progress
from augstudio.pipeline import Pipeline


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
    """Export a folder, and remove what was written."""
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
    shutil.rmtree(out)
    if report.state is not State.COMPLETE or report.failures:
        raise RuntimeError(f"the export went wrong: {report.state} {report.reason} {report.failures}")
    elapsed = last[-1].elapsed
    return Run(report.files / elapsed, took - elapsed, memory[0])


def in_turns(source: Path, out: Path, pipeline: Pipeline, copies: int, rounds: int) -> dict[int, list[Run]]:
    """One worker, two workers, one worker, …: whatever else the machine does meets both."""
    runs: dict[int, list[Run]] = {1: [], 2: []}
    for number in range(rounds):
        for workers in (1, 2) if number % 2 == 0 else (2, 1):
            runs[workers].append(run(source, out, pipeline, copies, workers))
    return runs


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
