"""An export, or a verification, under way: how it goes, what came of it, and what can be done about that."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

from PySide6.QtCore import Qt, QUrl, Signal
from PySide6.QtGui import QCloseEvent, QDesktopServices
from PySide6.QtWidgets import (
    QDialog,
    QFileDialog,
    QHBoxLayout,
    QLabel,
    QPlainTextEdit,
    QProgressBar,
    QPushButton,
    QSizePolicy,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from augstudio.advice import Level
from augstudio.dataset import Dataset, DatasetError, ScanStopped, scan
from augstudio.dataset.scanning import printable
from augstudio.export import (
    ExportError,
    Progress,
    Report,
    Settings,
    State,
    UnknownSourceError,
    Verdict,
    available_workers,
    load_unfinished,
    run_export,
    verify,
)
from augstudio.export.origins import published
from augstudio.gui.exporting.outcomes import SECTIONS, Outcome, of_report, of_verdict
from augstudio.gui.parts import style
from augstudio.gui.parts.notices import label
from augstudio.gui.parts.workers import Task
from augstudio.storage import is_url
from augstudio.wording import count, roughly, size

Tell = Callable[[Any], None]
Stop = Callable[[], bool]
_STARTING = "Starting the workers …"
_CHOOSE = "Choose their folder…"
_FEW = 4
"""Lines that a list shows without scrolling, at least."""
_MANY = 60
"""Lines that a list may grow to."""
_FRAME = 48
"""What a title bar and a task bar may take of the screen."""


class _Checked(NamedTuple):
    """How far verifying has come, in files."""

    done: int
    total: int


class _Judged(NamedTuple):
    verdict: Verdict | None
    unfinished: bool
    another: bool = False


class ProgressPage(QWidget):
    """What is being done, how far it is, and a way to end it."""

    cancelled = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._doing = label("export.doing", "What is being done")
        self._doing.setProperty("heading", True)
        self._bar = QProgressBar()
        self._bar.setObjectName("export.progress")
        self._bar.setTextVisible(False)  # no colour of text stands out on both halves of a bar
        self._rate = label("export.rate", "Rate and time left")
        self._there = label("export.there", "What was there already")
        self._there.setProperty("muted", True)
        self._failed = label("export.failures", "Failures")
        self._failed.setProperty("level", "excessive")
        self._cancel = QPushButton("Cancel")
        self._cancel.setObjectName("export.cancel")
        self._cancel.clicked.connect(self.cancelled)
        buttons = QHBoxLayout()
        buttons.addStretch(1)
        buttons.addWidget(self._cancel)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(12)
        for widget in (self._doing, self._bar, self._rate, self._there, self._failed):
            layout.addWidget(widget)
        layout.addStretch(1)
        layout.addLayout(buttons)

    def begin(self, doing: str, what: str, cancel: str) -> None:
        """Say what begins: "Exporting to …", "the export", "Cancel export"."""
        self._doing.setText(doing)
        self._bar.setAccessibleName(f"Progress of {what}")
        self._bar.setRange(0, 0)
        self._bar.setValue(0)
        self._bar.setFormat("")
        self._rate.setText("")
        self._there.setText("")
        self._failed.setText("")
        self._cancel.setText(cancel)
        self._cancel.setEnabled(True)
        self._cancel.setFocus()

    def cancelling(self) -> None:
        """Say that what is under way is still finished."""
        self._cancel.setEnabled(False)
        self._cancel.setText("Cancelling …")

    def show_progress(self, now: Progress | _Checked | int | str) -> None:
        """Show how far an export is, a verification, the listing of pictures; or some words."""
        match now:
            case Progress():
                self._show_export(now)
            case _Checked(done, total):
                self._show_bar(done, total, "files")
            case int():
                self._rate.setText(f"Listing the pictures: {now:,} found")
            case str():
                self._rate.setText(now)

    def _show_bar(self, done: int, total: int, what: str) -> None:
        self._bar.setMaximum(max(1, total))
        self._bar.setValue(done)
        self._bar.setFormat(f"{done:,} of {total:,} {what}")
        self._rate.setText(self._bar.format())

    def _show_export(self, now: Progress) -> None:
        if now.removed is not None:
            self._show_bar(now.removed, now.removing, "files")
            self._rate.setText(f"Removing the earlier export … {self._bar.format()}")
            return
        self._show_bar(now.done, now.total, "pictures")
        self._there.setText(
            f"{now.kept:,} of the pictures {'was' if now.kept == 1 else 'were'} there already" if now.kept else ""
        )
        self._failed.setText(f"{count(now.failures, 'picture')} failed" if now.failures else "")
        if now.done == 0:
            self._rate.setText(_STARTING)
        elif now.done == now.kept:
            self._rate.setText("Looking at what is there already …")
        else:
            left = f" · {roughly(now.eta)} left" if now.eta is not None else ""
            self._rate.setText(
                f"{self._bar.format()} · {count(now.files, 'file')}, {size(now.bytes)} · "
                f"{now.rate:.0f} files a second{left}"
            )


class _Section(QWidget):
    """A titled list of lines that can be copied; hidden while there are none."""

    def __init__(self, name: str, title: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._title = title
        self._head = QLabel()
        self._head.setProperty("heading", True)
        self._list = QPlainTextEdit()
        self._list.setObjectName(f"export.{name}")
        self._list.setReadOnly(True)
        self._list.setTabChangesFocus(True)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(4)
        layout.addWidget(self._head)
        layout.addWidget(self._list, 1)
        self._list.setAccessibleName(title)

    def set_lines(self, lines: tuple[str, ...], width: int) -> bool:
        """Show these, in a list of about such a width; tell whether there are more than a few."""
        self._head.setText(f"{self._title} ({len(lines):,})")
        self._list.setPlainText("\n".join(lines))
        metrics = self._list.fontMetrics()
        tall = sum(1 + metrics.horizontalAdvance(line) // max(1, width - 30) for line in lines[:_MANY])
        self._list.setMinimumHeight(min(tall, _FEW) * metrics.lineSpacing() + 14)
        self._list.setMaximumHeight(tall * metrics.lineSpacing() + 14)
        upwards = QSizePolicy.Policy.Expanding if tall > _FEW else QSizePolicy.Policy.Fixed
        self.setSizePolicy(QSizePolicy.Policy.Preferred, upwards)
        self.setVisible(bool(lines))
        return tall > _FEW


class OutcomePage(QWidget):
    """What came of it."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._mark = QLabel()
        self._heading = label("export.outcome", "Outcome")
        self._heading.setProperty("heading", True)
        self._summary = label("export.summary", "Summary")
        self._summary.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._sections = {name: _Section(name, title) for name, title in SECTIONS.items()}
        self.back = _button("export.back", "Back")
        self.verify = _button("export.verify", "Verify")
        self.verify.setToolTip("Read every file again and hold it against the manifest")
        self.open_folder = _button("export.open_folder", "Open the folder")
        self.resume = _button("export.resume", "Resume")
        self.close_ = _button("export.done", "Close")
        head = QHBoxLayout()
        head.setSpacing(8)
        head.addWidget(self._mark)
        head.addWidget(self._heading, 1)
        buttons = QHBoxLayout()
        buttons.addWidget(self.back)
        buttons.addStretch(1)
        for button in (self.verify, self.open_folder, self.resume, self.close_):
            buttons.addWidget(button)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(12)
        layout.addLayout(head)
        layout.addWidget(self._summary)
        for section in self._sections.values():
            section.hide()
            layout.addWidget(section)
        layout.addStretch(0)
        layout.addLayout(buttons)
        self._column = layout

    def set_outcome(self, outcome: Outcome, *, back: bool) -> None:
        """Show it, with the buttons that go with it."""
        self._mark.setPixmap(style.level_icon(outcome.level, 20))
        self._heading.setText(outcome.heading)
        self._summary.setText(outcome.summary)
        for name, section in self._sections.items():
            long = section.set_lines(outcome.sections.get(name, ()), self.width())
            self._column.setStretchFactor(section, int(long))
        self.back.setVisible(back)
        self.verify.setVisible(outcome.verifiable)
        self.open_folder.setVisible(bool(outcome.out))
        self.open_folder.setEnabled(outcome.folder is not None)
        self.resume.setText(outcome.resume)
        self.resume.setVisible(bool(outcome.resume))
        first, second = (self.resume, self.close_) if outcome.resume else (self.close_, self.resume)
        style.mark(second, primary=False)
        style.mark(first, primary=True)
        first.setDefault(True)
        first.setFocus()


class RunDialog(QDialog):
    """Resumes or verifies an export: the page of progress, then that of the outcome.

    Parameters
    ----------
    dataset : Dataset or None
        The open folder, which is not listed again if an export is of it.
    title : str
        Of the dialog.
    """

    workers: int | None = None
    """Processes to resume with; None for as many as serve this computer best."""
    cluster = ""

    def __init__(self, dataset: Dataset | None, title: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(title)
        self.setObjectName("export")
        self.setMinimumSize(620, 360)
        self._dataset = dataset
        self._task: Task | None = None
        self._trouble = ""
        self._report: Report | None = None
        self._verdict: Verdict | None = None
        self._outcome = Outcome(None, "", "")
        self._out = ""
        self._closing = False
        self._pages = QStackedWidget()
        self._progress = ProgressPage()
        self._progress.cancelled.connect(self.cancel)
        self._result = OutcomePage()
        self._result.back.clicked.connect(self.go_back)
        self._result.verify.clicked.connect(lambda: self.verify(self._out))
        self._result.resume.clicked.connect(self._go_on)
        self._result.open_folder.clicked.connect(self._open_folder)
        self._result.close_.clicked.connect(self.accept)
        self._pages.addWidget(self._progress)
        self._pages.addWidget(self._result)
        self._around = QVBoxLayout(self)
        self._around.setContentsMargins(16, 16, 16, 16)
        self._around.addWidget(self._pages)

    # -- what can be done --------------------------------------------------------------------------------------------

    def export(self, settings: Settings, dataset: Dataset, *, replace: bool = False) -> None:
        """Begin an export; it replaces one that lies there only if that is said."""
        self._begin(
            settings.out,
            lambda tell, stop: run_export(settings, dataset, progress=tell, stop=stop, replace=replace),
            "export",
            (f"Exporting to {settings.out}", "the export", "Cancel export"),
            "The export could not be made",
        )
        self._progress.show_progress(_STARTING)

    def resume(self, out: str, source: str = "") -> None:
        """Go on with an export, or make again what it has lost; from where its pictures lie now, if that is said."""
        workers = available_workers() if self.workers is None else self.workers
        cluster, opened = self.cluster, self._dataset

        def work(tell: Tell, stop: Stop) -> Report:
            begun = load_unfinished(out)
            where = source or begun.source
            if not where and opened and published(opened.location) == begun.source_name:
                where = opened.location  # if it is another folder of that name, it is refused
            if not where:
                raise UnknownSourceError(printable(out), begun.source_name)
            dataset = opened if opened and opened.location == where else scan(where, stop=stop, found=tell)
            settings = replace(begun.settings, workers=workers, cluster=cluster)
            return run_export(settings, dataset, progress=tell, stop=stop, resume=True)

        doing = (f"Going on with {out}", "the export", "Cancel export")
        self._begin(out, work, "export", doing, "The export could not be resumed")
        self._progress.show_progress("Looking at what is there already …")

    def verify(self, out: str) -> None:
        """Read an export again and hold it against its manifest."""

        def work(tell: Tell, stop: Stop) -> _Judged:
            verdict = verify(out, progress=lambda done, total: tell(_Checked(done, total)), stop=stop)
            try:
                begun = load_unfinished(out)
                unfinished = begun.state in (State.RUNNING, State.CANCELLED, State.STOPPED)
                return _Judged(verdict, unfinished and not begun.hidden, begun.hidden)
            except ExportError:
                return _Judged(verdict, False)

        doing = (f"Verifying {out}", "the verification", "Cancel")
        self._begin(out, work, "verify", doing, "The export could not be verified")
        self._progress.show_progress("Reading every file again. Nothing is changed.")

    def cancel(self) -> None:
        """End it after what is under way."""
        if self._task:
            self._task.cancel()
            self._progress.cancelling()

    @property
    def running(self) -> bool:
        """Whether something is under way."""
        return self._task is not None

    @property
    def report(self) -> Report | None:
        """What came of the last export."""
        return self._report

    @property
    def verdict(self) -> Verdict | None:
        """What came of verifying last."""
        return self._verdict

    def go_back(self) -> None:
        """There is nothing before these pages."""

    @property
    def can_go_back(self) -> bool:
        """Whether there is a page before these."""
        return False

    # -- how it goes -------------------------------------------------------------------------------------------------

    def _begin(
        self, out: str, work: Callable[[Tell, Stop], object], name: str, doing: tuple[str, str, str], trouble: str
    ) -> None:
        self._out, self._trouble = out, trouble
        self._progress.begin(*doing)
        self._pages.setCurrentWidget(self._progress)
        self._task = Task(work, name, self)
        self._task.progressed.connect(self._progress.show_progress)
        self._task.ended.connect(self._ended)
        self._task.start()

    def _ended(self, ending: object) -> None:
        if self._task:
            self._task.wait()
            self._task.deleteLater()
        self._task = None
        self._show_outcome(self._judge(ending))
        if self._closing:
            self.reject()

    def _judge(self, ending: object) -> Outcome:
        match ending:
            case Report():
                self._report, self._out = ending, ending.out
                return of_report(ending)
            case _Judged(verdict, unfinished, another) if verdict is not None:
                self._verdict = verdict
                return of_verdict(verdict, self._out, unfinished=unfinished, another=another)
            case _Judged():
                said = "Not every file was read, so nothing can be said. Nothing was changed."
                return Outcome(Level.CAUTION, "Verifying was cancelled", said, out=self._out, verifiable=True)
            case ScanStopped():
                said = "Nothing was changed."
                return Outcome(Level.CAUTION, "The export was cancelled", said, out=self._out, resume="Resume")
            case UnknownSourceError() | DatasetError():
                heading = "Where are its pictures?" if isinstance(ending, UnknownSourceError) else self._trouble
                said = f"{ending}.\nNothing was changed."
                return Outcome(Level.CAUTION, heading, said, out=self._out, resume=_CHOOSE)
        return Outcome(Level.EXCESSIVE, self._trouble, str(ending))

    def _go_on(self) -> None:
        """Do what the outcome offers: resume, from a folder that is asked for if need be."""
        if self._outcome.resume != _CHOOSE:
            self.resume(self._out)
            return
        start = str(Path.home() if is_url(self._out) else Path(self._out).parent)
        if folder := QFileDialog.getExistingDirectory(self, "Choose the folder of its pictures", start):
            self.resume(self._out, folder)

    def _show_outcome(self, outcome: Outcome) -> None:
        self._outcome = outcome
        self._result.set_outcome(outcome, back=self.can_go_back)
        self._pages.setCurrentWidget(self._result)
        self._make_room()

    def _make_room(self) -> None:
        """Be as tall as what is shown needs, as far as the screen allows; never become smaller by itself."""
        page = self._pages.currentWidget()
        layout = page.layout() if page else None
        if layout is None:
            return
        layout.activate()
        margins = self._around.contentsMargins()
        need = max(
            layout.totalHeightForWidth(self.width() - margins.left() - margins.right()),
            layout.totalSizeHint().height(),
        )
        most = self.screen().availableGeometry().height() - _FRAME
        self.resize(self.width(), max(self.height(), min(need + margins.top() + margins.bottom(), most)))

    def _open_folder(self) -> None:
        if self._outcome.folder:
            QDesktopServices.openUrl(QUrl.fromLocalFile(str(self._outcome.folder)))

    # -- leaving -----------------------------------------------------------------------------------------------------

    def reject(self) -> None:
        """Cancel what is under way first; then close."""
        if self._task is not None:
            self._closing = True
            self.cancel()
            return
        super().reject()

    def closeEvent(self, event: QCloseEvent) -> None:
        """Treat the window's cross like Cancel."""
        if self._task is not None:
            event.ignore()
            self.reject()
        else:
            super().closeEvent(event)


def _button(name: str, text: str) -> QPushButton:
    button = QPushButton(text)
    button.setObjectName(name)
    button.setAutoDefault(False)
    return button
