"""What a transform is."""

from __future__ import annotations

import re
from abc import abstractmethod
from collections.abc import Iterator, Mapping
from functools import cache
from types import MappingProxyType
from typing import Annotated, ClassVar, NamedTuple

from pydantic import BaseModel, ConfigDict, Field

from augstudio.engine import Border, BorderMode, Frame, Step
from augstudio.transforms.draw import Chance, Draw, Place, Value, uniforms
from augstudio.transforms.drawing import Drawing
from augstudio.transforms.parameter import Choices, Colour, Evidence, Knob, Limits, Option, Parameter, Range
from augstudio.transforms.position import Position
from augstudio.transforms.redrawing import redrawn

GROUPS = ("geometry", "colour", "filter", "noise", "occlusion")
"""The folders of transforms, in the order in which people see them."""

Rgb = tuple[
    Annotated[int, Field(ge=0, le=255)], Annotated[int, Field(ge=0, le=255)], Annotated[int, Field(ge=0, le=255)]
]
Probability = Annotated[float, Field(ge=0, le=1)]
"""The chance that a copy gets a transform."""
BorderChoice = Annotated[
    BorderMode,
    Option(
        label="Border",
        help="What is seen outside the picture.",
        labels={
            "mirror": "Mirror (flipped and repeated)",
            "blank": "Blank (one colour)",
            "edge": "Edge (last pixels stretched)",
            "tile": "Tile (repeated)",
        },
    ),
]
BorderColour = Annotated[Rgb, Colour(label="Border colour", help="Of a blank border.", only_with=("border", "blank"))]


class Measure(NamedTuple):
    """A strength that several parameters make together.

    Attributes
    ----------
    words : (str, str)
        As of `Knob.words`.
    parameter : str
        The parameter that a remedy turns down.
    limits : Limits
        Of the measure.
    source : str
        Where the limits come from.
    evidence : Evidence
        What kind of evidence they are.
    """

    words: tuple[str, str]
    parameter: str
    limits: Limits
    source: str
    evidence: Evidence = Evidence.SCALE


class Transform(BaseModel):
    """Something a user can choose, with its parameters. Frozen: an edit makes a new, validated value.

    A subclass lies in a file of its own, in the folder of its group. It sets `op` (a literal), `label`, `also`, its
    parameters (annotated fields), its `positions` if chance decides any, and `lower`; its docstring is what people read
    about it. New parameters are declared last, so that the draws of the others stay as they were.

    Attributes
    ----------
    id : str
        The step's id: names its draws, so it stays when steps are inserted or moved. A pipeline gives one to a step
        that has none.
    enabled : bool
        A disabled step is kept but not applied.
    probability : float
        0 to 1: the chance that a copy gets it; exactly never at 0, always at 1.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False, validate_default=True)

    label: ClassVar[str]
    also: ClassVar[tuple[str, ...]] = ()
    """What it is called elsewhere, above all in torchvision, Keras and Albumentations: the search finds it by these."""
    always_shifts: ClassVar[str] = ""
    """What every copy is at probability 1, if no drawn value leaves the picture as it is ("inverted")."""
    shift_needs_upright: ClassVar[bool] = False
    """Whether that matters only for pictures that have an upright."""
    mirrors: ClassVar[bool] = False
    """Whether it makes a mirror image, which some objects have no right to."""
    measure: ClassVar[Measure | None] = None
    positions: ClassVar[tuple[Position, ...]] = ()
    """What chance decides beside the parameters; `lower` reads it from the draw's `positions`. New ones are declared
    last: they take the numbers after those of the others."""

    op: str
    id: Annotated[str, Field(pattern=r"^([A-Za-z0-9][A-Za-z0-9_-]{0,63})?$")] = ""
    enabled: bool = True
    probability: Probability = 1.0

    # -- what a subclass says ------------------------------------------------------------------------------------

    @abstractmethod
    def lower(self, draw: Draw, frame: Frame) -> Iterator[Step]:
        """Turn drawn numbers into steps for a picture of this frame."""

    def measured(self, values: Mapping[str, Value]) -> float:
        """The value of `measure` for drawn values."""
        raise NotImplementedError(f"{self.op} declares a measure of {sorted(values)} without saying how")

    def consequence(self, values: Mapping[str, Value]) -> str:  # noqa: ARG002
        """One more sentence for a caution about these values; empty if there is nothing to say."""
        return ""  # most transforms say it all by the limit

    # -- what all of them have -----------------------------------------------------------------------------------

    @classmethod
    def default(cls, **changes: object) -> Transform:
        """The transform with its defaults, but for `changes`."""
        return cls.model_validate(changes)

    @classmethod
    def name(cls) -> str:
        """The op, as in presets."""
        return str(cls.model_fields["op"].default)

    @classmethod
    def group(cls) -> str:
        """The folder that the transform's file lies in."""
        return cls.__module__.split(".")[-2]

    @classmethod
    def help(cls) -> str:
        """What people read about it: the docstring on one line."""
        return re.sub(r"\s+", " ", cls.__doc__ or "").strip()

    @classmethod
    @cache
    def parameters(cls) -> Mapping[str, Parameter]:
        """The declared parameters, by field name: first what is drawn, then what is chosen once."""
        declared = {
            name: item
            for name, info in cls.model_fields.items()
            for item in info.metadata
            if isinstance(item, Parameter)
        }
        return dict(sorted(declared.items(), key=lambda pair: not isinstance(pair[1], Knob | Choices)))

    @classmethod
    @cache
    def knobs(cls) -> Mapping[str, Knob]:
        """The parameters that are ranges of numbers."""
        return {name: p for name, p in cls.parameters().items() if isinstance(p, Knob)}

    @classmethod
    def drawn(cls) -> list[str]:
        """Names of the parameters that every copy draws a value of."""
        return [name for name, p in cls.parameters().items() if isinstance(p, Knob | Choices)]

    def range_of(self, name: str) -> Range:
        """The range of a knob."""
        value = getattr(self, name)
        assert isinstance(value, Range)
        return value

    def edited(self, **changes: object) -> Transform:
        """A validated copy with other values.

        Raises
        ------
        pydantic.ValidationError
            If a value is not allowed; nothing changes then.
        """
        return type(self).model_validate({**dict(self), **changes})

    def draw(self, chance: Chance) -> Draw:
        """What chance gives one copy; for many of them see `Drawing`."""
        return Drawing(self).draw(chance)

    def draw_end(self, *, high: bool, field_seed: int) -> Draw:
        """The lowest or highest end of every range; of choices the first or the last."""
        return Drawing(self).end(high=high, field_seed=field_seed)

    def placed(self, values: Mapping[str, Value], field_seed: int) -> Mapping[str, Place]:
        """The positions that a field seed decides, for drawn values."""
        places: dict[str, Place] = {}
        taken = 0
        for position in self.positions:
            if count := position.numbers(self, values):
                shares = uniforms(field_seed, taken + count)
                places[position.name] = position.placed(shares[taken:] if taken else shares)
                taken += count
        return MappingProxyType(places)

    @classmethod
    def shown_positions(cls, draw: Draw) -> list[str]:
        """The positions of a draw in words, such as "position x 0.31, y 0.77" and "axis: horizontal"."""
        return [p.show(draw.positions[p.name]) for p in cls.positions if p.name in draw.positions]

    def redraw(self, record: object) -> Draw:
        """Take a draw back from its record: only what this step could have drawn.

        Parameters
        ----------
        record : mapping
            As of `Draw.as_json`; a record without positions, as version 0.2 wrote it, gets those of its field seed.

        Raises
        ------
        DrawError
            If it is anything else: of another step, with a value of another kind, outside the range or not finite, or
            with positions that are not those of its field seed. The message says which field, and what is allowed.
        """
        return redrawn(self, record)


class Bordered(Transform):
    """A transform that may show what lies outside the picture."""

    border: BorderChoice = BorderMode.MIRROR
    border_colour: BorderColour = (0, 0, 0)

    @property
    def outside(self) -> Border:
        """Mode and colour together."""
        return Border(self.border, self.border_colour)
