"""The lines that load an export, a library a tab, ready to be copied."""

from __future__ import annotations

from PySide6.QtCore import QTimer
from PySide6.QtGui import QFontDatabase, QGuiApplication
from PySide6.QtWidgets import (
    QHBoxLayout,
    QPlainTextEdit,
    QPushButton,
    QSizePolicy,
    QTabWidget,
    QVBoxLayout,
    QWidget,
)

from augstudio.export.loading import Snippet
from augstudio.gui.parts.controls import heading

_COPIED_MS = 2000


class LoadingTabs(QWidget):
    """Hidden while there is nothing to load."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._copy = QPushButton("Copy")
        self._copy.setObjectName("export.loading.copy")
        self._copy.setAutoDefault(False)
        self._copy.setFixedWidth(self._copy.fontMetrics().horizontalAdvance("Copied") + 32)  # stays as wide
        self._copy.clicked.connect(self._copied)
        self._tabs = QTabWidget()
        self._tabs.setObjectName("export.loading")
        self._tabs.setAccessibleName("Lines that load it, by library")
        self._tabs.setDocumentMode(True)
        self._tabs.tabBar().setDrawBase(False)
        self._tabs.currentChanged.connect(self._named)
        self._rest = QTimer(self, singleShot=True, interval=_COPIED_MS)
        self._rest.timeout.connect(lambda: self._copy.setText("Copy"))
        row = QHBoxLayout()
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(heading("Load it"), 1)
        row.addWidget(self._copy)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addLayout(row)
        column.addWidget(self._tabs)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self.hide()

    def set_snippets(self, snippets: tuple[Snippet, ...]) -> None:
        """Show these lines; the library in view stays."""
        index = max(0, self._tabs.currentIndex())
        while self._tabs.count():
            page = self._tabs.widget(0)
            self._tabs.removeTab(0)
            if page:
                page.deleteLater()
        tall = max((snippet.code.count("\n") + 1 for snippet in snippets), default=1)
        for snippet in snippets:
            name = snippet.library.lower().replace(" ", "_")
            lines = QPlainTextEdit(snippet.code)
            lines.setObjectName(f"export.loading.{name}")
            lines.setAccessibleName(f"Lines for {snippet.library}")
            lines.setReadOnly(True)
            lines.setTabChangesFocus(True)
            lines.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
            lines.setFont(QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont))
            spare = lines.horizontalScrollBar().sizeHint().height()
            lines.setFixedHeight(min(tall, 8) * lines.fontMetrics().lineSpacing() + 14 + spare)
            self._tabs.addTab(lines, snippet.library)
        self._tabs.setCurrentIndex(min(index, len(snippets) - 1))
        self._named()
        self.setVisible(bool(snippets))

    def _named(self) -> None:
        self._copy.setText("Copy")
        self._copy.setAccessibleName(f"Copy the lines for {self._tabs.tabText(self._tabs.currentIndex())}")

    def _copied(self) -> None:
        lines = self._tabs.currentWidget()
        if isinstance(lines, QPlainTextEdit):
            QGuiApplication.clipboard().setText(lines.toPlainText() + "\n")
            self._copy.setText("Copied")
            self._rest.start()
