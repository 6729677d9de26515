"""Above the pictures: which view of them, how close, and what else there is to be seen."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QAction, QActionGroup
from PySide6.QtWidgets import QButtonGroup, QHBoxLayout, QMenu, QToolButton, QWidget

from augstudio.gui.intent.views import ViewKind, ViewOptions
from augstudio.gui.parts.controls import flat_button

TITLES = {
    ViewKind.PICTURE: ("Picture", "One picture: the original and a copy"),
    ViewKind.SHEET: ("Sheet", "Many pictures with this pipeline, class by class"),
    ViewKind.STEPS: ("Steps", "One copy after each of its steps"),
    ViewKind.COMPARE: ("A | B", "Two pipelines on the same picture"),
}


class ViewBar(QWidget):
    """A switch with a part for each view; on the right the zoom, and a menu.

    Signals
    -------
    asked(ViewKind)
        Another view is wanted.
    fit_wanted(), whole_wanted()
        All of the picture, or one screen pixel per pixel.
    options_asked(ViewOptions)
        Something else is to be seen of pictures.
    """

    asked = Signal(object)
    fit_wanted = Signal()
    whole_wanted = Signal()
    options_asked = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._options = ViewOptions()
        self._group = QButtonGroup(self)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        for number, (kind, (title, tip)) in enumerate(TITLES.items(), 1):
            row.addWidget(self._part(kind, title, f"{tip} (Alt+{number})", number))
        row.addStretch(1)
        self._fit = flat_button("fit", "Fit the picture into the view (Ctrl+0)")
        self._fit.setObjectName("compare.fit")
        self._fit.setShortcut("Ctrl+0")
        self._fit.clicked.connect(self.fit_wanted)
        self._whole = QToolButton()
        self._whole.setProperty("flat", True)
        self._whole.setText("100 %")
        self._whole.setObjectName("compare.100")
        self._whole.setToolTip("One screen pixel per pixel of the copy: exactly what is exported (Ctrl+1)")
        self._whole.setAccessibleName("Zoom to 100 %")
        self._whole.setShortcut("Ctrl+1")
        self._whole.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._whole.clicked.connect(self.whole_wanted)
        self.more = flat_button("more", "More to be seen of pictures: pixel values, several copies, names of labels")
        self.more.setObjectName("view.more")
        self.more.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.menu = QMenu(self)
        self.menu.setObjectName("view.menu")
        self.more.setMenu(self.menu)
        for button in (self._fit, self._whole, self.more):
            row.addWidget(button)
        self._fill_menu()
        self.set_kind(ViewKind.PICTURE)

    def _part(self, kind: ViewKind, title: str, tip: str, number: int) -> QToolButton:
        part = QToolButton()
        part.setText(title)
        part.setCheckable(True)
        part.setObjectName(f"view.{kind.value}")
        part.setToolTip(tip)
        part.setAccessibleName(f"View: {title}")
        part.setAccessibleDescription(tip)
        part.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        part.setProperty("segment", {1: "first", len(TITLES): "last"}.get(number, "middle"))
        part.clicked.connect(partial(self._ask, kind))
        self._group.addButton(part)
        return part

    def _ask(self, kind: ViewKind, *_: object) -> None:
        self.asked.emit(kind)

    def _fill_menu(self) -> None:
        self._pixels = self._check("Pixel values under the pointer", "view.pixels")
        self._pixels.toggled.connect(lambda on: self._choose(pixels=on))
        self._names = self._check("Names of labels", "view.names")
        self._names.toggled.connect(lambda on: self._choose(names=on))
        self.menu.addSeparator()
        self._copies = QActionGroup(self)
        for number, words in ((1, "One copy large"), (2, "Two copies large"), (3, "Three copies large")):
            action = self._check(words, f"view.copies.{number}")
            self._copies.addAction(action)
            action.triggered.connect(partial(self._choose_copies, number))
        self.menu.addSeparator()

    def _check(self, words: str, name: str) -> QAction:
        action = self.menu.addAction(words)
        action.setObjectName(name)
        action.setCheckable(True)
        return action

    def _choose_copies(self, number: int, *_: object) -> None:
        self._choose(copies=number)

    def _choose(self, **changes: object) -> None:
        options = self._options._replace(**changes)  # type: ignore[arg-type]
        if options != self._options:
            self.options_asked.emit(options)

    # -- setters -------------------------------------------------------------------------------------------------

    def add_actions(self, actions: Mapping[str, QAction]) -> None:
        """Put actions of the window into the menu."""
        self.menu.addActions([actions["labels"], actions["pin"]])

    def set_kind(self, kind: ViewKind) -> None:
        """Mark the view in force; what would change nothing in it is off."""
        for part in self._group.buttons():
            part.setChecked(part.objectName() == f"view.{kind.value}")
        for button in (self._fit, self._whole):
            button.setEnabled(kind is not ViewKind.SHEET)
        self._pixels.setEnabled(kind is not ViewKind.SHEET)
        self._copies.setEnabled(kind is ViewKind.PICTURE)

    def set_options(self, options: ViewOptions) -> None:
        """Mark what is to be seen."""
        self._options = options
        self._pixels.setChecked(options.pixels)
        self._names.setChecked(options.names)
        self._copies.actions()[options.copies - 1].setChecked(True)
