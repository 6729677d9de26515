"""The cautions, in plain words, each with a button that applies its remedy: in a place that never changes its size."""

from __future__ import annotations

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent, QMoveEvent, QResizeEvent
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QScrollArea,
    QSizePolicy,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from augstudio.advice import Caution, Level
from augstudio.gui.parts import style
from augstudio.gui.parts.controls import ElidedLabel, as_tip, heading

_AROUND = 44
"""Margins and gaps of the line of the worst caution."""
_LEAST_LETTERS = 22
"""Of what is said against a strength, beside its remedy."""
_WORDS = {Level.EXCESSIVE: "Excessive", Level.CAUTION: "Caution"}


class Row(QFrame):
    """One caution."""

    asked = Signal(str)
    remedied = Signal(object)

    def __init__(self, caution: Caution, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("caution", caution.level.value)
        self.setObjectName(name)
        self.setAccessibleName(f"{_WORDS[caution.level]}: {caution.title}. {caution.message}")
        self._step = caution.step
        self._caution = caution
        mark = QLabel()
        mark.setPixmap(style.level_icon(caution.level, 20))
        mark.setAlignment(Qt.AlignmentFlag.AlignTop)
        level = QLabel(_WORDS[caution.level])
        level.setProperty("level", caution.level.value)
        self._title = title = heading(caution.title)
        self._message = QLabel(caution.message)
        self._evidence = evidence = QLabel(f"Limit: {caution.evidence}")
        evidence.setProperty("muted", True)
        for label in (title, self._message, evidence):
            label.setWordWrap(True)
            label.setTextFormat(Qt.TextFormat.PlainText)
            label.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
            if label is not title:  # a click on it shows the card
                label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        head = QHBoxLayout()
        head.setSpacing(8)
        head.addWidget(level, 0, Qt.AlignmentFlag.AlignTop)
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
        self._button: QPushButton | None = None
        if caution.remedy:
            self._button = button = QPushButton()
            button.setObjectName(f"{name}.remedy")
            button.setToolTip("Apply this remedy; undo takes it back")
            button.clicked.connect(lambda: self.remedied.emit(self._caution))
            layout.addWidget(button, 0, Qt.AlignmentFlag.AlignVCenter)
            self._offer(caution)

    def _offer(self, caution: Caution) -> None:
        if self._button is not None and caution.remedy is not None and self._button.text() != caution.remedy.label:
            self._button.setText(caution.remedy.label)
            self._button.setAccessibleName(f"{caution.remedy.label}: remedy for {caution.title}")

    def follow(self, caution: Caution) -> bool:
        """Take new words and figures of a caution like the one before; False if it needs another row."""
        old = self._caution
        if (caution.level, caution.step, caution.parameter, bool(caution.remedy)) != (
            old.level, old.step, old.parameter, bool(old.remedy)
        ):  # fmt: skip
            return False
        self._caution = caution
        self._title.setText(caution.title)
        self._message.setText(caution.message)
        self._evidence.setText(f"Limit: {caution.evidence}")
        self._offer(caution)
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


class Worst(QFrame):
    """The worst caution and its remedy in one line; a friendly word if there is none. It never changes its height."""

    asked = Signal(str)
    remedied = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("caution.0")
        self._caution: Caution | None = None
        self._mark = QLabel()
        self._title = ElidedLabel()
        self._title.setProperty("heading", True)
        self._title.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Preferred)
        self._message = ElidedLabel()
        self._remedy = QPushButton()
        self._remedy.setObjectName("caution.0.remedy")
        self._remedy.setToolTip("Apply this remedy; undo takes it back")
        self._remedy.clicked.connect(self._apply)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(10, 0, 6, 0)
        layout.setSpacing(8)
        layout.addWidget(self._mark)
        layout.addWidget(self._title)
        layout.addWidget(self._message, 1)
        layout.addWidget(self._remedy)
        self._remedy.setText("Set to 0 … 0")
        self.setFixedHeight(self._remedy.sizeHint().height() + 10)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)

    def set_caution(self, caution: Caution | None) -> None:
        """Show this one."""
        self._caution = caution
        level = caution.level if caution else None
        self._mark.setPixmap(style.level_icon(level, 18))
        words = "every strength is within its limits. A common ruler, not proof."
        self._title.setText(caution.title if caution else "No cautions")
        self._message.setText(caution.message if caution else words)
        tip = f"{caution.title}\n{caution.message}\nLimit: {caution.evidence}" if caution else f"No cautions: {words}"
        tip = as_tip(tip)
        for part in (self, self._title, self._message):  # one of them may have no room at all
            part.setToolTip(tip)
        remedy = caution.remedy if caution else None
        self._remedy.setVisible(remedy is not None)
        if caution and remedy:
            self._remedy.setToolTip(f"{remedy.label}: apply this remedy; undo takes it back")
            self._remedy.setAccessibleName(f"{remedy.label}: remedy for {caution.title}")
        self._fit()
        of_a_step = bool(caution and caution.step)
        self.setCursor(Qt.CursorShape.PointingHandCursor if of_a_step else Qt.CursorShape.ArrowCursor)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus if of_a_step else Qt.FocusPolicy.NoFocus)
        spoken = f"{_WORDS[caution.level]}: {caution.title}. {caution.message}" if caution else f"No cautions: {words}"
        self.setAccessibleName(spoken)
        if self.property("caution") != (level.value if level else None):
            self.setProperty("caution", level.value if level else None)
            self.style().unpolish(self)
            self.style().polish(self)

    def _fit(self) -> None:
        """Say the remedy in full where that leaves room for what it is against; else its tool tip does."""
        if self._caution is None or self._caution.remedy is None:
            return
        label = self._caution.remedy.label
        self._remedy.setText(label)
        others = self._mark.sizeHint().width() + self._title.sizeHint().width() + self._remedy.sizeHint().width()
        if self.width() - others - _AROUND < self.fontMetrics().averageCharWidth() * _LEAST_LETTERS:
            self._remedy.setText("Remedy")

    def resizeEvent(self, event: QResizeEvent) -> None:
        """There is another room."""
        super().resizeEvent(event)
        self._fit()

    def _apply(self) -> None:
        self.remedied.emit(self._caution)

    def mousePressEvent(self, event: object) -> None:
        """Ask for the card concerned."""
        if self._caution and self._caution.step:
            self.asked.emit(self._caution.step)
        del event

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Do by Enter or Space what a click does."""
        if self._caution and event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space):
            self.asked.emit(self._caution.step)
        else:
            super().keyPressEvent(event)


class CautionsPanel(QWidget):
    """The worst caution in one line of a fixed height; all of them unfold above it, over what lies there.

    Signals
    -------
    asked(str)
        The card of this step is to be shown.
    remedied(Caution)
        Its remedy is to be applied.
    left()
        What had the focus here has gone with its caution: what is next in line is not to be pressed instead.
    """

    asked = Signal(str)
    remedied = Signal(object)
    left = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("cautions")
        self.setAccessibleName("Cautions")
        self._cautions: tuple[Caution, ...] | None = None
        self._worst = Worst()
        self._worst.asked.connect(self.asked)
        self._worst.remedied.connect(self.remedied)
        self._more = QToolButton()
        self._more.setObjectName("cautions.more")
        self._more.setProperty("flat", True)
        self._more.setCheckable(True)
        self._more.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._more.toggled.connect(self._unfold)
        self._more.setText("+00 ▴")
        self._more.setFixedWidth(self._more.sizeHint().width())
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(4)
        layout.addWidget(self._worst, 1)
        layout.addWidget(self._more)
        self._all = QFrame(parent)
        self._all.setObjectName("cautions.all")
        self._all.setProperty("card", True)
        self._all.setAccessibleName("All cautions")
        self._all.hide()
        self._list = QWidget()
        self._rows = QVBoxLayout(self._list)
        self._rows.setContentsMargins(0, 0, 4, 0)
        self._rows.setSpacing(4)
        self._rows.addStretch(1)
        self._scroll = QScrollArea()
        self._scroll.setFrameShape(QFrame.Shape.NoFrame)
        self._scroll.setWidgetResizable(True)
        self._scroll.setWidget(self._list)
        self._scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        inner = QVBoxLayout(self._all)
        inner.setContentsMargins(8, 8, 8, 8)
        inner.addWidget(self._scroll)
        self.setFixedHeight(self._worst.height())
        self.set_cautions(())

    def set_cautions(self, cautions: tuple[Caution, ...]) -> None:
        """Show these."""
        if cautions == self._cautions:
            return
        here = self._holds_focus
        self._cautions = cautions
        self._worst.set_caution(cautions[0] if cautions else None)
        if self.unfolded:
            self._fill(cautions)
        self._more.setEnabled(bool(cautions))
        if not cautions:
            self._more.setChecked(False)
        self._say_more()
        if self.unfolded:
            QTimer.singleShot(0, self._place)  # new rows know their height a moment later
        if here and not self._holds_focus:
            self.left.emit()

    @property
    def _holds_focus(self) -> bool:
        focus = self.window().focusWidget()
        return focus is not None and any(part.isAncestorOf(focus) and focus.isVisible() for part in (self, self._all))

    @property
    def unfolded(self) -> bool:
        """Whether all cautions are seen."""
        return self._more.isChecked()

    def unfold(self, on: bool = True) -> None:
        """Show all cautions, if there are any, or the worst alone."""
        self._more.setChecked(on and bool(self._cautions))

    def _say_more(self) -> None:
        count = len(self._cautions or ())
        arrow = "▾" if self._more.isChecked() else "▴"
        self._more.setText((f"+{count - 1} {arrow}" if count > 1 else arrow) if count else "")
        said = "Fold the cautions" if self._more.isChecked() else f"Show all cautions ({count}), with their limits"
        self._more.setToolTip(said if count else "")
        self._more.setAccessibleName(said if count else "No cautions to show")

    def _unfold(self, on: bool) -> None:
        self._say_more()
        if on:
            self._fill(self._cautions or ())  # not before: rows of what nobody sees would make a slider stutter
            if self._all.parentWidget() is not self.parentWidget():
                self._all.setParent(self.parentWidget())
            self._place()
            self._all.show()
            self._all.raise_()
        else:
            self._all.hide()

    def _place(self) -> None:
        """Put the list above the line, as tall as its rows but no taller than the room there."""
        if not self._more.isChecked():
            return
        rows = [self._rows.itemAt(i) for i in range(self._rows.count() - 1)]
        width = max(200, self.width() - 30)
        tall = sum(row.heightForWidth(width) + 4 for row in rows if row) + 18
        top = max(4, self.y() - tall - 4)
        self._all.setGeometry(self.x(), top, self.width(), self.y() - 4 - top)

    def _fill(self, cautions: tuple[Caution, ...]) -> None:
        """Keep the rows whose caution only has new figures: while a slider is dragged, making rows would stutter."""
        for number, caution in enumerate(cautions):
            item = self._rows.itemAt(number)
            row = item.widget() if item else None
            if isinstance(row, Row) and row.follow(caution):
                continue
            if isinstance(row, Row):
                self._drop(row)
            new = Row(caution, f"caution.{number}" if number else "caution.0.full")
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
        """Keep the list in its place."""
        super().resizeEvent(event)
        self._place()

    def moveEvent(self, event: QMoveEvent) -> None:
        """Keep the list in its place."""
        super().moveEvent(event)
        self._place()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Fold by Escape."""
        if event.key() == Qt.Key.Key_Escape and self.unfolded:
            self.unfold(False)
        else:
            super().keyPressEvent(event)
