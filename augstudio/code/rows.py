"""Lines of the table that several libraries share: the output's size, rules for labels, and rows of moves."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from augstudio.code.assembling import Entry
from augstudio.code.generated import Line, Standing, Target
from augstudio.code.runs import Run
from augstudio.engine import Fit
from augstudio.label_rules import Empty, LabelRules
from augstudio.pipeline import Pipeline
from augstudio.wording import listing

_FITS = {Fit.CROP: "cropped", Fit.PAD: "padded", Fit.STRETCH: "stretched"}
RESIZED_BY = {Target.TORCHVISION: 5.0, Target.ALBUMENTATIONS: 6.5}
"""Levels by which a photo's pixels differ on the average, at most, if it is resized by the library; see the tests."""


def of_runs(found: Sequence[Run], entries: Sequence[Entry]) -> list[Line]:
    """The rows of the steps, in their order."""
    return [
        _apart(row, run.apart) if run.apart and row.standing is Standing.EXACT else row
        for run, entry in zip(found, entries, strict=True)
        for row in entry.rows
    ]


def _apart(row: Line, share: float) -> Line:
    words = (
        f"in {share:.0%} of the copies, where nothing lies between, the preset resamples it together with moves before "
        "it; here each blurs by itself"
    )
    return replace(row, standing=Standing.CLOSE, words="; ".join(filter(None, (words, row.words))))


def output_row(pipeline: Pipeline, target: Target) -> list[Line]:
    """The line of the output's size, where there is one."""
    output = pipeline.output
    if output.size is None:
        return []
    width, height = output.size
    words = (
        f"pictures of another size are resized by the library before all else, the preset does it together with the "
        f"first moves: levels differ by up to {RESIZED_BY[target]:g} on the average of a photo; a picture of this size "
        "stays as it is"
    )
    return [Line("", f"Output {width} × {height}, {_FITS[output.fit]}", Standing.CLOSE, words)]


def label_row(pipeline: Pipeline, target: Target) -> list[Line]:
    """The line of the rules for labels, where they are others than by default."""
    rules = pipeline.labels
    if rules == LabelRules():
        return []
    out = [
        *(["classes that are never mirrored"] if rules.not_mirrored else []),
        *(["drawing anew where all objects are lost"] if rules.without_objects is Empty.REDRAW else []),
        *(["the smallest visible share"] if target is Target.TORCHVISION and rules.smallest_share else []),
    ]
    if out:
        return [Line("", "Rules for labels", Standing.LEFT_OUT, f"{listing(out)}: no step here looks at labels")]
    return [Line("", "Rules for labels", Standing.CLOSE, "what a cut-out hides of an object counts as seen")]


def size_said(pipeline: Pipeline) -> str:
    """The paragraph on the size of pictures; empty for that of `heading`."""
    if pipeline.output.size is None:
        return ""
    width, height = pipeline.output.size
    return f"Pictures are brought to {width} × {height} pixels first; all lengths in pixels are meant at that size."
