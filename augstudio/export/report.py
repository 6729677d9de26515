"""What is told about an export: while it runs, at its end, and in `report.json`."""

from __future__ import annotations

import json
import platform
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

import cv2
import numpy as np
import PIL

import augstudio
from augstudio.export.destination import REPORT, REPORT_FIELD
from augstudio.export.settings import Settings
from augstudio.files import write_atomically

VERSION = 1


class State(StrEnum):
    """How far an export has come."""

    RUNNING = "running"
    COMPLETE = "complete"
    CANCELLED = "cancelled"
    STOPPED = "stopped"


@dataclass(frozen=True)
class Failure:
    """A picture that is missing from an export, wholly or in part, and why."""

    source: str
    reason: str


@dataclass(frozen=True)
class Progress:
    """Where a running export stands.

    Attributes
    ----------
    done, total : int
        Pictures of the source, failed ones included.
    files, bytes : int
        Written so far.
    failures : int
        Pictures that failed so far.
    elapsed : float
        Seconds since the first picture was begun.
    rate : float
        Files per second, on average.
    eta : float or None
        Seconds left; None while it cannot be told.
    """

    done: int
    total: int
    files: int
    bytes: int
    failures: int
    elapsed: float
    rate: float
    eta: float | None


@dataclass(frozen=True)
class Report:
    """What came of an export.

    Attributes
    ----------
    state : State
        Complete: every picture was tried. Cancelled: the user ended it. Stopped: it could not go on, see `reason`.
    reason : str
        One plain line; empty unless stopped.
    out : Path
        The folder filled.
    total, done : int
        Pictures in the source, and those that were tried.
    files, bytes : int
        Written.
    classes : mapping of str to int
        Files written per class.
    failures : tuple of Failure
        Sorted by source.
    skipped : tuple of str
        What the source holds that could not even be listed as a picture.
    notes : mapping of str to int
        What was done to pictures on reading them, and to how many.
    elapsed : float
        Seconds.
    """

    state: State
    reason: str
    out: Path
    total: int
    done: int
    files: int
    bytes: int
    classes: Mapping[str, int]
    failures: tuple[Failure, ...]
    skipped: tuple[str, ...]
    notes: Mapping[str, int]
    elapsed: float

    @property
    def path(self) -> Path:
        """The file that the report is kept in."""
        return self.out / REPORT

    def write(self, settings: Settings, source: Path) -> None:
        """Write `report.json`.

        Raises
        ------
        OSError
            If it cannot be written.
        """
        content = {
            REPORT_FIELD: VERSION,
            "state": self.state.value,
            "reason": self.reason,
            "source": str(source),
            "settings": settings.as_json(),
            "counts": {
                "pictures": self.total,
                "done": self.done,
                "failed": len(self.failures),
                "files": self.files,
                "bytes": self.bytes,
            },
            "classes": dict(sorted(self.classes.items())),
            "failures": [{"source": failure.source, "reason": failure.reason} for failure in self.failures],
            "skipped": list(self.skipped),
            "notes": dict(sorted(self.notes.items())),
            "versions": versions(),
            "elapsed_seconds": round(self.elapsed, 2),
        }
        text = json.dumps(content, indent=2, ensure_ascii=False) + "\n"
        # A folder's name may hold bytes that are no Unicode; they must not cost the report.
        write_atomically(text.encode("utf-8", "backslashreplace"), self.path)


def versions() -> dict[str, str]:
    """Versions of everything that decides about the bytes of a file."""
    return {
        "augstudio": augstudio.__version__,
        "python": platform.python_version(),
        "numpy": np.__version__,
        "opencv": cv2.__version__,
        "pillow": PIL.__version__,
    }
