"""The journal: what an open window holds, written down within a second, so that a crash loses nothing.

Each open window has a file of its own, in `open` beside the session, and a lock that ends with its program. A file
whose lock has nobody is what a program left that did not close its window: the next start takes it up, once.
"""

from __future__ import annotations

import contextlib
import os
import secrets
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import NamedTuple

from PySide6.QtCore import QLockFile, QObject, QTimer

from augstudio import files, presets
from augstudio.gui.intent import session as sessions
from augstudio.gui.intent.session import Session
from augstudio.gui.parts.workers import Worker

_EVERY_MS = 300
"""While edits go on, the journal is written this often."""

Moment = Callable[[], Session]
"""Makes a session of values that do not change any more; putting pipelines into words is left to another thread."""


def folder() -> Path:
    """Where the journals of open windows lie."""
    return files.user_data() / "open"


class Left(NamedTuple):
    """A journal that its window has left behind, and the lock that makes it ours."""

    path: Path
    lock: QLockFile
    session: Session

    def drop(self) -> None:
        """It is not needed any more."""
        with contextlib.suppress(OSError):
            self.path.unlink(missing_ok=True)
        self.lock.unlock()


class Journal(QObject):
    """Writes down what a window holds, in a thread of its own.

    Parameters
    ----------
    moment : callable
        Asked in the window's thread for what it holds now.
    """

    def __init__(self, moment: Callable[[], Moment], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._moment = moment
        self.path = folder() / f"{os.getpid()}-{secrets.token_hex(4)}.json"
        self._lock: QLockFile | None = None
        self._adopted: list[Left] = []
        self._writer = Worker(self._write, "journal", self)
        self._pause = QTimer(self, singleShot=True, interval=_EVERY_MS)
        self._pause.timeout.connect(lambda: self._writer.ask([self._moment()]))

    def note(self) -> None:
        """Something is another now; it will be written down in a moment, however long edits go on."""
        if not self._pause.isActive():
            self._pause.start()

    def adopt(self, left: Iterable[Left]) -> None:
        """Write down what was taken up, and only then drop the journals that it came from."""
        self._adopted += left
        self.note()

    @property
    def idle(self) -> bool:
        """Whether everything is written down."""
        return not self._pause.isActive() and self._writer.idle

    def end(self) -> None:
        """The window closes: what is to be kept is in the session."""
        self._pause.stop()
        self._writer.stop()
        with contextlib.suppress(OSError):
            self.path.unlink(missing_ok=True)
        self._drop_adopted()
        if self._lock is not None:
            self._lock.unlock()

    def _write(self, moment: Moment) -> None:
        with contextlib.suppress(OSError):  # as of the session: nobody is kept from working
            self.path.parent.mkdir(parents=True, exist_ok=True)
            if self._lock is None:
                lock = QLockFile(str(self.path.with_suffix(".lock")))
                lock.setStaleLockTime(0)
                if not lock.tryLock(0):
                    return
                self._lock = lock
            sessions.write(moment(), self.path)
            self._drop_adopted()

    def _drop_adopted(self) -> None:
        while self._adopted:
            self._adopted.pop().drop()


def left_behind() -> list[Left]:
    """The journals of windows that were not closed, the latest first; their locks are ours from now on."""
    found = []
    try:
        paths = sorted(folder().glob("*.lock"), key=lambda path: path.stat().st_mtime, reverse=True)
    except OSError:
        return []
    for path in paths:
        lock = QLockFile(str(path))
        lock.setStaleLockTime(0)  # however old: only whether its program lives counts
        if not lock.tryLock(0):
            continue
        journal = path.with_suffix(".json")
        session = sessions.read(journal)
        if session is None:
            lock.unlock()
        else:
            found.append(Left(journal, lock, session))
    return sorted(found, key=lambda left: _written(left.path), reverse=True)


def _written(path: Path) -> float:
    try:
        return path.stat().st_mtime
    except OSError:
        return 0.0


def keep_as_presets(left: Iterable[Left]) -> list[str]:
    """Save what further windows held, and had not saved, among the user's own presets; return their names."""
    names = []
    for one in left:
        pair = one.session.pipelines()
        if pair and pair[0] != pair[1]:
            name = f"{pair[0].name[:150] or 'Untitled preset'} (recovered)"
            try:
                presets.user_folder().mkdir(parents=True, exist_ok=True)
                presets.save(pair[0].edited(name=name), presets.free_path(name))
            except OSError:
                one.lock.unlock()  # the next start tries again
                continue
            names.append(name)
        one.drop()
    return names
