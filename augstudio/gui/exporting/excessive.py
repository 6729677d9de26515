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
        self.setObjectName("export.warning")
        self.setAccessibleName("Excessive strengths")
        self.setProperty("caution", "excessive")
        self._cautions: tuple[Caution, ...] = ()
        self._mark = QLabel()
        self._rows = QVBoxLayout()
        self._rows.setSpacing(4)
        self._lines: list[QWidget] = []
        row = QHBoxLayout(self)
        row.setContentsMargins(10, 6, 10, 6)
        row.setSpacing(10)
        row.addWidget(self._mark)
        row.addLayout(self._rows, 1)
        self.hide()

    def set_cautions(self, cautions: tuple[Caution, ...]) -> None:
        """Name the excessive ones of these."""
        excessive = tuple(caution for caution in cautions if caution.level is Level.EXCESSIVE)
        if excessive == self._cautions:
            return
        had_focus = any(line.isAncestorOf(focus) for line in self._lines if (focus := self.window().focusWidget()))
        self._cautions = excessive
        for line in self._lines:
            self._rows.removeWidget(line)
            line.hide()
            line.deleteLater()
        self._lines = [self._line(number, caution) for number, caution in enumerate(excessive[:_SHOWN])]
        if len(excessive) > _SHOWN:
            more = f"{len(excessive) - _SHOWN:,} more excessive; the window names them all."
            self._lines.append(label("export.warning.more", "More", more))
        for line in self._lines:
            self._rows.addWidget(line)
        self._mark.setPixmap(style.level_icon(Level.EXCESSIVE, 18))
        self.setVisible(bool(excessive))
        button = self.findChild(QPushButton, "export.caution.0.remedy") if had_focus else None
        if button is not None:
            button.setFocus()

    def _line(self, number: int, caution: Caution) -> QWidget:
        line = QWidget()
        row = QHBoxLayout(line)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(10)
        said = f"Excessive: {caution.title}. {caution.message}"
        row.addWidget(label(f"export.warning.{number}", "Excessive strength", said), 1)
        if caution.remedy is not None:
            button = QPushButton(caution.remedy.label)
            button.setObjectName(f"export.caution.{number}.remedy")
            button.setAccessibleName(f"{caution.remedy.label}: remedy for {caution.title}")
            button.setToolTip(f"{caution.title}: applied to the pipeline in the window, where undo takes it back")
            button.setAutoDefault(False)
            button.clicked.connect(lambda: self.remedied.emit(caution))
            row.addWidget(button)
        return line
