"""What the user asks of an export."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from pathlib import Path

from augstudio.images import DEFAULT_MAX_PIXELS, Encoding
from augstudio.pipeline import MAX_SEED, Pipeline

MAX_COPIES = 10_000
MAX_WORKERS = 61
"""As many processes as Windows can wait for."""


class ExportError(Exception):
    """An export that cannot be begun; the message is one plain line."""


def available_workers() -> int:
    """How many processes can work at once on this machine, as far as this process may use it."""
    try:
        count = len(os.sched_getaffinity(0))
    except AttributeError:  # not on Windows and macOS
        count = os.cpu_count() or 1
    return min(count, MAX_WORKERS)


@dataclass(frozen=True)
class Settings:
    """What the user asks of an export; the dataset comes beside it.

    Attributes
    ----------
    out : Path
        The folder to fill. It need not exist.
    pipeline : Pipeline
        What makes the copies.
    copies : int
        Of every picture, 1 to `MAX_COPIES`.
    seed : int
        0 to `MAX_SEED`.
    originals : bool
        Whether each picture is exported itself as well.
    encoding : Encoding
        How the files are written.
    max_pixels : int
        Larger pictures are refused; at least 1.
    workers : int
        Processes, 1 to `MAX_WORKERS`; with 0 the calling thread does the work.

    Raises
    ------
    ExportError
        If a number is out of bounds.
    """

    out: Path
    pipeline: Pipeline
    copies: int = 4
    seed: int = 0
    originals: bool = False
    encoding: Encoding = field(default_factory=Encoding)
    max_pixels: int = DEFAULT_MAX_PIXELS
    workers: int = field(default_factory=available_workers)

    def __post_init__(self) -> None:
        for name, value, low, high in (
            ("copies", self.copies, 1, MAX_COPIES),
            ("seed", self.seed, 0, MAX_SEED),
            ("max_pixels", self.max_pixels, 1, None),
            ("workers", self.workers, 0, MAX_WORKERS),
        ):
            if value < low or (high is not None and value > high):
                allowed = f"{low:,} or more" if high is None else f"{low:,} to {high:,}"
                raise ExportError(f"{name} is {value:,}; allowed is {allowed}")

    @property
    def indexes(self) -> tuple[int, ...]:
        """Indexes of the copies of each picture; 0 is the original."""
        return (*((0,) if self.originals else ()), *range(1, self.copies + 1))

    def as_json(self) -> dict[str, object]:
        """The settings as plain JSON values, the pipeline by its name alone (it goes into a file of its own)."""
        return {
            "preset": self.pipeline.name,
            "copies": self.copies,
            "seed": self.seed,
            "originals": self.originals,
            "format": self.encoding.format.value,
            "quality": self.encoding.quality,
            "max_pixels": self.max_pixels,
            "workers": self.workers,
        }
