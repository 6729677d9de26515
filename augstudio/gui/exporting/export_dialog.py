"""The export: asks what is wanted, and says beforehand what it comes to; then it runs."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from PySide6.QtCore import QTimer, Signal
from PySide6.QtWidgets import (
    QCheckBox,
    QFileDialog,
    QFrame,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from augstudio.advice import Caution
from augstudio.dataset import Dataset
from augstudio.dataset.doubles import Stopped
from augstudio.export import (
    Destination,
    Estimate,
    ExportError,
    ExportPlan,
    LooksAugmentedError,
    Report,
    Settings,
    Status,
    UnclearFoldersError,
    Unfinished,
    check,
    foresee,
    load_unfinished,
    plan_export,
    resuming,
)
from augstudio.export.origins import published
from augstudio.export.remarks import without_options
from augstudio.gui.exporting.excessive import Excessive
from augstudio.gui.exporting.export_form import ExportForm
from augstudio.gui.exporting.jobs import Jobs
from augstudio.gui.exporting.labels_told import NOTHING_TOLD, LabelsTold, RecognitionStopped, tell
from augstudio.gui.exporting.outcomes import Outcome
from augstudio.gui.exporting.plan_table import PlanTable
from augstudio.gui.exporting.proposing import free, propose
from augstudio.gui.exporting.run_dialog import RunDialog
from augstudio.gui.intent.state import State
from augstudio.gui.parts import question, style
from augstudio.gui.parts.message_bar import MessageBar
from augstudio.gui.parts.notices import Notice, label
from augstudio.gui.parts.workers import Worker
from augstudio.storage import is_url, local_path
from augstudio.wording import count, printable, roughly, size

_PAUSE_MS = 250
_WIDTH, _HEIGHT = 860, 440
_URL_PAUSE_MS = 1000
"""Places behind a URL are looked at when nobody has typed for so long: each look may go round the world."""


@dataclass(frozen=True)
class _Look:
    """A request to look whether the place is free, and who goes where."""

    settings: Settings


@dataclass(frozen=True)
class _Weigh:
    """A request to tell how many bytes, and how long; it takes seconds, so it comes after the look."""

    settings: Settings


@dataclass(frozen=True)
class _Seen:
    """What a look has shown.

    Attributes
    ----------
    place : Destination or None
        None if nothing may be written there; `refused` says why.
    unfinished : Unfinished or None
        The export there that can be resumed, with how many of its pictures are done.
    lost : str
        Why the unfinished export there cannot be resumed.
    plan : ExportPlan or None
        None if there can be none; `wrong` says why.
    augmented : str
        Why the source looks augmented already.
    labels : LabelsTold
        What becomes of labels.
    """

    place: Destination | None = None
    refused: str = ""
    unfinished: Unfinished | None = None
    lost: str = ""
    plan: ExportPlan | None = None
    wrong: str = ""
    augmented: str = ""
    labels: LabelsTold = NOTHING_TOLD


class ExportDialog(RunDialog):
    """Three pages: what is wanted, how it goes, what came of it.

    The first follows the window, see `follow`; what has begun holds settings of its own.

    Signals
    -------
    remedied(Caution)
        A caution's remedy is to be applied to the window's pipeline.
    made(dict, bool or None)
        An export was carried out like this: what to remember, and whether originals were exported, if that is news.
    returned()
        The first page is in view again, and wants to know what the window has now.
    """

    remedied = Signal(object)
    made = Signal(dict, object)
    returned = Signal()

    def __init__(
        self,
        state: State,
        cautions: tuple[Caution, ...],
        remembered: dict[str, Any] | None,
        parent: QWidget | None = None,
        *,
        known: tuple[str, ...] = (),
        jobs: Jobs | None = None,
    ) -> None:
        super().__init__(state.dataset, "Export an augmented dataset", parent, jobs=jobs)
        assert state.dataset is not None
        self._state = state
        self._opened: Dataset = state.dataset.without(state.excluded)
        self._known = known
        self._free = ""
        self._asked_for: tuple[dict[str, object], bool] | None = None
        self._begun: tuple[dict[str, object], bool] | None = None
        self._news = False
        self._seen = _Seen()
        self._waited_for: Settings | None = None
        self._estimates = Worker(self._answer, "estimate", self)
        self._pause_ms = _PAUSE_MS
        self._pause = QTimer(self, singleShot=True)
        self._pause.timeout.connect(self._ask)
        self._wanted = self._make_wanted()
        self._excessive.set_cautions(cautions)
        self._pages.insertWidget(0, self._wanted)
        self._pages.setCurrentWidget(self._wanted)
        self._estimates.done.connect(self._answered)
        self._estimates.failed.connect(self._not_answered)
        self._recall(remembered or {})
        self._folder.textChanged.connect(self._place_changed)
        self._form.changed.connect(self._changed)
        self._form.grown.connect(self._make_room)
        self._again.toggled.connect(self._changed)
        self._changed()
        self.resize(_WIDTH, _HEIGHT)
        self._make_room()

    # -- the first page ----------------------------------------------------------------------------------------------

    def _make_wanted(self) -> QWidget:
        page = QWidget()
        folder = self._make_folder()  # what is made first has the focus first
        self._form = ExportForm(self._opened, self._state.seed, self._state.originals)
        self._again = QCheckBox("Export it all the same")
        self._again.setObjectName("export.again")
        self._augmented = Notice("export.augmented", "The pictures look augmented already", self._again)
        self._another = QPushButton("Use another folder")
        self._another.setObjectName("export.another")
        self._another.setAccessibleDescription("Take a folder that does not exist yet instead")
        self._another.setAutoDefault(False)
        self._another.clicked.connect(lambda: self._folder.setText(self._free))
        self._earlier = Notice("export.earlier", "What lies in the folder", self._another)
        self._excessive = Excessive()
        self._excessive.remedied.connect(self.remedied)
        self._refused = MessageBar()
        columns = QHBoxLayout()
        columns.setSpacing(20)
        columns.addWidget(self._form, 10)
        columns.addWidget(self._make_foretold(), 11)
        layout = QVBoxLayout(page)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(12)
        layout.addLayout(folder)
        layout.addLayout(columns, 1)
        layout.addWidget(self._augmented)
        layout.addWidget(self._earlier)
        layout.addWidget(self._excessive)
        layout.addWidget(self._refused)
        layout.addLayout(self._make_buttons())
        return page

    def _make_folder(self) -> QHBoxLayout:
        self._folder = QLineEdit()
        self._folder.setObjectName("export.folder")
        self._folder.setAccessibleName("Destination: a folder, or a URL")
        self._folder.setPlaceholderText("A new or empty folder, or a URL such as s3://bucket/folder")
        browse = QPushButton("Choose…")
        browse.setObjectName("export.browse")
        browse.setAutoDefault(False)
        browse.clicked.connect(self._browse)
        words = QLabel("Folder")
        words.setBuddy(self._folder)
        words.setMinimumWidth(words.fontMetrics().horizontalAdvance("Copies per picture"))  # as wide as the form's
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addWidget(words)
        row.addWidget(self._folder, 1)
        row.addWidget(browse)
        return row

    def _make_foretold(self) -> QWidget:
        self._foretold = label("export.estimate", "What it comes to")
        self._foretold.setProperty("heading", True)
        self._details = label("export.details", "Details")
        self._details.setProperty("muted", True)
        self._table = PlanTable()
        self._remarks = label("export.remarks", "Remarks")
        self._remarks.setProperty("remark", True)
        self._remarks.hide()
        card = QFrame()
        card.setProperty("card", True)
        column = QVBoxLayout(card)
        column.setContentsMargins(12, 10, 12, 12)
        column.setSpacing(6)
        column.addWidget(self._foretold)
        column.addWidget(self._details)
        column.addWidget(self._table, 1)
        column.addWidget(self._remarks)
        return card

    def _make_buttons(self) -> QHBoxLayout:
        self._check = QPushButton("Verify it")
        self._check.setObjectName("export.earlier.verify")
        self._check.setAccessibleName("Verify the earlier export")
        self._check.setToolTip("Read every file of the earlier export and hold it against its manifest")
        self._check.clicked.connect(lambda: self.verify(self._out_asked()))
        cancel = QPushButton("Cancel")
        cancel.setObjectName("export.close")
        cancel.clicked.connect(self.reject)
        self._start = QPushButton("Export")
        self._start.setObjectName("export.start")
        self._start.clicked.connect(self.start)
        self._resume = QPushButton("Resume it")
        self._resume.setObjectName("export.earlier.resume")
        self._resume.setAccessibleName("Resume the unfinished export")
        self._resume.clicked.connect(lambda: self.resume(self._out_asked()))
        buttons = QHBoxLayout()
        buttons.addWidget(self._check)
        buttons.addStretch(1)
        for button in (cancel, self._start, self._resume):
            buttons.addWidget(button)
        for button in (self._check, cancel, self._start, self._resume):
            button.setAutoDefault(False)
        return buttons

    # -- following the window ----------------------------------------------------------------------------------------

    def follow(self, state: State, cautions: tuple[Caution, ...]) -> bool:
        """Ask for what the window has now, as long as the first page is in view; False if it has another folder open.

        Seed and originals follow unless they were set here to something else.
        """
        old, self._state = self._state, state
        kept = state.kept
        known = self._dataset
        if state.dataset is None or kept is None or not kept.sources or not known or not _alike(state.dataset, known):
            return False
        if not self.asking:
            return True
        self._excessive.set_cautions(cautions)
        self._make_room()
        listed = kept != self._opened
        self._opened, self._dataset = kept, state.dataset
        if self._form.follow(kept, (old.seed, old.originals), (state.seed, state.originals)):
            return True  # it has said itself that it changed
        if listed or (state.pipeline, state.solo) != (old.pipeline, old.solo):
            self._changed()
        return True

    @property
    def asking(self) -> bool:
        """Whether the first page is in view."""
        return self._pages.currentWidget() is self._wanted

    # -- what is wanted ----------------------------------------------------------------------------------------------

    def settings(self) -> Settings:
        """What the dialog says now.

        Raises
        ------
        ExportError
            If that makes no sense; it is said beside the control as well.
        """
        asked = self._form.settings(self._out_asked(), self._state.pipeline)
        return replace(asked, again=self._again.isChecked())

    def originals(self) -> bool:
        """Whether originals are exported too."""
        return self._form.originals

    @property
    def begun(self) -> tuple[dict[str, object], bool] | None:
        """What was asked for when an export was last begun: what to remember, and whether originals were; else None."""
        return self._begun

    def remembered(self) -> dict[str, object]:
        """What the next dialog begins with, if an export is begun like this."""
        folder = self._out_asked().rstrip("/")
        above = folder.rpartition("/")[0] if is_url(folder) else str(Path(folder).parent) if folder else ""
        return {**self._form.remembered(), "folder": above}

    def _out_asked(self) -> str:
        """The folder, with ~ as the user's home; or the URL."""
        text = self._folder.text().strip()
        return text if is_url(text) or not text else str(local_path(text))

    def _recall(self, old: dict[str, Any]) -> None:
        self._form.recall(old)
        self._folder.setText(propose(self._opened.location, old.get("folder"), self._known))

    def _browse(self) -> None:
        asked = self._out_asked()
        start = Path.home() if not asked or is_url(asked) else Path(asked).parent
        chosen = QFileDialog.getExistingDirectory(self, "Choose a new or empty folder", str(start))
        if chosen:
            self._folder.setText(chosen)

    # -- what it comes to --------------------------------------------------------------------------------------------

    def _place_changed(self) -> None:
        """Of another folder nothing is known yet: what is said of the last one goes; buttons keep place and words."""
        self._seen = _Seen()
        self._refused.clear()
        for button in (self._check, self._resume, self._another):
            button.setEnabled(False)
        if not self._earlier.isHidden():
            self._earlier.say("Looking what lies there …")
        self._changed()

    def _changed(self) -> None:
        """Say what is known at once; the rest comes from the thread."""
        self._waited_for = None
        files = self._form.files()
        self._foretold.setText("Working out the plan …" if files is None else count(files, "file"))
        self._say_details("Working out size and time …")
        self._start.setEnabled(False)
        self._pause.start(_URL_PAUSE_MS if is_url(self._folder.text().strip()) else self._pause_ms)

    def _ask(self) -> None:
        if not self._folder.text().strip():
            self._told("Choose a folder for the dataset.")
            return
        try:
            self._waited_for = self.settings()
        except ExportError:
            self._say_marked()
            return
        self._estimates.ask([_Look(self._waited_for)])

    def _answer(self, request: _Look | _Weigh) -> _Seen | Estimate | None:
        """In the thread."""
        if isinstance(request, _Look):
            return self._look(request.settings)
        settings = request.settings
        return foresee(settings, self._opened, stop=lambda: self._waited_for is not settings)

    def _look(self, settings: Settings) -> _Seen:
        def stop() -> bool:
            return self._waited_for is not settings

        seen = _Seen()
        try:
            seen = replace(seen, place=check(settings, self._opened))
        except ExportError as error:
            seen = replace(seen, refused=str(error))
        if seen.place and seen.place.unfinished:
            try:
                begun = load_unfinished(settings.out)
                seen = replace(seen, unfinished=replace(begun, done=self._done(begun)))
            except ExportError as error:
                seen = replace(seen, lost=str(error))
        try:
            seen = replace(seen, labels=tell(self._opened, settings.labels, stop))
        except RecognitionStopped:
            return seen
        try:
            seen = replace(seen, plan=plan_export(settings, self._opened, stop=stop))
        except LooksAugmentedError as error:
            seen = replace(seen, augmented=str(error))
        except UnclearFoldersError as error:
            return replace(seen, wrong=f"{error} above the pictures, in the window")
        except Stopped:
            return seen  # nobody waits for it any more
        except ExportError as error:
            return replace(seen, wrong=str(error))
        if seen.plan is None:
            try:
                seen = replace(seen, plan=plan_export(replace(settings, again=True), self._opened, stop=stop))
            except Stopped:
                return seen
            except ExportError as error:
                seen = replace(seen, wrong=str(error))
        return seen

    def _done(self, begun: Unfinished) -> int:
        """How many pictures an unfinished export has done: the report of one that was killed does not know."""
        if begun.state is not Status.RUNNING:
            return begun.done
        return min(resuming.listed(begun.storage, stop=lambda: self._waited_for is None), begun.total)

    def _answered(self, request: _Look | _Weigh, answer: object) -> None:
        try:
            if request.settings != self.settings():
                return
        except ExportError:
            return
        if isinstance(answer, _Seen):
            self._show_seen(request.settings, answer)
        elif isinstance(answer, Estimate):
            self._show_estimate(answer)

    def _not_answered(self, request: _Look | _Weigh, error: Exception) -> None:
        if self._waited_for == request.settings:
            self._told(str(error))

    def _say_details(self, words: str) -> None:
        self._details.setText(words)
        self._details.setVisible(bool(words))

    def _told(self, refusal: str) -> None:
        """It cannot be exported like this, and why."""
        self._say_details("")
        if not self._seen.place:
            self._show_place(self._seen)
        if refusal:
            self._refused.say(refusal)
        self._start.setEnabled(False)
        self._make_room()

    def _say_marked(self) -> None:
        """What is asked for makes no sense, as is said beside the control."""
        self._refused.clear()
        self._told("")
        self._foretold.setText("First mend what is marked.")
        self._show_plan(None)

    def _show_seen(self, settings: Settings, seen: _Seen) -> None:
        self._show_place(seen)
        if seen.augmented:
            self._augmented.say(f"{seen.augmented.replace(f'{printable(self._opened.location)}:', 'This folder', 1)}.")
        self._form.tell_labels(seen.labels)
        self._show_plan(seen.plan)
        self._foretold.setText(count(seen.plan.files, "file") if seen.plan else "There is nothing to export like this.")
        self._refused.clear()
        if wrong := seen.refused or seen.wrong:
            self._told(wrong)
        elif seen.augmented and not settings.again:
            self._told("")
        else:
            self._estimates.ask([_Weigh(settings)])
        self._make_room()

    def _show_plan(self, planned: ExportPlan | None) -> None:
        self._table.set_rows(planned.rows if planned else ())
        remarks = [remark for remark in planned.remarks if not _is_told_beside(remark, planned)] if planned else []
        solo = next((step for step in self._state.pipeline.transforms if step.id == self._state.solo), None)
        if solo is not None and len(self._state.pipeline.transforms) > 1:
            remarks.insert(
                0, f"The window shows {solo.label} alone; the export applies all steps that are switched on."
            )
        self._remarks.setText("\n".join(map(without_options, remarks)))
        self._remarks.setVisible(bool(remarks))
        self._form.tell_balance(planned.balanced if planned else "", crowded=bool(planned and planned.crowded))

    def _show_place(self, seen: _Seen) -> None:
        """Say what lies in the folder, with the buttons that go with it."""
        self._seen = seen
        begun, place = seen.unfinished, seen.place
        taken = place is not None and place.taken
        self._earlier.say(_told_of_place(place, begun, seen.lost, self._opened) if place else "")
        self._check.setVisible(place is not None and place.whole)
        self._resume.setVisible(begun is not None)
        self._resume.setText(
            "Resume the new one" if begun and begun.hidden and place and place.earlier else "Resume it"
        )
        self._another.setVisible(taken)
        for button in (self._check, self._resume, self._another):
            button.setEnabled(True)
        if place and place.storage.root:
            self._free = str(free(place.storage.root))
            self._another.setText(f"Use {printable(Path(self._free).name)}")
        elif place:
            self._free = f"{place.storage.location}-2"
            self._another.setText(f"Use {self._free.rpartition('/')[2]}")
        self._start.setText(_replace_words(place, "…") if place and taken else "Export")
        # What deletes something is never what Enter does.
        first = self._resume if begun else self._another if taken else self._start
        for button in (self._start, self._resume, self._another):
            style.mark(button, primary=button is first)
        first.setDefault(True)

    def _show_estimate(self, estimate: Estimate) -> None:
        self._start.setEnabled(True)
        if not estimate.sampled:
            self._say_details("Size and time cannot be told: no picture could be read.")
            return
        self._foretold.setText(
            f"{count(estimate.files, 'file')}, about {size(estimate.bytes)}, about {roughly(estimate.seconds)}"
        )
        where = " on this computer" if estimate.plan.settings.cluster else ""
        said = f"Told from {estimate.sampled} of the pictures{where}."
        if estimate.free is not None:
            beside = " beside the earlier one" if self._seen.place and self._seen.place.taken else ""
            said += f" {size(estimate.free)} are free there{f', so it fits{beside}' if estimate.fits else ''}."
        self._say_details(said)
        if not estimate.fits:
            self._refused.say(f"The disk has {size(estimate.free or 0)} free: this export may not fit.")
        self._make_room()

    # -- how it goes -------------------------------------------------------------------------------------------------

    def start(self) -> None:
        """Begin the export."""
        try:
            settings = self.settings()
        except ExportError:
            self._say_marked()
            return
        if (other := self._jobs.doing) is not None:
            self.refuse(other)
            return
        place = self._seen.place
        try:
            if not is_url(settings.out):  # what may have come in the meantime; a far place is looked at in the thread
                place = check(settings, self._opened)
        except ExportError as error:
            self._told(str(error))
            return
        replaced = place is not None and place.taken
        if place and replaced and not self._confirmed(place):
            return
        self.workers, self.cluster = settings.workers, settings.cluster
        self._asked_for = self.remembered(), self.originals()
        self._news = self.originals() != self._state.originals
        self.export(settings, self._opened, replace=replaced)

    def _confirmed(self, place: Destination) -> bool:
        """Ask whether what lies in the folder is really to be replaced, by name and number."""
        local = place.storage.root is not None
        name = place.storage.location.rstrip("/").rpartition("/")[2] if not local else Path(self._out_asked()).name
        when = (
            "It stays as it is until the new one is whole, and is then removed."
            if local
            else "It is deleted first, since behind a URL two cannot change places."
        )
        asked = question.box(
            self,
            "export.confirm",
            "Replace an export",
            f"{_replace_words(place)} in {printable(name)}?",
            f"{printable(self._out_asked())} {place.holds}. {when}",
        )
        return question.confirmed(asked, ("replace", _replace_words(place)))

    def _judge(self, ending: object) -> Outcome:
        if isinstance(ending, Report) and self._asked_for:
            self._begun = self._asked_for
            remembered, originals = self._begun
            self.made.emit(remembered, originals if self._news else None)
        self._asked_for = None
        return super()._judge(ending)

    def resume(self, out: str, source: str = "") -> None:
        """Go on with an export, where this page says."""
        try:
            settings = self.settings()
        except ExportError:  # the form's own matter
            pass
        else:
            self.workers, self.cluster = settings.workers, settings.cluster
        super().resume(out, source)

    @property
    def can_go_back(self) -> bool:
        """Whether there is a page before these: not if the window has another folder open by now."""
        kept, known = self._state.dataset, self._dataset
        return kept is not None and known is not None and _alike(kept, known)

    def go_back(self) -> None:
        """Show the first page again, of what the window has now."""
        self._pages.setCurrentWidget(self._wanted)
        self._place_changed()
        self.returned.emit()

    # -- leaving -----------------------------------------------------------------------------------------------------

    def done(self, result: int) -> None:
        """End the thread as well."""
        self._waited_for = None
        self._pause.stop()
        # A far place that does not answer holds nobody up; nor is anything written there by a look.
        self._estimates.stop(1.0 if is_url(self._folder.text().strip()) else 30.0)
        super().done(result)


def _alike(one: Dataset, other: Dataset) -> bool:
    """Whether a form for one goes for the other: the same folder, perhaps listed anew."""
    if one is other:
        return True
    return (one.location, set(one.splits), set(one.classes)) == (other.location, set(other.splits), set(other.classes))


def _is_told_beside(remark: str, planned: ExportPlan) -> bool:
    """Whether what is remarked stands beside a control already: that of the balance, or of the labels."""
    if remark in planned.labels.lost or any(remark.startswith(f"{one.in_words()}:") for one in planned.dataset.labels):
        return True
    return planned.crowded and planned.balanced in remark


def _replace_words(place: Destination, more: str = "") -> str:
    """What the button says that replaces what lies in a folder: "Replace 9,660 files…"."""
    return f"Replace {count(place.files, 'file') if place.files else 'it'}{more}"


def _told_of_place(place: Destination, begun: Unfinished | None, lost: str, opened: Dataset) -> str:
    """What lies in the folder, and what can be done with it; empty if nothing does."""
    if not place.taken and not begun:
        return ""
    location = place.storage.location
    name = printable(location.rstrip("/").rpartition("/")[2] if is_url(location) else Path(location).name)
    words = f"{name} {place.holds or 'holds an unfinished export'}."
    if begun:
        pictures = ""
        if begun.source != opened.location and (begun.source or begun.source_name != published(opened.location)):
            pictures = f", with the pictures of {begun.source or begun.source_name}"
        which = "the new one" if begun.hidden and place.earlier else "it"
        words += (
            f" {begun.done:,} of {count(begun.total, 'picture')} are done. Resuming {which} goes on as it was begun "
            f"({_told_of(begun.settings)}){pictures}."
        )
    elif lost:
        words += f" It cannot be resumed. {lost}"
    return words


def _told_of(settings: Settings) -> str:
    """What an export was begun with, shortly."""
    copies = count(settings.copies, "copy", "copies")
    if settings.balance is not None:
        copies = "classes balanced"
    return f"preset {settings.pipeline.name or 'Untitled'}, {copies}, seed {settings.seed}"
