"""The list of transforms to add: by group, with search."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QPoint, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QFrame, QLabel, QLineEdit, QTreeWidget, QTreeWidgetItem, QVBoxLayout, QWidget

from augstudio.gui.parts import style
from augstudio.transforms import GROUPS, registry
from augstudio.transforms.search import match

_OP = Qt.ItemDataRole.UserRole


class AddMenu(QFrame):
    """A pop-up with a search field; arrow keys and Enter choose."""

    chosen = Signal(str)

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent, Qt.WindowType.Popup)
        self.setProperty("card", True)
        self.search = QLineEdit()
        self.search.setObjectName("add.search")
        self.search.setPlaceholderText("Search transforms")
        self.search.setAccessibleName("Search transforms")
        self.search.setClearButtonEnabled(True)
        self._glass = self.search.addAction(style.icon("search"), QLineEdit.ActionPosition.LeadingPosition)
        self.search.textChanged.connect(self._filter)
        self.search.installEventFilter(self)
        self.tree = QTreeWidget()
        self.tree.setObjectName("add.list")
        self.tree.setAccessibleName("Transforms by group")
        self.tree.setHeaderHidden(True)
        self.tree.setRootIsDecorated(False)
        self.tree.setIndentation(12)
        self.tree.itemClicked.connect(self._choose)
        self.tree.itemActivated.connect(self._choose)
        self.tree.currentItemChanged.connect(self._explain)
        self._help = QLabel()
        self._help.setProperty("muted", True)
        self._help.setWordWrap(True)
        self._help.setMinimumHeight(3 * self.fontMetrics().height())
        self._help.setAlignment(Qt.AlignmentFlag.AlignTop)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(8, 8, 8, 8)
        layout.addWidget(self.search)
        layout.addWidget(self.tree, 1)
        layout.addWidget(self._help)
        groups = {group: QTreeWidgetItem(self.tree, [group.capitalize()]) for group in GROUPS}
        for item in groups.values():
            item.setFlags(Qt.ItemFlag.ItemIsEnabled)
            font = item.font(0)
            font.setBold(True)
            item.setFont(0, font)
        for op, transform in registry().items():
            item = QTreeWidgetItem(groups[transform.group()], [transform.label])
            item.setData(0, _OP, op)
            item.setToolTip(0, transform.help())
        self.tree.expandAll()

    def open_below(self, button: QWidget) -> None:
        """Show the list at a button, within the screen."""
        self.search.clear()
        self._glass.setIcon(style.icon("search"))  # the colours may have changed
        self._filter("")
        self.resize(300, 460)
        corner = button.mapToGlobal(QPoint(button.width() - self.width(), button.height() + 2))
        area = button.screen().availableGeometry()
        corner.setX(max(area.left(), min(corner.x(), area.right() - self.width())))
        corner.setY(max(area.top(), min(corner.y(), area.bottom() - self.height())))
        self.move(corner)
        self.show()
        self.search.setFocus(Qt.FocusReason.PopupFocusReason)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Let arrow keys and Enter in the search field work on the list."""
        if watched is self.search and isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress:
            if event.key() in (Qt.Key.Key_Down, Qt.Key.Key_Up):
                self._step(1 if event.key() == Qt.Key.Key_Down else -1)
                return True
            if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
                self._choose(self.tree.currentItem())
                return True
        return super().eventFilter(watched, event)

    def _visible(self) -> list[QTreeWidgetItem]:
        groups = (self.tree.topLevelItem(i) for i in range(self.tree.topLevelItemCount()))
        items = (group.child(i) for group in groups if group for i in range(group.childCount()))
        return [item for item in items if item and not item.isHidden()]

    def _step(self, offset: int) -> None:
        items = self._visible()
        if items:
            current = self.tree.currentItem()
            at = items.index(current) if current in items else -1
            self.tree.setCurrentItem(items[(at + offset) % len(items)])

    def _filter(self, text: str) -> None:
        """Hide what is not called so, here or elsewhere; the best match is the current one."""
        best: tuple[int, QTreeWidgetItem] | None = None
        for i in range(self.tree.topLevelItemCount()):
            group = self.tree.topLevelItem(i)
            assert group is not None
            for j in range(group.childCount()):
                item = group.child(j)
                assert item is not None
                transform = registry()[item.data(0, _OP)]
                found = match(transform, text)
                item.setHidden(found is None)
                item.setText(0, f"{transform.label} — {found.also}" if found and found.also else transform.label)
                if found and (best is None or found.rank < best[0]):
                    best = found.rank, item
            group.setHidden(not any(item.parent() is group for item in self._visible()))
        if best:
            self.tree.setCurrentItem(best[1])
            self._explain(best[1])
        else:
            self.tree.clearSelection()
            self._help.setText(f"No transform matches “{text}”.")

    def _explain(self, item: QTreeWidgetItem | None) -> None:
        if item is not None:
            self._help.setText(item.toolTip(0))

    def _choose(self, item: QTreeWidgetItem | None) -> None:
        op = item.data(0, _OP) if item and not item.isHidden() else None
        if isinstance(op, str):
            self.hide()
            self.chosen.emit(op)
