"""Shows what becomes of another library's file before it is taken as the pipeline."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from augstudio.code.importing import Imported
from augstudio.gui.shell.standing_table import StandingTable, in_short
from augstudio.wording import count


class ImportDialog(QDialog):
    """What the file is, the table, and whether to take it."""

    def __init__(self, name: str, found: Imported, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("import")
        self.setWindowTitle("Open another library's file")
        self.resize(760, 460)
        said = f"{name} holds {found.source}: {count(len(found.pipeline.transforms), 'step')} here."
        above = QLabel(said)
        above.setObjectName("import.source")
        above.setTextFormat(Qt.TextFormat.PlainText)
        above.setWordWrap(True)
        table = StandingTable("import.table", "Part")
        table.set_rows(found.rows)
        note = QLabel(in_short(found.rows))
        note.setObjectName("import.note")
        note.setWordWrap(True)
        note.setProperty("muted", True)
        take, leave = QPushButton("Take it"), QPushButton("Cancel")
        take.setObjectName("import.take")
        take.setProperty("primary", True)
        take.setDefault(True)
        take.clicked.connect(self.accept)
        leave.setObjectName("import.cancel")
        leave.setAutoDefault(False)
        leave.clicked.connect(self.reject)
        below = QHBoxLayout()
        below.addWidget(note, 1)
        below.addWidget(leave)
        below.addWidget(take)
        layout = QVBoxLayout(self)
        layout.setSpacing(12)
        layout.addWidget(above)
        layout.addWidget(table, 1)
        layout.addLayout(below)
