"""What is excessive, named once more before it is exported, each with its remedy."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from augstudio.advice import Caution, Level
from augstudio.gui.parts import style
from augstudio.gui.parts.notices import label

_SHOWN = 2


class Excessive(QFrame):
    """The excessive ones among cautions; hidden while there are none.

    Signals
    -------
    remedied(Caution)
        A remedy is to be applied.
    """

    remedied = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("caution", "excessive")
        self._cautions: tuple[Caution, ...] = ()
        self._mark = QLabel()
        self._words = label("export.warning", "Excessive strengths")
        self._rows = QVBoxLayout()
        self._rows.setSpacing(4)
        self._buttons: list[QPushButton] = []
        row = QHBoxLayout(self)
        row.setContentsMargins(10, 6, 10, 6)
        row.setSpacing(10)
        row.addWidget(self._mark)
        row.addWidget(self._words, 1)
        row.addLayout(self._rows)
        self.hide()

    def set_cautions(self, cautions: tuple[Caution, ...]) -> None:
        """Name the excessive ones of these."""
        excessive = tuple(caution for caution in cautions if caution.level is Level.EXCESSIVE)
        if excessive == self._cautions:
            return
        had_focus = any(button.hasFocus() for button in self._buttons)
        self._cautions = excessive
        for button in self._buttons:
            self._rows.removeWidget(button)
            button.hide()
            button.deleteLater()
        self._buttons = []
        self._mark.setPixmap(style.level_icon(Level.EXCESSIVE, 18))
        said = [f"Excessive: {caution.title}. {caution.message}" for caution in excessive[:_SHOWN]]
        if more := len(excessive) - _SHOWN:
            said += [f"{more:,} more excessive; the window names them all."] * (more > 0)
        self._words.setText("\n".join(said))
        for number, caution in enumerate(excessive[:_SHOWN]):
            if caution.remedy is None:
                continue
            button = QPushButton(caution.remedy.label)
            button.setObjectName(f"export.caution.{number}.remedy")
            button.setAccessibleName(f"{caution.remedy.label}: remedy for {caution.title}")
            button.setToolTip(f"{caution.title}: applied to the pipeline in the window, where undo takes it back")
            button.setAutoDefault(False)
            button.clicked.connect(lambda _=False, caution=caution: self.remedied.emit(caution))
            self._rows.addWidget(button)
            self._buttons.append(button)
        self.setVisible(bool(excessive))
        if had_focus and self._buttons:
            self._buttons[0].setFocus()
