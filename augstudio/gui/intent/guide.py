"""The guided start: from what the pictures are to a pipeline, and what to say of it. No Qt here."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

from augstudio import presets
from augstudio.pipeline import Pipeline
from augstudio.transforms import registry


class Kind(NamedTuple):
    """What pictures may be.

    Attributes
    ----------
    name, label : str
        For the program and for people.
    preset : str
        The shipped preset that fits.
    why : str
        Why it does: a clause that goes on "since …".
    """

    name: str
    label: str
    preset: str
    why: str


KINDS = (
    Kind("photos", "Photos", "photos", "photos differ in distance, place and light"),
    Kind("documents", "Documents", "documents", "letters must stay letters"),
    Kind("signs", "Signs", "documents", "signs are read: they may lean and blur, but not turn far"),
    Kind("above", "From above", "aerial-microscope", "seen from above nothing has an upright"),
    Kind("microscope", "Microscope", "aerial-microscope", "through a microscope nothing has an upright"),
    Kind("tiny", "Tiny", "tiny", "in pictures of 32 to 64 pixels one pixel is a lot"),
)


class Choice(NamedTuple):
    """What was chosen: a preset's file, its pipeline as saved, the pipeline as it fits, and words that say why."""

    preset: Path
    saved: Pipeline
    pipeline: Pipeline
    words: str


def choose(kind: Kind, *, mirrors: bool) -> Choice:
    """What to begin with.

    Parameters
    ----------
    kind : Kind
        What the pictures are.
    mirrors : bool
        Whether a mirrored picture still means the same.

    Raises
    ------
    augstudio.presets.PresetError
        The preset that ships is missing or damaged.
    """
    path = next(entry.path for entry in presets.shipped() if entry.path.stem == kind.preset)
    saved = presets.load(path)
    pipeline = _with_mirroring(saved) if mirrors else _without_mirroring(saved)
    return Choice(path, saved, pipeline, _words(kind, saved, pipeline))


def _with_mirroring(pipeline: Pipeline) -> Pipeline:
    if any(step.op == "flip" for step in pipeline.transforms):
        return pipeline
    axis = "either" if pipeline.any_orientation else "horizontal"
    return pipeline.adding(registry()["flip"].default(axis=axis), 0)


def _without_mirroring(pipeline: Pipeline) -> Pipeline:
    """Without flips, and with borders that mirror nothing either."""
    for step in pipeline.transforms:
        if step.op == "flip":
            pipeline = pipeline.without(step.id)
        elif getattr(step, "border", None) == "mirror":
            pipeline = pipeline.with_step(step.id, border="edge")
    return pipeline


_BORDERS = {
    "mirror": "gaps show the picture mirrored",
    "edge": "gaps are filled from the edge, which repeats no shape",
    "blank": "gaps stay blank",
    "tile": "gaps show the picture again",
}


def _words(kind: Kind, saved: Pipeline, pipeline: Pipeline) -> str:
    flips = [step for step in pipeline.transforms if step.op == "flip"]
    parts = [f"Chosen: “{saved.name}”, since {kind.why}"]
    if flips:
        parts.append(f"mirrored in {flips[0].probability:.0%} of the copies".replace("%", " %"))
    else:
        parts.append("never mirrored, as you said")
    borders = [str(border.value) for step in pipeline.transforms if (border := getattr(step, "border", None))]
    if borders:
        parts.append(_BORDERS[borders[0]])
    parts.append("turned all the way round" if pipeline.any_orientation else "turned only a little")
    return f"{'; '.join(parts)}."
