"""Where the window's parts come: its first size, and the way of the Tab key."""

from __future__ import annotations

import itertools

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QWidget

_WANTED = QSize(1440, 900)
_FRAME = QSize(4, 40)
"""About what a title bar and borders take: they lie outside of a window's size."""


def first_size(available: QSize) -> QSize:
    """The window's size at the first start: all of it is to be seen, its frame included."""
    return _WANTED.boundedTo(available - _FRAME)


def tab_through(*panels: QWidget) -> None:
    """Let the Tab key go from panel to panel, and inside each of them as before."""
    stops = [stop for panel in panels for stop in _stops(panel)]
    for one, other in itertools.pairwise(stops):
        QWidget.setTabOrder(one, other)


def _stops(panel: QWidget) -> list[QWidget]:
    """What takes the focus in a panel, in the order in which it was made."""
    # Not by nextInFocusChain: PySide takes what it returns for a child of the widget that was asked.
    return [
        widget
        for widget in panel.findChildren(QWidget)
        if widget.focusPolicy() != Qt.FocusPolicy.NoFocus
        and not widget.focusProxy()
        and widget.window() is panel.window()  # menus are windows of their own
    ]
