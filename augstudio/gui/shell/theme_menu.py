"""The choice of colours: light, dark, or the system's."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import Signal
from PySide6.QtGui import QActionGroup
from PySide6.QtWidgets import QApplication, QMenu, QWidget

from augstudio.gui.parts import style

CHOICES = {"": "As the system has it", "light": "Light", "dark": "Dark"}
_THEMES = {"light": style.LIGHT, "dark": style.DARK}


class ThemeMenu(QMenu):
    """One of three.

    Signals
    -------
    chosen(str)
        "light", "dark", or "" for the system's.
    """

    chosen = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("Colours", parent)
        self._group = QActionGroup(self)
        for name, words in CHOICES.items():
            action = self.addAction(words)
            action.setObjectName(f"theme.{name or 'system'}")
            action.setData(name)
            action.setCheckable(True)
            self._group.addAction(action)
            action.triggered.connect(partial(self._choose, name))

    def set_theme(self, name: str) -> None:
        """Mark the one in force."""
        for action in self._group.actions():
            action.setChecked(action.data() == (name if name in CHOICES else ""))

    def _choose(self, name: str, *_: object) -> None:
        self.chosen.emit(name)


def put_on(name: str) -> None:
    """Put the colours of a choice on the whole program; an unknown one is the system's."""
    style.fix(_THEMES.get(name))
    app = QApplication.instance()
    assert isinstance(app, QApplication)
    style.apply(app)
