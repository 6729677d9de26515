"""The strip of versions: both ends of every range, and the copies that the export will write."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QIcon, QImage, QPixmap
from PySide6.QtWidgets import QAbstractItemView, QFrame, QListView, QListWidget, QListWidgetItem, QWidget

from augstudio.gui.state import STRIP_COPIES, Shown

_SHOWN = Qt.ItemDataRole.UserRole
TILE = QSize(92, 92)


class Strip(QListWidget):
    """A row of small pictures; the one in the state is marked, a click or an arrow key asks for another."""

    asked = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("strip")
        self.setAccessibleName("Variations: lowest, highest, and the copies that are exported")
        self.setViewMode(QListView.ViewMode.IconMode)
        self.setFlow(QListView.Flow.LeftToRight)
        self.setWrapping(False)
        self.setMovement(QListView.Movement.Static)
        self.setIconSize(TILE)
        self.setSpacing(2)
        self.setUniformItemSizes(True)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setFixedHeight(TILE.height() + 2 * self.fontMetrics().height() + 22)
        self._setting = False
        copies = (Shown("copy", number) for number in range(1, STRIP_COPIES + 1))
        for shown in (Shown("lowest"), Shown("highest"), *copies):
            name = f"Copy {shown.copy}" if shown.kind == "copy" else shown.kind.capitalize()
            item = QListWidgetItem(name)
            item.setData(_SHOWN, shown)
            item.setTextAlignment(Qt.AlignmentFlag.AlignHCenter)
            item.setSizeHint(QSize(TILE.width() + 8, TILE.height() + self.fontMetrics().height() + 12))
            item.setToolTip(
                f"Copy {shown.copy}, as the export writes it (reduced)"
                if shown.kind == "copy"
                else f"The {shown.kind} end of every range at once"
            )
            self.addItem(item)
        self.currentItemChanged.connect(self._changed)
        self.clear_pictures()

    def set_shown(self, shown: Shown) -> None:
        """Mark the version that is shown large."""
        self._setting = True
        for item in self._items():
            if item.data(_SHOWN) == shown:
                self.setCurrentItem(item)
        self._setting = False

    def set_picture(self, shown: Shown, image: QImage) -> None:
        """Show one version."""
        for item in self._items():
            if item.data(_SHOWN) == shown:
                fitted = image.scaled(
                    TILE * self.devicePixelRatioF(),
                    Qt.AspectRatioMode.KeepAspectRatio,
                    Qt.TransformationMode.SmoothTransformation,
                )
                pixmap = QPixmap.fromImage(fitted)
                pixmap.setDevicePixelRatio(self.devicePixelRatioF())
                icon = QIcon(pixmap)
                icon.addPixmap(pixmap, QIcon.Mode.Selected)
                item.setIcon(icon)

    def clear_pictures(self) -> None:
        """Show empty tiles."""
        blank = QPixmap(TILE)
        blank.fill(Qt.GlobalColor.transparent)
        for item in self._items():
            item.setIcon(QIcon(blank))

    def _items(self) -> list[QListWidgetItem]:
        return [self.item(row) for row in range(self.count())]

    def _changed(self, item: QListWidgetItem | None) -> None:
        if item is not None and not self._setting:
            self.asked.emit(Shown(*item.data(_SHOWN)))
