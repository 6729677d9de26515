"""Which pictures are wanted, and how they are looked at: no Qt here."""

from __future__ import annotations

from enum import StrEnum
from typing import Literal, NamedTuple

from augstudio.dataset import Source
from augstudio.dataset.labelling import NO_LABELS, DatasetLabels
from augstudio.label_rules import MAX_REDRAWS, Empty, Objects
from augstudio.pipeline import Outcome, Pipeline
from augstudio.transforms import Draw
from augstudio.wording import count

STRIP_COPIES = 12
"""How many variations the strip shows."""


class ViewKind(StrEnum):
    """What the stage shows."""

    PICTURE = "picture"
    SHEET = "sheet"
    STEPS = "steps"
    COMPARE = "compare"


class ViewOptions(NamedTuple):
    """What else there is to be seen of pictures.

    Attributes
    ----------
    copies : int
        How many copies are shown large, 1 to 3.
    pixels : bool
        Whether the values of the pixel under the pointer are told.
    names : bool
        Whether labels are drawn with the names of their classes.
    """

    copies: int = 1
    pixels: bool = False
    names: bool = True


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


def versions() -> tuple[Shown, ...]:
    """The versions that are shown side by side: both ends of every range, then the copies of the export."""
    return (Shown("lowest"), Shown("highest"), *(Shown("copy", number) for number in range(1, STRIP_COPIES + 1)))


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
    usable : bool
        Whether they can be used; the picture is not exported where they cannot.
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
    usable: bool = True

    @property
    def words(self) -> str:
        """Such as "12 of 14 objects kept"."""
        if not self.usable:
            return "labels that cannot be used: not exported"
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
        return draws_of(self.pipeline, self.seed, self.source.key, self.shown, known, again)

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


START = "\0"
"""In place of a step's id: what there is of a copy before its first step. No step can be called so."""


class StepTile(NamedTuple):
    """One picture of the row that shows a copy step by step.

    Attributes
    ----------
    step : str
        Id of the last step of it; `START` for what there is before the first one.
    title, words : str
        What the step is called, and what it drew, or why the copy goes without it.
    applied : bool
        Whether the copy has it.
    view : View
        The copy by the pipeline that ends there.
    told : str
        The same as `words`, with what each number is.
    """

    step: str
    title: str
    words: str
    applied: bool
    view: View
    told: str = ""


class Views(NamedTuple):
    """Which pictures are wanted, none of them without an open picture.

    Attributes
    ----------
    large : View or None
        The copy that is shown large; None also where the view in force shows none.
    strip : tuple of View
        The row of versions.
    steps : tuple of StepTile
        The row of steps, where that is in its place.
    pinned : View or None
        What the pinned pipeline makes of the picture, where it is held against that.
    more : tuple of View
        Further copies that are shown large.
    """

    large: View | None = None
    strip: tuple[View, ...] = ()
    steps: tuple[StepTile, ...] = ()
    pinned: View | None = None
    more: tuple[View, ...] = ()


def draws_of(
    pipeline: Pipeline, seed: int, key: str, shown: Shown, objects: Objects, again: int = 0
) -> tuple[Draw, ...]:
    """What chance gives a version of a picture, or what lies at an end of every range."""
    if shown.kind == "copy":
        return pipeline.draw(seed, key, shown.copy, objects=objects, again=again)
    ends = pipeline.draw_ends(high=shown.kind == "highest", seed=seed)
    if objects.classes.isdisjoint(pipeline.labels.not_mirrored):
        return ends
    # No copy of this picture is mirrored, whatever lies at the ends.
    steps = zip(pipeline.transforms, ends, strict=True)
    return tuple(draw.withholding() if step.mirrors else draw for step, draw in steps)


class Pairs(StrEnum):
    """What a tile of the sheet shows."""

    ORIGINAL = "original"
    """Original and copy."""
    COPIES = "copies"
    """The copy only."""
    PINNED = "pinned"
    """The copies of the pinned pipeline and of the one in hand."""


class SheetLook(NamedTuple):
    """How the user wants the sheet.

    Attributes
    ----------
    each : int
        Pictures of each class; 0 for all.
    pairs : Pairs
        What a tile shows.
    size : int
        Longer side of a picture in a tile, in device independent pixels.
    """

    each: int = 8
    pairs: Pairs = Pairs.ORIGINAL
    size: int = 100


class SheetRequest(NamedTuple):
    """Which version of every picture the sheet shows.

    Attributes
    ----------
    pipeline : Pipeline
        As it is seen: with what is held, without what is left out.
    seed, shown
        Which version.
    pinned : Pipeline or None
        What the pipeline in hand is held against.
    labels_at, labels, drawn_by
        As of `View`.
    """

    pipeline: Pipeline
    seed: int
    shown: Shown
    pinned: Pipeline | None = None
    labels_at: int = 0
    labels: DatasetLabels = NO_LABELS
    drawn_by: Pipeline | None = None

    def view(self, source: Source, stamp: tuple[int, ...] = ()) -> View:
        """The copy of a picture."""
        labels = self.labels_at, self.labels, ()
        return View(source, stamp, self.pipeline, self.seed, self.shown, *labels, self.drawn_by)

    def view_pinned(self, source: Source, stamp: tuple[int, ...] = ()) -> View:
        """The copy of a picture that the pinned pipeline makes; that of the pipeline in hand where none is pinned."""
        if self.pinned is None:
            return self.view(source, stamp)
        return View(source, stamp, self.pinned, self.seed, self.shown, self.labels_at, self.labels)
