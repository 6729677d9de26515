"""What a file of another library's becomes, and how near to it that comes."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from augstudio.code.generated import Line, Standing
from augstudio.code.runs import most_shrunk, runs
from augstudio.pipeline import MAX_STEPS, Output, Pipeline, free_id
from augstudio.transforms import Knob, Range, Transform, registry
from augstudio.wording import listing


@dataclass(frozen=True)
class Imported:
    """A preset from another library's file.

    Attributes
    ----------
    source : str
        What the file is: "an Albumentations pipeline", or "arguments of Ultralytics".
    pipeline : Pipeline
        What can be said of it.
    rows : tuple of Line
        Each transform or argument of the file: how near the preset comes to it. `step` is the step of the preset, empty
        for what has none.
    """

    source: str
    pipeline: Pipeline
    rows: tuple[Line, ...]


class BadValueError(Exception):
    """What is wrong with a file: where, and what is allowed."""

    def __init__(self, where: str, words: str) -> None:
        super().__init__(f"{where}: {words}")
        self.where, self.words = where, words


@dataclass
class Builder:
    """Steps and rows, one by one.

    Attributes
    ----------
    steps : list of Transform
        Each with an id of its own.
    rows : list of Line
        The table.
    output : Output
        The size of the copies.
    ours : set of str
        Ids of steps that layers of augstudio's own files become.
    moves : list of str
        Layers that resample pictures, each by itself.
    """

    steps: list[Transform] = field(default_factory=list)
    rows: list[Line] = field(default_factory=list)
    output: Output = field(default_factory=Output)
    ours: set[str] = field(default_factory=set)
    moves: list[str] = field(default_factory=list)

    def add(self, title: str, op: str, close: str = "", **values: object) -> None:
        """Add a step, and its row: exact, unless `close` says in what it is only close, or a range is cut.

        Parameters
        ----------
        title : str
            What the file calls it.
        op : str
            Which transform.
        close : str
            In what it differs, and by how much.
        **values
            Its parameters; ranges may be wider than they may be here: then they are cut, which is said.
        """
        if len(self.steps) >= MAX_STEPS:
            raise BadValueError(title, f"it is more than the {MAX_STEPS} steps of a preset")
        transform = registry()[op]
        words = [close] if close else []
        for name, knob in transform.knobs().items():
            if name in values:
                values[name], said = _within(knob, values[name])
                words += [said] if said else []
        step_id = free_id(op, {step.id for step in self.steps})
        self.steps.append(transform.default(**{"probability": 1.0, **values, "id": step_id}))
        standing = Standing.CLOSE if words else Standing.EXACT
        self.rows.append(Line(step_id, title, standing, "; ".join(words)))

    def leave_out(self, title: str, why: str) -> None:
        """A row of what the preset has not."""
        self.rows.append(Line("", title, Standing.LEFT_OUT, why))

    def say(self, title: str, standing: Standing, words: str = "") -> None:
        """A row of what is no step."""
        self.rows.append(Line("", title, standing, words))

    def tell_resampling(self, pipeline: Pipeline) -> None:
        """Say where pixels are resampled otherwise than there."""
        averaged = {
            step.id for run in runs(pipeline) if most_shrunk(run.steps) >= _AVERAGED_FROM for step in run.steps
        } - self.ours
        for number, row in enumerate(self.rows):
            if row.step in averaged and most_shrunk((pipeline.step(row.step),)) > 1:
                words = "; ".join(filter(None, (row.words, _AVERAGED)))
                self.rows[number] = replace(row, standing=Standing.CLOSE, words=words)
        if len(self.moves) > 1:
            words = "each resampled by itself there; here what follows one another is resampled once, and sharper"
            self.say(listing(self.moves), Standing.CLOSE, words)


_AVERAGED_FROM = 1.9
"""Pixels, along one axis, that one of the result stands for: from about there on, the engine averages first."""
_AVERAGED = "made smaller than about half, pixels are averaged first here, and not there"


def _within(knob: Knob, value: object) -> tuple[tuple[float, float], str]:
    """A range within what a knob allows, and what is to be said where it was cut."""
    assert isinstance(value, tuple)
    low, high = sorted(map(float, value))
    least, most = knob.hard
    cut = Range(min(max(low, least), most), min(max(high, least), most))
    if cut == (low, high):
        return cut, ""
    return cut, f"{knob.label.lower()} {_span(low, high)} is cut to {_span(*cut)}, which is all that there is here"


def _span(low: float, high: float) -> str:
    return f"{low:g} … {high:g}" if low != high else f"{low:g}"
