"""A disk on which whatever is done can die, or fail, at any operation."""

from __future__ import annotations

import errno
import io
import os
import stat
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from augstudio import swap


class Killed(BaseException):
    """The process is no more."""


@dataclass
class Disk:
    """Lets through so many operations that change the disk; at the next, and at all after it, the process is dead.

    Attributes
    ----------
    allowed : int or None
        How many; None for all.
    torn : bool
        Whether half of the bytes of the last write reach the disk.
    error : int
        If not 0, nobody dies: operations fail with this error from then on; with a full disk, only those that take
        room.
    act : callable, optional
        Nobody dies and nothing fails by itself: this is called once.
    """

    allowed: int | None = None
    torn: bool = False
    error: int = 0
    act: Callable[[], object] | None = None

    def __post_init__(self) -> None:
        self.done: list[str] = []

    def step(self, what: str, path: object) -> None:
        """Count an operation, or die at it."""
        if self.allowed is not None and len(self.done) >= self.allowed:
            if self.act:
                act, self.act, self.allowed = self.act, None, None
                act()
            elif not self.error:
                raise Killed(what)
            elif self.error != errno.ENOSPC or what in ("open", "write", "mkdir"):
                raise OSError(self.error, os.strerror(self.error), str(path))
        self.done.append(what)

    @property
    def last(self) -> bool:
        """Whether the next operation is the one to die at."""
        return len(self.done) == self.allowed


class _File(io.FileIO):
    """A file whose every write is an operation; without a buffer, so that nothing is written after death."""

    disk: Disk

    def write(self, data: Any) -> int:
        if self.disk.torn and self.disk.last:
            super().write(bytes(data)[: len(data) // 2])
        self.disk.step("write", self.name)
        written = super().write(data)
        assert written == len(data)
        return written

    def truncate(self, size: int | None = None) -> int:
        self.disk.step("truncate", self.name)
        return super().truncate(size)


def counted(disk: Disk, name: str, act: Callable[..., Any]) -> Callable[..., Any]:
    """Do something to a path, as an operation."""

    def act_counted(path: Any, *args: Any, **kwargs: Any) -> Any:
        disk.step(name, path)
        return act(path, *args, **kwargs)

    return act_counted


def attached(disk: Disk, monkeypatch: pytest.MonkeyPatch) -> Disk:
    """Put a disk under all that writes: opening for writing, writing, truncating, moving, deleting, making folders."""
    plain = io.open

    def opened(file: Any, mode: str = "r", *args: Any, **kwargs: Any) -> Any:
        if not set(mode) & set("wxa+"):
            return plain(file, mode, *args, **kwargs)
        assert "b" in mode, "text is encoded before it is written"
        disk.step("open", file)
        made = _File(file, mode.replace("b", ""))
        made.disk = disk
        return made

    plain_open, plain_write = os.open, os.write

    def opened_bare(path: Any, flags: int, *args: Any, **kwargs: Any) -> int:
        if flags & (os.O_WRONLY | os.O_RDWR):
            disk.step("open", path)
        return plain_open(path, flags, *args, **kwargs)

    def written_bare(file: int, data: Any) -> int:
        if not stat.S_ISREG(os.fstat(file).st_mode):  # a pipe to a worker is no disk
            return plain_write(file, data)
        if disk.torn and disk.last:
            plain_write(file, bytes(data)[: len(data) // 2])
        disk.step("write", file)
        return plain_write(file, data)

    monkeypatch.setattr(os, "open", opened_bare)
    monkeypatch.setattr(os, "write", written_bare)
    monkeypatch.setattr(io, "open", opened)
    monkeypatch.setattr("builtins.open", opened)
    for name in ("replace", "rename", "unlink", "remove", "mkdir", "rmdir", "truncate", "link", "symlink"):
        monkeypatch.setattr(os, name, counted(disk, name, getattr(os, name)))
    monkeypatch.setattr(swap, "exchange", counted(disk, "exchange", swap.exchange))
    return disk


def dying(disk: Disk, act: Callable[[], object]) -> bool:
    """Do something on a disk; whether it died of it."""
    with pytest.MonkeyPatch.context() as patched:
        attached(disk, patched)
        try:
            act()
        except Killed:
            return True
    return False


def deaths(act: Callable[[], object]) -> Iterator[Disk]:
    """Give a disk for every moment at which doing something can die, each write torn as well."""
    whole = Disk()
    assert not dying(whole, act)
    for allowed, what in enumerate(whole.done):
        yield Disk(allowed)
        if what == "write":
            yield Disk(allowed, torn=True)
