"""Shows the pipeline as code for another library, with what becomes of each step, to be copied or kept as a file."""

from __future__ import annotations

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QFontDatabase, QGuiApplication
from PySide6.QtWidgets import (
    QComboBox,
    QDialog,
    QHBoxLayout,
    QLabel,
    QPlainTextEdit,
    QPushButton,
    QSplitter,
    QVBoxLayout,
    QWidget,
)

from augstudio.code import Generated, Target, generate
from augstudio.code.heading import NAMES
from augstudio.gui.parts.controls import push_button
from augstudio.gui.parts.keeping import keep
from augstudio.gui.shell.standing_table import StandingTable, in_short
from augstudio.pipeline import Pipeline

_COPIED_MS = 2000
_FILES = "Python (*.py);;All files (*)"


class CodeDialog(QDialog):
    """The library above, then the table, then the code."""

    def __init__(self, pipeline: Pipeline, parent: QWidget | None = None, *, target: Target = Target.NUMPY) -> None:
        super().__init__(parent)
        self._pipeline = pipeline
        self._generated: Generated | None = None
        self.setObjectName("code")
        self.setWindowTitle("Code for other libraries")
        self.resize(820, 640)
        self._target = QComboBox()
        self._target.setObjectName("code.target")
        self._target.setAccessibleName("Library")
        for one in Target:
            self._target.addItem(NAMES[one], one)
        self._target.setCurrentIndex(list(Target).index(target))
        self._target.currentIndexChanged.connect(self._write)
        self._table = StandingTable("code.table", "Step")
        self._text = _text()
        self._note = QLabel()
        self._note.setObjectName("code.note")
        self._note.setTextFormat(Qt.TextFormat.PlainText)
        self._note.setWordWrap(True)
        self._note.setProperty("muted", True)
        self._copy = self._button("copy", "Copy", self._copied)
        self._copy.setFixedWidth(self._copy.fontMetrics().horizontalAdvance("Copied") + 40)  # stays as wide
        self._save = self._button("save", "Save as…", self._ask_file)
        self._save.setProperty("primary", True)
        self._rest = QTimer(self, singleShot=True, interval=_COPIED_MS)
        self._rest.timeout.connect(lambda: self._copy.setText("Copy"))
        self._arrange()
        self._write()

    @property
    def target(self) -> Target:
        """The library that is chosen."""
        return Target(self._target.currentData())

    def _arrange(self) -> None:
        label = QLabel("Code for")
        label.setBuddy(self._target)
        above = QHBoxLayout()
        above.addWidget(label)
        above.addWidget(self._target)
        above.addStretch(1)
        parts = QSplitter(Qt.Orientation.Vertical)
        parts.setObjectName("code.parts")
        parts.setChildrenCollapsible(False)
        parts.addWidget(self._table)
        parts.addWidget(self._text)
        parts.setSizes([240, 360])
        below = QHBoxLayout()
        below.addWidget(self._note, 1)
        for button in (self._copy, self._save, self._button("close", "Close", self.reject)):
            below.addWidget(button)
        layout = QVBoxLayout(self)
        layout.setSpacing(12)
        layout.addLayout(above)
        layout.addWidget(parts, 1)
        layout.addLayout(below)

    def _button(self, name: str, text: str, run: object) -> QPushButton:
        button = push_button(f"code.{name}", text)
        button.clicked.connect(run)
        return button

    def _write(self) -> None:
        """Write the code for the library that is chosen, or say why there is none."""
        try:
            self._generated, why = generate(self._pipeline, self.target), ""
        except ValueError as error:
            self._generated, why = None, str(error)
        rows = self._generated.rows if self._generated else ()
        self._table.set_rows(rows)
        self._text.setPlainText(self._generated.text if self._generated else "")
        self._note.setText(why or in_short(rows))
        self._copy.setText("Copy")
        for button in (self._copy, self._save):
            button.setEnabled(self._generated is not None)

    def _copied(self) -> None:
        QGuiApplication.clipboard().setText(self._text.toPlainText())
        self._copy.setText("Copied")
        self._rest.start()

    def _ask_file(self) -> None:
        if self._generated is None:
            return
        data = self._generated.text.encode()
        if told := keep(self, data, title="Save the code", name="augment.py", kinds=_FILES):
            self._note.setText(told)


def _text() -> QPlainTextEdit:
    text = QPlainTextEdit()
    text.setObjectName("code.text")
    text.setAccessibleName("The code")
    text.setReadOnly(True)
    text.setTabChangesFocus(True)
    text.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
    text.setFont(QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont))
    return text
