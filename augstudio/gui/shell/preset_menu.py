"""The menu of presets: the user's own, those that ship, and what else can be done with them."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from PySide6.QtCore import Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMenu, QWidget

from augstudio import presets
from augstudio.gui.parts.controls import as_tip
from augstudio.gui.parts.workers import Worker


class PresetMenu(QMenu):
    """Lists the presets in another thread whenever it opens: the files may be many, far away, or no presets.

    Signals
    -------
    chosen(Path)
        A preset's file.
    empty_wanted(), file_wanted(), own_wanted()
        An empty pipeline; a file to be chosen; the user's own presets to be looked after.
    trouble(str)
        They cannot be listed.
    """

    chosen = Signal(object)
    empty_wanted = Signal()
    file_wanted = Signal()
    own_wanted = Signal()
    trouble = Signal(str)

    def __init__(self, last: Iterable[QAction], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._last = tuple(last)
        self._current: Path | None = None
        self._listed: list[presets.Entry] | None = None
        self.lister = Worker(lambda _: [*presets.user(), *presets.shipped()], "presets", self)
        self.lister.done.connect(self._arrived)
        self.lister.failed.connect(lambda _, error: self.trouble.emit(f"The presets could not be listed: {error}"))
        self.setToolTipsVisible(True)
        self.aboutToShow.connect(self._ask)

    def set_current(self, preset: Path | None) -> None:
        """Mark the preset in hand."""
        self._current = preset

    def _ask(self) -> None:
        """Show what was listed last, and have it listed anew."""
        self._fill()
        self.lister.ask([object()])

    def _arrived(self, _request: object, entries: list[presets.Entry]) -> None:
        if entries != self._listed:
            self._listed = entries
            self._fill()

    def _fill(self) -> None:
        self.clear()
        if self._listed is None:
            self.addAction("Reading the presets …").setEnabled(False)
        for heading, shipped in (("Your presets", False), ("Shipped presets", True)):
            entries = [entry for entry in self._listed or () if entry.shipped is shipped]
            if entries:
                self.addAction(heading).setEnabled(False)
            for entry in entries:
                self._add(entry)
            if entries and not shipped:
                self.addAction("Rename, describe, delete…").triggered.connect(self.own_wanted)
            self.addSeparator()
        self.addAction("Empty pipeline").triggered.connect(self.empty_wanted)
        self.addAction("Open a preset file…").triggered.connect(self.file_wanted)
        self.addActions(list(self._last))

    def _add(self, entry: presets.Entry) -> None:
        text = entry.name.replace("&", "&&")
        if entry.path.suffix != ".json":  # stands for those that are too many
            self.addAction(text).setEnabled(False)
            return
        action = self.addAction(text + ("" if entry.valid else " (cannot be read)"))
        action.triggered.connect(lambda *_: self.chosen.emit(entry.path))
        action.setToolTip(as_tip(entry.description))
        action.setCheckable(True)
        action.setChecked(self._current == entry.path)
