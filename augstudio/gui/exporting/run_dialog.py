"""An export, or a verification, under way: how it goes, what came of it, and what can be done about that."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from itertools import zip_longest
from pathlib import Path

from PySide6.QtCore import Qt, QUrl, Signal
from PySide6.QtGui import QCloseEvent, QDesktopServices, QImage, QPixmap
from PySide6.QtWidgets import (
    QDialog,
    QFileDialog,
    QHBoxLayout,
    QLabel,
    QPlainTextEdit,
    QProgressBar,
    QSizePolicy,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from augstudio.advice import Caution
from augstudio.dataset import Dataset, scan
from augstudio.export import (
    ExportError,
    Progress,
    Report,
    Settings,
    Status,
    UnknownSourceError,
    Verdict,
    available_workers,
    load_unfinished,
    run_export,
    verify,
)
from augstudio.export.origins import published
from augstudio.gui.exporting.jobs import NEWEST, THUMBNAIL, Doing, Jobs, Stop, Tell
from augstudio.gui.exporting.loading_tabs import LoadingTabs
from augstudio.gui.exporting.outcomes import CHOOSE, SECTIONS, Outcome, Verified, judge
from augstudio.gui.exporting.standing import LOOKING, STARTING, Checked, Standing, far, words
from augstudio.gui.intent.state import State
from augstudio.gui.parts import style
from augstudio.gui.parts.controls import heading, push_button
from augstudio.gui.parts.notices import Notice, label
from augstudio.storage import is_url
from augstudio.wording import count, printable

_FEW = 4
"""Lines that a list shows without scrolling, at least."""
_MANY = 60
"""Lines that a list may grow to."""
_FRAME = 48
"""What a title bar and a task bar may take of the screen."""


class ProgressPage(QWidget):
    """What is being done, how far it is, the newest pictures, and ways to end it or to leave it alone."""

    cancelled = Signal()
    hidden = Signal()

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
        self._newest = QHBoxLayout()
        self._newest.setSpacing(8)
        self._pictures = [label(f"export.newest.{number}", f"Newest picture {number + 1}") for number in range(NEWEST)]
        for picture in self._pictures:
            picture.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
            picture.hide()
            self._newest.addWidget(picture, 0, Qt.AlignmentFlag.AlignTop)
        self._newest.addStretch(1)
        self._meanwhile = label("export.meanwhile", "What goes on", "The window can be used meanwhile.")
        self._meanwhile.setProperty("muted", True)
        self._cancel = push_button("export.cancel", "Cancel")
        self._cancel.clicked.connect(self.cancelled)
        self._hide = push_button("export.hide", "Hide")
        self._hide.setToolTip("It goes on; the bar at the top of the window shows how far it is")
        self._hide.clicked.connect(self.hidden)
        buttons = QHBoxLayout()
        buttons.addWidget(self._cancel)
        buttons.addStretch(1)
        buttons.addWidget(self._hide)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(12)
        for widget in (self._doing, self._bar, self._rate, self._there, self._failed):
            layout.addWidget(widget)
        layout.addLayout(self._newest)
        layout.addStretch(1)
        layout.addWidget(self._meanwhile)
        layout.addLayout(buttons)

    def begin(self, doing: Doing) -> None:
        """Say what begins."""
        self._doing.setText(doing.title)
        self._bar.setAccessibleName(f"Progress of {doing.what}")
        self._bar.setRange(0, 0)
        self._bar.setValue(0)
        self._bar.setFormat("")
        for line in (self._rate, self._there, self._failed):
            line.setText("")
        self._there.hide()
        self._failed.hide()
        self.show_newest(())
        self._cancel.setText(doing.cancel)
        self._cancel.setEnabled(True)
        self._hide.setDefault(True)
        self._hide.setFocus()  # what Enter or Space does by mistake costs nothing

    def cancelling(self) -> None:
        """Say that what is under way is still finished."""
        self._cancel.setEnabled(False)
        self._cancel.setText("Cancelling …")

    def show_progress(self, now: Standing) -> None:
        """Show how far an export is, a verification, the listing of pictures; or some words."""
        if reached := far(now):
            done, total = reached
            self._bar.setMaximum(max(1, total))
            self._bar.setValue(done)
            pictures = isinstance(now, Progress) and now.removed is None
            self._bar.setFormat(f"{done:,} of {total:,} {'pictures' if pictures else 'files'}")
        self._rate.setText(words(now))
        if isinstance(now, Progress) and now.removed is None:
            was = "was" if now.kept == 1 else "were"
            self._there.setText(f"{now.kept:,} of the pictures {was} there already" if now.kept else "")
            self._there.setVisible(bool(now.kept))
            self._failed.setText(f"{count(now.failures, 'picture')} failed" if now.failures else "")
            self._failed.setVisible(bool(now.failures))

    def show_newest(self, pictures: tuple[QImage, ...]) -> None:
        """Show these in a row, the newest first."""
        ratio = self.devicePixelRatioF()
        side = round(THUMBNAIL * ratio)
        for shown, image in zip_longest(self._pictures, pictures):
            shown.setVisible(image is not None)
            if image is None:
                shown.clear()
                continue
            scaled = image.scaled(
                min(side, image.width()),
                min(side, image.height()),
                Qt.AspectRatioMode.KeepAspectRatio,
                Qt.TransformationMode.SmoothTransformation,
            )
            scaled.setDevicePixelRatio(ratio)
            shown.setPixmap(QPixmap.fromImage(scaled))


class _Section(QWidget):
    """A titled list of lines that can be copied; hidden while there are none."""

    def __init__(self, name: str, title: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._title = title
        self._head = heading()
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
        self._loading = LoadingTabs()
        self.back = push_button("export.back", "Back")
        self.verify = push_button("export.verify", "Verify")
        self.verify.setToolTip("Read every file again and hold it against the manifest")
        self.open_folder = push_button("export.open_folder", "Open the folder")
        self.resume = push_button("export.resume", "Resume")
        self.close_ = push_button("export.done", "Close")
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
        layout.addWidget(self._loading)
        layout.addStretch(1)  # takes what is left, as long as no list does
        layout.addLayout(buttons)
        self._column = layout

    def set_outcome(self, outcome: Outcome, *, back: bool, width: int) -> None:
        """Show it in such a width, with the buttons that go with it."""
        self._mark.setPixmap(style.level_icon(outcome.level, 20))
        self._heading.setText(outcome.heading)
        self._summary.setText(outcome.summary)
        for name, section in self._sections.items():
            long = section.set_lines(outcome.sections.get(name, ()), width)
            self._column.setStretchFactor(section, 1000 * long)
        self._loading.set_snippets(outcome.loading)
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

    It shows what `jobs` runs for it, and may be hidden meanwhile.

    Parameters
    ----------
    dataset : Dataset or None
        The open folder, which is not listed again if an export is of it.
    title : str
        Of the dialog.
    jobs : Jobs or None
        What runs it; by default it has one to itself.

    Signals
    -------
    started()
        Something was begun for it.
    """

    started = Signal()
    workers: int | None = None
    """Processes to resume with; None for as many as serve this computer best."""
    cluster = ""

    def __init__(
        self, dataset: Dataset | None, title: str, parent: QWidget | None = None, *, jobs: Jobs | None = None
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle(title)
        self.setObjectName("export")
        self.setMinimumSize(620, 360)
        self._dataset = dataset
        self._jobs = jobs or Jobs(self)
        self._doing: Doing | None = None
        self._trouble = ""
        self._report: Report | None = None
        self._verdict: Verdict | None = None
        self._outcome = Outcome(None, "", "")
        self._out = ""
        self._busy = Notice("export.busy", "Why it cannot begin")
        self._pages = QStackedWidget()
        self._progress = ProgressPage()
        self._progress.cancelled.connect(self.cancel)
        self._progress.hidden.connect(self.reject)
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
        self._around.setSpacing(12)
        self._around.addWidget(self._busy)
        self._around.addWidget(self._pages)
        self._jobs.progressed.connect(self._progressed)
        self._jobs.pictured.connect(self._pictured)
        self._jobs.cancelling.connect(self._cancelling)
        self._jobs.ended.connect(self._ended)

    @property
    def asking(self) -> bool:
        """Whether it still asks what is to be done."""
        return False

    def follow(self, state: State, cautions: tuple[Caution, ...]) -> bool:  # noqa: ARG002
        """Go by what the window has now; False if that is no longer what is asked about."""
        return True

    # -- what can be done --------------------------------------------------------------------------------------------

    def export(self, settings: Settings, dataset: Dataset, *, replace: bool = False) -> None:
        """Begin an export; it replaces one that lies there only if that is said."""
        out = settings.out
        self._begin(
            lambda tell, stop: run_export(settings, dataset, progress=tell, stop=stop, replace=replace, gently=True),
            Doing("export", f"Exporting to {out}", "Exporting", "the export", "Cancel export", out, resumable=True),
            "The export could not be made",
            STARTING,
        )

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
            folders = begun.settings.folders
            dataset = opened
            if dataset is None or (dataset.location, dataset.folders) != (where, folders):
                dataset = scan(where, folders=folders, stop=stop, found=tell)
            settings = replace(begun.settings, workers=workers, cluster=cluster)
            return run_export(settings, dataset, progress=tell, stop=stop, resume=True, gently=True)

        doing = Doing("export", f"Going on with {out}", "Exporting", "the export", "Cancel export", out, resumable=True)
        self._begin(work, doing, "The export could not be resumed", LOOKING)

    def verify(self, out: str) -> None:
        """Read an export again and hold it against its manifest."""

        def work(tell: Tell, stop: Stop) -> Verified:
            verdict = verify(out, progress=lambda done, total: tell(Checked(done, total)), stop=stop)
            try:
                begun = load_unfinished(out)
                unfinished = begun.state in (Status.RUNNING, Status.CANCELLED, Status.STOPPED)
                return Verified(verdict, unfinished and not begun.hidden, begun.hidden)
            except ExportError:
                return Verified(verdict)

        doing = Doing("verify", f"Verifying {out}", "Verifying", "the verification", "Cancel", out, resumable=False)
        self._begin(work, doing, "The export could not be verified", "Reading every file again. Nothing is changed.")

    def cancel(self) -> None:
        """End it after what is under way."""
        if self.running:
            self._jobs.cancel()

    @property
    def running(self) -> bool:
        """Whether something is under way for it."""
        return self._doing is not None

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

    def _begin(self, work: Callable[[Tell, Stop], object], doing: Doing, trouble: str, first: str) -> None:
        other = self._jobs.doing
        if other is not None:
            self.refuse(other)
            return
        self._busy.say("")
        self._out, self._trouble, self._doing = doing.out, trouble, doing
        self._progress.begin(doing)
        self._progress.show_progress(first)
        self._pages.setCurrentWidget(self._progress)
        self.started.emit()
        self._jobs.begin(doing, work)

    def refuse(self, other: Doing) -> None:
        """Say that something else has to end before anything is begun here."""
        self._busy.say(other.refusal)
        self._make_room()

    def _progressed(self, now: Standing) -> None:
        if self.running:
            self._progress.show_progress(now)

    def _pictured(self, pictures: tuple[QImage, ...]) -> None:
        if self.running:
            self._progress.show_newest(pictures)

    def _cancelling(self) -> None:
        if self.running:
            self._progress.cancelling()

    def _ended(self, _doing: Doing, ending: object) -> None:
        self._busy.say("")
        if self.running:
            self._doing = None
            self._show_outcome(self._judge(ending))

    def _judge(self, ending: object) -> Outcome:
        match ending:
            case Report():
                self._report, self._out = ending, ending.out
            case Verified(verdict) if verdict is not None:
                self._verdict = verdict
        return judge(ending, self._out, self._trouble)

    def _go_on(self) -> None:
        """Do what the outcome offers: resume, from a folder that is asked for if need be."""
        if self._outcome.resume != CHOOSE:
            self.resume(self._out)
            return
        start = str(Path.home() if is_url(self._out) else Path(self._out).parent)
        if folder := QFileDialog.getExistingDirectory(self, "Choose the folder of its pictures", start):
            self.resume(self._out, folder)

    def _show_outcome(self, outcome: Outcome) -> None:
        self._outcome = outcome
        margins = self._around.contentsMargins()
        width = self.width() - margins.left() - margins.right()  # the page gets it only when it is shown
        self._result.set_outcome(outcome, back=self.can_go_back, width=width)
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
        """Close; while something is under way only hide, since that goes on."""
        if self.running:
            self.hide()
        else:
            super().reject()

    def closeEvent(self, event: QCloseEvent) -> None:
        """Treat the window's cross like Escape."""
        if self.running:
            event.ignore()
            self.hide()
        else:
            super().closeEvent(event)
