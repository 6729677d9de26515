"""The cautions, in plain words, each with a button that applies its remedy."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QScrollArea, QSizePolicy, QVBoxLayout, QWidget

from augstudio.advice import Caution, Level
from augstudio.gui.parts import style
from augstudio.gui.parts.controls import ElidedLabel

_WORDS = {Level.EXCESSIVE: "Excessive", Level.CAUTION: "Caution"}


class Row(QFrame):
    """One caution."""

    asked = Signal(str)
    remedied = Signal(object)

    def __init__(self, caution: Caution, number: int, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("caution", caution.level.value)
        self.setObjectName(f"caution.{number}")
        self.setAccessibleName(f"{_WORDS[caution.level]}: {caution.title}. {caution.message}")
        self._step = caution.step
        self._caution = caution
        mark = QLabel()
        mark.setPixmap(style.level_icon(caution.level, 20))
        mark.setAlignment(Qt.AlignmentFlag.AlignTop)
        level = QLabel(_WORDS[caution.level])
        level.setProperty("level", caution.level.value)
        title = ElidedLabel(caution.title)
        title.setProperty("heading", True)
        self._message = QLabel(caution.message)
        evidence = QLabel(f"Limit: {caution.evidence}")
        evidence.setProperty("muted", True)
        for label in (self._message, evidence):
            label.setWordWrap(True)
            label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
            label.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        head = QHBoxLayout()
        head.setSpacing(8)
        head.addWidget(level)
        head.addWidget(title, 1)
        words = QVBoxLayout()
        words.setSpacing(1)
        words.addLayout(head)
        words.addWidget(self._message)
        words.addWidget(evidence)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(10, 6, 10, 6)
        layout.setSpacing(10)
        layout.addWidget(mark, 0, Qt.AlignmentFlag.AlignTop)
        layout.addLayout(words, 1)
        if caution.step:
            self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
            self.setCursor(Qt.CursorShape.PointingHandCursor)
            self.setToolTip("Click to show the transform concerned")
        if caution.remedy:
            button = QPushButton(caution.remedy.label)
            button.setObjectName(f"caution.{number}.remedy")
            button.setAccessibleName(f"{caution.remedy.label}: remedy for {caution.title}")
            button.setToolTip("Apply this remedy; undo takes it back")
            button.clicked.connect(lambda: self.remedied.emit(self._caution))
            layout.addWidget(button, 0, Qt.AlignmentFlag.AlignVCenter)

    def follow(self, caution: Caution) -> bool:
        """Take new figures for the same caution; False if it is another one."""
        old = self._caution
        if (caution.level, caution.step, caution.parameter, caution.title, caution.evidence) != (
            old.level, old.step, old.parameter, old.title, old.evidence
        ) or (caution.remedy and caution.remedy.label) != (old.remedy and old.remedy.label):  # fmt: skip
            return False
        self._caution = caution
        self._message.setText(caution.message)
        self.setAccessibleName(f"{_WORDS[caution.level]}: {caution.title}. {caution.message}")
        return True

    def mousePressEvent(self, event: object) -> None:
        """Ask for the card concerned."""
        if self._step:
            self.asked.emit(self._step)
        del event

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Do by Enter or Space what a click does."""
        if self._step and event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space):
            self.asked.emit(self._step)
        else:
            super().keyPressEvent(event)


class CautionsPanel(QWidget):
    """All cautions of the pipeline, the excessive ones first; one friendly line if there are none."""

    asked = Signal(str)
    remedied = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("cautions")
        self.setAccessibleName("Cautions")
        self._cautions: tuple[Caution, ...] | None = None
        self._mark = QLabel()
        self._heading = QLabel("Cautions")
        self._heading.setProperty("heading", True)
        self._summary = QLabel()
        self._summary.setProperty("muted", True)
        head = QHBoxLayout()
        head.setContentsMargins(2, 0, 2, 0)
        head.setSpacing(6)
        head.addWidget(self._mark)
        head.addWidget(self._heading)
        head.addWidget(self._summary, 1)
        self._list = QWidget()
        self._rows = QVBoxLayout(self._list)
        self._rows.setContentsMargins(0, 0, 4, 0)
        self._rows.setSpacing(4)
        self._rows.addStretch(1)
        self._scroll = QScrollArea()
        self._scroll.setWidgetResizable(True)
        self._scroll.setWidget(self._list)
        self._scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 4, 0, 0)
        layout.setSpacing(4)
        layout.addLayout(head)
        layout.addWidget(self._scroll, 1)
        self.set_cautions(())

    def set_cautions(self, cautions: tuple[Caution, ...]) -> None:
        """Show these."""
        if cautions == self._cautions:
            return
        self._cautions = cautions
        self._fill(cautions)
        worst = None
        if cautions:
            worst = Level.EXCESSIVE if any(c.level is Level.EXCESSIVE for c in cautions) else Level.CAUTION
        self._mark.setPixmap(style.level_icon(worst, 18))
        excessive = sum(caution.level is Level.EXCESSIVE for caution in cautions)
        mild = len(cautions) - excessive
        parts = [f"{excessive} excessive"] * bool(excessive) + [f"{mild} worth caution"] * bool(mild)
        self._summary.setText(
            " · ".join(parts) if parts else "None: every strength is within its limits. A common ruler, not proof."
        )
        self._fit_height()

    def _fill(self, cautions: tuple[Caution, ...]) -> None:
        """Keep the rows whose caution only has new figures: while a slider is dragged, making rows would stutter."""
        for number, caution in enumerate(cautions):
            item = self._rows.itemAt(number)
            row = item.widget() if item else None
            if isinstance(row, Row) and row.follow(caution):
                continue
            if isinstance(row, Row):
                self._drop(row)
            new = Row(caution, number)
            new.asked.connect(self.asked)
            new.remedied.connect(self.remedied)
            self._rows.insertWidget(number, new)
        while self._rows.count() > len(cautions) + 1:
            item = self._rows.itemAt(len(cautions))
            row = item.widget() if item else None
            if not isinstance(row, Row):
                break
            self._drop(row)

    def _drop(self, row: Row) -> None:
        self._rows.removeWidget(row)
        row.hide()
        row.deleteLater()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Follow the rows' height as words wrap."""
        super().resizeEvent(event)
        self._fit_height()

    def _fit_height(self) -> None:
        """Be as tall as the rows, but never more than three of them."""
        rows = [self._rows.itemAt(i) for i in range(self._rows.count() - 1)]
        width = max(200, self.width() - 6)
        tall = sum(row.heightForWidth(width) + 4 for row in rows[:3] if row)
        self._scroll.setFixedHeight(min(tall, max(84, self.window().height() * 26 // 100)))
        self._scroll.setVisible(bool(rows))
