"""The export: asks what is wanted, says beforehand what it comes to, shows how it goes, and what came of it."""

from __future__ import annotations

import os
import threading
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, Qt, QTimer, QUrl, Signal
from PySide6.QtGui import QCloseEvent, QDesktopServices
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QDialog,
    QFileDialog,
    QFormLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPlainTextEdit,
    QProgressBar,
    QPushButton,
    QSizePolicy,
    QSpinBox,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from augstudio.advice import Caution, Level
from augstudio.export import (
    MAX_COPIES,
    Destination,
    Estimate,
    ExportError,
    Progress,
    Report,
    Settings,
    check,
    foresee,
    run_export,
)
from augstudio.export import State as Ending
from augstudio.gui.message_bar import MessageBar
from augstudio.gui.state import State
from augstudio.gui.workers import Worker
from augstudio.images import Encoding, Format

_FORMATS = {
    Format.SOURCE: "As each source",
    Format.JPEG: "JPEG",
    Format.PNG: "PNG (lossless)",
    Format.WEBP: "WebP",
}
_PAUSE_MS = 250


class _Run(QObject):
    """An export in a thread of its own."""

    progressed = Signal(object)
    ended = Signal(object)

    def __init__(self, settings: Settings, state: State, parent: QObject) -> None:
        super().__init__(parent)
        self._settings, self._state = settings, state
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._work, name="augstudio-export", daemon=True)

    def start(self) -> None:
        """Begin; connect the signals first, since a short export may end at once."""
        self._thread.start()

    def cancel(self) -> None:
        """Begin no further picture."""
        self._stop.set()

    def wait(self) -> None:
        """Wait for the end."""
        self._thread.join()

    def _work(self) -> None:
        dataset = self._state.dataset
        assert dataset is not None
        try:
            ending: object = run_export(self._settings, dataset, progress=self.progressed.emit, stop=self._stop.is_set)
        except Exception as error:  # said in the dialog, whatever it is
            ending = error
        self.ended.emit(ending)


class ExportDialog(QDialog):
    """Three pages: what is wanted, how it goes, what came of it."""

    def __init__(
        self,
        state: State,
        cautions: tuple[Caution, ...],
        remembered: dict[str, Any] | None,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle("Export an augmented dataset")
        self.setObjectName("export")
        self.setMinimumSize(580, 360)
        self._state = state
        self._run: _Run | None = None
        self._report: Report | None = None
        self._closing = False
        self._pages = QStackedWidget()
        self._pages.addWidget(self._make_settings(cautions))
        self._pages.addWidget(self._make_progress())
        self._pages.addWidget(self._make_result())
        layout = QVBoxLayout(self)
        layout.setContentsMargins(16, 16, 16, 16)
        layout.addWidget(self._pages)
        self._estimates = Worker(self._foresee, "estimate", self)
        self._estimates.done.connect(self._foreseen)
        self._estimates.failed.connect(lambda _, error: self._told(str(error)))
        self._stopped = False
        self._pause = QTimer(self, singleShot=True, interval=_PAUSE_MS)
        self._pause.timeout.connect(self._ask_estimate)
        self._recall(remembered or {})
        self._changed()

    # -- pages -----------------------------------------------------------------------------------------------------

    def _make_settings(self, cautions: tuple[Caution, ...]) -> QWidget:
        page = QWidget()
        self._folder = QLineEdit()
        self._folder.setObjectName("export.folder")
        self._folder.setAccessibleName("Destination folder")
        self._folder.setPlaceholderText("A new or empty folder")
        browse = QPushButton("Choose…")
        browse.setObjectName("export.browse")
        browse.clicked.connect(self._browse)
        folder = QHBoxLayout()
        folder.addWidget(self._folder, 1)
        folder.addWidget(browse)
        self._copies = self._number("export.copies", "Copies per picture", 1, MAX_COPIES, 4)
        self._seed = self._number("export.seed", "Seed", 0, 2**31 - 1, min(self._state.seed, 2**31 - 1))
        self._seed.setToolTip("The window's seed exports the very copies that the window shows")
        self._originals = QCheckBox("Export the originals too")
        self._originals.setObjectName("export.originals")
        self._originals.setChecked(self._state.originals)
        self._format = QComboBox()
        self._format.setObjectName("export.format")
        self._format.setAccessibleName("File format")
        for form, label in _FORMATS.items():
            self._format.addItem(label, form.value)
        self._quality = self._number("export.quality", "Quality of JPEG and WebP files", 1, 100, 95)
        self._quality.setPrefix("quality ")
        formats = QHBoxLayout()
        formats.addWidget(self._format)
        formats.addWidget(self._quality)
        formats.addStretch(1)
        form_layout = QFormLayout()
        form_layout.setVerticalSpacing(10)
        form_layout.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.ExpandingFieldsGrow)
        form_layout.addRow("Folder", folder)
        form_layout.addRow("Copies per picture", self._copies)
        form_layout.addRow("Seed", self._seed)
        form_layout.addRow("Format", formats)
        form_layout.addRow("", self._originals)
        self._foretold = _words("export.estimate", "What it comes to")
        self._foretold.setProperty("heading", True)
        self._sizes = _words("export.details", "Details")
        self._sizes.setProperty("muted", True)
        excessive = [caution.title for caution in cautions if caution.level is Level.EXCESSIVE]
        self._warning = _words("export.warning", "Cautions")
        self._warning.setProperty("level", "excessive" if excessive else "caution")
        if cautions:
            mild = len(cautions) - len(excessive)
            said = [f"Excessive: {', '.join(excessive)}."] * bool(excessive)
            said += [f"{mild} more worth caution."] * bool(mild and excessive) or [f"{mild} worth caution."] * bool(
                mild
            )
            self._warning.setText(f"{' '.join(said)} Remedies are in the window.")
        self._warning.setVisible(bool(cautions))
        self._refused = MessageBar()
        self._start = QPushButton("Export")
        self._start.setObjectName("export.start")
        self._start.setProperty("primary", True)
        self._start.setDefault(True)
        self._start.clicked.connect(self.start)
        cancel = QPushButton("Cancel")
        cancel.setObjectName("export.close")
        cancel.clicked.connect(self.reject)
        buttons = QHBoxLayout()
        buttons.addStretch(1)
        buttons.addWidget(cancel)
        buttons.addWidget(self._start)
        layout = QVBoxLayout(page)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(12)
        layout.addLayout(form_layout)
        layout.addWidget(self._foretold)
        layout.addWidget(self._sizes)
        layout.addWidget(self._warning)
        layout.addWidget(self._refused)
        layout.addStretch(1)
        layout.addLayout(buttons)
        self._folder.textChanged.connect(self._changed)
        self._copies.valueChanged.connect(self._changed)
        self._seed.valueChanged.connect(self._changed)
        self._quality.valueChanged.connect(self._changed)
        self._format.currentIndexChanged.connect(self._changed)
        self._originals.toggled.connect(self._changed)
        return page

    def _make_progress(self) -> QWidget:
        page = QWidget()
        self._doing = QLabel("Exporting …")
        self._doing.setProperty("heading", True)
        self._doing.setTextFormat(Qt.TextFormat.PlainText)
        self._bar = QProgressBar()
        self._bar.setObjectName("export.progress")
        self._bar.setAccessibleName("Progress of the export")
        self._rate = _words("export.rate", "Rate and time left")
        self._failed = _words("export.failures", "Failures")
        self._failed.setProperty("level", "excessive")
        self._cancel = QPushButton("Cancel export")
        self._cancel.setObjectName("export.cancel")
        self._cancel.clicked.connect(self.cancel)
        buttons = QHBoxLayout()
        buttons.addStretch(1)
        buttons.addWidget(self._cancel)
        layout = QVBoxLayout(page)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(12)
        for widget in (self._doing, self._bar, self._rate, self._failed):
            layout.addWidget(widget)
        layout.addStretch(1)
        layout.addLayout(buttons)
        return page

    def _make_result(self) -> QWidget:
        page = QWidget()
        self._outcome = _words("export.outcome", "Outcome")
        self._outcome.setProperty("heading", True)
        self._details = _words("export.summary", "Summary")
        self._list = QPlainTextEdit()
        self._list.setObjectName("export.failed")
        self._list.setAccessibleName("Pictures that failed, and why")
        self._list.setReadOnly(True)
        again = QPushButton("Back")
        again.setObjectName("export.back")
        again.clicked.connect(self._back)
        self._open = QPushButton("Open the folder")
        self._open.setObjectName("export.open_folder")
        self._open.clicked.connect(self._open_folder)
        close = QPushButton("Close")
        close.setObjectName("export.done")
        close.setProperty("primary", True)
        close.clicked.connect(self.accept)
        buttons = QHBoxLayout()
        buttons.addWidget(again)
        buttons.addStretch(1)
        buttons.addWidget(self._open)
        buttons.addWidget(close)
        layout = QVBoxLayout(page)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(12)
        for widget in (self._outcome, self._details):
            layout.addWidget(widget)
        layout.addWidget(self._list, 1)
        layout.addStretch(0)
        layout.addLayout(buttons)
        return page

    def _number(self, name: str, label: str, low: int, high: int, value: int) -> QSpinBox:
        box = QSpinBox()
        box.setObjectName(name)
        box.setAccessibleName(label)
        box.setRange(low, high)
        box.setValue(value)
        box.setFixedWidth(130)
        return box

    # -- what is wanted ----------------------------------------------------------------------------------------------

    def settings(self) -> Settings:
        """What the dialog says now."""
        return Settings(
            out=Path(os.path.expanduser(self._folder.text().strip())),  # noqa: PTH111 (Path raises on "~nobody")
            pipeline=self._state.pipeline,
            copies=self._copies.value(),
            seed=self._seed.value(),
            originals=self._originals.isChecked(),
            encoding=Encoding(Format(self._format.currentData()), self._quality.value()),
        )

    def originals(self) -> bool:
        """Whether originals are exported too."""
        return self._originals.isChecked()

    def remembered(self) -> dict[str, object]:
        """What the next dialog begins with."""
        return {
            "copies": self._copies.value(),
            "format": self._format.currentData(),
            "quality": self._quality.value(),
            "folder": str(Path(self._folder.text()).parent) if self._folder.text().strip() else "",
        }

    def _recall(self, old: dict[str, Any]) -> None:
        for name, box in (("copies", self._copies), ("quality", self._quality)):
            kept = old.get(name)
            if isinstance(kept, int):
                box.setValue(min(max(kept, box.minimum()), box.maximum()))
        found = self._format.findData(old.get("format"))
        self._format.setCurrentIndex(max(0, found))
        dataset = self._state.dataset
        if dataset:
            kept = old.get("folder")
            parent = Path(kept) if isinstance(kept, str) and kept and Path(kept).is_dir() else dataset.root.parent
            self._folder.setText(str(_free(parent / f"{dataset.root.name}-augmented")))

    def _browse(self) -> None:
        start = Path(self._folder.text() or Path.home())
        chosen = QFileDialog.getExistingDirectory(self, "Choose a new or empty folder", str(start.parent))
        if chosen:
            self._folder.setText(chosen)

    def _changed(self) -> None:
        """Say what is known at once; the rest comes from the thread."""
        lossy = self._format.currentData() != Format.PNG.value
        self._quality.setEnabled(lossy)
        dataset = self._state.dataset
        pictures = len(dataset.sources) if dataset else 0
        files = pictures * (self._copies.value() + self._originals.isChecked())
        self._foretold.setText(f"{files:,} files")
        self._sizes.setText("Working out size and time …")
        self._start.setEnabled(False)
        self._pause.start()

    def _ask_estimate(self) -> None:
        if self._folder.text().strip():
            self._estimates.ask([self.settings()])
        else:
            self._told("Choose a folder for the dataset.")

    def _foresee(self, settings: Settings) -> tuple[Destination, Estimate | None]:
        dataset = self._state.dataset
        assert dataset is not None
        return check(settings, dataset), foresee(settings, dataset, stop=lambda: self._stopped)

    def _told(self, refusal: str) -> None:
        self._sizes.setText("")
        self._refused.say(refusal)
        self._start.setEnabled(False)

    def _foreseen(self, settings: Settings, result: tuple[Destination, Estimate | None]) -> None:
        if settings != self.settings():
            return
        destination, estimate = result
        self._refused.clear()
        self._start.setEnabled(True)
        if estimate is None or not estimate.sampled:
            self._sizes.setText("Size and time cannot be told: no picture could be read.")
            return
        room = f", {_bytes(estimate.free)} free" if estimate.free is not None else ""
        self._foretold.setText(
            f"{estimate.files:,} files, about {_bytes(estimate.bytes)}, about {_time(estimate.seconds)}"
        )
        self._sizes.setText(f"Told from {estimate.sampled} of the pictures{room}.")
        if destination.earlier:
            self._sizes.setText(self._sizes.text() + " The earlier export in this folder will be replaced.")
        if not estimate.fits:
            self._refused.say(f"The disk has {_bytes(estimate.free or 0)} free: this export may not fit.")

    # -- how it goes -------------------------------------------------------------------------------------------------

    def start(self) -> None:
        """Begin the export."""
        dataset = self._state.dataset
        assert dataset is not None
        settings = self.settings()
        try:
            check(settings, dataset)
        except ExportError as error:
            self._told(str(error))
            return
        self._bar.setRange(0, len(dataset.sources))
        self._bar.setValue(0)
        self._doing.setText(f"Exporting to {settings.out}")
        self._rate.setText("Starting the workers …")
        self._failed.setText("")
        self._cancel.setEnabled(True)
        self._cancel.setText("Cancel export")
        self._pages.setCurrentIndex(1)
        self._run = _Run(settings, self._state, self)
        self._run.progressed.connect(self._progressed)
        self._run.ended.connect(self._ended)
        self._run.start()

    def cancel(self) -> None:
        """End the export after the pictures under way."""
        if self._run:
            self._run.cancel()
            self._cancel.setEnabled(False)
            self._cancel.setText("Cancelling …")

    @property
    def running(self) -> bool:
        """Whether an export is under way."""
        return self._run is not None

    @property
    def report(self) -> Report | None:
        """What came of the last export."""
        return self._report

    def _progressed(self, progress: Progress) -> None:
        self._bar.setMaximum(max(1, progress.total))
        self._bar.setValue(progress.done)
        self._bar.setFormat(f"{progress.done:,} of {progress.total:,} pictures")
        left = f", {_time(progress.eta)} left" if progress.eta is not None else ""
        self._rate.setText(
            f"{progress.files:,} files, {_bytes(progress.bytes)} · {progress.rate:.0f} files a second{left}"
            if progress.done
            else "Starting the workers …"
        )
        failures = progress.failures
        self._failed.setText(f"{failures} picture{'s' * (failures != 1)} failed" if failures else "")

    def _ended(self, ending: object) -> None:
        if self._run:
            self._run.wait()
            self._run.deleteLater()
        self._run = None
        if isinstance(ending, Report):
            self._show_report(ending)
        else:
            self._outcome.setText("The export could not be made")
            self._details.setText(str(ending))
            self._list.hide()
            self._open.setEnabled(False)
        self._pages.setCurrentIndex(2)
        if self._closing:
            self.reject()

    def _show_report(self, report: Report) -> None:
        self._report = report
        self._outcome.setText(
            {
                Ending.COMPLETE: "The export is complete",
                Ending.CANCELLED: "The export was cancelled",
                Ending.STOPPED: "The export had to stop",
                Ending.RUNNING: "The export is still running",
            }[report.state]
        )
        lines = [
            f"{report.files:,} files ({_bytes(report.bytes)}) from {report.done:,} of {report.total:,} pictures "
            f"in {_time(report.elapsed)}, in {report.out}"
        ]
        if report.reason:
            lines.append(report.reason)
        if report.failures:
            count = len(report.failures)
            lines.append(f"{count} picture{'s' * (count != 1)} failed; the reasons are in report.json too:")
        self._details.setText("\n".join(lines))
        self._list.setPlainText("\n".join(f"{failure.source}: {failure.reason}" for failure in report.failures))
        self._list.setVisible(bool(report.failures))
        self._open.setEnabled(report.out.is_dir())

    def _back(self) -> None:
        self._pages.setCurrentIndex(0)
        self._changed()

    def _open_folder(self) -> None:
        if self._report:
            QDesktopServices.openUrl(QUrl.fromLocalFile(str(self._report.out)))

    # -- leaving -----------------------------------------------------------------------------------------------------

    def reject(self) -> None:
        """Cancel a running export first; then close."""
        if self._run is not None:
            self._closing = True
            self.cancel()
            return
        super().reject()

    def done(self, result: int) -> None:
        """End the thread as well."""
        self._stopped = True
        self._pause.stop()
        self._estimates.stop()
        super().done(result)

    def closeEvent(self, event: QCloseEvent) -> None:
        """Treat the window's cross like Cancel."""
        if self._run is not None:
            event.ignore()
            self.reject()
        else:
            super().closeEvent(event)


def _words(name: str, label: str) -> QLabel:
    words = QLabel()
    words.setObjectName(name)
    words.setAccessibleName(label)
    words.setWordWrap(True)
    words.setTextFormat(Qt.TextFormat.PlainText)
    words.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
    return words


def _free(folder: Path) -> Path:
    """The folder, or one with a number, that does not exist yet."""
    number, candidate = 2, folder
    while candidate.exists():
        candidate, number = folder.with_name(f"{folder.name}-{number}"), number + 1
    return candidate


def _bytes(count: int) -> str:
    size = float(count)
    for unit in ("bytes", "kB", "MB", "GB"):
        if size < 1000:
            return f"{size:.0f} {unit}" if unit == "bytes" or size >= 10 else f"{size:.1f} {unit}"
        size /= 1000
    return f"{size:.1f} TB"


def _time(seconds: float) -> str:
    if seconds < 1:
        return "a second"
    if seconds < 90:
        return f"{seconds:.0f} s"
    minutes = seconds / 60
    return f"{minutes:.0f} min" if minutes < 90 else f"{minutes / 60:.1f} h"
