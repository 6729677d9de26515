"""The window: puts the panels together, hands them what is to be shown, and passes on what the user asks."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from PySide6.QtCore import QByteArray, QSize, Qt, QTimer
from PySide6.QtGui import (
    QAction,
    QCloseEvent,
    QDragEnterEvent,
    QDragMoveEvent,
    QDropEvent,
    QKeySequence,
    QResizeEvent,
    QShortcut,
)
from PySide6.QtWidgets import (
    QFileDialog,
    QHBoxLayout,
    QLabel,
    QMainWindow,
    QMenu,
    QMessageBox,
    QProgressBar,
    QSizePolicy,
    QSpinBox,
    QSplitter,
    QToolBar,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from augstudio import files, presets
from augstudio.advice import Caution, Facts, advise
from augstudio.dataset import Dataset
from augstudio.gui.browser.pictures import PicturesPanel
from augstudio.gui.cards.panel import PipelinePanel
from augstudio.gui.exporting.exports import Exports
from augstudio.gui.intent import session as sessions
from augstudio.gui.intent.session import Session
from augstudio.gui.intent.state import Judged, Scene, State, View
from augstudio.gui.parts import style
from augstudio.gui.parts.controls import LeaveUndo, flat_button
from augstudio.gui.parts.message_bar import MessageBar
from augstudio.gui.parts.workers import Worker
from augstudio.gui.shell.folders import Folders
from augstudio.gui.shell.save_dialog import SaveDialog
from augstudio.gui.shell.studio import Studio
from augstudio.gui.stage.cautions import CautionsPanel
from augstudio.gui.stage.compare import Compare
from augstudio.gui.stage.previews import Previews
from augstudio.gui.stage.rendering import Rendered, Wanted
from augstudio.gui.stage.strip import Strip
from augstudio.images import PictureError
from augstudio.pipeline import MAX_SEED

_ADVICE_EVERY_MS = 100
"""While a slider is dragged, cautions are worked out this often, so that they leave the pictures their time."""
_LARGEST_SHOWN_SEED = 2**31 - 1


class Window(QMainWindow):
    """The studio's window. See `augstudio.gui.shell.application.run` for how it is started."""

    def __init__(self, session: Session | None = None) -> None:
        super().__init__()
        self._session = session or Session()
        self.setObjectName("window")
        self.setWindowIcon(style.app_icon())
        self.setAcceptDrops(True)
        self.studio = Studio(self._initial_state(), self)
        self._scene: Scene | None = None
        self._cautions: tuple[Caution, ...] = ()
        self._make_panels()
        self._make_workers()
        self._make_toolbar()
        self._make_shortcuts()
        self._advice_pause = QTimer(self, singleShot=True, interval=_ADVICE_EVERY_MS)
        self._advice_pause.timeout.connect(self._ask_advice)
        self.studio.changed.connect(self._show)
        self.studio.trouble.connect(self.say)
        self._restore_layout()
        self._show(self.studio.scene())

    # -- parts ---------------------------------------------------------------------------------------------------

    def _initial_state(self) -> State:
        seed = self._session.seed if 0 <= self._session.seed <= _LARGEST_SHOWN_SEED else 0
        pair = self._session.pipelines() if self._session.pipeline else None
        if pair is None:
            gentle = files.presets() / "gentle.json"
            pipeline = presets.load(gentle)
            return State(pipeline=pipeline, saved=pipeline, preset=gentle, seed=seed)
        return State(
            pipeline=pair[0],
            saved=pair[1],
            preset=Path(self._session.preset) if self._session.preset else None,
            seed=seed,
            originals=self._session.originals,
        )

    def _make_workers(self) -> None:
        self.previews.original.connect(self.compare.set_original)
        self.previews.augmented.connect(self._show_augmented)
        self.previews.tile.connect(self.strip.set_picture)
        self.previews.emptied.connect(self.strip.clear_pictures)
        self.previews.failed.connect(self._show_trouble)
        self.previews.slow.connect(self._show_thumbnail)
        self.compare.scale_changed.connect(self.previews.sharpen)
        self.folders = Folders(self._session.recent, self.previews.large, self)
        self.folders.began.connect(self._opening)
        self.folders.went_on.connect(self._summary.setText)
        self.folders.opened.connect(self._opened)
        self.folders.failed.connect(self._not_opened)
        self.folders.measured.connect(self._measured)
        self.exports = Exports(self, lambda: (self.studio.state, self._cautions), first=self.previews.large)
        self.exports.remedied.connect(self.remedy)
        self.exports.made.connect(self._exported)
        self.exports.refused.connect(self.say)
        self.exports.may_close.connect(self.close, Qt.ConnectionType.QueuedConnection)
        for signal in (self.exports.jobs.began, self.exports.jobs.progressed, self.exports.jobs.ended):
            signal.connect(self._entitle)
        self._advice = Worker(lambda j: advise(j.pipeline, j.facts, originals=j.originals), "advice", self)
        self._advice.done.connect(self._judged)
        self._listed: list[presets.Entry] | None = None
        self._lister = Worker(lambda _: [*presets.user(), *presets.shipped()], "presets", self)
        self._lister.done.connect(self._presets_listed)
        self._lister.failed.connect(lambda _, error: self.say(f"The presets could not be listed: {error}"))
        self._advice.failed.connect(lambda _, error: self.say(f"The cautions could not be worked out: {error}"))

    def _make_panels(self) -> None:
        self.compare = Compare()
        self.previews = Previews(self.compare.wants_full, self)
        self.pictures = PicturesPanel(self.previews.large)
        self.pictures.asked.connect(self.studio.show_picture)
        self.pictures.open_wanted.connect(self.ask_folder)
        self.pictures.sample_wanted.connect(self.open_sample)
        self.strip = Strip()
        self.strip.asked.connect(self.studio.show_version)
        self._drawn = QLabel()
        self._drawn.setObjectName("drawn")
        self._drawn.setAccessibleName("Drawn numbers")
        self._drawn.setWordWrap(True)
        self._drawn.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._drawn.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self.cautions = CautionsPanel()
        self.pipeline = PipelinePanel()
        self.cautions.asked.connect(self.pipeline.show_step)
        self.cautions.remedied.connect(self.remedy)
        for signal, slot in (
            (self.pipeline.edited, self.studio.edit_step),
            (self.pipeline.finished, self.studio.end_gesture),
            (self.pipeline.removed, self.studio.remove_step),
            (self.pipeline.reset, self.studio.reset_step),
            (self.pipeline.moved, self.studio.move_step),
            (self.pipeline.added, self._add_step),
            (self.pipeline.output.edited, self.studio.edit_pipeline),
            (self.pipeline.output.finished, self.studio.end_gesture),
            (self.pipeline.output.originals_edited, self.studio.set_originals),
        ):
            signal.connect(slot)
        self.messages = MessageBar()
        centre = QWidget()
        column = QVBoxLayout(centre)
        column.setContentsMargins(4, 4, 4, 6)
        column.setSpacing(6)
        column.addWidget(self.messages)
        column.addWidget(self.compare, 1)
        column.addWidget(self._drawn)
        column.addWidget(self.strip)
        column.addWidget(self.cautions)
        self._split = QSplitter(Qt.Orientation.Horizontal)
        for panel in (self.pictures, centre, self.pipeline):
            self._split.addWidget(panel)
        self._split.setStretchFactor(1, 1)
        self._split.setChildrenCollapsible(False)
        self._split.setHandleWidth(6)
        self._split.setSizes([240, 800, 350])
        self.setCentralWidget(self._split)
        self._summary = QLabel()
        self._summary.setTextFormat(Qt.TextFormat.PlainText)
        self._speed = QLabel()
        self._busy = QProgressBar()
        self._busy.setRange(0, 0)
        self._busy.setFixedWidth(120)
        self._busy.setTextVisible(False)
        self._busy.hide()
        self.statusBar().setContentsMargins(8, 0, 8, 0)  # in line with the panels above
        self.statusBar().addWidget(self._summary, 1)
        self.statusBar().addPermanentWidget(self._busy)
        self.statusBar().addPermanentWidget(self._speed)
        self.statusBar().setSizeGripEnabled(False)

    def _action(self, name: str, text: str, icon: str, key: str, tip: str) -> QAction:
        action = QAction(style.icon(icon), text, self)
        action.setObjectName(f"action.{name}")
        action.setProperty("icon_name", icon)
        shortcut = QKeySequence(key)
        action.setShortcut(shortcut)
        native = shortcut.toString(QKeySequence.SequenceFormat.NativeText)
        action.setToolTip(f"{tip} ({native})" if native else tip)
        self.addAction(action)
        return action

    def _make_toolbar(self) -> None:
        bar = QToolBar("Tools")
        bar.setObjectName("toolbar")
        bar.setMovable(False)
        bar.setIconSize(QSize(20, 20))
        bar.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        bar.setContextMenuPolicy(Qt.ContextMenuPolicy.PreventContextMenu)
        self.addToolBar(bar)
        self.action_open = self._action("open", "Open", "open", "Ctrl+O", "Open a folder of pictures")
        self.action_open.triggered.connect(self.ask_folder)
        self.action_preset = self._action("preset", "Preset", "preset", "Ctrl+P", "Choose a preset")
        self.action_save = self._action("save_preset", "Save", "save", "Ctrl+S", "Save the pipeline as a preset")
        self.action_save.triggered.connect(self.save_preset)
        self.action_save_as = self._action("save_preset_as", "Save as…", "save", "Ctrl+Shift+S", "Save under a name")
        self.action_save_as.triggered.connect(self.save_preset_as)
        self.action_undo = self._action("undo", "Undo", "undo", "Ctrl+Z", "Undo")
        self.action_redo = self._action("redo", "Redo", "redo", "Ctrl+Shift+Z", "Redo")
        self.action_seed = self._action("new_seed", "New seed", "seed", "Ctrl+R", "Draw other variations: a new seed")
        self.action_seed.triggered.connect(self.studio.new_seed)
        self.action_export = self._action("export", "Export…", "export", "Ctrl+E", "Export an augmented dataset")
        self.action_export.triggered.connect(self.export)
        self.action_resume = self._action(
            "resume_export", "Resume an export…", "export", "Ctrl+Shift+E", "Go on with an export that was not finished"
        )
        self.action_resume.triggered.connect(self.resume_export)
        self.action_verify = self._action(
            "verify_export", "Verify an export…", "fine", "Ctrl+Shift+V", "Read an export again and look what changed"
        )
        self.action_verify.triggered.connect(self.verify_export)
        stack = self.studio.undo_stack
        for action, can, words, run in (
            (self.action_undo, stack.canUndoChanged, stack.undoTextChanged, stack.undo),
            (self.action_redo, stack.canRedoChanged, stack.redoTextChanged, stack.redo),
        ):
            action.setEnabled(False)
            action.triggered.connect(run)
            can.connect(action.setEnabled)
            verb, key = action.text(), action.shortcut().toString(QKeySequence.SequenceFormat.NativeText)
            words.connect(
                lambda text, action=action, verb=verb, key=key: action.setToolTip(
                    f"{verb} {text}".strip() + f" ({key})"
                )
            )
        self._recent_menu = QMenu(self)
        self._recent_menu.aboutToShow.connect(self._fill_recent)
        self._preset_menu = QMenu(self)
        self._preset_menu.aboutToShow.connect(self._ask_presets)
        self._seed_box = QSpinBox()
        self._seed_box.setObjectName("seed")
        self._seed_box.setAccessibleName("Seed")
        self._seed_box.setRange(0, _LARGEST_SHOWN_SEED)
        self._seed_box.setKeyboardTracking(False)
        self._seed_box.setButtonSymbols(QSpinBox.ButtonSymbols.NoButtons)
        self._seed_box.setFixedWidth(90)
        self._seed_box.setToolTip("The same seed gives the same variations, here and in the export")
        LeaveUndo(self._seed_box)
        self._seed_box.valueChanged.connect(self._seed_typed)
        seed = QWidget()
        row = QHBoxLayout(seed)
        row.setContentsMargins(8, 0, 0, 0)
        row.setSpacing(4)
        label = QLabel("Seed")
        label.setBuddy(self._seed_box)
        row.addWidget(label)
        row.addWidget(self._seed_box)
        for action in (self.action_open, self.action_preset, self.action_save):
            bar.addAction(action)
        bar.addSeparator()
        for action in (self.action_undo, self.action_redo):
            bar.addAction(action)
        bar.addSeparator()
        bar.addWidget(seed)
        bar.addAction(self.action_seed)
        gap = QWidget()
        gap.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        bar.addWidget(gap)
        bar.addWidget(self.exports.bar).setVisible(False)
        bar.addAction(self.action_export)
        bar.addWidget(self._make_exports())
        for action in (self.action_undo, self.action_redo):
            self._button(bar, action).setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonIconOnly)
        for action in bar.actions():
            button = bar.widgetForAction(action)
            if isinstance(button, QToolButton) and action.objectName():
                button.setObjectName(f"{action.objectName()}.button")
                button.setAccessibleName(action.toolTip())
                button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        opener = self._button(bar, self.action_open)
        opener.setMenu(self._recent_menu)
        opener.setPopupMode(QToolButton.ToolButtonPopupMode.MenuButtonPopup)
        chooser = self._button(bar, self.action_preset)
        chooser.setMenu(self._preset_menu)
        chooser.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.action_preset.triggered.connect(
            lambda: self._preset_menu.popup(chooser.mapToGlobal(chooser.rect().bottomLeft()))
        )
        for primary in (self.action_export, self._button(bar, self.action_export)):
            primary.setProperty("primary", True)
        self.action_export.setIcon(style.icon("export", primary=True))
        self._bar = bar

    def _make_exports(self) -> QToolButton:
        """What can be done with exports that there are, also while nothing is open to be exported."""
        button = flat_button("expanded", "Resume or verify an earlier export")
        button.setObjectName("exports")
        menu = QMenu(self)
        menu.addActions([self.action_resume, self.action_verify])
        button.setMenu(menu)
        button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        return button

    @staticmethod
    def _button(bar: QToolBar, action: QAction) -> QToolButton:
        button = bar.widgetForAction(action)
        assert isinstance(button, QToolButton)
        return button

    def _make_shortcuts(self) -> None:
        for key, run in (
            ("Ctrl+F", self.pictures.focus_filter),
            ("Ctrl+Right", lambda: self.pictures.step(1)),
            ("Ctrl+Left", lambda: self.pictures.step(-1)),
            ("Ctrl+Y", self.studio.undo_stack.redo),
        ):
            QShortcut(QKeySequence(key), self).activated.connect(run)

    # -- showing -------------------------------------------------------------------------------------------------

    def _show(self, scene: Scene) -> None:
        """Hand the parts that differ to the widgets."""
        old, self._scene = self._scene, scene
        self.previews.show(scene)  # first, since it takes longest, and not here
        changed = scene.differences(old)
        if "title" in changed:
            self._entitle()
            self.action_preset.setText(scene.preset.replace("&", "&&"))
        if "dataset" in changed:
            self.pictures.set_dataset(scene.dataset)
        if "picture" in changed or "dataset" in changed:
            self.pictures.set_picture(scene.picture)
        if "pipeline" in changed:
            self.pipeline.set_pipeline(scene.pipeline)
        if "seed" in changed:
            self._seed_box.blockSignals(True)
            self._seed_box.setValue(min(scene.seed, _LARGEST_SHOWN_SEED))
            self._seed_box.blockSignals(False)
        if "shown" in changed:
            self.strip.set_shown(scene.shown)
        if "originals" in changed:
            self.pipeline.output.set_originals(scene.originals)
        if "summary" in changed:
            self._summary.setText(scene.summary)
        if "drawn" in changed:
            self._drawn.setText(scene.drawn)
            self._drawn.setVisible(bool(scene.drawn))
        if "large" in changed and scene.large is None:
            self.compare.set_message("Open a folder of pictures to see what each transform does to them.")
            self._speed.setText("")
        if "judged" in changed and not self._advice_pause.isActive():
            self._advice_pause.start()
        if "dataset" in changed or old is None or scene.pipeline.trained_at != old.pipeline.trained_at:
            self._ask_facts()
        self.action_export.setEnabled(scene.dataset is not None)
        self.exports.follow()
        self.strip.setVisible(scene.large is not None)

    def _show_augmented(self, wanted: Wanted, rendered: Rendered) -> None:
        self.compare.set_augmented(rendered, wanted.view.shown.label)
        self.pipeline.set_scale(min(rendered.size) / wanted.view.pipeline.trained_at)
        self._speed.setText(f"preview {rendered.seconds * 1000:.0f} ms")

    def _show_thumbnail(self, view: View) -> None:
        """Show what the list has of a picture that takes its time, rather than the one before."""
        self.compare.set_message("Reading the picture …")
        held = self.pictures.model.thumbnail(view.source)
        if held is not None:
            self.compare.set_thumbnail(held.pixmap.toImage(), held.size)

    def _show_trouble(self, view: View, error: Exception) -> None:
        self._speed.setText("")
        if isinstance(error, PictureError):
            self.compare.set_message(f"{view.source.key}\n\n{error.reason}")
        else:
            self.compare.set_trouble(f"This version cannot be made: {error}")

    def _ask_advice(self) -> None:
        if self._scene:
            self._advice.ask([self._scene.judged])

    def _judged(self, judged: Judged, cautions: tuple[Caution, ...]) -> None:
        if self._scene and judged == self._scene.judged:
            self._cautions = cautions
            self.cautions.set_cautions(cautions)
            self.pipeline.set_cautions(cautions)
            self.exports.follow()

    @property
    def current_cautions(self) -> tuple[Caution, ...]:
        """The cautions that are shown."""
        return self._cautions

    def remedy(self, caution: Caution) -> None:
        """Apply a caution's remedy; undo takes it back."""
        if caution.remedy:
            self.studio.apply_pipeline(f"remedy: {caution.title}", caution.remedy.pipeline)

    def _add_step(self, op: str) -> None:
        self.studio.add_step(op)
        self.pipeline.show_step(self.studio.state.pipeline.transforms[-1].id)

    def _seed_typed(self, value: int) -> None:
        self.studio.set_seed(min(value, MAX_SEED))
        self.studio.end_gesture()

    def say(self, message: str) -> None:
        """Tell the user about something that went wrong."""
        self.messages.say(message)

    @property
    def busy(self) -> bool:
        """Whether anything is still being worked on; for tests and for screenshots."""
        parts = (self.previews, self.folders, self._advice, self.pictures.model.worker, self._lister)
        working = not all(part.idle for part in parts)
        return working or self._advice_pause.isActive()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Give the pictures more room in a low window."""
        super().resizeEvent(event)
        self.strip.set_small(self.height() < 780)

    # -- folders -------------------------------------------------------------------------------------------------

    def ask_folder(self) -> None:
        """Let the user choose a folder."""
        start = self.folders.recent[0] if self.folders.recent else str(Path.home())
        folder = QFileDialog.getExistingDirectory(self, "Open a folder of pictures", start)
        if folder:
            self.open_folder(Path(folder))

    def open_folder(self, folder: Path, picture: str = "") -> None:
        """List a folder's pictures in the background, then show them."""
        self.folders.open(folder, picture)

    def open_sample(self) -> None:
        """Open the sample pictures."""
        self.folders.open_sample()

    def _opening(self, words: str) -> None:
        self.messages.clear()
        self._busy.show()
        self._busy.setAccessibleName(words)
        self._summary.setText(words)

    def _opened(self, dataset: Dataset, picture: str) -> None:
        self._busy.hide()
        self.previews.forget()
        self.studio.open_dataset(dataset, picture)
        self._summary.setText(self.studio.scene().summary)
        self.remember()
        if dataset.skipped:
            self.say(f"{len(dataset.skipped)} skipped: {dataset.skipped[0]}")

    def _not_opened(self, error: Exception) -> None:
        self._busy.hide()
        self._summary.setText(self.studio.scene().summary)
        self.say(str(error))

    def _ask_facts(self) -> None:
        scene = self._scene
        if scene and scene.dataset:
            self.folders.measure(scene.dataset, scene.pipeline.trained_at)

    def _measured(self, facts: Facts | None, dataset: Dataset, training_size: int) -> None:
        if self._scene and (dataset, training_size) == (self._scene.dataset, self._scene.pipeline.trained_at):
            self.studio.set_facts(facts)

    def _fill_recent(self) -> None:
        self._recent_menu.clear()
        for folder in self.folders.recent:
            action = self._recent_menu.addAction(folder.replace("&", "&&"))
            action.triggered.connect(partial(self.open_folder, Path(folder)))
        if not self.folders.recent:
            self._recent_menu.addAction("No recent folders").setEnabled(False)
        self._recent_menu.addSeparator()
        self._recent_menu.addAction("Sample pictures", self.open_sample)

    # -- presets -------------------------------------------------------------------------------------------------

    def _ask_presets(self) -> None:
        """Show what was listed last, and have it listed anew: the files may be many, far away, or no presets."""
        self._fill_presets()
        self._lister.ask([object()])

    def _presets_listed(self, _request: object, entries: list[presets.Entry]) -> None:
        if entries != self._listed:
            self._listed = entries
            self._fill_presets()

    def _fill_presets(self) -> None:
        menu = self._preset_menu
        menu.clear()
        menu.setToolTipsVisible(True)
        if self._listed is None:
            menu.addAction("Reading the presets …").setEnabled(False)
        for heading, shipped in (("Your presets", False), ("Shipped presets", True)):
            entries = [entry for entry in self._listed or () if entry.shipped is shipped]
            if entries:
                menu.addAction(heading).setEnabled(False)
            for entry in entries:
                if entry.path.suffix != ".json":  # stands for those that are too many
                    menu.addAction(entry.name.replace("&", "&&")).setEnabled(False)
                    continue
                text = entry.name.replace("&", "&&") + ("" if entry.valid else " (cannot be read)")
                action = menu.addAction(text)
                action.triggered.connect(partial(self.studio.load_preset, entry.path))
                action.setToolTip(entry.description)
                action.setCheckable(True)
                action.setChecked(self.studio.state.preset == entry.path)
            menu.addSeparator()
        menu.addAction("Empty pipeline", self.studio.new_pipeline)
        menu.addAction("Open a preset file…", self.ask_preset)
        menu.addAction(self.action_save_as)

    def load_preset_named(self, name: str) -> None:
        """Take a preset by name or file; say so if there is none."""
        try:
            path = presets.locate(name)
        except presets.PresetError as error:
            self.say(str(error))
        else:
            self.studio.load_preset(path)

    def ask_preset(self) -> None:
        """Let the user choose a preset file."""
        path, _ = QFileDialog.getOpenFileName(
            self, "Open a preset", str(Path.home()), "Presets (*.json);;All files (*)"
        )
        if path:
            self.studio.load_preset(Path(path))

    def save_preset(self) -> bool:
        """Save to the file that the preset came from; ask for a name where that is not the user's own."""
        state = self.studio.state
        shipped = state.preset is not None and state.preset.parent == files.presets()
        if state.preset is None or shipped:
            return self.save_preset_as()
        saved = self.studio.save_preset(state.preset, state.pipeline.name, state.pipeline.description)
        if saved:
            self.statusBar().showMessage(f"Saved {state.preset}", 5000)
        return saved

    def save_preset_as(self) -> bool:
        """Ask for a name, and save the pipeline among the user's own presets or elsewhere."""
        dialog = SaveDialog(self.studio.state.pipeline, self, current=self.studio.state.preset)
        if not dialog.exec():
            return False
        path = dialog.path()
        saved = self.studio.save_preset(path, dialog.name(), dialog.description())
        if saved:
            self.statusBar().showMessage(f"Saved {path}", 5000)
        return saved

    # -- export --------------------------------------------------------------------------------------------------

    def export(self) -> None:
        """Open the export dialog."""
        self.exports.export(self._session.export, tuple(self.folders.recent))

    def resume_export(self) -> None:
        """Let the user choose an unfinished export, and go on with it."""
        if self.exports.free() and (folder := self._ask_export("Choose the folder of the export to go on with")):
            self.exports.resume(self.studio.state.dataset, folder)

    def verify_export(self) -> None:
        """Let the user choose an export, and hold it against its manifest."""
        if self.exports.free() and (folder := self._ask_export("Choose the folder of the export to verify")):
            self.exports.verify(self.studio.state.dataset, folder)

    def _ask_export(self, title: str) -> str:
        above = (self._session.export or {}).get("folder")
        start = above if isinstance(above, str) and Path(above).is_dir() else str(Path.home())
        return QFileDialog.getExistingDirectory(self, title, start)

    def _exported(self, remembered: dict[str, object], originals: bool | None) -> None:
        self.remember(export=remembered)  # what was only tried is no choice
        if originals is not None:
            self.studio.set_originals(originals)

    def _entitle(self) -> None:
        """Say what is open, and how far long work is, where it is seen when the window is not."""
        far = self.exports.jobs.percent
        title = self._scene.title if self._scene else ""
        self.setWindowTitle(title if far is None else f"{far} % · {title}")

    # -- session -------------------------------------------------------------------------------------------------

    def _restore_layout(self) -> None:
        self.resize(1440, 900)
        if self._session.geometry:
            self.restoreGeometry(QByteArray.fromBase64(self._session.geometry.encode()))
        if self._session.layout:
            self._split.restoreState(QByteArray.fromBase64(self._session.layout.encode()))

    def remember(self, *, pipeline: bool = True, export: dict[str, object] | None = None) -> None:
        """Keep the session; without `pipeline`, go back to the saved one."""
        state = self.studio.state
        self._session = Session(
            folder=str(state.dataset.root) if state.dataset else "",
            picture=state.picture,
            pipeline=presets.dump(state.pipeline if pipeline else state.saved),
            saved=presets.dump(state.saved),
            preset=str(state.preset or ""),
            seed=state.seed,
            originals=state.originals,
            recent=tuple(self.folders.recent),
            geometry=bytes(self.saveGeometry().toBase64().data()).decode(),
            layout=bytes(self._split.saveState().toBase64().data()).decode(),
            export=export if export is not None else self._session.export,
        )
        sessions.save(self._session)

    def closeEvent(self, event: QCloseEvent) -> None:
        """Ask about unsaved changes, keep the session, end the threads."""
        if not self.exports.closing():
            event.ignore()
            return
        keep = True
        if self.studio.unsaved:
            answer = self._ask_unsaved()
            if answer == QMessageBox.StandardButton.Cancel or (
                answer == QMessageBox.StandardButton.Save and not self.save_preset()
            ):
                event.ignore()
                return
            keep = answer != QMessageBox.StandardButton.Discard
        self.remember(pipeline=keep)
        self.stop()
        event.accept()

    def _ask_unsaved(self) -> QMessageBox.StandardButton:
        box = QMessageBox(self)
        box.setIcon(QMessageBox.Icon.Question)
        box.setWindowTitle("Unsaved changes")
        box.setText(f"The pipeline “{self.studio.state.pipeline.name or 'Untitled preset'}” has unsaved changes.")
        box.setInformativeText("Save it as a preset before leaving?")
        box.setStandardButtons(
            QMessageBox.StandardButton.Save | QMessageBox.StandardButton.Discard | QMessageBox.StandardButton.Cancel
        )
        box.setDefaultButton(QMessageBox.StandardButton.Save)
        return QMessageBox.StandardButton(box.exec())

    def stop(self) -> None:
        """End the threads."""
        self._advice_pause.stop()
        self.exports.stop()
        for part in (self.previews, self.folders, self._advice, self.pictures.model.worker, self._lister):
            part.stop()

    # -- drag and drop, colours ----------------------------------------------------------------------------------

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Accept folders, pictures and presets."""
        if event.mimeData().hasUrls():
            event.acceptProposedAction()

    def dragMoveEvent(self, event: QDragMoveEvent) -> None:
        """Accept them anywhere."""
        event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        """Open what was dropped: a folder, a picture's folder, or a preset."""
        paths = [Path(url.toLocalFile()) for url in event.mimeData().urls() if url.isLocalFile()]
        if paths:
            event.acceptProposedAction()
            self.open_path(paths[0])

    def open_path(self, path: Path) -> None:
        """Open a folder, a preset, or a picture with its folder."""
        if path.suffix.lower() == ".json":
            self.studio.load_preset(path)
        elif path.is_file():
            self.open_folder(path.parent, picture=path.name)
        else:
            self.open_folder(path)

    def refresh_icons(self) -> None:
        """Draw icons anew after the colours changed."""
        for action in self.actions():
            if action.property("icon_name"):
                action.setIcon(style.icon(action.property("icon_name"), primary=bool(action.property("primary"))))
        for button in self.findChildren(QToolButton):
            if button.property("icon_name"):
                button.setIcon(style.icon(button.property("icon_name")))
        self.messages.refresh()
        cautions = self._cautions
        self.cautions.set_cautions(())
        self.cautions.set_cautions(cautions)
        self.pipeline.set_cautions(cautions)
