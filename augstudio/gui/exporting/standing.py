"""How far long work has come, in numbers and in plain words: no Qt here."""

from __future__ import annotations

from typing import NamedTuple, TypeAlias

from augstudio.export import Progress
from augstudio.wording import count, roughly, size

STARTING = "Starting the workers …"
LOOKING = "Looking at what is there already …"


class Checked(NamedTuple):
    """How far verifying has come, in files."""

    done: int
    total: int


Standing: TypeAlias = Progress | Checked | int | str
"""What work tells of itself: an export, a verification, so many pictures listed, or words."""


def far(now: Standing) -> tuple[int, int] | None:
    """How much is done, of how much; None where that is not known."""
    match now:
        case Progress():
            return (now.done, now.total) if now.removed is None else (now.removed, now.removing)
        case Checked():
            return now
    return None


def percent(now: Standing) -> int | None:
    """How much is done in whole per cent, 100 only when all is; None where that is not known."""
    done, total = far(now) or (0, 0)
    return min(100 * done // total, 100) if total else None


def left(now: Standing) -> str:
    """The time left, such as "5 min left"; empty where that is not known."""
    return f"{roughly(now.eta)} left" if isinstance(now, Progress) and now.eta is not None else ""


def words(now: Standing) -> str:
    """How it stands, in one line."""
    match now:
        case Progress() if now.removed is not None:
            return f"Removing the earlier export … {now.removed:,} of {now.removing:,} files"
        case Progress() if now.done == 0:
            return STARTING
        case Progress() if now.done == now.kept:
            return LOOKING
        case Progress():
            parts = [
                f"{now.done:,} of {now.total:,} pictures",
                f"{count(now.files, 'file')}, {size(now.bytes)}",
                f"{now.rate:,.0f} files a second",
            ]
            return " · ".join([*parts, *filter(None, [left(now)])])
        case Checked(done, total):
            return f"{done:,} of {total:,} files"
        case int():
            return f"Listing the pictures: {now:,} found"
    return now
