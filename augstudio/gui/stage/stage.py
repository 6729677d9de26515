"""The stage: pictures, drawn numbers, strip and cautions, each in a place of its own that nothing moves."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QAction, QGuiApplication, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from augstudio.gui.parts.controls import ElidedLabel
from augstudio.gui.parts.message_bar import MessageBar
from augstudio.gui.stage.cautions import CautionsPanel
from augstudio.gui.stage.compare import Compare
from augstudio.gui.stage.folders_bar import FoldersBar
from augstudio.gui.stage.labels_line import LabelsLine
from augstudio.gui.stage.strip import Strip

_BELOW_HEADINGS = 40


class Stage(QWidget):
    """Puts the parts of the stage together; what comes and goes lies over them."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("stage")
        self.compare = Compare()
        self.drawn = ElidedLabel()
        self.drawn.setObjectName("drawn")
        self.drawn.setAccessibleName("Drawn numbers")
        self.drawn.setFixedHeight(self.fontMetrics().height() + 4)
        self.drawn.setContextMenuPolicy(Qt.ContextMenuPolicy.ActionsContextMenu)
        copy = QAction("Copy the drawn numbers", self.drawn)
        copy.triggered.connect(lambda: QGuiApplication.clipboard().setText(self.drawn.text()))
        self.drawn.addAction(copy)
        self.strip = Strip()
        column = QVBoxLayout(self)
        column.setContentsMargins(4, 4, 4, 6)
        column.setSpacing(6)
        self.folders = FoldersBar()
        column.addWidget(self.folders)
        column.addWidget(self.compare, 1)
        self.labels = LabelsLine(self.drawn.height())
        words = QHBoxLayout()
        words.setSpacing(12)
        words.addWidget(self.drawn, 1)
        words.addWidget(self.labels)
        column.addLayout(words)
        column.addWidget(self.strip)
        self.cautions = CautionsPanel(self)
        column.addWidget(self.cautions)
        self.messages = MessageBar(self)
        self.messages.installEventFilter(self)
        self.compare.installEventFilter(self)

    def set_drawn(self, text: str) -> None:
        """Show what was drawn in one line; all of it is its tool tip."""
        self.drawn.setText(text)
        self.drawn.setToolTip(text)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Keep messages over the pictures."""
        super().resizeEvent(event)
        self._place()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Make room for a message when it comes, or grows."""
        if (watched is self.messages and event.type() in (QEvent.Type.Show, QEvent.Type.LayoutRequest)) or (
            watched is self.compare and event.type() == QEvent.Type.Move
        ):
            self._place()
        return super().eventFilter(watched, event)

    def _place(self) -> None:
        bar = self.messages
        width = min(self.width() - 40, 760)
        height = max(bar.heightForWidth(width), bar.minimumSizeHint().height())
        bar.setGeometry((self.width() - width) // 2, self.compare.y() + _BELOW_HEADINGS, width, height)
        bar.raise_()
