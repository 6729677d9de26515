"""What is dragged over the window: whether it would be taken is said while it still hovers."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from PySide6.QtCore import QEvent, QMimeData, QObject, QPoint, QRect, Qt
from PySide6.QtGui import QDragEnterEvent, QDragMoveEvent, QDropEvent
from PySide6.QtWidgets import QLabel, QWidget

from augstudio.gui.parts import style
from augstudio.gui.parts.paths import from_url
from augstudio.images import SUFFIXES
from augstudio.wording import count, printable

_PACKED = {".zip", ".tar", ".gz", ".tgz", ".bz2", ".xz", ".7z", ".rar", ".zst"}


class Dropped(NamedTuple):
    """What hangs at the pointer: files and folders, addresses that are not of this machine, or a picture's pixels."""

    paths: tuple[Path, ...] = ()
    elsewhere: tuple[str, ...] = ()
    pixels: bool = False


class Answer(NamedTuple):
    """What would be done: `path` is opened; without one, it is refused, and the words say why and what to do."""

    words: str
    path: Path | None = None


def answer(dropped: Dropped) -> Answer:
    """What would be done with a set of dropped things."""
    paths = dropped.paths
    if not paths and (dropped.elsewhere or dropped.pixels):
        return Answer("This is no file on this computer: save the picture into a folder first, then drop the folder")
    if not paths:
        return Answer("Drop a folder of pictures, a picture, or a preset")
    folders = [path for path in paths if path.is_dir()]
    if folders:
        if len(paths) > 1:
            others = "two folders" if len(folders) == 2 == len(paths) else count(len(paths), "thing")
            return Answer(f"One folder at a time: these are {others}")
        return Answer(f"Open the folder {_name(folders[0])}", folders[0])
    pictures = [path for path in paths if path.suffix.lower() in SUFFIXES]
    if len(pictures) == len(paths):
        return _of_pictures(pictures)
    odd = next(path for path in paths if path not in pictures)
    if len(paths) == 1 and odd.suffix.lower() == ".json":
        return Answer(f"Load the preset {_name(odd)}", odd)
    return Answer(_why_not(odd, paths))


def _of_pictures(pictures: list[Path]) -> Answer:
    above = {path.parent for path in pictures}
    if len(above) > 1:
        return Answer(f"These pictures lie in {count(len(above), 'folder')}: drop the one folder that holds them")
    if len(pictures) == 1:
        return Answer(f"Show {_name(pictures[0])} and the folder it lies in", pictures[0])
    return Answer(f"Open {_name(above.pop())}, the folder of these {count(len(pictures), 'picture')}", pictures[0])


def _why_not(odd: Path, paths: tuple[Path, ...]) -> str:
    if not odd.exists():
        return f"There is no {_name(odd)} any more"
    if any(suffix.lower() in _PACKED for suffix in odd.suffixes[-1:]):
        return f"{_name(odd)} is packed: unpack it, then drop the folder"
    if len(paths) > 1 and odd.suffix.lower() == ".json":
        return "A preset has to come alone"
    return f"{_name(odd)} is neither a picture, nor a preset, nor a folder"


def _name(path: Path) -> str:
    name = printable(path.name or path)
    return name if len(name) <= 48 else f"{name[:30]}…{name[-16:]}"


def look_at(mime: QMimeData) -> Dropped:
    """What it is, as far as the window cares."""
    urls = mime.urls()
    local = tuple(from_url(url) for url in urls if url.isLocalFile())
    elsewhere = tuple(url.toString() for url in urls if not url.isLocalFile())
    return Dropped(local, elsewhere, mime.hasImage())


class Hint(QLabel):
    """Lies over the window while something hovers: a frame and words, in one colour if it would be taken."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("drop.hint")
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setWordWrap(True)
        self.hide()

    def tell(self, told: Answer, over: QWidget) -> None:
        """Say what would be done, over a part of the window."""
        taken = told.path is not None
        style.mark(self, drop="taken" if taken else "refused")
        self.setText(told.words)
        place = QRect(over.mapTo(over.window(), QPoint()), over.size())
        self.setGeometry(place.adjusted(6, 6, -6, -6))
        self.raise_()
        self.show()


class Drops(QObject):
    """Takes what is dropped on a window.

    Parameters
    ----------
    window : QWidget
        The window; it must accept drops.
    over : QWidget
        What the hint lies over.
    open_path : callable
        Opens what is taken.
    """

    def __init__(self, window: QWidget, over: QWidget, open_path: Callable[[Path], None]) -> None:
        super().__init__(window)
        self._open = open_path
        self._answer = Answer("")
        self._over = over
        self.hint = Hint(window)
        window.setAcceptDrops(True)
        window.installEventFilter(self)

    def eventFilter(self, _watched: QObject, event: QEvent) -> bool:
        """Say what would be done while it hovers, and do it when it falls."""
        if isinstance(event, QDragEnterEvent):
            self._answer = answer(look_at(event.mimeData()))
            self.hint.tell(self._answer, self._over)
            event.accept()  # also of what is refused: otherwise nobody would tell when it leaves
            return True
        if isinstance(event, QDragMoveEvent):
            self._take_or_not(event)
            return True
        if event.type() == QEvent.Type.DragLeave:
            self.hint.hide()
            return True
        if isinstance(event, QDropEvent):
            self.hint.hide()
            self._take_or_not(event)
            if self._answer.path is not None:
                self._open(self._answer.path)
            return True
        return False

    def _take_or_not(self, event: QDropEvent) -> None:
        if self._answer.path is None:
            event.ignore()  # the pointer says so
            return
        event.setDropAction(Qt.DropAction.CopyAction)  # not moved: a file manager would remove what was dropped
        event.accept()
