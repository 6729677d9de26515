"""The tools at the top: open, presets, undo, the seed, and exports at the far end."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QAction, QUndoStack
from PySide6.QtWidgets import QHBoxLayout, QLabel, QMenu, QSizePolicy, QToolBar, QToolButton, QWidget

from augstudio.gui.parts import style
from augstudio.gui.parts.controls import as_tip, flat_button
from augstudio.gui.parts.number_field import NumberField
from augstudio.gui.parts.quantity import Quantity
from augstudio.gui.shell import actions as acts

LARGEST_SHOWN_SEED = 2**31 - 1
"""More than that a number box does not hold."""
_UNSAVED = " •"


class Toolbar(QToolBar):
    """Buttons of the window's actions, and the seed.

    Signals
    -------
    seed_typed(int), seed_ended()
        The user types a seed: each number as it is understood, and the end of the typing.
    """

    seed_typed = Signal(int)
    seed_ended = Signal()

    def __init__(self, actions: Mapping[str, QAction], menus: Mapping[str, QMenu], stack: QUndoStack) -> None:
        super().__init__("Tools")
        self._actions = actions
        self.setObjectName("toolbar")
        self.setMovable(False)
        self.setIconSize(QSize(20, 20))
        self.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.PreventContextMenu)
        self._follow(actions["undo"], stack.canUndoChanged.connect, stack.undoTextChanged.connect, stack.undo)
        self._follow(actions["redo"], stack.canRedoChanged.connect, stack.redoTextChanged.connect, stack.redo)
        self._fill()
        self._name_buttons()
        self._menu_of("open", menus["open"]).setPopupMode(QToolButton.ToolButtonPopupMode.MenuButtonPopup)
        self._menu_of("preset", menus["preset"]).setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        actions["preset"].triggered.connect(self._choose_preset)
        for name, icon, tip in (
            ("exports", "expanded", "Resume or verify an earlier export, or try whether the pipeline helps"),
            ("more", "more", "More: the folder, colours, keyboard shortcuts"),
        ):
            button = flat_button(icon, tip)
            button.setObjectName(name)
            button.setMenu(menus[name])
            button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
            self.addWidget(button)
        for primary in (actions["export"], self.button("export")):
            primary.setProperty("primary", True)
        actions["export"].setIcon(style.icon("export", primary=True))

    def button(self, name: str) -> QToolButton:
        """The button of an action."""
        button = self.widgetForAction(self._actions[name])
        assert isinstance(button, QToolButton)
        return button

    def set_preset(self, text: str) -> None:
        """Say which preset is in hand; the sign of unsaved changes has its room, so that no button moves."""
        self._actions["preset"].setText(text.replace("&", "&&"))
        button = self.button("preset")
        room = 0 if text.endswith(_UNSAVED) else button.fontMetrics().horizontalAdvance(_UNSAVED)
        button.setFixedWidth(button.sizeHint().width() + room)

    def set_seed(self, seed: int) -> None:
        """Show the seed."""
        self._seed.set_value(min(seed, LARGEST_SHOWN_SEED))

    def _choose_preset(self) -> None:
        chooser = self.button("preset")  # asked for anew: a reference to it may be void after other widgets went
        chooser.menu().popup(chooser.mapToGlobal(chooser.rect().bottomLeft()))

    # -- making ----------------------------------------------------------------------------------------------------

    def _fill(self) -> None:
        for name in ("open", "preset", "save_preset"):
            self.addAction(self._actions[name])
        self.addSeparator()
        for name in ("undo", "redo"):
            self.addAction(self._actions[name])
            self.button(name).setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonIconOnly)
        self.addSeparator()
        self.addWidget(self._make_seed())
        self.addAction(self._actions["new_seed"])
        gap = QWidget()
        gap.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self.addWidget(gap)
        self.addAction(self._actions["export"])

    def _make_seed(self) -> QWidget:
        self._seed = NumberField(Quantity(low=0, high=LARGEST_SHOWN_SEED, whole=True), 1)
        self._seed.setObjectName("seed")
        self._seed.setAccessibleName("Seed")
        self._seed.setFixedWidth(100)
        self._seed.setToolTip(
            f"The same seed gives the same variations, here and in the export; {self._seed.quantity.bounds}"
        )
        self._seed.typed.connect(lambda seed: self.seed_typed.emit(int(seed)))
        self._seed.ended.connect(self.seed_ended)
        label = QLabel("Seed")
        label.setBuddy(self._seed)
        both = QWidget()
        both.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Preferred)
        row = QHBoxLayout(both)
        row.setContentsMargins(8, 0, 0, 0)
        row.setSpacing(4)
        row.addWidget(label)
        row.addWidget(self._seed)
        return both

    def _name_buttons(self) -> None:
        for action in self.actions():
            button = self.widgetForAction(action)
            if isinstance(button, QToolButton) and action.objectName():
                button.setObjectName(f"{action.objectName()}.button")
                button.setAccessibleName(action.toolTip())
                button.setFocusPolicy(Qt.FocusPolicy.TabFocus)

    def _menu_of(self, name: str, menu: QMenu) -> QToolButton:
        button = self.button(name)
        button.setMenu(menu)
        return button

    @staticmethod
    def _follow(
        action: QAction,
        when_it_can: Callable[[Callable[[bool], None]], object],
        when_worded: Callable[[Callable[[str], None]], object],
        run: Callable[[], None],
    ) -> None:
        """Let an action say what it would undo, and be off where there is nothing."""
        verb = action.text()
        action.setEnabled(False)
        action.triggered.connect(run)
        when_it_can(action.setEnabled)
        when_worded(lambda words: action.setToolTip(as_tip(acts.tip(action, f"{verb} {words}".strip()))))
