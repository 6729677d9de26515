"""The window: puts the panels together, hands them what is to be shown, and passes on what the user asks."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

from PySide6.QtCore import QByteArray, QEvent, Qt
from PySide6.QtGui import QCloseEvent, QResizeEvent
from PySide6.QtWidgets import (
    QAbstractSpinBox,
    QFileDialog,
    QLineEdit,
    QMainWindow,
    QMenu,
    QMessageBox,
    QSplitter,
    QToolButton,
)

from augstudio import files, presets
from augstudio.advice import Caution, Facts, LabelFacts
from augstudio.dataset import Dataset, Folders, Source, left_out
from augstudio.dataset.labelling import DatasetLabels, taken
from augstudio.gui.browser.pictures import PicturesPanel
from augstudio.gui.cards.panel import PipelinePanel
from augstudio.gui.exporting.exports import Exports
from augstudio.gui.intent import guide as guiding
from augstudio.gui.intent import session as sessions
from augstudio.gui.intent.session import Session
from augstudio.gui.intent.state import Scene, State
from augstudio.gui.intent.views import View, ViewKind, Views
from augstudio.gui.parts import style
from augstudio.gui.parts.paths import from_dialog
from augstudio.gui.parts.stamps import Stamp
from augstudio.gui.sheet.panel import Sheet
from augstudio.gui.shell import actions as acts
from augstudio.gui.shell.advising import Advice
from augstudio.gui.shell.closing import ask_unsaved
from augstudio.gui.shell.dropping import Drops
from augstudio.gui.shell.folder_dialog import FolderDialog
from augstudio.gui.shell.folders import FolderReader
from augstudio.gui.shell.guide import GuidePanel, is_sample
from augstudio.gui.shell.journal import Journal, Left, Moment, keep_as_presets
from augstudio.gui.shell.places import first_size, tab_through
from augstudio.gui.shell.preset_files import PresetFiles
from augstudio.gui.shell.preset_menu import PresetMenu
from augstudio.gui.shell.recent_menu import RecentMenu
from augstudio.gui.shell.shortcuts import ShortcutSheet
from augstudio.gui.shell.status import Status
from augstudio.gui.shell.studio import Studio
from augstudio.gui.shell.theme_menu import ThemeMenu, put_on
from augstudio.gui.shell.toolbar import LARGEST_SHOWN_SEED, Toolbar
from augstudio.gui.shell.watching import Watch
from augstudio.gui.stage.compare import MOST_COPIES
from augstudio.gui.stage.previews import Previews
from augstudio.gui.stage.rendering import Labelled, Rendered, Wanted
from augstudio.gui.stage.stage import Stage
from augstudio.gui.trying.trials import Trials
from augstudio.images import PictureError
from augstudio.pipeline import MAX_SEED
from augstudio.wording import listing, printable


class Window(QMainWindow):
    """The studio's window. See `augstudio.gui.shell.application.run_studio` for how it is started."""

    def __init__(self, session: Session | None = None, *, guide: bool = False) -> None:
        super().__init__()
        self._guides = guide
        self._session = session or Session()
        self.setObjectName("window")
        self.setWindowIcon(style.app_icon())
        self.setAnimated(False)  # there is nothing to dock: it would be made ready anew at every change of layout
        self.studio = Studio(_initial_state(self._session), self)
        self._scene: Scene | None = None
        self._told = ""
        self._make_panels()
        self._make_workers()
        self._make_actions()
        self._connect()
        self._setters = self._table()
        self.studio.changed.connect(self._show)
        self.studio.trouble.connect(self.say)
        self.studio.told.connect(lambda words: self.status.showMessage(words, 8000))
        self._restore_layout()
        self._show(self.studio.scene())
        tab_through(self._bar, self.pictures, self.stage, self.pipeline)
        self.studio.changed.connect(self.journal.note)

    # -- putting together ------------------------------------------------------------------------------------------

    def _make_panels(self) -> None:
        # Everything is made with its parent: a style sheet looks anew at all below a widget that is put elsewhere.
        self._split = QSplitter(Qt.Orientation.Horizontal, self)
        self.setCentralWidget(self._split)
        self.stage = Stage(self._split)
        self.compare, self.strip = self.stage.compare, self.stage.strip
        self.cautions, self.messages = self.stage.cautions, self.stage.messages
        self.previews = Previews(self.compare.wants_full, self.strip.form, self)
        self.sheet = Sheet(self.previews.large, self.stage)
        self.stage.set_sheet(self.sheet, self.sheet.canvas)
        self.pictures = PicturesPanel(self.previews.large, self._split)
        self.pipeline = PipelinePanel(self.previews.large, self._split)
        self.guide = GuidePanel((self.compare, self.sheet), self.stage)
        self.status = Status()
        self.setStatusBar(self.status)
        for panel in (self.pictures, self.stage, self.pipeline):
            self._split.addWidget(panel)
        self._split.setStretchFactor(1, 1)
        self._split.setChildrenCollapsible(False)
        self._split.setHandleWidth(6)
        self._split.setSizes([240, 800, 350])

    def _make_workers(self) -> None:
        self.folders = FolderReader(self._session.recent, self.previews.large, self)
        self.watch = Watch(lambda: {**self.sheet.stamps(), **self.pictures.model.stamps()}, self)
        self.preset_files = PresetFiles(self.studio, self)
        self.exports = Exports(self, lambda: (self.studio.state, self.current_cautions), first=self.previews.large)
        self.trials = Trials(self, lambda: self.studio.state)
        self._export_choices = self._session.export
        self.journal = Journal(self._moment, self)
        self.advice = Advice(self.previews.large, self)

    def _make_actions(self) -> None:
        actions = acts.make(self)
        self._actions = actions
        self.action_open, self.action_preset = actions["open"], actions["preset"]
        self.action_save, self.action_save_as = actions["save_preset"], actions["save_preset_as"]
        self.action_undo, self.action_redo = actions["undo"], actions["redo"]
        self.action_seed, self.action_export = actions["new_seed"], actions["export"]
        self.action_resume, self.action_verify = actions["resume_export"], actions["verify_export"]
        self._recent_menu = RecentMenu(lambda: self.folders.recent, parent=self)
        self._preset_menu = PresetMenu([self.action_save_as, actions["code"]], self)
        self._lister = self._preset_menu.lister
        exports, more = QMenu(self), QMenu(self)
        exports.addActions([self.action_resume, self.action_verify])
        exports.addSeparator()
        exports.addAction(actions["trial"])
        self._theme_menu = ThemeMenu(self)
        self._theme_menu.set_theme(self._session.theme)
        more.addAction(actions["reload"])
        self.stage.bar.add_actions(actions)
        more.addAction(actions["labels"])
        more.addMenu(self._theme_menu)
        more.addAction(actions["shortcuts"])
        menus = {"open": self._recent_menu, "preset": self._preset_menu, "exports": exports, "more": more}
        self._bar = Toolbar(actions, menus, self.studio.undo_stack)
        self._bar.insertWidget(actions["export"], self.exports.bar).setVisible(False)
        self.addToolBar(self._bar)
        acts.KeysFirst(self)
        self.drops = Drops(self, self._split, self.open_path)

    def _connect(self) -> None:
        """Let what happens in one part be done by another."""
        studio, pipeline, output, actions = self.studio, self.pipeline, self.pipeline.output, self._actions
        for signal, slot in (
            (self.pictures.asked, studio.show_picture),
            (self.pictures.exclusion_toggled, self._exclude),
            (self.pictures.folders_said, self._say_folders),
            (self.stage.folders.said, self._say_folders),
            (self.pictures.details_wanted, self.show_details),
            (self.pictures.open_wanted, self.ask_folder),
            (self.pictures.sample_wanted, self.open_sample),
            (self.strip.asked, studio.show_version),
            (self.stage.bar.asked, studio.show_view),
            (self.stage.bar.options_asked, studio.set_options),
            (self.stage.steps.asked, studio.show_after),
            (self.stage.pin_bar.pin_wanted, studio.pin),
            (self.stage.pin_bar.a_wanted, studio.use_pinned),
            (self.stage.pin_bar.b_wanted, studio.pin),
            (self.sheet.asked, self._look_at),
            (self.sheet.exclusion_toggled, self._exclude),
            (self.sheet.look_changed, studio.lay_out_sheet),
            (self.sheet.version_asked, studio.show_version),
            (self.cautions.asked, pipeline.show_step),
            (self.cautions.remedied, self.remedy),
            (self.cautions.left, self.pictures.list.setFocus),
            (self.messages.closed, self.pictures.list.setFocus),
            (pipeline.edited, studio.edit_step),
            (pipeline.finished, studio.end_gesture),
            (pipeline.removed, studio.remove_step),
            (pipeline.reset, studio.reset_step),
            (pipeline.moved, studio.move_step),
            (pipeline.added, self._add_step),
            (pipeline.held, studio.hold),
            (pipeline.peeked, studio.peek),
            (pipeline.solo_asked, studio.solo),
            (pipeline.duplicated, studio.duplicate_step),
            (pipeline.pasted, studio.paste_step),
            (output.edited, studio.edit_pipeline),
            (output.finished, studio.end_gesture),
            (output.originals_edited, studio.set_originals),
            (pipeline.labels.edited, studio.edit_labels),
            (pipeline.labels.finished, studio.end_gesture),
            (pipeline.labels.allowed, studio.allow_mirroring),
            (self.previews.original, self._show_original),
            (self.previews.augmented, self._show_augmented),
            (self.previews.labelled, self._show_labelled),
            (self.previews.unlabelled, lambda: self.compare.set_labelled(None)),
            (self.previews.tile, self.strip.set_picture),
            (self.previews.emptied, self.strip.clear_pictures),
            (self.previews.emptied, self.stage.clear_stepped),
            (self.previews.emptied, self._forget_beside),
            (self.previews.stepped, self.stage.steps.set_picture),
            (self.previews.stepped, self.stage.set_stepped),
            (self.previews.pinned, lambda _, rendered: self.compare.set_pinned(rendered)),
            (self.previews.more, self._show_more),
            (self.previews.unmade, self._show_beside_trouble),
            (self.previews.failed, self._show_trouble),
            (self.previews.slow, self._show_thumbnail),
            (self.compare.scale_changed, self.previews.sharpen),
            (self.folders.began, self._opening),
            (self.folders.went_on, self.status.set_summary),
            (self.folders.opened, self._opened),
            (self.folders.failed, self._not_opened),
            (self.folders.measured, self._measured),
            (self.folders.looked_through, self._looked_through),
            (self.folders.reread, self._reread),
            (self.folders.lost, self._lost),
            (self.watch.changed, self._read_again),
            (self.watch.replaced, self._replaced),
            (self.watch.relabelled, studio.restamp_labels),
            (self.advice.told, self._judged),
            (self.advice.failed, lambda error: self.say(f"The cautions could not be worked out: {error}")),
            (self.preset_files.told, lambda words: self.status.showMessage(words, 5000)),
            (self.preset_files.trouble, self.say),
            (self.exports.remedied, self.remedy),
            (self.exports.made, self._exported),
            (self.exports.refused, self.say),
            (self.exports.jobs.began, self._entitle),
            (self.exports.jobs.progressed, self._entitle),
            (self.exports.jobs.ended, self._entitle),
            (self._recent_menu.chosen, self.open_folder),
            (self._recent_menu.sample_wanted, self.open_sample),
            (self._preset_menu.chosen, studio.load_preset),
            (self._preset_menu.empty_wanted, studio.new_pipeline),
            (self._preset_menu.file_wanted, self.preset_files.ask),
            (self._preset_menu.own_wanted, self.preset_files.look_after),
            (self._preset_menu.trouble, self.say),
            (self.guide.answered, self._guided),
            (self.guide.undo_wanted, studio.undo_stack.undo),
            (self.guide.left, self.pictures.list.setFocus),
            (self._theme_menu.chosen, self.set_theme),
            (actions["shortcuts"].triggered, lambda: ShortcutSheet(self).exec()),
            (self._bar.seed_typed, lambda seed: studio.set_seed(min(seed, MAX_SEED))),
            (self._bar.seed_ended, studio.end_gesture),
            (actions["open"].triggered, self.ask_folder),
            (actions["save_preset"].triggered, self.save_preset),
            (actions["save_preset_as"].triggered, self.save_preset_as),
            (actions["code"].triggered, self.preset_files.as_code),
            (actions["new_seed"].triggered, studio.new_seed),
            (actions["export"].triggered, self.export),
            (actions["resume_export"].triggered, self.resume_export),
            (actions["verify_export"].triggered, self.verify_export),
            (actions["trial"].triggered, self.trials.open),
            (actions["reload"].triggered, self.reload),
            (actions["labels"].triggered, studio.show_labels),
            (actions["view_picture"].triggered, lambda: studio.show_view(ViewKind.PICTURE)),
            (actions["view_sheet"].triggered, lambda: studio.show_view(ViewKind.SHEET)),
            (actions["view_steps"].triggered, lambda: studio.show_view(ViewKind.STEPS)),
            (actions["view_compare"].triggered, lambda: studio.show_view(ViewKind.COMPARE)),
            (actions["flip"].triggered, lambda: studio.flip(True)),
            (acts.Release(actions["flip"]).released, lambda: studio.flip(False)),
            (actions["pin"].triggered, self._pin),
            (self.pictures.listed, self.sheet.set_sources),
            (actions["find"].triggered, self.pictures.focus_filter),
            (actions["next_picture"].triggered, lambda: self.pictures.step(1)),
            (actions["previous_picture"].triggered, lambda: self.pictures.step(-1)),
        ):
            signal.connect(slot)
        self.exports.may_close.connect(self.close, Qt.ConnectionType.QueuedConnection)

    # -- showing -------------------------------------------------------------------------------------------------

    def _table(self) -> dict[str, tuple[Callable[[Any], object], ...]]:
        """Who is told of each field of the scene that differs, in the order in which they are told."""
        return {
            "kind": (self._set_kind,),
            "compared": (self.stage.set_compared,),
            "options": (self.stage.set_options,),
            "flipped": (self.compare.set_flipped,),
            "sheet_look": (self.sheet.set_look,),
            "title": (self._entitle,),
            "preset": (self._bar.set_preset,),
            "preset_file": (self._preset_menu.set_current,),
            "dataset": (
                self.pictures.set_dataset,
                self.pipeline.labels.set_dataset,
                lambda dataset: self.watch.set_dataset(dataset, self.folders.since),
                lambda dataset: self.stage.folders.ask(dataset.doubt if dataset else None),
            ),
            "excluded": (self.pictures.set_excluded, self.sheet.set_excluded),
            "labellings": (self.pipeline.labels.set_labellings,),
            "mirrored": (self.pipeline.labels.set_allowed,),
            "picture": (self.pictures.set_picture, self.sheet.set_picture),
            "sheet": (self.sheet.set_request,),
            "source": (self.watch.set_picture, self.pipeline.tiles.set_picture),
            "pipeline": (self.pipeline.set_pipeline, self.guide.set_pipeline),
            "seed": (self._bar.set_seed,),
            "shown": (self.strip.set_shown, self.sheet.set_shown),
            "originals": (self.pipeline.output.set_originals,),
            "wanted": (self._set_wanted, self.stage.set_wanted),
            "heading": (self.compare.set_heading,),
            "after": (self.stage.steps.set_after,),
            "showing": (
                self.compare.set_showing,
                self.sheet.set_showing,
                lambda words: None if words else self.pipeline.let_go(),
            ),
            "solo": (self.pipeline.set_solo, lambda step_id: self.strip.set_alone(bool(step_id))),
            "judged": (self.pipeline.set_judged, self.advice.ask),
            "measured": (self._ask_facts,),
            "looked_through": (self._ask_objects,),
            "summary": (self.status.set_summary,),
            "drawn": (self.stage.set_drawn,),
            "exportable": (self.action_export.setEnabled, self._actions["trial"].setEnabled),
            "gone": (self.watch.set_gone,),
            "labels_shown": (
                self._actions["labels"].setChecked,
                self.previews.show_labels,
                self.compare.set_labels_shown,
                self.strip.set_labels_shown,
                self.stage.steps.set_labels_shown,
                self.sheet.set_labels_shown,
            ),
            "labelled": (self.stage.labels.set_words,),
            "label_problems": (self.stage.labels.set_problems,),
            "label_files": (self.watch.set_label_files,),
        }

    def _show(self, scene: Scene) -> None:
        """Hand the parts that differ to the widgets."""
        old, self._scene = self._scene, scene
        self.previews.show(scene.wanted)  # first, since it takes longest, and not here
        changed = scene.differences(old)
        for name, setters in self._setters.items():
            if name in changed:
                for setter in setters:
                    setter(getattr(scene, name))
        self.exports.follow()

    def _entitle(self, *_: object) -> None:
        """Say what is open, and how far long work is, where it is seen when the window is not."""
        far = self.exports.jobs.percent
        title = self._scene.title if self._scene else ""
        self.setWindowTitle(title if far is None else f"{far} % · {title}")

    def _set_wanted(self, wanted: Views) -> None:
        self.compare.set_copies(1 + len(wanted.more))
        if wanted.large is None and self.studio.state.source is None:
            self.compare.set_message("Open a folder of pictures to see what each transform does to them.")
            self.status.set_speed("")

    def _set_kind(self, kind: ViewKind) -> None:
        """Show a view; the focus goes to where arrow keys are of use, if what has it is not to be seen any more."""
        focus = self.focusWidget()
        going = (self.sheet, self.strip, self.stage.steps)
        if focus is not None and any(part is focus or part.isAncestorOf(focus) for part in going):
            self.pictures.list.setFocus()
        self.stage.set_kind(kind)
        self.watch.set_many(kind is ViewKind.SHEET)
        if kind is ViewKind.SHEET:
            self.status.set_speed("")
            self.sheet.setFocus()

    def _look_at(self, key: str) -> None:
        """Show a picture of the sheet large."""
        self.studio.show_picture(key)
        self.studio.show_view(ViewKind.PICTURE)

    def _pin(self) -> None:
        self.studio.pin()
        self.status.showMessage("Pinned as A: Alt+4 holds what you edit against it", 6000)

    def _forget_beside(self) -> None:
        self.compare.set_pinned(None)
        for number in range(MOST_COPIES - 1):
            self.compare.set_more(number, None, "")

    def _place_of(self, view: View) -> int:
        """Which of the further copies that are shown large it is, counted from 0."""
        shown = self.studio.state.shown
        return view.shown.copy - (shown.copy + 1 if shown.kind == "copy" else 1)

    def _show_more(self, view: View, rendered: Rendered) -> None:
        if 0 <= (number := self._place_of(view)) < MOST_COPIES - 1:
            self.compare.set_more(number, rendered, view.shown.title)

    def _show_beside_trouble(self, view: View, error: Exception) -> None:
        if isinstance(error, PictureError):
            return  # the original says so
        number = None if self.studio.state.kind is ViewKind.COMPARE else self._place_of(view)
        if number is None or 0 <= number < MOST_COPIES - 1:
            self.compare.set_beside_trouble(number, f"This version cannot be made: {error}")

    def _show_original(self, rendered: Rendered) -> None:
        self.compare.set_original(rendered)
        if rendered.told is not None:
            self.studio.tell(rendered.told)

    def _show_augmented(self, wanted: Wanted, rendered: Rendered) -> None:
        told = self.studio.state.told
        if rendered.late and (told is None or told[:3] != (wanted.view.source, wanted.view.seed, wanted.view.shown)):
            self.compare.set_labelled(None)  # what is there is another version's
        self.compare.set_augmented(rendered)
        if rendered.told is not None:
            self.studio.tell(rendered.told)
        self.pipeline.set_scale(min(rendered.size) / wanted.view.pipeline.trained_at)
        self.status.set_speed(f"preview {rendered.seconds * 1000:.0f} ms")

    def _show_labelled(self, _wanted: Wanted, labelled: Labelled) -> None:
        self.compare.set_labelled(labelled)
        self.studio.tell(labelled.told)

    def _show_thumbnail(self, view: View) -> None:
        """Show what the list has of a picture that takes its time, rather than the one before."""
        self.compare.set_message("Reading the picture …")
        held = self.pictures.model.thumbnail(view.source)
        if held is not None:
            self.compare.set_thumbnail(held.pixmap.toImage(), held.size)

    def _show_trouble(self, view: View, error: Exception) -> None:
        self.status.set_speed("")
        if isinstance(error, PictureError):
            self.compare.set_message(f"{view.source.key}\n\n{error.reason}")
        else:
            self.compare.set_trouble(f"This version cannot be made: {error}")

    def _judged(self, cautions: tuple[Caution, ...]) -> None:
        self.cautions.set_cautions(cautions)
        self.pipeline.set_cautions(cautions)
        self.exports.follow()

    @property
    def current_cautions(self) -> tuple[Caution, ...]:
        """The cautions that are shown."""
        return self.advice.cautions

    def remedy(self, caution: Caution) -> None:
        """Apply a caution's remedy; undo takes it back."""
        if self._scene:  # it may have been worked out for the pipeline of a moment ago
            caution = self.advice.up_to_date(caution, self._scene.judged)
        if caution.remedy:
            self.studio.apply_pipeline(f"remedy: {caution.title}", caution.remedy.pipeline)

    def _add_step(self, op: str) -> None:
        self.studio.add_step(op)
        self.pipeline.show_step(self.studio.state.pipeline.transforms[-1].id)

    def say(self, message: str) -> None:
        """Tell the user about something that went wrong."""
        self.messages.say(message)

    @property
    def busy(self) -> bool:
        """Whether anything is still being worked on; for tests and for screenshots."""
        parts = (
            *(self.previews, self.sheet, self.folders, self.watch, self.advice),
            *(self.pictures.model.worker, self._lister, self.pipeline.tiles),
        )
        return not all(part.idle for part in parts)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Give the pictures more room in a low window."""
        super().resizeEvent(event)
        self.stage.set_small(self.height() < 780)

    # -- folders -------------------------------------------------------------------------------------------------

    def ask_folder(self) -> None:
        """Let the user choose a folder."""
        start = self.folders.recent[0] if self.folders.recent else str(Path.home())
        folder = QFileDialog.getExistingDirectory(self, "Open a folder of pictures", start)
        if folder:
            self.open_folder(from_dialog(folder))

    def open_folder(self, folder: Path, picture: str = "") -> None:
        """List a folder's pictures in the background, then show them."""
        self._keep_about()
        self.folders.open(folder, picture, self._session.about_folder(str(folder.absolute())).folders)

    def open_sample(self) -> None:
        """Open the sample pictures."""
        self.folders.open_sample()

    def open_path(self, path: Path) -> None:
        """Open a folder, a preset, or a picture with its folder."""
        if path.suffix.lower() == ".json":
            self.studio.load_preset(path)
        elif path.is_file():
            self.open_folder(path.parent, picture=path.name)
        else:
            self.open_folder(path)

    def _opening(self, words: str) -> None:
        self.messages.clear_trouble()
        self.status.begin(words)

    def _opened(self, dataset: Dataset, picture: str) -> None:
        self.previews.forget()
        self.sheet.forget()
        self.pictures.model.read_anew()
        self._keep_about()
        about, labels = self._session.about_folder(dataset.location), self.folders.labels
        self.studio.open_dataset(dataset, picture, about.excluded, labels, about.mirrored)
        self._show(self.studio.scene())  # it may be the same again: then what was forgotten is still wanted
        self.sheet.set_sources(self.pictures.model.sources)
        self.watch.rest(self.folders.seconds)
        self.status.end(self.studio.scene().summary)
        if not isinstance(self.focusWidget(), QLineEdit | QAbstractSpinBox):  # the arrow keys walk through pictures
            self.pictures.list.setFocus()
        self._guide(dataset)
        self.remember()
        told, before = "\n".join(_worth_saying(dataset, labels)), self._told
        self._told = told
        if told:
            self.messages.note(told)
        elif before and self.messages.text() == before:
            self.messages.clear()  # it was of another folder
        if self.folders.trouble:
            self.say(self.folders.trouble)
        if dataset.skipped:
            self.say(f"{len(dataset.skipped):,} skipped: {dataset.skipped[0]}")

    def _keep_about(self) -> None:
        """Keep what was said of the open folder before another is opened."""
        self._session = replace(self._session, about=self._about())

    def _about(self) -> dict[str, Any] | None:
        state = self.studio.state
        if state.dataset is None:
            return self._session.about
        about = sessions.About(state.dataset.folders, state.excluded, state.mirrored)
        return self._session.saying(state.dataset.location, about)

    def _exclude(self, key: str) -> None:
        """Leave a picture out of exports, or take it back."""
        self.guide.go_on()
        self.studio.exclude(key)
        out = key in self.studio.state.excluded
        words = "is left out of exports; X takes it back" if out else "is in exports again"
        self.status.showMessage(f"{printable(key)} {words}", 5000)

    def _say_folders(self, folders: Folders) -> None:
        """Take folders whose names look like those of splits for what the user says they are."""
        state = self.studio.state
        if state.dataset is not None and not state.gone:
            self._keep_about()
            self.folders.open(state.dataset.root, state.picture, folders)

    def show_details(self) -> None:
        """Tell in full what the folder holds."""
        if kept := self.studio.state.kept:
            dialog = FolderDialog(kept, self.studio.state.labels, self)
            dialog.exec()
            dialog.stop()
            dialog.deleteLater()

    def _guide(self, dataset: Dataset) -> None:
        """Ask about a new folder, once; not where work is in hand, and never about the sample."""
        self.guide.hide()
        folder = dataset.location
        if self._guides and folder not in self._session.guided and not self.studio.unsaved and not is_sample(dataset):
            self._session = replace(self._session, guided=(folder, *self._session.guided))
            self.guide.ask()

    def _guided(self, kind: guiding.Kind, mirrors: bool) -> None:
        try:
            choice = guiding.choose(kind, mirrors=mirrors)
        except (presets.PresetError, StopIteration) as error:
            self.say(f"The preset for this could not be loaded. {error}")
            return
        self.studio.begin_with(f"start with {choice.saved.name}", choice.pipeline, choice.saved, choice.preset)
        self.guide.tell(choice.words, choice.pipeline)

    def _not_opened(self, error: Exception) -> None:
        self.status.end(self.studio.scene().summary)
        self.say(str(error))

    def reload(self) -> None:
        """Read the open folder and its pictures anew; picture, scroll place and selection stay."""
        self.previews.forget()
        self.sheet.read_anew()
        self.pictures.model.read_anew()
        self._show(self.studio.scene())
        self._read_again()

    def _read_again(self) -> None:
        if self.studio.state.dataset:
            self.folders.reload(self.studio.state.dataset)

    def _reread(self, dataset: Dataset) -> None:
        if self.studio.state.dataset is None or dataset.location != self.studio.state.dataset.location:
            return
        if self.studio.state.gone:
            self.messages.clear_trouble()
            self.previews.forget()
            self.pictures.model.read_anew()
        self.studio.refresh_dataset(dataset, self.folders.labels)
        self.watch.rest(self.folders.seconds)
        self.watch.look()

    def _lost(self, error: Exception) -> None:
        if not self.studio.state.gone:
            self.studio.lose_dataset()
            self.say(f"{error}. Nothing can be exported until the pictures are back.")

    def _replaced(self, stamps: dict[Source, Stamp]) -> None:
        """Read pictures again whose files are others now."""
        self.pictures.model.read_anew(stamps)
        self.sheet.read_anew(stamps)
        self.previews.forget_pictures()
        source = self.studio.state.source
        if source in stamps:
            self.previews.forget()
            self.studio.restamp(stamps[source])
        self._show(self.studio.scene())

    def changeEvent(self, event: QEvent) -> None:
        """Look what became of the folder whenever the window comes to the front."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.ActivationChange and not self.isActiveWindow():
            self.studio.flip(False)  # the key will be released elsewhere
        if event.type() == QEvent.Type.ActivationChange and self.isActiveWindow():
            self.watch.look()

    def _ask_facts(self, measured: tuple[Dataset, int] | None) -> None:
        if measured:
            self.folders.measure(*measured)

    def _measured(self, facts: Facts | None, dataset: Dataset, training_size: int) -> None:
        if self._scene and (dataset, training_size) == self._scene.measured:
            self.studio.set_facts(facts)

    def _ask_objects(self, asked: tuple[Dataset, int, DatasetLabels] | None) -> None:
        if asked:
            self.folders.look_through(asked)

    def _looked_through(self, objects: LabelFacts | None, asked: tuple[Dataset, int, DatasetLabels]) -> None:
        if self._scene and self._scene.looked_through and asked[:2] == self._scene.looked_through[:2]:
            self.studio.set_objects(objects)

    # -- presets and exports -----------------------------------------------------------------------------------------

    def load_preset_named(self, name: str) -> None:
        """Take a preset by name or file; say so if there is none."""
        self.preset_files.load_named(name)

    def save_preset(self) -> bool:
        """Save to the file that the preset came from; ask for a name where that is not the user's own."""
        return self.preset_files.save()

    def save_preset_as(self) -> bool:
        """Ask for a name, and save the pipeline among the user's own presets or elsewhere."""
        return self.preset_files.save_as()

    def export(self) -> None:
        """Open the export dialog."""
        self.exports.export(self._export_choices, tuple(self.folders.recent))

    def resume_export(self) -> None:
        """Let the user choose an unfinished export, and go on with it."""
        if self.exports.free() and (folder := self._ask_export("Choose the folder of the export to go on with")):
            self.exports.resume(self.studio.state.dataset, folder)

    def verify_export(self) -> None:
        """Let the user choose an export, and hold it against its manifest."""
        if self.exports.free() and (folder := self._ask_export("Choose the folder of the export to verify")):
            self.exports.verify(self.studio.state.dataset, folder)

    def _ask_export(self, title: str) -> str:
        above = (self._export_choices or {}).get("folder")
        start = above if isinstance(above, str) and Path(above).is_dir() else str(Path.home())
        return QFileDialog.getExistingDirectory(self, title, start)

    def _exported(self, choices: dict[str, Any], originals: bool | None) -> None:
        self._export_choices = choices  # what was only tried is no choice
        self.remember()
        if originals is not None:
            self.studio.set_originals(originals)

    # -- session -------------------------------------------------------------------------------------------------

    def _restore_layout(self) -> None:
        self.resize(first_size(self.screen().availableSize()))
        if self._session.geometry:
            self.restoreGeometry(QByteArray.fromBase64(self._session.geometry.encode()))
        if self._session.layout:
            self._split.restoreState(QByteArray.fromBase64(self._session.layout.encode()))

    def _moment(self, *, pipeline: bool = True) -> Moment:
        """What is to be remembered, to be put into words later; without `pipeline`, the saved one instead."""
        return partial(
            sessions.of,
            self.studio.state,
            pipeline=pipeline,
            recent=tuple(self.folders.recent),
            geometry=bytes(self.saveGeometry().toBase64().data()).decode(),
            layout=bytes(self._split.saveState().toBase64().data()).decode(),
            export=self._export_choices,
            theme=self._session.theme,
            guided=self._session.guided,
            about=self._about(),
        )

    def remember(self, *, pipeline: bool = True) -> None:
        """Keep the session; without `pipeline`, go back to the saved one."""
        sessions.save(self._moment(pipeline=pipeline)())

    def take_up(self, left: list[Left]) -> None:
        """Say that what was not saved when the program ended is there again; keep it before it can be lost again."""
        words = "The program ended without closing its window; what was not saved then is here again."
        if others := keep_as_presets(left[1:]):
            words += f" What other windows held is among your presets: {listing(others)}."
        self.journal.adopt(left[:1])
        self.messages.note(words)

    def closeEvent(self, event: QCloseEvent) -> None:
        """Ask about unsaved changes, keep the session, end the threads."""
        if not self.exports.closing() or not self.trials.closing():
            event.ignore()  # what is under way goes on, or is cancelled first, which takes a moment
            return
        keep = True
        if self.studio.unsaved:
            answer = ask_unsaved(self.studio.state.pipeline.name, self)
            if answer == QMessageBox.StandardButton.Cancel or (
                answer == QMessageBox.StandardButton.Save and not self.save_preset()
            ):
                event.ignore()
                return
            keep = answer != QMessageBox.StandardButton.Discard
        event.accept()
        try:
            self.remember(pipeline=keep)
        except Exception as error:  # whatever is wrong with the session, nobody is kept from leaving
            sys.stderr.write(f"augstudio: the session was not kept ({type(error).__name__}: {error})\n")
        finally:
            self.stop()

    def stop(self) -> None:
        """End the threads."""
        self.exports.stop()
        self.trials.stop()
        parts = (
            *(self.watch, self.sheet, self.previews, self.folders, self.advice),
            *(self.pictures.model.worker, self._lister, self.pipeline.tiles),
        )
        for part in parts:
            part.stop()
        self.journal.end()

    # -- colours ---------------------------------------------------------------------------------------------------

    def set_theme(self, name: str) -> None:
        """Take "light" or "dark" colours, or with "" the system's, now and at the next start."""
        self._session = replace(self._session, theme=name)
        self._theme_menu.set_theme(name)
        put_on(name)
        self.refresh_icons()
        self.journal.note()

    def refresh_icons(self) -> None:
        """Draw icons anew after the colours changed."""
        for action in self.actions():
            if action.property("icon_name"):
                action.setIcon(style.icon(action.property("icon_name"), primary=bool(action.property("primary"))))
        for button in self.findChildren(QToolButton):
            if button.property("icon_name"):
                button.setIcon(style.icon(button.property("icon_name")))
        self.messages.refresh()
        cautions = self.current_cautions
        self.cautions.set_cautions(())
        self.cautions.set_cautions(cautions)
        self.pipeline.set_cautions(())
        self.pipeline.set_cautions(cautions)
        self.pipeline.labels.refresh()


def _initial_state(session: Session) -> State:
    """The intent that a session ended with; that of the first start without one."""
    seed = session.seed if 0 <= session.seed <= LARGEST_SHOWN_SEED else 0
    pair = session.pipelines() if session.pipeline else None
    shown = State(seed=seed, labels_shown=session.labels, options=session.options(), sheet=session.sheet_look())
    if pair is None:
        gentle = files.presets() / "gentle.json"
        pipeline = presets.load(gentle)
        return replace(shown, pipeline=pipeline, saved=pipeline, preset=gentle)
    return replace(
        shown,
        pipeline=pair[0],
        saved=pair[1],
        preset=Path(session.preset) if session.preset else None,
        originals=session.originals,
    )


def _worth_saying(dataset: Dataset, labels: DatasetLabels) -> Iterator[str]:
    """What somebody should know who opens a folder; the rest is told by *Details*."""
    if words := left_out.files_in_all(dataset.left_out):
        yield f"Left out: {words}. Details, below the list of pictures, says more."
    if followed := [one.in_words() for format_ in labels.formats for one in taken(dataset, format_)]:
        yield f"{listing(followed)} follow the pictures."
    others = [f"{one.format.called} {one.content}".rstrip() for one in dataset.labels]
    if others := [name for one, name in zip(dataset.labels, others, strict=True) if one.format not in labels.formats]:
        yield f"Labels lie beside the pictures, and are not carried over into exports: {listing(others)}."
    if not dataset.labels:
        yield from labels.lost
    if labels.problems:
        more = f" (and {len(labels.problems) - 1:,} more: see Details)" if len(labels.problems) > 1 else ""
        yield f"Labels: {labels.problems[0]}{more}"
