"""Numbers and lists in words: no Qt here."""

from __future__ import annotations


def count(number: int, one: str, many: str = "") -> str:
    """Such as "1 picture" or "1,200 files"."""
    return f"{number:,} {one if number == 1 else many or f'{one}s'}"


def size(number: float) -> str:
    """Bytes, such as "1.2 MB"."""
    for unit in ("bytes", "kB", "MB", "GB"):
        if number < 1000:
            return f"{number:.0f} {unit}" if unit == "bytes" or number >= 10 else f"{number:.1f} {unit}"
        number /= 1000
    return f"{number:.1f} TB"


def duration(seconds: float) -> str:
    """Such as "12 s", "5 min" or "2.5 h"."""
    if seconds < 1:
        return "a second"
    if seconds < 90:
        return f"{seconds:.0f} s"
    minutes = seconds / 60
    return f"{minutes:.0f} min" if minutes < 90 else f"{minutes / 60:.1f} h"


def listing(words: list[str]) -> str:
    """Such as "train, val and test"."""
    return " and ".join(filter(None, (", ".join(words[:-1]), words[-1] if words else "")))
