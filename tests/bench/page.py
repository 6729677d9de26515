"""Numbers from repetitions, and the page that they are printed on."""

from __future__ import annotations

import contextlib
import ctypes
import multiprocessing
import os
import platform
import statistics
import sys
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from multiprocessing import forkserver
from pathlib import Path
from time import perf_counter
from typing import ClassVar, Self

from rich import box
from rich.console import Console
from rich.table import Table

WIDTH = 118


@dataclass(frozen=True)
class Aim:
    """What a row is held against: a median that must not be above, or below, a figure."""

    figure: float
    unit: str
    at_least: bool = False

    def met_by(self, value: float) -> bool:
        return value >= self.figure if self.at_least else value <= self.figure

    def __str__(self) -> str:
        return f"{'≥' if self.at_least else '≤'} {self.figure:g} {self.unit}".strip()


@dataclass(frozen=True)
class Row:
    """A line of the page: what was measured, what came out, and what was wished for.

    `machine` is what the machine comes to without the program, where that can be measured: where it misses the aim by
    itself, nothing can be told of the program.
    """

    what: str
    value: str
    aim: Aim | None = None
    judged: float = 0.0
    machine: float | None = None

    @property
    def verdict(self) -> str:
        if self.aim is None:
            return ""
        if self.aim.met_by(self.judged):
            return f"met ({self.aim})"
        if self.machine is not None and not self.aim.met_by(self.machine):
            return f"not to be told here ({self.aim})"
        return f"MISSED ({self.aim})"


def median(values: Iterable[float]) -> float:
    return statistics.median(values)


def percentile(values: Sequence[float], share: float) -> float:
    """The smallest value that at least `share` of them do not exceed."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, max(0, -(-int(share * 1000) * len(ordered) // 1000) - 1))]


def spread(values: Sequence[float], digits: int = 0, unit: str = "") -> str:
    """Give the median, with the lowest and highest behind it."""
    low, high = f"{min(values):.{digits}f}", f"{max(values):.{digits}f}"
    return f"{median(values):.{digits}f}{unit}" + (f" ({low}–{high})" if len(values) > 1 else "")


def timed(run: Callable[[], object], seconds: float, least: int = 3) -> float:
    """Median time of a call, in seconds, over as many repetitions as fit; the first call does not count."""
    run()
    times: list[float] = []
    end = perf_counter() + seconds
    while len(times) < least or perf_counter() < end:
        start = perf_counter()
        run()
        times.append(perf_counter() - start)
    return median(times)


def load() -> str:
    """How busy the machine is with everything that runs on it."""
    try:
        return f"{os.getloadavg()[0]:.1f}"
    except (AttributeError, OSError):
        return "unknown"


class Busy:
    """What other programs did meanwhile: how many of the cores they kept busy. Known on Linux only."""

    most: ClassVar[float] = 0.0
    """The most of all times that were looked at."""

    def __enter__(self) -> Self:
        _adopt()
        self._start = self._now()
        return self

    def __exit__(self, *_: object) -> None:
        begin, end = self._start, self._now()
        self._cores: float | None = None
        if begin and end:
            every, own, moment = (b - a for a, b in zip(begin, end, strict=True))
            self._cores = max(0.0, (every - own) / moment)
            Busy.most = max(Busy.most, self._cores)

    def __str__(self) -> str:
        if self._cores is None:
            return "What else ran on the machine is not known"
        return f"Other programs kept {self._cores:.1f} of {os.cpu_count()} cores busy meanwhile"

    @staticmethod
    def _now() -> tuple[float, float, float] | None:
        """Seconds of processor time of everything, of this process and its ended children, and the time."""
        try:
            numbers = [int(word) for word in Path("/proc/stat").read_text().splitlines()[0].split()[1:9]]
        except OSError:
            return None
        user, nice, system, _idle, _waiting, interrupts, soft, stolen = numbers
        ticks = user + nice + system + interrupts + soft + stolen
        _bury()
        own = sum(os.times()[:4]) + _forked()
        return ticks / os.sysconf("SC_CLK_TCK"), own, perf_counter()


_ADOPT_ORPHANS = 36
"""PR_SET_CHILD_SUBREAPER of Linux's prctl(2)."""


def _adopt() -> None:
    """Become the parent of what commands leave behind: else the time of an export's workers is nobody's.

    Workers are children of a process that they are forked from, which ends a little after its command has.
    """
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_ADOPT_ORPHANS, 1, 0, 0, 0)


def _bury() -> None:
    """Count the time of those that were left behind, once they have ended."""
    if sys.platform != "linux":
        return
    known = {child.pid for child in multiprocessing.active_children()}
    with contextlib.suppress(OSError):  # a kernel that does not list children
        for child in Path(f"/proc/{os.getpid()}/task/{os.getpid()}/children").read_text().split():
            if int(child) not in known:
                os.waitpid(int(child), os.WNOHANG)


def _forked() -> float:
    """Seconds of processor time of the process that workers are forked from, and of those that have ended."""
    server = getattr(forkserver, "_forkserver", None)
    try:
        words = Path(f"/proc/{server._forkserver_pid}/stat").read_text().rpartition(")")[2].split()
    except (AttributeError, OSError):  # there is none, or no Linux
        return 0.0
    return sum(int(word) for word in words[11:15]) / os.sysconf("SC_CLK_TCK")


def machine() -> str:
    """Say in one line what it is measured with."""
    names = ("numpy", "opencv-python", "Pillow", "PySide6-Essentials")
    versions = ", ".join(f"{name} {version(name)}" for name in names)
    system = f"{platform.system()} {platform.machine()}, Python {platform.python_version()}"
    return f"{os.cpu_count()} cores, {system}, {versions}"


class Page:
    """Prints sections as they are measured, so that a run that is cut short still told something."""

    def __init__(self) -> None:
        self._console = Console(width=WIDTH, highlight=False)
        self._judged: list[Row] = []

    def say(self, words: str) -> None:
        self._console.print(words, markup=False)

    def section(self, title: str, method: str, rows: Sequence[Row]) -> None:
        self._console.print(f"\n[bold]{title}[/bold]")
        self._console.print(method, style="dim", markup=False)
        table = Table(box=box.SIMPLE_HEAD, show_header=False, pad_edge=False, expand=True)
        table.add_column(ratio=6)
        table.add_column(justify="right", ratio=3, no_wrap=True)
        table.add_column(ratio=2, no_wrap=True)
        for row in rows:
            table.add_row(row.what, row.value, row.verdict)
        self._console.print(table)
        self._judged += [row for row in rows if row.aim]

    def columns(self, title: str, method: str, heads: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
        self._console.print(f"\n[bold]{title}[/bold]")
        self._console.print(method, style="dim", markup=False)
        table = Table(box=box.SIMPLE_HEAD, pad_edge=False, expand=True)
        for number, head in enumerate(heads):
            table.add_column(head, justify="right" if number else "left", ratio=1 if number else 2)
        for row in rows:
            table.add_row(*row)
        self._console.print(table)

    def verdicts(self) -> None:
        self._console.print("\n[bold]Aims[/bold]")
        if Busy.most > 0.25:
            self._console.print(
                f"Other programs kept up to {Busy.most:.1f} cores busy: on a quiet machine, more may be met than here."
            )
        for row in self._judged:
            self._console.print(f"  {row.verdict:<22} {row.what}: {row.value}", markup=False)
