"""What the user wants to see, and what follows from it: no Qt here.

`State` is the intent, a frozen value. `resolve` turns it into a `Scene`, which the window compares with the last one
and hands, part by part, to the widgets.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from pathlib import Path
from typing import Literal, NamedTuple

from augstudio.advice import Facts
from augstudio.dataset import Dataset, Source
from augstudio.dataset.scanning import printable
from augstudio.pipeline import Pipeline
from augstudio.transforms import Draw

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
    stamp : tuple of int
        What tells the picture's file in view from another under its name: it is read again when this changes.
    gone : bool
        Whether the open folder is not there any more.
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
    gone: bool = False

    @property
    def source(self) -> Source | None:
        """The picture in view."""
        return self.dataset.get(self.picture) if self.dataset and self.picture else None


class View(NamedTuple):
    """A request for one version of one picture; `stamp` tells which state of its file."""

    source: Source
    stamp: tuple[int, ...]
    pipeline: Pipeline
    seed: int
    shown: Shown

    def draws(self) -> tuple[Draw, ...]:
        """What chance gives it."""
        if self.shown.kind == "copy":
            return self.pipeline.draw(self.seed, self.source.key, self.shown.copy)
        return self.pipeline.draw_ends(high=self.shown.kind == "highest", seed=self.seed)


class Judged(NamedTuple):
    """A request for advice."""

    pipeline: Pipeline
    facts: Facts | None
    originals: bool


@dataclass(frozen=True)
class Scene:
    """What the widgets show; each field goes to one setter."""

    title: str
    preset: str
    preset_file: Path | None
    dataset: Dataset | None
    picture: str
    source: Source | None
    pipeline: Pipeline
    seed: int
    shown: Shown
    originals: bool
    large: View | None
    strip: tuple[View, ...]
    judged: Judged
    measured: tuple[Dataset, int] | None
    summary: str
    drawn: str
    exportable: bool
    gone: bool

    def differences(self, old: Scene | None) -> set[str]:
        """Names of the fields that differ from the last scene."""
        return {f.name for f in fields(self) if old is None or getattr(self, f.name) != getattr(old, f.name)}


def resolve(state: State) -> Scene:
    """What is to be shown for an intent."""
    source = state.source
    large: View | None = None
    strip: tuple[View, ...] = ()
    if source:
        large = View(source, state.stamp, state.pipeline, state.seed, state.shown)
        ends = (Shown("lowest"), Shown("highest"))
        copies = (Shown("copy", number) for number in range(1, STRIP_COPIES + 1))
        strip = tuple(View(source, state.stamp, state.pipeline, state.seed, shown) for shown in (*ends, *copies))
    name = state.pipeline.name or "Untitled preset"
    unsaved = " •" if state.pipeline != state.saved else ""
    folder = f"{printable(state.dataset.root.name)} — " if state.dataset else ""
    return Scene(
        title=f"{folder}{name}{unsaved} — augstudio",
        preset=f"Preset: {name if len(name) <= _LONGEST_NAME else name[: _LONGEST_NAME - 1] + '…'}{unsaved}",
        preset_file=state.preset,
        dataset=state.dataset,
        picture=state.picture,
        source=source,
        pipeline=state.pipeline,
        seed=state.seed,
        shown=state.shown,
        originals=state.originals,
        large=large,
        strip=strip,
        judged=Judged(state.pipeline, state.facts, state.originals),
        measured=(state.dataset, state.pipeline.trained_at) if state.dataset else None,
        summary=_summary(state),
        drawn=describe_draws(state.pipeline, large.draws(), state.shown) if large else "",
        exportable=state.dataset is not None and not state.gone,
        gone=state.gone,
    )


def _summary(state: State) -> str:
    if not state.dataset:
        return "No folder open"
    pictures, splits = len(state.dataset.sources), state.dataset.splits
    # Test pictures often lie in no class; where there are splits, that makes none of its own.
    classes = sum(1 for label in state.dataset.classes if label or not splits)
    of_classes = f" · {classes:,} classes" if classes > 1 else ""
    of_splits = f" · {'/'.join(splits)}" if splits else ""
    output = state.pipeline.output
    size = f"output {output.width} × {output.height} ({output.fit})" if output.size else "output keeps each size"
    skipped = f" · {len(state.dataset.skipped):,} skipped" if state.dataset.skipped else ""
    held = f"{pictures:,} picture{'s' * (pictures != 1)}{of_classes}{of_splits}{skipped}"
    return f"{held} · {size} · judged at {state.pipeline.trained_at} px"


def describe_draws(pipeline: Pipeline, draws: tuple[Draw, ...], shown: Shown) -> str:
    """What was drawn, in one line: "Rotate 7.2° · Crop 0.82 / ×1.04, position x 0.31, y 0.77 · without Flip"."""
    given, without = [], []
    for step, draw in zip(pipeline.transforms, draws, strict=True):
        if not draw.applied:
            if step.enabled:
                without.append(step.label)
            continue
        knobs = step.knobs()
        values = [
            knobs[name].show(float(value)) if name in knobs else str(value) for name, value in draw.values.items()
        ]
        words = [" / ".join(values), *step.shown_positions(draw)]
        given.append(f"{step.label} {', '.join(filter(None, words))}".strip())
    parts = given or ["unchanged"]
    if without:
        parts.append(f"without {', '.join(without)}")
    return f"{shown.label[:1].upper()}{shown.label[1:]}: {' · '.join(parts)}"
