"""Numbers, lists, paths and errors in words, the same in the window, on the command line and in reports."""

from __future__ import annotations

import json
import os
from datetime import datetime
from pathlib import Path

_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
"""Not those of the system's language: all else is in English, too."""
_CONTROLS = {code: f"\\x{code:02x}" for code in (*range(32), 127)}


def count(number: int, one: str, many: str = "") -> str:
    """A number of things, such as "1 picture" or "1,200 files"."""
    return f"{number:,} {one if number == 1 else many or f'{one}s'}"


def size(number: float) -> str:
    """Bytes, such as "1.2 MB" or "38 MB"."""
    for unit in ("bytes", "kB", "MB", "GB"):
        if number < 1000:
            return f"{number:.0f} {unit}" if unit == "bytes" or number >= 10 else f"{number:.1f} {unit}"
        number /= 1000
    return f"{number:.1f} TB"


def duration(seconds: float) -> str:
    """Seconds that were measured, such as "2.4 s", "2 min 5 s" or "3 h 10 min"."""
    if seconds < 10:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    if hours:
        return f"{hours} h {minutes} min"
    return f"{minutes} min {rest} s" if minutes else f"{rest} s"


def day(when: datetime) -> str:
    """A day, such as "3 Nov"; with its year where that is not this one."""
    year = "" if when.year == datetime.now(when.tzinfo).year else f" {when.year}"
    return f"{when.day} {_MONTHS[when.month - 1]}{year}"


def roughly(seconds: float) -> str:
    """Seconds that are only foreseen, such as "a second", "12 s", "5 min" or "2.5 h"."""
    if seconds < 1:
        return "a second"
    if seconds < 90:
        return f"{seconds:.0f} s"
    minutes = seconds / 60
    return f"{minutes:.0f} min" if minutes < 90 else f"{minutes / 60:.1f} h"


def points(share: float) -> str:
    """A difference in points of per cent, such as "+3.1" or "−0.4"."""
    rounded = round(100 * share, 1)
    sign = "+" if rounded > 0 else "−" if rounded < 0 else "±"
    return f"{sign}{abs(rounded):.1f}"


def listing(words: list[str]) -> str:
    """Words in a row, such as "train, val and test"."""
    return " and ".join(filter(None, (", ".join(words[:-1]), words[-1] if words else "")))


def printable(path: Path | str) -> str:
    r"""Return a path as one line of valid Unicode: stray bytes and control characters become ``\xNN``."""
    try:
        plain = os.fsencode(path)
    except UnicodeEncodeError:  # no name of a file, but a manifest may hold it
        plain = str(path).encode("utf-8", "backslashreplace")
    return plain.decode("utf-8", "backslashreplace").translate(_CONTROLS)


def one_line(text: str) -> str:
    """Text without its line breaks."""
    return " ".join(text.split())


def shown(value: object) -> str:
    """A value that was found, as JSON, in at most 60 characters that any terminal can show."""
    try:
        text = json.dumps(value[:60] if isinstance(value, str) else value, ensure_ascii=False, default=str)
    except (ValueError, RecursionError):  # a number of thousands of digits, or brackets within brackets
        text = f"a {type(value).__name__} beyond showing"
    text = text if len(text) <= 60 else text[:59] + "…"
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)


def said(error: BaseException) -> str:
    """What an error says, on one line that goes on a sentence; never empty."""
    text = (error.strerror or "") if isinstance(error, OSError) else ""
    if isinstance(error, FileNotFoundError) and (text or " " not in str(error)):
        return "no such file or folder"  # those of remote files mostly say nothing but the name
    if text:  # the system's own words
        text = text[:1].lower() + text[1:]
    return one_line(text or str(error)) or type(error).__name__
