"""What the user wants to see, and what follows from it: no Qt here.

`State` is the intent, a frozen value. `resolve` turns it into a `Scene`, which the window compares with the last one
and hands, part by part, to the widgets.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Literal, NamedTuple

from augstudio.advice import Facts, LabelFacts
from augstudio.dataset import Dataset, Source
from augstudio.dataset.labelling import NO_LABELS, DatasetLabels
from augstudio.dataset.stated_splits import in_words
from augstudio.label_rules import MAX_REDRAWS, Empty, Objects
from augstudio.labels.model import Labelling
from augstudio.pipeline import Outcome, Pipeline
from augstudio.transforms import Draw, Knob, Transform, describe
from augstudio.wording import count, printable

STRIP_COPIES = 12
"""How many variations the strip shows."""


class Shown(NamedTuple):
    """Which version of the picture is shown large: a copy by its number, or an end of every range."""

    kind: Literal["copy", "lowest", "highest"] = "copy"
    copy: int = 1

    @property
    def label(self) -> str:
        """For people."""
        return f"copy {self.copy}" if self.kind == "copy" else f"{self.kind} end of every range"

    @property
    def title(self) -> str:
        """The same as short as a heading."""
        return f"Copy {self.copy}" if self.kind == "copy" else f"{self.kind.capitalize()} ends"


class Held(NamedTuple):
    """A value that the user has under the hand: the picture shows it, whatever chance drew."""

    step: str
    parameter: str
    value: float


class Told(NamedTuple):
    """What is known of the labels of the picture in view, once they have been read, and what became of them.

    Attributes
    ----------
    source, seed, shown
        The version of the picture that it is of.
    names : tuple of str
        The class of each object.
    again : int
        How often the copy was drawn anew, since it would have lost all objects.
    kept : int or None
        How many objects it has; None where that is not known yet.
    masks : int
        How many masks follow.
    problems : tuple of str
        What is wrong with the labels, a plain line each.
    files : tuple of (str, tuple of int)
        The files that were read, and what tells them from others under their names.
    spoken : bool
        Whether labels speak of the picture at all, if only to say that it shows nothing.
    """

    source: Source
    seed: int
    shown: Shown
    names: tuple[str, ...] = ()
    again: int = 0
    kept: int | None = None
    masks: int = 0
    problems: tuple[str, ...] = ()
    files: tuple[tuple[str, tuple[int, ...]], ...] = ()
    spoken: bool = True

    @property
    def words(self) -> str:
        """Such as "12 of 14 objects kept"."""
        masks = count(self.masks, "mask") if self.masks else ""
        if not self.names:
            return masks or ("no objects" if self.spoken else "no labels")
        total = count(len(self.names), "object")
        if self.kept is None:
            objects = total
        elif self.kept == len(self.names) > 1:
            objects = f"all {total} kept"
        else:
            objects = f"{self.kept:,} of {total} kept"
        return " · ".join(filter(None, (objects, masks)))


_LONGEST_NAME = 24
_EMPTY = Pipeline()
_FIRST = Shown()


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

    @property
    def kept(self) -> Dataset | None:
        """The open folder without what is excluded."""
        return self.dataset.without(self.excluded) if self.dataset else None

    @property
    def source(self) -> Source | None:
        """The picture in view."""
        return self.dataset.get(self.picture) if self.dataset and self.picture else None


class View(NamedTuple):
    """A request for one version of one picture.

    Attributes
    ----------
    source, stamp
        The picture, and which state of its file.
    pipeline : Pipeline
        As it is seen: with what is held, without what is left out.
    seed, shown
        Which version of it.
    labels_at, labels, label_stamp
        Where the labels of the picture are, and which state of their files.
    drawn_by : Pipeline or None
        The pipeline that says how often the copy is drawn anew, where that is another one: what is held, or left out,
        changes no other number.
    """

    source: Source
    stamp: tuple[int, ...]
    pipeline: Pipeline
    seed: int
    shown: Shown
    labels_at: int = 0
    labels: DatasetLabels = NO_LABELS
    label_stamp: tuple[object, ...] = ()
    drawn_by: Pipeline | None = None

    @property
    def redraws(self) -> bool:
        """Whether what becomes of objects may decide how the copy is drawn."""
        return self.shown.kind == "copy" and self.pipeline.labels.without_objects is Empty.REDRAW

    def draws(self, objects: Objects | None = None, again: int = 0) -> tuple[Draw, ...]:
        """What chance gives it, as far as no redrawing depends on where objects go.

        Parameters
        ----------
        objects : Objects, optional
            What the picture shows; else what its class folder alone says.
        again : int
            How often the copy is drawn anew.
        """
        known = objects if objects is not None else Objects(label=self.source.label)
        return _draws(self.pipeline, self.seed, self.source.key, self.shown, known, again)

    def outcome(self, size: tuple[int, int], objects: Objects) -> tuple[Outcome, int]:
        """All that an export would decide about it, and how often the copy was drawn anew.

        Parameters
        ----------
        size : (int, int)
            Width and height of the picture as an export reads it.
        objects : Objects
            What it shows.
        """
        again = self._again(size, objects) if self.redraws and objects.count else 0
        draws = self.draws(objects, again)
        return self.pipeline.outcome(
            self.seed, self.source.key, self.shown.copy, size, objects=objects, draws=draws
        ), again

    def _again(self, size: tuple[int, int], objects: Objects) -> int:
        pipeline, which = self.drawn_by or self.pipeline, (self.seed, self.source.key, self.shown.copy)
        draws = pipeline.outcome(*which, size, objects=objects).draws
        numbers = range(MAX_REDRAWS + 1)
        return next((n for n in numbers if pipeline.draw(*which, objects=objects, again=n) == draws), 0)


class Views(NamedTuple):
    """Which pictures are wanted: the large one, and the row of small ones, none of them without an open picture."""

    large: View | None = None
    strip: tuple[View, ...] = ()


def _draws(pipeline: Pipeline, seed: int, key: str, shown: Shown, objects: Objects, again: int = 0) -> tuple[Draw, ...]:
    if shown.kind == "copy":
        return pipeline.draw(seed, key, shown.copy, objects=objects, again=again)
    ends = pipeline.draw_ends(high=shown.kind == "highest", seed=seed)
    if objects.classes.isdisjoint(pipeline.labels.not_mirrored):
        return ends
    # No copy of this picture is mirrored, whatever lies at the ends.
    steps = zip(pipeline.transforms, ends, strict=True)
    return tuple(draw.withholding() if step.mirrors else draw for step, draw in steps)


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
    )


def _is_of(told: Told, state: State) -> bool:
    """Whether something told is of the version in view."""
    return (told.seed, told.shown) == (state.seed, state.shown)


def _wanted(state: State, source: Source) -> Views:
    usual = _alone(state.pipeline, state.solo)
    seen = usual
    if state.peek and _has(seen, state.peek):
        seen = seen.with_step(state.peek, enabled=False)
    if (held := _knob_held(state)) is not None and state.held is not None:
        # The copy as if this range were [v, v] and this probability 1, all other numbers as drawn.
        seen = seen.with_step(state.held.step, **{state.held.parameter: (held[1], held[1]), "probability": 1.0})
    versions = (Shown("lowest"), Shown("highest"), *(Shown("copy", n) for n in range(1, STRIP_COPIES + 1)))

    def view(pipeline: Pipeline, shown: Shown) -> View:
        anew = state.labels.sets and pipeline.labels.without_objects is Empty.REDRAW and pipeline is not state.pipeline
        by = state.pipeline if anew else None
        labels = state.labels_at, state.labels, state.label_stamp
        return View(source, state.stamp, pipeline, state.seed, shown, *labels, by)

    return Views(view(seen, state.shown), tuple(view(usual, shown) for shown in versions))


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


def _drawn(state: State, source: Source) -> str:
    pipeline, told = _alone(state.pipeline, state.solo), state.told
    names = told.names if told and told.source == source else ()
    again = told.again if told and told.source == source and _is_of(told, state) else 0
    objects = Objects(names=names, label=source.label)
    draws = _draws(pipeline, state.seed, source.key, state.shown, objects, again)
    return describe_draws(pipeline, draws, state.shown, state.touched)


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
