"""The list of transforms to add: by group, each shown by what it makes of the picture in view, with search."""

from __future__ import annotations

from collections.abc import Iterator

from PySide6.QtCore import QEvent, QObject, QPoint, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QHideEvent, QKeyEvent, QShowEvent
from PySide6.QtWidgets import QFrame, QLabel, QLineEdit, QVBoxLayout, QWidget

from augstudio.gui.cards.add_grid import Entry, TransformGrid
from augstudio.gui.cards.tiles import Tiles
from augstudio.gui.parts import style
from augstudio.transforms import GROUPS, registry
from augstudio.transforms.search import match

_SIZE = QSize(656, 580)
_MARGIN = 8


class AddMenu(QFrame):
    """A pop-up with a search field; arrow keys and Enter choose.

    Parameters
    ----------
    tiles : Tiles
        What each transform makes of the picture in view.
    """

    chosen = Signal(str)

    def __init__(self, tiles: Tiles, parent: QWidget) -> None:
        super().__init__(parent, Qt.WindowType.Popup)
        self.setProperty("card", True)
        self._tiles = tiles
        self._soon = QTimer(self, singleShot=True, interval=0)  # once for all that changes together
        self._soon.timeout.connect(self._ask)
        self.search = QLineEdit()
        self.search.setObjectName("add.search")
        self.search.setPlaceholderText("Search transforms")
        self.search.setAccessibleName("Search transforms")
        self.search.setClearButtonEnabled(True)
        self._glass = self.search.addAction(style.icon("search"), QLineEdit.ActionPosition.LeadingPosition)
        self.search.textChanged.connect(self._filter)
        self.search.installEventFilter(self)
        self._caption = _muted()
        self.grid = TransformGrid(tiles)
        self.grid.chosen.connect(self._choose)
        self.grid.currentItemChanged.connect(lambda *_: self._explain(self.grid.current))
        self.grid.pointed.connect(lambda op: self._explain(op or self.grid.current))
        self.grid.wanted_changed.connect(self._soon.start)
        self.grid.typed.connect(self._type)
        self._help = _muted()
        self._help.setMinimumHeight(3 * self.fontMetrics().height())
        self._help.setAlignment(Qt.AlignmentFlag.AlignTop)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(_MARGIN, _MARGIN, _MARGIN, _MARGIN)
        layout.addWidget(self.search)
        layout.addWidget(self._caption)
        layout.addWidget(self.grid, 1)
        layout.addWidget(self._help)
        self._explained = ""
        tiles.voided.connect(self._void)
        tiles.came.connect(self._came)
        self.resize(_SIZE)
        self._void()
        self._filter("")

    def open_below(self, button: QWidget) -> None:
        """Show the list at a button, within the screen."""
        area = button.screen().availableGeometry()
        self.resize(_SIZE.boundedTo(area.size() - QSize(_MARGIN, _MARGIN)))
        self.search.clear()
        self._glass.setIcon(style.icon("search"))  # the colours may have changed
        self._filter("")
        corner = button.mapToGlobal(QPoint(button.width() - self.width(), button.height() + 2))
        corner.setX(max(area.left(), min(corner.x(), area.right() - self.width())))
        corner.setY(max(area.top(), min(corner.y(), area.bottom() - self.height())))
        self.move(corner)
        self.show()
        self.search.setFocus(Qt.FocusReason.PopupFocusReason)

    def showEvent(self, event: QShowEvent) -> None:
        """Begin to make what is in view."""
        super().showEvent(event)
        self._tiles.set_ratio(self.devicePixelRatioF())
        self._tiles.open()
        self.grid.fit()
        self._soon.start()

    def hideEvent(self, event: QHideEvent) -> None:
        """Make no more of what nobody sees."""
        super().hideEvent(event)
        self._soon.stop()
        self._tiles.rest()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Let arrow keys and Enter in the search field work on the grid; with a modifier they are the field's own."""
        if watched is self.search and isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress:
            if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
                self.grid.choose()
                return True
            plain = event.modifiers() in (Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.KeypadModifier)
            if plain and self.grid.step(event.key()):
                return True
        return super().eventFilter(watched, event)

    # -- tiles -------------------------------------------------------------------------------------------------------

    def _void(self) -> None:
        tiles = self._tiles
        sample = "A sample (your picture cannot be read)" if tiles.unreadable else "A sample picture"
        seen = f"at the size your model sees ({tiles.training_size:,} px)"
        self._caption.setText(f"{'Your picture' if tiles.own else sample} {seen}: mild left, strong right.")
        self.grid.fit()
        self._soon.start()

    def _ask(self) -> None:
        if self.isVisible():
            wanted = self.grid.wanted
            self._tiles.ask([*wanted, *(op for op in registry() if op not in wanted)])

    def _came(self, op: str) -> None:
        if op == self._explained:
            self._explain(op)

    # -- search ------------------------------------------------------------------------------------------------------

    def _filter(self, text: str) -> None:
        """Leave what is called so, here or elsewhere; the best match comes first, and is the current one."""
        self.grid.set_entries(_found(text))
        if not self.grid.current:
            self._explained = ""
            self._help.setText(f"No transform matches “{text}”.")
        self._soon.start()

    def _type(self, text: str) -> None:
        self.search.setFocus(Qt.FocusReason.OtherFocusReason)
        self.search.insert(text)

    def _explain(self, op: str) -> None:
        self._explained = op
        if op:
            tile = self._tiles.tile(op)
            words = [registry()[op].help(), tile.words if tile else ""]
            self._help.setText(" ".join(filter(None, words)))

    def _choose(self, op: str) -> None:
        self.hide()
        self.chosen.emit(op)


def _found(query: str) -> Iterator[tuple[str, list[Entry]]]:
    """What matches, by group; the group of the best match comes first, and in each its best."""
    found: dict[str, list[tuple[int, Entry]]] = {group: [] for group in GROUPS}
    for op, transform in registry().items():
        if matched := match(transform, query):
            name = f"{transform.label} — {matched.also}" if matched.also else transform.label
            found[transform.group()].append((matched.rank, Entry(op, name, transform.help())))
    ranked = {group: sorted(entries, key=lambda entry: entry[0]) for group, entries in found.items() if entries}
    for group, entries in sorted(ranked.items(), key=lambda pair: pair[1][0][0]):
        yield group.capitalize(), [entry for _, entry in entries]


def _muted() -> QLabel:
    label = QLabel()
    label.setProperty("muted", True)
    label.setWordWrap(True)
    label.setTextFormat(Qt.TextFormat.PlainText)
    return label
