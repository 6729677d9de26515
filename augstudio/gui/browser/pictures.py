"""The pictures of the open folder: classes with counts, and thumbnails of what is in view."""

from __future__ import annotations

from collections import Counter, OrderedDict
from collections.abc import Iterable, Iterator
from functools import partial
from typing import Any, NamedTuple

from PySide6.QtCore import (
    QModelIndex,
    QPersistentModelIndex,
    QPoint,
    QRect,
    QRectF,
    QSize,
    QStringListModel,
    Qt,
    Signal,
)
from PySide6.QtGui import (
    QAction,
    QColor,
    QFontMetrics,
    QGuiApplication,
    QImage,
    QKeySequence,
    QPainter,
    QPixmap,
)
from PySide6.QtWidgets import (
    QAbstractItemView,
    QFrame,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QListView,
    QMenu,
    QPushButton,
    QSplitter,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QToolButton,
    QTreeWidget,
    QTreeWidgetItem,
    QTreeWidgetItemIterator,
    QVBoxLayout,
    QWidget,
)

from augstudio import images
from augstudio.dataset import Dataset, Folders, Source
from augstudio.gui.browser.names import shortened
from augstudio.gui.parts import style
from augstudio.gui.parts.controls import as_tip, heading
from augstudio.gui.parts.qimages import to_image
from augstudio.gui.parts.stamps import Stamp, stamp_of
from augstudio.gui.parts.tile import cross_out, paint_below_picture, paint_ground
from augstudio.gui.parts.workers import Worker
from augstudio.wording import count

THUMBNAIL = 84
"""Its longer side, where the picture is as large."""
_KEPT_BYTES = 64 * 2**20
_PATIENCE = 0.25
"""Seconds that a thumbnail waits for the large picture: with a slow one, the list still fills in."""
_SPLIT = Qt.ItemDataRole.UserRole
_LABEL = Qt.ItemDataRole.UserRole + 1
_ALL = None
_EXCLUDED = "\0excluded"
"""In place of a split's name: no folder can be called so."""
_DIMMED = 0.35

Index = QModelIndex | QPersistentModelIndex


class Thumbnail(NamedTuple):
    """A small picture, empty where the real one cannot be read; the real one's width and height, and its stamp."""

    pixmap: QPixmap
    size: tuple[int, int]
    stamp: Stamp = ()

    @property
    def bytes(self) -> int:
        """About how much memory it takes."""
        return 4 * self.pixmap.width() * self.pixmap.height() + 512


class PictureModel(QStringListModel):
    """The sources that a class and a filter leave; thumbnails are asked for when they are painted.

    It is a list of strings, if of empty ones, since the view asks for the number of rows four times for each of them,
    which in Python would take a tenth of a second for 20,000 pictures.
    """

    def __init__(self, first: Worker, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._sources: tuple[Source, ...] = ()
        self._rows: dict[str, int] = {}
        self._short: dict[tuple[int, int], str] = {}
        self._thumbnails: OrderedDict[Source, Thumbnail] = OrderedDict()
        self._bytes = 0
        self._ratio = max(screen.devicePixelRatio() for screen in QGuiApplication.screens())
        self._reasons: dict[Source, str] = {}
        self._stale: set[Source] = set()
        self._stamps: dict[Source, Stamp] = {}
        self._excluded: frozenset[str] = frozenset()
        self.worker = Worker(self._read, "thumbnails", self, first=first, patience=_PATIENCE)
        self.worker.done.connect(self._arrived)
        self.worker.failed.connect(self._failed)

    def _read(self, source: Source) -> tuple[QImage, tuple[int, int]]:
        self._stamps[source] = stamp_of(source.path)  # before it is read: what comes later is another file
        picture = images.read_reduced(source.path, round(THUMBNAIL * self._ratio))
        return to_image(picture.pixels), (picture.info.width, picture.info.height)

    def set_sources(self, sources: tuple[Source, ...]) -> None:
        """Show these."""
        self._sources = sources
        self._short = {}
        self._rows = {source.key: row for row, source in enumerate(sources)}
        self.setStringList([""] * len(sources))
        self.worker.ask(())

    @property
    def sources(self) -> tuple[Source, ...]:
        """Those that are shown."""
        return self._sources

    def forget(self) -> None:
        """Drop all thumbnails: another folder was opened."""
        self._thumbnails.clear()
        self._bytes = 0
        self._reasons.clear()
        self._stale.clear()

    def read_anew(self, sources: Iterable[Source] | None = None) -> None:
        """Read these again, or all of them; what is shown of them stays until then."""
        self._stale.update(self._thumbnails if sources is None else self._thumbnails.keys() & set(sources))
        if self._sources:
            self.dataChanged.emit(self.index(0), self.index(len(self._sources) - 1), [Qt.ItemDataRole.DecorationRole])

    def stamps(self) -> dict[Source, Stamp]:
        """What the files were like of which there are thumbnails, or reasons why there are none."""
        return {source: held.stamp for source, held in self._thumbnails.items() if held.stamp}

    def source(self, row: int) -> Source:
        """The source in a row."""
        return self._sources[row]

    def shortened(self, row: int, metrics: QFontMetrics, width: int) -> str:
        """The name in a row as it fits; names that follow one another stay apart."""
        if (row, width) not in self._short:
            near = [self._sources[other].name for other in (row - 1, row + 1) if 0 <= other < len(self._sources)]
            name = self._sources[row].name
            self._short[row, width] = shortened(name, near, lambda text: metrics.horizontalAdvance(text) <= width)
        return self._short[row, width]

    def row(self, key: str) -> int | None:
        """The row of a source, if it is shown."""
        return self._rows.get(key)

    def flags(self, _index: Index) -> Qt.ItemFlag:
        """Let nothing be edited or dragged."""
        return Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Name, path or thumbnail of a source."""
        if not index.isValid():
            return None
        source = self._sources[index.row()]
        if role == Qt.ItemDataRole.DisplayRole:
            return source.name
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return f"{source.name}, excluded" if source.key in self._excluded else source.name
        if role == Qt.ItemDataRole.ToolTipRole:
            left_out = "Excluded: it is in no export (X takes it back)" if source.key in self._excluded else ""
            return as_tip("\n".join(filter(None, (source.key, self._reasons.get(source), left_out))))
        if role == Qt.ItemDataRole.DecorationRole:
            held = self.thumbnail(source)
            return held.pixmap if held else None
        return None

    def set_excluded(self, keys: frozenset[str]) -> None:
        """Show which pictures are left out."""
        self._excluded = keys
        if self._sources:
            self.dataChanged.emit(self.index(0), self.index(len(self._sources) - 1), [Qt.ItemDataRole.DecorationRole])

    def excluded(self, row: int) -> bool:
        """Whether the picture in a row is left out."""
        return self._sources[row].key in self._excluded

    def broken(self, row: int) -> bool:
        """Whether the picture in a row could not be read."""
        return self._sources[row] in self._reasons

    def thumbnail(self, source: Source) -> Thumbnail | None:
        """A picture's thumbnail; where there is none yet, it is asked for."""
        held = self._thumbnails.get(source)
        if held is None or source in self._stale:
            self.worker.add(source, most=200)
        if held is None:
            return None
        if held.pixmap.isNull():
            return None
        self._thumbnails.move_to_end(source)
        return held

    def _arrived(self, source: Source, read: tuple[QImage, tuple[int, int]]) -> None:
        image, size = read
        pixmap = QPixmap.fromImage(image)
        # A picture that is smaller than its thumbnail would be is not made smaller still on a fine screen.
        pixmap.setDevicePixelRatio(min(self._ratio, max(1.0, max(image.width(), image.height()) / THUMBNAIL)))
        self._reasons.pop(source, None)
        self._keep(source, Thumbnail(pixmap, size, self._stamps.pop(source, ())))

    def _failed(self, source: Source, error: Exception) -> None:
        self._reasons[source] = str(error)
        self._keep(source, Thumbnail(QPixmap(), (0, 0), self._stamps.pop(source, ())))

    def _keep(self, source: Source, thumbnail: Thumbnail) -> None:
        self._stale.discard(source)
        if source in self._thumbnails:
            self._bytes -= self._thumbnails.pop(source).bytes
        self._thumbnails[source] = thumbnail
        self._bytes += thumbnail.bytes
        while self._bytes > _KEPT_BYTES:
            self._bytes -= self._thumbnails.popitem(last=False)[1].bytes
        row = self._rows.get(source.key)
        if row is not None and self._sources[row] == source:  # not one of that name in another folder
            index = self.index(row)
            self.dataChanged.emit(index, index, [Qt.ItemDataRole.DecorationRole])


class Tile(QStyledItemDelegate):
    """Paints a thumbnail with its name below."""

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """Draw one tile."""
        colours = style.theme()
        painter.save()
        rect: QRect = option.rect.adjusted(3, 3, -3, -3)
        chosen = bool(option.state & QStyle.StateFlag.State_Selected)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        paint_ground(painter, rect, chosen=chosen, hovered=False)
        line = painter.fontMetrics().height()
        box = QRect(rect.left() + 3, rect.top() + 3, rect.width() - 6, rect.height() - line - 8)
        model = index.model()
        assert isinstance(model, PictureModel)
        source = model.source(index.row())
        thumbnail = model.thumbnail(source)
        excluded = model.excluded(index.row())
        painter.setOpacity(_DIMMED if excluded else 1.0)
        if thumbnail is not None:
            size = thumbnail.pixmap.deviceIndependentSize()
            left, top = box.center().x() - size.width() / 2, box.center().y() - size.height() / 2
            painter.setOpacity(1.0)
            paint_below_picture(painter, QRectF(round(left), round(top), size.width(), size.height()), chosen=chosen)
            painter.setOpacity(_DIMMED if excluded else 1.0)
            painter.drawPixmap(round(left), round(top), thumbnail.pixmap)
        else:
            painter.setPen(QColor(colours.line))
            painter.setBrush(QColor(colours.window))
            painter.drawRoundedRect(box.adjusted(4, 4, -4, -4), 4, 4)
            if model.broken(index.row()):
                painter.setPen(QColor(colours.red))
                painter.drawText(box, Qt.AlignmentFlag.AlignCenter, "cannot\nbe read")
        painter.setOpacity(1.0)
        if excluded:
            cross_out(painter, box)
        painter.setPen(QColor(colours.on_accent if chosen else colours.muted if excluded else colours.text))
        name = model.shortened(index.row(), painter.fontMetrics(), rect.width() - 6)
        below = QRect(rect.left() + 3, box.bottom() + 3, rect.width() - 6, line)
        painter.drawText(below, Qt.AlignmentFlag.AlignCenter, name)
        painter.restore()

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:  # noqa: ARG002
        """Give every tile the same size."""
        return QSize(THUMBNAIL + 18, THUMBNAIL + option.fontMetrics.height() + 18)


class _Classes(QTreeWidget):
    """Splits and classes; Qt's own arrows would keep the colour of text on a chosen line."""

    def drawBranches(self, painter: QPainter, rect: QRect, index: Index) -> None:
        """Draw the arrow of a line that has others below it."""
        if not self.model().hasChildren(index):
            return
        arrow = style.arrow(
            "expanded" if self.isExpanded(index) else "collapsed", chosen=self.selectionModel().isSelected(index)
        )
        place = QRect(QPoint(), arrow.deviceIndependentSize().toSize())
        place.moveCenter(QPoint(rect.right() - self.indentation() // 2, rect.center().y()))
        painter.drawPixmap(place, arrow)


def _place(item: QTreeWidgetItem) -> tuple[object, object]:
    """Which pictures a line of the tree stands for."""
    return item.data(0, _SPLIT), item.data(0, _LABEL)


class PicturesPanel(QWidget):
    """Splits and classes above, thumbnails below; a filter by name; a way in when nothing is open."""

    asked = Signal(str)
    listed = Signal(object)
    exclusion_toggled = Signal(str)
    folders_said = Signal(object)
    details_wanted = Signal()
    open_wanted = Signal()
    sample_wanted = Signal()

    def __init__(self, first: Worker, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._dataset: Dataset | None = None
        self._excluded: frozenset[str] = frozenset()
        self._key = ""
        title = heading("Pictures")
        title.setFixedHeight(24)
        self._count = QLabel()
        self._count.setProperty("muted", True)
        self._details = QToolButton()
        self._details.setObjectName("pictures.details")
        self._details.setText("Details")
        self._details.setToolTip("What the folder holds, and what of it is left out")
        self._details.setProperty("flat", True)
        self._details.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self._details.clicked.connect(self.details_wanted)
        self._filter = QLineEdit(self)
        self._filter.setObjectName("pictures.filter")
        self._filter.setPlaceholderText("Filter by name (Ctrl+F)")
        self._filter.setAccessibleName("Filter pictures by name")
        self._filter.setClearButtonEnabled(True)
        self._filter.setAcceptDrops(False)  # a folder that is dropped here is the window's to open, not text
        self._filter.textChanged.connect(self._refill)
        self._split = QSplitter(Qt.Orientation.Vertical, self)
        self._classes = _Classes(self._split)
        self._classes.setObjectName("pictures.classes")
        self._classes.setAccessibleName("Classes, with their number of pictures")
        self._classes.setHeaderHidden(True)
        self._classes.setColumnCount(2)
        self._classes.header().setStretchLastSection(False)
        self._classes.header().setSectionResizeMode(0, self._classes.header().ResizeMode.Stretch)
        self._classes.header().setSectionResizeMode(1, self._classes.header().ResizeMode.ResizeToContents)
        self._classes.setIndentation(14)
        self._classes.setTextElideMode(Qt.TextElideMode.ElideMiddle)
        self._classes.currentItemChanged.connect(lambda *_: self._refill())
        self.model = PictureModel(first, self)
        self.list = QListView(self._split)
        self.list.setObjectName("pictures.list")
        self.list.setAccessibleName("Pictures")
        self.list.setModel(self.model)
        self.list.setItemDelegate(Tile(self.list))
        self.list.setViewMode(QListView.ViewMode.IconMode)
        self.list.setResizeMode(QListView.ResizeMode.Adjust)
        self.list.setMovement(QListView.Movement.Static)
        self.list.setUniformItemSizes(True)
        self.list.setGridSize(Tile().sizeHint(self._option(), QModelIndex()))
        self.list.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.list.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.list.selectionModel().currentChanged.connect(self._chosen)
        self._exclude = QAction("Exclude from exports", self.list)
        self._exclude.setObjectName("pictures.exclude")
        self._exclude.setShortcut(QKeySequence("X"))
        self._exclude.setShortcutContext(Qt.ShortcutContext.WidgetShortcut)
        self._exclude.triggered.connect(self._toggle_exclusion)
        self.list.addAction(self._exclude)
        self.list.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.list.customContextMenuRequested.connect(self._show_menu)
        self._classes.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self._classes.customContextMenuRequested.connect(self._show_folders_menu)
        self._nothing = QLabel()
        self._nothing.setWordWrap(True)
        self._nothing.setTextFormat(Qt.TextFormat.PlainText)
        self._nothing.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._nothing.setProperty("muted", True)
        self._split.addWidget(self._classes)
        self._split.addWidget(self.list)
        self._split.setStretchFactor(1, 1)
        self._split.setChildrenCollapsible(False)
        self._split.setSizes([130, 600])
        self._welcome = self._make_welcome()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(8, 8, 4, 4)
        layout.setSpacing(6)
        layout.addWidget(title)
        layout.addWidget(self._filter)
        layout.addWidget(self._split, 1)
        layout.addWidget(self._nothing)
        foot = QHBoxLayout()
        foot.addWidget(self._count, 1)
        foot.addWidget(self._details)
        layout.addLayout(foot)
        layout.addWidget(self._welcome, 1)
        self.setMinimumWidth(160)
        self.set_dataset(None)

    def _make_welcome(self) -> QWidget:
        box = QFrame()
        words = QLabel(
            "Open a folder of pictures, or drop one here.\n\n"
            "Folders inside it count as classes; train, val and test as splits."
        )
        words.setWordWrap(True)
        words.setAlignment(Qt.AlignmentFlag.AlignCenter)
        words.setProperty("muted", True)
        open_button = QPushButton("Open a folder…")
        open_button.setProperty("primary", True)
        open_button.setObjectName("welcome.open")
        open_button.clicked.connect(self.open_wanted)
        sample = QPushButton("Try the sample")
        sample.setObjectName("welcome.sample")
        sample.clicked.connect(self.sample_wanted)
        layout = QVBoxLayout(box)
        layout.setContentsMargins(0, 0, 4, 0)
        layout.addStretch(1)
        for widget in (words, open_button, sample):
            layout.addWidget(widget)
        layout.addStretch(2)
        return box

    def _option(self) -> QStyleOptionViewItem:
        option = QStyleOptionViewItem()
        option.initFrom(self)
        return option

    # -- setters -------------------------------------------------------------------------------------------------

    def set_dataset(self, dataset: Dataset | None) -> None:
        """Show a folder's pictures; where it is the one that was shown before, nothing moves that can stay."""
        again = dataset is not None and self._dataset is not None and dataset.location == self._dataset.location
        if again:
            assert dataset is not None
            self._dataset = dataset
            self._show_again(dataset)
            return
        self._dataset = dataset
        self.model.forget()
        for widget in (self._filter, self._split, self._count, self._details):
            widget.setVisible(dataset is not None)
        self._welcome.setVisible(dataset is None)
        self._nothing.hide()
        self._classes.blockSignals(True)
        self._classes.clear()
        if dataset:
            root = self._add_root(dataset)
            shown = self._add_groups(root, dataset) + self._add_excluded(dataset)
            self._classes.expandAll()
            self._classes.setCurrentItem(root)
            self._classes.setVisible(shown > 0 or bool(dataset.unfollowed))
            self._split.setSizes([min(200, 34 + 26 * (1 + shown)), 600])
        self._classes.blockSignals(False)
        self._refill()

    def _show_again(self, dataset: Dataset) -> None:
        """Show what the same folder holds now: the class chosen, what is folded and what is looked at stay."""
        anchor = self._top_picture()
        self._classes.blockSignals(True)
        before = {_place(item): item.isExpanded() for item in self._lines()}
        chosen = self._classes.currentItem()
        current = _place(chosen) if chosen else (_ALL, _ALL)
        top = self._classes.verticalScrollBar().value()
        self._classes.clear()
        root = self._add_root(dataset)
        shown = self._add_groups(root, dataset) + self._add_excluded(dataset)
        self._classes.setCurrentItem(root)
        for item in self._lines():
            item.setExpanded(before.get(_place(item), True))
            if _place(item) == current:
                self._classes.setCurrentItem(item)
        self._classes.setVisible(shown > 0 or bool(dataset.unfollowed))
        self._classes.verticalScrollBar().setValue(top)
        self._classes.blockSignals(False)
        self._refill()
        self._scroll_back(anchor)

    def _lines(self) -> Iterator[QTreeWidgetItem]:
        lines = QTreeWidgetItemIterator(self._classes)
        while item := lines.value():
            yield item
            lines += 1

    def _top_picture(self) -> tuple[int, list[str]]:
        """Where the first picture in view stands, and its key; then those after it, should it be gone."""
        place = self.list.indexAt(QPoint(self.list.gridSize().width() // 2, self.list.gridSize().height() // 2))
        if not place.isValid():
            return 0, []
        rows = range(place.row(), min(place.row() + 200, self.model.rowCount()))
        return self.list.visualRect(place).top(), [self.model.source(row).key for row in rows]

    def _scroll_back(self, anchor: tuple[int, list[str]]) -> None:
        """Let the picture that was first in view stand where it stood."""
        height, keys = anchor
        row = next((row for key in keys if (row := self.model.row(key)) is not None), None)
        if row is not None:
            bar = self.list.verticalScrollBar()
            now = self.list.visualRect(self.model.index(row)).top()
            bar.setValue(bar.value() + now - height)

    def _add_root(self, dataset: Dataset) -> QTreeWidgetItem:
        root = QTreeWidgetItem(self._classes, ["All pictures", f"{len(dataset.sources):,}"])
        root.setTextAlignment(1, Qt.AlignmentFlag.AlignRight)
        root.setData(0, _SPLIT, _ALL)
        root.setData(0, _LABEL, _ALL)
        return root

    def _add_excluded(self, dataset: Dataset) -> int:
        """Add a line for what is left out, if anything is; return how many lines that makes."""
        many = sum(dataset.get(key) is not None for key in self._excluded)
        if not many:
            return 0
        item = QTreeWidgetItem(self._classes, ["Excluded", f"{many:,}"])
        item.setTextAlignment(1, Qt.AlignmentFlag.AlignRight)
        item.setToolTip(0, as_tip("Pictures that are in no export; X in the list takes one back"))
        item.setData(0, _SPLIT, _EXCLUDED)
        item.setData(0, _LABEL, _ALL)
        return 1

    def _add_groups(self, root: QTreeWidgetItem, dataset: Dataset) -> int:
        """Add the classes, below the split that they lie in if there are any; return how many lines that makes."""
        counts = {("", label): count for label, count in dataset.classes.items()}
        if dataset.splits:
            counts = Counter((source.split, source.label) for source in dataset.sources)
        lines = 0
        for split in dataset.splits or ("",):
            top = self._add(root, split, _ALL, split, dataset.splits[split]) if split else root
            classes = {label: count for (where, label), count in counts.items() if where == split}
            items: dict[str, QTreeWidgetItem] = {}
            if set(classes) != {""}:
                for label, many in classes.items():
                    self._add_class(items, top, split, label, many)
            lines += bool(split) + len(items)
        return lines

    def _add_class(
        self, items: dict[str, QTreeWidgetItem], top: QTreeWidgetItem, split: str, label: str, count: int
    ) -> None:
        parent_label, _, name = label.rpartition("/")
        if parent_label and parent_label not in items:
            self._add_class(items, top, split, parent_label, 0)
        if label in items:
            items[label].setText(1, f"{count:,}")
            return
        items[label] = self._add(items.get(parent_label, top), split, label, name or "(no class)", count)

    def _add(self, parent: QTreeWidgetItem, split: str, label: str | None, name: str, count: int) -> QTreeWidgetItem:
        item = QTreeWidgetItem(parent, [name, f"{count:,}" if count else ""])
        item.setTextAlignment(1, Qt.AlignmentFlag.AlignRight)
        item.setData(0, _SPLIT, split)
        item.setData(0, _LABEL, label)
        item.setToolTip(0, as_tip(" / ".join(filter(None, (split, label)))))
        return item

    def set_excluded(self, keys: frozenset[str]) -> None:
        """Show which pictures are left out."""
        if keys == self._excluded:
            return
        self._excluded = keys
        self.model.set_excluded(keys)
        if self._dataset is not None:
            self._show_again(self._dataset)

    def set_picture(self, key: str) -> None:
        """Mark the picture in view."""
        self._key = key
        row = self.model.row(key)
        if row is not None and self.list.currentIndex().row() != row:
            self.list.selectionModel().blockSignals(True)
            self.list.setCurrentIndex(self.model.index(row))
            self.list.selectionModel().blockSignals(False)
            self.list.viewport().update()
            self.list.scrollTo(self.model.index(row))

    def step(self, offset: int) -> None:
        """Ask for the next or previous picture among those shown."""
        row = self.model.row(self._key)
        count = self.model.rowCount()
        if count:
            new = 0 if row is None else min(max(row + offset, 0), count - 1)
            self.asked.emit(self.model.source(new).key)

    def focus_filter(self) -> None:
        """Put the cursor into the filter."""
        self._filter.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self._filter.selectAll()

    # -- the user's doing ------------------------------------------------------------------------------------------

    def _refill(self) -> None:
        if self._dataset is None:
            self.model.set_sources(())
            self.listed.emit(())
            return
        item = self._classes.currentItem()
        split = item.data(0, _SPLIT) if item else _ALL
        label = item.data(0, _LABEL) if item else _ALL
        word = self._filter.text().strip().casefold()
        sources = self._dataset.sources
        if word or split is not _ALL:  # of the tree's lines, only the first leaves all of them
            sources = tuple(
                source
                for source in sources
                if (split is _ALL or (source.key in self._excluded if split == _EXCLUDED else source.split == split))
                and (label is _ALL or source.label == label or (label and source.label.startswith(f"{label}/")))
                and (not word or word in source.key.casefold())
            )
        self.model.set_sources(sources)
        self.listed.emit(sources)
        shown, total = len(sources), len(self._dataset.sources)
        self._count.setText(f"{shown:,} of {count(total, 'picture')}" if shown < total else count(total, "picture"))
        self._nothing.setVisible(not sources)
        word = self._filter.text().strip()
        self._nothing.setText(f"No picture's name contains “{word}”." if word else "No picture is excluded any more.")
        if self._key:
            self.set_picture(self._key)

    def _toggle_exclusion(self) -> None:
        index = self.list.currentIndex()
        if index.isValid():
            self.exclusion_toggled.emit(self.model.source(index.row()).key)

    def _show_menu(self, place: QPoint) -> None:
        index = self.list.indexAt(place)
        if not index.isValid():
            return
        self.list.setCurrentIndex(index)
        menu = QMenu(self.list)
        menu.setObjectName("pictures.menu")
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._exclude.setText("Take back into exports" if self.model.excluded(index.row()) else "Exclude from exports")
        menu.addAction(self._exclude)
        menu.popup(self.list.viewport().mapToGlobal(place))

    def _show_folders_menu(self, place: QPoint) -> None:
        """Offer to take folders for something else than they are taken for."""
        if self._dataset is None:
            return
        menu = QMenu(self._classes)
        menu.setObjectName("pictures.folders")
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        for folders, words in (
            (Folders.AUTO, "Tell splits from classes by their names"),
            (Folders.SPLITS, "Folders called after train, val and test are splits"),
            (Folders.CLASSES, "All folders are classes"),
            (Folders.ALONE, "Only folders make splits, whatever lists and label files state"),
        ):
            action = menu.addAction(words)
            action.setCheckable(True)
            action.setChecked(folders is self._dataset.folders)
            action.triggered.connect(partial(self._say_folders, folders))
        menu.popup(self._classes.viewport().mapToGlobal(place))

    def _say_folders(self, folders: Folders, *_: object) -> None:
        self.folders_said.emit(folders)

    def _chosen(self, index: QModelIndex) -> None:
        if index.isValid():
            key = self.model.source(index.row()).key
            if key != self._key:
                self.asked.emit(key)
