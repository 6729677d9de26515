"""Putting new content in the place of old in a folder, so that a kill at any moment leaves the one or the other.

The new content is made in `NEXT`, a hidden folder inside. Renaming that to `SWAP` decides it: from then on, whoever
comes upon the folder moves every part of it into its place (`complete`), and what lay there into `OLD`.
"""

from __future__ import annotations

import contextlib
import ctypes
import errno
import os
import secrets
import sys
import time
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

from augstudio.storage import TEMPORARY

NEXT, SWAP, OLD = f"{TEMPORARY}next", f"{TEMPORARY}swap", f"{TEMPORARY}old"
GONE = f"{TEMPORARY}gone"
"""In the new content, a folder with an empty file for each name that the old content has and the new one has not."""
LEAVING = f"{TEMPORARY}leaving"
"""A file that marks an old folder while it is exchanged for the new one: else nobody could tell which is which."""
_LOCK = f"{TEMPORARY}lock"
_PATIENCE = 30.0
"""Seconds that whoever is at it may take: a handful of renames."""
_TICK = 0.02
_AT_HERE, _EXCHANGE = -100, 2  # of Linux' <fcntl.h> and <linux/fs.h>; macOS calls the latter RENAME_SWAP


@contextlib.contextmanager
def locked(root: Path) -> Iterator[None]:
    """Keep other writers out of a folder, which exists; on a file system without locks nobody is kept out.

    Raises
    ------
    filelock.Timeout
        If another is writing.
    OSError
        If the folder cannot be written.
    """
    import filelock  # of no use where nothing is written, and it takes a while

    lock = filelock.FileLock(root / _LOCK, blocking=False)
    with contextlib.suppress(NotImplementedError):  # a file system without locks
        lock.acquire()
    try:
        yield
    finally:
        try:
            with contextlib.suppress(OSError):
                (root / _LOCK).unlink(missing_ok=True)  # while it is still ours
        finally:
            lock.release()


def begun(root: Path) -> bool:
    """Whether it was decided in a folder, and not brought to its end."""
    return os.path.isdir(root / SWAP)  # noqa: PTH112  (Path raises where nobody may look)


def complete(root: Path) -> None:
    """Bring to its end what was interrupted in a folder; where nothing was, nothing is done.

    Raises
    ------
    OSError
        If that cannot be written.
    """
    if not begun(root):
        return
    import filelock

    limit = time.monotonic() + _PATIENCE
    while begun(root):
        try:
            with locked(root):
                roll(root)
        except filelock.Timeout:
            if time.monotonic() > limit:
                raise OSError(errno.EBUSY, "another export is writing to this folder", str(root)) from None
            time.sleep(_TICK)


def leave_out(root: Path, names: Iterable[str]) -> None:
    """Have what lies in a folder under some names go with the old content, where `NEXT` holds nothing of that name.

    Raises
    ------
    OSError
        If that cannot be written.
    """
    gone = root / NEXT / GONE
    for name in names:
        if os.path.lexists(root / name) and not os.path.lexists(root / NEXT / name):
            gone.mkdir(exist_ok=True)
            with (gone / name).open("ab"):
                pass


def take_place(root: Path) -> None:
    """Put what lies in `NEXT` in the place of what lies in the folder; whoever calls has the lock.

    Raises
    ------
    OSError
        If that cannot be done: not at all while `NEXT` is there, else `complete` goes on with it.
    """
    put_away(root, OLD)
    (root / NEXT).rename(root / SWAP)
    roll(root)


def put_away(root: Path, name: str) -> None:
    """Rename one of these folders, if it is there, to one of those that wait to be removed."""
    with contextlib.suppress(FileNotFoundError):
        (root / name).rename(root / f"{OLD}-{secrets.token_hex(8)}")


def leavings(root: Path) -> list[Path]:
    """Folders that wait to be removed."""
    return sorted(path for path in root.glob(f"{OLD}*") if path.is_dir())


def roll(root: Path) -> None:
    """Move what is decided into its place, whatever is done of it already; whoever calls has the lock."""
    new, old = root / SWAP, root / OLD
    if not begun(root):
        return
    old.mkdir(exist_ok=True)
    _take_away(root, new / GONE, old)
    # Folders first: those that read an export read the pictures.
    for part in sorted(new.iterdir(), key=lambda part: (not part.is_dir(), part.name)):
        place = root / part.name
        if part.name.startswith(TEMPORARY):  # of a process that was killed
            part.unlink(missing_ok=True)
            continue
        if (part / LEAVING).exists():  # exchanged already: it is the old one
            part.rename(old / part.name)
            continue
        if os.path.lexists(place):
            if place.is_dir():
                with (place / LEAVING).open("ab"):
                    pass
                if exchange(part, place):
                    part.rename(old / part.name)
                    continue
            place.rename(old / part.name)
        part.rename(place)
    new.rmdir()


def _take_away(root: Path, gone: Path, old: Path) -> None:
    """Move away what has no place in the new content; what is moved already is not there any more."""
    if gone.is_dir():
        for mark in sorted(gone.iterdir()):
            if os.path.lexists(root / mark.name):
                (root / mark.name).rename(old / mark.name)
            mark.unlink()
        gone.rmdir()


def exchange(one: Path, other: Path) -> bool:
    """Let two folders change places in one step, so that neither is missing for a moment; whether the system can."""
    call = _exchange()
    return call is not None and call(os.fsencode(one), os.fsencode(other)) == 0


@cache
def _exchange() -> Any:
    try:
        library = ctypes.CDLL(None)
        if sys.platform == "darwin":
            renamex = library.renamex_np
            return lambda one, other: renamex(one, other, ctypes.c_uint(_EXCHANGE))
        renameat2 = library.renameat2
    except (OSError, AttributeError, TypeError):  # Windows, or a C library without it
        return None
    return lambda one, other: renameat2(_AT_HERE, one, _AT_HERE, other, ctypes.c_uint(_EXCHANGE))
