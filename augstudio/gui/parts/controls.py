"""Buttons, labels and manners that several rooms share."""

from __future__ import annotations

import html

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QIcon, QPainter, QPaintEvent
from PySide6.QtGui import Qt as GuiQt  # another part of the same names
from PySide6.QtWidgets import QLabel, QPushButton, QSizePolicy, QToolButton, QWidget

from augstudio.gui.parts import style


def as_tip(text: str) -> str:
    """Words for a tooltip that shows them as they are, though a name of a file, a class or a preset looks like HTML."""
    if not GuiQt.mightBeRichText(text):
        return text
    return f"<span>{html.escape(text).replace(chr(10), '<br>')}</span>"


def heading(text: str = "") -> QLabel:
    """A bold line of plain words."""
    label = QLabel(text)
    label.setProperty("heading", True)
    label.setTextFormat(Qt.TextFormat.PlainText)
    return label


def flat_button(name: str, tip: str, parent: QWidget | None = None) -> QToolButton:
    """A small icon button with a tool tip that is its accessible name too."""
    button = QToolButton(parent)
    button.setProperty("flat", True)
    button.setIcon(style.icon(name))
    button.setProperty("icon_name", name)
    button.setToolTip(tip)
    button.setAccessibleName(tip)
    button.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
    return button


def push_button(name: str, text: str) -> QPushButton:
    """A button with words alone, which Return presses only where it is made the default."""
    button = QPushButton(text)
    button.setObjectName(name)
    button.setIcon(QIcon())  # some styles add pictures of their own
    button.setAutoDefault(False)
    return button


class ElidedLabel(QLabel):
    """A label that leaves out what there is no room for; the whole text is its tool tip.

    Where it takes the width that it is given, another text of as many lines moves nothing, and no layout is asked:
    up to the window that would cost a millisecond for each word that changes under the hand.
    """

    def __init__(
        self,
        text: str = "",
        parent: QWidget | None = None,
        mode: Qt.TextElideMode = Qt.TextElideMode.ElideRight,
    ) -> None:
        super().__init__(text, parent)
        self._mode, self._tip = mode, ""
        self._text = self._spoken = text
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)

    def text(self) -> str:
        """All of the text."""
        return self._text

    def setText(self, text: str) -> None:
        """Show another text."""
        old, self._text = self._text, text
        if text == old:
            return
        if self.accessibleName() in ("", self._spoken):  # no other name was given
            self.setAccessibleName(text)
            self._spoken = text
        takes_any = self.sizePolicy().horizontalPolicy() is QSizePolicy.Policy.Ignored
        keeps_place = takes_any or self.minimumWidth() == self.maximumWidth()
        if keeps_place and text and old and text.count("\n") == old.count("\n"):
            self.update()
        else:
            super().setText(text)

    def minimumSizeHint(self) -> QSize:
        """As little as a few letters."""
        return QSize(self.fontMetrics().averageCharWidth() * 6, super().minimumSizeHint().height())

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw what fits."""
        painter = QPainter(self)
        text = self.fontMetrics().elidedText(self.text(), self._mode, self.contentsRect().width())
        painter.drawText(self.contentsRect(), self.alignment(), text)
        painter.end()
        tip = as_tip(self.text()) if text != self.text() else ""
        if self.toolTip() == self._tip and tip != self._tip:  # no other tip was set
            self._tip = tip
            self.setToolTip(tip)
