"""What goes wrong while a picture is read: one kind of error with a reason in plain words, and no decoder's chatter."""

from __future__ import annotations

import contextlib
import logging
import os
import re
import sys
import threading
import types
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import cv2
from PIL import Image, PngImagePlugin, TiffImagePlugin


def quiet_libraries() -> None:
    """Let nothing but Python write to this process's standard error, from now on.

    The libraries that decode JPEG, PNG and TIFF within OpenCV and Pillow print a line or two for many a damaged file,
    and there is no asking them not to. This is for programs to call at their start, and for worker processes, not for
    libraries: it changes the whole process. Python's own `sys.stderr` goes on as before.
    """
    # A decoder's complaint is handed on as a PictureError or a note; it has no business on stderr as well.
    pillow = logging.getLogger("PIL")
    if not any(isinstance(handler, logging.NullHandler) for handler in pillow.handlers):
        pillow.addHandler(logging.NullHandler())
    if "OPENCV_LOG_LEVEL" not in os.environ:
        cv2.utils.logging.setLogLevel(0)  # silent
    if sys.stderr is None:
        return
    with contextlib.suppress(OSError, ValueError):  # no such stream, or not one of the system's
        if sys.stderr.fileno() != 2:
            return
        sys.stderr.flush()
        kept = os.fdopen(os.dup(2), "w", buffering=1, encoding=sys.stderr.encoding, errors="backslashreplace")
        nothing = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nothing, 2)
        os.close(nothing)
        sys.stderr = kept


class PictureError(Exception):
    """A picture cannot be read.

    Attributes
    ----------
    path : Path
        The file.
    reason : str
        What is wrong with it, in plain words on one line.
    """

    def __init__(self, path: Path, reason: str) -> None:
        super().__init__(path, reason)  # both in args, so that the error survives pickling between processes
        self.path = path
        self.reason = reason

    def __str__(self) -> str:
        return f"{self.path.name}: {self.reason}"


class _Caught(threading.local):
    messages: list[str] | None = None


_caught = _Caught()


def _warn(message: Warning | str, category: type[Warning] | None = None, stacklevel: int = 1, **options: Any) -> None:
    if _caught.messages is None:
        warnings.warn(message, category, stacklevel + 1, **options)
    else:
        _caught.messages.append(str(message))


# `warnings.catch_warnings` swaps state of the whole process, so it cannot be used in several threads. While any thread
# collects, these Pillow modules get a `warnings.warn` of their own instead: it collects in the threads that do, and is
# the ordinary one for everybody else. (`setattr`, since type checkers rightly call it no part of the module.)
_MODULES = (Image, PngImagePlugin, TiffImagePlugin)
_OURS = types.SimpleNamespace(**{**vars(warnings), "warn": _warn})
_lock = threading.Lock()
_collecting = 0


def _count(change: int) -> None:
    global _collecting
    with _lock:
        before, _collecting = _collecting, _collecting + change
        if bool(before) != bool(_collecting):
            for module in _MODULES:
                setattr(module, "warnings", _OURS if _collecting else warnings)  # noqa: B010


@contextlib.contextmanager
def warnings_collected() -> Iterator[list[str]]:
    """Collect what Pillow warns about, in this thread."""
    before, _caught.messages = _caught.messages, []
    _count(1)
    try:
        yield _caught.messages
    finally:
        _count(-1)
        _caught.messages = before


@contextlib.contextmanager
def failures(path: Path, max_pixels: int) -> Iterator[None]:
    """Turn whatever goes wrong into a `PictureError`; swallow decoders' warnings that nobody looked at."""
    try:
        with warnings_collected():
            yield
    except PictureError:
        raise
    except Exception as error:  # decoders raise anything at all on damaged files
        raise PictureError(path, _reason(error, max_pixels)) from error


def one_line(error: object) -> str:
    """Give an error's text on one line, without the longest of what decoders have to say."""
    text = " ".join("".join(letter if letter.isprintable() else " " for letter in str(error)).split())
    return text if len(text) <= 200 else text[:199] + "…"


def too_many_pixels(pixels: int | None, size: str, max_pixels: int) -> str:
    """Say that a picture is above the limit."""
    count = "too many pixels" if pixels is None else f"{pixels:,} pixels"
    return f"{count}{size}, above the limit of {max_pixels:,}"


def _reason(error: Exception, max_pixels: int) -> str:
    text = one_line(error)
    if isinstance(error, FileNotFoundError):
        return "no such file"
    if isinstance(error, PermissionError):
        return "no permission to read it"
    if isinstance(error, OSError) and error.strerror:
        return f"cannot be read: {error.strerror}"
    if isinstance(error, MemoryError):
        return "not enough memory to decode it"
    if isinstance(error, Image.DecompressionBombError):
        found = re.search(r"\d+", text)
        return too_many_pixels(int(found[0]) if found else None, "", max_pixels)
    if isinstance(error, EOFError) or re.search(
        r"truncat|premature|unexpected end|buffer is (smaller|not large)", text, re.I
    ):
        return f"cut short or damaged ({text or 'unexpected end of file'})"
    return f"damaged or not supported ({text or type(error).__name__})"
