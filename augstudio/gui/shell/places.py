"""Where the window's parts come: its first size, and the way of the Tab key."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QLayout, QSplitter, QWidget

_WANTED = QSize(1440, 900)
_DIRECTLY = Qt.FindChildOption.FindDirectChildrenOnly
_FRAME = QSize(4, 40)
"""About what a title bar and borders take: they lie outside of a window's size."""


def first_size(available: QSize) -> QSize:
    """The window's size at the first start: all of it is to be seen, its frame included."""
    return _WANTED.boundedTo(available - _FRAME)


def tab_through(*panels: QWidget) -> None:
    """Let the Tab key begin at the first panel, go from one to the next, and inside of them as they are laid out."""
    stops = [stop for panel in panels for stop in _stops(panel)]
    for one, other in itertools.pairwise((panels[0].window(), *stops)):
        QWidget.setTabOrder(one, other)


def _stops(panel: QWidget) -> list[QWidget]:
    """What takes the focus in a panel, in the order in which it is read."""
    # Not by nextInFocusChain: PySide takes what it returns for a child of the widget that was asked.
    return [
        widget for widget in _below(panel) if widget.focusPolicy() != Qt.FocusPolicy.NoFocus and not widget.focusProxy()
    ]


def _below(widget: QWidget) -> Iterator[QWidget]:
    """All that a widget holds: what is laid out as it is laid out, then the rest, in the order in which it was made."""
    layout = widget.layout()
    laid_out = list(_in(layout)) if layout is not None else []
    if isinstance(widget, QSplitter):
        laid_out += [part for number in range(widget.count()) if (part := widget.widget(number)) is not None]
    for child in dict.fromkeys((*laid_out, *widget.findChildren(QWidget, options=_DIRECTLY))):
        if not child.isWindow():  # menus are windows of their own
            yield child
            yield from _below(child)


def _in(layout: QLayout) -> Iterator[QWidget]:
    for number in range(layout.count()):
        if (item := layout.itemAt(number)) is None:
            continue
        if (widget := item.widget()) is not None:
            yield widget
        elif (inner := item.layout()) is not None:
            yield from _in(inner)
