"""What tells a file from another one under its name: when it was changed, and its size."""

from __future__ import annotations

import os
from pathlib import Path

Stamp = tuple[int, ...]
"""Time of the last change in nanoseconds, and size in bytes; empty where there is no such file, or not known."""


def stamp_of(path: Path | str) -> Stamp:
    """The stamp of a file or folder as it is now; it may take a while where that is far away."""
    try:
        status = os.stat(path)  # noqa: PTH116  (of thousands of paths, a Path each is slow)
    except (OSError, ValueError):
        return ()
    return status.st_mtime_ns, status.st_size
