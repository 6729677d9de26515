"""A box for whole numbers that never makes another number of what is typed."""

from __future__ import annotations

import re

from PySide6.QtGui import QValidator
from PySide6.QtWidgets import QSpinBox, QWidget

from augstudio.gui.parts import style

_DIGITS = re.compile(r"[0-9][0-9,.\s]*")


class WholeBox(QSpinBox):
    """A spin box in which any digits can be typed.

    Qt's own takes no digit that would lead out of its bounds, so that 200 becomes 20. Here what is not allowed stays as
    it was typed, marked, with the bounds as its description, until the box is left; then the last good value is back.
    """

    def __init__(self, low: int, high: int, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setRange(low, high)
        self.setCorrectionMode(QSpinBox.CorrectionMode.CorrectToPreviousValue)
        self.setKeyboardTracking(False)  # else the beginning of a number that is not allowed would count
        self.lineEdit().textChanged.connect(self._look)
        self.editingFinished.connect(lambda: self._look(self.text()))  # what Qt puts back, it puts back in silence
        self._wrong = False

    def validate(self, text: str, position: int) -> tuple[QValidator.State, str, int]:
        """Let digits be typed that lead out of the bounds; they are no value."""
        found = super().validate(text, position)
        bare = self._bare(text)
        if found[0] is QValidator.State.Invalid and len(bare) <= 30 and _DIGITS.fullmatch(bare):
            return QValidator.State.Intermediate, text, position
        return found

    @property
    def problem(self) -> str:
        """Why what stands there is no value; empty where it is one."""
        low, high = f"{self.minimum():,}", f"{self.maximum():,}"
        return f"“{self._bare(self.text())}” is not taken; {low} to {high} is allowed" if self._wrong else ""

    def _bare(self, text: str) -> str:
        return text.removeprefix(self.prefix()).removesuffix(self.suffix()).strip()

    def _look(self, text: str) -> None:
        bare = self._bare(text)
        digits = re.sub(r"\D", "", bare)
        wrong = bool(digits) and len(digits) <= 30 and not self.minimum() <= int(digits) <= self.maximum()
        if wrong != self._wrong:
            self._wrong = wrong
            style.mark(self, wrong=wrong)
        self.setAccessibleDescription(self.problem)
