"""The studio: holds the user's intent, lets it be edited with undo, and tells what is to be shown."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

from pydantic import ValidationError
from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QUndoCommand, QUndoStack

from augstudio import presets
from augstudio.advice import Facts, LabelFacts
from augstudio.dataset import Dataset
from augstudio.dataset.labelling import NO_LABELS, DatasetLabels
from augstudio.gui.intent.state import Scene, State, resolve
from augstudio.gui.intent.views import Held, SheetLook, Shown, Told, ViewKind, ViewOptions
from augstudio.label_rules import LabelRules
from augstudio.pipeline import Pipeline
from augstudio.transforms import registry
from augstudio.wording import count, printable


class Edited(NamedTuple):
    """The part of the state that undo takes back."""

    pipeline: Pipeline
    saved: Pipeline
    preset: Path | None
    seed: int
    originals: bool


class _Command(QUndoCommand):
    def __init__(
        self, text: str, old: Edited, new: Edited, put: Callable[[Edited, bool], None], gesture: object
    ) -> None:
        super().__init__(text)
        self.old, self.new, self._put, self.gesture = old, new, put, gesture
        self._again = False

    def redo(self) -> None:
        self._put(self.new, self._again)
        self._again = True

    def undo(self) -> None:
        self._put(self.old, True)

    def id(self) -> int:
        return 1

    def mergeWith(self, other: QUndoCommand) -> bool:
        if not isinstance(other, _Command) or other.gesture != self.gesture:
            return False
        self.new = other.new
        self.setObsolete(self.new == self.old)  # what was taken back while it went on is nothing to undo
        return True


class _Exclusion(QUndoCommand):
    """A picture is left out, or taken back. Of a folder that is open no more there is nothing to undo."""

    def __init__(self, key: str, location: str, toggle: Callable[[str, str], bool], *, out: bool) -> None:
        super().__init__(f"{'exclude' if out else 'take back'} {printable(key)}")
        self._key, self._location, self._toggle = key, location, toggle

    def redo(self) -> None:
        self.setObsolete(not self._toggle(self._key, self._location))

    def undo(self) -> None:
        self.redo()


def _let_go(state: State) -> dict[str, object]:
    """What changes when nothing is held any more."""
    return {"held": None, "peek": "", "touched": state.held[:2] if state.held else state.touched}


def _carried(state: State, step_id: str, name: str, value: object) -> Held | None:
    """What is held once the end of a range that is held has moved; None where nothing is, or another end moved."""
    if state.held is None or state.held[:2] != (step_id, name) or not isinstance(value, tuple):
        return None
    old = getattr(state.pipeline.step(step_id), name)
    moved = [now for now, before in zip(value, old, strict=True) if now != before]
    return Held(step_id, name, float(moved[0])) if len(moved) == 1 else None


def _holds(held: Held | None, pipeline: Pipeline) -> bool:
    """Whether what is held is an end of its range still; also where nothing is held."""
    if held is None:
        return True
    step = next((step for step in pipeline.transforms if step.id == held.step), None)
    return step is not None and held.parameter in step.knobs() and held.value in step.range_of(held.parameter)


class Studio(QObject):
    """Every change goes through here; widgets only ask.

    Signals
    -------
    changed(Scene)
        Something else is to be shown.
    trouble(str)
        Something that was asked for cannot be done; a plain sentence.
    told(str)
        What was done, where it is not plain to see.
    """

    changed = Signal(object)
    trouble = Signal(str)
    told = Signal(str)

    def __init__(self, state: State, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._state = state
        self._gesture = 0
        self._carried: Held | None = None
        self._lost: tuple[Path, Pipeline] | None = None
        self.undo_stack = QUndoStack(self)
        self.undo_stack.setUndoLimit(500)

    @property
    def state(self) -> State:
        """The intent in force."""
        return self._state

    @property
    def unsaved(self) -> bool:
        """Whether the pipeline differs from what was last loaded or saved."""
        return self._state.pipeline != self._state.saved

    def scene(self) -> Scene:
        """What is to be shown."""
        return resolve(self._state)

    def _set(self, **changes: object) -> None:
        new = replace(self._state, **changes)  # type: ignore[arg-type]
        if new != self._state:
            self._state = new
            self.changed.emit(self.scene())

    # -- looking: not undone -----------------------------------------------------------------------------------

    def open_dataset(
        self,
        dataset: Dataset,
        picture: str = "",
        excluded: frozenset[str] = frozenset(),
        labels: DatasetLabels = NO_LABELS,
        mirrored: frozenset[str] = frozenset(),
    ) -> None:
        """Show a folder's pictures and their labels; begin with `picture` if it is there."""
        self._set(
            dataset=dataset,
            picture=picture if dataset.get(picture) else dataset.sources[0].key,
            facts=None,
            objects=None,
            stamp=(),
            gone=False,
            excluded=excluded,
            **self._labelled(labels),
            label_stamp=(),
            told=None,
            mirrored=mirrored,
            **_let_go(self._state),
        )

    def _labelled(self, labels: DatasetLabels) -> dict[str, object]:
        known = self._state
        return {"labels": labels, "labels_at": known.labels_at + (labels is not known.labels)}

    def refresh_dataset(self, dataset: Dataset, labels: DatasetLabels = NO_LABELS) -> None:
        """Show what the open folder holds now; another picture only where the one in view is gone: the next one."""
        picture = _still_there(self._state, dataset)
        self._set(dataset=dataset, picture=picture, gone=False, **self._labelled(labels))

    def lose_dataset(self) -> None:
        """The open folder is gone, or holds no pictures any more."""
        self._set(gone=self._state.dataset is not None)

    def allow_mirroring(self, names: Iterable[str]) -> None:
        """Note that pictures of these classes may be mirrored, whatever they are called."""
        self._set(mirrored=self._state.mirrored.union(names))

    def set_facts(self, facts: Facts | None) -> None:
        """Take what was measured on the pictures."""
        self._set(facts=facts)

    def set_objects(self, objects: LabelFacts | None) -> None:
        """Take what was seen of the labelled objects in the pictures."""
        self._set(objects=objects)

    def show_picture(self, key: str) -> None:
        """Look at another picture."""
        another = {"stamp": (), "label_stamp": (), **_let_go(self._state)} if key != self._state.picture else {}
        self._set(picture=key, **another)

    def restamp(self, stamp: tuple[int, ...]) -> None:
        """The file of the picture in view is another now: its time of change and size, say."""
        self._set(stamp=stamp)

    def restamp_labels(self, stamp: tuple[object, ...]) -> None:
        """The label files of the picture in view are others now."""
        self._set(label_stamp=stamp)

    def show_labels(self, on: bool) -> None:
        """Draw labels over the pictures, or leave them bare."""
        self._set(labels_shown=on)

    def tell(self, told: Told) -> None:
        """Take what is known of the labels of the picture in view."""
        if told.source == self._state.source:
            self._set(told=told)

    def show_version(self, shown: Shown) -> None:
        """Look at another version."""
        self._set(shown=shown, **(_let_go(self._state) if shown != self._state.shown else {}))

    def hold(self, step_id: str, parameter: str, value: float | None) -> None:
        """Show a value that is under the hand; None lets go of it."""
        if value is not None:
            self._set(held=Held(step_id, parameter, float(value)), touched=None)
        elif self._state.held is not None and self._state.held[:2] == (step_id, parameter):
            self._set(**_let_go(self._state))

    def let_go(self) -> None:
        """Show what the version in view drew."""
        self._set(**_let_go(self._state))

    def peek(self, step_id: str) -> None:
        """Leave a step out for as long as somebody wants to see; an empty id ends it."""
        self._set(peek=step_id)

    def solo(self, step_id: str) -> None:
        """Show one step alone; an empty id shows all of them again."""
        self._set(solo=step_id)

    def show_view(self, kind: ViewKind) -> None:
        """Look at pictures in another way."""
        self._set(kind=kind, flipped=False)

    def show_after(self, step_id: str) -> None:
        """Show the copy large as it is after a step, or at `START`; empty for all of it."""
        self._set(after=step_id)

    def flip(self, on: bool) -> None:
        """Show what the copy is held against in its place, or the copy again."""
        self._set(flipped=on)

    def pin(self) -> None:
        """Keep the pipeline as it is now, to hold what is edited against it."""
        self._set(pinned=self._state.pipeline)

    def use_pinned(self) -> None:
        """Take the pinned pipeline in hand."""
        if self._state.pinned is not None:
            self._push("use A", pipeline=self._state.pinned)

    def lay_out_sheet(self, look: SheetLook) -> None:
        """Show the sheet in another way."""
        self._set(sheet=look)

    def set_options(self, options: ViewOptions) -> None:
        """Say what else is to be seen of pictures."""
        self._set(options=options)

    # -- editing: undone ---------------------------------------------------------------------------------------

    def _push(self, text: str, gesture: object = None, **changes: object) -> None:
        state = self._state
        old = Edited(state.pipeline, state.saved, state.preset, state.seed, state.originals)
        new = old._replace(**changes)  # type: ignore[arg-type]
        if new == old:
            return
        key = (gesture, self._gesture) if gesture is not None else object()
        self.undo_stack.push(_Command(text, old, new, self._put, key))

    def _put(self, edited: Edited, travelled: bool) -> None:
        """Take what an edit has made; to travel back or forth in time lets go of what is held."""
        carried, self._carried = self._carried, None
        more: dict[str, object] = {"held": carried, "touched": None} if carried else {}
        if travelled or (carried is None and not _holds(self._state.held, edited.pipeline)):
            more = _let_go(self._state)
        self._set(**edited._asdict(), **more)

    def _edit(self, text: str, change: Callable[[Pipeline], Pipeline], gesture: object = None) -> None:
        try:
            pipeline = change(self._state.pipeline)
        except ValidationError as error:
            self.trouble.emit(f"{text}: {error.errors()[0]['msg']}")
            self.changed.emit(self.scene())
            return
        self._push(text, gesture, pipeline=pipeline)

    def end_gesture(self) -> None:
        """End a drag or a typed number: the next edit is undone on its own."""
        self._gesture += 1

    def edit_step(self, step_id: str, name: str, value: object) -> None:
        """Change a parameter of a step; what belongs to one drag is undone in one."""
        label = self._state.pipeline.step(step_id).label
        self._carried = _carried(self._state, step_id, name, value)  # one change of the scene rather than two
        self._edit(f"{label}: {name}", lambda p: p.with_step(step_id, **{name: value}), (step_id, name))

    def edit_pipeline(self, name: str, value: object) -> None:
        """Change a setting of the pipeline itself."""
        self._edit(name.replace("_", " "), lambda p: p.edited(**{name: value}), ("", name))

    def edit_labels(self, changes: dict[str, object]) -> None:
        """Change rules for labels."""
        titles = [LabelRules.model_fields[name].title or name for name in changes]
        text = f"labels: {titles[0].lower()}" if len(titles) == 1 else "labels"
        self._edit(text, lambda p: p.edited(labels=p.labels.edited(**changes)), ("labels", *changes))

    def add_step(self, op: str) -> None:
        """Add a transform at the end, with its defaults."""
        transform = registry()[op]
        self._edit(f"add {transform.label}", lambda p: p.adding(transform.default()))

    def duplicate_step(self, step_id: str) -> None:
        """Put a copy of a transform right below it."""
        step = self._state.pipeline.step(step_id)
        at = self._state.pipeline.transforms.index(step) + 1
        self._edit(f"duplicate {step.label}", lambda p: p.adding(step.edited(id=""), at))

    def paste_step(self, text: str, position: int) -> None:
        """Put in a transform from its text, or those of a whole preset; say so if it is neither."""
        try:
            preset, steps = presets.parse_steps(text, "Nothing was pasted")
        except presets.PresetError as error:
            self.trouble.emit(str(error))
            return
        if not steps:
            self.trouble.emit(f"Nothing was pasted: the preset “{preset}” has no transforms")
            return

        def put(pipeline: Pipeline) -> Pipeline:
            for offset, step in enumerate(steps):
                pipeline = pipeline.adding(step, position + offset)
            return pipeline

        whole = count(len(steps), "transform") + f" of the preset “{preset}”"
        self._edit(f"paste {steps[0].label if preset is None else whole}", put)
        if preset is not None:
            self.told.emit(f"Pasted {whole}; undo takes them out again. Its sizes were left out.")

    def remove_step(self, step_id: str) -> None:
        """Remove a transform."""
        label = self._state.pipeline.step(step_id).label
        self._edit(f"remove {label}", lambda p: p.without(step_id))

    def move_step(self, step_id: str, position: int) -> None:
        """Move a transform to a position among the others."""
        label = self._state.pipeline.step(step_id).label
        self._edit(f"move {label}", lambda p: p.moving(step_id, position))

    def reset_step(self, step_id: str) -> None:
        """Give a transform its defaults again; its id and place stay."""
        step = self._state.pipeline.step(step_id)
        fresh = dict(step.default(id=step_id, enabled=step.enabled))
        self._edit(f"reset {step.label}", lambda p: p.with_step(step_id, **fresh))

    def apply_pipeline(self, text: str, pipeline: Pipeline) -> None:
        """Take another pipeline as a whole: a remedy."""
        self._push(text, pipeline=pipeline)

    def set_seed(self, seed: int) -> None:
        """Take another seed."""
        self._push("seed", "seed", seed=seed)

    def new_seed(self) -> None:
        """Take a seed by chance; of few digits, so that it can be told to others."""
        self._push("new seed", seed=secrets.randbelow(10_000))

    def exclude(self, key: str) -> None:
        """Leave a picture of the open folder out of exports and measurements; or take it back, if it is left out."""
        dataset = self._state.dataset
        if dataset is not None:
            self.undo_stack.push(_Exclusion(key, dataset.location, self._toggle, out=key not in self._state.excluded))

    def _toggle(self, key: str, location: str) -> bool:
        """Exclude a picture of a folder, or take it back; False if another folder is open."""
        if self._state.dataset is None or self._state.dataset.location != location:
            return False
        self._set(excluded=self._state.excluded ^ {key})
        return True

    def set_originals(self, on: bool) -> None:
        """Say whether the originals are exported too."""
        self._push("originals", originals=on)

    # -- presets -------------------------------------------------------------------------------------------------

    def load_preset(self, path: Path) -> None:
        """Take a preset's pipeline; if the file is wrong, say so and keep what is there."""
        try:
            pipeline = presets.load(path)
        except presets.PresetError as error:
            self.trouble.emit(f"The preset was not loaded. {error}")
            return
        self._push(f"preset {pipeline.name or path.stem}", pipeline=pipeline, saved=pipeline, preset=path)

    def rename_preset(self, old: Path, new: Path, name: str, description: str) -> None:
        """The file of a preset was given another name and description: so is the pipeline that came from it."""
        if self._state.preset == old:
            said = {"name": name, "description": description}
            pipeline, saved = (p.edited(**said) for p in (self._state.pipeline, self._state.saved))
            self._push(f"rename to {name}", pipeline=pipeline, saved=saved, preset=new)

    def lose_preset(self, path: Path) -> None:
        """The file of a preset was deleted: a pipeline that came from it is saved nowhere now."""
        if self._state.preset == path:
            self._lost = (path, self._state.saved)
            self._push("deletion of the preset", saved=Pipeline(), preset=None)

    def find_preset(self, old: Path, new: Path) -> None:
        """It is back."""
        if self._lost is not None and self._lost[0] == old and self._state.preset is None:
            self._push("return of the preset", saved=self._lost[1], preset=new)
        self._lost = None

    def begin_with(self, text: str, pipeline: Pipeline, saved: Pipeline, preset: Path) -> None:
        """Take a preset, with what was changed in it for these pictures."""
        self._push(text, pipeline=pipeline, saved=saved, preset=preset)

    def take_imported(self, pipeline: Pipeline, name: str) -> None:
        """Take what another library's file came to; it is nowhere saved yet."""
        self._push(f"import of {name}", pipeline=pipeline, saved=Pipeline(), preset=None)

    def new_pipeline(self) -> None:
        """Begin with an empty pipeline."""
        self._push("empty pipeline", pipeline=Pipeline(), saved=Pipeline(), preset=None)

    def save_preset(self, path: Path, name: str, description: str) -> bool:
        """Save the pipeline under a name; say so if it cannot be written."""
        try:
            pipeline = self._state.pipeline.edited(name=name, description=description)
            path.parent.mkdir(parents=True, exist_ok=True)
            presets.save(pipeline, path)
        except ValidationError as error:
            self.trouble.emit(f"The preset was not saved: {error.errors()[0]['msg']}")
            return False
        except OSError as error:
            self.trouble.emit(f"The preset was not saved: {path}: {error.strerror or error}")
            return False
        self._push(f"save {name}", pipeline=pipeline, saved=pipeline, preset=path)
        return True


def _still_there(state: State, dataset: Dataset) -> str:
    """The picture in view; if it is gone, the one that followed it, or else came before it, and is there."""
    if dataset.get(state.picture) or state.dataset is None:
        return state.picture
    keys = [source.key for source in state.dataset.sources]
    at = keys.index(state.picture) if state.picture in keys else 0
    near = (*keys[at:], *reversed(keys[:at]))
    return next((key for key in near if dataset.get(key)), dataset.sources[0].key)
