"""Notices what becomes of the open folder: pictures that come, go or are replaced, and a folder that is gone.

What the system tells is only a reason to look: what has changed is told by times and sizes. So a folder on a network,
or one of too many folders to be watched, is looked at when the window comes to the front, and found to be the same or
another in the same way.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

from PySide6.QtCore import QFileSystemWatcher, QObject, QTimer, Signal

from augstudio.dataset import Dataset, Source
from augstudio.gui.parts.stamps import Stamp, stamp_of
from augstudio.gui.parts.workers import Worker

MOST_WATCHED = 400
"""Folders that the system is asked to tell of; a user has some thousands, for all programs together."""
MOST_LOOKED_AT = 5000
_SOON_MS = 200
"""Changes come in flocks."""
_OFTEN_MS = 3000
"""While many pictures are in view, their files are looked at this often."""
_AWAY_MS = 1000
"""While a folder is gone, it is looked for this often."""
_COARSE = 20_000_000
"""Nanoseconds by which the clock of a file system may be behind the system's."""
MOST_SPEAKING = 50
"""Files that speak of many pictures that are looked at."""
_SPEAKING = (".json", ".yaml", ".yml")
_REST = 5
"""After a folder was read, it is left alone for so many times as long."""


Labels = tuple[tuple[str, Stamp], ...]
"""Paths of label files, and their stamps."""


class _Look(NamedTuple):
    """What to look at: a folder, with its folders as they were (None: for the first time), pictures, and label files.

    Files that speak of many pictures are among the folders: the folder is read anew, too, where one has changed.
    """

    dataset: Dataset
    folders: Mapping[str, Stamp] | None
    pictures: Mapping[Source, Stamp]
    since: int = 0
    labels: Labels = ()


class _Seen(NamedTuple):
    folders: dict[str, Stamp]
    at: int
    another: bool
    stale: dict[Source, Stamp]
    labels: Labels = ()


class Watch(QObject):
    """Watches the open folder and the picture in view.

    Parameters
    ----------
    read : callable
        Asked for the stamps of what has been read of the folder, beside what was in view.

    Signals
    -------
    changed()
        The folder may hold other pictures now, or be gone, or back: it is to be read anew.
    replaced(dict)
        Pictures whose files are others than when they were read, with their stamps.
    relabelled(tuple)
        The label files of the picture in view are others than when they were read: their stamps.
    """

    changed = Signal()
    replaced = Signal(object)
    relabelled = Signal(object)

    def __init__(self, read: Callable[[], Mapping[Source, Stamp]], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._read = read
        self._dataset: Dataset | None = None
        self._folders: dict[str, Stamp] | None = None
        self._in_view: Source | None = None
        self._seen: dict[Source, Stamp] = {}
        self._labels: Labels = ()
        self._watcher: QFileSystemWatcher | None = None
        self._looks = Worker(_look, "watch", self)
        self._looks.done.connect(self._looked)
        self._looks.failed.connect(lambda *_: None)
        self._soon = QTimer(self, singleShot=True, interval=_SOON_MS)
        self._soon.timeout.connect(self.look)
        self._away = QTimer(self, interval=_AWAY_MS)
        self._away.timeout.connect(self.look)
        self._often = QTimer(self, interval=_OFTEN_MS)
        self._often.timeout.connect(self.look)

    def set_dataset(self, dataset: Dataset | None, since: int = 0) -> None:
        """Watch another folder, or the same one as it was read from `since` on (nanoseconds of the system's clock)."""
        self._dataset, self._folders = dataset, None
        self._away.stop()
        self._seen.clear()
        if dataset:
            self._looks.add(_Look(dataset, None, {}, since), most=8)
        elif self._watcher is not None:
            self._unwatch()

    def set_picture(self, source: Source | None) -> None:
        """Watch the file of the picture in view, and look whether it is the one that was seen before."""
        self._in_view = source
        self._watch_file()
        if source and self._dataset:
            self._looks.add(
                _Look(self._dataset, {}, {source: self._seen.get(source) or self._read().get(source, ())}), most=8
            )

    def set_label_files(self, files: Labels) -> None:
        """Watch the label files of the picture in view, as they were when they were read."""
        self._labels = files
        self._watch_file()
        self.look()

    def set_gone(self, gone: bool) -> None:
        """Look time and again for a folder that is gone."""
        if gone and self._dataset:
            self._away.start()
        else:
            self._away.stop()

    def set_many(self, on: bool) -> None:
        """Look time and again while many pictures are in view: a folder does not tell that a file in it was written."""
        if on:
            self._often.start()
        else:
            self._often.stop()

    def rest(self, seconds: float) -> None:
        """The folder took so long to be read: it is not read again at once."""
        self._soon.setInterval(max(_SOON_MS, round(_REST * 1000 * seconds)))

    def look(self) -> None:
        """Look whether anything is another than it was."""
        if self._dataset is None or self._folders is None:
            return
        pictures = {**self._read(), **self._seen}
        self._looks.add(_Look(self._dataset, self._folders, pictures, labels=self._labels), most=8)

    @property
    def idle(self) -> bool:
        """Whether nothing is being looked at."""
        return self._looks.idle and not self._soon.isActive()

    def stop(self) -> None:
        """End the thread."""
        self._soon.stop()
        self._away.stop()
        self._often.stop()
        self._dataset = None
        if self._watcher is not None:
            self._unwatch()
        self._looks.stop()

    # -- what was seen ---------------------------------------------------------------------------------------------

    def _looked(self, asked: _Look, seen: _Seen) -> None:
        if asked.dataset is not self._dataset:
            return
        if asked.folders is None:
            self._folders = seen.folders
            self._watch(seen.folders)
            self.look()  # what came between looking and being told
        elif asked.folders is self._folders:
            self._folders = seen.folders
        another = seen.another and self._folders is seen.folders  # what was asked before is overtaken
        for source, before in asked.pictures.items():
            now = seen.stale.get(source, before)
            if source in self._seen or source == self._in_view:
                self._seen[source] = now
        stale = {source: now for source, now in seen.stale.items() if asked.pictures[source]}
        if stale:
            self._watch_file()  # a file that was moved into its place is watched no more
            self.replaced.emit(stale)
        if asked.labels and asked.labels == self._labels != seen.labels:
            self._watch_file()
            self.relabelled.emit(seen.labels)
        if another:
            self.changed.emit()
            if asked.dataset is self._dataset:  # there may be other folders to be watched now
                self._looks.add(_Look(asked.dataset, None, {}, seen.at), most=8)

    # -- the system's own telling ------------------------------------------------------------------------------------

    def _watch(self, folders: Mapping[str, Stamp]) -> None:
        if self._watcher is None:
            self._watcher = QFileSystemWatcher(self)
            self._watcher.directoryChanged.connect(self._told)
            self._watcher.fileChanged.connect(self._told)
        self._unwatch()
        above = str(Path(next(iter(folders), "/")).parent)  # tells that the folder itself is gone, or back
        paths = [
            path
            for path in (*[path for path in folders if not path.endswith(_SPEAKING)][:MOST_WATCHED], above)
            if _is_text(path)
        ]
        if paths:
            self._watcher.addPaths(paths)
        self._watch_file()

    def _unwatch(self) -> None:
        assert self._watcher is not None
        if watched := [*self._watcher.directories(), *self._watcher.files()]:
            self._watcher.removePaths(watched)

    def _watch_file(self) -> None:
        if self._watcher is None:
            return
        wanted = [str(self._in_view.path)] if self._in_view else []
        wanted += [path for path, _ in self._labels]
        wanted += [path for path in self._folders or () if path.endswith(_SPEAKING)]
        watched = set(self._watcher.files())
        if others := watched.difference(wanted):
            self._watcher.removePaths(sorted(others))
        if missing := [path for path in wanted if path not in watched and _is_text(path)]:
            self._watcher.addPaths(missing)

    def _told(self, _path: str) -> None:
        if not self._soon.isActive():
            self._soon.start()


def _look(asked: _Look) -> _Seen:
    """Look, in another thread: folders may be far away."""
    before, at = asked.folders, time.time_ns()
    if before is None:
        folders = {path: stamp_of(path) for path in _folders_in(asked.dataset)}
        another = asked.since > 0 and any(stamp[0] >= asked.since - _COARSE for stamp in folders.values() if stamp)
    else:
        folders = {path: stamp_of(path) for path in before}
        another = folders != before
    pictures = {source: stamp_of(source.path) for source in asked.pictures}
    stale = {source: now for source, now in pictures.items() if now and now != asked.pictures[source]}
    return _Seen(folders, at, another, stale, tuple((path, stamp_of(path)) for path, _ in asked.labels))


def _folders_in(dataset: Dataset) -> Iterator[str]:
    """The folder itself, those that hold its pictures, and those that may come to hold some; of very many the first."""
    root = dataset.location
    holding = {source.folder for source in dataset.sources}
    found = dict.fromkeys([root, *(f"{root}{os.sep}{folder}" for folder in holding if folder)])
    found.update(dict.fromkeys(str(Path(root, key)) for key in _speaking(dataset)))
    for path, inside, _ in os.walk(root):
        inside[:] = sorted(name for name in inside if not name.startswith("."))
        found[path] = None
        if len(found) > MOST_LOOKED_AT:
            break
    return iter(list(found)[:MOST_LOOKED_AT])


def _speaking(dataset: Dataset) -> list[str]:
    """Keys of files that may speak of many pictures; of very many the first."""
    return [key for key in dataset.beside if key.endswith(_SPEAKING)][:MOST_SPEAKING]


def _is_text(path: str) -> bool:
    """Whether Qt can name it."""
    try:
        path.encode()
    except UnicodeEncodeError:
        return False
    return True
