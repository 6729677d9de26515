"""The slim bar above the sheet: how many of each class, what a tile shows, how large; and sorting."""

from __future__ import annotations

from PySide6.QtCore import QPoint, QRect, QSize, Qt, Signal
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QHBoxLayout,
    QLabel,
    QLayout,
    QLayoutItem,
    QPushButton,
    QSizePolicy,
    QSlider,
    QWidget,
)

from augstudio.gui.intent.views import Pairs, SheetLook, Shown, versions

EACH = (4, 8, 16, 32, 0)
"""Pictures of each class; 0 for all."""
SMALLEST, LARGEST, SIZE_STEP = 64, 256, 16
"""Longer side of a picture in a tile."""
_SHOWN = {
    Pairs.ORIGINAL: ("Original and copy", "Each original, as large as the copy, and the copy to its right"),
    Pairs.COPIES: ("Copies", "The copies alone"),
    Pairs.PINNED: ("A and B", "The copies of pipeline A, and those of the one in hand, B, to their right"),
}
_UNPINNED = "Pin a pipeline as A first (A|B)"
_SORTED_ALL = "Sorted by change, all pictures are shown"


class _Flow(QLayout):
    """Widgets side by side, in as many rows as they need; the last one takes what room is left in its row."""

    def __init__(self, parent: QWidget, across: int, down: int) -> None:
        super().__init__(parent)
        self._items: list[QLayoutItem] = []
        self._across, self._down = across, down
        self.setContentsMargins(0, 0, 0, 0)

    def addItem(self, item: QLayoutItem) -> None:
        """Append."""
        self._items.append(item)

    def count(self) -> int:
        """How many there are."""
        return len(self._items)

    def itemAt(self, index: int) -> QLayoutItem | None:
        """One of them."""
        return self._items[index] if 0 <= index < len(self._items) else None

    def takeAt(self, index: int) -> QLayoutItem | None:
        """Remove one."""
        return self._items.pop(index) if 0 <= index < len(self._items) else None

    def hasHeightForWidth(self) -> bool:
        """The narrower, the more rows."""
        return True

    def heightForWidth(self, width: int) -> int:
        """Of all rows."""
        return self._lay(QRect(0, 0, width, 0), move=False)

    def setGeometry(self, rect: QRect) -> None:
        """Put all in place."""
        super().setGeometry(rect)
        self._lay(rect, move=True)

    def sizeHint(self) -> QSize:
        """All in one row."""
        hints = [item.sizeHint() for item in self._shown()]
        width = sum(hint.width() for hint in hints) + self._across * max(0, len(hints) - 1)
        return QSize(width, max((hint.height() for hint in hints), default=0))

    def minimumSize(self) -> QSize:
        """The widest alone."""
        size = QSize()
        for item in self._shown():
            size = size.expandedTo(item.minimumSize())
        return size

    def _shown(self) -> list[QLayoutItem]:
        return [item for item in self._items if not item.isEmpty()]

    def _lay(self, rect: QRect, *, move: bool) -> int:
        x, y, row = rect.x(), rect.y(), 0
        rows: list[list[tuple[QLayoutItem, QRect]]] = [[]]
        for item in self._shown():
            hint = item.sizeHint()
            width = min(hint.width(), rect.width())
            if rows[-1] and x + width > rect.right() + 1:
                x, y, row = rect.x(), y + row + self._down, 0
                rows.append([])
            rows[-1].append((item, QRect(QPoint(x, y), QSize(width, hint.height()))))
            x += width + self._across
            row = max(row, hint.height())
        if move:
            for line in rows:
                high = max((place.height() for _, place in line), default=0)
                for item, place in line:  # all stand on one line
                    item.setGeometry(place.translated(0, (high - place.height()) // 2))
        return y + row - rect.y()


class Bar(QWidget):
    """The controls of the sheet.

    Signals
    -------
    look_changed(SheetLook)
        The user wants it otherwise.
    sort_changed(bool)
        Sort by change, or leave the usual order.
    sort_again()
        Move the tiles to where their changes put them now.
    version_asked(Shown)
        Another version of each picture is to be shown.
    """

    look_changed = Signal(object)
    sort_changed = Signal(bool)
    sort_again = Signal()
    version_asked = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._look, self._alone = SheetLook(), 0
        self._each_words = QLabel("Each class:")
        self._each = QComboBox(self)
        self._each.setObjectName("sheet.each")
        for number in EACH:
            self._each.addItem(str(number) if number else "all", number)
        self._each.activated.connect(lambda index: self._choose(each=self._each.itemData(index)))
        self._of = QLabel()
        self._of.setObjectName("sheet.of")
        self._of.setProperty("muted", True)
        self._version = QComboBox(self)
        self._version.setObjectName("sheet.version")
        self._version.setAccessibleName("Which version of each picture")
        self._version.setToolTip("Both ends of every range, and the copies that the export writes")
        for shown in versions():
            self._version.addItem(shown.title, tuple(shown))
        self._version.activated.connect(lambda index: self.version_asked.emit(Shown(*self._version.itemData(index))))
        self._pairs = QComboBox(self)
        self._pairs.setObjectName("sheet.pairs")
        self._pairs.setAccessibleName("What a tile shows")
        for pairs, (words, tip) in _SHOWN.items():
            self._pairs.addItem(words, pairs)
            self._pairs.setItemData(self._pairs.count() - 1, tip, Qt.ItemDataRole.ToolTipRole)
        self._pairs.activated.connect(lambda index: self._choose(pairs=Pairs(self._pairs.itemData(index))))
        self._size_words = QLabel("Size")
        self._size = QSlider(Qt.Orientation.Horizontal)
        self._size.setObjectName("sheet.size")
        self._size.setAccessibleName("Size of the pictures")
        self._size.setToolTip("Size of the pictures, about: rows are filled (Ctrl and the mouse wheel)")
        self._size.setRange(SMALLEST, LARGEST)
        self._size.setSingleStep(4)
        self._size.setPageStep(SIZE_STEP)
        self._size.setFixedWidth(90)
        self._size.valueChanged.connect(lambda size: self._choose(size=size))
        self._sort = QCheckBox("Sort by change")
        self._sort.setObjectName("sheet.sort")
        self._sort.setToolTip(
            "Largest change first: colour after undoing the copy's geometry, share of border, and zoom. "
            "A flip or a quarter turn is no change."
        )
        self._sort.toggled.connect(self._sorted)
        self._again = QPushButton("Sort again")
        self._again.setObjectName("sheet.again")
        self._again.setProperty("slim", True)
        self._again.setToolTip("Tiles stay where they are until this is pressed")
        self._again.clicked.connect(self.sort_again)
        self._count = QLabel()
        self._count.setObjectName("sheet.count")
        self._count.setProperty("muted", True)
        flow = _Flow(self, 14, 4)
        flow.addWidget(_together(self._each_words, self._each, self._of))
        flow.addWidget(self._pairs)
        flow.addWidget(self._version)
        flow.addWidget(_together(self._size_words, self._size))
        flow.addWidget(self._sort)
        self._about = _together(self._again, self._count)
        flow.addWidget(self._about)
        policy = QSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        self.set_look(self._look)
        self.set_pinned(False)
        self.set_classes(0, 0)
        self.set_sorting(0, 0, again=False)

    # -- setters ---------------------------------------------------------------------------------------------------

    def set_look(self, look: SheetLook) -> None:
        """Show how the sheet is wanted."""
        self._look = look
        self._each.setCurrentIndex(max(0, self._each.findData(look.each)))
        self._pairs.setCurrentIndex(max(0, self._pairs.findData(look.pairs)))
        self._tell_total()
        self._size.blockSignals(True)
        self._size.setValue(look.size)
        self._size.blockSignals(False)

    def set_pinned(self, pinned: bool) -> None:
        """Offer A and B, or not."""
        index = self._pairs.findData(Pairs.PINNED)
        item = self._pairs.model().index(index, 0)
        enabled = Qt.ItemFlag.ItemIsSelectable | Qt.ItemFlag.ItemIsEnabled
        self._pairs.model().setData(item, enabled.value if pinned else 0, Qt.ItemDataRole.UserRole - 1)
        tip = _SHOWN[Pairs.PINNED][1] if pinned else _UNPINNED
        self._pairs.setItemData(index, tip, Qt.ItemDataRole.ToolTipRole)

    def set_classes(self, classes: int, total: int) -> None:
        """Say what "how many" is of; of a single class, which has no heading, of how many in all."""
        self._alone = total if classes == 1 else 0
        self._each_words.setText("Pictures:" if classes == 1 else "Each class:")
        self._each.setAccessibleName("How many pictures" if classes == 1 else "How many pictures of each class")
        self._tell_total()

    def _tell_total(self) -> None:
        self._of.setText(f"of {self._alone:,}")
        self._of.setVisible(0 < self._look.each < self._alone)
        self.updateGeometry()

    def set_shown(self, shown: Shown) -> None:
        """Mark the version of each picture that is shown."""
        self._version.setCurrentIndex(next((row for row, one in enumerate(versions()) if one == shown), -1))

    def set_sorting(self, looked: int, total: int, *, again: bool) -> None:
        """Say how many pictures were looked at, and offer to sort again or not."""
        on = self._sort.isChecked()
        self._about.setVisible(on)
        self._again.setEnabled(again)
        self._count.setText(f"{looked:,} of {total:,} looked at")
        self._about.updateGeometry()
        self._each.setEnabled(not on)
        self._each.setToolTip(_SORTED_ALL if on else "")

    @property
    def sorting(self) -> bool:
        """Whether tiles are sorted by change."""
        return self._sort.isChecked()

    # -- the user's doing ------------------------------------------------------------------------------------------

    def choose_size(self, size: int) -> None:
        """Make tiles so large, as far as they may be."""
        self._size.setValue(size)

    def _choose(self, **changes: object) -> None:
        look = self._look._replace(**changes)  # type: ignore[arg-type]
        if look != self._look:
            self._look = look
            self.look_changed.emit(look)

    def _sorted(self, on: bool) -> None:
        self.sort_changed.emit(on)


def _together(*widgets: QWidget) -> QWidget:
    """Widgets that are not to be torn apart."""
    box = QWidget()
    row = QHBoxLayout(box)
    row.setContentsMargins(0, 0, 0, 0)
    row.setSpacing(6)
    for widget in widgets:
        row.addWidget(widget)
    return box
