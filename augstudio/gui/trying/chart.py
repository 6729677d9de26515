"""What came of a trial, a line for each arm: its accuracy, and how far it is from originals, with its range."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QGridLayout, QLabel, QSizePolicy, QWidget

from augstudio.gui.parts import style
from augstudio.gui.parts.controls import ElidedLabel, as_tip
from augstudio.trial.result import Comparison, Effect
from augstudio.wording import points

_LEAST_REACH = 0.05
"""Of the scale, as a share to either side: smaller differences are not blown up."""
_HEIGHT = 26
_DOT = 4.0


class ChartLine(NamedTuple):
    """One line: what it is of, an accuracy in per cent, and what was made of the difference.

    `step` is said of one that is held against the whole pipeline: its accuracy is that without it.
    """

    name: str
    accuracy: float
    compared: Comparison | None
    words: str
    tip: str
    step: bool = False


def lines_of(result: Mapping[str, Any]) -> list[ChartLine]:
    """The lines of a result, as of `TrialResult.as_json`."""
    compared = [Comparison.from_json(one) for one in result["comparisons"]]
    first, *others = result["arms"]
    found = [ChartLine(first["name"].capitalize(), first["accuracy"], None, "", "What networks come to without copies")]
    for arm in others:
        side = "against" if arm["without"] else "arm"
        one = next(one for one in compared if getattr(one, side) == arm["name"])
        tip = f"{points(one.difference)} points; 95 % range {points(one.low)} to {points(one.high)}"
        found.append(
            ChartLine(
                arm["without"] or arm["name"], arm["accuracy"], one, _WORDS[one.effect], tip, bool(arm["without"])
            )
        )
    return found


_WORDS = {
    Effect.HELPS: "Helps",
    Effect.COSTS: "Costs",
    Effect.UNTOLD: "No difference that can be told",
}


class Range(QWidget):
    """A difference as a dot on a line around none, with its range."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._one: Comparison | None = None
        self._reach = _LEAST_REACH
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setMinimumWidth(140)

    def sizeHint(self) -> QSize:
        """Wide enough to tell ranges apart."""
        return QSize(220, _HEIGHT)

    def set_comparison(self, one: Comparison | None, reach: float) -> None:
        """Show it on a scale that reaches so far to either side."""
        self._one, self._reach = one, max(reach, _LEAST_REACH)
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Paint the middle, the range and the dot."""
        colours, painter = style.theme(), QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        across, middle = self.width(), self.height() / 2
        painter.setPen(QPen(QColor(colours.line), 1))
        painter.drawLine(QPointF(0, middle), QPointF(across, middle))
        painter.setPen(QPen(QColor(colours.muted), 1))
        painter.drawLine(QPointF(across / 2, 3), QPointF(across / 2, self.height() - 3))
        one = self._one
        if one is None:
            return

        def place(share: float) -> float:
            inside = max(-1.0, min(1.0, share / self._reach))
            return across / 2 + inside * (across / 2 - _DOT - 1)

        colour = QColor({Effect.HELPS: colours.green, Effect.COSTS: colours.red}.get(one.effect, colours.muted))
        painter.setPen(QPen(colour, 3, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap))
        painter.drawLine(QPointF(place(one.low), middle), QPointF(place(one.high), middle))
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(colour)
        at = place(one.difference)
        painter.drawEllipse(QRectF(at - _DOT, middle - _DOT, 2 * _DOT, 2 * _DOT))


class Chart(QWidget):
    """A line for each arm."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("trial.chart")
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(14)
        self._grid.setVerticalSpacing(4)
        self._grid.setColumnStretch(0, 2)
        self._grid.setColumnStretch(3, 3)
        self._grid.setColumnStretch(4, 3)
        self._shape: tuple[bool, ...] = ()
        self._heads: list[QLabel] = []
        self._parts: list[tuple[ElidedLabel, QLabel, QLabel, Range, ElidedLabel]] = []

    def set_result(self, result: Mapping[str, Any] | None) -> None:
        """Show what is known; None for nothing."""
        lines = [] if result is None else lines_of(result)
        shape = tuple(line.step for line in lines)
        if shape != self._shape:
            self._shape = shape
            self._rebuild(shape)
        held = [line.compared for line in lines if line.compared is not None]
        reach = max((max(abs(one.low), abs(one.high)) for one in held), default=0.0)
        colours = style.theme()
        for line, (name, accuracy, gained, span, words) in zip(lines, self._parts, strict=True):
            one = line.compared
            name.setText(line.name)
            accuracy.setText(f"{line.accuracy:.1f} %")
            gained.setText("" if one is None else points(one.difference))
            span.set_comparison(one, reach)
            span.setAccessibleName(line.tip)
            words.setText(line.words)
            for part in (name, span, words):
                part.setToolTip(as_tip(line.tip))
            tint = {Effect.HELPS: colours.green, Effect.COSTS: colours.red}
            words.setStyleSheet("" if one is None or one.effect not in tint else f"color: {tint[one.effect]};")

    @property
    def tall(self) -> int:
        """Pixels that all lines take; the layout knows only later, once new ones have come."""
        rows = [_HEIGHT] * len(self._parts)
        rows += [_HEIGHT if number else head.sizeHint().height() for number, head in enumerate(self._heads)]
        return sum(rows) + self._grid.verticalSpacing() * max(0, len(rows) - 1)

    def _rebuild(self, shape: tuple[bool, ...]) -> None:
        while (item := self._grid.takeAt(0)) is not None:
            if widget := item.widget():
                widget.hide()  # it is gone only once the event loop comes to it
                widget.deleteLater()
        self._parts, self._heads = [], []
        row = 0
        for number, step in enumerate(shape):
            if number == 0 or step != shape[number - 1]:
                self._head(row, ("Step", "Without it") if step else ("Learnt from", "Accuracy"))
                row += 1
            parts = ElidedLabel(parent=self), QLabel(self), QLabel(self), Range(self), ElidedLabel(parent=self)
            parts[0].setMinimumWidth(110)
            parts[4].setMinimumWidth(200)
            for column, part in enumerate(parts):
                side = Qt.AlignmentFlag.AlignRight if column in (1, 2) else Qt.AlignmentFlag(0)
                self._grid.addWidget(part, row, column, side)
            self._parts.append(parts)
            row += 1

    def _head(self, row: int, titles: tuple[str, str]) -> None:
        left, right = Qt.AlignmentFlag.AlignLeft, Qt.AlignmentFlag.AlignRight
        told = ((titles[0], left), (titles[1], right), ("Points", right))
        for column, (title, side) in enumerate((*told, ("worse   ←   →   better", Qt.AlignmentFlag.AlignHCenter))):
            head = QLabel(title, self)
            head.setProperty("muted", True)
            self._grid.addWidget(head, row, column, side | Qt.AlignmentFlag.AlignBottom)
        self._heads.append(head)
        if row:
            self._grid.setRowMinimumHeight(row, _HEIGHT)
