"""What the user wants to see, and what follows from it: no Qt here.

`State` is the intent, a frozen value. `resolve` turns it into a `Scene`, which the window compares with the last one
and hands, part by part, to the widgets.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields
from pathlib import Path
from typing import NamedTuple

from augstudio.advice import Facts, LabelFacts
from augstudio.dataset import Dataset, Source
from augstudio.dataset.labelling import NO_LABELS, DatasetLabels
from augstudio.dataset.stated_splits import in_words
from augstudio.gui.intent.differences import differences
from augstudio.gui.intent.views import (
    START,
    Held,
    Pairs,
    SheetLook,
    SheetRequest,
    Shown,
    StepTile,
    Told,
    View,
    ViewKind,
    ViewOptions,
    Views,
    draws_of,
    versions,
)
from augstudio.label_rules import Empty, Objects
from augstudio.labels.model import Labelling
from augstudio.pipeline import Pipeline
from augstudio.transforms import Draw, Knob, Transform, describe
from augstudio.transforms.describing import values
from augstudio.wording import printable

_LONGEST_NAME = 24
_EMPTY = Pipeline()
_FIRST = Shown()
_SHEET = SheetLook()
_OPTIONS = ViewOptions()


@dataclass(frozen=True)
class State:
    """The user's intent.

    Attributes
    ----------
    dataset : Dataset or None
        The open folder.
    picture : str
        Key of the picture in view; empty without one.
    pipeline, saved : Pipeline
        In hand, and as last loaded or saved.
    preset : Path or None
        The file that the pipeline came from or went to.
    seed : int
        0 or more.
    shown : Shown
        Which version is shown large.
    originals : bool
        Whether the originals are to be exported as well.
    facts : Facts or None
        Of the open folder's pictures, once they are known.
    objects : LabelFacts or None
        Of the labelled objects in them, once they are known, if there are any.
    stamp : tuple of int
        What tells the picture's file in view from another under its name: it is read again when this changes.
    held : Held or None
        The value under the hand.
    touched : (str, str) or None
        The step and parameter that were held last, of which people want to know what the copy drew.
    peek : str
        Id of the step that is left out while a button is pressed; empty without.
    solo : str
        Id of the one step that is shown alone; empty without.
    gone : bool
        Whether the open folder is not there any more.
    excluded : frozenset of str
        Keys of pictures of the open folder that are to be left out of exports and measurements.
    labels_at : int
        How often labels have been collected: others are told by this alone, since to compare them may take long.
    labels : DatasetLabels
        The labels that follow the pictures of the open folder.
    label_stamp : tuple
        What tells the label files of the picture in view from others under their names: they are read again when this
        changes.
    labels_shown : bool
        Whether labels are drawn over the pictures.
    told : Told or None
        What is known of the labels of the picture in view.
    mirrored : frozenset of str
        Classes of which the user said that they may be mirrored, whatever they are called.
    kind : ViewKind
        What the stage shows.
    pinned : Pipeline or None
        A, which the pipeline in hand is held against.
    after : str
        Id of the step after which the copy is shown large, step by step, or `START`; empty for all of it.
    flipped : bool
        Whether what the copy is held against is shown in its place, as long as a key is pressed.
    sheet : SheetLook
        How the sheet is laid out.
    options : ViewOptions
        What else there is to be seen of pictures.
    """

    dataset: Dataset | None = None
    picture: str = ""
    pipeline: Pipeline = _EMPTY
    saved: Pipeline = _EMPTY
    preset: Path | None = None
    seed: int = 0
    shown: Shown = _FIRST
    originals: bool = False
    facts: Facts | None = None
    stamp: tuple[int, ...] = ()
    held: Held | None = None
    touched: tuple[str, str] | None = None
    peek: str = ""
    solo: str = ""
    gone: bool = False
    excluded: frozenset[str] = frozenset()
    labels_at: int = 0
    labels: DatasetLabels = NO_LABELS
    label_stamp: tuple[object, ...] = ()
    labels_shown: bool = True
    told: Told | None = None
    mirrored: frozenset[str] = frozenset()
    objects: LabelFacts | None = None
    kind: ViewKind = ViewKind.PICTURE
    pinned: Pipeline | None = None
    after: str = ""
    flipped: bool = False
    sheet: SheetLook = _SHEET
    options: ViewOptions = _OPTIONS

    @property
    def kept(self) -> Dataset | None:
        """The open folder without what is excluded."""
        return self.dataset.without(self.excluded) if self.dataset else None

    @property
    def source(self) -> Source | None:
        """The picture in view."""
        return self.dataset.get(self.picture) if self.dataset and self.picture else None


class Judged(NamedTuple):
    """A request for advice."""

    pipeline: Pipeline
    facts: Facts | None
    originals: bool
    objects: LabelFacts | None = None


@dataclass(frozen=True)
class Scene:
    """What the widgets show; each field goes to one setter."""

    title: str
    preset: str
    preset_file: Path | None
    dataset: Dataset | None
    excluded: frozenset[str]
    labellings: tuple[Labelling, ...]
    mirrored: frozenset[str]
    picture: str
    source: Source | None
    pipeline: Pipeline
    seed: int
    shown: Shown
    originals: bool
    solo: str
    wanted: Views
    showing: str
    judged: Judged
    measured: tuple[Dataset, int] | None
    looked_through: tuple[Dataset, int, DatasetLabels] | None
    summary: str
    drawn: str
    exportable: bool
    gone: bool
    labels_shown: bool
    labelled: str
    label_problems: tuple[str, ...]
    label_files: tuple[tuple[str, tuple[int, ...]], ...]
    kind: ViewKind
    heading: str
    after: str
    compared: Compared
    sheet: SheetRequest | None
    sheet_look: SheetLook
    flipped: bool
    options: ViewOptions

    def differences(self, old: Scene | None) -> set[str]:
        """Names of the fields that differ from the last scene."""
        return {f.name for f in fields(self) if old is None or getattr(self, f.name) != getattr(old, f.name)}


def resolve(state: State) -> Scene:
    """What is to be shown for an intent."""
    source, kept = state.source, state.kept
    told = state.told if state.told is not None and state.told.source == source and state.labels.sets else None
    held = _knob_held(state)
    name = state.pipeline.name or "Untitled preset"
    unsaved = " •" if state.pipeline != state.saved else ""
    folder = f"{printable(state.dataset.root.name)} — " if state.dataset else ""
    return Scene(
        title=f"{folder}{name}{unsaved} — augstudio",
        preset=f"Preset: {name if len(name) <= _LONGEST_NAME else name[: _LONGEST_NAME - 1] + '…'}{unsaved}",
        preset_file=state.preset,
        dataset=state.dataset,
        excluded=state.excluded,
        labellings=state.labels.labellings,
        mirrored=state.mirrored,
        picture=state.picture,
        source=source,
        pipeline=state.pipeline,
        seed=state.seed,
        shown=state.shown,
        originals=state.originals,
        solo=state.solo if _has(state.pipeline, state.solo) else "",
        wanted=_wanted(state, source) if source else Views(),
        showing=f"showing {held[0].label.lower()} {held[0].show(held[1])}" if held and source else "",
        judged=Judged(state.pipeline, state.facts, state.originals, state.objects if state.labels.sets else None),
        measured=(kept, state.pipeline.trained_at) if kept and kept.sources else None,
        looked_through=(kept, state.labels_at, state.labels) if kept and state.labels.sets else None,
        summary=_summary(state),
        drawn=_drawn(state, source) if source else "",
        exportable=bool(kept and kept.sources) and not state.gone,
        gone=state.gone,
        labels_shown=state.labels_shown,
        labelled=told.words if told and state.labels_shown and _is_of(told, state) else "",
        label_problems=told.problems if told else (),
        label_files=told.files if told else (),
        kind=state.kind,
        heading=_heading(state),
        after=state.after,
        compared=_compared(state),
        sheet=_sheet(state),
        sheet_look=state.sheet,
        flipped=state.flipped,
        options=state.options,
    )


def _is_of(told: Told, state: State) -> bool:
    """Whether something told is of the version in view."""
    return (told.seed, told.shown) == (state.seed, state.shown)


def _seen(state: State) -> tuple[Pipeline, Pipeline]:
    """The pipeline as it is seen: with all that is under the hand; and with what is shown alone only."""
    usual = seen = _alone(state.pipeline, state.solo)
    if state.peek and _has(seen, state.peek):
        seen = seen.with_step(state.peek, enabled=False)
    if (held := _knob_held(state)) is not None and state.held is not None:
        # The copy as if this range were [v, v] and this probability 1, all other numbers as drawn.
        seen = seen.with_step(state.held.step, **{state.held.parameter: (held[1], held[1]), "probability": 1.0})
    return seen, usual


def _drawn_by(state: State, pipeline: Pipeline) -> Pipeline | None:
    """As of `View`, for a pipeline that is seen in place of the one in hand."""
    anew = state.labels.sets and pipeline.labels.without_objects is Empty.REDRAW and pipeline is not state.pipeline
    return state.pipeline if anew else None


def _wanted(state: State, source: Source) -> Views:
    if state.kind is ViewKind.SHEET:
        return Views()
    seen, usual = _seen(state)
    labels = state.labels_at, state.labels, state.label_stamp

    def view(pipeline: Pipeline, shown: Shown, *, pinned: bool = False) -> View:
        by = None if pinned else _drawn_by(state, pipeline)
        return View(source, state.stamp, pipeline, state.seed, shown, *labels, by)

    if state.kind is ViewKind.STEPS:
        cuts = {step_id: _cut(seen, step_id) for step_id in _step_ids(seen)}
        tiles = tuple(_tile(state, step_id, view(cut, state.shown)) for step_id, cut in cuts.items())
        return Views(view(cuts.get(state.after, seen), state.shown), steps=tiles)
    strip = tuple(view(usual, shown) for shown in versions())
    if state.kind is ViewKind.COMPARE:
        pinned = view(state.pinned, state.shown, pinned=True) if state.pinned is not None else None
        return Views(view(seen, state.shown), strip, pinned=pinned)
    first = state.shown.copy + 1 if state.shown.kind == "copy" else 1
    more = tuple(view(seen, Shown("copy", n)) for n in range(first, first + state.options.copies - 1))
    return Views(view(seen, state.shown), strip, more=more)


def _step_ids(pipeline: Pipeline) -> tuple[str, ...]:
    """The steps that there is a picture of, with `START` for what there is before them."""
    return (START, *(step.id for step in pipeline.transforms if step.enabled))


def _cut(pipeline: Pipeline, step_id: str) -> Pipeline:
    """The pipeline as far as a step, or before all of them."""
    return pipeline.after(step_id) if step_id != START else pipeline.edited(transforms=())


def _tile(state: State, step_id: str, view: View) -> StepTile:
    if step_id == START:
        return StepTile(START, "Resized" if view.pipeline.output.size else "Original", "", True, view)
    step, number = view.pipeline.step(step_id), len(_step_ids(view.pipeline)) - 1
    draw = next(draw for draw in _draws(state, view.pipeline, view.source) if draw.step == step_id)
    missing = "never mirrored" if draw.withheld else "not in this copy"
    words, told = (
        (values(draw), describe(draw).removeprefix(step.label).strip()) if draw.applied else (missing, missing)
    )
    return StepTile(step_id, f"{number} {step.label}", words, draw.applied, view, told)


def _heading(state: State) -> str:
    """What the large picture is called."""
    if state.kind is ViewKind.STEPS:
        ids = _step_ids(_seen(state)[0])
        if state.after == START:
            return f"{state.shown.title} before its steps"
        if state.after in ids[:-1]:
            return f"{state.shown.title} after {state.pipeline.step(state.after).label}"
    if state.kind is ViewKind.COMPARE and state.pinned is not None:
        return f"B · {state.shown.title}"
    return state.shown.title


class Compared(NamedTuple):
    """What is said where two pipelines are held against each other.

    Attributes
    ----------
    pinned : bool
        Whether there is an A.
    told : bool
        Whether what differs is to be said.
    title : str
        What A's picture is called.
    words : tuple of str
        What differs; empty where nothing does.
    large : bool
        Whether A's picture stands in the original's place, large.
    """

    pinned: bool = False
    told: bool = False
    title: str = ""
    words: tuple[str, ...] = ()
    large: bool = False


def _compared(state: State) -> Compared:
    of_sheet = state.kind is ViewKind.SHEET and state.sheet.pairs is Pairs.PINNED
    if state.kind is not ViewKind.COMPARE and not of_sheet:
        return Compared(state.pinned is not None)
    if state.pinned is None:
        return Compared(told=state.kind is ViewKind.COMPARE)
    words = differences(state.pinned, state.pipeline)
    return Compared(True, True, f"A · {state.shown.title}", words, large=state.kind is ViewKind.COMPARE)


def _sheet(state: State) -> SheetRequest | None:
    if state.kind is not ViewKind.SHEET or state.dataset is None:
        return None
    seen, _ = _seen(state)
    labels = state.labels_at, state.labels, _drawn_by(state, seen)
    return SheetRequest(seen, state.seed, state.shown, state.pinned, *labels)


def _has(pipeline: Pipeline, step_id: str) -> bool:
    return any(step.id == step_id for step in pipeline.transforms)


def _alone(pipeline: Pipeline, step_id: str) -> Pipeline:
    """The pipeline with one step alone switched on; as it is where there is no such step."""
    if not _has(pipeline, step_id):
        return pipeline
    steps = tuple(step.edited(enabled=step.id == step_id) for step in pipeline.transforms)
    return pipeline.edited(transforms=steps)


def _knob_held(state: State) -> tuple[Knob, float] | None:
    """The knob that is held and its value; None where nothing is, or nothing of it could be seen."""
    held = state.held
    if held is None or not _has(state.pipeline, held.step):
        return None
    step = state.pipeline.step(held.step)
    knob = step.knobs().get(held.parameter)
    left_out = held.step == state.peek or state.solo not in ("", held.step)
    if knob is None or not step.enabled or left_out or not knob.hard[0] <= held.value <= knob.hard[1]:
        return None
    return knob, held.value


def _draws(state: State, pipeline: Pipeline, source: Source) -> tuple[Draw, ...]:
    """What the version in view drew, as far as is known."""
    told = state.told
    names = told.names if told and told.source == source else ()
    again = told.again if told and told.source == source and _is_of(told, state) else 0
    objects = Objects(names=names, label=source.label)
    return draws_of(pipeline, state.seed, source.key, state.shown, objects, again)


def _drawn(state: State, source: Source) -> str:
    pipeline = _alone(state.pipeline, state.solo)
    return describe_draws(pipeline, _draws(state, pipeline, source), state.shown, state.touched)


def _summary(state: State) -> str:
    if not state.dataset:
        return "No folder open"
    pictures, splits = len(state.dataset.sources), state.dataset.splits
    # Test pictures often lie in no class; where there are splits, that makes none of its own.
    classes = sum(1 for label in state.dataset.classes if label or not splits)
    of_classes = f" · {classes:,} classes" if classes > 1 else ""
    stated = f" as {in_words(state.dataset.stated_by)}" if state.dataset.stated_by else ""
    of_splits = f" · {'/'.join(splits)}{stated}" if splits else ""
    output = state.pipeline.output
    size = f"output {output.width} × {output.height} ({output.fit})" if output.size else "output keeps each size"
    without = [f"{number:,} {what}" for number, what in _without(state.dataset, state.excluded) if number]
    skipped = "".join(f" · {words}" for words in without)
    held = f"{pictures:,} picture{'s' * (pictures != 1)}{of_classes}{of_splits}{skipped}"
    return f"{held} · {size} · judged at {state.pipeline.trained_at} px"


def _without(dataset: Dataset, excluded: frozenset[str]) -> Iterator[tuple[int, str]]:
    """What is not among the pictures that are exported: how many, and why."""
    yield sum(dataset.get(key) is not None for key in excluded), "excluded"
    yield sum(one.count for one in dataset.left_out if one.told), "left out"
    yield len(dataset.skipped), "skipped"


def describe_draws(
    pipeline: Pipeline, draws: tuple[Draw, ...], shown: Shown, touched: tuple[str, str] | None = None
) -> str:
    """What was drawn, in one line: "Rotate 7.2° · Quarter turn 180° · without Flip".

    Of a parameter that was touched, it begins with what this version drew of all that it might have drawn.
    """
    given, without, first = [], [], []
    for step, draw in zip(pipeline.transforms, draws, strict=True):
        if touched and touched[0] == step.id and step.enabled and touched[1] in step.knobs():
            first.append(_of_its_range(step, draw, touched[1], shown))
            continue
        if not draw.applied:
            if step.enabled:
                without.append(f"{step.label} (never mirrored)" if draw.withheld else step.label)
            continue
        given.append(describe(draw))
    parts = first + given or ["unchanged"]
    if without:
        parts.append(f"without {', '.join(without)}")
    label = f"{shown.label[:1].upper()}{shown.label[1:]}"
    return f"{label} {' · '.join(parts)}" if first else f"{label}: {' · '.join(parts)}"


def _of_its_range(step: Transform, draw: Draw, name: str, shown: Shown) -> str:
    """Say "drew sigma 0.007 of 0 … 0.19 (Gaussian noise)"."""
    knob, span = step.knobs()[name], step.range_of(name)
    reach = f"{knob.show(span.low)} … {knob.show(span.high)}"
    if not draw.applied:
        return f"goes without {step.label}: {step.probability:.0%} of the copies get it".replace("%", " %")
    verb = "drew" if shown.kind == "copy" else "has"
    return f"{verb} {knob.label.lower()} {knob.show(float(draw.values[name]))} of {reach} ({step.label})"
