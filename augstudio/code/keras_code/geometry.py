"""Geometry in Keras: which moves are resampled together, and what is said of them."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from augstudio.code.generated import Line
from augstudio.code.heading import close, exact, literal
from augstudio.code.keras_code.calls import Call
from augstudio.engine import Border, BorderMode, Frame
from augstudio.engine.fitting import Fit
from augstudio.pipeline import Pipeline
from augstudio.transforms import Chance, Drawing, Transform
from augstudio.transforms.base import Bordered

MOVES: Mapping[str, tuple[str, tuple[str, ...]]] = {
    "crop": ("Crop", ("area", "aspect")),
    "flip": ("Flip", ("axis",)),
    "perspective": ("Perspective", ("travel",)),
    "quarter_turn": ("QuarterTurn", ("turns",)),
    "rotate": ("Rotate", ("angle",)),
    "shear": ("Shear", ("x", "y")),
    "shift": ("Shift", ("x", "y")),
    "shrink": ("Shrink", ("scale",)),
}
"""By op: the move of that name, and which of the transform's fields it takes."""
_RIGID = ("flip", "quarter_turn")
"""Ops that lose nothing by being resampled by themselves."""
_WARPS = {
    BorderMode.MIRROR: "MirrorWarp",
    BorderMode.EDGE: "EdgeWarp",
    BorderMode.TILE: "TileWarp",
    BorderMode.BLANK: "BlankWarp",
}
_FILLS = {BorderMode.MIRROR: "reflect", BorderMode.EDGE: "nearest", BorderMode.BLANK: "constant"}
"""What Keras calls those borders that all of its backends show alike."""
_AVERAGED = 1.9
_SMALL = 2**16
"""Pixels of a picture up to which averaging is the engine's."""
"""How much smaller a picture must become for pixels to be averaged."""


@dataclass
class Group:
    """Moves that are resampled together.

    Attributes
    ----------
    steps : list of Transform
        In order.
    border : Border or None
        What they show outside; None if none of them looks there.
    """

    steps: list[Transform] = field(default_factory=list)
    border: Border | None = None

    def takes(self, border: Border | None) -> bool:
        """Whether a step of such a border goes with these: both are the same, or only one is there."""
        return self.border is None or border is None or self.border.same(border)

    def add(self, step: Transform, border: Border | None) -> None:
        """Put a step behind these."""
        self.steps.append(step)
        self.border = self.border or border

    def layer(self, pipeline: Pipeline) -> Call:
        """The layer that resamples them: the library's, where one step alone means the same there."""
        found = _of_library(self.steps[0], self.border) if len(self.steps) == 1 else None
        if found is not None:
            return found
        border = self.border or Border(BorderMode.EDGE)  # nothing outside is seen, but for half a pixel
        chosen: dict[str, str] = {}
        if border.mode is BorderMode.BLANK:
            chosen["colour"] = literal(border.colour)
        moves = [_move(step, pipeline) for step in self.steps]
        return Call.of(_WARPS[border.mode], moves, **chosen, seed="next(own)")

    @property
    def averages(self) -> bool:
        """Whether one pixel may span so many of the picture, along one axis, that they are averaged."""
        return math.prod(map(_span, self.steps)) >= _AVERAGED


def border_of(step: Transform, pipeline: Pipeline) -> Border | None:
    """What a step shows outside of the picture; None if it never looks there."""
    if step.name() == "quarter_turn" and not _is_square(pipeline) and pipeline.output.fit is Fit.PAD:
        return Border(pipeline.output.border, pipeline.output.border_colour)
    return step.outside if isinstance(step, Bordered) else None


def lines(group: Group, before: Sequence[Group | Transform], pipeline: Pipeline) -> list[Line]:
    """What is said of a group's steps, given all that stands before it."""
    apart = _may_be_fused(before, group)
    return [_line(step, group, pipeline, apart=apart and step.name() not in _RIGID) for step in group.steps]


def certain(step: Transform) -> bool:
    """Whether a step changes every copy: it is always applied, and no value that it draws does nothing."""
    frame, drawing = Frame(224, 224), Drawing(step)
    draws = (drawing.draw(Chance(0, "", copy)) for copy in range(256))
    return all(draw.applied and not all(s.is_identity() for s in step.lower(draw, frame)) for draw in draws)


def _move(step: Transform, pipeline: Pipeline) -> Call:
    name, fields = MOVES[step.name()]
    chosen = {name: literal(getattr(step, name)) for name in fields}
    if step.name() == "quarter_turn" and not _is_square(pipeline):
        chosen["fit"] = literal(pipeline.output.fit.value)
    if step.probability < 1:
        chosen["probability"] = literal(step.probability)
    return Call.of(name, **chosen)


def _of_library(step: Transform, border: Border | None) -> Call | None:
    """The library's own layer for a step, where it means the same on each of its backends."""
    if step.name() == "flip" and step.probability == 0.5 and step.axis != "either":  # type: ignore[attr-defined]
        return Call.of("keras.layers.RandomFlip", literal(step.axis), dtype='"float32"', seed="next(own)")  # type: ignore[attr-defined]
    if border is None or border.mode not in _FILLS:
        return None
    outside = {"fill_mode": literal(_FILLS[border.mode])}
    if border.mode is BorderMode.BLANK:
        if len(set(border.colour)) > 1:  # it knows one level only
            return None
        outside["fill_value"] = literal(float(border.colour[0]))
    if step.name() == "rotate":
        low, high = step.range_of("angle")
        layer = Call.of("keras.layers.RandomRotation", f"({low!r} / 360, {high!r} / 360)", **outside, **_LAST)
    elif step.name() == "shift":
        shares = {"height_factor": literal(step.range_of("y")), "width_factor": literal(step.range_of("x"))}
        layer = Call.of("keras.layers.RandomTranslation", **shares, **outside, **_LAST)
    else:
        return None
    return sometimes(layer, step)


_LAST = {"dtype": '"float32"', "seed": "next(own)"}


def sometimes(layer: Call, step: Transform) -> Call:
    """A layer with a step's probability."""
    return layer if step.probability == 1 else Call.of("Sometimes", layer, literal(step.probability), seed="next(own)")


def _span(step: Transform) -> float:
    """How many pixels of a picture one pixel spans at most, along one axis, after a step."""
    if step.name() == "shrink":
        return 1 / step.range_of("scale").low
    if step.name() == "shear":
        x, y = (max(map(abs, step.range_of(name))) for name in ("x", "y"))
        return max(math.hypot(1 + x * y, x), math.hypot(y, 1))
    return 1.0


def _is_square(pipeline: Pipeline) -> bool:
    size = pipeline.output.size
    return size is None or size[0] == size[1]


def _line(step: Transform, group: Group, pipeline: Pipeline, *, apart: bool) -> Line:
    if step.name() == "quarter_turn" and not _is_square(pipeline):
        return close(step, NOT_SQUARE)
    if group.averages and step.name() in ("shrink", "shear") and pipeline.trained_at**2 > _SMALL:
        return close(step, SMALLER)
    if step.name() == "perspective" and step.range_of("travel").high > _FAR:
        return close(step, FAR)
    if apart:
        return close(step, TWICE if group.border is None else CUT)
    return exact(step, SQUARES if step.name() == "quarter_turn" and pipeline.output.size is None else "")


def _may_be_fused(before: Sequence[Group | Transform], group: Group) -> bool:
    """Whether chance may leave out all that stands between some moves before and these, which then are one warp."""
    if all(step.name() in _RIGID for step in group.steps):
        return False
    beside = True
    for part in reversed(before):
        if isinstance(part, Group):
            held = beside and _keeps_border(part) and _keeps_border(group)
            if not held and any(step.name() not in _RIGID for step in part.steps):
                return True
            if any(isinstance(step, Bordered) and certain(step) for step in part.steps):
                return False
        elif certain(part):
            return False
        beside = False
    return False


def _keeps_border(group: Group) -> bool:
    """Whether a group never is a warp without its border: then none of another border goes with it."""
    sure = any(isinstance(step, Bordered) and certain(step) for step in group.steps)
    return sure or all(isinstance(step, Bordered) or step.name() in _RIGID for step in group.steps)


SQUARES = "for square pictures; the sides of others are not swapped, so a turned one is fitted in"
NOT_SQUARE = (
    "a turned picture is fitted to the size at once, not after all steps: by up to 4 levels on average where it stands "
    "last"
)
SMALLER = "below ×0.53, averaged over other blocks: by up to 6 levels on average"
_FAR = 0.3
FAR = "where most of the picture becomes far smaller, it is not averaged: by up to 5 levels on average"
TWICE = "where chance leaves out all between this and an earlier warp, resampled twice: by up to 5 levels on average"
CUT = (
    "where chance leaves out all between this and an earlier warp, it shows its border, and nothing of what that one "
    "cut off: by up to 75 levels on average"
)
