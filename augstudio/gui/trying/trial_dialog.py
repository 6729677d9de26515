"""Asks whether the pipeline helps: what to train, how it goes, and what came of it."""

from __future__ import annotations

import importlib.util
import json
from collections.abc import Mapping
from typing import Any

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QCloseEvent, QGuiApplication
from PySide6.QtWidgets import (
    QCheckBox,
    QDialog,
    QFormLayout,
    QFrame,
    QHBoxLayout,
    QLabel,
    QProgressBar,
    QPushButton,
    QScrollArea,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from augstudio import presets
from augstudio.gui.intent.state import State
from augstudio.gui.parts import question, style
from augstudio.gui.parts.controls import heading, push_button
from augstudio.gui.parts.keeping import keep
from augstudio.gui.parts.notices import Notice, label
from augstudio.gui.parts.number_field import NumberField
from augstudio.gui.parts.quantity import Quantity
from augstudio.gui.trying.chart import Chart
from augstudio.gui.trying.process import TrialProcess
from augstudio.trial.apart import Request
from augstudio.trial.result import Comparison, Effect
from augstudio.trial.settings import MAX_COPIES, MAX_ROUNDS, SIZES
from augstudio.wording import points, printable, roughly

INSTALL = "pip install 'augstudio[trial]'"
_COPIED_MS = 2000
_FRAME = 48
"""What a title bar and a task bar may take of the screen."""
_TALL = 140
"""Pixels that the lines take at least, if there are so many; more of them are scrolled where there is no room."""
_MISSING = (
    "A trial trains its networks with PyTorch, which is not installed where augstudio is. Install it there, then open "
    f"this again: {INSTALL}"
)
_NO_CLASSES = (
    "These pictures are in no folders that are classes. A trial trains networks that tell classes apart, so it needs a "
    "folder for each; boxes and masks are not learnt."
)
_WHAT = (
    "Small networks learn from originals alone, and from the copies that an export would write with this pipeline. "
    "Each picture is judged by networks that have not seen it, nor an identical file. Bursts, or photos of one "
    "patient, are kept on one side by the command line: augstudio trial --group."
)


def has_pytorch() -> bool:
    """Whether PyTorch is there; it is not imported, which takes seconds."""
    try:
        return importlib.util.find_spec("torch") is not None
    except ValueError:  # somebody has put something else in its place
        return False


class TrialDialog(QDialog):
    """Beside the window, which can be used meanwhile: the trial is of the pipeline as it was when this was opened."""

    def __init__(self, state: State, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        assert state.dataset is not None
        self._state, self._dataset = state, state.dataset
        self._pipeline = state.pipeline
        self._result: Mapping[str, Any] | None = None
        self._again = False
        self._stopping = False
        self.setObjectName("trial")
        self.setWindowTitle("Does it help?")
        self.setMinimumWidth(720)
        self.process = TrialProcess(self)
        self.process.stood.connect(self._stood)
        self.process.known.connect(self._known)
        self.process.ended.connect(self._ended)
        self.process.refused.connect(self._refused)
        self._make()
        self._arrange()
        self._show_state()

    # -- making ----------------------------------------------------------------------------------------------------

    def _make(self) -> None:
        called = self._pipeline.name or "this pipeline"
        if self._pipeline != self._state.saved and self._pipeline.name:
            called += ", as edited here,"
        where = printable(self._dataset.root.name)
        self._title = heading(f"Does {called} help on the pictures in {where}?")
        self._title.setWordWrap(True)
        self._what = label("trial.what", "What a trial is", _WHAT)
        self._what.setProperty("muted", True)
        self._copies = _number("trial.copies", "Copies per picture", 1, MAX_COPIES, 4)
        self._rounds = _number("trial.rounds", "Rounds", 1, MAX_ROUNDS, 3)
        self._size = _number("trial.size", "Size that networks see", *SIZES, 48)
        self._originals = QCheckBox("Learn from the originals as well as their copies")
        self._originals.setObjectName("trial.originals")
        self._originals.setChecked(self._state.originals)
        self._steps = QCheckBox("Train without each step as well: which of them helps?")
        self._steps.setObjectName("trial.steps")
        acting = sum(step.enabled and step.probability > 0 for step in self._pipeline.transforms)
        self._steps.setEnabled(acting > 1)
        self._bar = QProgressBar()
        self._bar.setObjectName("trial.progress")
        self._bar.setAccessibleName("Progress of the trial")
        self._bar.setTextVisible(False)
        self._bar.setRange(0, 1000)
        self._line = label("trial.line", "How it stands")
        self._verdict = label("trial.verdict", "What came of it")
        self._verdict.setProperty("heading", True)
        self._chart = Chart()
        self._scroll = QScrollArea()
        self._scroll.setObjectName("trial.scroll")
        self._scroll.setAccessibleName("What came of it, line by line")
        self._scroll.setWidgetResizable(True)
        self._scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._scroll.setFrameShape(QFrame.Shape.NoFrame)
        self._scroll.setWidget(self._chart)
        self._remarks = label("trial.remarks", "What else is to be known")
        self._remarks.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._remarks.setProperty("muted", True)
        self._copy = self._button("copy", "Copy", self._copied)
        self._copy.setToolTip(INSTALL)
        self._save = self._button("save", "Save as…", self._ask_file)
        self._save.setToolTip("All that came of it, as JSON")
        self._run = self._button("run", "Train", self.begin)
        self._stop = self._button("stop", "Stop", self.stop)
        self._close = self._button("close", "Close", self.reject)
        self._notice = Notice("trial.notice", "Why there is no trial", self._copy)
        self._rest = QTimer(self, singleShot=True, interval=_COPIED_MS)
        self._rest.timeout.connect(lambda: self._copy.setText("Copy"))

    def _arrange(self) -> None:
        self._form = QWidget()
        form = QFormLayout(self._form)
        form.setContentsMargins(0, 0, 0, 0)
        form.setHorizontalSpacing(12)
        form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.FieldsStayAtSizeHint)
        for words, field, behind in (
            ("Copies per picture", self._copies, "those of an export with this seed"),
            ("Rounds", self._rounds, "each with other networks, and other pictures held back: more tell finer"),
            ("Networks see", self._size, "pixels wide and high: larger takes longer"),
        ):
            row = QHBoxLayout()
            row.setSpacing(10)
            after = QLabel(behind)
            after.setProperty("muted", True)
            row.addWidget(field)
            row.addWidget(after)
            row.addStretch(1)
            form.addRow(words, row)
        form.addRow(self._originals)
        form.addRow(self._steps)
        below = QHBoxLayout()
        below.addWidget(self._save)
        below.addStretch(1)
        for button in (self._run, self._stop, self._close):
            below.addWidget(button)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(16, 16, 16, 16)
        layout.setSpacing(12)
        asked = self._title, self._what, self._notice, self._form
        for part in (*asked, self._bar, self._line, self._verdict, self._scroll, self._remarks):
            layout.addWidget(part, 1000 * (part is self._scroll))
        layout.addStretch(1)
        layout.addLayout(below)
        for first, then in zip(
            tabs := (
                *(self._copy, self._copies, self._rounds, self._size, self._originals, self._steps),
                *(self._save, self._run, self._stop, self._close),
            ),
            tabs[1:],
            strict=False,
        ):
            QWidget.setTabOrder(first, then)

    def _button(self, name: str, text: str, run: object) -> QPushButton:
        button = push_button(f"trial.{name}", text)
        button.clicked.connect(run)
        return button

    # -- what is done ------------------------------------------------------------------------------------------------

    def begin(self) -> None:
        """Train, as the fields say."""
        if self.process.running:
            return
        for called, field in (("Copies per picture", self._copies), ("Rounds", self._rounds), ("Size", self._size)):
            if field.problem:
                self._notice.say(f"{called}: {field.problem}.")
                field.setFocus()
                self._make_room()
                return
        self._result, self._stopping = None, False
        self._notice.say("")
        self._chart.set_result(None)
        for words in (self._remarks, self._verdict):
            words.setText("")
        self._bar.setRange(0, 0)
        self._line.setText("Starting …")
        choices = {
            "copies": int(self._copies.value()),
            "rounds": int(self._rounds.value()),
            "size": int(self._size.value()),
            "originals": self._originals.isChecked(),
            "each_step": self._steps.isEnabled() and self._steps.isChecked(),
            "seed": self._state.seed,
            "again": self._again,
        }
        self.process.begin(
            Request(
                self._dataset.location,
                self._dataset.folders.value,
                (presets.dump(self._pipeline),),
                tuple(sorted(self._state.excluded)),
                choices,
            )
        )
        self._show_state()
        self._make_room()
        self._stop.setFocus()

    def stop(self) -> None:
        """End it with what is known by then."""
        self._stopping = True
        self._line.setText("Stopping …")
        self._stop.setEnabled(False)
        self.process.stop()

    def end(self) -> None:
        """End it at once, as the window closes."""
        self.process.end()

    def _stood(self, standing: Mapping[str, Any]) -> None:
        if self._stopping:
            return
        self._bar.setRange(0, 1000)
        self._bar.setValue(round(1000 * standing["share"]))
        self._line.setText(_in_words(standing))

    def _known(self, result: Mapping[str, Any]) -> None:
        self._result = result
        self._chart.set_result(result)
        tall = self._chart.tall
        self._scroll.setMinimumHeight(min(tall, _TALL))
        self._scroll.setMaximumHeight(tall)
        self._scroll.show()
        self._make_room()

    def _ended(self, result: Mapping[str, Any] | None) -> None:
        self._line.setText("Stopped before anything was known." if result is None else "")
        self._again = False
        if result is not None:
            self._verdict.setText(_judged(result))
            self._known(result)
            self._remarks.setText("\n".join([f"{result['summary']}.", *result["remarks"], _of_networks(result)]))
        self._show_state()
        self._make_room()
        self._close.setFocus()

    def _refused(self, words: str, again: bool) -> None:
        self._line.setText("")
        self._again = again
        more = " Train all the same?" if again else ""
        self._notice.say(f"{words[:1].upper()}{words[1:]}.{more}")
        self._show_state()
        self._make_room()
        self._run.setFocus()

    # -- what is shown -----------------------------------------------------------------------------------------------

    def _show_state(self) -> None:
        running, there = self.process.running, has_pytorch()
        classes = any(source.label for source in self._dataset.sources)
        if not there:
            self._notice.say(_MISSING)
        elif not classes:
            self._notice.say(_NO_CLASSES)
        self._copy.setVisible(not there)
        there = there and classes
        self._form.setEnabled(there and not running)
        self._bar.setVisible(running)
        self._line.setVisible(bool(self._line.text()))
        self._scroll.setVisible(self._result is not None)
        for words in (self._remarks, self._verdict):
            words.setVisible(bool(words.text()))
        self._run.setVisible(not running)
        self._run.setEnabled(there)
        self._run.setText("Train all the same" if self._again else "Train again" if self._result else "Train")
        self._stop.setVisible(running)
        self._stop.setEnabled(running)
        self._save.setEnabled(self._result is not None and not running)
        style.mark(self._run, primary=self._result is None)
        self._run.setDefault(not running and there)

    def _make_room(self) -> None:
        """Be as tall as what is shown needs; never become smaller by itself."""
        layout = self.layout()
        if layout is None:
            return
        layout.activate()
        need = max(layout.totalHeightForWidth(self.width()), layout.totalSizeHint().height())
        if self._result is not None:
            need += max(0, self._chart.tall - _TALL)
        there = self.screen().availableGeometry()
        self.resize(self.width(), max(self.height(), min(need, there.height() - _FRAME)))
        below = self.frameGeometry().bottom() - there.bottom()
        if below > 0 and self.isVisible():
            self.move(self.x(), max(there.top(), self.y() - below))

    # -- taking it along ---------------------------------------------------------------------------------------------

    def _copied(self) -> None:
        QGuiApplication.clipboard().setText(INSTALL)
        self._copy.setText("Copied")
        self._rest.start()

    def _ask_file(self) -> None:
        data = f"{json.dumps(self._result, indent=2)}\n".encode()
        kinds = "JSON (*.json);;All files (*)"
        if told := keep(self, data, title="Save what came of it", name="trial.json", kinds=kinds):
            self._line.setText(told)
            self._line.show()

    # -- leaving -----------------------------------------------------------------------------------------------------

    def sure(self) -> bool:
        """Whether it may be closed; while it trains, that is asked."""
        if not self.process.running:
            return True
        asked = question.box(
            self,
            "trial.leave",
            "A trial is under way",
            "Stop the trial?",
            "What is known by now is lost with it; nothing else is changed.",
        )
        return question.confirmed(asked, ("stop", "Stop it and close"), ("wait", "Go on"), warning=False)

    def reject(self) -> None:
        """Close, unless it trains and is to go on."""
        if self.sure():
            self.end()
            super().reject()

    def closeEvent(self, event: QCloseEvent) -> None:
        """Treat the window's cross like Escape."""
        event.ignore()
        self.reject()


def _number(name: str, spoken: str, low: int, high: int, value: int) -> NumberField:
    field = NumberField(Quantity(low=low, high=high, whole=True), 1)
    field.setObjectName(name)
    field.setAccessibleName(spoken)
    field.setFixedWidth(64)
    field.set_value(value)
    field.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
    return field


def _in_words(standing: Mapping[str, Any]) -> str:
    done, total = standing["done"], standing["total"]
    if standing["stage"] == "dealing":
        return "Looking at the pictures …"
    if standing["stage"] == "pictures":
        return f"Making copies: picture {done:,} of {total:,}"
    left = f", {roughly(standing['seconds'])} left" if standing["seconds"] is not None else ""
    return f"Training {min(done + 1, total):,} of {total:,}{left}. The window can be used meanwhile."


def _judged(result: Mapping[str, Any]) -> str:
    """The whole in a sentence."""
    one = Comparison.from_json(result["comparisons"][0])
    gained = f"{points(one.difference)} points of accuracy, 95 % range {points(one.low)} to {points(one.high)}"
    match one.effect:
        case Effect.HELPS:
            return f"{one.arm} helps: {gained}."
        case Effect.COSTS:
            return f"{one.arm} costs: {gained}."
    return f"Whether {one.arm} helps cannot be told: {gained}. More rounds, and above all more pictures, tell finer."


def _of_networks(result: Mapping[str, Any]) -> str:
    network, asked = result["network"], result["settings"]
    return (
        f"Accuracy is balanced, the mean over classes; guessing comes to "
        f"{result['chance']:.0f} %. Networks of {network['weights']:,} weights, {asked['updates']:,} updates at "
        f"{asked['size']} px: yours may differ."
    )
